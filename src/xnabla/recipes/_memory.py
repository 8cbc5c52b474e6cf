"""Fields too large to be held go through in blocks, as many at once as fit in memory.

Reading, computing and writing of blocks overlap: each is a task of a graph, done by as
many threads as there are cores, and a block is forgotten when it has been written.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import xarray as xr

from xnabla.errors import FieldError, OptionError, explain
from xnabla.files import is_distributed
from xnabla.grid import grid_of

__all__ = ["DEFAULT_MEMORY", "block_sizes", "bytes_of", "in_blocks"]

Fields = TypeVar("Fields", xr.DataArray, xr.Dataset)

DEFAULT_MEMORY = 1_000_000_000
"""Bytes that a job may take, all in all."""

# What the program takes with no field at all: the libraries, and compiled kernels.
_OWN_BYTES = 350_000_000
_LEAST_BYTES = 450_000_000
# A thread holds a block as it was read, its neighbours, what is made of it on the way,
# the results, and those that wait to be written: 5 of them for a gradient, 16 for a
# potential vorticity, as measured.
_HELD = 20
# Maps that wait to be written, of the results and on the way there: 1.4 GB, in place of
# one, where the chunks of a file were of 100 times and a tenth of the map.
_SLABS = 6
# Smaller blocks cost more to be handed out than to be worked on; larger ones gain
# nothing. In between a block is what memory allows.
_LEAST_BLOCK, _MOST_BLOCK = 1 << 20, 16 << 20
# A task takes some kilobytes: a field of a billion blocks, which a file of 12 kB can
# declare, took 4 GB and 13 s before it failed.
_MOST_BLOCKS = 100_000
# Up to here all is held, results too: that needs about five times as much.
_WHOLE = 5


def bytes_of(text: str | float) -> int:
    """Return how many bytes are meant.

    Raises
    ------
    OptionError
        If none are, or too few to work with.

    Examples
    --------
    >>> bytes_of("1 GB"), bytes_of("512MiB")
    (1000000000, 536870912)
    """
    from dask.utils import parse_bytes

    try:
        found = int(parse_bytes(text))
    except ValueError:
        raise OptionError(
            explain(
                f"{text!r} is no amount of memory",
                expected="a number and a unit",
                hint="--memory '2 GB'",
            )
        ) from None
    if found < _LEAST_BYTES:
        raise OptionError(
            explain(
                f"{text!r} is too little memory",
                expected=f"at least {_LEAST_BYTES // 10**6} MB: "
                "the program takes most of them itself",
                hint=f"--memory '{_LEAST_BYTES // 10**6} MB'",
            )
        )
    return found


def in_blocks(fields: Mapping[str, Fields], memory: int) -> dict[str, Fields]:
    """Return fields as they are, or in blocks if they do not fit in memory.

    For a cluster they are in blocks in any case.

    Parameters
    ----------
    fields : mapping of name to DataArray or Dataset
        As they lie in their files.
    memory : int
        Bytes the job may take.

    Returns
    -------
    dict of name to DataArray or Dataset
    """
    every = [one for field in fields.values() for one in _parts(field)]
    free = memory - _OWN_BYTES
    fits = _WHOLE * sum(one.nbytes for one in every) <= free
    if fits and not is_distributed():
        # what lies in many files is in blocks already, and need not be
        return {name: _each(_held, field) for name, field in fields.items()}
    sizes = block_sizes(every, memory)
    _refuse_too_many(every, sizes)

    def lazy(field: xr.DataArray) -> xr.DataArray:
        own = {dim: n for dim, n in sizes.items() if dim in field.dims}
        # the coordinates stay as they are: the grid is made of them
        return field.copy(data=field.variable.chunk(own).data)

    return {name: _each(lazy, field) for name, field in fields.items()}


def _refuse_too_many(fields: Sequence[xr.DataArray], sizes: Mapping[Any, int]) -> None:
    """Refuse what a file only declares: each block is a task, held before any is done.

    Raises
    ------
    FieldError
    """
    for one in fields:
        count = math.prod(-(-n // sizes[dim]) for dim, n in one.sizes.items())
        if count > _MOST_BLOCKS:
            shape = " x ".join(map(str, one.shape))
            raise FieldError(
                explain(
                    f"Field '{one.name}' is too large to go through at once",
                    expected=f"at most {_MOST_BLOCKS} blocks",
                    got=f"{count} blocks for {shape} values",
                    hint="--level or --time, for less at once",
                )
            )


def block_sizes(fields: Sequence[xr.DataArray], memory: int) -> dict[Any, int]:
    """Return the sizes of blocks of fields that are worked on together."""
    free = memory - _OWN_BYTES
    each = free // (_HELD * _threads() * len(fields))
    slab = free // (_SLABS * len(fields))
    return _sizes(fields, min(max(each, _LEAST_BLOCK), _MOST_BLOCK), slab)


def _each(function: Callable[[xr.DataArray], xr.DataArray], fields: Any) -> Any:
    """Return what a function makes of a field, or of each of several."""
    return fields.map(function) if isinstance(fields, xr.Dataset) else function(fields)


def _held(field: xr.DataArray) -> xr.DataArray:
    return field.compute() if field.chunks else field


def _parts(fields: Any) -> list[xr.DataArray]:
    several = isinstance(fields, xr.Dataset)
    return [*fields.data_vars.values()] if several else [fields]


def _sizes(
    fields: Sequence[xr.DataArray], most: int, slab: float = math.inf
) -> dict[Any, int]:
    """Return the sizes of blocks of about so many bytes, of whole chunks of the files.

    Blocks grow along the map first, then along what is next to it in the file: so each
    chunk is inflated once. Chunks that are too large themselves are cut in two, along
    their longest side, until they are not. Chunks of many times are cut in time where
    all maps of these times would be more than a slab: results are written as maps, and
    those wait for each other. They are inflated several times then.
    """
    model = max(fields, key=lambda one: one.nbytes)
    known = model.encoding.get("preferred_chunks") or {}
    if model.chunks:
        known = {d: max(c) for d, c in zip(model.dims, model.chunks, strict=True)}
    sizes = {dim: min(known.get(dim, 1), n) for dim, n in model.sizes.items()}

    def nbytes() -> int:
        return int(math.prod(sizes.values()) * model.dtype.itemsize)

    while nbytes() > most and max(sizes.values()) > 1:
        longest = max(sizes, key=lambda dim: sizes[dim])
        sizes[longest] = -(-sizes[longest] // 2)
    outer = _outer(model)
    inner = math.prod(n for dim, n in model.sizes.items() if dim not in outer)
    for dim in outer:
        held = math.prod(sizes[d] for d in outer) * inner * model.dtype.itemsize
        in_maps = all(sizes[d] == n for d, n in model.sizes.items() if d not in outer)
        if held > slab and not in_maps:
            sizes[dim] = -(-sizes[dim] // math.ceil(held / max(slab, 1)))
    for dim in _inner_first(model):
        whole = model.sizes[dim]
        fits = most // max(1, nbytes() // sizes[dim])
        count = min(whole, fits) // sizes[dim] * sizes[dim]
        sizes[dim] = whole if fits >= whole else max(sizes[dim], count)
    for one in fields:
        for dim, n in one.sizes.items():
            sizes.setdefault(dim, n)
    return sizes


def _inner_first(model: xr.DataArray) -> list[Any]:
    """Return the dimensions of the map, then the others, the last of the file first."""
    outer = _outer(model)
    return sorted([*reversed(model.dims)], key=lambda dim: dim in outer)


def _outer(model: xr.DataArray) -> list[Any]:
    """Return the dimensions that are not of the map."""
    roles = grid_of(model).roles
    return [dim for dim in model.dims if roles.get(str(dim)) in ("time", "vertical")]


def _threads() -> int:
    """Return how many blocks are worked on at once."""
    import dask.config
    from dask.system import CPU_COUNT

    return int(dask.config.get("num_workers", None) or CPU_COUNT)
