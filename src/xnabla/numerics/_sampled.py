"""A field of which only some points are wanted: a formula on it costs those alone."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin
from numpy.typing import NDArray

from xnabla.numerics._table import StencilTable

Array = NDArray[Any]
Integers = NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """Some points of fields: of which, and in what row and column of it."""

    which: Integers
    row: Integers
    column: Integers

    def moved(self, axis: int, to: Integers) -> Points:
        """Return points in other rows (-2) or columns (-1)."""
        if axis == -1:
            return Points(self.which, self.row, to)
        return Points(self.which, to, self.column)

    def some(self, wanted: NDArray[np.bool_]) -> Points:
        """Return some of the points."""
        return Points(self.which[wanted], self.row[wanted], self.column[wanted])


@dataclass(slots=True, eq=False)
class Sampled(NDArrayOperatorsMixin):
    """What a formula makes of fields, known at any points when they are asked for.

    Takes part in arithmetic with numbers and with arrays (rows, columns), as an array
    (fields, rows, columns) does; `apply_table` differentiates it along rows or columns.

    Parameters
    ----------
    make : callable
        Returns the values at points.
    wanted : Points
        Those that the formula is for; what it is there is made once.
    """

    make: Callable[[Points], Array]
    wanted: Points
    _made: Array | None = field(default=None, init=False)

    @classmethod
    def of(
        cls, values: Array, wanted: Points, rows: Integers, columns: Integers
    ) -> Sampled:
        """Return fields (fields, rows, columns), or a window of them.

        ``rows`` and ``columns`` tell where in it a row or column of the whole lies.
        """

        def make(at: Points) -> Array:
            found: Array = values[at.which, rows[at.row], columns[at.column]]
            return found.astype(np.result_type(values.dtype, np.float64))

        return cls(make, wanted)

    def at(self, points: Points) -> Array:
        """Return the values at some points."""
        if points is not self.wanted:
            return self.make(points)
        if self._made is None:
            self._made = self.make(points)
        return self._made

    def any(self) -> bool:
        """Tell whether any of the wanted points is true."""
        return bool(self.at(self.wanted).any())

    def along(self, axis: int, table: StencilTable, scale: Any = None) -> Sampled:
        """Return a derivative along the rows (-2) or columns (-1).

        As the reference engine makes it, scheme by scheme beside gaps, each at the
        points that have none yet.
        """

        def make(at: Points) -> Array:
            out = self._sum(at, axis, table)
            own = ~np.isnan(self.at(_centres(at, axis, table)))
            for narrower in table.narrower:
                rest = np.isnan(out) & own
                if not rest.any():
                    break
                out[rest] = self._sum(at.some(rest), axis, narrower)
            return out if scale is None else out * _taken(scale, at)

        return Sampled(make, self.wanted)

    def _sum(self, at: Points, axis: int, table: StencilTable) -> Array:
        """Return a weighted sum of differences at points, by one scheme."""
        own = at.column if axis == -1 else at.row
        n = table.size if table.period is None else table.period
        centre = self.at(_centres(at, axis, table))
        total = np.zeros_like(centre)
        for k in range(table.width):
            weight = table.weights[own, k]
            # a point of no weight may lie outside
            source = np.where(weight == 0, own, (table.starts[own] + k) % n)
            difference = self.at(at.moved(axis, source)) - centre
            total += np.where(weight == 0, 0.0, weight * difference)
        return np.where(np.isnan(centre), np.nan, total)

    def __array_ufunc__(
        self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any
    ) -> Any:
        """Write down a function of numbers, to be done point by point."""
        if method != "__call__" or options:
            return NotImplemented
        return self._of(ufunc, inputs)

    def __array_function__(
        self, function: Any, _types: Any, given: Sequence[Any], options: dict[str, Any]
    ) -> Any:
        """Write down a choice, to be done point by point."""
        if function is not np.where or options:
            return NotImplemented
        return self._of(np.where, given)

    def _of(self, function: Callable[..., Any], given: Sequence[Any]) -> Sampled:
        def make(at: Points) -> Array:
            made: Array = function(*(_taken(one, at) for one in given))
            return made

        return Sampled(make, self.wanted)


def _centres(at: Points, axis: int, table: StencilTable) -> Points:
    """Return the points that derivatives belong to: at a seam, those across it."""
    own, period = at.column if axis == -1 else at.row, table.period
    if period is None or table.centres is None or own.max(initial=0) < period:
        return at  # the very points: what is made of them is kept
    return at.moved(axis, table.centres[own] % period)


def _taken(one: Any, at: Points) -> Any:
    """Return what a part of a formula is at points."""
    if isinstance(one, Sampled):
        return one.at(at)
    values = np.asarray(one)
    if not values.ndim or math.prod(values.shape) == 1:
        return values.reshape(())
    return np.broadcast_to(values, (*(1, 1)[values.ndim :], *values.shape))[
        tuple(
            index if size > 1 else np.zeros_like(index)
            for index, size in zip((at.row, at.column), values.shape[-2:], strict=True)
        )
    ]
