"""Parameters along the lines of a grid that names none: numbers, or mean lengths."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import NDArray

from xnabla.numerics import Line

Floats = NDArray[np.float64]
Vector = tuple[Floats, Floats, Floats]

# Steps that change by less than this from one to the next are even for all purposes.
_EVEN = 1e-3

# Steps whose changes themselves change by less than this part are smooth, at any
# resolution: a rule that looked at the changes alone took one parameter on a coarse
# grid and another on a fine one, and errors rose.
_SMOOTH = 0.5

# Lines are uneven in the same way if their bends differ by less than this part.
_SAME_PATTERN = 0.5

# As many lines tell what the pattern of all is; medians over millions take seconds.
_LINES = 128

# A ring of fewer columns is none: the ends of a short line are close by themselves.
_FEWEST_AROUND = 8


# Columns nearer than this part of a step are one.
_REPEATED = 1e-2


def parameters_of(position: Vector, periodic: bool | None) -> tuple[Line, Line]:
    """Return parameters along both dimensions of a grid that names none.

    The mean distance between neighbours where nearly all lines are uneven in the same
    way, so that they keep the order of the scheme; else, and where steps are even or
    change smoothly, the number of a point: on a map without its projection the same as
    with it.
    """
    around = columns_around(position) if periodic is None else None
    if periodic:
        around = columns_around(position) or position[0].shape[1]
    return _line(chords_along(position, 0).T, None), _line(
        chords_along(position, 1), around
    )


def columns_around(position: Vector) -> int | None:
    """Return the number of different columns of a ring; ``None`` if it is none.

    The last columns may repeat the first, as in the models of the NEMO family.
    """
    size = position[0].shape[1]
    if size < _FEWEST_AROUND:
        return None
    typical = np.nanmedian(chords_along(position, 1)) if size > 1 else np.nan
    if not np.isfinite(typical):
        return None
    own = _apart(position, size - 1, size - 2)
    for repeated in (2, 1):
        gap = _apart(position, size - 1, repeated - 1)
        if _mostly(gap <= _REPEATED * typical, gap):
            return int(size) - repeated
    gap = _apart(position, size - 1, 0)
    if _mostly((gap <= 2.0 * own) & (gap >= 0.25 * own), gap):
        return int(size)
    return None


def _mostly(flags: NDArray[np.bool_], known: Floats) -> bool:
    """Tell whether nine in ten rows agree, of those with places."""
    there = np.isfinite(known)
    return bool(there.any() and flags[there].mean() > 0.9)


def _apart(position: Vector, one: int, other: int) -> Floats:
    """Return the distances between two columns."""
    return np.sqrt(sum((p[:, one] - p[:, other]) ** 2 for p in position))


def chords_along(position: Vector, axis: int) -> Floats:
    """Return the distances between neighbours along an axis."""
    return np.asarray(np.sqrt(sum(np.diff(p, axis=axis) ** 2 for p in position)))


def _is_even(steps: Floats) -> bool:
    """Tell steps that hardly change from one to the next."""
    change = np.abs(np.diff(steps)) / np.maximum(steps[1:], steps[:-1])
    return bool(np.all(change <= _EVEN))


def _is_smooth(steps: Floats) -> bool:
    """Tell steps that grow and shrink gradually from steps that jump about."""
    slope = np.diff(steps)
    bend = np.diff(slope)
    size = float(np.sqrt(np.mean(slope**2))) if slope.size else 0.0
    return not bend.size or float(np.sqrt(np.mean(bend**2))) <= _SMOOTH * size


def _line(chords: Floats, around: int | None) -> Line:
    """Return the parameter along lines whose steps are the rows of ``chords``."""
    size = chords.shape[1] + 1
    closed = 0 if around is None else size - around
    steps = _common_steps(chords)
    if steps is None or _is_even(steps) or _is_smooth(steps):
        period = None if around is None else float(around)
        return Line(np.arange(size, dtype=np.float64), 1.0, period, closed)
    points = np.concatenate([[0.0], np.cumsum(steps)])
    if around is None:
        return Line(points)
    # an open seam is as wide as the steps beside it
    seam = 0.5 * (steps[0] + steps[-1])
    period = points[around] if closed else points[-1] + seam
    return Line(points, None, float(period), closed)


def _common_steps(chords: Floats) -> Floats | None:
    """Return the mean steps of lines that are uneven in the same way, if they are.

    What makes a line uneven is how its steps bend, in the logarithm: lines of one
    pattern differ by a factor, and by what changes smoothly. A mean over lines that are
    uneven each in its own way fits none of them; ORCA's collapsed rows on land alone
    put an error of a half into gradients of the sea beside coasts.
    """
    chords = chords[:: -(-len(chords) // _LINES)]
    logs = np.log(np.where(chords > 0.0, chords, np.nan))
    found = np.isfinite(logs).any(axis=0)
    if logs.shape[1] < 3 or not found.any():
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # lines without places
        logs = logs - np.nanmedian(logs, axis=1, keepdims=True)
        bends = np.diff(logs, n=2, axis=1)
        common = np.nanmedian(bends, axis=0)
        apart = np.nanmean((bends - common) ** 2, axis=1)
        size = np.nanmean(np.where(np.isfinite(bends), common, np.nan) ** 2, axis=1)
        agree = apart <= _SAME_PATTERN**2 * size
        if not _mostly(agree, apart):
            return None
        steps = np.nanmean(np.where(agree[:, np.newaxis], chords, np.nan), axis=0)
    return np.where(np.isfinite(steps), steps, np.nanmean(steps))
