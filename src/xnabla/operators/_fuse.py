"""Whether a formula goes over the rows in one pass, and that pass."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import FunctionType
from typing import Any

import numpy as np

from xnabla.errors import XnablaError
from xnabla.grid import Grid
from xnabla.numerics import (
    Difference,
    Input,
    Outer,
    Program,
    UnfusableError,
    is_chunked,
    is_worth_compiling,
    program_of,
)
from xnabla.operators._calculus import Calculus, calculus_of, horizontal_pair
from xnabla.operators._fused import fused_calculus
from xnabla.operators._fused_lines import FusedLines
from xnabla.operators._kept import Kept
from xnabla.operators._map import Map
from xnabla.operators._mended import Mended
from xnabla.operators._plan import Plan
from xnabla.options import Options


def is_for_rows(arrays: Sequence[Any], options: Options) -> bool:
    """Tell whether arrays are to be gone over row by row, by the compiled kernel.

    Not small ones, of which the whole-array formula makes short work.
    """
    if options.engine == "numpy":
        return False
    kinds = {array.dtype for array in arrays}
    if np.result_type(*kinds) not in (np.float32, np.float64):
        return False
    if any(kind.kind != "f" for kind in kinds):
        return False
    size = int(np.prod(arrays[0].shape))
    return size > 0 and is_worth_compiling(size, options.engine)


def fused_results(
    calculus: Calculus,
    formula: Callable[..., Any],
    arrays: Sequence[Any],
    scales: Sequence[tuple[float, float]],
    factors: Sequence[float],
    along_grid: Sequence[Sequence[int]] = (),
    lines: Sequence[tuple[int, Plan]] = (),
) -> list[Any] | None:
    """Return the results of a formula from one pass over rows; ``None`` if none can.

    Parameters
    ----------
    calculus : Calculus
        The horizontal derivatives.
    formula : callable
        Takes a calculus and the inputs.
    arrays : sequence of array
        The inputs, y and x last.
    scales : sequence of pair of float
        What each input is multiplied with, and what is added then.
    factors : sequence of float
        What each result is multiplied with.
    along_grid : sequence of pair of int
        Which inputs are the parts of a wind along the grid.
    lines : sequence of pair of int and Plan
        Derivatives along outer axes, of which input and how; the formula takes them
        after the inputs.
    """
    dtype = np.result_type(*(array.dtype for array in arrays))
    is_lazy = any(is_chunked(array) for array in arrays)
    if lines and is_lazy:  # made before, lazily, with the bits of the pass
        arrays = [one.astype(dtype) for one in arrays]
        arrays += [plan(arrays[slot]) for slot, plan in lines]
    told = [(slot, *_told(plan)) for slot, plan in lines]
    key = _key_of(calculus, formula, scales, factors, along_grid, told, [is_lazy])

    def make() -> Program | Mended | None:
        try:
            inputs = _Inputs.of(scales, lines, is_lazy=is_lazy)
            return _program(calculus, formula, inputs, factors, along_grid)
        except UnfusableError:
            if lines:
                return None
            return _mended(calculus, formula, inputs, factors, along_grid, scales)

    if key is None:
        program = make()
    elif isinstance(calculus, Map):
        if key not in calculus.programs:
            calculus.programs[key] = make()
        program = calculus.programs[key]
    else:
        program = _programs.get(key, make)
    if program is None:
        return None
    if is_lazy:
        from xnabla.numerics import run_chunked

        return run_chunked(program, arrays, dtype)
    return program(arrays, dtype)


def fused_gradient(
    values: Any,
    grid: Grid,
    options: Options,
    edge_order: int | None,
    factors_of: Callable[[], Mapping[str, float]],
) -> dict[str, Any]:
    """Return both horizontal components, in one pass; nothing if there is none.

    Parameters
    ----------
    values : array
        The field, its dimensions those of the grid.
    grid : Grid
    options : Options
    edge_order : int, optional
    factors_of : callable
        Returns what each component is multiplied with, by dimension.
    """
    if grid.surface is not None or not is_for_rows([values], options):
        return {}
    try:
        y, x = horizontal_pair(grid)
    except XnablaError:
        return {}
    factors = factors_of()
    if not {y, x} <= set(factors):
        return {}
    axes = [grid.dims.index(y), grid.dims.index(x)]
    ordered = np.moveaxis(values, axes, (-2, -1))
    made = fused_results(
        calculus_of(grid, options, edge_order),
        _slopes,
        [ordered],
        [(1.0, 0.0)],
        [factors[x], factors[y]],
    )
    if made is None:
        return {}
    back = [np.moveaxis(part, (-2, -1), axes) for part in made]
    return {x: back[0], y: back[1]}


def _slopes(d: Any, f: Any) -> tuple[Any, Any]:
    east, north = d.slopes(f)
    return east, north


_programs = Kept(most=32)


def _key_of(calculus: Calculus, formula: Any, *others: Any) -> Any:
    """Return what a program depends on; ``None`` if that cannot be told.

    A formula that sees nothing but its arguments, and plain numbers and words, is what
    its code says with these.
    """
    seen = _seen(formula)
    if seen is None:
        return None
    return calculus, seen, *(tuple(map(_frozen, one)) for one in others)


def _seen(value: Any) -> Any:
    """Return what a function does, or a plain value is; ``None`` if one cannot tell."""
    if isinstance(value, str | float | int):
        return type(value), value
    if not isinstance(value, FunctionType) or value.__defaults__:
        return None
    cells = [_seen(cell.cell_contents) for cell in value.__closure__ or ()]
    return None if None in cells else (value.__code__, *cells)


def _told(plan: Plan) -> tuple[Any, ...]:
    """Return what a derivative along an outer axis depends on.

    By its numbers: plans of maps are made anew in each call.
    """
    table = plan.table
    numbers = table.weights.tobytes(), table.starts.tobytes(), table.period
    return plan.position, *numbers, bool(table.narrower)


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list | tuple) else value


@dataclass(frozen=True, slots=True)
class _Inputs:
    """What a formula gets: fields, and their derivatives along outer axes.

    Attributes
    ----------
    symbols : list of Symbol
    n : int
        How many arrays there are.
    outer : list of Outer
        Derivatives that the pass makes itself.
    """

    symbols: list[Any]
    n: int
    outer: list[Outer]

    @classmethod
    def of(
        cls,
        scales: Sequence[tuple[float, float]],
        lines: Sequence[tuple[int, Plan]],
        *,
        is_lazy: bool,
    ) -> _Inputs:
        n = len(scales)
        symbols: list[Any] = [Input(slot, *scale) for slot, scale in enumerate(scales)]
        outer = [Outer(slot, plan.table, plan.position) for slot, plan in lines]
        first = n
        for number, one in enumerate(outer):
            factor = scales[one.slot][0]
            if is_lazy:
                symbols.append(Input(n + number, factor))
            else:
                symbols.append(Difference(one.slot, number, first, one.width, factor))
            first += one.width
        return cls(symbols, n + len(lines), []) if is_lazy else cls(symbols, n, outer)


def _mended(
    calculus: Calculus,
    formula: Callable[..., Any],
    given: _Inputs,
    factors: Sequence[float],
    along_grid: Sequence[Sequence[int]],
    scales: Sequence[tuple[float, float]],
) -> Mended | None:
    """Return a pass, and the formula for the points beside gaps; ``None`` if none."""
    if not isinstance(calculus, Map) or calculus.options.missing != "shrink":
        return None
    try:
        program = _program(calculus.unshrunk, formula, given, factors, along_grid)
    except UnfusableError:
        return None
    return Mended(program, calculus, formula, scales, factors, along_grid)


def _program(
    calculus: Calculus,
    formula: Callable[..., Any],
    given: _Inputs,
    factors: Sequence[float],
    along_grid: Sequence[Sequence[int]],
) -> Program:
    fused = fused_calculus(calculus)
    inputs = list(given.symbols)
    for one, other in along_grid:
        inputs[one], inputs[other] = fused.from_grid(inputs[one], inputs[other])
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        made = formula(fused, *inputs)
    results = made if isinstance(made, tuple) else (made,)
    places = fused.places if isinstance(fused, FusedLines) else ()
    return program_of(results, given.n, fused.shape, factors, given.outer, places)
