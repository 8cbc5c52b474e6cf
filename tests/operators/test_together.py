"""Fields of one operator: of one level and one time, or refused."""

import numpy as np
import pytest
import xarray as xr

import xnabla as xn


def on_plane(values, **scalars):
    field = xr.DataArray(
        np.asarray(values, dtype=float) + np.zeros((4, 5)),
        dims=("y", "x"),
        coords={
            "y": ("y", np.arange(4.0), {"units": "km"}),
            "x": ("x", np.arange(5.0), {"units": "km"}),
        },
        attrs={"units": "m/s"},
    )
    return field.assign_coords(
        {
            name: xr.DataArray(value, attrs=attrs)
            for name, (value, attrs) in scalars.items()
        }
    )


def level(value, units="hPa"):
    return {"plev": (value, {"units": units})}


def at(text):
    return {"time": (np.datetime64(text, "ns"), {})}


U, V = np.arange(5.0), np.arange(4.0)[:, None]


@pytest.mark.parametrize(
    ("one", "other", "words"),
    [
        (level(850.0), level(200.0), r"levels.*850 hPa.*200 hPa.*drop_vars\('plev'\)"),
        (level(850), level(85000.0, "m"), None),
        (at("2011-01-15"), at("2011-01-16"), "times.*2011-01-15.*2011-01-16"),
        (
            {"step": (np.timedelta64(6, "h").astype("m8[ns]"), {})},
            {"step": (np.timedelta64(12, "h").astype("m8[ns]"), {})},
            "times",
        ),
        (
            {"height": (2.0, {"units": "m"})},
            {"height": (100.0, {"units": "m"})},
            "levels",
        ),
    ],
)
def test_single_fields_of_different_levels_or_times_are_refused(one, other, words):
    u, v = on_plane(U, **one), on_plane(V, **other)
    if words is None:
        assert np.isfinite(xn.vorticity(u, v).data.magnitude).all()
        return
    with pytest.raises(xn.GridError, match=words):
        xn.vorticity(u, v)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (level(850.0), level(85000.0, "Pa")),
        (level(850.0), level(np.float32(850.0))),
        (level(0.995, "1"), level(np.float32(0.995), "1")),
        (level(850.0), {}),
        ({"height": (2.0, {"units": "m"})}, {"height": (10.0, {"units": "m"})}),
        (at("2011-01-15"), at("2011-01-15")),
        (at("NaT"), at("NaT")),
        ({"number": (1, {})}, {"number": (2, {})}),
    ],
)
def test_what_is_the_same_level_and_time_goes_together(one, other):
    got = xn.vorticity(on_plane(U, **one), on_plane(V, **other)).data.magnitude
    np.testing.assert_array_equal(got, xn.vorticity(on_plane(U), on_plane(V)).data.m)


def test_every_input_counts():
    u, v = on_plane(U, **level(700.0)), on_plane(V, **level(700.0))
    t = on_plane(U + V, **level(300.0)).assign_attrs(units="K")
    for call in (
        lambda: xn.q_vector(u, v, t, pressure="700 hPa"),
        lambda: xn.advection(t, u, v),
        lambda: xn.frontogenesis(t, u, v),
    ):
        with pytest.raises(xn.GridError, match="different levels"):
            call()
