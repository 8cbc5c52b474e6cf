"""Basins of the extrema of fields: which cells drain where, and how large they are."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from xnabla.descent.surface._flood import flood
from xnabla.descent.surface._ground import Ground
from xnabla.descent.surface._inputs import Asked, asked, choice, threshold
from xnabla.descent.surface._points import Points, column, si
from xnabla.descent.surface._refine import MAXIMUM, MINIMUM
from xnabla.descent.surface._rows import mapped, table_of
from xnabla.descent.surface._search import (
    METHODS,
    Half,
    Row,
    Search,
    halves,
    search_in,
)
from xnabla.descent.surface._sweep import rank_order, survivors
from xnabla.errors import GridError, explain

_DIRECTIONS = {"down": MINIMUM, "up": MAXIMUM}


def basins(
    field: xr.DataArray,
    *,
    min_persistence: Any = None,
    direction: str = "down",
    mask: xr.DataArray | None = None,
    smooth: Any = None,
    grid: Any = None,
    earth: Any = None,
    periodic: Any = None,
    crs: Any = None,
) -> Points:
    r"""Return the basin of every cell: the minimum its steepest path ends in.

    .. math:: \frac{dp}{ds} = -\frac{\nabla f}{|\nabla f|}

    Paths run on the spline and on the globe, so that borders do not follow the lines of
    the grid. A basin too shallow to be kept runs over at its saddle into the one on the
    other side.

    Parameters
    ----------
    field : DataArray
        As in :func:`find_extrema`.
    min_persistence : quantity or str, optional
        The least persistence of a basin, in a unit of the field.
    direction : {"down", "up"}
        Basins of minima, or the hills of maxima.
    mask : DataArray, optional
        True where the field counts.
    smooth, grid, earth, periodic, crs : optional
        As in :func:`find_extrema`.

    Returns
    -------
    Points
        ``label`` on the grid of the field: the number of the row along ``point``, -1
        where there is no value. Along ``point`` the columns of :func:`find_extrema`,
        coordinates named ``centre_``, and ``area`` in km²: together that of all cells
        with a value, on the globe :math:`4 \pi R^2`.

    Raises
    ------
    FieldError, GridError, UnitsError, OptionError
        As in :func:`find_extrema`, or if the mask lies on other points.

    References
    ----------
    Vincent, L. and Soille, P. (1991), Watersheds in digital spaces, IEEE Trans. Pattern
    Anal. Mach. Intell. 13, 583-598.

    Examples
    --------
    >>> from xnabla.descent.surface._extrema import lows
    >>> drained = basins(lows(), min_persistence="2 hPa")
    >>> drained.sizes["point"], int(drained.label.sel(latitude=45, longitude=3))
    (2, 0)
    >>> print(f"{drained.area.sum().data:.6~g}")
    5.10101e+08 km ** 2
    """
    kind = _DIRECTIONS[choice(direction, tuple(_DIRECTIONS), "direction")]
    if mask is not None:
        field = _masked(field, mask)
    ready = asked(
        field,
        "basins",
        smooth=smooth,
        grid=grid,
        earth=earth,
        periodic=periodic,
        crs=crs,
    )
    least = threshold(min_persistence, ready, "min_persistence")
    search = Search((kind,), least, method=METHODS["spline"])
    ground = ready.ground
    _ = ground.space, ground.normals, ground.index, ground.sizes_m, ground.nodes
    made = list(mapped(lambda one: labelled_in(one, ground, search), ready.fields()))
    rows = [row for row, _ in made]
    table = table_of(
        ready,
        rows,
        method="basins",
        direction=direction,
        min_persistence=f"{least:.10g} {ready.delta}",
        smooth="" if smooth is None else str(smooth),
    )
    return _with_labels(ready, table, [label for _, label in made])


def labelled_in(
    field: NDArray[Any], ground: Ground, search: Search
) -> tuple[Row, NDArray[np.int32]]:
    """Return the extrema of one field, and for each point the row it belongs to."""
    row = search_in(field, ground, search)
    values = ground.net.values(field)
    (half,) = halves(values, ground, search)
    into = survivors(half.tree, half.kept)
    if not into.size:  # no value anywhere
        return row, np.full(field.size, -1, dtype=np.int32)
    label = flooded(field, values, ground, half)
    known = label >= 0
    basin = np.where(known, into[np.maximum(label, 0)], -1)
    number = np.full(len(half.kept) + 1, -1, dtype=np.int32)
    number[row.basin] = np.arange(row.basin.size, dtype=np.int32)
    # a point without a value has no basin, even where its place has one, on a pole
    at_points = number[basin][ground.net.node_of]
    at_points[np.isnan(field).ravel()] = -1
    return row, at_points


def flooded(
    field: NDArray[Any], values: NDArray[Any], ground: Ground, half: Half
) -> NDArray[np.int32]:
    """Return the basin of each node in a sweep."""
    present = np.flatnonzero(~np.isnan(values)).astype(np.int32)
    order = rank_order(values, present)
    if half.kind == MAXIMUM:
        order = np.ascontiguousarray(order[::-1])
    place = ground.place
    made: NDArray[np.int32] = flood(
        ground.space,
        place.coefficients(place.core(field).astype(np.float64)),
        ground.nodes,
        ground.sizes_m,
        ground.normals,
        ground.index,
        order,
        half.tree.label,
        half.tree.birth,
        -1.0 if half.kind == MINIMUM else 1.0,
        half.kind,
    )
    return made


def _with_labels(ready: Asked, table: Points, labels: list[Any]) -> Points:
    """Return the table with the labels of cells and the areas of basins."""
    ground = ready.ground
    ny, nx = ground.place.sides.shape
    numbers = np.full((len(labels), ny * nx), -1, dtype=np.int32)
    cells = np.nan_to_num(ground.areas_m2.ravel())
    areas, shift = [], 0
    for k, label in enumerate(labels):
        numbers[k] = np.where(label >= 0, label + shift, -1)
        count = int(table["n_points"].values.reshape(-1)[k])
        known = label >= 0
        areas.append(np.bincount(label[known], weights=cells[known], minlength=count))
        shift += count
    dims = (*ready.outer, *ground.dims)
    shape = (*ready.outer_shape, ny, nx)
    label = xr.DataArray(
        numbers.reshape(shape),
        dims=dims,
        coords={
            name: coordinate
            for name, coordinate in ready.field.coords.items()
            if set(coordinate.dims) <= set(dims)
        },
        attrs={
            "long_name": "row of the basin along point",
            "comment": "-1 where there is no value",
        },
    ).transpose(*ready.field.dims)
    kept = table.drop_vars(
        [name for name in table.coords if str(name).startswith(("grid_", "saddle_"))]
    )
    kept = kept.rename(
        {
            name: f"centre_{name}"
            for name, coordinate in kept.coords.items()
            if coordinate.dims == ("point",)
        }
    )
    kept = kept.drop_vars([name for name in kept.coords if name in label.coords])
    area = column(
        np.concatenate(areas) / 1e6 if areas else np.zeros(0),
        "area of the basin",
        si("km2", ready.unit),
    )
    return Points(
        {"label": label, "area": area, **kept.data_vars},
        {**label.coords, **kept.coords},
        kept.attrs,
    )


def _masked(field: Any, mask: Any) -> Any:
    """Return a field without the values that do not count."""
    is_flags = isinstance(mask, xr.DataArray) and mask.dtype.kind == "b"
    if not is_flags or not isinstance(field, xr.DataArray):
        raise GridError(
            explain(
                "mask= takes a DataArray of flags on the points of the field",
                expected="True where the field counts",
                got=type(mask).__name__
                if not isinstance(mask, xr.DataArray)
                else f"dtype {mask.dtype}",
                hint="mask=land < 0.5",
            )
        )
    try:
        lined_up, _ = xr.align(mask, field, join="exact")
    except ValueError:
        lined_up = None
    if lined_up is None or not set(mask.dims) <= set(field.dims):
        raise GridError(
            explain(
                "The mask lies on other points than the field",
                hint="mask.reindex_like(field)",
            )
        )
    return field.where(lined_up)
