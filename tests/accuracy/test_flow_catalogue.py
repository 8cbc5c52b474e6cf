"""The exact winds and second derivatives are exact: judged by complex steps."""

import numpy as np
import pytest
from fields import FIELDS, FLAT, SPHERE, SPHERE_M, WGS84, Globe, _east, _normal, _north
from second import hessian, laplacian
from winds import OMEGA, SLOPES, WINDS, Slope, flow

PHI = np.deg2rad(np.linspace(-90, 90, 37))[:, None]
LAM = np.deg2rad(np.linspace(0, 360, 25)[:-1] + 3.0)[None, :]
INNER = PHI[1:-1]
H = 1e-30
FIGURES = pytest.mark.parametrize("figure", [SPHERE, WGS84, FLAT], ids=lambda f: f.name)
POLES = [(np.pi / 2, -np.pi / 2), (-np.pi / 2, np.pi / 2)]


def dot(a, b):
    return sum(x * y for x, y in zip(a, b, strict=True))


def steps(vector, phi, lam, figure):
    """∂V/∂x and ∂V/∂y of a vector in space, by complex steps."""
    x = [
        np.imag(part) / H / (figure.normal_radius(phi) * np.cos(phi))
        for part in vector(phi, lam + 1j * H)
    ]
    y = [
        np.imag(part) / H / figure.meridian_radius(phi)
        for part in vector(phi + 1j * H, lam)
    ]
    return x, y


def judged(vector, phi, lam, figure):
    """The covariant tensor: what the steps have along east and north."""
    x, y = steps(vector, phi, lam, figure)
    e, nu = _east(phi, lam), _north(phi, lam)
    return dot(e, x), dot(e, y), dot(nu, x), dot(nu, y)


def gradient_in_space(slope, figure):
    def vector(phi, lam):
        u, v = slope.uv(phi, lam, figure)
        return [
            u * e + v * n
            for e, n in zip(_east(phi, lam), _north(phi, lam), strict=True)
        ]

    return vector


def same(got, expected, scale):
    for a, b in zip(got, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-13 * scale)


@FIGURES
@pytest.mark.parametrize("wind", WINDS.values(), ids=lambda w: w.name)
class TestWinds:
    def test_the_tensor_is_the_tangential_part_of_the_steps_in_space(
        self, wind, figure
    ):
        expected = judged(wind.in_space, INNER, LAM, figure)
        # du/dx cancels two terms of u tan φ/a
        scale = 40.0 / SPHERE_M / np.cos(INNER).min()
        same(wind.tensor(INNER, LAM, figure), expected, scale)

    def test_on_a_pole_x_is_y_a_quarter_turn_away(self, wind, figure):
        """ê(λ) = ν(λ∓90°) and ν(λ) = -ê(λ∓90°), up to sign: T turns like a tensor."""
        for pole, quarter in POLES:
            phi = np.array([[pole]])
            xx, xy, yx, yy = wind.tensor(phi, LAM, figure)
            turned = wind.tensor(phi, LAM + quarter, figure)
            same((yy, -yx, -xy, xx), turned, 40.0 / SPHERE_M)

    def test_on_a_pole_along_y_it_is_the_step_along_the_meridian(self, wind, figure):
        for pole, _ in POLES:
            phi = np.array([[pole]])
            y = [
                np.imag(part) / H / figure.meridian_radius(phi)
                for part in wind.in_space(phi + 1j * H, LAM)
            ]
            _, xy, _, yy = wind.tensor(phi, LAM, figure)
            expected = dot(_east(phi, LAM), y), dot(_north(phi, LAM), y)
            same((xy, yy), expected, 40.0 / SPHERE_M)

    def test_the_pole_is_the_limit_of_the_rows_beside_it(self, wind, figure):
        for pole in (np.pi / 2, -np.pi / 2):
            at = np.array(wind.tensor(np.array([[pole]]), LAM, figure))
            far, near = (
                np.abs(np.array(wind.tensor(np.array([[pole * q]]), LAM, figure)) - at)
                for q in (1 - 2e-5, 1 - 1e-5)
            )
            # goes to nothing at least as fast as the distance
            assert far.max() < 40.0 / SPHERE_M * 1e-3
            assert (near <= 0.6 * far + 1e-13 / SPHERE_M * 40).all()

    def test_scalars_have_one_value_on_a_pole(self, wind, figure):
        for pole, _ in POLES:
            found = flow(wind.tensor(np.array([[pole]]), LAM, figure))
            for what in ("vorticity", "divergence", "total_deformation"):
                assert np.ptp(found[what]) < 1e-12 * 40.0 / SPHERE_M, what


@FIGURES
@pytest.mark.parametrize("name", list(FIELDS))
class TestSecondDerivatives:
    def test_they_are_the_velocity_gradient_of_the_gradient(self, name, figure):
        slope = Slope(FIELDS[name], 1.0)
        xx, xy, yy = hessian(FIELDS[name], INNER, LAM, figure)
        vector = gradient_in_space(slope, figure)
        expected = judged(vector, INNER, LAM, figure)
        scale = 10.0 / SPHERE_M**2 / np.cos(INNER).min()
        same((xx, xy, xy, yy), expected, scale)

    def test_y_twice_is_the_catalogue_s_north_twice(self, name, figure):
        field = FIELDS[name]
        yy = hessian(field, PHI, LAM, figure)[2]
        expected = field.north_twice(PHI, LAM, figure)
        np.testing.assert_allclose(yy, expected, rtol=1e-12, atol=1e-27)

    def test_on_a_pole_x_twice_is_y_twice_a_quarter_turn_away(self, name, figure):
        for pole, quarter in POLES:
            phi = np.array([[pole]])
            xx, xy, yy = hessian(FIELDS[name], phi, LAM, figure)
            turned = hessian(FIELDS[name], phi, LAM + quarter, figure)
            same((yy, -xy, xx), turned, 10.0 / SPHERE_M**2)

    def test_on_a_pole_the_laplacian_has_one_value(self, name, figure):
        for pole, _ in POLES:
            values = laplacian(FIELDS[name], np.array([[pole]]), LAM, figure)
            assert np.ptp(values) < 1e-11 / SPHERE_M**2

    def test_the_laplacian_is_that_of_the_textbook(self, name, figure):
        """(1/(N M cos φ)) (∂/∂λ (M f_λ / (N cos φ)) + ∂/∂φ (N cos φ f_φ / M))."""
        field = FIELDS[name]

        def flux(phi, lam):
            return (
                figure.normal_radius(phi) * np.cos(phi) * field.north(phi, lam, figure)
            )

        m_radius, n_radius = figure.meridian_radius(INNER), figure.normal_radius(INNER)
        along = np.imag(field.east(INNER, LAM + 1j * H, figure)) / H * m_radius
        across = np.imag(flux(INNER + 1j * H, LAM)) / H
        expected = (along + across) / (n_radius * m_radius * np.cos(INNER))
        np.testing.assert_allclose(
            laplacian(field, INNER, LAM, figure), expected, rtol=1e-11, atol=1e-24
        )


def test_solid_body_has_twice_its_turning_as_vorticity_and_nothing_else():
    for wind in (WINDS["solid body, tilted"],):
        found = flow(wind.tensor(PHI, LAM))
        turning = dot(OMEGA, _normal(PHI, LAM)) / SPHERE_M
        np.testing.assert_allclose(found["vorticity"], 2 * turning, atol=1e-20)
        for what in ("divergence", "total_deformation"):
            assert np.abs(found[what]).max() < 1e-20


def test_rossby_haurwitz_wave_is_that_of_the_textbook():
    """Williamson et al. (1992), test case 6, with R = 4 and ω = K."""
    k, r = 40.0 / SPHERE_M, 4
    u, v = WINDS["Rossby-Haurwitz 4"].uv(PHI, LAM)
    s, c = np.sin(PHI), np.cos(PHI)
    np.testing.assert_allclose(
        u,
        SPHERE_M * k * (c + c ** (r - 1) * (r * s**2 - c**2) * np.cos(r * LAM)),
        atol=1e-12,
    )
    np.testing.assert_allclose(
        v, -SPHERE_M * k * r * c ** (r - 1) * s * np.sin(r * LAM), atol=1e-12
    )
    found = flow(WINDS["Rossby-Haurwitz 4"].tensor(PHI, LAM))
    zeta = 2 * k * s - k * s * c**r * (r**2 + 3 * r + 2) * np.cos(r * LAM)
    np.testing.assert_allclose(found["vorticity"], zeta, atol=1e-18)
    assert np.abs(found["divergence"]).max() < 1e-19


def test_potential_flow_has_no_vorticity_on_the_sphere_but_diverges():
    found = flow(WINDS["potential"].tensor(PHI, LAM))
    assert np.abs(found["vorticity"]).max() < 1e-19
    assert np.abs(found["divergence"]).max() > 1e-6


def test_straight_flow_really_crosses_both_poles():
    u, v = WINDS["straight over the poles"].uv(PHI[[0, -1]], LAM)
    np.testing.assert_allclose(np.hypot(u, v), np.hypot(12.0, 7.0), rtol=1e-14)
    assert u.max() > 12.0 > -12.0 > u.min()


def test_some_wind_has_every_part_of_the_tensor_at_both_poles():
    poles = np.array([[np.pi / 2], [-np.pi / 2]])
    tensor = WINDS["mixed"].tensor(poles, LAM)
    for part in (*tensor, *flow(tensor).values()):
        assert np.all(np.abs(part).max(axis=1) > 1.0 / SPHERE_M)


def test_the_ellipsoid_matters():
    globe = Globe("some", np.linspace(-90, 90, 19), np.arange(0.0, 360, 15))
    for wind in WINDS.values():
        sphere = np.array(wind.tensor(globe.phi, globe.lam, SPHERE))
        wgs84 = np.array(wind.tensor(globe.phi, globe.lam, WGS84))
        assert np.abs(sphere - wgs84).max() > 1e-3 * np.abs(sphere).max()
    for slope in SLOPES.values():
        u, v = slope.uv(globe.phi, globe.lam, WGS84)
        assert 1.0 < max(np.abs(u).max(), np.abs(v).max()) < 100.0
