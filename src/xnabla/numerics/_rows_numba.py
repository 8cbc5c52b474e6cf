"""Compiled passes over rows: each input is read once, each output written once.

A row of the result is made of rows of the inputs that lie in the cache, by short
loops over a few arrays, which compilers turn into vector instructions: one long loop
over seven arrays took 73 ms where these took 20. Everything that varies, the scheme,
the grid and the formula, is numbers that ``_program`` writes; so there is one kernel
for each floating type, and a module-level one, which numba finds in its cache on disk
(kernels made by a factory are compiled in every process anew).
"""

from __future__ import annotations

import math
from typing import Any

from numba import carray, types  # type: ignore[attr-defined]
from numba.core import cgutils
from numba.extending import intrinsic

from xnabla.numerics._compiled import compiled, inlined

# What an instruction does; ``_program`` writes them.
STENCIL, ADD, SUBTRACT, MULTIPLY, DIVIDE = 0, 1, 2, 3, 4
NEGATE, ROOT, HYPOT, TIMES_ROW, PLUS_ROW = 5, 6, 7, 8, 9
ROW_BY, ONE_FOR_ZERO, POLE_MEAN, COPY = 10, 11, 12, 13


def _typed_pointer(typing, address):  # type: ignore[no-untyped-def]
    """Take a number for an address."""

    def code(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        return builder.inttoptr(arguments[0], cgutils.voidptr_t)

    return types.voidptr(types.int64), code


_pointer: Any = intrinsic(_typed_pointer)


@inlined
def _row(address, size, model):  # type: ignore[no-untyped-def]
    """Look at memory as a row of numbers like those of ``model``.

    Rows of arrays would be counted in and out, by both threads, several times a row:
    that took 30 of 50 ms.
    """
    pointer = _pointer(address)
    return carray(pointer, (size,), model.dtype)


@inlined
def _uncounted(array):  # type: ignore[no-untyped-def]
    """Return the same array as nobody counts it: whoever calls keeps it alive."""
    pointer = _pointer(array.ctypes.data)
    return carray(pointer, array.shape, array.dtype)


@compiled
def _two(out, a, b, c, wa, wb, first):  # type: ignore[no-untyped-def]
    if first:
        for j in range(out.size):
            out[j] = wa * (a[j] - c[j]) + wb * (b[j] - c[j])
    else:
        for j in range(out.size):
            out[j] += wa * (a[j] - c[j]) + wb * (b[j] - c[j])


@compiled
def _one(out, a, c, w, first):  # type: ignore[no-untyped-def]
    if first:
        for j in range(out.size):
            out[j] = w * (a[j] - c[j])
    else:
        for j in range(out.size):
            out[j] += w * (a[j] - c[j])


@compiled
def _own(out, c, w, first):  # type: ignore[no-untyped-def]
    if first:
        for j in range(out.size):
            out[j] = w * c[j]
    else:
        for j in range(out.size):
            out[j] += w * c[j]


@compiled
def _turned(out, a, c, w, shift, first):  # type: ignore[no-untyped-def]
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
def _cross(out, a, b, row, wa, wb, w, own, at, lo, hi):  # type: ignore[no-untyped-def]
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
def _beside(  # type: ignore[no-untyped-def]
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
def _beside_4(out, row, w, own, at, lo, hi, first):  # type: ignore[no-untyped-def]
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


@inlined
def _stencil(out, op, o, r, sizes, inputs, down, along):  # type: ignore[no-untyped-def]
    """Make a row of one linear operator: sums over rows, then along the row."""
    group, last = along[0][op], along[0][op + 1]
    entry, end = down[0][op, r], down[0][op, r + 1]
    untouched = True
    if (
        end - entry == 2
        and group < last
        and along[2][group, r] == 1
        and down[1][entry] == along[1][group]
        and down[1][entry + 1] == along[1][group]
        and down[3][entry] == 0
        and down[3][entry + 1] == 0
    ):
        _sum_cross(out, entry, group, o, r, sizes, inputs, down, along)
        group += 1
        untouched = False
    else:
        untouched = _sum_down(out, entry, end, o, r, sizes, inputs, down)
    for g in range(group, last):
        if along[2][g, r] > 0:
            _sum_along(out, g, o, r, sizes, inputs, along, untouched)
            untouched = False
    if untouched:
        for j in range(out.size):
            out[j] = 0


@inlined
def _sum_cross(  # type: ignore[no-untyped-def]
    out, e, g, o, r, sizes, inputs, down, along
):
    """Make two other rows and both sides of the row in one pass."""
    _, n, at, above, width = sizes
    fields, steps = inputs
    slot = down[1][e]
    field = fields[slot, o]
    a = _row(field + down[2][e] * steps[slot] + at * out.itemsize, n, out)
    b = _row(field + down[2][e + 1] * steps[slot] + at * out.itemsize, n, out)
    row = _row(field + (r + above) * steps[slot], width, out)
    wa, wb = down[4][e], down[4][e + 1]
    weights, own, lo, hi, ends = along[3], along[4], along[5], along[6], along[7]
    _cross(out, a, b, row, wa, wb, weights[g, r], own[g, r], at, lo, hi)
    for i in range(ends.size):
        j = ends[i]
        c = row[along[11][i]]
        across = wa * (a[j] - c) + wb * (b[j] - c)
        out[j] = across + _sum_end(i, g, r, c, row, along)


@inlined
def _sum_end(i, g, r, own, row, along):  # type: ignore[no-untyped-def]
    """Return the sum along the row at one of the columns that do it their own way."""
    sources, weights, end_own = along[8], along[9], along[10]
    total = end_own[g, r, i] * own
    for k in range(sources.shape[2]):
        weight = weights[g, r, i, k]
        if weight != 0:
            total += weight * (row[sources[g, i, k]] - own)
    return total


@inlined
def _sum_down(out, e, last, o, r, sizes, inputs, down):  # type: ignore[no-untyped-def]
    """Add what lies in other rows; tell whether nothing did."""
    _, n, at, above, _ = sizes
    fields, steps = inputs
    _, slots, rows, shifts, weights = down
    untouched = True
    while e < last:
        slot, shift = slots[e], shifts[e]
        field = fields[slot, o] + at * out.itemsize
        c = _row(field + (r + above) * steps[slot], n, out)
        a = _row(field + rows[e] * steps[slot], n, out)
        if shift < 0:
            _own(out, c, weights[e], untouched)
        elif shift > 0:
            _turned(out, a, c, weights[e], shift, untouched)
        elif e + 1 < last and slots[e + 1] == slot and shifts[e + 1] == 0:
            b = _row(field + rows[e + 1] * steps[slot], n, out)
            _two(out, a, b, c, weights[e], weights[e + 1], untouched)
            e += 1
        else:
            _one(out, a, c, weights[e], untouched)
        e += 1
        untouched = False
    return untouched


@inlined
def _sum_along(out, g, o, r, sizes, inputs, along, first):  # type: ignore[no-untyped-def]
    """Add what lies beside in the row."""
    _, _, at, above, width = sizes
    fields, steps = inputs
    slot, half = along[1][g], along[2][g, r]
    row = _row(fields[slot, o] + (r + above) * steps[slot], width, out)
    w, own, lo, hi, ends = along[3][g, r], along[4][g, r], along[5], along[6], along[7]
    if half == 2:
        _beside_4(out, row, w, own, at, lo, hi, first)
    elif half == 1:
        _beside(out, row, w, own, at, lo, hi, 1, first)
    else:
        _beside(out, row, w, own, at, lo, hi, half, first)
    for i in range(ends.size):
        j = ends[i]
        total = _sum_end(i, g, r, row[along[11][i]], row, along)
        out[j] = total if first else out[j] + total


@compiled
def _apply(out, code, a, b, value):  # type: ignore[no-untyped-def]  # noqa: C901, PLR0912
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
    elif code == HYPOT:  # in double precision: squares of 1e-20 vanish in single
        for j in range(n):
            x, y = float(a[j]), float(b[j])
            out[j] = math.sqrt(x * x + y * y)
    elif code == TIMES_ROW:
        for j in range(n):
            out[j] = a[j] * value
    elif code == PLUS_ROW:
        for j in range(n):
            out[j] = a[j] + value
    elif code == ROW_BY:
        for j in range(n):
            out[j] = value / a[j]
    elif code == ONE_FOR_ZERO:
        for j in range(n):
            out[j] = 1 if a[j] == 0 else a[j]
    else:
        for j in range(n):
            out[j] = a[j]


@compiled
def _mean_of(out, a, around):  # type: ignore[no-untyped-def]
    """Fill a row with the mean of its different points, of which there is one."""
    total = 0.0
    for j in range(around):
        total += a[j]
    for j in range(out.size):
        out[j] = total / around


@inlined
def _operand(i, o, r, sizes, inputs, outputs, scratch):  # type: ignore[no-untyped-def]
    """Return the row an instruction names: scratch rows, then inputs, then outputs."""
    _, n, at, above, _ = sizes
    fields, steps = inputs
    results, strides = outputs
    size = scratch.itemsize
    slot = i - scratch.shape[0]
    if slot < 0:
        address = scratch.ctypes.data + i * scratch.shape[1] * size
    elif slot < steps.size:
        address = fields[slot, o] + (r + above) * steps[slot] + at * size
    else:
        slot -= steps.size
        address = results[slot, o] + r * strides[slot]
    return _row(address, n, scratch)


@compiled
def run(  # type: ignore[no-untyped-def]
    first,
    last,
    sizes,
    inputs,
    outputs,
    code,
    row_values,
    is_pole,
    around,
    down,
    along,
    scratch,
):
    """Make rows ``first`` to ``last`` of all results, counted over outer indices."""
    rows = sizes[0]
    inputs = (_uncounted(inputs[0]), _uncounted(inputs[1]))
    outputs = (_uncounted(outputs[0]), _uncounted(outputs[1]))
    code, row_values = _uncounted(code), _uncounted(row_values)
    is_pole, scratch = _uncounted(is_pole), _uncounted(scratch)
    down = (
        _uncounted(down[0]),
        _uncounted(down[1]),
        _uncounted(down[2]),
        _uncounted(down[3]),
        _uncounted(down[4]),
    )
    along = (
        _uncounted(along[0]),
        _uncounted(along[1]),
        _uncounted(along[2]),
        _uncounted(along[3]),
        _uncounted(along[4]),
        along[5],
        along[6],
        _uncounted(along[7]),
        _uncounted(along[8]),
        _uncounted(along[9]),
        _uncounted(along[10]),
        _uncounted(along[11]),
    )
    for item in range(first, last):
        o, r = item // rows, item % rows
        for p in range(code.shape[0]):
            what, into, i, k = code[p, 0], code[p, 1], code[p, 2], code[p, 3]
            out = _operand(into, o, r, sizes, inputs, outputs, scratch)
            if what == STENCIL:
                _stencil(out, i, o, r, sizes, inputs, down, along)
                continue
            a = _operand(i, o, r, sizes, inputs, outputs, scratch)
            if what == POLE_MEAN and is_pole[r]:
                _mean_of(out, a, around)
            elif what == POLE_MEAN and i == into:
                continue
            elif what >= TIMES_ROW:
                _apply(out, what, a, a, row_values[k, r])
            else:
                b = _operand(k, o, r, sizes, inputs, outputs, scratch)
                _apply(out, what, a, b, row_values[0, r])
