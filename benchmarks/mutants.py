"""Change the source in small ways, and see whether a test notices: who tests the tests.

    python benchmarks/mutants.py --count 150 --seed 0 --report mutants.json

The changes are those of mutmut and cosmic-ray: an operator becomes another, a
comparison includes or excludes its end, a number is off by one, a condition is turned
around, an ``and`` becomes an ``or``. They are drawn from a seed, each line of the three
rooms with the same chance. A mutant is killed when a test fails, or when the tests take
too long.

Files of compiled kernels are tested uncompiled (NUMBA_DISABLE_JIT): kernels are cached
by the file they are in, and those that call into a mutant would be stale.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import copy
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from covering import Map

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("numerics", "grid", "operators")
# What is most likely to notice a change in a file comes first, by a word of its name;
# then what looks at the whole room. A run ends with the first test that fails.
CLOSE = {
    "smooth": ("tests/operators/test_smooth.py", "tests/laws/test_smooth_laws.py"),
    "disc": ("tests/operators/test_smooth.py", "tests/laws/test_smooth_laws.py"),
    "window": ("tests/numerics/test_window.py",),
    "table": ("tests/numerics/test_table.py",),
    "gaps": ("tests/accuracy/test_gaps.py", "tests/laws/test_flow_gaps.py"),
    "missing": ("tests/accuracy/test_gaps.py",),
    "stagger": ("tests/operators/test_stagger.py",),
    "plain": ("tests/operators/test_plain.py",),
    "components": ("tests/operators/test_components.py",),
    "parts": ("tests/operators/test_components.py", "tests/operators/test_together.py"),
    "wind": ("tests/operators/test_wind_frames.py",),
    "balance": ("tests/peers/test_textbook_balance.py",),
    "dynamics": ("tests/peers/test_textbook_balance.py",),
    "thermal": ("tests/peers/test_textbook_balance.py",),
    "pressure": ("tests/accuracy/test_flow_catalogue.py",),
    "flow": ("tests/peers/test_textbook_flow.py",),
    "kinematics": ("tests/peers/test_textbook_flow.py",),
    "deformation": ("tests/peers/test_textbook_flow.py",),
    "catalogue": ("tests/operators/test_catalogue.py",),
    "choices": ("tests/test_options.py", "tests/operators/test_values.py"),
    "dask": ("tests/laws/test_dask.py",),
    "polar": ("tests/accuracy/test_order.py",),
    "globe": ("tests/accuracy/test_order.py", "tests/accuracy/test_flow_order.py"),
    "map": ("tests/grid/test_maps.py", "tests/accuracy/test_grids_agree.py"),
    "earth": ("tests/grid/test_earth.py",),
    "time": ("tests/grid/test_time.py",),
    "show": ("tests/grid/test_show.py",),
    "period": ("tests/grid/test_longitude.py",),
    "criteria": ("tests/grid/test_roles.py",),
    "projection": ("tests/grid/test_maps.py",),
    "places": (
        "tests/grid/test_ocean_grids.py",
        "tests/operators/test_rounded_places.py",
    ),
    "surface": ("tests/grid/test_ocean_grids.py", "tests/grid/test_maps.py"),
}
ROOM = {
    "numerics": (
        "tests/numerics",
        "tests/laws/test_engines.py",
        "tests/laws/test_dtypes.py",
        "tests/accuracy/test_polynomials.py",
    ),
    "grid": ("tests/grid",),
    "operators": (
        "tests/operators/test_values.py",
        "tests/operators/test_components.py",
        "tests/laws/test_algebra.py",
        "tests/laws/test_labels.py",
        "tests/accuracy/test_second.py",
        "tests/laws/test_once_wrong.py",
    ),
}
# small arrays, which interpreted kernels can go over
INTERPRETED = (
    "tests/numerics/test_engines.py",
    "tests/laws/test_engines.py",
    "tests/accuracy/test_gaps.py",
)
# what survives those is tried on all that looks at numbers, where --thorough
THOROUGH = (
    "tests/laws",
    "tests/accuracy",
    "tests/operators",
    "tests/peers",
    "tests/labels",
    "tests/faults/test_real_files.py",
)
_ARITHMETIC = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
    ast.FloorDiv: ast.Div, ast.Mod: ast.FloorDiv, ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.MatMult: ast.Mult,
}  # fmt: skip
_COMPARISONS = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
    ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip


@dataclass
class Mutant:
    """One change: where, from what, to what; and what came of it."""

    file: str
    line: int
    before: str
    after: str
    outcome: str = ""
    by: str = ""
    seconds: float = 0.0
    first: int = 0
    last: int = 0
    tests: int = 0


def changes(node: ast.AST) -> Iterator[ast.AST]:
    """Give what a node could become."""
    if isinstance(node, ast.BinOp) and type(node.op) in _ARITHMETIC:
        made = copy.deepcopy(node)
        made.op = _ARITHMETIC[type(node.op)]()
        yield made
    elif isinstance(node, ast.Compare) and type(node.ops[0]) in _COMPARISONS:
        made = copy.deepcopy(node)
        made.ops[0] = _COMPARISONS[type(node.ops[0])]()
        yield made
    elif isinstance(node, ast.BoolOp):
        made = copy.deepcopy(node)
        made.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield made
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.USub):
        yield copy.deepcopy(node.operand)
    elif isinstance(node, ast.Constant) and type(node.value) in (int, float):
        yield ast.Constant(node.value + 1)
    elif isinstance(node, ast.Constant) and type(node.value) is bool:
        yield ast.Constant(not node.value)
    elif isinstance(node, ast.IfExp):
        made = copy.deepcopy(node)
        made.body, made.orelse = made.orelse, made.body
        yield made


def possible(tree: ast.Module) -> list[tuple[int, ast.AST, ast.AST]]:
    """Return every change of a file: line, old node, new node; types are left alone."""
    passive: set[int] = set()
    for node in ast.walk(tree):
        hints = [getattr(node, "annotation", None), getattr(node, "returns", None)]
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            hints.append(node)
        for hint in hints:
            if hint is not None:
                passive |= {id(part) for part in ast.walk(hint)}
    return [
        (node.lineno, node, new)
        for node in ast.walk(tree)
        if id(node) not in passive and hasattr(node, "lineno")
        for new in changes(node)
    ]


def _statement(tree: ast.Module, inner: ast.AST) -> tuple[int, int]:
    """Return the first and the last line of the smallest statement around a node.

    Of one that has a block, the head only.
    """
    best: ast.stmt | None = None
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.stmt)
            and any(part is inner for part in ast.walk(node))
            and (best is None or node.lineno >= best.lineno)
        ):
            best = node
    if best is None:
        return inner.lineno, inner.lineno
    body = getattr(best, "body", None)
    last = body[0].lineno - 1 if body else best.end_lineno or best.lineno
    return best.lineno, max(last, best.lineno)


class _Replace(ast.NodeTransformer):
    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        """Put the new node in the place of the old one."""
        if node is self.old:
            return ast.copy_location(self.new, node)
        return super().generic_visit(node)


def drawn(source: Path, count: int, seed: int, match: str) -> list[tuple[Mutant, str]]:
    """Draw lines that can change, and of each one change; with the changed source."""
    lines = []
    for room in ROOMS:
        for file in sorted((source / "xnabla" / room).glob(match)):
            tree = ast.parse(file.read_text())
            found = {line for line, _, _ in possible(tree)}
            lines += [(file, line) for line in sorted(found)]
    rng = random.Random(seed)
    result = []
    for file, line in sorted(rng.sample(lines, count)):
        tree = ast.parse(file.read_text())
        here = [(old, new) for at, old, new in possible(tree) if at == line]
        old, new = rng.choice(here)
        first, last = _statement(tree, old)
        mutant = Mutant(
            str(file.relative_to(source)), line, ast.unparse(old), ast.unparse(new)
        )
        mutant.first, mutant.last = first, last
        tree = ast.fix_missing_locations(_Replace(old, new).visit(tree))
        result.append((mutant, ast.unparse(tree)))
    rng.shuffle(result)
    return result


def _in_a_child(tests: tuple[str, ...], repo: Path, out: int, *, jit: bool) -> None:
    os.setsid()
    os.chdir(repo)
    os.environ["PYTHONPATH"] = str(repo / "src")
    os.environ["NUMBA_DISABLE_JIT"] = str(int(not jit))
    sys.path.insert(0, str(repo / "src"))
    os.dup2(out, 1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    sys.dont_write_bytecode = True
    import numba
    import pytest

    # it was imported before the environment said so
    numba.config.DISABLE_JIT = int(not jit)

    options = ["-x", "-q", "-p", "no:cacheprovider", "--no-header", "--tb=no"]
    # the parent has imported some plugins already, and their asserts are not ours
    options += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]
    if not jit:
        # interpreted, infinities warn; compiled code has no such warnings
        options += ["-W", "ignore::RuntimeWarning"]
    code = pytest.main([*options, *tests])
    sys.stdout.flush()
    os._exit(int(code))


def run(tests: tuple[str, ...], repo: Path, timeout: float, *, jit: bool) -> tuple:
    """Run tests in a fork, which has imported nothing of the project before."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            _in_a_child(tests, repo, writing, jit=jit)
        except BaseException:
            traceback.print_exc(file=sys.stdout)
        finally:
            sys.stdout.flush()
            os._exit(71)
    os.close(writing)
    began, text = time.monotonic(), ""
    os.set_blocking(reading, False)
    while True:
        with contextlib.suppress(BlockingIOError):
            text += os.read(reading, 65536).decode(errors="replace")
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            code = os.waitstatus_to_exitcode(status)
            break
        if time.monotonic() - began > timeout:
            os.killpg(child, signal.SIGKILL)
            os.waitpid(child, 0)
            code = -9
            break
        time.sleep(0.05)
    with contextlib.suppress(BlockingIOError):
        text += os.read(reading, 65536).decode(errors="replace")
    os.close(reading)
    failed = [
        line for line in text.splitlines() if line.startswith(("FAILED", "ERROR"))
    ]
    by = failed[0].split(" - ")[0] if failed else ""
    return code, by, time.monotonic() - began, text


def main() -> None:
    """Draw mutants, run the tests on each, and report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=150)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--timeout", type=float, default=240)
    parser.add_argument("--thorough", action="store_true")
    parser.add_argument("--only", help="file:line of one mutant")
    parser.add_argument("--match", default="*.py", help="names of the files to change")
    parser.add_argument("--tests", nargs="+", help="these tests in place of ours")
    parser.add_argument("--report", type=Path, default=Path("mutants.json"))
    parser.add_argument(
        "--covered", nargs="+", type=Path, help="folders that `covering` has filled"
    )
    asked = parser.parse_args()
    # what each child would import anew; xnabla it must import itself
    for heavy in (
        "numpy", "scipy.special", "pandas", "xarray", "pint", "netCDF4", "h5py",
        "dask.array", "pytest", "hypothesis", "numba", "pyproj", "matplotlib.figure",
        "cftime", "distributed", "metpy.calc", "cf_xarray",
    ):  # fmt: skip
        with contextlib.suppress(ImportError):
            __import__(heavy)
    covering = Map(asked.covered) if asked.covered else None

    with tempfile.TemporaryDirectory() as folder:
        repo = Path(folder) / "repo"
        shutil.copytree(ROOT, repo, ignore=shutil.ignore_patterns(".git", ".venv"))
        (Path(folder) / "shared").symlink_to((ROOT.parent / "shared").resolve())
        source = repo / "src"
        mutants = drawn(source, asked.count, asked.seed, asked.match)
        if asked.only:
            mutants = [
                m
                for m in mutants
                if f"{m[0].file}:{m[0].line}" in asked.only.split(",")
            ]
        for k, (mutant, text) in enumerate(mutants):
            file = source / mutant.file
            room = mutant.file.split("/")[1]
            before, times = file.read_text(), file.stat()
            file.write_text(text)
            jit = "_numba" not in file.name
            close = [t for word, t in CLOSE.items() if word in file.stem]
            tests = tuple(dict.fromkeys([*sum(close, ()), *ROOM[room]]))
            tests = tuple(asked.tests or (tests if jit else INTERPRETED))
            if covering is not None:
                lines = range(mutant.first, mutant.last + 1)
                tests = covering.tests(mutant.file, lines, asked.timeout)
                mutant.tests = len(tests)
            # pytest without a test to run would run them all
            code, mutant.by, mutant.seconds, said = (
                run(tests, repo, 3 * asked.timeout, jit=jit)
                if tests
                else (0, "", 0.0, "no test goes over this file")
            )
            if code == 0 and tests and covering is not None:
                # what is kept for the next call is gone over by one test alone
                tests = covering.tests(mutant.file, range(0), 3 * asked.timeout)
                code, mutant.by, more, said = run(
                    tests, repo, 6 * asked.timeout, jit=jit
                )
                mutant.seconds += more
                mutant.tests += len(tests)
            if code == 0 and asked.thorough:
                code, mutant.by, more, said = run(
                    THOROUGH if jit else ("tests/laws/test_rows.py",),
                    repo,
                    4 * asked.timeout,
                    jit=jit,
                )
                mutant.seconds += more
            file.write_text(before)
            os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
            # 2: what is imported fails already; others say that pytest itself failed
            outcomes = {0: "survived", 1: "killed", 2: "killed", -9: "timeout"}
            died = f"died ({code})" if code < 0 else f"not tried ({code})"
            mutant.outcome = outcomes.get(code, died)
            print(k, mutant, "" if mutant.by else said[-300:], flush=True)
            asked.report.write_text(
                json.dumps([asdict(m) for m, _ in mutants[: k + 1]], indent=1)
            )
    tried = [m for m, _ in mutants if not m.outcome.startswith("not tried")]
    left = sum(m.outcome == "survived" for m in tried)
    print(f"{len(tried) - left} of {len(tried)} killed")


if __name__ == "__main__":
    main()
