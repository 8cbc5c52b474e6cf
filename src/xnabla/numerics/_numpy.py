"""The reference engine: clear, and right."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from xnabla.numerics._table import StencilTable

Array = NDArray[Any]


def apply(values: Array, axis: int, table: StencilTable, scale: Array | None) -> Array:
    """Apply a table along one axis: the sum that every other engine must reproduce.

    Sums in double precision and rounds once, so single-precision fields lose nothing
    but what their own storage lost.

    Parameters
    ----------
    values : array
        Floating or complex.
    axis : int
        The axis to differentiate along.
    table : StencilTable
        The scheme.
    scale : array or None
        Factor that broadcasts against the result.

    Returns
    -------
    array
        Same dtype; along ``axis`` as long as the table has rows.
    """
    f = np.moveaxis(values, axis, -1)
    double = np.result_type(f.dtype, np.float64)
    n = f.shape[-1] if table.period is None else table.period
    total = np.zeros((*f.shape[:-1], table.size), dtype=double)
    centre: Any = 0.0
    if table.centres is not None:
        centre = f[..., table.centres % n].astype(double)
    with np.errstate(invalid="ignore", over="ignore"):
        for k in range(table.width):
            w = table.weights[..., k]
            difference = f[..., (table.starts + k) % n].astype(double) - centre
            total += np.where(w == 0, 0, w * difference)
        if table.centres is not None:
            # a row of zeros beside a NaN must still see its own point
            total = np.where(np.isnan(centre), np.nan, total)
        out = np.moveaxis(total, -1, axis)
        if scale is not None:
            out = out * scale
        return out.astype(values.dtype)
