"""The errors of operators on waves, largest and on average, by band of latitude."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from xnabla.accuracy._sites import Site, strips
from xnabla.accuracy._waves import Truth
from xnabla.grid import Grid
from xnabla.operators import divergence, gradient, laplacian, vorticity
from xnabla.options import Accuracy
from xnabla.units import is_quantity, split_quantity

Floats = NDArray[np.float64]

# Widths a band of latitude may have, in degrees: the first that makes few enough.
_WIDTHS = (0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0)
_MOST_BANDS = 6

# Bands of a grid that goes from pole to pole, or nearly: 75 is where second derivatives
# take the next order.
_GLOBAL = (-90.0, -75.0, -60.0, -30.0, 0.0, 30.0, 60.0, 75.0, 90.0)


@dataclass(frozen=True, slots=True)
class Band:
    """A part of the points that is judged for itself.

    Attributes
    ----------
    name : str
    south, north : float
        Degrees; NaN where the band is no matter of latitude.
    """

    name: str
    south: float = float("nan")
    north: float = float("nan")


EVERYWHERE = Band("everywhere")
INSIDE = Band("inside", -90.0, 90.0)
EDGES = Band("edges")


def bands_of(site: Site) -> tuple[Band, ...]:
    """Return the bands of a grid, from south to north, then edges, then all of it."""
    phi = site.latitude_rad
    has_edges = bool(site.is_edge(1).any())
    last = ((EDGES,) if has_edges else ()) + (EVERYWHERE,)
    if phi is None:
        return (Band("inside"), *last)
    low, high = (float(np.rad2deg(f(phi))) for f in (np.nanmin, np.nanmax))
    ends: Sequence[float] = _GLOBAL
    if high - low < 120.0:
        width = next(
            (w for w in _WIDTHS if (high - low) / w <= _MOST_BANDS), _WIDTHS[-1]
        )
        first = int(np.floor(low / width))
        count = max(int(np.ceil(high / width)) - first, 1)
        ends = [width * (first + i) for i in range(count + 1)]
    found = [Band(_between(s, n), s, n) for s, n in pairwise(ends)]
    return (*found, *last)


def _between(south: float, north: float) -> str:
    """Return two latitudes for people.

    Examples
    --------
    >>> _between(-7.5, -5.0), _between(-5.0, 5.0), _between(0.0, 2.5)
    ('7.5-5S', '5S-5N', '0-2.5N')
    """
    if south < 0.0 < north:
        return f"{-south:g}S-{north:g}N"
    return f"{abs(south):g}-{abs(north):g}{'S' if south < 0.0 else 'N'}"


def _masks(
    site: Site, bands: tuple[Band, ...], accuracy: int
) -> list[NDArray[np.bool_]]:
    edge = site.is_edge(accuracy // 2)
    phi = site.latitude_rad
    degrees = None
    if phi is not None:
        degrees = np.broadcast_to(np.rad2deg(phi), site.shape)
    masks = []
    for band in bands:
        if band == EDGES:
            masks.append(edge)
        elif band == EVERYWHERE:
            masks.append(np.ones(site.shape, dtype=bool))
        elif degrees is None:
            masks.append(~edge)
        else:
            with np.errstate(invalid="ignore"):
                inside = (degrees >= band.south) & (degrees <= band.north)
            masks.append(inside & ~edge)
    return masks


Slope = Callable[[Site, Truth, Accuracy], tuple[Floats, Floats]]


def _field(site: Site, values: Floats, name: str, units: str) -> xr.DataArray:
    names = {"u": "eastward_wind", "v": "northward_wind"}
    attributes = {"units": units}
    if name in names and site.grid.kind != "plane":
        attributes["standard_name"] = names[name]
    if site.is_missing is not None:
        values = np.where(site.is_missing, np.nan, values)
    return xr.DataArray(values, dims=site.grid.dims, name=name, attrs=attributes)


def _numbers(part: xr.DataArray) -> Floats:
    data: Any = part.data
    values = split_quantity(data)[0] if is_quantity(data) else data
    return np.asarray(values, dtype=np.float64)


def _of_gradient(site: Site, truth: Truth, accuracy: Accuracy) -> tuple[Floats, Floats]:
    """Return the length of the error vector, and of the true one."""
    f = _field(site, truth.f, "f", "K")
    made = gradient(f, grid=site.grid, accuracy=accuracy)
    off = np.hypot(
        _numbers(made.x) - truth.east,
        _numbers(made.y) - truth.north,
    )
    return off, np.hypot(truth.east, truth.north)


def _of_laplacian(
    site: Site, truth: Truth, accuracy: Accuracy
) -> tuple[Floats, Floats]:
    f = _field(site, truth.f, "f", "K")
    made = laplacian(f, grid=site.grid, accuracy=accuracy)
    return np.abs(_numbers(made) - truth.laplacian), np.abs(truth.laplacian)


def _of_wind(operator: Callable[..., xr.DataArray], name: str) -> Slope:
    def judge(site: Site, truth: Truth, accuracy: Accuracy) -> tuple[Floats, Floats]:
        u, v = (_field(site, getattr(truth, c), c, "m s-1") for c in "uv")
        made = operator(u, v, grid=site.grid, accuracy=accuracy, wind="earth")
        exact: Floats = getattr(truth, name)
        return np.abs(_numbers(made) - exact), np.abs(exact)

    return judge


OPERATORS: dict[str, Slope] = {
    "gradient": _of_gradient,
    "laplacian": _of_laplacian,
    "vorticity": _of_wind(vorticity, "vorticity"),
    "divergence": _of_wind(divergence, "divergence"),
}


@dataclass(frozen=True, slots=True, eq=False)
class Errors:
    """Errors in parts of the largest true value, with a place for each band.

    Attributes
    ----------
    largest, rms : array (accuracies, operators, bands)
    known : array (accuracies, operators, bands)
        How many points have a value to judge.
    """

    largest: Floats
    rms: Floats
    known: NDArray[np.int64]


def judge(
    site: Site,
    wavelength_m: float,
    accuracies: Sequence[Accuracy],
    operators: Sequence[str],
    bands: tuple[Band, ...],
) -> Errors:
    """Return the errors of operators on one wave."""
    shape = (len(accuracies), len(operators), len(bands))
    largest, squares = np.full(shape, -np.inf), np.zeros(shape)
    known = np.zeros(shape, dtype=np.int64)
    size = np.zeros(shape[1])
    for part, rows in strips(site):
        truth = part.ground.wave(wavelength_m)
        for i, accuracy in enumerate(accuracies):
            masks = [mask[rows] for mask in _masks(part, bands, accuracy)]
            for j, name in enumerate(operators):
                off, exact = OPERATORS[name](part, truth, accuracy)
                off = off[rows]
                size[j] = max(size[j], float(np.nanmax(exact, initial=0.0)))
                for k, mask in enumerate(masks):
                    inside = off[mask]
                    inside = inside[np.isfinite(inside)]
                    known[i, j, k] += inside.size
                    squares[i, j, k] += float(np.sum(inside**2))
                    worst = float(inside.max(initial=-np.inf))
                    largest[i, j, k] = max(largest[i, j, k], worst)
    unit = np.where(size > 0.0, size, 1.0)[np.newaxis, :, np.newaxis]
    with np.errstate(invalid="ignore", divide="ignore"):
        rms = np.sqrt(squares / known) / unit  # NaN where nothing is known
    return Errors(np.where(known > 0, largest, np.nan) / unit, rms, known)


def is_too_small(grid: Grid, accuracies: Sequence[int]) -> bool:
    """Tell a grid on which the widest of some schemes has no room."""
    return min(grid.sizes) <= max(accuracies) + 2
