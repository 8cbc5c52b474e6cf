"""The mesh of a grid: a globe, a plane, or any surface of places in space."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from xnabla.descent.inversion._mesh import Floats, Integers, Mesh, Rows
from xnabla.errors import GridError, explain
from xnabla.grid import Earth, Grid, Surface
from xnabla.numerics import Line

# Lines of a grid that are closer to square than this are: on a conformal map chords
# are off by the square of a step.
_SQUARE = 2e-3

# An edge this much shorter than the longest has no length: lines meet there.
_NO_LENGTH = 1e-9


def mesh_of(grid: Grid, dims: tuple[str, str]) -> Mesh:
    """Return the finite-volume mesh of the horizontal part of a grid.

    Parameters
    ----------
    grid : Grid
        A grid with two horizontal dimensions.
    dims : pair of str
        They, y first.

    Raises
    ------
    GridError
        If one of them has a single point.
    """
    sizes = dict(zip(grid.dims, grid.sizes, strict=True))
    shape = sizes[dims[0]], sizes[dims[1]]
    for dim, size in zip(dims, shape, strict=True):
        if size < 2:
            raise GridError(
                explain(
                    f"There is a single point along {dim!r}, which makes no area",
                    expected="at least 2 points along y and along x",
                    got=f"{size}",
                )
            )
    if grid.surface is not None:
        return _of_surface(grid.surface, shape)
    y, x = grid.axes[dims[0]].line, grid.axes[dims[1]].line
    if grid.kind == "plane":
        return _of_lines(_on_plane(y), y, x, (False, False), None)
    ends = {pole.end: pole for pole in grid.poles}
    return _of_lines(
        _on_globe(y, grid.earth, ("first" in ends, "last" in ends)),
        y,
        x,
        tuple(end in ends and ends[end].has_row for end in ("first", "last")),  # type: ignore[arg-type]
        grid.earth,
    )


@dataclass(frozen=True, eq=False)
class _Bands:
    """What a row measures, for a unit of the parameter along x.

    Attributes
    ----------
    radius : array (ny,)
        Metres along the row.
    height : array (ny,)
        Metres across the cells of the row.
    area : array (ny,)
        Square metres of its cells.
    face : array (ny - 1,)
        Metres along the face between two rows.
    gap : array (ny - 1,)
        Metres from row to row.
    """

    radius: Floats
    height: Floats
    area: Floats
    face: Floats
    gap: Floats


def _steps(line: Line, count: int) -> Floats:
    """Return the distances between different points, around the circle if it is one."""
    points = line.points[:count]
    steps = np.abs(np.diff(points))
    if line.period is not None:
        steps = np.append(steps, line.period - abs(points[-1] - points[0]))
    if line.step is not None:
        steps[:] = abs(line.step)
    return np.asarray(steps)


def _on_plane(y: Line) -> _Bands:
    gap = _steps(y, y.around or y.size)
    around = y.period is not None
    height = 0.5 * (gap + np.roll(gap, 1)) if around else _halves(gap)
    ones = np.ones(height.size)
    return _Bands(ones, height, height, ones[: gap.size], gap)


def _on_globe(y: Line, earth: Earth, to_pole: tuple[bool, bool]) -> _Bands:
    """Return the bands between parallels; the outermost reach the poles they are at."""
    phi = y.points
    middle = 0.5 * (phi[1:] + phi[:-1])
    sign = 1.0 if phi[-1] > phi[0] else -1.0
    first = -sign * np.pi / 2.0 if to_pole[0] else phi[0]
    last = sign * np.pi / 2.0 if to_pole[1] else phi[-1]
    bounds = np.concatenate([[first], middle, [last]])
    return _Bands(
        radius=earth.parallel_radius_m(phi),
        height=earth.meridional_radius_m(phi) * np.abs(np.diff(bounds)),
        area=np.abs(np.diff(_zone_m2(earth, bounds))),
        face=earth.parallel_radius_m(middle),
        gap=earth.meridional_radius_m(middle) * np.abs(np.diff(phi)),
    )


def _zone_m2(earth: Earth, phi: Floats) -> Floats:
    r"""Return the area from the equator to a parallel, for a radian of longitude.

    .. math:: \frac{b^2}{2} \left( \frac{\sin\varphi}{1 - e^2 \sin^2\varphi}
              + \frac{\mathrm{artanh}(e \sin\varphi)}{e} \right)
    """
    sin, e2 = np.asarray(np.sin(phi)), earth.eccentricity_squared
    if e2 <= 1e-12:
        return np.asarray(earth.semi_major_m**2 * sin)
    e = np.sqrt(e2)
    half = 0.5 * earth.semi_minor_m**2
    return np.asarray(half * (sin / (1.0 - e2 * sin**2) + np.arctanh(e * sin) / e))


def _halves(gaps: Floats) -> Floats:
    """Return half of the gaps to either side of each point."""
    return np.asarray(0.5 * (np.append(gaps, 0.0) + np.append(0.0, gaps)))


def _of_lines(
    bands: _Bands, y: Line, x: Line, poles: tuple[bool, bool], earth: Earth | None
) -> Mesh:
    """Return the mesh of a grid whose rows and columns are straight."""
    ny, nx = y.size, x.size
    columns, lines = x.around or nx, y.around or ny
    steps = _steps(x, columns)
    around = x.period is not None
    widths = 0.5 * (steps + np.roll(steps, 1)) if around else _halves(steps)
    node = _numbered((lines, nx), columns, poles)[np.arange(ny) % lines]
    inner = np.arange(poles[0], lines - poles[1])
    left = node[inner, :columns]
    right = np.roll(left, -1, axis=1)
    if not around:
        left, right = left[:, :-1], right[:, :-1]
    x_length = np.outer(bands.radius[inner], steps)
    x_width = np.repeat(bands.height[inner, np.newaxis], steps.size, axis=1)
    below = node[: len(bands.gap), :columns]
    above = np.roll(node[:lines, :columns], -1, axis=0)[: len(bands.gap)]
    y_length = np.repeat(bands.gap[:, np.newaxis], columns, axis=1)
    y_width = np.outer(bands.face, widths)
    area = np.zeros(int(node.max()) + 1)
    np.add.at(area, node[:lines, :columns], np.outer(bands.area, widths))
    rim = np.zeros((4, area.size))
    if y.period is None:
        np.add.at(rim[0], node[0, :columns], bands.radius[0] * widths)
        np.add.at(rim[1], node[-1, :columns], bands.radius[-1] * widths)
    if not around:
        np.add.at(rim[2], node[:lines, 0], bands.height)
        np.add.at(rim[3], node[:lines, -1], bands.height)
    even = y.period is None and bool(np.allclose(steps, steps[0], rtol=1e-9))
    rows = _rows(bands, float(steps[0]), columns, around, poles) if even else None
    return _made(
        (ny, nx),
        node,
        area,
        (below, above, y_length, y_width),
        (left, right, x_length, x_width),
        rim,
        partial(_places, y, x, columns, node, earth),
        rows,
    )


def _rows(
    bands: _Bands, step: float, columns: int, around: bool, poles: tuple[bool, bool]
) -> Rows:
    with np.errstate(divide="ignore"):
        east = bands.height / (bands.radius * step)
    for end, is_pole in zip((0, -1), poles, strict=True):
        if is_pole:
            east[end] = 0.0
    return Rows(bands.area * step, east, bands.face * step / bands.gap, around, poles)


def _numbered(shape: tuple[int, int], columns: int, poles: tuple[bool, bool]) -> Any:
    """Return the number of each point's node: rows from the first to the last."""
    ny, nx = shape
    per_row = np.full(ny, columns)
    per_row[0] = 1 if poles[0] else columns
    per_row[-1] = 1 if poles[1] else columns
    before = np.cumsum(per_row) - per_row
    column = np.arange(nx) % columns
    return before[:, np.newaxis] + np.where(per_row[:, np.newaxis] == 1, 0, column)


def _places(
    y: Line, x: Line, columns: int, node: Integers, earth: Earth | None
) -> Floats:
    phi, lam = np.meshgrid(y.points, x.points[:columns], indexing="ij")
    made = np.zeros((int(node.max()) + 1, 3))
    if earth is None:
        space = [lam, phi, 0.0 * phi]
    else:
        radius = earth.parallel_radius_m(phi)
        space = [radius * np.cos(lam), radius * np.sin(lam), earth.axial_m(phi)]
    made[node[:, :columns]] = np.stack(space, axis=-1)
    return made


Edges = tuple[Any, Any, Any, Any]


def _made(
    shape: tuple[int, int],
    node: Integers,
    area: Floats,
    y_edges: Edges,
    x_edges: Edges,
    rim: Floats,
    places: Callable[[], Floats],
    rows: Rows | None,
) -> Mesh:
    """Return a mesh of edges that meet at right angles."""
    none = np.zeros(0, dtype=np.intp)
    start, end, length, width = (
        np.concatenate([np.ravel(a), np.ravel(b)])
        for a, b in zip(y_edges, x_edges, strict=True)
    )
    along = np.repeat([0, 1], [np.size(y_edges[0]), np.size(x_edges[0])])
    return Mesh(
        shape,
        node,
        area,
        start,
        end,
        length,
        length * width,
        along,
        rim,
        places,
        (none, none, np.zeros(0)),
        rows,
    )


def _of_surface(surface: Surface, shape: tuple[int, int]) -> Mesh:
    r"""Return the mesh of places in space, from the corners of their quadrilaterals.

    At a corner two edges meet at an angle θ; the gradient that both see has

    .. math:: |\nabla f|^2 = (g_1^2 + g_2^2 - 2 g_1 g_2 \cos\theta) / \sin^2\theta

    and stands for a quarter of the parallelogram: W is the sum of these, diagonal where
    lines cross at right angles.
    """
    _, nx = shape
    columns = surface.lines[1].around or nx
    around = surface.lines[1].period is not None
    space = np.stack(surface.position, axis=-1)[:, :columns]
    there = np.isfinite(space).all(axis=-1)
    number = np.where(there, np.cumsum(there).reshape(there.shape) - 1, -1)
    node = number[:, np.arange(nx) % columns]
    right = np.roll(number, -1, axis=1) if around else number[:, 1:]
    left = number if around else number[:, :-1]
    position = space[there]
    corners = _Corners(number, left, right, position)
    return corners.mesh(shape, node, around)


def _as_is(position: Floats) -> Floats:
    return position


class _Corners:
    """The edges of a surface, and the corners of quadrilaterals where they meet."""

    def __init__(
        self, number: Integers, left: Integers, right: Integers, position: Floats
    ) -> None:
        self.number = number
        self.position = position
        y_there = (number[:-1] >= 0) & (number[1:] >= 0)
        x_there = (left >= 0) & (right >= 0)
        self.start = np.concatenate([number[:-1][y_there], left[x_there]])
        self.end = np.concatenate([number[1:][y_there], right[x_there]])
        step = position[self.end] - position[self.start]
        self.length = np.sqrt((step**2).sum(axis=1))
        self.step = step
        self.along = np.repeat([0, 1], [int(y_there.sum()), int(x_there.sum())])
        # numbers of the edges along y and along x, where they lie
        self.y_edge = np.where(y_there, np.cumsum(y_there).reshape(y_there.shape), 0)
        self.x_edge = np.where(x_there, np.cumsum(x_there).reshape(x_there.shape), 0)
        self.y_edge = self.y_edge - 1
        self.x_edge = np.where(x_there, self.x_edge - 1 + int(y_there.sum()), -1)

    def quarters(self) -> tuple[Integers, Integers, Integers]:
        """Return the node and both edges of all four corners of each quadrilateral."""
        nx = self.x_edge.shape[1]
        west = np.arange(nx)
        east = (west + 1) % self.number.shape[1]
        whole = (
            (self.x_edge[:-1] >= 0)
            & (self.x_edge[1:] >= 0)
            & (self.y_edge[:, west] >= 0)
            & (self.y_edge[:, east] >= 0)
        )
        nodes, across, along = [], [], []
        for row, x_edge in (
            (self.number[:-1], self.x_edge[:-1]),
            (self.number[1:], self.x_edge[1:]),
        ):
            for column in (west, east):
                nodes.append(row[:, column][whole])
                across.append(self.y_edge[:, column][whole])
                along.append(x_edge[whole])
        return np.concatenate(nodes), np.concatenate(across), np.concatenate(along)

    def mesh(self, shape: tuple[int, int], node: Integers, around: bool) -> Mesh:
        """Return the mesh."""
        nodes, one, other = self.quarters()
        lengths = self.length[one] * self.length[other]
        longest = float(self.length.max(initial=0.0))
        real = np.minimum(self.length[one], self.length[other]) > _NO_LENGTH * longest
        nodes, one, other, lengths = (a[real] for a in (nodes, one, other, lengths))
        cosine = (self.step[one] * self.step[other]).sum(axis=1) / lengths
        sine2 = np.maximum(1.0 - cosine**2, 1e-12)
        quarter = 0.25 * lengths * np.sqrt(sine2)
        square = self._is_square(nodes, one, other, cosine)
        own = quarter if square else quarter / sine2
        weight = np.zeros(self.length.size)
        np.add.at(weight, one, own)
        np.add.at(weight, other, own)
        area = np.zeros(len(self.position))
        np.add.at(area, nodes, quarter)
        keep = slice(0, 0) if square else slice(None)
        cross = (one[keep], other[keep], (-quarter * cosine / sine2)[keep])
        used = (weight > 0.0) & (self.length > _NO_LENGTH * longest)
        renamed = np.cumsum(used) - 1
        return Mesh(
            shape,
            node,
            area,
            self.start[used],
            self.end[used],
            self.length[used],
            weight[used],
            self.along[used],
            self._rim(around),
            partial(_as_is, self.position),
            (renamed[cross[0]], renamed[cross[1]], cross[2]),
        )

    def _is_square(
        self, nodes: Integers, one: Integers, other: Integers, cosine: Floats
    ) -> bool:
        """Tell whether lines cross at right angles, the mean of the corners taken."""
        total, count = np.zeros(len(self.position)), np.zeros(len(self.position))
        np.add.at(total, nodes, cosine)
        np.add.at(count, nodes, 1.0)
        inner = count == 4
        if not inner.any():
            return bool(np.abs(cosine).max(initial=0.0) <= _SQUARE)
        return bool(np.abs(total[inner] / 4.0).max() <= _SQUARE)

    def _rim(self, around: bool) -> Floats:
        """Return the length of the grid's rim that belongs to each node."""
        rim = np.zeros((4, len(self.position)))
        sides = [self.x_edge[0], self.x_edge[-1]]
        if not around:
            sides += [self.y_edge[:, 0], self.y_edge[:, -1]]
        for out, edges in zip(rim, sides, strict=False):
            found = edges[edges >= 0]
            for ends in (self.start[found], self.end[found]):
                np.add.at(out, ends, 0.5 * self.length[found])
        return rim
