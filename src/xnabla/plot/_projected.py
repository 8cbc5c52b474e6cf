"""Fields on a projection that was asked for: cut where it is, ended where it swells."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from xnabla.errors import OptionError, explain
from xnabla.grid import grid_of
from xnabla.plot._chart import Chart, Torn, corners_of, torn_by
from xnabla.plot._edges import Span, latitude_span, longitude_span
from xnabla.plot._paper import Paper, Points, positions, projected, world

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import NDArray

__all__ = ["Laid", "rows_on", "surface_on"]

# Degrees beside the cut of a map that lie on one side of it for certain.
_BESIDE = 1e-6
# What is drawn this many times larger than elsewhere is no map any more.
_SWOLLEN = 6.0
# Rows and columns at which a projection is asked what kind it is.
_FEW = 40


@dataclass(frozen=True, eq=False)
class Laid:
    """Rows of latitude and longitude on a projection.

    Attributes
    ----------
    chart : Chart
    x, y : Span
        Which points and cells there are, from the cut on.
    """

    chart: Chart
    x: Span
    y: Span


def paper_of(projection: Any) -> tuple[Paper, float]:
    """Return a projection as a map, and the longitude of its middle.

    Raises
    ------
    OptionError
        If nothing is known by that name.
    """
    from pyproj import CRS
    from pyproj.exceptions import ProjError

    try:
        crs = CRS.from_user_input(projection)
    except (ProjError, TypeError, ValueError):
        raise OptionError(
            explain(
                "This is no map projection",
                expected="a name pyproj knows, or a projection of cartopy",
                got=repr(projection),
                hint="projection='ESRI:54030' (Robinson), or '+proj=laea +lat_0=90'",
            )
        ) from None
    middle = _middle(crs)
    if crs.coordinate_operation is None or crs.is_geographic:
        return world(middle - 180.0), middle
    return replace(projected(crs), kind="projected"), middle


def _middle(crs: Any) -> float:
    """Return the longitude a projection is about."""
    operation = crs.coordinate_operation
    for parameter in operation.params if operation is not None else ():
        if "ongitude" in parameter.name:
            return float(parameter.value)
    # degrees have no operation: those of cartopy count from a meridian
    return float(crs.prime_meridian.longitude) if crs.prime_meridian else 0.0


def rows_on(
    numbers: tuple[NDArray[np.float64], NDArray[np.float64]],
    dims: tuple[str, str],
    projection: Any,
) -> Laid:
    """Return where cells along latitude and longitude lie on a projection.

    Parameters
    ----------
    numbers : pair of ndarray
        Latitudes and longitudes in degrees.
    dims : pair of str
        Their dimensions.
    projection : object
        What :func:`paper_of` takes.
    """
    paper, middle = paper_of(projection)
    y, turned = latitude_span(numbers[0]), longitude_span(numbers[1] - middle)
    edges = turned.edges + middle
    order, places = turned.order, turned.places + middle
    if turned.closed:
        edges[[0, -1]] += (_BESIDE, -_BESIDE)
        if _is_cut(paper, middle):  # no line runs from one edge to the other
            order, places = order[1:-1], places[1:-1]
    x = Span(turned.cells, edges, order, places, turned.closed)
    lonlat = _mesh(numbers[1], numbers[0])
    corners = _trimmed(paper, _mesh(edges, y.edges))
    found = _trimmed(paper, lonlat)
    chart = Chart(paper, dims, lonlat, found, corners, _frame(paper, corners))
    return Laid(chart, x, y)


def surface_on(field: xr.DataArray, crs: Any, projection: Any) -> Chart:
    """Return where the cells of any other grid lie on a projection.

    Raises
    ------
    OptionError
        If the field has no latitude and longitude.
    """
    surface = grid_of(field, crs=crs).surface
    if surface is None or set(surface.dims) != set(field.dims):
        raise OptionError(
            explain(
                "This field cannot be drawn on a map projection",
                expected="latitude and longitude of its points",
                got=", ".join(map(str, field.dims)),
                hint="plot.field(field), without projection",
            )
        )
    paper, middle = paper_of(projection)
    lat, lon = (np.rad2deg(part) for part in surface.places)
    line = surface.lines[1]
    around = None if line.period is None else line.size - line.closed
    cut = middle - 180.0
    x, y = world(cut).forward(*corners_of(positions(lon, lat), around))
    torn = torn_by((x, y), (cut, cut + 360.0, -90.0, 90.0))
    inside = np.clip(x, cut + _BESIDE, cut + 360.0 - _BESIDE)
    corners = _trimmed(paper, (inside, y))
    frame = _frame(paper, corners)
    return Chart(
        paper,
        surface.dims,
        (lon, lat),
        _trimmed(paper, (lon, lat)),
        corners,
        frame,
        _moved(torn, paper, cut, frame),
        around if not _is_cut(paper, middle) else None,
    )


def _mesh(x: NDArray[np.float64], y: NDArray[np.float64]) -> Points:
    across, up = np.meshgrid(x, y)
    return across, up


def _is_cut(paper: Paper, middle: float) -> bool:
    """Tell whether the two sides of the meridian across from the middle lie apart."""
    lat = np.linspace(-60.0, 60.0, 5)
    west, east = (
        np.stack(paper.forward(np.full(5, middle + side), lat))
        for side in (-180.0 + _BESIDE, 180.0 - _BESIDE)
    )
    near = np.stack(paper.forward(np.full(5, middle + 179.0), lat))
    apart, step = np.abs(west - east), np.abs(near - east)
    known = np.isfinite(apart)
    return bool(known.any() and (apart[known].max() > np.nanmax(step)))


def _trimmed(paper: Paper, lonlat: Points) -> Points:
    """Return places on paper, NaN where the map is swollen.

    Only maps that keep angles swell without an end; whether one does is asked at a few
    places, since a projection takes a microsecond for each.
    """
    x, y = paper.forward(*lonlat)
    if paper.kind == "world":
        return x, y
    every = tuple(slice(None, None, -(-n // _FEW)) for n in x.shape)
    if not _is_conformal(*paper.stretches(*(part[every] for part in lonlat))):
        return x, y
    _, north = paper.stretches(*lonlat)
    size = np.hypot(*north)
    usual = float(np.nanpercentile(size, 5)) if np.isfinite(size).any() else 1.0
    bad = ~(size < _SWOLLEN * usual)
    return np.where(bad, np.nan, x), np.where(bad, np.nan, y)


def _is_conformal(east: Points, north: Points) -> bool:
    """Tell a map that keeps angles: these grow without an end."""
    ratio = np.hypot(*east) / np.hypot(*north)
    ratio = ratio[np.isfinite(ratio)]
    return bool(ratio.size and np.percentile(np.abs(ratio - 1.0), 90) < 0.05)


def _frame(paper: Paper, corners: Points) -> tuple[float, float, float, float]:
    """Return the ends of a map, a little beyond its corners.

    Raises
    ------
    OptionError
        If none of it is on the map.
    """
    x, y = corners
    known = np.isfinite(x) & np.isfinite(y)
    if not known.any():
        raise OptionError(
            explain(
                "The field lies where this projection shows nothing",
                expected="a projection of the part of the globe it covers",
            )
        )
    ends = x[known].min(), x[known].max(), y[known].min(), y[known].max()
    spare = (
        0.0
        if paper.kind == "world"
        else 0.01 * max(ends[1] - ends[0], ends[3] - ends[2])
    )
    return (
        float(ends[0] - spare),
        float(ends[1] + spare),
        float(ends[2] - spare),
        float(ends[3] + spare),
    )


def _moved(
    torn: Torn, paper: Paper, cut: float, frame: tuple[float, float, float, float]
) -> Torn:
    """Return the cells on the cut of a map as polygons on its paper."""
    polygons, index = [], []
    for polygon, cell in zip(torn.polygons, torn.index, strict=True):
        lon = np.clip(polygon[:, 0], cut + _BESIDE, cut + 360.0 - _BESIDE)
        placed = np.column_stack(paper.forward(lon, polygon[:, 1]))
        x, y = placed.T
        inside = (x >= frame[0]) & (x <= frame[1]) & (y >= frame[2]) & (y <= frame[3])
        if inside.all():  # what swells reaches far over it
            polygons.append(placed)
            index.append(cell)
    return Torn(polygons, np.array(index, dtype=np.intp), torn.mask)
