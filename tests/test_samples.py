"""The sample files are what sample_data/README.md says, and can be made again."""

from __future__ import annotations

import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

SAMPLES = Path(__file__).resolve().parents[1] / "sample_data"
SOURCE = SAMPLES.parents[1] / "shared" / "data" / "ship" / "gfs_2p5deg_20110115.nc"

pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="not a source checkout")


@pytest.fixture(scope="module")
def gfs() -> xr.Dataset:
    with xr.open_dataset(SAMPLES / "gfs_20110115.nc", engine="netcdf4") as ds:
        return ds.load()


@pytest.fixture(scope="module")
def analytic() -> xr.Dataset:
    with xr.open_dataset(SAMPLES / "analytic.nc", engine="netcdf4") as ds:
        return ds.load()


def readme() -> str:
    return (SAMPLES / "README.md").read_text(encoding="utf-8")


def test_together_they_are_small():
    sizes = {path.name: path.stat().st_size for path in SAMPLES.glob("*.nc")}
    names = "gfs_20110115 analytic training wave a1b_north_america nam_20180917 "
    names += "orca1_201501"
    assert sizes.keys() == {f"{name}.nc" for name in names.split()}
    assert sum(sizes.values()) <= 3_000_000
    told = float(re.search(r"([\d.]+) MB in all", readme())[1])
    assert sum(sizes.values()) / 1e6 == pytest.approx(told, abs=0.06)


def test_the_readme_names_every_file_its_origin_and_its_licence():
    text = readme()
    for path in SAMPLES.iterdir():
        if path.name != "README.md" and not path.name.startswith(("_", ".")):
            assert path.name in text
    for word in ("NOAA", "public domain", "pygrib 2.1.8", "CC0", "Licence"):
        assert word in text


def test_the_analysis_holds_what_the_readme_lists(gfs):
    levels = [1000, 925, 850, 700, 500, 400, 300, 250, 200, 100]
    assert gfs["plev"].values.tolist() == levels
    assert ", ".join(map(str, levels)) in readme()
    assert set(gfs.data_vars) == {"t", "u", "v", "gh", "msl", "t2m", "lsm"}
    for name in ("t", "u", "v", "gh"):
        assert gfs[name].dims == ("plev", "lat", "lon")
        assert gfs[name].shape == (10, 73, 144)
    for name, variable in gfs.data_vars.items():
        assert variable.dtype == np.float32, name
        assert bool(np.isfinite(variable).all()), name


def test_the_analysis_is_a_plausible_atmosphere(gfs):
    at = gfs.sel(plev=500)
    assert 4700 < float(at["gh"].min()) < float(at["gh"].max()) < 6100
    assert 220 < float(at["t"].min()) < float(at["t"].max()) < 280
    assert 92_000 < float(gfs["msl"].min()) < float(gfs["msl"].max()) < 108_000
    assert float(gfs["t"].mean(("lat", "lon")).diff("plev").sum()) < 0
    assert set(np.unique(gfs["lsm"].values)) <= {0.0, 1.0}
    # one value at each pole
    for name in ("t", "gh"):
        assert float(gfs[name].isel(lat=[0, -1]).std("lon").max()) < 1e-3


def test_both_follow_cf(gfs, analytic):
    for ds in (gfs, analytic):
        assert ds.attrs["Conventions"].startswith("CF-1.")
        assert ds.attrs["title"]
        assert ds.attrs["license"]
        assert ds["lat"].attrs["units"] == "degrees_north"
        assert ds["lat"].attrs["standard_name"] == "latitude"
        assert ds["lon"].attrs["units"] == "degrees_east"
        assert ds["lon"].attrs["standard_name"] == "longitude"
        np.testing.assert_array_equal(ds["lat"], np.linspace(90, -90, 73))
        np.testing.assert_array_equal(ds["lon"], np.arange(0, 360, 2.5))
        for name, variable in ds.data_vars.items():
            if variable.ndim:
                assert variable.attrs["units"], name
                assert variable.attrs["long_name"], name


def test_the_analysis_says_when_and_how_high(gfs):
    assert gfs["time"].values == np.datetime64("2011-01-15T12")
    assert gfs["forecast_reference_time"].values == np.datetime64("2011-01-10T12")
    plev = gfs["plev"].attrs
    assert (plev["units"], plev["positive"]) == ("hPa", "down")
    assert plev["standard_name"] == "air_pressure"
    names = {"t": "air_temperature", "u": "eastward_wind", "v": "northward_wind"}
    names |= {"gh": "geopotential_height", "msl": "air_pressure_at_mean_sea_level"}
    for name, standard in names.items():
        assert gfs[name].attrs["standard_name"] == standard


def _harmonics(lat, lon):
    """T from products of the unit normal, and its gradient from the chain rule.

    cos⁴φ cos4λ = x⁴ - 6x²y² + y⁴, so T = 273.15 + 20 z (x⁴ - 6x²y² + y⁴) + 15 x + 10 z.
    East (-sin λ, cos λ, 0) and north (-sin φ cos λ, -sin φ sin λ, cos φ) are unit
    tangents at every point, at the poles too, so nothing is divided by cos φ.
    """
    phi, lam = np.deg2rad(lat)[:, None], np.deg2rad(lon)[None, :]
    zero = np.zeros((phi.size, lam.size))
    x, y, z = np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi) + zero
    quartic = x**4 - 6 * x**2 * y**2 + y**4
    t = 273.15 + 20 * z * quartic + 15 * x + 10 * z
    d_x = 20 * z * (4 * x**3 - 12 * x * y**2) + 15
    d_y = 20 * z * (4 * y**3 - 12 * x**2 * y)
    d_z = 20 * quartic + 10
    east = -np.sin(lam) * d_x + np.cos(lam) * d_y
    north = (
        -np.sin(phi) * np.cos(lam) * d_x
        - np.sin(phi) * np.sin(lam) * d_y
        + np.cos(phi) * d_z
    )
    return t, east / 6_371_229.0, north / 6_371_229.0


def test_the_exact_gradient_is_exact_by_another_formula(analytic):
    t, east, north = _harmonics(analytic["lat"].values, analytic["lon"].values)
    scale = float(np.abs(north).max())
    np.testing.assert_allclose(analytic["T"], t, rtol=0, atol=1e-11)
    np.testing.assert_allclose(
        analytic["dT_dx_exact"], east, rtol=0, atol=1e-13 * scale
    )
    np.testing.assert_allclose(
        analytic["dT_dy_exact"], north, rtol=0, atol=1e-13 * scale
    )
    for name in ("T", "dT_dx_exact", "dT_dy_exact"):
        assert analytic[name].dtype == np.float64
        assert analytic[name].attrs["grid_mapping"] == "crs"
    assert analytic["crs"].attrs["earth_radius"] == 6_371_229.0
    assert analytic["dT_dx_exact"].attrs["units"] == "K m-1"


def test_on_a_pole_the_vector_is_one_seen_from_every_longitude(analytic):
    """Turned back by the longitude, all columns of a pole row tell the same vector."""
    lam = np.deg2rad(analytic["lon"].values)
    for row, sign in ((0, 1.0), (-1, -1.0)):
        east = analytic["dT_dx_exact"].values[row]
        north = analytic["dT_dy_exact"].values[row]
        vector_x = -np.sin(lam) * east - sign * np.cos(lam) * north
        vector_y = np.cos(lam) * east - sign * np.sin(lam) * north
        np.testing.assert_allclose(vector_x, 15 / 6_371_229.0, rtol=1e-12, atol=0)
        np.testing.assert_allclose(vector_y, 0, rtol=0, atol=1e-18)


def test_the_script_makes_them_again(tmp_path):
    if not SOURCE.exists():
        pytest.skip(f"needs {SOURCE}")
    script = tmp_path / "make_samples.py"
    shutil.copy(SAMPLES / "make_samples.py", script)
    done = subprocess.run(
        [sys.executable, script, SOURCE], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    for name in ("gfs_20110115.nc", "analytic.nc"):
        with (
            xr.open_dataset(SAMPLES / name, decode_cf=False) as kept,
            xr.open_dataset(tmp_path / name, decode_cf=False) as made,
        ):
            assert kept.attrs == made.attrs
            assert kept.variables.keys() == made.variables.keys()
            for variable in kept.variables:
                assert kept[variable].attrs == made[variable].attrs
                assert kept[variable].dtype == made[variable].dtype
                if name == "analytic.nc":
                    # libraries of mathematics may differ in the last place
                    np.testing.assert_allclose(
                        made[variable], kept[variable], rtol=1e-13, atol=1e-19
                    )
                else:
                    np.testing.assert_array_equal(made[variable], kept[variable])


def test_the_values_of_the_analysis_are_those_of_the_source(gfs):
    if not SOURCE.exists():
        pytest.skip(f"needs {SOURCE}")
    with xr.open_dataset(SOURCE, engine="netcdf4") as whole:
        for name, variable in gfs.data_vars.items():
            other = whole[name]
            if "plev" in variable.dims:
                other = other.sel(plev=gfs["plev"])
            np.testing.assert_array_equal(variable.values, other.values)


def test_the_script_is_not_run_by_being_read():
    names = runpy.run_path(str(SAMPLES / "make_samples.py"), run_name="read")
    assert callable(names["analytic_sample"])
    names["check_exact"]()


MORE = {
    "a1b_north_america": "A1B_north_america",
    "nam_20180917": "nam211_lambert_20180917",
    "orca1_201501": "nemo_orca1_gridT_201501",
}


@pytest.mark.parametrize("name", MORE)
def test_what_is_taken_from_a_source_has_its_values(name):
    source = SOURCE.with_name(f"{MORE[name]}.nc")
    if not source.exists():
        pytest.skip("the sources are not here")
    with (
        xr.open_dataset(SAMPLES / f"{name}.nc", decode_cf=False) as ours,
        xr.open_dataset(source, decode_cf=False) as theirs,
    ):
        assert ours.attrs["license"]
        for field in ours.data_vars:
            whole = (
                theirs[field].squeeze() if name.startswith("orca") else theirs[field]
            )
            part = whole.sel(plev=ours.plev) if "plev" in ours[field].dims else whole
            np.testing.assert_array_equal(ours[field].values, part.values)


def test_the_wave_is_what_its_script_makes():
    made = runpy.run_path(str(SAMPLES / "make_wave.py"), run_name="read")["wave"]()
    with xr.open_dataset(SAMPLES / "wave.nc", engine="netcdf4") as kept:
        assert kept.attrs == made.attrs
        assert set(kept.variables) == set(made.variables)
        for name in made.data_vars:
            assert kept[name].attrs == made[name].attrs
            scale = float(np.abs(made[name]).max())
            np.testing.assert_allclose(
                kept[name], made[name], rtol=0, atol=1e-6 * scale
            )
