"""A caller's function as one of plain numbers, with the unit of what it returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import xarray as xr

from xnabla.descent._roots import root_of
from xnabla.descent.callables._arguments import Arguments, Array
from xnabla.errors import FieldError, UnitsError, explain
from xnabla.units import (
    Unit,
    conversion_factor,
    difference,
    is_offset,
    is_quantity,
    parse,
    split_quantity,
)

# How far a point is moved to see whether others feel it, of its own size.
_ASIDE = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """A function of labelled arguments with units, seen as one of rows of numbers.

    Attributes
    ----------
    call : callable
        The caller's, by keywords; by position for one argument without a name.
    arguments : Arguments
    unit : Unit or None
        Of what it returns.
    stripped : bool
        Whether it takes plain numbers, in the units of the arguments.
    value : array (n,)
        What it returns at the arguments.
    evaluations : list of int
        Of one number, counted up: how often it was called.
    """

    call: Any
    arguments: Arguments
    unit: Unit | None
    stripped: bool
    value: Array
    evaluations: list[int]

    def at(self, changed: Mapping[str, Any]) -> Array:
        """Return the function's numbers with some arguments changed."""
        self.evaluations[0] += 1
        with np.errstate(all="ignore"):
            found = self.raw(changed)
        return self.numbers(found, changed)

    def raw(self, changed: Mapping[str, Any]) -> Any:
        """Return what the caller's function returns."""
        given = self.arguments.given(changed, stripped=self.stripped)
        if self.arguments.alone:
            return self.call(next(iter(given.values())))
        return self.call(**given)

    def numbers(self, found: Any, changed: Mapping[str, Any]) -> Array:
        """Return results as numbers in one unit, ``(n,)`` or ``(n, m)``."""
        extra = next((np.shape(one)[1:] for one in changed.values()), ())
        if isinstance(found, xr.DataArray):
            found = self._ordered(found)
        if is_quantity(found):
            values, own = split_quantity(found)
            same = self.unit is None or own.pint == self.unit.pint
            factor = 1.0 if same else _factor(own, self.unit)
            found = values * factor if factor != 1.0 else values
        shape = self.arguments.shape + extra
        if self.stripped:
            shape = (len(self.value), *extra)
        try:
            whole = np.broadcast_to(np.asarray(found), shape)
        except ValueError:
            raise FieldError(
                explain(
                    "The function does not return one number for each point",
                    expected=f"shape {shape}",
                    got=f"shape {np.shape(found)}",
                    hint="a function that works element by element",
                )
            ) from None
        return whole.reshape(len(self.value), *extra)

    def _ordered(self, found: xr.DataArray) -> Any:
        frame = self.arguments.frame
        if frame is None:
            return found.data
        order = (*frame.dims, *(one for one in found.dims if one not in frame.dims))
        missing = {one: frame.sizes[one] for one in frame.dims if one not in found.dims}
        return found.expand_dims(missing).transpose(*order).data


def _factor(own: Unit, unit: Unit | None) -> float:
    assert unit is not None
    return conversion_factor(difference(own), difference(unit), of="the function")


def function_of(call: Any, arguments: Arguments, value_units: Any) -> Function:
    """Return the function, once it has been called at its arguments.

    Raises
    ------
    OptionError, UnitsError, FieldError
        If it cannot be called so, or returns no numbers.
    """
    n = len(next(iter(arguments.numbers.values())))
    stripped = value_units is not None
    unit = parse(str(value_units)) if stripped else None
    function = Function(call, arguments, unit, stripped, np.empty(n), [0])
    try:
        with np.errstate(all="ignore"):
            found = function.raw({})
    except Exception as fault:
        raise _why(fault, arguments) from fault
    data = found.data if isinstance(found, xr.DataArray) else found
    if is_quantity(data) and not stripped:
        unit = split_quantity(data)[1]
        difference(unit, of="the function")
    function = replace(function, unit=unit)
    value = function.numbers(found, {}).astype(np.float64)
    function = replace(function, value=value)
    _check_points(function)
    return function


def _check_points(function: Function) -> None:
    """Refuse a function whose value at one point depends on another point.

    Of ``x[0] - x[1]`` both points would be moved at once.
    """
    numbers = function.arguments.numbers
    if len(function.value) < 2:
        return
    moved = {name: one.copy() for name, one in numbers.items()}
    for one in moved.values():
        one[0] += _ASIDE * (abs(one[0]) or 1.0)
    again = function.at(moved)[1:]
    same = np.isclose(again, function.value[1:], rtol=1e-9, atol=0.0, equal_nan=True)
    if same.all():
        return
    raise FieldError(
        explain(
            "The function's value at one point depends on another point",
            expected="a function that works element by element",
            got=f"value {int(np.argmin(same)) + 2} of {len(function.value)} changes "
            "with the first",
            hint='gradient_of(lambda x, y: …, {"x": 1.0, "y": 2.0}), '
            "or xnabla.check_gradient",
        )
    )


def _why(fault: Exception, arguments: Arguments) -> Exception:
    """Return the fault in a sentence if it is one of units or of names."""
    kinds = {kind.__name__ for kind in type(fault).__mro__}
    if "OffsetUnitCalculusError" in kinds:
        return UnitsError(_of_offsets(fault, arguments))
    if "PintError" in kinds or "DimensionalityError" in kinds:
        return UnitsError(
            explain(
                f"The function cannot be computed with units: {fault}",
                expected="a function of pint quantities",
                hint="value_units='hPa' for a function of plain numbers",
            )
        )
    if isinstance(fault, TypeError) and "argument" in str(fault):
        return FieldError(
            explain(
                f"The function does not take these arguments: {fault}",
                expected="a function of the keywords of at=",
                got=list(arguments.names),
                hint="lambda T, p: func(p, T)",
            )
        )
    return fault


def _of_offsets(fault: Exception, arguments: Arguments) -> str:
    """Say which arguments are counted from a zero that is none, and what to type."""
    told = {
        name: unit
        for name, unit in arguments.units.items()
        if unit is not None and is_offset(unit)
    }
    typed = ", ".join(
        f"{name!r}: {name}.to('{root_of(u)}')" for name, u in told.items()
    )
    if arguments.alone and told:
        typed = f"x.to('{root_of(*told.values())}')"
    elif told:
        typed = f"{{**at, {typed}}}"
    return explain(
        f"The function cannot be computed with units: {fault}",
        expected="arguments whose zero means that nothing is there",
        got=", ".join(f"{name!r} in '{unit}'" for name, unit in told.items()) or None,
        hint=f"at={typed}" if told else "value_units='hPa', for plain numbers",
    )
