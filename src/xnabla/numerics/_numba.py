"""The same sum as the reference engine, compiled."""

from __future__ import annotations

import math
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
    centred = table.centres is not None
    centres = table.centres if table.centres is not None else table.starts
    _sum_rows(
        cube,
        np.ascontiguousarray(table.weights),
        table.starts % n,
        centres % n,
        centred,
        n,
        outer_scale,
        inner_scale,
        np.zeros(inner, dtype=np.result_type(values.dtype, np.float64)),
        out,
    )
    return out.reshape(*shape[:axis], table.size, *shape[axis + 1 :])


def can_apply(values: Array, axis: int, table: StencilTable, scale: Any) -> bool:
    """Tell whether this engine has the case."""
    if table.weights.ndim != 2 or values.size == 0:
        return False
    return scale is None or np.ndim(scale) == 0 or _varies_along_one(scale, axis)


def _varies_along_one(scale: Array, axis: int) -> bool:
    along = [i for i, size in enumerate(scale.shape) if size > 1]
    return len(along) <= 1 and axis % scale.ndim not in along


def _split_scale(
    scale: Array | None, shape: tuple[int, ...], axis: int
) -> tuple[Array, Array]:
    """Return the factor of each outer line and of each inner point."""
    outer = np.ones(math.prod(shape[:axis]))
    inner = np.ones(math.prod(shape[axis + 1 :]))
    if scale is None:
        return outer, inner
    if np.ndim(scale) == 0:
        return outer * scale, inner
    along = [i for i, size in enumerate(scale.shape) if size > 1]
    if along and along[0] > axis:
        tail = scale.reshape(scale.shape[axis + 1 :])
        return outer, _flat(tail, shape[axis + 1 :])
    head = scale.reshape(scale.shape[:axis])
    return _flat(head, shape[:axis]), inner


def _flat(scale: Array, shape: tuple[int, ...]) -> Array:
    flat: Array = np.ascontiguousarray(np.broadcast_to(scale, shape)).ravel()
    return flat.astype(np.float64)


# Rows of the last axis are short loops over k with the points innermost; for any other
# axis the points of a row lie side by side, so each weight is one pass over the row in
# a buffer that stays in cache.
@njit(nogil=True, cache=True, error_model="numpy")
def _sum_rows(  # noqa: C901, PLR0912 - one loop nest, which the compiler takes apart
    cube: Array,
    weights: Array,
    starts: Array,
    centres: Array,
    centred: bool,
    n: int,
    outer_scale: Array,
    inner_scale: Array,
    buffer: Array,
    out: Array,
) -> None:
    outer, rows, inner = out.shape
    width = weights.shape[1]
    zero = buffer[0]  # of double precision: what is added to it, is too
    for o in range(outer):
        for i in range(rows):
            c = centres[i]
            if inner == 1:
                own = cube[o, c, 0] + zero
                total = zero
                s = starts[i]
                for k in range(width):
                    w = weights[i, k]
                    if w != 0:
                        value = cube[o, s, 0] + zero
                        if centred:
                            value -= own
                        total += w * value
                    s += 1
                    if s == n:
                        s = 0
                if centred and own != own:  # noqa: PLR0124 - NaN, also complex
                    total = own
                out[o, i, 0] = total * outer_scale[o]
                continue
            for j in range(inner):
                buffer[j] = zero
            s = starts[i]
            for k in range(width):
                w = weights[i, k]
                if w != 0:
                    if centred:
                        for j in range(inner):
                            buffer[j] += w * (
                                (cube[o, s, j] + zero) - (cube[o, c, j] + zero)
                            )
                    else:
                        for j in range(inner):
                            buffer[j] += w * (cube[o, s, j] + zero)
                s += 1
                if s == n:
                    s = 0
            factor = outer_scale[o]
            for j in range(inner):
                total = buffer[j]
                if centred:
                    own = cube[o, c, j] + zero
                    if own != own:  # noqa: PLR0124
                        total = own
                out[o, i, j] = total * (factor * inner_scale[j])
