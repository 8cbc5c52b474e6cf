"""Chunks put into a file that the NetCDF library has laid out, deflated in threads.

Names, dimensions, attributes, filters and the sizes of chunks are the library's own
work; the file is closed then, and opened by h5py to be given the chunks ready-made.
48 maps of 721 x 1440 took 0.6 s of two cores, where the library took 3.3 s of one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from xnabla.files._deflate import LEVEL, deflated
from xnabla.files._in_order import InOrder
from xnabla.files._layout import pipeline_of
from xnabla.files._sink import Sink
from xnabla.files._threads import in_threads

__all__ = ["DirectTarget", "aligned", "direct_targets", "in_turn", "is_for_chunks"]

Told = Callable[[int], object]


def is_for_chunks(encoding: Mapping[str, Any]) -> bool:
    """Tell whether a variable is to be shuffled and deflated, and nothing else."""
    odd = ("fletcher32", "least_significant_digit", "significant_digits", "szip")
    return (
        bool(encoding.get("zlib"))
        and bool(encoding.get("shuffle", True))
        and encoding.get("chunksizes") is not None
        and not any(encoding.get(key) for key in odd)
    )


class DirectTarget:
    """A variable that takes blocks from several threads, until it is closed.

    Parameters
    ----------
    name : str
        What the queue knows it by.
    dataset : h5py.Dataset
    sink : Sink
        Its file.
    told : callable
        Called with the bytes of the values whenever some have been written.
    queue : InOrder
        Of the file, which all its variables share.
    """

    def __init__(
        self, name: str, dataset: Any, sink: Sink, told: Told, queue: InOrder
    ) -> None:
        self.name, self.dataset, self.sink, self.told = name, dataset, sink, told
        self.queue = queue
        self.shape, self.dtype = dataset.shape, dataset.dtype
        self.chunks = dataset.chunks
        self.shuffle = pipeline_of(dataset)
        self.level = dataset.compression_opts or LEVEL
        self.is_open = True
        self.lock = queue.lock

    def __setitem__(self, key: tuple[slice, ...], values: Any) -> None:
        """Write a block that begins and ends where chunks do."""
        first = [part.indices(n)[0] for part, n in zip(key, self.shape, strict=True)]
        if self.chunks is None or self.shuffle is None:
            with self.lock:
                if self.is_open:
                    self.dataset[key] = values
                    self._check(values.nbytes)
            return
        for at in _corners(values.shape, self.chunks):
            self._put(values, tuple(first), at)

    def aligned(self, array: Any) -> Any:
        """Return a dask array in blocks that begin and end where chunks do.

        Blocks that do already stay as they are.
        """
        if self.chunks is None or self.shuffle is None:
            return array
        return aligned(array, self.chunks)

    def write(self, values: Any, tell: Callable[[], object]) -> None:
        """Write all values, in threads; tell when there are more."""
        if self.chunks is None or self.shuffle is None:
            self[tuple(slice(0, n) for n in values.shape)] = values
            return
        origin = (0,) * values.ndim
        corners = list(_corners(values.shape, self.chunks))
        in_threads(lambda at: self._put(values, origin, at), corners, tell)

    def _put(self, values: Any, first: tuple[int, ...], at: tuple[int, ...]) -> None:
        """Write one chunk, cut out of a block that begins somewhere."""
        part = values[
            tuple(slice(i, i + n) for i, n in zip(at, self.chunks, strict=True))
        ]
        whole = np.asarray(part, self.dtype)
        if whole.shape != self.chunks:
            # a chunk at the edge is kept whole; nobody reads what is beyond
            whole = np.full(self.chunks, self.dataset.fillvalue, self.dtype)
            whole[tuple(slice(n) for n in part.shape)] = part
        packed = deflated(whole, shuffle=bool(self.shuffle), level=self.level)
        place = tuple(i + j for i, j in zip(first, at, strict=True))
        with self.lock:
            # a task that outlives a failure finds the file closed
            if self.is_open:
                self.queue.put((self.name, place), packed)
                self._check(part.nbytes)

    def put(self, place: tuple[int, ...], packed: bytes) -> None:
        """Write a chunk whose turn has come."""
        from h5py._objects import phil

        # Until h5py 3.16 this one call did not take the lock of the library, and the
        # library asks Python to write (`Sink`): another thread came in between.
        with phil:
            self.dataset.id.write_direct_chunk(place, packed)

    @property
    def corners(self) -> list[tuple[int, ...]]:
        """Where its chunks begin; none if they are the library's."""
        if self.chunks is None or self.shuffle is None:
            return []
        return [*_corners(self.shape, self.chunks)]

    def _check(self, nbytes: int) -> None:
        self.sink.check()
        self.told(nbytes)

    def close(self) -> None:
        """Take nothing more."""
        with self.lock:
            self.is_open = False


def _corners(
    shape: tuple[int, ...], chunks: tuple[int, ...]
) -> Iterator[tuple[int, ...]]:
    starts = (range(0, n, chunk) for n, chunk in zip(shape, chunks, strict=True))
    return product(*starts)


@contextmanager
def direct_targets(
    path: Path, shapes: Mapping[str, tuple[int, ...]], told: Told
) -> Iterator[dict[str, DirectTarget]]:
    """Open the variables of a file to be given chunks.

    Parameters
    ----------
    path : Path
        Made and closed by the NetCDF library.
    shapes : mapping of name to tuple of int
        How large they are to be: one that may grow has no values yet.
    told : callable

    Yields
    ------
    dict of name to DirectTarget
    """
    import h5py

    sink = Sink(path)
    targets: dict[str, DirectTarget] = {}
    queue = InOrder(lambda key, packed: targets[key[0]].put(key[1], packed), path)
    try:
        with h5py.File(sink, "r+") as file:
            try:
                for name, shape in shapes.items():
                    dataset = file.get("_nc4_non_coord_" + name, file.get(name))
                    if dataset.shape != shape:
                        dataset.resize(shape)
                    targets[name] = DirectTarget(name, dataset, sink, told, queue)
                yield targets
                queue.finish()
            finally:
                for target in targets.values():
                    target.close()
    finally:
        queue.close()
        sink.close()
    sink.check()


def in_turn(targets: Mapping[str, DirectTarget]) -> None:
    """Have chunks put behind each other in one order: of each variable a part, in turn.

    Without it they lie in the file as they were made, which differs from run to run.
    """
    every = [
        (place / len(corners), number, name, corner)
        for number, (name, corners) in enumerate(
            (name, target.corners) for name, target in targets.items()
        )
        for place, corner in enumerate(corners)
    ]
    order = [(name, corner) for *_, name, corner in sorted(every)]
    for queue in {id(one.queue): one.queue for one in targets.values()}.values():
        queue.begin(order)


def aligned(array: Any, chunks: tuple[int, ...]) -> Any:
    """Return a dask array in blocks that begin and end where chunks do."""
    wanted = {}
    for dim, (own, chunk) in enumerate(zip(array.chunks, chunks, strict=True)):
        if (np.cumsum(own)[:-1] % chunk).any():
            wanted[dim] = chunk * max(1, max(own) // chunk)
    return array.rechunk(wanted) if wanted else array
