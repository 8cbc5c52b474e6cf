"""Worked problems of the textbooks, fronts and Q-vectors in closed form.

Numbers are those of Holton and Hakim (2013), An Introduction to Dynamic Meteorology,
and of Wallace and Hobbs (2006), Atmospheric Science: an Introductory Survey; closed
forms were derived by hand. Constants are the textbooks' own, hence 1 % in places.
"""

import numpy as np
import pytest
import xarray as xr
from fields import FIELDS, Globe, numbers
from textbook import GAS, LATITUDE_OF_F, X, Y, constant, globe_of, on_globe, plane
from winds import WINDS

import xnabla as xn


class TestHolton:
    """Holton and Hakim (2013); problems by what they say, for editions differ."""

    def test_ship_and_island(self):
        """Ch. 2: -3 hPa per 180 km eastward, the ship makes 10 km/h and its barometer

        falls by 1 hPa in 3 h: on the island it falls by 1 hPa in 6 h.
        """
        hours = np.array([0.0, 1.0, 2.0])
        there = -hours[:, np.newaxis, np.newaxis] / 6 - 3 * X / 180e3
        time = {"time": ("time", hours, {"units": "hours"})}
        p = plane(1000.0 + there, "hPa", **time)
        u, v = plane(10.0, "km/h", **time), plane(0.0, "km/h", **time)
        got = xn.material_derivative(p, u, v, units="hPa/hour")
        assert constant(got, "hPa/h") == pytest.approx(-1 / 3, rel=1e-9)

    def test_pressure_rises_towards_the_northwest(self):
        """Ch. 2: 5 Pa/km; northward at 10 km/h; 100 Pa in 3 h down: -68.7 Pa/h."""
        p = plane(5e-3 * (Y - X) / np.sqrt(2), "Pa")
        u, v = plane(0.0, "km/h"), plane(10.0, "km/h")
        brought = constant(xn.advection(p, u, v, units="Pa/hour"), "Pa/h")
        assert -100 / 3 + brought == pytest.approx(-68.7, abs=0.05)

    def test_temperature_at_a_station(self):
        """Ch. 2: 3 °C cooler 50 km north, northeasterly 20 m/s, heated by 1 °C/h."""
        t = plane(10.0 - 3.0 * Y / 50e3, "degC")
        part = -20.0 / np.sqrt(2)
        u, v = plane(part, "m/s"), plane(part, "m/s")
        brought = constant(xn.advection(t, u, v, units="K/hour"), "K/h")
        assert 1.0 + brought == pytest.approx(-2.05, abs=0.01)

    def test_divergence_from_four_stations(self):
        """Ch. 3: 50 km east 90°/10, north 120°/4, west 90°/8, south 60°/4 m/s: 2e-5."""
        speed = {(1, 2): 10.0, (2, 1): 4.0, (1, 0): 8.0, (0, 1): 4.0}
        degrees = {(1, 2): 90.0, (2, 1): 120.0, (1, 0): 90.0, (0, 1): 60.0}
        u, v = np.zeros((3, 3)), np.zeros((3, 3))
        for place, of in speed.items():
            u[place] = -of * np.sin(np.deg2rad(degrees[place]))
            v[place] = -of * np.cos(np.deg2rad(degrees[place]))
        axis = {n: (n, [-50.0, 0.0, 50.0], {"units": "km"}) for n in "yx"}
        u, v = (
            xr.DataArray(part, dims=("y", "x"), coords=axis, attrs={"units": "m/s"})
            for part in (u, v)
        )
        station = {"x": 0, "y": 0}
        delta = xn.divergence(u, v).sel(station)
        assert float(delta.data.magnitude) == pytest.approx(2e-5, rel=1e-9)
        zeta = xn.vorticity(u, v).sel(station)
        assert float(zeta.data.magnitude) == pytest.approx(0.0, abs=1e-18)

    def test_temperature_falls_eastward_in_a_layer(self):
        """Ch. 3: 750 to 500 hPa, 3 °C per 100 km, southeasterly 20 m/s below, f = 1e-4.

        Above: 25 m/s from 34°; the layer cools by 1.5 °C/h.
        """
        t = plane(270.0 - 3.0 * X / 100e3, "K", at=LATITUDE_OF_F)
        ut, vt = xn.thermal_wind(t, "750 hPa", "500 hPa")
        below = -20.0 * np.sin(np.deg2rad(135.0)), -20.0 * np.cos(np.deg2rad(135.0))
        u, v = (
            b + constant(part, "m/s") for b, part in zip(below, (ut, vt), strict=True)
        )
        assert constant(vt, "m/s") == pytest.approx(-34.9, abs=0.05)
        assert np.hypot(u, v) == pytest.approx(25.2, abs=0.2)
        assert np.rad2deg(np.arctan2(-u, -v)) == pytest.approx(34.2, abs=0.3)
        mean = [
            b + constant(p, "m/s") / 2 for b, p in zip(below, (ut, vt), strict=True)
        ]
        wind = [plane(part, "m/s", at=LATITUDE_OF_F) for part in mean]
        brought = constant(xn.advection(t, *wind, units="K/hour"), "K/h")
        assert brought == pytest.approx(-1.53, abs=0.01)

    def test_circulation_about_a_square(self):
        """Ch. 4: easterly, 10 m/s per 500 km weaker northward: ζ = -2e-5 s-1,

        around 1000 km × 1000 km a circulation of -2e7 m2/s.
        """
        u = plane(-(30.0 - 10.0 * Y / 500e3), "m/s")
        zeta = constant(xn.vorticity(u, plane(0.0, "m/s")), "1/s")
        assert zeta == pytest.approx(-2e-5, rel=1e-9)
        assert zeta * 1e12 == pytest.approx(-2e7, rel=1e-9)

    def test_a_column_at_30_north_spreads_to_twice_its_radius(self):
        """Ch. 4: at rest; afterwards -5.5 m/s around 200 km, a fourth as deep."""
        at = 30.0
        calm = plane(0.0, "m/s", at=at)
        deep, shallow = (plane(h, "m", at=at) for h in (8000.0, 2000.0))
        before = constant(xn.potential_vorticity(deep, calm, calm), "1/m/s")
        spin = -5.47 / 200e3
        u, v = plane(-spin * Y, "m/s", at=at), plane(spin * X, "m/s", at=at)
        after = constant(xn.potential_vorticity(shallow, u, v), "1/m/s")
        assert after == pytest.approx(before, rel=1e-3)

    def test_a_parcel_goes_to_the_pole(self):
        """Ch. 4: ζ = 5e-5 s-1 at 30° N, absolute vorticity kept: -2.3e-5 s-1 there."""
        spin = 2.5e-5
        u, v = plane(-spin * Y, "m/s", at=30.0), plane(spin * X, "m/s", at=30.0)
        eta = constant(xn.absolute_vorticity(u, v), "1/s")
        at_pole = float(xn.coriolis_parameter(90.0).magnitude)
        assert eta - at_pole == pytest.approx(-2.3e-5, abs=0.05e-5)

    def test_potential_vorticity_of_the_troposphere(self):
        """Ch. 4: 10 K per 100 hPa where f = 1e-4 s-1: about 1e-6 K m2 kg-1 s-1."""
        levels = {"plev": ("plev", [600.0, 500.0, 400.0], {"units": "hPa"})}
        theta = plane(
            np.array([300.0, 310.0, 320.0])[:, np.newaxis, np.newaxis],
            "K",
            at=LATITUDE_OF_F,
            **levels,
        )
        calm = plane(0.0, "m/s", at=LATITUDE_OF_F, **levels)
        got = constant(xn.potential_vorticity(theta, calm, calm), "K*m**2/kg/s")
        assert got == pytest.approx(0.98e-6, abs=0.005e-6)

    def test_deformation_that_draws_isotherms_together_needs_a_day(self):
        """Ch. 9: u = -K x, v = K y, K = 1e-5 s-1: |∇θ| grows by e in 1e5 s."""
        k = 1e-5
        theta = plane(300.0 + 10.0 * X / 1000e3, "K")
        u, v = plane(-k * X, "m/s"), plane(k * Y, "m/s")
        f = constant(xn.frontogenesis(theta, u, v), "K/m/s")
        assert 1e-5 / f == pytest.approx(1e5, rel=1e-9)


class TestWallaceAndHobbs:
    """Wallace and Hobbs (2006), ch. 7."""

    def test_jet_stream_in_winter(self):
        """At 30° N 0.75 K per degree, calm at the ground: 36.8 m/s at 250 hPa."""
        globe = Globe("", np.linspace(27.0, 33.0, 7), np.arange(5.0))
        t = 270.0 - 0.75 * (globe.latitude - 30.0)[:, np.newaxis] + np.zeros(5)
        ut, vt = xn.thermal_wind(on_globe(t, globe, "K"), "1000 hPa", "250 hPa")
        assert numbers(ut, "m/s")[3] == pytest.approx(36.8, abs=0.1)
        np.testing.assert_allclose(numbers(vt, "m/s"), 0.0, rtol=0, atol=1e-9)

    def test_the_planet_turns_once_a_day(self):
        """2Ω = 1.458e-4 s-1; at 45° f = 1.03e-4 s-1, south of the equator negative."""
        f = {at: float(xn.coriolis_parameter(at).magnitude) for at in (90, 45, 0, -45)}
        assert f[90] == pytest.approx(1.458e-4, abs=5e-8)
        assert f[45] == pytest.approx(1.031e-4, abs=5e-8)
        assert f[0] == 0.0
        assert f[-45] == -f[45]


ANGLES = np.deg2rad([0.0, 20.0, 45.0, 70.0, 90.0, 135.0, 200.0])


@pytest.mark.parametrize("alpha", ANGLES)
class TestFrontogenesis:
    """∇θ points by α from x; F = |∇θ| (D cos 2β - δ)/2, β = α - 90° for isentropes."""

    SLOPE = 1e-5  # K/m: 1 K per 100 km

    def of(self, alpha, u, v):
        theta = 300.0 + self.SLOPE * (np.cos(alpha) * X + np.sin(alpha) * Y)
        wind = plane(u, "m/s"), plane(v, "m/s")
        return numbers(xn.frontogenesis(plane(theta, "K"), *wind), "K/m/s")

    def close(self, got, expected):
        np.testing.assert_allclose(got, expected, rtol=1e-9, atol=1e-21)

    def test_pure_stretching(self, alpha):
        """u = D x/2, v = -D y/2: air flows in along y and out along x."""
        d = 4e-5
        beta = alpha - np.pi / 2
        expected = self.SLOPE * d * np.cos(2 * beta) / 2
        self.close(self.of(alpha, d * X / 2, -d * Y / 2), expected)

    def test_pure_shearing(self, alpha):
        """u = D y/2, v = D x/2: the axis of dilatation lies at 45°."""
        d = 4e-5
        beta = alpha - np.pi / 2 - np.pi / 4
        expected = self.SLOPE * d * np.cos(2 * beta) / 2
        self.close(self.of(alpha, d * Y / 2, d * X / 2), expected)

    def test_shear(self, alpha):
        """u = S y is half deformation, half rotation: -S θx θy / |∇θ|."""
        s = 3e-5
        expected = -s * self.SLOPE * np.cos(alpha) * np.sin(alpha)
        self.close(self.of(alpha, s * Y, 0.0), expected)

    def test_convergence(self, alpha):
        """Whatever the direction, C |∇θ| for δ = -2C."""
        c = 2e-5
        self.close(self.of(alpha, -c * X, -c * Y), c * self.SLOPE)

    def test_rotation_tightens_nothing(self, alpha):
        spin = 5e-5
        got = self.of(alpha, -spin * Y, spin * X)
        np.testing.assert_allclose(got, 0.0, rtol=0, atol=1e-20)

    def test_it_is_what_those_see_who_go_with_the_wind(self, alpha):
        """θ carried by a deformation, in closed form: F = D|∇θ|/Dt at the middle time.

        θ = 300 + 8 tanh(s/L), s = x e^(Kt) cos α + y e^(-Kt) sin α; so |∇θ| is known.
        """
        k, length = 2e-5, 400e3
        seconds = np.array([-100.0, 0.0, 100.0])
        t = seconds[:, np.newaxis, np.newaxis]
        along_x, along_y = np.cos(alpha) * np.exp(k * t), np.sin(alpha) * np.exp(-k * t)
        s = (along_x * X + along_y * Y) / length
        steep = 8.0 / length / np.cosh(s) ** 2 * np.hypot(along_x, along_y)
        time = {"time": ("time", seconds, {"units": "seconds"})}
        wind = plane(-k * X, "m/s", **time), plane(k * Y, "m/s", **time)
        theta = plane(300.0 + 8.0 * np.tanh(s), "K", **time)
        seen = xn.material_derivative(plane(steep, "K/m", **time), *wind)
        f = xn.frontogenesis(theta, *wind)
        middle = (1, slice(1, -1), slice(1, -1))
        a, b = (numbers(one, "K/m/s")[middle] for one in (seen, f))
        # h²/6 θ''' on both sides: (50/400)² of k |∇θ|
        np.testing.assert_allclose(a, b, rtol=0, atol=0.02 * k * steep.max())


class TestQVector:
    """Q = -(R/σp) (∂V/∂x·∇T, ∂V/∂y·∇T); Holton and Hakim (2013), ch. 6."""

    P, SIGMA, G = 70_000.0, 2e-6, 1e-5
    FACTOR = GAS / (SIGMA * P)

    def of(self, u, v, t, **options):
        wind = plane(u, "m/s"), plane(v, "m/s")
        parts = xn.q_vector(*wind, plane(t, "K"), pressure="700 hPa", **options)
        return tuple(constant(part, "m**2/kg/s") for part in parts)

    def test_confluence_across_isotherms_from_west_to_east(self):
        """u = K x, v = -K y, cold in the north: Q points south, to the warm air."""
        k = 1e-5
        qx, qy = self.of(k * X, -k * Y, 280.0 - self.G * Y, static_stability=self.SIGMA)
        assert qx == pytest.approx(0.0, abs=1e-25)
        assert qy == pytest.approx(-self.FACTOR * k * self.G, rel=1e-4)

    def test_the_change_of_the_wind_along_isotherms_turned_clockwise(self):
        """Q = -(R/σp) |∇T| k × ∂V/∂s, cold air to the left of s, which is x here."""
        du_ds, dv_ds = -1.3e-5, 2.1e-5
        u, v = du_ds * X + 0.7e-5 * Y, dv_ds * X - du_ds * Y
        qx, qy = self.of(u, v, 280.0 - self.G * Y, static_stability=self.SIGMA)
        assert qx == pytest.approx(self.FACTOR * self.G * dv_ds, rel=1e-4)
        assert qy == pytest.approx(-self.FACTOR * self.G * du_ds, rel=1e-4)

    def test_along_the_gradient_it_is_frontogenesis(self):
        """Q·∇T = (R/σp) |∇T| F, on the globe too, wherever the winds come from."""
        globe = globe_of(36)
        wind, warm = WINDS["mixed"], FIELDS["mixed"]
        u, v = (
            on_globe(part, globe, "m/s", name)
            for part, name in zip(wind.uv(globe.phi, globe.lam), "uv", strict=True)
        )
        t = on_globe(270.0 + 12.0 * warm.value(globe.phi, globe.lam), globe, "K")
        qx, qy = (
            numbers(part, "m**2/kg/s") for part in xn.q_vector(u, v, t, "700 hPa")
        )
        north, east = (numbers(part, "K/m") for part in xn.gradient(t))
        f = numbers(xn.frontogenesis(t, u, v), "K/m/s")
        expected = GAS / self.P * np.hypot(east, north) * f
        np.testing.assert_allclose(
            qx * east + qy * north,
            expected,
            rtol=1e-4,
            atol=1e-10 * np.abs(expected).max(),
        )

    def test_pressure_comes_from_the_levels(self):
        """The same state at 850 and 500 hPa: as 1/p."""
        levels = {"plev": ("plev", [850.0, 500.0], {"units": "hPa"})}
        u, v = plane(1e-5 * X, "m/s", **levels), plane(-1e-5 * Y, "m/s", **levels)
        _, qy = xn.q_vector(u, v, plane(280.0 - 1e-5 * Y, "K", **levels))
        low, high = numbers(qy, "m**2/kg/s")[:, 4, 4]
        assert high / low == pytest.approx(850 / 500, rel=1e-12)
