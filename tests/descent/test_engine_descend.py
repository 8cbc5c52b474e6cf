"""descend: labels and units around the loop, and what its results tell."""

import warnings

import numpy as np
import pint
import pytest
import xarray as xr

from xnabla.descent._status import Status
from xnabla.descent.engine import DELEGATES, METHODS, descend

Q = pint.get_application_registry().Quantity
ALL = [*METHODS, *DELEGATES]


def parabola(x):
    return x**2 - 4 * x + 3


def line(seed=0):
    """The question's data: y = i + 25 + U(0, 10), and the exact least squares."""
    i = np.arange(100.0)
    y = i + 25 + np.random.default_rng(seed).uniform(0, 10, 100)
    columns = np.stack([np.ones(100), i], axis=1)
    return i, y, columns, np.linalg.lstsq(columns, y, rcond=None)[0]


@pytest.mark.parametrize("method", [*ALL, "auto"])
def test_every_method_finds_the_bottom_of_a_parabola(method):
    found = descend(parabola, 0.0, method=method)
    assert float(found.solution) == pytest.approx(2.0, abs=1e-7)
    assert float(found.cost) == pytest.approx(-1.0, abs=1e-12)
    assert bool(found.converged)


def test_a_learning_rate_of_one_swings_and_one_above_diverges():
    with pytest.warns(RuntimeWarning, match="stability limit 1 .*1 max_iterations"):
        swings = descend(parabola, 0.0, method="gd", learning_rate=1.0)
    with pytest.warns(RuntimeWarning, match=r"1\.5 is not below .*: 1 diverged"):
        diverges = descend(parabola, 0.0, method="gd", learning_rate=1.5)
    assert int(swings.status) == Status.MAX_ITERATIONS
    assert int(diverges.status) == Status.DIVERGED
    assert float(diverges.cost) == 3.0
    assert float(diverges.cost_history[-1]) > 1000


def test_a_learning_rate_of_a_quarter_halves_the_way_each_time():
    found = descend(
        parabola, 0.0, method="gd", learning_rate=0.25, gtol=1.0001 * 0.5**36, xtol=0.0
    )
    distance = 2 * 0.5 ** np.arange(len(found.iteration))
    np.testing.assert_allclose(found.cost_history + 1, distance**2, atol=1e-14)
    assert int(found.n_iterations) == 36
    assert float(found.solution) == pytest.approx(2.0, abs=3e-11)


@pytest.mark.parametrize("method", ALL)
def test_least_squares_agree_with_lstsq_of_the_same_draw(method):
    i, y, _, exact = line()

    def cost(p):
        return ((y - p["a"] - p["b"] * i) ** 2).mean() / 2

    most = 1200 if method == "adam" else 500
    found = descend(cost, {"a": 0.0, "b": 0.0}, method=method, max_iterations=most)
    assert bool(found.converged)
    np.testing.assert_allclose([found.a, found.b], exact, rtol=1e-7, atol=1e-7)
    # the mean of the draw is i + 30
    error = np.sqrt(2 * found.cost / 98 * 100)
    assert abs(float(found.b) - 1) < 3 * error / np.sqrt(((i - i.mean()) ** 2).sum())


def test_a_raw_rate_goes_at_the_pace_of_the_smallest_curvature():
    """At 5e-4 the error falls by 1 - 5e-4 λ each time, with λ = 0.2537."""
    _, y, columns, exact = line()
    smallest, largest = np.linalg.eigvalsh(columns.T @ columns / 100)
    assert (round(smallest, 4), round(largest, 1)) == (0.2537, 3284.2)

    def cost(p):
        return ((y - columns @ p) ** 2).mean() / 2

    def grad(p):
        return columns.T @ (columns @ p - y) / 100

    rate, n = 5e-4, 1500
    with pytest.warns(RuntimeWarning, match="max_iterations"):
        found = descend(
            cost,
            np.zeros(2),
            grad=grad,
            method="gd",
            learning_rate=rate,
            max_iterations=n,
        )
    values, vectors = np.linalg.eigh(columns.T @ columns / 100)
    expected = exact - vectors @ ((1 - rate * values) ** n * (vectors.T @ exact))
    np.testing.assert_allclose(found.solution, expected, atol=1e-9)


def test_a_raw_rate_above_the_limit_is_named_and_diverges():
    _, y, columns, _ = line()

    def cost(p):
        return ((y - columns @ p) ** 2).mean() / 2

    with pytest.warns(RuntimeWarning, match=r"limit 0\.000609 .*1 diverged"):
        found = descend(cost, np.zeros(2), method="gd", learning_rate=1e-3)
    assert int(found.status) == Status.DIVERGED
    np.testing.assert_array_equal(found.solution, [0.0, 0.0])


def test_standardised_a_rate_of_one_needs_no_tuning():
    """With centred columns of unit size the cost is round: one step is enough."""
    i, y, _, exact = line()
    z = (i - i.mean()) / i.std()

    def cost(p):
        return ((y - p[0] - p[1] * z) ** 2).mean() / 2

    found = descend(cost, np.zeros(2), method="gd", learning_rate=1.0)
    assert int(found.n_iterations) <= 2
    slope = float(found.solution[1]) / i.std()
    np.testing.assert_allclose(slope, exact[1], atol=1e-12)


# -- cells ------------------------------------------------------------------------


def field_of_valleys():
    values = np.random.default_rng(1).uniform(-1, 2, (3, 4))
    coords = {"lat": [10.0, 20.0, 30.0], "lon": [0.0, 1.0, 2.0, 3.0]}
    return xr.DataArray(values, dims=("lat", "lon"), coords=coords, name="a")


@pytest.mark.parametrize("method", ["bb", "newton", "lm"])
def test_rosenbrock_in_every_cell_has_a_minimum_of_its_own(method):
    a = field_of_valleys()
    x0 = xr.Dataset({"x": xr.full_like(a, -1.2), "y": xr.full_like(a, 1.0)})

    def cost(p):
        return (a - p.x) ** 2 + 100 * (p.y - p.x**2) ** 2

    found = descend(cost, x0, cells=True, method=method)
    assert found.converged.all()
    np.testing.assert_allclose(found.x, a, atol=1e-6)
    np.testing.assert_allclose(found.y, a**2, atol=1e-5)
    assert found.x.dims == ("lat", "lon")
    xr.testing.assert_equal(found.x.coords.to_dataset(), a.coords.to_dataset())


def test_the_dimension_of_the_parameters_may_stand_anywhere():
    a = field_of_valleys()
    x0 = xr.DataArray(
        np.tile([-1.2, 1.0], (3, 4, 1)), dims=("lat", "lon", "p"), coords=a.coords
    ).transpose("lat", "p", "lon")

    def cost(p):
        x, y = p.isel(p=0), p.isel(p=1)
        return (a - x) ** 2 + 100 * (y - x**2) ** 2

    found = descend(cost, x0, dim="p")
    assert found.solution.dims == ("lat", "p", "lon")
    np.testing.assert_allclose(found.solution.isel(p=1), a**2, atol=1e-6)
    same = descend(cost, x0, cells=["lat", "lon"])
    xr.testing.assert_identical(same.solution, found.solution)


def test_plain_arrays_have_cells_too():
    goal = np.array([[1.0, 2.0], [3.0, np.nan]])
    found = descend(lambda x: (x - goal) ** 2, np.zeros((2, 2)), cells=True)
    np.testing.assert_allclose(found.solution, goal, atol=1e-9)
    assert found.status.values[1, 1] == Status.ALL_MISSING
    assert not found.converged.values[1, 1]


def test_the_history_of_cells_is_told_in_statistics_or_in_full():
    a = field_of_valleys()

    def cost(x):
        return (x - a) ** 2 + a.lat

    start = xr.zeros_like(a)
    domain = descend(cost, start, cells=True, method="gd", learning_rate=0.2)
    full = descend(
        cost, start, cells=True, method="gd", learning_rate=0.2, history="cells"
    )
    none = descend(cost, start, cells=True, method="gd", history="none")
    assert "cost_history" not in none
    assert full.cost_history.dims == ("iteration", "lat", "lon")
    both = domain.cost_history.sel(statistic="sum")
    np.testing.assert_allclose(both, full.cost_history.sum(("lat", "lon")), rtol=1e-12)
    median = domain.cost_history.sel(statistic="median")
    np.testing.assert_allclose(median, full.cost_history.median(("lat", "lon")))
    np.testing.assert_allclose(domain.converged_history[-1], 1.0)


def test_one_warning_tells_of_all_cells():
    with (
        pytest.warns(RuntimeWarning, match="3 of 3 cells not converged") as told,
    ):
        descend(lambda x: x**2, np.ones(3), cells=True, method="adam", max_iterations=3)
    assert len(told) == 1


# -- the result -------------------------------------------------------------------


def test_a_result_tells_all_that_the_schema_asks_for():
    found = descend(lambda t: (t - Q(3.0, "K")) ** 2, Q(280.0, "K"), method="gd")
    names = "solution cost gradient_norm n_iterations n_evaluations n_valid converged"
    assert {*names.split(), "status", "cost_history"} <= {*found.data_vars}
    assert str(found.solution.data.units) == "kelvin"
    assert str(found.cost.data.units) == "kelvin ** 2"
    assert str(found.cost_history.data.units) == "kelvin ** 2"
    assert str(found.gradient_norm.data.units) == "kelvin"
    assert found.status.attrs["flag_meanings"].startswith("converged_gradient")
    assert found.attrs["method"] == "gd"
    assert found.attrs["gtol"] == 1e-9
    assert all("long_name" in found[name].attrs for name in found.data_vars)


def test_single_precision_stays_and_is_computed_in_double():
    x0 = xr.DataArray(np.float32([1.0, 2.0]), dims="x", attrs={"units": "K"})
    found = descend(lambda t: (t - Q(0.1, "K")) ** 2, x0, cells=True)
    assert found.solution.dtype == np.float32
    np.testing.assert_array_equal(found.solution.data.magnitude, np.float32(0.1))
    assert x0.data.tolist() == [1.0, 2.0]


def test_the_result_can_be_written_and_read(tmp_path):
    import xnabla as xn

    found = descend(lambda t: (t - Q(3.0, "K")) ** 2, Q(280.0, "K"))
    xn.dequantify(found).to_netcdf(tmp_path / "found.nc")
    again = xr.open_dataset(tmp_path / "found.nc")
    assert again.solution.attrs["units"] == "K"
    assert again.cost.attrs["units"] == "K2"


def test_a_callback_sees_labels_and_units_and_may_stop():
    seen = []

    def callback(iteration, view):
        seen.append((iteration, str(view.solution.data.units), view.cost.data))
        return iteration == 3

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = descend(
            lambda t: (t - Q(3.0, "K")) ** 2,
            Q(280.0, "K"),
            method="gd",
            learning_rate=0.1,
            callback=callback,
        )
    assert [one[0] for one in seen] == [1, 2, 3]
    assert seen[0][1] == "kelvin"
    assert int(found.status) == Status.STOPPED
    assert found.cost.data == seen[-1][2]


def test_ctrl_c_returns_what_there_is():
    calls = [0]

    def cost(x):
        calls[0] += 1
        if calls[0] > 60:
            calls[0] = -10_000
            raise KeyboardInterrupt
        return (x - 2) ** 4

    found = descend(cost, 0.0, method="gd", learning_rate=1e-3)
    assert int(found.status) == Status.STOPPED
    assert 0 < float(found.solution) < 2


def test_a_bar_is_shown_on_request(capsys):
    descend(parabola, 0.0, method="adam", progress=True)
    assert "descent" in capsys.readouterr().err


# -- gradients --------------------------------------------------------------------


@pytest.mark.parametrize("grad", [None, "complex", "finite", "jax"])
def test_every_gradient_leads_to_the_same_place(grad):
    def cost(p):
        return (p["x"] - 1) ** 4 + (p["x"] * p["y"] - 3) ** 2

    found = descend(cost, {"x": 2.0, "y": 2.0}, grad=grad, method="newton")
    np.testing.assert_allclose(float(found.y * found.x), 3.0, atol=1e-6)
    words = {"finite": "central differences", "jax": "jax"}
    assert found.attrs["gradient"] == words.get(grad, "complex step")


def test_a_cost_with_abs_falls_back_to_differences_and_says_so():
    with pytest.warns(RuntimeWarning, match="complex step disagrees"):
        found = descend(lambda x: abs(x - 2) ** 2, 0.0)
    assert float(found.solution) == pytest.approx(2.0, abs=1e-8)
    assert found.attrs["gradient"] == "central differences"


def test_a_given_gradient_is_used_with_its_units():
    goal = Q(12.0, "degC").to("K")
    found = descend(
        lambda p: (
            (p["t"] - goal) ** 2 + (p["p"] - Q(3.0, "hPa")) ** 2 * Q(2.0, "K/Pa") ** 2
        ),
        {"t": Q(280.0, "K"), "p": Q(1.0, "hPa")},
        grad=lambda p: {
            "t": 2 * (p["t"] - goal),
            "p": 2 * (p["p"] - Q(3.0, "hPa")) * Q(2.0, "K/Pa") ** 2,
        },
        method="bb",
    )
    assert found.attrs["gradient"] == "given"
    assert found.p.data.to("hPa").magnitude == pytest.approx(3.0, abs=1e-8)
    assert found.t.data.to("K").magnitude == pytest.approx(285.15, abs=1e-7)


# -- batches ----------------------------------------------------------------------


def coin(n=300, seed=3):
    """Logistic data, and the optimum by iteratively reweighted least squares."""
    random = np.random.default_rng(seed)
    columns = random.normal(size=(n, 3))
    chance = 1 / (1 + np.exp(-(columns @ [1.0, -2.0, 0.5])))
    y = (random.uniform(size=n) < chance).astype(float)
    w = np.zeros(3)
    for _ in range(30):
        mu = 1 / (1 + np.exp(-(columns @ w)))
        bend = columns.T @ (columns * (mu * (1 - mu))[:, None])
        w = w + np.linalg.solve(bend, columns.T @ (y - mu))
    return columns, y, w


def late(*args, **options):
    """Descend, and be told that it has not arrived."""
    with pytest.warns(RuntimeWarning, match="max_iterations"):
        return descend(*args, **options)


def deviance(w, data):
    columns, y = data
    z = columns @ w
    return (np.log1p(np.exp(z)) - y * z).mean()


def score(w, data):
    columns, y = data
    return columns.T @ (1 / (1 + np.exp(-(columns @ w))) - y) / len(y)


@pytest.mark.parametrize("method", ["sgd", "adam"])
def test_batches_lead_to_the_optimum_and_the_seed_to_the_same_path(method):
    columns, y, exact = coin()
    options = {
        "grad": score,
        "method": method,
        "data": (columns, y),
        "batch_size": 32,
        "max_iterations": 60,
    }
    found = late(deviance, np.zeros(3), seed=7, **options)
    again = late(deviance, np.zeros(3), seed=7, **options)
    other = late(deviance, np.zeros(3), seed=8, **options)
    best = deviance(exact, (columns, y))
    assert best <= float(found.cost) < best + 1e-4
    xr.testing.assert_identical(found, again)
    assert not np.array_equal(found.solution, other.solution)
    assert (found.attrs["seed"], found.attrs["batch_size"]) == (7, 32)
    assert int(found.n_valid) == 300


def test_a_drawn_seed_is_told_and_repeats_the_numbers():
    columns, y, _ = coin()
    options = {"data": (columns, y), "batch_size": 50, "max_iterations": 3}
    found = late(deviance, np.zeros(3), method="sgd", **options)
    seed = found.attrs["seed"]
    again = late(deviance, np.zeros(3), method="sgd", seed=seed, **options)
    xr.testing.assert_identical(found, again)


def test_labelled_samples_are_dealt_along_their_dimension():
    columns, y, exact = coin()
    data = xr.Dataset({"c": (("f", "time"), columns.T), "y": ("time", y)})
    sizes = []

    def cost(w, data):
        sizes.append(data.sizes["time"])
        z = (data.c * w).sum("f")
        return (np.log1p(np.exp(z)) - data.y * z).mean()

    start = xr.DataArray(np.zeros(3), dims="f")
    with pytest.warns(RuntimeWarning, match="max_iterations"):
        found = descend(
            cost, start, method="adam", data=data, sample_dim="time", batch_size=64,
            seed=0, max_iterations=25,
        )  # fmt: skip
    assert set(sizes) == {300, 64, 44}
    np.testing.assert_allclose(found.solution, exact, atol=0.05)
