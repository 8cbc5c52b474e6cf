"""A pass over rows, and the results beside gaps, made at those points alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from xnabla.numerics import Points, Program, Sampled
from xnabla.operators._map import Map

# Points at once: what a formula makes on the way for them stays small.
_AT_ONCE = 1 << 18


@dataclass(frozen=True, slots=True, eq=False)
class Mended:
    """A program whose missing results are made again by a formula that shrinks.

    Second derivatives beside gaps take several schemes for the field and, by the same
    ones, for the positions of its points. On the whole map that took a thousand times
    as long as the pass over it, and few points lie beside gaps.

    Attributes
    ----------
    program : Program
        The pass, in which a gap leaves results missing.
    calculus : Map
        Shrinks beside gaps.
    formula : callable
        Takes the calculus and the inputs.
    scales : sequence of pair of float
        What each input is multiplied with, and what is added then.
    factors : sequence of float
        What each result is multiplied with.
    along_grid : sequence of pair of int
        Which inputs are the parts of a wind along the grid.
    """

    program: Program
    calculus: Map
    formula: Callable[..., Any]
    scales: Sequence[tuple[float, float]]
    factors: Sequence[float]
    along_grid: Sequence[Sequence[int]]
    window: _Window | None = None

    @property
    def n_outputs(self) -> int:
        """How many results there are."""
        return self.program.n_outputs

    def __call__(self, arrays: Sequence[Any], dtype: Any) -> list[Any]:
        """Return the results for fields whose last two axes are y and x."""
        window = self.window or _Window.whole(arrays[0].shape[-2:])
        made = self.program([window.inner(one) for one in arrays], dtype)
        flat = [one.reshape(-1, *one.shape[-2:]) for one in made]
        fields = [one.reshape(-1, *one.shape[-2:]) for one in arrays]
        missing = np.logical_or.reduce([np.isnan(one) for one in flat])
        for one in fields:
            missing &= ~np.isnan(window.own(one))
        which, row, column = np.nonzero(missing)
        for start in range(0, len(which), _AT_ONCE):
            some = slice(start, start + _AT_ONCE)
            at = which[some], row[some], column[some]
            points = Points(at[0], at[1] + window.row, at[2] + window.column)
            for out, part in zip(flat, self._at(points, fields, window), strict=True):
                out[at] = part
        return made

    def _at(self, points: Points, fields: Sequence[Any], window: _Window) -> list[Any]:
        inputs: list[Any] = [
            Sampled.of(one, points, window.rows, window.columns) * factor + zero
            for one, (factor, zero) in zip(fields, self.scales, strict=True)
        ]
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            for u, v in self.along_grid:
                inputs[u], inputs[v] = self.calculus.from_grid(inputs[u], inputs[v])
            made = self.formula(self.calculus, *inputs)
            results = made if isinstance(made, tuple) else (made,)
            return [
                one.at(points) * factor
                for one, factor in zip(results, self.factors, strict=True)
            ]

    def whole_rows(self) -> Any:
        """Tell which rows of the results need whole rows of the inputs."""
        return self.program.whole_rows()

    def reach(self, start: int, stop: int) -> tuple[int, int]:
        """Return the first and one past the last row that some rows are made from."""
        first, last = self.program.reach(start, stop)
        size = self.calculus.surface.lines[0].size
        before, after = self._halo(0)
        return min(first, max(start - before, 0)), max(last, min(stop + after, size))

    def part(self, rows: range, columns: range) -> tuple[Mended, range, list[range]]:
        """Return what makes some results, and the inputs it wants.

        As that of a program; whole rows if a circle of columns is read across its seam.
        """
        inner, inner_rows, runs = self.program.part(rows, columns)
        low, high = self.reach(rows.start, rows.stop)
        size = self.calculus.surface.lines[1].size
        before, after = self._halo(1)
        near = range(columns.start - before, columns.stop + after)
        around = self.calculus.surface.lines[1].around
        if around is not None and (near.start < 0 or near.stop > around):
            near = range(size)
        near = range(max(near.start, 0), min(near.stop, size))
        read = np.unique(np.concatenate([np.r_[one.start : one.stop] for one in runs]))
        far = read[(read < near.start) | (read >= near.stop)]
        index = np.concatenate([np.arange(near.start, near.stop), far])
        place = np.full(size, -1)
        place[index] = np.arange(len(index))
        own = np.concatenate([np.r_[one.start : one.stop] for one in runs])
        window = _Window(
            row=rows.start,
            column=columns.start,
            shape=(len(rows), len(columns)),
            rows=np.arange(self.calculus.surface.lines[0].size) - low,
            columns=place,
            inner_rows=slice(inner_rows.start - low, inner_rows.stop - low),
            inner_columns=place[own],
        )
        apart = (range(one, one + 1) for one in far.tolist())
        made = replace(self, program=inner, window=window)
        return made, range(low, high), [near, *apart]

    def _halo(self, axis: int) -> tuple[int, int]:
        """Return how many rows or columns before and after a point are read at most."""
        before = after = 0
        for order in (1, 2):
            table = self.calculus.table(axis, order)
            for one in (table, *table.narrower):
                used = one.weights != 0
                away = one.starts[:, None] + np.arange(one.width)
                away = np.where(used, away - np.asarray(one.centres)[:, None], 0)
                before = max(before, -int(away.min()))
                after = max(after, int(away.max()))
        return before, after


@dataclass(frozen=True, slots=True, eq=False)
class _Window:
    """The part of the inputs that is there, and where the results lie in it.

    Attributes
    ----------
    row, column : int
        The first of the results, in the whole map.
    shape : pair of int
        Of the results.
    rows, columns : array of int
        Where in the inputs a row or column of the whole map lies.
    inner_rows, inner_columns : slice, array of int or None
        What the pass over rows reads of them; all columns.
    """

    row: int
    column: int
    shape: tuple[int, int]
    rows: Any
    columns: Any
    inner_rows: slice
    inner_columns: Any

    @classmethod
    def whole(cls, shape: tuple[int, int]) -> _Window:
        rows, columns = shape
        numbers = np.arange(rows), np.arange(columns)
        return cls(0, 0, (rows, columns), *numbers, slice(None), None)

    def inner(self, values: Any) -> Any:
        """Return what the pass over rows reads."""
        rows = values[..., self.inner_rows, :]
        return rows if self.inner_columns is None else rows[..., self.inner_columns]

    def own(self, values: Any) -> Any:
        """Return the inputs where the results are."""
        row, column = self.rows[self.row], self.columns[self.column]
        return values[..., row : row + self.shape[0], column : column + self.shape[1]]
