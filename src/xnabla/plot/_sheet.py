"""Two-dimensional fields laid out on paper: map, disc, section, plane or diagram."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from xnabla.errors import XnablaError
from xnabla.grid import grid_of
from xnabla.plot._chart import Chart, chart_of
from xnabla.plot._disc import disc_place
from xnabla.plot._edges import (
    Span,
    latitude_span,
    longitude_span,
    plain_span,
    pressure_span,
)
from xnabla.plot._projected import rows_on, surface_on
from xnabla.plot._roles import roles_of

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import NDArray

__all__ = ["Axis", "Sheet", "axis_of", "sheet_of"]

_DISC_LATITUDE = 50.0
# Beyond these height over width a map is stretched: no eye could read it to scale.
_FLATTEST, _TALLEST = 1.0 / 24.0, 8.0
_PRESSURE_UNITS = {"hPa", "Pa", "mbar", "millibar", "millibars", "mb", "kPa"}


@dataclass(frozen=True)
class Axis:
    """One axis of a picture: what it is called, what it means, where its points are.

    ``kind`` is a role, or ``pressure``, ``down`` (numbers grow downward) or ``plain``.
    """

    dim: str
    kind: str
    coordinate: xr.DataArray
    numbers: NDArray[np.float64]

    @property
    def span(self) -> Span:
        """The cells along the axis."""
        spans = {
            "longitude": longitude_span,
            "latitude": latitude_span,
            "pressure": pressure_span,
        }
        return spans.get(self.kind, plain_span)(self.numbers)


@dataclass(frozen=True)
class Sheet:
    """A field laid out: cells to fill with colour, points to run contours through.

    Attributes
    ----------
    kind : str
        ``map``, ``disc``, ``chart`` (a grid of its own on the globe) or ``diagram``.
    field : DataArray
        What was laid out.
    across, up : Axis
    x, y : Span
        On a chart, only which points there are.
    cells : ndarray, shape (len(y.cells), len(x.cells))
    points : ndarray, shape (len(y.order), len(x.order))
    chart : Chart or None
        Where the cells of a chart lie.
    """

    kind: str
    field: xr.DataArray
    across: Axis
    up: Axis
    x: Span
    y: Span
    cells: NDArray[np.float64]
    points: NDArray[np.float64]
    chart: Chart | None = None

    @property
    def corners(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Where the corners of the cells are, in the numbers of the axes."""
        if self.chart is not None:
            return self.chart.corners
        return self._laid(self.x.edges, self.y.edges)

    @property
    def places(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Where the points are, in the numbers of the axes."""
        if self.chart is not None:
            across, up = map(self.at_points, self.chart.places)
            return across, up
        return self._laid(self.x.places, self.y.places)

    @property
    def has_gaps(self) -> bool:
        """Whether places on the globe have no value."""
        missing = ~np.isfinite(self.cells)
        if self.chart is not None:
            missing &= ~self.chart.off
        return bool(missing.any())

    def showing(self, field: xr.DataArray) -> Sheet:
        """Return another field of the same grid laid out, without finding out again."""
        points = self.on_grid(field)
        rows = field.transpose(self.up.dim, self.across.dim).values
        cells = rows[np.ix_(self.y.cells, self.x.cells)]
        return replace(self, field=field, cells=cells, points=points)

    def fits(self, field: xr.DataArray) -> bool:
        """Tell whether a field is on the same points."""
        dims = (self.up.dim, self.across.dim)
        return set(field.dims) == set(dims) and all(
            field[dim].equals(self.field[dim]) for dim in dims
        )

    def on_grid(self, field: xr.DataArray) -> NDArray[np.float64]:
        """Return the values of another field of the same grid, at the points."""
        return self.at_points(field.transpose(self.up.dim, self.across.dim).values)

    def at_points(self, part: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what is known at each point of a grid, in the order of the sheet."""
        return np.asarray(part[np.ix_(self.y.order, self.x.order)])

    def _laid(
        self, x: NDArray[np.float64], y: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        if self.kind == "disc":
            return disc_place(self.pole, x[None, :], y[:, None])
        across, up = np.meshgrid(x, y)
        return across, up

    @property
    def pole(self) -> float:
        """Which pole a disc is about: 1 the north pole, -1 the south pole."""
        return 1.0 if self.y.places[0] > 0 else -1.0

    @property
    def shape(self) -> float:
        """Height over width of the frame; 0 where any shape will do."""
        true = self._true_shape
        return float(np.clip(true, _FLATTEST, _TALLEST)) if true else 0.0

    @property
    def to_scale(self) -> bool:
        """Whether the frame has the shape of what it shows."""
        return self.shape == self._true_shape

    @property
    def _true_shape(self) -> float:
        """Height over width of what is shown; 0 where these are of two kinds."""
        if self.kind == "disc":
            return 1.0
        if self.chart is not None:
            return self.chart.shape
        wide = float(self.x.edges[-1] - self.x.edges[0])
        high = float(self.y.edges[-1] - self.y.edges[0])
        if self.kind == "map":
            return high * self.stretch / wide
        return high / wide if self.plane else 0.0

    @property
    def stretch(self) -> float:
        """How much longer a degree of latitude is drawn than one of longitude."""
        if self.x.closed:
            return 1.0
        middle = 0.5 * float(self.y.edges[0] + self.y.edges[-1])
        return 1.0 / max(float(np.cos(np.deg2rad(middle))), 0.25)

    @property
    def plane(self) -> bool:
        """Whether both axes are lengths on the ground."""
        return {self.across.kind, self.up.kind} == {"x", "y"}


def sheet_of(field: xr.DataArray, crs: Any = None, projection: Any = None) -> Sheet:
    """Lay out a plain two-dimensional field.

    Parameters
    ----------
    field : DataArray
        Two dimensions, plain numbers.
    crs : object, optional
        The map projection of x and y, where the field does not say.
    projection : object, optional
        What it is to be drawn on.

    Returns
    -------
    Sheet
        Longitude, time or distance across, latitude or height up, increasing both.
    """
    chart = None if projection is not None else chart_of(field, crs)
    if chart is not None:
        return _charted(field, chart)
    field = _straightened(field)
    if projection is not None:
        return _projected(field, crs, projection)
    dims = [str(dim) for dim in field.dims]
    down, right = sorted(dims, key=_rank(field), reverse=True)
    across, up = axis_of(field, right), axis_of(field, down)
    x, y = across.span, up.span
    values = field.transpose(down, right).values
    kind = "diagram"
    if (across.kind, up.kind) == ("longitude", "latitude"):
        polar = y.places.min() >= _DISC_LATITUDE or y.places.max() <= -_DISC_LATITUDE
        kind = "disc" if x.closed and polar else "map"
    return Sheet(
        kind,
        field,
        across,
        up,
        x,
        y,
        values[np.ix_(y.cells, x.cells)],
        values[np.ix_(y.order, x.order)],
    )


def _projected(field: xr.DataArray, crs: Any, projection: Any) -> Sheet:
    """Lay out a field on a map projection that was asked for."""
    roles = {role: dim for dim, role in roles_of(field).items()}
    if not {"latitude", "longitude"} <= set(roles):
        return _charted(field, surface_on(field, crs, projection))
    down, right = roles["latitude"], roles["longitude"]
    across, up = axis_of(field, right), axis_of(field, down)
    made = rows_on((up.numbers, across.numbers), (down, right), projection)
    values = field.transpose(down, right).values
    return Sheet(
        "chart",
        field,
        across,
        up,
        made.x,
        made.y,
        values[np.ix_(made.y.cells, made.x.cells)],
        values[np.ix_(made.y.order, made.x.order)],
        made.chart,
    )


def _straightened(field: xr.DataArray) -> xr.DataArray:
    """Return a field with latitude and longitude along its dimensions, if they are.

    Files of Mercator maps, among others, write them out in two.
    """
    if {"latitude", "longitude"} <= set(roles_of(field).values()):
        return field
    try:
        grid = grid_of(field)
    except XnablaError:
        return field
    found = {}
    for role, units in (("latitude", "degrees_north"), ("longitude", "degrees_east")):
        axis = grid.role_axis(role)
        if axis is None:
            return field
        degrees = np.rad2deg(np.asarray(axis.line.points))
        found[axis.dim] = (axis.dim, degrees, {"units": units, "long_name": role})
    return field.assign_coords(found)


def _charted(field: xr.DataArray, chart: Chart) -> Sheet:
    """Lay out a field whose cells lie where a chart says."""
    values = field.transpose(*chart.dims).values
    up, across = (
        Axis(dim, "plain", field[dim], np.arange(float(field.sizes[dim])))
        for dim in chart.dims
    )
    x, y = across.span, up.span
    if chart.around == values.shape[1]:  # contours close the circle
        x = replace(x, order=np.append(x.order, 0))
    points = values[:, x.order]
    return Sheet("chart", field, across, up, x, y, values, points, chart)


def _rank(field: xr.DataArray) -> Any:
    """Return the key that sorts dimensions from across to up the page."""
    roles = roles_of(field)
    ranks = ["x", "longitude", "time", "", "latitude", "y", "vertical"]
    position = {dim: k for k, dim in enumerate(reversed([str(d) for d in field.dims]))}
    # Time runs across, except against longitude: that diagram is read downward.
    return lambda dim: (ranks.index(roles.get(dim, "")), position[dim])


def axis_of(field: xr.DataArray, dim: str) -> Axis:
    """Return one dimension of a field as an axis in plain numbers."""
    coordinate = field[dim]
    role = roles_of(field).get(dim, "plain")
    units = str(coordinate.attrs.get("units", ""))
    kind, values = role, coordinate.values
    if role == "time":
        kind, numbers = _moments(values)
    elif values.dtype.kind == "m":
        numbers = values / np.timedelta64(1, "h")
        coordinate = coordinate.copy(data=numbers).assign_attrs(units="h")
    elif values.dtype.kind not in "fiu":
        numbers = np.arange(values.size, dtype=np.float64)
    else:
        numbers = values.astype(np.float64)
    if role in {"x", "y"} and units in {"m", "metre", "meter", "metres", "meters"}:
        numbers = numbers / 1000.0
        coordinate = coordinate.assign_attrs(units="km", long_name=role)
    if role == "vertical":
        kind = "plain"
        if units in _PRESSURE_UNITS:
            kind = "pressure"
        elif coordinate.attrs.get("positive") == "down":
            kind = "down"
    return Axis(dim, kind, coordinate, np.asarray(numbers, dtype=np.float64))


def _moments(values: NDArray[Any]) -> tuple[str, NDArray[np.float64]]:
    """Return moments as matplotlib's days; other calendars by their printed date."""
    from matplotlib.dates import date2num

    if values.dtype.kind == "M":
        return "time", np.asarray(
            date2num(values),  # type: ignore[no-untyped-call]
            dtype=np.float64,
        )
    if values.dtype.kind != "O":
        return "plain", values.astype(np.float64)
    days = [(moment - values[0]).total_seconds() / 86400.0 for moment in values]
    return "days", np.asarray(days, dtype=np.float64)
