"""What residuals cost, and the equations of the step that lowers it; plain arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Loss:
    """What a residual costs: its square, or less than that far out (Huber 1964).

    Attributes
    ----------
    knee : array (c,) or None
        The residual beyond which the cost grows linearly; ``None`` for squares.
    """

    knee: Floats | None = None

    def of(
        self, left: Floats, weights: Floats | None, index: NDArray[np.intp]
    ) -> Floats:
        """Return Σ w ρ(r) in every cell."""
        if self.knee is None:
            return dots(left, left if weights is None else left * weights)
        knee = self.knee[index][:, np.newaxis]
        size = np.abs(left)
        each = np.where(size <= knee, left**2, (2.0 * size - knee) * knee)
        robust: Floats = (each if weights is None else each * weights).sum(axis=1)
        return robust

    def pull(
        self, left: Floats, weights: Floats | None, index: NDArray[np.intp]
    ) -> Floats | None:
        """Return the weights with which least squares does the same here."""
        if self.knee is None:
            return weights
        knee = self.knee[index][:, np.newaxis]
        ratio: Floats = knee / np.maximum(np.abs(left), knee)
        return ratio if weights is None else weights * ratio


def normal_equations(
    columns: Floats, left: Floats, weights: Floats | None
) -> tuple[Floats, Floats]:
    """Return J'WJ (k, k, c) and -J'Wr (k, c) of J (c, k, n) and r (c, n)."""
    # a product of two small matrices in each cell is a quarter of the time of a sum
    # of products over all of them
    pulled = columns if weights is None else columns * weights[:, np.newaxis]
    gradient = -np.matmul(pulled, left[:, :, np.newaxis])[:, :, 0]
    normal = np.matmul(pulled, columns.transpose(0, 2, 1))
    return np.ascontiguousarray(normal.transpose(1, 2, 0)), gradient.T.copy()


def dots(a: Floats, b: Floats) -> Floats:
    """Return the sum of the products of each row."""
    dots: Floats = np.matmul(a[:, np.newaxis], b[:, :, np.newaxis])[:, 0, 0]
    return dots
