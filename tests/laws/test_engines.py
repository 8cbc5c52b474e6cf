"""The compiled engine gives the bits of the reference engine."""

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


def same_bits(a, b):
    a, b = (np.asarray(getattr(x, "data", x).magnitude) for x in (a, b))
    assert a.dtype == b.dtype
    assert bits(a) == bits(b)


@given(
    fields(dtypes=(np.float64, np.float32, np.complex128, np.complex64)),
    ACCURACIES,
    st.sampled_from(["propagate", "shrink"]),
    st.sampled_from(["across", "missing"]),
)
def test_on_the_globe(f, accuracy, missing, poles):
    options = {"accuracy": accuracy, "missing": missing, "poles": poles}
    for a, b in zip(*by_both(lambda: xn.gradient(f, **options)), strict=True):
        same_bits(a, b)
    same_bits(*by_both(lambda: xn.derivative(f, "level", missing=missing)))


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
        same_bits(
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
    for a, b in zip(*by_both(lambda: xn.gradient(f, missing=missing)), strict=True):
        same_bits(a, b)


@pytest.mark.parametrize("order", ["C", "F"])
def test_memory_laid_out_in_any_way(order):
    f = all_fields(GLOBAL["gaussian"](12))
    odd = f.copy(data=np.asarray(f.data, order=order))[:, ::-1, ::2][:, :, 1:]
    odd = odd.isel(longitude=slice(None, None, -1))
    assert not odd.data.flags.c_contiguous
    for a, b in zip(*by_both(lambda: xn.gradient(odd)), strict=True):
        same_bits(a, b)


def test_read_only_memory():
    f = all_fields(GLOBAL["pole rows"](12))
    f.data.flags.writeable = False
    for a, b in zip(*by_both(lambda: xn.gradient(f)), strict=True):
        same_bits(a, b)


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
