"""Winds whose velocity gradient is known in closed form, the poles included.

A wind is the tangential part of a vector field A, a polynomial in the unit normal n of
the Earth: V = A - (A·n) n, so u = A·ê and v = A·ν. It is smooth everywhere. A step
along the surface moves n by ê/N eastward and by ν/M northward, and the normal part of V
turns with n; so, with J the matrix of ∂A_i/∂n_j,

    du/dx = ê·∂V/∂x = (ê·J ê - A·n)/N        du/dy = ê·∂V/∂y = ê·J ν / M
    dv/dx = ν·∂V/∂x =  ν·J ê / N             dv/dy = ν·∂V/∂y = (ν·J ν - A·n)/M

on the sphere and on any ellipsoid, without a division by cos φ: on a pole row, too, as
they stand, x and y there being those of the meridian λ. Nothing here comes from xnabla.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr
from fields import _WAVES as WAVES
from fields import (
    FIELDS,
    SPHERE,
    Figure,
    Globe,
    Polynomial,
    _east,
    _normal,
    _north,
    _times_z,
    labelled,
)
from second import hessian

TENSOR = ("du_dx", "du_dy", "dv_dx", "dv_dy")


def _dot(a, b):
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


@dataclass(frozen=True)
class Wind:
    """A vector polynomial A(n) in m/s, of which the tangential part blows."""

    name: str
    parts: tuple[Polynomial, Polynomial, Polynomial]

    def vector(self, phi, lam):
        """A itself."""
        n = _normal(phi, lam)
        return tuple(part.at(*n) + 0 * n[0] for part in self.parts)

    def uv(self, phi, lam):
        """Eastward and northward wind."""
        a = self.vector(phi, lam)
        return _dot(a, _east(phi, lam)), _dot(a, _north(phi, lam))

    def in_space(self, phi, lam):
        """V = u ê + v ν as a vector in space."""
        u, v = self.uv(phi, lam)
        return tuple(
            u * e + v * nu
            for e, nu in zip(_east(phi, lam), _north(phi, lam), strict=True)
        )

    def tensor(self, phi, lam, figure: Figure = SPHERE):
        """du/dx, du/dy, dv/dx and dv/dy."""
        n, e, nu = _normal(phi, lam), _east(phi, lam), _north(phi, lam)
        jacobian = [[part.partial(j).at(*n) for j in range(3)] for part in self.parts]
        of_east = [_dot(row, e) for row in jacobian]
        of_north = [_dot(row, nu) for row in jacobian]
        outward = _dot(self.vector(phi, lam), n)
        m_radius, n_radius = figure.meridian_radius(phi), figure.normal_radius(phi)
        return (
            (_dot(e, of_east) - outward) / n_radius,
            _dot(e, of_north) / m_radius,
            _dot(nu, of_east) / n_radius,
            (_dot(nu, of_north) - outward) / m_radius,
        )


def flow(tensor) -> dict[str, np.ndarray]:
    """Everything that is made of du/dx, du/dy, dv/dx and dv/dy, by operator."""
    du_dx, du_dy, dv_dx, dv_dy = tensor
    stretching, shearing = du_dx - dv_dy, dv_dx + du_dy
    return {
        "vorticity": dv_dx - du_dy,
        "divergence": du_dx + dv_dy,
        "stretching_deformation": stretching,
        "shearing_deformation": shearing,
        "total_deformation": np.hypot(stretching, shearing),
    }


# --- polynomials --------------------------------------------------------------------


def _polynomial(*terms):
    return Polynomial("", tuple(terms) or ((0.0, 0, 0, 0),))


def _scaled(f: Polynomial, factor: float):
    return Polynomial(f.name, tuple((factor * c, *powers) for c, *powers in f.terms))


def _added(f: Polynomial, g: Polynomial):
    return Polynomial("", f.terms + g.terms)


def _times(f: Polynomial, which: int):
    """Multiply by x, y or z."""
    terms = []
    for c, *powers in f.terms:
        powers[which] += 1
        terms.append((c, *powers))
    return Polynomial("", tuple(terms))


def gradient_of(f: Polynomial, factor: float = 1.0):
    """A = ∇F: on the sphere of radius a, the gradient of a F."""
    return tuple(_scaled(f.partial(i), factor) for i in range(3))


def rotated_gradient_of(f: Polynomial, factor: float = 1.0):
    """A = n × ∇F: on the sphere, the flow along the lines of F, without divergence."""
    g = gradient_of(f, factor)
    return tuple(
        _added(_times(g[k], j), _scaled(_times(g[j], k), -1.0))
        for j, k in ((1, 2), (2, 0), (0, 1))
    )


def _solid_body(x: float, y: float, z: float):
    """A = Ω × n."""
    return (
        _polynomial((y, 0, 0, 1), (-z, 0, 1, 0)),
        _polynomial((z, 1, 0, 0), (-x, 0, 0, 1)),
        _polynomial((x, 0, 1, 0), (-y, 1, 0, 0)),
    )


# ψ = -ω sin φ + K cos⁴φ sin φ cos 4λ, with the ratio of Williamson et al. (1992): ω = K
_HAURWITZ = Polynomial(
    "",
    ((-1.0, 0, 0, 1), *_times_z(((1.0, 4, 0, 0), (-6.0, 2, 2, 0), (1.0, 0, 4, 0)), 1)),
)
_POTENTIAL = Polynomial(
    "", (*WAVES[1], *_times_z(WAVES[2], 1), (0.6, 0, 0, 2), (-0.3, 1, 1, 1))
)

# Ω of the solid body, in m/s: its axis comes out at 34°N, 56°E
OMEGA = (15.0, 22.0, 18.0)

WINDS: dict[str, Wind] = {
    wind.name: wind
    for wind in (
        Wind("solid body, tilted", _solid_body(*OMEGA)),
        Wind(
            "straight over the poles",
            tuple(_polynomial((c, 0, 0, 0)) for c in (12.0, -7.0, 0.0)),
        ),
        Wind("Rossby-Haurwitz 4", rotated_gradient_of(_HAURWITZ, 40.0)),
        Wind("potential", gradient_of(_POTENTIAL, 15.0)),
        # neither free of rotation nor of divergence, with a bend at both poles
        Wind(
            "mixed",
            (
                _polynomial((20.0, 0, 0, 2), (6.0, 1, 0, 0), (-9.0, 0, 1, 1)),
                _polynomial((8.0, 0, 0, 0), (11.0, 1, 1, 0), (7.0, 0, 0, 3)),
                _polynomial((14.0, 1, 0, 1), (-10.0, 0, 2, 0), (5.0, 1, 0, 0)),
            ),
        ),
    )
}


@dataclass(frozen=True)
class Slope:
    """The wind that is a field's gradient on the figure itself: du/dy = dv/dx."""

    field: Polynomial
    scale: float = 1e8  # a velocity potential in m²/s

    def uv(self, phi, lam, figure: Figure):
        """Eastward and northward derivative."""
        parts = (self.field.east(phi, lam, figure), self.field.north(phi, lam, figure))
        return tuple(self.scale * part for part in parts)

    def tensor(self, phi, lam, figure: Figure):
        """Return du/dx, du/dy, dv/dx and dv/dy: the field's second derivatives."""
        xx, xy, yy = (self.scale * d for d in hessian(self.field, phi, lam, figure))
        return xx, xy, xy, yy


SLOPES = {name: Slope(FIELDS[name]) for name in ("wave 1", "mixed")}


# --- on a globe ---------------------------------------------------------------------

STANDARD_NAMES = {"u": "eastward_wind", "v": "northward_wind"}


def wind_field(values, globe: Globe, name: str, **others) -> xr.DataArray:
    """One component of a wind, as a file holds it."""
    f = labelled(values, globe, **others).rename(name)
    f.attrs = {"units": "m s-1", "standard_name": STANDARD_NAMES[name]}
    return f


def blowing(globe: Globe, *names: str) -> tuple[xr.DataArray, xr.DataArray]:
    """Both components of the winds of these names, one wind behind the other."""
    names = names or tuple(WINDS)
    pairs = [WINDS[name].uv(globe.phi, globe.lam) for name in names]
    u, v = (
        wind_field(np.stack(parts), globe, letter, kind=list(names))
        for letter, parts in zip("uv", zip(*pairs, strict=True), strict=True)
    )
    return u, v


def exact_flow(globe: Globe, figure: Figure, *names: str) -> dict[str, np.ndarray]:
    """The tensor's parts and what is made of them, stacked like ``blowing``."""
    tensors = [
        WINDS[name].tensor(globe.phi, globe.lam, figure) for name in names or WINDS
    ]
    tensor = [np.stack(parts) for parts in zip(*tensors, strict=True)]
    return dict(zip(TENSOR, tensor, strict=True)) | flow(tensor)
