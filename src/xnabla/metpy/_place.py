"""Where fields lie: on a grid their coordinates tell, or at steps given by hand."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import xarray as xr

from xnabla.errors import GridError, explain
from xnabla.grid import LETTERS, Grid, grid_of
from xnabla.metpy._plane import Plane
from xnabla.metpy._quantities import (
    check_dimension,
    converted,
    degrees,
    home_of,
    quantity,
)
from xnabla.units import is_quantity

# Kinds of grids on which no position is known: only steps can be.
_NOWHERE = {"plane", "not horizontal", "refused"}

# What winds say that are eastward and northward; how is up to the operators.
_TELLING = ("standard_name", "long_name", "description")
_EARTH = re.compile("eastward|northward|zonal|meridional|earth[- ]relative")
_ALONG = {"wind": "grid"}


@dataclass(frozen=True, slots=True)
class Place:
    """What was given, settled: a grid of ours, or a plane.

    Attributes
    ----------
    fields : dict
        The arguments but for those that tell the place, labelled if there is a grid.
    grid : Grid or None
        The grid, if the fields go to our operators.
    plane : Plane
        The steps, if they do not.
    like : DataArray or None
        Whose labels the result gets; ``None`` for quantities.
    options : dict
        What our operators need to know besides.
    """

    fields: dict[str, Any]
    plane: Plane
    grid: Grid | None = None
    like: xr.DataArray | None = None
    options: dict[str, Any] = field(default_factory=dict)


def settle(fields: dict[str, Any], given: dict[str, Any]) -> Place:
    """Decide where fields lie, from their coordinates first."""
    own = _first_field(fields)
    crs = _crs(given["crs"])
    stepped = given["dx"] is not None or given["dy"] is not None
    scaled = given["parallel_scale"] is not None
    grid = None if own is None else grid_on(own, crs)
    if (grid is None or grid.kind == "not horizontal") and _is_placed(given):
        if stepped and crs is not None and not crs.is_geographic and not scaled:
            given = given | _map_factors(given, crs)
        elif not scaled:
            fields = _labelled(fields, given)
            like = _first_field(fields)
            grid = None if like is None else grid_on(like, crs)
    if grid is None:
        return Place(fields, _plane(given))
    on_globe = grid.kind not in _NOWHERE
    if on_globe and not scaled:
        _check_steps(given, grid)
    elif stepped or scaled:
        return _broadcast(fields, given, grid)
    elif grid.kind == "plane" and given["latitude"] is not None:
        return _broadcast(fields, given | _steps_of(fields, grid), grid)
    return Place(_like(fields), Plane(), grid, own, _options(fields))


def _is_field(value: Any) -> bool:
    return isinstance(value, xr.DataArray) and value.ndim > 0


def _first_field(fields: dict[str, Any]) -> xr.DataArray | None:
    return next((value for value in fields.values() if _is_field(value)), None)


def _is_placed(given: dict[str, Any]) -> bool:
    return given["longitude"] is not None and given["latitude"] is not None


def _crs(crs: Any) -> Any:
    if crs is None or hasattr(crs, "is_geographic"):
        return crs
    from pyproj import CRS

    return CRS.from_user_input(crs)


def grid_on(like: xr.DataArray, crs: Any = None) -> Grid:
    """Return the grid of a field, on WGS84 where nothing names an Earth, like MetPy."""
    if crs is not None:
        grid = grid_of(like, earth=crs)
        drawn = grid.kind == "plane" and not crs.is_geographic
        return grid_of(like, crs=crs) if drawn else grid
    grid = grid_of(like)
    return grid_of(like, earth="WGS84") if grid.earth.source == "assumed" else grid


def with_unit(field: xr.DataArray) -> xr.DataArray:
    """Return a field with a unit: without one it has no dimension, as in MetPy."""
    if is_quantity(field.data) or str(field.attrs.get("units", "")).strip():
        return field
    return field.assign_attrs(units="1")


def _options(fields: dict[str, Any]) -> dict[str, Any]:
    """Return how winds are meant: along the grid, as MetPy's, unless they say."""
    attributes = getattr(fields.get("u"), "attrs", {})
    told = " ".join(str(attributes.get(name, "")) for name in _TELLING).lower()
    turned = str(attributes.get("GRIB_uvRelativeToGrid", 1)).startswith("0")
    return {} if "u" not in fields or turned or _EARTH.search(told) else _ALONG


def _like(fields: dict[str, Any]) -> dict[str, Any]:
    """Return fields with the labels of the first put on quantities that fit it."""
    like = _first_field(fields)
    assert like is not None

    def label(value: Any) -> Any:
        if not is_quantity(value) or np.ndim(value) != like.ndim:
            return value
        if any(n not in {1, m} for n, m in zip(value.shape, like.shape, strict=True)):
            return value
        whole = np.broadcast_to(value, like.shape)
        return xr.DataArray(xr.Variable(like.dims, whole), coords=like.coords)

    return {name: label(value) for name, value in fields.items()}


def _plane(given: dict[str, Any]) -> Plane:
    return Plane(**{k: v for k, v in given.items() if k not in {"longitude", "crs"}})


def _map_factors(given: dict[str, Any], crs: Any) -> dict[str, Any]:
    """Return the map factors of a projection at the points."""
    from pyproj import Proj

    longitude, latitude = _degrees(given, "longitude"), _degrees(given, "latitude")
    if longitude.ndim == latitude.ndim == 1:
        longitude, latitude = np.meshgrid(longitude, latitude)
    factors = Proj(crs).get_factors(longitude, latitude)
    return {
        "parallel_scale": factors.parallel_scale,
        "meridional_scale": factors.meridional_scale,
    }


def _degrees(given: dict[str, Any], name: str) -> Any:
    value = given[name]
    if not (isinstance(value, xr.DataArray) or is_quantity(value)):
        raise GridError(
            explain(
                f"{name}= has no unit: degrees or radians?",
                expected="a quantity",
                got=type(value).__name__,
                hint=f"{name}=units.Quantity({name}, 'degrees')",
            )
        )
    return np.squeeze(degrees(value))


def _check_steps(given: dict[str, Any], grid: Grid) -> None:
    """Refuse steps that contradict the coordinates; others say nothing new.

    True lengths and those that a map draws are both handed to MetPy's functions, so a
    factor of 50 must pass below, but metres for kilometres must not.

    Raises
    ------
    GridError
    """
    for name, letter in (("dx", "x"), ("dy", "y")):
        axes = [axis for axis in grid.axes.values() if axis.role in LETTERS[letter]]
        axes = [axis for axis in axes if axis.dim in grid.coordinates]
        if given[name] is None or len(axes) != 1:
            continue
        step = quantity(given[name], home_of((given[name],)))
        check_dimension(name, step)
        told = np.median(np.abs(converted(step, "m").magnitude))
        angular = axes[0].role not in {"x", "y"}
        radius = grid.earth.semi_major_m if angular else 1.0
        own = np.median(np.abs(np.diff(axes[0].line.points))) * radius
        if not 0.02 * own < told < 1.5 * own:
            raise GridError(
                explain(
                    f"{name} does not fit the coordinate {axes[0].coordinate!r}",
                    expected=f"steps of about {own:.4g} m, or none: coordinates do",
                    got=f"{told:.4g} m",
                    hint=f"leave {name}= out, or give field.data and {name}=",
                )
            )


def _labelled(fields: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """Return fields on the longitudes and latitudes given, in degrees."""
    home = home_of(fields.values())
    angles = {name: _degrees(given, name) for name in ("latitude", "longitude")}
    flat = angles["latitude"].ndim == 1
    units = {"latitude": "degrees_north", "longitude": "degrees_east"}

    def label(value: Any) -> Any:
        if not hasattr(value, "__array__") or np.ndim(value) < 2:
            return value
        if not isinstance(value, xr.DataArray):
            dims = [f"dim_{i}" for i in range(np.ndim(value))]
            names = ("latitude", "longitude") if flat else ("y", "x")
            dims[given["y_dim"]], dims[given["x_dim"]] = names
            value = xr.DataArray(xr.Variable(dims, quantity(value, home)))
        y, x = value.dims[given["y_dim"]], value.dims[given["x_dim"]]
        along = {"latitude": (y,), "longitude": (x,)} if flat else {}
        return value.assign_coords(
            {
                n: (along.get(n, (y, x)), a, {"units": units[n]})
                for n, a in angles.items()
            }
        )

    return {name: label(value) for name, value in fields.items()}


def _steps_of(fields: dict[str, Any], grid: Grid) -> dict[str, Any]:
    """Return the steps of a plane, from the coordinates of a field."""
    like = _first_field(fields)
    assert like is not None
    home = home_of((like,))
    axes = {d: grid.role_axis(r) for d, r in (("dx", "x"), ("dy", "y"))}
    return {
        name: np.diff(quantity(like[axis.coordinate], home))
        for name, axis in axes.items()
        if axis is not None
    }


def _broadcast(fields: dict[str, Any], given: dict[str, Any], grid: Grid) -> Place:
    """Return fields and what lies beside them in the dimensions of all of them."""
    spread = {**fields, **{n: given[n] for n in _BESIDE if n in given}}
    arrays = {n: v for n, v in spread.items() if _is_field(v)}
    alike = xr.broadcast(*xr.align(*arrays.values(), join="exact"))
    whole = dict(zip(arrays, alike, strict=True))
    like = next(iter(whole.values()))
    dims = {
        f"{letter}_dim": like.dims.index(dim)
        for dim, role in grid.roles.items()
        for letter in "xyz"
        if role in LETTERS[letter]
    }
    vertical = dims.pop("z_dim", None)
    if vertical is not None and "vertical_dim" in fields:
        whole["vertical_dim"] = vertical
        levels = like.coords.get(grid.coordinates.get(str(like.dims[vertical])))
        if "dz" in fields and fields["dz"] is None and levels is not None:
            whole["dz"] = np.diff(quantity(levels, home_of(whole.values())))
    beside = {name: whole.pop(name) for name in _BESIDE if name in whole}
    return Place(fields | whole, _plane(given | beside | dims), None, like)


_BESIDE = ("latitude", "parallel_scale", "meridional_scale")
