"""A result in a few lines, for a terminal."""

from __future__ import annotations

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
    finite = values[np.isfinite(values)]
    missing = values.size - finite.size
    if finite.size == 0:
        return f"{name} ({sizes})  no values"
    size = float(np.mean(np.abs(finite), dtype=np.float64))
    text = f"{finite.min():.4g} to {finite.max():.4g}"
    unit = str(variable.attrs.get("units", "1"))
    tail = f", {missing} missing" if missing else ""
    return f"{name} ({sizes})  {text} {unit}, mean size {size:.4g}{tail}"
