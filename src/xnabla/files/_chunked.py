"""Values of a variable, its chunks inflated in threads; no library is asked for them.

A read of the HDF5 library is one thread's, under one lock. Where chunks lie in the file
is asked once; then they are read, inflated and put in place side by side.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import product
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from xnabla.files._deflate import inflated
from xnabla.files._layout import Layout, signature_of
from xnabla.files._threads import in_threads

__all__ = ["read_chunks"]


class _Cut(NamedTuple):
    """What of one chunk goes where, along one dimension."""

    chunk: int
    source: slice
    target: slice


def read_chunks(layout: Layout, slices: tuple[slice, ...]) -> NDArray[Any] | None:
    """Return values of a variable, or ``None`` if they are better read otherwise.

    Parameters
    ----------
    layout : Layout
    slices : tuple of slice
        One for each dimension, their steps positive.

    Returns
    -------
    array or None
        In the byte order of the file. None for a small part of large chunks, which
        the library keeps for the next call; for values that were never written, of
        which the file does not say what they are; and for a file that is another now.

    Raises
    ------
    Exception
        If the file cannot be read or is damaged.
    """
    cuts = [
        list(_cuts(range(size)[part], chunk))
        for size, chunk, part in zip(layout.shape, layout.chunks, slices, strict=True)
    ]
    shape = tuple(
        len(range(n)[part]) for n, part in zip(layout.shape, slices, strict=True)
    )
    pieces = list(product(*cuts))
    if not pieces or _is_small_part(layout, cuts, slices):
        return None
    if layout.fill is None and not all(layout.sizes[_at(piece)] for piece in pieces):
        return None
    made = np.empty(shape, layout.dtype)
    descriptor = os.open(layout.path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0))
    try:
        if signature_of(descriptor) != layout.signature:
            return None

        def put(piece: tuple[_Cut, ...]) -> None:
            chunk = _chunk(layout, descriptor, _at(piece))
            source = tuple(cut.source for cut in piece)
            made[tuple(cut.target for cut in piece)] = chunk[source]

        in_threads(put, pieces)
    finally:
        os.close(descriptor)
    return made


def _at(piece: tuple[_Cut, ...]) -> tuple[int, ...]:
    return tuple(cut.chunk for cut in piece)


def _chunk(layout: Layout, descriptor: int, at: tuple[int, ...]) -> NDArray[Any]:
    size = int(layout.sizes[at])
    if size == 0:
        return np.broadcast_to(np.asarray(layout.fill, layout.dtype), layout.chunks)
    packed = os.pread(descriptor, size, int(layout.places[at]))
    return inflated(packed, layout.dtype, layout.chunks, shuffle=layout.shuffle)


def _cuts(wanted: range, size: int) -> Iterator[_Cut]:
    """Return what a run of points takes of each chunk it touches.

    Examples
    --------
    >>> [(cut.chunk, cut.source, cut.target) for cut in _cuts(range(3, 9, 2), 4)]
    [(0, slice(3, 4, 2), slice(0, 1, None)), (1, slice(1, 4, 2), slice(1, 3, None))]
    """
    done = 0
    while done < len(wanted):
        chunk, first = divmod(wanted[done], size)
        count = min(len(wanted) - done, -(-(size - first) // wanted.step))
        last = first + (count - 1) * wanted.step
        target = slice(done, done + count)
        yield _Cut(chunk, slice(first, last + 1, wanted.step), target)
        done += count


def _is_small_part(
    layout: Layout, cuts: list[list[_Cut]], slices: tuple[slice, ...]
) -> bool:
    """Tell whether less than half of what would be inflated is wanted.

    The steps do not count: without every other point chunks must be inflated as well.
    """
    share = 1.0
    for size, chunk, part, own in zip(
        layout.shape, layout.chunks, slices, cuts, strict=True
    ):
        spanned = range(size)[part]
        first, last = spanned[0], spanned[-1]
        # what sticks out of the variable in the last chunk is nobody's
        whole = sum(min(chunk, size - cut.chunk * chunk) for cut in own)
        span = last - first + 1 if spanned.step < chunk else len(own)
        share *= min(1.0, span / whole)
    return share < 0.5
