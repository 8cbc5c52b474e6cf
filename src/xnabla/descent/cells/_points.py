"""What the points along one dimension are to a fit: numbers, their unit, a calendar."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from xnabla.errors import GridError, OptionError, UnitsError, XnablaError, explain
from xnabla.grid import grid_of, likely_unit
from xnabla.units import (
    Unit,
    conversion_factor,
    is_quantity,
    parse,
    registry_of,
    split_quantity,
)

Floats = NDArray[np.float64]

# Days in a year of each calendar of CF; those of the world at large are Gregorian.
_DAYS = {
    "360_day": 360.0,
    "noleap": 365.0,
    "365_day": 365.0,
    "all_leap": 366.0,
    "366_day": 366.0,
    "julian": 365.25,
}
_GREGORIAN_DAYS = 365.2425

# Spans of the calendar, in its years.
_SPANS = {"decade": 10.0, "year": 1.0, "century": 100.0, "month": 1.0 / 12.0}


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """The points along the dimension of a fit.

    Attributes
    ----------
    dim, coordinate : str
        The dimension, and the coordinate the points were read from.
    values : array (n,)
        Seconds since ``origin`` for dates, seconds for other times, else numbers in
        ``unit``.
    unit : Unit
        Of ``values``.
    is_time : bool
        Whether they are times.
    calendar : str
        The calendar of dates; empty for other points.
    origin : object
        The first date, as it stands in the coordinate; ``None`` for other points.
    """

    dim: str
    coordinate: str
    values: Floats
    unit: Unit
    is_time: bool
    calendar: str = ""
    origin: Any = None

    @property
    def year_s(self) -> float:
        """Seconds in a year of the calendar."""
        return 86400.0 * _DAYS.get(self.calendar, _GREGORIAN_DAYS)

    @property
    def middle(self) -> float:
        """The mean of the points, to a whole second if they are times."""
        middle = float(self.values.mean())
        return float(round(middle)) if self.is_time else middle

    @property
    def first_of_year_s(self) -> float:
        """The first of January of the first year, on the scale of the values."""
        if self.origin is None:
            return 0.0
        if isinstance(self.origin, np.datetime64):
            start = self.origin.astype("datetime64[Y]").astype(self.origin.dtype)
            return -float((self.origin - start) / np.timedelta64(1, "s"))
        first = self.origin.replace(
            month=1, day=1, hour=0, minute=0, second=0, microsecond=0
        )
        return -float((self.origin - first).total_seconds())

    def since(self, text: str) -> float:
        """Return how far the origin is after a point that :meth:`date` wrote."""
        if self.origin is None:
            return -float(text)
        if isinstance(self.origin, np.datetime64):
            return float((self.origin - np.datetime64(text)) / np.timedelta64(1, "s"))
        day, _, clock = text.partition("T")
        year, month, date = (int(part) for part in day.rsplit("-", 2))
        hour, minute, second = clock.split(":")
        moment = self.origin.replace(
            year=year,
            month=month,
            day=date,
            hour=int(hour),
            minute=int(minute),
            second=int(float(second)),
            microsecond=round(float(second) % 1.0 * 1e6),
        )
        return float((self.origin - moment).total_seconds())

    def date(self, value: float) -> str:
        """Return a point as text: a date in ISO 8601, else its number."""
        if self.origin is None:
            return repr(float(value))
        if isinstance(self.origin, np.datetime64):
            step = np.timedelta64(round(value * 1e3), "ms")
            moment = self.origin.astype("datetime64[ms]") + step
            return str(moment).removesuffix(".000")
        moment = self.origin + dt.timedelta(seconds=float(value))
        return str(moment.isoformat())

    def attributes(self) -> dict[str, Any]:
        """Return what a reader needs to count as was counted here."""
        told: dict[str, Any] = {"dim": self.dim, "coordinate": self.coordinate}
        if self.calendar:
            told["calendar"] = self.calendar
            told["days_per_year"] = self.year_s / 86400.0
        return told


def points_of(field: xr.DataArray, dim: str) -> Points:
    """Return the points along a dimension, named by itself, its coordinate or role.

    Raises
    ------
    GridError, UnitsError
        If there is no such dimension or coordinate, or it cannot be counted along.
    """
    grid = grid_of(field)
    own = grid.dim(dim)
    if field.sizes[own] == 0:
        raise GridError(
            explain(
                f"Dimension {own!r} has no points",
                expected="values to fit",
                got="a size of 0",
            )
        )
    if own not in grid.coordinates:
        raise GridError(
            explain(
                f"Dimension {own!r} has no coordinate to count along",
                expected="dates, or numbers with units",
                hint=f"field.assign_coords({own}=('{own}', values, "
                "{'units': 'days'}))",
            )
        )
    name = grid.coordinates[own]
    if grid.roles.get(own) == "time":
        values = np.asarray(field[name].values)
        axis = _seconds(grid.axis(own).line.points, values)
        origin = values[0] if values.dtype.kind in "MO" else None
        return Points(own, name, axis, parse("s"), True, _calendar_of(values), origin)
    values, unit = _numbers(field[name])
    return Points(own, name, values, unit, False)


def _seconds(points: Floats, values: NDArray[Any]) -> Floats:
    """Return seconds since the first date; of durations, as long as they are."""
    if values.dtype.kind not in "mMO":
        return points
    start = 0.0
    if values.dtype.kind == "m":
        start = float(values[0] / np.timedelta64(1, "s"))
    since: Floats = points - points[0] + start
    return since


def _numbers(coordinate: xr.DataArray) -> tuple[Floats, Unit]:
    """Return the numbers of a coordinate that is no time, and their unit.

    They may come in any order, and more than once: a regression does not care.
    """
    values, text = coordinate.data, coordinate.attrs.get("units")
    if is_quantity(values):
        numbers, unit = split_quantity(values)
    else:
        if text is None or not str(text).strip():
            name = str(coordinate.name)
            raise UnitsError(
                explain(
                    f"Coordinate {name!r} has no units",
                    expected="a 'units' attribute",
                    hint=f"field[{name!r}].attrs['units'] = {likely_unit(name)!r}",
                )
            )
        unit = parse(str(text), of=f"coordinate {coordinate.name!r}")
        numbers = coordinate.values
    numbers = np.asarray(numbers)
    if numbers.dtype.kind not in "iuf" or not np.isfinite(numbers).all():
        raise GridError(
            explain(
                f"Coordinate {coordinate.name!r} cannot be counted along",
                expected="finite numbers",
                got=f"dtype {numbers.dtype}"
                if numbers.dtype.kind not in "iuf"
                else "values that are not finite",
            )
        )
    return numbers.astype(np.float64), unit


def _calendar_of(values: NDArray[Any]) -> str:
    if values.dtype.kind == "M":
        return "proleptic_gregorian"
    calendar = getattr(values[0], "calendar", "") if values.dtype.kind == "O" else ""
    return str(calendar) if calendar or values.dtype.kind != "O" else "standard"


@dataclass(frozen=True, slots=True)
class Span:
    """A length along the dimension that slopes are counted per.

    Attributes
    ----------
    unit : Unit
        Its unit, for the results.
    size : float
        How many units of the points it is.
    text : str
        As it was asked for.
    is_time : bool
        Whether it is a length of time.
    days_per_year : float or None
        Of the calendar, if the span is counted in years that differ from pint's.
    """

    unit: Unit
    size: float
    text: str
    is_time: bool
    days_per_year: float | None = None

    def rate(self, unit: Unit) -> Unit:
        """Return the unit of a slope of what has this unit.

        Whatever a trend is counted per, it is asked for per decade next, and a pint
        that has not learnt ten years cannot answer: this one then has.
        """
        if self.is_time:
            parse("decade", registry=registry_of(unit))
        return unit / self.unit

    @property
    def attributes(self) -> dict[str, str]:
        """What a reader of a number per this span must know."""
        if self.days_per_year is None:
            return {}
        return {"comment": f"year of {self.days_per_year:g} days"}


def span_of(points: Points, per: Any, option: str = "per") -> Span:
    """Return what a slope is counted per.

    Years, decades, centuries and months are those of the calendar; any other unit is
    what it always is.

    Parameters
    ----------
    points : Points
    per : str, unit or quantity, or None
        ``None`` for a decade along time, else the coordinate's own unit.
    option : str
        The name of the option, for messages.

    Raises
    ------
    OptionError
        If it is no unit along these points.
    """
    if per is None:
        per = "decade" if points.is_time else points.unit
    text = str(per).strip()
    number, name = _counted(text)
    if points.is_time and name in _SPANS:
        years, registry = _SPANS[name], registry_of(points.unit)
        # pint's own decade is no time, and has to be asked for by its word
        unit = parse(
            name if name == "decade" else registry.Unit(name), registry=registry
        )
        if number != 1.0 and np.isfinite(number):
            unit = Unit(number, unit.pint)
        size = number * years * points.year_s
        days = _DAYS.get(points.calendar)
        return Span(
            unit, _length(size, text, option), text, is_time=True, days_per_year=days
        )
    try:
        unit = parse(per, of=f"{option}=")
        size = conversion_factor(unit, points.unit, of=f"{option}=")
    except XnablaError as fault:
        raise OptionError(
            explain(
                f"{option}={text!r} is no length along {points.coordinate!r}",
                expected="'decade', 'year', 'day' or another unit of time"
                if points.is_time
                else f"a unit like '{points.unit}'",
                got=repr(text),
            )
        ) from fault
    return Span(unit, _length(size, text, option), text, points.is_time)


def _length(size: float, text: str, option: str) -> float:
    """Return a size if it is one to count along: finite and more than 0."""
    if np.isfinite(size) and size > 0.0:
        return size
    raise OptionError(
        explain(
            f"{option}={text!r} is no length to count per",
            expected="a finite length of more than 0",
            got=repr(text),
            hint=f"{option}='1 year'",
        )
    )


def _counted(text: str) -> tuple[float, str]:
    """Return the number and the singular name in a text such as ``10 years``."""
    first, _, rest = text.partition(" ")
    try:
        number, name = float(first), rest.strip()
    except ValueError:
        number, name = 1.0, text
    name = {"centuries": "century"}.get(name, name.removesuffix("s"))
    return number, name
