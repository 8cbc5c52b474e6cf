"""Measures that users give as options: a number and its unit, told from text."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import xarray as xr

from xnabla.errors import OptionError, UnitsError, explain
from xnabla.units import (
    Unit,
    conversion_factor,
    difference,
    in_registry_of,
    is_quantity,
    parse,
    split_quantity,
)

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)


def measured(value: Any, name: str, example: str) -> tuple[float, Unit | None]:
    """Return a number and its unit, none for a plain number.

    The number is split off first: a unit has to be one that is not zero, a measure
    may be.

    Parameters
    ----------
    value : quantity, str, number or DataArray without dimensions
        Such as ``"2 hPa"``.
    name : str
        The keyword it was given as.
    example : str
        What to type.

    Raises
    ------
    UnitsError
        If the unit is unknown.
    OptionError
        If it is nothing of this kind.
    """
    if isinstance(value, xr.DataArray) and value.ndim == 0:
        told = str(value.attrs.get("units", ""))
        value = value.data if is_quantity(value.data) else f"{value.item()!r} {told}"
    if is_quantity(value) and np.ndim(value) == 0:
        number, unit = split_quantity(value)
        return float(number), unit
    if isinstance(value, str):
        return _told(value.strip(), name, example)
    if isinstance(value, int | float | np.number) and not isinstance(value, bool):
        return float(value), None
    raise OptionError(
        explain(f"{name}={value!r} is no measure", expected="a quantity", hint=example)
    )


def _told(text: str, name: str, example: str) -> tuple[float, Unit | None]:
    found = _NUMBER.match(text)
    number = 1.0 if found is None else float(found.group())
    unit = text if found is None else text[found.end() :].strip()
    if found is not None and not unit:
        return number, None
    try:
        return number, parse(unit, of=f"{name}=")
    except UnitsError:
        raise UnitsError(
            explain(
                f"{name}={text!r} is no measure",
                expected="a number and a unit as CF spells it",
                got=f"the unit {unit!r}",
                hint=example,
            )
        ) from None


def no_unit(
    value: Any,
    name: str,
    example: str,
    expected: str = "a quantity, or text with a unit",
) -> UnitsError:
    """Return the error of a number that has no unit."""
    return UnitsError(
        explain(
            f"{name}={value!r} has no unit",
            expected=expected,
            hint=example,
        )
    )


def factor_to(unit: Unit, target: Unit, name: str, of: str, example: str) -> float:
    """Return what turns numbers in a unit of differences into those in another.

    Parameters
    ----------
    unit : Unit
        Of what was given.
    target : Unit
        Of what it is for.
    name : str
        The keyword it was given as.
    of : str
        What it is for, for the message; ``""`` if the keyword says it.
    example : str
        What to type.

    Raises
    ------
    UnitsError
        If they differ in dimension, or one is not linear.
    """
    where = f"{name}= of {of}" if of else f"{name}="
    own = difference(unit, of=name)
    if own.dimensionality != in_registry_of(target, own).dimensionality:
        raise UnitsError(
            explain(
                f"Units '{unit}' do not fit {where}",
                expected=f"a unit like '{target}'",
                got=f"'{unit}'",
                hint=example,
            )
        )
    return conversion_factor(own, target, of=where)
