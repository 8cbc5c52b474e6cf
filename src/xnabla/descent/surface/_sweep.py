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
    return _radix(bits, nodes, 32 if single else 64)


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
    found = _sweep(order, net.offsets, net.row_of, net.first, net.others, net.size)
    return Tree(*found)


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
    label = np.full(size, -1, np.int32)
    rank = np.empty(size, np.int32)
    room = 1024
    birth, death = np.empty(room, np.int32), np.full(room, -1, np.int32)
    across, elder = np.full(room, -1, np.int32), np.full(room, -1, np.int32)
    parent, last = np.empty(room, np.int32), np.empty(room, np.int32)
    met = np.empty(64, np.int32)
    count = 0
    for position in range(len(order)):
        node = order[position]
        rank[node] = position
        row = row_of[node]
        lowest, lowest_rank, several = -1, 0, False
        start, stop = (0, 8) if row < 0 else (first[row], first[row + 1])
        for k in range(start, stop):
            other = node + offsets[k] if row < 0 else others[k]
            near = label[other]
            if near < 0:
                continue
            if lowest < 0:
                lowest, lowest_rank = near, rank[other]
                continue
            several = several or near != lowest
            if rank[other] < lowest_rank:
                lowest, lowest_rank = near, rank[other]
        if lowest < 0:
            if count == room:
                grown = 2 * room
                birth = _longer(birth, grown)
                death, across = _longer(death, grown), _longer(across, grown)
                elder, parent = _longer(elder, grown), _longer(parent, grown)
                last = _longer(last, grown)
                room = grown
            birth[count] = last[count] = node
            parent[count] = count
            label[node] = count
            count += 1
            continue
        label[node] = lowest
        oldest = _root(parent, lowest)
        if several:
            # the components it touches: the oldest lives on
            n_met = 1
            met[0] = oldest
            for k in range(start, stop):
                other = node + offsets[k] if row < 0 else others[k]
                if label[other] < 0:
                    continue
                root = _root(parent, label[other])
                if (met[:n_met] == root).any():
                    continue
                if n_met == len(met):
                    met = _longer(met, 2 * n_met)
                met[n_met] = root
                n_met += 1
            if n_met > 1:
                oldest = met[:n_met].min()
                beyond, beyond_rank = -1, np.int32(0)
                for k in range(start, stop):
                    other = node + offsets[k] if row < 0 else others[k]
                    near = label[other]
                    if near < 0 or _root(parent, near) != oldest:
                        continue
                    if beyond < 0 or rank[other] < beyond_rank:
                        beyond, beyond_rank = near, rank[other]
                for m in range(n_met):
                    root = met[m]
                    if root == oldest:
                        continue
                    parent[root] = oldest
                    death[root], across[root], elder[root] = node, beyond, oldest
                    last[root] = node
        last[oldest] = node
    return (
        label,
        birth[:count].copy(),
        death[:count].copy(),
        across[:count].copy(),
        elder[:count].copy(),
        last[:count].copy(),
    )


@compiled
def _longer(array: Any, size: int) -> Any:
    longer = np.full(size, -1, np.int32)
    longer[: len(array)] = array
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
