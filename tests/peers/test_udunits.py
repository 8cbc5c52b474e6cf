"""UDUNITS' own units, cf-units' tests of its grammar and CF's table of standard names.

Each text is right, or refused; what is read otherwise than UDUNITS does is listed.
"""

import re
from functools import cache
from pathlib import Path
from xml.etree import ElementTree as ET

import cf_units
import compliance_checker
import pytest
from units.udunits import agree

from xnabla.errors import UnitsError
from xnabla.units import cf_string, parse

pytestmark = pytest.mark.peer

DATABASE = Path(cf_units.__file__).parent / "etc" / "share"
NAMES = Path(compliance_checker.__file__).parent / "data" / "cf-standard-name-table.xml"

# coulomb and sievert; the year of 365.25 days, 2.1e-5 longer than the tropical one
OTHERWISE = {"C", "Sv"}
YEARS = {"year", "yr", "month"}

# cf-units 3.3.1, tests/integration/parse/test_parse.py (BSD-3): "2e" is twice the
# charge of an electron, "m0.2" twice m⁰, "m@10" a scale that begins at ten.
GRAMMAR = (  # noqa: SIM905
    "1|12|1.2|+1|+1.2|-1|-1.2|-1.2e0|2e6|2e-6|2.e-6|.1e2|.1e2.2|2e|m|meter|1 2 3"
    "|1 -2 -3|1m|1*m|m·m|1 m|1   m|m -1|m -1.2|m 1|m 1.2|m-+2|m--4|m*1*2|m--2--3"
    "|m(2.3)|m(2.3m)|(1.2)(2.4)|(5m(6s-1))|2*3*4/5m/6*7*8|m/2|m1|m m|m2|m+2|m¹|m²|m³"
    "|2⁴|2⁵|2⁴²|3⁻²|m2 s2|m^2*s^2|1-2|1-2-3|m-1|m^2|m^+2|m^-1|m.2|m.+2|m.2.4|m0.2|m2.5"
    "|m2.3.4|m--1|m per 2|m per s|m / 2|m@10|m @10|m @ 10|m@ 10|m from2|m from2e-1"
    "|(m @ 10) (s @ 10)|s from 1990|minutes since 1990|hour@1990|hours from 1990-1-1"
    "|s since 19900102T5|π|e|°C"
).split("|")
INVALID = "m--m|-m|.1e2.|m+-1|--1|+-1|--3.1|$|£|m++2|m per /s".split("|")  # noqa: SIM905


def is_known(text):
    try:
        return not cf_units.Unit(text).is_unknown()
    except ValueError:
        return False


def right_or_refused(text, rel=1e-6):
    try:
        unit = parse(text)
    except UnitsError:
        return True
    return agree(unit, text, rel=rel)


@cache
def database():
    """Every name, plural and symbol of UDUNITS' files."""
    found = set()
    for part in ("base", "derived", "accepted", "common"):
        for unit in ET.parse(DATABASE / f"udunits2-{part}.xml").iter("unit"):
            for kind in ("singular", "plural", "symbol"):
                found |= {one.text for one in unit.iter(kind)}
    return sorted(found)


@pytest.mark.parametrize("around", ["{}", "{}2", "K {}-1", "1e-3 {}"])
def test_no_unit_of_udunits_is_read_otherwise(around):
    assert len(database()) > 500
    wrong = [
        text
        for text in database()
        if text not in OTHERWISE
        and is_known(around.format(text))
        and not right_or_refused(
            around.format(text), rel=5e-5 if text in YEARS else 1e-6
        )
    ]
    assert wrong == []


def test_the_exceptions_are_what_weather_files_mean():
    assert [cf_string(parse(text)) for text in ("C", "Sv")] == ["degC", "sverdrup"]


@pytest.mark.parametrize("text", GRAMMAR)
def test_a_text_of_cf_units_grammar_is_right_or_refused(text):
    assert is_known(text)
    assert right_or_refused(text)


@pytest.mark.parametrize("text", INVALID)
def test_what_udunits_refuses_is_refused(text):
    with pytest.raises(UnitsError):
        parse(text)


def canonical():
    table = ET.parse(NAMES)
    found = {one.text for one in table.iter("canonical_units") if one.text}
    return sorted(text for text in found if is_known(text))


@pytest.mark.parametrize("text", canonical())
def test_the_units_of_cfs_standard_names_are_read(text):
    try:
        unit = parse(text)
    except UnitsError as fault:
        assert re.search("logarithm|counts? time", str(fault))  # noqa: PT017
        return
    assert agree(unit, text, rel=5e-5 if "year" in text else 1e-6)
