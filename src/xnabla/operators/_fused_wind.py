r"""Derivatives of a wind as a vector in space, as sums of stencils of its two parts.

The parts of a wind at a point :math:`(\varphi', \lambda + \delta)` along east and
north at :math:`(\varphi, \lambda)` are

.. math:: u \cos\delta - v \sin\varphi' \sin\delta, \qquad
          u \sin\varphi \sin\delta
          + v (\sin\varphi \sin\varphi' \cos\delta + \cos\varphi \cos\varphi'),

so that the derivative of the vector is a sum of stencils of u and v, with weights that
vary from row to row, and on uneven longitudes from column to column. Across a pole δ
is π, or about that.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from xnabla.numerics import Along, Beyond, Down, Line, Linear, Stencil
from xnabla.operators._stencils import ALMOST_NONE, Parts, stencil, sum_of, summed

# What u and v add to the part along east, and to the part along north.
VectorParts = tuple[Parts, Parts, Parts, Parts]


@dataclass(frozen=True, slots=True, eq=False)
class FusedWind:
    """What stencils of a scalar become for a wind.

    Attributes
    ----------
    latitude, longitude : Line
        The points.
    around : int
        Number of different columns.
    is_vector_beyond : bool
        Whether a wind across a pole is interpolated: then a gap of one part is one of
        both.
    """

    latitude: Line
    longitude: Line
    around: int
    is_vector_beyond: bool
    _turns: dict[tuple[int, int], Any] = field(default_factory=dict)

    def slope(self, schemes: list[Parts], u: Any, v: Any) -> tuple[Linear, Linear]:
        """Return a derivative of a wind along east and along north.

        Of schemes the first is the one, the others are to fall back to.
        """
        parts, *narrower = schemes
        east, north = self._sums(parts, u, v)
        others = [self._sums(one, u, v) for one in narrower]
        return (
            replace(east, narrower=tuple(one for one, _ in others)),
            replace(north, narrower=tuple(one for _, one in others)),
        )

    def _sums(self, parts: Parts, u: Any, v: Any) -> tuple[Linear, Linear]:
        east: list[Linear] = []
        north: list[Linear] = []
        for e_u, e_v, n_u, n_v in map(self._of, parts):
            east += [stencil(u, e_u), stencil(v, e_v)]
            north += [stencil(u, n_u), stencil(v, n_v)]
        return summed(east), summed(north)

    def _of(self, part: Stencil) -> VectorParts:
        if isinstance(part, Along):
            return self._along(part)
        return self._down(part) if isinstance(part, Down) else self._beyond(part)

    def _down(self, part: Down) -> VectorParts:
        """Return a sum over rows of a wind: of u and v, along east and north."""
        phi = self.latitude.points
        here, there = phi[:, np.newaxis], phi[part.source]
        angle = self._angle(part.shift)
        sin, cos = np.sin(angle), np.cos(angle)
        quarter = np.isclose(cos, 0.0, atol=1e-12)
        cos = np.where(quarter, ALMOST_NONE, cos)
        sin = np.where(np.isclose(sin, 0.0, atol=1e-12), 0.0, sin)
        sin_there = np.where(there == 0.0, ALMOST_NONE, np.sin(there))
        n_n = np.sin(here) * np.sin(there) * cos + np.cos(here) * np.cos(there)
        weights = (
            part.weight * cos,
            part.weight * -sin_there * sin,
            part.weight * np.sin(here) * sin,
            part.weight * n_n,
        )
        e_u, e_v, n_u, n_v = (sum_of(part, weight) for weight in weights)
        return e_u, e_v, n_u, n_v

    def _angle(self, shift: Any) -> Any:
        """Return how far east columns are that lie some columns further."""
        if self.longitude.step is None:
            # a turn that ends on columns does so from all of them
            points = self.longitude.points
            return points[shift] - points[0]
        # longitudes of exact columns: the step from one to the next is even
        sign = np.sign(np.diff(self.longitude.points[:2]))[0]
        return sign * (2.0 * np.pi * shift / self.around)

    def _along(self, part: Along) -> VectorParts:
        """Return a sum along the row of a wind: of u and v, along east and north."""
        phi = self.latitude.points
        sin, cos = np.sin(phi), np.cos(phi)
        # on the equator, too, a wind that lacks a part has no derivative along east
        sin = np.where(sin == 0.0, ALMOST_NONE, sin)
        table = part.table
        with_cos, with_sin = self._turned(table)
        return (
            (Along(with_cos, part.factor),),
            (Along(with_sin, -part.factor * sin),),
            (Along(with_sin, part.factor * sin),),
            (
                Along(with_cos, part.factor * sin**2),
                Along(table, part.factor * cos**2),
            ),
        )

    def _turned(self, table: Any) -> Any:
        """Return a table times cosine and sine of the way east, kept: one of each."""
        key = id(table), 0
        if key not in self._turns:
            index = np.arange(table.size)
            angle = self.longitude.offsets(index, table.starts, table.width)
            # these sums are no differences
            cos, sin = (
                replace(table, weights=table.weights * one, centres=None, narrower=())
                for one in (np.cos(angle), np.sin(angle))
            )
            self._turns[key] = cos, sin, table  # whose id stays its own
        return self._turns[key][:2]

    def _beyond(self, part: Beyond) -> VectorParts:
        """Return a sum along another row of a wind, columns picked one by one."""
        phi = self.latitude.points
        here, there = phi, phi[part.source]
        cos, sin = self._turned_beyond(part)
        sin_there = np.where(there == 0.0, ALMOST_NONE, np.sin(there))
        factor = part.factor
        along_cos = replace(part, weight=cos, is_difference=False)
        along_sin = replace(part, weight=sin, is_difference=False)
        whole = replace(part, is_difference=False)
        both = np.cos(here) * np.cos(there)
        # one of no weight would still read the point itself
        e_v = (replace(along_sin, factor=-factor * sin_there),) if sin.any() else ()
        n_u = (replace(along_sin, factor=factor * np.sin(here)),) if sin.any() else ()
        return (
            (along_cos,),
            e_v,
            n_u,
            (
                replace(along_cos, factor=factor * np.sin(here) * np.sin(there)),
                replace(whole, factor=factor * both),
            ),
        )

    def _turned_beyond(self, part: Beyond) -> Any:
        """Return weights times cosine and sine of the way east, kept: one of each."""
        key = id(part.columns), id(part.weight)
        if key not in self._turns:
            points = self.longitude.points
            angle = points[part.columns] - points[:, np.newaxis]
            cos, sin = np.cos(angle), np.sin(angle)
            none = ALMOST_NONE if self.is_vector_beyond else 0.0
            cos = np.where(np.isclose(cos, 0.0, atol=1e-12), ALMOST_NONE, cos)
            sin = np.where(np.isclose(sin, 0.0, atol=1e-12), none, sin)
            self._turns[key] = part.weight * cos, part.weight * sin, part
        return self._turns[key][:2]
