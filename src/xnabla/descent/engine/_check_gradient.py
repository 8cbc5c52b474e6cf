"""Is this the gradient of that cost? The test of Taylor, as 4D-Var people do it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import xarray as xr

from xnabla.descent.engine._choices import seed_for
from xnabla.descent.engine._costs import face_of
from xnabla.descent.engine._packing import packing_of
from xnabla.descent.engine._problem import Array, dot
from xnabla.descent.engine._samples import samples_of
from xnabla.descent.engine._scales import typical
from xnabla.descent.engine._slopes import slopes_of

_SIZES = 10.0 ** -np.arange(1.0, 9.0)


def check_gradient(
    cost: Callable[..., Any],
    grad: Any,
    x0: Any,
    *,
    dim: str | int | None = None,
    cells: Any = None,
    data: Any = None,
    seed: int = 0,
) -> xr.Dataset:
    r"""Return how well a gradient fits its cost: a Taylor table.

    .. math:: R(\epsilon) = |J(x + \epsilon d) - J(x) - \epsilon \nabla J \cdot d|
              = O(\epsilon^2)

    along a random direction d. A right gradient leaves a rest that falls as the square
    of the step until rounding takes over; a wrong one leaves a rest that falls as the
    step itself.

    Parameters
    ----------
    cost : callable
        As :func:`descend` takes it.
    grad : callable, "complex", "finite" or "jax"
        The gradient to check.
    x0 : number, Quantity, array, DataArray, Dataset or mapping of these
        Where.
    dim, cells, data : optional
        As :func:`descend` takes them; the worst cell is told.
    seed : int
        Of the random direction.

    Returns
    -------
    Dataset
        Along ``epsilon``, the step as a part of the parameters' own size: ``rest`` as
        a part of the slope along d, ``order`` by which it falls, ``ratio`` of the
        central difference to the slope, which is 1; and ``passed``: the rest falls
        with an order of 1.8 or more over two tenfold steps, or is rounding, and the
        ratio comes to 1 within 1e-6.

    Raises
    ------
    FieldError, OptionError, UnitsError
        As :func:`descend` does.

    References
    ----------
    Navon, I. M., Zou, X., Derber, J. and Sela, J. (1992), Mon. Wea. Rev. 120,
    1433-1446, section 3.

    Examples
    --------
    >>> right = check_gradient(lambda x: x**4, lambda x: 4 * x**3, 1.5)
    >>> wrong = check_gradient(lambda x: x**4, lambda x: 3 * x**3, 1.5)
    >>> bool(right.passed), bool(wrong.passed)
    (True, False)
    """
    packing, start = packing_of(x0, dim, cells)
    face = face_of(packing, cost, samples_of(data, None), start)
    face = face.scaled(typical(packing, start))
    slopes = slopes_of(face, grad)
    face = replace(slopes.face)
    count = np.arange(len(start))
    random = np.random.default_rng(seed_for(seed))
    along = random.choice((-1.0, 1.0), start.shape) * random.uniform(
        0.5, 1.5, start.shape
    )
    x = face.whole
    with np.errstate(all="ignore"):
        slope = dot(slopes(x, count), along)
        here = face.costs(x, count)
        ahead = np.stack([face.costs(x + e * along, count) for e in _SIZES])
        behind = np.stack([face.costs(x - e * along, count) for e in _SIZES])
    return _table(here, slope, ahead, behind)


def _table(here: Array, slope: Array, ahead: Array, behind: Array) -> xr.Dataset:
    step = _SIZES[:, None]
    eps = np.finfo(np.float64).eps
    with np.errstate(all="ignore"):
        scale = np.where(slope != 0, np.abs(slope), 1.0)
        rest = np.abs(ahead - here - step * slope) / scale
        noise = 4.0 * eps * (np.abs(ahead) + np.abs(here)) / scale
        ratio = (ahead - behind) / (2.0 * step * slope)
        order = np.full(rest.shape, np.nan)
        order[1:] = np.log10(rest[:-1] / rest[1:])
    clear = rest > 30.0 * noise
    clear[1:] &= clear[:-1]
    clear[0] = False
    falls = (order >= 1.8) & clear
    steep = (falls[1:] & falls[:-1]).any(axis=0)
    exact = (rest <= 30.0 * noise).all(axis=0)
    close = np.nanmin(np.abs(ratio - 1.0), axis=0, initial=np.inf) <= 1e-6
    passed = (steep | exact) & (close | (slope == 0))
    worst = int(np.argmin(passed)) if not passed.all() else int(np.argmax(rest[0]))
    dims = "epsilon"
    return xr.Dataset(
        {
            "rest": (dims, rest[:, worst], {"long_name": "rest beside the slope"}),
            "order": (dims, order[:, worst], {"long_name": "order of the rest"}),
            "ratio": (dims, ratio[:, worst], {"long_name": "difference over slope"}),
            "passed": ((), bool(passed.all()), {"long_name": "whether all cells fit"}),
            "n_failed": ((), int((~passed).sum()), {"units": "1"}),
        },
        coords={"epsilon": (dims, _SIZES, {"long_name": "part of the own size"})},
    )
