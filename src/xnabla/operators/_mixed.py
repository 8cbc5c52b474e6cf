"""A mixed derivative beside gaps: rows of one scheme only, differenced across them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from xnabla.numerics import StencilTable, is_chunked

Step = Callable[[Any], Any]

# Beside gaps, slopes of as many points, or fewer, are enough for a mixed derivative.
_NARROW = 3


def schemes_of(table: StencilTable) -> tuple[StencilTable, ...]:
    """Return a scheme and those it falls back to, each as one that does not."""
    narrow = [one for one in table.narrower if one.width <= _NARROW]
    return (replace(table, narrower=()), *narrow)


def mixed(f: Any, across: Iterable[Step], along: Step) -> Any:
    r"""Return the derivative along x of the derivative along y.

    .. math:: \partial_{xy} f = \sum_i w_i \sum_j w_j f_{ij}

    With one scheme w_j for all i: where schemes beside a gap change from column to
    column, so do their errors, and divided by a step they do not get smaller.

    Parameters
    ----------
    f : array
        The field.
    across : iterable of callable
        The derivative along y by one scheme each, the best first; none falls back.
    along : callable
        The derivative along x, which may.
    """
    out: Any = None
    for step in across:
        made = along(step(f))
        out = made if out is None else np.where(np.isnan(out), made, out)
        if not is_chunked(out) and not (np.isnan(out) & ~np.isnan(f)).any():
            break
    return out
