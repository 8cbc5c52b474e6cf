"""Derivatives of noisy values: slopes of polynomials fitted to many points."""

from __future__ import annotations

import numpy as np

from xnabla.numerics._table import Line, StencilTable


def fitted_table(line: Line, order: int, half: int, degree: int) -> StencilTable:
    r"""Return the scheme that fits a polynomial by least squares and differentiates it.

    .. math:: \min_c \sum_k \Big(f_k - \sum_d c_d (x_k - x_i)^d\Big)^2, \qquad
              f^{(n)}(x_i) = n!\, c_n

    Exact for polynomials of the degree, as a stencil of ``degree + 1`` points is, but
    errors of single points weigh less: for a slope by a factor of about half^(3/2).

    Parameters
    ----------
    line : Line
        The points; a periodic one is read around the circle.
    order : int
        0, which smooths, or 1.
    half : int
        Points on each side. Beside an end the window keeps its size and leans inwards.
    degree : int
        Degree of the polynomial.

    Returns
    -------
    StencilTable

    References
    ----------
    Savitzky, A. and M. J. E. Golay (1964), Smoothing and differentiation of data by
    simplified least squares procedures, Anal. Chem. 36, 1627-1639.

    Examples
    --------
    >>> fitted_table(Line(np.arange(5.0), 1.0), 1, 2, 1).weights[2].round(6)
    array([-0.2, -0.1,  0. ,  0.1,  0.2])
    """
    size = line.size if line.around is None else line.around
    width = min(2 * half + 1, size)
    starts = np.arange(line.size) - half
    if line.around is None:
        starts = np.clip(starts, 0, size - width)
    index = starts[:, np.newaxis] + np.arange(width)
    offsets = line.position(index) - line.points[:, np.newaxis]
    scale = np.abs(offsets).max(axis=1, keepdims=True)
    powers = (offsets / scale)[..., np.newaxis] ** np.arange(min(degree, width - 1) + 1)
    weights = np.linalg.pinv(powers)[:, order, :] / scale**order
    return StencilTable(weights, starts, None, line.around)
