"""A wind split into the part that turns and the part that spreads."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, get_args

import numpy as np
import xarray as xr

from xnabla.descent._status import Status
from xnabla.descent.inversion._bases import Winds
from xnabla.descent.inversion._closing import CLOSED, Gauge, Split
from xnabla.descent.inversion._fields import Case, Kept, Output, one_unit, patterns
from xnabla.descent.inversion._first_guess import FirstGuess, without_means
from xnabla.descent.inversion._globe_split import GlobeSplit
from xnabla.descent.inversion._mesh import Flags, Floats, Integers, Mesh
from xnabla.descent.inversion._sites import sites_of
from xnabla.errors import FieldError, OptionError, explain
from xnabla.grid import Grid
from xnabla.operators._inputs import ANY
from xnabla.operators._partial import target_unit, vector_words
from xnabla.options import WindFrame
from xnabla.units import Unit, parse

_PARTS = ("u_psi", "v_psi", "u_chi", "v_chi")


def helmholtz(
    u: xr.DataArray,
    v: xr.DataArray,
    *,
    gauge: Gauge = "psi_zero",
    mask: xr.DataArray | None = None,
    wind: WindFrame | None = None,
    earth: Any = None,
    periodic: Any = None,
    crs: Any = None,
    grid: Any = None,
) -> xr.Dataset:
    r"""Split a wind into streamfunction and velocity potential, on any grid.

    .. math:: V = k \times \nabla\psi + \nabla\chi

    found by descent on the misfit of the wind itself, not from vorticity with guesses
    at the border: the two parts add up to the wind. On a whole globe the split is
    unique. In a region, or around land, it is not: a wind that neither turns nor
    spreads may be given to either part, and ``gauge`` says to which.

    Parameters
    ----------
    u, v : DataArray
        Wind, eastward and northward or along the grid; any unit. NaN is a hole.
    gauge : {"psi_zero", "chi_zero", "min_norm"}
        ``psi_zero``: the streamfunction is zero on the rim, and one number around each
        hole; the two winds are at right angles to the error of the scheme, and what is
        harmonic is in χ. ``chi_zero``: the other way round. ``min_norm``: shared by
        halves, which gives the least energy of both together. Where gaps are so ragged
        that the rim is nearly everywhere, the rim too is held to that error only.
    mask : DataArray of bool, optional
        True where there is a wind; the result is NaN elsewhere.
    wind : {"earth", "grid"}, optional
        Whether the wind is eastward and northward or along the grid; by default what
        its standard names say. The winds returned are as the wind given.
    earth, periodic, crs, grid : optional
        See :func:`~xnabla.grid_of`.

    Returns
    -------
    Dataset
        ``streamfunction``, ``velocity_potential`` (area mean zero in each sea
        where only differences are known), ``u_psi``, ``v_psi``, ``u_chi``, ``v_chi``,
        the rest, ``u_residual``, ``v_residual``; for each time and level ``closure``,
        the rest over the wind (root mean square), ``energy_psi`` and ``energy_chi``,
        the parts of the kinetic energy, ``cost``, ``gradient_norm``, ``n_iterations``,
        ``n_valid``, ``status``, ``converged``.

    Raises
    ------
    GridError
        If u and v lie on different points, or have no two horizontal dimensions.
    UnitsError
        If one has no unit, or they differ in dimension.
    OptionError
        If the gauge cannot be.
    FieldError
        If one is missing, or they hold infinite values or no numbers.

    Notes
    -----
    On a whole globe, with evenly spaced longitudes, each zonal wave is solved exactly,
    of sixth order along the meridian. Waves of two rows or columns have slopes that
    their values do not show: where one is needed to meet the wind it is in the winds
    and not in the potentials, which are freed of the wave of two rows. Elsewhere slopes
    are centred differences, at the edge with a value beyond it, so that any wind
    whatever can be met. A wind on a pole row that is not one vector cannot be: what
    differs is left over, and is in ``closure`` and ``cost``.

    References
    ----------
    Lynch, P. (1989), Partitioning the wind in a limited domain, Mon. Wea. Rev. 117,
    1492-1500. Li, Z., Y. Chao and J. C. McWilliams (2006), Computation of the
    streamfunction and velocity potential for limited and irregular domains, Mon. Wea.
    Rev. 134, 3384-3394.

    Examples
    --------
    Solid rotation has the streamfunction :math:`-U a \sin\varphi`:

    >>> import numpy as np, xarray as xr
    >>> lat = xr.DataArray(np.arange(-90, 91.0, 5), dims="lat",
    ...                    attrs={"units": "degrees_north"})
    >>> lon = xr.DataArray(np.arange(0, 360.0, 5), dims="lon",
    ...                    attrs={"units": "degrees_east"})
    >>> u = 20 * np.cos(np.deg2rad(lat)) + 0 * lon
    >>> u = u.assign_coords(lat=lat, lon=lon).assign_attrs(units="m s-1")
    >>> parts = helmholtz(u, (0 * u).assign_attrs(units="m s-1"))
    >>> print(f"{parts.streamfunction.sel(lat=90)[0].data:.4g}")
    -1.274e+08 meter ** 2 / second
    >>> float(parts.closure.data) < 1e-12
    True
    """
    if gauge not in get_args(Gauge):
        raise OptionError(
            explain(
                f"gauge={gauge!r} cannot be",
                expected="one of " + ", ".join(map(repr, get_args(Gauge))),
                hint="gauge='psi_zero'",
            )
        )
    for name, one in (("u", u), ("v", v)):
        if one is None:
            raise FieldError(
                explain(
                    f"A wind has two parts, and {name} is missing",
                    expected="u and v",
                    got="None",
                    hint="xn.helmholtz(dataset['u'], dataset['v'])",
                )
            )
    choices = {"earth": earth, "periodic": periodic, "crs": crs, "grid": grid}
    case = Case.of(
        "helmholtz",
        {"u": u, "v": v},
        {"u": ANY, "v": ANY},
        {**choices, "wind": wind},
        mask=mask,
        winds=(("u", "v"),),
    )
    case = replace(case, work=case.work.with_unit_of("v", "u"))
    unit = case.work.unit("u")
    natural = unit * case.unit("m")
    speed = unit.dimensionality == parse("m s-1").dimensionality
    target, factor = target_unit(natural, "m2 s-1" if speed else None, "potentials")
    splitting = _Splitting(
        case.work.grid,
        case.core,
        case.whole,
        case.mesh,
        gauge,
        case.work.calculus if case.work.along_grid["u", "v"] else None,
        factor,
        unit.factor,
    )
    told = {"tolerance": CLOSED}
    made = case.run(splitting, _outputs(case, target, unit), attributes=told)
    return made.assign_attrs(
        gauge=splitting.gauge_told(),
        method=splitting.kept.methods(splitting.solver),
    )


def _outputs(case: Case, potential: Unit, unit: Unit) -> list[Output]:
    words = vector_words(case.work.fields["u"])
    told = " ".join(
        str(f.attrs.get("standard_name", "")) for f in (case.work.fields.values())
    )
    of_air = words == "the wind" and "sea_" not in told
    names = {}
    for name in ("streamfunction", "velocity_potential"):
        fits = potential.dimensionality == parse("m2 s-1").dimensionality
        standard = f"atmosphere_horizontal_{name}"
        names[name] = {"standard_name": standard} if of_air and fits else {}
    plain = Unit(1.0, unit.pint)
    along = "grid" if case.work.along_grid["u", "v"] else "earth"
    if case.work.grid.kind == "plane":
        along = "grid"
    u, v = ("eastward", "northward") if along == "earth" else ("x", "y")
    fields = [
        ("streamfunction", potential, f"streamfunction of {words}"),
        ("velocity_potential", potential, f"velocity potential of {words}"),
        ("u_psi", plain, f"{u} part of {words} that turns"),
        ("v_psi", plain, f"{v} part of {words} that turns"),
        ("u_chi", plain, f"{u} part of {words} that spreads"),
        ("v_chi", plain, f"{v} part of {words} that spreads"),
        ("u_residual", plain, f"{u} part of {words} left over"),
        ("v_residual", plain, f"{v} part of {words} left over"),
    ]
    number = one_unit(unit)
    return [
        *(Output(n, one, w, True, "", names.get(n, {})) for n, one, w in fields),
        Output("closure", number, f"what is left over of {words}, relative"),
        Output("energy_psi", number, "part of the kinetic energy that turns"),
        Output("energy_chi", number, "part of the kinetic energy that spreads"),
        Output(
            "cost", plain**2 * case.unit("m2"), "half the squared misfit, integrated"
        ),
        Output("gradient_norm", number, "misfit of the wind, relative"),
        Output("n_iterations", None, "number of iterations", dtype="int32"),
        Output("n_valid", None, "number of points with a wind", dtype="int32"),
        Output("status", None, "", dtype="int8"),
    ]


@dataclass(frozen=True, eq=False)
class _Splitting:
    """The split of plain arrays (k, ny, nx)."""

    grid: Grid
    dims: tuple[str, str]
    whole: Mesh
    mesh: Mesh
    gauge: Gauge
    calculus: Any
    factor: float
    scale: float
    kept: Kept = field(default_factory=Kept)

    @cached_property
    def winds(self) -> Winds:
        """Winds at points and nodes."""
        return Winds(self.grid, self.dims, self.whole)

    @cached_property
    def _shares(self) -> Floats:
        """Area of each point (ny, nx) in m2; those of one node share that of it."""
        node = self.whole.node
        there = node >= 0
        many = np.bincount(node[there], minlength=self.whole.count)
        made = np.zeros(node.shape)
        made[there] = (self.whole.area_m2 / np.maximum(many, 1))[node[there]]
        return made

    @property
    def is_closed(self) -> bool:
        """Whether this is a whole globe in even columns."""
        on_globe = self.grid.surface is None and self.grid.kind != "plane"
        return (
            on_globe
            and self.mesh.rows is not None
            and len({pole.end for pole in self.grid.poles}) == 2
        )

    def gauge_told(self) -> str:
        """Return the gauge, or that none was needed."""
        used = [one[-1] for one in self.kept.made()]
        closed = all(isinstance(one, GlobeSplit) or one.sites.is_closed for one in used)
        whole = self.is_closed if not used else closed
        return "none needed: a closed surface" if whole else self.gauge

    def __call__(self, u: Floats, v: Floats) -> tuple[Any, ...]:
        given = u * self.scale, v * self.scale
        if self.calculus is not None:
            u, v = self.calculus.from_grid(*given)
        else:
            u, v = given
        at_nodes = self.winds.gather(u, v)
        inside = self.whole.gather(np.where(self.mesh.node >= 0, 1.0, np.nan))
        count = len(u)
        shape = (count, self.whole.count)
        found = {name: np.full(shape, np.nan) for name in ("psi", "chi", *_PARTS)}
        steps, many, status = (np.zeros(count, int) for _ in range(3))
        valid_at = np.isfinite(at_nodes[0]) & np.isfinite(inside)
        for places, valid in patterns(valid_at):
            many[places] = valid.sum()
            if not valid.any():
                status[places] = Status.ALL_MISSING
                continue
            nodes = np.flatnonzero(valid)
            where = np.ix_(places, nodes)
            _, solver = self.solver(None if valid.all() else valid)
            if isinstance(solver, GlobeSplit):
                part = self._on_globe(solver, u[places], v[places])
            else:
                part = solver.split(at_nodes[0][where], at_nodes[1][where])
                self._without_mean(part, nodes, solver.guess.pieces)
            for name, array in found.items():
                array[where] = part[name]
            steps[places] = part["steps"]
            kind = Status.EXACT if isinstance(solver, GlobeSplit) else 0
            good = np.asarray(part["good"])
            status[places] = np.where(good, kind, Status.MAX_ITERATIONS)
        return self._told(given, found, (steps, many, status))

    def solver(self, valid: Flags | None) -> tuple[Any, Any]:
        """Return what splits winds that are there at some nodes."""
        if valid is None and self.is_closed:
            made = self.kept.get(b"globe", lambda: (None, self._globe()))
            return None, made[1]
        if valid is None:
            valid = np.zeros(self.whole.count, dtype=bool)
            valid[self.whole.node[self.mesh.node >= 0]] = True

        def make() -> tuple[Any, Any]:
            sites = sites_of(self.grid, self.dims, self.whole, valid)
            mesh = self.whole.within(valid)
            basis = self.winds.basis[:, valid]
            return None, Split(sites, FirstGuess(mesh, basis, sites.hole, self.gauge))

        return None, self.kept.get(valid.tobytes(), make)[1]

    def _globe(self) -> GlobeSplit:
        y, x = (self.grid.axes[dim].line for dim in self.dims)
        ends = {pole.end: pole.has_row for pole in self.grid.poles}
        rows = ends["first"], ends["last"]
        return GlobeSplit(y.points, x.around or x.size, rows, self.grid.earth)

    def _on_globe(self, solver: GlobeSplit, u: Floats, v: Floats) -> dict[str, Any]:
        """Return the split of winds on a whole globe, at the nodes."""
        columns = solver.columns
        steps = np.diff(self.grid.axes[self.dims[1]].line.points)
        turn = slice(None, None, 1 if steps[0] > 0 else -1)
        u, v = u[..., :columns][..., turn], v[..., :columns][..., turn]
        again = np.arange(self.whole.shape[1]) % columns
        every = solver.split(u, v)
        points = {name: a[..., turn][..., again] for name, a in every.items()}
        made: dict[str, Any] = {
            name: self.whole.gather(points[name]) for name in ("psi", "chi")
        }
        for one, two in (_PARTS[:2], _PARTS[2:]):
            made[one], made[two] = self.winds.gather(points[one], points[two])
        every_node = np.arange(self.whole.count)
        self._without_mean(made, every_node, np.zeros_like(every_node))
        made["steps"] = np.zeros(len(u), int)
        made["good"] = np.ones(len(u), bool)
        return made

    def _without_mean(self, part: Any, nodes: Integers, pieces: Integers) -> None:
        """Give the area mean zero, in place, to potentials that nothing holds."""
        area = self.whole.area_m2[nodes]
        held = {"psi_zero": "psi", "chi_zero": "chi"}.get(self.gauge)
        for name in ("psi", "chi"):
            if name != held or self.is_closed:
                part[name] = without_means(part[name], area, pieces)

    def _told(
        self,
        given: tuple[Floats, Floats],
        found: dict[str, Floats],
        ends: tuple[Any, Any, Any],
    ) -> tuple[Any, ...]:
        """Return the outputs in their order."""
        winds = []
        for one, two in (_PARTS[:2], _PARTS[2:]):
            winds.append(self.winds.scatter(self.whole, found[one], found[two]))
        if self.calculus is not None:
            winds = [self.calculus.to_grid(*pair) for pair in winds]
        left = [
            whole - turning - spreading
            for whole, turning, spreading in zip(given, *winds, strict=True)
        ]
        found_at = np.isfinite(left[0]) & np.isfinite(left[1])
        misfit, total = (
            np.where(found_at, pair[0] ** 2 + pair[1] ** 2, 0.0)
            for pair in (left, given)
        )
        # the true rest at every point: a wind on a pole that is no vector counts
        misfit, total = (
            (one * self._shares).sum(axis=(1, 2)) for one in (misfit, total)
        )
        area = self.whole.area_m2
        energy = {
            name: np.nansum(
                area * (found[f"u_{name}"] ** 2 + found[f"v_{name}"] ** 2), 1
            )
            for name in ("psi", "chi")
        }
        some = np.where(total > 0.0, total, np.nan)
        closure = np.where(total > 0.0, np.sqrt(misfit / some), np.sqrt(misfit))
        steps, many, status = ends
        potentials = [
            self.whole.scatter(found[n]) * self.factor / self.scale
            for n in ("psi", "chi")
        ]
        return (
            *potentials,
            *winds[0],
            *winds[1],
            *left,
            np.where(many > 0, closure, np.nan),
            energy["psi"] / some,
            energy["chi"] / some,
            0.5 * misfit,
            closure,
            steps,
            many,
            status,
        )
