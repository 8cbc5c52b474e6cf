"""Fits as a Dataset: named variables with their units, and how far to trust them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from xnabla.descent._folded import folded
from xnabla.descent._status import is_converged, status_attributes, warn_of
from xnabla.descent.cells._descents import Descent
from xnabla.descent.cells._field import Field
from xnabla.descent.cells._linear import EXTRAS, Problem
from xnabla.errors import OptionError, explain
from xnabla.labels import describe
from xnabla.numerics import is_chunked
from xnabla.units import Unit, parse

# What a fit holds besides its coefficients: none of them may be called so.
TAKEN = frozenset(
    {
        "n_eff",
        "r2",
        "cost",
        "cost_history",
        "gradient_norm",
        "n_valid",
        "n_iterations",
        "converged",
        "status",
        "iteration",
    }
)


@dataclass(frozen=True, slots=True, eq=False)
class Named:
    """One variable of a result.

    Attributes
    ----------
    name : str
    values : array (*cells)
    unit : Unit or None
        ``None`` for counts and flags, which carry no pint unit.
    long_name : str
    attributes : mapping
        Further ones.
    """

    name: str
    values: Any
    unit: Unit | None
    long_name: str
    attributes: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """The rows of a linear fit, by what they are; of numpy or dask alike."""

    rows: Any
    problem: Problem

    def coefficient(self, i: int) -> Any:
        """Return the coefficient of a column."""
        return self.rows[i]

    def covariance(self, i: int, j: int) -> Any:
        """Return the covariance of two coefficients."""
        i, j = max(i, j), min(i, j)
        return self.rows[len(self.problem.names) + i * (i + 1) // 2 + j]

    def stderr(self, i: int) -> Any:
        """Return the standard error of a coefficient."""
        return elementwise(_root, self.covariance(i, i))

    def extra(self, name: str) -> Any:
        """Return what else is known of a cell: ``n``, ``n_eff``, ``cost``, …."""
        return self.rows[self.rows.shape[0] - len(EXTRAS) + EXTRAS.index(name)]

    def pvalue(self, i: int) -> Any:
        """Return the chance of one as far from 0 by noise alone: two-sided t."""
        return elementwise(
            _two_sided, self.coefficient(i), self.stderr(i), self.extra("freedom")
        )

    def half_width(self, i: int, confidence: float) -> Any:
        """Return half of the confidence interval of a coefficient."""
        upper = 0.5 + confidence / 2.0
        return elementwise(
            lambda s, n: _quantile(n, upper) * s, self.stderr(i), self.extra("freedom")
        )

    @property
    def explained(self) -> Any:
        """R²: how much of the variance about the mean the fit explains."""
        return elementwise(_explained, self.extra("cost"), self.extra("total"))


def elementwise(function: Callable[..., Any], *arrays: Any) -> Any:
    """Return a function of arrays, chunk by chunk if they are of dask."""
    if any(is_chunked(one) for one in arrays):
        import dask.array as da

        mapped: Any = da.map_blocks
        return mapped(function, *arrays, dtype=np.float64)
    return function(*arrays)


def _root(variance: Any) -> Any:
    with np.errstate(invalid="ignore"):  # rounding leaves less than nothing of 0
        return np.sqrt(np.maximum(variance, 0.0))


def _two_sided(value: Any, stderr: Any, freedom: Any) -> Any:
    from scipy.special import stdtr

    with np.errstate(invalid="ignore", divide="ignore"):
        t = np.abs(value / stderr)
        return np.where(freedom > 0.0, 2.0 * stdtr(freedom, -t), np.nan)


def _quantile(freedom: Any, upper: float) -> Any:
    """Return quantiles of t, each asked for once."""
    from scipy.special import stdtrit

    valid = np.where(freedom > 0.0, freedom, np.nan)
    kinds, where = np.unique(valid, return_inverse=True)
    with np.errstate(invalid="ignore"):
        return stdtrit(kinds, upper)[where].reshape(np.shape(freedom))


def _explained(cost: Any, total: Any) -> Any:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(total > 0.0, 1.0 - cost / total, np.nan)


def square_of(unit: Unit) -> Unit:
    """Return the unit of a cost: squared differences."""
    return unit * unit


def with_quality(
    fit: Fit,
    field: Field,
    parameters: Iterable[Named],
    *,
    cosine: bool = False,
    size: float = 1.0,
) -> list[Named]:
    """Return the parameters and what every fit tells of itself.

    Parameters
    ----------
    fit : Fit
    field : Field
    parameters : iterable of Named
    cosine : bool
        Whether the gradient is told as a cosine.
    size : float
        What the numbers of the cost are to be divided by.
    """
    cost_unit = square_of(field.step)
    one = parse("1")
    found = list(parameters)
    if fit.problem.se != "hac":
        found.append(
            Named("n_eff", fit.extra("n_eff"), one, "number of independent values")
        )
    found += [
        Named("r2", fit.explained, one, "part of the variance that the fit explains"),
        Named("cost", fit.extra("cost") / size, cost_unit, "sum of squared residuals"),
        Named(
            "gradient_norm",
            fit.extra("gradient"),
            one if cosine else cost_unit,
            "largest cosine between the residual and a column of the Jacobian"
            if cosine
            else "norm of the gradient of the cost, parameters standardised",
        ),
    ]
    return found + counts(fit.extra("n"), fit.extra("iterations"), fit.extra("status"))


def counts(n: Any, iterations: Any, status: Any) -> list[Named]:
    """Return the counts and flags that every fit has."""
    status = status.astype(np.int8)
    converged = (
        status.map_blocks(is_converged, dtype=bool)
        if is_chunked(status)
        else is_converged(status)
    )
    return [
        Named("n_valid", _whole(n), None, "number of valid values"),
        Named("n_iterations", _whole(iterations), None, "number of iterations"),
        Named("converged", converged, None, "whether there is an answer"),
        Named("status", status, None, "", status_attributes()),
    ]


def _whole(values: Any) -> Any:
    return np.nan_to_num(values).astype(np.int32)


def dataset_of(
    variables: Iterable[Named],
    field: Field,
    attributes: Mapping[str, Any],
    history: Any = None,
) -> xr.Dataset:
    """Return the Dataset of a fit, and warn of cells without an answer.

    Parameters
    ----------
    variables : iterable of Named
    field : Field
    attributes : mapping
        Global ones: what allows to repeat the numbers.
    history : array (iterations,), optional
        The cost of all cells together, at each iteration.
    """
    named = list(variables)
    check_names([one.name for one in named], field, history=history is not None)
    made = {one.name: _described(one, field) for one in named}
    result = xr.Dataset(made)
    if history is not None:
        values, unit = folded(history, square_of(field.step))
        like = xr.DataArray(
            np.zeros(values.shape[0]),
            dims="iteration",
            coords={"iteration": np.arange(values.shape[0])},
        )
        result["cost_history"] = describe(
            values,
            like=like,
            unit=unit,
            name="cost_history",
            attributes={"long_name": "cost of all cells together"},
        )
    result.attrs = {k: v for k, v in attributes.items() if v is not None}
    status = made["status"].data
    if not is_chunked(status):
        warn_of(status, stacklevel=4)
    return result


def check_names(names: list[str], field: Field, *, history: bool) -> None:
    """Refuse a name that two variables, or a coordinate of the field, would have."""
    taken = {str(name) for name in (*field.like.coords, *field.like.dims)}
    if history:
        taken |= {"cost_history", "iteration"}
    for name in names:
        if name in taken:
            raise OptionError(
                explain(
                    f"The result would hold two things called {name!r}",
                    expected="names that no coordinate of the field and no other "
                    "variable of the result has",
                    got=", ".join(map(repr, names)),
                    hint=f"'my_{name}' for the predictor or parameter",
                )
            )
        taken.add(name)


def _described(one: Named, field: Field) -> xr.DataArray:
    attributes = {"long_name": one.long_name, **(one.attributes or {})}
    if one.unit is None:
        variable = xr.Variable(field.like.dims, one.values)
        plain = xr.DataArray(variable, coords=field.like.coords, name=one.name)
        plain.attrs = {k: v for k, v in attributes.items() if not _is_empty(v)}
        if one.name.startswith("n_"):
            plain.attrs["units"] = "1"
        return plain
    values, unit = folded(one.values, one.unit)
    values = np.asarray(values) if np.isscalar(values) else values
    return describe(
        _cast(values, field.dtype),
        like=field.like,
        unit=unit,
        name=one.name,
        attributes=attributes,
    )


def _cast(values: Any, dtype: np.dtype[Any]) -> Any:
    """Return values in a precision; what is too large for it is infinite."""

    def cast(block: Any) -> Any:
        with np.errstate(over="ignore", under="ignore"):
            return np.asarray(block).astype(dtype)

    if is_chunked(values):
        import dask.array as da

        mapped: Any = da.map_blocks
        return mapped(cast, values, dtype=dtype)
    return cast(values)


def _is_empty(value: Any) -> bool:
    return isinstance(value, str) and not value


def history_of(fit: Fit) -> Any:
    """Return the cost of a descent, or of the means and of the exact solution."""
    descent = fit.problem.descend
    if isinstance(descent, Descent) and not is_chunked(fit.rows):
        return together(descent.histories)
    rows = [fit.extra("total"), fit.extra("cost")]
    sums = [_total(row) for row in rows]
    if is_chunked(sums[0]):
        import dask.array as da

        stack: Any = da.stack
        return stack(sums)
    return np.array(sums)


def cost_of(row: Any) -> Any:
    """Return the cost of all cells together, as a history of one entry."""
    return np.reshape(_total(row), 1) if not is_chunked(row) else _total(row)[None]


def together(histories: list[Any]) -> Any:
    """Return the cost of all blocks together; each stays at its last."""
    longest = max((len(one) for one in histories), default=1)
    total = np.zeros(longest)
    # blocks end in any order, and a sum must not depend on it
    for one in sorted(histories, key=lambda h: (len(h), float(h[0]), float(h[-1]))):
        total[: len(one)] += one
        total[len(one) :] += one[-1]
    return total


def _total(row: Any) -> Any:
    if is_chunked(row):
        import dask.array as da

        return da.nansum(row)
    return np.nansum(row)
