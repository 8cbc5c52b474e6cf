"""Quantities in the base units of their registry, in which formulas need no factors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from xnabla.descent.cells._field import Field
from xnabla.descent.cells._result import TAKEN
from xnabla.errors import OptionError, UnitsError, XnablaError, explain
from xnabla.labels import split
from xnabla.units import (
    Unit,
    conversion_factor,
    difference,
    dimension_text,
    in_registry_of,
    is_quantity,
    parse,
    registry_of,
    scale_and_zero,
    split_quantity,
)


@dataclass(frozen=True, slots=True, eq=False)
class Base:
    """The way from a unit to the base unit of its dimension, and back.

    Attributes
    ----------
    source, target : Unit
    factor, zero : float
        ``target = factor * source + zero``.
    """

    source: Unit
    target: Unit
    factor: float
    zero: float

    @property
    def step(self) -> Unit:
        """The unit of differences, where values are in the source."""
        return difference(self.source)

    def inward(self, values: Any) -> Any:
        """Return values in the base unit, in double precision."""
        double = np.asarray(values, dtype=np.float64)
        return double * self.factor + self.zero

    def outward(self, values: Any) -> Any:
        """Return values of the base unit in the source's; of numpy or dask."""
        return (values - self.zero) / self.factor

    def difference_of(self, given: Any, option: str, of: str) -> float:
        """Return a difference, given as a quantity, in the base unit.

        Raises
        ------
        UnitsError
        """
        if not is_quantity(given):
            if not str(self.target):
                return float(given)
            if self.target == in_registry_of(parse("1"), self.target):
                return float(given)
            raise UnitsError(
                explain(
                    f"{option} has no unit",
                    expected=f"a quantity like 1 {self.step}",
                    got=repr(given),
                )
            )
        value, unit = split_quantity(given)
        own = difference(unit, of=option)
        factor = conversion_factor(own, in_registry_of(self.target, own), of=of)
        return float(value) * factor


def base_of(unit: Unit) -> Base:
    """Return the way from a unit to the base unit of its dimension."""
    registry = registry_of(unit)
    _, pint_unit = registry.get_base_units(unit.pint)
    target = parse(registry.Quantity(1.0, pint_unit).units)
    factor, zero = scale_and_zero(unit, target, of="the field")
    return Base(unit, target, factor, zero)


def check_kind(unit: Unit, wanted: Unit, what: str) -> None:
    """Refuse a unit of another dimension than the one a fit knows.

    Raises
    ------
    UnitsError
    """
    other = in_registry_of(wanted, unit)
    if unit.dimensionality != other.dimensionality:
        raise UnitsError(
            explain(
                f"{what} is in another unit than the fit knows it by",
                expected=f"a unit like '{other}' ({dimension_text(other)})",
                got=f"'{unit}' ({dimension_text(unit)})",
            )
        )


def converted(values: Any, unit: Unit, wanted: Unit) -> Any:
    """Return values in another unit of the same dimension, offsets and all."""
    other = in_registry_of(wanted, unit)
    if unit == other:
        return values
    return base_of(other).outward(base_of(unit).inward(values))


@dataclass(frozen=True, slots=True, eq=False)
class Guess:
    """A parameter of a model: where it begins, and where it may go, in base units.

    Attributes
    ----------
    name : str
    base : Base
        From the unit in which it was given, which is that of the result.
    start : array
        One number, or one for each cell.
    low, high : float
    """

    name: str
    base: Base
    start: Any
    low: float
    high: float

    @property
    def size(self) -> float:
        """What counts as a size of it where it is 0: its guess, its bounds, or 1."""
        start = np.abs(self.start[np.isfinite(self.start)])
        if start.size and start.max() > 0.0:
            return float(start.max())
        sides = [abs(s) for s in (self.low, self.high) if np.isfinite(s) and s != 0.0]
        return max(sides, default=1.0)


def parameters_of(
    params: Any, bounds: Mapping[str, tuple[Any, Any]] | None, field: Field
) -> tuple[Guess, ...]:
    """Return the parameters of a model in base units, checked.

    Raises
    ------
    OptionError, UnitsError
        If there is none, one has a name that is taken, bounds are upside down, or a
        guess lies outside.
    """
    if not isinstance(params, Mapping) or not params:
        raise OptionError(
            explain(
                "The model has no parameters to fit",
                expected="a first guess by name",
                got=repr(params),
                hint="params={'a': 280 * units.K, 'tau': 30 * units.day}",
            )
        )
    limits = dict(bounds or {})
    strange = [name for name in limits if name not in params]
    if strange:
        raise OptionError(
            explain(
                f"bounds= names {strange[0]!r}, which is no parameter",
                expected="one of " + ", ".join(map(repr, params)),
            )
        )
    return tuple(
        _guess(str(name), given, limits.get(name), field)
        for name, given in params.items()
    )


def _guess(name: str, given: Any, limits: Any, field: Field) -> Guess:
    if name in TAKEN:
        raise OptionError(
            explain(
                f"A parameter called {name!r} would hide what a result calls so",
                expected="another name",
            )
        )
    values, unit = _taken_apart(name, given, field)
    if np.asarray(values).dtype.kind not in "biuf":
        raise OptionError(
            explain(
                f"The first guess of {name!r} is no real number",
                expected="real numbers",
                got=f"dtype {np.asarray(values).dtype}",
            )
        )
    base = base_of(unit)
    start = base.inward(values)
    if not np.isfinite(start).all():
        raise OptionError(
            explain(
                f"The first guess of {name!r} is not finite",
                expected="finite numbers",
                got=repr(given),
            )
        )
    low, high = _limits(name, limits, base)
    if not (low <= start.min() and start.max() <= high):
        raise OptionError(
            explain(
                f"The first guess of {name!r} lies outside its bounds",
                expected=f"{base.outward(low):g} to {base.outward(high):g} {unit}",
                got=f"{base.outward(start.min()):g} to {base.outward(start.max()):g}",
            )
        )
    return Guess(name, base, start, low, high)


def _taken_apart(name: str, given: Any, field: Field) -> tuple[Any, Unit]:
    """Return the numbers and the unit of a guess, one or one for each cell."""
    if isinstance(given, xr.DataArray):
        plain = split(given)
        strange = [str(dim) for dim in given.dims if dim not in field.like.dims]
        if strange:
            raise OptionError(
                explain(
                    f"The first guess of {name!r} has a dimension that cells have not",
                    expected=", ".join(map(str, field.like.dims)) or "a single value",
                    got=", ".join(strange),
                )
            )
        sizes = dict(field.like.sizes)
        variable: Any = xr.Variable(given.dims, np.asarray(plain.values))
        whole = variable.set_dims({dim: sizes[dim] for dim in field.like.dims})
        return whole.transpose(*field.like.dims).values, plain.unit
    if is_quantity(given):
        return split_quantity(given)
    try:
        return float(given), in_registry_of(parse("1"), field.unit)
    except (TypeError, ValueError):
        raise OptionError(
            explain(
                f"The first guess of {name!r} is no number",
                expected="a quantity, a number or a DataArray",
                got=repr(given),
            )
        ) from None


def _limits(name: str, limits: Any, base: Base) -> tuple[float, float]:
    """Return the bounds of a parameter in base units."""
    if limits is None:
        return -np.inf, np.inf
    try:
        low, high = limits
    except (TypeError, ValueError):
        raise OptionError(
            explain(
                f"The bounds of {name!r} are no pair",
                expected="the lowest and the highest value",
                got=repr(limits),
                hint=f"bounds={{{name!r}: (low, high)}}, None for no limit",
            )
        ) from None
    sides = [
        other if side is None else _limit(name, side, base)
        for side, other in ((low, -np.inf), (high, np.inf))
    ]
    if sides[0] >= sides[1]:
        raise OptionError(
            explain(
                f"The bounds of {name!r} are upside down",
                expected="low < high",
                got=f"{low}, {high}",
            )
        )
    return sides[0], sides[1]


def _limit(name: str, side: Any, base: Base) -> float:
    """Return one bound in the base unit; a number is in the unit of the guess."""
    if not is_quantity(side):
        return float(side) * base.factor + base.zero
    value, unit = split_quantity(side)
    try:
        factor, zero = scale_and_zero(
            unit, in_registry_of(base.target, unit), of=f"the bounds of {name!r}"
        )
    except XnablaError as fault:
        raise UnitsError(
            explain(
                f"The bounds of {name!r} do not fit its first guess",
                expected=f"a unit like '{base.source}'",
                got=f"'{unit}'",
            )
        ) from fault
    return float(value) * factor + zero
