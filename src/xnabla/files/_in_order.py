"""Chunks made in any order, written in one: so equal data gives equal files."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO

__all__ = ["InOrder", "Key"]

Key = tuple[str, tuple[int, ...]]

# What waits for its turn is held up to here, and on the disk beyond. Of 400 maps of a
# chain of four steps 192 waited, since dask has an order of its own.
_MOST_HELD_BYTES = 64_000_000


class InOrder:
    """A queue that lets chunks pass, in an order if one is told; and their file's lock.

    HDF5 puts a chunk behind all that were written before it. Threads finish as they
    like, and without this the same run would give other bytes each time.

    Parameters
    ----------
    write : callable
        Called with a key and the bytes of a chunk whose turn has come.
    path : Path
        The file. What is too much to be held is kept in its folder.
    """

    def __init__(self, write: Callable[[Key, bytes], object], path: Path) -> None:
        self.lock = threading.Lock()
        self._order: Iterator[Key] | None = None
        self._next: Key | None = None
        self._write, self._folder = write, path.parent
        self._held: dict[Key, bytes] = {}
        self._spilt: dict[Key, tuple[int, int]] = {}
        self._held_bytes = 0
        self._spill: IO[bytes] | None = None

    def begin(self, order: Iterable[Key]) -> None:
        """Tell the order of all chunks that will come."""
        self._order = iter(order)
        self._next = next(self._order, None)

    def put(self, key: Key, chunk: bytes) -> None:
        """Take a chunk, and write all whose turn has come; the lock is held."""
        if self._order is not None and key != self._next:
            self._keep(key, chunk)
            return
        self._write(key, chunk)
        if self._order is None:
            return
        self._next = next(self._order, None)
        while self._next is not None and (waiting := self._take(self._next)):
            self._write(self._next, waiting)
            self._next = next(self._order, None)

    def _keep(self, key: Key, chunk: bytes) -> None:
        if self._held_bytes + len(chunk) <= _MOST_HELD_BYTES:
            self._held[key] = chunk
            self._held_bytes += len(chunk)
            return
        if self._spill is None:
            self._spill = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115
        at = self._spill.seek(0, 2)
        self._spill.write(chunk)
        self._spilt[key] = (at, len(chunk))

    def _take(self, key: Key) -> bytes | None:
        """Return a chunk that waits, and let go of it."""
        if key in self._held:
            chunk = self._held.pop(key)
            self._held_bytes -= len(chunk)
            return chunk
        if key in self._spilt and self._spill is not None:
            at, size = self._spilt.pop(key)
            self._spill.seek(at)
            return self._spill.read(size)
        return None

    def finish(self) -> None:
        """Write what still waits, where some chunks never came."""
        for key in [*self._held, *self._spilt]:
            waiting = self._take(key)
            if waiting:
                self._write(key, waiting)

    def close(self) -> None:
        """Let go of all."""
        self._held.clear()
        if self._spill is not None:
            self._spill.close()
            self._spill = None
