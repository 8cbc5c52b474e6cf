"""Smoothing as a descent: near the field, and of small gradient."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import xarray as xr

from xnabla.descent._status import Status
from xnabla.descent.inversion._fields import Case, Kept, Output, one_unit, patterns
from xnabla.descent.inversion._inverse import DescentInverse, Method, inverse_of
from xnabla.descent.inversion._lengths import metres
from xnabla.descent.inversion._matrix_inverse import (
    LARGEST_FACTORED,
    TOLERANCE,
    descended,
)
from xnabla.descent.inversion._mesh import Flags, Floats, Mesh
from xnabla.errors import OptionError, explain
from xnabla.operators._inputs import ANY
from xnabla.operators._partial import words_for
from xnabla.units import Unit, difference

_MOST = 400


def smooth(
    field: xr.DataArray,
    *,
    length_scale: Any = "300 km",
    order: int = 1,
    mask: xr.DataArray | None = None,
    method: Method = "auto",
    earth: Any = None,
    periodic: Any = None,
    crs: Any = None,
    grid: Any = None,
) -> xr.Dataset:
    r"""Return a field smoothed by descent: near what it was, and of small gradient.

    .. math:: \min_x \int (x - y)^2 + L^2 |\nabla x|^2, \qquad
              (1 - L^2 \nabla^2)\, x = y

    or, with ``order=2``, :math:`L^4 (\nabla^2 x)^2` for the second term, which cuts
    off more sharply. A wave of the wave number k keeps :math:`1 / (1 + (kL)^2)` or
    :math:`1 / (1 + (kL)^4)` of its amplitude, everywhere on the globe: lengths are
    kilometres. The area mean stays what it was.

    Parameters
    ----------
    field : DataArray
        Any field with two horizontal dimensions. NaN counts for nothing and stays NaN;
        nothing flows through its edge.
    length_scale : quantity or str
        L: half of the amplitude of a wave of the length 2πL is left.
    order : {1, 2}
        Whether gradients or Laplacians are kept small.
    mask : DataArray of bool, optional
        True where there is a field; NaN elsewhere in the result.
    method : {"auto", "fft", "lu", "cg"}
        See :func:`~xnabla.poisson`.
    earth, periodic, crs, grid : optional
        See :func:`~xnabla.grid_of`.

    Returns
    -------
    Dataset
        ``smoothed``, in the unit of the field; for each time and level ``cost``,
        ``gradient_norm`` (relative), ``n_iterations``, ``n_valid``, ``status``,
        ``converged``.

    Raises
    ------
    UnitsError
        If the field has no unit, or ``length_scale`` no unit of length.
    OptionError
        If a length, the order or the method cannot be.
    GridError
        If there are no two horizontal dimensions.
    FieldError
        If the field holds infinite values or no numbers.

    References
    ----------
    Raymond, W. H. (1988), High-order low-pass implicit tangent filters for use in
    finite area calculations, Mon. Wea. Rev. 116, 2132-2141.

    Examples
    --------
    A wave of length 2πL keeps half of its amplitude:

    >>> import numpy as np, xarray as xr
    >>> x = xr.DataArray(np.arange(0, 1000e3, 10e3), dims="x", attrs={"units": "m"})
    >>> y = xr.DataArray(np.arange(0, 100e3, 10e3), dims="y", attrs={"units": "m"})
    >>> wave = (np.cos(2 * np.pi * x / 500e3) + 0 * y).assign_coords(x=x, y=y)
    >>> wave = wave.assign_attrs(units="K")
    >>> found = smooth(wave, length_scale="79.577 km", periodic={"x": True})
    >>> print(f"{found.smoothed[0, 0].data:.3f}")
    0.500 kelvin
    """
    length = metres(length_scale, "length_scale")
    if order not in {1, 2} or isinstance(order, bool):
        raise OptionError(
            explain(f"order={order!r} cannot be", expected="1 or 2", hint="order=1")
        )
    case = Case.of(
        "smooth",
        {"field": field},
        {"field": ANY},
        {"earth": earth, "periodic": periodic, "crs": crs, "grid": grid},
        mask=mask,
    )
    own = case.work.ready["field"].unit
    scale = own.factor
    unit = Unit(1.0, own.pint)
    step = difference(unit, of="the field")
    filtering = _Smoothing(case.mesh, length, order, method, scale, step.factor)
    told = {
        "length_scale": f"{length / 1e3:.10g} km",
        "order": order,
        "tolerance": TOLERANCE,
    }
    words = words_for(field)
    kept = {
        name: field.attrs[name]
        for name in ("standard_name",)
        if isinstance(field.attrs.get(name), str)
    }
    outputs = [
        Output("smoothed", unit, f"{words}, smoothed", True, "", kept),
        Output(
            "cost",
            Unit(1.0, step.pint) ** 2 * case.unit("m2"),
            "squared distance and squared gradient, integrated",
        ),
        Output("gradient_norm", one_unit(step), "gradient of the cost, relative"),
        Output("n_iterations", None, "number of iterations", dtype="int32"),
        Output("n_valid", None, "number of points smoothed", dtype="int32"),
        Output("status", None, "", dtype="int8"),
    ]
    made = case.run(filtering, outputs, attributes=told)
    return made.assign_attrs(method=filtering.kept.methods(filtering.solver))


@dataclass(frozen=True, eq=False)
class _Smoothing:
    """The smoothing of plain arrays (k, ny, nx)."""

    mesh: Mesh
    length: float
    order: int
    method: Method
    scale: float
    step: float
    kept: Kept = field(default_factory=Kept)

    def __call__(self, values: Floats) -> tuple[Any, ...]:
        at_nodes = self.mesh.gather(values) * self.scale
        made = np.full(at_nodes.shape, np.nan)
        cost, slope = np.full((2, len(made)), np.nan)
        steps, count, status = (np.zeros(len(made), int) for _ in range(3))
        for places, valid in patterns(np.isfinite(at_nodes)):
            count[places] = valid.sum()
            if not valid.any():
                status[places] = Status.ALL_MISSING
                continue
            mesh, inverse = self.solver(None if valid.all() else valid)
            field = at_nodes[np.ix_(places, np.flatnonzero(valid))]
            # the mean apart: a temperature in kelvin keeps its last digits
            mean = (field @ mesh.area_m2 / mesh.area_m2.sum())[:, np.newaxis]
            part, some, good = self._smoothed(mesh, inverse, field - mean)
            made[np.ix_(places, np.flatnonzero(valid))] = part + mean
            cost[places], slope[places] = self._cost(mesh, part, field - mean)
            steps[places] = some
            kind = Status.CONVERGED_GRADIENT if np.any(some) else Status.EXACT
            status[places] = np.where(good, kind, Status.MAX_ITERATIONS)
        cost = cost * self.step**2
        return self.mesh.scatter(made), cost, slope, steps, count, status

    def solver(self, valid: Flags | None) -> tuple[Mesh, Any]:
        """Return the mesh of the valid nodes, and the inverse of the filter on it."""

        def make() -> tuple[Mesh, Any]:
            mesh = self.mesh if valid is None else self.mesh.within(valid)
            shift: complex = self.length**-2
            sides = (False, False, False, False)
            by_rows = mesh.rows is not None and self.method in {"auto", "fft"}
            large = mesh.count > LARGEST_FACTORED and self.method == "auto"
            if self.order == 2 and (by_rows or not (large or self.method == "cg")):
                shift = -1j * shift
            return mesh, inverse_of(
                mesh,
                shift,
                np.zeros(mesh.count, bool),
                sides=sides if mesh.rows is not None else None,
                method=self.method,
            )

        key = b"" if valid is None else valid.tobytes()
        solver: tuple[Mesh, Any] = self.kept.get(key, make)
        return solver

    def _smoothed(
        self, mesh: Mesh, inverse: Any, values: Floats
    ) -> tuple[Floats, Any, Any]:
        r"""Return smoothed fields (k, n), with iterations and whether they sufficed.

        For real eigenvalues z, :math:`1/(1 + z^2)` is the real part of
        :math:`1/(1 + iz)`: the sharper filter is the same system with a complex shift.
        """
        right = values * mesh.area_m2
        if self.order == 1:
            made, steps, good = inverse.solve(right)
            return made * inverse.shift, steps, good
        if isinstance(inverse, DescentInverse):
            return self._by_descent(mesh, inverse, right)
        made, steps, good = _both_signs(inverse, right)
        return made, steps, good

    def _by_descent(
        self, mesh: Mesh, rough: DescentInverse, right: Floats
    ) -> tuple[Floats, Any, Any]:
        """Return the sharper filter's fields, preconditioned with the gentler twice."""
        matrix = _Twice(mesh, self.length)
        area, shift = mesh.area_m2, complex(rough.shift).real

        def precondition(gradient: Floats) -> Floats:
            half = rough.cycled(gradient) * shift
            return rough.cycled(half * area) * shift

        made = np.zeros(right.shape)
        steps, good = np.zeros(len(right), int), np.ones(len(right), bool)
        for k, one in enumerate(right):
            made[k], steps[k], good[k] = descended(
                matrix, one, precondition, TOLERANCE, _MOST
            )
        return made, steps, good

    def _cost(self, mesh: Mesh, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        area, bent = mesh.area_m2, mesh.bent(x)
        if self.order == 1:
            stretch = self.length**2 * (x * bent).sum(axis=1)
            pull = self.length**2 * bent
        else:
            stretch = self.length**4 * (bent**2 / area).sum(axis=1)
            pull = self.length**4 * mesh.bent(bent / area)
        gradient = area * (x - y) + pull
        size = np.linalg.norm(area * y, axis=1)
        left = np.linalg.norm(gradient, axis=1) / np.where(size > 0.0, size, 1.0)
        return (area * (x - y) ** 2).sum(axis=1) + stretch, left


@dataclass(frozen=True, eq=False)
class _Twice:
    """The matrix M + L⁴ K M⁻¹ K, never written out."""

    mesh: Mesh
    length: float

    def __matmul__(self, x: Floats) -> Floats:
        bent = self.mesh.stiffness @ x / self.mesh.area_m2
        made: Floats = self.mesh.area_m2 * x
        made += self.length**4 * (self.mesh.stiffness @ bent)
        return made


def _both_signs(inverse: Any, right: Floats) -> tuple[Floats, Any, Any]:
    """Return the real part of what a complex shift makes of real right sides."""
    made, steps, good = inverse.solve(right)
    return np.real(made * inverse.shift), steps, good
