"""What people write for places, conditions and words, at a shell and in a recipe."""

from __future__ import annotations

import netCDF4
import numpy as np
import pytest
import xarray as xr
from recipes.scripts import air
from recipes.test_script_runs import do

from xnabla.descent import WHOLE
from xnabla.errors import OptionError
from xnabla.recipes import (
    RecipeError,
    Step,
    plan,
    planned,
    read_recipe,
    step_of,
    value_of,
)
from xnabla.recipes.script._faults import in_recipe


def parameter(operator: str, name: str):
    (found,) = (one for one in WHOLE[operator].parameters if one.name == name)
    return found


@pytest.mark.parametrize(
    ("given", "places"),
    [
        ("45,-30", ((45.0, -30.0),)),
        (" 45 , -30 ", ((45.0, -30.0),)),
        ("45N,30W", ((45.0, -30.0),)),
        ("30W,45N", ((45.0, -30.0),)),
        ("30W,-45", ((-45.0, -30.0),)),
        ("45s,30°e", ((-45.0, 30.0),)),
        ("-.5,1e2", ((-0.5, 100.0),)),
        ([45, -30], ((45.0, -30.0),)),
        ([[45, -30], [1.5, 2]], ((45.0, -30.0), (1.5, 2.0))),
        (["45,-30", "35S,100E"], ((45.0, -30.0), (-35.0, 100.0))),
        (("45,-30",), ((45.0, -30.0),)),
    ],
)
def test_places_are_latitude_and_longitude(given, places):
    assert value_of(parameter("steepest_path", "start"), given) == places


@pytest.mark.parametrize(
    "given",
    [
        *("45", "45,30,1", "45 30", "N,W", "45N,30N", "3E,4W", "nan,1", "", 45, True),
        *([45, "x"], [[1, 2, 3]], [True, False], {"a": 1}),
    ],
)
def test_what_is_no_place_is_refused_with_one_that_is(given):
    with pytest.raises(OptionError, match="Try: start='45,-30'"):
        value_of(parameter("steepest_path", "start"), given)


@pytest.mark.parametrize(
    ("given", "conditions"),
    [
        ("y=neumann", {"y": ("neumann", "0")}),
        ("lat=dirichlet:5 km2/s", {"lat": ("dirichlet", "5 km2/s")}),
        (
            "y=dirichlet:-1,neumann",
            {"y": (("dirichlet", "-1"), ("neumann", "0"))},
        ),
        (["x=periodic", "y=neumann"], {"x": "periodic", "y": ("neumann", "0")}),
        ("mask=neumann", {"mask": ("neumann", "0")}),
    ],
)
def test_conditions_are_a_side_and_what_holds_there(given, conditions):
    assert value_of(parameter("poisson", "bc"), given) == conditions


@pytest.mark.parametrize(
    "given",
    [
        *(
            "y",
            "y=",
            "=neumann",
            "y=robin",
            "y=dirichlet:",
            "y=neumann,neumann,neumann",
        ),
        *("x=periodic,neumann", "mask=neumann,neumann", ["y=neumann", "y=dirichlet"]),
        3,
    ],
)
def test_what_is_no_condition_is_refused(given):
    with pytest.raises(OptionError, match=r"'bc' (cannot be|says twice)"):
        value_of(parameter("poisson", "bc"), given)


def test_a_parameter_goes_by_its_own_name_and_to_the_keyword_of_its_function():
    assert step_of("theil_sen", {"serial_correlation": "ar1"}).parameters == {
        "memory": "ar1"
    }
    with pytest.raises(OptionError, match="Try: serial_correlation"):
        step_of("theil_sen", {"memory": "ar1"})


def test_bare_words_of_a_step_are_as_many_places_as_there_are():
    step = step_of("steepest_path", {}, ["1,2", "3,4"])
    assert step.parameters == {"start": ((1.0, 2.0), (3.0, 4.0))}


# ---------------------------------------------------------------------- in a recipe

DOWN = """\
[inputs.air]
path = "air.nc"

[steps.paths]
operator = "steepest_path"
field = "inputs.air.t"
start = [[45, 20], "50N,5E"]
max_length = "400 km"

[steps.rings]
operator = "closed_contours"
field = "inputs.air.t"
interval = "1 K"

[steps.cols]
operator = "critical_points"
field = "inputs.air.t"

[steps.births]
operator = "persistence_diagram"
field = "inputs.air.t"
kind = "both"

[steps.slope]
operator = "vorticity"
u = "inputs.air.u"
v = "inputs.air.v"

[steps.psi]
operator = "poisson"
rhs = "slope"
bc = ["y=neumann", "x=dirichlet:2 km2/s"]

[steps.left]
operator = "detrend"
field = "inputs.air.t"
dim = "lat"

[steps.robust]
operator = "theil_sen"
field = "inputs.air.t"
dim = "lat"
serial_correlation = "ar1"

[outputs.paths]
file = "paths.nc"
variables = ["paths"]

[outputs.rings]
file = "rings.nc"
variables = ["rings"]

[outputs.cols]
file = "cols.nc"
variables = ["cols"]

[outputs.births]
file = "births.nc"
variables = ["births"]

[outputs.fields]
file = "fields.nc"
variables = { psi = "psi", left = "left" }

[outputs.robust]
file = "robust.nc"
variables = ["robust"]

[plots.paths]
file = "paths.png"
step = "paths"

[plots.rings]
file = "rings.png"
step = "rings"

[plots.births]
file = "births.png"
step = "births"
"""


def down(folder, text=DOWN):
    air(folder)
    recipe = folder / "down.toml"
    recipe.write_text(text)
    return recipe


def test_walks_and_inversions_are_steps_of_a_recipe(tmp_path):
    made = do(down(tmp_path))
    assert len(made) == 9
    assert do(tmp_path / "down.toml", resume=True) == []

    def opened(name):
        with xr.open_dataset(tmp_path / name, engine="netcdf4") as ds:
            return ds.load()

    paths = opened("paths.nc")
    np.testing.assert_allclose(paths["latitude"][:, 0], [45.0, 50.0], atol=1e-9)
    np.testing.assert_allclose(paths["longitude"][:, 0], [20.0, 5.0], atol=1e-9)
    assert float(paths["length"].max()) <= 400.0 + 1e-6
    assert opened("rings.nc").attrs["interval"] == "1 K"
    assert "saddle_value" in opened("cols.nc")
    assert set(opened("births.nc")["kind"].values) == {"minimum", "maximum"}
    fields = opened("fields.nc")
    np.testing.assert_allclose(fields["left"].mean("lat"), 0.0, atol=1e-4)
    np.testing.assert_allclose(fields["psi"][:, [0, -1]], 2e6, rtol=1e-6)
    assert opened("robust.nc").attrs["memory"] == "ar1"
    with netCDF4.Dataset(tmp_path / "paths.nc") as file:
        assert "start=((45.0, 20.0), (50.0, 5.0))" in file.history
    assert all((tmp_path / f"{n}.png").stat().st_size > 9_000 for n in ("paths",))


def test_what_is_wrong_with_them_is_told_with_its_line(tmp_path):
    text = DOWN
    for good, bad in (
        ('start = [[45, 20], "50N,5E"]', 'start = "45"'),
        ('interval = "1 K"', 'interval = "1 Kk"'),
        ('max_length = "400 km"', 'max_length = "400 hPa"'),
        ("y=neumann", "y=newmann"),
        ('serial_correlation = "ar1"', 'serial_correlation = "yes"'),
    ):
        text = text.replace(good, bad)
    with pytest.raises(RecipeError) as told:
        plan(read_recipe(down(tmp_path, text)), began=None)
    said = "\n".join(in_recipe(str(one)) for one in told.value.faults)
    lines = text.splitlines()
    for key, part in (
        ("start =", "start='45,-30'"),
        ("interval =", "'interval' cannot be '1 Kk'"),
        ("bc =", "bc='x=dirichlet:5 km2/s'"),
        ("serial_correlation =", "one of none, ar1"),
    ):
        (line,) = (k for k, one in enumerate(lines, 1) if one.startswith(key))
        assert f"down.toml:{line}: " in said
        assert part in said


@pytest.mark.parametrize("file", ["paths.png", "paths.nc"])
def test_a_list_is_not_cut_out(tmp_path, file):
    cut = f'file = "{file}"\nregion = "40:50,0:9"'
    text = DOWN.replace(f'file = "{file}"', cut)
    with pytest.raises(RecipeError, match="gives a list, which lies on no grid"):
        do(down(tmp_path, text))


def test_a_list_is_no_field_for_the_next_step():
    with pytest.raises(OptionError, match=r"what extrema gives.*a list"):
        planned([Step("extrema"), Step("gradient")])
    with pytest.raises(OptionError, match="mean cannot take what steepest_path"):
        planned([Step("steepest_path"), Step("mean", {}, {"dims": ("step",)})])
    assert planned([Step("extrema"), Step("select", {}, {"name": "value"})])
