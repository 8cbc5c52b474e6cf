"""A grid as a map from its two dimensions to places on the globe."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xnabla.grid._earth import Earth
from xnabla.grid._lines import Vector, chords_along, columns_around, parameters_of
from xnabla.numerics import (
    Line,
    StencilTable,
    apply_table,
    largest_accuracy,
    stencil_table,
)

Floats = NDArray[np.float64]
Pair = tuple[Floats, Floats]

# Where the two directions of a grid are closer to parallel than this, as at a singular
# point of the map, a step says nothing of the direction across it.
_SINGULAR = 1e-6

# A step this much shorter than the longest is none.
_NO_LENGTH = 1e-9

# Directions that differ by less than this, in radians, are the same: a wind along the
# grid is then eastward and northward to better than it was measured.
_ALIGNED = 1e-3

# A map whose places come from a formula is smooth: its derivatives may be taken far
# more accurately than those of any field on it.
_FORMULA_ACCURACY = 8


@dataclass(frozen=True, slots=True, eq=False)
class Jacobian:
    """How far, and which way, a unit step along each dimension goes on the globe.

    Attributes
    ----------
    y_east, y_north, x_east, x_north : array (ny, nx)
        Metres eastward and northward for a unit of each dimension's parameter.
    length_y, length_x : array (ny, nx)
        Metres for a unit of each.
    determinant : array (ny, nx)
        Area of a unit cell; NaN where the map is singular.
    """

    y_east: Floats
    y_north: Floats
    x_east: Floats
    x_north: Floats
    length_y: Floats
    length_x: Floats
    determinant: Floats

    @classmethod
    def of(cls, y: tuple[Floats, Floats], x: tuple[Floats, Floats]) -> Jacobian:
        """Return the lengths that belong to two steps, each east and north."""
        length_y, length_x = np.hypot(*y), np.hypot(*x)
        area = x[0] * y[1] - x[1] * y[0]
        with np.errstate(invalid="ignore"):
            flat = np.abs(area) <= _SINGULAR * length_x * length_y
            for length in (length_y, length_x):  # where lines meet, as at a pole
                flat |= length <= _NO_LENGTH * np.nanmax(length, initial=0.0)
        return cls(*y, *x, length_y, length_x, np.where(flat, np.nan, area))


@dataclass(frozen=True, slots=True, eq=False)
class Curvature:
    """How the unit steps change along the grid: the tangent part of ∂²P.

    Attributes
    ----------
    yy, yx, xx : pair of array (ny, nx)
        Eastward and northward part of the second derivatives of position.
    """

    yy: tuple[Floats, Floats]
    yx: tuple[Floats, Floats]
    xx: tuple[Floats, Floats]


class Surface:
    r"""Places of a grid on the globe, and the lengths that follow from them.

    With the position in space of each point,

    .. math:: P = (N \cos\varphi \cos\lambda,\, N \cos\varphi \sin\lambda,\,
              N (1 - e^2) \sin\varphi),

    everything is a derivative of P along the grid: no projection has formulas here.

    Parameters
    ----------
    dims : pair of str
        The dimensions y and x.
    earth : Earth
        Its figure.
    places : callable
        Returns latitude and longitude in radians, (ny, nx); NaN off the globe. Called
        when first needed.
    lines : pair of Line, optional
        Parameters along y and x; by default the mean length of the grid's lines.
    from_formula : bool
        Whether the places come from a formula rather than from a file.
    periodic : bool, optional
        Whether x closes a circle; by default found out from the places.
    rounding_m : float
        How far off the places may be for being rounded; 0 for double precision.
    """

    def __init__(
        self,
        dims: tuple[str, str],
        earth: Earth,
        places: Callable[[], tuple[Floats, Floats]],
        *,
        lines: tuple[Line, Line] | None = None,
        from_formula: bool = False,
        periodic: bool | None = None,
        rounding_m: float = 0.0,
    ) -> None:
        self.dims = dims
        self.earth = earth
        self._load = places
        self._lines = lines
        self._from_formula = from_formula
        self._periodic = periodic
        self.rounding_m = rounding_m
        # one for each accuracy: a grid is asked again and again
        self._jacobians: dict[int, Jacobian] = {}
        self._curvatures: dict[int, Curvature] = {}
        self._inverses: dict[int, tuple[Pair, Pair]] = {}
        # what others make of this surface, so that it goes when the surface does
        self.kept: dict[Any, Any] = {}

    def __getstate__(self) -> dict[str, Any]:
        """Pickle the places, not the way to them."""
        places = self.places
        return {
            **self.__dict__,
            "_load": None,
            "_jacobians": {},
            "_curvatures": {},
            "_inverses": {},
            "kept": {},
            "places": places,
        }

    @cached_property
    def places(self) -> tuple[Floats, Floats]:
        """Latitude and longitude of each point in radians."""
        return self._load()

    @property
    def latitude_rad(self) -> Floats:
        """Latitude of each point in radians."""
        return self.places[0]

    @cached_property
    def position(self) -> Vector:
        """Position of each point in space, in metres."""
        phi, lam = self.places
        parallel = self.earth.parallel_radius_m(phi)
        axial = self.earth.axial_m(phi)
        return parallel * np.cos(lam), parallel * np.sin(lam), axial

    @cached_property
    def east(self) -> Vector:
        """Unit vector towards the east at each point."""
        lam = self.places[1]
        return -np.sin(lam), np.cos(lam), np.zeros_like(lam)

    @cached_property
    def north(self) -> Vector:
        """Unit vector towards the north at each point."""
        phi, lam = self.places
        sin = np.sin(phi)
        return -sin * np.cos(lam), -sin * np.sin(lam), np.cos(phi)

    @cached_property
    def lines(self) -> tuple[Line, Line]:
        """The parameters along y and x."""
        if self._lines is not None:
            return self._lines
        return parameters_of(self.position, self._periodic)

    def is_aligned(self) -> bool:
        """Tell whether the grid's lines run east and north, in this sense."""
        jacobian = self.jacobian(2)
        off = np.hypot(
            jacobian.x_east / jacobian.length_x - 1.0,
            jacobian.x_north / jacobian.length_x,
        )
        off = np.fmax(off, np.abs(jacobian.y_north / jacobian.length_y - 1.0))
        return bool(np.nanmax(off, initial=0.0) < _ALIGNED)

    def is_ring_along_y(self) -> bool:
        """Tell whether y closes a circle, and x does not."""
        turned = tuple(part.T for part in self.position)
        is_ring = columns_around((turned[0], turned[1], turned[2])) is not None
        return is_ring and columns_around(self.position) is None

    def poles_inside(self) -> list[str]:
        """Return the names of the poles that the grid's outline goes around."""
        phi, lam = self.places
        rim = _outline(lam)
        turn = np.angle(np.exp(1j * np.diff(np.append(rim, rim[0]))))
        if not np.isfinite(turn).all() or abs(turn.sum()) < np.pi:
            return []
        return ["North Pole" if np.nanmean(phi) > 0 else "South Pole"]

    def steps_m(self) -> tuple[Floats, Floats]:
        """Return the distances between neighbours along y and x in metres."""
        return chords_along(self.position, 0), chords_along(self.position, 1)

    def jacobian(self, accuracy: int) -> Jacobian:
        """Return the lengths of unit steps, made with a scheme of this accuracy."""
        if accuracy not in self._jacobians:
            along_y = self._partial(self.position, 0, 1, accuracy)
            along_x = self._partial(self.position, 1, 1, accuracy)
            self._jacobians[accuracy] = Jacobian.of(
                self.tangent(along_y), self.tangent(along_x)
            )
        return self._jacobians[accuracy]

    def inverse(self, accuracy: int) -> tuple[Pair, Pair]:
        """Return what derivatives along x and y weigh: eastward, and northward."""
        if accuracy not in self._inverses:
            j = self.jacobian(accuracy)
            self._inverses[accuracy] = (
                (j.y_north / j.determinant, -j.x_north / j.determinant),
                (-j.y_east / j.determinant, j.x_east / j.determinant),
            )
        return self._inverses[accuracy]

    def curvature(self, accuracy: int) -> Curvature:
        """Return how unit steps change, made with a scheme of this accuracy."""
        if accuracy not in self._curvatures:
            along_y = self._partial(self.position, 0, 1, accuracy)
            self._curvatures[accuracy] = Curvature(
                self.tangent(self._partial(self.position, 0, 2, accuracy)),
                self.tangent(self._partial(along_y, 1, 1, accuracy)),
                self.tangent(self._partial(self.position, 1, 2, accuracy)),
            )
        return self._curvatures[accuracy]

    @property
    def shape(self) -> tuple[int, int]:
        """The numbers of points along y and x."""
        y, x = self.places[0].shape
        return y, x

    def thinned(self, step: int) -> Surface | None:
        """Return the surface of every second point, or third, along both dimensions.

        ``None`` if the seam of a circle would be of another length then.
        """
        lines = []
        for line in self.lines:
            if line.around is not None and line.around % step:
                return None
            if line.size < 8 * step:
                return None
            points = line.points[::step]
            longer = None if line.step is None else line.step * step
            closed = 0 if line.around is None else points.size - line.around // step
            lines.append(Line(points, longer, line.period, closed))
        phi, lam = (part[::step, ::step] for part in self.places)
        return self._of(phi, lam, (lines[0], lines[1]))

    def strip(self, rows: slice) -> Surface:
        """Return the surface of some rows that follow one another."""
        phi, lam = (part[rows] for part in self.places)
        y, x = self.lines
        return self._of(phi, lam, (Line(y.points[rows], y.step), x))

    def _of(self, phi: Floats, lam: Floats, lines: tuple[Line, Line]) -> Surface:
        """Return a surface of some of the places, the parameters found anew if made."""
        return Surface(
            self.dims,
            self.earth,
            lambda: (phi, lam),
            lines=None if self._lines is None else lines,
            from_formula=self._from_formula,
            periodic=self._periodic,
            rounding_m=self.rounding_m,
        )

    def step_and_weight(
        self, axis: int, accuracy: int
    ) -> tuple[tuple[Floats, Floats], Floats]:
        """Return the unit step along a dimension, and what rounding adds to it.

        The second times ``rounding_m`` bounds the error of the first.
        """
        step = self.tangent(self._partial(self.position, axis, 1, accuracy))
        weights = self._table(axis, 1, accuracy).weights
        shape = (-1, 1) if axis == 0 else (1, -1)
        return step, np.abs(weights).sum(axis=1).reshape(shape)

    def _partial(self, vector: Vector, axis: int, order: int, accuracy: int) -> Vector:
        """Return the derivative of a vector along a dimension's parameter."""
        table = self._table(axis, order, accuracy)
        x, y, z = (apply_table(part, axis, table) for part in vector)
        return x, y, z

    def _table(self, axis: int, order: int, accuracy: int) -> StencilTable:
        """Return the scheme along a dimension's parameter."""
        line = self.lines[axis]
        wanted = _FORMULA_ACCURACY if self._from_formula else accuracy
        return stencil_table(
            line,
            order=order,
            accuracy=largest_accuracy(line, order, wanted),
            missing="shrink",  # off the globe there are no places
            name=repr(self.dims[axis]),
        )

    def tangent(self, vector: Vector) -> tuple[Floats, Floats]:
        """Return the eastward and the northward part of a vector in space."""
        return dot(vector, self.east), dot(vector, self.north)


def _outline(values: Floats) -> Floats:
    """Return the values along the rim of an array, in one round."""
    return np.concatenate(
        [values[0, :-1], values[:-1, -1], values[-1, :0:-1], values[:0:-1, 0]]
    )


def dot(one: Vector, other: Vector) -> Floats:
    """Return the scalar product of two vectors in space."""
    product: Floats = one[0] * other[0] + one[1] * other[1] + one[2] * other[2]
    return product
