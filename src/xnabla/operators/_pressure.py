"""Pressure as people give it: a number with a unit, or a vertical coordinate."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import xarray as xr

from xnabla.errors import GridError, OptionError, UnitsError, explain
from xnabla.grid import Grid
from xnabla.units import (
    conversion_factor,
    is_quantity,
    parse,
    split_quantity,
)

_NUMBER = r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(\S.*?)?\s*"


def pressure_pa(given: Any, name: str) -> float:
    """Return one pressure in pascal.

    Parameters
    ----------
    given : str or quantity
        ``"850 hPa"``, or a quantity.
    name : str
        The keyword, for the message.

    Raises
    ------
    OptionError
        If it is none.

    Examples
    --------
    >>> pressure_pa("850 hPa", "bottom")
    85000.0
    """
    try:
        if is_quantity(given):
            value, unit = split_quantity(given)
        else:
            matched = re.fullmatch(_NUMBER, str(given))
            number, text = (matched[1], matched[2]) if matched else ("nan", None)
            value, unit = float(number), parse(text or "")
        factor = conversion_factor(unit, parse("Pa"), of=name)
    except UnitsError:
        raise OptionError(
            explain(
                f"{name}={given!r} is no pressure",
                expected="a number with a unit",
                hint=f"{name}='850 hPa'",
            )
        ) from None
    return float(value) * factor


def pressure_of_levels(grid: Grid) -> float | None:
    """Return the pascals in one unit of the vertical coordinate; else ``None``.

    ``None`` if the grid has no vertical dimension along pressure.
    """
    axis = grid.role_axis("vertical")
    if axis is None:
        return None
    unit, pascal = parse(axis.unit), parse("Pa")
    if unit.dimensionality != pascal.dimensionality:
        return None
    return conversion_factor(unit, pascal, of=f"coordinate {axis.coordinate!r}")


def pressure_around(field: xr.DataArray, grid: Grid, given: Any) -> Any:
    """Return the pressure at the points of a field in pascal, and where it comes from.

    Parameters
    ----------
    field : DataArray
        The field.
    grid : Grid
        Its grid.
    given : str, quantity or None
        One pressure for all, as the user says.

    Returns
    -------
    float or array
        One number, or one for each point along the vertical dimension.

    Raises
    ------
    GridError
        If nobody says.
    """
    if given is not None:
        return pressure_pa(given, "pressure")
    factor = pressure_of_levels(grid)
    axis = grid.role_axis("vertical")
    if factor is not None and axis is not None:
        return axis.line.points * factor
    for coordinate in field.coords.values():
        if coordinate.ndim == 0 and coordinate.dtype.kind in "iuf":
            units = str(coordinate.attrs.get("units", ""))
            if _is_pressure(units):
                one = conversion_factor(parse(units), parse("Pa"), of="the level")
                return float(np.asarray(coordinate.values)) * one
    raise GridError(
        explain(
            "The pressure of the field is not known",
            expected="a vertical dimension or a scalar coordinate of pressure, or "
            "pressure=",
            hint="pressure='850 hPa'",
        )
    )


def _is_pressure(text: str) -> bool:
    try:
        return bool(text) and (parse(text).dimensionality == parse("Pa").dimensionality)
    except UnitsError:
        return False
