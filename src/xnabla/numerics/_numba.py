"""The same sum as the reference engine, compiled."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from xnabla.numerics._table import StencilTable

Array = NDArray[Any]


def apply(values: Array, axis: int, table: StencilTable, scale: Array | None) -> Array:
    """Apply a table along one axis; bit for bit what the reference engine gives.

    Takes tables whose weights are the same on every line, and factors that vary along
    one other axis only: ``can_apply`` tells.
    """
    axis %= values.ndim
    shape = values.shape
    outer = math.prod(shape[:axis])
    inner = math.prod(shape[axis + 1 :])
    n = shape[axis] if table.period is None else table.period
    cube = np.ascontiguousarray(values).reshape(outer, shape[axis], inner)
    out = np.empty((outer, table.size, inner), dtype=values.dtype)
    outer_scale, inner_scale = _split_scale(scale, shape, axis)
    is_derivative = table.centres is not None
    centres = (table.starts if table.centres is None else table.centres) % n
    double = np.result_type(values.dtype, np.float64)
    if inner == 1:
        first, last, reads = _even_run(table, n)
        _sum_lines(
            cube[:, :, 0],
            np.ascontiguousarray(table.weights.T),
            table.starts % n,
            centres,
            is_derivative,
            n,
            first,
            last,
            reads,
            outer_scale * inner_scale[0],
            np.zeros(table.size, dtype=double),
            out[:, :, 0],
        )
    else:
        _sum_rows(
            cube,
            table.weights,
            table.starts % n,
            centres,
            is_derivative,
            n,
            outer_scale,
            inner_scale,
            np.zeros(inner, dtype=double),
            out,
        )
    return out.reshape(*shape[:axis], table.size, *shape[axis + 1 :])


def can_apply(values: Array, axis: int, table: StencilTable, scale: Any) -> bool:
    """Tell whether this engine has the case."""
    if table.weights.ndim != 2 or values.size == 0 or values.dtype == np.float16:
        return False
    along = [] if scale is None else _varying(scale, values.ndim)
    return len(along) <= 1 and axis % values.ndim not in along


def _varying(scale: Array, ndim: int) -> list[int]:
    """Return the axes, of an array that a factor multiplies, along which it varies."""
    missing = ndim - np.ndim(scale)
    return [missing + i for i, size in enumerate(np.shape(scale)) if size > 1]


def _split_scale(
    scale: Array | None, shape: tuple[int, ...], axis: int
) -> tuple[Array, Array]:
    """Return the factor of each outer line and of each inner point."""
    outer = np.ones(math.prod(shape[:axis]))
    inner = np.ones(math.prod(shape[axis + 1 :]))
    if scale is None:
        return outer, inner
    scale = np.reshape(scale, (1,) * (len(shape) - np.ndim(scale)) + np.shape(scale))
    along = _varying(scale, len(shape))
    if along and along[0] > axis:
        tail = scale.reshape(scale.shape[axis + 1 :])
        return outer, _flat(tail, shape[axis + 1 :])
    head = scale.reshape(scale.shape[:axis])
    return _flat(head, shape[:axis]), inner


def _flat(scale: Array, shape: tuple[int, ...]) -> Array:
    flat: Array = np.ascontiguousarray(np.broadcast_to(scale, shape)).ravel()
    return flat.astype(np.float64)


def _even_run(table: StencilTable, n: int) -> tuple[int, int, Array]:
    """Return the rows whose windows march along, and which of their columns count.

    Those rows, nearly all, need no test for a zero weight and no wrap, so a compiler
    can take several at once.
    """
    rows = np.arange(table.size)
    shift = int(np.median(table.starts - rows)) if table.size else 0
    marching = (
        (table.starts - rows == shift)
        & (table.starts >= 0)
        & (table.starts + table.width <= n)
        & (True if table.centres is None else table.centres == rows)
    )
    inside = np.flatnonzero(marching)
    if inside.size == 0:
        return 0, 0, np.zeros(table.width, dtype=np.bool_)
    first, last = int(inside[0]), int(inside[-1]) + 1
    zero = table.weights[first:last] == 0
    if not marching[first:last].all() or np.any(zero.any(axis=0) & ~zero.all(axis=0)):
        return 0, 0, np.zeros(table.width, dtype=np.bool_)
    return first, last, ~zero.all(axis=0)


def _compiled(function: Callable[..., None]) -> Any:
    """Compile, and keep the result on disk where there is a place to."""
    try:
        return njit(nogil=True, cache=True, error_model="numpy")(function)
    except RuntimeError:  # no folder that can be written to: compile each time
        return njit(nogil=True, error_model="numpy")(function)


# Along any axis but the last the points of a row lie side by side, so each weight is
# one pass over the row, in a buffer that stays in cache.
@_compiled
def _sum_rows(
    cube: Array,
    weights: Array,
    starts: Array,
    centres: Array,
    is_derivative: bool,
    n: int,
    outer_scale: Array,
    inner_scale: Array,
    buffer: Array,
    out: Array,
) -> None:
    outer, rows, inner = out.shape
    zero = buffer[0]  # of double precision: what is added to it, is too
    for o in range(outer):
        for i in range(rows):
            c = centres[i]
            buffer[:] = zero
            s = starts[i]
            for k in range(weights.shape[1]):
                w = weights[i, k]
                if w != 0 and is_derivative:
                    for j in range(inner):
                        buffer[j] += w * (
                            (cube[o, s, j] + zero) - (cube[o, c, j] + zero)
                        )
                elif w != 0:
                    for j in range(inner):
                        buffer[j] += w * (cube[o, s, j] + zero)
                s = s + 1 if s + 1 < n else 0
            factor = outer_scale[o]
            for j in range(inner):
                total = buffer[j]
                own = cube[o, c, j] + zero
                if is_derivative and own != own:  # noqa: PLR0124 - NaN, complex too
                    total = own
                out[o, i, j] = total * (factor * inner_scale[j])


# Along the last axis the windows of neighbouring rows overlap: where they march along,
# each weight is one pass over the line; the few other rows are summed one by one.
@_compiled
def _sum_lines(  # noqa: C901, PLR0912
    lines: Array,
    weights: Array,
    starts: Array,
    centres: Array,
    is_derivative: bool,
    n: int,
    first: int,
    last: int,
    reads: Array,
    scale: Array,
    buffer: Array,
    out: Array,
) -> None:
    width = weights.shape[0]
    zero = buffer[0]
    count = last - first
    for o in range(lines.shape[0]):
        factor = scale[o]
        # slices begin at 0: the compiler need not care for negative indices
        own_values, run = lines[o, first:last], out[o, first:last]
        buffer[:] = zero
        for k in range(width):
            if not reads[k]:
                continue
            start = starts[first] + k
            read, weight = lines[o, start : start + count], weights[k, first:last]
            if is_derivative:
                for i in range(count):
                    buffer[i] += weight[i] * ((read[i] + zero) - (own_values[i] + zero))
            else:
                for i in range(count):
                    buffer[i] += weight[i] * (read[i] + zero)
        for i in range(count):
            total = buffer[i]
            own = own_values[i] + zero
            if is_derivative and own != own:  # noqa: PLR0124
                total = own
            run[i] = total * factor
        for i in range(out.shape[1]):
            if first <= i < last:
                continue
            own = lines[o, centres[i]] + zero
            total = zero
            s = starts[i]
            for k in range(width):
                w = weights[k, i]
                if w != 0:
                    value = lines[o, s] + zero
                    if is_derivative:
                        value -= own
                    total += w * value
                s = s + 1 if s + 1 < n else 0
            if is_derivative and own != own:  # noqa: PLR0124
                total = own
            out[o, i] = total * factor
