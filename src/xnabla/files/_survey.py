"""Which variables of a file cannot be decoded, and how to open the rest."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np
import xarray as xr

from xnabla.errors import explain
from xnabla.files._half import MARK, sentence
from xnabla.files._lock import LIBRARY

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

__all__ = ["Survey", "listening", "survey"]

# dates are few; larger arrays of dates are checked at their ends only, by xarray
_MOST_DATES = 1_000_000


@dataclass
class Survey:
    """How a file must be opened so that one bad variable does not spoil the rest."""

    refused: dict[str, str] = field(default_factory=dict)
    """The variables left out, and the sentence that says why."""
    numbers: set[str] = field(default_factory=set)
    """The dates that stay numbers, because their units say no date."""
    coordinates: Literal["all", "coordinates"] | bool = "all"
    """How far the references between variables can be followed."""
    notes: list[str] = field(default_factory=list)
    """What a user may want to know."""

    @property
    def decode_times(self) -> bool | dict[str, bool]:
        """Say it in xarray's way, in which an empty mapping means no dates at all."""
        return dict.fromkeys(self.numbers, False) or True


@contextmanager
def listening() -> Iterator[list[str]]:
    """Collect the warnings of a block as text, instead of showing them.

    Python keeps one list of warning filters for all threads, so only one thread at a
    time may be in such a block; nothing that lasts belongs into it.
    """
    notes: list[str] = []
    with LIBRARY, warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        try:
            yield notes
        finally:
            notes += dict.fromkeys(str(warning.message) for warning in heard)


def survey(raw: xr.Dataset, path: str | os.PathLike[str]) -> Survey:
    """Try what xarray will do with each variable of a file that is not decoded yet."""
    found = Survey()
    for key, variable in raw.variables.items():
        name = str(key)
        fault = _packing_fault(variable)
        if MARK in variable.encoding:
            text, command = sentence(path, name)
            found.refused[name] = explain(text, hint=command)
        elif fault is not None:
            text, command = fault
            found.refused[name] = explain(
                f"Variable '{name}' of '{path}' cannot be unpacked: {text}",
                hint=f"{command} {path}".replace("@", name),
            )
        elif _says_dates(variable):
            _try_dates(raw, name, found)
    if not _decodes(raw.drop_vars(list(found.refused)), found):
        for name in map(str, raw.variables):
            if name not in found.refused:
                _try_alone(raw, name, found, path)
    _try_references(raw.drop_vars(list(found.refused)), found)
    found.notes += found.refused.values()
    return found


def _packing_fault(variable: xr.Variable) -> tuple[str, str] | None:
    """Find an attribute that would silently or loudly spoil the values.

    xarray takes a text as no missing value at all, so that −999 stays data; a factor
    of 0 makes every value 0.
    """
    if variable.dtype.kind not in "iuf":
        return None
    for key in ("scale_factor", "add_offset"):
        if key in variable.attrs:
            value = variable.attrs[key]
            number = _number(value)
            is_text = isinstance(value, str)
            if is_text or number is None or (key == "scale_factor" and number == 0):
                told = repr(value) if is_text else np.asarray(value).tolist()
                wrong = f"its {key} is {told}" + ", a text" * is_text
                typed = number if is_text and number else "VALUE"
                return wrong, f"ncatted -O -a {key},@,o,d,{typed}"
    for key in ("missing_value", "_FillValue"):
        value = variable.attrs.get(key)
        if isinstance(value, str) and _number(value) is not None:
            wrong = f"its {key} is {value!r}, a text"
            kind = {"f4": "f", "f8": "d", "i2": "s", "i1": "b"}.get(
                variable.dtype.str[1:], "l"
            )
            return wrong, f"ncatted -O -a {key},@,o,{kind},{value.strip()}"
    return None


def _number(value: object) -> float | None:
    """Return the one finite number a value is or spells."""
    try:
        number = float(np.asarray(value).item())
    except (TypeError, ValueError):
        return None
    return number if np.isfinite(number) else None


def _says_dates(variable: xr.Variable) -> bool:
    units = variable.attrs.get("units")
    return isinstance(units, str) and "since" in units


def _try_dates(raw: xr.Dataset, name: str, found: Survey) -> None:
    variable = raw.variables[name]
    bounds = str(variable.attrs.get("bounds", ""))
    names = [name, bounds] if bounds in raw.variables else [name]
    for key in names:
        alone = raw.variables[key].copy(deep=False)
        for attribute in ("units", "calendar"):
            if attribute in variable.attrs:
                alone.attrs.setdefault(attribute, variable.attrs[attribute])
        try:
            with listening():
                decoded = xr.decode_cf(xr.Dataset({key: alone}), decode_timedelta=False)
                if alone.size <= _MOST_DATES:
                    decoded.load()
        except Exception as error:
            cause = str(error).split(". ")[0].splitlines()[:1] or ["unknown cause"]
            found.numbers |= set(names)
            found.notes.append(
                f"'{key}' in {variable.attrs['units']!r} stays numbers: {cause[0]}"
            )
            return


def _decodes(raw: xr.Dataset, found: Survey) -> bool:
    try:
        with listening():
            xr.decode_cf(
                raw,
                decode_coords=False,
                decode_times=found.decode_times,
                decode_timedelta=False,
            )
    except Exception:
        return False
    return True


def _try_alone(
    raw: xr.Dataset, name: str, found: Survey, path: str | os.PathLike[str]
) -> None:
    alone = xr.Dataset({name: raw.variables[name]})
    try:
        with listening():
            xr.decode_cf(
                alone,
                decode_coords=False,
                decode_times=name not in found.numbers,
                decode_timedelta=False,
            )
    except Exception as error:
        found.refused[name] = explain(
            f"Variable '{name}' of '{path}' cannot be decoded: {error}",
            hint=f"ncdump -h {path}",
        )


def _try_references(raw: xr.Dataset, found: Survey) -> None:
    """Find how much of ``coordinates``, ``bounds``, … can be understood."""
    for level in ("all", "coordinates"):
        try:
            with listening():
                xr.decode_cf(
                    raw,
                    decode_coords=level,
                    decode_times=False,
                    mask_and_scale=False,
                )
        except Exception as error:
            found.notes.append(f"references between variables are broken: {error}")
        else:
            found.coordinates = level
            return
    found.coordinates = False
