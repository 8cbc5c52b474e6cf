"""The one loop of all descent methods, on plain arrays.

There are ``cells`` problems of ``k`` parameters; each goes its own way until it
arrives, gets lost or has gone on for too long, and then costs nothing more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from xnabla.descent._status import Status
from xnabla.descent.engine._delegated import DELEGATES, delegate
from xnabla.descent.engine._methods import METHODS, Method
from xnabla.descent.engine._outcome import Log, Outcome
from xnabla.descent.engine._problem import (
    Array,
    Batches,
    Cost,
    Problem,
    Slope,
    State,
    norm,
)
from xnabla.descent.engine._rates import Rates, eased, stability_limit
from xnabla.descent.engine._settings import Settings
from xnabla.descent.engine._stops import arrival, lost, noted, watched

# What a caller may look at after each iteration; true stops the descent.
Watch = Callable[[int, "Book"], bool | None]


@dataclass(slots=True, eq=False)
class Book:
    """Where every cell is, the best it found so far, and how it ended."""

    x: Array
    f: Array
    gradient_norm: Array
    first_norm: Array
    now_f: Array
    now_norm: Array
    status: Array
    n_iterations: Array
    log: Log

    def enter(self, problem: Problem, state: State) -> None:
        """Note where the cells under way are, if they have never been better."""
        cells = state.cells
        with np.errstate(invalid="ignore"):
            better = state.f <= self.f[cells]
        better &= np.isfinite(state.g).all(axis=1)
        blocked = problem.blocked(state.x, state.g, cells)
        slope = norm(np.where(blocked, 0.0, state.g))
        self.now_f[cells], self.now_norm[cells] = state.f, slope
        rows = cells[better]
        self.x[rows], self.f[rows] = state.x[better], state.f[better]
        self.gradient_norm[rows] = slope[better]
        self.n_iterations[cells] = state.iteration

    def write(self) -> None:
        """Add an iteration to the history: where the cells are, not where best."""
        with np.errstate(all="ignore"):
            part = self.now_norm / self.first_norm
        self.log.write(
            self.now_f, np.where(self.first_norm > 0, part, 0.0), self.status
        )


def descended(
    cost: Cost,
    gradient: Slope,
    start: Array,
    *,
    method: str = "gd",
    settings: Settings | None = None,
    curvature: Cost | None = None,
    bounds: tuple[Array, Array] | None = None,
    batches: Batches | None = None,
    watch: Watch | None = None,
) -> Outcome:
    """Go down a cost in every cell.

    Parameters
    ----------
    cost : callable
        ``cost(points, cells)`` is the cost ``(m,)`` at points ``(m, k)`` of the cells
        whose numbers are ``cells``, ``(m,)``. It is called with the cells that are
        still under way only.
    gradient : callable
        ``gradient(points, cells)`` is the gradient there, ``(m, k)``; with
        ``batches``, ``gradient(points, cells, rows)`` is that of the mean cost of the
        samples ``rows``.
    start : array (cells, k)
        Where to begin. It is not changed.
    method : str
        One of ``METHODS``: gd, momentum, nesterov, bb, adam, sgd, newton, lm; for a
        single cell also one of ``DELEGATES``, which scipy has: lbfgs, newton-cg,
        trust-ncg, trust-krylov, trust-constr.
    settings : Settings, optional
        Rate, tolerances, history.
    curvature : callable, optional
        ``curvature(points, cells)`` is the matrix of second derivatives
        ``(m, k, k)``, or its Gauss-Newton part, for newton and lm; by default
        differences of the gradient.
    bounds : pair of arrays, optional
        Lowest and highest values; of a shape that fits ``start``.
    batches : Batches, optional
        How sgd and adam deal out the samples: an iteration is a pass through all.
    watch : callable, optional
        ``watch(iteration, book)`` after each iteration; true stops the descent. The
        book has ``x``, ``f``, ``gradient_norm``, ``status`` of all cells.

    Returns
    -------
    Outcome
        With one row for each cell. A cell without an answer has the best point it
        found and a status that says why; a cell whose start or first cost is NaN is
        ``all_missing``.

    Examples
    --------
    >>> import numpy as np
    >>> lowest = np.array([2.0, 5.0])  # x² - 2 a x in two cells
    >>> found = descended(
    ...     lambda x, cells: x[:, 0] ** 2 - 2 * lowest[cells] * x[:, 0],
    ...     lambda x, cells: 2 * x - 2 * lowest[cells, None],
    ...     np.zeros((2, 1)), method="momentum")
    >>> found.solution[:, 0].round(6), found.converged
    (array([2., 5.]), array([ True,  True]))
    """
    settings = settings or Settings()
    start = np.array(start, dtype=np.float64)
    problem = _problem(cost, gradient, curvature, bounds, batches, start)
    state, book = _begun(problem, start, settings)
    limit = np.full(len(start), np.nan)
    try:
        if method in DELEGATES:
            _hand_over(problem, state, method, settings, book, watch)
        else:
            way = METHODS[method]
            state, rates = _rated(problem, state, way, settings)
            limit[state.cells] = rates.limit * 0.5 * way.widened(settings.momentum)
            _run(problem, state, way, settings, book, watch)
    except KeyboardInterrupt:
        book.status[book.status < 0] = Status.STOPPED
    book.status[book.status < 0] = Status.MAX_ITERATIONS
    return _outcome(problem, book, limit, settings)


def _problem(
    cost: Cost,
    gradient: Slope,
    curvature: Cost | None,
    bounds: tuple[Array, Array] | None,
    batches: Batches | None,
    start: Array,
) -> Problem:
    low = high = None
    if bounds is not None:
        low, high = (np.broadcast_to(np.asarray(b, float), start.shape) for b in bounds)
    tally = np.zeros(len(start), dtype=np.int64)
    return Problem(cost, gradient, curvature, low, high, batches, tally)


def _begun(problem: Problem, start: Array, settings: Settings) -> tuple[State, Book]:
    """Return the state and the book of the start; cells without a cost have ended."""
    n = len(start)
    blank = np.full(n, np.nan)
    book = Book(
        x=start,
        f=blank.copy(),
        gradient_norm=blank.copy(),
        first_norm=blank,
        now_f=blank.copy(),
        now_norm=blank.copy(),
        status=np.full(n, -1, dtype=np.int8),
        n_iterations=np.zeros(n, dtype=np.int64),
        log=Log(settings.history),
    )
    book.status[np.isnan(start).any(axis=1)] = Status.ALL_MISSING
    cells = np.flatnonzero(book.status < 0)
    x = problem.inside(start[cells], cells)
    f, g = problem.costs(x, cells), np.zeros(x.shape)
    book.status[cells[np.isnan(f)]] = Status.ALL_MISSING
    known = np.isfinite(f)
    g[known] = problem.slopes(x[known], cells[known])
    known &= np.isfinite(g).all(axis=1)
    book.status[cells[~known & ~np.isnan(f)]] = Status.DIVERGED
    state = State(cells, x, f, g, 0, {}).only(known)
    book.x[book.status == Status.ALL_MISSING] = np.nan
    book.f[state.cells] = np.inf
    book.enter(problem, state)
    book.first_norm = book.gradient_norm.copy()
    state = watched(state, book.gradient_norm[state.cells])
    still = state.memory["slope"] == 0
    held = problem.blocked(state.x, state.g, state.cells).any(axis=1)
    book.status[state.cells[still]] = Status.CONVERGED_GRADIENT
    book.status[state.cells[still & held]] = Status.AT_BOUND
    book.write()
    return state.only(~still), book


def _rated(
    problem: Problem, state: State, way: Method, settings: Settings
) -> tuple[State, Rates]:
    """Return the state with a learning rate for each cell."""
    if isinstance(settings.learning_rate, str) or not way.takes_rate:
        rates = way.automatic(problem, state)
    else:
        given = np.asarray(settings.learning_rate, dtype=np.float64)
        rate = np.broadcast_to(given, len(problem.tally))[state.cells].copy()
        limit = np.full(len(rate), np.nan)
        if not way.samples:
            limit = stability_limit(problem, state)
        rates = Rates(rate, rate.copy(), limit)
    return state.having(rate=rates.rate, step=rates.step), rates


def _run(
    problem: Problem,
    state: State,
    way: Method,
    settings: Settings,
    book: Book,
    watch: Watch | None,
) -> None:
    eases = way.patience if isinstance(settings.learning_rate, str) else 0
    for iteration in range(1, settings.max_iterations + 1):
        if not state.cells.size:
            return
        before = replace(state, iteration=iteration)
        move = way.step(problem, way.direction(problem, before, settings), settings)
        state = noted(before, move)
        if eases:
            state = eased(state, eases)
        book.enter(problem, state)
        ended = arrival(problem, move, state, settings, by_gradient_only=way.samples)
        gone = lost(state, rises_tell=way.rises_tell)
        ended[gone] = Status.DIVERGED
        book.status[state.cells] = ended
        book.write()
        state = state.only(ended < 0)
        if watch is not None and watch(iteration, book):
            book.status[state.cells] = Status.STOPPED
            return


def _hand_over(
    problem: Problem,
    state: State,
    method: str,
    settings: Settings,
    book: Book,
    watch: Watch | None,
) -> None:
    """Let scipy do it: one problem, which is the only cell."""
    if not state.cells.size:
        return
    if len(problem.tally) != 1:
        msg = f"{method} goes down one problem at a time, not {len(problem.tally)}"
        raise ValueError(msg)

    def visit(x: Array, f: float, slope: float) -> bool:
        book.n_iterations += 1
        book.now_f[:], book.now_norm[:] = f, slope
        if f <= book.f[0]:
            book.x[0], book.f[0], book.gradient_norm[0] = x, f, slope
        book.write()
        return bool(watch is not None and watch(int(book.n_iterations[0]), book))

    book.status[0] = delegate(
        problem,
        (state.x[0], float(state.f[0]), state.g[0]),
        float(book.first_norm[0]),
        method,
        (settings.gtol, settings.max_iterations),
        visit,
    )


def _outcome(problem: Problem, book: Book, limit: Array, settings: Settings) -> Outcome:
    told = settings.history != "none"
    return Outcome(
        solution=book.x,
        cost=book.f,
        gradient_norm=book.gradient_norm,
        n_iterations=book.n_iterations,
        n_evaluations=problem.tally.copy(),
        status=book.status,
        stability_limit=limit,
        cost_history=np.array(book.log.cost if told else []),
        gradient_norm_history=np.array(book.log.gradient_norm if told else []),
        converged_history=np.array(book.log.converged if told else []),
    )
