"""Labelled to plain: the values of a field, ready for arithmetic, and their unit."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from xnabla.errors import FieldError, FillValueWarning, GridError, UnitsError, explain
from xnabla.numerics import find_sentinel, is_chunked
from xnabla.units import Unit, is_quantity, parse, split_quantity


@dataclass(frozen=True, slots=True, eq=False)
class Plain:
    """Values without labels or pint, and the unit that walks beside them."""

    values: Any
    unit: Unit


def split(field: xr.DataArray, example: str = "K") -> Plain:
    """Return the values of a field as floating numbers, and their unit.

    Values of dask arrays stay lazy; those of a file are read.

    Parameters
    ----------
    field : DataArray
    example : str
        What its unit may be, for the message that it has none.

    Raises
    ------
    FieldError
        If the field is not a DataArray of numbers.
    UnitsError
        If it has no unit, or one that cannot be read.
    """
    title = title_of(field)
    values = field.data
    if is_quantity(values):
        magnitude, unit = split_quantity(values)
        return Plain(as_floating(magnitude, title), unit)
    plain = as_floating(values, title)
    text = field.attrs.get("units")
    if text is None or not str(text).strip():
        raise UnitsError(
            explain(
                f"{title} has no units",
                expected="a 'units' attribute or pint values",
                got="units ''" if text is not None else None,
                hint=f"field.attrs['units'] = {example!r}",
            )
        )
    return Plain(plain, parse(str(text), of=title[0].lower() + title[1:]))


def check_field(field: Any, operator: str) -> xr.DataArray:
    """Return the field if it is a DataArray.

    Raises
    ------
    FieldError
        With the way out for a Dataset, a name or anything else.
    GridError
        If it is a single value.
    """
    if isinstance(field, xr.DataArray):
        if field.ndim == 0:
            raise GridError(
                explain(
                    f"{title_of(field)} is a single value, which has no {operator}",
                    expected="a field with dimensions",
                )
            )
        unnamed = [dim for dim in field.dims if not isinstance(dim, str)]
        if unnamed:
            raise GridError(
                explain(
                    f"{title_of(field)} has a dimension whose name is no text",
                    expected="names",
                    got=repr(unnamed[0]),
                    hint=f"field.rename({{{unnamed[0]!r}: 'x'}})",
                )
            )
        return field
    takes_plain = operator in _TAKE_PLAIN
    expected, hint = "a DataArray", f"xn.{operator}(dataset['t'])"
    if takes_plain:
        expected = "a DataArray, a pint Quantity or a numpy array"
        hint = f"xn.{operator}(array, deltas=...) or {hint}"
    elif is_quantity(field) or isinstance(field, np.ndarray):
        expected = "DataArrays with coordinates: the numbers alone lie nowhere"
        hint = (
            "xr.DataArray(array, dims=('lat', 'lon'), coords={'lat': ..., 'lon': ...})"
        )
    if isinstance(field, xr.Dataset):
        names = ", ".join(map(str, field.data_vars)) or "none"
        hint = f"xn.{operator}(dataset[name]) with one of its variables: {names}"
    raise FieldError(
        explain(
            f"{operator} takes " + ("one field" if takes_plain else "labelled fields"),
            expected=expected,
            got=type(field).__name__,
            hint=hint,
        )
    )


# Operators that take plain arrays too, with their spacing; they come here with what is
# none of these either.
_TAKE_PLAIN = {"derivative", "gradient"}


def title_of(field: xr.DataArray) -> str:
    """Return what to call a field in a message."""
    return f"Variable {str(field.name)!r}" if field.name is not None else "The field"


def as_floating(values: Any, title: str) -> Any:
    """Return numbers as floating numbers that every engine takes.

    Single precision stays; integers become double; bytes are put in native order.

    Raises
    ------
    FieldError
        If they are text, dates, flags or objects.
    """
    if not is_chunked(values):
        values = _array(values, title)
    elif any(np.isnan(size) for size in values.shape):
        raise FieldError(
            explain(
                f"{title} has chunks of unknown size",
                expected="a dask array that knows its shape",
                hint="array.compute_chunk_sizes()",
            )
        )
    dtype = values.dtype
    if dtype.kind not in "iufc":
        kinds = {"U": "text", "S": "text", "O": "objects", "b": "flags", "T": "text"}
        kind = kinds.get(dtype.kind, "dates" if dtype.kind in "mM" else str(dtype))
        raise FieldError(
            explain(
                f"{title} holds {kind}, which have no derivative",
                expected="numbers",
                got=f"dtype {dtype}",
                hint="field.astype(float)" if dtype.kind in "bO" else None,
            )
        )
    if not is_chunked(values) and dtype.kind == "f":
        _warn_of_sentinel(values, title)
    return values.astype(_floating(dtype), copy=False)


def _warn_of_sentinel(values: np.ndarray[Any, Any], title: str) -> None:
    """Tell of a number that means "missing" among values: one in many is looked at.

    Fields that `xnabla.open` reads have been looked at whole. Others come from readers
    that take -999 for a value unless the file says otherwise.
    """
    each = max(1, round(_SAMPLE ** (1 / max(1, values.ndim))))
    sample = values[tuple(slice(None, None, max(1, n // each)) for n in values.shape)]
    found = find_sentinel(sample)
    if found is None:
        return
    share = 100 * found.points / found.size
    hint = f"field.where(field != {found.value:.7g})"
    text = explain(
        f"{title} holds {found.value:.7g} at about {share:.2g} % of its points, "
        "far from all other values: it is taken as a value",
        hint=f"{hint}, if it means missing",
    )
    facts: dict[str, object] = {"variable": title, "value": found.value}
    warnings.warn(FillValueWarning(text, facts), stacklevel=2)


# Of so many values, or a few times as many, a look takes 20 microseconds.
_SAMPLE = 1000


def _array(values: Any, title: str) -> np.ndarray[Any, Any]:
    values = np.ma.getdata(values) if np.ma.isMaskedArray(values) else values
    try:
        return np.asarray(values)
    except ValueError:
        raise FieldError(
            explain(
                f"{title} is no array",
                expected="numbers in rows of one length",
                got=type(values).__name__,
            )
        ) from None


def _floating(dtype: np.dtype[Any]) -> np.dtype[Any]:
    if dtype.kind in "iu":
        return np.dtype(np.float64)
    if dtype.kind == "f" and dtype.itemsize < 4:
        return np.dtype(np.float32)
    if dtype.kind == "f" and dtype.itemsize > 8:
        return np.dtype(np.float64)
    if dtype.kind == "c" and dtype.itemsize > 16:
        return np.dtype(np.complex128)
    return dtype.newbyteorder("=")
