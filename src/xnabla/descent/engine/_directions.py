"""Where each method wants to go from where its cells are.

Plain arrays only. A direction is a function of the problem, the state and the settings;
it returns a heading: a base, a direction from there, and the first length to try. What
it wants to remember it leaves in the state, one row for each cell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from xnabla.descent.engine._curvature import reach
from xnabla.descent.engine._problem import Array, Problem, State, dot
from xnabla.descent.engine._settings import Settings

# Parameters of Adam (Kingma and Ba, 2015).
_MEAN_DECAY = 0.9
_SQUARE_DECAY = 0.999
# The part of the last step that a heavy ball takes again.
HEAVY = 0.9
# A curvature below this part of the largest one may be all rounding: of differences of
# a gradient, to two thirds of the digits, and some.
_UNTOLD = 1e-9
# The step of Barzilai and Borwein need not lower the cost each time, but against the
# highest of the last so many (Grippo, Lampariello and Lucidi, 1986).
_LOOK_BACK = 10


@dataclass(frozen=True, slots=True, eq=False)
class Heading:
    """A direction from a base.

    Attributes
    ----------
    state : State
        With what the direction remembers.
    base, slopes, along : array (m, k)
        The point to go from, the gradient there, the direction.
    first : array (m,)
        The first length to try.
    sure : array (m,) of bool
        Where that length is taken as it is.
    reference : array (m,)
        The cost to fall below.
    enough : float
        The part of the slope that the cost has to fall by.
    scaled : bool
        Whether the direction is the gradient through a matrix, with nothing added.
    """

    state: State
    base: Array
    slopes: Array
    along: Array
    first: Array
    sure: Array
    reference: Array
    enough: float = 1e-4
    scaled: bool = False


def steepest(problem: Problem, state: State, settings: Settings) -> Heading:
    """Go down the gradient."""
    del problem, settings
    fixed = np.isfinite(state.memory["rate"]).all()
    first = state.memory["step"] if fixed else _first_step(state)
    return _downhill(state, first, state.f)


def spectral(problem: Problem, state: State, settings: Settings) -> Heading:
    """Go down the gradient by the steps of Barzilai and Borwein (1988).

    The long and the short one take turns; the cost may rise for a while.
    """
    del problem, settings
    costs = state.memory.get("costs")
    if costs is None:
        costs = np.repeat(state.f[:, None], _LOOK_BACK, axis=1)
    else:
        costs = np.roll(costs, 1, axis=1)
        costs[:, 0] = state.f
    state = state.having(costs=costs)
    first = _first_step(state, short=state.iteration % 2 == 1)
    heading = _downhill(state, first, costs.max(axis=1))
    return replace(heading, sure=np.zeros(len(first), dtype=bool))


def heavy_ball(problem: Problem, state: State, settings: Settings) -> Heading:
    """Go down the gradient and on along the last step (Polyak, 1964)."""
    del problem
    beta = HEAVY if settings.momentum is None else settings.momentum
    step = state.memory["step"]
    along = -state.g
    if "x_before" in state.memory:
        along = along + beta * (state.x - state.memory["x_before"]) / step[:, None]
    rate = state.memory["rate"]
    sure = np.isfinite(rate)
    # a search needs a direction that leads down
    turned = ~sure & (dot(along, state.g) >= 0)
    along[turned] = -state.g[turned]
    first = np.where(sure, rate, 1.5 * step)
    return Heading(state, state.x, state.g, along, first, sure, state.f)


def accelerated(problem: Problem, state: State, settings: Settings) -> Heading:
    """Go down the gradient from ahead (Nesterov, 1983; Beck and Teboulle, 2009).

    When the last step and the gradient ahead point the same way, the cost would rise:
    forget the momentum (O'Donoghue and Candès, 2015).
    """
    theta = state.memory.get("theta", np.ones(len(state.f)))
    last = state.x - state.memory.get("x_before", state.x)
    following = 0.5 * (1.0 + np.sqrt(1.0 + 4.0 * theta**2))
    beta = (theta - 1.0) / following
    if settings.momentum is not None:
        beta = np.full(len(theta), settings.momentum)
    base = problem.inside(state.x + beta[:, None] * last, state.cells)
    slopes = problem.slopes(base, state.cells)
    astray = (dot(slopes, last) > 0) | ~np.isfinite(slopes).all(axis=1)
    base, slopes = base.copy(), slopes.copy()
    base[astray], slopes[astray] = state.x[astray], state.g[astray]
    state = state.having(theta=np.where(astray, 1.0, following))
    rate = state.memory["rate"]
    sure = np.isfinite(rate)
    first = np.where(sure, rate, 1.2 * state.memory["step"])
    ahead = np.where(
        sure | (base == state.x).all(axis=1), state.f, problem.costs(base, state.cells)
    )
    return Heading(state, base, slopes, -slopes, first, sure, ahead, enough=0.5)


def newton(problem: Problem, state: State, settings: Settings) -> Heading:
    """Go to where the local quadratic is lowest; curvatures downward are turned up.

    A curvature that cannot be told from none promises no bottom: along it a step is no
    longer than the point.
    """
    del settings
    matrix = problem.curvatures(state.x, state.cells)
    blocked = problem.blocked(state.x, state.g, state.cells)
    matrix, slopes = freed(matrix, state.g, blocked)
    along = -state.g
    sound = np.isfinite(matrix).all(axis=(1, 2))
    values, vectors = np.linalg.eigh(matrix[sound])
    sizes = np.abs(values)
    floor = 1e-12 * np.max(sizes, axis=1, keepdims=True, initial=1e-300)
    turned = np.einsum("ijk,ij->ik", vectors, slopes[sound])
    steps = turned / np.maximum(sizes, floor + 1e-300)
    far = reach(state.x[sound])[:, np.newaxis]
    untold = sizes <= _UNTOLD * np.max(sizes, axis=1, keepdims=True, initial=0.0)
    steps = np.where(untold, np.clip(steps, -far, far), steps)
    along[sound] = -np.einsum("ijk,ik->ij", vectors, steps)
    ones = np.ones(len(state.f))
    unsure = np.zeros(len(ones), dtype=bool)
    return Heading(state, state.x, state.g, along, ones, unsure, state.f, scaled=True)


def epoch_of_sgd(problem: Problem, state: State, settings: Settings) -> Heading:
    """Go down the gradient of one batch after the other (Robbins and Monro, 1951)."""
    beta = settings.momentum or 0.0
    velocity = state.memory.get("velocity", np.zeros(state.x.shape))
    rate = state.memory["rate"][:, None]
    x = state.x
    for slopes_at in _passes(problem, state):
        velocity = beta * velocity - rate * slopes_at(x)
        x = problem.inside(x + velocity, state.cells)
    return _whole(state.having(velocity=velocity), x)


def epoch_of_adam(problem: Problem, state: State, settings: Settings) -> Heading:
    """Go by the mean gradient over its own spread (Kingma and Ba, 2015)."""
    decay = _MEAN_DECAY if settings.momentum is None else settings.momentum
    blank = np.zeros(state.x.shape)
    mean, square = state.memory.get("mean", blank), state.memory.get("square", blank)
    count = state.memory.get("count", np.zeros(len(state.f)))
    rate = state.memory["rate"][:, None]
    # relative, for a gradient has a unit
    least = 1e-8 * state.memory["slope"][:, None] + 1e-300
    x = state.x
    for slopes_at in _passes(problem, state):
        slopes = slopes_at(x)
        count = count + 1.0
        mean = decay * mean + (1.0 - decay) * slopes
        square = _SQUARE_DECAY * square + (1.0 - _SQUARE_DECAY) * slopes**2
        first = mean / (1.0 - decay ** count[:, None])
        second = square / (1.0 - _SQUARE_DECAY ** count[:, None])
        x = problem.inside(x - rate * first / (np.sqrt(second) + least), state.cells)
    return _whole(state.having(mean=mean, square=square, count=count), x)


def _passes(problem: Problem, state: State) -> Iterator[Callable[[Array], Array]]:
    """Yield what gives the gradient: of the whole, or of each batch of an epoch."""
    if problem.batches is None:
        yield lambda _: state.g
        return
    for rows in problem.batches.dealt(state.iteration):
        yield lambda x, rows=rows: problem.slopes(x, state.cells, rows)  # type: ignore[misc]


def _whole(state: State, x: Array) -> Heading:
    """Return the heading of an epoch: its sum, taken as it is."""
    ones = np.ones(len(state.f))
    sure = np.ones(len(ones), dtype=bool)
    return Heading(state, state.x, state.g, x - state.x, ones, sure, state.f)


def freed(matrix: Array, slopes: Array, blocked: Array) -> tuple[Array, Array]:
    """Return a system in which blocked parameters do not move."""
    if not blocked.any():
        return matrix, slopes
    free = ~blocked
    matrix = np.where(free[:, :, None] & free[:, None, :], matrix, 0.0)
    diagonal = np.arange(matrix.shape[1])
    matrix[:, diagonal, diagonal] += blocked
    return matrix, np.where(blocked, 0.0, slopes)


def _downhill(state: State, first: Array, reference: Array) -> Heading:
    rate = state.memory.get("rate", np.full(len(first), np.nan))
    sure = np.isfinite(rate)
    first = np.where(sure, rate, first)
    return Heading(state, state.x, state.g, -state.g, first, sure, reference)


def _first_step(state: State, *, short: bool = False) -> Array:
    """Return the step of Barzilai and Borwein, or twice the last one."""
    step = state.memory["step"]
    if "x_before" not in state.memory:
        return step
    s = state.x - state.memory["x_before"]
    y = state.g - state.memory["g_before"]
    with np.errstate(all="ignore"):
        guess = dot(s, y) / dot(y, y) if short else dot(s, s) / dot(s, y)
    return np.where(np.isfinite(guess) & (guess > 0), guess, 2.0 * step)
