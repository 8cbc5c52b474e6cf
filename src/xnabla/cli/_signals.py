"""Signals end the program: where that is safe, and at once if nothing else helps."""

from __future__ import annotations

import _thread
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from xnabla._unfinished import remove_unfinished

# how long a program that was told to stop may take to unwind
_PATIENCE_S = 5.0
_AGAIN_S = 0.05

# What is raised within these, after a lock was taken and before anyone is bound to give
# it back, leaves it taken for ever: of 250 interrupts of a small job one ended so, with
# a worker that waited for LLVM.
_FRAGILE = frozenset(
    {"__enter__", "__exit__", "__del__", "acquire", "release", "enter_context"}
)
_DEPTH = 3

# It has not said yet who frees what it has just made: of 3000 interrupts one ended in a
# segmentation fault, on the way out.
_OWNERS = "llvmlite."


@dataclass(slots=True)
class Signals:
    """Whether the program has been told to stop.

    A signal raises, so that everything unwinds and nothing half stays. But libraries
    that call back from C lose what is raised while they work (of 8 interrupts of a run
    on 160 MB, 6 were lost), so it is remembered as well, and raised again at the next
    checkpoint. It is raised once: what cleans up is not interrupted. And a program that
    has not ended after some seconds, as a thread of it waits for another, is left.
    """

    ends_process: bool = True
    number: int = 0
    raised: bool = False
    is_over: bool = False
    leaving: _thread.LockType = field(default_factory=_thread.allocate_lock)

    @contextmanager
    def watch(self, leave: Callable[[], tuple[int, str]]) -> Iterator[None]:
        """Make signals that end a program unwind it like an exception.

        Where one comes in a callback of a library, or leaves something half done that
        is cleaned up later, Python prints a traceback and goes on: nothing is printed,
        and the next checkpoint raises it.

        Parameters
        ----------
        leave : callable
            Gives the exit code and the last sentence of a program that does not unwind.
        """

        def stop(number: int, frame: Any) -> None:
            if self.is_over:
                return  # the program is leaving, and has said with what code
            if not self.number:
                self.number = number
                _thread.start_new_thread(self._insist, (leave,))  # takes no lock
            if not self.raised and not _is_fragile(frame):
                self.checkpoint()

        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), stop)
        before = sys.unraisablehook

        def forgotten(found: Any) -> None:
            if not self.number:
                before(found)

        sys.unraisablehook = forgotten
        try:
            yield
        finally:
            self.is_over = True
            if not self.number:
                sys.unraisablehook = before

    def checkpoint(self) -> None:
        """Stop here if a signal has come.

        Raises
        ------
        KeyboardInterrupt, SystemExit
        """
        if not self.number:
            return
        self.raised = True
        if self.number == signal.SIGINT:
            raise KeyboardInterrupt
        raise SystemExit(128 + self.number)

    def last_word(self) -> bool:
        """Tell whether the caller is the one that leaves, of the two that may."""
        return self.leaving.acquire(blocking=False)

    def _insist(self, leave: Callable[[], tuple[int, str]]) -> None:
        """See to it, in a thread, that the program comes to an end."""
        end = time.monotonic() + _PATIENCE_S
        while time.monotonic() < end and not self.is_over:
            time.sleep(_AGAIN_S)
            if not (self.raised or self.is_over):
                _tell_again(self.number)
        if not self.ends_process:
            return
        if self.is_over:
            time.sleep(_PATIENCE_S)  # it may wait for its threads, and one for ever
        if self.is_over or self.last_word():
            remove_unfinished()
            code, sentence = leave()
            with suppress(OSError):
                # not through a stream that somebody may hold
                os.write(2, b"" if self.is_over else sentence.encode())
            os._exit(code)


def _is_fragile(frame: Any) -> bool:
    """Tell whether what is raised here is lost, or leaves a lock taken."""
    depth = 0
    while frame is not None:
        name = frame.f_code.co_name
        if name == "__del__" or (depth < _DEPTH and name in _FRAGILE):
            return True
        if str(frame.f_globals.get("__name__")).startswith(_OWNERS):
            return True
        frame, depth = frame.f_back, depth + 1
    return False


def _tell_again(number: int) -> None:
    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(threading.main_thread().ident or 0, number)
    else:  # pragma: no cover - Windows
        signal.raise_signal(number)
