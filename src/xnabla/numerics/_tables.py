"""Sums of stencils as the numbers that the compiled rows read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xnabla.numerics._columns import Run, sources_of
from xnabla.numerics._symbols import (
    OWN,
    Along,
    Beyond,
    Down,
    Integers,
    Linear,
    UnfusableError,
)
from xnabla.numerics._table import StencilTable
from xnabla.numerics._weights import Floats

Array = NDArray[Any]

# The kind of a sum along the row whose columns all have the same weights; of others it
# is the number of their weights.
EVEN = -1


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
    turns: dict[tuple[int, int, bool], Beyond] = {}
    at = 0
    for number, stencil in enumerate(stencils):
        parts = sorted(
            (
                (slot, part if isinstance(part, Down) else _turned(part, turns))
                for slot, part in stencil.parts
                if not isinstance(part, Along) and isinstance(slot, int)
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
            if along[12][g] != EVEN or (along[15][g] != np.arange(rows)).any():
                continue
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
            is_turned = (shift[pole] > 0) | (shift[pole] < OWN)
            used[pole] |= (source[pole] == pole) & is_turned & used[pole].any()
        first[number, 1:] = at + np.cumsum(used.sum(axis=1))
        at = int(first[number, -1])
        for kept, values in zip(found, (slot, source, shift, weight), strict=True):
            kept.append(values[used])
    first[len(stencils)] = at

    def joined(parts: list[Array], dtype: Any) -> Array:
        return np.concatenate(parts).astype(dtype) if parts else np.empty(0, dtype)

    kinds = (np.int64, np.int64, np.int64, np.float64)
    entries = (joined(k, t) for k, t in zip(found, kinds, strict=True))
    return first, *entries, *_turns(list(turns.values()), shape)


def _turned(part: Beyond, turns: dict[tuple[int, int, bool], Beyond]) -> Down:
    """Return a sum along another row as one over rows: its shift says which turn."""
    key = id(part.columns), id(part.weight), part.is_difference
    turns.setdefault(key, part)
    shift = np.full((len(part.factor), 1), OWN - 1 - list(turns).index(key))
    return Down(part.source[:, np.newaxis], shift, part.factor[:, np.newaxis])


def _turns(parts: list[Beyond], shape: Shape) -> tuple[Array, Floats, Floats]:
    """Return what each column reads in other rows: columns, weights, and of itself."""
    width = max([0, *(part.weight.shape[1] for part in parts)])
    columns = np.zeros((len(parts), shape.columns, width), dtype=np.int64)
    weight, own = np.zeros(columns.shape), np.zeros(columns.shape[:2])
    for turn, part in enumerate(parts):
        columns[turn, :, : part.columns.shape[1]] = part.columns
        weight[turn, :, : part.weight.shape[1]] = part.weight
        if not part.is_difference:
            own[turn] = part.weight.sum(axis=1)
    return columns, weight, own


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


@dataclass(slots=True, eq=False)
class _Group:
    """Sums along rows of one input that one loop makes.

    Of one table, if its weights differ from column to column: then they are kept
    once, and multiplied with a factor for each row.

    Attributes
    ----------
    slot : int
        The input.
    table : int or None
        Which table, if it is to be of one.
    source : array (m,) of int
        The rows they go along: those of the result, or others.
    used : array (m,) of bool
        The rows of the result that take anything.
    parts : list of Along
    """

    slot: int
    table: int | None
    source: Integers
    used: NDArray[np.bool_]
    parts: list[Along]

    def takes(self, slot: int, table: int | None, part: Along) -> bool:
        """Take a part too, if it reads the same rows wherever both do something."""
        if (slot, table) != (self.slot, self.table):
            return False
        used = np.broadcast_to(part.factor != 0.0, self.used.shape)
        rows = np.arange(len(self.used)) if part.source is None else part.source
        if (self.source != rows)[self.used & used].any():
            return False
        self.source = np.where(used, rows, self.source)
        self.used = self.used | used
        self.parts.append(part)
        return True


def along_of(stencils: list[Linear], shape: Shape, fallbacks: int) -> tuple[Any, ...]:
    """Return the sums along the row of all stencils, in groups of one input.

    The last of the stencils are ``fallbacks``.
    """
    tables = {
        id(part.table): (part.table, number >= len(stencils) - fallbacks)
        for number, stencil in enumerate(stencils)
        for _, part in stencil.parts
        if isinstance(part, Along)
    }
    runs = {
        key: Run.of(table, shape.columns, is_fallback=last)
        for key, (table, last) in tables.items()
    }
    groups: list[_Group] = []
    first = [0]
    for stencil in stencils:
        groups += _groups_of(stencil, runs, shape.rows)
        first.append(len(groups))
    # a column that repeats an earlier one belongs to that
    around = max([0, *(table.period or 0 for table, _ in tables.values())])
    half = max([1, *(run.half for run in runs.values())])
    lo = max([0, *(run.lo for run in runs.values())])
    hi = min([shape.columns, *(run.hi for run in runs.values())])
    ends = np.r_[0:lo, hi : shape.columns].astype(np.int64)
    count, rows = len(groups), shape.rows
    weight = np.zeros((count, rows, 2 * half))
    own = np.zeros((count, rows))
    widest = np.zeros((count, rows), dtype=np.int64)
    uneven = {k: t for k, (t, _) in tables.items() if not runs[k].is_even}
    kind = np.full(count, EVEN)
    for g, group in enumerate(groups):
        for part in group.parts:
            run = runs[id(part.table)]
            factor = np.broadcast_to(part.factor, (rows,))
            used = factor != 0.0
            if run.is_even:
                near = slice(half - run.half, half + run.half)
                weight[g, :, near] += factor[:, np.newaxis] * run.weights
                own[g] += factor * _own_of(part.table)
            else:
                kind[g] = list(uneven).index(id(part.table))
                weight[g] += factor[:, np.newaxis]
            widest[g, used] = np.maximum(widest[g, used], run.half)
    source, end_weight, end_own = _ends(groups, ends, rows)
    return (
        np.array(first, dtype=np.int64),
        np.array([group.slot for group in groups], dtype=np.int64),
        widest,
        _centred(weight, widest, half),
        own,
        int(lo),
        int(max(lo, hi)),
        ends,
        source,
        end_weight,
        end_own,
        ends % (around or shape.columns),
        kind.astype(np.int64),
        *_by_column(uneven, runs, half, shape.columns),
        np.array([group.source for group in groups]).reshape(count, rows),
    )


def _own_of(table: StencilTable) -> float:
    """Return the weight that a sum along a row gives a constant, between its ends."""
    return float(table.weights[table.size // 2].sum()) if table.centres is None else 0.0


def _groups_of(stencil: Linear, runs: dict[int, Run], rows: int) -> list[_Group]:
    """Return the sums along the row of one stencil as groups.

    First that of the input that is read in other rows as well: all of it in one pass.
    """
    groups: list[_Group] = []
    above = {
        slot
        for slot, part in stencil.parts
        if isinstance(part, Down) and (part.shift != OWN).any()
    }
    for slot, part in stencil.parts:
        if not isinstance(part, Along) or not isinstance(slot, int):
            continue
        table = None if runs[id(part.table)].is_even else id(part.table)
        if not any(group.takes(slot, table, part) for group in groups):
            none = np.zeros(rows, dtype=np.bool_)
            groups.append(_Group(slot, table, np.arange(rows), none, []))
            groups[-1].takes(slot, table, part)
    return sorted(groups, key=lambda group: group.slot not in above)


def _by_column(
    tables: dict[int, StencilTable], runs: dict[int, Run], half: int, columns: int
) -> tuple[Floats, Floats]:
    """Return weights that differ from column to column: of others, and of itself."""
    weight = np.zeros((len(tables), 2 * half, columns))
    own = np.zeros((len(tables), columns))
    for number, (key, table) in enumerate(tables.items()):
        run = runs[key]
        weight[number, half - run.half : half + run.half] = run.weights
        if table.centres is None:
            own[number] = table.weights.sum(axis=1)
    return weight, own


def _centred(weight: Floats, widest: Integers, half: int) -> Floats:
    """Return weights so that a row of fewer points has them at the beginning."""
    out = np.zeros_like(weight)
    for own in range(1, half + 1):
        rows = widest == own
        out[rows, : 2 * own] = weight[rows, half - own : half + own]
    return out


def _ends(
    groups: list[_Group], ends: Integers, rows: int
) -> tuple[Integers, Floats, Floats]:
    """Return the sums of columns that no common run has: sources, weights, own."""
    width = max([1, *(sum(p.table.width for p in one.parts) for one in groups)])
    source = np.zeros((len(groups), len(ends), width), dtype=np.int64)
    weight = np.zeros((len(groups), rows, len(ends), width))
    own = np.zeros((len(groups), rows, len(ends)))
    for g, group in enumerate(groups):
        at = 0
        for part in group.parts:
            table, factor = part.table, np.broadcast_to(part.factor, (rows,))
            index, weights = sources_of(table)
            source[g, :, at : at + table.width] = index[ends]
            # no part of a row, no NaN of ends that are to be missing
            used = (factor != 0.0)[:, np.newaxis, np.newaxis]
            many = np.where(used, factor[:, np.newaxis, np.newaxis] * weights[ends], 0)
            weight[g, :, :, at : at + table.width] = many
            # a sum that is no difference: what is left goes with the point itself
            if table.centres is None:
                rest = weights.sum(axis=1)[ends]
                own[g] += np.where(used[..., 0], factor[:, np.newaxis] * rest, 0)
            at += table.width
    return source, weight, own


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


def own_part(weight: Floats) -> Down:
    """Return the point itself, times a number for each row."""
    rows = len(weight)
    return Down(
        np.arange(rows)[:, np.newaxis],
        np.full((rows, 1), OWN),
        np.asarray(weight, dtype=np.float64)[:, np.newaxis],
    )
