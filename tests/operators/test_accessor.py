"""``field.nabla``: every operator of the catalogue, as a method."""

import inspect

import numpy as np
import pytest
import xarray as xr
from grid.making import globe

import xnabla as xn
from xnabla.operators import CATALOGUE

CALLS = {"gradient": ((), {"units": "K/km"}), "derivative": (("lat",), {"order": 2})}


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_operator_is_a_method_and_gives_what_the_function_gives(name):
    args, kwargs = CALLS[name]
    field = globe()
    mine = getattr(field.nabla, name)(*args, **kwargs)
    theirs = getattr(xn, name)(field, *args, **kwargs)
    for one, two in zip(
        mine if isinstance(mine, tuple) else [mine],
        theirs if isinstance(theirs, tuple) else [theirs],
        strict=True,
    ):
        xr.testing.assert_identical(one, two)


def test_dir_lists_every_operator_and_what_else_there_is():
    names = dir(globe().nabla)
    for name in [*CATALOGUE, "grid", "quantify", "dequantify"]:
        assert name in names


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_method_carries_the_name_and_docstring_of_its_function(name):
    method = getattr(globe().nabla, name)
    assert method.__name__ == name
    assert method.__doc__ == CATALOGUE[name].function.__doc__


@pytest.mark.parametrize("name", CATALOGUE)
def test_the_signature_of_a_method_does_not_ask_for_the_field_again(name):
    assert "field" not in inspect.signature(getattr(globe().nabla, name)).parameters


def test_the_grid_is_that_of_the_field():
    field = globe()
    assert str(field.nabla.grid) == str(xn.grid_of(field))


def test_quantify_and_dequantify_are_a_round_trip():
    field = globe()
    quantified = field.nabla.quantify()
    assert quantified.data.units == "kelvin"
    xr.testing.assert_identical(quantified.nabla.dequantify(), field)


def test_a_result_has_the_accessor_too():
    part = globe().nabla.derivative("lat").nabla.dequantify()
    assert part.attrs["units"] == "K m-1"


def test_an_unknown_operator_is_an_attribute_error():
    with pytest.raises(AttributeError, match="curl"):
        _ = globe().nabla.curl


def test_the_repr_names_the_operators():
    text = repr(globe().nabla)
    for name in CATALOGUE:
        assert name in text


def test_a_faulty_field_is_refused_by_the_operator_not_by_the_accessor():
    field = globe()
    del field.attrs["units"]
    accessor = field.nabla
    with pytest.raises(xn.UnitsError, match="no units"):
        accessor.gradient()


def test_the_accessor_copies_no_values():
    field = globe()
    assert np.shares_memory(field.nabla.quantify().data.magnitude, field.values)
