"""Derivatives along the lines of a plane or a map, as stencils of inputs."""

from __future__ import annotations

from typing import Any

import numpy as np

from xnabla.numerics import (
    Along,
    Beside,
    Down,
    Input,
    Linear,
    Made,
    Shape,
    StencilTable,
    UnfusableError,
    rows_of,
)
from xnabla.operators._map import Map, Second
from xnabla.operators._plane import Plane
from xnabla.operators._stencils import stencil, with_narrower
from xnabla.operators._vectors import Vector, VectorSlopes


def _weighted(made: tuple[Any, ...], weights: Second) -> Any:
    """Return the sum of derivatives times weights, the mixed one last.

    Two by two: a sum of two products is one loop over a row.
    """
    pp, pq, qq, p, q = (one * w for one, w in zip(made, weights, strict=True))
    return (pp + qq) + (p + q) + pq


class FusedLines(VectorSlopes):
    """Derivatives along the lines of a plane or a map.

    Parameters
    ----------
    calculus : Plane or Map
    """

    def __init__(self, calculus: Plane | Map) -> None:
        self._whole = calculus
        self.places: tuple[Any, ...] = ()
        if isinstance(calculus, Map) and calculus.options.missing == "shrink":
            surface = calculus.surface
            self.places = tuple(
                np.ascontiguousarray(one)
                for one in (*surface.position, *surface.east[:2], *surface.north)
            )
            if np.isnan(self.places[0]).any():
                raise UnfusableError("places off the globe")
        if isinstance(calculus, Plane):
            rows, columns = calculus.y.size, calculus.x.size
        else:
            rows, columns = (line.size for line in calculus.surface.lines)
        self.shape = Shape(rows, columns)

    @property
    def latitude_rad(self) -> Any:
        """Latitude of the points."""
        return self._whole.latitude_rad

    def slopes(self, f: Any) -> tuple[Any, Any]:
        """Return the derivatives of a scalar towards east and north."""
        if isinstance(self._whole, Plane):
            return self._plane(f, self._whole.x, 1), self._plane(f, self._whole.y, 1)
        if self.places:
            return self._beside_gaps(f)
        p, q = self._along(f, 0, 1), self._along(f, 1, 1)
        (qe, pe), (qn, pn) = self._whole.inverse
        return q * qe + p * pe, q * qn + p * pn

    def _beside_gaps(self, f: Any) -> tuple[Any, Any]:
        """Return slopes whose lengths shrink with the stencils of the field."""
        assert isinstance(self._whole, Map)
        factor = 1.0
        if isinstance(f, Input):  # lengths take the weights of differences alone
            f, factor = Input(f.slot), f.factor
        p, q = (
            with_narrower(
                f,
                (self._line(table, axis),),
                [(self._line(one, axis),) for one in table.narrower],
            )
            for axis, table in enumerate(self._whole.table(axis, 1) for axis in (0, 1))
        )
        (qe, pe), (qn, pn) = (
            [Made("sheet", (), one) for one in pair] for pair in self._whole.inverse
        )
        sheets = qe, pe, qn, pn
        east, north = (Beside(p, q, sheets, towards) for towards in (0, 1))
        return (east, north) if factor == 1.0 else (east * factor, north * factor)

    def second(self, f: Any) -> tuple[Any, Any, Any]:
        """Return the second derivatives: east twice, east and north, north twice."""
        if isinstance(self._whole, Plane):
            x, y = self._whole.x, self._whole.y
            tables = (self._whole.plan(axis, 1).table for axis in (y, x))
            twice = (self._plane(f, axis, 2) for axis in (x, y))
            east_east, north_north = twice
            return east_east, self._mixed(f, *tables), north_north
        made = self._of_map(f)
        east_east, mixed, north_north = (
            _weighted(made, weights) for weights in self._whole.second_weights
        )
        return east_east, mixed, north_north

    def laplacian(self, f: Any) -> Any:
        """Return the Laplacian of a scalar."""
        if isinstance(self._whole, Plane):
            return self._plane(f, self._whole.x, 2) + self._plane(f, self._whole.y, 2)
        east_east, _, north_north = self._whole.second_weights
        both = zip(east_east, north_north, strict=True)
        return _weighted(self._of_map(f), tuple(a + b for a, b in both))

    def wind_slopes(self, u: Any, v: Any) -> tuple[Any, Any, Any, Any]:
        """Return du/dx, du/dy, dv/dx, dv/dy of a wind towards east and north."""
        if isinstance(self._whole, Plane):
            return *self.slopes(u), *self.slopes(v)
        return super().wind_slopes(u, v)

    @property
    def basis(self) -> tuple[Vector, Vector]:
        """Unit vectors towards east and north."""
        assert isinstance(self._whole, Map)
        return self._whole.basis

    def one_at_poles(self, f: Any) -> Any:
        """Return the scalar as it is."""
        return f

    def from_grid(self, u: Any, v: Any) -> tuple[Any, Any]:
        """Return the eastward and northward part of a wind along the grid."""
        return self._whole.from_grid(u, v)

    def to_grid(self, east: Any, north: Any) -> tuple[Any, Any]:
        """Return the parts along the grid of a wind, from eastward and northward."""
        return self._whole.to_grid(east, north)

    def along_grid(self, east: Any, north: Any) -> tuple[Any, Any]:
        """Return the derivatives along the grid's lines, from those of a gradient."""
        return self._whole.along_grid(east, north)

    def turn_tensor(self, *parts: Any) -> tuple[Any, ...]:
        """Return a tensor in the frame whose first direction runs along x."""
        return self._whole.turn_tensor(*parts)

    def _of_map(self, f: Any) -> tuple[Any, ...]:
        """Return the derivatives along the lines that second ones are made of."""
        assert isinstance(self._whole, Map)
        mixed = self._mixed(f, self._whole.table(0, 1), self._whole.table(1, 1))
        p, q = self._along(f, 0, 1), self._along(f, 1, 1)
        return self._along(f, 0, 2), mixed, self._along(f, 1, 2), p, q

    def _along(self, f: Any, axis: int, order: int) -> Linear:
        assert isinstance(self._whole, Map)
        return stencil(f, (self._line(self._whole.table(axis, order), axis),))

    def _mixed(self, f: Any, y: StencilTable, x: StencilTable) -> Linear:
        """Return the derivative along x of that along y."""
        if y.narrower or x.narrower:
            raise UnfusableError("a mixed derivative beside gaps")
        ((slot, down),) = stencil(f, (self._line(y, 0),)).parts
        return Linear(((slot, down), (slot, self._line(x, 1))), is_mixed=True)

    def _plane(self, f: Any, axis: Any, order: int) -> Linear:
        assert isinstance(self._whole, Plane)
        plan = self._whole.plan(axis, order)
        if plan.scale is not None or plan.caps:
            raise UnfusableError("a scale")
        position = 0 if plan.position == -2 else 1
        parts, *narrower = (
            (self._line(table, position),)
            for table in (plan.table, *plan.table.narrower)
        )
        return with_narrower(f, parts, narrower)

    def _line(self, table: StencilTable, axis: int) -> Down | Along:
        if axis == 1:
            return Along(table, np.ones(self.shape.rows))
        return rows_of(table)
