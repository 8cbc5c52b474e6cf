"""Ticks, direction and name of one axis, from what the axis means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xnabla.plot._calendar import calendar_ticks, calendar_words
from xnabla.plot._text import axis_label, degrees

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from xnabla.plot._sheet import Axis

__all__ = ["degree_ticks", "dress_axis"]

_PRESSURES_HPA = (1000, 850, 700, 500, 400, 300, 250, 200, 150, 100, 70, 50, 30, 20, 10)
_FEW_PRESSURES_HPA = (1000, 500, 200, 100, 50, 20, 10)
_STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 20, 30, 60, 90, 180)


def dress_axis(
    axes: Axes,
    which: str,
    axis: Axis,
    ends: tuple[float, float],
    *,
    many: int = 7,
    named: bool = True,
) -> None:
    """Give an axis its ticks, direction, and name with unit.

    Parameters
    ----------
    axes : matplotlib Axes
    which : str
        ``x`` or ``y``.
    axis : Axis
        What it means.
    ends : tuple of float
        Lowest and highest number on it.
    many : int, optional
        The most ticks it has room for.
    named : bool, optional
        False for a small panel, whose axes the large one names.
    """
    from matplotlib.ticker import FixedLocator, FuncFormatter

    line: Any = axes.xaxis if which == "x" else axes.yaxis
    if axis.kind in {"latitude", "longitude"}:
        role = axis.kind
        line.set_major_locator(FixedLocator(degree_ticks(*ends, many)))
        line.set_major_formatter(FuncFormatter(lambda v, _: degrees(float(v), role)))
        return
    if axis.kind == "time":
        _dates(axes, which, axis, many, named=named)
        return
    if axis.kind == "days":
        _other_dates(axes, which, axis, many, named=named)
        return
    if axis.kind == "pressure":
        _pressure(axes, which, axis, ends, many)
    if axis.kind in {"pressure", "down"} and which == "y":
        axes.set_ylim(ends[1], ends[0])
    if not named:
        return
    if which == "x" and _name_places(axes, axis):
        return
    label = axis_label(axis.coordinate)
    (axes.set_xlabel if which == "x" else axes.set_ylabel)(label, fontsize=10)


def _name_places(axes: Axes, axis: Axis) -> bool:
    """Write distances along a line with the latitude and longitude under them.

    Such ticks have two lines and say what they are. A name below would be cut off.
    """
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    beside = axis.coordinate.coords
    if axis.dim != "distance" or not {"latitude", "longitude"} <= set(beside):
        return False
    lat, lon = (np.asarray(beside[role]) for role in ("latitude", "longitude"))
    lon = np.unwrap(lon, period=360.0)

    def words(km: float, _: Any) -> str:
        if not axis.numbers[0] <= km <= axis.numbers[-1]:
            return ""
        at = (float(np.interp(km, axis.numbers, part)) for part in (lat, lon))
        north, east = (
            degrees(round(value, 1), role)
            for value, role in zip(at, ("latitude", "longitude"), strict=True)
        )
        return f"{km:g} km\n{north} {east}"

    axes.xaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 2.5, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(words))
    return True


def _dates(axes: Axes, which: str, axis: Axis, many: int, *, named: bool) -> None:
    """Mark days by day and month, hours by the clock; the year is the axis' name."""
    from matplotlib import dates as calendar

    line: Any = axes.xaxis if which == "x" else axes.yaxis
    untyped: Any = calendar  # matplotlib gives its dates no types
    dates = untyped.AutoDateLocator(minticks=min(3, many), maxticks=many + 1)
    line.set_major_locator(dates)
    formats = ["%Y", "%b", "%d %b", "%H:%M", "%H:%M", "%H:%M:%S"]
    zeros = ["", "%Y", "%d %b", "%d %b", "%H:%M", "%H:%M"]
    line.set_major_formatter(
        untyped.ConciseDateFormatter(
            dates, formats=formats, zero_formats=zeros, show_offset=False
        )
    )
    if not named:
        return
    # not those of the edges, which reach half a step beyond
    first, last = map(untyped.num2date, (axis.numbers.min(), axis.numbers.max()))
    years = str(first.year) if first.year == last.year else f"{first:%Y} to {last:%Y}"
    words = f"{first:%Y-%m-%d}" if first.date() == last.date() else years
    name = f"Time (UTC), {words}"
    (axes.set_xlabel if which == "x" else axes.set_ylabel)(name, fontsize=10)


def _other_dates(axes: Axes, which: str, axis: Axis, many: int, *, named: bool) -> None:
    """Mark round dates of a calendar that matplotlib does not know."""
    from matplotlib.ticker import FixedFormatter, FixedLocator

    moments = np.asarray(axis.coordinate.values)
    days, words = calendar_ticks(moments, many)
    line: Any = axes.xaxis if which == "x" else axes.yaxis
    line.set_major_locator(FixedLocator(list(days)))
    line.set_major_formatter(FixedFormatter(words))
    if named:
        name = calendar_words(moments)
        (axes.set_xlabel if which == "x" else axes.set_ylabel)(name, fontsize=10)


def _pressure(
    axes: Axes, which: str, axis: Axis, ends: tuple[float, float], many: int
) -> None:
    """Space pressure by its logarithm and mark the levels everybody knows."""
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

    if ends[0] <= 0:
        return
    line: Any = axes.xaxis if which == "x" else axes.yaxis
    units = str(axis.coordinate.attrs.get("units", ""))
    scale = {"Pa": 100.0, "kPa": 0.1}.get(units, 1.0)
    known = np.array(_PRESSURES_HPA if many >= 7 else _FEW_PRESSURES_HPA) * scale
    known = known[(known >= ends[0]) & (known <= ends[1])]
    (axes.set_xscale if which == "x" else axes.set_yscale)("log")
    line.set_major_locator(
        FixedLocator(list(known if known.size > 2 else axis.numbers))
    )
    line.set_minor_locator(NullLocator())
    line.set_major_formatter(FuncFormatter(lambda v, _: f"{v:g}"))


def degree_ticks(low: float, high: float, many: int) -> Any:
    """Return round degrees between two ends, at least one, not more than so many.

    Examples
    --------
    >>> degree_ticks(-180.0, 180.0, 7)
    array([-180., -120.,  -60.,    0.,   60.,  120.,  180.])
    >>> degree_ticks(-5.0, 5.0, 1)
    array([0.])
    """
    ticks = np.array([0.5 * (low + high)])
    for step in reversed(_STEPS):
        first, last = np.ceil(low / step - 1e-9), np.floor(high / step + 1e-9)
        if last - first + 1 > many:
            break
        if last >= first:
            ticks = np.arange(first, last + 1) * step + 0.0  # never -0
    return ticks
