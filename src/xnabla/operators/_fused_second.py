"""Second derivatives on a globe as sums of stencils."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np

from xnabla.grid import parallel_factor
from xnabla.numerics import Along, Beyond, Stencil, UnfusableError
from xnabla.operators._fused_plans import FusedPlans
from xnabla.operators._plan import turn_of
from xnabla.operators._stencils import (
    ALMOST_NONE,
    Parts,
    by_rows,
    merged,
    only,
    placed,
    together,
)
from xnabla.operators._turns import Turn


class FusedSecond:
    """Second derivatives on a globe, two orders better near the poles.

    Parameters
    ----------
    plans : FusedPlans
        The derivatives of the globe.
    """

    def __init__(self, plans: FusedPlans) -> None:
        self._plans = plans
        self._globe = plans.globe
        self._beyond: Turn | None = None

    @cached_property
    def two_ways(self) -> tuple[list[Parts], list[Parts]]:
        """The parts of the Laplacian along meridians and along parallels.

        Each a list: the scheme, and those to fall back to beside gaps.
        """
        north, east = self._refined(FusedSecond._two_ways)
        return north, east

    @cached_property
    def laplacian(self) -> Parts:
        """The Laplacian."""
        (north, *_), (east, *_) = self.two_ways
        return merged((*north, *east))

    @cached_property
    def all_three(self) -> tuple[Parts, Parts, Parts]:
        """The derivatives east twice, east and north, north twice."""
        if self._plans.shrinks:
            raise UnfusableError("schemes beside gaps of which some are a mean of two")
        ((xy,),) = self._refined(FusedSecond._mixed)
        yy = self._north_twice
        minus = np.array([-1.0])
        xx = together((*self.laplacian, *(part.times(minus) for part in yy)))
        return xx, xy, yy

    @cached_property
    def _north_twice(self) -> Parts:
        return self._plans.parts(self._globe.plan(self._globe.latitude, 2))

    def _refined(self, make: Any) -> Any:
        """Return what ``make`` gives, the rows near the poles two orders better."""
        made = make(self)
        size = self._plans.shape.rows
        for band in self._globe.polar_bands():
            rows = np.arange(size)[band.read][band.keep]
            fine = make(FusedSecond(FusedPlans(band.globe)))
            made = tuple(
                by_rows(
                    own,
                    [
                        tuple(placed(part, band.read.start, size, rows) for part in one)
                        for one in theirs
                    ],
                    rows,
                )
                for own, theirs in zip(made, fine, strict=True)
            )
        return made

    def _two_ways(self) -> tuple[list[Parts], list[Parts]]:
        """Return both parts of the Laplacian at one accuracy.

        On a pole it is the sum along two meridians at right angles.
        """
        globe, plans = self._globe, self._plans
        north = plans.all_of(globe.plan(globe.latitude, 2, converging=True))
        east = plans.all_of(globe.plan(globe.longitude, 2))
        for sign, row in plans.pole_rows:
            quarter = self._turn(-sign * np.pi / 2.0)
            turned = [_turned(quarter, one, row) for one in north]
            east = by_rows(east, turned, row)
        return north, east

    def _mixed(self) -> tuple[list[Parts]]:
        r"""Return the mixed second derivative at one accuracy.

        .. math:: \partial_{xy} f = \partial_x \partial_y f
                  + \frac{\tan\varphi}{N} \partial_x f

        On a pole it is half the difference of the second derivatives along the
        meridians half a quarter turn to either side.
        """
        globe, plans = self._globe, self._plans
        (along,) = plans.parts(replace(globe.plan(globe.longitude, 1), caps=()))
        assert isinstance(along, Along)
        made: list[Stencil] = []
        for part in plans.parts(globe.plan(globe.latitude, 1)):
            made += self._east_of(along, part)
        phi = globe.latitude.line.points
        sin = np.sin(phi)
        # on the equator, too, it sees the gaps beside it
        sin = np.where(sin == 0.0, ALMOST_NONE, sin)
        made.append(
            along.times(sin * np.nan_to_num(parallel_factor(globe.grid.earth, phi)))
        )
        mixed: list[Parts] = [tuple(made)]
        for sign, row in plans.pole_rows:
            half = np.array([0.5])
            both: list[Stencil] = []
            for way in (-sign, sign):
                turn = self._turn(way * np.pi / 4.0)
                weight = half if way == -sign else -half
                both += [one.times(weight) for one in self._turned_twice(turn, row)]
            mixed = by_rows(mixed, [tuple(both)], row)
        return (mixed,)

    def _turned_twice(self, turn: Turn, row: Any) -> Parts:
        return _turned(turn, self._north_twice, row)

    def _east_of(self, along: Along, part: Stencil) -> list[Stencil]:
        """Return the eastward derivative of a sum over rows."""
        if isinstance(part, Along):
            raise UnfusableError("a derivative along a row of one along a row")
        beyond = self._as_turn(along)
        if isinstance(part, Beyond):
            turn = beyond.after_columns(part.columns, part.weight)
            factor = along.factor * part.factor
            return [Beyond(part.source, turn.columns, turn.weight, factor)]
        made: list[Stencil] = []
        rows = np.arange(self._plans.shape.rows)
        for source, shift, weight in zip(
            part.source.T, part.shift.T, part.weight.T, strict=True
        ):
            for step in np.unique(shift[weight != 0.0]):
                factor = np.where(shift == step, weight, 0.0)
                if step != 0:
                    turn = beyond.after_shift(int(step))
                    factor = along.factor * factor
                    made.append(Beyond(source, turn.columns, turn.weight, factor))
                    continue
                own = ((source == rows) | (factor == 0.0)).all()
                elsewhere = None if own else source
                made.append(replace(along.times(factor), source=elsewhere))
        return made

    def _as_turn(self, along: Along) -> Turn:
        """Return a sum along the row as one of columns picked one by one, kept."""
        if self._beyond is None:
            table, around = along.table, self._plans.around
            columns = (table.starts[:, None] + np.arange(table.width)) % around
            # the point in the middle is no part of it, but it sees its gaps
            weights = np.where(table.weights == 0.0, ALMOST_NONE, table.weights)
            self._beyond = Turn(None, columns, weights, around)
        return self._beyond

    def _turn(self, angle_rad: float) -> Turn:
        globe = self._globe
        table = turn_of(globe.longitude, angle_rad, globe.options.accuracy)
        if self._plans.shrinks and table.width > 1:
            raise UnfusableError("derivatives beside gaps, interpolated")
        return self._plans.turn(table)


def _turned(turn: Turn, parts: Parts, rows: Any) -> Parts:
    """Return sums over rows, made in some rows and read a turn further along."""
    made: list[Stencil] = []
    for part in parts:
        made += turn.again(only(part, rows))
    return merged(tuple(made))
