"""The straight line in every cell: how fast a field rises, and whether it does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from xnabla.descent.cells._blocks import fit_cells
from xnabla.descent.cells._design import made_up, shared_design
from xnabla.descent.cells._field import Field, field_of
from xnabla.descent.cells._options import Choices, weights_of
from xnabla.descent.cells._points import Span, points_of, span_of
from xnabla.descent.cells._result import (
    Fit,
    Named,
    dataset_of,
    history_of,
    with_quality,
)
from xnabla.labels import check_field
from xnabla.units import cf_string, parse


def trend(
    field: xr.DataArray,
    dim: str = "time",
    *,
    per: Any = None,
    se: str = "ar1",
    weights: Any = None,
    min_valid: int | None = None,
    confidence: float = 0.95,
    lags: int | None = None,
    method: str = "auto",
) -> xr.Dataset:
    r"""Return the linear trend of a field in every cell, and how well it is known.

    .. math:: y = a + b\,(t - \bar t) + e, \qquad \min_{a, b} \sum w\, e^2

    Times are real: seconds between dates, on the calendar of the coordinate, however
    uneven. Missing values are left out, cell by cell, and every number that counts
    values counts those of the cell. Years are those of the calendar: where they are
    not of pint's 365.25 days, as on a 360-day calendar, ``slope`` says so in its
    ``comment``.

    Parameters
    ----------
    field : DataArray
        With a unit; of numpy or dask, whose chunks may lie along time too.
    dim : str, optional
        Dimension, coordinate or role along which the trend is: time unless given.
    per : str, optional
        What the slope is counted per: ``"decade"`` (the default along time),
        ``"year"``, ``"day"``, …; along another dimension its own unit.
    se : {"ar1", "ols", "hac"}, optional
        Standard errors: for residuals that remember the one before, with
        n (1 - r) / (1 + r) independent values (Santer et al. 2008); for independent
        residuals; or for residuals of any memory and variance (Newey and West 1987).
    weights : DataArray or array (n,), optional
        One for each time, or each value: 1/sigma² up to a factor. 0 leaves out.
    min_valid : int, optional
        Fewest valid values of a cell; 3 unless more are asked for.
    confidence : float, optional
        Level of ``ci_low`` and ``ci_high``.
    lags : int, optional
        Lags of ``"hac"``; 4 (n/100)^(2/9) unless given.
    method : str, optional
        ``"auto"`` and ``"exact"`` solve; a method of :func:`xnabla.descend` descends
        to the same numbers.

    Returns
    -------
    Dataset
        ``slope`` (unit of the field per ``per``), ``intercept`` (the value of the line
        at the mean of the times, ``reference``), ``slope_stderr``,
        ``intercept_stderr``, ``pvalue`` (two-sided t), ``ci_low``, ``ci_high``,
        ``n_valid``, ``n_eff``, ``r2``, ``cost``, ``cost_history``, ``gradient_norm``,
        ``n_iterations``, ``converged`` and ``status``. NaN where a cell has no answer,
        and ``status`` says why.

    Raises
    ------
    GridError
        If there is no such dimension, or it has no coordinate.
    UnitsError
        If the field has no unit.
    FieldError
        If the values are no real numbers, or infinite.
    OptionError
        If an option cannot be.

    References
    ----------
    Santer et al. (2008), Int. J. Climatol. 28, 1703-1722;
    Newey and West (1987), Econometrica 55, 703-708.

    Examples
    --------
    >>> time = xr.date_range("2000-01-01", periods=240, freq="MS")
    >>> noise = np.sin(np.arange(240.0) ** 2)
    >>> t = xr.DataArray(15 + 0.003 * np.arange(240) + noise, dims="time",
    ...     coords={"time": time}, attrs={"units": "degC"}, name="t")
    >>> fit = trend(t, se="ols")
    >>> print(f"{fit.slope.data:.3f}, {fit.slope_stderr.data:.3f}")
    0.408 kelvin / decade, 0.079 kelvin / decade
    >>> fit.attrs["per"], fit.attrs["reference"]
    ('decade', '2009-12-15T23:00:00')
    """
    choices = Choices(se, lags, min_valid, confidence, method).checked()
    points = points_of(check_field(field, "trend"), dim)
    taken = field_of(field, "trend", points.dim)
    span = span_of(points, per)
    middle = points.middle
    steps = (points.values - middle) / span.size
    names = ("intercept", "slope")
    columns = np.stack([np.ones_like(steps), steps], axis=1)
    design = shared_design(columns, names, constant=True, refusal=_one_time)
    problem = choices.problem(names, design, taken)
    fit = Fit(fit_cells(problem, taken.values, weights_of(weights, taken)), problem)
    attributes = {
        **choices.attributes("trend", taken, weights),
        **points.attributes(),
        "reference": points.date(middle),
        "per": span.text,
        "span": span.size,
        "span_units": cf_string(points.unit),
    }
    variables = _variables(fit, taken, span, attributes)
    return dataset_of(
        with_quality(fit, taken, variables), taken, attributes, history_of(fit)
    )


def _one_time(name: str, others: list[str]) -> str:
    return made_up(name, others, "Coordinate")


def _variables(
    fit: Fit, field: Field, span: Span, attributes: Mapping[str, Any]
) -> list[Named]:
    """Return what is told of the slope and of the line."""
    unit, words = span.rate(field.step), field.words
    line = f"{words} on the line of the trend"
    half = fit.half_width(1, attributes["confidence"])
    end = f"end of the {100 * attributes['confidence']:g} % confidence interval"
    slope, intercept = fit.coefficient(1), fit.coefficient(0)
    told = span.attributes
    return [
        Named("slope", slope, unit, f"linear trend of {words}", told),
        Named("intercept", intercept, field.unit, f"{line}, reference date"),
        Named(
            "slope_stderr",
            fit.stderr(1),
            unit,
            f"standard error of the trend of {words}",
            told,
        ),
        Named(
            "intercept_stderr", fit.stderr(0), field.step, f"standard error of {line}"
        ),
        Named(
            "pvalue",
            fit.pvalue(1),
            parse("1"),
            f"p-value of the trend of {words}, two-sided t",
        ),
        Named(
            "ci_low", slope - half, unit, f"lower {end} of the trend of {words}", told
        ),
        Named(
            "ci_high", slope + half, unit, f"upper {end} of the trend of {words}", told
        ),
    ]
