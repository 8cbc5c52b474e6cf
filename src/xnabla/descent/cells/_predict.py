"""What a fit says of any point, and what it leaves of a field."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import xarray as xr

from xnabla.descent.cells._base import base_of, check_kind, converted
from xnabla.descent.cells._points import Points, points_of, span_of
from xnabla.descent.cells._trend import trend
from xnabla.descent.cells._user import in_order
from xnabla.errors import FieldError, OptionError, XnablaError, explain
from xnabla.labels import check_field, describe, split, title_of
from xnabla.numerics import is_chunked
from xnabla.units import Unit, conversion_factor, difference, in_registry_of, parse


def predict(
    fit: xr.Dataset, at: Any, *, model: Callable[..., Any] | None = None
) -> xr.DataArray:
    """Return what a fit says at some points.

    Parameters
    ----------
    fit : Dataset
        What :func:`trend`, :func:`theil_sen`, :func:`harmonic_fit`, :func:`regress` or
        :func:`fit_model` returned, or a file it was written to.
    at : DataArray, Dataset or mapping
        A field or a coordinate with the points: ``field.time``, or times to come; for a
        regression its predictors.
    model : callable, optional
        The model, for :func:`fit_model`.

    Returns
    -------
    DataArray
        In the unit of the field: the dimension of ``at`` first, then those of the
        cells. NaN where the fit has no answer.

    Raises
    ------
    FieldError
        If it is no fit.
    OptionError, GridError
        If the points are of another calendar, or predictors are missing.

    Examples
    --------
    >>> day = xr.DataArray([0.0, 1, 2, 3], dims="time", attrs={"units": "days"})
    >>> t = xr.DataArray([1.0, 3, 5, 7], dims="time", coords={"time": day},
    ...     attrs={"units": "degC"})
    >>> predict(trend(t, per="day", se="ols"), t.time).data.magnitude
    array([1., 3., 5., 7.])
    """
    how = _operation(fit)
    if how == "regress":
        return _regression(fit, at)
    if not isinstance(at, xr.DataArray):
        raise FieldError(
            explain(
                "predict needs the points as a labelled coordinate",
                expected="a DataArray with the dimension of the fit",
                got=type(at).__name__,
                hint=f"predict(fit, dataset[{fit.attrs['dim']!r}])"
                if isinstance(at, xr.Dataset)
                else "predict(fit, xarray.DataArray(times, dims='time', "
                "coords={'time': times}))",
            )
        )
    points = points_of(check_field(at, "predict"), str(fit.attrs["dim"]))
    _check_calendar(fit, points)
    if how == "fit_model":
        return _modelled(fit, points, at, model)
    since = points.values + points.since(str(fit.attrs["reference"]))
    name, slope = ("mean", "trend") if how == "harmonic_fit" else ("intercept", "slope")
    start = split(fit[name])
    step = difference(start.unit)
    if is_chunked(start.values) and at.chunks:
        since = _in_blocks(since, at.chunksizes[points.dim])
    made = _spread(fit[name], np.ones_like(since)) * start.values
    if slope in fit:
        rate = split(fit[slope])
        # a decade of the slope is one of the calendar, not pint's of 365.25 days a year
        span = span_of(points, str(fit.attrs["per"]))
        factor = conversion_factor(rate.unit, span.rate(step)) / span.size
        made = made + _spread(fit[name], since * factor) * rate.values
    if how == "harmonic_fit":
        made = made + _waves(fit, points, step)
    return _labelled(made, fit[name], points, at, start.unit, fit)


def detrend(
    field: xr.DataArray,
    fit: xr.Dataset | None = None,
    dim: str = "time",
    *,
    keep_mean: bool = False,
) -> xr.DataArray:
    """Return what a fit leaves of a field: the field less its prediction.

    Parameters
    ----------
    field : DataArray
        With a unit.
    fit : Dataset, optional
        What :func:`trend`, :func:`theil_sen` or :func:`harmonic_fit` returned; the
        least-squares line unless given.
    dim : str, optional
        Where the line is fitted along, without a fit.
    keep_mean : bool, optional
        Whether the mean of the fit stays in: then only its changes are taken off.

    Returns
    -------
    DataArray
        In the unit of differences of the field (K for degC), or, with its mean, in the
        unit of the field.

    Raises
    ------
    FieldError, GridError, UnitsError, OptionError
        As :func:`trend` and :func:`predict`.

    Examples
    --------
    >>> day = xr.DataArray([0.0, 1, 2, 3], dims="time", attrs={"units": "days"})
    >>> t = xr.DataArray([1.0, 4, 4, 7], dims="time", coords={"time": day},
    ...     attrs={"units": "degC"})
    >>> np.round(detrend(t).data, 3)
    <Quantity([-0.3  0.9 -0.9  0.3], 'kelvin')>
    """
    given = check_field(field, "detrend")
    found = trend(given, dim, se="ols") if fit is None else fit
    how = _operation(found)
    if how in {"regress", "fit_model"}:
        raise OptionError(
            explain(
                f"What {how} leaves needs more than the field to be told",
                expected="a fit of trend, theil_sen or harmonic_fit",
                hint="field - xn.predict(fit, predictors)",
            )
        )
    plain = split(given)
    _check_cells(found, given)
    guess = predict(found, given).transpose(*given.dims)
    said = split(guess)
    check_kind(plain.unit, said.unit, title_of(given))
    values = converted(said.values, said.unit, plain.unit)
    left, unit = plain.values - values, difference(plain.unit)
    name = "f" if given.name is None else str(given.name)
    words = str(given.attrs.get("long_name", name))
    if keep_mean:
        start = split(found["mean" if how == "harmonic_fit" else "intercept"])
        level = converted(start.values, start.unit, plain.unit)
        own = xr.Variable(found["status"].dims, level)
        whole = xr.Variable(given.dims, left) + own
        left, unit = whole.transpose(*given.dims).data, plain.unit
    factor = unit.factor
    result = describe(
        (left * factor).astype(plain.values.dtype),
        like=given,
        unit=Unit(1.0, unit.pint),
        name=name,
        attributes={
            "long_name": f"{words} less its {how.replace('_', ' ')}",
            "comment": "the mean was kept" if keep_mean else "",
        },
    )
    return result


def _operation(fit: Any) -> str:
    """Return what made a fit, if it is one."""
    known = ("trend", "theil_sen", "harmonic_fit", "regress", "fit_model")
    how = fit.attrs.get("operation") if isinstance(fit, xr.Dataset) else None
    if how in known:
        return str(how)
    raise FieldError(
        explain(
            "This is no fit",
            expected="the Dataset that one of " + ", ".join(known) + " returned",
            got=type(fit).__name__,
            hint="predict(xn.trend(field), field.time)",
        )
    )


def _check_cells(fit: xr.Dataset, field: xr.DataArray) -> None:
    """Refuse a field whose cells are not those of the fit: each has its own line."""
    cells, wrong, hint = fit["status"], "", "field.reindex_like(fit)"
    own = [dim for dim in field.dims if dim != fit.attrs["dim"]]
    if set(own) != set(cells.dims):
        wrong = "cells along " + (", ".join(map(str, own)) or "no dimension")
        hint = "xn.detrend(field), which fits every cell"
    for dim in () if wrong else cells.dims:
        if field.sizes[dim] != cells.sizes[dim]:
            wrong = f"{field.sizes[dim]} points beside {cells.sizes[dim]} along {dim!r}"
    for name, one in {} if wrong else cells.coords.items():
        if (
            one.dims
            and name in field.coords
            and not one.variable.equals(
                field[name].variable.transpose(*one.dims, missing_dims="ignore")
            )
        ):
            wrong = f"other values of the coordinate {name!r}"
    if wrong:
        raise OptionError(
            explain(
                "The field does not lie on the cells of the fit",
                expected="the same points along "
                + (", ".join(map(repr, cells.dims)) or "no other dimension"),
                got=wrong,
                hint=hint,
            )
        )


def _check_calendar(fit: xr.Dataset, points: Points) -> None:
    told = str(fit.attrs.get("calendar", ""))
    gregorian = {"standard", "gregorian", "proleptic_gregorian"}
    if told == points.calendar or {told, points.calendar} <= gregorian:
        return
    raise OptionError(
        explain(
            "The fit and the points are of different calendars",
            expected=f"times of {told or 'no calendar'!r}",
            got=repr(points.calendar or "no calendar"),
            hint=f"field.convert_calendar({told!r})" if told else None,
        )
    )


def _in_blocks(values: Any, chunks: tuple[int, ...]) -> Any:
    """Return numbers along the points in blocks: none is made of all points at once."""
    import dask.array as da

    return da.from_array(values, chunks=(chunks,))  # type: ignore[no-untyped-call]


def _spread(like: xr.DataArray, values: Any) -> Any:
    """Return numbers along the points that broadcast against cells."""
    return values.reshape(-1, *(1,) * like.ndim)


def _waves(fit: xr.Dataset, points: Points, step: Unit) -> Any:
    """Return the sum of the harmonics at the points."""
    size = float(fit.attrs["period_size"])
    since = points.values + points.since(str(fit.attrs["origin"]))
    total: Any = 0.0
    for k in range(1, int(fit.attrs["n"]) + 1):
        strength, phase = split(fit[f"amplitude_{k}"]), split(fit[f"phase_{k}"])
        late = phase.values * conversion_factor(phase.unit, points.unit)
        angle = _spread(fit[f"phase_{k}"], since) - late
        wave = np.cos(2.0 * np.pi * k / size * angle)
        total = total + strength.values * conversion_factor(strength.unit, step) * wave
    return total


def _labelled(
    values: Any, like: xr.DataArray, points: Points, at: Any, unit: Unit, fit: Any
) -> xr.DataArray:
    """Return predicted values with the coordinates of the points and of the cells."""
    coordinate = at[points.coordinate].variable
    whole = like.drop_vars(points.coordinate, errors="ignore").expand_dims(
        {points.dim: values.shape[0]}
    )
    whole = whole.assign_coords({points.coordinate: coordinate})
    plain = xr.DataArray(xr.Variable(whole.dims, values), coords=whole.coords)
    return _described(plain, unit, fit)


def _described(plain: xr.DataArray, unit: Unit, fit: xr.Dataset) -> xr.DataArray:
    name = str(fit.attrs.get("field") or "prediction")
    how = str(fit.attrs["operation"]).replace("_", " ")
    return describe(
        plain.data * unit.factor,
        like=plain,
        unit=Unit(1.0, unit.pint),
        name=name,
        attributes={"long_name": f"{name} as its {how} has it"},
    )


def _regression(fit: xr.Dataset, predictors: Any) -> xr.DataArray:
    """Return the sum of predictors, each times its coefficient."""
    names = str(fit.attrs["predictors"]).split(", ")
    units = [parse(text) for text in str(fit.attrs["predictor_units"]).split(", ")]
    if isinstance(predictors, xr.DataArray):
        predictors = {str(predictors.name): predictors}
    missing = [name for name in names if name not in predictors]
    if missing:
        raise OptionError(
            explain(
                f"Predictor {missing[0]!r} is missing",
                expected=", ".join(map(repr, names)),
                got=", ".join(map(repr, predictors)) or "none",
            )
        )
    options: Any = xr.set_options  # untyped
    try:
        with options(arithmetic_join="exact"):
            total, unit = _summed(fit, predictors, names, units)
    except ValueError as fault:
        if isinstance(fault, XnablaError):
            raise
        raise OptionError(
            explain(
                "The predictors, or the cells of the fit, lie on different points",
                expected="the same points: nothing is dropped silently",
                got=str(fault).splitlines()[0],
                hint="xarray.align(one, other, join='inner')",
            )
        ) from fault
    return _described(total, unit, fit)


def _summed(
    fit: xr.Dataset, predictors: Any, names: list[str], units: list[Unit]
) -> tuple[xr.DataArray, Unit]:
    """Return the constant and each predictor times its coefficient, and their unit."""
    unit = parse(str(fit.attrs["field_units"]))
    total: Any = 0.0
    if "intercept" in fit:
        start = split(fit["intercept"])
        unit = start.unit
        total = fit["intercept"].copy(data=start.values)
    step = difference(unit)
    for name, wanted in zip(names, units, strict=True):
        plain = split(predictors[name])
        check_kind(plain.unit, wanted, f"Predictor {name!r}")
        values = converted(plain.values, plain.unit, wanted)
        own = split(fit[name])
        per = step / difference(wanted)
        rate = own.values * conversion_factor(own.unit, in_registry_of(per, own.unit))
        field = predictors[name].copy(data=values)
        total = field * fit[name].copy(data=rate) + total
    return total, unit


def _modelled(
    fit: xr.Dataset, points: Points, at: Any, model: Callable[..., Any] | None
) -> xr.DataArray:
    """Return the model at the points, with the parameters of every cell."""
    if model is None:
        raise OptionError(
            explain(
                "The fit does not hold its model",
                expected="the function that was fitted",
                hint="predict(fit, field.time, model=model)",
            )
        )
    names = tuple(str(fit.attrs["parameters"]).split(", "))
    first = fit[names[0]]
    x = points.values
    if points.origin is not None:
        x = x + points.since(str(fit.attrs["origin"]))
    x = base_of(points.unit).inward(x)
    parameters = []
    for name in names:
        plain = split(fit[name])
        base = base_of(plain.unit)
        parameters.append(np.reshape(base.inward(np.asarray(plain.values)), (-1, 1)))
    with np.errstate(all="ignore"):
        made = np.asarray(in_order(model, names)(x, *parameters), dtype=np.float64)
    made = np.broadcast_to(made, (max(first.size, 1), x.size))
    unit = parse(str(fit.attrs["field_units"]))
    values = base_of(unit).outward(made).T.reshape(x.size, *first.shape)
    return _labelled(values, first, points, at, unit, fit)
