"""One run of the program: what was typed, and whether it has been told to stop."""

from __future__ import annotations

import gc
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xnabla.cli._signals import Signals
from xnabla.errors import FillValueWarning


@dataclass(slots=True)
class Session:
    """What commands need to know of the run they are part of."""

    arguments: list[str]
    given: dict[str, Any] = field(default_factory=dict)
    signals: Signals = field(default_factory=Signals)
    collects: bool = False
    targets: dict[str, object] = field(default_factory=dict)
    heard: list[FillValueWarning] = field(default_factory=list)

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
        self.signals.checkpoint()

    def will_write(self, *paths: str | None) -> None:
        """Remember what is there before these targets are put in place."""
        self.targets = {path: _identity(path) for path in paths if path}

    def written(self) -> list[str]:
        """Return the targets that have been put in place, whole.

        A signal may come between the last checkpoint and the end.
        """
        return [p for p, before in self.targets.items() if _identity(p) != before]


def _identity(path: str) -> object:
    """Tell a file from the one that takes its place."""
    try:
        status = Path(path).expanduser().stat()
    except (OSError, ValueError, RuntimeError):
        return None
    return status.st_ino, status.st_mtime_ns
