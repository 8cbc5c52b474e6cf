"""What an operator returned, as one Dataset that says where it comes from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
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
        if coordinate.ndim == 1:
            cells = _where_they_are(coordinate, source, cells)
        own = {dim: n for dim, n in cells.sizes.items() if dim in coordinate.dims}
        if own == dict(coordinate.sizes) and len(cells.dims) == coordinate.ndim + 1:
            found[str(name)] = cells
    return found


def _where_they_are(
    coordinate: xr.DataArray, source: xr.Dataset, cells: xr.Variable
) -> xr.Variable:
    """Return the bounds at the points of a coordinate that was cut out of its file.

    Longitudes across the seam are a circle more or less; so are their bounds.
    """
    (dim,) = coordinate.dims
    whole = source.variables.get(coordinate.name)
    if whole is None or cells.dims[:1] != (dim,) or cells.shape[0] != whole.size:
        return cells
    own, known = np.asarray(coordinate.values), np.asarray(whole.values)
    if own.size == known.size and (own == known).all():
        return cells
    places = np.full(own.size, -1)
    turned = np.zeros(own.size, dtype=own.dtype if own.dtype.kind == "f" else int)
    for turn in (0, 360, -360) if own.dtype.kind == "f" else (0,):
        shifted = known + known.dtype.type(turn) if turn else known
        where = {value: n for n, value in enumerate(shifted.tolist())}
        for k, value in enumerate(own.tolist()):
            if places[k] < 0 and value in where:
                places[k], turned[k] = where[value], turn
    if (places < 0).any():
        return cells
    made: xr.Variable = cells[places]
    if turned.any():
        made = made + xr.Variable(dim, turned)
        made.attrs, made.encoding = cells.attrs, cells.encoding
    return made
