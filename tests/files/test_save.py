"""What is saved is what was there, in the words of CF."""

import datetime as dt
import os
import re
import stat
from pathlib import Path

import netCDF4
import numpy as np
import pytest
import xarray as xr
from files.conftest import real_files

from xnabla.errors import FieldError, FileError
from xnabla.files import history_line, open_dataset, save


def raw(path) -> xr.Dataset:
    with xr.open_dataset(path, engine="netcdf4", decode_cf=False) as ds:
        return ds.load()


def test_a_field_comes_back_as_it_was(tmp_path, field, leftovers):
    before = field.copy(deep=True)
    path = save(field, tmp_path / "a.nc")
    assert path == tmp_path / "a.nc"
    with open_dataset(path) as ds:
        xr.testing.assert_identical(ds["t"].load(), before)
    xr.testing.assert_identical(field, before)
    assert leftovers(tmp_path) == []


def test_floats_are_packed_by_deflate_only(tmp_path, field):
    field.encoding = {"scale_factor": 0.01, "add_offset": 1.0, "dtype": "int16",
                      "_FillValue": -999, "missing_value": -999}  # fmt: skip
    stored = raw(save(field, tmp_path / "a.nc"))["t"]
    assert stored.dtype == np.float32
    assert np.isnan(stored.attrs["_FillValue"])
    assert stored.attrs["_FillValue"].dtype == np.float32
    assert {"scale_factor", "add_offset", "missing_value"}.isdisjoint(stored.attrs)
    assert stored.encoding["zlib"]
    assert stored.encoding["shuffle"]
    assert stored.encoding["complevel"] == 1
    np.testing.assert_array_equal(stored.values, field.values)


def test_compression_can_be_left_out(tmp_path, field):
    stored = raw(save(field, tmp_path / "a.nc", compression=False))["t"]
    assert not stored.encoding["zlib"]


def test_coordinates_keep_their_attributes_and_get_no_fill_value(tmp_path, field):
    stored = raw(save(field, tmp_path / "a.nc"))
    for name in ("time", "latitude", "longitude", "level"):
        assert "_FillValue" not in stored[name].attrs
    assert stored["level"].attrs == {"units": "hPa", "positive": "down"}
    assert stored["t"].attrs["coordinates"] == "level"


def test_the_file_says_how_it_came_to_be(tmp_path, field):
    ds = field.to_dataset().assign_attrs(
        history="2000-01-01 cdo copy", source="ERA5", Conventions="CF-1.7"
    )
    attrs = raw(save(ds, tmp_path / "a.nc", history="xnabla gradient\n a.nc")).attrs
    new, old = attrs["history"].split("\n")
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ xnabla \S+: xnabla gradient a.nc", new
    )
    assert old == "2000-01-01 cdo copy"
    assert attrs["source"] == "ERA5"
    assert attrs["Conventions"] == "CF-1.7"
    assert raw(save(field, tmp_path / "b.nc")).attrs["Conventions"] == "CF-1.11"


def test_history_is_one_line():
    assert "\n" not in history_line("a\nb")


@pytest.mark.filterwarnings("ignore::xnabla.FillValueWarning")
@pytest.mark.parametrize("path", real_files("ship"), ids=lambda p: p.name)
def test_every_real_file_survives_saving(tmp_path, path):
    with open_dataset(path) as ds:
        save(ds, tmp_path / "a.nc")
        with open_dataset(tmp_path / "a.nc") as again:
            xr.testing.assert_equal(again, ds)
            for name in ds.variables:
                assert again[name].attrs.get("units") == ds[name].attrs.get("units")
                assert again[name].dtype == ds[name].dtype


def test_limits_in_packed_numbers_are_dropped(tmp_path):
    with netCDF4.Dataset(tmp_path / "a.nc", "w") as ds:
        ds.createDimension("x", 3)
        v = ds.createVariable("t", "i2", ("x",))
        v.setncatts({"scale_factor": 0.01, "valid_range": np.array([0, 30000], "i2")})
        v[:] = [100.0, 200.0, 290.0]
    with open_dataset(tmp_path / "a.nc") as ds:
        save(ds, tmp_path / "b.nc")
    with netCDF4.Dataset(tmp_path / "b.nc") as ds:
        values = ds["t"][:]  # netCDF4 blanks what is out of range
        np.testing.assert_allclose(values.filled(np.nan), [100, 200, 290], atol=1e-4)


@pytest.mark.parametrize(
    "times",
    [
        np.array(["2000-01-01T00", "2000-01-01T06"], "datetime64[ns]"),
        np.array(["2000-01-01T00:00:00.123456789", "2262-01-01"], "datetime64[ns]"),
        np.array(["0900-01-01", "9000-01-01"], "datetime64[s]"),
        np.array(["2000-01-01", "NaT"], "datetime64[ns]"),
        np.array(["2000-01-01T00:00:00.5", "2000-01-02"], "datetime64[ms]"),
    ],
)
@pytest.mark.parametrize("units", [None, "days since 1900-01-01"])
def test_dates_come_back_exactly(tmp_path, times, units):
    da = xr.DataArray([1.0, 2.0], dims="time", coords={"time": times}, name="t")
    if units:
        da["time"].encoding = {"units": units, "dtype": np.dtype("int32")}
    save(da, tmp_path / "a.nc")
    with open_dataset(tmp_path / "a.nc") as ds:
        again = ds["time"].values
    if again.dtype == object:  # beyond the reach of nanoseconds
        again = np.array([time.isoformat() for time in again], times.dtype)
    assert np.all((again == times) | (np.isnat(times) & np.isnat(again)))


def test_units_of_dates_are_kept_if_they_are_exact(tmp_path):
    times = np.array(["2000-01-01", "2000-01-03"], "datetime64[ns]")
    da = xr.DataArray([1.0, 2.0], dims="time", coords={"time": times}, name="t")
    da["time"].encoding = {"units": "hours since 1900-01-01", "calendar": "standard",
                           "dtype": np.dtype("int32")}  # fmt: skip
    stored = raw(save(da, tmp_path / "a.nc"))["time"]
    assert stored.attrs["units"] == "hours since 1900-01-01"
    assert stored.attrs["calendar"] == "standard"
    assert stored.dtype == np.int32


def test_other_calendars_come_back(tmp_path):
    times = xr.date_range("2000-02-28", periods=4, calendar="360_day", use_cftime=True)
    da = xr.DataArray(np.arange(4.0), dims="time", coords={"time": times}, name="t")
    save(da, tmp_path / "a.nc")
    with open_dataset(tmp_path / "a.nc") as ds:
        assert (ds["time"].values == da["time"].values).all()


def with_bounds() -> xr.Dataset:
    times = np.array(["2000-01-01T12", "2000-01-02T12"], "datetime64[ns]")
    edges = np.array(["2000-01-01", "2000-01-02", "2000-01-03"], "datetime64[ns]")
    time_bnds = np.stack([edges[:-1], edges[1:]], axis=1)
    lat = np.array([[1.0, 2.0], [3.0, 4.0]])
    return xr.Dataset(
        {"t": (("time", "y", "x"), np.ones((2, 2, 2)), {"units": "K"})},
        coords={
            "time": ("time", times, {"bounds": "time_bnds"}),
            "time_bnds": (("time", "two"), time_bnds),
            "lat": (("y", "x"), lat, {"units": "degrees_north", "bounds": "lat_bnds"}),
            "lat_bnds": (("y", "x", "four"), np.ones((2, 2, 4))),
            "crs": ((), 0, {"grid_mapping_name": "latitude_longitude"}),
        },
    )


def test_bounds_and_grid_mapping_stay_together(tmp_path):
    stored = raw(save(with_bounds(), tmp_path / "a.nc"))
    assert stored["time"].attrs["bounds"] == "time_bnds"
    assert stored["lat"].attrs["bounds"] == "lat_bnds"
    assert stored["t"].attrs["grid_mapping"] == "crs"
    assert stored["t"].attrs["coordinates"] == "lat"
    with open_dataset(tmp_path / "a.nc") as ds:
        assert set(ds.coords) == {"time", "time_bnds", "lat", "lat_bnds", "crs"}
        xr.testing.assert_equal(ds, with_bounds())


def test_references_to_what_is_not_saved_are_dropped(tmp_path):
    ds = with_bounds().drop_vars(["lat_bnds", "crs"])
    ds["t"].encoding = {"grid_mapping": "crs", "cell_measures": "area: a",
                        "coordinates": "lat lon"}  # fmt: skip
    stored = raw(save(ds, tmp_path / "a.nc"))
    assert "bounds" not in stored["lat"].attrs
    assert set(stored["t"].attrs) == {"units", "coordinates", "_FillValue"}
    assert stored["t"].attrs["coordinates"] == "lat"


def test_attributes_of_any_kind_are_converted_or_dropped(tmp_path, field):
    field.attrs |= {
        "none": None, "yes": True, "no": np.False_, "path": Path("/a/b"),
        "dict": {"a": [1, 2]}, "nested": [[1, 2], [3]], "object": object(),
        "texts": ["a", "b"], "when": dt.datetime(2000, 1, 1), "half": np.float16(0.5),
        "day": np.datetime64("2000-01-01"), "huge": 10**30, "empty": [], "a/b": 1,
        "complex": 1j, "bytes": b"abc", "levels": (500, 850), 5: "five",
        "_FillValue": -1, "scale_factor": 2.0, "dtype": "x", "coordinates": "nowhere",
    }  # fmt: skip
    attrs = raw(save(field, tmp_path / "a.nc"))["t"].attrs
    assert "object" not in attrs
    assert "none" not in attrs
    assert attrs["yes"] == 1
    assert attrs["no"] == 0
    assert attrs["path"] == "/a/b"
    assert attrs["dict"] == '{"a": [1, 2]}'
    assert attrs["texts"] == "a, b"
    assert attrs["when"] == "2000-01-01T00:00:00"
    assert attrs["half"] == 0.5
    assert attrs["a_b"] == 1
    assert attrs["levels"].tolist() == [500, 850]
    assert attrs["5"] == "five"
    assert "scale_factor" not in attrs


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", ">f4", "i1", "u2", "i8", "?"])
def test_numbers_of_every_kind_are_stored(tmp_path, dtype):
    values = np.array([[0, 1, 2], [3, 4, 5]]).astype(dtype)
    save(xr.DataArray(values, dims=("y", "x"), name="v"), tmp_path / "a.nc")
    with open_dataset(tmp_path / "a.nc") as ds:
        np.testing.assert_array_equal(ds["v"].values, values)


@pytest.mark.parametrize("shape", [(), (0,), (0, 3), (1, 1)])
def test_small_shapes_are_stored(tmp_path, shape):
    dims = ("y", "x")[: len(shape)]
    save(xr.DataArray(np.ones(shape), dims=dims, name="v"), tmp_path / "a.nc")
    with open_dataset(tmp_path / "a.nc") as ds:
        assert ds["v"].shape == shape


def test_an_unlimited_dimension_stays_unlimited(tmp_path, field):
    ds = field.to_dataset()
    ds.encoding["unlimited_dims"] = {"time"}
    save(ds, tmp_path / "a.nc")
    with netCDF4.Dataset(tmp_path / "a.nc") as file:
        assert file.dimensions["time"].isunlimited()


def test_components_are_saved_by_their_dataset(tmp_path, field):
    class Components(tuple):
        def to_dataset(self):
            return xr.Dataset({f"c{i}": c for i, c in enumerate(self)})

    save(Components([field, 2 * field]), tmp_path / "a.nc")
    with open_dataset(tmp_path / "a.nc") as ds:
        assert set(ds.data_vars) == {"c0", "c1"}


def test_pint_becomes_units(tmp_path, field):
    pint = pytest.importorskip("pint")
    ureg = pint.get_application_registry()
    quantity = ureg.Quantity(field.values, "K/km")
    save(field.copy(data=quantity).drop_attrs(), tmp_path / "a.nc")
    stored = raw(tmp_path / "a.nc")["t"]
    assert stored.attrs["units"] == "K km-1"
    np.testing.assert_array_equal(stored.values, field.values)


def test_lazy_pint_is_computed_in_chunks(tmp_path, field):
    pint = pytest.importorskip("pint")
    ureg = pint.get_application_registry()
    lazy = field.chunk({"time": 1})
    save(lazy.copy(data=ureg.Quantity(lazy.data, "K/km")), tmp_path / "a.nc")
    np.testing.assert_array_equal(raw(tmp_path / "a.nc")["t"].values, field.values)


def test_metpy_s_object_becomes_a_grid_mapping(tmp_path, field):
    class Projection:
        def to_dict(self):
            return {"grid_mapping_name": "latitude_longitude", "earth_radius": 6.4e6}

    crs = np.empty((), object)
    crs[()] = Projection()
    save(field.assign_coords(metpy_crs=((), crs)), tmp_path / "a.nc")
    stored = raw(tmp_path / "a.nc")
    assert "metpy_crs" not in stored
    assert stored["t"].attrs["grid_mapping"] == "crs"
    assert stored["crs"].attrs["earth_radius"] == 6.4e6


def test_progress_counts_to_its_end(tmp_path, field):
    seen = []
    lazy = field.chunk({"time": 1})
    save(
        lazy, tmp_path / "a.nc", progress=lambda done, total: seen.append((done, total))
    )
    assert len(seen) >= 2
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert seen[-1][0] == seen[-1][1]
    seen.clear()
    told = lambda done, total: seen.append((done, total))  # noqa: E731
    save(field, tmp_path / "b.nc", progress=told)
    assert seen[-1][0] == seen[-1][1] == field.nbytes
    seen.clear()
    save(field[0, :2], tmp_path / "c.nc", progress=told)
    assert seen == [(1, 1)]


def test_lazy_data_is_never_held_whole(tmp_path):
    import dask
    import dask.array as da

    most = 0

    class Count(dask.callbacks.Callback):
        def _posttask(self, key, value, dsk, state, worker_id):
            nonlocal most
            most = max(
                most, sum(getattr(v, "nbytes", 0) for v in state["cache"].values())
            )

    lazy = da.map_blocks(
        lambda block_info: np.ones((1, 100, 100)),
        chunks=((1,) * 40, (100,), (100,)),
        dtype=float,
    )
    with Count():
        save(xr.DataArray(lazy, dims=("t", "y", "x"), name="v"), tmp_path / "a.nc")
    assert most <= 8 * 80_000
    assert (raw(tmp_path / "a.nc")["v"] == 1).all()


def test_the_mode_of_the_file_follows_the_umask(tmp_path, field):
    old = os.umask(0o027)
    try:
        path = save(field, tmp_path / "a.nc")
    finally:
        os.umask(old)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_what_is_no_field_is_refused(tmp_path, one_sentence):
    with pytest.raises(FileError) as excinfo:
        save(np.ones(3), tmp_path / "a.nc")
    one_sentence(excinfo, "a DataArray, a Dataset or components", "ndarray")


@pytest.mark.parametrize(
    "bad",
    [
        xr.DataArray([1j, 2j], dims="x", name="v"),
        xr.DataArray(np.array([object(), 1], dtype=object), dims="x", name="v"),
        xr.DataArray([1.0], dims="x", name="a/b"),
        xr.DataArray([1.0], dims="x", name="a\x1bb"),
        xr.DataArray([[1.0]], [("y", [0]), ("x", [0])], name="v").stack(z=["y", "x"]),
    ],
    ids=["complex", "objects", "slash", "escape", "multi-index"],
)  # fmt: skip
def test_what_has_no_form_in_a_file_is_refused(tmp_path, one_sentence, leftovers, bad):
    with pytest.raises((FileError, FieldError)) as excinfo:
        save(bad, tmp_path / "a.nc")
    one_sentence(excinfo, tmp_path / "a.nc", "was not written")
    assert not (tmp_path / "a.nc").exists()
    assert leftovers(tmp_path) == []
