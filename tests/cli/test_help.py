"""The program answers at once, and in one way however it is started."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from importlib.metadata import version

import pytest

COMMANDS = ("gradient", "derivative", "info")


def _python(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_help_lists_every_command_and_an_example(does, flag):
    out = does(flag).out
    for name in COMMANDS:
        assert re.search(rf"^  {name}\b", out, re.MULTILINE)
    assert "Example: xnabla gradient" in out


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_with_an_example(does, command):
    out = does(command, "--help").out
    assert f"Example: xnabla {command} sample_data/" in out
    if command != "info":
        options = (
            "--variable --units --accuracy --edges --missing --poles --earth "
            "--level --time --output --plot --overwrite"
        )
        for option in options.split():
            assert option in out


def test_no_line_of_help_is_wider_than_a_terminal(does):
    for command in COMMANDS:
        assert max(map(len, does(command, "--help").out.splitlines())) <= 88


def test_the_examples_of_the_help_work_as_they_are_printed(xnabla, does, gfs, tmp_path):
    import shlex

    (tmp_path / "sample_data").symlink_to(gfs.parent)
    for command in COMMANDS:
        tail = does(command, "--help").out.split("Example: xnabla ")[1]
        assert xnabla(*shlex.split(tail)).code == 0
    assert {"gradient.nc", "gradient.png", "dt_dp.nc"} <= {
        path.name for path in tmp_path.iterdir()
    }


def test_version_is_that_of_the_package(does):
    assert does("--version").out == f"xnabla {version('xnabla')}\n"


def test_without_arguments_it_shows_what_can_be_typed(xnabla):
    ending = xnabla()
    assert ending.code == 2
    for name in COMMANDS:
        assert name in ending.err + ending.out


def test_the_module_is_the_program():
    done = _python("-m", "xnabla", "--version")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"xnabla {version('xnabla')}\n"
    assert _python("-m", "xnabla", "--help").stdout.startswith("Usage: xnabla ")


def test_help_loads_nothing_heavy():
    code = (
        "import sys, xnabla.cli\n"
        "try: xnabla.cli.main(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'numpy', 'xarray', 'pint', 'netCDF4', 'matplotlib', 'numba'}\n"
        "heavy |= {'dask', 'pandas', 'rich'}\n"
        "print('LOADED', sorted(heavy & set(sys.modules)))"
    )
    assert _python("-c", code).stdout.splitlines()[-1] == "LOADED []"


def test_help_answers_within_a_third_of_a_second():
    def seconds() -> float:
        began = time.perf_counter()
        _python("-m", "xnabla", "--help")
        return time.perf_counter() - began

    assert min(seconds() for _ in range(5)) <= 0.3
