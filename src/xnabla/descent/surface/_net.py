"""Which points of a grid are neighbours, as a net of nodes over seam, pole and fold."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from xnabla.descent.surface._sides import Sides, nodes_of

Ints = NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Net:
    """Nodes and their neighbours, eight on the inside of a grid.

    A node is a place: all points of a pole row, or one point that is there twice, are
    one node. A pole between two rows is a node of its own, beside the whole last row,
    so that the globe is closed and maxima, saddles and minima count up to two.

    Attributes
    ----------
    size : int
        Number of nodes: one for each point, used or not, and the poles between rows.
    node_of : array (ny * nx,)
        The node of each point, flat.
    offsets : array (8,)
        Where the neighbours of an inner node are.
    row_of : array (size,)
        -1 for an inner node; else its row in the lists below.
    first, others : array
        Neighbours of the other nodes: ``others[first[row]:first[row + 1]]``.
    is_edge : array (size,) of bool
        Whether a node lies on an open side.
    poles : tuple of (node, ring)
        Poles between rows, and the nodes around them.
    """

    size: int
    node_of: Ints
    offsets: Ints
    row_of: Ints
    first: Ints
    others: Ints
    is_edge: NDArray[np.bool_]
    poles: tuple[tuple[int, Ints], ...]

    def neighbours(self, node: int) -> Ints:
        """Return the neighbours of a node."""
        row = self.row_of[node]
        if row < 0:
            return np.asarray(node + self.offsets, dtype=np.int32)
        return self.others[self.first[row] : self.first[row + 1]]

    def values(self, field: NDArray[np.floating]) -> NDArray[np.floating]:
        """Return the values of nodes, from those of points (ny, nx).

        The mean of the row for a pole, whose points may differ by rounding or packing.
        """
        flat = np.ascontiguousarray(field).reshape(-1)
        out = np.full(self.size, np.nan, flat.dtype)
        out[: flat.size] = flat
        twice = np.flatnonzero(self.node_of != np.arange(flat.size))
        if twice.size:
            self._put_twins(out, flat, twice)
        for node, ring in self.poles:
            out[node] = _mean(flat[ring])
        return out

    def _put_twins(
        self,
        out: NDArray[np.floating],
        flat: NDArray[np.floating],
        twice: NDArray[np.intp],
    ) -> None:
        """Give a place that is there several times one value."""
        kept = self.node_of[twice]
        order = np.argsort(kept, kind="stable")
        kept, twice = kept[order], twice[order]
        starts = np.flatnonzero(np.r_[True, np.diff(kept) > 0])
        many = np.diff(np.r_[starts, kept.size]) > 1
        for start, stop in zip(
            starts[many], np.r_[starts, kept.size][1:][many], strict=True
        ):
            out[kept[start]] = _mean(flat[np.r_[kept[start], twice[start:stop]]])
        ones = starts[~many]
        gap = np.isnan(flat[kept[ones]])
        out[kept[ones[gap]]] = flat[twice[ones[gap]]]
        out[twice] = np.nan


def _mean(values: NDArray[np.floating]) -> float:
    """Return the mean of what is there; exactly the value if all are equal."""
    known = values[~np.isnan(values)]
    if not known.size:
        return float("nan")
    return float(known[0] if (known == known[0]).all() else known.mean(dtype=float))


def net_of(sides: Sides) -> Net:
    """Return the net of a grid; that of one like it is remembered."""
    if sides.fold is not None:
        return _made(sides)
    key = tuple(getattr(sides, one.name) for one in fields(sides))
    if key not in _KNOWN:
        while len(_KNOWN) >= _MOST:
            _KNOWN.pop(next(iter(_KNOWN)), None)
        _KNOWN[key] = _made(sides)
    return _KNOWN[key]


# Nets hold no coordinates, so fields of one shape share them.
_KNOWN: dict[tuple[object, ...], Net] = {}
_MOST = 4


def _made(sides: Sides) -> Net:
    ny, nx = sides.shape
    node_of = nodes_of(sides)
    around, poles, size = _with_rim(sides, node_of.reshape(ny, nx))
    steps = [(y, x) for y in (-1, 0, 1) for x in (-1, 0, 1) if (y, x) != (0, 0)]
    offsets = np.array([y * nx + x for y, x in steps], dtype=np.int32)
    rows, columns = around.shape[0] - 2, around.shape[1] - 2
    own = around[1:-1, 1:-1].ravel()
    near = np.stack(
        [
            around[1 + y : 1 + y + rows, 1 + x : 1 + x + columns].ravel()
            for y, x in steps
        ],
        axis=1,
    )
    inner = (near == own[:, np.newaxis] + offsets).all(axis=1)
    inner &= np.bincount(own, minlength=size)[own] == 1
    is_edge = np.zeros(size, dtype=np.bool_)
    is_edge[own[(near < 0).any(axis=1)]] = True
    one = np.repeat(own[~inner], 8)
    other = near[~inner].ravel()
    for pole, ring in poles:
        one = np.r_[one, np.full(ring.size, pole), ring]
        other = np.r_[other, ring, np.full(ring.size, pole)]
    real = (other >= 0) & (one != other)
    pairs = np.unique(one[real].astype(np.int64) * size + other[real])
    one, other = (pairs // size).astype(np.int32), (pairs % size).astype(np.int32)
    listed = np.unique(np.r_[own[~inner], [pole for pole, _ in poles]]).astype(np.int32)
    row_of = np.full(size, -1, dtype=np.int32)
    row_of[listed] = np.arange(listed.size, dtype=np.int32)
    counts = np.bincount(row_of[one], minlength=listed.size)
    first = np.r_[0, np.cumsum(counts)].astype(np.int32)
    return Net(size, node_of, offsets, row_of, first, other, is_edge, tuple(poles))


def _with_rim(sides: Sides, node: Ints) -> tuple[Ints, list[tuple[int, Ints]], int]:
    """Return nodes with one more row and column on each side; -1 is nothing."""
    start = sides.start
    core = node[start : start + sides.rows, : sides.columns]
    size, poles = node.size, []
    rims = []
    for side, outer in ((sides.first, 0), (sides.last, -1)):
        rim = np.full(sides.columns, -1, dtype=np.int32)
        if side == "ring":
            rim = core[-1 - outer].copy()
        elif side == "across":
            rim[:] = size
            poles.append((size, np.unique(core[outer])))
            size += 1
        elif side == "fold" and sides.fold is not None:
            inward = sides.fold.skip if outer == 0 else -1 - sides.fold.skip
            rim = core[inward, sides.fold.mirror]
        elif side == "row":
            rim = core[outer].copy()  # itself: nothing lies beyond a pole
        rims.append(rim)
    tall = np.vstack([rims[0], core, rims[1]])
    if sides.ring:
        return np.hstack([tall[:, -1:], tall, tall[:, :1]]), poles, size
    edge = np.full((tall.shape[0], 1), -1, dtype=np.int32)
    return np.hstack([edge, tall, edge]), poles, size
