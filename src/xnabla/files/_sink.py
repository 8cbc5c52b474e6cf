"""A file under a library that cannot bear a full disk: the first error is kept.

When a write fails, HDF5 says so, but then it cannot close the file any more either: it
stays open, and some versions end the process at its exit. So a file that could not be
written to takes whatever comes after as written, and is closed; nobody will read it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

__all__ = ["Sink"]


class Sink:
    """A file object for h5py's driver of that name.

    Parameters
    ----------
    path : Path
        An existing file.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("r+b", buffering=0)
        self.error: OSError | None = None

    def write(self, data: Any) -> int:
        """Write all of some bytes."""
        left = memoryview(data).cast("B")
        size = len(left)
        try:
            while len(left) and self.error is None:
                left = left[self._file.write(left) :]
        except OSError as error:
            self.error = error
        return size

    def truncate(self, size: int) -> int:
        """Make the file as long as this."""
        try:
            return self._file.truncate(size)
        except OSError as error:
            self.error = self.error or error
            return size

    def read(self, size: int = -1) -> bytes:
        """Return some bytes; by this, files are told from names."""
        return self._file.read(size) or b""

    def readinto(self, buffer: Any) -> int:
        """Read as many bytes as there are room for, zeros behind the end."""
        view = memoryview(buffer).cast("B")
        count = self._file.readinto(view) or 0
        if count < len(view) and self.error is not None:
            view[count:] = bytes(len(view) - count)
            return len(view)
        return count

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go to a place."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """Return the place."""
        return self._file.tell()

    def flush(self) -> None:
        """Do nothing: nothing is held back."""

    def check(self) -> None:
        """Raise what went wrong, if anything did."""
        if self.error is not None:
            raise self.error

    def close(self) -> None:
        """Close the file."""
        self._file.close()
