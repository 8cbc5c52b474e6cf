"""The bounds of coordinates, carried to where the coordinates go.

A field taken out of a dataset keeps its coordinates and loses their bounds, which have
a dimension that is not its own. So a coordinate remembers them, and what is saved has
them again, as far as they are still the bounds of its values.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

__all__ = ["remember_bounds", "with_bounds"]

_KEY = "xnabla_bounds"
_MOST = 1_000_000


def remember_bounds(ds: xr.Dataset) -> None:
    """Have the coordinates of a dataset remember their bounds."""
    for name, coordinate in ds.coords.items():
        bounds = coordinate.encoding.get("bounds", coordinate.attrs.get("bounds"))
        if coordinate.ndim != 1 or bounds not in ds.variables:
            continue
        cells = ds.variables[bounds]
        if cells.ndim == 2 and cells.dims[:1] == coordinate.dims and cells.size < _MOST:
            ds[name].encoding[_KEY] = (bounds, cells)


def with_bounds(ds: xr.Dataset) -> xr.Dataset:
    """Return a dataset with the bounds that its coordinates remember."""
    found: dict[str, xr.Variable] = {}
    for coordinate in ds.coords.values():
        name, cells = coordinate.encoding.get(_KEY, (None, None))
        if name is None or name in ds.variables or cells.dims[0] not in ds.dims:
            continue
        second = cells.dims[1]
        free = second not in ds.dims or ds.sizes[second] == cells.shape[1]
        if free and coordinate.dims == cells.dims[:1] and _enclose(cells, coordinate):
            found[name] = cells
    return ds.assign_coords(found) if found else ds


def _enclose(cells: xr.Variable, coordinate: xr.DataArray) -> bool:
    """Tell whether each value lies within its bounds."""
    if cells.shape != (coordinate.size, 2):
        return False
    edges: Any = np.asarray(cells.values)
    values = np.asarray(coordinate.values)
    try:
        least, most = edges.min(axis=1), edges.max(axis=1)
        return bool(np.all((least <= values) & (values <= most)))
    except TypeError:  # dates of one calendar and numbers
        return False
