"""A result in a few lines, for a terminal."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr


def summary_lines(result: xr.Dataset) -> list[str]:
    """Return one line for each variable: its range, its mean size, its unit.

    Examples
    --------
    >>> ds = xr.Dataset({"dt_dx": ("x", [-1.0, 3.0], {"units": "K km-1"})})
    >>> summary_lines(ds)
    ['dt_dx (x: 2)  -1 to 3 K km-1, mean size 2']
    """
    return [_line(name, variable) for name, variable in result.data_vars.items()]


def _line(name: object, variable: xr.DataArray) -> str:
    sizes = ", ".join(f"{dim}: {size}" for dim, size in variable.sizes.items())
    values = np.asarray(variable.values)
    if "flag_meanings" in variable.attrs or values.dtype.kind in "bUO":
        return f"{name} ({sizes})  {_counted(values, variable.attrs)}"
    finite = values[np.isfinite(values)]
    missing = values.size - finite.size
    if finite.size == 0:
        return f"{name} ({sizes})  no values"
    size = float(np.mean(np.abs(finite), dtype=np.float64))
    text = f"{finite.min():.4g} to {finite.max():.4g}"
    unit = str(variable.attrs.get("units", "1"))
    tail = f", {missing} missing" if missing else ""
    return f"{name} ({sizes})  {text} {unit}, mean size {size:.4g}{tail}"


def _counted(values: np.ndarray[Any, Any], attributes: dict[str, Any]) -> str:
    """Return how often each flag stands, the most frequent first."""
    if values.dtype.kind in "UO":
        meanings = {}
    elif values.dtype == bool:
        meanings = {True: "yes", False: "no"}
    else:
        words = str(attributes["flag_meanings"]).split()
        kinds = np.atleast_1d(attributes.get("flag_values", []))
        meanings = dict(zip(kinds.tolist(), words, strict=False))
    kinds, counts = np.unique(values, return_counts=True)
    return ", ".join(
        f"{counts[i]} {meanings.get(kinds[i].item(), kinds[i])}"
        for i in np.argsort(-counts, kind="stable")
    )
