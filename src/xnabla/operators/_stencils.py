"""Sums of stencils, put together: side by side, in other rows, for some rows only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import zip_longest
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

# A weight that adds nothing to a sum, in single precision too, but a gap.
ALMOST_NONE = 1e-20


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
    size = len(part.weight if isinstance(part, Down) else part.factor)
    return without(part, np.delete(np.arange(size), rows))


def without(part: Any, rows: Any) -> Any:
    """Return a part that does nothing in some rows, and reads none there."""
    name = "weight" if isinstance(part, Down) else "factor"
    values = np.array(getattr(part, name))
    values[rows] = 0.0
    if isinstance(part, Along):
        return replace(part, factor=values)
    source = part.source.copy()
    source[rows] = NOWHERE
    return replace(part, source=source, **{name: values})


def placed(part: Any, first: int, size: int, keep: Any) -> Any:
    """Return a part made for some rows as one for all, of which some are kept."""
    rows = keep - first
    if not isinstance(part, Down):
        factor = np.zeros(size)
        factor[keep] = part.factor[rows]
        if part.source is None:
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


def together(parts: Parts) -> Parts:
    """Return parts with what is read of one place summed up, if only to nothing."""
    made: list[Stencil] = []
    for part in merged(parts):
        if not isinstance(part, Down):
            made.append(part)
            continue
        weight = part.weight.copy()
        width = weight.shape[1]
        for k in range(width):
            for other in range(k + 1, width):
                same = (part.source[:, k] == part.source[:, other]) & (
                    part.shift[:, k] == part.shift[:, other]
                )
                same &= (weight[:, k] != 0.0) & (weight[:, other] != 0.0)
                total = weight[:, k] + weight[:, other]
                none = ALMOST_NONE * weight[:, k]
                total = np.where(total == 0.0, none, total)
                weight[:, k] = np.where(same, total, weight[:, k])
                weight[:, other] = np.where(same, 0.0, weight[:, other])
        made.append(replace(part, weight=weight))
    return tuple(made)


def merged(parts: tuple[Any, ...]) -> Parts:
    """Return parts with all sums over rows side by side in one."""
    downs = [part for part in parts if isinstance(part, Down)]
    others = tuple(part for part in parts if not isinstance(part, Down))
    if not downs:
        return others
    source, shift, weight = (
        np.concatenate([getattr(part, name) for part in downs], axis=1)
        for name in ("source", "shift", "weight")
    )
    # what reads nothing goes last, and away: few rows are made of all of them
    order = np.argsort(source == NOWHERE, axis=1, kind="stable")
    width = int((source != NOWHERE).sum(axis=1).max(initial=1))
    source, shift, weight = (
        np.take_along_axis(values, order[:, :width], axis=1)
        for values in (source, shift, weight)
    )
    return Down(source, shift, weight), *others


def by_rows(
    schemes: Sequence[Parts], others: Sequence[Parts], rows: Any
) -> list[Parts]:
    """Return schemes of which some rows come from others; missing where one has fewer.

    All of both are in their order: the best first.
    """
    made: list[Parts] = []
    for own, theirs in zip_longest(schemes, others):
        size = _size_of(own or theirs)
        elsewhere = np.delete(np.arange(size), rows)
        kept = _missing(size, elsewhere) if own is None else own
        new = _missing(size, rows) if theirs is None else theirs
        made.append(
            merged(
                (
                    *(without(one, rows) for one in kept),
                    *(only(one, rows) for one in new),
                )
            )
        )
    return made


def _size_of(parts: Parts) -> int:
    (part, *_) = parts
    return len(part.weight if isinstance(part, Down) else part.factor)


def _missing(size: int, rows: Any) -> Parts:
    """Return a sum that is missing in some rows."""
    weight = np.zeros((size, 1))
    weight[rows] = np.nan
    return (Down(np.arange(size)[:, None], np.zeros((size, 1), dtype=np.intp), weight),)
