"""Lows whose centre and depth are known in closed form, on any grid.

A low is a Gaussian bell of the great-circle distance d,

    f = f0 - D exp(-d² / 2 s²),

smooth everywhere on the sphere but at the antipode, where it has long vanished. Its
minimum is f0 - D at its centre, whatever the grid. Nothing here comes from xnabla.
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from fields import SPHERE_M


def normal(lat, lon):
    """Unit normals of degrees, components first."""
    phi, lam = np.deg2rad(lat), np.deg2rad(lon)
    return np.stack(
        np.broadcast_arrays(
            np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)
        )
    )


def distance_m(lat, lon, lat0, lon0, radius=SPHERE_M):
    """Great-circle distances, exact for near and far points alike."""
    chord = normal(lat, lon) - normal(lat0, lon0).reshape(3, *([1] * np.ndim(lat)))
    half = np.clip(0.5 * np.sqrt((chord**2).sum(axis=0)), 0.0, 1.0)
    return 2.0 * radius * np.arcsin(half)


def bell(lat, lon, lat0, lon0, *, depth=30.0, sigma_m=300e3, background=1010.0):
    """A low at a place, in hPa."""
    lat, lon = np.broadcast_arrays(lat, lon)
    d = distance_m(lat, lon, lat0, lon0)
    return background - depth * np.exp(-0.5 * (d / sigma_m) ** 2)


def globe(step=1.0, *, west=0.0, poles=True, falling=False):
    """Latitudes (a column) and longitudes (a row) of a whole globe."""
    n = round(180 / step)
    lat = np.linspace(-90, 90, n + 1) if poles else -90 + step * (np.arange(n) + 0.5)
    lon = west + step * np.arange(round(360 / step))
    return (lat[::-1] if falling else lat)[:, np.newaxis], lon[np.newaxis]


def labelled(values, lat, lon, units="hPa", **others) -> xr.DataArray:
    """A pressure on latitudes and longitudes."""
    return xr.DataArray(
        values,
        dims=(*others, "latitude", "longitude"),
        coords={
            **others,
            "latitude": ("latitude", np.ravel(lat), {"units": "degrees_north"}),
            "longitude": ("longitude", np.ravel(lon), {"units": "degrees_east"}),
        },
        name="msl",
        attrs={"units": units, "standard_name": "air_pressure_at_mean_sea_level"},
    )


def low_on_globe(lat0, lon0, step=1.0, **kinds):
    """One low on a globe."""
    shape = {k: kinds.pop(k) for k in ("depth", "sigma_m") if k in kinds}
    lat, lon = globe(step, **kinds)
    return labelled(bell(lat, lon, lat0, lon0, **shape), lat, lon)


def band_limited(seed, highest=8, step=3.0, **kinds):
    """A random field of spherical harmonics up to a degree, on a globe."""
    from scipy.special import sph_harm_y

    rng = np.random.default_rng(seed)
    lat, lon = globe(step, **kinds)
    total = 0.0
    for degree in range(1, highest + 1):
        for order in range(degree + 1):
            weight = (rng.normal() + 1j * rng.normal()) / (1 + degree)
            wave = sph_harm_y(degree, order, np.deg2rad(90.0 - lat), np.deg2rad(lon))
            total = total + (weight * wave).real
    return labelled(1000.0 + 10.0 * total, lat, lon)


def off_km(points, lat0, lon0, at=0):
    """How far a point of a table is from a place, in kilometres."""
    lat = float(points.latitude[at])
    lon = float(points.longitude[at])
    return float(distance_m(lat, lon, lat0, lon0)) / 1e3


def plain(points, name):
    """The numbers of a column."""
    return np.asarray(points[name].data.magnitude)
