"""Which attributes and names reveal what a coordinate is: a table, and one matcher."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

Role = Literal[
    "latitude",
    "longitude",
    "x",
    "y",
    "vertical",
    "time",
    "grid_latitude",
    "grid_longitude",
    "other",
]


@dataclass(frozen=True, slots=True)
class Criteria:
    """What makes a coordinate take a role; any one is enough, in this order.

    Units are compared lower case and without blanks; names must match whole.
    """

    standard_names: frozenset[str] = frozenset()
    units: frozenset[str] = frozenset()
    axis: str = ""
    axis_type: str = ""
    names: str = ""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# One row for each role. A new spelling is a new word here; the matcher never changes.
ROLES: dict[Role, Criteria] = {
    "latitude": Criteria(
        standard_names=_words("latitude"),
        units=_words(
            "degrees_north degree_north degree_n degrees_n degreen degreesn "
            "degreesnorth degreenorth degreeslatitude degrees_latitude"
        ),
        axis_type="Lat",
        names=r"x?lat(itude)?s?(_?\d+)?|nav_lat|xlat_\w|lat_(?!bn?d)[a-z]{1,4}"
        r"|(g\d+_)?lat_\d+"
        r"|geolat\w?|[tuv]lat",
    ),
    "longitude": Criteria(
        standard_names=_words("longitude"),
        units=_words(
            "degrees_east degree_east degree_e degrees_e degreee degreese "
            "degreeseast degreeeast degreeslongitude degrees_longitude"
        ),
        axis_type="Lon",
        names=r"x?lon(g|gitude)?s?(_?\d+)?|nav_lon|xlong_\w|lon_(?!bn?d)[a-z]{1,4}"
        r"|(g\d+_)?lon_\d+"
        r"|geolon\w?|[tuv]long?",
    ),
    "grid_latitude": Criteria(
        standard_names=_words("grid_latitude"), names=r"rlat|grid_lat(itude)?"
    ),
    "grid_longitude": Criteria(
        standard_names=_words("grid_longitude"), names=r"rlon|grid_lon(gitude)?"
    ),
    "time": Criteria(
        standard_names=_words("time forecast_period forecast_reference_time"),
        axis="T",
        axis_type="Time",
        names=r"x?times?\d*|valid_time|step|leadtime|lead_time|init(_time)?",
    ),
    "vertical": Criteria(
        standard_names=_words(
            "air_pressure height altitude depth geopotential_height "
            "height_above_mean_sea_level height_above_geopotential_datum "
            "height_above_reference_ellipsoid air_potential_temperature "
            "model_level_number sea_water_pressure "
            "atmosphere_sigma_coordinate atmosphere_ln_pressure_coordinate "
            "atmosphere_hybrid_sigma_pressure_coordinate "
            "atmosphere_hybrid_height_coordinate atmosphere_sleve_coordinate "
            "ocean_sigma_coordinate ocean_s_coordinate ocean_sigma_z_coordinate "
            "ocean_double_sigma_coordinate ocean_s_coordinate_g1 "
            "ocean_s_coordinate_g2"
        ),
        axis="Z",
        axis_type="Pressure Height GeoZ",
        names=r"(p|z)?lev(el)?s?(_?\d+)?|isobaric\w*|pressure(_?level)?s?|pres|height\w*"
        r"|altitude|depth\w*|z|zlev|bottom_top\w*|model_level\w*|theta|isentropic\w*"
        r"|s_rho|s_w|hybrid\w*|sigma|lv_\w+",
    ),
    "y": Criteria(
        standard_names=_words("projection_y_coordinate"),
        axis="Y",
        axis_type="GeoY",
        names=r"y\d?|y_?c|northing|south_north\w*|nj|eta_\w+",
    ),
    "x": Criteria(
        standard_names=_words("projection_x_coordinate"),
        axis="X",
        axis_type="GeoX",
        names=r"x\d?|x_?c|easting|west_east\w*|ni|xi_\w+",
    ),
}

# Level numbers and terrain-following coordinates are pure numbers, and files leave
# their units out.
DIMENSIONLESS_STANDARD_NAMES = frozenset(
    name
    for name in ROLES["vertical"].standard_names
    if name.startswith(("atmosphere_", "ocean_")) or name == "model_level_number"
) - {"atmosphere_hybrid_height_coordinate", "atmosphere_sleve_coordinate"}

# Units that give away a coordinate that nothing else names.
_DURATION_UNITS = _words(
    "s sec second seconds min minute minutes h hr hour hours day days"
)
_PRESSURE_UNITS = _words("pa hpa kpa mb mbar millibar millibars decibar dbar pascal")


def role_of(name: str, attributes: dict[str, Any], dtype: np.dtype[Any]) -> Role:
    """Return what a coordinate is, from its attributes first and its name last.

    Examples
    --------
    >>> role_of("y", {"units": "degrees_north"}, np.dtype("f8"))
    'latitude'
    >>> role_of("plev", {"units": "hPa", "axis": "Z"}, np.dtype("f8"))
    'vertical'
    """
    if dtype.kind in "mM":
        return "time"
    standard_name = str(attributes.get("standard_name", "")).strip().lower()
    units = re.sub(r"\s+", "", str(attributes.get("units", "")).lower())
    axis = str(attributes.get("axis", "")).strip().upper()
    axis_type = str(attributes.get("_CoordinateAxisType", ""))
    long_name = str(attributes.get("long_name", "")).strip().lower()
    is_vertical = (
        str(attributes.get("positive", "")).lower() in {"up", "down"}
        or units in _PRESSURE_UNITS
    )
    is_time = units in _DURATION_UNITS or "since" in units
    # from the strongest evidence to the weakest
    evidence: tuple[Callable[[Role, Criteria], bool], ...] = (
        lambda _, c: standard_name in c.standard_names,
        lambda _, c: units in c.units,
        lambda _, c: axis_type in c.axis_type.split(),
        lambda role, _: role == "vertical" and is_vertical,
        lambda role, _: role == long_name,
        lambda role, _: role == "time" and is_time,
        lambda _, c: re.fullmatch(c.names, name.lower()) is not None,
        lambda _, c: axis != "" and axis == c.axis,
    )
    for speaks_for in evidence:
        for role, criteria in ROLES.items():
            if speaks_for(role, criteria):
                return _unless_rotated(role, name)
    return "other"


def _unless_rotated(role: Role, name: str) -> Role:
    """Believe a name like rlat over units of degrees_north, which many files put there.

    A rotated latitude taken for a true one would be silently wrong.
    """
    rotated: Role = "grid_latitude" if role == "latitude" else "grid_longitude"
    if role in {"latitude", "longitude"} and re.fullmatch(
        ROLES[rotated].names, name.lower()
    ):
        return rotated
    return role
