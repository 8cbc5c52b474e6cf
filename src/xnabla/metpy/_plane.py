"""Gradients of scalars and vectors on MetPy's plain grids, with its map factors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from xnabla.errors import GridError, explain
from xnabla.metpy._steps import difference


@dataclass(frozen=True, slots=True)
class Plane:
    """Steps along x and y, and how much longer the map draws them.

    Attributes
    ----------
    dx, dy : number, array or Quantity
        Steps between points, on the map if there are factors.
    x_dim, y_dim : int
        Axes.
    parallel_scale, meridional_scale : array or None
        Map factors along and across the parallels; both or none.
    latitude : Quantity or None
        Where the rotation of the Earth matters.
    """

    dx: Any = None
    dy: Any = None
    x_dim: int = -1
    y_dim: int = -2
    parallel_scale: Any = None
    meridional_scale: Any = None
    latitude: Any = None

    def __post_init__(self) -> None:
        if (self.parallel_scale is None) != (self.meridional_scale is None):
            raise GridError(
                explain(
                    "One map factor alone does not describe a map",
                    expected="parallel_scale= and meridional_scale=, or neither",
                )
            )

    def along_x(self, f: Any) -> Any:
        """Return the derivative along x, on the map."""
        return difference(f, self.x_dim, delta=_given(self.dx, "dx"))

    def along_y(self, f: Any) -> Any:
        """Return the derivative along y, on the map."""
        return difference(f, self.y_dim, delta=_given(self.dy, "dy"))

    def gradient(self, f: Any, part: str) -> Any:
        r"""Return ``df/dx`` or ``df/dy``: :math:`m_x\,\partial_x f` or so."""
        along = self.along_x if part.endswith("dx") else self.along_y
        factor = self.parallel_scale if part.endswith("dx") else self.meridional_scale
        return along(f) if factor is None else factor * along(f)

    def velocity(self, u: Any, v: Any, part: str) -> Any:
        r"""Return one of ``du/dx``, ``du/dy``, ``dv/dx`` and ``dv/dy``.

        .. math:: \partial_x u = m_x u_x - v \tfrac{m_y}{m_x} \partial_y m_x, \qquad
                  \partial_y u = m_y u_y + v \tfrac{m_x}{m_y} \partial_x m_y

        and the same for v, with u for v and the signs changed.
        """
        own, other, sign = (u, v, -1.0) if part.startswith("du") else (v, u, 1.0)
        result = self.gradient(own, part)
        if self.parallel_scale is None:
            return result
        mx = np.broadcast_to(np.asarray(self.parallel_scale), np.shape(own))
        my = np.broadcast_to(np.asarray(self.meridional_scale), np.shape(own))
        if part.endswith("dx"):
            return result + sign * other * (my / mx) * self.along_y(mx)
        return result - sign * other * (mx / my) * self.along_x(my)


def _given(step: Any, name: str) -> Any:
    if step is None:
        raise GridError(
            explain(
                f"Quantities do not say how far their points lie apart: no {name}",
                expected="dx= and dy=, or longitude=, latitude= and crs=, or "
                "DataArrays with coordinates",
                hint=f"{name}=units.Quantity(25.0, 'km')",
            )
        )
    return step
