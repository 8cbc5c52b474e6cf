"""A job: an operator on a variable of a file, to a file and a picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import xarray as xr

from xnabla.errors import OptionError, explain
from xnabla.files import check_target, open_dataset, pick_variable, publish, save
from xnabla.labels import dequantify
from xnabla.operators import CATALOGUE, Components
from xnabla.recipes._select import select_level, select_time

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


def run(job: Job, progress: Callable[[int, int], object] | None = None) -> xr.Dataset:
    """Do a job: read, select, operate, draw, write.

    Targets are checked first and written last, whole or not at all.

    Parameters
    ----------
    job : Job
        What to do.
    progress : callable, optional
        Called with the number of pieces done and the number in all while a file is
        written.

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
    targets = [name for name in (job.output, job.plot) if name is not None]
    for target in targets:
        check_target(target, overwrite=job.overwrite)
    _check_different(job)
    if job.plot is not None:
        from xnabla.plot import picture_format

        kind = picture_format(job.plot)
    source = _open(job)
    try:
        chosen = pick_variable(source, job.variable, job.input)
        if job.level is not None:
            chosen = select_level(chosen, job.level)
        if job.time is not None:
            chosen = select_time(chosen, job.time)
        result = CATALOGUE[job.operator].function(chosen, **job.parameters)
        dataset = _as_dataset(result).assign_attrs(
            {k: source.attrs[k] for k in _KEPT_GLOBALS if k in source.attrs}
        )
        figure = _drawn(result, chosen) if job.plot is not None else None
        if job.output is not None:
            save(
                dataset,
                job.output,
                overwrite=job.overwrite,
                history=job.command,
                source=job.input,
                progress=progress,
            )
        if job.plot is not None and figure is not None:
            from xnabla.plot import save_figure

            with publish(job.plot, overwrite=job.overwrite) as temporary:
                save_figure(figure, temporary, kind=kind)
        return dataset if targets else dataset.load()
    finally:
        source.close()


def _open(job: Job) -> xr.Dataset:
    """Open the input, in chunks if the variable is large."""
    source = open_dataset(job.input)
    name = job.variable
    sizes = (
        [source[name].nbytes]
        if name in source
        else [variable.nbytes for variable in source.data_vars.values()]
    )
    if max(sizes, default=0) < _CHUNKED_FROM_BYTES:
        return source
    source.close()
    return open_dataset(job.input, chunks="auto")


def _as_dataset(result: Any) -> xr.Dataset:
    if isinstance(result, Components):
        return result.to_dataset()
    plain: xr.DataArray = dequantify(result)
    return plain.to_dataset()


def _drawn(result: Any, field: xr.DataArray) -> Any:
    from xnabla import plot

    if isinstance(result, Components) and len(result) > 1:
        return plot.draw_gradient(result, field=field)
    only = result[0] if isinstance(result, Components) else result
    return plot.draw(only, contours_of=field if field.ndim == 2 else None)


def _check_different(job: Job) -> None:
    if job.output is None or job.plot is None:
        return
    if Path(job.output).absolute() == Path(job.plot).absolute():
        raise OptionError(
            explain(
                "The file and the picture cannot have one name",
                expected="two names",
                got=job.output,
                hint="-o gradient.nc --plot gradient.png",
            )
        )
