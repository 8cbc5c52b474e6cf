"""A field along a line over the ground: a parallel, a meridian, a great circle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from xnabla.errors import OptionError, explain
from xnabla.grid import grid_of
from xnabla.plot._paper import positions
from xnabla.plot._roles import coordinate_role
from xnabla.plot._text import degrees
from xnabla.plot._triangles import triangles

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from xnabla.grid import Grid

__all__ = ["along_line", "line_words"]

# Fewest and most points of a line.
_FEWEST, _MOST = 60, 600

Line = Mapping[str, float] | Sequence[tuple[float, float]]


def along_line(field: xr.DataArray, along: Line, crs: Any = None) -> xr.DataArray:
    """Return a field read along a line, linear between its points.

    Parameters
    ----------
    field : DataArray
    along : mapping or sequence
        ``{"latitude": 45}``, ``{"longitude": 10}``, both for one place, or places
        ``[(50, -10), (60, 30)]`` as latitude and longitude, joined by great circles.
    crs : object, optional
        The map projection of x and y, where the field does not say.

    Raises
    ------
    OptionError
        If the line cannot be understood or misses the grid.
    """
    grid = grid_of(field, crs=crs)
    if isinstance(along, Mapping):
        wanted = {_role(name, field): float(value) for name, value in along.items()}
        if all(grid.role_axis(role) is not None for role in wanted):
            for role, value in wanted.items():
                field = _at(field, grid, role, value)
            return field
        lat, lon = _straight(grid, wanted)
    else:
        lat, lon = _great_circles(_checked(along), _spacing_deg(grid))
    if len(lat) == 1:
        return _read(field, grid, lat, lon).isel(distance=0, drop=True)
    return _read(field, grid, lat, lon)


def line_words(along: Line) -> str:
    """Say where a line goes.

    Examples
    --------
    >>> line_words({"latitude": 45}), line_words([(50, -10), (60, 30)])
    ('along 45°N', 'from 50°N 10°W to 60°N 30°E')
    """
    if isinstance(along, Mapping):
        words = [
            degrees(float(v), "latitude" if "lat" in str(k) else "longitude")
            for k, v in along.items()
        ]
        if words == ["0°"] and "lat" in str(next(iter(along))):
            return "along the equator"
        return ("along " if len(words) == 1 else "at ") + " ".join(words)
    ends = [_place(lat, lon) for lat, lon in along]
    through = f" over {', '.join(ends[1:-1])}" if len(ends) > 2 else ""
    return f"from {ends[0]}{through} to {ends[-1]}"


def _place(lat: float, lon: float) -> str:
    return f"{degrees(float(lat), 'latitude')} {degrees(float(lon), 'longitude')}"


def _role(name: str, field: xr.DataArray) -> str:
    """Return which of latitude and longitude a name means."""
    role: str | None = str(name)
    if name in field.coords:
        role = coordinate_role(field[name])
    short = {"lat": "latitude", "lon": "longitude"}
    role = short.get(str(role), role)
    if role not in {"latitude", "longitude"}:
        raise OptionError(
            explain(
                f"A section does not run along {name!r}",
                expected="latitude, longitude, or two places",
                hint="along={'latitude': 45}, or along=[(50, -10), (60, 30)]",
            )
        )
    return role


def _checked(along: Any) -> list[tuple[float, float]]:
    """Return the places of a line, refused where they are none."""
    try:
        places = [(float(lat), float(lon)) for lat, lon in along]
    except (TypeError, ValueError):
        places = []
    if len(places) < 2 or any(abs(lat) > 90 for lat, _ in places):
        raise OptionError(
            explain(
                "A section runs between places",
                expected="two or more (latitude, longitude) in degrees",
                got=repr(along),
                hint="along=[(50, -10), (60, 30)]",
            )
        )
    return places


def _at(field: xr.DataArray, grid: Grid, role: str, value: float) -> xr.DataArray:
    """Return a field at one latitude or longitude, linear between two rows."""
    axis = grid.role_axis(role)
    assert axis is not None
    points = np.rad2deg(np.asarray(axis.line.points, dtype=np.float64))
    off = points - value
    if role == "longitude":
        off = (off + 180.0) % 360.0 - 180.0
    below = np.flatnonzero(off <= 1e-6)
    above = np.flatnonzero(off >= -1e-6)
    if not below.size or not above.size:
        raise _missed(f"{degrees(value, role)}", points, role)
    first = int(below[np.argmax(off[below])])
    second = int(above[np.argmin(off[above])])
    gap = off[second] - off[first]
    if role == "longitude" and gap > 3.0 * float(np.median(np.abs(np.diff(points)))):
        raise _missed(f"{degrees(value, role)}", points, role)
    one, other = (field.isel({axis.dim: k}, drop=True) for k in (first, second))
    share = -off[first] / gap if gap > 1e-6 else 0.0
    read = one.copy() if share == 0.0 else one * (1.0 - share) + other * share
    read.attrs = dict(field.attrs)
    place = xr.Variable((), value, field[axis.dim].attrs)
    return read.assign_coords({axis.dim: place}).rename(field.name)


def _missed(what: str, points: NDArray[np.float64], role: str) -> OptionError:
    low, high = (
        degrees(round(float(p), 3), role) for p in (points.min(), points.max())
    )
    return OptionError(
        explain(f"The field does not reach {what}", expected=f"{low} to {high}")
    )


def _straight(
    grid: Grid, wanted: dict[str, float]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the points of a parallel or meridian on a grid of its own."""
    lat, lon = _places(grid)
    if len(wanted) == 2:
        return np.array([wanted["latitude"]]), np.array([wanted["longitude"]])
    step = _spacing_deg(grid) / 2.0
    if "latitude" in wanted:
        middle = float(np.rad2deg(np.arctan2(*_mean_direction(lon))))
        turned = (lon - middle + 180.0) % 360.0 - 180.0
        ends = float(np.nanmin(turned)) + middle, float(np.nanmax(turned)) + middle
        share = step / max(float(np.cos(np.deg2rad(wanted["latitude"]))), 0.05)
        along = _steps(*ends, share)
        return np.full(along.size, wanted["latitude"]), along
    along = _steps(float(np.nanmin(lat)), float(np.nanmax(lat)), step)
    return along, np.full(along.size, wanted["longitude"])


def _mean_direction(lon: NDArray[np.float64]) -> tuple[float, float]:
    lam = np.deg2rad(lon)
    return float(np.nanmean(np.sin(lam))), float(np.nanmean(np.cos(lam)))


def _steps(low: float, high: float, step: float) -> NDArray[np.float64]:
    many = int(np.clip(np.ceil((high - low) / step) + 1, _FEWEST, _MOST))
    return np.linspace(low, high, many)


def _great_circles(
    places: list[tuple[float, float]], spacing: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return points on the great circles that join places, evenly spaced."""
    pieces = []
    for (lat1, lon1), (lat2, lon2) in pairwise(places):
        start, end = positions(lon1, lat1), positions(lon2, lat2)
        angle = float(np.arctan2(np.linalg.norm(np.cross(start, end)), start @ end))
        if angle > np.deg2rad(179.9) or angle < 1e-9:
            raise OptionError(
                explain(
                    "No great circle joins these places alone",
                    expected="places that are apart, and not on opposite sides",
                    got=f"{_place(lat1, lon1)} and {_place(lat2, lon2)}",
                    hint="a place between them: along=[(50, -10), (60, 0), (60, 30)]",
                )
            )
        share = _steps(0.0, 1.0, spacing / 2.0 / np.rad2deg(angle))
        pieces.append(
            (
                np.outer(np.sin((1.0 - share) * angle), start)
                + np.outer(np.sin(share * angle), end)
            )
            / np.sin(angle)
        )
    line = np.concatenate([pieces[0], *(piece[1:] for piece in pieces[1:])])
    return (
        np.rad2deg(np.arcsin(np.clip(line[:, 2], -1.0, 1.0))),
        np.rad2deg(np.arctan2(line[:, 1], line[:, 0])),
    )


def _places(grid: Grid) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return latitude and longitude of every point of a grid in degrees."""
    if grid.surface is not None:
        lat, lon = (np.rad2deg(np.asarray(part)) for part in grid.surface.places)
        return lat, lon
    rows, columns = grid.role_axis("latitude"), grid.role_axis("longitude")
    if rows is None or columns is None:
        raise OptionError(
            explain(
                "There is no section through this field",
                expected="latitude and longitude, along two dimensions of the field",
                got=", ".join(grid.dims),
                hint="plot.section(field.isel(...)), for a field that is a section",
            )
        )
    lat, lon = np.meshgrid(
        np.rad2deg(np.asarray(rows.line.points)),
        np.rad2deg(np.asarray(columns.line.points)),
        indexing="ij",
    )
    return lat, lon


def _dims(grid: Grid) -> tuple[str, str]:
    if grid.surface is not None:
        return grid.surface.dims
    return grid.dim("latitude"), grid.dim("longitude")


def _spacing_deg(grid: Grid) -> float:
    """Return a typical distance of neighbours in degrees of arc."""
    place = positions(*_places(grid)[::-1])
    steps = [np.linalg.norm(np.diff(place, axis=k), axis=0) for k in (1, 2)]
    found = np.concatenate([step.ravel() for step in steps])
    return float(np.rad2deg(np.nanmedian(found[found > 0])))


def _read(
    field: xr.DataArray,
    grid: Grid,
    lat: NDArray[np.float64],
    lon: NDArray[np.float64],
) -> xr.DataArray:
    """Return a field at places, from the triangle of points round each."""
    y, x = _dims(grid)
    index, share = triangles(_places(grid), (lat, lon))
    if not (share > 0).any():
        raise OptionError(
            explain(
                "The line misses the field",
                expected="places on its grid",
                got=f"{_place(lat[0], lon[0])} to {_place(lat[-1], lon[-1])}",
            )
        )
    j, i = np.unravel_index(index, _places(grid)[0].shape)
    corner = ("distance", "corner")
    dropped = [
        name
        for name, coordinate in field.coords.items()
        if {y, x} & set(coordinate.dims)
    ]
    at = {y: xr.DataArray(j, dims=corner), x: xr.DataArray(i, dims=corner)}
    values = field.drop_vars(dropped).isel(at)
    weight = xr.DataArray(share, dims=corner)
    # a point that has no share in a place may have no value either
    read = (values.where(weight > 0, 0.0) * weight).sum("corner", skipna=False)
    read = read.where(weight.sum("corner") > 0.5)
    read.attrs = dict(field.attrs)
    place = positions(lon, lat)
    step = np.linalg.norm(np.diff(place, axis=1), axis=0)
    step = 2.0 * np.arcsin(np.clip(step / 2.0, 0.0, 1.0)) * _radius_km(grid)
    told = {"units": "km", "long_name": "distance", "axis": "X"}
    return read.rename(field.name).assign_coords(
        distance=("distance", np.r_[0.0, np.cumsum(step)], told),
        latitude=("distance", lat, {"units": "degrees_north"}),
        longitude=("distance", lon, {"units": "degrees_east"}),
    )


def _radius_km(grid: Grid) -> float:
    """Return the mean radius of the Earth, (2 a + b)/3."""
    return (2.0 * grid.earth.semi_major_m + grid.earth.semi_minor_m) / 3e3
