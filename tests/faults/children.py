"""The program in children that may be limited, killed and crash, at a fork's price.

A process that has imported xnabla once, and done nothing with it yet, waits for jobs
and forks one child for each: 10 ms in place of a second. A crash, a hang or a limit
ends the child and nothing else.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_WAITING = """
import json, os, resource, signal, sys
# before the program has begun an interrupt ends a child, and is no exception
signal.signal(signal.SIGINT, signal.SIG_DFL)
for name in ("cli", "files", "recipes", "operators", "numerics", "plot"):
    __import__(f"xnabla.{name}")
import netCDF4, h5py, numpy, xarray, dask.array, numba, matplotlib.figure
import xnabla.numerics._rows_numba
from faults import jobs

for line in sys.stdin:
    job = json.loads(line)
    child = os.fork()
    if child == 0:
        code = 70
        try:
            for kind, most in job["limits"].items():
                resource.setrlimit(getattr(resource, kind), (most, most))
            for number, path in ((1, job["out"]), (2, job["err"])):
                handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
                os.dup2(handle, number)
                os.close(handle)
            os.chdir(job["folder"])
            if job["user"]:
                os.setgroups([])
                os.setgid(job["user"])
                os.setuid(job["user"])
            sys.argv = ["xnabla", *job["arguments"]]
            getattr(jobs, job["name"])(*job["arguments"])
            code = 0
        except SystemExit as leaving:
            code = leaving.code if isinstance(leaving.code, int) else int(
                leaving.code is not None
            )
        except BaseException:
            import traceback

            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    print(json.dumps(child), flush=True)
    _, status = os.waitpid(child, 0)
    print(json.dumps(os.waitstatus_to_exitcode(status)), flush=True)
"""


@dataclass(frozen=True)
class Ending:
    """How a child ended: its exit code, or minus its signal, and what it said."""

    code: int
    out: str
    err: str


class Children:
    """A process that forks the children.

    Parameters
    ----------
    folder : Path
        Where their output is kept.
    """

    def __init__(self, folder: Path, **env: str) -> None:
        self.folder = folder
        tests = Path(__file__).resolve().parents[1]
        path = os.pathsep.join([str(tests), os.environ.get("PYTHONPATH", "")])
        path = os.pathsep.join([str(tests.parent / "src"), path])
        self.parent = subprocess.Popen(
            [sys.executable, "-c", _WAITING],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": path, **env},
        )

    def __enter__(self) -> Children:
        return self

    def __exit__(self, *error: object) -> None:
        self.parent.stdin.close()
        self.parent.wait(timeout=60)
        self.parent.stdout.close()

    def start(
        self,
        name: str,
        *arguments: object,
        folder: Path,
        limits: dict[str, int] | None = None,
        user: int = 0,
    ) -> int:
        """Fork a child that does a job of `faults.jobs`; return its process id."""
        job: dict[str, Any] = {
            "name": name,
            "arguments": [str(one) for one in arguments],
            "folder": str(folder),
            "limits": limits or {},
            "user": user,
            "out": str(self.folder / "out.txt"),
            "err": str(self.folder / "err.txt"),
        }
        self.parent.stdin.write(json.dumps(job) + "\n")
        self.parent.stdin.flush()
        return json.loads(self.parent.stdout.readline())

    def end(self) -> Ending:
        """Wait for the child and return how it ended."""
        code = json.loads(self.parent.stdout.readline())
        said = [
            (self.folder / name).read_text(errors="replace")
            for name in ("out.txt", "err.txt")
        ]
        return Ending(code, *said)

    def do(
        self,
        name: str,
        *arguments: object,
        folder: Path,
        while_it_runs: Callable[[int], object] = lambda pid: None,
        patience_s: float = 120,
        **options: Any,
    ) -> Ending:
        """Do a job to its end; one that hangs is ended by SIGALRM."""
        pid = self.start(name, *arguments, folder=folder, **options)
        watch = threading.Timer(patience_s, kill, [pid, signal.SIGALRM])
        watch.start()
        try:
            while_it_runs(pid)
            return self.end()
        finally:
            watch.cancel()


def kill(pid: int, number: int = signal.SIGKILL) -> None:
    """Send a signal, if there is still someone to send it to."""
    with suppress(ProcessLookupError):
        os.kill(pid, number)
