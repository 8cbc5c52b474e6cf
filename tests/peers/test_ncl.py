"""NCL as a referee: spectral potentials, gradients, fits and filters of its library.

NCL's own functions are run where it is installed; nothing of it is kept here.
"""

import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from fields import numbers

import xnabla as xn

pytestmark = pytest.mark.peer

EARTH = 6_371_220.0  # NCL's own
NIGHTS = np.array(
    [4.9, 6.5, 8.3, 6.1, 9.0, 7.7, 9.9, 8.4, 10.1, 11.9, 9.6, 12.8, 11.1, 13.3, 12.2]
)

SCRIPT = """
load "$NCARG_ROOT/lib/ncarg/nclscripts/csm/contributed.ncl"
begin
f = addfile("in.nc", "r")
u = f->u
v = f->v
t = f->t
lat = f->lat
lon = f->lon
o = addfile("out.nc", "c")
sfvp = uv2sfvpF(u, v)
slope = grad_latlon_cfd(t, lat, lon, True, False)
shear = shear_stretch_deform_cfd(u, v, lat, lon, True, 0)
brought = advect_variable_cfd(u, v, t, lat, lon, True, "", "", 0)
o->psi = (/sfvp(0,:,:)/)
o->chi = (/sfvp(1,:,:)/)
o->ty = (/slope[0]/)
o->tx = (/slope[1]/)
o->stretch = (/shear[0]/)
o->shear = (/shear[1]/)
o->brought = (/brought/)
o->smth9 = (/smth9(t, 0.5, 0.25, True)/)
y = f->y
line = regline_stats(ispan(0, dimsizes(y) - 1, 1) * 1.0d, y)
o->slope = (/line@b(1)/)
o->intercept = (/line@b(0)/)
o->stderr = (/line@stderr(1)/)
o->pvalue = (/line@pval(1)/)
o->r2 = (/line@r2/)
o->low = (/line@b95(0)/)
o->high = (/line@b95(1)/)
rank = trend_manken(y, False, 0)
o->confidence = (/rank(0)/)
end
"""


def contributed():
    """Return where NCL's library of functions lies, if NCL is here."""
    if shutil.which("ncl") is None:
        pytest.skip("needs ncl")
    for root in ("/usr/share/ncarg", "/usr/lib/ncarg", "/usr/local/lib/ncarg"):
        path = Path(root, "nclscripts/csm/contributed.ncl")
        if path.exists():
            return path
    pytest.skip("needs NCL's contributed.ncl")


def weather():
    """A wind of a few waves with both potentials, and a temperature, every 2.5°."""
    lat, lon = np.arange(-90.0, 90.1, 2.5), np.arange(0.0, 360.0, 2.5)
    p, q = np.meshgrid(np.deg2rad(lat), np.deg2rad(lon), indexing="ij")
    # psi = a (3 cos^4 p sin p cos 4q - 15 sin p), chi = 2 a cos^2 p cos 2q
    u = 15 * np.cos(p) - 4 * np.cos(p) * np.sin(2 * q)
    u -= 3 * (np.cos(p) ** 5 - 4 * np.cos(p) ** 3 * np.sin(p) ** 2) * np.cos(4 * q)
    v = -12 * np.cos(p) ** 3 * np.sin(p) * np.sin(4 * q)
    v -= 4 * np.cos(p) * np.sin(p) * np.cos(2 * q)
    t = 280 + 20 * np.sin(p) * np.cos(p) ** 2 * np.cos(2 * q) - 25 * np.sin(p) ** 2
    kinds = {"u": ("m s-1", "eastward_wind"), "v": ("m s-1", "northward_wind")}
    kinds["t"] = ("K", "air_temperature")
    made = xr.Dataset(
        {
            name: (
                ("lat", "lon"),
                values,
                dict(zip(("units", "standard_name"), kinds[name], strict=True)),
            )
            for name, values in {"u": u, "v": v, "t": t}.items()
        },
        coords={
            "lat": ("lat", lat, {"units": "degrees_north"}),
            "lon": ("lon", lon, {"units": "degrees_east"}),
        },
    )
    made["y"] = ("night", NIGHTS, {"units": "mm"})
    return made


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    library = contributed()
    folder = tmp_path_factory.mktemp("ncl")
    fields = weather()
    fields.to_netcdf(folder / "in.nc", engine="netcdf4", format="NETCDF3_CLASSIC")
    script = re.sub(r'load ".*"', f'load "{library}"', SCRIPT)
    (folder / "script.ncl").write_text(script)
    done = subprocess.run(
        ["ncl", "-n", "script.ncl"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (folder / "out.nc").exists(), done.stdout
    with xr.open_dataset(folder / "out.nc", engine="netcdf4") as found:
        return fields, found.load()


def near(got, expected, share, rows=slice(None)):
    scale = np.nanmax(np.abs(expected[rows]))
    np.testing.assert_allclose(got[rows], expected[rows], rtol=0, atol=share * scale)


def test_potentials_are_those_of_spherical_harmonics(both):
    fields, ncl = both
    split = xn.helmholtz(fields["u"], fields["v"], earth=EARTH)
    weights = np.cos(np.deg2rad(fields.lat.values))[:, None] * np.ones(144)
    for ours, theirs in (("streamfunction", "psi"), ("velocity_potential", "chi")):
        got, expected = numbers(split[ours], "m**2/s"), ncl[theirs].values
        got = got - np.average(got, weights=weights)
        near(got, expected - np.average(expected, weights=weights), 1e-6)


def test_gradients_and_advection_are_the_same_differences(both):
    fields, ncl = both
    g = xn.gradient(fields["t"], earth=EARTH)
    inside = slice(1, -1)
    near(numbers(g.y, "K/m"), ncl["ty"].values, 1e-12, inside)
    near(numbers(g.x, "K/m"), ncl["tx"].values, 1e-12, inside)
    ours = xn.advection(fields["t"], fields["u"], fields["v"], earth=EARTH)
    # NCL's is V . grad t, that which is brought has the other sign
    near(-numbers(ours, "K/s"), ncl["brought"].values, 1e-12, inside)


def test_ncl_s_deformation_leaves_out_the_curvature_of_parallels(both):
    """Ours has it: a rigid rotation, 15 cos p of this wind, does not deform."""
    fields, ncl = both
    u, v = fields["u"], fields["v"]
    slope = {
        (name, dim): numbers(xn.derivative(fields[name], dim, earth=EARTH), "1/s")
        for name in "uv"
        for dim in ("lat", "lon")
    }
    inside = slice(1, -1)
    shear = slope["v", "lon"] + slope["u", "lat"]
    stretch = slope["u", "lon"] - slope["v", "lat"]
    near(shear, ncl["shear"].values, 1e-11, inside)
    near(stretch, ncl["stretch"].values, 1e-11, inside)
    bend = np.tan(np.deg2rad(fields.lat.values))[:, None] / EARTH
    true_shear, true_stretch = shear + u.values * bend, stretch - v.values * bend
    to_60 = slice(12, -12)
    near(
        numbers(xn.shearing_deformation(u, v, earth=EARTH), "1/s"),
        true_shear,
        0.02,
        to_60,
    )
    near(
        numbers(xn.stretching_deformation(u, v, earth=EARTH), "1/s"),
        true_stretch,
        0.02,
        to_60,
    )
    off = np.abs(ncl["shear"].values - true_shear)[to_60].max()
    assert off > 0.2 * np.abs(true_shear[to_60]).max()


def test_nine_points_weigh_the_same(both):
    fields, ncl = both
    ours = numbers(xn.smooth_n_point(fields["t"], 9), "K")
    near(ours, ncl["smth9"].values, 1e-13, slice(1, -1))


def test_a_line_and_its_errors_are_the_same(both):
    _, ncl = both
    coords = {"night": ("night", np.arange(15.0), {"units": "day"})}
    y = xr.DataArray(NIGHTS, dims="night", coords=coords, attrs={"units": "mm"})
    fit = xn.trend(y, "night", per="day", se="ols")
    pairs = {"slope": "slope", "slope_stderr": "stderr", "r2": "r2"}
    pairs |= {"ci_low": "low", "ci_high": "high"}
    for ours, theirs in pairs.items():
        got = fit[ours].data.magnitude
        np.testing.assert_allclose(got, ncl[theirs].item(), rtol=1e-5, err_msg=ours)
    at_first = fit.intercept.data.magnitude - 7 * fit.slope.data.magnitude
    np.testing.assert_allclose(at_first, ncl["intercept"].item(), rtol=1e-5)
    ranks = xn.theil_sen(y, "night", per="day")
    np.testing.assert_allclose(
        1 - ranks.pvalue.data.magnitude, ncl["confidence"].item(), rtol=1e-6
    )
