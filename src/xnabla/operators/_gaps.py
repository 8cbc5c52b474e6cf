"""Lengths beside gaps: made with the very stencils that the field gets there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from xnabla.grid import Surface
from xnabla.numerics import is_chunked

Step = Callable[[Any], Any]
Pair = tuple[Any, Any]


def steps_beside_gaps(
    f: Any, surface: Surface, given: Pair, made: Step, whole: Step
) -> Pair:
    r"""Return steps of position, where a field has gaps by the field's own stencils.

    .. math:: \sum_j w_j f_j = \nabla f \cdot \sum_j w_j P_j + O(h^2)

    holds for any weights, on whatever lines. With centred steps of P beside one-sided
    ones of f, what changes in the lengths of steps is taken for a change of the field:
    a fifth of the largest Laplacian, where the rows of ORCA1 get denser at the tropics.

    Parameters
    ----------
    f : array (..., ny, nx)
        The field.
    surface : Surface
        Where its points are.
    given : pair of array
        The eastward and the northward step, or a derivative of them, of the whole grid.
    made, whole : callable
        The derivative that these belong to: with stencils that shrink beside gaps, and
        with those that do not.
    """
    gap = np.isnan(whole(f)) & ~np.isnan(made(f))
    if not is_chunked(gap) and not gap.any():
        return given
    missing = np.isnan(f)
    shrunk = [made(np.where(missing, np.nan, part)) for part in surface.position]
    east, north = surface.tangent((shrunk[0], shrunk[1], shrunk[2]))
    return np.where(gap, east, given[0]), np.where(gap, north, given[1])


def solved(y: Pair, x: Pair, p: Any, q: Any) -> Pair:
    """Return the eastward and northward parts of derivatives along two steps."""
    area = x[0] * y[1] - x[1] * y[0]
    return (q * y[1] - p * x[1]) / area, (p * x[0] - q * y[0]) / area
