"""Results of one operator for several variables, as one Dataset."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import xarray as xr

from xnabla.labels import dequantify

__all__ = ["as_dataset", "merged"]


def as_dataset(result: Any) -> xr.Dataset:
    """Return any result as a Dataset of plain values with CF units."""
    if isinstance(result, tuple):
        made: xr.Dataset = result.to_dataset()  # type: ignore[attr-defined]
    elif isinstance(result, xr.Dataset):
        made = dequantify(result)
    else:
        made = dequantify(result).to_dataset()
    return made


def merged(
    results: Mapping[str, Any], left_out: Mapping[str, str], source: xr.Dataset
) -> xr.Dataset:
    """Return results as one Dataset, every variable named after its field.

    Parameters
    ----------
    results : mapping of str to result
        By the name of the field.
    left_out : mapping of str to str
        Why there is none of other variables.
    source : Dataset
        What they were made from; it keeps its attributes.
    """
    made = {name: as_dataset(result) for name, result in results.items()}
    several = len(made) > 1
    whole = xr.Dataset()
    for name, one in made.items():
        if several and isinstance(results[name], xr.Dataset):
            own = {d: f"{name}_{d}" for d in one.dims if d not in source.dims}
            named = {n: f"{name}_{n}" for n in one.data_vars}
            one = one.rename({**own, **named})  # noqa: PLW2901
        taken = set(whole.data_vars) & set(one.data_vars)
        one = one.rename({n: f"{name}_{n}" for n in taken})  # noqa: PLW2901
        # coordinates are the source's: nothing is joined or compared anew
        whole = whole.assign_coords(one.coords).assign(one.data_vars)
    fits = [one.attrs for one in made.values() if one.attrs]
    kept = dict(fits[0]) if len(made) == 1 and fits else {}
    told = "; ".join(f"{name}: {why}" for name, why in left_out.items())
    whole.attrs = {**source.attrs, **kept, **({"left_out": told} if told else {})}
    return whole
