"""GRIB, read by a process of its own and handed over as arrays on disk.

ecCodes ends the process when pyproj is in it too (measured: "free(): invalid pointer"
or a segmentation fault). So this process never imports it. The arrays are mapped into
memory and their files removed at once: the system keeps what is still looked at.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from xnabla._unfinished import unfinished
from xnabla.errors import FileError, explain
from xnabla.files._lazily import Chunks
from xnabla.files._path import expanded
from xnabla.files._survey import listening

__all__ = ["open_grib"]

# A reader that takes longer hangs: it does 20 MB in a second, and starts in two.
_PATIENCE_S, _BYTES_PER_S = 120.0, 1e6
_MOST_LISTED = 12
_GRID = ("latitude", "longitude")


def open_grib(
    path: str | os.PathLike[str],
    *,
    chunks: Chunks = None,
    select: Mapping[str, Any] | None = None,
) -> xr.Dataset:
    """Open a GRIB file: all its fields, each with the levels it has.

    A name that several kinds of level share gets the kind's name behind it,
    ``t_isobaricInhPa`` and ``t_tropopause``.

    Parameters
    ----------
    path : path
    chunks : mapping, int or "auto", optional
    select : mapping, optional
        What messages to take, by their keys.

    Raises
    ------
    FileError
        If the file is damaged, the reader of GRIB is not installed, ends badly or
        does not end, or nothing is selected.
    """
    file = expanded(path).absolute()
    folder = Path(tempfile.mkdtemp(prefix="xnabla-grib-"))
    with unfinished(folder):
        answer = _asked(file, folder, dict(select or {}), path)
        fields = [_Field(one, folder) for one in answer["fields"]]
    if not fields:
        text = f"No field of '{path}' can be read: " + "; ".join(answer["left"])
        raise FileError(explain(text, hint=f"grib_ls {path}"))
    ds, notes = _dataset(fields, path)
    ds.encoding["source"] = str(file)
    ds.encoding["xnabla_notes"] = (*(f"left out: {o}" for o in answer["left"]), *notes)
    ds.encoding["xnabla_refused"] = {}
    if chunks is None:
        return ds
    encoding = ds.encoding
    ds = ds.chunk(chunks)
    ds.encoding = encoding
    return ds


def _asked(
    file: Path, folder: Path, select: dict[str, Any], path: str | os.PathLike[str]
) -> dict[str, Any]:
    """Return what the reader of GRIB says of a file."""
    request = folder / "request.json"
    asked = {"path": str(file), "folder": str(folder), "select": select}
    request.write_text(json.dumps(asked, default=str), encoding="utf-8")
    _run(file, folder, request, path)
    answer: dict[str, Any] = {}
    with suppress(OSError, ValueError):
        answer = json.loads((folder / "answer.json").read_text(encoding="utf-8"))
    if "missing" in answer:
        text = f"'{path}' is GRIB, which is read by cfgrib: {answer['missing']}"
        hint = "pip install 'xnabla[grib]', or XNABLA_GRIB_PYTHON=/path/to/python of "
        raise FileError(explain(text, hint=hint + "an environment that has cfgrib"))
    if "nothing" in answer:
        known = sorted(answer["known"])
        listed = ", ".join(known[:_MOST_LISTED]) or "another"
        text = f"No message of '{path}' has that {answer['nothing']}"
        got = ", ".join(f"{k}={v}" for k, v in select.items())
        raise FileError(explain(text, expected=f"one of {listed}", got=got))
    if "fields" not in answer:
        cause = answer.get("error", "it left no answer")
        text = f"File '{path}' cannot be decoded: {cause}"
        raise FileError(explain(text, hint=f"grib_ls {path}"))
    return answer


def _run(file: Path, folder: Path, request: Path, path: str | os.PathLike[str]) -> None:
    """Have the child do it, and end it if it does not end."""
    python = os.environ.get("XNABLA_GRIB_PYTHON") or sys.executable
    child = Path(__file__).with_name("_grib_child.py")
    patience = _PATIENCE_S + file.stat().st_size / _BYTES_PER_S
    try:
        with (folder / "log").open("wb") as log:
            code = subprocess.run(
                # -P: what lies beside the program is not what it imports
                [python, "-P", str(child), str(request)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                timeout=patience,
                check=False,
            ).returncode
    except subprocess.TimeoutExpired as error:
        text = f"The reader of GRIB did not end within {patience:.0f} s on '{path}'"
        raise FileError(explain(text, hint=f"grib_ls {path}")) from error
    except OSError as error:
        text = f"The reader of GRIB cannot be started: {python}: {error.strerror}"
        raise FileError(explain(text, hint="unset XNABLA_GRIB_PYTHON")) from error
    if (folder / "answer.json").exists():
        return
    if code < 0:
        how = f"was ended by {_signal_name(-code)}"
    else:
        how = f"ended with code {code}"
    with suppress(OSError):
        last = (folder / "log").read_text(errors="replace").strip().splitlines()[-1:]
        how += "".join(f": {line}" for line in last)
    text = f"The reader of GRIB {how} on '{path}'"
    raise FileError(explain(text, hint=f"grib_ls {path}"))


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


class _Field:
    """A field as the child described it, its values mapped from their file."""

    def __init__(self, told: dict[str, Any], folder: Path) -> None:
        self.name, self.level, self.step = told["name"], told["level"], told["step"]
        self.dims = list(told["dims"])
        self.values = np.load(folder / told["file"], mmap_mode="r")
        self.coords = {
            name: xr.Variable(c["dims"], np.asarray(c["values"]), c["attrs"])
            for name, c in told["coords"].items()
        }
        skipped = ("coordinates", "GRIB_missingValue")
        self.attrs = {k: v for k, v in told["attrs"].items() if k not in skipped}


def _dataset(
    fields: list[_Field], path: str | os.PathLike[str]
) -> tuple[xr.Dataset, list[str]]:
    """Put the fields of a file side by side, each on its own levels."""
    coords: dict[str, xr.Variable] = {}
    for name in _GRID:
        for field in fields:
            one = field.coords.get(name)
            known = coords.setdefault(name, one) if one is not None else None
            if known is not None and not _same(known, one):
                text = f"File '{path}' has fields on several grids"
                hint = f"select={{'shortName': '{field.attrs['GRIB_shortName']}'}}"
                raise FileError(explain(text, expected="fields of one grid", hint=hint))
    for field in fields:
        _add_coordinates(coords, field, fields)
    names = _names(fields)
    notes = [
        f"'{name}' is '{field.name}' on {field.level} ({field.step})"
        for name, field in zip(names, fields, strict=True)
        if name != field.name
    ]
    data = {
        name: xr.Variable(field.dims, field.values, field.attrs)
        for name, field in zip(names, fields, strict=True)
    }
    attributes = {"Conventions": "CF-1.7"}
    institution = fields[0].attrs.get("GRIB_centreDescription")
    if institution:
        attributes["institution"] = institution
    with listening():
        ds = xr.decode_cf(xr.Dataset(data, coords, attributes), decode_timedelta=False)
    return ds, notes


def _add_coordinates(
    coords: dict[str, xr.Variable], field: _Field, fields: list[_Field]
) -> None:
    """Add what places a field; a dimension with other points gets another name."""
    for name, one in field.coords.items():
        if name in _GRID:
            continue
        if one.ndim == 0:
            others = [f.coords.get(name) for f in fields]
            if all(other is not None and _same(other, one) for other in others):
                coords[name] = one
            else:  # it is true of this field, not of all of the data set
                field.attrs[f"GRIB_{name}"] = one.values.item()
            continue
        new, number = name, 1
        while new in coords and not _same(coords[new], one):
            number += 1
            new = f"{name}_{number}"
        if new != name and name in one.dims:
            dims = [new if dim == name else dim for dim in one.dims]
            one = xr.Variable(dims, one.values, one.attrs)  # noqa: PLW2901
            field.dims = [new if dim == name else dim for dim in field.dims]
        coords[new] = one


def _same(a: xr.Variable, b: xr.Variable | None) -> bool:
    return b is not None and a.shape == b.shape and np.array_equal(a.values, b.values)


def _names(fields: list[_Field]) -> list[str]:
    """Return a name for each field that is no other's."""
    names = [field.name for field in fields]
    for tail in ("level", "step"):
        count = Counter(names)
        names = [
            f"{name}_{getattr(field, tail)}" if count[name] > 1 else name
            for name, field in zip(names, fields, strict=True)
        ]
    count = Counter(names)
    return [f"{n}_{k}" if count[n] > 1 else n for k, n in enumerate(names)]
