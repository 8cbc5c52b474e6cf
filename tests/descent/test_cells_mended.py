"""What fits once let pass in silence: wrong cells, units, names, times, numbers."""

from __future__ import annotations

import numpy as np
import pint
import pytest
import xarray as xr
from descent.cells_making import monthly, plain

from xnabla.descent import detrend, predict, regress, trend
from xnabla.errors import FieldError, OptionError, UnitsError

RANDOM = np.random.default_rng(71)
Q = pint.get_application_registry().Quantity


@pytest.fixture
def field():
    return monthly(RANDOM.normal(size=(40, 2, 3)))


def index(field, units="hPa"):
    values = RANDOM.normal(size=field.sizes["time"])
    return xr.DataArray(
        values, dims="time", coords={"time": field.time}, attrs={"units": units}
    )


@pytest.mark.parametrize(
    ("other", "got"),
    [
        (lambda f: f[:, ::-1], "other values of the coordinate 'lat'"),
        (lambda f: f.assign_coords(lon=f.lon + 100), "coordinate 'lon'"),
        (lambda f: f[:, :1], "1 points beside 2 along 'lat'"),
        (lambda f: f[:, 0], "cells along lon"),
        (lambda f: f.expand_dims(member=2), "cells along member, lat, lon"),
    ],
)
def test_a_line_is_not_taken_off_another_cell(field, other, got):
    with pytest.raises(OptionError, match=rf"cells of the fit.*{got}.*reindex_like"):
        detrend(other(field), trend(field))


def test_the_order_of_dimensions_does_not_matter_to_a_residual(field):
    turned = detrend(field.transpose("lon", "time", "lat"), trend(field))
    np.testing.assert_allclose(
        plain(turned.transpose(*field.dims)), plain(detrend(field)), atol=1e-12
    )


def test_units_of_another_quantity_are_refused(field):
    fit = trend(field)
    with pytest.raises(UnitsError, match=r"another unit.*'K'.*'Pa'|'Pa'.*'K'"):
        detrend(field.assign_attrs(units="Pa"), fit)
    x = index(field)
    fit = regress(field, {"x": x})
    with pytest.raises(UnitsError, match=r"Predictor 'x' is in another unit.*'hPa'"):
        predict(fit, {"x": x.assign_attrs(units="K")})


def test_a_residual_in_degrees_celsius_of_a_fit_in_kelvin(field):
    warm = (field + 280).assign_attrs(units="K")
    celsius = (warm - 273.15).assign_attrs(units="degC")
    np.testing.assert_allclose(
        plain(detrend(celsius, trend(warm))), plain(detrend(warm)), atol=1e-10
    )


def test_predictors_of_different_times_are_not_joined(field):
    a, b = index(field), index(field)
    fit = regress(field, {"a": a, "b": b})
    with pytest.raises(OptionError, match=r"different points.*dropped silently"):
        predict(fit, {"a": a[:10], "b": b[5:20]})
    assert predict(fit, {"a": a[:10], "b": b[:10]}).sizes["time"] == 10


def test_a_predictor_may_have_a_space_in_its_name(field):
    x = index(field)
    spaced, short = regress(field, {"wind speed": x}), regress(field, {"x": x})
    np.testing.assert_array_equal(
        plain(predict(spaced, {"wind speed": x})), plain(predict(short, {"x": x}))
    )


def test_a_bare_date_is_told_how_to_become_points(field):
    with pytest.raises(FieldError, match=r"predict\(fit, xarray.DataArray"):
        predict(trend(field), np.datetime64("2000-01-01"))
