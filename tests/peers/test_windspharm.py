"""The reference solution of windspharm's own tests, and iris' and geocat-comp's too.

``windspharm_gaussian.npz`` is windspharm 2.0.0's tests/data/gaussian, Copyright (c)
2012-2018 Andrew Dawson, MIT License: the wind on its 72 Gaussian latitudes, in steps of
1e-4 m/s, and what spherical harmonics make of it, at every sixth and eighth point.
"""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import xnabla as xn

pytestmark = pytest.mark.peer

STORED = np.load(Path(__file__).with_name("windspharm_gaussian.npz"))
EVERY = (slice(None, None, 6), slice(None, None, 8))
RADIUS = 6371200.0


def field(values, lat, lon, unit, name=None):
    coords = {
        "lat": ("lat", lat, {"units": "degrees_north"}),
        "lon": ("lon", lon, {"units": "degrees_east"}),
    }
    attrs = {"units": unit} | ({"standard_name": name} if name else {})
    whole = np.broadcast_to(values, (len(lat), len(lon)))
    return xr.DataArray(whole, dims=("lat", "lon"), coords=coords, attrs=attrs)


def wind_on(u, v, lat, lon):
    names = ("eastward_wind", "northward_wind")
    return (field(w, lat, lon, "m/s", n) for w, n in zip((u, v), names, strict=True))


def plain(one):
    return np.asarray(one.data.magnitude)


@pytest.fixture(scope="module")
def wind():
    sines, _ = np.polynomial.legendre.leggauss(72)
    lat, lon = np.rad2deg(np.arcsin(sines))[::-1], np.arange(0.0, 360, 2.5)
    parts = (1e-4 * STORED[name] for name in ("uwnd", "vwnd"))
    return tuple(wind_on(*parts, lat, lon))


def off(ours, name):
    """Return the root mean square difference, of that of the reference."""
    theirs = STORED[name].astype(float)
    apart = plain(ours)[EVERY] - theirs
    return np.sqrt((apart**2).mean() / (theirs**2).mean())


def test_potentials_and_parts_of_the_wind_are_windspharms(wind):
    parts = xn.helmholtz(*wind, earth=RADIUS)
    assert off(parts.streamfunction, "psi") < 5e-5
    assert off(parts.velocity_potential, "chi") < 5e-4
    for ours, theirs, most in (
        ("u_psi", "upsi", 1e-3),
        ("v_psi", "vpsi", 1e-3),
        ("u_chi", "uchi", 5e-3),
        ("v_chi", "vchi", 5e-3),
    ):
        assert off(parts[ours], theirs) < most


def test_vorticity_and_divergence_come_to_windspharms_with_the_accuracy(wind):
    """Spherical harmonics are exact for what they hold; ours is off by truncation."""
    curls = [
        off(xn.vorticity(*wind, earth=RADIUS, accuracy=n), "vrt") for n in (2, 4, 6)
    ]
    assert curls[0] < 0.04
    assert curls[1] < 0.008
    assert curls[2] < 0.003
    spreads = [
        off(xn.divergence(*wind, earth=RADIUS, accuracy=n), "div") for n in (2, 4, 6)
    ]
    assert spreads[0] < 0.14
    assert spreads[1] < 0.03
    assert spreads[2] < 0.01


@pytest.mark.parametrize(("accuracy", "most"), [(2, 4e-3), (4, 4e-5), (6, 5e-7)])
def test_iris_contrived_curls_hold_on_all_rows(accuracy, most):
    """iris 3.14.1, tests/test_analysis_calculus.py: it leaves five rows at the ends.

    There "decimal=1" of numbers that are the thousandth of the radius as large.
    """
    lat, lon = np.arange(-90.0, 90, 6), np.arange(-180.0, 180, 6)
    phi, lam = np.deg2rad(lat)[:, None], np.deg2rad(lon)
    options = {"earth": RADIUS, "accuracy": accuracy}
    # F = r (-sin λ, -cos λ sin φ) is a gradient
    u, v = wind_on(-RADIUS * np.sin(lam), -RADIUS * np.cos(lam) * np.sin(phi), lat, lon)
    np.testing.assert_allclose(plain(xn.vorticity(u, v, **options)), 0.0, atol=most)
    # F = r (sin φ cos λ, -sin λ) turns with -2 cos λ cos φ
    u, v = wind_on(RADIUS * np.sin(phi) * np.cos(lam), -RADIUS * np.sin(lam), lat, lon)
    zeta = plain(xn.vorticity(u, v, **options))
    np.testing.assert_allclose(zeta, -2 * np.cos(lam) * np.cos(phi), atol=most)


def test_the_ellipsoid_is_not_geocat_comps():
    """Its lengths take latitudes of maps for parametric ones: 0.7 % at the equator.

    geocat-comp 2026.4, gradient.py: a degree of its meridian at the equator is
    111319.49 m, that of its parallel 2 r cos φ with r² = a² cos² φ + b² sin² φ. On
    WGS84 they are a (1 - e²) and N cos φ: 110574.28 m at the equator.
    """
    a, e2, theirs = 6378137.0, 0.0066943799901413165, 111319.490793273572647713
    lat, lon = np.arange(-80.0, 81, 1), np.arange(0.0, 90, 1)
    phi = np.deg2rad(lat)[:, None]
    slope = plain(xn.gradient(field(phi, lat, lon, "K"), earth="WGS84").y)
    meridian = a * (1 - e2) / (1 - e2 * np.sin(phi) ** 2) ** 1.5
    np.testing.assert_allclose(slope * meridian, 1.0, rtol=1e-12)
    ours = np.deg2rad(1.0) / slope[80, 0]
    np.testing.assert_allclose(ours, 110574.28, rtol=1e-7)
    np.testing.assert_allclose(theirs / ours - 1, 0.00674, atol=1e-5)
