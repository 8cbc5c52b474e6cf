"""Columns with weights of their own, and poles: one pass gives what arrays do."""

import dask
import numpy as np
import pytest
import xarray as xr
from fields import GLOBAL, Globe, between_poles, uneven_around, with_poles
from laws.test_rows import (
    CHUNKS,
    OPERATORS,
    assert_same,
    by_rows_and_whole,
    magnitudes,
    parts_of,
    seen,
    weather,
)

import xnabla as xn
from xnabla.numerics import StencilTable, UnfusableError
from xnabla.numerics._columns import Run

__all__ = ["seen"]

# Longitudes that are uneven, or of which none lies across a pole.
UNEVEN = (
    "uneven longitudes",
    "jittered both ways",
    "closed",
    "closed, odd, no pole rows",
    "odd number of longitudes",
    "odd number of longitudes, no pole rows",
    "longitudes no multiple of four",
)


# a plane does not turn
OF_PLANES = [
    one for one in OPERATORS if one not in {"geostrophic", "absolute_vorticity"}
]


def uneven_between(m):
    """Uneven longitudes without rows on the poles: nothing is turned by a quarter."""
    return Globe("uneven, no pole rows", between_poles(m), uneven_around(2 * m))


def with_gaps(fields, part, *, alike=True):
    """The fields with points missing, the same of all or each its own."""
    made = []
    for number, f in enumerate(fields):
        there = np.random.default_rng(0 if alike else number).random(f.shape) > part
        if f.longitude[-1] - f.longitude[0] == 360.0:  # one point, twice
            there[..., -1] = there[..., 0]
        made.append(f.where(there))
    return made


@pytest.mark.parametrize(
    ("grid", "accuracy"),
    [
        ("uneven longitudes", 6),
        *((g, 2) for g in UNEVEN),
        *((g, 4) for g in UNEVEN[4:]),
    ],
)
@pytest.mark.parametrize("name", OPERATORS)
def test_around_the_globe(name, grid, accuracy, seen):
    fields = weather(GLOBAL[grid](12))
    rows, whole = by_rows_and_whole(lambda: OPERATORS[name](*fields, accuracy=accuracy))
    assert seen == [True]
    assert_same(rows, whole, 1e-11)


@pytest.mark.parametrize("edges", ["one-sided", "missing"])
@pytest.mark.parametrize("accuracy", [2, 4])
@pytest.mark.parametrize("name", OPERATORS)
def test_on_a_region(name, accuracy, edges, seen):
    fields = [
        f.isel(latitude=slice(3, 22), longitude=slice(2, 20))
        for f in weather(GLOBAL["uneven longitudes"](24))
    ]
    options = {"accuracy": accuracy, "edges": edges}
    rows, whole = by_rows_and_whole(lambda: OPERATORS[name](*fields, **options))
    assert seen == [True]
    assert_same(rows, whole, 1e-11)


@pytest.mark.parametrize("alike", [True, False])
@pytest.mark.parametrize("grid", ["uneven longitudes", "odd number of longitudes"])
@pytest.mark.parametrize("name", OPERATORS)
def test_with_gaps(name, grid, alike, seen):
    fields = with_gaps(weather(GLOBAL[grid](12)), 0.1, alike=alike)
    rows, whole = by_rows_and_whole(lambda: OPERATORS[name](*fields))
    assert seen == [True]
    assert_same(rows, whole, 1e-11)


@pytest.mark.parametrize("alike", [True, False])
@pytest.mark.parametrize("accuracy", [2, 4])
@pytest.mark.parametrize("name", OPERATORS)
def test_shrinking_beside_gaps(name, accuracy, alike, seen):
    fields = with_gaps(weather(uneven_between(14)), 0.3, alike=alike)
    options = {"accuracy": accuracy, "missing": "shrink"}
    rows, whole = by_rows_and_whole(lambda: OPERATORS[name](*fields, **options))
    assert seen == [name != "hessian"]
    assert_same(rows, whole, 1e-11)


def test_what_shrinks_and_is_interpolated_afterwards_is_left_to_arrays(seen):
    # on a pole: made beside gaps by schemes that differ, then read between columns
    t, _, _ = with_gaps(weather(GLOBAL["uneven longitudes"](12)), 0.3)
    rows, whole = by_rows_and_whole(lambda: xn.gradient(t, missing="shrink"))
    assert seen == [False]
    assert_same(rows, whole, 1e-11)


@pytest.mark.parametrize("missing", ["propagate", "shrink"])
@pytest.mark.parametrize("accuracy", [2, 4])
@pytest.mark.parametrize("grid", ["pole rows", "gaussian", "uneven longitudes"])
@pytest.mark.parametrize("name", OPERATORS)
def test_blanked_poles(name, grid, accuracy, missing, seen):
    fields = with_gaps(weather(GLOBAL[grid](14)), 0.1)
    options = {"accuracy": accuracy, "missing": missing, "poles": "missing"}
    rows, whole = by_rows_and_whole(lambda: OPERATORS[name](*fields, **options))
    assert seen == [not (name == "hessian" and missing == "shrink")]
    assert_same(rows, whole, 1e-11)
    for part in rows:
        if grid != "gaussian":  # of which the eastward derivatives are there
            assert np.isnan(part[..., [0, -1], :]).all()
        assert np.isfinite(part[..., 4:-4, :]).any()


@pytest.mark.parametrize("accuracy", [2, 4])
@pytest.mark.parametrize("name", OPERATORS)
def test_in_single_precision(name, accuracy):
    double = weather(GLOBAL["uneven longitudes"](12))
    single = weather(GLOBAL["uneven longitudes"](12), np.float32)
    with xn.set_options(engine="numpy"):
        exact = magnitudes(OPERATORS[name](*double, accuracy=accuracy))
    with xn.set_options(engine="numba"):
        rows = magnitudes(OPERATORS[name](*single, accuracy=accuracy))
    # 280 K are stored to 1.5e-5 K: that over a step, or over two, and near the poles
    near = 1e-2 if name in {"laplacian", "hessian"} else 1e-3
    for a, b in zip(rows, exact, strict=True):
        assert a.dtype == np.float32
        np.testing.assert_allclose(a, b, rtol=0, atol=near * np.nanmax(np.abs(b)))


@pytest.mark.parametrize("chunks", CHUNKS, ids=str)
@pytest.mark.parametrize("missing", ["propagate", "shrink"])
@pytest.mark.parametrize("name", ["gradient", "laplacian", "hessian", "frontogenesis"])
def test_chunks_give_the_bits_of_one_piece(name, missing, chunks):
    fields = with_gaps(weather(uneven_between(9), np.float32), 0.1)
    if missing == "propagate":
        fields = weather(GLOBAL["uneven longitudes"](8), np.float32)
    assert_chunks_do_not_matter(name, fields, chunks, missing=missing)


@pytest.mark.parametrize("chunks", CHUNKS[:3], ids=str)
@pytest.mark.parametrize("name", ["laplacian", "hessian", "vorticity"])
def test_chunks_of_blanked_poles_do(name, chunks):
    fields = weather(Globe("small", with_poles(8), np.arange(16) * 22.5), np.float32)
    assert_chunks_do_not_matter(name, fields, chunks, poles="missing")


def assert_chunks_do_not_matter(name, fields, chunks, **options):
    with xn.set_options(engine="numba"):
        whole = magnitudes(OPERATORS[name](*fields, **options))
        lazy = parts_of(OPERATORS[name](*(f.chunk(chunks) for f in fields), **options))
    with dask.config.set(scheduler="synchronous"):
        made = [np.asarray(part.data.magnitude.compute()) for part in lazy]
    for a, b in zip(made, whole, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("dims", [("latitude", "longitude", "time")])
@pytest.mark.parametrize("name", ["gradient", "hessian", "vorticity"])
def test_in_any_order_of_dimensions(name, dims):
    fields = weather(GLOBAL["uneven longitudes"](12))
    with xn.set_options(engine="numba"):
        expected = parts_of(OPERATORS[name](*fields))
        got = parts_of(OPERATORS[name](*(f.transpose(*dims) for f in fields)))
    for a, b in zip(got, expected, strict=True):
        back = a.transpose(*b.dims).data.magnitude
        np.testing.assert_array_equal(back, b.data.magnitude)


def test_a_missing_point_on_a_pole_has_no_second_derivatives():
    t, _, _ = weather(GLOBAL["pole rows"](12))
    t[:, 0, 3] = np.nan
    for engine in ("numpy", "numba"):
        with xn.set_options(engine=engine):
            for part in magnitudes(xn.hessian(t)):
                assert np.isnan(part[:, 0, 3]).all()


def test_a_gap_of_one_part_of_a_wind_is_its_own_but_beside_a_pole(seen):
    # what lies between columns across a pole is a vector; elsewhere east stays east
    _, u, v = weather(GLOBAL["odd number of longitudes, no pole rows"](12))
    v = v.where(np.random.default_rng(3).random(v.shape) > 0.2)
    rows, whole = by_rows_and_whole(lambda: xn.velocity_gradient(u, v))
    assert seen == [True]
    assert_same(rows, whole, 1e-11)
    du_dy = rows[1]
    assert np.isfinite(du_dy[:, 1:-1]).all()
    assert np.isnan(du_dy[:, [0, -1]]).any()


@pytest.mark.parametrize("missing", ["propagate", "shrink"])
@pytest.mark.parametrize("accuracy", [2, 4])
@pytest.mark.parametrize("name", OF_PLANES)
def test_on_a_plane(name, accuracy, missing):
    # a tank in the laboratory, finer towards its walls
    wall = np.cos(np.linspace(0.0, np.pi, 26))
    fields = []
    for number, units in enumerate(("K", "m/s", "m/s")):
        waves = np.outer(np.sin(3 * wall + number), np.cos(2 * wall[2:]))
        f = xr.DataArray(
            np.stack([waves, waves**2]),
            dims=("time", "y", "x"),
            coords={
                "y": ("y", 2 * wall, {"units": "m"}),
                "x": ("x", 3 * wall[2:], {"units": "m"}),
            },
            attrs={"units": units},
        )
        there = np.random.default_rng(1).random(f.shape) > 0.1
        fields.append(f.where(there))
    options = {"accuracy": accuracy, "missing": missing}
    rows, whole = by_rows_and_whole(lambda: OPERATORS[name](*fields, **options))
    assert_same(rows, whole, 1e-11)


class TestRun:
    def table(self, weights, before=1, period=None):
        weights = np.asarray(weights, dtype=np.float64)
        rows = np.arange(len(weights))
        return StencilTable(weights, rows - before, rows, period)

    def test_equal_weights_are_told_once(self):
        run = Run.of(self.table([[1.0, 0.0, 2.0]] * 40, period=40), 40)
        assert run.is_even
        assert (run.lo, run.hi, run.half) == (1, 39, 1)
        np.testing.assert_array_equal(run.weights, [1.0, 2.0])

    def test_a_run_that_is_half_even_is_uneven(self):
        weights = np.ones((60, 3))
        weights[:25] += np.arange(25)[:, None]
        run = Run.of(self.table(weights, period=60), 60)
        assert not run.is_even
        assert (run.lo, run.hi, run.half) == (1, 59, 1)
        np.testing.assert_array_equal(run.weights[:, 1:59], weights[1:59, ::2].T)

    def test_a_weight_of_zero_is_not_read(self):
        weights = np.arange(1.0, 181.0).reshape(60, 3)
        weights[5, 0] = 0.0
        run = Run.of(self.table(weights, period=60), 60)
        assert run.lo == 6

    def test_nor_is_a_table_made_a_run_that_reads_far_points(self):
        weights = np.arange(1.0, 181.0).reshape(60, 3)
        table = self.table(weights, before=-20, period=60)
        with pytest.raises(UnfusableError, match="far"):
            Run.of(table, 60)
