"""The sums a least-squares fit needs of every cell, from one pass; plain arrays.

Of z = (columns..., y), about references near their means: how many values there are,
their weight, the weighted sum of z and of z z'. Sums of parts of the time are merged
exactly, in any order, whatever their references (Chan, Golub and LeVeque 1983), so that
a field larger than memory is read once, chunk by chunk.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xnabla.descent.cells._design import Design

Floats = NDArray[np.float64]

# Squares below it have lost digits to the smallest number that there is.
SMALLEST = float(np.finfo(np.float64).tiny / np.finfo(np.float64).eps)


@dataclass(frozen=True, slots=True, eq=False)
class Sums:
    """Weighted sums of z = (columns without the constant..., y), for c cells.

    Attributes
    ----------
    n : array (c,)
        How many values have a weight.
    weight : array (c,)
        Σ w.
    reference : array (p, c)
        What z is counted from.
    first : array (p, c)
        Σ w (z - reference).
    second : array (p, p, c)
        Σ w (z - reference) (z - reference)'.
    """

    n: Floats
    weight: Floats
    reference: Floats
    first: Floats
    second: Floats

    def packed(self) -> Floats:
        """Return all the numbers as rows of one array."""
        p, c = self.first.shape
        rows = np.tril_indices(p)
        return np.concatenate(
            [
                self.n[np.newaxis],
                self.weight[np.newaxis],
                self.reference,
                self.first,
                self.second[rows].reshape(-1, c),
            ]
        )

    @classmethod
    def unpacked(cls, rows: Floats, p: int) -> Sums:
        """Return the sums of p variables from the rows of one array."""
        n, weight = rows[0], rows[1]
        reference, first = rows[2 : 2 + p], rows[2 + p : 2 + 2 * p]
        second = np.empty((p, p, rows.shape[1]))
        i, j = np.tril_indices(p)
        second[i, j] = second[j, i] = rows[2 + 2 * p :]
        return cls(n, weight, reference, first, second)

    def moved(self, reference: Floats) -> Sums:
        """Return the same sums about other references."""
        step = self.reference - reference
        first = self.first + self.weight * step
        second = (
            self.second
            + self.first[:, np.newaxis] * step
            + step[:, np.newaxis] * self.first
            + self.weight * step[:, np.newaxis] * step
        )
        return Sums(self.n, self.weight, reference, first, second)

    def merged(self, other: Sums) -> Sums:
        """Return the sums of both."""
        weight = self.weight + other.weight
        part = other.weight / np.where(weight > 0.0, weight, 1.0)
        reference = self.reference + part * (other.reference - self.reference)
        one, two = self.moved(reference), other.moved(reference)
        return Sums(
            self.n + other.n,
            weight,
            reference,
            one.first + two.first,
            one.second + two.second,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Cells as the passes over them want them: no NaN, weight 0 instead.

    Attributes
    ----------
    y : array (n, c)
        Values less their reference, 0 where missing.
    weights : array (n, c) or (n, 1)
        Weights, 0 where missing; of one column if nothing is missing anywhere.
    slopes : array (n, k) or (n, k, c)
        The columns without the constant.
    reference : array (p, c)
        What columns and values are counted from.
    plain : bool
        Whether every weight is 0 or 1.
    complete : bool
        Whether no value is missing. The shape of the weights does not tell: a lone
        cell has one column of them too.
    """

    y: Floats
    weights: Floats
    slopes: Floats
    reference: Floats
    plain: bool
    complete: bool

    def fitted(self, q: Floats, constant: bool) -> Floats:
        """Return what coefficients about the references make of every time."""
        slope = q[int(constant) :]
        shared = self.slopes.ndim == 2
        values = self.slopes @ slope if shared else _along(self.slopes, slope)
        if constant:
            values += q[0]
        return values


def _along(slopes: Floats, q: Floats) -> Floats:
    product: Floats = np.einsum("tkc,kc->tc", slopes, q)
    return product


def prepared(values: Floats, weights: Floats | None, design: Design) -> Block:
    """Return cells without NaN, about their references.

    Parameters
    ----------
    values : array (n, c)
        In double precision; used up.
    weights : array (n, c) or (n, 1), optional
    design : Design
        Of these times and cells.
    """
    missing = np.isnan(values)
    missing |= ~design.known[:, np.newaxis]
    if design.varies:
        missing |= np.isnan(design.basis).any(axis=1)
    if weights is not None:
        missing |= ~(weights > 0.0)
    if not missing.any():
        shared = np.ones((len(values), 1)) if weights is None else weights
        y, slopes, reference = _centred(values, design, float(max(len(values), 1)))
        return Block(y, shared, slopes, reference, weights is None, complete=True)
    np.copyto(values, 0.0, where=missing)
    if weights is not None:
        weights = np.where(missing, 0.0, weights)
    present = (~missing).astype(np.float64)
    count = present.sum(axis=0)
    y, slopes, reference = _centred(values, design, np.maximum(count, 1.0), missing)
    if weights is not None:
        present *= weights
    return Block(y, present, slopes, reference, weights is None, complete=False)


def _centred(
    values: Floats,
    design: Design,
    count: Floats | float,
    missing: NDArray[np.bool_] | None = None,
) -> tuple[Floats, Floats, Floats]:
    """Take means off, where a constant can give them back."""
    slopes = design.slopes
    p = slopes.shape[1] + 1
    reference = np.zeros((p, values.shape[1]))
    if missing is not None and design.varies:
        slopes = np.where(missing[:, np.newaxis], 0.0, slopes)
    if not design.constant:
        return values, slopes, reference
    reference[-1] = values.sum(axis=0) / count
    values -= reference[-1]
    if design.varies:
        reference[:-1] = slopes.sum(axis=0) / count
        slopes = slopes - reference[:-1]
    if missing is not None:
        np.copyto(values, 0.0, where=missing)
        if design.varies:
            slopes = np.where(missing[:, np.newaxis], 0.0, slopes)
    return values, slopes, reference


def sums_of(block: Block, products: Floats | None = None) -> Sums:
    """Return the sums over the times of a block.

    Parameters
    ----------
    block : Block
    products : array (n, k (k + 1)/2), optional
        The products of common columns, if they are at hand: :func:`products_of`.
    """
    y, w, slopes = block.y, block.weights, block.slopes
    k, c = slopes.shape[1], y.shape[1]
    weighted = y if block.plain else y * w
    count = np.count_nonzero(w, axis=0).astype(np.float64)
    first, second = np.empty((k + 1, c)), np.empty((k + 1, k + 1, c))
    lower = np.tril_indices(k)
    if slopes.ndim == 2:
        first[:k] = slopes.T @ w
        table = products_of(slopes) if products is None else products
        second[lower] = table.T @ w
        second[k, :k] = slopes.T @ weighted
    else:
        first[:k] = np.einsum("tkc,tc->kc", slopes, np.broadcast_to(w, y.shape))
        for i, j in zip(*lower, strict=True):
            second[i, j] = (slopes[:, i] * slopes[:, j] * w).sum(axis=0)
        second[k, :k] = np.einsum("tkc,tc->kc", slopes, weighted)
    second[lower[1], lower[0]] = second[lower]
    second[:k, k] = second[k, :k]
    first[k] = weighted.sum(axis=0)
    second[k, k] = _squared(weighted, y)
    whole = np.broadcast_to(count, (c,)), np.broadcast_to(w.sum(axis=0), (c,))
    return Sums(*whole, block.reference, first, second)


def _squared(weighted: Floats, y: Floats) -> Floats:
    """Return Σ w y²; NaN where y changes and its squares are too small for numbers."""
    squares: Floats = np.einsum("tc,tc->c", weighted, y)
    small = np.flatnonzero(squares < SMALLEST)
    if small.size:
        squares[small[(weighted[:, small] != 0.0).any(axis=0)]] = np.nan
    return squares


def products_of(slopes: Floats) -> Floats:
    """Return the products of common columns, pair by pair."""
    i, j = np.tril_indices(slopes.shape[1])
    return slopes[:, i] * slopes[:, j]
