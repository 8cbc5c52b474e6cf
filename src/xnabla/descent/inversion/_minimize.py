"""The lowest point of any cost of whole fields, by the descent engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import xarray as xr

from xnabla.descent.engine import DELEGATES, METHODS, Settings, descended
from xnabla.descent.inversion._cost_face import Face
from xnabla.descent.inversion._fields import Case
from xnabla.errors import FieldError, OptionError, explain
from xnabla.operators._inputs import ANY


def minimize_field(
    cost: Callable[[Any], Any],
    x0: xr.DataArray | xr.Dataset | Mapping[str, xr.DataArray],
    *,
    gradient: Callable[[Any], Any] | None = None,
    method: str = "lbfgs",
    mask: xr.DataArray | None = None,
    gtol: float = 1e-8,
    max_iterations: int = 500,
    earth: Any = None,
    periodic: Any = None,
    crs: Any = None,
    grid: Any = None,
) -> xr.Dataset:
    r"""Return the field, or fields, at which a cost of yours is lowest.

    .. math:: x_{n+1} = x_n - \alpha P M^{-1} \partial J / \partial x

    The descent is in the area product of the grid, and in numbers of one size: the
    way down does not depend on how fine the grid is, how its meridians converge, or in
    which units the fields are.

    Parameters
    ----------
    cost : callable
        Takes fields as ``x0`` has them, and returns one number or quantity.
    x0 : DataArray, Dataset or mapping of DataArray
        Where to begin: fields of two dimensions on one grid. NaN is left alone.
    gradient : callable, optional
        Returns ∂J/∂x at the points, in the shape of ``x0``, in the unit of the cost
        over that of the field: with :func:`operator_matrix` of ``A``, the gradient of
        :math:`\tfrac12 \langle Ax, Ax \rangle_W` is
        ``A.gradient_field(A.matrix.T @ (W @ (A @ x)))``. By default central
        differences, for small grids.
    method : str
        Any of :func:`~xnabla.descend`'s but ``sgd`` and ``lm``; ``newton`` makes a
        matrix of second derivatives by differences and is for small problems.
    mask : DataArray of bool, optional
        True where the fields may change.
    gtol : float
        Arrived when the gradient is this part of the first one.
    max_iterations : int
        The most steps.
    earth, periodic, crs, grid : optional
        See :func:`~xnabla.grid_of`.

    Returns
    -------
    Dataset
        The fields by their names (``solution``, if one has none), with their units;
        ``cost``, ``cost_history``, ``gradient_norm`` (relative to the first),
        ``gradient_norm_history``, ``n_iterations``, ``n_evaluations``, ``n_valid``,
        ``status``, ``converged``.

    Raises
    ------
    FieldError
        If the fields, or what cost and gradient return, are not what they should be, or
        cost or gradient are not finite at ``x0``.
    OptionError
        If the method cannot be, or there are too many points for differences.
    GridError
        If the fields lie on different points.
    UnitsError
        If a field has no unit.

    References
    ----------
    Nocedal, J., and S. J. Wright (2006), Numerical Optimization, ch. 7.

    Examples
    --------
    A wind as near as can be to one without divergence is found by its own cost; here
    the cost is simply the distance to a field:

    >>> import numpy as np, xarray as xr
    >>> x = xr.DataArray(np.arange(4.0), dims="x", attrs={"units": "km"})
    >>> y = xr.DataArray(np.arange(3.0), dims="y", attrs={"units": "km"})
    >>> aim = (x * y).assign_coords(x=x, y=y).rename("t").assign_attrs(units="K")
    >>> found = minimize_field(lambda t: float(((t - aim) ** 2).sum()), 0 * aim)
    >>> print(f"{found.t.sel(x=3, y=2).data:.4f}", bool(found.converged))
    6.0000 kelvin True
    """
    known = [*METHODS, *DELEGATES]
    if method not in known or method in {"sgd", "lm"}:
        raise OptionError(
            explain(
                f"method={method!r} cannot be",
                expected="one of "
                + ", ".join(repr(m) for m in known if m not in {"sgd", "lm"}),
                hint="method='lbfgs'",
            )
        )
    if not callable(cost):
        raise FieldError(
            explain(
                "minimize_field takes a cost that can be called",
                expected="a function of fields that returns one number",
                got=type(cost).__name__,
                hint="xn.minimize_field(lambda t: float(((t - aim) ** 2).sum()), x0)",
            )
        )
    fields = _named(x0)
    choices = {"earth": earth, "periodic": periodic, "crs": crs, "grid": grid}
    case = Case.of(
        "minimize_field", fields, dict.fromkeys(fields, ANY), choices, mask=mask
    )
    face = Face(case, x0, fields, cost, gradient)
    settings = Settings(gtol=gtol, max_iterations=max_iterations)
    start = face.start(method)
    found = descended(
        lambda points, cells: np.array([face.value(one) for one in points]),
        lambda points, cells: np.stack([face.slope(one) for one in points]),
        start[np.newaxis],
        method=method,
        settings=settings,
    )
    told = {
        "method": method,
        "gradient": "given" if gradient is not None else "central differences",
        "gtol": gtol,
        "max_iterations": max_iterations,
        "product": "area",
    }
    return face.result(found, told)


def _named(x0: Any) -> dict[str, xr.DataArray]:
    if isinstance(x0, xr.DataArray):
        return {"solution" if x0.name is None else str(x0.name): x0}
    if isinstance(x0, xr.Dataset):
        return {str(name): one for name, one in x0.data_vars.items()}
    if isinstance(x0, Mapping) and x0:
        return {str(name): one for name, one in x0.items()}
    raise FieldError(
        explain(
            "minimize_field begins at fields",
            expected="a DataArray, a Dataset or a mapping of DataArrays",
            got=type(x0).__name__,
        )
    )
