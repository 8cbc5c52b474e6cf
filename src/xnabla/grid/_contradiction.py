"""A coordinate that is called a latitude and says it is a longitude, or the reverse."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from xnabla.errors import GridError, explain
from xnabla.grid._criteria import ROLES, Role

__all__ = ["refuse_contradiction"]

_OTHER: dict[Role, Role] = {"latitude": "longitude", "longitude": "latitude"}
_UNITS = {"latitude": "degrees_north", "longitude": "degrees_east"}


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
