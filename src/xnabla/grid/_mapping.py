"""What a file or a user says of the Earth: grid mappings, CRS, attributes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from xnabla.errors import OptionError, XnablaError, explain
from xnabla.grid._axis import Found
from xnabla.grid._earth import ASSUMED_EARTH, Earth, earth_from_attributes, earth_of
from xnabla.options import get_options


class UnreadableError(Exception):
    """What a file says of the Earth cannot be read."""


def grid_mapping_of(
    field: xr.DataArray, coordinates: Mapping[str, Found]
) -> tuple[str, Mapping[str, Any]]:
    """Return the name of the grid mapping and its attributes; empty without one."""
    named = field.attrs.get("grid_mapping", field.encoding.get("grid_mapping"))
    # the extended form of CF names coordinates too: "crs: lat lon"
    # and some files have numbers here, or nothing but blanks
    words = [] if named is None else str(named).replace(":", " ").split()
    wanted = words[0] if words else None
    for name, coordinate in coordinates.items():
        if coordinate.dims:
            continue
        attributes = coordinate.attributes
        if not _DESCRIBED & set(attributes):
            attributes = _described(coordinate) or attributes
        if name == wanted or _DESCRIBED & set(attributes):
            return name, attributes
    return "", {}


# Attributes of which a grid mapping has one.
_DESCRIBED = {"grid_mapping_name", "crs_wkt", "spatial_ref"}


def _described(coordinate: Found) -> Mapping[str, Any]:
    """Return what an object in a scalar coordinate says: MetPy's, or xwrf's pyproj CRS.

    Of a pyproj CRS in CF's terms: its to_dict is a PROJ string, which loses some.
    """
    values = coordinate.values
    if getattr(values, "dtype", None) != np.dtype(object):
        return {}
    item = np.asarray(values).item()
    for name in ("to_cf", "to_dict"):
        described = getattr(item, name, None)
        if callable(described):
            told: Mapping[str, Any] = described()
            return told
    return {}


def mapping_name_of(attributes: Mapping[str, Any]) -> str:
    name = str(attributes.get("grid_mapping_name", ""))
    text = attributes.get("crs_wkt") or attributes.get("spatial_ref")
    if name or not text:
        return name
    try:
        return name_of_crs(crs_of(str(text)))
    except OptionError:
        return "in unreadable text"


def name_of_crs(crs: Any) -> str:
    return "" if crs.is_geographic else str(crs.name)


def crs_of(text: Any) -> Any:
    """Return the pyproj CRS that a user or a file names."""
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    try:
        return CRS.from_user_input(text)
    except CRSError:
        shown = str(text)
        raise OptionError(
            explain(
                "This coordinate reference system is none that pyproj knows",
                expected="a name, a code or well-known text",
                got=repr(shown if len(shown) <= 60 else shown[:57] + "..."),
                hint="crs='EPSG:4326'",
            )
        ) from None


def earth_for(
    field: xr.DataArray,
    mapping: Mapping[str, Any],
    mapping_variable: str,
    earth: Any,
    crs: Any,
) -> Earth:
    """Return the Earth by the strongest claim: the user's, the file's, the default."""
    if earth is not None:
        return earth_of(earth)
    if crs is not None:
        return earth_of(crs)
    claims = (
        (mapping, f"grid mapping {mapping_variable!r}"),
        (field.attrs, "GRIB attributes"),
    )
    for attributes, source in claims:
        try:
            told = earth_from_attributes(attributes, source)
        except (XnablaError, ValueError, TypeError, RuntimeError) as error:
            raise UnreadableError(
                explain(
                    f"The Earth in the {source} cannot be read: {str(error)[:200]}",
                    hint="earth='WGS84'",
                )
            ) from None
        if told is not None:
            return told
    option = get_options().earth
    if option is not None:
        return earth_of(option)
    return ASSUMED_EARTH
