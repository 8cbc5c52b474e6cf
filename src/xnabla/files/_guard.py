"""Values that mean "missing" and were never declared: masked by rule, or refused.

The NetCDF library fills what was never written with one number; it is missing by the
library's own convention. Other such numbers are people's: where they are found among
values that are read, the read ends with the sentence that says what to type.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Hashable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from xnabla.errors import FileError, OptionError, explain
from xnabla.files._lazily import lazily, replaced
from xnabla.files._tally import Tally, share, to_type, written
from xnabla.numerics import DEFAULT_FILL, SENTINELS, Sentinel, find_sentinel, is_known

__all__ = ["Fills", "guarded", "noticed", "with_default_fills", "with_fills"]

Fills: TypeAlias = "Mapping[str, float | Iterable[float] | None]"
"""By variable: the values in the file that mean "missing"; None if all are true."""

# what the NetCDF library fills integers with, and how many are looked at on opening
_INTEGER_FILLS = {"i2": -32767, "i4": -2147483647, "i8": -9223372036854775806}
_SMALL = 100_000
# what may be inflated for the corners of a map
_CHEAP_BYTES = 2**20
# what attributes say that numbers are no measurements
_FLAGS = ("flag_values", "flag_masks", "flag_meanings")


def with_fills(
    variables: Mapping[Hashable, xr.Variable], fill: Fills | None, called: str
) -> dict[Hashable, xr.Variable]:
    """Return variables that declare what the user says of their missing values.

    Parameters
    ----------
    variables : mapping of name to Variable
        As they are in the file.
    fill : mapping, optional
    called : str
        The file, for messages.

    Raises
    ------
    OptionError
        If there is no such variable.
    """
    made = dict(variables)
    for name, values in (fill or {}).items():
        if name not in made:
            raise OptionError(
                explain(
                    f"There is no variable {name!r} in '{called}' to tell the missing "
                    "values of",
                    expected="one of " + ", ".join(repr(str(n)) for n in made),
                )
            )
        if values is None:
            continue
        variable = made[name].copy(deep=False)
        declared = np.ravel(variable.attrs.get("missing_value", []))
        own = [v for v in declared if isinstance(v, np.number)]
        new = np.array([*own, *np.ravel(np.asarray(values))], dtype=float)
        variable.attrs = {
            **{k: v for k, v in variable.attrs.items() if not _is_text_fill(k, v)},
            "missing_value": np.unique(new.astype(variable.dtype)),
        }
        made[name] = variable
    return made


def with_default_fills(
    variables: Mapping[Hashable, xr.Variable], fill: Fills | None, called: str
) -> tuple[dict[Hashable, xr.Variable], list[str], dict[Hashable, Tally]]:
    """Return variables of which small tables of integers declare the library's fill.

    Floats are blanked when they are read. Integers have no NaN: what they become must
    be known before, and is looked up where it costs little. Larger ones are refused
    when they are read.

    Returns
    -------
    dict of name to Variable, list of str, dict of name to Tally
        And what there is to say, and the points that are missing so.
    """
    made, notes, tallies = dict(variables), [], {}
    for name, variable in variables.items():
        default = _INTEGER_FILLS.get(variable.dtype.str[1:])
        if (
            default is None
            or {*_FLAGS, "scale_factor"} & {*variable.attrs}
            or not variable.ndim
            or not 0 < variable.size <= _SMALL
            or variable.dims == (name,)
            or name in (fill or {})
            or _declares(variable)
        ):
            continue
        with suppress(OSError, RuntimeError, ValueError):  # it will be said on reading
            count = int(np.count_nonzero(np.asarray(variable.values) == default))
            if count:
                new = variable.copy(deep=False)
                new.attrs = {
                    **variable.attrs,
                    "_FillValue": variable.dtype.type(default),
                }
                made[name] = new
                notes.append(
                    f"'{name}' holds {default}, what the NetCDF library fills integers "
                    "with: it is taken as missing"
                )
                tally = Tally(str(name), called, default, variable.dtype.str[1:])
                tally.known = count, variable.size
                tallies[name] = tally
    return made, notes, tallies


def _is_text_fill(key: str, value: object) -> bool:
    return key == "_FillValue" and isinstance(value, str)


def guarded(
    ds: xr.Dataset,
    raw: Mapping[Hashable, xr.Variable],
    called: str,
    trusted: Collection[Hashable],
    tallies: Mapping[Hashable, Tally],
) -> tuple[xr.Dataset, tuple[Tally, ...]]:
    """Return a dataset whose variables are looked at whenever values are read.

    Parameters
    ----------
    ds : Dataset
        Decoded, lazy.
    raw : mapping of name to Variable
        The same as it is in the file.
    called : str
        The file, for messages.
    trusted : collection of str
        Variables of which the user says that all values are values.
    tallies : mapping of name to Tally
        Of the variables that were looked at on opening.

    Returns
    -------
    Dataset, tuple of Tally
        And what is counted when values are read.
    """
    new, counted = {}, dict(tallies)
    for name, variable in ds.variables.items():
        if name in trusted or name in ds.dims or not _is_looked_at(variable, raw[name]):
            continue
        known = _known(raw[name])
        if known:
            origin = float(np.ravel(raw[name].attrs.get("add_offset", 0.0))[0])
            if variable.dtype.kind == "f" and not _declares(raw[name]):
                stored = raw[name].dtype.str[1:]
                counted[name] = Tally(
                    str(name), called, DEFAULT_FILL, stored, variable.size
                )
            tally = counted.get(name)
            look = _Look(str(name), called, known, origin, tally)
            new[name] = lazily(variable, look, variable.dtype)
    return replaced(ds, new), tuple(counted.values())


def noticed(variables: Mapping[Hashable, xr.Variable], fill: Fills | None) -> list[str]:
    """Return what the corners of the first maps of floats say, where that is cheap.

    All values are looked at when they are read; this tells of it before.
    """
    notes = []
    for name, variable in variables.items():
        shape, chunks = variable.shape, variable.encoding.get("chunksizes")
        nbytes = math.prod(chunks or (1,)) * variable.dtype.itemsize
        if (
            variable.dtype.kind != "f"
            or variable.ndim < 2
            or not variable.size
            or nbytes > _CHEAP_BYTES
            or name in (fill or {})
            or _declares(variable)
        ):
            continue
        corners = [0] * (variable.ndim - 2) + [[0, n - 1] for n in shape[-2:]]
        with suppress(Exception):  # whatever it is, reading will say it
            values = np.ravel(variable[tuple(corners)].values)
            found = [v for v in values.tolist() if is_known(v)]
            if found:
                is_fill = found[0] == DEFAULT_FILL
                what = (
                    "what the NetCDF library fills floats with: it is taken as missing"
                    if is_fill
                    else "and does not say that it is missing: see fill="
                )
                value = written(found[0], variable.dtype)
                notes.append(f"'{name}' holds {value}, {what}")
    return notes


def _is_looked_at(variable: xr.Variable, raw: xr.Variable) -> bool:
    is_number = variable.dtype.kind in "iuf" and raw.dtype.kind in "iuf"
    is_flag = any(key in raw.attrs for key in _FLAGS)
    return bool(variable.ndim) and is_number and raw.dtype.itemsize > 1 and not is_flag


def _declares(raw: xr.Variable) -> bool:
    return "_FillValue" in raw.attrs or "missing_value" in raw.attrs


def _known(raw: xr.Variable) -> tuple[float, ...]:
    """Return the numbers that stand for "missing", as they are when decoded."""
    factor, offset = (
        np.ravel(raw.attrs.get(key, default))[0]
        for key, default in (("scale_factor", 1.0), ("add_offset", 0.0))
    )
    known = SENTINELS
    if raw.dtype.kind in "iu":
        ends = np.iinfo(raw.dtype)
        whole = [k for k in SENTINELS if ends.min <= k <= ends.max and k == int(k)]
        known = tuple({*whole, float(ends.min), float(ends.max)})
    if (factor, offset) == (1.0, 0.0) or isinstance(factor, str):
        return known
    with suppress(TypeError, ValueError):
        return tuple(float(k) * float(factor) + float(offset) for k in known)
    return ()


@dataclass(frozen=True, slots=True)
class _Look:
    """A look at values on their way from a file.

    Attributes
    ----------
    name, called : str
        The variable and its file.
    known : tuple of float
    origin : float
        What is added to packed values.
    tally : Tally or None
        Of the library's own fill, where the variable declares no missing value.
    """

    name: str
    called: str
    known: tuple[float, ...]
    origin: float
    tally: Tally | None

    def __call__(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return the values, the library's own fill blanked.

        Raises
        ------
        FileError
            If another number stands for "missing".
        """
        values = np.asarray(values)
        if values.dtype.kind not in "iuf":
            # lists of many lengths pass for numbers until they are read
            raise FileError(
                explain(
                    f"Variable '{self.name}' of '{self.called}' holds lists, and not a "
                    "number at each point",
                    hint=f"ncdump -v {self.name} {self.called}",
                )
            )
        if self.tally is not None and values.size:
            values = _without_default_fill(values, self.tally)
        found = find_sentinel(values, self.known, self.origin)
        if found is not None:
            raise FileError(undeclared(found, self.name, self.called, values.dtype))
        return values


def _without_default_fill(values: NDArray[Any], tally: Tally) -> NDArray[Any]:
    """Return values with the library's own fill blanked, and count it."""
    if tally.known is not None:
        tally.add(0, 0)  # blanked already, as the variable was made to declare it
        return values
    greatest = np.fmax.reduce(values, None)
    fill = values.dtype.type(DEFAULT_FILL)
    if not greatest >= fill:
        tally.add(0, values.size)
        return values
    own = values == fill
    tally.add(int(np.count_nonzero(own)), values.size)
    return np.where(own, values.dtype.type(math.nan), values)


def undeclared(found: Sentinel, name: str, called: str, dtype: np.dtype[Any]) -> str:
    """Return the sentence on a number that stands for "missing" unsaid."""
    value = written(found.value, dtype)
    return explain(
        f"Variable '{name}' of '{called}' holds {value} at {found.points} of "
        f"{found.size} points read ({share(found.points, found.size)} %), far from all "
        "other values, and does not declare it as missing",
        expected="a _FillValue, or the word that these are values",
        hint=to_type(name, called, found.value, dtype.str[1:]),
    )
