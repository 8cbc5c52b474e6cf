"""What the derivatives of a wind tell of its motion: divergence, vorticity and kin."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np
import xarray as xr

from xnabla.operators._calculus import Calculus
from xnabla.operators._choices import (
    WindChoices,
    WindTensorChoices,
    spelled_out,
)
from xnabla.operators._inputs import SPEED
from xnabla.operators._parts import Parts
from xnabla.operators._work import Work, coriolis_of


@spelled_out
def velocity_gradient(
    u: xr.DataArray, v: xr.DataArray, **choices: Unpack[WindTensorChoices]
) -> Parts[xr.DataArray]:
    r"""Return the four derivatives of a wind, as they are on the globe.

    .. math:: \partial_a V_b = b \cdot \partial_a (u\,e + v\,n)

    The wind is differentiated as a vector in space, so that uniform motion over the
    curved Earth has the derivatives it should: nothing is left out, and nothing blows
    up towards a pole.

    Parameters
    ----------
    u, v : DataArray
        Wind, eastward and northward or along the grid; any unit.
    **choices

    Returns
    -------
    Parts of DataArray
        ``du_dx``, ``du_dy``, ``dv_dx``, ``dv_dy``: x is east and y is north, on any
        grid; on a pole row they are those of the meridian. Unit of u per metre.

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
    >>> u, v = solid_rotation()
    >>> slopes = velocity_gradient(u, v)
    >>> slopes.names
    ('du_dx', 'du_dy', 'dv_dx', 'dv_dy')
    >>> print(f"{slopes.du_dy.sel(latitude=30, longitude=0).data:.2e}")
    -3.14e-06 / second
    """
    work = vector_work("velocity_gradient", u, v, choices)
    frame = work.setting.frame

    def tensor(d: Calculus, u: Any, v: Any) -> tuple[Any, ...]:
        return tensor_in_frame(d, frame, *d.wind_slopes(u, v))

    return work.several(
        tensor,
        ("du_dx", "du_dy", "dv_dx", "dv_dy"),
        work.unit("u") / work.si("m"),
        "derivatives of the wind",
    )


@spelled_out
def divergence(
    u: xr.DataArray, v: xr.DataArray, **choices: Unpack[WindChoices]
) -> xr.DataArray:
    r"""Return the horizontal divergence of a wind, or of any flux.

    .. math:: \delta = \partial_x u + \partial_y v

    Parameters
    ----------
    u, v : DataArray
        Wind, eastward and northward or along the grid; any unit.
    **choices

    Returns
    -------
    DataArray
        Unit of u per metre; on a pole row one value.

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
    Holton and Hakim (2013), An Introduction to Dynamic Meteorology, ch. 4.

    Examples
    --------
    >>> u, v = solid_rotation()
    >>> bool(abs(divergence(u, v)).max().data.magnitude < 1e-15)
    True
    """
    work = vector_work("divergence", u, v, choices)

    def delta(d: Calculus, u: Any, v: Any) -> Any:
        du_dx, _, _, dv_dy = d.wind_slopes(u, v)
        return d.one_at_poles(du_dx + dv_dy)

    return work.one(delta, "divergence", work.unit("u") / work.si("m"))


@spelled_out
def vorticity(
    u: xr.DataArray, v: xr.DataArray, **choices: Unpack[WindChoices]
) -> xr.DataArray:
    r"""Return the relative vorticity of a wind.

    .. math:: \zeta = \partial_x v - \partial_y u

    Parameters
    ----------
    u, v : DataArray
        Wind, eastward and northward or along the grid; any unit.
    **choices

    Returns
    -------
    DataArray
        Unit of u per metre; on a pole row one value.

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
    Holton and Hakim (2013), An Introduction to Dynamic Meteorology, ch. 4.

    Examples
    --------
    Solid-body rotation by 40 m/s at the equator has :math:`2 U \sin\varphi / a`:

    >>> u, v = solid_rotation()
    >>> zeta = vorticity(u, v)
    >>> print(f"{zeta.sel(latitude=90, longitude=0).data:.4e}")
    1.2552e-05 / second
    >>> zeta.attrs["standard_name"]
    'atmosphere_upward_relative_vorticity'
    """
    work = vector_work("vorticity", u, v, choices)
    return work.one(_zeta, "vorticity", work.unit("u") / work.si("m"))


@spelled_out
def absolute_vorticity(
    u: xr.DataArray, v: xr.DataArray, **choices: Unpack[WindChoices]
) -> xr.DataArray:
    r"""Return the absolute vorticity of a wind.

    .. math:: \eta = \partial_x v - \partial_y u + f, \qquad f = 2 \Omega \sin\varphi

    Parameters
    ----------
    u, v : DataArray
        Wind in a unit of speed, eastward and northward or along the grid.
    **choices

    Returns
    -------
    DataArray
        Per second; on a pole row one value.

    Raises
    ------
    GridError
        If u and v lie on different points, have no two horizontal dimensions, or no
        latitude.
    UnitsError
        If one has no unit or is no speed.
    OptionError
        If a choice cannot be.

    References
    ----------
    Holton and Hakim (2013), An Introduction to Dynamic Meteorology, ch. 4.

    Examples
    --------
    >>> u, v = solid_rotation()
    >>> eta = absolute_vorticity(u, v).sel(latitude=90, longitude=0)
    >>> print(f"{eta.data:.4e}")
    1.5839e-04 / second
    """
    needs = {"u": SPEED, "v": SPEED}
    work = Work.on(
        "absolute_vorticity", {"u": u, "v": v}, needs, choices, winds=(("u", "v"),)
    )
    return work.one(_eta, "absolute_vorticity", work.si("s-1"))


def _eta(d: Calculus, u: Any, v: Any) -> Any:
    return _zeta(d, u, v) + coriolis_of(d)


def _zeta(d: Calculus, u: Any, v: Any) -> Any:
    _, du_dy, dv_dx, _ = d.wind_slopes(u, v)
    return d.one_at_poles(dv_dx - du_dy)


def vector_work(operator: str, u: Any, v: Any, choices: Any) -> Work:
    """Return the work of an operator on any vector field."""
    work = Work.on(operator, {"u": u, "v": v}, {}, choices, winds=(("u", "v"),))
    return work.with_unit_of("v", "u")


def tensor_in_frame(d: Calculus, frame: str, *tensor: Any) -> tuple[Any, ...]:
    """Return a tensor in the frame the call asks for."""
    return tensor if frame == "earth" else d.turn_tensor(*tensor)


def solid_rotation() -> tuple[xr.DataArray, xr.DataArray]:
    """Return a wind that turns like a solid body, 40 m/s at the equator, to try out."""
    lat, lon = np.linspace(-90.0, 90.0, 73), np.arange(144) * 2.5
    coordinates = {
        "latitude": ("latitude", lat, {"units": "degrees_north"}),
        "longitude": ("longitude", lon, {"units": "degrees_east"}),
    }
    u = 40.0 * np.cos(np.deg2rad(lat))[:, np.newaxis] * np.ones(144)

    def labelled(values: Any, name: str, part: str) -> xr.DataArray:
        return xr.DataArray(
            values,
            dims=("latitude", "longitude"),
            coords=coordinates,
            name=name,
            attrs={"units": "m s-1", "standard_name": f"{part}_wind"},
        )

    return labelled(u, "u", "eastward"), labelled(0.0 * u, "v", "northward")
