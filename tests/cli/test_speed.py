"""A small job costs little more than the libraries it cannot do without."""

from __future__ import annotations

import resource
import subprocess
import sys

# What xarray loads for a pint value in a file, whatever is done with it.
LIBRARIES = """
import dask.array, h5py, netCDF4, pint, xarray
pint.get_application_registry().Quantity(1.0, "degC").to("K")
"""


def _cpu_seconds(*arguments: object) -> float:
    """Processor time, which other work on the machine does not stretch much."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *map(str, arguments)], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)


def test_a_small_job_takes_half_a_second_beside_its_libraries(gfs):
    line = ("gradient", gfs, "-v", "t", "--level", 850, "-o", "out.nc", "--overwrite")
    ours = min(_cpu_seconds("-m", "xnabla", *line) for _ in range(3))
    theirs = min(_cpu_seconds("-c", LIBRARIES) for _ in range(2))
    assert ours < theirs + 0.5


def test_garbage_is_looked_for_once_the_work_has_begun(gfs):
    """Not while modules are loaded; and again before anything is computed."""
    code = f"""
import gc
from xnabla import recipes
from xnabla.cli._session import Session
seen = []
def run(job, progress, checkpoint, *others, **more):
    seen.append(gc.isenabled())
    checkpoint()
    seen.append(gc.isenabled())
recipes.run = run
from xnabla.cli import main
try:
    main(["gradient", {str(gfs)!r}, "-v", "t", "--quiet", "-o", "never.nc"])
except SystemExit:
    pass
assert seen == [False, True], seen
assert gc.isenabled()
"""
    subprocess.run([sys.executable, "-c", code], check=True)
