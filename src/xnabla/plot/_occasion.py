"""Where and when a field was taken, as its scalar coordinates tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xnabla.plot._roles import coordinate_role
from xnabla.plot._text import degrees
from xnabla.plot._unit_text import pretty_units, understood
from xnabla.plot._words import printable

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["occasion", "places_of", "time_text"]

_LONGEST_LEAD_HOURS = 60 * 24  # a climate run has a start too, and no reader asks
_HOURS_UP_TO = 240
# Told by the valid time and the start of a forecast, where it is one.
_LEADS = {"forecast_period", "step", "lead_time", "leadtime", "lead"}


def time_text(moment: Any) -> str:
    """Write a numpy or cftime moment to the minute, in UTC."""
    if hasattr(moment, "strftime"):
        return str(moment.strftime("%Y-%m-%d %H:%M UTC"))
    return str(moment.astype("datetime64[m]")).replace("T", " ") + " UTC"


def occasion(field: xr.DataArray) -> str:
    """Return level, place, number, valid time and start of a field in one line."""
    return " · ".join(part for part in (*places_of(field), _times(field)) if part)


def places_of(field: xr.DataArray) -> list[str]:
    """Return the level a field was taken at, then all else that is one number."""
    levels, others = [], []
    dated = bool(_times(field))
    for coordinate in _scalars(field):
        number = _number(coordinate)
        if number is None or (dated and _is_lead(coordinate)):
            continue
        role = coordinate_role(coordinate)
        if role == "time" and dated:  # the index of the one moment that is told
            continue
        if role in {"longitude", "latitude"}:
            others.append(degrees(number, role))
        elif role == "vertical":
            levels.append(_level(number, coordinate))
        else:
            units = pretty_units(_units(coordinate))
            words = f"{printable(coordinate.name)} {_digits(number)} {units}"
            others.append(words.strip())
    return levels + others


def _times(field: xr.DataArray) -> str:
    """Return when a field is valid and, if it is one, which forecast it comes from."""
    valid = start = None
    for coordinate in _scalars(field):
        value = coordinate.values[()]
        if coordinate_role(coordinate) != "time" or not _is_moment(value):
            continue
        if "reference" in f"{coordinate.name} {coordinate.attrs.get('standard_name')}":
            start = value
        elif valid is None or "valid" in str(coordinate.name):
            valid = value
    if valid is None:
        return "" if start is None else f"forecast from {time_text(start)}"
    words = f"valid {time_text(valid)}"
    hours = _hours_between(start, valid)
    if not 0 < hours <= _LONGEST_LEAD_HOURS:
        return words
    lead = f"{hours:g}\u00a0h" if hours <= _HOURS_UP_TO else f"{hours / 24:g}\u00a0days"
    return f"{words} · forecast from {time_text(start)} (+{lead})"


def _hours_between(start: Any, valid: Any) -> float:
    """Return the hours from one moment to another, 0 where they do not compare."""
    if type(start) is not type(valid):
        return 0.0
    passed = valid - start
    if isinstance(passed, np.timedelta64):
        return float(passed / np.timedelta64(1, "h"))
    return float(passed.total_seconds() / 3600.0)


def _scalars(field: xr.DataArray) -> list[xr.DataArray]:
    """Return the coordinates that hold one value."""
    return [coordinate for coordinate in field.coords.values() if not coordinate.ndim]


def _is_moment(value: Any) -> bool:
    """Tell a moment from a number and from a missing time."""
    if isinstance(value, np.datetime64):
        return not np.isnat(value)
    return hasattr(value, "strftime")


def _is_lead(coordinate: xr.DataArray) -> bool:
    """Tell whether a coordinate is the age of a forecast."""
    return bool(_LEADS & {coordinate.name, coordinate.attrs.get("standard_name")})


def _number(coordinate: xr.DataArray) -> float | None:
    """Return the number a coordinate holds, spans of time in hours; None if none.

    A container of map parameters is no coordinate, though its value is a number, and a
    date written as one (HYCOM's ``day as %Y%m%d.%f``) is told as a time.
    """
    if {"grid_mapping_name", "crs_wkt", "spatial_ref"} & set(coordinate.attrs):
        return None
    if "%" in str(coordinate.attrs.get("units", "")).rstrip("%"):
        return None
    value = coordinate.values[()]
    if coordinate.dtype.kind == "m":
        value = value / np.timedelta64(1, "h")
    elif coordinate.dtype.kind not in "fiu":
        return None
    return float(value) if np.isfinite(value) else None


def _units(coordinate: xr.DataArray) -> str:
    """Return the unit of the number a coordinate holds."""
    if coordinate.dtype.kind == "m":
        return "h"
    return str(coordinate.attrs.get("units", ""))


def _digits(number: float) -> str:
    """Write a number, a whole one with all its digits."""
    return (
        f"{number:.0f}" if number.is_integer() and abs(number) < 1e15 else f"{number:g}"
    )


def _level(number: float, coordinate: xr.DataArray) -> str:
    """Write a level, pressure in hPa as everybody says it."""
    units = _units(coordinate)
    if understood(units) == "Pa":
        number, units = number / 100, "hPa"
    shown = pretty_units(units)
    if not shown:
        return f"level {number:g}"
    return f"{number:g} {shown}"
