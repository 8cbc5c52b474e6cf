"""Signals at random moments: the old file or the whole new one, and nothing beside it.

Rows 7 and 30 of the table of faults. The moments are drawn from a fixed seed, half of
them near the end, where a file is put in place.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from faults.children import Children, kill
from faults.conftest import bits, leftovers

CODES = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGKILL: -9}
OLD = b"what was there before"


@pytest.fixture(scope="module")
def whole(children: Children, source: Path, tmp_path_factory):
    """How long an undisturbed run takes, and what it writes."""
    folder = tmp_path_factory.mktemp("whole")
    line = ("program", "gradient", source, "-v", "t", "-o", "out.nc")
    children.do(*line, folder=folder)  # compiles what is not compiled yet
    began = time.monotonic()
    assert children.do(*line, "--overwrite", folder=folder).code == 0
    return time.monotonic() - began, bits(folder / "out.nc")


@pytest.mark.parametrize(
    ("number", "times", "before"),
    [
        (signal.SIGINT, 10, None),
        (signal.SIGTERM, 10, OLD),
        (signal.SIGKILL, 10, None),
        (signal.SIGKILL, 10, OLD),
    ],
    ids=["INT", "TERM", "KILL", "KILL over an old file"],
)
def test_at_any_moment(children, source, whole, tmp_path, number, times, before):
    takes, right = whole
    target = tmp_path / "out.nc"
    random = np.random.default_rng(number)
    early, late = (
        random.uniform(0, takes, times // 2),
        random.normal(0.95, 0.1, times // 2),
    )
    ends = set()
    for delay in [*early, *(takes * late)]:
        target.unlink(missing_ok=True)
        if before is not None:
            target.write_bytes(before)

        def disturb(pid, delay=delay):
            time.sleep(max(delay, 0))
            kill(pid, number)

        ending = children.do(
            "program", "gradient", source, "-v", "t", "-o", "out.nc", "--overwrite",
            folder=tmp_path, while_it_runs=disturb,
        )  # fmt: skip
        ends.add(ending.code)
        # an interrupt within exec() makes Python itself end by it; a shell says 130 too
        allowed = {0, CODES[number], *([-number] if number == signal.SIGINT else [])}
        assert ending.code in allowed, ending
        assert "Traceback" not in ending.err
        now = target.read_bytes() if target.exists() else None
        is_whole = now not in (None, before) and bits(target) == right
        assert is_whole or now == before
        assert is_whole or ending.code != 0
        assert "Traceback" not in ending.err
        if number != signal.SIGKILL:
            assert leftovers(tmp_path) == []
            assert len(ending.err.splitlines()) <= 1
            if "nothing was written" in ending.err:
                assert now == before
        else:
            assert len(leftovers(tmp_path)) <= 1
            last = children.do(
                "program", "gradient", source, "-v", "t", "-o", "out.nc", "--overwrite",
                "--time", "0", folder=tmp_path,
            )  # fmt: skip
            assert last.code == 0, last
            assert leftovers(tmp_path) == []
    assert CODES[number] in ends  # some of them did come in time


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_signal_when_the_file_is_in_place_already(
    children, source, tmp_path, overwrite
):
    """It said that nothing was written, and the file was there."""
    options = ["--overwrite"] if overwrite else []
    ending = children.do(
        "stopped_when_in_place", "gradient", source, "-o", "out.nc", *options,
        folder=tmp_path,
    )  # fmt: skip
    assert ending.code == 130
    assert ending.err == "xnabla: interrupted; 'out.nc' was written\n"
    assert [file.name for file in tmp_path.iterdir()] == ["out.nc"]


@pytest.mark.parametrize(
    ("how", "name"),
    [
        ("a loop that hears nothing", "out.nc"),
        ("a loop that hears nothing", "out.zarr"),
        ("a thread that has the last word", "out.nc"),
    ],
)
def test_a_run_that_does_not_unwind_is_left(source, tmp_path, how, name):
    """Of 250 interrupts one left a lock of numba taken, and the run never ended."""
    # not a fork: the interpreter's own end waits for threads
    program = (
        "import sys; from faults.jobs import waits_for_ever as w; w(*sys.argv[1:])"
    )
    tests = Path(__file__).parents[1]
    ending = subprocess.run(
        [sys.executable, "-c", program, how, "gradient", source, "-o", name],
        env={**os.environ, "PYTHONPATH": f"{tests.parent / 'src'}:{tests}"},
        cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    said = "xnabla: interrupted; nothing was written\n"
    assert (ending.returncode, ending.stderr) == (130, said)
    assert list(tmp_path.iterdir()) == []


def test_a_signal_leaves_no_lock_taken(children, tmp_path):
    """An exception within __enter__, behind acquire(), is nobody's to clean up."""
    ending = children.do("leaves_no_lock_taken", folder=tmp_path)
    assert ending.out == "40 of 40 locks are free\n"
