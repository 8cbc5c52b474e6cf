"""A grid in words; it is handed in, so that the grid may print itself."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from xnabla.errors import printable
from xnabla.grid._axis import Axis
from xnabla.grid._surface import Surface

_ANGLES = {"latitude", "longitude", "grid_latitude", "grid_longitude"}
_DURATIONS = ((86_400.0, "day"), (3_600.0, "h"), (60.0, "min"), (1.0, "s"))


def lines_of(grid: Any) -> list[str]:
    """Return the lines that say what was understood of a field's coordinates."""
    sizes = ", ".join(
        f"{dim}: {size}" for dim, size in zip(grid.dims, grid.sizes, strict=True)
    )
    lines = [f"Grid: {grid.kind} ({sizes})"]
    for dim in grid.dims:
        if dim in grid.axes:
            lines.append(f"  {dim}: {_describe(grid, grid.axes[dim])}")
        else:
            lines.append(f"  {dim}: {_first_sentence(grid.faults[dim])}")
    if grid.kind == "latitude-longitude":
        lines.append(f"  poles: {_poles(grid)}")
        lines.append(f"  earth: {grid.earth}")
    if grid.surface is not None:
        lines.append(f"  covers: {_covers(grid.surface)}")
        lines.append(f"  earth: {grid.earth}")
    told = f"radius {grid.earth.semi_major_m:.10g} m"
    lines.extend(f"  assumed: {text}" for text in grid.assumed if told not in text)
    if grid.refusal is not None:
        lines.append(f"  refused: {grid.refusal}")
    return [printable(line) for line in lines]


def _describe(grid: Any, axis: Axis) -> str:
    points = axis.line.points
    if axis.role in _ANGLES:
        points = np.rad2deg(points)
    parts: list[str] = [] if axis.role == "other" else [str(axis.role)]
    parts.append("1 point" if axis.size == 1 else f"{axis.size} points")
    parts += _extent(grid, axis, points)
    parts += [_length(grid, axis)] if axis.size > 1 else []
    if axis.line.period is not None:
        closed = ", the last column repeats the first" if axis.line.closed else ""
        if axis.line.closed > 1:
            closed = f", the last {axis.line.closed} columns repeat the first ones"
        parts.append(f"periodic{closed}")
    elif axis.role == "longitude":
        parts.append("not periodic")
    name = "" if axis.coordinate == axis.dim else f" (from {axis.coordinate!r})"
    return ", ".join(part for part in parts if part) + name


def _extent(grid: Any, axis: Axis, points: NDArray[np.float64]) -> list[str]:
    """Say from where to where an axis goes, and by which steps."""
    if axis.role == "time":
        return [axis.span, _time_step(axis)]
    if grid.kind == "curvilinear" and axis.dim in grid.surface.dims:
        return []  # its parameter means nothing to people
    unit, sense = axis.unit, ""
    if axis.role in _ANGLES:
        unit = "degrees"
    elif axis.role in {"x", "y"}:
        unit, points = "km", points / 1e3
    else:
        sense = f"positive {axis.positive}" if axis.positive else ""
    span = _span(points)
    tail = "" if unit == "1" else f" {unit}"
    return [span and f"{span}{tail}", _evenness(points, axis, unit), sense]


def _length(grid: Any, axis: Axis) -> str:
    """Say how long the steps of a horizontal axis are on the globe."""
    on_map = grid.surface is not None and axis.dim in grid.surface.dims
    if axis.role not in {"latitude", "longitude"} and not on_map:
        return ""
    low, high = grid.spacing_km(axis)
    if not np.isfinite(low):
        return ""
    same = np.isclose(low, high, rtol=1e-4)
    length = f"{_km(low)} km" if same else f"{_km(low)} to {_km(high)} km"
    return length + " on the globe" * on_map


def _covers(surface: Surface) -> str:
    """Say which part of the globe a map shows."""
    lat, lon = (np.rad2deg(angle) for angle in surface.places)
    if not np.isfinite(lat).any():
        return "nothing: no point has a latitude"
    parts = [f"latitude {_span(np.array([np.nanmin(lat), np.nanmax(lat)]))}"]
    inside = surface.poles_inside()
    if inside:
        parts.append(" and ".join(inside) + " inside")
    elif surface.lines[1].period is None:
        west, east = _arc(lon)
        parts.append(f"longitude {west:.6g} to {east:.6g}")
    missing = int(np.isnan(lat).sum())
    parts += [f"{missing} points off the globe"] if missing else []
    return ", ".join(parts)


def _arc(lon: NDArray[np.float64]) -> tuple[float, float]:
    """Return the ends of the shortest arc that holds all longitudes."""
    around = np.unique(lon[np.isfinite(lon)] % 360.0)
    gaps = np.diff(np.append(around, around[0] + 360.0))
    widest = int(np.argmax(gaps))
    west = float(around[(widest + 1) % around.size])
    east = float(around[widest])
    west = west - 360.0 if west >= 180.0 else west
    return west, west + (east - west) % 360.0


def _first_sentence(fault: Exception) -> str:
    """Return what is wrong; how to mend it is told when somebody asks for the axis."""
    return str(fault).split(". ", maxsplit=1)[0]


def _is_gaussian(degrees: NDArray[np.float64]) -> bool:
    """Tell the latitudes of a Gaussian grid: roots of a Legendre polynomial."""
    count = degrees.size
    if not 8 <= count <= 1280:
        return False
    roots = np.rad2deg(np.arcsin(np.polynomial.legendre.leggauss(count)[0]))
    return bool(np.allclose(np.sort(degrees), roots, rtol=0.0, atol=2e-3))


def _span(points: NDArray[np.float64]) -> str:
    if points.size == 0:
        return ""
    if points.size == 1:
        return f"{points[0]:.6g}"
    return f"{points[0]:.6g} to {points[-1]:.6g}"


def _km(length: float) -> str:
    return f"{length:.0f}" if length >= 1000 else f"{length:.4g}"


def _evenness(points: NDArray[np.float64], axis: Axis, unit: str) -> str:
    if axis.size < 2:
        return ""
    steps = np.abs(np.diff(points))
    tail = "" if unit == "1" else f" {unit}"
    if axis.line.step is not None:
        tail = " degree" if tail == " degrees" and np.isclose(steps[0], 1.0) else tail
        return f"every {steps.mean():.6g}{tail}"
    if axis.role == "latitude" and _is_gaussian(points):
        return "Gaussian"
    return f"uneven, steps of {steps.min():.4g} to {steps.max():.4g}{tail}"


def _time_step(axis: Axis) -> str:
    if axis.size < 2:
        return ""
    steps = np.abs(np.diff(axis.line.points))
    low, high = float(steps.min()), float(steps.max())
    return (
        f"every {_duration(low)}"
        if np.isclose(low, high)
        else f"uneven, steps of {_duration(low)} to {_duration(high)}"
    )


def _duration(seconds: float) -> str:
    for size, unit in _DURATIONS:
        if seconds >= size:
            count = f"{seconds / size:.4g}"
            return f"{count} {unit}{'s' if unit == 'day' and count != '1' else ''}"
    return f"{seconds:.4g} s"


def _why_not(grid: Any) -> str:
    longitude = grid.role_axis("longitude")
    for role in ("latitude", "longitude"):
        if grid.role_axis(role) is None:
            known = role in grid.roles.values()
            return f"{role} cannot be used" if known else f"there is no {role}"
    if longitude.line.period is None:
        return "longitudes do not close the circle"
    return "latitudes end too far from them"


def _poles(grid: Any) -> str:
    if not grid.poles:
        return f"none crossed: {_why_not(grid)}"
    names = {1: "north", -1: "south"}
    return ", ".join(
        f"{names[pole.sign]} ({'a row' if pole.has_row else 'between rows'}, crossed)"
        for pole in sorted(grid.poles, key=lambda pole: pole.sign)
    )
