"""Staggered winds brought to the points where mass and temperature are."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import xarray as xr

from xnabla.errors import FieldError, GridError, explain
from xnabla.grid import role_of
from xnabla.labels import Plain, check_field, describe, split, title_of
from xnabla.operators._wind import FRAME_FLAG
from xnabla.units import is_quantity

# What is as true of a mean of neighbours; ranges, packing and history are not.
_STILL_TRUE = {
    "standard_name",
    "long_name",
    "description",
    "cell_methods",
    "comment",
    FRAME_FLAG,
}


def destagger(field: xr.DataArray, *, like: xr.DataArray | None = None) -> xr.DataArray:
    r"""Return a staggered field at the points where mass is.

    .. math:: \bar{f}_i = \tfrac{1}{2} (f_{i-1/2} + f_{i+1/2})

    In WRF files the dimensions ``west_east_stag``, ``south_north_stag`` and
    ``bottom_top_stag`` have one point more than the mass points. On other C-grids, such
    as ROMS, ``like`` tells the mass points: of as many points, of one less or of one
    more; where a mass point has no neighbour on one side the result is missing.

    Parameters
    ----------
    field : DataArray
        A staggered field.
    like : DataArray, optional
        A field at the mass points, whose dimensions and coordinates the result takes.

    Returns
    -------
    DataArray
        With the name, unit and attributes of the field; lazy for a dask-backed one, and
        plain numbers where the field has no unit.

    Raises
    ------
    GridError
        If the field is not staggered, or does not fit ``like``.
    FieldError
        If it is no DataArray of numbers.

    References
    ----------
    Arakawa and Lamb (1977), Methods in Computational Physics 17, 173-265.

    Examples
    --------
    >>> u = xr.DataArray([[1.0, 2.0, 4.0]], dims=("south_north", "west_east_stag"),
    ...     attrs={"units": "m s-1"}, name="U")
    >>> mass = destagger(u)
    >>> mass.dims, mass.data.magnitude
    (('south_north', 'west_east'), array([[1.5, 3. ]]))
    """
    field = check_field(field, "destagger")
    if like is not None and not isinstance(like, xr.DataArray):
        raise FieldError(
            explain(
                "like= takes a field at the mass points",
                expected="a DataArray",
                got=type(like).__name__,
                hint="xn.destagger(dataset['U'], like=dataset['T'])",
            )
        )
    plain = _split(field)
    values, dims = plain.values, list(map(str, field.dims))
    targets = _targets(field, like)
    for dim, (name, size) in targets.items():
        axis = dims.index(dim)
        values = _brought(values, axis, size)
        dims[axis] = name
    coords = _coordinates(field, like, targets)
    frame = xr.DataArray(
        xr.Variable(dims, values), coords=coords, name=field.name, attrs=field.attrs
    )
    attributes = {
        str(key): value for key, value in field.attrs.items() if key in _STILL_TRUE
    }
    result = describe(
        values,
        like=frame,
        unit=plain.unit,
        name=str(field.name) if field.name is not None else "field",
        attributes=attributes,
    )
    return result if _has_unit(field) else result.copy(data=values)


def _split(field: xr.DataArray) -> Plain:
    """Return the values and the unit of a field: a mean of neighbours needs none."""
    return split(field if _has_unit(field) else field.assign_attrs(units="1"))


def _has_unit(field: xr.DataArray) -> bool:
    return is_quantity(field.data) or bool(str(field.attrs.get("units", "")).strip())


def _targets(
    field: xr.DataArray, like: xr.DataArray | None
) -> dict[str, tuple[str, int]]:
    """Return what each staggered dimension becomes, and how long."""
    if like is None:
        targets = {
            str(dim): (str(dim).removesuffix("_stag"), size - 1)
            for dim, size in field.sizes.items()
            if str(dim).endswith("_stag")
        }
        if targets:
            return targets
        raise GridError(
            explain(
                f"{title_of(field)} has no staggered dimension",
                expected="a dimension such as 'west_east_stag', or like=",
                got=", ".join(map(str, field.dims)),
                hint="xn.destagger(field, like=field_at_mass_points)",
            )
        )
    found = {}
    for dim, size in field.sizes.items():
        partner = _partner(str(dim), field, like)
        if partner is None:
            continue
        wanted = like.sizes[partner]
        if abs(size - wanted) > 1:
            raise GridError(
                explain(
                    f"Dimension {str(dim)!r} does not stagger {partner!r}",
                    expected=f"{wanted - 1} to {wanted + 1} points",
                    got=f"{size}",
                )
            )
        found[str(dim)] = (partner, wanted)
    if any(old != new for old, (new, _) in found.items()):
        return found
    raise GridError(
        explain(
            f"{title_of(field)} has the dimensions of its mass points already",
            expected="a dimension such as 'xi_u' beside 'xi_rho'",
            got=", ".join(map(str, field.dims)),
        )
    )


def _partner(dim: str, field: xr.DataArray, like: xr.DataArray) -> str | None:
    """Return the dimension of the mass points along the same direction."""
    if dim in like.dims:
        return dim
    if dim.removesuffix("_stag") in like.dims:
        return dim.removesuffix("_stag")
    role = _direction(dim)
    same = [
        str(d)
        for d in like.dims
        if d not in field.dims and role is not None and _direction(str(d)) == role
    ]
    return same[0] if len(same) == 1 else None


def _direction(dim: str) -> str | None:
    role = role_of(dim, {}, np.dtype(float))
    return role if role in {"x", "y", "vertical"} else None


def _brought(values: Any, axis: int, size: int) -> Any:
    """Return the means of neighbours along an axis, so many of them."""
    have = values.shape[axis]
    if have == size:
        return values
    before = values[(slice(None),) * axis + (slice(None, -1),)]
    after = values[(slice(None),) * axis + (slice(1, None),)]
    double = np.result_type(values.dtype, np.float64)
    mean = ((before.astype(double) + after.astype(double)) / 2.0).astype(values.dtype)
    if have == size + 1:
        return mean
    shape = list(values.shape)
    shape[axis] = 1
    gap = np.full(shape, np.nan, dtype=values.dtype)
    return np.concatenate([gap, mean, gap], axis=axis)


def _coordinates(
    field: xr.DataArray,
    like: xr.DataArray | None,
    targets: dict[str, tuple[str, int]],
) -> dict[str, Any]:
    """Return the coordinates of the mass points."""
    dims = {targets.get(str(dim), (str(dim), 0))[0] for dim in field.dims}
    kept = {
        str(name): c
        for name, c in field.coords.items()
        if not set(c.dims) & set(targets) and set(c.dims) <= dims
    }
    if like is not None:
        theirs = {str(n): c for n, c in like.coords.items() if set(c.dims) <= dims}
        return {**kept, **theirs}
    moved = {}
    for name, c in field.coords.items():
        along = [str(dim) for dim in c.dims if str(dim) in targets]
        if along and c.dtype.kind in "iuf":
            new = re.sub(r"_(U|V|STAG|stag)$", "", str(name))
            moved[targets[along[0]][0] if name in c.dims else new] = _moved(c, targets)
    return {**kept, **moved}


def _moved(c: xr.DataArray, targets: dict[str, tuple[str, int]]) -> xr.Variable:
    """Return a coordinate at the mass points; longitudes may jump by 360 degrees."""
    values, dims = np.asarray(c.values, dtype=np.float64), list(map(str, c.dims))
    turning = role_of(str(c.name), dict(c.attrs), c.dtype) == "longitude"
    for dim, (name, size) in targets.items():
        if dim in dims:
            axis = dims.index(dim)
            if turning:
                values = np.unwrap(values, period=360.0, axis=axis)
            values = _brought(values, axis, size)
            dims[axis] = name
    return xr.Variable(dims, values.astype(c.dtype), c.attrs)
