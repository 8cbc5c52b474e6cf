"""What coordinates mean: axes, roles, period, time, the Earth, and the Grid of them.

Reading order: ``_criteria`` names a coordinate, ``_axis`` reads its points (``_time``,
``_period`` help), ``_geometry`` turns steps into lengths and finds the poles,
``_places``, ``_projection`` and ``_mapped`` find the map of other grids, a
``_surface`` with parameters along its ``_lines``; ``_mesh`` tells lists of points that
have none; ``_choose`` and ``_detect`` put a :class:`Grid` together.
"""

from xnabla.grid._axis import Axis, likely_unit
from xnabla.grid._criteria import Role, role_of
from xnabla.grid._detect import grid_of
from xnabla.grid._earth import Earth, earth_of
from xnabla.grid._frame import directions_of
from xnabla.grid._geometry import (
    Pole,
    line_across,
    meridian_convergence,
    meridian_curvature,
    meridian_factor,
    parallel_factor,
)
from xnabla.grid._grid import LETTERS, Grid
from xnabla.grid._places import other_places, places_named
from xnabla.grid._surface import Curvature, Jacobian, Surface, dot

__all__ = [
    "LETTERS",
    "Axis",
    "Curvature",
    "Earth",
    "Grid",
    "Jacobian",
    "Pole",
    "Role",
    "Surface",
    "directions_of",
    "dot",
    "earth_of",
    "grid_of",
    "likely_unit",
    "line_across",
    "meridian_convergence",
    "meridian_curvature",
    "meridian_factor",
    "other_places",
    "parallel_factor",
    "places_named",
    "role_of",
]
