"""Try a file in a process of its own, with limits, before it is opened in this one.

A few bits wrong in a header make the C libraries crash or loop for ever: of 150 damaged
classic files one ended in a segmentation fault, of 150 HDF5 files one never ended. What
happens to the child is told as a sentence.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from xnabla.errors import FileError, XnablaError, explain
from xnabla.files._path import expanded
from xnabla.files._read import open_one
from xnabla.files._sniff import check_file

if TYPE_CHECKING:
    import os

__all__ = ["probe_file"]

_SECONDS = 20.0
_START = 10.0  # until the interpreter has started and the limits stand
_BYTES = 4 * 2**30

# Larger coordinates are read in part: a child that runs out of time says nothing.
_MOST_VALUES = 4_000_000

# What the child runs: the way to this package, the file, and the limits are its words.
_PROGRAM = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from xnabla.files._probe import run_child; run_child(*sys.argv[2:])"
)


def probe_file(
    path: str | os.PathLike[str],
    *,
    group: str | None = None,
    seconds: float = _SECONDS,
    memory: int = _BYTES,
) -> None:
    """Open a file in a child process, and read its coordinates there.

    Parameters
    ----------
    path : path
        A NetCDF file.
    group : str, optional
        The group of it to open.
    seconds : float
        How long the child may take, by the clock and of the processor.
    memory : int
        Bytes of address space it may have.

    Raises
    ------
    FileError
        If the file cannot be opened, or if the child crashes, hangs, or takes too much.
    """
    check_file(path)
    file = expanded(path).absolute()
    package = str(Path(__file__).parents[2])
    words = [package, str(file), str(path), str(seconds), str(memory), group or ""]
    command = [sys.executable, "-c", _PROGRAM, *words]
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds + _START,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise _hangs(path, seconds) from None
    if done.returncode == 0:
        return
    if done.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        raise _hangs(path, seconds)
    if done.returncode < 0:
        name = signal.Signals(-done.returncode).name
        text = f"File '{path}' is damaged: the NetCDF library crashes on it ({name})"
        raise FileError(explain(text, hint=_AGAIN))
    raise FileError(_told_by(done.stdout, path))


_AGAIN = "copy or download it again, and compare it with the original"


def _hangs(path: str | os.PathLike[str], seconds: float) -> FileError:
    text = (
        f"File '{path}' is damaged: the NetCDF library does not come to an end with it "
        f"in {seconds:g} s"
    )
    return FileError(explain(text, hint=_AGAIN))


def _told_by(said: bytes, path: str | os.PathLike[str]) -> str:
    """Return the sentence of a child that could say one."""
    for line in reversed(said.decode("utf-8", "replace").splitlines()):
        try:
            told = json.loads(line)
        except ValueError:
            continue
        if isinstance(told, dict) and isinstance(told.get("refused"), str):
            return str(told["refused"])
    text = (
        f"File '{path}' cannot be opened: the process that tried ended without a word"
    )
    return explain(text, hint=_AGAIN)


def run_child(
    file: str, named: str, seconds: str, memory: str, group: str = ""
) -> None:
    """Open a file within limits; what is wrong with it goes to standard output."""
    _limit(float(seconds), int(memory))
    try:
        _read(file, group or None)
    except XnablaError as error:
        print(json.dumps({"refused": str(error).replace(file, named)}))  # noqa: T201
        sys.exit(2)
    except MemoryError:
        text = f"File '{named}' needs more memory to be opened than it may have"
        wrong = explain(text, expected=f"{int(memory) / 2**30:.3g} GB at most")
        print(json.dumps({"refused": wrong}))  # noqa: T201
        sys.exit(2)
    except Exception as error:
        text = f"File '{named}' cannot be read: {type(error).__name__}: {error}"
        print(json.dumps({"refused": explain(text, hint=_AGAIN)}))  # noqa: T201
        sys.exit(2)


def _limit(seconds: float, memory: int) -> None:
    try:
        import resource
    except ImportError:  # pragma: no cover - Windows: the clock alone limits
        return
    # one second of grace: SIGXCPU first, SIGKILL if that is not heard
    whole = max(int(seconds), 1)
    resource.setrlimit(resource.RLIMIT_CPU, (whole, whole + 1))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _read(file: str, group: str | None) -> None:
    """Open a file, and touch what grids are read from, and a value of each variable."""
    with open_one(file, group=group) as dataset:
        for coordinate in dataset.coords.values():
            if coordinate.size <= _MOST_VALUES:
                np.asarray(coordinate.variable[...])
        for variable in dataset.data_vars.values():
            if variable.size:
                np.asarray(variable.variable[(0,) * variable.ndim])
