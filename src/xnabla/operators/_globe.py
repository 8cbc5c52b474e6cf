"""Derivatives where latitude and longitude run along dimensions, poles included."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, cast

import numpy as np

from xnabla.grid import Axis, Grid, parallel_factor
from xnabla.numerics import (
    Cap,
    Line,
    apply_table,
    largest_accuracy,
    mean_around,
    put_rows,
)
from xnabla.operators._mixed import mixed, schemes_of
from xnabla.operators._plan import Plan, plan_derivative, turn_of
from xnabla.operators._vectors import VectorSlopes
from xnabla.options import Accuracy, Options

# Poleward of this latitude second derivatives are taken two orders more accurately.
# Any fixed stencil loses an order in the rows beside a pole, where its error is
# divided by the distance from it; two more points there cost nothing.
_POLAR_RAD = np.deg2rad(75.0)


class Globe(VectorSlopes):
    r"""Derivatives on a latitude-longitude grid.

    .. math:: \partial_x = \frac{1}{N\cos\varphi} \partial_\lambda, \qquad
              \partial_y = \frac{1}{M} \partial_\varphi

    Parameters
    ----------
    grid : Grid
        A grid with latitude and longitude.
    dims : pair of str
        Its dimensions of latitude and longitude.
    options : Options
        Accuracy, edges, missing, poles, engine.
    edge_order : int, optional
        Accuracy of one-sided rows, if it is to differ.
    """

    def __init__(
        self,
        grid: Grid,
        dims: tuple[str, str],
        options: Options,
        edge_order: int | None = None,
    ) -> None:
        own = dict(zip(grid.dims, grid.sizes, strict=True))
        axes = {dim: grid.axes[dim] for dim in dims}
        self.grid = replace(
            grid, dims=dims, sizes=tuple(own[dim] for dim in dims), axes=axes
        )
        self.options = options
        self.edge_order = edge_order
        self.latitude, self.longitude = axes.values()
        self.fused: Any = None  # the same, written down; see _fused

    @property
    def latitude_rad(self) -> Any:
        """Latitude of the rows."""
        return self.latitude.line.points[:, np.newaxis]

    @cached_property
    def basis(self) -> tuple[tuple[Any, Any, Any], tuple[Any, Any, Any]]:
        """Unit vectors towards east and north."""
        phi, lam = self.latitude_rad, self.longitude.line.points
        sin, cos = np.sin(phi), np.cos(phi)
        zero = np.zeros((1, 1))
        east = -np.sin(lam)[np.newaxis], np.cos(lam)[np.newaxis], zero
        return east, (-sin * np.cos(lam), -sin * np.sin(lam), cos)

    def slopes(self, f: Any) -> tuple[Any, Any]:
        """Return the derivatives of a scalar towards east and north."""
        return self._east(f), self._north(f)

    def wind_slopes(self, u: Any, v: Any) -> tuple[Any, Any, Any, Any]:
        """Return du/dx, du/dy, dv/dx, dv/dy of a wind towards east and north.

        Along a meridian east stays east, and north stays in its plane: each part of
        the wind is differentiated by itself, and a gap of the other does not matter.
        Unless what lies across a pole is interpolated: that is a vector's.
        """
        du_dx, du_dy, dv_dx, dv_dy = 0.0, 0.0, 0.0, 0.0
        for e, n in zip(*self.basis, strict=True):
            dx = self._east(u * e + v * n)
            du_dx, dv_dx = du_dx + dx * e, dv_dx + dx * n
            du_dy = du_dy + self._north(u * e) * e if np.any(e) else du_dy
            dv_dy = dv_dy + self._north(v * n) * n
        for cap in self._north.caps:
            if cap.half_turn.width > 1:
                du, dv = self._beside_pole(cap, u, v)
                du_dy = put_rows(du_dy, du, cap.end, u.ndim - 2)
                dv_dy = put_rows(dv_dy, dv, cap.end, v.ndim - 2)
        return du_dx, du_dy, dv_dx, dv_dy

    def _beside_pole(self, cap: Cap, u: Any, v: Any) -> tuple[Any, Any]:
        """Return the northward derivatives of a wind in the rows of a cap."""
        count = max(cap.depth, cap.skip + cap.ghosts)
        read = slice(0, count) if cap.end == "first" else slice(-count, None)
        size = cap.table.size
        made = slice(0, size) if cap.end == "first" else slice(-size, None)
        du_dy, dv_dy = 0.0, 0.0
        for e, n in zip(*self.basis, strict=True):
            whole = u[..., read, :] * e + v[..., read, :] * n[..., read, :]
            dy = cap.rows(whole, u.ndim - 2, u.ndim - 1, self.options.engine)
            du_dy, dv_dy = du_dy + dy * e, dv_dy + dy * n[..., made, :]
        return du_dy, dv_dy

    def laplacian(self, f: Any) -> Any:
        """Return the Laplacian: compact, so that it sees the two-point wave."""
        return self.one_at_poles(self._refined(f, Globe._laplacian))

    def second(self, f: Any) -> tuple[Any, Any, Any]:
        """Return the second derivatives: east twice, east and north, north twice."""
        laplacian = self._refined(f, Globe._laplacian)
        mixed = self._refined(f, Globe._mixed)
        north_twice = self._along_meridian(f)
        return laplacian - north_twice, mixed, north_twice

    def one_at_poles(self, f: Any) -> Any:
        """Return a scalar with one value for each pole that has a row."""
        around = self.longitude.line.around
        if self.options.poles != "across" or around is None:
            return f
        for pole in self.grid.poles:
            if pole.has_row:
                row = f[..., :1, :] if pole.end == "first" else f[..., -1:, :]
                mean = mean_around(
                    row, around, -1, skip_missing=self.options.missing == "shrink"
                )
                f = put_rows(f, mean, pole.end, f.ndim - 2)
        return f

    def from_grid(self, u: Any, v: Any) -> tuple[Any, Any]:
        """Return the wind as it is: the grid runs east and north."""
        return u, v

    to_grid = from_grid
    along_grid = from_grid

    def turn_tensor(self, *parts: Any) -> tuple[Any, ...]:
        """Return the tensor as it is: the grid runs east and north."""
        return parts

    @cached_property
    def _east(self) -> Plan:
        return self.plan(self.longitude, 1)

    @cached_property
    def _north(self) -> Plan:
        return self.plan(self.latitude, 1)

    @cached_property
    def _along_meridian(self) -> Plan:
        return self.plan(self.latitude, 2)

    def plan(self, axis: Axis, order: int, *, converging: bool = False) -> Plan:
        made = plan_derivative(
            self.grid,
            axis,
            order=order,
            factor=1.0,
            options=self.options,
            edge_order=self.edge_order,
            converging=converging,
        )
        assert isinstance(made, Plan)  # no map: latitude and longitude are axes
        return made

    def _laplacian(self, f: Any) -> Any:
        r"""Return the Laplacian at one accuracy.

        .. math:: \nabla^2 f = \frac{\partial_{\lambda\lambda} f}{(N\cos\varphi)^2}
                  + \partial_{yy} f - \frac{\tan\varphi}{N} \partial_y f

        On a pole it is the sum along two meridians at right angles.
        """
        meridional = self.plan(self.latitude, 2, converging=True)(f)
        zonal = self.plan(self.longitude, 2)(f)
        return self._with_pole_rows(
            meridional + zonal,
            meridional,
            lambda row, sign: row + self._turned(row, -sign * np.pi / 2.0),
        )

    def _mixed(self, f: Any) -> Any:
        r"""Return the mixed second derivative at one accuracy.

        .. math:: \partial_{xy} f = \partial_x \partial_y f
                  + \frac{\tan\varphi}{N} \partial_x f

        On a pole it is half the difference of the second derivatives along the
        meridians half a quarter turn to either side.
        """
        phi = self.latitude_rad
        dx = self._east(f)
        convergence = np.sin(phi) * np.nan_to_num(parallel_factor(self.grid.earth, phi))
        inner = replace(self._east, caps=())
        both = mixed(f, self._schemes_north(), inner) + convergence * dx
        eighth = np.pi / 4.0

        def on_pole(row: Any, sign: int) -> Any:
            one, other = (self._turned(row, way * eighth) for way in (-sign, sign))
            return (one - other) / 2.0

        made = self._with_pole_rows(both, self._along_meridian(f), on_pole)
        # on a pole read elsewhere, but a point that is missing has no derivative
        return np.where(np.isnan(f), np.nan, made)

    def _schemes_north(self) -> list[list[Plan]]:
        """Return the derivative along meridians by one scheme each, the best first."""
        (best,), *narrower = schemes_of(self._north.table)
        caps = tuple(
            replace(cap, table=replace(cap.table, narrower=()))
            for cap in self._north.caps
        )
        return [
            [replace(self._north, table=best, caps=caps)],
            *(
                [replace(self._north, table=table, caps=()) for table in group]
                for group in narrower
            ),
        ]

    def _with_pole_rows(
        self, out: Any, along_meridian: Any, make: Callable[[Any, int], Any]
    ) -> Any:
        """Return ``out`` with its pole rows made of derivatives along meridians."""
        across = self.options.poles == "across"
        for pole in self.grid.poles:
            if not pole.has_row:
                continue
            first = pole.end == "first"
            row = along_meridian[..., :1, :] if first else along_meridian[..., -1:, :]
            made = make(row, pole.sign) if across else row * np.nan
            out = put_rows(out, made, pole.end, out.ndim - 2)
        return out

    def _turned(self, row: Any, angle_rad: float) -> Any:
        table = turn_of(self.longitude, angle_rad, self.options.accuracy)
        return apply_table(row, -1, table, engine=self.options.engine)

    def _refined(self, f: Any, make: Callable[[Globe, Any], Any]) -> Any:
        """Return what ``make`` gives, the rows near the poles two orders better."""
        out = make(self, f)
        for band in self.polar_bands():
            rows = f[..., band.read, :]
            fine = make(band.globe, rows)[..., band.keep, :]
            out = put_rows(out, fine, band.end, out.ndim - 2)
        return out

    def polar_bands(self) -> list[Band]:
        """Return the rows poleward of 75 degrees at each end, if points suffice."""
        finer = self.options.accuracy + 2
        size = self.latitude.size
        polar = np.abs(self.latitude.line.points) > _POLAR_RAD
        if largest_accuracy(self.longitude.line, 2, finer) < finer:
            return []
        halo = finer // 2 + 2
        bands: list[Band] = []
        for end, flags in (("first", polar), ("last", polar[::-1])):
            count = size if flags.all() else int(np.argmin(flags))
            wide = min(size, max(count + halo, finer + 2))
            done = bool(bands) and count == size  # all rows at once already
            if count == 0 or wide < finer + 2 or done:
                continue
            if end == "first":
                read, keep = slice(0, wide), slice(0, count)
            else:
                read, keep = slice(size - wide, size), slice(wide - count, wide)
            bands.append(Band(end, self._finer(read), read, keep))
        return bands

    def _finer(self, rows: slice) -> Globe:
        """Return the globe of some rows, two orders more accurate."""
        line = self.latitude.line
        part = replace(
            self.latitude, line=Line(np.ascontiguousarray(line.points[rows]), line.step)
        )
        dims = self.latitude.dim, self.longitude.dim
        grid = replace(
            self.grid,
            sizes=(part.size, self.longitude.size),
            axes={dims[0]: part, dims[1]: self.longitude},
        )
        finer = cast("Accuracy", self.options.accuracy + 2)
        return Globe(grid, dims, replace(self.options, accuracy=finer))


@dataclass(frozen=True, slots=True, eq=False)
class Band:
    """Rows at one end of a globe that are made more accurately."""

    end: str
    globe: Globe
    read: slice
    keep: slice
