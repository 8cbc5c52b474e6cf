"""Covariant second derivatives of the fields of ``fields``, on a pole row as anywhere.

With B the matrix of second derivatives of F, g = ∇F, and N'/N = e² s c / (1 - e² s²)
for s = sin φ, c = cos φ, the surface gradient is (g·ê/N, g·ν/M). Differentiating it
along the surface, with ê·∂ν/∂x = -tan φ/N, gives terms in tan φ that are singular one
by one; (M - N)/N = -e² c²/(1 - e² s²) takes the tangent out of their sum:

    f_xx = (ê·B ê - g·n)/N² - (N'/N) g·ν/(M N)
    f_xy = (ê·B ν)/(M N)    - (N'/N) g·ê/(M N)
    f_yy = (ν·B ν - g·n - (M'/M) g·ν)/M²

On a pole row x and y are those of the meridian λ. Nothing here comes from xnabla.
"""

from __future__ import annotations

import numpy as np
from fields import (
    FIELDS,
    SPHERE,
    Figure,
    Globe,
    Polynomial,
    _east,
    _normal,
    _north,
)

HESSIAN = ("d2f_dx2", "d2f_dxdy", "d2f_dy2")


def parallel_slope(phi, figure: Figure):
    """N'(φ)/N(φ)."""
    s, c = np.sin(phi), np.cos(phi)
    return figure.e2 * s * c / (1 - figure.e2 * s**2)


def hessian(f: Polynomial, phi, lam, figure: Figure = SPHERE):
    """f_xx, f_xy and f_yy."""
    n, e, nu = _normal(phi, lam), _east(phi, lam), _north(phi, lam)
    m_radius, n_radius = figure.meridian_radius(phi), figure.normal_radius(phi)
    outward, east, north = (f._slope(phi, lam, d) for d in (n, e, nu))
    crossed = sum(
        f.partial(i).partial(j).at(*n) * e[i] * nu[j]
        for i in range(3)
        for j in range(3)
    )
    bent = parallel_slope(phi, figure) / (m_radius * n_radius)
    xx = (f._bend(phi, lam, e) - outward) / n_radius**2 - bent * north
    xy = crossed / (m_radius * n_radius) - bent * east
    yy = f._bend(phi, lam, nu) - outward - figure.meridian_slope(phi) * north
    return xx, xy, yy / m_radius**2


def laplacian(f: Polynomial, phi, lam, figure: Figure = SPHERE):
    """f_xx + f_yy."""
    xx, _, yy = hessian(f, phi, lam, figure)
    return xx + yy


def all_hessians(globe: Globe, figure: Figure) -> dict[str, np.ndarray]:
    """Second derivatives of every field of the catalogue, by name."""
    each = [hessian(f, globe.phi, globe.lam, figure) for f in FIELDS.values()]
    return {
        name: np.stack(parts)
        for name, parts in zip(HESSIAN, zip(*each, strict=True), strict=True)
    }
