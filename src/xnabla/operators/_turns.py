"""Reading rows a turn further along: on columns, or between them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xnabla.numerics import (
    NOWHERE,
    Along,
    Beyond,
    Down,
    Stencil,
    StencilTable,
    UnfusableError,
)

Integers = NDArray[np.intp]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Turn:
    """What each column reads of a row.

    Attributes
    ----------
    shift : int or None
        By how many columns all of them turn, if they do no more than that.
    columns : array (n, w) of int
        What they read.
    weight : array (n, w)
        Sums to one.
    around : int
        Number of different columns.
    """

    shift: int | None
    columns: Integers
    weight: Floats
    around: int
    _after: dict[int, Any] = field(default_factory=dict, init=False)

    @classmethod
    def by(cls, table: StencilTable, around: int) -> Turn:
        """Return the turn that a table of interpolation makes."""
        columns = (table.starts[:, np.newaxis] + np.arange(table.width)) % around
        return cls._of(columns, table.weights, around)

    @classmethod
    def none(cls, size: int, around: int) -> Turn:
        """Return the turn that reads each column itself."""
        columns = np.arange(size)[:, np.newaxis]
        return cls(0, columns, np.ones((size, 1)), around)

    @classmethod
    def by_columns(cls, shift: int, size: int) -> Turn:
        """Return the turn by some columns of a row that repeats none."""
        columns = (np.arange(size) + shift)[:, np.newaxis] % size
        return cls(shift, columns, np.ones((size, 1)), size)

    @classmethod
    def _of(cls, columns: Integers, weight: Floats, around: int) -> Turn:
        size = len(columns)
        shift = None
        if columns.shape[1] == 1 and size == around:
            shifts = (columns[:, 0] - np.arange(size)) % around
            shift = int(shifts[0]) if (shifts == shifts[0]).all() else None
        return cls(shift, columns, weight, around)

    def as_table(self) -> Turn:
        """Return the turn as one between columns, even if it ends on them."""
        return replace(self, shift=None)

    def after(self, first: Turn) -> Turn:
        """Return the turn that reads what another read."""
        key = id(first)
        if key not in self._after:
            if self.shift is not None and first.shift is not None:
                total = (self.shift + first.shift) % self.around
                columns = (np.arange(len(self.columns)) + total) % self.around
                made = replace(first, shift=total, columns=columns[:, np.newaxis])
            elif self.shift == 0:
                made = first
            else:
                columns = first.columns[self.columns]
                weight = first.weight[self.columns] * self.weight[..., np.newaxis]
                size = len(self.columns)
                flat = columns.reshape(size, -1), weight.reshape(size, -1)
                made = self._of(*_summed(*flat), self.around)
            self._after[key] = made, first  # whose id stays its own
        turn: Turn = self._after[key][0]
        return turn

    def after_columns(self, columns: Integers, weight: Floats) -> Turn:
        """Return the turn that reads what one between columns read."""
        key = id(weight)
        if key not in self._after:
            turn = Turn(None, columns, weight, self.around)
            self._after[key] = self.after(turn), weight  # whose id stays its own
        made: Turn = self._after[key][0]
        return made

    def after_shift(self, shift: int) -> Turn:
        """Return the turn that reads what one by some columns read."""
        if -1 - shift not in self._after:
            turn = self.by_columns(shift, self.around)
            self._after[-1 - shift] = self.after(turn), turn
        made: Turn = self._after[-1 - shift][0]
        return made

    def of(self, source: Integers, weight: Floats) -> list[Stencil]:
        """Return the sums over rows (m, w), read so."""
        if self.shift is not None:
            return [Down(source, np.full_like(source, self.shift), weight)]
        return [
            Beyond(source[:, k], self.columns, self.weight, weight[:, k])
            for k in range(source.shape[1])
            if (source[:, k] != NOWHERE).any()  # one of no weight is to be there
        ]

    def again(self, part: Stencil) -> list[Stencil]:
        """Return a sum over rows that is read once more so."""
        if isinstance(part, Along):
            raise UnfusableError("a turn of a sum along the row")
        if isinstance(part, Beyond):
            turned = self.after_columns(part.columns, part.weight)
            return [replace(part, columns=turned.columns, weight=turned.weight)]
        if self.shift is not None:
            return [replace(part, shift=(part.shift + self.shift) % self.around)]
        made: list[Stencil] = []
        for shift in np.unique(part.shift[part.weight != 0.0]):
            turned = self.after_shift(int(shift)) if shift else self
            weight = np.where(part.shift == shift, part.weight, 0.0)
            source = np.where(weight == 0.0, NOWHERE, part.source)
            made += turned.of(source, weight)
        return made


def _summed(columns: Integers, weight: Floats) -> tuple[Integers, Floats]:
    """Return what each row reads, each column once."""
    order = np.argsort(columns, axis=1, kind="stable")
    columns = np.take_along_axis(columns, order, 1)
    weight = np.take_along_axis(weight, order, 1)
    is_new = columns[:, 1:] != columns[:, :-1]
    place = np.zeros_like(columns)
    place[:, 1:] = np.cumsum(is_new, axis=1)
    rows = np.broadcast_to(np.arange(len(columns))[:, np.newaxis], place.shape)
    shape = (len(columns), int(place.max()) + 1)
    out, total = np.zeros(shape, dtype=np.intp), np.zeros(shape)
    out[rows, place] = columns
    np.add.at(total, (rows, place), weight)
    return out, total
