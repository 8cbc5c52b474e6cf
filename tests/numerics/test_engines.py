"""Every engine gives what the reference gives, to rounding, whatever the array."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xnabla.numerics import Line, apply_table, is_chunked, stencil_table

SHAPE = (3, 12, 5)


def table_for(n, kind="even", **kwargs):
    """Return a scheme for n points."""
    points = np.arange(float(n))
    lines = {
        "even": Line(points, 1.0),
        "uneven": Line(np.cumsum(1.0 + 0.3 * np.sin(points)), None),
        "circle": Line(points, 1.0, float(n)),
        "closed": Line(points, 1.0, float(n - 1), closed=True),
    }
    return stencil_table(lines[kind], **kwargs)


def values_of(shape=SHAPE, dtype="f8", gaps=False):
    """Return a field, maybe with gaps."""
    values = np.random.default_rng(1).normal(280, 10, shape)
    if np.dtype(dtype).kind == "c":
        values = values + 1j * np.random.default_rng(2).normal(size=shape)
    values = values.astype(dtype)
    if gaps:
        values[np.random.default_rng(5).random(shape) < 0.1] = np.nan
    return values


def same_to_rounding(got, expected, values, table, scale=1.0):
    """Each term is rounded a few times: of what the points differ by, times weights.

    In single precision too that is less than what the rounding of the field does.
    """
    assert got.dtype == expected.dtype
    spread = np.nanmax(values.real) - np.nanmin(values.real)
    largest = np.abs(table.weights).sum(axis=-1).max() * spread * np.max(np.abs(scale))
    atol = 4 * np.finfo(expected.dtype).eps * largest
    np.testing.assert_allclose(got, expected, rtol=0, atol=atol)


@pytest.mark.parametrize("kind", ["even", "uneven", "circle", "closed"])
@pytest.mark.parametrize("axis", [0, 1, 2, -1])
@pytest.mark.parametrize("missing", ["propagate", "shrink"])
@pytest.mark.parametrize("gaps", [False, True])
def test_numba_gives_what_numpy_does(kind, axis, gaps, missing):
    values = values_of((8, 9, 10), gaps=gaps)
    table = table_for(values.shape[axis], kind, accuracy=4, missing=missing)
    expected = apply_table(values, axis, table, engine="numpy")
    got = apply_table(values, axis, table, engine="numba")
    same_to_rounding(got, expected, values, table)


@pytest.mark.parametrize("dtype", ["f4", "f8", "c8", "c16"])
@pytest.mark.parametrize("missing", ["propagate", "shrink"])
@pytest.mark.parametrize("order", [1, 2])
def test_numba_gives_what_numpy_does_for_every_type(dtype, missing, order):
    values = values_of(dtype=dtype, gaps=True)
    table = table_for(12, "uneven", missing=missing, order=order)
    expected = apply_table(values, 1, table, engine="numpy")
    got = apply_table(values, 1, table, engine="numba")
    assert expected.dtype == np.dtype(dtype)
    same_to_rounding(got, expected, values, table)


@pytest.mark.parametrize("scaled", [0, 1, 2, "number", "all"])
def test_numba_takes_a_factor_along_any_axis_or_leaves_it_to_numpy(scaled):
    values = values_of()
    if scaled == "number":
        scale = 2.5
    elif scaled == "all":
        scale = values_of() / 100
    else:
        shape = [1, 1, 1]
        shape[scaled] = SHAPE[scaled]
        scale = np.linspace(1, 2, SHAPE[scaled]).reshape(shape)
    table = table_for(12)
    expected = apply_table(values, 1, table, scale=scale, engine="numpy")
    got = apply_table(values, 1, table, scale=scale, engine="numba")
    same_to_rounding(got, expected, values, table, scale)
    plain = apply_table(values, 1, table, engine="numpy")
    np.testing.assert_allclose(expected, plain * scale, rtol=1e-15)


@pytest.mark.parametrize("engine", ["numpy", "numba"])
@pytest.mark.parametrize(
    "layout", ["transposed", "strided", "fortran", "read-only", "swapped"]
)
def test_memory_layout_does_not_matter(engine, layout):
    base = values_of()
    made = {
        "transposed": lambda: base.transpose(2, 1, 0).copy().transpose(2, 1, 0),
        "strided": lambda: np.repeat(base, 2, axis=2)[:, :, ::2],
        "fortran": lambda: np.asfortranarray(base),
        "read-only": base.copy,
        "swapped": lambda: base[:, ::-1].copy()[:, ::-1],
    }[layout]()
    if layout == "read-only":
        made.flags.writeable = False
    table = table_for(12)
    expected = apply_table(base, 1, table, engine=engine)
    np.testing.assert_array_equal(apply_table(made, 1, table, engine=engine), expected)


@pytest.mark.parametrize("engine", ["numpy", "numba"])
def test_values_are_not_changed(engine):
    values = values_of(gaps=True)
    before = values.copy()
    apply_table(values, 1, table_for(12, missing="shrink"), engine=engine)
    np.testing.assert_array_equal(values, before)


@pytest.mark.parametrize("engine", ["numpy", "numba"])
@pytest.mark.parametrize("shape", [(0, 12), (12, 0), (2, 12, 0)])
def test_an_empty_field_gives_an_empty_result(engine, shape):
    axis = shape.index(12)
    got = apply_table(np.zeros(shape), axis, table_for(12), engine=engine)
    assert got.shape == shape


@pytest.mark.parametrize("engine", ["numpy", "numba"])
def test_an_infinite_value_disturbs_its_neighbours_only(engine):
    values = np.arange(12.0)
    values[5] = np.inf
    got = apply_table(values, 0, table_for(12), engine=engine)
    assert set(np.flatnonzero(~np.isfinite(got))) == {4, 5, 6}
    np.testing.assert_allclose(got[[0, 1, 2, 3, 7, 8, 9, 10, 11]], 1.0, rtol=1e-13)


@pytest.mark.parametrize(("engine", "ulps"), [("numpy", 0.5), ("numba", 2.0)])
def test_single_precision_loses_no_more_than_a_rounding_or_two(engine, ulps):
    """280 K with a slope of 1e-3: the error is that of the storage."""
    x = np.arange(12.0)
    values = (280 + 1e-3 * x).astype("f4")
    got = apply_table(values, 0, table_for(12), engine=engine)
    exact = apply_table(values.astype("f8"), 0, table_for(12), engine="numpy")
    off = np.abs(got.astype("f8") - exact)
    # one-sided ends add terms four times the result
    ulp = np.spacing(np.abs(exact).astype("f4")) * np.r_[4, np.ones(10), 4]
    assert (off <= ulps * ulp).all()


@pytest.mark.parametrize("engine", ["numpy", "numba"])
def test_a_weight_of_zero_does_not_read_its_point(engine):
    """A padded row beside a gap must not see it."""
    values = np.arange(12.0)
    values[6] = np.nan
    got = apply_table(values, 0, table_for(12, accuracy=2), engine=engine)
    assert set(np.flatnonzero(np.isnan(got))) == {5, 6, 7}


chunks = st.lists(st.integers(1, 12), min_size=1, max_size=12)


def partition(sizes, n):
    """Return chunk sizes that add to n."""
    out = []
    for size in sizes:
        if sum(out) + size > n:
            break
        out.append(size)
    rest = n - sum(out)
    return tuple([*out, rest] if rest else out)


@given(
    chunks,
    chunks,
    st.sampled_from(["even", "uneven", "circle", "closed"]),
    st.sampled_from([2, 4]),
    st.sampled_from(["propagate", "shrink"]),
    st.integers(1, 2),
    st.sampled_from([0, 1]),
    st.sampled_from(["numpy", "numba"]),
)
@settings(max_examples=60, deadline=None)
def test_any_chunks_give_the_bits_of_one_array(
    first, second, kind, accuracy, missing, order, axis, engine
):
    dask_array = pytest.importorskip("dask.array")
    values = values_of((12, 11), gaps=True)
    lazy = dask_array.from_array(
        values, chunks=(partition(first, 12), partition(second, 11))
    )
    n = values.shape[axis]
    table = table_for(n, kind, accuracy=accuracy, missing=missing, order=order)
    shape = [1, 1]
    shape[1 - axis] = values.shape[1 - axis]
    scale = np.linspace(1, 2, values.shape[1 - axis]).reshape(shape)
    expected = apply_table(values, axis, table, scale=scale, engine=engine)
    got = apply_table(lazy, axis, table, scale=scale, engine=engine)
    assert is_chunked(got)
    assert got.chunks[axis] == lazy.chunks[axis]
    np.testing.assert_array_equal(got.compute(scheduler="synchronous"), expected)


@pytest.mark.parametrize("lines", [1, 2, 3])
def test_lines_with_a_factor_each_in_chunks(lines):
    dask_array = pytest.importorskip("dask.array")
    values = values_of((4, lines, 11))
    lazy = dask_array.from_array(values, chunks=(2, 1, 5))
    table = table_for(11, "circle")
    scale = np.linspace(1, 2, lines)[:, np.newaxis]
    got = apply_table(lazy, -1, table, scale=scale, engine="numba")
    expected = apply_table(values, -1, table, scale=scale, engine="numpy")
    assert got.shape == values.shape
    computed = got.compute(scheduler="synchronous")
    same_to_rounding(computed, expected, values, table, scale)


def test_building_a_lazy_result_computes_nothing():
    dask_array = pytest.importorskip("dask.array")
    seen = []

    def watch(block):
        seen.append(block.shape)
        return block

    lazy = dask_array.ones((12, 6), chunks=(3, 2)).map_blocks(
        watch, dtype=float, meta=np.ones((0, 0))
    )
    got = apply_table(lazy, 0, table_for(12, "circle", missing="shrink"))
    assert not seen
    got.compute(scheduler="synchronous")
    assert seen


def test_a_block_reads_only_its_halo():
    """Taking one block computes three of twenty, not all."""
    dask_array = pytest.importorskip("dask.array")
    seen = []

    def watch(block):
        seen.append(block.shape)
        return block

    lazy = dask_array.ones((100,), chunks=5).map_blocks(
        watch, dtype=float, meta=np.ones(0)
    )
    got = apply_table(lazy, 0, table_for(100))
    got[50:55].compute(scheduler="synchronous")
    assert len(seen) <= 3
