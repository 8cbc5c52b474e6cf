"""The step of Levenberg and Marquardt within a trust region, cell by cell.

The rules are those of MINPACK's lmder and lmpar (Moré 1978): the step is Gauss and
Newton's if that stays within the region, else the damped one that ends on its edge,
found by a few Newton steps on its length. Of two minima it therefore finds the one
that MINPACK finds.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from xnabla.descent.cells._cholesky import SINGULAR_PIVOT, Lower

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

_TINY = float(np.finfo(np.float64).tiny)
_NEAR = 0.1  # how near to the edge of the region a step must end, of its radius
_MOST_TRIES = 10


def damped_step(
    a: Floats, g: Floats, radius: Floats, damping: Floats, on: Flags
) -> tuple[Floats, Floats]:
    """Return the steps z that minimise z'Az/2 + g'z within ‖z‖ <= radius.

    Parameters
    ----------
    a : array (k, k, c)
        Curvature in scaled parameters.
    g : array (k, c)
        Gradient in them.
    radius : array (c,)
    damping : array (c,)
        That of the step before, to begin with.
    on : array (c,) of bool
        The cells that want a step.

    Returns
    -------
    step : array (k, c)
    damping : array (c,)
        0 where the step is Gauss and Newton's.
    """
    full = Lower.of(a)
    step = full.solve(-g)
    length = _length(step)
    whole = (full.pivots > SINGULAR_PIVOT) & np.isfinite(length)
    long = on & ~(whole & (length <= (1.0 + _NEAR) * radius))
    damping = np.where(long, damping, 0.0)
    if not long.any():
        return step, damping
    some = np.flatnonzero(long)
    part = _on_the_edge(
        a[..., some],
        g[:, some],
        radius[some],
        damping[some],
        np.where(whole, _floor(full, step, length, radius), 0.0)[some],
        np.where(whole, length, np.inf)[some],
    )
    step[:, some], damping[some] = part
    return step, damping


def _floor(full: Lower, step: Floats, length: Floats, radius: Floats) -> Floats:
    """Return a damping that is surely too small: one Newton step from none."""
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        bend = full.form(step / length)
        return np.nan_to_num((length - radius) / radius / bend)


def _on_the_edge(
    a: Floats,
    g: Floats,
    radius: Floats,
    damping: Floats,
    low: Floats,
    length: Floats,
) -> tuple[Floats, Floats]:
    """Return the steps that end on the edge of the region, and their damping."""
    k = len(g)
    size = _length(g)
    high = np.maximum(size / radius, _TINY / np.minimum(radius, _NEAR))
    damping = np.clip(damping, low, high)
    damping = np.where(damping == 0.0, size / length, damping)
    step = np.zeros_like(g)
    open_ = np.ones(len(radius), dtype=bool)
    before = np.full(len(radius), np.inf)
    for _ in range(_MOST_TRIES):
        damping = np.where(
            open_ & (damping == 0.0), np.maximum(_TINY, 1e-3 * high), damping
        )
        shifted = a.copy()
        for i in range(k):
            shifted[i, i] += damping
        lower = Lower.of(shifted)
        trial = lower.solve(-g)
        step = np.where(open_, trial, step)
        reach = _length(trial)
        excess = reach - radius
        near = np.abs(excess) <= _NEAR * radius
        short = (low == 0.0) & (excess <= before) & (before < 0.0)
        open_ &= ~(near | short)
        if not open_.any():
            break
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            change = excess / radius / lower.form(trial / reach)
        low = np.where(open_ & (excess > 0.0), np.maximum(low, damping), low)
        high = np.where(open_ & (excess < 0.0), np.minimum(high, damping), high)
        moved = np.maximum(low, damping + np.nan_to_num(change))
        damping = np.where(open_, moved, damping)
        before = excess
    return step, damping


def first_radius(p: Floats, scale: Floats) -> Floats:
    """Return how far the first step may go: a hundred times the parameters."""
    reach = _length(p * scale)
    return 100.0 * np.where(reach > 0.0, reach, 1.0)


def next_region(
    gain: Floats,
    actual: Floats,
    slope: Floats,
    length: Floats,
    radius: Floats,
    damping: Floats,
) -> tuple[Floats, Floats]:
    """Return radius and damping after a step of some length.

    Parameters
    ----------
    gain : array (c,)
        Actual by predicted reduction.
    actual : array (c,)
        Actual reduction, of the cost; -1 where it rose a hundredfold.
    slope : array (c,)
        Half of the directional derivative, of the cost; negative.
    length : array (c,)
        Of the step, scaled.
    radius, damping : array (c,)
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        shrunk = np.where(actual >= 0.0, 0.5, 0.5 * slope / (slope + 0.5 * actual))
    shrunk = np.where((actual <= -1.0) | ~(shrunk >= 0.1), 0.1, shrunk)
    bad = ~(gain > 0.25)
    good = ~bad & ((damping == 0.0) | (gain >= 0.75))
    radius = np.where(
        bad,
        shrunk * np.minimum(radius, 10.0 * length),
        np.where(good, 2.0 * length, radius),
    )
    damping = np.where(bad, damping / shrunk, np.where(good, 0.5 * damping, damping))
    return radius, damping


def _length(x: Floats) -> Floats:
    length: Floats = np.sqrt(np.einsum("kc,kc->c", x, x))
    return length
