"""What an observation sees of a field: the matrix H from nodes to observations."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from xnabla.descent.inversion._fields import Case
from xnabla.descent.inversion._mesh import Flags, Floats
from xnabla.errors import GridError, explain
from xnabla.grid import role_of
from xnabla.numerics import Line
from xnabla.units import conversion_factor, parse

# Part of a cell by which a place may lie outside it, for rounding.
_EDGE = 1e-9


def observed_by(case: Case, obs: xr.DataArray) -> tuple[Any, Flags]:
    """Return the matrix (observations, nodes) of a field, and which are inside.

    Bilinear between the four points around a place; an observation outside the grid,
    or beside a point that the mask leaves out, sees nothing.

    Parameters
    ----------
    case : Case
        The background on its mesh.
    obs : DataArray
        Observations along one dimension, with the coordinates of their places.

    Raises
    ------
    GridError
        If they do not say where they are.
    """
    first, second = _places(case, obs)
    if case.work.grid.surface is not None:
        corners, weights = _on_surface(case, np.deg2rad(first), np.deg2rad(second))
    else:
        corners, weights = _on_lines(case, first, second)
    node = np.where(corners >= 0, case.mesh.node.ravel()[np.maximum(corners, 0)], -1)
    sees = np.all((node >= 0) | (weights <= _EDGE), axis=1) & (corners[:, 0] >= 0)
    from scipy.sparse import csr_array

    rows = np.repeat(np.arange(len(node)), 4)
    keep = np.repeat(sees, 4) & (node.ravel() >= 0)
    matrix = csr_array(
        (weights.ravel()[keep], (rows[keep], node.ravel()[keep])),
        shape=(len(node), case.mesh.count),
    )
    return matrix, sees


def _places(case: Case, obs: xr.DataArray) -> tuple[Floats, Floats]:
    """Return the places of observations: latitude and longitude, or y and x."""
    grid = case.work.grid
    on_plane = grid.kind == "plane"
    wanted = ("y", "x") if on_plane else ("latitude", "longitude")
    found: dict[str, Any] = {}
    for name, coordinate in obs.coords.items():
        if coordinate.dims != obs.dims:
            continue
        role = role_of(str(name), dict(coordinate.attrs), coordinate.dtype)
        numbers = np.asarray(coordinate.values, dtype=np.float64)
        if on_plane and "units" in coordinate.attrs:
            numbers = numbers * _metres(str(coordinate.attrs["units"]), str(name))
        elif on_plane:  # as the grid counts
            numbers = numbers * _metres_along(case, str(role))
        found.setdefault(str(role), numbers)
    missing = [role for role in wanted if role not in found]
    if missing:
        raise GridError(
            explain(
                f"The observations do not say their {' and '.join(missing)}",
                expected=f"coordinates {' and '.join(wanted)} along {obs.dims[0]!r}",
                got=", ".join(map(str, obs.coords)) or "no coordinates",
                hint=f"obs.assign_coords({wanted[0]}=({obs.dims[0]!r}, ...), "
                f"{wanted[1]}=({obs.dims[0]!r}, ...))",
            )
        )
    return found[wanted[0]], found[wanted[1]]


def _on_lines(case: Case, first: Floats, second: Floats) -> tuple[Any, Floats]:
    """Return the four points around places on straight lines, and their weights."""
    grid = case.work.grid
    y, x = (grid.axes[dim] for dim in case.core)
    if grid.kind != "plane":
        first, second = np.deg2rad(first), np.deg2rad(second)
    ends = {pole.end for pole in grid.poles}
    j, t = _between(y.line, first)
    for end, index, part in (("first", 0, 0.0), ("last", y.size - 2, 1.0)):
        beyond = (j == -1) if end == "first" else (j == y.size - 1)
        if end in ends:  # between the last row and the pole: the row itself
            j, t = np.where(beyond, index, j), np.where(beyond, part, t)
    i, s = _between(x.line, second)
    inside = (j >= 0) & (j < y.size - 1) & (i >= 0)
    if x.line.period is None:
        inside &= i < x.size - 1
    columns = x.line.around or x.size
    j, i = np.where(inside, j, 0), np.where(inside, i, 0)
    right = (i + 1) % columns
    corners = np.stack(
        [j * x.size + i, j * x.size + right, (j + 1) * x.size + i], axis=1
    )
    corners = np.column_stack([corners, (j + 1) * x.size + right])
    weights = np.stack([(1 - t) * (1 - s), (1 - t) * s, t * (1 - s), t * s], axis=1)
    corners[~inside] = -1
    return corners, np.where(inside[:, np.newaxis], weights, 0.0)


def _metres_along(case: Case, role: str) -> float:
    """Return the metres of a unit of the grid's own coordinate along y or x."""
    axis = case.work.grid.role_axis(role)
    if axis is None:
        return 1.0
    coordinate = case.work.like.coords[axis.coordinate]
    return _metres(str(coordinate.attrs.get("units", "m")), axis.coordinate)


def _metres(text: str, name: str) -> float:
    return conversion_factor(parse(text), parse("m"), of=f"coordinate {name!r}")


def _between(line: Line, places: Floats) -> tuple[Any, Floats]:
    """Return the point before each place, and how far it is to the next.

    -1 before the first and n - 1 after the last of an open line.
    """
    points = line.points[: line.around or line.size]
    sign = 1.0 if points[-1] > points[0] else -1.0
    along, at = sign * points, sign * places
    if line.period is not None:
        at = along[0] + (at - along[0]) % line.period
        along = np.append(along, along[0] + line.period)
    tiny = 1e-9 * float(np.abs(np.diff(along)).max())
    at = np.where(np.abs(at - along[0]) <= tiny, along[0], at)
    at = np.where(np.abs(at - along[-1]) <= tiny, along[-1], at)
    index = np.searchsorted(along, at, side="right") - 1
    index = np.where(at == along[-1], along.size - 2, index)
    safe = np.clip(index, 0, along.size - 2)
    part = (at - along[safe]) / (along[safe + 1] - along[safe])
    return index, np.clip(part, 0.0, 1.0)


def _on_surface(case: Case, phi: Floats, lam: Floats) -> tuple[Any, Floats]:
    """Return the four points around places on any surface, and their weights.

    From the nearest point, the four quadrilaterals around it are tried; in each the
    bilinear map is inverted by Newton's method.
    """
    from scipy.spatial import cKDTree

    surface, earth = case.work.grid.surface, case.work.grid.earth
    assert surface is not None
    space = np.stack(surface.position, axis=-1)
    ny, nx = space.shape[:2]
    there = np.isfinite(space).all(axis=-1)
    radius = earth.parallel_radius_m(phi)
    place = np.stack(
        [radius * np.cos(lam), radius * np.sin(lam), earth.axial_m(phi)], axis=-1
    )
    numbers = np.flatnonzero(there)
    _, nearest = cKDTree(space[there]).query(place)
    row, column = np.divmod(numbers[nearest], nx)
    corners = np.full((len(phi), 4), -1)
    weights = np.zeros((len(phi), 4))
    for down in (0, -1):
        for left in (0, -1):
            j, i = row + down, column + left
            inside = (j >= 0) & (j < ny - 1) & (i >= 0) & (i < nx - 1)
            some = np.flatnonzero(inside & (corners[:, 0] < 0))
            if not some.size:
                continue
            around = np.stack(
                [
                    (j + dj)[some] * nx + (i + di)[some]
                    for dj, di in ((0, 0), (0, 1), (1, 0), (1, 1))
                ],
                axis=1,
            )
            st, hit = _inverted(space.reshape(-1, 3)[around], place[some])
            s, t = st.T
            found = some[hit]
            corners[found] = around[hit]
            weights[found] = np.stack(
                [(1 - t) * (1 - s), (1 - t) * s, t * (1 - s), t * s], axis=1
            )[hit]
    return corners, weights


def _inverted(quads: Floats, place: Floats) -> tuple[Floats, Flags]:
    """Return where in quadrilaterals (k, 4, 3) places lie, and whether inside."""
    origin, a = quads[:, 0], quads[:, 1] - quads[:, 0]
    b = quads[:, 2] - quads[:, 0]
    c = quads[:, 3] - quads[:, 1] - b
    st = np.full((len(quads), 2), 0.5)
    with np.errstate(invalid="ignore", divide="ignore"):
        for _ in range(12):
            s, t = st[:, :1], st[:, 1:]
            off = origin + s * a + t * b + s * t * c - place
            ds, dt = a + t * c, b + s * c
            aa, bb = (ds * ds).sum(1), (dt * dt).sum(1)
            ab = (ds * dt).sum(1)
            ra, rb = (ds * off).sum(1), (dt * off).sum(1)
            det = aa * bb - ab * ab
            st = st - np.stack(
                [(bb * ra - ab * rb) / det, (aa * rb - ab * ra) / det], 1
            )
    hit = np.isfinite(st).all(axis=1)
    hit &= ((st >= -1e-6) & (st <= 1.0 + 1e-6)).all(axis=1)
    return np.clip(st, 0.0, 1.0), hit
