"""Lows and highs are where they are, once, whatever the seam, the pole or the gap."""

import numpy as np
import pytest
import xarray as xr
from landscapes import (
    band_limited,
    bell,
    globe,
    labelled,
    low_on_globe,
    off_km,
    plain,
)

from xnabla.descent._status import Status
from xnabla.descent.surface import critical_points, find_extrema

ANY_LONGITUDE = [0.0, 0.37, 12.5, 90.0, 179.5, 180.0, 271.83, 359.63]


@pytest.mark.parametrize("lon0", ANY_LONGITUDE)
@pytest.mark.parametrize("lat0", [0.0, 0.5, 47.3, -61.5, 80.2, 89.0, -89.0])
def test_a_low_of_300_km_is_found_to_a_kilometre_at_one_degree(lat0, lon0):
    low = find_extrema(
        low_on_globe(lat0, lon0), kind="minimum", min_persistence="2 hPa"
    )
    assert low.sizes["point"] == 1
    assert off_km(low, lat0, lon0) < 0.1  # asked for: 1 km
    assert abs(plain(low, "value")[0] - 980.0) < 0.0005  # asked for: 0.005 hPa
    assert bool(low.refined[0])
    assert int(low.status[0]) == Status.CONVERGED_GRADIENT


@pytest.mark.parametrize("lon0", [0.0, 33.3, 77.7, 180.0])
@pytest.mark.parametrize("poles", [True, False])
@pytest.mark.parametrize("lat0", [90.0, -90.0, 89.7, 89.0, -89.0])
def test_a_low_on_or_beside_a_pole_is_one_low_there(lat0, poles, lon0):
    field = low_on_globe(lat0, lon0, poles=poles)
    low = find_extrema(field, kind="minimum", min_persistence="1 hPa")
    assert low.sizes["point"] == 1
    assert off_km(low, lat0, lon0) < 0.5
    assert abs(plain(low, "value")[0] - 980.0) < 0.001


@pytest.mark.parametrize("west", [0.0, -180.0, 5.3, 100.0])
@pytest.mark.parametrize("falling", [False, True])
def test_a_low_is_the_same_wherever_the_globe_is_cut(west, falling):
    field = low_on_globe(50.3, 359.63, west=west, falling=falling)
    low = find_extrema(field, kind="minimum", min_persistence="1 hPa")
    assert low.sizes["point"] == 1
    assert off_km(low, 50.3, 359.63) < 0.1
    lon = float(low.longitude[0])
    assert -180.0 <= lon <= 180.0 if west == -180.0 else 0.0 <= lon <= 360.0


def test_a_column_that_repeats_the_first_makes_no_second_low():
    field = low_on_globe(50.0, 0.0)
    closed = xr.concat([field, field.isel(longitude=[0])], "longitude")
    closed = closed.assign_coords(
        longitude=("longitude", np.arange(361.0), {"units": "degrees_east"})
    )
    low = find_extrema(closed, kind="minimum", min_persistence="1 hPa")
    assert low.sizes["point"] == 1
    assert off_km(low, 50.0, 0.0) < 0.1


def test_a_tilted_low_of_quadratic_or_no_refinement_is_worse_as_it_should_be():
    lat, lon = globe(1.0)
    field = labelled(bell(lat, lon, 47.3, 12.4), lat, lon)
    off = {
        how: off_km(find_extrema(field, kind="minimum", refine=how), 47.3, 12.4)
        for how in ("spline", "quadratic", None)
    }
    assert off["spline"] < off["quadratic"] < off[None]
    assert off["quadratic"] < 3.0
    assert 20.0 < off[None] < 80.0  # half a step


def test_curvatures_are_those_of_the_bell():
    low = find_extrema(low_on_globe(47.3, 12.4), kind="minimum", min_persistence=0)
    curvature = 30.0 / 300e3**2  # D / s², the same both ways
    for name in ("hessian_min", "hessian_max"):
        np.testing.assert_allclose(plain(low, name), curvature, rtol=3e-3)
        assert f"{low[name].data.units:~C}" == "hPa/m**2"
    np.testing.assert_allclose(plain(low, "laplacian"), 2 * curvature, rtol=3e-3)
    assert plain(low, "gradient_norm")[0] < 1e-12


def test_persistence_is_the_height_of_the_col():
    """Two lows on a meridian: the col is the highest point of the meridian between."""
    lat, lon = globe(1.0)
    two = (
        bell(lat, lon, 40.0, 100.0, depth=30.0)
        + bell(lat, lon, 50.0, 100.0, depth=25.0)
        - 1010.0
    )
    along = np.linspace(43.0, 47.0, 4001)
    ridge = bell(along, 100.0, 40.0, 100.0, depth=30.0) + bell(
        along, 100.0, 50.0, 100.0, depth=25.0
    )
    col = ridge.max() - 1010.0
    found = critical_points(labelled(two, lat, lon), min_persistence="1 hPa")
    lows = found.kind.values == "minimum"
    cols = (found.kind.values == "saddle") & (np.abs(found.latitude - 45) < 2)
    assert lows.sum() == 2
    assert cols.values.sum() == 1
    assert np.isinf(plain(found, "persistence")[lows][0])
    value = plain(found, "value")[cols.values][0]
    assert abs(value - col) < 0.001
    latitude = float(found.latitude[cols.values][0])
    assert abs(latitude - along[ridge.argmax()]) < 0.01
    assert plain(found, "hessian_min")[cols.values][0] < 0.0
    assert plain(found, "hessian_max")[cols.values][0] > 0.0
    assert int(found.morse_index[cols.values][0]) == 1


def test_a_plateau_is_one_extremum_in_its_middle():
    field = low_on_globe(40.0, 100.0)
    flat = field.copy(data=np.maximum(field.values, 985.0))
    low = find_extrema(flat, kind="minimum", min_persistence="1 hPa")
    assert low.sizes["point"] == 1
    assert off_km(low, 40.0, 100.0) < 60.0
    assert plain(low, "grid_value")[0] == 985.0


def test_two_equal_points_are_one_extremum():
    field = low_on_globe(40.0, 100.5)
    low = find_extrema(field, kind="minimum", min_persistence="1 hPa")
    assert low.sizes["point"] == 1
    assert off_km(low, 40.0, 100.5) < 0.1


def table(points):
    return sorted(
        zip(
            np.round(points.latitude.values, 6).tolist(),
            np.round(np.mod(points.longitude.values + 1e-9, 360.0), 6).tolist(),
            np.round(plain(points, "value"), 8).tolist(),
            np.round(plain(points, "persistence"), 8).tolist(),
            strict=True,
        )
    )


FIELD = band_limited(3, 8, 3.0)


@pytest.mark.parametrize("columns", [1, 37, 60])
def test_rolling_the_columns_rolls_nothing_else(columns):
    rolled = FIELD.roll(longitude=columns, roll_coords=True)
    assert table(find_extrema(rolled)) == table(find_extrema(FIELD))


def test_flipping_the_rows_changes_nothing():
    assert table(find_extrema(FIELD[::-1])) == table(find_extrema(FIELD))


def test_the_other_order_of_dimensions_changes_nothing():
    assert table(find_extrema(FIELD.T)) == table(find_extrema(FIELD))


def test_the_minima_are_the_maxima_of_the_field_upside_down():
    turned = (-FIELD).assign_attrs(FIELD.attrs)
    lows = find_extrema(FIELD, kind="minimum")
    highs = find_extrema(turned, kind="maximum")
    np.testing.assert_allclose(plain(lows, "value"), -plain(highs, "value"), atol=1e-9)
    np.testing.assert_allclose(
        plain(lows, "persistence"), plain(highs, "persistence"), atol=1e-9
    )
    np.testing.assert_allclose(lows.latitude, highs.latitude, atol=1e-6)


@pytest.mark.parametrize(("units", "factor"), [("Pa", 100.0), ("hPa", 1.0)])
def test_the_unit_of_the_field_changes_the_numbers_only(units, factor):
    field = (FIELD * factor).assign_attrs(units=units)
    found = find_extrema(field, min_persistence="1 hPa")
    assert f"{found.value.data.units:~C}" == units
    one = find_extrema(FIELD, min_persistence="1 hPa")
    np.testing.assert_allclose(
        plain(found, "value"), factor * plain(one, "value"), rtol=1e-9
    )


def test_a_threshold_in_kelvin_fits_degrees_celsius():
    field = FIELD.assign_attrs(units="degC")
    found = find_extrema(field, min_persistence="2 K")
    assert f"{found.persistence.data.units:~C}" == "K"
    assert (
        found.sizes["point"]
        == find_extrema(FIELD, min_persistence="2 hPa").sizes["point"]
    )


def test_single_precision_stays_and_is_computed_in_double():
    single = low_on_globe(47.3, 12.4).astype(np.float32)
    low = find_extrema(single, kind="minimum", min_persistence="1 hPa")
    assert plain(low, "value").dtype == np.float32
    assert off_km(low, 47.3, 12.4) < 1.0
    assert abs(plain(low, "value")[0] - 980.0) < 0.005


def test_integers_are_taken_as_numbers():
    whole = (low_on_globe(47.3, 12.4) * 100).round().astype("i4")
    low = find_extrema(
        whole.assign_attrs(units="Pa"), kind="minimum", min_persistence="1 hPa"
    )
    assert low.sizes["point"] == 1
    assert off_km(low, 47.3, 12.4) < 1.0


def test_the_input_is_left_as_it_was():
    before = FIELD.copy(deep=True)
    find_extrema(FIELD, min_persistence="1 hPa", smooth="1000 km")
    xr.testing.assert_identical(FIELD, before)


def test_smoothing_leaves_the_large_low_and_takes_the_small_one():
    lat, lon = globe(1.0)
    both = bell(lat, lon, 40.0, 100.0, sigma_m=800e3) + bell(
        lat, lon, 40.0, 140.0, sigma_m=100e3, depth=5.0
    )
    field = labelled(both, lat, lon)
    assert (
        find_extrema(field, kind="minimum", min_persistence="2 hPa").sizes["point"] == 2
    )
    smooth = find_extrema(
        field, kind="minimum", min_persistence="2 hPa", smooth="2000 km"
    )
    assert smooth.sizes["point"] == 1
    assert off_km(smooth, 40.0, 100.0) < 20.0


# --- gaps and edges -----------------------------------------------------------------


def test_a_field_without_values_has_no_points_and_says_so():
    field = FIELD.where(False)
    for found in (find_extrema(field), critical_points(field)):
        assert found.sizes["point"] == 0
        assert int(found.field_status) == Status.ALL_MISSING
        assert len(found.to_dataframe()) == 0


def test_a_constant_field_has_no_points_and_says_so():
    found = find_extrema(xr.full_like(FIELD, 1000.0))
    assert found.sizes["point"] == 0
    assert int(found.field_status) == Status.SINGULAR


def test_a_single_value_among_missing_ones_is_no_extremum():
    lonely = FIELD.where((FIELD.latitude == 30) & (FIELD.longitude == 60))
    assert find_extrema(lonely).sizes["point"] == 0


def test_a_gap_elsewhere_changes_nothing_and_beside_it_is_told():
    field = low_on_globe(40.0, 100.0)
    whole = find_extrema(field, kind="minimum", min_persistence="1 hPa")
    far = field.where(field.longitude < 300)
    found = find_extrema(far, kind="minimum", min_persistence="1 hPa")
    np.testing.assert_allclose(found.latitude, whole.latitude, atol=1e-5)
    near = field.where(~((field.longitude == 101) & (field.latitude == 40)))
    found = find_extrema(near, kind="minimum", min_persistence="1 hPa")
    assert found.sizes["point"] == 1
    assert bool(found.on_boundary[0])
    assert off_km(found, 40.0, 100.0) < 60.0
    dropped = find_extrema(
        near, kind="minimum", min_persistence="1 hPa", boundary="drop"
    )
    assert dropped.sizes["point"] == 0


def test_a_low_on_the_edge_of_a_region_stays_at_its_grid_point():
    field = low_on_globe(40.0, 100.0)
    field = field.sel(latitude=slice(40, 70), longitude=slice(80, 130))
    found = find_extrema(field, kind="minimum", min_persistence="1 hPa")
    edge = found.on_boundary.values
    assert edge[0]
    assert int(found.status[0]) == Status.AT_BOUND
    assert float(found.latitude[0]) == 40.0
    inside = find_extrema(field, kind="minimum", boundary="drop")
    assert not inside.on_boundary.values.any()


def test_seas_apart_have_a_deepest_low_each():
    lat, lon = globe(2.0)
    two = np.minimum(bell(lat, lon, 30, 60), bell(lat, lon, 30, 240, depth=10.0))
    field = labelled(two, lat, lon)
    seas = field.where(((field.longitude % 180) > 10) & (np.abs(field.latitude) < 80))
    found = find_extrema(seas, kind="minimum", min_persistence="2 hPa", boundary="drop")
    assert np.isinf(plain(found, "persistence")).sum() == 2


# --- tables -------------------------------------------------------------------------


def series():
    lat, lon = globe(2.0)
    track = [(40.0, 350.0), (42.0, 356.0), (44.0, 2.0)]
    values = np.stack(
        [
            np.stack([bell(lat, lon, *place, depth=d) for d in (30.0, 20.0)])
            for place in track
        ]
    )
    field = labelled(
        values,
        lat,
        lon,
        time=("time", np.array(["2020-01-01", "2020-01-02", "2020-01-03"], "M8[ns]")),
        level=("level", [1000.0, 850.0], {"units": "hPa", "positive": "down"}),
    )
    return field, track


def test_times_and_levels_make_one_table_with_their_coordinates():
    field, track = series()
    found = find_extrema(field, kind="minimum", min_persistence="2 hPa")
    assert found.sizes["point"] == 6
    assert found.value.dims == ("point",)
    for k in range(6):
        assert off_km(found, *track[k // 2], at=k) < 2.0
    assert found.level.values.tolist() == [1000.0, 850.0] * 3
    assert found.n_points.values.tolist() == [[1, 1]] * 3
    frame = found.to_dataframe()
    assert len(frame) == 6
    assert {"time", "level", "latitude", "longitude", "value"} <= set(frame.columns)
    assert frame["time"].iloc[2] == np.datetime64("2020-01-02")
    assert frame.attrs["units"]["value"] == "hPa"
    assert frame["value"].dtype == np.float64


def test_a_lazy_field_gives_what_the_plain_one_gives():
    field, _ = series()
    found = find_extrema(field.chunk(time=1), min_persistence="2 hPa")
    assert found.to_dataframe().equals(
        find_extrema(field, min_persistence="2 hPa").to_dataframe()
    )


def test_each_field_of_many_is_as_if_it_were_alone():
    field, _ = series()
    found = find_extrema(field, min_persistence="2 hPa")
    alone = find_extrema(field.isel(time=1, level=1), min_persistence="2 hPa")
    mine = (found.time == field.time[1]) & (found.level == 850.0)
    np.testing.assert_array_equal(found.latitude[mine.values], alone.latitude)


def test_a_time_without_values_is_no_hole_in_the_others():
    field, _ = series()
    holed = field.where(field.time != field.time[1])
    found = find_extrema(holed, kind="minimum", min_persistence="2 hPa")
    assert found.n_points.values.tolist() == [[1, 1], [0, 0], [1, 1]]
    assert (found.field_status.values[1] == Status.ALL_MISSING).all()


def test_the_table_goes_to_a_file_and_back(tmp_path):
    import xnabla as xn

    field, _ = series()
    found = find_extrema(field, min_persistence="2 hPa")
    xn.dequantify(xr.Dataset(found.data_vars, found.coords, found.attrs)).to_netcdf(
        tmp_path / "extrema.nc"
    )
    with xr.open_dataset(tmp_path / "extrema.nc") as back:
        np.testing.assert_allclose(back.value, plain(found, "value"))
        assert back.value.attrs["units"] == "hPa"
        assert "converged_gradient" in back.status.attrs["flag_meanings"]
