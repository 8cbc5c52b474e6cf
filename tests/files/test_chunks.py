"""Chunks inflated and deflated here give the bits the NetCDF library gives."""

import shutil
import subprocess
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import dask.array as da
import h5py
import netCDF4
import numpy as np
import pytest
import xarray as xr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xnabla.errors import FileError
from xnabla.files import _chunked, _engine, open_dataset, save
from xnabla.files._deflate import deflated, inflated
from xnabla.files._lock import LIBRARY


@pytest.fixture(autouse=True)
def all_chunks_are_large(monkeypatch):
    """Have small chunks of small fields read in threads too."""
    monkeypatch.setattr(_engine, "_LEAST_CHUNK_BYTES", 1)


@pytest.fixture
def reads(monkeypatch):
    """Count what is answered from chunks, and what the library has to answer."""
    seen = {"chunks": 0, "library": 0}
    whole = _engine._Chunked._from_chunks

    def count(self, key):
        found = whole(self, key)
        seen["library" if found is None else "chunks"] += 1
        return found

    monkeypatch.setattr(_engine._Chunked, "_from_chunks", count)
    return seen


def make(path, values, *, chunks, dims=None, fill=None, attrs=None, **options):
    """Write a variable ``v`` by the library, as anybody would."""
    options = {"zlib": True, "complevel": 1, "shuffle": True, **options}
    with netCDF4.Dataset(path, "w") as file:
        for k, size in enumerate(dims or values.shape):
            file.createDimension(f"d{k}", size)
        names = tuple(f"d{k}" for k in range(values.ndim))
        v = file.createVariable(
            "v", values.dtype, names, chunksizes=chunks, fill_value=fill, **options
        )
        v.setncatts(attrs or {})
        v.set_auto_maskandscale(False)
        v[:] = values
    return path


def by_library(path, key=..., name="v"):
    with xr.open_dataset(path, engine="netcdf4", decode_times=False) as ds:
        return ds[name][key].values


def same(found, expected):
    """Tell the same bits: the dtype, its byte order, NaN and the sign of zero too."""
    assert found.dtype == expected.dtype
    assert found.dtype.byteorder == expected.dtype.byteorder
    assert found.shape == expected.shape
    assert found.tobytes() == expected.tobytes()


KINDS = ["i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("shuffle", [True, False])
def test_every_kind_of_number_has_the_library_s_bits(
    tmp_path, reads, kind, order, shuffle
):
    bits = np.random.default_rng(3).integers(0, 256, 5 * 7 * 9 * int(kind[1]), "u1")
    values = bits.view(kind).reshape(5, 7, 9)
    endian = {"<": "little", ">": "big"}[order]
    with warnings.catch_warnings():  # the library's, of what it is asked to do
        warnings.simplefilter("ignore")
        path = make(
            tmp_path / "a.nc", values, chunks=(2, 3, 4), shuffle=shuffle, endian=endian
        )
    with h5py.File(path) as file:
        assert file["v"].dtype == values.dtype.newbyteorder(order)
    with open_dataset(path) as ds:
        # tables of integers and corners of maps are looked at on opening, for fills
        reads.update(chunks=0, library=0)
        same(ds["v"].values, by_library(path))
    assert reads == {"chunks": 1, "library": 0}


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_any_part_of_any_chunks_has_the_library_s_bits(tmp_path, data):
    shape = tuple(data.draw(st.lists(st.integers(1, 9), min_size=1, max_size=3)))
    chunks = tuple(data.draw(st.integers(1, size)) for size in shape)
    values = np.random.default_rng(0).normal(size=shape).astype("f4")
    path = make(tmp_path / "a.nc", values, chunks=chunks)
    key = []
    for size in shape:
        start = data.draw(st.integers(0, size - 1))
        if data.draw(st.booleans()):
            key.append(start)
        else:
            stop = data.draw(st.integers(start + 1, size))
            key.append(slice(start, stop, data.draw(st.integers(1, 3))))
    with open_dataset(path) as ds:
        found = ds["v"][tuple(key)].values
    same(found, by_library(path, tuple(key)))
    assert found.tolist() == values[tuple(key)].tolist()


@pytest.mark.parametrize(
    "key", [np.array([4, 1, 1]), slice(None, None, -1), np.array([True, False] * 3)]
)
def test_odd_indices_are_the_library_s_to_answer(tmp_path, key):
    path = make(tmp_path / "a.nc", np.arange(24.0).reshape(6, 4), chunks=(2, 4))
    with open_dataset(path) as ds:
        same(ds["v"][key].values, by_library(path, key))


def test_packed_numbers_are_unpacked_as_ever(tmp_path, reads):
    values = np.arange(-60, 60, dtype="i2").reshape(10, 12)
    values[2, 3] = -999
    attrs = {"scale_factor": np.float32(0.01), "add_offset": 273.15}
    path = make(tmp_path / "a.nc", values, chunks=(4, 5), fill=-999, attrs=attrs)
    with open_dataset(path) as ds:
        same(ds["v"].values, by_library(path))
        assert np.isnan(ds["v"].values[2, 3])
    assert reads["library"] == 0


def test_unsigned_bytes_in_signed_ones_are_read_as_ever(tmp_path):
    values = np.arange(-128, 112, dtype="i1").reshape(12, 20)
    path = make(tmp_path / "a.nc", values, chunks=(5, 7), attrs={"_Unsigned": "true"})
    with open_dataset(path) as ds:
        same(ds["v"].values, by_library(path))


@pytest.mark.filterwarnings("ignore::xnabla.FillValueWarning")
@pytest.mark.parametrize("fill", [None, -7.5, np.nan, False])
def test_chunks_that_were_never_written_are_filled(tmp_path, fill):
    path = tmp_path / "a.nc"
    with netCDF4.Dataset(path, "w") as file:
        for name, size in (("t", None), ("x", 10)):
            file.createDimension(name, size)
        kinds = {"zlib": True, "chunksizes": (2, 4)}
        v = file.createVariable("v", "f4", ("t", "x"), fill_value=fill, **kinds)
        w = file.createVariable("w", "f4", ("t", "x"), **kinds)
        v[0:2, 0:4] = 1.0
        v[6:7, 8:10] = 2.0
        w[0:9, :] = 3.0  # the dimension grows beyond v
    with open_dataset(path) as ds:
        assert ds["v"].shape == (9, 10)
        assert ds["v"].values[0, 0] == 1.0
        if fill is not False:  # what was not to be filled is anything
            expected = by_library(path)
            if fill is None:  # the library's own fill, which nobody declared
                expected[expected == netCDF4.default_fillvals["f4"]] = np.nan
            same(ds["v"].values, expected)
        same(ds["w"].values, by_library(path, name="w"))


def test_a_variable_with_the_name_of_another_s_dimension(tmp_path):
    path = tmp_path / "a.nc"
    with netCDF4.Dataset(path, "w") as file:
        file.createDimension("x", 6)
        file.createDimension("y", 6)
        v = file.createVariable("x", "f4", ("y",), zlib=True, chunksizes=(4,))
        v[:] = np.arange(6)
    with open_dataset(path) as ds:
        same(ds["x"].values, by_library(path, name="x"))


@pytest.mark.parametrize(
    "options",
    [
        {"fletcher32": True},
        {"zlib": False},
        {"zlib": False, "compression": "zstd"},
        {"zlib": False, "compression": "bzip2"},
        {"zlib": False, "compression": "blosc_lz4", "blosc_shuffle": 1},
        {"zlib": False, "compression": "szip"},
    ],
)
def test_other_filters_are_the_library_s_to_undo(tmp_path, reads, options):
    values = np.repeat(np.arange(40, dtype="f4"), 128).reshape(40, 128)
    try:
        path = make(tmp_path / "a.nc", values, chunks=(16, 128), **options)
    except (RuntimeError, ValueError) as error:
        pytest.skip(f"this NetCDF library does not have it: {error}")
    with open_dataset(path) as ds:
        same(ds["v"].values, by_library(path))
        assert (ds["v"].values == values).all()
    assert reads["chunks"] == 0


@pytest.mark.parametrize("form", ["NETCDF3_CLASSIC", "NETCDF3_64BIT_DATA"])
def test_classic_files_are_the_library_s_to_read(tmp_path, reads, form):
    xr.Dataset({"v": ("x", np.arange(9.0))}).to_netcdf(
        tmp_path / "a.nc", format=form, engine="netcdf4"
    )
    with open_dataset(tmp_path / "a.nc") as ds:
        assert ds["v"].values.tolist() == [*range(9)]
    assert reads == {"chunks": 0, "library": 0}


def test_text_flags_and_values_of_other_kinds_are_read_as_ever(tmp_path):
    path = tmp_path / "a.nc"
    with netCDF4.Dataset(path, "w") as file:
        file.createDimension("x", 4)
        enum = file.createEnumType("u1", "kinds", {"no": 0, "yes": 1})
        options = {"zlib": True, "chunksizes": (2,)}
        file.createVariable("flag", enum, ("x",), fill_value=0, **options)[:] = 1
        letters = file.createVariable("letters", "S1", ("x",), **options)
        letters[:] = np.array([*"abcd"], "S1")
        words = file.createVariable("words", str, ("x",))
        words[:] = np.array(["one", "two", "three", "four"], object)
    for name in ("flag", "letters", "words"):
        with open_dataset(path) as ds:
            found, expected = ds[name].values, by_library(path, name=name)
        assert found.dtype == expected.dtype
        assert found.tolist() == expected.tolist()


def test_a_damaged_chunk_is_an_error_and_not_numbers(tmp_path):
    values = np.random.default_rng(1).normal(size=(6, 800))
    path = make(tmp_path / "a.nc", values, chunks=(6, 400))
    with h5py.File(path) as file:
        where = file["v"].id.get_chunk_info(1)
    with path.open("r+b") as stream:
        stream.seek(where.byte_offset + where.size // 2)
        stream.write(b"\xff" * 40)
    with open_dataset(path) as ds, pytest.raises(FileError, match=r"'v'.*damaged"):
        ds["v"].load()


def test_a_file_put_in_the_place_of_an_open_one_is_not_mixed_with_it(tmp_path):
    path = make(tmp_path / "a.nc", np.zeros((8, 8)), chunks=(4, 4))
    make(tmp_path / "b.nc", np.ones((8, 8)), chunks=(4, 4))
    with open_dataset(path) as ds:
        (tmp_path / "b.nc").replace(path)
        assert (ds["v"].values == 0.0).all()


def test_small_parts_of_large_chunks_are_left_to_the_library_s_memory(tmp_path, reads):
    path = make(tmp_path / "a.nc", np.arange(64.0).reshape(8, 8), chunks=(8, 8))
    with open_dataset(path) as ds:
        reads.update(chunks=0, library=0)
        for row in range(8):
            same(ds["v"][row].values, by_library(path, row))
    assert reads == {"chunks": 0, "library": 8}


def test_many_threads_read_at_once(tmp_path):
    values = np.random.default_rng(1).normal(size=(40, 30, 30)).astype("f4")
    path = make(tmp_path / "a.nc", values, chunks=(1, 30, 30))
    with open_dataset(path) as ds, ThreadPoolExecutor(8) as pool:
        parts = list(pool.map(lambda k: ds["v"][k : k + 4].values, range(36)))
        lazy = ds["v"].chunk({"d0": 3, "d1": 11}).data.compute()
    assert all((part == values[k : k + 4]).all() for k, part in enumerate(parts))
    assert (lazy == values).all()


def test_an_array_that_went_to_another_process_reads_the_same(tmp_path):
    import pickle

    values = np.arange(64.0).reshape(8, 8)
    path = make(tmp_path / "a.nc", values, chunks=(4, 4))
    with open_dataset(path) as ds:
        assert ds["v"].sum() > 0  # it has found out where chunks lie
    with open_dataset(path) as ds:
        other = pickle.loads(pickle.dumps(ds))
        assert (other["v"].values == values).all()


# --- writing ---------------------------------------------------------------------


def header(path):
    """Return what ncdump says of a file, its own name and history left out."""
    done = subprocess.run(
        ["ncdump", "-hs", path], capture_output=True, text=True, check=True
    )
    lines = done.stdout.splitlines()[1:]
    return [line for line in lines if ":history" not in line]


def through_library(ds, path, monkeypatch):
    """Save with no chunk of ours."""
    with monkeypatch.context() as patch:
        patch.setattr("xnabla.files._store.is_for_chunks", lambda encoding: False)
        save(ds, path)


@pytest.mark.parametrize("kind", ["f4", "f8", ">f4", "f2"])
@pytest.mark.parametrize("lazy", [None, {"t": 2}, {"t": 3, "y": 17, "x": 20}, 7])
@pytest.mark.parametrize("grows", [True, False])
def test_the_file_is_the_library_s_but_for_how_it_was_deflated(
    tmp_path, monkeypatch, kind, lazy, grows
):
    values = np.random.default_rng(2).normal(size=(5, 37, 41)).astype(kind)
    values[1, 2, 3] = np.nan
    times = np.arange("2001-01-01", "2001-01-06", dtype="datetime64[D]")
    ds = xr.Dataset(
        {
            "a": (("t", "y", "x"), values, {"units": "K"}),
            "b": (("t", "x"), values[:, 0].astype("f8")),
            "c": (("t", "y", "x"), np.arange(values.size).reshape(values.shape)),
        },
        {
            "t": times.astype("datetime64[ns]"),
            "name": ("x", [f"x{k}" for k in range(41)]),
        },
    )
    ds.encoding["unlimited_dims"] = {"t"} if grows else set()
    ds = ds if lazy is None else ds.chunk(lazy)
    save(ds, tmp_path / "a.nc")
    through_library(ds, tmp_path / "b.nc", monkeypatch)
    if shutil.which("ncdump"):
        assert header(tmp_path / "a.nc") == header(tmp_path / "b.nc")
    with (
        netCDF4.Dataset(tmp_path / "a.nc") as a,
        netCDF4.Dataset(tmp_path / "b.nc") as b,
    ):
        assert [*a.variables] == [*b.variables]
        for name in a.variables:
            one, other = a[name], b[name]
            one.set_auto_mask(False)
            other.set_auto_mask(False)
            assert one.shape == other.shape
            if one.dtype is str:
                assert one[:].tolist() == other[:].tolist()
            else:
                assert one[:].tobytes() == other[:].tobytes()


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_any_dask_chunks_arrive(tmp_path, data):
    shape = tuple(data.draw(st.integers(1, 60)) for _ in range(2))
    sizes = [data.draw(st.lists(st.integers(1, n), min_size=1)) for n in shape]
    values = np.random.default_rng(0).normal(size=shape)
    chunks = []
    for n, own in zip(shape, sizes, strict=True):
        ends = sorted({min(n, int(e)) for e in np.cumsum(own)} | {n})
        chunks.append(tuple(int(e) for e in np.diff([0, *ends])))
    lazy = xr.DataArray(da.from_array(values, chunks=tuple(chunks)), dims=("y", "x"))
    save(lazy.rename("v"), tmp_path / "a.nc", overwrite=True)
    same(by_library(tmp_path / "a.nc"), values)


def test_many_threads_save_and_read_at_once(tmp_path, field):
    def both(k):
        path = save(field.chunk({"time": 1}) + k, tmp_path / f"{k}.nc")
        with open_dataset(path) as ds:
            return bool((ds["t"].fillna(0) == (field + k).fillna(0)).all())

    with ThreadPoolExecutor(6) as pool:
        assert all(pool.map(both, range(12)))
    assert threading.active_count() < 20


def test_a_chunk_is_put_by_one_thread_of_the_library(tmp_path):
    """h5py < 3.16 left its own lock open here: "ring type mismatch", or a crash."""
    from h5py._objects import phil

    from xnabla.files._direct import DirectTarget
    from xnabla.files._in_order import InOrder

    free = []

    def other():
        if phil.acquire(blocking=False):
            free.append(True)
            phil.release()

    def put(place, packed):
        with ThreadPoolExecutor(1) as pool:
            pool.submit(other).result()

    with h5py.File(tmp_path / "a.nc", "w") as file:
        dataset = file.create_dataset(
            "v", (4,), "f4", chunks=(4,), shuffle=True, compression=1
        )
        target = DirectTarget(
            "v", dataset, None, lambda n: None, InOrder(lambda k, p: None, tmp_path)
        )
        target.dataset = SimpleNamespace(id=SimpleNamespace(write_direct_chunk=put))
        target.put((0,), b"")
    assert not free


def test_a_file_is_closed_by_one_thread_of_the_library(tmp_path, field):
    """xarray 2025.11 closed it under a lock of its own: a segmentation fault."""
    ds = open_dataset(save(field, tmp_path / "a.nc"))
    with LIBRARY:
        closing = threading.Thread(target=ds.close)
        closing.start()
        closing.join(0.3)
        assert closing.is_alive()
    closing.join(10)
    assert not closing.is_alive()


def test_lazy_fields_of_one_source_are_computed_together(tmp_path):
    """The one that is too small to be deflated does not compute the other again."""
    calls = []

    def note(block):
        calls.append(1)
        return block

    source = da.zeros((40, 40), chunks=10).map_blocks(note, dtype=float)
    calls.clear()
    ds = xr.Dataset(
        {"large": (("y", "x"), source), "small": ("y", source[:, 0].astype("i4"))}
    )
    save(ds, tmp_path / "a.nc")
    assert len(calls) == 16


HAS = {
    "zstd": netCDF4.__has_zstandard_support__,
    "blosc": netCDF4.__has_blosc_support__,
}


@pytest.mark.parametrize(
    "compression",
    [
        pytest.param(
            name, marks=pytest.mark.skipif(not there, reason=f"NetCDF without {name}")
        )
        for name, there in HAS.items()
    ],
)
def test_other_compressions_by_option(tmp_path, field, compression):
    big = xr.concat([field] * 3, "time").assign_coords(
        time=np.arange("2001-01", "2001-07", dtype="datetime64[M]").astype("M8[ns]")
    )
    path = save(big, tmp_path / "a.nc", compression=compression)
    with netCDF4.Dataset(path) as file:
        filters = file["t"].filters()
    assert filters[compression]
    assert not filters["zlib"]
    with open_dataset(path) as ds:
        same(ds["t"].values, big.values)


def test_an_unknown_compression_is_refused(tmp_path, field):
    with pytest.raises(FileError, match=r"deflate.*zstd.*blosc.*lzma"):
        save(field, tmp_path / "a.nc", compression="lzma")
    assert not (tmp_path / "a.nc").exists()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shuffle", [True, False])
def test_chunks_are_what_zlib_makes_of_them(kind, shuffle):
    import zlib

    values = np.arange(50, dtype=kind).reshape(5, 10)
    packed = deflated(values, shuffle=shuffle)
    plain = np.frombuffer(zlib.decompress(packed), "u1")
    expected = values.view("u1").reshape(50, -1)
    assert (plain == (expected.T if shuffle else expected).ravel()).all()
    same(inflated(packed, values.dtype, (5, 10), shuffle=shuffle), values)


def test_a_chunk_of_another_size_is_refused():
    packed = deflated(np.zeros(4), shuffle=True)
    with pytest.raises(ValueError, match="32 bytes, not 40"):
        inflated(packed, "f8", (5,), shuffle=True)


def test_cuts_cover_what_is_wanted():
    for size in range(1, 12):
        for chunk in range(1, 13):
            for start in range(size):
                for step in range(1, 5):
                    wanted = range(start, size, step)
                    found = [
                        cut.chunk * chunk + i
                        for cut in _chunked._cuts(wanted, chunk)
                        for i in range(chunk)[cut.source]
                    ]
                    assert found == [*wanted]
