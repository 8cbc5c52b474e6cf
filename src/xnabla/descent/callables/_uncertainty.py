"""What an uncertainty of the arguments makes of the result: linear propagation."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import Any

import numpy as np
import xarray as xr

from xnabla.descent._status import warn_of
from xnabla.descent.callables._arguments import Arguments, Array, arguments_of
from xnabla.descent.callables._gradient import worst
from xnabla.descent.callables._told import count_of, status_field, value_field
from xnabla.descent.callables._ways import prepared, slope_of
from xnabla.errors import FieldError, OptionError, UnitsError, explain
from xnabla.units import (
    Unit,
    attach,
    conversion_factor,
    difference,
    is_quantity,
    parse,
    split_quantity,
)


def propagate_uncertainty(
    func: Any,
    at: Any,
    sigma: Mapping[str, Any],
    *,
    correlation: Mapping[tuple[str, ...], float] | None = None,
    method: str = "auto",
    value_units: str | None = None,
) -> xr.Dataset:
    r"""Return the standard uncertainty of a function of uncertain arguments.

    .. math:: \sigma_f^2 = \sum_{i,j} \frac{\partial f}{\partial x_i}
              \frac{\partial f}{\partial x_j} \rho_{ij} \sigma_i \sigma_j

    Parameters
    ----------
    func : callable or sympy expression
        See :func:`derivative_of`.
    at : mapping of name to value
        The arguments, with units.
    sigma : mapping of name to value
        Their standard uncertainties, in a unit of the same dimension: 0.5 K for a
        temperature in degC. Arguments left out are exact.
    correlation : mapping of pair of names to number, optional
        Correlations from -1 to 1; pairs left out are independent.
    method, value_units : optional
        See :func:`derivative_of`.

    Returns
    -------
    Dataset
        ``value`` and ``uncertainty``, in the unit of the function; for each uncertain
        argument ``contribution_<name>``, the uncertainty that it makes alone, with the
        sign of the derivative; ``status`` and ``n_evaluations``.

    Raises
    ------
    FieldError, OptionError, UnitsError
        As :func:`derivative_of` does; if an uncertainty is negative or of the wrong
        dimension, or the correlations cannot be.

    References
    ----------
    JCGM 100:2008, Guide to the expression of uncertainty in measurement, 5.1 and 5.2.

    Examples
    --------
    >>> import pint
    >>> Q = pint.get_application_registry().Quantity
    >>> ideal = lambda p, T: p / (Q(287.05, "J/kg/K") * T)
    >>> found = propagate_uncertainty(
    ...     ideal, {"p": Q(1000.0, "hPa"), "T": Q(15.0, "degC").to("K")},
    ...     {"p": Q(1.0, "hPa"), "T": Q(0.5, "K")})
    >>> print(f"{found.uncertainty.data.to('kg/m^3'):.5f}")
    0.00242 kilogram / meter ** 3
    """
    arguments = arguments_of(at)
    function, method = prepared(func, arguments, method, value_units)
    unit = None if function.unit is None else difference(function.unit)
    made = {"value": value_field(function)}
    parts: dict[str, Array] = {}
    ends = []
    for name, one in sigma.items():
        if name not in arguments.names:
            raise OptionError(
                explain(
                    f"sigma= names {name!r}, which is no argument",
                    expected="one of " + ", ".join(map(repr, arguments.names)),
                    got=repr(name),
                )
            )
        size = _size(arguments, name, one)
        slope = slope_of(func, function, (name,), method)
        # the derivative is in the function's numbers over the argument's
        parts[name] = slope.values * size
        ends.append(slope.status)
        field = arguments.field(parts[name], unit, f"contribution_{name}")
        field.attrs["long_name"] = f"uncertainty due to {name} alone"
        made[f"contribution_{name}"] = field
    if not parts:
        raise OptionError(
            explain("Nothing is uncertain", expected="sigma={'T': 0.5 * K}", got=sigma)
        )
    spread = arguments.field(_combined(parts, correlation or {}), unit, "uncertainty")
    spread.attrs["long_name"] = "standard uncertainty of the function"
    status = worst(ends)
    result = xr.Dataset({"value": made.pop("value"), "uncertainty": spread, **made})
    result["status"] = status_field(arguments, status)
    result["n_evaluations"] = count_of(function)
    result.attrs = {"method": method}
    warn_of(status, "points")
    return result


def _size(arguments: Arguments, name: str, one: Any) -> Array:
    """Return an uncertainty as numbers in the argument's unit, ``(n,)``."""
    labelled = one if isinstance(one, xr.DataArray) else None
    values: Any = one if labelled is None else labelled.data
    unit: Unit | None = None
    if labelled is not None and not is_quantity(values):
        text = str(labelled.attrs.get("units", "")).strip()
        values = attach(values, parse(text)) if text else values
    if is_quantity(values):
        values, unit = split_quantity(values)
    own = arguments.units[name]
    if (own is None) != (unit is None):
        raise UnitsError(
            explain(
                f"The uncertainty of {name!r} and its value do not match",
                expected="plain numbers" if own is None else f"a unit like '{own}'",
                got=one if labelled is None else f"'{unit}'",
            )
        )
    if own is not None and unit is not None:
        of = f"the uncertainty of {name!r}"
        values = values * conversion_factor(difference(unit), difference(own), of=of)
    values = _spread(arguments, name, np.asarray(values, dtype=np.float64), labelled)
    if (values < 0).any():
        raise OptionError(
            explain(
                f"The uncertainty of {name!r} is negative",
                expected="numbers from 0",
                got=float(np.nanmin(values)),
            )
        )
    return np.asarray(values)


def _spread(
    arguments: Arguments, name: str, values: Array, labelled: xr.DataArray | None
) -> Array:
    try:
        if labelled is not None and arguments.frame is not None:
            whole = labelled.copy(deep=False, data=values)
            whole = whole.broadcast_like(arguments.frame)
            values = whole.transpose(*arguments.frame.dims).to_numpy()
        return np.broadcast_to(values, arguments.shape).ravel()
    except ValueError:
        raise FieldError(
            explain(
                f"The uncertainty of {name!r} does not fit the arguments",
                expected=f"one number, or shape {arguments.shape}",
                got=values.shape,
            )
        ) from None


def _combined(
    parts: Mapping[str, Array], correlation: Mapping[tuple[str, ...], float]
) -> Array:
    names = list(parts)
    matrix = np.eye(len(names))
    for pair, rho in correlation.items():
        if len(pair) != 2 or not set(pair) <= set(names) or pair[0] == pair[1]:
            raise OptionError(
                explain(
                    f"There is no pair {pair!r} to be correlated",
                    expected=f"two of {names}",
                )
            )
        i, j = names.index(pair[0]), names.index(pair[1])
        matrix[i, j] = matrix[j, i] = rho
    if np.linalg.eigvalsh(matrix)[0] < -1e-12:
        raise OptionError(
            explain(
                "The correlations cannot be true together",
                expected="a matrix of them without negative eigenvalues",
                got=dict(correlation),
            )
        )
    total = sum(part**2 for part in parts.values())
    for one, other in combinations(names, 2):
        rho = matrix[names.index(one), names.index(other)]
        total = total + 2.0 * rho * parts[one] * parts[other]
    return np.asarray(np.sqrt(np.maximum(np.asarray(total), 0.0)))
