"""How far to go along a heading: by a fixed rate, by a search, by trust.

Plain arrays only.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xnabla.descent.engine._directions import Heading, freed
from xnabla.descent.engine._problem import Array, Problem, State, dot
from xnabla.descent.engine._settings import Settings

_TRIES = 40
_FACTOR = 0.5
_ROUNDING = 16 * np.finfo(np.float64).eps


@dataclass(frozen=True, slots=True, eq=False)
class Move:
    """A step made.

    Attributes
    ----------
    state : State
        Where the cells are now.
    moved : array (m,) of bool
        Where a step was made; elsewhere the next try will be another.
    failed : array (m,) of bool
        Where no length lowers the cost.
    level : array (m,) of bool
        Where none can, for the fall there is to win is lost in rounding.
    """

    state: State
    moved: Array
    failed: Array
    level: Array


def along(problem: Problem, heading: Heading, settings: Settings) -> Move:
    """Step along a heading: the first length where that is sure, else a search.

    The search halves the length until the cost falls by a part of what the slope
    promises (Armijo, 1966).
    """
    del settings
    state = heading.state
    x, f, length = state.x.copy(), state.f.copy(), heading.first.copy()
    searching = np.ones(len(f), dtype=bool)
    promised = np.full(len(f), np.nan)
    for _ in range(_TRIES):
        rows = np.flatnonzero(searching)
        tried = heading.base[rows] + length[rows, None] * heading.along[rows]
        tried = problem.inside(tried, state.cells[rows])
        costs = problem.costs(tried, state.cells[rows])
        slope = dot(heading.slopes[rows], tried - heading.base[rows])
        promised[rows] = np.fmax(promised[rows], np.abs(slope))
        hidden = np.abs(slope) <= _ROUNDING * np.abs(heading.reference[rows])
        good = heading.sure[rows] | _falls(heading, rows, costs, slope, hidden)
        x[rows[good]], f[rows[good]] = tried[good], costs[good]
        searching[rows] = ~good
        if not (searching[rows] & ~hidden).any():
            break
        length[searching] *= _FACTOR
    stuck = searching
    # The longest step promised nothing that rounding does not hide. A cost made of
    # cancelling terms is rougher than its own size tells.
    size = np.maximum(np.abs(heading.reference), state.memory["first_cost"])
    level = stuck & (promised <= 1e3 * _ROUNDING * size)
    # what the last step adds may lead up, or nowhere; without it there is one more try
    straight = (heading.along == -heading.slopes).all(axis=1) | heading.scaled
    length[stuck] = state.memory["step"][stuck]
    after = _moved(problem, state, x, f, length, stuck)
    return Move(after, ~stuck, stuck & ~level & straight, level & straight)


def along_or_back(problem: Problem, heading: Heading, settings: Settings) -> Move:
    """Step along a heading from ahead; where the cost rises, stay and forget it."""
    move = along(problem, heading, settings)
    if not isinstance(settings.learning_rate, str):
        return move
    state, before = move.state, heading.state
    # from the point itself there is no momentum left to forget
    ahead: Array = (heading.base != before.x).any(axis=1)
    with np.errstate(invalid="ignore"):
        stays: Array = ahead & ~(state.f <= before.f)
    if not stays.any():
        return move
    kept = np.broadcast_to(stays[:, None], before.x.shape)
    state = State(
        state.cells,
        np.where(kept, before.x, state.x),
        np.where(stays, before.f, state.f),
        np.where(kept, before.g, state.g),
        state.iteration,
        {**state.memory, "theta": np.where(stays, 1.0, state.memory["theta"])},
    )
    return Move(state, move.moved & ~stays, move.failed & ~stays, move.level & ~stays)


def trusted(problem: Problem, heading: Heading, settings: Settings) -> Move:
    """Step by a damped quadratic and trust it by what it gains.

    Marquardt (1963), scaled by the largest curvature so far as MINPACK does, damped as
    Nielsen (1999) does.
    """
    del settings
    state = heading.state
    tried = problem.inside(state.x + heading.along, state.cells)
    costs = problem.costs(tried, state.cells)
    made = tried - state.x
    bend = np.einsum("ij,ijk,ik->i", made, state.memory["matrix"], made)
    promised = -dot(state.g, made) - 0.5 * bend
    damping, factor = state.memory["damping"], state.memory["factor"]
    with np.errstate(all="ignore"):
        gain = (state.f - costs) / promised
        good = np.isfinite(costs) & (promised > 0) & (gain > 1e-4)
        eased = damping * np.maximum(1.0 / 3.0, 1.0 - (2.0 * gain - 1.0) ** 3)
    state = state.having(
        damping=np.where(good, np.maximum(eased, 1e-15), damping * factor),
        factor=np.where(good, 2.0, 2.0 * factor),
    )
    # under heavy damping any step promises little: that is no arrival
    level = ~good & (np.abs(promised) <= _ROUNDING * np.abs(state.f))
    level &= (damping < 1e4) & np.isfinite(costs)
    failed = ~good & ~level & (state.memory["damping"] > 1e20)
    x = np.where(good[:, None], tried, state.x)
    f = np.where(good, costs, state.f)
    after = _moved(problem, state, x, f, np.ones(len(f)), ~good)
    return Move(after, good, failed, level)


def damped(problem: Problem, state: State, settings: Settings) -> Heading:
    """Go to where the damped local quadratic is lowest (Levenberg, 1944)."""
    del settings
    matrix = problem.curvatures(state.x, state.cells)
    blocked = problem.blocked(state.x, state.g, state.cells)
    matrix, slopes = freed(matrix, state.g, blocked)
    m, k = state.x.shape
    sound = np.asarray(np.isfinite(matrix).all(axis=(1, 2)))
    matrix = np.where(sound[:, None, None], matrix, 0.0)
    scale = np.sqrt(np.abs(np.einsum("ijj->ij", matrix)))
    scale = np.maximum(scale, state.memory.get("scale", np.zeros((m, k))))
    safe = np.where(scale > 0, scale, 1.0)
    values, vectors = np.linalg.eigh(matrix / (safe[:, :, None] * safe[:, None, :]))
    damping = state.memory.get("damping", np.full(m, 1e-3))
    turned = np.einsum("ijk,ij->ik", vectors, slopes / safe)
    values = np.maximum(values, 0.0) + damping[:, None]
    along_ = -np.einsum("ijk,ik->ij", vectors, turned / values) / safe
    state = state.having(
        matrix=matrix,
        scale=scale,
        damping=damping,
        factor=state.memory.get("factor", np.full(m, 2.0)),
    )
    ones = np.ones(m)
    return Heading(state, state.x, state.g, along_, ones, np.ones(m, bool), state.f)


def _falls(
    heading: Heading, rows: Array, costs: Array, slope: Array, hidden: Array
) -> Array:
    """Tell where the cost has fallen enough; where rounding hides it, at all."""
    reference = heading.reference[rows]
    with np.errstate(invalid="ignore"):
        enough = (slope < 0) & (costs <= reference + heading.enough * slope)
        return np.isfinite(costs) & (enough | (hidden & (costs < reference)))


def _moved(
    problem: Problem,
    state: State,
    x: Array,
    f: Array,
    step: Array,
    stuck: Array,
) -> State:
    """Return the state after a step, with the gradient where there was one."""
    g = state.g.copy()
    rows = np.flatnonzero(~stuck & (x != state.x).any(axis=1))
    g[rows] = problem.slopes(x[rows], state.cells[rows])
    memory = {**state.memory, "x_before": state.x, "g_before": state.g, "step": step}
    return State(state.cells, x, f, g, state.iteration, memory)
