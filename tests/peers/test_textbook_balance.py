"""Winds in balance, on states of the air whose slopes were found by hand."""

import numpy as np
import pytest
from fields import FIELDS, SPHERE_M, numbers
from textbook import (
    GRAVITY,
    OMEGA,
    X,
    Y,
    constant,
    globe_of,
    on_globe,
    plane,
    slope_of,
)

import xnabla as xn


class TestGeostrophicWind:
    """On the sphere, from heights that were integrated by hand."""

    SPEED, WAVE = 30.0, 60.0

    def height(self, globe):
        """z of u = U cos φ, and a wave A sin²φ cos⁴φ cos 4λ upon it."""
        s, c = np.sin(globe.phi), np.cos(globe.phi)
        zonal = -SPHERE_M * OMEGA * self.SPEED * s**2 / GRAVITY
        return 5500.0 + zonal + self.WAVE * s**2 * c**4 * np.cos(4 * globe.lam)

    def wind(self, globe):
        """-(g/f) ∂z/∂y and (g/f) ∂z/∂x; sin φ divides out, so all is smooth."""
        s, c, lam = np.sin(globe.phi), np.cos(globe.phi), globe.lam
        part = GRAVITY * self.WAVE / (2 * OMEGA * SPHERE_M)
        # ∂(s²c⁴)/∂φ / s = 2c⁵ - 4s²c³
        u = self.SPEED * c - part * (2 * c**5 - 4 * s**2 * c**3) * np.cos(4 * lam)
        v = -4 * part * s * c**3 * np.sin(4 * lam)
        return u, v

    @pytest.mark.parametrize("accuracy", [2, 4, 6])
    @pytest.mark.parametrize("poles", [True, False])
    def test_it_is_found_to_the_order_asked_for(self, accuracy, poles):
        def error(rows):
            globe = globe_of(rows, poles=poles)
            z = on_globe(self.height(globe), globe, "m")
            wind = xn.geostrophic_wind(z, accuracy=accuracy)
            away = np.abs(globe.latitude) >= 15.0
            return max(
                np.abs((numbers(got, "m/s") - exact)[away]).max()
                for got, exact in zip(wind, self.wind(globe), strict=True)
            )

        coarse = {2: 72, 4: 72, 6: 60}[accuracy]
        assert slope_of(error, coarse) > {2: 1.9, 4: 3.8, 6: 5.7}[accuracy]
        assert error(2 * coarse) < {2: 0.2, 4: 2e-3, 6: 2e-4}[accuracy]

    def test_of_geopotential_it_is_the_same(self):
        globe = globe_of(36)
        z = self.height(globe)
        of_height = xn.geostrophic_wind(on_globe(z, globe, "m"))
        of_phi = xn.geostrophic_wind(on_globe(GRAVITY * z, globe, "m2 s-2"))
        for one, other in zip(of_height, of_phi, strict=True):
            np.testing.assert_allclose(
                numbers(one, "m/s"), numbers(other, "m/s"), rtol=0, atol=1e-9
            )

    @pytest.mark.parametrize("poles", [True, False])
    @pytest.mark.parametrize("least", [0, 0.5, 5.0, 20])
    def test_towards_the_equator_it_is_missing_and_never_infinite(self, poles, least):
        globe = globe_of(180, poles=poles)
        z = on_globe(self.height(globe), globe, "m")
        for part in xn.geostrophic_wind(z, min_latitude=least):
            values = numbers(part, "m/s")
            assert not np.isinf(values).any()
            near = np.abs(globe.latitude) < least
            near |= globe.latitude == 0.0
            np.testing.assert_array_equal(np.isnan(values).all(axis=-1), near)
            np.testing.assert_array_equal(np.isnan(values).any(axis=-1), near)

    def test_five_degrees_are_left_out_unless_said(self):
        globe = globe_of(180)
        ug, _ = xn.geostrophic_wind(on_globe(self.height(globe), globe, "m"))
        near = np.isnan(numbers(ug, "m/s")).all(axis=-1)
        np.testing.assert_array_equal(near, np.abs(globe.latitude) < 5.0)
        assert "5 degrees of the equator" in ug.attrs["comment"]

    def test_asked_to_it_refuses(self):
        globe = globe_of(36)
        z = on_globe(self.height(globe), globe, "m")
        with pytest.raises(xn.GridError, match="equator"):
            xn.geostrophic_wind(z, equator="refuse")
        with pytest.raises(xn.GridError, match="equator"):
            xn.geostrophic_wind(z, equator="refuse", min_latitude=0)
        north = z.sel(latitude=slice(20, 90))
        for part in xn.geostrophic_wind(north, equator="refuse"):
            assert np.isfinite(part.data.magnitude).all()

    def test_its_vorticity_is_the_laplacian_over_f(self):
        """On an f-plane; heights of second degree, so to rounding."""
        z = plane(5500 - 2e-10 * X**2 + 5e-10 * Y**2 + 3e-10 * X * Y, "m", at=45.0)
        f = 2 * OMEGA * np.sin(np.pi / 4)
        zeta = xn.vorticity(*xn.geostrophic_wind(z))
        expected = GRAVITY / f * 2 * (5e-10 - 2e-10)
        assert constant(zeta, "1/s") == pytest.approx(expected, rel=1e-8)
        bowl = constant(xn.laplacian(z), "1/m")
        assert GRAVITY / f * bowl == pytest.approx(expected, rel=1e-8)


class TestThermalWind:
    def test_it_is_the_wind_above_less_the_wind_below(self):
        """z = z₀ + (R T/g) ln(p₀/p), T of the place alone: to rounding."""
        globe = globe_of(36)
        t = 260.0 + 15.0 * FIELDS["mixed"].value(globe.phi, globe.lam)
        z0 = 100.0 * FIELDS["wave 3"].value(globe.phi, globe.lam)
        gas = 8.314462618 / 28.96546e-3  # CIPM-2007 air
        below, above = (
            on_globe(z0 + gas * t / GRAVITY * np.log(1000 / p), globe, "m")
            for p in (850.0, 500.0)
        )
        winds = [xn.geostrophic_wind(z) for z in (below, above)]
        layer = xn.thermal_wind(on_globe(t, globe, "K"), "850 hPa", "500 hPa")
        for low, high, part in zip(*winds, layer, strict=True):
            np.testing.assert_allclose(
                numbers(part, "m/s"),
                numbers(high, "m/s") - numbers(low, "m/s"),
                rtol=0,
                atol=1e-9,
            )

    def test_of_a_thickness_it_is_that_too(self):
        globe = globe_of(36)
        below, above = (
            on_globe(h + 80.0 * FIELDS[name].value(globe.phi, globe.lam), globe, "m")
            for h, name in ((1500.0, "wave 2"), (5500.0, "mixed"))
        )
        thickness = (above - below).assign_attrs(units="m")
        winds = [xn.geostrophic_wind(z) for z in (below, above)]
        for low, high, part in zip(*winds, xn.thermal_wind(thickness), strict=True):
            np.testing.assert_allclose(
                numbers(part, "m/s"),
                numbers(high, "m/s") - numbers(low, "m/s"),
                rtol=0,
                atol=1e-9,
            )


class TestMontgomery:
    """Isothermal columns over an even ground pressure p₀, warm and cold side by side.

    z = (R T/g) ln(p₀/p) and θ = T (p₀/p)^κ, so on the surface θ = θ₀ the pressure is
    p₀ (T/θ₀)^(1/κ), and g z + c_p T = c_p T (1 + ln(θ₀/T)) has the slope
    c_p ln(θ₀/T) ∇T: that of g z along the surface of that pressure.
    """

    THETA = 330.0

    def state(self, globe):
        warm = FIELDS["mixed"]
        t = 270.0 + 8.0 * warm.value(globe.phi, globe.lam)
        slopes = (8.0 * d(globe.phi, globe.lam) for d in (warm.east, warm.north))
        heat = 3.5 * 8.314462618 / 28.96546e-3
        z = heat * t * np.log(self.THETA / t) / GRAVITY
        steep = [heat * np.log(self.THETA / t) * slope for slope in slopes]
        return on_globe(z, globe, "m"), on_globe(t, globe, "K"), steep

    def test_its_value(self):
        """9000 m and 240 K: 88 259.9 + 241 119.8 J/kg."""
        z, t = (plane(a, b) for a, b in ((9000.0, "m"), (240.0, "K")))
        psi = constant(xn.montgomery_streamfunction(z, t), "m**2/s**2")
        assert psi == pytest.approx(GRAVITY * 9000 + 1004.67 * 240, rel=1e-5)
        celsius = plane(240.0 - 273.15, "degC")
        again = constant(xn.montgomery_streamfunction(z, celsius), "m**2/s**2")
        assert again == pytest.approx(psi, rel=1e-12)

    def test_the_geostrophic_wind_on_an_isentropic_surface_is_that_of_its_slope(self):
        def error(rows):
            globe = globe_of(rows)
            z, t, (east, north) = self.state(globe)
            ug, vg = xn.geostrophic_wind(xn.montgomery_streamfunction(z, t))
            f = 2 * OMEGA * np.sin(globe.phi)
            away = np.abs(globe.latitude) >= 15.0
            with np.errstate(divide="ignore"):
                apart = (numbers(ug, "m/s") + north / f, numbers(vg, "m/s") - east / f)
            return max(np.abs(one[away]).max() for one in apart)

        assert slope_of(error, 72) > 1.9
        assert error(144) < 0.02

    def test_the_height_of_that_surface_alone_would_not_do(self):
        globe = globe_of(72)
        z, _, (_, north) = self.state(globe)
        ug, _ = xn.geostrophic_wind(z)
        f = 2 * OMEGA * np.sin(globe.phi[np.abs(globe.latitude) >= 30.0])
        expected = -north[np.abs(globe.latitude) >= 30.0] / f
        got = numbers(ug, "m/s")[np.abs(globe.latitude) >= 30.0]
        assert np.abs(got - expected).max() > 2 * np.abs(expected).max()


class TestInertialAdvectiveWind:
    def test_where_a_jet_begins_air_is_sent_to_the_low(self):
        """f-plane, u = U + A x, v = 0: v_i = u A / f, and u_i = 0."""
        a = 2e-5
        u, v = plane(30.0 + a * X, "m/s", at=45.0), plane(0.0, "m/s", at=45.0)
        ui, vi = xn.inertial_advective_wind(u, v, u, v)
        f = 2 * OMEGA * np.sin(np.pi / 4)
        np.testing.assert_allclose(numbers(ui, "m/s"), 0.0, rtol=0, atol=1e-12)
        np.testing.assert_allclose(
            numbers(vi, "m/s"), (30.0 + a * X) * a / f + 0 * Y, rtol=1e-9, atol=1e-9
        )

    @pytest.mark.parametrize("accuracy", [2, 4])
    def test_around_the_pole_it_is_the_curvature_of_the_latitude(self, accuracy):
        """u = U cos φ turns by u tan φ / a: u_i = -u² tan φ / (f a), v_i = 0."""

        def error(rows):
            globe = globe_of(rows)
            u = on_globe(40.0 * np.cos(globe.phi) + 0 * globe.lam, globe, "m/s")
            v = 0.0 * u
            v.attrs = u.attrs
            parts = xn.inertial_advective_wind(u, v, u, v, accuracy=accuracy)
            expected = (-(40.0**2) * np.cos(globe.phi) / (2 * OMEGA * SPHERE_M), 0.0)
            away = np.abs(globe.latitude) >= 15.0
            return max(
                np.abs((numbers(got, "m/s") - exact)[away]).max()
                for got, exact in zip(parts, expected, strict=True)
            )

        assert slope_of(error, 36) > {2: 1.9, 4: 3.8}[accuracy]
        assert error(72) < {2: 2e-3, 4: 2e-6}[accuracy]
