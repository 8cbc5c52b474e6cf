"""Paths end where the field has its extremum, and go the way the gradient goes."""

import numpy as np
import pytest
from landscapes import (
    band_limited,
    distance_m,
    globe,
    labelled,
    low_on_globe,
    normal,
    plain,
)

from xnabla.descent._status import Status
from xnabla.descent.surface import find_extrema, steepest_path


def bowl(lat0, lon0, step=2.0, **kinds):
    """Squared great-circle distance in units of 1000 km²; its paths are great circles.

    Cut off before the antipode, where it has a crease.
    """
    lat, lon = globe(step, **kinds)
    lat2, lon2 = np.broadcast_arrays(lat, lon)
    d = distance_m(lat2, lon2, lat0, lon0) / 1e6
    return labelled(d**2, lat, lon, units="m")


CENTRES = [
    (10.0, 0.0),
    (52.3, 359.9),
    (-33.3, 180.0),
    (0.0, 179.99),
    (89.5, 40.0),
    (90.0, 0.0),
    (-90.0, 0.0),
]


def starts_around(lat0, lon0, reach_deg=70.0, count=12):
    """Places in all directions at several distances."""
    n = normal(lat0, lon0)
    east = np.array([-np.sin(np.deg2rad(lon0)), np.cos(np.deg2rad(lon0)), 0.0])
    north = np.cross(n, east)
    out = []
    for k in range(count):
        angle, far = (
            2 * np.pi * k / count,
            np.deg2rad(reach_deg * (0.3 + 0.7 * k / count)),
        )
        p = np.cos(far) * n + np.sin(far) * (
            np.cos(angle) * east + np.sin(angle) * north
        )
        out.append((np.rad2deg(np.arcsin(p[2])), np.rad2deg(np.arctan2(p[1], p[0]))))
    return np.array(out)


@pytest.mark.parametrize("falling", [False, True])
@pytest.mark.parametrize("west", [0.0, -180.0])
@pytest.mark.parametrize("centre", CENTRES)
def test_paths_into_a_bowl_are_great_circles_to_its_centre(centre, west, falling):
    starts = starts_around(*centre)
    paths = steepest_path(bowl(*centre, west=west, falling=falling), starts)
    off = distance_m(paths.end_latitude.values, paths.end_longitude.values, *centre)
    assert np.rad2deg(off.max() / 6_371_229.0) < 0.01
    assert paths.converged.values.all()
    straight = distance_m(*starts.T, *centre) / 1e3
    np.testing.assert_allclose(plain(paths, "length"), straight, rtol=1e-4, atol=0.5)
    # cross-track: every step lies in the plane of start and centre
    for k, start in enumerate(starts):
        across = np.cross(normal(*start), normal(*centre))
        across /= np.sqrt((across**2).sum())
        steps = normal(paths.latitude[k].values, paths.longitude[k].values)
        track = np.abs(across @ steps) * 6_371_229.0
        assert np.nanmax(track) < 1e3


def test_rolling_the_columns_moves_no_path():
    field = band_limited(4, 6, 3.0)
    starts = [(10.0, 20.0), (-40.0, 200.0), (80.0, 359.0), (0.5, 179.9)]
    one = steepest_path(field, starts)
    other = steepest_path(field.roll(longitude=41, roll_coords=True), starts)
    np.testing.assert_allclose(one.end_latitude, other.end_latitude, atol=1e-6)
    turned = np.exp(1j * np.deg2rad(one.end_longitude - other.end_longitude))
    np.testing.assert_allclose(turned, 1.0, atol=1e-6)


@pytest.mark.parametrize(
    ("direction", "kind"), [("descent", "minimum"), ("ascent", "maximum")]
)
def test_paths_end_at_the_extrema_that_are_found(direction, kind):
    field = band_limited(9, 7, 2.0)
    lat, lon = np.meshgrid(np.linspace(-88, 88, 23), np.arange(0, 360, 17.0))
    starts = np.stack([lat.ravel(), lon.ravel()], axis=1)
    paths = steepest_path(field, starts, direction=direction)
    assert paths.converged.values.mean() > 0.99
    points = find_extrema(field, kind=kind)
    ends = normal(paths.end_latitude.values, paths.end_longitude.values)
    known = normal(points.latitude.values, points.longitude.values)
    chord = np.sqrt(((ends[:, :, None] - known[:, None, :]) ** 2).sum(0)).min(axis=1)
    done = paths.converged.values
    assert (chord[done] * 6371.0 < 1.0).mean() > 0.99
    values = plain(paths, "value")
    steps = np.diff(values, axis=1)
    sign = -1.0 if direction == "descent" else 1.0
    assert np.nanmin(sign * steps) > -1e-6


def test_paths_on_either_side_of_a_col_go_to_either_low():
    lat, lon = globe(1.0)
    from landscapes import bell

    two = bell(lat, lon, 40.0, 90.0) + bell(lat, lon, 40.0, 102.0) - 1010.0
    paths = steepest_path(labelled(two, lat, lon), [(44.0, 95.7), (44.0, 96.3)])
    np.testing.assert_allclose(paths.end_longitude, [90.1, 101.9], atol=0.3)


def test_a_path_stops_at_its_greatest_length():
    field = bowl(0.0, 100.0)
    paths = steepest_path(field, [(0.0, 150.0)], max_length="1000 km")
    assert int(paths.status[0]) == Status.STOPPED
    np.testing.assert_allclose(plain(paths, "length"), 1000.0, rtol=1e-6)
    way = distance_m(
        0.0, 150.0, paths.end_latitude[0].item(), paths.end_longitude[0].item()
    )
    np.testing.assert_allclose(way, 1e6, rtol=1e-4)


def test_a_path_ends_at_the_edge_of_a_region_and_says_so():
    field = bowl(0.0, 100.0).sel(latitude=slice(20, 70), longitude=slice(60, 140))
    with pytest.warns(
        RuntimeWarning, match="1 of 1 paths not converged: 1 left_domain"
    ):
        paths = steepest_path(field, [(50.0, 110.0)])
    assert int(paths.status[0]) == Status.LEFT_DOMAIN
    assert abs(float(paths.end_latitude[0]) - 20.0) < 0.05
    assert not paths.converged.values.any()


def test_a_path_ends_at_a_gap():
    field = bowl(0.0, 100.0)
    holed = field.where(np.abs(field.latitude) > 8)
    with pytest.warns(RuntimeWarning, match="left_domain"):
        paths = steepest_path(holed, [(50.0, 100.0)])
    assert 8.0 < float(paths.end_latitude[0]) < 13.0


def test_a_start_on_the_extremum_is_a_path_of_one_place():
    paths = steepest_path(bowl(10.0, 100.0), [(10.0, 100.0)])
    assert plain(paths, "length")[0] < 1.0
    assert paths.converged.values.all()


def test_starts_may_be_a_table_of_points():
    field = low_on_globe(40.0, 100.0)
    field = field.rename(latitude="lat", longitude="lon")
    highs = find_extrema(field, kind="minimum", min_persistence="1 hPa")
    for start in (
        highs,
        highs.to_dataframe(),
        {"latitude": [40.0], "longitude": [100.0]},
        {"lon": [100.0], "lat": [40.0]},
    ):
        paths = steepest_path(field, start)
        assert paths.sizes["path"] == 1


def test_fewer_or_more_starts_change_no_path():
    field = band_limited(4, 6, 3.0)
    starts = [(10.0, 20.0), (-40.0, 200.0), (80.0, 359.0)]
    both = steepest_path(field, starts)
    alone = steepest_path(field, starts[1:2])
    np.testing.assert_array_equal(
        both.end_latitude.values[1:2], alone.end_latitude.values
    )


def test_paths_agree_with_an_ode_solver_on_the_closed_form():
    """The field is a polynomial of the unit normal, whose gradient is known."""
    from fields import FIELDS, SPHERE_M
    from scipy.integrate import solve_ivp

    poly = FIELDS["mixed"]
    lat, lon = globe(2.0)
    field = labelled(poly.value(np.deg2rad(lat), np.deg2rad(lon)), lat, lon, units="K")

    def rate(_, p):
        p = p / np.sqrt((p**2).sum())
        g = np.array([poly.partial(i).at(*p) for i in range(3)])
        g -= (g @ p) * p
        return -g / np.sqrt((g**2).sum())

    starts = [(20.0, 10.0), (-55.0, 140.0), (75.0, 250.0)]
    for start in starts:
        way = 0.3  # radians
        theirs = solve_ivp(
            rate, (0, way), normal(*start).astype(float), rtol=1e-10, atol=1e-12
        ).y[:, -1]
        ours = steepest_path(field, [start], max_length=f"{way * SPHERE_M} m")
        assert int(ours.status[0]) == Status.STOPPED
        end = normal(ours.end_latitude.values[0], ours.end_longitude.values[0])
        assert np.sqrt(((end - theirs) ** 2).sum()) * 6371.0 < 0.1
