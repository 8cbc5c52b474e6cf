"""Do a job, and tell about it: a bar, a summary, JSON, or nothing at all."""

from __future__ import annotations

import contextlib
import json
import time
from typing import TYPE_CHECKING

import click

from xnabla.cli._progress import progress_bar

if TYPE_CHECKING:
    import xarray as xr

    from xnabla.cli._session import Session
    from xnabla.recipes import Job


def report(job: Job, session: Session, *, quiet: bool, as_json: bool) -> None:
    """Do a job and tell about it as was asked.

    Parameters
    ----------
    job : Job
    session : Session
    quiet : bool
        Whether neither progress nor a summary is shown.
    as_json : bool
        Whether the result is told as JSON on standard output.
    """
    from xnabla.recipes import run, summary_lines, told_of

    began = time.monotonic()
    files = job.paths if as_json else ()
    lines: list[str] = []
    told: dict[str, object] = {}

    def look(result: xr.Dataset) -> None:
        if as_json:
            told.update(told_of(result))
        elif not quiet:
            lines.extend(summary_lines(result))
        else:
            result.load()

    title = "xnabla " + " --then ".join([job.operator, *(s.operator for s in job.then)])
    bar = contextlib.nullcontext() if quiet else progress_bar(title)
    with bar as progress:
        run(job, progress, session.checkpoint, look, look_at_files=as_json)
    session.checkpoint()
    if as_json:
        told = {
            "files": [*files],
            **told,
            "undeclared_fills": [one.facts for one in session.heard],
            "seconds": round(time.monotonic() - began, 3),
        }
        click.echo(json.dumps(_whole(job, told), indent=2))
    elif lines:
        click.echo("\n".join(lines))


def _whole(job: Job, told: dict[str, object]) -> dict[str, object]:
    from importlib.metadata import version

    return {
        "xnabla": version("xnabla"),
        "command": job.command,
        "output": job.output,
        "plot": job.plot,
        **told,
    }
