"""How sharply a cost bends: the largest curvature, and whether it is the same all over.

Plain arrays only. Everything comes from differences of the gradient.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xnabla.descent.engine._problem import Array, Problem, State, dot, norm

POWER_ITERATIONS = 20
# So few parameters that the whole matrix costs less than the iterations.
_FEW = 16
_SAME = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Bend:
    """The largest curvature of each cell, NaN if unknown, and where it is constant."""

    largest: Array
    is_quadratic: Array


def bend_of(problem: Problem, state: State) -> Bend:
    """Return the largest curvature of the cost, and whether the cost is a quadratic.

    Power iterations on differences of the gradient, ``Hv = g(x + v) - g(x)``, which
    are exact for a quadratic; with few parameters, the largest eigenvalue itself.
    """
    size = reach(state.x)
    quadratic = _is_quadratic(problem, state, size)
    k = state.x.shape[1]
    with np.errstate(all="ignore"):
        if k <= _FEW:
            largest = _from_matrix(problem, state, size)
        else:
            largest = _by_powers(problem, state, size)
    largest = rounded(largest)
    known = np.isfinite(largest) & (largest > 0)
    return Bend(np.where(known, largest, np.nan), quadratic & known)


def cauchy(problem: Problem, state: State) -> Array:
    """Return the step along the gradient to where the local quadratic is lowest.

    Where the cost bends downward, the step is a tenth of the point's own length.
    """
    slope = norm(state.g)
    along = _unit(state.g)
    size = 1e-4 * reach(state.x)
    with np.errstate(all="ignore"):
        bend = dot(along, _product(problem, state, along, size))
        far = 0.1 * reach(state.x) / np.where(slope > 0, slope, 1.0)
        step = np.where(np.isfinite(bend) & (bend > 0), 1.0 / bend, far)
    return rounded(step)


def rounded(values: Array) -> Array:
    """Return numbers to nine digits, so that the rounding of a difference is gone.

    Pascals and hectopascals differ in their last bit; a difference of gradients makes
    that a billion bits, and then the paths part.
    """
    with np.errstate(all="ignore"):
        mantissa, exponent = np.frexp(values)
        return np.ldexp(np.round(mantissa * 2.0**32) / 2.0**32, exponent)


def reach(points: Array) -> Array:
    """Return a length of the size of each cell's point; one for the origin."""
    length = norm(points)
    return np.where((length > 0) & np.isfinite(length), length, 1.0)


def _product(problem: Problem, state: State, along: Array, size: Array) -> Array:
    move = size[:, None] * along
    ahead = problem.slopes(state.x + move, state.cells)
    behind = problem.slopes(state.x - move, state.cells)
    return (ahead - behind) / (2.0 * size[:, None])


def _is_quadratic(problem: Problem, state: State, size: Array) -> Array:
    """Tell where the gradient is linear: over one step, two steps and one back."""
    move = size[:, None] * _probe(state.x)
    with np.errstate(all="ignore"):
        one = problem.slopes(state.x + move, state.cells) - state.g
        two = problem.slopes(state.x + 2.0 * move, state.cells) - state.g
        back = state.g - problem.slopes(state.x - move, state.cells)
        scale = np.max(np.abs(one), axis=1)
        far = np.max(np.abs(two - 2.0 * one), axis=1)
        near = np.max(np.abs(back - one), axis=1)
        return np.asarray(np.maximum(far, near) <= _SAME * scale)


def _from_matrix(problem: Problem, state: State, size: Array) -> Array:
    m, k = state.x.shape
    columns = [
        _product(problem, state, np.broadcast_to(np.eye(k)[i], (m, k)), size)
        for i in range(k)
    ]
    matrix = np.stack(columns, axis=-1)
    matrix = 0.5 * (matrix + np.swapaxes(matrix, -1, -2))
    sound = np.isfinite(matrix).all(axis=(1, 2))
    largest = np.full(m, np.nan)
    largest[sound] = np.linalg.eigvalsh(matrix[sound])[:, -1]
    return largest


def _by_powers(problem: Problem, state: State, size: Array) -> Array:
    along = _probe(state.x)
    largest = np.full(len(along), np.nan)
    for _ in range(POWER_ITERATIONS):
        image = _product(problem, state, along, size)
        largest = norm(image)
        along = _unit(image)
    return largest


def _probe(points: Array) -> Array:
    """Return a direction of no preference, the same at every call."""
    k = points.shape[1]
    drawn = np.random.default_rng(0).normal(size=k)
    return np.broadcast_to(drawn / np.linalg.norm(drawn), points.shape)


def _unit(one: Array) -> Array:
    length = norm(one)
    return one / np.where(length > 0, length, 1.0)[:, None]
