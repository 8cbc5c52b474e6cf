"""Pick a level or a time of a field, by value, the way people say them."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import xarray as xr

from xnabla.errors import OptionError, explain
from xnabla.grid import Axis, grid_of
from xnabla.units import conversion_factor, parse


def select_level(field: xr.DataArray, level: str) -> xr.DataArray:
    """Return a field at one level.

    Parameters
    ----------
    field : DataArray
        A field with a vertical dimension.
    level : str
        A value of its coordinate, with or without a unit: ``850``, ``85000 Pa``.

    Raises
    ------
    OptionError
        If there is no such level, or no vertical dimension.
    """
    axis = _axis(field, "vertical", "level")
    value = _level_value(level, axis)
    levels = field[axis.coordinate].values.astype(float)
    nearest = int(np.argmin(np.abs(levels - value)))
    if not np.isclose(levels[nearest], value, rtol=1e-5, atol=0.0):
        raise OptionError(
            explain(
                f"There is no level {level} along {axis.coordinate!r}",
                expected=f"one of {_listed(levels)} {axis.unit}",
                got=level,
                hint=f"--level {levels[nearest]:g}",
            )
        )
    return field.isel({axis.dim: nearest})


def select_time(field: xr.DataArray, time: str) -> xr.DataArray:
    """Return a field at one time.

    Parameters
    ----------
    field : DataArray
        A field with a time dimension.
    time : str
        A number counted from 0 (-1 is the last), or a date as ISO 8601 writes it; a
        date may leave off what is not needed to tell it from the others.

    Raises
    ------
    OptionError
        If there is no such time, more than one, or no time dimension.
    """
    axis = _axis(field, "time", "time")
    times = field[axis.coordinate].values
    if re.fullmatch(r"[+-]?\d{1,3}", time):
        index = int(time)
        if not -len(times) <= index < len(times):
            raise OptionError(
                explain(
                    f"There is no time number {index}",
                    expected=f"0 to {len(times) - 1}",
                    hint="--time 0",
                )
            )
        return field.isel({axis.dim: index})
    asked = time.strip().replace(" ", "T").removesuffix("Z")
    found = [i for i, one in enumerate(times) if _iso(one).startswith(asked)]
    if len(found) != 1:
        first, last = _iso(times[0]), _iso(times[-1])
        raise OptionError(
            explain(
                f"{'No' if not found else len(found)} time of the field fits {time!r}",
                expected=f"one of {len(times)} times from {first} to {last}",
                hint="--time 0" if not found else f"--time {_iso(times[found[0]])}",
            )
        )
    return field.isel({axis.dim: found[0]})


def _axis(field: xr.DataArray, role: str, word: str) -> Axis:
    grid = grid_of(field)
    if role not in grid.roles.values():
        raise OptionError(
            explain(
                f"Variable {str(field.name)!r} has no {role} dimension to take a "
                f"{word} from",
                expected=f"no --{word}",
                got="dimensions " + ", ".join(map(str, field.dims)),
            )
        )
    return grid.axis(role)


def _level_value(level: str, axis: Axis) -> float:
    matched = re.fullmatch(r"\s*([+-]?[\d.]+(?:[eE][+-]?\d+)?)\s*(.*?)\s*", level)
    if matched is None:
        raise OptionError(
            explain(
                f"{level!r} is no level",
                expected="a number, with or without a unit",
                hint="--level 850",
            )
        )
    value, text = float(matched[1]), matched[2]
    if not text:
        return value
    unit = parse(text, of="the level")
    own = parse(axis.unit, of=f"coordinate {axis.coordinate!r}")
    return value * conversion_factor(unit, own, of="the level")


def _iso(time: Any) -> str:
    """Return a date as ISO 8601 writes it, without trailing zeros of the clock."""
    if isinstance(time, np.datetime64):
        return str(time.astype("datetime64[s]"))
    return time.isoformat() if hasattr(time, "isoformat") else str(time)


def _listed(values: Any) -> str:
    shown = [f"{value:g}" for value in values]
    if len(shown) > 30:
        shown = [*shown[:15], "…", *shown[-5:]]
    return ", ".join(shown)
