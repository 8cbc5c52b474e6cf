"""What cannot be differentiated is refused, in a sentence that ends in what to type."""

import numpy as np
import pytest
import xarray as xr
from grid.making import globe, lat_lon, one_d, plane

import xnabla as xn


def refused(call, *words, kind=xn.XnablaError):
    """Check that a call is refused with a message of our shape, and return it."""
    with pytest.raises(kind) as caught:
        call()
    text = str(caught.value)
    assert "\n" not in text
    assert len(text) < 600
    for word in words:
        assert word in text
    return text


def km(points):
    """Make a field along x in kilometres."""
    return one_d(points, attrs={"units": "km"})


BAD = {
    "non-monotonic": ([0.0, 1.0, 3.0, 2.0, 4.0], "not monotonic", "sortby('x')"),
    "duplicate": ([0.0, 1.0, 1.0, 2.0], "twice", "drop_duplicates('x')"),
    "NaN": ([0.0, np.nan, 2.0, 3.0], "index 1", "isfinite"),
    "inf": ([0.0, 1.0, np.inf, 3.0], "index 2", "x"),
    "-inf": ([-np.inf, 1.0, 2.0, 3.0], "index 0", "x"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_faulty_coordinate_is_refused_by_name_place_and_cure(case):
    points, what, cure = BAD[case]
    refused(
        lambda: xn.derivative(km(points), "x"), "'x'", what, cure, kind=xn.GridError
    )


@pytest.mark.parametrize("case", BAD)
def test_every_refusal_of_a_coordinate_ends_in_something_to_type(case):
    text = refused(lambda: xn.derivative(km(BAD[case][0]), "x"))
    assert "Try: " in text


def test_the_cure_for_a_non_monotonic_coordinate_works_as_typed():
    field = km([0.0, 1.0, 3.0, 2.0, 4.0])
    assert np.isfinite(xn.derivative(field.sortby("x"), "x").data.magnitude).all()


def test_the_cure_for_a_duplicate_works_as_typed():
    field = km([0.0, 1.0, 1.0, 2.0, 3.0])
    assert xn.derivative(field.drop_duplicates("x"), "x").size == 4


@pytest.mark.parametrize("points", [[1.0], [1.0, 2.0]])
def test_too_few_points_are_refused_with_the_number_needed(points):
    text = refused(lambda: xn.derivative(km(points), "x"), "'x'", kind=xn.GridError)
    assert "3" in text
    assert str(len(points)) in text


def test_two_points_do_with_first_order_edges():
    got = xn.derivative(km([0.0, 2.0]), "x", edge_order=1, units="K/km")
    np.testing.assert_allclose(got.data.magnitude, 0.5, rtol=1e-14)


@pytest.mark.parametrize(
    "points", [np.array(["a", "b", "c"]), np.array([True, False, True])]
)
def test_a_coordinate_of_text_or_flags_is_refused(points):
    refused(lambda: xn.derivative(one_d(points), "x"), "'x'", "numbers")


def test_a_named_latitude_of_text_is_refused():
    field = one_d(np.array(["10N", "20N", "30N"]), dim="lat")
    refused(lambda: xn.derivative(field, "lat"), "'lat'", kind=xn.GridError)


@pytest.mark.parametrize("top", [90.5, 100.0])
def test_a_latitude_beyond_the_pole_is_refused(top):
    field = lat_lon(np.linspace(0.0, top, 5), np.arange(0.0, 360.0, 30.0))
    refused(lambda: xn.gradient(field), "'lat'", "90", f"{top:g}", kind=xn.GridError)


@pytest.mark.parametrize("units", ["m", "K", "1"])
def test_a_latitude_in_no_angle_is_refused(units):
    field = one_d([10.0, 20.0, 30.0], dim="lat", attrs={"units": units})
    refused(lambda: xn.derivative(field, "lat"), "'lat'", "degrees_north")


def test_latitude_without_units_is_taken_as_degrees_and_said():
    field = lat_lon([10.0, 20.0, 30.0], [0.0, 10.0, 20.0], lat_units=None)
    grid = xn.grid_of(field)
    assert any("lat" in note and "degrees" in note for note in grid.assumed)


def test_a_dimension_without_coordinate_is_refused():
    field = plane().drop_vars("x")
    refused(lambda: xn.gradient(field), "'x'", "assign_coords(x=", kind=xn.GridError)


def test_a_field_without_any_coordinates_is_refused():
    field = xr.DataArray(np.zeros((3, 4)), dims=("a", "b"), attrs={"units": "K"})
    text = refused(lambda: xn.gradient(field), kind=xn.GridError)
    assert "'a'" in text
    assert "'b'" in text


def test_all_faults_of_one_input_are_told_together():
    field = lat_lon([10.0, np.nan, 30.0], [0.0, 0.0, 20.0])
    refused(lambda: xn.gradient(field), "'lat'", "index 1", "'lon'", "twice")


def test_faults_of_coordinates_and_units_are_told_together():
    field = lat_lon([10.0, np.nan, 30.0], [0.0, 10.0, 20.0])
    del field.attrs["units"]
    refused(lambda: xn.gradient(field), "'lat'", "index 1", "no units")


def test_a_fault_of_one_axis_does_not_stop_another():
    field = plane().assign_coords(x=("x", [0.0, 1.0, 1.0, 2.0, 3.0], {"units": "km"}))
    np.testing.assert_allclose(
        xn.derivative(field, "y", units="K/km").data.magnitude, 3.0, rtol=1e-12
    )


TIME = np.array(["2001-01-01T00", "2001-01-01T01", "2001-01-01T02"], "M8[ns]")


def with_time(field):
    """Return the field at three hours, rising by 1 K each hour."""
    rise = xr.DataArray([0.0, 1.0, 2.0], dims="time", coords={"time": TIME})
    return (field + rise).transpose("time", ...).assign_attrs(units="K")


def rotated():
    """Make a field on a rotated grid."""
    return plane().assign_coords(
        y=("y", np.arange(4.0), {"units": "degrees", "standard_name": "grid_latitude"}),
        x=(
            "x",
            np.arange(5.0),
            {"units": "degrees", "standard_name": "grid_longitude"},
        ),
    )


def projected():
    """Make a field on a Lambert projection."""
    field = plane().assign_coords(
        lcc=((), 0, {"grid_mapping_name": "lambert_conformal_conic"})
    )
    return field.assign_attrs(grid_mapping="lcc")


INCOMPLETE = {
    "a rotated grid without its pole": (rotated, "rotated"),
    "a projection without parallels": (projected, "lambert_conformal_conic"),
}


@pytest.mark.parametrize("case", INCOMPLETE)
def test_a_map_that_does_not_say_enough_is_refused_and_named(case):
    make, word = INCOMPLETE[case]
    refused(lambda: xn.gradient(make()), word, kind=xn.GridError)


@pytest.mark.parametrize("case", INCOMPLETE)
@pytest.mark.parametrize("dim", ["x", "y"])
def test_one_horizontal_derivative_of_such_a_grid_is_refused_alike(case, dim):
    make, word = INCOMPLETE[case]
    refused(lambda: xn.derivative(make(), dim), word, kind=xn.GridError)


@pytest.mark.parametrize("case", INCOMPLETE)
def test_a_time_derivative_of_such_a_field_works(case):
    make, _ = INCOMPLETE[case]
    got = xn.derivative(with_time(make()), "time", units="K/hour")
    np.testing.assert_allclose(got.data.magnitude, 1.0, rtol=1e-10)


@pytest.mark.parametrize("case", INCOMPLETE)
def test_what_to_type_for_such_a_grid_is_something_to_type(case):
    make, _ = INCOMPLETE[case]
    text = refused(lambda: xn.gradient(make()))
    assert "crs=" in text.split("Try: ")[1] or "open_dataset" in text.split("Try: ")[1]


def test_well_known_text_of_a_projection_is_read():
    pyproj = pytest.importorskip("pyproj")
    field = plane().assign_coords(
        crs=((), 0, {"crs_wkt": pyproj.CRS.from_epsg(3857).to_wkt()})
    )
    grid = xn.grid_of(field.assign_attrs(grid_mapping="crs"))
    assert grid.kind == "projected"


def test_a_grid_mapping_that_is_named_but_absent_is_refused():
    """Without it lengths along x and y would be wrong by the scale of the map."""
    field = plane().assign_attrs(grid_mapping="crs")
    refused(lambda: xn.gradient(field), "'crs'", "not there", "decode_coords='all'")


def test_places_that_contradict_the_projection_are_refused():
    pyproj = pytest.importorskip("pyproj")
    field = plane()
    lat, lon = np.meshgrid(
        np.linspace(50, 60, field.y.size), np.linspace(0, 20, field.x.size)
    )
    field = field.assign_coords(
        crs=((), 0, {"crs_wkt": pyproj.CRS.from_epsg(3857).to_wkt()}),
        lat=(("y", "x"), lat.T, {"units": "degrees_north"}),
        lon=(("y", "x"), lon.T, {"units": "degrees_east"}),
    )
    refused(
        lambda: xn.gradient(field.assign_attrs(grid_mapping="crs")),
        "elsewhere",
        "half a cell",
    )


def test_two_dimensional_places_that_move_with_time_are_refused():
    lat = np.add.outer(np.arange(3.0), np.add.outer(np.arange(4.0), np.arange(5.0)))
    field = xr.DataArray(
        np.zeros((3, 4, 5)),
        dims=("time", "y", "x"),
        attrs={"units": "K"},
        coords={
            "lat": (("time", "y", "x"), lat, {"units": "degrees_north"}),
            "lon": (("time", "y", "x"), lat[:, :, ::-1], {"units": "degrees_east"}),
        },
    )
    refused(lambda: xn.gradient(field), "moves along 'time'", "isel(time=0)")


def test_true_latitude_and_longitude_beside_a_mapping_of_their_own_are_not_refused():
    field = globe().assign_coords(
        crs=((), 0, {"grid_mapping_name": "latitude_longitude"})
    )
    assert len(xn.gradient(field.assign_attrs(grid_mapping="crs"))) == 2


def test_where_a_coordinate_turns_back_is_shown_with_its_neighbours():
    lat = ("lat", [0.0, 1.0, 2.0, 1.5, 3.0], {"units": "degrees_north"})
    field = xr.DataArray(np.ones(5), dims="lat", coords={"lat": lat})
    field.attrs["units"] = "K"
    refused(
        lambda: xn.derivative(field, "lat"), "got 1, 2, 1.5 at index 1 to 3", "sortby"
    )


def test_an_unstructured_grid_is_refused():
    field = xr.DataArray(
        np.zeros(6),
        dims="cell",
        attrs={"units": "K"},
        coords={
            "lat": ("cell", np.linspace(0.0, 50.0, 6), {"units": "degrees_north"}),
            "lon": ("cell", np.linspace(0.0, 50.0, 6), {"units": "degrees_east"}),
        },
    )
    refused(lambda: xn.gradient(field), "'cell'", "unstructured", "regrid")


def test_a_grid_of_another_field_is_refused():
    refused(
        lambda: xn.gradient(globe(10.0), grid=xn.grid_of(globe(30.0))),
        "another field",
        "grid_of(field)",
        kind=xn.GridError,
    )


@pytest.mark.parametrize("given", ["lat-lon", 3, {}])
def test_a_grid_that_is_none_is_refused(given):
    refused(lambda: xn.gradient(globe(), grid=given), "grid_of(field)")


def test_a_grid_and_an_earth_contradict_each_other():
    field = globe()
    refused(lambda: xn.gradient(field, grid=xn.grid_of(field), earth="WGS84"), "grid=")


def test_a_grid_serves_the_transposed_field():
    field = globe()
    grid = xn.grid_of(field)
    expected = xn.derivative(field, "lat").transpose("lon", "lat")
    got = xn.derivative(field.transpose("lon", "lat"), "lat", grid=grid)
    xr.testing.assert_identical(got, expected)


@pytest.mark.parametrize("thing", [None, 3, "t2m", [1.0, 2.0]])
def test_grid_of_takes_a_dataarray_only(thing):
    with pytest.raises(xn.FieldError, match="DataArray"):
        xn.grid_of(thing)


def test_grid_of_a_dataset_names_its_variables():
    with pytest.raises(xn.FieldError, match="t2m"):
        xn.grid_of(globe().to_dataset(name="t2m"))


def test_longitudes_without_any_latitude_are_refused():
    field = globe().isel(lat=3, drop=True)
    refused(lambda: xn.derivative(field, "lon"), "latitude", kind=xn.GridError)


def test_longitudes_along_a_scalar_latitude_know_their_length():
    field = globe().sel(lat=60.0)
    full = xn.derivative(globe(), "lon").sel(lat=60.0)
    np.testing.assert_allclose(
        xn.derivative(field, "lon").data.magnitude, full.data.magnitude, rtol=1e-12
    )


def test_a_scalar_latitude_on_the_pole_has_no_eastward_derivative():
    field = globe().sel(lat=90.0)
    got = xn.derivative(field, "lon").data.magnitude
    assert np.isnan(got).all()


@pytest.mark.parametrize("value", [np.nan, 100.0])
def test_a_scalar_latitude_that_cannot_be_is_refused(value):
    field = globe().isel(lat=3, drop=True).assign_coords(lat=value)
    field["lat"].attrs["units"] = "degrees_north"
    refused(lambda: xn.derivative(field, "lon"), "lat")


def test_a_latitude_of_one_row_can_be_differentiated_along_longitude_only():
    field = globe().isel(lat=[3])
    full = xn.derivative(globe(), "lon").isel(lat=[3])
    np.testing.assert_allclose(
        xn.derivative(field, "lon").data.magnitude, full.data.magnitude, rtol=1e-12
    )
    refused(lambda: xn.derivative(field, "lat"), "too few", "'lat'")


def test_several_auxiliary_coordinates_are_not_chosen_from_by_guessing():
    field = (
        plane()
        .drop_vars("x")
        .assign_coords(
            height=("x", np.arange(5.0), {"units": "m"}),
            pressure=("x", np.arange(5.0), {"units": "hPa"}),
        )
    )
    refused(lambda: xn.derivative(field, "x"), "'height'", "'pressure'", "swap_dims")


def test_one_of_several_auxiliary_coordinates_may_be_named():
    field = (
        plane()
        .drop_vars("x")
        .assign_coords(
            height=("x", np.arange(5.0), {"units": "m"}),
            pressure=("x", np.arange(5.0), {"units": "hPa"}),
        )
    )
    swapped = field.swap_dims(x="height")
    assert xn.derivative(swapped, "height").data.units == "kelvin / meter"


def test_inputs_are_never_changed():
    field = lat_lon([10.0, 20.0, 30.0], np.arange(350, 370) % 360)
    before = field.copy(deep=True)
    xn.gradient(field, units="K/km")
    xr.testing.assert_identical(field, before)
    assert field.encoding == before.encoding


@pytest.mark.parametrize("as_text", [True, False])
def test_a_projection_given_as_crs_makes_a_map_of_a_plane(as_text):
    """Text and object mean the same."""
    pyproj = pytest.importorskip("pyproj")
    crs = "EPSG:3857" if as_text else pyproj.CRS.from_epsg(3857)
    field = plane()
    ours = xn.gradient(field, crs=crs)
    assert xn.grid_of(field, crs=crs).kind == "projected"
    theirs = xn.gradient(field, grid=xn.grid_of(field, crs=crs))
    for one, other in zip(ours, theirs, strict=True):
        xr.testing.assert_identical(one, other)


@pytest.mark.parametrize("value", [5, b"latitude", np.array([1, 2])])
def test_attributes_that_are_no_text_do_not_disturb(value):
    """Files hold numbers and bytes where text is meant."""
    field = plane()
    field["x"].attrs.update(standard_name=value, axis=value, positive=value)
    dx = xn.derivative(field, "x", units="K/km")
    np.testing.assert_allclose(dx.data.magnitude, 2.0, rtol=1e-12)


@pytest.mark.parametrize("operator", ["laplacian", "hessian"])
def test_a_grid_of_three_rows_is_told_how_many_it_needs(operator):
    """And is not sent to an option that the operator does not take."""
    field = plane(6, 3)
    text = refused(lambda: getattr(xn, operator)(field), "Expected at least 4", "got 3")
    hint = text.partition("Try: ")[2]
    assert hint.startswith("select at least 4 points along 'y'")
    assert hint.endswith("edge_order=1 of xn.derivative and xn.gradient")
    along = xn.derivative(field, "y", order=2, edge_order=1)
    assert along.shape == field.shape


def on_points(dim="ncells", coordinates=False, mapping=None, **attrs):
    """Make a field on a list of points, each at a place of its own."""
    rng = np.random.default_rng(0)
    field = xr.DataArray(
        rng.normal(size=(3, 48)), dims=("time", dim), attrs={"units": "K", **attrs}
    ).assign_coords(time=("time", [0.0, 1.0, 2.0], {"units": "hours"}))
    if coordinates:
        field = field.assign_coords(
            clat=(dim, rng.uniform(-1, 1, 48), {"standard_name": "latitude"}),
            clon=(dim, rng.uniform(-1, 1, 48), {"standard_name": "longitude"}),
        )
    if mapping is not None:
        field = field.assign_coords(crs=((), 0, mapping), cell=(dim, np.arange(48)))
        field.attrs["grid_mapping"] = "crs"
    return field


LISTS = {
    "ICON": ({"coordinates": True}, "unstructured"),
    "ICON without places": ({"dim": "cells", "CDI_grid_type": "unstructured"}, "unst"),
    "ICON by its dimension": ({}, "unstructured"),
    "CAM-SE": ({"dim": "ncol"}, "unstructured"),
    "a mesh, not where on it": ({"mesh": "Mesh2"}, ": an unstructured grid"),
    "where, and on no mesh": ({"location": "face"}, ": an unstructured grid"),
    "UGRID": ({"dim": "nf", "mesh": "Mesh2", "location": "face"}, "mesh 'Mesh2'"),
    "HEALPix": (
        {"dim": "cell", "mapping": {"grid_mapping_name": "healpix"}},
        "HEALPix",
    ),
    "reduced Gaussian": ({"dim": "values", "GRIB_gridType": "reduced_gg"}, "reduced"),
}


@pytest.mark.parametrize("case", LISTS)
def test_a_list_of_points_is_refused_by_name(case):
    how, word = LISTS[case]
    field = on_points(**how)
    wind = field.assign_attrs(units="m/s")
    for call in (
        lambda: xn.gradient(field),
        lambda: xn.derivative(field, field.dims[1]),
        lambda: xn.laplacian(field),
        lambda: xn.vorticity(wind, wind),
        lambda: xn.smooth_n_point(field),
        lambda: xn.smooth_gaussian(field, 4),
        lambda: xn.smooth_gaussian(field, 4, dims=field.dims[1]),
        lambda: xn.smooth_rectangular(field, 3, dims=field.dims[1]),
    ):
        refused(call, "lists single points", word, "regrid", kind=xn.GridError)


@pytest.mark.parametrize("case", LISTS)
def test_a_list_of_points_still_has_a_time(case):
    how, _ = LISTS[case]
    field = on_points(**how)
    slope = xn.derivative(field, "time", units="K/hour")
    np.testing.assert_allclose(
        slope.data.magnitude[1], (field.values[2] - field.values[0]) / 2.0
    )
    assert xn.smooth_rectangular(field, 3, dims="time").shape == field.shape


def test_what_a_file_said_before_it_was_regridded_does_not_count():
    field = lat_lon(np.arange(0.0, 40.0, 10.0), np.arange(0.0, 50.0, 10.0))
    stale = field.assign_attrs(CDI_grid_type="unstructured", mesh="m", location="face")
    for one, two in zip(xn.gradient(field), xn.gradient(stale), strict=True):
        np.testing.assert_array_equal(one.data.magnitude, two.data.magnitude)


@pytest.mark.parametrize("lon", [np.arange(0.0, 360, 30), np.linspace(10, 50, 12)])
@pytest.mark.parametrize("ndim", [1, 2])
def test_swapped_units_of_a_pair_are_a_contradiction(lon, ndim):
    """On a regional grid both readings are possible, and one is silently wrong."""
    lat = np.linspace(20.0, 40, 9)
    values = np.random.default_rng(0).normal(size=(9, 12))
    places = {"lat": lat, "lon": lon}
    dims = {"lat": ("lat",), "lon": ("lon",)}
    if ndim == 2:
        grids = np.meshgrid(lat, lon, indexing="ij")
        places = dict(zip(places, grids, strict=True))
        dims = dict.fromkeys(dims, ("j", "i"))
    for keys, right, wrong in (
        ("units", "degrees_north", "degrees_east"),
        ("standard_name", "latitude", "longitude"),
    ):
        said = {"lat": {keys: wrong}, "lon": {keys: right}}
        field = xr.DataArray(
            values,
            dims=("lat", "lon") if ndim == 1 else ("j", "i"),
            coords={n: (dims[n], places[n], said[n]) for n in places},
            attrs={"units": "K"},
        )
        text = refused(lambda f=field: xn.gradient(f), "is called a", kind=xn.GridError)
        assert "leaves the globe" not in text
        name = "lat" if "'lat'" in text else "lon"
        assert f"field['{name}'].attrs['{keys}'] = " in text
        field["lat"].attrs[keys], field["lon"].attrs[keys] = right, wrong
        assert np.isfinite(xn.gradient(field).x.data.magnitude).all()


GRIB = {
    "units": "K",
    "GRIB_gridType": "regular_ll",
    "GRIB_Ny": 37,
    "GRIB_Nx": 72,
}


def in_grib(lat, lon):
    return xr.DataArray(
        np.sin(np.deg2rad(lat))[:, None] + np.zeros(len(lon)),
        {
            "latitude": ("latitude", lat, {"units": "degrees_north"}),
            "longitude": ("longitude", lon, {"units": "degrees_east"}),
        },
        ("latitude", "longitude"),
        attrs=GRIB,
    )


def test_a_grib_message_whose_step_is_wrong_is_refused():
    """cfgrib 0.9.15.1, tests/sample-data/regular_ll_wrong_increment.grib.

    37 rows from 90 to -90 in steps of 2, it says: 90, 88, …, 20, -90. Slopes were too
    large by 2.5.
    """
    lon = np.arange(0.0, 360, 5)
    wrong = in_grib(np.append(np.arange(90.0, 18, -2), -90.0), lon)
    with pytest.raises(xn.GridError, match=r"not the points of 'latitude'.*2 to 110"):
        xn.gradient(wrong)
    # what it says to type mends it
    coords = {"latitude": ("latitude", np.linspace(90, -90, 37), wrong.latitude.attrs)}
    xn.gradient(wrong.assign_coords(coords))


def test_other_points_of_a_grib_message_may_be_uneven():
    lat, lon = np.arange(90.0, -91, -5), np.arange(0.0, 360, 5)
    for field in (
        in_grib(lat, lon),
        in_grib(lat, lon).roll(longitude=30, roll_coords=True),
        in_grib(lat, lon).sel(latitude=[50.0, 45, 30, 10]),  # picked by somebody
        in_grib(np.rad2deg(np.arcsin(np.linspace(0.9, -0.9, 37))), lon).assign_attrs(
            GRIB_gridType="regular_gg"
        ),
    ):
        assert np.isfinite(xn.gradient(field).y.data.magnitude).all()
