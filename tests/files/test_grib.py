"""GRIB comes through a process of its own, and what goes wrong there is one sentence.

The tests that decode need cfgrib: in this environment, or better in one of its own that
XNABLA_GRIB_PYTHON names, since ecCodes and pyproj end a process they are both in.
"""

import importlib.util
import os
import stat
import sys

import numpy as np
import pytest
from files.conftest import SHARED

import xnabla as xn
from xnabla.errors import FileError
from xnabla.files import _grib, check_file

NAM, FLUX = (
    SHARED / "ship" / n for n in ("nam211.grib2", "gfs_flux_T62_gaussian.grib2")
)
BROKEN = SHARED / "malformed" / "era5_corrupted.grib"
HAS_CFGRIB = bool(
    os.environ.get("XNABLA_GRIB_PYTHON") or importlib.util.find_spec("cfgrib")
)

needs_files = pytest.mark.skipif(not NAM.exists(), reason="the real files are not here")
needs_cfgrib = pytest.mark.skipif(
    not (HAS_CFGRIB and NAM.exists()), reason="needs cfgrib and the real files"
)


@pytest.fixture
def whole(tmp_path):
    """Return a file whose messages have the lengths they say, and nothing in them."""

    def message(edition, size):
        head = b"GRIB" + (
            size.to_bytes(3, "big") + b"\1"
            if edition == 1
            else b"\0\0\0\2" + size.to_bytes(8, "big")
        )
        return head.ljust(size - 4, b"\0") + b"7777"

    path = tmp_path / "a.grib"
    path.write_bytes(message(1, 40) + message(2, 50) + message(1, 60))
    return path


def interpreter(tmp_path, text):
    """Make a program to be started in Python's place."""
    path = tmp_path / "python"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def test_every_cut_of_a_file_is_found(whole, one_sentence):
    assert check_file(whole) == "GRIB 1"
    data = whole.read_bytes()
    for size in (5, 20, 39, 60, 100, 149):
        whole.write_bytes(data[:size])
        with pytest.raises(FileError) as excinfo:
            check_file(whole)
        one_sentence(excinfo, whole, "damaged", "message")


def test_a_message_with_a_wrong_end_is_found(whole, one_sentence):
    data = bytearray(whole.read_bytes())
    data[88:90] = b"00"
    whole.write_bytes(data)
    with pytest.raises(FileError) as excinfo:
        xn.open(whole)
    one_sentence(excinfo, whole, "message 2 does not end in 7777")


@needs_files
def test_real_files_are_whole_and_the_broken_one_is_not(one_sentence):
    assert check_file(NAM) == check_file(FLUX) == "GRIB 2"
    with pytest.raises(FileError) as excinfo:
        xn.open(BROKEN)
    one_sentence(excinfo, BROKEN, "damaged")


def test_a_missing_reader_says_what_to_install(whole, monkeypatch, one_sentence):
    monkeypatch.delenv("XNABLA_GRIB_PYTHON", raising=False)
    if importlib.util.find_spec("cfgrib"):
        pytest.skip("cfgrib is installed")
    with pytest.raises(FileError) as excinfo:
        xn.open(whole)
    one_sentence(excinfo, whole, "cfgrib", "pip install 'xnabla[grib]'")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("kill -SEGV $$", ["was ended by SIGSEGV"]),
        ("echo free: invalid pointer >&2; exit 3", ["code 3", "free: invalid pointer"]),
        ("exit 0", ["ended with code 0"]),
        ("exec sleep 60", ["did not end within"]),
    ],
)
def test_a_reader_that_crashes_or_hangs_is_one_sentence(
    tmp_path, whole, monkeypatch, one_sentence, text, said
):
    monkeypatch.setenv("XNABLA_GRIB_PYTHON", interpreter(tmp_path, text))
    monkeypatch.setattr(_grib, "_PATIENCE_S", 1.0)
    before = set(os.listdir(_grib.tempfile.gettempdir()))  # noqa: PTH208
    with pytest.raises(FileError) as excinfo:
        xn.open(whole)
    one_sentence(excinfo, whole, *said)
    left = set(os.listdir(_grib.tempfile.gettempdir())) - before  # noqa: PTH208
    assert not [name for name in left if name.startswith("xnabla-grib-")]


def test_an_interpreter_that_is_not_there_is_named(whole, monkeypatch, one_sentence):
    monkeypatch.setenv("XNABLA_GRIB_PYTHON", "/no/such/python")
    with pytest.raises(FileError) as excinfo:
        xn.open(whole)
    one_sentence(excinfo, "/no/such/python", "cannot be started")


@needs_cfgrib
def test_a_message_of_nothing_is_one_sentence(whole, one_sentence):
    with pytest.raises(FileError) as excinfo:
        xn.open(whole)
    one_sentence(excinfo, whole)


@needs_cfgrib
def test_all_fields_of_a_model_with_the_levels_they_have():
    with (
        xn.open(NAM) as ds,
        xn.open(NAM.with_name("nam211_lambert_20180917.nc")) as ref,
    ):
        for name in ("u", "v", "t", "gh"):
            np.testing.assert_array_equal(ds[f"{name}_isobaricInhPa"], ref[name])
        np.testing.assert_allclose(ds["latitude"], ref["lat"], atol=1e-9)
        assert ds["isobaricInhPa"].attrs["units"] == "hPa"
        assert ds["t2m"].dims == ("y", "x")
        assert ds["absv"].sizes["isobaricInhPa_2"] == 5
        assert any("'t_tropopause' is 't'" in n for n in ds.encoding["xnabla_notes"])
        assert "eccodes" not in sys.modules
        # labelled eastward, and along the grid: uvRelativeToGrid = 1
        ours = xn.dequantify(xn.vorticity(ds["u_isobaricInhPa"], ds["v_isobaricInhPa"]))
        theirs = xn.dequantify(xn.vorticity(ref["u"], ref["v"]))
        np.testing.assert_allclose(ours.values, theirs.values, atol=1e-7)
        assert float(np.abs(theirs).max()) > 1e-4


@needs_cfgrib
def test_messages_are_selected_by_their_keys(one_sentence):
    with xn.open(NAM, select={"typeOfLevel": "isobaricInhPa"}, chunks="auto") as ds:
        assert {"t", "u", "v", "gh", "absv"} <= set(ds.data_vars)
        assert ds["t"].sizes["isobaricInhPa"] == 19
        assert ds["t"].chunks is not None
    with xn.open(NAM, select={"typeOfLevel": "isobaricInhPa", "level": "500"}) as ds:
        assert ds["t"].dims == ("y", "x")
        assert float(ds["isobaricInhPa"]) == 500
    with pytest.raises(FileError) as excinfo:
        xn.open(NAM, select={"typeOfLevel": "isobaric"})
    one_sentence(excinfo, NAM, "typeOfLevel", "isobaricInhPa", "tropopause")


@needs_cfgrib
def test_a_gaussian_grid_of_several_levels_is_one_data_set(tmp_path):
    with xn.open(FLUX) as ds:
        assert set(ds.data_vars) == {"tmax", "tmin", "sp", "prate"}
        assert "Gaussian" in str(xn.grid_of(ds["tmax"]))
        assert ds["tmax"].attrs["GRIB_heightAboveGround"] == 2
        assert ds["valid_time"].values == np.datetime64("2004-03-05T12")
        xn.save(xn.gradient(ds["tmax"]), tmp_path / "out.nc")


def test_select_is_for_grib(tmp_path, field, one_sentence):
    path = xn.save(field, tmp_path / "a.nc")
    with pytest.raises(FileError) as excinfo:
        xn.open(path, select={"level": 500})
    one_sentence(excinfo, path, "GRIB")
