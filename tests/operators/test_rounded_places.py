"""Winds along a grid whose latitude and longitude are in single precision only."""

import numpy as np
import pytest
import xarray as xr
from fields import numbers, real
from pyproj import Transformer

import xnabla as xn
from xnabla.grid import directions_of, grid_of

RADIUS_M = 6_371_229.0
SPEED, TILT = 40.0, np.deg2rad(60.0)
LAMBERT = (
    f"+proj=lcc +lat_1=50 +lat_2=50 +lat_0=50 +lon_0=10 +R={RADIUS_M} +units=m +no_defs"
)


def places(step_m, size):
    """Latitude and longitude of a Lambert map in radians, and how far y leans."""
    x = step_m * (np.arange(size) - 0.3 * size)
    y = step_m * (np.arange(size) - 0.5 * size)
    back = Transformer.from_crs(LAMBERT, f"+proj=longlat +R={RADIUS_M}", always_xy=True)
    lon, lat = back.transform(*np.meshgrid(x, y))
    lean = np.sin(np.deg2rad(50.0)) * np.deg2rad(lon - 10.0)
    return np.deg2rad(lat), np.deg2rad(lon), lean


def wind_along(lat, lon, lean):
    """A solid rotation about 60° N, 0° E, along the map, and its vorticity."""
    u = SPEED * (np.sin(TILT) * np.cos(lat) - np.cos(TILT) * np.sin(lat) * np.cos(lon))
    v = SPEED * np.cos(TILT) * np.sin(lon)
    towards = np.sin(TILT) * np.sin(lat) + np.cos(TILT) * np.cos(lat) * np.cos(lon)
    x = np.cos(lean) * u - np.sin(lean) * v
    y = np.sin(lean) * u + np.cos(lean) * v
    return x, y, 2.0 * SPEED * towards / RADIUS_M


def labelled(values, lat, lon, name, dtype):
    def degrees(radians, units):
        return (("j", "i"), np.rad2deg(radians).astype(dtype), {"units": units})

    return xr.DataArray(
        values,
        dims=("j", "i"),
        coords={
            "lat": degrees(lat, "degrees_north"),
            "lon": degrees(lon, "degrees_east"),
        },
        attrs={"units": "m s-1", "standard_name": name},
    )


def flow_on(step_m, size, dtype, accuracy):
    lat, lon, lean = places(step_m, size)
    x, y, zeta = wind_along(lat, lon, lean)
    u = labelled(x, lat, lon, "x_wind", dtype)
    v = labelled(y, lat, lon, "y_wind", dtype)
    options = {"earth": RADIUS_M, "accuracy": accuracy}
    return (
        numbers(xn.vorticity(u, v, **options), "1/s"),
        numbers(xn.divergence(u, v, **options), "1/s"),
        zeta,
    )


@pytest.mark.parametrize("accuracy", [2, 4, 6])
@pytest.mark.parametrize(("step_m", "noise"), [(30e3, 2e-9), (9e3, 1e-8), (3e3, 1e-7)])
def test_the_rounding_of_places_hardly_shows_in_winds_along_the_grid(
    step_m, noise, accuracy
):
    """From neighbours alone the noise is 2e-8, 5e-7 and 6e-6 per second, or more."""
    zeta, delta, exact = flow_on(step_m, 70, np.float32, accuracy)
    double, _, _ = flow_on(step_m, 70, np.float64, accuracy)
    truncation = np.abs(double - exact).max()
    assert np.abs(zeta - exact).max() <= noise + 2.0 * truncation
    assert np.abs(delta).max() <= noise + 2.0 * truncation


def test_directions_of_a_grid_in_double_precision_are_its_neighbours():
    lat, lon, _ = places(30e3, 30)
    surface = grid_of(labelled(lat, lat, lon, "x_wind", np.float64)).surface
    assert surface.rounding_m == 0.0
    (east, north), _ = directions_of(surface, 2)
    jacobian = surface.jacobian(2)
    np.testing.assert_array_equal(east, jacobian.x_east / jacobian.length_x)
    np.testing.assert_array_equal(north, jacobian.x_north / jacobian.length_x)


def test_a_grid_with_corners_keeps_them():
    """Lines that break within a window are shape, not rounding: the fit steps back."""
    n = 60
    x = 20e3 * np.arange(n)
    bend = np.where(np.arange(n) < n // 2, 0.0, 0.3) * (x - x[n // 2])
    lat = np.deg2rad(40.0 + (20e3 * np.arange(n)[:, None] + bend) / 111e3)
    lon = np.deg2rad(10.0 + 0.0 * np.arange(n)[:, None] + x / 80e3)
    surface = grid_of(labelled(lat, lat, lon, "x_wind", np.float32)).surface
    assert surface.rounding_m > 0.0
    (east, north), _ = directions_of(surface, 2)
    jacobian = surface.jacobian(2)
    beside = [n // 2 - 2, n // 2 - 1, n // 2 + 1, n // 2 + 2]
    np.testing.assert_allclose(
        north[:, beside], (jacobian.x_north / jacobian.length_x)[:, beside], atol=3e-4
    )
    assert np.ptp(np.arctan2(north, east)[n // 2, beside]) > 0.2


@pytest.mark.parametrize("axis", [0, 1])
def test_the_directions_of_a_tripolar_grid_stay_within_its_rounding(axis):
    """Either as the neighbours have it, or as near as rounding to the finest scheme."""
    with xr.open_dataset(real("nemo_orca1_gridT_201501.nc")) as file:
        surface = grid_of(file["tos"].isel(time_counter=0)).surface
    own = directions_of(surface, 2)[1 - axis]

    def unit(accuracy):
        step, weight = surface.step_and_weight(axis, accuracy)
        length = np.hypot(*step)
        return step[0] / length, step[1] / length, weight * surface.rounding_m / length

    narrow, fine = unit(2), unit(6)
    as_narrow = np.hypot(own[0] - narrow[0], own[1] - narrow[1]) < 1e-12
    off = np.hypot(own[0] - fine[0], own[1] - fine[1])
    known = np.isfinite(off)
    assert known.mean() > 0.99
    assert (as_narrow | (off <= 2.0 * fine[2]))[known].all()
