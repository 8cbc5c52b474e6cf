"""How accurate the operators are on each grid of a file, and what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

import xarray as xr

from xnabla.accuracy import AccuracyReport, accuracy_report
from xnabla.errors import GridError, XnablaError, explain, printable
from xnabla.files import (
    check_file,
    held,
    notes_of,
    open_dataset,
    probe_file,
    publish,
)
from xnabla.grid import Grid, grid_of
from xnabla.recipes._sources import located
from xnabla.recipes._targets import check_targets


@dataclass(frozen=True, slots=True)
class Check:
    """What to check, as plain data.

    Attributes
    ----------
    input : str or None
        A NetCDF file.
    grid : str or None
        Or a grid named in a word.
    accuracy : tuple of int
        The accuracies to measure.
    earth : object
        Figure of the Earth where the file names none.
    json, plot : str or None
        Where the numbers and the picture go.
    overwrite : bool
        Whether existing targets are replaced.
    group : str or None
        The group of the file that holds the variables.
    """

    input: str | None = None
    grid: str | None = None
    accuracy: tuple[int, ...] = (2, 4, 6)
    earth: Any = None
    json: str | None = None
    plot: str | None = None
    overwrite: bool = False
    group: str | None = None


def check_lines(check: Check) -> list[str]:
    """Measure, write what is asked for, and return the reports in lines.

    A file is tried in a process of its own first: a damaged one may crash or stop the
    library that reads it.

    Parameters
    ----------
    check : Check

    Raises
    ------
    XnablaError
        If the file cannot be read, or has no grid to judge.
    """
    sources = () if check.input is None else (check.input,)
    kind = check_targets(sources, check.json, check.plot, overwrite=check.overwrite)
    if check.input is None:
        name = str(check.grid)
        reports = [accuracy_report(name, accuracy=check.accuracy, earth=check.earth)]
        lines: list[str] = []
    else:
        lines, reports = _of_file(check.input, check)
    with ExitStack() as stack:
        if check.plot is not None:
            from xnabla.plot import save_figure

            target = stack.enter_context(publish(check.plot, overwrite=check.overwrite))
            save_figure(reports[0].plot(), target, kind=kind)
        if check.json is not None:
            target = stack.enter_context(publish(check.json, overwrite=check.overwrite))
            told = {"checked": check.input or check.grid, "told": lines}
            found = {**told, "reports": [report.to_dict() for report in reports]}
            text = json.dumps(found, indent=2, allow_nan=False)
            target.write_text(text + "\n", encoding="utf-8")
    if check.plot is not None and len(reports) > 1:
        lines.append(f"drawn: {reports[0].name}, the first of {len(reports)} grids")
    for report in reports:
        lines += ["", *str(report).splitlines()] if lines else str(report).splitlines()
    return lines


def _of_file(path: str, check: Check) -> tuple[list[str], list[AccuracyReport]]:
    kind = check_file(path)
    probe_file(path, group=check.group)
    reports: list[AccuracyReport] = []
    with held(open_dataset(path, group=check.group)) as dataset:
        grids = _grids(dataset, check.earth)
        lines = [f"{path}: {kind}"]
        lines += [f"note: {note}" for note in notes_of(dataset)]
        refused = dataset.encoding["xnabla_refused"]
        lines += [f"refused: {why}" for why in refused.values()]
        wrong: list[str] = []
        for names, grid, field in grids:
            try:
                made = accuracy_report(
                    field, accuracy=check.accuracy, earth=check.earth
                )
            except XnablaError as fault:
                wrong.append(f"not judged: {_several(names)}: {fault}")
                continue
            del grid
            reports.append(replace(made, name=f"the grid of {_several(names)}"))
        if not reports:
            raise GridError(
                explain(
                    f"File '{path}' has no grid to judge"
                    + (f": {_first(wrong[0])}" if wrong else ""),
                    expected="a variable on a horizontal grid",
                    hint=f"xnabla info {path}"
                    + (f" --group {check.group}" if check.group else ""),
                )
            )
    return [printable(line) for line in (*lines, *wrong)], reports


def _first(text: str) -> str:
    """Return a sentence without its advice, for use inside another."""
    return text.removeprefix("not judged: ").split(". ", maxsplit=1)[0].rstrip(".")


def _several(names: Sequence[str]) -> str:
    shown = ", ".join(names[:4])
    return shown + (f" and {len(names) - 4} more" if len(names) > 4 else "")


def _grids(
    dataset: xr.Dataset, earth: Any
) -> list[tuple[list[str], Grid, xr.DataArray]]:
    """Return each horizontal grid once, with the variables on it."""
    found: dict[str, tuple[list[str], Grid, xr.DataArray]] = {}
    for name, variable in dataset.data_vars.items():
        if variable.ndim < 2 or variable.dtype.kind not in "iufc":
            continue
        field = located(variable, dataset)
        grid = grid_of(field, earth=earth)
        if grid.refusal is not None:
            # places that move with time, as in WRF's files, are those of the first
            first = field.isel(dict.fromkeys(field.dims[:-2], 0))
            at_first = grid_of(first, earth=earth)
            if at_first.refusal is None:
                field, grid = first, at_first
        # levels and times make no other grid
        text = "\n".join(_horizontal_lines(grid))
        found.setdefault(text, ([], grid, field))[0].append(str(name))
    return list(found.values())


def _horizontal_lines(grid: Grid) -> list[str]:
    """Return what is said of a grid but for its vertical and its time."""
    try:
        others = set(grid.dims) - set(grid.horizontal)
    except XnablaError:
        others = set()
    lines = str(grid).splitlines()[1:]
    return [line for line in lines if line.strip().split(":")[0] not in others]
