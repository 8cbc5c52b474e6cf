"""How long inversions take beside xinvert's, on the same arrays, in one run.

    python benchmarks/inversion.py             # 1 degree
    python benchmarks/inversion.py --step 2    # coarser
    python benchmarks/inversion.py --ours      # without xinvert

Each entry is the best of some calls, after one that is not counted (numba compiles and
factors are made then; both are told apart). Errors are against closed forms, in parts
of the largest value. The masked case has six basins between coasts and 70 degrees, on
which the solution vanishes: both programs know it is zero there, and nothing else.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import xarray as xr

from xnabla.descent.inversion import fill_missing, helmholtz, poisson, smooth

RADIUS_M = 6_371_200.0  # as xinvert has it


def best_of(calls: int, run: Callable[[], Any]) -> float:
    """Return the shortest time of some calls in milliseconds."""
    run()
    took = []
    for _ in range(calls):
        began = time.perf_counter()
        run()
        took.append(time.perf_counter() - began)
    return min(took) * 1e3


def globe(step: float) -> tuple[xr.DataArray, xr.DataArray]:
    """Return latitude and longitude in degrees, pole rows included."""
    lat = np.linspace(-90.0, 90.0, round(180 / step) + 1)
    lon = np.arange(round(360 / step)) * step
    return (
        xr.DataArray(lat, dims="lat", attrs={"units": "degrees_north"}),
        xr.DataArray(lon, dims="lon", attrs={"units": "degrees_east"}),
    )


def labelled(values: Any, lat: xr.DataArray, lon: xr.DataArray, units: str) -> Any:
    """Return values on the globe."""
    coords = {"lat": lat, "lon": lon}
    return xr.DataArray(
        values, dims=("lat", "lon"), coords=coords, name="f"
    ).assign_attrs(units=units)


def whole_globe(lat: xr.DataArray, lon: xr.DataArray) -> tuple[Any, Any]:
    """Return a wave that vanishes on the poles, and its Laplacian."""
    phi, lam = np.deg2rad(lat.values)[:, None], np.deg2rad(lon.values)
    exact = np.cos(phi) ** 4 * np.sin(phi) * np.cos(4 * lam)  # degree 5
    return exact, -30.0 / RADIUS_M**2 * exact


def basins(lat: xr.DataArray, lon: xr.DataArray) -> tuple[Any, Any, Any, Any]:
    """Return a field on basins of 50 degrees, its Laplacian, and where they are.

    The third array is true in the basins and on their coasts, the last inside only.
    """
    phi, lam = np.deg2rad(lat.values)[:, None], np.deg2rad(lon.values)
    east = lon.values % 60.0
    k, n = 3.6, 180.0 / 140.0
    across = np.sin(k * np.deg2rad(east)) + 0 * phi
    along = n * (phi + np.deg2rad(70.0))
    exact = across * np.sin(along)
    cos = np.maximum(np.cos(phi), 1e-9)
    bent = -(n**2) * np.sin(along) - np.tan(np.minimum(np.abs(phi), 1.5)) * np.sign(
        phi
    ) * n * np.cos(along)
    laplacian = (across * bent - k**2 / cos**2 * exact) / RADIUS_M**2
    rim = (east <= 50.0) & (np.abs(lat.values)[:, None] <= 70.0)
    inside = (east > 0.0) & (east < 50.0) & (np.abs(lat.values)[:, None] < 70.0)
    return np.where(rim, exact, 0.0), laplacian, rim + 0 * lam > 0, inside


def sor(rhs: xr.DataArray) -> Callable[[], Any]:
    """Return a call of xinvert's Poisson solver, as its documentation has it."""
    import xinvert

    settings = {
        "BCs": ["fixed", "periodic"],
        "mxLoop": 5000,
        "tolerance": 1e-11,
        "undef": np.nan,
        "printInfo": False,
    }
    return lambda: xinvert.invert_Poisson(
        rhs, dims=["lat", "lon"], coords="lat-lon", iParams=settings
    )


def error(found: Any, exact: Any, where: Any) -> float:
    """Return the largest error in parts of the largest value."""
    wrong = np.abs(np.nan_to_num(np.asarray(found)) - exact)[where]
    return float(wrong.max() / np.abs(exact).max())


def compare(
    name: str, ours: Any, theirs: Any, exact: Any, where: Any, calls: int
) -> None:
    """Print how long both take and how wrong they are."""
    mine = best_of(calls, ours)
    wrong = error(ours().solution.data.magnitude, exact, where)
    print(f"{name:24s} xnabla  {mine:9.1f} ms   error {wrong:.1e}")
    if theirs is None:
        return
    other = best_of(1, theirs)
    off = error(theirs().values, exact, where)
    print(f"{name:24s} xinvert {other:9.1f} ms   error {off:.1e}")
    faster, worse = other / mine, off / wrong
    print(f"{name:24s} {faster:.0f} times as fast, {worse:.2g} times its error")


def rest(lat: xr.DataArray, lon: xr.DataArray, calls: int) -> None:
    """Print how long everything else takes."""
    exact, _ = whole_globe(lat, lon)
    random = np.random.default_rng(0)
    holes = np.where(random.random(exact.shape) < 0.3, np.nan, exact)
    gaps = labelled(holes, lat, lon, "K")
    field = labelled(exact, lat, lon, "K")
    u, v = (labelled(10 * exact, lat, lon, "m s-1") for _ in range(2))
    ragged = labelled(~np.isnan(holes), lat, lon, "1").astype(bool)
    del ragged.attrs["units"]
    land = ragged.copy(data=basins(lat, lon)[2])
    for name, run in (
        ("smooth", lambda: smooth(field)),
        ("smooth, order 2", lambda: smooth(field, order=2)),
        ("fill 30 %", lambda: fill_missing(gaps)),
        ("fill 30 %, biharmonic", lambda: fill_missing(gaps, method="biharmonic")),
        ("helmholtz", lambda: helmholtz(u, v)),
        ("helmholtz, masked", lambda: helmholtz(u, v, mask=land)),
    ):
        print(f"{name:24s} xnabla  {best_of(calls, run):9.1f} ms")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--step", type=float, default=1.0)
    parser.add_argument("--calls", type=int, default=3)
    parser.add_argument("--ours", action="store_true")
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    lat, lon = globe(given.step)
    earth = {"earth": RADIUS_M}

    exact, laplacian = whole_globe(lat, lon)
    rhs = labelled(laplacian, lat, lon, "s-1")
    theirs = None if given.ours else sor(rhs)
    everywhere = np.ones(exact.shape, dtype=bool)
    compare(
        "Poisson, globe",
        lambda: poisson(rhs, bc={"y": "dirichlet"}, **earth),
        theirs,
        exact,
        everywhere,
        given.calls,
    )
    exact, laplacian, rim, inside = basins(lat, lon)
    rhs = labelled(np.where(rim, laplacian, np.nan), lat, lon, "s-1")
    mask = labelled(rim, lat, lon, "")
    holes = labelled(np.where(inside, laplacian, np.nan), lat, lon, "s-1")
    compare(
        "Poisson, six basins",
        lambda: poisson(rhs, mask=mask, **earth),
        None if given.ours else sor(holes),
        exact,
        inside,
        given.calls,
    )
    rest(lat, lon, given.calls)


if __name__ == "__main__":
    main()
