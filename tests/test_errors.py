"""Every error has one shape, and a class that people already catch."""

import pytest

import xnabla as xn
from xnabla.errors import explain, together


@pytest.mark.parametrize(
    ("error", "builtin"),
    [
        (xn.GridError, ValueError),
        (xn.UnitsError, ValueError),
        (xn.FieldError, TypeError),
        (xn.OptionError, ValueError),
        (xn.FileError, OSError),
    ],
)
def test_every_error_is_ours_and_one_python_knows(error, builtin):
    assert issubclass(error, xn.XnablaError)
    assert issubclass(error, builtin)


def test_a_message_says_what_is_wrong_expected_got_and_what_to_type():
    text = explain("It broke", expected="a", got="b", hint="c")
    assert text == "It broke. Expected a; got b. Try: c"


@pytest.mark.parametrize(
    ("kwargs", "text"),
    [
        ({}, "It broke."),
        ({"expected": "a"}, "It broke. Expected a."),
        ({"got": "b"}, "It broke. Got b."),
        ({"got": 0}, "It broke. Got 0."),
        ({"hint": "c"}, "It broke. Try: c"),
    ],
)
def test_parts_may_be_left_out(kwargs, text):
    assert explain("It broke", **kwargs) == text


def test_a_full_stop_is_not_doubled():
    assert explain("It broke.") == "It broke."


@pytest.mark.parametrize(
    "evil", ["\x1b[2J", "\n", "\r", "\x07", "\u202e", "\x00", "\x9b"]
)
def test_control_characters_are_escaped(evil):
    text = explain(f"Variable '{evil}'", expected=evil, got=evil, hint=evil)
    assert evil not in text
    assert text.isprintable()


def test_a_message_is_one_line():
    assert "\n" not in explain("two\nlines", got="three\nfour")


def test_letters_of_other_alphabets_are_not_escaped():
    assert "température °C φ" in explain("température °C φ")


def test_one_fault_stays_itself():
    fault = xn.GridError("one")
    assert together([fault]) is fault


def test_several_faults_are_one_error_of_the_first_class():
    both = together([xn.UnitsError("one."), xn.GridError("two.")])
    assert isinstance(both, xn.UnitsError)
    assert "one." in str(both)
    assert "two." in str(both)


def test_nothing_is_said_twice():
    both = together([xn.GridError("one"), xn.GridError("one")])
    assert str(both) == "one"


def test_an_error_survives_a_process_boundary():
    import pickle

    again = pickle.loads(pickle.dumps(xn.FileError("gone")))
    assert isinstance(again, xn.FileError)
    assert str(again) == "gone"
