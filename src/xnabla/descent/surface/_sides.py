"""How the sides of a grid join: the seam, the poles, a fold, one place twice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from xnabla.errors import GridError, explain
from xnabla.grid import Grid, Surface
from xnabla.numerics import Line

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Side = Literal["open", "ring", "across", "row", "fold"]

# Points nearer than this part of a step are one place.
_SAME = 1e-2


@dataclass(frozen=True, slots=True, eq=False)
class Fold:
    """A row beyond which the grid goes on in itself, mirrored, as tripolar grids do.

    Attributes
    ----------
    end : {"first", "last"}
        Which row.
    mirror : array (columns,)
        The column on the other side of each.
    skip : int
        0 if the row beyond the last is the last itself, 1 if the last row is its own
        mirror image.
    repeated : int
        How many rows at this end are there twice.
    """

    end: Literal["first", "last"]
    mirror: Ints
    skip: int
    repeated: int


@dataclass(frozen=True, slots=True, eq=False)
class Sides:
    """What lies beyond each side of a grid.

    Attributes
    ----------
    dims : pair of str
        The dimensions y and x.
    shape : pair of int
        Points along them, as the field has them.
    columns, rows : int
        How many of them are different places.
    ring : bool
        Whether x closes a circle.
    first, last : str
        What lies beyond the first and the last row: nothing (``open``), the other end
        (``ring``), the rows across a pole (``across``, or ``row`` if the row is the
        pole itself), or the grid itself, mirrored (``fold``).
    points : tuple of int
        Rows that are one point: a pole.
    fold : Fold or None
    """

    dims: tuple[str, str]
    shape: tuple[int, int]
    columns: int
    rows: int
    ring: bool
    first: Side
    last: Side
    points: tuple[int, ...] = ()
    fold: Fold | None = None

    @property
    def start(self) -> int:
        """The first row that is no repetition."""
        fold = self.fold
        return fold.repeated if fold is not None and fold.end == "first" else 0


def horizontal_dims(grid: Grid) -> tuple[str, str]:
    """Return the dimensions y and x of a grid.

    Raises
    ------
    GridError
        If there are not two, or one cannot be used; all faults together.
    """
    axes = grid.check_axes(grid.horizontal) if grid.horizontal else ()
    by_letter = {
        "y" if axis.role in {"latitude", "y", "grid_latitude"} else "x": axis.dim
        for axis in axes
    }
    if len(axes) != 2 or len(by_letter) != 2:
        raise GridError(
            explain(
                "A walk on a field needs two horizontal dimensions",
                expected="latitude and longitude, or y and x",
                got=", ".join(grid.dims) or "none",
                hint="print(xn.grid_of(field)), which tells what each dimension is",
            )
        )
    pair = by_letter["y"], by_letter["x"]
    short = [axis for axis in axes if axis.size < 2]
    if short:
        raise GridError(
            explain(
                f"Dimension {short[0].dim!r} has a single point, which has no slope",
                expected="two points or more along each horizontal dimension",
            )
        )
    return pair


def sides_of(grid: Grid) -> Sides:
    """Return how the sides of a grid join.

    Raises
    ------
    GridError
        If it has no two horizontal dimensions.
    """
    dims = horizontal_dims(grid)
    if grid.surface is not None:
        return _of_surface(grid.surface, dims, grid)
    y, x = (grid.axis(dim).line for dim in dims)
    columns = x.around or x.size
    shape = y.size, x.size
    if grid.kind == "plane":
        rows = y.around or y.size
        side: Side = "ring" if y.period is not None else "open"
        return Sides(dims, shape, columns, rows, x.period is not None, side, side)
    beyond: dict[str, Side] = {"first": "open", "last": "open"}
    for pole in grid.poles:
        beyond[pole.end] = "row" if pole.has_row else "across"
    points = tuple(row for row in (0, y.size - 1) if abs(y.points[row]) == 0.5 * np.pi)
    return Sides(
        dims,
        shape,
        columns,
        y.size,
        x.period is not None,
        beyond["first"],
        beyond["last"],
        points,
    )


def _of_surface(surface: Surface, dims: tuple[str, str], grid: Grid) -> Sides:
    sizes = dict(zip(grid.dims, grid.sizes, strict=True))
    shape = sizes[dims[0]], sizes[dims[1]]
    line: Line = surface.lines[1]
    columns = line.around or line.size
    ring = line.period is not None
    place = np.stack(surface.position)[:, :, :columns]
    points = tuple(row for row in (0, shape[0] - 1) if _is_one_place(place, row))
    fold = _fold_of(place, points) if ring and shape[0] > 3 else None
    first: Side = "open"
    last: Side = "open"
    rows = shape[0]
    if fold is not None:
        rows -= fold.repeated
        first, last = ("fold", last) if fold.end == "first" else (first, "fold")
    return Sides(dims, shape, columns, rows, ring, first, last, points, fold)


def _is_one_place(place: Floats, row: int) -> bool:
    """Tell a row whose points are all one: a pole of the map."""
    at = place[:, row]
    inner = place[:, 1 if row == 0 else row - 1]
    if not np.isfinite(at).all():
        return False
    spread = float(np.sqrt(((at - at[:, :1]) ** 2).sum(axis=0)).max())
    step = float(np.nanmedian(np.sqrt(((at - inner) ** 2).sum(axis=0))))
    return spread <= _SAME * step


def _fold_of(place: Floats, points: tuple[int, ...]) -> Fold | None:
    """Return the fold of a ring of columns, if one of its end rows is one."""
    ends: tuple[Literal["last", "first"], ...] = ("last", "first")
    for end in ends:
        turned = place if end == "last" else place[:, ::-1]
        if (place.shape[1] - 1 if end == "last" else 0) in points:
            continue
        # rows there twice, and rows between the last row and its image
        for repeated, skip in ((1, 1), (1, 0), (0, 1)):
            image = turned[:, -1 - skip - repeated]
            if repeated == 0:
                image = turned[:, -1]
            mirror = _mirror(turned[:, -1], image, turned, skip == 1 and not repeated)
            if mirror is not None:
                return Fold(end, mirror, skip, repeated)
        beyond = 2.0 * turned[:, -1] - turned[:, -2]
        mirror = _mirror(beyond, turned[:, -1], turned, turned_back=False, slack=0.5)
        if mirror is not None:
            return Fold(end, mirror, 0, 0)
    return None


def _mirror(
    row: Floats, image: Floats, place: Floats, turned_back: bool, slack: float = _SAME
) -> Ints | None:
    """Return the column of an image for each of a row, if one is the other mirrored."""
    n = row.shape[1]
    known = np.flatnonzero(np.isfinite(row).all(axis=0))
    if known.size < n // 2:
        return None
    step = np.sqrt(((place[:, -1] - place[:, -2]) ** 2).sum(axis=0))
    for i in known[:: max(1, known.size // 7)]:
        apart = np.sqrt(((image - row[:, i : i + 1]) ** 2).sum(axis=0))
        if turned_back:  # its own image only where the fold turns
            apart[(np.arange(n) - i + 1) % n < 3] = np.nan
        if not np.isfinite(apart).any():
            continue
        mirror = (i + int(np.nanargmin(apart)) - np.arange(n)) % n
        off = np.sqrt(((image[:, mirror] - row) ** 2).sum(axis=0))
        near = off[known] <= slack * step[known]
        if np.mean(near) > 0.9:
            return np.asarray(mirror, dtype=np.int64)
    return None


def nodes_of(sides: Sides) -> NDArray[np.int32]:
    """Return for each point, flat, the point that stands for its place."""
    ny, nx = sides.shape
    node = np.arange(ny * nx, dtype=np.int32).reshape(ny, nx)
    if sides.first == "ring":
        node[sides.rows :] = node[: ny - sides.rows]
    fold = sides.fold
    if fold is not None:
        core = node[:, : sides.columns]
        step = -1 if fold.end == "last" else 1
        outer = ny - 1 if fold.end == "last" else 0
        if fold.repeated:
            # the row is there twice, once mirrored
            core[outer] = core[outer + step * (1 + fold.skip), fold.mirror]
        if fold.skip:
            row = outer + step * fold.repeated
            core[row] = np.minimum(core[row], core[row, fold.mirror])
    for row in sides.points:
        node[row] = node[row, 0]
    node[:, sides.columns :] = node[:, : sides.shape[1] - sides.columns]
    return node.ravel()


def wrapped(index: Any, size: int) -> Any:
    """Return indices of a ring brought back into it."""
    return np.mod(index, size)
