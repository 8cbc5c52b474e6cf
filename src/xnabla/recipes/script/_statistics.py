"""What a file holds, in numbers for a report: read back from the file itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from xnabla.files import open_dataset
from xnabla.recipes._memory import DEFAULT_MEMORY
from xnabla.recipes._sources import blocks_of
from xnabla.recipes._summary import measured_of

__all__ = ["statistics"]


def statistics(path: Path) -> list[dict[str, Any]]:
    """Return a row for each variable: what it is, its range, its mean, its gaps.

    Returns
    -------
    list of dict
        With ``name``, ``long_name``, ``units``, ``sizes``, ``dtype``, and for numbers
        ``min``, ``max``, ``mean`` (of all values alike), ``missing`` and ``count``;
        flags have ``counts`` by meaning.
    """
    chunks = blocks_of(str(path), DEFAULT_MEMORY, {})
    with open_dataset(path, chunks=chunks) as dataset:
        return [_row(str(name), one) for name, one in dataset.data_vars.items()]


def _row(name: str, one: xr.DataArray) -> dict[str, Any]:
    row: dict[str, Any] = {
        "name": name,
        "long_name": str(one.attrs.get("long_name", "")),
        "units": str(one.attrs.get("units", "")),
        "sizes": {str(dim): int(n) for dim, n in one.sizes.items()},
        "dtype": str(one.dtype),
    }
    if "flag_meanings" in one.attrs or one.dtype.kind in "bUSO":
        return row | {"counts": _counts(one)}
    if one.dtype.kind not in "iuf":
        return row
    return row | _numbers(one)


def _numbers(one: xr.DataArray) -> dict[str, Any]:
    """Return what is told of numbers, from one pass over them."""
    (found,) = measured_of([one])
    count = found.known
    told = {"missing": int(one.size - count), "count": int(one.size)}
    if not count:
        return told | {"min": None, "max": None, "mean": None}
    ends = {"min": float(found.least), "max": float(found.most)}
    return told | ends | {"mean": found.total / count}


def _counts(one: xr.DataArray) -> dict[str, int]:
    """Return how often each flag or word stands, the most frequent first."""
    values = np.asarray(one.values)
    words = str(one.attrs.get("flag_meanings", "")).split()
    flags = np.atleast_1d(one.attrs.get("flag_values", [])).tolist()
    meanings = dict(zip(flags, words, strict=False))
    kinds, counts = np.unique(values.astype(str), return_counts=True)
    named = {str(flag): word for flag, word in meanings.items()}
    order = np.argsort(-counts, kind="stable")[:20]
    return {named.get(str(kinds[k]), str(kinds[k])): int(counts[k]) for k in order}
