"""Derivatives from steps between points: the arithmetic that MetPy publishes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from xnabla import operators
from xnabla.errors import GridError, OptionError, explain
from xnabla.metpy._link import linked
from xnabla.metpy._quantities import constant, degrees, home_of, quantity
from xnabla.numerics import is_chunked
from xnabla.options import resolve_options
from xnabla.units import attach, split_quantity

# What a geodesic leaves of the steps along a pole, beside those along the equator.
_NOTHING = 1e-12


def difference(
    f: Any, axis: int | None, *, delta: Any = None, x: Any = None, order: int = 1
) -> Any:
    """Return a derivative along one axis: three points everywhere, quantities out.

    Parameters
    ----------
    f : array or Quantity
        The values; bare ones have no dimension.
    axis : int or None
        Along which; ``None`` is the first.
    delta, x : number, array or Quantity
        Steps or positions: a number, a row of them, or an array that broadcasts to
        ``f`` but for its own axis.
    order : {1, 2}
        First or second derivative. The ends of the second repeat their neighbours, and
        uneven points get no fourth, as in MetPy: an accuracy of one there.

    Raises
    ------
    GridError
        Without exactly one of ``delta`` and ``x``, with fewer than three points, or
        with points that go to and fro.
    """
    _check_one(delta, x)
    home = home_of((f, delta, x))
    f = quantity(f, home)
    axis = _axis(axis, f.ndim)
    if f.shape[axis] < 3:
        raise GridError(
            explain(
                f"f must have at least 3 points along axis {axis}",
                got=f"{f.shape[axis]}",
            )
        )
    spacing = _along(quantity(delta if x is None else x, home), axis, f.ndim)
    f = _broadcast(f, axis, np.shape(spacing))
    spacing, lost = _without_zeros(spacing, axis, is_step=x is None)
    word = "deltas" if x is None else "coordinates"

    def derive(values: Any, spacing: Any) -> Any:
        (part,) = operators.plain_gradient(
            values,
            (axis,),
            **{"deltas": None, "coordinates": None, word: spacing},
            units=None,
            order=order,
            options=resolve_options(accuracy=2, edges="one-sided", missing="propagate"),
            edge_order=3 - order,
            widen=False,
        )
        return part

    if is_chunked(f.magnitude) and np.ndim(spacing) > 1:
        result = _in_blocks(derive, f, spacing, axis)
    else:
        result = derive(f, spacing)
    if lost is None:
        return result
    values, unit = split_quantity(result)
    return attach(np.where(lost, np.nan, values), unit)


def _in_blocks(derive: Callable[..., Any], f: Any, spacing: Any, axis: int) -> Any:
    """Return derivatives of a dask array whose spacing differs from line to line."""
    import dask.array

    lazily: Any = dask.array  # dask leaves some of its functions untyped
    values, unit = split_quantity(f)
    lengths, step = split_quantity(spacing)
    values = values.rechunk({axis: -1})
    size = lengths.shape[axis]
    chunks = (*values.chunks[:axis], (size,), *values.chunks[axis + 1 :])
    shape = tuple(map(sum, chunks))
    lines = lazily.from_array(np.broadcast_to(lengths, shape), chunks=chunks)

    def block(own: Any, lines: Any) -> Any:
        return split_quantity(derive(attach(own, unit), attach(lines, step)))[0]

    # of no values, for the kind of numbers and the unit that come out
    row = [3 if i == axis else 1 for i in range(values.ndim)]
    sample = derive(attach(np.zeros(row, values.dtype), unit), attach(1.0, step))
    result = lazily.map_blocks(
        block, values, lines, chunks=values.chunks, dtype=sample.dtype
    )
    return attach(result, split_quantity(sample)[1])


def _check_one(delta: Any, x: Any) -> None:
    if delta is not None and x is not None:
        raise GridError(explain('Cannot specify both "x" and "delta"'))
    if delta is None and x is None:
        raise GridError(
            explain(
                'Must specify either "x" or "delta" for value positions',
                expected="one of them, or a DataArray that has coordinates",
                got="neither",
                hint="delta=units.Quantity(25.0, 'km')",
            )
        )


def _axis(axis: Any, ndim: int) -> int:
    number = 0 if axis is None else axis
    if not isinstance(number, int | np.integer) or not -ndim <= number < ndim:
        raise OptionError(
            explain(
                f"An array of {ndim} dimensions has no axis {axis!r}",
                expected=f"a whole number from {-ndim} to {ndim - 1}",
            )
        )
    return int(number) % ndim


def _along(spacing: Any, axis: int, ndim: int) -> Any:
    """Return steps or positions as one number, a row, or in as many dimensions."""
    values, unit = split_quantity(spacing)
    values = np.asarray(values)
    if values.size == 1:
        return attach(values.reshape(()), unit)
    if values.ndim == ndim and values.size == values.shape[axis]:
        return attach(values.ravel(), unit)
    if values.ndim in {1, ndim}:
        return attach(values, unit)
    if values.ndim > ndim:
        raise GridError(
            explain(
                f"The spacing along axis {axis} has {values.ndim} dimensions",
                expected=f"at most {ndim}",
            )
        )
    return attach(values.reshape((1,) * (ndim - values.ndim) + values.shape), unit)


def _broadcast(f: Any, axis: int, spacing: tuple[int, ...]) -> Any:
    """Return values as often as there are different lines of spacing."""
    if len(spacing) < max(f.ndim, 2):
        return f
    size = f.shape[axis]
    shape = np.broadcast_shapes(
        (*f.shape[:axis], 1, *f.shape[axis + 1 :]),
        (*spacing[:axis], 1, *spacing[axis + 1 :]),
    )
    shape = (*shape[:axis], size, *shape[axis + 1 :])
    return f if shape == f.shape else np.broadcast_to(f, shape)


def _without_zeros(spacing: Any, axis: int, *, is_step: bool) -> tuple[Any, Any]:
    """Return the spacing with lines of no length made harmless, and which they are.

    On a pole all points are one: the steps that MetPy hands out are zero there.
    """
    values, unit = split_quantity(spacing)
    if not is_step or values.ndim < 2:
        return spacing, None
    longest = np.max(np.abs(values), axis=axis, keepdims=True)
    lost = longest <= _NOTHING * longest.max()
    if not lost.any():
        return spacing, None
    return attach(np.where(lost, 1.0, values), unit), lost


@linked
def lat_lon_grid_deltas(
    longitude: Any, latitude: Any, x_dim: int = -1, y_dim: int = -2, geod: Any = None
) -> tuple[Any, Any]:
    """Return the signed lengths in metres of the steps along both axes of a grid.

    On a sphere of 6 370 997 m unless ``geod`` says otherwise, as in MetPy. Bare numbers
    are degrees.
    """
    from pyproj import Geod

    home = home_of((longitude, latitude))
    lon, lat = degrees(longitude), degrees(latitude)
    if lon.ndim != lat.ndim:
        raise GridError(
            explain(
                "Latitude and longitude must have the same number of dimensions",
                got=f"{lat.ndim} and {lon.ndim}",
            )
        )
    if lat.ndim < 2:
        lon, lat = np.meshgrid(lon, lat)
    earth = Geod(ellps="sphere") if geod is None else geod

    def steps(axis: int, backward: Callable[[Any], Any]) -> Any:
        lon0, lat0, lon1, lat1 = (
            np.take(angle, np.arange(start, angle.shape[axis] - 1 + start), axis)
            for start in (0, 1)
            for angle in (lon, lat)
        )
        azimuth, _, length = earth.inv(lon0, lat0, lon1, lat1)
        return constant(np.where(backward(azimuth), -length, length), "m", home)

    return (
        steps(x_dim, lambda azimuth: (azimuth < 0.0) | (azimuth > 180.0)),
        steps(y_dim, lambda azimuth: np.abs(azimuth) > 90.0),
    )
