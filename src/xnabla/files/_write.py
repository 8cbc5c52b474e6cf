"""Save fields to a CF NetCDF-4 file that every tool reads, whole or not at all."""

from __future__ import annotations

import errno
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

import xarray as xr

from xnabla.errors import FileError, XnablaError, explain
from xnabla.files._encode import as_dataset, for_file
from xnabla.files._form import Compression, Form, form_of
from xnabla.files._lock import LIBRARY
from xnabla.files._path import expanded
from xnabla.files._provenance import history_line, rewrite_history, with_history
from xnabla.files._publish import check_target, publish
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
    append: str | None = None,
    history: str | Callable[[], str] | None = None,
    source: str | os.PathLike[str] | Iterable[str | os.PathLike[str]] = (),
    progress: Callable[[int, int], object] | None = None,
    checkpoint: Callable[[], object] | None = None,
    compression: Compression = True,
    layout: Literal["maps", "series"] = "maps",
    format: str | None = None,  # noqa: A002
    made: datetime | None = None,
) -> Path:
    """Save a field, components or a dataset as CF NetCDF, or as a Zarr store.

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
    append : str, optional
        The dimension, usually ``"time"``, along which the data is put to what the
        target holds already; that dimension may grow. The whole is written anew and
        replaces the target when it is complete. A target that does not exist is made.
    history : str or callable, optional
        The command that made the data; it becomes the first line of the file's
        ``history``. A callable that returns it is asked again when all values are
        written: lazy ones have been read only then.
    source : path or iterable of paths, optional
        The files the data came from; none of them may be the target.
    progress : callable, optional
        Called as ``progress(done, total)``, in bytes of values, while they are written.
    checkpoint : callable, optional
        Called when the file is whole, before it is put in place; what it raises keeps
        it out.
    compression : bool, {"zlib", "zstd", "blosc"}, (name, level) or None, optional
        How floats are compressed: by zlib at level 1, unless said otherwise. Every
        tool reads zlib, and it is made in threads; the others need a library that has
        them, to write and to read.
    layout : {"maps", "series"}, optional
        Chunks for reading all points of a time at once, or all times of a point.
    format : str, optional
        ``"NETCDF4"``, ``"NETCDF4_CLASSIC"``, ``"NETCDF3_CLASSIC"``,
        ``"NETCDF3_64BIT"`` or ``"NETCDF3_64BIT_DATA"``, as the NetCDF library calls
        them; ``"ZARR2"`` or ``"ZARR3"`` for a name that ends in ``.zarr``. NetCDF-3 is
        never compressed.
    made : datetime, optional
        The time in ``history``, with its zone; by default now. With it, the same data
        gives the same bytes: chunks that are deflated wait for their turn, some of them
        on the disk if they are many.

    Returns
    -------
    Path
        The target.

    Raises
    ------
    FileError
        The target exists, is the source, cannot be written, or does not fit on the
        disk; or computing the data failed. No part of a file is left then. Or what is
        to be appended is on another grid, in other units, of another calendar, or of
        times that are in the target.

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
    exists = append is not None and expanded(path).exists()
    target = check_target(path, overwrite=overwrite or exists)
    form = form_of(path, compression, layout, format)
    if form.is_zarr:
        check_zarr()
    given = _dequantified(as_dataset(data))
    line = _line("save" if history is None else history, made)
    how = _How(form, overwrite or exists, progress, checkpoint, made is not None)
    if not exists:
        _refuse_own_source(given, source, path, target)
        if append is not None:
            given = _growing(given, append)
        before = _history_of(given)
        _publish(given, path, target, lambda: with_history(line(), before), how)
        return Path(path)
    sources = [source] if isinstance(source, (str, os.PathLike)) else list(source)
    from xnabla.files._append import appended

    called = f"'{sources[0]}'" if sources else "the new data"
    with appended(path, target, given, str(append), called) as whole:
        checks = _after([checkpoint, whole.check])
        how = _How(form, True, progress, checks, made is not None)
        before = whole.history
        _publish(whole.data, path, target, lambda: with_history(line(), before), how)
    return Path(path)


class _How(NamedTuple):
    """How a dataset is put in its place."""

    form: Form
    overwrite: bool
    progress: Callable[[int, int], object] | None
    checkpoint: Callable[[], object] | None
    reproducible: bool


def _line(command: str | Callable[[], str], made: datetime | None) -> Callable[[], str]:
    """Return what gives the first line of the history: its time is always the same."""
    when = datetime.now(UTC) if made is None else made
    return lambda: history_line(command() if callable(command) else command, when)


def _after(steps: list[Callable[[], object] | None]) -> Callable[[], None]:
    def each() -> None:
        for step in steps:
            if step is not None:
                step()

    return each


def _growing(given: xr.Dataset, dim: str) -> xr.Dataset:
    """Return data whose dimension may grow, so that more can be appended."""
    if dim not in given.dims and dim in given.coords:
        given = given.expand_dims(dim)
    if dim not in given.dims:
        known = ", ".join(repr(str(d)) for d in given.dims) or "none"
        text = f"There is no dimension '{dim}' to append along"
        raise FileError(explain(text, got=f"dimensions {known}"))
    made = given.copy()
    made.encoding = {
        **given.encoding,
        "unlimited_dims": {dim, *given.encoding.get("unlimited_dims", ())},
    }
    return made


def _history_of(given: xr.Dataset) -> object:
    before = given.attrs.get("history")
    if before is None and len(given.data_vars) == 1:
        # a field taken out of a dataset may carry the history along
        (field,) = given.data_vars.values()
        before = field.attrs.get("history")
    return before


def _publish(
    given: xr.Dataset,
    path: _PathLike,
    target: Path,
    history: Callable[[], str],
    how: _How,
) -> None:
    """Write a dataset, look at what was written, and put it in its place."""
    form = how.form
    told = history()
    ready = _prepare(given, told, path, form)
    preflight(path, target.parent, ready.nbytes)
    place = publish_folder if form.is_zarr else publish
    with place(path, overwrite=how.overwrite, checkpoint=how.checkpoint) as temporary:
        try:
            if form.is_zarr:
                store_zarr(ready, temporary, how.progress, int(form.format[-1]))
            else:
                store(
                    ready,
                    temporary,
                    how.progress,
                    form.format,
                    reproducible=how.reproducible,
                )
            if (now := history()) != told:
                rewrite_history(temporary, form, now)
            _verify(temporary, ready, form)
        except Exception as error:
            fault = _fault(error, path, temporary, ready.nbytes)
            if fault is None:
                raise
            raise fault from error


def _prepare(
    given: xr.Dataset, history: str, path: _PathLike, form: Form
) -> xr.Dataset:
    try:
        return for_file(given, history=history, form=form)
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


def _verify(temporary: Path, ready: xr.Dataset, form: Form) -> None:
    """Read back what was promised: every variable, its shape and its kind."""
    how: dict[str, Any] = {"engine": "zarr", "chunks": None}
    if form.is_zarr:
        how["consolidated"] = form.format == "ZARR2"
    else:
        check_file(temporary)
        how = {"engine": "netcdf4", "lock": LIBRARY}
    with LIBRARY, xr.open_dataset(temporary, decode_cf=False, **how) as written:
        for name, variable in ready.variables.items():
            found = written.variables.get(name)
            # text has an axis of its own in a file, and dates are numbers there
            plain = variable.dtype.kind in "iuf"
            if found is None or (plain and not _arrived(found, variable, form)):
                text = f"variable '{name}' did not arrive in the file"
                raise OSError(text)


def _arrived(found: xr.Variable, variable: xr.Variable, form: Form) -> bool:
    if found.shape != variable.shape:
        return False
    if form.format in ("NETCDF4", "ZARR2", "ZARR3"):
        return bool(found.dtype == variable.dtype.newbyteorder("="))
    # the others have no 64-bit integers; what does not fit has been refused
    return found.dtype.kind in "iuf"


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
