"""Any model in every cell: its parameters with units, errors and a status."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from xnabla.descent.cells._base import Base, base_of, parameters_of
from xnabla.descent.cells._batch import fit_batch
from xnabla.descent.cells._blocks import map_cells
from xnabla.descent.cells._field import Field, field_of
from xnabla.descent.cells._jacobian import Jacobian
from xnabla.descent.cells._linear import Problem, refuse_infinite
from xnabla.descent.cells._marquardt import Stops
from xnabla.descent.cells._options import number, one_of, too_short, weights_of, whole
from xnabla.descent.cells._points import points_of
from xnabla.descent.cells._result import (
    Fit,
    Named,
    check_names,
    cost_of,
    dataset_of,
    together,
    with_quality,
)
from xnabla.descent.cells._user import checked_model, checked_slopes
from xnabla.errors import OptionError, explain
from xnabla.labels import check_field, title_of
from xnabla.numerics import is_chunked
from xnabla.units import cf_string

Floats = NDArray[np.float64]


def fit_model(
    field: xr.DataArray,
    model: Callable[..., Any],
    dim: str = "time",
    *,
    params: Mapping[str, Any],
    bounds: Mapping[str, tuple[Any, Any]] | None = None,
    jac: Callable[..., Any] | None = None,
    method: str = "lm",
    loss: str = "linear",
    scale: Any = None,
    weights: Any = None,
    se: Literal["ols", "ar1"] = "ols",
    min_valid: int | None = None,
    max_iterations: int = 500,
    gtol: float = 1e-8,
    xtol: float = 1e-8,
    ftol: float = 1e-10,
) -> xr.Dataset:
    r"""Fit a model to a field in every cell, by Levenberg and Marquardt's method.

    .. math:: \min_\theta \sum_i w_i\, \rho\bigl(y_i - f(x_i; \theta)\bigr)

    All cells descend together, each with its own steps: the model is called with whole
    blocks of them, in several threads, and may be any function of numpy that
    broadcasts.

    Parameters
    ----------
    field : DataArray
        With a unit; of numpy or dask in one chunk along ``dim``.
    model : callable
        ``model(x, a, b, ...)``: x of shape (n,), each parameter (c, 1), returns (c, n).
        It gets plain numbers in base units of SI (seconds, metres, kelvin, pascals), so
        that a formula that is right with units is right here: it is tried once with
        quantities. x counts from the first point along time.
    dim : str, optional
        Dimension, coordinate or role along which is fitted.
    params : mapping of str to quantity, number or DataArray
        First guesses: their units are those of the results; a number has none; a
        DataArray may differ between cells.
    bounds : mapping of str to pair of quantity, optional
        Lowest and highest value of a parameter; ``None`` for no limit.
    jac : callable, optional
        ``jac(x, a, b, ...)`` returns the derivatives with respect to each parameter, in
        base units too. Differences are taken without it.
    method : {"lm"}, optional
    loss : {"linear", "huber"}, optional
        ``"huber"`` grows linearly beyond ``scale``, so that outliers pull less.
    scale : quantity, optional
        Residual at which that begins; by default 1.345 robust standard deviations of
        the residuals of a least-squares fit, cell by cell.
    weights : DataArray or array (n,), optional
        One for each time, or each value: 1/sigma² up to a factor.
    se : {"ols", "ar1"}, optional
        Standard errors for residuals that are independent, or remember the one before.
    min_valid : int, optional
        Fewest valid values of a cell; one more than parameters unless more are asked.
    max_iterations : int, optional
        Most steps tried in a cell.
    gtol, xtol, ftol : float, optional
        A cell has arrived when the cosine between residual and Jacobian, the step
        relative to the parameters, or the reduction of the cost is below.

    Returns
    -------
    Dataset
        Each parameter by its name, ``<name>_stderr``, ``n_valid``, ``n_eff``, ``r2``,
        ``cost``, ``cost_history``, ``gradient_norm`` (the cosine), ``n_iterations``,
        ``converged`` and ``status``: ``singular`` where the data do not determine a
        parameter, whatever its value.

    Raises
    ------
    GridError, UnitsError, FieldError
        If there is no such dimension, no unit, no numbers; or if the units of the model
        do not add up.
    OptionError
        If the model does not broadcast, is NaN at the first guess, or an option cannot
        be.

    References
    ----------
    Moré (1978), The Levenberg-Marquardt algorithm: implementation and theory;
    Huber (1964), Ann. Math. Statist. 35, 73-101.

    Examples
    --------
    >>> import pint
    >>> units = pint.get_application_registry()
    >>> day = xr.DataArray(np.arange(30.0), dims="time", attrs={"units": "days"})
    >>> t = xr.DataArray(20 * np.exp(-np.arange(30.0) / 7), dims="time",
    ...     coords={"time": day}, attrs={"units": "K"})
    >>> def decay(t, a, tau):
    ...     return a * np.exp(-t / tau)
    >>> first = {"a": units.Quantity(10, "K"), "tau": units.Quantity(3, "day")}
    >>> fit = fit_model(t, decay, params=first)
    >>> print(f"{fit.a.data:.3f}, {fit.tau.data:.3f}")
    20.000 kelvin, 7.000 day
    """
    one_of("method", method, ("lm",))
    one_of("loss", loss, ("linear", "huber"))
    one_of("se", se, ("ols", "ar1"))
    stops = Stops(
        number("gtol", gtol),
        number("xtol", xtol),
        number("ftol", ftol),
        whole("max_iterations", max_iterations, least=1),
    )
    points = points_of(check_field(field, "fit_model"), dim)
    taken = field_of(field, "fit_model", points.dim)
    values, coordinate = base_of(taken.unit), base_of(points.unit)
    guesses = parameters_of(params, bounds, taken)
    # before the work, not after it
    made = [f"{one.name}{end}" for one in guesses for end in ("", "_stderr")]
    check_names(made, taken, history=True)
    too_short(len(points.values), len(guesses), taken)
    x = coordinate.inward(points.values)
    call = checked_model(model, x, coordinate, guesses, values, taken)
    sizes = np.array([one.size for one in guesses])
    jacobian = Jacobian(
        call, x, sizes, None if jac is None else checked_slopes(jac, x, guesses)
    )
    knee = _knee(loss, scale, values, taken)
    names = tuple(one.name for one in guesses)
    problem = Problem(
        names,
        False,
        None,
        len(x),
        se=se,
        min_valid=whole_or_none(min_valid),
    )
    given = weights_of(weights, taken)
    common = given if given is not None and given.ndim == 1 else None
    own = None if given is None or given.ndim == 1 else given
    shape = (len(guesses), *taken.values.shape[1:])
    starts = np.stack([np.broadcast_to(one.start, shape[1:]) for one in guesses])
    limits = (
        np.array([one.low for one in guesses]),
        np.array([one.high for one in guesses]),
    )
    histories: list[Floats] = []
    title = title_of(taken.source)

    def make(block: Any, block_weights: Any, start: Any) -> Floats:
        refuse_infinite(block, title)
        w = block_weights if common is None else common[:, np.newaxis]
        return fit_batch(
            problem, jacobian, values.inward(block), w, start, limits, loss, knee,
            stops, histories,
        )  # fmt: skip

    rows = map_cells(problem.rows, taken, (own, starts), make)
    fit = Fit(rows, problem)
    attributes = {
        "operation": "fit_model",
        "field": taken.name,
        "field_units": cf_string(taken.unit),
        "method": "Levenberg-Marquardt",
        "model": getattr(model, "__name__", type(model).__name__),
        "parameters": ", ".join(names),
        "loss": loss,
        "scale": None if knee is None else repr(knee / values.factor),
        "se": se,
        "gtol": stops.gtol,
        "xtol": stops.xtol,
        "ftol": stops.ftol,
        "max_iterations": stops.max_iterations,
        "min_valid": min_valid,
        "weighted": "no" if weights is None else "yes",
        **points.attributes(),
        "origin": points.date(0.0),
        "x_units": cf_string(coordinate.target),
    }
    variables = []
    for i, one in enumerate(guesses):
        value = one.base.outward(fit.coefficient(i))
        error = fit.stderr(i) / one.base.factor
        told = f"parameter {one.name} of the model of {taken.words}"
        variables += [
            Named(one.name, value, one.base.source, told),
            Named(
                f"{one.name}_stderr", error, one.base.step, f"standard error of {told}"
            ),
        ]
    return dataset_of(
        with_quality(fit, taken, variables, cosine=True, size=values.factor**2),
        taken,
        attributes,
        (cost_of(fit.extra("cost")) if is_chunked(rows) else together(histories))
        / values.factor**2,
    )


def whole_or_none(min_valid: Any) -> int:
    """Return the fewest values asked for, or 0."""
    return 0 if min_valid is None else whole("min_valid", min_valid, least=1)


def _knee(loss: str, scale: Any, values: Base, field: Field) -> float | None:
    """Return where Huber's cost turns linear, in base units, if it was said."""
    if scale is None:
        return None
    if loss != "huber":
        raise OptionError(
            explain(
                "scale= says nothing with loss='linear'",
                expected="loss='huber' with it",
                hint="loss='huber'",
            )
        )
    knee = values.difference_of(scale, "scale=", title_of(field.source))
    if knee > 0.0:
        return knee
    raise OptionError(
        explain(
            f"scale={scale!r} is no size of a residual",
            expected="more than 0",
            hint="scale=1.345 * sigma",
        )
    )
