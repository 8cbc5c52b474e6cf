"""A file larger than memory: the gradient of it within a budget, and what it takes.

    python benchmarks/larger_than_memory.py                  # 2 GB of values
    python benchmarks/larger_than_memory.py --gigabytes 20   # 20 GB of disk, 10 minutes

Hourly 0.25 degree fields in single precision, compressed, one map a chunk, are written
step by step. Then the command line makes both components of their gradient in a process
of its own, whose largest resident memory the system tells. Some steps of the result are
compared with what a gradient of these steps alone gives: the bits are the same.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

ROWS, COLUMNS = 721, 1440
STEP_BYTES = 4 * ROWS * COLUMNS


def make(path: Path, steps: int) -> None:
    """Write so many hours of waves that move, with noise in the digits that count."""
    import netCDF4

    lat, lon = np.linspace(90.0, -90.0, ROWS), np.arange(COLUMNS) * 0.25
    phi, lam = np.deg2rad(lat)[:, np.newaxis], np.deg2rad(lon)
    random = np.random.default_rng(0)
    # hundredths of a kelvin, as packed analyses have them; eight fields of noise serve
    noise = 0.01 * np.round(random.normal(0.0, 5.0, (8, ROWS, COLUMNS)))
    with netCDF4.Dataset(path, "w") as nc:
        axes = (
            ("time", None, "hours since 2001-01-01"),
            ("latitude", lat, "degrees_north"),
            ("longitude", lon, "degrees_east"),
        )
        for name, values, units in axes:
            nc.createDimension(name, None if values is None else len(values))
            axis = nc.createVariable(name, "f8", (name,))
            axis.setncatts({"units": units, "standard_name": name})
            axis[:] = np.arange(steps) if values is None else values
        t = nc.createVariable(
            "t2m", "f4", tuple(name for name, *_ in axes), compression="zlib",
            complevel=1, shuffle=True, chunksizes=(1, ROWS, COLUMNS),
        )  # fmt: skip
        t.setncatts({"units": "K", "standard_name": "air_temperature"})
        for k in range(steps):
            wave = np.cos(phi) ** 2 * np.cos(4.0 * lam - 0.02 * k)
            smooth = 290.0 - 40.0 * np.sin(phi) ** 2 + 5.0 * wave
            t[k] = np.round(smooth, 2) + noise[k % len(noise)]


def run(source: Path, target: Path, memory: str) -> tuple[float, float]:
    """Return the seconds of the command, and the megabytes it held at most."""
    # not ru_maxrss, which begins with what the process that started it held
    code = (
        "import sys\n"
        "from xnabla.cli import main\n"
        "try: main(sys.argv[1:])\n"
        "except SystemExit as end: code = end.code\n"
        "held = [s for s in open('/proc/self/status') if s.startswith('VmHWM')]\n"
        "print(int(held[0].split()[1]) / 1024)\n"
        "sys.exit(code)"
    )
    words = ["gradient", source, "-v", "t2m", "--units", "K/km", "--memory", memory]
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, words), "-o", str(target), "--quiet"],
        check=True,
        capture_output=True,
        text=True,
    )
    return time.perf_counter() - began, float(done.stdout.split()[-1])


def compare(source: Path, target: Path, steps: list[int]) -> None:
    """Raise unless some steps hold what a gradient of them alone gives."""
    import xarray as xr

    import xnabla as xn

    with xn.open(str(source)) as ds, xr.open_dataset(target, engine="netcdf4") as made:
        for k in steps:
            parts: Any = xn.gradient(ds["t2m"].isel(time=k).load(), units="K/km")
            for part in parts:
                got = made[part.name].isel(time=k).values
                np.testing.assert_array_equal(got, np.asarray(part.data.magnitude))


def line(gigabytes: float, memory: str, folder: str | None = None) -> list[str]:
    """Return what a run takes: values, on the disk, budget, seconds, held at most."""
    steps = max(1, round(gigabytes * 1e9 / STEP_BYTES))
    with tempfile.TemporaryDirectory(dir=folder) as place:
        source, target = Path(place, "in.nc"), Path(place, "out.nc")
        make(source, steps)
        seconds, held = run(source, target, memory)
        compare(source, target, sorted({0, steps // 2, steps - 1}))
        kept = source.stat().st_size + target.stat().st_size
    size = f"{steps} x {ROWS} x {COLUMNS}, {steps * STEP_BYTES / 1e9:.1f} GB"
    return [size, f"{kept / 1e9:.1f} GB", memory, f"{seconds:.0f} s", f"{held:.0f} MB"]


HEAD = ["values read", "both files", "budget", "took", "held at most"]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gigabytes", type=float, default=2.0)
    parser.add_argument("--memory", default="1GB")
    parser.add_argument("--folder", help="where there is room for the files")
    given = parser.parse_args()
    found = line(given.gigabytes, given.memory, given.folder)
    for name, value in zip(HEAD, found, strict=True):
        print(f"{name:13} {value}")


if __name__ == "__main__":
    main()
