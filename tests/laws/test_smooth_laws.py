"""What is true of every smoother, on every grid, with gaps and without."""

import dask.array as da
import numpy as np
import pytest
import xarray as xr
from fields import (
    FIELDS,
    GLOBAL,
    SPHERE_M,
    Globe,
    Polynomial,
    around,
    labelled,
    with_poles,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import chunks, fields

import xnabla as xn
from xnabla.operators._smooth import (
    smooth_circular,
    smooth_gaussian,
    smooth_n_point,
    smooth_rectangular,
    smooth_window,
)

LOPSIDED = np.array([[0.5, 1.0, 0.0], [2.0, 3.0, 1.0], [0.0, 1.0, 0.25]])

SMOOTHERS = {
    "gaussian": lambda f, **o: smooth_gaussian(f, 4, **o),
    "five points": lambda f, **o: smooth_n_point(f, 5, **o),
    "nine points, twice": lambda f, **o: smooth_n_point(f, 9, passes=2, **o),
    "circle": lambda f, **o: smooth_circular(f, 2, **o),
    "rectangle": lambda f, **o: smooth_rectangular(f, (3, 5), **o),
    "own window": lambda f, **o: smooth_window(f, LOPSIDED, **o),
}
SYMMETRIC = [name for name in SMOOTHERS if name != "own window"]
ANY = st.sampled_from(list(SMOOTHERS))
MISSING = st.sampled_from(["propagate", "shrink"])
POLES = st.sampled_from(["across", "missing"])
EDGES = st.sampled_from(["one-sided", "missing", "unsmoothed", "reflect"])


def plain(result):
    return np.asarray(result.data.magnitude)


def same(a, b, atol=1e-10):
    np.testing.assert_allclose(plain(a), plain(b), rtol=0, atol=atol)


def doubled(f):
    """Single precision rounds where laws are exact: not here."""
    return f.astype(np.float64)


@given(fields(), ANY, MISSING, POLES, EDGES)
def test_what_is_the_same_everywhere_stays_so(f, name, missing, poles, edges):
    f = (f * 0 + 280.0).assign_attrs(units="K")
    got = plain(SMOOTHERS[name](f, missing=missing, poles=poles, edges=edges))
    there = ~np.isnan(got)
    np.testing.assert_allclose(
        got[there], 280.0, rtol=3e-7 if f.dtype == "f4" else 1e-13
    )
    if edges != "missing" and missing == "shrink":
        np.testing.assert_array_equal(there, ~np.isnan(f.values))


@given(fields(), ANY, MISSING, POLES, EDGES)
def test_a_sum_smoothed_is_the_sum_of_what_is_smoothed(f, name, missing, poles, edges):
    f = doubled(f)
    rng = np.random.default_rng(1)
    g = f + rng.normal(0, 9, f.shape)  # missing where f is
    options = {"missing": missing, "poles": poles, "edges": edges}
    both = (2.0 * f - 3.0 * g).assign_attrs(units="K")
    a, b = (SMOOTHERS[name](x.assign_attrs(units="K"), **options) for x in (f, g))
    same(SMOOTHERS[name](both, **options), 2.0 * a - 3.0 * b)


@given(fields(), ANY, MISSING, POLES, EDGES)
def test_a_mean_lies_between_the_values_it_is_made_of(f, name, missing, poles, edges):
    got = plain(SMOOTHERS[name](f, missing=missing, poles=poles, edges=edges))
    slack = 1e-4 if f.dtype == "f4" else 1e-9
    seen = got[~np.isnan(got)]
    assert (seen >= np.nanmin(f.values) - slack).all()
    assert (seen <= np.nanmax(f.values) + slack).all()


@given(fields(only_around=True), ANY, MISSING, POLES, st.integers(1, 14))
def test_rolling_the_longitudes_rolls_the_result(f, name, missing, poles, by):
    f = doubled(f)
    turn = {"longitude": by % f.sizes["longitude"]}
    # uneven columns cut at their widest step might be a region: say that they are not
    options = {"missing": missing, "poles": poles, "periodic": True}
    rolled = SMOOTHERS[name](f.roll(turn, roll_coords=True), **options)
    whole = SMOOTHERS[name](f, **options)
    wanted = whole.copy(data=plain(whole)).roll(turn, roll_coords=True)
    np.testing.assert_allclose(plain(rolled), wanted.values, rtol=0, atol=1e-10)


@given(fields(), st.sampled_from(SYMMETRIC), MISSING, POLES, EDGES)
def test_turning_the_latitudes_turns_the_result(f, name, missing, poles, edges):
    f = doubled(f)
    options = {"missing": missing, "poles": poles, "edges": edges}
    turned = SMOOTHERS[name](f.isel(latitude=slice(None, None, -1)), **options)
    same(turned, SMOOTHERS[name](f, **options).isel(latitude=slice(None, None, -1)))


@given(fields(), ANY, MISSING, POLES, EDGES)
def test_the_order_of_dimensions_is_all_one(f, name, missing, poles, edges):
    options = {"missing": missing, "poles": poles, "edges": edges}
    got = SMOOTHERS[name](f.transpose("longitude", "level", "latitude"), **options)
    wanted = SMOOTHERS[name](f.transpose("level", "latitude", "longitude"), **options)
    assert got.dims == ("longitude", "level", "latitude")
    np.testing.assert_array_equal(plain(got.transpose(*wanted.dims)), plain(wanted))


@settings(max_examples=25)
@given(st.data(), fields(), ANY, MISSING, POLES, EDGES)
def test_any_chunks_give_the_same_bits(data, f, name, missing, poles, edges):
    options = {"missing": missing, "poles": poles, "edges": edges}
    lazy = SMOOTHERS[name](f.chunk(data.draw(chunks(f.sizes))), **options)
    whole = SMOOTHERS[name](f, **options)
    assert isinstance(lazy.data.magnitude, da.Array)
    np.testing.assert_array_equal(plain(lazy.compute()), plain(whole))
    assert lazy.dtype == whole.dtype == f.dtype
    assert lazy.attrs == whole.attrs


@pytest.mark.parametrize("missing", ["propagate", "shrink"])
@pytest.mark.parametrize(
    "name", ["closed, odd, no pole rows", "odd number of longitudes"]
)
@pytest.mark.parametrize("dim", ["latitude", "longitude"])
def test_single_points_for_chunks(name, dim, missing):
    globe = GLOBAL[name](7)
    values = np.random.default_rng(2).normal(size=(globe.phi.size, globe.lam.size))
    if missing == "shrink":
        values[values > 1.5] = np.nan
    f = labelled(values.astype(np.float32), globe)
    for smooth in SMOOTHERS.values():
        lazy = smooth(f.chunk({dim: 1}), missing=missing)
        assert lazy.chunks == f.chunk({dim: 1}).chunks
        got = plain(lazy.compute())
        np.testing.assert_array_equal(got, plain(smooth(f, missing=missing)))


@given(fields(only_around=True, gaps=False), st.sampled_from(["a", "b", "c"]))
def test_smoothing_around_a_circle_moves_the_sum_nowhere(f, which):
    f = doubled(f).sel(latitude=slice(None)).isel(latitude=slice(2, -2))
    smooth = {
        "a": lambda: smooth_gaussian(f, 5, dims="longitude"),
        "b": lambda: smooth_rectangular(f, 3, dims="longitude", passes=2),
        "c": lambda: smooth_window(f, [1.0, 5.0, 2.0], dims="longitude"),
    }[which]
    got = plain(smooth().sum("longitude"))
    np.testing.assert_allclose(got, f.sum("longitude").values, rtol=1e-13)


# --- poles and seam -----------------------------------------------------------------


@pytest.mark.parametrize("poles", ["across", "missing"])
@pytest.mark.parametrize("missing", ["propagate", "shrink"])
@pytest.mark.parametrize("name", ["pole rows", "closed", "odd number of longitudes"])
def test_a_pole_row_has_one_value(name, missing, poles):
    globe = GLOBAL[name](12)
    f = labelled(FIELDS["mixed"].value(globe.phi, globe.lam), globe)
    for smooth in SMOOTHERS.values():
        rows = plain(smooth(f, missing=missing, poles=poles).isel(latitude=[0, -1]))
        assert (rows == rows[:, :1]).all()


@pytest.mark.parametrize("smooth", SMOOTHERS.values(), ids=list(SMOOTHERS))
@pytest.mark.parametrize("name", ["closed", "closed, odd, no pole rows"])
def test_the_repeated_column_repeats_the_first_one(name, smooth):
    globe = GLOBAL[name](12)
    f = labelled(FIELDS["mixed"].value(globe.phi, globe.lam), globe)
    got = smooth(f)
    assert got.shape == f.shape
    np.testing.assert_array_equal(plain(got)[:, -1], plain(got)[:, 0])
    same(got.isel(longitude=slice(-1)), smooth(f.isel(longitude=slice(-1))))


@pytest.mark.parametrize("name", ["pole rows", "no pole rows", "gaussian"])
def test_a_meridian_goes_on_beyond_the_pole(name):
    """Along the whole circle through both poles the window is one of a plain circle."""
    globe = GLOBAL[name](12)
    values = np.random.default_rng(3).normal(size=(globe.phi.size, globe.lam.size))
    skip = int(name == "pole rows")
    if skip:
        values[[0, -1]] = 1.5  # poles are one point
    half = globe.lam.size // 2
    got = plain(smooth_gaussian(labelled(values, globe), 6, dims="latitude"))
    for column in range(half):
        back = values[::-1, column + half][skip : len(values) - skip]
        circle = np.concatenate([values[:, column], back])
        three = np.concatenate([circle] * 3)  # the ends of an array are far away
        wanted = smooth_gaussian(three, 6, dims=0)[circle.size :][: len(values)]
        inner = slice(skip, len(values) - skip)
        np.testing.assert_allclose(got[inner, column], wanted[inner], atol=1e-13)


def test_a_field_that_is_smooth_over_the_pole_stays_so():
    """Between columns half a turn is read between two: an error of second order."""
    errors = []
    for m in (45, 91):
        for odd in (0, 1):
            globe = Globe("", with_poles(m), around(2 * m + odd))
            f = FIELDS["mixed"].value(globe.phi, globe.lam)
            got = plain(smooth_n_point(labelled(f, globe), 9))
            errors.append(np.abs(got - f).max())
    assert max(errors[:2]) < 8e-3
    assert max(errors[2:]) < max(errors[:2]) / 3.5


# --- what becomes of waves ----------------------------------------------------------


def plane(values):
    ny, nx = values.shape
    return xr.DataArray(
        values,
        dims=("y", "x"),
        coords={
            "y": ("y", 10.0 * np.arange(ny), {"units": "km"}),
            "x": ("x", 10.0 * np.arange(nx), {"units": "km"}),
        },
        attrs={"units": "K"},
    )


def response(smooth, k, m, n=24):
    """What a smoother leaves of the wave with k and m cycles on a torus of n points."""
    j, i = np.meshgrid(np.arange(n), np.arange(n), indexing="ij")
    wave = np.cos(2 * np.pi * (k * i + m * j) / n)
    got = plain(smooth(plane(wave), periodic=["x", "y"]))
    left = got[0, 0]
    np.testing.assert_allclose(got, left * wave, rtol=0, atol=1e-13)
    return left


WAVES = [(0, 0), (1, 0), (0, 3), (2, 5), (6, 6), (12, 0), (0, 12), (12, 12), (7, 12)]


@pytest.mark.parametrize(("k", "m"), WAVES)
def test_nine_points_leave_the_square_of_the_cosine_and_no_two_grid_wave(k, m):
    """Haltiner and Williams (1980), 11.8: cos² in either direction."""
    x, y = np.pi * k / 24, np.pi * m / 24
    got = response(lambda f, **o: smooth_n_point(f, 9, **o), k, m)
    np.testing.assert_allclose(got, np.cos(x) ** 2 * np.cos(y) ** 2, atol=1e-15)
    if 12 in (k, m):
        assert abs(got) < 1e-15


@pytest.mark.parametrize(("k", "m"), WAVES)
def test_five_points_leave_the_mean_of_two_squares_of_cosines(k, m):
    x, y = 2 * np.pi * k / 24, 2 * np.pi * m / 24
    got = response(lambda f, **o: smooth_n_point(f, 5, **o), k, m)
    np.testing.assert_allclose(got, (2 + np.cos(x) + np.cos(y)) / 4, atol=1e-15)


@pytest.mark.parametrize("passes", [1, 3])
@pytest.mark.parametrize(("k", "m"), WAVES)
def test_a_running_mean_leaves_the_kernel_of_dirichlet(k, m, passes):
    def dirichlet(q, size):
        half = np.pi * q / 24
        return 1.0 if q == 0 else np.sin(size * half) / (size * np.sin(half))

    def smooth(f, **o):
        return smooth_rectangular(f, (3, 7), passes=passes, **o)

    wanted = (dirichlet(m, 3) * dirichlet(k, 7)) ** passes
    np.testing.assert_allclose(response(smooth, k, m), wanted, atol=1e-14)


@pytest.mark.parametrize("n", [2, 3.5, 6, 12, 20])
@pytest.mark.parametrize(("k", "m"), WAVES)
def test_a_gaussian_leaves_the_transform_of_its_weights(n, k, m):
    sigma = n / (2 * np.pi)
    q = np.arange(-50, 51)
    weights = np.exp(-0.5 * (q / sigma) ** 2)
    weights[np.abs(q) > int(2 * np.sqrt(2) * sigma + 0.5)] = 0.0

    def transform(cycles):
        return (weights * np.cos(2 * np.pi * cycles * q / 24)).sum() / weights.sum()

    got = response(lambda f, **o: smooth_gaussian(f, n, **o), k, m)
    np.testing.assert_allclose(got, transform(k) * transform(m), atol=1e-14)
    # and that is nearly a Gaussian: what it leaves out is 1 % of it
    if n >= 6:
        ideal = np.exp(-2 * (np.pi * sigma / 24) ** 2 * (k**2 + m**2))
        assert abs(got - ideal) < 0.02


# --- a length: the same window in kilometres everywhere -----------------------------

HARMONICS = {
    1: Polynomial("1", ((1.0, 1, 0, 0), (0.4, 0, 1, 0), (0.5, 0, 0, 1))),
    2: Polynomial("2", ((1.0, 1, 0, 1), (1.0, 2, 0, 0), (-1.0, 0, 2, 0))),
    3: Polynomial("3", ((1.0, 3, 0, 0), (-3.0, 1, 2, 0), (1.0, 1, 1, 1))),
}
KM = 3000.0


def left_of(degree, km=KM):
    """What a window that looks alike from every side leaves of a surface harmonic.

    Funk and Hecke: the mean of Legendre's polynomial under the window, by quadrature.
    """
    sigma = km * 1e3 / (2 * np.pi)
    widest = 2 * np.arcsin(2 * np.sqrt(2) * sigma / (2 * SPHERE_M))
    x, w = np.polynomial.legendre.leggauss(200)
    angle = widest * (x + 1) / 2
    chord = 2 * SPHERE_M * np.sin(angle / 2)
    weight = w * np.exp(-0.5 * (chord / sigma) ** 2) * np.sin(angle)
    legendre = np.polynomial.legendre.Legendre.basis(degree)(np.cos(angle))
    return (weight * legendre).sum() / weight.sum()


@pytest.mark.parametrize("degree", HARMONICS)
@pytest.mark.parametrize(
    "name", ["pole rows", "no pole rows", "gaussian", "closed", "jittered"]
)
def test_a_length_leaves_the_same_part_of_a_harmonic_everywhere(name, degree):
    """Pole rows and all; the error is that of summing over points."""
    errors = []
    for m in (60, 120):
        globe = GLOBAL[name](m)
        f = HARMONICS[degree].value(globe.phi, globe.lam)
        got = plain(smooth_gaussian(labelled(f, globe), f"{KM} km"))
        errors.append(np.abs(got - left_of(degree) * f).max())
    assert errors[1] < 1e-3
    assert errors[1] < 0.7 * errors[0]


def test_a_wave_of_the_length_itself_keeps_the_root_of_1_over_e():
    globe = Globe("", with_poles(180), around(360))
    length = 2 * np.pi * SPHERE_M / 1e3 / 8
    wave = np.cos(8 * globe.lam) * np.cos(globe.phi) ** 8
    got = plain(smooth_gaussian(labelled(wave, globe), f"{length} km"))
    # its waves along the meridian are longer: l(l+1) = 72 instead of 64
    left = left_of(8, length)
    np.testing.assert_allclose(got, left * wave, rtol=0, atol=2e-3)
    np.testing.assert_allclose(left, np.exp(-0.5 * 72 / 64), rtol=0, atol=0.03)


@pytest.mark.parametrize("missing", ["propagate", "shrink"])
@pytest.mark.parametrize("poles", ["across", "missing"])
@pytest.mark.parametrize("edges", ["one-sided", "missing", "unsmoothed"])
@pytest.mark.parametrize("name", ["pole rows", "closed", "gaussian"])
def test_with_a_length_too_a_constant_is_one(name, edges, poles, missing):
    globe = GLOBAL[name](18)
    f = labelled(np.full((globe.phi.size, globe.lam.size), 280.0), globe)
    if missing == "shrink":
        f[3:6, 4:9] = f[-2:, 3] = np.nan
    options = {"missing": missing, "poles": poles, "edges": edges}
    got = plain(smooth_gaussian(f, "5000 km", **options))
    there = ~np.isnan(got)
    np.testing.assert_allclose(got[there], 280.0, rtol=1e-13)
    if edges != "missing":
        np.testing.assert_array_equal(there, ~np.isnan(f.values))
    elif poles == "across":
        assert there.sum() == (~np.isnan(f.values)).sum()


@pytest.mark.parametrize("engine", ["numpy", "numba"])
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.complex128])
def test_with_a_length_engines_and_chunks_give_the_same_bits(engine, dtype):
    globe = GLOBAL["closed"](18)
    rng = np.random.default_rng(4)
    values = rng.normal(280, 9, (3, globe.phi.size, globe.lam.size)).astype(dtype)
    values[rng.random(values.shape) < 0.1] = np.nan
    f = labelled(values, globe, level=[1.0, 2.0, 3.0])
    f = f.transpose("longitude", "level", "latitude")
    for missing in ("propagate", "shrink"):
        with xn.set_options(engine="numpy"):
            wanted = plain(smooth_gaussian(f, "4000 km", missing=missing))
        with xn.set_options(engine=engine):
            got = smooth_gaussian(f, "4000 km", missing=missing)
            lazy = smooth_gaussian(
                f.chunk(level=1, latitude=4, longitude=5), "4000 km", missing=missing
            )
            np.testing.assert_array_equal(plain(got), wanted)
            np.testing.assert_array_equal(plain(lazy.compute()), wanted)
        assert got.dtype == dtype


def test_on_a_plane_a_length_is_that_many_grid_lengths_in_a_disc():
    values = np.random.default_rng(5).normal(size=(20, 24))
    f = plane(values)
    got = plain(smooth_gaussian(f, "80 km", periodic=["x"]))
    sigma = 8 / (2 * np.pi)
    j, i = np.meshgrid(np.arange(-4, 5), np.arange(-4, 5), indexing="ij")
    squared = i**2 + j**2
    disc = np.exp(-squared / (2 * sigma**2)) * (squared <= 8 * sigma**2)
    wanted = plain(smooth_window(f, disc, periodic=["x"]))
    np.testing.assert_allclose(got, wanted, rtol=0, atol=1e-13)
