"""Whether a file fits on its disk, and how to tell that it did not."""

from __future__ import annotations

import errno
import os
import shutil
from typing import TYPE_CHECKING

from xnabla.errors import FileError, explain

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["no_room", "no_space", "preflight", "refusal"]

_FULL = {
    errno.ENOSPC: "no space left on the device of",
    errno.EDQUOT: "the disk quota is used up in",
    errno.EFBIG: "the limit of the size of a file is reached in",
}
# what shows that, where the room of the disk does not
_SHOWN_BY = {errno.EDQUOT: "quota -s", errno.EFBIG: "ulimit -f unlimited"}
# deflate seldom makes fields smaller than this part of themselves
_BEST_COMPRESSION = 20
_MEGA = 1_000_000
# larger than what the HDF5 library writes at a time, so that it shows a full disk
_PROBE_BYTES = 16 * 1024 * 1024


def no_space(
    error: OSError,
    path: str | os.PathLike[str],
    directory: Path,
    needed: int | None = None,
) -> str | None:
    """Return the sentence for a full disk, or None if the error is another one."""
    if error.errno not in _FULL:
        return None
    text = f"'{path}' was not written: {_FULL[error.errno]} '{directory}'"
    if needed is not None:
        text += f" (needed about {max(1, round(needed / _MEGA))} MB)"
    return explain(text, hint=_SHOWN_BY.get(error.errno, f"df -h {directory}"))


def no_room(sentence: str, number: int | None) -> FileError:
    """Return the error of a machine that is too small, which its ``errno`` tells.

    The request was good and may be made again, so a program ends with another code.
    """
    fault = FileError(sentence)
    if number in (*_FULL, errno.ENOMEM):
        fault.errno = number
    return fault


def preflight(path: str | os.PathLike[str], directory: Path, needed: int) -> None:
    """Refuse what cannot fit however well it is compressed."""
    try:
        free = shutil.disk_usage(directory).free
    except OSError:
        return  # the write itself will tell
    if free < needed / _BEST_COMPRESSION:
        error = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        sentence = no_space(error, path, directory, needed)
        raise no_room(sentence or "", errno.ENOSPC)


def refusal(temporary: Path) -> OSError | None:
    """Ask the system whether more can be written: the HDF5 library hides its answer.

    A full disk is reported as "NetCDF: HDF error" with no number, so this appends to
    the file, which is lost anyway, and returns what the system says.
    """
    block = bytes(1024 * 1024)
    try:
        with temporary.open("ab", buffering=0) as stream:
            for _ in range(_PROBE_BYTES // len(block)):
                stream.write(block)
            os.fsync(stream.fileno())
    except OSError as error:
        return error if error.errno in _FULL else None
    return None
