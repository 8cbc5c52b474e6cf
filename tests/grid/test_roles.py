"""What a coordinate is, told by the words real files use."""

import numpy as np
import pytest
import xarray as xr
from grid.making import lat_lon, one_d

import xnabla as xn


def role(name, attrs, points=(10.0, 20.0, 30.0)):
    """Return the role that a coordinate of this name takes."""
    grid = xn.grid_of(one_d(points, dim=name, attrs=attrs))
    return grid.roles[name]


NORTH = [
    "degrees_north",
    "degree_north",
    "degree_N",
    "degrees_N",
    "degreeN",
    "degreesN",
    "Degrees_North",
]
EAST = [
    "degrees_east",
    "degree_east",
    "degree_E",
    "degrees_E",
    "degreeE",
    "degreesE",
    "DEGREES_EAST",
]


@pytest.mark.parametrize("units", [*NORTH, "degrees north", "degrees latitude"])
def test_units_of_north_make_a_latitude_of_any_name(units):
    assert role("q", {"units": units}) == "latitude"


@pytest.mark.parametrize("units", [*EAST, "degrees east", "degrees longitude"])
def test_units_of_east_make_a_longitude_of_any_name(units):
    assert role("q", {"units": units}) == "longitude"


@pytest.mark.parametrize("units", [*NORTH, "degrees", "degree", "deg"])
def test_every_spelling_of_degrees_gives_the_same_points(units):
    axis = xn.grid_of(
        one_d([10.0, 20.0, 30.0], dim="lat", attrs={"units": units})
    ).axis("lat")
    np.testing.assert_allclose(axis.line.points, np.deg2rad([10, 20, 30]), rtol=1e-14)


@pytest.mark.parametrize("units", ["radian", "radians", "rad"])
def test_radians_are_taken_as_radians(units):
    axis = xn.grid_of(one_d([0.1, 0.2, 0.3], dim="lat", attrs={"units": units})).axis(
        "lat"
    )
    np.testing.assert_allclose(axis.line.points, [0.1, 0.2, 0.3], rtol=1e-13)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("lat", "latitude"),
        ("latitude", "latitude"),
        ("Latitude", "latitude"),
        ("LAT", "latitude"),
        ("nav_lat", "latitude"),
        ("XLAT", "latitude"),
        ("XLAT_M", "latitude"),
        ("lat_rho", "latitude"),
        ("lat_0", "latitude"),
        ("lon", "longitude"),
        ("long", "longitude"),
        ("longitude", "longitude"),
        ("nav_lon", "longitude"),
        ("XLONG", "longitude"),
        ("XLONG_M", "longitude"),
        ("lon_rho", "longitude"),
        ("rlat", "grid_latitude"),
        ("rlon", "grid_longitude"),
        ("x", "x"),
        ("xc", "x"),
        ("easting", "x"),
        ("y", "y"),
        ("northing", "y"),
        ("lev", "vertical"),
        ("level", "vertical"),
        ("plev", "vertical"),
        ("isobaricInhPa", "vertical"),
        ("depth", "vertical"),
        ("height", "vertical"),
        ("time", "time"),
        ("Time", "time"),
        ("valid_time", "time"),
        ("step", "time"),
        ("number", "other"),
        ("latency", "other"),
        ("slope", "other"),
        ("wavelength", "other"),
    ],
)
def test_a_name_alone_reveals_the_role(name, expected):
    assert role(name, {}) == expected


def test_units_reveal_latitude_and_longitude_under_ferret_names():
    assert role("ETOPO60Y", {"units": "degrees_north"}) == "latitude"
    assert role("ETOPO60X", {"units": "degrees_east"}) == "longitude"


@pytest.mark.parametrize(
    ("standard_name", "expected"),
    [
        ("latitude", "latitude"),
        ("longitude", "longitude"),
        ("projection_x_coordinate", "x"),
        ("projection_y_coordinate", "y"),
        ("grid_latitude", "grid_latitude"),
        ("grid_longitude", "grid_longitude"),
        ("air_pressure", "vertical"),
        ("altitude", "vertical"),
        ("depth", "vertical"),
        ("model_level_number", "vertical"),
        ("time", "time"),
        ("forecast_period", "time"),
        ("forecast_reference_time", "time"),
    ],
)
def test_a_standard_name_outranks_the_name(standard_name, expected):
    assert role("lat", {"standard_name": standard_name}) == expected


@pytest.mark.parametrize(
    ("axis", "expected"), [("X", "x"), ("Y", "y"), ("Z", "vertical"), ("T", "time")]
)
def test_the_axis_attribute_reveals_a_role_when_nothing_else_does(axis, expected):
    assert role("q", {"axis": axis}) == expected


def test_the_axis_attribute_does_not_outrank_units_of_north():
    assert role("q", {"axis": "Y", "units": "degrees_north"}) == "latitude"


def test_the_axis_attribute_does_not_make_plane_x_of_a_longitude_in_degrees():
    assert role("longitude", {"axis": "X", "units": "degrees"}) == "longitude"


@pytest.mark.parametrize(
    ("axis_type", "expected"),
    [
        ("Lat", "latitude"),
        ("Lon", "longitude"),
        ("GeoX", "x"),
        ("GeoY", "y"),
        ("Pressure", "vertical"),
        ("Height", "vertical"),
        ("GeoZ", "vertical"),
        ("Time", "time"),
    ],
)
def test_the_unidata_axis_type_reveals_the_role(axis_type, expected):
    assert role("q", {"_CoordinateAxisType": axis_type}) == expected


@pytest.mark.parametrize("positive", ["up", "down", "Up", "DOWN"])
def test_positive_up_or_down_makes_a_vertical_coordinate(positive):
    assert role("q", {"units": "m", "positive": positive}) == "vertical"


@pytest.mark.parametrize("units", ["hPa", "Pa", "millibars", "mb", "mbar", "dbar"])
def test_units_of_pressure_make_a_vertical_coordinate(units):
    assert role("q", {"units": units}) == "vertical"


@pytest.mark.parametrize(
    "dtype", ["datetime64[ns]", "datetime64[s]", "timedelta64[ns]"]
)
def test_dates_make_a_time_axis_of_any_name(dtype):
    assert role("q", {}, np.array([1, 2, 3]).astype(dtype)) == "time"


def test_cftime_dates_make_a_time_axis_of_any_name():
    dates = xr.date_range("2001-01-01", periods=3, calendar="noleap", use_cftime=True)
    assert role("q", {}, np.array(dates)) == "time"


@pytest.mark.parametrize("long_name", ["latitude", "Longitude"])
def test_a_long_name_reveals_a_role(long_name):
    assert role("q", {"long_name": long_name}) == long_name.lower()


@pytest.mark.parametrize("name", ["rlat", "grid_latitude"])
def test_a_rotated_latitude_with_units_of_north_is_not_taken_for_a_true_one(name):
    assert role(name, {"units": "degrees_north"}) == "grid_latitude"


@pytest.mark.parametrize("name", ["t", "init", "lead"])
def test_a_number_of_hours_is_a_time_axis(name):
    """Only time is counted in hours; a derivative against it is per second."""
    assert role(name, {"units": "hours"}) == "time"


def test_an_axis_answers_to_its_dimension_its_coordinate_and_its_role():
    field = one_d([10.0, 20.0, 30.0], dim="j").drop_vars("j")
    field = field.assign_coords(lat=("j", [10.0, 20.0, 30.0], {"units": "degrees"}))
    grid = xn.grid_of(field)
    assert grid.axis("j") is grid.axis("lat") is grid.axis("latitude")


def test_a_role_that_two_dimensions_share_is_not_resolved_by_guessing():
    values = np.zeros((3, 3))
    field = xr.DataArray(
        values,
        dims=("time", "step"),
        attrs={"units": "K"},
        coords={
            "time": np.array([0, 1, 2], "datetime64[ns]"),
            "step": np.array([0, 1, 2], "timedelta64[ns]"),
        },
    )
    grid = xn.grid_of(field)
    assert {grid.roles["time"], grid.roles["step"]} == {"time"}
    assert grid.axis("time").dim == "time"  # the exact name wins
    assert grid.axis("step").dim == "step"


def test_a_dimension_coordinate_of_known_role_wins_over_an_auxiliary_one():
    field = one_d(np.array(["2001-01-01", "2001-01-02"], "M8[ns]"), dim="time")
    field = field.assign_coords(valid_time=("time", field.time.values + 1))
    assert xn.grid_of(field).axis("time").coordinate == "time"


def test_an_unknown_name_is_refused_with_the_names_there_are():
    with pytest.raises(xn.GridError, match=r"no dimension 'lev'.*'lat'"):
        xn.grid_of(one_d([1.0, 2.0, 3.0], dim="lat")).axis("lev")


def test_numbers_of_points_give_way_to_latitudes_that_say_so():
    """Dimensions lat and lon that only count, beside latitude and longitude."""
    t = lat_lon(np.arange(40.0, 61.0, 2.0), np.arange(0.0, 30.0, 3.0))
    named = {"lat": "latitude", "lon": "longitude"}
    counted = t.assign_coords(
        {name: (dim, t[dim].values, t[dim].attrs) for dim, name in named.items()}
    ).assign_coords({dim: np.arange(t.sizes[dim]) for dim in named})
    expected, made = (xn.gradient(field)["lat"].data for field in (t, counted))
    np.testing.assert_array_equal(made.magnitude, expected.magnitude)
