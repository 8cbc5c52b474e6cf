"""Read a grid off a DataArray: its coordinates, its Earth, its faults."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import xarray as xr

from xnabla.errors import GridError, OptionError, XnablaError, explain
from xnabla.grid._axis import Axis, Found, found, read_axis
from xnabla.grid._criteria import role_of
from xnabla.grid._earth import ASSUMED_EARTH, Earth, earth_from_attributes, earth_of
from xnabla.grid._grid import Grid, Kind
from xnabla.options import get_options
from xnabla.units import conversion_factor, parse

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
    dims = tuple(map(str, field.dims))
    coordinates = {
        str(name): found(str(name), coordinate)
        for name, coordinate in field.coords.items()
    }
    mapping, mapping_name = _grid_mapping(field, coordinates)
    axes: dict[str, Axis] = {}
    faults: dict[str, XnablaError] = {}
    chosen = _choose_coordinates(field, dims, coordinates, faults)
    periods = _periods(periodic, chosen, dims)
    for dim, coordinate in chosen.items():
        try:
            axes[dim] = read_axis(
                dim,
                coordinate,
                period=periods.get(dim),
                bounds=_bounds(field, coordinate),
            )
        except XnablaError as fault:
            faults[dim] = fault
    roles = {
        # a dimension without a coordinate is what its name says, and a fault
        dim: chosen[dim].role if dim in chosen else role_of(dim, {}, np.dtype(float))
        for dim in dims
    }
    refusal = _refusal(dims, coordinates, axes, mapping_name, crs)
    figure, notes = _earth(field, mapping, earth, crs)
    kind = _kind(axes, refusal)
    notes = notes if kind == "latitude-longitude" else ()
    for axis in axes.values():
        notes += axis.assumed
    if kind == "plane" and any(
        coordinate.attributes.get("standard_name", "").startswith("projection_")
        for coordinate in chosen.values()
    ):
        notes += ("no grid mapping: x and y are taken as true distances on a plane",)
    return Grid(
        kind,
        dims,
        tuple(field.shape),
        axes,
        faults,
        figure,
        _scalar_latitude(coordinates),
        refusal,
        notes,
        roles,
        {dim: coordinate.name for dim, coordinate in chosen.items()},
    )


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
    crs: Any,
) -> XnablaError | None:
    """Return why horizontal derivatives are refused, if they are."""
    later = "not differentiated yet: a later version will"
    other = [axis.dim for axis in axes.values() if axis.role not in _HORIZONTAL]
    hint = f"xn.derivative(field, {other[0]!r}), which works" if other else None
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
    projected = mapping_name not in _GEOGRAPHIC or (
        crs is not None and not getattr(crs, "is_geographic", True)
    )
    if projected and ({"x", "y"} & roles or not true):
        return GridError(
            explain(
                f"The map projection {mapping_name or crs!r} is {later}",
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


def _grid_mapping(
    field: xr.DataArray, coordinates: Mapping[str, Found]
) -> tuple[Mapping[str, Any], str]:
    """Return the attributes of the grid mapping, and its CF name."""
    named = field.attrs.get("grid_mapping", field.encoding.get("grid_mapping"))
    # the extended form of CF names coordinates too: "crs: lat lon"
    wanted = str(named).replace(":", " ").split()[0] if named else None
    for name, coordinate in coordinates.items():
        if coordinate.dims:
            continue
        attributes = coordinate.attributes
        if not {"grid_mapping_name", "crs_wkt", "spatial_ref"} & set(attributes):
            described = getattr(_item(coordinate), "to_dict", None)
            attributes = described() if callable(described) else attributes
        if name != wanted and not {
            "grid_mapping_name",
            "crs_wkt",
            "spatial_ref",
        } & set(attributes):
            continue
        return attributes, _mapping_name(attributes)
    return {}, ""


def _item(coordinate: Found) -> Any:
    """Return the object in a scalar coordinate, such as MetPy's projection."""
    values = coordinate.values
    is_object = getattr(values, "dtype", None) == np.dtype(object)
    return values.item() if is_object else None


def _mapping_name(attributes: Mapping[str, Any]) -> str:
    name = str(attributes.get("grid_mapping_name", ""))
    text = attributes.get("crs_wkt") or attributes.get("spatial_ref")
    if not name and text:
        from pyproj import CRS

        crs = CRS.from_user_input(str(text))
        return "" if crs.is_geographic else str(crs.name)
    return name


def _earth(
    field: xr.DataArray, mapping: Mapping[str, Any], earth: Any, crs: Any
) -> tuple[Earth, tuple[str, ...]]:
    """Return the Earth by the strongest claim: the user's, the file's, the default."""
    if earth is not None:
        return earth_of(earth), ()
    if crs is not None:
        from pyproj import CRS

        return earth_of(CRS.from_user_input(crs)), ()
    for attributes, source in ((mapping, "grid mapping"), (field.attrs, "GRIB")):
        told = earth_from_attributes(attributes, source)
        if told is not None:
            return told, ()
    option = get_options().earth
    if option is not None:
        return earth_of(option), ()
    return ASSUMED_EARTH, ()


def _scalar_latitude(coordinates: Mapping[str, Found]) -> float | None:
    for coordinate in coordinates.values():
        if coordinate.role == "latitude" and coordinate.dims == ():
            unit = parse(coordinate.units or "degrees_north", of="the latitude")
            factor = conversion_factor(unit, parse("radian"), of="the latitude")
            return float(np.asarray(coordinate.values)) * factor
    return None


def _bounds(field: xr.DataArray, coordinate: Found) -> Any:
    name = coordinate.attributes.get("bounds")
    if coordinate.role != "longitude" or name not in field.coords:
        return None
    return np.asarray(field.coords[name].values, dtype=np.float64)


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
