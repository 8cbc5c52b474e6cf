"""Advice that is Python in the library is what one types at a shell."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from xnabla.cli._words import at_a_shell

GIVEN = {"file": "a b.nc", "variable": "t"}

_MASK = "ncap2 -s 'mask=byte(lsm != 0)' 'a b.nc' mended.nc, and --mask mask"
_SIDES = "--bc y=dirichlet --bc x=neumann"


@pytest.mark.parametrize(
    ("library", "shell"),
    [
        ("units='K km-1', which", "--units 'K km-1', which"),
        ("wind='earth' or wind='grid'", "--wind earth or --wind grid"),
        ("frame='grid'", "--frame grid"),
        ("crs='EPSG:3995'", "--crs EPSG:3995"),
        ("earth='WGS84' or earth=6371229.0", "--earth WGS84 or --earth 6371229.0"),
        ("min_latitude=5", "--min_latitude 5"),
        (
            "equator='missing', or a smaller min_latitude=",
            "--equator missing, or a smaller --min_latitude",
        ),
        ("pressure='850 hPa'", "--pressure '850 hPa'"),
        ("dims=('latitude', 'longitude')", "--dims latitude,longitude"),
        ("window='1 2 1; 2 4 2; 1 2 1'", "--window '1 2 1; 2 4 2; 1 2 1'"),
        ("normalize_weights=False", "--normalize_weights no"),
        ("grid=xn.grid_of(field, periodic=True)", "--periodic yes"),
        ("xn.gradient(field, ('y', 'x'))", "--dims y,x"),
        (
            "xn.thermal_wind(temperature, '850 hPa', '500 hPa')",
            "--bottom '850 hPa' --top '500 hPa'",
        ),
        ("xn.thermal_wind(thickness)", "no --bottom and no --top"),
        ("static_stability=2e-6 * units('m**4')", "--static_stability 2e-6"),
        (
            "field.assign_coords(latitude=45.0), or crs='EPSG:3995'",
            "--crs EPSG:3995",
        ),
        (
            "xr.open_dataset(path, decode_coords='all')[name], or crs='+proj=lcc'",
            "--crs +proj=lcc",
        ),
        (
            "xr.open_dataset(path, decode_coords='all')[name]",
            "--crs CRS, the projection of x and y",
        ),
        (
            "print(xn.grid_of(field)), which tells",
            "xnabla info 'a b.nc', which tells",
        ),
        (
            "field.attrs['units'] = 'm s-1'",
            "ncatted -a units,t,o,c,'m s-1' 'a b.nc'",
        ),
        ("field.rename(a='b')", "in Python, field.rename(a='b')"),
        (
            "xarray.DataArray(values, dims='time')",
            "in Python, xarray.DataArray(values, dims='time')",
        ),
        (
            "units='K', or field.sel(time=0, method='nearest'), or field.mean('time')",
            "--units K, or in Python, field.sel(time=0, method='nearest'), or "
            "field.mean('time')",
        ),
        (
            "select at least 3 points along 'lat'; or edge_order=1 of xn.derivative "
            "and xn.gradient",
            "select at least 3 points along 'lat'",
        ),
        (
            "field.isel(lat=abs(field['lat']) <= 90)",
            "ncks -d lat,-90.,90. 'a b.nc' t.nc",
        ),
        (
            "xn.accuracy_report('0.25') for a grid named in a word",
            "xnabla check --grid 0.25 for a grid named in a word",
        ),
        (
            'xn.smooth(field, length_scale="30 km"), or n=10',
            "xnabla smooth 'a b.nc' -v t --length_scale '30 km', or --n 10",
        ),
        (
            "field.resample(time='1YS').mean(), or xn.trend(field)",
            "cdo yearmean 'a b.nc' mended.nc, or xnabla trend 'a b.nc' -v t",
        ),
        (
            "xn.destagger(dataset['U'], like=dataset['T'])",
            "xnabla destagger 'a b.nc' -v U -o U.nc",
        ),
        (
            "field.sortby('lat')",
            'python -c \'import xarray; d = xarray.open_dataset("a b.nc"); '
            'd.sortby("lat").to_netcdf("mended.nc")\'',
        ),
        (
            "field.drop_duplicates('lon')",
            'python -c \'import xarray; d = xarray.open_dataset("a b.nc"); '
            'd.drop_duplicates("lon").to_netcdf("mended.nc")\'',
        ),
        (
            "field.swap_dims(x='lon')",
            'python -c \'import xarray; d = xarray.open_dataset("a b.nc"); '
            'd.swap_dims(x="lon").to_netcdf("mended.nc")\'',
        ),
        ("field.isel(lon=slice(0, 36))", "ncks -d lon,0,35 'a b.nc' mended.nc"),
        ("field.isel(time=0)", "--time 0"),
        ("field.isel(plev=0)", "--select plev=VALUE"),
        ("field.isel(member=0), one at a time", "--select member=VALUE, one at a time"),
        (
            "field.assign_coords(y=...)",
            "ncap2 -s 'y=array(0.0,1.0,$y); y@units=\"km\"' 'a b.nc' mended.nc, "
            "with its own first value, step and unit",
        ),
        (
            "field.drop_vars(['lat2', 'lon2'])",
            "ncks -C -x -v lat2,lon2 'a b.nc' mended.nc",
        ),
        ("field.where(numpy.isfinite(field))", "--fill t=inf,-inf"),
        ("mask=dataset['lsm'] != 0", _MASK),
        (
            "xr.align(..., join='inner'), or other.assign_coords(lat=field['lat']) if "
            "they are meant to be the same",
            "ncks -A -C -v lat 'a b.nc' OTHER.nc, if they are meant to be the same",
        ),
        ("xnabla.units.difference(unit), or kelvin", "--units K"),
        (
            "field.chunk({'lat': -1, 'lon': -1})",
            "--memory '8 GB', so that it is held whole; --level or --time, for less at "
            "once",
        ),
        ("bc={'y': ('dirichlet', 0.0), 'x': ('neumann', 0.0)}", _SIDES),
        ("periodic={'lon': False}, if it does end", "--periodic no, if it does end"),
    ],
)
def test_advice_is_what_one_types(library, shell):
    assert at_a_shell(f"It is wrong. Try: {library}", GIVEN) == (
        f"It is wrong. Try: {shell}"
    )


def test_a_variable_nobody_named_is_any_name():
    said = at_a_shell("No. Try: xn.potential_vorticity(theta, u, v, pressure)", {})
    assert said == "No. Try: --pressure NAME"


def test_what_only_python_can_do_is_left_out():
    said = at_a_shell("No latitude. Try: field.assign_coords(latitude=45.0)", GIVEN)
    assert said == "No latitude."


def test_keywords_outside_the_advice_are_options_too():
    said = at_a_shell("A layer. Expected bottom= and top=. Try: top='500 hPa'", {})
    assert said == "A layer. Expected --bottom and --top. Try: --top '500 hPa'"


def test_the_variable_a_sentence_is_about_is_the_one_to_mend():
    said = at_a_shell(
        "Variable 'u' has no units. Try: field.attrs['units'] = 'K'", GIVEN
    )
    assert "units,u,o,c,K" in said


# ------------------------------------------------- what is advised mends the file


def _coordinate(name, values):
    return lambda ds: ds.assign_coords({name: (name, values, ds[name].attrs)})


def _two_of_a_kind(ds):
    ds = ds.assign_coords(grid_lon=("lon", ds["lon"].values * 2, ds["lon"].attrs))
    ds = ds.assign_coords(own_lon=("lon", ds["lon"].values, ds["lon"].attrs))
    return ds.drop_vars("lon")


def _months(ds):
    ds = ds.expand_dims(time=[0.0, 1.0, 2.0]).transpose("time", "lat", "lon").copy()
    return ds.assign_coords(
        time=("time", [0.0, 1, 2], {"units": "months since 2000-1"})
    )


def _no_time(ds):
    times = np.array(["2000-01-01", "NaT", "2000-01-03", "2000-01-04"], "M8[ns]")
    return ds.expand_dims(time=times).transpose("time", "lat", "lon").copy()


LON = np.linspace(0.0, 20.0, 11)
DEFECTS = {
    "unsorted": ("gradient", _coordinate("lat", [40.0, 50, 45, *range(51, 57)])),
    "twice": ("gradient", _coordinate("lon", [0.0, 0.0, *LON[2:]])),
    "no number": ("gradient", _coordinate("lat", [np.nan, *range(41, 49)])),
    "several turns": ("gradient", _coordinate("lon", np.arange(11) * 40.0)),
    "a hole": ("gradient", _coordinate("lon", [0, 5, 10, *range(320, 360, 5)])),
    "no coordinate": ("gradient --dims lon", lambda ds: ds.drop_vars("lon")),
    "two of a kind": ("gradient", _two_of_a_kind),
    "months": ("trend", _months),
    "a time is missing": ("trend", _no_time),
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_what_is_advised_at_a_shell_mends_the_file(xnabla, make, defect):
    command, change = DEFECTS[defect]
    name = make("broken.nc", change=change)
    said = xnabla(*command.split(), name, "--quiet")
    assert said.code == 2
    assert "in Python" not in said.err
    line = said.err.split("Try: ")[1].split(", with its own")[0].strip()
    if shutil.which(line.split()[0]) is None and not line.startswith("python"):
        pytest.skip(f"needs {line.split()[0]}")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        line,
        shell=True,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert xnabla(*command.split(), "mended.nc", "--quiet").err == ""


def test_infinite_values_may_be_taken_as_missing(xnabla, make):
    values = 250 + np.add.outer(np.arange(9.0) ** 2, np.arange(11.0))
    values[3, 4], values[5, 5] = np.inf, -np.inf
    name = make(values=values)
    said = xnabla("extrema", name)
    assert said.err.endswith("Try: --fill t=inf,-inf\n")
    mended = xnabla("extrema", name, "--fill", "t=inf,-inf", "--quiet")
    assert (mended.code, mended.err) == (0, "")
