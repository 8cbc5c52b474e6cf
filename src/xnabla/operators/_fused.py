"""The calculus of a grid as stencils of inputs: what a fused pass over rows does.

A formula that runs on these gives no numbers but a graph; see ``numerics._symbols``.
They say the same as ``_globe``, ``_map`` and ``_plane``, and tests hold them to it.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np

from xnabla.numerics import (
    NOWHERE,
    Along,
    Beyond,
    Cap,
    Down,
    Made,
    Shape,
    Stencil,
    StencilTable,
    UnfusableError,
    rows_of,
)
from xnabla.operators._calculus import Calculus
from xnabla.operators._fused_lines import FusedLines
from xnabla.operators._fused_wind import FusedWind
from xnabla.operators._globe import Globe
from xnabla.operators._map import Map
from xnabla.operators._plan import Plan, turn_of
from xnabla.operators._plane import Plane
from xnabla.operators._stencils import (
    Parts,
    cap_rows,
    merged,
    only,
    placed,
    stencil,
    with_narrower,
    without,
)
from xnabla.operators._turns import Turn


def fused_calculus(calculus: Calculus) -> FusedGlobe | FusedLines:
    """Return a calculus that writes down what another does.

    Raises
    ------
    UnfusableError
        If it has a scheme that no pass over rows has.
    """
    if isinstance(calculus, Globe):
        made: FusedGlobe = calculus.fused or FusedGlobe(calculus)
        calculus.fused = made
        return made
    if isinstance(calculus, Plane | Map):
        return FusedLines(calculus)
    raise UnfusableError(type(calculus).__name__)


class FusedGlobe:
    """Derivatives on a latitude-longitude grid.

    Parameters
    ----------
    globe : Globe
    """

    def __init__(self, globe: Globe) -> None:
        if globe.options.poles != "across" and globe.grid.poles:
            raise UnfusableError("blanked poles")
        self._globe = globe
        line = globe.longitude.line
        self._around = line.size if line.around is None else line.around
        self._none = Turn.none(line.size, self._around)
        self._turns: dict[Any, Turn] = {}
        ends = {"first": 0, "last": globe.latitude.size - 1}
        poles = [ends[pole.end] for pole in globe.grid.poles if pole.has_row]
        self.shape = Shape(
            globe.latitude.size,
            line.size,
            self._around,
            tuple(poles) if line.around is not None else (),
        )

    @property
    def latitude_rad(self) -> Any:
        """Latitude of the rows."""
        return self._globe.latitude_rad

    def slopes(self, f: Any) -> tuple[Any, Any]:
        """Return the derivatives of a scalar towards east and north."""
        return (
            with_narrower(f, self._east, self._narrower_east),
            with_narrower(f, self._north, self._narrower_north),
        )

    def second(self, f: Any) -> tuple[Any, Any, Any]:
        """Refuse: a mixed derivative takes a derivative of a derivative."""
        raise UnfusableError("second derivatives")

    def laplacian(self, f: Any) -> Any:
        """Return the Laplacian of a scalar."""
        if self._shrinks:
            raise UnfusableError("gaps in two directions, and bands of two schemes")
        return self.one_at_poles(stencil(f, self._refined_laplacian))

    @cached_property
    def _refined_laplacian(self) -> Parts:
        """The Laplacian, two orders better near the poles."""
        parts = self._laplacian()
        for band in self._globe.polar_bands():
            fine = FusedGlobe(band.globe)._laplacian()
            first, size = band.read.start, self.shape.rows
            keep = np.arange(size)[band.read][band.keep]
            parts = (
                *(without(part, keep) for part in parts),
                *(placed(part, first, size, keep) for part in fine),
            )
        return merged(parts)

    def wind_slopes(self, u: Any, v: Any) -> tuple[Any, Any, Any, Any]:
        """Return du/dx, du/dy, dv/dx, dv/dy of a wind towards east and north."""
        du_dx, dv_dx = self._wind.slope(self._east, self._narrower_east, u, v)
        du_dy, dv_dy = self._wind.slope(self._north, self._narrower_north, u, v)
        return du_dx, du_dy, dv_dx, dv_dy

    def one_at_poles(self, f: Any) -> Any:
        """Return a scalar with one value for each pole that has a row."""
        what = "mean_of_present" if self._shrinks else "pole_mean"
        return Made(what, (f,)) if self.shape.poles else f

    def from_grid(self, u: Any, v: Any) -> tuple[Any, Any]:
        """Return the wind as it is: the grid runs east and north."""
        return u, v

    to_grid = from_grid
    along_grid = from_grid

    def turn_tensor(self, *parts: Any) -> tuple[Any, ...]:
        """Return the tensor as it is: the grid runs east and north."""
        return parts

    @property
    def _shrinks(self) -> bool:
        return self._globe.options.missing == "shrink"

    @cached_property
    def _east(self) -> Parts:
        return self._parts(self._globe.plan(self._globe.longitude, 1))

    @cached_property
    def _north(self) -> Parts:
        return self._parts(self._globe.plan(self._globe.latitude, 1))

    @cached_property
    def _narrower_east(self) -> list[Parts]:
        return self._narrower(self._globe.plan(self._globe.longitude, 1))

    @cached_property
    def _narrower_north(self) -> list[Parts]:
        return self._narrower(self._globe.plan(self._globe.latitude, 1))

    def _parts(self, plan: Plan) -> Parts:
        """Return the stencils of a derivative, rows beside the poles included."""
        return self._with_caps(plan, plan.table, [cap.table for cap in plan.caps])

    def _narrower(self, plan: Plan) -> list[Parts]:
        """Return the stencils to fall back to beside gaps, in their order."""
        others = zip(*(cap.table.narrower for cap in plan.caps), strict=True)
        tables = plan.table.narrower
        if not plan.caps:
            return [self._with_caps(plan, table, []) for table in tables]
        return [
            self._with_caps(plan, table, list(caps))
            for table, caps in zip(tables, others, strict=True)
        ]

    def _with_caps(
        self, plan: Plan, table: StencilTable, caps: list[StencilTable]
    ) -> Parts:
        rows = self.shape.rows
        across: list[Stencil] = []
        for cap, own in zip(plan.caps, caps, strict=True):
            across += self._across(cap, own)
        if plan.position == -1:
            factor = np.ones(rows)
            if plan.scale is not None:
                factor = np.broadcast_to(plan.scale.reshape(-1), (rows,))
            return merged((Along(table, factor), *across))
        made: list[Stencil] = [rows_of(table)]
        for cap in plan.caps:
            made = [without(one, cap_rows(cap, rows)) for one in made]
        return merged((*made, *across))

    def _across(self, cap: Cap, table: StencilTable) -> list[Stencil]:
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
        return made

    def _turns_of(self, cap: Cap) -> tuple[Turn, Turn]:
        """Return how a cap reads rows on this side of a pole, and beyond it."""
        then = self._none if cap.then is None else self._turn(cap.then)
        if self._shrinks and then.columns.shape[1] > 1:
            raise UnfusableError("derivatives beside gaps, interpolated")
        half = self._turn(cap.half_turn)
        if cap.then is None and self._is_vector_beyond:
            then = then.as_table()
        return then, then.after(half)

    def _turn(self, table: StencilTable) -> Turn:
        """Return a turn along a row, one for each table: what it becomes is kept."""
        key = table.starts.tobytes(), table.weights.tobytes()
        if key not in self._turns:
            self._turns[key] = Turn.by(table, self._around)
        return self._turns[key]

    @cached_property
    def _is_vector_beyond(self) -> bool:
        """Whether a wind across a pole is interpolated."""
        caps = self._globe.plan(self._globe.latitude, 1).caps
        return any(cap.half_turn.width > 1 for cap in caps)

    @cached_property
    def _wind(self) -> FusedWind:
        globe = self._globe
        return FusedWind(
            globe.latitude.line,
            globe.longitude.line,
            self._around,
            self._is_vector_beyond,
        )

    def _laplacian(self) -> Parts:
        """Return the Laplacian at one accuracy."""
        globe = self._globe
        meridional = self._parts(globe.plan(globe.latitude, 2, converging=True))
        (along,) = self._parts(globe.plan(globe.longitude, 2))
        made = [*meridional]
        for pole in globe.grid.poles:
            if not pole.has_row:
                continue
            row = np.array([0 if pole.end == "first" else self.shape.rows - 1])
            along = without(along, row)
            # the sum along two meridians at right angles
            table = turn_of(
                globe.longitude, -pole.sign * np.pi / 2.0, globe.options.accuracy
            )
            quarter = self._turn(table)
            for part in meridional:
                made += quarter.again(only(part, row))
        return (*merged(tuple(made)), along)
