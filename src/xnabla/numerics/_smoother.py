"""Smoothing as a ratio of weighted sums: edges, missing points, pole rows, passes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from xnabla.numerics._memory import is_chunked
from xnabla.numerics._polar import _take_end, put_rows
from xnabla.numerics._window import Across, Ends
from xnabla.options import Engine, Missing

WindowEdges = Literal["one-sided", "missing", "unsmoothed", "reflect"]

# A plain array is worked on in pieces of this many values, to hold few copies of it.
_PIECE = 1 << 22


class Spread(Protocol):
    """A linear map of fields that sums what surrounds each point.

    Attributes
    ----------
    axes : tuple of int
        The axes it sums along.
    total : float or None
        The sum of its weights; ``None`` if it differs from point to point.
    """

    @property
    def axes(self) -> tuple[int, ...]: ...
    @property
    def total(self) -> float | None: ...
    def __call__(self, values: Any, ends: Ends, engine: Engine) -> Any:
        """Return the sums."""

    def inside(self, shape: tuple[int, ...], ends: Ends) -> NDArray[np.bool_]:
        """Return where all that is summed lies on the grid; broadcasts."""


@dataclass(frozen=True, slots=True, eq=False)
class PoleRow:
    """The outermost row of a latitude axis, where it is the pole: one point.

    Attributes
    ----------
    lat, lon : int
        The axes of latitude and longitude.
    end : {"first", "last"}
        Which end of the latitude axis.
    """

    lat: int
    lon: int
    end: Literal["first", "last"]

    def __call__(self, values: Any) -> Any:
        """Return the values with the mean of this row all along it."""
        row = _take_end(values, self.lat, self.end, 0, 1)
        if not is_chunked(values):
            means = _row_of_means(row, self.lon)
        else:
            means = (
                row.rechunk({self.lon: -1})
                .map_blocks(
                    _row_of_means,
                    self.lon,
                    dtype=values.dtype,
                    meta=np.empty((0,) * values.ndim, dtype=values.dtype),
                )
                .rechunk({self.lon: values.chunks[self.lon]})
            )
        return put_rows(values, means, self.end, self.lat)


@dataclass(frozen=True, slots=True, eq=False)
class Smoother:
    r"""Everything numerical about one smoothing of fields on one grid.

    .. math:: out = W \frac{\sum_k w_k f_k}{\sum_k w_k}, \qquad W = \sum_{all} w_k

    where the sums are over those points of the window that there are.

    Attributes
    ----------
    windows : tuple of Window or other Spread
        Applied one after the other: their product is the window.
    ends : mapping of axis to pair
        What lies beyond both ends of each axis.
    pole_rows : tuple of PoleRow
        Rows that are one point.
    missing : {"propagate", "shrink"}
        Whether a NaN in a window makes a NaN, or does not count.
    edges : {"one-sided", "missing", "unsmoothed", "reflect"}
        What points get whose window leaves the grid.
    passes : int
        How often.
    engine : str
        Who turns rows across a pole.
    """

    windows: tuple[Spread, ...]
    ends: Ends
    pole_rows: tuple[PoleRow, ...]
    missing: Missing
    edges: WindowEdges
    passes: int
    engine: Engine

    def __call__(self, values: Any) -> Any:
        """Return the field smoothed, in its own precision."""
        inside = self._inside(values.shape)
        base = self._base(values.shape)
        if is_chunked(values):
            return self._passes(values, inside, base).astype(values.dtype)
        out = np.empty_like(values)
        for piece in _pieces(values.shape, self._busy()):
            out[piece] = self._passes(values[piece], inside, base)
        return out

    def _passes(self, values: Any, inside: Any, base: Any) -> Any:
        double = np.result_type(values.dtype, np.float64)
        for _ in range(self.passes):
            values = self._once(values.astype(double), inside, base)
        return values

    def _once(self, values: Any, inside: Any, base: Any) -> Any:
        if self.missing == "shrink":
            there = ~np.isnan(values)
            sums = self._sums(np.where(there, values, values.dtype.type(0)))
            counts = self._sums(there.astype(np.float64))
            out = _ratio(sums, counts, values, self._total() or 1.0)
        else:
            sums = self._sums(values)
            out = sums if base is None else sums / base
        if inside is not None:
            kept = values if self.edges == "unsmoothed" else np.nan
            out = np.where(inside, out, kept)
        return out

    def _sums(self, values: Any) -> Any:
        for window in self.windows:
            values = window(values, self.ends, self.engine)
        for row in self.pole_rows:
            values = row(values)
        return values

    def _total(self) -> float | None:
        """Return the sum of all weights, if it is the same everywhere."""
        totals = [window.total for window in self.windows]
        known = [total for total in totals if total is not None]
        return math.prod(known) if len(known) == len(totals) else None

    def _busy(self) -> set[int]:
        """Return the axes along which points meet."""
        busy = {axis for window in self.windows for axis in window.axes}
        for row in self.pole_rows:
            busy |= {row.lat, row.lon}
        for pair in self.ends.values():
            busy |= {end.lon for end in pair if isinstance(end, Across)}
        return busy

    def _inside(self, shape: tuple[int, ...]) -> Any:
        """Return where windows fit, if it matters."""
        if self.edges not in ("missing", "unsmoothed"):
            return None
        fits = [window.inside(shape, self.ends) for window in self.windows]
        inside = fits[0]
        for more in fits[1:]:
            inside = inside & more
        return None if inside.all() else inside

    def _base(self, shape: tuple[int, ...]) -> Any:
        """Return what part of the weights lies on the grid, if it matters."""
        leaves = any("nothing" in pair for pair in self.ends.values())
        needed = self.edges == "one-sided" and leaves
        if self.missing == "shrink" or not (needed or self._total() is None):
            return None
        busy = self._busy()
        ones = np.ones([n if i in busy else 1 for i, n in enumerate(shape)])
        base = self._sums(ones) / (self._total() or 1.0)
        return np.where(base == 0.0, np.nan, base)


def _ratio(sums: Any, counts: Any, values: Any, total: float) -> Any:
    """Return means of what is there, missing where the point itself is."""
    if is_chunked(sums):
        empty = np.empty((0,) * sums.ndim, dtype=sums.dtype)
        return sums.map_blocks(
            _ratio, counts, values, total, dtype=sums.dtype, meta=empty
        )
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(np.isnan(values), np.nan, sums / counts * total)


def _row_of_means(row: Any, axis: int) -> Any:
    """Return a row with its mean everywhere; equal values stay as they are."""
    along = np.ascontiguousarray(np.moveaxis(row, axis, -1))
    with np.errstate(invalid="ignore", over="ignore"):
        mean = along[..., :1] + (along - along[..., :1]).mean(axis=-1, keepdims=True)
    return np.moveaxis(np.broadcast_to(mean, along.shape), -1, axis)


def _pieces(shape: tuple[int, ...], busy: set[int]) -> Iterator[tuple[slice, ...]]:
    """Yield parts of an array that know nothing of each other."""
    free = [i for i in range(len(shape)) if i not in busy]
    if not free or math.prod(shape) <= _PIECE:
        yield (slice(None),) * len(shape)
        return
    axis = max(free, key=lambda i: shape[i])
    rows = max(1, _PIECE * shape[axis] // math.prod(shape))
    for start in range(0, shape[axis], rows):
        yield (slice(None),) * axis + (slice(start, start + rows),)
