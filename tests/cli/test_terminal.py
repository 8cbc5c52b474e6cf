"""What is said where: quiet in pipes and files, a bar only on a terminal."""

from __future__ import annotations

import io
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from xnabla.cli._progress import progress_bar

XNABLA = [sys.executable, "-m", "xnabla"]


class _Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def _run(*arguments: object, **streams) -> subprocess.CompletedProcess[str]:
    line = [*XNABLA, *map(str, arguments)]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams}
    return subprocess.run(line, text=True, check=False, timeout=60, **streams)


def test_nothing_is_said_where_nobody_looks(does, make):
    ending = does("gradient", make(), "-o", "out.nc", "--plot", "out.png")
    assert ending.out == ""


def test_no_answer_is_coloured_in_a_pipe(does, make):
    make()
    for line in (("info", "small.nc"), ("gradient", "small.nc"), ("--help",)):
        assert "\x1b" not in does(*line).out


def test_a_short_job_shows_no_bar_on_a_terminal(make):
    make()
    screen, terminal = pty.openpty()
    done = _run("gradient", "small.nc", "-o", "out.nc", stderr=terminal)
    os.close(terminal)
    try:
        shown = os.read(screen, 10_000)
    except OSError:  # nothing was ever written
        shown = b""
    os.close(screen)
    assert done.returncode == 0
    # the clock says whether it was short; numba may have compiled for a while
    assert shown == b"" or b"xnabla gradient" in shown


def test_a_bar_comes_after_a_second_and_goes_at_the_end(monkeypatch):
    monkeypatch.setattr("sys.stderr", screen := _Screen())
    clock = iter([0.0, 0.5, 1.5, 2.0])
    monkeypatch.setattr("xnabla.cli._progress.time.monotonic", lambda: next(clock, 3.0))
    with progress_bar("xnabla gradient") as report:
        report(1, 4)
        assert screen.getvalue() == ""
        report(2, 4)
        report(3, 4)
    assert "xnabla gradient" in screen.getvalue()
    # it wipes its own line and shows the cursor again
    assert "\x1b[2K" in screen.getvalue()
    assert "\x1b[?25h" in screen.getvalue()


def test_no_bar_is_made_without_a_terminal(monkeypatch):
    monkeypatch.setattr("sys.stderr", io.StringIO())
    with progress_bar("xnabla gradient") as report:
        assert report is None


def test_a_reader_that_has_gone_is_no_fault(make):
    make()
    reader, writer = os.pipe()
    os.close(reader)
    done = _run("info", "small.nc", stdout=writer)
    os.close(writer)
    assert done.returncode == 141
    assert done.stderr == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_full_standard_output_is_no_fault_of_ours(make, monkeypatch, unbuffered):
    """Buffered, the interpreter tries once more when it leaves, and ended with 120."""
    make()
    monkeypatch.setenv("PYTHONUNBUFFERED", unbuffered)
    with Path("/dev/full").open("w") as full:
        done = _run("info", "small.nc", stdout=full)
    assert "fault of xnabla" not in done.stderr
    assert "No space left" in done.stderr or "no space left" in done.stderr
    assert done.returncode == 3


def test_a_closed_standard_error_does_not_stop_the_work(make):
    """As in a job of cron, or under pythonw."""
    make()
    line = " ".join([*XNABLA, "gradient", "small.nc", "-o", "out.nc"])
    done = subprocess.run(f"{line} >&- 2>&-", shell=True, check=False, timeout=60)
    assert done.returncode == 0
    assert Path("out.nc").exists()
    line = " ".join([*XNABLA, "gradient", "small.nc", "-v", "nope"])
    done = subprocess.run(f"{line} 2>&-", shell=True, check=False, timeout=60)
    assert done.returncode == 2


def test_plain_ascii_output_is_survived(make):
    make()
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "LC_ALL": "C"}
    for line in (("gradient", "--help"), ("info", "small.nc"), ("info", "é.nc")):
        done = _run(*line, env=environment)
        assert "Traceback" not in done.stderr
        assert "fault" not in done.stderr
        assert done.returncode == (2 if "é.nc" in line else 0)


def test_no_warning_of_a_library_is_shown(make):
    """What pytest turns into errors, a user would see as noise."""
    make(change=lambda ds: ds.assign(t=ds["t"].assign_attrs(long_name="気温")))
    done = _run("gradient", "small.nc", "-o", "out.nc", "--plot", "out.png")
    assert (done.returncode, done.stderr) == (0, "")
