"""The file of a job is what other programs, the library and a closed form say."""

from __future__ import annotations

import json
import subprocess

import numpy as np
import pytest
import xarray as xr
from cli.conftest import shared
from xarray.coders import CFDatetimeCoder

import xnabla as xn
from xnabla.cli import main


def opened(name: str) -> xr.Dataset:
    # older xarray warns where durations are left to it
    with xr.open_dataset(name, engine="netcdf4", decode_timedelta=False) as ds:
        return ds.load()


def said_by(*arguments: str) -> str:
    done = subprocess.run(arguments, capture_output=True, text=True, check=True)
    return done.stdout


@pytest.fixture
def main_job(does, gfs):
    """Run the README's first command, in its own words."""
    ending = does(
        *("gradient", gfs, "-v", "t", "--level", 850, "--units", "K/km"),
        *("-o", "gradient.nc", "--plot", "gradient.png"),
    )
    assert ending.out == ""
    return "gradient.nc"


def test_the_main_job_writes_a_file_and_a_picture(main_job, tmp_path):
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "gradient.nc",
        "gradient.png",
    ]
    picture = (tmp_path / "gradient.png").read_bytes()
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    assert len(picture) > 50_000


def test_the_file_holds_the_numbers_of_the_library(main_job, gfs):
    source, result = opened(gfs), opened(main_job)
    expected = xn.gradient(source["t"].sel(plev=850), units="K/km")
    for name, component in (("dt_dy", expected.y), ("dt_dx", expected.x)):
        assert result[name].dtype == np.float32
        assert result[name].attrs["units"] == "K km-1"
        np.testing.assert_array_equal(result[name].values, component.data.magnitude)


def test_coordinates_and_times_stay_what_they_were(main_job, gfs):
    source, result = opened(gfs).sel(plev=850), opened(main_job)
    assert list(result.coords) == list(source["t"].coords) or set(result.coords) == set(
        source["t"].coords
    )
    for name in source["t"].coords:
        assert result[name].identical(source[name].reset_coords(drop=True)) or (
            result[name].variable.identical(source[name].variable)
        )


def test_the_file_says_what_it_is_and_how_it_was_made(main_job, gfs):
    result = opened(main_job)
    assert result.attrs["Conventions"].startswith("CF-")
    assert result.attrs["title"] == opened(gfs).attrs["title"]
    assert "--level 850 --units K/km" in result.attrs["history"]
    assert xn.__version__ in result.attrs["history"]
    assert (
        result["dt_dx"].attrs["long_name"] == "eastward derivative of air temperature"
    )
    assert "sphere of radius 6371229 m (assumed)" in result["dt_dx"].attrs["comment"]
    # the gradient of a temperature is no temperature
    assert "standard_name" not in result["dt_dx"].attrs


def test_the_history_of_the_source_is_kept_behind_ours(does, block):
    does("gradient", block, "-v", "t", "-o", "out.nc")
    first, *older = opened("out.nc").attrs["history"].splitlines()
    assert "xnabla gradient" in first
    assert older == ["made"]


def test_the_history_tells_the_command_that_was_given(block, monkeypatch):
    """As when a notebook calls main, whose own command line is another."""
    monkeypatch.setattr("sys.argv", ["notebook", "--port", "8888"])
    with pytest.raises(SystemExit):
        main(["gradient", block, "-v", "t", "-o", "out.nc"])
    told = opened("out.nc").attrs["history"]
    assert "xnabla gradient block.nc -v t -o out.nc" in told


@pytest.mark.peer
def test_ncdump_and_ncks_show_the_same_unit_and_fill_value(main_job):
    header = said_by("ncdump", "-h", main_job)
    assert 'dt_dx:units = "K km-1"' in header
    assert "dt_dx:_FillValue = NaNf" in header
    assert "lat:_FillValue" not in header
    told = json.loads(said_by("ncks", "--json", "-m", main_job))
    assert told["variables"]["dt_dy"]["attributes"]["units"] == "K km-1"


@pytest.mark.peer
def test_cdo_sees_the_grid_the_level_and_the_time(main_job):
    told = said_by("cdo", "-s", "sinfo", main_job)
    assert "lonlat                   : points=10512 (144x73)" in told
    assert "circular" in told
    assert "850 hPa" in told
    assert "2011-01-15 12:00:00" in told


@pytest.mark.peer
def test_metpy_reads_the_units_back(main_job):
    pytest.importorskip("metpy.xarray")
    quantified = opened(main_job).metpy.quantify()
    assert quantified["dt_dx"].metpy.units == "kelvin / kilometer"
    assert quantified["dt_dx"].metpy.longitude.name == "lon"


@pytest.mark.parametrize(
    ("accuracy", "worst"), [(2, 4e-3), (4, 3e-5), (6, 3e-7)], ids=["2", "4", "6"]
)
def test_the_error_is_small_everywhere_on_the_globe(does, analytic, accuracy, worst):
    does("gradient", analytic, "-v", "T", "--accuracy", accuracy, "-o", "out.nc")
    exact, result = opened(analytic), opened("out.nc")
    for name in ("dT_dx", "dT_dy"):
        error = np.abs(result[name] - exact[f"{name}_exact"])
        scale = float(np.abs(exact[f"{name}_exact"]).max())
        assert result[name].dtype == np.float64
        assert float(error.max()) < worst * scale
        # neither the pole rows nor the columns beside the seam are any worse
        assert float(error.isel(lat=[0, -1]).max()) < worst * scale / 2
        assert float(error.isel(lon=[0, -1]).max()) <= float(error.max())


def test_the_earth_of_the_file_is_used_and_another_may_be_asked_for(does, analytic):
    does("gradient", analytic, "-v", "T", "-o", "own.nc")
    does("gradient", analytic, "-v", "T", "--earth", "WGS84", "-o", "wgs.nc")
    does("gradient", analytic, "-v", "T", "--earth", 2 * 6371229.0, "-o", "twice.nc")
    own, wgs, twice = (opened(name) for name in ("own.nc", "wgs.nc", "twice.nc"))
    assert "grid mapping" in own["dT_dy"].attrs["comment"]
    assert "WGS84" in wgs["dT_dy"].attrs["comment"]
    np.testing.assert_allclose(2 * twice["dT_dy"], own["dT_dy"], rtol=1e-12, atol=1e-20)
    ratio = float((wgs["dT_dy"] / own["dT_dy"]).sel(lat=0, lon=100))
    # M(0) of WGS84 is 6335.4 km
    assert ratio == pytest.approx(6371.229 / 6335.439, rel=1e-5)


@pytest.mark.parametrize(
    "units", ["K/m", "K/km", "K km-1", "degC/km", "mK/m", "K/mile"]
)
def test_a_unit_converts_and_is_written_as_cf_spells_it(does, make, units):
    does("gradient", make(), "--units", units, "-o", "out.nc")
    does("gradient", "small.nc", "-o", "si.nc")
    out, si = opened("out.nc"), opened("si.nc")
    factor = {"K/m": 1, "K/mile": 1609.344}.get(units, 1000.0)
    np.testing.assert_allclose(out["dt_dy"], si["dt_dy"] * factor, rtol=2e-6, atol=0)
    assert "/" not in out["dt_dy"].attrs["units"]


def test_celsius_and_kelvin_give_the_same_file(does, make):
    kelvin = make("k.nc")
    celsius = make(
        "c.nc",
        change=lambda ds: ds.assign(
            t=(ds["t"] - 273.15).astype("f4").assign_attrs(units="degC")
        ),
    )
    for name in (kelvin, celsius):
        does("gradient", name, "--units", "K/km", "-o", f"out_{name}")
    k, c = opened("out_k.nc"), opened("out_c.nc")
    assert c["dt_dx"].attrs["units"] == k["dt_dx"].attrs["units"] == "K km-1"
    np.testing.assert_allclose(c["dt_dx"], k["dt_dx"], rtol=0, atol=1e-6)


def _with_dates(calendar: str, units: str) -> xr.Dataset:
    """The same ten hours, as days of a calendar that all calendars share."""
    ds = xr.Dataset(
        {"t": ("time", np.arange(10.0) ** 2, {"units": "K"})},
        {"time": ("time", np.arange(10.0), {"units": units, "calendar": calendar})},
    )
    return ds


@pytest.mark.parametrize(
    ("calendar", "units"),
    [
        ("standard", "hours since 2001-01-02"),
        ("proleptic_gregorian", "hours since 1650-01-02"),
        ("360_day", "hours since 2001-01-02"),
        ("noleap", "hours since 2001-01-02"),
        ("julian", "hours since 1400-01-02"),
    ],
)
def test_a_time_derivative_is_per_second_on_every_calendar(does, calendar, units):
    _with_dates(calendar, units).to_netcdf("dates.nc")
    does("derivative", "dates.nc", "--dim", "time", "-o", "out.nc")
    does("derivative", "dates.nc", "--dim", "time", "--units", "K/h", "-o", "hour.nc")
    with xr.open_dataset("out.nc", decode_times=False) as out:
        assert out["dt_dt"].attrs["units"] == "K s-1"
        expected = 2 * np.arange(10.0) / 3600
        np.testing.assert_allclose(out["dt_dt"], expected, rtol=1e-12, atol=1e-15)
        # "standard" has a name of its own in CF, and no other
        assert out["time"].attrs["calendar"] in {calendar, "proleptic_gregorian"}
    dates = CFDatetimeCoder(use_cftime=True)
    with (
        xr.open_dataset("dates.nc", decode_times=dates) as source,
        xr.open_dataset("out.nc", decode_times=dates) as out,
    ):
        assert list(out["time"].values) == list(source["time"].values)
    with xr.open_dataset("hour.nc", decode_times=False) as hour:
        assert hour["dt_dt"].attrs["units"] == "K h-1"


def test_a_vertical_derivative_keeps_the_unit_of_its_axis(does, gfs):
    does("derivative", gfs, "-v", "t", "--dim", "plev", "-o", "out.nc")
    does("derivative", gfs, "-v", "t", "--dim", "vertical", "-o", "role.nc")
    result = opened("out.nc")
    assert result["dt_dplev"].attrs["units"] == "K hPa-1"
    assert result["dt_dplev"].dims == ("plev", "lat", "lon")
    xr.testing.assert_equal(result, opened("role.nc"))


@pytest.mark.parametrize("dtype", ["i1", "u1", "i2", "u2", "i4", "i8", "f4", "f8"])
def test_every_kind_of_number_is_differentiated(does, make, dtype):
    ramp = np.add.outer(np.arange(9), np.arange(11)) * 5
    does("gradient", make(values=ramp, dtype=dtype), "-o", "out.nc")
    result = opened("out.nc")["dt_dy"]
    assert result.dtype == (np.float32 if dtype == "f4" else np.float64)
    step = 2.5 * np.pi / 180 * 6371229
    np.testing.assert_allclose(result, 5 / step, rtol=1e-6, atol=0)


@pytest.mark.parametrize(
    ("dtype", "scale", "offset", "tolerance"),
    [("i2", 0.005, 300.0, 1e-7), ("u1", 1.0, 250.0, 2e-5), ("i2", -0.005, 300.0, 1e-7)],
)
def test_packed_numbers_are_unpacked(does, make, dtype, scale, offset, tolerance):
    """With a negative scale too, as NCO writes it."""
    fill = {"i2": -32768, "u1": 255}[dtype]
    packing = {"scale_factor": scale, "add_offset": offset, "_FillValue": fill}
    make("packed.nc", encoding={"t": {"dtype": dtype, **packing}})
    make("plain.nc", dtype="f8")
    for name in ("packed.nc", "plain.nc"):
        does("gradient", name, "-o", f"out_{name}")
    packed, plain = opened("out_packed.nc"), opened("out_plain.nc")
    for name in ("dt_dy", "dt_dx"):
        assert packed[name].encoding.get("scale_factor") is None
        np.testing.assert_allclose(packed[name], plain[name], rtol=0, atol=tolerance)


def test_missing_values_stay_missing_and_no_more_than_the_stencil(does, make):
    values = 250 + np.add.outer(np.arange(9.0), np.arange(11.0))
    values[4, 5] = np.nan
    make(values=values, encoding={"t": {"_FillValue": -999.0}})
    does("gradient", "small.nc", "-o", "out.nc")
    does("gradient", "small.nc", "--missing", "shrink", "-o", "shrink.nc")
    result, shrunk = opened("out.nc"), opened("shrink.nc")
    missing = np.argwhere(np.isnan(result["dt_dy"].values)).tolist()
    assert {tuple(one) for one in missing} <= {(3, 5), (4, 5), (5, 5)}
    assert (3, 5) in {tuple(one) for one in missing}
    assert int(np.isnan(shrunk["dt_dy"]).sum()) <= 1


def test_two_dimensions_may_be_named_and_come_in_that_order(does, gfs):
    out = does("gradient", gfs, "-v", "t", "--dims", "lon,latitude").out
    assert [line.split()[0] for line in out.splitlines()] == ["dt_dx", "dt_dy"]


def test_without_targets_a_summary_is_printed_and_nothing_written(does, make, tmp_path):
    make()
    out = does("gradient", "small.nc", "--units", "K/km").out
    assert [line.split()[0] for line in out.splitlines()] == ["dt_dy", "dt_dx"]
    assert all("K km-1" in line for line in out.splitlines())
    assert [path.name for path in tmp_path.iterdir()] == ["small.nc"]


@pytest.mark.parametrize(
    ("level", "same"),
    [
        ("850", 850),
        ("850 hPa", 850),
        ("85000 Pa", 850),
        ("850mb", 850),
        (".5 bar", 500),
    ],
)
def test_a_level_may_carry_a_unit(does, block, level, same):
    does("gradient", block, "-v", "t", "--level", level, "-o", "out.nc")
    assert float(opened("out.nc")["plev"]) == same


@pytest.mark.parametrize(
    ("time", "hour"),
    [
        ("0", 0),
        ("-1", 18),
        ("2", 12),
        ("2001-02-03T06", 6),
        ("2001-02-03T06:00", 6),
        ("2001-02-03 06:00:00", 6),
        ("2001-02-03T06:00:00Z", 6),
    ],
)
def test_a_time_may_be_a_number_or_a_date(does, block, time, hour):
    does("gradient", block, "-v", "t", "--time", time, "-o", "out.nc")
    expected = np.datetime64("2001-02-03", "h") + hour
    assert opened("out.nc")["time"].values == expected


def test_a_time_beyond_the_thousandth_has_a_number_too(does):
    times = np.datetime64("2000-01-01", "ns") + np.arange(1200) * np.timedelta64(1, "h")
    ds = xr.Dataset(
        {"t": (("time", "y"), np.ones((1200, 3)), {"units": "K"})},
        {"time": times, "y": ("y", [0.0, 1.0, 2.0], {"units": "km"})},
    )
    ds.to_netcdf("hourly.nc")
    does("derivative", "hourly.nc", "--dim", "y", "--time", "1100", "-o", "out.nc")
    assert opened("out.nc")["time"].values == times[1100]


def test_a_date_of_another_calendar_selects(does):
    path = shared("ship/A1B_north_america.nc")
    does("gradient", path, "--time", "1860-06", "-o", "out.nc")
    assert str(opened("out.nc")["time"].values).startswith("1860-06-01")


@pytest.mark.parametrize(
    ("name", "variable", "time"),
    [
        ("malformed/nonmonotonic_time.nc", "wind1", "2"),
        ("malformed/nonmonotonic_time.nc", "wind2", "0"),
        ("malformed/ncl_hgt_months_since.nc", "HGT", "0"),
    ],
    ids=["twice", "missing", "not decoded"],
)
def test_one_time_can_be_taken_by_number_from_an_axis_that_is_faulty(
    does, name, variable, time
):
    """The whole field can be differentiated; so can one time of it."""
    path = shared(name)
    does("gradient", path, "-v", variable, "-o", "all.nc")
    does("gradient", path, "-v", variable, "--time", time, "-o", "one.nc")
    with (
        xr.open_dataset("all.nc", decode_times=False) as whole,
        xr.open_dataset("one.nc", decode_times=False) as one,
    ):
        for component in whole.data_vars:
            slab = whole[component].isel({whole[component].dims[0]: int(time)})
            np.testing.assert_array_equal(one[component].values, slab.values)


@pytest.mark.parametrize(
    ("dim", "option", "value"),
    [
        ("plev", "--level", "850"),
        ("time", "--time", "1"),
    ],
)
def test_a_derivative_along_an_axis_can_be_shown_at_one_of_its_points(
    does, block, dim, option, value
):
    """Else there is no way to a map of it: a picture of all levels is refused."""
    rest = ("--time", "0") if dim == "plev" else ("--level", "850")
    line = ("derivative", block, "-v", "t", "--dim", dim, option, value, *rest)
    does(*line, "-o", "out.nc", "--plot", "out.png")
    (result,) = opened("out.nc").data_vars.values()
    assert result.dims == ("lat", "lon")


@pytest.mark.parametrize("variable", ["lat", "plev", "time"])
def test_the_derivative_of_a_coordinate_has_a_unit_or_is_refused(
    xnabla, block, variable
):
    ending = xnabla("gradient", block, "-v", variable, "-o", "out.nc")
    if ending.code == 0:
        with xr.open_dataset("out.nc", decode_times=False) as out:
            for result in out.data_vars.values():
                assert "units" in result.attrs
    else:
        assert ending.code == 2


@pytest.mark.parametrize("kind", ["png", "PNG", "pdf", "svg"])
def test_every_kind_of_picture_is_drawn(does, make, tmp_path, kind):
    starts = {"png": b"\x89PNG", "pdf": b"%PDF", "svg": b"<?xml"}
    does("gradient", make(), "--plot", f"out.{kind}")
    picture = (tmp_path / f"out.{kind}").read_bytes()
    assert picture.startswith(starts[kind.lower()])


@pytest.mark.parametrize(
    "change",
    [
        lambda ds: ds.assign(t=ds["t"] * np.nan),
        lambda ds: ds.assign(t=ds["t"] * 0 + np.float32(280)),
        lambda ds: ds.assign(t=ds["t"].where(ds["lat"] > 45, np.inf)),
        lambda ds: ds.assign(t=ds["t"] * np.float32(1e36)),
        lambda ds: ds.assign(t=ds["t"].assign_attrs(long_name="気温")),
        lambda ds: ds.assign(t=ds["t"].assign_attrs(long_name="a\x1b[31m $x_2^ \\n")),
    ],
    ids=[
        "all missing",
        "constant",
        "infinite",
        "huge",
        "Chinese",
        "control characters",
    ],
)
def test_odd_fields_are_drawn_without_a_word(does, make, change):
    def keep_units(ds):
        changed = change(ds)
        changed["t"].attrs["units"] = "K"
        return changed

    make(change=keep_units)
    does("gradient", "small.nc", "-o", "out.nc", "--plot", "out.png")


@pytest.mark.parametrize(
    "name",
    [
        "with space.nc",
        "été ∇.nc",
        "100%.nc",
        "%s%d{0}.nc",
        "a\nb.nc",
        "a\x1b[2Jb.nc",
        "quo'te\".nc",
        "$(x);y,z.nc",
        "a*b?[c].nc",
        "~home.nc",
        "-o.nc",
        "x" * 240 + ".nc",
    ],
)
def test_any_name_of_a_file_works(does, make, name, tmp_path):
    (tmp_path / make()).rename(tmp_path / name)
    does("info", "--", name)
    does("gradient", "-o", f"out{name}"[:250], "--", name)
    assert (tmp_path / f"out{name}"[:250]).exists()


def test_a_target_without_an_ending_is_netcdf(does, make):
    does("gradient", make(), "-o", "result")
    assert set(opened("result").data_vars) == {"dt_dy", "dt_dx"}


def test_overwrite_replaces_both_targets(does, make, tmp_path):
    for name in ("out.nc", "out.png"):
        (tmp_path / name).write_text("old")
    does("gradient", make(), "-o", "out.nc", "--plot", "out.png", "--overwrite")
    assert (tmp_path / "out.png").read_bytes().startswith(b"\x89PNG")
    assert opened("out.nc")["dt_dy"].attrs["units"] == "K m-1"
