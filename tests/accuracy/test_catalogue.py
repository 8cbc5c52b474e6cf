"""The exact derivatives are exact: judged by complex steps, which know no formula."""

import numpy as np
import pytest
from fields import FIELDS, FLAT, SPHERE, WGS84

PHI = np.deg2rad(np.linspace(-90, 90, 37))[:, None]
LAM = np.deg2rad(np.linspace(0, 360, 25)[:-1] + 3.0)[None, :]
INNER = PHI[1:-1]
H = 1e-30


@pytest.mark.parametrize("figure", [SPHERE, WGS84, FLAT], ids=lambda f: f.name)
@pytest.mark.parametrize("field", FIELDS.values(), ids=lambda f: f.name)
class TestExactDerivatives:
    def test_north_is_the_slope_of_the_field_in_latitude(self, field, figure):
        step = np.imag(field.value(PHI + 1j * H, LAM)) / H
        expected = step / figure.meridian_radius(PHI)
        np.testing.assert_allclose(
            field.north(PHI, LAM, figure), expected, rtol=1e-13, atol=1e-21
        )

    def test_east_is_the_slope_of_the_field_in_longitude(self, field, figure):
        step = np.imag(field.value(INNER, LAM + 1j * H)) / H
        expected = step / (figure.normal_radius(INNER) * np.cos(INNER))
        np.testing.assert_allclose(
            field.east(INNER, LAM, figure), expected, rtol=1e-12, atol=1e-20
        )

    def test_north_twice_is_the_slope_of_north(self, field, figure):
        step = np.imag(field.north(PHI + 1j * H, LAM, figure)) / H
        expected = step / figure.meridian_radius(PHI)
        np.testing.assert_allclose(
            field.north_twice(PHI, LAM, figure), expected, rtol=1e-12, atol=1e-27
        )

    def test_east_twice_is_the_slope_of_east(self, field, figure):
        step = np.imag(field.east(INNER, LAM + 1j * H, figure)) / H
        expected = step / (figure.normal_radius(INNER) * np.cos(INNER))
        np.testing.assert_allclose(
            field.east_twice(INNER, LAM, figure), expected, rtol=1e-11, atol=1e-25
        )

    def test_on_a_pole_east_is_north_a_quarter_turn_away(self, field, figure):
        for pole, quarter in ((np.pi / 2, -np.pi / 2), (-np.pi / 2, np.pi / 2)):
            phi = np.array([[pole]])
            np.testing.assert_allclose(
                field.east(phi, LAM, figure),
                field.north(phi, LAM + quarter, figure),
                rtol=1e-13,
                atol=1e-21,
            )


def test_some_field_has_a_gradient_at_both_poles_and_not_the_same():
    poles = np.array([[np.pi / 2], [-np.pi / 2]])
    north = FIELDS["wave 1"].north(poles, LAM)
    assert np.all(np.abs(north).max(axis=1) > 0.1 / SPHERE.a)
    assert np.abs(north[0] - north[1]).max() > 0.1 / SPHERE.a


def test_meridian_arc_adds_up_to_the_quadrant_pyproj_knows():
    from pyproj import Geod

    phi = np.linspace(0, np.pi / 2, 20_001)
    quadrant = np.trapezoid(WGS84.meridian_radius(phi), phi)
    _, _, expected = Geod(ellps="WGS84").inv(0, 0, 0, 90)
    np.testing.assert_allclose(quadrant, expected, rtol=1e-9, atol=1e-3)
