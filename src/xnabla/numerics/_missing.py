"""What a NaN inside a stencil does when it may not make the result NaN."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xnabla.numerics._table import StencilTable

Array = NDArray[Any]
Apply = Callable[[Array, int, StencilTable, Any], Array]


def fill_with_narrower(
    out: Array, values: Array, axis: int, table: StencilTable, scale: Any, apply: Apply
) -> Array:
    """Replace NaN results by those of the widest stencil that fits beside the gap.

    A result stays NaN where its own point is NaN, where no neighbour exists, and where
    the table says so.
    """
    if not table.narrower or table.centres is None:
        return out
    n = values.shape[axis] if table.period is None else table.period
    own_is_there = ~np.isnan(np.take(values, table.centres % n, axis=axis))
    for narrower in table.narrower:
        wanted = np.isnan(out) & own_is_there
        if not wanted.any():
            break
        candidate = apply(values, axis, narrower, scale)
        out = np.where(wanted, candidate, out)
    return out
