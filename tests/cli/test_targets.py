"""A target is written whole or not at all, and never over what is being read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import xarray as xr
from cli.conftest import state


def test_an_existing_target_is_kept_and_the_option_named(refuses, make, tmp_path):
    make()
    for name in ("out.nc", "out.png"):
        (tmp_path / name).write_text("old")
    for targets in (("-o", "out.nc"), ("--plot", "out.png")):
        said = refuses("gradient", "small.nc", *targets, naming=(targets[1], "exists"))
        assert "--overwrite" in said


def test_an_existing_picture_stops_the_file_too(refuses, make, tmp_path):
    (tmp_path / "out.png").write_text("old")
    refuses(
        "gradient", make(), "-o", "new.nc", "--plot", "out.png", naming=("out.png",)
    )


@pytest.mark.parametrize("spelled", ["small.nc", "./small.nc", "folder/../small.nc"])
@pytest.mark.parametrize("option", ["-o", "--plot"])
def test_the_input_is_never_a_target(refuses, make, tmp_path, spelled, option):
    (tmp_path / "folder").mkdir()
    refuses("gradient", make(), option, spelled, "--overwrite", naming=("small.nc",))


@pytest.mark.parametrize("link", ["hard", "symbolic"])
def test_a_link_to_the_input_is_no_target_for_the_file(refuses, make, tmp_path, link):
    make()
    if link == "hard":
        os.link("small.nc", "link.nc")
    else:
        (tmp_path / "link.nc").symlink_to("small.nc")
    refuses(
        "gradient", "small.nc", "-o", "link.nc", "--overwrite", naming=("small.nc",)
    )


def test_a_link_to_the_input_is_no_target_for_the_picture(refuses, make, tmp_path):
    """The link is followed, so the picture would replace the data."""
    make()
    (tmp_path / "link.png").symlink_to("small.nc")
    line = ("gradient", "small.nc", "--plot", "link.png", "--overwrite")
    refuses(*line, naming=("small.nc",))


def test_an_input_that_is_called_like_a_picture_is_kept(refuses, make):
    make("odd.png")
    refuses("gradient", "odd.png", "--plot", "odd.png", "--overwrite")


@pytest.mark.parametrize("overwrite", [(), ("--overwrite",)], ids=["new", "overwrite"])
@pytest.mark.parametrize(
    "picture", ["out.png", "./out.png", "folder/../out.png", "link"]
)
def test_file_and_picture_cannot_be_one(refuses, make, tmp_path, picture, overwrite):
    (tmp_path / "folder").mkdir()
    if picture == "link":
        picture = "link.png"
        (tmp_path / picture).symlink_to("out.png")
    line = ("gradient", make(), "-o", "out.png", "--plot", picture, *overwrite)
    refuses(*line)


@pytest.mark.parametrize(
    ("target", "naming"),
    [
        ("nowhere/out.nc", ("'nowhere'", "mkdir -p nowhere")),
        ("folder", ("'folder'", "directory")),
        ("folder/", ("folder", "directory")),
        (".", ("directory",)),
        ("small.nc/out.nc", ("'small.nc'", "not a directory")),
        (os.devnull, (os.devnull, "device")),
        ("x" * 300 + ".nc", ("too long",)),
        ("", ("''",)),
    ],
    ids=["no folder", "folder", "folder/", "dot", "file", "device", "long", "empty"],
)
def test_a_target_that_cannot_be_is_named(refuses, make, tmp_path, target, naming):
    (tmp_path / "folder").mkdir()
    refuses("gradient", make(), "-o", target, naming=naming)


def test_a_folder_without_permission_is_named(refuses, make, tmp_path, monkeypatch):
    (tmp_path / "closed").mkdir()
    usual = os.access

    def access(path, mode, **rest):
        closed = Path(path).name == "closed" and mode & os.W_OK
        return not closed and usual(path, mode, **rest)

    monkeypatch.setattr(os, "access", access)
    for target in (("-o", "closed/out.nc"), ("--plot", "closed/out.png")):
        refuses("gradient", make(), *target, naming=("no permission", "closed"))


def test_a_dangling_link_gets_its_target(does, make, tmp_path):
    (tmp_path / "link.nc").symlink_to("real.nc")
    does("gradient", make(), "-o", "link.nc")
    assert (tmp_path / "link.nc").is_symlink()
    with xr.open_dataset("real.nc") as ds:
        assert set(ds.data_vars) == {"dt_dy", "dt_dx"}


def test_the_target_is_refused_before_anything_is_read(refuses, tmp_path):
    (tmp_path / "out.nc").write_text("old")
    refuses("gradient", "no such file.nc", "-o", "out.nc", naming=("out.nc",))


def test_when_the_picture_fails_there_is_no_file_either(refuses, make, monkeypatch):
    """One command, one ending: nothing was written. 3: the machine was too small."""

    def full(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("matplotlib.figure.Figure.savefig", full)
    line = ("gradient", make(), "-o", "out.nc", "--plot", "out.png")
    refuses(*line, naming=("out.png",), code=3)


def test_when_the_picture_fails_what_was_there_stays(
    xnabla, make, monkeypatch, tmp_path
):
    make()
    for name in ("out.nc", "out.png"):
        (tmp_path / name).write_text("old")

    def full(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("matplotlib.figure.Figure.savefig", full)
    before = state()
    line = ("gradient", "small.nc", "-o", "out.nc", "--plot", "out.png", "--overwrite")
    assert xnabla(*line).code == 3
    assert state() == before


def test_a_file_of_netcdf_is_not_called_like_a_picture(refuses, make):
    """``-o map.png`` means ``--plot map.png``: the sentence should say so."""
    refuses("gradient", make(), "-o", "map.png", naming=("--plot",))
