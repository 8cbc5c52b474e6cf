"""How a wind deforms what it carries: shearing, stretching, and both together."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np
import xarray as xr

from xnabla.operators._calculus import Calculus
from xnabla.operators._choices import WindChoices, WindTensorChoices, spelled_out
from xnabla.operators._kinematics import tensor_in_frame, vector_work
from xnabla.operators._parts import Parts
from xnabla.operators._work import Formula


@spelled_out
def shearing_deformation(
    u: xr.DataArray, v: xr.DataArray, **choices: Unpack[WindTensorChoices]
) -> xr.DataArray:
    r"""Return the shearing deformation of a wind.

    .. math:: \partial_x v + \partial_y u

    Parameters
    ----------
    u, v : DataArray
        Wind, eastward and northward or along the grid; any unit.
    **choices

    Returns
    -------
    DataArray
        Unit of u per metre. It depends on the directions x and y: east and north, or
        with ``frame="grid"`` those of the grid.

    Raises
    ------
    GridError
        If u and v lie on different points, or have no two horizontal dimensions.
    UnitsError
        If one has no unit, or they differ in dimension.
    OptionError
        If a choice cannot be.

    References
    ----------
    Bluestein, H. (1992), Synoptic-Dynamic Meteorology in Midlatitudes I, ch. 3.

    Examples
    --------
    >>> from xnabla.operators._kinematics import solid_rotation
    >>> u, v = solid_rotation()
    >>> bool(abs(shearing_deformation(u, v)).max().data.magnitude < 1e-15)
    True
    """
    return _deformation("shearing_deformation", u, v, choices, _shear)


@spelled_out
def stretching_deformation(
    u: xr.DataArray, v: xr.DataArray, **choices: Unpack[WindTensorChoices]
) -> xr.DataArray:
    r"""Return the stretching deformation of a wind.

    .. math:: \partial_x u - \partial_y v

    Parameters
    ----------
    u, v : DataArray
        Wind, eastward and northward or along the grid; any unit.
    **choices

    Returns
    -------
    DataArray
        Unit of u per metre. It depends on the directions x and y: east and north, or
        with ``frame="grid"`` those of the grid.

    Raises
    ------
    GridError
        If u and v lie on different points, or have no two horizontal dimensions.
    UnitsError
        If one has no unit, or they differ in dimension.
    OptionError
        If a choice cannot be.

    References
    ----------
    Bluestein, H. (1992), Synoptic-Dynamic Meteorology in Midlatitudes I, ch. 3.

    Examples
    --------
    >>> from xnabla.operators._kinematics import solid_rotation
    >>> u, v = solid_rotation()
    >>> bool(abs(stretching_deformation(u, v)).max().data.magnitude < 1e-15)
    True
    """
    return _deformation("stretching_deformation", u, v, choices, _stretch)


@spelled_out
def total_deformation(
    u: xr.DataArray, v: xr.DataArray, **choices: Unpack[WindChoices]
) -> xr.DataArray:
    r"""Return the total deformation of a wind, whatever the directions x and y.

    .. math:: \sqrt{(\partial_x v + \partial_y u)^2 + (\partial_x u - \partial_y v)^2}

    Parameters
    ----------
    u, v : DataArray
        Wind, eastward and northward or along the grid; any unit.
    **choices

    Returns
    -------
    DataArray
        Unit of u per metre.

    Raises
    ------
    GridError
        If u and v lie on different points, or have no two horizontal dimensions.
    UnitsError
        If one has no unit, or they differ in dimension.
    OptionError
        If a choice cannot be.

    References
    ----------
    Bluestein, H. (1992), Synoptic-Dynamic Meteorology in Midlatitudes I, ch. 3.

    Examples
    --------
    >>> from xnabla.operators._kinematics import solid_rotation
    >>> u, v = solid_rotation()
    >>> bool(total_deformation(u, v).max().data.magnitude < 1e-15)
    True
    """
    return _deformation(
        "total_deformation",
        u,
        v,
        choices,
        lambda *tensor: np.hypot(_shear(*tensor), _stretch(*tensor)),
    )


@spelled_out
def kinematics(
    u: xr.DataArray, v: xr.DataArray, **choices: Unpack[WindChoices]
) -> Parts[xr.DataArray]:
    r"""Return vorticity, divergence and total deformation of a wind, in one pass.

    .. math:: \zeta = \partial_x v - \partial_y u, \qquad
              \delta = \partial_x u + \partial_y v, \qquad
              D = \sqrt{(\partial_x v + \partial_y u)^2
              + (\partial_x u - \partial_y v)^2}

    The three of them do not depend on the direction of the axes, and determine the
    motion near a point but for the direction of the stretching.

    Parameters
    ----------
    u, v : DataArray
        Wind, eastward and northward or along the grid; any unit.
    **choices

    Returns
    -------
    Parts of DataArray
        ``vorticity``, ``divergence``, ``total_deformation``; unit of u per metre.

    Raises
    ------
    GridError
        If u and v lie on different points, or have no two horizontal dimensions.
    UnitsError
        If one has no unit, or they differ in dimension.
    OptionError
        If a choice cannot be.

    References
    ----------
    Bluestein, H. (1992), Synoptic-Dynamic Meteorology in Midlatitudes I, ch. 3.

    Examples
    --------
    >>> from xnabla.operators._kinematics import solid_rotation
    >>> zeta, delta, deformation = kinematics(*solid_rotation())
    >>> print(f"{zeta.sel(latitude=90, longitude=0).data:.4e}")
    1.2552e-05 / second
    """
    work = vector_work("kinematics", u, v, choices)
    return work.several(
        _kinematics,
        ("vorticity", "divergence", "total_deformation"),
        work.unit("u") / work.si("m"),
        "motion of the wind",
    )


def _kinematics(d: Calculus, u: Any, v: Any) -> tuple[Any, Any, Any]:
    tensor = du_dx, du_dy, dv_dx, dv_dy = d.wind_slopes(u, v)
    zeta = d.one_at_poles(dv_dx - du_dy)
    delta = d.one_at_poles(du_dx + dv_dy)
    return zeta, delta, np.hypot(_shear(*tensor), _stretch(*tensor))


def _shear(du_dx: Any, du_dy: Any, dv_dx: Any, dv_dy: Any) -> Any:
    del du_dx, dv_dy
    return dv_dx + du_dy


def _stretch(du_dx: Any, du_dy: Any, dv_dx: Any, dv_dy: Any) -> Any:
    del du_dy, dv_dx
    return du_dx - dv_dy


def _deformation(
    operator: str, u: Any, v: Any, choices: Any, part: Formula
) -> xr.DataArray:
    work = vector_work(operator, u, v, choices)
    frame = work.setting.frame

    def deformation(d: Calculus, u: Any, v: Any) -> Any:
        return part(*tensor_in_frame(d, frame, *d.wind_slopes(u, v)))

    return work.one(deformation, operator, work.unit("u") / work.si("m"))
