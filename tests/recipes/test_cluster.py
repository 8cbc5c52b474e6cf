"""A job on a cluster: the same bits, also when a worker dies on the way."""

import os
import signal
from dataclasses import replace

import netCDF4
import numpy as np
import pytest
import xarray as xr
from recipes.making import analysis

from xnabla.errors import FillValueWarning, OptionError
from xnabla.files import open_dataset, save
from xnabla.numerics import DEFAULT_FILL
from xnabla.recipes import Job, run

distributed = pytest.importorskip("distributed")

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def cluster():
    """Two workers, each a process of one thread."""
    import dask

    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 5}),
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as found,
    ):
        yield found


@pytest.fixture
def source(tmp_path):
    """Forty-eight times of an analysis, in chunks of the file."""
    one = analysis()
    many = xr.concat([one.isel(time=[k % 3]) + k for k in range(48)], "time")
    many = many.assign_coords(
        time=np.datetime64("2001-02-03", "ns") + np.arange(48) * np.timedelta64(6, "h")
    )
    for name, variable in many.data_vars.items():
        variable.attrs.update(one[name].attrs)
    path = tmp_path / "source.nc"
    chunks = {"zlib": True, "chunksizes": (1, *many["t"].shape[1:])}
    many[["t", "u", "v"]].to_netcdf(
        path, engine="netcdf4", encoding=dict.fromkeys("tuv", chunks)
    )
    return str(path)


@pytest.fixture
def in_small_blocks(monkeypatch):
    monkeypatch.setattr("xnabla.recipes._memory._LEAST_BLOCK", 20_000)
    monkeypatch.setattr("xnabla.recipes._memory._MOST_BLOCK", 20_000)


def bits(path):
    with netCDF4.Dataset(path) as file:
        file.set_auto_maskandscale(False)
        return {name: v[:].tobytes() for name, v in file.variables.items()}


@pytest.mark.parametrize("operator", ["gradient", "vorticity"])
def test_a_cluster_gives_the_bits_of_one_process(
    cluster, source, tmp_path, in_small_blocks, operator
):
    variable = "t" if operator == "gradient" else None
    job = Job(operator, source, variable, output=str(tmp_path / "one.nc"))
    run(job)
    steps: list[tuple[int, int]] = []
    target = str(tmp_path / "many.nc")
    result = run(
        replace(job, output=target, cluster=cluster.scheduler_address),
        lambda done, total: steps.append((done, total)),
    )
    assert all(part.data.npartitions >= 20 for part in result.data_vars.values())
    assert bits(target) == bits(tmp_path / "one.nc")
    assert steps == sorted(steps)
    assert steps[-1][0] == steps[-1][1]


def test_a_worker_killed_on_the_way_loses_nothing(
    cluster, source, tmp_path, in_small_blocks
):
    job = Job("gradient", source, "t", output=str(tmp_path / "one.nc"))
    run(job)
    with distributed.Client(cluster) as client:
        victims = [*client.run(os.getpid).values()]
    killed = []

    def kill(done, total):
        if not killed and 0 < done < total:
            os.kill(victims[0], signal.SIGKILL)
            killed.append(done)

    target = str(tmp_path / "many.nc")
    run(replace(job, output=target, cluster=cluster.scheduler_address), kill)
    assert killed
    assert bits(target) == bits(tmp_path / "one.nc")


def test_a_client_in_charge_computes_what_is_saved(cluster, source, tmp_path):
    with distributed.Client(cluster), open_dataset(source, chunks={"time": 5}) as ds:
        save(ds[["t"]] + 1.0, tmp_path / "out.nc")
    with open_dataset(source) as ds, open_dataset(tmp_path / "out.nc") as out:
        np.testing.assert_array_equal(out["t"].values, ds["t"].values + 1.0)


def test_what_workers_take_as_missing_is_told_with_the_points(
    cluster, source, tmp_path, in_small_blocks
):
    with netCDF4.Dataset(source, "a") as file:
        plain = file.createVariable("p", "f4", file["t"].dimensions, fill_value=False)
        plain.units = "K"
        plain.set_auto_mask(False)
        values = file["t"][:].filled(np.nan)
        values[7:9, 2:4, 5] = DEFAULT_FILL
        plain[:] = values
    points = np.count_nonzero(values > 9e36)
    target = str(tmp_path / "many.nc")
    job = Job("gradient", source, "p", output=target, command="x")
    with pytest.warns(FillValueWarning, match=f"at {points} of {values.size} points"):
        run(replace(job, cluster=cluster.scheduler_address))
    with open_dataset(target) as out:
        assert "x # 9.96921e+36 in 'p', undeclared" in out.attrs["history"]


def test_an_error_on_a_worker_leaves_no_file(cluster, source, tmp_path):
    def boom(block):
        raise ArithmeticError("boom on a worker")

    with distributed.Client(cluster), open_dataset(source, chunks={"time": 5}) as ds:
        broken = xr.DataArray(
            ds["t"].data.map_blocks(boom, dtype=float), dims=ds["t"].dims, name="t"
        )
        with pytest.raises(OSError, match="boom on a worker"):
            save(broken, tmp_path / "out.nc")
    assert [file.name for file in tmp_path.iterdir()] == ["source.nc"]


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nonsense://", "none.json"])
def test_an_address_where_nobody_answers_is_told(
    source, tmp_path, address, monkeypatch
):
    monkeypatch.setattr("xnabla.recipes._cluster._PATIENCE_S", 1)
    with pytest.raises(OptionError, match=r"No dask scheduler answers.*dask scheduler"):
        run(Job("gradient", source, "t", cluster=address))
    # nobody is in charge of what comes next
    with pytest.raises(ValueError, match="No clients found"):
        distributed.default_client()
