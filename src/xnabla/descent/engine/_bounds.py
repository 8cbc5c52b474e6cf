"""Lowest and highest values of the parameters, in the numbers the engine moves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from xnabla.descent._roots import root_of
from xnabla.descent.engine._packing import ALONE, Packing, Part
from xnabla.descent.engine._problem import Array
from xnabla.errors import OptionError, UnitsError, explain
from xnabla.units import (
    attach,
    in_registry_of,
    is_quantity,
    parse,
    scale_and_zero,
    split_quantity,
)


def bounds_of(
    bounds: Any, packing: Packing, start: Array
) -> tuple[Array, Array] | None:
    """Return the bounds of the parameters in root units, ``(cells, k)`` each.

    Parameters
    ----------
    bounds : pair, or mapping of name to pair
        Lowest and highest value: a number, a quantity, a field, or None for no bound.
    packing : Packing
    start : array (cells, k)
        The first values, in root units.

    Raises
    ------
    OptionError, UnitsError
        If they cross, leave the first values outside, or have another dimension.
    """
    if bounds is None:
        return None
    pairs = _pairs(bounds, packing)
    low, high = np.full(start.shape, -np.inf), np.full(start.shape, np.inf)
    for part in packing.parts:
        pair = pairs.get(part.name)
        if pair is None:
            continue
        for side, given in ((low, pair[0]), (high, pair[1])):
            if given is not None:
                side[:, part.columns] = _rows(given, part, packing)
        _check(part, low, high, start, pair)
    return low, high


def _pairs(bounds: Any, packing: Packing) -> Mapping[str, Any]:
    names = [part.name for part in packing.parts]
    if packing.kind == "one" and not isinstance(bounds, Mapping):
        bounds = {ALONE: bounds}
    sound = isinstance(bounds, Mapping) and all(
        isinstance(pair, (tuple, list)) and len(pair) == 2 for pair in bounds.values()
    )
    if not sound:
        raise OptionError(
            explain(
                "The bounds are no pairs",
                expected="(lowest, highest), or a mapping of names to such pairs",
                got=repr(bounds),
                hint=f"bounds={{{names[0]!r}: (low, None)}}",
            )
        )
    unknown = [name for name in bounds if name not in names]
    if unknown:
        raise OptionError(
            explain(
                f"There is no parameter {unknown[0]!r} to be bounded",
                expected=f"one of {names}",
                got=repr(unknown[0]),
            )
        )
    return dict(bounds)


def _rows(given: Any, part: Part, packing: Packing) -> Array:
    """Return one bound of one parameter in root units, on every cell."""
    dims: tuple[Any, ...] | None = None
    if isinstance(given, xr.DataArray):
        text = str(given.attrs.get("units", "")).strip()
        dims, given = given.dims, given.data
        if text and not is_quantity(given):
            given = attach(given, parse(text))
    if is_quantity(given) != (part.unit is not None):
        raise UnitsError(
            explain(
                f"The bounds of {part.name!r} and its first value do not match",
                expected=f"a unit like '{part.unit}'" if part.unit else "plain numbers",
                got=given,
            )
        )
    if part.unit is not None:
        given, unit = split_quantity(given)
        root = root_of(in_registry_of(part.unit, unit))
        factor, zero = scale_and_zero(unit, root, of=f"the bounds of {part.name!r}")
        given = np.asarray(given) * factor + zero
    values = np.asarray(given, dtype=np.float64)
    stacked = {**packing.cells, **part.own}
    if dims is None:
        dims = part.dims if values.ndim else ()
    variable: Any = xr.Variable(dims, values)
    variable = variable.set_dims(stacked).transpose(*stacked)
    return np.asarray(variable.to_numpy()).reshape(packing.n_cells, -1)


def _check(part: Part, low: Array, high: Array, start: Array, pair: Any) -> None:
    here = part.columns
    if (low[:, here] > high[:, here]).any():
        raise OptionError(
            explain(
                f"The bounds of {part.name!r} cross",
                expected="the lowest value first",
                got=f"({pair[0]}, {pair[1]})",
            )
        )
    slack = 1e-12 * np.abs(start[:, here])
    outside = start[:, here] < low[:, here] - slack
    outside |= start[:, here] > high[:, here] + slack
    if outside.any():
        raise OptionError(
            explain(
                f"The first value of {part.name!r} lies outside its bounds"
                + (f" in {outside.any(axis=1).sum()} cells" * (len(start) > 1)),
                expected=f"between {pair[0]} and {pair[1]}",
                hint="another x0",
            )
        )
