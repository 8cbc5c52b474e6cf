"""Discrete operators as sparse matrices with exact adjoints, for costs of one's own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import xarray as xr

from xnabla.descent.inversion._bases import basis_of
from xnabla.descent.inversion._fields import Case
from xnabla.descent.inversion._mesh import Floats, Mesh
from xnabla.errors import FieldError, GridError, OptionError, explain
from xnabla.labels import describe
from xnabla.operators._inputs import ANY, readied
from xnabla.operators._partial import words_for
from xnabla.units import Unit, difference, in_registry_of, parse

Kind = Literal["gradient", "laplacian", "eastward", "northward"]

_UNITS = {
    "gradient": "m-1",
    "laplacian": "m-2",
    "eastward": "m-1",
    "northward": "m-1",
}
_WORDS = {
    "gradient": "difference of {} along the edges of the grid",
    "laplacian": "horizontal Laplacian of {}",
    "eastward": "eastward derivative of {}",
    "northward": "northward derivative of {}",
}

# Directions whose edges fix less than this part of the other hold no slope.
_NO_SLOPE = 1e-6


@dataclass(frozen=True, eq=False, repr=False)
class OperatorMatrix:
    r"""A linear operator on the points of a grid, and its adjoint.

    With the areas M of the points and the weights W of what it makes,

    .. math:: \langle A x, y \rangle_W = \langle x, A^* y \rangle_M, \qquad
              A^* = M^{-1} A^T W

    to rounding: what a gradient of a cost is made of.

    Attributes
    ----------
    kind : str
        What it is.
    matrix : sparse array
        The operator from vectors of points; per metre or square metre.
    area_m2 : sparse array
        M, the weights of what it takes.
    weights_m2 : sparse array
        W, the weights of what it makes.
    unit : str
        What it multiplies a unit with.

    Examples
    --------
    >>> import numpy as np, xarray as xr
    >>> x = xr.DataArray(np.arange(4.0), dims="x", attrs={"units": "km"})
    >>> y = xr.DataArray(np.arange(3.0), dims="y", attrs={"units": "km"})
    >>> slope = operator_matrix((x + 0 * y).assign_coords(x=x, y=y), "gradient")
    >>> slope
    <OperatorMatrix gradient: 12 points to 17 edges, times m-1; 34 numbers; ...>
    """

    kind: str
    matrix: Any
    area_m2: Any
    weights_m2: Any
    unit: str
    _mesh: Mesh
    _like: xr.DataArray
    _core: tuple[str, str]
    _of: OperatorMatrix | None = None

    def __repr__(self) -> str:
        takes, makes = ("points", self._made)
        if self._of is not None:
            takes, makes = makes, takes
        rows, columns = self.shape
        y, x = (f"{dim}: {self._like.sizes[dim]}" for dim in self._core)
        return (
            f"<OperatorMatrix {self.kind}: {columns} {takes} to {rows} {makes}, "
            f"times {self.unit}; {self.matrix.nnz} numbers; of a grid ({y}, {x})>"
        )

    @property
    def _made(self) -> str:
        kind = self.kind if self._of is None else self._of.kind
        return "edges" if kind == "gradient" else "points"

    @property
    def shape(self) -> tuple[int, int]:
        """Length of what it makes, and of what it takes."""
        return int(self.matrix.shape[0]), int(self.matrix.shape[1])

    @property
    def adjoint(self) -> OperatorMatrix:
        """The adjoint; that of a gradient is the negative divergence."""
        if self._of is not None:
            return self._of
        from scipy.sparse import diags_array

        inverse = diags_array(1.0 / self.area_m2.diagonal())
        return OperatorMatrix(
            f"adjoint of {self.kind}",
            (inverse @ self.matrix.T @ self.weights_m2).tocsr(),
            self.weights_m2,
            self.area_m2,
            self.unit,
            self._mesh,
            self._like,
            self._core,
            self,
        )

    def __matmul__(self, vector: Any) -> Any:
        """Return what the operator makes of a vector, or of columns of them."""
        return self.matrix @ vector

    def vector(self, field: xr.DataArray) -> Floats:
        """Return a field as vectors (..., n) of its points, NaN as it is."""
        values = self._checked(field).transpose(..., *self._core).data
        values = getattr(values, "magnitude", values)
        return self._mesh.gather(np.asarray(values, dtype=np.float64))

    def field(self, vector: Any, like: xr.DataArray | None = None) -> xr.DataArray:
        """Return a vector of points as a field on the grid, NaN outside the mask.

        Parameters
        ----------
        vector : array (n,)
            One number for each point.
        like : DataArray, optional
            Whose unit it has; by default it has none.
        """
        array = np.asarray(vector, dtype=np.float64)
        if array.shape != (self._mesh.count,):
            raise GridError(
                explain(
                    "The vector does not belong to this grid",
                    expected=f"{self._mesh.count} numbers",
                    got=f"shape {array.shape}",
                )
            )
        frame = self._like.transpose(*self._core)
        values = self._mesh.scatter(array)
        unit = parse("1") if like is None else readied(like, ANY).unit
        name = "field" if like is None or like.name is None else str(like.name)
        words = "numbers on a grid" if like is None else words_for(like)
        return describe(
            values,
            like=frame,
            unit=Unit(1.0, unit.pint),
            name=name,
            attributes={"long_name": words},
        )

    def gradient_field(self, vector: Any) -> xr.DataArray:
        """Return the derivative of a cost by points (n,) as a field of plain numbers.

        Points of the grid that are one place, as on a pole, share it: their sum counts.
        """
        mesh = self._mesh
        there = mesh.node >= 0
        columns = np.bincount(mesh.node[there], minlength=mesh.count)
        made = self.field(np.asarray(vector, dtype=np.float64) / columns)
        return made.copy(data=made.data.magnitude)

    def __call__(self, field: xr.DataArray) -> xr.DataArray:
        """Return what the operator makes of a field of the grid, with its unit."""
        if self._of is not None:
            raise FieldError(
                explain(
                    f"The {self.kind} takes vectors of what the {self._of.kind} makes",
                    expected="an array",
                    hint="operator.adjoint @ vector",
                )
            )
        given = self._checked(field)
        one = readied(given, ANY)
        unit = difference(one.unit, of=words_for(given))
        made_unit = unit * in_registry_of(parse(self.unit), unit)
        moved = given.transpose(..., *self._core)
        numbers = one.of(np.asarray(one.values.transpose(*moved.dims).data))
        made = (self.matrix @ self._mesh.gather(numbers * unit.factor).T).T
        told = {"long_name": _WORDS[self.kind].format(words_for(given))}
        name = f"{self.kind}_{'f' if given.name is None else given.name}"
        if self.kind == "gradient":
            outer = moved.isel(dict.fromkeys(self._core, 0), drop=True)
            frame = outer.expand_dims(edge=made.shape[-1], axis=-1)
        else:
            frame, made = moved, self._mesh.scatter(made)
        return describe(
            made,
            like=frame,
            unit=Unit(1.0, made_unit.pint),
            name=name,
            attributes=told,
        )

    def _checked(self, field: Any) -> xr.DataArray:
        y, x = self._core
        sizes = dict(self._like.sizes)
        is_field = isinstance(field, xr.DataArray)
        if is_field and all(field.sizes.get(d) == sizes[d] for d in (y, x)):
            made: xr.DataArray = field
            return made
        raise GridError(
            explain(
                "The field does not lie on the grid of this operator",
                expected=f"a DataArray with {y}: {sizes[y]}, {x}: {sizes[x]}",
                got=str(dict(field.sizes)) if is_field else type(field).__name__,
            )
        )


def operator_matrix(
    field: xr.DataArray,
    kind: Kind = "gradient",
    *,
    mask: xr.DataArray | None = None,
    earth: Any = None,
    periodic: Any = None,
    crs: Any = None,
    grid: Any = None,
) -> OperatorMatrix:
    r"""Return a discrete operator of the grid of a field, as a sparse matrix.

    .. math:: (G f)_e = (f_{end} - f_{start}) / \ell_e, \qquad
              \nabla^2 = -M^{-1} G^T W G

    G takes differences along the edges between neighbours, W is the area that each
    edge stands for, M the area of each point's cell: all inversions of this project
    are made of these, on the sphere, the ellipsoid, projected, rotated and curvilinear
    grids and the plane, with poles and seams joined.

    Parameters
    ----------
    field : DataArray
        Any field on the grid; its values do not matter.
    kind : {"gradient", "laplacian", "eastward", "northward"}
        ``eastward`` and ``northward`` are the slopes at the points, those that fit the
        edges around them best.
    mask : DataArray of bool, optional
        True where there are points; faces to the others are walls.
    earth, periodic, crs, grid : optional
        See :func:`~xnabla.grid_of`.

    Returns
    -------
    OperatorMatrix
        With ``matrix``, ``adjoint``, ``area_m2``, ``weights_m2``, ``vector(field)``,
        ``field(vector)``; called with a field, it returns a labelled one.

    Raises
    ------
    OptionError
        If there is no such kind.
    GridError
        If there are no two horizontal dimensions.
    FieldError
        If the field is no DataArray of numbers, or the mask none.

    References
    ----------
    Samarskii, A. A. and others (1981), Operational finite-difference schemes,
    Differ. Equations 17, 854-862, for adjoint pairs of differences.

    Examples
    --------
    A cost of one's own, and its gradient by the adjoint:

    >>> import numpy as np, xarray as xr
    >>> x = xr.DataArray(np.arange(4.0), dims="x", attrs={"units": "km"})
    >>> y = xr.DataArray(np.arange(3.0), dims="y", attrs={"units": "km"})
    >>> f = (x**2 + 0 * y).assign_coords(x=x, y=y).assign_attrs(units="K")
    >>> gradient = operator_matrix(f)
    >>> v = gradient.vector(f)
    >>> slopes = gradient @ v
    >>> cost = 0.5 * slopes @ (gradient.weights_m2 @ slopes)
    >>> descent = -(gradient.adjoint @ slopes)
    >>> print(f"{cost:.1f} {float(v @ (gradient.area_m2 @ -descent)) / 2:.1f}")
    35.0 35.0
    """
    if kind not in get_args(Kind):
        raise OptionError(
            explain(
                f"kind={kind!r} cannot be",
                expected="one of " + ", ".join(map(repr, get_args(Kind))),
                hint="kind='gradient'",
            )
        )
    case = Case.of(
        "operator_matrix",
        {"field": field},
        {"field": ANY},
        {"earth": earth, "periodic": periodic, "crs": crs, "grid": grid},
        mask=mask,
    )
    from scipy.sparse import diags_array

    mesh = case.mesh
    area = diags_array(mesh.area_m2).tocsr()
    weights = mesh.weights if kind == "gradient" else area
    like = case.work.like.isel({d: 0 for d in field.dims if d not in case.core})
    return OperatorMatrix(
        kind,
        _MATRICES[kind](case),
        area,
        weights,
        _UNITS[kind],
        mesh,
        like,
        case.core,
    )


def _laplacian(case: Case) -> Any:
    from scipy.sparse import diags_array

    return (-diags_array(1.0 / case.mesh.area_m2) @ case.mesh.stiffness).tocsr()


def _slopes(case: Case, towards: int) -> Any:
    r"""Return the slopes at the points that fit the edges around them best.

    .. math:: g = (\sum_e w\, t t^T)^{-1} \sum_e w\, t\, (Gf)_e

    with the direction t of each edge, eastward and northward.
    """
    from scipy.sparse import csr_array

    mesh = case.mesh
    basis = basis_of(case.work.grid, case.core, case.whole)
    there = mesh.node >= 0
    keep = np.zeros(case.whole.count, dtype=bool)
    keep[case.whole.node[there]] = True
    basis = basis[:, keep]
    step = mesh.position[mesh.end] - mesh.position[mesh.start]
    step /= np.linalg.norm(step, axis=1)[:, np.newaxis]
    nodes = np.concatenate([mesh.start, mesh.end])
    edges = np.concatenate([np.arange(mesh.start.size)] * 2)
    tangent = np.stack([(part[nodes] * step[edges]).sum(axis=1) for part in basis])
    tangent /= np.linalg.norm(tangent, axis=0)
    total = np.zeros((mesh.count, 2, 2))
    np.add.at(total, nodes, np.einsum("ie,je->eij", tangent, tangent))
    inverse = np.linalg.pinv(total, rcond=_NO_SLOPE, hermitian=True)
    weight = np.einsum("ej,je->e", inverse[nodes, towards], tangent)
    shape = (mesh.count, mesh.start.size)
    fitted = csr_array((weight, (nodes, edges)), shape=shape)
    return (fitted @ mesh.gradient).tocsr()


_MATRICES: dict[str, Callable[[Case], Any]] = {
    "gradient": lambda case: case.mesh.gradient,
    "laplacian": _laplacian,
    "eastward": lambda case: _slopes(case, 0),
    "northward": lambda case: _slopes(case, 1),
}
