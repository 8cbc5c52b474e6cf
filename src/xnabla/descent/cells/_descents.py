"""Linear fits by descent instead of by solving: the engine on the same sums.

The sums hold all that the cost depends on, so that a step costs k² operations however
long the series is. A descent ends where the exact solution is: it is there to be looked
at, not to be faster.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from xnabla.descent._status import Status
from xnabla.descent.cells._design import Design
from xnabla.descent.cells._least import Solution, normal, penalty
from xnabla.descent.cells._sums import Sums
from xnabla.descent.engine import METHODS, Settings, descended

Floats = NDArray[np.float64]

# Of a quadratic in standardised coefficients: 1e-8 of them is asked, 1e-10 is had.
_SETTINGS = Settings(gtol=1e-12, xtol=1e-11, max_iterations=5_000)


@dataclass(frozen=True, slots=True, eq=False)
class Descent:
    """What finds the solution of a linear fit by one of the engine's methods.

    Attributes
    ----------
    method : str
        One of the engine's.
    ridge : float
        Strength of the penalty.
    histories : list of array
        The cost of each block of cells at every iteration; grows.
    """

    method: str
    ridge: float = 0.0
    histories: list[Floats] = field(default_factory=list)

    def __call__(self, sums: Sums, design: Design, solution: Solution) -> Solution:
        """Return the solution with what the descent finds in its place."""
        some = np.flatnonzero(solution.status == Status.EXACT)
        if not some.size:
            return solution
        a, g = normal(sums, design.constant)
        if self.ridge:
            a = a + penalty(a, design, self.ridge)
        scale = np.sqrt(np.einsum("iic->ic", a)[:, some])
        curved = np.moveaxis(a[..., some] / (scale[:, np.newaxis] * scale), -1, 0)
        slope = (g[:, some] / scale).T
        # The cost is counted from its lowest, for a sum of squares is flat there: in it
        # 1e-16 of the cost are 1e-8 of the way. Its unit is that of the cell's values.
        high = np.maximum(sums.second[-1, -1][some], np.finfo(np.float64).tiny)
        size = np.sqrt(high)
        target = (solution.q[:, some] * scale).T / size[:, np.newaxis]
        lowest = solution.cost[some]

        def cost(points: Floats, cells: NDArray[np.intp]) -> Floats:
            off = points - target[cells]
            bent = np.einsum("mi,mij,mj->m", off, curved[cells], off)
            return np.asarray(bent, dtype=np.float64)

        def gradient(points: Floats, cells: NDArray[np.intp]) -> Floats:
            pull = np.einsum("mij,mj->mi", curved[cells], points)
            down = 2.0 * (pull - slope[cells] / size[cells, np.newaxis])
            return np.asarray(down, dtype=np.float64)

        def curvature(points: Floats, cells: NDArray[np.intp]) -> Floats:
            del points
            return np.asarray(2.0 * curved[cells], dtype=np.float64)

        outcome = descended(
            cost,
            gradient,
            np.zeros_like(target),
            method=self.method,
            settings=replace(_SETTINGS, history="cells"),
            curvature=curvature,
        )
        self.histories.append((outcome.cost_history * high + lowest).sum(axis=1))
        q, status = solution.q.copy(), solution.status.copy()
        q[:, some] = outcome.solution.T * size / scale
        status[some] = outcome.status
        count, left = solution.iterations.copy(), solution.gradient.copy()
        count[some], left[some] = outcome.n_iterations, outcome.gradient_norm * high
        return replace(solution, q=q, status=status, iterations=count, gradient=left)


def methods() -> tuple[str, ...]:
    """Return the names of what finds a linear fit."""
    return ("auto", "exact", *METHODS)
