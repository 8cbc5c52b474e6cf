"""Standard errors of linear fits: independent, autocorrelated, or anyhow; plain arrays.

Neighbours are valid values that follow each other; gaps are closed. Both estimates
here then are what one gets from the series without its missing values, and both pass
over the residuals in the order of time, so that what they carry from one chunk to the
next is all they need to know of those before.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xnabla.descent.cells._cholesky import times
from xnabla.descent.cells._least import Solution
from xnabla.descent.cells._sums import Block

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """How well the coefficients of c cells are known.

    Attributes
    ----------
    covariance : array (k, k, c)
        In the basis of the design.
    n_eff : array (c,)
        Number of independent values.
    freedom : array (c,)
        Degrees of freedom of the t distribution; at most 0 where nothing is left.
    """

    covariance: Floats
    n_eff: Floats
    freedom: Floats


def independent(solution: Solution) -> Spread:
    """Return standard errors as textbooks have them: residuals are independent."""
    return _scaled(solution, solution.n)


def autocorrelated(solution: Solution, products: Floats) -> Spread:
    """Return standard errors for residuals that remember the one before.

    n_eff = n (1 - r) / (1 + r) of n values are independent, with r the lag-one
    autocorrelation of the residuals (Santer et al. 2008, eq. 6); r < 0 counts as 0.

    Parameters
    ----------
    solution : Solution
    products : array (c,)
        Sum of the products of neighbouring residuals.
    """
    pairs = np.maximum(solution.n - 1.0, 1.0)
    variance = solution.cost / np.maximum(solution.n, 1.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        r = products / pairs / variance
    r = np.clip(np.nan_to_num(r), 0.0, 1.0)
    return _scaled(solution, solution.n * (1.0 - r) / (1.0 + r))


def _scaled(solution: Solution, n_eff: Floats) -> Spread:
    """Return the classical covariance, with a number of independent values."""
    freedom = n_eff - solution.used
    with np.errstate(invalid="ignore", divide="ignore"):
        variance = np.where(freedom > 0.0, solution.cost / freedom, np.nan)
    return Spread(solution.bread * variance, n_eff, freedom)


def robust(solution: Solution, meat: Floats) -> Spread:
    """Return Newey and West's (1987) standard errors from the sum over the scores."""
    inverse = solution.inverse
    half = np.stack([times(inverse, meat[:, j]) for j in range(len(meat))], axis=1)
    covariance = np.stack([times(inverse, half[j]) for j in range(len(meat))])
    return Spread(covariance, solution.n, solution.n - solution.used)


@dataclass(frozen=True, slots=True, eq=False)
class Carried:
    """What a pass over the residuals knows so far.

    Attributes
    ----------
    past : array (lags, k, c)
        The last values before, the latest first; zeros where there was none.
    total : array (k, k, c)
        The sums so far.
    """

    past: Floats
    total: Floats

    @classmethod
    def none(cls, lags: int, k: int, c: int) -> Carried:
        """Return what is known before the first value: nothing."""
        return cls(np.zeros((lags, k, c)), np.zeros((k, k, c)))

    def packed(self) -> Floats:
        """Return all the numbers as rows of one array."""
        c = self.past.shape[-1]
        return np.concatenate([self.past.reshape(-1, c), self.total.reshape(-1, c)])

    @classmethod
    def unpacked(cls, rows: Floats, lags: int, k: int) -> Carried:
        """Return what :meth:`packed` packed."""
        c = rows.shape[-1]
        cut = lags * k
        return cls(rows[:cut].reshape(lags, k, c), rows[cut:].reshape(k, k, c))


def neighbours(carried: Carried, left: Floats, block: Block) -> Carried:
    """Add the products of neighbouring residuals of a block.

    Parameters
    ----------
    carried : Carried
        Of one lag and one row.
    left : array (n, c)
        Residuals, 0 where missing.
    block : Block
    """
    if not len(left):
        return carried
    left = left if block.plain else left * np.sqrt(block.weights)
    last, total = carried.past[0, 0].copy(), carried.total[0, 0].copy()
    if block.complete:
        total += last * left[0] + np.einsum("tc,tc->c", left[1:], left[:-1])
        last = left[-1]
    else:
        present = block.weights > 0.0
        product = np.empty_like(last)
        for one, here in zip(left, present, strict=True):
            # a missing residual is 0: it adds nothing
            np.multiply(last, one, out=product)
            total += product
            np.copyto(last, one, where=here)
    return Carried(last[np.newaxis, np.newaxis], total[np.newaxis, np.newaxis])


def lags_of(n: Floats, lags: int | None) -> Floats:
    """Return how many lags the scores of each cell are summed over.

    4 (n/100)^(2/9) of them, rounded down, if none are given (Newey and West 1994).
    """
    if lags is not None:
        return np.full(n.shape, float(lags))
    found: Floats = np.floor(4.0 * (n / 100.0) ** (2.0 / 9.0))
    return found


def scores(
    carried: Carried, left: Floats, block: Block, constant: bool, count: Floats
) -> Carried:
    """Add the products of the scores of a block, Bartlett's weights at each lag.

    Parameters
    ----------
    carried : Carried
        Of as many lags as any cell has, and k rows.
    left : array (n, c)
        Residuals, 0 where missing.
    block : Block
    constant : bool
        Whether there is a constant.
    count : array (c,)
        The number of lags of each cell.
    """
    past, total = carried.past.copy(), carried.total.copy()
    lags = len(past)
    each = np.arange(1, lags + 1)[:, np.newaxis]
    weights = np.maximum(1.0 - each / (count + 1.0), 0.0)[:, np.newaxis]
    pull = left if block.plain else left * block.weights
    present = np.broadcast_to(block.weights > 0.0, left.shape)
    for t, here in enumerate(present):
        slope = block.slopes[t]
        slope = slope[:, np.newaxis] if slope.ndim == 1 else slope
        score = slope * pull[t]
        if constant:
            score = np.concatenate([pull[t][np.newaxis], score])
        before = (weights * past).sum(axis=0)
        cross = score[:, np.newaxis] * (before + 0.5 * score)
        total += cross + cross.swapaxes(0, 1)
        if lags:
            moved = np.concatenate([score[np.newaxis], past[:-1]])
            past = moved if here.all() else np.where(here, moved, past)
    return Carried(past, total)
