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
    the rest. Not for those that shrink beside gaps.
    """
    if values.dtype not in (np.float32, np.float64) or 0 in values.shape:
        return None
    if table.weights.ndim != 2 or table.centres is None or table.narrower:
        return None
    axis %= values.ndim
    if not _is_whole(table, values.shape[axis]):
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


def _is_whole(table: StencilTable, size: int) -> bool:
    """Tell whether a table makes a result at each point, and at no others."""
    centres = table.centres
    if centres is None or table.size != size or len(centres) != size:
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
    part: Down | Along
    if axis == len(shape) - 1:  # along the row itself
        part, grid = Along(table, factor), Shape(factor.size, table.size)
    else:
        part, grid = rows_of(table).times(factor), Shape(table.size, inner)
    return program_of([Linear(((0, part),))], 1, grid, [1.0])


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
