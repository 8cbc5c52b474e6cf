"""Every walk on grids of a few hundred points: small enough to be interpreted.

Lows are as wide as 2500 km, two or three steps of 15 degrees.
"""

import numpy as np
import pytest
from fields import GLOBAL, REGIONAL
from landscapes import bell, distance_m, globe, labelled, off_km, plain

from xnabla.descent._status import Status
from xnabla.descent.surface import (
    basins,
    closed_contours,
    critical_points,
    find_extrema,
    persistence_diagram,
    steepest_path,
)

WIDE = 2.5e6
PLACES = [(20.0, 50.0), (88.0, 10.0), (-90.0, 0.0), (-33.0, 359.5)]


def low_at(lat0, lon0, **kinds):
    lat, lon = globe(15.0, **kinds)
    return labelled(bell(lat, lon, lat0, lon0, sigma_m=WIDE), lat, lon)


def two_lows():
    """Depths of 30 and 20 hPa, far enough apart to leave each other alone."""
    lat, lon = globe(15.0)
    first = bell(lat, lon, 30.0, 60.0, sigma_m=1.5e6)
    second = bell(lat, lon, -15.0, 195.0, depth=20.0, sigma_m=1.5e6)
    return labelled(first + second - 1010.0, lat, lon)


@pytest.mark.parametrize("kinds", [{}, {"poles": False}, {"west": -180.0}])
@pytest.mark.parametrize("falling", [False, True])
@pytest.mark.parametrize("place", PLACES)
def test_a_wide_low_is_in_its_place_and_every_path_ends_there(place, falling, kinds):
    field = low_at(*place, falling=falling, **kinds)
    low = find_extrema(field, kind="minimum", min_persistence="1 hPa")
    assert low.sizes["point"] == 1
    assert off_km(low, *place) < 20.0
    assert abs(plain(low, "value")[0] - 980.0) < 0.05
    starts = [(place[0] - 20 * np.sign(place[0]), place[1] % 360), (35.0, 20.0)]
    paths = steepest_path(field, starts)
    assert paths.converged.values.all()
    ends = paths.end_latitude.values, paths.end_longitude.values
    apart = distance_m(*ends, low.latitude.values[0], low.longitude.values[0])
    assert apart.max() < 1e3
    assert np.nanmax(np.diff(plain(paths, "value"), axis=1)) < 1e-6
    straight = distance_m(*np.transpose(starts), *place) / 1e3
    np.testing.assert_allclose(plain(paths, "length"), straight, rtol=0.01, atol=30.0)


def test_how_a_centre_is_refined_is_how_near_it_is():
    field = low_at(24.0, 54.0)
    off = {
        how: off_km(find_extrema(field, kind="minimum", refine=how), 24.0, 54.0)
        for how in ("spline", "quadratic", None)
    }
    assert off["spline"] < off["quadratic"] < off[None]


@pytest.mark.parametrize("name", GLOBAL)
def test_a_wave_has_its_extrema_basins_and_saddles_on_every_globe(name):
    """Of z² + x²/2: highs at the poles, lows on the equator, saddles between those."""
    points = GLOBAL[name](12)
    z, x = np.sin(points.phi), np.cos(points.phi) * np.cos(points.lam)
    field = labelled(z * z + 0.5 * x * x, points.latitude, points.longitude)
    found = critical_points(field, min_persistence="0.05 hPa")
    kinds = found.kind.values.tolist()
    counts = [kinds.count(k) for k in ("minimum", "saddle", "maximum")]
    assert counts == [2, 2, 2]
    lon = found.longitude.values[np.array(kinds) == "minimum"]
    assert sorted(np.round(lon / 90.0) % 4) == [1.0, 3.0]
    drained = basins(field, min_persistence="0.05 hPa")
    sizes = plain(drained, "area")
    np.testing.assert_allclose(sizes.sum(), 4 * np.pi * 6371.229**2, rtol=1e-9)
    np.testing.assert_allclose(sizes[0] / sizes.sum(), 0.5, atol=0.12)


def test_persistence_is_the_depth_below_the_col_whichever_way_up():
    field = two_lows()
    lows = persistence_diagram(field, kind="minimum", min_persistence="1 hPa")
    upside_down = (2020.0 - field).assign_attrs(field.attrs)
    highs = persistence_diagram(upside_down, kind="maximum", min_persistence="1 hPa")
    np.testing.assert_allclose(plain(lows, "persistence"), plain(highs, "persistence"))
    # between them the field is that of no low at all; the deepest ends nowhere
    known = [20.0, np.inf]
    np.testing.assert_allclose(sorted(plain(lows, "persistence")), known, atol=0.5)
    points = find_extrema(field, kind="minimum", min_persistence="1 hPa")
    np.testing.assert_allclose(sorted(plain(points, "value")), [980.0, 990.0], atol=2.0)


def test_the_contour_about_a_low_is_a_circle():
    field = low_at(20.0, 50.0)
    around = closed_contours(
        field, kind="minimum", interval="5 hPa", min_persistence="1 hPa"
    )
    assert plain(around, "level")[0] == 1005.0
    assert int(around.n_inside[0]) == int((field.values < 1005.0).sum())
    radius = WIDE * np.sqrt(2 * np.log(30.0 / 5.0))
    cap = 6_371_229.0 * np.sqrt(2 * (1 - np.cos(radius / 6_371_229.0)))
    np.testing.assert_allclose(
        plain(around, "equivalent_radius")[0] * 1e3, cap, rtol=0.03
    )


def test_two_lows_have_a_contour_and_a_basin_each():
    field = two_lows()
    drained = basins(field, min_persistence="5 hPa")
    assert drained.sizes["point"] == 2
    label = drained.label.sel(latitude=[30.0, -15.0], longitude=[60.0, 195.0])
    assert label.values[0, 0] != label.values[1, 1]
    around = closed_contours(field, kind="minimum", min_persistence="5 hPa")
    assert around.sizes["point"] == 2
    assert (plain(around, "level") > 995.0).all()


@pytest.mark.parametrize("name", REGIONAL)
def test_a_low_in_a_region_is_in_its_place(name):
    points = REGIONAL[name](18)
    lat, lon = np.rad2deg(points.phi), np.rad2deg(points.lam)
    rows, columns = np.size(points.latitude), np.size(points.longitude)
    lat0 = float(points.latitude[rows // 2])
    lon0 = float(points.longitude[columns // 2])
    values = bell(lat, lon, lat0, lon0, sigma_m=WIDE)
    field = labelled(values, points.latitude, points.longitude)
    start = [(float(points.latitude[rows // 2 - 3]), lon0)]
    low = find_extrema(field, kind="minimum", min_persistence="1 hPa", boundary="drop")
    assert off_km(low, lat0, lon0) < 60.0
    assert steepest_path(field, start).converged.values.all()
    assert (basins(field, min_persistence="1 hPa").label.values >= 0).all()


def test_paths_end_at_an_edge_and_at_a_gap_and_say_so():
    field = low_at(20.0, 50.0).sel(latitude=slice(-30, 75), longitude=slice(0, 150))
    high = find_extrema(field, kind="maximum", refine="quadratic")
    assert high.on_boundary.values.all()
    start = [(10.0, 100.0)]
    with pytest.warns(RuntimeWarning, match="not converged"):
        up = steepest_path(field, start, direction="ascent")
    assert int(up.status[0]) in {Status.LEFT_DOMAIN, Status.AT_BOUND}
    holed = field.where(field > 985.0)
    with pytest.warns(RuntimeWarning, match="left_domain"):
        down = steepest_path(holed, start)
    assert int(down.status[0]) == Status.LEFT_DOMAIN
    assert plain(down, "end_value")[0] < plain(down, "value")[0, 0]
    assert (basins(holed).label.values[np.isnan(holed.values)] == -1).all()


def test_a_path_is_no_longer_than_it_may_be():
    field = low_at(20.0, 50.0)
    short = steepest_path(field, [(20.0, 120.0)], max_length="1000 km")
    assert int(short.status[0]) == Status.STOPPED
    np.testing.assert_allclose(plain(short, "length"), 1000.0, rtol=1e-6)
