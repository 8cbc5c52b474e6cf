"""A NetCDF file as xarray's netCDF4 engine gives it; large variables read in threads.

What a file says is the NetCDF library's to tell, and so are all values but those of
plain deflated chunks. Whatever is odd about a variable or a request goes its way too.
"""

from __future__ import annotations

import math
import os
from contextlib import suppress
from typing import Any

import numpy as np
import xarray as xr
from xarray.core import indexing

from xnabla.files._chunked import read_chunks
from xnabla.files._damage import told
from xnabla.files._half import MARK, is_text
from xnabla.files._layout import Layout, Signature, layout_of, signature_of

__all__ = ["NetcdfStore"]

# Of smaller chunks the library reads more in a second than Python can hand out.
_LEAST_CHUNK_BYTES = 32 * 1024


class NetcdfStore(xr.backends.NetCDF4DataStore):
    """A file whose large variables are read in threads."""

    @classmethod
    def under(cls, lock: Any, path: str | os.PathLike[str], group: str | None) -> Any:
        """Open a file that is opened, read and closed under one lock.

        xarray's own way may take another lock to close (2025.11 does): beside another
        thread's open it ended in a segmentation fault.
        """
        import netCDF4

        opener: Any = netCDF4.Dataset
        manager = xr.backends.CachingFileManager(
            opener, os.fspath(path), mode="r", lock=lock
        )
        return cls(manager, group=group, mode="r", lock=lock)

    def open_store_variable(self, name: str, var: Any) -> xr.Variable:
        """Return a variable, lazily."""
        made: xr.Variable = super().open_store_variable(name, var)
        if var.dtype is str and not is_text(self._filename, self._group, name):
            made.encoding[MARK] = True
        with suppress(OSError):  # no file of that name: the library knows where
            signature = signature_of(self._filename)
            if not self.is_remote and self._group is None and _suits(var):
                library = made._data.array  # type: ignore[union-attr]
                chunked = _Chunked(library, self._filename, name, signature)
                lazy: Any = indexing.LazilyIndexedArray(chunked)
                made._data = lazy
            return told(made, self._filename, name, signature)
        return made


def _suits(var: Any) -> bool:
    """Tell whether a variable is of plain numbers in deflated chunks worth a thread."""
    filters = var.filters() or {}
    chunks = var.chunking()
    if not filters.get("zlib") or not isinstance(chunks, list):
        return False
    is_plain = isinstance(var.datatype, np.dtype) and var.dtype.kind in "iuf"
    return is_plain and math.prod(chunks) * var.dtype.itemsize >= _LEAST_CHUNK_BYTES


class _Chunked(xr.backends.BackendArray):
    """A variable of deflated chunks; what is odd about a request the library answers.

    Parameters
    ----------
    library : BackendArray
        The same variable as the NetCDF library reads it.
    path, name : str
    signature : tuple of int
    """

    def __init__(
        self, library: Any, path: str, name: str, signature: Signature
    ) -> None:
        self.library = library
        self.shape, self.dtype = library.shape, library.dtype
        self.path, self.name, self.signature = path, name, signature
        self._layout: Layout | None = None
        self._is_known = False

    def __getstate__(self) -> dict[str, Any]:
        # where chunks lie is found anew where it goes: the map may be long
        return {**self.__dict__, "_layout": None, "_is_known": False}

    def __getitem__(self, key: indexing.ExplicitIndexer) -> Any:
        """Return values, or an array that will read them."""
        return indexing.explicit_indexing_adapter(
            key, self.shape, indexing.IndexingSupport.OUTER, self._values
        )

    def _values(self, key: tuple[Any, ...]) -> Any:
        found = self._from_chunks(key)
        return self.library._getitem(key) if found is None else found

    def _from_chunks(self, key: tuple[Any, ...]) -> Any:
        slices = tuple(_as_slice(part) for part in key)
        if None in slices:
            return None
        try:
            layout = self._found()
            if layout is None:
                return None
            values = read_chunks(layout, slices)  # type: ignore[arg-type]
        except MemoryError:
            raise
        except Exception:
            return None  # whatever it is, the library says it in the words people know
        if values is None:
            return None
        return values[
            tuple(0 if not isinstance(p, slice) else slice(None) for p in key)
        ]

    def _found(self) -> Layout | None:
        """Return where the chunks lie, as far as the library says the same."""
        if not self._is_known:
            known = signature_of(os.fspath(self.path)) == self.signature
            layout = layout_of(self.path, self.name, self.signature) if known else None
            agreed = layout is not None and (
                layout.shape == self.shape and layout.dtype == self.dtype
            )
            self._layout = layout if agreed else None
            self._is_known = True
        return self._layout


def _as_slice(part: Any) -> slice | None:
    """Return an index as a slice that goes upward; ``None`` if it is none."""
    if isinstance(part, slice):
        return part if part.step is None or part.step > 0 else None
    if isinstance(part, int | np.integer):
        return slice(int(part), int(part) + 1) if part >= 0 else None
    return None
