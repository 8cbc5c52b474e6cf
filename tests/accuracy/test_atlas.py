"""The maps of the atlas are where they say: judged by pyproj and by small steps."""

import numpy as np
import pytest
from atlas import MAPS
from fields import _normal

# what CF attributes mean to pyproj, which neither we nor the atlas wrote
PROJECTED = [name for name, make in MAPS.items() if "crs" in make(4).coords]


@pytest.mark.parametrize("name", PROJECTED)
def test_attributes_and_proj_string_are_the_same_projection(name):
    from pyproj import CRS, Transformer

    grid = MAPS[name](6)
    crs = CRS.from_cf(grid.coords["crs"][2])
    to_angles = Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)
    lon, lat = to_angles.transform(*np.meshgrid(grid.x, grid.y))
    expected = _normal(np.deg2rad(lat), np.deg2rad(lon))
    for a, b in zip(_normal(*grid.places), expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-11)


@pytest.mark.parametrize("name", [n for n in MAPS if n.startswith("rotated")])
def test_rotated_places_are_those_of_proj(name):
    from pyproj import Proj

    grid = MAPS[name](6)
    lat, lon = (6.08, 140.0) if "inside" in name else (39.25, -162.0)
    text = f"+proj=ob_tran +o_proj=longlat +o_lon_p=0 +o_lat_p={lat} +lon_0={lon + 180}"
    # to PROJ the rotated coordinates are the plane, in radians
    plane = np.meshgrid(np.deg2rad(grid.x), np.deg2rad(grid.y))
    lam, phi = Proj(text + " +R=6371229")(*plane, inverse=True)
    expected = _normal(np.deg2rad(phi), np.deg2rad(lam))
    for a, b in zip(_normal(*grid.places), expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-11)


@pytest.mark.parametrize("name", list(MAPS))
def test_the_direction_of_x_is_where_the_next_column_lies(name):
    """To first order in the step, on a net of many columns."""
    grid = MAPS[name](100)
    rows = [0, 43, -1]
    n = np.array(_normal(grid.phi[rows], grid.lam[rows]))
    x = grid.x[1] - grid.x[0]
    ahead = (n[:, :, 2:] - n[:, :, :-2]) * np.sign(x)
    east, north = (part[rows][:, 1:-1] for part in grid.direction())
    lam, phi = grid.lam[rows][:, 1:-1], grid.phi[rows][:, 1:-1]
    got_east = -np.sin(lam) * ahead[0] + np.cos(lam) * ahead[1]
    got_north = np.cos(phi) * ahead[2] - np.sin(phi) * (
        np.cos(lam) * ahead[0] + np.sin(lam) * ahead[1]
    )
    got_east *= grid.figure.normal_radius(phi)
    got_north *= grid.figure.meridian_radius(phi)
    length = np.hypot(got_east, got_north)
    np.testing.assert_allclose(got_east / length, east, rtol=0, atol=2e-3)
    np.testing.assert_allclose(got_north / length, north, rtol=0, atol=2e-3)


def test_the_poles_are_where_the_names_say():
    for name, make in MAPS.items():
        if "pole on a point" in name:
            for m in (40, 48, 96):
                assert np.abs(make(m).phi).max() > np.pi / 2 - 1e-12, name
        elif "pole between" in name or "Pole inside" in name:
            assert np.pi / 2 - 0.03 < np.abs(make(48).phi).max() < np.pi / 2 - 1e-4
    south = MAPS["polar stereographic, south"](48)
    assert south.phi.min() < -np.pi / 2 + 0.03
    wide = MAPS["curvilinear over the dateline"](48).coords["lon"][1]
    assert wide.min() < -170 < 170 < wide.max()
