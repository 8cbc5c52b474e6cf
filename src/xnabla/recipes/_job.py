"""A job: an operator on a variable of a file, to a file and a picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import xarray as xr

from xnabla.errors import XnablaError
from xnabla.files import open_dataset, pick_variable, publish, save
from xnabla.grid import Grid, grid_of
from xnabla.labels import dequantify
from xnabla.operators import CATALOGUE, Components
from xnabla.recipes._select import Selection, level_selection, time_selection
from xnabla.recipes._targets import check_targets

# A field larger than this is worked on in chunks, and never held whole.
_CHUNKED_FROM_BYTES = 512 * 2**20

# Global attributes of the source that are as true of what is made from it.
_KEPT_GLOBALS = ("title", "institution", "source", "references", "license", "history")


@dataclass(frozen=True, slots=True)
class Job:
    """What to do, as plain data.

    Attributes
    ----------
    operator : str
        A name of the catalogue.
    input : str
        A NetCDF file.
    variable : str or None
        Its variable; may be left out if there is but one.
    parameters : mapping
        What the operator takes, by keyword.
    level, time : str or None
        What to select first.
    output : str or None
        The NetCDF file to write.
    plot : str or None
        The picture to draw.
    overwrite : bool
        Whether existing targets are replaced.
    command : str
        How the job was asked for, for the history of the file.
    """

    operator: str
    input: str
    variable: str | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    level: str | None = None
    time: str | None = None
    output: str | None = None
    plot: str | None = None
    overwrite: bool = False
    command: str = ""


def run(
    job: Job,
    progress: Callable[[int, int], object] | None = None,
    checkpoint: Callable[[], object] = lambda: None,
) -> xr.Dataset:
    """Do a job: read, select, operate, draw, write.

    Targets are checked first and put in place last, whole or not at all.

    Parameters
    ----------
    job : Job
        What to do.
    progress : callable, optional
        Called with the number of pieces done and the number in all while a file is
        written.
    checkpoint : callable, optional
        Called between the steps and before anything is put in place; what it raises
        ends the job with nothing written.

    Returns
    -------
    Dataset
        The result, as it is in the file.

    Raises
    ------
    XnablaError
        With the sentence for people.

    Examples
    --------
    >>> job = Job("gradient", "sample_data/analytic.nc", variable="T")
    >>> sorted(run(job))  # doctest: +SKIP
    ['dT_dx', 'dT_dy']
    """
    kind = check_targets(job.input, job.output, job.plot, overwrite=job.overwrite)
    source = _open(job)
    try:
        chosen = pick_variable(source, job.variable, job.input)
        result, shown = _operate(job, chosen)
        dataset = _as_dataset(result, source)
        checkpoint()
        with ExitStack() as stack:
            if job.plot is not None:
                # drawn before the file is put in place, and put in place after it
                temporary = stack.enter_context(
                    publish(job.plot, overwrite=job.overwrite, checkpoint=checkpoint)
                )
                _draw(result, shown, temporary, kind)
            if job.output is not None:
                save(
                    dataset,
                    job.output,
                    overwrite=job.overwrite,
                    history=job.command,
                    source=job.input,
                    progress=progress,
                    checkpoint=checkpoint,
                )
        return dataset if job.output or job.plot else dataset.load()
    finally:
        source.close()


def _open(job: Job) -> xr.Dataset:
    """Open the input, in chunks if the variable is large."""
    source = open_dataset(job.input)
    one = [source[job.variable]] if job.variable in source else []
    largest = max((v.nbytes for v in one or source.data_vars.values()), default=0)
    if largest < _CHUNKED_FROM_BYTES:
        return source
    source.close()
    return open_dataset(job.input, chunks="auto")


def _operate(job: Job, field: xr.DataArray) -> tuple[Any, xr.DataArray]:
    """Return the result of the operator, and the field it was made from, as selected.

    What is selected is selected first, unless the operator goes along that very
    dimension: then the result is.
    """
    grid = grid_of(field)
    wanted = job.parameters.get("dims") or (job.parameters.get("dim"),)
    along = {grid.dim(name) for name in wanted if name and _is_dim(grid, name)}
    before: list[Selection] = []
    after: list[Selection] = []
    for make, word in ((level_selection, job.level), (time_selection, job.time)):
        if word is not None:
            selection = make(field, grid, word)
            (after if selection.dim in along else before).append(selection)
    for selection in before:
        field = selection.of(field)
    result = CATALOGUE[job.operator].function(field, **job.parameters)
    for selection in after:
        field = selection.of(field)
        if isinstance(result, Components):
            result = result.map(selection.of)
        else:
            result = selection.of(result)
    return result, field


def _is_dim(grid: Grid, name: str) -> bool:
    try:
        grid.dim(name)
    except XnablaError:
        return False  # the operator itself says what is wrong
    return True


def _as_dataset(result: Any, source: xr.Dataset) -> xr.Dataset:
    """Return the result with what its source says of all its variables."""
    if isinstance(result, Components):
        dataset = result.to_dataset()
    else:
        dataset = dequantify(result).to_dataset()
    kept = {k: source.attrs[k] for k in _KEPT_GLOBALS if k in source.attrs}
    bounds = {}
    for coordinate in dataset.coords.values():
        name = coordinate.attrs.get("bounds", coordinate.encoding.get("bounds"))
        if name not in source or coordinate.ndim == 0:
            continue
        cells = source[name].variable
        own = {dim: n for dim, n in cells.sizes.items() if dim in coordinate.dims}
        if own == dict(coordinate.sizes) and len(cells.dims) == coordinate.ndim + 1:
            bounds[name] = cells
    return dataset.assign_coords(bounds).assign_attrs(kept)


def _draw(result: Any, field: xr.DataArray, path: Path, kind: str | None) -> None:
    from xnabla import plot

    if isinstance(result, Components) and len(result) > 1:
        figure = plot.draw_gradient(result, field=field)
    else:
        only = result[0] if isinstance(result, Components) else result
        figure = plot.draw(only, contours_of=field if field.ndim == 2 else None)
    plot.save_figure(figure, path, kind=kind)
