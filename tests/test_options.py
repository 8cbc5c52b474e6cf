"""Defaults a user may change, for a block or for good."""

import numpy as np
import pytest
from grid.making import globe, one_d

import xnabla as xn
from xnabla.options import resolve_options


@pytest.fixture(autouse=True)
def _put_back():
    """Leave the options as they were, whatever a test does."""
    before = xn.get_options()
    yield
    xn.set_options(**{name: getattr(before, name) for name in before.__slots__})


def test_the_defaults_are_those_of_the_design():
    options = xn.Options()
    assert (options.accuracy, options.edges, options.missing, options.poles) == (
        2,
        "one-sided",
        "propagate",
        "across",
    )
    assert options.earth is None
    assert options.engine == "auto"


def test_a_block_changes_and_puts_back():
    with xn.set_options(accuracy=4) as options:
        assert options.accuracy == xn.get_options().accuracy == 4
    assert xn.get_options().accuracy == 2


def test_blocks_nest():
    with xn.set_options(accuracy=4):
        with xn.set_options(edges="missing"):
            assert (xn.get_options().accuracy, xn.get_options().edges) == (4, "missing")
        assert xn.get_options().edges == "one-sided"
        assert xn.get_options().accuracy == 4
    assert xn.get_options() == xn.Options()


def test_without_a_block_it_is_for_good():
    xn.set_options(accuracy=6)
    assert xn.get_options().accuracy == 6


def test_an_error_inside_a_block_puts_the_options_back():
    with pytest.raises(ZeroDivisionError), xn.set_options(accuracy=4):
        raise ZeroDivisionError
    assert xn.get_options().accuracy == 2


def test_several_options_change_together():
    with xn.set_options(accuracy=4, poles="missing", missing="shrink", engine="numpy"):
        got = xn.get_options()
    assert (got.accuracy, got.poles, got.missing, got.engine) == (
        4,
        "missing",
        "shrink",
        "numpy",
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("accuracy", 3),
        ("accuracy", 2.0),
        ("accuracy", True),
        ("accuracy", "2"),
        ("accuracy", None),
        ("edges", "periodic"),
        ("missing", "ignore"),
        ("poles", "blank"),
        ("engine", "cuda"),
        ("engine", None),
        ("edges", ["missing"]),
    ],
)
def test_a_value_that_cannot_be_is_refused_with_those_that_can(name, value):
    with pytest.raises(xn.OptionError, match=rf"'{name}'.*one of.*Try: {name}="):
        xn.set_options(**{name: value})


def test_an_unknown_option_is_refused_with_the_names_there_are():
    with pytest.raises(xn.OptionError, match=r"'precision'.*accuracy.*edges"):
        xn.set_options(precision=4)


def test_a_refused_change_changes_nothing():
    with pytest.raises(xn.OptionError):
        xn.set_options(accuracy=4, edges="nonsense")
    assert xn.get_options() == xn.Options()


def test_options_cannot_be_changed_in_place():
    with pytest.raises(AttributeError):
        xn.get_options().accuracy = 4


def test_an_option_in_force_is_obeyed_by_the_operators():
    x = np.linspace(0, 1, 9)
    field = one_d(x, values=x**4, attrs={"units": "m"})
    with xn.set_options(accuracy=4):
        got = xn.derivative(field, "x").data.magnitude
    np.testing.assert_allclose(got, 4 * x**3, rtol=0, atol=1e-12)


def test_a_word_in_the_call_outranks_the_option_in_force():
    with xn.set_options(poles="missing"):
        got = xn.derivative(globe(), "lat", poles="across")
    assert np.isfinite(got.data.magnitude).all()


def test_resolving_nothing_gives_the_options_in_force():
    with xn.set_options(edges="missing"):
        assert resolve_options(accuracy=None).edges == "missing"


def test_the_options_in_force_are_recorded_in_the_result():
    with xn.set_options(accuracy=4, edges="missing"):
        comment = xn.derivative(globe(), "lat").attrs["comment"]
    assert "accuracy 4" in comment
    assert "edges missing" in comment


def test_every_engine_gives_the_same_to_rounding():
    results = []
    for engine in ("auto", "numpy", "numba"):
        with xn.set_options(engine=engine):
            results.append(xn.derivative(globe(), "lon").data.magnitude)
    np.testing.assert_array_equal(results[0], results[1])
    largest = np.abs(results[1]).max()
    np.testing.assert_allclose(results[2], results[1], rtol=0, atol=1e-14 * largest)


def test_lazy_results_keep_the_options_they_were_built_with():
    pytest.importorskip("dask.array")
    with xn.set_options(poles="missing"):
        lazy = xn.derivative(globe().chunk(lat=5), "lat")
    assert np.isnan(lazy.compute().data.magnitude[0]).all()
