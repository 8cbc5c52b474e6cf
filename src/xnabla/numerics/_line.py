"""One stencil along one axis of an array of any shape, by the compiled rows."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xnabla.numerics._program import Shape, program_of, rows_of
from xnabla.numerics._symbols import Along, Down, Linear, UnfusableError
from xnabla.numerics._table import StencilTable

Array = NDArray[Any]


def apply(values: Array, axis: int, table: StencilTable, scale: Any) -> Array | None:
    """Apply a table along one axis; ``None`` where these rows have no place for it.

    They have one for derivatives of real numbers, with the same weights on every line
    but for a factor along one axis: along any other for the last axis, none for the
    rest.
    """
    if values.dtype not in (np.float32, np.float64) or values.size == 0:
        return None
    if table.weights.ndim != 2 or table.centres is None:
        return None
    try:
        return _applied(values, axis % values.ndim, table, scale)
    except UnfusableError:
        return None


def _applied(values: Array, axis: int, table: StencilTable, scale: Any) -> Array | None:
    shape = values.shape
    inner = math.prod(shape[axis + 1 :])
    factor: Any = np.ones(1)
    part: Down | Along
    if inner == 1:  # along the row itself
        along = _along_last_but_one(scale, values.ndim)
        if along is None:
            return None
        factor = along
        rows = shape[axis - 1] if factor.size > 1 else 1
        lines = values.reshape(-1, rows, shape[axis])
        part = Along(table, factor)
        grid = Shape(rows, table.size)
    else:
        if scale is not None and np.size(scale) > 1:
            return None
        if scale is not None:
            factor = np.reshape(np.asarray(scale, dtype=np.float64), 1)
        lines = values.reshape(-1, shape[axis], inner)
        part = rows_of(table).times(factor)
        grid = Shape(table.size, inner)
    program = program_of([Linear(((0, part),))], 1, grid, [1.0])
    (made,) = program([lines], values.dtype)
    return made.reshape(*shape[:axis], table.size, *shape[axis + 1 :])


def _along_last_but_one(scale: Any, ndim: int) -> Any:
    """Return a factor that varies along the last axis but one; ``None`` if another."""
    if scale is None:
        return np.ones(1)
    scale = np.asarray(scale, dtype=np.float64)
    if scale.size == 1:
        return scale.reshape(1)
    full = (1,) * (ndim - scale.ndim) + scale.shape
    if ndim < 2 or scale.size != full[-2]:
        return None
    return scale.reshape(-1)
