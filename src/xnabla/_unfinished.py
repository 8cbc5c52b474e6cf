"""What is half written: removed also when the program must leave at once."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

__all__ = ["remove", "remove_unfinished", "unfinished"]

_paths: set[Path] = set()


@contextmanager
def unfinished(path: Path) -> Iterator[None]:
    """Have a file or folder removed when the block ends, if it is still there.

    And by `remove_unfinished`, if the block does not end.
    """
    _paths.add(path)
    try:
        yield
    finally:
        remove(path)
        _paths.discard(path)


def remove_unfinished() -> None:
    """Remove what is half written, whoever may still be at it."""
    for path in tuple(_paths):
        for _ in range(3):  # a thread may have put something into a folder meanwhile
            remove(path)


def remove(path: Path) -> None:
    """Remove a file, or a folder and all in it, if it is there and can be."""
    with suppress(OSError):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
