"""When a cell has arrived, and when it is lost.

Plain arrays only.
"""

from __future__ import annotations

import numpy as np

from xnabla.descent._status import Status
from xnabla.descent.engine._problem import Array, Problem, State, norm
from xnabla.descent.engine._settings import Settings
from xnabla.descent.engine._steps import Move

_GOING_ON = -1
# So many steps are looked at: do they get shorter, and how fast?
_KEPT = 8
# So many rises in a row are no oscillation, if a method knows no momentum.
_RISES = 5
_FAR_UP = 1e3
# Parameters are standardised: so far out there is no bottom to this cost.
_FAR_OUT = 1e50
_EPS = float(np.finfo(np.float64).eps)
_SHRINKING = 1.0 - 1e-7


def watched(state: State, slope: Array) -> State:
    """Return the state with all that the stopping rules remember."""
    m = len(state.f)
    return state.having(
        first_f=state.f.copy(),
        first_cost=np.abs(state.f),
        slope=slope,
        best=state.f.copy(),
        rises=np.zeros(m, dtype=np.int64),
        steps=np.full((m, 2, _KEPT), np.nan),
    )


def noted(before: State, move: Move) -> State:
    """Return the state after a move, the move remembered."""
    state, memory = move.state, move.state.memory
    moved = move.moved
    with np.errstate(all="ignore"):
        way, fall = norm(state.x - before.x), before.f - state.f
        up = fall < -1e-10 * np.abs(before.f)
    # ways and falls, the newest first
    steps = memory["steps"].copy()
    steps[moved, :, 1:] = steps[moved, :, :-1]
    steps[moved, 0, 0], steps[moved, 1, 0] = way[moved], fall[moved]
    return state.having(
        steps=steps,
        rises=np.where(up, memory["rises"] + 1, 0),
        best=np.fmin(memory["best"], state.f),
    )


def arrival(
    problem: Problem,
    move: Move,
    state: State,
    settings: Settings,
    *,
    by_gradient_only: bool,
) -> Array:
    """Return the status of the cells that have arrived; -1 for those that have not."""
    ended = np.full(len(state.f), _GOING_ON, dtype=np.int8)
    blocked = problem.blocked(state.x, state.g, state.cells)
    slope = norm(np.where(blocked, 0.0, state.g))
    if not by_gradient_only:
        flat, near = _near(state, slope, settings)
        ended[move.moved & flat] = Status.CONVERGED_COST
        ended[move.moved & near] = Status.CONVERGED_STEP
    ended[move.failed] = Status.LINE_SEARCH_FAILED
    ended[move.level] = Status.CONVERGED_COST
    ended[slope <= settings.gtol * state.memory["slope"]] = Status.CONVERGED_GRADIENT
    arrived = (ended >= 0) & (ended <= Status.CONVERGED_COST) & blocked.any(axis=1)
    ended[arrived] = Status.AT_BOUND
    return ended


def lost(state: State, *, rises_tell: bool) -> Array:
    """Tell which cells go up, or to where there is no number."""
    memory = state.memory
    nowhere = ~np.isfinite(state.f) | ~np.isfinite(state.g).all(axis=1)
    with np.errstate(invalid="ignore", over="ignore"):
        scale = np.maximum(memory["first_cost"], memory["first_f"] - memory["best"])
        up = state.f - memory["best"] > _FAR_UP * scale
    gone = nowhere | (norm(state.x) > _FAR_OUT) | (up & (memory["rises"] > 0))
    return np.asarray(gone | (rises_tell & (memory["rises"] >= _RISES)))


def _near(state: State, slope: Array, settings: Settings) -> tuple[Array, Array]:
    """Tell where next to no fall, and next to no way, is left to go.

    Where the last steps were all lost in rounding there is no way either, unless it is
    for want of a rate: then the gradient is as long as ever. While it is, two steps
    are no series either: the first may have gone astray.
    """
    steps, length = state.memory["steps"], norm(state.x)
    with np.errstate(all="ignore"):
        way, fall = _still_to_go(steps)
        near = way <= settings.xtol * (settings.xtol + length)
        still = steps[:, 0].max(axis=1) <= 4 * _EPS * length
    fallen = slope <= np.sqrt(settings.gtol) * state.memory["slope"]
    still &= fallen
    told = fallen | np.isfinite(steps[:, 0]).all(axis=1)
    near &= told
    if not settings.ftol:
        return np.zeros(len(near), dtype=bool), near | still
    flat = told & np.isfinite(way) & (fall <= settings.ftol * np.abs(state.f))
    return flat, near | still


def _still_to_go(steps: Array) -> tuple[Array, Array]:
    """Return the rest of two series of steps, the newest first.

    It is that of a geometric series whose ratio is the largest of those seen, so that
    the steps of a search or of a momentum, which vary, promise no end that is not near.
    """
    newer, older = steps[:, :, :-1], steps[:, :, 1:]
    ratios = np.where(newer == 0, 0.0, newer / older)
    ratio = np.fmax.reduce(ratios, axis=2)
    told = (ratio < _SHRINKING) & (np.fmin.reduce(ratios, axis=2) >= 0)
    rest = np.where(told, np.abs(steps[:, :, 0]) * ratio / (1.0 - ratio), np.inf)
    return rest[:, 0], rest[:, 1]
