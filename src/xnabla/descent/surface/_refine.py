"""The exact place of an extremum or a saddle between grid points.

Plain numbers, compiled. Newton's steps on the spline in the tangent plane, so that a
low on the pole or on the dateline is like any other; where that does not hold, or makes
up a depth that the neighbours do not show, a quadratic through them; else the grid
point itself.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from xnabla.descent._status import Status
from xnabla.descent.surface._compiled import compiled
from xnabla.descent.surface._walk import away, bend_at, locate, moved, spline_at

MINIMUM, SADDLE, MAXIMUM = 0, 1, 2
BY_SPLINE, BY_QUADRATIC = 2, 1

# A centre lies within this many steps of its grid point, or it is another one.
_REACH = 1.5
# Differences in the tangent plane are taken over this part of a step.
DELTA = 0.05
# A spline that goes from the value of the grid point by more than this part of the
# largest difference to a neighbour makes up what the grid does not show. A quadratic
# goes by an eighth, a bell with a standard deviation of 1.5 steps by a fifth.
_MOST_CHANGE = 0.2
# A centre farther from its grid point than half the diagonal of a cell lies where rows
# are uneven, as across a pole: there the part says nothing.
_HALF_DIAGONAL = 0.708
_STEPS = 30
_CLOSE = 1e-6  # of a step: 10 cm on a grid of 1 degree

_GRADIENT = int(Status.CONVERGED_GRADIENT)
_STEP = int(Status.CONVERGED_STEP)
_SINGULAR = int(Status.SINGULAR)
_EXACT = int(Status.EXACT)
_BOUND = int(Status.AT_BOUND)


@compiled
def is_kind(kind: int, xx: float, xy: float, yy: float) -> bool:
    """Tell whether second derivatives are those of a minimum, saddle or maximum."""
    det = xx * yy - xy * xy
    if kind == SADDLE:
        return det < 0.0
    return det > 0.0 and (xx + yy > 0.0) == (kind == MINIMUM)


@compiled
def newton(
    space: Any, c: Any, kind: int, p: Any, y: float, x: float, size: float
) -> Any:
    """Return whether a point without slope of a kind is near, and where."""
    q = p
    d = DELTA * size
    for _ in range(_STEPS):
        _, gx, gy, xx, xy, yy = bend_at(space, c, q, y, x, d)
        if not is_kind(kind, xx, xy, yy):
            return False, p
        det = xx * yy - xy * xy
        dx, dy = (xy * gy - yy * gx) / det, (xy * gx - xx * gy) / det
        length = math.hypot(dx, dy)
        if not length < np.inf:
            return False, p
        limit = 0.5 * size
        if length > limit:
            dx, dy = dx * limit / length, dy * limit / length
        q = moved(space, q, dx, dy)
        y, x = locate(space, q, y, x)
        ax, ay = away(space, p, q)
        if math.hypot(ax, ay) > _REACH * size:
            return False, p
        if length < _CLOSE * size:
            return True, q
    return False, p


@compiled
def _solved(a: Any, b: Any) -> bool:
    """Solve a small system in place, rows exchanged; tell whether it can be."""
    n = len(b)
    for k in range(n):
        best = k
        for j in range(k + 1, n):
            if abs(a[j, k]) > abs(a[best, k]):
                best = j
        if abs(a[best, k]) < 1e-12:
            return False
        for i in range(n):
            a[k, i], a[best, i] = a[best, i], a[k, i]
        b[k], b[best] = b[best], b[k]
        for j in range(k + 1, n):
            factor = a[j, k] / a[k, k]
            for i in range(k, n):
                a[j, i] -= factor * a[k, i]
            b[j] -= factor * b[k]
    for k in range(n - 1, -1, -1):
        for i in range(k + 1, n):
            b[k] -= a[k, i] * b[i]
        b[k] /= a[k, k]
    return True


@compiled
def quadratic(
    space: Any, kind: int, p: Any, centre: float, near: Any, f: Any, size: float
) -> Any:
    """Return a fit through neighbours: whether it has its extremum near, and all of it.

    The centre itself is met; the rest by least squares.
    """
    a, b = np.zeros((5, 5)), np.zeros(5)
    row = np.empty(5)
    count = 0
    for k in range(len(f)):
        if not np.isfinite(f[k]):
            continue
        count += 1
        dx, dy = away(space, p, near[k])
        x, y = dx / size, dy / size
        row[0], row[1] = x, y
        row[2], row[3], row[4] = 0.5 * x * x, x * y, 0.5 * y * y
        for j in range(5):
            b[j] += row[j] * (f[k] - centre)
            for i in range(5):
                a[j, i] += row[j] * row[i]
    if count < 5 or not _solved(a, b):
        return False, p, centre, 0.0, 0.0, 0.0, 0.0, 0.0
    gx, gy, xx, xy, yy = b[0], b[1], b[2], b[3], b[4]
    s2 = size * size
    det = xx * yy - xy * xy
    if is_kind(kind, xx, xy, yy):
        dx, dy = (xy * gy - yy * gx) / det, (xy * gx - xx * gy) / det
        if math.hypot(dx, dy) <= 1.0:
            value = centre + 0.5 * (gx * dx + gy * dy)
            q = moved(space, p, dx * size, dy * size)
            return True, q, value, 0.0, 0.0, xx / s2, xy / s2, yy / s2
    return False, p, centre, gx / size, gy / size, xx / s2, xy / s2, yy / s2


@compiled
def _is_shown(change: float, most: float) -> bool:
    """Tell whether a change of the value is one that the neighbours speak for."""
    return most == 0.0 or abs(change) <= _MOST_CHANGE * most


@compiled
def refine(
    space: Any,
    c: Any,
    kinds: Any,
    starts: Any,
    index: Any,
    sizes: Any,
    values: Any,
    near: Any,
    near_values: Any,
    contrast: Any,
    whole: Any,
    between: Any,
    method: int,
) -> Any:
    """Return places (n, 3), values, derivatives (n, 5) and status of points.

    A start ``between`` points, in the middle of equal ones or on a pole between rows,
    has no value of its own that says how far the spline may go. ``contrast`` is the
    largest difference of each to what lies around.
    """
    n = len(kinds)
    places, found = starts.copy(), values.astype(np.float64)
    slopes, status = np.full((n, 5), np.nan), np.full(n, _SINGULAR, np.int8)
    for k in range(n):
        p = (starts[k, 0], starts[k, 1], starts[k, 2])
        y, x, size = index[k, 0], index[k, 1], sizes[k]
        done = False
        if method == BY_SPLINE and whole[k]:
            done, q = newton(space, c, kinds[k], p, y, x, size)
            if done:
                my, mx = locate(space, q, y, x)
                change = spline_at(space, c, my, mx) - values[k]
                ax, ay = away(space, p, q)
                far = math.hypot(ax, ay) > _HALF_DIAGONAL * size
                shown = _is_shown(change, contrast[k])
                done = between[k] or far or shown
            if done:
                y, x = my, mx
                status[k] = _GRADIENT
                found[k] = _put(space, c, q, y, x, size, places, slopes, k)
        if not done and method >= BY_QUADRATIC:
            done, q, value, gx, gy, xx, xy, yy = quadratic(
                space, kinds[k], p, values[k], near[k], near_values[k], size
            )
            places[k, 0], places[k, 1], places[k, 2] = q
            found[k] = value
            slopes[k, 0], slopes[k, 1] = gx, gy
            slopes[k, 2], slopes[k, 3], slopes[k, 4] = xx, xy, yy
            if done:
                status[k] = _STEP
        if method == 0:
            status[k] = _EXACT
            if whole[k]:
                _put(space, c, p, y, x, size, places, slopes, k)
    return places, found, slopes, status


@compiled
def _put(
    space: Any,
    c: Any,
    p: Any,
    y: float,
    x: float,
    size: float,
    places: Any,
    slopes: Any,
    k: int,
) -> Any:
    """Put a place and the derivatives there into the results; return the value."""
    value, gx, gy, xx, xy, yy = bend_at(space, c, p, y, x, DELTA * size)
    places[k, 0], places[k, 1], places[k, 2] = p
    slopes[k, 0], slopes[k, 1] = gx, gy
    slopes[k, 2], slopes[k, 3], slopes[k, 4] = xx, xy, yy
    return value
