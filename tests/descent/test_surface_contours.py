"""The last closed contour of a bell is a circle of known radius, on any place."""

import numpy as np
import pytest
from landscapes import bell, distance_m, globe, labelled, low_on_globe, plain

from xnabla.descent._status import Status
from xnabla.descent.surface import closed_contours, find_extrema

A = 6_371_229.0


def outline(found, k=0):
    """The vertices of one contour."""
    ends = np.cumsum(found.n_vertices.values)
    part = slice(ends[k] - found.n_vertices.values[k], ends[k])
    return found.vertex_latitude.values[part], found.vertex_longitude.values[part]


@pytest.mark.parametrize(
    "place", [(45.0, 100.0), (50.0, 0.0), (-30.2, 179.8), (88.0, 50.0), (90.0, 0.0)]
)
@pytest.mark.parametrize("poles", [True, False])
def test_a_contour_is_the_circle_it_should_be(place, poles):
    field = low_on_globe(*place, sigma_m=600e3, poles=poles)
    found = closed_contours(
        field, kind="minimum", min_persistence="1 hPa", interval="5 hPa"
    )
    assert plain(found, "level")[0] == 1005.0
    assert abs(plain(found, "depth")[0] - 25.0) < 0.01
    radius = 600e3 * np.sqrt(2 * np.log(30.0 / 5.0))
    lat, lon = outline(found)
    np.testing.assert_allclose(distance_m(lat, lon, *place), radius, rtol=4e-3)
    area = 2 * np.pi * A**2 * (1 - np.cos(radius / A)) / 1e6
    np.testing.assert_allclose(plain(found, "area")[0], area, rtol=6e-3)
    np.testing.assert_allclose(
        plain(found, "equivalent_radius")[0], np.sqrt(area / np.pi), rtol=3e-3
    )
    assert int(found.contour_status[0]) == Status.EXACT


def test_points_inside_are_those_below_the_level():
    field = low_on_globe(45.0, 0.3, sigma_m=600e3)
    found = closed_contours(
        field, kind="minimum", min_persistence="1 hPa", interval="5 hPa"
    )
    assert int(found.n_inside[0]) == int((field.values < 1005.0).sum())


def test_the_level_is_that_of_the_saddle_to_another_low():
    lat, lon = globe(1.0)
    two = (
        bell(lat, lon, 40.0, 90.0, depth=30.0)
        + bell(lat, lon, 40.0, 102.0, depth=20.0)
        - 1010.0
    )
    field = labelled(two, lat, lon)
    found = closed_contours(field, kind="minimum", min_persistence="1 hPa")
    points = find_extrema(field, kind="minimum", min_persistence="1 hPa")
    saddle = plain(points, "saddle_value")[1]
    np.testing.assert_allclose(plain(found, "level"), saddle)
    for k in range(2):
        around = distance_m(*outline(found, k), *[(40.0, 90.0), (40.0, 102.0)][k])
        assert around.max() < 900e3  # neither goes around the other


def test_a_shallow_low_that_does_not_count_is_gone_around():
    lat, lon = globe(1.0)
    two = (
        bell(lat, lon, 40.0, 90.0, depth=30.0)
        + bell(lat, lon, 40.0, 102.0, depth=3.0)
        - 1010.0
    )
    found = closed_contours(
        labelled(two, lat, lon),
        kind="minimum",
        min_persistence="5 hPa",
        interval="1 hPa",
    )
    assert found.sizes["point"] == 1
    assert plain(found, "level")[0] == 1009.0
    assert np.rad2deg(np.deg2rad(outline(found)[1])).max() > 102.0


def test_highs_close_too():
    low = low_on_globe(45.0, 100.0, sigma_m=600e3)
    high = (2020.0 - low).assign_attrs(low.attrs)
    found = closed_contours(
        high, kind="maximum", min_persistence="1 hPa", interval="5 hPa"
    )
    assert plain(found, "level")[0] == 1015.0
    mirrored = closed_contours(
        low, kind="minimum", min_persistence="1 hPa", interval="5 hPa"
    )
    np.testing.assert_allclose(plain(found, "area"), plain(mirrored, "area"))


def test_a_contour_does_not_leave_the_region():
    field = low_on_globe(45.0, 100.0, sigma_m=600e3)
    part = field.sel(latitude=slice(38, 80), longitude=slice(60, 140))
    found = closed_contours(
        part, kind="minimum", min_persistence="1 hPa", boundary="drop"
    )
    edge = part.sel(latitude=38).values.min()
    np.testing.assert_allclose(plain(found, "level")[0], edge, atol=1e-9)
    assert outline(found)[0].min() >= 38.0


def test_no_contour_closes_around_a_low_shallower_than_the_interval():
    found = closed_contours(
        low_on_globe(45.0, 100.0, depth=3.0),
        kind="minimum",
        min_persistence="1 hPa",
        interval="50 hPa",
    )
    assert np.isnan(plain(found, "level")).all()
    assert int(found.contour_status[0]) == Status.SINGULAR
    assert int(found.n_vertices[0]) == 0


def test_the_points_given_are_those_that_count():
    lat, lon = globe(1.0)
    two = (
        bell(lat, lon, 40.0, 90.0, depth=30.0)
        + bell(lat, lon, 40.0, 102.0, depth=20.0)
        - 1010.0
    )
    field = labelled(two, lat, lon)
    points = find_extrema(field, kind="minimum", min_persistence="1 hPa")
    given = closed_contours(field, points)
    own = closed_contours(field, kind="minimum", min_persistence="1 hPa")
    np.testing.assert_allclose(plain(given, "level"), plain(own, "level"))
    assert given.sizes["point"] == 2


def test_times_make_one_table():
    lat, lon = globe(2.0)
    values = np.stack([bell(lat, lon, 40.0, x, sigma_m=6e5) for x in (0.0, 90.0)])
    field = labelled(
        values, lat, lon, time=("time", [0.0, 1.0], {"units": "days since 2000-01-01"})
    )
    found = closed_contours(
        field, kind="minimum", min_persistence="1 hPa", interval="5 hPa"
    )
    assert found.sizes["point"] == 2
    assert found.sizes["vertex"] == int(found.n_vertices.sum())
    np.testing.assert_allclose(*plain(found, "area"), rtol=1e-3)
    assert len(found.to_dataframe()) == 2
