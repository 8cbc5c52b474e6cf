"""Which of the dimensions of a field is longitude, latitude, vertical, time, x or y."""

from __future__ import annotations

import numpy as np
import xarray as xr

from xnabla.grid import role_of

__all__ = ["coordinate_role", "roles_of"]

_DRAWN = {"longitude", "latitude", "vertical", "time", "x", "y"}


def roles_of(field: xr.DataArray) -> dict[str, str]:
    """Return the role of every dimension that has one a picture knows.

    Parameters
    ----------
    field : DataArray
        Any labelled field.

    Returns
    -------
    dict of str to str
        From the name of a dimension to ``longitude``, ``latitude``, ``vertical``,
        ``time``, ``x`` or ``y``. A dimension that says nothing is left out.

    Examples
    --------
    >>> import xarray as xr
    >>> roles_of(xr.DataArray([[0.0]], dims=("lat", "member")))
    {'lat': 'latitude'}
    """
    found = {}
    for dim in field.dims:
        role = coordinate_role(field[dim])
        if role is not None:
            found[str(dim)] = role
    return found


def coordinate_role(coordinate: xr.DataArray) -> str | None:
    """Return the role of one coordinate, if it is one a picture knows."""
    dtype = np.dtype("M8[s]") if _is_cftime(coordinate) else coordinate.dtype
    role = role_of(str(coordinate.name), dict(coordinate.attrs), dtype)
    return role if role in _DRAWN else None


def _is_cftime(coordinate: xr.DataArray) -> bool:
    """Tell whether the values are calendar dates of another calendar."""
    if coordinate.dtype.kind != "O" or coordinate.size == 0:
        return False
    return hasattr(coordinate.values.flat[0], "calendar")
