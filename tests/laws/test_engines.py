"""The compiled engine gives what the reference engine does, to rounding."""

import numpy as np
import pytest
import xarray as xr
from fields import GLOBAL, all_fields
from hypothesis import given
from hypothesis import strategies as st
from laws.test_dask import bits
from strategies import ACCURACIES, fields, positions

import xnabla as xn


def by_both(function):
    results = []
    for engine in ("numpy", "numba"):
        with xn.set_options(engine=engine):
            results.append(function())
    return results


def same(a, b, terms=30.0, where=True):
    """Terms are up to ``terms`` times as large as the largest result."""
    a, b = (np.asarray(getattr(x, "data", x).magnitude) for x in (a, b))
    assert a.dtype == b.dtype
    a, b = (np.where(where, x, a.dtype.type(0)) for x in (a, b))
    known = np.isfinite(a)
    np.testing.assert_array_equal(known, np.isfinite(b))
    largest = np.abs(a[known]).max(initial=0.0)
    atol = terms * np.finfo(a.dtype).eps * largest + np.finfo(a.dtype).tiny
    np.testing.assert_allclose(b[known], a[known], rtol=0, atol=atol)


@given(
    fields(dtypes=(np.float64, np.float32, np.complex128, np.complex64)),
    ACCURACIES,
    st.sampled_from(["propagate", "shrink"]),
    st.sampled_from(["across", "missing"]),
)
def test_on_the_globe(f, accuracy, missing, poles):
    options = {"accuracy": accuracy, "missing": missing, "poles": poles}
    for a, b in zip(*by_both(lambda: xn.gradient(f, **options)), strict=True):
        same(a, b)
    same(*by_both(lambda: xn.derivative(f, "level", missing=missing)))


@given(positions(), ACCURACIES, st.sampled_from([1, 2]), st.integers(0, 99))
def test_on_a_line(x, accuracy, order, seed):
    values = np.random.default_rng(seed).normal(0, 1e-5, (2, x.size, 3))
    f = xr.DataArray(
        values,
        dims=("a", "x", "b"),
        coords={"x": ("x", x, {"units": "m"})},
        attrs={"units": "s-1"},
    )
    for dims in (("a", "x", "b"), ("x", "a", "b"), ("a", "b", "x")):
        turned = f.transpose(*dims)
        same(
            *by_both(
                lambda t=turned: xn.derivative(t, "x", order=order, accuracy=accuracy)
            )
        )


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex128])
@pytest.mark.parametrize("missing", ["propagate", "shrink"])
def test_infinities_and_the_smallest_numbers(missing, dtype):
    f = all_fields(GLOBAL["pole rows"](12)).astype(dtype)
    f = f.copy()
    f.data[0, 3, 4] = np.inf
    f.data[1, 0, 4] = -np.inf
    f.data[2, 5, 5] = np.nan
    f.data[3] *= 1e-40
    f.data[4] = 0.0
    f.data[5] = -0.0
    finite = np.isfinite(f)  # at an infinite point itself anything will do
    for a, b in zip(*by_both(lambda: xn.gradient(f, missing=missing)), strict=True):
        same(a, b, where=finite.data)


@pytest.mark.parametrize("order", ["C", "F"])
def test_memory_laid_out_in_any_way(order):
    f = all_fields(GLOBAL["gaussian"](12))
    odd = f.copy(data=np.asarray(f.data, order=order))[:, ::-1, ::2][:, :, 1:]
    odd = odd.isel(longitude=slice(None, None, -1))
    assert not odd.data.flags.c_contiguous
    for a, b in zip(*by_both(lambda: xn.gradient(odd)), strict=True):
        same(a, b)


def test_read_only_memory():
    f = all_fields(GLOBAL["pole rows"](12))
    f.data.flags.writeable = False
    for a, b in zip(*by_both(lambda: xn.gradient(f)), strict=True):
        same(a, b)


@pytest.mark.parametrize("kind", ["scalar", "1-D", "N-D"])
def test_plain_arrays(kind):
    rng = np.random.default_rng(0)
    values = rng.normal(0, 1, (9, 10))
    steps = {
        "scalar": (2.0, 3.0),
        "1-D": (rng.uniform(1, 2, 8), rng.uniform(1, 2, 9)),
        "N-D": (rng.uniform(1, 2, (8, 10)), rng.uniform(1, 2, (9, 9))),
    }[kind]
    for a, b in zip(*by_both(lambda: xn.gradient(values, deltas=steps)), strict=True):
        assert bits(a) == bits(b)
