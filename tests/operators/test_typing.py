"""The types that people who check theirs see."""

import subprocess
import sys

import pytest

pytest.importorskip("mypy")

SCRIPT = """
import xarray as xr
import xnabla as xn

t: xr.DataArray
g = xn.gradient(t, units="K/km", accuracy=4)
north, east = g
reveal_type(east)
reveal_type(g.x)
reveal_type(g["lon"])
reveal_type(g.magnitude())
reveal_type(xn.derivative(t, "time", order=2))
"""


def checked(tmp_path, text):
    script = tmp_path / "script.py"
    script.write_text(text)
    command = [sys.executable, "-m", "mypy", "--config-file=", str(script)]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=tmp_path
    ).stdout


def test_every_part_of_a_labelled_gradient_is_a_dataarray(tmp_path):
    said = checked(tmp_path, SCRIPT)
    assert said.count('Revealed type is "xarray.core.dataarray.DataArray"') == 5, said


def test_a_misspelled_option_is_caught(tmp_path):
    said = checked(tmp_path, SCRIPT + "xn.gradient(t, acuracy=2)\n")
    assert "acuracy" in said
    assert "error" in said
