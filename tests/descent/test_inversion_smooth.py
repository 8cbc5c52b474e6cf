"""Smoothing: the response of every wave, the mean, and the globe's own kilometres."""

import numpy as np
import pytest
import xarray as xr
from fields import GLOBAL, SPHERE_M, labelled
from scipy.special import sph_harm_y

from xnabla.descent._status import Status
from xnabla.descent.inversion import operator_matrix, smooth
from xnabla.errors import OptionError, UnitsError

RANDOM = np.random.default_rng(77)


def plain(field):
    return np.asarray(field.data.magnitude)


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("degree", [1, 4, 10])
@pytest.mark.parametrize("name", ["pole rows", "gaussian"])
def test_a_spherical_harmonic_keeps_its_known_part(name, degree, order):
    """1 / (1 + (L²l(l+1)/a²)^order), wherever on the globe, poles included."""
    globe = GLOBAL[name](90)
    wave = sph_harm_y(degree, min(2, degree), np.pi / 2 - globe.phi, globe.lam).real
    length = 900e3
    z = length**2 * degree * (degree + 1) / SPHERE_M**2
    field = labelled(wave, globe)
    found = smooth(field, length_scale="900 km", order=order)
    np.testing.assert_allclose(plain(found.smoothed), wave / (1 + z**order), atol=3e-3)


@pytest.mark.parametrize("method", ["fft", "lu", "cg"])
@pytest.mark.parametrize("order", [1, 2])
def test_the_mean_stays_and_the_result_is_the_lowest(order, method):
    globe = GLOBAL["pole rows"](18)
    shape = np.broadcast(globe.phi, globe.lam).shape
    field = labelled(280 + RANDOM.normal(size=shape), globe)
    found = smooth(field, length_scale="1000 km", order=order, method=method)
    laplacian = operator_matrix(field, "laplacian")
    area = laplacian.area_m2.diagonal()
    y, x = laplacian.vector(field), laplacian.vector(found.smoothed)
    assert x @ area == pytest.approx(y @ area, rel=1e-13)
    bent = laplacian @ x
    pull = -1e12 * bent if order == 1 else 1e24 * (laplacian @ bent)
    assert np.abs(x - y + pull).max() < 1e-7
    if order == 1:
        cost = ((x - y) ** 2 - 1e12 * x * bent) @ area
        assert float(found.cost.data.magnitude) == pytest.approx(cost, rel=1e-8)
    assert float(found.gradient_norm.data.magnitude) < 1e-9


def test_gaps_count_for_nothing_and_stay():
    globe = GLOBAL["no pole rows"](24)
    shape = np.broadcast(globe.phi, globe.lam).shape
    field = labelled(RANDOM.normal(size=(3, *shape)), globe, time=np.arange(3))
    field[0, 5:9, 3:20] = np.nan
    field[1] = np.nan
    found = smooth(field, length_scale="800 km")
    np.testing.assert_array_equal(
        np.isnan(plain(found.smoothed)), field.isnull().values
    )
    assert [*found.status.values] == [11, Status.ALL_MISSING, 11]
    area = operator_matrix(field[0]).area_m2.diagonal()
    there = np.isfinite(field.values[0]).ravel()
    before = field.values[0].ravel()[there] @ area[there]
    after = plain(found.smoothed)[0].ravel()[there] @ area[there]
    assert after == pytest.approx(before, rel=1e-9)
    lazy = smooth(field.chunk(time=1), length_scale="800 km").compute()
    np.testing.assert_allclose(plain(lazy.smoothed), plain(found.smoothed), atol=1e-13)


def test_nothing_is_carried_across_a_wall():
    globe = GLOBAL["no pole rows"](24)
    shape = np.broadcast(globe.phi, globe.lam).shape
    field = labelled(np.zeros(shape), globe)
    field[:12] = 7.0
    mask = xr.ones_like(field, dtype=bool)
    mask[12] = False
    found = plain(smooth(field, length_scale="2000 km", mask=mask).smoothed)
    np.testing.assert_allclose(found[:12], 7.0, atol=1e-10)
    np.testing.assert_allclose(found[13:], 0.0, atol=1e-10)


def test_kind_unit_and_names_stay():
    globe = GLOBAL["pole rows"](12)
    shape = np.broadcast(globe.phi, globe.lam).shape
    field = labelled((15 + RANDOM.normal(size=shape)).astype(np.float32), globe)
    field = field.assign_attrs(units="degC", standard_name="air_temperature")
    found = smooth(field.T)
    assert found.smoothed.dims == ("longitude", "latitude")
    assert found.smoothed.dtype == np.float32
    assert f"{found.smoothed.data.units:~}" == "°C"
    assert found.attrs["length_scale"] == "300 km"
    kelvin = field.copy(data=field.values.astype(float) + 273.15).assign_attrs(
        units="K"
    )
    np.testing.assert_allclose(
        plain(smooth(kelvin).smoothed) - 273.15,
        plain(smooth(field).smoothed),
        atol=1e-5,
    )
    import pint

    q = pint.get_application_registry().Quantity
    other = smooth(field, length_scale=q(0.3, "Mm"))
    np.testing.assert_array_equal(plain(other.smoothed), plain(smooth(field).smoothed))


def test_lengths_and_orders_that_cannot_be_are_told():
    field = labelled(np.zeros((9, 16)), GLOBAL["pole rows"](8))
    with pytest.raises(UnitsError, match="length_scale=300"):
        smooth(field, length_scale=300)
    with pytest.raises(UnitsError, match="length_scale"):
        smooth(field, length_scale="300 s")
    with pytest.raises(UnitsError, match="'wide'"):
        smooth(field, length_scale="wide")
    with pytest.raises(OptionError, match="positive"):
        smooth(field, length_scale="0 km")
    with pytest.raises(OptionError, match="order=3"):
        smooth(field, order=3)
    with pytest.raises(OptionError, match="'sor'"):
        smooth(field, method="sor")
