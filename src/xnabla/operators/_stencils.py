"""Sums of stencils, put together: side by side, in other rows, for some rows only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from xnabla.numerics import (
    NOWHERE,
    OWN,
    Along,
    Beyond,
    Cap,
    Down,
    Input,
    Linear,
    Made,
    Stencil,
    UnfusableError,
    own_part,
)

Parts = tuple[Stencil, ...]


def sum_of(part: Down, weight: Any) -> Parts:
    """Return a sum over rows that is no difference, as one that is, and the rest."""
    rest = weight.sum(axis=1)
    return Down(part.source, part.shift, weight), own_part(rest)


def stencil(f: Any, parts: Parts) -> Linear:
    """Return stencils of an input, or of what is made of inputs point by point."""
    if isinstance(f, Made):
        return Linear(tuple((f, part) for part in parts))
    if not isinstance(f, Input):
        raise UnfusableError("a derivative of a derivative")
    if f.zero != 0.0 and any(_is_no_difference(part) for part in parts):
        raise UnfusableError("a sum of something with another zero")
    factor = np.array([f.factor])
    return Linear(tuple((f.slot, part.times(factor)) for part in parts))


def _is_no_difference(part: Stencil) -> bool:
    if isinstance(part, Along):
        return part.table.centres is None
    if isinstance(part, Beyond):
        return not part.is_difference
    return bool((part.shift == OWN).any())


def with_narrower(f: Any, parts: Parts, narrower: Sequence[Parts]) -> Linear:
    """Return stencils, and those to fall back to beside gaps in their order."""
    return replace(
        stencil(f, parts), narrower=tuple(stencil(f, one) for one in narrower)
    )


def summed(parts: list[Linear]) -> Linear:
    return Linear(tuple(part for one in parts for part in one.parts))


def cap_rows(cap: Cap, size: int) -> Any:
    count = cap.table.size
    return np.arange(count) if cap.end == "first" else np.arange(size - count, size)


def only(part: Any, rows: Any) -> Any:
    """Return a part that does something in some rows only."""
    name = "weight" if isinstance(part, Down) else "factor"
    values = np.zeros_like(getattr(part, name))
    values[rows] = getattr(part, name)[rows]
    return replace(part, **{name: values})


def without(part: Any, rows: Any) -> Any:
    """Return a part that does nothing in some rows."""
    name = "weight" if isinstance(part, Down) else "factor"
    values = np.array(getattr(part, name))
    values[rows] = 0.0
    return replace(part, **{name: values})


def placed(part: Any, first: int, size: int, keep: Any) -> Any:
    """Return a part made for some rows as one for all, of which some are kept."""
    rows = keep - first
    if not isinstance(part, Down):
        factor = np.zeros(size)
        factor[keep] = part.factor[rows]
        if isinstance(part, Along):
            return replace(part, factor=factor)
        source = np.full(size, NOWHERE)
        source[keep] = _moved(part.source[rows], first)
        return replace(part, factor=factor, source=source)
    width = part.weight.shape[1]
    source = np.full((size, width), NOWHERE)
    shift, weight = np.zeros_like(source), np.zeros((size, width))
    source[keep] = _moved(part.source[rows], first)
    shift[keep], weight[keep] = part.shift[rows], part.weight[rows]
    return Down(source, shift, weight)


def _moved(source: Any, by: int) -> Any:
    return np.where(source == NOWHERE, NOWHERE, source + by)


def merged(parts: tuple[Any, ...]) -> Parts:
    """Return parts with all sums over rows side by side in one."""
    downs = [part for part in parts if isinstance(part, Down)]
    others = tuple(part for part in parts if not isinstance(part, Down))
    if not downs:
        return others
    return (
        Down(
            np.concatenate([part.source for part in downs], axis=1),
            np.concatenate([part.shift for part in downs], axis=1),
            np.concatenate([part.weight for part in downs], axis=1),
        ),
        *others,
    )
