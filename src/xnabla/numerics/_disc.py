"""Weights by true distance: a disc around every point, the same in metres for all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xnabla.numerics._memory import is_chunked
from xnabla.numerics._window import Ends
from xnabla.options import Engine

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]

# Below this many products the reference is done before numba is even imported; both
# give the same bits.
_WORTH_COMPILING = 100_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Spots:
    r"""Points of a grid whose distances depend on their rows and on columns between.

    .. math:: D^2_{ij}(k) = near_{ij} + radius_i\, radius_j\, apart_k

    On a globe, radius is that of a parallel and apart is 4 sin²(Δλ/2): D is the chord.
    On a plane, radius is 1 and apart is Δx².

    Attributes
    ----------
    near : array (ny, ny)
        Squared distance of rows.
    radius : array (ny,)
        What distances between columns are multiplied with.
    step : float
        Distance between columns: radians, or metres on a plane.
    on_globe : bool
        Which of the two it is.
    columns : int
        Number of columns.
    around : bool
        Whether they close a circle.
    area : array (ny,)
        What a point stands for.
    missing : array (e, ny)
        Squared distances of the rows to the first ones off the grid, edge by edge.
    """

    near: Floats
    radius: Floats
    step: float
    on_globe: bool
    columns: int
    around: bool
    area: Floats
    missing: Floats

    def apart(self, offsets: Any) -> Floats:
        """Return the squared distance of columns where the radius is 1."""
        along = np.asarray(offsets, dtype=np.float64) * self.step
        squared: Floats = 4.0 * np.sin(along / 2.0) ** 2 if self.on_globe else along**2
        return squared

    def offsets(self, *, across: bool) -> Integers:
        """Return all offsets of columns, each column once if they close a circle.

        What lies more than a quarter turn away lies across a pole.
        """
        n = self.columns
        if not self.around:
            return np.arange(1 - n, n)
        most = n if across else round(n / 4)
        return np.arange(-min((n - 1) // 2, most), min(n // 2, most) + 1)


@dataclass(frozen=True, slots=True, eq=False)
class Disc:
    r"""A Gaussian of the distance D in metres, out to a radius.

    .. math:: out = \sum_{D \le R} A\, e^{-D^2 / 2 \sigma^2} f

    Attributes
    ----------
    axes : pair of int
        The axes of rows and of columns.
    spots : Spots
        Where the points are.
    sigma, reach : float
        Standard deviation and radius R in metres.
    across : bool
        Whether it reaches across a pole.
    """

    axes: tuple[int, int]
    spots: Spots
    sigma: float
    reach: float
    across: bool

    @property
    def total(self) -> None:
        """Nothing: the sum of the weights differs from point to point."""
        return

    def __call__(self, values: Any, ends: Ends, engine: Engine) -> Any:
        """Return the sums; points off the grid count for zero."""
        del ends  # the circle and the poles are in the distances
        if not is_chunked(values):
            return self._sums(values, engine)
        whole = values.rechunk(dict.fromkeys(self.axes, -1))
        empty = np.empty((0,) * values.ndim, dtype=values.dtype)
        out = whole.map_blocks(self._sums, engine, dtype=values.dtype, meta=empty)
        return out.rechunk(values.chunks)

    def inside(self, shape: tuple[int, ...], ends: Ends) -> NDArray[np.bool_]:
        """Return where the whole disc lies on the grid; broadcasts."""
        del ends
        spots, limit = self.spots, self.reach**2
        inside = np.ones((len(spots.near), spots.columns), dtype=bool)
        inside[(spots.missing <= limit).any(axis=0)] = False
        if not spots.around:
            column = np.arange(spots.columns)
            beyond = spots.apart(np.minimum(column + 1, spots.columns - column))
            for row, near in enumerate(spots.near):
                rows = near <= limit
                wide = near[rows] + spots.radius[row] * np.outer(
                    beyond, spots.radius[rows]
                )
                inside[row] &= (wide > limit).all(axis=1)
        ordered = inside if self.axes[0] < self.axes[1] else inside.T
        return ordered.reshape(
            [n if i in self.axes else 1 for i, n in enumerate(shape)]
        )

    def pairs(self) -> tuple[Integers, Integers, Floats]:
        """Return what is to be summed.

        Returns
        -------
        rows : array (p, 4)
            For each pair of rows: the row of the result, the row to read, the first
            offset of columns, and how many.
        starts : array (p,)
            Where its weights begin.
        weights : array
            The weights of all pairs, one after the other.
        """
        spots, limit = self.spots, self.reach**2
        offsets = spots.offsets(across=self.across)
        apart = spots.apart(offsets)
        rows, starts, weights, size = [], [], [], 0
        for i, near in enumerate(spots.near):
            for j in np.flatnonzero(near <= limit):
                squared = near[j] + spots.radius[i] * spots.radius[j] * apart
                seen = np.flatnonzero(squared <= limit)
                rows.append((i, j, offsets[seen[0]], seen.size))
                starts.append(size)
                weights.append(np.exp(squared[seen] / (-2.0 * self.sigma**2)))
                size += seen.size
        return np.array(rows), np.array(starts), np.concatenate(weights)

    def _sums(self, values: Any, engine: Engine) -> Any:
        spots = self.spots
        rows, starts, weights = self.pairs()
        moved = np.moveaxis(values, self.axes, (-2, -1))
        field = moved.reshape(-1, *moved.shape[-2:]) * spots.area[:, np.newaxis]
        widest = int(max(-rows[:, 2].min(), (rows[:, 2] + rows[:, 3]).max() - 1, 0))
        if spots.around:
            index = np.arange(-widest, spots.columns + widest) % spots.columns
            extended = field[..., index]
        else:
            extended = np.pad(field, ((0, 0), (0, 0), (widest, widest)))
        out = np.zeros_like(field)
        work = field.shape[0] * field.shape[2] * weights.size
        if engine == "numba" or (engine == "auto" and work >= _WORTH_COMPILING):
            from xnabla.numerics._disc_numba import sum_discs
        else:
            sum_discs = _sum_discs
        sum_discs(extended, widest, rows, starts, weights, out)
        return np.moveaxis(out.reshape(moved.shape), (-2, -1), self.axes)


def _sum_discs(
    extended: Any, widest: int, rows: Any, starts: Any, weights: Any, out: Any
) -> None:
    """Add the sums to ``out``: the order of which every engine must keep."""
    columns = out.shape[-1]
    with np.errstate(invalid="ignore", over="ignore"):
        for (i, j, first, count), start in zip(rows, starts, strict=True):
            for k in range(count):
                at = widest + first + k
                out[:, i] += weights[start + k] * extended[:, j, at : at + columns]
