"""What is selected: by value, range or region; as early as right, late as it must."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from recipes.making import analysis, written

from xnabla.errors import FileError, OptionError, XnablaError
from xnabla.grid import grid_of
from xnabla.recipes import Job, Step, _memory, run, step_of
from xnabla.recipes._picks import picks_of
from xnabla.recipes._region import Region, region_selections
from xnabla.recipes._times import ends_of

SHIP = Path(__file__).resolve().parents[3] / "shared" / "data" / "ship"


@pytest.fixture
def everything(tmp_path):
    return written(analysis(), tmp_path / "everything.nc")


@pytest.fixture
def in_small_blocks(monkeypatch):
    def begin():
        monkeypatch.setattr(_memory, "_OWN_BYTES", 10**12)
        monkeypatch.setattr(_memory, "_LEAST_BLOCK", 500)

    return begin


def on(lon, lat=None) -> xr.DataArray:
    """A field of temperature whose values tell the place."""
    lon = np.asarray(lon, float)
    lat = np.arange(-90.0, 91.0, 10.0) if lat is None else np.asarray(lat, float)
    values = np.add.outer(lat, np.round(lon % 360.0, 6) / 1000.0)
    return xr.DataArray(
        values,
        dims=("lat", "lon"),
        name="t",
        attrs={"units": "K"},
        coords={
            "lat": ("lat", lat, {"units": "degrees_north"}),
            "lon": ("lon", lon, {"units": "degrees_east", "long_name": "longitude"}),
        },
    )


def cut(field: xr.DataArray, text: str) -> xr.DataArray:
    for chosen in region_selections(field, grid_of(field), Region.of(text)):
        field = chosen.of(field)
    return field


# ------------------------------------------------------------------- regions


@pytest.mark.parametrize(
    ("lon", "text", "expected"),
    [
        (np.arange(0, 360, 10), "-20:20,350:10", [350, 360, 370]),
        (np.arange(0, 360, 10), "-20:20,-10:10", [-10, 0, 10]),
        (np.arange(0, 360, 10), "-20:20,30:50", [30, 40, 50]),
        # not across the seam: the longitudes stay what they are in the file
        (np.arange(0, 360, 10), "-20:20,-50:-30", [310, 320, 330]),
        (np.arange(-180, 180, 10), "-20:20,170:190", [170, 180, 190]),
        (np.arange(-180, 180, 10), "-20:20,170:-170", [170, 180, 190]),
        (np.arange(-180, 180, 10), "-20:20,340:350", [-20, -10]),
        # from north to south and from east to west
        (np.arange(350, -10, -10), "-20:20,350:10", [370, 360, 350]),
        # a column that is there twice
        (np.arange(0, 361, 10), "-20:20,350:10", [350, 360, 370]),
        # the seam in the middle of the file
        (np.r_[180:360:10, 0:180:10], "-20:20,350:10", [350, 360, 370]),
        # a part of the globe
        (np.arange(-20, 41, 10), "-20:20,350:10", [-10, 0, 10]),
        (np.arange(0, 360, 10), "-20:20,0:360", np.arange(0, 360, 10)),
        (np.arange(0, 360, 10), "-20:20,10W:10E", [-10, 0, 10]),
    ],
    ids=str,
)
def test_a_region_comes_out_in_order_across_any_seam(lon, text, expected):
    field = on(lon)
    made = cut(field, text)
    assert made["lon"].values.tolist() == list(expected)
    assert made["lat"].values.tolist() == [-20, -10, 0, 10, 20]
    assert made["lon"].attrs == field["lon"].attrs
    # each value is that of its place
    np.testing.assert_allclose(made, on(made["lon"], made["lat"]), rtol=0, atol=1e-12)


def test_rounded_coordinates_lie_on_the_rim():
    lat = np.linspace(90, -90, 1801).astype("f4")
    field = on(np.arange(0, 360, 0.1).astype("f4"), lat)
    made = cut(field, "34.9:35.1,10.3:10.6")
    assert made.shape == (3, 4)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("35:70", "no region.*SOUTH:NORTH,WEST:EAST"),
        ("70:35,0:10", "south to north.*--region 35:70,0:10"),
        ("10:100,0:10", "between -90 and 90"),
        ("a:b,0:10", "no region"),
        ("10E:20E,30N:40N,5:6", "no region"),
        ("10N:20E,0:10", "no region"),
        ("10E:20E,0:10", "no region|Nothing|latitude"),
    ],
)
def test_what_is_no_region_is_refused(text, words):
    if text == "10E:20E,0:10":
        # letters tell which is which, in any order
        assert Region.of(text) == Region(0.0, 10.0, 10.0, 20.0)
        return
    with pytest.raises(OptionError, match=words):
        Region.of(text)


def test_a_region_without_a_point_is_refused():
    with pytest.raises(OptionError, match=r"No latitude of 't' lies in 41 to 49.*-90"):
        cut(on(np.arange(0, 360, 10)), "41:49,0:50")
    with pytest.raises(OptionError, match="No longitude"):
        cut(on(np.arange(0, 50, 10)), "0:50,100:120")


@pytest.mark.parametrize(
    ("operator", "more"),
    [
        ("gradient", {"variable": "t"}),
        ("laplacian", {"variable": "t", "parameters": {"accuracy": 4}}),
        ("vorticity", {}),
        ("potential_vorticity", {}),
        ("smooth_gaussian", {"variable": "t", "parameters": {"n": 6}}),
        ("geostrophic_wind", {}),
    ],
)
@pytest.mark.parametrize("blocks", [False, True], ids=["whole", "in blocks"])
@pytest.mark.parametrize("region", ["-50:50,300:60", "40:75,90:200"])
def test_a_region_is_a_part_of_the_globe(
    everything, in_small_blocks, operator, more, blocks, region
):
    """To the bit: neither its rim nor the seam nor the pole is any other."""
    whole = run(Job(operator, everything, **more))
    if blocks:
        in_small_blocks()
    part = run(Job(operator, everything, **more, region=region))
    for name, field in part.data_vars.items():
        assert field.sizes["lon"] < whole.sizes["lon"]
        other = whole[name].sel(lat=field["lat"], lon=field["lon"] % 360.0)
        np.testing.assert_array_equal(field.values, other.values)
    assert all(a < b for a, b in pairwise(part["lon"].values))


def test_a_chain_of_derivatives_is_cut_at_its_end(everything):
    steps = (Step("magnitude"), Step("laplacian"))
    whole = run(Job("gradient", everything, "t", then=steps))
    part = run(Job("gradient", everything, "t", then=steps, region="0:60,0:90"))
    (name,) = part.data_vars
    other = whole[name].sel(lat=part["lat"], lon=part["lon"])
    np.testing.assert_array_equal(part[name], other)


def test_only_the_blocks_of_a_region_are_read(everything, in_small_blocks, monkeypatch):
    from xarray.backends.netCDF4_ import NetCDF4ArrayWrapper

    original, read = NetCDF4ArrayWrapper._getitem, []

    def count(self, key):
        values = original(self, key)
        read.append(np.size(values) * (self.variable_name == "t"))
        return values

    in_small_blocks()
    monkeypatch.setattr(NetCDF4ArrayWrapper, "_getitem", count)
    run(Job("laplacian", everything, "t", region="20:40,30:60"))
    with xr.open_dataset(everything) as ds:
        assert 0 < sum(read) < 0.7 * ds["t"].size


def test_what_is_made_of_the_whole_map_is_made_of_the_region(everything, tmp_path):
    """As of a file that holds the region alone."""
    where = {"level": "500", "time": "0"}
    region = run(Job("extrema", everything, "gh", region="-60:60,30:300", **where))
    with xr.open_dataset(everything) as ds:
        inside = ds[["gh"]].sel(lat=slice(-60, 60), lon=slice(30, 300)).load()
    alone = written(inside, tmp_path / "alone.nc")
    xr.testing.assert_equal(run(Job("extrema", alone, "gh", **where)), region)


def test_a_mean_over_a_region_is_of_the_region(everything):
    mean = step_of("mean", {"dims": "lat,lon"})
    steps = (Step("magnitude"), mean)
    part = run(Job("gradient", everything, "t", then=steps, region="0:60,0:90"))
    field = run(Job("gradient", everything, "t", then=steps[:1], region="0:60,0:90"))
    (name,) = part.data_vars
    assert part[name].dims == ("time", "plev")
    # bands of 15 degrees, by their area
    weights = np.sin(np.deg2rad(field["lat"] + 7.5))
    weights = weights - np.sin(np.deg2rad(field["lat"] - 7.5))
    expected = field[name].weighted(weights).mean(["lat", "lon"])
    np.testing.assert_allclose(part[name], expected, rtol=1e-12)


def test_a_trend_is_cut_before_it_is_fitted(everything):
    whole = run(Job("trend", everything, "t"))
    part = run(Job("trend", everything, "t", region="0:60,0:90"))
    other = whole["slope"].sel(lat=part["lat"], lon=part["lon"])
    np.testing.assert_array_equal(part["slope"], other)


@pytest.mark.parametrize(
    ("name", "variable", "region"),
    [
        ("nam211_lambert_20180917.nc", "t", "30:40,260:280"),
        ("nemo_orca1_gridT_201501.nc", "tos", "30:60,300:350"),
        ("iris_rotated_pole.nc", None, "50:55,-5:0"),
    ],
)
def test_other_grids_are_cut_to_the_smallest_box_that_holds_it(name, variable, region):
    path = SHIP / name
    if not path.exists():
        pytest.skip(f"needs {path}")
    where = {"level": "850"} if name.startswith("nam") else {}
    whole = run(Job("laplacian", str(path), variable, **where))
    part = run(Job("laplacian", str(path), variable, region=region, **where))
    (field,), (all_of_it,) = part.data_vars.values(), whole.data_vars.values()
    grid = grid_of(all_of_it)
    latitude, longitude = map(np.rad2deg, grid.surface.places)
    (south, north), (west, east) = (
        map(float, end.split(":")) for end in region.split(",")
    )
    inside = (latitude >= south) & (latitude <= north)
    inside &= (longitude - west) % 360 <= (east - west) % 360
    rows, columns = np.nonzero(inside)
    box = {
        dim: slice(index.min(), index.max() + 1)
        for dim, index in zip(grid.surface.dims, (rows, columns), strict=True)
    }
    np.testing.assert_array_equal(field, all_of_it.isel(box))


def test_a_plane_has_no_region(tmp_path):
    ds = xr.Dataset(
        {"t": (("y", "x"), np.ones((4, 5)), {"units": "K"})},
        {n: (n, np.arange(k) * 1.0, {"units": "km"}) for n, k in (("y", 4), ("x", 5))},
    )
    path = written(ds, tmp_path / "plane.nc")
    with pytest.raises(XnablaError, match="no latitudes and longitudes"):
        run(Job("laplacian", path, region="0:1,0:1"))


def test_bounds_are_cut_with_their_coordinate(tmp_path):
    ds = on(np.arange(0, 360, 10)).to_dataset()
    for name, half in (("lat", 5.0), ("lon", 5.0)):
        ds[name].attrs["bounds"] = f"{name}_bnds"
        edges = np.stack([ds[name] - half, ds[name] + half], axis=-1)
        ds[f"{name}_bnds"] = ((name, "bnds"), edges)
    path = written(ds, tmp_path / "bounds.nc")
    made = run(Job("laplacian", path, "t", region="-20:20,350:10"))
    for name in ("lat", "lon"):
        edges = made[f"{name}_bnds"]
        np.testing.assert_allclose(edges.mean("bnds"), made[name])
        np.testing.assert_allclose(edges[:, 1] - edges[:, 0], 10.0)


# ------------------------------------------------------------------- values


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        ("850", None),
        ("1000:700", [1000, 850, 700]),
        ("700:1000", [1000, 850, 700]),
        ("700 hPa:1000 hPa", [1000, 850, 700]),
        ("70000:85000 Pa", [850, 700]),
        ("800:", [1000, 850]),
        (":800", [700, 500]),
        ("500,1000", [1000, 500]),
        ("850:850", [850]),
    ],
)
def test_levels_may_be_ranges_and_lists(everything, level, expected):
    made = run(Job("laplacian", everything, "t", level=level, time="0"))
    found = made["plev"].values.tolist()
    assert found == (850 if expected is None else expected)


@pytest.mark.parametrize(
    ("time", "hours"),
    [
        ("0:1", [0, 6]),
        ("1:", [6, 12]),
        (":-2", [0, 6]),
        ("2001-02-03:2001-02-03T06", [0, 6]),
        ("2001-02-03T06:2001-02-03T12", [6, 12]),
        ("2001-02-03T06:00:2001-02-03T12:00", [6, 12]),
        ("2001-02:2001-02", [0, 6, 12]),
        ("2001-02-03T01:", [6, 12]),
        ("2001:2001", [0, 6, 12]),
    ],
)
def test_times_may_be_ranges(everything, time, hours):
    made = run(Job("laplacian", everything, "t", level="850", time=time))
    expected = np.datetime64("2001-02-03", "ns") + np.array(hours) * 3600 * 10**9
    np.testing.assert_array_equal(made["time"].values, expected)


@pytest.mark.parametrize(
    ("what", "word", "words"),
    [
        ("level", "860", "--level 850 or --level 1000, or --nearest"),
        ("level", "10:20", "Nothing lies between 10 and 20.*500 to 1000 hPa"),
        ("level", "1000 m:500 m", "'m' does not fit"),
        ("level", "high:low", "'high' is no level"),
        ("time", "2002:2003", "No time .* lies in '2002:2003'.*2001-02-03T00"),
        ("time", "5:9", "no time number 5"),
        ("time", "2001-02-03T05", "beside it 2001-02-03T00:00:00 and 2001-02-03T06"),
        ("time", "2001-02", "3 times fit.*2001-02:2001-02"),
    ],
)
def test_what_is_not_there_is_refused_with_what_is_beside_it(
    everything, what, word, words
):
    with pytest.raises(OptionError, match=words):
        run(Job("laplacian", everything, "t", **{what: word}))


@pytest.mark.parametrize(
    ("what", "word", "coordinate", "expected"),
    [
        ("level", "860", "plev", 850.0),
        ("level", "52 kPa", "plev", 500.0),
        ("time", "2001-02-03T08", "time", np.datetime64("2001-02-03T06", "ns")),
        ("time", "1999-01", "time", np.datetime64("2001-02-03T00", "ns")),
    ],
)
def test_the_nearest_is_taken_where_it_is_asked_for(
    everything, what, word, coordinate, expected
):
    made = run(Job("laplacian", everything, "t", **{what: word}, nearest=True))
    assert made[coordinate].values == expected


def test_the_nearest_date_of_another_calendar(tmp_path):
    ds = xr.Dataset(
        {"t": (("time", "x"), np.ones((4, 3)), {"units": "K"})},
        {
            "time": ("time", [0, 30, 60, 90],
                     {"units": "days since 2001-01-01", "calendar": "360_day"}),
            "x": ("x", [0.0, 1.0, 2.0], {"units": "km"}),
        },
    )  # fmt: skip
    path = written(ds, tmp_path / "days.nc")
    job = {"operator": "derivative", "input": path, "parameters": {"dim": "x"}}
    made = run(Job(**job, time="2001-02-28", nearest=True))
    assert made["time"].item().isoformat().startswith("2001-03-01")
    made = run(Job(**job, time="2001-02-30:2001-03"))
    assert [one.month for one in made["time"].values] == [3]


@pytest.mark.parametrize(
    ("select", "sizes"),
    [
        ("plev=850", {"time": 3, "lat": 11, "lon": 24}),
        ("vertical=1000:700", {"time": 3, "plev": 3, "lat": 11, "lon": 24}),
        ("lat=30", {"time": 3, "plev": 4, "lon": 24}),
        ("latitude=0:45", {"time": 3, "plev": 4, "lat": 4, "lon": 24}),
        ("longitude=330:30", {"time": 3, "plev": 4, "lat": 11, "lon": 5}),
        ("lon=-15", {"time": 3, "plev": 4, "lat": 11}),
        ("lon=0,90,180", {"time": 3, "plev": 4, "lat": 11, "lon": 3}),
        ("time=1:2", {"time": 2, "plev": 4, "lat": 11, "lon": 24}),
    ],
)
def test_any_dimension_is_selected_along(everything, select, sizes):
    whole = run(Job("laplacian", everything, "t"))["laplacian_t"]
    made = run(Job("laplacian", everything, "t", select=(select,)))["laplacian_t"]
    assert dict(made.sizes) == sizes
    # derivatives see their neighbours all the same
    where = {d: made[d] % 360 if d == "lon" else made[d] for d in ("lat", "lon")}
    other = whole.sel(lat=where["lat"], lon=where["lon"], time=made["time"],
                      plev=made["plev"])  # fmt: skip
    np.testing.assert_array_equal(made, other)


def test_members_without_values_and_with_names(tmp_path):
    values = np.arange(24.0).reshape(2, 3, 4)
    ds = xr.Dataset(
        {"t": (("member", "model", "x"), values, {"units": "K"})},
        {
            "model": np.array(["ifs", "gfs", "icon"]),
            "x": ("x", np.arange(4.0), {"units": "km"}),
        },
    )
    path = written(ds, tmp_path / "members.nc")
    job = {"operator": "derivative", "input": path, "parameters": {"dim": "x"}}
    made = run(Job(**job, select=("member=1", "model=gfs,icon")))
    assert made["model"].values.tolist() == ["gfs", "icon"]
    assert made["dt_dx"].dims == ("model", "x")
    with pytest.raises(OptionError, match=r"no 'jma' along 'model'.*ifs, gfs, icon"):
        run(Job(**job, select=("model=jma",)))
    with pytest.raises(OptionError, match="no place number 2 along 'member'"):
        run(Job(**job, select=("member=2",)))
    with pytest.raises(OptionError, match=r"no dimension 'modle'.*--select model=gfs"):
        run(Job(**job, select=("modle=gfs",)))


@pytest.mark.parametrize(
    ("select", "words"),
    [
        (("lat",), "no selection"),
        (("lat=",), "no selection"),
        (("lat=1", "lat=2"), "twice"),
    ],
)
def test_a_selection_is_well_formed_before_a_file_is_opened(select, words):
    with pytest.raises(OptionError, match=words):
        run(Job("laplacian", "missing.nc", select=select))
    with pytest.raises(FileError):
        run(Job("laplacian", "missing.nc", select=("lat=1",)))


def test_a_range_of_times_cuts_a_clock_in_the_right_place():
    assert ends_of("2001-02-03T06:00:00") is None
    assert ends_of("2001-02-03T06:00:2001-02-03T09:30") == (
        "2001-02-03T06:00",
        "2001-02-03T09:30",
    )
    assert ends_of(":3") == ("", "3")
    assert ends_of("-1") is None


def test_numbers_that_may_be_years_are_not_guessed():
    times = np.datetime64("2000-01-01", "ns") + np.arange(3000) * 3600 * 10**9
    field = xr.DataArray(np.zeros(3000), dims="time", name="t", coords={"time": times})
    (pick,) = picks_of(time="2000:2001")
    with pytest.raises(OptionError, match=r"numbers or years.*2000-01:2001-12"):
        pick.of(field, grid_of(field))


def test_a_range_along_the_derivative_is_cut_after_it(everything):
    job = {"operator": "derivative", "input": everything, "variable": "t"}
    whole = run(Job(**job, parameters={"dim": "time"}))
    part = run(Job(**job, parameters={"dim": "time"}, time="1:"))
    np.testing.assert_array_equal(part["dt_dt"], whole["dt_dt"][1:])


def test_a_mean_over_time_is_of_the_times_that_were_asked_for(everything):
    mean = step_of("mean", {"dims": "time"})
    job = {"operator": "laplacian", "input": everything, "variable": "t"}
    made = run(Job(**job, then=(mean,), time="1:"))
    whole = run(Job(**job))["laplacian_t"]
    np.testing.assert_allclose(
        made["laplacian_t"], whole[1:].mean("time"), rtol=1e-12, atol=1e-25
    )


def test_a_variable_is_named_by_its_standard_name(everything):
    by_name = run(Job("laplacian", everything, "theta"))
    told = run(Job("laplacian", everything, "air_potential_temperature"))
    xr.testing.assert_identical(by_name, told)
    with pytest.raises(FileError, match="'t' or 't2m'"):
        run(Job("laplacian", everything, "air_temperature"))
