"""One thread at a time in the C library: it is not made for more."""

from __future__ import annotations

import threading

__all__ = ["LIBRARY"]


class _Lock:
    """A lock its owner may take again, and of which a pickled copy is the same lock."""

    def __init__(self) -> None:
        self._lock = threading.RLock()

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        return self._lock.acquire(blocking, timeout)

    def release(self) -> None:
        self._lock.release()

    def __enter__(self) -> bool:
        return self._lock.acquire()

    def __exit__(self, *error: object) -> None:
        self._lock.release()

    def __reduce__(self) -> str:
        return "LIBRARY"


# xarray's own lock is taken for values, not for headers: six threads that saved at
# once ended in a segmentation fault. So our files are opened with this lock in its
# place, and headers are read and written under it too. It is never held while a
# user's function is computed, so nobody waits for himself.
LIBRARY = _Lock()
