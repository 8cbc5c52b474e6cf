"""What a descent goes down: a cost in every cell, its gradient, and its bounds.

Plain arrays only. There are ``cells`` problems of ``k`` parameters each, and they do
not know of each other; one problem over a whole field is one cell with many parameters.
The callables get the points of some cells, ``(m, k)``, and the numbers of those cells,
``(m,)``, so that a cell that has arrived costs nothing more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Cost = Callable[[Array, Array], Array]
Slope = Callable[..., Array]


@dataclass(frozen=True, slots=True, eq=False)
class Batches:
    """How the samples of a cost are dealt out: in a shuffled order, so many at a time.

    Attributes
    ----------
    n_samples : int
        How many there are.
    size : int
        How many make a batch.
    seed : int
        Of the shuffling: the same seed, the same path.
    """

    n_samples: int
    size: int
    seed: int

    def dealt(self, epoch: int) -> list[Array]:
        """Return the batches of one pass through all samples."""
        random = np.random.default_rng([self.seed, epoch])
        order = random.permutation(self.n_samples)
        return [
            np.sort(order[first : first + self.size])
            for first in range(0, self.n_samples, self.size)
        ]


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """A cost in every cell, and all that is known of it."""

    cost: Cost
    gradient: Slope
    curvature: Cost | None
    low: Array | None
    high: Array | None
    batches: Batches | None
    tally: Array  # evaluations so far, (cells,)

    def costs(self, points: Array, cells: Array) -> Array:
        """Return the cost at a point of each cell, ``(m,)``."""
        self.tally[cells] += 1
        with np.errstate(all="ignore"):
            found = np.asarray(self.cost(points, cells), dtype=np.float64)
        return _shaped(found, cells.shape, "cost")

    def slopes(self, points: Array, cells: Array, rows: Array | None = None) -> Array:
        """Return the gradient at a point of each cell, ``(m, k)``."""
        self.tally[cells] += 1
        more = () if rows is None else (rows,)
        with np.errstate(all="ignore"):
            found = self.gradient(points, cells, *more)
        return _shaped(np.asarray(found, dtype=np.float64), points.shape, "gradient")

    def curvatures(self, points: Array, cells: Array) -> Array:
        """Return the matrix of second derivatives in each cell, ``(m, k, k)``."""
        shape = (*points.shape, points.shape[1])
        if self.curvature is None:
            return self._differenced(points, cells)
        self.tally[cells] += 1
        with np.errstate(all="ignore"):
            found = self.curvature(points, cells)
        return _shaped(np.asarray(found, dtype=np.float64), shape, "curvature")

    def _differenced(self, points: Array, cells: Array) -> Array:
        """Return differences of the gradient, of second order, made symmetric."""
        size = np.cbrt(np.finfo(np.float64).eps)
        columns = []
        for i in range(points.shape[1]):
            step = size * np.maximum(np.abs(points[:, i]), 1e-3)
            ahead, behind = points.copy(), points.copy()
            ahead[:, i] += step
            behind[:, i] -= step
            with np.errstate(all="ignore"):
                rise = self.slopes(ahead, cells) - self.slopes(behind, cells)
                columns.append(rise / (ahead[:, i] - behind[:, i])[:, None])
        matrix = np.stack(columns, axis=-1)
        with np.errstate(all="ignore"):
            return np.asarray(0.5 * matrix + 0.5 * np.swapaxes(matrix, -1, -2))

    def inside(self, points: Array, cells: Array) -> Array:
        """Return the nearest points within the bounds."""
        if self.low is None or self.high is None:
            return points
        return np.clip(points, self.low[cells], self.high[cells])

    def blocked(self, points: Array, slopes: Array, cells: Array) -> Array:
        """Tell which parameters lie at a bound that the descent would cross."""
        if self.low is None or self.high is None:
            return np.zeros(points.shape, dtype=bool)
        under = (points <= self.low[cells]) & (slopes > 0)
        return under | ((points >= self.high[cells]) & (slopes < 0))


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """Where the cells that are still on their way are."""

    cells: Array
    x: Array
    f: Array
    g: Array
    iteration: int
    memory: dict[str, Array]

    def only(self, mask: Array) -> State:
        """Return the state of some of the cells."""
        memory = {name: one[mask] for name, one in self.memory.items()}
        return State(
            self.cells[mask],
            self.x[mask],
            self.f[mask],
            self.g[mask],
            self.iteration,
            memory,
        )

    def having(self, **memory: Array) -> State:
        """Return the state with more, or newer, memories."""
        return replace(self, memory={**self.memory, **memory})


def dot(one: Array, other: Array) -> Array:
    """Return the scalar product in each cell."""
    return np.asarray(np.einsum("ij,ij->i", one, other))


def norm(one: Array) -> Array:
    """Return the length of a vector in each cell."""
    with np.errstate(over="ignore", invalid="ignore"):
        return np.sqrt(dot(one, one))


def _shaped(found: Array, shape: tuple[int, ...], what: str) -> Array:
    if found.shape != shape:
        msg = f"the {what} of {shape[0]} cells has shape {found.shape}, not {shape}"
        raise ValueError(msg)
    return found
