"""Slopes and ranks of pairs in one cell: Theil, Sen, Mann and Kendall; plain arrays.

This is the clear version, which the compiled one is tested against.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# What is found in a cell, in this order.
FOUND = ("slope", "intercept", "low", "high", "s", "variance", "n", "n_eff", "cost")


def sen_cell(t: Floats, y: Floats, z: float, *, memory: bool) -> tuple[float, ...]:
    """Return the slope of a cell and what is known of it: ``FOUND``.

    Parameters
    ----------
    t, y : array (n,)
        Points and values; NaN where one is missing.
    z : float
        Normal quantile of the confidence interval, positive.
    memory : bool
        Whether the variance is that of residuals that remember the one before.

    Examples
    --------
    >>> t = np.arange(5.0)
    >>> found = sen_cell(t, np.array([0.0, 2, 4, 60, 8]), 1.96, memory=False)
    >>> found[0], found[4]
    (2.0, 8.0)
    """
    valid = ~np.isnan(y)
    t, y = t[valid], y[valid]
    n = y.size
    if n < 2:
        return (np.nan,) * 6 + (float(n), float(n), np.nan)
    i, j = np.triu_indices(n, 1)
    rise = y[j] - y[i]
    slopes = np.sort(rise / (t[j] - t[i]))
    slope = float(np.median(slopes))
    intercept = float(np.median(y - slope * t))
    left = y - slope * t - intercept
    s = float(np.sign(rise).sum())
    _, ties = np.unique(y, return_counts=True)
    variance = n * (n - 1.0) * (2.0 * n + 5.0)
    variance = (variance - (ties * (ties - 1.0) * (2.0 * ties + 5.0)).sum()) / 18.0
    spread = inflation(left, n) if memory else 1.0
    variance *= spread
    reach = z * np.sqrt(variance)
    m = slopes.size
    upper = min(round((m + reach) / 2.0), m - 1)
    lower = max(round((m - reach) / 2.0) - 1, 0)
    low, high = float(slopes[lower]), float(slopes[upper])
    cost = float((left**2).sum())
    return slope, intercept, low, high, s, variance, float(n), n / spread, cost


def inflation(left: Floats, n: int) -> float:
    """Return by how much memory raises the variance: 1 + 2 Σ (1 - j/n) r^j."""
    left = left - left.mean()
    total = float((left**2).sum())
    if total == 0.0 or n < 3:
        return 1.0
    r = float((left[1:] * left[:-1]).sum()) / total * n / (n - 1.0)
    r = min(max(r, 0.0), 1.0)
    j = np.arange(1, n)
    return float(1.0 + 2.0 * ((1.0 - j / n) * r**j).sum())


def sen_cells(t: Floats, y: Floats, z: float, *, memory: bool) -> Floats:
    """Return what is found in cells (c, n), as rows (9, c)."""
    found = [sen_cell(t, one, z, memory=memory) for one in y]
    return np.array(found).reshape(-1, len(FOUND)).T
