"""A file is tried in a child: whatever that one suffers, this process goes on."""

import resource
import shutil
import subprocess
import sys
import time

import numpy as np
import pytest
import xarray as xr

from xnabla.errors import FileError
from xnabla.files import _probe, probe_file


@pytest.fixture
def good(tmp_path):
    ds = xr.Dataset(
        {"t": (("y", "x"), np.arange(600.0).reshape(20, 30), {"units": "K"})},
        coords={"x": np.arange(30.0), "y": np.arange(20.0)},
    )
    ds.to_netcdf(tmp_path / "good.nc", engine="netcdf4")
    ds.to_netcdf(tmp_path / "old.nc", engine="netcdf4", format="NETCDF3_CLASSIC")
    return tmp_path / "good.nc"


def suffering(monkeypatch, program):
    """Let the child run something else than the library."""
    monkeypatch.setattr(_probe, "_PROGRAM", "import sys, os, time; " + program)


def refusal(path, **limits):
    with pytest.raises(FileError) as told:
        probe_file(path, **limits)
    assert "\n" not in str(told.value)
    assert str(path) in str(told.value)
    return str(told.value)


def test_a_good_file_passes(good):
    assert probe_file(good) is None
    assert probe_file(good.with_name("old.nc")) is None


def test_the_child_s_sentence_is_passed_on(good):
    good.write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(range(8)) * 200)
    assert "damaged" in refusal(good)


@pytest.mark.parametrize("kind", ["SIGSEGV", "SIGABRT", "SIGBUS"])
def test_a_crash_is_told(good, monkeypatch, kind):
    suffering(monkeypatch, f"import signal; os.kill(os.getpid(), signal.{kind})")
    assert f"crashes on it ({kind})" in refusal(good)


def test_a_loop_without_end_is_ended(good, monkeypatch):
    program = "sys.path.insert(0, sys.argv[1]); from xnabla.files._probe import _limit"
    suffering(monkeypatch, f"{program}; _limit(1.0, 2**32)\nwhile True: pass")
    start = time.monotonic()
    assert "does not come to an end" in refusal(good)
    assert time.monotonic() - start < 20


def test_one_that_sleeps_is_ended_by_the_clock(good, monkeypatch):
    monkeypatch.setattr(_probe, "_START", 0.5)
    suffering(monkeypatch, "time.sleep(60)")
    start = time.monotonic()
    assert "does not come to an end with it in 0.5 s" in refusal(good, seconds=0.5)
    assert time.monotonic() - start < 20


def test_one_that_ends_without_a_word_is_told(good, monkeypatch):
    suffering(monkeypatch, "os._exit(3)")
    assert "ended without a word" in refusal(good)


def test_memory_is_limited(good, monkeypatch):
    program = "sys.path.insert(0, sys.argv[1]); from xnabla.files import _probe"
    hungry = "_probe._read = lambda *asked: bytearray(2**32)"
    suffering(monkeypatch, f"{program}; {hungry}; _probe.run_child(*sys.argv[2:])")
    assert "needs more memory" in refusal(good, memory=2 * 2**30)


def test_the_limits_are_the_child_s_alone(good):
    kinds = (resource.RLIMIT_AS, resource.RLIMIT_CPU)
    before = [resource.getrlimit(kind) for kind in kinds]
    probe_file(good)
    assert [resource.getrlimit(kind) for kind in kinds] == before


def test_a_child_that_crashes_leaves_no_image_of_its_memory(good, monkeypatch):
    """Gigabytes in the folder of whoever asked, where the system lets it."""
    soft, hard = "resource.RLIMIT_CORE", "resource.getrlimit(resource.RLIMIT_CORE)"
    suffering(
        monkeypatch,
        "sys.path.insert(0, sys.argv[1]); import json, resource; "
        f"resource.setrlimit({soft}, ({hard}[1],) * 2); "
        "from xnabla.files import _probe; _probe._limit(5.0, 2**33); "
        f"print(json.dumps({{'refused': str({hard})}})); sys.exit(2)",
    )
    with pytest.raises(FileError, match=r"^\(0, 0\)$"):
        probe_file(good)


@pytest.mark.parametrize("name", ["good.nc", "old.nc"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_bits_wrong_in_a_header_end_in_a_sentence_or_do_no_harm(good, name, seed):
    path = good.with_name(name)
    data = bytearray(path.read_bytes())
    rng = np.random.default_rng(seed)
    for at in rng.integers(8, min(len(data), 3000), 8):
        data[at] ^= 1 << int(rng.integers(8))
    path.write_bytes(bytes(data))
    said = "fine"
    try:
        probe_file(path)
    except FileError as told:
        said = str(told)
    assert said
    assert "\n" not in said


def test_a_truncated_file_does_not_reach_the_child(good, monkeypatch):
    suffering(monkeypatch, "os._exit(0)")
    path = good.with_name("old.nc")
    path.write_bytes(path.read_bytes()[:-1000])
    assert "truncated" in refusal(path)


def test_names_are_no_code(good, tmp_path):
    odd = tmp_path / 'it\'s; a "name" $(x).nc'
    shutil.copy(good, odd)
    assert probe_file(odd) is None


def test_the_child_finds_this_package_wherever_it_was_started(good, tmp_path):
    package = str(_probe.Path(_probe.__file__).parents[2])
    code = (
        f"import sys; sys.path.insert(0, {package!r}); "
        "from xnabla.files import probe_file; probe_file(sys.argv[1]); print('fine')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(good)],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert done.stdout.strip() == "fine", done.stderr
