"""Compiled passes over rows: each input is read once, each output written once.

A row of the result is made of rows of the inputs that lie in the cache, by short
loops over a few arrays, which compilers turn into vector instructions: one long loop
over seven arrays took 73 ms where these took 20. Everything that varies, the scheme,
the grid and the formula, is numbers that ``_program`` writes; so there is one kernel
for each floating type, and a module-level one, which numba finds in its cache on disk
(kernels made by a factory are compiled in every process anew).
"""

from __future__ import annotations

from xnabla.numerics._address_numba import row_at, uncounted
from xnabla.numerics._between_numba import outer
from xnabla.numerics._compiled import compiled, inlined
from xnabla.numerics._gaps_numba import has_gaps, mend_row, slope_beside_gaps
from xnabla.numerics._passes_numba import (
    BARE,
    BESIDE_GAPS,
    DOT,
    MEAN_OF_PRESENT,
    MIXED,
    OUTER,
    POLE_MEAN,
    QUOTIENT,
    STENCIL,
    TIMES_ROW,
    apply,
    beside,
    beside_4,
    beside_times,
    beside_uneven,
    cross,
    cross_beside,
    dot,
    mean_of,
    mean_of_present,
    one,
    own,
    picked,
    turned,
    two,
    two_own,
)
from xnabla.numerics._symbols import OWN


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
        and along[12][group] < 0
        and along[15][group, r] == r + sizes[3]
        and down[1][entry] == along[1][group]
        and down[1][entry + 1] == along[1][group]
        and down[3][entry] == 0
        and down[3][entry + 1] == 0
    ):
        if (
            group + 2 == last
            and along[2][group + 1, r] == 1
            and along[12][group + 1] < 0
            and along[15][group + 1, r] == r + sizes[3]
        ):
            _sum_cross_beside(out, entry, group, o, r, sizes, inputs, down, along)
            group += 2
        else:
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
    a = row_at(field + down[2][e] * steps[slot] + at * out.itemsize, n, out)
    b = row_at(field + down[2][e + 1] * steps[slot] + at * out.itemsize, n, out)
    row = row_at(field + (r + above) * steps[slot], width, out)
    wa, wb = down[4][e], down[4][e + 1]
    weights, own, lo, hi, ends = along[3], along[4], along[5], along[6], along[7]
    cross(out, a, b, row, wa, wb, weights[g, r], own[g, r], at, lo, hi)
    for i in range(ends.size):
        j = ends[i]
        c = row[along[11][i]]
        across = wa * (a[j] - c) + wb * (b[j] - c)
        out[j] = across + _sum_end(i, g, r, c, row, along)


@inlined
def _sum_cross_beside(  # type: ignore[no-untyped-def]
    out, e, g, o, r, sizes, inputs, down, along
):
    """Make what ``_sum_cross`` makes, and both sides of the row of another input.

    A vorticity is that; the second pass over the row took a tenth of the time.
    """
    _, n, at, above, width = sizes
    fields, steps = inputs
    slot, beyond = down[1][e], along[1][g + 1]
    field = fields[slot, o]
    a = row_at(field + down[2][e] * steps[slot] + at * out.itemsize, n, out)
    b = row_at(field + down[2][e + 1] * steps[slot] + at * out.itemsize, n, out)
    row = row_at(field + (r + above) * steps[slot], width, out)
    other = row_at(fields[beyond, o] + (r + above) * steps[beyond], width, out)
    wa, wb = down[4][e], down[4][e + 1]
    weights, own, lo, hi, ends = along[3], along[4], along[5], along[6], along[7]
    cross_beside(
        out,
        a,
        b,
        row,
        wa,
        wb,
        weights[g, r],
        own[g, r],
        other,
        weights[g + 1, r],
        own[g + 1, r],
        at,
        lo,
        hi,
    )
    for i in range(ends.size):
        j = ends[i]
        c, beside_c = row[along[11][i]], other[along[11][i]]
        across = wa * (a[j] - c) + wb * (b[j] - c)
        total = across + _sum_end(i, g, r, c, row, along)
        out[j] = total + _sum_end(i, g + 1, r, beside_c, other, along)


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
    slots, rows, shifts, weights = down[1], down[2], down[3], down[4]
    untouched = True
    while e < last:
        slot, shift = slots[e], shifts[e]
        field = fields[slot, o] + at * out.itemsize
        c = row_at(field + (r + above) * steps[slot], n, out)
        a = row_at(field + rows[e] * steps[slot], n, out)
        if shift == OWN:
            own(out, c, weights[e], untouched)
        elif shift < OWN:
            t = OWN - 1 - shift
            turn = down[5][t], down[6][t], down[7][t]
            picked(out, a, c, turn[0], turn[1], turn[2], weights[e], untouched)
        elif shift > 0:
            turned(out, a, c, weights[e], shift, untouched)
        elif e + 1 < last and slots[e + 1] == slot and shifts[e + 1] == 0:
            b = row_at(field + rows[e + 1] * steps[slot], n, out)
            third = e + 2 < last and slots[e + 2] == slot and shifts[e + 2] == OWN
            if untouched and third:
                two_own(out, a, b, c, weights[e], weights[e + 1], weights[e + 2])
                e += 1
            else:
                two(out, a, b, c, weights[e], weights[e + 1], untouched)
            e += 1
        else:
            one(out, a, c, weights[e], untouched)
        e += 1
        untouched = False
    return untouched


@inlined
def _sum_along(out, g, o, r, sizes, inputs, along, first):  # type: ignore[no-untyped-def]
    """Add what lies beside in the row, or side by side in another."""
    _, _, at, _, width = sizes
    fields, steps = inputs
    slot, half = along[1][g], along[2][g, r]
    row = row_at(fields[slot, o] + along[15][g, r] * steps[slot], width, out)
    w, own, lo, hi, ends = along[3][g, r], along[4][g, r], along[5], along[6], along[7]
    if along[12][g] >= 0:
        by_column, alone = along[13][along[12][g]], along[14][along[12][g]]
        beside_uneven(out, row, by_column, alone, w[0], at, lo, hi, half, first)
    elif half == 2:
        beside_4(out, row, w, own, at, lo, hi, first)
    elif half == 1:
        beside(out, row, w, own, at, lo, hi, 1, first)
    else:
        beside(out, row, w, own, at, lo, hi, half, first)
    for i in range(ends.size):
        j = ends[i]
        total = _sum_end(i, g, r, row[along[11][i]], row, along)
        out[j] = total if first else out[j] + total


@inlined
def _mixed(out, op, o, r, sizes, inputs, down, along):  # type: ignore[no-untyped-def]
    """Make a row of a mixed derivative: the sum along each of several rows."""
    _, _, at, _, width = sizes
    fields, steps = inputs
    slots, rows, weights = down[1], down[2], down[4]
    g, first = along[0][op], True
    half, w, kind = along[2][g, r], along[3][g, r], along[12][g]
    lo, hi, ends = along[5], along[6], along[7]
    for e in range(down[0][op, r], down[0][op, r + 1]):
        row = row_at(fields[slots[e], o] + rows[e] * steps[slots[e]], width, out)
        if kind >= 0:
            by_column, factor = along[13][kind], weights[e] * w[0]
            alone = along[14][kind]
            beside_uneven(out, row, by_column, alone, factor, at, lo, hi, half, first)
        else:
            beside_times(out, row, w, weights[e], at, lo, hi, half, first)
        for i in range(ends.size):
            total = weights[e] * _sum_end(i, g, r, row[along[11][i]], row, along)
            out[ends[i]] = total if first else out[ends[i]] + total
        first = False


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
    return row_at(address, n, scratch)


@compiled
def _beside_gaps(out, code, o, r, rows, tables):  # type: ignore[no-untyped-def]
    """Make the points of a slope on a map that lie beside gaps."""
    sizes, inputs, outputs, scratch = rows
    narrower, down, along, places = tables
    p = _operand(code[2], o, r, sizes, inputs, outputs, scratch)
    q = _operand(code[3], o, r, sizes, inputs, outputs, scratch)
    weights = (
        _operand(code[6], o, r, sizes, inputs, outputs, scratch),
        _operand(code[7], o, r, sizes, inputs, outputs, scratch),
        _operand(code[8], o, r, sizes, inputs, outputs, scratch),
        _operand(code[9], o, r, sizes, inputs, outputs, scratch),
    )
    at = o, r, sizes, inputs
    ops = code[4], code[5]
    slope_beside_gaps(
        out, p, q, ops, weights, code[10], at, narrower, down, along, places
    )


@compiled
def run(  # type: ignore[no-untyped-def]  # noqa: C901, PLR0912, PLR0915
    first,
    last,
    band,
    sizes,
    inputs,
    outputs,
    code,
    narrower,
    row_values,
    is_pole,
    around,
    down,
    along,
    between,
    places,
    scratch,
):
    """Make rows ``first`` to ``last`` of all results, counted over outer indices.

    A ``band`` of rows of all fields comes before the next. What a formula lacks is
    None, and numba compiles none of its branches: 10 s of processor time for a
    gradient, 20 s with all of them.
    """
    rows, count = sizes[0], outputs[0].shape[1]
    inputs = (uncounted(inputs[0]), uncounted(inputs[1]))
    outputs = (uncounted(outputs[0]), uncounted(outputs[1]))
    code, row_values = uncounted(code), uncounted(row_values)
    is_pole, scratch = uncounted(is_pole), uncounted(scratch)
    if between is not None:
        all_shares = uncounted(between)
    if places is not None:
        lying = (
            uncounted(places[0]),
            uncounted(places[1]),
            uncounted(places[2]),
            uncounted(places[3]),
            uncounted(places[4]),
        )
    down = (
        uncounted(down[0]),
        uncounted(down[1]),
        uncounted(down[2]),
        uncounted(down[3]),
        uncounted(down[4]),
        uncounted(down[5]),
        uncounted(down[6]),
        uncounted(down[7]),
    )
    along = (
        uncounted(along[0]),
        uncounted(along[1]),
        uncounted(along[2]),
        uncounted(along[3]),
        uncounted(along[4]),
        along[5],
        along[6],
        uncounted(along[7]),
        uncounted(along[8]),
        uncounted(along[9]),
        uncounted(along[10]),
        uncounted(along[11]),
        uncounted(along[12]),
        uncounted(along[13]),
        uncounted(along[14]),
        uncounted(along[15]),
    )
    for item in range(first, last):
        above = item // (band * count) * band
        height = min(band, rows - above)
        o, r = (item - above * count) // height, (item - above * count) % height
        r += above
        for p in range(code.shape[0]):
            what, into, i, k = code[p, 0], code[p, 1], code[p, 2], code[p, 3]
            out = _operand(into, o, r, sizes, inputs, outputs, scratch)
            if what in (STENCIL, BARE):
                _stencil(out, i, o, r, sizes, inputs, down, along)
                if (
                    narrower is not None
                    and what == STENCIL
                    and narrower[i + 1] > narrower[i]
                ):
                    mend_row(out, i, o, r, sizes, inputs, narrower, down, along)
                continue
            if what == MIXED:
                _mixed(out, i, o, r, sizes, inputs, down, along)
                continue
            if between is not None and what == OUTER:
                of, other = i - scratch.shape[0], k - scratch.shape[0]
                shares = all_shares[code[p, 5], : code[p, 4], o]
                outer(out, of, other, o, r, sizes, inputs, shares)
                continue
            if places is not None and what == BESIDE_GAPS:
                if has_gaps(out):  # seldom: the call may take its microsecond
                    rows_of = sizes, inputs, outputs, scratch
                    tables = narrower, down, along, lying
                    _beside_gaps(out, code[p], o, r, rows_of, tables)
                continue
            a = _operand(i, o, r, sizes, inputs, outputs, scratch)
            if what in (POLE_MEAN, MEAN_OF_PRESENT):
                # in place: all other rows are as they are
                if is_pole[r] and what == POLE_MEAN:
                    mean_of(out, a, around)
                elif is_pole[r]:
                    mean_of_present(out, a, around)
            elif what == DOT:
                b = _operand(k, o, r, sizes, inputs, outputs, scratch)
                c = _operand(code[p, 4], o, r, sizes, inputs, outputs, scratch)
                d = _operand(code[p, 5], o, r, sizes, inputs, outputs, scratch)
                dot(out, a, b, c, d)
            elif what >= TIMES_ROW and what != QUOTIENT:
                apply(out, what, a, a, row_values[k, r])
            else:
                b = _operand(k, o, r, sizes, inputs, outputs, scratch)
                apply(out, what, a, b, row_values[0, r])
