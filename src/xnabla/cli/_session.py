"""One run of the program: what was typed, and whether it has been told to stop."""

from __future__ import annotations

import gc
import signal
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xnabla.errors import FillValueWarning


@dataclass(slots=True)
class Session:
    """What commands need to know of the run they are part of.

    A signal raises, so that everything unwinds and nothing half stays. But libraries
    that call back from C lose what is raised while they work (of 8 interrupts of a run
    on 160 MB, 6 were lost), so it is remembered as well, and raised again at the next
    checkpoint.
    """

    arguments: list[str]
    given: dict[str, Any] = field(default_factory=dict)
    stopped_by: int = 0
    collects: bool = False
    is_over: bool = False
    targets: dict[str, object] = field(default_factory=dict)
    heard: list[FillValueWarning] = field(default_factory=list)

    @contextmanager
    def watch(self) -> Iterator[None]:
        """Make signals that end a program unwind it like an exception.

        Where one comes in a callback of a library, or leaves something half done that
        is cleaned up later, Python prints a traceback and goes on: nothing is printed,
        and the next checkpoint raises it.
        """
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), self._stop)
        before = sys.unraisablehook

        def forgotten(found: Any) -> None:
            if not self.stopped_by:
                before(found)

        sys.unraisablehook = forgotten
        try:
            yield
        finally:
            self.is_over = True
            if not self.stopped_by:
                sys.unraisablehook = before

    @contextmanager
    def starting(self) -> Iterator[None]:
        """Collect no garbage until the first checkpoint.

        Importing makes many objects and no garbage. Looking for it among them took
        0.2 s of the 1.4 s of processor time of a small job.
        """
        collected = gc.isenabled()
        self.collects = collected
        gc.disable()
        try:
            yield
        finally:
            if collected:
                gc.enable()

    @contextmanager
    def hearing(self) -> Iterator[None]:
        """Keep the warnings that are about values; say nothing of the others.

        What a library mutters of its own insides helps nobody at a shell.
        """

        def hear(message: Warning | str, *_where: Any, **_more: Any) -> None:
            if isinstance(message, FillValueWarning):
                self.heard.append(message)

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("always", FillValueWarning)
            warnings.showwarning = hear
            yield

    def checkpoint(self) -> None:
        """Stop here if a signal has come; the work has begun.

        Raises
        ------
        KeyboardInterrupt, SystemExit
        """
        if self.collects:
            gc.enable()
        if self.stopped_by == signal.SIGINT:
            raise KeyboardInterrupt
        if self.stopped_by:
            raise SystemExit(128 + self.stopped_by)

    def will_write(self, *paths: str | None) -> None:
        """Remember what is there before these targets are put in place."""
        self.targets = {path: _identity(path) for path in paths if path}

    def written(self) -> list[str]:
        """Return the targets that have been put in place, whole.

        A signal may come between the last checkpoint and the end.
        """
        return [p for p, before in self.targets.items() if _identity(p) != before]

    def _stop(self, number: int, frame: Any) -> None:
        del frame
        if self.is_over:
            return  # the program is leaving, and has said with what code
        self.stopped_by = number
        self.checkpoint()


def _identity(path: str) -> object:
    """Tell a file from the one that takes its place."""
    try:
        status = Path(path).expanduser().stat()
    except (OSError, ValueError, RuntimeError):
        return None
    return status.st_ino, status.st_mtime_ns
