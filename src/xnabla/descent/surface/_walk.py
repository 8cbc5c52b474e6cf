"""Values, slopes and curvatures of a field at any place of a grid.

Plain numbers, compiled. A place is a unit normal of the Earth, or x, y, 0 on a plane,
so that neither pole nor dateline is special; derivatives are taken in the tangent plane
in metres.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from xnabla.descent.surface._basis import slopes_on, weights_on
from xnabla.descent.surface._compiled import compiled
from xnabla.descent.surface._space import GLOBE, KEPT, PLANE, SURFACE
from xnabla.descent.surface._spline import REACH

_TINY = 1e-12
# Nearer to a pole than this part of the radius, the slope along a parallel is not taken
# from the spline along it.
_FROM_POLE = 0.1
# Directions whose sine squared is less than this are parallel.
_SINGULAR = 1e-8


@compiled
def _corner(index: float, size: int) -> int:
    """Return the point before an index, within reach of the ghosts."""
    return min(max(math.floor(index), -2), size)


@compiled
def spline_at(space: Any, c: Any, y: float, x: float) -> Any:
    """Return the value of a spline at indices of the core."""
    j, i = _corner(y, space.ny), _corner(x, space.nx)
    p = weights_on(space.rows, space.row_step, j, y - j)
    q = weights_on(space.columns, space.column_step, i, x - i)
    j += KEPT - 2
    i += KEPT - 2
    total = 0.0
    for k in range(6):
        row = c[j + k]
        total += p[k] * (
            q[0] * row[i]
            + q[1] * row[i + 1]
            + q[2] * row[i + 2]
            + q[3] * row[i + 3]
            + q[4] * row[i + 4]
            + q[5] * row[i + 5]
        )
    return total


@compiled
def spline_slopes(space: Any, c: Any, y: float, x: float) -> Any:
    """Return value and derivatives along y and x, per unit of the lines of points."""
    j, i = _corner(y, space.ny), _corner(x, space.nx)
    p = weights_on(space.rows, space.row_step, j, y - j)
    q = weights_on(space.columns, space.column_step, i, x - i)
    dp = slopes_on(space.rows, space.row_step, j, y - j)
    dq = slopes_on(space.columns, space.column_step, i, x - i)
    j += KEPT - 2
    i += KEPT - 2
    f = fy = fx = 0.0
    for k in range(6):
        row = c[j + k]
        along = (
            q[0] * row[i]
            + q[1] * row[i + 1]
            + q[2] * row[i + 2]
            + q[3] * row[i + 3]
            + q[4] * row[i + 4]
            + q[5] * row[i + 5]
        )
        across = (
            dq[0] * row[i]
            + dq[1] * row[i + 1]
            + dq[2] * row[i + 2]
            + dq[3] * row[i + 3]
            + dq[4] * row[i + 4]
            + dq[5] * row[i + 5]
        )
        f += p[k] * along
        fy += dp[k] * along
        fx += p[k] * across
    return f, fy, fx


@compiled
def _index_on(line: Any, step: float, at: float) -> Any:
    """Return the index of a number along a line of points."""
    if step != 0.0:
        return (at - line[REACH]) / step
    rising = line[1] > line[0]
    low, high = 0, len(line) - 1
    while high - low > 1:
        middle = (low + high) // 2
        if (line[middle] <= at) == rising:
            low = middle
        else:
            high = middle
    return low - REACH + (at - line[low]) / (line[high] - line[low])


@compiled
def locate(space: Any, p: Any, y: float, x: float) -> Any:
    """Return the indices of a place, sought from indices near by."""
    if space.kind == GLOBE:
        phi = math.atan2(p[2], math.hypot(p[0], p[1]))
        lam = math.atan2(p[1], p[0])
        if space.period_x > 0.0:
            west = min(space.columns[REACH], space.columns[REACH + space.nx])
            lam = west + (lam - west) % space.period_x
        else:
            middle = 0.5 * (space.columns[REACH] + space.columns[REACH + space.nx - 1])
            lam = middle + (lam - middle + math.pi) % (2.0 * math.pi) - math.pi
        return (
            _index_on(space.rows, space.row_step, phi),
            _index_on(space.columns, space.column_step, lam),
        )
    if space.kind == PLANE:
        px, py = p[0], p[1]
        if space.period_x > 0.0:
            west = min(space.columns[REACH], space.columns[REACH + space.nx])
            px = west + (px - west) % space.period_x
        if space.period_y > 0.0:
            south = min(space.rows[REACH], space.rows[REACH + space.ny])
            py = south + (py - south) % space.period_y
        return (
            _index_on(space.rows, space.row_step, py),
            _index_on(space.columns, space.column_step, px),
        )
    return _seek(space, p, y, x)


@compiled
def _seek(space: Any, p: Any, y: float, x: float) -> Any:
    """Return the indices of a place on a curvilinear grid, by Newton steps."""
    for _ in range(12):
        fx, ax, bx = spline_slopes(space, space.normal[0], y, x)
        fy, ay, by = spline_slopes(space, space.normal[1], y, x)
        fz, az, bz = spline_slopes(space, space.normal[2], y, x)
        rx, ry, rz = p[0] - fx, p[1] - fy, p[2] - fz
        aa = ax * ax + ay * ay + az * az
        bb = bx * bx + by * by + bz * bz
        ab = ax * bx + ay * by + az * bz
        ra = rx * ax + ry * ay + rz * az
        rb = rx * bx + ry * by + rz * bz
        det = aa * bb - ab * ab
        if det <= _TINY * aa * bb:
            break
        dy = min(max((ra * bb - rb * ab) / det, -1.0), 1.0)
        dx = min(max((rb * aa - ra * ab) / det, -1.0), 1.0)
        y, x = _folded(space, y + dy, x + dx)
        if abs(dy) + abs(dx) < 1e-9:
            break
    return y, x


@compiled
def _folded(space: Any, y: float, x: float) -> Any:
    """Return indices brought back over the seam and the fold; open sides hold."""
    n = space.ny
    if space.fold_last >= 0 and y > n - 0.5 - 0.5 * space.fold_last:
        y, x = 2.0 * n - 1.0 - space.fold_last - y, space.fold_centre - x
    elif space.fold_first >= 0 and y < 0.5 * space.fold_first - 0.5:
        y, x = space.fold_first - 1.0 - y, space.fold_centre - x
    x = x % space.nx if space.ring else min(max(x, -1.5), space.nx + 0.5)
    return min(max(y, -1.5), n + 0.5), x


@compiled
def frame(space: Any, p: Any) -> Any:
    """Return unit vectors east and north, and the two radii of curvature."""
    if space.kind == PLANE:
        return (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), 1.0, 1.0
    parallel = math.hypot(p[0], p[1])
    if parallel > _TINY:
        cos, sin = p[0] / parallel, p[1] / parallel
    else:
        cos, sin = 1.0, 0.0
    w2 = 1.0 - space.squared * p[2] * p[2]
    across = space.major / math.sqrt(w2)
    along = across * (1.0 - space.squared) / w2
    east = (-sin, cos, 0.0)
    north = (-p[2] * cos, -p[2] * sin, parallel)
    return east, north, across, along


@compiled
def moved(space: Any, p: Any, dx: float, dy: float) -> Any:
    """Return the place so many metres east and north, along a great circle."""
    if space.kind == PLANE:
        return p[0] + dx, p[1] + dy, 0.0
    e, n, across, along = frame(space, p)
    a, b = dx / across, dy / along
    angle = math.hypot(a, b)
    if angle == 0.0:
        return p[0], p[1], p[2]
    c, s = math.cos(angle), math.sin(angle) / angle
    return (
        c * p[0] + s * (a * e[0] + b * n[0]),
        c * p[1] + s * (a * e[1] + b * n[1]),
        c * p[2] + s * (a * e[2] + b * n[2]),
    )


@compiled
def away(space: Any, p: Any, q: Any) -> Any:
    """Return how many metres east and north of p the place q is."""
    if space.kind == PLANE:
        dx, dy = q[0] - p[0], q[1] - p[1]
        if space.period_x > 0.0:
            half = 0.5 * space.period_x
            dx = (dx + half) % space.period_x - half
        if space.period_y > 0.0:
            half = 0.5 * space.period_y
            dy = (dy + half) % space.period_y - half
        return dx, dy
    e, n, across, along = frame(space, p)
    d0, d1, d2 = q[0] - p[0], q[1] - p[1], q[2] - p[2]
    chord = math.sqrt(d0 * d0 + d1 * d1 + d2 * d2)
    a = d0 * e[0] + d1 * e[1] + d2 * e[2]
    b = d0 * n[0] + d1 * n[1] + d2 * n[2]
    flat = math.hypot(a, b)
    if flat == 0.0:
        return 0.0, 0.0
    scale = 2.0 * math.asin(min(0.5 * chord, 1.0)) / flat
    return scale * a * across, scale * b * along


@compiled
def value_at(space: Any, c: Any, p: Any, y: float, x: float) -> Any:
    """Return the value of a field at a place near indices."""
    y, x = locate(space, p, y, x)
    return spline_at(space, c, y, x)


@compiled
def slope_at(space: Any, c: Any, p: Any, y: float, x: float, d: float) -> Any:
    """Return indices of a place near indices, and the slopes east and north there."""
    y, x = locate(space, p, y, x)
    e, n, across, along = frame(space, p)
    if space.kind != SURFACE:
        parallel = math.hypot(p[0], p[1])
        if space.kind == PLANE or parallel > _FROM_POLE:
            _, fy, fx = spline_slopes(space, c, y, x)
            if space.kind == PLANE:
                return y, x, fx, fy
            return y, x, fx / (across * parallel), fy / along
    else:
        _, fy, fx = spline_slopes(space, c, y, x)
        _, ay, ax = spline_slopes(space, space.normal[0], y, x)
        _, by, bx = spline_slopes(space, space.normal[1], y, x)
        _, cy, cx = spline_slopes(space, space.normal[2], y, x)
        ye = (ay * e[0] + by * e[1] + cy * e[2]) * across
        xe = (ax * e[0] + bx * e[1] + cx * e[2]) * across
        yn = (ay * n[0] + by * n[1] + cy * n[2]) * along
        xn = (ax * n[0] + bx * n[1] + cx * n[2]) * along
        det = xe * yn - ye * xn
        if det * det > _SINGULAR * (xe * xe + xn * xn) * (ye * ye + yn * yn):
            return y, x, (fx * yn - fy * xn) / det, (fy * xe - fx * ye) / det
    east = value_at(space, c, moved(space, p, d, 0.0), y, x)
    west = value_at(space, c, moved(space, p, -d, 0.0), y, x)
    north = value_at(space, c, moved(space, p, 0.0, d), y, x)
    south = value_at(space, c, moved(space, p, 0.0, -d), y, x)
    return y, x, 0.5 * (east - west) / d, 0.5 * (north - south) / d


@compiled
def bend_at(space: Any, c: Any, p: Any, y: float, x: float, d: float) -> Any:
    """Return value, slopes, and the second derivatives xx, xy, yy."""
    centre = value_at(space, c, p, y, x)
    f = np.empty((3, 3))
    for j in range(3):
        for i in range(3):
            if i == 1 and j == 1:
                f[j, i] = centre
                continue
            f[j, i] = value_at(
                space, c, moved(space, p, (i - 1) * d, (j - 1) * d), y, x
            )
    gx, gy = 0.5 * (f[1, 2] - f[1, 0]) / d, 0.5 * (f[2, 1] - f[0, 1]) / d
    xx = (f[1, 2] - 2.0 * centre + f[1, 0]) / (d * d)
    yy = (f[2, 1] - 2.0 * centre + f[0, 1]) / (d * d)
    xy = 0.25 * (f[2, 2] - f[2, 0] - f[0, 2] + f[0, 0]) / (d * d)
    return centre, gx, gy, xx, xy, yy
