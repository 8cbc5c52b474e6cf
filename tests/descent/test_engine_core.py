"""The loop on plain arrays: known minima, honest ends, cells that do not disturb."""

import numpy as np
import pytest

from xnabla.descent._status import Status
from xnabla.descent.engine import DELEGATES, METHODS, Batches, Settings, descended

RATED = [name for name, way in METHODS.items() if way.takes_rate]


def parabola(x, cells):
    """x² - 4x + 3, lowest at 2, where it is -1."""
    return x[:, 0] ** 2 - 4 * x[:, 0] + 3


def slope(x, cells):
    return 2 * x - 4


def walls(a):
    """Rosenbrock's valley with its minimum at (a, a²) of each cell."""

    def cost(x, cells):
        return (a[cells] - x[:, 0]) ** 2 + 100 * (x[:, 1] - x[:, 0] ** 2) ** 2

    def gradient(x, cells):
        r = x[:, 1] - x[:, 0] ** 2
        return np.stack(
            [-2 * (a[cells] - x[:, 0]) - 400 * x[:, 0] * r, 200 * r], axis=1
        )

    return cost, gradient


@pytest.mark.parametrize("start", [0.0, 5.0, -300.0])
@pytest.mark.parametrize("method", [*METHODS, *DELEGATES])
def test_every_method_finds_the_bottom_of_a_parabola(method, start):
    found = descended(parabola, slope, np.array([[start]]), method=method)
    assert found.converged.all()
    # gtol is a part of the first slope, and so of the way
    assert abs(found.solution[0, 0] - 2) < 2e-7 * max(1, abs(start - 2))
    assert abs(found.cost[0] + 1) < 1e-11 * max(1, abs(start - 2)) ** 2


@pytest.mark.parametrize("method", [*METHODS, *DELEGATES])
def test_the_start_is_left_as_it_was(method):
    start = np.array([[0.0]])
    descended(parabola, slope, start, method=method)
    assert start[0, 0] == 0.0


def test_a_fixed_rate_goes_as_theory_says():
    """The distance to the bottom is multiplied by 1 - 2 α each time."""
    settings = Settings(learning_rate=0.1, max_iterations=20, history="cells")
    found = descended(parabola, slope, np.array([[0.0]]), settings=settings)
    distance = 2 * 0.8 ** np.arange(21)
    np.testing.assert_allclose(found.cost_history[:, 0] + 1, distance**2, atol=1e-13)


def test_a_rate_at_the_limit_swings_and_one_above_it_diverges():
    def at(rate):
        settings = Settings(learning_rate=rate)
        return descended(parabola, slope, np.array([[0.0]]), settings=settings)

    swings, diverges = at(1.0), at(1.01)
    assert swings.status[0] == Status.MAX_ITERATIONS
    assert swings.n_iterations[0] == 500
    assert diverges.status[0] == Status.DIVERGED
    assert diverges.solution[0, 0] == 0.0  # the best it was at
    assert diverges.cost[0] == 3.0
    for found in (swings, diverges):
        np.testing.assert_allclose(found.stability_limit, 1.0, atol=1e-9)


@pytest.mark.parametrize(
    ("method", "beta", "limit"),
    [("gd", None, 1.0), ("momentum", 0.9, 1.9), ("momentum", 0.5, 1.5)],
)
def test_the_stability_limit_is_where_a_quadratic_stops_converging(method, beta, limit):
    """2 / L for gradient descent, 2 (1 + β) / L for the heavy ball."""

    def ends(rate):
        settings = Settings(learning_rate=rate, momentum=beta, max_iterations=4000)
        found = descended(
            parabola, slope, np.array([[0.0]]), method=method, settings=settings
        )
        return found.converged[0], found.stability_limit[0]

    assert ends(0.99 * limit)[0]
    assert not ends(1.01 * limit)[0]
    np.testing.assert_allclose(ends(0.5)[1], limit, atol=1e-9)


ROSENBROCK = {
    "gd": 3000,
    "nesterov": 2000,
    "bb": 500,
    "newton": 100,
    "lm": 200,
}


@pytest.mark.parametrize("method", ROSENBROCK)
def test_every_cell_finds_its_own_valley(method):
    a = np.random.default_rng(1).uniform(-1, 2, 60)
    cost, gradient = walls(a)
    start = np.tile([-1.2, 1.0], (60, 1))
    settings = Settings(max_iterations=ROSENBROCK[method])
    found = descended(cost, gradient, start, method=method, settings=settings)
    assert found.converged.all()
    exact = np.stack([a, a**2], axis=1)
    np.testing.assert_allclose(found.solution, exact, atol=1e-5)


@pytest.mark.parametrize("method", ["momentum", "adam", "sgd"])
def test_a_cell_that_says_it_has_arrived_has(method):
    """Slow methods may end on the way, but then they say so."""
    a = np.random.default_rng(1).uniform(-1, 2, 60)
    cost, gradient = walls(a)
    start = np.tile([-1.2, 1.0], (60, 1))
    settings = Settings(max_iterations=1500)
    found = descended(cost, gradient, start, method=method, settings=settings)
    off = np.abs(found.solution - np.stack([a, a**2], axis=1)).max(axis=1)
    assert off[found.converged].max(initial=0) < 1e-5
    late = ~found.converged
    assert (found.status[late] == Status.MAX_ITERATIONS).all()
    assert (found.cost <= cost(start, np.arange(60))).all()


@pytest.mark.parametrize("method", ["gd", "momentum", "nesterov", "newton", "lm"])
def test_a_line_search_never_goes_up(method):
    a = np.random.default_rng(2).uniform(-1, 2, 20)
    cost, gradient = walls(a)
    start = np.random.default_rng(3).uniform(-2, 2, (20, 2))
    settings = Settings(max_iterations=200, history="cells")
    found = descended(cost, gradient, start, method=method, settings=settings)
    assert (np.diff(found.cost_history, axis=0) <= 0).all()


@pytest.mark.parametrize("method", METHODS)
def test_a_lost_cell_leaves_its_neighbours_as_they_were_to_the_last_bit(method):
    """One cell is NaN, one has no bottom, one has no number beside its start."""
    kinds = np.array([0, 1, 2, 3, 0])
    goal = np.array([2.0, 0.0, 0.0, 0.0, -7.0])

    def cost(x, cells):
        kind, z = kinds[cells], x[:, 0]
        flat = (z - goal[cells]) ** 2 + (z - goal[cells]) ** 4
        return np.select(
            [kind == 0, kind == 1, kind == 2],
            [flat, np.nan, -np.exp(np.minimum(z, 800.0)) * (1 + z)],
            np.where(z == 1.0, 1.0, np.inf),
        )

    def gradient(x, cells):
        kind, z = kinds[cells][:, None], x
        d = z - goal[cells][:, None]
        return np.select(
            [kind == 0, kind == 2],
            [2 * d + 4 * d**3, -np.exp(np.minimum(z, 800.0)) * (2 + z)],
            1.0,
        )

    settings = Settings(max_iterations=60)
    together = descended(
        cost, gradient, np.ones((5, 1)), method=method, settings=settings
    )
    for cell in (0, 4):
        alone = descended(
            lambda x, c, i=cell: cost(x, c * 0 + i),
            lambda x, c, i=cell: gradient(x, c * 0 + i),
            np.ones((1, 1)),
            method=method,
            settings=settings,
        )
        assert together.solution[cell] == alone.solution[0]
        assert together.n_iterations[cell] == alone.n_iterations[0]
        assert together.status[cell] == alone.status[0]
    assert together.status[1] == Status.ALL_MISSING
    assert not together.converged[[1, 3]].any()


def test_only_cells_under_way_are_evaluated():
    seen = []

    def cost(x, cells):
        seen.append(len(cells))
        return (x[:, 0] - 1.0) ** 4 * np.where(cells == 0, 0.0, 1.0) + x[:, 0] * 0

    found = descended(
        cost,
        lambda x, c: 4 * (x - 1) ** 3 * np.where(c == 0, 0.0, 1.0)[:, None],
        np.zeros((3, 1)),
        method="newton",
    )
    assert found.n_iterations[0] == 0
    assert seen[0] == 3
    assert max(seen[1:]) == 2


@pytest.mark.parametrize("method", [*METHODS, "lbfgs"])
def test_a_bound_holds_and_is_told(method):
    """Rosenbrock with a minimum at (0.7, 0.49) below x = 0.5: there y is 0.25."""
    cost, gradient = walls(np.array([0.7]))
    bounds = (np.array([-2.0, -2.0]), np.array([0.5, 2.0]))
    most = 6000 if method == "sgd" else 3000
    settings = Settings(max_iterations=most)
    found = descended(
        cost,
        gradient,
        np.array([[-1.2, 1.0]]),
        method=method,
        settings=settings,
        bounds=bounds,
    )
    assert found.status[0] == Status.AT_BOUND
    np.testing.assert_allclose(found.solution[0], [0.5, 0.25], atol=1e-6)


def test_many_parameters_take_the_curvature_by_power_iterations():
    """A quadratic of 400 parameters whose curvatures run from 1 to 100."""
    bends = np.linspace(1.0, 100.0, 400)
    found = descended(
        lambda x, c: 0.5 * (bends * x**2).sum(axis=1) - x.sum(axis=1),
        lambda x, c: bends * x - 1.0,
        np.zeros((1, 400)),
        method="nesterov",
        settings=Settings(max_iterations=600),
    )
    assert found.converged[0]
    # that of Nesterov's method is two thirds of that of gradient descent, 2 / 100
    assert 2 / 100 <= found.stability_limit[0] * 1.5 < 2.1 / 100
    np.testing.assert_allclose(found.solution[0], 1 / bends, atol=1e-7)


@pytest.mark.parametrize("rate", [1e-3, 1e-5])
def test_small_steps_are_no_arrival(rate):
    """A rate a thousand times too small makes steps of 1e-6 far from the bottom."""
    settings = Settings(learning_rate=rate, max_iterations=300, xtol=1e-4, ftol=1e-4)
    found = descended(parabola, slope, np.array([[0.0]]), settings=settings)
    assert found.status[0] == Status.MAX_ITERATIONS


def test_the_way_still_to_go_is_foreseen():
    """With a ratio of 0.8 a step, 1e-3 of the way is left after 31 steps."""
    settings = Settings(learning_rate=0.1, gtol=0.0, xtol=1e-3)
    found = descended(parabola, slope, np.array([[0.0]]), settings=settings)
    assert found.status[0] == Status.CONVERGED_STEP
    assert 0.5e-3 < abs(found.solution[0, 0] - 2) / 2 < 1.01e-3


def test_batches_are_shuffled_by_the_seed_alone():
    deal = Batches(10, 3, seed=4)
    one, again = deal.dealt(1), Batches(10, 3, seed=4).dealt(1)
    assert [list(b) for b in one] == [list(b) for b in again]
    assert sorted(np.concatenate(one)) == list(range(10))
    assert [len(b) for b in one] == [3, 3, 3, 1]
    assert [list(b) for b in deal.dealt(2)] != [list(b) for b in one]
    assert [list(b) for b in Batches(10, 3, seed=5).dealt(1)] != [list(b) for b in one]


def test_ctrl_c_returns_what_there_is():
    calls = [0]

    def cost(x, cells):
        calls[0] += 1
        if calls[0] > 20:
            raise KeyboardInterrupt
        return parabola(x, cells)

    settings = Settings(learning_rate=0.01)
    found = descended(cost, slope, np.array([[0.0]]), settings=settings)
    assert found.status[0] == Status.STOPPED
    assert 0 < found.solution[0, 0] < 2


def test_a_watcher_may_stop():
    settings = Settings(learning_rate=0.01)
    for method in ("gd", "lbfgs"):
        found = descended(
            parabola,
            slope,
            np.array([[0.0]]),
            method=method,
            settings=settings,
            watch=lambda iteration, book: iteration == 1,
        )
        assert found.status[0] == Status.STOPPED
        assert found.n_iterations[0] == 1


def test_a_start_at_the_bottom_has_arrived():
    found = descended(parabola, slope, np.array([[2.0]]), method="bb")
    assert found.status[0] == Status.CONVERGED_GRADIENT
    assert found.n_iterations[0] == 0
