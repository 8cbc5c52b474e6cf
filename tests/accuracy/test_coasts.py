"""Second derivatives beside gaps: they come out, and better on finer grids."""

import numpy as np
import pytest
import xarray as xr
from fields import FIELDS
from second import hessian

import xnabla as xn

FIELD = FIELDS["mixed"]


def lat_lon(n):
    lat, lon = np.linspace(10, 50, n), np.linspace(0, 60, n)
    coords = {
        "lat": ("lat", lat, {"units": "degrees_north"}),
        "lon": ("lon", lon, {"units": "degrees_east"}),
    }
    phi, lam = np.meshgrid(np.deg2rad(lat), np.deg2rad(lon), indexing="ij")
    return phi, lam, ("lat", "lon"), coords


def skewed(n):
    rows, columns = np.meshgrid(*(np.linspace(0, 1, n),) * 2, indexing="ij")
    lat = 10 + 40 * rows + 8 * np.sin(2 * columns)
    lon = 60 * columns + 20 * rows
    coords = {
        "lat": (("j", "i"), lat, {"units": "degrees_north"}),
        "lon": (("j", "i"), lon, {"units": "degrees_east"}),
    }
    return np.deg2rad(lat), np.deg2rad(lon), ("j", "i"), coords


def denser(n):
    """A skewed grid whose rows are denser here and there, smoothly."""
    _, _, dims, coords = skewed(n)
    rows, columns = np.meshgrid(*(np.linspace(0, 1, n),) * 2, indexing="ij")
    lat = 10 + 40 * (rows + 0.03 * np.sin(6 * np.pi * rows)) + 8 * np.sin(2 * columns)
    coords["lat"] = (dims, lat, {"units": "degrees_north"})
    return np.deg2rad(lat), np.deg2rad(coords["lon"][1]), dims, coords


GRIDS = {"latitude-longitude": lat_lon, "skewed": skewed}


ALL = {**GRIDS, "denser": denser}


def coast(n):
    """An island with bays, the same one on every grid."""
    j, i = np.meshgrid(*(np.linspace(-0.5, 0.5, n),) * 2, indexing="ij")
    return np.hypot(i, j) < 0.2 + 0.05 * np.sin(7 * np.arctan2(j, i))


def errors(name, n, accuracy):
    """Return the largest errors of the second derivatives and their sum."""
    phi, lam, dims, coords = ALL[name](n)
    land = coast(n)
    values = np.where(land, np.nan, FIELD.value(phi, lam))
    field = xr.DataArray(values, dims=dims, coords=coords, attrs={"units": "K"})
    options = {"missing": "shrink", "accuracy": accuracy}
    got = [part.data.magnitude for part in xn.hessian(field, **options)]
    got.append(xn.laplacian(field, **options).data.magnitude)
    xx, xy, yy = hessian(FIELD, phi, lam)
    scale = max(np.abs(part).max() for part in (xx, xy, yy))
    for part in got:  # wherever a block of points is there, which is nearly everywhere
        assert np.isfinite(part[~land]).mean() > 0.995
        assert np.isnan(part[land]).all()
    return [
        np.nanmax(np.abs(part - true)) / scale
        for part, true in zip(got, (xx, xy, yy, xx + yy), strict=True)
    ]


@pytest.mark.parametrize("accuracy", [2, 4])
@pytest.mark.parametrize("name", GRIDS)
def test_second_derivatives_beside_a_coast_get_better_on_finer_grids(name, accuracy):
    """One-sided slopes that changed from column to column kept an error of 0.2."""
    coarse, fine = errors(name, 64, accuracy), errors(name, 256, accuracy)
    assert max(fine) < max(coarse) / 4.0
    assert max(fine) < 4e-3
    assert fine[1] < 1.2e-3


@pytest.mark.parametrize("accuracy", [2, 4])
def test_rows_that_get_denser_are_not_taken_for_the_field_s_own_change(accuracy):
    """As at the tropics of ORCA: steps of position have the stencils of the field."""
    assert max(errors("denser", 128, accuracy)) < 0.07  # 0.7 and 0.44 otherwise


def test_on_a_plane_too():
    """f = sin(2x) cos(3y) on a unit square."""

    def error(n):
        s = np.linspace(0, 1, n)
        x, y = np.meshgrid(s, s)
        values = np.where(coast(n), np.nan, np.sin(2 * x) * np.cos(3 * y))
        field = xr.DataArray(
            values,
            dims=("y", "x"),
            coords={name: (name, s, {"units": "m"}) for name in ("y", "x")},
            attrs={"units": "K"},
        )
        mixed = xn.hessian(field, missing="shrink")[1].data.magnitude
        return np.nanmax(np.abs(mixed + 6 * np.cos(2 * x) * np.sin(3 * y)))

    assert error(256) < error(32) / 5.0


def test_a_product_of_lines_has_its_mixed_derivative_wherever_four_points_are():
    """f = x y: 1, exactly, in every 2 by 2 block that is whole, and nowhere else."""
    rng = np.random.default_rng(2)
    s = np.arange(30.0)
    gone = rng.random((30, 30)) < 0.3
    field = xr.DataArray(
        np.where(gone, np.nan, np.multiply.outer(s, s)),
        dims=("y", "x"),
        coords={name: (name, s, {"units": "m"}) for name in ("y", "x")},
        attrs={"units": "m"},
    )
    got = xn.hessian(field, missing="shrink")[1].data.magnitude
    np.testing.assert_allclose(got[np.isfinite(got)], 1.0, rtol=1e-12)
    there = ~gone
    block = there[1:, 1:] & there[1:, :-1] & there[:-1, 1:] & there[:-1, :-1]
    in_block = np.zeros_like(there)
    for rows in (slice(1, None), slice(None, -1)):
        for columns in (slice(1, None), slice(None, -1)):
            in_block[rows, columns] |= block
    assert np.isfinite(got[in_block]).all()
    assert np.isnan(got[gone]).all()


@pytest.mark.parametrize("name", GRIDS)
def test_shrinking_is_lazy_and_of_the_same_bits(name):
    phi, lam, dims, coords = GRIDS[name](40)
    values = np.where(coast(40), np.nan, FIELD.value(phi, lam))
    field = xr.DataArray(values, dims=dims, coords=coords, attrs={"units": "K"})
    eager = xn.hessian(field, missing="shrink")
    lazy = xn.hessian(field.chunk(dict.fromkeys(dims, 16)), missing="shrink")
    for one, two in zip(eager, lazy, strict=True):
        assert hasattr(two.data.magnitude, "__dask_graph__")
        np.testing.assert_array_equal(one.data.magnitude, two.data.magnitude.compute())


def test_where_nothing_is_missing_shrinking_changes_nothing():
    for make in GRIDS.values():
        phi, lam, dims, coords = make(24)
        field = xr.DataArray(
            FIELD.value(phi, lam), dims=dims, coords=coords, attrs={"units": "K"}
        )
        for one, two in zip(
            xn.hessian(field), xn.hessian(field, missing="shrink"), strict=True
        ):
            np.testing.assert_array_equal(one.data.magnitude, two.data.magnitude)
