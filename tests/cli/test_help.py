"""The program answers at once, and in one way however it is started."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from functools import partial
from importlib.metadata import version

import pytest
from timing import child_seconds

from xnabla.descent import WHOLE
from xnabla.recipes import ADAPTORS

ABOUT = ("info", "check", "operators", "completion", "run")
COMMANDS = (*WHOLE, *ABOUT)
SHARED = (
    *("then", "level", "time", "region", "select", "nearest", "output", "plot"),
    *("overwrite", "compression", "memory", "cluster", "quiet", "json"),
)


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


def test_help_puts_commands_under_headings(does):
    out = does("--help").out
    sections = dict(re.findall(r"^(\S[^\n]*):\n((?:  [^\n]*\n?)+)", out, re.MULTILINE))
    for heading, command in (
        ("Gradients and derivatives", "laplacian"),
        ("Wind", "vorticity"),
        ("Balance and rotation", "geostrophic_wind"),
        ("Smoothing", "smooth_gaussian"),
        ("Descent", "trend"),
        ("Files", "info"),
    ):
        assert re.search(rf"^  {command}\b", sections[heading], re.MULTILINE)
    assert not re.search(r"^  smooth", sections["Gradients and derivatives"], re.M)
    listed = re.findall(r"^  (\w+)  ", out, re.MULTILINE)
    assert sorted(listed) == sorted(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_with_an_example(does, command):
    out = does(command, "--help").out
    example = " ".join(out.split("Example: ")[1].split())
    assert example.startswith(f"xnabla {command} ") or f"--then {command} " in example
    if command in ABOUT:
        return
    operator = WHOLE[command]
    plain = " ".join(out.split())
    assert f"Formula: {' '.join(operator.formula.split())}." in plain
    options = [one.name for one in (*operator.inputs, *operator.parameters)]
    for option in (*options, *SHARED):
        assert f"--{option}" in out
    assert ("--variable" in out) == (len(operator.fields) == 1)


def test_no_line_of_help_is_wider_than_a_terminal(does):
    for command in ((), *((name,) for name in COMMANDS)):
        assert max(map(len, does(*command, "--help").out.splitlines())) <= 88


def _examples() -> dict[str, str]:
    steps = {name: one.example for name, one in ADAPTORS.items()}
    return {name: one.example for name, one in WHOLE.items()} | steps


@pytest.mark.parametrize("command", _examples())
def test_every_example_works_as_it_is_printed(xnabla, gfs, tmp_path, command):
    _, *words = shlex.split(_examples()[command])
    assert "sample_data/" in " ".join(words)
    (tmp_path / "sample_data").symlink_to(gfs.parent)
    ending = xnabla(*words)
    assert (ending.code, ending.err, ending.out) == (0, "", "")
    targets = [words[k + 1] for k, word in enumerate(words) if word in ("-o", "--plot")]
    assert targets
    for target in targets:
        assert (tmp_path / target).exists()


@pytest.mark.parametrize("command", ["info", "operators"])
def test_what_tells_has_an_example_too(does, gfs, tmp_path, command):
    tail = does(command, "--help").out.split("Example: xnabla ")[1]
    (tmp_path / "sample_data").symlink_to(gfs.parent)
    assert does(*shlex.split(tail)).out


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
    ask = partial(_python, "-m", "xnabla", "--help")
    assert min(child_seconds(ask) for _ in range(5)) <= 0.3
