"""Steepest paths, many at once: Runge-Kutta steps on the globe, ended by Newton's.

Plain numbers, compiled. The path of unit speed dp/ds = -grad f / |grad f| is followed
with the fifth-order pair of Dormand and Prince; a step that turns back has a critical
point before it, which is then sought directly.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from xnabla.descent._status import Status
from xnabla.descent.surface._compiled import compiled
from xnabla.descent.surface._refine import DELTA, newton
from xnabla.descent.surface._space import KEPT, PLANE
from xnabla.descent.surface._walk import away, frame, locate, slope_at, spline_at

_GRADIENT = int(Status.CONVERGED_GRADIENT)
_STEP = int(Status.CONVERGED_STEP)
_MOST = int(Status.MAX_ITERATIONS)
_LEFT = int(Status.LEFT_DOMAIN)
_MISSING = int(Status.ALL_MISSING)
_LENGTH = int(Status.STOPPED)

_LONGEST = 1.0  # step of a path, in steps of the grid
_SHORTEST = 1e-5

# Dormand and Prince (1980).
_A = np.array(
    [
        [0, 0, 0, 0, 0, 0],
        [1 / 5, 0, 0, 0, 0, 0],
        [3 / 40, 9 / 40, 0, 0, 0, 0],
        [44 / 45, -56 / 15, 32 / 9, 0, 0, 0],
        [19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729, 0, 0],
        [9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656, 0],
        [35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84],
    ]
)
_E = np.array(
    [71 / 57600, 0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40]
)


@compiled
def is_inside(space: Any, nodes: Any, present: Any, y: float, x: float) -> bool:
    """Tell whether the four points around indices are there."""
    edge = 1e-6
    if space.open_first and y < -edge:
        return False
    if space.open_last and y > space.ny - 1 + edge:
        return False
    if not space.ring and not -edge <= x <= space.nx - 1 + edge:
        return False
    j, i = math.floor(y), math.floor(x)
    j = min(max(j, -KEPT), space.ny + KEPT - 2)
    i = min(max(i, -KEPT), space.nx + KEPT - 2)
    # on the last line of an open side there is nothing beyond to ask
    j2 = j if y - j < edge else j + 1
    i2 = i if x - i < edge else i + 1
    for jj in (j, j2):
        for ii in (i, i2):
            node = nodes[jj + KEPT, ii + KEPT]
            if node < 0 or not present[node]:
                return False
    return True


@compiled
def size_at(space: Any, nodes: Any, sizes: Any, y: float, x: float) -> Any:
    """Return the step of the grid near indices in metres."""
    j = min(max(math.floor(y + 0.5), 0), space.ny - 1)
    i = min(max(math.floor(x + 0.5), 0), space.nx - 1)
    return sizes[nodes[j + KEPT, i + KEPT]]


@compiled
def velocity(
    space: Any, c: Any, p: Any, y: float, x: float, d: float, sign: float, out: Any
) -> Any:
    """Put the direction of the path, per metre, into ``out``; return the slope."""
    y, x, gx, gy = slope_at(space, c, p, y, x, d)
    norm = math.hypot(gx, gy)
    if norm == 0.0:
        out[:] = 0.0
        return norm, y, x
    e, n, across, along = frame(space, p)
    a, b = sign * gx / norm / across, sign * gy / norm / along
    for k in range(3):
        out[k] = a * e[k] + b * n[k]
    return norm, y, x


@compiled
def normalized(space: Any, q: Any) -> Any:
    """Return a place brought back to the surface."""
    if space.kind == PLANE:
        return q[0], q[1], 0.0
    r = math.sqrt(q[0] * q[0] + q[1] * q[1] + q[2] * q[2])
    return q[0] / r, q[1] / r, q[2] / r


@compiled
def _stepped(
    space: Any,
    c: Any,
    p: Any,
    y: float,
    x: float,
    h: float,
    d: float,
    sign: float,
    k: Any,
) -> Any:
    """Return the place a step further, its error, and whether the path turns back.

    ``k`` has the direction at the start, and gets those of the stages. Any stage may
    tell of a turn: beyond a minimum they point back, and cancel in the sum.
    """
    q, turned = p, False
    for stage in range(1, 7):
        s0 = s1 = s2 = 0.0
        for m in range(stage):
            s0 += _A[stage, m] * k[m, 0]
            s1 += _A[stage, m] * k[m, 1]
            s2 += _A[stage, m] * k[m, 2]
        q = normalized(space, (p[0] + h * s0, p[1] + h * s1, p[2] + h * s2))
        velocity(space, c, q, y, x, d, sign, k[stage])
        turned = turned or (
            k[0, 0] * k[stage, 0] + k[0, 1] * k[stage, 1] + k[0, 2] * k[stage, 2] < 0.0
        )
    e0 = e1 = e2 = 0.0
    for m in range(7):
        e0 += _E[m] * k[m, 0]
        e1 += _E[m] * k[m, 1]
        e2 += _E[m] * k[m, 2]
    error = h * math.sqrt(e0 * e0 + e1 * e1 + e2 * e2) * space.major
    return q, error, turned


@compiled
def _ended(
    space: Any, c: Any, kind: int, p: Any, y: float, x: float, size: float, sign: float
) -> Any:
    """Return whether an extremum that the path must end in is near, and where."""
    done, m = newton(space, c, kind, p, y, x, size)
    if not done:
        return False, p
    here = spline_at(space, c, y, x)
    my, mx = locate(space, m, y, x)
    return sign * (spline_at(space, c, my, mx) - here) >= -1e-12 * abs(here), m


@compiled
def _advanced(
    space: Any,
    c: Any,
    nodes: Any,
    present: Any,
    kind: int,
    p: Any,
    y: float,
    x: float,
    h: float,
    size: float,
    sign: float,
    tolerance: float,
    k: Any,
) -> Any:
    """Return how a path goes on: status, place, indices, length, the step to try next.

    A step that errs by too much, that leaves the field or that turns back is halved.
    """
    d = DELTA * size
    while h >= _SHORTEST * size:
        q, error, turned = _stepped(space, c, p, y, x, h, d, sign, k)
        if turned:
            done, m = _ended(space, c, kind, p, y, x, size, sign)
            ax, ay = away(space, p, m)
            length = math.hypot(ax, ay)
            my, mx = locate(space, m, y, x)
            done = done and length <= 2.0 * h
            if done and is_inside(space, nodes, present, my, mx):
                return _GRADIENT, m, my, mx, length, h
        if turned or error > tolerance * size:
            h *= 0.5
            continue
        qy, qx = locate(space, q, y, x)
        if is_inside(space, nodes, present, qy, qx):
            further = 2.0 * h if error < 0.02 * tolerance * size else h
            return _MOST, q, qy, qx, h, further
        if h <= 1e-3 * size:
            return _LEFT, p, y, x, 0.0, h
        h *= 0.5
    return _STEP, p, y, x, 0.0, h


@compiled
def track(
    space: Any,
    c: Any,
    nodes: Any,
    present: Any,
    sizes: Any,
    starts: Any,
    index: Any,
    sign: float,
    kind: int,
    slope_floor: float,
    tolerance: float,
    most_m: float,
    most_steps: int,
) -> Any:
    """Return places of all paths, one behind the other, lengths, counts and status.

    ``tolerance`` is the error of a step in steps of the grid, ``slope_floor`` the fall
    over a step of the grid below which there is no slope.
    """
    n = len(starts)
    table = np.empty((64 * n + 64, 4))  # three numbers of a place, and the length
    counts, status = np.zeros(n, np.int64), np.zeros(n, np.int8)
    total = 0
    k = np.zeros((7, 3))
    for path in range(n):
        p = (starts[path, 0], starts[path, 1], starts[path, 2])
        y, x = locate(space, p, index[path, 0], index[path, 1])
        length, ended = 0.0, _MOST
        if not is_inside(space, nodes, present, y, x):
            ended = _LEFT
        h = 0.25 * size_at(space, nodes, sizes, y, x)
        table, total = _put(table, total, p, length)
        first = total
        for _ in range(most_steps):
            if ended != _MOST:
                break
            size = size_at(space, nodes, sizes, y, x)
            norm, y, x = velocity(space, c, p, y, x, DELTA * size, sign, k[0])
            if norm * size <= slope_floor:
                ended = _GRADIENT
            elif most_m - length <= _SHORTEST * size:
                ended = _LENGTH
            else:
                h = min(h, _LONGEST * size, most_m - length)
                ended, p, y, x, walked, h = _advanced(
                    space, c, nodes, present, kind, p, y, x, h, size, sign, tolerance, k
                )
                length += walked
                if walked > 0.0:
                    table, total = _put(table, total, p, length)
        counts[path], status[path] = total - first + 1, ended
    return table[:total, :3].copy(), table[:total, 3].copy(), counts, status


@compiled
def _put(table: Any, total: int, p: Any, length: float) -> Any:
    """Return the table with a place more, and how many it holds."""
    if total == len(table):
        table = np.concatenate((table, np.empty_like(table)))
    table[total, 0], table[total, 1], table[total, 2] = p
    table[total, 3] = length
    return table, total + 1
