"""A result in a few lines, for a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

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
    lazy = {name: one for name, one in result.data_vars.items() if one.chunks}
    measured = dict(zip(lazy, measured_of([*lazy.values()]), strict=True))
    return [
        _line(name, variable, measured.get(name))
        for name, variable in result.data_vars.items()
    ]


def _line(name: object, variable: xr.DataArray, found: _Measures | None) -> str:
    sizes = ", ".join(f"{dim}: {size}" for dim, size in variable.sizes.items())
    if found is not None:
        return f"{name} ({sizes})  {_of_chunks(variable, found)}"
    values = np.asarray(variable.values)
    if _is_counted(variable):
        return f"{name} ({sizes})  {_counted(values, variable.attrs)}"
    finite = values[np.isfinite(values)]
    missing = values.size - finite.size
    if finite.size == 0:
        return f"{name} ({sizes})  no values"
    size = float(np.mean(np.abs(finite), dtype=np.float64))
    told = _told(variable, finite.min(), finite.max(), size, missing)
    return f"{name} ({sizes})  {told}"


def _is_counted(variable: xr.DataArray) -> bool:
    """Tell flags and words, of which each kind is counted, from numbers."""
    return "flag_meanings" in variable.attrs or variable.dtype.kind in "bUO"


def _told(
    variable: xr.DataArray, least: float, most: float, size: float, missing: int
) -> str:
    unit = str(variable.attrs.get("units", "1"))
    # a unit that begins with a number would be read as one more of them
    words = (
        "" if unit == "1" else f" times {unit}" if unit[:1].isdigit() else f" {unit}"
    )
    tail = f", {missing} missing" if missing else ""
    return f"{least:.4g} to {most:.4g}{words}, mean size {size:.4g}{tail}"


def _counted(values: np.ndarray[Any, Any], attributes: dict[str, Any]) -> str:
    """Return how often each flag stands, in words."""
    counts = _counts(values, attributes)
    return ", ".join(f"{count} {word}" for word, count in counts.items())


def _counts(values: np.ndarray[Any, Any], attributes: dict[str, Any]) -> dict[str, int]:
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
    return {
        str(meanings.get(kinds[i].item(), kinds[i])): int(counts[i])
        for i in np.argsort(-counts, kind="stable")
    }


def _of_chunks(variable: xr.DataArray, found: _Measures) -> str:
    """Return the same of values that are never held all at once."""
    if found.known == 0:
        return "no values"
    size = found.magnitude / found.known
    missing = variable.size - found.known
    return _told(variable, found.least, found.most, size, missing)


class _Measures(NamedTuple):
    """What is known of some values: of those that are finite."""

    least: float
    most: float
    total: float
    magnitude: float
    known: int


def measured_of(variables: Sequence[xr.DataArray]) -> list[_Measures]:
    """Return the measures of fields; those in blocks go through together, once.

    The two parts of a gradient are made of one field, and it is read once for both.
    """
    import dask
    from dask.delayed import delayed

    blocks = [
        [delayed(_of_block)(one) for one in variable.data.to_delayed().ravel()]
        if variable.chunks
        else [_of_block(np.asarray(variable.values))]
        for variable in variables
    ]
    found: Any = dask.compute(*blocks)  # type: ignore[attr-defined,no-untyped-call]
    return [
        _Measures(min(least), max(most), sum(total), sum(magnitude), sum(count))
        for least, most, total, magnitude, count in (
            zip(*own, strict=True) for own in found
        )
    ]


def _of_block(values: np.ndarray[Any, Any]) -> _Measures:
    """Return the measures of values, with little that is made on the way."""
    known = np.isfinite(values)
    count = int(np.count_nonzero(known))
    finite = values if count == values.size else values[known]
    if count == 0:
        return _Measures(np.inf, -np.inf, 0.0, 0.0, 0)
    return _Measures(
        finite.min().item(),
        finite.max().item(),
        float(finite.sum(dtype=np.float64)),
        float(np.abs(finite).sum(dtype=np.float64)),
        count,
    )


def told_of(result: xr.Dataset) -> dict[str, Any]:
    """Return what a program wants to know of a result: numbers, units, grids.

    Examples
    --------
    >>> ds = xr.Dataset({"dt_dx": ("x", [-1.0, 3.0], {"units": "K km-1"})})
    >>> told = told_of(ds)["variables"]["dt_dx"]
    >>> told["units"], told["min"], told["max"], told["mean"], told["missing"]
    ('K km-1', -1.0, 3.0, 1.0, 0)
    """
    numbers = {n: v for n, v in result.data_vars.items() if v.dtype.kind in "iuf"}
    measured = dict(zip(numbers, measured_of([*numbers.values()]), strict=True))
    # a list of points, or of paths, lies on no grid
    is_list = "featureType" in result.attrs or {"path", "step"} <= {*result.dims}
    return {
        "variables": {
            str(name): _facts_of(part, measured.get(name), is_list=is_list)
            for name, part in result.data_vars.items()
        }
    }


def _facts_of(
    variable: xr.DataArray, found: _Measures | None, *, is_list: bool
) -> dict[str, Any]:
    told: dict[str, Any] = {
        "dims": dict(zip(map(str, variable.dims), variable.shape, strict=True)),
        "dtype": str(variable.dtype),
    }
    for key in ("units", "standard_name", "long_name"):
        if key in variable.attrs:
            told[key] = str(variable.attrs[key])
    if variable.ndim and not is_list:
        told["grid"] = str(grid_of(variable)).splitlines()
    if _is_counted(variable) and not variable.chunks:
        told["counts"] = _counts(np.asarray(variable.values), variable.attrs)
    if found is None:
        return told
    empty = found.known == 0
    told["min"] = None if empty else found.least
    told["max"] = None if empty else found.most
    told["mean"] = None if empty else found.total / found.known
    return told | {"missing": variable.size - found.known}
