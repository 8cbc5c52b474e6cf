"""Errors fall as fast as promised, in the max norm, over every point there is."""

import numpy as np
import pytest
from fields import (
    FIELDS,
    FLAT,
    GLOBAL,
    REGIONAL,
    SPHERE,
    WGS84,
    Globe,
    all_fields,
    around,
    exactly,
    jittered_around,
    labelled,
    numbers,
    uneven_around,
    with_poles,
)

import xnabla as xn

LEAST = {2: 1.9, 4: 3.8, 6: 5.6}


def errors(globe: Globe, figure, accuracy, **options):
    """Largest error of each component, in parts of the largest true value."""
    parts = xn.gradient(
        all_fields(globe), accuracy=accuracy, earth=figure.earth, **options
    )
    assert [part.dims for part in parts] == [("kind", "latitude", "longitude")] * 2
    found = []
    for part, what in zip(parts, ("north", "east"), strict=True):
        exact = exactly(what, globe, figure)
        error = np.abs(numbers(part, "K/m") - exact)
        assert np.isfinite(error).all()
        found.append(error.max() / np.abs(exact).max())
    return np.array(found)


@pytest.mark.parametrize("accuracy", [2, 4, 6])
@pytest.mark.parametrize("figure", [SPHERE, WGS84], ids=lambda f: f.name)
@pytest.mark.parametrize("make", GLOBAL.values(), ids=list(GLOBAL))
def test_error_falls_at_the_promised_order_on_the_whole_globe(make, figure, accuracy):
    coarse = errors(make(40), figure, accuracy)
    fine = errors(make(80), figure, accuracy)
    slopes = np.log2(coarse / fine)
    assert slopes.min() >= LEAST[accuracy], (slopes, fine)
    # the order alone could be that of a tiny multiple of the truth
    assert fine.max() < {2: 1e-2, 4: 1.2e-4, 6: 2e-6}[accuracy]


@pytest.mark.parametrize("accuracy", [2, 4, 6])
@pytest.mark.parametrize("make", REGIONAL.values(), ids=list(REGIONAL))
def test_one_sided_rows_do_not_lower_the_order(make, accuracy):
    """Fine grids: one-sided errors show their order later than centred ones."""
    field = FIELDS["wave 4"]
    found = []
    for m in (160, 320):
        globe = make(m)
        t = labelled(field.value(globe.phi, globe.lam), globe)
        parts = xn.gradient(t, accuracy=accuracy, earth="WGS84")
        row = []
        for part, what in zip(parts, ("north", "east"), strict=True):
            exact = getattr(field, what)(globe.phi, globe.lam, WGS84)
            row.append(np.abs(numbers(part, "K/m") - exact).max())
        found.append(row)
    slopes = np.log2(np.array(found[0]) / np.array(found[1]))
    assert slopes.min() >= LEAST[accuracy], slopes


@pytest.mark.parametrize("accuracy", [2, 4, 6])
def test_order_holds_on_an_earth_flatter_than_any(accuracy):
    earth = xn.Earth(FLAT.a, FLAT.b, "made up")
    found = []
    for m in (60, 120):
        globe = GLOBAL["pole rows"](m)
        parts = xn.gradient(all_fields(globe), accuracy=accuracy, earth=earth)
        found.append(
            [
                np.abs(numbers(part, "K/m") - exactly(what, globe, FLAT)).max()
                for part, what in zip(parts, ("north", "east"), strict=True)
            ]
        )
    slopes = np.log2(np.array(found[0]) / np.array(found[1]))
    assert slopes.min() >= LEAST[accuracy], slopes


@pytest.mark.parametrize("accuracy", [4, 6])
@pytest.mark.parametrize("part", [1e-3, 5e-4, 1e-4])
def test_order_holds_where_longitudes_are_uneven_by_very_little(part, accuracy):
    """A column a thousandth of a step beside the meridian opposite is not on it."""
    found = []
    for m in (40, 80):
        globe = Globe("nearly even", with_poles(m), jittered_around(2 * m, part))
        found.append(errors(globe, SPHERE, accuracy))
    slopes = np.log2(found[0] / found[1])
    assert slopes.min() >= LEAST[accuracy], (slopes, found)


def test_pole_rows_are_as_good_as_any_other():
    """At both poles, both components, in every column, of fields that slope there."""
    for figure in (SPHERE, WGS84):
        for lon in (around(144), around(145), uneven_around(144)):
            globe = Globe("poles", with_poles(72), lon)
            parts = xn.gradient(all_fields(globe), accuracy=4, earth=figure.earth)
            for part, what in zip(parts, ("north", "east"), strict=True):
                exact = exactly(what, globe, figure)[:, [0, -1]]
                np.testing.assert_allclose(
                    numbers(part, "K/m")[:, [0, -1]],
                    exact,
                    rtol=1e-4,
                    atol=1e-5 * np.abs(exact).max(),
                )


def test_the_gradient_on_a_pole_row_is_one_vector_seen_from_every_meridian():
    """Turned back by longitude, the components of a row are all the same."""
    globe = GLOBAL["pole rows"](36)
    north, east = xn.gradient(all_fields(globe), accuracy=2)
    for row, sign in ((-1, 1.0), (0, -1.0)):
        n = numbers(north, "K/m")[:, row]
        e = numbers(east, "K/m")[:, row]
        sin, cos = np.sin(globe.lam), np.cos(globe.lam)
        # north = -sign (cos λ x + sin λ y), east = -sin λ x + cos λ y
        x = -sign * cos * n - sin * e
        y = -sign * sin * n + cos * e
        for component in (x, y):
            spread = np.ptp(component, axis=-1)
            # waves 3 and over make the stencil's own error differ from side to side
            assert spread[:1].max() < 2e-3 * np.abs(n[0]).max()


@pytest.mark.parametrize("ends", [False, True], ids=["between poles", "pole rows"])
def test_sine_of_latitude_on_wgs84_is_right_to_a_millionth(ends):
    """∂_y sin φ = cos φ / M at 0.25°, accuracy 4, every row, poles included."""
    lat = np.linspace(-90, 90, 721) if ends else np.arange(-89.875, 90, 0.25)
    globe = Globe("quarter degree", lat, around(8))
    t = labelled(np.sin(globe.phi) + 0 * globe.lam, globe)
    result = numbers(xn.derivative(t, "latitude", accuracy=4, earth="WGS84"), "K/m")
    exact = np.cos(globe.phi) / WGS84.meridian_radius(globe.phi) + 0 * globe.lam
    assert np.abs(result - exact).max() <= 1e-6 * exact.max()


def test_the_ellipsoid_is_not_the_sphere():
    """So that the tests above could tell the one from the other."""
    globe = GLOBAL["pole rows"](90)
    sphere = numbers(xn.gradient(all_fields(globe), accuracy=6)[0], "K/m")
    wgs84 = exactly("north", globe, WGS84)
    assert np.abs(sphere - wgs84).max() > 2e-3 * np.abs(wgs84).max()
