"""What vorticity, divergence and their like obey: identities, sums over the globe."""

import itertools

import numpy as np
import pytest
import xarray as xr
from fields import (
    FIELDS,
    GLOBAL,
    SPHERE,
    SPHERE_M,
    WGS84,
    Globe,
    Polynomial,
    _east,
    _north,
    all_fields,
    around,
    gaussian,
    labelled,
    numbers,
    with_poles,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import ACCURACIES, fields, positions
from winds import TENSOR, WINDS, Wind, flow, wind_field

import xnabla as xn

FLOWS = tuple(flow([np.zeros(1)] * 4))
OPTIONS = st.fixed_dictionaries(
    {"accuracy": ACCURACIES, "earth": st.sampled_from([None, "WGS84"])}
)


def bare(part):
    return np.asarray(part.data.magnitude)


def as_wind(f, name="u", values=None):
    """A random field, or any array on its points, as one component of a wind."""
    f = f.copy(data=f.data - 280.0 if values is None else values).rename(name)
    return f.assign_attrs(units="m s-1")


def other(f, seed):
    rng = np.random.default_rng(seed)
    return as_wind(f, "v", rng.normal(0, 15, f.shape).astype(f.dtype))


def rounding(u):
    """What one rounding of the largest value does to the steepest of stencils."""
    lat = np.deg2rad(np.asarray(u["latitude"], dtype=float))
    lon = np.deg2rad(np.unwrap(np.asarray(u["longitude"], dtype=float), period=360))
    cos = np.cos(lat)
    step = min(
        np.abs(np.diff(lat)).min(), np.abs(np.diff(lon)).min() * cos[cos > 1e-9].min()
    )
    return 2.3e-16 * float(np.nanmax(np.abs(u))) / (step * SPHERE_M)


def plane(values, x, y, units="m s-1"):
    return xr.DataArray(
        values,
        dims=("y", "x"),
        coords={"x": ("x", x, {"units": "km"}), "y": ("y", y, {"units": "km"})},
        attrs={"units": units},
    )


def rough(x, y, seed, units="m s-1"):
    rng = np.random.default_rng(seed)
    return plane(rng.normal(0, 15, (y.size, x.size)), x, y, units)


class TestOnAPlane:
    """Derivatives along x and along y are sums over different indices: they commute."""

    @given(
        positions(),
        positions(),
        ACCURACIES,
        st.sampled_from(["one-sided", "missing"]),
        st.integers(0, 99),
    )
    def test_a_gradient_has_no_curl_and_a_curl_no_divergence(
        self, x, y, accuracy, edges, seed
    ):
        options = {"accuracy": accuracy, "edges": edges}
        psi = rough(x, y, seed, "m2 s-1")
        psi_y, psi_x = xn.gradient(psi, **options)
        scale = 15.0 / (1e3 * min(np.abs(np.diff(x)).min(), np.abs(np.diff(y)).min()))
        # largest weight of the widest one-sided stencil, squared, is below a thousand
        atol = 1e-11 * (scale / 15.0) * scale
        curl = xn.vorticity(psi_x, psi_y, **options)
        assert np.nanmax(np.abs(bare(curl)), initial=0.0) <= atol
        along = psi_y.copy(data=-psi_y.data)
        spread = xn.divergence(along, psi_x, **options)
        assert np.nanmax(np.abs(bare(spread)), initial=0.0) <= atol

    @given(positions(), positions(), ACCURACIES, st.integers(0, 99))
    def test_the_velocity_gradient_is_four_derivatives(self, x, y, accuracy, seed):
        u, v = rough(x, y, seed), rough(x, y, seed + 100)
        parts = xn.velocity_gradient(u, v, accuracy=accuracy)
        for name, (f, dim) in zip(
            TENSOR, itertools.product((u, v), ("x", "y")), strict=True
        ):
            expected = bare(xn.derivative(f, dim, accuracy=accuracy))
            np.testing.assert_allclose(
                bare(parts[name]), expected, rtol=1e-12, atol=1e-16
            )

    @given(positions(), positions(), ACCURACIES, st.integers(0, 99))
    def test_the_hessian_is_made_of_derivatives(self, x, y, accuracy, seed):
        f = rough(x, y, seed, "K")
        options = {"accuracy": accuracy}
        xx, yy = (bare(xn.derivative(f, d, order=2, **options)) for d in "xy")
        atol = 1e-12 * max(np.abs(xx).max(), np.abs(yy).max())
        along_x, _, along_y = xn.hessian(f, **options)
        np.testing.assert_allclose(bare(along_x), xx, rtol=1e-10, atol=atol)
        np.testing.assert_allclose(bare(along_y), yy, rtol=1e-10, atol=atol)
        laplacian = bare(xn.laplacian(f, **options))
        np.testing.assert_allclose(laplacian, xx + yy, rtol=1e-10, atol=2 * atol)

    @pytest.mark.parametrize("accuracy", [2, 4, 6])
    def test_linear_winds_are_exact(self, accuracy):
        x, y = np.cumsum(np.linspace(0.5, 1.5, 12)), -np.cumsum(np.linspace(2, 1, 14))
        u = plane(2.0 * x - 3.0 * y[:, None] + 7.0, x, y)
        v = plane(-1.0 * x + 5.0 * y[:, None] - 2.0, x, y)
        expected = {
            "vorticity": 2e-3,
            "divergence": 7e-3,
            "stretching_deformation": -3e-3,
            "shearing_deformation": -4e-3,
            "total_deformation": 5e-3,
        }
        for name, value in expected.items():
            got = numbers(getattr(xn, name)(u, v, accuracy=accuracy), "1/s")
            np.testing.assert_allclose(got, value, rtol=1e-12, atol=1e-14)


def test_the_laplacian_sees_the_two_point_wave():
    """(-1)^i is the steepest wave there is: a wide stencil takes it for a constant."""
    x = np.arange(12.0)
    f = plane(np.where(x % 2 == 0, 1.0, -1.0) + 0 * x[:, None], x, x, "K")
    got = numbers(xn.laplacian(f), "K/m**2")[1:-1, 1:-1]
    np.testing.assert_allclose(np.abs(got), 4.0 / 1e6, rtol=1e-12)
    # and so on the globe, where columns are not yet crowded
    globe = Globe("even", np.linspace(-90, 90, 25), around(48))
    wave = np.where(np.arange(48) % 2 == 0, 1.0, -1.0) + 0 * globe.phi
    got = numbers(xn.laplacian(labelled(wave, globe)), "K/m**2")
    step = SPHERE_M * np.cos(globe.phi) * np.deg2rad(7.5)
    rows = np.abs(globe.latitude) < 60
    np.testing.assert_allclose(
        np.abs(got[rows]), (4 / step**2 + 0 * globe.lam)[rows], rtol=2e-2
    )


class TestOneTensor:
    @settings(max_examples=10)
    @given(
        fields(), OPTIONS, st.sampled_from(["propagate", "shrink"]), st.integers(0, 9)
    )
    def test_every_scalar_is_made_of_the_four_parts(self, f, options, missing, seed):
        u, v = as_wind(f), other(f, seed)
        options = {**options, "missing": missing}
        tensor = [bare(part) for part in xn.velocity_gradient(u, v, **options)]
        single = f.dtype == np.float32
        atol = (4e9 if single else 100) * rounding(u.astype(float))
        for name, part in flow(tensor).items():
            expected = part
            got = bare(getattr(xn, name)(u, v, **options))
            if name in {"vorticity", "divergence"}:
                # a pole row has one value of these, and random winds have many
                rows = f.dims.index("latitude")
                inner = np.flatnonzero(np.abs(np.abs(f["latitude"]) - 90) > 1e-9)
                got, expected = got.take(inner, rows), expected.take(inner, rows)
            np.testing.assert_allclose(
                got, expected, rtol=1e-5 if single else 1e-12, atol=atol, err_msg=name
            )

    @pytest.mark.parametrize("accuracy", [2, 4, 6])
    @pytest.mark.parametrize("figure", [SPHERE, WGS84], ids=lambda f: f.name)
    @pytest.mark.parametrize(
        "name", ["pole rows", "no pole rows", "odd number of longitudes", "gaussian"]
    )
    def test_a_vector_is_three_scalars(self, name, figure, accuracy):
        """The tensor is the gradient of each part in space, seen from east and north.

        To rounding, which is that of any row interpolated across a pole.
        """
        globe = GLOBAL[name](16)
        rng = np.random.default_rng(4)
        u, v = (rng.normal(0, 15, (globe.phi.size, globe.lam.size)) for _ in "uv")
        e, nu = _east(globe.phi, globe.lam), _north(globe.phi, globe.lam)
        if name in {"pole rows", "odd number of longitudes"}:
            # one vector at a pole, whatever the meridian
            for row in (0, -1):
                for values, unit in ((u, e), (v, nu)):
                    x, y = unit[0][row], unit[1][row]
                    values[row] = 9.0 * x - 4.0 * y
        expected = np.zeros((4, *u.shape))
        options = {"accuracy": accuracy, "earth": figure.earth}
        for i in range(3):
            part = labelled(u * e[i] + v * nu[i], globe)
            north, east = (bare(p) for p in xn.gradient(part, **options))
            expected += [e[i] * east, e[i] * north, nu[i] * east, nu[i] * north]
        wind = wind_field(u, globe, "u"), wind_field(v, globe, "v")
        got = [bare(part) for part in xn.velocity_gradient(*wind, **options)]
        for a, b, what in zip(got, expected, TENSOR, strict=True):
            np.testing.assert_allclose(
                a, b, rtol=1e-10, atol=2000 * rounding(wind[0]), err_msg=what
            )


class TestOnTheGlobe:
    @pytest.mark.parametrize("accuracy", [2, 4, 6])
    @pytest.mark.parametrize("name", ["pole rows", "no pole rows", "gaussian"])
    def test_curl_of_gradient_and_divergence_of_curl_vanish_with_the_order(
        self, name, accuracy
    ):
        """Not to rounding: rows are differenced as vectors, which turn."""
        found = []
        for m in (40, 80):
            options = {"accuracy": accuracy, "earth": "WGS84"}
            f = all_fields(GLOBAL[name](m))
            north, east = xn.gradient(f, **options)
            curl = bare(xn.vorticity(east, north, **options))
            minus = north.copy(data=-north.data)
            spread = bare(xn.divergence(minus, east, **options))
            scale = np.abs(bare(xn.divergence(east, north, **options))).max()
            found.append(max(np.abs(curl).max(), np.abs(spread).max()) / scale)
        # differences of differences: one order may go where the first ones change
        assert np.log2(found[0] / found[1]) >= accuracy - 1.1, found
        assert found[1] < {2: 1e-2, 4: 3e-4, 6: 2e-5}[accuracy]

    @pytest.mark.parametrize("accuracy", [2, 4, 6])
    @pytest.mark.parametrize("figure", [SPHERE, WGS84], ids=lambda f: f.name)
    @pytest.mark.parametrize("name", ["gaussian", "pole rows"])
    def test_vorticity_and_divergence_sum_to_nothing(self, name, figure, accuracy):
        """Stokes and Gauss: the globe has no rim. To the order of the scheme."""
        sums = []
        for m in (24, 48):
            globe = GLOBAL[name](m)
            weights = area(name, globe, m, figure)
            winds = (*WINDS.values(), AROUND_AND_UP)
            pairs = [w.uv(globe.phi, globe.lam) for w in winds]
            kinds = [w.name for w in winds]
            u, v = (
                wind_field(np.stack(part), globe, letter, kind=kinds)
                for letter, part in zip("uv", zip(*pairs, strict=True), strict=True)
            )
            options = {"accuracy": accuracy, "earth": figure.earth}
            row = [
                mean(bare(xn.vorticity(u, v, **options)), weights),
                mean(bare(xn.divergence(u, v, **options)), weights),
            ]
            sums.append(row)
        for coarse, fine in zip(*sums, strict=True):
            assert fine < {2: 1e-2, 4: 2e-4, 6: 2e-5}[accuracy], sums
            assert np.log2(coarse / fine) >= accuracy - 0.3, sums

    @pytest.mark.parametrize("accuracy", [2, 4, 6])
    @pytest.mark.parametrize("name", ["gaussian", "pole rows"])
    def test_the_laplacian_sums_to_less_still(self, name, accuracy):
        """A compact one nearly telescopes: far below the error of any point."""
        for m in (24, 48, 96):
            globe = GLOBAL[name](m)
            f = all_fields(globe)
            for figure in (SPHERE, WGS84):
                got = bare(xn.laplacian(f, accuracy=accuracy, earth=figure.earth))
                left = mean(got, area(name, globe, m, figure))
                step = np.pi / m
                assert left < {2: 1e-2, 4: 1e-2, 6: 5e-2}[accuracy] * step**accuracy

    @pytest.mark.parametrize("accuracy", [2, 4, 6])
    @pytest.mark.parametrize("name", ["pole rows", "no pole rows", "gaussian"])
    def test_solid_body_about_the_axis_is_zonal_to_rounding(self, name, accuracy):
        globe = GLOBAL[name](24)
        u = wind_field(30.0 * np.cos(globe.phi) + 0 * globe.lam, globe, "u")
        v = wind_field(0 * globe.phi + 0 * globe.lam, globe, "v")
        tiny = 200 * rounding(u)
        spread = numbers(xn.divergence(u, v, accuracy=accuracy), "1/s")
        assert np.abs(spread).max() < tiny
        zeta = numbers(xn.vorticity(u, v, accuracy=accuracy), "1/s")
        assert np.ptp(zeta, axis=-1).max() < tiny
        np.testing.assert_allclose(zeta, -zeta[::-1], rtol=1e-12, atol=tiny)
        exact = 60.0 / SPHERE_M * np.sin(globe.phi)
        bound = {2: 1e-2, 4: 2e-4, 6: 4e-6}[accuracy] * 60.0 / SPHERE_M
        np.testing.assert_allclose(zeta, exact + 0 * globe.lam, rtol=0, atol=bound)

    @settings(max_examples=12)
    @given(fields(gaps=False, dtypes=(np.float64,)), OPTIONS, st.integers(0, 99))
    def test_every_operator_is_linear_in_the_wind(self, f, options, seed):
        u, v = as_wind(f), other(f, seed)
        p, q = other(f, seed + 1), other(f, seed + 2)
        for name in FLOWS[:-1]:
            operator = getattr(xn, name)
            got = bare(
                operator(
                    (2.5 * u - 3.0 * p).assign_attrs(units="m s-1"),
                    (2.5 * v - 3.0 * q).assign_attrs(units="m s-1"),
                    **options,
                )
            )
            a, b = bare(operator(u, v, **options)), bare(operator(p, q, **options))
            np.testing.assert_allclose(
                got, 2.5 * a - 3.0 * b, rtol=1e-11, atol=4000 * rounding(u)
            )

    @settings(max_examples=8)
    @given(fields(), OPTIONS, st.sampled_from(["propagate", "shrink"]))
    def test_a_power_of_two_only_scales(self, f, options, missing):
        """Bit for bit: no rounding differs."""
        options = {**options, "missing": missing}
        u, v = as_wind(f), other(f, 1)
        four = [(4 * w).assign_attrs(units="m s-1") for w in (u, v)]
        for name in FLOWS:
            one = bare(getattr(xn, name)(u, v, **options))
            np.testing.assert_array_equal(
                bare(getattr(xn, name)(*four, **options)), 4 * one
            )
        for operator in (xn.laplacian, lambda f, **o: xn.hessian(f, **o)[1]):
            one = bare(operator(f, **options))
            more = bare(operator((4 * f).assign_attrs(units="K"), **options))
            np.testing.assert_array_equal(more, 4 * one)

    @settings(max_examples=12)
    @given(fields(gaps=False), OPTIONS, st.sampled_from([280.15, -1e6]))
    def test_a_constant_has_no_second_derivatives(self, f, options, constant):
        flat = f.copy(data=np.full_like(f.data, constant))
        wide = np.ptp(np.unwrap(f["longitude"], period=360)) > 200
        steepest = rounding(flat) ** 2 / (2.3e-16 * abs(constant))
        for part in (xn.laplacian(flat, **options), *xn.hessian(flat, **options)):
            got = bare(part.transpose("latitude", ...))
            if not wide:
                # a sector does not say what is east of its pole
                got = got[np.abs(np.abs(f["latitude"].values) - 90) > 1e-9]
            assert np.isfinite(got).all()
            assert np.abs(got).max() <= 200 * steepest


# u and v both have a mean around every parallel, without symmetry about the equator
AROUND_AND_UP = Wind(
    "around and up",
    (
        Polynomial("", ((-12.0, 0, 1, 0), (-9.0, 0, 1, 1))),
        Polynomial("", ((12.0, 1, 0, 0), (9.0, 1, 0, 1))),
        Polynomial("", ((8.0, 0, 0, 0), (-6.0, 0, 0, 1), (7.0, 0, 0, 2))),
    ),
)


def area(name, globe, m, figure):
    """Weights of a quadrature that is exact for smooth functions of sin φ."""
    if name == "gaussian":
        weights = np.polynomial.legendre.leggauss(m)[1]
        np.testing.assert_allclose(globe.latitude, gaussian(m))
    else:
        weights = clenshaw_curtis(m)
        np.testing.assert_allclose(globe.latitude, with_poles(m))
    phi = globe.phi
    row = weights[:, None] * figure.meridian_radius(phi) * figure.normal_radius(phi)
    return row + 0 * globe.lam


def clenshaw_curtis(m):
    """Weights for ∫ f d(sin φ) from values at even φ, both poles in; m even."""
    theta = np.pi * np.arange(m + 1) / m
    k = np.arange(1, m // 2 + 1)
    b = np.where(k == m // 2, 1.0, 2.0)
    inner = 1 - (b / (4 * k**2 - 1) * np.cos(2 * np.outer(theta, k))).sum(axis=1)
    ends = np.where((theta == 0) | (np.arange(m + 1) == m), 1.0, 2.0)
    return ends / m * inner


def mean(values, weights):
    """The largest of the mean values, in parts of the largest value."""
    total = (values * weights).sum(axis=(-2, -1)) / weights.sum()
    return np.abs(total).max() / np.abs(values).max()


def test_the_quadratures_are_right():
    for m in (24, 48):
        for name in ("gaussian", "pole rows"):
            globe = GLOBAL[name](m)
            weights = area(name, globe, m, WGS84)
            # authalic radius of WGS84: 6371007.2 m
            size = weights.sum() / globe.lam.size * 2 * np.pi
            np.testing.assert_allclose(size, 4 * np.pi * 6_371_007.1809**2, rtol=1e-10)
            wave = FIELDS["zonal"].value(globe.phi, globe.lam) + 0 * globe.lam
            # -0.5 z² has the mean -1/6 on the sphere
            weights = area(name, globe, m, SPHERE)
            got = (wave * weights).sum() / weights.sum()
            np.testing.assert_allclose(got, -1 / 6, rtol=1e-12)
