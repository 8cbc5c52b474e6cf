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


@dataclass(frozen=True, slots=True, eq=False)
class Factor:
    """A = S L L' S with S the diagonal of square roots.

    Attributes
    ----------
    inverse : array (k, k, c)
        The inverse of A; numbers without meaning where ``singular``.
    pivots : array (c,)
        The smallest pivot of each cell, relative to its column.
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
    diagonal = np.einsum("iic->ic", a)
    with np.errstate(invalid="ignore", divide="ignore"):
        scale = np.where(diagonal > 0.0, 1.0 / np.sqrt(diagonal), 0.0)
    low = np.zeros_like(a)
    smallest = np.full(a.shape[2:], np.inf)
    for j in range(k):
        for i in range(j, k):
            entry = a[i, j] * scale[i] * scale[j]
            for m in range(j):
                entry = entry - low[i, m] * low[j, m]
            if i == j:
                smallest = np.minimum(smallest, entry)
                low[j, j] = np.sqrt(np.where(entry > SINGULAR_PIVOT, entry, 1.0))
            else:
                low[i, j] = entry / low[j, j]
    root = _lower_inverse(low)
    inverse = np.empty_like(a)
    for i in range(k):
        for j in range(i + 1):
            total = sum(root[m, i] * root[m, j] for m in range(i, k))
            inverse[i, j] = inverse[j, i] = total * scale[i] * scale[j]
    return Factor(inverse, smallest)


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
