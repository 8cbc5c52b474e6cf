"""How long walks on a field take, beside MetPy, gudhi and scipy on the same arrays.

    python benchmarks/surface.py             # a year of 6-hourly fields of 1 degree
    python benchmarks/surface.py --fields 40 # fewer
    python benchmarks/surface.py --large     # and a field of 1377 x 2145

All in one run; each entry is the best of some calls, after one that is not counted
(numba compiles then). MetPy and solve_ivp are called once less often: they take long.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import xarray as xr

from xnabla.descent.surface import (
    basins,
    closed_contours,
    find_extrema,
    persistence_diagram,
    steepest_path,
)

LAT, LON = np.linspace(90.0, -90.0, 181), np.arange(360.0)


def pressure(times: int, seed: int = 0) -> xr.DataArray:
    """Return fields of 1 degree with lows of 300 km and more that move on, in hPa."""
    from scipy.ndimage import gaussian_filter

    rng = np.random.default_rng(seed)
    large, small = (
        gaussian_filter(rng.normal(size=(181, 360)), width, mode=("nearest", "wrap"))
        for width in (8.0, 4.0)
    )
    shape = np.cos(np.deg2rad(LAT))[:, np.newaxis]
    values = np.empty((times, 181, 360), np.float32)
    for t in range(times):
        moved = 12 * np.roll(large, t % 360, 1) / large.std()
        values[t] = 1010 + shape * (moved + 4 * np.roll(small, 2 * t, 1) / small.std())
    return xr.DataArray(
        values,
        dims=("time", "latitude", "longitude"),
        coords={
            "latitude": ("latitude", LAT, {"units": "degrees_north"}),
            "longitude": ("longitude", LON, {"units": "degrees_east"}),
        },
        name="msl",
        attrs={"units": "hPa", "long_name": "mean sea level pressure"},
    )


def best_of(calls: int, run: Callable[[], Any], *, warm: bool = True) -> float:
    """Return the shortest time of some calls in milliseconds."""
    if warm:
        run()
    took = []
    for _ in range(calls):
        began = time.perf_counter()
        run()
        took.append(time.perf_counter() - began)
    return min(took) * 1e3


def told(name: str, ms: float, other: str = "", other_ms: float = 0.0) -> None:
    """Print one line."""
    beside = f"   {other} {other_ms:10.1f} ms, {other_ms / ms:6.1f} times as long"
    print(f"{name:46s} {ms:9.2f} ms{beside if other else ''}")


def against_metpy(field: xr.DataArray) -> None:
    """Time the extrema of one field, refined and labelled, and the pairs alone."""
    from metpy.calc import peak_persistence

    values = field.values.astype(np.float64)
    theirs = best_of(2, lambda: peak_persistence(values, maxima=False), warm=False)
    ours = best_of(
        7, lambda: find_extrema(field, kind="minimum", min_persistence="2 hPa")
    )
    told("find_extrema, minima of 2 hPa, 1 degree", ours, "MetPy", theirs)
    every = best_of(7, lambda: find_extrema(field, kind="minimum"))
    told("find_extrema, every minimum", every, "MetPy", theirs)


def against_gudhi(field: xr.DataArray) -> None:
    """Time the pairs of a field."""
    import gudhi

    values = field.values.astype(np.float64)

    def theirs() -> Any:
        made = gudhi.PeriodicCubicalComplex(
            top_dimensional_cells=values, periodic_dimensions=[False, True]
        )
        return made.persistence(2, 0)

    ours = best_of(7, lambda: persistence_diagram(field))
    told("persistence_diagram", ours, "gudhi", best_of(2, theirs))


def against_scipy(field: xr.DataArray, count: int) -> None:
    """Time many paths at once beside an ODE solver, one by one, on a spline."""
    from scipy.integrate import solve_ivp
    from scipy.interpolate import RectBivariateSpline

    rng = np.random.default_rng(1)
    starts = np.stack([rng.uniform(-60, 60, count), rng.uniform(20, 340, count)], 1)
    spline = RectBivariateSpline(LAT[::-1], LON, field.values[::-1].astype(float))

    def fall(_: float, place: Any) -> Any:
        lat, lon = place
        cos = max(np.cos(np.deg2rad(lat)), 0.05)
        dy = spline.ev(lat, lon, dx=1)
        dx = spline.ev(lat, lon, dy=1) / cos
        norm = np.hypot(dx, dy) + 1e-12
        return [-dy / norm, -dx / norm / cos]

    few = max(1, count // 20)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        ours = best_of(3, lambda: steepest_path(field, starts))
        paths = steepest_path(field, starts[:few])
    # to just before the low, where a path of unit speed would turn to and fro
    degrees = 0.95 * paths["length"].data.magnitude / 111.2

    def theirs() -> None:
        for start, end in zip(starts[:few], degrees, strict=True):
            solve_ivp(fall, (0.0, end), start, rtol=1e-4, atol=1e-4)

    each = best_of(1, theirs, warm=False) * count / few
    told(f"steepest_path, {count} paths", ours, f"solve_ivp ({few} timed)", each)


def large() -> xr.DataArray:
    """Return a field of the size of HRRR, with lows of all sizes."""
    from scipy.ndimage import gaussian_filter

    rng = np.random.default_rng(2)
    values = sum(
        width * gaussian_filter(rng.normal(size=(1377, 2145)), width)
        for width in (1.0, 4.0, 16.0, 64.0)
    )
    return xr.DataArray(
        (1010.0 + 10.0 * values / values.std()).astype(np.float32),
        dims=("y", "x"),
        coords={
            "y": ("y", np.arange(1377) * 2.54, {"units": "km"}),
            "x": ("x", np.arange(2145) * 2.54, {"units": "km"}),
        },
        name="msl",
        attrs={"units": "hPa"},
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fields", type=int, default=1460)
    parser.add_argument("--paths", type=int, default=1000)
    parser.add_argument("--large", action="store_true")
    given = parser.parse_args()
    field = pressure(1)[0]
    against_metpy(field)
    against_gudhi(field)
    against_scipy(field, given.paths)
    told("basins", best_of(3, lambda: basins(field, min_persistence="2 hPa")))
    told(
        "closed_contours every 4 hPa",
        best_of(
            3,
            lambda: closed_contours(field, min_persistence="2 hPa", interval="4 hPa"),
        ),
    )
    if given.large:
        big = large()
        took = best_of(2, lambda: find_extrema(big, min_persistence="2 hPa"))
        told("find_extrema, lows and highs, 1377 x 2145", took)
    year = pressure(given.fields)
    took = best_of(1, lambda: find_extrema(year, min_persistence="2 hPa"), warm=False)
    found = f"lows and highs of {given.fields} fields in one run"
    told(found, took)
    lazy = year.chunk(time=100)
    took = best_of(1, lambda: find_extrema(lazy, min_persistence="2 hPa"), warm=False)
    told(f"{found}, lazy", took)


if __name__ == "__main__":
    main()
