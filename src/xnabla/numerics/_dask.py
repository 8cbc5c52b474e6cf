"""Chunks: each block gets its rows of the table and the points they read."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from xnabla.numerics._table import StencilTable

Apply = Callable[[Any, int, StencilTable, Any], Any]


def apply_chunked(
    values: Any, axis: int, table: StencilTable, scale: Any, apply: Apply
) -> Any:
    """Apply a table to a dask array without computing anything.

    Works for any chunks, one point long included: a block takes the slice of the input
    its rows read, wherever that lies, and no more.
    """
    import dask.array as da

    axis %= values.ndim
    bounds = _row_bounds(values.chunks[axis], table)
    scaling = None if scale is None else _chunked_like(scale, values)
    blocks = []
    for start, stop in pairwise(bounds):
        rows = table.rows(start, stop)
        first, last = rows.reach()
        read = _read(values, axis, first, last, table.period).rechunk({axis: -1})
        chunks = list(read.chunks)
        chunks[axis] = (stop - start,)
        inputs = [read] if scaling is None else [read, scaling]
        blocks.append(
            da.map_blocks(
                _apply_block,
                *inputs,
                axis=axis,
                table=rows.shifted(first),
                apply=apply,
                dtype=values.dtype,
                chunks=tuple(chunks),
                meta=np.empty((0,) * values.ndim, dtype=values.dtype),
            )
        )
    return da.concatenate(blocks, axis=axis)


def _apply_block(
    block: Any, scale: Any = None, *, axis: int, table: StencilTable, apply: Apply
) -> Any:
    return apply(block, axis, table, scale)


def _row_bounds(chunks: tuple[int, ...], table: StencilTable) -> list[int]:
    """Return where the output's chunks begin: as the input's, if both are as long."""
    bounds = [0, *np.cumsum(chunks).tolist()]
    if bounds[-1] != table.size:
        return [0, table.size]
    return [b for i, b in enumerate(bounds) if i == 0 or b > bounds[i - 1]]


def _read(values: Any, axis: int, first: int, last: int, period: int | None) -> Any:
    """Return the input points first..last-1, around the circle if there is one."""
    import dask.array as da

    def part(start: int, stop: int) -> Any:
        return values[(slice(None),) * axis + (slice(start, stop),)]

    if period is None:
        return part(first, last)
    pieces = []
    at = first
    while at < last:
        inside = at % period
        length = min(last - at, period - inside)
        pieces.append(part(inside, inside + length))
        at += length
    return da.concatenate(pieces, axis=axis)


def _chunked_like(scale: Any, values: Any) -> Any:
    """Return the factor as a dask array in the chunks of the values it multiplies."""
    import dask.array as da

    scale = np.asarray(scale)
    scale = scale.reshape((1,) * (values.ndim - scale.ndim) + scale.shape)
    chunks = tuple(
        (1,) if size == 1 else values.chunks[i] for i, size in enumerate(scale.shape)
    )
    return da.from_array(scale, chunks=chunks)
