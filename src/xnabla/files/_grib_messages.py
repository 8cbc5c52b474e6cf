"""The messages of a GRIB file, counted to learn whether the last one is whole.

A reader of GRIB passes over a message that is cut off, with a line in a log. So the
lengths that messages declare are followed to the end of the file first.
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from xnabla.errors import FileError, explain

__all__ = ["check_grib", "grib_start"]

_MAGIC, _END = b"GRIB", b"7777"
# a bulletin of the telecommunication system puts its header in front of a message
_MOST_BETWEEN = 64 * 1024


def grib_start(head: bytes) -> int | None:
    """Return where the first message begins in the head of a file, if one does."""
    at = head.find(_MAGIC)
    if at < 0 or (at > 0 and not head.startswith((b"\x01\r\r\n", b"****", b"\0"))):
        return None
    return at if head[at + 7 : at + 8] in (b"", b"\x01", b"\x02") else None


def check_grib(stream: BinaryIO, start: int, size: int, path: Path) -> str:
    """Return ``"GRIB 1"`` or ``"GRIB 2"``, or refuse a file that is cut off.

    Parameters
    ----------
    stream : binary file
    start : int
        Of the first message.
    size : int
        Of the file, in bytes.
    path : Path
        What messages call it.

    Raises
    ------
    FileError
    """
    at, count, edition = start, 0, 0
    while True:
        stream.seek(at)
        head = stream.read(16)
        count, edition = count + 1, edition or int.from_bytes(head[7:8])
        length = _length(head)
        if length is None:
            return f"GRIB {edition}"  # a huge message of GRIB 1: its reader will tell
        if at + length > size or length < 16:
            text = (
                f"File '{path}' is truncated or damaged: message {count} has "
                f"{size - at} bytes, and its header says {length}"
            )
            raise FileError(explain(text, hint=f"grib_ls {path}"))
        stream.seek(at + length - 4)
        if stream.read(4) != _END:
            text = f"File '{path}' is damaged: message {count} does not end in 7777"
            raise FileError(explain(text, hint=f"grib_ls {path}"))
        following = _next(stream, at + length, size)
        if following is None:
            return f"GRIB {edition}"
        at = following


def _length(head: bytes) -> int | None:
    """Return the length a message declares; ``None`` where it takes a scale."""
    if len(head) < 16:
        return 16 + len(head)  # cut off within its first section
    if head[7] == 1:
        length = int.from_bytes(head[4:7], "big")
        return None if length & 0x800000 else length
    return int.from_bytes(head[8:16], "big")


def _next(stream: BinaryIO, at: int, size: int) -> int | None:
    """Return where the next message begins; ``None`` at the end of the file."""
    if at >= size:
        return None
    stream.seek(at)
    found = stream.read(_MOST_BETWEEN).find(_MAGIC)
    return None if found < 0 else at + found
