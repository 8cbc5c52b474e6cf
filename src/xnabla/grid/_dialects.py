"""What grid mappings say in other words than CF's, and what they may not leave out."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

# The figure of the Earth in the words of NSIDC, of the CDM and of AWIPS.
_FIGURES = {
    "semi_major_axis": ("semimajor_axis", "semimajor_radius", "semi_major"),
    "semi_minor_axis": ("semiminor_axis", "semiminor_radius", "semi_minor"),
}

# Where CF's attributes are not all there: texts and codes that pyproj reads.
_TEXTS = (
    "esri_pe_string",
    "proj4",
    "proj4text",
    "proj4_params",
    "proj4_string",
    "epsg_code",
    "EPSG_code",
    "srid",
)

# What CF asks for and PROJ takes 0 for, which puts a map elsewhere without a word.
_ORIGIN = "latitude_of_projection_origin"
_OF_POINT = (_ORIGIN, "longitude_of_projection_origin")
_OF_MERIDIAN = (_ORIGIN, "longitude_of_central_meridian")
_NEEDED = {
    "albers_conical_equal_area": _OF_MERIDIAN,
    "azimuthal_equidistant": _OF_POINT,
    "lambert_azimuthal_equal_area": _OF_POINT,
    "lambert_conformal_conic": _OF_MERIDIAN,
    "stereographic": _OF_POINT,
    "transverse_mercator": _OF_MERIDIAN,
}


# Heights in metres that a geostationary satellite can have over the ellipsoid: some
# files have its distance from the centre of the Earth, 42 164 km, or kilometres.
_GEOSTATIONARY_M = (3.5e7, 3.65e7)


def in_words_of_cf(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the attributes of a grid mapping as CF has them, blank texts left out."""
    said = {
        key: value
        for key, value in attributes.items()
        if key not in {"crs_wkt", "spatial_ref"} or str(value).strip()
    }
    for name, others in _FIGURES.items():
        found = [said[other] for other in others if other in said]
        if found:
            said.setdefault(name, found[0])
    text = next((said[key] for key in _TEXTS if str(said.get(key, "")).strip()), None)
    is_whole = "grid_mapping_name" in said and not lacking(said)
    if text is not None and not is_whole and not {"crs_wkt", "spatial_ref"} & set(said):
        said["crs_wkt"] = str(text).strip()
    return said


def lacking(said: Mapping[str, Any]) -> str:
    """Return the attribute that a grid mapping lacks, nothing if it has all."""
    needed = _NEEDED.get(str(said.get("grid_mapping_name", "")), ())
    return next((key for key in needed if said.get(key) is None), "")


def check_whole(said: Mapping[str, Any]) -> None:
    """Raise if a grid mapping lacks its origin, or says what cannot be.

    Raises
    ------
    KeyError
        With the attribute that is missing.
    ValueError
        If a polar stereographic map is of both poles, or a geostationary satellite
        of another height than they have.
    """
    missing = lacking(said)
    if missing:
        raise KeyError(missing)
    name = said.get("grid_mapping_name")
    numbers = {key: _number(said.get(key)) for key in (*_OF_POLES, _HEIGHT)}
    parallel, origin = (numbers[key] for key in _OF_POLES)
    if name == "polar_stereographic" and parallel * origin < 0:
        told = f"its {_OF_POLES[0]} is {parallel:g} and its {_ORIGIN} {origin:g}"
        raise ValueError(told)
    least, most = _GEOSTATIONARY_M
    height = numbers[_HEIGHT]
    if name == "geostationary" and (height < least or height > most):
        told = f"its {_HEIGHT} is {height:.10g}, and not 3.58e7 m over the ellipsoid"
        raise ValueError(told)


_OF_POLES = ("standard_parallel", _ORIGIN)
_HEIGHT = "perspective_point_height"


def _number(value: Any) -> float:
    """Return a number, NaN for what is none: pyproj tells of those."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return math.nan
