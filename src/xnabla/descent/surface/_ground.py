"""All that is known of a grid before a field is walked on: made once, used often."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from xnabla.descent.surface._areas import areas_of
from xnabla.descent.surface._net import Net, net_of
from xnabla.descent.surface._space import PLANE, Place, Space
from xnabla.grid import Grid

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Ground:
    """Where the points of a grid lie, and which are neighbours.

    Attributes
    ----------
    place : Place
    net : Net
    """

    place: Place
    net: Net

    @classmethod
    def of(cls, grid: Grid) -> Ground:
        """Return the ground of a grid."""
        place = Place.of(grid)
        return cls(place, net_of(place.sides))

    @property
    def dims(self) -> tuple[str, str]:
        """The dimensions y and x."""
        return self.place.sides.dims

    @property
    def space(self) -> Space:
        """What the compiled loops know."""
        return self.place.space

    @property
    def is_plane(self) -> bool:
        """Whether the grid lies on a plane, and not on the globe."""
        return self.place.kind == PLANE

    @cached_property
    def normals(self) -> Floats:
        """Normals of the nodes (size, 3)."""
        return self.place.node_normals(self.net.size)

    @cached_property
    def index(self) -> Floats:
        """Indices y, x of the nodes in the core (size, 2)."""
        s = self.place.sides
        points = s.shape[0] * s.shape[1]
        flat = np.arange(points)
        out = np.zeros((self.net.size, 2))
        out[:points, 0] = flat // s.shape[1] - s.start
        out[:points, 1] = flat % s.shape[1]
        if self.net.size > points and s.last == "across":
            out[-1, 0] = s.rows - 1
        return out

    @cached_property
    def sizes_m(self) -> Floats:
        """The longer of the two steps beside each node in metres (size,)."""
        s = self.place.sides
        n = self.place.normals
        along_y = _longest(n, 1, ring=s.first == "ring")
        along_x = _longest(n, 2, ring=s.ring)
        step = np.fmax(along_y, along_x) * self.space.major
        grid = np.full(s.shape, np.nan)
        grid[s.start : s.start + s.rows, : s.columns] = step
        out = np.full(self.net.size, float(np.nanmax(step)))
        out[: grid.size] = grid.ravel()
        return out

    @cached_property
    def areas_m2(self) -> Floats:
        """The area of the cell of each point (ny, nx) in square metres; 0 if twice."""
        return areas_of(self.place)

    @cached_property
    def node_areas_m2(self) -> Floats:
        """The area that belongs to each node (size,)."""
        areas = self.areas_m2.ravel()
        known = np.where(np.isfinite(areas), areas, 0.0)
        return np.bincount(
            self.net.node_of, weights=known, minlength=self.net.size
        ).astype(np.float64)

    @cached_property
    def nodes(self) -> NDArray[np.int32]:
        """Nodes with ghosts, in the order of the core's points."""
        s = self.place.sides
        node = self.net.node_of.reshape(s.shape)
        return np.asarray(self.place.ghosted(self.place.core(node)), dtype=np.int32)

    def degrees(self, normals: Floats) -> tuple[Floats, Floats]:
        """Return latitude and longitude in degrees, or y and x in metres on a plane."""
        x, y, z = normals[..., 0], normals[..., 1], normals[..., 2]
        if self.is_plane:
            return y, x
        lat = np.rad2deg(np.arctan2(z, np.hypot(x, y)))
        lon = np.rad2deg(np.arctan2(y, x))
        lon = np.where(np.hypot(x, y) < 1e-12, 0.0, lon)
        if self._counts_from_zero:
            lon = np.where(lon < 0.0, lon + 360.0, lon)
        return lat, lon

    @cached_property
    def _counts_from_zero(self) -> bool:
        """Whether the longitudes of the grid go beyond 180."""
        if self.place.kind == PLANE:
            return False
        surface = self.place.grid.surface
        lon = self.place.line_x.points if surface is None else surface.places[1]
        return bool(np.nanmax(lon) > np.pi * (1.0 + 1e-9))


def _longest(normals: Floats, axis: int, *, ring: bool) -> Floats:
    """Return the longer of the chords to both neighbours along an axis."""
    after = np.sqrt(((np.roll(normals, -1, axis) - normals) ** 2).sum(axis=0))
    if not ring:
        end = [slice(None), slice(None)]
        end[axis - 1] = slice(-1, None)
        after[tuple(end)] = np.nan
    return np.asarray(np.fmax(after, np.roll(after, 1, axis - 1)))
