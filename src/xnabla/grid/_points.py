"""Points of a coordinate: numbers, monotonic, freed of rounding."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from xnabla.errors import GridError, explain

Floats = NDArray[np.float64]

# Beyond this, single-precision rounding cannot explain why spacing is uneven.
_FLOAT32_EPS = float(np.finfo(np.float32).eps)


def numbers(values: Any, name: str) -> NDArray[Any]:
    """Return the values of a coordinate, which must be numbers and all there."""
    values = np.asarray(values)
    if values.dtype.kind not in "iuf":
        raise GridError(
            explain(
                f"Coordinate {name!r} holds no numbers",
                expected="numbers or dates",
                got=f"dtype {values.dtype}",
            )
        )
    missing = np.flatnonzero(~np.isfinite(values))
    if missing.size:
        raise GridError(
            explain(
                f"Coordinate {name!r} is not a number at index {int(missing[0])}",
                expected="a finite value for every point",
                got=f"{values[missing[0]]}",
                hint=f"field.isel({name}=numpy.isfinite(field[{name!r}]))",
            )
        )
    points: NDArray[Any] = values
    return points


def check_monotonic(name: str, points: Floats, shown: NDArray[Any]) -> None:
    """Refuse points that turn back or stand still, naming the first that does."""
    steps = np.diff(points)
    same = np.flatnonzero(steps == 0)
    if same.size:
        i = int(same[0])
        raise GridError(
            explain(
                f"Coordinate {name!r} has the same point twice",
                expected="points that all differ",
                got=f"{_shown(shown[i])} at index {i} and {i + 1}",
                hint=f"field.drop_duplicates({name!r})",
            )
        )
    turned = np.flatnonzero(np.sign(steps[1:]) != np.sign(steps[:-1]))
    if turned.size:
        i = int(turned[0]) + 1
        around = ", ".join(_shown(v) for v in shown[i - 1 : i + 2])
        raise GridError(
            explain(
                f"Coordinate {name!r} is not monotonic",
                expected="points that only rise or only fall",
                got=f"{around} at index {i - 1} to {i + 1}",
                hint=f"field.sortby({name!r})",
            )
        )


def evened(
    points: Floats, values: NDArray[Any], size: float = 0.0
) -> tuple[Floats, float | None]:
    """Return points and their step, freed of what rounding did to even spacing.

    A grid of 0.1 degrees in single precision jitters by 3e-4 of its step, and so would
    every derivative. Where the jitter is no more than rounding, the even line is what
    the file means. ``size`` is the largest number that may have been rounded on the
    way: part of a globe is often cut from all of it.
    """
    if points.size < 3:
        step = float(points[-1] - points[0]) if points.size == 2 else None
        return points, step
    step = float(points[-1] - points[0]) / (points.size - 1)
    even = points[0] + step * np.arange(points.size)
    size = max(size, float(np.abs(points).max()))
    rounding = 2.0 * _FLOAT32_EPS * size if is_single(values) else 8e-16 * size
    if np.abs(points - even).max() <= max(rounding, 1e-9 * abs(step)):
        return even, step
    return points, None


def is_single(values: NDArray[Any]) -> bool:
    """Tell values that were single precision once, even if they are double now."""
    if values.dtype.kind != "f" or np.all(values == np.rint(values)):
        return False  # whole numbers are exact: unevenness is meant
    with np.errstate(over="ignore"):
        return bool(np.all(values.astype(np.float32) == values))


def _shown(value: Any) -> str:
    if isinstance(value, np.datetime64):
        return str(value.astype("datetime64[s]"))
    return f"{value:.6g}" if isinstance(value, float | np.floating) else str(value)
