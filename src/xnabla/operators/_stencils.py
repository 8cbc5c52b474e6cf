"""Sums of stencils, put together: side by side, in other rows, for some rows only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from xnabla.numerics import (
    OWN,
    Along,
    Cap,
    Down,
    Input,
    Linear,
    Made,
    StencilTable,
    UnfusableError,
    own_of,
    own_part,
)

Parts = tuple[Down | Along, ...]


def along_with_own(table: StencilTable, factor: Any) -> Parts:
    """Return a sum along the row, with what it gives a constant."""
    return Along(table, factor), own_part(factor * own_of(table))


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


def _is_no_difference(part: Down | Along) -> bool:
    return isinstance(part, Down) and bool((part.shift == OWN).any())


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


def only(part: Down, rows: Any) -> Down:
    weight = np.zeros_like(part.weight)
    weight[rows] = part.weight[rows]
    return replace(part, weight=weight)


def without(part: Any, rows: Any) -> Any:
    """Return a part that does nothing in some rows."""
    if isinstance(part, Along):
        factor = np.array(part.factor)
        factor[rows] = 0.0
        return replace(part, factor=factor)
    weight = part.weight.copy()
    weight[rows] = 0.0
    return replace(part, weight=weight)


def with_rows(part: Down, other: Down, rows: Any) -> Down:
    """Return a part whose rows come from another."""
    return merged((without(part, rows), only(other, rows)))[0]  # type: ignore[return-value]


def placed(part: Any, first: int, size: int, keep: Any) -> Any:
    """Return a part made for some rows as one for all, of which some are kept."""
    rows = keep - first
    if isinstance(part, Along):
        factor = np.zeros(size)
        factor[keep] = part.factor[rows]
        return replace(part, factor=factor)
    width = part.weight.shape[1]
    source = np.zeros((size, width), dtype=np.intp)
    shift, weight = np.zeros_like(source), np.zeros((size, width))
    source[keep] = part.source[rows] + first
    shift[keep], weight[keep] = part.shift[rows], part.weight[rows]
    return Down(source, shift, weight)


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
