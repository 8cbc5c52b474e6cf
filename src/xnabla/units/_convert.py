"""From one unit to another: the unit of a difference, and conversion factors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xnabla.errors import UnitsError, explain
from xnabla.units._lookup import LINEAR, LOG_REASON
from xnabla.units._number import exact
from xnabla.units._parse import parse
from xnabla.units._powers import powers_in
from xnabla.units._unit import (
    Unit,
    cf_string,
    dimension_text,
    in_registry_of,
    is_logarithmic,
    is_offset,
    linear,
    registry_of,
)

if TYPE_CHECKING:
    from fractions import Fraction

__all__ = ["conversion_factor", "difference", "rate", "scale_and_zero"]


def difference(unit: Unit, *, of: str = "the field") -> Unit:
    """Return the unit of a difference of two values in this unit.

    Parameters
    ----------
    unit : Unit
    of : str, optional
        What has this unit, for the message.

    Returns
    -------
    Unit
        Kelvin, times 5/9 for degF, where the zero of the unit drops out; else the
        unit itself.

    Raises
    ------
    UnitsError
        The unit is logarithmic: a difference would be a ratio.

    Examples
    --------
    >>> from xnabla.units import difference, parse
    >>> print(difference(parse("degC")))
    K
    >>> difference(parse("degF")).factor
    0.5555555555555556
    """
    if is_logarithmic(unit):
        raise UnitsError(
            explain(
                f"Units '{unit.pint}' of {of} cannot be used: {LOG_REASON}",
                expected="a linear unit, like 'mm6 m-3' for dBZ",
                hint=LINEAR,
            )
        )
    return linear(unit)


def rate(unit: Unit) -> tuple[Unit, float]:
    """Return per second for a speed per metre, and what it takes to get there.

    What is left of lengths in knots or kilometres per hour tells nobody anything;
    grams in kilograms, and kilometres of height, are left alone.

    Examples
    --------
    >>> from xnabla.units import parse, rate
    >>> print(rate(parse("km hour-1") / parse("m"))[0])
    s-1
    >>> rate(parse("m s-1") / parse("km"))[1]
    1.0
    """
    powers = powers_in(unit.pint)
    second = in_registry_of(parse("s-1"), unit)
    per_metre = powers.get("meter", 0) == -1
    if not per_metre or unit.dimensionality != second.dimensionality:
        return unit, 1.0
    return second, conversion_factor(unit, second)


def conversion_factor(source: Unit, target: Unit, *, of: str = "the result") -> float:
    """Return the number that turns values in one unit into values in another.

    Parameters
    ----------
    source, target : Unit
        They may belong to different registries.
    of : str, optional
        What is converted, for the message: "the gradient of 'q'".

    Returns
    -------
    float
        The float nearest to the exact factor.

    Raises
    ------
    UnitsError
        The dimensions differ, or one unit has a zero of its own or is logarithmic, so
        no single number converts.

    Examples
    --------
    >>> from xnabla.units import conversion_factor, parse
    >>> conversion_factor(parse("K/m"), parse("K/km"))
    1000.0
    >>> conversion_factor(parse("kg kg-1 m-1"), parse("K/km"), of="the gradient of 'q'")
    Traceback (most recent call last):
    ...
    xnabla.errors.UnitsError: Units 'K km-1' do not fit the gradient of 'q'. ...
    """
    if source == target:
        return 1.0
    target = in_registry_of(target, source)
    if source.dimensionality != target.dimensionality:
        fits = cf_string(source)
        raise UnitsError(
            explain(
                f"Units '{target}' do not fit {of}",
                expected=f"a unit like '{fits}' ({dimension_text(source)})",
                got=f"'{target}' ({dimension_text(target)})",
                hint=f'units="{fits}"',
            )
        )
    for unit in (source, target):
        _refuse_nonlinear(unit, of)
    return float(_in_root_units(source) / _in_root_units(target))


def _refuse_nonlinear(unit: Unit, of: str) -> None:
    if is_offset(unit) or is_logarithmic(unit):
        raise UnitsError(
            explain(
                f"No single number converts '{unit}' for {of}",
                expected="units with a common zero",
                got=f"'{unit}'",
                hint="xnabla.units.difference(unit), or kelvin",
            )
        )


def _in_root_units(unit: Unit) -> Fraction:
    """Return what one of the unit is in root units, exactly."""
    registry, factor = registry_of(unit), exact(unit.factor)
    for name, power in powers_in(unit.pint).items():
        scale = exact(float(registry.get_root_units(registry.Unit(name))[0]))
        whole = power == int(power)
        factor *= scale ** int(power) if whole else exact(float(scale) ** float(power))
    return factor


def scale_and_zero(source: Unit, target: Unit, *, of: str) -> tuple[float, float]:
    """Return what turns absolute values of one unit into another: factor and zero.

    Parameters
    ----------
    source, target : Unit
        Of one dimension; the target without a zero of its own.
    of : str
        What is converted, for the message.

    Returns
    -------
    factor, zero : float
        ``target = factor * source + zero``.

    Raises
    ------
    UnitsError
        If their dimensions differ.

    Examples
    --------
    >>> from xnabla.units import parse
    >>> scale_and_zero(parse("degC"), parse("K"), of="t")
    (1.0, 273.15)
    """
    factor = conversion_factor(difference(source, of=of), target, of=of)
    if not is_offset(source):
        return factor, 0.0
    zero = registry_of(source).Quantity(0.0, source.pint).to_base_units()
    base = Unit(1.0, zero.units)
    return factor, float(zero.magnitude) * conversion_factor(base, target, of=of)
