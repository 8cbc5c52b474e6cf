"""Which cells of a map are significant, when thousands were tested at once."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from xnabla.descent.cells._options import number, one_of
from xnabla.errors import FieldError, OptionError, explain
from xnabla.labels import title_of
from xnabla.numerics import is_chunked
from xnabla.units import is_quantity, split_quantity


def field_significance(
    pvalue: xr.DataArray | xr.Dataset, alpha: float = 0.05, *, method: str = "fdr"
) -> xr.DataArray:
    r"""Return where a map of p-values is significant as a whole.

    Of N true null hypotheses α N are rejected by chance, a map full of stippling.
    Benjamini and Hochberg's procedure keeps the share of false ones among those
    rejected below α:

    .. math:: p_\mathrm{FDR} = \max_i \{p_{(i)} : p_{(i)} \le \frac{i}{N} \alpha\}

    and is valid, if conservative, for the correlated fields of the atmosphere.

    Parameters
    ----------
    pvalue : DataArray or Dataset
        P-values of one map, or what :func:`trend` returned. NaN is no test.
    alpha : float, optional
        Largest share of false discoveries.
    method : {"fdr", "none"}, optional
        ``"none"`` compares each p-value with alpha, as too many do.

    Returns
    -------
    DataArray of bool
        True where significant; its attribute ``p_threshold`` is the largest p-value
        that was accepted, 0 if none was.

    Raises
    ------
    FieldError
        If these are no p-values.
    OptionError
        If alpha or the method cannot be.

    References
    ----------
    Wilks (2016), Bull. Amer. Meteor. Soc. 97, 2263-2273;
    Benjamini and Hochberg (1995), J. R. Statist. Soc. B 57, 289-300.

    Examples
    --------
    >>> p = xr.DataArray([0.01, 0.04, 0.03, 0.2, np.nan], dims="x")
    >>> field_significance(p, 0.1).values
    array([ True,  True,  True, False, False])
    >>> field_significance(p, 0.05).values
    array([ True, False, False, False, False])
    """
    one_of("method", method, ("fdr", "none"))
    if not 0.0 < number("alpha", alpha) < 1.0:
        raise OptionError(
            explain(
                f"alpha={alpha!r} is no level of significance",
                expected="a number between 0 and 1",
                hint="alpha=0.05",
            )
        )
    field = _pvalues(pvalue)
    data: Any = field.data
    if is_quantity(data):
        data, _ = split_quantity(data)
    values = np.asarray(data.compute() if is_chunked(data) else data, dtype=np.float64)
    known = values[~np.isnan(values)]
    if known.size and not (known.min() >= 0.0 and known.max() <= 1.0):
        raise FieldError(
            explain(
                f"{title_of(field)} holds no p-values",
                expected="numbers from 0 to 1",
                got=f"{known.min():g} to {known.max():g}",
                hint="field_significance(xn.trend(field).pvalue)",
            )
        )
    threshold = alpha if method == "none" else _threshold(known, alpha)
    with np.errstate(invalid="ignore"):
        significant = values <= threshold
    words = "false discovery rate" if method == "fdr" else "each cell by itself"
    return xr.DataArray(
        xr.Variable(field.dims, significant),
        coords=field.coords,
        name="significant",
        attrs={
            "long_name": f"significant at {alpha:g}, {words}",
            "p_threshold": float(threshold),
            "alpha": float(alpha),
            "method": method,
        },
    )


def _threshold(known: Any, alpha: float) -> float:
    """Return the largest p-value that passes: the last one under the line."""
    ordered = np.sort(known)
    line = alpha * np.arange(1, ordered.size + 1) / max(ordered.size, 1)
    under = np.flatnonzero(ordered <= line)
    return float(ordered[under[-1]]) if under.size else 0.0


def _pvalues(given: Any) -> xr.DataArray:
    if isinstance(given, xr.DataArray):
        return given
    if isinstance(given, xr.Dataset) and "pvalue" in given:
        return given["pvalue"]
    named = []
    if isinstance(given, xr.Dataset):
        named = [str(n) for n in given.data_vars if str(n).endswith("_pvalue")]
    raise FieldError(
        explain(
            "Field significance is asked of a map of p-values",
            expected="a DataArray, or the Dataset of a trend",
            got=f"{type(given).__name__}"
            + (f" with {', '.join(named)}" if named else ""),
            hint=f"field_significance(fit[{named[0]!r}])" if named else None,
        )
    )
