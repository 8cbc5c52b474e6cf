"""One progress bar over a long job, and silence everywhere else."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

# A job done sooner than this needs no bar.
_PATIENCE_S = 1.0


@contextmanager
def progress_bar(title: str) -> Iterator[Callable[[int, int], object] | None]:
    """Give a function to report progress to, or ``None`` where nobody looks.

    It is told bytes done and bytes in all; the rate and the time left are shown.
    The bar goes to standard error, only if that is a terminal, and only once the job
    has taken a second.
    """
    with run_display(title) as (report, _):
        yield report


@contextmanager
def run_display(
    title: str,
) -> Iterator[tuple[Callable[[int, int], object] | None, Callable[[str], object]]]:
    """Give two functions: one to report progress to, one to say what is done next.

    Of many steps there is one bar, which names the step; where nobody looks, the first
    is ``None`` and the second does nothing.
    """
    if sys.stderr is None or not sys.stderr.isatty():
        yield None, lambda words: None
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:3.0f} %"),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    task = bar.add_task(escape(title), total=None)
    began = time.monotonic()

    def awake() -> None:
        if time.monotonic() - began > _PATIENCE_S and not bar.live.is_started:
            bar.start()

    def report(done: int, total: int) -> None:
        awake()
        bar.update(task, completed=done, total=total)

    def say(words: str) -> None:
        awake()
        bar.update(task, description=escape(f"{title} · {words}"))

    try:
        yield report, say
    finally:
        bar.stop()
