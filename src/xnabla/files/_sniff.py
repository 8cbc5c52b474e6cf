"""What a file is, found out from its bytes before any C library is handed it."""

from __future__ import annotations

import difflib
import re
import shlex
import stat
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from xnabla.errors import FileError, explain
from xnabla.files._classic import VERSIONS, HeaderError, needed_bytes
from xnabla.files._grib_messages import check_grib, grib_start
from xnabla.files._path import expanded
from xnabla.files._zarr_kind import zarr_kind

if TYPE_CHECKING:
    import os

__all__ = ["check_file"]

_HDF5 = b"\x89HDF\r\n\x1a\n"
_HEAD = 1024

# what a file begins with, what that makes it, and what to type
_FOREIGN: tuple[tuple[bytes, str, str], ...] = (
    (b"\x1f\x8b", "is compressed with gzip", "gunzip --keep {path}"),
    (b"BZh", "is compressed with bzip2", "bunzip2 --keep {path}"),
    (b"\xfd7zXZ", "is compressed with xz", "unxz --keep {path}"),
    (b"\x28\xb5\x2f\xfd", "is compressed with zstd", "unzstd {path}"),
    (b"PK\x03\x04", "is a zip archive", "unzip {path}"),
    (
        b"\x0e\x03\x13\x01",
        "is HDF4, which is not read",
        "h4tonccf_nc4 {path} {nc}",
    ),
)


def check_file(path: str | os.PathLike[str]) -> str:
    """Tell what a file or a store is, and refuse what cannot be read whole.

    The bytes are looked at here, not by the C libraries: those read a truncated
    classic file without a word and give zeros for what is missing.

    Parameters
    ----------
    path : path
        The file, or the folder of a Zarr store.

    Returns
    -------
    str
        ``"classic"``, ``"64-bit offset"``, ``"cdf5"`` or ``"netCDF-4"``, as
        ``ncdump -k`` says it; ``"GRIB 1"``, ``"GRIB 2"``, ``"Zarr 2"``, ``"Zarr 3"``
        or ``"references"``, a file of kerchunk's.

    Raises
    ------
    FileError
        The file is missing, empty, unreadable, truncated, damaged or of no known
        format.

    Examples
    --------
    >>> check_file("no_such_file.nc")
    Traceback (most recent call last):
    ...
    xnabla.errors.FileError: File 'no_such_file.nc' does not exist. ...
    """
    path = expanded(path)
    with suppress(OSError, ValueError):  # whatever it is, its size is asked next
        store = zarr_kind(path) if path.is_dir() else None
        if store is not None:
            return store
    size = _size_of(path)
    try:
        with path.open("rb") as stream:
            return _kind(stream, size, path)
    except FileError:
        raise
    except PermissionError as error:
        raise _unreadable(path) from error
    except OSError as error:
        text = explain(f"File '{path}' cannot be read: {error.strerror or error}")
        raise FileError(text) from error


def _size_of(path: Path) -> int:
    """Return the length of a regular file that has one."""
    try:
        status = path.stat()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise FileError(_missing(path)) from error
    except PermissionError as error:
        raise _unreadable(path) from error
    except (OSError, ValueError) as error:
        cause = getattr(error, "strerror", None) or error
        raise FileError(explain(f"File '{path}' cannot be read: {cause}")) from error
    if stat.S_ISDIR(status.st_mode):
        raise FileError(_directory(path))
    if not stat.S_ISREG(status.st_mode):
        text = f"'{path}' is a pipe or a device"
        raise FileError(explain(text, expected="a NetCDF file on disk"))
    if status.st_size == 0:
        text = f"File '{path}' is empty: it has 0 bytes"
        raise FileError(explain(text, hint="copy or download it again"))
    return status.st_size


def _kind(stream: BinaryIO, size: int, path: Path) -> str:
    head = stream.read(_HEAD)
    if head[:3] == b"CDF" and (len(head) < 4 or head[3] in VERSIONS):
        try:
            needed = needed_bytes(stream, size)
        except HeaderError as error:
            text = f"File '{path}' is truncated or damaged: it has {size} bytes and "
            raise FileError(explain(f"{text}{error}", hint=_AGAIN)) from error
        _refuse_truncated(path, size, needed)
        return VERSIONS[head[3]]
    found = _superblock(stream, size)
    if found is not None:
        _refuse_truncated(path, size, _hdf5_needs(stream, found, path))
        return "netCDF-4"
    found = grib_start(head)
    if found is not None:
        return check_grib(stream, found, size, path)
    if head.startswith(b"PK"):
        store = zarr_kind(path)
        if store is not None:
            return store
    if _is_reference(head):
        return "references"
    if len(head) < len(_HDF5) and _HDF5.startswith(head):
        _refuse_truncated(path, size, len(_HDF5))
    raise FileError(_foreign(head, path))


_AGAIN = "copy or download it again, and compare its size with the original's"


def _refuse_truncated(path: Path, size: int, needed: int) -> None:
    if size < needed:
        text = (
            f"File '{path}' is truncated: it has {size} bytes, "
            f"its header needs {needed}"
        )
        raise FileError(explain(text, hint=_AGAIN))


def _superblock(stream: BinaryIO, size: int) -> int | None:
    """Find the HDF5 signature: at 0, or behind a user block of 512, 1024, … bytes."""
    at = 0
    while at + len(_HDF5) <= size:
        stream.seek(at)
        if stream.read(len(_HDF5)) == _HDF5:
            return at
        at = max(512, 2 * at)
    return None


def _hdf5_needs(stream: BinaryIO, at: int, path: Path) -> int:
    """Read the end-of-file address of an HDF5 superblock, version 0 to 3.

    The address counts from the start of the file. A user block put in front later
    moves it along with the superblock, as in the HDF5 library itself.
    """
    stream.seek(at)
    block = stream.read(96)
    version = block[8] if len(block) > 8 else 0
    # where the sizes of addresses are told, where the addresses begin, and which of
    # them is the end of the file; "HDF5 File Format Specification", II.A
    layouts = {0: (13, 24, 2), 1: (13, 28, 2), 2: (9, 12, 2), 3: (9, 12, 2)}
    if version not in layouts:
        text = f"File '{path}' is damaged: its HDF5 superblock has version {version}"
        raise FileError(explain(text, expected="0 to 3", hint=_AGAIN))
    width_at, first, which = layouts[version]
    width = block[width_at] if len(block) > width_at else 8
    if width not in (2, 4, 8):
        text = f"File '{path}' is damaged: its HDF5 addresses have {width} bytes"
        raise FileError(explain(text, expected="2, 4 or 8", hint=_AGAIN))
    end = first + (which + 1) * width
    if len(block) < end:
        return at + end
    base = int.from_bytes(block[first : first + width], "little")
    return int.from_bytes(block[end - width : end], "little") + at - base


def _is_reference(head: bytes) -> bool:
    """Tell whether a file begins as kerchunk's references do."""
    plain = b"".join(head.split())
    return plain.startswith(b"{") and (
        b'"refs":{' in plain or plain.startswith((b'{".z', b'{"zarr.json"'))
    )


def _foreign(head: bytes, path: Path) -> str:
    """Say what a file is that is not NetCDF."""
    for magic, what, hint in _FOREIGN:
        if head.startswith(magic):
            typed = hint.format(
                path=shlex.quote(str(path)),
                nc=shlex.quote(str(path.with_suffix(".nc"))),
            )
            return explain(f"File '{path}' {what}", hint=typed)
    start = head.lstrip()[:15].lower()
    if start.startswith((b"<!doctype html", b"<html")):
        text = f"File '{path}' is a web page, not NetCDF: the download went wrong"
        return explain(text, hint=f"open it in a browser to see why: {path}")
    if start.startswith(b"netcdf ") and b"{" in head:
        text = f"File '{path}' is the text form of a NetCDF file"
        return explain(text, hint=f"ncgen -4 -o {path.with_suffix('.nc')} {path}")
    if all(byte >= 32 or byte in b"\t\n\r\f" for byte in head):
        return explain(f"File '{path}' is text, not NetCDF")
    return explain(
        f"File '{path}' is not NetCDF",
        expected="it to begin with CDF or with the HDF5 signature",
        got=repr(head[:8]),
    )


def _directory(path: Path) -> str:
    return explain(f"'{path}' is a directory", expected="a NetCDF file")


def _missing(path: Path) -> str:
    """Say that there is no such file, and which names nearby are like it."""
    if "://" in str(path) or str(path).startswith(("http:/", "https:/", "s3:/")):
        address = re.sub(r"^(\w+:)/+", r"\1//", str(path))
        text = f"'{address}' is an address, and only files on disk are read"
        return explain(text, hint="download it first")
    if path.is_symlink():
        text = f"File '{path}' is a link to '{path.readlink()}', which does not exist"
        return explain(text, hint=f"ls -l {path}")
    if not path.parent.is_dir():
        text = f"File '{path}' does not exist: there is no directory '{path.parent}'"
        return explain(text)
    try:
        names = sorted(file.name for file in path.parent.iterdir())
    except OSError:
        names = []
    lower = path.name.lower()
    near = [name for name in names if name.lower() == lower]
    # stems are compared: that both end in .nc says nothing
    stems = {Path(name).stem: name for name in names}
    near += [stems[s] for s in difflib.get_close_matches(path.stem, stems, n=3)]
    if near:
        hint = " or ".join(dict.fromkeys(str(path.with_name(name)) for name in near))
        return explain(f"File '{path}' does not exist", hint=hint)
    here = f"ls {path.parent}"
    return explain(f"File '{path}' does not exist", hint=here)


def _unreadable(path: Path) -> FileError:
    text = f"File '{path}' may not be read: permission denied"
    return FileError(explain(text, hint=f"chmod u+r {path}"))
