"""Places of the globe on paper: projections in plain mathematics, or by pyproj."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Paper", "Points", "positions", "projected", "stereographic", "world"]

Points: TypeAlias = "tuple[NDArray[np.float64], NDArray[np.float64]]"

# Farther than this from the middle a stereographic map has no use.
_BEYOND = 130.0
# A step in degrees that is short beside any grid and long beside rounding.
_STEP = 1e-3
# Unit vectors that differ by less are those of one place.
_SAME = 1e-4


@dataclass(frozen=True, eq=False)
class Paper:
    """A map of the globe.

    Attributes
    ----------
    kind : str
        ``own`` (the plane of the grid), ``stereographic`` or ``world``.
    forward : callable
        From longitudes and latitudes in degrees to x and y on paper, NaN where the map
        does not show them.
    """

    kind: str
    forward: Callable[[Any, Any], Points]

    def directions(self, lon: Any, lat: Any) -> tuple[Points, Points]:
        """Return unit vectors on paper towards the east and the north, at places.

        At a pole the meridian of the longitude counts, and east is a quarter turn
        clockwise of north.
        """
        if self.kind == "world":
            one, none = np.ones_like(lat), np.zeros_like(lat)
            return (one, none), (none, one)
        up, down = np.minimum(lat + _STEP, 90.0), np.maximum(lat - _STEP, -90.0)
        north = _unit(self.forward(lon, down), self.forward(lon, up))
        near_pole = np.abs(lat) > 90.0 - _STEP
        east = _unit(self.forward(lon - _STEP, lat), self.forward(lon + _STEP, lat))
        turned = north[1], -north[0]
        return (
            np.where(near_pole, turned[0], east[0]),
            np.where(near_pole, turned[1], east[1]),
        ), north

    def stretches(self, lon: Any, lat: Any) -> tuple[Points, Points]:
        """Return paper per degree of arc on the ground, towards the east and north.

        They are the columns of the Jacobian of the map. East is where the parallel
        goes, and at a pole a quarter turn clockwise of north.
        """
        lon, lat = np.broadcast_arrays(np.asarray(lon, float), np.asarray(lat, float))
        shrunk = np.maximum(np.cos(np.deg2rad(lat)), 1e-3)
        if self.kind == "world":
            one, none = np.ones_like(lat), np.zeros_like(lat)
            return (one / shrunk, none), (none, one)
        up, down = np.minimum(lat + _STEP, 90.0), np.maximum(lat - _STEP, -90.0)
        north = _slope(self.forward(lon, down), self.forward(lon, up), up - down)
        part = _STEP / shrunk
        east = _slope(
            self.forward(lon - part, lat), self.forward(lon + part, lat), 2.0 * _STEP
        )
        near_pole = np.abs(lat) > 90.0 - 0.1
        turned = north[1], -north[0]
        return (
            np.where(near_pole, turned[0], east[0]),
            np.where(near_pole, turned[1], east[1]),
        ), north


def positions(lon: Any, lat: Any) -> NDArray[np.float64]:
    """Return the unit vectors of places in degrees, the three parts first.

    Examples
    --------
    >>> positions(90.0, 0.0).round(9) + 0.0
    array([0., 1., 0.])
    """
    lam, phi = np.deg2rad(lon), np.deg2rad(lat)
    x, y = np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam)
    return np.stack(np.broadcast_arrays(x, y, np.sin(phi)))


def stereographic(lon0: float, lat0: float) -> Paper:
    """Return the map on the plane that touches the globe at a place, north up there.

    Examples
    --------
    >>> x, y = stereographic(10.0, 50.0).forward(10.0, 51.0)
    >>> print(f"{float(x):.3f} {float(y):.3f}")
    0.000 0.017
    """
    lam, phi = np.deg2rad(lon0), np.deg2rad(lat0)
    middle = positions(lon0, lat0)
    east = np.array([-np.sin(lam), np.cos(lam), 0.0])
    north = np.array(
        [-np.sin(phi) * np.cos(lam), -np.sin(phi) * np.sin(lam), np.cos(phi)]
    )
    nearest = np.cos(np.deg2rad(_BEYOND))

    def forward(lon: Any, lat: Any) -> Points:
        place = positions(lon, lat)
        near = np.tensordot(middle, place, 1)
        scale = 2.0 / (1.0 + np.where(near > nearest, near, np.nan))
        return scale * np.tensordot(east, place, 1), scale * np.tensordot(
            north, place, 1
        )

    return Paper("stereographic", forward)


def world(west: float) -> Paper:
    """Return the map whose axes are longitude, from a western end on, and latitude."""

    def forward(lon: Any, lat: Any) -> Points:
        lon, lat = np.broadcast_arrays(np.asarray(lon, float), np.asarray(lat, float))
        return np.mod(lon - west, 360.0) + west, lat.copy()

    return Paper("world", forward)


def projected(crs: Any) -> Paper:
    """Return the plane of a reference system of pyproj, in its own unit."""
    from pyproj import Transformer

    there = Transformer.from_crs(crs.source_crs, crs, always_xy=True)
    back = Transformer.from_crs(crs, crs.source_crs, always_xy=True)

    def forward(lon: Any, lat: Any) -> Points:
        lon, lat = np.broadcast_arrays(np.asarray(lon, float), np.asarray(lat, float))
        x, y = map(np.asarray, there.transform(lon, lat))
        # a satellite's view would show the far side of the globe through the near one
        seen = positions(*(_finite(part) for part in back.transform(x, y)))
        off = ~(np.abs(seen - positions(lon, lat)).max(axis=0) < _SAME)
        return np.where(off, np.nan, x), np.where(off, np.nan, y)

    return Paper("own", forward)


def _finite(numbers: Any) -> NDArray[np.float64]:
    """Return numbers with NaN for what pyproj calls infinite."""
    return np.where(np.isfinite(numbers), numbers, np.nan)


def _slope(start: Points, end: Points, over: Any) -> Points:
    """Return the way from one place to the other, per length."""
    return (end[0] - start[0]) / over, (end[1] - start[1]) / over


def _unit(start: Points, end: Points) -> Points:
    """Return the unit vectors from one place to the other; NaN where they are one."""
    x, y = end[0] - start[0], end[1] - start[1]
    length = np.hypot(x, y)
    length = np.where(length > 0, length, np.nan)
    return x / length, y / length
