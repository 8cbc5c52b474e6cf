"""Which tests go over which line: a plugin of pytest that writes it down, and a map.

    python -m coverage run -m pytest -p covering tests/grid

with ``COVERAGE_FILE`` and ``COVERING_TIMES`` in a folder, which is all that `Map` needs.
"""

from __future__ import annotations

import json
import os
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import coverage

_TIMES: dict[str, float] = defaultdict(float)


def _function(nodeid: str) -> str:
    """Return a test without its parameters: 1500 contexts in place of 10 000."""
    return nodeid.split("[", maxsplit=1)[0]


def pytest_runtest_protocol(item: Any) -> None:
    """Have lines written down under the name of the test that comes."""
    measuring = coverage.Coverage.current()
    if measuring is not None:
        measuring.switch_context(_function(item.nodeid))


def pytest_runtest_logreport(report: Any) -> None:
    """Add up the seconds of a test function."""
    _TIMES[_function(report.nodeid)] += report.duration


def pytest_sessionfinish() -> None:
    """Keep the seconds."""
    kept = os.environ.get("COVERING_TIMES") or os.environ.get("TIMES_OUT")
    if kept:
        Path(kept).write_text(json.dumps(_TIMES))


class Map:
    """What tests go over a line, the quickest first.

    Parameters
    ----------
    folders : list of Path
        Each holds files of coverage, and ``times*.json``.
    """

    def __init__(self, folders: list[Path]) -> None:
        began = time.monotonic()
        self.seconds: dict[str, float] = {}
        self._lines: dict[str, dict[int, set[str]]] = {}
        for folder in folders:
            for file in folder.glob("times*.json"):
                self.seconds |= json.loads(file.read_text())
            for file in folder.glob(".coverage*"):
                self._read(file)
        self.took = time.monotonic() - began

    def _read(self, file: Path) -> None:
        data = coverage.CoverageData(str(file))
        data.read()
        for measured in data.measured_files():
            name = measured.split("/src/")[-1]
            lines = self._lines.setdefault(name, {})
            for line, tests in data.contexts_by_lineno(measured).items():
                lines.setdefault(line, set()).update(t for t in tests if t)

    def tests(self, file: str, lines: range, most_seconds: float) -> tuple[str, ...]:
        """Return tests that go over lines; over the file, if those run at import."""
        known = self._lines.get(file, {})
        found = set().union(*(known.get(line, ()) for line in lines))
        if not found:
            found = set().union(*known.values())
        chosen, spent = [], 0.0
        for test in sorted(found, key=lambda t: self.seconds.get(t, 1e9)):
            spent += self.seconds.get(test, 1e9)
            if spent > most_seconds and chosen:
                break
            chosen.append(test)
        return tuple(chosen)
