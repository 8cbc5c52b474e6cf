"""Filling what is missing with the smoothest field that fits around it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, get_args

import numpy as np
import xarray as xr

from xnabla.descent._status import Status
from xnabla.descent.inversion._fields import Case, Kept, Output, one_unit, patterns
from xnabla.descent.inversion._lengths import metres
from xnabla.descent.inversion._matrix_inverse import TOLERANCE, MatrixInverse
from xnabla.descent.inversion._mesh import Flags, Floats, Mesh
from xnabla.errors import OptionError, explain
from xnabla.operators._inputs import ANY
from xnabla.operators._partial import words_for
from xnabla.units import Unit, difference

Filling = Literal["laplace", "biharmonic"]


def fill_missing(
    field: xr.DataArray,
    *,
    method: Filling = "laplace",
    max_gap: Any = None,
    mask: xr.DataArray | None = None,
    earth: Any = None,
    periodic: Any = None,
    crs: Any = None,
    grid: Any = None,
) -> xr.Dataset:
    r"""Return a field with its gaps filled by the smoothest field that fits.

    .. math:: \min_f \int_{gaps} |\nabla f|^2 \quad\text{or}\quad
              \min_f \int (\nabla^2 f)^2

    with every observed value held: the first, ``"laplace"``, solves
    :math:`\nabla^2 f = 0` in the gaps and stays between the values around them; the
    second, ``"biharmonic"``, goes on with the slope they arrive with, and may leave
    their range. Lengths are metres on the globe: where meridians converge a column
    nearby counts more than a row far away.

    Parameters
    ----------
    field : DataArray
        A field with NaN where it is missing, two horizontal dimensions and any others.
    method : {"laplace", "biharmonic"}
        What is kept small.
    max_gap : quantity or str, optional
        Points further than half of this from every observed one stay missing; the
        others get what they get without it.
    mask : DataArray of bool, optional
        True where there may be a value, such as the sea; elsewhere the field stays as
        it is, and nothing is carried across.
    earth, periodic, crs, grid : optional
        See :func:`~xnabla.grid_of`.

    Returns
    -------
    Dataset
        ``filled``, with the observed values bit for bit, in the unit of the field;
        ``is_filled``; for each time and level ``n_filled``, ``n_valid`` (observed),
        ``cost``, ``gradient_norm`` (relative), ``n_iterations``, ``status``,
        ``converged``. A part of the grid without an observed value stays missing.

    Raises
    ------
    OptionError
        If the method cannot be, or the gap is no length.
    UnitsError
        If the field has no unit.
    GridError
        If there are no two horizontal dimensions.
    FieldError
        If the field holds infinite values or no numbers.

    References
    ----------
    Briggs, I. C. (1974), Machine contouring using minimum curvature, Geophysics 39,
    39-48, for ``"biharmonic"``.

    Examples
    --------
    >>> import numpy as np, xarray as xr
    >>> x = xr.DataArray(np.arange(5.0), dims="x", attrs={"units": "km"})
    >>> plane = (x + 0 * x.rename(x="y")).assign_coords(x=x, y=x.rename(x="y"))
    >>> gap = plane.where((plane.x != 2) | (plane.y != 2)).assign_attrs(units="K")
    >>> found = fill_missing(gap)
    >>> print(found.filled.sel(x=2, y=2).data, int(found.n_filled))
    2.0 kelvin 1
    """
    if method not in get_args(Filling):
        raise OptionError(
            explain(
                f"method={method!r} cannot be",
                expected="one of " + ", ".join(map(repr, get_args(Filling))),
                hint="method='laplace'",
            )
        )
    reach = None if max_gap is None else 0.5 * metres(max_gap, "max_gap")
    case = Case.of(
        "fill_missing",
        {"field": field},
        {"field": ANY},
        {"earth": earth, "periodic": periodic, "crs": crs, "grid": grid},
        mask=mask,
    )
    own = case.work.ready["field"].unit
    unit = Unit(1.0, own.pint)
    step = difference(unit, of="the field")
    filling = _Filling(case.mesh, method, reach, own.factor, step.factor)
    energy = Unit(1.0, step.pint) ** 2
    if method == "biharmonic":
        energy = energy / case.unit("m2")
    told: dict[str, Any] = {"filling": method, "tolerance": TOLERANCE}
    if reach is not None:
        told["max_gap"] = f"{2 * reach / 1e3:.10g} km"
    kept = {
        name: field.attrs[name]
        for name in ("standard_name", "cell_methods")
        if isinstance(field.attrs.get(name), str)
    }
    outputs = [
        Output(
            "filled",
            unit,
            f"{words_for(field)}, missing values filled",
            True,
            "",
            kept,
        ),
        Output("is_filled", None, "whether a value was filled in", True, "bool"),
        Output("n_filled", None, "number of points filled", dtype="int32"),
        Output("n_valid", None, "number of points observed", dtype="int32"),
        Output(
            "cost",
            energy,
            "squared gradient, integrated"
            if method == "laplace"
            else "squared Laplacian, integrated",
        ),
        Output("gradient_norm", one_unit(step), "gradient of the cost, relative"),
        Output("n_iterations", None, "number of iterations", dtype="int32"),
        Output("status", None, "", dtype="int8"),
    ]
    made = case.run(filling, outputs, attributes=told)
    return made.assign_attrs(method=filling.kept.methods(filling.solver))


def fill(
    field: xr.DataArray,
    *,
    method: Filling = "laplace",
    max_gap: Any = None,
    earth: Any = None,
    periodic: Any = None,
    crs: Any = None,
) -> xr.Dataset:
    """Return a field with its gaps filled: :func:`fill_missing` as a command.

    Parameters
    ----------
    field : DataArray
        A field with NaN where it is missing.
    method, max_gap, earth, periodic, crs : optional
        As :func:`fill_missing` has them.

    Returns
    -------
    Dataset
    """
    return fill_missing(
        field, method=method, max_gap=max_gap, earth=earth, periodic=periodic, crs=crs
    )


@dataclass(frozen=True, eq=False)
class _Filling:
    """The filling of plain arrays (k, ny, nx)."""

    mesh: Mesh
    method: Filling
    reach: float | None
    scale: float
    step: float
    kept: Kept = field(default_factory=Kept)

    def __call__(self, values: Floats) -> tuple[Any, ...]:
        given = values * self.scale
        at_nodes = self.mesh.gather(given)
        made = at_nodes.copy()
        cost, slope = np.full((2, len(made)), np.nan)
        steps, count, status = (np.zeros(len(made), int) for _ in range(3))
        for places, valid in patterns(np.isfinite(at_nodes)):
            count[places] = valid.sum()
            if not valid.any():
                status[places] = Status.ALL_MISSING
                continue
            gaps, _, solver = self.solver(valid)
            part = self._filled(at_nodes[places], valid, gaps, solver)
            near = self._near(valid)[gaps]
            made[np.ix_(places, gaps[near])] = part["filled"][:, near]
            cost[places], slope[places] = part["cost"], part["slope"]
            steps[places], status[places] = part["steps"], part["status"]
        everywhere = self.mesh.scatter(made)
        observed = np.isfinite(given)
        # what was there stays as it was, to the last bit
        filled = np.where(observed, given, everywhere)
        is_filled = ~observed & np.isfinite(filled)
        many = is_filled.sum(axis=(-2, -1))
        cost = cost * self.step**2
        return filled, is_filled, many, count, cost, slope, steps, status

    def solver(self, valid: Flags | None) -> tuple[Any, Any, Any]:
        """Return the nodes to fill, the matrix on them, and what solves with it."""
        if valid is None:
            valid = np.ones(self.mesh.count, dtype=bool)

        def make() -> tuple[Any, Any, Any]:
            # far points too: held at nothing, they would be held at some value
            gaps = np.flatnonzero(~valid & self._reached(valid))
            matrix = self.matrix[gaps][:, gaps]
            return gaps, matrix, MatrixInverse(matrix)

        made: tuple[Any, Any, Any] = self.kept.get(valid.tobytes(), make)
        return made

    @cached_property
    def matrix(self) -> Any:
        """K or K M⁻¹ K on all nodes: what the cost is squared with."""
        from scipy.sparse import diags_array

        stiffness = self.mesh.stiffness
        if self.method == "laplace":
            return stiffness
        made = stiffness @ diags_array(1.0 / self.mesh.area_m2) @ stiffness
        return made.tocsr()

    def _reached(self, valid: Flags) -> Flags:
        """Return the nodes that hang together with observed ones."""
        parts = self.mesh.components
        seen = np.zeros(int(parts.max(initial=-1)) + 1, dtype=bool)
        seen[parts[valid]] = True
        return seen[parts]

    def _near(self, valid: Flags) -> Flags:
        """Return the nodes that lie as near to observed ones as was asked for."""
        if self.reach is None:
            return np.ones(self.mesh.count, dtype=bool)
        from scipy.spatial import cKDTree

        tree = cKDTree(self.mesh.position[valid])
        apart, _ = tree.query(self.mesh.position)
        return np.asarray(apart <= self.reach)

    def _filled(
        self, values: Floats, valid: Flags, gaps: Any, solver: MatrixInverse
    ) -> dict[str, Any]:
        """Return what fills the gaps of fields (k, n) observed at the same nodes."""
        known = np.flatnonzero(valid)
        observed = values[:, known]
        # about the middle of what was observed: nothing is lost to a large mean
        middle = 0.5 * (observed.max(axis=1) + observed.min(axis=1))[:, np.newaxis]
        matrix = self.matrix
        whole = np.zeros((len(values), self.mesh.count))
        whole[:, known] = observed - middle
        right = -(matrix[gaps] @ whole.T).T
        part, steps, good = solver.solve(right)
        if self.method == "laplace" and self.mesh.is_orthogonal:
            # the maximum principle, also for the last bit
            low = observed.min(axis=1)[:, np.newaxis] - middle
            high = observed.max(axis=1)[:, np.newaxis] - middle
            part = np.clip(part, low, high)
        whole[:, gaps] = part
        pull = (matrix[gaps] @ whole.T).T
        size = np.linalg.norm(right, axis=1)
        kind = Status.CONVERGED_GRADIENT if steps.any() else Status.EXACT
        filled = part + middle
        if self.method == "laplace" and self.mesh.is_orthogonal:
            least, most = (
                f(axis=1)[:, np.newaxis] for f in (observed.min, observed.max)
            )
            filled = np.clip(filled, least, most)
        return {
            "filled": filled,
            "cost": (whole * (matrix @ whole.T).T).sum(axis=1),
            "slope": np.linalg.norm(pull, axis=1) / np.where(size > 0.0, size, 1.0),
            "steps": steps,
            "status": np.where(good, kind, Status.MAX_ITERATIONS),
        }
