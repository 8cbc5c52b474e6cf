"""One cell alone, as a series is: with gaps its numbers are those it has beside others.

Weights of a lone cell have one column, as those that all cells share: it was taken for
complete, and what the fit left at its missing times was counted. Noticed on the CMIP6
series of ESMValTool's sample data, beside scipy.stats.linregress.
"""

from __future__ import annotations

import warnings

import dask
import numpy as np
import pytest
import statsmodels.api as sm
import xarray as xr
from descent.cells_making import monthly, plain, red_noise, seconds, with_gaps
from scipy.stats import linregress

import xnabla as xn

WEIGHTS = 1.0 + np.arange(150) % 3
INDEX = np.cos(np.arange(150) / 3.0)


def cells():
    """Three cells with different gaps, far from nought, as temperatures are."""
    random = np.random.default_rng(20261130)
    months = np.arange(150)[:, None]
    values = 280 + red_noise(random, 150, 3, 0.5) + 0.02 * months
    values += 8 * np.sin(2 * np.pi * months / 12)
    return with_gaps(random, monthly(values), 0.3)


def index(field, varies=False):
    """A predictor of time alone, or one that differs between cells."""
    values = xr.DataArray(INDEX, {"time": field.time}, ("time",))
    if varies:
        values = values + 0.1 * values**2 * field.lat
    return {"nino": values.assign_attrs(units="1")}


def computed(fit):
    """The numbers of all variables."""
    return dict(zip(fit, dask.compute(*(plain_data(fit[k]) for k in fit)), strict=True))


def plain_data(one):
    return getattr(one.data, "magnitude", one.data)


FITS = {
    "trend, ols": lambda f: xn.trend(f, se="ols"),
    "trend, ar1": lambda f: xn.trend(f, se="ar1"),
    "trend, hac": lambda f: xn.trend(f, se="hac", lags=5),
    "trend, weighted": lambda f: xn.trend(f, se="hac", weights=WEIGHTS),
    "trend, descended": lambda f: xn.trend(f, se="ar1", method="bb"),
    "regress": lambda f: xn.regress(f, index(f)),
    "regress, weighted": lambda f: xn.regress(f, index(f), weights=WEIGHTS),
    "regress, its own": lambda f: xn.regress(f, index(f, varies=True), se="hac"),
    "ridge": lambda f: xn.regress(f, index(f), ridge=3.0),
    "through nought": lambda f: xn.regress(f, index(f), intercept=False),
    "harmonics": xn.harmonic_fit,
    "theil_sen": lambda f: xn.theil_sen(f, memory="ar1"),
}


def in_one_chunk(field):
    return field


def in_chunks(field):
    return field.chunk(time=40)


@pytest.mark.parametrize("held", [in_one_chunk, in_chunks])
@pytest.mark.parametrize("name", FITS)
def test_a_lone_cell_is_fitted_as_beside_others(name, held):
    if held is in_chunks and name in ("theil_sen", "trend, descended"):
        held = in_one_chunk
    field = cells()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        beside = computed(FITS[name](held(field)))
        for i in range(3):
            for alone in (field.isel(lat=i), field.isel(lat=[i])):
                fit = computed(FITS[name](held(alone)))
                for key, found in fit.items():
                    if "history" in key or key == "n_iterations":
                        continue
                    np.testing.assert_allclose(
                        np.ravel(found)[0],
                        beside[key][i],
                        rtol=1e-6 if "descended" in name else 1e-10,
                        atol=1e-9,
                        err_msg=key,
                    )


@pytest.mark.parametrize("held", [in_one_chunk, in_chunks])
def test_a_series_with_gaps_has_scipys_trend(held):
    series = cells().isel(lat=0, drop=True)
    fit = xn.trend(held(series), se="ols")
    found = computed(fit)
    ok = np.isfinite(series.values)
    known = linregress(seconds(series)[ok], series.values[ok])
    decade = fit.attrs["span"]
    np.testing.assert_allclose(found["slope"], known.slope * decade, rtol=1e-10)
    np.testing.assert_allclose(found["slope_stderr"], known.stderr * decade, rtol=1e-10)
    np.testing.assert_allclose(found["pvalue"], known.pvalue, rtol=1e-8)
    np.testing.assert_allclose(found["r2"], known.rvalue**2, rtol=1e-10)


def test_a_series_with_gaps_has_statsmodels_robust_errors():
    series = cells().isel(lat=1, drop=True)
    fit = xn.regress(series, index(series), se="hac", lags=4, weights=WEIGHTS)
    ok = np.isfinite(series.values)
    design = np.stack([np.ones(150), INDEX], axis=1)[ok]
    known = sm.WLS(series.values[ok], design, weights=WEIGHTS[ok]).fit(
        cov_type="HAC", cov_kwds={"maxlags": 4}, use_t=True
    )
    errors = [plain(fit.intercept_stderr), plain(fit.nino_stderr)]
    np.testing.assert_allclose(errors, known.bse, rtol=1e-9)
