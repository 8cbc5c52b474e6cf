"""Refusals: never a wrong unit, never another exception, always a line to type."""

from __future__ import annotations

import time

import pint
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xnabla.errors import UnitsError
from xnabla.units import Unit, parse

SAID = {
    "kevin": "did you mean 'kelvin'?",
    "wibble": "Units 'wibble' of variable 't2m' are unknown.",
    "Wm-2": 'Try: field.attrs["units"] = "W m-2"',
    "ms-1": 'Try: field.attrs["units"] = "m s-1"',
    "F": "'F' could be 'degF' or 'farad'",
    "a": "'a' could be 'year' or '100 m2'",
    "J/kg/C": 'Try: field.attrs["units"] = "J/kg/degC"',
    "J/kg K": "as in 'J kg-1 K-1'",
    "m/s kg": "as in 'J kg-1 K-1'",
    "dBZ": "10 ** (field / 10)",
    "dB": "logarithmic",
    "dBm": "logarithmic",
    "dB/km": "logarithmic",
    "Np": "logarithmic",
    "pH": "logarithmic",
    "lg(re 1 mW)": "logarithmic",
    "days since 1970-01-01": "xarray.decode_cf(dataset)",
    "hours since": "decode_times=True",
    "degrees_west": 'Try: field.attrs["units"] = "degrees_east"',
    "degreesS": 'Try: field.attrs["units"] = "degrees_north"',
    "": "Variable 't2m' has no units. ",
    "  ": 'Try: field.attrs["units"] = "K"',
    "sigma": "unknown",  # the Stefan-Boltzmann constant of pint
    "speed_of_light": "unknown",
    "point": "unknown",
    "c": "unknown",
    "ton": "tonne",
    "Cal": "4.184 J",
    "m^0.5": "no place in a unit",
    "K @ 273.15": "no place in a unit",
    "m 2": "number 2 is not where it belongs",
    "1 200 m": "number 200 is not where it belongs",
    "1e-5.1": "number 1 is not where it belongs",
    "20-5 m": "no place in a unit",
    "0 m": "zero",
    "\u0663 m": "no place in a unit",
    "1e99 m": "out of all proportion",
    "m99": "too large",
    "m99999999999999999": "too large",
    "((((((((((m))))))))))": "too many brackets",
    "(m": "not closed",
    "m)": "never opened",
    "m/": "too early",
    "m//s": "not where it belongs",
    "*m": "sign of multiplication",
    "()": "nothing in it",
    "mW(s)": "glued",
    "K" * 300: "too long",
    "__import__('os').system('true')": "no place in a unit",
}


@pytest.mark.parametrize(("text", "said"), SAID.items())
def test_a_refusal_names_the_thing_and_what_to_type(text, said):
    with pytest.raises(UnitsError) as fault:
        parse(text, of="variable 't2m'")
    message = str(fault.value)
    assert said in message
    assert "ariable 't2m'" in message
    assert "Try: " in message


def test_no_units_at_all_are_told_apart_from_bad_ones():
    with pytest.raises(UnitsError, match=r"^Variable 'q' has no units\. Expected"):
        parse(None, of="variable 'q'")
    with pytest.raises(UnitsError, match=r"^The field has no units\."):
        parse("")


def test_logarithmic_pint_units_are_refused_too():
    with pytest.raises(UnitsError, match="logarithmic"):
        parse(pint.Unit("dBm"))


def test_control_characters_do_not_reach_the_terminal():
    with pytest.raises(UnitsError) as fault:
        parse("\x1b[31mK")
    assert "\x1b" not in str(fault.value)


def check(text: str) -> None:
    try:
        unit = parse(text)
    except UnitsError:
        return
    assert isinstance(unit, Unit)
    assert unit.factor > 0


@settings(max_examples=300, deadline=None)
@given(st.text())
def test_any_text_is_a_unit_or_a_refusal(text):
    check(text)


PIECES = (
    *("m", "s", "K", "degC", "kg", "hPa", "°", "C", "%", "min", "1", "10", "1e-5", "9"),
    *("-1", "2", "**", "^", "/", " ", ".", "*", "(", ")", "{", "}", "e", "_", " per "),
    *(" since ", "degrees ", "dB", "µ", "⁻²", "wibble", "PVU", "km", "-", "+", "e9"),
)
pieces = st.sampled_from(PIECES)


@settings(max_examples=500, deadline=None)
@given(st.lists(pieces, max_size=12).map("".join))
def test_anything_like_a_unit_is_a_unit_or_a_refusal(text):
    check(text)


@pytest.mark.parametrize(
    "piece", ["(", "m2", "9", "m/", "a_", " ", "1e", "degrees ", "per"]
)
def test_long_text_does_not_hang(piece):
    begin = time.process_time()
    check(piece * 100_000)
    check(piece * 60)
    assert time.process_time() - begin < 1.0
