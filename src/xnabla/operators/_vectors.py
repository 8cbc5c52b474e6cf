"""The derivatives of a wind: a vector in space is three scalars."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

Vector = tuple[Any, Any, Any]


class VectorSlopes(ABC):
    r"""A grid on the globe, on which a wind is differentiated as a vector in space.

    .. math:: V = u\, e + v\, n, \qquad
              \partial_a V_b = b \cdot \partial_a V, \qquad a, b \in \{e, n\}

    No metric terms: nothing is divided by the distance from a pole but what any scalar
    is.
    """

    @property
    @abstractmethod
    def basis(self) -> tuple[Vector, Vector]:
        """Unit vectors towards east and north."""

    @abstractmethod
    def slopes(self, f: Any) -> tuple[Any, Any]:
        """Return the derivatives of a scalar towards east and north."""

    def wind_slopes(self, u: Any, v: Any) -> tuple[Any, Any, Any, Any]:
        """Return du/dx, du/dy, dv/dx, dv/dy of a wind towards east and north."""
        east, north = self.basis
        du_dx, du_dy, dv_dx, dv_dy = 0.0, 0.0, 0.0, 0.0
        for e, n in zip(east, north, strict=True):
            dx, dy = self.slopes(u * e + v * n)
            du_dx, dv_dx = du_dx + dx * e, dv_dx + dx * n
            du_dy, dv_dy = du_dy + dy * e, dv_dy + dy * n
        return du_dx, du_dy, dv_dx, dv_dy
