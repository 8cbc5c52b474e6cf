"""A unit is a pint unit and a factor: the value all of this room hands on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from xnabla.errors import UnitsError
from xnabla.units._cf import spell
from xnabla.units._decade import ten_years
from xnabla.units._number import exact
from xnabla.units._powers import (
    Powers,
    carried,
    kind_of,
    linear_powers,
    pint_unit,
    powers_in,
)

if TYPE_CHECKING:
    from fractions import Fraction

    from pint import Unit as PintUnit
    from pint.util import UnitsContainer

__all__ = [
    "Unit",
    "cf_string",
    "dimension_text",
    "in_registry_of",
    "is_logarithmic",
    "is_offset",
    "linear",
    "registry_of",
    "unit_of",
]


@dataclass(frozen=True, slots=True, eq=False)
class Unit:
    """A unit: a number in it means ``number * factor`` in the pint unit.

    Parameters
    ----------
    factor : float
        1 except for units that pint cannot name, such as "1e-5 s-1" or "PVU".
    pint : pint.Unit
        The pint unit; its registry is the registry of this unit.

    Notes
    -----
    ``*``, ``/`` and ``**`` combine factor and pint unit, in the registry of the
    first operand; an offset temperature in a product is a temperature difference.
    Two units are equal when they are written alike in one registry: 1 km and 1000 m
    are not equal, but their conversion factor is 1.

    Examples
    --------
    >>> from xnabla.units import parse
    >>> gradient = parse("degC") / parse("km")
    >>> print(gradient)
    K km-1
    >>> gradient == parse("K/km")
    True
    >>> parse("1e-5 s-1").factor
    1e-05
    """

    factor: float
    pint: PintUnit

    @property
    def dimensionality(self) -> UnitsContainer:
        """The dimension, as pint tells it."""
        return self.pint.dimensionality

    def __mul__(self, other: object) -> Unit:
        if not isinstance(other, Unit):
            return NotImplemented
        left, right = linear(self), linear(in_registry_of(other, self))
        factor = exact(left.factor) * exact(right.factor)
        return Unit(float(factor), left.pint * right.pint)

    def __truediv__(self, other: object) -> Unit:
        if not isinstance(other, Unit):
            return NotImplemented
        return self * other**-1

    def __pow__(self, power: int) -> Unit:
        if power == 1:
            return self
        base = linear(self)
        powers = {name: p * power for name, p in powers_in(base.pint).items()}
        return unit_of(exact(base.factor) ** power, powers, registry_of(base))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Unit):
            return NotImplemented
        return (
            self.factor == other.factor
            and registry_of(self) is registry_of(other)
            and powers_in(self.pint) == powers_in(other.pint)
        )

    def __hash__(self) -> int:
        return hash((self.factor, frozenset(powers_in(self.pint).items())))

    def __str__(self) -> str:
        try:
            return cf_string(self)
        except UnitsError:  # a root of a unit: str() must not raise
            return f"{self.factor!r} {self.pint}"


def unit_of(factor: Fraction | float, powers: Powers, registry: Any) -> Unit:
    """Build a unit from an exact factor and names that the registry knows."""
    return Unit(float(factor), pint_unit(powers, registry))


def cf_string(unit: Unit | PintUnit) -> str:
    """Write a unit as CF does.

    Parameters
    ----------
    unit : Unit or pint.Unit

    Returns
    -------
    str
        ASCII text: the factor, then positive powers, then negative ones; "1" where
        nothing is left. Names that UDUNITS does not know are spelled in SI units.

    Raises
    ------
    UnitsError
        A power is not a whole number: UDUNITS has no text for roots.

    Examples
    --------
    >>> from xnabla.units import cf_string, parse
    >>> cf_string(parse("kelvin / kilometer")), cf_string(parse("PVU"))
    ('K km-1', '1e-6 K m2 kg-1 s-1')
    >>> cf_string(parse("kg/kg")), cf_string(parse("percent"))
    ('1', '%')
    """
    if not isinstance(unit, Unit):
        unit = Unit(1.0, unit)
    if not is_offset(unit):
        unit = linear(unit)
    return spell(exact(unit.factor), powers_in(unit.pint), registry_of(unit))


def registry_of(unit: Unit | PintUnit) -> Any:
    """Return the pint registry a unit belongs to.

    Parameters
    ----------
    unit : Unit or pint.Unit

    Returns
    -------
    pint.UnitRegistry

    Examples
    --------
    >>> import pint
    >>> from xnabla.units import parse, registry_of
    >>> registry_of(parse("K")) is pint.get_application_registry().get()
    True
    """
    # pint has no public name for this; `_REGISTRY` is what its own docs point to.
    inner: Any = unit.pint if isinstance(unit, Unit) else unit
    return inner._REGISTRY


def is_offset(unit: Unit) -> bool:
    """Tell whether the unit has a zero of its own, as degC has.

    Examples
    --------
    >>> from xnabla.units import is_offset, parse
    >>> is_offset(parse("degC")), is_offset(parse("K"))
    (True, False)
    """
    return _has_kind(unit, "offset") and list(powers_in(unit.pint).values()) == [1]


def is_logarithmic(unit: Unit) -> bool:
    """Tell whether a logarithm hides in the unit, as in dBm.

    Examples
    --------
    >>> import pint
    >>> from xnabla.units import Unit, is_logarithmic
    >>> is_logarithmic(Unit(1.0, pint.get_application_registry().Unit("dBm")))
    True
    """
    return _has_kind(unit, "logarithmic")


def _has_kind(unit: Unit, kind: str) -> bool:
    registry = registry_of(unit)
    return any(kind_of(registry, name) == kind for name in powers_in(unit.pint))


def linear(unit: Unit) -> Unit:
    """Return the unit with offset and delta temperatures written in kelvin."""
    registry, before = registry_of(unit), powers_in(unit.pint)
    factor, powers = linear_powers(exact(unit.factor), before, registry)
    return unit if powers == before else unit_of(factor, powers, registry)


def in_registry_of(unit: Unit, like: Unit) -> Unit:
    """Return the same unit in the registry of another one.

    Parameters
    ----------
    unit : Unit
        The unit to carry over.
    like : Unit
        A unit of the registry wanted.

    Returns
    -------
    Unit
        Names that the other registry lacks, or defines differently, are spelled in
        root units there.

    Raises
    ------
    UnitsError
        The other registry does not even have the root units.

    Examples
    --------
    >>> import pint
    >>> from xnabla.units import in_registry_of, parse
    >>> mine = pint.UnitRegistry()
    >>> kelvin = in_registry_of(parse("K"), parse("m", registry=mine))
    >>> kelvin.pint == mine.kelvin
    True
    """
    source, target = registry_of(unit), registry_of(like)
    if source is target:
        return unit
    factor, powers = exact(unit.factor), powers_in(unit.pint)
    if "decade" in powers:
        ten_years(target)
    return unit_of(*carried(factor, powers, source, target), target)


def dimension_text(unit: Unit) -> str:
    """Return the dimension in words.

    Parameters
    ----------
    unit : Unit

    Returns
    -------
    str

    Examples
    --------
    >>> from xnabla.units import dimension_text, parse
    >>> dimension_text(parse("K/km"))
    '[temperature] / [length]'
    >>> dimension_text(parse("s-1"))
    '1 / [time]'
    >>> dimension_text(parse("kg kg-1"))
    'dimensionless'
    """
    powers: Powers = dict(unit.dimensionality)
    if not powers:
        return "dimensionless"
    above = [_powered(n, p) for n, p in sorted(powers.items()) if p > 0]
    below = [_powered(n, -p) for n, p in sorted(powers.items()) if p < 0]
    return " / ".join([" * ".join(above) or "1", *below])


def _powered(name: str, power: float) -> str:
    return name if power == 1 else f"{name} ** {power:g}"
