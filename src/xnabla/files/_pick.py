"""Which variable of a file is meant."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

import numpy as np

from xnabla.errors import FieldError, FileError, explain

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Mapping

    import xarray as xr

__all__ = ["pick_variable"]

_MOST_LISTED = 20
_POSITIONS = ("latitude", "longitude", "grid_latitude", "grid_longitude")
_KINDS = {
    "S": "text",
    "U": "text",
    "T": "text",
    "M": "dates",
    "m": "time differences",
    "b": "true and false",
    "c": "complex numbers",
}


def pick_variable(
    ds: xr.Dataset, name: str | None, path: str | os.PathLike[str]
) -> xr.DataArray:
    """Take the variable that is meant out of a dataset.

    Parameters
    ----------
    ds : Dataset
        As `open_dataset` gives it.
    name : str or None
        Its name in the file, or its standard or long name where just one variable
        has that. None takes the only field of the file.
    path : path
        The file, for messages.

    Returns
    -------
    DataArray
        A variable that holds numbers.

    Raises
    ------
    FileError
        There is no such variable, or more than one could be meant, or its packing
        is broken.
    FieldError
        The variable holds text, dates or true and false.

    Examples
    --------
    >>> import xarray as xr
    >>> ds = xr.Dataset({"t2m": ("x", [1.0, 2.0]), "msl": ("x", [3.0, 4.0])})
    >>> pick_variable(ds, "t2m", "era5.nc").name
    't2m'
    >>> pick_variable(ds, "t2n", "era5.nc")
    Traceback (most recent call last):
    ...
    xnabla.errors.FileError: File 'era5.nc' has no variable 't2n'. Expected one of \
'msl', 't2m'. Try: 't2m'
    """
    if name is None:
        return ds[_only_field(ds, path)]
    refused: Mapping[str, str] = ds.encoding.get("xnabla_refused", {})
    if name in refused:
        raise FileError(refused[name])
    # ds[name] would answer for a dimension too, with its indices as values
    found = name if name in ds.variables else _by_described_name(ds, name)
    if found is None:
        raise FileError(_no_such(ds, name, path))
    variable = ds[found]
    if not _is_numeric(variable):
        what = _kind_of(variable)
        which = "which has" if what == "text" else "which have"
        text = f"Variable '{found}' of '{path}' holds {what}, {which} no derivative"
        raise FieldError(explain(text, expected="numbers", hint=_some_field(ds)))
    return variable


def _only_field(ds: xr.Dataset, path: str | os.PathLike[str]) -> str:
    fields = _fields(ds)
    if len(fields) == 1:
        return fields[0]
    if not fields:
        text = f"File '{path}' has no field of numbers"
        raise FileError(explain(text, got=_listed(map(str, ds.variables)) or "nothing"))
    text = f"File '{path}' has {len(fields)} fields; say which one"
    raise FileError(explain(text, expected=f"one of {_listed(fields)}"))


def _fields(ds: xr.Dataset) -> list[str]:
    """List the data variables that hold numbers and are not positions."""
    return sorted(
        str(name)
        for name, variable in ds.data_vars.items()
        if variable.ndim and _is_numeric(variable) and not _is_position(variable)
    )


def _is_numeric(variable: xr.DataArray) -> bool:
    return variable.dtype.kind in "iuf"


def _is_position(variable: xr.DataArray) -> bool:
    """Tell a latitude or longitude that no variable names as its coordinate."""
    units = str(variable.attrs.get("units", "")).lower().replace(" ", "_")
    named = variable.attrs.get("standard_name") in _POSITIONS
    return named or units in ("degrees_north", "degrees_east", "degree_north",
                              "degree_east")  # fmt: skip


def _kind_of(variable: xr.DataArray) -> str:
    if variable.dtype.kind == "O":
        first = next(iter(np.ravel(variable.values)), None)
        return "dates" if hasattr(first, "calendar") else "text"
    return _KINDS.get(variable.dtype.kind, f"values of type {variable.dtype}")


def _by_described_name(ds: xr.Dataset, name: str) -> str | None:
    for attribute in ("standard_name", "long_name"):
        named = [
            str(key)
            for key, variable in ds.variables.items()
            if variable.attrs.get(attribute) == name
        ]
        if len(named) == 1:
            return named[0]
    return None


def _no_such(ds: xr.Dataset, name: str, path: str | os.PathLike[str]) -> str:
    names = [str(key) for key in ds.variables]
    lower = name.lower()
    described = [
        str(key)
        for key, variable in ds.variables.items()
        if lower
        in {
            str(variable.attrs.get(attribute, "")).lower()
            for attribute in ("standard_name", "long_name")
        }
    ]
    near = [key for key in names if key.lower() == lower] + described
    near += difflib.get_close_matches(name, names, n=3)
    near = list(dict.fromkeys(near))
    return explain(
        f"File '{path}' has no variable '{name}'",
        expected=f"one of {_listed(_fields(ds) or sorted(names))}",
        hint=" or ".join(f"'{key}'" for key in near) if near else None,
    )


def _some_field(ds: xr.Dataset) -> str | None:
    return _listed(_fields(ds)) or None


def _listed(names: Iterable[str]) -> str:
    names = list(names)
    more = len(names) - _MOST_LISTED
    shown = ", ".join(f"'{name}'" for name in names[:_MOST_LISTED])
    return f"{shown} and {more} more" if more > 0 else shown
