"""What the eye needs on a chart: coast, ground, meridians and parallels with names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xnabla.plot._axes import degree_ticks
from xnabla.plot._coast import coastlines, coastlines_within
from xnabla.plot._paper import positions
from xnabla.plot._text import degrees

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from xnabla.plot._chart import Chart

__all__ = ["chart_frame"]

# One line of latitude or longitude: its degrees, and its points on paper.
_Line = tuple[float, "NDArray[np.float64]"]
# What is this many times longer on paper than elsewhere crosses the cut of the map.
_JUMP = 12.0
# A grid that reaches beyond this latitude goes round its pole.
_AT_POLE = 87.0


def chart_frame(
    axes: Axes, chart: Chart, cells: NDArray[np.float64], *, small: bool
) -> None:
    """Set limits and aspect, and draw coast, ground and graticule of a chart."""
    from matplotlib.collections import LineCollection

    west, east, south, north = chart.frame
    axes.set(xlim=(west, east), ylim=(south, north), aspect=1.0)
    axes.tick_params(labelsize=8 if small else 9)
    _ground(axes, chart, cells)
    coast = LineCollection(_coast(chart), colors="0.25", linewidths=0.55, zorder=2)
    many = 5 if small else 8
    meridians, parallels = _meridians(chart, many), _parallels(chart, many)
    lines = [points for _, points in (*meridians, *parallels)]
    if chart.paper.kind in {"stereographic", "projected"}:
        lines.append(_outline(chart))
    if chart.paper.kind == "projected":
        axes.spines[:].set_visible(_is_full(chart))
    graticule = LineCollection(
        lines, colors="0.4", linewidths=0.35, alpha=0.7, zorder=2.5
    )
    for drawn in (coast, graticule):
        axes.add_collection(drawn, autolim=False)
    _name_lines(axes, chart, meridians, parallels, small=small)


def _is_full(chart: Chart) -> bool:
    """Tell whether the cells of a chart reach into the corners of its frame."""
    x, y = chart.corners
    west, east, south, north = chart.frame
    near = 0.1 * max(east - west, north - south)
    return all(
        bool((np.hypot(x - at_x, y - at_y) < near).any())
        for at_x in (west, east)
        for at_y in (south, north)
    )


def _ground(axes: Axes, chart: Chart, cells: NDArray[np.float64]) -> None:
    """Hatch the grid where it has no values, and leave blank what is no part of it."""
    from matplotlib.patches import Polygon

    if (np.isfinite(cells) | chart.off).all():
        return
    if chart.paper.kind == "projected":
        _hatch_cells(axes, chart, ~np.isfinite(cells) & ~chart.off)
        return
    west, east, south, north = chart.frame
    ring = np.array([[west, south], [east, south], [east, north], [west, north]])
    if chart.paper.kind == "stereographic":
        ring = _outline(chart)
    ground = Polygon(ring, hatch="////", facecolor="0.93", edgecolor="0.75")
    ground.set(linewidth=0, zorder=0.5)
    axes.add_patch(ground)
    if chart.paper.kind == "own" and chart.off.any():
        x, y = chart.corners
        blank = np.ma.array(np.zeros(cells.shape), mask=~chart.off)
        axes.pcolormesh(x, y, blank, cmap="gray_r", vmin=0, vmax=1, zorder=0.7)


def _hatch_cells(axes: Axes, chart: Chart, which: NDArray[np.bool_]) -> None:
    """Hatch some cells: a projection has no outline that holds for all of them."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    if chart.torn is not None:
        which = which & ~chart.torn.mask
    x, y = chart.corners
    row, column = np.nonzero(which)
    ring = ((0, 0), (0, 1), (1, 1), (1, 0))
    cells = np.stack(
        [
            np.stack([part[row + j, column + i] for j, i in ring], axis=1)
            for part in (x, y)
        ],
        axis=-1,
    )
    # one path: hatching each of 50 000 cells took a minute, and its limits 15 s
    ground = PathPatch(Path.make_compound_path_from_polys(cells), hatch="////")
    ground.set(facecolor="0.93", edgecolor="0.75", linewidth=0, zorder=0.5)
    axes.add_artist(ground)


def _outline(chart: Chart) -> NDArray[np.float64]:
    """Return the outer corners of a grid, in order round it."""
    x, y = (
        np.concatenate([part[0], part[:, -1], part[-1, ::-1], part[::-1, 0]])
        for part in chart.corners
    )
    ring = np.column_stack([x, y])
    return np.asarray(ring[np.isfinite(ring).all(axis=1)])


def _coast(chart: Chart) -> list[NDArray[np.float64]]:
    """Return the coastlines on paper, in pieces that do not cross the map's edge."""
    if chart.paper.kind == "world":
        west, east, south, north = chart.frame
        return coastlines_within(west, east, south, north)
    lat = chart.lonlat[1]
    low, high = np.nanmin(lat) - 20.0, np.nanmax(lat) + 20.0
    near = [
        line
        for line in coastlines()
        if line[:, 1].max() >= low and line[:, 1].min() <= high
    ]
    if not near:
        return []
    ends = np.cumsum([len(line) for line in near])[:-1]
    places = np.concatenate(near)
    return _unbroken(chart, places, ends)


def _unbroken(
    chart: Chart, places: NDArray[np.float64], ends: Any = ()
) -> list[NDArray[np.float64]]:
    """Return lines on paper, broken where a map is cut and where it shows nothing.

    Parameters
    ----------
    chart : Chart
    places : ndarray, shape (n, 2)
        Longitudes and latitudes, line after line.
    ends : sequence of int, optional
        Where all but the first line begin.
    """
    paper = np.column_stack(chart.paper.forward(*places.T))
    step = np.hypot(*np.diff(paper, axis=0).T)
    apart = np.linalg.norm(np.diff(positions(*places.T), axis=1), axis=0)
    longer = step / np.where(apart > 0, apart, np.nan)
    typical = _scale_of(chart)
    whole = np.nan_to_num(longer, nan=0.0) <= _JUMP * typical
    whole &= np.isfinite(step)
    breaks = np.union1d(np.flatnonzero(~whole) + 1, np.asarray(ends, dtype=int))
    return [piece for piece in np.split(paper, breaks.astype(int)) if len(piece) > 1]


def _scale_of(chart: Chart) -> float:
    """Return units of paper in one Earth radius, on the grid."""
    x, y = chart.places
    step = np.hypot(np.diff(x, axis=1), np.diff(y, axis=1))
    apart = np.linalg.norm(np.diff(positions(*chart.lonlat), axis=2), axis=0)
    ratio = step / np.where(apart > 0, apart, np.nan)
    return float(np.nanmedian(ratio))


def _meridians(chart: Chart, many: int) -> list[_Line]:
    """Return the meridians of round degrees, between the outer parallels."""
    lon, lat = chart.lonlat
    west, east = _reach(lon)
    ticks = degree_ticks(west, east, many if east - west < 359 else 12)
    if east - west >= 359:
        ticks = ticks[:-1]
    low, high = _around(lat)
    along = np.linspace(low, high, 91)
    return _lines(chart, ticks, lambda one: (np.full(91, one), along))


def _parallels(chart: Chart, many: int) -> list[_Line]:
    """Return the parallels of round degrees, all round or as far as the meridians."""
    lon, lat = chart.lonlat
    west, east = _reach(lon)
    spare = min(0.2 * (east - west) + 1.0, 0.5 * (360.0 - east + west))
    along = np.linspace(west - spare, east + spare, 361)
    low, high = float(np.nanmin(lat)), float(np.nanmax(lat))
    ticks = degree_ticks(low, high, many)
    ticks = ticks[np.abs(ticks) < 90]
    return _lines(chart, ticks, lambda one: (along, np.full(361, one)))


def _lines(chart: Chart, ticks: Any, places: Any) -> list[_Line]:
    """Return the lines of some degrees on paper, each with its number."""
    return [
        (float(one), piece)
        for one in ticks
        for piece in _unbroken(chart, np.column_stack(places(one)))
    ]


def _reach(lon: NDArray[np.float64]) -> tuple[float, float]:
    """Return the ends of longitudes without a gap in them, or a whole turn."""
    found = np.sort(np.mod(lon[np.isfinite(lon)], 360.0))
    gaps = np.diff(found, append=found[0] + 360.0)
    widest = int(gaps.argmax())
    if gaps[widest] < 20.0:
        return -180.0, 180.0
    west = float(found[(widest + 1) % found.size])
    west = (west + 180.0) % 360.0 - 180.0
    return west, west + 360.0 - float(gaps[widest])


def _around(lat: NDArray[np.float64]) -> tuple[float, float]:
    """Return the latitudes meridians run between: beyond the corners of the frame."""
    low, high = float(np.nanmin(lat)), float(np.nanmax(lat))
    spare = 0.3 * (high - low) + 1.0
    return max(low - spare, -90.0), min(high + spare, 90.0)


def _name_lines(
    axes: Axes,
    chart: Chart,
    meridians: list[_Line],
    parallels: list[_Line],
    *,
    small: bool,
) -> None:
    """Write degrees where lines leave the frame: below, left, or on the line itself."""
    west, east, south, north = chart.frame
    below = _crossings(meridians, 1, south, (west, east))
    if chart.paper.kind == "world" and below and below[0][0] + 360.0 == east:
        below.append((east, below[0][1]))  # the same meridian on the other edge
    left = _crossings(parallels, 0, west, (south, north))
    named = {one for _, one in left}
    if len(left) < 2 or _has_pole(chart):
        named = set()
        left = _crossings(meridians, 0, west, (south, north))
        left = [(at, one) for at, one in left if one not in {m for _, m in below}]
        _set_ticks(axes.yaxis, left, "longitude")
        if not small:
            _name_inside(axes, chart, [p for p in parallels if p[0] not in named])
    else:
        _set_ticks(axes.yaxis, left, "latitude")
    _set_ticks(axes.xaxis, below, "longitude")


def _has_pole(chart: Chart) -> bool:
    """Tell whether the meridians of a chart meet on it."""
    beyond = float(np.nanmax(np.abs(chart.lonlat[1]))) > _AT_POLE
    return beyond and chart.paper.kind != "world"


def _set_ticks(axis: Any, ticks: list[tuple[float, float]], role: str) -> None:
    from matplotlib.ticker import FixedFormatter, FixedLocator

    axis.set_major_locator(FixedLocator([at for at, _ in ticks]))
    axis.set_major_formatter(FixedFormatter([degrees(one, role) for _, one in ticks]))


def _crossings(
    lines: list[_Line], part: int, level: float, ends: tuple[float, float]
) -> list[tuple[float, float]]:
    """Return where lines cross an edge of the frame, sorted, none too close.

    Parameters
    ----------
    lines : list
    part : int
        Which number of a point is fixed on the edge: 0 for x, 1 for y.
    level : float
        That number.
    ends : pair of float
        The ends of the edge, in the other number.
    """
    found = []
    for one, points in lines:
        fixed, free = points[:, part] - level, points[:, 1 - part]
        k = np.flatnonzero(fixed[:-1] * fixed[1:] <= 0)
        for j in k:
            share = fixed[j] / ((fixed[j] - fixed[j + 1]) or 1.0)
            at = float(free[j] + share * (free[j + 1] - free[j]))
            if ends[0] <= at <= ends[1]:
                found.append((at, one))
    found.sort()
    apart = (ends[1] - ends[0]) / 14.0
    kept: list[tuple[float, float]] = []
    for at, one in found:
        if not kept or at - kept[-1][0] >= apart:
            kept.append((at, one))
    return kept


def _name_inside(axes: Axes, chart: Chart, parallels: list[_Line]) -> None:
    """Write the degrees of parallels that do not reach the frame on themselves."""
    west, east, south, north = chart.frame
    middle = np.array([0.5 * (west + east), 0.5 * (south + north)])
    for one, points in parallels:
        inside = (
            (points[:, 0] > west + 0.05 * (east - west))
            & (points[:, 0] < east - 0.05 * (east - west))
            & (points[:, 1] > south + 0.03 * (north - south))
            & (points[:, 1] < north - 0.03 * (north - south))
        )
        if not inside.any():
            continue
        shown = points[inside]
        # up and to the right of the middle, where lines stand apart
        at = shown[int(np.argmax((shown - middle) @ np.array([0.7, 0.7])))]
        text = axes.text(at[0], at[1], degrees(one, "latitude"), fontsize=7)
        text.set(ha="center", va="center", color="0.3", zorder=5)
