"""Learning rates that nobody gave: from the curvature, and halved in time.

Plain arrays only.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xnabla.descent.engine._curvature import bend_of, cauchy
from xnabla.descent.engine._problem import Array, Problem, State

# Of the way to the next valley, for the equal steps of Adam.
_FIRST_PART = 0.3


@dataclass(frozen=True, slots=True, eq=False)
class Rates:
    """The rate of each cell, NaN to search; the first step to try; the limit."""

    rate: Array
    step: Array
    limit: Array


def searched(problem: Problem, state: State) -> Rates:
    """Search for each step."""
    unknown = np.full(len(state.f), np.nan)
    return Rates(unknown, cauchy(problem, state), unknown)


def stable(problem: Problem, state: State) -> Rates:
    """Take 1/L where the cost is a quadratic of largest curvature L, else search."""
    limit = stability_limit(problem, state)
    return Rates(0.5 * limit, cauchy(problem, state), limit)


def inverse_curvature(problem: Problem, state: State) -> Rates:
    """Take 1/L of the first point, whatever the cost."""
    bend = bend_of(problem, state)
    step = cauchy(problem, state)
    rate = np.where(np.isfinite(bend.largest), 1.0 / bend.largest, step)
    return Rates(rate, step, np.where(bend.is_quadratic, 2.0 / bend.largest, np.nan))


def part_of_the_way(problem: Problem, state: State) -> Rates:
    """Take three tenths of the way that a step down the gradient would go."""
    step = cauchy(problem, state)
    far = step * np.abs(state.g).max(axis=1, initial=0.0)
    unknown = np.full(len(far), np.nan)
    return Rates(np.where(far > 0, _FIRST_PART * far, 1.0), step, unknown)


def stability_limit(problem: Problem, state: State) -> Array:
    """Return the rate above which gradient descent on a quadratic diverges: 2/L."""
    bend = bend_of(problem, state)
    return np.where(bend.is_quadratic, 2.0 / bend.largest, np.nan)


def eased(state: State, patience: int) -> State:
    """Return the state with the rate halved where the cost has stopped falling.

    A cell that has lost its way, or whose rate is halved, goes back to where it was
    best.
    """
    memory = state.memory
    best_x = memory.get("best_x", memory["x_before"])
    best_g = memory.get("best_g", memory["g_before"])
    best_f = memory.get("best_f", memory["first_f"])
    with np.errstate(invalid="ignore", over="ignore"):
        better = (state.f < best_f) & np.isfinite(state.g).all(axis=1)
        astray = ~(state.f - best_f <= 1e3 * np.abs(memory["first_f"]) + np.abs(best_f))
    since = np.where(better, 0, memory.get("since", 0) + 1)
    best_x = np.where(better[:, None], state.x, best_x)
    best_g = np.where(better[:, None], state.g, best_g)
    best_f = np.where(better, state.f, best_f)
    astray |= ~np.isfinite(state.g).all(axis=1)
    halved = astray | (since >= patience)
    back = halved[:, None]
    forgotten: dict[str, Array] = {
        name: np.where(back if memory[name].ndim == 2 else halved, 0.0, memory[name])
        for name in ("velocity", "mean", "square", "count")
        if name in memory
    }
    return State(
        state.cells,
        np.where(back, best_x, state.x),
        np.where(halved, best_f, state.f),
        np.where(back, best_g, state.g),
        state.iteration,
        {
            **memory,
            **forgotten,
            "best_x": best_x,
            "best_g": best_g,
            "best_f": best_f,
            "since": np.where(halved, 0, since),
            "rate": np.where(halved, 0.5 * memory["rate"], memory["rate"]),
        },
    )
