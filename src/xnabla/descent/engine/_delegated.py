"""Methods that scipy has: L-BFGS-B, Newton-CG, trust regions.

Plain arrays only, and one problem at a time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from xnabla.descent._status import Status
from xnabla.descent.engine._problem import Array, Problem, norm

# What scipy calls them, and what of ours they take.
_EPS = float(np.finfo(np.float64).eps)


@dataclass(frozen=True, slots=True)
class Delegate:
    """A method of scipy's minimize."""

    title: str
    scipy: str
    bounded: bool = False
    hessian: bool = False


DELEGATES: dict[str, Delegate] = {
    "lbfgs": Delegate("limited-memory BFGS", "L-BFGS-B", bounded=True),
    "newton-cg": Delegate("Newton-CG", "Newton-CG", hessian=True),
    "trust-ncg": Delegate("trust-region Newton-CG", "trust-ncg", hessian=True),
    "trust-krylov": Delegate("trust-region Krylov", "trust-krylov", hessian=True),
    "trust-constr": Delegate(
        "trust-region Byrd-Omojokun", "trust-constr", hessian=True
    ),
}


class _Stopped(Exception):  # noqa: N818 - no error: somebody asked to stop
    """The caller has seen enough."""


@dataclass(slots=True, eq=False)
class _Path:
    """One problem as scipy sees it, scaled so that its costs are of size one."""

    problem: Problem
    size: float
    first_norm: float
    visit: Callable[[Array, float, float], bool]
    last: tuple[Array, float, Array]

    def both(self, x: Array) -> tuple[float, Array]:
        """Return the cost and the gradient at a point."""
        cells = np.zeros(1, dtype=np.intp)
        f = float(self.problem.costs(x[None], cells)[0])
        g = self.problem.slopes(x[None], cells)[0]
        self.last = (x.copy(), f, g)
        return f / self.size, g / self.size

    def product(self, x: Array, p: Array) -> Array:
        """Return the curvature along a direction, by a difference of gradients."""
        length = float(np.linalg.norm(p))
        if length == 0:
            return np.zeros_like(p)
        reach = max(float(np.linalg.norm(x)), 1e-3)
        step = np.cbrt(_EPS) * reach / length
        cells = np.zeros(1, dtype=np.intp)
        ahead = self.problem.slopes((x + step * p)[None], cells)[0]
        behind = self.problem.slopes((x - step * p)[None], cells)[0]
        return np.asarray((ahead - behind) / (2.0 * step * self.size))

    def seen(self, x: Array, *_: Any) -> None:
        """Note an iteration; called by scipy after each."""
        at, f, g = self.last
        if not np.array_equal(at, x):
            self.both(x)
            at, f, g = self.last
        blocked = self.problem.blocked(at[None], g[None], np.zeros(1, dtype=np.intp))
        if self.visit(at, f, float(norm(np.where(blocked, 0.0, g[None]))[0])):
            raise _Stopped


def delegate(
    problem: Problem,
    start: tuple[Array, float, Array],
    first_norm: float,
    name: str,
    tolerances: tuple[float, int],
    visit: Callable[[Array, float, float], bool],
) -> int:
    """Go down one problem with scipy, and return how it ended.

    Parameters
    ----------
    problem : Problem
        Of one cell.
    start : tuple of array, float, array
        Point, cost and gradient to begin with.
    first_norm : float
        Length of the first gradient.
    name : str
        One of ``DELEGATES``.
    tolerances : tuple of float and int
        The part of the first gradient to reach, and the most iterations.
    visit : callable
        Gets point, cost and length of the gradient after each iteration; true stops.
    """
    from scipy.optimize import Bounds, minimize

    way = DELEGATES[name]
    gtol, most = tolerances
    x, f, g = start
    size = abs(f) if f else first_norm * max(float(np.linalg.norm(x)), 1.0)
    path = _Path(problem, size, first_norm, visit, (x, f, g))
    more: dict[str, Any] = {}
    if way.hessian:
        more["hessp"] = path.product
    if way.bounded and problem.low is not None and problem.high is not None:
        more["bounds"] = Bounds(problem.low[0], problem.high[0])
    # scipy takes the largest part of the gradient; ours is its length
    least = gtol * first_norm / size / np.sqrt(len(x))
    try:
        found = minimize(
            path.both,
            x,
            jac=True,
            method=way.scipy,
            callback=path.seen,
            options=_options(way.scipy, least, most),
            **more,
        )
    except _Stopped:
        return Status.STOPPED
    path.seen(np.asarray(found.x, dtype=np.float64))
    return _status(path, found, gtol, most)


def _options(scipy: str, least: float, most: int) -> dict[str, Any]:
    options: dict[str, Any] = {"maxiter": most}
    if scipy == "L-BFGS-B":
        return options | {"gtol": least, "ftol": 0.0, "maxfun": 20 * most, "maxls": 40}
    if scipy == "Newton-CG":
        return options | {"xtol": 1e-14}
    if scipy == "trust-constr":
        return options | {"gtol": least, "xtol": 1e-14}
    return options | {"gtol": least}


def _status(path: _Path, found: Any, gtol: float, most: int) -> int:
    """Return how it ended, by our own gradient, whatever scipy says."""
    x, f, g = path.last
    if not (np.isfinite(f) and np.isfinite(g).all()):
        return Status.DIVERGED
    blocked = path.problem.blocked(x[None], g[None], np.zeros(1, dtype=np.intp))[0]
    slope = float(np.linalg.norm(np.where(blocked, 0.0, g)))
    # at the end a search finds nothing lower: rounding hides what is left to win
    arrived = slope <= 2.0 * gtol * path.first_norm
    level = slope <= 1e3 * np.sqrt(_EPS) * path.first_norm and found.nit < most
    if arrived or level:
        if blocked.any():
            return Status.AT_BOUND
        return Status.CONVERGED_GRADIENT if arrived else Status.CONVERGED_COST
    return Status.MAX_ITERATIONS if found.nit >= most else Status.LINE_SEARCH_FAILED
