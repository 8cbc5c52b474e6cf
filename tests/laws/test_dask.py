"""A chunked field gives, when asked, the very bits of the field in one piece."""

import dask
import dask.array as da
import numpy as np
import pytest
import xarray as xr
from fields import GLOBAL, Globe, all_fields, around, labelled, with_poles
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import ACCURACIES, chunks, fields

import xnabla as xn


def bits(array):
    """What two arrays must share, signs of zero included, NaNs all alike."""
    array = np.array(array)
    array[np.isnan(array)] = np.nan
    return array.tobytes()


def same(chunked, plain):
    assert isinstance(chunked.data.magnitude, da.Array)
    got = chunked.compute()
    assert got.data.magnitude.dtype == plain.data.magnitude.dtype
    assert chunked.dtype == plain.dtype
    assert got.shape == plain.shape
    assert bits(got.data.magnitude) == bits(plain.data.magnitude)
    assert got.data.units == plain.data.units
    assert got.attrs == plain.attrs
    xr.testing.assert_identical(got.coords.to_dataset(), plain.coords.to_dataset())


@settings(max_examples=30)
@given(
    st.data(),
    fields(),
    ACCURACIES,
    st.sampled_from(["propagate", "shrink"]),
    st.sampled_from(["across", "missing"]),
    st.sampled_from(["one-sided", "missing"]),
)
def test_any_chunks_give_the_same_bits(data, f, accuracy, missing, poles, edges):
    cut = f.chunk(data.draw(chunks(f.sizes)))
    options = {"accuracy": accuracy, "missing": missing, "poles": poles, "edges": edges}
    for a, b in zip(
        xn.gradient(cut, **options), xn.gradient(f, **options), strict=True
    ):
        same(a, b)


@settings(max_examples=20)
@given(st.data(), fields(), st.sampled_from(["propagate", "shrink"]))
def test_and_second_derivatives_do(data, f, missing):
    cut = f.chunk(data.draw(chunks(f.sizes)))
    for dim in ("latitude", "longitude"):
        options = {"order": 2, "missing": missing, "earth": "WGS84"}
        same(xn.derivative(cut, dim, **options), xn.derivative(f, dim, **options))


@pytest.mark.parametrize("missing", ["propagate", "shrink"])
@pytest.mark.parametrize("accuracy", [2, 4, 6])
@pytest.mark.parametrize(
    "name",
    ["closed", "closed, odd, no pole rows", "odd number of longitudes", "seam inside",
     "jittered both ways", "gaussian"],
)  # fmt: skip
def test_single_points_for_chunks(name, accuracy, missing):
    globe = GLOBAL[name](7 if accuracy < 6 else 8)
    rng = np.random.default_rng(2)
    values = rng.normal(280, 9, (globe.phi.size, globe.lam.size)).astype(np.float32)
    if missing == "shrink":
        values[rng.random(values.shape) < 0.2] = np.nan
    f = labelled(values, globe)
    for cut in ({"latitude": 1}, {"longitude": 1}):
        for a, b in zip(
            xn.gradient(f.chunk(cut), accuracy=accuracy, missing=missing),
            xn.gradient(f, accuracy=accuracy, missing=missing),
            strict=True,
        ):
            same(a, b)


@pytest.mark.parametrize("dtype", ["i2", "u1", ">f4", "f2", "c8", "i8"])
def test_any_numbers(dtype):
    globe = GLOBAL["pole rows"](8)
    f = (all_fields(globe) * 50 + 100).astype(dtype).assign_attrs(units="K")
    for a, b in zip(xn.gradient(f.chunk(latitude=3)), xn.gradient(f), strict=True):
        same(a, b)


@pytest.mark.parametrize("engine", ["numpy", "numba"])
def test_any_engine(engine):
    globe = GLOBAL["gaussian"](12)
    f = all_fields(globe)
    for a, b in zip(
        xn.gradient(f.chunk(latitude=5, longitude=7)), xn.gradient(f), strict=True
    ):
        with xn.set_options(engine=engine):
            same(a, b)


def test_the_result_has_the_chunks_of_the_field():
    globe = GLOBAL["pole rows"](20)
    f = all_fields(globe).chunk(kind=2, latitude=6, longitude=9)
    for part in xn.gradient(f):
        assert part.chunks == f.chunks


class Opened(Exception):
    """A value of the field was asked for."""


def sealed(globe):
    """A field whose every block raises when computed."""

    def opened(block):
        raise Opened

    values = da.zeros((globe.phi.size, globe.lam.size), chunks=(5, 6))
    values = values.map_blocks(opened, dtype=np.float64, meta=np.empty((0, 0)))
    return labelled(values, globe)


JOBS = {
    "gradient": xn.gradient,
    "in K/km": lambda f: xn.gradient(f, units="K/km"),
    "shrink": lambda f: xn.gradient(f, missing="shrink", accuracy=4),
    "poles missing": lambda f: xn.gradient(f, poles="missing", edges="missing"),
    "second": lambda f: [
        xn.derivative(f, dim, order=2) for dim in ("latitude", "longitude")
    ],
    "WGS84": lambda f: xn.gradient(f, earth="WGS84", accuracy=6),
    "quantified": lambda f: xn.gradient(xn.quantify(f)),
    "accessor": lambda f: f.nabla.gradient(units="K/km"),
    "magnitude": lambda f: [xn.gradient(f).magnitude()],
    "direction": lambda f: [xn.gradient(f).direction()],
    "dataset": lambda f: xn.gradient(f).to_dataset().values(),
    "dequantified": lambda f: [xn.dequantify(part) for part in xn.gradient(f)],
    "subset": lambda f: [part.isel(latitude=3) for part in xn.gradient(f)],
    "transposed": lambda f: xn.gradient(f.T),
    "text": lambda f: [repr(xn.gradient(f)) and xn.gradient(f)[0]],
    "html": lambda f: [xn.gradient(f)._repr_html_() and xn.gradient(f)[0]],
}


@pytest.mark.parametrize(
    "globe", ["pole rows", "closed, odd, no pole rows", "jittered"]
)
@pytest.mark.parametrize("job", JOBS.values(), ids=list(JOBS))
def test_nothing_is_computed_before_it_is_asked_for(job, globe):
    parts = list(job(sealed(GLOBAL[globe](20))))
    for part in parts:
        with pytest.raises(Opened):
            part.compute()


def test_nor_is_the_grid():
    f = sealed(GLOBAL["pole rows"](20))
    assert "latitude-longitude" in str(xn.grid_of(f))
    assert "latitude-longitude" in str(f.nabla.grid)


def test_each_block_is_read_once_for_one_result():
    """Both components together too: the field is one graph."""
    count = {}

    def counted(block, block_info=None):
        where = tuple(block_info[None]["chunk-location"])
        count[where] = count.get(where, 0) + 1
        return block

    globe = GLOBAL["pole rows"](20)
    values = da.from_array(np.zeros((globe.phi.size, globe.lam.size)), chunks=(5, 8))
    values = values.map_blocks(counted, dtype=float, meta=np.empty((0, 0)))
    north, east = xn.gradient(labelled(values, globe))
    with dask.config.set(scheduler="synchronous"):
        dask.compute(north, east)
    assert set(count.values()) == {1}
    assert len(count) == 5 * 5


def test_a_corner_asks_for_its_neighbours_only():
    opened = set()

    def counted(block, block_info=None):
        opened.add(tuple(block_info[None]["chunk-location"]))
        return block

    globe = Globe("big", with_poles(60), around(120))
    values = da.from_array(np.zeros((61, 120)), chunks=(10, 20))
    values = values.map_blocks(counted, dtype=float, meta=np.empty((0, 0)))
    north, east = xn.gradient(labelled(values, globe))
    with dask.config.set(scheduler="synchronous"):
        north.isel(latitude=slice(22, 28), longitude=slice(43, 57)).compute()
        assert opened == {(1, 2), (2, 2), (3, 2)}
        opened.clear()
        east.isel(latitude=slice(22, 28), longitude=slice(2, 17)).compute()
        assert opened == {(2, 5), (2, 0), (2, 1)}


def test_the_same_field_makes_the_same_graph_twice():
    """So that dask shares what two results have in common."""
    f = all_fields(GLOBAL["pole rows"](12)).chunk(latitude=4)
    first, second = (xn.gradient(f)[1].data.magnitude.name for _ in range(2))
    assert first == second
