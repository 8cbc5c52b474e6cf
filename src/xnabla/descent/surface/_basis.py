"""The six weights of a quintic spline, on even and on uneven points.

Plain numbers, compiled.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from xnabla.descent.surface._compiled import compiled
from xnabla.descent.surface._spline import REACH


@compiled
def weights(t: float) -> Any:
    """Return the six weights of a quintic spline, a part t beyond the third point."""
    z = 1.0 - t
    t2, z2, u, v = t * t, z * z, t + 1.0, z + 1.0
    w0 = z * z2 * z2 / 120.0
    w5 = t * t2 * t2 / 120.0
    w2 = t2 * (t2 * (0.25 - t / 12.0) - 0.5) + 0.55
    w3 = z2 * (z2 * (0.25 - z / 12.0) - 0.5) + 0.55
    w1 = u * (u * (u * (u * (u / 24.0 - 0.375) + 1.25) - 1.75) + 0.625) + 0.425
    w4 = v * (v * (v * (v * (v / 24.0 - 0.375) + 1.25) - 1.75) + 0.625) + 0.425
    return w0, w1, w2, w3, w4, w5


@compiled
def slopes(t: float) -> Any:
    """Return the derivatives of the six weights."""
    z = 1.0 - t
    t2, z2, u, v = t * t, z * z, t + 1.0, z + 1.0
    d0 = -z2 * z2 / 24.0
    d5 = t2 * t2 / 24.0
    d2 = t * (t2 * (1.0 - 5.0 * t / 12.0) - 1.0)
    d3 = -z * (z2 * (1.0 - 5.0 * z / 12.0) - 1.0)
    d1 = u * (u * (u * (5.0 * u / 24.0 - 1.5) + 3.75) - 3.5) + 0.625
    d4 = -(v * (v * (v * (5.0 * v / 24.0 - 1.5) + 3.75) - 3.5) + 0.625)
    return d0, d1, d2, d3, d4, d5


@compiled
def weights_on(line: Any, step: float, before: int, part: float) -> Any:
    """Return the weights of points, a part of a step beyond the point before.

    Of a grid without lines of points, or with even ones, those of even points.
    """
    if step != 0.0 or len(line) == 1:
        return weights(part)
    n = np.empty(6)
    _de_boor(line, before + REACH, part, 5, n)
    return n[0], n[1], n[2], n[3], n[4], n[5]


@compiled
def slopes_on(line: Any, step: float, before: int, part: float) -> Any:
    """Return the derivatives of the weights, per unit of the line of points."""
    if len(line) == 1:
        return slopes(part)
    if step != 0.0:
        d = slopes(part)
        return (
            d[0] / step,
            d[1] / step,
            d[2] / step,
            d[3] / step,
            d[4] / step,
            d[5] / step,
        )
    n, out = np.empty(6), np.empty(6)
    k = before + REACH
    _de_boor(line, k, part, 4, n)
    for m in range(6):
        i = k - 5 + m
        out[m] = 0.0
        if m > 0:
            out[m] += 5.0 * n[m - 1] / (line[i + 5] - line[i])
        if m < 5:
            out[m] -= 5.0 * n[m] / (line[i + 6] - line[i + 1])
    return out[0], out[1], out[2], out[3], out[4], out[5]


@compiled
def _de_boor(line: Any, k: int, part: float, degree: int, out: Any) -> None:
    """Put the B-splines of a degree that are not zero after a point into ``out``.

    The recursion of Cox and de Boor, with the points as knots.
    """
    x = line[k] + part * (line[k + 1] - line[k])
    out[0] = 1.0
    for d in range(1, degree + 1):
        saved = 0.0
        for r in range(d):
            right, left = line[k + r + 1] - x, x - line[k + 1 - d + r]
            shared = out[r] / (right + left)
            out[r] = saved + right * shared
            saved = left * shared
        out[d] = saved
