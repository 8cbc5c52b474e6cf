"""Short loops over a row of a few arrays, each turned into vector instructions."""

from __future__ import annotations

import math

from xnabla.numerics._compiled import compiled

# What an instruction does; ``_program`` writes them.
STENCIL, ADD, SUBTRACT, MULTIPLY, DIVIDE = 0, 1, 2, 3, 4
NEGATE, ROOT, HYPOT, TIMES_ROW, PLUS_ROW = 5, 6, 7, 8, 9
ROW_BY, ONE_FOR_ZERO, POLE_MEAN, COPY = 10, 11, 12, 13
DOT, QUOTIENT, MEAN_OF_PRESENT, MIXED = 14, 15, 16, 17
OUTER, BARE, BESIDE_GAPS = 18, 19, 20


@compiled
def two(out, a, b, c, wa, wb, first):  # type: ignore[no-untyped-def]
    if first:
        for j in range(out.size):
            out[j] = wa * (a[j] - c[j]) + wb * (b[j] - c[j])
    else:
        for j in range(out.size):
            out[j] += wa * (a[j] - c[j]) + wb * (b[j] - c[j])


@compiled
def one(out, a, c, w, first):  # type: ignore[no-untyped-def]
    if first:
        for j in range(out.size):
            out[j] = w * (a[j] - c[j])
    else:
        for j in range(out.size):
            out[j] += w * (a[j] - c[j])


@compiled
def two_own(out, a, b, c, wa, wb, w):  # type: ignore[no-untyped-def]
    for j in range(out.size):
        out[j] = wa * (a[j] - c[j]) + wb * (b[j] - c[j]) + w * c[j]


@compiled
def own(out, c, w, first):  # type: ignore[no-untyped-def]
    if first:
        for j in range(out.size):
            out[j] = w * c[j]
    else:
        for j in range(out.size):
            out[j] += w * c[j]


@compiled
def turned(out, a, c, w, shift, first):  # type: ignore[no-untyped-def]
    """Add what lies a turn further along a row that closes a circle."""
    n = out.size
    left = n - shift
    if first:
        for j in range(left):
            out[j] = w * (a[j + shift] - c[j])
        for j in range(left, n):
            out[j] = w * (a[j - left] - c[j])
    else:
        for j in range(left):
            out[j] += w * (a[j + shift] - c[j])
        for j in range(left, n):
            out[j] += w * (a[j - left] - c[j])


@compiled
def picked(out, a, c, columns, weights, own, w, first):  # type: ignore[no-untyped-def]
    """Add what lies in another row, each column reading its own: few rows do."""
    for j in range(out.size):
        total = own[j] * c[j]
        for k in range(weights.shape[1]):
            if weights[j, k] != 0:
                total += weights[j, k] * (a[columns[j, k]] - c[j])
        out[j] = w * total if first else out[j] + w * total


@compiled
def cross(out, a, b, row, wa, wb, w, own, at, lo, hi):  # type: ignore[no-untyped-def]
    """Make the commonest sum in one pass: a row on each side, a column on each."""
    before, after = w[0], w[1]
    top, bottom, part = a[lo:], b[lo:], out[lo:hi]
    left, middle, right = row[at + lo - 1 :], row[at + lo :], row[at + lo + 1 :]
    for j in range(hi - lo):
        c = middle[j]
        part[j] = (
            (wa * (top[j] - c) + wb * (bottom[j] - c))
            + (before * (left[j] - c) + after * (right[j] - c))
            + own * c
        )


@compiled
def cross_beside(  # type: ignore[no-untyped-def]
    out, a, b, row, wa, wb, w, own, other, w_other, own_other, at, lo, hi
):
    """Make such a sum and both sides of a row of another input in one pass."""
    before, after = w[0], w[1]
    west, east = w_other[0], w_other[1]
    top, bottom, part = a[lo:], b[lo:], out[lo:hi]
    left, middle, right = row[at + lo - 1 :], row[at + lo :], row[at + lo + 1 :]
    o_left, o_middle = other[at + lo - 1 :], other[at + lo :]
    o_right = other[at + lo + 1 :]
    for j in range(hi - lo):
        c, o = middle[j], o_middle[j]
        part[j] = (
            (wa * (top[j] - c) + wb * (bottom[j] - c))
            + (before * (left[j] - c) + after * (right[j] - c))
            + own * c
        ) + ((west * (o_left[j] - o) + east * (o_right[j] - o)) + own_other * o)


@compiled
def beside(  # type: ignore[no-untyped-def]
    out, row, w, own, at, lo, hi, half, first
):
    """Add a centred sum along the row; ``w`` has -half..-1 and then 1..half."""
    part, middle = out[lo:hi], row[at + lo :]
    for k in range(1, half + 1):
        before, after = w[half - k], w[half + k - 1]
        left, right = row[at + lo - k :], row[at + lo + k :]
        if first and k == 1:
            for j in range(hi - lo):
                c = middle[j]
                part[j] = (before * (left[j] - c) + after * (right[j] - c)) + own * c
        elif k == 1:
            for j in range(hi - lo):
                c = middle[j]
                part[j] += (before * (left[j] - c) + after * (right[j] - c)) + own * c
        else:
            for j in range(hi - lo):
                c = middle[j]
                part[j] += before * (left[j] - c) + after * (right[j] - c)


@compiled
def beside_uneven(  # type: ignore[no-untyped-def]
    out, row, w, own, factor, at, lo, hi, half, first
):
    """Add a centred sum along the row, of which each column has its own weights.

    ``w`` has rows of them, those of the nearest points in the middle. A pass for each
    pair: both pairs of five points in one took 1.9 microseconds a row, in two 0.35, as
    so many rows are no vector instructions any more.
    """
    part, middle, mine = out[lo:hi], row[at + lo :], own[lo:hi]
    nearest = w.shape[0] // 2
    for k in range(1, half + 1):
        before, after = w[nearest - k, lo:hi], w[nearest + k - 1, lo:hi]
        left, right = row[at + lo - k :], row[at + lo + k :]
        if first and k == 1:
            for j in range(hi - lo):
                c = middle[j]
                total = before[j] * (left[j] - c) + after[j] * (right[j] - c)
                part[j] = factor * (total + mine[j] * c)
        elif k == 1:
            for j in range(hi - lo):
                c = middle[j]
                total = before[j] * (left[j] - c) + after[j] * (right[j] - c)
                part[j] += factor * (total + mine[j] * c)
        else:
            for j in range(hi - lo):
                c = middle[j]
                total = before[j] * (left[j] - c) + after[j] * (right[j] - c)
                part[j] += factor * total


@compiled
def beside_times(  # type: ignore[no-untyped-def]
    out, row, w, times, at, lo, hi, half, first
):
    """Add a centred difference along a row, times a number."""
    part, middle = out[lo:hi], row[at + lo :]
    for k in range(1, half + 1):
        before, after = times * w[half - k], times * w[half + k - 1]
        left, right = row[at + lo - k :], row[at + lo + k :]
        if first and k == 1:
            for j in range(hi - lo):
                c = middle[j]
                part[j] = before * (left[j] - c) + after * (right[j] - c)
        else:
            for j in range(hi - lo):
                c = middle[j]
                part[j] += before * (left[j] - c) + after * (right[j] - c)


@compiled
def beside_4(out, row, w, own, at, lo, hi, first):  # type: ignore[no-untyped-def]
    w0, w1, w2, w3 = w[0], w[1], w[2], w[3]
    a, b, middle = row[at + lo - 2 :], row[at + lo - 1 :], row[at + lo :]
    c, d = row[at + lo + 1 :], row[at + lo + 2 :]
    part = out[lo:hi]
    if first:
        for j in range(hi - lo):
            o = middle[j]
            part[j] = (
                (w0 * (a[j] - o) + w1 * (b[j] - o))
                + (w2 * (c[j] - o) + w3 * (d[j] - o))
                + own * o
            )
    else:
        for j in range(hi - lo):
            o = middle[j]
            part[j] += (
                (w0 * (a[j] - o) + w1 * (b[j] - o))
                + (w2 * (c[j] - o) + w3 * (d[j] - o))
                + own * o
            )


@compiled
def apply(out, code, a, b, value):  # type: ignore[no-untyped-def]  # noqa: C901, PLR0912
    """Make a row from one or two rows, point by point."""
    n = out.size
    if code == ADD:
        for j in range(n):
            out[j] = a[j] + b[j]
    elif code == SUBTRACT:
        for j in range(n):
            out[j] = a[j] - b[j]
    elif code == MULTIPLY:
        for j in range(n):
            out[j] = a[j] * b[j]
    elif code == DIVIDE:
        for j in range(n):
            out[j] = a[j] / b[j]
    elif code == NEGATE:
        for j in range(n):
            out[j] = -a[j]
    elif code == ROOT:
        for j in range(n):
            out[j] = math.sqrt(a[j])
    elif code == HYPOT:
        # in single precision squares of less than 1e-19 vanish: no field is so smooth
        # that its rounding has slopes as small
        for j in range(n):
            out[j] = math.sqrt(a[j] * a[j] + b[j] * b[j])
    elif code == TIMES_ROW:
        for j in range(n):
            out[j] = a[j] * value
    elif code == PLUS_ROW:
        for j in range(n):
            out[j] = a[j] + value
    elif code == ROW_BY:
        for j in range(n):
            out[j] = value / a[j]
    elif code == QUOTIENT:
        for j in range(n):
            out[j] = a[j] / (1 if b[j] == 0 else b[j])
    elif code == ONE_FOR_ZERO:
        for j in range(n):
            out[j] = 1 if a[j] == 0 else a[j]
    else:
        for j in range(n):
            out[j] = a[j]


@compiled
def dot(out, a, b, c, d):  # type: ignore[no-untyped-def]
    """Make a sum of two products: as four passes they took twice as long."""
    for j in range(out.size):
        out[j] = a[j] * b[j] + c[j] * d[j]


@compiled
def mean_of(out, a, around):  # type: ignore[no-untyped-def]
    """Fill a row with the mean of its different points, of which there is one."""
    total = 0.0
    for j in range(around):
        total += a[j]
    for j in range(out.size):
        out[j] = total / around


@compiled
def mean_of_present(out, a, around):  # type: ignore[no-untyped-def]
    """Fill a row with the mean of those of its different points that are there."""
    total, count = 0.0, 0
    for j in range(around):
        if a[j] == a[j]:
            total += a[j]
            count += 1
    for j in range(out.size):
        out[j] = total / count
