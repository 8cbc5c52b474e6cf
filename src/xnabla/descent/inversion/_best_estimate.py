r"""The minimum of a 2D-Var cost in plain arrays: the best linear unbiased estimate.

.. math:: \delta = B H^T w, \qquad (H B H^T + R)\, w = d

the same as the minimum of :math:`\delta^T B^{-1} \delta + (H\delta - d)^T R^{-1}
(H\delta - d)`, with as many unknowns as there are observations.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from xnabla.descent.inversion._matrix_inverse import TOLERANCE, descended
from xnabla.descent.inversion._mesh import Floats, Mesh

# The matrix of observations is written out if it has no more numbers than this.
_WRITTEN_OUT = 30_000_000
_MOST = 1000

# Vectors drawn to estimate a trace that is too large to be written out.
_DRAWN, SEED = 32, 0


@dataclass(frozen=True, eq=False)
class Background:
    r"""The covariance of background errors, as an operator.

    .. math:: B = 4 \pi L^2\, \sigma\, (1 - L^2 \nabla^2)^{-2} M^{-1} \sigma

    that of a Matérn field, :math:`\sigma^2 (r/L) K_1(r/L)` in the open plane.

    Attributes
    ----------
    mesh : Mesh
        Where it lives.
    length_m : float
        L.
    sigma : array (n,)
        The standard deviation.
    inverse : Inverse
        That of :math:`M / L^2 + K`.
    """

    mesh: Mesh
    length_m: float
    sigma: Floats
    inverse: Any

    def of(self, vectors: Floats) -> Floats:
        """Return B times vectors (k, n)."""
        scale = 4.0 * np.pi * self.length_m**-2
        once = self.inverse.solve(vectors * self.sigma)[0]
        twice = self.inverse.solve(once * self.mesh.area_m2)[0]
        return np.asarray(scale * twice * self.sigma)


@dataclass(frozen=True, eq=False)
class Estimate:
    """What came out of one analysis.

    Attributes
    ----------
    increment : array (n,)
        δ.
    weight : array (p,)
        w.
    steps : int
        Steps of descent, 0 if the matrix was written out.
    good : bool
        Whether they sufficed.
    dfs : float
        Degrees of freedom for signal: trace of HK.
    slope : float
        What is left of the equation, relative.
    error : array (n,) or None
        Standard deviation of the error of the analysis.
    """

    increment: Floats
    weight: Floats
    steps: int
    good: bool
    dfs: float
    slope: float
    error: Floats | None = None


def estimate(
    background: Background, matrix: Any, variance: Floats, innovation: Floats
) -> Estimate:
    """Return the best estimate.

    Parameters
    ----------
    background : Background
        B.
    matrix : sparse matrix (p, n)
        H.
    variance : array (p,)
        The diagonal of R.
    innovation : array (p,)
        d, observation less background.
    """
    p, n = matrix.shape
    if p * n <= _WRITTEN_OUT:
        return _written_out(background, matrix, variance, innovation)
    turned = _Turned(background, matrix, variance)
    typical = variance + float(np.mean(background.sigma**2))
    w, steps, good = descended(
        turned, innovation, lambda g: g / typical, TOLERANCE, _MOST
    )
    size = float(np.linalg.norm(innovation))
    left = float(np.linalg.norm(turned @ w - innovation)) / (size or 1.0)
    increment = background.of((matrix.T @ w)[np.newaxis])[0]
    return Estimate(increment, w, steps, good, _drawn(turned, typical), left)


def _written_out(
    background: Background, matrix: Any, variance: Floats, innovation: Floats
) -> Estimate:
    seen = background.of(matrix.toarray())  # (p, n): B H'
    inner = matrix @ seen.T
    inner = 0.5 * (inner + inner.T)
    whole = inner + np.diag(variance)
    w = np.linalg.solve(whole, innovation)
    size = float(np.linalg.norm(innovation))
    left = float(np.linalg.norm(whole @ w - innovation)) / (size or 1.0)
    dfs = float(np.trace(np.linalg.solve(whole, inner)))
    return Estimate(w @ seen, w, 0, True, dfs, left)


def error_of(background: Background, matrix: Any, variance: Floats) -> Floats:
    r"""Return the standard deviation of the error of an analysis (n,).

    .. math:: A = B - B H^T (H B H^T + R)^{-1} H B
    """
    own = np.empty(background.mesh.count)
    for start in range(0, own.size, 256):
        block = np.arange(start, min(start + 256, own.size))
        unit = np.zeros((block.size, own.size))
        unit[np.arange(block.size), block] = 1.0
        own[block] = background.of(unit)[np.arange(block.size), block]
    if matrix.shape[0]:
        seen = background.of(matrix.toarray())
        inner = matrix @ seen.T
        whole = 0.5 * (inner + inner.T) + np.diag(variance)
        own -= (seen * np.linalg.solve(whole, seen)).sum(axis=0)
    return np.asarray(np.sqrt(np.maximum(own, 0.0)))


@dataclass(frozen=True, eq=False)
class _Turned:
    """The matrix H B H' + R, never written out."""

    background: Background
    matrix: Any
    variance: Floats

    def __matmul__(self, w: Floats) -> Floats:
        spread = self.background.of((self.matrix.T @ w)[np.newaxis])[0]
        made: Floats = self.matrix @ spread + self.variance * w
        return made


def _drawn(turned: _Turned, typical: Floats) -> float:
    """Return an estimate of the trace of H K, from vectors of random signs."""
    random = np.random.default_rng(SEED)
    count = turned.variance.size
    total = 0.0
    for _ in range(_DRAWN):
        z = random.choice([-1.0, 1.0], count)
        w, _, _ = descended(turned, z, lambda g: g / typical, 1e-4, _MOST)
        total += count - float((z * turned.variance) @ w)
    return total / _DRAWN
