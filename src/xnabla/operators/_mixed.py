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


def schemes_of(table: StencilTable) -> tuple[tuple[StencilTable, ...], ...]:
    """Return a scheme and those it falls back to, each as one that does not.

    In groups of one, or of two that lean to either side.
    """
    narrow = [one for one in table.narrower if one.width <= _NARROW]
    groups: dict[tuple[int, bool], list[StencilTable]] = {}
    for one in narrow:
        groups.setdefault((one.width, _leans(one)), []).append(one)
    return ((replace(table, narrower=()),), *map(tuple, groups.values()))


def _leans(table: StencilTable) -> bool:
    """Tell whether a scheme has more points on one side."""
    assert table.centres is not None
    before = table.centres - table.starts
    return bool(np.median(2 * before) != table.width - 1)


def mixed(f: Any, across: Iterable[Iterable[Step]], along: Step) -> Any:
    r"""Return the derivative along x of the derivative along y.

    .. math:: \partial_{xy} f = \sum_i w_i \sum_j w_j f_{ij}

    With one scheme w_j for all i: where schemes beside a gap change from column to
    column, so do their errors, and divided by a step they do not get smaller. Of two
    that lean to either side it is the mean, so that no side is preferred.

    Parameters
    ----------
    f : array
        The field.
    across : iterable of iterable of callable
        The derivative along y by one scheme each, in groups, the best first; none
        falls back.
    along : callable
        The derivative along x, which may.
    """
    out: Any = None
    for steps in across:
        made = _mean([along(step(f)) for step in steps])
        out = made if out is None else np.where(np.isnan(out), made, out)
        if not is_chunked(out) and not (np.isnan(out) & ~np.isnan(f)).any():
            break
    return out


def _mean(made: list[Any]) -> Any:
    """Return the mean of two, or the one that is there."""
    if len(made) == 1:
        return made[0]
    one, other = made
    both = 0.5 * (one + other)
    return np.where(np.isnan(one), other, np.where(np.isnan(other), one, both))
