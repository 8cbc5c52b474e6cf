"""Values in units that pint can carry: without a factor of their own."""

from __future__ import annotations

from typing import Any

from xnabla.units import Unit


def folded(values: Any, unit: Unit) -> tuple[Any, Unit]:
    """Return values in a unit without a factor: pint has no place for one.

    Examples
    --------
    >>> from xnabla.units import difference, parse
    >>> values, unit = folded(9.0, difference(parse("degF")))
    >>> print(f"{values:.3g} {unit}")
    5 K
    """
    if unit.factor == 1.0:
        return values, unit
    return values * unit.factor, Unit(1.0, unit.pint)
