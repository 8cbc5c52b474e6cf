"""Chunks shared out to threads."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import TypeVar

__all__ = ["in_threads", "thread_count"]

Item = TypeVar("Item")


def thread_count() -> int:
    """Return how many threads to work in: one for each core that is ours.

    One inside the threads of others.
    """
    if threading.current_thread() is not threading.main_thread():
        return 1  # a worker of dask has a thread for each core already
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1


def in_threads(
    work: Callable[[Item], object],
    items: Iterable[Item],
    after: Callable[[], object] = lambda: None,
) -> None:
    """Do some work for each item, and wait for all of it, also when some of it fails.

    What the first that failed raised is raised; of the others none is begun then.

    Parameters
    ----------
    work : callable
    items : iterable
    after : callable, optional
        Called in the thread of the caller whenever an item is done.
    """
    items = list(items)
    threads = min(thread_count(), len(items))
    if threads <= 1:
        for item in items:
            work(item)
            after()
        return
    # a pool for each call: to make one takes 0.1 ms, and none outlives a fork
    with ThreadPoolExecutor(threads, thread_name_prefix="xnabla-files") as pool:
        waiting = [pool.submit(work, item) for item in items]
        try:
            for one in as_completed(waiting):
                one.result()
                after()
        finally:
            for one in waiting:
                one.cancel()
