"""Whether two files are of one data set, and what to say if not."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from xnabla.errors import FileError, UnitsError, explain
from xnabla.grid import role_of

__all__ = [
    "Part",
    "check_alike",
    "check_grids",
    "check_same_values",
    "is_along_earth",
    "key_of",
    "same_values",
    "shown",
]

_ALONG_EARTH = frozenset(("latitude", "longitude", "grid_latitude", "grid_longitude",
                          "x", "y"))  # fmt: skip
_SAME_CALENDARS = {"gregorian": "standard"}


@dataclass(frozen=True)
class Part:
    """An open file, or several that are one already.

    Attributes
    ----------
    name : str
        What messages call it.
    data : Dataset
    """

    name: str
    data: xr.Dataset

    @cached_property
    def fields(self) -> frozenset[str]:
        """The names of its data variables."""
        return frozenset(map(str, self.data.data_vars))

    def role(self, name: str) -> str:
        """Return what a coordinate is."""
        variable = self.data[name]
        kind = variable.dtype if variable.dtype.kind != "O" else np.dtype("M8[ns]")
        return role_of(name, dict(variable.attrs), kind)


def key_of(part: Part, name: str) -> NDArray[Any]:
    """Return the values that order files along a dimension; its indices without any.

    WRF's ``Time`` has no coordinate of its own name, but a variable of times.
    """
    data = part.data
    if name in data.variables:
        return np.atleast_1d(data[name].values)
    for other in ("XTIME", "Times", "time"):
        if other in data.variables and data[other].dims == (name,):
            return np.asarray(data[other].values)
    return np.arange(data.sizes[name])


def same_values(a: NDArray[Any], b: NDArray[Any]) -> bool:
    """Tell whether coordinates are the same, but for rounding to single precision.

    Examples
    --------
    >>> exact = np.arange(0, 360, 0.1)
    >>> same_values(exact, exact.astype("f4")), same_values(exact, exact + 0.01)
    (True, False)
    """
    if a.shape != b.shape or (a.dtype.kind == "O") != (b.dtype.kind == "O"):
        return False
    if a.dtype.kind not in "iuf" or b.dtype.kind not in "iuf":
        return bool(np.array_equal(a, b))
    if not a.size or np.array_equal(a, b, equal_nan=True):
        return True
    single = np.float32 in (a.dtype, b.dtype)
    eps = np.finfo(np.float32 if single else np.float64).eps
    with np.errstate(invalid="ignore"):
        room = 4 * float(eps) * float(np.nanmax(np.abs(a), initial=0.0))
    return bool(np.allclose(a, b, rtol=0, atol=room, equal_nan=True))


def is_along_earth(part: Part, dim: str) -> bool:
    """Tell whether a dimension goes along the ground: grids are not joined."""
    if dim not in part.data.variables:
        return not any(n in part.data.variables for n in ("XTIME", "Times", "time"))
    return part.role(dim) in _ALONG_EARTH


def check_grids(parts: list[Part], dim: str) -> None:
    """Raise, since files lie on different grids along a dimension."""
    first = parts[0]
    here = key_of(first, dim)
    for other in parts[1:]:
        there = key_of(other, dim)
        if not same_values(here, there):
            text = f"Files '{first.name}' and '{other.name}' are on different grids"
            text += f": '{dim}' {_how(here, there)}"
            hint = f"cdo remapbil,{first.name} {other.name} same.nc"
            raise FileError(explain(text, expected="one grid", hint=hint))


def _how(a: NDArray[Any], b: NDArray[Any]) -> str:
    if a.shape == b.shape and same_values(a, b[::-1]):
        return "runs the other way in the second"
    if a.shape != b.shape:
        return f"has {a.size} points in the first and {b.size} in the second"
    k = int(np.flatnonzero(a != b)[0])
    return f"has {shown(a[k])} in the first where the second has {shown(b[k])}"


def shown(value: Any) -> str:
    """Return a value of a coordinate as a message writes it."""
    if isinstance(value, np.datetime64):
        return str(value.astype("M8[s]"))
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    return f"{value:.9g}" if isinstance(value, (int, float, np.number)) else str(value)


def check_alike(one: Part, other: Part, *, only: str | None = None) -> None:
    """Raise unless the variables of two files are of one kind.

    Parameters
    ----------
    one, other : Part
    only : str, optional
        The one variable to compare; else all that both have.
    """
    for name in map(str, one.data.variables):
        if name not in other.data.variables or (only and name != only):
            continue
        a, b = one.data[name], other.data[name]
        _check_dims(a, b, name, one, other)
        _check_times(a, b, name, one, other)
        _check_units(a, b, name, one, other)
        if "grid_mapping_name" in a.attrs:
            _check_mapping(a, b, name, one, other)


def _check_dims(
    a: xr.DataArray, b: xr.DataArray, name: str, one: Part, other: Part
) -> None:
    if a.dims != b.dims:
        text = f"Variable '{name}' has other dimensions in '{other.name}' than in "
        text += f"'{one.name}'"
        raise FileError(explain(text, expected=_dims(a), got=_dims(b)))
    if ("T" if a.dtype.kind in "SUT" else "n") != (
        "T" if b.dtype.kind in "SUT" else "n"
    ):
        text = f"Variable '{name}' is text in one of '{one.name}' and '{other.name}'"
        raise FileError(explain(text, expected="one kind of values"))


def _dims(field: xr.DataArray) -> str:
    return "(" + ", ".join(map(str, field.dims)) + ")"


def _check_times(
    a: xr.DataArray, b: xr.DataArray, name: str, one: Part, other: Part
) -> None:
    calendars = [_calendar(field) for field in (a, b)]
    kinds = {a.dtype.kind, b.dtype.kind}
    # dates of one calendar of numpy's are the same whatever it is called
    if kinds == {"M"} or calendars[0] == calendars[1]:
        return
    text = f"Files '{one.name}' and '{other.name}' have different calendars in '{name}'"
    raise FileError(explain(text, expected=calendars[0], got=calendars[1]))


def _calendar(field: xr.DataArray) -> str:
    if field.dtype.kind == "O" and field.size:
        first = field[(0,) * field.ndim].values.item()
        if not hasattr(first, "calendar"):
            return ""
        return str(first.calendar)
    if field.dtype.kind == "M":
        name = str(field.encoding.get("calendar", "standard"))
        return _SAME_CALENDARS.get(name, name)
    return "none, numbers" if "since" in str(field.attrs.get("units", "")) else ""


def _check_units(
    a: xr.DataArray, b: xr.DataArray, name: str, one: Part, other: Part
) -> None:
    units = [str(field.attrs.get("units", "")).strip() for field in (a, b)]
    if units[0] == units[1] or _mean_the_same(*units):
        return
    text = f"Files '{one.name}' and '{other.name}' have different units of '{name}'"
    quoted = [repr(unit) if unit else "none" for unit in units]
    hint = f"xn.open('{other.name}') alone, and convert it"
    raise FileError(explain(text, expected=quoted[0], got=quoted[1], hint=hint))


def _mean_the_same(one: str, other: str) -> bool:
    """Tell whether two spellings are of one unit."""
    from xnabla.units import parse  # brings pint, which reading does without

    if not one or not other or "since" in one + other:
        return False
    try:
        return bool(parse(one, of="one") == parse(other, of="other"))
    except UnitsError:
        return False


def _check_mapping(
    a: xr.DataArray, b: xr.DataArray, name: str, one: Part, other: Part
) -> None:
    for key, value in a.attrs.items():
        theirs = b.attrs.get(key)
        if theirs is None or not np.array_equal(np.asarray(value), np.asarray(theirs)):
            text = f"Files '{one.name}' and '{other.name}' are on different maps: "
            text += f"'{key}' of '{name}' differs"
            raise FileError(explain(text, expected=value, got=theirs))


def check_same_values(one: Part, other: Part, name: str, dim: str | None) -> None:
    """Raise unless a variable that is not joined along has the same values in both."""
    if name not in other.data.variables:
        return
    a, b = one.data[name], other.data[name]
    if same_values(np.asarray(a.values), np.asarray(b.values)):
        return
    place = f" and has no '{dim}' to be joined along" if dim else ""
    text = f"Variable '{name}' differs in '{one.name}' and '{other.name}'{place}"
    if name in one.data.dims and a.ndim == 1:
        text += f": it {_how(np.asarray(a.values), np.asarray(b.values))}"
    elif name in one.data.coords and one.role(name) in _ALONG_EARTH:
        text += ": they are on different grids"
    hint = f"xn.open('{other.name}') alone, or without '{name}'"
    raise FileError(explain(text, expected="the same values in both", hint=hint))
