"""Models in cells: against scipy and closed forms, with units, bounds and outliers."""

from __future__ import annotations

import warnings

import numpy as np
import pint
import pytest
import xarray as xr
from descent.cells_making import plain, unit
from scipy.optimize import curve_fit, least_squares

from xnabla.descent import fit_model
from xnabla.errors import OptionError

UREG = pint.get_application_registry()
Q = UREG.Quantity


def exponential(x, a, b, t):
    return a * np.exp(-x / t) + b


def logistic(x, a, r, m):
    return a / (1 + np.exp(-r * (x - m)))


def damped_cosine(x, a, t, w, p):
    return a * np.exp(-x / t) * np.cos(w * x + p)


# The model, from where to where its parameters are, and where every cell begins.
CASES = {
    "exponential": (exponential, [(1, 10), (-2, 2), (0.5, 5)], [5, 0.1, 2]),
    "logistic": (logistic, [(1, 10), (0.5, 3), (3, 7)], [5, 1, 5]),
    "damped cosine": (
        damped_cosine,
        [(1, 5), (2, 8), (1.7, 2.3), (-0.5, 0.5)],
        [2, 4, 2, 0.01],
    ),
}


def cells_of(case, n, cells, noise, seed=0):
    """A field of noisy curves, dimensionless, and the fits begin alike."""
    model, spans, start = CASES[case]
    random = np.random.default_rng(seed)
    x = np.linspace(0, 10, n)
    true = np.array([random.uniform(*span, size=cells) for span in spans])
    y = model(x[:, None], *true) + noise * random.normal(size=(n, cells))
    field = xr.DataArray(
        y,
        dims=("x", "cell"),
        coords={"x": ("x", x, {"units": "1"})},
        attrs={"units": "1"},
    )
    names = model.__code__.co_varnames[1 : len(start) + 1]
    return field, model, dict(zip(names, map(float, start), strict=True)), true


@pytest.mark.parametrize("noise", [0.05, 0.3])
@pytest.mark.parametrize("case", CASES)
def test_no_cell_ends_higher_than_scipys_and_says_that_it_converged(case, noise):
    field, model, start, _ = cells_of(case, 45, 400, noise)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = fit_model(field, model, "x", params=start)
        higher = []
        for i in range(field.sizes["cell"]):
            y = field.values[:, i]
            try:
                found, _ = curve_fit(model, field.x.values, y, p0=list(start.values()))
            except RuntimeError:
                continue
            best = ((y - model(field.x.values, *found)) ** 2).sum()
            higher.append(plain(fit.cost)[i] > best * (1 + 1e-6))
    assert np.mean(higher) <= 0.001
    flagged = ~fit.converged.values[: len(higher)]
    assert not (np.array(higher) & ~flagged).any()
    assert fit.converged.values.mean() > 0.97


@pytest.mark.parametrize("case", CASES)
def test_without_noise_the_parameters_come_back(case):
    field, model, start, true = cells_of(case, 60, 50, 0.0)
    fit = fit_model(field, model, "x", params=start)
    assert bool(fit.converged.all())
    for name, values in zip(start, true, strict=True):
        np.testing.assert_allclose(plain(fit[name]), values, rtol=1e-6, atol=1e-7)


def test_errors_are_those_of_scipy_with_gaps_and_weights():
    field, model, start, _ = cells_of("exponential", 60, 12, 0.2)
    random = np.random.default_rng(1)
    field = field.where(random.random(field.shape) > 0.3)
    sigma = random.uniform(0.5, 2.0, size=60)
    fit = fit_model(field, model, "x", params=start, weights=1 / sigma**2)
    for i in range(12):
        ok = np.isfinite(field.values[:, i])
        found, cov = curve_fit(
            model,
            field.x.values[ok],
            field.values[ok, i],
            p0=list(start.values()),
            sigma=sigma[ok],
        )
        for k, name in enumerate(start):
            np.testing.assert_allclose(
                plain(fit[name])[i], found[k], rtol=1e-4, atol=1e-5
            )
            error = plain(fit[f"{name}_stderr"])[i]
            np.testing.assert_allclose(error, np.sqrt(cov[k, k]), rtol=1e-3)
        assert int(fit.n_valid[i]) == ok.sum()


def decay(t, a, tau):
    return a * np.exp(-t / tau)


def cooling(units="K", time_units="days"):
    t = np.arange(40.0)
    return xr.DataArray(
        20 * np.exp(-t / 7) + 0.1 * np.sin(t**2),
        dims="time",
        coords={"time": ("time", t, {"units": time_units})},
        attrs={"units": units},
        name="t",
    )


def test_parameters_come_back_in_the_units_of_their_guesses():
    fits = [
        fit_model(cooling(), decay, params={"a": Q(10, "K"), "tau": tau})
        for tau in (Q(3, "day"), Q(72, "hour"), Q(3 * 86400, "s"))
    ]
    assert [unit(fit.tau) for fit in fits] == ["d", "h", "s"]
    days = [fit.tau.data.to("day").magnitude for fit in fits]
    np.testing.assert_allclose(days, days[0], rtol=1e-9)
    assert len({int(fit.n_iterations) for fit in fits}) == 1
    assert unit(fits[0].tau_stderr) == "d"
    assert unit(fits[0].cost) == "K**2"


def test_the_unit_of_the_field_does_not_matter():
    params = {"a": Q(10, "K"), "tau": Q(3, "day")}
    one = fit_model(cooling(), decay, params=params)
    milli = (1000 * cooling()).assign_attrs(units="mK")
    two = fit_model(milli, decay, params=params)
    np.testing.assert_allclose(plain(two.a), plain(one.a), rtol=1e-8)
    np.testing.assert_allclose(plain(two.cost), 1e6 * plain(one.cost), rtol=1e-8)
    assert int(one.n_iterations) == int(two.n_iterations)


def test_dates_count_from_the_first():
    dates = xr.date_range("2001-05-01", periods=40, freq="D")
    params = {"a": Q(10, "K"), "tau": Q(3, "day")}
    fit = fit_model(cooling().assign_coords(time=dates), decay, params=params)
    plainly = fit_model(cooling(), decay, params=params)
    np.testing.assert_allclose(plain(fit.tau), plain(plainly.tau), rtol=1e-9)
    assert fit.attrs["origin"] == "2001-05-01T00:00:00"


def test_a_temperature_is_absolute_and_its_error_a_difference():
    """15 degC and 288.15 K are one guess; x**2 of a temperature is not."""
    t = np.arange(30.0)
    field = xr.DataArray(
        15 + 3 * np.exp(-t / 5),
        dims="time",
        coords={"time": ("time", t, {"units": "hours"})},
        attrs={"units": "degC"},
    )

    def model(t, base, a, tau):
        return base + a * np.exp(-t / tau)

    params = {"base": Q(10, "degC"), "a": Q(1, "K"), "tau": Q(2, "hour")}
    fit = fit_model(field, model, params=params)
    np.testing.assert_allclose(plain(fit.base), 15, rtol=1e-7)
    assert str(fit.base.data.units) == "degree_Celsius"
    assert str(fit.base_stderr.data.units) == "kelvin"


def test_guesses_may_differ_between_cells():
    field, model, start, true = cells_of("damped cosine", 80, 30, 0.0)
    start["w"] = xr.DataArray(true[2] + 0.05, dims="cell", attrs={"units": "1"})
    fit = fit_model(field, model, "x", params=start)
    np.testing.assert_allclose(plain(fit.w), true[2], rtol=1e-6)


def test_bounds_hold_and_say_where_they_do():
    field, model, start, _ = cells_of("exponential", 45, 60, 0.1)
    fit = fit_model(
        field, model, "x", params=start, bounds={"a": (2.0, 6.0), "t": (None, 4.0)}
    )
    a, t = plain(fit.a), plain(fit.t)
    assert a.min() >= 2.0
    assert a.max() <= 6.0
    assert t.max() <= 4.0
    meanings = fit.status.attrs["flag_meanings"].split()
    at_bound = fit.status.values == meanings.index("at_bound")
    held = (a == 2.0) | (a == 6.0) | (t == 4.0)
    np.testing.assert_array_equal(at_bound, held & fit.converged.values)
    assert at_bound.any()
    x = field.x.values
    for i in range(60):
        y = field.values[:, i]
        best = least_squares(
            lambda p, y=y: model(x, *p) - y,
            [5, 0.1, 2],
            bounds=([2, -np.inf, -np.inf], [6, np.inf, 4]),
            xtol=1e-12,
            ftol=1e-12,
            gtol=1e-12,
        )
        assert plain(fit.cost)[i] <= 2 * best.cost * (1 + 1e-6)


def test_outliers_pull_less_with_hubers_loss():
    field, model, start, true = cells_of("exponential", 60, 40, 0.05)
    random = np.random.default_rng(2)
    wild = field.where(random.random(field.shape) > 0.1, field + 8.0).assign_attrs(
        units="1"
    )
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*singular", RuntimeWarning)
        plainly = fit_model(wild, model, "x", params=start)
        robust = fit_model(wild, model, "x", params=start, loss="huber")
    off = [np.median(np.abs(plain(fit.a) - true[0])) for fit in (plainly, robust)]
    assert off[1] < 0.35 * off[0]
    scaled = fit_model(wild, model, "x", params=start, loss="huber", scale=Q(0.1, ""))
    x = field.x.values
    for i in range(5):
        y = wild.values[:, i]
        best = least_squares(
            lambda p, y=y: model(x, *p) - y,
            list(start.values()),
            loss="huber",
            f_scale=0.1,
            xtol=1e-12,
            ftol=1e-12,
            gtol=1e-12,
        )
        np.testing.assert_allclose(plain(scaled.cost)[i], 2 * best.cost, rtol=1e-6)


def test_given_derivatives_give_the_same_with_fewer_calls():
    field, model, start, _ = cells_of("exponential", 45, 20, 0.2)
    calls = {"model": 0}

    def counted(x, a, b, t):
        calls["model"] += 1
        return model(x, a, b, t)

    def slopes(x, a, b, t):
        e = np.exp(-x / t)
        return e, np.ones_like(x), a * e * x / t**2

    one = fit_model(field, counted, "x", params=start)
    differenced, calls["model"] = calls["model"], 0
    two = fit_model(field, counted, "x", params=start, jac=slopes)
    np.testing.assert_allclose(plain(two.cost), plain(one.cost), rtol=1e-9)
    assert calls["model"] < 0.5 * differenced


def test_a_parameter_the_data_do_not_determine_is_singular():
    t = np.linspace(0, 1, 30)
    field = xr.DataArray(
        2 * t, dims="x", coords={"x": ("x", t, {"units": "1"})}, attrs={"units": "1"}
    )
    with pytest.warns(RuntimeWarning, match="1 singular"):
        fit = fit_model(
            field, lambda x, a, b: a * b * x, "x", params={"a": 1.0, "b": 1.5}
        )
    np.testing.assert_allclose(plain(fit.a) * plain(fit.b), 2.0, rtol=1e-6)
    assert np.isnan(plain(fit.a_stderr))


def test_errors_know_the_memory_of_residuals():
    random = np.random.default_rng(3)
    x = np.linspace(0, 10, 80)
    noise = np.zeros((80, 600))
    kicks = random.normal(size=(80, 600))
    for t in range(1, 80):
        noise[t] = 0.6 * noise[t - 1] + 0.1 * kicks[t]
    field = xr.DataArray(
        exponential(x, 5, 1, 2)[:, None] + noise,
        dims=("x", "cell"),
        coords={"x": ("x", x, {"units": "1"})},
        attrs={"units": "1"},
    )
    params = {"a": 4.0, "b": 0.5, "t": 1.5}
    scatter = None
    told = {}
    for se in ("ols", "ar1"):
        fit = fit_model(field, exponential, "x", params=params, se=se)
        scatter = plain(fit.b).std()
        told[se] = np.median(plain(fit.b_stderr))
    assert told["ols"] < 0.65 * scatter
    assert 0.75 * scatter < told["ar1"] < 1.25 * scatter


def test_single_precision_in_and_out():
    field, model, start, _ = cells_of("exponential", 45, 10, 0.1)
    fit = fit_model(field.astype(np.float32), model, "x", params=start)
    assert fit.a.dtype == np.float32


def test_a_name_that_is_taken_is_refused_before_the_work():
    calls = []

    def model(t, lat):
        calls.append(1)
        return lat + 0 * t

    field = xr.DataArray(
        np.zeros((9, 2)),
        {"lat": ("lat", [0.0, 1.0], {"units": "degrees_north"})},
        ("x", "lat"),
        attrs={"units": "K"},
    ).assign_coords(x=("x", np.arange(9.0), {"units": "1"}))
    with pytest.raises(OptionError, match="two things called 'lat'"):
        fit_model(field, model, "x", params={"lat": 1.0})
    assert calls == []
