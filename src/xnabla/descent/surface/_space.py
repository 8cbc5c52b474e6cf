"""A grid as a space to walk in: places to indices, and rows beyond its sides.

Plain arrays. Along every side that joins another, ghost rows repeat what lies beyond;
beyond open sides they go on as the field does, so that a spline has its full order up
to the edge.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from xnabla.descent.surface._sides import Sides, sides_of
from xnabla.descent.surface._spline import REACH, prefiltered
from xnabla.grid import Grid
from xnabla.numerics import Line, apply_table, interpolation_table

Floats = NDArray[np.float64]

KEPT = 4  # ghost points that the six of a quintic spline can reach
# Ghost points while coefficients are made: 0.43**28 is 5e-11, no more than rounding.
_GHOSTS = 28
_ACROSS_WIDTH = 8
_EVEN = 1e-9

GLOBE, PLANE, SURFACE = 0, 1, 2


class Space(NamedTuple):
    """What the compiled loops know of a grid: numbers and arrays only.

    ``rows`` and ``columns`` are the points along y and x with ghosts, in radians or
    metres; a step of 0 says that they are uneven.
    ``normal`` has the coefficients of the unit normals of a curvilinear grid.
    """

    kind: int
    ny: int
    nx: int
    rows: Floats
    row_step: float
    columns: Floats
    column_step: float
    period_y: float
    period_x: float
    open_first: bool
    open_last: bool
    ring: bool
    normal: Floats
    fold_first: int
    fold_last: int
    fold_centre: int
    major: float
    squared: float  # e², of the eccentricity


@dataclass(frozen=True, eq=False)
class Place:
    """Where the points of a grid lie, and how arrays on it go on beyond its sides."""

    grid: Grid
    sides: Sides

    @classmethod
    def of(cls, grid: Grid) -> Place:
        """Return the place of a grid."""
        return cls(grid, sides_of(grid))

    @property
    def kind(self) -> int:
        """Globe, plane or surface."""
        if self.grid.surface is not None:
            return SURFACE
        return PLANE if self.grid.kind == "plane" else GLOBE

    def core(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return an array (..., ny, nx) without rows and columns that repeat others."""
        s = self.sides
        return values[..., s.start : s.start + s.rows, : s.columns]

    @cached_property
    def line_y(self) -> Line:
        """The points along y."""
        return self.grid.axis(self.sides.dims[0]).line

    @cached_property
    def line_x(self) -> Line:
        """The points along x."""
        return self.grid.axis(self.sides.dims[1]).line

    @cached_property
    def normals(self) -> Floats:
        """Unit normals (3, rows, columns) of the core; x, y, 0 in metres on a plane."""
        s = self.sides
        return self.normals_at(
            np.arange(s.rows)[:, np.newaxis], np.arange(s.columns)[np.newaxis]
        )

    def normals_at(self, row: NDArray[Any], column: NDArray[Any]) -> Floats:
        """Return the normals (3, ...) of points of the core."""
        if self.kind == SURFACE:
            phi, lam = (part[row, column] for part in self._places)
        else:
            phi, lam = self.line_y.points[row], self.line_x.points[column]
        if self.kind == PLANE:
            flat = np.zeros(np.broadcast_shapes(phi.shape, lam.shape))
            return np.stack([lam + flat, phi + flat, flat])
        cos = np.where(np.abs(phi) == 0.5 * np.pi, 0.0, np.cos(phi))
        return np.stack([cos * np.cos(lam), cos * np.sin(lam), np.sin(phi) + 0.0 * lam])

    @cached_property
    def _places(self) -> tuple[Floats, Floats]:
        assert self.grid.surface is not None
        phi, lam = map(self.core, self.grid.surface.places)
        return phi, lam

    def padded(self, core: NDArray[Any]) -> NDArray[Any]:
        """Return an array of the core with ghosts on all sides."""
        s = self.sides
        first, last = self._beyond(core, 0), self._beyond(core, -1)
        tall = np.concatenate([first[::-1], core, last])
        if s.ring:
            wide = np.take(
                tall, np.arange(-_GHOSTS, s.columns + _GHOSTS), axis=1, mode="wrap"
            )
        else:
            wide = _go_on(tall, 1, _GHOSTS, _GHOSTS)
        return _go_on(wide, 0, _GHOSTS - len(first), _GHOSTS - len(last))

    def _beyond(self, core: NDArray[Any], outer: int) -> NDArray[Any]:
        """Return the rows beyond an end, from the nearest outwards."""
        s = self.sides
        side = s.first if outer == 0 else s.last
        inward = core if outer == 0 else core[::-1]
        count = min(_GHOSTS, s.rows - 1)
        if side == "ring":
            return np.take(inward[::-1], np.arange(_GHOSTS), axis=0, mode="wrap")
        if side in {"row", "across"}:
            skip = int(side == "row")
            return self._turned(inward[skip : skip + count])
        if side == "fold" and s.fold is not None:
            skip = s.fold.skip
            return inward[skip : skip + count][:, s.fold.mirror]
        return core[:0]

    def _turned(self, rows: NDArray[Any]) -> NDArray[Any]:
        """Return rows as they are half a turn away."""
        n = self.sides.columns
        if rows.dtype.kind != "f":  # numbers of nodes: the nearest column
            return np.take(rows, np.arange(n) + n // 2, axis=1, mode="wrap")
        if n % 2 == 0 and self.line_x.step is not None:
            return np.roll(rows, n // 2, axis=1)
        line = self.line_x
        table = interpolation_table(line, line.points[:n] + np.pi, _ACROSS_WIDTH)
        return np.asarray(apply_table(np.ascontiguousarray(rows), 1, table))

    @cached_property
    def space(self) -> Space:
        """What the compiled loops know."""
        s, fold = self.sides, self.sides.fold
        none = np.zeros(1)
        rows = columns = none
        row_step = column_step = 0.0
        normal = np.zeros((1, 1, 3))
        if self.kind == SURFACE:
            parts = [self.coefficients(part) for part in self.normals]
            normal = np.ascontiguousarray(np.stack(parts, axis=-1))
        else:
            rows, row_step = self._lines[0]
            columns, column_step = self._lines[1]
            beyond = slice(_GHOSTS - REACH, REACH - _GHOSTS)
            rows, columns = rows[beyond].copy(), columns[beyond].copy()
        centre = int(fold.mirror[0]) if fold is not None else 0
        folds = {"first": -1, "last": -1}
        if fold is not None:
            folds[fold.end] = fold.skip
        on_plane = self.kind == PLANE
        line_y, line_x = self.line_y, self.line_x
        return Space(
            self.kind,
            s.rows,
            s.columns,
            rows,
            row_step,
            columns,
            column_step,
            float(line_y.period or 0.0) if on_plane else 0.0,
            float(line_x.period or 0.0) if self.kind != SURFACE else 0.0,
            s.first == "open",
            s.last == "open",
            s.ring,
            normal,
            folds["first"],
            folds["last"],
            centre,
            1.0 if on_plane else float(self.grid.earth.semi_major_m),
            0.0 if on_plane else float(self.grid.earth.eccentricity_squared),
        )

    def coefficients(self, core: Floats) -> Floats:
        """Return the coefficients of a spline through an array of the core.

        What is missing takes the value of the nearest point that is there.
        """
        uneven: list[Floats | None] = [None, None]
        if self.kind != SURFACE:
            uneven = [None if step else points for points, step in self._lines]
        around = min(_GHOSTS, core.shape[1]) if self.sides.ring else 0
        wide = np.pad(core, ((0, 0), (around, around)), mode="wrap")
        whole = _filled(wide)[:, around : wide.shape[1] - around]
        return _inside(prefiltered(self.padded(whole), *uneven))

    def ghosted(self, core: NDArray[Any]) -> NDArray[Any]:
        """Return numbers or flags with the ghosts that the loops can reach."""
        return _inside(self.padded(core))

    @cached_property
    def _lines(self) -> tuple[tuple[Floats, float], tuple[Floats, float]]:
        return self._along(0), self._along(1)

    def _along(self, which: int) -> tuple[Floats, float]:
        """Return points along y or x with ghosts, and their step; 0 if uneven."""
        s = self.sides
        line = (self.line_y, self.line_x)[which]
        n = (s.rows, s.columns)[which]
        if line.period is not None and (which == 1 or s.first == "ring"):
            points = line.position(np.arange(-_GHOSTS, n + _GHOSTS))
        else:
            first, last = self._mirrored(line, 0), self._mirrored(line, -1)
            points = np.r_[first[::-1], line.points[:n], last]
            points = _go_on(points, 0, _GHOSTS - len(first), _GHOSTS - len(last))
        steps = np.diff(points)
        even = np.abs(steps - steps[0]).max() <= _EVEN * abs(steps[0])
        step = (points[-1] - points[0]) / (points.size - 1) if even else 0.0
        return points, float(step)

    def _mirrored(self, line: Line, outer: int) -> Floats:
        """Return the latitudes beyond a pole, which go on counting."""
        s = self.sides
        side = s.first if outer == 0 else s.last
        if side not in {"row", "across"}:
            return line.points[:0]
        inward = line.points if outer == 0 else line.points[::-1]
        skip = int(side == "row")
        count = min(_GHOSTS, s.rows - 1)
        pole = np.copysign(0.5 * np.pi, inward[0])
        return np.asarray(2.0 * pole - inward[skip : skip + count])


def _inside(padded: NDArray[Any]) -> NDArray[Any]:
    cut = _GHOSTS - KEPT
    return np.ascontiguousarray(padded[cut:-cut, cut:-cut])


def _go_on(values: NDArray[Any], axis: int, before: int, after: int) -> NDArray[Any]:
    """Return an array that goes on beyond its ends as it comes; numbers end in -1."""
    width = [(0, 0)] * values.ndim
    width[axis] = (before, after)
    if values.dtype.kind != "f":
        return np.pad(values, width, constant_values=-1)
    return np.pad(values, width, mode="reflect", reflect_type="odd")


def _filled(core: Floats) -> Floats:
    """Return an array that goes on into its gaps as it comes to them.

    As beyond an open side: by the mirror image in the nearest point, upside down. A
    constant there would make extrema along every coast. Of several nearest points one
    is taken by the order they are met in: turned four ways, the mean has none.
    """
    gap = ~np.isfinite(core)
    if not gap.any():
        return core
    if gap.all():
        return np.zeros_like(core)
    total = np.zeros(core.shape)
    for way in np.ndindex(2, 2):
        turn = tuple(slice(None, None, 1 - 2 * back) for back in way)
        total += _from_nearest(core[turn], gap[turn])[turn]
    return np.where(gap, 0.25 * total, core)


def _from_nearest(core: Floats, gap: NDArray[np.bool_]) -> Floats:
    from scipy.ndimage import distance_transform_edt

    nearest = distance_transform_edt(gap, return_distances=False, return_indices=True)
    own = np.indices(core.shape)
    image = 2 * nearest - own
    size = np.array(core.shape)[:, np.newaxis, np.newaxis]
    near = (np.abs(nearest - own) <= KEPT).all(axis=0)
    near &= ((image >= 0) & (image < size)).all(axis=0)
    image = np.where(near, image, nearest)
    edge, mirrored = core[tuple(nearest)], core[tuple(image)]
    return np.asarray(np.where(np.isfinite(mirrored), 2.0 * edge - mirrored, edge))
