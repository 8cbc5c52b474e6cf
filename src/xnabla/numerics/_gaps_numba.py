"""Results beside gaps, point by point: the widest stencil that finds all its points."""

from __future__ import annotations

from xnabla.numerics._compiled import compiled, inlined
from xnabla.numerics._rows_numba import row_at


@compiled
def mend(  # type: ignore[no-untyped-def]
    first, last, sizes, inputs, outputs, narrower, down, along, model
):
    """Fall back, in rows ``first`` to ``last``, where a result is missing for a gap.

    Where the point itself is missing its result stays so. Only the first input counts.
    """
    rows, n, at, above, _ = sizes
    fields, steps = inputs
    results, strides = outputs
    for item in range(first, last):
        o, r = item // rows, item % rows
        start = fields[0, o] + (r + above) * steps[0] + at * model.itemsize
        own = row_at(start, n, model)
        for q in range(results.shape[0]):
            out = row_at(results[q, o] + r * strides[q], n, model)
            for j in range(n):
                if out[j] == out[j] or own[j] != own[j]:
                    continue
                for op in range(narrower[q], narrower[q + 1]):
                    value = _down_at(op, o, r, j, own[j], sizes, inputs, down, model)
                    value += _along_at(op, o, r, j, own[j], sizes, inputs, along, model)
                    if value == value:  # noqa: PLR0124
                        out[j] = value
                        break


@inlined
def _down_at(op, o, r, j, own, sizes, inputs, down, model):  # type: ignore[no-untyped-def]
    """Return the sum over rows of one stencil at one point."""
    _, n, at, _, width = sizes
    fields, steps = inputs
    bounds, slots, rows, shifts, weights = down
    total = own - own
    for e in range(bounds[op, r], bounds[op, r + 1]):
        slot = slots[e]
        other = row_at(fields[slot, o] + rows[e] * steps[slot], width, model)
        total += weights[e] * (other[at + (j + shifts[e]) % n] - own)
    return total


@inlined
def _along_at(  # type: ignore[no-untyped-def]
    op, o, r, j, own, sizes, inputs, along, model
):
    """Return the sum along the row of one stencil at one point."""
    _, _, at, above, width = sizes
    fields, steps = inputs
    bounds, slots, halves, weights, _, lo, hi = along[:7]
    total = own - own
    for g in range(bounds[op], bounds[op + 1]):
        half, slot = halves[g, r], slots[g]
        if half == 0:
            continue
        row = row_at(fields[slot, o] + (r + above) * steps[slot], width, model)
        if lo <= j < hi:
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
def _end_at(g, r, j, own, row, along):  # type: ignore[no-untyped-def]
    """Return the sum at one of the columns that do it their own way."""
    ends, sources, weights = along[7], along[8], along[9]
    total = own - own
    for i in range(ends.size):
        if ends[i] == j:
            for k in range(sources.shape[2]):
                weight = weights[g, r, i, k]
                if weight != 0:
                    total += weight * (row[sources[g, i, k]] - own)
    return total
