"""A line on the terminal that tells how far a long descent has come."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field
from typing import Any

_PATIENCE_S = 3.0
_EVERY_S = 0.2


@dataclass(slots=True, eq=False)
class Progress:
    """A bar on stderr; by itself only on a terminal, and after three seconds."""

    asked: bool | None
    total: int
    begun: float = field(default_factory=time.monotonic)
    told: float = 0.0
    bar: Any = None
    task: Any = None

    def tell(self, iteration: int, converged: float, cost: float) -> None:
        """Tell where the descent is."""
        now = time.monotonic()
        wanted = self.asked
        if wanted is None:
            wanted = sys.stderr.isatty() and now - self.begun > _PATIENCE_S
        if not wanted or now - self.told < _EVERY_S:
            return
        self.told = now
        if self.bar is None:
            self._open()
        text = f"cost {cost:.6g}, {converged:.0%} arrived"
        self.bar.update(self.task, completed=iteration, description=text)

    def _open(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

        self.bar = Progress(
            TextColumn("descent"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.description}"),
            console=Console(stderr=True),
            transient=self.asked is None,
        )
        self.task = self.bar.add_task("", total=self.total)
        self.bar.start()

    def close(self) -> None:
        """Take the line away."""
        if self.bar is not None:
            self.bar.stop()
