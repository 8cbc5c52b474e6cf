"""Spellings: each right, where pint alone would misread or fail."""

from __future__ import annotations

import re

import numpy as np
import pint
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from units.udunits import agree, by_udunits

from xnabla.errors import UnitsError
from xnabla.units import Unit, cf_string, conversion_factor, parse

SPELLINGS = {
    "m s-1": ["m/s", "m s**-1", "m*s^-1", "m.s-1", "m·s-1", "m s^{-1}", "m s{-1}",
              "m s(-1)", "m s⁻¹", "meters per second", "M/S", "mps",
              "METERS/SECOND",
              "meter second-1", "metres / sec", "  m   s-1 ", "m (s)-1", "m/(s)",
              "m s\u22121"],
    "m2 s-2": ["m2/s2", "m**2 s**-2", "m^2/s^2", "m²/s²", "m2s-2", "(m/s)2",
                "(m/s)^2"],
    "degC": ["degrees C", "DEG C", "deg. C", "Degree_C", "degreesC", "°C", "° C", "C",
             "Celsius", "degrees_celsius", "degree celsius", "degC", "deg_C", "oC",
             "℃", "˚C", "Celsius_scale"],
    "K": ["Kelvin", "KELVIN", "kelvins", "k", "degK", "deg K", "Degrees Kelvin", "°K"],
    "degF": ["degF", "Fahrenheit", "degrees F", "°F", "℉"],
    "K km-1": ["K/km", "degC/km", "°C/km", "kelvin / kilometer", "degrees_C km-1",
               "delta_degree_Celsius / kilometer", "km-1 K"],
    "0.01 K km-1": ["K/100km", "K/100 km", "K (100 km)-1", "1e-2 K km-1", "0.01 K/km"],
    "1e-5 s-1": ["10^-5 s-1", "10**-5 s-1", "10-5 s-1", "10⁻⁵ s⁻¹", "1E-5/s",
                 "1e-5 1/s", "0.00001 s-1"],
    "1e5 m": ["10⁵ m", "10^5 m", "1e5 m"],
    "100 Pa": ["10² Pa", "10² pascals"],
    "s-1": ["/s", "1/s", "s^-1"],
    "molecule cm-2": ["molecules cm-2", "molec/cm2", "molec cm⁻²"],
    "1": ["1", "-", "none", "None", "kg kg-1", "kg/kg", "m3 m-3", "mol mol-1", "0-1",
          "Kg/kg", "(0 - 1)", "unitless", "Dimensionless", "fraction", "proportion",
          "level"],
    "1e-3": ["psu", "PSU", "0.001", "1e-3", "1/1000", "permil", "‰"],
    "1e-9": ["ppb", "ppbv"],
    "ppm": ["ppm", "ppmv", "PPM"],
    "%": ["percent", "Percent", "%"],
    "degree": ["degrees", "deg", "°", "degrees_north", "degree_N", "degreeN",
               "degreesE",
               "degrees east", "Degrees North", "degree_e", "degrees_true",
               "degrees longitude"],
    "degree K-1": ["degree K-1", "degrees.K-1", "degree/K"],
    "degree s-1": ["degrees s-1", "degree/s"],
    "rad": ["radians", "radian"],
    "m": ["gpm", "geopotential meters", "Geopotential Metre", "meters MSL",
          "METERS", "metre", "geopotential_meter", "gp m", "m AMSL", "m above ground",
          "m of water equivalent"],
    "dam": ["gpdm", "gpdam", "dagpm", "decameter"],
    "km": ["gpkm", "kilometers"],
    "inHg": ["inches Hg", "inHg", "inches of mercury"],
    "1e-6 K m2 kg-1 s-1": ["PVU", "pvu", "10-6 K m2 kg-1 s-1"],
    "mbar": ["mb", "MB", "MBAR", "millibars", "MILLIBARS", "mbar"],
    "hPa": ["hPa", "hpa", "HPA", "hectopascals"],
    "dbar": ["decibar", "dbar", "decibars"],
    "sverdrup": ["Sv", "Sverdrup", "sverdrups"],
    "knot": ["knots", "kt", "kts", "KTS", "knot"],
    "day": ["d", "day", "days"],
    "h": ["h", "hr", "hrs", "hour", "hours", "Hour"],
    "min": ["min", "mins", "minutes"],
    "mm month-1": ["mm/month", "mm/mon", "mm month-1"],
    "0.01 mm": ["1/100 mm"],
    "1e11 m-3": ["1E11 m-3", "1E11/m^3"],
    "ug m-3": ["µg/m3", "μg m-3", "ug/m**3", "micrograms per m3"],
    "W m-2 K-1": ["W/(m2 K)", "W/m2/K", "W m-2 degC-1", "watt meter-2 kelvin-1"],
    "nautical_mile": ["nautical miles", "nmi", "nautical_mile"],
    "mile h-1": ["mph", "mile/hour", "mi/h"],
    "km h-1": ["kph", "km/h", "kilometers per hour"],
    "0.0004462 mol m-2": ["DU", "Dobson", "dobson units"],
    "g kg-1": ["g/kg", "gram/kilogram", "GR/KG"],
}  # fmt: skip

# pint means something else by these, and says nothing.
MISREAD_BY_PINT = ["mb", "MB", "C", "k", "M/S", "degrees C", "Sv"]


@pytest.mark.parametrize(
    ("text", "meant"),
    [(text, meant) for meant, texts in SPELLINGS.items() for text in texts],
)
def test_a_spelling_means(text, meant):
    unit = parse(text)
    scale = 1.0 if meant in ("degC", "degF") else conversion_factor(unit, parse(meant))
    assert unit.dimensionality == parse(meant).dimensionality
    assert scale == 1.0
    assert cf_string(unit) == meant


@pytest.mark.parametrize("text", MISREAD_BY_PINT)
def test_what_pint_misreads_is_read_right(text):
    pints = pint.UnitRegistry().parse_units(text, as_delta=False)
    ours = parse(text, registry=pints._REGISTRY).pint
    assert ours != pints


@pytest.mark.parametrize(
    "text",
    ["m/s kg-1", "J/kg/K", "kg/m2 s-1", "m/s.kg-1", "m/s*kg", "J/(kg K)", "1/100 m",
     "10 m", "1e3 kg m-3", "m-2", "min", "h", "d", "t", "Gal", "kt", "mmHg", "inHg",
     "hPa/s", "µm", "Å", "ha", "acre", "ft", "in", "mi", "torr", "atm", "langley",
     "molecule cm-3", "mGal", "psi", "uatm", "arcsecond", "eV", "erg cm-2"],
)  # fmt: skip
def test_what_udunits_reads_is_read_as_udunits_does(text):
    assert agree(parse(text), text)


pieces = st.sampled_from(
    [
        *("m", "s", "K", "kg", "hPa", "degC", "%", "min", "km", "d", "h", "W", "ppm"),
        *("1", "10", "1e-5", "100", "-1", "2", "-2", "**2", "^-1", "/", "/", "/", " "),
        *(".", "*", "(", ")", "deg_C", "µm", "kt", "mm", "degrees_north", " ", "rad"),
    ]
)


@settings(max_examples=600, deadline=None)
@given(st.lists(pieces, min_size=1, max_size=7).map("".join))
def test_what_udunits_and_we_both_read_is_the_same(text):
    # Read differently on purpose: K/100km, and kg(-1), which is no minus.
    assume(not re.search(r"/\s*\d|\(\s*-", text))
    try:
        unit = parse(text)
    except UnitsError:
        return
    assert by_udunits(text) is None or agree(unit, text)


def test_a_text_is_read_once():
    assert parse("K m-1 Pa-3") is parse("K m-1 Pa-3")


def test_pint_units_and_quantities_are_units():
    ureg = pint.get_application_registry()
    assert parse(ureg.Unit("kelvin/km")) == parse("K/km")
    assert parse(ureg.Quantity(100, "km")) == parse("100 km")
    assert parse(ureg.degC / ureg.km) == parse("K/km")
    assert parse(ureg.delta_degC) == parse("K")
    assert parse(parse("K")) is not None


def test_the_number_one_in_an_attribute_is_the_unit_one():
    assert parse(np.int32(1)) == parse("1")


def test_units_multiply_divide_and_take_powers():
    kelvin, km, pvu = parse("K"), parse("km"), parse("PVU")
    assert kelvin / km == parse("K km-1")
    assert kelvin * km**-2 == parse("K km-2")
    assert (pvu * pvu).factor == 1e-12
    assert pvu**0 == parse("1")
    assert parse("degC") ** 2 == parse("K2")
    assert hash(kelvin / km) == hash(parse("K km-1"))
    assert kelvin != km
    assert kelvin != "K"


def test_a_unit_prints_as_cf_text():
    assert str(parse("1e-5 s**-1")) == "1e-5 s-1"
    assert str(Unit(1.0, pint.Unit("m") ** 0.5)) == "1.0 meter ** 0.5"


def test_a_unit_cannot_be_changed():
    with pytest.raises(AttributeError):
        parse("K").factor = 2.0


@pytest.mark.parametrize(
    "thing", [True, [1], np.ones(2), b"K", object(), -1, np.nan, 0]
)
def test_what_is_no_unit_at_all_is_refused(thing):
    with pytest.raises(UnitsError, match=r"field\.attrs"):
        parse(thing)
