"""How long fits in every cell take, as ratios to xarray's own, on the same arrays.

    python benchmarks/cells.py               # 480 x 181 x 360 for the linear fits
    python benchmarks/cells.py --cells 4096  # fewer cells, everywhere

``polyfit`` and ``curvefit`` are xarray's; curvefit is measured on some of the cells
and told per cell, for it calls scipy once for each. One thread: set OMP_NUM_THREADS=1.
The memory is the largest that was held beyond the input while the trend was fitted.
"""

from __future__ import annotations

import argparse
import resource
import time
import tracemalloc
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import xarray as xr

import xnabla as xn
from xnabla.descent import fit_model, harmonic_fit, trend

YEAR_NS = 365.2425 * 86400e9


def monthly(cells: int, times: int, missing: float) -> xr.DataArray:
    """Return months of noise on a trend and a seasonal cycle, some of them missing."""
    random = np.random.default_rng(0)
    lat = max(cells // 360, 1)
    lon = min(cells, 360)
    values = random.normal(size=(times, lat, lon)).astype(np.float32)
    month = np.arange(times)[:, None, None]
    values += (280 + 0.002 * month + 5 * np.cos(2 * np.pi * month / 12)).astype("f4")
    values[random.random(values.shape) < missing] = np.nan
    return xr.DataArray(
        values,
        dims=("time", "lat", "lon"),
        coords={"time": xr.date_range("1980-01-01", periods=times, freq="MS")},
        attrs={"units": "K"},
        name="t",
    )


def decays(cells: int, times: int) -> xr.DataArray:
    """Return noisy exponentials, with other parameters in each cell."""
    random = np.random.default_rng(1)
    x = np.linspace(0.0, 10.0, times)
    spans = ((1.0, 10.0), (-2.0, 2.0), (0.5, 5.0))
    a, b, t = (random.uniform(*span, size=cells) for span in spans)
    values = exponential(x[:, None], a, b, t) + 0.3 * random.normal(size=(times, cells))
    coords = {"x": ("x", x, {"units": "1"})}
    return xr.DataArray(values, dims=("x", "cell"), coords=coords, attrs={"units": "1"})


def exponential(x: Any, a: Any, b: Any, t: Any) -> Any:
    """Return a exp(-x/t) + b."""
    return a * np.exp(-x / t) + b


def harmonics(x: Any, m: Any, s: Any, a: Any, b: Any, c: Any, d: Any) -> Any:
    """Return a mean, a trend and two harmonics of a year, at nanoseconds."""
    w = 2 * np.pi * x / YEAR_NS
    wave = a * np.cos(w) + b * np.sin(w) + c * np.cos(2 * w) + d * np.sin(2 * w)
    return m + s * x / YEAR_NS + wave


def seconds(calls: int, run: Callable[[], Any]) -> float:
    """Return the shortest processor time of some calls."""
    took = []
    for _ in range(calls):
        began = time.process_time()
        run()
        took.append(time.process_time() - began)
    return min(took)


def told(name: str, ours: float, theirs: float, least: float) -> None:
    """Print a comparison, both in microseconds a cell."""
    ratio = theirs / ours
    mark = "" if ratio >= least else "   BELOW TARGET"
    print(f"{name:<44}{ours:9.1f}{theirs:9.1f}{ratio:9.1f} x  (>= {least:g}){mark}")


def linear(cells: int, calls: int, some: int) -> None:
    """Compare trends with polyfit, harmonics with curvefit."""
    field = monthly(cells, 480, 0.02)
    count = field.size // 480
    trend(field.isel(lat=slice(0, 1)))
    theirs = seconds(1, lambda: field.polyfit("time", 1)) / count * 1e6
    for se in ("ols", "ar1"):
        ours = seconds(calls, lambda se=se: trend(field, se=se)) / count * 1e6
        told(f"trend, 2 % NaN, se={se} | polyfit", ours, theirs, 5)
    few = field.isel(lat=slice(0, 1), lon=slice(0, some))
    coordinate = few.time.values.astype("datetime64[ns]").astype(np.float64)
    number = few.assign_coords(time=coordinate)
    start = dict(zip("msabcd", (280.0, 0.1, 1.0, 1.0, 1.0, 1.0), strict=True))
    theirs = seconds(
        1, lambda: number.curvefit("time", harmonics, p0=start, errors="ignore")
    )
    ours = seconds(calls, lambda: harmonic_fit(field, n=2)) / count * 1e6
    told("harmonic_fit(n=2) and trend | curvefit", ours, theirs / few[0].size * 1e6, 80)


def nonlinear(cells: int, some: int, times: int, least: float) -> None:
    """Compare fit_model with curvefit, and their sums of squares."""
    field = decays(cells, times)
    start = {"a": 5.0, "b": 0.1, "t": 2.0}
    few = field.isel(cell=slice(0, some))
    found: dict[str, Any] = {}

    def ours() -> None:
        found["ours"] = fit_model(field, exponential, "x", params=start)

    def theirs() -> None:
        found["theirs"] = few.curvefit("x", exponential, p0=start, errors="ignore")

    ours()
    took = seconds(2, ours) / cells * 1e6
    told(
        f"fit_model, {times} times | curvefit",
        took,
        seconds(1, theirs) / some * 1e6,
        least,
    )
    p = found["theirs"].curvefit_coefficients.transpose("param", "cell").values
    best = ((few.values - exponential(few.x.values[:, None], *p)) ** 2).sum(axis=0)
    cost = np.asarray(found["ours"].cost.data.magnitude)[:some]
    higher = cost > best * (1 + 1e-6)
    claimed = higher & found["ours"].converged.values[:some]
    above = f"{higher.sum()} of {some}, {claimed.sum()} unsaid"
    print(f"    cells above scipy's cost: {above}")


def memory(cells: int) -> None:
    """Print the memory that a trend holds beyond its input."""
    field = monthly(cells, 480, 0.02)
    tracemalloc.start()
    trend(field)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    size = field.nbytes
    ratio = (peak + size) / size
    mark = "" if ratio <= 2 else "   ABOVE TARGET"
    print(
        f"memory of a trend: input {size / 2**20:.0f} MiB, with it {ratio:.2f} x input "
        f"(<= 2){mark}"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cells", type=int, default=181 * 360)
    parser.add_argument("--some", type=int, default=300, help="cells for curvefit")
    parser.add_argument("--calls", type=int, default=2)
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    print(f"xnabla {xn.__version__}, xarray {xr.__version__}, {given.cells} cells")
    print(
        f"{'microseconds of processor a cell':<44}{'xnabla':>9}{'other':>9}{'ratio':>9}"
    )
    linear(given.cells, given.calls, given.some)
    nonlinear(min(given.cells, 20_000), given.some, 45, 5)
    nonlinear(min(given.cells, 4_096), given.some, 480, 2)
    memory(given.cells)
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
    print(f"largest resident size of the run: {most:.0f} MiB")


if __name__ == "__main__":
    main()
