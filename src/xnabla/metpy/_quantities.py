"""Quantities of one registry: what plain arithmetic on MetPy's arguments needs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import xarray as xr

from xnabla.errors import UnitsError, explain
from xnabla.units import (
    Unit,
    attach,
    dimension_text,
    in_registry_of,
    is_quantity,
    parse,
    registry_of,
    split_quantity,
)

# What MetPy asks of an argument of this name, by a unit of the same dimension.
EXPECTED = {
    **dict.fromkeys(("u", "v", "u_geostrophic", "v_geostrophic"), "m s-1"),
    **dict.fromkeys(("temperature", "potential_temperature"), "K"),
    **dict.fromkeys(("dx", "dy"), "m"),
    "pressure": "Pa",
    "latitude": "degree",
}


def home_of(values: Iterable[Any]) -> Any:
    """Return the registry of the first quantity, else the application's."""
    for value in values:
        data = value.data if isinstance(value, xr.DataArray) else value
        if is_quantity(data):
            return registry_of(split_quantity(data)[1])
    return registry_of(parse("1"))


def quantity(value: Any, home: Any) -> Any:
    """Return values as a quantity of a registry; bare ones have no dimension."""
    one = parse("1", registry=home)
    if isinstance(value, xr.DataArray):
        data, unit = value.data, str(value.attrs.get("units", "")).strip()
        if not is_quantity(data):
            return _scaled(data, parse(unit or "1", of="the field", registry=home))
        value = data
    if not is_quantity(value):
        return attach(value, one)
    values, own = split_quantity(value)
    if registry_of(own) is home:
        return value
    return _scaled(values, in_registry_of(own, one))


def constant(number: Any, unit: str, home: Any) -> Any:
    """Return numbers with a unit of a registry."""
    return attach(number, parse(unit, registry=home))


def converted(value: Any, unit: str) -> Any:
    """Return a quantity in another unit of its registry."""
    home = registry_of(split_quantity(value)[1])
    return value.to(parse(unit, registry=home).pint)


def degrees(angle: Any) -> Any:
    """Return an angle as plain degrees, which bare numbers already are."""
    bare = angle.data if isinstance(angle, xr.DataArray) else angle
    units = angle.attrs.get("units") if isinstance(angle, xr.DataArray) else None
    if not is_quantity(bare):
        bare = attach(bare, parse(str(units or "degree")))
    return np.asarray(converted(bare, "degree").magnitude, dtype=float)


def check_dimension(name: str, value: Any) -> None:
    """Refuse an argument whose dimension is not the one its name stands for.

    Raises
    ------
    UnitsError
    """
    expected = EXPECTED.get(name)
    if expected is None or not is_quantity(value):
        return
    wanted, unit = parse(expected), split_quantity(value)[1]
    if dimension_text(unit) != dimension_text(wanted):
        raise UnitsError(
            explain(
                f"{name!r} has the wrong dimension",
                expected=f"{dimension_text(wanted)}, like '{expected}'",
                got=f"'{unit.pint}'",
                hint=f"{name} * units('{expected}')",
            )
        )


def _scaled(values: Any, unit: Unit) -> Any:
    """Attach a unit whose scale (1e-5 s-1) goes into the numbers."""
    plain = Unit(1.0, unit.pint)
    return attach(values if unit.factor == 1 else values * unit.factor, plain)
