"""Work in threads: rows are shared out, and kernels let go of the interpreter."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from itertools import pairwise

# Numbers of the result that are worth a thread: handing over costs 50 microseconds.
_WORTH_A_THREAD = 200_000

# how long an interrupt waits for the parts that others are at
_PATIENCE_S = 2.0

_pools: dict[tuple[int, int], ThreadPoolExecutor] = {}
_lock = threading.Lock()


def thread_count() -> int:
    """Return how many threads to work in: what numba was told, or all cores.

    One inside the threads of others.
    """
    if threading.current_thread() is not threading.main_thread():
        return 1  # a worker of dask has a thread for each core already
    from numba import config

    return max(1, int(getattr(config, "NUMBA_NUM_THREADS", 1)))


def in_threads(work: Callable[[int, int], None], items: int, size: int) -> None:
    """Do ``work(first, last)`` for all items, in parts.

    Parameters
    ----------
    work : callable
        Must let go of the interpreter.
    items : int
        Number of them.
    size : int
        Numbers that each makes.
    """
    threads = max(1, min(thread_count(), items * size // _WORTH_A_THREAD))
    if threads == 1:
        work(0, items)
        return
    # some parts more than threads, so that none waits long for another
    parts = 4 * threads
    waiting = deque(pairwise(items * k // parts for k in range(parts + 1)))

    def some() -> None:
        while True:
            try:
                first, last = waiting.popleft()
            except IndexError:
                return
            work(first, last)

    # whoever calls has a core already: it takes parts too, and waits for no start
    pool = _pool(threads - 1)
    others = [pool.submit(some) for _ in range(threads - 1)]
    try:
        some()
    except BaseException:
        waiting.clear()
        # not for ever: an interrupt of numba may have left its lock taken
        wait([one for one in others if not one.cancel()], timeout=_PATIENCE_S)
        raise
    for one in others:
        if not one.cancel():  # too late to take a part
            one.result()


def _pool(threads: int) -> ThreadPoolExecutor:
    """Return the pool of this process: one made before a fork has no threads."""
    with _lock:
        key = (os.getpid(), threads)
        if key not in _pools:
            _pools[key] = ThreadPoolExecutor(threads, thread_name_prefix="xnabla")
        return _pools[key]
