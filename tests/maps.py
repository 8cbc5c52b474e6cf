"""Grids that are maps of the globe: projected, rotated, curvilinear, as in files.

Each is made from a formula n(x, y) for the unit normal: by pyproj from a PROJ string
written by hand beside the CF attributes, or in closed form. Directions of the grid come
from n by differences of sixth order, far finer than any grid here. Nothing here comes
from xnabla.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

import numpy as np
import xarray as xr
from fields import SPHERE, Figure, _east, _normal, _north


@dataclass(frozen=True, eq=False)
class Map:
    """One grid: where its points are, and what a file says of that.

    ``x`` and ``y`` are the parameters of ``normal``, 1-D, in the order of the file.
    """

    x: np.ndarray
    y: np.ndarray
    normal: Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, ...]]
    figure: Figure
    step: float  # for directions, in the unit of x: a thousandth of the Earth or so
    dims: tuple[str, str] = ("y", "x")
    coords: dict[str, Any] = field(default_factory=dict)
    attrs: dict[str, str] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    angles: tuple[np.ndarray, np.ndarray] | None = None  # as the projection gives them

    @cached_property
    def places(self) -> tuple[np.ndarray, np.ndarray]:
        """φ and λ in radians."""
        if self.angles is not None:
            return self.angles
        return angles_of(self.normal(self.x[np.newaxis, :], self.y[:, np.newaxis]))

    @property
    def phi(self):
        return self.places[0]

    @property
    def lam(self):
        return self.places[1]

    def direction(self) -> tuple[np.ndarray, np.ndarray]:
        """East and north part of the unit vector along x."""
        x, y = self.x[np.newaxis, :], self.y[:, np.newaxis]
        weights = {1: 45 / 60, 2: -9 / 60, 3: 1 / 60}
        dn = [0.0, 0.0, 0.0]
        for k, w in weights.items():
            ahead, behind = (self.normal(x + s * k * self.step, y) for s in (1, -1))
            dn = [d + w * (a - b) for d, a, b in zip(dn, ahead, behind, strict=True)]
        e, nu = _east(*self.places), _north(*self.places)
        east = self.figure.normal_radius(self.phi) * sum(map(np.multiply, dn, e))
        north = self.figure.meridian_radius(self.phi) * sum(map(np.multiply, dn, nu))
        length = np.hypot(east, north)
        return east / length, north / length

    def labelled(self, values, name="t", **attrs) -> xr.DataArray:
        """Return a field on the points; further dimensions go first."""
        first = [f"kind{i}" for i in range(values.ndim - 2)]
        return xr.DataArray(
            values,
            dims=(*first, *self.dims),
            coords=self.coords,
            name=name,
            attrs={**self.attrs, **attrs},
        )


def angles_of(n):
    """φ and λ of a normal."""
    return np.arctan2(n[2], np.hypot(n[0], n[1])), np.arctan2(n[1], n[0])


def two_d(grid_dims, phi, lam, *, wrap=180.0):
    """2-D latitude and longitude as a file holds them; longitudes end at ``wrap``."""
    lon = (np.rad2deg(lam) - (wrap - 360.0)) % 360.0 + (wrap - 360.0)
    return {
        "lat": (
            grid_dims,
            np.rad2deg(phi),
            {"standard_name": "latitude", "units": "degrees_north"},
        ),
        "lon": (
            grid_dims,
            lon,
            {"standard_name": "longitude", "units": "degrees_east"},
        ),
    }


# --- projected ----------------------------------------------------------------------


@cache
def _proj(text: str):
    from pyproj import Proj

    return Proj(text)


def _projected_places(text, x, y):
    lon, lat = _proj(text)(*np.broadcast_arrays(x, y), inverse=True)
    return np.deg2rad(np.asarray(lat)), np.deg2rad(np.asarray(lon))


def _plane_coords(x, y, unit, angular):
    name = "projection_{}_angular_coordinate" if angular else "projection_{}_coordinate"
    return {
        letter: (letter, points, {"standard_name": name.format(letter), "units": unit})
        for letter, points in (("x", x), ("y", y))
    }


def projected(
    text: str,
    mapping: dict[str, Any],
    figure: Figure,
    x: np.ndarray,
    y: np.ndarray,
    *,
    unit: str = "m",
    scale: float = 1.0,
    angular: bool = False,
    how: str = "mapping",
) -> Map:
    """Return a grid of x and y, which are metres to PROJ and ``unit`` in the file."""
    shown = _plane_coords(x / scale, y / scale, unit, angular)
    attrs, options = {}, {}
    if how == "mapping":
        shown["crs"] = ((), np.int32(0), mapping)
        attrs["grid_mapping"] = "crs"
    elif how == "crs":
        options["crs"] = text
    else:
        from pyproj import CRS

        options["crs"] = CRS.from_user_input(text)
    return Map(
        x,
        y,
        lambda x, y: _normal(*_projected_places(text, x, y)),
        figure,
        step=5e3,
        coords=shown,
        attrs=attrs,
        options=options,
        angles=_projected_places(text, x[np.newaxis, :], y[:, np.newaxis]),
    )


# --- rotated ------------------------------------------------------------------------


def rotated_normal(pole_lat, pole_lon):
    """The normal at rotated coordinates in degrees, by two turns.

    The rotated North Pole is at the given place, and the true one at rotated longitude
    0 and rotated latitude ``pole_lat``: CF with north_pole_grid_longitude 0.
    """
    tilt, turn = np.deg2rad(90.0 - pole_lat), np.deg2rad(pole_lon)

    def normal(x, y):
        a, b, c = _normal(np.deg2rad(y), np.deg2rad(x) + np.pi)
        # the rotated z axis goes down by the tilt, towards the meridian 0
        a, c = np.cos(tilt) * a + np.sin(tilt) * c, np.cos(tilt) * c - np.sin(tilt) * a
        return (
            np.cos(turn) * a - np.sin(turn) * b,
            np.sin(turn) * a + np.cos(turn) * b,
            c + 0 * a,
        )

    return normal


def rotated(pole_lat, pole_lon, x, y, *, with_places, mapped=True, radius=None):
    """Return a grid of rotated longitudes x and latitudes y in degrees."""
    figure = SPHERE if radius is None else Figure("sphere", radius, radius, None)
    normal = rotated_normal(pole_lat, pole_lon)
    coords: dict[str, Any] = {
        "rlon": ("rlon", x, {"standard_name": "grid_longitude", "units": "degrees"}),
        "rlat": ("rlat", y, {"standard_name": "grid_latitude", "units": "degrees"}),
    }
    attrs = {}
    if mapped:
        mapping = {
            "grid_mapping_name": "rotated_latitude_longitude",
            "grid_north_pole_latitude": pole_lat,
            "grid_north_pole_longitude": pole_lon,
            **({} if radius is None else {"earth_radius": radius}),
        }
        coords["rotated_pole"] = ((), np.int32(0), mapping)
        attrs["grid_mapping"] = "rotated_pole"
    dims = ("rlat", "rlon")
    if with_places:
        places = angles_of(normal(x[np.newaxis, :], y[:, np.newaxis]))
        coords |= two_d(dims, *places)
    return Map(x, y, normal, figure, 0.05, dims, coords, attrs)


# --- curvilinear --------------------------------------------------------------------


def curvilinear(normal, x, y, *, figure=SPHERE, wrap=180.0, dims=("j", "i")):
    """Return a grid that has nothing but 2-D latitude and longitude."""
    places = angles_of(normal(x[np.newaxis, :], y[:, np.newaxis]))
    options = {} if figure.earth is None else {"earth": figure.earth}
    coords = two_d(dims, *places, wrap=wrap)
    return Map(x, y, normal, figure, 1e-3, dims, coords, {}, options)


def patch(lat, lon, *, skew=0.0, bend=0.0):
    """Return n(x, y) of a patch about a place, x and y from -1 to 1.

    ``skew`` leans its columns over, ``bend`` curves its rows.
    """
    to_place = rotated_normal(90.0 - lat, lon + 180.0)

    def normal(x, y):
        return to_place(24.0 * (x + skew * y), 17.0 * (y + bend * np.sin(1.3 * x)))

    return normal


def over_the_pole(x, y):
    """n(x, y) of a leaning net laid flat on the North Pole."""
    a, b = 0.7 * (x + 0.35 * y), 0.6 * (y - 0.15 * x)
    c, s = np.cos(0.4), np.sin(0.4)
    length = np.sqrt(1 + a * a + b * b)
    return (c * a - s * b) / length, (s * a + c * b) / length, 1.0 / length


def stretched(count):
    """Points from -1 to 1, twice as dense in the middle as at the ends."""
    s = np.linspace(-1.0, 1.0, count)
    return s - 0.3 * np.sin(np.pi * s) / np.pi
