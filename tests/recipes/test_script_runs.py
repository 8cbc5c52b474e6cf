"""A recipe that is stopped anywhere is resumed to the very same files."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import netCDF4
import numpy as np
import pytest
import xarray as xr
from recipes.scripts import ROOT, SMALL, air, bytes_in, small

import xnabla as xn
from xnabla.errors import FileError
from xnabla.numerics import DEFAULT_FILL
from xnabla.recipes import RecipeError, Watch, carry_out, plan, read_recipe

BEGAN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
SOURCE = Path(xn.__file__).parents[1]


def do(path, *, began=BEGAN, checkpoint=lambda: None, **how):
    """Run a recipe, and return what was to be made."""
    todo = plan(read_recipe(path), began=began, **how)
    carry_out(todo, Watch(checkpoint=checkpoint), "test")
    return [".".join(map(str, one.where)) for one in todo.stale]


def state(folder):
    return json.loads((folder / "small.state.json").read_text())


def test_the_same_recipe_twice_gives_the_same_bytes(tmp_path, whole):
    do(small(tmp_path))
    assert bytes_in(tmp_path) == whole
    assert len(whole) == 3


def test_numbers_that_mean_missing_are_told_or_said(tmp_path):
    recipe = small(tmp_path)
    with netCDF4.Dataset(tmp_path / "air.nc", "a") as file:
        plain = file.createVariable("s", "f4", ("lat", "lon"), fill_value=False)
        plain.units = "K"
        plain[:] = np.where(np.arange(17) == 3, -999, file["t"][:])
    recipe.write_text(SMALL.replace("air.t", "air.s"))
    with pytest.raises(RecipeError, match=r"'s' of .*fill=\{'s': -999\}"):
        do(recipe)
    said = 'path = "air.nc"\nfill = "s=-999"'
    recipe.write_text(SMALL.replace("air.t", "air.s").replace('path = "air.nc"', said))
    assert "outputs.grad" in do(recipe)
    with xn.open_dataset(tmp_path / "smooth.nc") as made:
        assert np.isnan(made["smoothed"][6, 3])
    with netCDF4.Dataset(tmp_path / "air.nc", "a") as file:
        file["s"][:, 3] = DEFAULT_FILL
    recipe.write_text(SMALL.replace("air.t", "air.s"))
    with pytest.warns(xn.FillValueWarning, match="at 13 of 221 points read"):
        do(recipe, overwrite=True)
    with xn.open_dataset(tmp_path / "smooth.nc") as made:
        assert "# 9.96921e+36 in 's', undeclared" in made.attrs["history"]


def test_the_numbers_are_those_of_the_library(tmp_path):
    do(small(tmp_path))
    with xn.open_dataset(tmp_path / "air.nc") as ds:
        smooth = xn.smooth_n_point(ds["t"], 9)
        grad = xn.gradient(smooth, units="K/km")
        with xn.open_dataset(tmp_path / "grad.nc") as made:
            for name in ("dt_dy", "dt_dx"):
                expected = grad.to_dataset()[name]
                np.testing.assert_allclose(made[name], expected, rtol=0, atol=1e-9)
                assert made[name].attrs["units"] == "K km-1"
            length = np.hypot(made["dt_dy"], made["dt_dx"])
            np.testing.assert_allclose(made["dt_magnitude"], length, atol=1e-8)
            assert made.attrs["title"] == "A small recipe"
            history = made.attrs["history"]
    assert history.startswith("2026-01-02T03:04:05Z xnabla ")
    assert "smooth = smooth_n_point(field=inputs.air.t, n=9)" in history
    assert "grad = gradient(field=smooth, units='K/km')" in history
    with xr.open_dataset(tmp_path / "smooth.nc", engine="netcdf4") as ds:
        assert list(ds.data_vars) == ["smoothed"]


def test_nothing_is_made_again_while_nothing_changes(tmp_path):
    path = small(tmp_path)
    assert do(path) == ["outputs.grad", "outputs.smooth", "plots.grad"]
    before = {p: p.stat().st_mtime_ns for p in tmp_path.glob("*.[np][cn]*")}
    later = datetime(2027, 1, 1, tzinfo=UTC)
    assert do(path, resume=True, began=later) == []
    os.utime(tmp_path / "air.nc")  # newer, and the same
    assert do(path, resume=True, began=later) == []
    after = {p: p.stat().st_mtime_ns for p in before}
    del before[tmp_path / "air.nc"], after[tmp_path / "air.nc"]
    assert after == before


CHANGES = [
    ('units = "K/km"', 'units = "K/m"', {"outputs.grad", "plots.grad"}),
    ("n = 9", "n = 5", {"outputs.grad", "outputs.smooth", "plots.grad"}),
    ("smoothed =", "smoothest =", {"outputs.smooth"}),
    ('step = "grad"', 'step = "grad"\nregion = "35:50,5:30"', {"plots.grad"}),
    ('file = "grad.png"', 'file = "grad2.png"', {"plots.grad"}),
    ("# nothing", "# anything", set()),
]


@pytest.mark.parametrize(("old", "new", "made"), CHANGES)
def test_only_what_would_be_made_differently_is_made_again(tmp_path, old, new, made):
    path = small(tmp_path, "# nothing\n" + SMALL)
    do(path)
    path.write_text(path.read_text().replace(old, new))
    assert set(do(path, resume=True)) == made
    assert do(path, resume=True) == []


def test_new_data_makes_all_again_and_a_spoilt_or_lost_file_itself(tmp_path):
    path = small(tmp_path)
    do(path)
    good = bytes_in(tmp_path)
    (tmp_path / "grad.nc").write_bytes(b"spoilt")
    (tmp_path / "grad.png").unlink()
    assert do(path, resume=True) == ["outputs.grad", "plots.grad"]
    assert bytes_in(tmp_path) == good
    with xr.open_dataset(tmp_path / "air.nc", engine="netcdf4") as ds:
        other = ds.load() + 1
    other["t"].attrs["units"] = "K"
    other.to_netcdf(tmp_path / "air.nc", engine="netcdf4")
    assert len(do(path, resume=True)) == 3


def test_another_version_makes_all_again(tmp_path, monkeypatch):
    path = small(tmp_path)
    do(path)
    monkeypatch.setattr("xnabla.recipes.script._plan.version", lambda name: "99")
    assert len(do(path, resume=True)) == 3


def test_files_that_are_there_are_not_replaced_unasked(tmp_path):
    path = small(tmp_path)
    do(path)
    with pytest.raises(RecipeError, match="--resume, or --overwrite") as refused:
        do(path)
    assert len(refused.value.faults) == 3
    assert len(do(path, overwrite=True)) == 3


def test_resume_replaces_no_file_of_somebody_else(tmp_path):
    path = small(tmp_path)
    (tmp_path / "grad.nc").write_bytes(b"precious")
    with pytest.raises(RecipeError, match="this recipe did not make it"):
        do(path, resume=True)
    assert (tmp_path / "grad.nc").read_bytes() == b"precious"


@pytest.mark.parametrize(
    "text",
    ["", "{", "[1]", '{"xnabla_state": 1}', '{"xnabla_state": 2}', "\x00", "[" * 9999],
)
def test_a_damaged_state_is_no_state(tmp_path, text):
    path = small(tmp_path)
    do(path)
    (tmp_path / "small.state.json").write_text(text)
    with pytest.raises(RecipeError, match="did not make it"):
        do(path, resume=True)
    assert len(do(path, resume=True, overwrite=True)) == 3


def test_stores_and_other_pictures_are_made_and_known_again(tmp_path):
    text = SMALL.replace("grad.nc", "grad.zarr").replace("grad.png", "grad.svg")
    more = '[plots.pdf]\nfile = "grad.pdf"\nstep = "grad"\n[report]\nfile = "r.html"\n'
    path = small(tmp_path, text + more)
    assert len(do(path)) == 4
    assert do(path, resume=True) == []
    with xr.open_zarr(tmp_path / "grad.zarr", chunks=None) as made:
        assert made["dt_dx"].shape == (13, 17)
    page = (tmp_path / "r.html").read_text()
    assert "data:image/svg+xml;base64," in page
    assert "PDF: see the file itself" in page
    next((tmp_path / "grad.zarr").glob("dt_dx/*")).write_bytes(b"spoilt")
    kinds = ("grad.svg", "grad.pdf")
    pictures = [(tmp_path / name).read_bytes() for name in kinds]
    assert do(path, resume=True) == ["outputs.grad"]
    assert len(do(path, overwrite=True)) == 4
    again = [(tmp_path / name).read_bytes() for name in kinds]
    assert again == pictures


LEVELS = """
[inputs.gfs]
path = "../../../sample_data/gfs_20110115.nc"
level = "1000:700"

[steps.zeta]
operator = "vorticity"
u = "inputs.gfs.u"
v = "inputs.gfs.v"

[steps.hess]
operator = "hessian"
field = "inputs.gfs.t"

[plots.zeta]
file = "zeta.png"
step = "zeta"
title = "Four levels"
region = "20:80,-100:40"

[plots.hess]
file = "hess.png"
step = "hess"
"""


def test_levels_are_panels_as_many_as_can_be_read(tmp_path):
    """Four levels of one field or of three parts, but not ten of three."""
    gfs = ROOT / "sample_data" / "gfs_20110115.nc"
    text = LEVELS.replace("../../../sample_data/gfs_20110115.nc", str(gfs))
    path = tmp_path / "levels.toml"
    path.write_text(text)
    assert len(do(path)) == 2
    path.write_text(text.replace('level = "1000:700"\n', ""))
    with pytest.raises(RecipeError, match=r"up to 12 panels in all.*30 panels"):
        do(path, overwrite=True)


class Stop(BaseException):
    pass


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """What a run leaves that nothing stops."""
    folder = tmp_path_factory.mktemp("whole")
    do(small(folder))
    return bytes_in(folder)


@pytest.mark.parametrize("when", range(1, 9))
def test_stopped_at_any_checkpoint_it_ends_with_the_same_files(tmp_path, whole, when):
    calls = []

    def checkpoint():
        calls.append(0)
        if len(calls) == when:
            raise Stop

    path = small(tmp_path / "cut")
    with pytest.raises(Stop):
        do(path, checkpoint=checkpoint)
    assert not list(path.parent.glob(".*.tmp"))
    assert bytes_in(path.parent).items() <= whole.items()
    later = datetime(2027, 1, 1, tzinfo=UTC)
    do(path, resume=True, began=later)
    assert bytes_in(path.parent) == whole


def test_a_vanished_input_is_a_fault_with_its_line(tmp_path):
    path = small(tmp_path)
    do(path)
    (tmp_path / "air.nc").unlink()
    with pytest.raises(RecipeError, match=r"small.toml:5: There is no file 'air.nc'"):
        do(path, resume=True)


def test_an_input_that_changes_meanwhile_is_noticed(tmp_path):
    path = small(tmp_path)
    calls = []

    def checkpoint():
        calls.append(0)
        if len(calls) == 3:
            air(tmp_path, "new.nc", title="another").replace(tmp_path / "air.nc")

    with pytest.raises(FileError, match="changed while"):
        do(path, checkpoint=checkpoint)
    assert not any(one["done"] for one in state(tmp_path)["targets"].values())
    assert len(do(path, resume=True)) == 3


def test_a_folder_that_may_not_be_written_to_is_a_fault(tmp_path, monkeypatch):
    path = small(tmp_path)
    allowed = os.access
    monkeypatch.setattr(
        os, "access", lambda p, how: not how & os.W_OK and allowed(p, how)
    )
    with pytest.raises(RecipeError, match="no permission") as refused:
        do(path)
    assert len(refused.value.faults) == 3


# ------------------------------------------------------------------ whole processes

# Nothing is drawn, which would take longest: it is the writing that is cut.
LONG = SMALL[: SMALL.index("[plots.grad]")] + "".join(
    f'[outputs.o{k}]\nfile = "o{k}.nc"\nvariables = ["smooth", "grad"]\n'
    for k in range(25)
)


def program(folder, *arguments, limit=None, **more):
    """Start the program as a shell does."""
    environment = {**os.environ, "PYTHONPATH": str(SOURCE), **more}

    def limited():
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    return subprocess.Popen(
        [sys.executable, "-m", "xnabla", "run", "small.toml", *arguments],
        cwd=folder,
        env=environment,
        preexec_fn=limited,  # noqa: PLW1509
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def done_in(folder):
    """How many files are done, as the state tells."""
    try:
        return sum(one["done"] for one in state(folder)["targets"].values())
    except (OSError, ValueError):
        return 0


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -9)],
)
def test_a_signal_leaves_whole_files_and_resume_ends_with_the_same(
    tmp_path, number, code
):
    cut = small(tmp_path / "cut", LONG).parent
    process = program(cut)
    until = time.monotonic() + 60
    while done_in(cut) < 2 and time.monotonic() < until:
        time.sleep(0.01)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert process.returncode == code
    assert "Traceback" not in err
    assert out == ""
    if number != signal.SIGKILL:
        assert not list(cut.glob(".*.tmp"))
    if number == signal.SIGINT:
        assert "of 27 files are whole" in err
    assert 2 <= done_in(cut) < 27
    began = datetime.fromisoformat(state(cut)["began"])
    process = program(cut, "--resume")
    out, err = process.communicate(timeout=120)
    assert (process.returncode, err) == (0, "")
    assert "unchanged grad.nc" in out
    assert not list(cut.glob(".*.tmp"))
    whole = small(tmp_path / "whole", LONG).parent
    do(whole / "small.toml", began=began)
    assert bytes_in(cut) == bytes_in(whole)
    assert len(bytes_in(cut)) == 27


def test_a_full_disk_is_a_sentence_and_resume_ends_with_the_same(tmp_path, whole):
    cut = small(tmp_path / "cut").parent
    # room for what the data takes, and for no picture
    process = program(cut, limit=60_000, SOURCE_DATE_EPOCH="1767323045")
    out, err = process.communicate(timeout=60)
    assert process.returncode == 3, err
    assert "Traceback" not in err
    assert "2 of 3 files are whole" in err
    assert out == ""
    assert sorted(bytes_in(cut)) == ["grad.nc", "smooth.nc"]
    assert not list(cut.glob(".*.tmp"))
    process = program(cut, "--resume", "--quiet")
    assert process.communicate(timeout=60) == ("", "")
    assert bytes_in(cut) == whole
