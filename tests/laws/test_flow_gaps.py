"""A hole in u, in v or in a field is seen exactly where a stencil reads it."""

import numpy as np
import pytest
import xarray as xr
from fields import FIELDS, Globe, around, labelled, numbers
from winds import WINDS, flow, wind_field

import xnabla as xn

FLOWS = tuple(flow([np.zeros(1)] * 4))


def bare(part):
    return np.asarray(part.data.magnitude)


def plane(values, x, y, units="m s-1"):
    return xr.DataArray(
        values,
        dims=("y", "x"),
        coords={"x": ("x", x, {"units": "m"}), "y": ("y", y, {"units": "m"})},
        attrs={"units": units},
    )


def cross(shape, at, half, *, around_x=False):
    """The points whose stencils along x and along y, together, read one point."""
    row, column = at
    found = np.zeros(shape, dtype=bool)
    found[max(row - half, 0) : row + half + 1, column] = True
    columns = np.arange(column - half, column + half + 1)
    if around_x:
        columns %= shape[1]
    found[row, columns[(columns >= 0) & (columns < shape[1])]] = True
    return found


@pytest.mark.parametrize("accuracy", [2, 4, 6])
@pytest.mark.parametrize("which", [0, 1])
def test_one_nan_reaches_as_far_as_the_two_stencils(which, accuracy):
    """In mid-latitudes, around the seam: both directions read both components."""
    globe = Globe("rows", np.linspace(-80, 80, 17), around(36))
    pair = [
        wind_field(part, globe, name)
        for part, name in zip(
            WINDS["mixed"].uv(globe.phi, globe.lam), "uv", strict=True
        )
    ]
    for at in ((8, 17), (8, 0), (8, 34)):
        holed = [w.copy(deep=True) for w in pair]
        holed[which].values[at] = np.nan
        expected = cross((17, 36), at, accuracy // 2, around_x=True)
        for name in FLOWS:
            got = np.isnan(bare(getattr(xn, name)(*holed, accuracy=accuracy)))
            # no further; and where both derivatives read the component, as far
            assert not (got & ~expected).any(), name
            assert got[at], name
        full = np.isnan(bare(xn.total_deformation(*holed, accuracy=accuracy)))
        np.testing.assert_array_equal(full, expected)
        whole = [bare(getattr(xn, n)(*pair, accuracy=accuracy)) for n in FLOWS]
        for name, clean in zip(FLOWS, whole, strict=True):
            got = bare(getattr(xn, name)(*holed, accuracy=accuracy))
            left = ~np.isnan(got)
            np.testing.assert_allclose(got[left], clean[left], rtol=1e-10, atol=1e-18)


@pytest.mark.parametrize("accuracy", [2, 4, 6])
def test_one_nan_in_a_field_reaches_its_laplacian_as_far_as_the_stencils(accuracy):
    globe = Globe("rows", np.linspace(-60, 60, 17), around(36))
    f = labelled(FIELDS["mixed"].value(globe.phi, globe.lam), globe)
    for at in ((8, 17), (8, 0)):
        holed = f.copy(deep=True)
        holed.values[at] = np.nan
        got = np.isnan(bare(xn.laplacian(holed, accuracy=accuracy)))
        expected = cross((17, 36), at, accuracy // 2, around_x=True)
        np.testing.assert_array_equal(got, expected)


@pytest.mark.parametrize("accuracy", [2, 4, 6])
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("part", [0.1, 0.4])
def test_shrink_keeps_linear_winds_exact_beside_holes(part, seed, accuracy):
    """In every point that has a neighbour along x and one along y."""
    rng = np.random.default_rng(seed)
    y = np.cumsum(rng.uniform(0.5, 1.5, 17))
    x = np.cumsum(rng.uniform(0.5, 1.5, 23)) - 9.0
    u = 3.0 * x - 2.0 * y[:, None] + 7.0
    v = 4.0 * x + 5.0 * y[:, None] - 1.0
    there = rng.random(u.shape) >= part
    padded = np.pad(there, 1)
    beside_y = there & (padded[:-2, 1:-1] | padded[2:, 1:-1])
    beside_x = there & (padded[1:-1, :-2] | padded[1:-1, 2:])
    exact = {"vorticity": 6.0, "divergence": 8.0, "total_deformation": np.hypot(2, -2)}
    pair = [plane(np.where(there, w, np.nan), x, y) for w in (u, v)]
    for name, value in exact.items():
        operator = getattr(xn, name)
        got = numbers(operator(*pair, accuracy=accuracy, missing="shrink"), "1/s")
        expected = np.where(beside_x & beside_y, value, np.nan)
        np.testing.assert_allclose(got, expected, rtol=1e-10, atol=1e-10)
    parts = xn.velocity_gradient(*pair, accuracy=accuracy, missing="shrink")
    for part_, value, beside in zip(
        parts, (3.0, -2.0, 4.0, 5.0), (beside_x, beside_y) * 2, strict=True
    ):
        expected = np.where(beside, value, np.nan)
        np.testing.assert_allclose(
            numbers(part_, "1/s"), expected, rtol=1e-10, atol=1e-10
        )


@pytest.mark.parametrize("accuracy", [2, 4])
@pytest.mark.parametrize("poles", [True, False], ids=["pole rows", "none"])
def test_shrink_on_the_globe_blanks_points_without_neighbours_only(poles, accuracy):
    """And is as good as one-sided differences are, everywhere else."""
    lat = np.linspace(-90, 90, 61) if poles else np.arange(-88.5, 90, 3)
    globe = Globe("rows", lat, around(120))
    there = np.random.default_rng(1).random((lat.size, 120)) > 0.1
    wind = WINDS["solid body, tilted"]
    u, v = (
        wind_field(np.where(there, part, np.nan), globe, name)
        for part, name in zip(wind.uv(globe.phi, globe.lam), "uv", strict=True)
    )
    sides = np.roll(there, 1, axis=1) | np.roll(there, -1, axis=1)
    beside = np.pad(there, ((1, 1), (0, 0)))
    beside = beside[:-2] | beside[2:]
    exact = wind.tensor(globe.phi, globe.lam)
    for name, true in flow(exact).items():
        got = bare(getattr(xn, name)(u, v, missing="shrink", accuracy=accuracy))
        inner = slice(1, -1)
        np.testing.assert_array_equal(
            np.isnan(got)[inner], ~(there & sides & beside)[inner]
        )
        # a single-sided step of 3° turns by 0.05, and more where columns crowd
        assert np.nanmax(np.abs(got - true)) < 0.06 * 2 * 33.0 / 6.371e6


def test_shrinking_nothing_changes_nothing():
    globe = Globe("rows", np.linspace(-90, 90, 31), around(60))
    u, v = (
        wind_field(part, globe, name)
        for part, name in zip(
            WINDS["mixed"].uv(globe.phi, globe.lam), "uv", strict=True
        )
    )
    for name in FLOWS:
        operator = getattr(xn, name)
        a, b = (bare(operator(u, v, missing=m)) for m in ("propagate", "shrink"))
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-18)


@pytest.mark.parametrize("poles", [True, False], ids=["pole rows", "none"])
def test_poles_missing_blanks_their_neighbourhood_and_nothing_else(poles):
    lat = np.linspace(-90, 90, 31) if poles else np.arange(-87.0, 90, 6)
    globe = Globe("rows", lat, around(60))
    u, v = (
        wind_field(part, globe, name)
        for part, name in zip(
            WINDS["mixed"].uv(globe.phi, globe.lam), "uv", strict=True
        )
    )
    for accuracy in (2, 4, 6):
        half = accuracy // 2
        gone = np.zeros(lat.size, dtype=bool)
        gone[:half] = gone[-half:] = True
        for name in FLOWS:
            operator = getattr(xn, name)
            got = bare(operator(u, v, poles="missing", accuracy=accuracy))
            whole = bare(operator(u, v, accuracy=accuracy))
            np.testing.assert_array_equal(np.isnan(got), gone[:, None] | (got != got))
            np.testing.assert_array_equal(np.isnan(got).all(axis=1), gone)
            np.testing.assert_allclose(
                got[~gone], whole[~gone], rtol=1e-12, atol=1e-18, err_msg=name
            )
