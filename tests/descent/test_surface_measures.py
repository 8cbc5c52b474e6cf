"""Options of walks that have a unit; fields without a value; points of other fields."""

import numpy as np
import pint
import pytest
import xarray as xr

from xnabla.descent.surface import (
    basins,
    closed_contours,
    find_extrema,
    steepest_path,
)
from xnabla.descent.surface._extrema import lows
from xnabla.errors import GridError, OptionError, UnitsError

Q = pint.get_application_registry().Quantity


@pytest.fixture(scope="module")
def field():
    return lows()


def test_zero_with_a_unit_is_zero(field):
    plain = find_extrema(field, min_persistence=0)
    assert find_extrema(field, min_persistence="0 hPa").sizes == plain.sizes
    found = closed_contours(field, interval="0 hPa", min_persistence="2 hPa")
    np.testing.assert_array_equal(
        found.level.data.magnitude,
        closed_contours(field, min_persistence="2 hPa").level.data.magnitude,
    )
    with pytest.raises(OptionError, match=r"max_length='0 km'.*above zero"):
        steepest_path(field, (45.0, 20.0), max_length="0 km")


@pytest.mark.parametrize("given", ["200 Pa", "2 hPa", "2e0hPa", Q(2.0, "hPa")])
def test_a_measure_is_a_number_and_a_unit_however_it_is_told(field, given):
    assert find_extrema(field, min_persistence=given).sizes["point"] == 3


def test_a_measure_may_be_a_labelled_number(field):
    labelled = xr.DataArray(2.0, attrs={"units": "hPa"})
    assert find_extrema(field, min_persistence=labelled).sizes["point"] == 3
    with pytest.raises(UnitsError, match="has no unit"):
        find_extrema(field, min_persistence=xr.DataArray(2.0))


def test_a_unit_that_does_not_fit_is_told_the_right_way_round(field):
    with pytest.raises(UnitsError) as told:
        find_extrema(field, min_persistence="2 K")
    assert "Units 'K' do not fit min_persistence=" in str(told.value)
    assert "a unit like 'hPa'" in str(told.value)
    assert "Try: min_persistence='2 hPa'" in str(told.value)


@pytest.mark.parametrize("given", [2, "2", 2.0])
def test_a_number_without_unit_is_told_alike_as_number_and_as_text(field, given):
    with pytest.raises(UnitsError, match=r"has no unit.*min_persistence='2 hPa'"):
        find_extrema(field, min_persistence=given)


@pytest.mark.parametrize("given", ["nan hPa", "2 hPascals", "two hPa"])
def test_an_option_is_no_attribute_of_a_field(field, given):
    with pytest.raises(UnitsError) as told:
        find_extrema(field, min_persistence=given)
    assert "attrs" not in str(told.value)
    assert "ncatted" not in str(told.value)


@pytest.mark.parametrize("given", [300, "3 K", "0 km", "abc", [3], "1 km"])
def test_smooth_is_a_length_and_speaks_of_itself(field, given):
    with pytest.raises((UnitsError, OptionError)) as told:
        find_extrema(field, smooth=given)
    assert "smooth=" in str(told.value)
    assert "n=" not in str(told.value)
    assert "degree" not in str(told.value)


def test_a_plain_smooth_asks_for_a_length_with_its_unit(field):
    with pytest.raises(UnitsError, match="a length with its unit"):
        find_extrema(field, smooth=300)


def test_an_empty_field_is_called_empty(field):
    with pytest.raises(GridError, match="is empty"):
        find_extrema(field[:0])
    with pytest.raises(GridError, match="is empty"):
        basins(field[:, :0])


def test_where_nothing_has_a_value_there_is_no_basin(field):
    gone = basins(field * np.nan * xr.ones_like(field).assign_attrs(field.attrs))
    assert gone.sizes["point"] == 0
    assert (gone.label.values == -1).all()
    masked = basins(field, mask=field > 1e6)
    assert masked.sizes["point"] == 0
    series = xr.concat([field, field.where(field > 1e6), field], "time")
    found = basins(series, min_persistence="2 hPa")
    assert found.sizes["point"] == 4
    assert (found.label.values[1] == -1).all()
    assert set(np.unique(found.label.values[2])) == {2, 3}


@pytest.mark.parametrize(
    "start",
    [
        {"latitude": [1.0, 2.0], "longitude": [3.0]},
        {"latitude": ["north"], "longitude": [3.0]},
        [(1.0, 2.0), (3.0,)],
        "here",
    ],
)
def test_starts_that_are_no_pairs_are_told(field, start):
    with pytest.raises(OptionError, match="no list of places"):
        steepest_path(field, start)


def test_points_of_another_field_are_refused(field):
    found = find_extrema(field, min_persistence="2 hPa")
    own = closed_contours(field, found)
    assert own.sizes["point"] == found.sizes["point"]
    turned = field.copy(data=np.roll(field.values, 7, axis=1))
    with pytest.raises(OptionError, match="belongs to another field"):
        closed_contours(turned, found)
    with pytest.raises(OptionError, match="belongs to another field"):
        closed_contours(field + xr.full_like(field, 3.0), found)
    pascals = (field * 100.0).assign_attrs(units="Pa")
    assert closed_contours(pascals, found).sizes["point"] == found.sizes["point"]


def test_a_spline_makes_up_no_depth_that_the_neighbours_do_not_show():
    """A low of one grid point, as a cyclone is on a coarse grid."""
    lat, lon = np.arange(-40.0, 41.0, 2.5), np.arange(0.0, 80.0, 2.5)
    wide = 5e-3 * (lat[:, np.newaxis] ** 2 + (lon - 40.0) ** 2)
    values = 1000.0 + wide
    values[12:14, 13:15] -= [[9.0, 8.0], [7.0, 13.0]]
    field = xr.DataArray(
        values,
        dims=("latitude", "longitude"),
        coords={
            "latitude": ("latitude", lat, {"units": "degrees_north"}),
            "longitude": ("longitude", lon, {"units": "degrees_east"}),
        },
        name="msl",
        attrs={"units": "hPa"},
    )
    low = find_extrema(field, kind="minimum", min_persistence="2 hPa")
    assert bool(low.refined.all())
    change = np.abs(low.value.data.magnitude - low.grid_value.data.magnitude)
    assert change.max() <= 0.2 * 13.0


def test_a_bell_of_a_step_and_a_half_is_still_found_on_the_spline():
    lat, lon = np.arange(-20.0, 20.0), np.arange(0.0, 40.0)
    bell = np.exp(-((lat[:, np.newaxis] - 0.45) ** 2 + (lon - 19.55) ** 2) / 4.5)
    field = xr.DataArray(
        1000.0 - 20.0 * bell,
        dims=("latitude", "longitude"),
        coords={
            "latitude": ("latitude", lat, {"units": "degrees_north"}),
            "longitude": ("longitude", lon, {"units": "degrees_east"}),
        },
        name="msl",
        attrs={"units": "hPa"},
    )
    (low,) = [find_extrema(field, kind="minimum", min_persistence="2 hPa")]
    np.testing.assert_allclose(low.value.data.magnitude, 980.0, atol=0.1)
    np.testing.assert_allclose(low.latitude.values, 0.45, atol=0.01)
