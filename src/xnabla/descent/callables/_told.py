"""Derivatives as labelled results: units, names, flags."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from xnabla.descent._status import Status, status_attributes
from xnabla.descent.callables._arguments import Arguments, Array, asked_unit
from xnabla.descent.callables._function import Function
from xnabla.descent.callables._numeric import Slope
from xnabla.units import Unit, difference


def unit_over(value: Unit | None, units: list[Unit | None]) -> Unit | None:
    """Return the unit of a derivative: that of the value over those of arguments."""
    made = None if value is None else difference(value)
    for unit in units:
        if unit is not None:
            made = unit**-1 if made is None else made / unit
    return made


def described(
    arguments: Arguments,
    slope: Slope,
    natural: Unit | None,
    units: Any,
    words: str,
    name: str = "derivative",
) -> dict[str, xr.DataArray]:
    """Return a derivative and its error as labelled quantities."""
    unit, factor = asked_unit(natural, units, f"the {words}")
    value = arguments.field(slope.values * factor, unit, name)
    error = arguments.field(slope.error * factor, unit, "error")
    value.attrs["long_name"] = words
    error.attrs["long_name"] = f"estimated error of the {words}"
    return {name: value, "error" if name == "derivative" else f"{name}_error": error}


def value_field(function: Function) -> xr.DataArray:
    """Return what the function returns, labelled."""
    made = function.arguments.field(function.value, function.unit, "value")
    made.attrs["long_name"] = "value of the function"
    return made


def status_field(arguments: Arguments, status: Array) -> xr.DataArray:
    """Return how the derivatives ended; missing arguments are no failure."""
    gone = np.zeros(len(status), dtype=bool)
    for numbers in arguments.numbers.values():
        gone |= np.isnan(numbers)
    status[gone] = Status.ALL_MISSING
    made = arguments.field(status, None, "status")
    made.attrs = {**status_attributes(), "long_name": "how the derivative was found"}
    return made


def count_of(function: Function) -> xr.DataArray:
    """Return how often the function was called."""
    told = {"long_name": "number of calls of the function", "units": "1"}
    return xr.DataArray(function.evaluations[0] + 1, attrs=told)
