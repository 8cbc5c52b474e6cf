"""Values that cannot be read, or are others than when the file was opened, are told."""

from __future__ import annotations

import os
from typing import Any

import xarray as xr
from xarray.core import indexing

from xnabla.errors import FileError, XnablaError, explain
from xnabla.files._layout import Signature, signature_of

__all__ = ["told"]


def told(
    variable: xr.Variable, path: str, name: str, signature: Signature | None
) -> xr.Variable:
    """Return a variable, lazy as before, whose reading ends well or in one sentence.

    The library says "NetCDF: HDF error" of a damaged chunk, with no name; and of a
    classic file that has been cut since it was opened it says nothing, and gives zeros.

    Parameters
    ----------
    variable : Variable
        As an engine of xarray gives it.
    path, name : str
    signature : tuple of int or None
        Of the file, when it was opened; a store is a folder of files, and has none.
    """
    array = variable._data.array  # type: ignore[union-attr]
    lazy: Any = indexing.LazilyIndexedArray(_Told(array, path, name, signature))
    variable._data = lazy
    return variable


class _Told(xr.backends.BackendArray):
    """What a library reads, and what is wrong with it."""

    def __init__(
        self, array: Any, path: str, name: str, signature: Signature | None
    ) -> None:
        self.array, self.shape, self.dtype = array, array.shape, array.dtype
        self.path, self.name, self.signature = path, name, signature

    def __getitem__(self, key: indexing.ExplicitIndexer) -> Any:
        """Return values."""
        try:
            values = self.array[key]
        except (XnablaError, MemoryError):
            raise
        except Exception as error:
            self._refuse_changed()
            raise FileError(self._damaged(error)) from error
        self._refuse_changed()
        return values

    def _refuse_changed(self) -> None:
        """Refuse what was read of a file that is another one by now, in its place.

        A file that took its name, or none, is no matter: the one that was opened stays.
        """
        if self.signature is None:
            return
        try:
            now = signature_of(os.fspath(self.path))
        except OSError:
            return
        if now[:2] == self.signature[:2] and now != self.signature:
            text = f"File '{self.path}' has changed since it was opened"
            sizes = f"{self.signature[2]} bytes, then {now[2]}"
            if now[2] == self.signature[2]:
                sizes = "a later time of change"
            raise FileError(explain(text, got=sizes, hint="open it again"))

    def _damaged(self, error: Exception) -> str:
        text = f"Variable '{self.name}' of '{self.path}' cannot be read: it is damaged"
        cause = f"{type(error).__name__}: {error}"
        hint = "copy or download the file again"
        return explain(text, got=cause, hint=hint)
