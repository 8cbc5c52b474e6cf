"""What is taken as missing without a word of the file is told, with the points."""

import copy
import pickle
import warnings
from functools import partial

import netCDF4
import numpy as np
import pytest
import xarray as xr
from files.test_fills import holed, smooth, write

import xnabla as xn
from xnabla.files import open_dataset, save, tallies_of
from xnabla.numerics import DEFAULT_FILL
from xnabla.recipes import Job, run

HOLES = int((holed(DEFAULT_FILL) == DEFAULT_FILL).sum())
POINTS = holed(DEFAULT_FILL).size


@pytest.fixture
def in_blocks(monkeypatch):
    for name, value in (
        ("_WHOLE", 10**9),
        ("_LEAST_BLOCK", 3000),
        ("_MOST_BLOCK", 3000),
    ):
        monkeypatch.setattr(f"xnabla.recipes._memory.{name}", value)


def heard(function):
    """Return what a function warns of, and its value."""
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        value = function()
    assert all(one.category is xn.FillValueWarning for one in found)
    return [one.message for one in found], value


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_reading_warns_once_and_what_to_type_ends_it(tmp_path, dtype):
    path = write(tmp_path / "a.nc", holed(DEFAULT_FILL), dtype)
    with open_dataset(path) as ds:
        (told,), values = heard(ds["air"].load)
        sentence = str(told)
        assert f"{HOLES} of {POINTS} points read" in sentence
        assert str(path) in sentence
        assert "\n" not in sentence
        assert told.facts["points"] == HOLES
    fill = eval(sentence.split("fill=")[1].split(")", maxsplit=1)[0])
    with open_dataset(path, fill=fill) as ds:
        again, same = heard(ds["air"].load)
        assert not again
        xr.testing.assert_equal(values, same)
    with open_dataset(path, fill=dict.fromkeys(fill)) as ds:
        again, whole = heard(ds["air"].load)
        assert not again
        assert (whole.values > 9e36).sum() == HOLES


def test_nothing_is_told_of_what_was_not_read_or_is_declared(tmp_path):
    path = write(tmp_path / "a.nc", smooth())
    with netCDF4.Dataset(path, "a") as ds:
        ds.createVariable("other", "f4", ("t", "y", "x"), fill_value=False)[:] = (
            np.where(np.arange(36) < 9, np.float32(DEFAULT_FILL), 280)
            + 0 * smooth().astype("f4")
        )
    with open_dataset(path) as ds:
        told, _ = heard(ds["air"].load)
        assert not told
        assert tallies_of(ds) == ()
        told, _ = heard(ds["other"][:, 3:5].load)
        assert "at 54 of 216 points read (25 %)" in str(told[0])
    path = write(
        tmp_path / "b.nc", holed(DEFAULT_FILL), _FillValue=np.float32(DEFAULT_FILL)
    )
    with open_dataset(path) as ds:
        assert not heard(ds["air"].load)[0]


def test_lazy_values_are_counted_when_they_are_computed_and_told_once(tmp_path):
    path = write(tmp_path / "a.nc", holed(DEFAULT_FILL))
    with open_dataset(path, chunks={"t": 1, "x": 7}) as ds:
        told, slope = heard(lambda: xn.gradient(ds["air"])[0])
        assert not told
        told, _ = heard(slope.compute)
        assert len(told) == 1
        (tally,) = tallies_of(ds)
        assert tally.total() == (HOLES, POINTS)
        heard(slope.compute)
        assert tally.total() == (HOLES, POINTS)
        assert copy.deepcopy(ds).encoding["xnabla_tallies"][0] is tally
        assert pickle.loads(pickle.dumps(tally)) is tally


def test_integers_are_told_with_the_points_of_the_whole_variable(tmp_path):
    whole = np.round(smooth(0, 100)).astype("i4")
    whole[0, :3, :4] = -2147483647
    path = write(tmp_path / "a.nc", whole, "i4")
    with open_dataset(path) as ds:
        assert tallies_of(ds) == ()
        (told,), _ = heard(ds["air"].load)
        assert (
            f"holds -2147483647, what the NetCDF library fills with, at 12 of {POINTS}"
            in (str(told))
        )


def job(path, **more):
    return Job("gradient", str(path), "air", command="xnabla gradient a.nc", **more)


def test_a_job_tells_it_in_the_history_the_same_in_blocks(tmp_path, request):
    path = write(tmp_path / "a.nc", holed(DEFAULT_FILL))
    remark = "gradient a.nc # 9.96921e+36 in 'air', undeclared, is taken as missing"
    sentences = []
    for name in ("whole.nc", "blocks.nc", "blocks.zarr", "classic.nc"):
        if name == "blocks.nc":
            request.getfixturevalue("in_blocks")
        if name.endswith("zarr"):
            pytest.importorskip("zarr")
        target = str(tmp_path / name)
        form = "NETCDF3_CLASSIC" if name == "classic.nc" else None
        told, _ = heard(partial(run, job(path, output=target, format=form)))
        sentences += map(str, told)
        with open_dataset(target) as ds:
            assert ds.attrs["history"].endswith(remark), name
            found = ds["dair_dx"].values
        if name == "whole.nc":
            expected = found
        np.testing.assert_array_equal(found, expected)
    assert len(sentences) == 4
    assert len(set(sentences)) == 1
    assert f"{HOLES} of {POINTS} points" in sentences[0]


def test_several_files_are_told_in_one_sentence(tmp_path):
    for k in range(3):
        ds = xr.open_dataset(
            write(tmp_path / f"one{k}.nc", holed(DEFAULT_FILL)), mask_and_scale=False
        )
        ds = ds.assign_coords(
            t=("t", np.arange(3) + 3 * k, {"units": "days since 2001-01-01"})
        )
        ds["air"].encoding["_FillValue"] = None
        ds.to_netcdf(tmp_path / f"part{k}.nc", engine="netcdf4")
        ds.close()
    told, _ = heard(lambda: run(job(tmp_path / "part*.nc")))
    (sentence,) = map(str, told)
    assert "part0.nc' and 2 more files holds 9.96921e+36" in sentence
    assert f"{3 * HOLES} of {3 * POINTS} points read" in sentence


def test_the_history_of_lazy_data_may_be_known_only_in_the_end(tmp_path):
    known = ["first"]
    field = xr.DataArray(np.arange(6.0), dims="x", name="t").chunk(x=2)
    field.data = field.data.map_blocks(
        lambda b: known.append("second") or b, dtype=float
    )
    known[:] = ["first"]
    save(field, tmp_path / "a.nc", history=lambda: known[-1])
    with open_dataset(tmp_path / "a.nc") as ds:
        assert ds.attrs["history"].endswith(": second")
        np.testing.assert_array_equal(ds["t"], np.arange(6.0))
