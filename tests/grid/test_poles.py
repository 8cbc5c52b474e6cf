"""Which ends of a latitude axis lie at a pole that can be crossed."""

import numpy as np
import pytest
from grid.making import RADIUS_M, globe, lat_lon

import xnabla as xn

LON = np.arange(0.0, 360.0, 10.0)


def poles(latitude, longitude=LON, **kwargs):
    """Return sign and kind of the poles found."""
    found = xn.grid_of(lat_lon(latitude, longitude), **kwargs).poles
    return {(pole.sign, pole.has_row) for pole in found}


def test_a_pole_row_is_a_pole():
    assert poles(np.arange(-90.0, 91.0, 10.0)) == {(1, True), (-1, True)}


def test_a_pole_between_rows_is_a_pole():
    assert poles(np.arange(-85.0, 86.0, 10.0)) == {(1, False), (-1, False)}


def test_a_descending_axis_has_the_same_poles():
    assert poles(np.arange(90.0, -91.0, -10.0)) == {(1, True), (-1, True)}


def test_a_pole_row_missing_is_still_crossed():
    """88 N by 2 degrees: the pole is one step away, its far side two."""
    assert poles(np.arange(-88.0, 89.0, 2.0)) == {(1, False), (-1, False)}


def test_a_pole_further_than_a_step_is_not_crossed():
    assert poles(np.arange(-80.0, 81.0, 5.0)) == set()


def test_a_northern_hemisphere_has_one_pole():
    assert poles(np.arange(0.0, 91.0, 10.0)) == {(1, True)}


def test_a_southern_hemisphere_has_the_other():
    assert poles(np.arange(-85.0, 0.0, 10.0)) == {(-1, False)}


def test_a_region_that_touches_the_pole_does_not_cross_it():
    assert poles(np.arange(50.0, 91.0, 10.0), np.arange(0.0, 90.0, 10.0)) == set()


def test_without_longitudes_nothing_is_crossed():
    assert xn.grid_of(globe().isel(lon=0, drop=True)).poles == ()


def test_gaussian_rows_are_not_pole_rows():
    latitude = np.rad2deg(np.arcsin(np.polynomial.legendre.leggauss(24)[0]))
    assert poles(latitude) == {(1, False), (-1, False)}


@pytest.mark.parametrize("top", [90.0 - 1e-7, 90.0 + 1e-7, np.float32(90.0)])
def test_the_last_bit_of_a_file_does_not_move_the_pole(top):
    latitude = np.arange(-90.0, 91.0, 10.0)
    latitude[-1] = top
    assert (1, True) in poles(latitude)


def northward_error(latitude, rows, poles="across"):
    """Return the error of the northward derivative of a smooth field in some rows."""

    def value(phi, lam):
        return np.cos(phi) * np.cos(lam)

    got = xn.derivative(lat_lon(latitude, LON, value), "lat", poles=poles)
    phi = np.deg2rad(latitude)[:, None]
    exact = -np.sin(phi) * np.cos(np.deg2rad(LON)) / RADIUS_M
    return np.abs(got.data.magnitude - exact)[rows].max() * RADIUS_M


@pytest.mark.parametrize("first", [-90.0, -85.0])
def test_rows_beside_the_pole_err_no_more_than_a_centred_difference(first):
    latitude = np.arange(first, -first + 1, 10.0)
    h = np.deg2rad(10.0)
    assert northward_error(latitude, [0, 1, -2, -1]) < 1.05 * h**2 / 6


def test_poles_missing_blanks_the_rows_beside_the_poles_and_no_others():
    got = xn.derivative(globe(), "lat", poles="missing").data.magnitude
    rows = np.isnan(got).all(axis=1)
    assert rows[[0, -1]].all()
    assert not np.isnan(got[1:-1]).any()


def test_poles_missing_blanks_the_eastward_derivative_on_the_pole_row_only():
    got = xn.derivative(globe(), "lon", poles="missing").data.magnitude
    assert np.isnan(got[[0, -1]]).all()
    assert np.isfinite(got[1:-1]).all()


def test_the_gradient_on_a_pole_row_is_one_vector_seen_from_every_longitude():
    """On the pole, north at λ and east at λ are one vector turned by λ."""
    field = globe(5.0, values=lambda phi, lam: np.cos(phi) * np.cos(lam))
    north, east = (part.data.magnitude[-1] * RADIUS_M for part in xn.gradient(field))
    lam = np.deg2rad(field["lon"].values)
    # f = x near the pole, so its gradient is the unit vector of the 0 meridian
    np.testing.assert_allclose(north, -np.cos(lam), rtol=0, atol=2e-3)
    np.testing.assert_allclose(east, -np.sin(lam), rtol=0, atol=2e-3)


def test_the_gradient_on_the_south_pole_row_is_one_vector_too():
    field = globe(5.0, values=lambda phi, lam: np.cos(phi) * np.cos(lam))
    north, east = (part.data.magnitude[0] * RADIUS_M for part in xn.gradient(field))
    lam = np.deg2rad(field["lon"].values)
    np.testing.assert_allclose(north, np.cos(lam), rtol=0, atol=2e-3)
    np.testing.assert_allclose(east, -np.sin(lam), rtol=0, atol=2e-3)


def test_a_region_that_touches_the_pole_has_a_northward_derivative_everywhere():
    latitude, longitude = np.arange(50.0, 91.0, 5.0), np.arange(0.0, 90.0, 5.0)
    field = lat_lon(latitude, longitude, lambda phi, lam: 3.0 * phi + 0 * lam)
    got = xn.derivative(field, "lat").data.magnitude
    np.testing.assert_allclose(got, np.full(got.shape, 3.0 / RADIUS_M), rtol=1e-12)


def test_a_region_that_touches_the_pole_has_no_eastward_derivative_there():
    latitude, longitude = np.arange(50.0, 91.0, 5.0), np.arange(0.0, 90.0, 5.0)
    field = lat_lon(latitude, longitude, lambda phi, lam: 3.0 * lam + 0 * phi)
    got = xn.derivative(field, "lon").data.magnitude
    assert np.isnan(got[-1]).all()
    exact = 3.0 / (RADIUS_M * np.cos(np.deg2rad(latitude[:-1])))[:, None]
    np.testing.assert_allclose(got[:-1], np.tile(exact, longitude.size), rtol=1e-12)
