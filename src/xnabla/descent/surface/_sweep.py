"""One sort and one sweep with union-find: extrema, saddles, persistence, basins.

Plain arrays. Nodes enter from the lowest up; a node that touches no basin starts one, a
node that touches several joins their components, and the younger of two dies there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xnabla.descent.surface._compiled import compiled
from xnabla.descent.surface._net import Net

Ints = NDArray[np.int32]

_DIGIT_BITS = 11


@dataclass(frozen=True, slots=True, eq=False)
class Tree:
    """What a sweep found; basins are numbered as they are born.

    Attributes
    ----------
    label : array (n_nodes,) of int32
        Basin of each node, found by stepping to its lowest neighbour; -1 if missing.
    birth, death : array (n,) of int32
        The extremum of each basin, and the saddle at which its component joined an
        older one; -1 for the oldest of all.
    across : array (n,) of int32
        The basin on the other side of that saddle; -1 for the oldest.
    elder : array (n,) of int32
        The oldest basin of the component it joined; -1 for the oldest.
    last : array (n,) of int32
        The node that entered its component last, up to its death.
    """

    label: Ints
    birth: Ints
    death: Ints
    across: Ints
    elder: Ints
    last: Ints


def rank_order(values: NDArray[Any], nodes: Ints) -> Ints:
    """Return nodes from the lowest value up; equal ones in the order of their number.

    A radix sort: stable, so plateaus have an order that repeats itself, and five times
    as fast as a stable sort by comparison on fields of 65 000 points.
    """
    if not nodes.size:
        return nodes
    taken = values[nodes]
    single = taken.dtype == np.float32
    bits = taken.view(np.uint32 if single else np.uint64)
    order: Ints = _radix(bits, nodes, 32 if single else 64)
    return order


@compiled
def _radix(bits: Any, nodes: Any, width: int) -> Any:
    n = len(nodes)
    keys = np.empty(n, np.uint64)
    sign = np.uint64(1) << np.uint64(width - 1)
    whole = np.uint64(0xFFFFFFFFFFFFFFFF) if width == 64 else np.uint64(0xFFFFFFFF)
    for i in range(n):
        key = np.uint64(bits[i])
        if key == sign:  # minus zero is zero
            key = np.uint64(0)
        keys[i] = key ^ (whole if key & sign else sign)
    order, other = nodes.copy(), np.empty_like(nodes)
    spare = np.empty_like(keys)
    mask = np.uint64((1 << _DIGIT_BITS) - 1)
    for shift in range(0, width, _DIGIT_BITS):
        counts = np.zeros((1 << _DIGIT_BITS) + 1, np.int64)
        s = np.uint64(shift)
        for i in range(n):
            counts[np.int64((keys[i] >> s) & mask) + 1] += 1
        if counts.max() == n:
            continue
        for d in range(1 << _DIGIT_BITS):
            counts[d + 1] += counts[d]
        for i in range(n):
            digit = np.int64((keys[i] >> s) & mask)
            to = counts[digit]
            counts[digit] += 1
            spare[to], other[to] = keys[i], order[i]
        keys, spare = spare, keys
        order, other = other, order
    return order


def sweep(order: Ints, net: Net) -> Tree:
    """Return the merge tree of nodes that enter in this order."""
    label, book = _sweep(
        order, net.offsets, net.row_of, net.first, net.others, net.size
    )
    columns = [book[row].copy() for row in (_BIRTH, _DEATH, _ACROSS, _ELDER, _LAST)]
    return Tree(label, *columns)


# What is known of each basin: rows of one array, which grows as basins are born.
_BIRTH, _DEATH, _ACROSS, _ELDER, _LAST, _PARENT = range(6)


@compiled
def _root(parent: Any, basin: int) -> int:
    while parent[basin] != basin:
        parent[basin] = parent[parent[basin]]
        basin = parent[basin]
    return basin


@compiled
def _sweep(
    order: Any, offsets: Any, row_of: Any, first: Any, others: Any, size: int
) -> Any:
    label, rank = np.full(size, -1, np.int32), np.empty(size, np.int32)
    book = np.full((6, 1024), -1, np.int32)
    met, near = np.empty(8, np.int32), np.empty(8, np.int32)
    count = 0
    for position in range(len(order)):
        node = order[position]
        rank[node] = position
        row = row_of[node]
        if row < 0:
            low, high = _span(node, offsets, label)
        else:
            low, high = _span(0, others[first[row] : first[row + 1]], label)
        basin = high
        if high < 0:
            if count == book.shape[1]:
                book = _longer(book)
            book[_BIRTH, count] = node
            book[_PARENT, count] = basin = count
            count += 1
        elif low != high:
            # the neighbours have several basins
            if row < 0:
                near = offsets + node
            else:
                near = others[first[row] : first[row + 1]].copy()
            basin = _lowest(near, label, rank)
            met = _join(node, near, label, rank, book, met)
        label[node] = basin
        book[_LAST, basin] = node
    _close(book, count, rank)
    return label, book[:, :count]


@compiled
def _span(node: int, near: Any, label: Any) -> Any:
    """Return the lowest and the highest basin of neighbours, without a branch."""
    low, high = np.int64(0xFFFFFFFF), np.int64(-1)
    for k in range(len(near)):
        basin = np.int64(label[near[k] + node])
        high = max(high, basin)
        low = min(low, basin & 0xFFFFFFFF)  # none, which is -1, is above all
    return low, high


@compiled
def _lowest(near: Any, label: Any, rank: Any) -> int:
    """Return the basin of the lowest neighbour."""
    best, best_rank = -1, 0
    for other in near:
        basin = label[other]
        if basin >= 0 and (best < 0 or rank[other] < best_rank):
            best, best_rank = basin, rank[other]
    return best


@compiled
def _close(book: Any, count: int, rank: Any) -> None:
    """Let the last node of a component be that of its basins, or where it dies."""
    parent, last = book[_PARENT], book[_LAST]
    for basin in range(count):
        root = _root(parent, basin)
        if rank[last[basin]] > rank[last[root]]:
            last[root] = last[basin]
    for basin in range(count):
        if book[_DEATH, basin] >= 0:
            last[basin] = book[_DEATH, basin]


@compiled
def _join(node: int, near: Any, label: Any, rank: Any, book: Any, met: Any) -> Any:
    """Let all components that a node touches but the oldest die there."""
    parent, count = book[_PARENT], 0
    for other in near:
        basin = label[other]
        if basin < 0:
            continue
        root = _root(parent, basin)
        if (met[:count] == root).any():
            continue
        if count == len(met):
            met = np.append(met, met)
        met[count] = root
        count += 1
    if count < 2:
        return met
    oldest = met[:count].min()
    beyond = _beyond(near, label, rank, parent, oldest)
    for m in range(count):
        root = met[m]
        if root != oldest:
            parent[root] = oldest
            book[_DEATH, root] = node
            book[_ACROSS, root], book[_ELDER, root] = beyond, oldest
    return met


@compiled
def _beyond(near: Any, label: Any, rank: Any, parent: Any, oldest: int) -> int:
    """Return the basin of the lowest neighbour in a component."""
    best, best_rank = -1, 0
    for other in near:
        basin = label[other]
        if basin < 0 or _root(parent, basin) != oldest:
            continue
        if best < 0 or rank[other] < best_rank:
            best, best_rank = basin, rank[other]
    return best


@compiled
def _longer(book: Any) -> Any:
    longer = np.full((book.shape[0], 2 * book.shape[1]), -1, np.int32)
    longer[:, : book.shape[1]] = book
    return longer


def survivors(tree: Tree, kept: NDArray[np.bool_]) -> Ints:
    """Return for each basin the kept one it belongs to, by the saddles that end it.

    A shallow basin runs over at its saddle into the basin on the other side; -1 where
    no kept one is reached.
    """
    into = np.where(kept, np.arange(len(kept)), tree.across)
    for _ in range(len(kept).bit_length() + 1):
        known = into >= 0
        into[known] = np.where(
            kept[into[known]], into[known], into[np.maximum(into[known], 0)]
        )
    return np.where((into >= 0) & kept[into], into, -1).astype(np.int32)
