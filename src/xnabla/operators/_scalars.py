"""Second derivatives of one field, and the Coriolis parameter of its points."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np
import xarray as xr

from xnabla.errors import GridError, explain
from xnabla.grid import Grid, role_of
from xnabla.labels import check_field, describe, naming_of
from xnabla.operators._calculus import Calculus, calculus_of, horizontal_pair
from xnabla.operators._choices import (
    Choices,
    TensorChoices,
    setting_of,
    spelled_out,
)
from xnabla.operators._constants import EARTH_ROTATION_RAD_S
from xnabla.operators._inputs import ANY
from xnabla.operators._partial import grid_for, target_unit
from xnabla.operators._parts import Parts
from xnabla.operators._work import Work
from xnabla.units import (
    Unit,
    attach,
    conversion_factor,
    is_quantity,
    parse,
    split_quantity,
)


@spelled_out
def laplacian(field: xr.DataArray, **choices: Unpack[Choices]) -> xr.DataArray:
    r"""Return the horizontal Laplacian of a field, on the globe.

    .. math:: \nabla^2 f = \frac{\partial_{\lambda\lambda} f}{(N\cos\varphi)^2}
              + \partial_{yy} f - \frac{\tan\varphi}{N} \partial_y f

    or the same along the lines of any other grid. Compact: a wave of two points has
    the largest Laplacian of all, not none.

    Parameters
    ----------
    field : DataArray
        A field with two horizontal dimensions.
    **choices

    Returns
    -------
    DataArray
        Unit of the field per square metre; on a pole row one value.

    Raises
    ------
    GridError
        If the coordinates do not describe a grid, or an axis is too short.
    UnitsError
        If the field has no unit.
    OptionError
        If a choice cannot be.

    References
    ----------
    Aris, R. (1962), Vectors, Tensors and the Basic Equations of Fluid Mechanics, ch. 7.

    Examples
    --------
    >>> x = ("x", [0.0, 1.0, 2.0, 3.0], {"units": "km"})
    >>> y = ("y", [0.0, 1.0, 2.0, 3.0], {"units": "km"})
    >>> z = xr.DataArray(np.add.outer(np.arange(4.0) ** 2, np.arange(4.0) ** 2),
    ...     dims=("y", "x"), coords={"y": y, "x": x}, attrs={"units": "m"})
    >>> print(f"{laplacian(z)[1, 1].data:.1e}")
    4.0e-06 / meter
    """
    work = Work.on("laplacian", {"field": field}, {"field": ANY}, choices)
    natural = work.unit("field") / work.si("m") ** 2
    return work.one(lambda d, f: d.laplacian(f), "laplacian", natural)


@spelled_out
def hessian(
    field: xr.DataArray, **choices: Unpack[TensorChoices]
) -> Parts[xr.DataArray]:
    r"""Return the horizontal second derivatives of a field, on the globe.

    .. math:: H_{ab} = a \cdot \partial_b (\nabla f), \qquad a, b \in \{e, n\}

    Parameters
    ----------
    field : DataArray
        A field with two horizontal dimensions.
    **choices

    Returns
    -------
    Parts of DataArray
        ``d2f_dx2``, ``d2f_dxdy``, ``d2f_dy2``, named after the field: x is east and y
        is north, on any grid. Unit of the field per square metre. The first and the
        last add up to the Laplacian. With ``missing="shrink"`` the mixed one needs a
        whole block of four points, and is missing where there is none. They also answer
        to ``d2f_dx2`` and so on, whatever the field is called.

    Raises
    ------
    GridError
        If the coordinates do not describe a grid, or an axis is too short.
    UnitsError
        If the field has no unit.
    OptionError
        If a choice cannot be.

    References
    ----------
    Aris, R. (1962), Vectors, Tensors and the Basic Equations of Fluid Mechanics, ch. 7.

    Examples
    --------
    >>> x = ("x", [0.0, 1.0, 2.0, 3.0], {"units": "km"})
    >>> y = ("y", [0.0, 1.0, 2.0, 3.0], {"units": "km"})
    >>> z = xr.DataArray(np.multiply.outer(np.arange(4.0), np.arange(4.0)), name="z",
    ...     dims=("y", "x"), coords={"y": y, "x": x}, attrs={"units": "m"})
    >>> h = hessian(z)
    >>> h.names, f"{h.d2z_dxdy[1, 1].data:.1e}"
    (('d2z_dx2', 'd2z_dxdy', 'd2z_dy2'), '1.0e-06 / meter')
    """
    work = Work.on("hessian", {"field": field}, {"field": ANY}, choices)

    return work.several(
        _second_along_grid if work.setting.frame == "grid" else _second,
        ("d2f_dx2", "d2f_dxdy", "d2f_dy2"),
        work.unit("field") / work.si("m") ** 2,
        "second derivatives of the field",
    )


def _second(d: Calculus, f: Any) -> tuple[Any, Any, Any]:
    return d.second(f)


def _second_along_grid(d: Calculus, f: Any) -> tuple[Any, Any, Any]:
    xx, xy, yy = d.second(f)
    xx, xy, _, yy = d.turn_tensor(xx, xy, xy, yy)
    return xx, xy, yy


def coriolis_parameter(
    latitude: Any, *, units: Any = None, earth: Any = None, crs: Any = None
) -> Any:
    r"""Return the Coriolis parameter.

    .. math:: f = 2 \Omega \sin\varphi, \qquad \Omega = 7.292115 \cdot 10^{-5}\,
              \mathrm{s}^{-1}

    Parameters
    ----------
    latitude : DataArray, quantity, float or array
        A latitude; or any field, whose points' latitudes are taken. Numbers without a
        unit are degrees.
    units : str, optional
        Unit of the result; by default per second.
    earth : object, optional
        See :class:`~xnabla.Options`.
    crs : object, optional
        See :func:`~xnabla.grid_of`.

    Returns
    -------
    DataArray or Quantity
        Along the dimensions of the latitude, or the horizontal ones of the field.

    Raises
    ------
    GridError
        If a field has no latitude.
    UnitsError
        If a latitude is no angle.

    References
    ----------
    Holton and Hakim (2013), An Introduction to Dynamic Meteorology, ch. 1.

    Examples
    --------
    >>> print(f"{coriolis_parameter(45.0):.4e}")
    1.0313e-04 / second
    """
    if not isinstance(latitude, xr.DataArray):
        return _of_numbers(latitude, units)
    if _is_latitude(latitude):
        values, factor = _in_radians(latitude)
        like, phi = latitude, np.asarray(values, dtype=np.float64) * factor
    else:
        like, phi = _latitude_of(latitude, earth, crs)
    target, factor = target_unit(parse("s-1"), units, "the Coriolis parameter")
    naming = naming_of("coriolis_parameter")
    return describe(
        2.0 * EARTH_ROTATION_RAD_S * np.sin(phi) * factor,
        like=like,
        unit=target,
        name=naming.name,
        attributes={
            "standard_name": naming.standard_name,
            "long_name": naming.long_name,
        },
    )


def _of_numbers(latitude: Any, units: Any) -> Any:
    unit: Unit | None = None
    if is_quantity(latitude):
        latitude, unit = split_quantity(latitude)
    degree = parse("degree") if unit is None else unit
    radians = conversion_factor(degree, parse("radian"), of="the latitude")
    phi = np.asarray(latitude, dtype=np.float64) * radians
    natural = parse("s-1", registry=registry_of_unit(unit))
    target, factor = target_unit(natural, units, "the Coriolis parameter")
    return attach(2.0 * EARTH_ROTATION_RAD_S * np.sin(phi) * factor, target)


def registry_of_unit(unit: Unit | None) -> Any:
    """Return the registry of a unit; ``None``, the application's, without one."""
    from xnabla.units import registry_of

    return None if unit is None else registry_of(unit)


def _is_latitude(field: xr.DataArray) -> bool:
    attributes = dict(field.attrs)
    if is_quantity(field.data):
        attributes["units"] = str(split_quantity(field.data)[1])
    return role_of(str(field.name), attributes, field.dtype) == "latitude"


def _in_radians(latitude: xr.DataArray) -> tuple[Any, float]:
    values, unit = latitude.data, parse(str(latitude.attrs.get("units", "degree")))
    if is_quantity(values):
        values, unit = split_quantity(values)
    return values, conversion_factor(unit, parse("radian"), of="the latitude")


def _latitude_of(
    field: xr.DataArray, earth: Any, crs: Any
) -> tuple[xr.DataArray, np.ndarray[Any, Any]]:
    """Return the latitudes of a field's points, and what they lie on."""
    setting = setting_of({"earth": earth, "crs": crs})
    grid = grid_for(check_field(field, "coriolis_parameter"), None, earth, None, crs)
    axis = grid.role_axis("latitude")
    if axis is not None:
        return _shrunk(field, (axis.dim,)), axis.line.points
    if grid.surface is not None:
        dims = horizontal_pair(grid)
        phi = calculus_of(grid, setting.options).latitude_rad
        return _shrunk(field.transpose(..., *dims), dims), phi
    return _scalar(field, grid)


def _scalar(
    field: xr.DataArray, grid: Grid
) -> tuple[xr.DataArray, np.ndarray[Any, Any]]:
    if grid.refusal is not None:
        raise grid.refusal
    if grid.latitude_rad is None:
        raise GridError(
            explain(
                "The field has no latitude, which the Coriolis parameter needs",
                expected="a latitude dimension or coordinate, or a map projection",
                got=f"a {grid.kind} grid",
                hint="xn.coriolis_parameter(45.0), or crs='EPSG:3995'",
            )
        )
    return _shrunk(field, ()), np.asarray(grid.latitude_rad)


def _shrunk(field: xr.DataArray, dims: tuple[str, ...]) -> xr.DataArray:
    """Return a field at the first place along all dimensions but some."""
    others = [dim for dim in field.dims if dim not in dims]
    return field.isel(dict.fromkeys(others, 0)).drop_vars(others, errors="ignore")
