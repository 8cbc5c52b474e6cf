"""Derivatives from values alone: differences by scipy.differentiate, complex steps.

Plain arrays only. The argument is counted in steps of its own size, so that 285 K,
1e5 Pa and 1e-5 s-1 are all differentiated alike; scipy's first step is 0.5 of anything.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xnabla.descent._status import Status

Array = NDArray[Any]
# The first step is this part of the number; scipy halves it until it knows.
_FIRST_STEP = 0.02
_COMPLEX_STEP = 1e-30
# An error of so many times what the function's values are wrong by is their doing: the
# last of scipy's steps is a thousandth of the first.
_LOST = 1e4
_EPS = float(np.finfo(np.float64).eps)
# What scipy's status means here.
_ENDS = {
    0: Status.CONVERGED_STEP,
    -1: Status.DIVERGED,
    -2: Status.MAX_ITERATIONS,
    -3: Status.LEFT_DOMAIN,
}


@dataclass(frozen=True, slots=True, eq=False)
class Slope:
    """A derivative at each point, how wrong it may be, and how it was found."""

    values: Array
    error: Array
    status: Array


def steps_for(numbers: Array, sizes: Array) -> Array:
    """Return a first step for each number.

    Parameters
    ----------
    numbers : array (n,)
        Where the function is differentiated.
    sizes : array (n,)
        How large they are, counted from the true zero of their unit.
    """
    known = np.abs(sizes[np.isfinite(sizes)])
    largest = float(np.max(known, initial=0.0)) or 1.0
    # a zero among others is one of their kind
    own = np.where(np.abs(sizes) > 1e-3 * largest, np.abs(sizes), largest)
    own = np.where(np.isfinite(own), own, largest)
    return np.broadcast_to(_FIRST_STEP * own, numbers.shape)


def by_differences(
    function: Callable[[Array], Array], numbers: Array, steps: Array, rough: Array
) -> Slope:
    """Return the derivative by central differences of rising accuracy.

    Parameters
    ----------
    function : callable
        Of numbers ``(n,)`` or ``(n, m)``.
    numbers, steps : array (n,)
        Where, and the first step to try.
    rough : array (n,)
        How wrong the function's own values are. A derivative that is nought, or lost
        in that, can have no digits of its own.
    """
    from scipy.differentiate import derivative

    reach = np.zeros(len(numbers))

    def of_steps(u: Array) -> Array:
        if u.ndim == 1:
            return function(numbers + steps * u)
        made = function(numbers[:, None] + steps[:, None] * u)
        np.fmax(reach, np.fmax.reduce(np.abs(made), axis=1), out=reach)
        return made

    # scipy has one tolerance for all: that of the smallest value
    least = 10.0 * float(np.fmin.reduce(rough, initial=np.inf))
    with np.errstate(all="ignore"):
        found = derivative(
            of_steps,
            np.zeros(len(numbers)),
            initial_step=1.0,
            preserve_shape=True,
            tolerances={"atol": least} if 0 < least < np.inf else None,
        )
        # at a nought of the function its values beside are what rounding spoils
        lost = np.where(np.isfinite(reach), np.fmax(rough, _EPS * reach), rough)
        error = np.fmax(found.error, lost)
        known = (error <= _LOST * lost) & np.isfinite(found.df)
    status = _ends(found.status)
    status[known & (status != Status.LEFT_DOMAIN)] = Status.CONVERGED_STEP
    return Slope(found.df / steps, error / steps, status)


def by_complex_step(function: Callable[[Array], Array], numbers: Array) -> Slope:
    """Return the derivative by an imaginary step: exact for analytic functions."""
    step = _COMPLEX_STEP * np.maximum(np.abs(numbers), 1.0)
    with np.errstate(all="ignore"):
        values = np.imag(function(numbers + 1j * step)) / step
    return exact(values)


def second_by_differences(
    function: Callable[[Array, Array], Array],
    numbers: tuple[Array, Array],
    steps: tuple[Array, Array],
    rough: Array,
) -> Slope:
    """Return a mixed second derivative: the derivative of a derivative.

    Parameters
    ----------
    function : callable
        Of the moves of both arguments from ``numbers``, ``(n, m)`` each.
    numbers, steps : pair of array (n,)
        Where, and the first step to try.
    rough : array (n,)
        How wrong the function's own values are.
    """
    n = len(numbers[0])

    def inner(second: Array) -> Array:
        """Return the derivative along the first, at values of the second."""
        wide = second.reshape(n, -1)
        count = wide.shape[1]
        step = np.repeat(steps[0], count)

        def of_moves(first: Array) -> Array:
            moves = first.reshape(n, count, -1)
            other = np.broadcast_to(wide[:, :, None], moves.shape)
            made = function(moves.reshape(n, -1), other.reshape(n, -1))
            return made.reshape(first.shape)

        wrong = np.repeat(rough, count)
        slope = by_differences(of_moves, np.zeros(n * count), step, wrong)
        return slope.values.reshape(second.shape)

    return by_differences(inner, np.zeros(n), steps[1], 10.0 * rough / steps[0])


def exact(values: Array) -> Slope:
    """Return a derivative that is wrong by rounding alone."""
    status = np.where(np.isfinite(values), Status.EXACT, Status.LEFT_DOMAIN)
    return Slope(values, _EPS * np.abs(values), status.astype(np.int8))


def _ends(status: Array) -> Array:
    ended = np.full(np.shape(status), Status.DIVERGED, dtype=np.int8)
    for theirs, ours in _ENDS.items():
        ended[np.asarray(status) == theirs] = ours
    return ended
