"""Dates as seconds, whatever they are made of."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from xnabla.errors import GridError, UnitsError, explain
from xnabla.units import conversion_factor, parse

# Seconds in each numpy time unit, as an exact ratio.
_SECONDS: dict[str, tuple[int, int]] = {
    "W": (604_800, 1),
    "D": (86_400, 1),
    "h": (3_600, 1),
    "m": (60, 1),
    "s": (1, 1),
    "ms": (1, 10**3),
    "us": (1, 10**6),
    "ns": (1, 10**9),
    "ps": (1, 10**12),
    "fs": (1, 10**15),
}


def seconds_of(values: NDArray[Any], units: str | None, name: str) -> NDArray[Any]:
    """Return times as seconds since the first one.

    Parameters
    ----------
    values : array (n,)
        datetime64 or timedelta64 of any resolution, cftime dates of any calendar,
        ``datetime`` objects, or numbers that ``units`` says are durations.
    units : str or None
        The ``units`` attribute, for numbers.
    name : str
        What to call the coordinate in a message.

    Returns
    -------
    array (n,)
        Seconds, double precision, exact to the resolution of the dates.

    Raises
    ------
    GridError
        If a time is missing, or a number has not been decoded.

    Examples
    --------
    >>> days = np.array(["2011-01-15", "2011-01-16"], dtype="datetime64[ns]")
    >>> seconds_of(days, None, "time")
    array([    0., 86400.])
    """
    if values.dtype.kind in "mM":
        return _from_numpy(values, name)
    if values.dtype.kind == "O":
        return _from_objects(values, name)
    return _from_numbers(values, units, name)


def _from_numpy(values: NDArray[Any], name: str) -> NDArray[Any]:
    missing = np.flatnonzero(np.isnat(values))
    if missing.size:
        raise _missing_time(name, int(missing[0]))
    unit, count = np.datetime_data(values.dtype)
    if unit not in _SECONDS:  # years and months have no fixed length
        return _from_numpy(values.astype("datetime64[s]"), name)
    numerator, denominator = _SECONDS[unit]
    steps = (values - values[:1]).astype(np.int64) * count
    seconds: NDArray[Any] = steps * float(numerator) / float(denominator)
    return seconds


def _from_objects(values: NDArray[Any], name: str) -> NDArray[Any]:
    first = values[0] if len(values) else None
    seconds = np.empty(len(values))
    for i, value in enumerate(values):
        try:
            seconds[i] = (value - first).total_seconds()
        except (TypeError, AttributeError):
            if value is None or isinstance(value, float):
                raise _missing_time(name, i) from None
            raise GridError(
                explain(
                    f"Coordinate {name!r} holds {type(value).__name__} objects",
                    expected="numbers, datetime64, timedelta64 or cftime dates",
                    hint=f"field.assign_coords({name}=field.indexes[{name!r}]"
                    ".to_timestamp())"
                    if type(value).__name__ == "Period"
                    else None,
                )
            ) from None
    return seconds


def _from_numbers(values: NDArray[Any], units: str | None, name: str) -> NDArray[Any]:
    if units is not None and " since " in str(units).lower():
        raise GridError(
            explain(
                f"Time coordinate {name!r} has not been decoded",
                expected="dates",
                got=f"numbers in {units!r}",
                hint=_way_to_decode(str(units), name),
            )
        )
    if units is not None and " as %" in str(units).lower():
        raise GridError(
            explain(
                f"Time coordinate {name!r} holds dates written as numbers",
                expected="dates",
                got=f"numbers in {units!r}",
                hint="cdo -r copy FILE NEW, which counts them from a date",
            )
        )
    if units is None or not str(units).strip():
        raise GridError(
            explain(
                f"Time coordinate {name!r} has numbers without units",
                expected="dates, or a 'units' attribute such as 'hours'",
                hint=f"field[{name!r}].attrs['units'] = 'hours'",
            )
        )
    try:
        unit = parse(units, of=f"coordinate {name!r}")
        factor = conversion_factor(unit, parse("s"), of=f"coordinate {name!r}")
    except UnitsError:
        raise UnitsError(
            explain(
                f"Units {units!r} of time coordinate {name!r} are no duration",
                expected="dates, or a unit such as 'hours'",
                hint=f"field[{name!r}].attrs['units'] = 'hours'",
            )
        ) from None
    return np.asarray(values, dtype=np.float64) * factor


def _way_to_decode(units: str, name: str) -> str:
    """Return what to type: xarray decodes no months, for they differ in length."""
    span = units.strip().lower().removeprefix("common_")
    if span.startswith(("month", "year")):
        return (
            f"field.assign_coords({name}=xarray.date_range('2000-01', "
            f"periods=field.sizes[{name!r}], freq='{span[0].upper()}S'))"
        )
    return "dataset = xarray.decode_cf(dataset)"


def _missing_time(name: str, index: int) -> GridError:
    return GridError(
        explain(
            f"Coordinate {name!r} is missing at index {index}",
            expected="a time for every point",
            got="NaT",
            hint=f"field.isel({name}=field[{name!r}].notnull()), or set the time",
        )
    )
