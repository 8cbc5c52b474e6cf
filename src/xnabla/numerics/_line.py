"""One stencil along one axis of an array of any shape, by the compiled rows."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from xnabla.numerics._memory import is_chunked
from xnabla.numerics._program import Program
from xnabla.numerics._symbols import Along, Down, Linear, UnfusableError
from xnabla.numerics._table import StencilTable
from xnabla.numerics._tables import Shape, rows_of
from xnabla.numerics._writer import program_of


def apply(values: Any, axis: int, table: StencilTable, scale: Any) -> Any:
    """Apply a table along one axis; ``None`` where these rows have no place for it.

    They have one for derivatives of real numbers, with the same weights on every line
    but for a factor along one axis: along the one before for the last axis, none for
    the rest.
    """
    if values.dtype not in (np.float32, np.float64) or 0 in values.shape:
        return None
    axis %= values.ndim
    if not all(_is_whole(one, values.shape[axis]) for one in _all(table)):
        return None
    try:
        program = _program(values.shape, axis, table, scale)
    except UnfusableError:
        return None
    if is_chunked(values):
        return _on_chunks(program, values, axis)
    shape = values.shape
    rows, columns = program.shape.rows, program.shape.columns
    (made,) = program([values.reshape(-1, rows, columns)], values.dtype)
    return made.reshape(shape)


def _all(table: StencilTable) -> tuple[StencilTable, ...]:
    """Return a scheme, and those it falls back to beside gaps."""
    return table, *table.narrower


def _is_whole(table: StencilTable, size: int) -> bool:
    """Tell whether a table makes a result at each point, and at no others."""
    centres = table.centres
    if table.weights.ndim != 2 or table.size != size:
        return False
    if centres is None or len(centres) != size:
        return False
    n = size if table.period is None else table.period
    return bool((centres % n == np.arange(size) % n).all())


def _program(
    shape: tuple[int, ...], axis: int, table: StencilTable, scale: Any
) -> Program:
    inner = math.prod(shape[axis + 1 :])
    factor = np.ones(1)
    if scale is not None:
        factor = np.asarray(scale, dtype=np.float64)
        full = (1,) * (len(shape) - factor.ndim) + factor.shape
        is_before = axis == len(shape) - 1 > 0 and factor.size == full[-2]
        if factor.size > 1 and not is_before:
            raise UnfusableError("a factor along another axis")
        factor = factor.reshape(-1)
    is_along = axis == len(shape) - 1  # the row itself
    grid = Shape(factor.size, table.size) if is_along else Shape(table.size, inner)

    def sums(one: StencilTable) -> Linear:
        part: Down | Along = Along(one, factor)
        return Linear(((0, part if is_along else rows_of(one).times(factor)),))

    first, *narrower = map(sums, _all(table))
    whole = replace(first, narrower=tuple(narrower))
    return program_of([whole], 1, grid, [1.0])


def _on_chunks(program: Program, values: Any, axis: int) -> Any:
    """Return the sums of a dask array: the axis becomes rows, or lies along them."""
    from xnabla.numerics._program_dask import run_chunked

    last = values.ndim - 1
    if axis == last:
        if program.shape.rows > 1:
            return run_chunked(program, [values], values.dtype)[0]
        lines = values[..., np.newaxis, :]
        return run_chunked(program, [lines], values.dtype)[0][..., 0, :]
    columns = replace(program, shape=replace(program.shape, columns=values.shape[-1]))
    lines = np.moveaxis(values, axis, -2)
    (made,) = run_chunked(columns, [lines], values.dtype)
    return np.moveaxis(made, -2, axis)
