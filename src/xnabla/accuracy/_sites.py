"""The horizontal grid of a field: its points, its ends, finer and coarser ones."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xnabla.accuracy._waves import Globe, Ground, Plane
from xnabla.errors import GridError, explain
from xnabla.grid import LETTERS, Axis, Grid
from xnabla.numerics import Line

Floats = NDArray[np.float64]

_HALF_PI = np.pi / 2.0


@dataclass(frozen=True, slots=True, eq=False)
class Site:
    """A grid of two dimensions, y and x, and where its points are.

    Attributes
    ----------
    grid : Grid
        With its horizontal dimensions alone, y first.
    ground : Ground
        Where the points are.
    is_missing : array or None
        Where the field has no value, on land say: nothing is judged there.
    """

    grid: Grid
    ground: Ground
    is_missing: NDArray[np.bool_] | None = None

    @property
    def axes(self) -> tuple[Axis, Axis]:
        """The axes of y and x."""
        y, x = self.grid.dims
        return self.grid.axes[y], self.grid.axes[x]

    @property
    def shape(self) -> tuple[int, int]:
        """The numbers of points along y and x."""
        y, x = self.grid.sizes
        return y, x

    @property
    def latitude_rad(self) -> Floats | None:
        """Latitude of the points, broadcastable to the shape; none on a plane."""
        return self.ground.latitude_rad if isinstance(self.ground, Globe) else None

    def is_edge(self, rows: int) -> NDArray[np.bool_]:
        """Tell the points whose stencils are one-sided, or change beside a gap."""
        edge = np.zeros(self.shape, dtype=bool)
        across = {pole.end for pole in self.grid.poles}
        for number, axis in enumerate(self.axes):
            if axis.line.period is not None:
                continue
            view = np.moveaxis(edge, number, 0)
            if not (number == 0 and "first" in across):
                view[:rows] = True
            if not (number == 0 and "last" in across):
                view[-rows:] = True
        return edge


def site_of(grid: Grid) -> Site:
    """Return the horizontal part of a grid.

    Raises
    ------
    GridError
        If there is none, or if it cannot be differentiated on.
    """
    if grid.refusal is not None:
        raise grid.refusal
    y, x = _pair(grid)
    grid.check_axes((y, x))
    sizes = dict(zip(grid.dims, grid.sizes, strict=True))
    # the numbers of rows and columns alone count: nothing of the field is needed
    flat = replace(
        grid,
        dims=(y, x),
        sizes=(sizes[y], sizes[x]),
        axes={dim: grid.axes[dim] for dim in (y, x)},
        faults={},
        roles={dim: grid.roles[dim] for dim in (y, x)},
        coordinates={d: c for d, c in grid.coordinates.items() if d in (y, x)},
    )
    return Site(flat, _ground(flat))


def _pair(grid: Grid) -> tuple[str, str]:
    if grid.surface is not None:
        return grid.surface.dims
    found = []
    for letter in ("y", "x"):
        having = [dim for dim in grid.dims if grid.roles.get(dim) in LETTERS[letter]]
        if len(having) != 1:
            raise GridError(
                explain(
                    "Accuracy is measured on horizontal grids",
                    expected="one dimension northward and one eastward",
                    got=f"a grid that is {grid.kind}, of "
                    + (", ".join(map(repr, grid.dims)) or "no dimension"),
                    hint="xn.accuracy_report('0.25') for a grid named in a word",
                )
            )
        found.append(having[0])
    return found[0], found[1]


def _ground(grid: Grid) -> Ground:
    if grid.surface is not None:
        return Globe(*grid.surface.places, grid.earth)
    y, x = (grid.axes[dim].line.points for dim in grid.dims)
    if grid.kind == "plane":
        return Plane(x[np.newaxis, :], y[:, np.newaxis])
    return Globe(y[:, np.newaxis], x[np.newaxis, :], grid.earth)


# A grid of more points is judged on strips of its rows: 0.25 degrees has a million.
_MOST_POINTS = 1_500_000
_STRIPS, _LEAST_ROWS = 7, 28
# Rows beside a cut that only serve as neighbours: more than any stencil reaches.
_BESIDE = 8


def strips(site: Site) -> list[tuple[Site, slice]]:
    """Return a grid, or strips of all columns of a large one, and the rows to judge.

    The first and the last strip hold the ends of the grid, poles or edges.
    """
    rows, columns = site.shape
    if rows * columns <= _MOST_POINTS or rows < 2 * _STRIPS * _LEAST_ROWS:
        return [(site, slice(None))]
    count = int(np.clip(_MOST_POINTS // (columns * _LEAST_ROWS), 3, _STRIPS))
    high = max(_MOST_POINTS // (columns * count), _LEAST_ROWS)
    found = []
    for start in np.linspace(0, rows - high, count).astype(int).tolist():
        part = _strip(site, slice(start, start + high))
        first = _BESIDE if start > 0 else 0
        last = high - _BESIDE if start + high < rows else high
        found.append((part, slice(first, last)))
    return found


def _strip(site: Site, rows: slice) -> Site:
    grid, (y, x) = site.grid, site.axes
    gone = None if site.is_missing is None else site.is_missing[rows]
    size = rows.stop - rows.start
    surface = None if grid.surface is None else grid.surface.strip(rows)
    own = Line(y.line.points[rows], y.line.step)
    line = own if surface is None else surface.lines[0]
    fresh = replace(
        grid,
        axes={y.dim: replace(y, line=line), x.dim: x},
        sizes=(size, grid.sizes[1]),
        surface=surface,
    )
    return Site(fresh, _ground(fresh), gone)


def scaled(site: Site, factor: float) -> Site | None:
    """Return the grid with steps ``factor`` times as long; ``None`` if there is none.

    Axes are read between their points by their number, smoothly, so that a Gaussian
    or stretched axis stays one. Two-dimensional places can only be thinned out.

    Parameters
    ----------
    site : Site
    factor : {0.5, 2.0}
    """
    grid = site.grid
    if grid.surface is not None:
        thin = grid.surface.thinned(int(factor)) if factor >= 1 else None
        if thin is None:
            return None
        axes = {
            dim: replace(grid.axes[dim], line=line)
            for dim, line in zip(thin.dims, thin.lines, strict=True)
        }
        fresh = replace(grid, surface=thin, axes=axes, sizes=thin.shape)
        gone = site.is_missing
        step = int(factor)
        return Site(
            fresh, _ground(fresh), None if gone is None else gone[::step, ::step]
        )
    made = {}
    for number, axis in enumerate(site.axes):
        line = _scaled_line(axis.line, factor, _gaps(grid) if number == 0 else {})
        if line is None:
            return None
        points = line.points
        if axis.role == "latitude":
            # a pole row is on the pole to the last bit, or its parallel has a length
            on_pole = np.abs(np.abs(points) - _HALF_PI) < 1e-9
            points = np.where(on_pole, np.copysign(_HALF_PI, points), points)
        made[axis.dim] = replace(axis, line=replace(line, points=points))
    sizes = tuple(made[dim].size for dim in grid.dims)
    fresh = replace(grid, axes=made, sizes=sizes)
    return Site(fresh, _ground(fresh))


_FEWEST = 9  # points, below which accuracy 6 has no stencil


def _gaps(grid: Grid) -> dict[str, float]:
    """Return how far the pole is from the ends it can be crossed at, in steps."""
    found: dict[str, float] = {}
    for pole in grid.poles:
        points = grid.axes[grid.dims[0]].line.points
        outer, inner = (0, 1) if pole.end == "first" else (-1, -2)
        gap = _HALF_PI - abs(points[outer])
        found[pole.end] = float(gap / abs(points[outer] - points[inner]))
    return found


def _scaled_line(line: Line, factor: float, gaps: dict[str, float]) -> Line | None:
    """Return the points of an axis at other numbers than whole ones.

    Where the pole lies between rows, the new row beside it is as many new steps from
    it as the old one was old steps.
    """
    n = line.size
    if line.around is not None and line.period is not None:
        return _scaled_circle(line, line.around, line.period, factor)
    if is_gaussian(line.points):
        count = round(n / factor)
        return None if count < _FEWEST else Line(_gaussian(count, line.points))
    if factor == 0.5 and _is_jagged(line.points):
        return Line(_twice(line.points, gaps))
    first = (factor - 1.0) * gaps.get("first", 0.0)
    last = n - 1.0 - (factor - 1.0) * gaps.get("last", 0.0)
    count = round((last - first) / factor) + 1
    if count < _FEWEST:
        return None
    at = np.linspace(first, last, count)
    step = None if line.step is None else line.step * float(at[1] - at[0])
    return Line(_between(line, at, gaps), step)


def _scaled_circle(
    line: Line, around: int, period: float, factor: float
) -> Line | None:
    count = round(around / factor)
    if count < _FEWEST:
        return None
    closed = int(line.closed > 0)
    if factor == 0.5 and not closed and _is_jagged(line.points):
        half = (line.points - line.points[0]) / 2.0
        turn = np.copysign(period / 2.0, half[-1])
        points = line.points[0] + np.concatenate([half, half + turn])
        return Line(points, None, period)
    at = np.arange(count + closed) * (around / count)
    step = None if line.step is None else line.step * around / count
    return Line(_between(line, at, {}), step, period, closed)


def is_gaussian(latitude_rad: Floats) -> bool:
    """Tell the latitudes of a whole Gaussian grid, written to a few digits or many."""
    count = latitude_rad.size
    if not 8 <= count <= _MOST_ROOTS:
        return False
    roots = _gaussian(count, latitude_rad)
    return bool(np.allclose(latitude_rad, roots, rtol=0.0, atol=4e-5))


def _is_jagged(points: Floats) -> bool:
    """Tell steps that change from one to the next without a pattern."""
    steps = np.abs(np.diff(points))
    if steps.size < 3:
        return False
    bends = np.abs(steps[2:] - 2.0 * steps[1:-1] + steps[:-2])
    return bool(bends.max() > _JAGGED * np.median(steps))


def _twice(points: Floats, gaps: dict[str, float]) -> Floats:
    """Return the steps at half their length, and once more in reverse.

    Points put halfway would have equal steps on both sides where there were two of
    different length, and their error would fall slower than it does.
    """
    ends = [points[0], points[-1]]
    for number, end in enumerate(("first", "last")):
        if end in gaps:
            away = ends[number] - ends[1 - number]
            ends[number] = np.copysign(_HALF_PI, away)
    half = ends[0] + (points - ends[0]) / 2.0
    mirrored = (ends[0] + ends[1] - half)[::-1]
    skip = int(np.isclose(half[-1], mirrored[0], rtol=0.0, atol=1e-12))
    made: Floats = np.concatenate([half, mirrored[skip:]])
    return made


# How much, in parts of a step, the steps of a smooth axis may bend.
_JAGGED = 0.2

# Finding the roots takes time that grows with their square: 2560 take two seconds.
_MOST_ROOTS = 1280


def _gaussian(count: int, like: Floats) -> Floats:
    """Return the latitudes of a Gaussian grid that goes the same way as another."""
    roots = np.arcsin(np.polynomial.legendre.leggauss(count)[0])
    return roots if like[0] < like[-1] else roots[::-1]


def _between(
    line: Line, at: NDArray[np.floating[Any]], gaps: dict[str, float]
) -> Floats:
    """Return positions at numbers between points, by a smooth curve through them."""
    points = line.points
    if line.step is not None:
        even: Floats = points[0] + line.step * at
        return even
    from scipy.interpolate import CubicSpline

    n, more = line.size, 4
    if line.period is not None:
        numbers = np.arange(-more, n + more).astype(np.float64)
        known = line.position(np.arange(-more, n + more))
    else:
        before, at_before = _beyond(points, more, gaps.get("first"))
        after, at_after = _beyond(points[::-1], more, gaps.get("last"))
        known = np.concatenate([before[::-1], points, after])
        inner = np.arange(n).astype(np.float64)
        numbers = np.concatenate([-at_before[::-1], inner, n - 1 + at_after])
    found: Floats = np.asarray(CubicSpline(numbers, known)(at))
    whole = np.isclose(at, np.rint(at), rtol=0.0, atol=1e-9)
    on = np.rint(at[whole]).astype(int)
    found[whole] = line.position(on) if line.period is not None else points[on]
    return found


def _beyond(points: Floats, count: int, gap: float | None) -> tuple[Floats, Floats]:
    """Return points beyond the first and their numbers.

    Mirrored at the pole where that can be crossed, else straight on.
    """
    number = np.arange(1, count + 1).astype(np.float64)
    if gap is not None:
        pole = np.copysign(_HALF_PI, points[0] - points[1])
        skip = int(gap == 0.0)
        mirrored: Floats = 2.0 * pole - points[skip : count + skip]
        return mirrored, number + (0.0 if skip else 2.0 * gap - 1.0)
    straight: Floats = points[0] + (points[0] - points[1]) * number
    return straight, number
