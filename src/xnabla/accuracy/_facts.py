"""What a grid is like: steps, cells, seam, poles, and the rounding of coordinates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from xnabla.accuracy._sites import Site
from xnabla.grid import Axis, parallel_factor

Floats = NDArray[np.float64]

# Points no further off than this part of a step are what they should be: multiples of
# 2.5 degrees, say, which single precision holds to the last bit.
_EXACT = 1e-9


@dataclass(frozen=True, slots=True)
class Rounding:
    """How far the points of an axis may be off for the digits they are stored with.

    Attributes
    ----------
    dim : str
    stored : str
        The type of the numbers: ``float32``.
    metres : float
        How far off, at most.
    part_of_step : float
        The same, in parts of the smallest step: so far off may a gradient be.
    is_mended : bool
        Whether the points were taken as evenly spaced, which takes the rounding out.
    """

    dim: str
    stored: str
    metres: float
    part_of_step: float
    is_mended: bool


@dataclass(frozen=True, slots=True)
class Shape:
    """The cells of a grid.

    Attributes
    ----------
    grid_length_km : float
        The longer of the two steps at a point; the median over the grid.
    shortest_km, longest_km : float
        Of all steps.
    aspect : pair of float
        Step along y by step along x: smallest and largest.
    skew_deg : float
        How far from a right angle two lines of the grid meet at most; 99 of 100 points
        do better.
    """

    grid_length_km: float
    shortest_km: float
    longest_km: float
    aspect: tuple[float, float]
    skew_deg: float


def shape_of(site: Site) -> Shape:
    """Return what the cells of a grid are like."""
    dy, dx = _steps_m(site)
    with np.errstate(divide="ignore", invalid="ignore"):
        aspect = dy / dx
    known = aspect[np.isfinite(aspect) & (aspect > 0.0)]
    every = np.concatenate([dy.ravel(), dx.ravel()])
    every = every[np.isfinite(every) & (every > 0.0)] / 1e3
    longer = np.fmax(dy, dx)
    longer = longer[np.isfinite(longer)]
    ends = (float(known.min()), float(known.max())) if known.size else (np.nan, np.nan)
    return Shape(
        float(np.median(longer)) / 1e3,
        float(every.min()),
        float(every.max()),
        ends,
        _skew_deg(site),
    )


def _steps_m(site: Site) -> tuple[Floats, Floats]:
    """Return the steps along y and x, broadcastable to the points; NaN on a pole."""
    grid = site.grid
    if grid.surface is not None:
        along_y, along_x = grid.surface.steps_m()
        return (
            np.pad(along_y, [(0, 1), (0, 0)], constant_values=np.nan),
            np.pad(along_x, [(0, 0), (0, 1)], constant_values=np.nan),
        )
    y, x = site.axes
    # the steps between points, at the first of the two; the last has that before it
    dy, dx = (np.abs(np.diff(axis.line.points)) for axis in (y, x))
    dy, dx = (np.append(steps, steps[-1:]) for steps in (dy, dx))
    if grid.kind == "plane":
        return np.broadcast_arrays(dy[:, np.newaxis], dx[np.newaxis, :])  # type: ignore[return-value]
    phi = y.line.points
    radius = 1.0 / parallel_factor(grid.earth, phi)
    radius = np.where(radius > 1.0, radius, np.nan)  # none on a pole
    dy = dy * grid.earth.meridional_radius_m(phi)
    lengths = radius[:, np.newaxis] * np.array([[dx.min(), np.median(dx), dx.max()]])
    return np.broadcast_arrays(dy[:, np.newaxis], lengths)  # type: ignore[return-value]


def _skew_deg(site: Site) -> float:
    surface = site.grid.surface
    if surface is None:
        return 0.0
    j = surface.jacobian(2)
    with np.errstate(invalid="ignore", divide="ignore"):
        cosine = (j.x_east * j.y_east + j.x_north * j.y_north) / (
            j.length_x * j.length_y
        )
    cosine = np.abs(cosine[np.isfinite(cosine)])
    if not cosine.size:
        return float("nan")
    return float(np.rad2deg(np.arcsin(min(float(np.quantile(cosine, 0.99)), 1.0))))


def roundings_of(site: Site, field: xr.DataArray | None) -> tuple[Rounding, ...]:
    """Return the rounding of the coordinates, where there is any.

    Parameters
    ----------
    site : Site
    field : DataArray or None
        Holds the coordinates as they are stored; a grid alone knows them no more.
    """
    surface = site.grid.surface
    if surface is not None and surface.rounding_m > 0.0:
        step = shape_of(site).shortest_km * 1e3
        off = surface.rounding_m
        name = " and ".join(surface.dims)
        return (Rounding(name, "float32", off, off / step, is_mended=False),)
    found = []
    for axis in site.axes:
        stored = _stored(axis, field)
        if stored is None:
            continue
        low, _ = site.grid.spacing_km(axis)
        part = _off_by(axis, stored)
        if part > _EXACT:
            is_even = axis.line.step is not None
            off = part * low * 1e3
            found.append(Rounding(axis.dim, str(stored.dtype), off, part, is_even))
    return tuple(found)


def _stored(axis: Axis, field: xr.DataArray | None) -> NDArray[Any] | None:
    """Return the points of an axis as stored, if in single precision."""
    if field is None or axis.coordinate not in field.coords:
        return None
    values = np.asarray(field.coords[axis.coordinate].values)
    return values if values.dtype == np.float32 and values.ndim == 1 else None


def _off_by(axis: Axis, stored: NDArray[Any]) -> float:
    """Return how far off stored points are, in parts of the smallest step."""
    points = stored.astype(np.float64)
    steps = np.abs(np.diff(points))
    steps = steps[steps < 180.0] if axis.role == "longitude" else steps
    if not steps.size:
        return 0.0
    if axis.line.step is None:  # nobody knows better: half a unit in the last place
        return float(np.spacing(np.abs(stored).max()) / 2.0 / steps.min())
    # against the even steps the points were taken to have
    even = np.arange(points.size) * np.copysign(np.median(steps), axis.line.step * 1.0)
    turned = np.unwrap(points, period=360.0) if axis.role == "longitude" else points
    known = np.polynomial.Polynomial.fit(even, turned, 1)(even)
    return float(np.abs(turned - known).max() / steps.min())


@dataclass(frozen=True, slots=True)
class Storage:
    """What the digits of a field's values leave of its gradient.

    Attributes
    ----------
    what : str
    noise_per_km : float
        How far off a gradient is at most for it, in ``unit``.
    unit : str
    """

    what: str
    noise_per_km: float
    unit: str


def storage_of(field: xr.DataArray | None, shortest_km: float) -> Storage | None:
    """Return what packing or single precision costs, of two neighbours a step apart.

    A centred difference is over two steps of which both ends are off by half a unit.
    """
    if field is None or not np.isfinite(shortest_km):
        return None
    scale = field.encoding.get("scale_factor")
    units = str(field.attrs.get("units", "")).strip() or "its unit"
    if scale is not None:
        size = abs(float(np.asarray(scale).item()))
        kind = np.dtype(field.encoding.get("dtype", "i2"))
        what = f"values packed as {kind}, in steps of {size:.4g} {units}"
        return Storage(what, size / (2.0 * shortest_km), f"{units} per km")
    if field.dtype == np.float32:
        size = float(np.finfo(np.float32).eps)
        what = "values in single precision"
        return Storage(what, size / (2.0 * shortest_km), "parts of the value per km")
    return None
