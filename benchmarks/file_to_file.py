"""From file to file: both components of a gradient, beside xarray and MetPy.

    python benchmarks/file_to_file.py  # 48 x 721 x 1440: 200 MB in, 400 MB out
    python benchmarks/file_to_file.py --times 6    # smaller

All read the same compressed file and write zlib level 1 with shuffle, one map a chunk.
"xarray" reads the field and writes two that are computed already: no program that reads
and writes with netCDF4 is faster. Each job is timed in a process of its own that is
confined to so many cores, after a first one that is not counted; they take turns.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

_DEFLATED = {"zlib": True, "complevel": 1, "shuffle": True}


def make(path: str, times: int) -> None:
    """Write a global 0.25 degree field with the noise that analyses have."""
    import numpy as np
    from made_fields import globe

    field = globe(times, 721, 1440)["t"]
    noise = np.random.default_rng(0)
    for k in range(times):
        field.values[k] += noise.normal(0.0, 0.05, field.shape[1:]).astype(np.float32)
    _write(field.to_dataset(), path)


def _write(dataset, path: str) -> None:  # type: ignore[no-untyped-def]
    encoding = {
        name: {**_DEFLATED, "chunksizes": (1, *variable.shape[1:])}
        for name, variable in dataset.data_vars.items()
    }
    dataset.to_netcdf(path, engine="netcdf4", encoding=encoding)


def ours(source: str, target: str) -> Callable[[], None]:
    """Return the job as the command line does it."""
    from xnabla.recipes import Job, run

    job = Job("gradient", source, "t", output=target, overwrite=True)

    def call() -> None:
        run(job)

    return call


def library(source: str, target: str) -> Callable[[], None]:
    """Return a job that only reads and writes, with xarray and netCDF4."""
    import xarray as xr

    import xnabla as xn

    with xr.open_dataset(source, engine="netcdf4") as ds:
        made = xn.gradient(ds["t"].load()).to_dataset()

    def call() -> None:
        with xr.open_dataset(source, engine="netcdf4") as ds:
            ds["t"].load()
        _write(made, target)

    return call


def metpy(source: str, target: str) -> Callable[[], None]:
    """Return the job with MetPy between xarray's reading and writing."""
    import metpy.calc as mpcalc
    import xarray as xr

    def call() -> None:
        with xr.open_dataset(source, engine="netcdf4") as ds:
            parts = mpcalc.gradient(ds["t"].load(), axes=("latitude", "longitude"))
        names = ("dt_dy", "dt_dx")
        made = {n: p.metpy.dequantify() for n, p in zip(names, parts, strict=True)}
        # MetPy computes with the double precision of the coordinates
        _write(xr.Dataset(made).astype("float32"), target)

    return call


CONTESTANTS = {"xnabla": ours, "xarray": library, "MetPy": metpy}
RUNS = (("xnabla", 2), ("xnabla", 1), ("xarray", 2), ("MetPy", 2))


def timed(name: str, cores: int, source: str, target: str) -> float:
    """Return the seconds of one job in a process of its own."""
    done = subprocess.run(
        [sys.executable, __file__, "--child", name, str(cores), source, target],
        check=True,
        capture_output=True,
        text=True,
    )
    return float(done.stdout)


def child(name: str, cores: str, source: str, target: str) -> None:
    """Print how long a job takes the second time."""
    if hasattr(os, "sched_setaffinity"):
        mine = sorted(os.sched_getaffinity(0))[: int(cores)]
        os.sched_setaffinity(0, mine)
    call = CONTESTANTS[name](source, target)
    call()
    began = time.perf_counter()
    call()
    print(time.perf_counter() - began)


def check_same(folder: Path) -> None:
    """Raise unless the files hold the same numbers, in the precision of the data."""
    import numpy as np
    import xarray as xr

    with (
        xr.open_dataset(folder / "xnabla2.nc", engine="netcdf4") as one,
        xr.open_dataset(folder / "xarray2.nc", engine="netcdf4") as other,
    ):
        for name in one.data_vars:
            np.testing.assert_array_equal(one[name].values, other[name].values)


def measured(folder: Path, times: int, rounds: int) -> dict[tuple[str, int], float]:
    """Return the median seconds of each contestant."""
    source = str(folder / "in.nc")
    make(source, times)
    took: dict[tuple[str, int], list[float]] = {run: [] for run in RUNS}
    for _ in range(rounds):
        for name, cores in RUNS:
            target = str(folder / f"{name}{cores}.nc")
            Path(target).unlink(missing_ok=True)
            took[name, cores].append(timed(name, cores, source, target))
    check_same(folder)
    for name, cores in RUNS:
        size = (folder / f"{name}{cores}.nc").stat().st_size
        print(f"{name} wrote {size / 1e6:.0f} MB")
    return {run: statistics.median(seconds) for run, seconds in took.items()}


def lines(times: int, rounds: int = 3) -> list[list[str]]:
    """Return a line for each contestant and number of cores."""
    with tempfile.TemporaryDirectory() as folder:
        took = measured(Path(folder), times, rounds)
    best = took["xnabla", 2]
    return [
        [name, str(cores), f"{seconds:.2f}", f"{seconds / best:.2f}"]
        for (name, cores), seconds in took.items()
    ]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=48)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--child", nargs=4)
    given = parser.parse_args()
    if given.child:
        child(*given.child)
        return
    print(f"{'':8} {'cores':>5} {'seconds':>8} {'x xnabla':>8}")
    for name, cores, seconds, ratio in lines(given.times, given.rounds):
        print(f"{name:8} {cores:>5} {seconds:>8} {ratio:>8}")


if __name__ == "__main__":
    main()
