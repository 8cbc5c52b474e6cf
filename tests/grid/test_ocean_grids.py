"""Grids of ocean models: rows on land that collapse, places that are none."""

import numpy as np
import pytest
import xarray as xr
from fields import SPHERE_M

import xnabla as xn


def in_two(lat, lon, values, dims=("y", "x"), **attrs):
    """A field on nav_lat and nav_lon."""
    return xr.DataArray(
        values,
        dims=dims,
        coords={
            "nav_lat": (dims, lat, {"units": "degrees_north"}),
            "nav_lon": (dims, lon, {"units": "degrees_east"}),
        },
        name="tos",
        attrs={"units": "K", **attrs},
    )


def smooth(lat, lon):
    """Return sin φ cos φ cos 2λ."""
    phi, lam = np.deg2rad(lat), np.deg2rad(lon)
    return np.sin(phi) * np.cos(phi) * np.cos(2 * lam)


def slopes(lat, lon):
    """Return its derivatives eastward and northward, per radius, by hand."""
    phi, lam = np.deg2rad(lat), np.deg2rad(lon)
    return -2 * np.sin(phi) * np.sin(2 * lam), np.cos(2 * phi) * np.cos(2 * lam)


def laplacian(lat, lon):
    """Return its (1/cos φ) ∂φ(cos φ ∂φ f) - 4 f / cos²φ, by hand."""
    phi, lam = np.deg2rad(lat), np.deg2rad(lon)
    tan = np.tan(phi)
    of_phi = -2 * np.sin(2 * phi) - tan * np.cos(2 * phi) - 4 * tan
    return of_phi * np.cos(2 * lam)


def sea_with_collapsed_rows(n, collapsed=True):
    """A sheared grid of 2n rows, the southern seventh of which is squeezed land."""
    rows, columns = np.arange(2 * n) / (2 * n), np.arange(n) / n
    lat, lon = np.meshgrid(-30 + 70 * rows, 40 * columns, indexing="ij")
    lon = lon + 0.2 * (lat + 30)
    land = np.zeros(lat.shape, dtype=bool)
    land[: 2 * n // 7] = True
    if collapsed:  # all columns at both ends, with one giant step between
        squeezed = np.where(columns < 0.4, 0.02 * columns, 39.0 + 0.02 * columns)
        lon = np.where(land, squeezed + 0.2 * (lat + 30), lon)
    i, j = np.meshgrid(columns - 0.6, rows - 0.6)
    island = np.hypot(i, j) < 0.2 + 0.05 * np.sin(7 * np.arctan2(j, i))
    return lat, lon, land, island


@pytest.mark.parametrize("missing", ["propagate", "shrink"])
def test_rows_that_collapse_on_land_leave_the_sea_as_it_is(missing):
    """Their steps drew the parameter along x to theirs: slopes beside coasts broke."""
    errors = {}
    for collapsed in (False, True):
        lat, lon, land, island = sea_with_collapsed_rows(48, collapsed)
        values = np.where(land | island, np.nan, smooth(lat, lon))
        got = xn.gradient(in_two(lat, lon, values), missing=missing)
        apart = [
            np.abs(part.data.magnitude * SPHERE_M - true)
            for part, true in zip((got.x, got.y), slopes(lat, lon), strict=True)
        ]
        far = np.zeros_like(land)
        far[2 * 48 // 7 + 2 :] = True
        errors[collapsed] = max(np.nanmax(one[far]) for one in apart)
        assert np.isfinite(apart[0][far & ~island]).mean() > 0.8
    assert errors[True] <= 1.01 * errors[False] + 1e-12
    assert errors[True] < (0.05 if missing == "shrink" else 5e-3)


def test_the_parameter_of_a_grid_with_collapsed_rows_is_the_number_of_the_point():
    lat, lon, _, _ = sea_with_collapsed_rows(48)
    surface = xn.grid_of(in_two(lat, lon, lat)).surface
    np.testing.assert_array_equal(surface.lines[1].points, np.arange(48.0))


def test_a_laplacian_far_from_land_does_not_see_its_collapsed_rows():
    lat, lon, land, _ = sea_with_collapsed_rows(48)
    got = xn.laplacian(in_two(lat, lon, np.where(land, np.nan, smooth(lat, lon))))
    error = got.data.magnitude * SPHERE_M**2 - laplacian(lat, lon)
    assert np.nanmax(np.abs(error[20:])) < 0.02


def test_places_repeated_on_land_are_none():
    """NEMO writes zeros for latitude and longitude where it left out processors."""
    lat, lon, _, _ = sea_with_collapsed_rows(40, collapsed=False)
    gone = np.zeros(lat.shape, dtype=bool)
    gone[30:42, 10:22] = True
    values = np.where(gone, np.nan, smooth(lat, lon))
    zeros = [np.where(gone, 0.0, c) for c in (lat, lon)]
    blanks = [np.where(gone, np.nan, c) for c in (lat, lon)]
    for missing in ("propagate", "shrink"):
        written = xn.gradient(in_two(*zeros, values), missing=missing)
        unknown = xn.gradient(in_two(*blanks, values), missing=missing)
        for one, two in zip(written, unknown, strict=True):
            np.testing.assert_array_equal(one.data.magnitude, two.data.magnitude)
        east, _ = slopes(lat, lon)
        got = written.x.data.magnitude * SPHERE_M
        assert np.nanmax(np.abs(got - east)) < 0.05
        assert np.isnan(got[gone]).all()
        if missing == "shrink":
            assert np.isfinite(got[~gone]).all()


def test_a_pole_row_or_a_repeated_column_is_a_place():
    """One place along x alone, or far apart: as at a pole, and at a seam."""
    lat, lon, _, _ = sea_with_collapsed_rows(12, collapsed=False)
    wide_lat, wide_lon = (np.concatenate([c, c[:, :2]], axis=1) for c in (lat, lon))
    assert np.isfinite(
        xn.grid_of(in_two(wide_lat, wide_lon, wide_lat)).surface.places
    ).all()
    lat[-1], lon[-1] = 90.0, 0.0
    assert np.isfinite(xn.grid_of(in_two(lat, lon, lat)).surface.places).all()
