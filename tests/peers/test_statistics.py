"""Fits, stencils and a basin with the numbers of pymannkendall, Stata and others."""

import numpy as np
import pytest
import xarray as xr

import xnabla as xn

pytestmark = pytest.mark.peer

# Monthly rain of Bogra in mm, a line a year from 1981; nothing where it is missing:
# pymannkendall 1.4.3, tests/data/Monthly Rainfall.csv (MIT)
RAIN = """
32,20,25,189,240,193,379,278,301,0,0,82 0,4,,,121,234,360,262,120,30,11,1
7,3,31,31,355,102,248,274,308,,5,26 11,16,6,48,388,539,431,272,404,186,0,2
0,4,1,54,272,459,235,164,365,135,2, ,4,0,128,210,163,446,225,462,467,19,13
0,3,17,132,178,338,525,623,145,31,19,3 0,29,25,87,259,756,486,180,292,43,92,1
0,16,2,0,130,253,594,111,273,30,0,4 0,27,24,41,292,378,499,265,320,227,4,0
4,14,8,48,416,240,404,207,733,105,0,112 0,14,0,30,140,202,289,159,424,106,3,0
65,3,14,58,268,466,432,266,240,95,1,0 10,26,4,114,94,289,173,208,263,156,5,0
16,16,14,0,111,475,534,432,471,117,70,1 3,28,7,401,184,283,338,171,335,176,0,0
10,11,9,140,102,208,298,245,220,29,2,27 10,13,26,84,143,367,749,563,283,353,10,0
0,0,0,9,246,265,343,429,168,133,17,0 18,35,76,158,272,250,190,289,466,84,0,0
0,0,0,22,217,299,185,115,344,203,8, ,0,5,284,123,254,476,496,326,27,20,0
4,53,72,113,214,364,219,220,156,264,0,13 0,0,45,90,137,638,529,261,206,251,0,0
5,9,58,72,138,130,471,328,356,523,0,1 0,0,12,143,193,184,192,138,174,69,1,0
0,18,25,28,92,732,320,256,302,131,15,0 27,0,22,20,213,393,474,374,109,159,0,0
0,3,3,49,205,128,194,570,169,89,0,0 0,0,0,26,185,286,92,225,244,190,3,20
"""


def plain(one):
    return np.asarray(one.data.magnitude)


def column(values):
    return xr.DataArray(np.asarray(values, float), dims="i", attrs={"units": "1"})


def test_the_rain_of_bogra_has_pymannkendalls_trend():
    values = [float(v or "nan") for year in RAIN.split() for v in year.split(",")]
    month = ("month", np.arange(360.0), {"units": "day"})
    rain = xr.DataArray(
        values, dims="month", coords={"month": month}, attrs={"units": "mm"}
    )
    fit = xn.theil_sen(rain, "month", per="day")
    assert int(fit.n_valid) == 353
    np.testing.assert_allclose(plain(fit.pvalue), 0.37591058740506833, rtol=1e-12)
    np.testing.assert_allclose(plain(fit.tau), -0.03153167653875869, rtol=1e-13)
    # its own tests have -0.00645..., of the values without the gaps; with their dates
    # it gives
    slope = fit.slope.data.to("mm/day").magnitude
    np.testing.assert_allclose(slope, -0.006369426751592357, rtol=1e-12)


@pytest.fixture(scope="module")
def growth():
    """Growth of investment on that of the product and on interest, per quarter."""
    from statsmodels.datasets import macrodata

    data = macrodata.load_pandas().data
    product, invested = (
        400 * np.diff(np.log(data[name].to_numpy())) for name in ("realgdp", "realinv")
    )
    named = {"product": product, "interest": data["realint"].to_numpy()[:-1]}
    return column(invested), {name: column(one) for name, one in named.items()}


# statsmodels 0.15.0, regression/tests/results/results_macro_ols_robust.py: Stata's
# "regress, vce(robust)" and "ivreg2, robust bw(5)", params_table
COEFFICIENTS = [4.3742216647032, -0.61399696947899, -9.4816727746549]
NEWEY_WEST = [0.32878742225811, 0.29361854972141, 1.1770944273439]


def test_regressions_are_statas(growth):
    fit = xn.regress(growth[0], growth[1], "i", se="hac", lags=4)
    names = ("product", "interest", "intercept")
    found = [plain(fit[name]) for name in names]
    np.testing.assert_allclose(found, COEFFICIENTS, rtol=1e-11)
    errors = [plain(fit[f"{name}_stderr"]) for name in names]
    np.testing.assert_allclose(errors, NEWEY_WEST, rtol=1e-7)
    np.testing.assert_allclose(plain(fit.r2), 0.6769775594319385, rtol=1e-12)
    ols = xn.regress(growth[0], growth[1], "i", se="ols")
    left = np.sqrt(plain(ols.cost) / 199)
    np.testing.assert_allclose(left, 10.7037959322668, rtol=1e-12)


# scikit-image 0.26, morphology.h_minima and h_maxima, 8 neighbours, labels counted
DEEPER = {0.5: (29, 29), 1.0: (25, 29), 2.0: (22, 27), 5.0: (18, 17)}


@pytest.mark.parametrize("least", DEEPER)
def test_as_many_lows_are_deep_as_scikit_image_finds(least):
    from scipy.ndimage import gaussian_filter

    noise = np.random.default_rng(3).normal(size=(40, 60))
    coords = {
        dim: (dim, 1000.0 * np.arange(size), {"units": "m"})
        for dim, size in (("y", 40), ("x", 60))
    }
    hills = xr.DataArray(
        50 * gaussian_filter(noise, 2.0),
        dims=("y", "x"),
        coords=coords,
        attrs={"units": "m"},
    )
    found = [
        xn.find_extrema(
            hills, kind=kind, min_persistence=f"{least} m", refine=None
        ).sizes["point"]
        for kind in ("minimum", "maximum")
    ]
    assert tuple(found) == DEEPER[least]


def test_weights_are_those_of_curve_fits_own_test():
    """scipy 1.17, optimize/tests/test_minpack.py, test_pcov: sigma up to a factor."""
    sigma = np.array([1.0, 2, 1, 2, 1, 2])
    x = ("x", np.arange(6.0), {"units": "1"})
    y = xr.DataArray([1.0, 1, 5, 7, 8, 12], {"x": x}, "x", attrs={"units": "1"})
    for scale in (1.0, 3.0):
        fit = xn.fit_model(
            y,
            lambda x, a, b: a * x + b,
            "x",
            params={"a": 2.0, "b": 0.0},
            weights=1 / (scale * sigma) ** 2,
        )
        errors = [plain(fit.a_stderr), plain(fit.b_stderr)]
        np.testing.assert_allclose(errors, [0.20659803, 0.57204404], rtol=1e-7)


# findiff 0.16, tests/test_coefs.py: from which point on, and the weights
COEFFICIENTS_OF = [
    (1, 2, -1, [-1 / 2, 0, 1 / 2]),
    (1, 2, 0, [-3 / 2, 2, -1 / 2]),
    (1, 4, -2, [1 / 12, -2 / 3, 0, 2 / 3, -1 / 12]),
    (1, 4, 0, [-25 / 12, 4, -3, 4 / 3, -1 / 4]),
    (2, 2, -1, [1, -2, 1]),
    (2, 2, 0, [2, -5, 4, -1]),
    (2, 4, -2, [-1 / 12, 4 / 3, -5 / 2, 4 / 3, -1 / 12]),
    (2, 4, 0, [15 / 4, -77 / 6, 107 / 6, -13, 61 / 12, -5 / 6]),
]


@pytest.mark.parametrize(("order", "accuracy", "first", "weights"), COEFFICIENTS_OF)
def test_the_weights_are_findiffs(order, accuracy, first, weights):
    size, row = 20, 10 if first else 0
    x = xr.DataArray(np.arange(size) * 0.5, dims="x", attrs={"units": "m"})
    impulses = xr.DataArray(np.eye(size), {"x": x}, ("x", "each"), attrs={"units": "K"})
    found = plain(xn.derivative(impulses, "x", order=order, accuracy=accuracy))[row]
    expected = np.zeros(size)
    expected[row + first : row + first + len(weights)] = weights
    np.testing.assert_allclose(found * 0.5**order, expected, rtol=0, atol=1e-13)


def test_a_basin_with_an_island_has_xinverts_solution():
    """xinvert 0.3.2, tests/test_masked_poisson.py: five points, closed coasts."""
    mask = np.zeros((11, 13), bool)
    mask[2:-2, 2:-2] = True
    mask[4:6, 5:7] = False
    exact = np.sin(0.7 * np.arange(11))[:, None] + np.cos(0.5 * np.arange(13))
    exact -= exact[mask].mean()
    forcing = np.zeros(mask.shape)
    for axis in (0, 1):
        for step in (-1, 1):  # the mask keeps clear of the edge, over which this rolls
            beside = np.roll(mask, step, axis)
            forcing += np.where(beside, np.roll(exact, step, axis) - exact, 0.0)
    coords = {
        dim: (dim, np.arange(float(size)), {"units": "m"})
        for dim, size in (("y", 11), ("x", 13))
    }
    rhs = xr.DataArray(
        np.where(mask, forcing, np.nan), coords, ("y", "x"), attrs={"units": "m-2"}
    )
    closed = dict.fromkeys(("y", "x", "mask"), "neumann")
    sea = xr.DataArray(mask, coords, ("y", "x"))
    found = plain(xn.poisson(rhs, bc=closed, mask=sea).solution)
    np.testing.assert_allclose(found[mask], exact[mask], rtol=0, atol=1e-12)
    assert np.isnan(found[~mask]).all()
