"""Fits of fields larger than memory: lazy, in chunks along time too, and the same."""

from __future__ import annotations

import pickle
import warnings

import dask
import numpy as np
import pytest
import xarray as xr
from descent.cells_making import monthly, plain, red_noise, with_gaps

from xnabla.descent import (
    detrend,
    field_significance,
    fit_model,
    harmonic_fit,
    predict,
    regress,
    theil_sen,
    trend,
)
from xnabla.errors import FieldError, OptionError


def never(*_, **__):
    pytest.fail("something was computed")


@pytest.fixture(scope="module")
def field():
    random = np.random.default_rng(5)
    noise = red_noise(random, 96, 30, 0.5).reshape(96, 5, 6)
    made = with_gaps(random, monthly(280 + noise, units="K"), 0.2)
    made[:, 0, 0] = np.nan
    made[5:, 0, 1] = np.nan
    made[:48, 1, 1] = np.nan
    return made


def quietly(function, *args, **kwargs):
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*not converged", RuntimeWarning)
        return function(*args, **kwargs)


def computed(lazy):
    """The same Dataset with all its variables computed together."""
    data = {name: getattr(v.data, "magnitude", v.data) for name, v in lazy.items()}
    (known,) = dask.compute(data)
    return {
        name: v.copy(data=field_unit(v.data.units) * known[name])
        if hasattr(v.data, "units")
        else v.copy(data=known[name])
        for name, v in lazy.items()
    }


def same(lazy, eager, rtol=1e-10):
    lazy = computed(lazy)
    for name in eager.data_vars:
        if name == "gradient_norm":
            continue  # rounding, and nothing else
        one, two = lazy[name], eager[name]
        assert one.attrs.keys() == two.attrs.keys()
        assert one.dtype == two.dtype
        np.testing.assert_allclose(
            plain(one), plain(two), rtol=rtol, atol=1e-13, err_msg=name
        )


CHUNKS = [
    {"time": -1, "lat": 2, "lon": 4},
    {"time": 3, "lat": 5, "lon": 6},
    {"time": 7, "lat": 5, "lon": 3},
    {"time": (50, 1, 45), "lat": 2, "lon": 6},
]


@pytest.mark.parametrize("chunks", CHUNKS)
@pytest.mark.parametrize("se", ["ols", "ar1", "hac"])
def test_a_trend_in_chunks_is_the_trend(field, chunks, se):
    with dask.config.set(scheduler=never):
        lazy = trend(field.chunk(chunks), se=se)
        assert all(dask.is_dask_collection(lazy[n].data) for n in ("slope", "status"))
    same(lazy, quietly(trend, field, se=se))


@pytest.mark.parametrize("chunks", CHUNKS[1:3])
def test_harmonics_in_chunks_are_the_harmonics(field, chunks):
    lazy = harmonic_fit(field.chunk(chunks), n=1)
    same(lazy, quietly(harmonic_fit, field, n=1), rtol=1e-9)


@pytest.mark.parametrize("chunks", CHUNKS)
@pytest.mark.parametrize("se", ["ols", "hac"])
def test_a_regression_on_fields_in_chunks_is_the_regression(field, chunks, se):
    random = np.random.default_rng(6)
    x = field.copy(data=1000 + random.normal(size=field.shape)).assign_attrs(
        units="hPa"
    )
    index = xr.DataArray(random.normal(size=96), dims="time", attrs={"units": "1"})
    weights = field.copy(data=random.uniform(0.5, 2, size=field.shape))
    eager = quietly(regress, field, {"x": x, "i": index}, weights=weights, se=se)
    lazy = regress(
        field.chunk(chunks), {"x": x.chunk(chunks), "i": index}, weights=weights, se=se
    )
    same(lazy, eager, rtol=1e-8)


def test_ridge_and_descent_go_by_chunks_too(field):
    index = xr.DataArray(np.arange(96.0) % 7, dims="time", attrs={"units": "1"})
    eager = quietly(regress, field, {"i": index}, ridge=3.0)
    same(regress(field.chunk(time=20), {"i": index}, ridge=3.0), eager)
    lazy = trend(field.chunk(time=20), method="bb")
    np.testing.assert_allclose(
        plain(lazy.slope), plain(quietly(trend, field).slope), rtol=1e-8
    )


def test_a_graph_is_a_tree_whose_depth_grows_with_the_logarithm(field):
    """Sums of 96 chunks are merged two by two, in seven steps."""
    graph = dict(trend(field.chunk(time=1), se="ols").slope.data.magnitude.dask)

    def depth(key, known={}):  # noqa: B006 - remembered on purpose
        if key not in known:
            below = [k for k in getattr(graph[key], "dependencies", ()) if k in graph]
            known[key] = 1 + max((depth(k) for k in below), default=0)
        return known[key]

    assert max(map(depth, graph)) < 30


def test_models_and_medians_want_their_times_in_one_chunk(field):
    def line(t, a, b):
        return a + b * t

    params = {"a": 280 * field_unit("K"), "b": 0 * field_unit("K/s")}
    for fit in (
        theil_sen,
        lambda f: fit_model(f, line, params=params),
    ):
        eager = quietly(fit, field)
        with dask.config.set(scheduler=never):
            lazy = fit(field.chunk({"time": -1, "lat": 2}))
        for name in ("status", "n_valid"):
            np.testing.assert_array_equal(plain(lazy[name]), plain(eager[name]))
        name = "slope" if "slope" in eager else "b"
        np.testing.assert_allclose(plain(lazy[name]), plain(eager[name]), rtol=1e-9)
        with pytest.raises(OptionError, match=r"field\.chunk\(\{'time': -1, 'lat'"):
            fit(field.chunk(time=10))


def field_unit(text):
    import pint

    return pint.get_application_registry().Quantity(1.0, text)


def test_predictions_and_what_is_left_stay_lazy(field):
    chunked = field.chunk(time=16)
    with dask.config.set(scheduler=never):
        left = detrend(chunked)
        guess = predict(trend(chunked), chunked.time)
    np.testing.assert_allclose(
        plain(left.compute()), plain(quietly(detrend, field)), atol=1e-9
    )
    assert guess.sizes["time"] == 96


def test_significance_is_asked_of_a_whole_map(field):
    lazy, eager = trend(field.chunk(time=16)), quietly(trend, field)
    np.testing.assert_array_equal(
        field_significance(lazy).values, field_significance(eager).values
    )


def test_infinite_values_are_refused_when_they_are_met(field):
    bad = field.copy()
    bad[3, 2, 2] = np.inf
    bad[4, 2, 2] = -np.inf
    with pytest.raises(FieldError, match="infinite values"):
        trend(bad)
    with pytest.raises(FieldError, match="infinite values"):
        trend(bad.chunk(time=16)).slope.compute()


def test_a_lazy_fit_can_be_pickled(field):
    cloudpickle = pytest.importorskip("cloudpickle")
    lazy = trend(field.chunk(time=32))
    again = pickle.loads(cloudpickle.dumps(lazy.slope.data.magnitude))
    np.testing.assert_array_equal(again.compute(), plain(lazy.slope))


@pytest.mark.parametrize("se", ["ols", "ar1"])
def test_chunks_are_let_go_of_when_they_are_summed(se):
    """100 MB in 20 chunks along time take the memory of some of them."""
    import tracemalloc

    import dask.array as da

    def piece(block_info=None):
        start, stop = block_info[None]["array-location"][0]
        t = np.arange(start, stop)[:, None, None]
        return np.broadcast_to(np.sin(t) + 0.0, (stop - start, 100, 100)).copy()

    data = da.map_blocks(
        piece,
        chunks=((60,) * 20, (100,), (100,)),
        dtype=float,
        meta=np.empty((0, 0, 0)),
    )
    field = monthly(np.zeros((1200, 1, 1))).isel(lat=0, lon=0, drop=True)
    lazy = xr.DataArray(
        data, dims=("time", "y", "x"), coords={"time": field.time}, attrs={"units": "K"}
    )
    fit = trend(lazy, se=se)
    tracemalloc.start()
    with dask.config.set(scheduler="synchronous"):
        fit.slope.data.magnitude.compute()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 0.4 * data.nbytes
