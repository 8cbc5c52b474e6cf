"""What a wind does to a field: it carries it along, and tightens its gradients."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np
import xarray as xr

from xnabla.errors import UnitsError, XnablaError, explain
from xnabla.grid import Grid
from xnabla.labels import title_of
from xnabla.operators._calculus import Calculus
from xnabla.operators._choices import WindChoices, spelled_out
from xnabla.operators._inputs import ANY, ANY_AMOUNT, SPEED, TEMPERATURE, Need
from xnabla.operators._work import Lines, Work
from xnabla.units import Unit, parse

_WIND = (("u", "v"),)


@spelled_out
def advection(
    field: xr.DataArray,
    u: xr.DataArray,
    v: xr.DataArray,
    w: xr.DataArray | None = None,
    **choices: Unpack[WindChoices],
) -> xr.DataArray:
    r"""Return the advection of a field: how fast the wind brings other values.

    .. math:: -\mathbf{V} \cdot \nabla f = -(u\, \partial_x f + v\, \partial_y f
              + w\, \partial_z f)

    Parameters
    ----------
    field : DataArray
        What is carried.
    u, v : DataArray
        Wind in a unit of speed, eastward and northward or along the grid.
    w : DataArray, optional
        Motion along the vertical coordinate: Pa/s along pressure, m/s along height
        (upwards, also where the coordinate is a depth).
    **choices

    Returns
    -------
    DataArray
        Unit of the field per second.

    Raises
    ------
    GridError
        If the fields lie on different points, or lack a dimension.
    UnitsError
        If one has no unit, u or v is no speed, or w does not go with the vertical
        coordinate.
    OptionError
        If a choice cannot be.

    References
    ----------
    Holton and Hakim (2013), An Introduction to Dynamic Meteorology, ch. 2.

    Examples
    --------
    >>> x = ("x", [0.0, 100.0, 200.0], {"units": "km"})
    >>> y = ("y", [0.0, 100.0, 200.0], {"units": "km"})
    >>> def plane(values, units):
    ...     return xr.DataArray(np.broadcast_to(values, (3, 3)), dims=("y", "x"),
    ...         coords={"y": y, "x": x}, attrs={"units": units})
    >>> t = plane([280.0, 281.0, 282.0], "K")
    >>> warm = advection(t, plane(-10.0, "m/s"), plane(5.0, "m/s"), units="K/hour")
    >>> print(f"{warm[1, 1].data:.2f}")
    0.36 kelvin / hour
    """
    work, lines = _carried("advection", field, u, v, w, choices)
    natural = work.unit("field") / work.si("s")
    return work.one(_advection, "advection", natural, lines=lines)


def _advection(d: Calculus, f: Any, u: Any, v: Any, *upwards: Any) -> Any:
    df_dx, df_dy = d.slopes(f)
    # the sign goes into the weights of the stencils
    total = u * -df_dx + v * -df_dy
    if upwards:
        w, df_dz = upwards
        total = total - w * df_dz
    return total


@spelled_out
def material_derivative(
    field: xr.DataArray,
    u: xr.DataArray,
    v: xr.DataArray,
    w: xr.DataArray | None = None,
    **choices: Unpack[WindChoices],
) -> xr.DataArray:
    r"""Return the rate of change of a field along the flow.

    .. math:: \frac{Df}{Dt} = \partial_t f + u\, \partial_x f + v\, \partial_y f
              + w\, \partial_z f

    Parameters
    ----------
    field : DataArray
        What is followed, with a time dimension.
    u, v : DataArray
        Wind in a unit of speed, eastward and northward or along the grid.
    w : DataArray, optional
        Motion along the vertical coordinate: Pa/s along pressure, m/s along height.
    **choices

    Returns
    -------
    DataArray
        Unit of the field per second.

    Raises
    ------
    GridError
        If the fields lie on different points, or lack a dimension.
    UnitsError
        If one has no unit, u or v is no speed, or w does not go with the vertical
        coordinate.
    OptionError
        If a choice cannot be.

    References
    ----------
    Holton and Hakim (2013), An Introduction to Dynamic Meteorology, ch. 2.

    Examples
    --------
    A pattern that the wind carries along does not change for those who go with it:

    >>> x = ("x", [0.0, 100.0, 200.0], {"units": "km"})
    >>> y = ("y", [0.0, 100.0, 200.0], {"units": "km"})
    >>> time = ("time", [0.0, 1.0, 2.0], {"units": "hours"})
    >>> def cube(values, units):
    ...     return xr.DataArray(np.broadcast_to(values, (3, 3, 3)),
    ...         dims=("time", "y", "x"), coords={"time": time, "y": y, "x": x},
    ...         attrs={"units": units})
    >>> hours, km = np.arange(3.0)[:, None, None], np.array([0.0, 100.0, 200.0])
    >>> t = cube(280 + 0.01 * (km - 36 * hours), "K")
    >>> change = material_derivative(t, cube(10.0, "m/s"), cube(0.0, "m/s"))
    >>> print(f"{abs(change).max().data:.0e}".replace("e-", "e-"))  # doctest: +SKIP
    0e+00 kelvin / second
    """
    work, lines = _carried(
        "material_derivative", field, u, v, w, choices, roles=("time",)
    )
    lines = [*lines, ("field", work.along("time"))]
    natural = work.unit("field") / work.si("s")
    return work.one(_following, "material_derivative", natural, lines=lines)


def _following(d: Calculus, f: Any, u: Any, v: Any, *others: Any) -> Any:
    *upwards, df_dt = others
    df_dx, df_dy = d.slopes(f)
    total = df_dt + (u * df_dx + v * df_dy)
    if upwards:
        w, df_dz = upwards
        total = total + w * df_dz
    return total


@spelled_out
def moisture_flux_divergence(
    specific_humidity: xr.DataArray,
    u: xr.DataArray,
    v: xr.DataArray,
    **choices: Unpack[WindChoices],
) -> xr.DataArray:
    r"""Return the divergence of the horizontal flux of moisture.

    .. math:: \nabla \cdot (q \mathbf{V}) = \partial_x (q u) + \partial_y (q v)

    Negative where moisture gathers.

    Parameters
    ----------
    specific_humidity : DataArray
        Specific humidity or mixing ratio; in truth any scalar the wind carries, counted
        from its true zero: degC as kelvin.
    u, v : DataArray
        Wind in a unit of speed, eastward and northward or along the grid.
    **choices

    Returns
    -------
    DataArray
        Unit of the humidity per second; on a pole row one value.

    Raises
    ------
    GridError
        If the fields lie on different points, or lack a dimension.
    UnitsError
        If one has no unit, or u or v is no speed.
    OptionError
        If a choice cannot be.

    References
    ----------
    Banacos and Schultz (2005), Wea. Forecasting 20, 351-366.

    Examples
    --------
    >>> x = ("x", [0.0, 100.0, 200.0], {"units": "km"})
    >>> y = ("y", [0.0, 100.0, 200.0], {"units": "km"})
    >>> def plane(values, units):
    ...     return xr.DataArray(np.broadcast_to(values, (3, 3)), dims=("y", "x"),
    ...         coords={"y": y, "x": x}, attrs={"units": units})
    >>> q = plane([10.0, 8.0, 6.0], "g/kg")
    >>> mfd = moisture_flux_divergence(q, plane(10.0, "m/s"), plane(0.0, "m/s"))
    >>> print(f"{mfd[1, 1].data:.4f}")
    -0.0002 gram / kilogram / second
    """
    fields = {"specific_humidity": specific_humidity, "u": u, "v": v}
    needs = {"specific_humidity": ANY_AMOUNT, "u": SPEED, "v": SPEED}
    work = Work.on("moisture_flux_divergence", fields, needs, choices, winds=_WIND)

    def divergence_of_flux(d: Calculus, q: Any, u: Any, v: Any) -> Any:
        dqu_dx, _, _, dqv_dy = d.wind_slopes(q * u, q * v)
        return d.one_at_poles(dqu_dx + dqv_dy)

    natural = work.unit("specific_humidity") / work.si("s")
    return work.one(divergence_of_flux, "moisture_flux_divergence", natural)


@spelled_out
def frontogenesis(
    potential_temperature: xr.DataArray,
    u: xr.DataArray,
    v: xr.DataArray,
    **choices: Unpack[WindChoices],
) -> xr.DataArray:
    r"""Return Petterssen's frontogenesis: how fast the wind tightens a gradient.

    .. math:: F = \frac{D}{Dt} |\nabla\theta| = -\frac{1}{|\nabla\theta|} \left[
              \theta_x^2\, \partial_x u
              + \theta_x \theta_y (\partial_x v + \partial_y u)
              + \theta_y^2\, \partial_y v \right]

    Zero where there is no gradient to tighten.

    Parameters
    ----------
    potential_temperature : DataArray
        Potential temperature, or any temperature.
    u, v : DataArray
        Wind in a unit of speed, eastward and northward or along the grid.
    **choices

    Returns
    -------
    DataArray
        Kelvin per metre and second.

    Raises
    ------
    GridError
        If the fields lie on different points, or lack a dimension.
    UnitsError
        If one has no unit or the wrong dimension.
    OptionError
        If a choice cannot be.

    References
    ----------
    Petterssen (1956), Weather Analysis and Forecasting I, p. 200; Bluestein (1993),
    Synoptic-Dynamic Meteorology in Midlatitudes II, p. 253.

    Examples
    --------
    A wind that blows together along x at 1e-5 per second, across 1 K per 100 km:

    >>> x = ("x", [0.0, 100.0, 200.0], {"units": "km"})
    >>> y = ("y", [0.0, 100.0, 200.0], {"units": "km"})
    >>> def plane(values, units):
    ...     return xr.DataArray(np.broadcast_to(values, (3, 3)), dims=("y", "x"),
    ...         coords={"y": y, "x": x}, attrs={"units": units})
    >>> theta = plane([290.0, 291.0, 292.0], "K")
    >>> u, v = plane([1.0, 0.0, -1.0], "m/s"), plane(0.0, "m/s")
    >>> print(f"{frontogenesis(theta, u, v)[1, 1].data:.1e}")
    1.0e-10 kelvin / meter / second
    """
    fields = {"potential_temperature": potential_temperature, "u": u, "v": v}
    needs = {"potential_temperature": TEMPERATURE, "u": SPEED, "v": SPEED}
    work = Work.on("frontogenesis", fields, needs, choices, winds=_WIND)

    def tightened(d: Calculus, theta: Any, u: Any, v: Any) -> Any:
        th_x, th_y = d.slopes(theta)
        du_dx, du_dy, dv_dx, dv_dy = d.wind_slopes(u, v)
        length = np.hypot(th_x, th_y)
        along_x = th_x * -du_dx + th_y * -(dv_dx + du_dy)
        change = th_x * along_x + th_y * (th_y * -dv_dy)
        # where there is no gradient 0/0 is no front, but a NaN stays one
        return change / np.where(length == 0.0, 1.0, length)

    return work.one(tightened, "frontogenesis", work.si("K m-1 s-1"))


def _carried(
    operator: str,
    field: Any,
    u: Any,
    v: Any,
    w: Any,
    choices: Any,
    *,
    roles: tuple[str, ...] = (),
) -> tuple[Work, Lines]:
    """Return the work, and the derivative along the vertical in the sense of w."""
    fields = {"field": field, "u": u, "v": v, "w": w}
    needs = {"field": ANY, "u": SPEED, "v": SPEED}
    if w is None:
        return Work.on(operator, fields, needs, choices, winds=_WIND, roles=roles), ()
    roles = (*roles, "vertical")
    needs["w"] = Need()
    work = Work.on(operator, fields, needs, choices, winds=_WIND, roles=roles)
    along = work.along("vertical", _sense(work.grid, w, work.ready["w"].unit))
    return work, [("field", along)]


def _sense(grid: Grid, w: xr.DataArray, unit: Unit) -> float:
    """Return what the derivative along the vertical is multiplied with for w.

    The factor between the units, and -1 where w is upwards and the coordinate a depth.
    """
    axis = grid.axis("vertical")
    along = parse(axis.unit, of=f"coordinate {axis.coordinate!r}")
    try:
        from xnabla.units import conversion_factor

        factor = conversion_factor(unit, along / parse("s"), of=title_of(w))
    except XnablaError:
        raise UnitsError(
            explain(
                f"{title_of(w)} is no motion along {axis.coordinate!r}",
                expected=f"a unit like '{along / parse('s')}'",
                got=f"'{unit}'",
                hint="vertical velocity in Pa/s along pressure, in m/s along height",
            )
        ) from None
    is_length = along.dimensionality == parse("m").dimensionality
    is_down = axis.positive == "down" or "depth" in axis.coordinate.lower()
    return -factor if is_length and is_down else factor
