"""The variables of an operator are found where the file is clear, and only there."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from recipes.making import analysis, written

from xnabla.errors import FileError, OptionError, XnablaError
from xnabla.operators import CATALOGUE
from xnabla.recipes._inputs import pick_inputs
from xnabla.recipes._sources import Sources


@pytest.fixture
def picked(tmp_path):
    """Write a dataset, or several, and return which variables are taken from them."""
    opened = []

    def pick(operator, *datasets, named=None, variable=None, selecting=()):
        paths = [
            written(ds, tmp_path / f"{len(opened)}_{k}.nc")
            for k, ds in enumerate(datasets)
        ]
        sources = Sources.open(paths)
        opened.append(sources)
        found = pick_inputs(
            CATALOGUE[operator], sources, named or {}, variable, selecting
        )
        return {name: str(field.name) for name, field in found.items()}

    yield pick
    for sources in opened:
        sources.close()


def fields(**standard_names: str | None) -> xr.Dataset:
    """Variables on one small grid, with the standard names that are given."""
    axes = {
        "lat": ("lat", [40.0, 50.0, 60.0], {"units": "degrees_north"}),
        "lon": ("lon", [0.0, 10.0, 20.0, 30.0], {"units": "degrees_east"}),
    }
    attrs = {
        name: {"units": "m s-1"} | ({"standard_name": told} if told else {})
        for name, told in standard_names.items()
    }
    values = np.ones((3, 4))
    return xr.Dataset(
        {name: (("lat", "lon"), values, attrs[name]) for name in standard_names}, axes
    )


def on_levels(*names: str) -> xr.Dataset:
    """The same variables, some of them on levels."""
    level = xr.DataArray(
        [850.0, 500.0], dims="plev", attrs={"units": "hPa", "positive": "down"}
    )
    ds = fields(
        u="eastward_wind",
        v="northward_wind",
        u10="eastward_wind",
        v10="northward_wind",
    )
    lifted = {name: ds[name].expand_dims(plev=level).copy() for name in names}
    return ds.assign(lifted).assign_coords(plev=level)


def test_an_analysis_gives_all_its_inputs_away(picked):
    assert picked("vorticity", analysis()) == {"u": "u", "v": "v"}
    assert picked("frontogenesis", analysis()) == {
        "potential_temperature": "theta",
        "u": "u",
        "v": "v",
    }
    assert picked("moisture_flux_divergence", analysis())["specific_humidity"] == "q"
    assert picked("geostrophic_wind", analysis()) == {"height": "gh"}
    assert picked("inertial_advective_wind", analysis()) == {
        "u": "u",
        "v": "v",
        "ug": "ug",
        "vg": "vg",
    }


def test_of_two_with_the_standard_name_the_one_with_a_known_name_is_meant(picked):
    """The temperature of the levels, not that at two metres."""
    assert picked("q_vector", analysis())["temperature"] == "t"


def test_a_standard_name_counts_more_than_a_name(picked):
    ds = fields(ua10="eastward_wind", va10="northward_wind", u=None, v=None)
    assert picked("vorticity", ds) == {"u": "ua10", "v": "va10"}


@pytest.mark.parametrize(
    "names",
    [
        *(("x_wind", "y_wind"), ("eastward_wind", "northward_wind")),
        ("grid_eastward_wind", "grid_northward_wind"),
        ("sea_ice_x_velocity", "sea_ice_y_velocity"),
        ("eastward_sea_ice_velocity", "northward_sea_ice_velocity"),
    ],
)
def test_the_parts_of_a_wind_are_of_one_kind(picked, names):
    ds = fields(a=names[0], b=names[1])
    assert picked("divergence", ds) == {"u": "a", "v": "b"}


@pytest.mark.parametrize(
    "pair",
    [
        *(("u", "v"), ("uwnd", "vwnd"), ("ua", "va"), ("U10", "V10"), ("10u", "10v")),
        ("10m_u_component_of_wind", "10m_v_component_of_wind"),
        ("vozocrtx", "vomecrty"),
        ("u-component_of_wind_isobaric", "v-component_of_wind_isobaric"),
        *(("UGRD_GDS0_ISBL", "VGRD_GDS0_ISBL"), ("ugrdprs", "vgrdprs")),
        *(("UGRD_10maboveground", "VGRD_10maboveground"), ("u_wind_10m", "v_wind_10m")),
        ("U_10M", "V_10M"),
    ],
)
def test_names_are_enough_where_nothing_else_is_said(picked, pair):
    assert picked("divergence", fields(**dict.fromkeys(pair))) == {
        "u": pair[0],
        "v": pair[1],
    }


@pytest.mark.parametrize(
    "ds",
    [
        fields(a="eastward_wind", b="y_wind"),
        fields(u="eastward_wind", v="y_wind"),
        fields(u="eastward_wind", v="air_temperature"),
        fields(u=None, vwnd=None),
        fields(t="air_temperature"),
    ],
    ids=["two kinds", "two kinds by name", "no wind", "two ways of naming", "none"],
)
def test_no_wind_is_made_of_parts_that_do_not_belong_together(picked, ds):
    with pytest.raises(FileError, match=r"No wind is known.*Try: --u NAME --v NAME"):
        picked("vorticity", ds)


def test_two_winds_are_named_and_none_is_taken(picked):
    with pytest.raises(FileError) as told:
        picked("vorticity", on_levels())
    assert "There are 2 winds" in str(told.value)
    assert "u with v, u10 with v10" in str(told.value)
    assert str(told.value).endswith("Try: --u u --v v")


def test_of_two_winds_the_one_that_has_the_level_is_meant(picked):
    ds = on_levels("u", "v")
    assert picked("vorticity", ds, selecting=["vertical"]) == {"u": "u", "v": "v"}


@pytest.mark.parametrize(
    ("named", "found"),
    [
        ({"u": "u10"}, ("u10", "v10")),
        ({"v": "v10"}, ("u10", "v10")),
        ({"u": "u"}, ("u", "v")),
        ({"u": "u10", "v": "v"}, ("u10", "v")),
    ],
    ids=str,
)
def test_a_named_part_brings_its_partner(picked, named, found):
    assert tuple(picked("vorticity", on_levels(), named=named).values()) == found


def test_a_part_with_an_unusual_name_brings_the_one_that_is_named_alike(picked):
    ds = fields(UGRD_P0=None, VGRD_P0=None, TMP_P0=None)
    found = picked("vorticity", ds, named={"u": "UGRD_P0"})
    assert found == {"u": "UGRD_P0", "v": "VGRD_P0"}


def test_a_known_name_counts_more_than_one_that_looks_like_it(picked):
    ds = fields(u=None, v=None, ugrd10m=None, vgrd10m=None)
    assert picked("vorticity", ds) == {"u": "u", "v": "v"}


def test_a_name_is_not_believed_against_a_standard_name(picked):
    ds = fields(u="eastward_wind", v="northward_wind", t="sea_water_temperature")
    with pytest.raises(FileError, match=r"'temperature'.*--temperature NAME"):
        picked("q_vector", ds)


def test_a_departure_is_not_taken_for_the_thing_itself(picked):
    """WRF's T is a perturbation of potential temperature, and says so."""
    ds = fields(u="eastward_wind", v="northward_wind", T=None)
    ds["T"].attrs["description"] = "perturbation potential temperature (theta-t0)"
    with pytest.raises(FileError, match="'temperature'"):
        picked("q_vector", ds)


def test_several_that_fit_are_named_with_what_to_type(picked):
    ds = fields(a="geopotential_height", b="geopotential_height")
    with pytest.raises(FileError, match=r"one of 'a', 'b'\. Try: --height a"):
        picked("geostrophic_wind", ds)


def test_an_optional_input_is_used_only_when_it_is_named(picked):
    named = {"field": "t"}
    assert "w" not in picked("advection", analysis(), named=named)
    found = picked("advection", analysis(), named={**named, "w": "omega"})
    assert found == {"field": "t", "u": "u", "v": "v", "w": "omega"}


def test_a_field_that_could_be_anything_is_never_guessed(picked):
    with pytest.raises(FileError, match=r"'field'.*--field NAME"):
        picked("advection", analysis())


def test_the_only_field_of_a_file_needs_no_name(picked):
    ds = fields(z500=None)
    assert picked("laplacian", ds) == {"field": "z500"}
    assert picked("geostrophic_wind", ds) == {"height": "z500"}
    assert picked("coriolis_parameter", ds) == {"latitude": "z500"}


def test_the_variable_of_an_operator_that_needs_one(picked):
    assert picked("thermal_wind", analysis(), variable="t2m") == {"field": "t2m"}
    with pytest.raises(OptionError, match=r"several variables.*--u NAME --v NAME"):
        picked("vorticity", analysis(), variable="u")


def test_a_misspelled_variable_or_input_is_said(picked):
    with pytest.raises(FileError, match=r"no variable 'uu'"):
        picked("vorticity", analysis(), named={"u": "uu"})
    with pytest.raises(OptionError, match=r"no input 'uwind'.*'u', 'v'"):
        picked("vorticity", analysis(), named={"uwind": "u"})


def test_a_wind_may_come_in_two_files(picked):
    ds = analysis()
    assert picked("vorticity", ds[["u"]], ds[["v"]]) == {"u": "u", "v": "v"}
    found = picked("vorticity", ds[["u"]], ds[["v", "t"]], named={"v": "v"})
    assert found == {"u": "u", "v": "v"}


def test_a_name_that_is_two_things_in_two_files_is_refused(picked):
    ds = analysis()
    other = ds[["u"]] + 1.0
    with pytest.raises(FileError, match="'u'"):
        picked("vorticity", other, ds[["u", "v"]], named={"u": "u"})


def test_positions_beside_a_field_are_found(tmp_path):
    """As in the static files of WRF, where nothing says they belong together."""
    ds = xr.Dataset(
        {
            "HGT_M": (("south_north", "west_east"), np.ones((3, 4)), {"units": "m"}),
            "XLAT_M": (("south_north", "west_east"), np.full((3, 4), 60.0)),
            "XLONG_M": (("south_north", "west_east"), np.full((3, 4), 10.0)),
        }
    )
    for name, units in (("XLAT_M", "degrees_north"), ("XLONG_M", "degrees_east")):
        ds[name].attrs["units"] = units
    sources = Sources.open([written(ds, tmp_path / "geo.nc")])
    assert set(sources.pick("HGT_M").coords) == {"XLAT_M", "XLONG_M"}
    sources.close()


def test_nothing_is_left_open_when_a_file_is_none(tmp_path):
    good = written(analysis(), tmp_path / "good.nc")
    with pytest.raises(XnablaError, match=r"missing\.nc"):
        Sources.open([good, str(tmp_path / "missing.nc")])
    # it can be written to
    written(analysis(), tmp_path / "good.nc")
