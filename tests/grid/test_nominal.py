"""Latitude and longitude along dimensions that only name lines: MOM6, FV3, GEOS."""

import numpy as np
import pytest
import xarray as xr
from fields import SPHERE_M

import xnabla as xn


def field_on(lat, lon, yh, xh, *, words="nominal {}", coordinates="geolat geolon"):
    """Sine of latitude on points named by yh and xh, as MOM6 writes them."""
    field = xr.DataArray(
        np.sin(np.deg2rad(lat)),
        dims=("yh", "xh"),
        coords={
            "geolat": (("yh", "xh"), lat, {"units": "degrees_north"}),
            "geolon": (("yh", "xh"), lon, {"units": "degrees_east"}),
            "yh": ("yh", yh, {"units": "degrees_north", "axis": "Y"}),
            "xh": ("xh", xh, {"units": "degrees_east", "axis": "X"}),
        },
        name="tos",
        attrs={"units": "K"},
    )
    if coordinates:
        field.attrs["coordinates"] = coordinates
    for name, word in (("yh", "latitude"), ("xh", "longitude")):
        field[name].attrs["long_name"] = words.format(word)
    return field


def capped(rows=60, columns=90):
    """Meridians up to 60° N, and beyond it lines that bend away from them."""
    yh = -58.0 + 2.0 * np.arange(rows + 14)
    xh = -278.0 + 360.0 / columns * np.arange(columns)
    lat, lon = np.meshgrid(yh, xh, indexing="ij")
    bend = np.clip(lat - 60.0, 0.0, None)
    return lat - 0.004 * bend**2 * (1 + np.sin(np.deg2rad(2 * lon))), lon, yh, xh


def cube_face(n=24):
    """The northern face of a cubed sphere, whose dimensions count from 1."""
    angle = np.deg2rad(np.linspace(-45, 45, 2 * n + 1)[1::2])
    x, y = np.tan(np.meshgrid(angle, angle))
    up = 1 / np.sqrt(1 + x**2 + y**2)
    count = np.arange(1.0, n + 1)
    return np.rad2deg(np.arcsin(up)), np.rad2deg(np.arctan2(x, -y)), count, count


def error_of(field, lat):
    """Return the largest error of the gradient of sin φ: cos φ northward, 0 east."""
    north, east = map(xn.dequantify, xn.gradient(field))
    far = np.abs(lat) < 88  # the pole lies between points of a face
    off = np.hypot(north.values * SPHERE_M - np.cos(np.deg2rad(lat)), east * SPHERE_M)
    return float(off.values[far].max())


@pytest.mark.parametrize("coordinates", ["geolat geolon", None])
def test_places_in_two_dimensions_count_before_nominal_ones(coordinates):
    lat, lon, yh, xh = capped()
    field = field_on(lat, lon, yh, xh, coordinates=coordinates)
    grid = xn.grid_of(field)
    assert grid.kind == "curvilinear"
    assert "'yh' and 'xh' are nominal: 'geolat' and 'geolon'" in str(grid.assumed)
    assert error_of(field, lat) < 5e-3


def test_a_face_of_a_cube_whose_dimensions_are_called_degrees():
    lat, lon, yh, xh = cube_face()
    field = field_on(lat, lon, yh, xh, words="T-cell {}")
    assert xn.grid_of(field).kind == "curvilinear"
    assert error_of(field, lat) < 5e-3


def test_two_answers_and_no_word_which_are_refused():
    lat, lon, yh, xh = cube_face()
    field = field_on(lat, lon, yh, xh, words="T-cell {}", coordinates=None)
    with pytest.raises(xn.GridError, match=r"'yh' and 'xh' .* elsewhere than 'geolat'"):
        xn.gradient(field)


def test_faces_of_a_cube_are_refused_until_one_is_taken():
    """GEOS calls its lines fake latitudes, and has places for each face."""
    lat, lon, yh, xh = cube_face()
    face = field_on(lat, lon, yh, xh, words="Fake {} for GrADS Compatibility")
    turned = face.assign_coords(geolon=face["geolon"] + 90)
    both = xr.concat([face, turned], "nf", coords=["geolat", "geolon"])
    with pytest.raises(xn.GridError, match=r"moves along 'nf'.*isel\(nf=0\)"):
        xn.gradient(both)
    assert error_of(both.isel(nf=0), lat) < 5e-3


def test_dimensions_that_only_count_give_way_to_places():
    """NCL and others leave lat and lon as numbers of points."""
    lat, lon, yh, xh = cube_face()
    field = field_on(lat, lon, yh, xh, coordinates=None)
    field = field.rename(yh="lat", xh="lon")
    for name in ("lat", "lon"):
        field[name].attrs = {}
    assert xn.grid_of(field).kind == "curvilinear"
    assert error_of(field, lat) < 5e-3


@pytest.mark.parametrize("kind", ["f4", "f8"])
def test_places_that_agree_leave_latitude_and_longitude_as_they_are(kind):
    yh, xh = np.arange(-88.0, 89.0, 4.0), np.arange(-178.0, 180.0, 4.0)
    lat, lon = np.meshgrid(yh, xh % 360, indexing="ij")
    grid = xn.grid_of(field_on(lat.astype(kind), lon.astype(kind), yh, xh))
    assert grid.kind == "latitude-longitude"
    assert grid.axis("xh").line.period is not None
    assert not any("nominal" in note for note in grid.assumed)


@pytest.mark.parametrize(
    ("words", "word", "believed"),
    [("h point nominal {}", "nominal", 55), ("Fake {} for GrADS", "fake", None)],
)
def test_nominal_places_alone_are_refused_where_lines_bend(words, word, believed):
    lat, lon, yh, xh = capped()
    field = field_on(lat, lon, yh, xh, words=words).drop_vars(["geolat", "geolon"])
    with pytest.raises(xn.GridError, match=f"'yh' is {word}.*geolat"):
        xn.gradient(field)
    if believed is None:
        with pytest.raises(xn.GridError, match="'yh' is fake"):
            xn.gradient(field.sel(yh=slice(-20, 20)))
        return
    south = field.sel(yh=slice(None, believed))
    assert "'yh' is nominal" in str(xn.grid_of(south).assumed)
    assert error_of(south, lat[yh < believed + 0.5]) < 5e-3
