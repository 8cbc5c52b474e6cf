"""Units that descents and propagated uncertainties once stumbled over."""

from __future__ import annotations

import numpy as np
import pint
import pytest
import xarray as xr

from xnabla.descent import derivative_of, descend, propagate_uncertainty
from xnabla.errors import OptionError, UnitsError

Q = pint.get_application_registry().Quantity


def one_step(unit):
    """One step of gradient descent to 5 K from 0, in a unit."""
    return descend(
        lambda t: (t - Q(5, "K")) ** 2,
        Q(0.0, unit),
        method="gd",
        learning_rate=0.1,
        max_iterations=1,
    )


@pytest.mark.filterwarnings("ignore:.*not converged")
def test_a_degree_fahrenheit_is_five_ninths_of_a_kelvin():
    ours, kelvin = one_step("delta_degF"), one_step("K")
    for name in ("solution", "gradient_norm"):
        np.testing.assert_allclose(
            ours[name].data.to(kelvin[name].data.units).magnitude,
            kelvin[name].data.magnitude,
            rtol=1e-12,
        )


@pytest.mark.parametrize("method", ["bb", "newton", "lbfgs"])
def test_a_temperature_in_degrees_fahrenheit_descends(method):
    found = descend(lambda t: (t - Q(285.15, "K")) ** 2, Q(0.0, "degF"), method=method)
    assert found.converged
    np.testing.assert_allclose(found.solution.data.magnitude, 53.6, atol=1e-6)
    assert str(found.gradient_norm.data.units) == "kelvin"
    field = xr.DataArray([0.0, 10.0], dims="x", attrs={"units": "degF"})
    if method != "lbfgs":
        cells = descend(
            lambda t: (t - Q(285.15, "K")) ** 2, field, cells=True, method=method
        )
        np.testing.assert_allclose(cells.solution.data.magnitude, 53.6, atol=1e-6)


def test_a_rate_of_the_wrong_unit_is_told_the_right_one():
    with pytest.raises(UnitsError, match=r"Expected a unit like 'K2'; got 0.1 second"):
        descend(lambda x: (x / Q(1, "K")) ** 2, Q(1.0, "K"), learning_rate=Q(0.1, "s"))


def density(p, T):
    return p / (Q(287.05, "J/kg/K") * T)


WARM = {"p": Q(1000.0, "hPa"), "T": Q(15.0, "degC")}


def test_a_product_with_celsius_is_told_to_take_kelvin(monkeypatch):
    # metpy's registry, where it is in use, makes kelvin of it by itself
    registry = Q(1.0, "K")._REGISTRY
    monkeypatch.setattr(registry, "autoconvert_offset_to_baseunit", False)
    sentence = r"'T' in 'degC'.*at=\{\*\*at, 'T': T.to\('K'\)\}"
    with pytest.raises(UnitsError, match=sentence):
        propagate_uncertainty(density, WARM, {"T": Q(0.5, "K")})
    sympy = pytest.importorskip("sympy")
    p, t = sympy.symbols("p T")
    with pytest.raises(UnitsError, match=sentence):
        propagate_uncertainty(p / t, WARM, {"T": Q(0.5, "K")}, method="sympy")
    with pytest.raises(UnitsError, match=r"at=x.to\('K'\)"):
        derivative_of(lambda x: 2 * x * x, Q(15.0, "degC"))


def test_an_uncertainty_of_no_argument_is_named():
    at = {**WARM, "T": Q(288.0, "K")}
    with pytest.raises(OptionError, match=r"sigma= names 'q'.*one of 'p', 'T'"):
        propagate_uncertainty(density, at, {"q": Q(1.0, "K")})
