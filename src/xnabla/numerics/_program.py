"""A formula as instructions for the compiled rows, and the run of them in threads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from xnabla.numerics._between import Neighbours, Outer, laid_out
from xnabla.numerics._memory import (
    Fields,
    Places,
    addresses_of,
    pieces_of,
    places_in,
    row_by_row,
)
from xnabla.numerics._symbols import OWN, Integers
from xnabla.numerics._tables import Shape
from xnabla.numerics._threads import in_threads
from xnabla.numerics._weights import Floats

Array = NDArray[Any]

# Columns of which three rows and more stay in the cache of one core.
_LONG = 8192

# Fields that are made before others are read: not more of them at once than have this
# many values. One, if it is enough for all threads.
_AT_ONCE = 1 << 19

# Bytes of sheets that stay in the cache of a core while all fields come by: four sheets
# are more than a field and its two slopes.
_KEPT = 1 << 19

# Rows that are made one after the other at least, since they share what they read.
_FEWEST = 8


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
    code : array (p, 11)
        Instructions: what, into what, and of what.
    row_values : array (k, rows)
        Numbers that vary from row to row.
    down, along : tuple of array
        The stencils.
    narrower : array (n_stencils + 1,) of int
        Which stencils to fall back to beside gaps, for each in the code: from one
        number to the next.
    before : Program or None
        What is made first, point by point, and read like the inputs after them.
    window : Window or None
        Which part of the inputs it gets, if not all of them.
    outer : tuple of Outer
        Derivatives along outer axes that it makes.
    places : tuple of array (rows, columns)
        Where the points are, for lengths beside gaps: positions in space, and the
        directions east and north, the part of east along the axis left out.
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
    narrower: NDArray[np.int64]
    before: Program | None = None
    window: Window | None = None
    outer: tuple[Outer, ...] = ()
    places: Places = ()
    _sheets: dict[Any, list[Array]] = field(default_factory=dict, init=False)
    _numbers: dict[Any, Any] = field(default_factory=dict, init=False)

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
        sheets = self._sheets_in(np.dtype(dtype))
        kind = np.dtype(dtype)
        most = None
        if self.before is not None:
            most = max(1, _AT_ONCE // (self.shape.rows * self.shape.columns))
        arrays = laid_out(self.outer, arrays, kind)
        others = Neighbours(self.outer, arrays)
        for own, outputs, some in pieces_of(arrays, made, kind, most):
            count = some.stop - some.start
            given = [*own, *others.some(some)]
            weights = others.weights(some, kind)
            if self.before is not None:
                given += self.before.fields(given, count, kind)
            given += [Fields.of(sheet).repeated(count) for sheet in sheets]
            self._run(given, outputs, count, kind, weights)
        return made

    def fields(
        self, inputs: list[Fields], count: int, dtype: np.dtype[Any]
    ) -> list[Fields]:
        """Return the results for some fields, to be read by another program."""
        shape = (count, self.shape.rows, self.shape.columns)
        made = [Fields.of(np.empty(shape, dtype)) for _ in range(self.n_outputs)]
        sheets = self._sheets_in(dtype)
        inputs = inputs + [Fields.of(sheet).repeated(count) for sheet in sheets]
        self._run(inputs, made, count, dtype, np.empty((0, 0, 0), dtype))
        return made

    def _sheets_in(self, dtype: np.dtype[Any]) -> list[Array]:
        """Return the numbers the formula brings along, kept in both precisions."""
        if dtype not in self._sheets:
            self._sheets[dtype] = row_by_row(self.sheets, dtype)
        return self._sheets[dtype]

    def _numbers_in(self, dtype: np.dtype[Any]) -> tuple[Any, ...]:
        """Return all other numbers as the kernel takes them, kept likewise."""
        if dtype not in self._numbers:
            is_pole = np.zeros(self.shape.rows, dtype=np.bool_)
            is_pole[list(self.shape.poles)] = True
            self._numbers[dtype] = (
                self.code,
                # absent rather than empty: a kernel is compiled without what it lacks
                self.narrower if np.ptp(self.narrower) else None,
                np.ascontiguousarray(self.row_values, dtype),
                is_pole,
                self.shape.around,
                _in(self.down, dtype),
                _in(self.along, dtype),
            )
        made: tuple[Any, ...] = self._numbers[dtype]
        return made

    def whole_rows(self) -> NDArray[np.bool_]:
        """Tell which rows of the results need whole rows of the inputs."""
        first, _, _, shift, *_ = self.down
        found = np.zeros(self.shape.rows, dtype=np.bool_)
        found[list(self.shape.poles)] = True
        for one in first[:-1]:
            counts = np.diff(one)
            turned = np.repeat(np.arange(self.shape.rows), counts)
            moved = shift[one[0] : one[-1]]
            found[turned[(moved > 0) | (moved < OWN)]] = True
        return found

    def reach(self, start: int, stop: int) -> tuple[int, int]:
        """Return the first and one past the last row that some rows are made from."""
        first, _, source, shift, *_ = self.down
        low, high = start, stop
        for one in first[:-1]:
            part = slice(one[start], one[stop])
            read = source[part][shift[part] != OWN]
            low = min(low, int(read.min(initial=low)))
            high = max(high, int(read.max(initial=high - 1)) + 1)
        along = self.along[15][:, start:stop][self.along[2][:, start:stop] > 0]
        low = min(low, int(along.min(initial=low)))
        high = max(high, int(along.max(initial=high - 1)) + 1)
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
        before = self.before and self.before.window_of(range(low, high), index)
        poles = (p - rows.start for p in self.shape.poles if p in rows)
        made = replace(
            self,
            shape=Shape(len(rows), len(columns), self.shape.around, tuple(poles)),
            sheets=tuple(sheet[low:high][:, index] for sheet in self.sheets),
            row_values=self.row_values[:, rows.start : rows.stop],
            down=_down_part(self.down, rows, low),
            along=_along_part(self.along, rows, low, columns, mine, index),
            before=before,
            window=window,
            places=tuple(
                np.ascontiguousarray(one[low:high][:, index]) for one in self.places
            ),
        )
        return made, range(low, high), runs

    def window_of(self, rows: range, index: Integers) -> Program:
        """Return a program that works point by point for a window of its inputs."""
        around, columns = self.shape.around, np.arange(len(index))
        none = np.empty(0, dtype=np.intp)
        return replace(
            self,
            shape=Shape(len(rows), len(index), around),
            sheets=tuple(
                sheet[rows.start : rows.stop][:, index] for sheet in self.sheets
            ),
            row_values=self.row_values[:, rows.start : rows.stop],
            along=_along_part(
                self.along, rows, rows.start, range(len(index)), none, columns
            ),
        )

    def _run(
        self,
        inputs: list[Fields],
        outputs: list[Fields],
        count: int,
        dtype: np.dtype[Any],
        between: Array,
    ) -> None:
        columns = self.shape.columns
        alone = len(self.code) == 1 and not len(self.along[1]) and not self.outer
        if not alone or columns <= _LONG:
            self._run_columns(inputs, outputs, count, columns, dtype, between)
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
                    between,
                )

    def _run_columns(
        self,
        inputs: list[Fields],
        outputs: list[Fields],
        count: int,
        columns: int,
        dtype: np.dtype[Any],
        between: Array,
    ) -> None:
        from xnabla.numerics._rows_numba import run

        rows = self.shape.rows
        sizes = (rows, columns, 0, 0, columns)
        if self.window is not None:
            w = self.window
            sizes = (rows, columns, w.left, w.above, w.columns)
        sheets = len(self.sheets) * columns * dtype.itemsize
        band = min(rows, max(_FEWEST, _KEPT // sheets)) if sheets else rows
        where = addresses_of(inputs), addresses_of(outputs)
        places = places_in(self.places, len(inputs)) if self.places else None
        others = between if self.outer else None
        numbers = self._numbers_in(dtype)

        def work(first: int, last: int) -> None:
            scratch = np.empty((self.n_scratch, columns), dtype)
            run(first, last, band, sizes, *where, *numbers, others, places, scratch)

        in_threads(work, count * rows, columns)


def _in(numbers: tuple[Any, ...], dtype: np.dtype[Any]) -> tuple[Any, ...]:
    """Return tables as the kernel takes them: in its precision, and without gaps."""

    def ready(part: Any) -> Any:
        if not isinstance(part, np.ndarray):
            return part
        return np.ascontiguousarray(part, dtype if part.dtype.kind == "f" else None)

    return tuple(map(ready, numbers))


def _runs(numbers: Integers) -> list[range]:
    """Return ascending numbers as runs of neighbours."""
    if not len(numbers):
        return []
    parts = np.split(numbers, np.flatnonzero(np.diff(numbers) > 1) + 1)
    return [range(int(part[0]), int(part[-1]) + 1) for part in parts]


def _down_part(down: tuple[Array, ...], rows: range, low: int) -> tuple[Array, ...]:
    """Return the sums over rows for some rows of a window that begins at ``low``."""
    first, *others = down[:5]
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
    # rows that take nothing from between columns carry no tables of it
    turns = down[5:] if (shift < OWN).any() else tuple(one[:0] for one in down[5:])
    return bounds, slot, source - low, shift, weight, *turns


def _along_part(
    along: tuple[Any, ...],
    rows: range,
    begin: int,
    columns: range,
    mine: Integers,
    index: Integers,
) -> tuple[Any, ...]:
    """Return the sums along the row for some rows and columns.

    The window begins at row ``begin``; ``mine`` are the ends among the columns, and
    ``index`` the columns of the window.
    """
    first, slots, half, weight, own, lo, hi, ends, source = along[:9]
    end_weight, end_own, end_at, kind, by_column, own_by_column, source_row = along[9:]
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
        kind,
        by_column[..., columns.start : columns.stop],
        own_by_column[:, columns.start : columns.stop],
        source_row[:, some] - begin,
    )
