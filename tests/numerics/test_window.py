"""Weighted windows against loops that know nothing of how they are made."""

import itertools

import dask.array as da
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import chunks

from xnabla.numerics import (
    Across,
    Disc,
    Line,
    PoleRow,
    Smoother,
    Spots,
    Window,
    interpolation_table,
)


def smoother(windows, ends, **others):
    choices = {
        "pole_rows": (),
        "missing": "propagate",
        "edges": "one-sided",
        "passes": 1,
        "engine": "auto",
    }
    return Smoother(tuple(windows), ends, **{**choices, **others})


def half_turn(n):
    line = Line(2 * np.pi * np.arange(n) / n, 2 * np.pi / n, 2 * np.pi)
    return interpolation_table(line, line.points + np.pi, 2)


def place(index, size, end):
    """Where an index beyond an axis lies; None if nowhere."""
    if 0 <= index < size:
        return index
    if end == "around":
        return index % size
    if end == "mirror":
        while not 0 <= index < size:
            index = -1 - index if index < 0 else 2 * size - 1 - index
        return index
    return None


def slowly(f, weights, ends, *, skip_missing=False):
    """One pass over a 2-D array, point by point, weight by weight."""
    h, k = (n // 2 for n in weights.shape)
    out = np.full(f.shape, np.nan)
    for i, j in itertools.product(*map(range, f.shape)):
        if skip_missing and np.isnan(f[i, j]):
            continue
        top = bottom = 0.0
        for a, b in itertools.product(*map(range, weights.shape)):
            w = weights[a, b]
            y = place(i + a - h, f.shape[0], ends[0])
            x = place(j + b - k, f.shape[1], ends[1])
            if w == 0 or y is None or x is None:
                continue
            if skip_missing and np.isnan(f[y, x]):
                continue
            top += w * f[y, x]
            bottom += w
        if bottom:
            out[i, j] = top / bottom
    return out


RNG = np.random.default_rng(5)
WEIGHTS = RNG.uniform(0.1, 1.0, (3, 5))
WEIGHTS[0, 1] = 0.0
WEIGHTS /= WEIGHTS.sum()
PAIRS = list(itertools.product(["nothing", "around", "mirror"], repeat=2))


@pytest.mark.parametrize("ends", PAIRS)
@pytest.mark.parametrize("missing", ["propagate", "shrink"])
def test_a_window_is_the_weighted_mean_of_what_it_finds(ends, missing):
    f = RNG.normal(280, 9, (7, 9))
    f[RNG.random(f.shape) < 0.15] = np.nan
    both = {axis: (end, end) for axis, end in enumerate(ends)}
    got = smoother([Window((0, 1), WEIGHTS)], both, missing=missing)(f)
    wanted = slowly(f, WEIGHTS, ends, skip_missing=missing == "shrink")
    np.testing.assert_allclose(got, wanted, rtol=1e-13, atol=0)


@pytest.mark.parametrize("axes", list(itertools.permutations(range(3), 2)))
def test_a_window_lies_along_the_axes_it_is_told(axes):
    f = RNG.normal(size=(6, 7, 8))
    ends = dict.fromkeys(axes, ("around", "around"))
    got = smoother([Window(axes, WEIGHTS)], ends)(f)
    (other,) = {0, 1, 2} - set(axes)
    for i in range(f.shape[other]):
        cut = np.moveaxis(f, axes, (0, 1))[..., i]
        wanted = slowly(cut, WEIGHTS, ("around", "around"))
        have = np.moveaxis(got, axes, (0, 1))[..., i]
        np.testing.assert_allclose(have, wanted, rtol=0, atol=1e-14)


def test_two_windows_are_their_product():
    a, b = np.array([1.0, 3.0, 2.0]) / 6, np.array([1.0, 2.0, 4.0, 2.0, 1.0]) / 10
    f = RNG.normal(size=(8, 9))
    f[2, 3] = f[6, 8] = np.nan
    ends = {0: ("nothing", "nothing"), 1: ("nothing", "nothing")}
    for missing in ("propagate", "shrink"):
        one = smoother([Window((0, 1), np.outer(a, b))], ends, missing=missing)(f)
        two = smoother([Window((0,), a), Window((1,), b)], ends, missing=missing)(f)
        np.testing.assert_allclose(two, one, rtol=0, atol=1e-14)


@pytest.mark.parametrize("skip", [0, 1])
@pytest.mark.parametrize("n", [8, 7])
def test_rows_beyond_a_pole_are_those_half_a_turn_away(skip, n):
    f = RNG.normal(size=(5, n))
    turn = half_turn(n)
    ends = {0: (Across(skip, turn, 1), "nothing"), 1: ("around", "around")}
    weights = np.ones((3, 1)) / 3
    got = smoother([Window((0, 1), weights)], ends)(f)
    if n % 2 == 0:
        opposite = np.roll(f, -n // 2, axis=1)
    else:  # between columns: the mean of two
        opposite = (
            np.roll(f, -(n // 2), axis=1) + np.roll(f, -(n // 2 + 1), axis=1)
        ) / 2
    wanted = (opposite[skip] + f[0] + f[1]) / 3
    np.testing.assert_allclose(got[0], wanted, rtol=0, atol=1e-14)
    np.testing.assert_allclose(got[1], f[:3].mean(axis=0), rtol=0, atol=1e-14)
    np.testing.assert_allclose(got[-1], f[-2:].mean(axis=0), rtol=0, atol=1e-14)


@pytest.mark.parametrize("end", ["first", "last"])
def test_a_pole_row_gets_one_value_the_mean_of_its_points(end):
    f = RNG.normal(280, 9, (2, 5, 8))
    ends = {2: ("around", "around")}
    window = Window((2,), np.array([0.25, 0.5, 0.25]))
    row = 0 if end == "first" else -1
    got = smoother([window], ends, pole_rows=(PoleRow(1, 2, end),))(f)
    plain = smoother([window], ends)(f)
    for level in range(2):
        assert np.unique(got[level, row]).size == 1
        np.testing.assert_allclose(got[level, row, 0], f[level, row].mean(), rtol=1e-14)
    rest = [i for i in range(5) if i != row % 5]
    np.testing.assert_array_equal(got[:, rest], plain[:, rest])


def test_equal_points_on_a_pole_row_stay_what_they_are_to_the_bit():
    f = np.full((3, 1441), 273.16)
    ends = {1: ("around", "around")}
    rows = (PoleRow(0, 1, "first"),)
    got = smoother([Window((1,), np.array([0.25, 0.5, 0.25]))], ends, pole_rows=rows)(f)
    np.testing.assert_array_equal(got, f)


class TestEdges:
    f = RNG.normal(size=(7, 9))

    @property
    def ends(self):
        return {0: ("nothing", "nothing"), 1: ("around", "around")}

    def got(self, edges, passes=1):
        window = Window((0, 1), WEIGHTS)
        return smoother([window], self.ends, edges=edges, passes=passes)(self.f)

    def test_missing_blanks_points_whose_window_leaves_the_grid(self):
        got = self.got("missing")
        assert np.isnan(got[[0, -1]]).all()
        np.testing.assert_array_equal(got[1:-1], self.got("one-sided")[1:-1])

    def test_unsmoothed_leaves_them_as_they_are(self):
        got = self.got("unsmoothed", passes=3)
        np.testing.assert_array_equal(got[[0, -1]], self.f[[0, -1]])

    def test_of_several_passes_each_reads_the_one_before(self):
        once = smoother([Window((0, 1), WEIGHTS)], self.ends)
        np.testing.assert_array_equal(
            self.got("one-sided", passes=2), once(once(self.f))
        )


class TestMissing:
    def test_a_weight_of_zero_reads_nothing(self):
        f = np.array([1.0, np.nan, 3.0, 5.0, np.inf, 7.0])
        weights = np.array([1.0, 0.0, 1.0]) / 2
        got = smoother([Window((0,), weights)], {0: ("nothing", "nothing")})(f)
        np.testing.assert_array_equal(got[[1, 4]], [2.0, 6.0])

    def test_a_point_without_any_neighbour_is_missing(self):
        f = np.array([np.nan, 1.0, np.nan, 3.0, 4.0])
        weights = np.array([1.0, 0.0, 1.0]) / 2
        how = {"missing": "shrink"}
        got = smoother([Window((0,), weights)], {0: ("nothing",) * 2}, **how)(f)
        np.testing.assert_array_equal(got, [np.nan, np.nan, np.nan, 4.0, 3.0])

    def test_infinity_stays_where_the_window_sees_it(self):
        f = np.zeros(9)
        f[4] = np.inf
        weights = np.ones(3) / 3
        got = smoother([Window((0,), weights)], {0: ("nothing", "nothing")})(f)
        np.testing.assert_array_equal(np.isinf(got), np.abs(np.arange(9) - 4) <= 1)
        assert not np.isnan(got).any()


def test_single_precision_is_summed_in_double():
    f = RNG.normal(280, 9, (30, 40)).astype(np.float32)
    ends = {0: ("nothing", "nothing"), 1: ("around", "around")}
    one = smoother([Window((0, 1), WEIGHTS)], ends, passes=3)
    assert one(f).dtype == np.float32
    np.testing.assert_array_equal(one(f), one(f.astype(float)).astype(np.float32))


def test_complex_values_are_smoothed_part_by_part():
    f = RNG.normal(size=(6, 8)) + 1j * RNG.normal(size=(6, 8))
    f[1, 2] = np.nan
    ends = {0: ("nothing", "nothing"), 1: ("around", "around")}
    one = smoother([Window((0, 1), WEIGHTS)], ends, missing="shrink")
    np.testing.assert_allclose(one(f).real, one(f.real), rtol=0, atol=1e-15)
    assert np.isnan(one(f)[1, 2])


def test_large_arrays_give_the_bits_of_their_parts():
    f = RNG.normal(280, 9, (5, 200, 300))
    ends = {1: ("nothing", "nothing"), 2: ("around", "around")}
    one = smoother([Window((1, 2), WEIGHTS)], ends)
    np.testing.assert_array_equal(one(f)[3], one(f[3:4])[0])
    turned = smoother([Window((0, 2), WEIGHTS)], {0: ends[1], 2: ends[2]})(
        f.transpose(1, 0, 2)
    )
    np.testing.assert_array_equal(turned, one(f).transpose(1, 0, 2))


def test_the_field_is_not_written_to():
    f = RNG.normal(size=(5, 8))
    before = f.copy()
    rows = (PoleRow(0, 1, "first"), PoleRow(0, 1, "last"))
    one = np.ones((1, 1))
    smoother([Window((0, 1), one)], {0: ("nothing",) * 2, 1: ("around",) * 2},
             pole_rows=rows, edges="unsmoothed")(f)  # fmt: skip
    np.testing.assert_array_equal(f, before)


def bits(array):
    array = np.array(array)
    array[np.isnan(array)] = np.nan
    return array.tobytes()


@settings(max_examples=20)
@given(
    st.data(),
    st.sampled_from(["propagate", "shrink"]),
    st.sampled_from(["one-sided", "missing", "unsmoothed", "reflect"]),
    st.sampled_from([8, 7]),
    st.integers(1, 2),
)
def test_any_chunks_give_the_same_bits(data, missing, edges, n, passes):
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    f = rng.normal(280, 9, (2, 6, n))
    f[rng.random(f.shape) < data.draw(st.sampled_from([0.0, 0.2]))] = np.nan
    south = "mirror" if edges == "reflect" else "nothing"
    ends = {1: (Across(1, half_turn(n), 2), south), 2: ("around", "around")}
    windows = [Window((1, 2), WEIGHTS), Window((1,), np.ones(5) / 5)]
    one = smoother(
        windows, ends, missing=missing, edges=edges, passes=passes,
        pole_rows=(PoleRow(1, 2, "first"),),
    )  # fmt: skip
    sizes = dict(zip("abc", f.shape, strict=True))
    cut = tuple(data.draw(chunks(sizes)).values())
    lazy = one(da.from_array(f, chunks=cut))
    assert isinstance(lazy, da.Array)
    assert bits(lazy.compute()) == bits(one(f))


@pytest.mark.parametrize("shape", [(5, 6, 8), (1, 6, 8), (40, 6, 8)])
def test_pieces_of_a_large_field_have_the_bits_of_one(monkeypatch, shape):
    """Times and levels know nothing of each other: they are done a few at once."""
    f = np.random.default_rng(3).normal(280, 9, shape)
    ends = {1: ("nothing", "nothing"), 2: ("around", "around")}
    one = smoother([Window((1, 2), WEIGHTS)], ends)
    expected = one(f)
    monkeypatch.setattr("xnabla.numerics._smoother._PIECE", 100)
    assert bits(one(f)) == bits(expected)


# --- discs --------------------------------------------------------------------------

RADIUS = 6000.0


def globe(ny, nx):
    """A globe between the poles: its spots, and where they are in space."""
    phi = np.deg2rad(-90 + 180 / ny * (np.arange(ny) + 0.5))
    lam = 2 * np.pi * np.arange(nx) / nx
    radius, axial = RADIUS * np.cos(phi), RADIUS * np.sin(phi)
    near = (radius[:, None] - radius) ** 2 + (axial[:, None] - axial) ** 2
    area = np.cos(phi)
    spots = Spots(near, radius, 2 * np.pi / nx, True, nx, True, area, np.zeros((0, ny)))
    places = np.stack(
        np.broadcast_arrays(
            radius[:, None] * np.cos(lam), radius[:, None] * np.sin(lam), axial[:, None]
        )
    ).reshape(3, -1)
    return spots, places, np.repeat(area, nx)


def disc(axes, spots, across=True):
    return Disc(axes, spots, sigma=800.0, reach=2400.0, across=across)


@pytest.mark.parametrize("nx", [16, 15])
@pytest.mark.parametrize("missing", ["propagate", "shrink"])
@pytest.mark.parametrize("engine", ["numpy", "numba"])
def test_a_disc_weighs_every_point_by_its_true_distance(engine, missing, nx):
    spots, places, area = globe(9, nx)
    f = np.random.default_rng(1).normal(280, 9, (9, nx))
    f[3, 4] = f[8, 2] = np.nan
    distance = np.sqrt(((places[:, :, None] - places[:, None, :]) ** 2).sum(axis=0))
    weights = np.where(distance <= 2400, np.exp(-((distance / 800) ** 2) / 2) * area, 0)
    flat, there = f.ravel(), ~np.isnan(f.ravel())
    sums = weights @ np.where(there, flat, 0)
    if missing == "shrink":
        wanted = np.where(there, sums / (weights @ there), np.nan)
    else:
        seen = (weights > 0) @ ~there
        wanted = np.where(seen, np.nan, sums / weights.sum(axis=1))
    ends = {0: ("nothing", "nothing"), 1: ("around", "around")}
    got = smoother([disc((0, 1), spots)], ends, missing=missing, engine=engine)(f)
    np.testing.assert_allclose(got.ravel(), wanted, rtol=1e-13)


def test_a_disc_that_may_not_cross_the_pole_sees_a_quarter_turn():
    spots, places, area = globe(9, 16)
    f = np.random.default_rng(1).normal(280, 9, (9, 16))
    ends = {0: ("nothing", "nothing"), 1: ("around", "around")}
    got = smoother([disc((0, 1), spots, across=False)], ends)(f)
    distance = np.sqrt(((places - places[:, :1]) ** 2).sum(axis=0))
    column = np.tile(np.arange(16), 9)
    seen = (distance <= 2400) & (np.minimum(column, 16 - column) <= 4)
    weights = np.where(seen, np.exp(-((distance / 800) ** 2) / 2) * area, 0)
    wanted = weights @ f.ravel() / weights.sum()
    np.testing.assert_allclose(got[0, 0], wanted, rtol=1e-13)


@pytest.mark.parametrize("axes", [(0, 1), (2, 0), (1, 2)])
def test_a_disc_lies_along_the_axes_it_is_told(axes):
    spots, *_ = globe(9, 16)
    f = np.random.default_rng(1).normal(280, 9, (9, 16, 3))
    flat = smoother([disc((0, 1), spots)], {})
    compiled = smoother([disc((0, 1), spots)], {}, engine="numba")
    assert bits(compiled(f)) == bits(flat(f))
    turned = smoother([disc(axes, spots)], {})(np.moveaxis(f, (0, 1), axes))
    np.testing.assert_array_equal(np.moveaxis(turned, axes, (0, 1)), flat(f))
