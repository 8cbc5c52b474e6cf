"""MetPy's smoothers: ours, with the points at edges left as MetPy leaves them."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from xnabla import operators
from xnabla.errors import OptionError, explain
from xnabla.metpy._link import linked
from xnabla.metpy._place import grid_on, with_unit
from xnabla.metpy._quantities import home_of, quantity
from xnabla.units import attach, split_quantity

_HORIZONTAL = {"latitude", "longitude", "y", "x", "grid_latitude", "grid_longitude"}


@linked
def smooth_gaussian(scalar_grid: Any, n: float) -> Any:
    r"""Return a field smoothed by a bell curve of :math:`\sigma = n / 2\pi` steps.

    Cut off at :math:`2\sqrt{2}\,\sigma` and mirrored at the edges, as in GEMPAK.
    """
    degree = max(round(n), 2)
    smoothed = _smoothed("smooth_gaussian", scalar_grid, degree, 2, edges="reflect")
    mask = getattr(scalar_grid, "mask", None)
    if mask is None or isinstance(scalar_grid, xr.DataArray):
        return smoothed
    values, unit = split_quantity(smoothed)
    return attach(np.ma.array(values, mask=mask), unit)


@linked
def smooth_window(
    scalar_grid: Any, window: Any, passes: int = 1, normalize_weights: bool = True
) -> Any:
    """Return a field smoothed by a window of weights, of odd size in all dimensions."""
    weights = np.asarray(window, dtype=float)
    if any(size % 2 == 0 for size in weights.shape):
        raise OptionError(
            explain(
                "The shape of the smoothing window must be odd in all dimensions",
                got=weights.shape,
            )
        )
    return _smoothed(
        "smooth_window",
        scalar_grid,
        weights,
        weights.ndim,
        passes=passes,
        normalize_weights=normalize_weights,
    )


@linked
def smooth_rectangular(scalar_grid: Any, size: Any, passes: int = 1) -> Any:
    """Return a field smoothed by the plain mean over a rectangle of points."""
    return smooth_window(scalar_grid, np.ones(size), passes=passes)


@linked
def smooth_circular(scalar_grid: Any, radius: int, passes: int = 1) -> Any:
    """Return a field smoothed by the plain mean over a disc of points."""
    return _smoothed("smooth_circular", scalar_grid, radius, 2, passes=passes)


@linked
def smooth_n_point(scalar_grid: Any, n: int = 5, passes: int = 1) -> Any:
    """Return a field smoothed by the weights of the 5 or 9 nearest points."""
    return _smoothed("smooth_n_point", scalar_grid, n, 2, passes=passes)


def _smoothed(
    operator: str,
    field: Any,
    kernel: Any,
    ndim: int,
    edges: str = "unsmoothed",
    **options: Any,
) -> Any:
    """Return a field smoothed along its horizontal dimensions, else along the last."""
    smooth = getattr(operators, operator)
    options |= {"edges": edges, "missing": "propagate"}
    if isinstance(field, xr.DataArray):
        grid = grid_on(field)
        horizontal = [dim for dim in grid.dims if grid.roles.get(dim) in _HORIZONTAL]
        dims = None if len(horizontal) == ndim else grid.dims[-ndim:]
        return smooth(with_unit(field), kernel, dims=dims, **options)
    values, unit = split_quantity(quantity(field, home_of((field,))))
    # MetPy smooths what lies under a mask too
    bare = np.ma.getdata(values) if np.ma.isMaskedArray(values) else values
    return attach(smooth(bare, kernel, **options), unit)
