"""The recipes of the docs run, and their numbers are those of other computations."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
import xarray as xr
from recipes.scripts import EXAMPLES, ROOT
from scipy import stats

import xnabla as xn

pytestmark = pytest.mark.skipif(not EXAMPLES.is_dir(), reason="not a source checkout")

RADIUS_M = 6_371_229.0


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Run an example in a copy of the folders it lies in, once."""
    root = tmp_path_factory.mktemp("docs")
    (root / "sample_data").symlink_to(ROOT / "sample_data")
    folder = root / "docs" / "examples" / "recipes"
    shutil.copytree(
        EXAMPLES,
        folder,
        ignore=lambda _, names: [name for name in names if not name.endswith(".toml")],
    )
    done = set()

    def once(name):
        if name not in done:
            xn.run_recipe(folder / f"{name}.toml")
            done.add(name)
        return folder

    return once


def opened(path):
    with xr.open_dataset(path, engine="netcdf4") as ds:
        return ds.load()


def sample(name):
    return opened(ROOT / "sample_data" / name)


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.toml")), ids=lambda p: p.stem)
def test_they_leave_what_they_say_and_a_report(run, path):
    folder = run(path.stem)
    told = json.loads((folder / f"{path.stem}.json").read_text())
    assert told["targets"]
    for one in told["targets"]:
        assert (folder / one["file"]).stat().st_size == one["bytes"] > 10_000
        assert one["status"] == "made"
    assert (folder / f"{path.stem}.html").stat().st_size > 100_000


def test_fronts_by_central_differences_of_the_smoothed_field(run):
    made = opened(run("thermal_fronts") / "thermal_fronts.nc")
    t = sample("gfs_20110115.nc")["t"].sel(plev=850)
    # away from poles, written out by hand
    field = np.asarray(xn.smooth_gaussian(t, "1000 km").data.magnitude, float)
    step = np.deg2rad(2.5)
    phi = np.deg2rad(t["lat"].values)[:, None]
    d_dx = (np.roll(field, -1, 1) - np.roll(field, 1, 1)) / (
        2 * step * RADIUS_M * np.cos(phi)
    )
    d_dy = -(np.roll(field, -1, 0) - np.roll(field, 1, 0)) / (2 * step * RADIUS_M)
    inside = slice(3, -3)
    for name, expected in (("dt_dx", d_dx), ("dt_dy", d_dy)):
        assert made[name].attrs["units"] == "cK km-1"
        np.testing.assert_allclose(
            made[name].values[inside], 1e5 * expected[inside], rtol=2e-3, atol=2e-3
        )
    length = np.hypot(made["dt_dx"], made["dt_dy"])
    np.testing.assert_allclose(made["dt_magnitude"], length, rtol=1e-5, atol=1e-6)
    u = sample("gfs_20110115.nc")["u"].sel(plev=850).values
    v = sample("gfs_20110115.nc")["v"].sel(plev=850).values
    brought = -(u * d_dx + v * d_dy) * 86400
    np.testing.assert_allclose(
        made["advection_t"].values[inside], brought[inside], rtol=5e-3, atol=2e-2
    )


def test_the_climate_and_its_trend_by_numpy_and_scipy(run):
    folder = run("heat_low_climatology")
    t = sample("a1b_north_america.nc")["air_temperature"]
    t = t.sel(time=slice("1951", "2010"))
    assert t.sizes["time"] == 60
    climate = opened(folder / "heat_low_climate.nc")
    values = t.values.astype(float)
    # single precision: 300 K in steps of 3e-5 K, sixty of them summed
    np.testing.assert_allclose(climate["climate"], values.mean(0), rtol=0, atol=5e-4)
    np.testing.assert_allclose(climate["spread"], values.std(0), rtol=0, atol=5e-4)
    trend = opened(folder / "heat_low_trend.nc")
    assert trend["slope"].attrs["units"] in ("K decade-1", "0.1 K year-1")
    for i, j in ((0, 0), (10, 20), (30, 40), (36, 48)):
        line = stats.linregress(np.arange(60) / 10, values[:, i, j])
        assert float(trend["slope"][i, j]) == pytest.approx(line.slope, abs=1e-4)
    centres = opened(folder / "heat_low_centres.nc")
    inside = climate["climate"].values
    tops = [
        (i, j)
        for i in range(1, inside.shape[0] - 1)
        for j in range(1, inside.shape[1] - 1)
        if inside[i, j] == inside[i - 1 : i + 2, j - 1 : j + 2].max()
    ]
    found = centres.isel(point=~centres["on_boundary"].values.astype(bool))
    assert 0 < found.sizes["point"] <= len(tops)
    for one in found["grid_value"].values:
        assert min(abs(one - inside[top]) for top in tops) < 1e-3
    known = centres["persistence"].values
    assert np.nanmin(known) >= 0.5


def test_the_streamfunction_turns_the_wind_and_lows_are_lows(run):
    folder = run("streamfunction_and_lows")
    flow = opened(folder / "streamfunction.nc")
    psi = flow["streamfunction"].values.astype(float)
    step = np.deg2rad(2.5)
    phi = np.deg2rad(flow["lat"].values)[:, None]
    u = (np.roll(psi, -1, 0) - np.roll(psi, 1, 0)) / (2 * step * RADIUS_M)
    v = (np.roll(psi, -1, 1) - np.roll(psi, 1, 1)) / (2 * step * RADIUS_M * np.cos(phi))
    inside = slice(12, -12)
    for own, by_differences in ((flow["u_psi"], u), (flow["v_psi"], v)):
        one, other = own.values[inside].ravel(), by_differences[inside].ravel()
        # differences over two steps flatten what is only a few points wide
        assert np.corrcoef(one, other)[0, 1] > 0.98
        assert np.polyfit(one, other, 1)[0] == pytest.approx(0.95, abs=0.06)
    gfs = sample("gfs_20110115.nc")
    wind = gfs["u"].sel(plev=500).values
    rotating = np.corrcoef(wind[inside].ravel(), flow["u_psi"].values[inside].ravel())
    assert rotating[0, 1] > 0.98
    lows, msl = opened(folder / "lows.nc"), gfs["msl"].values
    assert 10 < lows.sizes["point"] < 40
    assert np.nanmin(lows["persistence"]) >= 400
    deepest = lows.isel(point=int(lows["value"].values.argmin()))
    i, j = np.unravel_index(msl.argmin(), msl.shape)
    assert float(deepest["grid_value"]) == pytest.approx(msl[i, j], abs=1)
    assert float(deepest["latitude"]) == pytest.approx(gfs["lat"].values[i], abs=2.5)


def test_the_recipe_of_the_docs_runs_on_files_joined_along_time(tmp_path):
    page = (ROOT / "docs" / "recipes.md").read_text(encoding="utf-8")
    text = page.split("```toml\n")[1].split("```")[0]
    (tmp_path / "fronts.toml").write_text(text, encoding="utf-8")
    lat, lon = np.arange(30.0, 75.1, 1.0), np.arange(-20.0, 50.1, 1.0)
    t = np.random.default_rng(5).normal(270, 3, (4, 2, lat.size, lon.size))
    axes = {
        "time": np.datetime64("2011-01-01", "ns") + np.arange(4) * 21_600 * 10**9,
        "level": ("level", [850.0, 500.0], {"units": "hPa", "positive": "down"}),
        "lat": ("lat", lat, {"units": "degrees_north"}),
        "lon": ("lon", lon, {"units": "degrees_east"}),
    }
    dims = ("time", "level", "lat", "lon")
    ds = xr.Dataset({"t": (dims, t.astype("f4"), {"units": "K"})}, axes)
    for k, part in enumerate((slice(0, 2), slice(2, 4))):
        one = ds.isel(time=part)
        one.to_netcdf(tmp_path / f"era5_{k}.nc", engine="netcdf4")
    made = xn.run_recipe(tmp_path / "fronts.toml")
    assert (tmp_path / "fronts.html").exists()
    smooth = xn.smooth_gaussian(ds["t"].sel(level=850), "500 km")
    length = xn.gradient(smooth, units="K/(100 km)").magnitude().data.magnitude
    fronts = opened(made["outputs.fronts"])["fronts"]
    np.testing.assert_allclose(fronts, length.mean(0), rtol=1e-5, atol=1e-6)
    hashes = json.loads((tmp_path / "fronts.json").read_text())["inputs"]
    assert len({one["hash"] for one in hashes}) == 2
