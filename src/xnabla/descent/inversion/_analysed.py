"""Analyses in plain arrays: of observations on a grid, and at places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from xnabla.descent._status import Status
from xnabla.descent.inversion._best_estimate import Background, error_of, estimate
from xnabla.descent.inversion._mesh import Flags, Floats, Mesh


@dataclass(frozen=True, eq=False)
class OnGrid:
    """The analysis of plain arrays (k, ny, nx): background and observations."""

    background: Background
    mesh: Mesh
    deviation: Floats
    scale: float
    step: float
    error: bool

    def __call__(self, first: Floats, obs: Floats) -> tuple[Any, ...]:
        from scipy.sparse import csr_array

        before = self.mesh.gather(first) * self.scale
        seen = self.mesh.gather(obs) * self.scale
        fields = [np.full(before.shape, np.nan) for _ in range(3)]
        numbers = np.full((5, len(before)), np.nan)
        steps, many, status = (np.zeros(len(before), int) for _ in range(3))
        n = self.mesh.count
        for k, (b, y) in enumerate(zip(before, seen, strict=True)):
            where = np.flatnonzero(np.isfinite(b) & np.isfinite(y))
            many[k] = where.size
            if not where.size:
                status[k] = Status.TOO_FEW_DATA
                fields[0][k], fields[1][k] = b, 0.0 * b
                continue
            h = csr_array(
                (np.ones(where.size), (np.arange(where.size), where)),
                shape=(where.size, n),
            )
            part = analysed(
                self.background,
                h,
                self.deviation[where],
                (y - b)[where] * self.step,
                error=self.error,
            )
            fields[0][k] = b + part["increment"] / self.step
            fields[1][k] = part["increment"]
            fields[2][k] = part.get("error", np.nan)
            numbers[:, k] = part["numbers"]
            steps[k], status[k] = part["steps"], part["status"]
        innovation = (seen - before) * self.step
        made = [*fields[: 2 + self.error], innovation, innovation - fields[1]]
        back = [self.mesh.scatter(one) for one in made]
        return (*back, *numbers, steps, many, status)


def analysed(
    background: Background,
    matrix: Any,
    deviation: Floats,
    innovation: Floats,
    *,
    error: bool,
) -> dict[str, Any]:
    """Return increment, costs and the rest of one analysis, by name."""
    made = estimate(background, matrix, deviation**2, innovation)
    missed = (innovation - matrix @ made.increment) / deviation
    # with δ = B H' w the cost of the background is w' H δ / 2
    bent = 0.5 * float(made.weight @ (matrix @ made.increment))
    far = 0.5 * float(missed @ missed)
    kind = Status.CONVERGED_GRADIENT if made.steps else Status.EXACT
    part: dict[str, Any] = {
        "increment": made.increment,
        "numbers": [bent, far, bent + far, made.dfs, made.slope],
        "steps": made.steps,
        "status": kind if made.good else Status.MAX_ITERATIONS,
        "missed": missed * deviation,
    }
    if error:
        part["error"] = error_of(background, matrix, deviation**2)
    return part


def nothing(count: int) -> dict[str, Any]:
    """Return what an analysis without observations makes: nothing, and it says so."""
    return {
        "increment": np.zeros(count),
        "numbers": [np.nan] * 5,
        "steps": 0,
        "status": Status.TOO_FEW_DATA,
        "error": np.full(count, np.nan),
    }


@dataclass(frozen=True, eq=False)
class Seen:
    """Observations at places.

    Attributes
    ----------
    matrix : sparse matrix (p, n)
        H.
    inside : array of bool (p,)
        Which of them see the grid.
    values : array (p,)
        Their numbers, as the background counts.
    deviation : array (p,)
        The standard deviations of their errors.
    """

    matrix: Any
    inside: Flags
    values: Floats
    deviation: Floats


class AtPlaces:
    """The analysis of one plain array (1, ny, nx), observed at places.

    Keeps ``innovation`` and ``residual``, which do not lie on the grid.
    """

    def __init__(
        self,
        background: Background,
        mesh: Mesh,
        seen: Seen,
        scale: float,
        step: float,
        error: bool,
    ) -> None:
        self.background, self.mesh, self.seen = background, mesh, seen
        self.scale, self.step, self.error = scale, step, error
        self.innovation = np.full(seen.values.shape, np.nan)
        self.residual = np.full(seen.values.shape, np.nan)

    def __call__(self, first: Floats) -> tuple[Any, ...]:
        seen = self.seen
        before = self.mesh.gather(first)[0]
        # beside a missing value a background is missing too
        lost = seen.matrix @ (~np.isfinite(before)).astype(float) > 0.0
        use = np.flatnonzero(seen.inside & np.isfinite(seen.values) & ~lost)
        gap = (seen.values - seen.matrix @ np.nan_to_num(before)) * self.scale
        gap = gap * self.step
        self.innovation[use] = gap[use]
        part = nothing(before.size)
        if use.size:
            part = analysed(
                self.background,
                seen.matrix[use],
                seen.deviation[use],
                gap[use],
                error=self.error,
            )
            self.residual[use] = part["missed"]
        moved = before * self.scale + part["increment"] / self.step
        fields = [moved, part["increment"], part.get("error")]
        back = [self.mesh.scatter(one[np.newaxis]) for one in fields[: 2 + self.error]]
        counts = part["steps"], use.size, int(part["status"])
        return (
            *back,
            *(np.array([one]) for one in part["numbers"]),
            *(np.array([one]) for one in counts),
        )
