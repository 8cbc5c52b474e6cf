"""How a file is to be written: its format, its compression, the shape of its chunks."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from xnabla.errors import FileError, explain
from xnabla.files._deflate import LEVEL

__all__ = ["Compression", "Form", "chunk_sizes", "form_of"]

Compression: TypeAlias = "bool | str | tuple[str, int] | None"
"""A name, a name and a level, or whether at all."""

# what a name of a compression is to the NetCDF library, its level, and the highest
_FILTERS: dict[str, tuple[dict[str, Any], int, int]] = {
    "zlib": ({"zlib": True, "shuffle": True}, LEVEL, 9),
    "deflate": ({"zlib": True, "shuffle": True}, LEVEL, 9),
    "zstd": ({"compression": "zstd", "shuffle": True}, 3, 22),
    "blosc": ({"compression": "blosc_zstd", "blosc_shuffle": 1}, 3, 9),
}
_NETCDF = ("NETCDF4", "NETCDF4_CLASSIC", "NETCDF3_CLASSIC", "NETCDF3_64BIT",
           "NETCDF3_64BIT_DATA")  # fmt: skip
_ZARR = ("ZARR2", "ZARR3")
_LAYOUTS = ("maps", "series")
# Endings of other formats: whoever types them expects something else. Endings that
# nobody knows are names, like the "dat" of some models.
_OTHERS = {
    ".csv": "CSV",
    ".grb": "GRIB",
    ".grb2": "GRIB",
    ".grib": "GRIB",
    ".grib2": "GRIB",
    ".json": "JSON",
    ".tif": "GeoTIFF",
    ".tiff": "GeoTIFF",
    ".txt": "text",
    ".zip": "a zip archive",
}
# a chunk is one map if it can be: a time step is then read alone. Maps of less are
# taken together, since each chunk costs a look-up; larger ones would not fit the cache
_LEAST_CHUNK_BYTES = 256 * 1024
_MOST_CHUNK_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Form:
    """How a file is written.

    Attributes
    ----------
    format : str
        ``"NETCDF4"`` and the like, or ``"ZARR2"``, ``"ZARR3"``.
    filters : mapping
        How floats are compressed, in the words of xarray's encoding.
    layout : {"maps", "series"}
        What is read at once: all points of a time, or all times of a point.
    """

    format: str
    filters: dict[str, Any]
    layout: str

    @property
    def is_zarr(self) -> bool:
        """Whether it is a store."""
        return self.format in _ZARR

    @property
    def is_classic(self) -> bool:
        """Whether the file is one of NetCDF-3, which has neither chunks nor filters."""
        return self.format.startswith("NETCDF3")


def form_of(
    path: str | os.PathLike[str],
    compression: Compression = True,
    layout: str = "maps",
    format: str | None = None,  # noqa: A002
) -> Form:
    """Return how a file is written, or refuse what cannot be.

    Raises
    ------
    FileError
        If there is no such format, compression or layout, or the name of the file is
        that of another format.

    Examples
    --------
    >>> form_of("t.nc", ("zlib", 4)).filters
    {'zlib': True, 'shuffle': True, 'complevel': 4}
    >>> form_of("t.zarr").format
    'ZARR2'
    """
    # the second version of Zarr is read by every tool that reads any
    ending = Path(path).suffix.lower()
    is_store = ending == ".zarr"
    if format is None and ending in _OTHERS:
        raise FileError(
            explain(
                f"'{path}' is the name of {_OTHERS[ending]}, which is not written",
                expected="NetCDF or Zarr",
                hint=f"{Path(path).with_suffix('.nc')}, or format='NETCDF4' for NetCDF "
                "of that name",
            )
        )
    chosen = ("ZARR2" if is_store else "NETCDF4") if format is None else format.upper()
    if chosen not in (_ZARR if is_store else _NETCDF):
        expected = "one of " + ", ".join(_ZARR if is_store else _NETCDF)
        hint = f"format='{'ZARR2' if is_store else 'NETCDF4'}'"
        text = f"'{path}' cannot be of that format"
        raise FileError(explain(text, expected=expected, got=repr(format), hint=hint))
    if layout not in _LAYOUTS:
        raise FileError(
            explain(
                "There is no such layout",
                expected="'maps', to read all points of a time at once, or 'series', "
                "all times of a point",
                got=repr(layout),
                hint="layout='maps'",
            )
        )
    filters = _filters(compression)
    if chosen.startswith("NETCDF3"):
        filters = {}
    return Form(chosen, filters, layout)


def _filters(compression: Any) -> dict[str, Any]:
    if compression is None or compression in (False, "none"):
        return {}
    name, level = "zlib", None
    if isinstance(compression, str):
        name = compression
    elif isinstance(compression, (tuple, list)) and len(compression) == 2:
        name, level = compression
    elif compression is not True:
        name = ""
    words, usual, most = _FILTERS.get(str(name), ({}, 0, 0))
    whole = level is None or (isinstance(level, int) and not isinstance(level, bool))
    if not words or not whole or not 1 <= (usual if level is None else level) <= most:
        expected = "True, False, one of " + ", ".join(map(repr, _FILTERS))
        raise FileError(
            explain(
                "There is no such compression",
                expected=f"{expected}, or a pair such as ('zlib', 4)",
                got=repr(compression),
                hint="compression='zlib', which every tool reads",
            )
        )
    return words | {"complevel": usual if level is None else level}


def chunk_sizes(
    shape: Sequence[int],
    itemsize: int,
    lazy_chunks: Sequence[Sequence[int]] | None = None,
    layout: str = "maps",
) -> tuple[int, ...]:
    """Choose the chunks of a variable on disk: one map each, if that is a good size.

    Parameters
    ----------
    shape : sequence of int
        The last two dimensions are the map.
    itemsize : int
        Bytes of a value.
    lazy_chunks : sequence of sequence of int, optional
        Dask's chunks; those on disk are not larger, so that each is written once.
    layout : {"maps", "series"}
        Series go through all of the other dimensions, at few points of the map.

    Returns
    -------
    tuple of int
        One size per dimension, at least 1.

    Examples
    --------
    >>> chunk_sizes((24, 721, 1440), 4)
    (1, 721, 1440)
    >>> chunk_sizes((24, 1801, 3600), 4)
    (1, 901, 900)
    >>> chunk_sizes((1000, 73, 144), 4)
    (7, 73, 144)
    >>> chunk_sizes((1000, 721, 1440), 4, layout="series")
    (1000, 6, 12)
    """
    most = [max(1, n) for n in shape]
    if layout == "series":
        return _series(most, itemsize)
    if lazy_chunks is not None:
        most = [
            min(n, max(1, *sizes)) for n, sizes in zip(most, lazy_chunks, strict=True)
        ]
    sizes = [1] * (len(most) - 2) + most[-2:]
    for i in reversed(range(len(most) - 2)):
        held = itemsize * int(np.prod(sizes))
        sizes[i] = min(most[i], max(1, -(-_LEAST_CHUNK_BYTES // held)))
    while itemsize * int(np.prod(sizes)) > _MOST_CHUNK_BYTES:
        widest = sizes.index(max(sizes))
        sizes[widest] = -(-sizes[widest] // 2)
    return tuple(sizes)


def _series(most: list[int], itemsize: int) -> tuple[int, ...]:
    """Return chunks as long as can be, and as wide as then makes a good size."""
    sizes = list(most)
    room = 2 * _LEAST_CHUNK_BYTES
    while itemsize * int(np.prod(sizes)) > room:
        last = range(max(0, len(sizes) - 2), len(sizes))
        wide = max(last, key=lambda i: sizes[i])
        if sizes[wide] == 1:
            if itemsize * int(np.prod(sizes)) <= _MOST_CHUNK_BYTES:
                break
            wide = sizes.index(max(sizes))
        sizes[wide] = -(-sizes[wide] // 2)
    return tuple(sizes)
