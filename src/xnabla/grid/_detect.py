"""Read a grid off a DataArray: its coordinates, its Earth, its faults."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import xarray as xr

from xnabla.errors import FieldError, GridError, OptionError, XnablaError, explain
from xnabla.grid._axis import Axis, Found, found, read_axis
from xnabla.grid._criteria import role_of
from xnabla.grid._earth import ASSUMED_EARTH, Earth
from xnabla.grid._grid import Grid, Kind
from xnabla.grid._mapping import (
    UnreadableError,
    crs_of,
    earth_for,
    grid_mapping_of,
    mapping_name_of,
    name_of_crs,
)
from xnabla.units import conversion_factor, parse

_REGRID = "cdo remapbil,r360x181 in.nc out.nc, and the result"
_HORIZONTAL = {"latitude", "longitude", "x", "y"}
_GEOGRAPHIC = {"latitude_longitude", ""}
_Periods = Mapping[str, float | bool]


def grid_of(
    field: xr.DataArray,
    *,
    periodic: bool | str | Iterable[str] | Mapping[str, Any] | None = None,
    earth: Any = None,
    crs: Any = None,
) -> Grid:
    """Read from the coordinates of a field what its grid is.

    Nothing of the field's values is read. Print the result to see what was understood
    and what was assumed.

    Parameters
    ----------
    field : DataArray
        Any field with coordinates.
    periodic : bool, name, names, or mapping of name to length, optional
        Whether longitude closes the circle, or which axes close one and after what
        length in the coordinate's unit; by default found out from the longitudes.
    earth : str, float, quantity or Earth, optional
        Figure of the Earth, as :class:`~xnabla.Options` has it; by default what the
        file says, else a sphere of 6 371 229 m.
    crs : object, optional
        Coordinate reference system; for now a geographic one, whose ellipsoid is used.

    Returns
    -------
    Grid
        Dimensions that cannot be differentiated along are faults in it, raised only
        when one is asked for.

    Raises
    ------
    FieldError
        If ``field`` is no DataArray.
    OptionError
        If ``periodic`` or ``earth`` cannot be.

    Examples
    --------
    >>> import numpy as np, xarray as xr
    >>> t = xr.DataArray(np.zeros((3, 4)), dims=("lat", "lon"), coords={
    ...     "lat": ("lat", [-45.0, 0.0, 45.0], {"units": "degrees_north"}),
    ...     "lon": ("lon", [0.0, 90.0, 180.0, 270.0], {"units": "degrees_east"})})
    >>> print(grid_of(t))
    Grid: latitude-longitude (lat: 3, lon: 4)
      lat: latitude, 3 points, -45 to 45 degrees, every 45 degrees, 5004 km
      lon: longitude, 4 points, 0 to 270 degrees, every 90 degrees, 7077 to 10008 km, \
periodic
      poles: south (between rows, crossed), north (between rows, crossed)
      earth: sphere of radius 6371229 m (assumed)
    """
    _check_is_field(field)
    crs = None if crs is None else crs_of(crs)
    dims = tuple(map(str, field.dims))
    coordinates = {
        str(name): found(str(name), coordinate)
        for name, coordinate in field.coords.items()
    }
    mapping_variable, mapping = grid_mapping_of(field, coordinates)
    axes: dict[str, Axis] = {}
    faults: dict[str, XnablaError] = {}
    chosen = _choose_coordinates(field, dims, coordinates, faults)
    periods = _periods(periodic, chosen, dims)
    for dim, coordinate in chosen.items():
        try:
            axes[dim] = read_axis(dim, coordinate, period=periods.get(dim))
        except XnablaError as fault:
            faults[dim] = fault
    mapping_name = mapping_name_of(mapping) if crs is None else name_of_crs(crs)
    refusal = _refusal(dims, coordinates, axes, mapping_name)
    figure = ASSUMED_EARTH
    try:
        figure = earth_for(field, mapping, mapping_variable, earth, crs)
    except UnreadableError as fault:
        # only lengths on the globe need an Earth: a time derivative goes on
        refusal = refusal or GridError(str(fault))
    kind = _kind(axes, refusal)
    return Grid(
        kind,
        dims,
        tuple(field.shape),
        axes,
        faults,
        figure,
        _scalar_latitude(coordinates),
        refusal,
        _assumptions(kind, axes, chosen, figure),
        _roles(dims, chosen, coordinates),
        {dim: coordinate.name for dim, coordinate in chosen.items()},
    )


def _assumptions(
    kind: Kind, axes: Mapping[str, Axis], chosen: Mapping[str, Found], earth: Earth
) -> tuple[str, ...]:
    """Return what the file did not say, and was assumed."""
    notes: tuple[str, ...] = ()
    if kind == "latitude-longitude" and earth is ASSUMED_EARTH:
        notes += (f"the Earth is a sphere of radius {earth.semi_major_m:.10g} m",)
    for axis in axes.values():
        notes += axis.assumed
    if kind == "plane" and any(
        str(coordinate.attributes.get("standard_name", "")).startswith("projection_")
        for coordinate in chosen.values()
    ):
        notes += ("no grid mapping: x and y are taken as true distances on a plane",)
    return notes


def _roles(
    dims: tuple[str, ...],
    chosen: Mapping[str, Found],
    coordinates: Mapping[str, Found],
) -> dict[str, str]:
    """Return what each dimension is, also of those that cannot be used."""
    roles: dict[str, str] = {
        # a dimension without a coordinate is what its name says
        dim: chosen[dim].role if dim in chosen else role_of(dim, {}, np.dtype(float))
        for dim in dims
    }
    for c in coordinates.values():
        if c.role in {"latitude", "longitude"} and len(c.dims) >= 2:
            y, x = c.dims[-2:]
            bare = [dim for dim in (y, x) if roles.get(dim) == "other"]
            roles |= {dim: "y" if dim == y else "x" for dim in bare}
    return roles


def _choose_coordinates(
    field: xr.DataArray,
    dims: tuple[str, ...],
    coordinates: Mapping[str, Found],
    faults: dict[str, XnablaError],
) -> dict[str, Found]:
    """Return the coordinate of each dimension: its own, else one of known role."""
    chosen: dict[str, Found] = {}
    for dim in dims:
        along = [c for c in coordinates.values() if c.dims == (dim,)]
        known = [c for c in along if c.role != "other"]
        own = coordinates.get(dim)
        roles = {c.role for c in along}
        if {"latitude", "longitude"} <= roles:
            faults[dim] = GridError(
                explain(
                    f"Dimension {dim!r} lists single points: an unstructured or "
                    "reduced Gaussian grid, which xnabla does not differentiate",
                    expected="latitude and longitude along two dimensions",
                    hint="regrid it first, for instance: cdo remapbil,r360x181",
                )
            )
        elif own is not None and own in along and (own in known or not known):
            chosen[dim] = own
        elif len(known) == 1:
            chosen[dim] = known[0]
        elif known:
            names = ", ".join(repr(c.name) for c in known)
            faults[dim] = GridError(
                explain(
                    f"Dimension {dim!r} has several coordinates",
                    expected="one, or one named like the dimension",
                    got=names,
                    hint=f"field.swap_dims({dim}={known[0].name!r})",
                )
            )
        else:
            faults[dim] = GridError(
                explain(
                    f"Dimension {dim!r} has no coordinate",
                    expected="positions to take the spacing from",
                    got=f"{field.sizes[dim]} points without any",
                    hint=f"field.assign_coords({dim}=...)",
                )
            )
    return chosen


def _refusal(
    dims: tuple[str, ...],
    coordinates: Mapping[str, Found],
    axes: Mapping[str, Axis],
    mapping_name: str,
) -> XnablaError | None:
    """Return why horizontal derivatives are refused, if they are."""
    later = "not differentiated yet: a later version will"
    other = [
        axis.dim
        for axis in axes.values()
        if axis.role not in _HORIZONTAL and axis.size >= 3
    ]
    hint = f"xn.derivative(field, {other[0]!r}), which works" if other else _REGRID
    roles = {axis.role for axis in axes.values()}
    true = {"latitude", "longitude"} & roles
    two_dimensional = [
        c.name
        for c in coordinates.values()
        if c.role in {"latitude", "longitude"} and len(c.dims) >= 2
    ]
    if two_dimensional and not true:
        return GridError(
            explain(
                "Two-dimensional coordinates "
                + " and ".join(map(repr, two_dimensional))
                + f" are {later}",
                expected="latitude and longitude along one dimension each",
                hint=hint,
            )
        )
    rotated = [
        c.name
        for c in coordinates.values()
        if c.role in {"grid_latitude", "grid_longitude"} and set(c.dims) & set(dims)
    ]
    if rotated:
        return GridError(
            explain(
                f"The rotated grid of {' and '.join(map(repr, rotated))} is {later}",
                expected="true latitude and longitude",
                hint=hint,
            )
        )
    projected = mapping_name not in _GEOGRAPHIC
    if projected and ({"x", "y"} & roles or not true):
        return GridError(
            explain(
                f"The map projection {mapping_name!r} is {later}",
                expected="latitude and longitude, or x and y on a plane",
                hint=hint,
            )
        )
    return None


def _kind(axes: Mapping[str, Axis], refusal: XnablaError | None) -> Kind:
    roles = {axis.role for axis in axes.values()}
    if refusal is not None:
        return "not supported yet"
    if {"latitude", "longitude"} & roles:
        return "latitude-longitude"
    return "plane" if {"x", "y"} & roles else "not horizontal"


def _check_is_field(field: Any) -> None:
    if isinstance(field, xr.DataArray):
        return
    hint = "xn.grid_of(dataset['t'])"
    if isinstance(field, xr.Dataset):
        names = ", ".join(map(str, field.data_vars)) or "none"
        hint = f"xn.grid_of(dataset[name]) with one of its variables: {names}"
    raise FieldError(
        explain(
            "A grid is read off one field",
            expected="a DataArray",
            got=type(field).__name__,
            hint=hint,
        )
    )


def _scalar_latitude(coordinates: Mapping[str, Found]) -> float | None:
    for coordinate in coordinates.values():
        if coordinate.role == "latitude" and coordinate.dims == ():
            unit = parse(coordinate.units or "degrees_north", of="the latitude")
            factor = conversion_factor(unit, parse("radian"), of="the latitude")
            radians = float(np.asarray(coordinate.values)) * factor
            return radians if abs(radians) <= np.pi / 2.0 else None
    return None


def _periods(
    periodic: Any, chosen: Mapping[str, Found], dims: tuple[str, ...]
) -> _Periods:
    """Return what a user says of periods, by dimension."""
    if periodic is None:
        return {}
    if isinstance(periodic, bool):
        return {dim: periodic for dim, c in chosen.items() if c.role == "longitude"}
    if isinstance(periodic, str):
        periodic = [periodic]
    asked = periodic if isinstance(periodic, Mapping) else dict.fromkeys(periodic, True)
    periods: dict[str, float | bool] = {}
    for name, length in asked.items():
        matching = [dim for dim, c in chosen.items() if name in (dim, c.name, c.role)]
        if len(matching) != 1:
            raise OptionError(
                explain(
                    f"periodic names no axis of the field: {name!r}",
                    expected="one of " + ", ".join(map(repr, dims)),
                )
            )
        periods[matching[0]] = length
    return periods
