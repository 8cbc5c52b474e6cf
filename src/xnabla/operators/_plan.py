"""How one derivative is made: its table, its scale, and what happens at the poles."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xnabla.errors import GridError, OptionError, explain
from xnabla.grid import (
    Axis,
    Grid,
    Pole,
    line_across,
    meridian_convergence,
    meridian_curvature,
    meridian_factor,
    parallel_factor,
)
from xnabla.numerics import (
    Cap,
    Line,
    StencilTable,
    apply_table,
    interpolation_table,
    stencil_table,
    with_caps,
)
from xnabla.operators._kept import Kept, key_of
from xnabla.operators._map import Map
from xnabla.options import Options

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """Everything numerical about one derivative of fields on one grid.

    Attributes
    ----------
    position : int
        The array axis to differentiate along, counted from the last.
    table : StencilTable
        The scheme, lengths and unit factor included where they vary along this axis.
    scale : array or None
        Lengths that vary along latitude when the derivative is along longitude.
    caps : tuple of Cap
        How rows beside the poles are made.
    lat, lon : int
        Array axes of latitude and longitude, counted from the last, for the caps.
    options : Options
        The choices it was made with.
    """

    position: int
    table: StencilTable
    scale: Floats | None
    caps: tuple[Cap, ...]
    lat: int
    lon: int
    options: Options

    def __call__(self, values: Any) -> Any:
        """Return the derivative of values whose last axes are those of the grid."""
        engine = self.options.engine
        out = apply_table(
            values, self.position, self.table, scale=self.scale, engine=engine
        )
        lat, lon = self.lat % values.ndim, self.lon % values.ndim
        return with_caps(out, values, self.caps, lat=lat, lon=lon, engine=engine)


@dataclass(frozen=True, slots=True, eq=False)
class MapPlan:
    """A derivative along a line of a map's grid, per metre on the globe.

    Attributes
    ----------
    dims : tuple of str
        The last dimensions of the array.
    calculus : Map
        The derivatives on that grid.
    dim : str
        The dimension to differentiate along.
    order : int
        1 or 2.
    factor : float
        What the result is multiplied with.
    """

    dims: tuple[str, ...]
    calculus: Map
    dim: str
    order: int
    factor: float

    def __call__(self, values: Any) -> Any:
        """Return the derivative of values whose last axes are those of the grid."""
        pair = self.calculus.surface.dims
        axes = [self.dims.index(dim) - len(self.dims) for dim in pair]
        double = values.astype(np.result_type(values.dtype, np.float64))
        ordered = np.moveaxis(double, axes, (-2, -1))
        out = self.calculus.along_line_m(ordered, pair.index(self.dim), self.order)
        out = np.moveaxis(out * self.factor, (-2, -1), axes)
        return out.astype(values.dtype)


def check_orders(order: Any, edge_order: Any) -> None:
    """Refuse orders of derivatives and of edges that do not exist.

    Raises
    ------
    OptionError
    """
    if type(order) is not int or order not in (1, 2):
        raise OptionError(
            explain(
                f"order={order!r} is no order of a derivative that xnabla has",
                expected="1 or 2",
                hint="order=1",
            )
        )
    if edge_order is not None and (
        type(edge_order) is not int or edge_order not in (1, 2, 4, 6)
    ):
        raise OptionError(
            explain(
                f"edge_order={edge_order!r} cannot be",
                expected="1, 2, 4 or 6",
                hint="edge_order=2",
            )
        )


def plan_derivative(
    grid: Grid,
    axis: Axis,
    *,
    order: int,
    factor: float,
    options: Options,
    edge_order: int | None = None,
    converging: bool = False,
) -> Plan | MapPlan:
    """Return the plan of a derivative along one axis of a grid.

    Parameters
    ----------
    grid : Grid
        The grid, with its dimensions in the order of the field.
    axis : Axis
        The axis to differentiate along.
    order : int
        1 or 2.
    factor : float
        What the result is multiplied with: the unit the user asked for.
    options : Options
        Accuracy, edges, missing, poles, engine.
    edge_order : int or None
        Accuracy of one-sided rows, if it is to differ.
    converging : bool
        Whether a second derivative along latitude is to have the part of the Laplacian
        that comes from meridians converging.

    Raises
    ------
    GridError
        If the axis has too few points, or the length of its steps is not known.
    """
    if grid.surface is not None and axis.dim in grid.surface.dims:
        calculus = Map(grid.surface, options, edge_order)
        return MapPlan(grid.dims, calculus, axis.dim, order, factor)
    maker = {"latitude": _along_latitude, "longitude": _along_longitude}.get(
        axis.role, _along_line
    )
    job = _Job(grid, axis, order, factor, options, edge_order, converging)
    key = key_of(grid)
    if key is None:
        return maker(job)
    own = (key, axis.dim, order, factor, options, edge_order, converging)
    return _plans.get(own, lambda: maker(job))


_plans = Kept()


@dataclass(frozen=True, slots=True)
class _Job:
    """What was asked for, handed from step to step."""

    grid: Grid
    axis: Axis
    order: int
    factor: float
    options: Options
    edge_order: int | None
    converging: bool

    @property
    def position(self) -> int:
        return self.at(self.axis)

    def at(self, axis: Axis) -> int:
        """Return the array axis of an axis of the grid, counted from the last."""
        return self.grid.dims.index(axis.dim) - len(self.grid.dims)

    @property
    def half(self) -> int:
        """Points that a centred row reads on each side."""
        return self.options.accuracy // 2 + (self.order + 1) // 2 - 1

    @property
    def reach(self) -> int:
        """Rows beyond a pole that the row beside it may read, on uneven spacing."""
        return self.half + (self.order % 2 == 0)

    def table(
        self, line: Line, *, edges: str | None = None, lower: Floats | None = None
    ) -> StencilTable:
        return stencil_table(
            line,
            order=self.order,
            accuracy=self.options.accuracy,
            edges=edges or self.options.edges,
            edge_accuracy=self.edge_order,
            missing=self.options.missing,
            lower=lower,
            name=repr(self.axis.dim),
        )


def _along_line(job: _Job) -> Plan:
    table = job.table(job.axis.line).scaled(job.factor)
    return Plan(job.position, table, None, (), 0, 0, job.options)


def _along_latitude(job: _Job) -> Plan:
    longitude = job.grid.role_axis("longitude")
    poles = job.grid.poles
    table = _meridian_table(job, job.axis.line, job.options.edges)
    caps: tuple[Cap, ...] = ()
    if longitude is not None and poles:
        if job.options.poles == "across":
            caps = tuple(_cap_of_rows(job, longitude, pole) for pole in poles)
        else:
            table = _blanked(table, poles, job.half)
    lon = 0 if longitude is None else job.at(longitude)
    return Plan(job.position, table, None, caps, job.position, lon, job.options)


def _along_longitude(job: _Job) -> Plan:
    latitude = job.grid.role_axis("latitude")
    earth = job.grid.earth
    table = job.table(job.axis.line).scaled(job.factor)
    if latitude is None:
        if job.grid.latitude_rad is None:
            raise GridError(
                explain(
                    f"The length of a step along {job.axis.dim!r} is not known "
                    "without a latitude",
                    expected="a latitude dimension or scalar coordinate",
                    hint="field.assign_coords(latitude=45.0)",
                )
            )
        scale = parallel_factor(earth, job.grid.latitude_rad) ** job.order
        return Plan(
            job.position, table.scaled(float(scale)), None, (), 0, 0, job.options
        )
    lat = job.at(latitude)
    factors = parallel_factor(earth, latitude.line.points) ** job.order
    caps: tuple[Cap, ...] = ()
    if job.order == 1 and job.options.poles == "across":
        on_rows = [pole for pole in job.grid.poles if pole.has_row]
        caps = tuple(_cap_of_pole(job, latitude, pole) for pole in on_rows)
        for pole in on_rows:  # to be replaced: nothing may search for a value there
            factors[0 if pole.end == "first" else -1] = 0.0
    shape = [1] * -lat
    shape[0] = latitude.size
    return Plan(
        job.position,
        table,
        factors.reshape(shape),
        caps,
        lat,
        job.position,
        job.options,
    )


def _cap_of_rows(job: _Job, longitude: Axis, pole: Pole) -> Cap:
    """Return how the rows beside a pole get their northward derivative."""
    latitude = job.axis
    reach = job.reach
    depth = min(latitude.size, 2 * reach + 1)
    reach = min(reach, latitude.size - pole.skip)
    line = line_across(latitude, pole, reach, depth)
    # the ends of this line are not used: they must only not be missing
    table = _meridian_table(job, line, "one-sided")
    start = reach if pole.end == "first" else depth - reach
    return Cap(
        pole.end,
        pole.skip,
        reach,
        depth,
        turn_of(longitude, np.pi, job.options.accuracy),
        table.rows(start, start + reach),
    )


def _cap_of_pole(job: _Job, latitude: Axis, pole: Pole) -> Cap:
    """Return how a pole row gets its eastward derivative.

    East at longitude λ on the North Pole is north at λ - 90°, on the South Pole north
    at λ + 90°: the northward derivatives of the pole row, read a quarter turn away.
    """
    rows = _cap_of_rows(replace(job, axis=latitude), job.axis, pole)
    at = 0 if pole.end == "first" else rows.table.size - 1
    quarter = turn_of(job.axis, -pole.sign * np.pi / 2.0, job.options.accuracy)
    return replace(rows, table=rows.table.rows(at, at + 1), then=quarter)


def _meridian_table(job: _Job, line: Line, edges: str) -> StencilTable:
    r"""Return the scheme in metres along a meridian.

    .. math:: \partial_y = \tfrac{1}{M} \partial_\varphi, \qquad
              \partial_{yy} = \tfrac{1}{M^2} (\partial_{\varphi\varphi}
              - \tfrac{M'}{M} \partial_\varphi)

    Holds beyond a pole too, where latitude counts on: M is even and M' odd about it.
    """
    earth, phi = job.grid.earth, line.points
    curved = job.order == 2 and not earth.is_sphere
    lower = meridian_curvature(earth, phi) if curved else None
    if job.converging:
        lower = meridian_convergence(earth, phi) + (0.0 if lower is None else lower)
    table = job.table(line, edges=edges, lower=lower)
    return table.scaled(job.factor * meridian_factor(earth, phi) ** job.order)


def _blanked(table: StencilTable, poles: tuple[Pole, ...], reach: int) -> StencilTable:
    """Return the table with the rows missing whose stencil would cross a pole."""
    weights = table.weights.copy()
    for pole in poles:
        rows = slice(0, reach) if pole.end == "first" else slice(-reach, None)
        weights[rows] = np.nan
    return replace(table, weights=weights, narrower=())


def turn_of(longitude: Axis, angle_rad: float, accuracy: int) -> StencilTable:
    """Return the table that reads a row a turn further east.

    Where the turn does not end on columns it interpolates, two orders better than the
    derivative, which divides its error by a step.
    """
    line = longitude.line
    return interpolation_table(line, line.points + angle_rad, accuracy + 2)
