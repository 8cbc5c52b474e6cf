"""Which dimensions a picture shows, and the panels that the others make."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from xnabla.errors import XnablaError
from xnabla.grid import grid_of
from xnabla.plot._occasion import occasion, places_of, time_text
from xnabla.plot._roles import coordinate_role, roles_of

if TYPE_CHECKING:
    import xarray as xr

__all__ = [
    "MOST_PANES",
    "caption_of",
    "group_of",
    "other_dims",
    "panel_count",
    "panes_of",
    "shared_occasion",
]

# The months of a year; more panels than these are too small to be read.
MOST_PANES = 12

# Of the dimensions of a field, the two that come last here are shown.
_SHOWN = ("", "time", "vertical", "y", "x", "latitude", "longitude")


def other_dims(field: xr.DataArray) -> list[str]:
    """Return the dimensions of a field that no map or section of it shows.

    Examples
    --------
    >>> import numpy as np, xarray as xr
    >>> other_dims(xr.DataArray(np.zeros((2, 3, 4)), dims=("time", "lat", "lon")))
    ['time']
    """
    dims = [str(dim) for dim in field.dims]
    shown = _mapped(field)
    if not shown:
        roles = roles_of(field)
        place = {dim: k for k, dim in enumerate(dims)}
        ranked = sorted(dims, key=lambda d: (_SHOWN.index(roles.get(d, "")), place[d]))
        shown = set(ranked[-2:])
    return [dim for dim in dims if dim not in shown]


def _mapped(field: xr.DataArray) -> set[str]:
    """Return the two dimensions of a map, where latitude and longitude lie in both."""
    if field.ndim < 3 or {"latitude", "longitude"} <= set(roles_of(field).values()):
        return set()
    try:
        surface = grid_of(field).surface
    except XnablaError:
        return set()
    return set() if surface is None else set(surface.dims)


def panes_of(field: xr.DataArray) -> list[dict[str, int]]:
    """Return the indices of each panel, in the order of the dimensions."""
    extra = other_dims(field) if field.ndim > 2 else []
    ranges = [range(field.sizes[dim]) for dim in extra]
    return [dict(zip(extra, where, strict=True)) for where in product(*ranges)]


def panel_count(field: xr.DataArray) -> tuple[int, int]:
    """Return how many panels a field asks for, and the most that can be read.

    Nothing is computed.

    Examples
    --------
    >>> import numpy as np, xarray as xr
    >>> panel_count(xr.DataArray(np.zeros((2, 1, 3, 4)), dims=("t", "z", "lat", "lon")))
    (2, 12)
    """
    return len(panes_of(field.squeeze(drop=True))), MOST_PANES


def group_of(field: xr.DataArray) -> int:
    """Return how many panels in a row belong together: the levels of one time."""
    extra = other_dims(field) if field.ndim > 2 else []
    return field.sizes[extra[-1]] if extra else 1


def shared_occasion(field: xr.DataArray, where: dict[str, int]) -> str:
    """Return level, place and time of what all panels have in common."""
    return occasion(field.isel(dict.fromkeys(where, 0), drop=True))


def caption_of(field: xr.DataArray, where: dict[str, int]) -> str:
    """Return what is of one panel alone: its level, its time, its number."""
    found = []
    for dim, index in where.items():
        if dim not in field.coords:
            found.append(f"{dim} {index}")
            continue
        coordinate = field[dim]
        if coordinate_role(coordinate) == "time" and coordinate.dtype.kind in "MO":
            found.append(_moment(coordinate.values, index))
            continue
        only = field.isel({dim: index})
        others = [str(name) for name in only.coords if name != dim]
        found += places_of(only.drop_vars(others)) or [str(coordinate.values[index])]
    return " · ".join(found)


def _moment(values: Any, index: int) -> str:
    """Write one of several moments, its hour only where they differ in it.

    Months are told by their name where every moment is of another month.
    """
    texts = [time_text(moment) for moment in values]
    if len({text[:7] for text in texts}) == len(texts) and _are_months(values):
        return texts[index][:7]
    same_hour = len({text[10:] for text in texts}) == 1
    return texts[index][:10] if same_hour else texts[index].removesuffix(" UTC")


def _are_months(values: Any) -> bool:
    """Tell moments that are a month or more apart."""
    if len(values) < 2:
        return False
    steps = np.abs(np.diff(values))
    days = [
        step / np.timedelta64(1, "D")
        if isinstance(step, np.timedelta64)
        else step.total_seconds() / 86400.0
        for step in steps
    ]
    return bool(min(days) >= 28)
