"""The level of the last contour that closes around an extremum, and its inside."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from xnabla.descent.surface._compiled import compiled
from xnabla.descent.surface._net import Net
from xnabla.descent.surface._refine import MINIMUM
from xnabla.descent.surface._search import Half

Floats = NDArray[np.float64]


def last_levels(
    half: Half, values: NDArray[Any], net: Net, edge: NDArray[np.bool_]
) -> Floats:
    """Return for each kept basin the level up to which contours close around it alone.

    Where its component joins that of another kept basin, or comes to an open side or a
    gap; the value that is left last on a globe of one basin.
    """
    tree = half.tree
    count = tree.birth.size
    rank = _ranks(half, values)
    touches = _first_touch(tree.label, rank, edge, count)
    events = [
        (int(rank[node]), 0, basin, int(node))
        for basin, node in enumerate(tree.death)
        if node >= 0
    ]
    events += [
        (int(rank[node]), 1, basin, int(node))
        for basin, node in enumerate(touches)
        if node >= 0
    ]
    parent = np.arange(count)
    within: list[list[int]] = [[b] if half.kept[b] else [] for b in range(count)]
    has_kept, has_edge = half.kept.copy(), np.zeros(count, dtype=np.bool_)
    closed = np.full(count, -1, dtype=np.int64)

    def root(basin: int) -> int:
        while parent[basin] != basin:
            parent[basin] = parent[parent[basin]]
            basin = int(parent[basin])
        return basin

    for _, is_touch, basin, node in sorted(events):
        one = root(basin)
        ends = False
        if is_touch:
            has_edge[one] = ends = True
        else:
            other = root(int(tree.elder[basin]))
            parent[one] = other
            ends = bool(has_kept[one] and has_kept[other])
            within[other] += within[one]
            has_kept[other] |= has_kept[one]
            has_edge[other] |= has_edge[one]
            one = other
        if ends or has_edge[one]:
            closed[within[one]] = node
            within[one] = []
    never = closed < 0
    closed[never] = tree.last[never]
    return values[closed].astype(np.float64)


def _ranks(half: Half, values: NDArray[Any]) -> NDArray[np.int64]:
    """Return numbers that order nodes as the sweep took them."""
    present = np.flatnonzero(~np.isnan(values))
    order = present[np.argsort(values[present], kind="stable")]
    if half.kind != MINIMUM:
        order = order[::-1]
    rank = np.full(values.size, -1, dtype=np.int64)
    rank[order] = np.arange(order.size)
    return rank


def _first_touch(
    label: NDArray[np.int32],
    rank: NDArray[np.int64],
    edge: NDArray[np.bool_],
    count: int,
) -> NDArray[np.int64]:
    """Return the first node of each basin that lies on an edge; -1 if none does."""
    on = np.flatnonzero(edge & (label >= 0))
    on = on[np.argsort(rank[on], kind="stable")]
    basin, first = np.unique(label[on], return_index=True)
    out = np.full(count, -1, dtype=np.int64)
    out[basin] = on[first]
    return out


@compiled
def inside(
    start: int,
    level: float,
    sign: float,
    values: Any,
    offsets: Any,
    row_of: Any,
    first: Any,
    others: Any,
) -> Any:
    """Return the nodes below a level (above it for sign -1) that hang together."""
    seen = np.zeros(len(values), np.bool_)
    found = np.empty(64, np.int32)
    found[0] = start
    seen[start] = True
    count, done = 1, 0
    while done < count:
        node = found[done]
        done += 1
        row = row_of[node]
        begin, stop = (0, 8) if row < 0 else (first[row], first[row + 1])
        for k in range(begin, stop):
            other = node + offsets[k] if row < 0 else others[k]
            if seen[other] or not sign * values[other] < sign * level:
                continue
            seen[other] = True
            if count == len(found):
                longer = np.empty(2 * count, np.int32)
                longer[:count] = found
                found = longer
            found[count] = other
            count += 1
    return found[:count]
