"""Differences and conversion factors."""

from __future__ import annotations

from fractions import Fraction

import pint
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xnabla.errors import UnitsError
from xnabla.units import (
    Unit,
    attach,
    cf_string,
    conversion_factor,
    difference,
    dimension_text,
    is_logarithmic,
    is_offset,
    parse,
)


@pytest.mark.parametrize(
    ("text", "factor", "cf"),
    [
        ("degC", 1.0, "K"),
        ("C", 1.0, "K"),
        ("degF", 5 / 9, "0.5555555555555556 K"),
        ("K", 1.0, "K"),
        ("delta_degC", 1.0, "K"),
        ("hPa", 1.0, "hPa"),
        ("PVU", 1e-6, "1e-6 K m2 kg-1 s-1"),
        ("0.01 degC", 0.01, "0.01 K"),
        ("degC/km", 1.0, "K km-1"),
    ],
)
def test_a_difference_has_no_zero_of_its_own(text, factor, cf):
    unit = difference(parse(text))
    assert unit.factor == factor
    assert cf_string(unit) == cf
    assert not is_offset(unit)


def test_a_difference_agrees_with_pint():
    ureg = pint.get_application_registry()
    warm, cold = ureg.Quantity(50.0, "degF"), ureg.Quantity(41.0, "degF")
    ours = (50.0 - 41.0) * difference(parse("degF")).factor
    assert ours == pytest.approx((warm - cold).to("kelvin").magnitude, rel=1e-14)


def test_a_difference_of_decibels_is_refused():
    unit = Unit(1.0, pint.get_application_registry().Unit("dBm"))
    assert is_logarithmic(unit)
    with pytest.raises(UnitsError, match=r"variable 'dbz'.*logarithmic"):
        difference(unit, of="variable 'dbz'")


@pytest.mark.parametrize(
    ("source", "target", "factor"),
    [
        ("K/m", "K/km", 1000.0),
        ("K/m", "K/100km", 100_000.0),
        ("Pa", "hPa", 0.01),
        ("hPa", "Pa", 100.0),
        ("mb", "hPa", 1.0),
        ("s-1", "1e-5 s-1", 100_000.0),
        ("1e-5 s-1", "s-1", 1e-5),
        ("K m2 kg-1 s-1", "PVU", 1e6),
        ("kg kg-1", "g kg-1", 1000.0),
        ("m s-1", "km h-1", 3.6),
        ("mm day-1", "m s-1", 0.001 / 86400),
        ("ft", "m", 0.3048),
        ("m", "ft", float(1 / Fraction("0.3048"))),
        ("degF m-1", "K km-1", 5000 / 9),
        ("knot", "m s-1", 1852 / 3600),
        ("m-2", "km-2", 1e6),
        ("%", "1", 0.01),
        ("K hPa-1", "K Pa-1", 0.01),
        ("psu", "g/kg", 1.0),
    ],
)
def test_a_factor_is_the_float_nearest_to_the_truth(source, target, factor):
    assert conversion_factor(parse(source), parse(target)) == factor


lengths = st.sampled_from(["m", "km", "ft", "mile", "nautical_mile", "cm", "100 km"])


@given(lengths, lengths)
def test_there_and_back_is_one(one, other):
    there = conversion_factor(parse(one), parse(other))
    back = conversion_factor(parse(other), parse(one))
    assert there * back == pytest.approx(1.0, rel=1e-15)


def test_a_wrong_dimension_is_refused_with_a_unit_that_fits():
    with pytest.raises(UnitsError) as fault:
        conversion_factor(parse("kg kg-1 m-1"), parse("K/km"), of="the gradient of 'q'")
    assert str(fault.value) == (
        "Units 'K km-1' do not fit the gradient of 'q'. Expected a unit like 'm-1' "
        "(1 / [length]); got 'K km-1' ([temperature] / [length]). "
        'Try: units="m-1"'
    )


def test_no_single_number_converts_celsius():
    with pytest.raises(UnitsError, match="common zero"):
        conversion_factor(parse("degC"), parse("K"))
    assert conversion_factor(parse("degC"), parse("degC")) == 1.0


@pytest.mark.parametrize(
    ("text", "dimension"),
    [
        ("K/km", "[temperature] / [length]"),
        ("s-1", "1 / [time]"),
        ("%", "dimensionless"),
        ("m2 s-2", "[length] ** 2 / [time] ** 2"),
        ("K m2 kg-1 s-1", "[length] ** 2 * [temperature] / [mass] / [time]"),
    ],
)
def test_a_dimension_in_words(text, dimension):
    assert dimension_text(parse(text)) == dimension


def test_a_quantity_cannot_carry_a_factor():
    with pytest.raises(UnitsError, match=r"1e-05.*Try: units=\"s-1\""):
        attach(1.0, parse("1e-5 s-1"))


@pytest.mark.parametrize(
    ("unit", "expected", "factor"),
    [
        ("knot m-1", "s-1", 1852 / 3600),
        ("km hour-1 m-1", "s-1", 1 / 3.6),
        ("cm s-1 m-1", "s-1", 0.01),
        ("s-1", "s-1", 1.0),
        ("m s-1 km-1", "m s-1 km-1", 1.0),
        ("g kg-1 s-1", "g kg-1 s-1", 1.0),
        ("hour-1", "hour-1", 1.0),
        ("K m-1", "K m-1", 1.0),
        ("knot m-2", "knot m-2", 1.0),
    ],
)
def test_a_speed_per_metre_is_a_rate_and_nothing_else_is_touched(
    unit, expected, factor
):
    from xnabla.units import rate

    got, number = rate(parse(unit))
    assert got == parse(expected)
    assert number == pytest.approx(factor, rel=1e-15)
