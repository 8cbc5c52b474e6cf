"""Whatever goes wrong while saving: the target is as before, and nothing is left."""

import os
import resource
import signal
import subprocess
import sys
import textwrap
import threading
import time

import dask
import dask.array as da
import numpy as np
import pytest
import xarray as xr

from xnabla.errors import FileError, GridError
from xnabla.files import _write, open_dataset, save

META = np.empty((0,))  # so that dask does not call a function to learn its type

SETUP = """
    import signal, sys, time
    # a shell's job in the background is told to ignore it, and so are its children
    signal.signal(signal.SIGINT, signal.default_int_handler)
    import dask, numpy as np, xarray as xr, dask.array as da
    from xnabla.files import save, open_dataset
    def slow(block_info=None):
        time.sleep({pause})
        return np.random.default_rng(0).random((1, 300, 300))
    data = da.map_blocks(slow, chunks=((1,) * {count}, (300,), (300,)), dtype=float)
    lazy = xr.DataArray(data, dims=("t", "y", "x"), name="v")
"""


def child(code, *arguments, pause=0.0, count=20, **options) -> subprocess.Popen:
    """Run code after SETUP, whose field takes 0.7 MB for each of its maps."""
    setup = SETUP.format(pause=pause, count=count)
    text = textwrap.dedent(setup) + textwrap.dedent(code)
    return subprocess.Popen(
        [sys.executable, "-c", text, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


def wait_for_bytes(folder, least: int, process) -> None:
    """Wait until a temporary file has grown to so many bytes."""
    end = time.monotonic() + 30
    while time.monotonic() < end and process.poll() is None:
        sizes = [f.stat().st_size for f in folder.iterdir() if f.name.endswith(".tmp")]
        if sizes and max(sizes) >= least:
            return
        time.sleep(0.005)
    pytest.fail(f"the file did not grow: {process.communicate()}")


@pytest.fixture(params=["absent", "old"])
def target(request, tmp_path):
    """Give a target that is absent or holds something, and check it afterwards."""
    path = tmp_path / "out.nc"
    if request.param == "old":
        path.write_bytes(b"old bytes")
    yield path
    if request.param == "old":
        assert path.read_bytes() == b"old bytes"
    else:
        assert not path.exists()


def boom(kind):
    def fail(block, block_info=None):
        if block_info[0]["chunk-location"][0] == 3:
            raise kind("boom at chunk 3")
        time.sleep(0.01)
        return block

    lazy = da.ones((8, 50, 50), chunks=(1, 50, 50)).map_blocks(fail, dtype=float)
    return xr.DataArray(lazy, dims=("t", "y", "x"), name="v")


def test_an_error_in_a_lazy_task_leaves_nothing(target, one_sentence, leftovers):
    with pytest.raises(FileError) as excinfo:
        save(boom(ValueError), target, overwrite=True)
    one_sentence(excinfo, target, "was not written", "ValueError: boom at chunk 3")
    assert isinstance(excinfo.value.__cause__, ValueError)
    assert leftovers(target.parent) == []
    time.sleep(0.1)  # no task that was still running may bring the file back
    assert leftovers(target.parent) == []


def test_no_task_still_runs_when_a_failure_is_told(target):
    """It would write on, into a file that is closed and removed."""
    running, ended = threading.Event(), []

    def task(block, block_info=None):
        if block_info[0]["chunk-location"][0] == 0:
            running.wait(10)
            raise ValueError("boom")
        running.set()
        time.sleep(0.5)
        ended.append(block.shape)
        return block

    lazy = da.ones((2, 50, 50), chunks=(1, 50, 50)).map_blocks(task, dtype=float)
    data = xr.DataArray(lazy, dims=("t", "y", "x"), name="v")
    with dask.config.set(num_workers=2), pytest.raises(FileError, match="boom"):
        save(data, target, overwrite=True)
    assert ended == [(1, 50, 50)]


def test_an_error_of_ours_in_a_task_stays_what_it_is(target, leftovers):
    with pytest.raises(GridError, match="boom at chunk 3"):
        save(boom(GridError), target, overwrite=True)
    assert leftovers(target.parent) == []


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit])
def test_an_interrupt_in_progress_leaves_nothing(target, leftovers, field, kind):
    def stop(done, total):
        raise kind

    with pytest.raises(kind):
        save(field.chunk({"time": 1}), target, overwrite=True, progress=stop)
    assert leftovers(target.parent) == []
    time.sleep(0.1)
    assert leftovers(target.parent) == []


@pytest.mark.parametrize("scheduler", ["synchronous", "threads"])
def test_the_user_s_scheduler_is_respected(target, leftovers, scheduler):
    import dask

    with dask.config.set(scheduler=scheduler), pytest.raises(FileError, match="boom"):
        save(boom(ValueError), target, overwrite=True)
    assert leftovers(target.parent) == []


@pytest.mark.parametrize("number", [signal.SIGINT])
def test_ctrl_c_leaves_nothing(target, leftovers, number):
    code = "save(lazy, sys.argv[1], overwrite=True)"
    process = child(code, target, pause=0.1, count=100)
    wait_for_bytes(target.parent, 1, process)
    time.sleep(0.2)
    process.send_signal(number)
    _, text = process.communicate(timeout=30)
    assert process.returncode != 0
    assert "KeyboardInterrupt" in text
    assert leftovers(target.parent) == []


@pytest.mark.parametrize("least", [1, 8_000_000])
def test_kill_leaves_the_target_and_the_next_call_cleans_up(
    target, leftovers, field, least
):
    code = "save(lazy, sys.argv[1], overwrite=True)"
    process = child(code, target, pause=0.02, count=60)
    wait_for_bytes(target.parent, least, process)
    process.kill()
    process.communicate()
    before = target.read_bytes() if target.exists() else None
    assert before in (None, b"old bytes")
    assert len(leftovers(target.parent)) == 1
    path = save(field, target, overwrite=True)
    assert leftovers(target.parent) == []
    path.unlink()
    if before is not None:
        path.write_bytes(before)


LIMITED = """
    try:
        data = lazy.compute() if sys.argv[2] == "eager" else lazy
        save(data, sys.argv[1], overwrite=True, compression=sys.argv[3] == "deflate")
    except OSError as error:
        print(type(error).__name__, error)
"""


WAYS = pytest.mark.parametrize(
    ("how", "compression"), [("eager", "plain"), ("lazy", "deflate")]
)


def limit_size():
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))


@WAYS
def test_a_size_limit_is_told_and_leaves_nothing(target, leftovers, how, compression):
    process = child(LIMITED, target, how, compression, count=8, preexec_fn=limit_size)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert out.startswith(
        f"FileError '{target}' was not written: the limit of the size"
    )
    assert "ulimit -f" in out
    assert "needed about 6 MB" in out
    assert out.count("\n") == 1
    assert leftovers(target.parent) == []


@pytest.fixture
def full_disk(tmp_path):
    """Give a disk of 4 MB, if we may make one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", folder]
    try:
        done = subprocess.run(mount, capture_output=True, check=False)
    except OSError:
        pytest.skip("needs mount")
    if done.returncode:
        pytest.skip("needs the right to mount a disk")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


@WAYS
def test_a_full_disk_is_told_and_leaves_nothing(full_disk, leftovers, how, compression):
    target = full_disk / "out.nc"
    target.write_bytes(b"old bytes")
    process = child(LIMITED, target, how, compression, count=8)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert out.startswith(f"FileError '{target}' was not written: no space left on")
    assert "needed about 6 MB" in out
    assert target.read_bytes() == b"old bytes"
    assert leftovers(full_disk) == []


def test_what_can_never_fit_is_refused_before_it_is_computed(
    target, one_sentence, leftovers
):
    def never(block_info=None):
        pytest.fail("nothing may be computed")

    lazy = da.map_blocks(never, chunks=((1,) * 9, (10**7,), (10**7,)), meta=META)
    with pytest.raises(FileError) as excinfo:
        save(xr.DataArray(lazy, dims=("t", "y", "x")), target, overwrite=True)
    one_sentence(excinfo, target, "no space left", "needed about 7200000000 MB")
    assert leftovers(target.parent) == []


def test_nothing_is_computed_for_a_target_that_is_refused(tmp_path, one_sentence):
    def never(block_info=None):
        pytest.fail("nothing may be computed")

    lazy = da.map_blocks(never, chunks=((1,) * 9,), meta=META)
    with pytest.raises(FileError) as excinfo:
        save(xr.DataArray(lazy, dims="x"), tmp_path / "no" / "a.nc")
    one_sentence(excinfo, f"no directory '{tmp_path / 'no'}'")


@pytest.mark.parametrize("alias", ["same", "hard link", "soft link", "relative"])
@pytest.mark.parametrize("chunks", [None, "auto"])
def test_the_file_that_is_read_is_not_written(
    tmp_path, one_sentence, leftovers, field, monkeypatch, alias, chunks
):
    source = save(field, tmp_path / "in.nc")
    before = source.read_bytes()
    target = source if alias in ("same", "relative") else tmp_path / "other.nc"
    if alias == "hard link":
        target.hardlink_to(source)
    elif alias == "soft link":
        target.symlink_to(source)
    elif alias == "relative":
        monkeypatch.chdir(tmp_path)
        target = "in.nc"
    with open_dataset(source, chunks=chunks) as ds:
        with pytest.raises(FileError) as excinfo:
            save(ds, target, overwrite=True)
        one_sentence(excinfo, target, "is the file the data is read from")
        # a result has forgotten where it comes from; the caller has not
        with pytest.raises(FileError) as excinfo:
            save(ds["t"].copy().load() * 2, target, overwrite=True, source=source)
        one_sentence(excinfo, target, "is the file the data is read from")
    assert source.read_bytes() == before
    assert leftovers(tmp_path) == []


def test_data_in_memory_may_replace_its_file(tmp_path, field):
    source = save(field, tmp_path / "in.nc")
    with open_dataset(source) as ds:
        held = ds.load()
    save(held.assign(t=held["t"] + 1), source, overwrite=True)
    with open_dataset(source) as ds:
        np.testing.assert_array_equal(ds["t"].values, field.values + 1)


def test_a_target_made_meanwhile_is_kept(tmp_path, one_sentence, leftovers, field):
    target = tmp_path / "out.nc"

    def rival(done, total):
        target.write_bytes(b"theirs")

    with pytest.raises(FileError) as excinfo:
        save(field.chunk({"time": 1}), target, progress=rival)
    one_sentence(excinfo, target, "exists already")
    assert target.read_bytes() == b"theirs"
    assert leftovers(tmp_path) == []


def test_of_many_writers_exactly_one_wins(tmp_path, leftovers, field):
    target, won, lost = tmp_path / "out.nc", [], []

    def write(number):
        try:
            save(field + number, target)
            won.append(number)
        except FileError as error:
            lost.append(str(error))

    threads = [threading.Thread(target=write, args=(i,)) for i in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert len(lost) == 5
    assert [text for text in lost if "exists already" not in text] == []
    with open_dataset(target) as ds:
        np.testing.assert_array_equal(ds["t"].values, field.values + won[0])
    assert leftovers(tmp_path) == []


def test_threads_may_open_and_save_at_once(tmp_path, leftovers, field):
    source = save(field, tmp_path / "in.nc")
    done = []

    def work(number):
        for i in range(3):
            with open_dataset(source, chunks={"latitude": 4}) as ds:
                save(ds + number, tmp_path / f"{number}-{i}.nc")
                with open_dataset(tmp_path / f"{number}-{i}.nc") as again:
                    np.testing.assert_array_equal(again["t"], field + number)
        done.append(number)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == [0, 1, 2, 3]
    assert leftovers(tmp_path) == []


def test_other_processes_may_compute(tmp_path, field):
    import dask

    with dask.config.set(scheduler="processes", num_workers=1):
        save(field.chunk({"time": 1}), tmp_path / "a.nc")
    with open_dataset(tmp_path / "a.nc") as ds:
        np.testing.assert_array_equal(ds["t"].values, field.values)


def test_two_processes_cannot_both_win(tmp_path, leftovers):
    code = """
        try:
            save(lazy, sys.argv[1])
            print("won")
        except OSError as error:
            print(error)
    """
    both = [child(code, tmp_path / "out.nc", pause=0.005) for _ in range(2)]
    outs = sorted(process.communicate(timeout=60)[0] for process in both)
    assert outs[1] == "won\n"
    assert "exists already" in outs[0]
    assert leftovers(tmp_path) == []
    with open_dataset(tmp_path / "out.nc") as ds:
        assert ds["v"].notnull().all()


def test_a_file_with_less_than_promised_is_not_published(
    target, one_sentence, leftovers, field, monkeypatch
):
    def lose(ds, path, *more, **how):
        whole(ds, path, *more, **how)
        os.truncate(path, path.stat().st_size // 2)

    whole = _write.store
    monkeypatch.setattr(_write, "store", lose)
    with pytest.raises(FileError) as excinfo:
        save(field, target, overwrite=True)
    one_sentence(excinfo, target, "truncated")
    assert leftovers(target.parent) == []


def test_too_little_memory_is_told(target, one_sentence, leftovers):
    def greedy(block_info=None):
        raise MemoryError("Unable to allocate 1.16 TiB")

    lazy = da.map_blocks(greedy, chunks=((1,) * 2,), dtype=float)
    with pytest.raises(FileError) as excinfo:
        save(xr.DataArray(lazy, dims="x"), target, overwrite=True)
    one_sentence(excinfo, target, "not enough memory", "1.16 TiB", "chunks='auto'")
    assert leftovers(target.parent) == []


def test_hostile_text_is_stored_and_escaped_in_messages(tmp_path, one_sentence):
    hostile = "a\x1b[2Jb\x1b]0;title\x07"
    field = xr.DataArray([1.0], dims="x", name="v", attrs={"long_name": hostile})
    save(field, tmp_path / "a.nc")
    with open_dataset(tmp_path / "a.nc") as ds:
        assert ds["v"].attrs["long_name"] == hostile
    with pytest.raises(FileError) as excinfo:
        save(field.rename(hostile), tmp_path / "b.nc")
    one_sentence(excinfo, tmp_path / "b.nc")
    assert not (tmp_path / "b.nc").exists()
