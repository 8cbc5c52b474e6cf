"""On maps and planes, one pass over rows gives what the whole-array formulas give."""

import dask
import numpy as np
import pytest
import xarray as xr
from laws.test_rows import (
    MAP_OPTIONS,
    assert_same,
    by_rows_and_whole,
    magnitudes,
    on_a_map,
    parts_of,
    seen,
)

import xnabla as xn

__all__ = ["seen"]

SECOND = {"laplacian": xn.laplacian, "hessian": xn.hessian}


def on_a_plane(dtype=np.float64):
    """A smooth field on a plane of uneven rows."""
    y, x = np.cumsum(1e4 + 1e3 * np.sin(np.arange(19.0))), 2e4 * np.arange(22.0)
    values = np.sin(y[:, None] / 7e4) * np.cos(x / 9e4) + 3 * np.cos(x / 5e4)
    return xr.DataArray(
        np.stack([values, 2 * values + 1]).astype(dtype),
        dims=("time", "y", "x"),
        coords={"y": ("y", y, {"units": "m"}), "x": ("x", x, {"units": "m"})},
        attrs={"units": "K"},
    )


def field_and_options(kind, dtype=np.float64):
    if kind == "plane":
        return on_a_plane(dtype), {}
    return on_a_map(kind, dtype)[0], MAP_OPTIONS[kind]


KINDS = ("projected", "curvilinear", "plane")


@pytest.mark.parametrize("edges", ["one-sided", "missing"])
@pytest.mark.parametrize("accuracy", [2, 4, 6])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", SECOND)
def test_second_derivatives_to_rounding(name, kind, accuracy, edges, seen):
    f, options = field_and_options(kind)
    options = {**options, "accuracy": accuracy, "edges": edges}
    rows, whole = by_rows_and_whole(lambda: SECOND[name](f, **options))
    assert seen == [True]
    assert_same(rows, whole, 1e-11)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", SECOND)
def test_second_derivatives_of_a_field_with_gaps(name, kind):
    f, options = field_and_options(kind)
    f = f.where(np.random.default_rng(0).random(f.shape) > 0.1)
    rows, whole = by_rows_and_whole(lambda: SECOND[name](f, **options))
    assert_same(rows, whole, 1e-11)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", SECOND)
def test_single_precision_loses_what_rounding_the_field_loses(name, kind):
    f, options = field_and_options(kind, np.float32)
    exact = f.astype(np.float64).assign_attrs(f.attrs)
    noise = np.random.default_rng(5).uniform(-0.5, 0.5, f.shape)
    shaken = exact + noise * np.spacing(np.abs(f.data)).astype(np.float64)
    with xn.set_options(engine="numpy"):
        wanted = magnitudes(SECOND[name](exact, **options))
        moved = magnitudes(SECOND[name](shaken.assign_attrs(f.attrs), **options))
    with xn.set_options(engine="numba"):
        rows = magnitudes(SECOND[name](f, **options))
    for a, b, c in zip(rows, wanted, moved, strict=True):
        assert a.dtype == np.float32
        own = np.abs(c - b).max() + 2 * np.spacing(np.float32(np.abs(b).max()))
        assert np.abs(a - b).max() <= 2.0 * own


@pytest.mark.parametrize("chunks", [{"y": 5, "x": 7}, {"y": 1}, {"x": 1}], ids=str)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", SECOND)
def test_chunks_give_the_bits_of_one_piece(name, kind, chunks):
    f, options = field_and_options(kind, np.float32)
    with xn.set_options(engine="numba"):
        whole = magnitudes(SECOND[name](f, **options))
        lazy = parts_of(SECOND[name](f.chunk(chunks), **options))
    with dask.config.set(scheduler="synchronous"):
        made = [np.asarray(part.data.magnitude.compute()) for part in lazy]
    for a, b in zip(made, whole, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("dims", [("y", "time", "x"), ("x", "y", "time")])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", SECOND)
def test_in_any_order_of_dimensions(name, kind, dims):
    f, options = field_and_options(kind)
    with xn.set_options(engine="numba"):
        expected = parts_of(SECOND[name](f, **options))
        turned = parts_of(SECOND[name](f.transpose(*dims), **options))
    for a, b in zip(turned, expected, strict=True):
        assert a.dims == dims
        back = a.transpose(*b.dims).data.magnitude
        np.testing.assert_array_equal(back, b.data.magnitude)


def test_more_rows_than_a_band_of_many_fields(monkeypatch):
    # a band of rows of all fields comes before the next
    (f, *_), options = on_a_map("curvilinear"), MAP_OPTIONS["curvilinear"]
    many = xr.concat([f * (1 + k) for k in range(5)], "level").assign_attrs(f.attrs)
    with xn.set_options(engine="numba"):
        alone = [magnitudes(xn.gradient(one, **options)) for one in many]
        monkeypatch.setattr("xnabla.numerics._program._KEPT", 1)
        together = magnitudes(xn.gradient(many, **options))
    for number, parts in enumerate(alone):
        for a, b in zip(parts, together, strict=True):
            np.testing.assert_array_equal(a, b[number])
