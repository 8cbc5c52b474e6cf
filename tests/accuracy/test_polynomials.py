"""A scheme of accuracy p makes no error at all on polynomials of degree p."""

import math
from fractions import Fraction

import numpy as np
import pytest
import xarray as xr
from fields import SPHERE_M, Globe, labelled, numbers

import xnabla as xn
from xnabla.numerics import fornberg_weights

POSITIONS = {
    "even": np.linspace(-1.0, 1.5, 11),
    "uneven": np.array([-1.0, -0.7, -0.65, -0.2, 0.1, 0.3, 0.8, 0.9, 1.2, 1.25, 1.5]),
    "falling": np.linspace(1.5, -1.0, 11),
    "barely enough points": np.array([-1.0, -0.8, -0.1, 0.2, 0.3, 0.7, 0.9, 1.5]),
    "ratios of five": np.array(
        [-1.0, -0.8, -0.76, -0.7, -0.4, 0.1, 0.2, 0.9, 1.4, 1.5]
    ),
}
FACTORS = np.array([1.3, -0.7, 2.1, 0.9, -1.6, 0.8, -1.1])


@pytest.mark.parametrize("accuracy", [2, 4, 6])
@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("s", POSITIONS.values(), ids=list(POSITIONS))
@pytest.mark.parametrize(
    ("dim", "unit", "scale"),
    [("x", "km", 1e3), ("y", "m", 1.0), ("plev", "hPa", 1.0), ("step", "h", 3600.0)],
)
def test_exact_along_any_axis_and_at_its_ends(s, order, accuracy, dim, unit, scale):
    p = np.polynomial.Polynomial(FACTORS[: accuracy + 1])
    t = xr.DataArray(
        p(s), dims=dim, coords={dim: (dim, s, {"units": unit})}, attrs={"units": "K"}
    )
    result = xn.derivative(t, dim, order=order, accuracy=accuracy)
    exact = p.deriv(order)(s) / scale**order
    np.testing.assert_allclose(
        np.asarray(result.data.magnitude),
        exact,
        rtol=1e-12,
        atol=1e-12 * np.abs(exact).max(),
    )


def _rational_weights(points, order):
    """Weights of a derivative at 0 from Lagrange's polynomials, without rounding."""
    points = [Fraction(float(x)) for x in points]
    weights = []
    for k, own in enumerate(points):
        lagrange = [Fraction(1)]
        for j, other in enumerate(points):
            if j != k:
                above = [Fraction(0), *lagrange]
                below = [*(c * other for c in lagrange), Fraction(0)]
                lagrange = [
                    (a - b) / (own - other) for a, b in zip(above, below, strict=True)
                ]
        weights.append(lagrange[order] * math.factorial(order))
    return np.array([float(w) for w in weights])


@pytest.mark.parametrize("order", [0, 1, 2])
@pytest.mark.parametrize("width", [3, 4, 5, 7, 8])
def test_weights_are_those_of_rational_arithmetic(width, order):
    rng = np.random.default_rng(width)
    for _ in range(20):
        x = np.cumsum(rng.choice([0.01, 0.1, 1.0, 3.0], width)) - rng.uniform(0, 3)
        own = rng.integers(width)
        if order:
            x = x - x[own]
        expected = _rational_weights(x, order)
        np.testing.assert_allclose(
            fornberg_weights(x, order),
            expected,
            rtol=1e-10,
            atol=1e-13 * np.abs(expected).max(),
        )


@pytest.mark.parametrize("accuracy", [2, 4, 6])
@pytest.mark.parametrize(
    "lat",
    [
        np.linspace(20, 60, 17),
        np.linspace(60, 20, 17),
        np.array([-41.0, -30, -28, -20, -11, 0, 7, 9, 21, 22.5, 30]),
    ],
    ids=["even", "north to south", "uneven"],
)
def test_exact_along_a_meridian_for_polynomials_of_latitude(lat, accuracy):
    p = np.polynomial.Polynomial(FACTORS[: accuracy + 1])
    globe = Globe("region", lat, np.arange(0.0, 40, 4))
    result = xn.derivative(
        labelled(p(globe.phi) + 0 * globe.lam, globe), "latitude", accuracy=accuracy
    )
    exact = p.deriv()(globe.phi) / SPHERE_M + 0 * globe.lam
    np.testing.assert_allclose(
        numbers(result, "K/m"), exact, rtol=1e-11, atol=1e-11 * np.abs(exact).max()
    )


@pytest.mark.parametrize("accuracy", [2, 4, 6])
@pytest.mark.parametrize(
    "lon",
    [
        np.linspace(340, 380, 17) % 360,
        np.array([170.0, 171, 175, 178, 179, 181, 184, 185, 190, 193]),
        np.array([170.0, 171, 175, 178, 179, -179, -176, -175, -170, -167]),
    ],
    ids=["across Greenwich", "uneven", "uneven across the dateline"],
)
def test_exact_along_a_parallel_for_polynomials_of_longitude(lon, accuracy):
    p = np.polynomial.Polynomial(FACTORS[: accuracy + 1])
    globe = Globe("region", np.array([-50.0, 0.0, 30.0, 70.0]), lon)
    # longitude counted on from the first point, through any jump
    s = np.deg2rad((lon - lon[0] + 180) % 360 - 180)[np.newaxis, :]
    result = xn.derivative(
        labelled(p(s) + 0 * globe.phi, globe), "longitude", accuracy=accuracy
    )
    exact = p.deriv()(s) / (SPHERE_M * np.cos(globe.phi))
    np.testing.assert_allclose(
        numbers(result, "K/m"), exact, rtol=1e-11, atol=1e-11 * np.abs(exact).max()
    )


def test_one_degree_more_is_not_exact():
    """Else the tests above would test polynomials that everybody gets right."""
    s = POSITIONS["uneven"]
    for accuracy in (2, 4, 6):
        p = np.polynomial.Polynomial.basis(accuracy + 1)
        t = xr.DataArray(
            p(s), dims="x", coords={"x": ("x", s, {"units": "m"})}, attrs={"units": "K"}
        )
        result = numbers(xn.derivative(t, "x", accuracy=accuracy), "K/m")
        assert np.abs(result - p.deriv()(s)).max() > 1e-6


@pytest.mark.parametrize("edge_order", [1, 2, 4, 6])
def test_edge_order_sets_the_degree_that_the_ends_get_right(edge_order):
    s = POSITIONS["uneven"]
    for degree, exact in ((edge_order, True), (edge_order + 1, False)):
        p = np.polynomial.Polynomial.basis(degree)
        t = xr.DataArray(
            p(s), dims="x", coords={"x": ("x", s, {"units": "m"})}, attrs={"units": "K"}
        )
        got = numbers(xn.derivative(t, "x", edge_order=edge_order), "K/m")
        error = np.abs(got - p.deriv()(s))[[0, -1]]
        assert (error.max() < 1e-11) == exact


@pytest.mark.parametrize("levels", [[1000, 925, 850, 700, 500, 300, 200, 100.0]])
def test_the_vertical_is_right_on_standard_levels_whichever_way_they_run(levels):
    """T = a + b p + c p² has dT/dp = b + 2 c p, edges included, in K/hPa."""
    for way in (1, -1):
        p = np.array(levels)[::way]
        t = xr.DataArray(
            200 + 0.08 * p + 1e-5 * p**2,
            dims="level",
            coords={"level": ("level", p, {"units": "hPa", "positive": "down"})},
            attrs={"units": "K"},
        )
        got = numbers(xn.derivative(t, "level"), "K/hPa")
        np.testing.assert_allclose(got, 0.08 + 2e-5 * p, rtol=1e-12, atol=1e-15)
