"""Derivatives by rule: of sympy expressions, and of functions that jax can trace."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from xnabla.descent.callables._arguments import Arguments, Array
from xnabla.errors import OptionError, UnitsError, explain
from xnabla.units import Unit, conversion_factor, is_quantity, split_quantity


def is_expression(func: Any) -> bool:
    """Tell whether this is a sympy expression."""
    return hasattr(func, "free_symbols") and hasattr(func, "diff")


def lambdified(expression: Any, arguments: Arguments) -> Callable[..., Any]:
    """Return a sympy expression as a function of its symbols' names.

    Raises
    ------
    OptionError
        If a symbol has no value.
    """
    import sympy

    symbols = {str(one): one for one in expression.free_symbols}
    unknown = [name for name in symbols if name not in arguments.numbers]
    if unknown:
        raise OptionError(
            explain(
                f"The expression has a symbol {unknown[0]!r} without a value",
                expected=f"at= with all of {sorted(symbols)}",
                got=list(arguments.names),
            )
        )
    names = list(arguments.names)
    made = sympy.lambdify(
        [symbols.get(name, sympy.Symbol(name)) for name in names], expression, "numpy"
    )
    return lambda *args, **named: made(*args, *(named[n] for n in names if n in named))


def by_sympy(
    expression: Any, arguments: Arguments, wrt: tuple[str, ...], *, stripped: bool
) -> tuple[Array, Unit | None]:
    """Return the derivative of an expression and its unit.

    Raises
    ------
    UnitsError
        If the derivative cannot be computed with units.
    """
    symbols = {str(one): one for one in expression.free_symbols}
    for name in wrt:
        if name not in symbols:
            return np.zeros(len(arguments.numbers[name])), None
        expression = expression.diff(symbols[name])
    function = lambdified(expression, arguments)
    given = arguments.given({}, stripped=stripped)
    found = function(**given)
    data = getattr(found, "data", found) if arguments.frame is not None else found
    unit = None
    if is_quantity(data):
        data, unit = split_quantity(data)
    n = len(next(iter(arguments.numbers.values())))
    if arguments.frame is not None and hasattr(found, "dims"):
        dims = arguments.frame.dims
        data = np.transpose(data, [found.dims.index(one) for one in dims])
    shape = (n,) if stripped else arguments.shape
    return np.broadcast_to(np.asarray(data, float), shape).reshape(n), unit


def by_jax(
    call: Callable[[Mapping[str, Any]], Any], arguments: Arguments, wrt: tuple[str, ...]
) -> Array:
    """Return a derivative of a function that jax can trace, ``(n,)``.

    Parameters
    ----------
    call : callable
        Of a mapping of changed numbers, returning plain numbers, one for each point.
    arguments : Arguments
    wrt : tuple of str
        One name for a first derivative, two for a second.

    Raises
    ------
    OptionError
        If jax is missing or cannot trace the function.
    """
    try:
        import jax
    except ModuleNotFoundError:
        raise OptionError(
            explain(
                "jax is not installed",
                expected="it, for method='jax'",
                hint="pip install 'xnabla[jax]'",
            )
        ) from None
    names = tuple(dict.fromkeys(wrt))
    with double(jax):
        start = {n: jax.numpy.asarray(arguments.numbers[n]) for n in names}

        def along(function: Any, name: str) -> Any:
            # points do not know of each other, so a sum keeps their slopes apart
            return lambda values: jax.grad(lambda v: function(v).sum())(values)[name]

        derivative: Any = call
        for name in wrt:
            derivative = along(derivative, name)
        try:
            return np.asarray(derivative(start))
        except Exception as fault:
            if "racer" in f"{type(fault).__name__} {fault}":
                raise OptionError(
                    explain(
                        "jax cannot trace the function",
                        expected="arithmetic and jax.numpy functions",
                        got=f"{type(fault).__name__}",
                        hint='method="finite"',
                    )
                ) from fault
            raise


def double(jax: Any) -> Any:
    """Return a context in which jax computes in double precision."""
    import importlib

    if hasattr(jax, "enable_x64"):
        return jax.enable_x64(True)
    return importlib.import_module("jax.experimental").enable_x64()


def in_unit(values: Array, own: Unit | None, wanted: Unit | None, of: str) -> Array:
    """Return numbers in the unit wanted.

    Raises
    ------
    UnitsError
        If one has a unit and the other none, or their dimensions differ.
    """
    if own is None or wanted is None:
        if own is None and (wanted is None or not values.any()):
            return values
        raise UnitsError(
            explain(f"{of} comes out without its unit", expected=str(wanted), got=own)
        )
    return values * conversion_factor(own, wanted, of=of)
