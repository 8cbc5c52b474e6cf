"""Libraries that clash: each order of imports ends well, and no reader is guessed.

Row 31 of the table of faults: eccodes and pyproj in one process end in a segmentation
fault, and xarray imports every reader that is installed when it has to guess one.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "sample_data" / "gfs_20110115.nc"
WORK = f"""
import warnings; warnings.simplefilter("ignore")
with xnabla.files.open_dataset({str(SAMPLE)!r}) as ds:
    print(float(abs(xnabla.gradient(ds["t2m"]).magnitude().data.magnitude).max()) > 0)
try:
    xnabla.files.open_dataset({str(Path(__file__))!r})
except xnabla.FileError as error:
    print("refused")
import sys
print(sorted({{"eccodes", "cfgrib", "gribapi", "zarr", "pydap"}} & {{*sys.modules}}))
"""


@pytest.mark.parametrize(
    "imports",
    [
        "import xnabla.files, pyproj, netCDF4, h5py, matplotlib",
        "import h5py, xnabla.files, netCDF4",
        "import netCDF4, h5py, pyproj; import xnabla.files",
        "import pyproj, scipy, numba; import xnabla.files",
    ],
)
def test_any_order_of_imports_ends_well(imports):
    path = os.pathsep.join([str(ROOT / "src"), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-c", f"{imports}\n{WORK}"],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "True\nrefused\n[]\n"
