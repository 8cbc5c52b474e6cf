"""A machine that is too small, or changes under the run: code 3 or 2, and no harm done.

Rows 2, 5, 6, 8, 9, 11, 13 and 14 of the table of faults, from the command line.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import netCDF4
import numpy as np
import pytest
import xarray as xr
from faults.conftest import bits, leftovers, noise

from xnabla.errors import FileError
from xnabla.files import open_dataset

OLD = b"what was there before"
MB = 1_000_000


@pytest.fixture
def disk(tmp_path):
    """Give a function that makes a disk of a size, where we may."""
    made = []

    def make(size: str) -> Path:
        folder = tmp_path / f"disk{len(made)}"
        folder.mkdir()
        line = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
        if shutil.which("mount") is None or os.geteuid() != 0:
            pytest.skip("needs the right to mount a disk")
        if subprocess.run(line, capture_output=True, check=False).returncode:
            pytest.skip("needs the right to mount a disk")
        made.append(folder)
        return folder

    yield make
    for folder in made:
        subprocess.run(["umount", "-l", folder], check=True)


@pytest.mark.parametrize("before", [None, OLD], ids=["absent", "old"])
def test_a_full_disk(children, source, told, disk, before):
    folder = disk("1m")
    if before is not None:
        (folder / "out.nc").write_bytes(before)
    ending = children.do(
        "program", "gradient", source, "-o", "out.nc", "--overwrite", folder=folder
    )
    told(ending, "'out.nc' was not written", "no space left", "df -h", code=3)
    assert [f.name for f in folder.iterdir()] == (["out.nc"] if before else [])
    assert before is None or (folder / "out.nc").read_bytes() == before


@pytest.mark.parametrize("target", ["-o", "--plot"])
@pytest.mark.parametrize("before", [None, OLD], ids=["absent", "old"])
def test_a_limit_of_the_size_of_files(children, source, told, tmp_path, target, before):
    path = tmp_path / ("out.nc" if target == "-o" else "out.png")
    if before is not None:
        path.write_bytes(before)
    # compiled kernels are kept in files, too: they are made before
    line = ("program", "gradient", source, "--time", "0")
    assert children.do(*line, folder=tmp_path).code == 0
    ending = children.do(
        *line, target, path.name, "--overwrite",
        folder=tmp_path, limits={"RLIMIT_FSIZE": 20_000},
    )  # fmt: skip
    told(ending, f"'{path.name}'", "ulimit -f", code=3)
    assert leftovers(tmp_path) == []
    assert (path.read_bytes() if path.exists() else None) == before


def test_a_full_disk_for_the_picture_leaves_no_file_either(
    children, source, told, disk, tmp_path
):
    full = disk("16k")
    ending = children.do(
        "program", "gradient", source, "--time", "0", "-o", "out.nc",
        "--plot", full / "out.png", folder=tmp_path,
    )  # fmt: skip
    told(ending, "out.png", "no space left", code=3)
    assert list(tmp_path.glob("*.nc")) == []
    assert list(full.iterdir()) == []


def test_a_disk_that_is_read_only(children, source, told, disk):
    folder = disk("8m")
    (folder / "out.nc").write_bytes(OLD)
    subprocess.run(["mount", "-o", "remount,ro", folder], check=True)
    for target in ("out.nc", "new.nc", "new.png"):
        option = "--plot" if target.endswith("png") else "-o"
        ending = children.do(
            "program", "gradient", source, option, target, "--overwrite", folder=folder
        )
        told(ending, f"'{target}'", folder)
    assert (folder / "out.nc").read_bytes() == OLD
    assert [f.name for f in folder.iterdir()] == ["out.nc"]


def test_a_folder_of_somebody_else(children, told):
    """Permissions do not bind the superuser: so a child gives its rights away."""
    if os.geteuid() != 0:
        pytest.skip("needs the right to give rights away")
    import tempfile

    with tempfile.TemporaryDirectory(prefix="xnabla-") as name:
        folder = Path(name)
        source = noise(folder / "noise.nc", times=1)
        folder.chmod(0o755)
        source.chmod(0o644)
        ending = children.do(
            "program", "gradient", source, "-o", "out.nc", folder=folder, user=65534
        )
        told(ending, "'out.nc' cannot be written", "no permission")
        assert [f.name for f in folder.iterdir()] == ["noise.nc"]


def test_a_missing_folder_is_told_before_anything_is_read(children, told, tmp_path):
    ending = children.do(
        "program", "gradient", "none.nc", "-o", "no/out.nc", folder=tmp_path
    )
    told(ending, "'no/out.nc'", "there is no directory 'no'", "mkdir -p no")


def test_too_little_memory(children, told, tmp_path, source):
    """300 MB of values asked for whole, with 200 MB to be had."""
    path = tmp_path / "large.nc"
    with netCDF4.Dataset(path, "w") as file:
        for name, size in (("time", 300), ("lat", 361), ("lon", 720)):
            file.createDimension(name, size)
        lat = file.createVariable("lat", "f8", ("lat",))
        lat[:], lat.units = np.linspace(90, -90, 361), "degrees_north"
        lon = file.createVariable("lon", "f8", ("lon",))
        lon[:], lon.units = np.arange(720) / 2, "degrees_east"
        chunks = {"chunksizes": (1, 361, 720), "zlib": True}
        t = file.createVariable("t", "f4", ("time", "lat", "lon"), **chunks)
        t.units = "K"
    line = ("program", "gradient", path, "-o", "out.nc", "--memory", "20 GB")
    small = ("program", "gradient", source, "--time", "0")
    least = next(
        most
        for most in range(500 * MB, 4000 * MB, 100 * MB)
        if children.do(*small, folder=tmp_path, limits={"RLIMIT_AS": most}).code == 0
    )
    ending = children.do(*line, folder=tmp_path, limits={"RLIMIT_AS": least + 200 * MB})
    told(ending, "memory", code=3)
    assert [f.name for f in tmp_path.iterdir()] == ["large.nc"]


CHANGES = ["cut", "overwritten", "replaced", "removed"]


@pytest.mark.parametrize("kind", ["classic", "netcdf4"])
@pytest.mark.parametrize("how", CHANGES)
def test_an_input_that_changes_while_it_is_read(children, told, tmp_path, how, kind):
    """In its place: refused. Another of its name, or none: the one opened is used."""
    first = noise(tmp_path / "noise.nc", times=3)
    noise(tmp_path / "other.nc", times=3, seed=1)
    if kind == "classic":
        for name in ("noise.nc", "other.nc"):
            with xr.open_dataset(tmp_path / name, engine="netcdf4") as ds:
                ds.load()
            ds.to_netcdf(tmp_path / name, format="NETCDF3_CLASSIC", engine="netcdf4")
    line = ("gradient", first, "-v", "t", "-o")
    assert children.do("program", *line, "right.nc", folder=tmp_path).code == 0
    ending = children.do(
        "input_changes", tmp_path / "other.nc", how, *line, "out.nc", folder=tmp_path
    )
    if how in ("cut", "overwritten"):
        told(ending, "noise.nc", "has changed since it was opened")
        assert not (tmp_path / "out.nc").exists()
    else:
        assert ending.code == 0, ending
        assert bits(tmp_path / "out.nc") == bits(tmp_path / "right.nc")
    assert leftovers(tmp_path) == []


def test_a_lazy_file_that_changed_is_not_read_in_python_either(tmp_path):
    path = noise(tmp_path / "noise.nc", times=3)
    with open_dataset(path, chunks={"time": 1}) as ds:
        assert np.isfinite(ds["t"][0].values).all()
        os.truncate(path, path.stat().st_size - 1000)
        with pytest.raises(FileError, match="has changed since it was opened"):
            ds["t"].load()


def test_damaged_values_are_told_with_the_variable(children, told, tmp_path):
    """It was called a fault of xnabla: the library says "NetCDF: HDF error"."""
    import h5py

    path = noise(tmp_path / "noise.nc", times=3)
    with h5py.File(path) as file:
        chunk = file["t"].id.get_chunk_info(1)
    data = bytearray(path.read_bytes())
    data[chunk.byte_offset + chunk.size // 2] ^= 0x55
    path.write_bytes(data)
    for target in ((), ("-o", "out.nc"), ("--time", "1", "--plot", "out.png")):
        line = ("program", "gradient", path, *target)
        ending = children.do(*line, folder=tmp_path)
        told(ending, "Variable 't'", "noise.nc", "damaged")
        assert [f.name for f in tmp_path.iterdir()] == ["noise.nc"]
    fine = children.do("program", "gradient", path, "--time", "0", folder=tmp_path)
    assert (fine.code, fine.err) == (0, "")


def test_two_programs_that_write_one_file(source, tmp_path):
    """Without --overwrite one of them wins; with it the last one does, whole."""
    for options in ((), ("--overwrite",)):
        lines = [
            [sys.executable, "-m", "xnabla", "gradient", str(source), "-o", "out.nc",
             "--units", units, *options]
            for units in ("K/km", "K/m")
        ]  # fmt: skip
        both = [
            subprocess.Popen(line, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
            for line in lines
        ]
        said = [one.communicate(timeout=120)[1] for one in both]
        codes = sorted(one.returncode for one in both)
        if options:
            assert codes == [0, 0], said
        else:
            assert codes == [0, 2], said
            assert "exists already" in "".join(said)
        with netCDF4.Dataset(tmp_path / "out.nc") as file:
            scale = {"K km-1": 1.0, "K m-1": 1e-3}[file["dt_dy"].units]
            values = file["dt_dy"][:]
        # noise of 10 K between points 222 km apart
        assert values.std() == pytest.approx(10 * 2**0.5 / 222.4 * scale, rel=0.02)
        assert leftovers(tmp_path) == []


RANKS = """
    rng = np.random.default_rng(0)
    values = rng.normal(size=(30, 50)).cumsum(0)
    time = np.datetime64("2001-01-01", "ns") + np.arange(30) * np.timedelta64(1, "D")
    t = xr.DataArray(values, dims=("time", "x"), name="t", attrs={"units": "K"},
                     coords={"time": time, "x": ("x", np.arange(50.0))})
    found = xn.theil_sen(t)
    parts = [found["slope"]]
"""
ROWS = """
    values = np.random.default_rng(0).normal(280, 10, (91, 180))
    t = xr.DataArray(values, dims=("lat", "lon"), attrs={"units": "K"}, coords={
        "lat": ("lat", np.linspace(90, -90, 91), {"units": "degrees_north"}),
        "lon": ("lon", np.arange(180) * 2.0, {"units": "degrees_east"}),
    })
    with xn.set_options(engine="numba"):
        parts = xn.gradient(t)
"""


@pytest.mark.parametrize("code", [RANKS, pytest.param(ROWS, marks=pytest.mark.slow)])
def test_two_programs_that_compile_for_the_first_time(tmp_path, code):
    """An empty folder of kernels, twice at once: the same numbers, and still good."""
    begin_with = "import hashlib, numpy as np, xarray as xr, xnabla as xn\n"
    end_with = """
bytes_of = [np.asarray(getattr(p.data, "magnitude", p.data)).tobytes() for p in parts]
print(hashlib.sha256(b"".join(bytes_of)).hexdigest())
"""
    folder = tmp_path / "kernels"
    folder.mkdir()
    src = str(Path(__file__).resolve().parents[2] / "src")
    path = os.pathsep.join([src, os.environ.get("PYTHONPATH", "")])
    env = {**os.environ, "NUMBA_CACHE_DIR": str(folder), "PYTHONPATH": path}

    def begin():
        return subprocess.Popen(
            [sys.executable, "-c", begin_with + textwrap.dedent(code) + end_with],
            env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    first = [begin(), begin()]
    said = [one.communicate(timeout=300) for one in first]
    said.append(begin().communicate(timeout=300))
    assert [err for _, err in said] == ["", "", ""]
    assert len({out for out, _ in said}) == 1
    assert list(folder.rglob("*.nbi"))


@pytest.fixture(autouse=True)
def _limits_are_not_ours():
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield
    assert resource.getrlimit(resource.RLIMIT_FSIZE) == before
