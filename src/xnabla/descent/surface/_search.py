"""The extrema and saddles of one plain field: swept, chosen, refined."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xnabla.descent._status import Status
from xnabla.descent.surface._ground import Ground
from xnabla.descent.surface._refine import (
    BY_QUADRATIC,
    BY_SPLINE,
    MINIMUM,
    SADDLE,
    refine,
)
from xnabla.descent.surface._sweep import Tree, sweep

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

METHODS: dict[str | None, int] = {
    "spline": BY_SPLINE,
    "quadratic": BY_QUADRATIC,
    None: 0,
}
# Neighbours that a quadratic is fitted to; a pole has a whole row of them.
_NEAR = 16
# Equal points beyond this number are a plateau: packing makes a few of its own.
_WIDE = 4
# A plateau reaches farther than so many steps from its middle; the row around a pole
# does not, however many points it has.
_BROAD = 1.1


@dataclass(frozen=True, slots=True)
class Search:
    """What is sought.

    Attributes
    ----------
    kinds : tuple of int
        Minima, maxima, or both.
    saddles : bool
        Whether the saddles that end them are asked for too.
    least : float
        The least persistence.
    method : int
        How places are refined.
    drop_edge : bool
        Whether extrema beside missing points and open sides are left out.
    """

    kinds: tuple[int, ...]
    least: float = 0.0
    saddles: bool = False
    method: int = BY_SPLINE
    drop_edge: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Half:
    """One sweep: the extrema of a kind and what ends them.

    Attributes
    ----------
    kind : int
    tree : Tree
    persistence : array (n,)
        Of each basin; infinite for the oldest of a component.
    kept : array (n,) of bool
        Which persist long enough.
    """

    kind: int
    tree: Tree
    persistence: Floats
    kept: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """The points of one field, as columns.

    Attributes
    ----------
    kind : array (n,)
    node : array (n,)
        The grid point, or a pole between rows.
    saddle : array (n,)
        The node of the saddle that ends an extremum; -1 if none does.
    basin : array (n,)
        The basin of an extremum in its sweep; -1 for a saddle.
    persistence : array (n,)
    grid_value, saddle_value : array (n,)
    place : array (n, 3)
    value : array (n,)
    slopes : array (n, 5)
        Slopes east and north, second derivatives xx, xy, yy.
    status : array (n,)
    on_edge : array (n,) of bool
    state : int
        Status of the whole field.
    """

    kind: Ints
    node: Ints
    saddle: Ints
    basin: Ints
    persistence: Floats
    grid_value: Floats
    saddle_value: Floats
    place: Floats
    value: Floats
    slopes: Floats
    status: NDArray[np.int8]
    on_edge: NDArray[np.bool_]
    state: int


def halves(values: NDArray[Any], ground: Ground, search: Search) -> list[Half]:
    """Return the sweeps of a field of nodes, from below and from above."""
    return [
        _half(
            kind,
            sweep(values, ground.net, upwards=kind == MINIMUM),
            values,
            search.least,
        )
        for kind in search.kinds
    ]


def _half(kind: int, tree: Tree, values: NDArray[Any], least: float) -> Half:
    born = values[tree.birth].astype(np.float64)
    ends = values[np.maximum(tree.death, 0)].astype(np.float64)
    persistence = np.where(tree.death >= 0, np.abs(ends - born), np.inf)
    # a component of one value has no extremum
    flat = (tree.death < 0) & (values[tree.last] == values[tree.birth])
    kept = (persistence > 0.0) & (persistence >= least) & ~flat
    return Half(kind, tree, persistence, kept)


def search_in(field: NDArray[Any], ground: Ground, search: Search) -> Row:
    """Return the points of one field (ny, nx)."""
    values = ground.net.values(field)
    swept = halves(values, ground, search)
    kinds, nodes, saddles, basins, lasting = [], [], [], [], []
    for half in swept:
        chosen = np.flatnonzero(half.kept)
        if search.drop_edge and chosen.size:
            births = half.tree.birth[chosen]
            chosen = chosen[~edges_of(births, values, ground)]
        chosen = chosen[np.argsort(-half.persistence[chosen], kind="stable")]
        kinds.append(np.full(chosen.size, half.kind))
        nodes.append(half.tree.birth[chosen])
        saddles.append(half.tree.death[chosen])
        basins.append(chosen)
        lasting.append(half.persistence[chosen])
    if search.saddles:
        node = np.concatenate(saddles)
        ended = node >= 0
        lasting.append(np.concatenate(lasting)[ended])
        kinds.append(np.full(int(ended.sum()), SADDLE))
        nodes.append(node[ended])
        saddles.append(np.full(int(ended.sum()), -1))
        basins.append(np.full(int(ended.sum()), -1))
    kind, node, saddle, basin, persistence = (
        np.concatenate(part) for part in (kinds, nodes, saddles, basins, lasting)
    )
    on_edge = edges_of(node, values, ground)
    where, grid_value, slopes, status = _refined(
        field, values, ground, search.method, kind, node, on_edge
    )
    return Row(
        kind.astype(np.int64),
        node.astype(np.int64),
        saddle.astype(np.int64),
        basin.astype(np.int64),
        persistence,
        values[node].astype(np.float64),
        np.where(saddle >= 0, values[np.maximum(saddle, 0)], np.nan).astype(float),
        where,
        grid_value,
        slopes,
        status,
        on_edge,
        _state(values),
    )


def _state(values: NDArray[Any]) -> int:
    known = values[~np.isnan(values)]
    if not known.size:
        return int(Status.ALL_MISSING)
    if known.min() == known.max():
        return int(Status.SINGULAR)
    return int(Status.EXACT)


def edges_of(
    nodes: NDArray[Any], values: NDArray[Any], ground: Ground
) -> NDArray[np.bool_]:
    """Return which nodes lie beside a missing point or on an open side."""
    net = ground.net
    out = net.is_edge[nodes].copy()
    inner = net.row_of[nodes] < 0
    near = nodes[inner][:, np.newaxis] + net.offsets
    out[inner] |= np.isnan(values[near]).any(axis=1)
    for k in np.flatnonzero(~inner & ~out):
        out[k] = bool(np.isnan(values[net.neighbours(int(nodes[k]))]).any())
    return np.asarray(out)


def _refined(
    field: NDArray[Any],
    values: NDArray[Any],
    ground: Ground,
    method: int,
    kind: NDArray[Any],
    node: NDArray[Any],
    on_edge: NDArray[np.bool_],
) -> tuple[Floats, Floats, Floats, NDArray[np.int8]]:
    """Return places, values, derivatives and status of points."""
    starts = ground.normals_of(node)
    if not node.size:
        return starts, np.zeros(0), np.zeros((0, 5)), np.zeros(0, np.int8)
    near = np.full((node.size, _NEAR), -1, dtype=np.int64)
    plateau = np.zeros(node.size, dtype=np.bool_)
    between = np.isin(node, [pole for pole, _ in ground.net.poles])
    contrast = np.zeros(node.size)
    for k, one in enumerate(node):
        around = ground.net.neighbours(int(one))
        contrast[k] = _contrast(int(one), around, values, ground)
        if around.size > _NEAR:
            around = around[:: -(-around.size // _NEAR)]
        near[k, : around.size] = around
        if (
            kind[k] != SADDLE
            and (values[ground.net.neighbours(int(one))] == values[one]).any()
        ):
            starts[k], plateau[k] = _middle(int(one), values, ground)
            between[k] = True
    # beside a gap a quadratic would guess what lies in it
    near[plateau | on_edge] = -1
    near_values = np.where(near >= 0, values[near], np.nan).astype(np.float64)
    place = ground.place
    core = place.core(field).astype(np.float64)
    for row in place.sides.points:  # a pole has one value
        inside = row - place.sides.start if row >= 0 else row
        core[inside] = values[ground.net.node_of.reshape(place.sides.shape)[row, 0]]
    found = refine(
        ground.space,
        place.coefficients(core),
        kind.astype(np.int64),
        starts,
        ground.index_of(node),
        ground.sizes_of(node),
        values[node].astype(np.float64),
        ground.normals_of(near),
        near_values,
        contrast,
        ~(on_edge | plateau),
        between,
        method,
    )
    where, value, slopes, status = found
    bound = (status == int(Status.SINGULAR)) & on_edge
    status[bound] = int(Status.AT_BOUND)
    return where, value, slopes, status


def _contrast(
    node: int, around: NDArray[Any], values: NDArray[Any], ground: Ground
) -> float:
    """Return the largest difference to neighbours, those across a pole included."""
    # between rows a pole is a node: beyond it lies what is across a row elsewhere
    beyond = [ring for pole, ring in ground.net.poles if pole in around]
    there = values[np.concatenate([around, *beyond])].astype(np.float64)
    apart = np.abs(there - values[node])
    return float(apart[np.isfinite(apart)].max(initial=0.0))


def _middle(node: int, values: NDArray[Any], ground: Ground) -> tuple[Floats, bool]:
    """Return the middle of a plateau, and whether it is wide.

    It would lean to where the sweep began; and through a wide one a spline only rings.
    """
    seen, queue = {node}, [node]
    while queue:
        one = queue.pop()
        for other in ground.net.neighbours(one):
            if int(other) not in seen and values[other] == values[node]:
                seen.add(int(other))
                queue.append(int(other))
    every = ground.normals_of(list(seen))
    away = every - every[0]
    if ground.is_plane and ground.space.period_x:
        half = 0.5 * ground.space.period_x
        away[:, 0] = (away[:, 0] + half) % (2.0 * half) - half
    middle = every[0] + away.mean(axis=0)
    if not ground.is_plane:
        middle /= max(float(np.sqrt((middle**2).sum())), 1e-3)
    apart = np.sqrt(((every - middle) ** 2).sum(axis=1)) * ground.space.major
    near = int(apart.argmin())
    # the middle of a ring or of a crescent is not on it
    inside = apart[near] <= float(ground.sizes_of(node))
    wide = len(seen) > _WIDE and float(apart.max()) > _BROAD * ground.sizes_of(node)
    return np.asarray(middle if inside else every[near]), bool(wide)
