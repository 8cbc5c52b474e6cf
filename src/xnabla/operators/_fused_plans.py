"""Derivatives on a globe as sums of stencils, rows beside the poles included."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np

from xnabla.numerics import (
    NOWHERE,
    Along,
    Cap,
    Shape,
    Stencil,
    StencilTable,
    UnfusableError,
    rows_of,
)
from xnabla.operators._globe import Globe
from xnabla.operators._plan import Plan
from xnabla.operators._stencils import Parts, by_rows, cap_rows, merged
from xnabla.operators._turns import Turn


class FusedPlans:
    """What plans of a globe do, as sums of stencils.

    Parameters
    ----------
    globe : Globe

    Attributes
    ----------
    shape : Shape
        Its rows and columns.
    around : int
        Number of different columns.
    """

    def __init__(self, globe: Globe) -> None:
        self.globe = globe
        line = globe.longitude.line
        self.around = line.size if line.around is None else line.around
        self._none = Turn.none(line.size, self.around)
        self._turns: dict[Any, Turn] = {}
        one = self.pole_rows if line.around is not None else ()
        rows = tuple(int(row[0]) for _, row in one)
        self.shape = Shape(globe.latitude.size, line.size, self.around, rows)

    @property
    def pole_rows(self) -> tuple[tuple[int, Any], ...]:
        """Rows on a pole that are made across it: which pole, and which row."""
        if self.globe.options.poles != "across":
            return ()
        ends = {"first": 0, "last": self.globe.latitude.size - 1}
        poles = [pole for pole in self.globe.grid.poles if pole.has_row]
        return tuple((pole.sign, np.array([ends[pole.end]])) for pole in poles)

    @property
    def shrinks(self) -> bool:
        """Whether stencils shrink beside gaps."""
        return self.globe.options.missing == "shrink"

    def parts(self, plan: Plan) -> Parts:
        """Return the stencils of a derivative, rows beside the poles included."""
        made = [self._own(plan, plan.table)]
        for cap in plan.caps:
            made = by_rows(made, [self._across(cap, cap.table)], self._rows(cap))
        return made[0]

    def all_of(self, plan: Plan) -> list[Parts]:
        """Return the same, and those to fall back to beside gaps, in their order.

        The rows beside a pole may have more of them than the others, or fewer.
        """
        made = [self._own(plan, table) for table in plan.table.narrower]
        for cap in plan.caps:
            others = [self._across(cap, table) for table in cap.table.narrower]
            made = by_rows(made, others, self._rows(cap))
        return [self.parts(plan), *made]

    def _own(self, plan: Plan, table: StencilTable) -> Parts:
        """Return the stencils of a derivative where none crosses a pole."""
        if plan.position != -1:
            return (rows_of(table),)
        rows = self.shape.rows
        factor = np.ones(rows)
        if plan.scale is not None:
            factor = np.broadcast_to(plan.scale.reshape(-1), (rows,))
        return (Along(table, factor),)

    def _rows(self, cap: Cap) -> Any:
        return cap_rows(cap, self.shape.rows)

    def _across(self, cap: Cap, table: StencilTable) -> Parts:
        """Return the rows that a cap makes, as sums over rows here and beyond."""
        size = self.shape.rows
        first = cap.end == "first"
        here = np.arange(cap.depth) if first else np.arange(size - cap.depth, size)
        beyond = np.arange(cap.skip, cap.skip + cap.ghosts)
        if first:
            line = np.r_[beyond[::-1], here]
            is_beyond = np.arange(len(line)) < cap.ghosts
        else:
            line = np.r_[here, size - 1 - beyond]
            is_beyond = np.arange(len(line)) >= cap.depth
        index = table.starts[:, np.newaxis] + np.arange(table.width)
        inside = np.clip(index, 0, len(line) - 1)
        rows = cap_rows(cap, size)
        made: list[Stencil] = []
        for own, turn in zip((~is_beyond, is_beyond), self._turns_of(cap), strict=True):
            source = np.full((size, table.width), NOWHERE)
            weight = np.zeros((size, table.width))
            source[rows] = np.where(own[inside], line[inside], NOWHERE)
            weight[rows] = np.where(own[inside], table.weights, 0.0)
            made += turn.of(source, weight)
        return merged(tuple(made))

    def _turns_of(self, cap: Cap) -> tuple[Turn, Turn]:
        """Return how a cap reads rows on this side of a pole, and beyond it."""
        then = self._none if cap.then is None else self.turn(cap.then)
        if self.shrinks and then.columns.shape[1] > 1:
            raise UnfusableError("derivatives beside gaps, interpolated")
        half = self.turn(cap.half_turn)
        if cap.then is None and self.is_vector_beyond:
            then = then.as_table()
        return then, then.after(half)

    def turn(self, table: StencilTable) -> Turn:
        """Return a turn along a row, one for each table: what it becomes is kept."""
        key = table.starts.tobytes(), table.weights.tobytes()
        if key not in self._turns:
            self._turns[key] = Turn.by(table, self.around)
        return self._turns[key]

    @cached_property
    def is_vector_beyond(self) -> bool:
        """Whether a wind across a pole is interpolated."""
        caps = self.globe.plan(self.globe.latitude, 1).caps
        return any(cap.half_turn.width > 1 for cap in caps)
