r"""The split of a wind by finite volumes: right to second order, where descent begins.

.. math:: \min_\chi \int |V - \nabla\chi|^2, \qquad
          \min_\psi \int |V - k \times \nabla\psi|^2

with ψ the same all around each hole, and zero around the largest: then the two winds
are at right angles, and all that is harmonic is in χ. Or the other way round.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from xnabla.descent.inversion._matrix_inverse import MatrixInverse
from xnabla.descent.inversion._mesh import Floats, Integers, Mesh

# Second order is all there is to be had.
_GOOD_ENOUGH = 1e-7


@dataclass(frozen=True, eq=False)
class FirstGuess:
    """The split of winds (k, n) at the nodes of a mesh, by finite volumes.

    Attributes
    ----------
    mesh : Mesh
        The mesh of the points with a wind.
    basis : array (2, n, 3)
        Unit vectors in space, east and north.
    hole : array (n,)
        As :class:`Sites` has it.
    gauge : str
        Which potential is zero on the rim, if one is.
    """

    mesh: Mesh
    basis: Floats
    hole: Integers
    gauge: str

    @cached_property
    def pieces(self) -> Integers:
        """Number of the piece of sea that each node is in."""
        from scipy.sparse.csgraph import connected_components

        made: Integers = connected_components(self.mesh.stiffness, directed=False)[1]
        return made

    @cached_property
    def spread(self) -> Any:
        """The matrix from free numbers to nodes of a potential held on the rim."""
        return held_on_rim(self.hole, self.mesh.count)

    @cached_property
    def _free(self) -> MatrixInverse:
        return MatrixInverse(self.mesh.stiffness, _GOOD_ENOUGH)

    @cached_property
    def _held(self) -> MatrixInverse:
        matrix = self.spread.T @ self.mesh.stiffness @ self.spread
        return MatrixInverse(matrix, _GOOD_ENOUGH)

    def split(self, u: Floats, v: Floats) -> tuple[Floats, Floats]:
        """Return streamfunction and velocity potential."""
        if self.gauge == "psi_zero":
            return self._fitted(v, -u, held=True), self._fitted(u, v, held=False)
        if self.gauge == "chi_zero":
            return self._fitted(v, -u, held=False), self._fitted(u, v, held=True)
        # what is harmonic shared by halves: the mean of both
        psi, chi = (
            0.5 * (self._fitted(*wind, held=True) + self._fitted(*wind, held=False))
            for wind in ((v, -u), (u, v))
        )
        return psi, chi

    def _fitted(self, east: Floats, north: Floats, *, held: bool) -> Floats:
        """Return the scalars whose gradient is nearest to vectors."""
        mesh = self.mesh
        step = mesh.position[mesh.end] - mesh.position[mesh.start]
        step /= np.linalg.norm(step, axis=1)[:, np.newaxis]
        along = np.zeros((len(east), mesh.start.size))
        for ends in (mesh.start, mesh.end):
            for part, towards in zip((east, north), self.basis, strict=True):
                cosine = 0.5 * (towards[ends] * step).sum(axis=1)
                along += part[:, ends] * cosine
        right = (mesh.gradient.T @ (mesh.weights @ along.T)).T
        if not held:
            made = np.asarray(self._free.solve(right)[0])
            return without_means(made, self.mesh.area_m2, self.pieces)
        made = self._held.solve((self.spread.T @ right.T).T)[0]
        return np.asarray((self.spread @ made.T).T)


def without_means(values: Floats, area: Floats, pieces: Integers) -> Floats:
    """Return values (k, n) less their area mean in each piece, which nothing holds."""
    total = np.bincount(pieces, weights=area)
    means = [np.bincount(pieces, weights=area * one) / total for one in values]
    return values - np.reshape(means, (len(values), total.size))[:, pieces]


def held_on_rim(hole: Integers, count: int) -> Any:
    """Return the matrix from free numbers to places, some of them on a rim.

    Around the largest hole it is zero; around each other one there is one number:
    nothing flows through its edge, but something may around it.
    """
    from scipy.sparse import csr_array

    number = np.arange(count)
    number[: hole.size][hole == 0] = -1
    islands = hole > 0
    number[: hole.size][islands] = count + hole[islands]
    rows = np.flatnonzero(number >= 0)
    used, compact = np.unique(number[rows], return_inverse=True)
    return csr_array((np.ones(rows.size), (rows, compact)), shape=(count, used.size))
