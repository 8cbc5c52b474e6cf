"""Pick points along one dimension by value, the way people say them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import xarray as xr

from xnabla.errors import OptionError, UnitsError, explain
from xnabla.grid import Grid
from xnabla.units import conversion_factor, parse

_INTEGER = r"[+-]?\d+"
_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
# Values that differ by less than this are the same: 850 and 850.0001 hPa.
_SAME = 1e-5

Labelled = TypeVar("Labelled", xr.DataArray, xr.Dataset)


@dataclass(frozen=True, slots=True, eq=False)
class Selection:
    """Some places along one dimension.

    Attributes
    ----------
    dim : str
    index : int, slice or array of int
        One place, which leaves the dimension out, or several, which keep it.
    turned : mapping of str to array
        Coordinates along the dimension that are other numbers now: longitudes across
        the seam, a circle more or less.
    """

    dim: str
    index: Any
    turned: tuple[tuple[str, Any], ...] = ()

    def of(self, field: Labelled) -> Labelled:
        """Return a field at those places."""
        made = field.isel({self.dim: self.index})
        for name, values in self.turned:
            if name in made.coords:
                old = made.coords[name].variable
                new = xr.Variable(old.dims, values, old.attrs, old.encoding)
                made = made.assign_coords({name: new})
        return made


def places(dim: str, found: Sequence[int], *, alone: bool = False) -> Selection:
    """Return a selection of places: a slice where they follow on each other."""
    if alone:
        return Selection(dim, int(found[0]))
    index: Any = np.asarray(found, dtype=int)
    if (np.diff(index) == 1).all():
        index = slice(int(index[0]), int(index[-1]) + 1)
    return Selection(dim, index)


def level_selection(
    field: xr.DataArray, grid: Grid, level: str, *, nearest: bool = False
) -> Selection:
    """Return where a level lies, or a range or list of levels.

    Parameters
    ----------
    field : DataArray
        A field with a vertical dimension.
    grid : Grid
        Its grid.
    level : str
        A value of its coordinate, with or without a unit: ``850``, ``85000 Pa``; a
        range with both ends, ``1000:500``; a list, ``850,500``. Of levels that have no
        values, as in WRF's files, the number counted from 0.
    nearest : bool
        Whether the nearest level will do.

    Raises
    ------
    OptionError
        If there is no such level, or no vertical dimension.
    """
    dim = dim_of(field, grid, "vertical", "level")
    return along(field, grid, dim, level, typed="--level ", nearest=nearest)


def along(
    field: xr.DataArray,
    grid: Grid,
    dim: str,
    text: str,
    *,
    typed: str,
    nearest: bool = False,
) -> Selection:
    """Return where values lie along a dimension.

    Parameters
    ----------
    field : DataArray
    grid : Grid
        Its grid.
    dim : str
        A dimension of it.
    text : str
        A value, a range ``low:high`` or a list with commas.
    typed : str
        What is typed before a value.
    nearest : bool
        Whether the nearest value will do.

    Raises
    ------
    OptionError
        If there is no such value.
    """
    asked = [one.strip() for one in text.split(",") if one.strip()] or [text]
    alone = len(asked) == 1 and ":" not in asked[0]
    if dim not in grid.coordinates:
        found = [n for one in asked for n in _numbered(field, dim, one, typed)]
        return places(dim, _in_order(found), alone=alone)
    coordinate = field[grid.coordinates[dim]]
    if coordinate.dtype.kind not in "iuf":
        found = [_lettered(coordinate, dim, one, typed) for one in asked]
        return places(dim, _in_order(found), alone=alone)
    values = np.asarray(coordinate.values, dtype=float)
    line = _Values(values, str(coordinate.name), _unit(coordinate), typed, nearest)
    turn = 360.0 if grid.roles.get(dim) == "longitude" else 0.0
    found = [n for one in asked for n in line.places(one, turn)]
    return places(dim, _in_order(found), alone=alone)


def _in_order(found: Sequence[int]) -> list[int]:
    return sorted(dict.fromkeys(found))


def _unit(coordinate: xr.DataArray) -> str:
    return str(coordinate.attrs.get("units", "1"))


@dataclass(frozen=True, slots=True, eq=False)
class _Values:
    """The numbers of a coordinate, and what is said of them in a message."""

    values: Any
    name: str
    unit: str
    typed: str
    nearest: bool

    def places(self, text: str, turn: float) -> list[int]:
        """Return where a value is, or all values of a range, both ends included."""
        low, mark, high = (part.strip() for part in text.partition(":"))
        if not mark:
            return [self.place(self.number(text), text, turn)]
        own = _unit_in(high)
        if own and low and not _unit_in(low):
            low = f"{low} {own}"
        ends = [
            self.number(end) if end else side * np.inf
            for end, side in ((low, -1), (high, 1))
        ]
        slack = [_SAME * abs(end) if np.isfinite(end) else 0.0 for end in ends]
        if ends[0] > ends[1]:
            ends, slack = ends[::-1], slack[::-1]
        inside = (self.values >= ends[0] - slack[0]) & (
            self.values <= ends[1] + slack[1]
        )
        if not inside.any():
            raise OptionError(
                explain(
                    f"Nothing lies between {low or 'the start'} and "
                    f"{high or 'the end'} along {self.name!r}",
                    expected=self.extent(),
                )
            )
        return [int(n) for n in np.flatnonzero(inside)]

    def place(self, value: float, text: str, turn: float) -> int:
        """Return where one value is, or the nearest if that will do."""
        distance = np.abs(self.values - value)
        if turn:
            distance = np.minimum(distance % turn, -distance % turn)
        slack = np.maximum(np.abs(self.values), abs(value) * (not turn)) * _SAME
        close = distance <= slack
        if close.any() or (self.nearest and np.isfinite(distance).any()):
            return int(np.nanargmin(distance))
        word = "level" if "level" in self.typed else "value"
        raise OptionError(
            explain(
                f"There is no {word} {text} along {self.name!r}",
                expected=f"one of {listed(self.values)}"
                + ("" if self.unit == "1" else f" {self.unit}"),
                got=text,
                hint=self.neighbours(value, distance) + ", or --nearest",
            )
        )

    def neighbours(self, value: float, distance: Any) -> str:
        """Return what to type for the values on either side, the nearer one first."""
        order = [int(n) for n in np.argsort(distance) if np.isfinite(distance[n])]
        below = [n for n in order if self.values[n] < value][:1]
        above = [n for n in order if self.values[n] > value][:1]
        near = [n for n in order if n in (*below, *above)]
        typed = [f"{self.typed}{self.values[n]:g}" for n in near]
        return " or ".join(typed) or "another dimension"

    def extent(self) -> str:
        low, high = np.nanmin(self.values), np.nanmax(self.values)
        unit = "" if self.unit == "1" else f" {self.unit}"
        return f"a range within {low:g} to {high:g}{unit}"

    def number(self, text: str) -> float:
        """Return a number in the unit of the coordinate."""
        matched = re.fullmatch(rf"\s*({_NUMBER})\s*(.*?)\s*", text)
        word = "level" if "level" in self.typed else "value"
        if matched is None:
            raise OptionError(
                explain(
                    f"{text!r} is no {word}",
                    expected="a number, with or without a unit",
                    hint=f"{self.typed}850"
                    if word == "level"
                    else f"{self.typed}{self.values.flat[0]:g}",
                )
            )
        value, unit = float(matched[1]), matched[2]
        if not unit:
            return value
        try:
            factor = conversion_factor(
                parse(unit, of=f"the {word}"),
                parse(self.unit, of=self.name),
                of=f"the {word}",
            )
        except UnitsError:
            raise OptionError(
                explain(
                    f"{word.capitalize()} {text!r} is not along {self.name!r}: "
                    f"{unit!r} does not fit",
                    expected=f"a unit like {self.unit!r}, or none",
                    hint=f"{self.typed}{value:g}",
                )
            ) from None
        return value * factor


def _unit_in(text: str) -> str:
    matched = re.fullmatch(rf"\s*{_NUMBER}\s*(.*?)\s*", text)
    return matched[1] if matched else ""


def _lettered(coordinate: xr.DataArray, dim: str, text: str, typed: str) -> int:
    """Return where a word stands along a coordinate of words."""
    words = [
        one.decode(errors="replace") if isinstance(one, bytes) else str(one)
        for one in np.ravel(coordinate.values)
    ]
    words = [one.strip() for one in words]
    if text in words:
        return words.index(text)
    raise OptionError(
        explain(
            f"There is no {text!r} along {dim!r}",
            expected="one of " + ", ".join(words[:20]),
            hint=f"{typed}{words[0]}" if words else None,
        )
    )


def _numbered(field: xr.DataArray, dim: str, text: str, typed: str) -> list[int]:
    """Return places counted from 0, of a dimension that has no values."""
    count = field.sizes[dim]
    low, mark, high = (part.strip() for part in text.partition(":"))
    word = "level" if "level" in typed else "place"
    if not mark:
        return [by_number(dim, count, text, word=word, typed=typed)]
    first = by_number(dim, count, low or "0", word=word, typed=typed)
    last = by_number(dim, count, high or "-1", word=word, typed=typed)
    return [*range(min(first, last), max(first, last) + 1)]


def by_number(dim: str, count: int, asked: str, *, word: str, typed: str) -> int:
    """Return a place counted from 0, or from the end if negative.

    Raises
    ------
    OptionError
        If there are not so many.
    """
    index = int(asked) if re.fullmatch(_INTEGER, asked.strip()) else count
    if -count <= index < count:
        return index % count
    or_date = ", or a date such as 2011-01" if word == "time" else ""
    bare = f" along {dim!r}, whose {word}s have no values" if word != "time" else ""
    raise OptionError(
        explain(
            f"There is no {word} number {asked}{bare}",
            expected=f"0 to {count - 1}{or_date}",
            hint=f"{typed}0",
        )
    )


def dim_of(field: xr.DataArray, grid: Grid, role: str, word: str) -> str:
    """Return the dimension of a role, also one that cannot be differentiated along.

    Raises
    ------
    OptionError
        If there is none, or more than one.
    """
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


def listed(values: Any) -> str:
    """Return numbers with commas, the middle of many left out."""
    shown = [f"{value:g}" for value in values]
    if len(shown) > 30:
        shown = [*shown[:15], "…", *shown[-5:]]
    return ", ".join(shown)
