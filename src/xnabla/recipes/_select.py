"""Pick a level or a time of a field, by value, the way people say them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import xarray as xr

from xnabla.errors import OptionError, UnitsError, explain
from xnabla.grid import Grid
from xnabla.units import conversion_factor, parse

_INTEGER = r"[+-]?\d+"

Labelled = TypeVar("Labelled", xr.DataArray, xr.Dataset)

_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"


@dataclass(frozen=True, slots=True)
class Selection:
    """One place along one dimension."""

    dim: str
    index: int

    def of(self, field: Labelled) -> Labelled:
        """Return a field at that place."""
        return field.isel({self.dim: self.index})


def level_selection(field: xr.DataArray, grid: Grid, level: str) -> Selection:
    """Return where a level lies.

    Parameters
    ----------
    field : DataArray
        A field with a vertical dimension.
    grid : Grid
        Its grid.
    level : str
        A value of its coordinate, with or without a unit: ``850``, ``85000 Pa``. Of
        levels that have no values, as in WRF's files, the number counted from 0.

    Raises
    ------
    OptionError
        If there is no such level, or no vertical dimension.
    """
    dim = _dim(field, grid, "vertical", "level")
    if dim not in grid.coordinates:
        return _by_number(dim, field.sizes[dim], level)
    coordinate = field[grid.coordinates[dim]]
    unit = str(coordinate.attrs.get("units", "1"))
    value = _level_value(level, unit, str(coordinate.name))
    levels = np.asarray(coordinate.values, dtype=float)
    close = np.isclose(levels, value, rtol=1e-5, atol=0.0)
    if not close.any():
        distance = np.abs(levels - value)
        nearest = levels[int(np.nanargmin(distance))] if distance.size else value
        raise OptionError(
            explain(
                f"There is no level {level} along {coordinate.name!r}",
                expected=f"one of {_listed(levels)}"
                + ("" if unit == "1" else f" {unit}"),
                got=level,
                hint=f"--level {nearest:g}",
            )
        )
    return Selection(dim, int(np.flatnonzero(close)[0]))


def time_selection(field: xr.DataArray, grid: Grid, time: str) -> Selection:
    """Return where a time lies.

    Parameters
    ----------
    field : DataArray
        A field with a time dimension.
    grid : Grid
        Its grid.
    time : str
        A number counted from 0 (-1 is the last), or a date as ISO 8601 writes it; a
        date may leave off what is not needed to tell it from the others.

    Raises
    ------
    OptionError
        If there is no such time, more than one, or no time dimension.
    """
    dim = _dim(field, grid, "time", "time")
    asked = time.strip()
    if re.fullmatch(_INTEGER, asked):
        return _by_number(dim, field.sizes[dim], asked, word="time")
    known = dim in grid.coordinates
    times: Any = field[grid.coordinates[dim]].values if known else []
    wanted = asked.replace(" ", "T").removesuffix("Z")
    found = [i for i, one in enumerate(times) if _iso(one).startswith(wanted)]
    if len(found) == 1:
        return Selection(dim, found[0])
    shown = [_iso(times[i]) for i in (0, -1)] if len(times) else ["none", "none"]
    fits = "No time of the field fits" if not found else f"{len(found)} times fit"
    raise OptionError(
        explain(
            f"{fits} {time!r}",
            expected=f"one of {len(times)} times from {shown[0]} to {shown[1]}",
            hint=f"--time {found[0] if found else 0}, its number counted from 0",
        )
    )


def _by_number(dim: str, count: int, asked: str, *, word: str = "level") -> Selection:
    """Return a place counted from 0, or from the end if negative."""
    index = int(asked) if re.fullmatch(_INTEGER, asked.strip()) else count
    if -count <= index < count:
        return Selection(dim, index % count)
    or_date = ", or a date such as 2011-01" if word == "time" else ""
    bare = f" along {dim!r}, whose levels have no values" if word == "level" else ""
    raise OptionError(
        explain(
            f"There is no {word} number {asked}{bare}",
            expected=f"0 to {count - 1}{or_date}",
            hint=f"--{word} 0",
        )
    )


# What to select with, by the role of the dimension.
SELECTIONS = {"vertical": level_selection, "time": time_selection}


def _dim(field: xr.DataArray, grid: Grid, role: str, word: str) -> str:
    """Return the dimension of a role, also one that cannot be differentiated along."""
    dims = [dim for dim in grid.dims if grid.roles.get(dim) == role]
    if len(dims) == 1:
        return dims[0]
    raise OptionError(
        explain(
            f"Variable {str(field.name)!r} has {'no' if not dims else 'more than one'} "
            f"{role} dimension to take a {word} from",
            expected=f"no --{word}",
            got="dimensions " + (", ".join(map(str, field.dims)) or "none"),
        )
    )


def _level_value(level: str, own: str, name: str) -> float:
    matched = re.fullmatch(rf"\s*({_NUMBER})\s*(.*?)\s*", level)
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
    try:
        unit = parse(text, of="the level")
        factor = conversion_factor(unit, parse(own, of=name), of="the level")
    except UnitsError:
        raise OptionError(
            explain(
                f"Level {level!r} is not along {name!r}: {text!r} does not fit",
                expected=f"a unit like {own!r}, or none",
                hint=f"--level {value:g}",
            )
        ) from None
    return value * factor


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
