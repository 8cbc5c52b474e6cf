"""A field made ready to be drawn: plain numbers, singleton dimensions gone."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from xnabla.errors import FieldError, OptionError, explain
from xnabla.plot._panes import MOST_PANES, other_dims, panes_of
from xnabla.plot._roles import roles_of
from xnabla.plot._unit_text import understood

__all__ = ["drawable", "familiar"]

# Beyond these, squares and ratios leave the range of floating-point numbers.
_HUGE, _TINY = 1e150, 1e-150
_AIR_PRESSURE_PA = 1e4


def drawable(*fields: xr.DataArray, panes: bool = False) -> list[xr.DataArray]:
    """Return copies in plain floats of one or two dimensions, computed together.

    Values that are not finite, or beyond 1e150, become NaN. The inputs are not changed.

    Parameters
    ----------
    *fields : DataArray
    panes : bool, optional
        Whether there may be more dimensions, if not too many panels come of them.

    Raises
    ------
    FieldError
        If one is no labelled field of real numbers.
    OptionError
        If one has no dimension to draw along, or more than two.
    """
    plain = [_plain(field, panes=panes) for field in fields]
    if any(field.chunks is not None for field in plain):
        from dask.base import compute

        # One pass: what the fields share is read and worked out once.
        together: Any = compute
        plain = list(together(*plain))
    return [_finite(field) for field in plain]


def _plain(field: xr.DataArray, *, panes: bool) -> xr.DataArray:
    """Check a field, drop singleton dimensions, and take pint units off the values."""
    if not isinstance(field, xr.DataArray):
        raise FieldError(
            explain(
                "This cannot be drawn",
                expected="an xarray.DataArray",
                got=type(field).__name__,
                hint="plot.field(dataset['name']) for one variable of a dataset",
            )
        )
    squeezed = field.squeeze()
    if squeezed.ndim > 2 and panes:
        if len(panes_of(squeezed)) > MOST_PANES:
            raise OptionError(_too_many(squeezed, panes=True))
    elif not 1 <= squeezed.ndim <= 2:
        raise OptionError(_too_many(squeezed, panes=False))
    if squeezed.dtype.kind not in "fiub":
        raise FieldError(
            explain(
                f"{_called(field)} cannot be drawn",
                expected="real numbers",
                got=f"values of type {squeezed.dtype}",
            )
        )
    if not hasattr(squeezed.data, "magnitude"):
        return squeezed
    from xnabla import labels

    room: Any = labels
    without_pint: xr.DataArray = room.dequantify(squeezed)
    return without_pint


def _finite(field: xr.DataArray) -> xr.DataArray:
    """Return the field in float64, everything that cannot be shown as NaN or zero."""
    numbers = field.values.astype(np.float64)
    numbers = np.where(np.abs(numbers) < _HUGE, numbers, np.nan)
    return field.copy(data=np.where(np.abs(numbers) < _TINY, 0.0, numbers))


def familiar(field: xr.DataArray) -> xr.DataArray:
    """Return a plain field as it is spoken of: air pressure in hPa.

    A pressure of some pascals, like a tendency or a stress, stays in Pa.
    """
    if understood(str(field.attrs.get("units", ""))) != "Pa":
        return field
    size = np.abs(field.values[np.isfinite(field.values)])
    if size.size == 0 or np.median(size) < _AIR_PRESSURE_PA:
        return field
    return field.copy(data=field.values / 100.0).assign_attrs(units="hPa")


def _called(field: xr.DataArray) -> str:
    """Return the name of a field as a message shows it."""
    return "The field" if field.name is None else f"'{field.name}'"


def _too_many(field: xr.DataArray, *, panes: bool) -> str:
    """Tell which dimensions are in the way and what to type."""
    if field.ndim == 0:
        return explain(
            f"{_called(field)} is one number",
            expected="a field of one or two dimensions to draw",
            hint="leave a dimension when you select",
        )
    roles = roles_of(field)
    extra = other_dims(field)
    typed = [
        {"vertical": "--level", "time": "--time"}.get(roles.get(dim, ""), "")
        for dim in extra
    ]
    options = " and ".join(f"{option} VALUE" for option in typed if option)
    chosen = ", ".join(f"{dim}=..." for dim in extra)
    select = f"field.sel({chosen}, method='nearest')"
    hint = f"{options} on the command line, or {select}" if options else select
    if panes:
        longest = max(extra, key=lambda dim: field.sizes[dim])
        step = -(-field.sizes[longest] // MOST_PANES)
        hint += f", or field.isel({longest}=slice(None, None, {step})) for panels"
    names = ", ".join(extra)
    return explain(
        f"{_called(field)} has {field.ndim} dimensions, a picture shows two",
        expected=f"one value of each of: {names}"
        + f"; or up to {MOST_PANES} of them in all, in panels" * panes,
        got=", ".join(f"{dim} of size {field.sizes[dim]}" for dim in extra),
        hint=hint,
    )
