"""A path as a shell would read it."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

__all__ = ["expanded"]


def expanded(path: str | os.PathLike[str]) -> Path:
    """Return a path with ``~`` made a folder, where there is such a home.

    Examples
    --------
    >>> expanded("~nobody-has-this-name.nc").name
    '~nobody-has-this-name.nc'
    """
    given = Path(path)
    with suppress(RuntimeError):
        return given.expanduser()
    return given
