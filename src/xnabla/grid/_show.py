"""A grid in words; it is handed in, so that the grid may print itself."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from xnabla.errors import printable
from xnabla.grid._axis import Axis

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
    told = f"radius {grid.earth.semi_major_m:.10g} m"
    lines.extend(f"  assumed: {text}" for text in grid.assumed if told not in text)
    if grid.refusal is not None:
        lines.append(f"  refused: {grid.refusal}")
    return [printable(line) for line in lines]


def _describe(grid: Any, axis: Axis) -> str:
    points = axis.line.points
    if axis.role in {"latitude", "longitude"}:
        points = np.rad2deg(points)
    parts: list[str] = [] if axis.role == "other" else [str(axis.role)]
    parts.append("1 point" if axis.size == 1 else f"{axis.size} points")
    span = _span(points)
    if axis.role == "time":
        parts += [axis.span, _time_step(axis)]
    elif axis.role in {"latitude", "longitude"}:
        parts += [span and f"{span} degrees", _evenness(points, axis, "degrees")]
    elif axis.role in {"x", "y"}:
        span = _span(points / 1e3)
        parts += [span and f"{span} km", _evenness(points / 1e3, axis, "km")]
    else:
        unit = "" if axis.unit == "1" else f" {axis.unit}"
        parts += [span and f"{span}{unit}", _evenness(points, axis, axis.unit)]
        parts += [f"positive {axis.positive}"] if axis.positive else []
    if axis.role in {"latitude", "longitude"} and axis.size > 1:
        low, high = grid.spacing_km(axis)
        same = np.isclose(low, high, rtol=1e-4)
        if np.isfinite(low):
            parts.append(f"{_km(low)} km" if same else f"{_km(low)} to {_km(high)} km")
    if axis.line.period is not None:
        closed = ", the last column repeats the first" if axis.line.closed else ""
        parts.append(f"periodic{closed}")
    elif axis.role == "longitude":
        parts.append("not periodic")
    name = "" if axis.coordinate == axis.dim else f" (from {axis.coordinate!r})"
    return ", ".join(part for part in parts if part) + name


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
