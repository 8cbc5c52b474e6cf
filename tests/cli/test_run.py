"""``xnabla run``: what is typed, what is said, and the exit codes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from recipes.scripts import SMALL, small

from xnabla.cli import main


@pytest.fixture
def recipe(tmp_path):
    return small(tmp_path)


def test_it_makes_what_the_recipe_says_and_says_so(does, recipe):
    ending = does("run", "small.toml")
    assert ending.out.split("\n")[:3] == [
        "made grad.nc",
        "made smooth.nc",
        "made grad.png",
    ]
    assert Path("grad.nc").exists()
    assert does("run", "small.toml", "--resume").out.count("unchanged") == 3
    assert does("run", "small.toml", "--overwrite", "--quiet").out == ""


def test_every_fault_is_a_line_that_editors_jump_to(xnabla, recipe):
    text = SMALL.replace("smooth_n_point", "smoth").replace(
        'units = "K/km"', "unit = 1"
    )
    recipe.write_text(text)
    ending = xnabla("run", "small.toml")
    assert ending.code == 2
    assert ending.out == ""
    *faults, last = ending.err.splitlines()
    assert [re.match(r"small\.toml:(\d+): ", one)[1] for one in faults] == ["8", "15"]
    assert last == "xnabla: 2 faults in small.toml"
    assert sorted(p.name for p in Path().iterdir()) == ["air.nc", "small.toml"]


def test_a_recipe_that_is_not_there_is_one_sentence(refuses):
    refuses("run", "none.toml", naming=("There is no recipe 'none.toml'",))


def test_advice_is_what_one_types_in_a_recipe(xnabla, recipe):
    recipe.write_text(SMALL.replace('path = "air.nc"', 'path = "air.nc"\nlevel = 850'))
    assert "--" not in xnabla("run", "small.toml").err


def test_dry_run_tells_the_plan_and_writes_nothing(does, recipe):
    out = does("run", "small.toml", "--dry-run").out
    assert sorted(p.name for p in Path().iterdir()) == ["air.nc", "small.toml"]
    for words in (
        "A small recipe",
        "air.nc (",
        "smooth = smooth_n_point(field=inputs.air.t, n=9)",
        "dt_magnitude (lat: 13, lon: 17) float32 K km-1, 884 B",
        "make grad.png",
        "small.state.json",
    ):
        assert words in out
    assert out.index("smooth = ") < out.index("grad = ")


def test_dry_run_tells_what_would_be_left_and_what_replaced(does, recipe):
    does("run", "small.toml")
    recipe.write_text(SMALL.replace("K/km", "K/m"))
    out = does("run", "small.toml", "--dry-run", "--resume").out
    assert "replace grad.nc" in out
    assert "unchanged smooth.nc" in out


def test_the_time_of_a_run_may_be_told(does, xnabla, recipe, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    does("run", "small.toml")
    import xarray as xr

    with xr.open_dataset("grad.nc", engine="netcdf4") as ds:
        assert ds.attrs["history"].startswith("1970-01-02T00:00:00Z")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "yesterday")
    ending = xnabla("run", "small.toml", "--overwrite")
    assert ending.code == 2
    assert "SOURCE_DATE_EPOCH" in ending.err


def test_a_report_may_be_asked_for(does, xnabla, recipe):
    does("run", "small.toml", "--report", "told.html")
    assert Path("told.json").exists()
    assert "A small recipe" in Path("told.html").read_text()
    ending = xnabla("run", "small.toml", "--resume", "--report", "told.txt")
    assert (ending.code, "told.html" in ending.err) == (2, True)


def test_paths_are_relative_to_the_recipe(does, tmp_path):
    small(tmp_path / "deep" / "er")
    does("run", "deep/er/small.toml")
    assert (tmp_path / "deep" / "er" / "grad.png").exists()
    assert [p.name for p in tmp_path.iterdir()] == ["deep"]


def test_hostile_names_do_not_reach_the_terminal(xnabla, recipe):
    recipe.write_text('[steps."\\u001b[2J"]\noperator = "\\u001b[31m"\n', "utf-8")
    ending = xnabla("run", "small.toml")
    assert ending.code == 2
    assert all(c.isprintable() or c == "\n" for c in ending.err)


def test_one_display_names_the_step_on_a_terminal(recipe, monkeypatch, capsys):
    import io
    import sys

    class Terminal(io.StringIO):
        def isatty(self):
            return True

    seen = Terminal()
    monkeypatch.setattr("xnabla.cli._progress._PATIENCE_S", -1.0)
    monkeypatch.setattr(sys, "stderr", seen)
    monkeypatch.setenv("TERM", "xterm")
    with pytest.raises(SystemExit) as leaving:
        main(["run", "small.toml"])
    assert leaving.value.code in (0, None)
    assert "step grad: gradient" in seen.getvalue() or "writing" in seen.getvalue()
