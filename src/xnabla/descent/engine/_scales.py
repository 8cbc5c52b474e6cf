"""Sizes of the parameters, so that kelvin and pascals may descend together.

Plain gradient descent does not know that 1 K is much and 1 Pa little. It goes down in
numbers z = x / size instead, of sizes in which the cost bends alike along each of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from xnabla.descent.engine._costs import Face
from xnabla.descent.engine._curvature import rounded
from xnabla.descent.engine._packing import ALONE, Packing, Part
from xnabla.descent.engine._problem import Array
from xnabla.descent.engine._slopes import Slopes
from xnabla.errors import OptionError, UnitsError, explain
from xnabla.units import (
    conversion_factor,
    difference,
    is_quantity,
    split_quantity,
)

# So few parameters get a size each; more of one kind share theirs.
_FEW = 16
_STEP = 1e-4


def typical(packing: Packing, start: Array) -> Array:
    """Return the size of each parameter's first values; one where they are nought."""
    scale = np.ones(start.shape)
    for part in packing.parts:
        known = np.abs(start[:, part.columns])
        largest = np.max(known[np.isfinite(known)], initial=0.0)
        scale[:, part.columns] = largest or 1.0
    return scale


def curved(face: Face, slopes: Slopes) -> Array:
    """Return sizes in which the cost bends by one along each parameter at x0.

    The diagonal of the matrix of second derivatives, by differences of the gradient;
    of many parameters of one kind, its mean, by one random direction. Where the cost
    does not bend, the size stays what it was.
    """
    scale = face.scale.copy()
    random = np.random.default_rng(0)
    for part in face.packing.parts:
        columns = range(part.columns.start, part.columns.stop)
        groups = [[i] for i in columns] if part.size <= _FEW else [list(columns)]
        for group in groups:
            signs = random.choice((-1.0, 1.0), len(group))
            bend = _bend(slopes, face.whole, group, signs)
            with np.errstate(all="ignore"):
                size = 1.0 / np.sqrt(np.abs(bend))
            sound = np.isfinite(size) & (size > 0)
            factor = rounded(np.where(sound, size, 1.0))
            scale[:, group] = face.scale[:, group] * factor[:, None]
    return scale


def _bend(slopes: Slopes, points: Array, group: list[int], signs: Array) -> Array:
    """Return the mean curvature along a group of parameters, in each cell."""
    cells = np.arange(len(points))
    move = (
        _STEP * np.maximum(np.abs(points[:, group]).max(axis=1), 1.0)[:, None] * signs
    )
    ahead, behind = points.copy(), points.copy()
    ahead[:, group] += move
    behind[:, group] -= move
    with np.errstate(all="ignore"):
        rise = slopes(ahead, cells)[:, group] - slopes(behind, cells)[:, group]
        width = (ahead - behind)[:, group]
        return np.asarray((rise * width).sum(axis=1) / (width * width).sum(axis=1))


def given_sizes(packing: Packing, given: Any, option: str) -> Array:
    """Return what a caller says of each parameter, in root units, ``(1, k)``.

    Raises
    ------
    OptionError, UnitsError
        If a parameter is missing, or a size is not positive or of another dimension.
    """
    row = np.empty((1, packing.n_parameters))
    for part in packing.parts:
        one = _entry(given, part, packing, option)
        row[0, part.columns] = _in_root(one, part, option)
    return row


def _entry(given: Any, part: Part, packing: Packing, option: str) -> Any:
    if packing.kind == "one" and not isinstance(given, Mapping):
        return given
    name = part.name
    if isinstance(given, Mapping) and name in given:
        return given[name]
    raise OptionError(
        explain(
            f"{option} says nothing of {name!r}"
            if name != ALONE
            else f"{option} fails",
            expected=f"a mapping with {[one.name for one in packing.parts]}",
            got=given if not isinstance(given, Mapping) else list(given),
        )
    )


def _in_root(one: Any, part: Part, option: str) -> float:
    value, unit = (split_quantity(one)) if is_quantity(one) else (one, None)
    if (unit is None) != (part.unit is None):
        raise UnitsError(
            explain(
                f"{option} of {part.name!r} and its first value do not match",
                expected=f"a unit like '{part.unit}'"
                if part.unit
                else "a plain number",
                got=one,
            )
        )
    number = float(np.asarray(value))
    if not (np.isfinite(number) and number > 0):
        raise OptionError(
            explain(
                f"{option} of {part.name!r} is no size",
                expected="a positive number",
                got=one,
            )
        )
    if unit is None or part.unit is None:
        return number
    own = difference(part.unit)
    return number * conversion_factor(difference(unit), own, of=option) * part.factor
