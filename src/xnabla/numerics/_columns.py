"""What a table does column by column: one sum for nearly all of them, or each its own.

Columns that all do the same take two numbers for each pair of points; on uneven points
each takes its own, kept in rows as long as the field's, so that a sum is a short loop
over rows that lie in the cache here, too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xnabla.numerics._symbols import Integers, UnfusableError
from xnabla.numerics._table import StencilTable
from xnabla.numerics._weights import Floats

# More columns than these that do it their own way are not done one by one: each takes
# ten times as long as one in a loop.
_MOST_ENDS = 16


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """The columns of a table that have the same points around them, and their weights.

    Attributes
    ----------
    lo, hi : int
        First and one past the last of them.
    half : int
        How far they read.
    weights : array (2 half,) or (2 half, columns)
        From the furthest on the left to the furthest on the right, the point itself
        left out; for all of them, or for each column, zero outside the run.
    """

    lo: int
    hi: int
    half: int
    weights: Floats

    @property
    def is_even(self) -> bool:
        """Tell whether all columns have the same weights."""
        return self.weights.ndim == 1

    @classmethod
    def of(cls, table: StencilTable, columns: int, *, is_fallback: bool = False) -> Run:
        """Return the run of a table, one of equal weights if it is about as long.

        In a fallback, which goes point by point, points may be left out.

        Raises
        ------
        UnfusableError
            If most columns read other points than those around them.
        """
        if table.weights.ndim != 2 or table.size != columns:
            raise UnfusableError("a table of another size")
        even = cls._even(table)
        if even is not None and even.hi - even.lo >= columns - _MOST_ENDS:
            return even
        uneven = cls._uneven(table, is_fallback)
        found = [one for one in (even, uneven) if one is not None]
        if not found:
            raise UnfusableError("columns that read far points")
        return max(found, key=lambda one: one.hi - one.lo)

    @classmethod
    def _even(cls, table: StencilTable) -> Run | None:
        index, weights = sources_of(table)
        offset = index - np.arange(table.size)[:, np.newaxis]
        middle = table.size // 2
        same = (weights == weights[middle]).all(axis=1)
        same &= ((offset == offset[middle]) | (weights == 0.0)).all(axis=1)
        lo, hi = _around_middle(same)
        if hi - lo < table.size // 2:
            return None
        half = int(np.abs(offset[middle][weights[middle] != 0.0]).max(initial=1))
        dense = np.zeros(2 * half + 1)
        near = weights[middle] != 0.0
        dense[half + offset[middle][near]] = weights[middle][near]
        return cls(lo, hi, half, np.delete(dense, half))

    @classmethod
    def _uneven(cls, table: StencilTable, is_fallback: bool) -> Run | None:
        """Return the run of columns that read the same points around them.

        All of those points: a weight of zero would read a gap that does no harm.
        """
        index, weights = sources_of(table)
        offset = index - np.arange(table.size)[:, np.newaxis]
        read = (weights != 0.0) & (offset != 0)
        # as most do: a weight may be zero by chance, and those at the ends wrap around
        half = int(np.median(np.where(read, np.abs(offset), 0).max(axis=1)))
        inside = np.abs(offset) <= half
        same = ~(read & ~inside).any(axis=1)
        if not is_fallback:
            same &= read.sum(axis=1) == 2 * half
        lo, hi = _around_middle(same)
        if not half or hi - lo < table.size // 2:
            return None
        dense = np.zeros((2 * half + 1, table.size))
        row, k = np.nonzero(read & inside)
        dense[half + offset[row, k], row] = weights[row, k]
        dense[:, :lo] = dense[:, hi:] = 0.0
        return cls(lo, hi, half, np.delete(dense, half, axis=0))


def _around_middle(same: NDArray[np.bool_]) -> tuple[int, int]:
    """Return where columns around the middle begin and end that are of one kind."""
    middle, columns = len(same) // 2, len(same)
    if not same[middle]:
        return middle, middle
    others = np.flatnonzero(~same)
    lo = int(others[others < middle].max(initial=-1)) + 1
    return lo, int(others[others > middle].min(initial=columns))


def sources_of(table: StencilTable) -> tuple[Integers, Floats]:
    """Return which columns each row of a table reads, and with what weights."""
    index = table.starts[:, np.newaxis] + np.arange(table.width)
    if table.period is not None:
        index = index % table.period
    return index, table.weights
