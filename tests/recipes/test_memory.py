"""A large field goes through in blocks: within memory, and to the same bits."""

import subprocess
import sys
import textwrap
from dataclasses import replace

import netCDF4
import numpy as np
import pytest
import xarray as xr
from dask.optimization import cull
from recipes.making import analysis

import xnabla as xn
from xnabla.errors import FieldError, OptionError
from xnabla.operators import CATALOGUE
from xnabla.recipes import Job, _memory, bytes_of, run, summary_lines
from xnabla.recipes._memory import _sizes, in_blocks
from xnabla.recipes._sources import Sources


@pytest.fixture
def everything(tmp_path):
    path = tmp_path / "everything.nc"
    analysis().to_netcdf(path, engine="netcdf4")
    return str(path)


@pytest.fixture
def in_small_blocks(monkeypatch):
    """Have fields of any size go through in blocks of a few rows."""

    def begin():
        monkeypatch.setattr(_memory, "_OWN_BYTES", 10**12)
        monkeypatch.setattr(_memory, "_LEAST_BLOCK", 500)

    return begin


_ALSO = {"derivative": {"dim": "time"}, "smooth_gaussian": {"n": 4}}


def _bits(path):
    with netCDF4.Dataset(path) as file:
        file.set_auto_maskandscale(False)
        return {
            name: v[:].tobytes() if v.dtype is not str else v[:].tolist()
            for name, v in file.variables.items()
        }


@pytest.mark.parametrize(
    "operator", ["gradient", "laplacian", "vorticity", "frontogenesis", "advection",
                 "divergence", "potential_vorticity", "q_vector", "derivative",
                 "geostrophic_wind", "smooth_gaussian"]
)  # fmt: skip
def test_blocks_give_the_bits_of_the_whole(
    everything, tmp_path, in_small_blocks, operator
):
    single = len(CATALOGUE[operator].fields) == 1
    job = Job(operator, everything, parameters=_ALSO.get(operator, {}))
    if operator == "advection":
        job = replace(job, inputs={"field": "t"})
    if single:
        name = "gh" if operator == "geostrophic_wind" else "t"
        job = replace(job, variable=name)
    whole = run(replace(job, output=str(tmp_path / "whole.nc")))
    assert not any(part.chunks for part in whole.data_vars.values())
    in_small_blocks()
    parts = run(replace(job, output=str(tmp_path / "parts.nc")))
    assert all(part.chunks for part in parts.data_vars.values())
    assert all(part.data.npartitions > 6 for part in parts.data_vars.values())
    assert _bits(tmp_path / "parts.nc") == _bits(tmp_path / "whole.nc")


@pytest.mark.parametrize("keep_mean", [False, True])
@pytest.mark.parametrize("dim", ["time", "plev"])
def test_what_a_line_leaves_is_the_same_in_blocks_which_wait_for_no_others(
    everything, tmp_path, in_small_blocks, dim, keep_mean
):
    own = {"dim": dim, "keep_mean": keep_mean}
    job = Job("detrend", everything, variable="t", parameters=own)
    whole = run(job)["t"]
    in_small_blocks()
    made = run(replace(job, output=str(tmp_path / "parts.nc")))["t"].data
    with xr.open_dataset(tmp_path / "parts.nc") as parts:
        # sums of a fit are added in another order
        np.testing.assert_allclose(parts["t"], whole, rtol=0, atol=1e-10)
    assert made.npartitions > 6
    # a block is made of its own part of the field: the line is known already
    graph = dict(made.__dask_graph__())
    key = made.__dask_keys__()
    while isinstance(key, list):
        key = key[0]
    alone, _ = cull(graph, [key])
    assert len(alone) < 3 * len(graph) / made.npartitions + 20


def test_the_summary_of_blocks_is_that_of_the_whole(everything, in_small_blocks):
    job = Job("gradient", everything, variable="t")
    lines = []
    whole = summary_lines(run(job))
    in_small_blocks()
    run(job, look=lambda result: lines.extend(summary_lines(result)))
    assert lines == whole


def test_the_summary_of_blocks_counts_what_is_missing():
    values = xr.DataArray([[1.0, np.nan], [-3.0, 2.0]], dims=("y", "x"), name="a")
    (line,) = summary_lines(values.chunk(1).to_dataset())
    assert line == summary_lines(values.to_dataset())[0]
    (line,) = summary_lines((values * np.nan).chunk(1).to_dataset(name="a"))
    assert line.endswith("no values")


@pytest.mark.parametrize(
    ("shape", "known", "most", "sizes"),
    [
        # whole maps first, then levels, then times
        ((40, 5, 73, 144), (1, 1, 73, 144), 1 << 20, (4, 5, 73, 144)),
        ((40, 5, 73, 144), (1, 1, 73, 144), 100_000, (1, 2, 73, 144)),
        # chunks of the file are kept whole where maps are not
        ((10, 1000, 2000), (1, 100, 100), 1 << 20, (1, 100, 2000)),
        ((1000, 50, 50), (1000, 5, 5), 1 << 20, (1000, 5, 50)),
        # a chunk that is too large itself is cut
        ((10, 4096, 4096), (1, 4096, 4096), 1 << 22, (1, 1024, 1024)),
        # a file that says nothing of chunks
        ((10, 512, 1024), None, 1 << 20, (1, 256, 1024)),
    ],
)
def test_blocks_are_made_of_whole_chunks(shape, known, most, sizes):
    dims = ("time", "level", "lat", "lon")[4 - len(shape) :]
    dims = dims if len(shape) == 4 else ("time", "lat", "lon")
    field = xr.DataArray(np.broadcast_to(np.float32(0), shape), dims=dims)
    if known is not None:
        field.encoding["preferred_chunks"] = dict(zip(dims, known, strict=True))
    found = _sizes([field], most)
    assert tuple(found[dim] for dim in dims) == sizes
    assert np.prod(sizes) * 4 <= most


def test_chunks_of_many_times_are_cut_where_their_maps_are_too_many():
    """Results are written as maps: those of all times of a chunk wait together."""
    axes = {
        "time": np.arange("2001-01-01", "2001-04-11", dtype="M8[D]").astype("M8[ns]"),
        "lat": ("lat", np.linspace(90, -90, 181), {"units": "degrees_north"}),
        "lon": ("lon", np.arange(360.0), {"units": "degrees_east"}),
    }
    values = np.broadcast_to(np.float32(0), (100, 181, 360))
    field = xr.DataArray(values, axes, ("time", "lat", "lon"))
    field.encoding["preferred_chunks"] = {"time": 100, "lat": 20, "lon": 40}
    one_map = 181 * 360 * 4
    assert _sizes([field], 1 << 20)["time"] == 100
    assert _sizes([field], 1 << 20, 30 * one_map)["time"] == 25
    # whole maps are in no need of others
    assert _sizes([field], 1 << 20, 1) == {"time": 4, "lat": 181, "lon": 360}
    field.encoding["preferred_chunks"] = {"time": 2, "lat": 181, "lon": 360}
    assert _sizes([field], 1 << 20, 1)["time"] == 4


def test_more_blocks_than_can_be_handed_out_are_refused_before_they_are_made():
    values = np.broadcast_to(np.float32(0), (200_000, 2000, 2000))
    field = xr.DataArray(values, dims=("time", "lat", "lon"), name="t")
    field.encoding["preferred_chunks"] = {"time": 1, "lat": 2000, "lon": 2000}
    with pytest.raises(FieldError, match="blocks"):
        in_blocks({"t": field}, bytes_of("1 GB"))


def test_what_fits_stays_whole():
    field = xr.DataArray(np.zeros((10, 20)), dims=("y", "x"))
    assert in_blocks({"a": field}, bytes_of("1 GB"))["a"] is field


@pytest.mark.parametrize(
    ("text", "words"),
    [("many", "--memory '2 GB'"), ("10 MB", "at least 450 MB"), ("-1 GB", "at least")],
)
def test_no_amount_of_memory_is_refused(text, words):
    with pytest.raises(OptionError, match=words):
        bytes_of(text)


@pytest.fixture(scope="module")
def big(tmp_path_factory):
    """A folder with 665 MB of values in ``big.nc``, the results counted 2 GB."""
    folder = tmp_path_factory.mktemp("big")
    shape, chunks = (160, 721, 1440), (1, 721, 1440)
    with netCDF4.Dataset(folder / "big.nc", "w") as file:
        for name, size in zip(("time", "lat", "lon"), shape, strict=True):
            file.createDimension(name, size)
        for name, values, units in (
            ("lat", np.linspace(90, -90, 721), "degrees_north"),
            ("lon", np.arange(1440) * 0.25, "degrees_east"),
        ):
            axis = file.createVariable(name, "f8", (name,))
            axis[:], axis.units = values, units
        t = file.createVariable(
            "t", "f4", ("time", "lat", "lon"), chunksizes=chunks, zlib=True, complevel=1
        )
        t.units = "K"
        one = np.cos(np.deg2rad(np.linspace(90, -90, 721)))[:, None] * np.ones(1440)
        for k in range(shape[0]):
            t[k] = np.float32(k) + one
    return folder


def _megabytes(folder, *words):
    """Run a command in a process of its own, and return the most memory it took."""
    code = """
        import sys
        from pathlib import Path
        from xnabla.cli import main
        try:
            main(sys.argv[1:])
        finally:
            # not what getrusage says, which begins with the size of the parent
            status = Path("/proc/self/status").read_text()
            print(int(status.split("VmHWM:")[1].split()[0]) // 1024)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), *words],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return int(done.stdout) * 1.048576


def test_a_file_larger_than_its_memory_goes_through(big):
    line = ("gradient", "big.nc", "-v", "t", "-o", "out.nc", "--memory", "600 MB")
    assert _megabytes(big, *line) < 600
    with xr.open_dataset(big / "out.nc", engine="netcdf4") as ds:
        first, last = (ds["dt_dy"][k].values for k in (0, -1))
        # adding a number to a field leaves its gradient, up to rounding
        np.testing.assert_allclose(first, last, atol=4 * 160 * 2**-23 / 27_800)
        assert np.abs(first).max() == pytest.approx(1 / 6_371_229, rel=1e-3)


def test_what_memory_does_not_hold_is_cut_as_it_lies_in_its_file(big, monkeypatch):
    """Pieces that are cut again are held until all is used: 2.4 GB, of 20."""
    monkeypatch.setattr("xnabla.files._read._memory", lambda: 1e6)
    path = str(big / "big.nc")
    with xn.open_dataset(path) as ds:
        assert ds["t"].chunks is not None
    with Sources.open([path]) as sources:
        assert sources.fields()["t"].chunks is None
        (cut,) = in_blocks({"t": sources.fields()["t"]}, 500_000_000).values()
        assert not any("rechunk" in str(layer) for layer in cut.data.dask.layers)


def test_a_chain_of_four_goes_through_in_the_same_memory(big):
    """Nothing between the steps is ever held whole."""
    chain = [
        "--then",
        "magnitude",
        "--then",
        "smooth_n_point",
        "n=5",
        "--then",
        "laplacian",
    ]
    line = ("gradient", "big.nc", "-v", "t", *chain, "-o", "chain.nc")
    assert _megabytes(big, *line, "--memory", "600 MB") < 600
    with xr.open_dataset(big / "chain.nc", engine="netcdf4") as ds:
        (made,) = ds.data_vars.values()
        assert made.shape == (160, 721, 1440)
        assert made.attrs["units"] == "K m-3"
        assert bool(np.isfinite(made[0]).all())
