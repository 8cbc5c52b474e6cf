"""Derivatives of callables with the answers of numdifftools and of uncertainties."""

import numpy as np
import pytest

import xnabla as xn

pytestmark = pytest.mark.peer


def rosenbrock(x, y):
    return (1 - x) ** 2 + 105 * (y - x**2) ** 2


# numdifftools 0.9.41, core.py and its tests (BSD-3)
FIRST = [
    (np.exp, 0.0, 1.0),
    (np.arctan, 1.0, 0.5),
    (lambda x: x**3 + x**4, 1.0, 7.0),
    (np.cosh, 1.0, np.sinh(1.0)),
    (np.abs, 1.0, 1.0),
    (np.log, 1e-4, 1e4),
    (np.sqrt, 1e-8, 5000.0),
    (lambda x: np.sin(1e3 * x), 0.3, 1e3 * np.cos(300.0)),
    (lambda x: (x - 1) ** 7, 1.0, 0.0),
    (lambda x: np.exp(-1 / x**2), 0.1, 2e3 * np.exp(-100.0)),
]


@pytest.mark.parametrize(("function", "at", "slope"), FIRST)
def test_a_first_derivative_is_numdifftools(function, at, slope):
    found = xn.derivative_of(function, at)
    np.testing.assert_allclose(float(found.derivative), slope, rtol=1e-9, atol=1e-11)
    assert abs(float(found.derivative) - slope) <= 100 * float(found.error)
    assert float(found.error) <= max(1e-7 * abs(slope), 1e-11)


def test_the_hessian_at_rosenbrocks_minimum():
    found = xn.hessian_of(rosenbrock, {"x": 1.0, "y": 1.0})
    entries = [float(found[name]) for name in ("d2_x", "d2_x_y", "d2_y")]
    np.testing.assert_allclose(entries, [842.0, -420.0, 210.0], rtol=1e-9)
    found = xn.hessian_of(lambda x, y: np.cos(x - y), {"x": 0.0, "y": 0.0})
    entries = [float(found[name]) for name in ("d2_x", "d2_x_y", "d2_y")]
    np.testing.assert_allclose(entries, [-1.0, 1.0, -1.0], rtol=1e-8)


def test_the_gradient_at_a_minimum_of_nought_is_nought():
    """Where the value too is nought its neighbours tell what rounding spoils."""
    found = xn.gradient_of(rosenbrock, {"x": 1.0, "y": 1.0})
    np.testing.assert_allclose([found.d_x, found.d_y], 0.0, atol=1e-11)
    meanings = found.status.attrs["flag_meanings"].split()
    assert meanings[int(found.status)] == "converged_step"


@pytest.mark.parametrize("made", [xn.gradient_of, xn.hessian_of, xn.derivative_of])
@pytest.mark.parametrize(
    "function",
    [lambda v: np.cos(v[0] - v[1]), lambda v: (v**2).sum(), lambda v: v - v.mean()],
)
def test_a_function_of_a_whole_vector_is_refused(made, function):
    """numdifftools' way to write one; here each value of an array is a point."""
    with pytest.raises(xn.FieldError, match="depends on another point"):
        made(function, np.array([0.0, 0.5]))


def test_a_constant_for_all_points_is_no_such_function():
    found = xn.derivative_of(lambda x: 3.0, np.array([1.0, 2.0]))
    np.testing.assert_allclose(found.derivative, 0.0, atol=1e-11)


def test_uncertainties_own_example():
    """Its user guide: x = 0.20 +/- 0.01, x² = 0.040 +/- 0.004, and the sine of it."""
    square = xn.propagate_uncertainty(lambda x: x**2, {"x": 0.2}, {"x": 0.01})
    np.testing.assert_allclose(square.uncertainty, 0.004, rtol=1e-10)
    sine = xn.propagate_uncertainty(lambda x: np.sin(1 + x**2), {"x": 0.2}, {"x": 0.01})
    np.testing.assert_allclose(sine["value"], 0.8624042272433381, rtol=1e-14)
    np.testing.assert_allclose(sine.uncertainty, 0.004 * np.cos(1.04), rtol=1e-10)
