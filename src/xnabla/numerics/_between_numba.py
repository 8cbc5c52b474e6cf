"""A row of a derivative along levels or times: differences between fields."""

from __future__ import annotations

from xnabla.numerics._address_numba import row_at
from xnabla.numerics._compiled import inlined
from xnabla.numerics._passes_numba import one, two


@inlined
def outer(out, own, first, o, r, sizes, inputs, weights):  # type: ignore[no-untyped-def]
    """Make a row of a derivative along levels or times, two other fields at once."""
    _, n, at, above, _ = sizes
    fields, steps = inputs
    offset = (r + above) * steps[own] + at * out.itemsize
    c = row_at(fields[own, o] + offset, n, out)
    k, untouched = 0, True
    while k < weights.size:
        w = weights[k]
        a = row_at(fields[first + k, o] + offset, n, out)
        k += 1
        if w == 0:
            continue
        while k < weights.size and weights[k] == 0:
            k += 1
        if k < weights.size:
            b = row_at(fields[first + k, o] + offset, n, out)
            two(out, a, b, c, w, weights[k], untouched)
            k += 1
        else:
            one(out, a, c, w, untouched)
        untouched = False
    if untouched:
        for j in range(out.size):
            out[j] = 0
