"""A job from Python: the same as from the command line, as plain data."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from recipes.making import analysis, job_of, written

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


@pytest.fixture(scope="module")
def everything(tmp_path_factory) -> str:
    return written(analysis(), tmp_path_factory.mktemp("analysis") / "analysis.nc")


@pytest.mark.parametrize("name", sorted(CATALOGUE))
def test_every_operator_of_the_catalogue_makes_a_file(everything, tmp_path, name):
    target = tmp_path / f"{name}.nc"
    told = run(Job(input=everything, output=str(target), **job_of(name)))
    with xr.open_dataset(target) as result, xr.open_dataset(everything) as source:
        assert set(result.data_vars) == set(told.data_vars)
        for variable in result.data_vars.values():
            assert variable.attrs["units"]
            assert {"long_name", "standard_name"} & set(variable.attrs)
            assert bool(np.isfinite(variable).any())
            for dim in variable.dims:
                assert result[dim].variable.identical(source[dim].variable)


@pytest.mark.parametrize("name", sorted(CATALOGUE))
def test_one_level_and_time_of_a_result_are_those_of_the_whole(everything, name):
    """Whether they are selected first, or last as along their own dimension."""
    if name == "coriolis_parameter":
        return  # has neither
    whole = run(Job(input=everything, **job_of(name)))
    one = run(Job(input=everything, level="850", time="1", **job_of(name)))
    for key, variable in whole.data_vars.items():
        expected = variable.sel(plev=850).isel(time=1).values
        assert one[key].dims == ("lat", "lon")
        np.testing.assert_allclose(
            one[key], expected, rtol=1e-9, atol=1e-12 * np.nanmax(np.abs(expected))
        )
        assert float(one[key]["plev"]) == 850


def test_the_vertical_wind_brings_the_levels_it_goes_along(everything):
    named = {"field": "t", "w": "omega"}
    told = run(Job("advection", everything, inputs=named, level="700", time="0"))
    with xr.open_dataset(everything) as ds:
        parts = [ds[name].isel(time=0) for name in ("t", "u", "v", "omega")]
        expected = xn.advection(*parts).sel(plev=700).data.magnitude
    np.testing.assert_allclose(told["advection_t"], expected, rtol=0, atol=1e-15)


def test_a_field_without_levels_goes_with_one_level_of_the_others(everything):
    named = {"field": "t2m"}
    told = run(Job("advection", everything, inputs=named, level="1000", time="2"))
    with xr.open_dataset(everything) as ds:
        at = {"plev": 0, "time": 2}
        expected = xn.advection(ds["t2m"], ds["u"].isel(at), ds["v"].isel(at))
    np.testing.assert_allclose(
        told["advection_t2m"], expected.data.magnitude, rtol=0, atol=1e-15
    )


def test_a_level_that_no_input_has_is_refused(everything, tmp_path):
    flat = analysis()[["u", "v"]].isel(plev=0, drop=True)
    path = written(flat, tmp_path / "flat.nc")
    with pytest.raises(OptionError, match="'u' has no vertical dimension"):
        run(Job("vorticity", path, level="850"))


def test_variables_may_be_in_several_files(everything, tmp_path):
    ds = analysis()
    paths = tuple(written(ds[[n]], tmp_path / f"{n}.nc") for n in ("u", "v"))
    target = tmp_path / "out.nc"
    run(Job("vorticity", paths, output=str(target)))
    one = run(Job("vorticity", everything))
    with xr.open_dataset(target) as two:
        np.testing.assert_array_equal(two["vorticity"], one["vorticity"])
        assert two.attrs["title"] == "an analysis"
    for path in paths:
        with pytest.raises(FileError, match="made from"):
            run(Job("vorticity", paths, output=path, overwrite=True))


@pytest.mark.parametrize(("level", "index"), [("0", 0), ("2", 2), ("-1", 3)])
def test_levels_without_values_are_counted(tmp_path, level, index):
    """As in the files of WRF."""
    bare = analysis()[["gh"]].drop_vars("plev").rename(plev="bottom_top")
    path = written(bare, tmp_path / "bare.nc")
    told = run(Job("laplacian", path, level=level, time="0"))
    whole = run(Job("laplacian", path, time="0"))
    expected = whole["laplacian_gh"].isel(bottom_top=index)
    np.testing.assert_array_equal(told["laplacian_gh"], expected)
    for wrong in ("4", "850.5", "high"):
        with pytest.raises(OptionError, match=r"0 to 3.*--level 0"):
            run(Job("laplacian", path, level=wrong, time="0"))


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
    monkeypatch.setattr("xnabla.recipes._memory._OWN_BYTES", 10**12)
    targets = [tmp_path / "lazy.nc", tmp_path / "eager.nc"]
    lazy = run(Job("gradient", source, "t", output=str(targets[0])))
    assert all(variable.chunks for variable in lazy.data_vars.values())
    monkeypatch.undo()
    run(Job("gradient", source, "t", output=str(targets[1])))
    with xr.open_dataset(targets[0]) as a, xr.open_dataset(targets[1]) as b:
        for name in b.data_vars:
            np.testing.assert_array_equal(a[name].values, b[name].values)


def test_several_large_fields_are_worked_on_in_chunks(
    everything, tmp_path, monkeypatch
):
    monkeypatch.setattr("xnabla.recipes._memory._OWN_BYTES", 10**12)
    targets = [str(tmp_path / f"lazy.{end}") for end in ("nc", "png")]
    job = Job("vorticity", everything, time="1", level="850")
    lazy = run(replace(job, output=targets[0], plot=targets[1]))
    assert lazy["vorticity"].chunks
    monkeypatch.undo()
    with xr.open_dataset(targets[0]) as written_so:
        np.testing.assert_array_equal(written_so["vorticity"], run(job)["vorticity"])


def test_a_summary_tells_range_size_unit_and_what_is_missing():
    values = np.array([[1.0, -3.0], [np.nan, 2.0]])
    ds = xr.Dataset(
        {"a": (("y", "x"), values, {"units": "K km-1"}), "b": ("x", [1, 2])}
    )
    first, second = summary_lines(ds)
    assert first == "a (y: 2, x: 2)  -3 to 2 K km-1, mean size 2, 1 missing"
    assert second == "b (x: 2)  1 to 2, mean size 1.5"
    trend = xr.Dataset({"t": ("x", [4.0, 5.0], {"units": "0.1 K year-1"})})
    assert summary_lines(trend) == [
        "t (x: 2)  4 to 5 times 0.1 K year-1, mean size 4.5"
    ]
    assert summary_lines(ds * np.nan)[0].endswith("no values")


def test_info_is_the_same_lines_as_the_command(source):
    lines = info_lines(source)
    assert lines[0].startswith(f"{source}: netCDF-4")
    assert any("longitude, 24 points" in line for line in lines)
