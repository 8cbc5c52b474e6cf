"""Steepest paths on a field: where water, or a thought, would run downhill."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from xnabla.descent._status import Status, is_converged, status_attributes, warn_of
from xnabla.descent.surface._compiled import compiled
from xnabla.descent.surface._inputs import Asked, asked, choice, length_m
from xnabla.descent.surface._points import (
    column,
    field_attributes,
    floating,
    scalar_coordinates,
    si,
)
from xnabla.descent.surface._refine import MAXIMUM, MINIMUM
from xnabla.descent.surface._track import track
from xnabla.descent.surface._walk import locate, spline_at
from xnabla.errors import GridError, OptionError, explain

Floats = NDArray[np.float64]

_SIGNS = {"descent": (-1.0, MINIMUM), "ascent": (1.0, MAXIMUM)}
# Slopes that fall less than this part of the field's range over a step are none.
_FLAT = 1e-13


def steepest_path(
    field: xr.DataArray,
    start: Any,
    *,
    direction: str = "descent",
    max_length: Any = None,
    tol: float = 1e-4,
    max_steps: int = 2000,
    grid: Any = None,
    earth: Any = None,
    periodic: Any = None,
    crs: Any = None,
) -> xr.Dataset:
    r"""Return steepest paths from many places at once, on the globe and sub-grid.

    .. math:: \frac{dp}{ds} = \mp \frac{\nabla f}{|\nabla f|}

    The gradient is that of a quintic spline in metres; steps are those of Dormand and
    Prince on unit vectors, so that neither pole nor dateline is special. Where a path
    would turn back, the extremum before it is found by Newton's steps.

    Parameters
    ----------
    field : DataArray
        One field; two horizontal dimensions.
    start : pair, sequence of pairs, Dataset, DataFrame or mapping
        Latitude and longitude in degrees, or y and x in metres on a plane; a table has
        them under these names, as that of :func:`find_extrema` does.
    direction : {"descent", "ascent"}
    max_length : quantity or str, optional
        Where to stop; by default half way around the Earth, or ten times the extent of
        a plane.
    tol : float
        Error of a step, in steps of the grid.
    max_steps : int
        The most steps of a path.
    grid, earth, periodic, crs : optional
        As :func:`~xnabla.grid_of` has them.

    Returns
    -------
    Dataset
        Along ``path`` and ``step``: ``latitude``, ``longitude``, ``distance`` in km and
        ``value``, NaN beyond the end of a path. Along ``path``: where it ends, its
        ``length``, ``n_steps``, ``end_value``, ``converged`` and ``status``:
        ``converged_gradient`` at an extremum, ``left_domain`` at the edge or a gap,
        ``stopped`` after ``max_length``.

    Raises
    ------
    FieldError, GridError, UnitsError, OptionError
        As in :func:`find_extrema`; if there is more than one field; if no start lies on
        it.

    References
    ----------
    Dormand, J. R. and Prince, P. J. (1980), J. Comput. Appl. Math. 6, 19-26.

    Examples
    --------
    >>> from xnabla.descent.surface._extrema import lows
    >>> paths = steepest_path(lows(), [(45.0, 20.0), (-30.0, 95.0)])
    >>> print(paths.end_latitude.values.round(3), paths.end_longitude.values.round(3))
    [ 50.3 -40. ] [359.9 100. ]
    >>> print(f"{paths.length[0].data:.1f~}")
    1610.7 km
    """
    sign, kind = _SIGNS[choice(direction, tuple(_SIGNS), "direction")]
    ready = asked(
        field, "steepest_path", grid=grid, earth=earth, periodic=periodic, crs=crs
    )
    _check_one(ready)
    _check_numbers(tol, max_steps)
    most_m = _longest(ready, max_length)
    ground = ready.ground
    starts = _places(ready, start)
    (values,) = ready.fields()
    node_values = ground.net.values(values)
    present = ~np.isnan(node_values)
    if not present.any():
        raise GridError(explain(f"{ready.title} has no values to walk on"))
    spread = float(np.nanmax(node_values) - np.nanmin(node_values))
    core = ground.place.core(values).astype(np.float64)
    coefficients = ground.place.coefficients(core)
    places, along, counts, status = track(
        ground.space,
        coefficients,
        ground.nodes,
        present,
        ground.sizes_m,
        starts,
        _nearest(ready, starts),
        sign,
        kind,
        _FLAT * spread,
        float(tol),
        most_m,
        int(max_steps),
    )
    if (counts == 1).all() and (status == int(Status.LEFT_DOMAIN)).all():
        raise GridError(
            explain(
                "No start lies on the field",
                expected="places inside its grid, with a value around",
                got=f"{np.asarray(start).tolist()}"
                if not isinstance(start, xr.Dataset)
                else None,
                hint="print(xn.grid_of(field)), which tells where it lies",
            )
        )
    warn_of(np.where(status == int(Status.STOPPED), 0, status), "paths")
    heights = _heights(ground.space, coefficients, places, _nearest(ready, places))
    return _described(
        ready,
        places,
        along,
        heights,
        counts,
        status,
        {
            "method": "Dormand and Prince 5(4) on a quintic spline",
            "direction": direction,
            "tolerance": float(tol),
            "max_length_m": most_m,
            "max_steps": int(max_steps),
        },
    )


@compiled
def _heights(space: Any, c: Any, places: Any, index: Any) -> Any:
    out = np.empty(len(places))
    for k in range(len(places)):
        p = (places[k, 0], places[k, 1], places[k, 2])
        y, x = locate(space, p, index[k, 0], index[k, 1])
        out[k] = spline_at(space, c, y, x)
    return out


def _described(
    ready: Asked,
    places: Floats,
    along: Floats,
    heights: Floats,
    counts: NDArray[np.int64],
    status: NDArray[np.int8],
    told: dict[str, Any],
) -> xr.Dataset:
    """Return paths as a Dataset, short ones filled up with NaN."""
    first, second = ready.ground.degrees(places)
    names = ("y", "x") if ready.ground.is_plane else ("latitude", "longitude")
    units = ("m", "m") if ready.ground.is_plane else ("degrees_north", "degrees_east")
    longest = int(counts.max(initial=0))
    inside = np.arange(longest) < counts[:, np.newaxis]

    def shaped(values: Any) -> Any:
        out = np.full((counts.size, longest), np.nan)
        out[inside] = values
        return out

    last, words = np.cumsum(counts) - 1, ready.words
    kilometres = si("km", ready.unit)
    both = ("path", "step")
    coordinates: dict[str, Any] = scalar_coordinates(ready)
    variables: dict[str, Any] = {
        "value": column(
            floating(ready, shaped(heights)),
            f"{words} along the path",
            ready.unit,
            both,
        ),
        "distance": column(shaped(along / 1e3), "distance walked", kilometres, both),
        "end_value": column(
            floating(ready, heights[last]),
            f"{words} at the end",
            ready.unit,
            "path",
        ),
        "length": column(along[last] / 1e3, "length of the path", kilometres, "path"),
        "n_steps": column(counts - 1, "number of steps", None, "path"),
        "converged": column(
            is_converged(status), "whether the path ends at an extremum", None, "path"
        ),
        "status": xr.Variable("path", status, status_attributes()),
    }
    for name, values, unit in zip(names, (first, second), units, strict=True):
        told_of = {"long_name": f"{name} along the path", "units": unit}
        if not ready.ground.is_plane:
            told_of["standard_name"] = name
        coordinates[name] = xr.Variable(both, shaped(values), told_of)
        coordinates[f"end_{name}"] = xr.Variable(
            "path",
            values[last],
            {"long_name": f"{name} of the end of the path", "units": unit},
        )
    attributes = field_attributes(ready, **told)
    del attributes["featureType"]  # a trajectory of CF has times along it, a path none
    return xr.Dataset(variables, coordinates, attributes)


def _check_one(ready: Asked) -> None:
    if int(np.prod(ready.outer_shape)) == 1:
        return
    dim = next(d for d, n in zip(ready.outer, ready.outer_shape, strict=True) if n > 1)
    raise GridError(
        explain(
            "Paths run on one field",
            expected="two horizontal dimensions",
            got=f"also {', '.join(ready.outer)}",
            hint=f"field.isel({dim}=0)",
        )
    )


def _check_numbers(tol: Any, max_steps: Any) -> None:
    is_number = isinstance(tol, int | float | np.number) and not isinstance(tol, bool)
    if not is_number or not 0.0 < float(tol) < 1.0:
        raise OptionError(
            explain(
                f"tol={tol!r} cannot be",
                expected="a part of a step of the grid, above 0 and below 1",
                hint="tol=1e-4",
            )
        )
    if not isinstance(max_steps, int | np.integer) or max_steps < 1:
        raise OptionError(
            explain(
                f"max_steps={max_steps!r} cannot be",
                expected="a whole number from 1",
                hint="max_steps=2000",
            )
        )


def _longest(ready: Asked, max_length: Any) -> float:
    if max_length is not None:
        return length_m(max_length, "max_length", example="5000 km")
    if ready.ground.is_plane:
        spans = np.nanmax(ready.ground.normals, 0) - np.nanmin(ready.ground.normals, 0)
        return 10.0 * float(spans.max())
    return float(np.pi * ready.grid.earth.semi_major_m)


def _places(ready: Asked, start: Any) -> Floats:
    """Return the starts as normals (n, 3)."""
    names = ("y", "x") if ready.ground.is_plane else ("latitude", "longitude")
    pairs = _pairs(_by_role(ready, start), names)
    if ready.ground.is_plane:
        zero = np.zeros(len(pairs))
        return np.stack([pairs[:, 1], pairs[:, 0], zero], axis=1)
    if (np.abs(pairs[:, 0]) > 90.0).any():
        worst = pairs[np.abs(pairs[:, 0]) > 90.0][0]
        raise GridError(
            explain(
                "A start is no place on the globe",
                expected="latitude, then longitude in degrees",
                got=f"latitude {worst[0]:g}",
                hint=f"start=({worst[1]:g}, {worst[0]:g})"
                if abs(worst[1]) <= 90.0
                else None,
            )
        )
    phi, lam = np.deg2rad(pairs[:, 0]), np.deg2rad(pairs[:, 1])
    return np.stack(
        [np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)], axis=1
    )


def _by_role(ready: Asked, start: Any) -> Any:
    """Return starts whose columns, where named as the field's own, are by role."""
    if not isinstance(start, Mapping) or isinstance(start, xr.Dataset):
        return start
    roles: dict[Any, str] = {}
    for dim, role in ready.grid.roles.items():
        roles |= dict.fromkeys([dim, ready.grid.coordinates.get(dim, dim)], role)
    return {roles.get(name, name): places for name, places in start.items()}


def _pairs(start: Any, names: tuple[str, str]) -> Floats:
    """Return places as an array (n, 2)."""
    if isinstance(start, xr.Dataset | Mapping) or hasattr(start, "columns"):
        missing = [name for name in names if name not in start]
        if missing:
            raise OptionError(
                explain(
                    f"start= has no {missing[0]!r}",
                    expected=f"{names[0]} and {names[1]}",
                    got=", ".join(map(str, start)),
                )
            )
        start = [start[name] for name in names]
        try:
            start = np.stack([np.atleast_1d(np.asarray(one, float)) for one in start])
            start = start.T
        except (TypeError, ValueError):
            start = ()
    try:
        pairs = np.atleast_2d(np.asarray(start, dtype=np.float64))
    except (TypeError, ValueError):
        pairs = np.zeros((0, 0))
    if pairs.ndim != 2 or pairs.shape[1] != 2 or not len(pairs):
        raise OptionError(
            explain(
                "start= is no list of places",
                expected=f"pairs of {names[0]} and {names[1]}",
                hint="start=[(50.0, 10.0), (40.0, 0.0)]",
            )
        )
    if not np.isfinite(pairs).all():
        raise OptionError(
            explain("start= has places that are no numbers", hint="start.dropna()")
        )
    return pairs


def _nearest(ready: Asked, places: Floats) -> Floats:
    """Return indices near places; a grid along latitude and longitude needs none."""
    ground = ready.ground
    if ground.place.grid.surface is None:
        return np.zeros((len(places), 2))
    from scipy.spatial import cKDTree

    known = np.flatnonzero(np.isfinite(ground.normals[:, 0]))
    _, near = cKDTree(ground.normals[known]).query(places)
    return np.asarray(ground.index[known[near]])
