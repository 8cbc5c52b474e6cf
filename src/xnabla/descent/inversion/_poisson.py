"""The Poisson equation on any grid: a field from its Laplacian."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import xarray as xr

from xnabla.descent._status import Status
from xnabla.descent.inversion._conditions import Conditions, conditions_of
from xnabla.descent.inversion._fields import Case, Kept, Output, one_unit, patterns
from xnabla.descent.inversion._inverse import Method, inverse_of
from xnabla.descent.inversion._matrix_inverse import TOLERANCE
from xnabla.descent.inversion._mesh import Flags, Floats, Mesh
from xnabla.operators._inputs import ANY
from xnabla.operators._partial import target_unit, words_for
from xnabla.units import Unit

# A mean this small beside the right side is rounding, not a source.
_NO_SOURCE = 1e-9


def poisson(
    rhs: xr.DataArray,
    *,
    bc: Any = "auto",
    mask: xr.DataArray | None = None,
    method: Method = "auto",
    remove_mean: bool = True,
    units: Any = None,
    earth: Any = None,
    periodic: Any = None,
    crs: Any = None,
    grid: Any = None,
) -> xr.Dataset:
    r"""Return the field whose horizontal Laplacian is given.

    .. math:: \nabla^2 f = r, \qquad \nabla^2 = -M^{-1} G^T W G

    with the finite-volume gradient G of the grid, so that the solution is the minimum
    of :math:`\int \tfrac12 |\nabla f|^2 + r f`. Second order in the spacing on any
    grid of the project, poles and seam included.

    Parameters
    ----------
    rhs : DataArray
        The Laplacian r, with two horizontal dimensions and any others. NaN is a hole:
        the equation does not hold there, and nothing flows through its edge.
    bc : "auto" or mapping
        What holds where the grid ends, for ``"y"`` and ``"x"`` (or the dimensions'
        names) and ``"mask"``: ``"dirichlet"`` or ``"neumann"``, alone or with a value,
        ``("dirichlet", 0.0)``; a pair of such for first and last; ``"periodic"``. A
        value is a number in the unit of the solution, for ``"neumann"`` of its slope
        outward, or a quantity, or text, ``"5 km2/s"``; for ``"dirichlet"`` also a
        field, whose values count on the rim. By default zero on the rim and on the
        points beside the mask; circles that close and poles have no rim.
    mask : DataArray of bool, optional
        True where there is something to be solved; the result is NaN elsewhere.
    method : {"auto", "fft", "lu", "cg"}
        ``fft``: Fourier along x, a sweep along y, exact; where rows are alike and there
        is no mask. ``lu``: sparse factors, exact. ``cg``: conjugate gradients with
        algebraic multigrid. ``auto`` takes the first that fits.
    remove_mean : bool
        Where no value is given, r must have the mean that flows in through the rim,
        zero on a closed globe. Whether to take away what it has too much (the
        default); if not, such a field is not solved: its status is ``singular``.
    units : str, optional
        Unit of the solution.
    earth, periodic, crs, grid : optional
        See :func:`~xnabla.grid_of`.

    Returns
    -------
    Dataset
        ``solution``, of the unit of r times square metres, its area mean zero where
        only its differences are known; for each time and level ``residual``, what the
        equation is off by (root mean square), ``compatibility_defect``, the mean that
        was taken from r, ``cost``, ``gradient_norm`` (relative), ``n_iterations``,
        ``n_valid``, ``status``, ``converged``.

    Raises
    ------
    GridError
        If there are no two horizontal dimensions, or a condition is set at the end of
        a circle.
    OptionError
        If a condition or a method cannot be.
    UnitsError
        If r has no unit, or ``units`` does not fit.
    FieldError
        If r holds infinite values or no numbers, or the mask is none.

    References
    ----------
    Swarztrauber, P. (1974), The direct solution of the discrete Poisson equation on
    the surface of a sphere, J. Comput. Phys. 15, 46-54.

    Examples
    --------
    The Laplacian of sin φ is -2 sin φ / a²:

    >>> import numpy as np, xarray as xr
    >>> lat = xr.DataArray(np.arange(-90, 91.0, 5), dims="lat",
    ...                    attrs={"units": "degrees_north"})
    >>> lon = xr.DataArray(np.arange(0, 360.0, 5), dims="lon",
    ...                    attrs={"units": "degrees_east"})
    >>> vorticity = (2e-5 * np.sin(np.deg2rad(lat)) + 0 * lon).assign_attrs(units="s-1")
    >>> vorticity = vorticity.assign_coords(lat=lat, lon=lon)
    >>> found = poisson(vorticity, units="km2/s")
    >>> print(f"{found.solution.sel(lat=90)[0].data:.0f}")
    -406 kilometer ** 2 / second
    """
    case = Case.of(
        "poisson",
        {"rhs": rhs},
        {"rhs": ANY},
        {"earth": earth, "periodic": periodic, "crs": crs, "grid": grid},
        mask=mask,
    )
    unit = case.work.unit("rhs")
    natural = unit * case.unit("m2")
    target, factor = target_unit(natural, units, "the solution")
    conditions = conditions_of(case, bc, Unit(1.0, natural.pint))
    equation = _Equation(case.mesh, conditions, method, remove_mean, factor)
    told = {
        "boundary_conditions": conditions.words,
        "remove_mean": str(remove_mean),
        "tolerance": TOLERANCE,
        "field": words_for(rhs),
    }
    extra = () if conditions.boundary is None else (conditions.boundary,)
    outputs = _outputs(case, target, unit)
    made = case.run(equation, outputs, extra=extra, attributes=told)
    return made.assign_attrs(method=equation.kept.methods(equation.solver))


def _outputs(case: Case, unit: Unit, right: Unit) -> list[Output]:
    words = words_for(case.work.fields["rhs"])
    plain = Unit(1.0, right.pint)
    return [
        Output("solution", unit, f"field whose Laplacian is {words}", True, ""),
        Output("residual", plain, "root mean square error of the equation"),
        Output("compatibility_defect", plain, "mean taken from the right side"),
        Output("cost", unit**2, "half the squared gradient and the source, integrated"),
        Output("gradient_norm", one_unit(unit), "gradient of the cost, relative"),
        Output("n_iterations", None, "number of iterations", dtype="int32"),
        Output("n_valid", None, "number of points solved for", dtype="int32"),
        Output("status", None, "", dtype="int8"),
    ]


@dataclass(frozen=True, eq=False)
class _Equation:
    """The discrete equation; a function of arrays (k, ny, nx)."""

    mesh: Mesh
    conditions: Conditions
    method: Method
    remove_mean: bool
    factor: float
    kept: Kept = field(default_factory=Kept)

    def __call__(self, right: Floats, *boundary: Floats) -> tuple[Any, ...]:
        mesh = self.mesh
        values = mesh.gather(right)
        given = mesh.gather(boundary[0]) if boundary else None
        found = np.full(values.shape, np.nan)
        numbers = {
            name: np.full(len(values), np.nan)
            for name in ("residual", "defect", "cost", "slope")
        }
        steps, count, status = (np.zeros(len(values), int) for _ in range(3))
        for places, valid in patterns(np.isfinite(values) | self.conditions.fixed):
            count[places] = valid.sum()
            if not valid.any():
                status[places] = Status.ALL_MISSING
                continue
            here = None if valid.all() else valid
            known = None if given is None else given[places]
            part = self._solved(values[places], known, here)
            keep = slice(None) if here is None else np.flatnonzero(valid)
            for row, place in enumerate(places):
                found[place, keep] = part["solution"][row]
            for name, array in numbers.items():
                array[places] = part[name]
            steps[places], status[places] = part["steps"], part["status"]
        f = self.factor
        return (
            mesh.scatter(found) * f,
            numbers["residual"],
            numbers["defect"],
            numbers["cost"] * f * f,
            numbers["slope"],
            steps,
            count,
            status,
        )

    def solver(self, valid: Flags | None) -> tuple[Mesh, Flags, Any]:
        """Return the mesh of the valid nodes, the fixed ones of them, the inverse."""

        def make() -> tuple[Mesh, Flags, Any]:
            conditions = self.conditions
            if valid is None:
                mesh, fixed = self.mesh, conditions.fixed
            else:
                mesh, fixed = self.mesh.within(valid), conditions.fixed[valid]
            sides = conditions.sides if mesh.rows is not None else None
            made = inverse_of(mesh, 0.0, fixed, sides=sides, method=self.method)
            return mesh, fixed, made

        solver: tuple[Mesh, Flags, Any] = self.kept.get(
            b"" if valid is None else valid.tobytes(), make
        )
        return solver

    def _solved(
        self, values: Floats, given: Floats | None, valid: Flags | None
    ) -> Mapping[str, Any]:
        """Return the solutions of fields (k, n) that are there on the same nodes."""
        mesh, fixed, inverse = self.solver(valid)
        keep = slice(None) if valid is None else valid
        source = np.where(fixed, 0.0, np.nan_to_num(values[:, keep]))
        held = self.conditions.value[keep] if given is None else given[:, keep]
        held = np.where(fixed, held, 0.0)
        right = -source * mesh.area_m2 + self.conditions.inflow[keep]
        defect, total = self._made_fit(mesh, fixed, right)
        start = np.broadcast_to(held, right.shape)
        if np.any(held):
            right = right - mesh.bent(start)
        right[:, fixed] = 0.0
        solved, steps, good = inverse.solve(right)
        bent = mesh.bent(solved)
        left = bent - right
        left[:, fixed] = 0.0
        solution = solved + start
        self._without_mean(mesh, fixed, solution)
        unsolved = (np.abs(defect) > _NO_SOURCE * total) & (not self.remove_mean)
        kind = Status.CONVERGED_GRADIENT if steps.any() else Status.EXACT
        status = np.where(good, kind, Status.MAX_ITERATIONS)
        status[unsolved] = Status.SINGULAR
        solution[unsolved] = np.nan
        norm = np.linalg.norm(right, axis=1)
        free = max(float(mesh.area_m2[~fixed].sum()), 1e-300)
        stretch = 0.5 * (solved * bent).sum(axis=1)
        return {
            "solution": solution,
            "residual": np.sqrt((left**2 / mesh.area_m2).sum(axis=1) / free),
            "defect": defect,
            "cost": stretch - (right * solved).sum(axis=1),
            "slope": np.linalg.norm(left, axis=1) / np.where(norm > 0.0, norm, 1.0),
            "steps": steps,
            "status": status,
        }

    def _made_fit(
        self, mesh: Mesh, fixed: Flags, right: Floats
    ) -> tuple[Floats, Floats]:
        """Take from right sides, in place, what no solution can have.

        Returns the mean taken, of the part of the mesh where it is largest, and the
        size of the right side to measure it with.
        """
        defect = np.zeros(len(right))
        size = np.abs(right).sum(axis=1) / mesh.area_m2.sum()
        for nodes in _loose(mesh, fixed):
            area = mesh.area_m2[nodes]
            mean = right[:, nodes].sum(axis=1) / area.sum()
            right[:, nodes] -= mean[:, np.newaxis] * area
            defect = np.where(np.abs(mean) > np.abs(defect), -mean, defect)
        return defect, size

    def _without_mean(self, mesh: Mesh, fixed: Flags, solution: Floats) -> None:
        """Give the area mean zero, in place, to parts known but for a constant."""
        for nodes in _loose(mesh, fixed):
            area = mesh.area_m2[nodes]
            mean = (solution[:, nodes] * area).sum(axis=1) / area.sum()
            solution[:, nodes] -= mean[:, np.newaxis]


def _loose(mesh: Mesh, fixed: Flags) -> list[Any]:
    """Return the nodes of each connected part in which no value is given."""
    if mesh.rows is not None:  # a whole grid hangs together
        return [] if fixed.any() else [slice(None)]
    parts = mesh.components
    count = int(parts.max(initial=-1)) + 1
    loose = np.flatnonzero(np.bincount(parts[fixed], minlength=count) == 0)
    return [np.flatnonzero(parts == part) for part in loose]
