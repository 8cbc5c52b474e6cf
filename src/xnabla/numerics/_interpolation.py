"""Reading a circle of points at other places, as a table of numbers."""

from __future__ import annotations

import numpy as np

from xnabla.numerics._table import Line, StencilTable
from xnabla.numerics._weights import Floats, fornberg_weights

# Part of a step by which rounding may set apart two ways to one place. Any longer
# distance is real: taken for none, it would cost the pole rows their order.
_ROUNDING = 1e-9


def interpolation_table(line: Line, targets: Floats, width: int) -> StencilTable:
    """Return the scheme that reads a periodic line at other places.

    Parameters
    ----------
    line : Line
        A periodic line.
    targets : array (m,)
        Where to read it.
    width : int
        Number of points to interpolate from, even.

    Returns
    -------
    StencilTable
        A target that is a point reads that point and no other, so a NaN beside it
        does no harm; width 1, pure copying, when every target is one.
    """
    around, period = line.around, line.period
    assert around is not None
    assert period is not None
    points = line.points[:around]
    sign = 1.0 if points[-1] > points[0] else -1.0
    turns, along = np.divmod((targets - points[0]) * sign, period)
    before = np.searchsorted((points - points[0]) * sign, along, side="right") - 1
    before = before + turns.astype(np.intp) * around
    after_is_nearer = np.abs(line.position(before + 1) - targets) < np.abs(
        line.position(before) - targets
    )
    nearest = (before + after_is_nearer).astype(np.intp)
    steps = np.abs(line.position(before + 1) - line.position(before))
    is_point = np.abs(line.position(nearest) - targets) <= _ROUNDING * steps
    if is_point.all():
        return StencilTable(np.ones((len(targets), 1)), nearest, None, around)
    # as many points on each side, so that a flipped line is read alike
    width = min(width, around - around % 2)
    starts = before - (width // 2 - 1)
    index = starts[:, np.newaxis] + np.arange(width)
    offsets = line.position(index) - targets[:, np.newaxis]
    weights = fornberg_weights(offsets, 0)
    weights[is_point] = index[is_point] == nearest[is_point, np.newaxis]
    return StencilTable(weights, starts, None, around)
