"""Steps after ``--then``, as they are typed, and what every command is told beside."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from recipes.making import analysis, job_of, written

import xnabla as xn
from xnabla.cli._then import divided
from xnabla.operators import CATALOGUE
from xnabla.recipes import OPERATORS, Job, run
from xnabla.units import parse


@pytest.fixture
def everything(tmp_path) -> str:
    written(analysis(), tmp_path / "all.nc")
    return "all.nc"


@pytest.fixture
def many(tmp_path) -> str:
    """The same, a file for each time, in an order that is not that of the names."""
    (tmp_path / "many").mkdir()
    for k in range(3):
        written(analysis().isel(time=[k]), tmp_path / "many" / f"era_{2 - k}.nc")
    return "many"


def opened(name: str) -> xr.Dataset:
    # older xarray warns where durations are left to it
    with xr.open_dataset(name, engine="netcdf4", decode_timedelta=False) as ds:
        return ds.load()


def test_a_chain_is_typed_as_one_line(does, everything):
    does(
        *("gradient", everything, "-v", "t", "--units", "K/km", "--time", 0),
        *("--then", "magnitude", "--then", "smooth_rectangular", "size=3"),
        *("--then", "laplacian", "--accuracy", "4", "-o", "out.nc"),
        *("--plot", "out.png", "--level", "850"),
    )
    t = opened(everything)["t"].sel(plev=850).isel(time=0)
    smooth = xn.smooth_rectangular(xn.gradient(t, units="K/km").magnitude(), 3)
    expected = xn.laplacian(smooth, accuracy=4)
    (made,) = opened("out.nc").data_vars.values()
    np.testing.assert_array_equal(made, expected.data.magnitude)
    told = opened("out.nc").attrs["history"].splitlines()[0]
    assert "--then magnitude --then smooth_rectangular size=3 --then laplacian" in told
    assert Path("out.png").stat().st_size > 10_000


@pytest.mark.parametrize(
    "words",
    [
        ["--then", "smooth-rectangular", "size=3"],
        ["--then", "smooth_rectangular", "--size", "3"],
        ["--then", "smooth_rectangular", "--size=3"],
        ["--then", "smooth_rectangular", "3"],
        ["--then=smooth_rectangular", "size=3"],
    ],
    ids=" ".join,
)
def test_a_step_may_be_spelled_in_many_ways(does, everything, words):
    does("laplacian", everything, "-v", "t", *words, "-o", "one.nc")
    does("laplacian", "-v", "t", "-o", "two.nc", *words, "--", everything)
    expected = xn.smooth_rectangular(xn.laplacian(opened(everything)["t"]), 3)
    for name in ("one.nc", "two.nc"):
        (made,) = opened(name).data_vars.values()
        np.testing.assert_array_equal(made, expected.data.magnitude)


def test_shared_options_belong_to_the_whole_wherever_they_stand():
    shared = {"-o": True, "--output": True, "--quiet": False, "--level": True}
    words = "t.nc --then a x=1 --quiet y=2 -o o.nc --level=850 --then b -oz.nc -- -f.nc"
    first, steps = divided(words.split(), shared)
    expected = "t.nc --quiet -o o.nc --level=850 -oz.nc -- -f.nc"
    assert first == expected.split()
    assert [step.words for step in steps] == [["a", "x=1", "y=2"], ["b"]]


@pytest.mark.parametrize(
    ("words", "naming"),
    [
        (["--then"], ("--then has no operator", "--then magnitude")),
        (["--then", "magnitud"], ("'magnitud'", "Try: magnitude")),
        (["--then", "laplacian"], ("one field", "--then magnitude")),
        (["--then", "magnitude", "t.nc"], ("'t.nc'", "files")),
        (["--then", "magnitude", "-v", "t"], ("'-v'", "no option of a step")),
        (["--then", "select", "x", "--then", "smooth", "lenght=3"], ("'lenght'",)),
        (["--then", "magnitude", "--then", "mean"], ("needs 'dims'",)),
        (["--then", "select", "x", "name=y"], ("'name' twice",)),
        (["--then", "mean", "dims=lat", "dims=lon"], ("'dims' twice",)),
        (["--region", "70:35,0:10"], ("--region 35:70,0:10",)),
        (["--select", "lat"], ("DIM=VALUE",)),
        (["--memory", "lots"], ("--memory '2 GB'",)),
        (["--fill", "t"], ("NAME=VALUE",)),
        (["--compression", "zlib:x"], ("--compression zlib:4",)),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_a_wrong_line_is_refused_before_the_file_is_looked_at(refuses, words, naming):
    """There is no such file, and that is not what is said."""
    said = refuses("gradient", "no such.nc", "-v", "t", *words, naming=naming)
    assert "no such.nc" not in said


@pytest.mark.parametrize(
    ("line", "naming"),
    [
        (("gradnt",), ("'gradnt'", "Try: xnabla gradient")),
        (("mean", "t.nc"), ("step of a chain", "--then mean lon")),
        (("xyzzy",), ("xnabla --help",)),
        (("gradient", "t.nc", "--acuracy", "4"), ("--accuracy",)),
        (("operators", "gradeint"), ("Try: gradient",)),
        (("completion", "tcsh"), ("bash", "zsh", "fish")),
    ],
)
def test_what_is_misspelt_is_told_with_what_is_alike(refuses, line, naming):
    refuses(*line, naming=naming)


def test_many_files_are_one_data_set(does, everything, many):
    for k, files in enumerate(
        (
            [everything],
            [f"{many}/era_*.nc"],
            [many],
            [f"{many}/era_{n}.nc" for n in (1, 0, 2)],
        )
    ):
        does("derivative", *files, "-v", "t", "--dim", "time", "-o", f"{k}.nc")
    for k in (1, 2, 3):
        xr.testing.assert_equal(opened(f"{k}.nc"), opened("0.nc"))


def test_files_with_other_variables_are_put_beside_each_other(does, everything, many):
    """Two winds, each in as many files as there are times."""
    for k in range(3):
        for name in "uv":
            part = opened(f"{many}/era_{k}.nc")[[name]]
            part.to_netcdf(f"{many}/{name}_{k}.nc")
    does("vorticity", f"{many}/u_*.nc", f"{many}/v_*.nc", "-o", "many.nc")
    does("vorticity", everything, "-o", "one.nc")
    xr.testing.assert_equal(opened("many.nc"), opened("one.nc"))


def test_files_that_do_not_fit_together_are_named(refuses, everything, many):
    opened(f"{many}/era_1.nc")[["u", "v"]].isel(lat=slice(5)).to_netcdf("part.nc")
    (opened(everything)[["u"]] + 1.0).to_netcdf("other.nc")
    for line in ((f"{many}/era_0.nc", "part.nc"), (everything, "other.nc")):
        said = refuses("vorticity", *line, "-o", "out.nc", naming=line)
        assert "xn." not in said


def test_no_input_is_a_target_through_a_pattern(refuses, many):
    refuses(
        *("laplacian", f"{many}/*.nc", "-v", "t", "-o", f"{many}/era_1.nc"),
        "--overwrite",
        naming=("era_1.nc",),
    )


def test_info_tells_of_many_files_as_one(does, many):
    out = does("info", many).out
    assert "3 files, netCDF-4" in out
    assert "time: time, 3 points" in out


def test_results_are_appended(does, everything, many):
    for k in (2, 1):
        line = ("laplacian", f"{many}/era_{k}.nc", "-v", "t")
        does(*line, "--append", "time", "-o", "grown.nc")
    does("laplacian", everything, "-v", "t", "--time", "0:1", "-o", "once.nc")
    xr.testing.assert_equal(opened("grown.nc"), opened("once.nc"))


@pytest.mark.parametrize("compression", ["zlib", "zlib:6", "none"])
def test_compression_is_as_asked_for(does, gfs, compression):
    line = ("laplacian", gfs, "-v", "t2m", "-o", "out.nc")
    does(*line, "--compression", compression)
    encoding = opened("out.nc")["laplacian_t2m"].encoding
    level = {"zlib": 1, "zlib:6": 6, "none": 0}[compression]
    assert encoding["complevel"] == level
    assert encoding["zlib"] == bool(level)


def test_numbers_that_mean_missing_are_told(does, make):
    values = 250 + np.add.outer(np.arange(9.0), np.arange(11.0))
    values[4, 5] = -999.0
    make(values=values)
    does("laplacian", "small.nc", "--fill", "t=-999", "-o", "out.nc")
    assert bool(np.isnan(opened("out.nc")["laplacian_t"][4, 5]))


# ------------------------------------------------------------------ JSON, quiet


@pytest.mark.parametrize("target", [(), ("-o", "out.nc"), ("--plot", "out.png")])
def test_the_result_is_told_as_json(does, gfs, target):
    line = ("vorticity", gfs, "--level", 500, *target)
    told = json.loads(does(*line, "--json").out)
    source = opened(gfs).sel(plev=500)
    expected = xn.vorticity(source["u"], source["v"]).data.magnitude
    one = told["variables"]["vorticity"]
    assert one["units"] == "s-1"
    assert one["dims"] == {"lat": 73, "lon": 144}
    assert one["min"] == expected.min()
    assert one["max"] == expected.max()
    assert one["mean"] == pytest.approx(expected.mean(dtype=float), rel=1e-12)
    assert one["missing"] == 0
    assert one["grid"][0].startswith("Grid: latitude-longitude")
    assert told["xnabla"] == xn.__version__
    assert told["files"] == [str(gfs)]
    assert told["output"] == ("out.nc" if "-o" in target else None)
    assert told["seconds"] > 0


def test_missing_values_are_counted_and_nothing_is_no_number(does, make):
    values = np.full((9, 11), np.nan)
    make(values=values)
    told = json.loads(does("laplacian", "small.nc", "--json").out)
    one = told["variables"]["laplacian_t"]
    assert (one["missing"], one["min"], one["mean"]) == (99, None, None)


def test_quiet_says_nothing(does, make):
    assert does("laplacian", make(), "--quiet").out == ""


# ------------------------------------------------------------------ operators


def test_all_operators_are_listed_with_formula_and_unit(does):
    out = does("operators").out
    for name, one in OPERATORS.items():
        assert f"\n  {name}\n" in out
        assert " ".join(one.formula.split()) in " ".join(out.split())
    assert "dv/dx - du/dy; in s-1" in out
    assert "After --then:" in out


def test_all_operators_are_told_as_json(does):
    told = {one["name"]: one for one in json.loads(does("operators", "--json").out)}
    assert told.keys() == OPERATORS.keys()
    assert told["vorticity"]["unit"] == "s-1"
    assert told["vorticity"]["section"] == "Wind"
    accuracy = next(
        p for p in told["gradient"]["parameters"] if p["name"] == "accuracy"
    )
    assert accuracy["choices"] == [2, 4, 6]
    assert json.loads(does("operators", "mean", "--json").out)["name"] == "mean"


def test_an_operator_is_told_in_full(does):
    out = does("operators", "mean").out
    assert "dims" in out
    assert "skip | propagate" in " ".join(out.split())
    assert "Example: xnabla gradient" in out


# Those whose results have one unit, whatever they are given.
ONE_UNIT = [
    name
    for name, one in CATALOGUE.items()
    if not any(word in one.unit for word in (" or ", " per "))
]


@pytest.mark.parametrize("name", ONE_UNIT)
def test_the_unit_that_is_listed_is_that_of_the_result(name, tmp_path):
    job = {"input": written(analysis(), tmp_path / "all.nc"), **job_of(name)}
    if name not in ("material_derivative", "coriolis_parameter", "destagger"):
        job |= {"level": "850", "time": "1"}
    made = run(Job(**job))
    own = {"gh": "m", "us": "m s-1"}
    field = job["variable"] or job["inputs"].get("field", "t")
    unit = CATALOGUE[name].unit.replace("[f]", own.get(field, "K"))
    for part in made.data_vars.values():
        assert parse(part.attrs["units"]) == parse(unit)


# ------------------------------------------------------------------ completion


def completed(line: str, at: int | None = None) -> list[str]:
    """What bash is told at the end of a line."""
    words = line.split(" ")
    environment = {
        **os.environ,
        "_XNABLA_COMPLETE": "bash_complete",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(words) - 1 if at is None else at),
    }
    done = subprocess.run(
        [sys.executable, "-m", "xnabla"],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    return [row.partition(",")[2] for row in done.stdout.splitlines()]


_DIRECTION = ["--direction"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("xnabla grad", ["gradient"]),
        ("xnabla gradient --acc", ["--accuracy"]),
        ("xnabla gradient --accuracy ", ["2", "4", "6"]),
        ("xnabla gradient all.nc -v th", ["theta"]),
        ("xnabla vorticity all.nc --u u", ["u", "ug", "us"]),
        ("xnabla gradient t.nc --then magn", ["magnitude"]),
        ("xnabla gradient t.nc --then magnitude --then smooth_c", ["smooth_circular"]),
        ("xnabla gradient t.nc --then smooth len", ["length_scale="]),
        ("xnabla gradient t.nc --then laplacian edges=m", ["edges=missing"]),
        ("xnabla gradient t.nc --then steepest_path sta", ["start="]),
        ("xnabla steepest_path t.nc --start 45,-30 --start -30,9 --dir", _DIRECTION),
        ("xnabla operators potential", ["potential_vorticity"]),
        ("xnabla completion z", ["zsh"]),
    ],
)
def test_words_are_completed(everything, line, expected):
    assert completed(line) == expected


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_is_taught_to_complete(does, shell):
    out = does("completion", shell).out
    assert f"_XNABLA_COMPLETE={shell}_complete" in out


def test_bash_understands_what_it_is_taught(does, tmp_path):
    (tmp_path / "taught").write_text(does("completion", "bash").out)
    done = subprocess.run(
        ["bash", "-c", "source ./taught && complete -p xnabla"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "_xnabla_completion" in done.stdout
