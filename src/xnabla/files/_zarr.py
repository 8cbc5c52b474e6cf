"""A Zarr store in place of a file: whoever computes a block writes it, all at once.

The chunks of a store are files of their own. So the workers of a cluster write them
side by side, into a folder that gets its name when all of them are there.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import xarray as xr

from xnabla._unfinished import remove, unfinished
from xnabla.errors import FileError, explain
from xnabla.files._cluster import is_distributed
from xnabla.files._direct import aligned
from xnabla.files._publish import check_target, remove_stale, temporary_name
from xnabla.files._store import own_threads

__all__ = ["check_zarr", "publish_folder", "store_zarr"]

# what of the encoding of a NetCDF variable says something of its values
_KEPT = ("_FillValue", "dtype", "units", "calendar")


def check_zarr() -> None:
    """Raise unless there is a library that writes Zarr."""
    try:
        import zarr  # noqa: F401
    except ImportError as error:
        raise FileError(
            explain(
                "A Zarr store is written by zarr, which is not installed",
                hint="pip install 'xnabla[zarr]', or a name that ends in .nc",
            )
        ) from error


@contextmanager
def publish_folder(
    path: str | os.PathLike[str],
    *,
    overwrite: bool = False,
    checkpoint: Callable[[], object] | None = None,
) -> Iterator[Path]:
    """Give a name for a folder, and put it in place when the block ends well.

    As `publish` does with a file. An older store is moved away just before, and
    removed after.
    """
    target = check_target(path, overwrite=overwrite)
    remove_stale(target)
    temporary, old = temporary_name(target), temporary_name(target)
    with unfinished(temporary):
        yield temporary
        if checkpoint is not None:
            checkpoint()
        try:
            if overwrite and target.exists():
                target.rename(old)
            # a folder with something in it is not replaced: then it is another's
            temporary.rename(target)
        except BaseException as error:
            if old.exists() and not target.exists():  # a signal may come in between
                old.rename(target)
            if not isinstance(error, OSError):
                raise
            text = f"'{path}' cannot be written: {error.strerror or error}"
            raise FileError(explain(text)) from error
        remove(old)


def store_zarr(
    ds: xr.Dataset,
    path: Path,
    progress: Callable[[int, int], object] | None,
    version: int = 2,
) -> None:
    """Write a dataset that says all about itself, as `for_file` makes it.

    Parameters
    ----------
    ds : Dataset
        The encoded dataset; it may be lazy.
    path : Path
        The folder to make.
    progress : callable, optional
        Called as ``progress(done, total)`` when a task has finished.
    version : {2, 3}, optional
        Of the format. The metadata lie in one place in version 2 only: the third has
        no word for that yet.
    """
    from dask.callbacks import Callback

    ready = ds.assign({name: _for_zarr(v) for name, v in ds.variables.items()})
    ready.encoding = {}
    write: Any = ready.to_zarr
    writing = write(
        path,
        mode="w-",
        zarr_format=version,
        consolidated=version == 2,
        compute=False,
    )
    lazy = [v.data for v in ready.variables.values() if v.chunks]

    def report(_key: Any, _value: Any, _dsk: Any, state: Any, _id: Any) -> None:
        done = len(state["finished"])
        left = sum(len(state[k]) for k in ("ready", "waiting", "running"))
        if progress is not None:
            progress(ds.nbytes * done // (done + left), ds.nbytes)

    if lazy and is_distributed(lazy):
        writing.compute()
    elif lazy:
        with own_threads(lazy) as options:
            ours = (None, None, None, report, None)
            writing.compute(callbacks=[*Callback.active, ours], **options)
    if progress is not None:
        progress(ds.nbytes, ds.nbytes)


def _for_zarr(variable: xr.Variable) -> xr.Variable:
    """Return a variable with chunks of the store where a file would have them."""
    made = variable.copy(deep=False)
    sizes = variable.encoding.get("chunksizes")
    made.encoding = {k: v for k, v in variable.encoding.items() if k in _KEPT}
    if sizes is not None:
        made.encoding["chunks"] = tuple(sizes)
        if variable.chunks:
            made.data = aligned(variable.data, tuple(sizes))
    elif variable.chunks:
        made.data = variable.data.rechunk(-1)  # it is small
    return made
