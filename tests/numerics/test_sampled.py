"""At some points a formula gives the very bits that it gives on the whole field."""

import numpy as np
import pytest

from xnabla.numerics import Line, Points, Sampled, apply_table, stencil_table

VALUES = np.random.default_rng(0).normal(280, 10, (3, 11, 12))
VALUES[np.random.default_rng(1).random(VALUES.shape) < 0.2] = np.nan
WHERE = np.nonzero(np.random.default_rng(2).random(VALUES.shape) < 0.4)


def sampled():
    whole = np.arange(VALUES.shape[1]), np.arange(VALUES.shape[2])
    return Sampled.of(VALUES, Points(*WHERE), *whole)


def table(size, kind, order):
    points = np.arange(float(size))
    line = {
        "even": Line(points, 1.0),
        "uneven": Line(np.cumsum(1 + 0.3 * np.sin(points)), None),
        "circle": Line(points, 1.0, float(size)),
        "closed": Line(points, 1.0, float(size - 1), closed=True),
    }[kind]
    return stencil_table(line, order=order, accuracy=4, missing="shrink")


@pytest.mark.parametrize("kind", ["even", "uneven", "circle", "closed"])
@pytest.mark.parametrize("axis", [-2, -1])
@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("scaled", [False, True])
def test_a_derivative_with_gaps_and_seams(kind, axis, order, scaled):
    one = table(VALUES.shape[axis], kind, order)
    scale = np.linspace(1, 2, VALUES.shape[1])[:, np.newaxis] if scaled else None
    whole = apply_table(VALUES, axis, one, scale=scale, engine="numpy")
    some = apply_table(sampled(), axis, one, scale=scale)
    np.testing.assert_array_equal(some.at(some.wanted), whole[WHERE])
    assert np.isfinite(whole[WHERE]).any()


def test_a_derivative_of_a_derivative_and_a_choice():
    y, x = table(11, "uneven", 1), table(12, "circle", 1)
    sheet = np.random.default_rng(3).normal(size=(11, 12))

    def formula(f):
        both = apply_table(apply_table(f, -2, y, engine="numpy"), -1, x, engine="numpy")
        return np.where(np.isnan(both), sheet, both * sheet - 1.0)

    made = formula(sampled())
    np.testing.assert_array_equal(made.at(made.wanted), formula(VALUES)[WHERE])
