"""``field.nabla``: every operator of the catalogue, as a method."""

import inspect

import numpy as np
import pytest
import xarray as xr
from grid.making import globe
from recipes.making import analysis, job_of

import xnabla as xn
from xnabla.operators import CATALOGUE

# The variable of the analysis for each argument.
USUAL = {
    "u": "u",
    "v": "v",
    "ug": "ug",
    "vg": "vg",
    "field": "theta",
    "height": "gh",
    "temperature": "t",
    "potential_temperature": "theta",
    "specific_humidity": "q",
}


@pytest.fixture(scope="module")
def weather():
    return analysis()


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_operator_is_a_method_and_gives_what_the_function_gives(weather, name):
    job = job_of(name)
    inputs = [
        job["variable"] or job["inputs"].get(one) or USUAL[one]
        for one in CATALOGUE[name].fields
    ]
    first, *rest = (weather[one] for one in inputs)
    mine = getattr(first.nabla, name)(*rest, **job["parameters"])
    theirs = getattr(xn, name)(first, *rest, **job["parameters"])
    assert type(mine) is type(theirs)
    for one, two in zip(
        mine if isinstance(mine, tuple) else [mine],
        theirs if isinstance(theirs, tuple) else [theirs],
        strict=True,
    ):
        xr.testing.assert_identical(one, two)


def test_the_first_input_is_the_field_and_the_others_follow(weather):
    t, u, v, w = (weather[name] for name in ("t", "u", "v", "omega"))
    xr.testing.assert_identical(u.nabla.vorticity(v), xn.vorticity(u, v))
    xr.testing.assert_identical(
        t.nabla.advection(u, v, w, units="K/h"), xn.advection(t, u, v, w, units="K/h")
    )
    ug, vg = weather["gh"].nabla.geostrophic_wind(min_latitude=20)
    assert ug.name == "ug"
    assert int(vg.isnull().any(["time", "plev", "lon"]).sum()) == 3


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
    first, *rest = inspect.signature(CATALOGUE[name].function).parameters
    left = list(inspect.signature(getattr(globe().nabla, name)).parameters)
    assert first not in left
    assert left == rest


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


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("find_extrema", {"min_persistence": "1 K"}),
        ("critical_points", {}),
        ("closed_contours", {}),
        ("persistence_diagram", {}),
        ("steepest_path", {"start": (40.0, 30.0)}),
        ("fill_missing", {}),
        ("theil_sen", {"dim": "lon"}),
        ("detrend", {"dim": "lon"}),
    ],
)
def test_descents_of_one_field_are_methods_by_the_names_of_their_functions(name, words):
    field = globe()
    method = getattr(field.nabla, name)
    assert name in dir(field.nabla)
    assert method.__doc__ == getattr(xn, name).__doc__
    xr.testing.assert_identical(method(**words), getattr(xn, name)(field, **words))


def test_a_data_set_knows_the_full_names_too():
    data = globe().rename("t").to_dataset()
    for full, short in (("find_extrema", "extrema"), ("fill_missing", "fill")):
        made = getattr(data.nabla, full)()
        xr.testing.assert_equal(made, getattr(data.nabla, short)())
