"""Attributes a NetCDF file can hold, made of what Python objects carry."""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np

__all__ = ["writable"]

# what the file format itself says about a variable; xarray writes it from its encoding
_RESERVED = frozenset(
    {"_FillValue", "missing_value", "scale_factor", "add_offset", "_Unsigned", "dtype"}
)


def writable(attributes: Mapping[Hashable, object]) -> dict[str, Any]:
    """Convert what has a meaning in a file and drop the rest.

    Truth becomes 0 or 1, a date its ISO form, a path its text, a mapping its JSON.
    None and objects without a written form are dropped.

    Examples
    --------
    >>> writable({"units": "K", "ok": True, "note": None, "levels": [500, 850]})
    {'units': 'K', 'ok': np.int8(1), 'levels': array([500, 850])}
    """
    found = {_name(key): _value(value) for key, value in attributes.items()}
    return {
        k: v for k, v in found.items() if k and v is not None and k not in _RESERVED
    }


def _name(key: Hashable) -> str:
    """Replace what a NetCDF name may not hold: control characters and the slash."""
    text = "".join(c if c.isprintable() and c != "/" else "_" for c in str(key))
    return text.strip()


def _value(value: object) -> Any:
    if isinstance(value, (str, bytes)):
        return value if isinstance(value, str) else value.decode(errors="replace")
    if isinstance(value, (bool, np.bool_)):
        return np.int8(value)
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, (dt.date, np.datetime64)):
        return value.isoformat() if isinstance(value, dt.date) else str(value)
    if isinstance(value, Mapping):
        return _json(value)
    return _numbers(value)


def _numbers(value: object) -> Any:
    if not isinstance(value, (int, float, list, tuple, np.ndarray, np.generic)):
        return None
    try:
        array = np.asarray(value)
    except (ValueError, OverflowError):  # ragged, or beyond 64 bits
        return _json(value)
    kind = array.dtype.kind
    if kind in "US":
        return ", ".join(str(_value(item)) for item in array.ravel())
    if kind == "O" or array.ndim > 1:
        return _json(array.tolist())
    if kind not in "biuf":
        return str(value)
    if kind == "b":
        array = array.astype("int8")
    elif array.dtype.itemsize not in (1, 2, 4, 8) or array.dtype == np.float16:
        array = array.astype("float32" if array.dtype == np.float16 else "float64")
    return array if array.ndim and array.size else array[()] if not array.ndim else None


def _json(value: object) -> str | None:
    try:
        return json.dumps(value)
    except (TypeError, ValueError):
        return None
