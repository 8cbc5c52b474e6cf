"""Rows beside a pole: their neighbours are the rows on its other side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from xnabla.numerics._engines import apply_table
from xnabla.numerics._memory import is_chunked
from xnabla.numerics._table import StencilTable
from xnabla.options import Engine


@dataclass(frozen=True, slots=True, eq=False)
class Cap:
    """How to make the last rows of a latitude axis at one end.

    The rows near the end and their mirror images across the pole, half a turn away in
    longitude, are one line of points through the pole; a table along it makes the rows.

    Attributes
    ----------
    end : {"first", "last"}
        Which end of the latitude axis lies at the pole.
    skip : int
        1 if the outermost row is the pole itself, which has no mirror image; else 0.
    ghosts : int
        Number of rows taken from the other side.
    depth : int
        Number of rows taken from this side.
    half_turn : StencilTable
        Reads a row at the opposite longitudes.
    table : StencilTable
        Makes the rows, counted from the beginning of the line of points.
    then : StencilTable or None
        What to do with the rows along longitude afterwards: a quarter turn makes
        eastward derivatives on the pole out of northward ones.
    """

    end: Literal["first", "last"]
    skip: int
    ghosts: int
    depth: int
    half_turn: StencilTable
    table: StencilTable
    then: StencilTable | None = None

    def rows(self, values: Any, lat: int, lon: int, engine: Engine) -> Any:
        """Return the rows this cap makes, in the order of the axis."""
        here = _take_end(values, lat, self.end, 0, self.depth)
        beyond = _take_end(values, lat, self.end, self.skip, self.skip + self.ghosts)
        beyond = apply_table(_flip(beyond, lat), lon, self.half_turn, engine=engine)
        line = [beyond, here] if self.end == "first" else [here, beyond]
        made = apply_table(_concatenate(line, lat), lat, self.table, engine=engine)
        if self.then is not None:
            made = apply_table(made, lon, self.then, engine=engine)
            # read elsewhere on the row, but a point that is missing has no derivative
            own = _take_end(values, lat, self.end, 0, made.shape[lat])
            made = np.where(np.isnan(own), made.dtype.type(np.nan), made)
        return made


def with_caps(
    out: Any,
    values: Any,
    caps: tuple[Cap, ...],
    *,
    lat: int,
    lon: int,
    engine: Engine,
) -> Any:
    """Return ``out`` with the rows beside the poles made by ``caps``.

    Parameters
    ----------
    out : array
        A result on all rows; it is written to if it is a plain array.
    values : array
        The field it was made from.
    caps : tuple of Cap
        One for each end at a pole.
    lat, lon : int
        The axes of latitude and longitude.
    engine : str
        Who does the arithmetic.
    """
    for cap in caps:
        out = put_rows(out, cap.rows(values, lat, lon, engine), cap.end, lat)
    return out


def put_rows(out: Any, rows: Any, end: str, axis: int) -> Any:
    """Return ``out`` with the rows at one end replaced; a plain array is written to."""
    axis %= out.ndim
    count = rows.shape[axis]
    if not is_chunked(out):
        place = slice(0, count) if end == "first" else slice(-count, None)
        out[(slice(None),) * axis + (place,)] = rows
        return out
    size = out.shape[axis]
    first = end == "first"
    rest = _part(out, axis, count, size) if first else _part(out, axis, 0, size - count)
    pieces = [rows, rest] if first else [rest, rows]
    return _concatenate(pieces, axis).rechunk({axis: out.chunks[axis]})


def mean_around(values: Any, count: int, axis: int, *, skip_missing: bool) -> Any:
    """Return values replaced by their mean over the first ``count`` along an axis.

    The points of a row on a pole are one point.
    """
    if is_chunked(values):
        whole = values.rechunk({axis % values.ndim: -1})
        return whole.map_blocks(
            mean_around,
            count,
            axis,
            skip_missing=skip_missing,
            dtype=values.dtype,
            meta=np.empty((0,) * values.ndim, dtype=values.dtype),
        ).rechunk(values.chunks)
    own = _part(values, axis % values.ndim, 0, count)
    there = ~np.isnan(own)
    total = np.where(there, own, 0.0).sum(axis=axis, keepdims=True)
    found = there.sum(axis=axis, keepdims=True)
    enough = found > 0 if skip_missing else found == count
    mean = np.where(enough, total / np.maximum(found, 1), np.nan)
    return np.broadcast_to(mean, values.shape).astype(values.dtype)


def _part(values: Any, axis: int, start: int, stop: int) -> Any:
    return values[(slice(None),) * axis + (slice(start, stop),)]


def _take_end(values: Any, axis: int, end: str, start: int, stop: int) -> Any:
    """Return rows start..stop-1 counted from an end, in the order of the axis."""
    if end == "first":
        return _part(values, axis, start, stop)
    size = values.shape[axis]
    return _part(values, axis, size - stop, size - start)


def _flip(values: Any, axis: int) -> Any:
    return values[(slice(None),) * axis + (slice(None, None, -1),)]


def _concatenate(pieces: list[Any], axis: int) -> Any:
    if is_chunked(pieces[0]):
        import dask.array as da

        return da.concatenate(pieces, axis=axis)
    return np.concatenate(pieces, axis=axis)
