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
        ways=np.full((m, _KEPT), np.nan),
        falls=np.full((m, _KEPT), np.nan),
    )


def noted(before: State, move: Move) -> State:
    """Return the state after a move, the move remembered."""
    state, memory = move.state, move.state.memory
    moved = move.moved
    with np.errstate(all="ignore"):
        way, fall = norm(state.x - before.x), before.f - state.f
        up = fall < -1e-10 * np.abs(before.f)
    ways, falls = (
        np.roll(memory["ways"], 1, axis=1),
        np.roll(memory["falls"], 1, axis=1),
    )
    ways[:, 0], falls[:, 0] = way, fall
    kept = moved[:, None]
    return state.having(
        ways=np.where(kept, ways, memory["ways"]),
        falls=np.where(kept, falls, memory["falls"]),
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
    if not by_gradient_only:
        way, fall = (_still_to_go(state.memory[name]) for name in ("ways", "falls"))
        near = way <= settings.xtol * (settings.xtol + norm(state.x))
        flat = np.isfinite(way) & (fall <= settings.ftol * np.abs(state.f))
        flat &= settings.ftol > 0
        ended[move.moved & flat] = Status.CONVERGED_COST
        ended[move.moved & near] = Status.CONVERGED_STEP
        ended[move.moved & _stands_still(state, settings)] = Status.CONVERGED_STEP
    ended[move.failed] = Status.LINE_SEARCH_FAILED
    ended[move.level] = Status.CONVERGED_COST
    blocked = problem.blocked(state.x, state.g, state.cells)
    slope = norm(np.where(blocked, 0.0, state.g))
    ended[slope <= settings.gtol * state.memory["slope"]] = Status.CONVERGED_GRADIENT
    arrived = (ended >= 0) & (ended <= Status.CONVERGED_COST) & blocked.any(axis=1)
    ended[arrived] = Status.AT_BOUND
    return ended


def lost(state: State, *, rises_tell: bool) -> Array:
    """Tell which cells go up, or to where there is no number."""
    memory = state.memory
    nowhere = ~np.isfinite(state.f) | ~np.isfinite(state.g).all(axis=1)
    with np.errstate(invalid="ignore", over="ignore"):
        scale = np.maximum(memory["first_cost"], memory["first_cost"] - memory["best"])
        up = state.f - memory["best"] > _FAR_UP * scale
    gone = nowhere | (up & (memory["rises"] > 0))
    return np.asarray(gone | (rises_tell & (memory["rises"] >= _RISES)))


def _stands_still(state: State, settings: Settings) -> Array:
    """Tell where the last steps were lost in rounding, and not for want of a rate."""
    with np.errstate(invalid="ignore"):
        ways = state.memory["ways"].max(axis=1)
        small = ways <= 4 * np.finfo(np.float64).eps * norm(state.x)
    slope = np.sqrt(settings.gtol) * state.memory["slope"]
    return np.asarray(small & (norm(state.g) <= slope))


def _still_to_go(steps: Array) -> Array:
    """Return the rest of a series of steps, the newest first.

    It is that of a geometric series whose ratio is the largest of those seen, so that
    the steps of a search or of a momentum, which vary, promise no end that is not near.
    """
    with np.errstate(all="ignore"):
        ratios = np.where(steps[:, :-1] == 0, 0.0, steps[:, :-1] / steps[:, 1:])
        ratio = np.fmax.reduce(ratios, axis=1)
        told = (ratio < _SHRINKING) & (np.fmin.reduce(ratios, axis=1) >= 0)
        return np.where(told, np.abs(steps[:, 0]) * ratio / (1.0 - ratio), np.inf)
