"""Gradients by geometry alone: positions in space, a plane at each point, two steps.

At a point with the unit vectors east ê and north ν, the two steps across the point
along the grid, a = P(i+1) - P(i-1) and b = P(j+1) - P(j-1), see the differences of the
field,

    g·a = f(i+1) - f(i-1),    g·b = f(j+1) - f(j-1),

which are two equations for the eastward and the northward part of g. P comes from
latitude and longitude by the closed form of the ellipsoid. Nothing here comes from
xnabla. A chord is shorter than its arc by h²/6; where latitude and longitude are the
axes themselves the arcs are known, R Δφ and R cos φ Δλ, and are taken in their place.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

EPS = float(np.finfo(np.float32).eps)


@dataclass(frozen=True)
class Compared:
    """East and north part where all neighbours are, and how well they can be known."""

    east: np.ndarray
    north: np.ndarray
    slope: np.ndarray  # the steepest way to a neighbour, in the same unit
    noise: np.ndarray  # what the rounding of single precision leaves of a difference


def in_space(lat, lon, a: float, b: float):
    """Points on an ellipsoid and the unit vectors there, along a last axis of 3."""
    phi, lam = np.deg2rad(lat), np.deg2rad(lon)
    e2 = 1 - (b / a) ** 2
    n = a / np.sqrt(1 - e2 * np.sin(phi) ** 2)
    zero = np.zeros_like(phi)
    point = (
        n * np.cos(phi) * np.cos(lam),
        n * np.cos(phi) * np.sin(lam),
        n * (1 - e2) * np.sin(phi),
    )
    east = (-np.sin(lam), np.cos(lam), zero)
    north = (-np.sin(phi) * np.cos(lam), -np.sin(phi) * np.sin(lam), np.cos(phi))
    return (np.stack(part, -1) for part in (point, east, north))


def tangent_plane(
    f, lat, lon, *, around=False, arcs=False, a=6_371_229.0, b=6_371_229.0
):
    """Return the gradient of ``f[..., y, x]`` at the points that have four neighbours.

    Parameters
    ----------
    f : array (..., y, x)
    lat, lon : array (y, x)
        In degrees.
    around : bool
        Whether the last column is the neighbour of the first.
    arcs : bool
        Whether rows are parallels and columns meridians, on a sphere.
    a, b : float
        Radii of the Earth, in metres.

    Returns
    -------
    Compared
        Arrays of the shape (..., y - 2, x), or (..., y - 2, x - 2) if not around; NaN
        where a neighbour is, and where the two steps are along nearly the same line.
    """
    f = np.asarray(f, np.float64)
    point, east, north = in_space(lat.astype(float), lon.astype(float), a, b)
    pick = slice(None) if around else slice(1, -1)

    def right(q, k, axis):
        return np.roll(q, -k, axis)

    def at(q, axes):  # the interior, in y and in x
        index = [slice(None)] * q.ndim
        index[axes[0]], index[axes[1]] = slice(1, -1), pick
        return q[tuple(index)]

    def step(q, axis, axes):
        return at(right(q, 1, axis) - right(q, -1, axis), axes)

    east, north = at(east, (0, 1)), at(north, (0, 1))
    along_x, along_y = step(point, 1, (0, 1)), step(point, 0, (0, 1))
    m = [
        (along_x * east).sum(-1),
        (along_x * north).sum(-1),
        (along_y * east).sum(-1),
        (along_y * north).sum(-1),
    ]
    if arcs:
        turn = (step(lon, 1, (0, 1)) + 180) % 360 - 180
        m[0] = a * np.cos(np.deg2rad(at(lat, (0, 1)))) * np.deg2rad(turn)
        m[1] = m[2] = np.zeros_like(m[0])
        m[3] = a * np.deg2rad(step(lat, 0, (0, 1)))
    det = m[0] * m[3] - m[1] * m[2]
    lengths = [np.linalg.norm(s, axis=-1) for s in (along_x, along_y)]
    flat = np.abs(det) < 0.2 * lengths[0] * lengths[1]
    det = np.where(flat, np.nan, det)
    dx, dy = step(f, f.ndim - 1, (-2, -1)), step(f, f.ndim - 2, (-2, -1))
    slopes = []
    for axis_f, axis_p in ((f.ndim - 1, 1), (f.ndim - 2, 0)):
        for k in (1, -1):
            rise = at(np.abs(right(f, k, axis_f) - f), (-2, -1))
            run = np.linalg.norm(at(right(point, k, axis_p) - point, (0, 1)), axis=-1)
            slopes.append(rise / np.where(run > 0, run, np.nan))
    # a gap at the point itself spreads to it as well
    gone = at(np.where(np.isnan(f), np.nan, 0.0), (-2, -1))
    size = np.nanmax(np.abs(f)) if np.isfinite(f).any() else 0.0
    return Compared(
        east=(dx * m[3] - dy * m[1]) / det + gone,
        north=(dy * m[0] - dx * m[2]) / det + gone,
        slope=np.fmax.reduce(slopes),
        noise=8 * EPS * size / np.minimum(*lengths) + 0 * det,
    )


def rotated(lat, lon, pole_lat: float, pole_lon: float):
    """Latitude and longitude of points given from a pole of their own, in degrees."""
    phi, lam = np.deg2rad(lat), np.deg2rad(lon)
    tilt = np.deg2rad(90 - pole_lat)
    x = np.cos(phi) * np.cos(lam)
    y = np.cos(phi) * np.sin(lam)
    z = np.sin(phi)
    # turn about y until the pole is where it belongs, then about the axis of the Earth
    x, z = np.cos(tilt) * x - np.sin(tilt) * z, np.sin(tilt) * x + np.cos(tilt) * z
    return (
        np.rad2deg(np.arcsin(np.clip(z, -1, 1))),
        np.rad2deg(np.arctan2(y, x)) + pole_lon + 180,
    )
