"""How things are measured: medians of calls in turn, a copy limit, peak memory."""

from __future__ import annotations

import statistics
import time
import tracemalloc
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import numpy as np
from numba import config, njit

Call = Callable[[], Any]


def medians(calls: Sequence[Call], repeats: int) -> list[float]:
    """Return the median time of each call in milliseconds, taken in turn.

    In turn, so that what else the machine does touches all of them alike; the first
    round is not counted.
    """
    took: list[list[float]] = [[] for _ in calls]
    for number in range(repeats + 1):
        for one, call in zip(took, calls, strict=True):
            began = time.perf_counter()
            call()
            if number:
                one.append(time.perf_counter() - began)
    return [statistics.median(one) * 1e3 for one in took]


def peak_bytes(call: Call) -> int:
    """Return how much memory numpy held at most during a call, beyond before it."""
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        result = call()
        peak = tracemalloc.get_traced_memory()[1]
        del result
        return peak - before
    finally:
        tracemalloc.stop()


@njit(nogil=True)
def _copy_rows(first: int, last: int, inputs: Any, outputs: Any) -> None:
    for r in range(first, last):
        for k in range(len(outputs)):
            out = outputs[k][r]
            if k == 0:
                row = inputs[0][r]
                for j in range(row.size):
                    out[j] = row[j]
                for i in range(1, len(inputs)):
                    row = inputs[i][r]
                    for j in range(row.size):
                        out[j] += row[j]
            else:
                row = inputs[0][r]
                for j in range(row.size):
                    out[j] = row[j]


def copy_limit(inputs: Sequence[np.ndarray], outputs: int) -> Call:
    """Return a loop that reads all inputs once and writes fresh outputs once.

    Compiled, in as many threads: nothing that makes results of this size is faster.
    """
    rows = tuple(one.reshape(-1, one.shape[-1]) for one in inputs)
    threads = int(config.NUMBA_NUM_THREADS)
    pool = ThreadPoolExecutor(threads)
    bounds = np.linspace(0, rows[0].shape[0], 4 * threads + 1).astype(int).tolist()

    def run() -> None:
        made = tuple(np.empty_like(rows[0]) for _ in range(outputs))
        parts = pairwise(bounds)
        waiting = [pool.submit(_copy_rows, a, b, rows, made) for a, b in parts]
        for one in waiting:
            one.result()

    return run
