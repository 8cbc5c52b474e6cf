"""Axes, and the geometry that ties them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Literal

import numpy as np

from xnabla._html import block, lines_html
from xnabla.errors import GridError, XnablaError, explain, together
from xnabla.grid._axis import Axis
from xnabla.grid._earth import Earth
from xnabla.grid._geometry import Pole, parallel_factor, poles_of
from xnabla.grid._show import lines_of
from xnabla.grid._surface import Surface

Kind = Literal[
    "latitude-longitude",
    "projected",
    "rotated pole",
    "curvilinear",
    "plane",
    "not horizontal",
    "refused",
]

_HORIZONTAL = ("latitude", "longitude", "y", "x", "grid_latitude", "grid_longitude")

# The letters of a formula, and the roles each stands for.
LETTERS: dict[str, frozenset[str]] = {
    "x": frozenset({"longitude", "x", "grid_longitude"}),
    "y": frozenset({"latitude", "y", "grid_latitude"}),
    "z": frozenset({"vertical"}),
    "t": frozenset({"time"}),
}


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """What the coordinates of a field mean. Print it to see what was understood.

    Attributes
    ----------
    kind : str
        ``latitude-longitude``, ``projected``, ``rotated pole``, ``curvilinear``,
        ``plane``, ``not horizontal`` or ``refused``.
    dims : tuple of str
        The dimensions of the field, in its order.
    sizes : tuple of int
        Their lengths.
    axes : mapping of dimension to Axis
        The dimensions that can be differentiated along.
    faults : mapping of dimension to error
        Why the others cannot; raised when one is asked for.
    earth : Earth
        The figure of the Earth, and where it comes from.
    latitude_rad : float or None
        The latitude of a field that has no latitude dimension, if it says.
    refusal : error or None
        Why there are no horizontal derivatives at all.
    assumed : tuple of str
        What the file did not say, and was assumed.
    roles, coordinates : mapping of dimension to str
        What each dimension is, and the coordinate that says so, faulty ones included.
    surface : Surface or None
        Where the points lie, if latitude and longitude do not run along dimensions.

    Examples
    --------
    >>> import numpy as np, xarray as xr
    >>> f = xr.DataArray(np.zeros((3, 4)), dims=("lat", "lon"), coords={
    ...     "lat": ("lat", [-60.0, 0, 60], {"units": "degrees_north"}),
    ...     "lon": ("lon", [0.0, 90, 180, 270], {"units": "degrees_east"})})
    >>> from xnabla.grid import grid_of
    >>> grid = grid_of(f)
    >>> grid.kind, grid.horizontal
    ('latitude-longitude', ('lat', 'lon'))
    """

    kind: Kind
    dims: tuple[str, ...]
    sizes: tuple[int, ...]
    axes: Mapping[str, Axis]
    faults: Mapping[str, XnablaError]
    earth: Earth
    latitude_rad: float | None = None
    refusal: XnablaError | None = None
    assumed: tuple[str, ...] = ()
    roles: Mapping[str, str] = field(default_factory=dict)
    coordinates: Mapping[str, str] = field(default_factory=dict)
    surface: Surface | None = None

    def axis(self, name: str) -> Axis:
        """Return the axis of a dimension, named by itself, its coordinate or its role.

        Raises
        ------
        GridError
            If there is none, or if it cannot be differentiated along.
        """
        dim = self.dim(name)
        if self.refusal is not None and self.roles.get(dim) in _HORIZONTAL:
            raise self.refusal
        if dim in self.faults:
            raise self.faults[dim]
        return self.axes[dim]

    def dim(self, name: str) -> str:
        """Return the dimension that a name, a coordinate or a role stands for."""
        if name in self.dims:
            return name
        asked = {name, *LETTERS.get(name, ())}
        matching = [
            dim
            for dim in self.dims
            if asked & {self.coordinates.get(dim), self.roles.get(dim)}
        ]
        if len(matching) == 1:
            return matching[0]
        known = [*self.dims, *self.coordinates.values(), *self.roles.values()]
        near = get_close_matches(name, dict.fromkeys(known), n=1)
        raise GridError(
            explain(
                f"There is no dimension {name!r}"
                + (" that is meant alone" if matching else ""),
                expected="one of " + ", ".join(map(repr, self.dims))
                if self.dims
                else "none: this is a single value, which has no derivative",
                got=repr(name),
                hint=repr(near[0]) if near else None,
            )
        )

    def lists_points(self, dim: str) -> bool:
        """Tell a dimension whose neighbours are no neighbours on the globe."""
        return dim in self.faults and "lists single points" in str(self.faults[dim])

    def role_axis(self, role: str) -> Axis | None:
        """Return the axis of a role, if there is exactly one."""
        matching = [axis for axis in self.axes.values() if axis.role == role]
        return matching[0] if len(matching) == 1 else None

    @property
    def horizontal(self) -> tuple[str, ...]:
        """The horizontal dimensions, in the order of the field, faulty ones included.

        Raises
        ------
        GridError
            If they are of a kind that is not supported.
        """
        if self.refusal is not None:
            raise self.refusal
        return tuple(dim for dim in self.dims if self.roles.get(dim) in _HORIZONTAL)

    @property
    def poles(self) -> tuple[Pole, ...]:
        """The ends of the latitude axis from which a pole can be crossed."""
        latitude = self.role_axis("latitude")
        if latitude is None:
            return ()
        return poles_of(latitude, self.role_axis("longitude"))

    def check_axes(self, names: tuple[str, ...]) -> tuple[Axis, ...]:
        """Return several axes, or raise one error that tells all their faults."""
        axes, faults = [], []
        for name in names:
            try:
                axes.append(self.axis(name))
            except XnablaError as fault:
                faults.append(fault)
        if faults:
            raise together(faults)
        return tuple(axes)

    def with_dims(self, dims: tuple[str, ...], sizes: tuple[int, ...]) -> Grid:
        """Return this grid for a field of the same dimensions, maybe in other order.

        Raises
        ------
        GridError
            If a dimension or a length differs.
        """
        own = dict(zip(self.dims, self.sizes, strict=True))
        other = dict(zip(dims, sizes, strict=True))
        if own != other:
            raise GridError(
                explain(
                    "The grid given belongs to another field",
                    expected=f"dimensions {own}",
                    got=f"{other}",
                    hint="grid=xn.grid_of(field)",
                )
            )
        return replace(self, dims=dims, sizes=sizes)

    def spacing_km(self, axis: Axis) -> tuple[float, float]:
        """Return the smallest and largest step of a horizontal axis in kilometres."""
        steps = np.abs(np.diff(axis.line.points))
        if self.surface is not None and axis.dim in self.surface.dims:
            every = self.surface.steps_m()[self.surface.dims.index(axis.dim)]
            lengths = every[np.isfinite(every)]
        elif axis.role == "latitude":
            middle = (axis.line.points[1:] + axis.line.points[:-1]) / 2.0
            lengths = steps * self.earth.meridional_radius_m(middle)
        elif axis.role == "longitude":
            latitude = self.role_axis("latitude")
            phi = (
                latitude.line.points
                if latitude is not None
                else np.atleast_1d(
                    np.nan if self.latitude_rad is None else self.latitude_rad
                )
            )
            factor = parallel_factor(self.earth, phi)
            radii = 1.0 / factor[np.isfinite(factor)]
            if radii.size == 0 or steps.size == 0:
                return float("nan"), float("nan")
            # the extremes, not all: a global grid at 1 km has 10^9 cells
            lengths = np.array([radii.min() * steps.min(), radii.max() * steps.max()])
        else:
            lengths = steps
        if lengths.size == 0:
            return (float("nan"), float("nan"))
        return float(lengths.min()) / 1e3, float(lengths.max()) / 1e3

    def __str__(self) -> str:
        return "\n".join(lines_of(self))

    __repr__ = __str__

    def _repr_html_(self) -> str:
        title, *lines = lines_of(self)
        return block(title, lines_html(lines))
