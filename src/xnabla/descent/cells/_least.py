"""Least squares in every cell, from its sums; plain arrays."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from xnabla.descent._status import Status
from xnabla.descent.cells._cholesky import SINGULAR_PIVOT, factored, times, within
from xnabla.descent.cells._design import Design
from xnabla.descent.cells._sums import Block, Sums

Floats = NDArray[np.float64]

# Below this pivot the sums have lost half the digits, and QR of the data is asked.
_ILL_PIVOT = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """What least squares finds in c cells, in the basis of the design.

    Attributes
    ----------
    q : array (k, c)
        Coefficients of the basis about the references.
    inverse : array (k, k, c)
        (X'WX + penalty)⁻¹.
    bread : array (k, k, c)
        The same, but (..)⁻¹ X'WX (..)⁻¹ under a penalty: σ² times it is the covariance.
    used : array (c,)
        Degrees of freedom that the coefficients take: k without a penalty.
    n, cost, total, gradient : array (c,)
        Number of values, Σ w r², Σ w (y - mean)², and how far the gradient is from 0.
    iterations : array (c,)
        0 where the solution is exact.
    pivots : array (c,)
        What the worst column keeps after the others, 1 - R².
    status : array (c,) of int8
    """

    q: Floats
    inverse: Floats
    bread: Floats
    used: Floats
    n: Floats
    cost: Floats
    total: Floats
    gradient: Floats
    iterations: Floats
    pivots: Floats
    status: NDArray[np.int8]


def normal(sums: Sums, constant: bool) -> tuple[Floats, Floats]:
    """Return X'WX (k, k, c) and X'Wy (k, c)."""
    if not constant:
        return sums.second[:-1, :-1], sums.second[:-1, -1]
    whole = np.concatenate(
        [
            np.concatenate([sums.weight[np.newaxis], sums.first])[np.newaxis],
            np.concatenate([sums.first[:, np.newaxis], sums.second], axis=1),
        ]
    )
    return whole[:-1, :-1], whole[:-1, -1]


def penalty(a: Floats, design: Design, ridge: float) -> Floats:
    """Return what ridge regression adds to X'WX, in the basis of the design.

    The penalty is ridge · Σ (s b)², with b a coefficient and s the standard deviation
    of its column among the cell's own times: no unit matters, nor the constant.
    """
    forward = np.linalg.inv(design.back).astype(np.float64, copy=False)
    natural = within(forward.T, a)
    spread = np.einsum("jjc->jc", natural).copy()
    weight = np.where(a[0, 0] > 0.0, a[0, 0], 1.0)
    if design.constant:
        spread -= natural[0] ** 2 / weight
        spread[0] = 0.0
        spread /= weight
    added: Floats = ridge * np.einsum(
        "ja,jb,jc->abc", design.back, design.back, np.maximum(spread, 0.0)
    )
    return added


@np.errstate(over="ignore", invalid="ignore")
def solved(
    sums: Sums, design: Design, *, ridge: float = 0.0, min_valid: int = 0
) -> Solution:
    """Return the least-squares solution of every cell from its sums.

    Parameters
    ----------
    sums : Sums
    design : Design
    ridge : float
        Strength of the penalty; 0 for none.
    min_valid : int
        Fewest values a cell must have; one more than coefficients at least.
    """
    a, g = normal(sums, design.constant)
    whole = a + penalty(a, design, ridge) if ridge else a
    factor = factored(whole)
    q = factor.solve(g)
    inverse = bread = factor.inverse
    used = np.full(sums.n.shape, float(design.size))
    if ridge:
        bread = np.einsum("ijc,jlc,lmc->imc", inverse, a, inverse)
        used = np.einsum("ijc,jic->c", inverse, a)
    yy = sums.second[-1, -1]
    cost = np.maximum(yy - np.einsum("kc,kc->c", q, 2.0 * g - times(a, q)), 0.0)
    weight = np.where(sums.weight > 0.0, sums.weight, 1.0)
    total = yy - sums.first[-1] ** 2 / weight * design.constant
    gradient = 2.0 * np.sqrt(((times(whole, q) - g) ** 2).sum(axis=0))
    status = np.full(sums.n.shape, Status.EXACT, dtype=np.int8)
    status[factor.singular] = Status.SINGULAR
    # squares of 1e200 are no numbers
    status[~np.isfinite(q).all(axis=0) | ~np.isfinite(cost)] = Status.DIVERGED
    status[sums.n < max(min_valid, design.size + 1)] = Status.TOO_FEW_DATA
    status[sums.n == 0] = Status.ALL_MISSING
    return Solution(
        q,
        inverse,
        bread,
        used,
        sums.n,
        cost,
        total,
        gradient,
        np.zeros(sums.n.shape),
        factor.pivots,
        status,
    )


def refined(solution: Solution, block: Block, constant: bool) -> Solution:
    """Return the solution with QR of the data where the sums are ill-conditioned."""
    ill = (solution.pivots < _ILL_PIVOT) & (solution.pivots > SINGULAR_PIVOT)
    ill &= solution.status == Status.EXACT
    if not ill.any():
        return solution
    q, inverse = solution.q.copy(), solution.inverse.copy()
    for cell in np.flatnonzero(ill):
        shared = block.slopes.ndim == 2
        columns = block.slopes if shared else block.slopes[:, :, cell]
        if constant:
            columns = np.column_stack([np.ones(len(columns)), columns])
        w = block.weights[:, min(cell, block.weights.shape[1] - 1)]
        root = np.sqrt(w)
        ortho, upper = np.linalg.qr(columns * root[:, np.newaxis])
        q[:, cell] = np.linalg.solve(upper, ortho.T @ (root * block.y[:, cell]))
        own = np.linalg.inv(upper)
        inverse[:, :, cell] = own @ own.T
    return replace(solution, q=q, inverse=inverse, bread=inverse)


def residuals(solution: Solution, block: Block, constant: bool) -> Floats:
    """Return the values less the fit, 0 where missing."""
    left = block.fitted(solution.q, constant)
    np.subtract(block.y, left, out=left)
    if block.complete:
        return left
    left *= block.weights if block.plain else block.weights > 0.0
    return left


def natural(
    solution: Solution, covariance: Floats, design: Design, reference: Floats
) -> tuple[Floats, Floats]:
    """Return coefficients and covariance of the user's own columns.

    Parameters
    ----------
    solution : Solution
    covariance : array (k, k, c)
        In the basis of the design.
    design : Design
    reference : array (p, c)
        What the sums were counted from.
    """
    q = solution.q.copy()
    if design.constant:
        q[0] += reference[-1]
    if not design.varies:
        return design.back @ q, within(design.back, covariance)
    if design.constant:
        q[0] -= np.einsum("kc,kc->c", q[1:], reference[:-1])
        covariance = covariance.copy()
        covariance[0] -= np.einsum("kc,kjc->jc", reference[:-1], covariance[1:])
        covariance[:, 0] -= np.einsum("kc,jkc->jc", reference[:-1], covariance[:, 1:])
    return q, covariance
