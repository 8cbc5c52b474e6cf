"""2D-Var: the best linear unbiased estimate itself, its limits, and where it looks."""

import warnings

import numpy as np
import pint
import pytest
import xarray as xr
from atlas import MAPS
from fields import GLOBAL, labelled
from scipy.special import kv

from xnabla.descent._status import Status
from xnabla.descent.inversion import analysis_2dvar, operator_matrix
from xnabla.errors import GridError, OptionError, UnitsError

RANDOM = np.random.default_rng(12)
Q = pint.get_application_registry().Quantity


def plain(field):
    return np.asarray(field.data.magnitude)


def grid(n=12, step=50.0, units="K", values=None):
    along = np.arange(n) * step
    return xr.DataArray(
        np.zeros((n, n)) if values is None else values,
        dims=("y", "x"),
        coords={"y": ("y", along, {"units": "km"}), "x": ("x", along, {"units": "km"})},
        name="t",
        attrs={"units": units},
    )


def dense(field, length, sigma):
    """B written out, from the formula in the docstring and the public operator."""
    a = operator_matrix(field, "laplacian")
    lap, area = a.matrix.toarray(), a.area_m2.diagonal()
    filter_ = np.linalg.inv(np.eye(len(lap)) - length**2 * lap)
    b = 4 * np.pi * length**2 * filter_ @ filter_ @ np.diag(1 / area)
    return sigma[:, None] * b * sigma


def blue(b, h, r, background, y):
    gain = b @ h.T @ np.linalg.inv(h @ b @ h.T + np.diag(r))
    increment = gain @ (y - h @ background)
    error = b - gain @ h @ b
    return increment, np.sqrt(np.diag(error)), np.trace(h @ gain)


def test_it_is_the_dense_blue_on_12_by_12():
    first = grid(values=280 + RANDOM.normal(size=(12, 12)))
    seen = RANDOM.random((12, 12)) < 0.3
    obs = first.copy(data=np.where(seen, 280 + RANDOM.normal(size=(12, 12)), np.nan))
    sigma_b = first.copy(data=RANDOM.uniform(0.5, 2, (12, 12)))
    sigma_o = first.copy(data=RANDOM.uniform(0.2, 1, (12, 12)))
    found = analysis_2dvar(
        obs, first, length_scale="150 km", sigma_b=sigma_b, sigma_o=sigma_o, error=True
    )
    b = dense(first, 150e3, sigma_b.values.ravel())
    h = np.eye(144)[seen.ravel()]
    r = sigma_o.values.ravel()[seen.ravel()] ** 2
    y = obs.values.ravel()[seen.ravel()]
    increment, error, dfs = blue(b, h, r, first.values.ravel(), y)
    np.testing.assert_allclose(plain(found.increment).ravel(), increment, atol=1e-10)
    np.testing.assert_allclose(
        plain(found.analysis).ravel(), first.values.ravel() + increment, atol=1e-10
    )
    np.testing.assert_allclose(plain(found.analysis_error).ravel(), error, atol=1e-9)
    assert float(found.dfs.data.magnitude) == pytest.approx(dfs, rel=1e-10)
    missed = y - h @ (first.values.ravel() + increment)
    far, bent = missed @ (missed / r) / 2, increment @ np.linalg.solve(b, increment) / 2
    assert float(found.cost_observations.data.magnitude) == pytest.approx(far, rel=1e-9)
    assert float(found.cost_background.data.magnitude) == pytest.approx(bent, rel=1e-7)
    assert int(found.n_valid) == seen.sum()
    np.testing.assert_allclose(plain(found.residual)[seen], missed, atol=1e-10)


def test_observations_at_places_are_the_dense_blue_too():
    first = grid(values=RANDOM.normal(size=(12, 12)))
    y, x = RANDOM.uniform(0, 550, (2, 9))
    obs = xr.DataArray(
        RANDOM.normal(size=9),
        dims="station",
        coords={
            "y": ("station", y, {"units": "km"}),
            "x": ("station", x * 1e3, {"units": "m"}),
        },
        attrs={"units": "K"},
    )
    found = analysis_2dvar(obs, first, length_scale="150 km", sigma_b=1.5, sigma_o=0.5)
    h = np.zeros((9, 144))
    for k in range(9):
        j, i = int(y[k] // 50), int(x[k] // 50)
        t, s = y[k] / 50 - j, x[k] / 50 - i
        for dj, di, w in (
            (0, 0, (1 - t) * (1 - s)),
            (0, 1, (1 - t) * s),
            (1, 0, t * (1 - s)),
            (1, 1, t * s),
        ):
            h[k, (j + dj) * 12 + i + di] += w
    b = dense(first, 150e3, np.full(144, 1.5))
    increment, _, dfs = blue(b, h, np.full(9, 0.25), first.values.ravel(), obs.values)
    np.testing.assert_allclose(plain(found.increment).ravel(), increment, atol=1e-10)
    assert float(found.dfs.data.magnitude) == pytest.approx(dfs, rel=1e-9)
    innovation = obs.values - h @ first.values.ravel()
    np.testing.assert_allclose(plain(found.innovation), innovation, atol=1e-12)
    assert found.innovation.dims == ("station",)


def test_one_observation_draws_its_own_column_of_the_covariance():
    """In the open plane σ² (r/L) K₁(r/L), as Matérn has it."""
    first = grid(81, 25.0)
    obs = first.where((first.x == 1000) & (first.y == 1000)) + 3.0
    found = analysis_2dvar(obs, first, length_scale="200 km", sigma_b=2.0, sigma_o=1.0)
    r = np.hypot(first.x - 1000, first.y - 1000).values.T / 200
    exact = np.where(r > 0, r * kv(1, np.maximum(r, 1e-9)), 1.0)
    increment = 3.0 * 4.0 * exact / (4.0 + 1.0)
    middle = r < 3
    assert np.abs(plain(found.increment) - increment)[middle].max() < 0.03


def test_perfect_observations_are_met_and_worthless_ones_ignored():
    first = grid(values=RANDOM.normal(size=(12, 12)))
    obs = first.copy(data=RANDOM.normal(size=(12, 12))).where(
        RANDOM.random((12, 12)) < 0.2
    )
    seen = np.isfinite(obs.values)
    words = {"length_scale": "150 km", "sigma_b": 1.0}
    met = analysis_2dvar(obs, first, sigma_o=1e-5, **words)
    np.testing.assert_allclose(plain(met.analysis)[seen], obs.values[seen], atol=1e-6)
    ignored = analysis_2dvar(obs, first, sigma_o=1e5, **words)
    np.testing.assert_allclose(plain(ignored.analysis), first.values, atol=1e-7)
    assert float(met.dfs.data.magnitude) == pytest.approx(seen.sum(), rel=1e-4)
    assert float(ignored.dfs.data.magnitude) < 1e-6


def test_nothing_is_carried_across_land_and_the_globe_goes_around():
    globe = GLOBAL["pole rows"](18)
    first = labelled(np.zeros((19, 36)), globe)
    obs = first.where((first.latitude == 0) & (first.longitude == 0)) + 1.0
    words = {"length_scale": "1500 km", "sigma_b": 1.0, "sigma_o": 0.1}
    around = plain(analysis_2dvar(obs, first, **words).analysis)
    np.testing.assert_allclose(around[9, 1], around[9, -1], rtol=1e-9)
    np.testing.assert_allclose(around[10, 0], around[8, 0], rtol=1e-9)
    wall = xr.ones_like(first, dtype=bool)
    wall[:, 5] = wall[:, 30] = False
    wall[[0, -1]] = False  # a pole is one point, on both sides of the wall
    apart = plain(analysis_2dvar(obs, first, mask=wall, **words).analysis)
    assert np.nanmax(np.abs(apart[:, 6:30])) < 1e-12
    assert np.isnan(apart[:, 5]).all()


def test_the_large_way_is_the_small_way(monkeypatch):
    from xnabla.descent.inversion import _best_estimate

    first = grid(24, values=RANDOM.normal(size=(24, 24)))
    obs = first.copy(data=RANDOM.normal(size=(24, 24))).where(
        RANDOM.random((24, 24)) < 0.3
    )
    words = {"length_scale": "150 km", "sigma_b": 1.0, "sigma_o": 0.5}
    small = analysis_2dvar(obs, first, **words)
    monkeypatch.setattr(_best_estimate, "_WRITTEN_OUT", 0)
    large = analysis_2dvar(obs, first, **words)
    np.testing.assert_allclose(plain(large.analysis), plain(small.analysis), atol=1e-8)
    assert int(large.n_iterations) > 0
    assert int(large.status) == Status.CONVERGED_GRADIENT
    dfs = float(small.dfs.data.magnitude)
    assert float(large.dfs.data.magnitude) == pytest.approx(dfs, rel=0.05)


@pytest.mark.parametrize(
    "name", ["curvilinear, skewed", "Lambert, one parallel, sphere", "rotated pole"]
)
def test_places_are_found_on_every_map(name):
    one = MAPS[name](24)
    linear = np.sin(one.phi) + np.cos(one.phi) * np.cos(one.lam)
    first = one.labelled(0.0 * linear, units="K")
    j, i = RANDOM.integers(2, np.array(linear.shape)[:, None] - 3, (2, 30))
    # the middle of a cell sees the mean of its corners
    corners = [(j, i), (j, i + 1), (j + 1, i), (j + 1, i + 1)]
    space = [
        np.mean([part[a] for a in corners], axis=0)
        for part in (
            np.cos(one.phi) * np.cos(one.lam),
            np.cos(one.phi) * np.sin(one.lam),
            np.sin(one.phi),
        )
    ]
    phi = np.arctan2(space[2], np.hypot(space[0], space[1]))
    lam = np.arctan2(space[1], space[0])
    obs = xr.DataArray(
        np.sin(phi) + np.cos(phi) * np.cos(lam),
        dims="ship",
        coords={"lat": ("ship", np.rad2deg(phi)), "lon": ("ship", np.rad2deg(lam))},
        attrs={"units": "K"},
    )
    exact = first.copy(data=linear)
    found = analysis_2dvar(
        obs, exact, length_scale="500 km", sigma_b=1.0, sigma_o=0.1, **one.options
    )
    assert int(found.n_valid) == 30
    assert np.abs(plain(found.innovation)).max() < 3e-3


def test_places_on_the_globe_cross_the_seam_and_leave_a_region():
    globe = GLOBAL["no pole rows"](36)
    exact = labelled(np.cos(globe.phi) * np.cos(globe.lam), globe)
    places = {
        "latitude": ("ship", [0.0, 89.0, -10.0, 40.0]),
        "longitude": ("ship", [359.9, 10.0, -170.0, 725.0]),
    }
    obs = xr.DataArray(np.zeros(4), dims="ship", coords=places, attrs={"units": "K"})
    words = {"length_scale": "500 km", "sigma_b": 1.0, "sigma_o": 0.1}
    found = analysis_2dvar(obs, exact, **words)
    lat, lon = (np.deg2rad(obs[n].values) for n in ("latitude", "longitude"))
    wrong = plain(found.innovation) + np.cos(lat) * np.cos(lon)
    assert np.abs(wrong).max() < 0.05
    part = analysis_2dvar(obs, exact.sel(latitude=slice(-20, 20)), **words)
    assert int(part.n_valid) == 2
    assert np.isnan(plain(part.innovation)[[1, 3]]).all()


def test_units_of_observations_are_those_of_the_field_in_the_end():
    first = grid(values=np.full((12, 12), 280.0))
    obs = first.where((first.x == 250) & (first.y == 250)) + 2.0
    words = {"length_scale": "150 km", "sigma_o": Q(1.0, "delta_degC")}
    kelvin = analysis_2dvar(obs, first, sigma_b=Q(1000.0, "mK"), **words)
    celsius = obs.copy(data=obs.values - 273.15).assign_attrs(units="degC")
    other = analysis_2dvar(celsius, first, sigma_b=1.0, **words)
    np.testing.assert_allclose(
        plain(other.analysis), plain(kelvin.analysis), atol=1e-10
    )
    warm = first.copy(data=first.values - 273.15).assign_attrs(units="degC")
    back = analysis_2dvar(obs, warm, sigma_b=1.0, **words)
    assert f"{back.analysis.data.units:~}" == "°C"
    assert f"{back.increment.data.units:~}" == "K"
    np.testing.assert_allclose(
        plain(back.analysis) + 273.15, plain(kelvin.analysis), atol=1e-10
    )


def test_each_time_has_its_own_observations():
    first = grid(values=RANDOM.normal(size=(12, 12))).expand_dims(time=3).copy()
    obs = first.copy(data=RANDOM.normal(size=(3, 12, 12)))
    obs = obs.where(RANDOM.random(obs.shape) < 0.2)
    obs[1] = np.nan
    words = {"length_scale": "150 km", "sigma_b": 1.0, "sigma_o": 0.5}
    with pytest.warns(RuntimeWarning, match="1 too_few_data"):
        found = analysis_2dvar(obs, first, **words)
    assert [*found.status.values] == [Status.EXACT, Status.TOO_FEW_DATA, Status.EXACT]
    np.testing.assert_array_equal(plain(found.analysis)[1], first.values[1])
    alone = analysis_2dvar(obs[2], first[2], **words)
    np.testing.assert_allclose(
        plain(found.analysis)[2], plain(alone.analysis), atol=1e-12
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        lazy = analysis_2dvar(obs.chunk(time=1), first.chunk(time=1), **words).compute()
    np.testing.assert_allclose(plain(lazy.analysis), plain(found.analysis), atol=1e-12)


def test_what_cannot_be_analysed_is_told():
    first = grid()
    obs = first + 1.0
    obs = obs.assign_attrs(units="K")
    words = {"length_scale": "150 km", "sigma_b": 1.0, "sigma_o": 0.5}
    with pytest.raises(OptionError, match="sigma_b= must be positive"):
        analysis_2dvar(obs, first, **(words | {"sigma_b": 0.0}))
    with pytest.raises(UnitsError, match="sigma_o='large'"):
        analysis_2dvar(obs, first, **(words | {"sigma_o": "large"}))
    with pytest.raises(UnitsError):
        analysis_2dvar(obs, first, **(words | {"sigma_o": Q(1.0, "m")}))
    with pytest.raises(UnitsError):
        analysis_2dvar(obs.assign_attrs(units="m"), first, **words)
    places = xr.DataArray(np.zeros(3), dims="station", attrs={"units": "K"})
    with pytest.raises(GridError, match="do not say their y and x"):
        analysis_2dvar(places, first, **words)
    zeros = ("station", np.zeros(3))
    named, many = places.assign_coords(x=zeros, y=zeros), first.expand_dims(time=2)
    with pytest.raises(GridError, match="one field"):
        analysis_2dvar(named, many, **words)
    large = grid(150)
    with pytest.raises(GridError, match="a solution for every point"):
        analysis_2dvar(large, large, error=True, **words)
