"""What an operator returned, as one Dataset that says where it comes from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import xarray as xr

from xnabla.labels import dequantify
from xnabla.recipes._sources import Sources, attributes_of

# Global attributes of the source that are as true of what is made from it.
_KEPT_GLOBALS = ("title", "institution", "source", "references", "license", "history")


def as_dataset(result: Any, sources: Sources) -> xr.Dataset:
    """Return the result with what its files say of all their variables.

    Parameters
    ----------
    result : DataArray, Dataset, or tuple of fields with ``to_dataset()``
    sources : Sources
        What it was made from.
    """
    if isinstance(result, tuple):
        dataset: xr.Dataset = result.to_dataset()  # type: ignore[attr-defined]
    elif isinstance(result, xr.Dataset):
        dataset = dequantify(result)
    else:
        dataset = dequantify(result).to_dataset()
    told = attributes_of(sources.datasets)
    kept = {key: told[key] for key in _KEPT_GLOBALS if key in told}
    # what a fit says of itself goes before what its files say
    whole = dataset.assign_coords(_bounds(dataset, sources))
    return whole.assign_attrs({**kept, **dataset.attrs})


def parts_mapped(result: Any, function: Callable[[xr.DataArray], xr.DataArray]) -> Any:
    """Return the result with a function applied to each of its fields."""
    if isinstance(result, tuple):
        return result.map(function)  # type: ignore[attr-defined]
    return function(result)


def _bounds(dataset: xr.Dataset, sources: Sources) -> dict[str, xr.Variable]:
    """Return the bounds of the coordinates, which belong to no field of their own."""
    found: dict[str, xr.Variable] = {}
    for coordinate in dataset.coords.values():
        name = coordinate.attrs.get("bounds", coordinate.encoding.get("bounds"))
        source = next((ds for ds in sources.datasets if name in ds), None)
        if source is None or coordinate.ndim == 0:
            continue
        cells = source[name].variable
        own = {dim: n for dim, n in cells.sizes.items() if dim in coordinate.dims}
        if own == dict(coordinate.sizes) and len(cells.dims) == coordinate.ndim + 1:
            found[str(name)] = cells
    return found
