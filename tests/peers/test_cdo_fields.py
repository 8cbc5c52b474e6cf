"""CDO as a referee of what is done to whole fields: fits, filters, gaps."""

import shutil
import subprocess

import numpy as np
import pytest
import xarray as xr
from fields import numbers

import xnabla as xn

pytestmark = pytest.mark.peer

# What CDO and GrADS weigh nine points by.
WINDOW = np.array([[0.3, 0.5, 0.3], [0.5, 1.0, 0.5], [0.3, 0.5, 0.3]])


@pytest.fixture(scope="module")
def months():
    """Noise about a smooth field, 60 times, with a hole and scattered gaps."""
    random = np.random.default_rng(5)
    lat, lon = np.arange(-87.5, 90, 5.0), np.arange(0.0, 360, 5.0)
    p, q = np.meshgrid(np.deg2rad(lat), np.deg2rad(lon), indexing="ij")
    values = 280 + 20 * np.sin(p) * np.cos(p) ** 2 * np.cos(2 * q)
    values = values + 0.01 * np.arange(60)[:, None, None]
    values = values + random.normal(size=values.shape)
    values[:, :3, :5] = np.nan
    values[random.random(values.shape) < 0.05] = np.nan
    coords = {
        "time": ("time", np.arange(60.0), {"units": "days since 2000-01-01"}),
        "lat": ("lat", lat, {"units": "degrees_north", "standard_name": "latitude"}),
        "lon": ("lon", lon, {"units": "degrees_east", "standard_name": "longitude"}),
    }
    dims = ("time", "lat", "lon")
    field = xr.DataArray(values, dims=dims, coords=coords, attrs={"units": "K"})
    return xr.decode_cf(field.to_dataset(name="t"))["t"]


@pytest.fixture(scope="module")
def cdo(months, tmp_path_factory):
    if shutil.which("cdo") is None:
        pytest.skip("needs cdo")
    folder = tmp_path_factory.mktemp("cdo")
    months.to_netcdf(folder / "in.nc", engine="netcdf4")

    def run(*operators, of=None):
        if of is not None:
            of.to_dataset(name="t").to_netcdf(folder / "of.nc", engine="netcdf4")
        source = "in.nc" if of is None else "of.nc"
        command = ["cdo", "-s", "-O", "-b", "F64", *operators, source, "out.nc"]
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        with xr.open_dataset(folder / "out.nc", engine="netcdf4") as found:
            return np.squeeze(found["t"].load().values)

    return run


def test_nine_points_with_cdo_s_weights_across_the_seam_and_beside_gaps(months, cdo):
    expected = cdo("-smooth9", "-seltimestep,1")
    first = months.isel(time=0)
    got = numbers(
        xn.smooth_window(first, WINDOW, missing="shrink", poles="missing"), "K"
    )
    np.testing.assert_array_equal(np.isnan(got), np.isnan(expected))
    np.testing.assert_allclose(got, expected, rtol=0, atol=1e-11)


def test_a_trend_counted_per_step_is_cdo_s(months, cdo):
    expected = cdo("-regres")
    fit = xn.trend(months, per="day", se="ols")
    np.testing.assert_allclose(numbers(fit.slope, "K/d"), expected, rtol=0, atol=1e-12)


def test_what_is_left_of_a_trend_is_cdo_s(months, cdo):
    expected = cdo("-detrend")
    got = numbers(xn.detrend(months), "K")
    np.testing.assert_allclose(got, expected, rtol=0, atol=1e-10)


@pytest.mark.parametrize("operator", ["fillmiss", "setmisstodis"])
def test_a_hole_in_a_harmonic_field_is_filled_closer_to_the_truth(
    months, cdo, operator
):
    """The real part of (tan(pi/4 - p/2) e^(iq))^2 is harmonic on the sphere."""
    p, q = np.deg2rad(months.lat), np.deg2rad(months.lon)
    truth = np.tan(np.pi / 4 - p / 2) ** 2 * np.cos(2 * q)
    truth = truth.sel(lat=slice(20, 80)).assign_attrs(units="K")
    hole = (abs(truth.lat - 50) < 18) & (abs(truth.lon - 180) < 40)
    holed = truth.where(~hole)
    ours = numbers(xn.fill_missing(holed).filled, "K")
    theirs = cdo(f"-{operator}", of=holed)
    off = [
        np.abs(values - truth.values)[hole.values].max() for values in (ours, theirs)
    ]
    assert off[0] < off[1] / 100
