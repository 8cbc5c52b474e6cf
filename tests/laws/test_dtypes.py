"""Whatever numbers come in: the same derivative, in the precision it came in."""

import numpy as np
import pytest
from fields import GLOBAL, all_fields
from hypothesis import given
from hypothesis import strategies as st
from strategies import ACCURACIES, fields

import xnabla as xn


def bare(parts):
    return [np.asarray(part.data.magnitude) for part in parts]


@given(
    fields(dtypes=(np.float32,)), ACCURACIES, st.sampled_from(["propagate", "shrink"])
)
def test_single_precision_is_double_precision_rounded_once(f, accuracy, missing):
    """Where a row was interpolated it is stored in between: that rounds too."""
    options = {"accuracy": accuracy, "missing": missing, "units": "K/km"}
    single = bare(xn.gradient(f, **options))
    double = bare(xn.gradient(f.astype(np.float64), **options))
    lat = np.deg2rad(f["latitude"].values)
    dphi = np.abs(np.diff(lat)).min()
    for a, b in zip(single, double, strict=True):
        assert a.dtype == np.float32
        assert b.dtype == np.float64
        # half an ulp of the largest value, over a step between rows, in kilometres
        storage = 6e-8 * float(np.nanmax(np.abs(f))) / (dphi * 6371.0)
        np.testing.assert_allclose(a, b, rtol=2e-7, atol=4 * storage)


def test_and_to_half_an_ulp_where_nothing_is_interpolated():
    globe = GLOBAL["gaussian"](24)
    f = all_fields(globe).astype(np.float32)
    for accuracy in (2, 4, 6):
        for a, b in zip(
            bare(xn.gradient(f, accuracy=accuracy)),
            bare(xn.gradient(f.astype(float), accuracy=accuracy)),
            strict=True,
        ):
            np.testing.assert_array_equal(a, b.astype(np.float32))


@pytest.mark.parametrize(
    "dtype", ["i1", "i2", "u1", "u2", "i4", "i8", "u8", ">i2", ">i4"]
)
def test_whole_numbers_become_double_precision(dtype):
    globe = GLOBAL["pole rows"](12)
    rng = np.random.default_rng(0)
    f = all_fields(globe)
    whole = f.copy(data=rng.integers(0, 100, f.shape).astype(dtype))
    for a, b in zip(
        bare(xn.gradient(whole)), bare(xn.gradient(whole.astype(float))), strict=True
    ):
        assert a.dtype == np.float64
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(
    ("big", "native"), [(">f4", "f4"), (">f8", "f8"), (">c16", "c16")]
)
def test_the_order_of_bytes_is_no_matter(big, native):
    globe = GLOBAL["odd number of longitudes"](12)
    f = all_fields(globe)
    for engine in ("numpy", "numba"):
        with xn.set_options(engine=engine):
            for a, b in zip(
                bare(xn.gradient(f.astype(big))),
                bare(xn.gradient(f.astype(native))),
                strict=True,
            ):
                assert a.dtype == np.dtype(native)
                np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("dtype", [np.complex64, np.complex128])
def test_a_complex_field_is_its_real_and_its_imaginary_part(dtype):
    globe = GLOBAL["gaussian"](24)
    f = all_fields(globe)
    other = f.copy(data=f.data[::-1] + 3.0)
    both = (f + 1j * other).astype(dtype).assign_attrs(units="K")
    real = np.float32 if dtype == np.complex64 else np.float64
    for c, a, b in zip(
        bare(xn.gradient(both)),
        bare(xn.gradient(f.astype(real))),
        bare(xn.gradient(other.astype(real).assign_attrs(units="K"))),
        strict=True,
    ):
        assert c.dtype == dtype
        np.testing.assert_array_equal(c.real, a)
        np.testing.assert_array_equal(c.imag, b)


def test_half_precision_is_taken_for_single():
    globe = GLOBAL["pole rows"](12)
    f = all_fields(globe).astype(np.float16)
    for a, b in zip(
        bare(xn.gradient(f)), bare(xn.gradient(f.astype(np.float32))), strict=True
    ):
        assert a.dtype == np.float32
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("units", [None, "K/km", "mK/km"])
@pytest.mark.parametrize("method", ["magnitude", "direction"])
def test_magnitude_and_direction_keep_single_precision(method, units):
    globe = GLOBAL["pole rows"](12)
    g = xn.gradient(all_fields(globe).astype(np.float32), units=units)
    assert getattr(g, method)().data.magnitude.dtype == np.float32


def test_tiny_and_huge_fields_neither_vanish_nor_overflow_in_single_precision():
    """A vorticity gradient is 1e-11 s-1 m-1; a gradient of 1e-38 would be denormal."""
    globe = GLOBAL["pole rows"](12)
    f = all_fields(globe)
    for size in (1e-6, 1e-12, 1e12):
        small = bare(xn.gradient((f * size).astype(np.float32).assign_attrs(units="K")))
        for a, b in zip(small, bare(xn.gradient(f)), strict=True):
            np.testing.assert_allclose(
                a, b * size, rtol=1e-4, atol=3e-6 * np.abs(b).max() * size
            )
