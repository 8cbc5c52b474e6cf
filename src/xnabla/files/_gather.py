"""Which files are meant: one, a list, a pattern, a folder."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import TypeAlias

from xnabla.errors import FileError, explain
from xnabla.files._path import expanded
from xnabla.files._zarr_kind import zarr_kind

__all__ = ["Paths", "gathered"]

Paths: TypeAlias = "str | os.PathLike[str] | Iterable[str | os.PathLike[str]]"
"""A path, a pattern, a folder, or several of those."""

_SUFFIXES = frozenset(
    (".nc", ".nc3", ".nc4", ".cdf", ".netcdf", ".grib", ".grb", ".grib1", ".grib2",
     ".grb1", ".grb2", ".zarr")
)  # fmt: skip


def gathered(paths: Paths) -> list[str]:
    """Return the files that are meant, each once, in the order they were named.

    Parameters
    ----------
    paths : path, pattern, or several
        A name that exists is that file, whatever characters it has. A folder that is
        no Zarr store stands for the data files in it.

    Raises
    ------
    FileError
        If a pattern fits nothing, a folder holds no data, or nothing was named.

    Examples
    --------
    >>> gathered(["a.nc", "b.nc", "./a.nc"])
    ['a.nc', 'b.nc']
    """
    named = [paths] if isinstance(paths, (str, os.PathLike)) else list(paths)
    if not named:
        raise FileError(explain("No file is named", hint="xn.open('era5_*.nc')"))
    found = [file for path in named for file in _files(path)]
    once: dict[str, str] = {}
    for file in found:
        once.setdefault(os.path.realpath(expanded(file)), file)
    return list(once.values())


def _files(path: str | os.PathLike[str]) -> list[str]:
    text = os.fspath(path)
    place = expanded(path)
    is_folder = is_there = False
    with suppress(OSError, ValueError):  # reading will say what is wrong with it
        is_folder, is_there = place.is_dir(), place.exists()
    if is_folder:
        return [text] if zarr_kind(place) else _inside(place, text)
    if is_there or not glob.has_magic(text) or "\0" in text:
        return [text]
    # a Path has no pattern that begins at the root, and none with its own folder
    fitting = sorted(glob.glob(str(place), recursive=True))  # noqa: PTH207
    files = [one for one in fitting if _is_data(Path(one), any_name=True)]
    if not files:
        raise FileError(
            explain(f"No file fits the pattern '{text}'", hint=f"ls {place.parent}")
        )
    return files


def _inside(place: Path, text: str) -> list[str]:
    """Return the data files of a folder; what begins with a dot is none."""
    inner = sorted(place.iterdir())
    files = [str(one) for one in inner if one.name[0] != "." and _is_data(one)]
    if not files:
        expected = "NetCDF, GRIB or Zarr in it, or a Zarr store"
        raise FileError(
            explain(f"Directory '{text}' holds no data file", expected=expected)
        )
    return files


def _is_data(one: Path, *, any_name: bool = False) -> bool:
    if one.is_dir():
        return zarr_kind(one) is not None
    return any_name or one.suffix.lower() in _SUFFIXES
