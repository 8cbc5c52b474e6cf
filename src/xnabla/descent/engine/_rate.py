"""The learning rate as a caller gives it: a number, or a quantity with the unit of one.

A rate with a unit is a size of its own: gradient descent at a rate r is gradient
descent at a rate 1 in numbers z = x / sqrt(r).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from xnabla.descent._roots import root_factor
from xnabla.descent.engine._costs import Face
from xnabla.descent.engine._packing import Part
from xnabla.descent.engine._problem import Array
from xnabla.errors import OptionError, UnitsError, explain
from xnabla.units import (
    Unit,
    conversion_factor,
    difference,
    in_registry_of,
    is_quantity,
    split_quantity,
)

AUTOMATIC = "auto"


@dataclass(frozen=True, slots=True, eq=False)
class Rate:
    """A learning rate.

    Attributes
    ----------
    number : float or "auto"
        In the numbers that the engine moves.
    sizes : array (1, k) or None
        Of those numbers, if the rate says so by its unit.
    """

    number: float | str
    sizes: Array | None = None

    @property
    def is_automatic(self) -> bool:
        """Whether the engine finds it."""
        return isinstance(self.number, str)


def rate_of(given: Any, method: str, face: Face) -> Rate:
    """Return the rate a caller gives.

    Raises
    ------
    OptionError, UnitsError
        If it is not positive, or has a unit that is none of a rate.
    """
    if isinstance(given, str):
        if given != AUTOMATIC:
            raise OptionError(
                explain(
                    f"There is no learning rate {given!r}",
                    expected="a positive number, a quantity, or 'auto'",
                    got=repr(given),
                    hint='learning_rate="auto"',
                )
            )
        return Rate(AUTOMATIC)
    if not (is_quantity(given) or isinstance(given, Mapping)):
        return Rate(_positive(given))
    row = np.empty((1, face.packing.n_parameters))
    for part in face.packing.parts:
        row[0, part.columns] = _raw(given, part, method, face)
    return Rate(1.0, row if method == "adam" else np.sqrt(row))


def _raw(given: Any, part: Part, method: str, face: Face) -> float:
    """Return the rate of one parameter in root units."""
    one = given.get(part.name) if isinstance(given, Mapping) else given
    wanted = _unit_of_rate(part, method, face)
    if one is None or not _fits(one, wanted):
        raise UnitsError(
            explain(
                f"learning_rate has no fitting unit for {part.name!r}",
                expected=f"a unit like '{wanted or 1}'",
                got="nothing" if one is None else one,
                hint="a mapping with one rate for each parameter, or a plain number: "
                "the rate in standardised parameters",
            )
        )
    if wanted is None:
        return _positive(one)
    value, unit = split_quantity(one)
    factor = conversion_factor(unit, wanted, of="learning_rate") * root_factor(wanted)
    return _positive(value) * factor


def _fits(one: Any, wanted: Unit | None) -> bool:
    """Tell whether a rate has a unit if it needs one, and one of its dimension."""
    if wanted is None or not is_quantity(one):
        return wanted is None and not is_quantity(one)
    _, unit = split_quantity(one)
    own = in_registry_of(unit, wanted)
    return bool(own.dimensionality == wanted.dimensionality)


def _unit_of_rate(part: Part, method: str, face: Face) -> Unit | None:
    """Return [x]²/[J]; of adam, whose steps do not know the cost, [x]."""
    if method == "adam":
        return None if part.unit is None else difference(part.unit)
    if face.unit is None:
        return None if part.unit is None else part.unit**2
    return face.unit**-1 if part.unit is None else part.unit**2 / face.unit


def _positive(given: Any) -> float:
    try:
        number = float(given)
    except (TypeError, ValueError):
        number = float("nan")
    if not (np.isfinite(number) and number > 0):
        raise OptionError(
            explain(
                f"learning_rate={given!r} leads nowhere down",
                expected="a positive number, or 'auto'",
                got=repr(given),
                hint='learning_rate="auto"',
            )
        )
    return number
