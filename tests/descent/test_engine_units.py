"""The unit a number comes in changes neither the path nor the answer."""

import numpy as np
import pint
import pytest
import xarray as xr

from xnabla.descent.engine import check_gradient, descend
from xnabla.errors import OptionError, UnitsError

Q = pint.get_application_registry().Quantity

PRESSURE = Q(np.array([1001.0, 1013.0, 1020.0, 1009.0]), "hPa")
HEIGHT = Q(np.array([0.0, 8.0, 12.0, 5.0]), "km")


def misfit(p):
    """A line of pressure over height: parameters of two different units."""
    return ((PRESSURE - p["level"] - p["slope"] * HEIGHT) ** 2).mean()


EXACT = np.polynomial.polynomial.polyfit(HEIGHT.magnitude, PRESSURE.magnitude, 1)


@pytest.mark.parametrize("method", ["gd", "momentum", "nesterov", "bb", "newton"])
def test_pascals_and_hectopascals_take_the_same_iterations(method):
    def found(pressure, height):
        x0 = {
            "level": Q(1000.0, "hPa").to(pressure),
            "slope": Q(0.1, "hPa/km").to(f"{pressure}/{height}"),
        }
        return descend(misfit, x0, method=method)

    one, other = found("hPa", "km"), found("Pa", "m")
    assert int(one.n_iterations) == int(other.n_iterations)
    assert bool(one.converged)
    assert str(other.slope.data.units) == "pascal / meter"
    for result in (one, other):
        level = result.level.data.to("hPa").magnitude
        slope = result.slope.data.to("hPa/km").magnitude
        np.testing.assert_allclose([level, slope], EXACT, rtol=1e-6)
    same = other.level.data.to("hPa").magnitude
    np.testing.assert_allclose(one.level.data.magnitude, same, rtol=1e-9)


@pytest.mark.parametrize("method", ["gd", "bb", "adam", "newton"])
def test_kelvin_and_celsius_take_the_same_iterations(method):
    goal = Q(12.0, "degC")

    def cost(t):
        return ((t.to("K") - goal.to("K")) ** 2 / Q(1.0, "K**2")) ** 2

    one = descend(cost, Q(280.0, "K"), method=method)
    other = descend(cost, Q(280.0, "K").to("degC"), method=method)
    assert abs(int(one.n_iterations) - int(other.n_iterations)) <= 1
    assert str(other.solution.data.units) == "degree_Celsius"
    assert other.solution.data.magnitude == pytest.approx(12.0, abs=0.01)
    assert one.solution.data.to("degC").magnitude == pytest.approx(12.0, abs=0.01)


def test_the_unit_of_the_cost_changes_nothing():
    one = descend(misfit, start(), method="gd")
    other = descend(lambda p: misfit(p).to("Pa^2"), start(), method="gd")
    assert int(one.n_iterations) == int(other.n_iterations)
    assert str(other.cost.data.units) == "pascal ** 2"
    ratio = other.cost.data.to("hPa^2").magnitude / one.cost.data.magnitude
    assert ratio == pytest.approx(1.0, abs=1e-9)


def start():
    return {"level": Q(1000.0, "hPa"), "slope": Q(0.1, "hPa/km")}


def test_a_raw_rate_carries_its_unit_and_goes_as_theory_says():
    """(x - 3 K)² at a rate α: the way is multiplied by 1 - 2 α."""

    def cost(t):
        return (t - Q(3.0, "K")) ** 2 * Q(2.0, "J/K**2")

    found = descend(
        cost,
        Q(10.0, "K"),
        method="gd",
        learning_rate=Q(100.0, "K**2/kJ"),
        history="cells",
    )
    distance = 7.0 * 0.6 ** np.arange(len(found.iteration))
    np.testing.assert_allclose(
        found.cost_history.data.magnitude, 2 * distance**2, atol=1e-12
    )
    assert found.attrs["standardized"] == "true"


def test_raw_rates_of_their_own_for_mixed_units():
    found = descend(
        misfit,
        start(),
        method="gd",
        learning_rate={"level": Q(0.3, ""), "slope": Q(0.005, "km**-2")},
        max_iterations=3000,
    )
    np.testing.assert_allclose(found.slope.data.magnitude, EXACT[1], rtol=1e-6)


def test_a_raw_rate_of_the_wrong_dimension_is_refused():
    with pytest.raises(UnitsError, match="learning_rate"):
        descend(
            lambda t: (t - Q(3.0, "K")) ** 2,
            Q(10.0, "K"),
            method="gd",
            learning_rate=Q(1.0, "K"),
        )


def test_a_raw_rate_without_a_unit_is_refused():
    with pytest.raises(OptionError, match=r"raw learning_rate needs a unit.*Try"):
        descend(misfit, start(), method="gd", learning_rate=0.1, standardize=False)


def test_sizes_may_be_given():
    sizes = {"level": Q(5.0, "hPa"), "slope": Q(1.0, "hPa/km")}
    found = descend(
        misfit, start(), method="gd", standardize=sizes, max_iterations=2000
    )
    np.testing.assert_allclose(found.level.data.magnitude, EXACT[0], rtol=1e-6)


def test_bounds_have_units_of_their_own():
    found = descend(
        lambda t: (t.to("K") - Q(290.0, "K")) ** 2,
        Q(280.0, "K"),
        bounds=(None, Q(10.0, "degC")),
        method="lbfgs",
    )
    assert found.solution.data.to("degC").magnitude == pytest.approx(10.0, abs=1e-9)


def test_a_field_with_a_units_attribute_comes_as_quantities():
    t = xr.DataArray(
        [280.0, 285.0], dims="x", attrs={"units": "K", "long_name": "air temperature"}
    )
    found = descend(lambda x: (x - Q(12.0, "degC").to("K")) ** 2, t, cells=True)
    np.testing.assert_allclose(found.solution.data.magnitude, 285.15, atol=1e-9)
    assert found.solution.attrs["long_name"] == "air temperature"
    assert t.attrs["units"] == "K"


def test_a_taylor_table_tells_a_right_gradient_from_a_wrong_one():
    def grad(p):
        rest = PRESSURE - p["level"] - p["slope"] * HEIGHT
        return {"level": -2 * rest.mean(), "slope": -2 * (rest * HEIGHT).mean()}

    def wrong(p):
        found = grad(p)
        return {**found, "slope": found["slope"] * 1.01}

    right = check_gradient(misfit, grad, start())
    assert bool(right.passed)
    clear = right.order.where(right.rest > 1e-9).isel(epsilon=slice(1, 4))
    np.testing.assert_allclose(clear, 2.0, atol=0.02)
    assert not bool(check_gradient(misfit, wrong, start()).passed)


def test_a_taylor_table_of_cells_tells_of_the_worst():
    x0 = np.array([1.0, 2.0, 3.0])

    def cost(x):
        return x**3

    right = check_gradient(cost, lambda x: 3 * x**2, x0, cells=True)
    one_wrong = check_gradient(
        cost, lambda x: 3 * x**2 + np.array([0, 1, 0]), x0, cells=True
    )
    assert bool(right.passed)
    assert int(one_wrong.n_failed) == 1


def test_a_linear_cost_has_no_rest_and_passes():
    assert bool(check_gradient(lambda x: 3 * x, lambda x: 3.0, 1.0).passed)
    assert not bool(check_gradient(lambda x: 3 * x, lambda x: 2.9, 1.0).passed)
