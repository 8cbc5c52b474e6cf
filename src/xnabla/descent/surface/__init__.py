"""Walking on a field: its lows, highs and cols, basins, closed contours, paths.

``_sides`` says how a grid joins at seam, pole and fold; ``_net`` makes neighbours of
that, ``_space`` ghost rows, and ``_ground`` holds both. ``_sweep`` finds extrema and
their persistence on the net; ``_spline`` and ``_walk`` give values and slopes anywhere,
on which ``_refine``, ``_track`` and ``_flood`` are built. What is public is in
``_extrema``, ``_basins``, ``_contours``, ``_path`` and ``_diagram``.
"""

from typing import TYPE_CHECKING

from xnabla._lazy import attach

if TYPE_CHECKING:
    from xnabla.descent.surface._basins import basins
    from xnabla.descent.surface._contours import closed_contours
    from xnabla.descent.surface._diagram import persistence_diagram
    from xnabla.descent.surface._extrema import critical_points, extrema, find_extrema
    from xnabla.descent.surface._path import steepest_path
    from xnabla.descent.surface._points import Points

__all__ = [
    "Points",
    "basins",
    "closed_contours",
    "critical_points",
    "extrema",
    "find_extrema",
    "persistence_diagram",
    "steepest_path",
]

_HOMES = {
    "_basins": "basins",
    "_contours": "closed_contours",
    "_diagram": "persistence_diagram",
    "_extrema": "critical_points extrema find_extrema",
    "_path": "steepest_path",
    "_points": "Points",
}

__getattr__, __dir__ = attach(
    __name__,
    {
        name: f"{__name__}.{home}"
        for home, names in _HOMES.items()
        for name in names.split()
    },
)
