"""A model of the user, tried once before it meets thousands of cells: shapes, units."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xnabla.descent.cells._base import Base, Guess
from xnabla.descent.cells._field import Field
from xnabla.errors import OptionError, UnitsError, explain
from xnabla.units import attach, dimension_text, is_quantity, split_quantity

Floats = NDArray[np.float64]


def checked_model(
    model: Any,
    x: Floats,
    coordinate: Base,
    guesses: tuple[Guess, ...],
    values: Base,
    field: Field,
) -> Callable[..., Any]:
    """Return a model to be called with x and the parameters in their order.

    Raises
    ------
    OptionError
        If it fails, does not broadcast, or is nowhere a number at the first guess.
    UnitsError
        If its units do not add up to those of the field.
    """
    if not callable(model):
        raise OptionError(
            explain(
                "The model is no function",
                expected="model(x, a, b, ...)",
                got=type(model).__name__,
            )
        )
    call = in_order(model, tuple(one.name for one in guesses))
    _check_units(call, x, coordinate, guesses, values, field)
    made = _tried(call, x, guesses, "model")
    if not np.isfinite(made).any():
        raise OptionError(
            explain(
                "The model is no number anywhere at the first guess",
                expected="finite values",
                got="NaN or infinity",
                hint="another first guess: params="
                + ", ".join(f"{one.name}=..." for one in guesses),
            )
        )
    return call


def checked_slopes(
    slopes: Any, x: Floats, guesses: tuple[Guess, ...]
) -> Callable[..., Any]:
    """Return derivatives to be called in order, if there is one for each parameter.

    Raises
    ------
    OptionError
    """
    call = in_order(slopes, tuple(one.name for one in guesses))
    made = call(x, *(_two(one) for one in guesses))
    if len(made) != len(guesses):
        raise OptionError(
            explain(
                "jac= does not give a derivative for each parameter",
                expected=f"{len(guesses)} arrays: "
                + ", ".join(f"d/d{one.name}" for one in guesses),
                got=f"{len(made)}",
            )
        )
    for one, part in zip(guesses, made, strict=True):
        _check_shape(part, x.size, f"jac= of {one.name!r}")
    return call


def in_order(model: Callable[..., Any], names: tuple[str, ...]) -> Callable[..., Any]:
    """Return a function of x and parameters in order, whatever order the model has."""
    try:
        known = list(inspect.signature(model).parameters)
    except (TypeError, ValueError):
        return model
    if not set(names) <= set(known) or tuple(known[1 : len(names) + 1]) == names:
        return model

    def called(x: Any, *parameters: Any) -> Any:
        return model(x, **dict(zip(names, parameters, strict=True)))

    return called


def _two(one: Guess) -> Floats:
    """Return a parameter of two cells, as the model gets it."""
    start = np.ravel(one.start)
    return np.full((2, 1), float(start[0]) if start.size else 1.0)


def _tried(
    call: Callable[..., Any], x: Floats, guesses: tuple[Guess, ...], what: str
) -> Floats:
    """Return the model of two cells, if it has the shape that is asked of it."""
    parameters = [_two(one) for one in guesses]
    try:
        with np.errstate(all="ignore"):
            made = call(x, *parameters)
    except Exception as fault:
        raise OptionError(
            explain(
                f"The {what} cannot be called with arrays: {type(fault).__name__}: "
                f"{fault}",
                expected=f"model(x, {', '.join(one.name for one in guesses)}) of numpy "
                f"functions, x of shape ({x.size},), each parameter (cells, 1)",
                hint="numpy.where instead of if, numpy.exp instead of math.exp",
            )
        ) from fault
    return _check_shape(made, x.size, f"The {what}")


def _check_shape(made: Any, n: int, what: str) -> Floats:
    try:
        return np.broadcast_to(np.asarray(made, dtype=np.float64), (2, n))
    except (TypeError, ValueError):
        raise OptionError(
            explain(
                f"{what} does not broadcast over cells",
                expected=f"values of shape (cells, {n}) from x ({n},) and parameters "
                "(cells, 1)",
                got=f"shape {np.shape(made)} for 2 cells",
                hint="a * numpy.exp(-x / tau), without sums over x",
            )
        ) from None


def _check_units(
    call: Callable[..., Any],
    x: Floats,
    coordinate: Base,
    guesses: tuple[Guess, ...],
    values: Base,
    field: Field,
) -> None:
    """Call the model with quantities once; what pint cannot do proves nothing."""
    few = attach(x[:2], coordinate.target)
    parameters = [
        attach(float(np.ravel(one.start)[0]), one.base.target) for one in guesses
    ]
    expected = f"a model of {dimension_text(values.target)}, as the field"
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            made = call(few, *parameters)
    except Exception as fault:
        if type(fault).__name__ != "DimensionalityError":
            return
        told = ", ".join(f"{one.name} in '{one.base.source}'" for one in guesses)
        raise UnitsError(
            explain(
                f"The units of the model do not add up: {fault}",
                expected=expected,
                got=f"x in '{coordinate.target}', {told}",
                hint="params={'tau': 30 * units.day}: every parameter with its unit",
            )
        ) from fault
    if not is_quantity(made):
        return
    _, unit = split_quantity(made)
    if unit.dimensionality != values.target.dimensionality:
        raise UnitsError(
            explain(
                f"The model does not give {field.words}",
                expected=expected,
                got=dimension_text(unit),
            )
        )
