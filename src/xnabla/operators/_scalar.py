"""Derivative and gradient of one field."""

from __future__ import annotations

from typing import Any, Unpack, overload

import xarray as xr

from xnabla.errors import GridError, XnablaError, explain, together
from xnabla.grid import Axis, Grid
from xnabla.labels import Plain, check_field, split
from xnabla.operators._choices import Choices
from xnabla.operators._components import Components
from xnabla.operators._fuse import fused_gradient
from xnabla.operators._northward import north_and_east, turned_axes
from xnabla.operators._partial import (
    dims_of,
    grid_for,
    partial_derivative,
    target_of,
    words_for,
)
from xnabla.operators._plain import (
    check_no_grid,
    check_no_spacing,
    is_plain,
    plain_gradient,
)
from xnabla.operators._plan import check_orders
from xnabla.operators._truncation import with_error
from xnabla.options import (
    Accuracy,
    Edges,
    Frame,
    Missing,
    Options,
    Poles,
    resolve_options,
)


class SpacingChoices(Choices, total=False):
    """The keywords of both operators here, for those who check types."""

    deltas: Any
    coordinates: Any
    edge_order: int | None


class GradientChoices(SpacingChoices, total=False):
    """The keywords that the gradient takes, for those who check types."""

    frame: Frame
    error: bool


@overload
def derivative(
    field: xr.DataArray, dim: str, *, order: int = 1, **choices: Unpack[SpacingChoices]
) -> xr.DataArray: ...
@overload
def derivative(
    field: Any, dim: Any, *, order: int = 1, **choices: Unpack[SpacingChoices]
) -> Any: ...
def derivative(
    field: Any,
    dim: Any,
    *,
    order: int = 1,
    units: Any = None,
    accuracy: Accuracy | None = None,
    edges: Edges | None = None,
    missing: Missing | None = None,
    poles: Poles | None = None,
    earth: Any = None,
    periodic: Any = None,
    crs: Any = None,
    grid: Any = None,
    deltas: Any = None,
    coordinates: Any = None,
    edge_order: int | None = None,
) -> Any:
    r"""Return the derivative of a field along one axis.

    .. math:: \partial_x f = \frac{1}{N \cos\varphi} \partial_\lambda f, \qquad
              \partial_y f = \frac{1}{M} \partial_\varphi f, \qquad
              \partial_s f \text{ along any other axis } s

    Distances are metres along latitude, longitude, x and y; time is in seconds; any
    other axis keeps the unit of its coordinate (``K hPa-1``) and its sense: along a
    depth that is positive down, the derivative is per metre of depth.

    Parameters
    ----------
    field : DataArray, Quantity or array
        A field with coordinates and units; or plain values, with the spacing given.
    dim : str or int
        The dimension, its coordinate or its role (``"latitude"``, ``"vertical"``,
        ``"time"``); the number of an axis for plain values.
    order : {1, 2}
        First or second derivative. The second along longitude is along the parallel,
        and has no limit on a pole row.
    units : str, optional
        Unit of the result, ``"K/km"`` say.
    accuracy, edges, missing, poles, earth : optional
        See :class:`~xnabla.Options`.
    periodic, crs : optional
        See :func:`~xnabla.grid_of`.
    grid : Grid, optional
        What the grid is, where the coordinates do not say enough.
    deltas, coordinates : optional
        Steps or positions for plain values, as in :func:`gradient`.
    edge_order : int, optional
        Accuracy of one-sided rows; by default that of the interior (1 for a plain
        array, as in ``numpy.gradient``).

    Returns
    -------
    DataArray, Quantity or array
        Of the kind, shape, dimension order and dtype of ``field``; a DataArray holds a
        pint quantity. Lazy for a dask-backed field.

    Raises
    ------
    GridError
        If the coordinates do not describe a grid, or the axis is too short.
    UnitsError
        If a unit is missing or cannot be read, or ``units`` has the wrong dimension.
    FieldError
        If the values are no numbers.
    OptionError
        If an option cannot be.

    References
    ----------
    Fornberg, B. (1988), Math. Comp. 51, 699-706.

    Examples
    --------
    >>> import xarray as xr
    >>> t = xr.DataArray([280.0, 281.0, 283.0], dims="time", name="t",
    ...     attrs={"units": "K"}, coords={"time": ("time", [0.0, 1.0, 2.0],
    ...     {"units": "hours"})})
    >>> derivative(t, "time", units="K/hour").data
    <Quantity([0.5 1.5 2.5], 'kelvin / hour')>
    """
    options = resolve_options(
        accuracy=accuracy, edges=edges, missing=missing, poles=poles
    )
    check_orders(order, edge_order)
    if is_plain(field):
        check_no_grid("derivative", grid=grid, earth=earth, periodic=periodic, crs=crs)
        (part,) = plain_gradient(
            field,
            (dim,),
            deltas=deltas,
            coordinates=coordinates,
            units=units,
            order=order,
            options=options,
            edge_order=edge_order,
        )
        return part
    field = check_field(field, "derivative")
    check_no_spacing("derivative", deltas, coordinates)
    where = grid_for(field, grid, earth, periodic, crs)
    names = dims_of(dim)
    if len(names) != 1:
        raise GridError(
            explain(
                "A derivative goes along one dimension",
                got=repr(names),
                hint=f"xn.gradient(field, {names!r})",
            )
        )
    (axis,), plain = _axes_and_values(field, where, names)
    return partial_derivative(
        field,
        plain,
        where,
        axis,
        order=order,
        units=units,
        options=options,
        edge_order=edge_order,
    )


@overload
def gradient(
    field: xr.DataArray, dims: Any = None, **choices: Unpack[GradientChoices]
) -> Components[xr.DataArray]: ...
@overload
def gradient(
    field: Any, dims: Any = None, **choices: Unpack[GradientChoices]
) -> Components[Any]: ...
def gradient(
    field: Any,
    dims: Any = None,
    *,
    units: Any = None,
    accuracy: Accuracy | None = None,
    edges: Edges | None = None,
    missing: Missing | None = None,
    poles: Poles | None = None,
    earth: Any = None,
    periodic: Any = None,
    crs: Any = None,
    grid: Any = None,
    deltas: Any = None,
    coordinates: Any = None,
    edge_order: int | None = None,
    frame: Frame = "earth",
    error: bool = False,
) -> Components[Any]:
    r"""Return the gradient of a field: its derivatives along several axes.

    .. math:: \nabla f = \left(\frac{1}{M} \partial_\varphi f,\
              \frac{1}{N \cos\varphi} \partial_\lambda f\right)

    on a latitude-longitude grid, northward and eastward; along x and y on a plane. On
    projected, rotated and curvilinear grids too it is northward and eastward, unless
    ``frame="grid"`` asks for the derivatives along the grid's lines. Rows beside a pole
    use the rows on its other side, and the seam of a global grid is no edge, so the
    error is of the same order everywhere.

    Parameters
    ----------
    field : DataArray, Quantity or array
        A field with coordinates and units; or plain values, with the spacing given.
    dims : str, int or sequence, optional
        The axes, in any naming :func:`derivative` takes; by default the horizontal
        ones in the field's order, or all if there are none.
    units : str, optional
        Unit of the components, ``"K/km"`` say.
    accuracy, edges, missing, poles, earth : optional
        See :class:`~xnabla.Options`.
    periodic, crs : optional
        See :func:`~xnabla.grid_of`.
    grid : Grid, optional
        What the grid is, where the coordinates do not say enough.
    deltas : number, quantity, array or tuple of these, optional
        For plain values: the steps, one for all axes or one entry for each; numbers,
        or arrays one shorter than the axis.
    coordinates : array, quantity or tuple of these, optional
        For plain values: the positions along each axis, 1-D or in the shape of the
        array.
    edge_order : int, optional
        Accuracy of one-sided rows; by default that of the interior (1 for a plain
        array, as in ``numpy.gradient``).
    frame : {"earth", "grid"}
        Northward and eastward, or along the lines of the grid; matters on projected,
        rotated and curvilinear grids only.
    error : bool
        Whether to estimate the truncation error of each component too, as ``.error``
        of the result: 1.25 times the difference from the next higher order. NaN where
        the wider stencil meets a gap. Rounding and the field's own errors are not in
        it. ``to_dataset()`` links it as an ancillary variable.

    Returns
    -------
    Components
        A tuple of results in the order of ``dims``, that also answers by name; each of
        the kind, shape, dimension order and dtype of ``field``.

    Raises
    ------
    GridError
        If the coordinates do not describe a grid, or an axis is too short.
    UnitsError
        If a unit is missing or cannot be read, or ``units`` has the wrong dimension.
    FieldError
        If the values are no numbers.
    OptionError
        If an option cannot be.

    References
    ----------
    Fornberg, B. (1988), Math. Comp. 51, 699-706. Roache, P. J. (1994), J. Fluids Eng.
    116, 405-413, for the factor 1.25.

    Examples
    --------
    >>> import numpy as np, xarray as xr
    >>> lat, lon = np.linspace(-90, 90, 181), np.arange(0.0, 360.0)
    >>> t = xr.DataArray(
    ...     250 + 50 * np.cos(np.deg2rad(lat))[:, None] * np.ones(360), name="t",
    ...     dims=("lat", "lon"), attrs={"units": "K"}, coords={
    ...     "lat": ("lat", lat, {"units": "degrees_north"}),
    ...     "lon": ("lon", lon, {"units": "degrees_east"})})
    >>> dt_dy, dt_dx = gradient(t, units="K/km")
    >>> print(f"{dt_dy.sel(lat=30, lon=0).data:.5f}")
    -0.00392 kelvin / kilometer
    >>> error = gradient(t, units="K/km", error=True).error.y
    >>> print(f"{error.sel(lat=30, lon=0).data:.1e}")
    2.5e-07 kelvin / kilometer
    >>> gradient(np.array([1.0, 2, 4, 7, 11, 16]), deltas=1.0)[0]
    array([1. , 1.5, 2.5, 3.5, 4.5, 5. ])
    """
    options = resolve_options(
        accuracy=accuracy, edges=edges, missing=missing, poles=poles
    )
    check_orders(1, edge_order)
    if is_plain(field):
        check_no_grid("gradient", grid=grid, earth=earth, periodic=periodic, crs=crs)

        def make(options: Options, edge_order: int | None) -> Components[Any]:
            return plain_gradient(
                field,
                dims,
                deltas=deltas,
                coordinates=coordinates,
                units=units,
                order=1,
                options=options,
                edge_order=edge_order,
            )

    else:
        field = check_field(field, "gradient")
        check_no_spacing("gradient", deltas, coordinates)
        where = grid_for(field, grid, earth, periodic, crs)
        names = dims_of((where.horizontal or where.dims) if dims is None else dims)

        def make(options: Options, edge_order: int | None) -> Components[Any]:
            return _labelled_gradient(
                field, where, names, units, options, edge_order, frame
            )

    made = make(options, edge_order)
    return with_error(made, make, options) if error else made


def _labelled_gradient(
    field: xr.DataArray,
    where: Grid,
    names: tuple[str, ...],
    units: Any,
    options: Options,
    edge_order: int | None,
    frame: Frame,
) -> Components[xr.DataArray]:
    """Return the derivatives of a field along some of its axes."""
    axes, plain = _axes_and_values(field, where, names)
    turned = turned_axes(where, axes, frame)
    parts: dict[str, xr.DataArray] = {}
    values: dict[str, Any] = {}
    if turned:
        parts = north_and_east(field, where, edge_order, units, options)
    else:
        values = fused_gradient(
            plain.values,
            where,
            options,
            edge_order,
            lambda: {a.dim: target_of(field, plain, a, 1, units)[1] for a in axes},
        )
    for axis in axes:
        if axis.dim not in parts:
            parts[axis.dim] = partial_derivative(
                field,
                plain,
                where,
                axis,
                order=1,
                units=units,
                options=options,
                edge_order=edge_order,
                values=values.get(axis.dim),
            )
    named = tuple(turned.get(axis.dim, axis) for axis in axes)
    return Components([parts[axis.dim] for axis in axes], named, words_for(field))


def _axes_and_values(
    field: xr.DataArray, grid: Grid, names: tuple[str, ...]
) -> tuple[tuple[Axis, ...], Plain]:
    """Return the axes and the values, or raise one error that tells all faults."""
    faults: list[XnablaError] = []
    axes: tuple[Axis, ...] = ()
    plain: Plain | None = None
    try:
        axes = grid.check_axes(names)
    except XnablaError as fault:
        faults.append(fault)
    try:
        plain = split(field)
    except XnablaError as fault:
        faults.append(fault)
    if faults or plain is None:
        raise together(faults)
    return axes, plain
