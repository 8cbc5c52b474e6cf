"""A result at the exit: its name, its attributes, its coordinates, and no more."""

import numpy as np
import pint
import pytest
import xarray as xr
from grid.making import globe, lat_lon, one_d

import xnabla as xn

TIMES = np.array(["2001-01-01T00", "2001-01-01T06", "2001-01-01T12"], "M8[ns]")


def full():
    """Make a field with all the metadata of a real one."""
    field = lat_lon(np.linspace(10.0, 60.0, 6), np.linspace(0.0, 40.0, 5))
    field = field.expand_dims(time=TIMES).copy()
    field.attrs = {
        "units": "K",
        "standard_name": "air_temperature",
        "long_name": "temperature",
        "valid_range": [100.0, 400.0],
        "valid_min": 100.0,
        "valid_max": 400.0,
        "actual_range": [200.0, 300.0],
        "_FillValue": -999.0,
        "missing_value": -999.0,
        "scale_factor": 0.01,
        "add_offset": 273.0,
        "flag_values": [1, 2],
        "GRIB_paramId": 130,
        "GRIB_units": "K",
        "cell_methods": "time: mean",
        "grid_mapping": "crs",
        "ancillary_variables": "t_error",
        "level_desc": "Surface",
    }
    field.encoding = {"scale_factor": 0.01, "dtype": "int16", "_FillValue": -32767}
    field = field.assign_coords(
        crs=(
            (),
            0,
            {"grid_mapping_name": "latitude_longitude", "earth_radius": 6371229.0},
        ),
        height=((), 2.0, {"units": "m", "positive": "up"}),
        label=("lat", list("abcdef"), {"note": "rows"}),
    )
    field["lat"].attrs["bounds"] = "lat_bnds"
    return field


@pytest.mark.parametrize(
    ("dim", "name", "phrase"),
    [
        ("lat", "dt_dy", "northward derivative of temperature"),
        ("lon", "dt_dx", "eastward derivative of temperature"),
        ("time", "dt_dt", "time derivative of temperature"),
    ],
)
def test_results_are_named_for_what_they_are(dim, name, phrase):
    got = xn.derivative(full(), dim)
    assert got.name == name
    assert got.attrs["long_name"] == phrase


def test_a_second_derivative_says_so():
    got = xn.derivative(full(), "lat", order=2)
    assert got.name == "d2t_dy2"
    assert got.attrs["long_name"] == "second northward derivative of temperature"


def test_a_derivative_along_pressure_is_named_after_its_coordinate():
    field = one_d([1000.0, 850.0, 500.0], dim="plev", attrs={"units": "hPa"})
    got = xn.derivative(field, "plev")
    assert got.name == "dt_dplev"
    assert "plev" in got.attrs["long_name"]


def test_a_field_without_a_name_gives_names_all_the_same():
    got = xn.derivative(full().rename(None), "lat")
    assert got.name == "df_dy"


def test_without_a_long_name_the_standard_name_speaks():
    field = full()
    del field.attrs["long_name"]
    assert xn.derivative(field, "lat").attrs["long_name"] == (
        "northward derivative of air temperature"
    )


STALE = [
    "valid_range",
    "valid_min",
    "valid_max",
    "actual_range",
    "_FillValue",
    "missing_value",
    "scale_factor",
    "add_offset",
    "flag_values",
    "GRIB_paramId",
    "GRIB_units",
    "ancillary_variables",
    "level_desc",
    "units",
]


@pytest.mark.parametrize("key", STALE)
@pytest.mark.parametrize("dim", ["lat", "time"])
def test_nothing_stale_is_inherited(key, dim):
    assert key not in xn.derivative(full(), dim).attrs


@pytest.mark.parametrize("dim", ["lat", "lon"])
def test_a_spatial_derivative_has_no_standard_name(dim):
    assert "standard_name" not in xn.derivative(full(), dim).attrs


@pytest.mark.parametrize(
    "name",
    [
        "air_temperature",
        "eastward_wind",
        "northward_wind",
        "specific_humidity",
        "surface_air_pressure",
        "air_pressure",
    ],
)
def test_a_time_derivative_takes_the_tendency_name_cf_has(name):
    field = full().assign_attrs(standard_name=name)
    assert xn.derivative(field, "time").attrs["standard_name"] == f"tendency_of_{name}"


@pytest.mark.parametrize("name", ["sea_surface_temperature", "geopotential_height"])
def test_a_time_derivative_takes_no_name_cf_lacks(name):
    field = full().assign_attrs(standard_name=name)
    assert "standard_name" not in xn.derivative(field, "time").attrs


def test_a_second_time_derivative_is_no_tendency():
    field = one_d(np.arange(5).astype("M8[s]"), dim="time").assign_attrs(
        standard_name="air_temperature"
    )
    assert "standard_name" not in xn.derivative(field, "time", order=2).attrs


def test_the_grid_mapping_stays():
    got = xn.derivative(full(), "lat")
    assert got.attrs["grid_mapping"] == "crs"
    assert got["crs"].attrs["grid_mapping_name"] == "latitude_longitude"


def test_a_grid_mapping_in_the_encoding_stays():
    field = full()
    del field.attrs["grid_mapping"]
    field.encoding["grid_mapping"] = "crs"
    got = xn.derivative(field, "lat")
    assert "crs" in (got.attrs.get("grid_mapping"), got.encoding.get("grid_mapping"))


def test_the_encoding_of_the_field_is_not_that_of_the_result():
    got = xn.derivative(full(), "lat")
    for key in ("scale_factor", "dtype", "_FillValue"):
        assert key not in got.encoding


def test_coordinates_and_their_attributes_are_kept():
    field = full()
    got = xn.derivative(field, "lat")
    assert set(got.coords) == set(field.coords)
    for name in field.coords:
        xr.testing.assert_identical(got[name].variable, field[name].variable)


def test_the_encoding_of_coordinates_is_kept():
    """Time goes back into a file in the units it came with."""
    field = full()
    field["time"].encoding["units"] = "hours since 1900-01-01"
    got = xn.derivative(field, "lat")
    assert got["time"].encoding["units"] == "hours since 1900-01-01"


def test_dimensions_keep_their_order():
    field = full().transpose("lon", "time", "lat")
    for part in xn.gradient(field):
        assert part.dims == field.dims


# --- cell methods ----------------------------------------------------------------


def methods(text, dim):
    """Return the cell methods of a derivative."""
    return xn.derivative(full().assign_attrs(cell_methods=text), dim).attrs.get(
        "cell_methods", ""
    )


@pytest.mark.parametrize("text", ["time: mean", "time: mean (interval: 1 day)"])
def test_cell_methods_along_other_dimensions_stay(text):
    assert methods(text, "lat") == text


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("time: mean", ""),
        ("time: mean (interval: 6 h)", ""),
        ("time: mean area: mean", "area: mean"),
        ("area: mean time: maximum (interval: 1 h comment: sampled)", "area: mean"),
        ("time: minimum within days time: mean over days", ""),
        ("time: mean where land", ""),
        ("area: mean where land time: mean", "area: mean where land"),
    ],
)
def test_cell_methods_along_the_dimension_go_whole(text, left):
    assert methods(text, "time") == left


@pytest.mark.parametrize("dim", ["lat", "lon"])
def test_a_method_of_two_dimensions_does_not_fall_to_pieces(dim):
    left = methods("time: point lat: lon: mean", dim)
    assert left in {
        "time: point",
        f"time: point {'lon' if dim == 'lat' else 'lat'}: mean",
    }


def test_the_method_of_a_dimension_whose_name_ends_alike_stays():
    assert methods("forecast_time: mean", "time") == "forecast_time: mean"


# --- round trips -----------------------------------------------------------------


def test_components_written_by_xarray_come_back_with_the_same_units(tmp_path):
    g = xn.gradient(full(), units="K/km")
    g.to_dataset().to_netcdf(tmp_path / "g.nc")
    with xr.open_dataset(tmp_path / "g.nc") as back:
        for part in g:
            assert back[part.name].attrs["units"] == "K km-1"
            np.testing.assert_array_equal(back[part.name].values, part.data.magnitude)
            assert back[part.name].attrs["long_name"] == part.attrs["long_name"]


def test_what_is_read_back_is_quantified_to_what_was_written(tmp_path):
    part = xn.derivative(full(), "time", units="K/day")
    xn.dequantify(part).to_netcdf(tmp_path / "g.nc")
    with xr.open_dataarray(tmp_path / "g.nc") as back:
        again = xn.quantify(back)
        assert again.data.units == part.data.units
        np.testing.assert_array_equal(again.data.magnitude, part.data.magnitude)


@pytest.mark.parametrize(
    "unit", ["K/km", "degC", "1", "m**2/s**2", "Pa/s", "1/s", "degree"]
)
def test_dequantify_then_quantify_is_the_identity(unit):
    field = xr.DataArray(
        pint.Quantity(np.arange(3.0), unit), dims="x", name="t", attrs={"note": "kept"}
    )
    again = xn.quantify(xn.dequantify(field))
    assert again.data.units == field.data.units
    xr.testing.assert_identical(again, field)


def test_dequantify_takes_a_dataset_and_its_coordinates():
    field = xr.DataArray(
        pint.Quantity(np.arange(3.0), "K"),
        dims="x",
        coords={"h": ("x", pint.Quantity(np.arange(3.0), "km"))},
    )
    got = xn.dequantify(field.to_dataset(name="t"))
    assert got["t"].attrs["units"] == "K"
    assert got["h"].attrs["units"] == "km"
    assert isinstance(got["t"].data, np.ndarray)
    assert isinstance(got["h"].data, np.ndarray)


def test_dequantify_leaves_a_plain_field_alone():
    field = one_d([0.0, 1.0, 2.0])
    xr.testing.assert_identical(xn.dequantify(field), field)


def test_quantify_refuses_a_field_without_units():
    with pytest.raises(xn.UnitsError, match="'t'"):
        xn.quantify(one_d([0.0, 1.0, 2.0], units=None))


def test_quantify_refuses_a_unit_with_a_scale_and_says_why():
    """pint has no place for 1e-5: a number must not change its meaning in silence."""
    with pytest.raises(xn.UnitsError, match=r"1e-05|1e-5"):
        xn.quantify(one_d([0.0, 1.0, 2.0], units="1e-5 s-1"))


def test_dequantify_and_quantify_change_nothing_they_are_given():
    field = one_d([0.0, 1.0, 2.0])
    before = field.copy(deep=True)
    quantified = xn.quantify(field)
    xr.testing.assert_identical(field, before)
    assert "units" not in quantified.attrs


@pytest.mark.parametrize("function", [xn.quantify, xn.dequantify])
@pytest.mark.parametrize("given", [None, 3.0, "t"])
def test_what_is_no_field_is_refused(function, given):
    with pytest.raises(xn.FieldError):
        function(given)


def test_lazy_results_stay_lazy_through_dequantify():
    pytest.importorskip("dask.array")
    lazy = xn.dequantify(xn.derivative(globe().chunk(lat=5), "lat"))
    assert lazy.chunks is not None
