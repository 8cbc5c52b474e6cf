"""A linear fit of one block of cells after another: the order of the passes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from xnabla.descent._status import Status
from xnabla.descent.cells._design import Design, cell_design
from xnabla.descent.cells._lagged import Lagged, lagged_of, merged
from xnabla.descent.cells._least import (
    Solution,
    natural,
    refined,
    residuals,
    solved,
)
from xnabla.descent.cells._spread import (
    Carried,
    Spread,
    autocorrelated,
    independent,
    lags_of,
    neighbours,
    robust,
    scores,
)
from xnabla.descent.cells._sums import Block, Sums, prepared, products_of, sums_of
from xnabla.errors import FieldError, explain

Floats = NDArray[np.float64]
Se = Literal["ols", "ar1", "hac"]


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """What is fitted in every cell, and how.

    Attributes
    ----------
    names : tuple of str
        The coefficients, the constant first if there is one.
    constant : bool
        Whether there is a constant.
    design : Design or None
        The common columns; none where they differ between cells.
    size : int
        Number of times.
    se : {"ols", "ar1", "hac"}
        Whether residuals are independent, remember one another, or anyhow.
    lags : int or None
        Lags of "hac"; by the number of values if not given.
    ridge : float
        Strength of the penalty.
    min_valid : int
        Fewest values a cell must have.
    title : str
        What to call the field in a message.
    descend : callable or None
        What finds the solution from the sums, if it is not to be found exactly.
    """

    names: tuple[str, ...]
    constant: bool
    design: Design | None
    size: int
    se: Se = "ar1"
    lags: int | None = None
    ridge: float = 0.0
    min_valid: int = 0
    title: str = "The field"
    descend: Callable[[Sums, Design, Solution], Solution] | None = None

    @property
    def variables(self) -> int:
        """Number of variables that sums are taken of: columns and the values."""
        return len(self.names) - int(self.constant) + 1

    @property
    def sums(self) -> int:
        """Number of rows that the sums take."""
        p = self.variables
        return 2 + 2 * p + p * (p + 1) // 2

    @property
    def partial_rows(self) -> int:
        """Number of rows that are merged over time."""
        m = self.variables + 1
        return self.sums + (m * (m + 2) if self.se == "ar1" else 0)

    @property
    def most_lags(self) -> int:
        """The most lags any cell can have."""
        if self.se != "hac":
            return 1
        return int(lags_of(np.array([float(self.size)]), self.lags)[0])

    @property
    def rows(self) -> int:
        """Number of rows of a result."""
        k = len(self.names)
        return k + k * (k + 1) // 2 + len(EXTRAS)


# Where there are no numbers to show.
LOST = (
    Status.TOO_FEW_DATA,
    Status.ALL_MISSING,
    Status.SINGULAR,
)
EXTRAS = ("n", "n_eff", "freedom", "cost", "total", "gradient", "iterations", "status")


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """The values of some cells at some times, with what varies along with them.

    Attributes
    ----------
    values : array (n, c)
    weights : array (n, c) or (n, 1), optional
    columns : array (n, k, c), optional
        Columns that differ between cells.
    """

    values: NDArray[Any]
    weights: Floats | None = None
    columns: Floats | None = None


def design_for(problem: Problem, cells: Cells, part: slice) -> Design:
    """Return the design of some of the times of some cells."""
    if problem.design is not None:
        return problem.design.rows(part)
    assert cells.columns is not None
    return cell_design(cells.columns, problem.names, constant=problem.constant)


@np.errstate(over="ignore", invalid="ignore")
def fit_block(problem: Problem, cells: Cells, products: Floats | None = None) -> Floats:
    """Return the fit of some cells whose times are all at hand, as rows of numbers."""
    design = design_for(problem, cells, slice(None))
    block = prepared(_double(cells.values), cells.weights, design)
    sums = sums_of(block, products)
    _refuse_infinite_cells(cells, sums.second, problem.title)
    solution = _solution(problem, sums, design)
    if problem.descend is None and not problem.ridge:
        solution = refined(solution, block, problem.constant)
    left = residuals(solution, block, problem.constant)
    squares = left**2 if block.plain else left**2 * block.weights
    solution = replace(solution, cost=squares.sum(axis=0))
    carried = _passed(problem, _nothing(problem, len(sums.n)), left, block, sums.n)
    return finished(problem, solution, carried, design, sums.reference)


@np.errstate(over="ignore", invalid="ignore")
def partial_sums(problem: Problem, cells: Cells, part: slice) -> Floats:
    """Return the sums over some of the times, as rows of numbers."""
    design = design_for(problem, cells, part)
    block = prepared(_double(cells.values), cells.weights, design)
    sums = sums_of(block)
    _refuse_infinite_cells(cells, sums.second, problem.title)
    if problem.se != "ar1":
        return sums.packed()
    return np.concatenate([sums.packed(), lagged_of(block).packed()])


def merge(problem: Problem, a: Floats, b: Floats) -> Floats:
    """Return the sums over some of the times, and over later ones, together."""
    p, size = problem.variables, problem.sums
    one, two = (Sums.unpacked(rows[:size], p) for rows in (a, b))
    if problem.se != "ar1":
        return one.merged(two).packed()
    left, right = (Lagged.unpacked(rows[size:], p + 1) for rows in (a, b))
    sums, lagged = merged((one, left), (two, right))
    return np.concatenate([sums.packed(), lagged.packed()])


def solution_of(problem: Problem, rows: Floats) -> tuple[Solution, Design, Sums]:
    """Return the solution from the sums over all times."""
    sums = Sums.unpacked(rows[: problem.sums], problem.variables)
    design = problem.design
    if design is None:
        k, c = len(problem.names), rows.shape[1]
        design = cell_design(
            np.empty((0, k, c)), problem.names, constant=problem.constant
        )
    return _solution(problem, sums, design), design, sums


@np.errstate(over="ignore", invalid="ignore")
def passed_on(
    problem: Problem, rows: Floats, sums: Floats, cells: Cells, part: slice
) -> Floats:
    """Return what a pass over the residuals knows after some more of the times."""
    solution, _, whole = solution_of(problem, sums)
    design = design_for(problem, cells, part)
    block = prepared(_double(cells.values), cells.weights, design)
    # residuals about the references of the whole: the block has its own
    shift = whole.reference - block.reference
    block = replace(block, y=block.y - shift[-1], reference=whole.reference)
    if design.varies:
        block = replace(block, slopes=block.slopes - shift[:-1])
    left = residuals(solution, block, problem.constant)
    before = Carried.unpacked(rows, *_carries(problem))
    return _passed(problem, before, left, block, whole.n).packed()


def nothing_yet(problem: Problem, c: int) -> Floats:
    """Return what a pass over the residuals knows before it begins."""
    return _nothing(problem, c).packed()


def finish(problem: Problem, sums: Floats, carried: Floats) -> Floats:
    """Return the fit from the sums, and what the pass over the residuals found."""
    solution, design, whole = solution_of(problem, sums)
    known = Carried.unpacked(carried, *_carries(problem))
    if problem.se == "ar1":
        lagged = Lagged.unpacked(sums[problem.sums :], problem.variables + 1)
        total = lagged.of_residuals(solution.q, problem.constant)
        known = replace(known, total=total[np.newaxis, np.newaxis])
    return finished(problem, solution, known, design, whole.reference)


@np.errstate(over="ignore", invalid="ignore")
def finished(
    problem: Problem,
    solution: Solution,
    carried: Carried,
    design: Design,
    reference: Floats,
) -> Floats:
    """Return everything there is to know of a fit, as rows of numbers."""
    spread = _spread(problem, solution, carried)
    q, covariance = natural(solution, spread.covariance, design, reference)
    k, c = q.shape
    lower = np.tril_indices(k)
    out = np.empty((problem.rows, c))
    out[:k] = q
    out[k : -len(EXTRAS)] = covariance[lower]
    extras = (
        solution.n,
        spread.n_eff,
        spread.freedom,
        solution.cost,
        solution.total,
        solution.gradient,
        solution.iterations,
        solution.status,
    )
    for row, values in zip(out[-len(EXTRAS) :], extras, strict=True):
        row[:] = values
    lost = np.isin(solution.status, LOST) | ~np.isfinite(out[:k]).all(axis=0)
    lost |= ~np.isfinite(solution.total)  # squares too large, or too small, to be told
    out[: -len(EXTRAS), lost] = np.nan
    out[-len(EXTRAS) + 1 : -1, lost] = np.nan
    return out


def _solution(problem: Problem, sums: Sums, design: Design) -> Solution:
    solution = solved(sums, design, ridge=problem.ridge, min_valid=problem.min_valid)
    if problem.descend is None:
        return solution
    return problem.descend(sums, design, solution)


def _refuse_infinite_cells(cells: Cells, sums: Floats, title: str) -> None:
    """Refuse what is infinite; the sums give it away."""
    if np.isfinite(sums).all():
        return
    refuse_infinite(cells.values, title)
    if cells.columns is not None:
        refuse_infinite(cells.columns, "A predictor")


def refuse_infinite(values: NDArray[Any], title: str) -> None:
    """Refuse values that are infinite.

    Raises
    ------
    FieldError
    """
    count = int(np.isinf(values).sum())
    if count:
        raise FieldError(
            explain(
                f"{title} holds {count} infinite values",
                expected="finite numbers, NaN where one is missing",
                hint="field.where(numpy.isfinite(field)), which makes them missing",
            )
        )


def _double(values: NDArray[Any]) -> Floats:
    """Return a copy in double precision that may be used up."""
    return np.array(values, dtype=np.float64, order="C")


def _carries(problem: Problem) -> tuple[int, int]:
    """Return how many lags, of how many rows, a pass over the residuals carries."""
    return problem.most_lags, len(problem.names) if problem.se == "hac" else 1


def _nothing(problem: Problem, c: int) -> Carried:
    return Carried.none(*_carries(problem), c)


def _passed(
    problem: Problem, carried: Carried, left: Floats, block: Block, n: Floats
) -> Carried:
    if problem.se == "ar1":
        return replace(carried, total=neighbours(left, block)[np.newaxis, np.newaxis])
    if problem.se == "hac":
        count = lags_of(n, problem.lags)
        return scores(carried, left, block, problem.constant, count)
    return carried


def _spread(problem: Problem, solution: Solution, carried: Carried) -> Spread:
    if problem.se == "ar1":
        return autocorrelated(solution, carried.total[0, 0])
    if problem.se == "hac":
        return robust(solution, carried.total)
    return independent(solution)


def products_for(problem: Problem) -> Floats | None:
    """Return the products of common columns, once for all blocks."""
    return None if problem.design is None else products_of(problem.design.slopes)
