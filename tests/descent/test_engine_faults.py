"""What cannot be is refused in a sentence that says what to type."""

import numpy as np
import pint
import pytest
import xarray as xr

from xnabla.descent.engine import check_gradient, descend
from xnabla.errors import FieldError, OptionError, UnitsError

Q = pint.get_application_registry().Quantity


def cost(x):
    return ((x - 2) ** 2).sum() if np.ndim(x) else (x - 2) ** 2


OPTIONS = {
    "an unknown method": ({"method": "sdg"}, "no method 'sdg'.*nesterov.*trust-ncg"),
    "a rate of nought": ({"learning_rate": 0.0}, "leads nowhere down"),
    "a negative rate": ({"learning_rate": -1.0}, "leads nowhere down"),
    "a rate that is a word": ({"learning_rate": "fast"}, "no learning rate 'fast'"),
    "a rate newton has no use for": (
        {"method": "newton", "learning_rate": 0.1},
        "takes no learning_rate",
    ),
    "a negative tolerance": ({"gtol": -1e-3}, "gtol cannot be"),
    "no iterations": ({"max_iterations": 0}, "max_iterations cannot be"),
    "a broken number of iterations": ({"max_iterations": 2.5}, "max_iterations"),
    "too much momentum": ({"momentum": 1.0}, "momentum cannot be"),
    "an unknown history": ({"history": "all"}, "history cannot be"),
    "bounds that cross": ({"bounds": (3.0, 1.0)}, "cross"),
    "a start outside its bounds": ({"bounds": (1.0, 3.0)}, "outside its bounds"),
    "bounds that are no pair": ({"bounds": 3.0}, "no pairs"),
    "bounds that a method ignores": (
        {"bounds": (-1.0, 3.0), "method": "newton-cg"},
        "takes no bounds",
    ),
    "batches of nothing": ({"batch_size": 8}, "needs samples"),
    "samples of nothing": ({"sample_dim": "time"}, "samples of no data"),
    "an unknown gradient": ({"grad": "exact"}, "no gradient 'exact'"),
    "cells of a single number": ({"cells": True}, "no cells"),
    "an unknown dimension": ({"dim": "p"}, "no dimension 'p'"),
    "dim and cells at once": ({"dim": "p", "cells": True}, "the same in two ways"),
    "a strange standardize": ({"standardize": "yes"}, "standardize cannot be"),
}


@pytest.mark.parametrize("fault", OPTIONS)
def test_an_option_that_cannot_be_is_named(fault):
    options, words = OPTIONS[fault]
    with pytest.raises(OptionError, match=words):
        descend(cost, 0.0, **options)


def test_a_cost_that_is_no_function():
    with pytest.raises(OptionError, match="no function"):
        descend(3.0, 0.0)


def test_a_cost_of_many_numbers_asks_for_cells():
    with pytest.raises(FieldError, match=r"not one number.*cells=True"):
        descend(lambda x: x**2, np.zeros(3))


def test_a_cost_that_misses_a_cell_dimension():
    x0 = xr.DataArray(np.zeros((2, 3)), dims=("lat", "lon"))
    with pytest.raises(FieldError, match=r"not one number for each cell.*lon"):
        descend(lambda x: (x**2).sum("lon"), x0, cells=True)


def test_a_cost_that_is_nan_at_the_start():
    with pytest.raises(FieldError, match="cost at x0 is nan"):
        descend(lambda x: x * np.nan, 1.0)


def test_a_cost_without_units_of_parameters_with_units():
    with pytest.raises(UnitsError, match=r"cannot be computed with units.*quantify"):
        descend(lambda t: (t - 280.0) ** 2, Q(290.0, "K"))


def test_words_and_dates_are_no_parameters():
    with pytest.raises(FieldError, match="text"):
        descend(cost, "two")
    with pytest.raises(FieldError, match="dates"):
        descend(cost, np.datetime64("2000-01-01"))
    with pytest.raises(FieldError, match="complex"):
        descend(cost, 1j)


def test_nothing_to_descend_with():
    with pytest.raises(FieldError, match="no parameters"):
        descend(cost, {})
    with pytest.raises(FieldError, match="nothing to descend"):
        descend(cost, np.zeros(0))


def test_parameters_of_different_size():
    x0 = {
        "a": xr.DataArray(np.zeros(2), dims="x"),
        "b": xr.DataArray(np.zeros(3), dims="x"),
    }
    with pytest.raises(FieldError, match="differ in size along 'x'"):
        descend(lambda p: p["a"], x0, cells=True)


def test_scipy_goes_down_one_problem_at_a_time():
    with pytest.raises(OptionError, match="one problem, not one in each cell"):
        descend(lambda x: x**2, np.ones(3), cells=True, method="lbfgs")


def test_a_gradient_that_misses_a_parameter():
    with pytest.raises(FieldError, match="nothing for 'b'"):
        descend(
            lambda p: p["a"] ** 2 + p["b"] ** 2,
            {"a": 1.0, "b": 1.0},
            grad=lambda p: {"a": 2 * p["a"]},
        )


def test_a_gradient_of_another_shape():
    with pytest.raises(FieldError, match="another shape"):
        descend(lambda x: (x**2).sum(), np.ones(3), grad=lambda x: np.ones((2, 2)))


def test_a_gradient_without_or_with_a_wrong_unit():
    def cost(t):
        return (t - Q(3.0, "K")) ** 2

    with pytest.raises(UnitsError, match=r"has no units.*'K'"):
        descend(cost, Q(1.0, "K"), grad=lambda t: 2.0)
    with pytest.raises(UnitsError, match="do not fit the gradient"):
        descend(cost, Q(1.0, "K"), grad=lambda t: Q(2.0, "m"))


def test_bounds_without_or_with_a_wrong_unit():
    def cost(t):
        return (t - Q(3.0, "K")) ** 2

    with pytest.raises(UnitsError, match="bounds of 'solution'"):
        descend(cost, Q(1.0, "K"), bounds=(0.0, 5.0))
    with pytest.raises(UnitsError, match="bounds"):
        descend(cost, Q(1.0, "K"), bounds=(Q(0.0, "m"), None))
    with pytest.raises(OptionError, match="no parameter 'u'"):
        descend(lambda p: p["t"] ** 2, {"t": 1.0}, bounds={"u": (0, 1)})


def test_a_batch_larger_than_the_data():
    with pytest.raises(OptionError, match="from 1 to 5"):
        descend(lambda x, d: ((x - d) ** 2).mean(), 0.0, data=np.ones(5), batch_size=6)


def test_data_that_does_not_say_what_a_sample_is():
    data = xr.DataArray(np.ones((2, 3)), dims=("time", "lat"))
    with pytest.raises(OptionError, match="Nothing says which dimension"):
        descend(lambda x, d: ((x - d) ** 2).mean(), 0.0, data=data, batch_size=1)
    with pytest.raises(OptionError, match="no dimension 'day'"):
        descend(lambda x, d: ((x - d) ** 2).mean(), 0.0, data=data, sample_dim="day")


def test_a_cost_that_takes_no_complex_numbers_uses_differences_unless_asked():
    def real(x):
        return float(x) ** 2

    found = descend(real, 3.0)
    assert found.attrs["gradient"] == "central differences"
    with pytest.raises(OptionError, match=r"takes no complex numbers.*finite"):
        descend(real, 3.0, grad="complex")


def test_jax_does_not_take_labels():
    x0 = xr.DataArray(np.zeros(2), dims="x")
    with pytest.raises(OptionError, match="not labelled data"):
        descend(lambda x: (x**2).sum(), x0, grad="jax")


def test_logarithmic_units_have_no_slope():
    with pytest.raises(UnitsError, match="logarithmic"):
        descend(lambda x: x, xr.DataArray(3.0, attrs={"units": "dBZ"}))


def test_the_taylor_table_refuses_what_descend_refuses():
    with pytest.raises(OptionError, match="no gradient"):
        check_gradient(cost, "guess", 1.0)
