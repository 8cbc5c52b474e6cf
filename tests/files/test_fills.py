"""What means "missing" and was not declared is named; what is a value stays one."""

import subprocess

import h5py
import netCDF4
import numpy as np
import pytest
import xarray as xr
from files.conftest import SHARED, real_files
from hypothesis import given
from hypothesis import strategies as st

import xnabla as xn
from xnabla.errors import FileError, OptionError
from xnabla.files import open_dataset, pick_variable
from xnabla.numerics import DEFAULT_FILL, find_sentinel


def smooth(least=230.0, most=310.0, shape=(3, 19, 36)):
    t, y, x = np.meshgrid(*(np.linspace(0, 1, n) for n in shape), indexing="ij")
    wave = np.sin(6 * x + t) * np.cos(3 * y - t)
    return least + (most - least) * (wave - wave.min()) / np.ptp(wave)


def write(path, values, dtype="f4", /, fmt="NETCDF4", **attributes):
    with netCDF4.Dataset(path, "w", format=fmt) as ds:
        for name, n in zip("tyx", values.shape, strict=True):
            ds.createDimension(name, n)
        declared = attributes.pop("_FillValue", None)
        v = ds.createVariable("air", dtype, ("t", "y", "x"), fill_value=declared)
        v.set_auto_maskandscale(False)
        v[:] = values.astype(dtype)
        v.setncatts({"units": "K", **attributes})
        for name, n, units in (("y", 19, "degrees_north"), ("x", 36, "degrees_east")):
            c = ds.createVariable(name, "f8", (name,))
            c.units = units
            c[:] = np.linspace(-60, 60, n) if name == "y" else np.arange(0, 360, 10)
    return path


def holed(value, share=0.3, **limits):
    values = smooth(**limits)
    values[np.random.default_rng(4).random(values.shape) < share] = value
    return values


@pytest.mark.parametrize(
    "value",
    [-999, -9999, -99999, -32768, 1e20, 1e30, 1e36, -1e34, 9999, -999.9, 9.999e20,
     -1000, -99.9, -99.99],
)  # fmt: skip
@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_a_number_that_means_missing_is_named(tmp_path, value, dtype, one_sentence):
    path = write(tmp_path / "a.nc", holed(value), dtype)
    written = f"{value:.7g}" if abs(value) > 1e10 else str(value)
    for chunks in (None, {"t": 1}):
        with open_dataset(path, chunks=chunks) as ds:
            with pytest.raises(FileError) as excinfo:
                xn.gradient(ds["air"])[0].compute()
            one_sentence(
                excinfo, path, "'air'", written, "%", "fill={'air': ", "ncatted"
            )
    with open_dataset(path, fill={"air": value}) as ds:
        expected = np.where(holed(value) == value, np.nan, holed(value))
        np.testing.assert_array_equal(ds["air"], expected.astype(dtype))
        assert np.isfinite(xn.gradient(ds["air"])[0]).any()
    with open_dataset(path, fill={"air": None}) as ds:
        np.testing.assert_array_equal(ds["air"], holed(value).astype(dtype))


def test_what_to_type_works(tmp_path):
    path = write(tmp_path / "a.nc", holed(-999))
    with open_dataset(path) as ds, pytest.raises(FileError) as excinfo:
        ds["air"].load()
    command = str(excinfo.value).split("; or ")[1]
    assert command.startswith("ncatted -a _FillValue,air,c,f,-999 ")
    subprocess.run([*command.split(), "-O"], check=True)
    with open_dataset(path) as ds:
        assert np.isnan(ds["air"].values).mean() == pytest.approx(0.3, abs=0.05)


def test_one_missing_point_is_found_too(tmp_path):
    values = smooth()
    values[1, 3, 4] = -999
    path = write(tmp_path / "a.nc", values)
    with open_dataset(path) as ds, pytest.raises(FileError, match="holds -999"):
        ds["air"].load()


def test_a_field_of_nothing_else_is_found_too(tmp_path):
    path = write(tmp_path / "a.nc", smooth() * 0 - 999)
    told = r"-999 at 2052 of 2052 points read \(100 %\)"
    with open_dataset(path) as ds, pytest.raises(FileError, match=told):
        ds["air"].load()


@pytest.mark.parametrize(
    "limits", [(-1500, 900), (-999, 400), (-5000, 9999), (-9999, 20000), (-3e4, 32767),
               (900, 999), (0, 1e20), (-1000, 200), (-99.9, 30)],
)  # fmt: skip
@pytest.mark.parametrize("dtype", ["f4", "i4"])
def test_true_values_are_no_false_alarm(tmp_path, limits, dtype):
    if limits[1] > 2**31 and dtype == "i4":
        return
    values = smooth(*limits).astype(dtype)
    values[0, :3, :3] = max(-999, limits[0])  # a plateau at such a number
    if limits[0] <= -999:
        with open_dataset(write(tmp_path / "a.nc", values, dtype)) as ds:
            np.testing.assert_array_equal(ds["air"], values)
    else:
        values = smooth(*limits).astype(dtype)
        with open_dataset(write(tmp_path / "a.nc", values, dtype)) as ds:
            np.testing.assert_array_equal(ds["air"], values)


@given(
    least=st.floats(-1e5, 1e5), span=st.floats(1e-3, 1e5), seed=st.integers(0, 1000),
    rough=st.floats(0, 1), end=st.sampled_from([-999.0, -9999.0, 9999.0, 1e20, None]),
)  # fmt: skip
def test_a_field_that_goes_through_such_numbers_is_none(least, span, seed, rough, end):
    noise = np.random.default_rng(seed).random((3, 19, 36))
    shape = smooth(0, 1) * (1 - rough) + noise * rough
    values = least + span * shape
    if (
        end is not None and abs(end) < 1e6
    ):  # one that ends there, some points at the end
        values += end - (values.min() if end < 0 else values.max())
        np.clip(values, *(np.quantile(values, [0.01, 0.99])), out=values)
        values += end - (values.min() if end < 0 else values.max())
    assert find_sentinel(values) is None


@pytest.mark.filterwarnings("ignore::xnabla.FillValueWarning")
@pytest.mark.parametrize("path", real_files("ship"), ids=lambda p: p.name)
def test_no_real_file_raises_a_false_alarm(path):
    with open_dataset(path) as ds:
        for name in ds.data_vars:
            ds[name].load()


@pytest.mark.filterwarnings("ignore::xnabla.FillValueWarning")
def test_real_files_that_have_them_are_named(one_sentence):
    folder = SHARED / "malformed"
    if not folder.is_dir():
        pytest.skip("the real files are not here")
    with open_dataset(folder / "undeclared_minus999_rotated.nc") as ds:
        with pytest.raises(FileError) as excinfo:
            xn.gradient(pick_variable(ds, "air", "x"))
        one_sentence(excinfo, "-999", "46 %")
    with open_dataset(folder / "undeclared_default_fill_polar.nc") as ds:
        values = ds["data"].values
        assert np.nanmax(values) < 400
        assert 0 < np.isnan(values).sum() < values.size
        (note,) = [n for n in ds.encoding["xnabla_notes"] if "9.96921e+36" in n]
        assert "'data'" in note
    with open_dataset(folder / "intfill_units_degree_n.nc") as ds:
        assert any("-2147483647" in note for note in ds.encoding["xnabla_notes"])


@pytest.mark.filterwarnings("ignore::xnabla.FillValueWarning")
def test_the_library_s_own_fill_is_missing_where_nothing_else_is_declared(tmp_path):
    values = holed(DEFAULT_FILL)
    with open_dataset(write(tmp_path / "a.nc", values)) as ds:
        np.testing.assert_array_equal(np.isnan(ds["air"]), values == DEFAULT_FILL)
    path = write(tmp_path / "b.nc", values, _FillValue=-1.0)
    with open_dataset(path) as ds, pytest.raises(FileError, match=r"9.9692\d*e\+36"):
        ds["air"].load()


@pytest.mark.parametrize("raw", [-32768, -32767, 32767, -999])
def test_packed_integers_are_looked_at_as_they_are_packed(tmp_path, raw):
    packed = np.round(smooth(0, 500)).astype("i2")
    packed[0, 2:9, 4:9] = raw
    how = {"scale_factor": -0.01, "add_offset": 250.0}
    path = write(tmp_path / "a.nc", packed, "i2", **how)
    with open_dataset(path) as ds, pytest.raises(FileError, match="'air'"):
        ds["air"].load()
    with open_dataset(path, fill={"air": raw}) as ds:
        assert np.isnan(ds["air"]).sum() == 35


def test_the_words_of_fill_must_be_variables(tmp_path, one_sentence):
    path = write(tmp_path / "a.nc", smooth())
    with pytest.raises(OptionError) as excinfo:
        open_dataset(path, fill={"air_": -999})
    one_sentence(excinfo, "'air_'", path, "'air'")


def test_several_values_may_mean_missing(tmp_path):
    values = holed(-999)
    values[2, 5:7] = 1e20
    path = write(tmp_path / "a.nc", values, missing_value=np.float32(1e20))
    with open_dataset(path, fill={"air": [-999]}) as ds:
        np.testing.assert_array_equal(
            np.isnan(ds["air"]), (values == -999) | (values == 1e20)
        )


# valid_range, valid_min, valid_max: NetCDF User's Guide, "Attribute Conventions"


@pytest.mark.parametrize(
    "limits",
    [
        {"valid_range": np.float32([240, 300])},
        {"valid_min": np.float32(240), "valid_max": np.float32(300)},
        {"valid_range": np.array([240.0, 300.0])},
    ],
)
def test_values_outside_their_limits_are_missing(tmp_path, limits):
    values = smooth()
    path = write(tmp_path / "a.nc", values, **limits)
    single = values.astype("f4")
    inside = (single >= 240) & (single <= 300)
    assert 0.1 < inside.mean() < 0.95
    for chunks in (None, "auto"):
        with open_dataset(path, chunks=chunks) as ds:
            np.testing.assert_array_equal(ds["air"], np.where(inside, single, np.nan))
            (note,) = ds.encoding["xnabla_notes"]
            assert note == "'air' is missing outside 240 to 300, its valid range"
    with open_dataset(path, fill={"air": None}) as ds:  # the file is wrong about them
        np.testing.assert_array_equal(ds["air"], single)
    with netCDF4.Dataset(path) as ds:
        np.testing.assert_array_equal(~np.ma.getmaskarray(ds["air"][:]), inside)


@pytest.mark.parametrize("factor", [0.01, -0.01])
@pytest.mark.parametrize("unpacked", [False, True])
def test_limits_of_packed_values_count_as_their_type_says(tmp_path, factor, unpacked):
    packed = np.round(smooth(-5000, 5000)).astype("i2")
    how = {"scale_factor": factor, "add_offset": 250.0}
    limits = np.array([-3000, 2000], "i2")
    given = np.sort(limits * factor + 250.0) if unpacked else limits
    path = write(tmp_path / "a.nc", packed, "i2", valid_range=given, **how)
    inside = (packed >= -3000) & (packed <= 2000)
    with open_dataset(path) as ds:
        np.testing.assert_array_equal(np.isfinite(ds["air"]), inside)


@pytest.mark.parametrize("how", [{}, {"scale_factor": np.float32(0.01)}])
def test_codes_beside_a_quantity_are_outside_its_limits(tmp_path, how):
    """Sea ice of NSIDC: parts of a hundred, and 251 to 255 for land and the like."""
    values = np.rint(smooth(0, 100)).astype("u1")
    values[:, :4] = 254
    codes = np.array([251, 252, 253, 254], "u1")
    path = write(
        tmp_path / "a.nc",
        values,
        "u1",
        valid_range=np.array([0, 100], "u1"),
        flag_values=codes,
        flag_meanings="pole_hole lakes coast land",
        **how,
    )
    with open_dataset(path) as ds:
        found = ds["air"].values
    np.testing.assert_array_equal(np.isnan(found), values == 254)
    assert np.nanmax(found) <= (1.001 if how else 100)


def test_limits_of_integers_and_of_flags(tmp_path):
    whole = np.round(smooth(0, 100)).astype("i2")
    path = write(tmp_path / "a.nc", whole, "i2", valid_max=np.int16(50))
    with open_dataset(path) as ds:
        assert ds["air"].dtype == np.float32
        np.testing.assert_array_equal(np.isfinite(ds["air"]), whole <= 50)
    flags = {"flag_values": np.int16([1, 2]), "flag_meanings": "a b"}
    path = write(tmp_path / "b.nc", whole, "i2", valid_max=np.int16(50), **flags)
    with open_dataset(path) as ds:
        np.testing.assert_array_equal(ds["air"], whole)
        assert ds["air"].dtype == np.int16


# hostile files


@pytest.mark.parametrize("how", ["external", "link", "virtual"])
def test_a_file_that_leads_out_of_itself_is_refused(tmp_path, how, one_sentence):
    path = tmp_path / "a.nc"
    other = tmp_path / "other.h5"
    with h5py.File(other, "w") as file:
        file["x"] = np.arange(4.0)
    with h5py.File(path, "w") as file:
        if how == "external":
            file.create_dataset("t", (10,), "u1", external=[("/etc/passwd", 0, 10)])
        elif how == "link":
            file["group/t"] = h5py.ExternalLink(str(other), "x")
        else:
            layout = h5py.VirtualLayout((4,), "f8")
            layout[:] = h5py.VirtualSource(str(other), "x", (4,))
            file.create_virtual_dataset("t", layout)
    with pytest.raises(FileError) as excinfo:
        xn.open(path)
    target = "/etc/passwd" if how == "external" else other
    one_sentence(excinfo, path, "from another file", target)


def test_names_cannot_talk_to_the_terminal(tmp_path):
    path = tmp_path / "a.nc"
    with h5py.File(path, "w") as file:
        file["a\x1b[2Jb"] = np.arange(4.0)
    with pytest.raises(FileError) as excinfo, xn.open(path) as ds:
        pick_variable(ds, "t", path)
    assert "\x1b" not in str(excinfo.value)


def test_a_huge_declared_shape_is_read_in_pieces(tmp_path):
    path = tmp_path / "a.nc"
    with netCDF4.Dataset(path, "w") as ds:
        for name in "yx":
            ds.createDimension(name, 400_000)
        ds.createVariable("t", "f8", ("y", "x"), chunksizes=(1000, 1000), zlib=True)
    assert path.stat().st_size < 100_000
    with xn.open(path) as ds:
        assert ds["t"].chunks is not None
        assert any("1.28e+03 GB" in note for note in ds.encoding["xnabla_notes"])
        assert ds["t"][5:8, 5:8].shape == (3, 3)


def test_a_huge_coordinate_is_refused(tmp_path, one_sentence):
    path = tmp_path / "a.nc"
    with netCDF4.Dataset(path, "w") as ds:
        ds.createDimension("x", 2 * 10**11)
        ds.createVariable("x", "f8", ("x",), chunksizes=(10**6,), zlib=True)
    with pytest.raises(FileError) as excinfo:
        xn.open(path)
    one_sentence(excinfo, path, "'x'", "1.6e+03 GB")


def test_what_xarray_says_of_the_rest_is_what_we_say(tmp_path):
    """Files without any of this are what xarray reads."""
    path = write(tmp_path / "a.nc", smooth(), _FillValue=-999.0)
    with open_dataset(path) as ours, xr.open_dataset(path, engine="netcdf4") as theirs:
        xr.testing.assert_identical(ours.load(), theirs.load())
