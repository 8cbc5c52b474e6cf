"""Robust slopes and ranks: against scipy, against brute force, through outliers."""

from __future__ import annotations

import numpy as np
import pytest
from descent.cells_making import DECADE, monthly, plain, red_noise, seconds, with_gaps
from scipy.stats import kendalltau, norm, theilslopes

from xnabla.descent import theil_sen
from xnabla.descent.cells import _sen, _sen_numba


def fields():
    random = np.random.default_rng(11)
    return {
        "noise": monthly(random.normal(size=(50, 6))),
        "even number": monthly(random.normal(size=(41, 4))),
        "ties": monthly(np.round(random.normal(size=(60, 6)), 0)),
        "gaps": with_gaps(random, monthly(random.normal(size=(60, 6))), 0.4),
        "trend": monthly(random.normal(size=(60, 4)) + np.arange(60)[:, None] * 0.05),
    }


@pytest.mark.parametrize("kind", fields())
def test_slope_and_interval_are_those_of_scipy(kind):
    field = fields()[kind]
    fit = theil_sen(field)
    t = seconds(field)
    t = (t - round(t.mean())) / DECADE
    for i in range(field.sizes["lat"]):
        y = field.values[:, i]
        ok = np.isfinite(y)
        known = theilslopes(y[ok], t[ok], 0.95, method="joint")
        np.testing.assert_allclose(
            plain(fit.slope)[i], known.slope, rtol=1e-10, atol=1e-12
        )
        np.testing.assert_allclose(
            plain(fit.intercept)[i], known.intercept, rtol=1e-9, atol=1e-12
        )
        np.testing.assert_allclose(
            plain(fit.ci_low)[i], known.low_slope, rtol=1e-10, atol=1e-12
        )
        np.testing.assert_allclose(
            plain(fit.ci_high)[i], known.high_slope, rtol=1e-10, atol=1e-12
        )


@pytest.mark.parametrize("kind", fields())
def test_the_rank_test_is_mann_and_kendalls(kind):
    """S, its variance with ties, and the continuity correction, by hand."""
    field = fields()[kind]
    fit = theil_sen(field)
    for i in range(field.sizes["lat"]):
        y = field.values[:, i]
        y = y[np.isfinite(y)]
        n = y.size
        s = sum(np.sign(y[j] - y[i]) for i in range(n) for j in range(i + 1, n))
        _, ties = np.unique(y, return_counts=True)
        variance = n * (n - 1) * (2 * n + 5) - sum(
            g * (g - 1) * (2 * g + 5) for g in ties
        )
        z = np.sign(s) * max(abs(s) - 1, 0) / np.sqrt(variance / 18)
        np.testing.assert_allclose(plain(fit.pvalue)[i], 2 * norm.sf(abs(z)), rtol=1e-9)
        np.testing.assert_allclose(plain(fit.tau)[i], s / (n * (n - 1) / 2), rtol=1e-12)


def test_tau_without_ties_is_kendalls():
    field = fields()["noise"]
    tau = [kendalltau(np.arange(50), field.values[:, i]).statistic for i in range(6)]
    np.testing.assert_allclose(plain(theil_sen(field).tau), tau, rtol=1e-12)


@pytest.mark.parametrize("memory", [False, True])
@pytest.mark.parametrize("kind", fields())
def test_the_compiled_cells_are_those_of_the_clear_version(kind, memory):
    field = fields()[kind]
    t, y = seconds(field) / DECADE, field.values.T
    slow = _sen.sen_cells(t, y, 1.96, memory=memory)
    fast = _sen_numba.sen_cells(t, y, 1.96, memory=memory)
    np.testing.assert_allclose(fast, slow, rtol=1e-12, atol=1e-13)


def test_a_quarter_of_outliers_does_not_move_the_slope_far():
    random = np.random.default_rng(12)
    field = monthly(0.1 * np.arange(80)[:, None] + 0.01 * random.normal(size=(80, 5)))
    wild = field.where(random.random(field.shape) > 0.2, 1000.0).assign_attrs(units="K")
    np.testing.assert_allclose(
        plain(theil_sen(wild).slope), plain(theil_sen(field).slope), rtol=0.02
    )


def test_a_memory_raises_the_p_value_of_noise():
    field = monthly(red_noise(np.random.default_rng(13), 60, 800, 0.6))
    rejected = {
        memory: float((plain(theil_sen(field, memory=memory).pvalue) < 0.05).mean())
        for memory in ("none", "ar1")
    }
    assert rejected["none"] > 0.25
    assert rejected["ar1"] < 0.10


def test_cells_say_why_they_have_no_answer():
    values = np.random.default_rng(1).normal(size=(20, 4))
    values[:, 1] = np.nan
    values[2:, 2] = np.nan
    values[:, 3] = 5.0
    with pytest.warns(RuntimeWarning, match="1 too_few_data"):
        fit = theil_sen(monthly(values))
    meanings = fit.status.attrs["flag_meanings"].split()
    ends = [meanings[k] for k in fit.status.values]
    assert ends == ["exact", "all_missing", "too_few_data", "exact"]
    assert plain(fit.slope)[3] == 0.0
    assert plain(fit.pvalue)[3] == 1.0
