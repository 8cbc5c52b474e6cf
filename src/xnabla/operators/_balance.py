"""Winds in balance with the Coriolis force, and what real winds have beyond it."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np
import xarray as xr

from xnabla.errors import GridError, explain
from xnabla.operators._calculus import Calculus
from xnabla.operators._choices import (
    BalanceChoices,
    WindBalanceChoices,
    spelled_out,
)
from xnabla.operators._constants import GRAVITY_M_S2
from xnabla.operators._inputs import LENGTH_OR_GEOPOTENTIAL, SPEED
from xnabla.operators._parts import Parts
from xnabla.operators._work import Work, coriolis_of

_WIND = (("u", "v"),)


@spelled_out
def geostrophic_wind(
    height: xr.DataArray, **choices: Unpack[BalanceChoices]
) -> Parts[xr.DataArray]:
    r"""Return the wind in balance with the gradient of geopotential height.

    .. math:: u_g = -\frac{g}{f} \partial_y z, \qquad
              v_g = \frac{g}{f} \partial_x z

    Parameters
    ----------
    height : DataArray
        Geopotential height (a length), or geopotential (m2 s-2, then without g).
    **choices

    Returns
    -------
    Parts of DataArray
        ``ug``, ``vg`` in metres per second.

    Raises
    ------
    GridError
        If the field has no two horizontal dimensions, or no latitude; or if points
        lie too near the equator and ``equator="refuse"``.
    UnitsError
        If the height has no unit or the wrong dimension.
    OptionError
        If a choice cannot be.

    References
    ----------
    Holton and Hakim (2013), An Introduction to Dynamic Meteorology, ch. 3.

    Examples
    --------
    60 m over 555 km at 45° N, one degree of latitude being 111.2 km:

    >>> lat = ("lat", [40.0, 45.0, 50.0], {"units": "degrees_north"})
    >>> lon = ("lon", [0.0, 5.0, 10.0], {"units": "degrees_east"})
    >>> z = xr.DataArray(np.outer([5560.0, 5500.0, 5440.0], np.ones(3)),
    ...     dims=("lat", "lon"), coords={"lat": lat, "lon": lon}, attrs={"units": "m"})
    >>> ug, vg = geostrophic_wind(z)
    >>> print(f"{ug[1, 1].data:.3f}")
    10.262 meter / second
    """
    needs = {"height": LENGTH_OR_GEOPOTENTIAL}
    work = Work.on("geostrophic_wind", {"height": height}, needs, choices)
    g = gravity(work, "height")
    nearest, frame = nearest_balance(work), work.setting.frame

    def wind(d: Calculus, z: Any) -> tuple[Any, Any]:
        return in_frame(d, frame, *balanced(d, z, g, nearest))

    return work.several(
        wind, ("ug", "vg"), work.si("m s-1"), "geostrophic wind", note=note_of(work)
    )


@spelled_out
def ageostrophic_wind(
    height: xr.DataArray,
    u: xr.DataArray,
    v: xr.DataArray,
    **choices: Unpack[WindBalanceChoices],
) -> Parts[xr.DataArray]:
    r"""Return what a wind has beyond its geostrophic part.

    .. math:: u_a = u - u_g, \qquad v_a = v - v_g

    Parameters
    ----------
    height : DataArray
        Geopotential height (a length), or geopotential (m2 s-2).
    u, v : DataArray
        Wind in a unit of speed, eastward and northward or along the grid.
    **choices

    Returns
    -------
    Parts of DataArray
        ``ua``, ``va`` in metres per second.

    Raises
    ------
    GridError
        If the fields lie on different points, or have no latitude; or if points lie
        too near the equator and ``equator="refuse"``.
    UnitsError
        If one has no unit or the wrong dimension.
    OptionError
        If a choice cannot be.

    References
    ----------
    Holton and Hakim (2013), An Introduction to Dynamic Meteorology, ch. 3.

    Examples
    --------
    >>> lat = ("lat", [40.0, 45.0, 50.0], {"units": "degrees_north"})
    >>> lon = ("lon", [0.0, 5.0, 10.0], {"units": "degrees_east"})
    >>> def field(rows, units):
    ...     return xr.DataArray(np.outer(rows, np.ones(3)), dims=("lat", "lon"),
    ...         coords={"lat": lat, "lon": lon}, attrs={"units": units})
    >>> z = field([5560.0, 5500.0, 5440.0], "m")
    >>> u, v = field([12.0, 12.0, 12.0], "m/s"), field([0.0, 0.0, 0.0], "m/s")
    >>> print(f"{ageostrophic_wind(z, u, v).ua[1, 1].data:.3f}")
    1.738 meter / second
    """
    fields = {"height": height, "u": u, "v": v}
    needs = {"height": LENGTH_OR_GEOPOTENTIAL, "u": SPEED, "v": SPEED}
    work = Work.on("ageostrophic_wind", fields, needs, choices, winds=_WIND)
    g = gravity(work, "height")
    nearest, frame = nearest_balance(work), work.setting.frame

    def wind(d: Calculus, z: Any, u: Any, v: Any) -> tuple[Any, Any]:
        ug, vg = balanced(d, z, g, nearest)
        return in_frame(d, frame, u - ug, v - vg)

    return work.several(
        wind, ("ua", "va"), work.si("m s-1"), "ageostrophic wind", note=note_of(work)
    )


@spelled_out
def inertial_advective_wind(
    u: xr.DataArray,
    v: xr.DataArray,
    ug: xr.DataArray,
    vg: xr.DataArray,
    **choices: Unpack[WindBalanceChoices],
) -> Parts[xr.DataArray]:
    r"""Return the ageostrophic wind that the advection of the geostrophic wind makes.

    .. math:: u_i = -\frac{1}{f} (u\, \partial_x v_g + v\, \partial_y v_g), \qquad
              v_i = \frac{1}{f} (u\, \partial_x u_g + v\, \partial_y u_g)

    Parameters
    ----------
    u, v : DataArray
        The wind that carries, in a unit of speed.
    ug, vg : DataArray
        The geostrophic wind that is carried.
    **choices

    Returns
    -------
    Parts of DataArray
        ``ui``, ``vi`` in metres per second.

    Raises
    ------
    GridError
        If the fields lie on different points, or have no latitude; or if points lie
        too near the equator and ``equator="refuse"``.
    UnitsError
        If one has no unit or is no speed.
    OptionError
        If a choice cannot be.

    References
    ----------
    Hoskins (1975), J. Atmos. Sci. 32, 233-242; Bluestein (1993), Synoptic-Dynamic
    Meteorology in Midlatitudes II.

    Examples
    --------
    >>> y = ("y", [0.0, 500.0, 1000.0], {"units": "km"})
    >>> x = ("x", [0.0, 500.0, 1000.0], {"units": "km"})
    >>> def field(columns):
    ...     return xr.DataArray(np.broadcast_to(columns, (3, 3)), dims=("y", "x"),
    ...         coords={"y": y, "x": x, "latitude": 45.0}, attrs={"units": "m/s"})
    >>> u, v = field([20.0, 30.0, 40.0]), field(0.0)
    >>> print(f"{inertial_advective_wind(u, v, u, v).vi[1, 1].data:.3f}")
    5.818 meter / second
    """
    fields = {"u": u, "v": v, "ug": ug, "vg": vg}
    needs = dict.fromkeys(fields, SPEED)
    pairs = (("u", "v"), ("ug", "vg"))
    work = Work.on("inertial_advective_wind", fields, needs, choices, winds=pairs)
    nearest, frame = nearest_balance(work), work.setting.frame

    def wind(d: Calculus, u: Any, v: Any, ug: Any, vg: Any) -> tuple[Any, Any]:
        dug_dx, dug_dy, dvg_dx, dvg_dy = d.wind_slopes(ug, vg)
        f = _balanced_coriolis(d, nearest)
        ui = -(u * dvg_dx + v * dvg_dy) / f
        vi = (u * dug_dx + v * dug_dy) / f
        return in_frame(d, frame, ui, vi)

    return work.several(
        wind,
        ("ui", "vi"),
        work.si("m s-1"),
        "inertial-advective wind",
        note=note_of(work),
    )


def nearest_balance(work: Work) -> float:
    """Return the degrees from the equator within which nothing is in balance.

    Raises
    ------
    GridError
        If there are such points and the call refuses them.
    """
    nearest: float = work.setting.min_latitude
    d = work.calculus
    if work.setting.equator == "refuse" and _has_no_balance(d, nearest).any():
        phi = np.abs(np.rad2deg(d.latitude_rad))
        raise GridError(
            explain(
                f"Some points lie within {nearest:g} degrees of the equator, where no "
                "wind is in geostrophic balance",
                expected=f"latitudes poleward of {nearest:g} degrees",
                got=f"down to {np.nanmin(phi):.4g} degrees",
                hint="equator='missing', or a smaller min_latitude=",
            )
        )
    return nearest


def balanced(d: Calculus, z: Any, g: float, nearest: float) -> tuple[Any, Any]:
    """Return the wind along the contours of z."""
    dz_dx, dz_dy = d.slopes(z)
    f = _balanced_coriolis(d, nearest)
    return -g / f * dz_dy, g / f * dz_dx


def _balanced_coriolis(d: Calculus, nearest: float) -> Any:
    """Return the Coriolis parameter, NaN where it is too small to balance anything."""
    return np.where(_has_no_balance(d, nearest), np.nan, coriolis_of(d))


def _has_no_balance(d: Calculus, nearest: float) -> Any:
    with np.errstate(invalid="ignore"):
        phi = np.abs(np.rad2deg(d.latitude_rad))
        return (phi < nearest) | (coriolis_of(d) == 0.0)


def gravity(work: Work, name: str) -> float:
    """Return what turns a height into a geopotential: 1 if it is one already."""
    is_height = work.ready[name].unit.dimensionality == work.si("m").dimensionality
    return GRAVITY_M_S2 if is_height else 1.0


def in_frame(d: Calculus, frame: str, east: Any, north: Any) -> tuple[Any, Any]:
    """Return a vector in the frame the call asks for."""
    return (east, north) if frame == "earth" else d.to_grid(east, north)


def note_of(work: Work) -> str:
    return f"missing within {work.setting.min_latitude:g} degrees of the equator"
