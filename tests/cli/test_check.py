"""``xnabla check``: accuracy on the grids of a file, and what is wrong with it."""

from __future__ import annotations

import json
import re
import time

import netCDF4
import numpy as np
import pytest
import xarray as xr
from cli.conftest import real_files, shared

from xnabla.errors import FileError


def test_the_sample_is_judged(does, gfs):
    start = time.monotonic()
    out = does("check", gfs).out
    assert time.monotonic() - start < 60  # 2 s on an idle machine
    assert out.startswith(f"{gfs}: netCDF-4\n")
    assert "Accuracy on the grid of t, u, v, gh and 3 more" in out
    found = re.search(r"gradient 4 +(\S+) +(\S+) +(\S+) +(\S+) +(\S+)\n", out)
    eight, sixteen, thirty_two, _, order = map(float, found.groups())
    assert eight > 10 * sixteen > 90 * thirty_two
    assert order == pytest.approx(4.0, abs=0.1)
    assert re.search(r"^ +90-75S +75-60S", out, re.MULTILINE)


def test_numbers_and_picture_are_written(does, gfs, tmp_path):
    does("check", gfs, "--accuracy", "4", "--json", "a.json", "--plot", "a.png")
    found = json.loads((tmp_path / "a.json").read_text())
    (report,) = found["reports"]
    assert {one["accuracy"] for one in report["errors"]} == {4}
    assert report["shape"]["grid_length_km"] == pytest.approx(278.0, abs=0.1)
    assert (tmp_path / "a.png").read_bytes()[:4] == b"\x89PNG"


@pytest.mark.parametrize(
    ("spec", "fact"),
    [
        ("5", "latitude: 37, longitude: 72"),
        ("36x72", "between rows, crossed"),
        ("T21", "Gaussian"),
        ("EPSG:3995 200 km -3000 3000 -3000 3000", "North Pole inside"),
    ],
)
def test_a_grid_named_in_a_word(does, spec, fact):
    out = does("check", "--grid", spec, "--accuracy", "2").out
    assert fact in out
    assert "gradient 2" in out
    assert "gradient 4" not in out


def test_a_group_is_judged(does, refuses, tmp_path):
    """IMERG keeps all it has in one, in the order longitude, latitude."""
    with netCDF4.Dataset(tmp_path / "grouped.nc", "w") as file:
        inside = file.createGroup("Grid")
        axes = (("lon", np.arange(-175.0, 180, 10)), ("lat", np.arange(-85.0, 90, 10)))
        for name, points in axes:
            inside.createDimension(name, points.size)
            axis = inside.createVariable(name, "f4", (name,))
            axis[:], axis.units = (
                points,
                {"lon": "degrees_east"}.get(name, "degrees_north"),
            )
        rain = inside.createVariable("rain", "f4", ("lon", "lat"))
        rain[:], rain.units = 0.0, "mm/hr"
    said = refuses("check", "grouped.nc", naming=("--group /Grid",))
    assert "no option" not in said
    out = does("check", "grouped.nc", "--group", "/Grid", "--accuracy", "2").out
    assert "Accuracy on the grid of rain" in out
    refuses("check", "grouped.nc", "--group", "Gird", naming=("Grid",))
    refuses("check", "--grid", "10", "--group", "Grid", naming=("--group",))


def test_the_earth_may_be_said(does):
    out = does("check", "--grid", "10", "--earth", "WGS84", "--accuracy", "2").out
    assert "a = 6378137 m" in out
    radius = does("check", "--grid", "10", "--earth", "6.4e6", "--accuracy", "2").out
    assert "radius 6400000 m" in radius


def test_each_grid_of_a_file_is_judged_once(does, tmp_path):
    lat, lon = np.linspace(-60, 60, 25), np.linspace(0, 100, 21)
    x = np.linspace(0, 500, 15)
    ds = xr.Dataset(
        {
            "a": (("lat", "lon"), np.ones((25, 21)), {"units": "K"}),
            "b": (("t", "lat", "lon"), np.ones((2, 25, 21)), {"units": "K"}),
            "c": (("y", "x"), np.ones((15, 15)), {"units": "K"}),
            "line": (("lat",), np.ones(25), {"units": "K"}),
            "section": (("t", "lat"), np.ones((2, 25)), {"units": "K"}),
        },
        coords={
            "lat": ("lat", lat, {"units": "degrees_north"}),
            "lon": ("lon", lon, {"units": "degrees_east"}),
            "x": ("x", x, {"units": "km"}),
            "y": ("y", x, {"units": "km"}),
        },
    )
    ds.to_netcdf(tmp_path / "two.nc", engine="netcdf4")
    out = does("check", "two.nc", "--accuracy", "2").out
    assert out.count("Accuracy on the grid of") == 2
    assert "the grid of a, b\n" in out
    assert "the grid of c\n" in out
    assert "not judged: section:" in out


def test_what_is_wrong_with_the_file_is_told(does, make):
    def change(ds):
        ds["bad"] = ds["t"].astype("i2")
        ds["bad"].attrs = {"units": "K", "scale_factor": "0.5"}
        return ds

    make(change=change, lat=np.linspace(40, 60, 12), lon=np.linspace(0, 20, 14))
    out = does("check", "small.nc", "--accuracy", "2").out
    assert "refused: Variable 'bad'" in out


def test_a_file_or_a_grid_but_not_both(refuses, make):
    make()
    assert "one of them" in refuses("check")
    assert "one of them" in refuses("check", "small.nc", "--grid", "5")


@pytest.mark.parametrize("spec", ["wibble", "0.7", "EPSG:4326 5 km", "2x2"])
def test_a_grid_that_is_none_is_refused(refuses, spec):
    refuses("check", "--grid", spec)


def test_a_file_without_a_horizontal_grid_is_refused(refuses, tmp_path):
    ds = xr.Dataset({"a": (("t", "n"), np.ones((3, 4)), {"units": "K"})})
    ds.to_netcdf(tmp_path / "flat.nc", engine="netcdf4")
    refuses("check", "flat.nc", naming=("flat.nc", "no grid to judge"))


def test_existing_targets_stay(refuses, make, tmp_path):
    make(lat=np.linspace(40, 60, 12), lon=np.linspace(0, 20, 14))
    for option, name in (("--json", "a.json"), ("--plot", "a.png")):
        (tmp_path / name).write_text("mine")
        refuses("check", "small.nc", option, name, naming=(name,))
        assert (tmp_path / name).read_text() == "mine"
    refuses("check", "small.nc", "--json", "small.nc", "--overwrite")


def test_targets_are_replaced_when_asked(does, make, tmp_path):
    make(lat=np.linspace(40, 60, 12), lon=np.linspace(0, 20, 14))
    (tmp_path / "a.json").write_text("mine")
    does("check", "small.nc", "--accuracy", "2", "--json", "a.json", "--overwrite")
    assert json.loads((tmp_path / "a.json").read_text())["reports"]


def test_a_file_is_tried_in_a_process_of_its_own_first(refuses, make, monkeypatch):
    def refuse(path, group):
        raise FileError(f"'{path}' was tried")

    make(lat=np.linspace(40, 60, 12), lon=np.linspace(0, 20, 14))
    monkeypatch.setattr("xnabla.recipes._check.probe_file", refuse)
    monkeypatch.setattr("xnabla.recipes._check.open_dataset", None)
    refuses("check", "small.nc", naming=("'small.nc' was tried",))


@pytest.mark.parametrize("path", real_files("malformed"), ids=lambda path: path.name)
def test_a_damaged_file_ends_in_one_sentence(xnabla, path):
    ending = xnabla("check", path)
    if ending.code == 0:
        assert ending.err == ""
        return
    assert ending.code == 2
    assert re.fullmatch(r"xnabla: [^\n]+\n", ending.err), ending.err
    assert "fault of xnabla" not in ending.err


@pytest.mark.parametrize(
    ("name", "fact"),
    [
        ("nemo_orca1_gridT_201501.nc", "every second point"),
        ("nam211_lambert_20180917.nc", "every second point"),
        ("ncl_uv300_T42.nc", "the grid refined"),
        ("wrf_cropped.nc", "every second point"),
    ],
)
def test_real_grids_have_the_order_that_is_promised(does, name, fact):
    out = does("check", shared(f"ship/{name}"), "--accuracy", "2").out
    assert f"order: observed on {fact}" in out
    for operator in ("gradient", "vorticity", "divergence"):
        found = re.search(rf"^ +{operator} 2 .* (\S+)$", out, re.MULTILINE)
        assert float(found[1]) > 1.8, found[0]


def test_a_gradient_with_its_error(does, make, tmp_path):
    make()
    does("gradient", "small.nc", "--error", "--units", "K/km", "-o", "g.nc")
    with xr.open_dataset(tmp_path / "g.nc", engine="netcdf4") as ds:
        assert ds["dt_dy"].attrs["ancillary_variables"] == "dt_dy_error"
        assert ds["dt_dy_error"].attrs["units"] == "K km-1"
        assert ds["dt_dx_error"].shape == ds["dt_dx"].shape
    out = does("gradient", "small.nc", "--error").out
    assert [line.split()[0] for line in out.splitlines()] == [
        "dt_dy",
        "dt_dx",
        "dt_dy_error",
        "dt_dx_error",
    ]
    assert "error" not in does("gradient", "small.nc").out


def test_a_step_of_a_chain_may_ask_for_the_error(does, make, tmp_path):
    make()
    words = ("smooth_n_point", "small.nc", "--then", "gradient", "error=yes")
    does(*words, "-o", "g.nc")
    with xr.open_dataset(tmp_path / "g.nc", engine="netcdf4") as ds:
        assert {"dt_dx", "dt_dx_error"} <= set(ds)


def test_values_that_cannot_be_trusted_are_told_and_the_grid_is_judged(does, make):
    values = 250 + np.add.outer(np.linspace(0, 3, 12), np.linspace(0, 5, 14))
    values[3:6, 4:9] = -999.0
    make(
        lat=np.linspace(40, 60, 12),
        lon=np.linspace(0, 20, 14),
        values=values,
        encoding={"t": {"_FillValue": None}},
    )
    out = does("check", "small.nc", "--accuracy", "2").out
    assert re.search(r"note: gaps are not known: .*-999", out)
    assert "gradient 2" in out
