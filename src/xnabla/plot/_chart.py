"""Fields on grids of their own: every cell where it lies on a map of the globe."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from xnabla.errors import XnablaError
from xnabla.grid import Grid, grid_of
from xnabla.plot._paper import (
    Paper,
    Points,
    positions,
    projected,
    stereographic,
    world,
)

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import NDArray

__all__ = ["Chart", "Torn", "chart_of", "corners_of", "torn_by"]

# A region that reaches farther than this from its middle, in degrees, is a world map.
_WIDEST = 75.0
# Longitudes that nobody looks at, where a world map may be cut.
_EMPTY = 20


@dataclass(frozen=True, eq=False)
class Torn:
    """The cells of a world map that lie on its edge or round a pole, as polygons.

    Attributes
    ----------
    polygons : list of ndarray, shape (n, 2)
    index : ndarray of int
        Which cell each shows, in the flat order of the grid.
    mask : ndarray of bool, shape (ny, nx)
        Which cells are not drawn as part of the mesh.
    """

    polygons: list[NDArray[np.float64]]
    index: NDArray[np.intp]
    mask: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Chart:
    """Where the cells of a grid lie on paper.

    Attributes
    ----------
    paper : Paper
    dims : pair of str
        The dimensions y and x of the field.
    lonlat : pair of ndarray, shape (ny, nx)
        Longitude and latitude of the points in degrees, NaN off the globe.
    places : pair of ndarray, shape (ny, nx)
        The points on paper.
    corners : pair of ndarray, shape (ny + 1, nx + 1)
        The corners of their cells.
    frame : tuple of float
        West, east, south and north end on paper.
    torn : Torn or None
    around : int or None
        How many columns go round the globe, if they do.
    """

    paper: Paper
    dims: tuple[str, str]
    lonlat: Points
    places: Points
    corners: Points
    frame: tuple[float, float, float, float]
    torn: Torn | None = None
    around: int | None = None

    @property
    def shape(self) -> float:
        """Height over width."""
        west, east, south, north = self.frame
        return (north - south) / (east - west)

    @property
    def off(self) -> NDArray[np.bool_]:
        """Which cells have no place on the map."""
        x, _ = self.corners
        bare = np.isnan(x)
        corner = bare[1:, 1:] | bare[1:, :-1] | bare[:-1, 1:] | bare[:-1, :-1]
        if corner.shape == self.lonlat[0].shape:  # else the seam cuts cells in two
            corner |= np.isnan(self.lonlat[0])
        return np.asarray(corner)


def chart_of(field: xr.DataArray, crs: Any = None) -> Chart | None:
    """Return where the cells of a field lie, if not along latitude and longitude.

    The plane of its projection if it has one, else a stereographic map about its
    middle, or a map of the world.

    Parameters
    ----------
    field : DataArray
        Two dimensions.
    crs : object, optional
        The map projection of x and y, where the field does not say.
    """
    try:
        grid = grid_of(field, crs=crs)
        surface = grid.surface
        if surface is None or set(surface.dims) != set(field.dims):
            return None
        lat, lon = (np.rad2deg(part) for part in surface.places)
    except XnablaError:
        return None
    if not np.isfinite(lat).any():
        return None
    line = surface.lines[1]
    around = None if line.period is None else line.size - line.closed
    own = _on_own_plane(field, grid, (lon, lat), crs)
    return own or _on_globe(surface.dims, (lon, lat), around)


def _on_own_plane(
    field: xr.DataArray, grid: Grid, lonlat: Points, crs: Any
) -> Chart | None:
    """Return the chart in the plane of a grid's projection, if pyproj knows it."""
    if grid.kind not in {"projected", "rotated pole"} or grid.surface is None:
        return None
    dims = grid.surface.dims
    y, x = (np.asarray(grid.axis(dim).line.points) for dim in dims)
    if grid.kind == "rotated pole":
        y, x = np.rad2deg(y), np.rad2deg(x)
    paper = _paper_of(field, crs)
    if paper is None:
        return None
    if grid.kind == "rotated pole":
        paper = _turned(paper, 0.5 * float(x.min() + x.max()))
    places = np.meshgrid(x, y)
    told = paper.forward(*lonlat)
    scale = _scale(told, (places[0], places[1]))
    if scale is None:
        return None
    x, y = x * scale, y * scale
    corners = np.meshgrid(_edges(x), _edges(y))
    places = np.meshgrid(x, y)
    frame = (
        float(corners[0].min()),
        float(corners[0].max()),
        float(corners[1].min()),
        float(corners[1].max()),
    )
    return Chart(
        paper, dims, lonlat, (places[0], places[1]), (corners[0], corners[1]), frame
    )


def _paper_of(field: xr.DataArray, crs: Any) -> Paper | None:
    """Return the plane of the reference system that a user or a field names."""
    from pyproj import CRS
    from pyproj.exceptions import ProjError

    named = field.attrs.get("grid_mapping", field.encoding.get("grid_mapping", ""))
    words = str(named).replace(":", " ").split()
    scalars = [c for c in field.coords.values() if not c.ndim]
    # a file may hold the mappings of other fields too
    scalars.sort(key=lambda c: c.name not in words)
    for attributes in [{}, *(c.attrs for c in scalars)]:
        text = crs or attributes.get("crs_wkt") or attributes.get("spatial_ref")
        name = attributes.get("grid_mapping_name")
        if not text and not name:
            continue
        plain = {
            key: value.tolist() if hasattr(value, "tolist") else value
            for key, value in attributes.items()
        }
        try:
            found = CRS.from_user_input(text) if text else CRS.from_cf(plain)
            return projected(found)
        except (ProjError, KeyError, TypeError, ValueError):
            continue
    return None


def _scale(told: Points, own: Points) -> float | None:
    """Return units of the plane in one of the grid; None if they do not belong so.

    Some files count kilometres, some projections feet.
    """
    known = np.isfinite(told[0]) & np.isfinite(told[1])
    size = float(sum((part[known] ** 2).sum() for part in own))
    if not known.any() or size == 0:
        return None
    both = zip(told, own, strict=True)
    scale = float(sum((t[known] * o[known]).sum() for t, o in both)) / size
    steps = [np.abs(np.diff(o, axis=1 - k)).max() for k, o in enumerate(own)]
    off = max(
        float(np.abs(t - scale * o)[known].max())
        for t, o in zip(told, own, strict=True)
    )
    return scale if scale > 0 and off < 0.5 * scale * max(steps) else None


def _turned(paper: Paper, middle: float) -> Paper:
    """Return a map whose first number is degrees, within half a turn of a middle."""

    def forward(lon: Any, lat: Any) -> Points:
        x, y = paper.forward(lon, lat)
        return np.mod(x - middle + 180.0, 360.0) + middle - 180.0, y

    return Paper(paper.kind, forward)


def _edges(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the middles between points in a row, and half a step beyond both ends."""
    middles = 0.5 * (points[1:] + points[:-1])
    ends = 2.0 * points[0] - middles[0], 2.0 * points[-1] - middles[-1]
    return np.concatenate([ends[:1], middles, ends[1:]])


def _on_globe(dims: tuple[str, str], lonlat: Points, around: int | None) -> Chart:
    """Return the chart of a grid of which only the places of its points are known."""
    place = positions(*lonlat)
    middle = np.nanmean(place, axis=(1, 2))
    lat0 = float(np.rad2deg(np.arctan2(middle[2], np.hypot(middle[0], middle[1]))))
    lon0 = float(np.rad2deg(np.arctan2(middle[1], middle[0])))
    reach = np.rad2deg(
        np.arccos(np.clip(np.tensordot(positions(lon0, lat0), place, 1), -1.0, 1.0))
    )
    corner_lon, corner_lat = corners_of(place, around)
    if float(np.nanmax(reach)) > _WIDEST:
        return _world(dims, lonlat, (corner_lon, corner_lat), around)
    paper = stereographic(lon0, lat0)
    corners = paper.forward(corner_lon, corner_lat)
    x, y = corners
    spare = 0.01 * max(np.nanmax(x) - np.nanmin(x), np.nanmax(y) - np.nanmin(y))
    frame = (
        float(np.nanmin(x) - spare),
        float(np.nanmax(x) + spare),
        float(np.nanmin(y) - spare),
        float(np.nanmax(y) + spare),
    )
    places = paper.forward(*lonlat)
    return Chart(paper, dims, lonlat, places, corners, frame, None, around)


def corners_of(place: NDArray[np.float64], around: int | None) -> Points:
    """Return the corners between points and around the outer ones, in degrees.

    Parameters
    ----------
    place : ndarray, shape (3, ny, nx)
        Unit vectors of the points.
    around : int or None
        How many columns go round the globe, if they do.
    """
    for axis in (1, 2):
        first, second, last, before = (
            np.take(place, [k], axis=axis) for k in (0, 1, -1, -2)
        )
        ends = 2.0 * first - second, 2.0 * last - before
        if axis == 2 and around is not None:  # the neighbours are on the other side
            ends = place[..., [around - 1]], place[..., [place.shape[2] - around]]
        place = np.concatenate([ends[0], place, ends[1]], axis=axis)
    known = np.isfinite(place).all(axis=0)
    filled = np.where(known, place, 0.0)
    total = (
        filled[:, 1:, 1:]
        + filled[:, 1:, :-1]
        + filled[:, :-1, 1:]
        + filled[:, :-1, :-1]
    )
    length = np.sqrt((total**2).sum(axis=0))
    corner = total / np.where(length > 1e-9, length, np.nan)
    return (
        np.rad2deg(np.arctan2(corner[1], corner[0])),
        np.rad2deg(np.arctan2(corner[2], np.hypot(corner[0], corner[1]))),
    )


def _world(
    dims: tuple[str, str], lonlat: Points, corners: Points, around: int | None
) -> Chart:
    """Return the chart on a map of the world, cut where least is to be seen."""
    west, east = _window(lonlat[0])
    paper = world(west if east - west > 359 else 0.5 * (west + east) - 180.0)
    x, y = paper.forward(*corners)
    corners = np.where(np.isfinite(corners[0]), x, np.nan), y
    south, north = float(np.nanmin(y)), float(np.nanmax(y))
    spare = 0.02 * (north - south)
    frame = west, east, max(south - spare, -90.0), min(north + spare, 90.0)
    return Chart(
        paper,
        dims,
        lonlat,
        paper.forward(*lonlat),
        corners,
        frame,
        torn_by(corners, frame),
        around,
    )


def _window(lon: NDArray[np.float64]) -> tuple[float, float]:
    """Return the western and eastern end of longitudes: all round, or without a gap."""
    whole = np.unique(np.floor(np.mod(lon[np.isfinite(lon)], 360.0))).astype(int)
    gaps = np.diff(np.r_[whole, whole[0] + 360])
    if gaps.max() < _EMPTY:
        return -180.0, 180.0
    widest = int(gaps.argmax())
    west = float(np.roll(whole, -(widest + 1))[0])
    west = (west + 180.0) % 360.0 - 180.0
    return west, west + 361.0 - float(gaps.max())


def torn_by(corners: Points, frame: tuple[float, float, float, float]) -> Torn:
    """Return the cells that the edge of the map cuts, and those round a pole."""
    x = np.stack([_four(corners[0])[k] for k in range(4)])
    y = np.stack([_four(corners[1])[k] for k in range(4)])
    spread = x.max(axis=0) - x.min(axis=0)
    mask = spread > 180.0
    polygons: list[NDArray[np.float64]] = []
    index: list[int] = []
    for cell in np.flatnonzero(mask):
        j, i = np.unravel_index(int(cell), mask.shape)
        for polygon in _pieces(x[:, j, i], y[:, j, i], frame):
            polygons.append(polygon)
            index.append(int(cell))
    return Torn(polygons, np.array(index, dtype=np.intp), mask)


def _four(corner: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
    """Return the four corners of each cell, in order round it."""
    return corner[:-1, :-1], corner[:-1, 1:], corner[1:, 1:], corner[1:, :-1]


def _pieces(
    x: NDArray[np.float64], y: NDArray[np.float64], frame: tuple[float, ...]
) -> list[NDArray[np.float64]]:
    """Return a torn cell as polygons on both edges of the map."""
    around = np.r_[x, x[0]]
    steps = np.mod(np.diff(around) + 180.0, 360.0) - 180.0
    run = x[0] + np.r_[0.0, np.cumsum(steps)]
    if abs(run[-1] - run[0]) > 180.0:  # round the pole: down to the frame's end
        pole = 90.0 if y.mean() > 0 else -90.0
        run = np.r_[run, run[-1], run[0]]
        y = np.r_[y, y[0], pole, pole]
    else:
        run = run[:-1]
    pieces = []
    for turn in (-720.0, -360.0, 0.0, 360.0, 720.0):
        shifted = run + turn
        if shifted.max() > frame[0] and shifted.min() < frame[1]:
            pieces.append(np.column_stack([shifted, y]))
    return pieces
