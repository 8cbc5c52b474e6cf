"""Root units: the same numbers for pascals and hectopascals, kelvin and Celsius."""

from __future__ import annotations

from xnabla.units import Unit, conversion_factor, difference, registry_of


def root_of(unit: Unit) -> Unit:
    """Return the unit of the same dimension made of root units.

    Examples
    --------
    >>> from xnabla.units import parse
    >>> print(root_of(parse("hPa")))
    kg m-1 s-2
    """
    plain = difference(unit)
    base = registry_of(plain).Quantity(1.0, plain.pint).to_base_units()
    return Unit(1.0, base.units)


def root_factor(unit: Unit) -> float:
    """Return what a difference in this unit is in root units.

    Examples
    --------
    >>> from xnabla.units import parse
    >>> root_factor(parse("hPa"))
    100.0
    """
    return conversion_factor(difference(unit), root_of(unit))
