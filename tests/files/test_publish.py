"""A file appears whole under its name, or not at all."""

import errno
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from xnabla.errors import FileError
from xnabla.files import _publish as room
from xnabla.files import publish


def dead_pid() -> int:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    return child.pid


def without_links(monkeypatch, number):
    def refuse(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path, "hardlink_to", refuse)


def test_the_target_appears_when_the_block_ends(tmp_path, leftovers):
    target = tmp_path / "a.png"
    with publish(target) as temporary:
        assert temporary.parent == tmp_path
        assert temporary.name.startswith(f".a.png.{os.getpid()}.")
        assert temporary.name.endswith(".tmp")
        temporary.write_bytes(b"whole")
        assert not target.exists()
    assert target.read_bytes() == b"whole"
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_nothing_is_left_when_the_block_fails(tmp_path, leftovers, error):
    target = tmp_path / "a.png"
    target.write_bytes(b"old")
    with pytest.raises(error), publish(target, overwrite=True) as temporary:  # noqa: PT012
        temporary.write_bytes(b"half")
        raise error
    assert target.read_bytes() == b"old"
    assert leftovers(tmp_path) == []


def test_an_existing_target_is_kept_unless_it_is_meant(tmp_path, one_sentence):
    target = tmp_path / "a.png"
    target.write_bytes(b"old")
    with pytest.raises(FileError) as excinfo, publish(target):
        pytest.fail("the block must not begin")
    one_sentence(excinfo, target, "exists already", "overwrite=True")
    with publish(target, overwrite=True) as temporary:
        temporary.write_bytes(b"new")
    assert target.read_bytes() == b"new"


@pytest.mark.parametrize("error", [KeyboardInterrupt, FileError("no")])
def test_a_checkpoint_keeps_out_what_is_whole_already(tmp_path, leftovers, error):
    target, seen = tmp_path / "a.txt", []
    target.write_text("old")

    def checkpoint():
        (temporary,) = leftovers(tmp_path)
        seen.append((tmp_path / temporary).read_text())
        raise error

    with (
        pytest.raises((FileError, KeyboardInterrupt)),
        publish(target, overwrite=True, checkpoint=checkpoint) as temporary,
    ):
        temporary.write_text("new and whole")
    assert seen == ["new and whole"]
    assert target.read_text() == "old"
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize("links", [True, False])
def test_a_target_made_meanwhile_wins(
    tmp_path, one_sentence, leftovers, monkeypatch, links
):
    if not links:
        without_links(monkeypatch, errno.EPERM)
    target = tmp_path / "a.png"
    with pytest.raises(FileError) as excinfo, publish(target) as temporary:  # noqa: PT012
        temporary.write_bytes(b"ours")
        target.write_bytes(b"theirs")
    one_sentence(excinfo, target, "exists already")
    assert target.read_bytes() == b"theirs"
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize("number", ["EPERM", "ENOTSUP", "ENOSYS", "EMLINK"])
def test_file_systems_without_links_work_too(tmp_path, leftovers, monkeypatch, number):
    without_links(monkeypatch, getattr(errno, number))
    with publish(tmp_path / "a.png") as temporary:
        temporary.write_bytes(b"whole")
    assert (tmp_path / "a.png").read_bytes() == b"whole"
    assert leftovers(tmp_path) == []


def test_an_error_that_is_not_the_lack_of_links_is_told(
    tmp_path, one_sentence, monkeypatch
):
    without_links(monkeypatch, errno.EIO)
    with pytest.raises(FileError) as excinfo, publish(tmp_path / "a.png") as temporary:
        temporary.write_bytes(b"whole")
    one_sentence(excinfo, tmp_path / "a.png", os.strerror(errno.EIO))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("error", [OSError(errno.EIO, "no"), KeyboardInterrupt()])
def test_without_links_no_empty_file_keeps_the_name(tmp_path, monkeypatch, error):
    """The name is claimed by an empty file, which must not outlive a failure."""
    without_links(monkeypatch, errno.EPERM)

    def fail(*_):
        raise error

    monkeypatch.setattr(Path, "replace", fail)
    with (
        pytest.raises((FileError, KeyboardInterrupt)),
        publish(tmp_path / "a.png") as temporary,
    ):
        temporary.write_bytes(b"whole")
    assert list(tmp_path.iterdir()) == []


def test_a_link_put_in_the_place_of_the_target_meanwhile_is_not_written_through(
    tmp_path, leftovers
):
    """Who may write in the folder must not choose what else is overwritten."""
    target, treasure = tmp_path / "a.png", tmp_path / "treasure"
    target.write_bytes(b"old")
    treasure.write_bytes(b"gold")
    with publish(target, overwrite=True) as temporary:
        temporary.write_bytes(b"new")
        target.unlink()
        target.symlink_to(treasure)
    assert treasure.read_bytes() == b"gold"
    assert not target.is_symlink()
    assert target.read_bytes() == b"new"
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize("links", [True, False])
def test_a_dangling_link_made_meanwhile_is_not_written_through(
    tmp_path, one_sentence, monkeypatch, links
):
    if not links:
        without_links(monkeypatch, errno.EPERM)
    target, elsewhere = tmp_path / "a.png", tmp_path / "elsewhere"
    with pytest.raises(FileError) as excinfo, publish(target) as temporary:  # noqa: PT012
        temporary.write_bytes(b"ours")
        target.symlink_to(elsewhere)
    one_sentence(excinfo, target, "exists already")
    assert target.is_symlink()
    assert not elsewhere.exists()


def test_a_link_turned_elsewhere_meanwhile_leads_to_where_it_was_looked_at(tmp_path):
    """What the link led to at first was checked, and nothing else was."""
    first, other = tmp_path / "first", tmp_path / "other"
    link = tmp_path / "a.png"
    for place in (first, other):
        place.write_bytes(b"old")
    link.symlink_to(first)
    with publish(link, overwrite=True) as temporary:
        temporary.write_bytes(b"new")
        link.unlink()
        link.symlink_to(other)
    assert first.read_bytes() == b"new"
    assert other.read_bytes() == b"old"


def test_a_link_in_the_place_of_the_temporary_file_is_not_written_through(
    tmp_path, one_sentence, monkeypatch
):
    bait, treasure = tmp_path / ".bait.tmp", tmp_path / "treasure"
    treasure.write_bytes(b"gold")
    bait.symlink_to(treasure)
    monkeypatch.setattr(room, "temporary_name", lambda _: bait)
    with pytest.raises(FileError) as excinfo, publish(tmp_path / "a.png") as temporary:
        temporary.write_bytes(b"ours")
    one_sentence(excinfo, tmp_path / "a.png", "cannot be written")
    assert treasure.read_bytes() == b"gold"


def test_a_missing_directory_is_named(tmp_path, one_sentence):
    with pytest.raises(FileError) as excinfo, publish(tmp_path / "no" / "a.png"):
        pytest.fail("the block must not begin")
    one_sentence(excinfo, f"no directory '{tmp_path / 'no'}'", "mkdir -p")


def test_directories_pipes_and_files_as_folders_are_refused(tmp_path, one_sentence):
    with pytest.raises(FileError) as excinfo, publish(tmp_path, overwrite=True):
        pytest.fail("the block must not begin")
    one_sentence(excinfo, tmp_path, "is a directory")
    os.mkfifo(tmp_path / "pipe")
    with (
        pytest.raises(FileError) as excinfo,
        publish(tmp_path / "pipe", overwrite=True),
    ):
        pytest.fail("the block must not begin")
    one_sentence(excinfo, tmp_path / "pipe", "pipe or a device")
    (tmp_path / "file").touch()
    with pytest.raises(FileError) as excinfo, publish(tmp_path / "file" / "a.png"):
        pytest.fail("the block must not begin")
    one_sentence(excinfo, tmp_path / "file")


def test_a_directory_without_permission_is_named(tmp_path, one_sentence, monkeypatch):
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(FileError) as excinfo, publish(tmp_path / "a.png"):
        pytest.fail("the block must not begin")
    one_sentence(
        excinfo, tmp_path / "a.png", f"no permission in directory '{tmp_path}'"
    )


def test_a_directory_that_looked_open_and_is_not_is_named(
    tmp_path, one_sentence, monkeypatch
):
    """Servers of files may say no after `access` said yes."""
    usual = os.open

    def refuse(path, flags, *rest, **more):
        if flags & os.O_CREAT:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return usual(path, flags, *rest, **more)

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(FileError) as excinfo, publish(tmp_path / "a.png"):
        pytest.fail("the block must not begin")
    one_sentence(excinfo, f"no permission in directory '{tmp_path}'", "ls -ld")


def test_a_directory_that_takes_no_files_is_named(one_sentence):
    with pytest.raises(FileError) as excinfo, publish("/proc/a.png"):
        pytest.fail("the block must not begin")
    one_sentence(excinfo, "/proc/a.png", "cannot be written")


def test_a_protected_target_is_kept(tmp_path, one_sentence, monkeypatch):
    target = tmp_path / "a.png"
    target.write_bytes(b"old")
    monkeypatch.setattr(os, "access", lambda path, _: Path(path) != target)
    with pytest.raises(FileError) as excinfo, publish(target, overwrite=True):
        pytest.fail("the block must not begin")
    one_sentence(excinfo, target, "protected against writing", "chmod u+w")
    assert target.read_bytes() == b"old"


def test_a_link_is_followed_and_stays_a_link(tmp_path, leftovers):
    (tmp_path / "data").mkdir()
    real, link = tmp_path / "data" / "real.png", tmp_path / "link.png"
    real.write_bytes(b"old")
    link.symlink_to(real)
    with publish(link, overwrite=True) as temporary:
        temporary.write_bytes(b"new")
    assert link.is_symlink()
    assert real.read_bytes() == b"new"
    assert leftovers(tmp_path) == leftovers(tmp_path / "data") == []


def test_what_dead_processes_left_is_removed_and_nothing_else(tmp_path):
    dead, host = dead_pid(), room._host()
    stale = tmp_path / f".a.png.{dead}.{host}0123456789ab.tmp"
    kept = [
        tmp_path / f".a.png.{os.getppid()}.{host}0123456789ab.tmp",  # alive
        tmp_path / f".a.png.{dead}.{'f' if host[0] != 'f' else 'e'}{host[1:]}01.tmp",
        tmp_path / f".b.png.{dead}.{host}0123456789ab.tmp",  # for another target
        tmp_path / ".a.png.notes.tmp",
    ]
    for file in [stale, *kept]:
        file.touch()
    with publish(tmp_path / "a.png") as temporary:
        temporary.write_bytes(b"x")
    assert not stale.exists()
    assert all(file.exists() for file in kept)


def test_a_living_process_of_somebody_else_keeps_its_file(tmp_path, monkeypatch):
    other = tmp_path / f".a.png.{os.getppid()}.{room._host()}0123456789ab.tmp"
    other.touch()

    def forbid(*_):
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "kill", forbid)
    with publish(tmp_path / "a.png") as temporary:
        temporary.write_bytes(b"x")
    assert other.exists()


def test_a_number_no_process_can_have_hinders_nothing(tmp_path, leftovers):
    (tmp_path / f".a.png.{10**20}.{room._host()}0123456789ab.tmp").touch()
    with publish(tmp_path / "a.png") as temporary:
        temporary.write_bytes(b"x")
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.ENOSPC, "no space left"),
        (errno.EDQUOT, "the disk quota is used up in"),
        (errno.EFBIG, "ulimit -f"),
        (errno.EIO, "cannot be written"),
    ],
)
def test_what_the_system_refuses_is_one_sentence(
    tmp_path, one_sentence, leftovers, number, said
):
    with pytest.raises(FileError) as excinfo, publish(tmp_path / "a.png"):
        raise OSError(number, os.strerror(number))
    one_sentence(excinfo, tmp_path / "a.png", said)
    # what a program ends with: the machine is too small, or something else
    assert excinfo.value.errno == (None if number == errno.EIO else number)
    assert list(tmp_path.iterdir()) == []


def test_the_mode_follows_the_umask(tmp_path):
    old = os.umask(0o022)
    try:
        with publish(tmp_path / "a.png") as temporary:
            temporary.write_bytes(b"x")
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "a.png").stat().st_mode) == 0o644


@pytest.mark.parametrize("name", ["x" * 250 + ".nc", "é" * 120 + ".nc", "a b*[?].nc"])
def test_long_and_odd_names_work(tmp_path, name, leftovers):
    with publish(tmp_path / name) as temporary:
        temporary.write_bytes(b"x")
    assert (tmp_path / name).read_bytes() == b"x"
    assert leftovers(tmp_path) == []


def test_a_file_is_on_the_disk_before_it_has_its_name(tmp_path, monkeypatch):
    """A rename that reaches the disk before the bytes leaves an empty file."""
    target, order, real = tmp_path / "a.txt", [], os.fsync

    def note(descriptor):
        kind = "folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file"
        order.append((kind, target.exists()))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    with publish(target) as temporary:
        temporary.write_text("42")
    assert order == [("file", False), ("folder", True)]
