"""Wrong inputs of fits: each is told in one sentence, with what to type."""

from __future__ import annotations

import math

import numpy as np
import pint
import pytest
import xarray as xr
from descent.cells_making import monthly

from xnabla.descent import fit_model, harmonic_fit, regress, theil_sen, trend
from xnabla.errors import FieldError, GridError, OptionError, UnitsError

RANDOM = np.random.default_rng(31)
Q = pint.get_application_registry().Quantity


@pytest.fixture
def field():
    return monthly(RANDOM.normal(size=(40, 3)))


def index(values=None, units="hPa"):
    values = RANDOM.normal(size=40) if values is None else values
    return xr.DataArray(values, dims="time", attrs={"units": units})


FITS = [trend, theil_sen, harmonic_fit]


@pytest.mark.parametrize("fit", FITS)
def test_a_field_must_be_labelled_with_units_and_times(field, fit):
    with pytest.raises(UnitsError, match="no units"):
        fit(field.drop_attrs())
    with pytest.raises(FieldError, match="labelled fields"):
        fit(field.to_dataset())
    with pytest.raises(GridError, match="no dimension 'height'"):
        fit(field, "height")
    with pytest.raises(GridError, match="no coordinate to count along"):
        fit(field.drop_vars("time"))
    with pytest.raises(GridError, match="has no points"):
        fit(field.isel(time=slice(0, 0)))
    with pytest.raises(FieldError, match="complex"):
        fit(field * 1j + field)
    with pytest.raises(FieldError, match="holds text"):
        fit(field.astype(str).assign_attrs(units="K"))


@pytest.mark.parametrize("fit", FITS)
def test_times_must_be_whole_and_go_one_way(field, fit):
    times = field.time.values.copy()
    times[3] = times[4]
    with pytest.raises(GridError, match="time"):
        fit(field.assign_coords(time=times))
    times[3] = np.datetime64("NaT")
    with pytest.raises(GridError, match="is missing at index 3"):
        fit(field.assign_coords(time=times))
    numbers = ("time", np.arange(40.0), {"units": "days since 2000-01-01"})
    with pytest.raises(GridError, match="has not been decoded"):
        fit(field.assign_coords(time=numbers))


def test_integers_are_numbers_too(field):
    whole = (100 * field).astype(int).assign_attrs(units="K")
    assert trend(whole).slope.dtype == np.float64


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"se": "ar2"}, r"se='ar2' is unknown.*'ols', 'ar1', 'hac'"),
        ({"method": "gradient"}, r"method='gradient' is unknown.*'gd'"),
        ({"per": "kelvin"}, r"per='kelvin' is no length along 'time'"),
        ({"confidence": 95}, r"confidence=95 is no level.*confidence=0.95"),
        ({"confidence": "high"}, r"confidence='high' is no number"),
        ({"min_valid": 0}, r"min_valid=0 cannot be"),
        ({"min_valid": 2.5}, r"min_valid=2.5 cannot be"),
        ({"lags": 3}, r"lags=3 says nothing with se='ar1'"),
        ({"se": "hac", "lags": -1}, r"lags=-1 cannot be"),
        ({"weights": [1.0, 2.0]}, r"weights does not fit the field.*40 numbers"),
        ({"weights": -np.ones(40)}, r"40 weights cannot be.*got -1"),
        ({"weights": np.full(40, np.nan)}, r"40 weights cannot be.*got nan"),
    ],
)
def test_options_that_cannot_be(field, options, sentence):
    with pytest.raises(OptionError, match="(?i)" + sentence):
        trend(field, **options)


def test_series_that_are_too_short(field):
    with pytest.raises(OptionError, match=r"2 points along 'time' are too few for 2"):
        trend(field.isel(time=slice(0, 2)))
    with pytest.raises(OptionError, match="too few"):
        harmonic_fit(field.isel(time=slice(0, 6)))


def test_harmonics_the_times_cannot_tell(field):
    with pytest.raises(OptionError, match=r"n=0 cannot be"):
        harmonic_fit(field, n=0)
    even = xr.DataArray(
        RANDOM.normal(size=40),
        dims="time",
        coords={"time": ("time", np.arange(40.0), {"units": "days"})},
        attrs={"units": "K"},
    )
    with pytest.raises(OptionError, match=r"too coarse for harmonic 2: .*Try: n=1"):
        harmonic_fit(even, n=3, period="4 days")
    with pytest.raises(OptionError, match=r"period='5 metres' is no length"):
        harmonic_fit(field, period="5 metres")


def test_predictors_that_make_up_one_another_are_named(field):
    a, b = index(), index()
    total = (2 * a - b + 5).assign_attrs(units="hPa")
    with pytest.raises(
        OptionError, match="'c' cannot be told apart from the constant and 'a' and 'b'"
    ):
        regress(field, {"a": a, "b": b, "c": total})
    with pytest.raises(
        OptionError, match="'flat' cannot be told apart from the constant"
    ):
        regress(field, {"flat": index(np.full(40, 3.0))})
    with pytest.raises(
        OptionError, match="'zero' cannot be told apart from a column of zeros"
    ):
        regress(field, {"zero": index(np.zeros(40))})


def test_predictors_must_lie_on_the_points_of_the_field(field):
    with pytest.raises(OptionError, match=r"different points along 'time'.*align"):
        regress(field, {"a": index()[:30]})
    shifted = index().assign_coords(time=field.time + np.timedelta64(1, "D"))
    with pytest.raises(OptionError, match="other values of the coordinate"):
        regress(field, {"a": shifted})
    with pytest.raises(OptionError, match="does not vary along 'time'"):
        regress(field, {"a": xr.DataArray(1.0, attrs={"units": "1"})})
    with pytest.raises(OptionError, match="dimension that the field has not"):
        regress(field, {"a": index().expand_dims(member=2)})


def test_predictors_must_be_labelled_and_have_names(field):
    with pytest.raises(FieldError, match="Predictor 'a' is no labelled field"):
        regress(field, {"a": np.arange(40.0)})
    with pytest.raises(UnitsError, match="no units"):
        regress(field, {"a": index().drop_attrs()})
    with pytest.raises(OptionError, match="no predictors"):
        regress(field, {})
    with pytest.raises(OptionError, match="The predictor has no name"):
        regress(field, index())
    with pytest.raises(OptionError, match="called 'cost' would hide"):
        regress(field, {"cost": index()})
    with pytest.raises(OptionError, match="ridge=-1 would reward"):
        regress(field, {"a": index()}, ridge=-1)


def test_a_fit_through_a_zero_that_is_none(field):
    warm = field.assign_attrs(units="degC")
    with pytest.raises(UnitsError, match="no zero of the quantity"):
        regress(warm, {"a": index()}, intercept=False)


def decay(t, a, tau):
    return a * np.exp(-t / tau)


GUESS = {"a": Q(1.0, "K"), "tau": Q(100, "day")}


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"params": {}}, "no parameters to fit"),
        (
            {"params": {**GUESS, "tau": Q(np.nan, "day")}},
            "first guess of 'tau' is not finite",
        ),
        ({"params": {**GUESS, "a": "one"}}, "first guess of 'a' is no number"),
        ({"params": {"status": 1.0}}, "called 'status' would hide"),
        (
            {"bounds": {"b": (0, 1)}},
            "bounds= names 'b', which is no parameter.*'a', 'tau'",
        ),
        ({"bounds": {"a": 3}}, "bounds of 'a' are no pair"),
        ({"bounds": {"a": (Q(3, "K"), Q(2, "K"))}}, "upside down"),
        ({"bounds": {"a": (Q(3, "K"), None)}}, "lies outside its bounds"),
        ({"loss": "cauchy"}, "loss='cauchy' is unknown"),
        ({"scale": Q(1, "K")}, "scale= says nothing"),
        ({"loss": "huber", "scale": Q(-1, "K")}, "no size of a residual"),
        ({"max_iterations": 0}, "max_iterations=0 cannot be"),
        ({"gtol": "small"}, "gtol='small' is no number"),
        ({"method": "adam"}, "method='adam' is unknown"),
    ],
)
def test_options_of_models_that_cannot_be(field, options, sentence):
    with pytest.raises(OptionError, match=sentence):
        fit_model(field, decay, **{"params": GUESS, **options})


def test_units_of_models_must_add_up(field):
    with pytest.raises(UnitsError, match="units of the model do not add up"):
        fit_model(field, decay, params={"a": Q(1, "K"), "tau": 30.0})
    with pytest.raises(UnitsError, match="model does not give"):
        fit_model(field, decay, params={"a": Q(1, "hPa"), "tau": Q(1, "day")})
    with pytest.raises(UnitsError, match="bounds of 'tau' do not fit"):
        fit_model(field, decay, params=GUESS, bounds={"tau": (Q(1, "K"), None)})


def test_models_must_take_arrays(field):
    def branching(t, a, tau):
        return a if t > tau else 0.0

    with pytest.raises(
        OptionError, match=r"cannot be called with arrays: ValueError.*numpy\.where"
    ):
        fit_model(field, branching, params=GUESS)
    with pytest.raises(OptionError, match="cannot be called with arrays: TypeError"):
        fit_model(field, lambda t, a, tau: a * math.exp(-t / tau), params=GUESS)
    with pytest.raises(OptionError, match="does not broadcast over cells"):
        fit_model(field, lambda t, a, tau: np.zeros(7) * a.ravel()[0], params=GUESS)
    with pytest.raises(OptionError, match="no number anywhere at the first guess"):
        fit_model(field, lambda t, a, tau: a * np.log(-1 - t / tau), params=GUESS)
    with pytest.raises(OptionError, match="is no function"):
        fit_model(field, "a * t", params=GUESS)
    with pytest.raises(OptionError, match="derivative for each parameter"):
        fit_model(field, decay, params=GUESS, jac=lambda t, a, tau: (t,))


def test_points_that_come_twice_have_no_slope_between_them():
    field = xr.DataArray(
        [1.0, 2.0, 3.0, 4.0],
        dims="x",
        coords={"x": ("x", [0.0, 1.0, 1.0, 2.0], {"units": "m"})},
        attrs={"units": "K"},
    )
    with pytest.raises(OptionError, match="has points twice"):
        theil_sen(field, "x")
    assert bool(trend(field, "x").converged)
