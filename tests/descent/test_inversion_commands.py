"""helmholtz, fill and smooth at a shell: file to file, pictures, and refusals."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from xnabla.descent.inversion import fill_missing, helmholtz, smooth

GFS = Path(__file__).resolve().parents[2] / "sample_data" / "gfs_20110115.nc"


@pytest.fixture
def data():
    with xr.open_dataset(GFS) as opened:
        return opened.load()


def plain(field):
    return np.asarray(field.data.magnitude)


def test_a_wind_is_split_from_file_to_file_with_a_picture(run, data):
    code, _, err = run(
        "helmholtz",
        GFS,
        "--u",
        "u",
        "--v",
        "v",
        "--level",
        "500",
        "-o",
        "split.nc",
        "--plot",
        "split.png",
    )
    assert (code, err) == (0, "")
    level = next(
        d for d in data.u.dims if d not in {"lat", "lon", "latitude", "longitude"}
    )
    picked = {level: np.abs(data[level].values - 500).argmin()}
    if data[level].attrs.get("units") == "Pa":
        picked = {level: np.abs(data[level].values - 50000).argmin()}
    found = helmholtz(data.u.isel(picked), data.v.isel(picked))
    with xr.open_dataset("split.nc") as written:
        np.testing.assert_allclose(
            written.streamfunction, plain(found.streamfunction), rtol=1e-6
        )
        assert written.streamfunction.attrs["units"] == "m2 s-1"
        assert "helmholtz" in written.attrs["history"]
        # what packing leaves of the pole rows, which are no one vector
        assert float(written.closure) < 1e-5
    assert Path("split.png").stat().st_size > 10_000


def test_a_field_is_smoothed_from_file_to_file(run, data):
    code, _, err = run(
        "smooth",
        GFS,
        "-v",
        "msl",
        "--length-scale",
        "500 km",
        "--order",
        "2",
        "-o",
        "smooth.nc",
        "--plot",
        "smooth.png",
    )
    assert (code, err) == (0, "")
    found = smooth(data.msl, length_scale="500 km", order=2)
    with xr.open_dataset("smooth.nc") as written:
        np.testing.assert_allclose(written.smoothed, plain(found.smoothed), rtol=1e-6)
        assert written.smoothed.attrs["units"] == "Pa"
        assert written.attrs["length_scale"] == "500 km"


def test_gaps_are_filled_from_file_to_file(run, data):
    holes = data.msl.where(np.random.default_rng(1).random(data.msl.shape) > 0.3)
    holes.to_dataset(name="msl").to_netcdf("holes.nc")
    code, _, err = run(
        "fill",
        "holes.nc",
        "-v",
        "msl",
        "--method",
        "biharmonic",
        "-o",
        "full.nc",
        "--plot",
        "full.png",
    )
    assert (code, err) == (0, "")
    with xr.open_dataset("holes.nc") as again:
        found = fill_missing(again.msl.load(), method="biharmonic")
    with xr.open_dataset("full.nc") as written:
        np.testing.assert_allclose(written.filled, plain(found.filled), rtol=1e-6)
        assert int(written.n_filled) == int(holes.isnull().sum())
        assert not written.filled.isnull().any()


@pytest.mark.parametrize("command", ["helmholtz", "fill", "smooth"])
def test_each_has_help(run, command):
    code, out, _ = run(command, "--help")
    assert code == 0
    assert f"xnabla {command}" in out


def test_wrong_words_are_refused_in_one_sentence(run, tmp_path):
    for words, match in (
        (
            ("smooth", GFS, "-v", "msl", "--length-scale", "300", "-o", "x.nc"),
            "length_scale",
        ),
        (("smooth", GFS, "-v", "msl", "--order", "3", "-o", "x.nc"), "order"),
        (
            ("helmholtz", GFS, "--level", "500", "--gauge", "none", "-o", "x.nc"),
            "gauge",
        ),
        (("fill", GFS, "-v", "msl", "--max-gap", "3 K", "-o", "x.nc"), "max_gap"),
    ):
        code, _, err = run(*words)
        assert code != 0
        assert match in err.replace("-", "_")
        assert "Traceback" not in err
    assert not (tmp_path / "x.nc").exists()
