"""A program on chunks: each block of the results gets the inputs it is made from."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Protocol

import numpy as np


class Runs(Protocol):
    """What makes results of windows of its inputs, as a program does."""

    @property
    def n_outputs(self) -> int:
        """How many results there are."""
        ...

    def __call__(self, arrays: Sequence[Any], dtype: Any) -> list[Any]:
        """Return the results for fields whose last two axes are y and x."""
        ...

    def whole_rows(self) -> Any:
        """Tell which rows of the results need whole rows of the inputs."""
        ...

    def reach(self, start: int, stop: int) -> tuple[int, int]:
        """Return the first and one past the last row that some rows are made from."""
        ...

    def part(self, rows: range, columns: range) -> tuple[Runs, range, list[range]]:
        """Return what makes some results, and the inputs it wants."""
        ...


def run_chunked(program: Runs, arrays: Sequence[Any], dtype: Any) -> list[Any]:
    """Return the results of a program for dask arrays, of which none is computed.

    Works for any chunks, a point each included. Rows that need whole rows, as those
    beside a pole do, are made in one block each; all others from a window a stencil
    wider than themselves. The bits are those of the program on plain arrays.

    Parameters
    ----------
    program : Program
    arrays : sequence of array (..., rows, columns)
        Dask arrays or plain ones, all of one shape.
    dtype : dtype
        Of the results.
    """
    import dask.array as da

    model = next(array for array in arrays if hasattr(array, "chunks"))
    fields = [
        array.rechunk(model.chunks)
        if hasattr(array, "chunks")
        else da.from_array(np.asarray(array), chunks=model.chunks)
        for array in arrays
    ]
    *_, rows, columns = model.chunks
    bands = [
        _band(program, fields, band, columns, is_whole, dtype)
        for band, is_whole in _bands(rows, program.whole_rows())
    ]
    made = []
    for number in range(program.n_outputs):
        whole = da.concatenate([band[number] for band in bands], axis=-2)
        made.append(whole.rechunk({whole.ndim - 2: rows}))
    return made


def _bands(chunks: Sequence[int], whole: Any) -> list[tuple[range, bool]]:
    """Return runs of rows, none longer than a chunk, that are of one kind."""
    bounds = {0, *np.cumsum(chunks).tolist()}
    bounds |= set((np.flatnonzero(np.diff(whole)) + 1).tolist())
    return [(range(a, b), bool(whole[a])) for a, b in pairwise(sorted(bounds)) if b > a]


def _band(
    program: Runs,
    fields: list[Any],
    rows: range,
    chunks: Sequence[int],
    is_whole: bool,
    dtype: Any,
) -> list[Any]:
    """Return the results in some rows."""
    import dask.array as da

    total = int(sum(chunks))
    bounds = [0, total] if is_whole else [0, *np.cumsum(chunks).tolist()]
    # cut once: to cut a block out of all chunks takes longer, the more there are
    low, high = program.reach(rows.start, rows.stop)
    strips = [field[..., low:high, :] for field in fields]
    parts = [
        _block(program, strips, rows, range(a, b), dtype)
        for a, b in pairwise(bounds)
        if b > a
    ]
    last = parts[0].ndim - 1
    stacked = da.concatenate(parts, axis=last).rechunk({last: tuple(chunks)})
    return [stacked[number] for number in range(program.n_outputs)]


def _block(
    program: Runs, strips: list[Any], rows: range, columns: range, dtype: Any
) -> Any:
    """Return the results in one block, one behind the other along a new first axis."""
    import dask.array as da

    part, _, runs = program.part(rows, columns)
    inputs = []
    for strip in strips:
        pieces = [strip[..., run.start : run.stop] for run in runs]
        window = da.concatenate(pieces, axis=-1) if len(pieces) > 1 else pieces[0]
        inputs.append(window.rechunk({window.ndim - 2: -1, window.ndim - 1: -1}))
    outer = inputs[0].chunks[:-2]
    return da.map_blocks(
        _run_block,
        *inputs,
        program=part,
        dtype=dtype,
        new_axis=0,
        chunks=((program.n_outputs,), *outer, (len(rows),), (len(columns),)),
        meta=np.empty((0,) * (inputs[0].ndim + 1), dtype=dtype),
        kind=np.dtype(dtype),
    )


def _run_block(*blocks: Any, program: Runs, kind: Any) -> Any:
    return np.stack(program([np.asarray(block) for block in blocks], kind))
