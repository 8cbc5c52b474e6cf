"""Products of neighbouring values of every cell, from one pass; plain arrays.

What residuals remember of the one before is a quadratic form of their coefficients:
Σ e_t e_{t+1} = c' (Σ z_t z_{t+1}') c with c = (-coefficients, 1). So it too comes from
sums that are merged, whatever the references, and no chunk is read twice.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xnabla.descent.cells._sums import Block, Sums

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Lagged:
    """Of √w (1, columns..., values) about references, for c cells.

    Attributes
    ----------
    first, last : array (m, c)
        Of the first and the last valid time; zeros where there is none.
    products : array (m, m, c)
        Σ of a time and the valid one after it.
    """

    first: Floats
    last: Floats
    products: Floats

    def packed(self) -> Floats:
        """Return all the numbers as rows of one array."""
        flat = self.products.reshape(-1, self.products.shape[-1])
        return np.concatenate([self.first, self.last, flat])

    @classmethod
    def unpacked(cls, rows: Floats, m: int) -> Lagged:
        """Return what :meth:`packed` packed."""
        return cls(rows[:m], rows[m : 2 * m], rows[2 * m :].reshape(m, m, -1))

    def moved(self, step: Floats) -> Lagged:
        """Return the same about references that are lower by a step (p, c)."""
        first, last = self.first.copy(), self.last.copy()
        products = self.products.copy()
        first[1:] += step * first[0]
        last[1:] += step * last[0]
        products[1:] += step[:, np.newaxis] * products[0]
        products[:, 1:] += products[:, 0][:, np.newaxis] * step
        return Lagged(first, last, products)

    def before(self, other: Lagged, n: Floats, others: Floats) -> Lagged:
        """Return the sums of these times and of later ones, of n and others values."""
        crossing = self.last[:, np.newaxis] * other.first
        return Lagged(
            np.where(n > 0.0, self.first, other.first),
            np.where(others > 0.0, other.last, self.last),
            self.products + other.products + crossing,
        )

    def of_residuals(self, q: Floats, constant: bool) -> Floats:
        """Return Σ e_t e_{t+1} of the residuals that coefficients (k, c) leave."""
        c = np.zeros_like(self.first)
        c[int(not constant) : -1] = -q
        c[-1] = 1.0
        products: Floats = np.einsum("ic,ijc,jc->c", c, self.products, c)
        return products


def lagged_of(block: Block) -> Lagged:
    """Return the products of neighbours of a block."""
    n, c = block.y.shape
    m = block.slopes.shape[1] + 2
    first, last, products = np.zeros((m, c)), np.zeros((m, c)), np.zeros((m, m, c))
    seen = np.zeros(c, dtype=bool)
    root = np.sqrt(np.broadcast_to(block.weights, (n, c)))
    for t in range(n):
        slope = block.slopes[t]
        slope = slope[:, np.newaxis] if slope.ndim == 1 else slope
        z = np.concatenate(
            [np.ones((1, c)), slope * np.ones(c), block.y[t][np.newaxis]]
        )
        z *= root[t]
        here = root[t] > 0.0
        products += last[:, np.newaxis] * z  # z is 0 where missing
        np.copyto(first, z, where=here & ~seen)
        np.copyto(last, z, where=here)
        seen |= here
    return Lagged(first, last, products)


def merged(a: tuple[Sums, Lagged], b: tuple[Sums, Lagged]) -> tuple[Sums, Lagged]:
    """Return both sums of some times and of later ones."""
    sums = a[0].merged(b[0])
    one, two = (lagged.moved(own.reference - sums.reference) for own, lagged in (a, b))
    return sums, one.before(two, a[0].n, b[0].n)
