"""Finite-difference weights on any points (Fornberg 1988)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def fornberg_weights(offsets: Floats, order: int) -> Floats:
    r"""Return the weights of a derivative at 0 from values at ``offsets``.

    .. math:: f^{(d)}(0) = \sum_k w_k f(x_k), \text{ exact for polynomials of degree}
              < \text{number of points}

    Parameters
    ----------
    offsets : array (..., w)
        Distances of the points from the place of the derivative; all different.
    order : int
        Order d of the derivative; 0 interpolates.

    Returns
    -------
    array (..., w)
        The weights, in one over the unit of ``offsets`` to the power ``order``.

    References
    ----------
    Fornberg, B. (1988), Generation of finite difference formulas on arbitrarily
    spaced grids, Math. Comp. 51, 699-706.

    Examples
    --------
    >>> fornberg_weights(np.array([-1.0, 0.0, 1.0]), 1)
    array([-0.5,  0. ,  0.5])
    >>> fornberg_weights(np.array([0.0, 1.0, 3.0]), 1)
    array([-1.33333333,  1.5       , -0.16666667])
    """
    x = np.asarray(offsets, dtype=np.float64)
    width = x.shape[-1]
    if width <= order:
        msg = f"{order + 1} points are needed for derivative {order}, not {width}"
        raise ValueError(msg)
    # c[..., j, d]: weight of point j for derivative d, from the points 0..i
    c = np.zeros((*x.shape, order + 1))
    c[..., 0, 0] = 1.0
    product_before = np.ones(x.shape[:-1])
    for i in range(1, width):
        product = np.ones(x.shape[:-1])
        here, before = x[..., i], x[..., i - 1]
        for j in range(i):
            gap = here - x[..., j]
            product = product * gap
            if j == i - 1:
                ratio = product_before / product
                for d in range(min(i, order), 0, -1):
                    c[..., i, d] = ratio * (
                        d * c[..., i - 1, d - 1] - before * c[..., i - 1, d]
                    )
                c[..., i, 0] = -ratio * before * c[..., i - 1, 0]
            for d in range(min(i, order), 0, -1):
                c[..., j, d] = (here * c[..., j, d] - d * c[..., j, d - 1]) / gap
            c[..., j, 0] = here * c[..., j, 0] / gap
        product_before = product
    weights: Floats = c[..., order]
    return weights
