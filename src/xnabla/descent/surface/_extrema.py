"""Lows, highs and cols of fields: where they are, how deep, how sharp."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from xnabla.descent.surface._inputs import asked, choice, threshold
from xnabla.descent.surface._points import Points, column
from xnabla.descent.surface._refine import MAXIMUM, MINIMUM
from xnabla.descent.surface._rows import joined, rows_of, table_of
from xnabla.descent.surface._search import METHODS, Search

KINDS: dict[str, tuple[int, ...]] = {
    "minimum": (MINIMUM,),
    "maximum": (MAXIMUM,),
    "both": (MINIMUM, MAXIMUM),
}
_REFINE = ("spline", "quadratic", None)


def find_extrema(
    field: xr.DataArray,
    *,
    kind: str = "both",
    min_persistence: Any = None,
    refine: str | None = "spline",
    boundary: str = "flag",
    smooth: Any = None,
    grid: Any = None,
    earth: Any = None,
    periodic: Any = None,
    crs: Any = None,
) -> Points:
    r"""Return the minima and maxima of a field, between grid points and on the globe.

    .. math:: \nabla f = 0, \qquad
              \text{persistence} = |f_\text{saddle} - f_\text{extremum}|

    An extremum persists until the rising level joins its component to one that is
    deeper: that is the depth of its last closed contour. Neighbours are the eight
    around a point, over the seam of longitudes and over the poles, so one low on the
    dateline or on the pole is one low; a plateau is one extremum. Its place is where
    the gradient of a quintic spline vanishes in the tangent plane.

    Parameters
    ----------
    field : DataArray
        On any grid with two horizontal dimensions; others, as time and level, are
        searched one by one. NaN is no neighbour.
    kind : {"both", "minimum", "maximum"}
    min_persistence : quantity or str, optional
        The least persistence, in a unit of the field: ``"2 hPa"``; by default every
        extremum is returned, of noise too.
    refine : {"spline", "quadratic", None}
        How the place is found: on a spline, else on a quadratic through the
        neighbours, else at the grid point. A spline that changes the value by more
        than a fifth of the largest difference to a neighbour is not believed.
    boundary : {"flag", "drop"}
        What becomes of extrema beside missing points and the edge of a region.
    smooth : quantity or str, optional
        A length: the field is smoothed as :func:`~xnabla.smooth_gaussian` does.
    grid, earth, periodic, crs : optional
        As :func:`~xnabla.grid_of` has them.

    Returns
    -------
    Points
        A Dataset along ``point``: within each field minima before maxima, the most
        persistent first. Coordinates ``latitude`` and ``longitude`` (``y`` and ``x`` in
        metres on a plane), those of the grid point and of the saddle, indices, time and
        level; variables ``kind``, ``value``, ``persistence`` (infinite where nothing
        deeper is joined), ``saddle_value``, ``grid_value``, ``gradient_norm``,
        ``laplacian``, ``hessian_min``, ``hessian_max``, ``on_boundary``, ``refined``,
        ``status``; ``field_status`` and ``n_points`` for each field.
        ``.to_dataframe()`` is a list of centres.

    Raises
    ------
    FieldError
        If the field holds no real, finite numbers.
    GridError
        If it has no two horizontal dimensions.
    UnitsError
        If ``min_persistence`` has no unit, or not one of the field.
    OptionError
        If a choice cannot be.

    References
    ----------
    Edelsbrunner, H. and Harer, J. (2010), Computational Topology, ch. VII.

    Examples
    --------
    >>> low = find_extrema(lows(), kind="minimum", min_persistence="2 hPa")
    >>> low[["value"]].to_dataframe()[["latitude", "longitude", "value"]].round(2)
           latitude  longitude  value
    point
    0          50.3      359.9  970.0
    1         -40.0      100.0  990.0
    """
    search = Search(
        KINDS[choice(kind, tuple(KINDS)[::-1], "kind")],
        method=METHODS[choice(refine, _REFINE, "refine")],
        drop_edge=choice(boundary, ("flag", "drop"), "boundary") == "drop",
    )
    return _points(
        field,
        "find_extrema",
        search,
        min_persistence,
        {
            "smooth": smooth,
            "grid": grid,
            "earth": earth,
            "periodic": periodic,
            "crs": crs,
        },
        {"kind_sought": kind, "refine": str(refine), "boundary": boundary},
    )


# What the command and the accessor call it: field.nabla.extrema().
extrema = find_extrema


def critical_points(
    field: xr.DataArray,
    *,
    min_persistence: Any = None,
    refine: str | None = "spline",
    boundary: str = "flag",
    smooth: Any = None,
    grid: Any = None,
    earth: Any = None,
    periodic: Any = None,
    crs: Any = None,
) -> Points:
    r"""Return minima, maxima and the saddles (cols) that end them.

    .. math:: \nabla f = 0, \qquad
              n_\text{max} - n_\text{saddle} + n_\text{min} = 2
              \quad \text{on the globe}

    Each saddle is where two components of the field below a level, or above one, join;
    whatever persistence is asked for, the count holds on a field without gaps.

    Parameters
    ----------
    field : DataArray
        As in :func:`find_extrema`.
    min_persistence, refine, boundary, smooth : optional
        As in :func:`find_extrema`; saddles have the persistence of what they end.
    grid, earth, periodic, crs : optional
        As :func:`~xnabla.grid_of` has them.

    Returns
    -------
    Points
        As from :func:`find_extrema`, with ``kind`` also ``saddle``, and the
        ``morse_index``: how many principal curvatures are negative.

    Raises
    ------
    FieldError, GridError, UnitsError, OptionError
        As in :func:`find_extrema`.

    References
    ----------
    Milnor, J. (1963), Morse Theory, ch. 1.

    Examples
    --------
    >>> points = critical_points(lows(), min_persistence="1 hPa")
    >>> points.kind.values.tolist()
    ['minimum', 'minimum', 'maximum', 'saddle']
    >>> points.morse_index.values.tolist()
    [0, 0, 2, 1]
    """
    search = Search(
        KINDS["both"],
        saddles=True,
        method=METHODS[choice(refine, _REFINE, "refine")],
        drop_edge=choice(boundary, ("flag", "drop"), "boundary") == "drop",
    )
    return _points(
        field,
        "critical_points",
        search,
        min_persistence,
        {
            "smooth": smooth,
            "grid": grid,
            "earth": earth,
            "periodic": periodic,
            "crs": crs,
        },
        {"refine": str(refine), "boundary": boundary},
    )


def _points(
    field: Any,
    operator: str,
    search: Search,
    min_persistence: Any,
    choices: dict[str, Any],
    told: dict[str, Any],
) -> Points:
    """Return the table of a search, and say how it was made."""
    from dataclasses import replace

    ready = asked(field, operator, **choices)
    least = threshold(min_persistence, ready, "min_persistence")
    rows = rows_of(ready, replace(search, least=least))
    smooth = choices["smooth"]
    table = table_of(
        ready,
        rows,
        method=operator,
        min_persistence=f"{least:.10g} {ready.delta}",
        smooth="" if smooth is None else str(smooth),
        **told,
    )
    if search.saddles:
        # what a point is by its part in the field; its Hessian may be too flat to tell
        table["morse_index"] = column(
            joined(rows, "kind").astype(np.int8), "number of negative curvatures"
        )
    return table


def lows() -> xr.DataArray:
    """Return a pressure field with a low near the seam and one in the south."""
    lat, lon = np.linspace(-90.0, 90.0, 121), np.arange(240) * 1.5
    phi, lam = np.deg2rad(lat)[:, np.newaxis], np.deg2rad(lon)

    def bell(lat0: float, lon0: float, depth: float) -> Any:
        cos = np.sin(phi) * np.sin(np.deg2rad(lat0)) + np.cos(phi) * np.cos(
            np.deg2rad(lat0)
        ) * np.cos(lam - np.deg2rad(lon0))
        return depth * np.exp((cos - 1.0) / 0.02)

    pressure = 1010.0 - bell(50.3, 359.9, 40.0) - bell(-40.0, 100.0, 20.0)
    return xr.DataArray(
        pressure,
        dims=("latitude", "longitude"),
        coords={
            "latitude": ("latitude", lat, {"units": "degrees_north"}),
            "longitude": ("longitude", lon, {"units": "degrees_east"}),
        },
        name="msl",
        attrs={"units": "hPa", "long_name": "mean sea level pressure"},
    )
