"""A scheme is a table of numbers: exact where it must be, at every edge and period."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xnabla.errors import GridError
from xnabla.numerics import Line, apply_table, interpolation_table, stencil_table

EVEN = np.arange(12.0)
UNEVEN = np.cumsum(1.0 + 0.4 * np.sin(np.arange(12.0)))


def line_of(points, *, descending=False):
    """Return an open line, even ones with their step."""
    points = points[::-1] if descending else points
    steps = np.diff(points)
    return Line(points, float(steps[0]) if np.all(steps == steps[0]) else None)


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("accuracy", [2, 4, 6])
@pytest.mark.parametrize("points", [EVEN, UNEVEN], ids=["even", "uneven"])
@pytest.mark.parametrize("descending", [False, True])
def test_every_row_is_exact_for_polynomials_of_its_accuracy(
    order, accuracy, points, descending
):
    """The order of a scheme is the degree it is exact for; edges included."""
    line = line_of(points, descending=descending)
    x = line.points
    table = stencil_table(line, order=order, accuracy=accuracy)
    centre, width = x.mean(), np.ptp(x)
    z = (x - centre) / width
    for degree in range(accuracy + order):
        f = z**degree
        exact = [
            degree * z ** max(degree - 1, 0),
            degree * (degree - 1) * z ** max(degree - 2, 0),
        ][order - 1] / width**order
        got = apply_table(f, 0, table, engine="numpy")
        np.testing.assert_allclose(got, exact, rtol=0, atol=1e-10)


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("accuracy", [2, 4, 6])
def test_the_weights_of_a_derivative_sum_to_nothing(order, accuracy):
    table = stencil_table(line_of(UNEVEN), order=order, accuracy=accuracy)
    size = np.abs(table.weights).max()
    np.testing.assert_allclose(table.weights.sum(axis=-1), 0, atol=1e-13 * size)


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("accuracy", [2, 4, 6])
def test_a_constant_has_exactly_no_derivative(order, accuracy):
    table = stencil_table(line_of(UNEVEN), order=order, accuracy=accuracy)
    got = apply_table(np.full(12, 287.123456789), 0, table, engine="numpy")
    np.testing.assert_array_equal(got, 0.0)


@pytest.mark.parametrize("accuracy", [2, 4, 6])
def test_a_circle_has_the_same_weights_everywhere(accuracy):
    line = Line(EVEN, 1.0, 12.0)
    table = stencil_table(line, accuracy=accuracy)
    np.testing.assert_array_equal(table.weights, np.tile(table.weights[0], (12, 1)))


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("accuracy", [2, 4])
@pytest.mark.parametrize("shift", [1, 5, 11])
def test_turning_a_circle_turns_its_derivative(order, accuracy, shift):
    f = np.random.default_rng(3).normal(size=12)
    table = stencil_table(Line(EVEN, 1.0, 12.0), order=order, accuracy=accuracy)
    turned = apply_table(np.roll(f, shift), 0, table, engine="numpy")
    np.testing.assert_array_equal(
        turned, np.roll(apply_table(f, 0, table, engine="numpy"), shift)
    )


def test_an_uneven_circle_measures_its_seam_by_the_period():
    points = np.array([0.0, 1.0, 3.0, 4.0])
    table = stencil_table(Line(points, None, 6.0))
    f = np.sin(2 * np.pi * points / 6.0)
    got = apply_table(f, 0, table, engine="numpy")
    # at 0 the neighbours lie 2 before and 1 after: Lagrange's formula by hand
    by_hand = -1 / 6 * f[3] + (1 / 2 - 1) * f[0] + 2 / 3 * f[1]
    assert got[0] == pytest.approx(by_hand, rel=1e-13)


def test_a_closed_circle_has_one_point_fewer_around():
    closed = Line(np.arange(13.0), 1.0, 12.0, closed=True)
    f = np.cos(2 * np.pi * np.arange(13) / 12)
    got = apply_table(f, 0, stencil_table(closed), engine="numpy")
    opened = apply_table(
        f[:12], 0, stencil_table(Line(EVEN, 1.0, 12.0)), engine="numpy"
    )
    np.testing.assert_array_equal(got[:12], opened)
    assert got[12] == got[0]


def test_edges_missing_blanks_exactly_the_rows_that_are_not_centred():
    for accuracy, half in ((2, 1), (4, 2), (6, 3)):
        table = stencil_table(line_of(EVEN), accuracy=accuracy, edges="missing")
        got = np.isnan(apply_table(EVEN**2, 0, table, engine="numpy"))
        expected = np.zeros(12, bool)
        expected[:half] = expected[-half:] = True
        np.testing.assert_array_equal(got, expected)


def test_edges_missing_blanks_nothing_of_a_circle():
    table = stencil_table(Line(EVEN, 1.0, 12.0), edges="missing")
    assert np.isfinite(apply_table(EVEN, 0, table, engine="numpy")).all()


def test_first_order_edges_are_two_point_differences():
    table = stencil_table(line_of(UNEVEN), edge_accuracy=1)
    f = UNEVEN**3
    got = apply_table(f, 0, table, engine="numpy")
    assert got[0] == pytest.approx((f[1] - f[0]) / (UNEVEN[1] - UNEVEN[0]), rel=1e-13)
    assert got[-1] == pytest.approx(
        (f[-1] - f[-2]) / (UNEVEN[-1] - UNEVEN[-2]), rel=1e-13
    )


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("accuracy", [2, 4, 6])
def test_the_fewest_points_that_are_enough_are_enough(order, accuracy):
    need = order + accuracy
    table = stencil_table(
        Line(np.arange(float(need)), 1.0), order=order, accuracy=accuracy
    )
    assert np.isfinite(table.weights).all()
    with pytest.raises(GridError, match=f"at least {need}.*got {need - 1}"):
        stencil_table(Line(np.arange(need - 1.0), 1.0), order=order, accuracy=accuracy)


@pytest.mark.parametrize("accuracy", [2, 4, 6])
@pytest.mark.parametrize("step", [1.0, None])
def test_the_smallest_circle_is_enough(accuracy, step):
    need = accuracy + 1
    table = stencil_table(
        Line(np.arange(float(need)), step, float(need)), accuracy=accuracy
    )
    assert np.isfinite(table.weights).all()


def test_a_lower_term_is_added_on_the_same_points():
    """f'' + c f' of x² is 2 + 2 c x."""
    x = UNEVEN
    c = np.linspace(-1, 1, 12)
    table = stencil_table(line_of(x), order=2, lower=c)
    got = apply_table(x**2, 0, table, engine="numpy")
    np.testing.assert_allclose(got, 2 + 2 * c * x, rtol=0, atol=1e-10)


# --- NaN -------------------------------------------------------------------------


def nan_out(gaps, missing, accuracy=2, n=12):
    """Return where the derivative of a line with gaps is NaN."""
    f = 2.0 * np.arange(float(n))
    f[list(gaps)] = np.nan
    table = stencil_table(
        Line(np.arange(float(n)), 1.0), accuracy=accuracy, missing=missing
    )
    got = apply_table(f, 0, table, engine="numpy")
    np.testing.assert_allclose(got[np.isfinite(got)], 2.0, rtol=1e-12)
    return set(np.flatnonzero(np.isnan(got)))


def test_propagate_blanks_the_gap_and_its_neighbours():
    assert nan_out([5], "propagate") == {4, 5, 6}


def test_propagate_at_accuracy_four_reaches_two_points():
    assert nan_out([5], "propagate", accuracy=4) == {3, 4, 5, 6, 7}


def test_propagate_sees_a_gap_that_the_edge_rows_read():
    """A one-sided row of accuracy 2 reads three points."""
    assert nan_out([2], "propagate") == {0, 1, 2, 3}


@pytest.mark.parametrize("accuracy", [2, 4, 6])
def test_shrink_blanks_the_gap_only(accuracy):
    assert nan_out([5], "shrink", accuracy=accuracy) == {5}


def test_shrink_blanks_a_point_without_neighbours():
    assert nan_out([4, 6], "shrink") == {4, 5, 6}


def test_shrink_goes_down_to_two_points():
    assert nan_out([0, 1, 2, 5, 6, 7, 8, 9, 10, 11], "shrink") == set(range(12)) - {
        3,
        4,
    }


def test_shrink_does_nothing_to_a_field_that_is_whole():
    f = np.sin(UNEVEN)
    line = line_of(UNEVEN)
    plain = apply_table(f, 0, stencil_table(line, accuracy=4), engine="numpy")
    shrunk = apply_table(
        f, 0, stencil_table(line, accuracy=4, missing="shrink"), engine="numpy"
    )
    np.testing.assert_array_equal(plain, shrunk)


def test_shrink_keeps_edges_missing():
    table = stencil_table(line_of(EVEN), edges="missing", missing="shrink")
    got = apply_table(EVEN, 0, table, engine="numpy")
    assert np.isnan(got[[0, -1]]).all()
    assert np.isfinite(got[1:-1]).all()


def test_shrink_beside_a_gap_is_exact_for_what_its_window_allows():
    """Beside a gap three points remain at accuracy 2: exact for a parabola."""
    f = EVEN**2
    f[5] = np.nan
    table = stencil_table(line_of(EVEN), missing="shrink")
    got = apply_table(f, 0, table, engine="numpy")
    keep = np.arange(12) != 5
    np.testing.assert_allclose(got[keep], 2 * EVEN[keep], rtol=0, atol=1e-12)


def test_shrink_wraps_around_a_circle():
    f = np.cos(2 * np.pi * EVEN / 12)
    f[0] = np.nan
    table = stencil_table(Line(EVEN, 1.0, 12.0), missing="shrink")
    got = apply_table(f, 0, table, engine="numpy")
    assert set(np.flatnonzero(np.isnan(got))) == {0}


# --- interpolation ---------------------------------------------------------------


def test_interpolation_onto_points_copies():
    f = np.random.default_rng(0).normal(size=12)
    line = Line(EVEN, 1.0, 12.0)
    table = interpolation_table(line, EVEN + 6.0, 4)
    assert table.width == 1
    np.testing.assert_array_equal(
        apply_table(f, 0, table, engine="numpy"), np.roll(f, -6)
    )


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("turn", [0.5, 3.3, -2.7, 11.9, -11.9])
def test_interpolation_between_points_is_of_its_order(descending, turn):
    errors = []
    for n in (24, 48):
        points = np.arange(float(n)) * 12.0 / n
        points = points[::-1] if descending else points
        line = Line(points, None, 12.0)
        table = interpolation_table(line, points + turn, 4)
        f = np.sin(2 * np.pi * points / 12)
        got = apply_table(f, 0, table, engine="numpy")
        errors.append(np.abs(got - np.sin(2 * np.pi * (points + turn) / 12)).max())
    assert errors[1] < 1e-15 * 100 or errors[0] / errors[1] > 10


@given(
    st.lists(st.integers(1, 10), min_size=4, max_size=20),
    st.integers(1, 2),
    st.sampled_from([2, 4]),
    st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_any_spacing_gives_exact_slopes(steps, order, accuracy, periodic):
    """A straight line has its slope everywhere, and no curvature."""
    points = np.cumsum(np.array(steps, float))
    period = float(np.ptp(points) + 3.0) if periodic else None
    need = (2 * (accuracy // 2) + 1) if periodic else order + accuracy
    if points.size < need:
        return
    table = stencil_table(Line(points, None, period), order=order, accuracy=accuracy)
    got = apply_table(3.0 * points, 0, table, engine="numpy")
    inside = slice(4, -4) if periodic else slice(None)  # a line jumps at the seam
    np.testing.assert_allclose(got[inside], [3.0, 0.0][order - 1], rtol=0, atol=1e-8)
