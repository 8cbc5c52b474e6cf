"""The robust slope in every cell, and whether a field rises at all, by ranks."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from xnabla.descent._status import Status
from xnabla.descent.cells._blocks import map_cells
from xnabla.descent.cells._field import field_of
from xnabla.descent.cells._linear import refuse_infinite
from xnabla.descent.cells._options import number, one_of, too_short, whole
from xnabla.descent.cells._points import points_of, span_of
from xnabla.descent.cells._result import (
    Named,
    cost_of,
    counts,
    dataset_of,
    elementwise,
    square_of,
)
from xnabla.errors import OptionError, explain
from xnabla.labels import check_field, title_of
from xnabla.units import cf_string, parse

Floats = NDArray[np.float64]

# All slopes of a cell are held at once: 8 n²/2 bytes.
_LONGEST = 20_000


def theil_sen(
    field: xr.DataArray,
    dim: str = "time",
    *,
    per: Any = None,
    memory: Literal["none", "ar1"] = "none",
    min_valid: int | None = None,
    confidence: float = 0.95,
) -> xr.Dataset:
    r"""Return the robust trend of a field in every cell, and the Mann-Kendall test.

    .. math:: b = \operatorname{median}_{i<j} \frac{y_j - y_i}{t_j - t_i}, \qquad
              S = \sum_{i<j} \operatorname{sgn}(y_j - y_i)

    Up to 29 % of the values may be anything without moving the slope far.

    Parameters
    ----------
    field : DataArray
        With a unit; of numpy or dask in one chunk along ``dim``.
    dim : str, optional
        Dimension, coordinate or role along which the trend is.
    per : str, optional
        What the slope is counted per: a decade along time unless given.
    memory : {"none", "ar1"}, optional
        Whether values are independent, or residuals remember the one before, which
        raises the variance of S (Yue and Wang 2004).
    min_valid : int, optional
        Fewest valid values of a cell; 3 unless more are asked for.
    confidence : float, optional
        Level of ``ci_low`` and ``ci_high``.

    Returns
    -------
    Dataset
        ``slope``, ``intercept`` (the median of the values less the slope, at the date
        ``reference``), ``ci_low``, ``ci_high`` (Sen 1968), ``pvalue`` (two-sided, ties
        corrected, continuity corrected), ``tau`` (Kendall's), ``n_valid``, ``n_eff``,
        ``cost`` (sum of squared residuals, which nothing minimised), ``cost_history``,
        ``gradient_norm``, ``n_iterations``, ``converged`` and ``status``.

    Raises
    ------
    GridError, UnitsError, FieldError
        If there is no such dimension, no unit, or no numbers.
    OptionError
        If the chunks of dask lie along the dimension, or an option cannot be.

    References
    ----------
    Sen (1968), J. Amer. Statist. Assoc. 63, 1379-1389;
    Yue and Wang (2004), Water Resour. Manage. 18, 201-218.

    Examples
    --------
    >>> day = xr.DataArray(np.arange(6.0), dims="time", attrs={"units": "days"})
    >>> t = xr.DataArray([0.0, 2, 4, 600, 8, 10], dims="time", coords={"time": day},
    ...     attrs={"units": "degC"})
    >>> print(f"{theil_sen(t, per='day').slope.data:.1f}")
    2.0 kelvin / day
    """
    from scipy.special import ndtr, ndtri

    one_of("memory", memory, ("none", "ar1"))
    level = number("confidence", confidence)
    if not 0.0 < level < 1.0:
        raise OptionError(
            explain(
                f"confidence={confidence!r} is no level of confidence",
                expected="a number between 0 and 1",
                hint="confidence=0.95",
            )
        )
    least = 3 if min_valid is None else whole("min_valid", min_valid, least=2)
    points = points_of(check_field(field, "theil_sen"), dim)
    taken = field_of(field, "theil_sen", points.dim)
    n = len(points.values)
    too_short(n, 2, taken)
    if n > _LONGEST:
        raise OptionError(
            explain(
                f"{n} points make {n * (n - 1) // 2} slopes a cell, too many to hold",
                expected=f"{_LONGEST} points or fewer",
                hint=f"field.resample({points.dim}='1YS').mean(), or xn.trend(field)",
            )
        )
    span = span_of(points, per)
    middle = points.middle
    steps = (points.values - middle) / span.size
    if len(np.unique(steps)) < n:
        raise OptionError(
            explain(
                f"Coordinate {points.coordinate!r} has points twice: no slope goes "
                "from one to the other",
                expected="different points",
                hint=f"field.groupby({points.coordinate!r}).mean()",
            )
        )
    z = float(ndtri(0.5 + level / 2.0))

    title = title_of(taken.source)

    def make(block: Any) -> Floats:
        from xnabla.descent.cells._sen_numba import sen_cells

        refuse_infinite(block, title)
        y = np.ascontiguousarray(np.asarray(block, dtype=np.float64).T)
        found = sen_cells(steps, y, z, memory=memory == "ar1")
        status = np.full(len(y), float(Status.EXACT))
        status[found[6] < max(least, 3)] = Status.TOO_FEW_DATA
        status[found[6] == 0.0] = Status.ALL_MISSING
        lost = status != Status.EXACT
        found[:6, lost] = np.nan
        found[7:, lost] = np.nan
        return np.concatenate([found, status[np.newaxis]])

    rows = map_cells(10, taken, (), make)
    slope, intercept, low, high, s, variance, count, n_eff, cost, status = (
        rows[i] for i in range(10)
    )

    def two_sided(s: Any, variance: Any) -> Any:
        with np.errstate(invalid="ignore", divide="ignore"):
            distance = np.maximum(np.abs(s) - 1.0, 0.0) / np.sqrt(variance)
            p = 2.0 * ndtr(-distance)
            return np.where((variance > 0.0) | np.isnan(s), p, 1.0)

    unit, words, one = span.rate(taken.step), taken.words, parse("1")
    end = f"end of the {100 * level:g} % confidence interval of the trend of {words}"
    variables = [
        Named("slope", slope, unit, f"Theil-Sen trend of {words}", span.attributes),
        Named(
            "intercept", intercept, taken.unit, f"{words} on the line, reference date"
        ),
        Named("ci_low", low, unit, f"lower {end}", span.attributes),
        Named("ci_high", high, unit, f"upper {end}", span.attributes),
        Named(
            "pvalue",
            elementwise(two_sided, s, variance),
            one,
            f"p-value of the trend of {words}, Mann-Kendall",
        ),
        Named(
            "tau",
            s / (count * (count - 1.0) / 2.0 + (count < 2.0)),
            one,
            f"Kendall's tau of {words}",
        ),
        Named("n_eff", n_eff, one, "number of independent values"),
        Named("cost", cost, square_of(taken.step), "sum of squared residuals"),
        Named("gradient_norm", 0.0 * cost, square_of(taken.step), "nothing descended"),
        *counts(count, 0.0 * count, status),
    ]
    attributes = {
        "operation": "theil_sen",
        "field": taken.name,
        "field_units": cf_string(taken.unit),
        "method": "median of all slopes, Mann-Kendall test",
        "memory": memory,
        "confidence": level,
        "min_valid": min_valid,
        **points.attributes(),
        "reference": points.date(middle),
        "per": span.text,
        "span": span.size,
        "span_units": cf_string(points.unit),
    }
    return dataset_of(variables, taken, attributes, cost_of(cost))
