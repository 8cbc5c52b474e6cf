"""Units as text that UDUNITS and our own parser read back as the same unit."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from xnabla.errors import UnitsError, explain
from xnabla.units._lookup import cf_names
from xnabla.units._number import exact
from xnabla.units._powers import Powers, powers_in
from xnabla.units._vocabulary import YEARS

__all__ = ["spell"]

# The order of the textbook: what is measured, then the kelvin, mass, length, time.
_ORDER = {"kelvin": 2, "gram": 3, "mole": 4, "meter": 5, "second": 7}
_TIMES = ("minute", "hour", "day", "week", "month", "year")


def spell(factor: Fraction, powers: Powers, registry: Any) -> str:
    """Write a factor and a registry's names to powers as CF text."""
    factor, powers = _spellable(factor, powers, registry)
    names = sorted(powers, key=lambda name: (powers[name] < 0, *_rank(name, powers)))
    words = [
        f"{_text(name, powers[name])}{_power_text(powers[name])}" for name in names
    ]
    if factor != 1 or not words:
        words.insert(0, _number_text(float(factor)))
    return " ".join(words)


def _spellable(
    factor: Fraction, given: Powers, registry: Any
) -> tuple[Fraction, dict[str, int]]:
    """Return factor and powers in names that CF has, others in root units."""
    powers: dict[str, int] = {}
    for name, power in given.items():
        scale, parts = Fraction(1), Powers({name: 1})
        if name in YEARS:
            scale, parts = Fraction(YEARS[name]), Powers({"year": 1})
        elif name not in cf_names():
            number, root = registry.get_root_units(registry.Unit(name))
            scale, parts = exact(float(number)), powers_in(root)
            if "gram" in parts:
                grams = parts.pop("gram")
                scale, parts["kilogram"] = scale / _to_the(Fraction(1000), grams), grams
        if not all(_is_whole(power * inner) for inner in parts.values()):
            raise UnitsError(
                explain(
                    "A unit with a root in it has no CF text",
                    expected="whole powers",
                    got=f"'{name}' to the power {power:g}",
                    hint="write the square of the field, or another units=",
                )
            )
        factor *= _to_the(scale, power)
        for part, inner in parts.items():
            powers[part] = powers.get(part, 0) + round(inner * power)
    return factor, {name: power for name, power in powers.items() if power}


def _to_the(scale: Fraction, power: float) -> Fraction:
    return scale ** round(power) if _is_whole(power) else exact(float(scale) ** power)


def _is_whole(power: float) -> bool:
    return math.isclose(power, round(power), abs_tol=1e-12)


def _text(name: str, power: int) -> str:
    if power < 0 and name in ("millisecond", "millikelvin"):
        return name  # "m ms-1" would read like "m m s-1" without its space
    return cf_names().get(name, name)


def _rank(name: str, powers: dict[str, int]) -> tuple[int, str]:
    """Return the place among units of the same sign."""
    root = next((r for r in _ORDER if name.endswith(r)), None)
    rank = _ORDER[root] if root else 8 if name in _TIMES else 1
    # Below the line, the kelvin comes last: J kg-1 K-1.
    return (9 if root == "kelvin" and powers[name] < 0 else rank), name


def _power_text(power: int) -> str:
    return "" if power == 1 else str(power)


def _number_text(number: float) -> str:
    """Write a number shortly, powers of ten as such."""
    if number == 1:
        return "1"
    tens = round(math.log10(number))
    if abs(tens) >= 3 and number == float(f"1e{tens}"):
        return f"1e{tens}"
    mantissa, mark, power = repr(number).removesuffix(".0").partition("e")
    return f"{mantissa.removesuffix('.0')}e{int(power)}" if mark else mantissa
