"""Open one file or store: nothing is guessed, and one bad variable stops no other."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import xarray as xr

from xnabla.errors import FileError, XnablaError, explain
from xnabla.files._decode import Engine
from xnabla.files._external import refuse_external
from xnabla.files._groups import check_group, refuse_groups
from xnabla.files._guard import Fills
from xnabla.files._lazily import Chunks
from xnabla.files._lock import LIBRARY
from xnabla.files._path import expanded
from xnabla.files._sniff import check_file
from xnabla.files._survey import listening

__all__ = ["open_one"]

# the least of memory that must be there for a variable to be read in one piece
_SHARE_OF_MEMORY = 0.5


def open_one(
    path: str | os.PathLike[str],
    *,
    group: str | None = None,
    chunks: Chunks = None,
    fill: Fills | None = None,
    select: Mapping[str, Any] | None = None,
    in_pieces: bool = True,
) -> xr.Dataset:
    """Open one file or store, lazily; `open` says more.

    Parameters
    ----------
    path : path
    group : str, optional
    chunks : mapping, int or "auto", optional
    fill : mapping, optional
    select : mapping, optional
        What GRIB messages to take, by their keys.
    in_pieces : bool
        Whether what does not fit in memory is cut, where there are no ``chunks``.

    Raises
    ------
    FileError
    """
    kind = check_file(path)
    file = expanded(path).absolute()
    if kind.startswith("GRIB"):
        from xnabla.files._grib import open_grib

        return open_grib(path, chunks=chunks, select=select or {})
    if select:
        text = f"select= takes GRIB messages, and '{path}' is {kind}"
        raise FileError(explain(text, hint="the dataset's own .sel(...)"))
    how: dict[str, Any] = {"kind": "netcdf", "lock": LIBRARY}
    if kind.startswith("Zarr"):
        how = {"kind": "zarr"}
    elif kind == "references":
        how = {"kind": "reference"}
    with explained(path), listening() as heard:
        if kind == "netCDF-4":
            refuse_external(file, path)
        if group is not None:
            check_group(file, kind, group, path)
        # the engine is always named: guessing imports every reader installed, and
        # some of those crash the interpreter (reliability.md, fault 31)
        ds = xr.open_dataset(
            file,
            engine=Engine,
            chunks=chunks,
            called=str(path),
            group=group,
            fill=fill,
            **how,
        )
        try:
            if not ds.variables and not ds.encoding["xnabla_refused"]:
                refuse_groups(file, kind, path)
        except BaseException:
            ds.close()
            raise
    notes = dict.fromkeys([*ds.encoding["xnabla_notes"], *heard])
    ds.encoding["xnabla_notes"] = tuple(notes)
    return _in_pieces(ds) if chunks is None and in_pieces else ds


def _in_pieces(ds: xr.Dataset) -> xr.Dataset:
    """Cut what does not fit in memory; an 8 KB file may declare a terabyte."""
    limit = _SHARE_OF_MEMORY * _memory()
    large = {n: v for n, v in ds.variables.items() if v.nbytes > limit and v.ndim}
    if not large:
        return ds
    notes = tuple(
        f"'{name}' takes {variable.nbytes / 1e9:.3g} GB, more than half the memory "
        "that is free: it is read in pieces"
        for name, variable in large.items()
    )
    encoding = dict(ds.encoding)
    encoding["xnabla_notes"] = (*encoding["xnabla_notes"], *notes)
    new = {n: ds[n].chunk("auto").variable for n in large if n not in ds.dims}
    made = ds.assign(new)
    made.encoding = encoding
    made.set_close(ds._close)
    return made


def _memory() -> float:
    """Return the bytes of memory that are free, as far as the system says."""
    with suppress(OSError, ValueError, AttributeError):
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return 1024.0 * int(line.split()[1])
    with suppress(OSError, ValueError, AttributeError):
        return float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    return 8e9


@contextmanager
def explained(path: str | os.PathLike[str]) -> Iterator[None]:
    """Turn whatever a library raises into one sentence that names the file."""
    try:
        yield
    except XnablaError:
        raise
    except Exception as error:
        raise FileError(_sentence(error, path)) from error


def _sentence(error: Exception, path: str | os.PathLike[str]) -> str:
    if isinstance(error, MemoryError):
        text = f"File '{path}' does not fit in memory: {error}"
        return explain(text, hint="open_dataset(path, chunks='auto')")
    # the code of NC_EHDFERR, which HDF5 gives for damage and for a locked file alike
    if getattr(error, "errno", None) == -101:
        text = f"File '{path}' is damaged, or another program is writing it"
        return explain(
            text,
            got="NetCDF: HDF error",
            hint=f"HDF5_USE_FILE_LOCKING=FALSE ncdump -h {path}",
        )
    cause = getattr(error, "strerror", None) or error
    name = type(error).__name__
    text = f"File '{path}' cannot be opened: {name}: {cause}"
    look = "ls -a" if expanded(path).is_dir() else "ncdump -h"
    return explain(text, hint=f"{look} {path}")
