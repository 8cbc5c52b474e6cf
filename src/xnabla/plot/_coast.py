"""Coastlines of the world, from Natural Earth 1:50m (public domain), no download.

Made with Natural Earth, naturalearthdata.com; sample_data/make_coastlines.py wrote
the file.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["coastlines", "coastlines_within"]


@cache
def coastlines() -> tuple[NDArray[np.float64], ...]:
    """Return every line as (n, 2) longitudes in [-180, 180] and latitudes, degrees."""
    source = resources.files("xnabla.plot") / "coastlines.npz"
    with source.open("rb") as opened, np.load(opened) as stored:
        points = stored["points"] / 100.0
        offsets = stored["offsets"]
    points.flags.writeable = False
    return tuple(np.split(points, offsets[1:-1]))


def coastlines_within(
    west: float, east: float, south: float, north: float
) -> list[NDArray[np.float64]]:
    """Return the lines that touch a box, shifted by whole turns to lie in it.

    Examples
    --------
    >>> fiji = coastlines_within(170, 190, -20, -10)
    >>> all(170 <= line[:, 0].max() and line[:, 0].min() <= 190 for line in fiji)
    True
    """
    found: list[NDArray[np.float64]] = []
    for line in coastlines():
        low, high = line.min(axis=0), line.max(axis=0)
        if high[1] < south or low[1] > north:
            continue
        found += [
            line + np.array([turn, 0.0])
            for turn in (-360.0, 0.0, 360.0)
            if high[0] + turn >= west and low[0] + turn <= east
        ]
    return found
