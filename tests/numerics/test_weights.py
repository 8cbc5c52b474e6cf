"""Finite-difference weights are exact for the polynomials they are made for."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xnabla.numerics import fornberg_weights


@pytest.mark.parametrize(
    ("offsets", "order", "weights"),
    [
        ([-1, 0, 1], 1, [-1 / 2, 0, 1 / 2]),
        ([-1, 0, 1], 2, [1, -2, 1]),
        ([-2, -1, 0, 1, 2], 1, [1 / 12, -2 / 3, 0, 2 / 3, -1 / 12]),
        ([-2, -1, 0, 1, 2], 2, [-1 / 12, 4 / 3, -5 / 2, 4 / 3, -1 / 12]),
        (
            [-3, -2, -1, 0, 1, 2, 3],
            1,
            [-1 / 60, 3 / 20, -3 / 4, 0, 3 / 4, -3 / 20, 1 / 60],
        ),
        ([0, 1, 2], 1, [-3 / 2, 2, -1 / 2]),
        ([0, 1, 2, 3], 2, [2, -5, 4, -1]),
        ([0], 0, [1]),
    ],
)
def test_the_textbook_weights_come_out(offsets, order, weights):
    got = fornberg_weights(np.array(offsets, float), order)
    np.testing.assert_allclose(got, weights, rtol=0, atol=1e-14)


points = st.lists(st.integers(-40, 40), min_size=3, max_size=7, unique=True).map(
    lambda x: np.array(x) / 10.0
)


@given(points, st.integers(0, 2))
@settings(max_examples=60, deadline=None)
def test_weights_are_exact_for_every_polynomial_they_can_be(offsets, order):
    weights = fornberg_weights(offsets, order)
    for degree in range(len(offsets)):
        at_zero = [0.0, 1.0, 2.0][order] if degree == order and order else 0.0
        exact = 1.0 if degree == order == 0 else at_zero
        terms = weights * offsets**degree
        assert abs(terms.sum() - exact) <= 1e-11 * max(1.0, np.abs(terms).sum())


@given(points, st.integers(1, 2), st.floats(0.01, 1e6))
@settings(max_examples=40, deadline=None)
def test_weights_scale_with_the_spacing(offsets, order, factor):
    plain = fornberg_weights(offsets, order)
    scaled = fornberg_weights(offsets * factor, order) * factor**order
    np.testing.assert_allclose(
        scaled, plain, rtol=1e-9, atol=1e-9 * np.abs(plain).max()
    )


def test_many_rows_are_made_at_once():
    rows = np.array([[-1.0, 0.0, 1.0], [0.0, 1.0, 2.0]])
    got = fornberg_weights(rows, 1)
    np.testing.assert_array_equal(got[0], fornberg_weights(rows[0], 1))
    np.testing.assert_array_equal(got[1], fornberg_weights(rows[1], 1))


def test_too_few_points_for_a_derivative_are_refused():
    with pytest.raises(ValueError, match="3 points"):
        fornberg_weights(np.array([0.0, 1.0]), 2)
