"""All first or all second derivatives of a function, at values with units."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from xnabla.descent._status import is_converged, warn_of
from xnabla.descent.callables._arguments import Array, arguments_of
from xnabla.descent.callables._told import (
    count_of,
    described,
    status_field,
    unit_over,
    value_field,
)
from xnabla.descent.callables._ways import prepared, slope_of


def gradient_of(
    func: Any, at: Any, *, method: str = "auto", value_units: str | None = None
) -> xr.Dataset:
    r"""Return the derivatives of a function with respect to each argument.

    .. math:: \left(\frac{\partial f}{\partial x_1}, \frac{\partial f}{\partial x_2},
              \dots\right)

    Parameters
    ----------
    func : callable or sympy expression
        See :func:`derivative_of`.
    at : mapping of name to value
        The arguments, with units.
    method, value_units : optional
        See :func:`derivative_of`.

    Returns
    -------
    Dataset
        ``value``; ``d_<name>`` [f]/[x] and ``d_<name>_error`` for each argument, each
        with a unit of its own; ``status``, the worst of all; ``n_evaluations``.

    Raises
    ------
    FieldError, OptionError, UnitsError
        As :func:`derivative_of` does.

    Examples
    --------
    >>> import pint
    >>> Q = pint.get_application_registry().Quantity
    >>> ideal = lambda p, T: p / (Q(287.05, "J/kg/K") * T)
    >>> found = gradient_of(ideal, {"p": Q(1000.0, "hPa"), "T": Q(288.0, "K")})
    >>> print(f"{found.d_T.data.to('kg/m^3/K'):.6f}")
    -0.004200 kilogram / kelvin / meter ** 3
    """
    arguments = arguments_of(at)
    function, method = prepared(func, arguments, method, value_units)
    made, ends = {"value": value_field(function)}, []
    for name in arguments.names:
        slope = slope_of(func, function, (name,), method)
        natural = unit_over(function.unit, [arguments.units[name]])
        words = f"derivative with respect to {name}"
        made |= described(arguments, slope, natural, None, words, f"d_{name}")
        ends.append(slope.status)
    return _result(made, worst(ends), function, method)


def hessian_of(
    func: Any, at: Any, *, method: str = "auto", value_units: str | None = None
) -> xr.Dataset:
    r"""Return all second derivatives of a function.

    .. math:: \frac{\partial^2 f}{\partial x_i \partial x_j}

    Parameters
    ----------
    func : callable or sympy expression
        See :func:`derivative_of`.
    at : mapping of name to value
        The arguments, with units.
    method : {"auto", "finite", "jax", "sympy"}
        See :func:`derivative_of`; differences of differences are good to about eight
        digits.
    value_units : str, optional
        See :func:`derivative_of`.

    Returns
    -------
    Dataset
        ``value``; ``d2_<name>`` and ``d2_<name>_<other>`` [f]/[x]/[y], with their
        errors, each pair once; ``status``, the worst of all; ``n_evaluations``.

    Raises
    ------
    FieldError, OptionError, UnitsError
        As :func:`derivative_of` does.

    Examples
    --------
    >>> import pint
    >>> m = pint.get_application_registry().meter
    >>> found = hessian_of(lambda x, y: x**2 * y, {"x": 3.0 * m, "y": 5.0 * m})
    >>> print(f"{found.d2_x.data:.3f}, {found.d2_x_y.data:.3f}")
    10.000 meter, 6.000 meter
    """
    arguments = arguments_of(at)
    function, method = prepared(func, arguments, method, value_units)
    made, ends = {"value": value_field(function)}, []
    for i, one in enumerate(arguments.names):
        for other in arguments.names[i:]:
            slope = slope_of(func, function, (one, other), method)
            units = [arguments.units[one], arguments.units[other]]
            natural = unit_over(function.unit, units)
            twice = one == other
            key = f"d2_{one}" if twice else f"d2_{one}_{other}"
            pair = f"{one}, twice" if twice else f"{one} and {other}"
            words = f"second derivative with respect to {pair}"
            made |= described(arguments, slope, natural, None, words, key)
            ends.append(slope.status)
    return _result(made, worst(ends), function, method)


def worst(ends: list[Array]) -> Array:
    """Return, for each point, a status that is no answer if there is one."""
    whole = np.stack(ends)
    failed = ~np.asarray(is_converged(whole))
    first = np.where(failed.any(axis=0), failed.argmax(axis=0), 0)
    return np.asarray(np.take_along_axis(whole, first[None], axis=0)[0])


def _result(
    made: dict[str, xr.DataArray], status: Array, function: Any, method: str
) -> xr.Dataset:
    result = xr.Dataset(made)
    result["status"] = status_field(function.arguments, status)
    result["n_evaluations"] = count_of(function)
    result.attrs = {"method": method}
    warn_of(status, "points", stacklevel=4)
    return result
