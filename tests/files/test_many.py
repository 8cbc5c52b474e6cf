"""Many files are one data set, or two of them are named with what keeps them apart."""

import os
import time
from pathlib import Path

import cftime
import netCDF4
import numpy as np
import pytest
import xarray as xr

import xnabla as xn
from xnabla.errors import FileError

LAT, LON = np.linspace(-60, 60, 13), np.arange(0, 360, 30.0)
DEGREES = {"lat": "degrees_north", "lon": "degrees_east"}


def one(path, day, count=3, *, name="t", units="K", lat=LAT, calendar=None, **extra):
    """Write some days of maps whose values say where and when they are."""
    days = day + np.arange(count)
    values = days[:, None, None] * 1e3 + lat[:, None] + LON / 1e3
    ds = xr.Dataset(
        {name: (("time", "lat", "lon"), values, {"units": units})},
        {
            "time": ("time", days, {"units": "days since 2001-01-01"}),
            "lat": ("lat", lat, {"units": "degrees_north"}),
            "lon": ("lon", LON, {"units": "degrees_east"}),
        },
    )
    if calendar:
        ds["time"].attrs["calendar"] = calendar
    ds = ds.assign(extra)
    ds.to_netcdf(path, engine="netcdf4", unlimited_dims=["time"])
    return path


def refused(paths, *parts):
    with pytest.raises(FileError) as excinfo:
        xn.open(paths)
    text = str(excinfo.value)
    assert "\n" not in text
    for part in parts:
        assert str(part) in text, text
    return text


@pytest.fixture
def three(tmp_path):
    """Return three files whose names say nothing of their order, with a gap."""
    return [
        one(tmp_path / name, day)
        for name, day in (("b.nc", 9), ("c.nc", 0), ("a.nc", 3))
    ]


def whole(ds):
    days = np.r_[0:6, 9:12]
    np.testing.assert_array_equal(
        ds["time"].values, np.datetime64("2001-01-01") + days.astype("m8[D]")
    )
    np.testing.assert_array_equal(ds["t"][:, 0, 0], days * 1e3 - 60)


def test_a_list_a_pattern_and_a_folder_are_the_same(tmp_path, three):
    (tmp_path / "notes.txt").write_text("no data")
    (tmp_path / ".hidden.nc").write_text("no data")
    for paths in (
        three,
        tmp_path / "*.nc",
        str(tmp_path),
        [tmp_path / "[ab].nc", three[1]],
    ):
        with xn.open(paths) as ds:
            whole(ds)
            assert ds["t"].chunks[0] == (3, 3, 3)
            assert set(ds.encoding["xnabla_sources"]) == {str(p) for p in three}
            assert ds.encoding["unlimited_dims"] == {"time"}
            assert ds["t"].attrs == {"units": "K"}


def test_a_file_named_twice_is_one_file(tmp_path, three):
    with xn.open([three[0], str(three[0]), os.path.relpath(three[0])]) as ds:
        assert ds.sizes["time"] == 3


def test_a_name_with_the_letters_of_a_pattern_is_that_file(tmp_path):
    path = one(tmp_path / "t[1].nc", 0)
    with xn.open(path) as ds:
        assert ds.sizes["time"] == 3


def test_what_is_not_there_is_said(tmp_path):
    refused(tmp_path / "x*.nc", "No file fits the pattern", tmp_path)
    refused(tmp_path, "holds no data file")
    refused([], "No file is named")
    refused([one(tmp_path / "a.nc", 0), tmp_path / "b.nc"], "b.nc' does not exist")


def test_the_gradient_of_many_files_is_that_of_each(three):
    with xn.open(three) as ds, xn.open(three[0]) as last:
        made = xn.dequantify(xn.gradient(ds["t"])[0]).isel(time=slice(6, 9))
        np.testing.assert_array_equal(
            made.values, xn.dequantify(xn.gradient(last["t"])[0]).values
        )


def test_overlapping_and_doubled_times_name_both_files(tmp_path, three):
    late = one(tmp_path / "d.nc", 4)
    refused([*three, late], "a.nc", "d.nc", "overlap along 'time'", "2001-01-06")
    refused([three[0], one(tmp_path / "e.nc", 9)], "same coordinates", "b.nc", "e.nc")


def test_other_grids_units_and_calendars_name_both_files(tmp_path, three):
    a, b = three[2], tmp_path / "z.nc"
    refused(
        [a, one(b, 20, lat=LAT[::-1])], a, b, "different grids", "'lat' runs the other"
    )
    refused([a, one(b, 20, lat=LAT[1:])], a, b, "13 points", "and 12")
    refused([a, one(b, 20, lat=LAT + 0.5)], a, b, "different grids", "-60", "-59.5")
    refused(
        [a, one(b, 20, units="degC")], a, b, "different units of 't'", "'K'", "degC"
    )
    refused([a, one(b, 20, calendar="360_day")], a, b, "different calendars", "360_day")


def test_a_unit_in_another_spelling_is_the_same_unit(tmp_path):
    paths = [
        one(tmp_path / "a.nc", 0, units="m s-1"),
        one(tmp_path / "b.nc", 9, units="m/s"),
    ]
    with xn.open(paths) as ds:
        assert ds["t"].attrs["units"] == "m s-1"


def test_latitudes_rounded_to_single_precision_are_the_same(tmp_path):
    lat = np.linspace(-60, 60, 13) + 0.1
    paths = [
        one(tmp_path / "a.nc", 0, lat=lat),
        one(tmp_path / "b.nc", 9, lat=lat.astype("f4")),
    ]
    with xn.open(paths) as ds:
        np.testing.assert_array_equal(ds["lat"], lat)
        assert ds.sizes["lat"] == 13


def test_other_calendars_are_joined_in_their_own(tmp_path):
    paths = [one(tmp_path / f"{k}.nc", k, 30, calendar="360_day") for k in (30, 0)]
    with xn.open(paths) as ds:
        assert ds["time"].values[-1] == cftime.Datetime360Day(2001, 2, 30)


def test_files_of_different_variables_are_put_together(tmp_path, three):
    others = [one(tmp_path / f"u{k}.nc", k, name="u") for k in (0, 3, 9)]
    with xn.open([*three, *others]) as ds:
        whole(ds)
        np.testing.assert_array_equal(ds["t"], ds["u"])


def test_variables_of_different_times_are_not_filled_up(tmp_path, three):
    other = one(tmp_path / "u.nc", 0, name="u")
    text = refused([*three, other], "u.nc", "time")
    assert "9 points" in text
    assert "and 3" in text


def test_a_file_that_lacks_a_variable_of_the_others_is_named(tmp_path, three):
    values = xr.Variable(("time", "lat", "lon"), np.zeros((3, 13, 12)))
    both = one(tmp_path / "z.nc", 20, u=values)
    refused([*three, both], "z.nc", "c.nc", "has no 'u'")


def test_what_stands_still_must_be_the_same_everywhere(tmp_path):
    land = xr.Variable(("lat", "lon"), np.eye(13, 12))
    paths = [one(tmp_path / f"{k}.nc", k, land=land) for k in (0, 5)]
    with xn.open(paths) as ds:
        assert ds["land"].dims == ("lat", "lon")
    refused(
        [*paths, one(tmp_path / "z.nc", 9, land=land + 1)], "'land' differs", "z.nc"
    )


def test_one_time_or_level_in_each_file_becomes_a_dimension(tmp_path):
    paths = []
    for level in (500.0, 850.0, 200.0):
        with xn.open(one(tmp_path / "x.nc", 0, 1)) as ds:
            flat = ds.load().isel(time=0)
        flat = flat.assign_coords(plev=((), level, {"units": "hPa"}))
        flat["t"] = flat["t"] + level
        paths.append(tmp_path / f"l{level:g}.nc")
        xn.save(flat, paths[-1])
    with xn.open(paths) as ds:
        assert ds["t"].dims == ("plev", "lat", "lon")
        assert ds["plev"].values.tolist() == [200, 500, 850]
        np.testing.assert_array_equal(ds["t"][:, 0, 0] + 60, [200, 500, 850])


def test_files_of_times_and_levels_fill_the_block(tmp_path):
    paths = []
    for level in (500.0, 850.0):
        for day in (0, 3):
            with xn.open(one(tmp_path / "x.nc", day)) as ds:
                deep = ds.load().expand_dims(plev=[level]).transpose("time", ...)
            deep["plev"].attrs["units"] = "hPa"
            paths.append(tmp_path / f"{level:g}_{day}.nc")
            (deep + level).to_netcdf(paths[-1], engine="netcdf4")
    with xn.open(paths) as ds:
        assert dict(ds.sizes) == {"time": 6, "plev": 2, "lat": 13, "lon": 12}
        np.testing.assert_array_equal(
            ds["t"][:, 1, 0, 0], np.arange(6) * 1e3 - 60 + 850
        )
    refused(paths[:3], "plev")


def test_a_time_that_goes_back_is_refused(tmp_path):
    path = one(tmp_path / "z.nc", 0)
    with netCDF4.Dataset(path, "a") as ds:
        ds["time"][:] = [0, 2, 1]
    refused([path, one(tmp_path / "a.nc", 9)], "z.nc", "goes back")


def test_a_hundred_files_open_in_seconds_and_close(tmp_path):
    for k in range(100):
        one(tmp_path / f"{k}.nc", 3 * k)
    before = len([*Path("/proc/self/fd").iterdir()])
    start = time.perf_counter()
    with xn.open(tmp_path) as ds:
        assert time.perf_counter() - start < 15
        assert ds.sizes["time"] == 300
        assert len([*Path("/proc/self/fd").iterdir()]) - before <= 130
        assert float(ds["t"].isel(time=-1, lat=0, lon=0)) == 299e3 - 60
    assert len([*Path("/proc/self/fd").iterdir()]) == before
