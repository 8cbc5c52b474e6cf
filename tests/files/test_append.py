"""Appending: the whole file as it would have been, or the old one as it was."""

import os
import subprocess

import numpy as np
import pytest
import xarray as xr
from files.test_many import one

import xnabla as xn
from xnabla.errors import FileError


def days(tmp_path, day, count=3, **more):
    with xn.open(one(tmp_path / "source.nc", day, count, **more)) as ds:
        return ds.load()


@pytest.fixture
def target(tmp_path):
    ds = days(tmp_path, 0)
    ds.encoding = {}
    return xn.save(ds, tmp_path / "out.nc", append="time", history="first")


def same_bytes(path, before):
    assert path.read_bytes() == before
    assert not [p for p in path.parent.iterdir() if p.name.endswith(".tmp")]


@pytest.mark.parametrize("name", ["out.nc", "out.zarr"])
def test_appended_days_are_those_of_one_file(tmp_path, name):
    out = tmp_path / name
    for day in (0, 3, 6):
        xn.save(days(tmp_path, day), out, append="time", history=f"day {day}")
    with xn.open(out) as found:
        xr.testing.assert_equal(found, days(tmp_path, 0, 9))
        assert found["t"].attrs == {"units": "K"}
        lines = found.attrs["history"].splitlines()
        assert [line.split(": ")[1] for line in lines] == ["day 6", "day 3", "day 0"]
        if name == "out.nc":
            assert found.encoding["unlimited_dims"] == {"time"}


def test_one_map_is_appended_and_earlier_days_go_before(tmp_path, target):
    xn.save(days(tmp_path, 5, 1).isel(time=0), target, append="time")
    xn.save(days(tmp_path, -4, 2), target, append="time")
    with xn.open(target) as found:
        start = np.datetime64("2001-01-01")
        since = ((found["time"].values - start) / np.timedelta64(1, "D")).tolist()
        assert since == [-4, -3, 0, 1, 2, 5]
        np.testing.assert_array_equal(found["t"][:, 0, 0], np.array(since) * 1e3 - 60)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"day": 2}, ["overlap along 'time'", "2001-01-03"]),
        ({"day": 0}, ["same coordinates"]),
        ({"day": 9, "units": "degC"}, ["different units of 't'", "'K'", "degC"]),
        ({"day": 9, "lat": np.linspace(-30, 30, 13)}, ["different grids", "'lat'"]),
        ({"day": 9, "calendar": "noleap"}, ["different calendars", "noleap"]),
        ({"day": 9, "name": "u"}, ["different variables", "'t'", "'u'"]),
    ],
)
def test_what_does_not_fit_leaves_the_file_as_it_was(
    tmp_path, target, one_sentence, more, said
):
    before = target.read_bytes()
    with pytest.raises(FileError) as excinfo:
        xn.save(days(tmp_path, **more), target, append="time", source="new.nc")
    one_sentence(excinfo, target, "new.nc", *said)
    same_bytes(target, before)


def test_a_dimension_that_is_not_there_is_named(tmp_path, target, one_sentence):
    for path in (target, tmp_path / "fresh.nc"):
        with pytest.raises(FileError) as excinfo:
            xn.save(days(tmp_path, 9), path, append="level")
        one_sentence(excinfo, "'level' to append along")
    assert not (tmp_path / "fresh.nc").exists()


def test_a_file_that_changes_meanwhile_is_not_overwritten(tmp_path, target, field):
    def meddle():
        os.utime(target, ns=(1, 1))

    with pytest.raises(FileError, match="changed by another program"):
        xn.save(days(tmp_path, 9), target, append="time", checkpoint=meddle)
    with xn.open(target) as found:
        assert found.sizes["time"] == 3


def test_an_error_in_the_new_values_leaves_the_old_file(tmp_path, target):
    def boom(block):
        raise ArithmeticError("boom")

    before = target.read_bytes()
    new = days(tmp_path, 9).chunk({"time": 1})
    new["t"] = new["t"].copy(data=new["t"].data.map_blocks(boom, dtype=float))
    with pytest.raises(FileError, match="boom"):
        xn.save(new, target, append="time")
    same_bytes(target, before)


def test_the_precision_and_the_units_of_the_file_stay(tmp_path, target):
    ds = days(tmp_path, 9).astype("f4")
    ds["time"].encoding = {"units": "hours since 1900-01-01"}
    xn.save(ds, target, append="time")
    with xn.open(target) as found:
        assert found["t"].dtype == np.float64
        assert found["time"].encoding["units"].startswith("days since 2001-01-01")


def test_a_packed_file_of_another_program_is_appended_to(tmp_path):
    ds = days(tmp_path, 0)
    packed = {"dtype": "i2", "scale_factor": 0.5, "_FillValue": np.int16(-32768)}
    ds.to_netcdf(tmp_path / "p.nc", engine="netcdf4", encoding={"t": packed})
    with xn.open(tmp_path / "p.nc") as found:
        expected = found["t"].load()
    xn.save(days(tmp_path, 3), tmp_path / "p.nc", append="time")
    with xn.open(tmp_path / "p.nc") as found:
        np.testing.assert_array_equal(found["t"][:3], expected)
        np.testing.assert_array_equal(
            found["t"][3:], days(tmp_path, 3)["t"].astype(expected.dtype)
        )


def test_cdo_reads_what_was_appended(tmp_path, target):
    xn.save(days(tmp_path, 9), target, append="time")
    done = subprocess.run(
        ["cdo", "-s", "showdate", target], capture_output=True, text=True, check=True
    )
    assert done.stdout.split()[-1] == "2001-01-12"
    assert len(done.stdout.split()) == 6
