"""Slopes per real time, on any calendar and along any other dimension."""

from __future__ import annotations

import numpy as np
import pint
import pytest
import xarray as xr
from descent.cells_making import monthly, plain

from xnabla.descent import harmonic_fit, trend

CALENDARS = {
    "standard": 365.2425,
    "proleptic_gregorian": 365.2425,
    "noleap": 365.0,
    "360_day": 360.0,
    "all_leap": 366.0,
    "julian": 365.25,
}


def rising(calendar, *, use_cftime=True, days=1.0):
    """A field that rises by one kelvin each day, at uneven times."""
    time = xr.date_range(
        "2001-01-01", periods=400, freq="D", calendar=calendar, use_cftime=use_cftime
    )[np.unique(np.arange(20) ** 2 + 1)]
    since = np.array(
        [
            (t - time[0]) / np.timedelta64(1, "D")
            if not use_cftime
            else (t - time[0]).total_seconds() / 86400
            for t in time
        ]
    )
    return xr.DataArray(
        days * np.asarray(since, dtype=float),
        dims="time",
        coords={"time": time},
        attrs={"units": "K"},
        name="t",
    )


@pytest.mark.parametrize("calendar", CALENDARS)
def test_a_year_is_that_of_the_calendar(calendar):
    field = rising(calendar)
    fit = trend(field, per="year", se="ols")
    np.testing.assert_allclose(plain(fit.slope), CALENDARS[calendar], rtol=1e-12)
    assert fit.attrs["days_per_year"] == CALENDARS[calendar]
    assert fit.attrs["calendar"] == calendar
    decade = trend(field, se="ols")
    np.testing.assert_allclose(
        plain(decade.slope), 10 * CALENDARS[calendar], rtol=1e-12
    )
    assert str(decade.slope.data.units) == "kelvin / decade"
    assert decade.attrs["per"] == "decade"


@pytest.mark.parametrize(
    ("per", "days", "units"),
    [
        ("day", 1, "kelvin / day"),
        ("hours", 1 / 24, "kelvin / hour"),
        ("s", 1 / 86400, "kelvin / second"),
        ("century", 36524.25, "kelvin / century"),
        ("month", 365.2425 / 12, "kelvin / month"),
        ("week", 7, "kelvin / week"),
    ],
)
def test_slopes_are_counted_per_what_was_asked(per, days, units):
    fit = trend(rising("standard", use_cftime=False), per=per, se="ols")
    np.testing.assert_allclose(plain(fit.slope), days, rtol=1e-12)
    assert str(fit.slope.data.units) == units


def test_a_span_of_several_years_is_one_number():
    field = rising("standard", use_cftime=False)
    fit = trend(field, per="30 years", se="ols")
    got = fit.slope.data.to("K/decade").magnitude
    np.testing.assert_allclose(got, plain(trend(field, se="ols").slope), rtol=1e-12)


@pytest.mark.parametrize(
    ("per", "days"),
    # years are the calendar's; days become a decade by pint's year of 365.25 days
    [("year", 3652.425), ("30 years", 3652.425), ("day", 3652.5), (None, 3652.425)],
)
def test_every_slope_along_time_converts_to_decades(per, days):
    # a registry of its own: nobody has asked it for ten years before
    registry = pint.UnitRegistry()
    field = rising("standard", use_cftime=False)
    field = field.copy(data=registry.Quantity(field.values, "K"))
    slope = trend(field, per=per, se="ols").slope.data.to("K/decade")
    np.testing.assert_allclose(slope.magnitude, days, rtol=1e-12)


def test_the_intercept_is_the_line_at_the_reference():
    field = rising("noleap") + 5.0
    field.attrs["units"] = "K"
    fit = trend(field, per="day", se="ols")
    when = fit.attrs["reference"]
    assert when.startswith("2001-")
    middle = float(plain(field).mean())
    np.testing.assert_allclose(plain(fit.intercept), middle, atol=1e-4)


@pytest.mark.parametrize("unit", ["s", "ms", "ns"])
def test_every_resolution_of_dates_is_the_same(unit):
    field = monthly(np.arange(48.0) ** 1.1)
    other = field.assign_coords(time=field.time.astype(f"datetime64[{unit}]"))
    np.testing.assert_allclose(
        plain(trend(other).slope), plain(trend(field).slope), rtol=1e-12
    )


def test_lead_times_and_depths_are_counted_along_in_their_own_unit():
    hours = xr.DataArray(
        2.0 * np.arange(6) + 1,
        dims="step",
        coords={"step": np.arange(6) * np.timedelta64(3, "h")},
        attrs={"units": "m"},
    )
    fit = trend(hours, "step", per="hour", se="ols")
    np.testing.assert_allclose(plain(fit.slope), 2 / 3, rtol=1e-12)
    deep = xr.DataArray(
        [4.0, 3.0, 2.0],
        dims="depth",
        coords={"depth": ("depth", [0.0, 10.0, 20.0], {"units": "m"})},
        attrs={"units": "degC"},
    )
    fit = trend(deep, "depth", se="ols")
    assert str(fit.slope.data.units) == "kelvin / meter"
    np.testing.assert_allclose(plain(fit.slope), -0.1, rtol=1e-12)
    assert trend(
        deep, "depth", per="km", se="ols"
    ).slope.data.magnitude == pytest.approx(-100)


def test_dimensions_are_known_by_their_role():
    field = monthly(np.arange(24.0)).rename(time="valid")
    assert trend(field, "time").attrs["dim"] == "valid"


@pytest.mark.parametrize("calendar", ["noleap", "360_day", "standard"])
def test_the_phase_of_a_year_is_that_of_the_calendar(calendar):
    time = xr.date_range(
        "1999-11-16", periods=120, freq="15D", calendar=calendar, use_cftime=True
    )
    year = CALENDARS[calendar] * 86400.0
    first = time[0].replace(month=1, day=1)
    since = np.array([(t - first).total_seconds() for t in time])
    wave = 3.0 * np.cos(2 * np.pi * (since / year - 0.25))
    field = xr.DataArray(wave, dims="time", coords={"time": time}, attrs={"units": "K"})
    fit = harmonic_fit(field, n=1)
    np.testing.assert_allclose(plain(fit.amplitude_1), 3.0, rtol=1e-10)
    np.testing.assert_allclose(plain(fit.phase_1), CALENDARS[calendar] / 4, rtol=1e-9)


def test_a_daily_cycle_is_told_in_hours():
    time = xr.date_range("2001-06-01", periods=96, freq="h")
    wave = np.cos(2 * np.pi * (np.arange(96) - 14) / 24)
    field = xr.DataArray(wave, dims="time", coords={"time": time}, attrs={"units": "K"})
    fit = harmonic_fit(field, n=1, period="1 day", trend=False)
    assert str(fit.phase_1.data.units) == "hour"
    np.testing.assert_allclose(plain(fit.phase_1), 14.0, rtol=1e-9)
    assert "trend" not in fit
