"""Derivatives of functions with units against closed forms and sympy."""

import numpy as np
import pint
import pytest
import sympy
import xarray as xr

from xnabla.descent._status import Status
from xnabla.descent.callables import derivative_of, gradient_of, hessian_of
from xnabla.errors import FieldError, OptionError, UnitsError

Q = pint.get_application_registry().Quantity
CELSIUS = np.linspace(-40.0, 40.0, 9)


def vapour_pressure(T):
    """Bolton (1980), of a temperature in any unit, with or without labels."""
    quantity = T.data if isinstance(T, xr.DataArray) else T
    c = quantity.to("K").magnitude - 273.15
    made = Q(6.112 * np.exp(17.67 * c / (c + 243.5)), "hPa")
    return T.copy(data=made) if isinstance(T, xr.DataArray) else made


def exact(c):
    """Its derivative in hPa K-1, by hand."""
    return 6.112 * np.exp(17.67 * c / (c + 243.5)) * 17.67 * 243.5 / (c + 243.5) ** 2


BOLTON = 6.112 * sympy.exp(17.67 * sympy.Symbol("T") / (sympy.Symbol("T") + 243.5))


@pytest.mark.parametrize("unit", ["degC", "K", "degF"])
@pytest.mark.parametrize(("method", "rtol"), [("finite", 1e-11), ("complex", 1e-14)])
def test_the_slope_of_vapour_pressure_is_per_kelvin_in_any_unit(method, rtol, unit):
    at = Q(CELSIUS, "degC").to(unit)
    found = derivative_of(vapour_pressure, at, method=method)
    slope = found.derivative.data
    assert "kelvin" in str(slope.units)
    np.testing.assert_allclose(slope.to("hPa/K").magnitude, exact(CELSIUS), rtol=rtol)
    error = found.error.data.to("hPa/K").magnitude
    assert (np.abs(slope.to("hPa/K").magnitude - exact(CELSIUS)) <= 100 * error).all()


@pytest.mark.parametrize("number", [285.0, 1e5, 1e-5, 0.5, 1e-12])
def test_a_number_of_any_size_is_differentiated_alike(number):
    """Scipy's own first step of 0.5 is far beyond 1e-5 and nothing beside 1e5."""
    found = derivative_of(lambda x: np.exp(-x / number) * x, number)
    assert int(found.status) == Status.CONVERGED_STEP
    assert float(found.derivative) == pytest.approx(0.0, abs=1e-11)
    found = derivative_of(lambda x: (x / number) ** 3, number)
    assert float(found.derivative) * number == pytest.approx(3.0, rel=1e-11)


def test_sympy_and_jax_give_the_same_unit_carrying_result():
    jnp = pytest.importorskip("jax.numpy")
    at = {"T": Q(CELSIUS, "degC")}
    by_sympy = derivative_of(BOLTON, at, value_units="hPa")
    by_jax = derivative_of(
        lambda T: 6.112 * jnp.exp(17.67 * T / (T + 243.5)),
        at,
        method="jax",
        value_units="hPa",
    )
    for found in (by_sympy, by_jax):
        assert str(found.derivative.data.units) == "hectopascal / kelvin"
        np.testing.assert_allclose(
            found.derivative.data.magnitude, exact(CELSIUS), rtol=1e-13
        )
        assert (found.status == Status.EXACT).all()
    assert by_sympy.attrs["method"] == "sympy"


def test_a_symbolic_law_is_checked_with_units():
    p, T, R = sympy.symbols("p T R")
    at = {"p": Q(1000.0, "hPa"), "T": Q(280.0, "K"), "R": Q(287.05, "J/kg/K")}
    found = gradient_of(p / (R * T), at)
    assert found.d_T.data.to("kg/m^3/K").magnitude == pytest.approx(
        -1e5 / (287.05 * 280.0**2), rel=1e-13
    )
    assert found.d_p.data.to("s^2/m^2").magnitude == pytest.approx(
        1 / (287.05 * 280.0), rel=1e-13
    )
    with pytest.raises(UnitsError, match="value_units"):
        gradient_of(p + T, at)


def test_an_expression_in_any_order_of_its_symbols_is_the_same():
    x, y = sympy.symbols("x y")
    one = derivative_of(x**2 * y, {"y": 3.0, "x": 2.0}, "x")
    other = derivative_of(x**2 * y, {"x": 2.0, "y": 3.0}, "x")
    assert float(one.derivative) == float(other.derivative) == 12.0
    assert float(one.value) == 12.0


def test_labels_are_kept_and_fields_broadcast_by_name():
    lat = xr.DataArray([10.0, 50.0], dims="lat", coords={"lat": [10.0, 50.0]})
    T = (lat + 230.0).assign_attrs(units="K")
    p = xr.DataArray([500.0, 850.0, 1000.0], dims="level", attrs={"units": "hPa"})

    def theta(T, p):
        return T * (Q(1000.0, "hPa") / p) ** 0.2854

    found = derivative_of(theta, {"T": T, "p": p}, "p", units="K/Pa")
    expected = -0.2854 * (T * (1000.0 / p) ** 0.2854 / p) / 100
    assert set(found.derivative.dims) == {"lat", "level"}
    np.testing.assert_allclose(
        found.derivative.transpose(*expected.dims).data.magnitude, expected, rtol=1e-11
    )
    assert str(found.derivative.data.units) == "kelvin / pascal"
    np.testing.assert_array_equal(found.lat, [10.0, 50.0])


def test_missing_values_stay_missing_and_are_no_failure():
    at = xr.DataArray([280.0, np.nan, 290.0], dims="x", attrs={"units": "K"})
    found = derivative_of(vapour_pressure, at)
    assert found.status.values.tolist() == [1, Status.ALL_MISSING, 1]
    assert np.isnan(found.derivative.data.magnitude[1])


def test_a_point_at_the_end_of_the_domain_says_so():
    with pytest.warns(RuntimeWarning, match="1 left_domain"):
        found = derivative_of(np.log, np.array([-1.0, 2.0]))
    assert float(found.derivative[1]) == pytest.approx(0.5, rel=1e-11)


def test_a_slope_of_nought_is_found():
    found = derivative_of(np.cos, np.array([0.0, np.pi]))
    np.testing.assert_allclose(found.derivative, [0.0, 0.0], atol=1e-11)
    assert (found.status == Status.CONVERGED_STEP).all()
    constant = derivative_of(lambda x: 3.0, np.array([1.0, 2.0]))
    np.testing.assert_allclose(constant.derivative, [0.0, 0.0], atol=1e-11)


@pytest.mark.parametrize("method", ["finite", "jax"])
def test_the_hessian_of_rosenbrock(method):
    x, y = np.array([-1.2, 0.5, 1.0]), np.array([1.0, 0.0, 1.0])
    found = hessian_of(
        lambda x, y: (1 - x) ** 2 + 100 * (y - x**2) ** 2,
        {"x": x, "y": y},
        method=method,
    )
    size = 1000.0
    np.testing.assert_allclose(found.d2_x, 2 - 400 * (y - 3 * x**2), atol=1e-8 * size)
    np.testing.assert_allclose(found.d2_x_y, -400 * x, atol=1e-8 * size)
    np.testing.assert_allclose(found.d2_y, 200.0, atol=1e-8 * size)


def test_the_second_derivative_has_the_square_of_the_unit_below():
    found = derivative_of(
        lambda t: Q(3.0, "m/s^2") * t**2 / 2, Q(4.0, "minute"), order=2
    )
    assert found.derivative.data.to("m/s^2").magnitude == pytest.approx(3.0, rel=1e-8)


def test_plain_numbers_give_plain_numbers():
    found = gradient_of(lambda x, y: x * y**2, {"x": 2.0, "y": np.array([1.0, 3.0])})
    np.testing.assert_allclose(found.d_x, [1.0, 9.0], rtol=1e-11)
    np.testing.assert_allclose(found.d_y, [4.0, 12.0], rtol=1e-11)


FAULTS = {
    "no argument named": ({"wrt": None}, OptionError, "Nothing says which argument"),
    "an unknown argument": ({"wrt": "q"}, OptionError, "no argument 'q'"),
    "an unknown method": ({"method": "magic"}, OptionError, "no method 'magic'"),
    "a third derivative": ({"order": 3}, OptionError, "order=3"),
    "a unit that does not fit": ({"units": "m"}, UnitsError, "do not fit"),
    "two complex steps": (
        {"order": 2, "method": "complex"},
        OptionError,
        "first derivatives",
    ),
    "sympy of a callable": ({"method": "sympy"}, OptionError, "sympy expression"),
    "jax with units": ({"method": "jax"}, OptionError, "value_units"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_cannot_be_is_named(fault):
    options, kind, words = FAULTS[fault]
    at = {"p": Q(1000.0, "hPa"), "T": Q(280.0, "K")}
    with pytest.raises(kind, match=words):
        derivative_of(lambda p, T: p / T, at, **{"wrt": "T", **options})


def test_a_complex_step_through_abs_is_refused():
    with pytest.raises(OptionError, match="disagrees"):
        derivative_of(np.abs, np.array([-1.0, 2.0]), method="complex")


def test_other_faults_of_a_function():
    with pytest.raises(FieldError, match="does not take these arguments"):
        derivative_of(lambda t: t, {"T": 1.0})
    with pytest.raises(UnitsError, match="cannot be computed with units"):
        derivative_of(lambda T: T + 3.0, {"T": Q(1.0, "K")})
    with pytest.raises(FieldError, match="one number for each point"):
        derivative_of(lambda x: np.ones(7), np.ones(3))
    with pytest.raises(FieldError, match="do not fit each other"):
        gradient_of(lambda x, y: x, {"x": np.ones(2), "y": np.ones(3)})
    one = xr.DataArray([1.0, 2.0], dims="x", coords={"x": [0, 1]})
    with pytest.raises(FieldError, match="different points"):
        gradient_of(lambda a, b: a, {"a": one, "b": one.assign_coords(x=[0, 2])})
    with pytest.raises(OptionError, match="no arguments"):
        gradient_of(lambda: 1.0, {})
    with pytest.raises(OptionError, match="symbol 'y' without a value"):
        derivative_of(sympy.Symbol("y") ** 2, {"x": 1.0})
