"""Fields whose derivatives are known in closed form, and grids to look at them on.

A field is a polynomial F in the components of the unit normal of the Earth,

    n = (cos φ cos λ, cos φ sin λ, sin φ),

which is smooth everywhere, the poles included, on the sphere and on any ellipsoid with
geodetic latitude φ. With east ê = (-sin λ, cos λ, 0) and north ν = ∂n/∂φ,

    ∂f/∂φ = ∇F·ν,    ∂f/∂λ = cos φ ∇F·ê,

so that (1/M) ∂f/∂φ = ∇F·ν / M and 1/(N cos φ) ∂f/∂λ = ∇F·ê / N, without a division by
cos φ: both hold on a pole row as they stand. Nothing here comes from xnabla.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"

SPHERE_M = 6_371_229.0


@dataclass(frozen=True)
class Figure:
    """A figure of the Earth, from its two radii."""

    name: str
    a: float
    b: float
    earth: object  # what to hand to earth=

    @property
    def e2(self) -> float:
        return (self.a - self.b) * (self.a + self.b) / self.a**2

    def meridian_radius(self, phi):
        """M(φ) = a (1 - e²) / (1 - e² sin² φ)^(3/2)."""
        return self.a * (1 - self.e2) / (1 - self.e2 * np.sin(phi) ** 2) ** 1.5

    def normal_radius(self, phi):
        """N(φ) = a / (1 - e² sin² φ)^(1/2)."""
        return self.a / np.sqrt(1 - self.e2 * np.sin(phi) ** 2)

    def meridian_slope(self, phi):
        """M'(φ)/M(φ)."""
        s, c = np.sin(phi), np.cos(phi)
        return 3 * self.e2 * s * c / (1 - self.e2 * s**2)


SPHERE = Figure("sphere", SPHERE_M, SPHERE_M, None)
WGS84 = Figure("WGS84", 6_378_137.0, 6_356_752.314245179, "WGS84")
# far flatter than any planet of ours: what is wrong by e² stands out
FLAT = Figure("flat", 7_000_000.0, 5_000_000.0, None)


@dataclass(frozen=True)
class Polynomial:
    """F(x, y, z) = Σ c x^i y^j z^k, and its derivatives by the power rule."""

    name: str
    terms: tuple[tuple[float, int, int, int], ...]

    def at(self, x, y, z):
        return sum(c * x**i * y**j * z**k for c, i, j, k in self.terms)

    def partial(self, which: int) -> Polynomial:
        """∂F/∂x, ∂F/∂y or ∂F/∂z."""
        terms = []
        for c, *powers in self.terms:
            p = powers[which]
            if p:
                powers[which] -= 1
                terms.append((c * p, *powers))
        return Polynomial(self.name, tuple(terms) or ((0.0, 0, 0, 0),))

    def value(self, phi, lam):
        return self.at(*_normal(phi, lam))

    def _slope(self, phi, lam, direction):
        n = _normal(phi, lam)
        return sum(self.partial(i).at(*n) * direction[i] for i in range(3))

    def _bend(self, phi, lam, direction):
        n = _normal(phi, lam)
        return sum(
            self.partial(i).partial(j).at(*n) * direction[i] * direction[j]
            for i in range(3)
            for j in range(3)
        )

    def north(self, phi, lam, figure: Figure = SPHERE):
        """(1/M) ∂f/∂φ."""
        return self._slope(phi, lam, _north(phi, lam)) / figure.meridian_radius(phi)

    def east(self, phi, lam, figure: Figure = SPHERE):
        """1/(N cos φ) ∂f/∂λ, on the poles its limit along the meridian λ."""
        return self._slope(phi, lam, _east(phi, lam)) / figure.normal_radius(phi)

    def north_twice(self, phi, lam, figure: Figure = SPHERE):
        """∂²f/∂s² along the meridian: (f_φφ - (M'/M) f_φ) / M²; ∂²n/∂φ² = -n."""
        nu = _north(phi, lam)
        f_phi = self._slope(phi, lam, nu)
        f_phiphi = self._bend(phi, lam, nu) - self._slope(phi, lam, _normal(phi, lam))
        curved = f_phiphi - figure.meridian_slope(phi) * f_phi
        return curved / figure.meridian_radius(phi) ** 2

    def east_twice(self, phi, lam, figure: Figure = SPHERE):
        """∂²f/∂λ² / (N cos φ)², off the poles; ∂²n/∂λ² = -(x, y, 0)."""
        x, y, z = _normal(phi, lam)
        bend = self._bend(phi, lam, _east(phi, lam))
        slope = self._slope(phi, lam, (x, y, 0 * z)) / np.cos(phi) ** 2
        return (bend - slope) / figure.normal_radius(phi) ** 2


def _normal(phi, lam):
    c = np.cos(phi)
    return c * np.cos(lam), c * np.sin(lam), np.sin(phi) + 0 * lam


def _north(phi, lam):
    s = np.sin(phi)
    return -s * np.cos(lam), -s * np.sin(lam), np.cos(phi) + 0 * lam


def _east(phi, lam):
    return -np.sin(lam) + 0 * phi, np.cos(lam) + 0 * phi, 0 * phi + 0 * lam


# Re (x + iy)^m: wave number m, vanishing at the poles like cos^m φ
_WAVES = {
    1: ((1.0, 1, 0, 0), (0.4, 0, 1, 0)),
    2: ((1.0, 2, 0, 0), (-1.0, 0, 2, 0), (0.7, 1, 1, 0)),
    3: ((1.0, 3, 0, 0), (-3.0, 1, 2, 0)),
    4: ((1.0, 4, 0, 0), (-6.0, 2, 2, 0), (1.0, 0, 4, 0)),
}


def _times_z(terms, power, factor=1.0):
    return tuple((factor * c, i, j, k + power) for c, i, j, k in terms)


FIELDS: dict[str, Polynomial] = {
    field.name: field
    for field in (
        # slopes at both poles, three times as steep at one as at the other
        Polynomial(
            "wave 1", _WAVES[1] + _times_z(_WAVES[1], 1, 0.5) + ((0.5, 0, 0, 1),)
        ),
        Polynomial("wave 2", _times_z(_WAVES[2], 1) + _WAVES[2]),
        Polynomial("wave 3", _times_z(_WAVES[3], 1)),
        Polynomial("wave 4", _WAVES[4] + _times_z(_WAVES[4], 1)),
        Polynomial("zonal", ((1.0, 0, 0, 1), (-0.5, 0, 0, 2), (0.8, 0, 0, 3))),
        Polynomial(
            "mixed",
            (
                *((2.0, 0, 0, 0), (0.3, 1, 0, 0), (-0.7, 0, 1, 0), (0.5, 0, 0, 1)),
                *((0.6, 1, 0, 2), (0.9, 0, 1, 1), (-0.4, 1, 1, 1), (0.2, 0, 2, 2)),
            ),
        ),
    )
}


@dataclass(frozen=True)
class Globe:
    """Latitudes and longitudes as a file holds them, and where the points truly are.

    The two differ only where single precision rounded an even grid.
    """

    name: str
    latitude: np.ndarray  # degrees, as stored
    longitude: np.ndarray
    true_latitude: np.ndarray | None = None
    true_longitude: np.ndarray | None = None

    @property
    def phi(self):
        """Latitude in radians, a column; pole rows exactly at ±π/2."""
        true = self.latitude if self.true_latitude is None else self.true_latitude
        return np.deg2rad(np.asarray(true, dtype=np.float64))[:, np.newaxis]

    @property
    def lam(self):
        """Longitude in radians, a row."""
        true = self.longitude if self.true_longitude is None else self.true_longitude
        return np.deg2rad(np.asarray(true, dtype=np.float64))[np.newaxis, :]


def labelled(values, globe: Globe, **others) -> xr.DataArray:
    """A temperature on the points of a globe; further dimensions go first."""
    return xr.DataArray(
        values,
        dims=(*others, "latitude", "longitude"),
        coords={
            **others,
            "latitude": ("latitude", globe.latitude, {"units": "degrees_north"}),
            "longitude": ("longitude", globe.longitude, {"units": "degrees_east"}),
        },
        name="t",
        attrs={"units": "K"},
    )


def all_fields(globe: Globe) -> xr.DataArray:
    """Every field of the catalogue, one behind the other."""
    values = [f.value(globe.phi, globe.lam) for f in FIELDS.values()]
    return labelled(np.stack(values), globe, kind=list(FIELDS))


def exactly(what: str, globe: Globe, figure: Figure) -> np.ndarray:
    """Every exact derivative: ``north``, ``east``, ``north_twice``, ``east_twice``."""
    return np.stack(
        [getattr(f, what)(globe.phi, globe.lam, figure) for f in FIELDS.values()]
    )


# --- latitudes: m is the number of steps from pole to pole --------------------------


def with_poles(m):
    return np.linspace(-90.0, 90.0, m + 1)


def between_poles(m):
    return -90.0 + 180.0 / m * (np.arange(m) + 0.5)


def gaussian(m):
    return np.rad2deg(np.arcsin(np.polynomial.legendre.leggauss(m)[0]))


def stretched(m):
    """Rows crowd at the equator; pole rows in."""
    s = np.linspace(-1.0, 1.0, m + 1)
    return 90.0 * (s - 0.3 * np.sin(np.pi * s) / np.pi)


def stretched_one_way(m):
    """Twice as fine in the north as in the south; no pole rows, uneven to both."""
    s = (np.arange(m) + 0.4) / m
    return -90.0 + 180.0 * (1.35 * s - 0.35 * s**2)


def jittered(m):
    """Every row moved by up to a quarter of a step, without a pattern; pole rows in."""
    rows = np.arange(m + 1)
    shift = 0.25 * np.sin(1.7 * rows**2)
    shift[[0, -1]] = 0.0
    return -90.0 + 180.0 / m * (rows + shift)


# --- longitudes ---------------------------------------------------------------------


def around(n, start=0.0):
    return start + 360.0 / n * np.arange(n)


def uneven_around(n):
    """Smoothly from half to one and a half steps."""
    s = np.arange(n) / n
    return 360.0 * s + 90.0 / np.pi * np.sin(2 * np.pi * s)


def jittered_around(n, part=0.25):
    i = np.arange(n)
    return 360.0 / n * (i + part * np.sin(1.7 * i**2))


def _single(name, latitude, longitude, *, even):
    """A grid that was written in single precision."""
    lat, lon = latitude.astype(np.float32), longitude.astype(np.float32)
    if not even:
        return Globe(name, lat, lon)
    return Globe(name, lat, lon, latitude, longitude)


def _seam_inside(n):
    """359 → 0 somewhere in the middle."""
    return np.roll(around(n), n // 3)


GLOBAL: dict[str, Callable[[int], Globe]] = {
    name: (lambda m, name=name, make=make: make(name, m))
    for name, make in {
        "pole rows": lambda s, m: Globe(s, with_poles(m), around(2 * m)),
        "no pole rows": lambda s, m: Globe(s, between_poles(m), around(2 * m)),
        "north to south": lambda s, m: Globe(s, with_poles(m)[::-1], around(2 * m)),
        "north to south, no pole rows": lambda s, m: Globe(
            s, between_poles(m)[::-1], around(2 * m)
        ),
        "odd number of longitudes": lambda s, m: Globe(
            s, with_poles(m), around(2 * m + 1)
        ),
        "odd number of longitudes, no pole rows": lambda s, m: Globe(
            s, between_poles(m), around(2 * m + 1)
        ),
        "longitudes no multiple of four": lambda s, m: Globe(
            s, with_poles(m), around(2 * m + 2)
        ),
        "gaussian": lambda s, m: Globe(s, gaussian(m), around(2 * m)),
        "gaussian, north to south, odd": lambda s, m: Globe(
            s, gaussian(m)[::-1], around(2 * m + 1, start=-180.0)
        ),
        "stretched": lambda s, m: Globe(s, stretched(m), around(2 * m)),
        "stretched one way": lambda s, m: Globe(s, stretched_one_way(m), around(2 * m)),
        "jittered": lambda s, m: Globe(s, jittered(m), around(2 * m)),
        "seam inside": lambda s, m: Globe(s, with_poles(m), _seam_inside(2 * m)),
        "-180 to 180": lambda s, m: Globe(
            s, between_poles(m), around(2 * m, start=-180.0)
        ),
        "starts at 5.3": lambda s, m: Globe(s, with_poles(m), around(2 * m, start=5.3)),
        "east to west": lambda s, m: Globe(s, with_poles(m), around(2 * m)[::-1]),
        "closed": lambda s, m: Globe(s, with_poles(m), np.linspace(0, 360, 2 * m + 1)),
        "closed, odd, no pole rows": lambda s, m: Globe(
            s, between_poles(m), np.linspace(-180, 180, 2 * m + 2)
        ),
        "uneven longitudes": lambda s, m: Globe(s, with_poles(m), uneven_around(2 * m)),
        "jittered both ways": lambda s, m: Globe(
            s, jittered(m), jittered_around(2 * m)
        ),
        "single precision": lambda s, m: _single(
            s, with_poles(m), around(2 * m, start=5.3), even=True
        ),
        "single precision gaussian": lambda s, m: _single(
            s, gaussian(m), uneven_around(2 * m), even=False
        ),
    }.items()
}


def _part(m, first, last):
    """Steps of 180/m degrees that cover a stretch, both its ends in."""
    count = round((last - first) * m / 180.0)
    return np.linspace(first, last, count + 1)


REGIONAL: dict[str, Callable[[int], Globe]] = {
    "across Greenwich": lambda m: Globe(
        "across Greenwich", _part(m, 10.0, 70.0), _part(m, -30.0, 30.0) % 360.0
    ),
    "across the dateline": lambda m: Globe(
        "across the dateline",
        _part(m, -54.0, 27.0)[::-1],
        (_part(m, 150.0, 240.0) + 180.0) % 360.0 - 180.0,
    ),
    "northern hemisphere": lambda m: Globe(
        "northern hemisphere", _part(m, 0.0, 90.0), around(2 * m)
    ),
    "southern hemisphere, north to south": lambda m: Globe(
        "southern hemisphere, north to south",
        between_poles(m)[: m // 2][::-1],
        around(2 * m, start=-180.0),
    ),
    "tropical belt": lambda m: Globe(
        "tropical belt", _part(m, -30.0, 30.0), around(2 * m)
    ),
    "uneven region": lambda m: Globe(
        "uneven region",
        gaussian(m)[m // 4 : -(m // 4)],
        uneven_around(2 * m)[m // 4 : m],
    ),
    "polar sector": lambda m: Globe(
        "polar sector", _part(m, 30.0, 85.5), _part(m, 40.0, 130.0)
    ),
}


def numbers(result: xr.DataArray, units: str) -> np.ndarray:
    """The plain values of a result, whose unit must be this one."""
    assert f"{result.data.units:~C}" == units, f"{result.data.units:~C}"
    return np.asarray(result.data.magnitude)


def real(name: str) -> Path:
    """A file of real data; the test is skipped where the folder is absent."""
    import pytest

    path = SHARED / "ship" / name
    if not path.exists():
        pytest.skip(f"needs {path}")
    return path
