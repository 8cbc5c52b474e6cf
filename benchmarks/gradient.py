"""How long the gradient takes, as ratios to a copy of the same arrays, in one run.

    python benchmarks/gradient.py            # 24 x 721 x 1440 single precision
    python benchmarks/gradient.py --times 4  # smaller

Each entry is the best of some calls, after one that is not counted (numba compiles
then). The copy reads the field once and writes two of its size: no gradient is faster.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import xarray as xr

import xnabla as xn


def field_of(times: int) -> xr.DataArray:
    """Return a global 0.25 degree field like that of a reanalysis."""
    lat, lon = np.linspace(90.0, -90.0, 721), np.arange(1440) * 0.25
    phi, lam = np.deg2rad(lat)[:, None], np.deg2rad(lon)[None, :]
    wave = 250 + 40 * np.cos(phi) + 10 * np.cos(phi) ** 4 * np.cos(5 * lam)
    values = wave + np.arange(times)[:, None, None]
    return xr.DataArray(
        values.astype(np.float32),
        dims=("time", "latitude", "longitude"),
        coords={
            "latitude": ("latitude", lat, {"units": "degrees_north"}),
            "longitude": ("longitude", lon, {"units": "degrees_east"}),
        },
        attrs={"units": "K"},
        name="t",
    )


def best_of(calls: int, run: Callable[[], Any]) -> float:
    """Return the shortest time of some calls in milliseconds."""
    run()
    took = []
    for _ in range(calls):
        began = time.perf_counter()
        run()
        took.append(time.perf_counter() - began)
    return min(took) * 1e3


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=24)
    parser.add_argument("--calls", type=int, default=3)
    given = parser.parse_args()
    field = field_of(given.times)
    values = field.values
    targets = (np.empty_like(values), np.empty_like(values))
    entries: dict[str, Callable[[], Any]] = {
        "copy (read once, write twice)": lambda: [
            np.copyto(target, values) for target in targets
        ],
        "xnabla, numba": lambda: _engine(field, "numba"),
        "xnabla, numpy (the reference)": lambda: _engine(field, "numpy"),
        "numpy.gradient (no metres)": lambda: np.gradient(values, axis=(1, 2)),
        "xarray.differentiate (degrees)": lambda: [
            field.differentiate(dim) for dim in ("latitude", "longitude")
        ],
    }
    metpy = _metpy(field)
    if metpy is not None:
        entries["MetPy geospatial_gradient"] = metpy
    print(f"{field.shape} {field.dtype}, {values.nbytes / 2**20:.0f} MiB")
    limit = 0.0
    for name, run in entries.items():
        took = best_of(given.calls, run)
        limit = limit or took
        print(f"{name:<32} {took:9.1f} ms  {took / limit:7.1f} x copy")


def _engine(field: xr.DataArray, engine: str) -> Any:
    with xn.set_options(engine=engine):
        return xn.gradient(field, units="K/km")


def _metpy(field: xr.DataArray) -> Callable[[], Any] | None:
    try:
        import metpy.calc as mpcalc
    except ImportError:
        return None
    return lambda: mpcalc.geospatial_gradient(field)


if __name__ == "__main__":
    main()
