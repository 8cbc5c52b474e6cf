"""Weighted smoothers: they know axis names, go around the globe and heed NaN."""

from __future__ import annotations

from typing import Any

import xarray as xr

from xnabla.operators._kernels import (
    circular_kernel,
    degree_of,
    gaussian_kernel,
    length_kernel,
    point_kernel,
    rectangular_kernel,
    window_kernel,
)
from xnabla.operators._smoothing import Field, smooth

__all__ = [
    "smooth_circular",
    "smooth_gaussian",
    "smooth_n_point",
    "smooth_rectangular",
    "smooth_window",
]


def smooth_gaussian(
    field: Field,
    n: Any,
    *,
    dims: Any = None,
    edges: Any = None,
    missing: Any = None,
    poles: Any = None,
    earth: Any = None,
    periodic: Any = None,
    grid: Any = None,
) -> Field:
    r"""Return a field smoothed with a Gaussian window.

    .. math:: \bar f_i = \frac{\sum_k w_k f_{i+k}}{\sum_k w_k}, \qquad
              w_k = \exp\left(-\frac{k^2}{2 \sigma^2}\right), \qquad
              |k| \le 2 \sqrt 2\, \sigma + \tfrac12, \qquad
              \sigma = \frac{n}{2 \pi}

    along each dimension in turn, k counting grid lengths. With a length n, on latitude
    and longitude or on a plane, all points within a distance count by their area A:

    .. math:: \bar f = \frac{\sum w A f}{\sum w A}, \qquad
              w = \exp\left(-\frac{D^2}{2 \sigma^2}\right), \qquad
              D \le 2 \sqrt 2\, \sigma

    where D is the straight distance through the Earth: columns converge, poles are
    crossed, and the window is the same in kilometres everywhere. A wave of the length n
    keeps :math:`e^{-1/2}` = 0.61 of its amplitude, longer ones more.

    Parameters
    ----------
    field : DataArray, Quantity or array
        Any field, with or without coordinates along its dimensions.
    n : float, str or quantity
        The degree: a wavelength in grid lengths, from 2, or a length, ``"1000 km"``.
    dims : str or sequence of str, optional
        Dimensions, their coordinates or roles; numbers of axes for an array. By
        default the horizontal ones, whatever their order; the last two of an array.
    edges : {"one-sided", "missing", "unsmoothed", "reflect"}, optional
        What points get whose window leaves the grid: the mean of the part that is
        inside; NaN; their own value; or the grid goes on as its mirror image. By
        default that of :class:`~xnabla.Options`. The seam of a circle is no edge.
    missing : {"propagate", "shrink"}, optional
        Whether a NaN in a window makes a NaN, or does not count; a missing point stays
        missing.
    poles : {"across", "missing"}, optional
        Whether windows beside a pole go on across it, or take it for an edge. A pole
        row is one point, and gets one value, in either case.
    earth, periodic, grid : optional
        See :func:`~xnabla.grid_of`.

    Returns
    -------
    DataArray, Quantity or array
        Of the kind, shape, dimension order, dtype and unit of ``field``, with its
        names. Lazy for a dask-backed field.

    Raises
    ------
    OptionError
        If the degree or an option cannot be.
    GridError
        If there is no such dimension, or the window is wider than the grid.
    UnitsError
        If the field has no unit, or a logarithmic one.
    FieldError
        If the values are no numbers.

    References
    ----------
    GEMPAK's GWFS, as MetPy's ``smooth_gaussian`` has it: the same numbers, and with
    ``edges="reflect"`` at the edges of a region too.

    Examples
    --------
    >>> import numpy as np, xarray as xr
    >>> wave = xr.DataArray(np.cos(2 * np.pi * np.arange(36) / 12), dims="lon",
    ...     name="t", attrs={"units": "K"}, coords={
    ...     "lon": ("lon", np.arange(0.0, 360, 10), {"units": "degrees_east"})})
    >>> smoothed = smooth_gaussian(wave, 12)
    >>> print(f"{smoothed[0].data:.3f}")
    0.612 kelvin
    """
    degree = degree_of(n)
    return smooth(
        field,
        length_kernel(degree) if degree.in_metres else gaussian_kernel(degree),
        dims=dims,
        edges=edges,
        missing=missing,
        poles=poles,
        periodic=periodic,
        grid=grid,
        earth=earth,
    )


def smooth_n_point(
    field: Field,
    n: int = 5,
    *,
    passes: int = 1,
    dims: Any = None,
    edges: Any = None,
    missing: Any = None,
    poles: Any = None,
    periodic: Any = None,
    grid: Any = None,
) -> Field:
    r"""Return a field smoothed with each point's nearest 4 or 8 neighbours.

    .. math:: \frac18 \begin{pmatrix} & 1 & \\ 1 & 4 & 1 \\ & 1 & \end{pmatrix}
              \quad (n = 5), \qquad
              \frac1{16} \begin{pmatrix} 1 & 2 & 1 \\ 2 & 4 & 2 \\ 1 & 2 & 1
              \end{pmatrix} \quad (n = 9)

    Nine points remove the wave of two grid lengths in either direction and leave
    :math:`\cos^2(k/2) \cos^2(l/2)` of one with k and l radians per grid length; five
    leave :math:`(2 + \cos k + \cos l)/4`.

    Parameters
    ----------
    field : DataArray, Quantity or array
        Any field of at least two dimensions.
    n : {5, 9}
        Number of points.
    passes : int
        How often.
    dims, edges, missing, poles, periodic, grid : optional
        As in :func:`smooth_gaussian`; two dimensions.

    Returns
    -------
    DataArray, Quantity or array
        As in :func:`smooth_gaussian`.

    Raises
    ------
    OptionError, GridError, UnitsError, FieldError
        As in :func:`smooth_gaussian`.

    References
    ----------
    Haltiner, G. J. and R. T. Williams (1980), Numerical Prediction and Dynamic
    Meteorology, 11.8. GEMPAK's SM5S and SM9S; MetPy's ``smooth_n_point`` gives the
    same numbers, and with ``edges="unsmoothed"`` at the edges of a region too.

    Examples
    --------
    >>> import numpy as np
    >>> spike = np.zeros((5, 5))
    >>> spike[2, 2] = 16.0
    >>> smooth_n_point(spike, 9)[1:4, 1:4]
    array([[1., 2., 1.],
           [2., 4., 2.],
           [1., 2., 1.]])
    """
    return smooth(
        field,
        point_kernel(n),
        passes=passes,
        dims=dims,
        edges=edges,
        missing=missing,
        poles=poles,
        periodic=periodic,
        grid=grid,
    )


def smooth_window(
    field: Field,
    window: Any,
    *,
    passes: int = 1,
    normalize_weights: bool = True,
    dims: Any = None,
    edges: Any = None,
    missing: Any = None,
    poles: Any = None,
    periodic: Any = None,
    grid: Any = None,
) -> Field:
    r"""Return a field smoothed with a window of one's own.

    .. math:: \bar f_i = W\, \frac{\sum_k w_k f_{i+k}}{\sum_k w_k}, \qquad
              W = \sum_{\text{all } k} w_k

    where the sums are over those points of the window that there are.

    Parameters
    ----------
    field : DataArray, Quantity or array
        Any field.
    window : DataArray, array or str
        Weights w, odd in number in every direction, in the order of the points; a
        DataArray names its dimensions; of others rows lie along latitude or y, columns
        along longitude or x, whatever the order of the field. Text has rows between
        semicolons.
    passes : int
        How often.
    normalize_weights : bool
        Whether the weights are divided by their sum, so that W = 1.
    dims, edges, missing, poles, periodic, grid : optional
        As in :func:`smooth_gaussian`; as many dimensions as the window has. Part of a
        window with negative weights is no window: it takes ``missing="propagate"``
        and, where there are edges, another choice than ``edges="one-sided"``.

    Returns
    -------
    DataArray, Quantity or array
        As in :func:`smooth_gaussian`.

    Raises
    ------
    OptionError, GridError, UnitsError, FieldError
        As in :func:`smooth_gaussian`.

    References
    ----------
    MetPy's ``smooth_window`` gives the same numbers, and with ``edges="unsmoothed"``
    at the edges of a region too.

    Examples
    --------
    >>> import numpy as np
    >>> smooth_window(np.array([0.0, 0, 4, 0, 0]), "1 2 1", dims=0)
    array([0., 1., 2., 1., 0.])
    """
    if isinstance(window, xr.DataArray):
        dims = tuple(map(str, window.dims)) if dims is None else dims
        window = window.values
    return smooth(
        field,
        window_kernel(window, normalize=normalize_weights),
        passes=passes,
        dims=dims,
        edges=edges,
        missing=missing,
        poles=poles,
        periodic=periodic,
        grid=grid,
    )


def smooth_rectangular(
    field: Field,
    size: Any,
    *,
    passes: int = 1,
    dims: Any = None,
    edges: Any = None,
    missing: Any = None,
    poles: Any = None,
    periodic: Any = None,
    grid: Any = None,
) -> Field:
    r"""Return a field smoothed with equal weights in a rectangle: a running mean.

    .. math:: w_k = 1

    Parameters
    ----------
    field : DataArray, Quantity or array
        Any field.
    size : int or sequence of int
        Number of points along each dimension, odd; one number for all of them, or one
        for each: along latitude or y first, whatever the order of the field.
    passes : int
        How often.
    dims, edges, missing, poles, periodic, grid : optional
        As in :func:`smooth_gaussian`.

    Returns
    -------
    DataArray, Quantity or array
        As in :func:`smooth_gaussian`.

    Raises
    ------
    OptionError, GridError, UnitsError, FieldError
        As in :func:`smooth_gaussian`.

    References
    ----------
    MetPy's ``smooth_rectangular`` gives the same numbers, and with
    ``edges="unsmoothed"`` at the edges of a region too.

    Examples
    --------
    >>> import numpy as np
    >>> smooth_rectangular(np.array([0.0, 0, 3, 0, 0, 6]), 3, dims=0)
    array([0., 1., 1., 1., 2., 3.])
    """
    return smooth(
        field,
        rectangular_kernel(size),
        passes=passes,
        dims=dims,
        edges=edges,
        missing=missing,
        poles=poles,
        periodic=periodic,
        grid=grid,
    )


def smooth_circular(
    field: Field,
    radius: int,
    *,
    passes: int = 1,
    dims: Any = None,
    edges: Any = None,
    missing: Any = None,
    poles: Any = None,
    periodic: Any = None,
    grid: Any = None,
) -> Field:
    r"""Return a field smoothed with equal weights in a circle.

    .. math:: w_{kl} = 1 \quad \text{where} \quad k^2 + l^2 \le r^2

    Parameters
    ----------
    field : DataArray, Quantity or array
        Any field.
    radius : int
        Radius r in grid lengths, from 1.
    passes : int
        How often.
    dims, edges, missing, poles, periodic, grid : optional
        As in :func:`smooth_gaussian`.

    Returns
    -------
    DataArray, Quantity or array
        As in :func:`smooth_gaussian`.

    Raises
    ------
    OptionError, GridError, UnitsError, FieldError
        As in :func:`smooth_gaussian`.

    References
    ----------
    MetPy's ``smooth_circular`` gives the same numbers, and with
    ``edges="unsmoothed"`` at the edges of a region too.

    Examples
    --------
    >>> import numpy as np
    >>> spike = np.zeros((5, 5))
    >>> spike[2, 2] = 5.0
    >>> smooth_circular(spike, 1)[1:4, 1:4]
    array([[0., 1., 0.],
           [1., 1., 1.],
           [0., 1., 0.]])
    """
    return smooth(
        field,
        circular_kernel(radius),
        passes=passes,
        dims=dims,
        edges=edges,
        missing=missing,
        poles=poles,
        periodic=periodic,
        grid=grid,
    )
