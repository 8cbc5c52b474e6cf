"""What temperature makes of height: the thermal wind, the Montgomery streamfunction."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np
import xarray as xr

from xnabla.errors import OptionError, explain
from xnabla.operators._balance import (
    balanced,
    gravity,
    in_frame,
    nearest_balance,
    note_of,
)
from xnabla.operators._calculus import Calculus
from xnabla.operators._choices import BalanceChoices, spelled_out
from xnabla.operators._constants import DRY_AIR_GAS_CONSTANT, DRY_AIR_HEAT_CAPACITY
from xnabla.operators._inputs import LENGTH_OR_GEOPOTENTIAL, Need
from xnabla.operators._parts import Parts
from xnabla.operators._pressure import pressure_pa
from xnabla.operators._work import Work


@spelled_out
def thermal_wind(
    field: xr.DataArray,
    bottom: Any = None,
    top: Any = None,
    **choices: Unpack[BalanceChoices],
) -> Parts[xr.DataArray]:
    r"""Return how the geostrophic wind changes from the bottom of a layer to its top.

    .. math:: u_T = -\frac{g}{f} \partial_y h, \qquad
              v_T = \frac{g}{f} \partial_x h, \qquad
              g h = R\, T \ln \frac{p_\mathrm{bottom}}{p_\mathrm{top}}

    Parameters
    ----------
    field : DataArray
        Thickness h of the layer (a length, or m2 s-2); or its mean (virtual)
        temperature T, with the two pressures.
    bottom, top : str or quantity, optional
        Pressure below and above the layer, for a temperature: ``"850 hPa"``.
    **choices

    Returns
    -------
    Parts of DataArray
        ``ut``, ``vt`` in metres per second: wind above less wind below.

    Raises
    ------
    GridError
        If the field has no two horizontal dimensions, or no latitude; or if points
        lie too near the equator and ``equator="refuse"``.
    UnitsError
        If the field has no unit or the wrong dimension.
    OptionError
        If the pressures are missing, not wanted, or upside down; or a choice cannot be.

    References
    ----------
    Holton and Hakim (2013), An Introduction to Dynamic Meteorology, ch. 3.

    Examples
    --------
    1 K per degree of latitude, 1000 to 500 hPa, at 45° N:

    >>> lat = ("lat", [40.0, 45.0, 50.0], {"units": "degrees_north"})
    >>> lon = ("lon", [0.0, 5.0, 10.0], {"units": "degrees_east"})
    >>> t = xr.DataArray(np.outer([285.0, 280.0, 275.0], np.ones(3)),
    ...     dims=("lat", "lon"), coords={"lat": lat, "lon": lon}, attrs={"units": "K"})
    >>> ut, vt = thermal_wind(t, "1000 hPa", "500 hPa")
    >>> print(f"{ut[1, 1].data:.2f}")
    17.35 meter / second
    """
    needs = {"field": Need(("m", "m2 s-2", "K"))}
    work = Work.on("thermal_wind", {"field": field}, needs, choices)
    factor = _layer_factor(work, bottom, top)
    nearest, frame = nearest_balance(work), work.setting.frame

    def wind(d: Calculus, h: Any) -> tuple[Any, Any]:
        return in_frame(d, frame, *balanced(d, h, factor, nearest))

    return work.several(
        wind, ("ut", "vt"), work.si("m s-1"), "thermal wind", note=note_of(work)
    )


def montgomery_streamfunction(
    height: xr.DataArray, temperature: xr.DataArray, *, units: Any = None
) -> xr.DataArray:
    r"""Return the Montgomery streamfunction, geopotential plus enthalpy.

    .. math:: \Psi = g z + c_p T

    Parameters
    ----------
    height : DataArray
        Geopotential height (a length), or geopotential (m2 s-2).
    temperature : DataArray
        Temperature, on the same points: those of an isentropic surface, usually.
    units : str, optional
        Unit of the result; by default m2 s-2, which is J kg-1.

    Returns
    -------
    DataArray

    Raises
    ------
    GridError
        If the fields lie on different points.
    UnitsError
        If one has no unit or the wrong dimension.

    References
    ----------
    Montgomery (1937), Bull. Amer. Meteor. Soc. 18, 210-212.

    Examples
    --------
    >>> z = xr.DataArray([9000.0], dims="x", attrs={"units": "m"})
    >>> t = xr.DataArray([-33.15], dims="x", attrs={"units": "degC"})
    >>> print(f"{montgomery_streamfunction(z, t, units='kJ/kg')[0].data:.2f}")
    329.38 kilojoule / kilogram
    """
    fields = {"height": height, "temperature": temperature}
    needs = {
        "height": LENGTH_OR_GEOPOTENTIAL,
        "temperature": Need(("K",), absolute=True),
    }
    work = Work.on(
        "montgomery_streamfunction", fields, needs, {"units": units}, horizontal=False
    )
    g = gravity(work, "height")

    def psi(_: Any, z: Any, t: Any) -> Any:
        return g * z + DRY_AIR_HEAT_CAPACITY * t

    return work.one(psi, "montgomery_streamfunction", work.si("m2 s-2"))


def _layer_factor(work: Work, bottom: Any, top: Any) -> float:
    """Return what turns a thickness or a mean temperature into a geopotential."""
    is_warm = work.ready["field"].unit.dimensionality == work.si("K").dimensionality
    given = [p for p in (bottom, top) if p is not None]
    if not is_warm and given:
        raise OptionError(
            explain(
                "A thickness knows its layer: bottom and top say nothing",
                expected="a temperature with them, or a thickness without",
                hint="xn.thermal_wind(thickness)",
            )
        )
    if not is_warm:
        return gravity(work, "field")
    if len(given) < 2:
        raise OptionError(
            explain(
                "The mean temperature of a layer needs the pressures around it",
                expected="bottom= and top=",
                hint="xn.thermal_wind(temperature, '850 hPa', '500 hPa')",
            )
        )
    below, above = (
        pressure_pa(p, name) for p, name in ((bottom, "bottom"), (top, "top"))
    )
    if not below > above > 0.0:
        raise OptionError(
            explain(
                "The bottom of a layer has the higher pressure",
                expected="bottom > top > 0",
                got=f"bottom={bottom!r}, top={top!r}",
                hint="xn.thermal_wind(temperature, '850 hPa', '500 hPa')",
            )
        )
    return DRY_AIR_GAS_CONSTANT * float(np.log(below / above))
