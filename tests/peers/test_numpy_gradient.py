"""numpy's own TestGradient, asked of xn.gradient."""

import numpy as np
import pytest

import xnabla as xn


def grad(f, *v, axis=None, edge_order=1):
    if not v:
        out = xn.gradient(f, dims=axis, deltas=1.0, edge_order=edge_order)
    elif all(np.ndim(x) == 0 for x in v):
        out = xn.gradient(
            f,
            dims=axis,
            deltas=v[0] if len(v) == 1 else tuple(v),
            edge_order=edge_order,
        )
    else:
        out = xn.gradient(
            f,
            dims=axis,
            coordinates=v[0] if len(v) == 1 else tuple(v),
            edge_order=edge_order,
        )
    return out[0] if len(out) == 1 else out


def test_basic():
    v = [[1, 1], [3, 4]]
    dx = [np.array([[2.0, 3.0], [2.0, 3.0]]), np.array([[0.0, 0.0], [1.0, 1.0]])]
    np.testing.assert_array_equal(grad(np.array(v)), dx)
    np.testing.assert_array_equal(grad(v), dx)


def test_args():
    dx = np.cumsum(np.ones(5))
    un = [1.0, 2.0, 5.0, 9.0, 11.0]
    f = np.arange(25).reshape(5, 5)
    grad(np.arange(5), 3.0)
    grad(np.arange(5), np.array(3.0))
    grad(np.arange(5), dx)
    grad(f, 1.5)
    grad(f, np.array(1.5))
    grad(f, un, un)
    grad(f, dx, axis=1)
    np.testing.assert_allclose(
        xn.gradient(f, coordinates=(un, un))[1], np.gradient(f, un, un)[1], rtol=1e-13
    )


@pytest.mark.parametrize(
    ("args", "kw"),
    [
        ((np.arange(5.0), np.ones(2)), {}),
        ((np.ones(2), np.ones(2)), {}),
    ],
)
def test_badargs_value(args, kw):
    with pytest.raises(ValueError):
        grad(np.arange(25).reshape(5, 5), *args, **kw)


@pytest.mark.parametrize(
    ("args", "kw"),
    [
        ((np.arange(5.0),), {}),
        ((np.arange(5.0),), {"axis": (0, 1)}),
        ((np.arange(5.0),) * 3, {}),
        ((1, 1, 1), {}),
        ((np.arange(5.0),) * 2, {"axis": 1}),
        ((1, 1), {"axis": 1}),
    ],
)
def test_badargs_type(args, kw):
    with pytest.raises((TypeError, ValueError)):
        grad(np.arange(25).reshape(5, 5), *args, **kw)


def test_masked():
    x = np.ma.array([[1, 1], [3, 4]], mask=[[False, False], [False, False]])
    out = grad(x)[0]
    assert type(out) is type(x)
    assert x._mask is not out._mask
    x2 = np.ma.arange(5)
    x2[2] = np.ma.masked
    xn.gradient(x2, deltas=1.0, edge_order=2)
    np.testing.assert_array_equal(x2.mask, [0, 0, 1, 0, 0])
    np.testing.assert_array_equal(x2.data, np.arange(5))


def test_a_masked_point_has_no_derivative_and_its_neighbours_none():
    """numpy leaves the point itself: on even spacing it happens not to read it."""
    x2 = np.ma.array(np.arange(9.0) ** 2)
    x2[4] = np.ma.masked
    for e in (1, 2):
        a, b = (
            xn.gradient(x2, deltas=1.0, edge_order=e)[0],
            np.gradient(x2, edge_order=e),
        )
        here = np.arange(9) == 4
        np.testing.assert_array_equal(
            np.ma.getmaskarray(a), np.ma.getmaskarray(b) | here
        )
        np.testing.assert_allclose(
            a.filled(-9)[~here], b.filled(-9)[~here], rtol=1e-15, atol=1e-15
        )


@pytest.mark.parametrize("seed", range(3))
def test_second_order(seed):
    rng = np.random.default_rng(seed)
    for x in (np.linspace(0, 1, 10), np.sort(rng.random(10))):
        y = 2 * x**3 + 4 * x**2 + 2 * x
        g = xn.gradient(y, coordinates=x, edge_order=2)[0]
        np.testing.assert_allclose(g, np.gradient(y, x, edge_order=2), rtol=1e-10)


def test_spacing():
    f = np.array([0, 2.0, 3.0, 4.0, 5.0, 5.0])
    f = np.tile(f, (6, 1)) + f.reshape(-1, 1)
    xu = np.array([0.0, 0.5, 1.0, 3.0, 5.0, 7.0])
    xe = np.arange(6.0)
    for e in (1, 2):
        for xs in ((xe, xe), (xu, xu), (xe, xu), (xu, xe)):
            for axis in ((0, 1), (1, 0), None, 0, 1, -1):
                n = 2 if axis is None or isinstance(axis, tuple) else 1
                a = xn.gradient(
                    f, dims=axis, coordinates=xs[:n] if n > 1 else xs[0], edge_order=e
                )
                b = np.gradient(f, *xs[:n], axis=axis, edge_order=e)
                b = [b] if n == 1 else b
                for p, q in zip(a, b, strict=True):
                    np.testing.assert_allclose(p, q, atol=1e-13)


def test_specific_axes():
    x = np.array([[1, 1], [3, 4]])
    dx = [np.array([[2.0, 3.0], [2.0, 3.0]]), np.array([[0.0, 0.0], [1.0, 1.0]])]
    np.testing.assert_array_equal(grad(x, axis=-1), dx[1])
    np.testing.assert_array_equal(grad(x, axis=(1, 0)), [dx[1], dx[0]])
    np.testing.assert_array_equal(grad(x, 2, 3, axis=(1, 0)), [dx[1] / 2, dx[0] / 3])
    for a in (3, -3, (0, 3)):
        with pytest.raises((ValueError, IndexError)):
            grad(x, axis=a)
    with pytest.raises(ValueError):
        grad(x, axis=(0, 0))
    with pytest.raises(ValueError):
        grad(x, axis=(0, -2))


@pytest.mark.parametrize(
    "dt",
    [np.float16, np.float32, np.float64, np.longdouble, np.complex64, np.complex128],
)
def test_dtypes(dt):
    x = np.array([1, 2, 3], dtype=dt)
    assert grad(x).dtype == np.gradient(x).dtype


def test_values():
    grad(np.arange(2), edge_order=1)
    grad(np.arange(3), edge_order=2)
    for n, e in ((0, 1), (0, 2), (1, 1), (1, 2), (2, 2)):
        with pytest.raises(ValueError):
            grad(np.arange(n), edge_order=e)


@pytest.mark.parametrize("dt", [np.uint8, np.uint16, np.uint32, np.uint64])
def test_unsigned(dt):
    np.testing.assert_array_equal(grad(np.array([5, 4, 3, 2, 1], dtype=dt)), [-1] * 5)
    np.testing.assert_array_equal(
        grad(np.array([0, 2, 4]), np.array([3, 2, 1], dtype=dt)), [-2] * 3
    )


@pytest.mark.parametrize("dt", [np.int8, np.int16, np.int32, np.int64])
def test_jumps(dt):
    m, lo = np.iinfo(dt).max, np.iinfo(dt).min
    np.testing.assert_array_equal(
        grad(np.array([-1, m], dtype=dt), np.array([1, 3])), [(m + 1) // 2] * 2
    )
    np.testing.assert_array_equal(
        grad(np.array([lo // 2, 0]), np.array([-1, m], dtype=dt)), [0.5, 0.5]
    )


@pytest.mark.parametrize("kind", ["M8[D]", "m8[D]"])
def test_dates_have_no_derivative(kind):
    x = np.array([-5, -3, 10, 12, 61, 321, 300]).astype(kind)
    with pytest.raises(TypeError, match="dates"):
        grad(x)


def test_return_type():
    assert isinstance(xn.gradient(([1, 2], [2, 3]), deltas=1.0), tuple)


def test_mixed_scalar_and_vector():
    f = np.arange(25.0).reshape(5, 5) ** 2
    dx = np.array([0.0, 1, 3, 4, 9])
    # numpy.gradient(f, dx, 2): positions along one, a step along the other
    a = xn.gradient(f, deltas=(np.diff(dx), 2.0))
    b = np.gradient(f, dx, 2)
    for p, q in zip(a, b, strict=False):
        np.testing.assert_allclose(p, q)


def test_nan_reaches_as_far_as_numpys_and_stays_at_its_own_point():
    f = np.array([1.0, np.inf, 3, np.nan, 5, 6, 7, 8])
    own = ~np.isfinite(f)
    numpys = np.gradient(f)
    numpys[own] = np.nan
    np.testing.assert_array_equal(xn.gradient(f, deltas=1.0)[0], numpys)
    u = np.cumsum([1, 2, 1, 3, 1, 1, 2, 1.0])
    np.testing.assert_array_equal(
        np.isnan(xn.gradient(f, coordinates=u)[0]), np.isnan(np.gradient(f, u)) | own
    )


def test_non_monotonic_like_numpy():
    # numpy takes any positions; we may refuse, but with ValueError
    with pytest.raises(ValueError):
        xn.gradient(np.arange(4.0), coordinates=[0, 2, 1, 3])


def test_bool_and_object():
    for bad in (np.array([True, False]), np.array(["a", "b"]), np.array([None, 1])):
        with pytest.raises((TypeError, ValueError)):
            xn.gradient(bad, deltas=1.0)
