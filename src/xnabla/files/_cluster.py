"""Blocks computed by a cluster come here to be written, a few at a time.

One process writes the file, so that it is whole or not there at all. What a worker had
computed when it died the scheduler has computed again by another.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import islice, product
from typing import Any

__all__ = ["compute_on_cluster", "is_distributed", "scheduler_of"]

# Blocks under way for each thread of the cluster: one is computed while others travel.
_UNDER_WAY = 3


def scheduler_of(arrays: Sequence[Any] = ()) -> Any:
    """Return dask's function that would compute arrays, ``None`` if none is chosen."""
    import dask.base

    choose: Any = dask.base.get_scheduler
    return choose(collections=list(arrays) or None)


def is_distributed(arrays: Sequence[Any] = ()) -> bool:
    """Tell whether a cluster would compute arrays, or any that are not named."""
    if "distributed" not in sys.modules:
        return False  # nor is dask imported to find that out
    return "distributed" in getattr(scheduler_of(arrays), "__module__", "")


def compute_on_cluster(
    sources: Sequence[Any], targets: Sequence[Any], tell: Callable[[], object]
) -> None:
    """Compute dask arrays on the cluster of the client in charge, each into a target.

    Parameters
    ----------
    sources : sequence of dask array
    targets : sequence of array
        Take blocks by ``target[slices] = block``, in this process.
    tell : callable
        Called whenever a block has been written.
    """
    from distributed import as_completed, get_client

    client = get_client()
    threads = sum(client.nthreads().values()) or 1
    todo = _blocks(sources)
    places: dict[Any, tuple[int, tuple[slice, ...]]] = {}

    def begin(count: int) -> list[Any]:
        """Have some more computed, together: parts of one block are made once."""
        some = list(islice(todo, count))
        futures = client.compute([block for *_, block in some]) if some else []
        for future, (number, place, _) in zip(futures, some, strict=True):
            places[future.key] = number, place
        return list(futures)

    # the blocks of several results that lie at one place are begun together
    group = len(sources)
    waiting = as_completed(begin(_UNDER_WAY * threads * group), with_results=True)
    for done, (future, values) in enumerate(waiting, 1):
        number, place = places.pop(future.key)
        targets[number][place] = values
        future.release()
        del values
        tell()
        if done % group == 0:
            waiting.update(begin(group))


def _blocks(
    sources: Sequence[Any],
) -> Iterator[tuple[int, tuple[slice, ...], Any]]:
    """Return the blocks of arrays and where they belong, one of each in turn."""
    from dask.array.core import slices_from_chunks

    each = [
        zip(slices_from_chunks(one.chunks), _indices(one), strict=True)
        for one in sources
    ]
    running = list(enumerate(each))
    while running:
        for number, places in [*running]:
            found = next(places, None)
            if found is None:
                running.remove((number, places))
                continue
            place, index = found
            yield number, place, sources[number].blocks[index]


def _indices(array: Any) -> Iterator[tuple[int, ...]]:
    return product(*(range(n) for n in array.numblocks))
