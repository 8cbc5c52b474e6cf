"""Open data: a file, a store, or many files as the one data set they are."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any

import xarray as xr

from xnabla.files._gather import Paths, gathered
from xnabla.files._guard import Fills
from xnabla.files._lazily import Chunks
from xnabla.files._read import open_one

__all__ = ["open", "open_dataset", "open_uncut"]


def open(  # noqa: A001
    paths: Paths,
    *,
    group: str | None = None,
    chunks: Chunks = None,
    fill: Fills | None = None,
    select: Mapping[str, Any] | None = None,
) -> xr.Dataset:
    """Open a file, a Zarr store, or many files as one data set, lazily.

    Many files are joined along the coordinates in which they differ, time or level,
    in the order of its values and not of their names. Files with different variables
    on one grid are put together. What does not fit is refused: other grids, units or
    calendars, times that are in two files. Nothing is filled up with missing values.

    Grid mappings, bounds and other variables that describe become coordinates.
    Dates become dates where their units allow it and stay numbers where not.
    Time differences ("hours", "days") stay numbers, with their units. A variable
    whose packing is broken is left out; `pick_variable` says why.

    Values are missing where the file says so by ``_FillValue``, ``missing_value``,
    ``valid_range``, ``valid_min`` or ``valid_max``, and where floats without those are
    the NetCDF library's own fill, 9.96921e36. Other such numbers that the file does
    not declare, −999 among temperatures, are refused when they are read.

    Parameters
    ----------
    paths : path, pattern, folder, or several
        NetCDF (classic, 64-bit offset, CDF-5, NetCDF-4), Zarr 2 or 3 (a folder or a
        zip archive), GRIB 1 or 2, or a kerchunk reference file.
    group : str, optional
        The group to read, ``"/forecast/surface"``. Coordinates of the groups above it
        that its variables use are read too.
    chunks : mapping, int or "auto", optional
        Sizes of dask chunks, for work that does not fit in memory. Many files are
        always in chunks, and no chunk is of two files.
    fill : mapping of name to number, several or None, optional
        Values in the file that mean "missing", where it does not say so: ``{"air":
        -999}``. ``None`` says that all values are values.
    select : mapping, optional
        Of a GRIB file: what messages to take, by their keys, ``{"typeOfLevel":
        "isobaricInhPa"}``.

    Returns
    -------
    Dataset
        Its ``encoding`` holds ``"xnabla_notes"``, a tuple of sentences on what was
        odd, ``"xnabla_refused"``, the variables left out and why, and
        ``"xnabla_sources"``, the files.

    Raises
    ------
    FileError
        A file is missing, truncated, damaged, or of no known format; or files do not
        fit together.
    OptionError
        ``fill`` names a variable that is not there.

    Examples
    --------
    >>> import tempfile
    >>> from xnabla.files import save
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name, day in ("b", 1), ("a", 2):
    ...         time = ("time", [day], {"units": "days since 2000-01-01"})
    ...         ds = xr.Dataset({"t": ("time", [280.0 + day])}, {"time": time})
    ...         path = save(xr.decode_cf(ds), f"{folder}/{name}.nc")
    ...     with open(f"{folder}/*.nc") as ds:
    ...         print(ds["t"].values, dict(ds.sizes), ds.encoding["xnabla_notes"])
    [281. 282.] {'time': 2} ()
    """
    return _opened(paths, chunks, group=group, fill=fill, select=select)


def open_uncut(
    paths: Paths,
    *,
    group: str | None = None,
    chunks: Chunks = None,
    fill: Fills | None = None,
) -> xr.Dataset:
    """Open the same as it lies in its file, for who cuts it into blocks himself.

    Blocks that are cut again are held until the last part of them has been used: of
    20 GB in pieces of 128 MB a run held 2.4 GB in place of 0.45.
    """
    return _opened(paths, chunks, group=group, fill=fill, in_pieces=False)


def _opened(paths: Paths, chunks: Chunks, **how: Any) -> xr.Dataset:
    files = gathered(paths)
    if len(files) == 1:
        ds = open_one(files[0], chunks=chunks, **how)
        ds.encoding["xnabla_sources"] = tuple(files)
        return ds
    from xnabla.files._join import Part, joined  # brings pint, by the grids

    with ExitStack() as stack:
        parts = []
        for file in files:
            one = open_one(file, chunks="auto" if chunks is None else chunks, **how)
            stack.callback(one.close)
            parts.append(Part(file, one))
        made = joined(parts)
        made.encoding["xnabla_sources"] = tuple(files)
        made.set_close(stack.pop_all().close)
    return made


open_dataset = open
