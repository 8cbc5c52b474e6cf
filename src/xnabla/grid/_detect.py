"""Read a grid off a DataArray: its coordinates, its Earth, its faults."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import xarray as xr

from xnabla.errors import FieldError, GridError, OptionError, XnablaError, explain
from xnabla.grid._axis import Axis, Found, found, read_axis
from xnabla.grid._choose import (
    choose_coordinates,
    in_degrees,
    periods_of,
    scalar_latitude,
)
from xnabla.grid._contradiction import refuse_uneven
from xnabla.grid._criteria import role_of
from xnabla.grid._earth import ASSUMED_EARTH, Earth
from xnabla.grid._grid import Grid, Kind
from xnabla.grid._mapped import Mapped, lost_mapping, mapped_of
from xnabla.grid._mapping import (
    UnreadableError,
    crs_of,
    earth_for,
    grid_mapping_of,
    is_described,
)
from xnabla.grid._mesh import is_healpix, listed_points
from xnabla.grid._nominal import without_nominal
from xnabla.grid._places import Pair, pair_of, straight
from xnabla.grid._projection import Projection, in_metres, projection_of


def grid_of(
    field: xr.DataArray,
    *,
    periodic: bool | str | Iterable[str] | Mapping[str, Any] | None = None,
    earth: Any = None,
    crs: Any = None,
) -> Grid:
    """Read from the coordinates of a field what its grid is.

    Latitude and longitude along one dimension each; x and y of a map projection, from
    a CF grid mapping or ``crs``; a rotated pole; latitude and longitude in two
    dimensions, whatever the lines of the grid are; or a plane. Nothing of the field's
    values is read. Print the result to see what was understood and what was assumed.

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
        Coordinate reference system of x and y: whatever pyproj reads, an EPSG code,
        a PROJ string or a ``pyproj.CRS``; by default the file's grid mapping.

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
        If ``periodic``, ``earth`` or ``crs`` cannot be.

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
    mapping_variable, mapping, refusal = _mapping(field, coordinates, crs)
    faults: dict[str, XnablaError] = {}
    listed = listed_points(field, coordinates, mapping)
    chosen = choose_coordinates(field, dims, coordinates, listed, faults)
    periods = periods_of(periodic, chosen, dims)
    pair, unclear = _pair(field, coordinates)
    projection, figure, notes, unread = _projection(
        field, mapping, mapping_variable, (earth, crs), pair
    )
    refusal = refusal or unread
    if projection is None:
        if crs is not None or is_described(mapping):
            chosen = in_degrees(chosen)
        chosen, nominal, twofold = _without_nominal(pair, chosen)
        notes, refusal = notes + nominal, refusal or twofold
    if projection is not None:
        chosen = in_metres(projection, chosen)
    elif pair is not None and not _are_true(chosen):
        chosen, pair, bent = _seen_through(pair, chosen, faults)
        refusal = refusal or bent
    elif unclear is not None and not _are_true(chosen):
        refusal = refusal or unclear
    axes: dict[str, Axis] = {}
    for dim, coordinate in chosen.items():
        try:
            axis = read_axis(dim, coordinate, period=periods.get(dim))
            values = np.asarray(coordinate.values)
            refuse_uneven(coordinate.name, axis.role, values, field.attrs)
            axes[dim] = axis
        except XnablaError as fault:
            on_map = (
                projection is None and not mapping and coordinate.role in {"x", "y"}
            )
            faults[dim] = (on_map and lost_mapping(field)) or fault
    mapped = Mapped()
    if refusal is None:
        mapped = mapped_of(field, axes, pair, projection, figure, periodic)
        refusal = mapped.refusal
    axes |= mapped.axes
    kind = _kind(axes, mapped, refusal)
    if kind == "plane" and crs is not None:
        kind, refusal = "refused", _no_map(axes, crs)
    return Grid(
        kind,
        dims,
        tuple(field.shape),
        axes,
        {dim: fault for dim, fault in faults.items() if dim not in axes},
        figure,
        scalar_latitude(coordinates),
        refusal,
        _assumptions(kind, axes, chosen, figure, mapped) + notes,
        _roles(dims, chosen, axes, pair),
        {dim: coordinate.name for dim, coordinate in chosen.items()},
        mapped.surface,
    )


def _mapping(
    field: xr.DataArray, coordinates: Mapping[str, Found], crs: Any
) -> tuple[str, Mapping[str, Any], XnablaError | None]:
    """Return the grid mapping by name and attributes, or why it is not known."""
    if crs is not None:
        return "", {}, None
    try:
        return *grid_mapping_of(field, coordinates), None
    except UnreadableError as fault:
        return "", {}, GridError(str(fault))


def _projection(
    field: xr.DataArray,
    mapping: Mapping[str, Any],
    name: str,
    told: tuple[Any, Any],
    pair: Pair | None,
) -> tuple[Projection | None, Earth, tuple[str, ...], XnablaError | None]:
    """Return the map projection, the Earth, notes, and why one of both is not known.

    Only lengths on the globe need an Earth: a time derivative goes on. Without the
    projection two-dimensional latitude and longitude say where the points are.
    """
    earth, crs = told
    try:
        figure = earth_for(field, mapping, name, earth, crs)
    except UnreadableError as fault:
        return None, ASSUMED_EARTH, (), GridError(str(fault))
    try:
        on_map = {} if is_healpix(mapping) else mapping
        return projection_of(on_map, crs), figure, (), None
    except UnreadableError as fault:
        if pair is None or crs is not None:
            return None, figure, (), GridError(str(fault))
        why = str(fault).split(". Expected", maxsplit=1)[0]
        note = f"{why}: {' and '.join(map(repr, pair.names))} say where the points are"
        return None, figure, (note,), None


def _without_nominal(
    pair: Pair | None, chosen: dict[str, Found]
) -> tuple[dict[str, Found], tuple[str, ...], XnablaError | None]:
    """Return coordinates without nominal ones, notes of them, or why neither is so."""
    try:
        kept, note = without_nominal(pair, chosen)
    except XnablaError as fault:
        return chosen, (), fault
    return kept, (note,) if note else (), None


def _pair(
    field: xr.DataArray, coordinates: Mapping[str, Found]
) -> tuple[Pair | None, XnablaError | None]:
    """Return the two-dimensional latitude and longitude, or why there are none."""
    try:
        return pair_of(field, coordinates), None
    except XnablaError as fault:
        return None, fault


def _are_true(chosen: Mapping[str, Found]) -> bool:
    """Tell whether true latitude or longitude runs along a dimension."""
    return any(c.role in {"latitude", "longitude"} for c in chosen.values())


def _seen_through(
    pair: Pair, chosen: dict[str, Found], faults: dict[str, XnablaError]
) -> tuple[dict[str, Found], Pair | None, XnablaError | None]:
    """Return the coordinates with two-dimensional ones made one-dimensional.

    Where they are not so in truth, the pair is returned as it was.
    """
    try:
        along = straight(pair)
    except XnablaError as fault:
        return chosen, None, fault
    if along is None:
        return chosen, pair, None
    for dim, _ in along:
        faults.pop(dim, None)
    return {**chosen, **dict(along)}, None, None


def _assumptions(
    kind: Kind,
    axes: Mapping[str, Axis],
    chosen: Mapping[str, Found],
    earth: Earth,
    mapped: Mapped,
) -> tuple[str, ...]:
    """Return what the file did not say, and was assumed."""
    notes: tuple[str, ...] = ()
    on_globe = kind == "latitude-longitude" or mapped.surface is not None
    if on_globe and earth is ASSUMED_EARTH:
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
    axes: Mapping[str, Axis],
    pair: Pair | None,
) -> dict[str, str]:
    """Return what each dimension is, also of those that cannot be used."""
    roles: dict[str, str] = {
        # a dimension without a coordinate is what its name says
        dim: chosen[dim].role if dim in chosen else role_of(dim, {}, np.dtype(float))
        for dim in dims
    }
    if pair is not None:
        y, x = pair.dims
        bare = [dim for dim in (y, x) if roles.get(dim) == "other"]
        roles |= {dim: "y" if dim == y else "x" for dim in bare}
    return roles | {dim: axis.role for dim, axis in axes.items()}


def _kind(
    axes: Mapping[str, Axis], mapped: Mapped, refusal: XnablaError | None
) -> Kind:
    roles = {axis.role for axis in axes.values()}
    if refusal is not None:
        return "refused"
    if mapped.kind is not None:
        return mapped.kind
    if {"latitude", "longitude"} & roles:
        return "latitude-longitude"
    return "plane" if {"x", "y"} & roles else "not horizontal"


def _no_map(axes: Mapping[str, Axis], crs: Any) -> XnablaError:
    names = [axis.coordinate for axis in axes.values() if axis.role in {"x", "y"}]
    return OptionError(
        explain(
            f"crs= of {crs.name!r} is no map projection, and {' and '.join(names)} are "
            "lengths",
            expected="the projection that x and y are positions on",
            hint="crs='EPSG:32633', or no crs= for a plane",
        )
    )


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
