"""Numbers that stand for "missing" and were never declared, told from true values.

Such a number is written many times over with the same bits, and it lies far outside
all others. A true value of a field is neither: the next one is close to it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["DEFAULT_FILL", "SENTINELS", "Sentinel", "find_sentinel", "is_known"]

DEFAULT_FILL = 9.969209968386869e36
"""What the NetCDF library fills floats with that were never written."""

SENTINELS = (
    *(s * v for v in (999.0, 9999.0, 99999.0, 999999.0, 9.99e8) for s in (-1, 1)),
    *(s * v for v in (999.9, 9999.9, 999.99, 9999.99, 99999.9) for s in (-1, 1)),
    *(s * v for v in (1e10, 1e15, 1e20, 1e30, 1e33, 1e34, 1e35, 1e36) for s in (-1, 1)),
    *(s * v for v in (9.999e20, 9.99e20, 9e33, 9.9e36, 1e37, 3e38) for s in (-1, 1)),
    *(s * DEFAULT_FILL for s in (-1, 1)),
    *(s * float(np.finfo(np.float32).max) for s in (-1, 1)),
    *(s * float(np.finfo(np.float64).max) for s in (-1, 1)),
    *(-99.9, -99.99, -1000.0),  # GPCC, TRMM and radars; sea ice in HadISST
    *(-32768.0, -32767.0, 32767.0, 65535.0, -2147483648.0, -2147483647.0, 2147483647.0),
)
"""What is written for "missing"; in single precision these are the nearest numbers."""

# Of fewer values nothing can be said.
_LEAST_VALUES = 16
_LARGEST_SINGLE = float(np.finfo(np.float32).max)


class Sentinel(NamedTuple):
    """A number that stands for "missing", and how many of the values are it."""

    value: float
    points: int
    size: int


def find_sentinel(
    values: NDArray[Any], known: tuple[float, ...] = SENTINELS, origin: float = 0.0
) -> Sentinel | None:
    """Return the undeclared "missing" of some values, ``None`` if there is none.

    The least and the greatest of the values are looked at. One of them stands for
    "missing" if it is a known number, and all others are far from it: by half of
    their own range and by a quarter of its size. Once alone it must be farther still.

    Parameters
    ----------
    values : array
        Of any shape; NaN is passed over.
    known : tuple of float
        The numbers that are written for "missing".
    origin : float, optional
        What zero was before the values were unpacked; sizes count from it.

    Examples
    --------
    >>> field = np.linspace(230.0, 300.0, 100)
    >>> find_sentinel(field)
    >>> find_sentinel(np.where(field > 280, -999.0, field))
    Sentinel(value=-999.0, points=29, size=100)
    >>> find_sentinel(np.linspace(-999.0, 300.0, 100))
    """
    if values.dtype.kind not in "iuf" or values.size < _LEAST_VALUES:
        return None
    # they pass over NaN and cost 4 ms each for 100 MB
    ends = float(np.fmin.reduce(values, None)), float(np.fmax.reduce(values, None))
    for end in ends:
        if is_known(end, known):
            found = _apart(values, end, origin)
            if found is not None:
                return found
    return None


def is_known(number: float, known: tuple[float, ...] = SENTINELS) -> bool:
    """Tell whether a number is one of those, as far as single precision tells."""
    return _single(number) in _singles(known)


@lru_cache(maxsize=64)
def _singles(known: tuple[float, ...]) -> frozenset[float]:
    return frozenset(_single(number) for number in known)


def _single(number: float) -> float:
    """Return a number rounded to single precision; itself where that has none."""
    if not abs(number) <= _LARGEST_SINGLE:
        return number
    return float(np.float32(number))


def _apart(values: NDArray[Any], end: float, origin: float) -> Sentinel | None:
    """Return the sentinel if the others are far from it."""
    own = values == values.dtype.type(end)
    count = int(np.count_nonzero(own))
    found = Sentinel(end, count, values.size)
    rest = values[~own]
    if rest.dtype.kind == "f":
        rest = rest[np.isfinite(rest)]
    if not rest.size:
        # a whole block of it; whole numbers may well be the same everywhere
        return found if values.dtype.kind == "f" else None
    # a second number that stands for "missing" is not one of the others
    others = [float(rest.min()), float(rest.max())]
    span = others[1] - others[0]
    gap = min(abs(end - other) for other in others)
    if any(is_known(o) and abs(o) > 1e9 for o in others):
        span = 0.0
    far = max(0.5 * span, 0.25 * abs(end - origin))
    if count == 1:
        far = max(3 * span, 0.25 * abs(end - origin))
    return found if gap >= far else None
