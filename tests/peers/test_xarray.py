"""xarray's differentiate, where it means what it says: on a plane and in time."""

import numpy as np
import pytest
import xarray as xr
from fields import numbers
from hypothesis import given
from hypothesis import strategies as st
from strategies import positions

import xnabla as xn


@given(positions(), positions(), st.sampled_from([1, 2]), st.integers(0, 99))
def test_on_a_plane(x, y, edge_order, seed):
    t = xr.DataArray(
        np.random.default_rng(seed).normal(0, 1, (y.size, 2, x.size)),
        dims=("y", "member", "x"),
        coords={"y": ("y", y, {"units": "m"}), "x": ("x", x, {"units": "m"})},
        attrs={"units": "K"},
    )
    parts = xn.gradient(t, edge_order=edge_order)
    assert len(parts) == 2
    for part, dim in zip(parts, ("y", "x"), strict=True):
        expected = t.differentiate(dim, edge_order=edge_order)
        assert part.dims == expected.dims
        np.testing.assert_allclose(
            numbers(part, "K/m"),
            expected,
            rtol=1e-12,
            atol=1e-13 * float(np.abs(expected).max()),
        )


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_in_time(unit):
    hours = np.array([0, 3, 6, 12, 13, 24, 48])
    time = np.datetime64("2011-01-15", unit) + hours.astype("m8[h]").astype(
        f"m8[{unit}]"
    )
    t = xr.DataArray(
        np.random.default_rng(0).normal(280, 5, (7, 3)),
        dims=("time", "station"),
        coords={"time": time},
        attrs={"units": "K"},
    )
    expected = t.differentiate("time", edge_order=2, datetime_unit="s")
    np.testing.assert_allclose(
        numbers(xn.derivative(t, "time"), "K/s"), expected, rtol=1e-12, atol=1e-18
    )


def test_in_time_of_a_calendar_without_leap_days():
    time = xr.date_range("2011-02-26", periods=6, calendar="noleap", use_cftime=True)
    t = xr.DataArray(
        [1.0, 2, 4, 7, 11, 16], dims="time", coords={"time": time}, attrs={"units": "K"}
    )
    expected = t.differentiate("time", edge_order=2, datetime_unit="s")
    np.testing.assert_allclose(
        numbers(xn.derivative(t, "time"), "K/s"), expected, rtol=1e-12, atol=1e-18
    )


def test_in_degrees_where_a_degree_is_a_known_length():
    """Interior rows of its K/degree, times degrees per metre."""
    lat = np.array([-40.0, -30, -22, -10, 0, 5, 20, 33])
    lon = np.array([3.0, 5, 9, 10, 14, 20])
    t = xr.DataArray(
        np.random.default_rng(0).normal(280, 5, (8, 6)),
        dims=("lat", "lon"),
        coords={
            "lat": ("lat", lat, {"units": "degrees_north"}),
            "lon": ("lon", lon, {"units": "degrees_east"}),
        },
        attrs={"units": "K"},
    )
    north, east = xn.gradient(t, earth=6_371_000.0)
    degree = 6_371_000.0 * np.pi / 180
    cos = np.cos(np.deg2rad(lat))[:, None]
    for part, dim, length in ((north, "lat", degree), (east, "lon", degree * cos)):
        expected = t.differentiate(dim, edge_order=2) / length
        np.testing.assert_allclose(
            numbers(part, "K/m"), expected, rtol=1e-12, atol=1e-18
        )
