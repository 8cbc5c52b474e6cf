"""How sites around the points of a wind hang together, in plain arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from xnabla.descent.inversion._mesh import Flags, Integers, Mesh


def energy_between(whole: Mesh, padded: Integers, number: Integers, count: int) -> Any:
    """Return the energy of the flow along the links between sites.

    Parameters
    ----------
    whole : Mesh
        The mesh of the grid.
    padded : array (ny + 2, nx + 2)
        The place of each point, and of a ring around them.
    number : array (places,)
        The number of the site of each place, -1 for none.
    count : int
        How many sites there are.
    """
    from scipy.sparse import csr_array, diags_array

    one, other = _beyond(padded, whole.count)
    start = number[np.concatenate([whole.start, one])]
    end = number[np.concatenate([whole.end, other])]
    # a width over a length: one where there is no face to measure
    weight = np.append(whole.weight_m2 / whole.length_m**2, np.ones(one.size))
    keep = (start >= 0) & (end >= 0) & (start != end)
    start, end, weight = start[keep], end[keep], weight[keep]
    ends = np.concatenate([start, end]), np.concatenate([end, start])
    links = csr_array((np.append(weight, weight), ends), shape=(count, count))
    total = np.asarray(links.sum(axis=1)).ravel()
    return (diags_array(total) - links).tocsr()


def _beyond(padded: Integers, nodes: int) -> tuple[Integers, Integers]:
    """Return pairs of a node and a neighbour that is no node of the mesh."""
    centre = padded[1:-1, 1:-1]
    one, other = [], []
    for beside in _neighbours(padded):
        new = (beside >= nodes) & (centre < nodes)
        one.append(centre[new])
        other.append(beside[new])
    return np.concatenate(one), np.concatenate(other)


def _neighbours(padded: Integers) -> tuple[Integers, ...]:
    """Return the places below, above, left and right of each point."""
    return padded[:-2, 1:-1], padded[2:, 1:-1], padded[1:-1, :-2], padded[1:-1, 2:]


def carried_beyond(padded: Integers, valid: Flags, number: Integers, count: int) -> Any:
    """Return what carries numbers from points with a wind to all sites, straight on.

    Parameters
    ----------
    padded : array (ny + 2, nx + 2)
        The place of each point, and of a ring around them.
    valid : array of bool (nodes,)
        Where there is a wind: the sites that come first.
    number : array (places,)
        The number of the site of each place, -1 for none.
    count : int
        How many sites there are.
    """
    from scipy.sparse import csr_array, diags_array

    n = int(valid.sum())
    rows, columns, weights = [np.arange(n)], [np.arange(n)], [np.ones(n)]
    inside = np.zeros(number.size, dtype=bool)
    inside[np.flatnonzero(valid)] = True
    for axis in (0, 1):
        for turned in (padded, np.flip(padded, axis)):
            # lines through points of the grid: the ring has columns of the seam again
            a = np.moveaxis(turned, axis, 0)[:, 1:-1]
            out, near, far = a[:-2].ravel(), a[1:-1].ravel(), a[2:].ravel()
            edge = inside[near] & ~inside[out] & (number[out] >= 0)
            out, near, far = out[edge], near[edge], far[edge]
            far = np.where(inside[far], far, near)
            for column, weight in ((near, 2.0), (far, -1.0)):
                rows.append(number[out])
                columns.append(number[column])
                weights.append(np.full(out.size, weight))
    made = csr_array(
        (np.concatenate(weights), (np.concatenate(rows), np.concatenate(columns))),
        shape=(count, n),
    )
    total = np.asarray(made.sum(axis=1)).ravel()
    return (diags_array(1.0 / np.where(total > 0.0, total, 1.0)) @ made).tocsr()


def holes_beside(padded: Integers, valid: Flags, joined: list[int]) -> Integers:
    """Return the region beyond that each point with a wind lies beside.

    -1 is none, -2 several; 0 is the largest.

    Parameters
    ----------
    padded : array (ny + 2, nx + 2)
        The place of each point, and of a ring around them.
    valid : array of bool (nodes,)
        Where there is a wind.
    joined : list of int
        Places beyond that are others seen across a pole: no region.
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    p, total = padded, int(padded.max()) + 1
    outside = np.ones(total, dtype=bool)
    outside[np.flatnonzero(valid)] = False
    outside[joined] = False
    pairs = [
        (a.ravel(), b.ravel())
        for a, b in (
            (p[:-1], p[1:]),
            (p[:, :-1], p[:, 1:]),
            (p[:-1, :-1], p[1:, 1:]),
            (p[:-1, 1:], p[1:, :-1]),
        )
    ]
    one, other = (np.concatenate(side) for side in zip(*pairs, strict=True))
    both = outside[one] & outside[other]
    links = csr_array(
        (np.ones(int(both.sum())), (one[both], other[both])), shape=(total, total)
    )
    _, label = connected_components(links, directed=False)
    sizes = np.bincount(label[outside], minlength=int(label.max()) + 1)
    order = np.argsort(-sizes, kind="stable")
    rank = np.empty_like(order)
    rank[order] = np.arange(order.size)
    hole = np.full(valid.size, -1)
    centre = p[1:-1, 1:-1]
    for beside in _neighbours(p):
        touching = outside[beside] & (centre < valid.size)
        nodes, region = centre[touching], rank[label[beside[touching]]]
        clash = (hole[nodes] != -1) & (hole[nodes] != region)
        hole[nodes] = np.where(clash, -2, region)
    return np.asarray(hole[valid], dtype=np.intp)
