"""Derivatives along levels and times are part of the pass over rows, or made before."""

import tracemalloc

import dask
import dask.array as da
import numpy as np
import pytest
import xarray as xr
from fields import Globe, around, with_poles
from laws.test_rows import (
    GRIDS,
    MAP_OPTIONS,
    assert_same,
    by_rows_and_whole,
    magnitudes,
    on_a_map,
    parts_of,
    seen,
    weather,
)

import xnabla as xn

__all__ = ["seen"]

PRESSURE_HPA = np.array([1000.0, 850.0, 700.0, 500.0, 300.0])
HOURS = np.array([0.0, 1.0, 3.0, 4.0, 6.0])


def on_levels(field, seed):
    """The field at five times on five levels, each with something of its own."""
    rng = np.random.default_rng(seed)
    factors = rng.uniform(0.9, 1.1, (HOURS.size, PRESSURE_HPA.size, 1, 1))
    one = field.isel(time=0)
    made = xr.DataArray(
        (factors * one.values).astype(field.dtype),
        dims=("time", "plev", *one.dims),
        coords={
            **one.drop_vars("time", errors="ignore").coords,
            "time": ("time", HOURS, {"units": "hours"}),
            "plev": ("plev", PRESSURE_HPA, {"units": "hPa", "positive": "down"}),
        },
    )
    return made.assign_attrs(field.attrs)


GLOBES = {**GRIDS, "large": Globe("large", with_poles(60), around(360))}


def state(kind, dtype=np.float64):
    """Temperature, wind, vertical motion and pressure, and the options of their map."""
    if kind in GLOBES:
        fields, options = weather(GLOBES[kind], dtype), {}
    else:
        fields, options = on_a_map(kind, dtype), MAP_OPTIONS[kind]
    t, u, v = (on_levels(f, seed) for seed, f in enumerate(fields))
    w = (0.01 * u).assign_attrs(units="Pa/s")
    p = (100 * t.plev + 0.3 * t).transpose(*t.dims).astype(dtype)
    return t, u, v, w, p.assign_attrs(units="Pa"), options


OPERATORS = {
    "Ertel's": lambda t, u, v, w, p, **k: xn.potential_vorticity(t, u, v, **k),
    "on other levels": lambda t, u, v, w, p, **k: xn.potential_vorticity(
        t, u, v, p, **k
    ),
    "of a layer": lambda t, u, v, w, p, **k: xn.potential_vorticity(
        t.assign_attrs(units="m"), u, v, **k
    ),
    "advection": lambda t, u, v, w, p, **k: xn.advection(t, u, v, w, **k),
    "change": lambda t, u, v, w, p, **k: xn.material_derivative(t, u, v, **k),
    "upward change": lambda t, u, v, w, p, **k: xn.material_derivative(t, u, v, w, **k),
    "Q-vector": lambda t, u, v, w, p, **k: xn.q_vector(u, v, t, **k),
    "Q-vector along the grid": lambda t, u, v, w, p, **k: xn.q_vector(
        u, v, t, frame="grid", **k
    ),
}

KINDS = ("pole rows", "projected", "curvilinear")


@pytest.mark.parametrize("accuracy", [2, 4])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", OPERATORS)
def test_to_rounding(name, kind, accuracy, seen):
    *fields, options = state(kind)
    for wind in ("earth", "grid"):
        given = {**options, "accuracy": accuracy, "wind": wind}
        rows, whole = by_rows_and_whole(lambda g=given: OPERATORS[name](*fields, **g))
        assert_same(rows, whole, 1e-11)
    assert seen == [True, True]


@pytest.mark.parametrize("edges", ["one-sided", "missing"])
@pytest.mark.parametrize("missing", ["propagate", "shrink"])
@pytest.mark.parametrize("name", OPERATORS)
def test_with_gaps(name, missing, edges):
    *fields, options = state("pole rows")
    rng = np.random.default_rng(3)
    holed = [f.where(rng.random(f.shape) > 0.1) for f in fields]
    given = {**options, "missing": missing, "edges": edges}
    rows, whole = by_rows_and_whole(lambda: OPERATORS[name](*holed, **given))
    assert_same(rows, whole, 1e-11)


@pytest.mark.parametrize("name", OPERATORS)
def test_single_precision_loses_what_rounding_the_fields_loses(name):
    *fields, _ = state("pole rows", np.float32)
    rng = np.random.default_rng(5)
    exact = [f.astype(np.float64).assign_attrs(f.attrs) for f in fields]
    shaken = [
        f + rng.uniform(-0.5, 0.5, f.shape) * np.spacing(np.abs(f.data)).astype(float)
        for f in fields
    ]
    with xn.set_options(engine="numpy"):
        wanted = magnitudes(OPERATORS[name](*exact))
        moved = magnitudes(
            OPERATORS[name](
                *(a.assign_attrs(b.attrs) for a, b in zip(shaken, fields, strict=True))
            )
        )
    with xn.set_options(engine="numba"):
        rows = magnitudes(OPERATORS[name](*fields))
    for a, b, c in zip(rows, wanted, moved, strict=True):
        assert a.dtype == np.float32
        own = np.abs(c - b).max() + 2 * np.spacing(np.float32(np.abs(b).max()))
        assert np.abs(a - b).max() <= 2.0 * own


CHUNKS = [{"plev": 2, "time": 1}, {"plev": 1, -1: 5}, {-2: 4, -1: 3}]


@pytest.mark.parametrize("chunks", CHUNKS, ids=str)
@pytest.mark.parametrize("kind", ["pole rows", "curvilinear"])
@pytest.mark.parametrize("name", OPERATORS)
def test_chunks_give_the_bits_of_one_piece(name, kind, chunks):
    *fields, options = state(kind, np.float32)
    dims = fields[0].dims
    own = {k if isinstance(k, str) else dims[k]: n for k, n in chunks.items()}
    given = {**options, "wind": "grid"}

    def refuse(*args, **kwargs):
        raise AssertionError("computed early")

    # where a map's points lie is read once, lazy or not
    early = "synchronous" if kind == "curvilinear" else refuse
    with xn.set_options(engine="numba"):
        whole = magnitudes(OPERATORS[name](*fields, **given))
        with dask.config.set(scheduler=early):
            lazy = parts_of(OPERATORS[name](*(f.chunk(own) for f in fields), **given))
    assert all(isinstance(part.data.magnitude, da.Array) for part in lazy)
    with dask.config.set(scheduler="synchronous"):
        made = [np.asarray(part.data.magnitude.compute()) for part in lazy]
    for a, b in zip(made, whole, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("order", [(2, 1, 0, 3), (3, 2, 1, 0), (1, 0, 3, 2)])
@pytest.mark.parametrize("name", OPERATORS)
def test_in_any_order_of_dimensions(name, order):
    *fields, _ = state("pole rows")
    dims = tuple(fields[0].dims[k] for k in order)
    with xn.set_options(engine="numba"):
        expected = parts_of(OPERATORS[name](*fields))
        turned = parts_of(OPERATORS[name](*(f.transpose(*dims) for f in fields)))
    for a, b in zip(turned, expected, strict=True):
        assert a.dims == dims
        back = a.transpose(*b.dims).data.magnitude
        np.testing.assert_array_equal(back, b.data.magnitude)


@pytest.mark.parametrize("name", OPERATORS)
def test_no_memory_beyond_inputs_and_outputs(name):
    big = state("large", np.float32)[:-1]
    with xn.set_options(engine="numba"):
        size = sum(part.nbytes for part in magnitudes(OPERATORS[name](*big)))
        tracemalloc.start()
        try:
            made = OPERATORS[name](*big)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert made is not None
    assert peak - size <= 0.05 * (sum(one.nbytes for one in big[:3]) + size)
