"""What winds do to fields, and potential vorticity, on states with closed forms."""

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
from winds import WINDS

import xnabla as xn


class TestMaterialDerivative:
    """A pattern carried around the globe by a wind that turns like a solid body."""

    def rotated(self, globe, seconds, axis, spin):
        """n turned back by spin · t about the axis: Rodrigues."""
        n = np.stack(
            np.broadcast_arrays(
                np.cos(globe.phi) * np.cos(globe.lam),
                np.cos(globe.phi) * np.sin(globe.lam),
                np.sin(globe.phi),
            )
        )
        angle = -spin * seconds
        k = axis[:, np.newaxis, np.newaxis]
        across = np.cross(k, n, axis=0)
        along = (k * n).sum(axis=0)
        return (
            n * np.cos(angle) + across * np.sin(angle) + k * along * (1 - np.cos(angle))
        )

    def state(self, rows, step):
        globe = globe_of(rows)
        axis = np.array([15.0, 22.0, 18.0])
        speed = np.linalg.norm(axis)  # the tilted solid body of ``winds``
        times = step * np.arange(-2.0, 3.0)
        pattern = [
            FIELDS["mixed"].at(*self.rotated(globe, s, axis / speed, speed / SPHERE_M))
            for s in times
        ]
        time = {"time": ("time", times, {"units": "seconds"})}
        f = on_globe(270.0 + 10.0 * np.stack(pattern), globe, "K", **time)
        u, v = WINDS["solid body, tilted"].uv(globe.phi, globe.lam)
        return globe, f, on_globe(u, globe, "m/s"), on_globe(v, globe, "m/s")

    def test_those_who_go_along_see_nothing_change(self):
        """The poles, over which it blows, included: less than 1 % of the advection."""

        def error(rows):
            _, f, u, v = self.state(rows, 3600.0 * 36 / rows)
            return np.abs(numbers(xn.material_derivative(f, u, v), "K/s")).max()

        _, f, u, v = self.state(36, 3600.0)
        carried = np.abs(numbers(xn.advection(f, u, v), "K/s")).max()
        assert error(36) < 0.01 * carried
        assert slope_of(error, 36) > 1.9

    def test_in_the_vertical_too(self):
        """f = p - ω t: nothing changes for those who sink by ω."""
        levels = {
            "time": ("time", [0.0, 600.0, 1200.0], {"units": "seconds"}),
            "plev": ("plev", [500.0, 600.0, 700.0, 850.0], {"units": "hPa"}),
        }
        p = np.array([50e3, 60e3, 70e3, 85e3])
        t = np.array(levels["time"][1])
        sinking = 0.3
        f = (p[np.newaxis, :] - sinking * t[:, np.newaxis])[..., np.newaxis, np.newaxis]
        calm, w = plane(0.0, "m/s", **levels), plane(sinking, "Pa/s", **levels)
        got = xn.material_derivative(plane(f, "Pa", **levels), calm, calm, w)
        np.testing.assert_allclose(numbers(got, "Pa/s"), 0.0, rtol=0, atol=1e-9)
        hpa = w.copy(data=w.values / 100 * 3600)
        hpa.attrs = {"units": "hPa/hour"}
        again = xn.material_derivative(plane(f, "Pa", **levels), calm, calm, hpa)
        np.testing.assert_allclose(numbers(again, "Pa/s"), 0.0, rtol=0, atol=1e-9)

    @pytest.mark.parametrize(
        ("name", "attrs"),
        [
            ("depth", {"units": "m", "positive": "down"}),
            ("depth", {"units": "m"}),
            ("lev", {"units": "m", "positive": "down", "axis": "Z"}),
        ],
    )
    def test_water_that_rises_comes_from_a_greater_depth(self, name, attrs):
        """w is upwards also where the coordinate grows downwards: f = 3 depth."""
        depth = np.array([10.0, 30.0, 60.0, 100.0])
        levels = {name: (name, depth, attrs)}
        f = plane(3.0 * depth[:, np.newaxis, np.newaxis], "K", **levels)
        calm, w = plane(0.0, "m/s", **levels), plane(0.01, "m/s", **levels)
        got = constant(xn.advection(f, calm, calm, w), "K/s")
        assert got == pytest.approx(0.03, rel=1e-9)

    def test_air_that_rises_comes_from_below(self):
        """f = 3 z, w = 0.01 m/s: at a place it falls by 0.03 per second."""
        z = np.array([100.0, 300.0, 600.0, 1000.0])
        levels = {"height": ("height", z, {"units": "m", "positive": "up"})}
        f = plane(3.0 * z[:, np.newaxis, np.newaxis], "K", **levels)
        calm, w = plane(0.0, "m/s", **levels), plane(1.0, "cm/s", **levels)
        got = constant(xn.advection(f, calm, calm, w), "K/s")
        assert got == pytest.approx(-0.03, rel=1e-9)
        with pytest.raises(xn.UnitsError, match="Pa/s along pressure"):
            xn.advection(f, calm, calm, plane(1.0, "Pa/s", **levels))


class TestMoistureFluxDivergence:
    """∇·(qV) = q ∇·V + V·∇q."""

    @pytest.mark.parametrize("accuracy", [2, 4, 6])
    @pytest.mark.parametrize("name", ["mixed", "potential", "straight over the poles"])
    def test_it_is_the_sum_of_convergence_and_advection(self, name, accuracy):
        """Both parts in closed form, on the whole globe."""
        wind, moist = WINDS[name], FIELDS["mixed"]

        def error(rows):
            globe = globe_of(rows)
            phi, lam = globe.phi, globe.lam
            q = 8.0 + 2.0 * moist.value(phi, lam)
            u, v = wind.uv(phi, lam)
            du_dx, _, _, dv_dy = wind.tensor(phi, lam)
            expected = q * (du_dx + dv_dy)
            expected += 2.0 * (u * moist.east(phi, lam) + v * moist.north(phi, lam))
            got = xn.moisture_flux_divergence(
                on_globe(q, globe, "g/kg"),
                on_globe(u, globe, "m/s"),
                on_globe(v, globe, "m/s"),
                accuracy=accuracy,
            )
            apart = numbers(got, "g/kg/s") - expected
            return np.abs(apart).max() / np.abs(expected).max()

        coarse = {2: 72, 4: 48, 6: 36}[accuracy]
        assert slope_of(error, coarse) > {2: 1.9, 4: 3.8, 6: 5.7}[accuracy]
        assert error(2 * coarse) < {2: 1e-2, 4: 1e-4, 6: 1e-5}[accuracy]

    @pytest.mark.parametrize("units", ["degC", "degF"])
    def test_what_is_carried_counts_from_its_true_zero(self, units):
        """T ∇·V of 10 degC or 50 degF is 283.15 K times the divergence."""
        globe = globe_of(24)
        u, v = (
            on_globe(part, globe, "m/s")
            for part in WINDS["mixed"].uv(globe.phi, globe.lam)
        )
        kelvin = 283.15 + 5.0 * FIELDS["mixed"].value(globe.phi, globe.lam)
        celsius = kelvin - 273.15
        numbers_in = {"degC": celsius, "degF": celsius * 1.8 + 32.0}[units]
        got = xn.moisture_flux_divergence(on_globe(numbers_in, globe, units), u, v)
        expected = xn.moisture_flux_divergence(on_globe(kelvin, globe, "K"), u, v)
        expected = numbers(expected, "K/s")
        np.testing.assert_allclose(
            numbers(got, "K/s"), expected, atol=1e-11 * np.abs(expected).max()
        )

    def test_by_our_other_operators_it_is_so_to_truncation(self):
        globe = globe_of(72)
        u, v = (
            on_globe(part, globe, "m/s")
            for part in WINDS["mixed"].uv(globe.phi, globe.lam)
        )
        q = on_globe(
            8.0 + 2.0 * FIELDS["mixed"].value(globe.phi, globe.lam), globe, "g/kg"
        )
        whole = numbers(xn.moisture_flux_divergence(q, u, v), "g/kg/s")
        parts = q.values * numbers(xn.divergence(u, v), "1/s")
        parts = parts - numbers(xn.advection(q, u, v), "g/kg/s")
        apart = np.abs(whole - parts)[1:-1].max()
        assert apart < 0.01 * np.abs(whole).max()


class TestPotentialVorticity:
    """One analytic state of the air; three families of levels to look at it on."""

    P0 = 100_000.0

    def test_shear_and_slope_on_an_f_plane(self):
        """θ = A (p₀ - p) + B y, u = S (p₀ - p) + C y: g [(f - C) A + S B]."""
        a, b, s, c = 5e-4, -1e-5, 4e-4, 2e-5
        p = np.array([85e3, 70e3, 60e3, 50e3])
        up = (self.P0 - p)[:, np.newaxis, np.newaxis]
        levels = {"plev": ("plev", p / 100, {"units": "hPa"})}
        theta = plane(300.0 + a * up + b * Y, "K", at=45.0, **levels)
        u = plane(s * up + c * Y, "m/s", at=45.0, **levels)
        v = plane(0.0, "m/s", at=45.0, **levels)
        f = 2 * OMEGA * np.sin(np.pi / 4)
        got = constant(xn.potential_vorticity(theta, u, v), "K*m**2/kg/s")
        assert got == pytest.approx(GRAVITY * ((f - c) * a + s * b), rel=1e-9)
        # the same along x: v = S (p₀ - p) + C x, θ = A (p₀ - p) + B x, so ζ = C and
        # the tilt has the other sign
        theta = plane(300.0 + a * up + b * X, "K", at=45.0, **levels)
        calm = plane(0.0, "m/s", at=45.0, **levels)
        v = plane(s * up + c * X, "m/s", at=45.0, **levels)
        got = constant(xn.potential_vorticity(theta, calm, v), "K*m**2/kg/s")
        assert got == pytest.approx(GRAVITY * ((f + c) * a - s * b), rel=1e-9)

    # --- on the globe ---------------------------------------------------------------

    WIND, WARM, BUMP = WINDS["mixed"], FIELDS["mixed"], FIELDS["wave 3"]

    def theta(self, x, warm):
        """θ, x = ln(p₀/p) being the height in scale heights."""
        return 290.0 * np.exp(0.12 * x) + 20.0 * warm

    def speed(self, x):
        """The wind grows upwards, so fast that it shows: u, v = WIND (0.6 + 6 x)."""
        return 0.6 + 6.0 * x

    def closed(self, globe, x):
        """-g [(ζ + f) θ_p - v_p θ_x + u_p θ_y], with ∂/∂p = -(1/p) ∂/∂x."""
        phi, lam = globe.phi, globe.lam
        p = self.P0 * np.exp(-x)
        u, v = self.WIND.uv(phi, lam)
        _, du_dy, dv_dx, _ = self.WIND.tensor(phi, lam)
        eta = self.speed(x) * (dv_dx - du_dy) + 2 * OMEGA * np.sin(phi)
        theta_x = 20.0 * self.WARM.east(phi, lam)
        theta_y = 20.0 * self.WARM.north(phi, lam)
        theta_up = 290.0 * 0.12 * np.exp(0.12 * x)
        sheared = 6.0 * (u * theta_y - v * theta_x)
        return GRAVITY / p * (eta * theta_up + sheared)

    def fields(self, globe, x, levels):
        """θ, u, v and p on levels that lie at x, a number for each place."""
        u, v = self.WIND.uv(globe.phi, globe.lam)
        warm = self.WARM.value(globe.phi, globe.lam)
        zero = 0 * (x + warm)
        return (
            on_globe(self.theta(x, warm), globe, "K", **levels),
            on_globe(self.speed(x) * u + zero, globe, "m/s", **levels),
            on_globe(self.speed(x) * v + zero, globe, "m/s", **levels),
            on_globe(self.P0 * np.exp(-x) + zero, globe, "Pa", **levels),
        )

    def on_pressure(self, rows, count):
        """Levels of pressure, from 900 to 300 hPa."""
        globe = globe_of(rows)
        p = np.linspace(90e3, 30e3, count)
        x = np.log(self.P0 / p)[:, np.newaxis, np.newaxis]
        levels = {"plev": ("plev", p, {"units": "Pa", "positive": "down"})}
        theta, u, v, _ = self.fields(globe, x, levels)
        return globe, x, xn.potential_vorticity(theta, u, v)

    def on_height(self, rows, count):
        """Levels of height, along which the pressure differs from place to place."""
        globe = globe_of(rows)
        z = np.linspace(1000.0, 9000.0, count)
        bump = self.BUMP.value(globe.phi, globe.lam)
        x = z[:, np.newaxis, np.newaxis] / 8000.0 + 0.1 * bump
        levels = {"height": ("height", z, {"units": "m", "positive": "up"})}
        theta, u, v, p = self.fields(globe, x, levels)
        return globe, x, xn.potential_vorticity(theta, u, v, p)

    def on_theta(self, rows, count):
        """Isentropic levels: their θ has no slope, all is (ζ + f) ∂θ/∂p."""
        globe = globe_of(rows)
        level = np.linspace(320.0, 350.0, count)
        warm = self.WARM.value(globe.phi, globe.lam)
        flat = level[:, np.newaxis, np.newaxis] + 0 * warm
        x = np.log((flat - 20.0 * warm) / 290.0) / 0.12
        levels = {"theta": ("theta", level, {"units": "K", "positive": "up"})}
        theta, u, v, p = self.fields(globe, x, levels)
        np.testing.assert_allclose(theta.values, flat, rtol=1e-12, atol=0)
        p = (p / 100).assign_attrs(units="hPa")
        return globe, x, xn.potential_vorticity(theta, u, v, p)

    def error(self, on, rows):
        globe, x, q = on(rows, rows // 2 + 1)
        exact = self.closed(globe, x)
        return np.abs(numbers(q, "K*m**2/kg/s") - exact).max() / np.abs(exact).max()

    @pytest.mark.parametrize("on", ["on_pressure", "on_height", "on_theta"])
    def test_it_is_the_closed_form_whatever_the_levels(self, on):
        """Pole rows, lowest and highest level too; half the steps, a fourth of it."""
        coarse, fine = (self.error(getattr(self, on), rows) for rows in (48, 96))
        assert fine < 0.002
        assert np.log2(coarse / fine) > 1.85

    def test_the_slope_of_levels_counts(self):
        """Along the height levels (ζ + f) ∂θ/∂p alone is 9 % off and more."""
        globe, x, q = self.on_height(36, 19)
        exact = self.closed(globe, x)
        upright = 290.0 * 0.12 * np.exp(0.12 * x) * GRAVITY / (self.P0 * np.exp(-x))
        _, du_dy, dv_dx, _ = self.WIND.tensor(globe.phi, globe.lam)
        f = 2 * OMEGA * np.sin(globe.phi)
        alone = upright * (self.speed(x) * (dv_dx - du_dy) + f)
        apart = np.abs(numbers(q, "K*m**2/kg/s") - alone).max()
        assert apart > 0.09 * np.abs(exact).max()
