"""Rows shared out among threads: each is made once, and not by threads of threads."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from xnabla.numerics import _threads


def test_within_a_thread_of_others_there_is_one():
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(_threads.thread_count).result() == 1


@pytest.mark.parametrize(
    ("items", "size", "shared"),
    [(7, 10, False), (3, 200_000, True), (1000, 399, False), (1000, 400, True)],
)
def test_every_row_is_made_once_whoever_makes_it(monkeypatch, items, size, shared):
    """Two threads are worth their while from 400 000 numbers on."""
    monkeypatch.setattr(_threads, "thread_count", lambda: 2)
    made, threads, lock = [], set(), threading.Lock()
    both = threading.Barrier(2)

    def work(first, last):
        with lock:
            made.extend(range(first, last))
            is_new = threading.current_thread() not in threads
            threads.add(threading.current_thread())
        if shared and is_new:
            both.wait(60)

    _threads.in_threads(work, items, size)
    assert sorted(made) == list(range(items))
    # whoever calls works too
    assert threading.current_thread() in threads
    assert len(threads) == (2 if shared else 1)


def test_what_goes_wrong_in_a_thread_is_told(monkeypatch):
    monkeypatch.setattr(_threads, "thread_count", lambda: 2)

    def work(first, last):
        raise ValueError("a row")

    with pytest.raises(ValueError, match="a row"):
        _threads.in_threads(work, 10, 1_000_000)
