"""Derivatives, gradients and Laplacians: MetPy's calculation tools."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr

from xnabla import operators
from xnabla.errors import GridError, explain
from xnabla.grid import Grid
from xnabla.metpy._drop_in import drop_in, relabelled
from xnabla.metpy._link import linked
from xnabla.metpy._place import grid_on, with_unit
from xnabla.metpy._plane import Plane
from xnabla.metpy._steps import difference


@linked
def first_derivative(f: Any, axis: Any = None, x: Any = None, delta: Any = None) -> Any:
    """Return the first derivative along one axis, of three points everywhere.

    A labelled field without ``x`` and ``delta`` takes the lengths from its coordinates,
    and keeps its labels with them too.
    """
    return _derivative(f, axis, x, delta, order=1)


@linked
def second_derivative(
    f: Any, axis: Any = None, x: Any = None, delta: Any = None
) -> Any:
    """Return the second derivative along one axis, of three points.

    The ends repeat their neighbours, unless a labelled field has four points or more.
    """
    return _derivative(f, axis, x, delta, order=2)


@linked
def gradient(
    f: Any, axes: Any = None, coordinates: Any = None, deltas: Any = None
) -> tuple[Any, ...]:
    """Return the first derivatives along several axes, all of them by default."""
    return tuple(
        first_derivative(f, axis=axis, **spacing)
        for axis, spacing in _axes(f, axes, coordinates, deltas)
    )


@linked
def laplacian(
    f: Any, axes: Any = None, coordinates: Any = None, deltas: Any = None
) -> Any:
    """Return the sum of the second derivatives along several axes, all by default.

    On latitudes and longitudes the two are taken together, as :func:`xnabla.laplacian`
    does: their sum alone is no Laplacian, since the parallels are curved. On a map it
    is the Laplacian as drawn; see :func:`geospatial_laplacian`.
    """
    pairs = list(_axes(f, axes, coordinates, deltas))
    given = coordinates is not None or deltas is not None
    if not given and isinstance(f, xr.DataArray):
        grid = grid_on(f, None)
        names = [_dim(f, grid, axis) for axis, _ in pairs]
        if grid.kind in _CURVED and set(grid.horizontal) <= set(names):
            others = [name for name in names if name not in grid.horizontal]
            along = [second_derivative(f, axis=name) for name in others]
            return sum(along, start=_laplacian(f, grid=grid))
    return sum(second_derivative(f, axis=axis, **spacing) for axis, spacing in pairs)


def _gradient(f: xr.DataArray, *, return_only: Any, grid: Grid, **options: Any) -> Any:
    """Return the gradient of a field that knows where it lies, x first."""
    parts = operators.gradient(with_unit(f), grid=grid, frame="grid", **options)
    return _chosen({"df/dx": parts.x, "df/dy": parts.y}, return_only)


@drop_in(_gradient, "f")
def geospatial_gradient(f: Any, *, return_only: Any = None, plane: Plane) -> Any:
    r"""Return the gradient on the globe, :math:`(\partial_x f, \partial_y f)`.

    ``return_only`` names one or several of ``"df/dx"`` and ``"df/dy"``.
    """
    wanted = _wanted(("df/dx", "df/dy"), return_only)
    return _chosen({part: plane.gradient(f, part) for part in wanted}, return_only)


def _laplacian(f: xr.DataArray, *, grid: Grid, **options: Any) -> Any:
    """Return the Laplacian of a field that knows where it lies.

    Compact where there are points for its ends; of three, the divergence of the
    gradient, which MetPy always takes.
    """
    f = with_unit(f)
    if all(f.sizes[dim] > 3 for dim in grid.horizontal):
        return operators.laplacian(f, grid=grid, **options)
    slopes = operators.gradient(f, grid=grid, **options)
    return operators.divergence(slopes.x, slopes.y, grid=grid, wind="earth", **options)


@drop_in(_laplacian, "f")
def geospatial_laplacian(f: Any, plane: Plane) -> Any:
    """Return the Laplacian on the globe: compact from labels, else div of grad."""
    df_dx, df_dy = (plane.gradient(f, part) for part in ("df/dx", "df/dy"))
    d2f_dx2 = plane.velocity(df_dx, df_dy, "du/dx")
    return d2f_dx2 + plane.velocity(df_dx, df_dy, "dv/dy")


# Kinds of grids whose lines are curved on the globe, and on which nothing is drawn.
_CURVED = {"latitude-longitude", "rotated pole", "curvilinear"}

_PARTS = ("du/dx", "du/dy", "dv/dx", "dv/dy")


def _velocity_gradient(u: Any, v: Any, *, return_only: Any, **options: Any) -> Any:
    """Return the derivatives of a wind that knows where it blows."""
    parts = operators.velocity_gradient(u, v, frame="grid", **options)
    return _chosen(dict(zip(_PARTS, parts, strict=True)), return_only)


@drop_in(_velocity_gradient, "u v", any_vector=True)
def vector_derivative(u: Any, v: Any, *, return_only: Any = None, plane: Plane) -> Any:
    """Return the four derivatives of a vector on the globe.

    ``"du/dx"``, ``"du/dy"``, ``"dv/dx"``, ``"dv/dy"``; ``return_only`` names some.
    """
    wanted = _wanted(_PARTS, return_only)
    return _chosen({part: plane.velocity(u, v, part) for part in wanted}, return_only)


def _derivative(f: Any, axis: Any, x: Any, delta: Any, order: int) -> Any:
    if not isinstance(f, xr.DataArray):
        return difference(f, axis, delta=delta, x=x, order=order)
    grid = grid_on(f, None)
    dim = _dim(f, grid, axis)
    if x is None and delta is None and not _is_on_map(grid, dim):
        edge = 1 if order == 2 and f.sizes[dim] < 4 else None
        return operators.derivative(
            with_unit(f), dim, order=order, grid=grid, edge_order=edge
        )
    if x is None and delta is None:
        x = f[grid.coordinates[dim]]
    result = difference(f, f.dims.index(dim), delta=delta, x=x, order=order)
    return relabelled(result, f, f"{'first' if order == 1 else 'second'}_derivative")


def _is_on_map(grid: Grid, dim: str) -> bool:
    """Tell a coordinate of a map, along which MetPy takes lengths as drawn."""
    drawn = dim in grid.coordinates and grid.roles.get(dim) in {"x", "y"}
    return drawn and grid.kind != "plane"


def _dim(f: xr.DataArray, grid: Grid, axis: Any) -> str:
    """Return the dimension that a number, a name or a kind of axis stands for."""
    if isinstance(axis, str):
        return grid.dim("z" if axis == "vertical" else axis)
    return str(f.dims[0 if axis is None else axis])


def _axes(
    f: Any, axes: Any, coordinates: Any, deltas: Any
) -> list[tuple[Any, dict[str, Any]]]:
    """Return each axis with what tells its spacing."""
    if deltas is not None and coordinates is not None:
        raise GridError(explain('Cannot specify both "coordinates" and "deltas"'))
    numbers = range(np.ndim(f)) if axes is None else axes
    given: Sequence[Any] | None = coordinates if deltas is None else deltas
    if given is None:
        return [(axis, {}) for axis in numbers]
    wrong = None
    if axes is None and len(given) != len(numbers):
        wrong = 'must match the number of dimensions of "f" when "axes" is not given'
    elif len(given) < len(numbers):
        wrong = 'cannot be less than that of "axes"'
    if wrong:
        raise GridError(
            explain(
                f'Length of "coordinates" or "deltas" {wrong}',
                expected=len(numbers),
                got=len(given),
            )
        )
    word = "x" if deltas is None else "delta"
    return [(axis, {word: one}) for axis, one in zip(numbers, given, strict=False)]


def _wanted(parts: tuple[str, ...], return_only: Any) -> tuple[str, ...]:
    if return_only is None:
        return parts
    return (return_only,) if isinstance(return_only, str) else tuple(return_only)


def _chosen(parts: dict[str, Any], return_only: Any) -> Any:
    """Return parts as MetPy does: all, one by its name, or a tuple of some."""
    if isinstance(return_only, str):
        return parts[return_only]
    return tuple(parts[name] for name in _wanted(tuple(parts), return_only))
