"""Opening: lazy, with nothing guessed, and one bad variable stops no other."""

import pickle
import subprocess
import sys
import warnings

import netCDF4
import numpy as np
import pytest
import xarray as xr
from files.conftest import real_files

import xnabla as xn
from xnabla.errors import FileError
from xnabla.files import open_dataset, pick_variable


def make(path, fmt="NETCDF3_CLASSIC", dtype="f4", /, **attributes):
    with netCDF4.Dataset(path, "w", format=fmt) as ds:
        ds.createDimension("x", 4)
        good = ds.createVariable("good", "f4", ("x",))
        good[:] = [1, 2, 3, 4]
        fill = attributes.pop("_FillValue", None)
        bad = ds.createVariable("bad", dtype, ("x",), fill_value=fill)
        bad.set_auto_maskandscale(False)
        bad[:] = np.array([1, 2, -999, 4]).astype(dtype)
        for key, value in attributes.items():
            bad.setncattr(key, value)
    return path


@pytest.mark.filterwarnings("ignore::xnabla.FillValueWarning")
@pytest.mark.parametrize("path", real_files("ship"), ids=lambda p: p.name)
def test_every_real_file_opens_and_loads(path):
    with open_dataset(path) as ds:
        assert ds.variables
        assert not ds.encoding["xnabla_refused"]
        ds.load()


@pytest.mark.filterwarnings("ignore::xnabla.FillValueWarning")
@pytest.mark.parametrize("path", real_files("malformed"), ids=lambda p: p.name)
def test_every_odd_file_opens_or_says_why_not(path, one_sentence):
    if path.name == "bad_cdf5_begin.nc":
        with pytest.raises(FileError) as excinfo:
            open_dataset(path)
        one_sentence(excinfo, path, "truncated")
        return
    with open_dataset(path) as ds:
        assert ds.variables
        if path.name == "undeclared_minus999_rotated.nc":
            with pytest.raises(FileError) as excinfo:
                ds.load()
            one_sentence(excinfo, path, "'air'", "-999", "46 %", "fill={'air': -999}")
            return
        ds.load()


def test_nothing_is_read_before_it_is_asked_for(tmp_path):
    with open_dataset(make(tmp_path / "a.nc")) as ds:
        assert not ds["good"].variable._in_memory
        assert ds["good"].chunks is None
    with open_dataset(tmp_path / "a.nc", chunks="auto") as ds:
        assert ds["good"].chunks == ((4,),)
        assert ds["good"].values.tolist() == [1, 2, 3, 4]


@pytest.mark.parametrize(
    "units",
    ["months since 1899-12", "days since wibble", "hours since 0000-01-01",
     "since 2000-01-01", "days since 1961-13-45"],
)  # fmt: skip
def test_dates_that_are_none_stay_numbers(tmp_path, units):
    make(tmp_path / "a.nc", units=units)
    with open_dataset(tmp_path / "a.nc") as ds:
        assert ds["bad"].dtype == np.float32
        assert ds["bad"].attrs["units"] == units
        assert ds["good"].values.tolist() == [1, 2, 3, 4]
        (note,) = ds.encoding["xnabla_notes"]
        assert note.startswith(f"'bad' in '{units}' stays numbers")


def test_an_unknown_calendar_keeps_numbers_and_the_bounds_with_them(tmp_path):
    with netCDF4.Dataset(tmp_path / "a.nc", "w") as ds:
        ds.createDimension("time", 2)
        ds.createDimension("two", 2)
        time = ds.createVariable("time", "f8", ("time",))
        time.setncatts({"units": "days since 2000-01-01", "bounds": "time_bnds",
                        "calendar": "wibble"})  # fmt: skip
        time[:] = [0, 1]
        ds.createVariable("time_bnds", "f8", ("time", "two"))[:] = [[0, 1], [1, 2]]
        other = ds.createVariable("start", "f8", ("time",))
        other.units = "days since 2000-01-01"
        other[:] = [0, 1]
    with open_dataset(tmp_path / "a.nc") as ds:
        assert ds["time"].dtype == ds["time_bnds"].dtype == np.float64
        assert "time_bnds" in ds.coords
        assert ds["start"].dtype.kind == "M"


def test_dates_with_a_hole_and_dates_beyond_reason_load_without_a_warning(tmp_path):
    with netCDF4.Dataset(tmp_path / "a.nc", "w") as ds:
        ds.createDimension("t", 3)
        ds.createDimension("u", 3)
        for name, values in {"t": [0, np.nan, 2], "u": [0, 9.97e36, 2]}.items():
            v = ds.createVariable(name, "f8", (name,))
            v.units = "days since 2000-01-01"
            v[:] = values
    with open_dataset(tmp_path / "a.nc") as ds:
        ds.load()
        assert np.isnat(ds["t"].values).tolist() == [False, True, False]
        assert ds["u"].dtype.kind == "f"


@pytest.mark.parametrize("units", ["hours", "days", "s"])
def test_hours_are_numbers_not_time_differences(tmp_path, units):
    make(tmp_path / "a.nc", units=units)
    with open_dataset(tmp_path / "a.nc") as ds:
        assert ds["bad"].dtype == np.float32
        assert ds["bad"].attrs["units"] == units


@pytest.mark.parametrize(
    ("attributes", "said"),
    [
        ({"scale_factor": "0.1"}, "ncatted -O -a scale_factor,bad,o,d,0.1"),
        ({"scale_factor": 0.0}, "scale_factor"),
        ({"scale_factor": np.nan}, "scale_factor"),
        ({"scale_factor": np.array([0.1, 0.2])}, "scale_factor"),
        ({"add_offset": "x"}, "add_offset is 'x', a text"),
        ({"missing_value": "-999"}, "ncatted -O -a missing_value,bad,o,s,-999"),
    ],
)
def test_broken_packing_leaves_out_one_variable(
    tmp_path, one_sentence, attributes, said
):
    path = make(tmp_path / "a.nc", "NETCDF3_CLASSIC", "i2", **attributes)
    with open_dataset(path) as ds:
        assert list(ds.variables) == ["good"]
        assert ds["good"].values.tolist() == [1, 2, 3, 4]
        with pytest.raises(FileError) as excinfo:
            pick_variable(ds, "bad", path)
        one_sentence(excinfo, path, "'bad'", "cannot be unpacked", said)


@pytest.mark.parametrize(
    ("dtype", "attributes", "values"),
    [
        ("i2", {"scale_factor": -0.5, "_FillValue": -999}, [-0.5, -1, np.nan, -2]),
        ("i2", {"scale_factor": 0.5, "missing_value": np.nan}, [0.5, 1, -499.5, 2]),
        ("f4", {"missing_value": "none"}, [1, 2, -999, 4]),
        ("f4", {"missing_value": -999.0}, [1, 2, np.nan, 4]),
        ("f4", {"missing_value": np.array([-999.0, 4.0])}, [1, 2, np.nan, np.nan]),
        ("f4", {"valid_range": "abc", "valid_min": "0"}, [1, 2, -999, 4]),
        ("i2", {"_Unsigned": "maybe"}, [1, 2, -999, 4]),
        ("i2", {"coordinates": 3}, [1, 2, -999, 4]),
        ("f4", {"grid_mapping": 4}, [1, 2, -999, 4]),
        ("f4", {"grid_mapping": "nowhere"}, [1, 2, -999, 4]),
        ("f4", {"cell_measures": "area"}, [1, 2, -999, 4]),
        ("f4", {"units": 5}, [1, 2, -999, 4]),
    ],
)
def test_odd_attributes_neither_stop_nor_warn(tmp_path, dtype, attributes, values):
    path = make(tmp_path / "a.nc", "NETCDF3_CLASSIC", dtype, **attributes)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with open_dataset(path) as ds:
            np.testing.assert_array_equal(ds["bad"].values, np.float32(values))


def test_grid_mappings_and_bounds_become_coordinates(tmp_path):
    with netCDF4.Dataset(tmp_path / "a.nc", "w") as ds:
        ds.createDimension("lat", 2)
        ds.createDimension("two", 2)
        ds.createVariable("crs", "i4").grid_mapping_name = "latitude_longitude"
        ds.createVariable("lat", "f4", ("lat",)).bounds = "lat_bnds"
        ds.createVariable("lat_bnds", "f4", ("lat", "two"))
        ds.createVariable("t", "f4", ("lat",)).grid_mapping = "crs"
    with open_dataset(tmp_path / "a.nc") as ds:
        assert set(ds.coords) == {"crs", "lat", "lat_bnds"}
        assert ds["t"].encoding["grid_mapping"] == "crs"


def test_a_file_of_groups_names_them(tmp_path, one_sentence):
    path = tmp_path / "a.nc"
    with netCDF4.Dataset(path, "w") as ds:
        group = ds.createGroup("PRODUCT/inner")
        group.createDimension("x", 2)
        group.createVariable("t", "f4", ("x",))
    with pytest.raises(FileError) as excinfo:
        open_dataset(path)
    one_sentence(excinfo, path, "'/PRODUCT/inner'", "group='/PRODUCT/inner'")


def test_a_file_with_nothing_in_it_opens(tmp_path):
    netCDF4.Dataset(tmp_path / "a.nc", "w").close()
    with open_dataset(tmp_path / "a.nc") as ds:
        assert not ds.variables


def test_a_file_that_is_being_written_says_so(tmp_path, one_sentence):
    path = make(tmp_path / "a.nc", "NETCDF4")
    code = "import netCDF4,sys; ds = netCDF4.Dataset(sys.argv[1], 'a'); print(1, flush=True); sys.stdin.read()"  # noqa: E501
    child = subprocess.Popen(
        [sys.executable, "-c", code, path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        child.stdout.readline()
        with pytest.raises(FileError) as excinfo:
            open_dataset(path)
        one_sentence(excinfo, path, "another program is writing it")
    finally:
        child.communicate(b"")


def test_damage_inside_hdf5_is_one_sentence(tmp_path, one_sentence):
    path = make(tmp_path / "a.nc", "NETCDF4")
    data = bytearray(path.read_bytes())
    data[100:1500] = bytes(1400)
    path.write_bytes(data)
    with pytest.raises(FileError) as excinfo:
        open_dataset(path)
    one_sentence(excinfo, path)


def test_opening_leaves_the_warning_filters_alone(tmp_path):
    before = list(warnings.filters)
    with open_dataset(make(tmp_path / "a.nc")):
        assert warnings.filters == before


def test_a_lazy_dataset_can_be_copied_and_pickled(tmp_path):
    with open_dataset(make(tmp_path / "a.nc")) as ds:
        for twin in (ds.copy(deep=True), pickle.loads(pickle.dumps(ds))):
            assert twin["good"].values.tolist() == [1, 2, 3, 4]
            twin.close()


def test_other_calendars_are_kept(tmp_path):
    make(tmp_path / "a.nc", units="days since 2000-01-01", calendar="360_day")
    with open_dataset(tmp_path / "a.nc") as ds:
        assert isinstance(ds, xr.Dataset)
        assert ds["bad"].values[0].calendar == "360_day"


def test_a_grid_mapping_that_is_not_there_is_not_forgotten(tmp_path):
    """xarray drops its name, and x and y would be taken for lengths on a plane."""
    axes = {
        name: (name, [0.0, 1e3, 2e3], {"units": "m", "axis": name.upper()})
        for name in "yx"
    }
    attrs = {"units": "K", "grid_mapping": "lcc"}
    ds = xr.Dataset({"t": (("y", "x"), np.ones((3, 3)), attrs)}, axes)
    ds.to_netcdf(tmp_path / "lost.nc", engine="netcdf4")
    with xn.open_dataset(tmp_path / "lost.nc") as read:
        assert "grid_mapping" not in read["t"].attrs
        assert read["t"].encoding["grid_mapping"] == "lcc"
        with pytest.raises(xn.GridError, match="'lcc' is named by the field"):
            xn.gradient(read["t"])


def test_a_grid_mapping_is_a_coordinate_of_its_fields(tmp_path):
    mapping = {"grid_mapping_name": "latitude_longitude", "earth_radius": 6371229.0}
    attrs = {"units": "K", "grid_mapping": "crs"}
    ds = xr.Dataset({"t": ("lat", np.ones(3), attrs), "crs": ((), 0, mapping)})
    ds["lat"] = ("lat", [0.0, 1.0, 2.0], {"units": "degrees_north"})
    ds.to_netcdf(tmp_path / "crs.nc", engine="netcdf4")
    with xn.open_dataset(tmp_path / "crs.nc") as read:
        assert read["t"].coords["crs"].attrs["earth_radius"] == 6371229.0
        assert "grid mapping" in str(xn.grid_of(read["t"]).earth)
