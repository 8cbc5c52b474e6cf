"""Points along one dimension: what they are, their unit, their period."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from xnabla.errors import GridError, UnitsError, explain
from xnabla.grid._criteria import DIMENSIONLESS_STANDARD_NAMES, Role, role_of
from xnabla.grid._earth import length_unit
from xnabla.grid._period import circle_of, unwrapped
from xnabla.grid._time import seconds_of
from xnabla.numerics import Line
from xnabla.units import (
    conversion_factor,
    is_quantity,
    parse,
    split_quantity,
)

Floats = NDArray[np.float64]

# Beyond this, single-precision rounding cannot explain why spacing is uneven.
_FLOAT32_EPS = float(np.finfo(np.float32).eps)


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
    """

    dim: str
    coordinate: str
    role: Role
    line: Line
    unit: str
    positive: str = ""
    assumed: tuple[str, ...] = ()

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
    values = coordinate.variable._data if coordinate.ndim == 0 else coordinate.data
    attributes = dict(coordinate.attrs)
    units = attributes.get("units", coordinate.encoding.get("units"))
    if coordinate.dtype.kind in "mMO":
        units = None
    if is_quantity(coordinate.data):
        values, unit = split_quantity(coordinate.data)
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
    bounds: Floats | None = None,
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
    bounds : array, optional
        Cell bounds, for a longitude whose points alone do not tell.

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
    }
    reader = readers.get(coordinate.role, _read_other)
    return reader(dim, coordinate, period, bounds)


def _read_latitude(
    dim: str, c: Found, period: float | bool | None, bounds: Floats | None
) -> Axis:
    del period, bounds
    values = _numbers(c)
    degrees, assumed = _degrees(c, values)
    slack = 1e-4 if _is_single(values) else 1e-6
    beyond = np.flatnonzero(np.abs(degrees) > 90.0 + slack)
    if beyond.size:
        raise GridError(
            explain(
                f"Latitude {c.name!r} leaves the globe at index {int(beyond[0])}",
                expected="-90 to 90 degrees",
                got=f"{degrees[beyond[0]]:.6g}",
            )
        )
    _check_monotonic(c.name, degrees, values)
    degrees, step = _evened(degrees, values, 90.0)
    # a pole row is on the pole, whatever the last bit of the file says
    at_pole = np.abs(np.abs(degrees) - 90.0) <= slack
    degrees = np.where(at_pole, np.sign(degrees) * 90.0, degrees)
    line = Line(np.deg2rad(degrees), None if step is None else float(np.deg2rad(step)))
    return Axis(dim, c.name, "latitude", line, "m", assumed=assumed)


def _read_longitude(
    dim: str, c: Found, period: float | bool | None, bounds: Floats | None
) -> Axis:
    values = _numbers(c)
    degrees, assumed = _degrees(c, values)
    degrees = unwrapped(degrees)
    _check_monotonic(c.name, degrees, values)
    periodic, closed = period is not False, False
    if period is None:
        circle = circle_of(degrees, c.name, bounds)
        periodic, closed = circle.periodic, circle.closed
    elif periodic:
        gap = 360.0 - abs(float(degrees[-1] - degrees[0]))
        smallest = float(np.abs(np.diff(degrees)).min()) if degrees.size > 1 else 360.0
        closed = abs(gap) < 0.02 * smallest
        if gap < 0 and not closed:
            circle_of(degrees, c.name, bounds)  # raises the sentence for it
    degrees, step = _evened(degrees, values, 360.0)
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


def _read_plane(
    dim: str, c: Found, period: float | bool | None, bounds: Floats | None
) -> Axis:
    del bounds
    if c.units is None:
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


def _read_time(
    dim: str, c: Found, period: float | bool | None, bounds: Floats | None
) -> Axis:
    del bounds
    values = np.asarray(c.values)
    seconds = seconds_of(values, c.units, c.name)
    _check_monotonic(c.name, seconds, values)
    seconds, step = _evened(seconds, np.rint(seconds))
    line = _with_period(Line(seconds, step), period, 1.0)
    return Axis(dim, c.name, "time", line, "s")


def _read_other(
    dim: str, c: Found, period: float | bool | None, bounds: Floats | None
) -> Axis:
    del bounds
    if c.role in {"grid_latitude", "grid_longitude"}:
        raise GridError(
            explain(
                f"Coordinate {c.name!r} belongs to a rotated grid, which xnabla does "
                "not differentiate yet: a later version will",
                expected="true latitude and longitude, or x and y in metres",
            )
        )
    units, assumed = c.units, ()
    name = str(c.attributes.get("standard_name", ""))
    if (units is None or not units.strip()) and name in DIMENSIONLESS_STANDARD_NAMES:
        units = "1"
    if units is None:
        raise _no_units(c, "hPa" if c.role == "vertical" else "1")
    if units.strip().lower() in {"level", "levels", "layer", "layers"}:
        units = "1"  # COARDS spelling of a level number
    parse(units, of=f"coordinate {c.name!r}")
    positive = str(c.attributes.get("positive", "")).strip().lower()
    return _plain_axis(dim, c, 1.0, units, period, positive, assumed)


def _plain_axis(
    dim: str,
    c: Found,
    factor: float,
    unit: str,
    period: float | bool | None,
    positive: str = "",
    assumed: tuple[str, ...] = (),
) -> Axis:
    values = _numbers(c)
    points = np.asarray(values, dtype=np.float64)
    _check_monotonic(c.name, points, values)
    points, step = _evened(points, values)
    line = Line(points * factor, None if step is None else step * factor)
    line = _with_period(line, period, factor)
    return Axis(dim, c.name, c.role, line, unit, positive, assumed)


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
    length = float(period) * factor
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


def _numbers(c: Found) -> NDArray[Any]:
    """Return the values, which must be numbers and all there."""
    values = np.asarray(c.values)
    if values.dtype.kind not in "iuf":
        raise GridError(
            explain(
                f"Coordinate {c.name!r} holds no numbers",
                expected="numbers or dates",
                got=f"dtype {values.dtype}",
            )
        )
    missing = np.flatnonzero(~np.isfinite(values))
    if missing.size:
        raise GridError(
            explain(
                f"Coordinate {c.name!r} is not a number at index {int(missing[0])}",
                expected="a finite value for every point",
                got=f"{values[missing[0]]}",
            )
        )
    return values


def _degrees(c: Found, values: NDArray[Any]) -> tuple[Floats, tuple[str, ...]]:
    """Return latitudes or longitudes in degrees, and what was assumed for that."""
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


def _check_monotonic(name: str, points: Floats, shown: NDArray[Any]) -> None:
    steps = np.diff(points)
    same = np.flatnonzero(steps == 0)
    if same.size:
        i = int(same[0])
        raise GridError(
            explain(
                f"Coordinate {name!r} has the same point twice",
                expected="points that all differ",
                got=f"{_shown(shown[i])} at index {i} and {i + 1}",
                hint=f"field.drop_duplicates({name!r})",
            )
        )
    turned = np.flatnonzero(np.sign(steps[1:]) != np.sign(steps[:-1]))
    if turned.size:
        i = int(turned[0]) + 1
        around = ", ".join(_shown(v) for v in shown[i - 1 : i + 2])
        raise GridError(
            explain(
                f"Coordinate {name!r} is not monotonic",
                expected="points that only rise or only fall",
                got=f"{around} at index {i - 1} to {i + 1}",
                hint=f"field.sortby({name!r})",
            )
        )


def _evened(
    points: Floats, values: NDArray[Any], size: float = 0.0
) -> tuple[Floats, float | None]:
    """Return points and their step, freed of what rounding did to even spacing.

    A grid of 0.1 degrees in single precision jitters by 3e-4 of its step, and so would
    every derivative. Where the jitter is no more than rounding, the even line is what
    the file means. ``size`` is the largest number that may have been rounded on the
    way: part of a globe is often cut from all of it.
    """
    if points.size < 3:
        step = float(points[-1] - points[0]) if points.size == 2 else None
        return points, step
    step = float(points[-1] - points[0]) / (points.size - 1)
    even = points[0] + step * np.arange(points.size)
    size = max(size, float(np.abs(points).max()))
    rounding = 2.0 * _FLOAT32_EPS * size if _is_single(values) else 8e-16 * size
    if np.abs(points - even).max() <= max(rounding, 1e-9 * abs(step)):
        return even, step
    return points, None


def _is_single(values: NDArray[Any]) -> bool:
    """Tell values that were single precision once, even if they are double now."""
    if values.dtype.kind != "f" or np.all(values == np.rint(values)):
        return False  # whole numbers are exact: unevenness is meant
    with np.errstate(over="ignore"):
        return bool(np.all(values.astype(np.float32) == values))


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


def _shown(value: Any) -> str:
    if isinstance(value, np.datetime64):
        return str(value.astype("datetime64[s]"))
    return f"{value:.6g}" if isinstance(value, float | np.floating) else str(value)
