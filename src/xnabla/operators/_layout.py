"""Where a window lies in a field, and what it finds beyond the ends of its axes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from xnabla.errors import GridError, explain
from xnabla.grid import LETTERS, Axis, Grid
from xnabla.numerics import (
    Across,
    End,
    Line,
    PoleRow,
    StencilTable,
    interpolation_table,
)

Sides = tuple[End, End]


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """Where the window lies in the array of a field, and what lies beyond.

    Attributes
    ----------
    names : tuple of str
        What to call the axes of the window.
    axes : tuple of int
        The axes of the field they are.
    ends : mapping of axis to pair
        What lies beyond both ends.
    pole_rows : tuple of PoleRow
        Rows that are one point.
    repeats : mapping of axis to int
        How many points at the end of an axis repeat the first ones.
    """

    names: tuple[str, ...]
    axes: tuple[int, ...]
    ends: Mapping[int, Sides]
    pole_rows: tuple[PoleRow, ...] = ()
    repeats: Mapping[int, int] = field(default_factory=dict)


def layout_of(
    grid: Grid, names: tuple[str, ...], *, across: bool, mirror: bool
) -> Layout:
    """Return where a window lies on a grid, and what lies beyond its ends.

    Parameters
    ----------
    grid : Grid
        With its dimensions in the order of the field.
    names : tuple of str
        The dimensions of the window.
    across : bool
        Whether the rows beside a pole go on across it.
    mirror : bool
        Whether the grid goes on as its own mirror image beyond an edge.
    """
    positions = tuple(grid.dims.index(name) for name in names)
    beyond: End = "mirror" if mirror else "nothing"
    ends: dict[int, Sides] = dict.fromkeys(positions, (beyond, beyond))
    repeats: dict[int, int] = {}
    for name, position in zip(names, positions, strict=True):
        axis = grid.axes.get(name)
        if axis is not None and axis.line.period is not None:
            ends[position] = ("around", "around")
            repeats[position] = int(axis.line.closed)
    rows: tuple[PoleRow, ...] = ()
    latitude, longitude = grid.role_axis("latitude"), grid.role_axis("longitude")
    if latitude is not None and longitude is not None and grid.poles:
        lat, lon = grid.dims.index(latitude.dim), grid.dims.index(longitude.dim)
        if {lat, lon} & set(positions):
            repeats[lon] = int(longitude.line.closed)
            rows = tuple(PoleRow(lat, lon, p.end) for p in grid.poles if p.has_row)
        if lat in positions and across:
            ends[lat] = _across_poles(grid, longitude, lon, beyond)
    repeats = {axis: count for axis, count in repeats.items() if count}
    return Layout(names, positions, ends, rows, repeats)


def _across_poles(grid: Grid, longitude: Axis, lon: int, beyond: End) -> Sides:
    """Return what lies beyond both ends of a latitude axis."""
    turn = _half_turn(longitude.line)
    sides = {pole.end: Across(pole.skip, turn, lon) for pole in grid.poles}
    return sides.get("first", beyond), sides.get("last", beyond)


def _half_turn(line: Line) -> StencilTable:
    """Return the table that reads a row on the other side of a pole.

    Between columns it takes the mean of two: a wider one has negative weights, and a
    mean must stay between the values it is made of.
    """
    points = line.points[: line.around]
    distinct = replace(line, points=points, closed=0)
    return interpolation_table(distinct, points + np.pi, 2)


def names_of(grid: Grid, dims: Any) -> tuple[str, ...]:
    """Return the dimensions of a window, rows before columns by default.

    Raises
    ------
    GridError
        If there are none, or a seam or a pole would have to be guessed.
    """
    names = _horizontal(grid) if dims is None else _given(grid, dims)
    for name in names:
        # windows count points: only where a circle may close must these be sound
        on_globe = grid.roles.get(name) in {"latitude", "longitude"}
        if on_globe and name in grid.faults and name in grid.coordinates:
            raise grid.faults[name]
        if grid.lists_points(name):
            raise grid.faults[name]
    return names


def _horizontal(grid: Grid) -> tuple[str, ...]:
    rows, columns = (
        [dim for dim in grid.dims if grid.roles.get(dim) in LETTERS[letter]]
        for letter in "yx"
    )
    if rows or columns:
        return (*rows, *columns)
    for dim in grid.dims:
        if grid.lists_points(dim):
            raise grid.faults[dim]
    raise grid.refusal or GridError(
        explain(
            "The field has no horizontal dimensions to be smoothed along",
            expected="dims=, to say which",
            hint=f"dims={grid.dims[-1]!r}",
        )
    )


def _given(grid: Grid, dims: Any) -> tuple[str, ...]:
    given = (dims,) if isinstance(dims, str) else dims
    is_list = isinstance(given, list | tuple)
    if not is_list or not given or not all(isinstance(one, str) for one in given):
        raise _no_dims(dims, "names of dimensions, or their roles", grid.dims)
    names = tuple(grid.dim(one) for one in given)
    if len(set(names)) < len(names):
        raise _no_dims(dims, "different dimensions", grid.dims)
    return names


def axes_of(dims: Any, ndim: int, count: int) -> tuple[int, ...]:
    """Return the axes of an array to smooth along, by default the last ones."""
    if ndim == 0:
        raise GridError(
            explain("A single number has no neighbours to be smoothed with", got="0-D")
        )
    if dims is None:
        return tuple(range(max(0, ndim - count), ndim))
    given = dims if isinstance(dims, list | tuple) else (dims,)
    axes = []
    for one in given:
        is_number = isinstance(one, int | np.integer) and not isinstance(one, bool)
        if not is_number or not -ndim <= one < ndim:
            raise _no_dims(dims, "numbers of its axes", tuple(range(ndim)))
        axes.append(int(one) % ndim)
    if not axes or len(set(axes)) < len(axes):
        raise _no_dims(dims, "different axes", tuple(range(ndim)))
    return tuple(axes)


def _no_dims(given: Any, expected: str, known: tuple[Any, ...]) -> GridError:
    shown = ", ".join(map(repr, known))
    return GridError(
        explain(
            f"A field cannot be smoothed along dims={given!r}",
            expected=f"{expected}: some of {shown}",
            hint=f"dims={known[-2:]!r}",
        )
    )
