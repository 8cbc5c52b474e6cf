"""Second derivatives keep their order along every kind of axis."""

import numpy as np
import pytest
import xarray as xr
from fields import (
    FIELDS,
    GLOBAL,
    SPHERE,
    WGS84,
    Globe,
    all_fields,
    around,
    exactly,
    gaussian,
    labelled,
    numbers,
    uneven_around,
    with_poles,
)

import xnabla as xn

LEAST = {2: 1.9, 4: 3.8, 6: 5.6}


def slope(errors):
    return float(np.log2(errors[0] / errors[1]))


@pytest.mark.parametrize("accuracy", [2, 4, 6])
@pytest.mark.parametrize("figure", [SPHERE, WGS84], ids=lambda f: f.name)
@pytest.mark.parametrize(
    "name",
    [
        "pole rows",
        "no pole rows",
        "north to south, no pole rows",
        "odd number of longitudes",
        "odd number of longitudes, no pole rows",
        "gaussian",
        "stretched",
        "stretched one way",
        "jittered",
        "closed",
    ],
)
def test_along_a_meridian_on_the_whole_globe(name, figure, accuracy):
    errors = []
    for m in (100, 200):
        globe = GLOBAL[name](m)
        result = xn.derivative(
            all_fields(globe),
            "latitude",
            order=2,
            accuracy=accuracy,
            earth=figure.earth,
        )
        exact = exactly("north_twice", globe, figure)
        error = np.abs(numbers(result, "K/m**2") - exact)
        assert np.isfinite(error).all()
        errors.append(error.max() / np.abs(exact).max())
    assert slope(errors) >= LEAST[accuracy], errors


@pytest.mark.parametrize("accuracy", [2, 4, 6])
@pytest.mark.parametrize("longitude", [around, uneven_around])
def test_along_a_parallel_away_from_the_poles(longitude, accuracy):
    errors = []
    for n in (120, 240):
        globe = Globe("rows", np.linspace(-60, 60, 9), longitude(n))
        result = xn.derivative(
            all_fields(globe), "longitude", order=2, accuracy=accuracy, earth="WGS84"
        )
        exact = exactly("east_twice", globe, WGS84)
        errors.append(np.abs(numbers(result, "K/m**2") - exact).max())
    assert slope(errors) >= LEAST[accuracy], errors


def test_along_a_parallel_a_pole_row_has_none_and_every_other_has():
    globe = Globe("rows", with_poles(36), around(72))
    result = xn.derivative(all_fields(globe), "longitude", order=2)
    gone = np.isnan(numbers(result, "K/m**2"))
    assert gone[:, [0, -1]].all()
    assert not gone[:, 1:-1].any()


def _even(n):
    return np.linspace(0.0, 3.0, n)


def _uneven(n):
    s = np.linspace(0.0, 1.0, n)
    return 3.0 * (s + 0.12 * np.sin(2 * np.pi * s))


def _jagged(n):
    i = np.arange(n)
    from_end = np.minimum(i, n - 1 - i)  # so that both ends look the same for any n
    return 3.0 / (n - 1) * (i + 0.2 * np.sin(1.7 * from_end**2))


AXES = {
    "plane in km": ("x", 1e3, "km", "m"),
    "height in m": ("height", 1.0, "m", "m"),
    "pressure in hPa": ("plev", 1.0, "hPa", "hPa"),
    "duration in hours": ("time", 3600.0, "hours", "s"),
}


@pytest.mark.parametrize("accuracy", [2, 4, 6])
@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("points", [_even, _uneven, _jagged])
@pytest.mark.parametrize("axis", AXES.values(), ids=list(AXES))
def test_along_any_line_with_both_its_ends(axis, points, order, accuracy):
    """sin of the position, ends included: one-sided rows keep the order too."""
    dim, size, unit, shown = axis
    errors = []
    for n in (121, 241):
        s = points(n)
        t = xr.DataArray(
            np.sin(2 * s + 0.4),
            dims=dim,
            coords={dim: (dim, s, {"units": unit})},
            attrs={"units": "K"},
        )
        result = xn.derivative(t, dim, order=order, accuracy=accuracy)
        exact = 2 * np.cos(2 * s + 0.4) if order == 1 else -4 * np.sin(2 * s + 0.4)
        text = f"K/{shown}" if order == 1 else f"K/{shown}**2"
        errors.append(np.abs(numbers(result, text) - exact / size**order).max())
    assert slope(errors) >= LEAST[accuracy], errors


def test_along_dates():
    errors = []
    for n in (121, 241):
        days = _even(n)
        t = xr.DataArray(
            np.sin(2 * days),
            dims="time",
            coords={
                "time": np.datetime64("2011-01-15", "ns")
                + (days * 86400e9).astype("timedelta64[ns]")
            },
            attrs={"units": "K"},
        )
        result = xn.derivative(t, "time", order=2)
        exact = -4 * np.sin(2 * days) / 86400.0**2
        errors.append(np.abs(numbers(result, "K/s**2") - exact).max())
    assert slope(errors) >= 1.9, errors


def test_an_accuracy_reaches_its_small_errors_on_a_uneven_meridian():
    """The order could be that of a bad constant."""
    globe = Globe("gaussian", gaussian(90), around(180))
    field = FIELDS["mixed"]
    t = labelled(field.value(globe.phi, globe.lam), globe)
    exact = field.north_twice(globe.phi, globe.lam)
    for accuracy, bound in ((2, 5e-3), (4, 2e-5), (6, 2e-7)):
        result = xn.derivative(t, "latitude", order=2, accuracy=accuracy)
        error = np.abs(numbers(result, "K/m**2") - exact).max()
        assert error <= bound * np.abs(exact).max()
