"""Coordinates that contradict their name or the GRIB message that they come from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xnabla.errors import GridError, explain
from xnabla.grid._criteria import ROLES, Role

__all__ = ["refuse_contradiction", "refuse_uneven"]

_OTHER: dict[Role, Role] = {"latitude": "longitude", "longitude": "latitude"}
_UNITS = {"latitude": "degrees_north", "longitude": "degrees_east"}
_COUNTS = {"latitude": "GRIB_Ny", "longitude": "GRIB_Nx"}
# GRIB 1 rounds to a thousandth of a degree: 1 % of a step of 0.1.
_UNEVEN = 0.05


def refuse_contradiction(name: str, role: Role, attributes: Mapping[str, Any]) -> None:
    """Refuse a latitude with the name of a longitude, and the reverse.

    Attributes decide what a coordinate is, and names do so where they are silent. Where
    they contradict each other, one is a slip, and nobody can tell which: on a regional
    grid both readings give numbers, and one of them is wrong.

    Parameters
    ----------
    name : str
    role : str
        What its attributes say.
    attributes : mapping

    Raises
    ------
    GridError
        With the attribute that speaks against the name.

    Examples
    --------
    >>> refuse_contradiction("lat", "latitude", {"units": "degrees_north"})
    >>> refuse_contradiction("lon", "latitude", {"units": "degrees_north"})
    Traceback (most recent call last):
    xnabla.errors.GridError: Coordinate 'lon' is called a longitude, ...
    """
    called = _OTHER.get(role)
    if called is None or not re.fullmatch(ROLES[called].names, name.lower()):
        return
    key, right = _speaker(role, called, attributes)
    raise GridError(
        explain(
            f"Coordinate {name!r} is called a {called}, but its attribute {key} "
            f"{attributes.get(key)!r} is that of a {role}",
            expected="a name and attributes that agree",
            hint=f"field[{name!r}].attrs[{key!r}] = {right!r}, or another name for it",
        )
    )


def refuse_uneven(
    name: str, role: Role, points: NDArray[Any], attributes: Mapping[str, Any]
) -> None:
    """Refuse the uneven rows of a GRIB message whose grid is regular.

    Its step contradicts its first and its last point: ecCodes then counts on by the
    step as far as it gets, and puts the last point where the message says it is.

    Parameters
    ----------
    name : str
    role : str
    points : array
        All of them, in any unit.
    attributes : mapping
        Of the field, as cfgrib has them. Part of a grid has fewer points than they say,
        and may be as uneven as anybody picked it.

    Raises
    ------
    GridError

    Examples
    --------
    >>> told = {"GRIB_gridType": "regular_ll", "GRIB_Ny": 4}
    >>> refuse_uneven("latitude", "latitude", np.array([9.0, 8, 7, 6]), told)
    >>> refuse_uneven("latitude", "latitude", np.array([9.0, 8, 7, 0]), told)
    Traceback (most recent call last):
    xnabla.errors.GridError: The grid of the GRIB message is regular, ...
    """
    if attributes.get("GRIB_gridType") != "regular_ll" or points.size < 3:
        return
    if attributes.get(_COUNTS.get(role, "")) != points.size:
        return
    steps = np.diff(np.asarray(points, dtype=np.float64))
    if role == "longitude":
        steps = (steps + 180.0) % 360.0 - 180.0  # 359, 0 is one step
    if np.ptp(steps) <= _UNEVEN * abs(steps.mean()):
        return
    first, last = f"{points[0]:.6g}", f"{points[-1]:.6g}"
    raise GridError(
        explain(
            f"The grid of the GRIB message is regular, but not the points of {name!r}: "
            "its step contradicts its first and last point",
            expected=f"{points.size} points, evenly from {first} to {last}",
            got=f"steps of {np.abs(steps).min():.6g} to {np.abs(steps).max():.6g}",
            hint=f"field.assign_coords({{{name!r}: ({name!r}, "
            f"numpy.linspace({first}, {last}, {points.size}), "
            f"field[{name!r}].attrs)}})",
        )
    )


def _speaker(
    role: Role, called: Role, attributes: Mapping[str, Any]
) -> tuple[str, str]:
    """Return the attribute that gave a coordinate its role, and what it should say."""
    said = {key: str(value).strip().lower() for key, value in attributes.items()}
    if said.get("standard_name") == role:
        return "standard_name", called
    if re.sub(r"\s+", "", said.get("units", "")) in ROLES[role].units:
        return "units", _UNITS[called]
    if said.get("_CoordinateAxisType") == ROLES[role].axis_type.lower():
        return "_CoordinateAxisType", ROLES[called].axis_type
    return "long_name", called
