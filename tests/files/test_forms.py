"""Formats, compressions and layouts: other programs read them with what they mean."""

import json
import shutil
import subprocess

import h5py
import netCDF4
import numpy as np
import pytest
import xarray as xr

import xnabla as xn
from xnabla.errors import FileError
from xnabla.files import check_file, open_dataset, save

NETCDF3 = ["NETCDF3_CLASSIC", "NETCDF3_64BIT", "NETCDF3_64BIT_DATA"]


@pytest.fixture
def cells(field):
    """The field with bounds, a map and an ancillary variable."""
    ds = field.to_dataset()
    ds["latitude"].attrs |= {"bounds": "lat_bnds"}
    edges = np.r_[90, np.arange(85, -90, -10.0), -90]
    edges = np.stack([edges[:-1], edges[1:]], axis=-1)
    ds = ds.assign_coords(
        lat_bnds=(("latitude", "two"), edges),
        crs=((), np.int32(0), {"grid_mapping_name": "latitude_longitude"}),
    )
    ds["t"].attrs |= {"grid_mapping": "crs", "ancillary_variables": "quality"}
    ds["quality"] = (("time", "latitude", "longitude"), np.zeros(field.shape, "i1"))
    ds["count"] = (("latitude",), np.arange(19, dtype="i8"))
    ds.attrs = {"title": "maps", "source": "a model", "number": 7}
    return ds


@pytest.mark.parametrize("kind", [*NETCDF3, "NETCDF4_CLASSIC", "NETCDF4"])
@pytest.mark.parametrize("lazy", [False, True])
def test_every_format_holds_the_same(tmp_path, cells, kind, lazy):
    path = save(
        cells.chunk({"time": 1}) if lazy else cells, tmp_path / "a.nc", format=kind
    )
    with netCDF4.Dataset(path) as raw:
        assert raw.data_model in (kind, kind.replace("64BIT", "64BIT_OFFSET"))
        assert raw["latitude"].bounds == "lat_bnds"
        assert raw["t"].grid_mapping == "crs"
        assert raw["t"].ancillary_variables == "quality"
        assert raw.xnabla_version in raw.history
        assert raw.source == "a model"
    with open_dataset(path) as ds:
        xr.testing.assert_equal(ds["t"].load(), cells["t"])
        xr.testing.assert_equal(ds["lat_bnds"].load(), cells["lat_bnds"])
        assert ds["count"].values.tolist() == list(range(19))


@pytest.mark.parametrize("kind", NETCDF3)
def test_integers_that_netcdf3_does_not_have_are_refused(tmp_path, kind, one_sentence):
    ds = xr.Dataset({"n": ("x", np.array([1, 2**40]))})
    with pytest.raises(FileError) as excinfo:
        save(ds, tmp_path / "a.nc", format=kind)
    one_sentence(excinfo, "a.nc' was not written")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("kind", [*NETCDF3, "NETCDF4_CLASSIC", "NETCDF4"])
def test_other_programs_understand_every_format(tmp_path, cells, kind):
    path = save(cells, tmp_path / "a.nc", format=kind)
    for command, said in (
        (["cdo", "-s", "sinfo", path], "latitude"),
        (["ncdump", "-h", path], 't:units = "K"'),
        (["ncks", "-m", path], "units"),
    ):
        if shutil.which(command[0]) is None:
            pytest.skip(f"{command[0]} is not installed")
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert said in done.stdout


def filters(path, name="t"):
    with netCDF4.Dataset(path) as ds:
        return {k: v for k, v in ds[name].filters().items() if v}, ds[name].chunking()


@pytest.mark.parametrize(
    ("compression", "expected"),
    [
        (True, {"zlib": True, "complevel": 1, "shuffle": True}),
        ("zlib", {"zlib": True, "complevel": 1, "shuffle": True}),
        (("zlib", 6), {"zlib": True, "complevel": 6, "shuffle": True}),
        ("zstd", {"zstd": True, "complevel": 3}),
        (("zstd", 9), {"zstd": True, "complevel": 9}),
        (None, {}),
        (False, {}),
        ("none", {}),
    ],
)
@pytest.mark.parametrize("lazy", [False, True])
def test_compressions(tmp_path, field, compression, expected, lazy):
    data = field.chunk({"latitude": 7}) if lazy else field
    try:
        save(data, tmp_path / "a.nc", compression=compression)
    except FileError as error:
        if "zstd" in str(compression) and "Filter" in str(error):
            pytest.skip("the NetCDF library has no zstd")
        raise
    assert filters(tmp_path / "a.nc")[0] == expected
    with open_dataset(tmp_path / "a.nc") as ds:
        np.testing.assert_array_equal(ds["t"], field)


def test_a_higher_level_is_what_the_chunks_are_made_with(tmp_path, field):
    smooth = xr.zeros_like(field) + np.round(field.fillna(0))
    sizes = [
        (save(smooth, tmp_path / f"{k}.nc", compression=("zlib", k))).stat().st_size
        for k in (1, 9)
    ]
    assert sizes[1] < sizes[0]
    with netCDF4.Dataset(tmp_path / "9.nc") as ds:
        np.testing.assert_array_equal(ds["t"][:], smooth)


@pytest.mark.parametrize(
    "compression", ["gzip", ("zlib", 0), ("zlib", 10), ("zlib", "a"), ("zlib",), 3]
)
def test_there_is_no_such_compression(tmp_path, field, compression, one_sentence):
    with pytest.raises(FileError) as excinfo:
        save(field, tmp_path / "a.nc", compression=compression)
    one_sentence(excinfo, "no such compression", "'zlib'")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("chunks", [None, {"time": 20}, {"time": 64, "y": 16, "x": 20}])
@pytest.mark.parametrize("compression", ["zlib", "zstd", None])
def test_series_are_read_with_few_chunks(tmp_path, chunks, compression):
    values = np.random.default_rng(1).normal(size=(400, 64, 80)).astype("f4")
    field = xr.DataArray(values, dims=("time", "y", "x"), name="t")
    data = field if chunks is None else field.chunk(chunks)
    path = save(data, tmp_path / "a.nc", layout="series", compression=compression)
    _, sizes = filters(path)
    assert sizes[0] == 400
    assert 64e3 < np.prod(sizes) * 4 <= 512 * 1024
    with open_dataset(path) as ds:
        np.testing.assert_array_equal(ds["t"], values)
        np.testing.assert_array_equal(ds["t"][:, 5, 5], values[:, 5, 5])


def test_there_is_no_such_layout_or_format(tmp_path, field, one_sentence):
    for words, said in (
        ({"layout": "rows"}, "no such layout"),
        ({"format": "HDF4"}, "cannot be of that format"),
        ({"format": "ZARR3"}, "cannot be of that format"),
    ):
        with pytest.raises(FileError) as excinfo:
            save(field, tmp_path / "a.nc", **words)
        one_sentence(excinfo, said)
    with pytest.raises(FileError, match="cannot be of that format"):
        save(field, tmp_path / "a.zarr", format="NETCDF4")


def test_an_unlimited_time_goes_through_a_gradient(tmp_path, field):
    field.to_dataset().to_netcdf(
        tmp_path / "in.nc", engine="netcdf4", unlimited_dims=["time"]
    )
    with xn.open(tmp_path / "in.nc") as ds:
        xn.save(xn.gradient(ds["t"]), tmp_path / "out.nc")
        xn.save(xn.gradient(ds["t"])[0].isel(time=0), tmp_path / "one.nc")
    with netCDF4.Dataset(tmp_path / "out.nc") as out:
        assert out.dimensions["time"].isunlimited()
    with netCDF4.Dataset(tmp_path / "one.nc") as out:
        assert not any(d.isunlimited() for d in out.dimensions.values())


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize("consolidated", [True, False])
@pytest.mark.filterwarnings("ignore:Consolidated metadata")
def test_zarr_of_both_versions_is_read(tmp_path, cells, version, consolidated):
    pytest.importorskip("zarr")
    path = tmp_path / "a.zarr"
    cells.to_zarr(path, zarr_format=version, consolidated=consolidated)
    assert check_file(path) == f"Zarr {version}"
    with xn.open(path) as ds:
        xr.testing.assert_equal(ds["t"].load(), cells["t"])
        assert "lat_bnds" in ds.coords
        assert ds["t"].encoding["grid_mapping"] == "crs"
    with xn.open(path, chunks={"time": 1}) as ds:
        assert ds["t"].chunks[0] == (1, 1)
        np.testing.assert_array_equal(ds["t"], cells["t"])


@pytest.mark.parametrize("version", [2, 3])
def test_zarr_of_both_versions_is_written_and_replaced(tmp_path, field, version):
    pytest.importorskip("zarr")
    path = save(field, tmp_path / "a.zarr", format=f"zarr{version}")
    assert check_file(path) == f"Zarr {version}"
    with pytest.raises(FileError, match="exists already"):
        save(field, path)
    save(field + 1, path, format=f"zarr{version}", overwrite=True)
    with xn.open(path) as ds:
        np.testing.assert_array_equal(ds["t"], field + 1)
        assert ds["t"].dtype == np.float32


def test_a_zip_archive_of_a_store_is_read(tmp_path, field):
    pytest.importorskip("zarr")
    store = save(field, tmp_path / "a.zarr")
    shutil.make_archive(str(store), "zip", store)
    with xn.open(tmp_path / "a.zarr.zip") as ds:
        xr.testing.assert_equal(ds["t"].load(), field)


def test_a_damaged_store_is_one_sentence(tmp_path, field, one_sentence):
    pytest.importorskip("zarr")
    path = save(field, tmp_path / "a.zarr")
    (path / ".zmetadata").write_text("{")
    with pytest.raises(FileError) as excinfo:
        xn.open(path)
    one_sentence(excinfo, path)


@pytest.mark.parametrize("kind", ["netcdf", "zarr"])
def test_a_group_is_read_with_the_coordinates_above_it(
    tmp_path, field, kind, one_sentence
):
    ds = field.to_dataset()
    tree = xr.DataTree.from_dict(
        {
            "/": ds.drop_vars("t"),
            "/forecast/surface": ds.drop_vars(list(ds.coords)),
            "/empty": xr.Dataset(),
        }
    )
    path = tmp_path / ("a.nc" if kind == "netcdf" else "a.zarr")
    if kind == "netcdf":
        tree.to_netcdf(path, engine="netcdf4")
    else:
        pytest.importorskip("zarr")
        tree.to_zarr(path, zarr_format=2, consolidated=True)
    for name in ("/forecast/surface", "forecast/surface/"):
        with xn.open(path, group=name) as found:
            np.testing.assert_array_equal(found["t"], field)
            np.testing.assert_array_equal(found["latitude"], field["latitude"])
            assert xn.gradient(found["t"])[0].shape == field.shape
    with pytest.raises(FileError) as excinfo:
        xn.open(path, group="/forecast/surfaces")
    one_sentence(excinfo, "no group", "group='/forecast/surface'")
    with pytest.raises(FileError) as excinfo:
        xn.open(path, group="../../etc")
    one_sentence(excinfo, "no group")


def test_a_file_of_references_is_read_and_leads_nowhere_else(
    tmp_path, field, one_sentence
):
    """As kerchunk writes them: chunks of a NetCDF-4 file as chunks of a store."""
    pytest.importorskip("zarr")
    source = save(field, tmp_path / "a.nc")
    with h5py.File(source) as file:
        t = file["t"]
        parts = {}
        t.id.chunk_iter(
            lambda c: parts.update({tuple(c.chunk_offset): (c.byte_offset, c.size)})
        )
        chunks = t.chunks
    meta = {
        "zarr_format": 2, "shape": list(field.shape), "chunks": list(chunks),
        "dtype": "<f4", "order": "C", "fill_value": None,
        "compressor": {"id": "zlib", "level": 1},
        "filters": [{"id": "shuffle", "elementsize": 4}],
    }  # fmt: skip
    refs = {
        ".zgroup": {"zarr_format": 2},
        "t/.zarray": meta,
        "t/.zattrs": {"_ARRAY_DIMENSIONS": list(field.dims), "units": "K"},
    }
    for at, (place, size) in parts.items():
        key = ".".join(str(i // n) for i, n in zip(at, chunks, strict=True))
        refs[f"t/{key}"] = [str(source), place, size]
    path = tmp_path / "refs.json"

    def write(**changed):
        path.write_text(json.dumps({"version": 1, "refs": {**refs, **changed}}))

    write()
    assert check_file(path) == "references"
    with xn.open(path) as ds:
        np.testing.assert_array_equal(ds["t"], field)
    first = next(k for k in refs if k.startswith("t/0"))
    for target, said in (
        (["/etc/passwd", 0, 10], "no data file"),
        (["https://example.org/a.nc", 0, 10], "only files are read"),
        ([str(source), -5, 10], "has no place"),
        ([str(path), 0, 10], "which is references"),
    ):
        write(**{first: target})
        with pytest.raises(FileError) as excinfo:
            xn.open(path)
        one_sentence(excinfo, path, said)
    path.write_text(json.dumps({"version": 1, "templates": {"u": "x"}, "refs": refs}))
    with pytest.raises(FileError) as excinfo:
        xn.open(path)
    one_sentence(excinfo, "templates")


def test_bounds_and_the_map_go_through_an_operator(tmp_path, cells):
    source = save(cells, tmp_path / "in.nc")
    with xn.open(source) as ds:
        save(xn.gradient(ds["t"]), tmp_path / "out.nc")
        save(xn.gradient(ds["t"].isel(latitude=slice(3, 9))), tmp_path / "part.nc")
    with netCDF4.Dataset(tmp_path / "out.nc") as out:
        name = next(n for n in out.variables if n.startswith("dt_d"))
        assert out["latitude"].bounds == "lat_bnds"
        np.testing.assert_array_equal(out["lat_bnds"][:], cells["lat_bnds"])
        assert out[name].grid_mapping == "crs"
        assert out["crs"].grid_mapping_name == "latitude_longitude"
    with netCDF4.Dataset(tmp_path / "part.nc") as out:
        assert "lat_bnds" not in out.variables
        assert "bounds" not in out["latitude"].ncattrs()


def test_bounds_of_joined_times_are_joined(tmp_path, cells):
    cells = cells.drop_vars("quality")
    del cells["t"].attrs["ancillary_variables"]
    for k in range(2):
        part = cells.isel(time=[k])
        part["time"].attrs["bounds"] = "time_bnds"
        edges = np.stack([part["time"].values, part["time"].values + 10], axis=-1)
        part = part.assign_coords(time_bnds=(("time", "two"), edges))
        save(part, tmp_path / f"{k}.nc")
    with xn.open(tmp_path / "*.nc") as ds:
        assert ds["time_bnds"].shape == (2, 2)
        save(xn.gradient(ds["t"]), tmp_path / "o.nc")
    with netCDF4.Dataset(tmp_path / "o.nc") as out:
        assert out["time_bnds"].shape == (2, 2)
        assert out["time"].bounds == "time_bnds"
