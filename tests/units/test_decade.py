"""Ten years are a decade in results, in pint's text and back, and CF text in files."""

from __future__ import annotations

import pickle

import pint
import pytest

from xnabla.units import Unit, cf_string, conversion_factor, in_registry_of, parse


@pytest.fixture
def registry():
    return pint.UnitRegistry(on_redefinition="raise")


@pytest.mark.parametrize("text", ["K/decade", "K decade-1", "kelvin per decade"])
def test_a_decade_reads_as_one(registry, text):
    unit = parse(text, registry=registry)
    assert str(unit.pint) == "kelvin / decade"
    assert f"{unit.pint:~}" == "K / decade"


def test_pint_converts_a_decade_and_back(registry):
    slope = registry.Quantity(2.0, parse("K/decade", registry=registry).pint)
    year = slope.to("K/year")
    assert year.magnitude == pytest.approx(0.2, rel=1e-12)
    assert year.to("K/decade").magnitude == pytest.approx(2.0, rel=1e-12)
    assert slope.to("K/century").magnitude == pytest.approx(20.0, rel=1e-12)
    assert registry("30 years").to("decade").magnitude == pytest.approx(3.0, rel=1e-12)


def test_what_pint_read_before_is_read_anew(registry):
    assert str(registry.Unit("K/decade")) == "kelvin / delta_decade"
    with pytest.raises(pint.DimensionalityError):
        registry.Quantity(1.0, "decade").to("year")
    parse("K/decade", registry=registry)
    assert registry.Quantity(1.0, "decade").to("year").magnitude == pytest.approx(10)
    assert str(registry.Unit("K/decade")) == "kelvin / decade"
    assert registry.get_base_units("decade")[0] == pytest.approx(10 * 365.25 * 86400)


def test_nothing_else_of_the_registry_changes(registry):
    names = set(registry)
    parse("K/decade", registry=registry)
    assert set(registry) - names <= {"decades", "decayear"}
    with pytest.raises(pint.RedefinitionError):
        registry.define("year = 3 * day")


def test_the_registry_is_left_alone_until_a_decade_is_asked_for(registry):
    parse("K/year", registry=registry)
    with pytest.raises(pint.DimensionalityError):
        registry.Quantity(1.0, "decade").to("year")


def test_a_decade_of_the_users_own_stays(registry):
    mine = pint.UnitRegistry(on_redefinition="ignore")
    mine.define("decade = 3 * meter")
    mine._build_cache()  # pint forgets nothing by itself
    unit = parse("K/decade", registry=mine)
    assert str(unit.pint) == "kelvin / decayear"
    assert mine.Quantity(1.0, "decade").to("m").magnitude == 3.0


def test_files_hold_text_that_udunits_reads(registry):
    text = cf_string(parse("K/decade", registry=registry))
    assert text == "0.1 K year-1"
    cf_units = pytest.importorskip("cf_units")
    assert cf_units.Unit(text).convert(1.0, "K year-1") == pytest.approx(0.1)


def test_another_registry_gets_its_decade_too(registry):
    there = in_registry_of(parse("K/decade"), Unit(1.0, registry.Unit("m")))
    assert str(there.pint) == "kelvin / decade"
    assert conversion_factor(there, parse("K/year", registry=registry)) == 0.1


def test_a_slope_survives_a_pickle():
    slope = pint.get_application_registry().Quantity(2.0, parse("K/decade").pint)
    again = pickle.loads(pickle.dumps(slope))
    assert again.to("K/year").magnitude == pytest.approx(0.2)
