"""Fields that go into one operator: on one grid, and what their result lies on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from xnabla.errors import GridError, XnablaError, explain
from xnabla.grid import Grid, places_named, role_of
from xnabla.labels import title_of
from xnabla.units import conversion_factor, parse

# Part of a step by which coordinates may differ and still be the same: single against
# double precision, and numbers rounded in a file. Staggered points differ by a half.
_SAME = 1e-2

# Temperature is measured at 2 m and wind at 10 m: they are meant to go together.
_NEAR_SURFACE_M = 10.0


def common_frame(fields: tuple[xr.DataArray, ...]) -> xr.DataArray:
    """Return a field that has all dimensions of several, the first one's order kept.

    The first field itself, if it has them all.
    """
    first = fields[0]
    extra = [one for one in fields if set(one.dims) - set(first.dims)]
    if not extra:
        return first
    sizes: dict[Any, int] = {}
    for one in fields:
        sizes = {**dict(one.sizes), **sizes}
    order = (*(d for d in sizes if d not in first.dims), *first.dims)
    coords: dict[Any, xr.DataArray] = {}
    for one in fields:
        coords = {**dict(one.coords), **coords}
    hollow = np.broadcast_to(np.float32(0.0), tuple(sizes[dim] for dim in order))
    frame = xr.DataArray(
        xr.Variable(order, hollow), coords=coords, name=first.name, attrs=first.attrs
    )
    frame.encoding = dict(first.encoding)
    return frame


def check_one_grid(fields: Mapping[str, xr.DataArray], grid: Grid) -> None:
    """Refuse fields that do not lie on the same points.

    Raises
    ------
    GridError
        Naming the first dimension or coordinate that differs.
    """
    (_, first), *others = fields.items()
    for _, other in others:
        _check_dims(first, other, grid)
        _check_coordinates(first, other)
        _check_levels_and_times(first, other)
        _check_places(first, other)


def _check_dims(first: xr.DataArray, other: xr.DataArray, grid: Grid) -> None:
    lacking = [
        dim for dim in grid.horizontal if dim not in other.dims or dim not in first.dims
    ]
    differing = [
        dim
        for dim in other.dims
        if dim in first.dims and other.sizes[dim] != first.sizes[dim]
    ]
    if not lacking and not differing:
        return
    staggered = _is_staggered(first, other)
    raise GridError(
        explain(
            f"{title_of(first)} and {_lower(other)} lie on different grids",
            expected=_sizes(first),
            got=_sizes(other),
            hint="xn.destagger(field, like=field_at_mass_points) for both"
            if staggered
            else _hint(other, (differing or lacking)[0]),
        )
    )


def _hint(other: xr.DataArray, dim: Any) -> str:
    name = "field" if other.name is None else str(other.name)
    return f"xr.align(..., join='inner'), to have {dim!r} of {name!r} in both"


def _is_staggered(*fields: xr.DataArray) -> bool:
    dims = " ".join(str(dim) for one in fields for dim in one.dims)
    return any(mark in dims for mark in ("_stag", "xi_u", "eta_v", "xi_v", "eta_u"))


def _sizes(field: xr.DataArray) -> str:
    return ", ".join(f"{dim}: {size}" for dim, size in field.sizes.items())


def _lower(field: xr.DataArray) -> str:
    title = title_of(field)
    return title[0].lower() + title[1:]


def _check_coordinates(first: xr.DataArray, other: xr.DataArray) -> None:
    for name, own in first.coords.items():
        if name not in other.coords or own.ndim == 0:
            continue
        theirs = other.coords[name]
        if set(own.dims) != set(theirs.dims):
            continue
        if own.variable is theirs.variable or _agree(own, theirs.transpose(*own.dims)):
            continue
        raise GridError(
            explain(
                f"{title_of(first)} and {_lower(other)} lie on different points: "
                f"coordinate {str(name)!r} differs",
                expected=_ends(own),
                got=_ends(theirs),
                hint=f"xr.align(..., join='inner'), or other.assign_coords({name}="
                f"field[{str(name)!r}]) if they are meant to be the same",
            )
        )


def _check_levels_and_times(first: xr.DataArray, other: xr.DataArray) -> None:
    """Refuse single fields of different levels or times."""
    for name, own in first.coords.items():
        theirs = other.coords.get(name)
        if own.ndim or theirs is None or theirs.ndim:
            continue
        role = role_of(str(name), dict(own.attrs), own.dtype)
        if role not in {"vertical", "time"} or _is_same(own, theirs, role):
            continue
        word = "levels" if role == "vertical" else "times"
        raise GridError(
            explain(
                f"{title_of(first)} and {_lower(other)} are of different {word}: "
                f"coordinate {str(name)!r} differs",
                expected=_alone(own),
                got=_alone(theirs),
                hint=f"other.drop_vars({str(name)!r}), if they do go together",
            )
        )


def _is_same(own: xr.DataArray, theirs: xr.DataArray, role: str) -> bool:
    """Tell whether two levels or times are one: but for rounding, in any unit."""
    if "O" in {own.dtype.kind, theirs.dtype.kind} or role == "time":
        return own.reset_coords(drop=True).equals(theirs.reset_coords(drop=True))
    one, other = _in_unit(own, own), _in_unit(theirs, own)
    if one is None or other is None or np.isnan([one, other]).any():
        return True  # levels that cannot be compared do not contradict each other
    if np.isclose(one, other, rtol=1e-5, atol=0.0):
        return True
    metres = [_in_unit(level, None) for level in (own, theirs)]
    return all(m is not None and 0.0 <= m <= _NEAR_SURFACE_M for m in metres)


def _in_unit(level: xr.DataArray, model: xr.DataArray | None) -> float | None:
    """Return the number of a level in the unit of another's, or in metres."""
    if level.dtype.kind not in "iuf":
        return None
    text = level.attrs.get("units")
    wanted = "m" if model is None else model.attrs.get("units")
    if text == wanted:
        return float(level)
    try:
        return float(level) * conversion_factor(parse(str(text)), parse(str(wanted)))
    except XnablaError:
        return None


def _alone(coordinate: xr.DataArray) -> str:
    units = coordinate.attrs.get("units")
    value = coordinate.values
    shown = f"{float(value):.6g}" if coordinate.dtype.kind == "f" else str(value)
    return f"{shown} {units}" if units else shown


def _check_places(first: xr.DataArray, other: xr.DataArray) -> None:
    """Refuse fields that name different latitudes and longitudes as their own."""
    own, theirs = places_named(first), places_named(other)
    if own is None or theirs is None or own == theirs:
        return
    for one, two in zip(own, theirs, strict=True):
        mine, its = first.coords[one], other.coords[two]
        if set(mine.dims) != set(its.dims) or _agree(mine, its.transpose(*mine.dims)):
            continue
        raise GridError(
            explain(
                f"{title_of(first)} and {_lower(other)} lie at different places of one "
                "grid",
                expected=", ".join(own),
                got=", ".join(theirs),
                hint="bring one to the points of the other first",
            )
        )


def _agree(own: xr.DataArray, theirs: xr.DataArray) -> bool:
    """Tell whether coordinates are the same but for rounding."""
    one, other = np.asarray(own.values), np.asarray(theirs.values)
    if one.shape != other.shape:
        return False
    if one.dtype.kind not in "iuf" or other.dtype.kind not in "iuf":
        return bool(np.array_equal(one, other))
    apart = np.abs(one.astype(np.float64) - other.astype(np.float64))
    if "lon" in str(own.name).lower() or "east" in str(own.attrs.get("units", "")):
        apart = np.minimum(apart, np.abs(apart - 360.0))
    if not apart.size or not np.isfinite(apart).any() or np.nanmax(apart) == 0.0:
        return True
    steps = [np.abs(np.diff(one.astype(np.float64), axis=i)) for i in range(one.ndim)]
    along = [np.nanmedian(step) for step in steps if step.size]
    return bool(np.nanmax(apart) <= _SAME * max(along, default=0.0))


def _ends(coordinate: xr.DataArray) -> str:
    flat = np.asarray(coordinate.values).ravel()
    if not flat.size:
        return "no points"
    shown = [
        f"{value:.6g}" if flat.dtype.kind == "f" else str(value)
        for value in (flat[0], flat[-1])
    ]
    return f"{shown[0]} to {shown[1]}"


def dim_of_role(grid: Grid, role: str) -> str:
    """Return the only dimension of a role."""
    dims = [dim for dim in grid.dims if grid.roles.get(dim) == role]
    if len(dims) == 1:
        return dims[0]
    raise GridError(
        explain(
            f"This needs one {role} dimension",
            expected=f"a field with a {role} dimension",
            got=", ".join(dims or grid.dims),
            hint="print(xn.grid_of(field)), which tells what each dimension is",
        )
    )
