"""A finite-volume mesh in plain arrays: cells, edges, and the gradient G on them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Rows:
    """A mesh whose rows are all alike but for numbers, as an FFT needs it.

    Attributes
    ----------
    area : array (ny,)
        Area of the cell of a point, half of it at the ends of an open row.
    east : array (ny,)
        Width of the face between neighbours in a row, over their distance.
    north : array (ny - 1,)
        The same between rows.
    around : bool
        Whether rows close a circle.
    poles : pair of bool
        Whether the first and the last row are one point.
    """

    area: Floats
    east: Floats
    north: Floats
    around: bool
    poles: tuple[bool, bool]

    def gathered(self, mesh: Mesh, f: Floats) -> Floats:
        """Return K times fields (k, n) at the nodes of a mesh that has these rows."""
        ny, nx = mesh.shape
        columns = np.unique(mesh.node[ny // 2]).size
        on_rows = mesh.scatter(f)[..., :columns]
        across = self.north[:, np.newaxis] * np.diff(on_rows, axis=-2)
        if not self.around:
            across[..., [0, -1]] *= 0.5  # the cells at the ends are half
        made = np.zeros_like(on_rows)
        made[..., :-1, :] -= across
        made[..., 1:, :] += across
        if self.around:
            step = np.roll(on_rows, -1, axis=-1) - on_rows
            along = self.east[:, np.newaxis] * step
            made += np.roll(along, 1, axis=-1) - along
        else:
            along = self.east[:, np.newaxis] * np.diff(on_rows, axis=-1)
            made[..., :-1] -= along
            made[..., 1:] += along
        for end, is_pole in zip((0, -1), self.poles, strict=True):
            if is_pole:  # one point: the sum of what all columns pull
                made[..., end, :] = made[..., end, :].sum(axis=-1, keepdims=True)
        return mesh.gather(np.take(made, np.arange(nx) % columns, axis=-1))


def _chosen(mesh: Mesh, keep: Flags) -> Floats:
    return mesh.position[keep]


@dataclass(frozen=True, eq=False)
class Mesh:
    r"""Cells around the points of a grid, and the edges between neighbours.

    With the differences G along the edges, the areas W that edges stand for, and the
    areas M of the cells,

    .. math:: \nabla^2 = -M^{-1} G^T W G

    is symmetric in the area product, conserves sums, and its adjoint is exact.

    Attributes
    ----------
    shape : pair of int
        Points along y and x.
    node : array (ny, nx)
        Number of the node of each point, -1 where there is none: points that are one
        place, on a pole or where a row repeats its beginning, share a node.
    area_m2 : array (n,)
        M, the area of each cell.
    start, end : array (m,)
        The nodes an edge joins, in the direction the index grows.
    length_m, weight_m2 : array (m,)
        Length of each edge, and W, length times width of its face.
    along : array (m,)
        0 for edges along y, 1 along x.
    rim_m : array (4, n)
        Length of the rim of the grid that belongs to a node, on its first and last
        row and its first and last column.
    places : callable
        Returns the places of the nodes in space (n, 3), in metres.
    cross : tuple of array
        Pairs of edges that do not meet at a right angle, and what W has for them.
    rows : Rows or None
        The same in few numbers, if all rows are alike.
    """

    shape: tuple[int, int]
    node: Integers
    area_m2: Floats
    start: Integers
    end: Integers
    length_m: Floats
    weight_m2: Floats
    along: Integers
    rim_m: Floats
    places: Callable[[], Floats]
    cross: tuple[Integers, Integers, Floats]
    rows: Rows | None = None

    @property
    def count(self) -> int:
        """Number of nodes."""
        return int(self.area_m2.size)

    @property
    def is_orthogonal(self) -> bool:
        """Whether all edges meet at right angles: then a maximum principle holds."""
        return self.cross[0].size == 0

    @cached_property
    def position(self) -> Floats:
        """Places in space (n, 3), in metres."""
        return self.places()

    @cached_property
    def gradient(self) -> Any:
        """G, a sparse matrix (m, n): differences along the edges per metre."""
        from scipy.sparse import csr_array

        edges = np.arange(self.start.size)
        value = 1.0 / self.length_m
        return csr_array(
            (
                np.concatenate([-value, value]),
                (
                    np.concatenate([edges, edges]),
                    np.concatenate([self.start, self.end]),
                ),
            ),
            shape=(edges.size, self.count),
        )

    @cached_property
    def weights(self) -> Any:
        """W, a sparse symmetric matrix (m, m) in square metres."""
        from scipy.sparse import csr_array

        edges = np.arange(self.start.size)
        i, j, value = self.cross
        return csr_array(
            (
                np.concatenate([self.weight_m2, value, value]),
                (np.concatenate([edges, i, j]), np.concatenate([edges, j, i])),
            ),
            shape=(edges.size, edges.size),
        )

    @cached_property
    def stiffness(self) -> Any:
        """K = G' W G, a sparse symmetric matrix (n, n), without a dimension."""
        if not self.is_orthogonal:
            made = self.gradient.T @ (self.weights @ self.gradient)
            return ((made + made.T) * 0.5).tocsr()
        from scipy.sparse import csr_array

        pull = self.weight_m2 / self.length_m**2
        own = np.bincount(self.start, pull, self.count)
        own += np.bincount(self.end, pull, self.count)
        every = np.arange(self.count)
        rows = np.concatenate([self.start, self.end, every])
        columns = np.concatenate([self.end, self.start, every])
        values = np.concatenate([-pull, -pull, own])
        return csr_array((values, (rows, columns)), shape=(self.count, self.count))

    def bent(self, f: Floats) -> Floats:
        """Return K times fields (k, n), without the matrix where all rows are alike."""
        if self.rows is None:
            return np.asarray((self.stiffness @ f.T).T)
        return self.rows.gathered(self, f)

    @cached_property
    def components(self) -> Integers:
        """The number of the connected part that each node belongs to."""
        from scipy.sparse import csr_array
        from scipy.sparse.csgraph import connected_components

        links = csr_array(
            (np.ones(self.start.size), (self.start, self.end)),
            shape=(self.count, self.count),
        )
        return np.asarray(connected_components(links, directed=False)[1], dtype=np.intp)

    @cached_property
    def _first(self) -> Integers:
        """One point of each node."""
        flat = self.node.ravel()
        made = np.zeros(self.count, dtype=np.intp)
        made[flat[::-1][flat[::-1] >= 0]] = np.flatnonzero(flat >= 0)[::-1]
        return made

    @cached_property
    def _shared(self) -> tuple[tuple[int, Integers], ...]:
        """Nodes that several points share, and these points."""
        flat = self.node.ravel()
        order = np.argsort(flat, kind="stable")
        counts = np.bincount(flat[flat >= 0], minlength=self.count)
        ends = np.cumsum(counts) + int((flat < 0).sum())
        return tuple(
            (int(node), order[ends[node] - counts[node] : ends[node]])
            for node in np.flatnonzero(counts > 1)
        )

    def gather(self, values: Any) -> Floats:
        """Return values (..., ny, nx) at the nodes (..., n).

        Where several points are one place it is the mean of those that are there.
        """
        flat = np.asarray(values).reshape(*values.shape[:-2], -1)
        made = flat[..., self._first]
        for node, points in self._shared:
            every = flat[..., points]
            there = np.isfinite(every)
            count = np.maximum(there.sum(axis=-1), 1)
            # about the lowest: the mean of equal numbers is that number
            low = np.where(there, every, np.inf).min(axis=-1)
            low = np.where(np.isfinite(low), low, np.nan)
            above = np.where(there, every - low[..., np.newaxis], 0.0)
            made[..., node] = low + above.sum(axis=-1) / count
        return made

    def scatter(self, values: Any, fill: Any = np.nan) -> Any:
        """Return values at the nodes (..., n) at the points (..., ny, nx)."""
        made = values[..., np.maximum(self.node, 0).ravel()]
        made = made.reshape(*values.shape[:-1], *self.shape)
        outside = self.node < 0
        if outside.any():
            made = np.where(outside, fill, made)
        return made

    def within(self, keep: Flags) -> Mesh:
        """Return the mesh of some of the nodes; faces to the others are walls."""
        number = np.where(keep, np.cumsum(keep) - 1, -1)
        inside = keep[self.start] & keep[self.end]
        renamed = np.where(inside, np.cumsum(inside) - 1, -1)
        i, j, value = self.cross
        both = inside[i] & inside[j] if i.size else np.zeros(0, dtype=bool)
        return replace(
            self,
            node=np.where(self.node >= 0, number[np.maximum(self.node, 0)], -1),
            area_m2=self.area_m2[keep],
            start=number[self.start[inside]],
            end=number[self.end[inside]],
            length_m=self.length_m[inside],
            weight_m2=self.weight_m2[inside],
            along=self.along[inside],
            rim_m=self.rim_m[:, keep],
            places=partial(_chosen, self, keep),
            cross=(renamed[i[both]], renamed[j[both]], value[both]),
            rows=self.rows if bool(keep.all()) else None,
        )
