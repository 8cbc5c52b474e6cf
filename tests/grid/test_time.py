"""Time is seconds, whatever the dates are made of."""

import datetime as dt

import cftime
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from grid.making import one_d

import xnabla as xn


def slope(times, *, attrs=None, dim="time", values=None):
    """Return the time derivative in K/s of a field that rises by 1 K each point."""
    got = xn.derivative(one_d(times, dim=dim, attrs=attrs, values=values), dim)
    assert got.data.units == "kelvin / second"
    return got.data.magnitude


HOURS = np.arange("2011-01-15T00", "2011-01-15T05", dtype="datetime64[h]")


@pytest.mark.parametrize("unit", ["ns", "us", "ms", "s"])
def test_datetime64_of_any_resolution_is_seconds(unit):
    np.testing.assert_array_equal(
        slope(HOURS.astype(f"datetime64[{unit}]")), np.full(5, 1 / 3600)
    )


@pytest.mark.parametrize("unit", ["ns", "us", "ms", "s"])
def test_timedelta64_of_any_resolution_is_seconds(unit):
    steps = (np.arange(5) * 3600).astype("timedelta64[s]")
    np.testing.assert_array_equal(
        slope(steps.astype(f"timedelta64[{unit}]"), dim="step"), np.full(5, 1 / 3600)
    )


@pytest.mark.parametrize(
    "calendar",
    [
        "noleap",
        "365_day",
        "360_day",
        "julian",
        "gregorian",
        "all_leap",
        "proleptic_gregorian",
    ],
)
def test_cftime_dates_of_any_calendar_are_seconds(calendar):
    dates = cftime.num2date(np.arange(5), "hours since 2001-02-27", calendar=calendar)
    np.testing.assert_array_equal(slope(dates), np.full(5, 1 / 3600))


@pytest.mark.parametrize(
    ("calendar", "days"), [("noleap", 1), ("360_day", 3), ("all_leap", 2)]
)
def test_the_calendar_decides_how_long_february_is(calendar, days):
    dates = [
        cftime.datetime(2001, 2, 28, calendar=calendar),
        cftime.datetime(2001, 3, 1, calendar=calendar),
    ]
    got = xn.derivative(one_d(np.array(dates), dim="time"), "time", edge_order=1)
    np.testing.assert_allclose(got.data.magnitude, 1 / (86400 * days), rtol=1e-14)


def test_uneven_months_use_their_true_length():
    months = np.array(
        ["2001-01-01", "2001-02-01", "2001-03-01", "2001-04-01"], "M8[ns]"
    )
    seconds = np.array([0, 31, 59, 90]) * 86400.0
    np.testing.assert_allclose(slope(months, values=2.0 * seconds), 2.0, rtol=1e-12)


def test_falling_times_give_the_same_slope():
    rising = slope(HOURS.astype("M8[ns]"), values=np.arange(5.0) ** 2)
    falling = slope(HOURS.astype("M8[ns]")[::-1], values=np.arange(5.0)[::-1] ** 2)
    np.testing.assert_allclose(falling[::-1], rising, rtol=1e-13)


def test_a_century_of_nanoseconds_keeps_its_seconds_exact():
    times = np.array(
        [
            "1900-01-01",
            "1900-01-01T00:00:01",
            "1900-01-01T00:00:02",
            "2020-01-01",
            "2020-01-01T00:00:01",
        ],
        "M8[s]",
    )
    seconds = xn.grid_of(one_d(times, dim="time")).axis("time").line.points
    assert seconds[4] - seconds[3] == 1.0
    assert seconds[1] - seconds[0] == 1.0


@pytest.mark.parametrize("kind", ["M8[ns]", "m8[ns]"])
def test_a_missing_time_is_refused_with_its_place(kind):
    times = np.array([0, 1, 2, 3], kind)
    times[2] = "NaT"
    field = xr.DataArray(
        np.arange(4.0), dims="time", coords={"time": times}, attrs={"units": "K"}
    )
    with pytest.raises(xn.GridError, match=r"'time'.*index 2.*Try"):
        xn.derivative(field, "time")


@pytest.mark.parametrize(
    "units", ["hours since 1900-01-01", "days since 2000-01-01 00:00"]
)
def test_undecoded_times_are_refused_with_the_line_to_type(units):
    field = one_d([0.0, 1.0, 2.0], dim="time", attrs={"units": units})
    with pytest.raises(xn.GridError, match=r"decoded.*decode_cf"):
        xn.derivative(field, "time")


@pytest.mark.parametrize(("span", "frequency"), [("months", "MS"), ("years", "YS")])
def test_the_line_to_type_for_counted_months_and_years_makes_such_dates(
    span, frequency
):
    """xarray decodes neither: they differ in length."""
    field = one_d([0.0, 1, 2], dim="time", attrs={"units": f"{span} since 2000-01-01"})
    with pytest.raises(xn.GridError, match=f"date_range.*freq='{frequency}'") as fault:
        xn.derivative(field, "time")
    typed = str(fault.value).split("Try: ")[1]
    dated = eval(typed, {"field": field, "xarray": xr})
    days = {"months": [31, 29], "years": [366, 365]}[span]
    np.testing.assert_allclose(
        xn.derivative(dated, "time", edge_order=1).data.magnitude[[0, 2]],
        1 / 86400 / np.array(days),
    )


def test_dates_written_as_numbers_are_refused_with_what_turns_them_into_dates():
    """CDO's absolute times and GrADS': 20000131.5."""
    attrs = {"units": "day as %Y%m%d.%f"}
    field = one_d([20000131.0, 20000201.0, 20000202.0], dim="time", attrs=attrs)
    with pytest.raises(xn.GridError, match=r"dates written as numbers.*cdo -r copy"):
        xn.derivative(field, "time")


def test_the_line_to_type_for_periods_works():
    years = pd.period_range("2000", periods=3, freq="Y")
    field = one_d(np.arange(3.0), dim="time").assign_coords(time=years)
    with pytest.raises(xn.GridError, match=r"Period objects.*to_timestamp") as fault:
        xn.derivative(field, "time")
    dated = eval(str(fault.value).split("Try: ")[1], {"field": field})
    slope_of_first = xn.derivative(dated, "time", edge_order=1).data.magnitude[0]
    np.testing.assert_allclose(slope_of_first, 1 / 86400 / 366)


def test_years_that_are_numbers_need_the_unit_year():
    """What groupby("time.year").mean() leaves."""
    field = one_d(np.arange(1980, 1985), dim="year")
    with pytest.raises(xn.UnitsError, match=r"\['year'\].*units'\] = 'year'"):
        xn.derivative(field, "year")
    with pytest.raises(xn.UnitsError, match=r"\['year'\].*units'\] = 'year'"):
        xn.trend(field, dim="year")
    field.year.attrs["units"] = "year"
    slope = xn.trend(field, dim="year", per="decade").slope.data
    np.testing.assert_allclose(slope.to("kelvin / decade").magnitude, 10.0)


def test_the_line_to_type_for_undecoded_times_works():
    field = one_d(
        [0.0, 1.0, 2.0], dim="time", attrs={"units": "hours since 1900-01-01"}
    )
    decoded = xr.decode_cf(field.to_dataset())["t"]
    np.testing.assert_allclose(xn.derivative(decoded, "time").data.magnitude, 1 / 3600)


@pytest.mark.parametrize(
    ("units", "seconds"),
    [
        ("hours", 3600),
        ("h", 3600),
        ("days", 86400),
        ("minutes", 60),
        ("s", 1),
        ("seconds", 1),
    ],
)
def test_numbers_with_a_unit_of_time_are_durations(units, seconds):
    got = slope([0.0, 1.0, 2.0], attrs={"units": units})
    np.testing.assert_allclose(got, 1 / seconds, rtol=1e-14)


def test_a_forecast_time_in_hours_under_another_name_is_seconds_too():
    """As in ncl_contour_nmc.cdf: dimension frtime, units hours."""
    got = slope([0.0, 6.0, 12.0], dim="frtime", attrs={"units": "hours"})
    np.testing.assert_allclose(got, 1 / 21600, rtol=1e-14)


@pytest.mark.parametrize("attrs", [{}, {"units": ""}])
def test_numbers_without_units_are_refused_with_the_line_to_type(attrs):
    field = one_d([0.0, 1.0, 2.0], dim="time", attrs=attrs)
    with pytest.raises(
        xn.GridError, match=r"without units.*\.attrs\['units'\] = 'hours'"
    ):
        xn.derivative(field, "time")


def test_numbers_in_a_unit_that_is_no_time_are_refused():
    with pytest.raises(xn.UnitsError, match="'time'"):
        xn.derivative(one_d([0.0, 1.0, 2.0], dim="time", attrs={"units": "m"}), "time")


def test_python_datetimes_are_seconds():
    dates = np.array([dt.datetime(2001, 1, 1, h) for h in range(3)], dtype=object)
    coordinate = xr.Variable("time", dates)
    field = xr.DataArray(
        np.arange(3.0), dims="time", attrs={"units": "K"}
    ).assign_coords(time=coordinate)
    np.testing.assert_allclose(xn.derivative(field, "time").data.magnitude, 1 / 3600)


def test_a_mixture_of_calendars_is_refused_in_our_words():
    dates = np.array(
        [
            cftime.datetime(2001, 1, 1, calendar="noleap"),
            cftime.datetime(2001, 1, 2, calendar="360_day"),
            cftime.datetime(2001, 1, 3, calendar="noleap"),
        ]
    )
    field = xr.DataArray(np.arange(3.0), dims="t", attrs={"units": "K"})
    field = field.assign_coords(time=("t", dates))
    with pytest.raises(xn.GridError, match="'time'"):
        xn.derivative(field, "t")


def test_ns_seconds_and_cftime_axes_of_one_time_give_the_same_bits():
    values = np.sin(np.arange(5.0))
    dates = np.array([cftime.datetime(2011, 1, 15, h) for h in range(5)])
    expected = slope(HOURS.astype("M8[s]"), values=values)
    np.testing.assert_array_equal(
        slope(HOURS.astype("M8[ns]"), values=values), expected
    )
    np.testing.assert_array_equal(slope(dates, values=values), expected)


def test_a_time_axis_has_no_part_in_a_horizontal_gradient():
    field = one_d([0.0, 1.0, 2.0], attrs={"units": "km"}).expand_dims(
        time=np.array([0, 1, 2], "M8[ns]")
    )
    assert [axis.dim for axis in xn.gradient(field).axes] == ["x"]


def test_a_second_derivative_in_time_is_per_second_squared():
    values = 0.5 * (np.arange(5.0) * 3600) ** 2
    field = one_d(HOURS.astype("M8[ns]"), dim="time", values=values)
    got = xn.derivative(field, "time", order=2)
    assert got.data.units == "kelvin / second ** 2"
    np.testing.assert_allclose(got.data.magnitude, 1.0, rtol=1e-9)


@pytest.mark.parametrize("units", ["wibble", "m", "hPa"])
def test_a_time_in_no_duration_is_not_advised_to_be_a_length(units):
    time = ("time", [0.0, 1.0, 2.0], {"units": units, "standard_name": "time"})
    field = xr.DataArray(
        [1.0, 2.0, 4.0], dims="time", attrs={"units": "K"}, coords={"time": time}
    )
    with pytest.raises(xn.UnitsError, match=rf"'{units}'.*= 'hours'"):
        xn.derivative(field, "time")
