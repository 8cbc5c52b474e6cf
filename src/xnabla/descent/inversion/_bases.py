"""Unit vectors towards east and north at the nodes of a mesh."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from xnabla.descent.inversion._mesh import Floats, Mesh
from xnabla.grid import Grid


def basis_of(grid: Grid, dims: tuple[str, str], mesh: Mesh) -> Floats:
    """Return unit vectors in space (2, n, 3), on a pole those of its first column.

    Parameters
    ----------
    grid : Grid
        The grid.
    dims : pair of str
        Its dimensions y and x.
    mesh : Mesh
        The mesh of all of it.
    """
    made = np.zeros((2, mesh.count, 3))
    there = mesh.node >= 0
    if grid.kind == "plane":
        made[0, :, 0] = made[1, :, 1] = 1.0
        return made
    if grid.surface is not None:
        for out, parts in zip(
            made, (grid.surface.east, grid.surface.north), strict=True
        ):
            out[mesh.node[there]] = np.stack(parts, axis=-1)[there]
        return made
    phi, lam = np.meshgrid(
        grid.axes[dims[0]].line.points, grid.axes[dims[1]].line.points, indexing="ij"
    )
    east = np.stack([-np.sin(lam), np.cos(lam), 0.0 * lam], axis=-1)
    north = np.stack(
        [-np.sin(phi) * np.cos(lam), -np.sin(phi) * np.sin(lam), np.cos(phi)], axis=-1
    )
    # backwards, so that the first of several points at one place counts
    for out, part in zip(made, (east, north), strict=True):
        out[mesh.node[there][::-1]] = part[there][::-1]
    return made


@dataclass(frozen=True, eq=False)
class Winds:
    """Winds at points and at nodes, which differ on a pole.

    Attributes
    ----------
    grid : Grid
        The grid.
    dims : pair of str
        Its dimensions y and x.
    mesh : Mesh
        The mesh of all of it.
    """

    grid: Grid
    dims: tuple[str, str]
    mesh: Mesh

    @cached_property
    def basis(self) -> Floats:
        """Unit vectors at the nodes."""
        return basis_of(self.grid, self.dims, self.mesh)

    @cached_property
    def _poles(self) -> list[tuple[int, Floats, Floats]]:
        """Rows that are a pole: which, and cosine and sine of what each point turns."""
        if self.grid.surface is not None or self.grid.kind == "plane":
            return []
        lam = self.grid.axes[self.dims[1]].line.points
        return [
            (
                0 if pole.end == "first" else -1,
                np.cos(lam - lam[0]),
                pole.sign * np.sin(lam - lam[0]),
            )
            for pole in self.grid.poles
            if pole.has_row
        ]

    def gather(self, u: Floats, v: Floats) -> tuple[Floats, Floats]:
        """Return winds (..., ny, nx) at the nodes, on a pole as its first column.

        East turns with the meridian: the mean is that of the vectors.
        """
        u, v = u.copy(), v.copy()
        for row, cos, sin in self._poles:
            east, north = u[..., row, :].copy(), v[..., row, :].copy()
            u[..., row, :] = east * cos - north * sin
            v[..., row, :] = east * sin + north * cos
        lost = ~(np.isfinite(u) & np.isfinite(v))
        u[lost] = v[lost] = np.nan
        return self.mesh.gather(u), self.mesh.gather(v)

    def scatter(self, mesh: Mesh, u: Floats, v: Floats) -> tuple[Floats, Floats]:
        """Return winds at nodes at the points (..., ny, nx)."""
        u, v = mesh.scatter(u), mesh.scatter(v)
        for row, cos, sin in self._poles:
            east, north = u[..., row, :].copy(), v[..., row, :].copy()
            u[..., row, :] = east * cos + north * sin
            v[..., row, :] = north * cos - east * sin
        return u, v
