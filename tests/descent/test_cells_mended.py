"""What fits once let pass in silence: wrong cells, units, names, times, numbers."""

from __future__ import annotations

from contextlib import nullcontext as nothing

import numpy as np
import pint
import pytest
import xarray as xr
from descent.cells_making import monthly, plain

from xnabla.descent import (
    descend,
    detrend,
    field_significance,
    fit_model,
    harmonic_fit,
    predict,
    regress,
    theil_sen,
    trend,
)
from xnabla.errors import FieldError, OptionError, UnitsError
from xnabla.labels import dequantify
from xnabla.plot import convergence

RANDOM = np.random.default_rng(71)
Q = pint.get_application_registry().Quantity


@pytest.fixture
def field():
    return monthly(RANDOM.normal(size=(40, 2, 3)))


def index(field, units="hPa"):
    values = RANDOM.normal(size=field.sizes["time"])
    return xr.DataArray(
        values, dims="time", coords={"time": field.time}, attrs={"units": units}
    )


@pytest.mark.parametrize(
    ("other", "got"),
    [
        (lambda f: f[:, ::-1], "other values of the coordinate 'lat'"),
        (lambda f: f.assign_coords(lon=f.lon + 100), "coordinate 'lon'"),
        (lambda f: f[:, :1], "1 points beside 2 along 'lat'"),
    ],
)
def test_a_line_is_not_taken_off_another_cell(field, other, got):
    with pytest.raises(OptionError, match=rf"cells of the fit.*{got}.*reindex_like"):
        detrend(other(field), trend(field))


def test_cells_that_a_fit_has_not_are_refused(field):
    for other in (field[:, 0], field.expand_dims(member=2)):
        with pytest.raises(OptionError, match=r"cells along .*xn.detrend\(field\)"):
            detrend(other, trend(field))


def test_the_order_of_dimensions_does_not_matter_to_a_residual(field):
    turned = detrend(field.transpose("lon", "time", "lat"), trend(field))
    np.testing.assert_allclose(
        plain(turned.transpose(*field.dims)), plain(detrend(field)), atol=1e-12
    )


def test_units_of_another_quantity_are_refused(field):
    fit = trend(field)
    with pytest.raises(UnitsError, match=r"another unit.*unit like 'K'.*got 'Pa'"):
        detrend(field.assign_attrs(units="Pa"), fit)
    x = index(field)
    fit = regress(field, {"x": x})
    with pytest.raises(
        UnitsError, match=r"'x' is in another unit.*unit like 'hPa'.*got 'K'"
    ):
        predict(fit, {"x": x.assign_attrs(units="K")})


def test_a_residual_in_degrees_celsius_of_a_fit_in_kelvin(field):
    warm = (field + 280).assign_attrs(units="K")
    celsius = (warm - 273.15).assign_attrs(units="degC")
    np.testing.assert_allclose(
        plain(detrend(celsius, trend(warm))), plain(detrend(warm)), atol=1e-10
    )


def test_predictors_of_different_times_are_not_joined(field):
    a, b = index(field), index(field)
    fit = regress(field, {"a": a, "b": b})
    with pytest.raises(OptionError, match=r"different points.*dropped silently"):
        predict(fit, {"a": a[:10], "b": b[5:20]})
    assert predict(fit, {"a": a[:10], "b": b[:10]}).sizes["time"] == 10


def test_a_predictor_may_have_a_space_in_its_name(field):
    x = index(field)
    spaced, short = regress(field, {"wind speed": x}), regress(field, {"x": x})
    np.testing.assert_array_equal(
        plain(predict(spaced, {"wind speed": x})), plain(predict(short, {"x": x}))
    )


def test_a_bare_date_is_told_how_to_become_points(field):
    with pytest.raises(FieldError, match=r"predict\(fit, xarray.DataArray"):
        predict(trend(field), np.datetime64("2000-01-01"))
    with pytest.raises(FieldError, match=r"predict\(fit, dataset\['time'\]\)"):
        predict(trend(field), field.to_dataset())


def line(x, a, b):
    return a + b * x


LINE = {"a": Q(1.0, "K"), "b": Q(1.0, "K/year")}


@pytest.mark.parametrize("name", ["lon", "time_stderr", "cost_history"])
def test_two_things_of_a_result_never_share_a_name(field, name):
    x, y = index(field), index(field)
    named = {name: x, "time": y} if name == "time_stderr" else {name: x}
    with pytest.raises(OptionError, match=rf"{name}"):
        regress(field, named)


def test_a_parameter_does_not_hide_a_coordinate_or_an_error(field):
    with pytest.raises(OptionError, match="two things called 'lat'"):
        fit_model(
            field,
            lambda x, lat, b: lat + b * x,
            params={"lat": LINE["a"], "b": LINE["b"]},
        )
    with pytest.raises(OptionError, match="two things called 'a_stderr'"):
        fit_model(
            field,
            lambda x, a, a_stderr: a + a_stderr * x,
            params={"a": LINE["a"], "a_stderr": LINE["b"]},
        )


@pytest.mark.parametrize("lazy", [False, True])
@pytest.mark.parametrize(
    "fit",
    [
        theil_sen,
        trend,
        lambda f: fit_model(f, line, params=LINE),
        lambda f: regress(f, {"x": index(f)}),
    ],
)
def test_infinite_values_are_refused_by_every_fit(field, fit, lazy):
    field[3, 0, 0] = np.inf
    field = field.chunk(lat=1) if lazy else field
    with pytest.raises(FieldError, match="holds 1 infinite values"):
        dequantify(fit(field)).compute()


@pytest.mark.parametrize("of_cells", [False, True])
def test_an_infinite_predictor_is_refused(field, of_cells):
    x = index(field)
    x[3] = np.inf
    if of_cells:
        x = (x * xr.ones_like(field)).assign_attrs(units="hPa")
    with pytest.raises(FieldError, match=r"Predictor 'x' holds \d infinite"):
        regress(field, {"x": x})
    if of_cells:
        with pytest.raises(FieldError, match=r"predictor holds \d infinite"):
            dequantify(regress(field.chunk(lat=1), {"x": x.chunk(lat=1)})).compute()


@pytest.mark.parametrize("fit", [theil_sen, lambda f: fit_model(f, line, params=LINE)])
def test_the_cost_of_all_cells_leaves_out_missing_ones(field, fit):
    field[:, 0, 0] = np.nan
    lazy, eager = fit(field.chunk(lat=1)).cost_history, fit(field).cost_history
    assert lazy.shape == (1,)
    np.testing.assert_allclose(plain(lazy.compute())[-1], plain(eager)[-1], rtol=1e-9)


def test_complex_numbers_do_not_lose_a_part(field):
    x = index(field)
    with pytest.raises(OptionError, match="Predictor 'x' holds complex numbers"):
        regress(field, {"x": (x + 1j).assign_attrs(units="hPa")})
    with pytest.raises(OptionError, match=r"weights holds? complex numbers"):
        trend(field, weights=np.ones(40) + 1j)
    with pytest.raises(OptionError, match=r"weights holds? no numbers"):
        trend(field, weights=["much"] * 40)
    with pytest.raises(OptionError, match="first guess of 'a' is no real number"):
        fit_model(field, line, params={**LINE, "a": Q(1 + 1j, "K")})


@pytest.mark.parametrize("text", ["-10 years", "0 years", "inf years", "-3 days"])
def test_a_length_to_count_per_is_more_than_nothing(field, text):
    with pytest.raises(OptionError, match=rf"per='{text}' is no length"):
        trend(field, per=text)
    with pytest.raises(OptionError, match=rf"period='{text}' is no length"):
        harmonic_fit(field, period=text)


@pytest.mark.parametrize("wrong", [-1.0, np.inf, np.nan])
def test_lazy_weights_are_looked_at_too(field, wrong):
    weights = xr.ones_like(field).drop_attrs()
    weights[2, 1, 1] = wrong
    with pytest.raises(OptionError, match="1 weights cannot be"):
        dequantify(trend(field.chunk(lat=1), weights=weights.chunk(lat=1))).compute()


def test_a_year_that_is_not_of_365_days_and_a_quarter_says_so(field):
    short = field.convert_calendar("360_day", align_on="date")
    fit = trend(short)
    for name in ("slope", "slope_stderr", "ci_low", "ci_high"):
        assert fit[name].attrs["comment"] == "year of 360 days"
    assert "comment" not in trend(field).slope.attrs
    assert "comment" not in trend(short, per="day").slope.attrs


@pytest.mark.parametrize("se", ["ols", "ar1", "hac"])
@pytest.mark.parametrize("chunks", [None, {"time": 10}])
def test_numbers_whose_squares_vanish_are_no_certainty(field, se, chunks):
    tiny = (field * 1e-162).assign_attrs(units="K")
    tiny[:, 0, 0] = 0.0
    tiny = tiny.chunk(chunks) if chunks else tiny
    with (
        pytest.warns(RuntimeWarning, match="diverged") if chunks is None else nothing()
    ):
        fit = dequantify(trend(tiny, se=se)).compute()
    assert not fit.converged[1:].any()
    assert np.isnan(plain(fit.slope_stderr)[1:]).all()
    assert bool(fit.converged[0, 0])
    small = trend((field * 1e-100).assign_attrs(units="K"), se=se)
    np.testing.assert_allclose(
        plain(small.pvalue), plain(trend(field, se=se).pvalue), rtol=1e-6
    )


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "method", ["gd", "momentum", "nesterov", "bb", "adam", "newton", "lm"]
)
@pytest.mark.parametrize("cost", [lambda x: x, lambda x: -(x**2)])
def test_a_cost_without_a_bottom_has_no_answer(method, cost):
    assert not descend(cost, 0.1, method=method).converged


def test_a_harmonic_that_the_times_cannot_tell_says_how_many_they_can():
    even = xr.DataArray(
        RANDOM.normal(size=40),
        dims="time",
        coords={"time": ("time", np.arange(40.0), {"units": "days"})},
        attrs={"units": "K"},
    )
    with pytest.raises(OptionError, match=r"too coarse for harmonic 2: .*Try: n=1"):
        harmonic_fit(even, n=2, period="4 days")
    with pytest.raises(OptionError, match=r"too coarse for harmonic 1: .*period="):
        harmonic_fit(even, n=1, period="1 day")
    six = even.assign_coords(time=xr.date_range("2000-01-03T06", periods=40, freq="D"))
    with pytest.raises(OptionError, match="too coarse for harmonic 1"):
        harmonic_fit(six, n=1, period="1 day")


def test_what_is_wrong_is_called_by_its_name(field):
    with pytest.raises(UnitsError, match=r"'soi'.* has no units"):
        regress(field, {"soi": index(field).drop_attrs()})
    with pytest.raises(FieldError, match=r"^(?!.*None).*holds no p-values"):
        field_significance(xr.DataArray([0.5, 3.0], dims="x"))


def test_one_curve_is_drawn_of_a_fit_in_cells(field):
    figure = convergence(trend(field))
    (axes,) = figure.axes
    assert axes.get_xlabel() == "Iteration"
    assert "100.0% of the cells" in figure.get_suptitle()
    (line,) = convergence(theil_sen(field)).axes[0].get_lines()
    assert line.get_marker() == "o"
    both = convergence({"line": trend(field), "gd": trend(field, method="gd")})
    assert len(both.axes[0].get_lines()) == 2


@pytest.mark.parametrize("weighted", [False, True])
def test_a_model_of_numbers_whose_squares_vanish_has_no_errors(field, weighted):
    tiny = (field * 1e-162).assign_attrs(units="K")
    tiny[:, 0, 0] = 0.0
    tiny[3, 1, 1] = np.nan
    first = {"a": Q(1e-162, "K"), "b": Q(0.0, "K/year")}
    weights = np.ones(40) if weighted else None
    with pytest.warns(RuntimeWarning, match="5 diverged"):
        fit = fit_model(tiny, line, params=first, weights=weights)
    assert np.isnan(plain(fit.a_stderr)[1:]).all()
    assert bool(fit.converged[0, 0])
