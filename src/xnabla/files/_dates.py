"""Units in which dates survive a file exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from xnabla.files._survey import listening

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["date_encoding", "is_dates"]

_UNITS = ("days", "hours", "minutes", "seconds", "milliseconds", "microseconds",
          "nanoseconds")  # fmt: skip
_KEPT = ("units", "calendar", "dtype")


def is_dates(variable: xr.Variable) -> bool:
    """Tell whether a variable holds dates, of numpy or of another calendar."""
    if variable.dtype.kind != "O":
        return bool(variable.dtype.kind == "M")
    return hasattr(_first(variable), "calendar")


def date_encoding(variable: xr.Variable) -> dict[str, Any]:
    """Choose the units of dates: the source's if they are exact, else the coarsest.

    Left to itself, xarray rounds to whole units where the source had whole numbers.

    Parameters
    ----------
    variable : Variable
        Dates, as datetime64 or cftime.

    Returns
    -------
    dict
        ``units``, ``calendar`` and ``dtype`` for xarray's encoding.
    """
    chosen: dict[str, Any] = {}
    lazy = variable.chunks is not None
    for encoding in _candidates(variable, lazy=lazy):
        chosen = encoding
        if lazy or _is_exact(variable, encoding):
            break
    return chosen


def _candidates(variable: xr.Variable, *, lazy: bool) -> Iterator[dict[str, Any]]:
    source = {k: v for k, v in variable.encoding.items() if k in _KEPT}
    if "since" in str(source.get("units", "")):
        yield source
        yield source | {"dtype": np.dtype("float64")}
    calendar = source.get("calendar", "proleptic_gregorian")
    if variable.dtype.kind == "O":
        calendar = getattr(_first(variable), "calendar", calendar)
    for unit in ("microseconds",) if lazy else _UNITS:
        for dtype in ("int64", "float64"):
            yield {
                "units": f"{unit} since 1970-01-01",
                "calendar": calendar,
                "dtype": np.dtype(dtype),
            }


def _is_exact(variable: xr.Variable, encoding: dict[str, Any]) -> bool:
    plain = xr.Variable(variable.dims, variable.values, {}, dict(encoding))
    if variable.dtype.kind == "O":
        coder = xr.coders.CFDatetimeCoder(use_cftime=True)
    else:
        coder = xr.coders.CFDatetimeCoder(time_unit=_reading_unit(variable.values))
    try:
        with listening():
            stored = coder.encode(plain)
            stored = stored.astype(encoding.get("dtype", stored.dtype))
            again = coder.decode(stored).values
            same = again == plain.values
            # xarray changes units it finds too coarse, and says so in a warning
            same &= stored.attrs["units"].split()[:1] == encoding["units"].split()[:1]
            if variable.dtype.kind == "M":
                same |= np.isnat(again) & np.isnat(plain.values)
    except Exception:
        return False
    return bool(np.all(same))


def _reading_unit(dates: np.ndarray[Any, np.dtype[Any]]) -> Any:
    """Return the unit a reader will use: nanoseconds, as far as they reach."""
    first, end = np.array(["1678-01-01", "2262-01-01"], "datetime64[D]")
    near = np.isnat(dates) | ((dates > first) & (dates <= end))
    return "ns" if near.all() else np.datetime_data(dates.dtype)[0]


def _first(variable: xr.Variable) -> object:
    """Return the first value without reading the others."""
    if variable.size == 0:
        return None
    return variable[(0,) * variable.ndim].values.item()
