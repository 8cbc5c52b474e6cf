r"""Exact solution where all rows are alike: a transform along x, a sweep along y.

With the transform of x that diagonalises the differences along a row, each wave number
k is a tridiagonal system over rows,

.. math:: (s M_j + \lambda_k c_j + b_{j-1/2} + b_{j+1/2})\, \hat x_j
          - b_{j-1/2} \hat x_{j-1} - b_{j+1/2} \hat x_{j+1} = \hat r_j,

whatever the spacing of the rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from xnabla.descent.inversion._mesh import Floats, Mesh, Rows

Sides = tuple[bool, bool, bool, bool]

# A pivot this small beside its diagonal is none.
_ROUNDING = 1e-11


@dataclass(frozen=True, eq=False)
class RowsInverse:
    """The inverse of ``shift M + K`` on a mesh of equal rows.

    Attributes
    ----------
    mesh : Mesh
        With ``rows``.
    shift : float or complex
        What the areas are weighed with.
    fixed : tuple of bool
        Whether the first and the last row, the first and the last column are held at
        zero; the two columns alike.
    """

    mesh: Mesh
    shift: complex
    fixed: Sides

    method = "fft and tridiagonal"

    @property
    def rows(self) -> Rows:
        """The mesh in few numbers."""
        assert self.mesh.rows is not None
        return self.mesh.rows

    @cached_property
    def columns(self) -> int:
        """Number of different columns."""
        flat = self.mesh.node[self.mesh.shape[0] // 2]
        return int(np.unique(flat).size)

    @cached_property
    def eigenvalues(self) -> Floats:
        """What differences along a row make of each wave number."""
        n = self.columns
        if self.rows.around:
            angle = 2.0 * np.pi * np.arange(n // 2 + 1) / n
        elif self.fixed[2]:
            angle = np.pi * np.arange(1, n - 1) / (n - 1)
        else:
            angle = np.pi * np.arange(n) / (n - 1)
        return np.asarray(2.0 - 2.0 * np.cos(angle))

    @cached_property
    def pivots(self) -> tuple[Any, Any, Any]:
        """The factors L D L' of all systems: D inverted, L, and which rows are held."""
        rows, shift = self.rows, self.shift
        ny, eigen = rows.area.size, self.eigenvalues
        north = np.concatenate([[0.0], rows.north, [0.0]])
        own = shift * rows.area + north[1:] + north[:-1]
        diagonal = own[:, np.newaxis] + np.outer(rows.east, eigen)
        held = np.zeros((ny, eigen.size), dtype=bool)
        held[0], held[-1] = self.fixed[0], self.fixed[1]
        for end, is_pole in zip((0, -1), rows.poles, strict=True):
            held[end, 1:] |= is_pole  # one point has no waves around it
        off = np.where(held[1:] | held[:-1], 0.0, -rows.north[:, np.newaxis])
        diagonal[held] = 1.0
        inverse, lower = np.empty_like(diagonal), np.zeros_like(diagonal)
        inverse[0] = 1.0 / diagonal[0]
        with np.errstate(divide="ignore"):
            for j in range(1, ny):
                lower[j] = off[j - 1] * inverse[j - 1]
                inverse[j] = 1.0 / (diagonal[j] - off[j - 1] * lower[j])
        # a field without a datum: its last pivot is rounding, its value free
        free = np.abs(inverse[-1] * diagonal[-1]) >= 1.0 / _ROUNDING
        inverse[-1] = np.where(free, 0.0, inverse[-1])
        return inverse, lower, held

    def solve(self, right: Floats) -> tuple[Any, Any, Any]:
        """Return the solutions for right sides (k, n), zero where they are held.

        Also the number of iterations and whether they sufficed, as other inverses do.
        """
        mesh, rows = self.mesh, self.rows
        on_rows = mesh.scatter(right)[..., : self.columns]
        for end, is_pole in zip((0, -1), rows.poles, strict=True):
            if is_pole:  # each column's share of the cap
                on_rows[..., end, :] /= self.columns
        waves = self._forward(on_rows)
        # rows first: the sweep reads whole planes
        waves = np.moveaxis(waves, -2, 0)
        back = self._back(waves)
        if mesh.shape[1] > self.columns:
            back = np.take(back, np.arange(mesh.shape[1]) % self.columns, axis=-1)
        count = right.shape[0]
        return mesh.gather(back), np.zeros(count, int), np.ones(count, bool)

    def _back(self, waves: Any) -> Any:
        """Return the solutions on the rows; complex for a complex shift."""
        made = self._swept(waves)
        if not np.iscomplexobj(self.shift):
            return self._backward(np.moveaxis(made, 0, -2))
        # the transform of a real field may be complex itself: both parts one by one
        mirror = np.conj(self._swept(np.conj(waves)))
        real, imaginary = 0.5 * (made + mirror), -0.5j * (made - mirror)
        if not np.iscomplexobj(waves):
            real, imaginary = real.real, imaginary.real
        parts = [self._backward(np.moveaxis(p, 0, -2)) for p in (real, imaginary)]
        return parts[0] + 1j * parts[1]

    def _swept(self, waves: Any) -> Any:
        inverse, lower, held = self.pivots
        made = np.array(waves, dtype=np.result_type(waves, inverse))
        for end in (0, -1):
            made[end] = np.where(held[end], 0.0, made[end])
        for j in range(1, len(made)):
            made[j] -= lower[j] * made[j - 1]
        made *= inverse[(slice(None), *(np.newaxis,) * (made.ndim - 2))]
        for j in range(len(made) - 2, -1, -1):
            made[j] -= lower[j + 1] * made[j + 1]
        return made

    def _forward(self, values: Any) -> Any:
        from scipy import fft

        if self.rows.around:
            return fft.rfft(values, axis=-1)
        if self.fixed[2]:
            return fft.dst(values[..., 1:-1], type=1, axis=-1)
        # the cells at the ends are half: so are their right sides already
        whole = np.array(values)
        whole[..., 0] *= 2.0
        whole[..., -1] *= 2.0
        return fft.dct(whole, type=1, axis=-1)

    def _backward(self, waves: Any) -> Any:
        from scipy import fft

        if self.rows.around:
            return fft.irfft(waves, n=self.columns, axis=-1)
        if self.fixed[2]:
            inner = fft.idst(waves, type=1, axis=-1)
            sides = [(0, 0)] * (inner.ndim - 1) + [(1, 1)]
            return np.pad(inner, sides)
        return fft.idct(waves, type=1, axis=-1)
