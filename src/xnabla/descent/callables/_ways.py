"""The ways to a derivative: by differences, complex steps, jax or sympy."""

from __future__ import annotations

from typing import Any

import numpy as np

from xnabla.descent._roots import root_of
from xnabla.descent.callables._arguments import Arguments, Array
from xnabla.descent.callables._exact import (
    by_jax,
    by_sympy,
    in_unit,
    is_expression,
    lambdified,
)
from xnabla.descent.callables._function import Function, function_of
from xnabla.descent.callables._numeric import (
    Slope,
    by_complex_step,
    by_differences,
    exact,
    second_by_differences,
    steps_for,
)
from xnabla.descent.callables._told import unit_over
from xnabla.errors import OptionError, explain
from xnabla.units import scale_and_zero

METHODS = ("auto", "finite", "complex", "jax", "sympy")


def prepared(
    func: Any, arguments: Arguments, method: str, value_units: Any
) -> tuple[Function, str]:
    """Return the function at its arguments, and the method to take.

    Raises
    ------
    OptionError
        If the method does not exist or does not go with the function.
    """
    if method not in METHODS:
        raise OptionError(
            explain(
                f"There is no method {method!r}",
                expected="one of " + ", ".join(METHODS),
                got=repr(method),
                hint='method="auto"',
            )
        )
    symbolic = is_expression(func)
    if method == "auto":
        method = "sympy" if symbolic else "finite"
    if (method == "sympy" and not symbolic) or not (symbolic or callable(func)):
        raise OptionError(
            explain(
                "This is no function to differentiate",
                expected="a sympy expression" if method == "sympy" else "a callable",
                got=type(func).__name__,
                hint="sympy.exp(sympy.Symbol('T'))" if method == "sympy" else None,
            )
        )
    call = lambdified(func, arguments) if symbolic else func
    if method == "jax" and value_units is None:
        _check_plain(arguments)
    return function_of(call, arguments, value_units), method


def _check_plain(arguments: Arguments) -> None:
    if arguments.frame is not None or any(arguments.units.values()):
        raise OptionError(
            explain(
                "jax differentiates functions of plain numbers",
                expected="value_units=, the unit of what the function returns",
                hint='derivative_of(func, at, method="jax", value_units="hPa")',
            )
        )


def slope_of(
    func: Any, function: Function, names: tuple[str, ...], method: str
) -> Slope:
    """Return a first or second derivative with respect to one or two arguments.

    Numbers are in the unit of the function over those of the arguments.
    """
    arguments = function.arguments
    if method == "sympy":
        values, own = by_sympy(func, arguments, names, stripped=function.stripped)
        wanted = unit_over(function.unit, [arguments.units[n] for n in names])
        if not function.stripped:
            values = in_unit(values, own, wanted, f"the derivative by {names[0]!r}")
        return exact(values)
    if method == "jax":
        return exact(by_jax(_plainly(function), arguments, names))
    if method == "complex":
        return _by_complex_steps(function, names)
    steps = {
        name: steps_for(arguments.numbers[name], _sizes(arguments, name))
        for name in names
    }
    rough = np.finfo(np.float64).eps * np.abs(function.value)
    if len(names) == 1:
        (name,) = names
        start = arguments.numbers[name]
        return by_differences(
            lambda x: function.at({name: x}), start, steps[name], rough
        )
    return _second(function, names, steps, rough)


def _second(
    function: Function, names: tuple[str, ...], steps: dict[str, Array], rough: Array
) -> Slope:
    one, other = names
    numbers = function.arguments.numbers

    def of_moves(first: Array, second: Array) -> Array:
        if one == other:
            return function.at({one: numbers[one][:, None] + first + second})
        changed = {
            one: numbers[one][:, None] + first,
            other: numbers[other][:, None] + second,
        }
        return function.at(changed)

    return second_by_differences(
        of_moves, (numbers[one], numbers[other]), (steps[one], steps[other]), rough
    )


def _by_complex_steps(function: Function, names: tuple[str, ...]) -> Slope:
    if len(names) > 1:
        raise OptionError(
            explain(
                "A complex step gives first derivatives",
                expected="order=1",
                hint='method="finite"',
            )
        )
    (name,) = names
    try:
        found = by_complex_step(
            lambda x: function.at({name: x}), function.arguments.numbers[name]
        )
    except TypeError as fault:
        raise OptionError(
            explain(
                f"The function takes no complex numbers: {fault}",
                expected="analytic arithmetic",
                hint='method="finite"',
            )
        ) from fault
    _check_complex(function, name, found)
    return found


def _check_complex(function: Function, name: str, found: Slope) -> None:
    """Refuse a complex step through abs, which has no complex derivative."""
    numbers = function.arguments.numbers[name]
    step = 1e-5 * steps_for(numbers, _sizes(function.arguments, name)) / 0.02
    rise = function.at({name: numbers + step}) - function.at({name: numbers - step})
    rough = rise / (2.0 * step)
    noise = 1e-12 * np.abs(function.value) / step
    off = np.abs(rough - found.values) > 1e-3 * np.abs(rough) + noise
    off &= np.isfinite(rough) & np.isfinite(found.values)
    if off.mean() > 0.01:
        raise OptionError(
            explain(
                f"The complex step disagrees with differences at {off.sum()} points",
                expected="an analytic function, without abs or a cast to real numbers",
                hint='method="finite"',
            )
        )


def _plainly(function: Function) -> Any:
    """Return the function for jax: of changed numbers alone."""

    def call(changed: Any) -> Any:
        given = function.arguments.given(changed, stripped=True)
        found = (
            function.call(next(iter(given.values())))
            if function.arguments.alone
            else function.call(**given)
        )
        return found + 0.0 * sum(changed.values())

    return call


def _sizes(arguments: Arguments, name: str) -> Array:
    """Return how large an argument is, counted from the true zero of its unit."""
    numbers, unit = arguments.numbers[name], arguments.units[name]
    if unit is None:
        return numbers
    factor, zero = scale_and_zero(unit, root_of(unit), of=name)
    return numbers + zero / factor
