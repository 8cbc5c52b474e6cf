"""Each cell belongs to the extremum its own path ends in, and all areas are there."""

import numpy as np
import pytest
from fields import GLOBAL
from landscapes import band_limited, bell, distance_m, globe, labelled, normal, plain

from xnabla.descent.surface import basins, find_extrema, steepest_path

SPHERE = 4 * np.pi * 6371.229**2


@pytest.mark.parametrize("direction", ["down", "up"])
@pytest.mark.parametrize("seed", [1, 2])
def test_the_basin_of_a_cell_is_the_end_of_its_path(seed, direction):
    field = band_limited(seed, 9, 1.5)
    drained = basins(field, direction=direction)
    rows, columns = np.meshgrid(np.arange(1, 120, 4), np.arange(0, 240, 5))
    rows, columns = rows.ravel(), columns.ravel()
    starts = np.stack(
        [field.latitude.values[rows], field.longitude.values[columns]], axis=1
    )
    way = "descent" if direction == "down" else "ascent"
    paths = steepest_path(field, starts, direction=way)
    ends = normal(paths.end_latitude.values, paths.end_longitude.values)
    centres = normal(drained.centre_latitude.values, drained.centre_longitude.values)
    nearest = (ends.T @ centres).argmax(axis=1)
    assert (nearest == drained.label.values[rows, columns]).mean() >= 0.99


@pytest.mark.parametrize("name", GLOBAL)
def test_areas_add_up_to_that_of_the_globe(name):
    points = GLOBAL[name](36)
    values = np.sin(points.phi) + 0.3 * np.cos(points.phi) * np.cos(2 * points.lam)
    field = labelled(values, points.latitude, points.longitude)
    drained = basins(field)
    np.testing.assert_allclose(plain(drained, "area").sum(), SPHERE, rtol=1e-9)
    assert f"{drained.area.data.units:~C}" == "km**2"


def test_areas_add_up_to_that_of_an_ellipsoid():
    field = band_limited(1, 4, 5.0)
    a, b = 6378.137, 6356.752314245179
    e = np.sqrt(1 - (b / a) ** 2)
    whole = 2 * np.pi * a**2 * (1 + (1 - e**2) / e * np.arctanh(e))
    drained = basins(field, earth="WGS84")
    np.testing.assert_allclose(plain(drained, "area").sum(), whole, rtol=1e-9)


def test_two_equal_lows_share_the_globe_in_halves():
    """By symmetry, whatever the grid does to directions."""
    lat, lon = globe(2.0)
    field = labelled(
        bell(lat, lon, 30.0, 40.0, sigma_m=3e6)
        + bell(lat, lon, -30.0, 220.0, sigma_m=3e6),
        lat,
        lon,
    )
    drained = basins(field, min_persistence="1 hPa")
    assert drained.sizes["point"] == 2
    np.testing.assert_allclose(plain(drained, "area"), SPHERE / 2, rtol=5e-3)
    near = distance_m(*np.broadcast_arrays(lat, lon), 30.0, 40.0)
    far = distance_m(*np.broadcast_arrays(lat, lon), -30.0, 220.0)
    mine = int(np.argmin(np.abs(drained.centre_latitude.values - 30.0)))
    # but for the cells that the border runs through
    clear = np.abs(near - far) > 400e3
    assert ((drained.label.values == mine) == (near < far))[clear].all()


def test_the_border_of_leaning_lows_does_not_follow_the_grid():
    """Two equal lows: the border is the great circle between, at any angle."""
    for lat0, lon0, lat1, lon1 in [(10, 90, 22, 99), (35, 100, 48, 131)]:
        lat, lon = globe(1.0)
        two = bell(lat, lon, lat0, lon0, sigma_m=500e3) + bell(
            lat, lon, lat1, lon1, sigma_m=500e3
        )
        drained = basins(labelled(two, lat, lon), min_persistence="1 hPa")
        near = distance_m(*np.broadcast_arrays(lat, lon), lat0, lon0)
        far = distance_m(*np.broadcast_arrays(lat, lon), lat1, lon1)
        mine = int(np.argmin(np.abs(drained.centre_latitude.values - lat0)))
        close = (near < 2e6) & (far < 2e6)
        same = (drained.label.values == mine) == (near < far)
        assert same[close].mean() > 0.985


def test_labels_are_rows_of_the_table_and_cover_what_has_a_value():
    field = band_limited(3, 8, 3.0)
    holed = field.where(field.longitude < 250)
    drained = basins(holed, min_persistence="1 hPa")
    label = drained.label.values
    assert ((label < 0) == np.isnan(holed.values)).all()
    assert set(np.unique(label[label >= 0])) == set(range(drained.sizes["point"]))
    assert label.dtype == np.int32
    for k in range(drained.sizes["point"]):
        y = int(drained.centre_latitude_index[k])
        x = int(drained.centre_longitude_index[k])
        assert label[y, x] == k


def test_a_shallow_basin_runs_over_into_the_one_across_its_saddle():
    lat, lon = globe(1.0)
    values = (
        bell(lat, lon, 0.0, 60.0, depth=40.0, sigma_m=800e3)
        + bell(lat, lon, 0.0, 100.0, depth=20.0, sigma_m=800e3)
        + bell(lat, lon, 0.0, 117.0, depth=6.0, sigma_m=300e3)
        - 2020.0
    )
    field = labelled(values, lat, lon)
    all_three = basins(field, min_persistence="0.1 hPa")
    assert all_three.sizes["point"] == 3
    drained = basins(field, min_persistence="7 hPa")
    assert drained.sizes["point"] == 2
    second = int(np.argmin(np.abs(drained.centre_longitude.values - 100.0)))
    assert int(drained.label.sel(latitude=0, longitude=117)) == second


def test_a_basin_crosses_seam_and_pole():
    lat, lon = globe(2.0)
    field = labelled(bell(lat, lon, 80.0, 0.0, sigma_m=1500e3), lat, lon)
    drained = basins(field, min_persistence="1 hPa")
    assert drained.sizes["point"] == 1
    assert (drained.label.values == 0).all()


def test_times_have_rows_of_their_own():
    one, other = band_limited(3, 6, 5.0), band_limited(4, 6, 5.0)
    both = labelled(
        np.stack([one.values, other.values]),
        one.latitude,
        one.longitude,
        time=("time", np.array(["2020-01-01", "2020-01-02"], "M8[ns]")),
    )
    drained = basins(both)
    first = drained.n_points.values[0]
    assert drained.label.dims == ("time", "latitude", "longitude")
    assert drained.label[0].values.max() == first - 1
    assert drained.label[1].values.min() == first
    alone = basins(other)
    assert (drained.label[1].values - first == alone.label.values).all()
    assert (drained.centre_time.values[:first] == both.time.values[0]).all()
    assert len(drained.to_dataframe()) == drained.sizes["point"]


def test_a_mask_is_a_gap():
    field = band_limited(3, 8, 3.0)
    mask = field.longitude < 250
    masked = basins(field, mask=mask.broadcast_like(field))
    gap = basins(field.where(mask))
    assert (masked.label.values == gap.label.values).all()


def test_the_hills_of_a_field_are_the_basins_of_it_upside_down():
    field = band_limited(3, 8, 3.0)
    hills = basins(field, direction="up")
    turned = basins((-field).assign_attrs(field.attrs))
    assert (hills.label.values == turned.label.values).mean() > 0.999
    assert hills.sizes == turned.sizes
    assert find_extrema(field, kind="maximum").sizes["point"] == hills.sizes["point"]
