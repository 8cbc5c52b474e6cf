"""Vertical axes keep the unit and the sense of their coordinate."""

import numpy as np
import pytest
import xarray as xr
from grid.making import one_d

import xnabla as xn


def derive(points, dim="level", units=None, slope=3.0, **attrs):
    """Return the derivative of a field that rises by ``slope`` each unit."""
    attrs = {**attrs, **({} if units is None else {"units": units})}
    points = np.asarray(points)
    field = one_d(points, dim=dim, values=slope * points.astype(float), attrs=attrs)
    return xn.derivative(field, dim)


@pytest.mark.parametrize(
    ("units", "expected"),
    [
        ("hPa", "kelvin / hectopascal"),
        ("Pa", "kelvin / pascal"),
        ("millibars", "kelvin / millibar"),
        ("m", "kelvin / meter"),
        ("km", "kelvin / kilometer"),
        ("1", "kelvin"),
    ],
)
def test_a_derivative_along_height_keeps_the_unit_of_the_coordinate(units, expected):
    got = derive([1000.0, 850.0, 700.0, 500.0], units=units)
    assert got.data.check(
        f"[temperature] / ({units})" if units != "1" else "[temperature]"
    )
    assert got.data.units == expected
    np.testing.assert_allclose(got.data.magnitude, 3.0, rtol=1e-12)


@pytest.mark.parametrize("positive", ["up", "down"])
def test_a_derivative_keeps_the_sense_of_its_coordinate(positive):
    """Along a depth that grows downward, the derivative is per metre of depth."""
    got = derive([0.0, 10.0, 30.0], dim="depth", units="m", positive=positive)
    np.testing.assert_allclose(got.data.magnitude, 3.0, rtol=1e-12)


def test_the_sense_is_told_in_the_grid_and_in_the_long_name():
    field = one_d(
        [0.0, 10.0, 30.0], dim="depth", attrs={"units": "m", "positive": "down"}
    )
    assert "positive down" in str(xn.grid_of(field))
    assert "down" in xn.derivative(field, "depth").attrs["long_name"]


@pytest.mark.parametrize("units", ["level", "levels", "layer", "1"])
def test_level_numbers_have_no_unit(units):
    got = derive([1, 2, 3, 4], dim="lev", units=units)
    assert got.data.units == "kelvin"


@pytest.mark.parametrize(
    "standard_name",
    [
        "model_level_number",
        "atmosphere_sigma_coordinate",
        "ocean_s_coordinate_g1",
        "atmosphere_hybrid_sigma_pressure_coordinate",
    ],
)
def test_numbers_without_units_pass_where_the_standard_name_says_so(standard_name):
    got = derive([0.1, 0.5, 0.9], dim="lev", standard_name=standard_name)
    assert got.data.units == "kelvin"


@pytest.mark.parametrize("standard_name", ["air_pressure", "height", "depth", ""])
def test_numbers_without_units_are_refused_otherwise(standard_name):
    with pytest.raises(
        xn.UnitsError, match=r"'lev' has no units.*\.attrs\['units'\] = "
    ):
        derive([1.0, 2.0, 3.0], dim="lev", standard_name=standard_name)


def test_an_unknown_unit_of_a_coordinate_is_refused_by_its_name():
    with pytest.raises(xn.UnitsError, match=r"wibble.*'lev'|'lev'.*wibble"):
        derive([1.0, 2.0, 3.0], dim="lev", units="wibble")


def test_the_advice_for_an_unknown_unit_of_a_coordinate_repairs_the_coordinate():
    with pytest.raises(xn.UnitsError) as caught:
        derive([1.0, 2.0, 3.0], dim="lev", units="wibble")
    assert "field['lev'].attrs" in str(caught.value).replace('"', "'")


@pytest.mark.parametrize("role", ["vertical", "lev", "plev"])
def test_the_axis_is_found_by_role_dimension_or_coordinate(role):
    field = xr.DataArray(
        [300.0, 290.0, 270.0],
        dims="lev",
        attrs={"units": "K"},
        coords={"plev": ("lev", [1000.0, 850.0, 500.0], {"units": "hPa"})},
    )
    got = xn.derivative(field, role)
    assert got.data.units == "kelvin / hectopascal"


def test_a_derivative_in_pascal_may_be_asked_of_levels_in_hectopascal():
    got = derive([1000.0, 850.0, 700.0], units="hPa")
    field = one_d(
        [1000.0, 850.0, 700.0],
        dim="level",
        values=3.0 * np.array([1000.0, 850.0, 700.0]),
        attrs={"units": "hPa"},
    )
    np.testing.assert_allclose(
        xn.derivative(field, "level", units="K/Pa").data.magnitude,
        got.data.magnitude / 100,
        rtol=1e-14,
    )


def test_a_temperature_in_celsius_gives_kelvin_each_hectopascal():
    field = one_d(
        [1000.0, 850.0, 700.0], dim="level", attrs={"units": "hPa"}, units="degC"
    )
    assert xn.derivative(field, "level").data.units == "kelvin / hectopascal"


def test_a_coordinate_in_celsius_is_differentiated_against_kelvin():
    """A step of a coordinate is a difference too."""
    got = derive([10.0, 20.0, 30.0], dim="q", units="degC", slope=3.0)
    np.testing.assert_allclose(got.data.to("").magnitude, 3.0, rtol=1e-12)


def test_a_coordinate_whose_unit_carries_a_scale_scales_the_result():
    """A coordinate in '100 m' counts in hundreds of metres."""
    got = derive([0.0, 1.0, 2.0], dim="height", units="100 m", slope=3.0)
    np.testing.assert_allclose(got.data.to("K/m").magnitude, 0.03, rtol=1e-12)
    assert got.data.units == "kelvin / meter"
