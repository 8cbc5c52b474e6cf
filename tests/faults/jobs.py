"""What children are told to do: the program itself, and reading a file to its end."""

from __future__ import annotations

import hashlib
import json


def program(*arguments: str) -> None:
    """Run xnabla as if this had been typed; it leaves with its exit code."""
    from xnabla.cli import main

    main(list(arguments))


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
