"""Weighted windows around every point, that go around a circle and across a pole."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from xnabla.numerics._engines import apply_table
from xnabla.numerics._memory import is_chunked
from xnabla.numerics._polar import _concatenate, _flip, _part, _take_end
from xnabla.numerics._table import StencilTable
from xnabla.options import Engine

Floats = NDArray[np.float64]

# Sums of this many values stay in the cache: three times as fast as whole arrays.
_SLAB = 1 << 15


@dataclass(frozen=True, slots=True, eq=False)
class Across:
    """An end of a latitude axis beyond which the rows across the pole follow.

    Attributes
    ----------
    skip : int
        1 if the outermost row is the pole itself, which has no mirror image; else 0.
    half_turn : StencilTable
        Reads a row at the opposite longitudes.
    lon : int
        The axis of longitude.
    """

    skip: int
    half_turn: StencilTable
    lon: int


End = Literal["nothing", "around", "mirror"] | Across
Ends = Mapping[int, tuple[End, End]]


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    r"""Weights around a point, the same for all.

    .. math:: out_i = \sum_k w_k\, f_{i + k - h}

    Attributes
    ----------
    axes : tuple of int
        The axes of the field that the axes of the window lie along.
    weights : array
        Odd in every direction. A weight of zero does not read its point: NaN there
        does no harm.
    """

    axes: tuple[int, ...]
    weights: Floats

    @property
    def half(self) -> tuple[int, ...]:
        """Points on each side of the centre."""
        return tuple(size // 2 for size in self.weights.shape)

    @property
    def total(self) -> float:
        """The sum of the weights."""
        return float(self.weights.sum())

    def __call__(self, values: Any, ends: Ends, engine: Engine) -> Any:
        """Return the sums; points beyond an end with nothing there count for zero."""
        extended = values
        # rows across a pole first: they need the circle as it is
        order = sorted(
            zip(self.axes, self.half, strict=True),
            key=lambda one: not any(isinstance(e, Across) for e in ends[one[0]]),
        )
        for axis, half in order:
            extended = _extended(extended, axis, half, ends[axis], engine)
        if is_chunked(values):
            return _sums_chunked(extended, self, values.chunks)
        return _sums(extended, self)

    def inside(self, shape: tuple[int, ...], ends: Ends) -> NDArray[np.bool_]:
        """Return where the whole window lies on the grid; broadcasts."""
        inside = np.ones((1,) * len(shape), dtype=bool)
        for axis, half in zip(self.axes, self.half, strict=True):
            rows = np.arange(shape[axis])
            first, last = (end in ("nothing", "mirror") for end in ends[axis])
            fits = (rows >= half * first) & (rows < shape[axis] - half * last)
            inside = inside & fits.reshape(_along(axis, len(shape)))
        return inside


def _extended(
    values: Any, axis: int, half: int, ends: tuple[End, End], engine: Engine
) -> Any:
    """Return values with ``half`` more points at both ends of an axis."""
    if half == 0:
        return values
    before = _beyond(values, axis, half, "first", ends[0], engine)
    after = _beyond(values, axis, half, "last", ends[1], engine)
    return _concatenate([before, values, after], axis)


def _beyond(
    values: Any,
    axis: int,
    half: int,
    side: Literal["first", "last"],
    end: End,
    engine: Engine,
) -> Any:
    size = values.shape[axis]
    if isinstance(end, Across):
        rows = _take_end(values, axis, side, end.skip, end.skip + half)
        return apply_table(_flip(rows, axis), end.lon, end.half_turn, engine=engine)
    if end == "nothing":
        return _zeros(values, axis, half)
    index = np.arange(-half, 0) if side == "first" else np.arange(size, size + half)
    if end == "around":
        index = index % size
    else:
        index = index % (2 * size)
        index = np.minimum(index, 2 * size - 1 - index)
    return values[(slice(None),) * axis + (index,)]


def _zeros(values: Any, axis: int, size: int) -> Any:
    shape = list(values.shape)
    shape[axis] = size
    if not is_chunked(values):
        return np.zeros(shape, dtype=values.dtype)
    import dask.array as da

    chunks = list(values.chunks)
    chunks[axis] = (size,)
    return da.zeros(shape, dtype=values.dtype, chunks=tuple(chunks))


def _sums(extended: Any, window: Window) -> Any:
    """Return the weighted sums, weight by weight: the order fixes every bit."""
    reach = dict(zip(window.axes, window.half, strict=True))
    shape = tuple(n - 2 * reach.get(i, 0) for i, n in enumerate(extended.shape))
    total = np.zeros(shape, dtype=extended.dtype)
    places = np.argwhere(window.weights != 0)
    with np.errstate(invalid="ignore", over="ignore"):
        for slab in _slabs(shape):
            sums = total[slab]
            product = np.empty_like(sums)
            for place in places:
                shifts = dict(zip(window.axes, place.tolist(), strict=True))
                read = tuple(
                    slice(s.start + shifts.get(i, 0), s.stop + shifts.get(i, 0))
                    for i, s in enumerate(slab)
                )
                np.multiply(extended[read], window.weights[tuple(place)], out=product)
                sums += product
    return total


def _sums_chunked(
    extended: Any, window: Window, chunks: tuple[tuple[int, ...], ...]
) -> Any:
    """Return the sums of a dask array: each block reads itself and what surrounds it.

    Works for any chunks, one point long included.
    """

    def blocks(part: Any, left: list[tuple[int, int]]) -> Any:
        if not left:
            part = part.rechunk(dict.fromkeys(window.axes, -1))
            out = list(part.chunks)
            for axis, half in zip(window.axes, window.half, strict=True):
                out[axis] = (part.shape[axis] - 2 * half,)
            return part.map_blocks(
                _sums,
                window,
                dtype=part.dtype,
                chunks=tuple(out),
                meta=np.empty((0,) * part.ndim, dtype=part.dtype),
            )
        (axis, half), *others = left
        bounds = np.unique([0, *np.cumsum(chunks[axis])]).tolist()
        pieces = [
            blocks(_part(part, axis, start, stop + 2 * half), others)
            for start, stop in pairwise(bounds)
        ]
        return _concatenate(pieces, axis)

    return blocks(extended, list(zip(window.axes, window.half, strict=True)))


def _slabs(shape: tuple[int, ...]) -> Iterator[tuple[slice, ...]]:
    """Yield parts of an array small enough for the cache, rows of its last axes."""
    for axis in range(len(shape)):
        inner = math.prod(shape[axis + 1 :])
        if inner <= _SLAB:
            break
    rows = max(1, _SLAB // max(1, inner))
    rest = tuple(slice(0, n) for n in shape[axis + 1 :])
    for index in np.ndindex(*shape[:axis]):
        lead = tuple(slice(i, i + 1) for i in index)
        for start in range(0, shape[axis], rows):
            stop = min(start + rows, shape[axis])
            yield (*lead, slice(start, stop), *rest)


def _along(axis: int, ndim: int) -> tuple[int, ...]:
    return tuple(-1 if i == axis else 1 for i in range(ndim))
