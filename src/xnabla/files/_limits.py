"""Values outside the limits a variable declares are missing, as its conventions say.

The NetCDF User's Guide, "Attribute Conventions": ``valid_range``, or ``valid_min`` and
``valid_max``, count packed integers if they are integers, and unpacked values if they
are of the type that values are unpacked to.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from xnabla.files._lazily import lazily, replaced

__all__ = ["within_limits"]

# What a variable has whose values are no numbers but words.
_FLAGS = ("flag_values", "flag_masks", "flag_meanings")


def within_limits(
    ds: xr.Dataset, raw: Mapping[Hashable, xr.Variable], trusted: Collection[Hashable]
) -> tuple[xr.Dataset, list[str]]:
    """Return a dataset in which values outside their limits are NaN, lazily.

    Parameters
    ----------
    ds : Dataset
        Decoded.
    raw : mapping of name to Variable
        The same as it is in the file.
    trusted : collection of str
        Variables of which the user says that all values are values.

    Returns
    -------
    Dataset, list of str
        And the limits there are: those of some files blank what is right.
    """
    new, notes = {}, []
    for name, variable in ds.variables.items():
        plain = variable.dtype.kind in "iuf" and raw[name].dtype.kind in "iuf"
        if name in ds.dims or name in trusted or not plain or not variable.ndim:
            continue
        limits = _limits(raw[name])
        if limits is None or _holds_flags(raw[name]):
            continue
        dtype = variable.dtype
        if dtype.kind in "iu":  # as xarray widens what has missing values
            dtype = np.dtype("f4" if dtype.itemsize <= 2 else "f8")
        new[name] = lazily(variable, _Within(*limits, dtype.str), dtype)
        notes.append(
            f"'{name}' is missing outside {limits[0]:.7g} to {limits[1]:.7g}, its "
            "valid range"
        )
    return replaced(ds, new), notes


@dataclass(frozen=True, slots=True)
class _Within:
    least: float
    most: float
    dtype: str

    def __call__(self, values: NDArray[Any]) -> NDArray[Any]:
        values = np.asarray(values)
        made = values.astype(self.dtype, copy=False)
        # the limits are rounded as the values are: one that is a limit stays
        least, most = (made.dtype.type(end) for end in (self.least, self.most))
        outside = (made < least) | (made > most)
        if not outside.any():
            return made
        return np.where(outside, made.dtype.type(math.nan), made)


def _holds_flags(raw: xr.Variable) -> bool:
    """Tell a variable of flags from a quantity with codes beside it.

    The codes of a quantity are outside its limits: 254 for land in percents of ice.
    """
    if not any(key in raw.attrs for key in _FLAGS):
        return False
    codes = np.ravel(np.asarray(raw.attrs.get("flag_values", "")))
    declared = _declared(raw)
    if codes.dtype.kind not in "iu" or not codes.size or declared is None:
        return True
    if _is_unsigned(raw):
        codes = _unsigned(codes)
    least, most = declared
    return bool(((codes >= least) & (codes <= most)).any())


def _limits(raw: xr.Variable) -> tuple[float, float] | None:
    """Return the least and the greatest valid value, unpacked; ``None`` if any is."""
    found = _declared(raw)
    if found is None:
        return None
    least, most = found
    ends = [float(least), float(most)]
    factor, offset = raw.attrs.get("scale_factor"), raw.attrs.get("add_offset")
    is_packed = factor is not None or offset is not None
    counts_packed = raw.dtype.kind == "f" or np.asarray(found).dtype.kind in "iu"
    if is_packed and counts_packed:
        scale = 1.0 if factor is None else float(np.ravel(factor)[0])
        start = 0.0 if offset is None else float(np.ravel(offset)[0])
        # half a step of room: unpacking rounds
        room = 0.5 * abs(scale) if raw.dtype.kind in "iu" else 0.0
        unpacked = sorted(end * scale + start for end in ends)
        ends = [unpacked[0] - room, unpacked[1] + room]
    if not ends[0] <= ends[1] or ends == [-math.inf, math.inf]:
        return None
    if raw.dtype.kind in "iu" and not is_packed:
        whole = np.iinfo(raw.dtype)
        if ends[0] <= whole.min and ends[1] >= whole.max:
            return None
    return ends[0], ends[1]


def _declared(raw: xr.Variable) -> tuple[Any, Any] | None:
    """Return what the attributes say, if they say numbers."""
    given = raw.attrs.get("valid_range")
    both = [raw.attrs.get("valid_min"), raw.attrs.get("valid_max")]
    if given is not None:
        both = list(np.ravel(np.asarray(given)))
    numbers = [
        np.ravel(np.asarray(v))[0]
        if v is not None and np.asarray(v).dtype.kind in "iuf" and np.size(v) == 1
        else None
        for v in both
    ]
    if len(numbers) != 2 or numbers == [None, None]:
        return None
    if str(raw.attrs.get("_Unsigned", "")).lower() == "true":
        numbers = [_unsigned(n) for n in numbers]
    is_whole = all(n is None or n.dtype.kind in "iu" for n in numbers)
    ends: tuple[Any, Any] = (-math.inf, math.inf)
    if is_whole and raw.dtype.kind in "iu":
        kind = np.dtype(f"u{raw.dtype.itemsize}") if _is_unsigned(raw) else raw.dtype
        whole = np.iinfo(kind)
        ends = np.asarray(whole.min)[()], np.asarray(whole.max)[()]
    least, most = (e if n is None else n for n, e in zip(numbers, ends, strict=True))
    return least, most


def _is_unsigned(raw: xr.Variable) -> bool:
    return str(raw.attrs.get("_Unsigned", "")).lower() == "true"


def _unsigned(number: Any) -> Any:
    if number is None or number.dtype.kind != "i":
        return number
    return number.view(f"u{number.dtype.itemsize}")
