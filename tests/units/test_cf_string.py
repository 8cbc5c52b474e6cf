"""CF text: what UDUNITS and our own parser read back as the same unit."""

from __future__ import annotations

import pint
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from units.udunits import agree

from xnabla.errors import UnitsError
from xnabla.units import cf_string, parse
from xnabla.units._lookup import cf_names

YEARS = {"month", "year"}


@pytest.mark.parametrize(
    ("unit", "text"),
    [
        ("kelvin/meter", "K m-1"),
        ("kelvin/kilometer", "K km-1"),
        ("1/second", "s-1"),
        ("", "1"),
        ("meter**2/second**2", "m2 s-2"),
        ("kelvin/hectopascal", "K hPa-1"),
        ("degC", "degC"),
        ("delta_degC", "K"),
        ("watt/meter**2", "W m-2"),
        ("percent", "%"),
        ("kilogram/meter**2/second", "kg m-2 s-1"),
        ("kelvin*meter**2/kilogram/second", "K m2 kg-1 s-1"),
        ("joule/kilogram/kelvin", "J kg-1 K-1"),
        ("micrometer", "um"),
        ("light_year", "9460730472580800 m"),
        ("kelvin/decayear", "0.1 K year-1"),
        ("coulomb", "coulomb"),
        ("slug", "14.59390293720637 kg"),
        ("petaampere", "petaampere"),  # PA in a file is pascal
        ("degree/second", "degree s-1"),
        ("meter/millisecond", "m millisecond-1"),
        ("delta_degF", "0.5555555555555556 K"),
    ],
)
def test_a_pint_unit_is_written_as_cf_does(unit, text):
    written = cf_string(pint.get_application_registry().Unit(unit))
    assert written == text


def test_every_unit_of_the_vocabulary_comes_back():
    for name in cf_names():
        unit = parse(pint.get_application_registry().Unit(name))
        text = cf_string(unit)
        assert agree(unit, text, rel=3e-5 if name in YEARS else 1e-6), name
        assert parse(text) == unit, name


products = st.dictionaries(
    st.sampled_from(sorted(set(cf_names()) - {"degree_Celsius", "degree_Fahrenheit"})),
    st.sampled_from([-3, -2, -1, 1, 2, 3]),
    max_size=4,
)
factors = st.sampled_from(
    [1.0, 1e-6, 1e-5, 1e-3, 0.01, 0.1, 100.0, 1e4, 5 / 9, 9.80665]
)


@settings(max_examples=200, deadline=None)
@given(powers=products, factor=factors)
def test_any_product_comes_back_and_is_what_udunits_reads(powers, factor):
    unit = parse(pint.get_application_registry().Quantity(factor, pint.Unit("")))
    for name, power in powers.items():
        unit *= parse(pint.get_application_registry().Unit(name)) ** power
    if not 1e-50 < unit.factor < 1e50:
        return
    text = cf_string(unit)
    assert text.isascii()
    assert parse(text) == unit
    assert agree(unit, text, rel=1e-3)  # years, and constants of several vintages


def test_names_that_udunits_lacks_are_spelled_in_si():
    ureg = pint.UnitRegistry()
    ureg.define("smoot = 1.7018 * meter")
    unit = parse("K/smoot", registry=ureg)
    assert agree(unit, cf_string(unit))


def test_a_root_has_no_cf_text():
    with pytest.raises(UnitsError, match="whole powers"):
        cf_string(pint.get_application_registry().Unit("meter") ** 0.5)
