"""One thread at a time in the C library: it is not made for more."""

from __future__ import annotations

import threading

__all__ = ["LIBRARY"]

# xarray locks the values it reads and writes, not the headers: six threads that save
# at once ended in a segmentation fault. Held for our own short steps only, and never
# while a user's function is computed, so it cannot wait for itself.
LIBRARY = threading.RLock()
