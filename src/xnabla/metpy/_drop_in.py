"""One decorator: MetPy's signature outside, our operator or plain arithmetic inside."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import fields as fields_of
from inspect import Parameter, Signature, signature
from typing import Any

import numpy as np
import xarray as xr

from xnabla import operators
from xnabla.metpy._link import linked
from xnabla.metpy._place import Place, settle
from xnabla.metpy._plane import Plane
from xnabla.metpy._quantities import (
    EXPECTED,
    check_dimension,
    converted,
    home_of,
    quantity,
)
from xnabla.units import is_quantity

Function = Callable[..., Any]

# What every function on a grid takes besides its fields.
_PLACE = {
    "dx": None,
    "dy": None,
    "x_dim": -1,
    "y_dim": -2,
    "parallel_scale": None,
    "meridional_scale": None,
    "latitude": None,
    "longitude": None,
    "crs": None,
}


def drop_in(
    operator: str | Function, order: str, *, any_vector: bool = False, **options: Any
) -> Callable[[Function], Function]:
    """Make a plain formula a function of MetPy's.

    Fields that know where they lie go to an operator of ours. Others go to the formula,
    as quantities of one registry, and what comes out gets their labels back.

    Parameters
    ----------
    operator : str or callable
        Name of ours, or a function that takes the fields and passes options on.
    order : str
        The arguments that may be given by position, in MetPy's order.
    any_vector : bool
        Whether u and v may be any vector, not a wind only.
    **options
        Options for ours.
    """

    def decorate(formula: Function) -> Function:
        outside = _signature(formula, order.split())

        @functools.wraps(formula)
        def call(*args: Any, **kwargs: Any) -> Any:
            bound = outside.bind(*args, **kwargs)
            bound.apply_defaults()
            given = dict(bound.arguments)
            place = settle(given, {name: given.pop(name) for name in _PLACE})
            if place.grid is None:
                return _plainly(formula, place, any_vector=any_vector)
            ours = _ours(operator)
            result = ours(**place.fields, grid=place.grid, **place.options, **options)
            return result if place.like is not None else _each(_bare, result)

        call.__signature__ = outside  # type: ignore[attr-defined]
        return linked(call)

    return decorate


def _ours(operator: str | Function) -> Function:
    """Return an operator, imported when it is first needed."""
    if isinstance(operator, str):
        found: Function = getattr(operators, operator)
        return found
    return operator


def _signature(formula: Function, order: list[str]) -> Signature:
    """Return the signature that MetPy prints."""
    own = dict(signature(formula).parameters)
    own.pop("plane")
    known = own | {
        name: Parameter(name, Parameter.KEYWORD_ONLY, default=default)
        for name, default in _PLACE.items()
    }
    placed = [
        known.pop(name).replace(kind=Parameter.POSITIONAL_OR_KEYWORD) for name in order
    ]
    rest = [one.replace(kind=Parameter.KEYWORD_ONLY) for one in known.values()]
    return Signature([*placed, *rest])


def _plainly(formula: Function, place: Place, *, any_vector: bool) -> Any:
    """Return what a formula makes of quantities, with labels if there were any."""
    beside = {one.name: getattr(place.plane, one.name) for one in fields_of(Plane)}
    home = home_of([*place.fields.values(), *beside.values()])

    def plain(name: str, value: Any) -> Any:
        is_number = isinstance(value, int | float) and name in EXPECTED
        if not is_number and not hasattr(value, "__array__"):
            return value
        value = quantity(value, home)
        if name.endswith("_scale"):
            return converted(value, "1").magnitude
        if not (any_vector and name in {"u", "v"}):
            check_dimension(name, value)
        return value

    fields = {name: plain(name, value) for name, value in place.fields.items()}
    plane = Plane(**{name: plain(name, value) for name, value in beside.items()})
    with np.errstate(divide="ignore", invalid="ignore"):  # no wind, or no rotation
        result = formula(**fields, plane=plane)
    name = formula.__name__
    return _each(lambda part: relabelled(part, place.like, name), result)


def relabelled(values: Any, like: xr.DataArray | None, name: str) -> Any:
    """Return values with the labels of a field, if they have its shape."""
    if like is None or np.shape(values) != like.shape:
        return values
    return xr.DataArray(xr.Variable(like.dims, values), coords=like.coords, name=name)


def _each(function: Callable[[Any], Any], result: Any) -> Any:
    if isinstance(result, tuple):
        return tuple(function(part) for part in result)
    return function(result)


def _bare(result: Any) -> Any:
    data = result.data if isinstance(result, xr.DataArray) else result
    assert is_quantity(data)
    return data
