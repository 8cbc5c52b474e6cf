"""Where the chunks of a variable lie in a NetCDF-4 file, and what was done to them."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Layout", "layout_of", "pipeline_of", "signature_of"]

# A map from chunks to places takes 16 bytes each, and a microsecond each to make.
_MOST_CHUNKS = 2_000_000
# the numbers of the filters in the file format
_DEFLATE, _SHUFFLE = 1, 2
# a variable that has the name of a dimension it is not along is kept under another
_PREFIX = "_nc4_non_coord_"

Signature = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """A variable as it lies in its file.

    Attributes
    ----------
    path : str
    signature : tuple of int
        Which file it was: other bytes under that name are not its chunks.
    dtype : dtype
        Of the values in the file, with their byte order.
    shape, chunks : tuple of int
        Of the variable, and of each of its chunks.
    shuffle : bool
        Whether the chunks were shuffled before they were deflated.
    places, sizes : array of int
        Where each chunk begins, and its bytes; on the grid of the chunks. A chunk that
        was never written has no bytes.
    fill : scalar or None
        What values are that were never written, if the file says so.
    """

    path: str
    signature: Signature
    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    chunks: tuple[int, ...]
    shuffle: bool
    places: NDArray[np.int64]
    sizes: NDArray[np.int64]
    fill: Any


def signature_of(file: int | str) -> Signature:
    """Return what tells a file from another, or from itself when it has changed."""
    status = os.fstat(file) if isinstance(file, int) else Path(file).stat()
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def pipeline_of(dataset: Any) -> bool | None:
    """Tell whether chunks are shuffled; ``None`` unless they are deflated, and no more.

    Parameters
    ----------
    dataset : h5py.Dataset
    """
    properties = dataset.id.get_create_plist()
    count = properties.get_nfilters()
    filters = [properties.get_filter(k)[0] for k in range(count)]
    known = {(_DEFLATE,): False, (_SHUFFLE, _DEFLATE): True}
    return known.get(tuple(filters))


def layout_of(path: str, name: str, signature: Signature) -> Layout | None:
    """Return where a variable's chunks lie; ``None`` if it is not made of plain ones.

    Parameters
    ----------
    path : str
    name : str
        The variable, in the root group.
    signature : tuple of int
        Of the file in which it is.
    """
    import h5py

    # the NetCDF library has the file open, and has asked for whatever locks there are
    with h5py.File(path, "r", locking=False) as file:
        if file.userblock_size:
            return None  # places are counted from behind it
        dataset = file.get(_PREFIX + name, file.get(name))
        if not isinstance(dataset, h5py.Dataset) or dataset.chunks is None:
            return None
        shuffle = pipeline_of(dataset)
        grid = tuple(
            -(-size // chunk)
            for size, chunk in zip(dataset.shape, dataset.chunks, strict=True)
        )
        plain = dataset.dtype.kind in "iuf" and dataset.dtype.metadata is None
        if shuffle is None or not plain or not 0 < math.prod(grid) <= _MOST_CHUNKS:
            return None
        found = _places(dataset, grid)
        if found is None:
            return None
        dtype = (
            dataset.dtype.newbyteorder("=") if dataset.dtype.isnative else dataset.dtype
        )
        defined = dataset.id.get_create_plist().fill_value_defined()
        return Layout(
            path,
            signature,
            dtype,
            dataset.shape,
            dataset.chunks,
            shuffle,
            *found,
            dataset.fillvalue if defined == h5py.h5d.FILL_VALUE_USER_DEFINED else None,
        )


def _places(
    dataset: Any, grid: tuple[int, ...]
) -> tuple[NDArray[np.int64], NDArray[np.int64]] | None:
    """Return where chunks begin and how long they are; ``None`` if some are special."""
    places, sizes = np.zeros(grid, np.int64), np.zeros(grid, np.int64)
    special = []

    def note(chunk: Any) -> None:
        at = tuple(
            start // size
            for start, size in zip(chunk.chunk_offset, dataset.chunks, strict=True)
        )
        if chunk.filter_mask or chunk.byte_offset is None:
            special.append(at)  # some filter was left out for this one
        elif all(i < n for i, n in zip(at, grid, strict=True)):
            places[at], sizes[at] = chunk.byte_offset, chunk.size

    dataset.id.chunk_iter(note)
    return None if special else (places, sizes)
