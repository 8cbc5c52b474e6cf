"""A file is known by its bytes, and refused with one sentence."""

import gzip
import os
import shutil
import struct
import subprocess
import tempfile
from pathlib import Path

import netCDF4
import numpy as np
import pytest

from xnabla.errors import FileError
from xnabla.files import check_file

KINDS = {
    "NETCDF3_CLASSIC": "classic",
    "NETCDF3_64BIT_OFFSET": "64-bit offset",
    "NETCDF3_64BIT_DATA": "cdf5",
    "NETCDF4": "netCDF-4",
    "NETCDF4_CLASSIC": "netCDF-4",
}


def make(path, fmt="NETCDF3_CLASSIC", *, layout="fixed"):
    """Write a file in one of the layouts whose length is worked out differently."""
    with netCDF4.Dataset(path, "w", format=fmt) as ds:
        ds.title = "a title"
        ds.createDimension("time", None)
        ds.createDimension("x", 7)
        ds.createDimension("y", 301)
        names = {
            "fixed": [("a", "i2", ("y", "x")), ("b", "f8", ("x",))],
            "odd end": [("a", "f8", ("y", "x")), ("b", "i1", ("y",))],
            "one record": [("a", "f4", ("x",)), ("r", "i2", ("time", "x"))],
            "records": [
                ("a", "f4", ("x",)),
                ("r", "i2", ("time", "x")),
                ("s", "f8", ("time", "y")),
                ("time", "f8", ("time",)),
            ],
            "no records": [("r", "i2", ("time", "x")), ("a", "f4", ("y", "x"))],
            "scalar": [("c", "f8", ())],
            "no variables": [],
        }
        for name, dtype, dims in names[layout]:
            v = ds.createVariable(name, dtype, dims)
            v.units = "K"
            shape = [5 if d == "time" else len(ds.dimensions[d]) for d in dims]
            values = 1 + np.arange(np.prod(shape, dtype=int)) % 100
            if layout != "no records" or "time" not in dims:
                v[:] = values.reshape(shape)


def refused(path) -> str | None:
    """Return the sentence a file is refused with, if it is."""
    try:
        check_file(path)
    except FileError as error:
        return str(error)
    return None


LAYOUTS = ["fixed", "odd end", "one record", "records", "no records", "scalar",
           "no variables"]  # fmt: skip


def contents(path):
    with netCDF4.Dataset(path) as ds:
        return {name: np.asarray(v[:]) for name, v in ds.variables.items()}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("fmt", KINDS)
def test_every_whole_file_is_accepted_and_named(tmp_path, fmt, layout):
    make(tmp_path / "a.nc", fmt, layout=layout)
    assert check_file(tmp_path / "a.nc") == KINDS[fmt]


@pytest.mark.parametrize("cut", ["421 bytes", "2 %", "50 %", "-1 byte", "3 bytes"])
@pytest.mark.parametrize("layout", LAYOUTS[:4])
@pytest.mark.parametrize("fmt", KINDS)
def test_every_cut_is_found(tmp_path, one_sentence, fmt, layout, cut):
    path = tmp_path / "a.nc"
    make(path, fmt, layout=layout)
    whole, size = contents(path), path.stat().st_size
    keep = {
        "421 bytes": min(421, size - 8),
        "2 %": size // 50,
        "50 %": size // 2,
        "-1 byte": size - 1,
        "3 bytes": 3,
    }[cut]
    os.truncate(path, keep)
    if (refusal := refused(path)) is not None:
        assert "truncated" in refusal
        assert f"it has {keep} bytes" in refusal
    else:
        # the padding behind the last value may be absent: then nothing is lost
        assert cut == "-1 byte"
        left = contents(path)
        assert all(np.array_equal(whole[name], left[name]) for name in whole)


def test_a_cut_says_both_lengths(tmp_path, one_sentence):
    path = tmp_path / "a.nc"
    make(path)
    size = path.stat().st_size
    os.truncate(path, size // 2)
    with pytest.raises(FileError) as excinfo:
        check_file(path)
    have = f"it has {size // 2} bytes, its header needs {size}"
    one_sentence(excinfo, path, "is truncated", have)


def test_an_unpadded_last_variable_is_whole(tmp_path):
    path = tmp_path / "a.nc"
    make(path, layout="odd end")  # 301 bytes at the end, padded to 304
    size = path.stat().st_size
    for missing in (1, 2, 3):
        os.truncate(path, size - missing)
        assert check_file(path) == "classic"
    os.truncate(path, size - 4)
    with pytest.raises(FileError, match="truncated"):
        check_file(path)


def test_a_stream_has_as_many_records_as_it_has(tmp_path):
    path = tmp_path / "a.nc"
    make(path, layout="records")
    data = bytearray(path.read_bytes())
    data[4:8] = b"\xff" * 4
    path.write_bytes(data)
    assert check_file(path) == "classic"


@pytest.mark.parametrize("at", [0, 4, 8])
@pytest.mark.parametrize("value", [b"\x7f\xff\xff\xff", b"\xff\xff\xff\xff"])
@pytest.mark.parametrize("fmt", list(KINDS)[:3])
def test_hostile_counts_are_refused_at_once(tmp_path, fmt, at, value):
    # the tag of the list of dimensions, its length, the length of the first name
    at += 4 * (at == 8) + 12 if fmt == "NETCDF3_64BIT_DATA" else 8
    path = tmp_path / "a.nc"
    make(path, fmt)
    data = bytearray(path.read_bytes())
    data[at : at + 4] = value
    path.write_bytes(data)
    with pytest.raises(FileError, match="truncated"):
        check_file(path)


def test_damaged_headers_never_end_in_another_error(tmp_path):
    path = tmp_path / "a.nc"
    rng = np.random.default_rng(1)
    for fmt in list(KINDS)[:4]:
        make(path, fmt, layout="records")
        good = path.read_bytes()
        for _ in range(150):
            bad = bytearray(good)
            bad[rng.integers(4, 300)] ^= 1 << int(rng.integers(8))
            path.write_bytes(bad)
            assert "\n" not in (refused(path) or "")


@pytest.mark.peer
@pytest.mark.skipif(shutil.which("ncks") is None, reason="needs ncks")
@pytest.mark.parametrize("option", ["-3", "-6", "-5", "-4", "-7"])
@pytest.mark.parametrize("layout", LAYOUTS[:4])
def test_files_of_nco_raise_no_alarm(tmp_path, option, layout):
    make(tmp_path / "a.nc", layout=layout)
    command = ["ncks", "-O", option, tmp_path / "a.nc", tmp_path / "b.nc"]
    subprocess.run(command, check=True, capture_output=True)
    kind = subprocess.run(
        ["ncdump", "-k", tmp_path / "b.nc"], check=True, capture_output=True, text=True
    ).stdout.strip()
    assert kind.startswith(check_file(tmp_path / "b.nc"))


@pytest.mark.parametrize("libver", ["earliest", "v108", "latest"])
@pytest.mark.parametrize("block", [0, 512, 4096])
def test_hdf5_of_every_superblock_is_measured(tmp_path, libver, block):
    h5py = pytest.importorskip("h5py")
    path = tmp_path / "a.h5"
    with h5py.File(path, "w", libver=libver, userblock_size=block) as file:
        file["x"] = np.arange(1000.0)
    assert check_file(path) == "netCDF-4"
    os.truncate(path, path.stat().st_size - 1)
    with pytest.raises(FileError, match="truncated: it has"):
        check_file(path)


def test_hdf5_with_a_user_block_put_in_front_later_is_measured(tmp_path):
    path = tmp_path / "a.nc"
    make(path, "NETCDF4")
    data = bytes(512) + path.read_bytes()
    path.write_bytes(data)
    assert check_file(path) == "netCDF-4"
    path.write_bytes(data[:-1])
    with pytest.raises(FileError, match="truncated"):
        check_file(path)


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.nc", b"", ["is empty", "0 bytes"]),
        ("a.nc", b"hello, world\n", ["is text"]),
        ("a.nc", "température\n".encode(), ["is text"]),
        ("a.cdl", b"netcdf a {\ndimensions:\n}", ["ncgen -4 -o"]),
        ("a.nc", b"\n<!DOCTYPE html><html>", ["web page"]),
        (
            "in.grib",
            b"GRIB\x00\x00\x10\x02",
            ["truncated", "grib_ls"],
        ),
        ("in.grib", b"\x01\r\r\nTTAA00 GRIB\x00", ["truncated"]),
        ("a.nc.gz", gzip.compress(b"CDF\x01", mtime=0), ["gzip", "gunzip"]),
        ("a.nc.bz2", b"BZh91AY", ["bzip2", "bunzip2"]),
        ("a.zip", b"PK\x03\x04\x00", ["zip archive", "unzip"]),
        ("a.hdf", b"\x0e\x03\x13\x01\x00\x00", ["HDF4"]),
        ("a.nc", b"\x00\x01\x02\x03\x04\x05", ["is not NetCDF"]),
        ("a.nc", b"\x89HDF", ["truncated", "4 bytes"]),
    ],
)
def test_other_files_are_named_with_what_to_type(
    tmp_path, one_sentence, name, data, said
):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(FileError) as excinfo:
        check_file(tmp_path / name)
    one_sentence(excinfo, tmp_path / name, *said)


def test_a_missing_file_names_those_like_it(tmp_path, one_sentence):
    (tmp_path / "ERA5.nc").touch()
    with pytest.raises(FileError) as excinfo:
        check_file(tmp_path / "era5.nc")
    one_sentence(excinfo, "does not exist", tmp_path / "ERA5.nc")


def test_a_missing_directory_is_named(tmp_path, one_sentence):
    with pytest.raises(FileError) as excinfo:
        check_file(tmp_path / "no" / "era5.nc")
    one_sentence(excinfo, f"no directory '{tmp_path / 'no'}'")


def test_directories_and_zarr_stores_are_told_apart(tmp_path, one_sentence):
    with pytest.raises(FileError) as excinfo:
        check_file(tmp_path)
    one_sentence(excinfo, tmp_path, "is a directory")
    (tmp_path / "zarr.json").touch()
    assert check_file(tmp_path) == "Zarr 3"


def test_addresses_and_pipes_are_refused(tmp_path, one_sentence):
    with pytest.raises(FileError) as excinfo:
        check_file("https://example.org/a.nc")
    one_sentence(excinfo, "is an address")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(FileError) as excinfo:
        check_file(tmp_path / "pipe")
    one_sentence(excinfo, "pipe or a device")


def test_a_file_that_may_not_be_read_says_so(one_sentence):
    folder = Path(tempfile.mkdtemp(dir="/tmp"))  # one that other users can enter
    try:
        folder.chmod(0o755)
        make(folder / "a.nc")
        (folder / "a.nc").chmod(0)
        root = os.geteuid() == 0
        if root:
            os.seteuid(65534)
        try:
            with pytest.raises(FileError) as excinfo:
                check_file(folder / "a.nc")
        finally:
            if root:
                os.seteuid(0)
        one_sentence(excinfo, folder / "a.nc", "permission denied", "chmod u+r")
    finally:
        shutil.rmtree(folder)


def test_hostile_file_names_are_escaped(tmp_path, one_sentence):
    path = tmp_path / "a\x1b[2Jb\n.nc"
    path.write_text("text")
    with pytest.raises(FileError) as excinfo:
        check_file(path)
    one_sentence(excinfo, r"\x1b[2J")
    with pytest.raises(FileError) as excinfo:
        check_file("a\0.nc")
    one_sentence(excinfo)


def test_a_header_that_promises_millions_is_refused_at_once(tmp_path, one_sentence):
    """Reading them would take long, and a sparse file may have room for them all."""
    path = tmp_path / "a.nc"
    path.write_bytes(b"CDF\x01" + struct.pack(">3I", 0, 10, 3_000_000))
    os.truncate(path, 100_000_000)
    with pytest.raises(FileError) as excinfo:
        check_file(path)
    one_sentence(excinfo, path, "its header promises 3000000 entries")
