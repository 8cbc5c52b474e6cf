"""UDUNITS as referee: what cf-units says a text means, and what pint says."""

from __future__ import annotations

import re
from typing import NamedTuple

import cf_units
from pint.util import to_units_container

from xnabla.units import Unit, registry_of

SYMBOLS = {
    "meter": "m",
    "kilogram": "kg",
    "second": "s",
    "kelvin": "K",
    "ampere": "A",
    "mole": "mol",
    "candela": "cd",
}


class Meaning(NamedTuple):
    scale: float
    powers: dict[str, int]


def by_udunits(text: str) -> Meaning | None:
    """Read UDUNITS' definition, '0.001 m-3.mol', without any help from pint."""
    try:
        unit = cf_units.Unit(text)
    except ValueError:
        return None
    if unit.is_unknown() or unit.is_no_unit():
        return None
    scale, powers = 1.0, {}
    for word in unit.definition.split("@")[0].split():
        try:
            scale *= float(word)
            continue
        except ValueError:
            pass
        for part in word.split("."):
            name, power = re.fullmatch(r"([A-Za-z]+)(-?\d+)?", part).groups()
            if name != "rad":
                powers[name] = int(power or 1)
    return Meaning(scale, powers)


def by_us(unit: Unit) -> Meaning:
    scale, base = registry_of(unit).get_base_units(unit.pint, check_nonmult=False)
    powers = {
        SYMBOLS.get(name, name): round(power)
        for name, power in to_units_container(base).items()
        if name not in ("radian", "count")
    }
    return Meaning(float(scale) * unit.factor, powers)


def agree(unit: Unit, text: str, *, rel: float = 1e-6) -> bool:
    referee, ours = by_udunits(text), by_us(unit)
    return (
        referee is not None
        and referee.powers == ours.powers
        and abs(referee.scale - ours.scale) <= rel * abs(referee.scale)
    )
