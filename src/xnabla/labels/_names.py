"""What results are called: a table of names, and the CF names that really exist."""

from __future__ import annotations

import re
from dataclasses import dataclass

from xnabla.grid import Axis


@dataclass(frozen=True, slots=True)
class Direction:
    """How a derivative along an axis is named."""

    letter: str
    phrase: str


DIRECTIONS: dict[str, Direction] = {
    "latitude": Direction("y", "northward derivative of {}"),
    "longitude": Direction("x", "eastward derivative of {}"),
    "y": Direction("y", "derivative of {} along y"),
    "x": Direction("x", "derivative of {} along x"),
    "grid_latitude": Direction("y", "derivative of {} along the rotated latitude"),
    "grid_longitude": Direction("x", "derivative of {} along the rotated longitude"),
    "time": Direction("t", "time derivative of {}"),
}

# CF standard names of time derivatives, as the CF table has them; a derivative without
# a row here gets none, for an invented or a stale one is worse.
TENDENCIES: dict[str, str] = {
    name: f"tendency_of_{name}"
    for name in (
        "air_pressure",
        "air_temperature",
        "eastward_wind",
        "northward_wind",
        "specific_humidity",
        "surface_air_pressure",
    )
}


# CF has names for the slopes of these, eastward and northward.
_SLOPES = {"eastward_wind", "northward_wind"}
_TOWARDS: dict[str, str] = {"latitude": "northward", "longitude": "eastward"}


def derivative_name(
    field_name: str | None, axis: Axis, order: int, *, alone: bool = True
) -> str:
    """Return a variable name such as ``dt_dx`` or ``d2t_dp2``.

    ``alone`` tells whether the axis is the only one of its role; if not, the dimension
    names it, so that no two components share a name.

    Examples
    --------
    >>> from xnabla.numerics import Line
    >>> import numpy as np
    >>> lon = Axis("lon", "lon", "longitude", Line(np.arange(3.0)), "m")
    >>> derivative_name("t", lon, 1)
    'dt_dx'
    """
    known = axis.role in DIRECTIONS and alone
    letter = DIRECTIONS[axis.role].letter if known else axis.dim
    power = "" if order == 1 else str(order)
    return f"d{power}{field_name or 'f'}_d{letter}{power}"


def derivative_long_name(what: str, axis: Axis, order: int) -> str:
    """Return a phrase such as ``northward derivative of air temperature``."""
    if axis.role in DIRECTIONS:
        phrase = DIRECTIONS[axis.role].phrase
    else:
        coordinate = axis.title or axis.coordinate.replace("_", " ")
        direction = f" (positive {axis.positive})" if axis.positive else ""
        phrase = "derivative of {} with respect to " + coordinate + direction
    return ("second " if order == 2 else "") + phrase.format(what)


def derivative_standard_name(standard_name: str | None, axis: Axis, order: int) -> str:
    """Return the CF standard name of a derivative, or nothing if CF has none."""
    if order != 1 or standard_name is None:
        return ""
    if axis.role == "time":
        return TENDENCIES.get(standard_name, "")
    if axis.role in _TOWARDS and standard_name in _SLOPES:
        return f"{_TOWARDS[axis.role]}_derivative_of_{standard_name}"
    return ""


# "name: name: method where type within days (interval: 1 day)", as CF spells it
_CELL_METHOD = re.compile(
    r"(?P<names>(?:\w+:\s*)+)\w+(?:\s+(?:where|over|within)\s+\w+)*(?:\s*\([^)]*\))?"
)


def cell_methods_without(text: str, dim: str) -> str:
    """Return cell methods without those along a dimension.

    Examples
    --------
    >>> cell_methods_without("time: mean (interval: 1 day) area: mean", "time")
    'area: mean'
    """
    kept = [
        " ".join(entry.group().split())
        for entry in _CELL_METHOD.finditer(text)
        if dim not in entry["names"].replace(":", " ").split()
    ]
    return " ".join(kept)
