"""Derivatives on a plane: x and y are true distances."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from xnabla.errors import GridError, explain
from xnabla.grid import Axis, Grid
from xnabla.operators._mixed import mixed, schemes_of
from xnabla.operators._plan import Plan, plan_derivative
from xnabla.options import Options


class Plane:
    """Derivatives along x and y of a plane; east is x and north is y.

    Parameters
    ----------
    grid : Grid
        A grid with x and y in metres.
    dims : pair of str
        Its dimensions y and x.
    options : Options
        Accuracy, edges, missing, engine.
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
        self.grid = replace(grid, dims=dims, sizes=tuple(own[dim] for dim in dims))
        self.options = options
        self.edge_order = edge_order
        self.y, self.x = (grid.axes[dim] for dim in dims)

    def slopes(self, f: Any) -> tuple[Any, Any]:
        """Return the derivatives of a scalar along x and y."""
        return self._along(self.x, f), self._along(self.y, f)

    def second(self, f: Any) -> tuple[Any, Any, Any]:
        """Return the second derivatives along x, along both, along y."""
        along_y = self.plan(self.y, 1)
        steps = [
            [replace(along_y, table=one) for one in group]
            for group in schemes_of(along_y.table)
        ]
        both = mixed(f, steps, self.plan(self.x, 1))
        return self._along(self.x, f, 2), both, self._along(self.y, f, 2)

    def laplacian(self, f: Any) -> Any:
        """Return the Laplacian of a scalar."""
        return self._along(self.x, f, 2) + self._along(self.y, f, 2)

    def wind_slopes(self, u: Any, v: Any) -> tuple[Any, Any, Any, Any]:
        """Return du/dx, du/dy, dv/dx, dv/dy."""
        return *self.slopes(u), *self.slopes(v)

    def one_at_poles(self, f: Any) -> Any:
        """Return the scalar as it is: a plane has no poles."""
        return f

    def from_grid(self, u: Any, v: Any) -> tuple[Any, Any]:
        """Return the wind as it is: the grid runs along x and y."""
        return u, v

    to_grid = from_grid
    along_grid = from_grid

    def turn_tensor(self, *parts: Any) -> tuple[Any, ...]:
        """Return the tensor as it is: the grid runs along x and y."""
        return parts

    @property
    def latitude_rad(self) -> Any:
        """Latitude of the plane, if the field says.

        Raises
        ------
        GridError
            If it does not.
        """
        if self.grid.latitude_rad is None:
            raise GridError(
                explain(
                    "The latitude of a plane is not known, and the Coriolis parameter "
                    "needs it",
                    expected="a scalar coordinate 'latitude', or a map projection",
                    hint="field.assign_coords(latitude=45.0), or crs='EPSG:3995'",
                )
            )
        return np.asarray(self.grid.latitude_rad)

    def plan(self, axis: Axis, order: int) -> Plan:
        """Return how a derivative along an axis is made."""
        made = plan_derivative(
            self.grid,
            axis,
            order=order,
            factor=1.0,
            options=self.options,
            edge_order=self.edge_order,
        )
        assert isinstance(made, Plan)  # no map: x and y are axes
        return made

    def _along(self, axis: Axis, f: Any, order: int = 1) -> Any:
        return self.plan(axis, order)(f)
