"""The calculus of a grid as stencils of inputs: what a fused pass over rows does.

A formula that runs on these gives no numbers but a graph; see ``numerics._symbols``.
They say the same as ``_globe``, ``_map`` and ``_plane``, and tests hold them to it.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

from xnabla.numerics import Made, UnfusableError
from xnabla.operators._calculus import Calculus
from xnabla.operators._fused_lines import FusedLines
from xnabla.operators._fused_plans import FusedPlans
from xnabla.operators._fused_second import FusedSecond
from xnabla.operators._fused_wind import FusedWind
from xnabla.operators._globe import Globe
from xnabla.operators._map import Map
from xnabla.operators._plane import Plane
from xnabla.operators._stencils import Parts, stencil, with_narrower


def fused_calculus(calculus: Calculus) -> FusedGlobe | FusedLines:
    """Return a calculus that writes down what another does.

    Raises
    ------
    UnfusableError
        If it has a scheme that no pass over rows has.
    """
    if isinstance(calculus, Globe):
        made: FusedGlobe = calculus.fused or FusedGlobe(calculus)
        calculus.fused = made
        return made
    if isinstance(calculus, Plane | Map):
        return FusedLines(calculus)
    raise UnfusableError(type(calculus).__name__)


class FusedGlobe:
    """Derivatives on a latitude-longitude grid.

    Parameters
    ----------
    globe : Globe
    """

    def __init__(self, globe: Globe) -> None:
        self._globe = globe
        self._plans = FusedPlans(globe)
        self.shape = self._plans.shape

    @property
    def latitude_rad(self) -> Any:
        """Latitude of the rows."""
        return self._globe.latitude_rad

    def slopes(self, f: Any) -> tuple[Any, Any]:
        """Return the derivatives of a scalar towards east and north."""
        (east, *narrower_east), (north, *narrower_north) = self._east, self._north
        return (
            with_narrower(f, east, narrower_east),
            with_narrower(f, north, narrower_north),
        )

    def second(self, f: Any) -> tuple[Any, Any, Any]:
        """Return the second derivatives: east twice, east and north, north twice."""
        xx, xy, yy = self._second.all_three
        return stencil(f, xx), stencil(f, xy), stencil(f, yy)

    def laplacian(self, f: Any) -> Any:
        """Return the Laplacian of a scalar."""
        if not self._plans.shrinks:
            return self.one_at_poles(stencil(f, self._second.laplacian))
        # each direction falls back by itself
        north, east = self._second.two_ways
        return self.one_at_poles(
            with_narrower(f, north[0], north[1:]) + with_narrower(f, east[0], east[1:])
        )

    def wind_slopes(self, u: Any, v: Any) -> tuple[Any, Any, Any, Any]:
        """Return du/dx, du/dy, dv/dx, dv/dy of a wind towards east and north."""
        du_dx, dv_dx = self._wind.slope(self._east, u, v)
        du_dy, dv_dy = self._wind.slope(self._north, u, v)
        return du_dx, du_dy, dv_dx, dv_dy

    def one_at_poles(self, f: Any) -> Any:
        """Return a scalar with one value for each pole that has a row."""
        what = "mean_of_present" if self._plans.shrinks else "pole_mean"
        return Made(what, (f,)) if self.shape.poles else f

    def from_grid(self, u: Any, v: Any) -> tuple[Any, Any]:
        """Return the wind as it is: the grid runs east and north."""
        return u, v

    to_grid = from_grid
    along_grid = from_grid

    def turn_tensor(self, *parts: Any) -> tuple[Any, ...]:
        """Return the tensor as it is: the grid runs east and north."""
        return parts

    @cached_property
    def _east(self) -> list[Parts]:
        return self._plans.all_of(self._globe.plan(self._globe.longitude, 1))

    @cached_property
    def _north(self) -> list[Parts]:
        return self._plans.all_of(self._globe.plan(self._globe.latitude, 1))

    @cached_property
    def _second(self) -> FusedSecond:
        return FusedSecond(self._plans)

    @cached_property
    def _wind(self) -> FusedWind:
        globe = self._globe
        return FusedWind(
            globe.latitude.line,
            globe.longitude.line,
            self._plans.around,
            self._plans.is_vector_beyond,
        )
