"""Results beside gaps, point by point: the widest stencil that finds all its points."""

from __future__ import annotations

from xnabla.numerics._address_numba import row_at
from xnabla.numerics._compiled import inlined
from xnabla.numerics._symbols import OWN


@inlined
def has_gaps(row):  # type: ignore[no-untyped-def]
    """Tell whether anything is missing in a row."""
    missing = 0
    for j in range(row.size):
        missing += row[j] != row[j]
    return missing > 0


@inlined
def mend_row(  # type: ignore[no-untyped-def]
    out, op, o, r, sizes, inputs, narrower, down, along
):
    """Fall back, in a row of one stencil, where it is missing for a gap.

    Where a point itself is missing the result stays so.
    """
    _, n, at, above, _ = sizes
    fields, steps = inputs
    if not has_gaps(out):
        return
    # most of what is missing is missing itself: one look at one input tells
    first, last = down[0][op, r], down[0][op, r + 1]
    slot = down[1][first] if last > first else along[1][along[0][op]]
    start = fields[slot, o] + (r + above) * steps[slot] + at * out.itemsize
    own = row_at(start, n, out)
    for j in range(n):
        if out[j] == out[j] or own[j] != own[j]:
            continue
        if not _is_there(op, o, r, j, sizes, inputs, down, along):
            continue
        for one in range(narrower[op], narrower[op + 1]):
            value = _down_at(one, o, r, j, sizes, inputs, down, out)
            value += _along_at(one, o, r, j, sizes, inputs, along, out)
            if value == value:  # noqa: PLR0124
                out[j] = value
                break


@inlined
def slope_beside_gaps(  # type: ignore[no-untyped-def]
    out, p, q, ops, weights, towards, where, narrower, down, along, places
):
    """Make a slope on a map, in a row, where the stencils along its lines shrink.

    With steps of position by the very stencils of the field.
    """
    o, r, sizes, inputs = where
    _, n, at, above, _ = sizes
    fields, steps = inputs
    qe, pe, qn, pn = weights
    slot = along[1][along[0][ops[1]]]
    start = fields[slot, o] + (r + above) * steps[slot] + at * out.itemsize
    own = row_at(start, n, out)
    for j in range(n):
        # where the map is singular nothing is made
        if out[j] == out[j] or own[j] != own[j] or qe[j] != qe[j]:
            continue
        inverse = qe[j] * pn[j] - pe[j] * qn[j]
        y_east, y_north = -qn[j] / inverse, qe[j] / inverse
        x_east, x_north = pn[j] / inverse, -pe[j] / inverse
        along_p, along_q = p[j], q[j]
        for side in range(2):
            value = along_q if side else along_p
            if value == value:  # noqa: PLR0124
                continue
            used = -1
            for one in range(narrower[ops[side]], narrower[ops[side] + 1]):
                value = _down_at(one, o, r, j, sizes, inputs, down, out)
                value += _along_at(one, o, r, j, sizes, inputs, along, out)
                if value == value:  # noqa: PLR0124
                    used = one
                    break
            if used < 0:
                break
            east, north = _step_at(used, r, j, sizes, places, down, along)
            if side:
                along_q, x_east, x_north = value, east, north
            else:
                along_p, y_east, y_north = value, east, north
        area = x_east * y_north - x_north * y_east
        if towards == 0:
            out[j] = (along_q * y_north - along_p * x_north) / area
        else:
            out[j] = (along_p * x_east - along_q * y_east) / area


@inlined
def _step_at(op, r, j, sizes, places, down, along):  # type: ignore[no-untyped-def]
    """Return the step of position by one stencil at one point: east, and north."""
    _, n, at, above, _ = sizes
    positions, steps, directions, strides, model = places
    east, north = 0.0, 0.0
    for c in range(3):
        whole = positions[c], steps
        step = _down_at(op, 0, r, j, sizes, whole, down, model)
        step += _along_at(op, 0, r, j, sizes, whole, along, model)
        if c < 2:
            start = directions[c] + (r + above) * strides[c] + at * model.itemsize
            east += step * row_at(start, n, model)[j]
        start = directions[2 + c] + (r + above) * strides[2 + c] + at * model.itemsize
        north += step * row_at(start, n, model)[j]
    return east, north


@inlined
def _is_there(op, o, r, j, sizes, inputs, down, along):  # type: ignore[no-untyped-def]
    """Tell whether the point itself is there, in all that the stencil reads."""
    found = True
    for e in range(down[0][op, r], down[0][op, r + 1]):
        value = _own(down[1][e], o, r, j, sizes, inputs, down[4])
        found &= value == value  # noqa: PLR0124
    for g in range(along[0][op], along[0][op + 1]):
        value = _own(along[1][g], o, r, j, sizes, inputs, down[4])
        found &= value == value  # noqa: PLR0124
    return found


@inlined
def _own(slot, o, r, j, sizes, inputs, model):  # type: ignore[no-untyped-def]
    """Return what an input is at the point itself."""
    _, n, at, above, _ = sizes
    fields, steps = inputs
    start = fields[slot, o] + (r + above) * steps[slot] + at * model.itemsize
    return row_at(start, n, model)[j]


@inlined
def _down_at(op, o, r, j, sizes, inputs, down, model):  # type: ignore[no-untyped-def]
    """Return the sum over rows of one stencil at one point."""
    _, n, at, _, width = sizes
    fields, steps = inputs
    bounds, slots, rows, shifts, weights = down[0], down[1], down[2], down[3], down[4]
    total = 0.0
    for e in range(bounds[op, r], bounds[op, r + 1]):
        slot = slots[e]
        own = _own(slot, o, r, j, sizes, inputs, model)
        if shifts[e] == OWN:
            total += weights[e] * own
            continue
        other = row_at(fields[slot, o] + rows[e] * steps[slot], width, model)
        if shifts[e] < OWN:
            total += weights[e] * _beyond_at(OWN - 1 - shifts[e], j, own, other, down)
        else:
            total += weights[e] * (other[at + (j + shifts[e]) % n] - own)
    return total


@inlined
def _beyond_at(turn, j, own, row, down):  # type: ignore[no-untyped-def]
    """Return what lies in another row, between columns."""
    columns, weights = down[5], down[6]
    total = down[7][turn, j] * own
    for k in range(weights.shape[2]):
        weight = weights[turn, j, k]
        if weight != 0:
            total += weight * (row[columns[turn, j, k]] - own)
    return total


@inlined
def _along_at(op, o, r, j, sizes, inputs, along, model):  # type: ignore[no-untyped-def]
    """Return the sum along the row of one stencil at one point."""
    _, _, at, _, width = sizes
    fields, steps = inputs
    bounds, slots, halves, weights, owns, lo, hi = along[:7]
    total = 0.0
    for g in range(bounds[op], bounds[op + 1]):
        half, slot = halves[g, r], slots[g]
        if half == 0:
            continue
        row = row_at(fields[slot, o] + along[15][g, r] * steps[slot], width, model)
        own = row[at + j]
        if lo <= j < hi and along[12][g] >= 0:
            sums = _uneven_at(along[12][g], j, own, row, at + j, half, along)
            total += weights[g, r, 0] * sums
            continue
        if lo <= j < hi:
            total += owns[g, r] * own
            for k in range(half):
                before, after = weights[g, r, half - 1 - k], weights[g, r, half + k]
                if before != 0:
                    total += before * (row[at + j - k - 1] - own)
                if after != 0:
                    total += after * (row[at + j + k + 1] - own)
            continue
        total += _end_at(g, r, j, own, row, along)
    return total


@inlined
def _uneven_at(table, j, own, row, at, half, along):  # type: ignore[no-untyped-def]
    """Return the sum at a column that has its own weights."""
    by_column = along[13]
    nearest = by_column.shape[1] // 2
    total = along[14][table, j] * own
    for k in range(1, half + 1):
        before = by_column[table, nearest - k, j]
        after = by_column[table, nearest + k - 1, j]
        if before != 0:
            total += before * (row[at - k] - own)
        if after != 0:
            total += after * (row[at + k] - own)
    return total


@inlined
def _end_at(g, r, j, own, row, along):  # type: ignore[no-untyped-def]
    """Return the sum at one of the columns that do it their own way."""
    ends, sources, weights, owns = along[7], along[8], along[9], along[10]
    total = 0.0
    for i in range(ends.size):
        if ends[i] == j:
            total += owns[g, r, i] * own
            for k in range(sources.shape[2]):
                weight = weights[g, r, i, k]
                if weight != 0:
                    total += weight * (row[sources[g, i, k]] - own)
    return total
