"""A formula as instructions for the compiled rows, and the run of them in threads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from xnabla.numerics._memory import Fields, pieces_of
from xnabla.numerics._symbols import (
    OWN,
    Along,
    Down,
    Input,
    Integers,
    Linear,
    Made,
    Symbol,
    UnfusableError,
)
from xnabla.numerics._table import StencilTable
from xnabla.numerics._threads import in_threads
from xnabla.numerics._weights import Floats

Array = NDArray[Any]

# Columns of which three rows and more stay in the cache of one core.
_LONG = 8192

_CODES = {
    "add": 1,
    "subtract": 2,
    "multiply": 3,
    "divide": 4,
    "root": 6,
    "hypot": 7,
    "times_row": 8,
    "plus_row": 9,
    "row_by": 10,
    "one_for_zero": 11,
    "pole_mean": 12,
}
_COPY = 13


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


@dataclass(frozen=True, slots=True)
class Window:
    """The part of the inputs that a part of the results is made from.

    Attributes
    ----------
    above, left : int
        Rows and columns that come before those of the results.
    rows, columns : int
        Its size.
    """

    above: int
    left: int
    rows: int
    columns: int


@dataclass(frozen=True, slots=True, eq=False)
class Program:
    """What to do for a row of the results, all of it as numbers.

    Attributes
    ----------
    shape : Shape
    n_inputs, n_outputs, n_scratch : int
        Fields it reads, sheets not counted; results; rows in between.
    sheets : tuple of array (rows, columns)
        Numbers the formula brings along, inputs after the others.
    code : array (p, 4)
        Instructions: what, into what, of what, and of what else.
    row_values : array (k, rows)
        Numbers that vary from row to row.
    down, along : tuple of array
        The stencils.
    window : Window or None
        Which part of the inputs it gets, if not all of them.
    """

    shape: Shape
    n_inputs: int
    n_outputs: int
    n_scratch: int
    sheets: tuple[Floats, ...]
    code: NDArray[np.int64]
    row_values: Floats
    down: tuple[Array, ...]
    along: tuple[Any, ...]
    window: Window | None = None

    def __call__(self, arrays: Sequence[Array], dtype: DTypeLike) -> list[Array]:
        """Return the results for fields whose last two axes are y and x.

        Parameters
        ----------
        arrays : sequence of array (..., rows, columns)
            All of one shape and dtype, in any memory layout.
        dtype : dtype
            float32 or float64: of the arithmetic and of the results.
        """
        shape = (*arrays[0].shape[:-2], self.shape.rows, self.shape.columns)
        made = [np.empty(shape, dtype) for _ in range(self.n_outputs)]
        sheets = [np.ascontiguousarray(sheet, dtype) for sheet in self.sheets]
        for inputs, outputs, count in pieces_of(arrays, made, dtype):
            inputs += [Fields.of(sheet).repeated(count) for sheet in sheets]
            self._run(inputs, outputs, count, np.dtype(dtype))
        return made

    def whole_rows(self) -> NDArray[np.bool_]:
        """Tell which rows of the results need whole rows of the inputs."""
        first, _, _, shift, _ = self.down
        found = np.zeros(self.shape.rows, dtype=np.bool_)
        found[list(self.shape.poles)] = True
        for one in first[:-1]:
            counts = np.diff(one)
            turned = np.repeat(np.arange(self.shape.rows), counts)
            found[turned[shift[one[0] : one[-1]] > 0]] = True
        return found

    def reach(self, start: int, stop: int) -> tuple[int, int]:
        """Return the first and one past the last row that some rows are made from."""
        first, _, source, shift, _ = self.down
        low, high = start, stop
        for one in first[:-1]:
            part = slice(one[start], one[stop])
            read = source[part][shift[part] != OWN]
            low = min(low, int(read.min(initial=low)))
            high = max(high, int(read.max(initial=high - 1)) + 1)
        return low, high

    def part(self, rows: range, columns: range) -> tuple[Program, range, list[range]]:
        """Return the program for some results, and the inputs it wants.

        Parameters
        ----------
        rows, columns : range
            Of the results; all columns, where ``whole_rows`` says so.

        Returns
        -------
        tuple of Program, range, list of range
            Rows, and runs of columns to be put side by side.
        """
        low, high = self.reach(rows.start, rows.stop)
        half = int(self.along[2].max(initial=0))
        near = range(
            max(columns.start - half, 0), min(columns.stop + half, self.shape.columns)
        )
        ends = self.along[7]
        mine = np.flatnonzero((ends >= columns.start) & (ends < columns.stop))
        used = self.along[9][:, :, mine].any(axis=1)
        read = np.unique(np.append(self.along[8][:, mine][used], self.along[11][mine]))
        far = read[(read < near.start) | (read >= near.stop)]
        runs = [near, *_runs(far)]
        index = np.concatenate([np.arange(run.start, run.stop) for run in runs])
        window = Window(
            rows.start - low, columns.start - near.start, high - low, len(index)
        )
        poles = (p - rows.start for p in self.shape.poles if p in rows)
        made = replace(
            self,
            shape=Shape(len(rows), len(columns), self.shape.around, tuple(poles)),
            sheets=tuple(sheet[low:high][:, index] for sheet in self.sheets),
            row_values=self.row_values[:, rows.start : rows.stop],
            down=_down_part(self.down, rows, low),
            along=_along_part(self.along, rows, columns, mine, index),
            window=window,
        )
        return made, range(low, high), runs

    def _run(
        self,
        inputs: list[Fields],
        outputs: list[Fields],
        count: int,
        dtype: np.dtype[Any],
    ) -> None:
        columns = self.shape.columns
        if len(self.code) > 1 or len(self.along[1]) or columns <= _LONG:
            self._run_columns(inputs, outputs, count, columns, dtype)
            return
        # rows too long for the cache, of which columns know nothing of each other
        parts, rest = divmod(columns, _LONG)
        for pieces, width in ((np.arange(parts), _LONG), (np.array([parts]), rest)):
            if len(pieces) and width:
                shifts = pieces * (_LONG * dtype.itemsize)
                self._run_columns(
                    [one.shifted(shifts) for one in inputs],
                    [one.shifted(shifts) for one in outputs],
                    count * len(pieces),
                    width,
                    dtype,
                )

    def _run_columns(
        self,
        inputs: list[Fields],
        outputs: list[Fields],
        count: int,
        columns: int,
        dtype: np.dtype[Any],
    ) -> None:
        from xnabla.numerics._rows_numba import run

        rows = self.shape.rows
        sizes = (rows, columns, 0, 0, columns)
        if self.window is not None:
            w = self.window
            sizes = (rows, columns, w.left, w.above, w.columns)
        is_pole = np.zeros(rows, dtype=np.bool_)
        is_pole[list(self.shape.poles)] = True
        where = _addresses(inputs), _addresses(outputs)
        row_values = np.ascontiguousarray(self.row_values, dtype)
        down, along = _in(self.down, dtype), _in(self.along, dtype)

        def work(first: int, last: int) -> None:
            run(
                first,
                last,
                sizes,
                *where,
                self.code,
                row_values,
                is_pole,
                self.shape.around,
                down,
                along,
                np.empty((self.n_scratch, columns), dtype),
            )

        in_threads(work, count * rows, columns)


def _addresses(fields: list[Fields]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    starts = np.array([one.starts for one in fields], dtype=np.int64)
    return starts, np.array([one.row for one in fields], dtype=np.int64)


def _in(numbers: tuple[Any, ...], dtype: np.dtype[Any]) -> tuple[Any, ...]:
    """Return tables as the kernel takes them: in its precision, and without gaps."""

    def ready(part: Any) -> Any:
        if not isinstance(part, np.ndarray):
            return part
        return np.ascontiguousarray(part, dtype if part.dtype.kind == "f" else None)

    return tuple(map(ready, numbers))


def program_of(
    results: Sequence[Any], n_inputs: int, shape: Shape, factors: Sequence[float]
) -> Program:
    """Return the program of the results of a formula.

    Parameters
    ----------
    results : sequence of Symbol
        What the formula made of its inputs.
    n_inputs : int
        How many there are.
    shape : Shape
        The grid.
    factors : sequence of float
        What each result is multiplied with.

    Raises
    ------
    UnfusableError
        If it does not fit.
    """
    writer = _Writer(shape, n_inputs)
    for result, factor in zip(results, factors, strict=True):
        if not isinstance(result, Symbol):
            raise UnfusableError("a result that is no formula")
        writer.outputs.append(result * factor if factor != 1.0 else result)
    return writer.written()


class _Writer:
    """Writes instructions; what is used twice is made once."""

    def __init__(self, shape: Shape, n_inputs: int) -> None:
        self.shape = shape
        self.n_inputs = n_inputs
        self.outputs: list[Symbol] = []
        self.sheets: list[Floats] = []
        self.rows: list[Floats] = [np.ones(shape.rows)]
        self.stencils: list[Linear] = []
        self._code: list[tuple[str, Any, Any, Any]] = []
        self._places: dict[int, Any] = {}
        self._scratch = 0

    def written(self) -> Program:
        for number, result in enumerate(self.outputs):
            self._write(result, ("output", number))
        n_inputs = self.n_inputs + len(self.sheets)
        scratch = max(1, self._scratch)
        base = {"scratch": 0, "input": scratch, "output": scratch + n_inputs}
        code = [
            (_number(what), *(_place(one, base) for one in (into, a, b)))
            for what, into, a, b in self._code
        ]
        along = _along(self.stencils, self.shape)
        return Program(
            self.shape,
            self.n_inputs,
            len(self.outputs),
            scratch,
            tuple(self.sheets),
            np.array(code, dtype=np.int64).reshape(-1, 4),
            np.array(self.rows),
            _down(self.stencils, self.shape, along),
            along,
        )

    def _write(self, symbol: Symbol, into: Any = None) -> Any:
        """Write how to make a symbol, and return where it is then."""
        known = self._places.get(id(symbol))
        if known is not None:
            if into is not None:
                self._code.append(("copy", into, known, 0))
            return known
        place = self._made(symbol, into)
        self._places[id(symbol)] = place
        self._keep = [*getattr(self, "_keep", []), symbol]  # ids stay theirs
        return place

    def _made(self, symbol: Symbol, into: Any) -> Any:
        if isinstance(symbol, Input):
            return self._input(symbol, into)
        if isinstance(symbol, Linear):
            into = into or self._new()
            self.stencils.append(symbol)
            self._code.append(("stencil", into, len(self.stencils) - 1, 0))
            return into
        if not isinstance(symbol, Made):
            raise UnfusableError(type(symbol).__name__)
        if symbol.operation == "sheet":
            return self._sheet(symbol)
        made = [self._write(one) for one in symbol.arguments]
        second: Any = made[1] if len(made) > 1 else 0
        if symbol.row is not None:
            second = self._row(symbol.row)
        into = into or self._new()
        self._code.append((symbol.operation, into, made[0], second))
        return into

    def _input(self, symbol: Input, into: Any) -> Any:
        place: Any = ("input", symbol.slot)
        steps = [
            ("times_row", np.array([symbol.factor]), symbol.factor != 1.0),
            ("plus_row", np.array([symbol.zero]), symbol.zero != 0.0),
        ]
        for what, row, needed in steps:
            if needed:
                made = self._new()
                self._code.append((what, made, place, self._row(row)))
                place = made
        if into is not None:
            self._code.append(("copy", into, place, 0))
            return into
        return place

    def _sheet(self, symbol: Made) -> Any:
        assert symbol.row is not None
        wanted = (self.shape.rows, self.shape.columns)
        values = np.broadcast_to(symbol.row, wanted)
        self.sheets.append(values)
        return ("input", self.n_inputs + len(self.sheets) - 1)

    def _row(self, row: Floats) -> int:
        self.rows.append(np.broadcast_to(row, (self.shape.rows,)))
        return len(self.rows) - 1

    def _new(self) -> Any:
        self._scratch += 1
        return ("scratch", self._scratch - 1)


def _number(what: str) -> int:
    if what == "stencil":
        return 0
    return _COPY if what == "copy" else _CODES[what]


def _place(one: Any, base: dict[str, int]) -> int:
    return base[one[0]] + one[1] if isinstance(one, tuple) else int(one)


def _down(
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
            ((slot, part) for slot, part in stencil.parts if isinstance(part, Down)),
            key=lambda pair: pair[0],
        )
        first[number] = at
        if not parts:
            continue
        slot, source, shift, weight = _side_by_side(parts)
        own = shift == OWN
        for g in range(along[0][number], along[0][number + 1]):
            mine = own & (slot == along[1][g])
            there = along[2][g] > 0
            total = np.where(mine, weight, 0.0).sum(axis=1)
            along[4][g] += np.where(there, total, 0.0)
            along[10][g] += np.where(there, total, 0.0)[:, np.newaxis]
            weight = np.where(mine & there[:, np.newaxis], 0.0, weight)
        # a point less itself is nothing
        itself = (source == np.arange(rows)[:, np.newaxis]) & (shift == 0)
        used = (weight != 0.0) & (~itself | np.isnan(weight))
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


def _along(stencils: list[Linear], shape: Shape) -> tuple[Any, ...]:
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
            if isinstance(part, Along):
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


def _runs(numbers: Integers) -> list[range]:
    """Return ascending numbers as runs of neighbours."""
    if not len(numbers):
        return []
    parts = np.split(numbers, np.flatnonzero(np.diff(numbers) > 1) + 1)
    return [range(int(part[0]), int(part[-1]) + 1) for part in parts]


def _down_part(down: tuple[Array, ...], rows: range, low: int) -> tuple[Array, ...]:
    """Return the sums over rows for some rows of a window that begins at ``low``."""
    first, *others = down
    pieces = [
        np.arange(one[rows.start], one[rows.stop]) for one in first[: len(first) - 1]
    ]
    bounds = np.zeros((len(first), len(rows) + 1), dtype=np.int64)
    at = 0
    for number, piece in enumerate(pieces):
        own = first[number, rows.start : rows.stop + 1]
        bounds[number] = at + own - own[0]
        at += len(piece)
    bounds[len(first) - 1] = at
    kept = np.concatenate([*pieces, np.empty(0, dtype=np.int64)])
    slot, source, shift, weight = (values[kept] for values in others)
    return bounds, slot, source - low, shift, weight


def _along_part(
    along: tuple[Any, ...],
    rows: range,
    columns: range,
    mine: Integers,
    index: Integers,
) -> tuple[Any, ...]:
    """Return the sums along the row for some rows and columns.

    ``mine`` are the ends among the columns, ``index`` the columns of the window.
    """
    first, slots, half, weight, own, lo, hi, ends, source = along[:9]
    end_weight, end_own, end_at = along[9:]
    some = slice(rows.start, rows.stop)
    place = np.zeros(int(index.max(initial=0)) + 1, dtype=np.int64)
    place[index] = np.arange(len(index))
    inside = np.clip(source[:, mine], 0, len(place) - 1)
    width = len(columns)
    low = min(max(lo - columns.start, 0), width)
    return (
        first,
        slots,
        half[:, some],
        weight[:, some],
        own[:, some],
        low,
        max(low, min(hi - columns.start, width)),
        ends[mine] - columns.start,
        place[inside],
        end_weight[:, some][:, :, mine],
        end_own[:, some][:, :, mine],
        place[end_at[mine]],
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
            many = factor[:, np.newaxis, np.newaxis] * weights[ends]
            weight[g, :, :, at : at + table.width] = many
            # a sum that is no difference: what is left goes with the point itself
            if table.centres is None:
                rest = weights.sum(axis=1)[ends] - own_of(table)
                own[g] += factor[:, np.newaxis] * rest
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
