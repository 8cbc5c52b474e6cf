"""Smoothing by true distance: where the points of a grid are, in metres."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xnabla.errors import GridError, OptionError, explain
from xnabla.grid import Axis, Earth, Grid
from xnabla.numerics import Disc, Spots

Floats = NDArray[np.float64]

_HALF_PI = np.pi / 2.0
_GLOBES = {("latitude", "longitude"), ("grid_latitude", "grid_longitude")}


def disc_of(
    grid: Grid, names: tuple[str, ...], wavelength: float, reach: float, *, across: bool
) -> Disc:
    """Return the Gaussian of a degree in metres on a grid.

    Parameters
    ----------
    grid : Grid
        With its dimensions in the order of the field.
    names : tuple of str
        The two horizontal dimensions.
    wavelength : float
        The degree in metres.
    reach : float
        How many standard deviations it reaches.
    across : bool
        Whether it reaches across a pole.

    Raises
    ------
    GridError
        If distances are not known from rows and columns.
    OptionError
        If the degree does not suit the grid.
    """
    rows, columns = _axes(grid, names, wavelength)
    on_globe = rows.role != "y"
    step = columns.line.step
    if step is None:
        raise GridError(
            explain(
                f"A length needs even spacing along {columns.dim!r}, which it has not",
                expected="even spacing, or the degree in grid lengths",
                hint="n=10",
            )
        )
    near, radius, area, metres = _globe(grid.earth, rows) if on_globe else _plane(rows)
    _check_degree(wavelength, 2.0 * reach / (2.0 * math.pi), rows, metres)
    edges = [] if not on_globe else [pole.end for pole in grid.poles if across]
    sides = [side for side in ("first", "last") if side not in edges]
    missing = [_to_missing(grid.earth, rows, side, on_globe) for side in sides]
    spots = Spots(
        near,
        radius,
        step,
        on_globe,
        columns.line.around or columns.size,
        columns.line.around is not None,
        area,
        np.array(missing).reshape(len(missing), rows.size),
    )
    sigma = wavelength / (2.0 * math.pi)
    axes = (grid.dims.index(rows.dim), grid.dims.index(columns.dim))
    return Disc(axes, spots, sigma, reach * sigma, across)


def _axes(grid: Grid, names: tuple[str, ...], wavelength: float) -> tuple[Axis, Axis]:
    """Return the axes of rows and columns, whose distances are known."""
    known = [grid.axes[name] for name in names if name in grid.axes]
    axes: dict[str, Axis] = {axis.role: axis for axis in known}
    pairs = _GLOBES if grid.earth.is_sphere else {("latitude", "longitude")}
    if grid.kind == "plane":
        pairs = pairs | {("y", "x")}
    for y, x in pairs:
        if set(axes) == {y, x} and len(names) == 2:
            return axes[y], axes[x]
    raise GridError(
        explain(
            f"A length says nothing of windows along {' and '.join(map(repr, names))} "
            f"of a grid that is {grid.kind}",
            expected="latitude and longitude, or x and y on a plane; or the degree in "
            "grid lengths",
            hint=f"{_instead(grid, names, wavelength)}n=10",
        )
    )


def _instead(grid: Grid, names: tuple[str, ...], wavelength: float) -> str:
    """Return the smoother that knows lengths on any map, with the same effect.

    1 / (1 + L² k²) and the Gaussian leave as much of the wave k = 2π / n.
    """
    if len(names) != 2 or set(names) != set(grid.horizontal):
        return ""
    length = wavelength / (2.0 * math.pi) * math.sqrt(math.exp(0.5) - 1.0)
    return f'xn.smooth(field, length_scale="{length / 1e3:.3g} km"), or '


def _globe(earth: Earth, rows: Axis) -> tuple[Floats, Floats, Floats, Floats]:
    """Return squared distances, radii, areas and positions in metres of parallels."""
    phi = rows.line.points
    radius, axial = earth.parallel_radius_m(phi), earth.axial_m(phi)
    near = _squared(radius, axial)
    sines = np.sin(np.clip(_between(phi), -_HALF_PI, _HALF_PI))
    # M N cos φ dφ, but for a factor
    w2 = 1.0 - earth.eccentricity_squared * np.sin(phi) ** 2
    area = np.abs(np.diff(sines)) / w2**2
    return near, np.maximum(radius, 0.0), area, phi * earth.meridional_radius_m(phi)


def _plane(rows: Axis) -> tuple[Floats, Floats, Floats, Floats]:
    y = rows.line.points
    area = np.abs(np.diff(_between(y)))
    return _squared(y), np.ones_like(y), area / area.mean(), y


def _squared(*positions: Any) -> Floats:
    """Return the squared distances of all from all."""
    return np.asarray(sum((p[:, np.newaxis] - p) ** 2 for p in positions))


def _between(points: Floats) -> Floats:
    """Return where the cells around points begin and end."""
    middle = (points[1:] + points[:-1]) / 2.0
    return np.concatenate(
        [[2 * points[0] - middle[0]], middle, [2 * points[-1] - middle[-1]]]
    )


def _to_missing(earth: Earth, rows: Axis, side: str, on_globe: bool) -> Floats:
    """Return the squared distances of rows to the first one off the grid."""
    points = rows.line.points if side == "last" else rows.line.points[::-1]
    beyond = 2.0 * points[-1] - points[-2]
    if not on_globe:
        return np.asarray((rows.line.points - beyond) ** 2)
    # beyond a pole the radius is negative: the far side
    here = (earth.parallel_radius_m(rows.line.points), earth.axial_m(rows.line.points))
    there = (earth.parallel_radius_m(beyond), earth.axial_m(beyond))
    return np.asarray(sum((a - b) ** 2 for a, b in zip(here, there, strict=True)))


def _check_degree(wavelength: float, width: float, rows: Axis, metres: Floats) -> None:
    """Refuse a wave that the rows cannot hold, or that is longer than they."""
    steps = np.abs(np.diff(metres))
    shortest, longest = 2.0 * steps.min(), (steps.sum() + steps.mean()) / width
    if shortest <= wavelength <= longest:
        return
    raise OptionError(
        explain(
            f"A Gaussian of degree {wavelength / 1e3:.6g} km does not suit steps of "
            f"{steps.min() / 1e3:.4g} km along {rows.dim!r}",
            expected=f"from {shortest / 1e3:.4g} to {longest / 1e3:.4g} km",
            hint=f"n='{math.ceil(2.0 * shortest / 1e3)} km'",
        )
    )
