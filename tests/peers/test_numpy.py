"""numpy.gradient: its documented examples, and itself on random input."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import positions

import xnabla as xn

F = np.array([1, 2, 4, 7, 11, 16])


class TestDocumentedExamples:
    def test_the_first(self):
        expected = [1.0, 1.5, 2.5, 3.5, 4.5, 5.0]
        np.testing.assert_array_equal(xn.gradient(F, deltas=1), expected)
        np.testing.assert_array_equal(xn.derivative(F, 0, deltas=1), expected)
        np.testing.assert_array_equal(
            xn.gradient(F.astype(float), deltas=1)[0], expected
        )

    def test_a_spacing_of_two(self):
        expected = [0.5, 0.75, 1.25, 1.75, 2.25, 2.5]
        np.testing.assert_array_equal(xn.gradient(F, deltas=2), expected)

    def test_the_indices_for_coordinates(self):
        expected = [1.0, 1.5, 2.5, 3.5, 4.5, 5.0]
        np.testing.assert_array_equal(
            xn.gradient(F, coordinates=np.arange(6)), expected
        )

    def test_uneven_coordinates(self):
        x = np.array([0.0, 1.0, 1.5, 3.5, 4.0, 6.0])
        np.testing.assert_allclose(
            xn.gradient(F, coordinates=x),
            [1.0, 3.0, 3.5, 6.7, 6.9, 2.5],
            rtol=1e-15,
            atol=1e-15,
        )

    def test_two_axes(self):
        f = np.array([[1, 2, 6], [3, 4, 5]])
        by_row, by_column = xn.gradient(f, deltas=1)
        np.testing.assert_array_equal(by_row, [[2.0, 2.0, -1.0], [2.0, 2.0, -1.0]])
        np.testing.assert_array_equal(by_column, [[1.0, 2.5, 4.0], [1.0, 1.0, 1.0]])
        assert np.asarray(xn.gradient(f, deltas=1)).shape == (2, 2, 3)

    def test_two_axes_a_step_and_coordinates(self):
        f = np.array([[1, 2, 6], [3, 4, 5]])
        x = np.array([1.0, 1.5, 3.5])
        by_row, by_column = xn.gradient(f, coordinates=(2.0 * np.arange(2), x))
        np.testing.assert_array_equal(by_row, [[1.0, 1.0, -0.5], [1.0, 1.0, -0.5]])
        np.testing.assert_allclose(
            by_column, [[2.0, 2.0, 2.0], [2.0, 1.7, 0.5]], rtol=1e-15, atol=1e-15
        )

    def test_edge_order(self):
        x = np.array([0, 1, 2, 3, 4])
        y = x**2
        np.testing.assert_array_equal(
            xn.gradient(y, deltas=1, edge_order=1), [1, 2, 4, 6, 7]
        )
        np.testing.assert_array_equal(
            xn.gradient(y, deltas=1, edge_order=2), [0, 2, 4, 6, 8]
        )

    def test_one_axis_of_two(self):
        f = np.array([[1, 2, 6], [3, 4, 5]])
        np.testing.assert_array_equal(
            xn.gradient(f, 0, deltas=1), [[2.0, 2.0, -1.0], [2.0, 2.0, -1.0]]
        )

    def test_the_weights_of_its_notes(self):
        """f=[5, 7, 4, 8] at x=[0, 1, 3, 3.5]."""
        x = np.array([0.0, 1.0, 3.0, 3.5])
        f = np.array([5.0, 7.0, 4.0, 8.0])
        # (hs² f(+hd) + (hd² - hs²) f - hd² f(-hs)) / (hs hd (hd + hs))
        inner = [
            (1 * 4 + (4 - 1) * 7 - 4 * 5) / (1 * 2 * 3),
            (4 * 8 + (0.25 - 4) * 4 - 0.25 * 7) / (2 * 0.5 * 2.5),
        ]
        one = [2.0, *inner, 8.0]
        # the parabola through the last three points
        two = [
            -4 / 3 * 5 + 3 / 2 * 7 - 1 / 6 * 4,
            *inner,
            0.5 / 2 / 2.5 * 7 - 2.5 / (2 * 0.5) * 4 + (0.5 + 2.5) / (0.5 * 2.5) * 8,
        ]
        for edge_order, expected in ((1, one), (2, two)):
            got = xn.gradient(f, coordinates=x, edge_order=edge_order)
            np.testing.assert_allclose(got, expected, rtol=1e-14, atol=1e-14)
            np.testing.assert_allclose(
                got, np.gradient(f, x, edge_order=edge_order), rtol=1e-14, atol=1e-14
            )


@given(positions(), positions(), st.sampled_from([1, 2]), st.integers(0, 999))
def test_random_uneven_points(x, y, edge_order, seed):
    f = np.random.default_rng(seed).normal(0, 1, (y.size, x.size))
    got = xn.gradient(f, coordinates=(y, x), edge_order=edge_order)
    expected = np.gradient(f, y, x, edge_order=edge_order)
    assert len(got) == 2
    for a, b in zip(got, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-13 * np.abs(b).max())


@given(
    st.integers(3, 9),
    st.integers(3, 9),
    st.sampled_from([1, 2]),
    st.floats(0.01, 1e5),
    st.integers(0, 99),
)
def test_random_even_steps(rows, columns, edge_order, step, seed):
    f = np.random.default_rng(seed).normal(0, 1e-6, (rows, columns, 3))
    got = xn.gradient(f, deltas=(step, 2 * step, 1.0), edge_order=edge_order)
    expected = np.gradient(f, step, 2 * step, 1.0, edge_order=edge_order)
    for a, b in zip(got, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-14 * np.abs(b).max())


@pytest.mark.parametrize("axes", [None, 0, 1, -1, (0,), (1, 0), (2, 0)])
def test_axes_in_any_order(axes):
    f = np.random.default_rng(0).normal(0, 1, (4, 5, 6))
    got = xn.gradient(f, axes, deltas=0.5)
    expected = np.gradient(f, 0.5, axis=axes)
    expected = [expected] if isinstance(expected, np.ndarray) else expected
    for a, b in zip(got, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex64, np.int16])
def test_dtypes(dtype):
    f = np.array([1, 2, 4, 7, 11, 16]).astype(dtype)
    got = xn.gradient(f, deltas=1)[0]
    assert got.dtype == np.gradient(f).dtype
    np.testing.assert_array_equal(got, np.gradient(f))


def test_a_nan_between_uneven_points_goes_as_far():
    f = np.array([1.0, 2, 4, np.nan, 11, 16, 20])
    x = np.array([0.0, 1, 3, 4, 6, 7, 9])
    np.testing.assert_array_equal(
        np.isnan(xn.gradient(f, coordinates=x)[0]), np.isnan(np.gradient(f, x))
    )


def test_a_list_is_an_array():
    np.testing.assert_array_equal(
        xn.gradient([1, 2, 4, 7, 11, 16], deltas=1), [1.0, 1.5, 2.5, 3.5, 4.5, 5.0]
    )
