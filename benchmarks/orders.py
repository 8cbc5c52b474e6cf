"""How fast the error of each operator falls, on every kind of grid and both Earths.

The fields, the winds and their derivatives are those of ``tests``: polynomials in the
unit normal of the Earth, known in closed form on the sphere and on any ellipsoid.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import xarray as xr
from atlas import MAPS
from fields import FIELDS, GLOBAL, REGIONAL, SPHERE, WGS84, Figure, labelled
from second import hessian
from textbook import GRAVITY, OMEGA
from winds import STANDARD_NAMES, WINDS, flow

import xnabla as xn

ACCURACIES = (2, 4, 6)

# Steps from pole to pole, or along a map: the coarse grid and the fine one. On a region
# one-sided rows show their order on finer grids only.
STEPS = {"globe": (45, 90), "region": (90, 180), "map": (48, 96)}

ON_THE_GLOBE = (
    "pole rows",
    "no pole rows",
    "odd number of longitudes",
    "gaussian",
    "stretched",
    "stretched one way",
    "jittered both ways",
    "seam inside",
    "closed",
    "single precision",
)
ON_A_REGION = ("across Greenwich", "across the dateline", "uneven region")
ON_A_MAP = (
    "Lambert, one parallel, sphere",
    "polar stereographic, pole on a point",
    "Mercator over the dateline",
    "transverse Mercator",
    "geostationary",
    "rotated pole",
    "rotated, only 2-D latitude and longitude tell",
    "curvilinear, skewed",
    "curvilinear, skewed and stretched, WGS84",
)

Parts = tuple[np.ndarray, ...]


@dataclass(frozen=True, eq=False)
class Ground:
    """The points of a grid, the Earth under them, and how a field is laid on them."""

    phi: np.ndarray
    lam: np.ndarray
    figure: Figure
    lay: Callable[[np.ndarray], xr.DataArray]
    options: dict[str, Any]

    def field(self, values: np.ndarray, units: str, name: str = "t") -> xr.DataArray:
        """Return values as a field on the grid."""
        made = self.lay(values).rename(name)
        made.attrs |= {"units": units}
        if name in STANDARD_NAMES:
            made.attrs["standard_name"] = STANDARD_NAMES[name]
        return made

    def stacked(self, parts: list[np.ndarray]) -> np.ndarray:
        """Return arrays one behind the other."""
        shape = np.broadcast_shapes(self.phi.shape, self.lam.shape)
        return np.stack([np.broadcast_to(part, shape) for part in parts])


def on_globe(name: str, m: int, figure: Figure) -> Ground:
    """Return a grid of latitudes and longitudes, with ``m`` steps from pole to pole."""
    globe = {**GLOBAL, **REGIONAL}[name](m)

    def lay(values: np.ndarray) -> xr.DataArray:
        first = {"kind": np.arange(len(values))} if values.ndim == 3 else {}
        return labelled(values, globe, **first)

    options = {} if figure.earth is None else {"earth": figure.earth}
    return Ground(globe.phi, globe.lam, figure, lay, options)


def on_map(name: str, m: int) -> Ground:
    """Return a projected, rotated or curvilinear grid of so many steps."""
    grid = MAPS[name](m)

    def lay(values: np.ndarray) -> xr.DataArray:
        return grid.labelled(values)

    return Ground(grid.phi, grid.lam, grid.figure, lay, dict(grid.options))


# --- what each operator makes of the fields, and what it should ----------------------


def numbers(part: xr.DataArray, units: str) -> np.ndarray:
    """Return the values of a result in a unit."""
    return np.asarray(part.data.to(units).magnitude)


def errors(ground: Ground, accuracy: int) -> dict[str, float]:
    """Return the largest error of each operator, in parts of the largest true value."""
    found: dict[str, float] = {}
    for judge in (_of_scalars, _of_winds, _of_both):
        for name, (got, exact) in judge(ground, accuracy).items():
            known = np.isfinite(got)
            size = np.abs(exact)[known].max()
            found[name] = float(np.abs(got - exact)[known].max() / size)
    return found


Judged = dict[str, tuple[np.ndarray, np.ndarray]]


def _of_scalars(ground: Ground, accuracy: int) -> Judged:
    phi, lam, figure = ground.phi, ground.lam, ground.figure
    options = {"accuracy": accuracy, **ground.options}
    f = ground.field(
        ground.stacked([one.value(phi, lam) for one in FIELDS.values()]), "K"
    )
    gradient = xn.gradient(f, **options)
    bends = [hessian(one, phi, lam, figure) for one in FIELDS.values()]
    xx, xy, yy = (ground.stacked(list(part)) for part in zip(*bends, strict=True))
    slopes = [
        ground.stacked([getattr(one, way)(phi, lam, figure) for one in FIELDS.values()])
        for way in ("north", "east")
    ]
    made = [numbers(part, "K/m**2") for part in xn.hessian(f, **options)]
    laplacian = numbers(xn.laplacian(f, **options), "K/m**2")
    return {
        "gradient": (
            np.stack([numbers(part, "K/m") for part in (gradient.y, gradient.x)]),
            np.stack(slopes),
        ),
        "Laplacian": (laplacian, xx + yy),
        "Hessian": (np.stack(made), np.stack([xx, xy, yy])),
    }


def _of_winds(ground: Ground, accuracy: int) -> Judged:
    phi, lam, figure = ground.phi, ground.lam, ground.figure
    options = {"accuracy": accuracy, **ground.options}
    blowing = [wind.uv(phi, lam) for wind in WINDS.values()]
    u, v = (
        ground.field(ground.stacked(list(part)), "m s-1", letter)
        for letter, part in zip("uv", zip(*blowing, strict=True), strict=True)
    )
    tensors = [wind.tensor(phi, lam, figure) for wind in WINDS.values()]
    tensor = [ground.stacked(list(part)) for part in zip(*tensors, strict=True)]
    exact = flow(tensor)
    exact["absolute_vorticity"] = exact["vorticity"] + 2 * OMEGA * np.sin(phi)
    parts = xn.velocity_gradient(u, v, **options)
    found = {
        "velocity gradient": (
            np.stack([numbers(part, "1/s") for part in parts]),
            np.stack(tensor),
        )
    }
    for name in (
        "vorticity",
        "divergence",
        "stretching_deformation",
        "shearing_deformation",
        "total_deformation",
        "absolute_vorticity",
    ):
        got = numbers(getattr(xn, name)(u, v, **options), "1/s")
        found[name.replace("_", " ")] = (got, exact[name])
    return found


def _of_both(ground: Ground, accuracy: int) -> Judged:
    """Judge what is made of a field and a wind, one of each."""
    phi, lam, figure = ground.phi, ground.lam, ground.figure
    options = {"accuracy": accuracy, **ground.options}
    theta, wind = FIELDS["mixed"], WINDS["mixed"]
    whole = np.zeros(np.broadcast_shapes(phi.shape, lam.shape))
    value = theta.value(phi, lam) + whole
    north, east = (
        getattr(theta, way)(phi, lam, figure) + whole for way in ("north", "east")
    )
    u_values, v_values = (part + whole for part in wind.uv(phi, lam))
    du_dx, du_dy, dv_dx, dv_dy = (
        part + whole for part in wind.tensor(phi, lam, figure)
    )
    t = ground.field(value, "K")
    u = ground.field(u_values, "m s-1", "u")
    v = ground.field(v_values, "m s-1", "v")
    length = np.hypot(east, north)
    with np.errstate(invalid="ignore", divide="ignore"):
        tightening = (
            -(east**2 * du_dx + east * north * (dv_dx + du_dy) + north**2 * dv_dy)
            / length
        )
    # it has no limit where the field is flat
    steep = length > 0.1 * np.nanmax(length)
    made = numbers(xn.frontogenesis(t, u, v, **options), "K/m/s")
    z = ground.field(100.0 * value, "m", "z")
    z.attrs["standard_name"] = "geopotential_height"
    wind_made = xn.geostrophic_wind(z, **options)
    with np.errstate(divide="ignore"):
        pull = 100.0 * GRAVITY / (2 * OMEGA * np.sin(phi))
    return {
        "advection": (
            numbers(xn.advection(t, u, v, **options), "K/s"),
            -(u_values * east + v_values * north),
        ),
        "frontogenesis": (
            np.where(steep, made, np.nan),
            np.where(steep, tightening, np.nan),
        ),
        "geostrophic wind": (
            np.stack([numbers(part, "m/s") for part in wind_made]),
            np.stack([-pull * north, pull * east]),
        ),
    }


# --- the tables ---------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """A grid and an Earth: the orders of each operator, and its errors when fine."""

    name: str
    orders: dict[str, tuple[float, ...]]
    finest: dict[str, tuple[float, ...]]


def row(name: str, make: Callable[[int], Ground], steps: tuple[int, int]) -> Row:
    """Return the orders on one kind of grid."""
    orders: dict[str, tuple[float, ...]] = {}
    finest: dict[str, tuple[float, ...]] = {}
    grounds = [make(m) for m in steps]
    for accuracy in ACCURACIES:
        coarse, fine = (errors(ground, accuracy) for ground in grounds)
        for operator, error in fine.items():
            slope = np.log2(coarse[operator] / error) / np.log2(steps[1] / steps[0])
            orders[operator] = (*orders.get(operator, ()), float(slope))
            finest[operator] = (*finest.get(operator, ()), error)
    return Row(name, orders, finest)


def rows(quick: bool = False) -> list[Row]:
    """Return the orders on all kinds of grid; a few of them, if it is to be quick."""
    makers: dict[str, tuple[Callable[[int], Ground], tuple[int, int]]] = {}
    for name in ON_THE_GLOBE[:1] if quick else ON_THE_GLOBE:
        for figure in (SPHERE,) if quick else (SPHERE, WGS84):
            make = partial(_globe, name, figure)
            makers[f"globe, {name}; {figure.name}"] = make, STEPS["globe"]
    for name in () if quick else ON_A_REGION:
        make = partial(_globe, name, WGS84)
        makers[f"region, {name}; WGS84"] = make, STEPS["region"]
    for name in ON_A_MAP[-1:] if quick else ON_A_MAP:
        figure = MAPS[name](16).figure
        short = name.removesuffix(", sphere").removesuffix(", WGS84")
        makers[f"{short}; {figure.name}"] = partial(on_map, name), STEPS["map"]
    return [row(name, make, steps) for name, (make, steps) in makers.items()]


def _globe(name: str, figure: Figure, m: int) -> Ground:
    return on_globe(name, m, figure)
