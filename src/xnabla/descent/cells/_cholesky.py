"""Small symmetric systems, one in every cell, factored side by side; plain arrays.

The matrices stand as ``(k, k, c)``: an entry of all cells is one row of memory, so that
each step of the textbook's algorithm is one operation on ``c`` numbers. For the k < 12
of a fit that is an order of magnitude faster than LAPACK called cell by cell.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# A pivot is what a column keeps, of its square, after those before it: 1 - R².
SINGULAR_PIVOT = 1e-12
# Rounding leaves ε / (the smallest pivot before) of a pivot that is nothing.
_ROUNDING = 1e-14


@dataclass(frozen=True, slots=True, eq=False)
class Factor:
    """A = S L L' S with S the diagonal of square roots.

    Attributes
    ----------
    inverse : array (k, k, c)
        The inverse of A; numbers without meaning where ``singular``.
    pivots : array (c,)
        The smallest pivot of each cell, relative to its column; 0 where rounding
        alone may have left it.
    """

    inverse: Floats
    pivots: Floats

    @property
    def singular(self) -> NDArray[np.bool_]:
        """The cells whose columns cannot be told apart."""
        return ~(self.pivots > SINGULAR_PIVOT)

    def solve(self, right: Floats) -> Floats:
        """Return A⁻¹ b for b (k, c)."""
        return times(self.inverse, right)


def factored(a: Floats) -> Factor:
    """Factor symmetric matrices that are positive definite, or tell that they are not.

    Parameters
    ----------
    a : array (k, k, c)

    Examples
    --------
    >>> a = np.array([[[4.0], [2.0]], [[2.0], [3.0]]])
    >>> factored(a).inverse[:, :, 0]
    array([[ 0.375, -0.25 ],
           [-0.25 ,  0.5  ]])
    """
    k = a.shape[0]
    low, scale, smallest = _lower(a)
    root = _lower_inverse(low)
    inverse = np.empty_like(a)
    for i in range(k):
        for j in range(i + 1):
            total = sum(root[m, i] * root[m, j] for m in range(i, k))
            inverse[i, j] = inverse[j, i] = total * scale[i] * scale[j]
    return Factor(inverse, smallest)


@dataclass(frozen=True, slots=True, eq=False)
class Lower:
    """The lower factor itself, where the inverse is not asked for.

    Attributes
    ----------
    low : array (k, k, c)
    scale : array (k, c)
        A = S L L' S with S⁻¹ these.
    pivots : array (c,)
        The smallest pivot of each cell, relative to its column.
    """

    low: Floats
    scale: Floats
    pivots: Floats

    @classmethod
    def of(cls, a: Floats) -> Lower:
        """Factor symmetric matrices (k, k, c)."""
        return cls(*_lower(a))

    def solve(self, right: Floats) -> Floats:
        """Return A⁻¹ b for b (k, c).

        Examples
        --------
        >>> a = np.array([[[4.0], [2.0]], [[2.0], [3.0]]])
        >>> Lower.of(a).solve(np.array([[8.0], [8.0]]))[:, 0]
        array([1., 2.])
        """
        x = self._forward(right)
        for i in reversed(range(len(x))):
            for j in range(i + 1, len(x)):
                x[i] -= self.low[j, i] * x[j]
            x[i] /= self.low[i, i]
        x *= self.scale
        return x

    def form(self, x: Floats) -> Floats:
        """Return x' A⁻¹ x."""
        half = self._forward(x)
        form: Floats = np.einsum("kc,kc->c", half, half)
        return form

    def _forward(self, right: Floats) -> Floats:
        x = right * self.scale
        for i in range(len(x)):
            for j in range(i):
                x[i] -= self.low[i, j] * x[j]
            x[i] /= self.low[i, i]
        return x


def _lower(a: Floats) -> tuple[Floats, Floats, Floats]:
    """Return L, the scale of the columns and the smallest pivots: A = S L L' S."""
    k = a.shape[0]
    diagonal = np.einsum("iic->ic", a)
    with np.errstate(invalid="ignore", divide="ignore"):
        scale = np.where(diagonal > 0.0, 1.0 / np.sqrt(diagonal), 0.0)
    low = a * scale * scale[:, np.newaxis]
    smallest = np.full(a.shape[2:], np.inf)
    for j in range(k):
        pivot = low[j, j]
        before = np.minimum(smallest, 1.0)
        kept = np.where(pivot * before > _ROUNDING, pivot, 0.0)
        np.minimum(smallest, kept, out=smallest)
        np.copyto(pivot, 1.0, where=~(pivot > SINGULAR_PIVOT))
        np.sqrt(pivot, out=pivot)
        for i in range(j + 1, k):
            low[i, j] /= pivot
        for i in range(j + 1, k):
            for m in range(j + 1, i + 1):
                low[i, m] -= low[i, j] * low[m, j]
    return low, scale, smallest


def _lower_inverse(low: Floats) -> Floats:
    """Return the inverse of lower triangles."""
    k = low.shape[0]
    root = np.zeros_like(low)
    for j in range(k):
        root[j, j] = 1.0 / low[j, j]
        for i in range(j + 1, k):
            total = sum(low[i, m] * root[m, j] for m in range(j, i))
            root[i, j] = -total / low[i, i]
    return root


def times(a: Floats, x: Floats) -> Floats:
    """Return A x in every cell: (k, k, c) and (k, c) to (k, c)."""
    product: Floats = np.einsum("ijc,jc->ic", a, x)
    return product


def within(t: Floats, a: Floats) -> Floats:
    """Return T A T' in every cell, for one T (p, k) and A (k, k, c)."""
    k, c = a.shape[1:]
    right = (t @ a.reshape(k, k * c)).reshape(-1, k, c)
    turned: Floats = np.einsum("pjc,qj->pqc", right, t)
    return turned
