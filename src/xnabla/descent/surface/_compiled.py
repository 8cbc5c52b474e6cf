"""How the loops of this room are compiled: without the lock, kept on disk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba import njit


def compiled(function: Callable[..., Any]) -> Any:
    """Compile a function of plain arrays; a folder that is read-only costs time only.

    Sums keep their order and NaN stays NaN, so the numpy versions can be compared.
    """
    try:
        return njit(nogil=True, cache=True, error_model="numpy")(function)
    except RuntimeError:  # no folder that can be written to: compile each time
        return njit(nogil=True, error_model="numpy")(function)
