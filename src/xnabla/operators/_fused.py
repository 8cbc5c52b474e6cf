"""The calculus of a grid as stencils of inputs: what a fused pass over rows does.

A formula that runs on these gives no numbers but a graph; see ``numerics._symbols``.
They say the same as ``_globe``, ``_map`` and ``_plane``, and tests hold them to it.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np

from xnabla.numerics import (
    Along,
    Cap,
    Down,
    Linear,
    Made,
    Shape,
    StencilTable,
    UnfusableError,
    rows_of,
)
from xnabla.operators._calculus import Calculus
from xnabla.operators._fused_lines import FusedLines
from xnabla.operators._globe import Globe
from xnabla.operators._map import Map
from xnabla.operators._plan import Plan, turn_of
from xnabla.operators._plane import Plane
from xnabla.operators._stencils import (
    Parts,
    along_with_own,
    cap_rows,
    merged,
    only,
    placed,
    stencil,
    sum_of,
    summed,
    with_narrower,
    with_rows,
    without,
)

# A weight that adds nothing to a sum, in single precision too, but a gap.
_ALMOST_NONE = 1e-20

# What u and v add to the part along east, and to the part along north.
VectorParts = tuple[Parts, Parts, Parts, Parts]


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
    r"""Derivatives on a latitude-longitude grid.

    The parts of a wind at a point :math:`(\varphi', \lambda + \delta)` along east and
    north at :math:`(\varphi, \lambda)` are

    .. math:: u \cos\delta - v \sin\varphi' \sin\delta, \qquad
              u \sin\varphi \sin\delta
              + v (\sin\varphi \sin\varphi' \cos\delta + \cos\varphi \cos\varphi'),

    so that the derivative of a wind as a vector in space is a sum of stencils of its
    two parts, with weights that vary from row to row only. Across a pole δ is π.

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
        du_dx, dv_dx = self._of_vector(self._east, self._narrower_east, u, v)
        du_dy, dv_dy = self._of_vector(self._north, self._narrower_north, u, v)
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
        across = [
            self._across(cap, own) for cap, own in zip(plan.caps, caps, strict=True)
        ]
        if plan.position == -1:
            factor = np.ones(rows)
            if plan.scale is not None:
                factor = np.broadcast_to(plan.scale.reshape(-1), (rows,))
            return (Along(table, factor), *across)
        down = rows_of(table)
        for cap, own in zip(plan.caps, across, strict=True):
            down = with_rows(down, own, cap_rows(cap, rows))
        return (down,)

    def _across(self, cap: Cap, table: StencilTable) -> Down:
        """Return the rows that a cap makes, as sums over rows here and beyond."""
        size = self.shape.rows
        first = cap.end == "first"
        here = np.arange(cap.depth) if first else np.arange(size - cap.depth, size)
        beyond = np.arange(cap.skip, cap.skip + cap.ghosts)
        if not first:
            beyond = size - 1 - beyond
            line = np.r_[here, beyond]
        else:
            line = np.r_[beyond[::-1], here]
        half = self._shift(cap.half_turn)
        shifts = np.where(np.arange(len(line)) < cap.ghosts, half, 0)
        if not first:
            shifts = np.where(np.arange(len(line)) >= cap.depth, half, 0)
        then = 0 if cap.then is None else self._shift(cap.then)
        index = table.starts[:, np.newaxis] + np.arange(table.width)
        inside = np.clip(index, 0, len(line) - 1)
        shift = (shifts[inside] + then) % self._around
        out = Down(
            np.zeros((size, table.width), dtype=np.intp),
            np.zeros((size, table.width), dtype=np.intp),
            np.zeros((size, table.width)),
        )
        rows = cap_rows(cap, size)
        out.source[rows] = line[inside]
        out.shift[rows] = shift
        out.weight[rows] = table.weights
        return out

    def _shift(self, table: StencilTable) -> int:
        """Return by how many columns a table turns a row, if it does only that."""
        shifts = (table.starts - np.arange(table.size)) % self._around
        line = self._globe.longitude.line
        if table.width != 1 or (shifts != shifts[0]).any() or line.size != self._around:
            raise UnfusableError("a turn that does not end on columns")
        return int(shifts[0])

    def _laplacian(self) -> Parts:
        """Return the Laplacian at one accuracy."""
        globe = self._globe
        meridional = self._parts(globe.plan(globe.latitude, 2, converging=True))
        (down,) = meridional
        assert isinstance(down, Down)
        zonal = globe.plan(globe.longitude, 2)
        (along,) = self._parts(zonal)
        extra: list[Down | Along] = []
        for pole in globe.grid.poles:
            if not pole.has_row:
                continue
            row = np.array([0 if pole.end == "first" else self.shape.rows - 1])
            table = turn_of(
                globe.longitude, -pole.sign * np.pi / 2.0, globe.options.accuracy
            )
            turned = (down.shift + self._shift(table)) % self._around
            along = without(along, row)
            extra.append(only(Down(down.source, turned, down.weight), row))
        return (merged((down, *extra))[0], along)

    def _of_vector(
        self, parts: Parts, narrower: list[Parts], u: Any, v: Any
    ) -> tuple[Linear, Linear]:
        """Return a derivative of a wind along east and along north."""
        east, north = self._vector(parts, u, v)
        others = [self._vector(one, u, v) for one in narrower]
        return (
            replace(east, narrower=tuple(one for one, _ in others)),
            replace(north, narrower=tuple(one for _, one in others)),
        )

    def _vector(self, parts: Parts, u: Any, v: Any) -> tuple[Linear, Linear]:
        east: list[Linear] = []
        north: list[Linear] = []
        for e_u, e_v, n_u, n_v in map(self._of_wind, parts):
            east += [stencil(u, e_u), stencil(v, e_v)]
            north += [stencil(u, n_u), stencil(v, n_v)]
        return summed(east), summed(north)

    def _of_wind(self, part: Down | Along) -> VectorParts:
        return self._turned(part) if isinstance(part, Along) else self._moved(part)

    def _moved(self, part: Down) -> VectorParts:
        """Return a sum over rows of a wind: of u and v, along east and north."""
        phi = self._globe.latitude.line.points
        here, there = phi[:, np.newaxis], phi[part.source]
        # longitudes of exact columns: the step from one to the next is even
        angle = 2.0 * np.pi * part.shift / self._around
        sign = np.sign(np.diff(self._globe.longitude.line.points[:2]))[0]
        sin, cos = np.sin(sign * angle), np.cos(angle)
        quarter = np.isclose(cos, 0.0, atol=1e-12)
        cos = np.where(quarter, _ALMOST_NONE, cos)
        sin = np.where(np.isclose(sin, 0.0, atol=1e-12), 0.0, sin)
        sin_there = np.where(there == 0.0, _ALMOST_NONE, np.sin(there))
        n_n = np.sin(here) * np.sin(there) * cos + np.cos(here) * np.cos(there)
        weights = (
            part.weight * cos,
            part.weight * -sin_there * sin,
            part.weight * np.sin(here) * sin,
            part.weight * n_n,
        )
        e_u, e_v, n_u, n_v = (sum_of(part, weight) for weight in weights)
        return e_u, e_v, n_u, n_v

    def _turned(self, part: Along) -> VectorParts:
        """Return a sum along the row of a wind: of u and v, along east and north."""
        phi = self._globe.latitude.line.points
        sin, cos = np.sin(phi), np.cos(phi)
        # on the equator, too, a wind that lacks a part has no derivative along east
        sin = np.where(sin == 0.0, _ALMOST_NONE, sin)
        table, line = part.table, self._globe.longitude.line
        angle = line.offsets(np.arange(table.size), table.starts, table.width)
        centres = None  # these sums are no differences
        with_cos = replace(
            table, weights=table.weights * np.cos(angle), centres=centres, narrower=()
        )
        with_sin = replace(
            table, weights=table.weights * np.sin(angle), centres=centres, narrower=()
        )
        e_u = along_with_own(with_cos, part.factor)
        e_v = along_with_own(with_sin, -part.factor * sin)
        n_u = along_with_own(with_sin, part.factor * sin)
        n_v = (
            *along_with_own(with_cos, part.factor * sin**2),
            Along(table, part.factor * cos**2),
        )
        return e_u, e_v, n_u, n_v
