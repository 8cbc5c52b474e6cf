"""Derivatives along an outer axis, as differences between fields."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from xnabla.numerics._memory import Fields, with_rows
from xnabla.numerics._symbols import UnfusableError
from xnabla.numerics._table import StencilTable
from xnabla.numerics._weights import Floats


@dataclass(frozen=True, slots=True, eq=False)
class Outer:
    """A derivative along levels or times: its scheme, and the axis it is along.

    Attributes
    ----------
    slot : int
        The input it is of.
    table : StencilTable
    axis : int
        Counted from the last.
    """

    slot: int
    table: StencilTable
    axis: int

    def __post_init__(self) -> None:
        table = self.table
        if table.weights.ndim != 2 or table.centres is None or table.narrower:
            raise UnfusableError("a scheme along an outer axis that is no difference")

    @property
    def width(self) -> int:
        """How many other fields it reads at most."""
        return self.table.width

    def neighbours(self, outer: tuple[int, ...]) -> tuple[NDArray[np.intp], Floats]:
        """Return which fields each one is made from, and with what weights.

        Parameters
        ----------
        outer : tuple of int
            Sizes of all axes but the last two.

        Returns
        -------
        tuple of array (width, count)
        """
        axis, table = self.axis + 2 + len(outer), self.table
        source = table.starts[:, np.newaxis] + np.arange(table.width)
        if table.period is not None:
            source = source % table.period
        source = np.clip(source, 0, outer[axis] - 1)
        itself = source == np.arange(outer[axis])[:, np.newaxis]
        weights = np.where(itself & ~np.isnan(table.weights), 0.0, table.weights)
        numbers = np.arange(int(np.prod(outer))).reshape(outer)
        shape = [1] * len(outer)
        shape[axis] = -1
        found = [np.take(numbers, one, axis).reshape(-1) for one in source.T]
        many = [np.broadcast_to(w.reshape(shape), outer).ravel() for w in weights.T]
        return np.array(found), np.array(many)


class Neighbours:
    """The fields that derivatives along outer axes read, beside those of a program.

    Parameters
    ----------
    wanted : sequence of Outer
    arrays : sequence of array (..., rows, columns)
        All inputs, with columns side by side.
    """

    def __init__(self, wanted: Sequence[Outer], arrays: Sequence[NDArray[Any]]) -> None:
        outer = arrays[0].shape[:-2]
        made = [one.neighbours(outer) for one in wanted]
        self._fields = [
            replace(whole, starts=whole.starts[found])
            for one, (sources, _) in zip(wanted, made, strict=True)
            for whole in [Fields.of(arrays[one.slot])]
            for found in sources
        ]
        width = max([0, *(one.width for one in wanted)])
        self._weights = np.zeros((len(wanted), width, int(np.prod(outer))))
        for number, (_, weights) in enumerate(made):
            self._weights[number, : len(weights)] = weights

    def some(self, part: slice) -> list[Fields]:
        """Return them for some of the fields."""
        return [one.some(part) for one in self._fields]

    def weights(self, part: slice, dtype: DTypeLike) -> NDArray[Any]:
        """Return the weights (derivatives, width, fields) for some of the fields."""
        return np.ascontiguousarray(self._weights[:, :, part], dtype)


def laid_out(
    wanted: Sequence[Outer], arrays: Sequence[NDArray[Any]], dtype: DTypeLike
) -> list[NDArray[Any]]:
    """Return arrays whose fields can all be read at any time, copied if need be."""
    return [with_rows(one, dtype) for one in arrays] if wanted else list(arrays)
