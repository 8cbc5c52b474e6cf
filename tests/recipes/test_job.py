"""A job from Python: the same as from the command line, as plain data."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import xnabla as xn
from xnabla.errors import FileError, OptionError, XnablaError
from xnabla.operators import CATALOGUE
from xnabla.recipes import Job, info_lines, run, summary_lines


@pytest.fixture
def source(tmp_path) -> str:
    lat, lon = np.linspace(-30.0, 30.0, 13), np.arange(0.0, 360.0, 15.0)
    phi, lam = np.deg2rad(lat)[:, None], np.deg2rad(lon)
    field = 280 + 10 * np.sin(phi) * np.cos(lam)
    levels = np.array([1000.0, 500.0, 200.0])
    ds = xr.Dataset(
        {
            "t": (
                ("plev", "lat", "lon"),
                (field * (levels / 1000)[:, None, None]).astype("f4"),
                {"units": "K", "long_name": "temperature"},
            ),
            "z": (("lat", "lon"), field, {"units": "m"}),
        },
        {
            "plev": ("plev", levels, {"units": "hPa", "positive": "down"}),
            "lat": ("lat", lat, {"units": "degrees_north"}),
            "lon": ("lon", lon, {"units": "degrees_east"}),
        },
        {"title": "made", "secret": "not handed on"},
    )
    path = tmp_path / "source.nc"
    ds.to_netcdf(path, engine="netcdf4")
    return str(path)


@pytest.mark.parametrize("name", sorted(CATALOGUE))
def test_every_operator_of_the_catalogue_makes_a_file(source, tmp_path, name):
    needed = {"dim": "lat"} if name == "derivative" else {}
    target = tmp_path / f"{name}.nc"
    told = run(Job(name, source, "t", parameters=needed, output=str(target)))
    with xr.open_dataset(target) as written:
        assert set(written.data_vars) == set(told.data_vars)
        for variable in written.data_vars.values():
            assert variable.attrs["units"] == "K m-1"
            assert variable.dtype == np.float32


def test_a_job_gives_what_the_function_gives(source):
    told = run(Job("gradient", source, "t", parameters={"units": "K/km"}, level="500"))
    with xr.open_dataset(source) as ds:
        expected = xn.gradient(ds["t"].sel(plev=500), units="K/km")
        for component in expected:
            name = str(component.name)
            assert told[name].attrs["units"] == "K km-1"
            np.testing.assert_array_equal(told[name], component.data.magnitude)


def test_the_only_field_needs_no_name_and_two_need_one(source, tmp_path):
    with pytest.raises(FileError, match="say which one"):
        run(Job("gradient", source))
    with xr.open_dataset(source) as ds:
        ds[["z"]].to_netcdf(tmp_path / "one.nc")
    assert set(run(Job("gradient", str(tmp_path / "one.nc")))) == {"dz_dy", "dz_dx"}


def test_without_a_target_the_result_is_in_memory_and_the_file_is_free(source):
    told = run(Job("gradient", source, "t"))
    for variable in told.data_vars.values():
        assert isinstance(variable.variable._data, np.ndarray)
    # nobody holds the file open: it may be opened for writing
    with xr.open_dataset(source) as ds:
        loaded = ds.load()
    loaded.to_netcdf(source)


def test_the_input_is_as_it_was(source):
    before = Path(source).read_bytes()
    run(Job("gradient", source, "t"))
    assert Path(source).read_bytes() == before


def test_progress_reaches_its_end(source, tmp_path):
    steps: list[tuple[int, int]] = []
    job = Job("gradient", source, "t", output=str(tmp_path / "out.nc"))
    run(job, lambda done, total: steps.append((done, total)))
    assert steps
    assert steps[-1][0] == steps[-1][1]
    assert [done for done, _ in steps] == sorted(done for done, _ in steps)


def test_the_facts_of_the_source_are_handed_on(source, tmp_path):
    target = tmp_path / "out.nc"
    run(Job("gradient", source, "z", output=str(target), command="typed this"))
    with xr.open_dataset(target) as ds:
        assert ds.attrs["title"] == "made"
        assert "secret" not in ds.attrs
        assert "typed this" in ds.attrs["history"]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"input": "missing.nc"}, FileError),
        ({"variable": "nope"}, FileError),
        ({"level": "850"}, OptionError),
        ({"level": "1.2.3"}, OptionError),
        ({"level": "..5"}, OptionError),
        ({"time": "0"}, OptionError),
        ({"output": "missing/folder/out.nc"}, FileError),
        ({"plot": "out.gif"}, XnablaError),
        ({"output": "one.png", "plot": "./one.png"}, OptionError),
        ({"parameters": {"units": "m"}}, XnablaError),
        ({"parameters": {"dims": ()}}, XnablaError),
    ],
    ids=str,
)
def test_every_fault_is_one_of_ours(source, tmp_path, monkeypatch, changes, error):
    monkeypatch.chdir(tmp_path)
    job = Job(**{"operator": "gradient", "input": source, "variable": "t", **changes})
    with pytest.raises(error) as told:
        run(job)
    assert "\n" not in str(told.value)
    assert [path.name for path in tmp_path.iterdir()] == ["source.nc"]


def test_a_large_field_is_worked_on_in_chunks(source, tmp_path, monkeypatch):
    monkeypatch.setattr("xnabla.recipes._job._CHUNKED_FROM_BYTES", 1)
    targets = [tmp_path / "lazy.nc", tmp_path / "eager.nc"]
    lazy = run(Job("gradient", source, "t", output=str(targets[0])))
    assert all(variable.chunks for variable in lazy.data_vars.values())
    monkeypatch.undo()
    run(Job("gradient", source, "t", output=str(targets[1])))
    with xr.open_dataset(targets[0]) as a, xr.open_dataset(targets[1]) as b:
        for name in b.data_vars:
            np.testing.assert_array_equal(a[name].values, b[name].values)


def test_a_summary_tells_range_size_unit_and_what_is_missing():
    values = np.array([[1.0, -3.0], [np.nan, 2.0]])
    ds = xr.Dataset(
        {"a": (("y", "x"), values, {"units": "K km-1"}), "b": ("x", [1, 2])}
    )
    first, second = summary_lines(ds)
    assert first == "a (y: 2, x: 2)  -3 to 2 K km-1, mean size 2, 1 missing"
    assert "1 to 2" in second
    assert summary_lines(ds * np.nan)[0].endswith("no values")


def test_info_is_the_same_lines_as_the_command(source):
    lines = info_lines(source)
    assert lines[0].startswith(f"{source}: netCDF-4")
    assert any("longitude, 24 points" in line for line in lines)
