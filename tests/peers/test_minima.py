"""Functions whose minima are published, from the starts that everybody takes.

Moré, Garbow and Hillstrom (1981), Testing unconstrained optimization software, ACM TOMS
7, 17-41, with the minima of its table; the rest as in the tests of scipy.optimize and
in Jamil and Yang (2013).
"""

import warnings

import numpy as np
import pytest

import xnabla as xn

pytestmark = pytest.mark.peer


def rosenbrock(x):
    return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()


def freudenstein_roth(x):
    one = -13 + x[0] + ((5 - x[1]) * x[1] - 2) * x[1]
    two = -29 + x[0] + ((x[1] + 1) * x[1] - 14) * x[1]
    return one**2 + two**2


def powell_badly_scaled(x):
    two = np.exp(-x[0]) + np.exp(-x[1]) - 1.0001
    return (1e4 * x[0] * x[1] - 1) ** 2 + two**2


def brown_badly_scaled(x):
    return (x[0] - 1e6) ** 2 + (x[1] - 2e-6) ** 2 + (x[0] * x[1] - 2) ** 2


def beale(x):
    known = (1.5, 2.25, 2.625)
    return sum((y - x[0] * (1 - x[1] ** i)) ** 2 for i, y in enumerate(known, 1))


def jennrich_sampson(x):
    i = np.arange(1.0, 11)
    return ((2 + 2 * i - np.exp(i * x[0]) - np.exp(i * x[1])) ** 2).sum()


def helical_valley(x):
    turn = np.arctan(x[1] / x[0]) / (2 * np.pi) + 0.5 * (np.real(x[0]) < 0)
    reach = np.sqrt(x[0] ** 2 + x[1] ** 2)
    return 100 * ((x[2] - 10 * turn) ** 2 + (reach - 1) ** 2) + x[2] ** 2


def bard(x):
    y = [0.14, 0.18, 0.22, 0.25, 0.29, 0.32, 0.35, 0.39, 0.37, 0.58, 0.73, 0.96, 1.34]
    u = np.arange(1.0, 16)
    w = np.minimum(u, 16 - u)
    fit = x[0] + u / ((16 - u) * x[1] + w * x[2])
    return ((np.array([*y, 2.10, 4.39]) - fit) ** 2).sum()


def gaussian(x):
    half = [0.0009, 0.0044, 0.0175, 0.0540, 0.1295, 0.2420, 0.3521]
    t = (8 - np.arange(1.0, 16)) / 2
    fit = x[0] * np.exp(-x[1] * (t - x[2]) ** 2 / 2)
    return ((fit - np.array([*half, 0.3989, *half[::-1]])) ** 2).sum()


def box(x):
    t = 0.1 * np.arange(1, 11)
    fit = np.exp(-t * x[0]) - np.exp(-t * x[1])
    return ((fit - x[2] * (np.exp(-t) - np.exp(-10 * t))) ** 2).sum()


def powell_singular(x):
    first = (x[0] + 10 * x[1]) ** 2 + 5 * (x[2] - x[3]) ** 2
    return first + (x[1] - 2 * x[2]) ** 4 + 10 * (x[0] - x[3]) ** 4


def wood(x):
    one = 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2
    two = 90 * (x[3] - x[2] ** 2) ** 2 + (1 - x[2]) ** 2
    return one + two + 10 * (x[1] + x[3] - 2) ** 2 + (x[1] - x[3]) ** 2 / 10


def kowalik_osborne(x):
    y = [0.1957, 0.1947, 0.1735, 0.16, 0.0844, 0.0627, 0.0456, 0.0342, 0.0323, 0.0235]
    u = np.array([4, 2, 1, 0.5, 0.25, 0.167, 0.125, 0.1, 0.0833, 0.0714, 0.0625])
    fit = x[0] * (u**2 + u * x[1]) / (u**2 + u * x[2] + x[3])
    return ((np.array([*y, 0.0246]) - fit) ** 2).sum()


def brown_dennis(x):
    t = np.arange(1, 21) / 5
    one, two = x[0] + t * x[1] - np.exp(t), x[2] + x[3] * np.sin(t) - np.cos(t)
    return ((one**2 + two**2) ** 2).sum()


def biggs(x):
    t = 0.1 * np.arange(1, 14)
    y = np.exp(-t) - 5 * np.exp(-10 * t) + 3 * np.exp(-4 * t)
    fit = x[2] * np.exp(-t * x[0]) - x[3] * np.exp(-t * x[1])
    return ((fit + x[5] * np.exp(-t * x[4]) - y) ** 2).sum()


def watson(x):
    t, n = np.arange(1, 30) / 29, len(x)
    slope = sum(k * x[k] * t ** (k - 1) for k in range(1, n))
    value = sum(x[k] * t**k for k in range(n))
    ends = x[0] ** 2 + (x[1] - x[0] ** 2 - 1) ** 2
    return ((slope - value**2 - 1) ** 2).sum() + ends


def himmelblau(x):
    return (x[0] ** 2 + x[1] - 11) ** 2 + (x[0] + x[1] ** 2 - 7) ** 2


def goldstein_price(x):
    a, b = x
    one = (a + b + 1) ** 2 * (
        19 - 14 * a + 3 * a**2 - 14 * b + 6 * a * b + 3 * b**2
    ) + 1
    two = (2 * a - 3 * b) ** 2 * (
        18 - 32 * a + 12 * a**2 + 48 * b - 36 * a * b + 27 * b**2
    ) + 30
    return one * two


def mccormick(x):
    return np.sin(x[0] + x[1]) + (x[0] - x[1]) ** 2 - 1.5 * x[0] + 2.5 * x[1] + 1


# function, start, minima: the lowest and the local ones
PUBLISHED = [
    (rosenbrock, [-1.2, 1.0], (0.0,)),
    (rosenbrock, [1.3, 0.7, 0.8, 1.9, 1.2], (0.0,)),
    (freudenstein_roth, [0.5, -2.0], (0.0, 48.98425368)),
    (powell_badly_scaled, [0.0, 1.0], (0.0,)),
    (beale, [1.0, 1.0], (0.0,)),
    (jennrich_sampson, [0.3, 0.4], (124.3621823556,)),
    (helical_valley, [-1.0, 0.0, 0.0], (0.0,)),
    (bard, [1.0, 1.0, 1.0], (8.214877306578e-3,)),
    (gaussian, [0.4, 1.0, 0.0], (1.127932769618e-8,)),
    (box, [0.0, 10.0, 20.0], (0.0,)),
    (powell_singular, [3.0, -1.0, 0.0, 1.0], (0.0,)),
    (wood, [-3.0, -1.0, -3.0, -1.0], (0.0,)),
    (kowalik_osborne, [0.25, 0.39, 0.415, 0.39], (3.075056038492e-4,)),
    (brown_dennis, [25.0, 5.0, -5.0, -1.0], (85822.20162636,)),
    (biggs, [1.0, 2.0, 1.0, 1.0, 1.0, 1.0], (0.0, 5.655649925e-3)),
    (watson, [0.0] * 6, (2.287670053552e-3,)),
    (watson, [0.0] * 9, (1.399760138e-6,)),
    (himmelblau, [0.0, 0.0], (0.0,)),
    (goldstein_price, [-0.5, -0.5], (3.0, 30.0, 84.0, 840.0)),
    (mccormick, [0.0, 0.0], (-1.9132229549810367,)),
]


@pytest.mark.parametrize("method", ["auto", "lbfgs", "trust-ncg"])
@pytest.mark.parametrize(
    ("cost", "start", "minima"),
    PUBLISHED,
    ids=[f"{row[0].__name__}-{len(row[1])}" for row in PUBLISHED],
)
def test_the_published_minimum_is_found(cost, start, minima, method):
    found = xn.descend(cost, np.array(start), method=method)
    assert bool(found.converged)
    near = [
        abs(float(found.cost) - one) <= max(1e-7 * abs(one), 1e-9) for one in minima
    ]
    assert any(near), float(found.cost)


def wood_by_hock(x):
    last = 10.1 * ((x[1] - 1) ** 2 + (x[3] - 1) ** 2) + 19.8 * (x[1] - 1) * (x[3] - 1)
    one = 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2
    return one + 90 * (x[3] - x[2] ** 2) ** 2 + (1 - x[2]) ** 2 + last


def of_logarithms(x):
    far = np.log(x - 2) ** 2 + np.log(10 - x) ** 2
    return far.sum() - np.prod(x) ** 0.2


NONE = np.inf
# Hock and Schittkowski (1981), Test Examples for Nonlinear Programming Codes: function,
# start, bounds, minimum; two minima of the second
BOUNDED = [
    (1, rosenbrock, [-2.0, 1], [-NONE, -1.5], [NONE, NONE], (0.0,)),
    (2, rosenbrock, [-2.0, 1.5], [-NONE, 1.5], [NONE, NONE], (0.0504261879, 4.9412293)),
    (
        3,
        lambda x: x[1] + 1e-5 * (x[1] - x[0]) ** 2,
        [10.0, 1],
        [-NONE, 0],
        [NONE] * 2,
        (0.0,),
    ),
    (
        4,
        lambda x: (x[0] + 1) ** 3 / 3 + x[1],
        [1.125, 0.125],
        [1, 0],
        [NONE] * 2,
        (8 / 3,),
    ),
    (5, mccormick, [0.0, 0], [-1.5, -3], [4, 3], (-np.sqrt(3) / 2 - np.pi / 3,)),
    (38, wood_by_hock, [-3.0, -1, -3, -1], [-10] * 4, [10] * 4, (0.0,)),
    (45, lambda x: 2 - np.prod(x) / 120, [2.0] * 5, [0] * 5, [1, 2, 3, 4, 5], (1.0,)),
    (110, of_logarithms, [9.0] * 10, [2.001] * 10, [9.999] * 10, (-45.77846971,)),
]


@pytest.mark.parametrize("method", ["auto", "lm", "lbfgs"])
@pytest.mark.parametrize(
    ("cost", "start", "low", "high", "minima"),
    [row[1:] for row in BOUNDED],
    ids=[f"hs{row[0]}" for row in BOUNDED],
)
def test_the_minimum_within_bounds_is_found(cost, start, low, high, minima, method):
    low, high = np.array(low, float), np.array(high, float)
    x0 = np.clip(np.array(start), low, high)
    found = xn.descend(cost, x0, method=method, bounds=(low, high))
    assert bool(found.converged)
    assert min(abs(float(found.cost) - one) for one in minima) < 1e-7
    assert (low <= found.solution.values).all()
    assert (found.solution.values <= high).all()


def test_newton_goes_no_further_than_a_curvature_tells():
    """At McCormick's start the curvature along (1, 1) is nought, up to rounding.

    That rounding sent it to -4e11, in a function with no lower end, and two steps from
    there that were small beside 4e11 counted as an arrival.
    """
    found = xn.descend(mccormick, np.array([0.0, 0.0]), method="newton")
    assert bool(found.converged)
    # x = -pi / 3 + 1/2, y = x - 1
    lowest = 0.5 - np.pi / 3
    np.testing.assert_allclose(found.solution, [lowest, lowest - 1], atol=1e-7)


def test_two_steps_of_which_the_first_went_astray_are_no_arrival():
    """Brown's function bends by 2 along one parameter and by 1e12 along the other.

    Its first gradient, at (1, 1), is 2e6 long; after two steps of Barzilai and
    Borwein's it was 2e5 times that.
    """
    start = np.array([1.0, 1.0])
    found = xn.descend(brown_badly_scaled, start, method="bb", history="cells")
    history = found.gradient_norm_history.values.ravel()
    assert history.max() > 1e4  # the step astray
    assert float(found.cost) < 1e-4 * brown_badly_scaled(start)
    exact = xn.descend(brown_badly_scaled, start)
    assert bool(exact.converged)
    np.testing.assert_allclose(exact.solution, [1e6, 2e-6], rtol=1e-9)


@pytest.mark.parametrize("method", ["auto", "bb", "lm"])
def test_a_valley_that_leads_nowhere_is_no_minimum(method):
    """From (-1, 2) Beale's function falls for ever towards x = -∞, y = 1."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        found = xn.descend(beale, np.array([-1.0, 2.0]), method=method)
    assert not bool(found.converged)
    assert float(found.solution[0]) < -3
