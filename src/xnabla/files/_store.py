"""Put a dataset into a new file: the header first, then chunk by chunk."""

from __future__ import annotations

import math
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from xnabla.files._cluster import compute_on_cluster, is_distributed, scheduler_of
from xnabla.files._direct import aligned, direct_targets, in_turn, is_for_chunks
from xnabla.files._lock import LIBRARY

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from pathlib import Path

__all__ = ["own_threads", "store"]


class _Target:
    """A variable on disk that takes chunks from several threads, until it is closed."""

    def __init__(self, variable: Any) -> None:
        self.variable = variable
        self.shape, self.dtype = variable.shape, variable.dtype
        self.is_open = True
        self.told: Callable[[int], object] = lambda nbytes: None

    def __setitem__(self, key: Any, value: Any) -> None:
        with LIBRARY:
            # a task that outlives a failure would open the file again
            if self.is_open:
                self.variable[key] = value
                self.told(value.nbytes)


class _Writer:
    """What xarray hands arrays to: some are written, others kept for later.

    Parameters
    ----------
    direct : collection of str
        The variables whose chunks are made here and not by the library.
    """

    def __init__(self, direct: Collection[str]) -> None:
        self.direct = direct
        self.kept: dict[str, Any] = {}
        self.sources: list[Any] = []
        self.targets: list[_Target] = []

    def add(self, source: Any, target: Any, region: None = None) -> None:
        del region
        name = target.variable_name
        is_lazy = hasattr(source, "dask")
        # one computation for all that is lazy, since it may be made of the same
        if name in self.direct or (is_lazy and self.direct and _is_plain(target)):
            self.kept[name] = source
        elif is_lazy:
            self.sources.append(source)
            self.targets.append(_Target(target))
        else:
            target[...] = source


def store(
    ds: xr.Dataset,
    path: Path,
    progress: Callable[[int, int], object] | None,
    kind: str = "NETCDF4",
    *,
    reproducible: bool = False,
) -> None:
    """Write a dataset that says all about itself, as `for_file` makes it.

    Parameters
    ----------
    ds : Dataset
        The encoded dataset; it may be lazy.
    path : Path
        The file; it is closed at the end, whatever happens.
    progress : callable, optional
        Called as ``progress(done, total)``, in bytes of values, when some are written.
    kind : str, optional
        The format, as the NetCDF library calls it.
    reproducible : bool
        Whether what is deflated lies in the file in an order that is always the same.
    """
    ds = _in_whole_chunks(ds)
    direct = {str(k) for k, v in ds.variables.items() if is_for_chunks(v.encoding)}
    writer = _Writer(direct)
    with LIBRARY:
        file = _new_file(path, kind)
    try:
        with LIBRARY:
            unlimited = ds.encoding.get("unlimited_dims", ())
            ds.dump_to_store(file, writer=writer, unlimited_dims=unlimited)
        count = _Count(progress, [*writer.sources, *writer.kept.values()])
        for target in writer.targets:
            target.told = count.add
        if writer.sources:
            _compute(writer.sources, writer.targets, count)
    finally:
        with LIBRARY:
            for target in writer.targets:
                target.is_open = False
            file.close()
    if writer.kept:
        _store_chunks(path, writer.kept, count, reproducible=reproducible)
    count.finish()


def _store_chunks(
    path: Path, kept: dict[str, Any], count: _Count, *, reproducible: bool
) -> None:
    """Write what was kept for later, lazy or not, in chunks that are made here."""
    shapes = {name: source.shape for name, source in kept.items()}
    with direct_targets(path, shapes, count.add) as targets:
        lazy = {n: s for n, s in kept.items() if hasattr(s, "dask")}
        if reproducible:
            in_turn(targets)
        if lazy:
            blocks = [targets[n].aligned(lazy[n]) for n in lazy]
            _compute(blocks, [targets[n] for n in lazy], count)
        for name in [name for name in kept if name not in lazy]:
            targets[name].write(np.asarray(kept[name]), count.tell)


class _Count:
    """How many bytes of values have been written, and who wants to know."""

    def __init__(
        self, progress: Callable[[int, int], object] | None, sources: list[Any]
    ) -> None:
        self.progress, self.done = progress, 0
        self.total = sum(math.prod(s.shape) * s.dtype.itemsize for s in sources)
        self.lock = threading.Lock()

    def add(self, nbytes: int) -> None:
        """Count some more, in any thread."""
        with self.lock:
            self.done += nbytes

    def tell(self, *_anything: object) -> None:
        """Tell how many there are, in the thread of who wants to know."""
        if self.progress is not None and self.done:
            self.progress(self.done, self.total)

    def finish(self) -> None:
        """Tell that all is done."""
        if self.progress is not None:
            self.progress(self.total or 1, self.total or 1)


def _is_plain(target: Any) -> bool:
    return isinstance(target.dtype, np.dtype) and target.dtype.kind in "iuf"


def _new_file(path: Path, kind: str) -> Any:
    make: Any = xr.backends.NetCDF4DataStore.open
    return make(str(path), mode="w", format=kind, lock=LIBRARY)


def _in_whole_chunks(ds: xr.Dataset) -> xr.Dataset:
    """Have each chunk of a file computed in one piece, so that it is written once."""
    new = {}
    for name, variable in ds.variables.items():
        sizes = variable.encoding.get("chunksizes")
        if (
            variable.chunks
            and sizes is not None
            and not is_for_chunks(variable.encoding)
        ):
            made = variable.copy(deep=False)
            made.data = aligned(variable.data, tuple(sizes))
            new[name] = made
    if not new:
        return ds
    result = ds.assign(new)
    result.encoding = dict(ds.encoding)
    return result


def _compute(sources: list[Any], targets: list[Any], count: _Count) -> None:
    """Compute lazy arrays, each into its target, all of them at once."""
    import dask.array as da
    from dask.callbacks import Callback

    if is_distributed(sources):
        compute_on_cluster(sources, targets, count.tell)
        return
    with own_threads(sources) as options:
        # given to this computation alone: "with Callback" would hear all threads;
        # the five are start, start_state, pretask, posttask and finish
        ours = (None, None, None, count.tell, None)
        options["callbacks"] = [*Callback.active, ours]
        # blocks do not overlap, and the targets have locks for what is not thread-safe
        da.store(sources, targets, lock=False, compute=True, **options)


@contextmanager
def own_threads(sources: list[Any]) -> Iterator[dict[str, Any]]:
    """Give options to compute in threads of our own, and wait for all at the end.

    When a task fails or Ctrl-C comes, dask returns while other tasks still run. They
    would write on, into a file that is closed and removed. Processes cannot share the
    file, so threads are used for those too.
    """
    from concurrent.futures import ThreadPoolExecutor

    import dask
    import dask.local
    import dask.threaded
    from dask.system import CPU_COUNT

    if scheduler_of(sources) is dask.local.get_sync:
        yield {}
        return
    workers = dask.config.get("num_workers", None) or CPU_COUNT
    # which of the two dask itself takes depends on its version
    kind = getattr(dask.threaded, "ContextAwareThreadPoolExecutor", ThreadPoolExecutor)
    pool = kind(workers)
    try:
        yield {"scheduler": "threads", "pool": pool}
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
