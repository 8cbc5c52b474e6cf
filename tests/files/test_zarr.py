"""A Zarr store is written by many at once, and whole or not at all."""

import os
from pathlib import Path

import dask.array as da
import numpy as np
import pytest
import xarray as xr

from xnabla.errors import FileError
from xnabla.files import open_dataset, save

zarr = pytest.importorskip("zarr")

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def big(field):
    many = xr.concat([field.isel(time=[0]) + k for k in range(12)], "time")
    times = np.arange("2001-02-03", "2001-02-15", dtype="M8[D]").astype("M8[ns]")
    return many.assign_coords(time=times).assign_attrs(field.attrs)


@pytest.mark.parametrize("chunks", [None, {"time": 1}, {"time": 5, "longitude": 7}])
def test_a_store_holds_what_a_file_holds(tmp_path, big, chunks):
    lazy = big if chunks is None else big.chunk(chunks)
    seen = []
    save(lazy, tmp_path / "a.zarr", progress=lambda *step: seen.append(step))
    save(lazy, tmp_path / "a.nc")
    with (
        xr.open_zarr(tmp_path / "a.zarr", chunks=None) as one,
        open_dataset(tmp_path / "a.nc") as other,
    ):
        assert one["t"].dtype == np.float32
        xr.testing.assert_equal(one, other)
        assert one["t"].attrs == other["t"].attrs
        assert one.attrs["Conventions"] == "CF-1.11"
    assert seen[-1][0] == seen[-1][1]
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


def test_an_existing_store_is_replaced_only_when_asked(tmp_path, big):
    path = save(big, tmp_path / "a.zarr")
    with pytest.raises(FileError, match="exists already"):
        save(big + 1, path)
    save((big + 1).chunk({"time": 3}), path, overwrite=True)
    with xr.open_zarr(path, chunks=None) as ds:
        np.testing.assert_array_equal(ds["t"], big + 1)
    assert [file.name for file in tmp_path.iterdir()] == ["a.zarr"]


def test_a_folder_that_is_no_store_is_never_replaced(tmp_path, big):
    (tmp_path / "a.zarr").mkdir()
    (tmp_path / "a.zarr" / "letters.txt").write_text("mine")
    with pytest.raises(FileError, match="is a directory"):
        save(big, tmp_path / "a.zarr", overwrite=True)
    assert (tmp_path / "a.zarr" / "letters.txt").read_text() == "mine"


@pytest.mark.parametrize("there", [False, True])
def test_an_error_on_the_way_leaves_what_was_there(tmp_path, big, there):
    def boom(block, block_info=None):
        if block_info[0]["chunk-location"][0] == 3:
            raise ArithmeticError("boom")
        return block

    if there:
        save(big, tmp_path / "a.zarr")
    source = big.chunk({"time": 1})
    broken = source.copy(data=da.map_blocks(boom, source.data, dtype="f4"))
    with pytest.raises(FileError, match="boom"):
        save(broken, tmp_path / "a.zarr", overwrite=True)
    assert [file.name for file in tmp_path.iterdir()] == ["a.zarr"] * there
    if there:
        with xr.open_zarr(tmp_path / "a.zarr", chunks=None) as ds:
            np.testing.assert_array_equal(ds["t"], big)


def test_workers_of_a_cluster_write_side_by_side(tmp_path, big):
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster),
    ):
        save(big.chunk({"time": 2}) * 2, tmp_path / "a.zarr")
    with xr.open_zarr(tmp_path / "a.zarr", chunks=None) as ds:
        np.testing.assert_array_equal(ds["t"], big * 2)


@pytest.mark.parametrize("cut", [1, 200, "half", "all"])
@pytest.mark.parametrize("chunks", [None, {}])
@pytest.mark.parametrize("codec", ["blosc", "zlib"])
@pytest.mark.parametrize("version", [2, 3])
def test_a_damaged_chunk_is_told_with_the_variable(
    tmp_path, big, version, codec, chunks, cut
):
    """Of Blosc, whatever lies in memory behind the chunk: it reads on into that."""
    import numcodecs
    import zarr

    codecs = {
        (2, "blosc"): {"compressors": numcodecs.Blosc()},
        (2, "zlib"): {"compressors": numcodecs.Zlib()},
        (3, "blosc"): {"compressors": zarr.codecs.BloscCodec()},
        (3, "zlib"): {"compressors": zarr.codecs.GzipCodec()},
    }
    big.to_dataset().to_zarr(
        tmp_path / "a.zarr",
        zarr_format=version,
        encoding={"t": codecs[version, codec]},
        consolidated=version == 2,
    )
    with open_dataset(tmp_path / "a.zarr", chunks=chunks) as ds:
        np.testing.assert_array_equal(ds["t"], big)
    files = [file for file in (tmp_path / "a.zarr" / "t").rglob("*") if file.is_file()]
    chunk = max(files, key=lambda file: file.stat().st_size)
    size = chunk.stat().st_size
    os.truncate(
        chunk, size - cut if isinstance(cut, int) else 0 if cut == "all" else size // 2
    )
    with open_dataset(tmp_path / "a.zarr", chunks=chunks) as ds:
        told = r"Variable 't' of '.*a\.zarr' cannot be read: it is damaged"
        with pytest.raises(FileError, match=told):
            ds["t"].load()


def test_an_interrupt_while_an_old_store_is_replaced_puts_it_back(
    tmp_path, big, monkeypatch
):
    """It lies under another name for a moment, and was removed with that."""
    store = save(big, tmp_path / "out.zarr")
    rename = Path.rename

    def interrupted(self, target):
        if self == store:
            rename(self, target)
        else:
            monkeypatch.setattr(Path, "rename", rename)
            raise KeyboardInterrupt

    monkeypatch.setattr(Path, "rename", interrupted)
    with pytest.raises(KeyboardInterrupt):
        save(big + 1, store, overwrite=True)
    assert [file.name for file in tmp_path.iterdir()] == ["out.zarr"]
    with xr.open_zarr(store, chunks=None) as ds:
        np.testing.assert_array_equal(ds["t"], big)
