"""Small files of each format, and what comes of them when bits flip.

The bits are drawn from a fixed seed: among the bytes of a classic header, which are
counted here by the grammar of the format, and among those of the objects of HDF5.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import netCDF4
import numpy as np

FORMATS = {
    "classic": "NETCDF3_CLASSIC",
    "64-bit offset": "NETCDF3_64BIT_OFFSET",
    "cdf5": "NETCDF3_64BIT_DATA",
    "netCDF-4": "NETCDF4",
}


def small(path: Path, kind: str) -> Path:
    """Write a file with records, packing, text, and some kinds of numbers."""
    rng = np.random.default_rng(5)
    with netCDF4.Dataset(path, "w", format=FORMATS[kind]) as file:
        for name, size in (("time", None), ("lat", 9), ("lon", 12), ("letter", 4)):
            file.createDimension(name, size)
        more = {"zlib": True} if kind == "netCDF-4" else {}
        for name, points, units in (
            ("time", np.arange(3.0), "hours since 2001-02-03 00:00:00"),
            ("lat", np.linspace(-40, 40, 9), "degrees_north"),
            ("lon", np.arange(12) * 2.5, "degrees_east"),
        ):
            axis = file.createVariable(name, "f8", (name,))
            axis[:], axis.units = points, units
        t = file.createVariable(
            "t", "i2", ("time", "lat", "lon"), fill_value=-99, **more
        )
        t.units, t.scale_factor, t.add_offset = "K", 0.01, 273.15
        t.long_name = "temperature"
        t[:] = 273.15 + rng.normal(0, 10, (3, 9, 12))
        u = file.createVariable("u", "f4", ("lat", "lon"), **more)
        u.units, u[:] = "m s-1", rng.normal(size=(9, 12))
        word = file.createVariable("word", "S1", ("letter",))
        word[:] = np.array([*"abcd"], "S1")
        file.title = "a small file"
    return path


@dataclass(frozen=True)
class Mutant:
    """A file with some bits flipped, and the first byte that was."""

    data: bytes
    at: int


def mutants(data: bytes, where: range, count: int, seed: int) -> Iterator[Mutant]:
    """Flip one to three bits within 4 bytes, at places drawn from a seed."""
    rng = np.random.default_rng(seed)
    for _ in range(count):
        changed = bytearray(data)
        at = int(rng.integers(where.start, where.stop))
        for _ in range(int(rng.integers(1, 4))):
            k = min(at + int(rng.integers(0, 4)), where.stop - 1)
            changed[k] ^= 1 << int(rng.integers(0, 8))
        if bytes(changed) != data:
            yield Mutant(bytes(changed), at)


class Sections:
    """Which bytes of a classic header say what: an independent, short parser."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 4
        self.wide = 8 if data[3] == 5 else 4
        self.places: list[tuple[int, int, str, tuple[int, ...]]] = []
        self._read()

    def _number(self, nbytes: int) -> int:
        found = int.from_bytes(self.data[self.at : self.at + nbytes], "big")
        self.at += nbytes
        return found

    def _name(self) -> str:
        n = self._number(self.wide)
        found = self.data[self.at : self.at + n].decode()
        self.at += n + -n % 4
        return found

    def _list(self) -> int:
        self._number(4)
        return self._number(self.wide)

    def _attributes(self) -> None:
        sizes = {1: 1, 2: 1, 3: 2, 4: 4, 5: 4, 6: 8}
        for _ in range(self._list()):
            self._name()
            n = sizes[self._number(4)]
            n *= self._number(self.wide)
            self.at += n + -n % 4

    def _read(self) -> None:
        self._number(self.wide)
        self.places.append((0, self.at, "records", ()))
        for k in range(self._list()):
            start = self.at
            self._name()
            self._number(self.wide)
            self.places.append((start, self.at, "dimension", (k,)))
        start = self.at
        self._attributes()
        self.places.append((start, self.at, "global", ()))
        for _ in range(self._list()):
            start = self.at
            name = self._name()
            ids = tuple(self._number(self.wide) for _ in range(self._number(self.wide)))
            self._attributes()
            self._number(4)
            self._number(self.wide)
            self._number(4 if self.data[3] == 1 else 8)
            self.places.append((start, self.at, name, ids))

    def touched(self, at: int) -> set[str] | None:
        """The variables that the bytes from ``at`` may speak of; ``None``: all."""
        found: set[str] = set()
        for start, stop, name, _ in self.places:
            if start - 8 <= at + 3 and at < stop:  # counts and tags lie between
                if name in ("records", "dimension", "global"):
                    return None
                found.add(name)
        return found or None
