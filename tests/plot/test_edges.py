"""Laws of cell edges: the circle closes, poles are covered, order does not matter."""

import numpy as np
import pytest

from xnabla.plot._edges import latitude_span, longitude_span, plain_span, pressure_span


def drawn(points, values):
    """Return edges and the values between them."""
    span = longitude_span(points)
    return span.edges, values[span.cells]


@pytest.mark.parametrize("count", [4, 7, 36, 144, 361])
@pytest.mark.parametrize("first", [0.0, -180.0, 0.7, 179.9, -540.0])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_circle_closes_exactly(count, first, dtype):
    points = (first + np.arange(count) * 360.0 / count).astype(dtype)
    span = longitude_span(points)
    assert span.closed
    assert span.edges[0] == -180.0
    assert span.edges[-1] == 180.0
    assert (np.diff(span.edges) > 0).all()
    assert len(span.edges) == len(span.cells) + 1
    assert set(span.cells) == set(range(count))
    assert (np.diff(span.places) > 0).all()
    assert span.places[0] <= -180.0
    assert span.places[-1] >= 180.0 - 1e-9


@pytest.mark.parametrize("shift", [1, 17, 72, 143])
def test_roll_draws_the_same_picture(shift):
    points, values = np.arange(144) * 2.5, np.arange(144.0)
    edges, cells = drawn(points, values)
    rolled_edges, rolled = drawn(np.roll(points, shift), np.roll(values, shift))
    np.testing.assert_array_equal(rolled, cells)
    np.testing.assert_array_equal(rolled_edges, edges)


def test_other_convention_direction_and_repeated_column_draw_the_same():
    points, values = np.arange(144) * 2.5, np.arange(144.0)
    edges, cells = drawn(points, values)
    signed = (points + 180) % 360 - 180
    for other, its in (
        (signed, values),
        (points[::-1], values[::-1]),
        (np.r_[points, 360.0], np.r_[values, values[0]]),
        (np.r_[points, 360.0].astype(np.float32), np.r_[values, values[0]]),
    ):
        other_edges, other_cells = drawn(other, its)
        np.testing.assert_array_equal(other_cells, cells)
        np.testing.assert_allclose(other_edges, edges, atol=1e-4)


@pytest.mark.parametrize(
    "points",
    [
        np.arange(150.0, 212.5, 2.5),
        (np.arange(150.0, 212.5, 2.5) + 180) % 360 - 180,
        np.sort((np.arange(150.0, 212.5, 2.5) + 180) % 360 - 180),
        np.arange(210.0, 149.0, -2.5),
    ],
)
def test_region_across_the_date_line_is_whole(points):
    span = longitude_span(points)
    assert not span.closed
    np.testing.assert_allclose(np.diff(span.edges), 2.5, atol=1e-12)
    np.testing.assert_allclose(span.edges[[0, -1]], [148.75, 211.25], atol=1e-12)
    where = np.mod(points[span.cells], 360.0)
    np.testing.assert_allclose(where, np.arange(150.0, 212.5, 2.5), atol=1e-12)


def test_region_across_greenwich_is_whole_and_near_zero():
    points = np.r_[np.arange(0.0, 42.5, 2.5), np.arange(320.0, 360.0, 2.5)]
    span = longitude_span(points)
    np.testing.assert_allclose(span.edges[[0, -1]], [-41.25, 41.25], atol=1e-12)
    assert (np.diff(span.edges) > 0).all()


def test_two_longitudes_are_two_cells():
    np.testing.assert_allclose(
        longitude_span(np.array([359.0, 1.0])).edges, [358, 360, 362], atol=1e-12
    )


def test_poles_are_reached_and_never_passed():
    with_poles = latitude_span(np.linspace(90, -90, 73))
    assert with_poles.edges[0] == -90
    assert with_poles.edges[-1] == 90
    without = latitude_span(np.arange(-88.75, 90, 2.5))
    assert without.edges[-1] == 90
    gaussian = np.rad2deg(np.arcsin(np.polynomial.legendre.leggauss(64)[0]))
    np.testing.assert_array_equal(latitude_span(gaussian).edges[[0, -1]], [-90, 90])
    region = latitude_span(np.arange(40.0, 61.0, 5.0))
    np.testing.assert_array_equal(region.edges[[0, -1]], [37.5, 62.5])


def test_descending_is_ascending():
    points, values = np.array([80.0, 50.0, 10.0, -30.0]), np.arange(4.0)
    down, up = latitude_span(points), latitude_span(points[::-1])
    np.testing.assert_array_equal(down.edges, up.edges)
    np.testing.assert_array_equal(values[down.cells], values[::-1][up.cells])


def test_pressure_cells_meet_at_geometric_means_and_end_at_the_levels():
    span = pressure_span(np.array([1000.0, 250.0, 10.0]))
    np.testing.assert_allclose(span.edges, [10, 50, 500, 1000], atol=1e-9)


def test_a_plain_axis_is_extended_by_half_a_step():
    np.testing.assert_array_equal(
        plain_span(np.array([0.0, 1.0, 3.0])).edges, [-0.5, 0.5, 2.0, 4.0]
    )
