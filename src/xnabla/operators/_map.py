"""Derivatives on any other grid: along its lines, then turned by a local Jacobian."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property, partial
from typing import Any

import numpy as np

from xnabla.grid import Surface, directions_of
from xnabla.numerics import StencilTable, apply_table, stencil_table
from xnabla.operators._gaps import Pair, solved, steps_beside_gaps
from xnabla.operators._mixed import mixed, schemes_of
from xnabla.operators._vectors import Vector, VectorSlopes
from xnabla.options import Options

# Weights of the derivatives along both lines: twice y, both, twice x, y, x.
Second = tuple[Any, Any, Any, Any, Any]


class Map(VectorSlopes):
    r"""Derivatives on a projected, rotated or curvilinear grid.

    With the parameters p, q of the lines and the position P(p, q) in space,

    .. math:: \partial_p f = (\partial_p P \cdot e)\, \partial_x f
              + (\partial_p P \cdot n)\, \partial_y f

    and the same for q: two equations for the eastward and the northward derivative.

    Parameters
    ----------
    surface : Surface
        The places of the grid.
    options : Options
        Accuracy, edges, missing, engine.
    edge_order : int, optional
        Accuracy of one-sided rows, if it is to differ.
    """

    def __init__(
        self, surface: Surface, options: Options, edge_order: int | None = None
    ) -> None:
        self.surface = surface
        self.options = options
        self.edge_order = edge_order
        self.programs: dict[Any, Any] = {}  # passes over rows; see _fuse
        self._tables: dict[tuple[int, int], StencilTable] = {}
        for axis in (0, 1):  # too few points are told before lengths are made
            self.table(axis, 1)
        self.jacobian = surface.jacobian(options.accuracy)

    @cached_property
    def unshrunk(self) -> Map:
        """The same, but that a gap leaves missing all that would read it."""
        options = replace(self.options, missing="propagate")
        return Map(self.surface, options, self.edge_order)

    @property
    def basis(self) -> tuple[Vector, Vector]:
        """Unit vectors towards east and north."""
        return self.surface.east, self.surface.north

    @property
    def latitude_rad(self) -> Any:
        """Latitude of the points."""
        return self.surface.latitude_rad

    def slopes(self, f: Any) -> tuple[Any, Any]:
        """Return the derivatives of a scalar towards east and north."""
        dp, dq = self.along_lines(f, 0), self.along_lines(f, 1)
        return self._solver(f)(dp, dq)

    @cached_property
    def second_weights(self) -> tuple[Second, Second, Second]:
        r"""What ``second`` makes, as sums of derivatives along the lines.

        Weights of :math:`\partial_{pp}, \partial_{pq}, \partial_{qq}, \partial_p,
        \partial_q` for east twice, east and north, north twice.
        """
        (qe, pe), (qn, pn) = self.inverse
        curvature = self.surface.curvature(self.options.accuracy)

        def weights(a: Pair, b: Pair) -> Second:
            pp, pq, qq = a[1] * b[1], a[0] * b[1] + a[1] * b[0], a[0] * b[0]
            bends = zip(curvature.yy, curvature.yx, curvature.xx, strict=True)
            east, north = (pp * yy + pq * yx + qq * xx for yy, yx, xx in bends)
            return pp, pq, qq, -(east * pe + north * pn), -(east * qe + north * qn)

        east, north = (qe, pe), (qn, pn)
        return weights(east, east), weights(east, north), weights(north, north)

    def along_lines(self, f: Any, axis: int, order: int = 1) -> Any:
        """Return a derivative along the parameter of y (0) or x (1)."""
        return self._by(self.table(axis, order), axis)(f)

    def _by(self, table: StencilTable, axis: int) -> Callable[[Any], Any]:
        """Return what applies a scheme along y (0) or x (1)."""
        return partial(
            apply_table, axis=axis - 2, table=table, engine=self.options.engine
        )

    def along_line_m(self, f: Any, axis: int, order: int) -> Any:
        r"""Return a derivative along a line of the grid, per metre on the globe.

        .. math:: \partial_s f = \partial_p f / |P_p|, \qquad
                  \partial_{ss} f = (\partial_{pp} f
                  - (P_p \cdot P_{pp}) / |P_p|^2\, \partial_p f) / |P_p|^2
        """
        step = self._step(f, axis)
        length = np.hypot(*step)
        if order == 1:
            return self.along_lines(f, axis) / length
        bend = self._bend(f, axis)
        stretch = (step[0] * bend[0] + step[1] * bend[1]) / length**2
        twice = self.along_lines(f, axis, 2) - stretch * self.along_lines(f, axis)
        return twice / length**2

    def second(self, f: Any) -> tuple[Any, Any, Any]:
        r"""Return the second derivatives: east twice, east and north, north twice.

        .. math:: H_{pq} = \partial_{pq} f - \nabla f \cdot \partial_{pq} P,

        turned to east and north by the inverse Jacobian on both sides.
        """
        solve = self._solver(f)
        dx, dy = solve(self.along_lines(f, 0), self.along_lines(f, 1))
        yy, yx, xx = self._bend(f, 0), self._bend_of_both(f), self._bend(f, 1)
        pp = self.along_lines(f, 0, 2) - dx * yy[0] - dy * yy[1]
        qq = self.along_lines(f, 1, 2) - dx * xx[0] - dy * xx[1]
        pq = self._mixed(f) - dx * yx[0] - dy * yx[1]
        east_p, north_p = solve(pp, pq)
        east_q, north_q = solve(pq, qq)
        east_east, mixed = solve(east_p, east_q)
        _, north_north = solve(north_p, north_q)
        return east_east, mixed, north_north

    def _mixed(self, f: Any, schemes: int | None = None) -> Any:
        """Return the derivative along both lines, by so many schemes along y."""
        groups = schemes_of(self.table(0, 1))[:schemes]
        steps = [[self._by(table, 0) for table in group] for group in groups]
        return mixed(f, steps, self._by_x(schemes))

    def _by_x(self, schemes: int | None) -> Callable[[Any], Any]:
        table = self.table(1, 1)
        return self._by(table if schemes is None else replace(table, narrower=()), 1)

    def _step(self, f: Any, axis: int) -> Pair:
        """Return the step along y (0) or x (1), eastward and northward."""
        j = self.jacobian
        given = ((j.y_east, j.y_north), (j.x_east, j.x_north))[axis]
        return self._beside_gaps(f, axis, 1, given)

    def _bend(self, f: Any, axis: int) -> Pair:
        """Return how the step along y (0) or x (1) changes along itself."""
        curvature = self.surface.curvature(self.options.accuracy)
        return self._beside_gaps(f, axis, 2, (curvature.yy, curvature.xx)[axis])

    def _bend_of_both(self, f: Any) -> Pair:
        """Return how the step along y changes along x."""
        given = self.surface.curvature(self.options.accuracy).yx
        if self.options.missing != "shrink":
            return given
        whole = partial(self._mixed, schemes=1)
        return steps_beside_gaps(f, self.surface, given, self._mixed, whole)

    def _beside_gaps(self, f: Any, axis: int, order: int, given: Pair) -> Pair:
        """Return steps or bends, by the stencils of a field where it has gaps."""
        if self.options.missing != "shrink":
            return given
        table = self.table(axis, order)
        made, whole = (
            self._by(one, axis) for one in (table, replace(table, narrower=()))
        )
        return steps_beside_gaps(f, self.surface, given, made, whole)

    def laplacian(self, f: Any) -> Any:
        """Return the Laplacian of a scalar."""
        east_east, _, north_north = self.second(f)
        return east_east + north_north

    def one_at_poles(self, f: Any) -> Any:
        """Return the scalar as it is: no row of this grid is one point."""
        return f

    def from_grid(self, u: Any, v: Any) -> tuple[Any, Any]:
        """Return the eastward and northward part of a wind along the grid."""
        x, y = self._directions
        return u * x[0] + v * y[0], u * x[1] + v * y[1]

    def to_grid(self, east: Any, north: Any) -> tuple[Any, Any]:
        """Return the parts along the grid of a wind, from eastward and northward."""
        x, y = self._directions
        sine = x[0] * y[1] - x[1] * y[0]
        return (
            (east * y[1] - north * y[0]) / sine,
            (north * x[0] - east * x[1]) / sine,
        )

    def along_grid(self, east: Any, north: Any) -> tuple[Any, Any]:
        """Return the derivatives along the grid's lines, from those of a gradient."""
        x, y = self._directions
        return east * x[0] + north * x[1], east * y[0] + north * y[1]

    def turn_tensor(self, xx: Any, xy: Any, yx: Any, yy: Any) -> tuple[Any, ...]:
        """Return a tensor in the frame whose first direction runs along x.

        The second stands at right angles to it, on the side of y.
        """
        (c, s), y = self._directions
        side = np.sign(c * y[1] - s * y[0])
        first, second = (c, s), (-s * side, c * side)
        parts = [
            a[0] * (b[0] * xx + b[1] * xy) + a[1] * (b[0] * yx + b[1] * yy)
            for a in (first, second)
            for b in (first, second)
        ]
        return tuple(parts)

    @cached_property
    def _directions(self) -> tuple[tuple[Any, Any], tuple[Any, Any]]:
        """Unit vectors along x and y, each eastward and northward."""
        return directions_of(self.surface, self.options.accuracy)

    @property
    def inverse(self) -> tuple[tuple[Any, Any], tuple[Any, Any]]:
        """What the derivatives along x and y weigh: eastward, and northward."""
        return self.surface.inverse(self.options.accuracy)

    def _solver(self, f: Any) -> Callable[[Any, Any], Pair]:
        """Return what makes eastward and northward parts of those along the lines.

        Point by point: what a point gets does not depend on gaps elsewhere, nor on
        which block it is in.
        """
        (qe, pe), (qn, pn) = self.inverse

        def whole(p: Any, q: Any) -> Pair:
            return q * qe + p * pe, q * qn + p * pn

        if self.options.missing != "shrink":
            return whole
        j = self.jacobian
        y, x = self._step(f, 0), self._step(f, 1)
        if y[0] is j.y_east and x[0] is j.x_east:
            return whole
        flat = np.where(np.isnan(j.determinant), np.nan, 1.0)
        given = (
            (y[0], j.y_east),
            (y[1], j.y_north),
            (x[0], j.x_east),
            (x[1], j.x_north),
        )
        is_other = sum(one != own for one, own in given) > 0
        y = y[0] * flat, y[1] * flat

        def beside_gaps(p: Any, q: Any) -> Pair:
            east, north = (
                np.where(is_other, one, own)
                for one, own in zip(solved(y, x, p, q), whole(p, q), strict=True)
            )
            return east, north

        return beside_gaps

    def table(self, axis: int, order: int) -> StencilTable:
        """Return the scheme along a dimension, made when first asked for."""
        if (axis, order) not in self._tables:
            self._tables[axis, order] = stencil_table(
                self.surface.lines[axis],
                order=order,
                accuracy=self.options.accuracy,
                edges=self.options.edges,
                edge_accuracy=self.edge_order,
                missing=self.options.missing,
                name=repr(self.surface.dims[axis]),
            )
        return self._tables[axis, order]
