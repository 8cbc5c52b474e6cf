"""Values taken as missing without a word of the file: counted when read, and told."""

from __future__ import annotations

import os
import shlex
import sys
import threading
import warnings
import weakref
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

import numpy as np
import xarray as xr

from xnabla.errors import FillValueWarning, explain

__all__ = [
    "Tally",
    "held",
    "notes_of",
    "tallies_of",
    "to_type",
    "warn_of",
    "with_remarks",
    "written",
]

_KNOWN: weakref.WeakValueDictionary[str, Tally] = weakref.WeakValueDictionary()


class Tally:
    """How many values of one variable were taken as missing, among those read.

    Blocks are read by many threads and processes. In this process all count in one
    tally. A copy that has come to a worker of a cluster reports each block by an event,
    and the one it came from asks for them.

    Parameters
    ----------
    variable, called : str
        The variable and its file.
    value : float
        What was taken as missing.
    dtype : str
        Of the values in the file.
    whole : int
        Points of the variable.
    held : bool
        Whether somebody tells it in the end; otherwise a warning does, once.
    """

    def __init__(
        self,
        variable: str,
        called: str,
        value: float,
        dtype: str,
        whole: int = 0,
        *,
        token: str | None = None,
        held: bool = False,
    ) -> None:
        self.variable, self.called = variable, called
        self.value, self.dtype, self.whole = value, dtype, whole
        self.points, self.size = 0, 0
        self.held = held
        self.known: tuple[int, int] | None = None
        self.is_away, self.is_told = token is not None, False
        self.token = token or os.urandom(8).hex()
        self.lock = threading.Lock()
        _KNOWN[self.token] = self

    def __reduce__(self) -> Any:
        """Go to another process, or be the same in this one."""
        own = (self.variable, self.called, self.value, self.dtype, self.whole)
        return _arrived, (*own, self.token, self.held)

    def add(self, points: int, size: int) -> None:
        """Count what is among some values that were read."""
        if self.known is not None:
            # all of a small table were counted on opening
            points, size = self.known
        with self.lock:
            if self.known is not None:
                self.points, self.size = points, size
            else:
                self.points += points
                self.size += size
            first = bool(points) and not self.is_told
            self.is_told |= bool(points)
        worker = _worker() if self.is_away else None
        if worker is not None:
            worker.log_event(self.topic, [points, size])
        if first and not self.held:
            warnings.warn(self.warning(), stacklevel=2)

    @property
    def topic(self) -> str:
        """What events are called that tell of it."""
        return f"xnabla-missing-{self.token}"

    def total(self) -> tuple[int, int]:
        """Return the missing points and all points that were read, here or elsewhere.

        A scheduler keeps the last thousand events; of more blocks, these are counted.
        """
        points, size = self.points, self.size
        if "distributed" in sys.modules:
            from distributed import get_client

            with suppress(ValueError, OSError, TimeoutError):
                for _, (some, of) in get_client().get_events(self.topic) or ():
                    points, size = points + some, size + of
        # coordinates are read several times, by whoever asks for them
        times, rest = divmod(size, max(self.whole, 1))
        if times > 1 and not rest and not points % times:
            return points // times, self.whole
        return points, size

    def warning(self) -> FillValueWarning:
        """Return what was found, and what to type."""
        return _warning([self])

    def remark(self) -> str:
        """Return the same for a line of history; it is the same for any block size."""
        value = written(self.value, np.dtype(self.dtype))
        return f"{value} in '{self.variable}', undeclared, is taken as missing"


def _warning(alike: Sequence[Tally]) -> FillValueWarning:
    """Return what was found in one variable of a file, or of several."""
    first = alike[0]
    points, size = map(sum, zip(*(one.total() for one in alike), strict=True))
    value = written(first.value, np.dtype(first.dtype))
    others = len({one.called for one in alike}) - 1
    files = f"'{first.called}'" + (f" and {others} more files" if others else "")
    text = explain(
        f"Variable '{first.variable}' of {files} holds {value}, what the NetCDF "
        f"library fills with, at {points} of {size} points read "
        f"({share(points, size)} %), and does not declare it: it is taken as missing",
        hint=to_type(first.variable, first.called, first.value, first.dtype),
    )
    facts = {
        "variable": first.variable,
        "files": list(dict.fromkeys(one.called for one in alike)),
        "value": float(value),
        "points": points,
        "of": size,
    }
    return FillValueWarning(text, facts)


def warn_of(tallies: Iterable[Tally]) -> None:
    """Warn of what was found, once for each variable and value."""
    groups: dict[tuple[object, ...], list[Tally]] = {}
    for one in tallies:
        groups.setdefault((one.variable, one.value, one.dtype), []).append(one)
    for alike in groups.values():
        warnings.warn(_warning(alike), stacklevel=2)


def _arrived(
    variable: str,
    called: str,
    value: float,
    dtype: str,
    whole: int,
    token: str,
    held: bool,
) -> Tally:
    here = _KNOWN.get(token)
    if here is not None:
        return here
    return Tally(variable, called, value, dtype, whole, token=token, held=held)


def _worker() -> Any:
    if "distributed" not in sys.modules:
        return None
    from distributed import get_worker

    with suppress(ValueError):
        return get_worker()
    return None


def held(ds: xr.Dataset) -> xr.Dataset:
    """Return a dataset of which no warning tells what is found: its holder does."""
    for one in ds.encoding.get("xnabla_tallies", ()):
        one.held = True
    return ds


def notes_of(ds: xr.Dataset) -> tuple[str, ...]:
    """Return what is odd about a file, with what was found since it was opened."""
    notes: tuple[str, ...] = ds.encoding["xnabla_notes"]
    new = {f"'{one.variable}' holds ": one for one in tallies_of(ds)}
    more = (
        f"{start}{written(one.value, np.dtype(one.dtype))}: it is taken as missing"
        for start, one in new.items()
        if not any(note.startswith(start) for note in notes)
    )
    return (*notes, *more)


def tallies_of(ds: xr.Dataset) -> tuple[Tally, ...]:
    """Return the tallies of a dataset in which something was found."""
    return tuple(one for one in ds.encoding.get("xnabla_tallies", ()) if one.total()[0])


def with_remarks(command: str, tallies: Iterable[Tally]) -> str:
    """Return a command for the history, and what is to be said after it as a comment.

    Examples
    --------
    >>> with_remarks("xnabla info a.nc", [Tally("air", "a.nc", -32767, "i2")] * 2)
    "xnabla info a.nc # -32767 in 'air', undeclared, is taken as missing"
    """
    every = dict.fromkeys(one.remark() for one in tallies)
    return " # ".join([command, "; ".join(every)]) if every else command


def written(number: float, dtype: np.dtype[Any]) -> str:
    """Return a number in the fewest digits that give it back.

    Examples
    --------
    >>> written(9.969209968386869e36, np.dtype("f4")), written(-999.0, np.dtype("f8"))
    ('9.96921e+36', '-999')
    """
    if isinstance(number, int) or (number == int(number) and abs(number) < 1e10):
        return str(int(number))
    kind = np.dtype("f4") if dtype.kind == "f" and dtype.itemsize <= 4 else None
    exact = np.float32(number) if kind is not None else np.float64(number)
    shortest = f"{exact:.7g}"
    return shortest if type(exact)(shortest) == exact else str(exact)


def share(points: int, size: int) -> str:
    """Return how many of a hundred, in two digits."""
    return f"{100 * points / max(size, 1):.2g}".replace("1e+02", "100")


def to_type(name: str, called: str, number: float, dtype: str) -> str:
    """Return what to type to say that a number means missing, or that it does not."""
    kinds = {"f4": "f", "f8": "d", "i2": "s", "i4": "l"}
    kind = kinds.get(dtype[-2:], "d")
    value = written(number, np.dtype(dtype))
    typed = f"ncatted -a _FillValue,{name},c,{kind},{value} {shlex.quote(called)}"
    return (
        f"xn.open(path, fill={{'{name}': {value}}}), or None for {value} if it is a "
        f"value; or {typed}"
    )
