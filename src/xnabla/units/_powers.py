"""Units as a registry's names to powers: their kind, their kelvin form, their roots."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

from pint import PintError
from pint.util import UnitsContainer, to_units_container

from xnabla.errors import UnitsError, explain
from xnabla.units._number import exact

if TYPE_CHECKING:
    from fractions import Fraction

__all__ = ["Powers", "carried", "kind_of", "linear_powers", "pint_unit", "powers_in"]

Kind = Literal["plain", "offset", "logarithmic"]
Powers = dict[str, Any]


def powers_in(unit: Any) -> Powers:
    """Return the power of each name in a pint unit."""
    return dict(to_units_container(unit))


def pint_unit(powers: Powers, registry: Any) -> Any:
    """Build a pint unit from names that the registry knows."""
    kept = {name: power for name, power in powers.items() if power != 0}
    return registry.Unit(UnitsContainer(kept))


# The cache holds registries alive; it is small, and programs have one or two.
@lru_cache(maxsize=512)
def kind_of(registry: Any, name: str) -> Kind:
    """Tell how a named unit counts, by converting 0, 1 and 2 of it.

    pint has no public question for this, and its private ones differ by version.
    """
    try:
        zero, one, two = (
            float(registry.Quantity(value, name).to_root_units().magnitude)
            for value in (0.0, 1.0, 2.0)
        )
    except (PintError, ValueError, OverflowError, ZeroDivisionError):
        return "logarithmic"  # undefined at zero
    if abs((two - one) - (one - zero)) > 1e-9 * abs(two - zero):
        return "logarithmic"
    return "plain" if zero == 0 else "offset"


def linear_powers(
    factor: Fraction, powers: Powers, registry: Any
) -> tuple[Fraction, Powers]:
    """Return factor and powers with offset and delta temperatures in kelvin."""
    for name, power in powers.items():
        if name.startswith("delta_") or kind_of(registry, name) == "offset":
            scale, root = _root_of(registry, name)
            factor *= exact(scale) ** power
            rest = {n: p for n, p in powers.items() if n != name}
            powers = _times(rest, root, power)
    return factor, powers


def carried(
    factor: Fraction, powers: Powers, source: Any, target: Any
) -> tuple[Fraction, Powers]:
    """Return factor and powers in the names of another registry.

    Names that it lacks, or defines differently, are spelled in root units.
    """
    found: Powers = {}
    for name, power in powers.items():
        scale, root = _root_of(source, name)
        if _same(_root_or_none(target, name), (scale, root)):
            found = _times(found, {name: 1}, power)
            continue
        lost = [n for n in root if _root_or_none(target, n) is None]
        if lost:
            raise UnitsError(
                explain(
                    f"Unit '{name}' has no meaning in the other pint registry",
                    expected=f"a registry that defines {lost[0]!r}",
                    got="two registries that do not share it",
                    hint="use pint.get_application_registry() for all quantities",
                )
            )
        factor *= exact(scale) ** power
        found = _times(found, root, power)
    return factor, found


def _root_of(registry: Any, name: str) -> tuple[float, Powers]:
    scale, root = registry.get_root_units(registry.Unit(name), check_nonmult=False)
    return float(scale), powers_in(root)


def _root_or_none(registry: Any, name: str) -> tuple[float, Powers] | None:
    try:
        return _root_of(registry, name)
    except (PintError, ValueError, KeyError):
        return None


def _same(one: tuple[float, Powers] | None, other: tuple[float, Powers]) -> bool:
    return one is not None and one[1] == other[1] and exact(one[0]) == exact(other[0])


def _times(left: Powers, right: Powers, power: Any) -> Powers:
    names = {**left, **right}
    return {n: left.get(n, 0) + right.get(n, 0) * power for n in names}
