"""A worker that dies at every attempt: it is told, and the old file stays."""

from __future__ import annotations

import os

import dask.array as da
import numpy as np
import pytest
import xarray as xr
from faults.conftest import leftovers

from xnabla.errors import FileError
from xnabla.files import save

distributed = pytest.importorskip("distributed")

pytestmark = pytest.mark.filterwarnings("ignore")


def test_a_block_that_kills_every_worker_is_given_up(tmp_path):
    import dask

    def die(block, block_info=None):
        if block_info[0]["chunk-location"][0] == 2:
            os._exit(1)
        return block

    lazy = da.ones((4, 20, 20), chunks=(1, 20, 20)).map_blocks(
        die, dtype=float, meta=np.empty((0, 0, 0))
    )
    field = xr.DataArray(lazy, dims=("t", "y", "x"), name="v")
    target = tmp_path / "out.nc"
    target.write_bytes(b"old")
    with (
        dask.config.set(
            {
                "distributed.scheduler.allowed-failures": 0,
                "distributed.comm.timeouts.connect": "5s",
            }
        ),
        distributed.LocalCluster(
            n_workers=1, threads_per_worker=1, processes=True, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster),
        pytest.raises(FileError) as caught,
    ):
        save(field, target, overwrite=True)
    text = str(caught.value)
    assert "'" + str(target) + "' was not written" in text
    assert "worker" in text
    assert "\n" not in text
    assert target.read_bytes() == b"old"
    assert leftovers(tmp_path) == []
