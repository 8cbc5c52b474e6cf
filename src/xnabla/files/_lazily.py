"""A function of values that are not read yet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeAlias

import numpy as np
import xarray as xr
from xarray.core import indexing

__all__ = ["Chunks", "lazily", "replaced"]

Chunks: TypeAlias = "Mapping[str, int] | int | Literal['auto'] | None"
"""Sizes of dask chunks; none of them for None."""


def lazily(
    variable: xr.Variable, function: Callable[[Any], Any], dtype: np.dtype[Any]
) -> xr.Variable:
    """Return a variable whose values go through a function when they are read.

    Parameters
    ----------
    variable : Variable
        Lazy, as a store gives it.
    function : callable
        Of a plain array, of any part of the values; it keeps the shape. It goes to
        other processes.
    dtype : dtype
        Of what it returns.
    """
    from xarray.coding.common import lazy_elemwise_func

    through = lazy_elemwise_func(variable._data, function, dtype)
    data: Any = indexing.LazilyIndexedArray(through)
    attributes, encoding = dict(variable.attrs), dict(variable.encoding)
    return xr.Variable(variable.dims, data, attributes, encoding, fastpath=True)


def replaced(ds: xr.Dataset, new: Mapping[Any, xr.Variable]) -> xr.Dataset:
    """Return a dataset with other variables under their names, open as it was."""
    made = ds.assign(new) if new else ds
    made.encoding = ds.encoding
    made.set_close(ds._close)
    return made
