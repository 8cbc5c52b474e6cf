"""A result in a few lines, for a terminal."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from xnabla.grid import grid_of


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
    if variable.chunks:
        return f"{name} ({sizes})  {_of_chunks(variable)}"
    values = np.asarray(variable.values)
    if "flag_meanings" in variable.attrs or values.dtype.kind in "bUO":
        return f"{name} ({sizes})  {_counted(values, variable.attrs)}"
    finite = values[np.isfinite(values)]
    missing = values.size - finite.size
    if finite.size == 0:
        return f"{name} ({sizes})  no values"
    size = float(np.mean(np.abs(finite), dtype=np.float64))
    told = _told(variable, finite.min(), finite.max(), size, missing)
    return f"{name} ({sizes})  {told}"


def _told(
    variable: xr.DataArray, least: float, most: float, size: float, missing: int
) -> str:
    unit = str(variable.attrs.get("units", "1"))
    tail = f", {missing} missing" if missing else ""
    return f"{least:.4g} to {most:.4g} {unit}, mean size {size:.4g}{tail}"


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


def _of_chunks(variable: xr.DataArray) -> str:
    """Return the same of values that are never held all at once."""
    import dask
    import dask.array as da

    values = variable.data
    known = da.isfinite(values)
    parts = (
        da.where(known, values, np.inf).min(),
        da.where(known, values, -np.inf).max(),
        da.where(known, abs(values), 0).sum(dtype=np.float64),
        known.sum(),
    )
    least, most, total, count = dask.compute(*parts)  # type: ignore[attr-defined,no-untyped-call]
    if count == 0:
        return "no values"
    return _told(variable, least, most, total / count, variable.size - int(count))


def told_of(result: xr.Dataset) -> dict[str, Any]:
    """Return what a program wants to know of a result: numbers, units, grids.

    Examples
    --------
    >>> ds = xr.Dataset({"dt_dx": ("x", [-1.0, 3.0], {"units": "K km-1"})})
    >>> told = told_of(ds)["variables"]["dt_dx"]
    >>> told["units"], told["min"], told["max"], told["mean"], told["missing"]
    ('K km-1', -1.0, 3.0, 1.0, 0)
    """
    return {
        "variables": {
            str(name): _numbers_of(part) for name, part in result.data_vars.items()
        }
    }


def _numbers_of(variable: xr.DataArray) -> dict[str, Any]:
    told: dict[str, Any] = {
        "dims": dict(zip(map(str, variable.dims), variable.shape, strict=True)),
        "dtype": str(variable.dtype),
    }
    for key in ("units", "standard_name", "long_name"):
        if key in variable.attrs:
            told[key] = str(variable.attrs[key])
    if variable.ndim:
        told["grid"] = str(grid_of(variable)).splitlines()
    if variable.dtype.kind not in "iuf":
        return told
    known = np.isfinite(variable)
    # never all at once: each is a number, of blocks where there are blocks
    numbers = xr.Dataset(
        {
            "min": variable.where(known).min(),
            "max": variable.where(known).max(),
            "mean": variable.where(known).mean(dtype=np.float64),
            "missing": (~known).sum(),
        }
    ).compute()
    missing = int(numbers["missing"])
    empty = missing == variable.size
    for key in ("min", "max", "mean"):
        told[key] = None if empty else numbers[key].item()
    return told | {"missing": missing}
