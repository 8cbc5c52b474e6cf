"""The same slopes and ranks, compiled: pairs are selected, never sorted."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def sen_cells(t: Floats, y: Floats, z: float, *, memory: bool) -> Floats:
    """Return what is found in cells (c, n), as rows (9, c)."""
    out = np.full((9, len(y)), np.nan)
    _cells(t, np.ascontiguousarray(y), z, memory, out)
    return out


def _compiled(function: Callable[..., Any]) -> Any:
    """Compile, and keep the result on disk where there is a place to."""
    try:
        return njit(nogil=True, cache=True)(function)
    except RuntimeError:  # no folder that can be written to: compile each time
        return njit(nogil=True)(function)


@_compiled
def _select(a: Any, low: int, high: int, k: int) -> float:
    """Return the k-th smallest of a[low:high + 1], which is left parted about it."""
    while low < high:
        pivot = a[(low + high) // 2]
        i, j = low, high
        while i <= j:
            while a[i] < pivot:
                i += 1
            while a[j] > pivot:
                j -= 1
            if i <= j:
                a[i], a[j] = a[j], a[i]
                i += 1
                j -= 1
        if k <= j:
            high = j
        elif k >= i:
            low = i
        else:
            break
    return float(a[k])


@_compiled
def _median(a: Any, m: int) -> float:
    """Return the median of a[:m], which is left parted about it."""
    upper = _select(a, 0, m - 1, m // 2)
    if m % 2:
        return float(upper)
    lower = a[0]
    for i in range(1, m // 2):
        lower = max(lower, a[i])
    return float(0.5 * (lower + upper))


@_compiled
def _inflation(left: Any, n: int) -> float:
    mean = 0.0
    for i in range(n):
        mean += left[i]
    mean /= n
    total, product = 0.0, 0.0
    for i in range(n):
        total += (left[i] - mean) ** 2
        if i:
            product += (left[i] - mean) * (left[i - 1] - mean)
    if total == 0.0 or n < 3:
        return 1.0
    r = min(max(product / total * n / (n - 1.0), 0.0), 1.0)
    found, power = 1.0, 1.0
    for j in range(1, n):
        power *= r
        found += 2.0 * (1.0 - j / n) * power
    return float(found)


@_compiled
def _pairs(x: Any, v: Any, n: int, slopes: Any) -> tuple[int, float]:
    """Write down all slopes; return how many, and rises less falls."""
    m, s = 0, 0.0
    for i in range(n):
        for j in range(i + 1, n):
            rise = v[j] - v[i]
            slopes[m] = rise / (x[j] - x[i])
            m += 1
            s += int(rise > 0.0) - int(rise < 0.0)
    return m, s


@_compiled
def _variance(ordered: Any, n: int) -> float:
    """Return the variance of rises less falls, values that tie taken off."""
    variance, run = n * (n - 1.0) * (2.0 * n + 5.0), 1
    for i in range(1, n + 1):
        if i < n and ordered[i] == ordered[i - 1]:
            run += 1
        else:
            variance -= run * (run - 1.0) * (2.0 * run + 5.0)
            run = 1
    return float(variance / 18.0)


@_compiled
def _cells(t: Any, y: Any, z: float, memory: bool, out: Any) -> None:
    c, n_all = y.shape
    x, v, left = np.empty(n_all), np.empty(n_all), np.empty(n_all)
    slopes = np.empty(n_all * (n_all - 1) // 2)
    for cell in range(c):
        n = 0
        for i in range(n_all):
            if not math.isnan(y[cell, i]):
                x[n], v[n] = t[i], y[cell, i]
                n += 1
        out[6, cell] = n
        out[7, cell] = n
        if n < 2:
            continue
        m, s = _pairs(x, v, n, slopes)
        slope = _median(slopes, m)
        for i in range(n):
            left[i] = v[i] - slope * x[i]
        intercept = _median(left[:n], n)
        cost = 0.0
        for i in range(n):
            left[i] = v[i] - slope * x[i] - intercept
            cost += left[i] ** 2
        spread = _inflation(left, n) if memory else 1.0
        variance = _variance(np.sort(v[:n]), n) * spread
        reach = z * math.sqrt(variance)
        upper = min(int(np.rint((m + reach) / 2.0)), m - 1)
        lower = max(int(np.rint((m - reach) / 2.0)) - 1, 0)
        out[0, cell] = slope
        out[1, cell] = intercept
        out[2, cell] = _select(slopes, 0, m - 1, lower)
        out[3, cell] = _select(slopes, 0, m - 1, upper)
        out[4, cell] = s
        out[5, cell] = variance
        out[7, cell] = n / spread
        out[8, cell] = cost
