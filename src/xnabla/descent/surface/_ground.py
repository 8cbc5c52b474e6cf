"""All that is known of a grid before a field is walked on: made once, used often."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xnabla.descent.surface._areas import areas_of
from xnabla.descent.surface._net import Net, net_of
from xnabla.descent.surface._space import PLANE, SURFACE, Place, Space
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

    def _rows_columns(self, nodes: Any) -> tuple[Any, Any, Any]:
        """Return the row and column of nodes in the core, and which are real points."""
        s = self.place.sides
        nodes = np.asarray(nodes)
        real = (nodes >= 0) & (nodes < s.shape[0] * s.shape[1])
        row, column = np.divmod(np.where(real, nodes, s.start * s.shape[1]), s.shape[1])
        return (
            np.clip(row - s.start, 0, s.rows - 1),
            np.minimum(column, s.columns - 1),
            real,
        )

    def normals_of(self, nodes: Any) -> Floats:
        """Return the normals of nodes (..., 3); poles between rows are the last."""
        row, column, _ = self._rows_columns(nodes)
        out = np.moveaxis(self.place.normals_at(row, column), 0, -1)
        s = self.place.sides
        for pole, (number, _) in enumerate(self.net.poles):
            outer = 0 if s.first == "across" and pole == 0 else -1
            sign = np.sign(self.place.line_y.points[outer])
            out[np.asarray(nodes) == number] = (0.0, 0.0, sign)
        return np.asarray(out)

    def index_of(self, nodes: Any) -> Floats:
        """Return indices y, x of nodes in the core (..., 2)."""
        row, column, real = self._rows_columns(nodes)
        s = self.place.sides
        beyond = s.rows - 1 if s.last == "across" else 0
        return np.stack([np.where(real, row, beyond), column], axis=-1).astype(float)

    def sizes_of(self, nodes: Any) -> Floats:
        """Return the longer of the two steps beside nodes in metres."""
        row, column, real = self._rows_columns(nodes)
        along_y, along_x = self._steps
        if along_y.ndim == 2:
            size = np.fmax(along_y[row, column], along_x[row, column])
        else:
            size = np.fmax(along_y[row], along_x[column] * self._parallels[row])
        return np.where(real, size, np.nanmax(along_y)) * self.space.major

    @cached_property
    def _parallels(self) -> Floats:
        """The radii of parallels, of a globe of radius 1."""
        if self.is_plane:
            return np.ones(self.place.sides.rows)
        return np.cos(self.place.line_y.points[: self.place.sides.rows])

    @cached_property
    def _steps(self) -> tuple[Floats, Floats]:
        """The longer steps along y and x, on a globe of radius 1."""
        s = self.place.sides
        if self.place.kind == SURFACE:
            places = self.place.normals
            return _longest(places, 1, ring=False), _longest(places, 2, ring=s.ring)
        steps = []
        for line, count, ring in (
            (self.place.line_y, s.rows, s.first == "ring"),
            (self.place.line_x, s.columns, s.ring),
        ):
            points = (
                line.position(np.arange(-1, count + 1)) if ring else line.points[:count]
            )
            apart = np.abs(np.diff(points))
            if not ring:
                apart = np.concatenate([apart[:1], apart, apart[-1:]])
            steps.append(np.maximum(apart[1:], apart[:-1]))
        return steps[0], steps[1]

    @cached_property
    def normals(self) -> Floats:
        """Normals of all nodes (size, 3)."""
        return self.normals_of(np.arange(self.net.size))

    @cached_property
    def index(self) -> Floats:
        """Indices y, x of all nodes in the core (size, 2)."""
        return self.index_of(np.arange(self.net.size))

    @cached_property
    def sizes_m(self) -> Floats:
        """The longer of the two steps beside each node in metres (size,)."""
        return self.sizes_of(np.arange(self.net.size))

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
