"""Grids whose dimensions are not latitude and longitude: which map they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import xarray as xr

from xnabla.errors import GridError, UnitsError, XnablaError, explain
from xnabla.grid._axis import Axis, length_factor
from xnabla.grid._earth import Earth
from xnabla.grid._places import Pair
from xnabla.grid._projection import Projection, check_places, closed_around
from xnabla.grid._surface import Surface

MappedKind = Literal["projected", "rotated pole", "curvilinear"]


@dataclass(frozen=True, slots=True, eq=False)
class Mapped:
    """A map from the dimensions of a field to the globe, or why there is none.

    Attributes
    ----------
    kind : str or None
        What kind of grid it makes.
    surface : Surface or None
        The map.
    axes : mapping of dimension to Axis
        Its dimensions.
    refusal : error or None
        Why the field has no horizontal derivatives.
    """

    kind: MappedKind | None = None
    surface: Surface | None = None
    axes: Mapping[str, Axis] = field(default_factory=dict)
    refusal: XnablaError | None = None


def mapped_of(
    field: xr.DataArray,
    axes: Mapping[str, Axis],
    pair: Pair | None,
    projection: Projection | None,
    earth: Earth,
    periodic: Any,
) -> Mapped:
    """Return the map that the coordinates of a field describe, if they do.

    Parameters
    ----------
    field : DataArray
        The field, for what it says of a grid mapping that is not there.
    axes : mapping of dimension to Axis
        Dimensions with one-dimensional coordinates.
    pair : Pair or None
        Two-dimensional latitude and longitude.
    projection : Projection or None
        The map projection.
    earth : Earth
        Figure of the Earth, for lengths.
    periodic : object
        What the user says of periods.
    """
    by_role = {str(axis.role): axis for axis in axes.values()}
    if "latitude" in by_role or "longitude" in by_role:
        return Mapped()
    try:
        if projection is not None:
            y, x = ("y", "x")
            if projection.is_rotated:
                y, x = ("grid_latitude", "grid_longitude")
            if y in by_role and x in by_role:
                lines = by_role[y].line, by_role[x].line
                if periodic is not False and not projection.is_rotated:
                    around = closed_around(projection, lines)
                    by_role[x] = replace(by_role[x], line=around)
                return _projected((by_role[y], by_role[x]), pair, projection, earth)
        if pair is not None:
            return _curvilinear(pair, axes, earth, periodic)
    except XnablaError as fault:
        return Mapped(refusal=fault)
    return Mapped(refusal=_refusal(field, by_role, projection))


def _projected(
    axes: tuple[Axis, Axis], pair: Pair | None, projection: Projection, earth: Earth
) -> Mapped:
    lines = axes[0].line, axes[1].line
    dims = axes[0].dim, axes[1].dim
    surface = Surface(
        dims, earth, projection.places(lines), lines=lines, from_formula=True
    )
    if pair is not None and set(pair.dims) == set(dims):
        told = pair.radians()
        if pair.dims != dims:
            told = told[0].T, told[1].T
        check_places(axes, surface.places, told, pair.names)
    kind: MappedKind = "rotated pole" if projection.is_rotated else "projected"
    said = (f"{projection.assumed}",) if projection.assumed else ()
    first = replace(axes[0], assumed=axes[0].assumed + said)
    return Mapped(kind, surface, {dims[0]: first, dims[1]: axes[1]})


def _curvilinear(
    pair: Pair, axes: Mapping[str, Axis], earth: Earth, periodic: Any
) -> Mapped:
    around = periodic if isinstance(periodic, bool) else None

    def surface_of(pair: Pair) -> Surface:
        rounding_m = pair.rounding_rad * earth.semi_major_m
        return Surface(
            pair.dims, earth, pair.radians, periodic=around, rounding_m=rounding_m
        )

    surface = surface_of(pair)
    if around is not False and surface.is_ring_along_y():
        pair = replace(pair, dims=pair.dims[::-1])  # x is what goes around
        surface = surface_of(pair)
    if not np.isfinite(surface.latitude_rad).any():
        names = " and ".join(map(repr, pair.names))
        raise GridError(
            explain(
                f"{names} give no point of the grid a place",
                expected="latitudes and longitudes that differ from point to point",
                got="missing values, or the same place again and again",
                hint=f"print(field[{pair.names[0]!r}])",
            )
        )
    (y, x), (line_y, line_x) = pair.dims, surface.lines
    name = {dim: axes[dim].coordinate if dim in axes else dim for dim in (y, x)}
    return Mapped(
        "curvilinear",
        surface,
        {
            y: Axis(y, name[y], "y", line_y, "m"),
            x: Axis(x, name[x], "x", line_x, "m"),
        },
    )


def _refusal(
    field: xr.DataArray, by_role: Mapping[str, Axis], projection: Projection | None
) -> XnablaError | None:
    """Return why a field without a map has no horizontal derivatives, if so."""
    if projection is not None:
        no_length = None if projection.is_rotated else _no_length(field, projection)
        if no_length is not None:
            return no_length
        names = "grid_latitude and grid_longitude" if projection.is_rotated else "x, y"
        return GridError(
            explain(
                f"The map projection {projection.name!r} needs both its coordinates",
                expected=f"{names} along two dimensions",
                got="dimensions " + (", ".join(map(str, field.dims)) or "none"),
                hint="field.assign_coords(x=..., y=...), or crs= of latitude and "
                "longitude: crs='EPSG:4326'",
            )
        )
    rotated = [axis for role, axis in by_role.items() if role.startswith("grid_")]
    if rotated:
        names = " and ".join(repr(axis.coordinate) for axis in rotated)
        return GridError(
            explain(
                f"The rotated grid of {names} does not say where its pole is",
                expected="a grid mapping with grid_north_pole_latitude and "
                "grid_north_pole_longitude, or two-dimensional latitude and longitude",
                hint="xr.open_dataset(path, decode_coords='all')[name], or "
                "crs='+proj=ob_tran +o_proj=longlat +o_lat_p=37.5 +lon_0=-2.5'",
            )
        )
    return lost_mapping(field) if {"x", "y"} & set(by_role) else None


def _no_length(field: xr.DataArray, projection: Projection) -> XnablaError | None:
    """Return the fault of an x or y whose unit is none of length, if there is one."""
    for dim in map(str, field.dims):
        if dim not in field.coords:
            continue
        told = field.coords[dim].attrs
        named = str(told.get("standard_name", "")).startswith("projection_")
        named |= str(told.get("axis", dim)).casefold() in {"x", "y"}
        units = str(told.get("units", "")).strip()
        if named and units and length_factor(units, "m") is None:
            return UnitsError(
                explain(
                    f"Units {units!r} of coordinate {dim!r} are no length that is "
                    f"known, and the map projection {projection.name!r} needs one",
                    expected="a unit of length, like 'm' or 'km'",
                    hint=f'field[{dim!r}].attrs["units"] = "m"',
                )
            )
    return None


def lost_mapping(field: xr.DataArray) -> XnablaError | None:
    """Return the fault of a field that names a grid mapping, if it has none."""
    named = field.attrs.get("grid_mapping", field.encoding.get("grid_mapping"))
    # numbers, and lists of them, are no name, but they were meant to be one
    if named is None or not str(named).strip():
        return None
    if str(named).strip() in field.coords:
        return GridError(
            explain(
                f"The grid mapping {str(named).strip()!r} is there but says nothing of "
                "a map, and lengths along x and y depend on it",
                expected="CF's grid_mapping_name with its attributes, crs_wkt or proj4",
                hint="crs='EPSG:3995', or any text that pyproj reads",
            )
        )
    return GridError(
        explain(
            f"The grid mapping {str(named)!r} is named by the field but not there, "
            "and lengths along x and y depend on it",
            expected="a scalar coordinate of that name, or crs=",
            hint="xr.open_dataset(path, decode_coords='all')[name]",
        )
    )
