"""What a program costs its processor: a busy machine makes no test fail."""

import resource
from collections.abc import Callable


def child_seconds(start: Callable[[], object]) -> float:
    """Return the processor time of the processes that a call starts and waits for."""

    def spent() -> float:
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime

    before = spent()
    start()
    return spent() - before
