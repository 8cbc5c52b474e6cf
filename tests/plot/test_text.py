"""Words on pictures: units, degrees, levels and times."""

import numpy as np
import pytest
import xarray as xr

from xnabla.plot import axis_label, pretty_units
from xnabla.plot._text import degrees, occasion, sentence_case


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
        ("2.5e-3 K", "2.5 × 10⁻³ K"),
        ("degC", "°C"),
        ("degree_Celsius km-1", "°C km⁻¹"),
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


def test_occasion_is_silent_where_nothing_is_known():
    assert occasion(xr.DataArray(0.0)) == ""
    no_time = xr.DataArray(0.0, coords={"time": np.datetime64("NaT", "ns")})
    assert occasion(no_time) == ""
    odd = xr.DataArray(0.0, coords={"member": "control", "step": 3})
    assert occasion(odd) == ""
