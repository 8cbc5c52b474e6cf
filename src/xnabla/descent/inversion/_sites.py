"""The slopes of a scalar at the points of a wind, from sites around all of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from xnabla.descent.inversion._mesh import Flags, Floats, Integers, Mesh
from xnabla.descent.inversion._site_links import (
    carried_beyond,
    energy_between,
    holes_beside,
)
from xnabla.grid import Grid
from xnabla.numerics import Line, interpolation_table


@dataclass(frozen=True, eq=False)
class Sites:
    r"""Where potentials are sought, and what winds they make.

    A site is a point with a wind, or one of the four neighbours of such a point: one
    beyond the edge, on land, or beyond the rim of the grid. So every slope is centred,
    and there are more numbers to choose than to meet: any wind whatever is a sum of
    :math:`k \times \nabla\psi` and :math:`\nabla\chi`.

    Attributes
    ----------
    count : int
        Number of sites; those of the points with a wind come first, in their order.
    east, north : sparse matrix (n, count)
        The slopes at the n points with a wind, per metre.
    energy : sparse matrix (count, count)
        The energy of the flow between neighbouring sites.
    beyond : sparse matrix (count, n)
        Carries numbers at the points with a wind to the sites around, along straight
        lines.
    hole : array (n,)
        Number of the region beyond that a point lies beside, -1 if beside none, -2 if
        beside several; 0 is the largest.
    """

    count: int
    east: Any
    north: Any
    energy: Any
    beyond: Any
    hole: Integers

    @property
    def is_closed(self) -> bool:
        """Whether there is nothing beyond: a whole globe."""
        return bool(self.count == self.hole.size)


def sites_of(grid: Grid, dims: tuple[str, str], whole: Mesh, valid: Flags) -> Sites:
    """Return the sites of a wind that is there at some nodes of a grid.

    Parameters
    ----------
    grid : Grid
        The grid.
    dims : pair of str
        Its dimensions y and x.
    whole : Mesh
        The mesh of all of it.
    valid : array of bool (nodes,)
        Where there is a wind.
    """
    return _Making(grid, dims, whole, valid).made()


class _Making:
    """The steps from a grid to its sites."""

    def __init__(
        self, grid: Grid, dims: tuple[str, str], whole: Mesh, valid: Flags
    ) -> None:
        self.grid, self.whole, self.valid = grid, whole, valid
        self.surface = grid.surface
        lines = (
            grid.surface.lines
            if grid.surface is not None
            else (grid.axes[dims[0]].line, grid.axes[dims[1]].line)
        )
        self.y, self.x = lines
        self.ny = self.y.around or whole.shape[0]
        self.nx = self.x.around or whole.shape[1]
        self.poles: dict[str, Any] = {}
        if grid.surface is None and grid.kind != "plane":
            self.poles = {pole.end: pole for pole in grid.poles}
        self._number_sites()

    def _number_sites(self) -> None:
        """Give a number to all points and a ring around; one place is one site."""
        node = self.whole.node[: self.ny, : self.nx]
        ny, nx = node.shape
        padded = np.full((ny + 2, nx + 2), -1, dtype=np.intp)
        lost = node < 0  # points without a place are sites of their own
        padded[1:-1, 1:-1] = np.where(
            lost, self.whole.count + np.cumsum(lost).reshape(lost.shape) - 1, node
        )
        following = self.whole.count + int(lost.sum())
        if self.x.period is not None:
            padded[:, 0], padded[:, -1] = padded[:, -2], padded[:, 1]
        if self.y.period is not None:
            padded[0], padded[-1] = padded[-2], padded[1]
        for end, row, beside in (("first", 0, 1), ("last", -1, -2)):
            pole = self.poles.get(end)
            if pole is not None and not pole.has_row and self._is_even():
                # the row as seen across the pole: the columns half a turn away
                padded[row, 1:-1] = np.roll(padded[beside, 1:-1], -(self.nx // 2))
        empty = padded < 0
        padded[empty] = following + np.arange(int(empty.sum()))
        self.padded = padded
        self.total = following + int(empty.sum())
        self.between = self._across(padded)

    def _is_even(self) -> bool:
        """Tell whether there is a column half a turn from each."""
        return self.x.step is not None and self.nx % 2 == 0

    def _across(self, padded: Integers) -> dict[int, tuple[Integers, Floats]]:
        """Return what sites beyond a pole are made of, where no column is opposite."""
        made: dict[int, tuple[Integers, Floats]] = {}
        for end, row, beside in (("first", 0, 1), ("last", -1, -2)):
            pole = self.poles.get(end)
            if pole is None or pole.has_row or self._is_even():
                continue
            points = self.x.points[: self.nx]
            line = replace(self.x, points=points, closed=0)
            table = interpolation_table(line, points + np.pi, min(4, self.nx))
            own = padded[beside, 1:-1]
            index = (table.starts[:, np.newaxis] + np.arange(table.width)) % self.nx
            for i, site in enumerate(padded[row, 1:-1]):
                made[int(site)] = own[index[i]], table.weights[i]
        return made

    def _joined(
        self, entry: tuple[Integers, Integers, Floats]
    ) -> tuple[Integers, Integers, Floats]:
        """Return rows, sites and weights with sites beyond a pole told by others."""
        rows, sites, weights = entry
        beyond = np.isin(sites, list(self.between))
        if not beyond.any():
            return entry
        kept = [(rows[~beyond], sites[~beyond], weights[~beyond])]
        for row, site, weight in zip(
            rows[beyond], sites[beyond], weights[beyond], strict=True
        ):
            others, parts = self.between[int(site)]
            kept.append((np.full(others.size, row), others, weight * parts))
        first, second, third = (np.concatenate(a) for a in zip(*kept, strict=True))
        return first, second, third

    def made(self) -> Sites:
        """Return the sites, those that matter numbered from 0."""
        from scipy.sparse import csr_array

        along_y, along_x = self._along(0), self._along(1)
        east, north = self._turned(along_y, along_x)
        n = int(self.valid.sum())
        rows = np.full(self.whole.count, -1)
        rows[self.valid] = np.arange(n)
        parts = []
        for row, column, weight in map(self._joined, (*east, *north)):
            keep = (rows[row] >= 0) & np.isfinite(weight)
            parts.append((rows[row[keep]], column[keep], weight[keep]))
        used = np.zeros(self.total, dtype=bool)
        for _, column, weight in parts:
            used[column[weight != 0.0]] = True
        used[: self.whole.count][self.valid] = True
        number = np.full(self.total, -1)
        number[np.flatnonzero(self.valid)] = np.arange(n)
        others = used.copy()
        others[np.flatnonzero(self.valid)] = False
        number[others] = n + np.arange(int(others.sum()))
        count = n + int(others.sum())
        half = len(east)
        matrices = []
        for group in (parts[:half], parts[half:]):
            row, column, weight = (np.concatenate(a) for a in zip(*group, strict=True))
            there = weight != 0.0
            matrices.append(
                csr_array(
                    (weight[there], (row[there], number[column[there]])),
                    shape=(n, count),
                )
            )
        return Sites(
            count,
            matrices[0],
            matrices[1],
            energy_between(self.whole, self.padded, number, count),
            carried_beyond(self.padded, self.valid, number, count),
            holes_beside(self.padded, self.valid, list(self.between)),
        )

    def _along(self, axis: int) -> list[tuple[Integers, Integers, Floats]]:
        """Return the derivative along a dimension's parameter: node, site, weight."""
        line = (self.y, self.x)[axis]
        before, after = self._gaps(line, axis)
        shape = (self.ny, self.nx)
        h1, h2 = (
            np.broadcast_to(h[:, np.newaxis] if axis == 0 else h, shape)
            for h in (before, after)
        )
        centre = self.padded[1:-1, 1:-1]
        if axis == 0:
            lower, upper = self.padded[:-2, 1:-1], self.padded[2:, 1:-1]
        else:
            lower, upper = self.padded[1:-1, :-2], self.padded[1:-1, 2:]
        keep = self._own()
        made = []
        for sites, weight in (
            (lower, -h2 / (h1 * (h1 + h2))),
            (centre, (h2 - h1) / (h1 * h2)),
            (upper, h1 / (h2 * (h1 + h2))),
        ):
            made.append((centre[keep], sites[keep], weight[keep]))
        return made

    def _own(self) -> Flags:
        """Return the points that are nodes of their own: no pole rows."""
        node = self.whole.node[: self.ny, : self.nx]
        keep = node >= 0
        for end, row in (("first", 0), ("last", -1)):
            pole = self.poles.get(end)
            if pole is not None and pole.has_row:
                keep[row] = False
        return np.asarray(keep)

    def _gaps(self, line: Line, axis: int) -> tuple[Floats, Floats]:
        """Return the signed steps to the points before and after each."""
        count = self.ny if axis == 0 else self.nx
        points = line.points[:count]
        steps = np.diff(points)
        if line.step is not None:
            steps = np.full(steps.size, line.step)
        first, last = steps[0], steps[-1]
        if line.period is not None:
            sign = 1.0 if steps[0] > 0 else -1.0
            first = last = sign * line.period - (points[-1] - points[0])
        if axis == 0:
            for end, pole in self.poles.items():
                if pole.has_row:
                    continue
                sign = 1.0 if steps[0] > 0 else -1.0
                gap = np.pi - 2.0 * abs(points[0 if end == "first" else -1])
                first, last = (
                    (sign * gap, last) if end == "first" else (first, sign * gap)
                )
        return np.append(first, steps), np.append(steps, last)

    def _turned(self, along_y: Any, along_x: Any) -> tuple[list[Any], list[Any]]:
        """Return derivatives towards east and north."""
        nodes = self.whole.count
        if self.surface is None:
            x_factor, y_factor = self._lengths()
            east = [(n, s, w * x_factor[n]) for n, s, w in along_x]
            north = [(n, s, w * y_factor[n]) for n, s, w in along_y]
            for end, pole in self.poles.items():
                if pole.has_row:
                    at_pole = self._at_pole(end, pole.sign)
                    east.append(at_pole[0])
                    north.append(at_pole[1])
            return east, north
        j = self.surface.jacobian(2)
        where = self.whole.node[: self.ny, : self.nx]
        there = where >= 0
        flat = {}
        for name in ("y_north", "x_north", "x_east", "y_east", "determinant"):
            flat[name] = np.full(nodes, np.nan)
            array = getattr(j, name)[: self.ny, : self.nx]
            flat[name][where[there]] = array[there]
        d = flat["determinant"]
        east = [(n, s, w * (flat["y_north"] / d)[n]) for n, s, w in along_x]
        east += [(n, s, -w * (flat["x_north"] / d)[n]) for n, s, w in along_y]
        north = [(n, s, w * (flat["x_east"] / d)[n]) for n, s, w in along_y]
        north += [(n, s, -w * (flat["y_east"] / d)[n]) for n, s, w in along_x]
        return east, north

    def _lengths(self) -> tuple[Floats, Floats]:
        """Return one over the metres of a unit along x and along y at each node."""
        shape = (self.ny, self.nx)
        x_factor, y_factor = np.ones(self.whole.count), np.ones(self.whole.count)
        if self.grid.kind == "plane":
            return x_factor, y_factor
        phi = self.y.points[: self.ny]
        node = self.whole.node[: self.ny, : self.nx]
        radius = self.grid.earth.parallel_radius_m(phi)
        with np.errstate(divide="ignore"):
            x_rows = 1.0 / radius
        y_rows = 1.0 / self.grid.earth.meridional_radius_m(phi)
        x_factor[node] = np.broadcast_to(x_rows[:, np.newaxis], shape)
        y_factor[node] = np.broadcast_to(y_rows[:, np.newaxis], shape)
        return x_factor, y_factor

    def _at_pole(self, end: str, sign: int) -> tuple[Any, Any]:
        """Return the slopes at a pole, east and north as its first column has them.

        The plane that fits the row beside it: its slope towards each meridian.
        """
        row = 0 if end == "first" else -1
        beside = self.whole.node[1 if end == "first" else self.ny - 2, : self.nx]
        phi = self.y.points[: self.ny]
        apart = abs(phi[row] - phi[1 if end == "first" else -2])
        apart *= float(self.grid.earth.meridional_radius_m(phi[row]))
        lam = self.x.points[: self.nx] - self.x.points[0]
        towards = np.stack([np.sin(lam), -sign * np.cos(lam)])
        before, after = self._gaps(self.x, 1)
        width = 0.5 * np.abs(before + after)
        # columns count by their width; the bends are fitted too, so that on uneven
        # columns they do not pass for slopes
        bends = [np.ones(self.nx), np.cos(2.0 * lam), np.sin(2.0 * lam)]
        shapes = np.vstack([towards, *bends]) if self.nx >= 8 else towards
        moment = (shapes * width) @ shapes.T
        fitted = np.linalg.solve(moment, shapes * width)[:2] / apart
        pole = self.whole.node[row, 0]
        rows = np.full(self.nx + 1, pole)
        columns = np.append(beside, pole)
        east, north = (np.append(part, -part.sum()) for part in fitted)
        return (rows, columns, east), (rows, columns, north)
