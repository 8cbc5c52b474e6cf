"""Pick times of a field: by number, by date, or between two of either."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import xarray as xr

from xnabla.errors import OptionError, explain
from xnabla.grid import Grid
from xnabla.recipes._select import Selection, by_number, dim_of, places

_INTEGER = r"[+-]?\d+"
_DATE = (
    r"-?\d{4,}(?:-\d\d?(?:-\d\d?(?:[T ]\d\d?(?::\d\d?(?::\d\d?(?:\.\d+)?)?)?)?)?)?Z?"
)


def time_selection(
    field: xr.DataArray,
    grid: Grid,
    time: str,
    *,
    nearest: bool = False,
    dim: str = "",
    typed: str = "--time ",
) -> Selection:
    """Return where a time lies, or all times between two.

    Parameters
    ----------
    field : DataArray
        A field with a time dimension.
    grid : Grid
        Its grid.
    time : str
        A number counted from 0 (-1 is the last), or a date as ISO 8601 writes it; a
        date may leave off what is not needed to tell it from the others. A range has
        both ends: ``2011-01:2011-03`` goes to the end of March, ``0:11`` are the first
        twelve, and an end may be left out.
    nearest : bool
        Whether the nearest time will do, for a date.
    dim : str
        The dimension, where it is not the one of times.
    typed : str
        What is typed before a time.

    Raises
    ------
    OptionError
        If there is no such time, more than one, or no time dimension.
    """
    dim = dim or dim_of(field, grid, "time", "time")
    known = dim in grid.coordinates
    times: Any = field[grid.coordinates[dim]].values if known else []
    count = field.sizes[dim]
    ends = ends_of(time)
    if ends is not None:
        return places(dim, _between(dim, count, times, ends, time, typed))
    asked = time.strip()
    if re.fullmatch(_INTEGER, asked):
        number = by_number(dim, count, asked, word="time", typed=typed)
        return places(dim, [number], alone=True)
    wanted = _tidy(asked)
    found = [i for i, one in enumerate(times) if iso(one).startswith(wanted)]
    if len(found) == 1:
        return places(dim, found, alone=True)
    if nearest and not found and len(times):
        return places(dim, [_nearest(times, wanted, time)], alone=True)
    shown = [iso(times[i]) for i in (0, -1)] if len(times) else ["none", "none"]
    fits = "No time of the field fits" if not found else f"{len(found)} times fit"
    span = f", or {typed}{wanted}:{wanted}, all of them" if len(found) > 1 else ""
    raise OptionError(
        explain(
            f"{fits} {time!r}",
            expected=f"one of {len(times)} times from {shown[0]} to {shown[1]}"
            + _beside(times, wanted, found),
            hint=f"{typed}{found[0] if found else 0}, its number counted from 0{span}",
        )
    )


def ends_of(time: str) -> tuple[str, str] | None:
    """Return the ends of a range of times; ``None`` for a single time.

    A clock has colons too: a range is cut where both sides are times.

    Examples
    --------
    >>> ends_of("2011-01:2011-03"), ends_of("2011-01-15T06:00"), ends_of("3:")
    (('2011-01', '2011-03'), None, ('3', ''))
    """
    text = time.strip()
    if re.fullmatch(_DATE, text):
        return None
    for mark in (i for i, letter in enumerate(text) if letter == ":"):
        low, high = text[:mark].strip(), text[mark + 1 :].strip()
        if all(
            not end or re.fullmatch(f"{_DATE}|{_INTEGER}", end) for end in (low, high)
        ):
            return low, high
    return None


def _between(
    dim: str, count: int, times: Any, ends: tuple[str, str], time: str, typed: str
) -> list[int]:
    """Return the places of a range: both ends count, and a month is all its days."""
    numbers = [not end or re.fullmatch(r"[+-]?\d{1,3}", end) for end in ends]
    if all(numbers) or not len(times):
        low, high = (
            by_number(dim, count, end or spare, word="time", typed=typed)
            for end, spare in zip(ends, ("0", "-1"), strict=True)
        )
        return [*range(min(low, high), max(low, high) + 1)]
    if any(re.fullmatch(_INTEGER, e) and int(e) < count for e in ends if e):
        raise OptionError(
            explain(
                f"{time!r} may be numbers or years",
                hint=f"{typed}{ends[0]}-01:{ends[1]}-12, for years",
            )
        )
    first, last = map(_tidy, ends)
    written = [iso(one) for one in times]
    found = [
        i
        for i, one in enumerate(written)
        if first <= one[: len(first)] and (not last or one[: len(last)] <= last)
    ]
    if found:
        return found
    raise OptionError(
        explain(
            f"No time of the field lies in {time!r}",
            expected=f"a range within {written[0]} to {written[-1]}",
        )
    )


def _tidy(date: str) -> str:
    return date.replace(" ", "T").removesuffix("Z")


def _nearest(times: Any, wanted: str, time: str) -> int:
    """Return the number of the time that is nearest to a date."""
    fields = [int(float(part)) for part in re.split(r"[-T:]", wanted.lstrip("-"))]
    fields += [1, 1, 0, 0, 0][len(fields) - 1 :]
    year, month, day, hour, minute, second = fields[:6]
    try:
        if isinstance(times[0], np.datetime64):
            at: Any = np.datetime64(
                f"{year:04d}-{month:02d}-{day:02d}T{hour:02d}:{minute:02d}:{second:02d}"
            )
            distance = np.abs((times - at) / np.timedelta64(1, "s"))
        else:
            at = type(times[0])(year, month, day, hour, minute, second)
            distance = np.array([abs((one - at).total_seconds()) for one in times])
    except (TypeError, ValueError, AttributeError):
        raise OptionError(
            explain(f"{time!r} is no date", expected="a date such as 2011-01-15")
        ) from None
    return int(np.nanargmin(distance))


def _beside(times: Any, wanted: str, found: list[int]) -> str:
    """Say which times are before and after a date that is none of them."""
    if found or not len(times):
        return ""
    written = sorted(iso(one) for one in times)
    before = [one for one in written if one < wanted][-1:]
    after = [one for one in written if one > wanted][:1]
    beside = [*before, *after]
    return f"; beside it {' and '.join(beside)}" if beside else ""


def iso(time: Any) -> str:
    """Return a date as ISO 8601 writes it, without trailing zeros of the clock."""
    if isinstance(time, np.datetime64):
        return str(time.astype("datetime64[s]"))
    return time.isoformat() if hasattr(time, "isoformat") else str(time)
