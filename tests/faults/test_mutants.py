"""Files with flipped bits and files cut short: refused in a sentence, or read right.

Rows 1 to 4 of the table of faults. The C libraries crash and hang on some mutants
(measured by the peers: 1 of 150 classic headers ends netCDF-C in SIGSEGV, 1 of 150 of
HDF5 never ends), so each is read in a child with limits.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import h5py
import pytest
from faults.matrix import SHARED
from faults.mutants import FORMATS, Sections, mutants, small

from xnabla.errors import FileError
from xnabla.files import check_file, open_dataset

LIMITS = {"RLIMIT_AS": 4 << 30, "RLIMIT_CPU": 10}


def storage(path: Path) -> list[tuple[int, int, str]]:
    """Where HDF5 keeps the values of each variable."""
    found = []
    with h5py.File(path) as file:
        for name, dataset in file.items():
            if dataset.chunks is None:
                start = dataset.id.get_offset()
                if start is not None:
                    found.append((start, start + dataset.id.get_storage_size(), name))
            else:
                for k in range(dataset.id.get_num_chunks()):
                    chunk = dataset.id.get_chunk_info(k)
                    found.append(
                        (chunk.byte_offset, chunk.byte_offset + chunk.size, name)
                    )
    return found


def spoken_of(path: Path, kind: str, at: int) -> set[str] | None:
    """The variables whose values a flip at a byte may change; ``None``: any."""
    if kind == "netCDF-4":
        hit = {n for a, b, n in storage(path) if a - 4 < at < b}
        return hit or None
    touched = Sections(path.read_bytes()).touched(at)
    # records of all variables lie between each other: one that is made longer, or is
    # made a record, moves the others; the letters of a word stay apart where another
    # variable is made to lie along them
    return touched and {*touched, "time", "t", "word"}


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize(
    ("count", "seed"),
    [(60, 1), pytest.param(1500, 2, marks=pytest.mark.slow)],
    ids=["some", "many"],
)
def test_flipped_bits(children, tmp_path, kind, count, seed):
    good = small(tmp_path / "good.nc", kind)
    data = good.read_bytes()
    right = json.loads(children.do("values", good, folder=tmp_path).out)
    assert {"t", "u", "lat", "lon", "time", "word"} <= {*right}
    where = range(len(data) if kind == "netCDF-4" else Sections(data).at)
    ends = {"read": 0, "refused": 0}
    for mutant in mutants(data, where, count, seed):
        path = tmp_path / "mutant.nc"
        path.write_bytes(mutant.data)
        ending = children.do("values", path, folder=tmp_path, limits=LIMITS)
        place = (mutant.at, ending)
        if ending.code == 2:
            assert ending.out.startswith("refused "), place
            assert ending.out.count("\n") == 1, place
            assert str(path) in ending.out, place
            ends["refused"] += 1
            continue
        assert ending.code == 0, place
        ends["read"] += 1
        found = json.loads(ending.out)
        other = {name for name in right if found.get(name) != right[name]}
        allowed = spoken_of(good, kind, mutant.at)
        assert allowed is None or other <= allowed, (place, other, allowed)
    assert min(ends.values()) > count / 20, ends


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize(
    ("command", "count"),
    [("info", 8), ("check", 2), pytest.param("check", 100, marks=pytest.mark.slow)],
)
def test_flipped_bits_at_the_command_line(children, tmp_path, kind, command, count):
    data = small(tmp_path / "good.nc", kind).read_bytes()
    where = range(min(len(data), 4000))
    # the file is tried in a process that `check` starts; this one may be refused more
    limits = LIMITS if command == "info" else {}
    for mutant in mutants(data, where, count, 3):
        (tmp_path / "mutant.nc").write_bytes(mutant.data)
        ending = children.do(
            "program", command, "mutant.nc", folder=tmp_path, limits=limits
        )
        assert ending.code in (0, 2), (mutant.at, ending)
        assert len(ending.err.splitlines()) == (ending.code == 2), (mutant.at, ending)
        assert "fault of xnabla" not in ending.err


@pytest.mark.parametrize("kind", FORMATS)
def test_cut_at_every_kilobyte_and_at_every_byte_of_the_header(tmp_path, kind):
    path = small(tmp_path / "small.nc", kind)
    data = path.read_bytes()
    cuts = {*range(0, len(data), 1024), *range(0, 1000, 7), len(data) - 4}
    for size in sorted(cuts):
        path.write_bytes(data[:size])
        with pytest.raises(FileError) as caught:
            open_dataset(path)
        assert "\n" not in str(caught.value)
        assert path.name in str(caught.value)
    path.write_bytes(data)
    assert check_file(path) == kind


@pytest.mark.parametrize("kind", FORMATS)
def test_check_refuses_every_cut(children, tmp_path, kind):
    data = small(tmp_path / "good.nc", kind).read_bytes()
    cuts = [*range(0, len(data), 1024), 421, len(data) - 5]
    for size in cuts:
        (tmp_path / f"{size}.nc").write_bytes(data[:size])
    lines = [json.dumps(["check", f"{size}.nc"]) for size in cuts]
    ending = children.do("each", *lines, folder=tmp_path)
    for size, (code, out, err) in zip(cuts, json.loads(ending.out), strict=True):
        assert (code, out, err.count("\n")) == (2, "", 1), (size, out, err)
        assert f"'{size}.nc' is" in err, err


REAL = sorted((SHARED / "ship").glob("*.[nc][cd]*")) if SHARED.exists() else []


@pytest.mark.parametrize("real", REAL, ids=lambda path: path.name)
def test_a_real_file_cut_at_every_kilobyte(tmp_path, real):
    path = tmp_path / real.name
    shutil.copyfile(real, path)
    path.chmod(0o644)
    check_file(path)
    size = path.stat().st_size
    # the last four bytes may be padding that some writers leave out
    for cut in [size - 5, *range((size - 5) // 1024 * 1024, -1, -1024)]:
        os.truncate(path, cut)
        with pytest.raises(FileError, match=r"truncated|is empty"):
            check_file(path)
