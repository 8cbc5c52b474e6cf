"""Sums over discs, compiled: bit for bit what the reference gives."""

from __future__ import annotations

from typing import Any

from xnabla.numerics._compiled import compiled


# Columns of a row lie side by side: four weights are one pass over a row in cache.
@compiled
def sum_discs(
    extended: Any, widest: int, rows: Any, starts: Any, weights: Any, out: Any
) -> None:
    """Add the sums to ``out``, as the reference does."""
    columns = out.shape[2]
    for level in range(out.shape[0]):
        for pair in range(rows.shape[0]):
            target = out[level, rows[pair, 0]]
            source = extended[level, rows[pair, 1]]
            first, count = starts[pair], rows[pair, 3]
            at = widest + rows[pair, 2]
            k = 0
            while k + 4 <= count:
                a, b = weights[first + k], weights[first + k + 1]
                c, d = weights[first + k + 2], weights[first + k + 3]
                fa = source[at + k : at + k + columns]
                fb = source[at + k + 1 : at + k + 1 + columns]
                fc = source[at + k + 2 : at + k + 2 + columns]
                fd = source[at + k + 3 : at + k + 3 + columns]
                for x in range(columns):
                    total = target[x] + a * fa[x]
                    total += b * fb[x]
                    total += c * fc[x]
                    total += d * fd[x]
                    target[x] = total
                k += 4
            while k < count:
                a = weights[first + k]
                fa = source[at + k : at + k + columns]
                for x in range(columns):
                    target[x] += a * fa[x]
                k += 1
