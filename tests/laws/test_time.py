"""One second is one second, whatever the dates are made of."""

import cftime
import numpy as np
import pytest
import xarray as xr
from fields import numbers

import xnabla as xn

HOURS = np.array([0, 6, 12, 18, 30, 36, 48, 54, 60, 72])
VALUES = np.sin(HOURS / 20.0)
START = np.datetime64("2011-01-15T00:00:00", "s")


def series(time, **attrs):
    return xr.DataArray(
        VALUES,
        dims="time",
        coords={"time": ("time", time, attrs)},
        attrs={"units": "K"},
    )


def reference(order, accuracy):
    """On a plane axis of as many metres as there are seconds."""
    x = xr.DataArray(
        VALUES,
        dims="x",
        coords={"x": ("x", HOURS * 3600.0, {"units": "m"})},
        attrs={"units": "K"},
    )
    return np.asarray(
        xn.derivative(x, "x", order=order, accuracy=accuracy).data.magnitude
    )


def cf_dates(calendar):
    return [
        cftime.datetime(2011, 1, 15, calendar=calendar) + h * _hour() for h in HOURS
    ]


def _hour():
    import datetime as dt

    return dt.timedelta(hours=1)


TIMES = {
    **{
        f"datetime64[{unit}]": (START + HOURS.astype("m8[h]")).astype(f"M8[{unit}]")
        for unit in ("s", "ms", "us", "ns")
    },
    **{
        f"timedelta64[{unit}]": HOURS.astype("m8[h]").astype(f"m8[{unit}]")
        for unit in ("s", "ms", "us", "ns")
    },
    **{
        calendar: np.array(cf_dates(calendar))
        for calendar in (
            "standard", "proleptic_gregorian", "julian",
            "noleap", "all_leap", "360_day",
        )
    },
}  # fmt: skip


@pytest.mark.parametrize("accuracy", [2, 4])
@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("time", TIMES.values(), ids=list(TIMES))
def test_every_kind_of_date_gives_the_derivative_per_second(time, order, accuracy):
    got = xn.derivative(series(time), "time", order=order, accuracy=accuracy)
    np.testing.assert_allclose(
        numbers(got, "K/s" if order == 1 else "K/s**2"),
        reference(order, accuracy),
        rtol=1e-13,
        atol=1e-19 if order == 1 else 1e-24,
    )


@pytest.mark.parametrize(
    ("unit", "seconds"), [("s", 1), ("min", 60), ("hours", 3600), ("days", 86400)]
)
def test_durations_with_units_too(unit, seconds):
    got = xn.derivative(series(HOURS * 3600.0 / seconds, units=unit), "time")
    np.testing.assert_allclose(
        numbers(got, "K/s"), reference(1, 2), rtol=1e-12, atol=1e-18
    )


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_dates_in_descending_order(unit):
    t = series(TIMES[f"datetime64[{unit}]"])
    np.testing.assert_allclose(
        numbers(xn.derivative(t[::-1], "time"), "K/s")[::-1],
        numbers(xn.derivative(t, "time"), "K/s"),
        rtol=1e-14,
        atol=1e-20,
    )


def test_any_name_will_do():
    for name in ("valid_time", "init", "step", "t0"):
        t = series(TIMES["datetime64[ns]"]).rename(time=name)
        np.testing.assert_array_equal(
            numbers(xn.derivative(t, name), "K/s"),
            numbers(xn.derivative(series(TIMES["datetime64[ns]"]), "time"), "K/s"),
        )


def test_sub_second_dates_count():
    time = START.astype("M8[ns]") + np.array([0, 250, 500, 1000]).astype("m8[ms]")
    t = xr.DataArray(
        [0.0, 1.0, 2.0, 4.0], dims="time", coords={"time": time}, attrs={"units": "m"}
    )
    np.testing.assert_allclose(
        numbers(xn.derivative(t, "time"), "m/s"), 4.0, rtol=1e-14, atol=1e-14
    )


def test_a_century_of_months_has_their_true_lengths():
    """∂t/∂t = 1, though months differ: in the standard and in the 360-day calendar."""
    for calendar in ("standard", "noleap", "360_day"):
        time = xr.date_range(
            "1900-01-01", periods=1200, freq="MS", calendar=calendar, use_cftime=True
        )
        seconds = np.array([(d - time[0]).total_seconds() for d in time])
        t = xr.DataArray(
            seconds, dims="time", coords={"time": time}, attrs={"units": "s"}
        )
        got = xn.derivative(t, "time").data.magnitude
        np.testing.assert_allclose(got, 1.0, rtol=1e-12, atol=1e-12)
        if calendar == "standard":
            same = t.assign_coords(time=time.to_datetimeindex(time_unit="ns"))
            np.testing.assert_allclose(
                xn.derivative(same, "time").data.magnitude, 1.0, rtol=1e-12, atol=1e-12
            )
