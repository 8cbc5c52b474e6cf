"""The directions along a grid's lines, also where places are rounded."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from xnabla.grid._lines import Vector
from xnabla.grid._surface import Surface
from xnabla.numerics import apply_table, fitted_table

Floats = NDArray[np.float64]
Direction = tuple[Floats, Floats]

# Cubics over ten points on each side, but no further than this: over 300 km a smooth
# map is a cubic to far less than the rounding of its places.
_REACH_M = 300e3
_MOST = 10
_FEWEST = 3
_DEGREE = 3

# A scheme whose own error is far below the rounding, to tell rounding from shape.
_FINE = 6


def directions_of(surface: Surface, accuracy: int) -> tuple[Direction, Direction]:
    """Return the unit vectors along x and y, each eastward and northward.

    They point to where the coordinates grow, also where those are stored downwards.

    Places in single precision are rounded to a metre or two, and neighbours alone then
    give a direction that is off by metres over two steps. It is the derivative of a
    wind turned by it that suffers: on a map of 3 km, 1e-4 per second of vorticity. The
    direction is therefore that of a cubic surface through all points around, wherever
    it differs from the neighbours' by no more than rounding explains.

    Parameters
    ----------
    surface : Surface
        The places of the grid.
    accuracy : int
        The scheme of the directions where places are not rounded.
    """
    j = surface.jacobian(accuracy)
    x, y = (j.x_east, j.x_north), (j.y_east, j.y_north)
    if surface.rounding_m > 0.0:
        x, y = _smoothed(surface, 1, x), _smoothed(surface, 0, y)
    return _unit(x), _unit(y)


def _unit(step: Direction) -> Direction:
    length = np.hypot(*step)
    return step[0] / length, step[1] / length


def _smoothed(surface: Surface, axis: int, step: Direction) -> Direction:
    """Return a step of the fitted surface, where the rounded one allows it."""
    halves = [_half(steps) for steps in surface.steps_m()]
    if min(halves) < _FEWEST:
        return step
    along = fitted_table(surface.lines[axis], 1, halves[axis], _DEGREE)
    across = fitted_table(surface.lines[1 - axis], 0, halves[1 - axis], _DEGREE)

    def fitted(part: Floats) -> Floats:
        out: Floats = apply_table(apply_table(part, axis, along), 1 - axis, across)
        return out

    px, py, pz = surface.position
    vector: Vector = (fitted(px), fitted(py), fitted(pz))
    fit = surface.tangent(vector)
    fine, weight = surface.step_and_weight(axis, _FINE)
    off = np.hypot(fit[0] - fine[0], fit[1] - fine[1])
    is_rounding = off <= weight * surface.rounding_m  # False where the fit is missing
    return (
        np.where(is_rounding, fit[0], step[0]),
        np.where(is_rounding, fit[1], step[1]),
    )


def _half(steps: Floats) -> int:
    """Return how many points on each side a fit may take."""
    found = steps[np.isfinite(steps) & (steps > 0.0)]
    return min(_MOST, int(_REACH_M / float(np.median(found)))) if found.size else 0
