"""Sums of stencils as the numbers that the compiled rows read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xnabla.numerics._symbols import (
    OWN,
    Along,
    Down,
    Integers,
    Linear,
    UnfusableError,
)
from xnabla.numerics._table import StencilTable
from xnabla.numerics._weights import Floats

Array = NDArray[Any]


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """The grid a program is for.

    Attributes
    ----------
    rows, columns : int
        Size of a field.
    around : int
        Number of different columns.
    poles : tuple of int
        Rows that are one point.
    """

    rows: int
    columns: int
    around: int = 0
    poles: tuple[int, ...] = ()


def down_of(
    stencils: list[Linear], shape: Shape, along: tuple[Any, ...]
) -> tuple[Array, ...]:
    """Return the sums over rows of all stencils, row by row.

    What goes with the point itself goes with the sum along its row, where there is one.
    """
    rows = shape.rows
    first = np.zeros((len(stencils) + 1, rows + 1), dtype=np.int64)
    found: list[list[Array]] = [[], [], [], []]
    at = 0
    for number, stencil in enumerate(stencils):
        parts = sorted(
            (
                (slot, part)
                for slot, part in stencil.parts
                if isinstance(part, Down) and isinstance(slot, int)
            ),
            key=lambda pair: pair[0],
        )
        first[number] = at
        if not parts:
            continue
        slot, source, shift, weight = _side_by_side(parts)
        own = shift == OWN
        if stencil.is_mixed and own.any():
            raise UnfusableError("a mixed derivative that is no difference")
        for g in range(along[0][number], along[0][number + 1]):
            mine = own & (slot == along[1][g])
            there = along[2][g] > 0
            total = np.where(mine, weight, 0.0).sum(axis=1)
            along[4][g] += np.where(there, total, 0.0)
            along[10][g] += np.where(there, total, 0.0)[:, np.newaxis]
            weight = np.where(mine & there[:, np.newaxis], 0.0, weight)
        # a point less itself is nothing
        itself = (source == np.arange(rows)[:, np.newaxis]) & (shift == 0)
        used = (weight != 0.0) & (~itself | np.isnan(weight) | stencil.is_mixed)
        for pole in shape.poles:
            # the point a turned sum belongs to: where it is missing, so is the result
            used[pole] |= (source[pole] == pole) & (shift[pole] > 0) & used[pole].any()
        first[number, 1:] = at + np.cumsum(used.sum(axis=1))
        at = int(first[number, -1])
        for kept, values in zip(found, (slot, source, shift, weight), strict=True):
            kept.append(values[used])
    first[len(stencils)] = at

    def joined(parts: list[Array], dtype: Any) -> Array:
        return np.concatenate(parts).astype(dtype) if parts else np.empty(0, dtype)

    kinds = (np.int64, np.int64, np.int64, np.float64)
    return first, *(joined(k, t) for k, t in zip(found, kinds, strict=True))


def _side_by_side(parts: list[tuple[int, Down]]) -> tuple[Array, ...]:
    """Return slots, sources, shifts and weights of several sums over rows."""
    shapes = [part.weight.shape for _, part in parts]
    slots = [np.full(s, slot) for s, (slot, _) in zip(shapes, parts, strict=True)]
    return np.concatenate(slots, axis=1), *(
        np.concatenate(
            [
                np.broadcast_to(getattr(part, name), s)
                for s, (_, part) in zip(shapes, parts, strict=True)
            ],
            axis=1,
        )
        for name in ("source", "shift", "weight")
    )


def along_of(stencils: list[Linear], shape: Shape) -> tuple[Any, ...]:
    """Return the sums along the row of all stencils, one group for each input."""
    groups: list[tuple[int, list[Along]]] = []
    first = [0]
    for stencil in stencils:
        by_slot: dict[int, list[Along]] = {}
        above = {
            slot
            for slot, part in stencil.parts
            if isinstance(part, Down) and (part.shift != OWN).any()
        }
        for slot, part in stencil.parts:
            if isinstance(part, Along) and isinstance(slot, int):
                by_slot.setdefault(slot, []).append(part)
        # first the input that is read in other rows as well: all of it in one pass
        groups += sorted(by_slot.items(), key=lambda pair: pair[0] not in above)
        first.append(len(groups))
    tables = {id(p.table): p.table for _, parts in groups for p in parts}
    # a column that repeats an earlier one belongs to that
    around = max([0, *(table.period or 0 for table in tables.values())])
    runs = {key: _Run.of(table, shape.columns) for key, table in tables.items()}
    half = max([1, *(run.half for run in runs.values())])
    lo = max([0, *(run.lo for run in runs.values())])
    hi = min([shape.columns, *(run.hi for run in runs.values())])
    ends = np.r_[0:lo, hi : shape.columns].astype(np.int64)
    count, rows = len(groups), shape.rows
    weight = np.zeros((count, rows, 2 * half))
    widest = np.zeros((count, rows), dtype=np.int64)
    for g, (_, parts) in enumerate(groups):
        for part in parts:
            run = runs[id(part.table)]
            factor = np.broadcast_to(part.factor, (rows,))
            used = factor != 0.0
            near = slice(half - run.half, half + run.half)
            weight[g, :, near] += factor[:, np.newaxis] * run.weights
            widest[g, used] = np.maximum(widest[g, used], run.half)
    source, end_weight, end_own = _ends(groups, ends, rows)
    return (
        np.array(first, dtype=np.int64),
        np.array([slot for slot, _ in groups], dtype=np.int64),
        widest,
        _centred(weight, widest, half),
        np.zeros((count, rows)),
        int(lo),
        int(max(lo, hi)),
        ends,
        source,
        end_weight,
        end_own,
        ends % (around or shape.columns),
    )


def _centred(weight: Floats, widest: Integers, half: int) -> Floats:
    """Return weights so that a row of fewer points has them at the beginning."""
    out = np.zeros_like(weight)
    for own in range(1, half + 1):
        rows = widest == own
        out[rows, : 2 * own] = weight[rows, half - own : half + own]
    return out


def _ends(
    groups: list[tuple[int, list[Along]]], ends: Integers, rows: int
) -> tuple[Integers, Floats, Floats]:
    """Return the sums of columns that no common run has: sources, weights, own."""
    width = max([1, *(sum(p.table.width for p in parts) for _, parts in groups)])
    source = np.zeros((len(groups), len(ends), width), dtype=np.int64)
    weight = np.zeros((len(groups), rows, len(ends), width))
    own = np.zeros((len(groups), rows, len(ends)))
    for g, (_, parts) in enumerate(groups):
        at = 0
        for part in parts:
            table, factor = part.table, np.broadcast_to(part.factor, (rows,))
            index, weights = _sources(table)
            source[g, :, at : at + table.width] = index[ends]
            # no part of a row, no NaN of ends that are to be missing
            used = (factor != 0.0)[:, np.newaxis, np.newaxis]
            many = np.where(used, factor[:, np.newaxis, np.newaxis] * weights[ends], 0)
            weight[g, :, :, at : at + table.width] = many
            # a sum that is no difference: what is left goes with the point itself
            if table.centres is None:
                rest = weights.sum(axis=1)[ends] - own_of(table)
                own[g] += np.where(used[..., 0], factor[:, np.newaxis] * rest, 0)
            at += table.width
    return source, weight, own


def _sources(table: StencilTable) -> tuple[Integers, Floats]:
    """Return which columns each row of a table reads, and with what weights."""
    index = table.starts[:, np.newaxis] + np.arange(table.width)
    if table.period is not None:
        index = index % table.period
    return index, table.weights


@dataclass(frozen=True, slots=True, eq=False)
class _Run:
    """The columns of a table that all do the same, and what they do.

    Attributes
    ----------
    lo, hi : int
        First and one past the last of them.
    half : int
        How far they read.
    weights : array (2 half,)
        From the furthest on the left to the furthest on the right, the point itself
        left out.
    """

    lo: int
    hi: int
    half: int
    weights: Floats

    @classmethod
    def of(cls, table: StencilTable, columns: int) -> _Run:
        if table.weights.ndim != 2 or table.size != columns:
            raise UnfusableError("a table of another size")
        index, weights = _sources(table)
        offset = index - np.arange(columns)[:, np.newaxis]
        middle = columns // 2
        same = (weights == weights[middle]).all(axis=1)
        same &= ((offset == offset[middle]) | (weights == 0.0)).all(axis=1)
        others = np.flatnonzero(~same)
        lo = int(others[others < middle].max(initial=-1)) + 1
        hi = int(others[others > middle].min(initial=columns))
        if not same[middle] or hi - lo < columns // 2:
            raise UnfusableError("uneven columns")
        half = int(np.abs(offset[middle][weights[middle] != 0.0]).max(initial=1))
        dense = np.zeros(2 * half + 1)
        near = weights[middle] != 0.0
        dense[half + offset[middle][near]] = weights[middle][near]
        return cls(lo, hi, half, np.delete(dense, half))


def rows_of(table: StencilTable) -> Down:
    """Return a table along the rows of an array as sums over rows."""
    if table.weights.ndim != 2 or table.period not in (None, table.size):
        raise UnfusableError("rows that vary, or come twice")
    source = table.starts[:, np.newaxis] + np.arange(table.width)
    if table.period is None:
        source = np.clip(source, 0, table.size - 1)
    else:
        source = source % table.period
    return Down(source, np.zeros_like(source), table.weights)


def own_of(table: StencilTable) -> float:
    """Return the weight that a sum along a row gives a constant, between its ends."""
    return float(table.weights[table.size // 2].sum()) if table.centres is None else 0.0


def own_part(weight: Floats) -> Down:
    """Return the point itself, times a number for each row."""
    rows = len(weight)
    return Down(
        np.arange(rows)[:, np.newaxis],
        np.full((rows, 1), OWN),
        np.asarray(weight, dtype=np.float64)[:, np.newaxis],
    )
