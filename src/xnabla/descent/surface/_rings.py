"""The contour of a level around a place, as one closed line on the globe."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xnabla.descent.surface._areas import authalic
from xnabla.descent.surface._ground import Ground

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Ends of lines nearer than this part of a step are one.
_SAME = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Ring:
    """A closed contour.

    Attributes
    ----------
    normals : array (n, 3)
        Its vertices, the first not repeated.
    area_m2 : float
        Of what it goes around.
    """

    normals: Floats
    area_m2: float


def ring_around(
    node: int, region: Ints, level: float, values: NDArray[Any], ground: Ground
) -> Ring | None:
    """Return the contour of a level around a node; ``None`` if none closes.

    Parameters
    ----------
    node : int
        The extremum.
    region : array
        The nodes on its side of the level.
    level : float
    values : array (size,)
        Of the nodes.
    ground : Ground
    """
    from contourpy import LineType, contour_generator

    window = _window(region, ground)
    if min(window.shape) < 2:
        return None
    heights = np.where(window >= 0, values[window], np.nan).astype(np.float64)
    lines = contour_generator(
        z=np.ma.masked_invalid(heights), line_type=LineType.Separate
    ).lines(level)
    normals = np.where((window >= 0)[..., np.newaxis], ground.normals[window], np.nan)
    flat = _flattened(normals, node, ground)
    size = float(ground.sizes_m[node])
    pieces = [
        (_on(np.asarray(one), flat), _on(np.asarray(one), normals)) for one in lines
    ]
    made = [
        (abs(_shoelace(on_plane)), on_globe)
        for on_plane, on_globe in _joined(pieces, size)
        if _goes_around(on_plane)
    ]
    if not made:
        return None
    area, around = min(made, key=lambda one: one[0])
    if not ground.is_plane:
        around = around / np.sqrt((around**2).sum(axis=1, keepdims=True))
    return Ring(around[:-1], area)


def _window(region: Ints, ground: Ground) -> Ints:
    """Return the nodes of a part of the grid that holds a region and its neighbours."""
    s = ground.place.sides
    core = ground.place.core(ground.net.node_of.reshape(s.shape)).astype(np.int64)
    tall = [core]
    poles = iter(ground.net.poles)
    for side, outer in ((s.first, 0), (s.last, -1)):
        beyond = None
        if side == "across":
            beyond = np.full((1, s.columns), next(poles)[0])
        elif side == "fold" and s.fold is not None:
            inward = s.fold.skip if outer == 0 else -1 - s.fold.skip
            beyond = core[inward][s.fold.mirror][np.newaxis]
        elif side == "ring" and outer == -1:
            beyond = core[:1]
        if beyond is not None and outer == 0:
            tall = [beyond, *tall]
        elif beyond is not None:
            tall = [*tall, beyond]
    whole = np.concatenate(tall)
    marked = np.isin(whole, region)
    rows = np.flatnonzero(marked.any(axis=1))
    if not rows.size:
        return np.zeros((0, 0), dtype=np.int64)
    if s.first != "ring":
        whole = whole[max(rows[0] - 1, 0) : rows[-1] + 2]
        marked = marked[max(rows[0] - 1, 0) : rows[-1] + 2]
    used = marked.any(axis=0)
    if not s.ring:
        columns = np.flatnonzero(used)
        return whole[:, max(columns[0] - 1, 0) : columns[-1] + 2]
    columns = np.mod(_columns_around(np.asarray(used)), used.size)
    return np.asarray(whole[:, columns])


def _columns_around(used: NDArray[np.bool_]) -> Ints:
    """Return columns of a ring that hold the used ones, cut where most are unused."""
    n = used.size
    columns = np.flatnonzero(used)
    gaps = np.diff(np.r_[columns, columns[0] + n])
    widest = int(gaps.argmax())
    if gaps[widest] < 4:
        return np.arange(n + 1)  # all round, the first column again at the end
    first = int(columns[(widest + 1) % columns.size])
    return np.arange(first - 1, first + n - gaps[widest] + 2)


def _flattened(normals: Floats, node: int, ground: Ground) -> Floats:
    r"""Return places on a plane of true area about a node, (..., 2) in metres.

    Lambert's azimuthal map of the sphere of equal area: with authalic latitudes it
    holds on an ellipsoid too.
    """
    if ground.is_plane:
        away = normals[..., :2] - ground.normals[node][:2]
        for k, period in enumerate((ground.space.period_x, ground.space.period_y)):
            if period:
                half = 0.5 * period
                away[..., k] = (away[..., k] + half) % period - half
        return np.asarray(away)
    earth = ground.place.grid.earth
    most = float(authalic(earth, np.array(0.5 * np.pi)))

    def equal(places: Floats) -> Floats:
        sin = np.clip(places[..., 2], -1.0, 1.0)
        z = np.clip(authalic(earth, np.arcsin(sin)) / most, -1.0, 1.0)
        r = np.hypot(places[..., 0], places[..., 1])
        scale = np.sqrt(1.0 - z * z) / np.where(r > 0.0, r, 1.0)
        return np.stack([places[..., 0] * scale, places[..., 1] * scale, z], axis=-1)

    p, centre = equal(normals), equal(ground.normals[node])
    parallel = float(np.hypot(centre[0], centre[1]))
    cos, sin = (
        (centre[0] / parallel, centre[1] / parallel) if parallel > 1e-12 else (1.0, 0.0)
    )
    east = np.array([-sin, cos, 0.0])
    north = np.array([-centre[2] * cos, -centre[2] * sin, parallel])
    scale = np.sqrt(2.0 * most / np.maximum(1.0 + p @ centre, 1e-12))
    return np.stack([scale * (p @ east), scale * (p @ north)], axis=-1)


def _on(line: Floats, table: Floats) -> Floats:
    """Return what a table has at the vertices of a line, which lie on its edges."""
    i, j = np.floor(line[:, 0]).astype(int), np.floor(line[:, 1]).astype(int)
    i, j = np.minimum(i, table.shape[1] - 2), np.minimum(j, table.shape[0] - 2)
    x, y = (line[:, 0] - i)[:, np.newaxis], (line[:, 1] - j)[:, np.newaxis]
    # one of x, y is whole: a weight of zero must not read a gap
    corners = [
        (np.where(w > 0.0, table[jj, ii], 0.0) * w)
        for w, jj, ii in (
            ((1 - x) * (1 - y), j, i),
            (x * (1 - y), j, i + 1),
            ((1 - x) * y, j + 1, i),
            (x * y, j + 1, i + 1),
        )
    ]
    return np.asarray(sum(corners))


def _joined(pieces: list[tuple[Floats, Floats]], size: float) -> list[Any]:
    """Return closed lines, those that a seam cuts sewn together at their ends."""
    near = _SAME * size
    closed: list[tuple[Floats, Floats]] = []
    open_ones: list[tuple[Floats, Floats]] = []
    for flat, normal in pieces:
        if not np.isfinite(flat).all() or len(flat) < 2:
            continue
        is_closed = len(flat) > 2 and _apart(flat[0], flat[-1]) <= near
        (closed if is_closed else open_ones).append((flat, normal))
    while open_ones:
        flat, normal = open_ones.pop()
        grown = True
        while grown and _apart(flat[0], flat[-1]) > near:
            grown = False
            for k, (other, further) in enumerate(open_ones):
                if _apart(flat[-1], other[0]) <= near:
                    flat = np.concatenate([flat, other[1:]])
                    normal = np.concatenate([normal, further[1:]])
                elif _apart(flat[-1], other[-1]) <= near:
                    flat = np.concatenate([flat, other[-2::-1]])
                    normal = np.concatenate([normal, further[-2::-1]])
                else:
                    continue
                open_ones.pop(k)
                grown = True
                break
        if len(flat) > 3 and _apart(flat[0], flat[-1]) <= near:
            closed.append((flat, normal))
    return closed


def _apart(one: Floats, other: Floats) -> float:
    return float(np.hypot(*(one - other)))


def _goes_around(line: Floats) -> bool:
    """Tell whether a closed line goes around the origin."""
    angle = np.arctan2(line[:, 1], line[:, 0])
    turn = np.angle(np.exp(1j * np.diff(angle))).sum()
    return bool(abs(turn) > np.pi)


def _shoelace(line: Floats) -> float:
    x, y = line[:, 0], line[:, 1]
    return float(0.5 * np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]))
