"""The seasonal cycle in every cell, or any other that repeats: amplitude and phase."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from xnabla.descent.cells._blocks import fit_cells
from xnabla.descent.cells._design import made_up, shared_design
from xnabla.descent.cells._field import Field, field_of
from xnabla.descent.cells._options import Choices, weights_of, whole
from xnabla.descent.cells._points import Points, Span, points_of, span_of
from xnabla.descent.cells._result import (
    Fit,
    Named,
    dataset_of,
    elementwise,
    history_of,
    with_quality,
)
from xnabla.errors import explain
from xnabla.labels import check_field
from xnabla.units import Unit, cf_string, conversion_factor, parse

Floats = NDArray[np.float64]


def harmonic_fit(
    field: xr.DataArray,
    dim: str = "time",
    *,
    n: int = 2,
    period: Any = "1 year",
    trend: bool = True,
    per: Any = None,
    weights: Any = None,
    se: str = "ar1",
    min_valid: int | None = None,
    confidence: float = 0.95,
    lags: int | None = None,
    method: str = "auto",
) -> xr.Dataset:
    r"""Return the harmonics of a cycle in every cell: how strong, and when.

    .. math:: y = m + b\,(t - \bar t) + \sum_{k=1}^{n} A_k
              \cos\left(\frac{2 \pi k}{P} (t - t_0 - \varphi_k)\right) + e

    All are fitted together, by least squares over the real times, so that gaps and
    uneven steps do not leak from one into another.

    Parameters
    ----------
    field : DataArray
        With a unit; of numpy or dask, whose chunks may lie along time too.
    dim : str, optional
        Dimension, coordinate or role along which the cycle is.
    n : int, optional
        Number of harmonics.
    period : str, optional
        P, the length of the cycle: ``"1 year"`` is one of the calendar; ``"1 day"``,
        ``"12 hours"``, ….
    trend : bool, optional
        Whether a straight line is fitted with them.
    per : str, optional
        What the trend is counted per; a decade along time.
    weights : DataArray or array (n,), optional
        One for each time, or each value: 1/sigma² up to a factor. 0 leaves out.
    se : {"ar1", "ols", "hac"}, optional
        Standard errors, as :func:`trend` has them.
    min_valid : int, optional
        Fewest valid values of a cell; one more than coefficients unless more are asked.
    confidence : float, optional
        Level of the confidence interval of the trend.
    lags : int, optional
        Lags of ``"hac"``; 4 (n/100)^(2/9) unless given.
    method : str, optional
        ``"auto"`` and ``"exact"`` solve; a method of :func:`xnabla.descend` descends
        to the same numbers.

    Returns
    -------
    Dataset
        ``mean``; ``amplitude_k`` and ``phase_k`` of each harmonic: the time from t_0,
        the first of January, to its first maximum, in days for a year; ``trend``; the
        standard error of each, ``amplitude_k_pvalue`` (F test of both its coefficients)
        and ``trend_pvalue``; and what every fit tells, as :func:`trend` has it.

    Raises
    ------
    GridError, UnitsError, FieldError
        If there is no such dimension, no unit, or no numbers.
    OptionError
        If the times are too coarse for the harmonics, or an option cannot be.

    References
    ----------
    von Storch and Zwiers (1999), Statistical Analysis in Climate Research, ch. 8.

    Examples
    --------
    >>> time = xr.date_range("2001-01-01", periods=730, freq="D")
    >>> day = np.arange(730.0)
    >>> wave = 10 + 8 * np.cos(2 * np.pi * (day - 200) / 365.2425)
    >>> t = xr.DataArray(wave, dims="time", coords={"time": time},
    ...     attrs={"units": "degC"})
    >>> fit = harmonic_fit(t, n=1)
    >>> print(f"{fit.amplitude_1.data:.3f}, {fit.phase_1.data:.2f}")
    8.000 kelvin, 200.00 day
    """
    choices = Choices(se, lags, min_valid, confidence, method).checked()
    whole("n", n, least=1)
    points = points_of(check_field(field, "harmonic_fit"), dim)
    taken = field_of(field, "harmonic_fit", points.dim)
    cycle, span = span_of(points, period, "period"), span_of(points, per)
    names, columns = _columns(points, cycle, span, n, trend=trend)
    # so well are phases known after so many cycles
    turns = float(np.ptp(points.values)) / cycle.size + 1.0
    rounding = 8.0 * np.pi * n * turns * float(np.finfo(np.float64).eps)
    design = shared_design(
        columns, names, constant=True, refusal=_too_coarse, rounding=rounding
    )
    problem = choices.problem(names, design, taken)
    fit = Fit(fit_cells(problem, taken.values, weights_of(weights, taken)), problem)
    origin = points.first_of_year_s if points.is_time else 0.0
    attributes = {
        **choices.attributes("harmonic_fit", taken, weights),
        **points.attributes(),
        "n": n,
        "reference": points.date(points.middle),
        "origin": points.date(origin),
        "period": cycle.text,
        "period_size": cycle.size,
        "trend": "yes" if trend else "no",
        "per": span.text,
        "span": span.size,
        "span_units": cf_string(points.unit),
    }
    variables = _variables(fit, taken, cycle, span, points)
    return dataset_of(
        with_quality(fit, taken, variables), taken, attributes, history_of(fit)
    )


def _too_coarse(name: str, others: list[str]) -> str:
    """Return what to say of a harmonic that the times cannot tell from others."""
    k = name.rpartition("_")[2]
    if not k.isdigit():
        return made_up(name, others, "The")
    less = int(k) - 1
    return explain(
        f"The times are too coarse for harmonic {k}: there it is as "
        f"{' and '.join(others)}",
        expected="times at more than two phases of each of its cycles",
        hint=f"n={less}" if less else "another period=, or field at more times",
    )


def _columns(
    points: Points, cycle: Span, span: Span, n: int, *, trend: bool
) -> tuple[tuple[str, ...], Floats]:
    """Return the names and the columns of the fit."""
    origin = points.first_of_year_s if points.is_time else 0.0
    angle = 2.0 * np.pi * (points.values - origin) / cycle.size
    columns = {"intercept": np.ones_like(angle)}
    if trend:
        columns["trend"] = (points.values - points.middle) / span.size
    for k in range(1, n + 1):
        columns[f"cosine_{k}"] = np.cos(k * angle)
        columns[f"sine_{k}"] = np.sin(k * angle)
    return tuple(columns), np.stack(list(columns.values()), axis=1)


def _variables(
    fit: Fit, field: Field, cycle: Span, span: Span, points: Points
) -> list[Named]:
    """Return what is told of the mean, the trend and each harmonic."""
    words, names, one = field.words, fit.problem.names, parse("1")
    found = [
        Named("mean", fit.coefficient(0), field.unit, f"mean of {words}"),
        Named(
            "mean_stderr",
            fit.stderr(0),
            field.step,
            f"standard error of the mean of {words}",
        ),
    ]
    if "trend" in names:
        rate, told = span.rate(field.step), f"linear trend of {words}"
        found += [
            Named("trend", fit.coefficient(1), rate, told, span.attributes),
            Named(
                "trend_stderr",
                fit.stderr(1),
                rate,
                f"standard error of the {told}",
                span.attributes,
            ),
            Named("trend_pvalue", fit.pvalue(1), one, f"p-value of the {told}"),
        ]
    phase_unit = _phase_unit(points, cycle)
    to_phase = conversion_factor(points.unit, phase_unit)
    for i, name in enumerate(names):
        if not name.startswith("cosine_"):
            continue
        k = int(name.removeprefix("cosine_"))
        radian = cycle.size / (2.0 * np.pi * k) * to_phase
        made = _wave(fit, i, radian)
        which = f"harmonic {k} of {words}"
        found += [
            Named(f"amplitude_{k}", made[0], field.step, f"amplitude of {which}"),
            Named(
                f"phase_{k}",
                made[1],
                phase_unit,
                f"time of the first maximum of {which} after the start of the cycle",
            ),
            Named(
                f"amplitude_{k}_stderr",
                made[2],
                field.step,
                f"standard error of the amplitude of {which}",
            ),
            Named(
                f"phase_{k}_stderr",
                made[3],
                phase_unit,
                f"standard error of the time of the maximum of {which}",
            ),
            Named(
                f"amplitude_{k}_pvalue",
                made[4],
                one,
                f"p-value of {which}, F test",
            ),
        ]
    return found


def _phase_unit(points: Points, cycle: Span) -> Unit:
    """Return the unit phases are told in: days of a year, hours of a day."""
    if not points.is_time:
        return points.unit
    hour = 3600.0
    return parse("day" if cycle.size >= 48 * hour else "hour")


def _wave(fit: Fit, i: int, radian: float) -> list[Any]:
    """Return amplitude, phase, their standard errors and p-value of columns i, i+1."""
    parts = (
        fit.coefficient(i),
        fit.coefficient(i + 1),
        fit.covariance(i, i),
        fit.covariance(i, i + 1),
        fit.covariance(i + 1, i + 1),
        fit.extra("freedom"),
    )
    return [
        elementwise(function, *parts)
        for function in (
            lambda a, b, *_: np.hypot(a, b),
            lambda a, b, *_: np.arctan2(b, a) % (2.0 * np.pi) * radian,
            lambda a, b, aa, ab, bb, _: _error(a, b, aa, ab, bb, along=True),
            lambda a, b, aa, ab, bb, _: radian * _error(a, b, aa, ab, bb, along=False),
            _f_test,
        )
    ]


def _error(a: Any, b: Any, aa: Any, ab: Any, bb: Any, *, along: bool) -> Any:
    """Return the error of the length of (a, b), or of its angle, to first order."""
    with np.errstate(invalid="ignore", divide="ignore"):
        square = a * a + b * b
        if along:
            return np.sqrt((a * a * aa + 2.0 * a * b * ab + b * b * bb) / square)
        return np.sqrt(b * b * aa - 2.0 * a * b * ab + a * a * bb) / square


def _f_test(a: Any, b: Any, aa: Any, ab: Any, bb: Any, freedom: Any) -> Any:
    """Return the chance of both coefficients as far from 0 by noise alone."""
    from scipy.special import fdtrc

    with np.errstate(invalid="ignore", divide="ignore"):
        f = (a * a * bb - 2.0 * a * b * ab + b * b * aa) / (aa * bb - ab * ab) / 2.0
        return np.where(freedom > 0.0, fdtrc(2.0, freedom, f), np.nan)
