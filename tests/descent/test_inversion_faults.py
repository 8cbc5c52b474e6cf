"""What inversions cannot work on is told in a sentence; measures are read from text."""

import numpy as np
import pytest
import xarray as xr

from xnabla.descent.inversion import (
    analysis_2dvar,
    helmholtz,
    minimize_field,
    smooth,
)
from xnabla.errors import FieldError, GridError, OptionError, UnitsError

RANDOM = np.random.default_rng(6)


def box(ny=5, nx=6, units="K"):
    return xr.DataArray(
        RANDOM.normal(size=(ny, nx)),
        dims=("y", "x"),
        coords={
            "y": ("y", np.arange(ny) * 1.0, {"units": "km"}),
            "x": ("x", np.arange(nx) * 1.0, {"units": "km"}),
        },
        name="t",
        attrs={"units": units},
    )


def square(t):
    return float((t**2).sum())


@pytest.mark.parametrize("method", ["lbfgs", "newton-cg", "trust-constr", "gd"])
def test_a_gradient_that_is_not_finite_is_no_arrival(method):
    with pytest.raises(FieldError, match="The gradient is not finite at x0"):
        minimize_field(square, box(), gradient=lambda t: t * np.nan, method=method)


def test_a_gradient_may_be_missing_where_the_field_is():
    field = box()
    field[2, 3] = np.nan
    found = minimize_field(square, field, gradient=lambda t: 2 * t)
    assert bool(found.converged)
    assert np.isnan(found.t.data.magnitude[2, 3])
    np.testing.assert_allclose(np.nansum(found.t.data.magnitude**2), 0.0, atol=1e-12)


@pytest.mark.parametrize("cost", [np.nan, np.inf])
def test_a_cost_that_is_not_finite_is_told(cost):
    with pytest.raises(FieldError, match="The cost is not finite at x0"):
        minimize_field(lambda t: cost, box())


def test_what_is_no_cost_is_told():
    with pytest.raises(FieldError, match=r"a cost that can be called.*int"):
        minimize_field(3, box())


def test_newton_is_for_small_problems():
    found = minimize_field(square, box(3, 4), method="newton")
    assert bool(found.converged)
    with pytest.raises(OptionError, match=r"newton.*144 points.*method='lbfgs'"):
        minimize_field(square, box(12, 12), method="newton")
    known = minimize_field(
        square, box(12, 12), gradient=lambda t: 2 * t, method="newton"
    )
    assert bool(known.converged)


def test_a_wind_without_its_other_part_is_told():
    with pytest.raises(FieldError, match="v is missing"):
        helmholtz(box(units="m s-1"), None)


def test_standard_deviations_may_be_text():
    guess = box(12, 12)
    obs = guess.where((guess.x == 5) & (guess.y == 5)) + xr.full_like(guess, 2.0)
    choices = {"length_scale": "3 km"}
    plain = analysis_2dvar(obs, guess, sigma_b=1.5, sigma_o=0.5, **choices)
    told = analysis_2dvar(obs, guess, sigma_b="1.5 K", sigma_o="500 mK", **choices)
    np.testing.assert_allclose(
        told.analysis.data.magnitude, plain.analysis.data.magnitude, atol=1e-12
    )
    with pytest.raises(UnitsError, match=r"'hPa' do not fit sigma_b=.*'1 K'"):
        analysis_2dvar(obs, guess, sigma_b="1 hPa", sigma_o=1.0, **choices)
    with pytest.raises(OptionError, match="must be positive"):
        analysis_2dvar(obs, guess, sigma_b="0 K", sigma_o=1.0, **choices)


def test_a_length_in_another_unit_is_told_the_right_way_round():
    with pytest.raises(UnitsError) as told:
        smooth(box(), length_scale="3 K")
    assert "Units 'K' do not fit length_scale=" in str(told.value)
    assert "Try: length_scale='300 km'" in str(told.value)


def test_an_empty_field_is_called_empty():
    with pytest.raises(GridError, match="is empty"):
        smooth(box()[:0], length_scale="3 km")
    with pytest.raises(GridError, match="is empty"):
        helmholtz(box(units="m s-1")[:, :0], box(units="m s-1")[:, :0])
