"""Plans that are kept: the same grid, asked again, costs nothing."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import TypeVar

from xnabla.grid import Axis, Grid

T = TypeVar("T")

# Some tables each; a script works on a few grids in a few ways.
_MOST = 64


class Kept:
    """The last things made, by what they were made from."""

    def __init__(self, most: int = _MOST) -> None:
        self._made: OrderedDict[Hashable, object] = OrderedDict()
        self._lock = threading.Lock()
        self._most = most

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what was made for a key, made now if it is not there."""
        with self._lock:
            if key in self._made:
                self._made.move_to_end(key)
                return self._made[key]  # type: ignore[return-value]
        made = make()
        with self._lock:
            self._made[key] = made
            while len(self._made) > self._most:
                self._made.popitem(last=False)
        return made


def key_of(grid: Grid) -> Hashable | None:
    """Return what the lengths of a grid depend on; ``None`` for a map.

    Two grids of one key have the same derivatives, whoever read them.
    """
    if grid.surface is not None or grid.refusal is not None:
        return None
    axes = tuple(_key_of_axis(grid.axes[d]) for d in grid.dims if d in grid.axes)
    return grid.kind, grid.dims, grid.sizes, axes, grid.earth, grid.latitude_rad


def _key_of_axis(axis: Axis) -> Hashable:
    line = axis.line
    points = line.points.tobytes()
    return axis.dim, axis.role, points, line.step, line.period, int(line.closed)
