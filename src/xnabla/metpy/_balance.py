"""Rotation and balance: MetPy's Coriolis parameter, winds and potential vorticity."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import xarray as xr

from xnabla import operators
from xnabla.errors import GridError, explain
from xnabla.grid import Grid
from xnabla.metpy._drop_in import drop_in, relabelled
from xnabla.metpy._link import linked
from xnabla.metpy._place import grid_on
from xnabla.metpy._plane import Plane
from xnabla.metpy._quantities import constant, converted, home_of, quantity
from xnabla.metpy._steps import difference
from xnabla.numerics import is_chunked

# MetPy's constants, in SI units: CODATA 2018 and a molar mass of 28.96546 g/mol.
GRAVITY = 9.80665
ROTATION = 7.292115e-5
GAS_CONSTANT = 8.314462618 / 28.96546e-3
HEAT_CAPACITY = 3.5 * GAS_CONSTANT
KAPPA = 2.0 / 7.0

_STEPS = "dx dy latitude x_dim y_dim"


@linked
def coriolis_parameter(latitude: Any) -> Any:
    r"""Return :math:`f = 2 \Omega \sin\varphi`; bare numbers are radians."""
    home = home_of((latitude,))
    angle = converted(quantity(latitude, home), "radian").magnitude
    if not is_chunked(angle) and np.any(np.abs(angle) > np.pi / 2.0 + 1e-9):
        warnings.warn(
            "Latitudes beyond 90 degrees: numbers without a unit are radians",
            UserWarning,
            stacklevel=2,
        )
    f = constant(2.0 * ROTATION * np.sin(angle), "s-1", home)
    like = latitude if isinstance(latitude, xr.DataArray) else None
    return relabelled(f, like, "coriolis_parameter")


@drop_in("geostrophic_wind", f"height {_STEPS}", frame="grid", min_latitude=0.0)
def geostrophic_wind(height: Any, plane: Plane) -> Any:
    r"""Return :math:`(-\tfrac{g}{f} \partial_y z, \tfrac{g}{f} \partial_x z)`.

    From a height, or from a geopotential without the factor g.
    """
    return _geostrophic(height, plane)


@drop_in("ageostrophic_wind", f"height u v {_STEPS}", frame="grid", min_latitude=0.0)
def ageostrophic_wind(height: Any, u: Any, v: Any, plane: Plane) -> Any:
    """Return what a wind has beyond the geostrophic one."""
    ug, vg = _geostrophic(height, plane)
    return u - ug, v - vg


@drop_in("absolute_vorticity", f"u v {_STEPS}")
def absolute_vorticity(u: Any, v: Any, plane: Plane) -> Any:
    r"""Return the absolute vorticity, :math:`\partial_x v - \partial_y u + f`."""
    zeta = plane.velocity(u, v, "dv/dx") - plane.velocity(u, v, "du/dy")
    return zeta + _coriolis(plane)


def _potential_vorticity(
    potential_temperature: xr.DataArray,
    pressure: Any,
    u: Any,
    v: Any,
    *,
    grid: Grid,
    vertical_dim: Any = None,
    **options: Any,
) -> Any:
    """Return Ertel's potential vorticity where the levels are told by coordinates."""
    del vertical_dim
    if isinstance(pressure, xr.DataArray) and pressure.ndim == 1:
        (dim,) = pressure.dims
        own = potential_temperature.coords.get(str(dim))
        same = own is not None and np.array_equal(own.values, pressure.values)
        pressure = None if same else pressure.broadcast_like(potential_temperature)
    return operators.potential_vorticity(
        potential_temperature, u, v, pressure=pressure, grid=grid, **options
    )


@drop_in(
    _potential_vorticity,
    f"potential_temperature pressure u v {_STEPS} vertical_dim",
)
def potential_vorticity_baroclinic(
    potential_temperature: Any,
    pressure: Any,
    u: Any,
    v: Any,
    vertical_dim: int = -3,
    *,
    plane: Plane,
) -> Any:
    r"""Return :math:`-g\,[(\zeta + f)\,\theta_p - v_p \theta_x + u_p \theta_y]`."""
    theta = potential_temperature
    levels = np.shape(theta)[vertical_dim], np.shape(pressure)[vertical_dim]
    if min(levels) < 3 or levels[0] != levels[1]:
        raise GridError(
            explain(
                "Length of potential temperature along the vertical axis "
                f"{vertical_dim} must be at least 3, and that of pressure the same",
                got=f"{levels[0]} and {levels[1]}",
            )
        )
    theta_p, u_p, v_p = (difference(f, vertical_dim, x=pressure) for f in (theta, u, v))
    zeta = plane.velocity(u, v, "dv/dx") - plane.velocity(u, v, "du/dy")
    tilted = 0.0
    if theta.shape[plane.x_dim] > 1 or theta.shape[plane.y_dim] > 1:
        tilted = u_p * plane.gradient(theta, "df/dy") - v_p * plane.gradient(
            theta, "df/dx"
        )
    g = constant(GRAVITY, "m s-2", home_of((theta,)))
    pv = -g * ((zeta + _coriolis(plane)) * theta_p + tilted)
    return converted(pv, "K m2 kg-1 s-1")


def _barotropic(height: Any, u: Any, v: Any, **options: Any) -> Any:
    return operators.potential_vorticity(height, u, v, **options)


@drop_in(_barotropic, f"height u v {_STEPS}")
def potential_vorticity_barotropic(height: Any, u: Any, v: Any, plane: Plane) -> Any:
    r"""Return :math:`(\zeta + f)/h` for a layer of depth h."""
    zeta = plane.velocity(u, v, "dv/dx") - plane.velocity(u, v, "du/dy")
    return converted((zeta + _coriolis(plane)) / height, "m-1 s-1")


def _inertial(
    u: Any, v: Any, u_geostrophic: Any, v_geostrophic: Any, **options: Any
) -> Any:
    ug, vg = u_geostrophic, v_geostrophic
    return operators.inertial_advective_wind(u, v, ug, vg, **options)


@drop_in(
    _inertial,
    f"u v u_geostrophic v_geostrophic {_STEPS}",
    frame="grid",
    min_latitude=0.0,
)
def inertial_advective_wind(
    u: Any, v: Any, u_geostrophic: Any, v_geostrophic: Any, plane: Plane
) -> Any:
    r"""Return :math:`\tfrac{1}{f} k \times (V \cdot \nabla) V_g`."""
    f = _coriolis(plane)

    def along(part: Any) -> Any:
        return u * plane.gradient(part, "df/dx") + v * plane.gradient(part, "df/dy")

    ui, vi = -along(v_geostrophic) / f, along(u_geostrophic) / f
    return converted(ui, "m s-1"), converted(vi, "m s-1")


def _q_vector(
    u: Any,
    v: Any,
    temperature: Any,
    pressure: Any,
    static_stability: Any = 1,
    **options: Any,
) -> Any:
    """Return the Q-vector for any pressure and stability: it is inverse to both."""
    home = home_of((temperature, pressure, static_stability))
    parts = operators.q_vector(u, v, temperature, pressure="1 Pa", **options)
    beside = _unplaced(pressure, home), _unplaced(static_stability, home)
    over = beside[0] / constant(1.0, "Pa", home) * beside[1]
    made = []
    for part in parts:
        values = (xr.DataArray(part.variable) / over).transpose(*part.dims).data
        made.append(part.copy(data=values.to_base_units().astype(part.dtype)))
    return operators.Parts(made, parts.names, parts.what)


def _unplaced(value: Any, home: Any) -> Any:
    """Return a quantity, with its dimensions but without coordinates if labelled."""
    if isinstance(value, xr.DataArray):
        return xr.DataArray(xr.Variable(value.dims, quantity(value, home)))
    return quantity(value, home)


@drop_in(
    _q_vector,
    "u v temperature pressure dx dy static_stability x_dim y_dim",
    frame="grid",
)
def q_vector(
    u: Any,
    v: Any,
    temperature: Any,
    pressure: Any,
    static_stability: Any = 1,
    *,
    plane: Plane,
) -> Any:
    r"""Return :math:`-\tfrac{R}{\sigma p} (V_x \cdot \nabla T, V_y \cdot \nabla T)`."""
    tx, ty = (plane.gradient(temperature, part) for part in ("df/dx", "df/dy"))
    r = constant(GAS_CONSTANT, "J kg-1 K-1", home_of((temperature,)))
    factor = -r / (pressure * static_stability)
    q1, q2 = (
        plane.velocity(u, v, f"du/{d}") * tx + plane.velocity(u, v, f"dv/{d}") * ty
        for d in ("dx", "dy")
    )
    return (factor * q1).to_base_units(), (factor * q2).to_base_units()


@linked
def montgomery_streamfunction(height: Any, temperature: Any) -> Any:
    """Return the Montgomery streamfunction: geopotential plus enthalpy."""
    if isinstance(height, xr.DataArray) and isinstance(temperature, xr.DataArray):
        return operators.montgomery_streamfunction(height, temperature, units="kJ/kg")
    home = home_of((height, temperature))
    z, t = quantity(height, home), converted(quantity(temperature, home), "K")
    g = constant(GRAVITY, "m s-2", home)
    cp = constant(HEAT_CAPACITY, "J kg-1 K-1", home)
    return converted(g * z + cp * t, "kJ kg-1")


@linked
def static_stability(pressure: Any, temperature: Any, vertical_dim: int = 0) -> Any:
    r"""Return :math:`\sigma = -\tfrac{R T}{p} \partial_p \ln \theta`."""
    like = temperature if isinstance(temperature, xr.DataArray) else None
    if like is not None:
        roles = grid_on(like).roles
        levels = [
            i
            for i, dim in enumerate(map(str, like.dims))
            if roles.get(dim) == "vertical"
        ]
        vertical_dim = levels[0] if len(levels) == 1 else vertical_dim
        if isinstance(pressure, xr.DataArray):
            new = [dim for dim in like.dims if dim not in pressure.dims]
            pressure = pressure.expand_dims(new).transpose(*like.dims)
    home = home_of((pressure, temperature))
    p, t = quantity(pressure, home), converted(quantity(temperature, home), "K")
    hpa = converted(p, "hPa").magnitude
    log_theta = np.log(t.magnitude * (1000.0 / hpa) ** KAPPA)
    r = constant(GAS_CONSTANT, "J kg-1 K-1", home)
    sigma = -r * t / p * difference(log_theta, vertical_dim, x=p)
    return relabelled(sigma, like, "static_stability")


def _geostrophic(height: Any, plane: Plane) -> tuple[Any, Any]:
    f = _coriolis(plane)
    g = constant(GRAVITY, "m s-2", home_of((f,)))
    slopes = (plane.gradient(height, part) for part in ("df/dx", "df/dy"))
    if height.check("[length]"):
        slopes = (g * slope for slope in slopes)
    x, y = slopes
    return converted(-y / f, "m s-1"), converted(x / f, "m s-1")


def _coriolis(plane: Plane) -> Any:
    if plane.latitude is None:
        raise GridError(
            explain(
                "The rotation of the Earth depends on the latitude, which is not given",
                expected="latitude=, or a DataArray that has one",
                hint="latitude=units.Quantity(45.0, 'degrees')",
            )
        )
    return coriolis_parameter(plane.latitude)
