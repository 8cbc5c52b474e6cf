"""Save fields to a CF NetCDF-4 file that every tool reads, whole or not at all."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import xarray as xr

from xnabla.errors import FileError, XnablaError, explain
from xnabla.files._encode import as_dataset, for_file
from xnabla.files._lock import LIBRARY
from xnabla.files._path import expanded
from xnabla.files._provenance import history_line, with_history
from xnabla.files._publish import check_target, is_zarr, publish
from xnabla.files._sniff import check_file
from xnabla.files._space import no_room, no_space, preflight, refusal
from xnabla.files._store import store
from xnabla.files._zarr import check_zarr, publish_folder, store_zarr

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["save"]

_PathLike: TypeAlias = "str | os.PathLike[str]"


def save(
    data: object,
    path: str | os.PathLike[str],
    *,
    overwrite: bool = False,
    history: str | None = None,
    source: str | os.PathLike[str] | Iterable[str | os.PathLike[str]] = (),
    progress: Callable[[int, int], object] | None = None,
    checkpoint: Callable[[], object] | None = None,
    compression: bool | Literal["deflate", "zstd", "blosc"] = True,
) -> Path:
    """Save a field, components or a dataset as CF NetCDF-4.

    Floats are stored in their own precision with NaN for missing values, never with
    the packing of the file they came from. Dates come back exactly. Lazy fields are
    computed and written chunk by chunk.

    Parameters
    ----------
    data : DataArray, Dataset, or object with ``to_dataset()``
        What to save; it is not changed.
    path : path
        The target. A name that ends in ``.zarr`` makes a Zarr store, a folder of
        chunks that the workers of a cluster write side by side.
    overwrite : bool, optional
        Replace the target if it exists.
    history : str, optional
        The command that made the data; it becomes the first line of the file's
        ``history``.
    source : path or iterable of paths, optional
        The files the data came from; none of them may be the target.
    progress : callable, optional
        Called as ``progress(done, total)``, in bytes of values, while they are written.
    checkpoint : callable, optional
        Called when the file is whole, before it is put in place; what it raises keeps
        it out.
    compression : bool or {"deflate", "zstd", "blosc"}, optional
        How floats are compressed. What is deflated is read by every tool, and made in
        threads; the others need a library that has them, to write and to read.

    Returns
    -------
    Path
        The target.

    Raises
    ------
    FileError
        The target exists, is the source, cannot be written, or does not fit on the
        disk; or computing the data failed. No part of a file is left then.

    Examples
    --------
    >>> import tempfile
    >>> field = xr.DataArray([280.0, 281.0], dims="x", name="t", attrs={"units": "K"})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = save(field, f"{folder}/t.nc", history="example")
    ...     with xr.open_dataset(path, engine="netcdf4") as ds:
    ...         print(ds["t"].attrs, ds["t"].values)
    {'units': 'K'} [280. 281.]
    """
    target = check_target(path, overwrite=overwrite)
    if is_zarr(path):
        check_zarr()
    given = _dequantified(as_dataset(data))
    _refuse_own_source(given, source, path, target)
    ready = _prepare(given, history, path, compression=compression)
    preflight(path, target.parent, ready.nbytes)
    folder = is_zarr(path)
    place = publish_folder if folder else publish
    with place(path, overwrite=overwrite, checkpoint=checkpoint) as temporary:
        try:
            (store_zarr if folder else store)(ready, temporary, progress)
            _verify(temporary, ready, folder=folder)
        except Exception as error:
            fault = _fault(error, path, temporary, ready.nbytes)
            if fault is None:
                raise
            raise fault from error
    return Path(path)


def _prepare(
    given: xr.Dataset, history: str | None, path: _PathLike, *, compression: bool | str
) -> xr.Dataset:
    before = given.attrs.get("history")
    if before is None and len(given.data_vars) == 1:
        # a field taken out of a dataset may carry the history along
        (field,) = given.data_vars.values()
        before = field.attrs.get("history")
    line = history_line("save" if history is None else history)
    try:
        return for_file(
            given, history=with_history(line, before), compression=compression
        )
    except XnablaError:
        raise
    except Exception as error:
        cause = f"{type(error).__name__}: {error}"
        text = f"'{path}' was not written: the data has no form in NetCDF: {cause}"
        raise FileError(explain(text)) from error


def _dequantified(ds: xr.Dataset) -> xr.Dataset:
    """Take pint off what has it; a variable still in its file is not looked at."""
    from xnabla.labels import dequantify  # brings pint, which reading does without

    held = {
        name: variable
        for name, variable in ds.variables.items()
        # what xarray reads lazily answers no numpy function; looking would read it
        if hasattr(variable._data, "__array_function__")
    }
    plain = dequantify(xr.Dataset(held)).variables
    result = ds.assign_coords({n: v for n, v in plain.items() if n in ds.coords})
    result = result.assign({n: v for n, v in plain.items() if n not in ds.coords})
    result.encoding = dict(ds.encoding)
    return result


def _refuse_own_source(
    ds: xr.Dataset,
    source: _PathLike | Iterable[_PathLike],
    path: _PathLike,
    target: Path,
) -> None:
    """Refuse a target that is read from, also under another name or through a link."""
    named = [source] if isinstance(source, (str, os.PathLike)) else list(source)
    if not all(variable._in_memory for variable in ds.variables.values()):
        named.append(ds.encoding.get("source", ""))
        named += [v.encoding.get("source", "") for v in ds.variables.values()]
    for file in dict.fromkeys(name for name in named if name):
        try:
            same = target.samefile(expanded(file))
        except (OSError, TypeError, ValueError):
            continue
        if same:
            text = f"'{path}' is the file the data is read from"
            if str(path) != str(file):
                text += f", '{file}'"
            raise FileError(explain(text, hint="another name for the output"))


def _verify(temporary: Path, ready: xr.Dataset, *, folder: bool) -> None:
    """Read back what was promised: every variable, its shape and its kind."""
    if not folder:
        check_file(temporary)
    how: dict[str, Any] = {"engine": "netcdf4", "lock": LIBRARY}
    how = {"engine": "zarr", "chunks": None} if folder else how
    with LIBRARY, xr.open_dataset(temporary, decode_cf=False, **how) as written:
        for name, variable in ready.variables.items():
            found = written.variables.get(name)
            # text has an axis of its own in a file, and dates are numbers there
            plain = variable.dtype.kind in "iuf"
            wrong = found is None or (
                plain
                and (
                    found.shape != variable.shape
                    or found.dtype != variable.dtype.newbyteorder("=")
                )
            )
            if wrong:
                text = f"variable '{name}' did not arrive in the file"
                raise OSError(text)


def _fault(
    error: Exception, path: _PathLike, temporary: Path, nbytes: int
) -> FileError | None:
    """Say why a write failed; None where the error says it itself."""
    if isinstance(error, XnablaError) and temporary.name not in str(error):
        return None
    if isinstance(error, MemoryError):
        text = f"'{path}' was not written: not enough memory: {error}"
        hint = "open_dataset(path, chunks='auto')"
        return no_room(explain(text, hint=hint), errno.ENOMEM)
    direct = error if isinstance(error, OSError) else None
    for cause in (direct, refusal(temporary)):
        if cause is not None:
            full = no_space(cause, path, temporary.parent, nbytes)
            if full is not None:
                return no_room(full, cause.errno)
    text = str(error).replace(str(temporary), str(path)).replace(temporary.name, "")
    text = f"'{path}' was not written: {type(error).__name__}: {text}"
    return FileError(explain(text))
