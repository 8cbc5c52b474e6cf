"""``xnabla info`` tells what is understood, assumed and wrong, and reads no field."""

from __future__ import annotations

import re

import numpy as np
import pytest
from cli.conftest import real_files, shared


def test_the_sample_is_understood(does, gfs):
    lines = does("info", gfs).out.splitlines()
    assert re.fullmatch(rf"{gfs}: netCDF-4, [\d.]+ kB: GFS 2.5 degree.*", lines[0])
    text = "\n".join(lines)
    for fact in (
        "air temperature",
        "[K]",
        "plev: vertical, 10 points, 1000 to 100 hPa, uneven",
        "lat: latitude, 73 points, 90 to -90 degrees, every 2.5 degrees, 278 km",
        "lon: longitude, 144 points",
        "periodic",
        "north (a row, crossed)",
        "sphere of radius 6371229 m (assumed)",
    ):
        assert fact in text


def test_the_earth_of_the_file_is_named_as_such(does, analytic):
    assert "sphere of radius 6371229 m (grid mapping" in does("info", analytic).out


def test_every_variable_is_told_once(does, block):
    out = does("info", block).out
    for name in ("t", "q", "msl", "name", "when", "mask", "nounits", "wibble", "one"):
        assert len(re.findall(rf"^{name} +\[", out, re.MULTILINE)) == 1
    assert "[wibble: not understood]" in out
    assert re.search(r"^nounits +\[no units\]", out, re.MULTILINE)
    assert re.search(r"^ +time: time, 4 points,.* every 6 h$", out, re.MULTILINE)


@pytest.mark.parametrize("points", [[40, 50, 50], [40, 60, 50], [40, np.nan, 50]])
def test_a_faulty_coordinate_is_told_and_does_not_spoil_the_others(does, make, points):
    make(lat=points, values=np.ones((3, 11)), encoding={"lat": {"_FillValue": None}})
    out = does("info", "small.nc").out
    assert re.search(r"^ +lat: .*(twice|monotonic|number)", out, re.MULTILINE)
    assert not re.search(r"\bnan\b", out)
    # it is there, only faulty
    assert "there is no latitude" not in out


def test_an_empty_coordinate_is_told(does, make):
    make(lat=[], values=np.ones((0, 11)))
    out = does("info", "small.nc").out
    assert "lat: latitude, 0 points" in out
    assert "nan" not in out


def test_what_was_assumed_is_told(does, make):
    def without(ds):
        del ds["lat"].attrs["units"]
        return ds

    make(change=without)
    assert "assumed: lat has no units: taken as degrees" in does("info", "small.nc").out


@pytest.mark.parametrize("path", real_files("ship"), ids=lambda path: path.name)
def test_every_real_file_is_understood(xnabla, path):
    ending = xnabla("info", path)
    if path.suffix == ".grib2" and ending.code:
        # read by a process of its own, where cfgrib is installed
        assert ending.code == 2
        assert "xnabla[grib]" in ending.err
        return
    assert (ending.code, ending.err) == (0, "")
    assert "Grid: " in ending.out
    assert not re.search(r"\bnan\b", ending.out)


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("A1B_north_america.nc", ("every 360 days", "not periodic", "(grid mapping")),
        ("etopo60.cdf", ("20.5 to 379.5 degrees", "periodic", "[METERS = m]")),
        ("ncl_uv300_T42.nc", ("307.7 to 310.3 km", "periodic", "[m/s = m s-1]")),
        ("ersst_v5_mnmean.nc", ("steps of 28 days to 31 days", "between rows")),
        ("iris_rotated_pole.nc", ("Grid: rotated pole", "longitude -87.2713")),
        ("nam211_lambert_20180917.nc", ("Grid: projected", "every 81.271 km")),
        ("geo_em_polarstereo.nc", ("Grid: curvilinear", "North Pole inside")),
        ("ncl_contour_nmc.cdf", ("[degK = K]", "[geopotential meters = m]")),
    ],
)
def test_the_facts_of_real_files_are_told(does, name, facts):
    out = does("info", shared(f"ship/{name}")).out
    for fact in facts:
        assert fact in out


def test_no_value_of_a_field_is_read(does, tmp_path):
    """A field of a global one-minute grid, 0.9 GB, all of it fill values."""
    import tracemalloc

    import netCDF4

    with netCDF4.Dataset(tmp_path / "minute.nc", "w") as ds:
        for name, count, first, unit in (
            ("lat", 10800, -90.0, "degrees_north"),
            ("lon", 21600, -180.0, "degrees_east"),
        ):
            ds.createDimension(name, count)
            axis = ds.createVariable(name, "f8", (name,))
            axis[:] = first + (np.arange(count) + 0.5) / 60
            axis.units = unit
        rest = {"chunksizes": (1080, 2160), "zlib": True}
        ds.createVariable("z", "f4", ("lat", "lon"), **rest).units = "m"
    tracemalloc.start()
    out = does("info", "minute.nc").out
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "1.853 km" in out
    assert peak < 100e6
