"""Derivatives of functions at values with units."""

from __future__ import annotations

from typing import Any

import xarray as xr

from xnabla.descent._status import warn_of
from xnabla.descent.callables._arguments import arguments_of
from xnabla.descent.callables._told import (
    count_of,
    described,
    status_field,
    unit_over,
    value_field,
)
from xnabla.descent.callables._ways import prepared, slope_of
from xnabla.errors import OptionError, explain


def derivative_of(
    func: Any,
    at: Any,
    wrt: str | None = None,
    *,
    order: int = 1,
    method: str = "auto",
    units: str | None = None,
    value_units: str | None = None,
) -> xr.Dataset:
    r"""Return the derivative of a function at values with units.

    .. math:: \frac{\partial f}{\partial x} \quad\text{or}\quad
              \frac{\partial^2 f}{\partial x^2}

    Parameters
    ----------
    func : callable or sympy expression
        A function that works element by element, called with the names in ``at`` as
        keywords, or with the one value; or an expression of symbols of those names.
    at : mapping of name to value, or a value
        Numbers, quantities, arrays or DataArrays.
    wrt : str, optional
        The argument to differentiate with respect to; needed if there are several.
    order : {1, 2}
        First or second derivative.
    method : {"auto", "finite", "complex", "jax", "sympy"}
        ``finite``: central differences of rising accuracy (scipy.differentiate), with a
        first step of the size of the argument. ``complex``: an imaginary step, exact
        for analytic functions. ``jax``, ``sympy``: by rule; for functions written in
        jax.numpy, and for expressions. ``auto`` is ``sympy`` for an expression, else
        ``finite``.
    units : str, optional
        Unit of the derivative.
    value_units : str, optional
        For a function of plain numbers, in the units of ``at``: the unit of what it
        returns.

    Returns
    -------
    Dataset
        ``value``, ``derivative`` [f]/[x], its estimated ``error``, ``status`` (CF
        flags) and ``n_evaluations``, on the points of the arguments.

    Raises
    ------
    FieldError
        If the arguments do not fit each other or the function.
    OptionError
        If an option cannot be.
    UnitsError
        If the function cannot be computed with units, or ``units`` does not fit.

    References
    ----------
    Squire, W. and Trapp, G. (1998), SIAM Rev. 40, 110-112, for the complex step.

    Examples
    --------
    >>> import pint
    >>> K = pint.get_application_registry().kelvin
    >>> found = derivative_of(lambda T: 5.67e-8 * T**4, 288.0 * K)
    >>> print(f"{found.derivative.data:.4f}")
    5.4178 kelvin ** 3
    """
    arguments = arguments_of(at)
    function, method = prepared(func, arguments, method, value_units)
    name = arguments.check(wrt)
    if order not in (1, 2) or isinstance(order, bool):
        raise OptionError(
            explain(f"order={order!r} is no derivative of ours", expected="1 or 2")
        )
    names = (name,) * order
    slope = slope_of(func, function, names, method)
    natural = unit_over(function.unit, [arguments.units[n] for n in names])
    words = ("second " if order == 2 else "") + f"derivative with respect to {name}"
    made = described(arguments, slope, natural, units, words)
    result = xr.Dataset({"value": value_field(function), **made})
    result["status"] = status_field(arguments, slope.status)
    result["n_evaluations"] = count_of(function)
    result.attrs = {"method": method, "wrt": name, "order": order}
    warn_of(slope.status, "points")
    return result
