"""Points along one dimension: what they are, their unit, their period."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from xnabla.errors import GridError, OptionError, UnitsError, explain
from xnabla.grid._contradiction import refuse_contradiction
from xnabla.grid._criteria import DIMENSIONLESS_STANDARD_NAMES, Role, role_of
from xnabla.grid._earth import length_unit
from xnabla.grid._period import circle_of, unwrapped
from xnabla.grid._points import check_monotonic, evened, numbers
from xnabla.grid._time import seconds_of
from xnabla.numerics import Line
from xnabla.units import (
    conversion_factor,
    is_quantity,
    parse,
    split_quantity,
)

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Axis:
    """Points along one dimension, as numbers that can be differentiated against.

    Attributes
    ----------
    dim : str
        The dimension.
    coordinate : str
        The coordinate the points were read from.
    role : str
        What the points are: ``latitude``, ``longitude``, ``x``, ``y``, ``vertical``,
        ``time`` or ``other``.
    line : Line
        The points: radians for latitude and longitude, metres for x and y, seconds for
        time, else in ``unit``.
    unit : str
        CF unit of the denominator of a derivative: metres along latitude and longitude.
    positive : str
        ``up``, ``down`` or nothing, as the file says of a vertical coordinate.
    assumed : tuple of str
        What the file did not say.
    span : str
        First and last date, for people.
    title : str
        What the coordinate is called, for people.
    """

    dim: str
    coordinate: str
    role: Role
    line: Line
    unit: str
    positive: str = ""
    assumed: tuple[str, ...] = ()
    span: str = ""
    title: str = ""

    @property
    def size(self) -> int:
        """Number of points."""
        return self.line.size


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """A coordinate of a field, as it stands in the file."""

    name: str
    dims: tuple[str, ...]
    role: Role
    values: Any
    attributes: Mapping[str, Any]
    units: str | None


def found(name: str, coordinate: xr.DataArray) -> Found:
    """Read a coordinate's role and unit; its values are left alone."""
    # two-dimensional ones are large, and only their role is asked for
    values = coordinate.data if coordinate.ndim < 2 else None
    attributes = dict(coordinate.attrs)
    units = attributes.get("units", coordinate.encoding.get("units"))
    if coordinate.dtype.kind in "mMO":
        units = None
    if is_quantity(values):
        values, unit = split_quantity(values)
        units = attributes["units"] = str(unit)
    role = role_of(name, attributes, coordinate.dtype)
    if coordinate.dtype.kind == "O" and role == "other" and _holds_dates(coordinate):
        role = "time"
    text = None if units is None else str(units)
    return Found(name, tuple(map(str, coordinate.dims)), role, values, attributes, text)


def read_axis(
    dim: str,
    coordinate: Found,
    *,
    period: float | bool | None = None,
) -> Axis:
    """Read the points of a one-dimensional coordinate.

    Parameters
    ----------
    dim : str
        The dimension it lies along.
    coordinate : Found
        The coordinate.
    period : float, bool or None
        Length of the circle in the coordinate's unit, whether there is one, or
        ``None`` to find out.

    Raises
    ------
    GridError, UnitsError
        If nothing can be differentiated against these points.
    """
    readers = {
        "latitude": _read_latitude,
        "longitude": _read_longitude,
        "time": _read_time,
        "x": _read_plane,
        "y": _read_plane,
        "grid_latitude": _read_rotated,
        "grid_longitude": _read_rotated,
    }
    reader = readers.get(coordinate.role, _read_other)
    return reader(dim, coordinate, period)


def _read_latitude(dim: str, c: Found, period: float | bool | None) -> Axis:
    del period
    values = numbers(c.values, c.name)
    degrees, assumed = degrees_of(c, values)
    slack = 1e-4  # 11 m: rounding, whichever way it was written
    beyond = np.flatnonzero(np.abs(degrees) > 90.0 + slack)
    if beyond.size:
        raise GridError(
            explain(
                f"Latitude {c.name!r} leaves the globe at index {int(beyond[0])}",
                expected="-90 to 90 degrees",
                got=f"{degrees[beyond[0]]:.6g}",
                hint=f"field.isel({dim}=abs(field[{c.name!r}]) <= 90)",
            )
        )
    check_monotonic(c.name, degrees, values)
    degrees, step = evened(degrees, values, 90.0)
    # a pole row is on the pole, whatever the last bit of the file says
    at_pole = np.abs(np.abs(degrees) - 90.0) <= slack
    degrees = np.where(at_pole, np.sign(degrees) * 90.0, degrees)
    line = Line(np.deg2rad(degrees), None if step is None else float(np.deg2rad(step)))
    return Axis(dim, c.name, "latitude", line, "m", assumed=assumed)


def _read_longitude(dim: str, c: Found, period: float | bool | None) -> Axis:
    values = numbers(c.values, c.name)
    degrees, assumed = degrees_of(c, values)
    degrees = unwrapped(degrees)
    check_monotonic(c.name, degrees, values)
    periodic, closed = period is not False, False
    if period is None:
        circle = circle_of(degrees, c.name)
        periodic, closed = circle.periodic, circle.closed
    elif periodic:
        gap = 360.0 - abs(float(degrees[-1] - degrees[0]))
        smallest = float(np.abs(np.diff(degrees)).min()) if degrees.size > 1 else 360.0
        closed = abs(gap) < 0.02 * smallest
        if gap < 0 and not closed:
            circle_of(degrees, c.name)  # raises the sentence for it
    degrees, step = evened(degrees, values, 360.0)
    if periodic and step is not None:
        # on an even circle the exact step is known better than any file can write it
        count = degrees.size - int(closed)
        exact = np.copysign(360.0 / count, step)
        if abs(exact - step) <= 0.02 / count * abs(step):
            step = float(exact)
            degrees = degrees[0] + step * np.arange(degrees.size)
        else:
            step = None
    line = Line(
        np.deg2rad(degrees),
        None if step is None else float(np.deg2rad(step)),
        2.0 * np.pi if periodic else None,
        closed,
    )
    return Axis(dim, c.name, "longitude", line, "m", assumed=assumed)


def _read_plane(dim: str, c: Found, period: float | bool | None) -> Axis:
    numbers(c.values, c.name)
    if c.units is None or not c.units.strip():
        raise _no_units(c, "km")
    unit = parse(c.units, of=f"coordinate {c.name!r}")
    if not length_unit(unit):
        raise UnitsError(
            explain(
                f"Coordinate {c.name!r} is taken for plane {c.role} but has no length",
                expected="a unit of length, or attributes that say what it is",
                got=f"units {c.units!r}",
                hint=f"field[{c.name!r}].attrs['standard_name'] = "
                f"{'latitude' if c.role == 'y' else 'longitude'!r}",
            )
        )
    factor = conversion_factor(unit, parse("m"), of=f"coordinate {c.name!r}")
    return _plain_axis(dim, c, factor, "m", period)


def _read_rotated(dim: str, c: Found, period: float | bool | None) -> Axis:
    """Read degrees of a rotated globe: both are read as longitudes are."""
    axis = _read_longitude(dim, c, period if c.role == "grid_longitude" else False)
    return replace(axis, role=c.role)


def _read_time(dim: str, c: Found, period: float | bool | None) -> Axis:
    values = np.asarray(c.values)
    seconds = seconds_of(values, c.units, c.name)
    check_monotonic(c.name, seconds, values)
    # whole numbers: a second of unevenness is meant, however long the axis
    seconds, step = evened(seconds, np.rint(seconds))
    line = _with_period(Line(seconds, step), period, 1.0)
    return Axis(dim, c.name, "time", line, "s", span=_dates(values))


def _read_other(dim: str, c: Found, period: float | bool | None) -> Axis:
    numbers(c.values, c.name)
    units = c.units
    name = str(c.attributes.get("standard_name", ""))
    if (units is None or not units.strip()) and name in DIMENSIONLESS_STANDARD_NAMES:
        units = "1"
    if units is None or not units.strip():
        raise _no_units(c, likely_unit(c.name, c.role))
    if units.strip().lower() in {"level", "levels", "layer", "layers"}:
        units = "1"  # COARDS spelling of a level number
    parse(units, of=f"coordinate {c.name!r}")
    positive = str(c.attributes.get("positive", "")).strip().lower()
    return _plain_axis(dim, c, 1.0, units, period, positive)


def _plain_axis(
    dim: str,
    c: Found,
    factor: float,
    unit: str,
    period: float | bool | None,
    positive: str = "",
) -> Axis:
    values = numbers(c.values, c.name)
    points = np.asarray(values, dtype=np.float64)
    check_monotonic(c.name, points, values)
    points, step = evened(points, values)
    line = Line(points * factor, None if step is None else step * factor)
    line = _with_period(line, period, factor)
    return Axis(dim, c.name, c.role, line, unit, positive, title=_title(c))


def _with_period(line: Line, period: float | bool | None, factor: float) -> Line:
    """Return the line as a circle, if a user says it is one."""
    if period is None or period is False:
        return line
    if period is True:
        if line.step is None:
            raise GridError(
                explain(
                    "The period of an uneven axis is not known",
                    expected="its length",
                    got="periodic without one",
                    hint="periodic={'x': 100.0}, in the unit of the coordinate",
                )
            )
        return Line(line.points, line.step, abs(line.step) * line.size)
    length = _length_of(period) * factor
    span = abs(float(line.points[-1] - line.points[0]))
    even = line.step is not None and np.isclose(length, span + abs(line.step))
    if length <= span:
        raise GridError(
            explain(
                "The period is shorter than the axis",
                expected=f"more than {span / factor:.6g}",
                got=f"{period:.6g}",
            )
        )
    return Line(line.points, line.step if even else None, length)


def _title(c: Found) -> str:
    """Return what a coordinate is called: its long name, else what CF calls it."""
    said = (c.attributes.get(name) for name in ("long_name", "standard_name"))
    words = [text for text in said if isinstance(text, str) and text.strip()]
    return (words or [c.name])[0].strip().replace("_", " ")


def _dates(values: NDArray[Any]) -> str:
    """Return the first and the last of dates; durations tell nothing by themselves."""
    if values.size == 0 or (values.dtype.kind not in "MO"):
        return ""
    ends = [values[0]] if values.size == 1 else [values[0], values[-1]]
    shown = (
        str(np.datetime64(end, "s")) if values.dtype.kind == "M" else end.isoformat()
        for end in ends
    )
    return " to ".join(shown)


def _length_of(period: Any) -> float:
    """Return the length of a period, which must be one."""
    is_number = isinstance(period, int | float | np.number)
    if not is_number or not np.isfinite(period) or period <= 0:
        raise OptionError(
            explain(
                f"periodic={period!r} is no length",
                expected="a positive number in the unit of the coordinate, or True",
                hint="periodic={'x': 100.0}",
            )
        )
    return float(period)


def likely_unit(name: str, role: str | None = None) -> str:
    """Return the unit a coordinate of this name most likely has, for advice."""
    name = name.lower()
    if name in {"year", "month", "day", "hour"}:  # as groupby("time.year") leaves it
        return name
    if role != "vertical":
        return "1"
    if name.startswith(("p", "iso", "lev")):
        return "hPa"
    return "m" if name.startswith(("z", "height", "alt", "depth")) else "1"


def length_factor(text: str, wanted: str) -> float | None:
    """Return the factor from a unit's text to another unit, if there is one."""
    try:
        return conversion_factor(parse(text), parse(wanted), of="a coordinate")
    except UnitsError:
        return None


def degrees_of(c: Found, values: NDArray[Any]) -> tuple[Floats, tuple[str, ...]]:
    """Return latitudes or longitudes in degrees, and what was assumed for that."""
    refuse_contradiction(c.name, c.role, c.attributes)
    points = np.asarray(values, dtype=np.float64)
    if c.units is None or not c.units.strip():
        return points, (f"{c.name} has no units: taken as degrees",)
    unit = parse(c.units, of=f"coordinate {c.name!r}")
    degree = parse("degree")
    if unit.dimensionality != degree.dimensionality or str(unit) == "1":
        raise UnitsError(
            explain(
                f"Coordinate {c.name!r} is a {c.role} but not in degrees",
                expected="units 'degrees_north', 'degrees_east' or 'radian'",
                got=f"{c.units!r}",
                hint=f"field[{c.name!r}].attrs['units'] = "
                f"{'degrees_north' if c.role == 'latitude' else 'degrees_east'!r}",
            )
        )
    factor = conversion_factor(unit, degree, of=f"coordinate {c.name!r}")
    return points * factor, ()


def _holds_dates(coordinate: xr.DataArray) -> bool:
    return coordinate.size > 0 and hasattr(coordinate.values.flat[0], "year")


def _no_units(c: Found, example: str) -> UnitsError:
    return UnitsError(
        explain(
            f"Coordinate {c.name!r} has no units",
            expected="a 'units' attribute",
            hint=f"field[{c.name!r}].attrs['units'] = {example!r}",
        )
    )
