"""Dimensions that list single points: meshes, reduced Gaussian grids, HEALPix."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import xarray as xr

from xnabla.errors import GridError, explain
from xnabla.grid._axis import Found

# What a field says of itself: an attribute, what it holds then, and what that is.
_SAYS: tuple[tuple[str, str, str], ...] = (
    ("CDI_grid_type", r"unstructured", "an unstructured grid"),
    ("GRIB_gridType", r"unstructured(_grid)?", "an unstructured grid"),
    ("GRIB_gridType", r"reduced_(gg|ll)", "a reduced Gaussian grid"),
    ("GRIB_gridType", r"sh", "spherical harmonics"),
    ("GRIB_gridType", r"healpix", "a HEALPix grid"),
)

# What models call the dimension along which they list the cells of a mesh.
_NAMES = r"n?cells?|ncol|nmesh\w+_(face|node|edge)s?|nod2d?|n(vertices|edges)"

# What runs along a dimension that certainly lists nothing.
_KNOWN = {"latitude", "longitude", "x", "y", "grid_latitude", "grid_longitude"}


def listed_points(
    field: xr.DataArray, coordinates: Mapping[str, Found], mapping: Mapping[str, Any]
) -> dict[str, str]:
    """Return dimensions that list single points, and what grid they are of."""
    along: dict[str, set[str]] = {str(dim): set() for dim in field.dims}
    for coordinate in coordinates.values():
        for dim in coordinate.dims:
            along[dim].add(coordinate.role if len(coordinate.dims) == 1 else "pair")
    both = [dim for dim, roles in along.items() if {"latitude", "longitude"} <= roles]
    if both:
        kind = "an unstructured or reduced Gaussian grid"
        return dict.fromkeys(both, kind)
    if any(roles & (_KNOWN | {"pair"}) for roles in along.values()):
        return {}
    bare = [dim for dim, roles in along.items() if not roles & {"time", "vertical"}]
    kind = _kind(field, mapping)
    if kind:
        return dict.fromkeys(bare[-1:], kind)
    named = [d for d in bare if not along[d] and re.fullmatch(_NAMES, d.lower())]
    return dict.fromkeys(named, "an unstructured grid")


def _kind(field: xr.DataArray, mapping: Mapping[str, Any]) -> str:
    """Return what grid a field says it is on, if that is none of rows and columns."""
    told = {**field.encoding, **field.attrs}
    if "mesh" in told and "location" in told:
        return f"the UGRID mesh {str(told['mesh'])!r}"
    if is_healpix(mapping):
        return "a HEALPix grid"
    for name, pattern, kind in _SAYS:
        if re.fullmatch(pattern, str(told.get(name, ""))):
            return kind
    return ""


def is_healpix(mapping: Mapping[str, Any]) -> bool:
    """Tell the grid mapping of HEALPix, which is no map projection of x and y."""
    return str(mapping.get("grid_mapping_name", "")) == "healpix"


def refused(dim: str, kind: str) -> GridError:
    """Return why there is nothing to differentiate along a list of points."""
    return GridError(
        explain(
            f"Dimension {dim!r} lists single points: {kind}, which xnabla does not "
            "differentiate",
            expected="latitude and longitude along two dimensions",
            hint="regrid it first, for instance: cdo remapbil,r360x181",
        )
    )
