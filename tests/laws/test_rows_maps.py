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


@pytest.mark.parametrize("accuracy", [2, 4])
@pytest.mark.parametrize("kind", ["projected", "plane"])
@pytest.mark.parametrize("name", SECOND)
def test_second_derivatives_on_uneven_columns(name, kind, accuracy):
    f, options = field_and_options(kind)
    x = f.x.values + 0.2 * np.diff(f.x.values)[0] * np.sin(np.arange(f.sizes["x"]))
    f = f.assign_coords(x=("x", x, {"units": "m"}))
    rows, whole = by_rows_and_whole(
        lambda: SECOND[name](f, accuracy=accuracy, **options)
    )
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


FIRST = {
    "gradient": lambda t, u, v, **k: xn.gradient(t, **k),
    "vorticity": lambda t, u, v, **k: xn.vorticity(u, v, wind="grid", **k),
    "in knots": lambda t, u, v, **k: xn.divergence(
        *(f.assign_attrs(units="knot") for f in (u, v)), wind="earth", **k
    ),
    "frontogenesis": lambda t, u, v, **k: xn.frontogenesis(t, u, v, wind="grid", **k),
    "laplacian": lambda t, u, v, **k: xn.laplacian(t, **k),
    "hessian": lambda t, u, v, **k: xn.hessian(t, **k),
}


def sea(kind, part, dtype=np.float64, *, one_land=True):
    """Fields of one sea, or each with gaps of its own."""
    rng = np.random.default_rng(2)
    fields = on_a_map(kind, dtype)
    masks = [rng.random(fields[0].shape) > part for _ in fields]
    return [
        f.where(masks[0 if one_land else k]).assign_attrs(f.attrs)
        for k, f in enumerate(fields)
    ]


@pytest.mark.parametrize("one_land", [True, False])
@pytest.mark.parametrize("part", [0.1, 0.5])
@pytest.mark.parametrize("accuracy", [2, 4, 6])
@pytest.mark.parametrize("kind", MAP_OPTIONS)
@pytest.mark.parametrize("name", FIRST)
def test_lengths_shrink_beside_gaps(name, kind, accuracy, part, one_land, seen):
    fields = sea(kind, part, one_land=one_land)
    options = {**MAP_OPTIONS[kind], "accuracy": accuracy, "missing": "shrink"}
    rows, whole = by_rows_and_whole(lambda: FIRST[name](*fields, **options))
    assert seen == [True]
    assert_same(rows, whole, 1e-11)
    assert np.isfinite(rows[0]).any()


@pytest.mark.parametrize("edges", ["one-sided", "missing"])
@pytest.mark.parametrize("name", FIRST)
def test_edges_of_a_map_beside_gaps(name, edges):
    fields = sea("curvilinear", 0.3)
    rows, whole = by_rows_and_whole(
        lambda: FIRST[name](*fields, edges=edges, missing="shrink")
    )
    assert_same(rows, whole, 1e-11)


@pytest.mark.parametrize("chunks", [{"y": 5, "x": 7}, {"y": 1}, {"x": 1}], ids=str)
@pytest.mark.parametrize("kind", MAP_OPTIONS)
@pytest.mark.parametrize("name", FIRST)
def test_chunks_beside_gaps_give_the_bits_of_one_piece(name, kind, chunks):
    fields = sea(kind, 0.3, np.float32)
    options = {**MAP_OPTIONS[kind], "missing": "shrink"}
    with xn.set_options(engine="numba"):
        whole = magnitudes(FIRST[name](*fields, **options))
        lazy = parts_of(FIRST[name](*(f.chunk(chunks) for f in fields), **options))
    with dask.config.set(scheduler="synchronous"):
        made = [np.asarray(part.data.magnitude.compute()) for part in lazy]
    for a, b in zip(made, whole, strict=True):
        np.testing.assert_array_equal(a, b)


def test_single_precision_beside_gaps():
    # steps of position are made in double precision: 10 km beside 6371 km
    fields = sea("curvilinear", 0.3, np.float32)
    exact = [f.astype(np.float64).assign_attrs(f.attrs) for f in fields]
    with xn.set_options(engine="numpy"):
        wanted = magnitudes(xn.gradient(exact[0], missing="shrink"))
    with xn.set_options(engine="numba"):
        rows = magnitudes(xn.gradient(fields[0], missing="shrink"))
    assert_same(rows, [one.astype(np.float32) for one in wanted], 1e-6)


def test_a_ring_of_the_globe_beside_gaps():
    # a seam along x, as grids of oceans have
    lat, lon = np.meshgrid(
        np.linspace(-60, 60, 25), 10.0 * np.arange(36), indexing="ij"
    )
    lat = lat + 2 * np.sin(np.deg2rad(3 * lon))
    values = np.sin(np.deg2rad(lat)) * np.cos(np.deg2rad(2 * lon))
    f = xr.DataArray(
        np.where(np.random.default_rng(0).random(lat.shape) > 0.2, values, np.nan),
        dims=("j", "i"),
        coords={
            "lat": (("j", "i"), lat, {"units": "degrees_north"}),
            "lon": (("j", "i"), lon, {"units": "degrees_east"}),
        },
        attrs={"units": "K"},
    )
    assert xn.grid_of(f).axes["i"].line.period is not None
    for missing in ("propagate", "shrink"):
        for operator in (xn.gradient, xn.laplacian, xn.hessian):
            rows, whole = by_rows_and_whole(
                lambda o=operator, m=missing: o(f, missing=m)
            )
            assert_same(rows, whole, 1e-11)


@pytest.mark.parametrize("kind", ["projected", "curvilinear"])
@pytest.mark.parametrize("name", ["gradient", "laplacian", "hessian"])
def test_bits_of_whole_arrays_do_not_depend_on_gaps_elsewhere(name, kind):
    """A chunk without gaps, or with the only one, gives what one piece gives."""
    operator = {**SECOND, "gradient": xn.gradient}[name]
    f, options = field_and_options(kind)
    f = f.isel(time=0)
    y, x = f.dims
    options = {**options, "missing": "shrink"}
    holed = f.copy(data=f.values.copy())
    holed[2, 3] = np.nan
    with xn.set_options(engine="numpy"):
        without = magnitudes(operator(f, **options))
        beside = magnitudes(operator(holed, **options))
        lazy = parts_of(operator(holed.chunk({y: 5, x: 4}), **options))
        lazy_without = parts_of(operator(f.chunk({y: 5, x: 4}), **options))
    with dask.config.set(scheduler="synchronous"):
        made = [np.asarray(part.data.magnitude.compute()) for part in lazy]
        whole = [np.asarray(part.data.magnitude.compute()) for part in lazy_without]
    for a, b, c, d in zip(beside, made, without, whole, strict=True):
        np.testing.assert_array_equal(b, a)
        np.testing.assert_array_equal(d, c)
        np.testing.assert_array_equal(a[6:, 7:], c[6:, 7:])
