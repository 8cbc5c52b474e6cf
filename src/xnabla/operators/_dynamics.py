"""Potential vorticity and the Q-vector: the three-dimensional state in one field."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np
import xarray as xr

from xnabla.errors import FieldError, GridError, OptionError, explain
from xnabla.labels import title_of
from xnabla.operators._calculus import Calculus
from xnabla.operators._choices import (
    WindChoices,
    WindTensorChoices,
    spelled_out,
)
from xnabla.operators._constants import DRY_AIR_GAS_CONSTANT, GRAVITY_M_S2
from xnabla.operators._inputs import SPEED, TEMPERATURE, Need
from xnabla.operators._parts import Parts
from xnabla.operators._plan import Plan
from xnabla.operators._pressure import pressure_around, pressure_of_levels
from xnabla.operators._together import dim_of_role
from xnabla.operators._work import Work, coriolis_of

_WIND = (("u", "v"),)


@spelled_out
def potential_vorticity(
    field: xr.DataArray,
    u: xr.DataArray,
    v: xr.DataArray,
    pressure: xr.DataArray | None = None,
    **choices: Unpack[WindChoices],
) -> xr.DataArray:
    r"""Return Ertel's potential vorticity, or that of a layer of some depth.

    .. math:: P = -g \left[ (\partial_x v - \partial_y u + f)\, \partial_p \theta
              - \partial_p v\, \partial_x \theta + \partial_p u\, \partial_y \theta
              \right]

    with horizontal derivatives along the levels, whatever they are: the sum is the
    same on levels of pressure, height, or a model. For a depth h of fluid

    .. math:: P = (\partial_x v - \partial_y u + f) / h.

    Parameters
    ----------
    field : DataArray
        Potential temperature, with a vertical dimension; or the depth of a layer (a
        length).
    u, v : DataArray
        Wind in a unit of speed, eastward and northward or along the grid.
    pressure : DataArray, optional
        Pressure at every point, where the levels are none of pressure.
    **choices

    Returns
    -------
    DataArray
        K m2 kg-1 s-1, or per metre and second. ``units="uK m2 kg-1 s-1"`` has the
        numbers of the potential vorticity unit, PVU.

    Raises
    ------
    GridError
        If the fields lie on different points, lack a dimension, or nothing tells the
        pressure.
    UnitsError
        If one has no unit or the wrong dimension.
    FieldError
        If the field says it is a temperature that is not potential.
    OptionError
        If a choice cannot be.

    References
    ----------
    Hoskins, McIntyre and Robertson (1985), Q. J. R. Meteorol. Soc. 111, 877-946;
    Holton and Hakim (2013), An Introduction to Dynamic Meteorology, ch. 4.

    Examples
    --------
    At rest at 45° N, 5 K per 100 hPa:

    >>> axes = {"plev": ("plev", [600.0, 500.0, 400.0], {"units": "hPa"}),
    ...     "lat": ("lat", [44.0, 45.0, 46.0], {"units": "degrees_north"}),
    ...     "lon": ("lon", [0.0, 1.0, 2.0], {"units": "degrees_east"})}
    >>> def field(levels, units):
    ...     values = np.multiply.outer(levels, np.ones((3, 3)))
    ...     return xr.DataArray(values, dims=tuple(axes), coords=axes,
    ...         attrs={"units": units})
    >>> theta = field([310.0, 315.0, 320.0], "K")
    >>> calm = field([0.0, 0.0, 0.0], "m/s")
    >>> print(f"{potential_vorticity(theta, calm, calm)[1, 1, 1].data.magnitude:.3e}")
    5.057e-07
    """
    fields = {"field": field, "u": u, "v": v, "pressure": pressure}
    needs = {
        "field": Need(("K", "m")),
        "u": SPEED,
        "v": SPEED,
        "pressure": Need(("Pa",)),
    }
    if str(getattr(field, "attrs", {}).get("standard_name", "")) == "air_temperature":
        raise FieldError(
            explain(
                "Potential vorticity is made of potential temperature, not of "
                f"temperature: {title_of(field)} is air_temperature",
                expected="air_potential_temperature",
                hint="theta = t * (1000 / p) ** 0.2857, with p in hPa",
            )
        )
    if pressure is None and _is_length(field):
        work = Work.on("potential_vorticity", fields, needs, choices, winds=_WIND)
        return _barotropic(work)
    roles = ("vertical",)
    work = Work.on(
        "potential_vorticity", fields, needs, choices, winds=_WIND, roles=roles
    )
    natural = work.si("K m2 kg-1 s-1")
    if pressure is None:
        along = _along_pressure(work)
        lines = [(name, along) for name in work.ready]
        return work.one(_ertel, "potential_vorticity", natural, lines=lines)
    lines = [(name, work.along_index("vertical")) for name in work.ready]
    return work.one(_ertel_by_field, "potential_vorticity", natural, lines=lines)


@spelled_out
def q_vector(
    u: xr.DataArray,
    v: xr.DataArray,
    temperature: xr.DataArray,
    pressure: Any = None,
    static_stability: Any = 1.0,
    **choices: Unpack[WindTensorChoices],
) -> Parts[xr.DataArray]:
    r"""Return the Q-vector of a (geostrophic) wind and a temperature.

    .. math:: Q_x = -\frac{R}{\sigma p} (\partial_x u\, \partial_x T
              + \partial_x v\, \partial_y T), \qquad
              Q_y = -\frac{R}{\sigma p} (\partial_y u\, \partial_x T
              + \partial_y v\, \partial_y T)

    Air rises where it converges.

    Parameters
    ----------
    u, v : DataArray
        Wind, usually the geostrophic one, in a unit of speed.
    temperature : DataArray
        Temperature at a level of pressure.
    pressure : str or quantity, optional
        That pressure, ``"700 hPa"``; by default the vertical coordinate of the wind.
    static_stability : float or quantity, optional
        :math:`\sigma`; 1 without a unit by default, which leaves it out.
    **choices

    Returns
    -------
    Parts of DataArray
        ``qx``, ``qy`` in m2 kg-1 s-1, or over the unit of the static stability.

    Raises
    ------
    GridError
        If the fields lie on different points, lack a dimension, or nothing tells the
        pressure.
    UnitsError
        If one has no unit or the wrong dimension.
    OptionError
        If the pressure is none, or a choice cannot be.

    References
    ----------
    Hoskins, Draghici and Davies (1978), Q. J. R. Meteorol. Soc. 104, 31-38;
    Bluestein (1992), Synoptic-Dynamic Meteorology in Midlatitudes I, eq. 5.7.55.

    Examples
    --------
    >>> x = ("x", [0.0, 100.0, 200.0], {"units": "km"})
    >>> y = ("y", [0.0, 100.0, 200.0], {"units": "km"})
    >>> def plane(values, units):
    ...     return xr.DataArray(np.broadcast_to(values, (3, 3)), dims=("y", "x"),
    ...         coords={"y": y, "x": x}, attrs={"units": units})
    >>> u, v = plane([0.0, 1.0, 2.0], "m/s"), plane(0.0, "m/s")
    >>> t = plane([280.0, 281.0, 282.0], "K")
    >>> qx, qy = q_vector(u, v, t, pressure="700 hPa")
    >>> print(f"{qx[1, 1].data.magnitude:.3e}")
    -4.101e-13
    """
    fields = {"u": u, "v": v, "temperature": temperature}
    needs = {"u": SPEED, "v": SPEED, "temperature": TEMPERATURE}
    work = Work.on("q_vector", fields, needs, choices, winds=_WIND)
    p = np.asarray(pressure_around(work.like, work.grid, pressure))
    dims = (dim_of_role(work.grid, "vertical"),) if p.ndim else ()
    sigma, unit = _stability(work, static_stability)
    scale = xr.Variable(dims, -DRY_AIR_GAS_CONSTANT / (sigma * p))
    formula = _q_vector if work.setting.frame == "earth" else _q_vector_along_grid
    return work.several(formula, ("qx", "qy"), unit, "Q-vector", scale=scale)


def _q_vector(d: Calculus, u: Any, v: Any, t: Any) -> tuple[Any, Any]:
    du_dx, du_dy, dv_dx, dv_dy = d.wind_slopes(u, v)
    dt_dx, dt_dy = d.slopes(t)
    qx = du_dx * dt_dx + dv_dx * dt_dy
    qy = du_dy * dt_dx + dv_dy * dt_dy
    return qx, qy


def _q_vector_along_grid(d: Calculus, u: Any, v: Any, t: Any) -> tuple[Any, Any]:
    return d.to_grid(*_q_vector(d, u, v, t))


def _ertel(
    d: Calculus,
    theta: Any,
    u: Any,
    v: Any,
    dtheta_dp: Any,
    du_dp: Any,
    dv_dp: Any,
) -> Any:
    dtheta_dx, dtheta_dy = d.slopes(theta)
    _, du_dy, dv_dx, _ = d.wind_slopes(u, v)
    eta = dv_dx - du_dy + coriolis_of(d)
    tilted = du_dp * dtheta_dy - dv_dp * dtheta_dx
    return d.one_at_poles(-GRAVITY_M_S2 * (eta * dtheta_dp + tilted))


def _ertel_by_field(
    d: Calculus,
    theta: Any,
    u: Any,
    v: Any,
    p: Any,
    dtheta: Any,
    du: Any,
    dv: Any,
    dp: Any,
) -> Any:
    """Make it where the pressure of a level varies: from differences of levels."""
    del p
    return _ertel(d, theta, u, v, dtheta / dp, du / dp, dv / dp)


def _is_length(field: Any) -> bool:
    from xnabla.labels import check_field, split
    from xnabla.units import parse

    unit = split(check_field(field, "potential_vorticity")).unit
    return unit.dimensionality == parse("m").dimensionality


def _barotropic(work: Work) -> xr.DataArray:
    natural = work.si("m-1 s-1")
    return work.one(_of_layer, "potential_vorticity_barotropic", natural)


def _of_layer(d: Calculus, h: Any, u: Any, v: Any) -> Any:
    _, du_dy, dv_dx, _ = d.wind_slopes(u, v)
    return d.one_at_poles((dv_dx - du_dy + coriolis_of(d)) / h)


def _along_pressure(work: Work) -> Plan:
    """Return what differentiates along pressure, per pascal."""
    factor = pressure_of_levels(work.grid)
    if factor is None:
        raise GridError(
            explain(
                "The levels of the field are none of pressure, which potential "
                "vorticity needs",
                expected="a vertical coordinate in a unit of pressure, or pressure=",
                hint="xn.potential_vorticity(theta, u, v, pressure)",
            )
        )
    return work.along("vertical", 1.0 / factor)


def _stability(work: Work, given: Any) -> tuple[float, Any]:
    """Return the static stability as a number, and the unit of the Q-vector."""
    from xnabla.units import conversion_factor, is_quantity, split_quantity

    natural = work.si("m2 kg-1 s-1")
    if not is_quantity(given):
        if not isinstance(given, int | float | np.number) or given == 0:
            raise OptionError(
                explain(
                    f"static_stability={given!r} cannot be",
                    expected="a number or a quantity",
                    hint="static_stability=2e-6 * units('m**4 s**2 kg**-2')",
                )
            )
        return float(given), natural
    value, unit = split_quantity(given)
    proper = work.si("J Pa-2 kg-1")
    if unit.dimensionality == proper.dimensionality:
        number = value * conversion_factor(unit, proper, of="static_stability")
        return float(number), work.si("kg m-2 s-3")
    return float(value), natural / unit
