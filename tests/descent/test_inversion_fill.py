"""Filling: what was observed stays to the bit, what fills is harmonic and no more."""

import warnings

import numpy as np
import pytest
import xarray as xr
from atlas import MAPS
from fields import GLOBAL, REGIONAL, Globe, around, labelled, real

from xnabla.descent._status import Status
from xnabla.descent.inversion import fill_missing, operator_matrix
from xnabla.errors import FieldError, GridError, OptionError, UnitsError

RANDOM = np.random.default_rng(31)


def plain(field):
    return np.asarray(field.data.magnitude)


def harmonic(globe, m=2):
    """tan^m(45° - φ/2) cos mλ: harmonic on the sphere except at the South Pole."""
    return np.tan(np.pi / 4 - globe.phi / 2) ** m * np.cos(m * globe.lam)


def polar(step):
    """A cap from 60 to 88 degrees, all around."""
    return Globe("cap", np.arange(60.0, 88.1, step), around(round(360 / step)))


@pytest.mark.parametrize("method", ["laplace", "biharmonic"])
def test_gaps_in_harmonic_fields_are_filled_to_second_order(method):
    """Where meridians converge, too: 72 to 84 degrees north."""
    errors = []
    for step in (2.0, 1.0):
        globe = polar(step)
        exact = labelled(harmonic(globe), globe)
        gap = (exact.latitude >= 72) & (exact.latitude <= 84)
        gap = gap & (exact.longitude > 40) & (exact.longitude < 200)
        found = fill_missing(exact.where(~gap), method=method)
        wrong = np.abs(plain(found.filled) - exact.values)[gap.values]
        errors.append(wrong.max() / np.abs(exact.values[gap.values]).max())
    assert np.log2(errors[0] / errors[1]) > 1.85
    assert errors[1] < 5e-4


def test_unit_spacing_would_be_a_hundred_times_worse():
    globe = polar(1.0)
    exact = labelled(harmonic(globe), globe)
    gap = (exact.latitude >= 72) & (exact.latitude <= 84)
    gap = gap & (exact.longitude > 40) & (exact.longitude < 200)
    holes = exact.where(~gap)
    right = np.abs(plain(fill_missing(holes).filled) - exact.values)[gap.values].max()
    flat = xr.DataArray(
        holes.values,
        dims=("y", "x"),
        coords={
            "y": ("y", np.arange(29.0), {"units": "km"}),
            "x": ("x", np.arange(360.0), {"units": "km"}),
        },
        attrs={"units": "K"},
    )
    found = plain(fill_missing(flat, periodic={"x": True}).filled)
    wrong = np.abs(found - exact.values)[gap.values].max()
    assert wrong > 100 * right


@pytest.mark.parametrize("method", ["laplace", "biharmonic"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    "name", ["pole rows", "gaussian", "closed", "uneven longitudes"]
)
def test_observed_values_stay_to_the_last_bit(name, dtype, method):
    globe = GLOBAL[name](12)
    shape = np.broadcast(globe.phi, globe.lam).shape
    field = labelled((280 + RANDOM.normal(size=shape)).astype(dtype), globe)
    field = field.where(RANDOM.random(shape) > 0.4)
    found = fill_missing(field, method=method)
    assert found.filled.dtype == dtype
    seen = np.isfinite(field.values)
    np.testing.assert_array_equal(plain(found.filled)[seen], field.values[seen])
    assert np.isfinite(plain(found.filled)).all()
    np.testing.assert_array_equal(found.is_filled.values, ~seen)
    assert int(found.n_filled) == (~seen).sum()


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_nothing_leaves_the_range_of_what_was_observed(seed, dtype):
    """The maximum principle, to the last bit; constants stay constants."""
    random = np.random.default_rng(seed)
    globe = GLOBAL["pole rows"](16)
    shape = np.broadcast(globe.phi, globe.lam).shape
    field = labelled((1e5 + random.normal(size=shape)).astype(dtype), globe)
    field = field.where(random.random(shape) > 0.7)
    found = plain(fill_missing(field).filled)
    assert found.max() <= np.nanmax(field.values)
    assert found.min() >= np.nanmin(field.values)
    same = field.where(field.isnull(), dtype(101325.1))
    assert np.ptp(plain(fill_missing(same).filled)) == 0.0


def test_a_filled_value_is_the_weighted_mean_of_its_neighbours():
    globe = REGIONAL["polar sector"](60)
    shape = np.broadcast(globe.phi, globe.lam).shape
    field = labelled(RANDOM.normal(size=shape), globe)
    field = field.where(RANDOM.random(shape) > 0.5)
    found = fill_missing(field)
    laplacian = operator_matrix(field, "laplacian")
    rest = laplacian @ laplacian.vector(found.filled)
    gaps = np.isnan(laplacian.vector(field))
    assert np.abs(rest[gaps]).max() <= 1e-10 * np.abs(rest).max()


def test_linear_fields_on_a_plane_are_filled_exactly():
    y, x = np.cumsum(RANDOM.uniform(1, 2, 12)), np.cumsum(RANDOM.uniform(1, 3, 14))
    plane = xr.DataArray(
        2 * y[:, None] - 3 * x,
        dims=("y", "x"),
        coords={"y": ("y", y, {"units": "km"}), "x": ("x", x, {"units": "km"})},
        attrs={"units": "hPa"},
    )
    gap = xr.zeros_like(plane, dtype=bool)
    gap[3:8, 4:9] = True
    for method in ("laplace", "biharmonic"):
        found = fill_missing(plane.where(~gap), method=method)
        np.testing.assert_allclose(plain(found.filled), plane.values, atol=1e-10)


def test_the_biharmonic_goes_on_beyond_what_was_seen():
    x = np.arange(30.0)
    ramp = xr.DataArray(
        np.tile(x, (9, 1)),
        dims=("y", "x"),
        coords={
            "y": ("y", np.arange(9.0), {"units": "km"}),
            "x": ("x", x, {"units": "km"}),
        },
        attrs={"units": "K"},
    )
    gap = ramp.where(ramp.x < 20)
    steep = plain(fill_missing(gap, method="biharmonic").filled)[:, 20:24]
    flat = plain(fill_missing(gap).filled)[:, 20:24]
    assert steep.max() > 21.0
    np.testing.assert_allclose(flat, 19.0, atol=1e-9)


def test_land_stays_land_and_carries_nothing_across():
    globe = REGIONAL["across Greenwich"](60)
    shape = np.broadcast(globe.phi, globe.lam).shape
    field = labelled(np.ones(shape), globe)
    field[:, 12:] = 5.0
    sea = xr.ones_like(field, dtype=bool)
    sea[:, 10] = False
    field = field.where(sea)
    field[4:8, 4:8] = np.nan
    field[4:8, 13:16] = np.nan
    found = plain(fill_missing(field, mask=sea).filled)
    assert np.isnan(found[:, 10]).all()
    np.testing.assert_allclose(found[4:8, 4:8], 1.0, atol=1e-12)
    np.testing.assert_allclose(found[4:8, 13:16], 5.0, atol=1e-12)
    alone = field.copy()
    alone[:, :10] = np.nan
    part = fill_missing(alone, mask=sea)
    assert np.isnan(plain(part.filled)[:, :10]).all()
    assert int(part.n_filled) == 12


def test_far_from_everything_stays_missing_if_asked():
    globe = REGIONAL["across Greenwich"](90)
    shape = np.broadcast(globe.phi, globe.lam).shape
    field = labelled(RANDOM.normal(size=shape), globe)
    field[8:22, 8:22] = np.nan
    found = fill_missing(field, max_gap="1000 km")
    left = np.isnan(plain(found.filled))
    assert 0 < left.sum() < 14 * 14
    assert left[15, 15]
    assert found.attrs["max_gap"] == "1000 km"
    assert not np.isnan(plain(fill_missing(field, max_gap="1e4 km").filled)).any()


@pytest.mark.parametrize("method", ["laplace", "biharmonic"])
def test_what_stays_missing_does_not_change_what_is_filled(method):
    """Far points are blanked, not held at some value that the rest is pulled to."""
    globe = GLOBAL["pole rows"](24)
    values = np.full(np.broadcast(globe.phi, globe.lam).shape, 30.0)
    values[len(values) // 2 :] = 0.0
    field = labelled(values, globe)
    field[-9:, 8:22] = np.nan
    found = fill_missing(field, method=method, max_gap="1000 km")
    there = found.is_filled.values
    assert 0 < int(found.n_filled) == there.sum() < 9 * 14
    np.testing.assert_allclose(plain(found.filled)[there], 0.0, atol=1e-9)
    whole = fill_missing(field, method=method)
    np.testing.assert_allclose(
        plain(found.filled)[there], plain(whole.filled)[there], atol=1e-12
    )


def test_each_time_has_its_own_gaps_and_an_empty_one_says_so():
    globe = GLOBAL["pole rows"](8)
    shape = np.broadcast(globe.phi, globe.lam).shape
    field = labelled(RANDOM.normal(size=(4, *shape)), globe, time=np.arange(4))
    field = field.where(RANDOM.random(field.shape) > 0.3)
    field[2] = np.nan
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = fill_missing(field)
    assert [*found.status.values] == [11, 11, Status.ALL_MISSING, 11]
    for k in (0, 1, 3):
        alone = fill_missing(field[k])
        wrong = plain(found.filled)[k] - plain(alone.filled)
        assert np.abs(wrong).max() < 1e-14
    lazy = fill_missing(field.chunk(time=1)).compute()
    np.testing.assert_allclose(plain(lazy.filled), plain(found.filled), atol=1e-14)


def test_units_with_a_zero_of_their_own_stay():
    globe = GLOBAL["pole rows"](8)
    shape = np.broadcast(globe.phi, globe.lam).shape
    field = labelled(RANDOM.normal(size=shape), globe).where(RANDOM.random(shape) > 0.3)
    found = fill_missing(
        field.assign_attrs(units="degC", standard_name="air_temperature")
    )
    assert f"{found.filled.data.units:~}" == "°C"
    assert found.filled.attrs["standard_name"] == "air_temperature"
    assert f"{found.cost.data.units:~}" == "K ** 2"


@pytest.mark.parametrize("name", ["curvilinear, skewed", "rotated pole"])
def test_other_maps_are_filled_too(name):
    one = MAPS[name](40)
    exact = np.sin(one.phi)
    field = one.labelled(exact.copy(), units="K")
    field[15:22, 10:18] = np.nan
    found = fill_missing(field, method="biharmonic", **one.options)
    assert np.abs(plain(found.filled) - exact).max() < 2e-3


def test_real_sea_surface_is_filled_and_stays_where_it_was():
    sst = xr.open_dataset(real("ersst_v5_mnmean.nc")).sst.isel(time=slice(0, 3)).load()
    found = fill_missing(sst)
    seen = np.isfinite(sst.values)
    np.testing.assert_array_equal(plain(found.filled)[seen], sst.values[seen])
    assert np.isfinite(plain(found.filled)).all()
    assert plain(found.filled).max() <= np.nanmax(sst.values)


def test_what_cannot_be_filled_is_told():
    globe = GLOBAL["pole rows"](8)
    shape = np.broadcast(globe.phi, globe.lam).shape
    field = labelled(RANDOM.normal(size=shape), globe)
    with pytest.raises(OptionError, match="kriging"):
        fill_missing(field, method="kriging")
    with pytest.raises(UnitsError, match="max_gap=3"):
        fill_missing(field, max_gap=3)
    with pytest.raises(UnitsError, match="max_gap"):
        fill_missing(field, max_gap="3 K")
    with pytest.raises(OptionError, match="positive"):
        fill_missing(field, max_gap="-3 km")
    with pytest.raises(FieldError, match="2 infinite values"):
        fill_missing(
            field.where(field.values != field.values.max(), np.inf).where(
                field.values != field.values.min(), -np.inf
            )
        )
    with pytest.raises(GridError):
        fill_missing(field[0])
    assert int(fill_missing(field).n_filled) == 0
