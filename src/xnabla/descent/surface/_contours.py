"""The last closed contour around each low and high: depth, area, radius, outline."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from xnabla.descent._status import Status, status_attributes
from xnabla.descent.surface._extrema import KINDS
from xnabla.descent.surface._ground import Ground
from xnabla.descent.surface._inputs import Asked, asked, choice, threshold
from xnabla.descent.surface._levels import inside, last_levels
from xnabla.descent.surface._points import Points, column, floating, si
from xnabla.descent.surface._refine import MINIMUM
from xnabla.descent.surface._rings import Ring, ring_around
from xnabla.descent.surface._rows import mapped, table_of
from xnabla.descent.surface._search import (
    METHODS,
    Row,
    Search,
    edges_of,
    halves,
    search_in,
)
from xnabla.errors import OptionError, explain
from xnabla.labels import split
from xnabla.units import scale_and_zero

# The contour runs this part of the depth inside the saddle, where it crosses itself.
_WITHIN = 1e-6

# Values of points differ by no more than this part of the largest of their field.
_SAME = 1e-6

# The value of each extremum that counts, by its kind and node.
Wanted = dict[tuple[int, int], float]


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """What closes around one extremum."""

    level: float
    depth: float
    area_m2: float
    count: int
    ring: Ring | None
    status: int


def closed_contours(
    field: xr.DataArray,
    points: xr.Dataset | None = None,
    *,
    interval: Any = None,
    kind: str = "both",
    min_persistence: Any = None,
    boundary: str = "flag",
    smooth: Any = None,
    grid: Any = None,
    earth: Any = None,
    periodic: Any = None,
    crs: Any = None,
) -> Points:
    r"""Return the last closed contour around each extremum that goes around no other.

    .. math:: \text{depth} = |f_\text{level} - f_\text{extremum}|, \qquad
              A = \pi r^2

    The level is that of the saddle to another extremum of the table, or where the
    component comes to an open side or a gap of the field; with ``interval``, the last
    multiple of it before.

    Parameters
    ----------
    field : DataArray
        As in :func:`find_extrema`.
    points : Points, optional
        From :func:`find_extrema` on this field: the extrema that count; by default it
        is called with the choices below.
    interval : quantity or str, optional
        The interval of the contours, in a unit of the field: ``"4 hPa"``.
    kind, min_persistence, boundary, smooth, grid, earth, periodic, crs : optional
        As in :func:`find_extrema`.

    Returns
    -------
    Points
        The table of :func:`find_extrema` with ``level``, ``depth``, ``area`` in km²,
        ``equivalent_radius`` in km, ``n_inside`` (grid points), ``contour_status``
        (``exact``; ``singular`` where no contour closes) and ``n_vertices``; the
        outlines one behind the other along ``vertex``, as CF has contiguous ragged
        arrays: ``vertex_latitude`` and ``vertex_longitude``.

    Raises
    ------
    FieldError, GridError, UnitsError, OptionError
        As in :func:`find_extrema`, or if ``points`` are not those of this field.

    References
    ----------
    Wernli, H. and Schwierz, C. (2006), Surface cyclones in the ERA-40 dataset,
    J. Atmos. Sci. 63, 2486-2507.

    Examples
    --------
    >>> from xnabla.descent.surface._extrema import lows
    >>> found = closed_contours(
    ...     lows(), kind="minimum", min_persistence="2 hPa", interval="4 hPa"
    ... )
    >>> print(found.level.data, found.depth.data.round(2))
    [1008.0 1008.0] hectopascal [38.0 18.0] hectopascal
    >>> print(f"{found.equivalent_radius.data[0]:.0f~}")
    2207 km
    """
    kinds = KINDS[choice(kind, tuple(KINDS)[::-1], "kind")]
    choice(boundary, ("flag", "drop"), "boundary")
    ready = asked(
        field,
        "closed_contours",
        smooth=smooth,
        grid=grid,
        earth=earth,
        periodic=periodic,
        crs=crs,
    )
    least = threshold(min_persistence, ready, "min_persistence")
    apart = threshold(interval, ready, "interval")
    search = Search(
        kinds, least, method=METHODS["spline"], drop_edge=boundary == "drop"
    )
    ground = ready.ground
    _ = ground.space, ground.normals, ground.index, ground.sizes_m, ground.node_areas_m2
    wanted = None if points is None else _wanted(points, ready)
    if wanted is not None:
        search = Search((0, 2), 0.0, method=METHODS["spline"])

    def outlined(numbered: tuple[int, NDArray[Any]]) -> tuple[Row, list[Outline]]:
        number, one = numbered
        chosen = None if wanted is None else wanted[number]
        return outlines_in(one, ground, search, apart, chosen)

    made = list(mapped(outlined, enumerate(ready.fields())))
    rows = [row for row, _ in made]
    table = table_of(
        ready,
        rows,
        method="closed_contours",
        boundary=boundary,
        min_persistence=f"{least:.10g} {ready.delta}",
        interval="" if not apart else f"{apart:.10g} {ready.delta}",
        smooth="" if smooth is None else str(smooth),
    )
    return _with_outlines(ready, table, [one for _, many in made for one in many])


def outlines_in(
    field: NDArray[Any],
    ground: Ground,
    search: Search,
    interval: float,
    chosen: Wanted | None,
) -> tuple[Row, list[Outline]]:
    """Return the extrema of one field and what closes around each."""
    row = search_in(field, ground, search)
    if chosen is not None:
        kept = [
            (int(k), int(n)) in chosen for k, n in zip(row.kind, row.node, strict=True)
        ]
        row = _only(row, np.array(kept, dtype=np.bool_))
        _check_belong(row, chosen, field)
    values = ground.net.values(field)
    edge = np.zeros(values.size, dtype=np.bool_)
    present = np.flatnonzero(~np.isnan(values))
    edge[present] = edges_of(present, values, ground)
    outlines: dict[int, Outline] = {}
    for half in halves(values, ground, search):
        mine = np.flatnonzero(row.kind == half.kind)
        counted = np.zeros(half.kept.size, dtype=np.bool_)
        counted[row.basin[mine]] = True
        half.kept[:] = counted
        levels = last_levels(half, values, ground.net, edge)
        for k in mine:
            outlines[int(k)] = _outline(
                row, int(k), float(levels[row.basin[k]]), interval, values, ground
            )
    return row, [outlines[k] for k in range(row.kind.size)]


def _outline(
    row: Row, k: int, level: float, interval: float, values: Any, ground: Ground
) -> Outline:
    node, sign = int(row.node[k]), 1.0 if row.kind[k] == MINIMUM else -1.0
    own = float(values[node])
    if interval:
        # the last multiple of the interval on the near side of the saddle
        count = math.ceil(sign * level / interval - 1e-9) - 1
        level = sign * count * interval
        within = level
    else:
        within = level - _WITHIN * (level - own)
    if not sign * within > sign * own:
        return Outline(np.nan, np.nan, np.nan, 0, None, int(Status.SINGULAR))
    net = ground.net
    region = inside(
        node, within, sign, values, net.offsets, net.row_of, net.first, net.others
    )
    points = region[region < net.node_of.size]
    ring = ring_around(node, region, within, values, ground)
    area = float(ground.node_areas_m2[region].sum()) if ring is None else ring.area_m2
    state = Status.EXACT if ring is not None else Status.SINGULAR
    depth = abs(level - float(row.value[k]))
    return Outline(level, depth, area, int(points.size), ring, int(state))


def _only(row: Row, kept: NDArray[np.bool_]) -> Row:
    columns = [one.name for one in fields(row) if one.name != "state"]
    return replace(row, **{name: getattr(row, name)[kept] for name in columns})


def _check_belong(row: Row, chosen: Wanted, field: NDArray[Any]) -> None:
    """Raise an error unless all that counts is there, with the value that it had."""
    near = _SAME * float(np.nanmax(np.abs(field), initial=0.0))
    alike = [
        abs(chosen[int(k), int(n)] - float(value)) <= near
        for k, n, value in zip(row.kind, row.node, row.grid_value, strict=True)
    ]
    sought = sum(kind in (0, 2) for kind, _ in chosen)
    if sum(alike) < sought:
        raise OptionError(
            explain(
                "points= belongs to another field",
                expected="what xn.find_extrema(field) returns, with the same smooth=",
                got=f"{sought} extrema, {sum(alike)} of them in this field",
                hint="points=xn.find_extrema(field)",
            )
        )


def _wanted(points: xr.Dataset, ready: Asked) -> list[Wanted]:
    """Return for each field the kinds, nodes and values of the extrema that count."""
    names = [f"{dim}_index" for dim in ready.ground.dims]
    wanted = {*names, "kind", "n_points", "grid_value"}
    if not wanted <= set(getattr(points, "variables", ())):
        raise OptionError(
            explain(
                "points= is no table of extrema of this field",
                expected="what xn.find_extrema(field) returns",
                got=type(points).__name__,
                hint="points=xn.find_extrema(field)",
            )
        )
    y, x = (np.asarray(points[name]) for name in names)
    ny, nx = ready.ground.place.sides.shape
    counts = np.atleast_1d(np.asarray(points["n_points"])).ravel()
    one_each = counts.size == int(np.prod(ready.outer_shape))
    if (
        not one_each
        or int(counts.sum()) != y.size
        or (y >= ny).any()
        or (x >= nx).any()
    ):
        raise OptionError(
            explain(
                "points= belongs to another field",
                expected="what xn.find_extrema(field) returns, all of it",
                got=f"{y.size} points",
            )
        )
    number = {"minimum": 0, "saddle": 1, "maximum": 2}
    kinds = [number[str(kind)] for kind in np.asarray(points["kind"])]
    node = ready.ground.net.node_of[y * nx + x]
    ends = np.cumsum(counts)
    plain = split(points["grid_value"])
    own = plain.values
    if plain.unit != ready.unit:
        scale, zero = scale_and_zero(plain.unit, ready.delta, of="points=")
        to, of_field = scale_and_zero(ready.unit, ready.delta, of=ready.title)
        own = (own * scale + zero - of_field) / to
    return [
        dict(
            zip(zip(kinds[a:b], node[a:b].tolist(), strict=True), own[a:b], strict=True)
        )
        for a, b in zip(np.r_[0, ends[:-1]], ends, strict=True)
    ]


def _with_outlines(ready: Asked, table: Points, made: list[Outline]) -> Points:
    """Return the table with what closes around each extremum."""
    area = np.array([one.area_m2 for one in made], dtype=float)
    vertices = [
        one.ring.normals if one.ring is not None else np.zeros((0, 3)) for one in made
    ]
    every = np.concatenate([*vertices, np.zeros((0, 3))])
    first, second = ready.ground.degrees(every)
    names = ("y", "x") if ready.ground.is_plane else ("latitude", "longitude")
    unit = "m" if ready.ground.is_plane else "degrees"
    km = si("km", ready.unit)
    table["level"] = column(
        floating(ready, [one.level for one in made]), "level of the contour", ready.unit
    )
    table["depth"] = column(
        floating(ready, [one.depth for one in made]),
        "difference of the contour to the extremum",
        ready.delta,
    )
    table["area"] = column(
        area / 1e6,
        "area inside the contour",
        si("km2", ready.unit),
    )
    table["equivalent_radius"] = column(
        np.sqrt(area / np.pi) / 1e3, "radius of a circle of that area", km
    )
    table["n_inside"] = column(
        [one.count for one in made], "number of grid points inside the contour"
    )
    table["contour_status"] = xr.Variable(
        "point",
        np.array([one.status for one in made], dtype=np.int8),
        {**status_attributes(), "long_name": "whether a contour closes"},
    )
    table["n_vertices"] = column(
        [len(one) for one in vertices],
        "number of vertices of the contour",
        sample_dimension="vertex",
    )
    for name, values in zip(names, (first, second), strict=True):
        table[f"vertex_{name}"] = column(
            values, f"{name} of the contour", None, "vertex", units=unit
        )
    return table
