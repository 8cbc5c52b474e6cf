"""What xnabla understands of a file: each grid once, and the variables on it."""

from __future__ import annotations

from collections.abc import Sequence

import xarray as xr

from xnabla.errors import XnablaError, printable
from xnabla.files import (
    check_file,
    expanded,
    gathered,
    held,
    notes_of,
    open_dataset,
)
from xnabla.grid import grid_of
from xnabla.recipes._sources import located
from xnabla.units import parse


def info_lines(paths: str | Sequence[str], group: str | None = None) -> list[str]:
    """Return lines that tell every variable's grid, unit, and what is wrong.

    Parameters
    ----------
    paths : str or sequence of str
        A file, or those that are one data set: a pattern, a folder, several.
    group : str, optional
        The group of the file to tell of.

    Raises
    ------
    FileError
        If it cannot be read.
    """
    files = gathered(paths)
    kinds = dict.fromkeys(map(check_file, files))
    with held(open_dataset(files, group=group)) as dataset:
        size = sum(map(_size, files))
        title = " ".join(str(dataset.attrs.get("title", "")).split())
        named = files[0] if len(files) == 1 else f"{files[0]} … {files[-1]}"
        count = "" if len(files) == 1 else f"{len(files)} files, "
        told = f"{named}: {count}{', '.join(kinds)}, {_bytes(size)}"
        lines = [told + (f": {title}" if title else "")]
        grids = _by_grid(dataset)
        lines += [f"note: {note}" for note in notes_of(dataset)]
        for grid, names in grids.items():
            lines += ["", *_aligned([dataset[name] for name in names])]
            lines += [f"  {line}" for line in grid.splitlines()]
        refused = dataset.encoding["xnabla_refused"]
        lines += (
            ["", *(f"refused: {why}" for why in refused.values())] if refused else []
        )
        if not dataset.data_vars:
            lines.append("There is no variable to differentiate.")
    return [printable(line) for line in lines]


def _size(path: str) -> int:
    place = expanded(path)
    inside = (one for one in place.rglob("*") if one.is_file())
    every = inside if place.is_dir() else [place]
    return sum(one.stat().st_size for one in every)


def _by_grid(dataset: xr.Dataset) -> dict[str, list[str]]:
    """Return the variables that share a grid, by the text of the grid."""
    groups: dict[str, list[str]] = {}
    for name, variable in dataset.data_vars.items():
        if variable.ndim == 0 or variable.dtype.kind not in "iufc":
            text = f"no field: {_why_no_field(variable)}"
        else:
            text = str(grid_of(located(variable, dataset)))
        groups.setdefault(text, []).append(str(name))
    return groups


def _why_no_field(variable: xr.DataArray) -> str:
    if variable.ndim == 0:
        return "a single value"
    return f"{variable.dtype} values"


def _aligned(variables: list[xr.DataArray]) -> list[str]:
    names = [str(variable.name) for variable in variables]
    units = [_unit(variable) for variable in variables]
    widest_name = max(map(len, names))
    widest_unit = max(map(len, units))
    return [
        f"{name:<{widest_name}}  {unit:<{widest_unit}}  {_called(variable)}".rstrip()
        for name, unit, variable in zip(names, units, variables, strict=True)
    ]


def _unit(variable: xr.DataArray) -> str:
    """Return the unit as understood, or that it is not."""
    text = variable.attrs.get("units")
    if text is None or not str(text).strip():
        return "[no units]"
    try:
        understood = str(parse(str(text), of=f"variable {variable.name!r}"))
    except XnablaError:
        return f"[{text}: not understood]"
    return f"[{text}]" if understood == text else f"[{text} = {understood}]"


def _called(variable: xr.DataArray) -> str:
    attributes = variable.attrs
    text = attributes.get("long_name") or attributes.get("standard_name") or ""
    return " ".join(str(text).split())


def _bytes(size: int) -> str:
    for factor, unit in ((2**30, "GB"), (2**20, "MB"), (2**10, "kB")):
        if size >= factor:
            return f"{size / factor:.1f} {unit}"
    return f"{size} bytes"
