"""What fits say of points and leave of fields, and which cells are significant."""

from __future__ import annotations

import numpy as np
import pint
import pytest
import xarray as xr
from descent.cells_making import monthly, plain, with_gaps
from scipy.signal import detrend as scipys_detrend
from scipy.stats import false_discovery_control

from xnabla.descent import (
    detrend,
    field_significance,
    fit_model,
    harmonic_fit,
    predict,
    regress,
    theil_sen,
    trend,
)
from xnabla.errors import FieldError, OptionError
from xnabla.labels import dequantify

RANDOM = np.random.default_rng(21)
Q = pint.get_application_registry().Quantity


@pytest.fixture(scope="module")
def field():
    values = 15 + RANDOM.normal(size=(48, 2, 3)) + 0.05 * np.arange(48)[:, None, None]
    return monthly(values, units="degC")


@pytest.mark.parametrize("fit", [trend, theil_sen])
def test_a_line_is_predicted_at_its_own_times_and_beyond(field, fit):
    found = fit(field)
    guess = predict(found, field)
    assert guess.dims == field.dims
    assert str(guess.data.units) == "degree_Celsius"
    later = xr.date_range("1990-01-01", periods=2, freq="YS")
    ahead = predict(found, xr.DataArray(later, dims="time", coords={"time": later}))
    days = (later[1] - later[0]).days
    step = plain(ahead)[1] - plain(ahead)[0]
    span = found.attrs["days_per_year"] * 10
    np.testing.assert_allclose(step, plain(found.slope) * days / span, rtol=1e-9)


def test_the_residual_of_a_trend_is_scipys(field):
    left = detrend(field)
    assert str(left.data.units) == "kelvin"
    np.testing.assert_allclose(
        plain(detrend(even(field))), scipys_detrend(field.values, axis=0), atol=1e-10
    )
    kept = detrend(field, keep_mean=True)
    assert str(kept.data.units) == "degree_Celsius"
    np.testing.assert_allclose(
        plain(kept).mean(axis=0), field.values.mean(axis=0), atol=1e-4
    )
    np.testing.assert_allclose(plain(trend(dequantify(left)).slope), 0, atol=1e-9)


def even(field):
    """The same field at even times, as scipy has them."""
    return field.assign_coords(time=("time", np.arange(48.0), {"units": "days"}))


def test_harmonics_and_their_residual_add_up(field):
    fit = harmonic_fit(field, n=2)
    whole = plain(predict(fit, field)) + plain(detrend(field, fit))
    np.testing.assert_allclose(whole, field.values, rtol=1e-10)
    np.testing.assert_allclose(
        (plain(detrend(field, fit)) ** 2).sum(axis=0), plain(fit.cost), rtol=1e-9
    )


def test_a_regression_is_predicted_from_its_predictors(field):
    x = xr.DataArray(RANDOM.normal(size=48) + 1000, dims="time", attrs={"units": "hPa"})
    fit = regress(field, {"slp": x})
    guess = plain(predict(fit, {"slp": x}))
    left = field.values - guess.reshape(field.shape)
    np.testing.assert_allclose((left**2).sum(axis=0), plain(fit.cost), rtol=1e-8)
    pascal = (x * 100).assign_attrs(units="Pa")
    np.testing.assert_allclose(plain(predict(fit, {"slp": pascal})), guess, rtol=1e-10)
    with pytest.raises(OptionError, match="Predictor 'slp' is missing"):
        predict(fit, {"other": x})


def test_a_model_is_predicted_by_its_function(field):
    def line(t, a, b):
        return a + b * t

    fit = fit_model(field, line, params={"a": Q(10, "degC"), "b": Q(0.0, "K/day")})
    guess = predict(fit, field, model=line)
    np.testing.assert_allclose(
        plain(guess), plain(predict(trend(field), field)), rtol=1e-7
    )
    with pytest.raises(OptionError, match="does not hold its model"):
        predict(fit, field)


@pytest.mark.parametrize("kind", ["trend", "theil_sen", "harmonic_fit", "regress"])
def test_a_fit_that_was_written_to_a_file_predicts_the_same(field, kind, tmp_path):
    x = xr.DataArray(RANDOM.normal(size=48), dims="time", attrs={"units": "hPa"})
    fit = {
        "trend": lambda: trend(field),
        "theil_sen": lambda: theil_sen(field),
        "harmonic_fit": lambda: harmonic_fit(field),
        "regress": lambda: regress(field, {"slp": x}),
    }[kind]()
    dequantify(fit).to_netcdf(tmp_path / "fit.nc")
    at = {"slp": x} if kind == "regress" else field
    with xr.open_dataset(tmp_path / "fit.nc") as again:
        np.testing.assert_allclose(
            plain(predict(again, at)), plain(predict(fit, at)), rtol=1e-9
        )


def test_calendars_are_not_mixed(field):
    fit = trend(field)
    other = field.convert_calendar("noleap")
    with pytest.raises(OptionError, match="different calendars"):
        predict(fit, other)
    with pytest.raises(FieldError, match="This is no fit"):
        predict(field, field)


def test_missing_cells_stay_missing(field):
    gappy = with_gaps(RANDOM, field, 0.2)
    gappy[:, 0, 0] = np.nan
    left = detrend(gappy)
    assert np.isnan(plain(left)[:, 0, 0]).all()
    np.testing.assert_array_equal(np.isnan(plain(left)), np.isnan(gappy.values))


@pytest.mark.parametrize("alpha", [0.01, 0.05, 0.2])
def test_false_discoveries_are_controlled_as_scipy_does(alpha):
    p = np.concatenate([RANDOM.uniform(size=300), RANDOM.uniform(0, 1e-3, size=60)])
    ours = field_significance(xr.DataArray(p, dims="cell"), alpha)
    np.testing.assert_array_equal(ours.values, false_discovery_control(p) <= alpha)


def test_of_true_null_hypotheses_hardly_a_map_has_a_dot():
    random = np.random.default_rng(9)
    maps = [random.uniform(size=500) for _ in range(300)]
    dotted = [field_significance(xr.DataArray(p, dims="x")).values.any() for p in maps]
    assert np.mean(dotted) < 0.08
    plainly = [
        field_significance(xr.DataArray(p, dims="x"), method="none").values.any()
        for p in maps
    ]
    assert np.mean(plainly) > 0.95


def test_a_map_without_a_test_has_no_dot():
    nothing = field_significance(xr.DataArray([np.nan, np.nan], dims="x"))
    assert not nothing.values.any()
    with pytest.raises(FieldError, match="holds no p-values"):
        field_significance(xr.DataArray([0.5, 3.0], dims="x", name="slope"))
    with pytest.raises(FieldError, match="map of p-values"):
        field_significance(xr.Dataset({"a_pvalue": ("x", [0.1])}))
