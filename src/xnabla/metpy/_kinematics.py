"""Vorticity, divergence, deformation, advection, frontogenesis: MetPy's kinematics."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from xnabla import operators
from xnabla.grid import Grid
from xnabla.labels import quantify
from xnabla.metpy._drop_in import drop_in
from xnabla.metpy._plane import Plane
from xnabla.metpy._steps import difference

_STEPS = "dx dy x_dim y_dim"
_GRADIENT = ("df/dx", "df/dy")
_VELOCITY = ("du/dx", "du/dy", "dv/dx", "dv/dy")


@drop_in("vorticity", "u v")
def vorticity(u: Any, v: Any, plane: Plane) -> Any:
    r"""Return the vertical vorticity of a wind, :math:`\partial_x v - \partial_y u`."""
    return plane.velocity(u, v, "dv/dx") - plane.velocity(u, v, "du/dy")


def _turning(
    u: Any, v: Any, *, formula: Any, wind: Any = "earth", **options: Any
) -> Any:
    """Return a formula of a wind and its derivatives, all in the frame of the wind."""
    slopes = operators.velocity_gradient(u, v, wind=wind, frame=wind, **options)
    with np.errstate(divide="ignore", invalid="ignore"):  # where there is no wind
        result = formula(quantify(u), quantify(v), *slopes)
    return result.rename(f"{formula.__name__[1:]}_vorticity")


def _shear(u: Any, v: Any, ux: Any, uy: Any, vx: Any, vy: Any) -> Any:
    return (v * u * ux + v * v * vx - u * u * uy - u * v * vy) / (u**2 + v**2)


def _curvature(u: Any, v: Any, ux: Any, uy: Any, vx: Any, vy: Any) -> Any:
    return (u * u * vx - v * v * uy - v * u * ux + u * v * vy) / (u**2 + v**2)


@drop_in(_turning, "u v", formula=_shear)
def shear_vorticity(u: Any, v: Any, plane: Plane) -> Any:
    """Return the part of the vorticity that is a change of speed across the flow."""
    return _shear(u, v, *(plane.velocity(u, v, part) for part in _VELOCITY))


@drop_in(_turning, "u v", formula=_curvature)
def curvature_vorticity(u: Any, v: Any, plane: Plane) -> Any:
    """Return the part of the vorticity that is a change of direction along the flow."""
    return _curvature(u, v, *(plane.velocity(u, v, part) for part in _VELOCITY))


@drop_in("divergence", "u v", any_vector=True)
def divergence(u: Any, v: Any, plane: Plane) -> Any:
    r"""Return the divergence of a vector, :math:`\partial_x u + \partial_y v`."""
    return plane.velocity(u, v, "du/dx") + plane.velocity(u, v, "dv/dy")


@drop_in("shearing_deformation", f"u v {_STEPS}", frame="grid")
def shearing_deformation(u: Any, v: Any, plane: Plane) -> Any:
    r"""Return the shearing deformation, :math:`\partial_x v + \partial_y u`."""
    return plane.velocity(u, v, "dv/dx") + plane.velocity(u, v, "du/dy")


@drop_in("stretching_deformation", f"u v {_STEPS}", frame="grid")
def stretching_deformation(u: Any, v: Any, plane: Plane) -> Any:
    r"""Return the stretching deformation, :math:`\partial_x u - \partial_y v`."""
    return plane.velocity(u, v, "du/dx") - plane.velocity(u, v, "dv/dy")


@drop_in("total_deformation", f"u v {_STEPS}")
def total_deformation(u: Any, v: Any, plane: Plane) -> Any:
    r"""Return the length of shearing and stretching deformation together."""
    shearing = plane.velocity(u, v, "dv/dx") + plane.velocity(u, v, "du/dy")
    stretching = plane.velocity(u, v, "du/dx") - plane.velocity(u, v, "dv/dy")
    return np.hypot(shearing, stretching)


def _advection(
    scalar: xr.DataArray,
    u: Any,
    v: Any,
    w: Any,
    *,
    grid: Grid,
    dz: Any = None,
    vertical_dim: Any = None,
    **options: Any,
) -> Any:
    """Return the advection by the components there are, on a grid that tells all."""
    del dz, vertical_dim  # the coordinates say it
    if u is not None and v is not None:
        return operators.advection(scalar, u, v, w, grid=grid, **options)
    slopes = []
    if u is not None or v is not None:
        horizontal = operators.gradient(scalar, grid=grid, frame="grid")
        slopes += [(u, horizontal.x)] if u is not None else [(v, horizontal.y)]
    if w is not None:
        slopes += [(w, operators.derivative(scalar, grid.dim("z"), grid=grid))]
    return -sum(quantify(wind) * slope for wind, slope in slopes)


@drop_in(_advection, "scalar u v w", any_vector=True)
def advection(
    scalar: Any,
    u: Any = None,
    v: Any = None,
    w: Any = None,
    *,
    dz: Any = None,
    vertical_dim: int = -3,
    plane: Plane,
) -> Any:
    r"""Return the advection of a field by those parts of a wind that are given.

    .. math:: -(u\,\partial_x f + v\,\partial_y f + w\,\partial_z f)
    """
    terms = []
    if u is not None:
        terms += [u * plane.gradient(scalar, "df/dx")]
    if v is not None:
        terms += [v * plane.gradient(scalar, "df/dy")]
    if w is not None:
        terms += [w * difference(scalar, vertical_dim, delta=dz)]
    return -sum(terms)


@drop_in("frontogenesis", f"potential_temperature u v {_STEPS}")
def frontogenesis(potential_temperature: Any, u: Any, v: Any, plane: Plane) -> Any:
    r"""Return how fast a wind tightens the gradient of potential temperature.

    .. math:: -\frac{1}{|\nabla\theta|} (\theta_x^2 u_x
              + \theta_x \theta_y (v_x + u_y) + \theta_y^2 v_y)

    which is zero where the gradient is. MetPy writes the same with angles.
    """
    tx, ty = (plane.gradient(potential_temperature, part) for part in _GRADIENT)
    ux, uy, vx, vy = (plane.velocity(u, v, part) for part in _VELOCITY)
    rate = tx**2 * ux + tx * ty * (vx + uy) + ty**2 * vy
    steepness = np.sqrt(tx**2 + ty**2)
    flat = steepness.magnitude == 0
    return -rate / np.where(flat, 1.0 * steepness.units, steepness)
