"""extrema and basins at the command line and on the accessor, file to file."""

import re
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from xnabla.descent.surface import basins, find_extrema

GFS = Path(__file__).resolve().parents[2] / "sample_data" / "gfs_20110115.nc"


@pytest.fixture
def msl():
    with xr.open_dataset(GFS) as data:
        return data.msl.load()


def test_extrema_are_written_as_they_are_found(run, msl):
    code, out, err = run(
        "extrema", GFS, "-v", "msl", "--min-persistence", "2 hPa", "-o", "extrema.nc"
    )
    assert (code, err) == (0, "")
    with xr.open_dataset("extrema.nc") as written:
        found = find_extrema(msl, min_persistence="2 hPa")
        np.testing.assert_allclose(written.value, found.value.data.magnitude)
        np.testing.assert_allclose(written.longitude, found.longitude)
        assert written.kind.values.tolist() == found.kind.values.tolist()
        assert written.value.attrs["units"] == "Pa"
        assert written.attrs["min_persistence"] == "200 Pa"
        frame = written.to_dataframe()
    assert len(frame) == found.sizes["point"]
    assert out == "" or re.search(r"persistence \(point: \d+\)", out)


def test_basins_are_written_with_their_labels(run, msl):
    code, _, err = run(
        "basins", GFS, "-v", "msl", "--min-persistence", "2 hPa", "-o", "basins.nc"
    )
    assert (code, err) == (0, "")
    with xr.open_dataset("basins.nc") as written:
        drained = basins(msl, min_persistence="2 hPa")
        np.testing.assert_array_equal(written.label, drained.label)
        assert written.area.attrs["units"] == "km2"


@pytest.mark.parametrize("command", ["extrema", "basins"])
def test_a_picture_is_drawn(run, command):
    code, _, err = run(
        command, GFS, "-v", "msl", "--min-persistence", "4 hPa", "--plot", "p.png"
    )
    assert (code, err) == (0, "")
    assert Path("p.png").stat().st_size > 50_000


@pytest.mark.parametrize("command", ["extrema", "basins"])
def test_help_tells_of_the_threshold(run, command):
    code, out, _ = run(command, "--help")
    assert code == 0
    assert "--min_persistence" in out
    assert f"Example: xnabla {command} sample_data/gfs_20110115.nc" in out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--min-persistence", "2"), "min_persistence"),
        (("--min-persistence", "2 K"), "do not fit"),
        (("--smooth", "3 K"), "Gaussian|wavelength|smooth"),
    ],
)
def test_a_threshold_that_does_not_fit_is_refused(run, words, told):
    code, _, err = run("extrema", GFS, "-v", "msl", *words, "-o", "x.nc")
    assert code != 0
    assert re.search(told, err)
    assert not Path("x.nc").exists()


def test_a_level_is_taken_first(run):
    code, _, err = run(
        "extrema", GFS, "-v", "gh", "--level", "500", "--kind", "minimum", "-o", "x.nc"
    )
    assert (code, err) == (0, "")
    with xr.open_dataset("x.nc") as written:
        assert set(written.kind.values) == {"minimum"}
        assert 4500.0 < float(written.value.min()) < 5400.0


def test_the_accessor_has_both(msl):
    found = msl.nabla.extrema(kind="minimum", min_persistence="2 hPa")
    assert found.sizes["point"] == 28
    assert msl.nabla.basins(min_persistence="2 hPa").sizes["point"] == 28
