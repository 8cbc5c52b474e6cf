"""The data of a cost, and a batch of its samples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from xnabla.descent.engine._problem import Array
from xnabla.errors import OptionError, explain


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """Data, and the dimension that counts its samples.

    Attributes
    ----------
    data : Dataset, DataArray, array, or a mapping or sequence of these
        What the cost gets beside the parameters, in whole or in part.
    dim : str or None
        The dimension of labelled samples; plain arrays have theirs first.
    size : int
        How many samples there are.
    """

    data: Any
    dim: str | None
    size: int

    def batch(self, rows: Array | None) -> Any:
        """Return the data of some samples; of all without rows."""
        return self.data if rows is None else self._taken(self.data, rows)

    def _taken(self, one: Any, rows: Array) -> Any:
        if isinstance(one, (xr.DataArray, xr.Dataset)):
            return one.isel({self.dim: rows}) if self.dim in one.dims else one
        if isinstance(one, Mapping):
            return {name: self._taken(part, rows) for name, part in one.items()}
        if isinstance(one, (tuple, list)):
            return type(one)(self._taken(part, rows) for part in one)
        counted = np.ndim(one) and np.shape(one)[0] == self.size
        return one[rows] if counted else one


def samples_of(data: Any, dim: str | None) -> Samples | None:
    """Return the samples of data.

    Raises
    ------
    OptionError
        If there is no such dimension, or nothing says which it is.
    """
    if data is None:
        if dim is not None:
            raise OptionError(
                explain(
                    f"sample_dim={dim!r} counts samples of no data",
                    expected="data=, which the cost takes after the parameters",
                    hint="xn.descend(lambda p, data: ..., x0, data=dataset)",
                )
            )
        return None
    sizes = _sizes(data)
    labelled = {name: size for name, size in sizes.items() if isinstance(name, str)}
    if dim is None and len(labelled) == 1:
        dim = next(iter(labelled))
    if dim is not None:
        if dim not in labelled:
            raise OptionError(
                explain(
                    f"The data has no dimension {dim!r}",
                    expected=f"sample_dim= one of {sorted(labelled)}",
                    got=repr(dim),
                )
            )
        return Samples(data, dim, labelled[dim])
    if labelled:
        raise OptionError(
            explain(
                "Nothing says which dimension of the data counts its samples",
                expected=f"sample_dim= one of {sorted(labelled)}",
            )
        )
    return Samples(data, None, sizes.get(0, 0))


def _sizes(one: Any) -> dict[Any, int]:
    """Return the sizes of named dimensions, and under 0 that of the first axis."""
    if isinstance(one, (xr.DataArray, xr.Dataset)):
        return {str(name): size for name, size in one.sizes.items()}
    if isinstance(one, Mapping):
        one = list(one.values())
    if isinstance(one, (tuple, list)):
        found: dict[Any, int] = {}
        for part in one:
            for name, size in _sizes(part).items():
                found.setdefault(name, size)
        return found
    return {0: np.shape(one)[0]} if np.ndim(one) else {}
