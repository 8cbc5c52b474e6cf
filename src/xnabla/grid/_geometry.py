"""How steps in latitude and longitude become lengths, and where the poles are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from xnabla.grid._axis import Axis
from xnabla.grid._earth import Earth
from xnabla.numerics import Line

Floats = NDArray[np.float64]

_HALF_PI = np.pi / 2.0


@dataclass(frozen=True, slots=True)
class Pole:
    """An end of a latitude axis from which the pole can be crossed.

    Attributes
    ----------
    end : {"first", "last"}
        Which end of the axis.
    sign : int
        1 at the North Pole, -1 at the South Pole.
    has_row : bool
        Whether the outermost row is the pole itself.
    """

    end: Literal["first", "last"]
    sign: int
    has_row: bool

    @property
    def skip(self) -> int:
        """Number of rows that have no image across the pole."""
        return int(self.has_row)


def poles_of(latitude: Axis, longitude: Axis | None) -> tuple[Pole, ...]:
    """Return the ends of a latitude axis whose neighbours lie across a pole.

    The longitudes must close the circle, and the pole must be no further from the last
    row than that row is from the one before: beyond, a one-sided stencil is as good.
    """
    if longitude is None or longitude.line.period is None or latitude.size < 2:
        return ()
    points = latitude.line.points
    found = []
    ends: tuple[tuple[Literal["first", "last"], int, int], ...] = (
        ("first", 0, 1),
        ("last", -1, -2),
    )
    for end, outer, inner in ends:
        sign = 1 if points[outer] > points[inner] else -1
        gap = _HALF_PI - sign * float(points[outer])
        spacing = abs(float(points[outer] - points[inner]))
        if gap <= spacing * (1.0 + 1e-3):
            found.append(Pole(end, sign, has_row=gap == 0.0))
    return tuple(found)


def line_across(latitude: Axis, pole: Pole, ghosts: int, depth: int) -> Line:
    """Return the line of points through a pole: rows beyond it, and rows on this side.

    Latitude goes on counting beyond the pole, so the line is straight and its spacing
    true; ``ghosts`` rows lie beyond, ``depth`` on this side.
    """
    points, step = latitude.line.points, latitude.line.step
    if pole.end == "last":
        points = points[::-1]
    mirrored = 2.0 * pole.sign * _HALF_PI - points[pole.skip : pole.skip + ghosts]
    line = np.concatenate([mirrored[::-1], points[:depth]])
    if pole.end == "last":
        line = line[::-1]
    if step is not None:
        across = abs(2.0 * (_HALF_PI - pole.sign * float(points[0])))
        if not pole.has_row and not np.isclose(across, abs(step), rtol=1e-6):
            step = None
    return Line(np.ascontiguousarray(line), step)


def parallel_factor(earth: Earth, latitude_rad: Any) -> Floats:
    r"""Return :math:`1/(N \cos \varphi)` in radians per metre; NaN on a pole."""
    radius = np.where(
        np.abs(latitude_rad) == _HALF_PI, np.nan, earth.parallel_radius_m(latitude_rad)
    )
    return np.asarray(1.0 / radius)


def meridian_factor(earth: Earth, latitude_rad: Any) -> Floats:
    r"""Return :math:`1/M` in radians per metre."""
    return np.asarray(1.0 / earth.meridional_radius_m(latitude_rad))


def meridian_curvature(earth: Earth, latitude_rad: Any) -> Floats:
    r"""Return :math:`-M'/M`.

    It weighs the first derivative in :math:`\partial_{yy} =
    (\partial_{\varphi\varphi} - (M'/M)\, \partial_\varphi) / M^2`.
    """
    return np.asarray(-earth.meridional_radius_slope(latitude_rad))


def meridian_convergence(earth: Earth, latitude_rad: Any) -> Floats:
    r"""Return :math:`-(M/N) \tan\varphi`; zero on a pole, where no parallel is left.

    It weighs the first derivative in the Laplacian, :math:`M^{-2}
    (\partial_{\varphi\varphi} - \tfrac{M}{N}\tan\varphi\, \partial_\varphi)
    + (N \cos\varphi)^{-2} \partial_{\lambda\lambda}` on a sphere.
    """
    sin = np.sin(latitude_rad)
    ratio = earth.meridional_radius_m(latitude_rad) * sin
    at_pole = np.abs(latitude_rad) == _HALF_PI
    parallel = np.where(at_pole, 1.0, earth.parallel_radius_m(latitude_rad))
    return np.asarray(np.where(at_pole, 0.0, -ratio / parallel))
