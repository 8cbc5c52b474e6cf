"""A WRF file on a Lambert map: which way its winds blow, and how well that is known."""

import numpy as np
import pytest
import xarray as xr
from fields import numbers, real

import xnabla as xn

pytestmark = pytest.mark.peer

RADIUS_M = 6_370_000.0  # WRF's


def numbers_of(wrf, name):
    return wrf[name].values.astype(float)


@pytest.fixture(scope="module")
def lambert():
    """A WRF file on a Lambert map, 30 km, over Tibet; it holds no winds."""
    with xr.open_dataset(real("wrf_cropped.nc"), engine="netcdf4") as file:
        return file.isel(Time=0).load()


def solid_rotation(lat, lon):
    """40 m/s about an axis at 60° N, 0° E: u, v and ζ = 2 · 40 m/s k·n / a."""
    axis_lat, axis_lon, speed = np.deg2rad(60.0), 0.0, 40.0
    sin_axis, cos_axis = np.sin(axis_lat), np.cos(axis_lat)
    cos_lon = np.cos(lon - axis_lon)
    u = speed * (sin_axis * np.cos(lat) - cos_axis * np.sin(lat) * cos_lon)
    v = speed * cos_axis * np.sin(lon - axis_lon)
    towards_axis = sin_axis * np.sin(lat) + cos_axis * np.cos(lat) * cos_lon
    return u, v, 2 * speed * towards_axis / RADIUS_M


def along_the_map(u, v, lon, cone, central):
    """Turned by γ = n (λ - λ₀), as x of a Lambert map turns away from east."""
    gamma = cone * (lon - central)
    sine, cosine = np.sin(gamma), np.cos(gamma)
    return cosine * u - sine * v, sine * u + cosine * v


@pytest.fixture(scope="module")
def over_tibet(lambert):
    """Winds along the map with WRF's own attributes, and their exact vorticity."""
    lat, lon = (np.deg2rad(numbers_of(lambert, n)) for n in ("XLAT", "XLONG"))
    cone = np.sin(np.deg2rad(float(lambert.attrs["TRUELAT1"])))
    central = np.deg2rad(float(lambert.attrs["STAND_LON"]))
    u, v, zeta = solid_rotation(lat, lon)
    parts = []
    for letter, values in zip(
        "xy", along_the_map(u, v, lon, cone, central), strict=True
    ):
        part = lambert["T2"].astype(float).copy(data=values).rename(letter)
        part.attrs = {"units": "m s-1", "description": f"{letter}-wind component"}
        parts.append(part)
    return (*parts, zeta)


def flow_of(u, v, **options):
    return tuple(
        numbers(operator(u, v, earth=RADIUS_M, **options), "1/s")
        for operator in (xn.vorticity, xn.divergence)
    )


def test_on_a_lambert_map_the_description_says_that_winds_run_along_it(over_tibet):
    """Taken for eastward and northward, ζ is wrong by u n / (a cos φ): by 30 %."""
    u, v, expected = over_tibet
    zeta, _ = flow_of(u, v)
    np.testing.assert_allclose(zeta, expected, rtol=0, atol=0.01 * expected.max())
    wrong, _ = flow_of(u, v, wind="earth")
    assert np.abs(wrong - expected).max() > 0.2 * expected.max()


def test_on_a_lambert_map_winds_that_do_not_say_are_refused(over_tibet):
    silent = [part.drop_attrs().assign_attrs(units="m s-1") for part in over_tibet[:2]]
    with pytest.raises(xn.GridError, match="wind='grid'"):
        xn.vorticity(*silent)


@pytest.mark.parametrize("accuracy", [2, 4, 6])
def test_places_in_single_precision_do_not_shake_the_frame(over_tibet, accuracy):
    """XLAT and XLONG are good to 2 m, a step is 30 km.

    Directions from neighbours alone are off by 2 m in 60 km; as derivatives of a wind
    turned by them that is 2 % of ζ at accuracy 2, and half of it at 6.
    """
    u, v, expected = over_tibet
    zeta, delta = flow_of(u, v, accuracy=accuracy)
    near = 2e-3 * expected.max()
    np.testing.assert_allclose(zeta, expected, rtol=0, atol=near)
    np.testing.assert_allclose(delta, 0.0, rtol=0, atol=near)
