r"""Waves on any grid whose derivatives are known in closed form.

On the globe a wave goes through space, :math:`\cos(K\, d \cdot n + \epsilon)`, with the
unit normal n of the Earth at a point,

.. math:: n = (\cos\varphi \cos\lambda,\, \cos\varphi \sin\lambda,\, \sin\varphi),

which is smooth everywhere, poles and seam included. A step along the surface moves n
by :math:`e/N` eastward and :math:`\nu/M` northward, so that every derivative follows
from ∇F, its second derivatives B and, for a wind :math:`V = A - (A \cdot n)\, n`, from
the matrix J of ∂A/∂n, on the sphere and on any ellipsoid, without a division by
:math:`\cos\varphi`. No stencil of ours comes into it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from xnabla.grid import Earth

Floats = NDArray[np.float64]
Three = tuple[Floats, Floats, Floats]

# Three directions at right angles, none of them an axis of the Earth: wherever a point
# is, two of them lie well along the ground.
_DIRECTIONS = (
    ((0.36, 0.48, 0.80), 0.0),
    ((-0.80, 0.60, 0.00), 1.3),
    ((-0.48, -0.64, 0.60), 2.6),
)
_PLANE_DIRECTIONS = ((0.8, 0.6), 0.0), ((-0.6, 0.8), 1.3)

# The size of a wind; that of a field is 1. Errors are parts of the largest value.
_SPEED = 10.0


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """A field, a wind, and what operators should make of them.

    Attributes
    ----------
    f, u, v : array (ny, nx)
        The field, and the wind towards east and north (x and y on a plane).
    east, north, laplacian : array (ny, nx)
        Derivatives of the field, per metre.
    vorticity, divergence : array (ny, nx)
        Of the wind, per second.
    """

    f: Floats
    u: Floats
    v: Floats
    east: Floats
    north: Floats
    laplacian: Floats
    vorticity: Floats
    divergence: Floats


class Ground(Protocol):
    """Where the points are, and how a wave runs there."""

    def wave(self, wavelength_m: float) -> Truth:
        """Return a field and a wind of one wavelength, with their derivatives."""


@dataclass(frozen=True, slots=True, eq=False)
class Globe:
    """Points on the Earth.

    Attributes
    ----------
    latitude_rad, longitude_rad : array
        Of each point; may broadcast against each other.
    earth : Earth
    """

    latitude_rad: Floats
    longitude_rad: Floats
    earth: Earth

    def wave(self, wavelength_m: float) -> Truth:
        """Return a field and a wind of one wavelength, with their derivatives."""
        phi, lam = np.broadcast_arrays(self.latitude_rad, self.longitude_rad)
        sin, cos = np.sin(phi), np.cos(phi)
        sin_l, cos_l, nil = np.sin(lam), np.cos(lam), np.zeros_like(phi)
        n: Three = (cos * cos_l, cos * sin_l, sin)
        e: Three = (-sin_l, cos_l, nil)
        nu: Three = (-sin * cos_l, -sin * sin_l, cos)
        k = 2.0 * np.pi * self.earth.semi_major_m / wavelength_m
        parts = [_Wave.at(d, phase, k, n, e, nu) for d, phase in _DIRECTIONS]
        ways = _ways(tuple(d for d, _ in _DIRECTIONS))
        m_radius = self.earth.meridional_radius_m(phi)
        n_radius = _normal_radius(self.earth, phi)
        return Truth(
            sum((one.value for one in parts), nil),
            *_blowing(parts, ways, e, nu),
            sum((one.first * one.along_e for one in parts), nil) / n_radius,
            sum((one.first * one.along_nu for one in parts), nil) / m_radius,
            self._laplacian(parts, sin, cos, m_radius, n_radius),
            *_turning(parts, ways, (n, e, nu), m_radius, n_radius),
        )

    def _laplacian(
        self,
        parts: list[_Wave],
        sin: Floats,
        cos: Floats,
        m_radius: Floats,
        n_radius: Floats,
    ) -> Floats:
        """Return the sum of the covariant second derivatives east and north.

        Each has terms in tan φ that are singular at a pole; written with N'/N and M'/M
        they are gone from the sum.
        """
        e2 = self.earth.eccentricity_squared
        bent_n = e2 * sin * cos / (1.0 - e2 * sin**2)  # N'/N
        bent_m = 3.0 * bent_n  # M'/M
        total = np.zeros_like(sin)
        for one in parts:
            outward = one.first * one.along_n
            north = one.first * one.along_nu
            xx = (one.second * one.along_e**2 - outward) / n_radius**2
            yy = one.second * one.along_nu**2 - outward - bent_m * north
            total += xx - bent_n * north / (m_radius * n_radius) + yy / m_radius**2
        return total


def _normal_radius(earth: Earth, phi: Floats) -> Floats:
    """Return N(φ)."""
    e2 = earth.eccentricity_squared
    radius: Floats = earth.semi_major_m / np.sqrt(1.0 - e2 * np.sin(phi) ** 2)
    return radius


@dataclass(frozen=True, slots=True, eq=False)
class _Wave:
    """One wave at the points: its value, its derivatives by the phase, its direction.

    ``along_n``, ``along_e`` and ``along_nu`` are d·n, d·e and d·ν; ``first`` and
    ``second`` already hold K and K².
    """

    value: Floats
    first: Floats
    second: Floats
    along_n: Floats
    along_e: Floats
    along_nu: Floats

    @classmethod
    def at(
        cls,
        direction: tuple[float, ...],
        phase: float,
        k: float,
        n: Three,
        e: Three,
        nu: Three,
    ) -> _Wave:
        """Return a wave at points with these three unit vectors."""
        outward, east, north = (_dot(direction, one) for one in (n, e, nu))
        angle = k * outward + phase
        value = np.cos(angle)
        return cls(value, -k * np.sin(angle), -(k**2) * value, outward, east, north)


def _dot(direction: tuple[float, ...], vector: tuple[Floats, ...]) -> Floats:
    total: Floats = sum(
        (d * part for d, part in zip(direction, vector, strict=True)),
        np.zeros_like(vector[0]),
    )
    return total


def _ways(directions: tuple[tuple[float, ...], ...]) -> list[tuple[float, ...]]:
    """Return which way each wave blows: half along itself, half along the next.

    So there is rotation and divergence everywhere.
    """
    following = directions[1:] + directions[:1]
    return [
        tuple(_SPEED * (a + b) for a, b in zip(one, other, strict=True))
        for one, other in zip(directions, following, strict=True)
    ]


def _blowing(
    parts: list[_Wave], ways: list[tuple[float, ...]], e: Three, nu: Three
) -> tuple[Floats, Floats]:
    """Return A·e and A·ν."""
    u, v = np.zeros_like(e[0]), np.zeros_like(e[0])
    for one, way in zip(parts, ways, strict=True):
        u += one.value * _dot(way, e)
        v += one.value * _dot(way, nu)
    return u, v


def _turning(
    parts: list[_Wave],
    ways: list[tuple[float, ...]],
    frame: tuple[Three, Three, Three],
    m_radius: Floats,
    n_radius: Floats,
) -> tuple[Floats, Floats]:
    """Return vorticity and divergence: of e·∂V/∂x and its three companions."""
    n, e, nu = frame
    vorticity, divergence = np.zeros_like(n[0]), np.zeros_like(n[0])
    for one, way in zip(parts, ways, strict=True):
        along_e, along_nu = _dot(way, e), _dot(way, nu)
        outward = one.value * _dot(way, n)
        du_dx = (one.first * along_e * one.along_e - outward) / n_radius
        dv_dy = (one.first * along_nu * one.along_nu - outward) / m_radius
        du_dy = one.first * along_e * one.along_nu / m_radius
        dv_dx = one.first * along_nu * one.along_e / n_radius
        vorticity += dv_dx - du_dy
        divergence += du_dx + dv_dy
    return vorticity, divergence


@dataclass(frozen=True, slots=True, eq=False)
class Plane:
    """Points on a plane, in metres."""

    x_m: Floats
    y_m: Floats

    def wave(self, wavelength_m: float) -> Truth:
        """Return a field and a wind of one wavelength, with their derivatives."""
        x, y = np.broadcast_arrays(self.x_m, self.y_m)
        k = 2.0 * np.pi / wavelength_m
        ways = _ways(tuple(d for d, _ in _PLANE_DIRECTIONS))
        f, u, v, f_x, f_y, bend, vorticity, divergence = (
            np.zeros(x.shape) for _ in range(8)
        )
        for ((dx, dy), phase), (wx, wy) in zip(_PLANE_DIRECTIONS, ways, strict=True):
            angle = k * (dx * x + dy * y) + phase
            value, slope = np.cos(angle), -k * np.sin(angle)
            f += value
            f_x += dx * slope
            f_y += dy * slope
            bend -= k**2 * value
            u += wx * value
            v += wy * value
            vorticity += (wy * dx - wx * dy) * slope
            divergence += (wx * dx + wy * dy) * slope
        return Truth(f, u, v, f_x, f_y, bend, vorticity, divergence)
