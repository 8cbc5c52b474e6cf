"""What a file or a user says of the Earth: grid mappings, CRS, attributes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from xnabla.errors import OptionError, XnablaError, explain
from xnabla.grid._axis import Found
from xnabla.grid._dialects import in_words_of_cf
from xnabla.grid._earth import ASSUMED_EARTH, Earth, earth_from_attributes, earth_of
from xnabla.options import get_options


class UnreadableError(Exception):
    """What a file says of the Earth cannot be read."""


def grid_mapping_of(
    field: xr.DataArray, coordinates: Mapping[str, Found]
) -> tuple[str, Mapping[str, Any]]:
    """Return the name of the grid mapping and its attributes; empty without one.

    xarray hands a variable all scalars of its file, so the mappings of others too: the
    one that the field names counts, else the one that its axes can be of.

    Raises
    ------
    UnreadableError
        If several could be, and the field names none of them.
    """
    there: dict[str, Mapping[str, Any]] = {}
    for name, coordinate in coordinates.items():
        if not coordinate.dims:
            there[name] = _saying(coordinate)
    along = [c for c in coordinates.values() if len(c.dims) == 1]
    for name in _named(field, [c.name for c in along]):
        if name in there:
            return name, there[name]
    told = {name: said for name, said in there.items() if _DESCRIBED & set(said)}
    if len(told) > 1:
        roles = {str(c.role) for c in along}
        told = {name: said for name, said in told.items() if _fits(said, roles)}
    if len({_plainly(said) for said in told.values()}) > 1:
        raise UnreadableError(
            explain(
                "The file has several grid mappings, and the field does not say which "
                "is its own",
                expected="an attribute grid_mapping that names it",
                got=", ".join(map(repr, told)),
                hint=f"field.attrs['grid_mapping'] = {next(iter(told))!r}",
            )
        )
    return next(iter(told.items()), ("", {}))


def _named(field: xr.DataArray, along: list[str]) -> list[str]:
    """Return the grid mappings a field names, the one of its own axes first.

    CF's extended form says of which coordinates each is: "crs: x y wgs: lat lon". Some
    files have numbers here, or nothing but blanks.
    """
    named = field.attrs.get("grid_mapping", field.encoding.get("grid_mapping"))
    words = [] if named is None else str(named).replace(":", ": ").split()
    found: dict[str, int] = {}
    for i, word in enumerate(words):
        if i == 0 or word.endswith(":"):
            mapping = word.rstrip(":")
            found[mapping] = 0
        else:
            found[mapping] += word in along
    return sorted(found, key=lambda name: -found[name])


def _fits(said: Mapping[str, Any], roles: set[str]) -> bool:
    """Tell whether axes of these roles can be those of a grid mapping."""
    name = str(said.get("grid_mapping_name", ""))
    if {"latitude", "longitude"} & roles:
        return name in {"", "latitude_longitude"}
    if {"grid_latitude", "grid_longitude"} & roles:
        return name in {"", "rotated_latitude_longitude"}
    is_degrees = name in {"latitude_longitude", "rotated_latitude_longitude"}
    return bool({"x", "y"} & roles) and not is_degrees


def _plainly(said: Mapping[str, Any]) -> str:
    """Return what a grid mapping says as text that can be compared."""
    return repr(sorted((str(k), np.asarray(v).tolist()) for k, v in said.items()))


# Attributes of which a grid mapping has one.
_DESCRIBED = {"grid_mapping_name", "crs_wkt", "spatial_ref"}


def is_described(mapping: Mapping[str, Any]) -> bool:
    """Tell a grid mapping that says what it is from attributes of anything else."""
    return bool(_DESCRIBED & set(mapping))


def _saying(coordinate: Found) -> Mapping[str, Any]:
    """Return what a scalar coordinate says of a map, in the words of CF."""
    said = in_words_of_cf(coordinate.attributes)
    return said if _DESCRIBED & set(said) else _described(coordinate) or said


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
