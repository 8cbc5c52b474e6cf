"""Words on pictures: units, degrees, levels and times."""

import numpy as np
import pytest
import xarray as xr

from xnabla.plot import axis_label, pretty_units
from xnabla.plot._occasion import occasion, time_text
from xnabla.plot._text import degrees, name_of, sentence_case


@pytest.mark.parametrize(
    ("cf", "printed"),
    [
        ("K km-1", "K km⁻¹"),
        ("m s-1", "m s⁻¹"),
        ("m.s-1", "m s⁻¹"),
        ("m**2 s**-2", "m² s⁻²"),
        ("m^2/s^2", "m² s⁻²"),
        ("K/km", "K km⁻¹"),
        ("kg m-2 s-1", "kg m⁻² s⁻¹"),
        ("kg*m-2", "kg m⁻²"),
        ("s-1", "s⁻¹"),
        ("1/s", "s⁻¹"),
        ("1e-5 s-1", "10⁻⁵ s⁻¹"),
        ("10^-5 s-1", "10⁻⁵ s⁻¹"),
        ("2.5e-3 K", "0.0025 K"),
        ("2.5e-7 K", "2.5 × 10⁻⁷ K"),
        ("degree_C", "°C"),
        ("degK", "K"),
        ("meters", "m"),
        ("geopotential meters", "m"),
        ("m s**-1", "m s⁻¹"),
        ("millibars", "hPa"),
        ("um", "µm"),
        ("psu", "psu"),
        ("PVU", "PVU"),
        ("uK m2 kg-1 s-1", "PVU"),
        ("K m2 kg-1 s-1", "K m² kg⁻¹ s⁻¹"),
        ("furlong\n(old)$", "furlong (old)\\$"),
        ("degC", "°C"),
        ("degree_Celsius km-1", "K km⁻¹"),
        ("degrees_north", "°N"),
        ("percent", "%"),
        ("1", ""),
        ("", ""),
        ("K/m s", "K/m s"),
        ("days since 2000-01-01", "days since 2000-01-01"),
        ("furlong (old)", "furlong (old)"),
    ],
)
def test_pretty_units(cf, printed):
    assert pretty_units(cf) == printed


def test_axis_label_reads_well():
    t = xr.DataArray(0.0, name="t", attrs={"standard_name": "air_temperature"})
    assert axis_label(t) == "Air temperature"
    assert axis_label(t.assign_attrs(units="K")) == "Air temperature (K)"
    assert axis_label(xr.DataArray(0.0)) == "Field"


def test_sentence_case_leaves_symbols_alone():
    assert sentence_case("t") == "t"
    assert sentence_case("dT/dx of theta") == "dT/dx of theta"
    assert sentence_case("northward wind") == "Northward wind"


@pytest.mark.parametrize(
    ("value", "role", "text"),
    [
        (0, "latitude", "0°"),
        (52.5, "latitude", "52.5°N"),
        (-90, "latitude", "90°S"),
        (359, "longitude", "1°W"),
        (-180, "longitude", "180°"),
        (540, "longitude", "180°"),
        (195, "longitude", "165°W"),
    ],
)
def test_degrees(value, role, text):
    assert degrees(value, role) == text


def test_occasion_tells_level_and_time():
    field = xr.DataArray(
        0.0,
        coords={
            "plev": ((), 85000.0, {"units": "Pa"}),
            "time": np.datetime64("2011-01-15T12", "ns"),
            "forecast_reference_time": np.datetime64("2011-01-10T12", "ns"),
        },
    )
    assert occasion(field) == (
        "850 hPa · valid 2011-01-15 12:00 UTC"
        " · forecast from 2011-01-10 12:00 UTC (+120\u00a0h)"
    )


def test_occasion_leaves_out_a_date_written_as_a_number():
    """HYCOM's Date goes beside its time; a relative humidity of 40 % is a number."""
    units = {"Date": (20071013.0, "day as %Y%m%d.%f"), "rh": (40.0, "%")}
    coords = {name: ((), value, {"units": u}) for name, (value, u) in units.items()}
    assert occasion(xr.DataArray(0.0, coords=coords)) == "rh 40 %"


def dated(valid, start):
    """Return a field of a forecast."""
    return xr.DataArray(
        0.0, coords={"time": valid, "forecast_reference_time": start, "step": 7}
    )


@pytest.mark.parametrize(
    ("hours", "lead"),
    [
        (1, "+1\u00a0h"),
        (240, "+240\u00a0h"),
        (264, "+11\u00a0days"),
        (1440, "+60\u00a0days"),
        (0, None),
        (-12, None),
        (1464, None),
    ],
)
def test_a_lead_is_told_where_it_is_one(hours, lead):
    start = np.datetime64("2011-01-10T12", "ns")
    words = occasion(dated(start + np.timedelta64(hours, "h"), start))
    forecast = f" · forecast from 2011-01-10 12:00 UTC ({lead})" if lead else ""
    assert words == f"valid {time_text(start + np.timedelta64(hours, 'h'))}{forecast}"


def test_other_calendars_have_leads_too():
    first, second, late = xr.date_range(
        "1859-09-01", periods=3, freq="240h", calendar="360_day", use_cftime=True
    )
    assert "(+240\u00a0h)" in occasion(dated(second, first))
    assert occasion(dated(late.replace(year=1900), first)) == (
        "valid 1900-09-21 00:00 UTC"
    )
    mixed = dated(late, np.datetime64("1859-09-01", "ns"))
    assert occasion(mixed) == "valid 1859-09-21 00:00 UTC"


def test_every_number_that_was_selected_is_told():
    field = xr.DataArray(
        0.0,
        coords={
            "frtime": ((), 6, {"units": "hours"}),
            "level": ((), 850.0, {"units": "millibars"}),
            "number": 3,
            "date": 20110115,
            "wait": np.timedelta64(90, "m"),
            "missing": np.nan,
            "crs": ((), 0, {"grid_mapping_name": "latitude_longitude"}),
        },
    )
    assert occasion(field) == (
        "850 hPa · frtime 6 h · number 3 · date 20110115 · wait 1.5 h"
    )
    month = xr.DataArray(0.0, coords={"time": ((), 7, {"units": "month"})})
    assert occasion(month) == "time 7 month"


def test_names_are_printable():
    odd = xr.DataArray(0.0, name="a\x00b", attrs={"long_name": "\x1b\n\t"})
    assert name_of(odd) == "a b"
    assert name_of(odd.rename("\x07")) == "field"
    assert name_of(odd.assign_attrs(long_name="price_in $x$")) == r"price in \$x\$"


def test_occasion_is_silent_where_nothing_is_known():
    assert occasion(xr.DataArray(0.0)) == ""
    no_time = xr.DataArray(0.0, coords={"time": np.datetime64("NaT", "ns")})
    assert occasion(no_time) == ""
    odd = xr.DataArray(0.0, coords={"member": "control", "kind": True})
    assert occasion(odd) == ""
