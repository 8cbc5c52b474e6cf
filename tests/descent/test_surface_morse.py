"""Maxima, saddles and minima of a globe count up to two, whatever is kept of them."""

import numpy as np
import pytest
from fields import GLOBAL
from hypothesis import given, settings
from hypothesis import strategies as st
from landscapes import band_limited, globe, labelled, plain
from scipy.special import sph_harm_y

from xnabla.descent.surface import critical_points


def count(points):
    kinds = points.kind.values
    highs, cols, lows = (
        int((kinds == kind).sum()) for kind in ("maximum", "saddle", "minimum")
    )
    return highs - cols + lows


@given(
    seed=st.integers(0, 10**6),
    highest=st.integers(1, 9),
    poles=st.booleans(),
    falling=st.booleans(),
    least=st.sampled_from([None, "0.1 hPa", "2 hPa", "20 hPa"]),
)
def test_the_count_is_two_on_any_smooth_field(seed, highest, poles, falling, least):
    field = band_limited(seed, highest, 5.0, poles=poles, falling=falling)
    points = critical_points(field, min_persistence=least)
    assert count(points) == 2


@given(seed=st.integers(0, 10**6))
@settings(max_examples=15)
def test_the_count_is_two_on_noise_too(seed):
    lat, lon = globe(5.0)
    values = np.random.default_rng(seed).normal(size=(lat.size, lon.size))
    values[[0, -1]] = values[[0, -1], :1]
    assert count(critical_points(labelled(values, lat, lon), refine=None)) == 2


@pytest.mark.parametrize("name", GLOBAL)
def test_the_count_is_two_on_every_globe(name):
    points = GLOBAL[name](36)
    theta, lam = 0.5 * np.pi - points.phi, points.lam
    values = 0.0
    rng = np.random.default_rng(5)
    for degree in range(1, 7):
        for order in range(degree + 1):
            weight = rng.normal() + 1j * rng.normal()
            values = values + (weight * sph_harm_y(degree, order, theta, lam)).real
    field = labelled(values, points.latitude, points.longitude)
    assert count(critical_points(field)) == 2


@pytest.mark.parametrize("poles", [True, False])
def test_a_wave_of_two_has_two_of_each_and_a_saddle_at_each_pole(poles):
    """Y22: cos² φ cos 2λ."""
    lat, lon = globe(3.0, west=1.3, poles=poles)
    values = np.cos(np.deg2rad(lat)) ** 2 * np.cos(2 * np.deg2rad(lon))
    points = critical_points(labelled(values, lat, lon), min_persistence="0.1 hPa")
    kinds = points.kind.values
    for kind in ("minimum", "maximum", "saddle"):
        assert (kinds == kind).sum() == 2
    cols = points.latitude.values[kinds == "saddle"]
    np.testing.assert_allclose(sorted(cols), [-90.0, 90.0], atol=1e-6)
    ends = np.mod(points.longitude.values[kinds == "maximum"], 180.0)
    np.testing.assert_allclose(np.minimum(ends, 180.0 - ends), 0.0, atol=1e-3)
    np.testing.assert_allclose(points.latitude.values[kinds != "saddle"], 0, atol=1e-3)


def test_each_point_has_the_curvatures_of_its_kind():
    points = critical_points(band_limited(11, 8, 2.0), min_persistence="0.5 hPa")
    refined = points.refined.values
    assert refined.mean() > 0.9
    negative = (plain(points, "hessian_min") < 0).astype(int) + (
        plain(points, "hessian_max") < 0
    )
    assert (negative == points.morse_index.values)[refined].all()
    assert (plain(points, "gradient_norm")[refined] < 1e-10).all()


def test_saddles_end_what_they_persist_for():
    points = critical_points(band_limited(11, 8, 2.0))
    kinds = points.kind.values
    persistence = plain(points, "persistence")
    ended = persistence[(kinds != "saddle") & np.isfinite(persistence)]
    np.testing.assert_allclose(sorted(ended), sorted(persistence[kinds == "saddle"]))
