"""Maps of the globe to look at fields on, and what a file says of each.

The attributes and the PROJ string of a projection are both written by hand here.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from fields import SPHERE, WGS84, Figure
from maps import Map, curvilinear, over_the_pole, patch, projected, rotated, stretched

SPHERE_R = {"earth_radius": SPHERE.a}
ELLIPSOID = {"semi_major_axis": WGS84.a, "semi_minor_axis": WGS84.b}
GRS80 = Figure("GRS80", 6_378_137.0, 6_356_752.314140356, "GRS80")


def _span(low, high, count):
    return np.linspace(low, high, count)


_LAMBERT = {
    "grid_mapping_name": "lambert_conformal_conic",
    "standard_parallel": 38.5,
    "longitude_of_central_meridian": 262.5,
    "latitude_of_projection_origin": 38.5,
    **SPHERE_R,
}
_LAMBERT_TEXT = "+proj=lcc +lat_1=38.5 +lat_2=38.5 +lat_0=38.5 +lon_0=-97.5 +R=6371229"

_LAMBERT_TWO = {
    "grid_mapping_name": "lambert_conformal_conic",
    "standard_parallel": np.array([49.0, 44.0]),
    "longitude_of_central_meridian": 3.0,
    "latitude_of_projection_origin": 46.5,
    "false_easting": 700_000.0,
    "false_northing": 6_600_000.0,
    "semi_major_axis": GRS80.a,
    "inverse_flattening": 298.257222101,
}
_LAMBERT_TWO_TEXT = (
    "+proj=lcc +lat_1=49 +lat_2=44 +lat_0=46.5 +lon_0=3 "
    "+x_0=700000 +y_0=6600000 +ellps=GRS80"
)

_NORTH = {
    "grid_mapping_name": "polar_stereographic",
    "straight_vertical_longitude_from_pole": -45.0,
    "latitude_of_projection_origin": 90.0,
    "standard_parallel": 70.0,
    **ELLIPSOID,
}
_NORTH_TEXT = "+proj=stere +lat_0=90 +lat_ts=70 +lon_0=-45 +ellps=WGS84"

_SOUTH = {
    "grid_mapping_name": "polar_stereographic",
    "straight_vertical_longitude_from_pole": 10.0,
    "latitude_of_projection_origin": -90.0,
    "scale_factor_at_projection_origin": 1.0,
    **SPHERE_R,
}
_SOUTH_TEXT = "+proj=stere +lat_0=-90 +k_0=1 +lon_0=10 +R=6371229"

_MERCATOR = {
    "grid_mapping_name": "mercator",
    "standard_parallel": 20.0,
    "longitude_of_projection_origin": 170.0,
    **SPHERE_R,
}
_MERCATOR_TEXT = "+proj=merc +lat_ts=20 +lon_0=170 +R=6371229"

_LAEA = {
    "grid_mapping_name": "lambert_azimuthal_equal_area",
    "latitude_of_projection_origin": 52.0,
    "longitude_of_projection_origin": 10.0,
    "false_easting": 4_321_000.0,
    "false_northing": 3_210_000.0,
    "semi_major_axis": GRS80.a,
    "inverse_flattening": 298.257222101,
}
_LAEA_TEXT = "+proj=laea +lat_0=52 +lon_0=10 +x_0=4321000 +y_0=3210000 +ellps=GRS80"

_TMERC = {
    "grid_mapping_name": "transverse_mercator",
    "latitude_of_projection_origin": 0.0,
    "longitude_of_central_meridian": 9.0,
    "scale_factor_at_central_meridian": 0.9996,
    "false_easting": 500_000.0,
    "false_northing": 0.0,
    **ELLIPSOID,
}
_TMERC_TEXT = "+proj=tmerc +lat_0=0 +lon_0=9 +k=0.9996 +x_0=500000 +ellps=WGS84"

_HEIGHT = 35_785_831.0
_GEOSTATIONARY = {
    "grid_mapping_name": "geostationary",
    "perspective_point_height": _HEIGHT,
    "longitude_of_projection_origin": 9.5,
    "latitude_of_projection_origin": 0.0,
    "sweep_angle_axis": "y",
    **ELLIPSOID,
}
_GEOSTATIONARY_TEXT = f"+proj=geos +h={_HEIGHT} +lon_0=9.5 +sweep=y +ellps=WGS84"


def _around_pole(m, *, on_point):
    """Coordinates through 0, or past it by half a step on either side."""
    return 4.2e6 * (np.arange(m + 1) / (m / 2) - 1 if on_point else _halves(m))


def _halves(m):
    return (np.arange(m) + 0.5) / (m / 2) - 1


MAPS: dict[str, Callable[[int], Map]] = {
    "Lambert, one parallel, sphere": lambda m: projected(
        _LAMBERT_TEXT,
        _LAMBERT,
        SPHERE,
        _span(-2.4e6, 2.4e6, m + 1),
        _span(-1.5e6, 1.6e6, m + 1),
    ),
    "Lambert, two parallels, km, north to south": lambda m: projected(
        _LAMBERT_TWO_TEXT,
        _LAMBERT_TWO,
        GRS80,
        _span(-1.3e6, 2.7e6, m + 1),
        _span(8.6e6, 5.2e6, m + 1),
        unit="km",
        scale=1e3,
    ),
    "polar stereographic, pole on a point": lambda m: projected(
        _NORTH_TEXT,
        _NORTH,
        WGS84,
        _around_pole(m, on_point=True),
        _around_pole(m, on_point=True),
    ),
    "polar stereographic, pole between points, km, north to south": lambda m: projected(
        _NORTH_TEXT,
        _NORTH,
        WGS84,
        _around_pole(m, on_point=False),
        _around_pole(m, on_point=False)[::-1],
        unit="km",
        scale=1e3,
    ),
    "polar stereographic, south": lambda m: projected(
        _SOUTH_TEXT,
        _SOUTH,
        SPHERE,
        _around_pole(m, on_point=False),
        _around_pole(m, on_point=True),
    ),
    "Mercator over the dateline": lambda m: projected(
        _MERCATOR_TEXT,
        _MERCATOR,
        SPHERE,
        _span(-2.1e6, 3.1e6, m + 1),
        _span(-1.9e6, 2.9e6, m + 1),
    ),
    "Lambert azimuthal equal area": lambda m: projected(
        _LAEA_TEXT,
        _LAEA,
        GRS80,
        _span(2.4e6, 6.4e6, m + 1),
        _span(1.4e6, 5.4e6, m + 1),
    ),
    "transverse Mercator": lambda m: projected(
        _TMERC_TEXT,
        _TMERC,
        WGS84,
        _span(-1.0e6, 2.2e6, m + 1),
        _span(7.4e6, 4.2e6, m + 1),
    ),
    "geostationary": lambda m: projected(
        _GEOSTATIONARY_TEXT,
        _GEOSTATIONARY,
        WGS84,
        _HEIGHT * _span(-0.05, 0.04, m + 1),
        _HEIGHT * _span(0.06, -0.04, m + 1),
        unit="rad",
        scale=_HEIGHT,
    ),
    "rotated pole": lambda m: rotated(
        39.25,
        -162.0,
        _span(-28.0, 18.0, m + 1),
        _span(-23.0, 21.0, m + 1),
        with_places=False,
    ),
    "rotated pole, 2-D latitude and longitude, own radius": lambda m: rotated(
        39.25,
        -162.0,
        _span(-28.0, 18.0, m + 1),
        _span(21.0, -23.0, m + 1),
        with_places=True,
        radius=6_371_000.0,
    ),
    "rotated pole, the North Pole inside": lambda m: rotated(
        6.08,
        140.0,
        30.0 * _halves(m),
        10.0 + 30.0 * _halves(m),
        with_places=False,
    ),
    "rotated, only 2-D latitude and longitude tell": lambda m: rotated(
        39.25,
        -162.0,
        _span(-28.0, 18.0, m + 1),
        _span(-23.0, 21.0, m + 1),
        with_places=True,
        mapped=False,
    ),
    "curvilinear, skewed": lambda m: curvilinear(
        patch(35.0, -60.0, skew=0.4, bend=0.25),
        _span(-1, 1, m + 1),
        _span(-1, 1, m + 1),
    ),
    "curvilinear, skewed and stretched, WGS84": lambda m: curvilinear(
        patch(35.0, -60.0, skew=0.4, bend=0.25),
        stretched(m + 1),
        stretched(m + 1)[::-1],
        figure=WGS84,
    ),
    "curvilinear over the dateline": lambda m: curvilinear(
        patch(-38.0, 178.0, skew=-0.3, bend=0.2),
        _span(-1, 1, m + 1),
        _span(-1, 1, m + 1),
    ),
    "curvilinear over Greenwich, 0 to 360": lambda m: curvilinear(
        patch(50.0, 2.0, skew=-0.3, bend=0.2),
        _span(-1, 1, m + 1),
        _span(-1, 1, m + 1),
        figure=WGS84,
        wrap=360.0,
    ),
    "curvilinear, the pole on a point": lambda m: curvilinear(
        over_the_pole, _span(-1, 1, m + 1), _span(-1, 1, m + 1), figure=WGS84
    ),
    "curvilinear, the pole between points": lambda m: curvilinear(
        over_the_pole, _halves(m), _halves(m)
    ),
}

# the same grids, said in another way: by crs= or under CF's names for angles
ALSO: dict[str, Callable[[int], Map]] = {
    "geostationary": lambda m: projected(
        _GEOSTATIONARY_TEXT,
        _GEOSTATIONARY,
        WGS84,
        _HEIGHT * _span(-0.05, 0.04, m + 1),
        _HEIGHT * _span(0.06, -0.04, m + 1),
        unit="rad",
        scale=_HEIGHT,
        angular=True,
    ),
    "Lambert, two parallels, km, north to south": lambda m: projected(
        _LAMBERT_TWO_TEXT,
        _LAMBERT_TWO,
        GRS80,
        _span(-1.3e6, 2.7e6, m + 1),
        _span(8.6e6, 5.2e6, m + 1),
        how="crs",
    ),
    "polar stereographic, pole on a point": lambda m: projected(
        _NORTH_TEXT,
        _NORTH,
        WGS84,
        _around_pole(m, on_point=True),
        _around_pole(m, on_point=True),
        how="CRS",
    ),
}

# where x and y are at right angles, so that "along the grid" has one meaning
RIGHT_ANGLED = [
    name
    for name in MAPS
    if name.startswith(("Lambert, ", "polar", "Mercator", "transverse", "rotated"))
]
