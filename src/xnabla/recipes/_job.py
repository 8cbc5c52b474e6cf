"""A job: operators on variables of files, one after the other, to file and picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import xarray as xr

from xnabla.files import (
    form_of,
    gathered,
    open_dataset,
    publish,
    save,
    warn_of,
    with_remarks,
)
from xnabla.recipes._chain import Link, planned
from xnabla.recipes._cluster import cluster
from xnabla.recipes._inputs import pick_inputs
from xnabla.recipes._memory import DEFAULT_MEMORY
from xnabla.recipes._operate import operate
from xnabla.recipes._picks import Pick, picks_of
from xnabla.recipes._picture import draw_result
from xnabla.recipes._result import as_dataset
from xnabla.recipes._sources import Sources, blocks_of
from xnabla.recipes._step import Step
from xnabla.recipes._targets import check_targets


@dataclass(frozen=True, slots=True)
class Job:
    """What to do, as plain data.

    Attributes
    ----------
    operator : str
        A name of a catalogue.
    input : str or tuple of str
        A NetCDF file, or several that hold the variables between them.
    variable : str or None
        Its variable, for an operator that needs one; may be left out if the file has
        but one.
    inputs : mapping of str to str
        The variables of an operator that takes several, by the name of the argument;
        with commas between them where an argument takes several. Those the file gives
        away may be left out.
    parameters : mapping
        What else the operator takes, by keyword.
    level, time : str or None
        The level and the time to take, or a range or a list of them.
    region : str or None
        The part of the globe to take: ``SOUTH:NORTH,WEST:EAST`` in degrees.
    select : tuple of str
        What else to take: ``DIM=VALUE``, ``DIM=LOW:HIGH`` or ``DIM=ONE,TWO``.
    nearest : bool
        Whether the nearest level, time or place will do.
    then : tuple of Step
        What is done with the result, step by step.
    output : str or None
        The NetCDF file to write.
    plot : str or None
        The picture to draw.
    overwrite : bool
        Whether existing targets are replaced.
    command : str
        How the job was asked for, for the history of the file.
    memory : int
        Bytes the job may take, all in all.
    cluster : str or None
        Address of a dask scheduler that has it computed.
    compression : bool, str or tuple
        How the file is compressed, as `xnabla.save` takes it.
    layout, format : str or None
        Chunks and format of the file, as `xnabla.save` takes them.
    append : str or None
        The dimension along which the result is put to what the file holds already.
    group : str or None
        The group of the files that is read.
    fill : mapping
        Numbers that mean missing where the files do not say so, by the variable.
    """

    operator: str
    input: str | tuple[str, ...]
    variable: str | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    level: str | None = None
    time: str | None = None
    output: str | None = None
    plot: str | None = None
    overwrite: bool = False
    command: str = ""
    inputs: Mapping[str, str] = field(default_factory=dict)
    memory: int = DEFAULT_MEMORY
    cluster: str | None = None
    region: str | None = None
    select: tuple[str, ...] = ()
    nearest: bool = False
    then: tuple[Step, ...] = ()
    compression: Any = True
    layout: str = "maps"
    format: str | None = None
    append: str | None = None
    group: str | None = None
    fill: Mapping[str, Any] = field(default_factory=dict)

    @property
    def paths(self) -> tuple[str, ...]:
        """The files it reads: patterns and folders are what they stand for."""
        named = (self.input,) if isinstance(self.input, str) else tuple(self.input)
        return tuple(gathered(named))

    @property
    def opening(self) -> dict[str, Any]:
        """How its files are opened."""
        return {"group": self.group, "fill": self.fill or None}

    @property
    def picks(self) -> tuple[Pick, ...]:
        """What to select."""
        return picks_of(
            self.level, self.time, self.region, self.select, nearest=self.nearest
        )

    @property
    def links(self) -> tuple[Link, ...]:
        """Its steps, each checked against the one before."""
        return planned([Step(self.operator, self.inputs, self.parameters), *self.then])


def run(
    job: Job,
    progress: Callable[[int, int], object] | None = None,
    checkpoint: Callable[[], object] = lambda: None,
    look: Callable[[xr.Dataset], object] = xr.Dataset.load,
    *,
    look_at_files: bool = False,
) -> xr.Dataset:
    """Do a job: read, select, operate, draw, write.

    Targets are checked first and put in place last, whole or not at all.

    Parameters
    ----------
    job : Job
        What to do.
    progress : callable, optional
        Called with the bytes of values written and those in all while a file is
        written.
    checkpoint : callable, optional
        Called between the steps and before anything is put in place; what it raises
        ends the job with nothing written.
    look : callable, optional
        What is done with a result that goes nowhere, while its files are open.
    look_at_files : bool
        Whether the same is done with a result that goes somewhere: as it is in its
        file, where it is not in memory.

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
    links, picks = job.links, job.picks
    paths = job.paths
    kind = check_targets(
        paths, job.output, job.plot, overwrite=job.overwrite, append=job.append
    )
    if job.output is not None:  # refused now, and not after hours of computing
        form_of(job.output, job.compression, job.layout, job.format)
    with (
        cluster(job.cluster),
        Sources.open(paths, job.memory, **job.opening) as sources,
    ):
        checkpoint()
        result, shown = _done(job, sources, links, picks, checkpoint)
        dataset = as_dataset(result, sources)
        checkpoint()
        with ExitStack() as stack:
            if job.plot is not None:
                # drawn before the file is put in place, and put in place after it
                temporary = stack.enter_context(
                    publish(job.plot, overwrite=job.overwrite, checkpoint=checkpoint)
                )
                last = links[-1].step
                crs = last.parameters.get("crs", job.parameters.get("crs"))
                draw_result(last.operator, result, shown, temporary, kind, crs)
            if job.output is not None:
                save(
                    dataset,
                    job.output,
                    overwrite=job.overwrite,
                    history=lambda: with_remarks(job.command, sources.tallies),
                    source=paths,
                    progress=progress,
                    checkpoint=checkpoint,
                    compression=job.compression,
                    layout=job.layout,  # type: ignore[arg-type]
                    format=job.format,
                    append=job.append,
                )
        if job.output is None and job.plot is None:
            look(dataset)
        elif look_at_files:
            _look(dataset, job, look)
        warn_of(sources.tallies)
        return dataset


def _done(
    job: Job,
    sources: Sources,
    links: Sequence[Link],
    picks: Sequence[Pick],
    checkpoint: Callable[[], object],
) -> tuple[Any, dict[str, xr.DataArray]]:
    """Take the inputs of every step out of the files, and do the steps."""
    selecting = [pick.role for pick in picks if pick.role is not None]
    inputs = [
        pick_inputs(
            link.operator,
            sources,
            link.step.inputs,
            None if k else job.variable,
            selecting,
            link.given,
        )
        for k, link in enumerate(links)
    ]
    return operate(links, inputs, picks, job.memory, checkpoint)


def _look(dataset: xr.Dataset, job: Job, look: Callable[[xr.Dataset], object]) -> None:
    """Look at a result, in its file where it would have to be computed again."""
    lazy = any(part.chunks for part in dataset.data_vars.values())
    if not lazy or job.output is None or job.output.endswith(".zarr"):
        look(dataset)
        return
    chunks = blocks_of(job.output, job.memory, {})
    with open_dataset(job.output, chunks=chunks) as written:
        look(written)
