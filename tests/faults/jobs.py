"""What children are told to do: the program itself, and reading a file to its end."""

from __future__ import annotations

import hashlib
import json


def program(*arguments: str) -> None:
    """Run xnabla as if this had been typed; it leaves with its exit code."""
    import sys

    from xnabla.cli import main

    sys.argv = ["xnabla", *arguments]
    main()  # as the program itself, which ends its process


def stopped_when_in_place(*arguments: str) -> None:
    """Run xnabla, and interrupt it when its file has got its name."""
    import os
    import signal
    from pathlib import Path

    def then_stop(original):
        def call(*args):
            original(*args)
            os.kill(os.getpid(), signal.SIGINT)
            sum(range(1000))  # Python delivers it between two of these

        return call

    Path.hardlink_to = then_stop(Path.hardlink_to)
    Path.replace = then_stop(Path.replace)
    program(*arguments)


def waits_for_ever(how: str, *arguments: str) -> None:
    """Run xnabla, and have it wait for ever just before its file is in place."""
    import contextlib
    import os
    import signal
    import threading
    from pathlib import Path

    def wait(*_where: object) -> None:
        if how == "a thread that has the last word":
            stuck = threading.Thread(target=threading.Event().wait)
            stuck.start()
            os.kill(os.getpid(), signal.SIGINT)
        while True:
            with contextlib.suppress(BaseException):
                os.kill(os.getpid(), signal.SIGINT)
                threading.Event().wait()

    os.fsync = Path.rename = wait
    program(*arguments)


def leaves_no_lock_taken() -> None:
    """Take a lock again and again while signals come; say whether it is free."""
    import _thread
    import os
    import signal
    import threading
    import time

    from xnabla.cli._signals import Signals

    class Lock:
        """As those of numba, LLVM and xarray."""

        def __init__(self) -> None:
            self.lock = threading.RLock()

        def __enter__(self) -> None:
            self.lock.acquire()
            for _ in range(50):
                pass

        def __exit__(self, *_error: object) -> None:
            for _ in range(50):
                pass
            self.lock.release()

    free = []
    for _ in range(40):
        lock = Lock()
        signals = Signals(ends_process=False)

        def send() -> None:
            time.sleep(0.005)
            os.kill(os.getpid(), signal.SIGINT)

        try:
            with signals.watch(lambda: (0, "")):
                _thread.start_new_thread(send, ())
                while True:
                    with lock:
                        sum(range(20))
        except KeyboardInterrupt:
            pass

        def another(lock=lock) -> None:
            free.append(lock.lock.acquire(timeout=0.2))

        thread = threading.Thread(target=another)
        thread.start()
        thread.join()
    print(f"{sum(free)} of {len(free)} locks are free")


def input_changes(other: str, how: str, *arguments: str) -> None:
    """Run xnabla, and change its input when it has been opened."""
    import os
    import shutil
    from pathlib import Path

    from xnabla.recipes import _job

    original, path = _job.pick_inputs, Path(arguments[1])

    def then_change(*args):
        picked = original(*args)
        if how == "cut":
            os.truncate(path, path.stat().st_size * 2 // 3)
        elif how == "overwritten":
            shutil.copyfile(other, path)
        elif how == "replaced":
            Path(other).replace(path)
        else:
            path.unlink()
        return picked

    _job.pick_inputs = then_change
    program(*arguments)


def values(path: str) -> None:
    """Print a sum of each variable's values, or one sentence, and leave with 0 or 2."""
    from xnabla.errors import XnablaError
    from xnabla.files import open_dataset

    try:
        with open_dataset(path) as ds:
            found = {str(name): _sum(v) for name, v in ds.variables.items()}
    except XnablaError as error:
        print("refused", error)
        raise SystemExit(2) from error
    print(json.dumps(found))


def _sum(variable) -> str:
    import numpy as np

    data = np.ascontiguousarray(variable.values)
    if data.dtype.kind in "OU":  # bytes need be no text at all
        data = data.astype("U64")
    said = f"{variable.dims} {data.dtype} {data.shape}".encode()
    return hashlib.sha256(said + data.tobytes()).hexdigest()[:16]


def each(*lines: str) -> None:
    """Run xnabla for lines of words, and print what came of each."""
    import contextlib
    import io

    told = []
    for line in lines:
        out, err = io.StringIO(), io.StringIO()
        code: object = 0
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                program(*json.loads(line))
            except SystemExit as leaving:
                code = leaving.code
        told.append([code, out.getvalue(), err.getvalue()])
    print(json.dumps(told))
