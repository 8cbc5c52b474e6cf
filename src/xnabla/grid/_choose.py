"""Which coordinate speaks for each dimension of a field, and what users say of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import xarray as xr

from xnabla.errors import GridError, OptionError, XnablaError, explain
from xnabla.grid._axis import Found
from xnabla.grid._criteria import Role
from xnabla.grid._mesh import refused
from xnabla.units import conversion_factor, parse

Periods = Mapping[str, float | bool]


def choose_coordinates(
    field: xr.DataArray,
    dims: tuple[str, ...],
    coordinates: Mapping[str, Found],
    listed: Mapping[str, str],
    faults: dict[str, XnablaError],
) -> dict[str, Found]:
    """Return the coordinate of each dimension: its own, else one of known role.

    Dimensions that list points have none that could be used.
    """
    chosen: dict[str, Found] = {}
    for dim in dims:
        along = [c for c in coordinates.values() if c.dims == (dim,)]
        known = [c for c in along if c.role != "other"]
        own = coordinates.get(dim)
        if dim in listed:
            faults[dim] = refused(dim, listed[dim])
        elif own is not None and own in along and (own in known or not known):
            chosen[dim] = _surer(own, known)
        elif len(known) == 1:
            chosen[dim] = known[0]
        elif known:
            names = ", ".join(repr(c.name) for c in known)
            faults[dim] = GridError(
                explain(
                    f"Dimension {dim!r} has several coordinates",
                    expected="one, or one named like the dimension",
                    got=names,
                    hint=f"field.swap_dims({dim}={known[0].name!r})",
                )
            )
        else:
            faults[dim] = GridError(
                explain(
                    f"Dimension {dim!r} has no coordinate",
                    expected="positions to take the spacing from",
                    got=f"{field.sizes[dim]} points without any",
                    hint=f"field.assign_coords({dim}=...)",
                )
            )
    return chosen


def _surer(own: Found, known: list[Found]) -> Found:
    """Return the coordinate of a dimension, unless it only counts points.

    A coordinate that has a role by its name alone gives way to one of the same role
    that says so: lat = 0, 1, 2 … beside latitude in degrees_north.
    """
    if says_itself(own):
        return own
    others = [c for c in known if c.role == own.role and says_itself(c)]
    return others[0] if len(others) == 1 else own


def says_itself(coordinate: Found) -> bool:
    """Tell whether a coordinate has more than its name to say what it is."""
    standard_name = coordinate.attributes.get("standard_name")
    return bool(str(coordinate.units or "").strip() or standard_name)


def in_degrees(chosen: Mapping[str, Found]) -> dict[str, Found]:
    """Return bare x and y as longitude and latitude: those of a geographic reference.

    As in a GeoTIFF that rioxarray opens.
    """
    roles: dict[str, Role] = {"x": "longitude", "y": "latitude"}
    bare = {"", "degree", "degrees", "deg"}
    return {
        dim: replace(c, role=roles[c.role], units="degrees")
        if c.role in roles and str(c.units or "").strip().lower() in bare
        else c
        for dim, c in chosen.items()
    }


def periods_of(
    periodic: Any, chosen: Mapping[str, Found], dims: tuple[str, ...]
) -> Periods:
    """Return what a user says of periods, by dimension."""
    if periodic is None:
        return {}
    if isinstance(periodic, bool):
        return {dim: periodic for dim, c in chosen.items() if c.role == "longitude"}
    if isinstance(periodic, str):
        periodic = [periodic]
    asked = periodic if isinstance(periodic, Mapping) else dict.fromkeys(periodic, True)
    periods: dict[str, float | bool] = {}
    for name, length in asked.items():
        matching = [dim for dim, c in chosen.items() if name in (dim, c.name, c.role)]
        if len(matching) != 1:
            raise OptionError(
                explain(
                    f"periodic names no axis of the field: {name!r}",
                    expected="one of " + ", ".join(map(repr, dims)),
                )
            )
        periods[matching[0]] = length
    return periods


def scalar_latitude(coordinates: Mapping[str, Found]) -> float | None:
    for coordinate in coordinates.values():
        if coordinate.role == "latitude" and coordinate.dims == ():
            unit = parse(coordinate.units or "degrees_north", of="the latitude")
            factor = conversion_factor(unit, parse("radian"), of="the latitude")
            radians = float(np.asarray(coordinate.values)) * factor
            return radians if abs(radians) <= np.pi / 2.0 else None
    return None
