"""One pass over rows gives what the whole-array formulas give, for every operator."""

import concurrent.futures
import functools
import pickle

import dask
import dask.array as da
import numpy as np
import pytest
import xarray as xr
from fields import GLOBAL, Globe, around, between_poles, labelled, with_poles

import xnabla as xn
from xnabla.operators import _fuse

# ruff: noqa: PLW0108 - all take the same fields
OPERATORS = {
    "gradient": lambda t, u, v, **k: xn.gradient(t, ("y", "x"), **k),
    "laplacian": lambda t, u, v, **k: xn.laplacian(t, **k),
    "hessian": lambda t, u, v, **k: xn.hessian(t, **k),
    "velocity_gradient": lambda t, u, v, **k: xn.velocity_gradient(u, v, **k),
    "divergence": lambda t, u, v, **k: xn.divergence(u, v, **k),
    "vorticity": lambda t, u, v, **k: xn.vorticity(u, v, **k),
    "kinematics": lambda t, u, v, **k: xn.kinematics(u, v, **k),
    "shear": lambda t, u, v, **k: xn.shearing_deformation(u, v, **k),
    "stretch": lambda t, u, v, **k: xn.stretching_deformation(u, v, **k),
    "deformation": lambda t, u, v, **k: xn.total_deformation(u, v, **k),
    "advection": lambda t, u, v, **k: xn.advection(t, u, v, **k),
    "frontogenesis": lambda t, u, v, **k: xn.frontogenesis(t, u, v, **k),
    "flux": lambda t, u, v, **k: xn.moisture_flux_divergence(t, u, v, **k),
    "absolute_vorticity": lambda t, u, v, **k: xn.absolute_vorticity(u, v, **k),
    "geostrophic": lambda t, u, v, **k: xn.geostrophic_wind(
        t.assign_attrs(units="m"), **k
    ),
}


def smooth(globe: Globe, seed: int, units: str, base=0.0, dtype=np.float64):
    """A random polynomial in the unit normal, twice."""
    phi, lam = globe.phi, globe.lam
    x, y, z = (
        np.cos(phi) * np.cos(lam),
        np.cos(phi) * np.sin(lam),
        np.sin(phi) + 0 * lam,
    )
    waves = np.stack([x, y * z, x * x, z * z * x, z, x * y * z])
    weights = np.random.default_rng(seed).normal(0, 20, (2, 6))
    values = base + np.tensordot(weights, waves, 1)
    field = labelled(values[0], globe)
    return xr.DataArray(
        values.astype(dtype),
        dims=("time", *field.dims),
        coords=field.coords,
        attrs={"units": units},
        name=f"f{seed}",
    )


def weather(globe, dtype=np.float64):
    return (
        smooth(globe, 1, "K", 280.0, dtype),
        smooth(globe, 2, "m/s", 0.0, dtype),
        smooth(globe, 3, "m/s", 0.0, dtype),
    )


def parts_of(result):
    return tuple(result) if isinstance(result, tuple) else (result,)


def magnitudes(result):
    return [np.asarray(part.data.magnitude) for part in parts_of(result)]


@pytest.fixture
def seen(monkeypatch):
    """What went over the rows."""
    made = []
    real = _fuse.fused_results

    def watched(*args, **kwargs):
        result = real(*args, **kwargs)
        made.append(result is not None)
        return result

    monkeypatch.setattr(_fuse, "fused_results", watched)
    monkeypatch.setattr("xnabla.operators._work.fused_results", watched)
    return made


def by_rows_and_whole(function):
    with xn.set_options(engine="numpy"):
        whole = magnitudes(function())
    with xn.set_options(engine="numba"):
        rows = magnitudes(function())
    return rows, whole


def assert_same(rows, whole, near):
    for a, b in zip(rows, whole, strict=True):
        assert a.dtype == b.dtype
        np.testing.assert_array_equal(np.isnan(a), np.isnan(b))
        np.testing.assert_allclose(a, b, rtol=0, atol=near * np.nanmax(np.abs(b)))


GRIDS = {
    "pole rows": Globe("pole rows", with_poles(12), around(24)),
    "between": Globe("between", between_poles(12), around(24, -180.0)),
    "gaussian": GLOBAL["gaussian"](16),
}


@pytest.mark.parametrize("accuracy", [2, 4, 6])
@pytest.mark.parametrize("grid", GRIDS)
@pytest.mark.parametrize("name", OPERATORS)
def test_in_double_precision_to_rounding(name, grid, accuracy, seen):
    t, u, v = weather(GRIDS[grid])
    rows, whole = by_rows_and_whole(
        lambda: OPERATORS[name](t, u, v, accuracy=accuracy, poles="across")
    )
    assert seen == [True]
    assert_same(rows, whole, 1e-12)


@pytest.mark.parametrize("accuracy", [2, 4])
@pytest.mark.parametrize("name", OPERATORS)
def test_in_single_precision_to_the_rounding_of_the_field(name, accuracy):
    """Terms are differences of the field: what rounds them is less than its rounding.

    Measured as: what the operator makes of the field's own rounding, at random.
    """
    t, u, v = weather(GRIDS["pole rows"], np.float32)
    rng = np.random.default_rng(5)

    def shaken(field):
        noise = rng.uniform(-0.5, 0.5, field.shape) * np.spacing(np.abs(field.data))
        return field.astype(np.float64).copy(data=field.data + noise.astype(np.float64))

    def make(*fields):
        return magnitudes(OPERATORS[name](*fields, accuracy=accuracy))

    with xn.set_options(engine="numpy"):
        exact = make(*(one.astype(np.float64) for one in (t, u, v)))
        moved = make(*map(shaken, (t, u, v)))
    with xn.set_options(engine="numba"):
        rows = make(t, u, v)
    for a, b, c in zip(rows, exact, moved, strict=True):
        assert a.dtype == np.float32
        own = np.nanmax(np.abs(c - b)) + 2 * np.spacing(
            np.float32(np.nanmax(np.abs(b)))
        )
        assert np.nanmax(np.abs(a - b)) <= 2.0 * own


@pytest.mark.parametrize("edges", ["one-sided", "missing"])
@pytest.mark.parametrize("name", OPERATORS)
def test_on_a_region(name, edges, seen):
    t, u, v = (
        f.isel(latitude=slice(3, 22), longitude=slice(2, 20))
        for f in weather(Globe("fine", with_poles(24), around(36)))
    )
    rows, whole = by_rows_and_whole(lambda: OPERATORS[name](t, u, v, edges=edges))
    assert seen == [True]
    assert_same(rows, whole, 1e-12)


def on_a_map(kind, dtype=np.float64):
    """Smooth fields on a Lambert map, or on lines that lean and bend."""
    y, x = np.meshgrid(np.arange(21.0), np.arange(24.0), indexing="ij")
    lat, lon = 40 + 0.5 * y + 0.02 * x + 0.1 * np.sin(x / 5), 5 + 0.6 * x + 0.15 * y
    coordinates = {
        "lat": (("y", "x"), lat, {"units": "degrees_north"}),
        "lon": (("y", "x"), lon, {"units": "degrees_east"}),
    }
    if kind == "projected":
        coordinates = {
            "y": ("y", 5e4 * y[:, 0], {"units": "m"}),
            "x": ("x", 5e4 * x[0], {"units": "m"}),
        }
    made = []
    for number, units in enumerate(("K", "m/s", "m/s")):
        values = 5 * np.sin(lat / 9 + number) * np.cos(lon / 7) + 280 * (number == 0)
        values = np.stack([values, 2 * values]).astype(dtype)
        made.append(
            xr.DataArray(
                values,
                dims=("time", "y", "x"),
                coords=coordinates,
                attrs={"units": units},
            )
        )
    return made


MAP_OPTIONS = {
    "projected": {"crs": "+proj=lcc +lat_0=50 +lat_1=50 +lon_0=10 +R=6371229"},
    "curvilinear": {},
}


@pytest.mark.parametrize("accuracy", [2, 4])
@pytest.mark.parametrize("kind", MAP_OPTIONS)
@pytest.mark.parametrize("name", OPERATORS)
def test_on_maps(name, kind, accuracy):
    t, u, v = on_a_map(kind)
    options = {**MAP_OPTIONS[kind], "accuracy": accuracy}
    for wind in ("earth", "grid"):
        if name not in {"gradient", "laplacian", "hessian", "geostrophic"}:
            options["wind"] = wind
        rows, whole = by_rows_and_whole(lambda: OPERATORS[name](t, u, v, **options))
        assert_same(rows, whole, 1e-11)


@pytest.mark.parametrize("chunks", [{"y": 5, "x": 7}, {"y": 1}, {"x": 1}], ids=str)
@pytest.mark.parametrize("kind", MAP_OPTIONS)
@pytest.mark.parametrize("name", ["vorticity", "frontogenesis", "flux"])
def test_chunks_of_maps_give_the_bits_of_one_piece(name, kind, chunks):
    fields = on_a_map(kind, np.float32)
    options = {**MAP_OPTIONS[kind], "wind": "grid"}
    with xn.set_options(engine="numba"):
        whole = magnitudes(OPERATORS[name](*fields, **options))
        lazy = parts_of(OPERATORS[name](*(f.chunk(chunks) for f in fields), **options))
    with dask.config.set(scheduler="synchronous"):
        made = [np.asarray(part.data.magnitude.compute()) for part in lazy]
    for a, b in zip(made, whole, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("name", OPERATORS)
def test_with_gaps(name):
    t, u, v = weather(GRIDS["pole rows"])
    holes = np.random.default_rng(0).random(t.shape) < 0.1
    t = t.where(~holes)
    rows, whole = by_rows_and_whole(lambda: OPERATORS[name](t, u, v))
    assert_same(rows, whole, 1e-12)


@pytest.mark.parametrize("part", [0.1, 0.5, 0.8])
@pytest.mark.parametrize("accuracy", [2, 4, 6])
@pytest.mark.parametrize("region", [False, True])
def test_a_gradient_shrinks_beside_gaps_as_the_reference_does(part, accuracy, region):
    t, _, _ = weather(GRIDS["pole rows"])
    t = t.where(np.random.default_rng(1).random(t.shape) > part)
    if region:
        t = t.isel(latitude=slice(2, 22), longitude=slice(1, 19))
    options = {"accuracy": accuracy, "missing": "shrink"}
    rows, whole = by_rows_and_whole(lambda: xn.gradient(t, **options))
    assert_same(rows, whole, 1e-11)


OCEANS = ("pole rows", "gaussian", "region")


def ocean(grid, part, dtype=np.float64):
    """Fields of one sea: points at random are land for all of them."""
    fields = weather(GRIDS["between" if grid == "region" else grid], dtype)
    sea = np.random.default_rng(1).random(fields[0].shape) > part
    made = tuple(field.where(sea) for field in fields)
    if grid == "region":
        made = tuple(
            f.isel(latitude=slice(2, 22), longitude=slice(1, 19)) for f in made
        )
    return made


@pytest.mark.parametrize("part", [0.1, 0.5])
@pytest.mark.parametrize("accuracy", [2, 4])
@pytest.mark.parametrize("grid", OCEANS)
@pytest.mark.parametrize("name", OPERATORS)
def test_every_operator_shrinks_beside_gaps(name, grid, accuracy, part, seen):
    fields = ocean(grid, part)
    options = {"accuracy": accuracy, "missing": "shrink"}
    rows, whole = by_rows_and_whole(lambda: OPERATORS[name](*fields, **options))
    assert seen == [name != "hessian"]
    assert_same(rows, whole, 1e-11)


@pytest.mark.parametrize("accuracy", [2, 4])
@pytest.mark.parametrize("name", OPERATORS)
def test_missing_edges_of_a_sector_up_to_the_pole(name, accuracy):
    # near the pole the Laplacian is of a higher order, and only there it is wider
    fields = [f.isel(longitude=slice(0, 14)) for f in weather(GRIDS["pole rows"])]
    options = {"accuracy": accuracy, "edges": "missing"}
    rows, whole = by_rows_and_whole(lambda: OPERATORS[name](*fields, **options))
    assert_same(rows, whole, 1e-11)


@pytest.mark.parametrize("missing", ["propagate", "shrink"])
@pytest.mark.parametrize("grid", OCEANS)
@pytest.mark.parametrize("name", OPERATORS)
def test_a_gap_of_one_input_is_no_gap_of_another(name, grid, missing):
    # a derivative along a meridian takes nothing of the other part of the wind
    seeds = range(2, 5)
    fields = [
        f.where(np.random.default_rng(seed).random(f.shape) > 0.15)
        for seed, f in zip(seeds, ocean(grid, 0.0), strict=True)
    ]
    rows, whole = by_rows_and_whole(lambda: OPERATORS[name](*fields, missing=missing))
    assert_same(rows, whole, 1e-11)


@pytest.mark.parametrize("chunks", [{"latitude": 5, "longitude": 7}, {"latitude": 1}])
@pytest.mark.parametrize("name", ["vorticity", "frontogenesis", "flux", "kinematics"])
def test_chunks_beside_gaps_give_the_bits_of_one_piece(name, chunks):
    fields = ocean("pole rows", 0.3, np.float32)
    with xn.set_options(engine="numba", missing="shrink"):
        whole = magnitudes(OPERATORS[name](*fields))
        lazy = parts_of(OPERATORS[name](*(f.chunk(chunks) for f in fields)))
    with dask.config.set(scheduler="synchronous"):
        made = [np.asarray(part.data.magnitude.compute()) for part in lazy]
    for a, b in zip(made, whole, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("name", OPERATORS)
@pytest.mark.parametrize(
    "dims",
    [
        ("time", "latitude", "longitude"),
        ("latitude", "time", "longitude"),
        ("longitude", "latitude", "time"),
    ],
)
def test_in_any_order_of_dimensions(name, dims):
    fields = weather(GRIDS["between"])
    turned = tuple(f.transpose(*dims) for f in fields)
    with xn.set_options(engine="numba"):
        expected = parts_of(OPERATORS[name](*fields))
        got = parts_of(OPERATORS[name](*turned))
    for a, b in zip(got, expected, strict=True):
        assert a.dims == dims
        back = a.transpose(*b.dims).data.magnitude
        np.testing.assert_array_equal(back, b.data.magnitude)


@pytest.mark.parametrize("layout", ["reversed", "strided", "read-only", "swapped"])
def test_in_any_memory(layout):
    t, u, v = weather(GRIDS["pole rows"], np.float32)

    def laid(field):
        values = field.values
        if layout == "reversed":
            made = values[:, ::-1, ::-1].copy()[:, ::-1, ::-1]
        elif layout == "strided":
            made = np.repeat(values, 2, axis=2)[:, :, ::2]
        elif layout == "swapped":
            made = values.astype(values.dtype.newbyteorder())
        else:
            made = values.copy()
            made.flags.writeable = False
        return field.copy(data=made)

    with xn.set_options(engine="numba"):
        expected = magnitudes(xn.frontogenesis(t, u, v))
        got = magnitudes(xn.frontogenesis(*map(laid, (t, u, v))))
    for a, b in zip(got, expected, strict=True):
        np.testing.assert_array_equal(a, b)


CHUNKS = [
    {"latitude": 5, "longitude": 7},
    {"latitude": 1, "longitude": -1},
    {"latitude": -1, "longitude": 1},
    {"latitude": 4, "longitude": 3, "time": 1},
]


@pytest.mark.parametrize("chunks", CHUNKS, ids=str)
@pytest.mark.parametrize("name", OPERATORS)
def test_chunks_give_the_bits_of_one_piece(name, chunks):
    globe = Globe("small", with_poles(8), around(16))
    fields = weather(globe, np.float32)
    with xn.set_options(engine="numba"):
        whole = magnitudes(OPERATORS[name](*fields))
        lazy = parts_of(OPERATORS[name](*(f.chunk(chunks) for f in fields)))
    assert all(isinstance(part.data.magnitude, da.Array) for part in lazy)
    with dask.config.set(scheduler="synchronous"):
        made = [np.asarray(part.data.magnitude.compute()) for part in lazy]
    for a, b in zip(made, whole, strict=True):
        np.testing.assert_array_equal(a, b)


def test_nothing_is_computed_before_it_is_asked_for():
    def refuse(*args, **kwargs):
        raise AssertionError("computed early")

    fields = tuple(f.chunk(latitude=5) for f in weather(GRIDS["pole rows"]))
    with xn.set_options(engine="numba"), dask.config.set(scheduler=refuse):
        for name, operator in OPERATORS.items():
            assert parts_of(operator(*fields)), name


def test_the_graph_grows_with_the_chunks_and_no_faster():
    globe = Globe("tall", with_poles(60), around(36))
    _, u, v = weather(globe)
    counts = []
    for rows in (30, 15, 8):
        with xn.set_options(engine="numba"):
            part = xn.vorticity(u.chunk(latitude=rows), v.chunk(latitude=rows))
        counts.append(len(part.data.magnitude.__dask_graph__()))
    chunks = [-(-121 // rows) for rows in (30, 15, 8)]
    per_chunk = [n / k for n, k in zip(counts, chunks, strict=True)]
    assert max(per_chunk) < 1.5 * min(per_chunk) + 20


def test_two_threads_at_once_do_not_disturb_each_other():
    t, u, v = weather(Globe("fine", with_poles(60), around(120)), np.float32)
    with xn.set_options(engine="numba"):
        expected = magnitudes(xn.frontogenesis(t, u, v))[0]
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            jobs = [pool.submit(xn.frontogenesis, t, u, v) for _ in range(16)]
            made = [magnitudes(job.result())[0] for job in jobs]
    for one in made:
        np.testing.assert_array_equal(one, expected)


def test_the_number_of_threads_does_not_matter(monkeypatch):
    _, u, v = weather(Globe("fine", with_poles(90), around(360)), np.float32)
    made = []
    for count in (1, 2, 5):
        monkeypatch.setattr(
            "xnabla.numerics._threads.thread_count", functools.partial(int, count)
        )
        with xn.set_options(engine="numba"):
            made.append(magnitudes(xn.kinematics(u, v)))
    for others in made[1:]:
        for a, b in zip(others, made[0], strict=True):
            np.testing.assert_array_equal(a, b)


def test_a_lazy_result_goes_to_another_process():
    _, u, v = weather(GRIDS["between"])
    with xn.set_options(engine="numba"):
        lazy = xn.vorticity(u.chunk(latitude=5), v.chunk(latitude=5)).data.magnitude
    back = pickle.loads(pickle.dumps(lazy))
    with dask.config.set(scheduler="synchronous"):
        np.testing.assert_array_equal(back.compute(), lazy.compute())


def test_rows_longer_than_the_cache_come_in_parts():
    values = np.random.default_rng(0).normal(280, 10, (4, 20_000))
    f = xr.DataArray(
        values,
        dims=("time", "cell"),
        coords={"time": ("time", [0.0, 1.0, 3.0, 4.0], {"units": "hours"})},
        attrs={"units": "K"},
    )
    rows, whole = by_rows_and_whole(lambda: xn.derivative(f, "time"))
    assert_same(rows, whole, 1e-12)
