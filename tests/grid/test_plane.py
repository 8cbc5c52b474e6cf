"""Planes: x and y in any unit of length."""

import numpy as np
import pytest
import xarray as xr
from grid.making import plane

import xnabla as xn


@pytest.mark.parametrize(
    ("units", "metres"),
    [
        ("m", 1.0),
        ("km", 1e3),
        ("meters", 1.0),
        ("ft", 0.3048),
        ("cm", 0.01),
        ("1000 m", 1e3),
    ],
)
def test_x_and_y_may_be_in_any_unit_of_length(units, metres):
    field = plane()
    for dim in "xy":
        field[dim].attrs["units"] = units
    dy, dx = xn.gradient(field)
    np.testing.assert_allclose(dx.data.to("K/m").magnitude, 2.0 / metres, rtol=1e-12)
    np.testing.assert_allclose(dy.data.to("K/m").magnitude, 3.0 / metres, rtol=1e-12)
    assert dx.data.units == "kelvin / meter"


def test_x_and_y_may_differ_in_unit():
    field = plane()
    field["x"].attrs["units"] = "m"
    dy, dx = xn.gradient(field, units="K/km")
    np.testing.assert_allclose(dx.data.magnitude, 2000.0, rtol=1e-12)
    np.testing.assert_allclose(dy.data.magnitude, 3.0, rtol=1e-12)


def test_one_point_asks_for_no_period_and_prints():
    assert "plane" in str(xn.grid_of(plane()))


def test_an_x_without_units_is_refused_with_the_line_to_type():
    field = plane()
    del field["x"].attrs["units"]
    with pytest.raises(xn.UnitsError, match=r"field\['x'\]\.attrs\['units'\] = 'km'"):
        xn.gradient(field)


@pytest.mark.parametrize("units", ["degrees", "K", "1"])
def test_an_x_that_is_no_length_is_refused_by_name(units):
    field = plane()
    field["x"].attrs["units"] = units
    with pytest.raises(xn.UnitsError, match=r"'x'.*length.*Try: "):
        xn.gradient(field)


def test_x_and_y_both_in_degrees_are_told_together():
    field = plane()
    for dim in "xy":
        field[dim].attrs["units"] = "degrees"
    with pytest.raises(xn.XnablaError) as caught:
        xn.gradient(field)
    assert "'x'" in str(caught.value)
    assert "'y'" in str(caught.value)


def test_standard_names_turn_x_and_y_in_degrees_into_longitude_and_latitude():
    """The advice for x in degrees, typed."""
    field = plane()
    field["x"].attrs.update(units="degrees", standard_name="longitude")
    field["y"].attrs.update(units="degrees", standard_name="latitude")
    assert xn.grid_of(field).kind == "latitude-longitude"


def test_projected_x_and_y_without_a_mapping_are_a_plane_and_it_is_said():
    field = plane()
    field["x"].attrs["standard_name"] = "projection_x_coordinate"
    field["y"].attrs["standard_name"] = "projection_y_coordinate"
    grid = xn.grid_of(field)
    assert grid.kind == "plane"
    assert any("plane" in note for note in grid.assumed)
    assert "assumed" in str(grid)


def test_falling_y_gives_the_same_derivative():
    field = plane()
    flipped = field.isel(y=slice(None, None, -1))
    expected = xn.derivative(field, "y").isel(y=slice(None, None, -1))
    xr.testing.assert_allclose(
        xn.derivative(flipped, "y"), expected, rtol=1e-13, atol=1e-20
    )


def test_quantified_coordinates_keep_their_unit():
    """An auxiliary coordinate may hold pint values."""
    import pint

    x = pint.Quantity(np.arange(5.0), "km")
    field = xr.DataArray(
        2.0 * np.arange(5.0), dims="i", attrs={"units": "K"}, coords={"x": ("i", x)}
    )
    got = xn.derivative(field, "x")
    np.testing.assert_allclose(got.data.to("K/km").magnitude, 2.0, rtol=1e-12)
    assert got["x"].data.units == "kilometer"


def test_a_height_across_a_plane_is_left_out_of_the_gradient():
    field = plane().expand_dims(z=xr.Variable("z", [0.0, 1.0], {"units": "m"}))
    assert [axis.dim for axis in xn.gradient(field).axes] == ["y", "x"]


def test_components_follow_the_order_of_the_field():
    field = plane().transpose("x", "y")
    assert [axis.dim for axis in xn.gradient(field).axes] == ["x", "y"]
