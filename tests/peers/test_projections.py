"""Projections of PROJ beyond CF's: gradient and vorticity against their closed forms.

The places are PROJ's, the derivatives those of the ellipsoid's own radii.
"""

import numpy as np
import pytest
import xarray as xr
from pyproj import CRS, Transformer

import xnabla as xn

pytestmark = pytest.mark.peer

# reference system, middle in its own unit, step, unit
MAPS = [
    ("EPSG:3413", (1e5, -2e6), 25e3, "m"),
    ("EPSG:3031", (5e5, 5e5), 25e3, "m"),  # beside the pole
    ("EPSG:3995", (0.0, 0.0), 25e3, "m"),  # a point on it
    ("EPSG:6931", (3e5, -5e5), 25e3, "m"),
    ("EPSG:6933", (1e6, 4e6), 25e3, "m"),
    ("EPSG:3035", (4321e3, 3210e3), 25e3, "m"),
    ("EPSG:3857", (1e6, 6e6), 25e3, "m"),
    ("EPSG:32633", (5e5, 5.5e6), 10e3, "m"),
    ("EPSG:5070", (0.0, 1.5e6), 25e3, "m"),
    ("EPSG:27700", (4e5, 4e5), 10e3, "m"),
    ("EPSG:28992", (155e3, 463e3), 5e3, "m"),
    ("ESRI:54009", (2e6, 4e6), 25e3, "m"),
    ("ESRI:54008", (2e6, 4e6), 25e3, "m"),
    ("ESRI:54012", (1e6, 3e6), 25e3, "m"),
    ("+proj=eqearth", (1e6, 3e6), 25e3, "m"),
    ("+proj=wintri", (1e6, 3e6), 25e3, "m"),
    ("+proj=igh", (1e6, 3e6), 25e3, "m"),
    ("+proj=moll +lon_0=180", (1e6, 3e6), 25e3, "m"),
    ("+proj=omerc +lat_0=45 +lonc=10 +alpha=30 +gamma=0", (0.0, 0.0), 25e3, "m"),
    ("+proj=aeqd +lat_0=60 +lon_0=20 +datum=WGS84", (1e5, 1e5), 25e3, "m"),
    ("+proj=ortho +lat_0=40 +lon_0=-90 +R=6371000", (1e5, 1e5), 25e3, "m"),
    ("+proj=gnom +lat_0=90 +lon_0=-45 +R=6371229", (1e5, 1e5), 25e3, "m"),
    ("+proj=nsper +h=35785831 +lon_0=-75 +R=6371229", (1e6, 1.5e6), 25e3, "m"),
    ("+proj=geos +h=35785831 +lon_0=-75 +ellps=GRS80", (1e6, 1.5e6), 20e3, "m"),
    ("+proj=poly +lat_0=40 +lon_0=-100 +datum=WGS84", (1e5, 0.0), 25e3, "m"),
    ("+proj=cea +lat_ts=30 +datum=WGS84", (1e6, 3e6), 25e3, "m"),
    ("+proj=eqc +lat_ts=30 +datum=WGS84", (1e6, 3e6), 25e3, "m"),
    ("+proj=bonne +lat_1=40 +R=6371000", (1e6, 3e6), 25e3, "m"),
    ("+proj=krovak +datum=WGS84", (-7e5, -1.05e6), 10e3, "m"),
    (
        "+proj=lcc +lat_1=49 +lat_2=44 +lat_0=46.5 +lon_0=3 +ellps=GRS80 +units=km",
        (0.0, 0.0),
        10.0,
        "km",
    ),
    (
        "+proj=lcc +lat_1=33 +lat_2=45 +lat_0=23 +lon_0=-96 +units=us-ft",
        (1e5, 5e6),
        8e4,
        "US_survey_foot",
    ),
]


def errors(text, middle, step, unit, size):
    """Return the largest errors of both slopes and of vorticity, relative."""
    crs = CRS(text)
    ellipsoid = crs.ellipsoid
    a = ellipsoid.semi_major_metre
    e2 = 1 - (ellipsoid.semi_minor_metre / a) ** 2
    away = step * (np.arange(size) - (size - 1) / 2)
    x, y = middle[0] + away, middle[1] + away
    back = Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)
    lon, lat = (np.deg2rad(one) for one in back.transform(*np.meshgrid(x, y)))
    meridian = a * (1 - e2) / (1 - e2 * np.sin(lat) ** 2) ** 1.5
    normal = a / np.sqrt(1 - e2 * np.sin(lat) ** 2)

    def field(values, units, name=None):
        coords = {
            dim: (
                dim,
                points,
                {"units": unit, "standard_name": f"projection_{dim}_coordinate"},
            )
            for dim, points in (("y", y), ("x", x))
        }
        attrs = {"units": units} | ({"standard_name": name} if name else {})
        return xr.DataArray(values, dims=("y", "x"), coords=coords, attrs=attrs)

    t = np.cos(lat) ** 2 * np.cos(2 * lon) + np.sin(lat)
    east = -2 * np.sin(2 * lon) * np.cos(lat) / normal
    north = (np.cos(lat) - np.sin(2 * lat) * np.cos(2 * lon)) / meridian
    slope = xn.gradient(field(t, "K"), crs=crs.to_wkt())
    u = 30 * np.cos(lat)
    turning = 30 * np.sin(lat) * (1 / meridian + 1 / normal)
    zeta = xn.vorticity(
        field(u, "m/s", "eastward_wind"),
        field(0 * u, "m/s", "northward_wind"),
        crs=crs.to_wkt(),
    )
    largest = np.hypot(east, north).max()
    return np.array(
        [
            np.abs(slope.x.data.magnitude - east).max() / largest,
            np.abs(slope.y.data.magnitude - north).max() / largest,
            np.abs(zeta.data.magnitude - turning).max() / np.abs(turning).max(),
        ]
    )


@pytest.mark.parametrize(
    ("text", "middle", "step", "unit"), MAPS, ids=[row[0][:30] for row in MAPS]
)
def test_derivatives_are_of_second_order(text, middle, step, unit):
    wide = errors(text, middle, step, unit, 31)
    fine = errors(text, middle, step / 2, unit, 61)
    assert (wide < 2e-4).all()
    assert (wide > 3.5 * fine)[fine > 1e-8].all()


def test_robinsons_map_is_as_smooth_as_its_table():
    """PROJ interpolates it between parallels 5 degrees apart, with kinks in slopes."""
    assert (errors("ESRI:54030", (2e6, 4e6), 25e3, "m", 31) < 1e-3).all()


def test_a_unit_that_is_no_length_is_named():
    """It was told that x and y were not there."""
    x = xr.DataArray(np.arange(5.0), dims="x", attrs={"units": "parsnip"})
    y = xr.DataArray(np.arange(5.0), dims="y", attrs={"units": "m"})
    field = xr.DataArray(np.zeros((5, 5)), {"y": y, "x": x}, attrs={"units": "K"})
    with pytest.raises(xn.UnitsError, match=r"'parsnip' of coordinate 'x'.*no length"):
        xn.gradient(field, crs="EPSG:3413")
