"""Many calls, many threads, no warnings: memory stays flat, numbers stay the same."""

from __future__ import annotations

import functools
import gc
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from faults.soak import calls, numbers

import xnabla as xn

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "sample_data" / "gfs_20110115.nc"


def resident_mb() -> float:
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def caches() -> dict[str, tuple[int, int | None]]:
    """What each cache of ours holds, and may hold."""
    return {
        f"{one.__module__}.{one.__qualname__}": (
            one.cache_info().currsize,
            one.cache_info().maxsize,
        )
        for one in gc.get_objects()
        if isinstance(one, functools._lru_cache_wrapper)
        and str(one.__module__).startswith("xnabla.")
    }


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc")
@pytest.mark.parametrize(
    "count", [800, pytest.param(10_000, marks=pytest.mark.slow)], ids=["some", "many"]
)
def test_memory_is_flat(count):
    with xn.set_options(engine="numpy"):
        sizes, held = [], []
        for k, call in enumerate(calls(count, seed=1)):
            numbers(call())
            if k % (count // 4) == count // 4 - 1:
                gc.collect()
                sizes.append(resident_mb())
                held.append(caches())
    # the first quarter fills caches; after it 10 000 calls may cost 20 MB
    assert sizes[-1] - sizes[0] < 20, sizes
    for name, (now, most) in held[-1].items():
        if most is not None:
            assert now <= most, name
        else:
            before = held[1].get(name, (0, None))[0]
            assert now <= max(before + 2, 64), (name, before, now)


def test_24_threads_at_once_give_the_same_numbers():
    work = [*calls(60, seed=2)]
    alone = [numbers(call()) for call in work]
    with ThreadPoolExecutor(24) as pool:
        for _ in range(2):
            together = [*pool.map(lambda call: numbers(call()), work)]
            assert together == alone


IN_PYTHON = """
import xarray as xr, xnabla as xn, xnabla.metpy, xnabla.files, xnabla.plot
with xr.open_dataset({sample!r}, engine="netcdf4") as ds:
    t = ds["t"].sel(plev=850)
    print(xn.grid_of(t))
    parts = xn.gradient(t, units="K/km")
    parts.magnitude(); parts._repr_html_(); repr(parts)
    xn.vorticity(ds["u"], ds["v"]).compute()
    xn.gradient(ds["t"].chunk(lat=20)).to_dataset().compute()
    xnabla.files.save(parts.to_dataset(), {target!r}, overwrite=True)
    with xnabla.files.open_dataset({target!r}) as back:
        back.load()
"""


def test_it_runs_where_every_warning_is_an_error(tmp_path):
    code = IN_PYTHON.format(sample=str(SAMPLE), target=str(tmp_path / "a.nc"))
    path = os.pathsep.join([str(ROOT / "src"), os.environ.get("PYTHONPATH", "")])
    for line in (
        ["-c", code],
        ["-m", "xnabla", "gradient", str(SAMPLE), "-v", "t", "--level", "850",
         "-o", str(tmp_path / "b.nc"), "--plot", str(tmp_path / "b.png")],
    ):  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-W", "error", *line],
            env={**os.environ, "PYTHONPATH": path},
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert (done.returncode, done.stderr) == (0, "")
