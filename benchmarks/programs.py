"""The vorticity of one file by the programs people use: CDO, NCL, GrADS and xnabla.

    python benchmarks/programs.py              # 24 x 721 x 1440, read and written
    python benchmarks/programs.py --times 4

All read the same classic NetCDF file and write one of their own kind, uncompressed;
what is timed is the whole process, from the shell and back, in turn. Results are
compared first, away from poles and seam. Programs that are not installed are left out.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import xarray as xr
from made_fields import globe
from measuring import medians

_NCL = """\
a = addfile("wind.nc", "r")
vr = uv2vr_cfd(a->u, a->v, a->latitude, a->longitude, 1)
setfileoption("nc", "Format", "LargeFile")
system("rm -f ncl.nc")
b = addfile("ncl.nc", "c")
copy_VarCoords(a->u, vr)
b->vr = vr
"""

_GRADS = """\
'sdfopen wind.nc'
'set gxout fwrite'
'set fwrite grads.dat'
'set lon 0 359.75'
'set lat -90 90'
i = 1
while (i <= {times})
  'set t 'i
  'd hcurl(u,v)'
  i = i + 1
endwhile
'disable fwrite'
'quit'
"""


def _xnabla(folder: Path) -> np.ndarray:
    with xr.open_dataset(folder / "xnabla.nc", engine="netcdf4") as ds:
        return ds["vorticity"].values if "vorticity" in ds else _only(ds)


def _only(ds: xr.Dataset) -> np.ndarray:
    (one,) = (v for v in ds.data_vars.values() if v.ndim >= 3)
    return one.values.squeeze()


def _cdo(folder: Path) -> np.ndarray:
    with xr.open_dataset(folder / "cdo.nc", engine="netcdf4") as ds:
        return _only(ds)


def _ncl(folder: Path) -> np.ndarray:
    with xr.open_dataset(folder / "ncl.nc", engine="netcdf4") as ds:
        return ds["vr"].values


def _grads(folder: Path) -> np.ndarray:
    values = np.fromfile(folder / "grads.dat", dtype="<f4").reshape(-1, 721, 1440)
    return np.where(np.abs(values) > 1, np.nan, values)


def programs(times: int) -> dict[str, tuple[list[str], Callable[[Path], np.ndarray]]]:
    """Return the command of each program that is here, and what reads its result."""
    every = {
        "xnabla": (
            [sys.executable, "-m", "xnabla", "vorticity", "wind.nc", "-o", "xnabla.nc",
             "--overwrite", "--compression", "none", "--memory", "8 GB"],
            _xnabla,
        ),
        "CDO, uv2vr_cfd": (
            ["cdo", "-s", "-O", "-f", "nc2", "uv2vr_cfd", "wind.nc", "cdo.nc"],
            _cdo,
        ),
        "NCL, uv2vr_cfd": (["ncl", "-n", "-Q", "vorticity.ncl"], _ncl),
        "GrADS, hcurl": (["grads", "-blc", "vorticity.gs"], _grads),
    }  # fmt: skip
    return {name: one for name, one in every.items() if shutil.which(one[0][0])}


def prepare(folder: Path, times: int) -> None:
    """Write the wind, south to north as all of them take it, and the scripts."""
    fields = globe(times, 721, 1440)
    wind = xr.Dataset({name: fields[name] for name in "uv"}).isel(
        latitude=slice(None, None, -1)
    )
    for name in wind.variables:
        wind[name].encoding = {}
    wind.to_netcdf(folder / "wind.nc", engine="netcdf4", format="NETCDF3_64BIT")
    (folder / "vorticity.ncl").write_text(_NCL, encoding="ascii")
    script = _GRADS.format(times=times)
    (folder / "vorticity.gs").write_text(script, encoding="ascii")


def measure(times: int, repeats: int) -> list[list[str]]:
    """Return a line for each program: seconds, times xnabla's, difference from it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare(folder, times)
        found = programs(times)

        def call(command: list[str]) -> None:
            made = subprocess.run(
                command, cwd=folder, capture_output=True, text=True, check=False
            )
            if made.returncode:
                sys.exit(f"{command[0]}: {made.stdout}{made.stderr}")

        took = medians([lambda c=c: call(c) for c, _ in found.values()], repeats)
        results = [read(folder) for _, read in found.values()]
    lines = []
    inner = (slice(None), slice(60, -60), slice(4, -4))
    largest = np.nanmax(np.abs(results[0][inner]))
    for program, one, result in zip(found, took, results, strict=True):
        off = float(np.nanmax(np.abs(result[inner] - results[0][inner])) / largest)
        if not off < 0.02:
            sys.exit(f"{program} differs by {off:.1%} of the largest")
        lines.append(
            [program, f"{one / 1e3:.2f}", f"{one / took[0]:.1f}", f"{off:.1e}"]
        )
    return lines


HEAD = ["", "seconds", "x xnabla", "largest difference"]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=24)
    parser.add_argument("--repeats", type=int, default=3)
    given = parser.parse_args()
    for line in [HEAD, *measure(given.times, given.repeats)]:
        print("| " + " | ".join(line) + " |")
