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
