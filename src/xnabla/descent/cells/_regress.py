"""A linear regression in every cell: on indices, on other fields, on anything."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from xnabla.descent.cells._blocks import fit_cells
from xnabla.descent.cells._design import shared_design
from xnabla.descent.cells._field import Field, along_cells, field_of
from xnabla.descent.cells._linear import refuse_infinite
from xnabla.descent.cells._options import Choices, number, weights_of
from xnabla.descent.cells._result import (
    TAKEN,
    Fit,
    Named,
    dataset_of,
    history_of,
    with_quality,
)
from xnabla.errors import FieldError, OptionError, UnitsError, explain
from xnabla.grid import grid_of
from xnabla.labels import check_field, split
from xnabla.numerics import is_chunked
from xnabla.units import Unit, cf_string, difference, is_offset, parse


def regress(
    field: xr.DataArray,
    predictors: xr.Dataset | xr.DataArray | Mapping[str, xr.DataArray],
    dim: str = "time",
    *,
    intercept: bool = True,
    ridge: float | None = None,
    weights: Any = None,
    se: str = "ar1",
    min_valid: int | None = None,
    confidence: float = 0.95,
    lags: int | None = None,
    method: str = "auto",
) -> xr.Dataset:
    r"""Return the linear regression of a field on predictors, in every cell.

    .. math:: y = a + \sum_j b_j x_j + e, \qquad
              \min_{a, b} \sum w\, e^2 + \rho \sum_j (s_j b_j)^2

    Parameters
    ----------
    field : DataArray
        With a unit; of numpy or dask, whose chunks may lie along ``dim`` too.
    predictors : Dataset, DataArray or mapping of str to DataArray
        Of ``dim``, on the points of the field; those with dimensions of the cells too
        differ between cells. Each with a unit. Times at which one is missing are left
        out.
    dim : str, optional
        Dimension, coordinate or role of the samples.
    intercept : bool, optional
        Whether there is a constant a, the value where all predictors are 0.
    ridge : float, optional
        Strength ρ of a penalty on the coefficients, each times the standard deviation
        s of its predictor in the cell, so that no unit matters; never on the constant.
    weights : DataArray or array (n,), optional
        One for each time, or each value: 1/sigma² up to a factor. 0 leaves out.
    se : {"ar1", "ols", "hac"}, optional
        Standard errors, as :func:`trend` has them.
    min_valid : int, optional
        Fewest valid values of a cell; one more than coefficients unless more are asked.
    confidence : float, optional
        Level of the confidence intervals.
    lags : int, optional
        Lags of ``"hac"``; 4 (n/100)^(2/9) unless given.
    method : str, optional
        ``"auto"`` and ``"exact"`` solve; a method of :func:`xnabla.descend` descends
        to the same numbers.

    Returns
    -------
    Dataset
        A variable named as each predictor (unit of the field per its unit), with
        ``<name>_stderr``, ``<name>_pvalue``, ``<name>_ci_low``, ``<name>_ci_high``;
        ``intercept`` and its error; ``n_valid``, ``n_eff``, ``r2``, ``cost``,
        ``cost_history``, ``gradient_norm``, ``n_iterations``, ``converged`` and
        ``status``.

    Raises
    ------
    GridError, UnitsError, FieldError
        If field or predictors have no dimension ``dim``, no unit, or are no numbers.
    OptionError
        If predictors lie on other points, or make up one another (they are named), or
        an option cannot be.

    References
    ----------
    Santer et al. (2008), Int. J. Climatol. 28, 1703-1722;
    Hoerl and Kennard (1970), Technometrics 12, 55-67.

    Examples
    --------
    >>> index = xr.DataArray([-1.0, 0.5, 2.0, 0.0, -1.5], dims="time",
    ...     attrs={"units": "hPa"})
    >>> t = (3.0 + 0.5 * index).assign_attrs(units="degC")
    >>> fit = regress(t, {"soi": index}, se="ols")
    >>> print(f"{fit.soi.data:.2f}, {fit.intercept.data.magnitude:.2f}")
    0.50 kelvin / hectopascal, 3.00
    """
    choices = Choices(se, lags, min_valid, confidence, method).checked()
    own = grid_of(check_field(field, "regress")).dim(dim)
    taken = field_of(field, "regress", own)
    if not intercept:
        _check_zero(taken)
    strength = 0.0 if ridge is None else number("ridge", ridge)
    if strength < 0.0:
        raise OptionError(
            explain(
                f"ridge={ridge!r} would reward large coefficients",
                expected="0 or more",
                hint="ridge=1.0",
            )
        )
    named = _named(predictors)
    columns, units, varies = _columns(named, taken)
    names = (*(("intercept",) if intercept else ()), *named)
    design = None
    if not varies:
        ones = [np.ones(taken.values.shape[0])] if intercept else []
        table = np.stack([*ones, *columns], axis=1)
        design = shared_design(table, names, constant=intercept)
    problem = choices.problem(names, design, taken, constant=intercept, ridge=strength)
    rows = fit_cells(
        problem,
        taken.values,
        weights_of(weights, taken),
        tuple(columns) if varies else (),
    )
    fit = Fit(rows, problem)
    attributes = {
        **choices.attributes("regress", taken, weights),
        "dim": own,
        "predictors": ", ".join(named),
        "predictor_units": ", ".join(cf_string(unit) for unit in units),
        "intercept": "yes" if intercept else "no",
        "ridge": ridge,
    }
    return dataset_of(
        with_quality(fit, taken, _variables(fit, taken, units, choices.confidence)),
        taken,
        attributes,
        history_of(fit),
    )


def _named(predictors: Any) -> dict[str, xr.DataArray]:
    """Return predictors by name."""
    if isinstance(predictors, xr.DataArray):
        if predictors.name is None:
            raise OptionError(
                explain(
                    "The predictor has no name, which its coefficient is to have",
                    expected="a name",
                    hint="predictors={'index': index}",
                )
            )
        predictors = {str(predictors.name): predictors}
    elif isinstance(predictors, xr.Dataset):
        predictors = dict(predictors.data_vars)
    if not isinstance(predictors, Mapping) or not predictors:
        raise OptionError(
            explain(
                "There are no predictors to regress on",
                expected="a Dataset, or DataArrays by name",
                got=type(predictors).__name__ if predictors else "none",
                hint="predictors={'index': index}",
            )
        )
    named = {str(name): one for name, one in predictors.items()}
    for name, one in named.items():
        if not isinstance(one, xr.DataArray):
            raise FieldError(
                explain(
                    f"Predictor {name!r} is no labelled field",
                    expected="a DataArray with units",
                    got=type(one).__name__,
                    hint=f"{{{name!r}: xarray.DataArray(values, dims='time', "
                    "attrs={'units': '1'})}",
                )
            )
        if name in TAKEN | {"intercept"}:
            raise OptionError(
                explain(
                    f"A predictor called {name!r} would hide what a result calls so",
                    expected="another name",
                    hint=f"{{'my_{name}': ...}}",
                )
            )
    return named


def _columns(
    named: Mapping[str, xr.DataArray], field: Field
) -> tuple[list[Any], list[Unit], bool]:
    """Return the values and units of predictors, and whether cells differ in them."""
    found: list[tuple[Any, bool]] = []
    units: list[Unit] = []
    for name, one in named.items():
        plain = split(one.rename(name))
        bare = one.copy(deep=False, data=plain.values)
        title = f"Predictor {name!r}"
        values, of_cells = along_cells(bare, field, title, "predictors")
        if not is_chunked(values):
            refuse_infinite(_double(values), title)
        found.append((values, of_cells))
        units.append(plain.unit)
    if not any(of_cells for _, of_cells in found):
        return [_double(values) for values, _ in found], units, False
    shape = field.values.shape
    whole = [
        values
        if of_cells
        else np.broadcast_to(
            _double(values).reshape(-1, *(1,) * (len(shape) - 1)), shape
        )
        for values, of_cells in found
    ]
    return whole, units, True


def _double(values: Any) -> Any:
    return np.asarray(values, dtype=np.float64)


def _check_zero(field: Field) -> None:
    """Refuse a fit through a zero that is no zero."""
    if is_offset(field.unit):
        raise UnitsError(
            explain(
                f"Without a constant the fit goes through 0 {field.unit}, which is "
                "no zero of the quantity",
                expected="a unit whose zero means nothing is there, such as 'K'",
                got=f"'{field.unit}'",
                hint="intercept=True, or an anomaly in 'K'",
            )
        )


def _variables(
    fit: Fit, field: Field, units: list[Unit], confidence: float
) -> list[Named]:
    """Return what is told of each coefficient."""
    words, found = field.words, []
    names = fit.problem.names
    if fit.problem.constant:
        found = [
            Named(
                "intercept",
                fit.coefficient(0),
                field.unit,
                f"{words} where all predictors are 0",
            ),
            Named(
                "intercept_stderr",
                fit.stderr(0),
                field.step,
                f"standard error of {words} where all predictors are 0",
            ),
        ]
    first = int(fit.problem.constant)
    end = f"end of the {100 * confidence:g} % confidence interval"
    for i, (name, unit) in enumerate(zip(names[first:], units, strict=True), first):
        own = field.step / difference(unit, of=name)
        value, half = fit.coefficient(i), fit.half_width(i, confidence)
        told = f"regression of {words} on {name}"
        found += [
            Named(name, value, own, told),
            Named(
                f"{name}_stderr", fit.stderr(i), own, f"standard error of the {told}"
            ),
            Named(
                f"{name}_pvalue", fit.pvalue(i), parse("1"), f"p-value of the {told}"
            ),
            Named(f"{name}_ci_low", value - half, own, f"lower {end} of the {told}"),
            Named(f"{name}_ci_high", value + half, own, f"upper {end} of the {told}"),
        ]
    return found
