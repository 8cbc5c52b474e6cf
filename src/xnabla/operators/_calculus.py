"""Derivatives of plain arrays on a grid, whatever the grid: what operators speak."""

from __future__ import annotations

from typing import Any, Protocol

from xnabla.errors import GridError, explain
from xnabla.grid import Grid
from xnabla.operators._globe import Globe
from xnabla.operators._kept import Kept, key_of
from xnabla.operators._map import Map
from xnabla.operators._plane import Plane
from xnabla.options import Options


class Calculus(Protocol):
    """Derivatives towards east and north of arrays whose last two axes are y and x.

    Lengths are metres; arrays are double precision, plain or chunked. On a plane east
    is x and north is y.
    """

    def slopes(self, f: Any) -> tuple[Any, Any]:
        """Return the derivatives of a scalar towards east and north."""

    def second(self, f: Any) -> tuple[Any, Any, Any]:
        """Return the second derivatives: east twice, east and north, north twice."""

    def laplacian(self, f: Any) -> Any:
        """Return the Laplacian of a scalar."""

    def wind_slopes(self, u: Any, v: Any) -> tuple[Any, Any, Any, Any]:
        """Return du/dx, du/dy, dv/dx, dv/dy of a wind towards east and north."""

    def one_at_poles(self, f: Any) -> Any:
        """Return a scalar with one value for each pole."""

    def from_grid(self, u: Any, v: Any) -> tuple[Any, Any]:
        """Return the eastward and northward part of a wind along the grid."""

    def to_grid(self, east: Any, north: Any) -> tuple[Any, Any]:
        """Return the parts along the grid of a wind, from eastward and northward."""

    def along_grid(self, east: Any, north: Any) -> tuple[Any, Any]:
        """Return the derivatives along the grid's lines, from those of a gradient."""

    def turn_tensor(self, xx: Any, xy: Any, yx: Any, yy: Any) -> tuple[Any, ...]:
        """Return a tensor in the frame whose first direction runs along x."""

    @property
    def latitude_rad(self) -> Any:
        """Latitude of the points; broadcasts against the arrays."""


def calculus_of(
    grid: Grid, options: Options, edge_order: int | None = None
) -> Calculus:
    """Return the derivatives on a grid.

    ``edge_order`` is the accuracy of one-sided rows, if it is to differ.

    Raises
    ------
    GridError
        If the grid does not have two horizontal dimensions.
    """
    dims = horizontal_pair(grid)
    if grid.surface is not None:
        kept = grid.surface.kept
        if (options, edge_order) not in kept:
            kept[options, edge_order] = Map(grid.surface, options, edge_order)
        made: Map = kept[options, edge_order]
        return made
    maker = Plane if grid.kind == "plane" else Globe

    def make() -> Calculus:
        return maker(grid, dims, options, edge_order)

    key = key_of(grid)
    own = (key, dims, options, edge_order)
    return make() if key is None else _calculi.get(own, make)


_calculi = Kept(most=16)


def horizontal_pair(grid: Grid) -> tuple[str, str]:
    """Return the horizontal dimensions of a grid: y, then x.

    Raises
    ------
    GridError
        If there are not two of them, or one cannot be used; all faults together.
    """
    names = grid.horizontal or tuple(dim for dim in grid.dims if grid.lists_points(dim))
    axes = grid.check_axes(names) if names else ()
    by_letter = {}
    for axis in axes:
        letter = "y" if axis.role in {"latitude", "y", "grid_latitude"} else "x"
        by_letter[letter] = axis.dim
    if len(axes) == 2 and len(by_letter) == 2:
        return by_letter["y"], by_letter["x"]
    raise GridError(
        explain(
            "This needs a field with two horizontal dimensions",
            expected="latitude and longitude, or y and x; unstructured grids have "
            "neither, and are not differentiated",
            got=", ".join(names) if names else f"none among {', '.join(grid.dims)}",
            hint="print(xn.grid_of(field)), which tells what each dimension is",
        )
    )
