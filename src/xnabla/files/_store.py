"""Put a dataset into a new file: the header first, then chunk by chunk."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import xarray as xr

from xnabla.files._lock import LIBRARY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

__all__ = ["store"]


class _Target:
    """A variable on disk that takes chunks from several threads, until it is closed."""

    def __init__(self, variable: Any) -> None:
        self.variable = variable
        self.shape, self.dtype = variable.shape, variable.dtype
        self.is_open = True

    def __setitem__(self, key: Any, value: Any) -> None:
        with LIBRARY:
            # a task that outlives a failure would open the file again
            if self.is_open:
                self.variable[key] = value


class _Writer:
    """What xarray hands arrays to: those in memory are written, lazy ones kept."""

    def __init__(self) -> None:
        self.sources: list[Any] = []
        self.targets: list[_Target] = []

    def add(self, source: Any, target: Any, region: None = None) -> None:
        del region
        if hasattr(source, "dask"):
            self.sources.append(source)
            self.targets.append(_Target(target))
        else:
            target[...] = source


def store(
    ds: xr.Dataset, path: Path, progress: Callable[[int, int], object] | None
) -> None:
    """Write a dataset that says all about itself, as `for_file` makes it.

    Parameters
    ----------
    ds : Dataset
        The encoded dataset; it may be lazy.
    path : Path
        The file; it is closed at the end, whatever happens.
    progress : callable, optional
        Called as ``progress(done, total)`` when a task has finished.
    """
    if _is_distributed(ds):
        # other processes cannot share our lock; xarray opens and closes per chunk
        ds.to_netcdf(path, engine="netcdf4", format="NETCDF4")
        _tell(progress, 1, 1)
        return
    writer = _Writer()
    with LIBRARY:
        file = _new_file(path)
    try:
        with LIBRARY:
            unlimited = ds.encoding.get("unlimited_dims", ())
            ds.dump_to_store(file, writer=writer, unlimited_dims=unlimited)
        if writer.sources:
            _compute(writer, progress)
        else:
            _tell(progress, 1, 1)
    finally:
        with LIBRARY:
            for target in writer.targets:
                target.is_open = False
            file.close()


def _new_file(path: Path) -> Any:
    make: Any = xr.backends.NetCDF4DataStore.open
    return make(str(path), mode="w", format="NETCDF4", lock=LIBRARY)


def _compute(writer: _Writer, progress: Callable[[int, int], object] | None) -> None:
    import dask.array as da
    from dask.callbacks import Callback

    def report(
        _key: object, _value: object, _dsk: object, state: Any, _id: object
    ) -> None:
        left = sum(len(state[k]) for k in ("ready", "waiting", "running"))
        done = len(state["finished"])
        _tell(progress, done, done + left)

    targets: list[Any] = list(writer.targets)
    with _own_threads(writer.sources) as options:
        if progress is not None:
            # given to this computation alone: "with Callback" would hear all threads;
            # the five are start, start_state, pretask, posttask and finish
            ours = (None, None, None, report, None)
            options["callbacks"] = [*Callback.active, ours]
        # chunks on disk and of dask may overlap; the targets have their own lock
        da.store(writer.sources, targets, lock=False, compute=True, **options)


def _tell(progress: Callable[[int, int], object] | None, done: int, total: int) -> None:
    if progress is not None:
        progress(done, total)


def _is_distributed(ds: xr.Dataset) -> bool:
    """Tell whether a cluster computes the tasks."""
    return "distributed" in getattr(_scheduler(ds), "__module__", "")


def _scheduler(data: object) -> Any:
    """Return dask's function that would compute the data, None without dask."""
    if not getattr(data, "chunks", None):
        return None
    import dask.base

    choose: Any = dask.base.get_scheduler
    return choose(collections=[data])


@contextmanager
def _own_threads(sources: list[Any]) -> Iterator[dict[str, Any]]:
    """Give options to compute in threads of our own, and wait for all at the end.

    When a task fails or Ctrl-C comes, dask returns while other tasks still run. They
    would write on, into a file that is closed and removed. Processes cannot share the
    file, so threads are used for those too.
    """
    import dask
    import dask.local
    from dask.system import CPU_COUNT
    from dask.threaded import ContextAwareThreadPoolExecutor

    if _scheduler(sources[0]) is dask.local.get_sync:
        yield {}
        return
    workers = dask.config.get("num_workers", None) or CPU_COUNT
    pool = ContextAwareThreadPoolExecutor(workers)
    try:
        yield {"scheduler": "threads", "pool": pool}
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
