"""The area that belongs to each point of a grid, so that the globe has its own."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from xnabla.descent.surface._space import GLOBE, PLANE, Place
from xnabla.grid import Earth
from xnabla.numerics import Line

Floats = NDArray[np.float64]


def areas_of(place: Place) -> Floats:
    r"""Return the area (ny, nx) of the cells around points; 0 for repeated ones.

    Cells reach to the middles between points, and to the pole from the last row that
    has no other beyond. On latitude and longitude exact,

    .. math:: A = \Delta\lambda\, [q(\varphi_2) - q(\varphi_1)],

    with q the area from the equator per radian of longitude, so that the cells of a
    globe add up to its area, :math:`4 \pi R^2` on a sphere. Elsewhere by the Jacobian
    of the grid.
    """
    sides = place.sides
    if place.kind not in {GLOBE, PLANE}:
        core = _by_jacobian(place)
    else:
        y, x = _edges(place, 0), _edges(place, 1)
        if place.kind == GLOBE:
            y = authalic(place.grid.earth, np.clip(y, -0.5 * np.pi, 0.5 * np.pi))
        core = np.abs(np.diff(y))[:, np.newaxis] * np.abs(np.diff(x))
    out = np.zeros(sides.shape)
    out[sides.start : sides.start + sides.rows, : sides.columns] = core
    return out


def authalic(earth: Earth, phi: Floats) -> Floats:
    r"""Return the area between the equator and a latitude per radian of longitude.

    .. math:: q = \frac{b^2}{2} \left( \frac{\sin\varphi}{1 - e^2 \sin^2\varphi} +
              \frac{1}{e} \operatorname{artanh}(e \sin\varphi) \right)
    """
    sin = np.sin(phi)
    e2 = earth.eccentricity_squared
    if e2 < 1e-14:
        return np.asarray(earth.semi_major_m**2 * sin)
    e = np.sqrt(e2)
    return np.asarray(
        0.5
        * earth.semi_minor_m**2
        * (sin / (1.0 - e2 * sin**2) + np.arctanh(e * sin) / e)
    )


def _edges(place: Place, which: int) -> Floats:
    """Return the ends of cells along y or x."""
    s = place.sides
    line: Line = (place.line_y, place.line_x)[which]
    n = (s.rows, s.columns)[which]
    points = line.points[:n]
    middles = 0.5 * (points[1:] + points[:-1])
    if (which == 1 and s.ring) or (which == 0 and s.first == "ring"):
        beyond = line.position(np.array([-1, n]))
        ends = [0.5 * (beyond[0] + points[0]), 0.5 * (points[-1] + beyond[1])]
        return np.concatenate([ends[:1], middles, ends[1:]])
    ends = [1.5 * points[0] - 0.5 * points[1], 1.5 * points[-1] - 0.5 * points[-2]]
    if which == 0:
        for k, side in enumerate((s.first, s.last)):
            if side in {"row", "across"}:
                ends[k] = np.copysign(0.5 * np.pi, points[-k])
    return np.concatenate([ends[:1], middles, ends[1:]])


def _by_jacobian(place: Place) -> Floats:
    """Return the area of cells of a curvilinear grid, from the steps beside points."""
    surface = place.grid.surface
    assert surface is not None
    jacobian = surface.jacobian(2)
    lines = surface.lines
    unit = [_widths(line) for line in lines]
    area = np.abs(jacobian.determinant) * unit[0][:, np.newaxis] * unit[1]
    return np.asarray(place.core(area))


def _widths(line: Line) -> Floats:
    """Return how much of a line's parameter belongs to each point."""
    if line.period is not None:
        around = line.around
        assert around is not None
        at = line.position(np.arange(-1, line.size + 1))
        return np.asarray(np.abs(at[2:] - at[:-2]) / 2.0)
    steps = np.abs(np.diff(line.points))
    return np.asarray(0.5 * (np.r_[steps[:1], steps] + np.r_[steps, steps[-1:]]))
