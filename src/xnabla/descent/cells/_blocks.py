"""The cells of a field in blocks, or in chunks of dask: who computes what, and when."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise, product
from typing import Any
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from xnabla.descent.cells._field import Field
from xnabla.descent.cells._linear import (
    Cells,
    Problem,
    finish,
    fit_block,
    merge,
    nothing_yet,
    partial_sums,
    passed_on,
    products_for,
)
from xnabla.errors import OptionError, explain
from xnabla.numerics import is_chunked

Array = NDArray[Any]
Index = tuple[slice, ...]

# Numbers that a block holds at once, in double precision: 4 MB, what caches hold.
# Linear fits of 480 times took 9.3, 7.6, 7.6 µs a cell in blocks of 512, 1024, 2048.
NUMBERS = 2**19
# Models do with half of it: of 480 times they took 218, 207, 240 µs a cell in blocks of
# 256, 512, 4096. They want no less: of 45 times 71, 42, 37 µs in blocks of 512, 2048,
# 4096, for the last cell to arrive keeps the others waiting.
MODEL_NUMBERS = 2**18


def cell_blocks(
    cells: tuple[int, ...], n: int, numbers: int = NUMBERS
) -> Iterator[Index]:
    """Yield indices that together take every cell once, along whole last dimensions.

    Parameters
    ----------
    cells : tuple of int
        Lengths of the dimensions of the cells.
    n : int
        Number of times.
    numbers : int
        How many numbers a block may hold.

    Examples
    --------
    >>> len(list(cell_blocks((100, 64), 2**13)))
    100
    """
    most = max(numbers // max(n, 1), 64)
    yield from _split(cells, most)


def _split(cells: tuple[int, ...], most: int) -> Iterator[Index]:
    if not cells:
        yield ()
        return
    inner = math.prod(cells[1:])
    if inner <= most:
        step = max(most // max(inner, 1), 1)
        for start in range(0, cells[0], step):
            whole = tuple(slice(0, size) for size in cells[1:])
            yield (slice(start, min(start + step, cells[0])), *whole)
        return
    for start in range(cells[0]):
        for rest in _split(cells[1:], most):
            yield (slice(start, start + 1), *rest)


def flat(values: Array | None) -> Array | None:
    """Return values (n, *cells) as (n, c)."""
    if values is None:
        return None
    array = np.asarray(values)
    return array.reshape(len(array), math.prod(array.shape[1:]))


def over_blocks(
    rows: int,
    values: Array,
    others: tuple[Array | None, ...],
    make: Callable[..., Array],
    numbers: int = NUMBERS,
) -> Array:
    """Return rows (rows, *cells) of what is made of every block of cells.

    Parameters
    ----------
    rows : int
    values : array (n, *cells)
    others : tuple of array (n, *cells) or None
    make : callable
        From arrays (n, c), ``None`` among them, to an array (rows, c).
    numbers : int
        How many numbers a block may hold.
    """
    cells = values.shape[1:]
    out = np.empty((rows, *cells))
    for index in cell_blocks(cells, len(values), numbers):
        part = [None if one is None else one[(slice(None), *index)] for one in others]
        made = make(flat(values[(slice(None), *index)]), *map(flat, part))
        out[(slice(None), *index)] = made.reshape(out[(slice(None), *index)].shape)
    return out


def map_cells(
    rows: int,
    field: Field,
    others: tuple[Any, ...],
    make: Callable[..., Array],
) -> Any:
    """Return rows of what is made of cells that need all their times at once.

    Parameters
    ----------
    rows : int
    field : Field
    others : tuple of array (m, *cells) or None
    make : callable
        From arrays (n, c), ``None`` among them, to an array (rows, c).

    Raises
    ------
    OptionError
        If the chunks of dask lie along the fitted dimension.
    """
    given = [one is not None for one in others]
    arrays = [one for one in others if one is not None]
    if not any(is_chunked(one) for one in (field.values, *arrays)):
        whole = np.asarray(field.values)
        return over_blocks(rows, whole, others, make, MODEL_NUMBERS)
    import dask.array as da

    dask: Any = da
    lead = dask.asarray(field.values)
    _check_whole(lead, field)
    arrays = [dask.asarray(one).rechunk((-1, *lead.chunks[1:])) for one in arrays]

    def filled(*blocks: Array) -> Array:
        values, *rest = blocks
        return make(values, *(rest.pop(0) if there else None for there in given))

    return dask.map_blocks(
        _over_cells,
        lead,
        *arrays,
        function=filled,
        rows=rows,
        numbers=MODEL_NUMBERS,
        dtype=np.float64,
        chunks=((rows,), *lead.chunks[1:]),
        meta=np.empty((0,) * lead.ndim),
    )


def _check_whole(lead: Any, field: Field) -> None:
    """Refuse chunks along the fitted dimension, and say what to type."""
    if len(lead.chunks[0]) <= 1:
        return
    n, cells = len(lead), field.like.dims
    # of about 100 MB in double precision, split over the first two dimensions
    side = max(int((100e6 / 8 / n) ** (1.0 / max(len(cells), 1))), 1)
    parts = [f"'{field.dim}': -1"]
    parts += [
        f"'{dim}': {min(side, size)}"
        for dim, size in zip(cells, lead.shape[1:], strict=True)
    ]
    raise OptionError(
        explain(
            f"This fit needs all points along {field.dim!r} of a cell at once",
            expected="one chunk along it",
            got=f"{len(lead.chunks[0])} chunks",
            hint=f"field.chunk({{{', '.join(parts)}}})",
        )
    )


def fit_cells(
    problem: Problem,
    values: Any,
    weights: Any = None,
    columns: tuple[Any, ...] = (),
) -> Any:
    """Return the fit of every cell as rows (rows, *cells), lazy if the values are.

    Parameters
    ----------
    problem : Problem
    values : array (n, *cells)
        Of numpy or dask.
    weights : array (n,) or (n, *cells), optional
    columns : tuple of array (n, *cells)
        Columns that differ between cells, without the constant.
    """
    fields = [one for one in (weights, *columns) if one is not None]
    if any(is_chunked(one) for one in (values, *fields)):
        return _lazy(problem, values, weights, columns)
    common = weights if weights is not None and weights.ndim == 1 else None
    own = weights if weights is not None and weights.ndim > 1 else None
    products = products_for(problem)

    def make(block: Array, block_weights: Array | None, *block_columns: Array) -> Array:
        cells = _cells(problem, block, block_weights, block_columns, common)
        return fit_block(problem, cells, products)

    return over_blocks(problem.rows, values, (own, *columns), make)


def _cells(
    problem: Problem,
    values: Array,
    own: Array | None,
    columns: tuple[Array, ...],
    common: Array | None,
) -> Cells:
    weights = own
    if common is not None:
        weights = common[:, np.newaxis]
    if weights is not None:
        weights = np.asarray(weights, dtype=np.float64)
    if not columns:
        return Cells(values, weights)
    parts = [np.asarray(column, dtype=np.float64) for column in columns]
    if problem.constant:
        parts.insert(0, np.ones_like(parts[0]))
    return Cells(values, weights, np.stack(parts, axis=1))


# --- dask ---------------------------------------------------------------------------


def _lazy(problem: Problem, values: Any, weights: Any, columns: tuple[Any, ...]) -> Any:
    """Return the fit as a graph of tasks: nothing is computed."""
    import dask.array as da

    common = None
    if weights is not None and weights.ndim == 1:
        common, weights = np.asarray(weights), None
    fields = [values, *(one for one in (weights, *columns) if one is not None)]
    shape = np.broadcast_shapes(*(one.shape for one in fields))
    dask: Any = da  # untyped in part
    arrays = [dask.broadcast_to(dask.asarray(one), shape) for one in fields]
    lead = next((a for a, one in zip(arrays, fields, strict=True) if is_chunked(one)))
    arrays = [one.rechunk(lead.chunks) for one in arrays]
    has_weights = weights is not None
    starts = np.cumsum([0, *lead.chunks[0]])
    parts = [slice(int(a), int(b)) for a, b in pairwise(starts)]

    def cells(part: slice, blocks: tuple[Array, ...]) -> Cells:
        block, *rest = blocks
        own = rest.pop(0) if has_weights else None
        own_common = None if common is None else common[part]
        return _cells(problem, block, own, tuple(rest), own_common)

    def mapped(function: Callable[..., Array], rows: int, *inputs: Any) -> Any:
        return _tasks(partial(_over_cells, function=function, rows=rows), rows, inputs)

    if len(parts) == 1:
        products = products_for(problem)
        return mapped(
            lambda *blocks: fit_block(problem, cells(parts[0], blocks), products),
            problem.rows,
            *arrays,
        )
    chunks = [[one[part] for one in arrays] for part in parts]
    size = problem.partial_rows
    sums = [
        mapped(_summed(problem, cells, part), size, *own)
        for part, own in zip(parts, chunks, strict=True)
    ]
    while len(sums) > 1:  # a tree: as deep as the logarithm of the number of chunks
        pairs = zip(sums[::2], sums[1::2], strict=False)
        merged = [mapped(_merged(problem), size, *pair) for pair in pairs]
        sums = merged + sums[2 * len(merged) :]
    carried = mapped(lambda s: nothing_yet(problem, s.shape[1]), _carry(problem), *sums)
    if problem.se == "hac":
        # a second pass over the residuals, in the order of time
        for part, own in zip(parts, chunks, strict=True):
            step = _pass(problem, cells, part)
            carried = mapped(step, _carry(problem), carried, *sums, *own)
    return mapped(lambda s, c: finish(problem, s, c), problem.rows, *sums, carried)


def _tasks(function: Callable[..., Array], rows: int, inputs: tuple[Any, ...]) -> Any:
    """Return rows of what a function makes of the chunks of each column of cells.

    One task for each column, written out: dask would fuse a tree of blockwise layers
    into one task, which asks for all chunks along time at once.
    """
    import dask.array as da
    from dask.highlevelgraph import HighLevelGraph

    name = f"{getattr(function, 'func', function).__name__.strip('_')}-{uuid4().hex}"
    cells = inputs[0].chunks[1:]
    graph: dict[Any, Any] = {
        (name, 0, *index): (function, *((one.name, 0, *index) for one in inputs))
        for index in product(*(range(len(sizes)) for sizes in cells))
    }
    layers = HighLevelGraph.from_collections(name, graph, dependencies=inputs)
    meta = np.empty((0,) * (1 + len(cells)))
    array: Any = da.Array
    return array(layers, name, ((rows,), *cells), dtype=np.float64, meta=meta)


def _carry(problem: Problem) -> int:
    return len(nothing_yet(problem, 1))


def _summed(
    problem: Problem, cells: Callable[..., Cells], part: slice
) -> Callable[..., Array]:
    return lambda *blocks: partial_sums(problem, cells(part, blocks), part)


def _merged(problem: Problem) -> Callable[[Array, Array], Array]:
    return lambda a, b: merge(problem, a, b)


def _pass(
    problem: Problem, cells: Callable[..., Cells], part: slice
) -> Callable[..., Array]:
    return lambda carried, sums, *blocks: passed_on(
        problem, carried, sums, cells(part, blocks), part
    )


def _over_cells(
    *blocks: Array, function: Callable[..., Array], rows: int, numbers: int = NUMBERS
) -> Array:
    """Run a function of arrays (n, c) on chunks (n, *cells), block by block."""
    cells = blocks[-1].shape[1:]
    out = np.empty((rows, *cells))
    longest = max(len(one) for one in blocks)
    for index in cell_blocks(cells, longest, numbers):
        own = (slice(None), *index)
        made = function(*(flat(one[own]) for one in blocks))
        out[own] = made.reshape(out[own].shape)
    return out
