"""``ds.nabla`` and ``tree.nabla``: variables are found as commands find them."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from recipes.making import analysis, job_of

import xnabla as xn
from xnabla.labels import dequantify
from xnabla.operators import CATALOGUE

SHIP = Path(__file__).resolve().parents[3] / "shared" / "data" / "ship"


@pytest.fixture(scope="module")
def weather():
    return analysis()


def opened(name: str) -> xr.Dataset:
    if not (SHIP / name).exists():
        pytest.skip(f"needs {SHIP / name}")
    return xn.open_dataset(SHIP / name)


def test_the_wind_is_found_as_the_command_line_finds_it(weather):
    one = weather.drop_vars(["ug", "vg"])
    found = one.nabla.vorticity(units="h-1")
    theirs = xn.vorticity(weather["u"], weather["v"], units="h-1")
    xr.testing.assert_identical(found, theirs)


def test_variables_are_named_in_order_or_by_the_input(weather):
    theirs = xn.advection(weather["t"], weather["ug"], weather["vg"])
    for mine in (
        weather.nabla.advection("t", "ug", "vg"),
        weather.nabla.advection("t", u="ug", v="vg"),
        weather.nabla.advection(weather["t"], weather["ug"], weather["vg"]),
    ):
        xr.testing.assert_identical(mine, theirs)
    found = weather.nabla.advection("t")  # the wind by its standard names
    theirs = xn.advection(weather["t"], weather["u"], weather["v"])
    xr.testing.assert_identical(found, theirs)


def test_two_winds_are_refused_with_the_arguments_to_type(weather):
    two = weather.assign(u10=weather["u"], v10=weather["v"]).drop_vars(["ug", "vg"])
    with pytest.raises(xn.FileError, match=r"2 winds in the Dataset.*u='u', v='v'"):
        two.nabla.vorticity()
    xr.testing.assert_identical(
        two.nabla.vorticity(v="v10"), xn.vorticity(two["u10"], two["v10"])
    )
    with pytest.raises(xn.FileError, match=r"No wind is known.*u='NAME', v='NAME'"):
        weather[["t"]].nabla.vorticity()


def test_an_operator_of_any_field_is_applied_to_each(weather):
    fields = weather[["t", "gh"]]
    slopes = fields.nabla.gradient()
    assert set(slopes) == {"dt_dy", "dt_dx", "dgh_dy", "dgh_dx"}
    for name in fields:
        for part in xn.gradient(weather[name]):
            xr.testing.assert_identical(slopes[part.name], dequantify(part))
    assert slopes.attrs["title"] == "an analysis"
    assert "left_out" not in slopes.attrs


def test_one_field_gives_what_its_function_gives(weather):
    north, east = weather.nabla.gradient("t", units="K/km")
    xr.testing.assert_identical(east, xn.gradient(weather["t"], units="K/km").x)
    xr.testing.assert_identical(north, xn.gradient(weather["t"], units="K/km").y)
    xr.testing.assert_identical(
        weather.nabla.derivative("t", "plev"), xn.derivative(weather["t"], "plev")
    )


def test_what_is_no_field_is_left_out_and_said(weather):
    ds = weather[["t"]].assign(
        time_bnds=(("time", "two"), np.zeros((3, 2))),
        station=("lat", list("abcdefghijk")),
        base=5.0,
        quality=(weather["t"].dims, np.zeros(weather["t"].shape, np.int8)),
    )
    ds["time"].attrs["bounds"] = "time_bnds"
    ds["quality"].attrs = {"flag_values": [0, 1], "flag_meanings": "good bad"}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        slopes = ds.nabla.laplacian()
    assert list(slopes) == ["laplacian_t"]
    said = slopes.attrs["left_out"]
    for name, why in (
        ("time_bnds", "bounds"),
        ("station", "values of type <U1"),
        ("base", "no dimension"),
        ("quality", "flags"),
    ):
        assert f"{name}: {why}" in said


def test_a_field_that_an_operator_refuses_is_left_out_with_a_warning(weather):
    ds = weather[["t"]].assign(series=("time", np.arange(3.0), {"units": "K"}))
    with pytest.warns(UserWarning, match="laplacian leaves out 'series'"):
        found = ds.nabla.laplacian()
    assert "series: This needs a field with two horizontal" in found.attrs["left_out"]
    with pytest.raises(xn.GridError, match="two horizontal dimensions"):
        ds[["series"]].nabla.laplacian()


def test_a_field_of_another_unit_than_asked_for_is_not_meant(weather):
    found = weather[["t", "gh"]].nabla.gradient(units="K/km")  # and no warning
    assert set(found) == {"dt_dy", "dt_dx"}
    assert "gh: Units 'K km-1' do not fit" in found.attrs["left_out"]


def test_a_dataset_of_nothing_is_refused():
    with pytest.raises(xn.FieldError, match="nothing in the Dataset for gradient"):
        xr.Dataset({"name": "a"}).nabla.gradient()
    with pytest.raises(xn.FieldError, match="no variable 'z'"):
        xr.Dataset({"a": ("x", [1.0, 2.0])}).nabla.advection(field="z")


def test_fits_of_several_fields_keep_their_numbers_apart():
    days = np.array("2000-01-01", "M8[ns]") + np.arange(40) * np.timedelta64(1, "D")
    noise = np.random.default_rng(0).normal(size=(2, 40))
    ds = xr.Dataset(
        {
            "a": ("time", noise[0], {"units": "K"}),
            "b": ("time", noise[1], {"units": "m"}),
        },
        {"time": days},
    )
    both = ds.nabla.trend(se="ols")
    for name in ("a", "b"):
        alone = dequantify(xn.trend(ds[name], se="ols"))
        assert float(both[f"{name}_slope"]) == float(alone["slope"])
        assert both[f"{name}_slope"].attrs["units"] == alone["slope"].attrs["units"]
    assert set(ds[["a"]].nabla.trend(se="ols")) == set(xn.trend(ds["a"], se="ols"))


@pytest.mark.parametrize("lazy", [False, True])
@pytest.mark.parametrize("name", [n for n in CATALOGUE if n != "coriolis_parameter"])
def test_every_result_goes_into_the_next_operator(weather, name, lazy):
    """As far as its own coordinates say where it is: nothing is lost on the way."""
    ds = weather.isel(plev=slice(0, 3))
    if name != "inertial_advective_wind":
        ds = ds.drop_vars(["ug", "vg"])  # there is one wind for the others
    ds = ds.chunk({"lat": 6}) if lazy else ds
    job = job_of(name)
    named = dict(job["inputs"])
    if job["variable"]:
        named["field" if "field" in CATALOGUE[name].fields else "height"] = job[
            "variable"
        ]
    if name in {"ageostrophic_wind"}:
        named["height"] = "gh"
    wanted = {one.name for one in CATALOGUE[name].inputs}
    if name == "thermal_wind":
        named = {CATALOGUE[name].fields[0]: "t"}
    named = {key: value for key, value in named.items() if key in wanted}
    made = getattr(ds.nabla, name)(**named, **job["parameters"])
    first = made[0] if isinstance(made, tuple) else made
    steep = first.nabla.gradient().magnitude()
    smooth = steep.nabla.smooth_gaussian(4)
    again = dequantify(smooth).nabla.laplacian()
    data = getattr(again.data, "magnitude", again.data)
    assert hasattr(data, "dask") == lazy
    # winds have no values at the equator, which each operator after them widens
    known = dequantify(first.nabla.gradient().magnitude())
    assert bool(np.isfinite(known).any())
    assert xn.grid_of(again).earth == xn.grid_of(ds["t"]).earth


def test_maps_and_figures_of_the_earth_go_along_a_chain():
    ds = opened("nam211_lambert_20180917.nc")
    speed = ds.nabla.geostrophic_wind().magnitude()
    smooth = speed.nabla.gradient(units="us-1").magnitude().nabla.smooth_gaussian(4)
    mine, own = xn.grid_of(smooth), xn.grid_of(ds["gh"])
    assert mine.kind == own.kind == "projected"
    assert mine.earth == own.earth


def test_positions_that_are_variables_are_found():
    ds = opened("wcofs_roms_subset.nc")
    named = [n for n in ds.data_vars if str(n).startswith("u_sur")]
    if "lat_u" in ds.coords:
        ds = ds.reset_coords(["lat_u", "lon_u"])
    found = ds[[*named, "lat_u", "lon_u"]].nabla.gradient()
    assert "du_sur_dx" in found
    assert "lat_u: positions" in found.attrs["left_out"]


def test_the_grid_is_told_where_all_agree(weather):
    assert str(weather[["t", "u"]].nabla.grid) == str(xn.grid_of(weather["t"]))
    with pytest.raises(xn.GridError, match="not on one grid"):
        _ = weather.nabla.grid


def test_quantify_and_dequantify_are_a_round_trip(weather):
    there = weather[["t", "gh"]].nabla.quantify()
    assert there["t"].data.units == "kelvin"
    xr.testing.assert_identical(there.nabla.dequantify(), weather[["t", "gh"]])


def test_a_tree_is_worked_on_group_by_group(weather):
    tree = xr.DataTree.from_dict(
        {"/": xr.Dataset(attrs={"title": "runs"}), "/a": weather[["t"]]},
        name="runs",
    )
    tree["b/deep"] = xr.DataTree(weather[["u", "v", "gh"]])
    slopes = tree.nabla.laplacian()
    assert [node.path for node in slopes.subtree] == ["/", "/a", "/b", "/b/deep"]
    assert slopes.attrs["title"] == "runs"
    theirs = dequantify(xn.laplacian(weather["gh"]))
    xr.testing.assert_identical(slopes["b/deep/laplacian_gh"], theirs)
    again = slopes.nabla.gradient()
    assert set(again["a"].data_vars) == {"dlaplacian_t_dy", "dlaplacian_t_dx"}


def test_a_tree_says_which_group_is_at_fault(weather):
    tree = xr.DataTree.from_dict({"/a": weather[["t"]]})
    with pytest.raises(xn.FileError, match="Group '/a': No wind is known"):
        tree.nabla.vorticity()


def test_part_of_a_tree_is_a_tree(weather):
    tree = xr.DataTree.from_dict(
        {"/runs/a": weather[["t"]], "/runs/b": weather[["gh"]]}
    )
    found = tree["runs"].nabla.gradient()
    assert [node.path for node in found.subtree] == ["/", "/a", "/b"]


@pytest.mark.parametrize("held", ["dataset", "tree"])
def test_names_are_listed_and_others_refused(weather, held):
    accessor = (weather if held == "dataset" else xr.DataTree(weather)).nabla
    assert {*CATALOGUE, "trend"} <= set(dir(accessor))
    assert "vorticity" in repr(accessor)
    assert accessor.gradient.__doc__ == xn.gradient.__doc__
    with pytest.raises(AttributeError, match="curl"):
        _ = accessor.curl


def test_too_much_is_refused(weather):
    with pytest.raises(xn.FieldError, match="does not know what to do with 'x0'"):
        weather.nabla.laplacian(*[f"x{k}" for k in range(20)])
