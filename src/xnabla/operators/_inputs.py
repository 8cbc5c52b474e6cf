"""What an operator needs a field to be, and the field made so: plain numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from xnabla.errors import UnitsError, explain
from xnabla.labels import Plain, split, title_of
from xnabla.units import (
    Unit,
    difference,
    dimension_text,
    in_registry_of,
    parse,
    scale_and_zero,
)


@dataclass(frozen=True, slots=True)
class Need:
    """What an operator needs a field to be.

    Attributes
    ----------
    units : tuple of str
        Units it takes: the first of the field's dimension is the one its numbers are
        turned into. Any unit will do, as it stands, if there are none.
    absolute : bool
        Whether the zero of the unit counts, as of a temperature that is added to.
    """

    units: tuple[str, ...] = ()
    absolute: bool = False


SPEED = Need(("m s-1",))
TEMPERATURE = Need(("K",))
LENGTH_OR_GEOPOTENTIAL = Need(("m", "m2 s-2"))
ANY = Need()
ANY_AMOUNT = Need(absolute=True)


@dataclass(frozen=True, slots=True, eq=False)
class Ready:
    """A field as plain numbers, and how they become those the formula wants."""

    values: xr.Variable
    unit: Unit
    factor: float = 1.0
    zero: float = 0.0

    def of(self, block: Any) -> Any:
        """Return a block of the field in double precision, in the unit wanted."""
        numbers = block.astype(np.result_type(block.dtype, np.float64))
        if self.factor != 1.0:
            numbers = numbers * self.factor
        return numbers + self.zero if self.zero else numbers


def readied(one: xr.DataArray, need: Need, example: str = "K") -> Ready:
    """Return a field as plain numbers, to be turned into what an operator needs.

    Parameters
    ----------
    one : DataArray
    need : Need
    example : str
        What its unit may be where ``need`` takes any, for a message.

    Raises
    ------
    FieldError, UnitsError
        If it holds no numbers, has no unit, or the wrong dimension.
    """
    plain: Plain = split(one, (*need.units, example)[0])
    values = xr.Variable(one.dims, plain.values)
    title = title_of(one)
    if not need.units:
        if not need.absolute:
            return Ready(values, plain.unit)
        linear = difference(plain.unit, of=title)
        return Ready(values, linear, *scale_and_zero(plain.unit, linear, of=title))
    for text in need.units:
        wanted = in_registry_of(parse(text), plain.unit)
        if wanted.dimensionality != plain.unit.dimensionality:
            continue
        factor, zero = scale_and_zero(plain.unit, wanted, of=title)
        return Ready(values, wanted, factor, zero if need.absolute else 0.0)
    raise UnitsError(
        explain(
            f"{title} has the wrong dimension",
            expected=" or ".join(f"a unit like {text!r}" for text in need.units),
            got=f"'{plain.unit}' ({dimension_text(plain.unit)})",
        )
    )
