"""Lists of points, paths, inversions and what a trend leaves, as commands.

What is expected is known in closed form: bells on the globe, solid rotation, a line.
"""

from __future__ import annotations

import inspect
import json
import math
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from landscapes import SPHERE_M, bell, distance_m, globe, labelled

from xnabla.cli._options import shared_options
from xnabla.descent import CATALOGUE, WHOLE

SIGMA_M = 1000e3
CENTRES = {970.0: (50.0, -1.0), 990.0: (-40.0, 100.0)}


@pytest.fixture
def lows(tmp_path) -> str:
    """Two bells on 1010 hPa, one of them on the seam; with a time and two levels."""
    lat, lon = globe(2.5)
    values = sum(
        bell(lat, lon, *place, depth=1010 - least, sigma_m=SIGMA_M, background=0.0)
        for least, place in CENTRES.items()
    )
    field = labelled(1010.0 + values, lat, lon).assign_attrs(long_name="pressure")
    both = xr.concat([field, field + 5.0], "level").assign_coords(
        level=("level", [1.0, 2.0], {"units": "1", "axis": "Z", "positive": "up"})
    )
    ds = xr.Dataset({"msl": field, "both": both.assign_attrs(field.attrs)})
    ds.to_netcdf(tmp_path / "lows.nc", engine="netcdf4")
    return "lows.nc"


@pytest.fixture
def rotation(tmp_path) -> str:
    """The vorticity of a solid rotation, 2 w sin(latitude), w = 1e-5 per second."""
    lat, lon = globe(2.5)
    values = 2e-5 * np.sin(np.deg2rad(lat)) + 0.0 * lon
    field = labelled(values, lat, lon, units="s-1").rename("vo")
    sea = (np.abs(lat) < 60.0) & (lon < 180.0)
    mask = labelled(sea.astype("i1"), lat, lon, units="1").rename("sea")
    ds = xr.Dataset({"vo": field, "sea": mask, "wet": mask.astype("f4")})
    ds.to_netcdf(tmp_path / "rotation.nc", engine="netcdf4")
    return "rotation.nc"


@pytest.fixture
def line(tmp_path) -> str:
    """A line in time with a wave that no line has a part in, in degC."""
    day = np.arange(40.0)
    wave = np.cos(2 * np.pi * (day - 19.5) / 10.0)  # even about the middle
    lat = xr.DataArray([10.0, 20, 30], dims="lat", attrs={"units": "degrees_north"})
    lon = xr.DataArray([0.0, 10, 20], dims="lon", attrs={"units": "degrees_east"})
    time = np.datetime64("2000-01-01", "ns") + day.astype("m8[D]")
    values = (15.0 + 0.1 * day + wave)[:, None, None] + (lat + 0 * lon).values
    field = xr.DataArray(
        values, dims=("time", "lat", "lon"), attrs={"units": "degC"}, name="t"
    ).assign_coords(time=time, lat=lat, lon=lon)
    field.to_dataset().to_netcdf(tmp_path / "line.nc", engine="netcdf4")
    return "line.nc"


def opened(name: str) -> xr.Dataset:
    with xr.open_dataset(name, engine="netcdf4", decode_timedelta=False) as ds:
        return ds.load()


# --------------------------------------------------------------------- the catalogue


def test_no_option_of_a_command_is_one_that_all_commands_have():
    shared = {one.name for one in shared_options()}
    for operator in WHOLE.values():
        own = {one.name for one in (*operator.inputs, *operator.parameters)}
        assert not own & shared, operator.name


@pytest.mark.parametrize(
    ("name", "parameter"),
    [(name, one) for name, row in CATALOGUE.items() for one in row.parameters],
    ids=lambda one: getattr(one, "name", one),
)
def test_a_parameter_of_a_descent_is_a_keyword_of_its_function(name, parameter):
    own = inspect.signature(CATALOGUE[name].function).parameters[parameter.keyword]
    assert parameter.required == (own.default is inspect.Parameter.empty)
    assert (
        parameter.help.endswith(".") or "…" in parameter.help or ":" in parameter.help
    )


# -------------------------------------------------------------- lists of points


def test_critical_points_of_the_globe_count_up_to_two(does, lows):
    does("critical_points", lows, "-v", "msl", "-o", "c.nc", "--plot", "c.png")
    found = opened("c.nc")
    assert found.attrs["featureType"] == "point"
    kinds = found["kind"].values.tolist()
    assert kinds.count("minimum") - kinds.count("saddle") + kinds.count("maximum") == 2
    deepest = found.isel(point=int(np.argmin(found["value"].values)))
    assert abs(float(deepest["latitude"]) - 50.0) < 0.01
    assert deepest["value"].attrs["units"] == "hPa"
    assert Path("c.png").stat().st_size > 10_000


def test_closed_contours_lie_where_a_bell_has_their_level(does, lows):
    words = ("-v", "msl", "--kind", "minimum", "--min_persistence", "2 hPa")
    does("closed_contours", lows, *words, "--interval", "4 hPa", "-o", "c.nc")
    found = opened("c.nc")
    assert found["level"].values.tolist() == [1008.0, 1008.0]
    np.testing.assert_allclose(found["depth"], [38.0, 18.0], atol=0.01)
    for k, least in enumerate((970.0, 990.0)):
        # 1010 - D exp(-d²/2s²) = 1008
        d = SIGMA_M * math.sqrt(2 * math.log((1010 - least) / 2.0))
        area_km2 = 2 * np.pi * (SPHERE_M / 1e3) ** 2 * (1 - math.cos(d / SPHERE_M))
        assert abs(float(found["area"][k]) / area_km2 - 1) < 0.01
        ends = np.cumsum(found["n_vertices"].values)
        own = slice(ends[k] - int(found["n_vertices"][k]), ends[k])
        away = distance_m(
            found["vertex_latitude"].values[own],
            found["vertex_longitude"].values[own],
            *CENTRES[least],
        )
        np.testing.assert_allclose(away, d, rtol=0.02)
    assert found["area"].attrs["units"] == "km2"
    assert found["n_vertices"].attrs["sample_dimension"] == "vertex"


def test_a_persistence_diagram_has_births_and_deaths(does, lows):
    words = ("--min_persistence", "1 hPa", "-o", "p.nc", "--plot", "p.png")
    does("persistence_diagram", lows, "-v", "msl", *words)
    found = opened("p.nc")
    np.testing.assert_allclose(found["birth"], [970.0, 990.0], atol=0.3)
    assert np.isinf(found["death"].values[0])
    # the two bells meet nowhere: the saddle is on the plain
    np.testing.assert_allclose(found["death"].values[1], 1010.0, atol=0.1)
    assert Path("p.png").stat().st_size > 10_000


def test_a_list_is_told_as_json_without_a_grid_and_with_its_kinds(does, lows):
    words = ("-v", "msl", "--min_persistence", "2 hPa", "--json")
    told = json.loads(does("critical_points", lows, *words).out)["variables"]
    assert told["kind"]["counts"]["minimum"] == 2
    assert told["value"]["units"] == "hPa"
    assert all("grid" not in one for one in told.values())
    words = ("-v", "msl", "--start", "45,-30", "--json")
    told = json.loads(does("steepest_path", lows, *words).out)["variables"]
    assert told["converged"]["counts"] == {"yes": 1}
    assert all("grid" not in one for one in told.values())


# -------------------------------------------------------------------------- paths


@pytest.mark.parametrize(
    ("starts", "reached"),
    [
        (["--start", "45,-30", "--start", "-30,95"], [970.0, 990.0]),
        (["--start=-30,95"], [990.0]),
        (["--start", "30S,95E", "--start", "30W,45N"], [990.0, 970.0]),
        (["--start", "-30.5, 265e-1"], [990.0]),
        (["--start", "-.5,100"], [990.0]),
    ],
)
def test_paths_end_in_the_lows_that_their_starts_lie_above(does, lows, starts, reached):
    does("steepest_path", lows, "-v", "msl", *starts, "-o", "s.nc")
    found = opened("s.nc")
    assert found.sizes["path"] == len(reached)
    for k, least in enumerate(reached):
        at = found["end_latitude"].values[k], found["end_longitude"].values[k]
        assert distance_m(*at, *CENTRES[least]) < 2e3
        assert abs(float(found["end_value"][k]) - least) < 0.05
    assert found["converged"].all()
    assert found["value"].attrs["long_name"] == "pressure along the path"
    assert found["latitude"].attrs["standard_name"] == "latitude"
    assert "featureType" not in found.attrs  # without times it is no trajectory of CF


def test_a_path_may_go_up_and_stop_and_is_a_step_of_a_chain(does, lows):
    words = ("--start", "-40,90", "--direction", "ascent", "--max_length", "500 km")
    does("steepest-path", lows, "-v", "msl", *words, "--plot", "s.png", "-o", "s.nc")
    found = opened("s.nc")
    assert abs(float(found["length"][0]) - 500.0) < 1e-6
    assert float(found["end_value"][0]) > float(found["value"][0, 0])
    assert Path("s.png").stat().st_size > 10_000
    smooth = ("smooth_n_point", lows, "-v", "msl", "--then", "steepest_path")
    for starts in (
        ("45,-30", "-30,95"),
        ("start=45,-30", "start=-30,95"),
        ("--start", "45,-30", "--start=-30,95"),
    ):
        does(*smooth, *starts, "-o", "t.nc", "--overwrite")
        found = opened("t.nc")
        assert found.sizes["path"] == 2
        assert distance_m(*_end(found, 1), *CENTRES[990.0]) < 2e3


def _end(found: xr.Dataset, k: int) -> tuple[float, float]:
    return float(found["end_latitude"][k]), float(found["end_longitude"][k])


# ---------------------------------------------------------------------- inversions


def test_poisson_gives_the_streamfunction_of_a_solid_rotation(does, rotation):
    words = ("--units", "km2/s", "-o", "psi.nc", "--plot", "psi.png")
    does("poisson", rotation, "-v", "vo", *words)
    found = opened("psi.nc")["solution"]
    assert found.attrs["units"] == "km2 s-1"
    exact = -1e-5 * (SPHERE_M / 1e3) ** 2 * np.sin(np.deg2rad(found["latitude"]))
    np.testing.assert_allclose(found, exact.broadcast_like(found), atol=0.2)
    does("poisson", rotation, "-v", "vo", "--then", "laplacian", "-o", "back.nc")
    (back,) = opened("back.nc").data_vars.values()
    np.testing.assert_allclose(back, opened(rotation)["vo"], atol=2e-8)


def test_conditions_at_a_rim_are_typed_with_their_units(does):
    """With no source, only what holds at the rim decides."""
    does(
        *("vorticity", *_still(), "--region", "20:60,0:90", "--then", "poisson"),
        *("bc=y=dirichlet:4 km2/s,dirichlet:4e6 m2/s", "--bc", "x=neumann"),
        *("-o", "p.nc"),
    )
    found = opened("p.nc")
    np.testing.assert_allclose(found["solution"], 4e6, rtol=1e-6)
    told = found.attrs["boundary_conditions"]
    assert "y first dirichlet 4 km2/s; y last dirichlet 4e6 m2/s" in told
    assert "x first neumann 0" in told


def _still() -> tuple[str, ...]:
    """A file of a wind of nothing at all, and how to name it."""
    lat, lon = globe(5.0)
    still = labelled(0.0 * lat + 0.0 * lon, lat, lon, units="m s-1")
    ds = xr.Dataset({"u": still, "v": still})
    ds.to_netcdf("still.nc", engine="netcdf4")
    return ("still.nc", "--u", "u", "--v", "v")


def test_a_mask_of_the_file_says_where_there_is_something_to_solve(does, rotation):
    does("poisson", rotation, "-v", "vo", "--mask", "sea", "-o", "m.nc")
    solved = opened("m.nc")["solution"].notnull()
    np.testing.assert_array_equal(solved, opened(rotation)["sea"].values != 0)


# -------------------------------------------------------------------------- detrend


def test_what_a_line_leaves_is_the_wave(does, line):
    does("detrend", line, "-o", "d.nc")
    found = opened("d.nc")["t"]
    assert found.attrs["units"] == "K"  # a difference of degC
    wave = np.cos(2 * np.pi * (np.arange(40) - 19.5) / 10.0)
    np.testing.assert_allclose(
        found, (wave - wave.mean())[:, None, None] + 0 * found, atol=1e-9
    )
    does("detrend", line, "--keep-mean", "yes", "-o", "k.nc")
    kept = opened("k.nc")["t"]
    assert kept.attrs["units"] == "degC"
    np.testing.assert_allclose(
        kept.mean("time"), opened(line)["t"].mean("time"), atol=1e-9
    )


def test_the_mean_of_what_is_left_is_a_line_in_a_picture(does, line):
    words = ("--then", "mean", "lat,lon", "-o", "d.nc", "--plot", "d.png")
    does("detrend", line, *words)
    assert opened("d.nc")["t"].dims == ("time",)
    assert Path("d.png").stat().st_size > 10_000


# ------------------------------------------------------------------------- Theil-Sen


def test_theil_sen_is_told_of_serial_correlation_and_of_memory(does, line):
    words = ("--memory", "2 GB", "--serial_correlation", "ar1", "-o", "s.nc")
    does("theil_sen", line, "--per", "day", *words)
    found = opened("s.nc")
    assert found.attrs["memory"] == "ar1"
    assert float(found["n_eff"].max()) < 40
    does("detrend", line, "--then", "theil_sen", "serial_correlation=ar1", "-o", "t.nc")
    assert opened("t.nc").attrs["memory"] == "ar1"


# --------------------------------------------------------------------------- refused


@pytest.mark.parametrize(
    ("words", "naming"),
    [
        (("steepest_path", "lows.nc", "-v", "msl"), ("--start 45,-50",)),
        (("steepest_path", "--start", "45"), ("'45'", "45N,30W", "--start 45,-30")),
        (("steepest_path", "--start", "north"), ("--start 45,-30",)),
        (("steepest_path", "--start", "40N,50N"), ("'40N,50N'",)),
        (("steepest_path", "--start", "95,-30"), ("--start -30,95",)),
        (("steepest_path", "--start", "1,2", "--max_length", "5"), ("'5000 km'",)),
        (("steepest_path", "--start", "1,2", "--tol", "2"), ("--tol 1e-4",)),
        (("steepest_path", "--start", "1,2", "-v", "both"), ("--select level=VALUE",)),
        (("critical_points", "--min_persistence", "2"), ("no unit", "'2 hPa'")),
        (("critical_points", "--min_persistence", "2 K"), ("'hPa'", "'K'")),
        (("critical_points", "--refine", "cubic"), ("spline", "quadratic")),
        (("critical_points", "--kind", "both"), ("--kind",)),
        (("critical_points", "-v", "mslp"), ("'msl'",)),
        (("closed_contours", "--interval", "4"), ("--interval '2 hPa'",)),
        (("closed_contours", "--interval", "4 m"), ("'hPa'",)),
        (("closed_contours", "--interval", "-4 hPa"), ("zero or more",)),
        (("closed_contours", "--kind", "low"), ("minimum",)),
        (("closed_contours", "--smooth", "2 hPa"), ("--smooth '1000 km'",)),
        (("persistence_diagram", "--kind", "low"), ("minimum",)),
        (("persistence_diagram", "--min_persistence", "x hPa"), ("'x hPa'",)),
        (("persistence_diagram", "--smooth", "9 km"), ("--smooth",)),
        (("persistence_diagram", "--time", "0"), ("time",)),
        (("persistence_diagram", "-v", "msll"), ("'msl'",)),
    ],
)
def test_a_wrong_walk_is_refused_with_what_to_type(refuses, lows, words, naming):
    command, *rest = words
    named = ["-v", "msl"] if "-v" not in rest else []
    file = [] if lows in rest else [lows]
    refuses(command, *file, *named, *rest, "-o", "out.nc", naming=naming)


@pytest.mark.parametrize(
    ("words", "naming"),
    [
        (("--units", "m/s"), ("--units 'm2 s-1'",)),
        (("--bc", "y"), ("--bc 'x=dirichlet:5 km2/s'",)),
        (("--bc", "y=robin"), ("'y=robin'", "dirichlet or neumann")),
        (("--bc", "y=periodic,neumann"), ("'y=periodic,neumann'",)),
        (("--bc", "z=neumann"), ("no side of this grid", "--bc y=dirichlet")),
        (("--bc", "x=neumann"), ("closes a circle", "--periodic no")),
        (("--bc", "x=neumann", "--bc", "x=dirichlet"), ("twice",)),
        (("--region", "0:50,0:90", "--bc", "y=dirichlet:5 s"), ("'m2 s-1'", "'s'")),
        (("--region", "0:50,0:90", "--bc", "y=dirichlet:warm"), ("'warm'",)),
        (("--region", "0:50,0:90", "--bc", "x=periodic"), ("--periodic yes",)),
        (("--mask", "wet"), ("byte(wet != 0)", "--mask mask")),
        (("--method", "fast"), ("fft",)),
    ],
)
def test_a_wrong_equation_is_refused_with_what_to_type(
    refuses, rotation, words, naming
):
    refuses("poisson", rotation, "-v", "vo", *words, "-o", "out.nc", naming=naming)


@pytest.mark.parametrize(
    ("words", "naming"),
    [
        (("detrend", "--dim", "depth"), ("'time'",)),
        (("detrend", "--time", "0"), ("'time'",)),
        (("detrend", "--keep_mean", "maybe"), ("yes", "no")),
        (("detrend", "--plot", "out.png"), ("panels",)),
        (("detrend", "-v", "tt"), ("'t'",)),
        (("theil_sen", "--memory", "ar1"), ("--serial_correlation ar1",)),
        (("theil_sen", "--serial_correlation", "yes"), ("ar1",)),
        (("detrend", "--then", "theil_sen", "memory=ar1"), ("serial_correlation",)),
    ],
)
def test_a_wrong_line_is_refused_with_what_to_type(refuses, line, words, naming):
    command, *rest = words
    refuses(command, line, *rest, "-o", "out.nc", naming=naming)
