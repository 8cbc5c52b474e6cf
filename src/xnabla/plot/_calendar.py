"""Round dates of calendars that matplotlib does not know, as of years of 360 days."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["calendar_ticks", "calendar_words"]

_YEARS = (1, 2, 5, 10, 20, 25, 50, 100, 200, 500, 1000)
_MONTHS = (1, 2, 3, 6)
_DAYS = (1, 2, 5, 10, 15)
_HOURS = (1, 2, 3, 6, 12)
# Days in a year, a month, and an hour: only to choose between the steps.
_YEAR, _MONTH, _HOUR = 365.0, 30.0, 1.0 / 24.0


def calendar_ticks(
    moments: NDArray[Any], many: int
) -> tuple[NDArray[np.float64], list[str]]:
    """Return round dates, in days from the first moment, and how they are written.

    Parameters
    ----------
    moments : ndarray of cftime.datetime
        In any order, all of one calendar.
    many : int
        The most dates there is room for.

    Returns
    -------
    days : ndarray
    words : list of str

    Examples
    --------
    >>> import cftime
    >>> dates = [cftime.Datetime360Day(year, 6, 1) for year in (1860, 2099)]
    >>> days, words = calendar_ticks(np.array(dates), 7)
    >>> words
    ['1900', '1950', '2000', '2050']
    >>> float(days[0]) == 39 * 360 + 7 * 30  # from June 1860 to January 1900
    True
    """
    low, high = min(moments), max(moments)
    found = _dates(low, high, many)
    days = [(date - moments[0]).total_seconds() / 86400.0 for date in found]
    return np.asarray(days, dtype=np.float64), [_words(date, found) for date in found]


def calendar_words(moments: NDArray[Any]) -> str:
    """Return the name of an axis of such moments.

    Examples
    --------
    >>> import cftime
    >>> dates = [cftime.Datetime360Day(year, 6, 1) for year in (1860, 2099)]
    >>> calendar_words(np.array(dates))
    'Time (calendar 360_day), 1860 to 2099'
    """
    low, high = min(moments), max(moments)
    calendar = str(low.calendar)
    kind = "" if calendar in {"standard", "gregorian"} else f" (calendar {calendar})"
    if (low.year, low.month, low.day) == (high.year, high.month, high.day):
        return f"Time{kind}, {low.year:04d}-{low.month:02d}-{low.day:02d}"
    years = f"{low.year}" if low.year == high.year else f"{low.year} to {high.year}"
    return f"Time{kind}, {years}"


def _dates(low: Any, high: Any, many: int) -> list[Any]:
    """Return round dates between two, at least one, at most so many."""
    span = (high - low).total_seconds() / 86400.0
    for size, steps, through in (
        (_HOUR, _HOURS, _hours),
        (1.0, _DAYS, _days),
        (_MONTH, _MONTHS, _months),
        (_YEAR, _YEARS, _years),
    ):
        for step in steps:
            if span / (size * step) > many + 1:
                continue
            found = [date for date in through(low, high, step) if low <= date <= high]
            if len(found) <= many:
                return found or [low]
    return [low]


def _hours(low: Any, high: Any, step: int) -> list[Any]:
    """Return the hours of days that a number of hours divides."""
    from datetime import timedelta

    day = _midnight(low)
    many = int((high - day).total_seconds() // (3600 * step)) + 1
    return [day + timedelta(hours=step * k) for k in range(many)]


def _days(low: Any, high: Any, step: int) -> list[Any]:
    """Return the first of months and every so many days after it, if not close to one.

    With steps of 10 the 31st is left out, since the next month begins beside it.
    """
    from datetime import timedelta

    day, found = _midnight(low), []
    while day <= high:
        if (day.day - 1) % step == 0 and (step == 1 or day.day + step // 2 <= 31):
            found.append(day)
        day = day + timedelta(days=1)
    return found


def _months(low: Any, high: Any, step: int) -> list[Any]:
    """Return the beginnings of months that a number of months divides."""
    first, last = (12 * date.year + date.month - 1 for date in (low, high))
    return [
        _midnight(low).replace(year=k // 12, month=k % 12 + 1, day=1)
        for k in range(first, last + 1)
        if k % step == 0
    ]


def _years(low: Any, high: Any, step: int) -> list[Any]:
    """Return the beginnings of years that a number divides."""
    years = range(low.year, high.year + 1)
    start = _midnight(low)
    return [start.replace(year=y, month=1, day=1) for y in years if y % step == 0]


def _midnight(date: Any) -> Any:
    return date.replace(hour=0, minute=0, second=0, microsecond=0)


_NAMES = [
    "Jan",
    "Feb",
    "Mar",
    "Apr",
    "May",
    "Jun",
    "Jul",
    "Aug",
    "Sep",
    "Oct",
    "Nov",
    "Dec",
]


def _words(date: Any, among: list[Any]) -> str:
    """Write a date as shortly as its neighbours let it."""
    month = _NAMES[date.month - 1]
    if any(other.hour or other.minute for other in among):
        if date.hour or date.minute:
            return f"{date.hour:02d}:{date.minute:02d}"
        return f"{date.day:02d} {month}"
    if any(other.day != 1 for other in among):
        return f"{date.day:02d} {month}"
    if any(other.month != 1 for other in among):
        return str(date.year) if date.month == 1 else month
    return str(date.year)
