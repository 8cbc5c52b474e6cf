"""Open a NetCDF file: nothing is guessed, and one bad variable stops no other."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import xarray as xr

from xnabla.errors import FileError, XnablaError, explain
from xnabla.files._engine import Engine
from xnabla.files._lock import LIBRARY
from xnabla.files._path import expanded
from xnabla.files._sniff import check_file
from xnabla.files._survey import listening, survey

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Mapping

__all__ = ["open_dataset"]

_MOST_LISTED = 20


def open_dataset(
    path: str | os.PathLike[str],
    *,
    chunks: Mapping[str, int] | int | Literal["auto"] | None = None,
) -> xr.Dataset:
    """Open a NetCDF file, lazily.

    Grid mappings, bounds and other variables that describe become coordinates.
    Dates become dates where their units allow it and stay numbers where not.
    Time differences ("hours", "days") stay numbers, with their units. A variable
    whose packing is broken is left out; `pick_variable` says why.

    Parameters
    ----------
    path : path
        A NetCDF file: classic, 64-bit offset, CDF-5 or NetCDF-4.
    chunks : mapping, int or "auto", optional
        Sizes of dask chunks, for work that does not fit in memory.

    Returns
    -------
    Dataset
        Its ``encoding`` holds ``"xnabla_notes"``, a tuple of sentences on what was
        odd, and ``"xnabla_refused"``, the variables left out and why.

    Raises
    ------
    FileError
        The file is missing, truncated, damaged, or is not NetCDF.

    Examples
    --------
    >>> import tempfile
    >>> from xnabla.files import save
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = save(xr.Dataset({"t": ("x", [1.0, 2.0])}), f"{folder}/t.nc")
    ...     with open_dataset(path) as ds:
    ...         print(dict(ds.sizes), ds.encoding["xnabla_notes"])
    {'x': 2} ()
    """
    check_file(path)
    file = expanded(path).absolute()
    with _explained(path), listening() as heard:
        # the engine is always named: guessing imports every reader installed, and
        # some of those crash the interpreter (reliability.md, fault 31)
        with xr.open_dataset(
            file, engine="netcdf4", decode_cf=False, cache=False, lock=LIBRARY
        ) as raw:
            if not raw.variables:
                _refuse_groups(file, path)
            found = survey(raw, path)
            lost = _lost_mappings(raw)
        ds = xr.open_dataset(
            file,
            engine=Engine,
            lock=LIBRARY,
            chunks=chunks,
            decode_coords=found.coordinates,
            decode_times=found.decode_times,
            decode_timedelta=False,
            drop_variables=list(found.refused),
        )
    for name, mapping in lost.items():
        # xarray forgets it, and a grid that needs one would be taken for a plane
        if name in ds.variables:
            ds[name].encoding["grid_mapping"] = mapping
    ds.encoding["xnabla_notes"] = tuple(dict.fromkeys([*found.notes, *heard]))
    ds.encoding["xnabla_refused"] = dict(found.refused)
    return ds


def _lost_mappings(raw: xr.Dataset) -> dict[str, str]:
    """Return the grid mappings that variables name and the file does not hold."""
    named = {
        str(name): str(variable.attrs["grid_mapping"])
        for name, variable in raw.variables.items()
        if "grid_mapping" in variable.attrs
    }
    return {
        name: mapping
        for name, mapping in named.items()
        if not {word.rstrip(":") for word in mapping.split()} & set(raw.variables)
    }


def _refuse_groups(file: Path, path: str | os.PathLike[str]) -> None:
    """Say which groups hold the variables when the file itself holds none."""
    groups = xr.open_groups(file, engine="netcdf4", decode_cf=False, lock=LIBRARY)
    try:
        full = [name for name, group in groups.items() if group.variables]
    finally:
        for group in groups.values():
            group.close()
    if not full:
        return
    shown = ", ".join(f"'{name}'" for name in full[:_MOST_LISTED])
    text = f"File '{path}' has its variables in groups, which are not read: {shown}"
    stem = Path(path).stem
    raise FileError(explain(text, hint=f"ncks -G : -g {full[0]} {path} {stem}_flat.nc"))


@contextmanager
def _explained(path: str | os.PathLike[str]) -> Iterator[None]:
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
    return explain(text, hint=f"ncdump -h {path}")
