"""A grid printed says all that was understood."""

import numpy as np
import pytest
import xarray as xr
from grid.making import globe, lat_lon, one_d, plane

import xnabla as xn


def line_of(text, dim):
    """Return the line of a dimension."""
    return next(
        line for line in text.splitlines() if line.strip().startswith(f"{dim}:")
    )


def test_a_global_grid_tells_kind_sizes_period_poles_and_earth():
    text = str(xn.grid_of(globe(10.0)))
    assert "latitude-longitude" in text
    assert "lat: 19" in text
    assert "lon: 36" in text
    assert "periodic" in line_of(text, "lon")
    assert "not periodic" not in text
    assert "south" in text
    assert "north" in text
    assert "6371229 m (assumed)" in text


def test_spacing_is_told_in_kilometres():
    """10 degrees of a great circle of the assumed sphere are 1111.99 km."""
    line = line_of(str(xn.grid_of(globe(10.0))), "lat")
    assert "1112 km" in line
    assert "10 degrees" in line


def test_the_spacing_of_longitude_runs_from_the_last_row_to_the_equator():
    line = line_of(str(xn.grid_of(globe(10.0))), "lon")
    assert "193.1 to 1112 km" in line  # 1111.99 km times cos 80°, and times 1


def test_a_region_says_it_is_not_periodic():
    text = str(xn.grid_of(lat_lon([10.0, 20.0, 30.0], [0.0, 10.0, 20.0])))
    assert "not periodic" in text


def test_a_closed_column_is_told():
    text = str(xn.grid_of(lat_lon([10.0, 20.0, 30.0], np.arange(0.0, 361.0, 10.0))))
    assert "repeats" in line_of(text, "lon")


def test_a_plane_tells_unit_span_and_spacing():
    line = line_of(str(xn.grid_of(plane())), "x")
    assert "every 1 km" in line
    assert "0 to 4 km" in line


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ("h", "every 1 h"),
        ("D", "every 1 day"),
        ("m", "every 1 min"),
        ("s", "every 1 s"),
    ],
)
def test_a_time_step_is_told_in_words(step, words):
    times = np.array([0, 1, 2, 3], f"M8[{step}]").astype("M8[ns]")
    assert words in str(xn.grid_of(one_d(times, dim="time")))


def test_uneven_times_tell_their_shortest_and_longest_step():
    times = np.array(["2001-01-01", "2001-02-01", "2001-03-01"], "M8[ns]")
    text = str(xn.grid_of(one_d(times, dim="time")))
    assert "28 day" in text
    assert "31 day" in text


def test_pressure_levels_tell_their_span_unit_and_sense():
    field = one_d(
        [1000.0, 850.0, 500.0], dim="plev", attrs={"units": "hPa", "positive": "down"}
    )
    line = line_of(str(xn.grid_of(field)), "plev")
    for word in ("vertical", "1000 to 500 hPa", "150 to 350 hPa", "positive down"):
        assert word in line


def test_a_number_without_dimension_does_not_print_its_unit_as_a_one():
    field = one_d([0, 1, 2], dim="number", attrs={"units": "1"})
    line = line_of(str(xn.grid_of(field)), "number")
    assert "0 to 2" in line
    assert "2 1" not in line


def test_one_point_is_not_called_points():
    field = one_d([5.0], dim="height", attrs={"units": "m"})
    assert "1 points" not in str(xn.grid_of(field))


def test_a_fault_is_told_in_the_print():
    text = str(xn.grid_of(lat_lon([10.0, np.nan, 30.0], [0.0, 10.0, 20.0])))
    assert "index 1" in line_of(text, "lat")


def test_a_coordinate_under_another_name_is_told():
    field = xr.DataArray(
        np.zeros(3),
        dims="j",
        coords={"lat": ("j", [10.0, 20.0, 30.0], {"units": "degrees"})},
    )
    assert "'lat'" in str(xn.grid_of(field))


def test_repr_is_the_print():
    grid = xn.grid_of(globe())
    assert repr(grid) == str(grid)


def test_a_field_of_no_dimension_has_a_grid_that_prints():
    text = str(xn.grid_of(xr.DataArray(1.0, attrs={"units": "K"})))
    assert "not horizontal" in text


@pytest.mark.parametrize("size", [0, 1])
def test_an_axis_of_no_or_one_point_prints(size):
    field = lat_lon(np.arange(size, dtype=float), np.arange(size, dtype=float))
    assert "lat" in str(xn.grid_of(field))


def test_control_characters_of_a_file_do_not_reach_the_terminal():
    field = one_d([1.0, 2.0, 3.0], dim="a\x1b[2Jb", attrs={"units": "m\x1b[0m"})
    assert "\x1b" not in str(xn.grid_of(field))


def test_a_grid_is_pickled_with_all_it_says():
    import pickle

    grid = xn.grid_of(globe())
    assert str(pickle.loads(pickle.dumps(grid))) == str(grid)


def test_reading_a_grid_computes_nothing_of_a_lazy_field():
    dask_array = pytest.importorskip("dask.array")

    def fail(block):
        msg = "a value was computed"
        raise AssertionError(msg)

    values = dask_array.ones((19, 36), chunks=5).map_blocks(
        fail, dtype=float, meta=np.ones(())
    )
    assert xn.grid_of(globe(values=values)).kind == "latitude-longitude"
