"""Arrays without labels: what numpy.gradient and MetPy document, and more."""

import numpy as np
import pint
import pytest
from grid.making import one_d
from hypothesis import given, settings
from hypothesis import strategies as st

import xnabla as xn

Q = pint.Quantity
F = np.array([1.0, 2, 4, 7, 11, 16])


# --- numpy's documented examples -------------------------------------------------


def test_numpy_example_one():
    (got,) = xn.gradient(F, deltas=1.0)
    np.testing.assert_array_equal(got, [1.0, 1.5, 2.5, 3.5, 4.5, 5.0])


def test_numpy_example_spacing_two():
    (got,) = xn.gradient(F, deltas=2)
    np.testing.assert_array_equal(got, [0.5, 0.75, 1.25, 1.75, 2.25, 2.5])


def test_numpy_example_coordinates():
    (got,) = xn.gradient(F, coordinates=np.arange(6))
    np.testing.assert_array_equal(got, [1.0, 1.5, 2.5, 3.5, 4.5, 5.0])


def test_numpy_example_uneven_coordinates():
    x = np.array([0.0, 1.0, 1.5, 3.5, 4.0, 6.0])
    (got,) = xn.gradient(F, coordinates=x)
    np.testing.assert_allclose(got, [1.0, 3.0, 3.5, 6.7, 6.9, 2.5], rtol=1e-14)


@pytest.mark.parametrize("edge_order", [1, 2])
def test_the_uneven_example_of_the_issue(edge_order):
    f, x = np.array([5.0, 7, 4, 8]), np.array([0.0, 1, 3, 3.5])
    (got,) = xn.gradient(f, coordinates=x, edge_order=edge_order)
    np.testing.assert_allclose(
        got, np.gradient(f, x, edge_order=edge_order), rtol=1e-13
    )
    # by hand: parabola through three points
    inner = -2 / 3 * 5 + (1 - 1 / 2) * 7 + 1 / 6 * 4
    assert got[1] == pytest.approx(inner, rel=1e-13)
    if edge_order == 1:
        assert got[0] == 2.0
        assert got[-1] == 8.0


def test_numpy_example_of_two_axes():
    f = np.array([[1, 2, 6], [3, 4, 5]], dtype=float)
    rows, columns = xn.gradient(f, deltas=1.0)
    np.testing.assert_array_equal(rows, [[2.0, 2.0, -1.0], [2.0, 2.0, -1.0]])
    np.testing.assert_array_equal(columns, [[1.0, 2.5, 4.0], [1.0, 1.0, 1.0]])


def test_numpy_example_of_two_axes_with_a_step_and_positions():
    f = np.array([[1, 2, 6], [3, 4, 5]], dtype=float)
    rows, columns = xn.gradient(f, coordinates=(np.array([0.0, 2.0]), [1.0, 1.5, 3.5]))
    np.testing.assert_allclose(rows, [[1.0, 1.0, -0.5], [1.0, 1.0, -0.5]], rtol=1e-14)
    np.testing.assert_allclose(columns, [[2.0, 2.0, 2.0], [2.0, 1.7, 0.5]], rtol=1e-14)


def test_numpy_example_edge_order_two():
    x = np.array([0, 1, 2, 3, 4])
    (first,) = xn.gradient(x**2, deltas=1.0, edge_order=1)
    (second,) = xn.gradient(x**2, deltas=1.0, edge_order=2)
    np.testing.assert_allclose(first, [1.0, 2.0, 4.0, 6.0, 7.0], rtol=1e-14)
    np.testing.assert_allclose(
        second, [0.0, 2.0, 4.0, 6.0, 8.0], rtol=1e-14, atol=1e-14
    )


def test_numpy_example_one_axis_of_two():
    f = np.array([[1, 2, 6], [3, 4, 5]], dtype=float)
    (rows,) = xn.gradient(f, 0, deltas=1.0)
    np.testing.assert_array_equal(rows, [[2.0, 2.0, -1.0], [2.0, 2.0, -1.0]])


steps = st.lists(st.integers(1, 9), min_size=2, max_size=9)


@given(steps, st.integers(0, 2**16), st.sampled_from([1, 2]), st.booleans())
@settings(max_examples=60, deadline=None)
def test_numpy_is_matched_on_any_positions(gaps, seed, edge_order, descending):
    x = np.concatenate([[0.0], np.cumsum(gaps)])
    x = x[::-1].copy() if descending else x
    f = np.random.default_rng(seed).normal(size=x.size)
    (got,) = xn.gradient(f, coordinates=x, edge_order=edge_order)
    np.testing.assert_allclose(
        got, np.gradient(f, x, edge_order=edge_order), rtol=1e-10, atol=1e-12
    )


@given(st.integers(0, 2), st.integers(0, 2**16), st.floats(0.01, 100.0))
@settings(max_examples=30, deadline=None)
def test_numpy_is_matched_along_any_axis(axis, seed, step):
    f = np.random.default_rng(seed).normal(size=(3, 4, 5))
    got = xn.derivative(f, axis, deltas=step)
    np.testing.assert_allclose(
        got, np.gradient(f, step, axis=axis), rtol=1e-11, atol=1e-13 / step
    )


# --- MetPy's documented example --------------------------------------------------

DATA = Q(np.array([[23, 24, 23], [25, 26, 25], [27, 28, 27], [24, 25, 24]]), "degC")
X = Q(np.array([[1, 2, 3]] * 4), "km")
Y = Q(np.array([[1] * 3, [2] * 3, [3] * 3, [4] * 3]), "km")
DY_A = [[2, 2, 2], [2, 2, 2], [-0.5, -0.5, -0.5], [-5.5, -5.5, -5.5]]


def in_k_per_km(part):
    """Return the numbers in K/km."""
    return part.to("kelvin / kilometer").magnitude


def test_metpy_example_a():
    dy, dx = xn.gradient(DATA, coordinates=(Y, X))
    np.testing.assert_allclose(in_k_per_km(dy), DY_A, rtol=0, atol=1e-13)
    np.testing.assert_allclose(in_k_per_km(dx), [[2, 0, -2]] * 4, rtol=0, atol=1e-13)


def test_metpy_example_b():
    dy, dx = xn.gradient(DATA, deltas=(Q(1, "km"), Q(2, "km")))
    np.testing.assert_allclose(in_k_per_km(dy), DY_A, rtol=0, atol=1e-13)
    np.testing.assert_allclose(in_k_per_km(dx), [[1, 0, -1]] * 4, rtol=0, atol=1e-13)


def test_metpy_example_c():
    x_deltas = Q(np.array([[2, 3], [1, 3], [2, 3], [1, 2]]), "km")
    y_deltas = Q(np.array([[2, 3, 1], [1, 3, 2], [2, 3, 1]]), "km")
    dy, dx = xn.gradient(DATA, deltas=(y_deltas, x_deltas))
    expected_dy = [
        [1 / 3, 2 / 3, 7 / 3],
        [5 / 3, 2 / 3, 5 / 3],
        [5 / 6, -1 / 6, -5 / 3],
        [-23 / 6, -11 / 6, -13 / 3],
    ]
    expected_dx = [
        [5 / 6, 1 / 6, -5 / 6],
        [4 / 3, 2 / 3, -4 / 3],
        [5 / 6, 1 / 6, -5 / 6],
        [3 / 2, 1 / 2, -3 / 2],
    ]
    np.testing.assert_allclose(in_k_per_km(dy), expected_dy, rtol=1e-13)
    np.testing.assert_allclose(in_k_per_km(dx), expected_dx, rtol=1e-13)


def test_metpy_example_has_metpys_units():
    dy, _ = xn.gradient(DATA, coordinates=(Y, X))
    assert dy.units == "kelvin / kilometer"


# --- every way to say the spacing ------------------------------------------------

SURFACE = np.add.outer(3.0 * np.arange(4), 2.0 * np.arange(5))
WAYS = {
    "one number": {"deltas": 2.0},
    "one int": {"deltas": 2},
    "numpy scalar": {"deltas": np.float32(2.0)},
    "0-D array": {"deltas": np.array(2.0)},
    "tuple of numbers": {"deltas": (2.0, 2.0)},
    "list of numbers": {"deltas": [2.0, 2.0]},
    "1-D deltas": {"deltas": (np.full(3, 2.0), np.full(4, 2.0))},
    "lists of deltas": {"deltas": ([2.0] * 3, [2.0] * 4)},
    "N-D deltas": {"deltas": (np.full((3, 5), 2.0), np.full((4, 4), 2.0))},
    "number and 1-D": {"deltas": (2.0, np.full(4, 2.0))},
    "1-D coordinates": {"coordinates": (2.0 * np.arange(4), 2.0 * np.arange(5))},
    "lists of coordinates": {"coordinates": [[0, 2, 4, 6], [0, 2, 4, 6, 8]]},
    "N-D coordinates": {
        "coordinates": (
            np.tile(2.0 * np.arange(4)[:, None], (1, 5)),
            np.tile(2.0 * np.arange(5), (4, 1)),
        )
    },
    "1-D and N-D": {
        "coordinates": (2.0 * np.arange(4), np.tile(2.0 * np.arange(5), (4, 1)))
    },
    "falling coordinates": {"coordinates": (-2.0 * np.arange(4), -2.0 * np.arange(5))},
    "negative deltas": {"deltas": -2.0},
}


@pytest.mark.parametrize("way", WAYS)
def test_every_way_to_say_the_spacing_gives_the_slopes(way):
    sign = -1.0 if "falling" in way or "negative" in way else 1.0
    rows, columns = xn.gradient(SURFACE, **WAYS[way])
    np.testing.assert_allclose(rows, sign * 1.5, rtol=1e-13)
    np.testing.assert_allclose(columns, sign * 1.0, rtol=1e-13)


@pytest.mark.parametrize("way", WAYS)
def test_every_way_works_with_units(way):
    sign = -1.0 if "falling" in way or "negative" in way else 1.0

    def quantified(given):
        if isinstance(given, tuple | list) and np.ndim(given[0]) > 0:
            return tuple(Q(np.asarray(one), "km") for one in given)
        if isinstance(given, tuple | list):
            return tuple(Q(one, "km") for one in given)
        return Q(given, "km")

    kwargs = {key: quantified(value) for key, value in WAYS[way].items()}
    if way == "number and 1-D":
        kwargs = {"deltas": (Q(2.0, "km"), Q(np.full(4, 2.0), "km"))}
    rows, columns = xn.gradient(Q(SURFACE, "degC"), units="K/km", **kwargs)
    np.testing.assert_allclose(rows.magnitude, sign * 1.5, rtol=1e-13)
    np.testing.assert_allclose(columns.magnitude, sign * 1.0, rtol=1e-13)


def test_one_list_of_positions_serves_one_axis():
    for positions in ([0.0, 1, 2, 3, 4, 5], (0.0, 1, 2, 3, 4, 5), (np.arange(6.0),)):
        (got,) = xn.gradient(F, coordinates=positions)
        np.testing.assert_array_equal(got, [1.0, 1.5, 2.5, 3.5, 4.5, 5.0])


def test_positions_may_vary_from_line_to_line():
    x = np.array([[0.0, 1, 2, 3], [0.0, 1, 4, 9]])
    got = xn.derivative(5.0 * x, 1, coordinates=x)
    np.testing.assert_allclose(got, 5.0, rtol=1e-13)


def test_positions_along_the_first_axis_may_vary_from_column_to_column():
    z = np.array([[0.0, 10.0], [1.0, 12.0], [3.0, 20.0], [4.0, 21.0]])
    got = xn.derivative(2.0 * z**2, 0, coordinates=z, edge_order=2)
    np.testing.assert_allclose(got, 4.0 * z, rtol=0, atol=1e-11)


@pytest.mark.parametrize("dims", [1, -1, (1,), [-1], np.int64(1)])
def test_axes_are_chosen_by_number(dims):
    (got,) = xn.gradient(SURFACE, dims, deltas=2.0)
    np.testing.assert_allclose(got, 1.0, rtol=1e-13)


def test_axes_come_in_the_order_asked_for():
    columns, rows = xn.gradient(SURFACE, (1, 0), deltas=(2.0, 1.0))
    np.testing.assert_allclose(columns, 1.0, rtol=1e-13)
    np.testing.assert_allclose(rows, 3.0, rtol=1e-13)


@pytest.mark.parametrize("dims", [2, -3, "x", 1.0, (0, 5)])
def test_axes_that_are_not_there_are_refused(dims):
    with pytest.raises(xn.XnablaError, match="axis"):
        xn.gradient(SURFACE, dims, deltas=1.0)


# --- kinds of arrays -------------------------------------------------------------


@pytest.mark.parametrize(
    "make", [list, tuple, np.int16, np.uint8, np.float64], ids=lambda m: m.__name__
)
def test_lists_and_integers_are_numbers(make):
    values = make(F.tolist()) if make in (list, tuple) else F.astype(make)
    (got,) = xn.gradient(values, deltas=1.0)
    assert got.dtype == np.float64
    np.testing.assert_array_equal(got, [1.0, 1.5, 2.5, 3.5, 4.5, 5.0])


def test_falling_unsigned_integers_do_not_wrap():
    (got,) = xn.gradient(np.array([3, 2, 1], "u1"), deltas=1.0)
    np.testing.assert_array_equal(got, -1.0)


def test_single_precision_stays():
    (got,) = xn.gradient(F.astype("f4"), deltas=np.full(5, 1.0))
    assert got.dtype == np.float32


def test_plain_arrays_come_out_plain():
    (got,) = xn.gradient(F, deltas=1.0)
    assert type(got) is np.ndarray


def test_quantities_come_out_as_quantities_of_their_registry():
    mine = pint.UnitRegistry()
    (got,) = xn.gradient(mine.Quantity(F, "K"), deltas=Q(1.0, "km"))
    assert isinstance(got, mine.Quantity)


def test_a_plain_array_with_quantified_steps_has_the_unit_of_one_over_them():
    (got,) = xn.gradient(F, deltas=Q(1.0, "km"))
    assert got.check("1/[length]")
    np.testing.assert_allclose(got.to("1/km").magnitude[1], 1.5, rtol=1e-13)


def test_a_quantity_with_plain_steps_keeps_its_unit():
    (got,) = xn.gradient(Q(F, "degC"), deltas=1.0)
    assert got.units == "kelvin"


def test_a_quantity_has_second_order_edges_as_in_metpy():
    (got,) = xn.gradient(Q(np.arange(5.0) ** 2, "K"), deltas=1.0)
    np.testing.assert_allclose(got.magnitude, 2 * np.arange(5.0), rtol=0, atol=1e-13)


def test_a_masked_array_comes_out_masked():
    values = np.ma.masked_array(np.arange(7.0), mask=[0, 0, 0, 1, 0, 0, 0])
    (got,) = xn.gradient(values, deltas=1.0)
    assert isinstance(got, np.ma.MaskedArray)
    np.testing.assert_array_equal(np.ma.getmaskarray(got), [0, 0, 1, 1, 1, 0, 0])
    np.testing.assert_allclose(got.compressed(), 1.0, rtol=1e-14)


def test_what_lies_under_a_mask_is_not_seen():
    values = np.ma.masked_array(
        [0.0, 1, 2, 9.97e36, 4, 5, 6], mask=[0, 0, 0, 1, 0, 0, 0]
    )
    (got,) = xn.gradient(values, deltas=1.0, missing="shrink")
    np.testing.assert_allclose(got.compressed(), 1.0, rtol=1e-14)
    assert got.mask.tolist() == [False] * 3 + [True] + [False] * 3


def test_a_masked_integer_array_is_taken():
    values = np.ma.masked_array(np.arange(5), mask=[0, 0, 0, 0, 1])
    (got,) = xn.gradient(values, deltas=1.0)
    assert got.mask.tolist() == [False, False, False, True, True]


def test_a_masked_quantity_is_taken():
    values = Q(np.ma.masked_array(np.arange(5.0), mask=[0, 0, 0, 0, 1]), "K")
    (got,) = xn.gradient(values, deltas=Q(1.0, "km"))
    assert (
        np.ma.getmaskarray(got.magnitude).tolist() == [False] * 2 + [True] * 3
        or (np.ma.getmaskarray(got.magnitude)[-1])
    )


def test_an_unmasked_masked_array_gives_no_mask():
    (got,) = xn.gradient(np.ma.masked_array(F), deltas=1.0)
    np.testing.assert_array_equal(np.ma.getmaskarray(got), False)


@pytest.mark.parametrize("dims", [None, 0, 1])
def test_dask_arrays_stay_lazy(dims):
    dask_array = pytest.importorskip("dask.array")
    lazy = dask_array.from_array(SURFACE, chunks=2)
    for part, eager in zip(
        xn.gradient(lazy, dims, deltas=2.0),
        xn.gradient(SURFACE, dims, deltas=2.0),
        strict=True,
    ):
        assert hasattr(part, "dask")
        np.testing.assert_array_equal(part.compute(), eager)


def test_a_dask_array_with_positions_line_by_line_is_right_or_refused():
    dask_array = pytest.importorskip("dask.array")
    x = np.array([[0.0, 1, 2, 3], [0.0, 1, 4, 9]])
    try:
        got = xn.derivative(dask_array.from_array(5.0 * x, chunks=2), 1, coordinates=x)
    except xn.GridError:
        return
    np.testing.assert_allclose(got.compute(), 5.0, rtol=1e-13)


# --- order and options -----------------------------------------------------------


def test_a_second_derivative_of_a_parabola_is_constant():
    got = xn.derivative(np.arange(6.0) ** 2, 0, deltas=1.0, order=2, edge_order=2)
    np.testing.assert_allclose(got, 2.0, rtol=1e-12)


def test_a_second_derivative_has_the_unit_squared_below():
    got = xn.derivative(Q(np.arange(6.0) ** 2, "K"), 0, deltas=Q(1, "km"), order=2)
    assert got.units == "kelvin / kilometer ** 2"
    np.testing.assert_allclose(got.magnitude, 2.0, rtol=1e-12)


def test_a_second_derivative_of_a_parabola_is_constant_without_saying_edges():
    got = xn.derivative(np.arange(6.0) ** 2, 0, deltas=1.0, order=2)
    np.testing.assert_allclose(got, 2.0, rtol=1e-12)


@pytest.mark.parametrize("accuracy", [2, 4, 6])
def test_accuracy_is_exact_for_polynomials_of_its_degree(accuracy):
    x = np.linspace(-1, 1, 9)
    got = xn.derivative(
        x**accuracy, 0, coordinates=x, accuracy=accuracy, edge_order=accuracy
    )
    np.testing.assert_allclose(got, accuracy * x ** (accuracy - 1), rtol=0, atol=1e-11)


def test_edges_missing_blanks_the_ends():
    (got,) = xn.gradient(F, deltas=1.0, edges="missing")
    np.testing.assert_array_equal(np.isnan(got), [1, 0, 0, 0, 0, 1])


# --- refusals --------------------------------------------------------------------

WRONG = {
    "neither": ({}, "deltas= or coordinates="),
    "both": ({"deltas": 1.0, "coordinates": np.arange(6.0)}, "one of them"),
    "too long": ({"coordinates": np.arange(7.0)}, "length"),
    "too short": ({"deltas": np.ones(4)}, "length"),
    "zero step": ({"deltas": 0.0}, "same"),
    "NaN step": ({"deltas": np.nan}, "NaN|finite"),
    "inf step": ({"deltas": np.inf}, "finite"),
    "NaN position": ({"coordinates": [0, 1, np.nan, 3, 4, 5]}, "NaN|finite"),
    "duplicate": ({"coordinates": [0, 1, 1, 3, 4, 5]}, "same"),
    "not monotonic": ({"coordinates": [0, 1, 3, 2, 4, 5]}, "monotonic"),
    "steps of both signs": ({"deltas": [1, 1, -1, 1, 1]}, "monotonic"),
    "text": ({"deltas": "1 km"}, "number"),
    "dates": ({"coordinates": np.arange(6).astype("M8[s]")}, "number"),
    "two-dimensional for one axis": ({"deltas": np.ones((2, 5))}, "dimension|length"),
    "a tuple of two": ({"deltas": (1.0, 1.0)}, "length"),
    "edge order": ({"deltas": 1.0, "edge_order": 3}, "edge_order"),
    "accuracy": ({"deltas": 1.0, "accuracy": 3}, "accuracy"),
    "units of a plain array": ({"deltas": 1.0, "units": "K/km"}, "quantity"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_spacing_that_cannot_be_is_refused(case):
    kwargs, words = WRONG[case]
    with pytest.raises(xn.XnablaError, match=words):
        xn.gradient(F, **kwargs)


@pytest.mark.parametrize("given", [(1.0,), (1.0, 1.0, 1.0), np.ones(5)])
def test_a_spacing_for_another_number_of_axes_is_refused(given):
    with pytest.raises(xn.XnablaError, match=r"each axis|tuple of 2"):
        xn.gradient(SURFACE, deltas=given)


@pytest.mark.parametrize("order", [0, 3, -1, 1.5, "1"])
def test_another_order_of_derivative_is_refused(order):
    with pytest.raises(xn.OptionError, match="order"):
        xn.derivative(F, 0, deltas=1.0, order=order)


@pytest.mark.parametrize("size", [0, 1])
def test_too_few_values_are_refused(size):
    with pytest.raises(xn.GridError, match="too few"):
        xn.gradient(np.zeros(size), deltas=1.0)


def test_two_values_have_a_first_order_derivative_as_in_numpy():
    np.testing.assert_array_equal(xn.gradient(np.array([1.0, 3.0]), deltas=2.0)[0], 1.0)


@pytest.mark.parametrize("value", [5.0, np.float64(5.0), np.array(5.0), Q(5.0, "K")])
def test_a_single_number_is_refused(value):
    with pytest.raises(xn.XnablaError, match="single number"):
        xn.gradient(value, deltas=1.0)


@pytest.mark.parametrize("operator", ["gradient", "derivative"])
@pytest.mark.parametrize("spacing", ["deltas", "coordinates"])
def test_a_labelled_field_takes_no_spacing_by_hand(operator, spacing):
    field = one_d(np.arange(5.0), attrs={"units": "km"})
    with pytest.raises(xn.GridError, match=r"from its coordinates.*Try"):
        getattr(xn, operator)(field, "x", **{spacing: np.arange(5.0)})


@pytest.mark.parametrize("option", ["grid", "earth", "periodic"])
def test_options_of_labelled_fields_are_not_ignored_for_plain_arrays(option):
    """A word that has no effect must not pass in silence."""
    value = {"grid": object(), "earth": "WGS84", "periodic": True}[option]
    with pytest.raises(xn.XnablaError, match=option):
        xn.gradient(F, deltas=1.0, **{option: value})


def test_a_dataarray_as_positions_is_taken_with_its_numbers_or_refused():
    x = one_d(np.arange(6.0)).drop_attrs()
    try:
        (got,) = xn.gradient(F, coordinates=x)
    except xn.XnablaError:
        return
    np.testing.assert_array_equal(got, [1.0, 1.5, 2.5, 3.5, 4.5, 5.0])


def test_a_dataarray_with_units_as_positions_does_not_lose_its_units():
    x = one_d(np.arange(6.0), values=np.arange(6.0), units="km")
    try:
        (got,) = xn.gradient(Q(F, "K"), coordinates=x)
    except xn.XnablaError:
        return
    assert got.check("[temperature]/[length]")


def test_inputs_are_not_changed():
    values, x = SURFACE.copy(), np.arange(4.0)
    xn.gradient(values, 0, coordinates=x)
    np.testing.assert_array_equal(values, SURFACE)
    np.testing.assert_array_equal(x, np.arange(4.0))


def test_steps_that_are_each_a_quantity_are_taken_or_refused_in_our_words():
    try:
        (got,) = xn.gradient(F, deltas=[Q(1.0, "km")] * 5)
    except xn.XnablaError:
        return
    np.testing.assert_allclose(got.to("1/km").magnitude[1], 1.5, rtol=1e-13)
