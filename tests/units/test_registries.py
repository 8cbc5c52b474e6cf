"""Registries: whatever the user's is, the room reads it and changes nothing."""

from __future__ import annotations

import subprocess
import sys

import dask.array
import numpy as np
import pint
import pytest

from xnabla.errors import UnitsError
from xnabla.units import (
    attach,
    conversion_factor,
    in_registry_of,
    is_quantity,
    parse,
    registry_of,
    split_quantity,
)


@pytest.fixture
def mine():
    return pint.UnitRegistry()


def run(program: str) -> str:
    command = [sys.executable, "-W", "ignore", "-c", program]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_importing_changes_nothing():
    program = """
import pint
application, registry = pint.get_application_registry(), None
registry = application.get()
lazy = type(registry).__name__
import xnabla.units
assert pint.get_application_registry() is application
assert application.get() is registry
assert type(registry).__name__ == lazy == "LazyRegistry"  # not even built
fresh = pint.UnitRegistry()
before = set(fresh._units)
for text in ["m s-1", "psu", "PVU", "gpm", "degrees_north", "wibble", "ppb", "DU"]:
    try:
        xnabla.units.parse(text, registry=fresh)
    except xnabla.errors.UnitsError:
        pass
assert not {"psu", "PVU", "gpm", "degrees_north", "ppb"} & (set(fresh._units) - before)
print("unchanged")
"""
    assert run(program) == "unchanged\n"


def test_after_metpy_replaced_the_registry_results_mix_with_its_quantities():
    program = """
from xnabla.units import attach, cf_string, parse, registry_of, split_quantity
early = parse("K")
import metpy.units
import pint
units = metpy.units.units
late = parse("degrees_north")
assert registry_of(late) is units.get() is registry_of(parse("K", registry=units))
total = attach(1.0, parse("mb")) + units.Quantity(1.0, "hPa")
assert total.to("Pa").magnitude == 200.0
for text in ["degrees C", "gpm", "M/S", "psu", "Sv", "PVU", "%", "K/km"]:
    unit = parse(text)
    assert registry_of(unit) is units.get()
    assert parse(cf_string(unit)) == unit
assert (parse("m") / early).pint == units.Unit("m/K")
print(parse("MB"), parse("degrees C"), split_quantity(units.Quantity(1, "degC"))[1])
"""
    assert run(program) == "mbar degC degC\n"


def test_the_application_registry_may_be_swapped(mine):
    before = pint.get_application_registry().get()
    try:
        pint.set_application_registry(mine)
        assert registry_of(parse("m s-1")) is mine
    finally:
        pint.set_application_registry(before)
    assert registry_of(parse("m s-1")) is before


def test_words_the_user_defined_are_units(mine):
    mine.define("smoot = 1.7018 * meter")
    assert parse("K/smoot", registry=mine).pint == mine.Unit("kelvin/smoot")
    assert parse("kilosmoot", registry=mine).pint == mine.Unit("kilosmoot")
    with pytest.raises(UnitsError, match="unknown"):
        parse("K/smoot")


def test_our_table_comes_before_the_users_words(mine):
    mine.define("gpm = gallon / minute")
    assert parse("gpm", registry=mine) == parse("m", registry=mine)


def test_an_empty_registry_is_refused_not_filled():
    empty = pint.UnitRegistry(None)
    with pytest.raises(UnitsError, match="does not define 'meter'"):
        parse("m", registry=empty)


def test_units_of_two_registries_meet_in_the_first(mine):
    theirs, ours = parse("K", registry=mine), parse("km")
    assert registry_of(theirs / ours) is mine
    assert theirs / ours == parse("K/km", registry=mine)
    assert conversion_factor(theirs / parse("m"), parse("K/km")) == 1000.0
    assert theirs != parse("K")
    assert in_registry_of(theirs, ours) == parse("K")
    assert parse(theirs, registry=registry_of(ours)) == parse("K")


def test_a_name_the_other_registry_lacks_is_spelled_out(mine):
    mine.define("smoot = 1.7018 * meter")
    carried = in_registry_of(parse("K/smoot", registry=mine), parse("m"))
    assert conversion_factor(carried, parse("K/m")) == 1 / 1.7018


def test_a_name_the_other_registry_means_otherwise_is_spelled_out():
    mine = pint.UnitRegistry(None)
    for line in ["meter = [length]", "second = [time]", "knot = 2 * meter / second"]:
        mine.define(line)
    carried = in_registry_of(parse("kt", registry=mine), parse("m"))
    assert conversion_factor(carried, parse("m s-1")) == 2.0


def test_a_dimension_the_other_registry_lacks_is_refused(mine):
    mine.define("potato = [vegetable]")
    with pytest.raises(UnitsError, match="no meaning in the other"):
        in_registry_of(parse("potato", registry=mine), parse("m"))


def test_quantities_of_any_registry_are_recognised(mine):
    assert is_quantity(mine.Quantity(1.0, "K"))
    assert is_quantity(pint.Quantity(1.0, "K"))
    assert not any(map(is_quantity, [1.0, "K", np.ones(2), mine.K, parse("K"), None]))
    with pytest.raises(UnitsError, match="carry no pint units"):
        split_quantity(np.ones(2))


@pytest.mark.parametrize("unit", ["K", "degC", "delta_degF", "m/s", ""])
def test_apart_and_together_is_the_same(mine, unit):
    values = np.arange(3.0)
    quantity = mine.Quantity(values, unit)
    parts = split_quantity(quantity)
    again = attach(*parts)
    assert parts[0] is values
    assert again.units == quantity.units
    assert again.magnitude is values
    assert registry_of(parts[1]) is mine


def test_dask_stays_dask_and_is_not_computed(mine):
    def fail(block):
        msg = "computed"
        raise AssertionError(msg)

    lazy = dask.array.ones(4, chunks=2).map_blocks(fail, dtype=float, meta=np.ones(1))
    values, unit = split_quantity(mine.Quantity(lazy, "K"))
    assert values is lazy
    assert attach(values, unit).magnitude is lazy
