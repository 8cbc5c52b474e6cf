"""The rows of a search over many fields: in threads, and as one table."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any, TypeVar

import numpy as np
import xarray as xr

from xnabla.descent._status import Status, status_attributes
from xnabla.descent.surface._inputs import Asked
from xnabla.descent.surface._points import (
    Points,
    column,
    field_attributes,
    floating,
    outer_columns,
    outer_variable,
    place_columns,
    scalar_coordinates,
    si,
)
from xnabla.descent.surface._search import Row, Search, search_in

Result = TypeVar("Result")

KIND_NAMES = np.array(["minimum", "saddle", "maximum"])
_REFINED = (int(Status.CONVERGED_GRADIENT), int(Status.CONVERGED_STEP))


def mapped(
    function: Callable[[Any], Result], fields: Iterator[Any]
) -> Iterator[Result]:
    """Yield a function of each field, several at a time; the lock is let go inside."""
    first = list(islice(fields, 2))
    workers = min(os.cpu_count() or 1, 8)
    if len(first) < 2 or workers < 2:
        yield from map(function, first)
        yield from map(function, fields)
        return
    with ThreadPoolExecutor(workers) as pool:
        # a few at a time: a year of fields is not held at once
        batch: list[Any] = first
        while batch:
            yield from pool.map(function, batch)
            batch = list(islice(fields, 4 * workers))


def rows_of(asked: Asked, search: Search) -> list[Row]:
    """Return the points of every field."""
    ground = asked.ground
    _ = ground.space  # made once, not in every thread
    return list(mapped(lambda field: search_in(field, ground, search), asked.fields()))


def joined(rows: list[Row], name: str) -> Any:
    """Return one column of all fields."""
    return np.concatenate([getattr(row, name) for row in rows])


def table_of(asked: Asked, rows: list[Row], **attributes: Any) -> Points:
    """Return the points of every field as one table."""
    ground, unit, delta = asked.ground, asked.unit, asked.delta
    slope = delta / si("m", delta)
    bend = slope / si("m", delta)
    kind, node, saddle = (joined(rows, name) for name in ("kind", "node", "saddle"))
    slopes, status = joined(rows, "slopes"), joined(rows, "status")
    least, most = _principal(slopes)
    words = asked.words
    grid_place = ground.normals_of(node)
    saddle_place = np.where(
        (saddle >= 0)[:, np.newaxis], ground.normals_of(saddle), np.nan
    )
    variables = {
        "kind": column(KIND_NAMES[kind], "kind of critical point"),
        "value": column(floating(asked, joined(rows, "value")), words, unit),
        "persistence": column(
            floating(asked, joined(rows, "persistence")),
            "difference of value to the saddle that ends it",
            delta,
        ),
        "saddle_value": column(
            floating(asked, joined(rows, "saddle_value")),
            f"{words} at that saddle",
            unit,
        ),
        "grid_value": column(
            floating(asked, joined(rows, "grid_value")),
            f"{words} at the grid point",
            unit,
        ),
        "gradient_norm": column(
            floating(asked, np.hypot(slopes[:, 0], slopes[:, 1])),
            f"magnitude of the gradient of {words}",
            slope,
        ),
        "laplacian": column(
            floating(asked, slopes[:, 2] + slopes[:, 4]), f"Laplacian of {words}", bend
        ),
        "hessian_min": column(
            floating(asked, least), f"smaller principal curvature of {words}", bend
        ),
        "hessian_max": column(
            floating(asked, most), f"larger principal curvature of {words}", bend
        ),
        "on_boundary": column(
            joined(rows, "on_edge"), "whether a neighbour is missing or beyond the edge"
        ),
        "refined": column(
            np.isin(status, _REFINED), "whether the place lies between grid points"
        ),
        "status": xr.Variable("point", status, status_attributes()),
    }
    counts = [row.kind.size for row in rows]
    variables["field_status"] = outer_variable(
        asked,
        [np.int8(row.state) for row in rows],
        {**status_attributes(), "long_name": "how the search in each field ended"},
    )
    variables["n_points"] = outer_variable(
        asked, counts, {"long_name": "number of points found in each field"}
    )
    coordinates: dict[str, Any] = {
        **scalar_coordinates(asked),
        **outer_columns(asked, counts),
        **place_columns(asked, joined(rows, "place")),
        **place_columns(asked, grid_place, "grid_", " of the grid point"),
        **place_columns(asked, saddle_place, "saddle_", " of the saddle"),
        **_indices(asked, node),
    }
    return Points(variables, coordinates, field_attributes(asked, **attributes))


def _indices(asked: Asked, node: Any) -> dict[str, xr.Variable]:
    """Return the indices of the grid points; -1 for a pole between rows."""
    ny, nx = asked.ground.place.sides.shape
    inside = node < ny * nx
    index = np.where(inside, node // nx, -1), np.where(inside, node % nx, -1)
    return {
        f"{dim}_index": column(at, f"index of the grid point along {dim}")
        for dim, at in zip(asked.ground.dims, index, strict=True)
    }


def _principal(slopes: Any) -> tuple[Any, Any]:
    """Return the eigenvalues of the Hessian."""
    xx, xy, yy = slopes[:, 2], slopes[:, 3], slopes[:, 4]
    middle, radius = 0.5 * (xx + yy), np.hypot(0.5 * (xx - yy), xy)
    return middle - radius, middle + radius
