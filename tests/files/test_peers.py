"""Other programs read what is saved, with the same numbers and units."""

import shutil
import subprocess

import pytest
import xarray as xr
from files.conftest import SHARED

from xnabla.files import open_dataset, save

pytestmark = pytest.mark.peer


def run(program: str, *arguments: object, complaints: bool = False) -> str:
    if shutil.which(program) is None:
        pytest.skip(f"needs {program}")
    command = [program, *map(str, arguments)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return done.stderr if complaints else done.stdout


@pytest.fixture
def saved(tmp_path, field):
    field.attrs["units"] = "K m-1"
    field["latitude"].attrs["standard_name"] = "latitude"
    field["longitude"].attrs["standard_name"] = "longitude"
    return save(field, tmp_path / "a.nc")


def test_ncdump_shows_a_cf_header(saved):
    text = run("ncdump", "-hs", saved)
    for line in ("float t(time, latitude, longitude)", 't:units = "K m-1"',
                 "t:_FillValue = NaNf", ':Conventions = "CF-1.11"',
                 "t:_DeflateLevel = 1", 't:coordinates = "level"'):  # fmt: skip
        assert line in text
    assert "latitude:_FillValue" not in text


def test_cdo_reads_grid_times_and_values(saved, field):
    assert "lonlat" in run("cdo", "-s", "sinfo", saved)
    assert run("cdo", "-s", "sinfo", saved, complaints=True) == ""
    assert "2001-02-03T06:00:00  2001-02-03T09:00:00" in run(
        "cdo", "-s", "showtimestamp", saved
    )
    assert run("cdo", "-s", "showunit", saved).strip() == "K m-1"
    (mean,) = run("cdo", "-s", "outputf,%.6g,1", "-timmax", "-fldmax", saved).split()
    assert float(mean) == pytest.approx(float(field.max()), rel=1e-5)


def test_ncks_reads_metadata_and_values(saved):
    assert "K m-1" in run("ncks", "-m", saved)
    assert run("ncks", "-H", "-C", "-v", "t", "-d", "time,1", saved)


def test_ncrcat_joins_files_along_an_unlimited_time(tmp_path, field):
    ds = field.to_dataset()
    ds.encoding["unlimited_dims"] = {"time"}
    save(ds, tmp_path / "a.nc")
    run("ncrcat", tmp_path / "a.nc", tmp_path / "a.nc", tmp_path / "b.nc")
    with xr.open_dataset(tmp_path / "b.nc", engine="netcdf4") as joined:
        assert joined.sizes["time"] == 4


def test_metpy_reads_units_and_coordinates(saved):
    pytest.importorskip("metpy.xarray")
    with xr.open_dataset(saved, engine="netcdf4") as ds:
        parsed = ds.metpy.parse_cf("t")
        assert str(parsed.metpy.units) == "kelvin / meter"
        assert parsed.metpy.latitude.identical(parsed["latitude"])


@pytest.mark.parametrize(
    "name",
    ["iris_rotated_pole.nc", "nam211_lambert_20180917.nc", "nemo_orca1_gridT_201501.nc",
     "A1B_north_america.nc", "era5_gust_0p25.nc", "ostia_monthly.nc"],
)  # fmt: skip
def test_cdo_sees_the_same_grid_as_in_the_source(tmp_path, name):
    source = SHARED / "ship" / name
    if not source.exists():
        pytest.skip("needs ../shared/data")
    with open_dataset(source) as ds:
        path = save(ds, tmp_path / "a.nc")

    def grid(file):
        kept = ("gridtype", "gridsize", "xsize", "ysize", "grid_mapping_name", "xunits")
        text = run("cdo", "-s", "griddes", file)
        return [line for line in text.splitlines() if line.startswith(kept)]

    def complaints(file):
        return set(run("cdo", "-s", "sinfo", file, complaints=True).splitlines())

    assert complaints(path) <= complaints(source)
    if name == "iris_rotated_pole.nc":
        # CDO makes rubbish of the source, whose latitude is unlimited, not of ours
        assert grid(path)[1] == "gridsize  = 792"
        return
    assert grid(path) == grid(source)
    assert run("cdo", "-s", "showunit", path) == run("cdo", "-s", "showunit", source)
    assert run("cdo", "-s", "showtimestamp", path) == run(
        "cdo", "-s", "showtimestamp", source
    )
    box = ("-setmissval,-9e33", "-fldmax", "-selindexbox,1,9,1,9")
    assert run("cdo", "-s", "outputf,%.4g,1", *box, path) == run(
        "cdo", "-s", "outputf,%.4g,1", *box, source
    )
