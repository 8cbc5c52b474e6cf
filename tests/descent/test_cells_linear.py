"""Linear fits in cells: against statsmodels, and against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
import xarray as xr
from descent.cells_making import (
    DECADE,
    monthly,
    plain,
    red_noise,
    seconds,
    unit,
    with_gaps,
)

from xnabla.descent import harmonic_fit, regress, trend

RANDOM = np.random.default_rng(20261125)


def line_of(field):
    """The design of a trend per decade about the mean time."""
    t = seconds(field)
    return np.stack([np.ones(t.size), (t - round(t.mean())) / DECADE], axis=1)


def oracle(y, design, weights=None, **options):
    """What statsmodels finds in a series without its missing values."""
    ok = np.isfinite(y)
    w = np.ones(y.size) if weights is None else weights
    return sm.WLS(y[ok], design[ok], weights=w[ok]).fit(**options)


@pytest.mark.parametrize("part", [0.0, 0.1, 0.3, 0.5])
def test_trends_and_their_errors_are_those_of_the_valid_values(part):
    noise = RANDOM.normal(size=(120, 3, 4))
    field = with_gaps(
        RANDOM, monthly(280 + noise + 0.01 * np.arange(120)[:, None, None]), part
    )
    fit = trend(field, se="ols")
    design = line_of(field)
    for i in range(3):
        for j in range(4):
            y = field.values[:, i, j]
            known = oracle(y, design)
            ours = [plain(fit[name])[i, j] for name in ("intercept", "slope")]
            np.testing.assert_allclose(ours, known.params, rtol=1e-10)
            errors = [plain(fit[f"{n}_stderr"])[i, j] for n in ("intercept", "slope")]
            np.testing.assert_allclose(errors, known.bse, rtol=1e-10)
            np.testing.assert_allclose(
                plain(fit.pvalue)[i, j], known.pvalues[1], rtol=1e-8
            )
            low, high = known.conf_int()[1]
            np.testing.assert_allclose(plain(fit.ci_low)[i, j], low, rtol=1e-8)
            np.testing.assert_allclose(plain(fit.ci_high)[i, j], high, rtol=1e-8)
            np.testing.assert_allclose(plain(fit.r2)[i, j], known.rsquared, atol=1e-12)
            np.testing.assert_allclose(plain(fit.cost)[i, j], known.ssr, rtol=1e-11)
            assert plain(fit.n_valid)[i, j] == np.isfinite(y).sum()


@pytest.mark.parametrize("lags", [None, 0, 7])
def test_robust_errors_are_newey_and_wests_with_gaps_closed(lags):
    field = with_gaps(RANDOM, monthly(red_noise(RANDOM, 150, 4, 0.5)), 0.3)
    fit = trend(field, se="hac", lags=lags)
    for i in range(4):
        y = field.values[:, i]
        n = np.isfinite(y).sum()
        most = int(4 * (n / 100) ** (2 / 9)) if lags is None else lags
        known = oracle(y, line_of(field), cov_type="HAC", cov_kwds={"maxlags": most})
        np.testing.assert_allclose(plain(fit.slope_stderr)[i], known.bse[1], rtol=1e-9)
        np.testing.assert_allclose(
            plain(fit.intercept_stderr)[i], known.bse[0], rtol=1e-9
        )


def test_errors_of_residuals_with_a_memory_are_santers():
    """n_eff = n (1 - r)/(1 + r), and n_eff - 2 degrees of freedom, by hand."""
    field = with_gaps(RANDOM, monthly(red_noise(RANDOM, 200, 3, 0.6)), 0.2)
    fit = trend(field, se="ar1")
    for i in range(3):
        y = field.values[:, i]
        known = oracle(y, line_of(field))
        e = known.resid
        r = (e[1:] * e[:-1]).mean() / (e**2).mean()
        n_eff = e.size * (1 - r) / (1 + r)
        np.testing.assert_allclose(plain(fit.n_eff)[i], n_eff, rtol=1e-10)
        error = known.bse[1] * np.sqrt((e.size - 2) / (n_eff - 2))
        np.testing.assert_allclose(plain(fit.slope_stderr)[i], error, rtol=1e-10)


def test_noise_with_a_memory_is_not_taken_for_a_trend():
    """AR(1) of 0.6, n = 60: the textbook rejects a third of true nulls at 5 %."""
    field = monthly(red_noise(np.random.default_rng(7), 60, 4000, 0.6))
    rejected = {
        se: float((plain(trend(field, se=se).pvalue) < 0.05).mean())
        for se in ("ols", "ar1")
    }
    assert rejected["ols"] > 0.25
    assert rejected["ar1"] < 0.10


def test_white_noise_is_rejected_as_often_as_was_asked():
    field = monthly(np.random.default_rng(8).normal(size=(60, 4000)))
    for se in ("ols", "ar1"):
        assert 0.03 < float((plain(trend(field, se=se).pvalue) < 0.05).mean()) < 0.06


@pytest.mark.parametrize("of_cells", [False, True])
def test_weights_are_those_of_weighted_least_squares(of_cells):
    field = with_gaps(RANDOM, monthly(RANDOM.normal(size=(80, 3))), 0.2)
    w = RANDOM.uniform(0.1, 5.0, size=(80, 3) if of_cells else 80)
    given = field.copy(data=w) if of_cells else w
    fit = trend(field, se="ols", weights=given)
    for i in range(3):
        own = w[:, i] if of_cells else w
        known = oracle(field.values[:, i], line_of(field), own)
        np.testing.assert_allclose(plain(fit.slope)[i], known.params[1], rtol=1e-10)
        np.testing.assert_allclose(plain(fit.slope_stderr)[i], known.bse[1], rtol=1e-10)


def test_a_weight_of_zero_is_a_missing_value():
    field = monthly(RANDOM.normal(size=(60, 2)))
    w = np.ones(60)
    w[20:30] = 0.0
    weighted = trend(field, weights=w)
    missing = trend(field.where(xr.DataArray(w, dims="time") > 0))
    for name in ("slope", "slope_stderr", "n_valid", "n_eff", "pvalue"):
        np.testing.assert_allclose(
            plain(weighted[name]), plain(missing[name]), rtol=1e-10
        )


def predictors_of(n, *, cells=None):
    shape = (n,) if cells is None else (n, cells)
    dims = ("time", "lat")[: len(shape)]
    a = 1000 + 5 * RANDOM.normal(size=shape)
    b = 0.2 * a + RANDOM.normal(size=shape)
    made = {"slp": (a, "hPa"), "sst": (b, "degC")}
    return {
        name: xr.DataArray(values, dims=dims, attrs={"units": units})
        for name, (values, units) in made.items()
    }


@pytest.mark.parametrize("se", ["ols", "hac"])
@pytest.mark.parametrize("of_cells", [False, True])
def test_a_regression_is_that_of_statsmodels_in_every_cell(se, of_cells):
    n = 90
    field = with_gaps(RANDOM, monthly(RANDOM.normal(size=(n, 3)), units="degC"), 0.2)
    x = predictors_of(n, cells=3 if of_cells else None)
    field = field + 0.3 * (x["slp"] - 1000)
    field.attrs["units"] = "degC"
    fit = regress(
        field.transpose("time", "lat"), x, se=se, lags=3 if se == "hac" else None
    )
    assert unit(fit.slp) == "K/hPa"
    assert str(fit.intercept.data.units) == "degree_Celsius"
    for i in range(3):
        own = [one.values[:, i] if of_cells else one.values for one in x.values()]
        design = np.column_stack([np.ones(n), *own])
        options = {} if se == "ols" else {"cov_type": "HAC", "cov_kwds": {"maxlags": 3}}
        known = oracle(field.values[:, i], design, **options)
        for k, name in enumerate(("intercept", "slp", "sst")):
            np.testing.assert_allclose(plain(fit[name])[i], known.params[k], rtol=1e-8)
            np.testing.assert_allclose(
                plain(fit[f"{name}_stderr"])[i], known.bse[k], rtol=1e-8
            )


def test_times_without_a_predictor_are_left_out():
    n = 60
    field = monthly(RANDOM.normal(size=(n, 2)))
    x = predictors_of(n)
    x["slp"][10:20] = np.nan
    fit = regress(field, x, se="ols")
    part = regress(
        field.isel(time=np.r_[0:10, 20:n]),
        {k: v.isel(time=np.r_[0:10, 20:n]) for k, v in x.items()},
        se="ols",
    )
    assert int(plain(fit.n_valid)[0]) == n - 10
    np.testing.assert_allclose(plain(fit.slp), plain(part.slp), rtol=1e-10)


def test_without_a_constant_the_fit_goes_through_zero():
    field = monthly(RANDOM.normal(size=(50, 2)) + 3.0)
    x = predictors_of(50)
    fit = regress(field, {"slp": x["slp"]}, intercept=False, se="ols")
    known = sm.OLS(field.values[:, 0], x["slp"].values).fit()
    np.testing.assert_allclose(plain(fit.slp)[0], known.params[0], rtol=1e-11)
    np.testing.assert_allclose(plain(fit.slp_stderr)[0], known.bse[0], rtol=1e-11)
    assert "intercept" not in fit


def test_ridge_shrinks_as_the_penalised_normal_equations_do():
    """Coefficients of columns of unit deviation: (X'X + ρ I) b = X'y."""
    n, rho = 70, 12.5
    field = monthly(RANDOM.normal(size=(n, 2)))
    x = predictors_of(n)
    fit = regress(field, x, ridge=rho, se="ols")
    columns = np.column_stack([one.values for one in x.values()])
    spread = columns.std(axis=0)
    z = (columns - columns.mean(axis=0)) / spread
    y = field.values[:, 0]
    b = np.linalg.solve(z.T @ z + rho * np.eye(2), z.T @ (y - y.mean())) / spread
    np.testing.assert_allclose([plain(fit.slp)[0], plain(fit.sst)[0]], b, rtol=1e-9)
    in_pascal = {**x, "slp": (100 * x["slp"]).assign_attrs(units="Pa")}
    other = regress(field, in_pascal, ridge=rho, se="ols")
    np.testing.assert_allclose(plain(other.slp) * 100, plain(fit.slp), rtol=1e-9)


def test_harmonics_are_found_through_gaps_noise_and_a_trend():
    n = 240
    field = monthly(np.zeros((n, 2)), units="degC")
    t = seconds(field)
    year = 365.2425 * 86400
    wave = (
        15
        + 0.4 * (t - t.mean()) / DECADE
        + 6 * np.cos(2 * np.pi * (t / year - 200 / 365.2425))
    )
    wave = wave + 1.5 * np.cos(4 * np.pi * (t / year - 30 / 365.2425))
    field = with_gaps(RANDOM, field + wave[:, None], 0.3).assign_attrs(units="degC")
    fit = harmonic_fit(field, n=2)
    for name, value in (
        ("amplitude_1", 6),
        ("phase_1", 200),
        ("amplitude_2", 1.5),
        ("phase_2", 30),
        ("trend", 0.4),
        ("mean", 15),
    ):
        np.testing.assert_allclose(plain(fit[name]), value, rtol=1e-9, err_msg=name)
    assert (unit(fit.amplitude_1), unit(fit.phase_1)) == ("K", "d")
    np.testing.assert_allclose(plain(fit.r2), 1.0, atol=1e-12)


def test_errors_of_amplitude_and_phase_are_what_they_scatter_by():
    random = np.random.default_rng(3)
    n, cells = 120, 3000
    field = monthly(random.normal(size=(n, cells)))
    t = seconds(field)
    angle = 2 * np.pi * t / (365.2425 * 86400)
    made = (field + 3 * np.cos(angle - 1.0)[:, None]).assign_attrs(units="K")
    fit = harmonic_fit(made, n=1, se="ols")
    for name in ("amplitude_1", "phase_1", "trend", "mean"):
        told = np.median(plain(fit[f"{name}_stderr"]))
        np.testing.assert_allclose(
            plain(fit[name]).std(), told, rtol=0.06, err_msg=name
        )


def test_a_harmonic_of_noise_is_significant_as_often_as_was_asked():
    field = monthly(np.random.default_rng(4).normal(size=(120, 3000)))
    fit = harmonic_fit(field, n=2, se="ols")
    for k in (1, 2):
        assert (
            0.035 < float((plain(fit[f"amplitude_{k}_pvalue"]) < 0.05).mean()) < 0.065
        )


@pytest.mark.parametrize(
    "method", ["gd", "momentum", "nesterov", "bb", "adam", "sgd", "newton", "lm"]
)
def test_every_method_of_descent_finds_the_exact_solution(method):
    field = with_gaps(RANDOM, monthly(RANDOM.normal(size=(60, 3))), 0.2)
    x = predictors_of(60)
    fits = (
        (lambda m: trend(field, method=m), ("slope", "intercept", "slope_stderr")),
        (lambda m: harmonic_fit(field, n=1, method=m), ("amplitude_1", "phase_1")),
        (lambda m: regress(field, x, method=m), ("slp", "sst", "intercept")),
    )
    for fit, names in fits:
        exact, found = fit("auto"), fit(method)
        assert bool(found.converged.all())
        assert int(found.n_iterations.min()) >= 1
        assert found.attrs["method"] == method
        for name in names:
            np.testing.assert_allclose(
                plain(found[name]), plain(exact[name]), rtol=1e-8
            )
        history = plain(found.cost_history)
        np.testing.assert_allclose(history[-1], plain(exact.cost).sum(), rtol=1e-9)


def test_units_do_not_matter_to_the_answer():
    field = with_gaps(
        RANDOM, monthly(10 + RANDOM.normal(size=(60, 3)), units="degC"), 0.1
    )
    warm = (field * 1.8 + 32).assign_attrs(units="degF")
    one, two = trend(field), trend(warm)
    assert str(one.slope.data.units) == "kelvin / decade"
    kelvin = two.slope.data.to(one.slope.data.units).magnitude
    np.testing.assert_allclose(kelvin, plain(one.slope), rtol=1e-10)
    level = two.intercept.data.to("degC").magnitude
    np.testing.assert_allclose(level, plain(one.intercept), rtol=1e-10)
    np.testing.assert_allclose(plain(two.pvalue), plain(one.pvalue), rtol=1e-9)


def test_a_scaled_unit_is_folded_into_the_numbers():
    field = monthly(RANDOM.normal(size=(60, 2)), units="1e-5 s-1")
    plainly = field.copy(data=field.values * 1e-5).assign_attrs(units="s-1")
    np.testing.assert_allclose(
        plain(trend(field).slope), plain(trend(plainly).slope), rtol=1e-10
    )


def test_single_precision_comes_out_as_it_went_in_and_is_fitted_in_double():
    values = (280 + RANDOM.normal(size=(120, 5))).astype(np.float32)
    single, double = monthly(values), monthly(values.astype(np.float64))
    one, two = trend(single), trend(double)
    assert one.slope.dtype == np.float32
    np.testing.assert_array_equal(plain(one.slope), plain(two.slope).astype(np.float32))


@pytest.mark.parametrize(
    "dims", [("time", "lat", "lon"), ("lat", "time", "lon"), ("lat", "lon", "time")]
)
def test_the_order_of_dimensions_does_not_matter(dims):
    field = with_gaps(RANDOM, monthly(RANDOM.normal(size=(40, 3, 4))), 0.2)
    one, two = trend(field), trend(field.transpose(*dims))
    assert two.slope.dims == ("lat", "lon")
    np.testing.assert_allclose(plain(two.slope), plain(one.slope), rtol=1e-12)


def test_a_single_series_gives_single_values():
    fit = trend(monthly(np.arange(30.0)))
    assert fit.slope.ndim == 0
    assert fit.slope.data.magnitude > 0


def test_the_field_is_not_changed():
    field = with_gaps(RANDOM, monthly(RANDOM.normal(size=(40, 3))), 0.2)
    before = field.copy(deep=True)
    trend(field)
    harmonic_fit(field)
    regress(field, predictors_of(40))
    xr.testing.assert_identical(field, before)


def test_cells_say_why_they_have_no_answer():
    values = RANDOM.normal(size=(40, 5))
    values[:, 1] = np.nan
    values[2:, 2] = np.nan
    values[:, 3] = 7.0
    with pytest.warns(
        RuntimeWarning, match="1 of 4 cells not converged: 1 too_few_data"
    ):
        fit = trend(monthly(values))
    meanings = fit.status.attrs["flag_meanings"].split()
    ends = [meanings[value] for value in fit.status.values]
    assert ends == ["exact", "all_missing", "too_few_data", "exact", "exact"]
    assert list(fit.converged.values) == [True, False, False, True, True]
    assert np.isnan(plain(fit.slope)[[1, 2]]).all()
    assert abs(plain(fit.slope)[3]) < 1e-12


def test_values_too_few_for_what_was_asked_are_no_answer():
    field = monthly(RANDOM.normal(size=(40, 2)))
    field[5:, 1] = np.nan
    assert bool(trend(field).converged.all())
    with pytest.warns(RuntimeWarning, match="too_few_data"):
        assert list(trend(field, min_valid=10).converged.values) == [True, False]


def test_predictors_that_a_cells_gaps_make_equal_are_singular_there():
    n = 40
    x = predictors_of(n)
    x["sst"] = (
        x["slp"]
        .copy(data=x["slp"].values + (np.arange(n) > 30))
        .assign_attrs(units="hPa")
    )
    field = monthly(RANDOM.normal(size=(n, 2)))
    field[31:, 1] = np.nan
    with pytest.warns(RuntimeWarning, match="1 singular"):
        fit = regress(field, x)
    assert list(fit.converged.values) == [True, False]


def test_nearly_equal_predictors_of_a_cell_are_solved_by_qr():
    """The sums of squares have lost the digits that the data still have."""
    n = 200
    a = RANDOM.normal(size=n)
    b = a + 1e-5 * RANDOM.normal(size=n)
    x = {
        name: xr.DataArray(
            np.stack([v, v], 1), dims=("time", "lat"), attrs={"units": "1"}
        )
        for name, v in (("a", a), ("b", b))
    }
    field = monthly(
        np.stack([2 * a - b, 2 * a - b], 1) + 1e-9 * RANDOM.normal(size=(n, 2))
    )
    fit = regress(field, x, se="ols")
    known = np.linalg.lstsq(
        np.column_stack([np.ones(n), a, b]), field.values[:, 0], rcond=None
    )[0]
    np.testing.assert_allclose([plain(fit.a)[0], plain(fit.b)[0]], known[1:], rtol=1e-9)


def test_an_interval_too_wide_for_single_precision_is_infinite():
    """Hardly more than two independent values tell nothing of a slope."""
    steps = np.repeat(np.arange(4.0) % 3, 5)
    steps[-1] += 1e-3
    values = np.stack([steps + 0.01 * k * np.arange(20.0) for k in range(40)], 1)
    fit = trend(monthly(values.astype(np.float32)))
    low, high = plain(fit.ci_low), plain(fit.ci_high)
    known = np.isfinite(low) & np.isfinite(high)
    assert (low[known] <= high[known]).all()
    assert fit.ci_low.dtype == np.float32
