"""Every fault of a recipe is told at once, with its line, before any data is read."""

from __future__ import annotations

import os
from datetime import UTC, datetime

import h5py
import pytest
import xarray as xr
from recipes.scripts import SMALL, small

from xnabla.errors import FileError
from xnabla.recipes import (
    RecipeError,
    Watch,
    carry_out,
    plan,
    read_recipe,
    run_recipe,
)

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def faults(path):
    with pytest.raises(RecipeError) as refused:
        plan(read_recipe(path), began=NOW)
    return {(one.line, one.sentence) for one in refused.value.faults}


def line_of(text, part):
    return next(n for n, line in enumerate(text.split("\n"), 1) if part in line)


ONE = [
    # what is changed, into what, and what must be said at that line
    ('operator = "gradient"', 'operator = "gradeint"', "'gradeint'", "gradient"),
    ('units = "K/km"', 'unit = "K/km"', "'unit'", "'units'"),
    ('units = "K/km"', 'units = "K/kmm"', "kmm", None),
    ('units = "K/km"', 'units = "kg"', "kg", None),
    ('units = "K/km"', "accuracy = 3", "3", "2, 4, 6"),
    ('units = "K/km"', 'poles = "acros"', "acros", "across"),
    ('units = "K/km"', "units = 2026-01-02", "a date", "Unit of the result"),
    ("n = 9", "passes = 1.5", "1.5", "whole number"),
    ('field = "smooth"', 'field = "smoth"', "'smoth'", "'smooth'"),
    ('field = "smooth"', 'field = "air.t"', "no step 'air'", "'inputs.air.t'"),
    ('field = "inputs.air.t"', 'field = "inputs.aire.t"', "'aire'", "inputs.air"),
    ('field = "inputs.air.t"', 'field = "inputs.air.tt"', "'tt'", None),
    ('field = "inputs.air.t"', 'field = "grad"', "smooth -> grad -> smooth", None),
    ('field = "inputs.air.t"', "field = 3", "a whole number", "reference"),
    ('"grad", "grad.magnitude"', '"grad", "grad.magnitud"', "magnitud", "magnitude"),
    ('"grad", "grad.magnitude"', '"grad", "grad"', "dt_dy", "a name for each"),
    ('"grad", "grad.magnitude"', "", "list that is not empty", None),
    ('path = "air.nc"', 'path = "aire.nc"', "'aire.nc'", "'air.nc'"),
    ('path = "air.nc"', 'path = "no_*.nc"', "No file fits", None),
    ('path = "air.nc"', 'path = "."', "folder", "*.nc"),
    ('file = "grad.nc"', 'file = "none/grad.nc"', "no directory", "mkdir -p"),
    ('file = "smooth.nc"', 'file = "./grad.nc"', "outputs.grad", "another name"),
    ('file = "smooth.nc"', 'file = "air.nc"', "a file of input 'air'", None),
    ('file = "smooth.nc"', 'file = "small.toml"', "the recipe itself", None),
    ('file = "smooth.nc"', 'file = "smooth.png"', "smooth.png", "[plots.NAME]"),
    ('file = "grad.png"', 'file = "grad.bmp"', ".bmp", ".png"),
    ('step = "grad"', 'step = "grad"\ntitel = "x"', "'titel'", "'title'"),
    ('title = "A small', 'titel = "A small', "'titel'", "'title'"),
    ('file = "smooth.nc"', 'file = "s.nc"\ncompression = "zlip"', "zlip", "zlib"),
    ('file = "smooth.nc"', 'file = "s.nc"\ncompression = 3', "wrong kind", "true"),
    ("[plots.grad]", "[plot.grad]", "'plot'", "'plots'"),
    ("[steps.smooth]", '[steps."a.b"]', "'a.b'", "letters"),
]


@pytest.mark.parametrize(("old", "new", "said", "hint"), ONE)
def test_a_fault_is_told_with_its_line_and_what_is_meant(
    tmp_path, old, new, said, hint
):
    text = SMALL.replace(old, new, 1)
    found = faults(small(tmp_path, text))
    lines = {line for line, sentence in found if said in sentence}
    place = line_of(text, new.split("\n")[-1] or "variables = []")
    step = line_of(text, "[steps.grad]")
    assert lines
    assert lines <= {place, step} or new == "[plot.grad]"
    if hint is not None:
        assert any(said in s and hint in s for _, s in found), found


def test_all_faults_are_told_together_in_the_order_of_their_lines(tmp_path):
    text = SMALL
    for old, new in (
        ('operator = "smooth_n_point"', 'operator = "smoth_n_point"'),
        ('units = "K/km"', 'unit = "K/km"\naccuracy = "two"'),
        ('file = "grad.nc"', "file = 3"),
        ('step = "grad"', 'step = "grad"\nkontours = "smooth"'),
    ):
        text = text.replace(old, new)
    with pytest.raises(RecipeError) as refused:
        read_recipe(small(tmp_path, text))
    lines = [one.line for one in refused.value.faults]
    wanted = ["smoth_n", "unit =", "two", "file = 3", "kontours"]
    assert lines == [line_of(text, one) for one in wanted]
    assert str(refused.value).count("small.toml:") == 5


def test_what_is_referred_to_is_checked_together_too(tmp_path):
    text = SMALL.replace('"inputs.air.t"', '"nothing"').replace("air.nc", "gone.nc")
    text = text.replace('file = "grad.png"', 'file = "none/grad.png"')
    found = faults(small(tmp_path, text))
    assert {line for line, _ in found} == {
        line_of(text, '"nothing"'),
        line_of(text, "gone.nc"),
        line_of(text, "none/grad.png"),
    }


def test_every_circle_is_told_once(tmp_path):
    steps = "".join(
        f'[steps.{a}]\noperator = "laplacian"\nfield = "{b}"\n'
        for a, b in ("ab", "bc", "ca", "xy", "yx")
    )
    found = faults(small(tmp_path, SMALL + steps))
    circles = {s for _, s in found if "circle" in s}
    assert len(circles) == 2
    assert any("a -> c -> b -> a" in s or "a -> b -> c -> a" in s for s in circles)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a = 1\nb = \n", 2),
        ("a = 1\na = 2\n", 2),
        ("[x]\n[x]\n", 2),
        ('a = "open\n', 1),
        ("a = [1,\n2\n", 2),
    ],
)
def test_what_is_no_toml_is_told_with_its_line(tmp_path, text, line):
    (found,) = faults(small(tmp_path, text))
    assert found[0] == line
    assert "no TOML" in found[1]


def test_bytes_that_are_no_text_are_told_with_their_line(tmp_path):
    path = small(tmp_path)
    path.write_bytes(b"a = 1\nb = '\xff'\n")
    (found,) = faults(path)
    assert found[0] == 2
    assert "UTF-8" in found[1]


def test_a_recipe_that_is_not_there(tmp_path):
    with pytest.raises(FileError, match="There is no recipe"):
        read_recipe(tmp_path / "none.toml")


def test_an_empty_recipe_makes_nothing(tmp_path):
    ((_, sentence),) = faults(small(tmp_path, ""))
    assert "makes nothing" in sentence


def test_a_mapping_has_no_lines_but_names(tmp_path):
    air = {"path": str(small(tmp_path).with_name("air.nc"))}
    given = {
        "inputs": {"air": air},
        "outputs": {"o": {"file": f"{tmp_path}/o.nc", "variables": ["nothing"]}},
    }
    with pytest.raises(
        RecipeError, match=r"recipe: outputs.o.variables.0: There is no"
    ):
        plan(read_recipe(given), began=NOW)


def test_a_missing_level_and_variable_are_known_from_the_header(tmp_path):
    text = SMALL.replace('path = "air.nc"', 'path = "air.nc"\nlevel = 850')
    (found,) = faults(small(tmp_path, text))
    assert "vertical" in found[1]


@pytest.mark.parametrize("kind", ["nothing", "foreign"])
def test_a_target_that_is_a_link_to_where_nobody_looked_is_refused(tmp_path, kind):
    path = small(tmp_path / "in")
    link = path.with_name("grad.nc")
    link.symlink_to(tmp_path / "elsewhere.nc" if kind == "nothing" else "/etc/hostname")
    if kind == "foreign" and os.geteuid() == 0:
        other = tmp_path / "theirs.nc"
        other.write_bytes(b"")
        os.chown(other, 12345, 12345)
        link.unlink()
        link.symlink_to(other)
    (found,) = faults(path)
    assert found[0] == line_of(SMALL, 'file = "grad.nc"')
    assert "link" in found[1]
    assert not (tmp_path / "elsewhere.nc").exists()


def test_a_state_that_is_a_link_to_nothing_is_refused(tmp_path):
    path = small(tmp_path / "in")
    path.with_name("small.state.json").symlink_to(tmp_path / "elsewhere")
    ((_, sentence),) = faults(path)
    assert "a link to nothing" in sentence


@pytest.mark.parametrize("name", ["grad.nc", "small.state.json"])
def test_a_link_put_in_the_place_of_a_target_meanwhile_is_not_followed(tmp_path, name):
    """A run may take hours between the look at a target and its writing."""
    path = small(tmp_path / "in")
    todo = plan(read_recipe(path), began=NOW)
    path.with_name(name).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FileError, match="a link to nothing"):
        carry_out(todo, Watch(), "test")
    assert not (tmp_path / "elsewhere").exists()


def test_a_pipe_is_no_input(tmp_path):
    path = small(tmp_path, SMALL.replace('"air.nc"', '"pipe.nc"'))
    os.mkfifo(tmp_path / "pipe.nc")
    ((_, sentence),) = faults(path)
    assert "pipe" in sentence


def test_names_of_steps_are_no_paths_and_recipes_run_nothing(tmp_path):
    text = SMALL.replace("[steps.grad]", '[steps."../grad"]')
    assert any("cannot be a name" in s for _, s in faults(small(tmp_path, text)))
    assert {p.name for p in tmp_path.iterdir()} == {"air.nc", "small.toml"}


def test_nothing_is_read_but_headers(tmp_path):
    """The values are damaged: whoever looks at them fails."""
    path = small(tmp_path)
    _damage(tmp_path / "air.nc")
    known = plan(read_recipe(path), began=NOW, look=False).sketch
    assert known.order == ("smooth", "grad")
    assert {
        one.name: (one.units, dict(one.sizes)) for one in known.outputs["grad"]
    } == {
        "dt_dy": ("K km-1", {"lat": 13, "lon": 17}),
        "dt_dx": ("K km-1", {"lat": 13, "lon": 17}),
        "dt_magnitude": ("K km-1", {"lat": 13, "lon": 17}),
    }
    assert known.steps["smooth"][0].nbytes == 13 * 17 * 4
    with pytest.raises(RecipeError, match=r"Variable .t. of .*it is damaged"):
        run_recipe(path)
    assert not list(tmp_path.glob("*.png"))
    assert not list(tmp_path.glob("*grad.nc"))


def _damage(path):
    """Overwrite the values of ``t``, which are compressed, with zeros."""
    with xr.open_dataset(path, engine="netcdf4") as opened:
        ds = opened.load()
    ds.to_netcdf(path, engine="netcdf4", encoding={"t": {"zlib": True}})
    with h5py.File(path) as file:
        chunk = file["t"].id.get_chunk_info(0)
    with path.open("r+b") as stream:
        stream.seek(chunk.byte_offset)
        stream.write(bytes(chunk.size))
