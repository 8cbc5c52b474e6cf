"""The catalogue says of each operator what its function says."""

import inspect
import typing

import pytest

import xnabla as xn
from xnabla import options as options_room
from xnabla.operators import CATALOGUE

EVERY = [(name, p) for name, op in CATALOGUE.items() for p in op.parameters]
# What is no derivative has no scheme.
ALGEBRA = {"coriolis_parameter", "montgomery_streamfunction", "destagger"}
SMOOTHERS = {name for name in CATALOGUE if name.startswith("smooth_")}
DERIVATIVES = [name for name in CATALOGUE if name not in ALGEBRA | SMOOTHERS]
IDS = [f"{name}-{p.name}" for name, p in EVERY]


@pytest.mark.parametrize("name", CATALOGUE)
def test_an_operator_is_public_under_its_name(name):
    assert name in xn.__all__
    assert getattr(xn, name) is CATALOGUE[name].function
    assert CATALOGUE[name].name == name


@pytest.mark.parametrize("name", CATALOGUE)
def test_fields_are_the_first_arguments(name):
    operator = CATALOGUE[name]
    names = list(inspect.signature(operator.function).parameters)
    assert tuple(names[: len(operator.fields)]) == operator.fields


@pytest.mark.parametrize(("name", "parameter"), EVERY, ids=IDS)
def test_a_parameter_is_one_of_the_function(name, parameter):
    signature = inspect.signature(CATALOGUE[name].function)
    assert parameter.name in signature.parameters


@pytest.mark.parametrize(("name", "parameter"), EVERY, ids=IDS)
def test_a_parameter_is_required_where_the_function_has_no_default(name, parameter):
    own = inspect.signature(CATALOGUE[name].function).parameters[parameter.name]
    assert parameter.required == (own.default is inspect.Parameter.empty)


@pytest.mark.parametrize(("name", "parameter"), EVERY, ids=IDS)
def test_a_parameter_has_one_line_of_help(name, parameter):
    del name
    assert parameter.help.strip()
    assert "\n" not in parameter.help
    assert parameter.help.endswith(".") or "…" in parameter.help


@pytest.mark.parametrize(
    ("option", "literal"),
    [
        ("accuracy", "Accuracy"),
        ("edges", "Edges"),
        ("missing", "Missing"),
        ("poles", "Poles"),
    ],
)
@pytest.mark.parametrize("name", DERIVATIVES)
def test_the_choices_of_a_shared_option_are_those_of_the_library(name, option, literal):
    (parameter,) = (p for p in CATALOGUE[name].parameters if p.name == option)
    assert parameter.choices == typing.get_args(getattr(options_room, literal))


@pytest.mark.parametrize("name", DERIVATIVES)
def test_every_option_of_the_library_that_a_command_can_write_is_offered(name):
    offered = {p.name for p in CATALOGUE[name].parameters}
    assert {"units", "accuracy", "edges", "missing", "poles", "earth"} <= offered


@pytest.mark.parametrize("name", CATALOGUE)
def test_an_operator_says_its_summary_formula_and_example(name):
    operator = CATALOGUE[name]
    assert operator.summary.endswith(".")
    assert "\n" not in operator.summary
    assert operator.formula
    words = operator.example
    assert words.startswith(f"xnabla {name} ") or f"--then {name} " in words


@pytest.mark.parametrize("name", CATALOGUE)
def test_the_words_after_the_field_are_keyword_only(name):
    parameters = inspect.signature(CATALOGUE[name].function).parameters
    positional = [p for p in parameters.values() if p.kind is p.POSITIONAL_OR_KEYWORD]
    assert len(positional) <= max(2, len(CATALOGUE[name].inputs) + 2)
