"""Every operator's file, judged by IOOS's compliance-checker, UDUNITS and the CF table.

On a latitude-longitude, a Lambert and a rotated grid; the inputs carry attributes that
would be wrong of any result. Nothing here goes to the network: the table of standard
names comes with the checker.
"""

import inspect
import logging
import warnings

import netCDF4
import numpy as np
import pytest
import xarray as xr
from fields import real
from maps import rotated

import xnabla as xn
from xnabla.operators import CATALOGUE

pytestmark = pytest.mark.peer

VERSION = "cf:1.11"
HIGH = 3  # the checker's "must"; 2 is "should", such as a title for the whole file

# What operators get for an input, where its name alone does not tell.
INPUTS = {
    ("potential_vorticity", "field"): "theta",
    ("destagger", "field"): "staggered",
    "field": "t",
    "latitude": "t",
    "height": "gh",
    "temperature": "t",
    "potential_temperature": "theta",
    "specific_humidity": "q",
    "pressure": None,
}
OPTIONS = {
    "derivative": {"dim": "latitude"},
    "thermal_wind": {"bottom": "850 hPa", "top": "500 hPa"},
    "smooth_gaussian": {"n": 4},
    "smooth_window": {"window": np.ones((3, 3))},
    "smooth_rectangular": {"size": 3},
    "smooth_circular": {"radius": 1},
}
# The unit of each result, by hand.
UNITS = {
    "gradient": "K m-1",
    "derivative": "K m-1",
    "laplacian": "K m-2",
    "hessian": "K m-2",
    "velocity_gradient": "s-1",
    "divergence": "s-1",
    "vorticity": "s-1",
    "absolute_vorticity": "s-1",
    "shearing_deformation": "s-1",
    "stretching_deformation": "s-1",
    "total_deformation": "s-1",
    "kinematics": "s-1",
    "advection": "K s-1",
    "material_derivative": "K s-1",
    "moisture_flux_divergence": "s-1",
    "frontogenesis": "K m-1 s-1",
    "coriolis_parameter": "s-1",
    "potential_vorticity": "K m2 kg-1 s-1",
    "geostrophic_wind": "m s-1",
    "ageostrophic_wind": "m s-1",
    "thermal_wind": "m s-1",
    "inertial_advective_wind": "m s-1",
    "q_vector": "m2 kg-1 s-1",
    "montgomery_streamfunction": "m2 s-2",
    "smooth_gaussian": "K",
    "smooth_n_point": "K",
    "smooth_window": "K",
    "smooth_rectangular": "K",
    "smooth_circular": "K",
    "destagger": "m s-1",
}
# What the CF table has for a result; no other operator's may bear a name.
STANDARD_NAMES = {
    "divergence": {"divergence": "divergence_of_wind"},
    "vorticity": {"vorticity": "atmosphere_upward_relative_vorticity"},
    "kinematics": {
        "vorticity": "atmosphere_upward_relative_vorticity",
        "divergence": "divergence_of_wind",
    },
    "absolute_vorticity": {
        "absolute_vorticity": "atmosphere_upward_absolute_vorticity"
    },
    "coriolis_parameter": {"coriolis_parameter": "coriolis_parameter"},
    "potential_vorticity": {"potential_vorticity": "ertel_potential_vorticity"},
    "geostrophic_wind": {
        "ug": "geostrophic_eastward_wind",
        "vg": "geostrophic_northward_wind",
    },
}
# These bring the field elsewhere: it stays what it was.
SAME_QUANTITY = {
    name for name in CATALOGUE if name.startswith("smooth_") or name == "destagger"
}
# A product of means is no mean of products.
NONLINEAR = {
    "total_deformation",
    "advection",
    "material_derivative",
    "moisture_flux_divergence",
    "frontogenesis",
    "potential_vorticity",
    "inertial_advective_wind",
    "q_vector",
}
# Attributes a result may have; each is checked by itself.
ALLOWED = {
    "units",
    "long_name",
    "standard_name",
    "comment",
    "cell_methods",
    "coordinates",
    "grid_mapping",
    "_FillValue",
}
# What made the inputs what they are, and is untrue of what is made of them.
STALE = {
    "valid_range": np.float32([150.0, 350.0]),
    "actual_range": np.float32([201.0, 309.0]),
    "ancillary_variables": "t_error",
    "GRIB_paramId": 130,
    "GRIB_name": "Temperature",
    "standard_error": 0.1,
    "history": "made yesterday",
}
TITLES = {
    "t": ("air temperature", "air_temperature", "K"),
    "gh": ("geopotential height", "geopotential_height", "m"),
    "theta": ("potential temperature", "air_potential_temperature", "K"),
    "q": ("specific humidity", "specific_humidity", "kg kg-1"),
}


# --- inputs -------------------------------------------------------------------------


def titled(field, name, title, standard_name, units, mapping):
    made = field.astype(np.float32).rename(name)
    made.attrs = {
        **STALE,
        "cell_methods": "time: mean {}: {}: mean".format(*field.dims[-2:]),
        "units": units,
        "long_name": title,
        "standard_name": standard_name,
        **({"grid_mapping": mapping} if mapping else {}),
    }
    made.encoding = {"scale_factor": 0.01, "add_offset": 270.0, "dtype": "int16"}
    return made


def inputs(t, gh, u, v, *, along_grid, mapping=None):
    """All that operators ask for, three hours of it, from fields on levels."""
    hours = np.datetime64("2011-01-15T12", "ns") + np.arange(3) * np.timedelta64(1, "h")
    time = xr.DataArray(
        hours,
        dims="time",
        attrs={"standard_name": "time", "long_name": "valid time", "axis": "T"},
    )

    def in_time(field, speed):
        rising = xr.DataArray(speed * np.arange(3), dims="time", coords={"time": time})
        field = field.drop_vars([n for n in ("time",) if n in field.coords])
        return (rising + field).transpose("time", *field.dims)

    t, gh, u, v = in_time(t, 0.5), in_time(gh, 5.0), in_time(u, 1.0), in_time(v, -1.0)
    theta = t * (1000.0 / t["plev"]) ** (2 / 7)
    q = 1e-3 * np.exp((t - 273.0) / 15.0)
    found = {
        name: titled(field, name, *TITLES[name], mapping)
        for name, field in {"t": t, "gh": gh, "theta": theta, "q": q}.items()
    }
    for prefix, suffix in (("", ""), ("geostrophic ", "g")):
        for letter, field, east in (("u", u, "eastward"), ("v", v, "northward")):
            word = ("x" if letter == "u" else "y") if along_grid else east
            title = f"{prefix}{word} wind"
            found[letter + suffix] = titled(
                field,
                letter + suffix,
                title,
                f"{word}_wind"
                if not prefix or along_grid
                else f"geostrophic_{word}_wind",
                "m s-1",
                mapping,
            )
    return found


def from_gfs(tmp_path_factory):
    from pathlib import Path

    path = Path(__file__).parents[2] / "sample_data" / "gfs_20110115.nc"
    if not path.exists():
        pytest.skip("not a source checkout")
    with xr.open_dataset(path, engine="netcdf4") as file:
        part = file.sel(plev=[850, 700, 500]).isel(
            lat=slice(None, None, 6), lon=slice(None, None, 6)
        )
        part = part.load()
    fields = (part[name] for name in ("t", "gh", "u", "v"))
    return inputs(*fields, along_grid=False)


def from_nam():
    path = real("nam211_lambert_20180917.nc")
    with xr.open_dataset(path, engine="netcdf4", decode_coords="all") as file:
        part = file.sel(plev=[850, 700, 500])
        part = part.isel(x=slice(30, 44), y=slice(20, 32)).load()
    fields = (part[name] for name in ("t", "gh", "u", "v"))
    return inputs(*fields, along_grid=True, mapping="lcc")


def on_rotated():
    grid = rotated(
        39.25,
        -162.0,
        np.linspace(-8.0, 5.0, 14),
        np.linspace(-5.0, 6.0, 12),
        with_places=True,
        radius=6_371_229.0,
    )
    level = {"plev": ("plev", [850.0, 700.0, 500.0])}
    up = np.array([0.0, 1.5e3, 4e3])[:, np.newaxis, np.newaxis]

    def field(values):
        made = grid.labelled(values).rename(kind0="plev").assign_coords(level)
        made["plev"].attrs = {
            "units": "hPa",
            "standard_name": "air_pressure",
            "long_name": "pressure",
            "positive": "down",
            "axis": "Z",
        }
        for name, axis in (("rlat", "Y"), ("rlon", "X")):
            made[name].attrs |= {"axis": axis, "long_name": f"rotated {name[1:]}"}
        for name in ("lat", "lon"):
            made[name].attrs["long_name"] = name
        return made

    x, y = np.deg2rad(grid.x), np.deg2rad(grid.y)[:, np.newaxis]
    return inputs(
        field(285.0 - 0.006 * up - 60 * y + 20 * x),
        field(1450.0 + up - 1500 * y + 300 * np.sin(9 * x)),
        field(12.0 + up / 400 + 30 * y + 0 * x),
        field(-4.0 + up / 900 + 40 * np.sin(7 * x) + 0 * y),
        along_grid=True,
        mapping="rotated_pole",
    )


GRIDS = {"latitude-longitude": from_gfs, "projected": from_nam, "rotated": on_rotated}


@pytest.fixture(scope="module", params=GRIDS)
def state(request, tmp_path_factory):
    make = GRIDS[request.param]
    wants = inspect.signature(make).parameters
    return request.param, make(tmp_path_factory) if wants else make()


def staggered(u):
    """u halfway between the columns and beyond both ends, as WRF's files have it."""
    dim = str(u.dims[-1])

    def halfway(c):
        axis = c.dims.index(dim)
        values = np.moveaxis(c.values, axis, -1)
        first, last = 1.5 * values - 0.5 * np.roll(values, -1, -1), 1.5 * values
        last = last - 0.5 * np.roll(values, 1, -1)
        middle = (values[..., 1:] + values[..., :-1]) / 2
        parts = (first[..., :1], middle, last[..., -1:])
        moved = np.moveaxis(np.concatenate(parts, axis=-1), -1, axis)
        dims = [f"{dim}_stag" if d == dim else d for d in c.dims]
        return xr.Variable(dims, moved.astype(c.dtype), c.attrs)

    coords = {
        f"{dim}_stag" if name == dim else name: halfway(c) if dim in c.dims else c
        for name, c in u.coords.items()
    }
    wide = halfway(u)
    return xr.DataArray(wide, coords=coords, name="u")


def made_by(operator, fields):
    """What an operator makes of the inputs, and the field that names its grid."""
    entry, given = CATALOGUE[operator], {}
    for one in entry.inputs:
        source = INPUTS.get((operator, one.name), INPUTS.get(one.name, one.name))
        if one.required:
            known = {**fields, "staggered": staggered(fields["u"])}
            given[one.name] = known[source]
    options = OPTIONS.get(operator, {})
    missing = {p.name for p in entry.parameters if p.required} - options.keys()
    assert not missing, f"tell this test what {missing} of {operator} may be"
    if operator == "derivative":
        options = {"dim": fields["t"].dims[-2]}
    return entry.function(**given, **options)


# --- judges -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def table():
    from compliance_checker.cf.util import StandardNameTable

    return StandardNameTable()


@pytest.fixture(scope="module")
def check():
    """Return a function: the sentences of the checker on a file, by severity."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from compliance_checker.cf.cf import CF1_11Check
        from compliance_checker.suite import CheckSuite

    CheckSuite.checkers[VERSION] = CF1_11Check

    def judged(path):
        suite = CheckSuite()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with suite.load_dataset(str(path)) as dataset:
                found = suite.run_all(dataset, [VERSION])
        groups, failures = found[VERSION]
        assert not failures, failures
        assert groups
        told = {1: [], 2: [], HIGH: []}
        for group in groups:
            if group.value[0] < group.value[1]:
                told[group.weight].extend(_sentences(group) or [group.name])
        return told

    logging.getLogger("compliance_checker").setLevel(logging.ERROR)
    return judged


def _sentences(group):
    deeper = [told for child in group.children or () for told in _sentences(child)]
    return [*(group.msgs or ()), *deeper]


def same_dimension(one, other):
    from cf_units import Unit

    return Unit(one).is_convertible(other)


# --- tests --------------------------------------------------------------------------


def test_the_tables_of_this_test_know_every_operator():
    assert UNITS.keys() == CATALOGUE.keys()
    assert STANDARD_NAMES.keys() <= CATALOGUE.keys()


@pytest.fixture(scope="module")
def saved(state, tmp_path_factory):
    """Every operator's file on this grid, made when first asked for."""
    kind, fields = state
    folder, done = tmp_path_factory.mktemp("cf"), {}

    def file_of(operator):
        if operator not in done:
            result = made_by(operator, fields)
            path = folder / f"{operator}.nc"
            done[operator] = result, xn.save(result, path, history=f"xnabla {operator}")
        return done[operator]

    return kind, fields, file_of


@pytest.mark.parametrize("operator", CATALOGUE)
class TestFiles:
    def test_the_checker_finds_no_error(self, saved, check, operator):
        _, _, file_of = saved
        _, path = file_of(operator)
        told = check(path)
        assert told[HIGH] == []
        # what is left is advice: a title for the whole file, units_metadata
        advice = [one for one in told[1] + told[2] if "units_metadata" not in one]
        assert [one for one in advice if "title" not in one] == []

    def test_units_have_the_right_dimension_and_scale(self, saved, operator):
        from cf_units import Unit

        _, _, file_of = saved
        for name, variable in data_of(file_of(operator)):
            units = variable.attrs["units"]
            assert units == units.strip(), name
            assert units.isascii(), name
            assert Unit(units) == Unit(UNITS[operator]), name

    def test_names_are_words_and_those_of_the_table(self, saved, table, operator):
        _, fields, file_of = saved
        for name, variable in data_of(file_of(operator)):
            title = variable.attrs["long_name"]
            assert len(title.split()) >= 1
            assert not set("{}_") & set(title), title
            assert "  " not in title
            assert title == title.strip()
            standard = variable.attrs.get("standard_name")
            expected = STANDARD_NAMES.get(operator, {}).get(name)
            if operator in SAME_QUANTITY:
                source = fields["u" if operator == "destagger" else "t"]
                expected = source.attrs["standard_name"]
            assert standard == expected, name
            if standard is not None:
                canonical = table[standard].canonical_units
                assert same_dimension(variable.attrs["units"], canonical)

    def test_nothing_untrue_is_left_of_the_inputs(self, saved, operator):
        _, _, file_of = saved
        for _, variable in data_of(file_of(operator)):
            assert variable.attrs.keys() <= ALLOWED
            assert variable.dtype == np.float32 or operator == "coriolis_parameter"

    def test_cell_methods_tell_of_no_mean_that_is_none(self, saved, operator):
        """Inputs are means over an hour and a cell; a derivative knows no cell."""
        _, _, file_of = saved
        for _, variable in data_of(file_of(operator)):
            methods = set(variable.attrs.get("cell_methods", "").split())
            if operator not in SAME_QUANTITY | {"montgomery_streamfunction"}:
                assert not {f"{dim}:" for dim in variable.dims[-2:]} & methods
            if operator in NONLINEAR:
                assert "time:" not in methods

    def test_what_is_said_of_the_place_stays_true(self, saved, operator):
        kind, fields, file_of = saved
        _, path = file_of(operator)
        t = fields["t"]
        near = 0.02 if operator == "destagger" else 0.0
        with xr.open_dataset(path, engine="netcdf4", decode_coords="all") as file:
            back = file.load()
        for name, variable in back.data_vars.items():
            for place, coordinate in t.coords.items():
                if set(coordinate.dims) <= set(variable.dims):
                    assert place in variable.coords, (name, place)
                    same_place(variable[place], coordinate, near)
        assert back.attrs["Conventions"].startswith("CF-1.")
        assert f"xnabla {operator}" in back.attrs["history"]
        variables = list(back.data_vars.values())
        if kind != "latitude-longitude":
            mapping = t.attrs["grid_mapping"]
            for variable in variables:
                assert variable.encoding["grid_mapping"] == mapping
            assert back[mapping].attrs == t[mapping].attrs
        if operator in {"gradient", "vorticity"}:
            # a result is a field like any other: its grid is found again
            assert xn.grid_of(variables[0]).kind == xn.grid_of(t).kind

    def test_the_file_has_the_numbers_of_the_result(self, saved, operator):
        _, _, file_of = saved
        result, path = file_of(operator)
        parts = [result] if isinstance(result, xr.DataArray) else list(result)
        with xr.open_dataset(path, engine="netcdf4") as file:
            assert {part.name for part in parts} <= set(file.data_vars)
            for part in parts:
                np.testing.assert_array_equal(
                    file[part.name].values, np.asarray(part.data.magnitude)
                )
                assert np.isfinite(part.data.magnitude).any()


def same_place(got, coordinate, near):
    """Compare a coordinate in a file with that of the inputs."""
    if near and coordinate.dtype.kind == "f":
        np.testing.assert_allclose(got.values, coordinate.values, rtol=0, atol=near)
    else:
        xr.testing.assert_equal(got.variable, coordinate.variable)
    assert coordinate.attrs.items() <= got.attrs.items()


def data_of(saved):
    """Variables of the results in a file, undecoded."""
    result, path = saved
    parts = [result] if isinstance(result, xr.DataArray) else list(result)
    with xr.open_dataset(path, engine="netcdf4", decode_cf=False) as file:
        return [(part.name, file[part.name].load()) for part in parts]


def written(result, folder):
    path = xn.save(result, folder / "one.nc", history="xnabla derivative")
    with netCDF4.Dataset(path) as file:
        return path, {
            name: dict(file[name].__dict__)
            for name in file.variables
            if name not in file.dimensions
        }


@pytest.mark.parametrize(
    ("field", "dim", "name", "units"),
    [
        ("t", "time", "tendency_of_air_temperature", "K s-1"),
        ("u", "time", "tendency_of_eastward_wind", "m s-2"),
        ("u", "lon", "eastward_derivative_of_eastward_wind", "s-1"),
        ("u", "lat", "northward_derivative_of_eastward_wind", "s-1"),
        ("v", "lon", "eastward_derivative_of_northward_wind", "s-1"),
        ("v", "lat", "northward_derivative_of_northward_wind", "s-1"),
        ("t", "plev", None, "K hPa-1"),
        ("gh", "lon", None, "1"),
        ("gh", "lat", None, "1"),
    ],
)
def test_derivatives_bear_the_name_the_table_has(
    tmp_path, check, table, field, dim, name, units
):
    from cf_units import Unit

    fields = from_gfs(None)
    result = xn.derivative(fields[field], dim)
    path, attributes = written(result, tmp_path)
    assert check(path)[HIGH] == []
    of_result = attributes[result.name]
    assert Unit(of_result["units"]) == Unit(units)
    assert of_result.get("standard_name") == name
    assert name is None or name in table._names


SEA = {
    "current": (
        "vorticity",
        ("eastward_sea_water_velocity", "northward_sea_water_velocity"),
        {"vorticity": "ocean_relative_vorticity"},
    ),
    "ice": (
        "divergence",
        ("sea_ice_x_velocity", "sea_ice_y_velocity"),
        {"divergence": "divergence_of_sea_ice_velocity"},
    ),
    "divergence of a current": (
        "divergence",
        ("eastward_sea_water_velocity", "northward_sea_water_velocity"),
        {"divergence": None},
    ),
    "height above the geoid": (
        "geostrophic_wind",
        ("sea_surface_height_above_geoid",),
        {
            "ug": "surface_geostrophic_eastward_sea_water_velocity",
            "vg": "surface_geostrophic_northward_sea_water_velocity",
        },
    ),
    "height above mean sea level": (
        "geostrophic_wind",
        ("sea_surface_height_above_mean_sea_level",),
        {
            f"{letter}g": f"surface_geostrophic_{way}_sea_water_velocity"
            "_assuming_mean_sea_level_for_geoid"
            for letter, way in (("u", "eastward"), ("v", "northward"))
        },
    ),
}


@pytest.mark.parametrize("case", SEA)
def test_results_for_the_sea_bear_its_names(table, case):
    operator, inputs, expected = SEA[case]
    wind = from_gfs(None)["u"]
    units = "m s-1" if len(inputs) == 2 else "m"
    parts = [wind.assign_attrs(standard_name=one, units=units) for one in inputs]
    made = getattr(xn, operator)(*parts)
    for name, one in zip(
        expected, made if len(expected) == 2 else (made,), strict=True
    ):
        assert one.attrs.get("standard_name") == expected[name]
        assert expected[name] is None or expected[name] in table._names
        assert "wind" not in one.attrs["long_name"]


def test_no_name_is_an_alias(table):
    from xnabla.labels import RESULTS

    names = {row.standard_name for row in RESULTS.values()} - {""}
    assert names <= set(table._names)
    assert not names & set(table._aliases)


@pytest.mark.parametrize("units", ["K/km", "cK/km", "1/day", "K/hour"])
def test_units_asked_for_are_written_as_udunits_reads_them(tmp_path, check, units):
    from cf_units import Unit

    fields = from_gfs(None)
    if units == "K/hour":
        result = xn.advection(fields["t"], fields["u"], fields["v"], units=units)
    elif "K" in units:
        result = xn.gradient(fields["t"], units=units)
    else:
        result = xn.vorticity(fields["u"], fields["v"], units=units)
    path, attributes = written(result, tmp_path)
    assert check(path)[HIGH] == []
    first = result if isinstance(result, xr.DataArray) else result[0]
    assert Unit(attributes[first.name]["units"]) == Unit(units)


@pytest.mark.parametrize(
    "methods", ["lat: lon: mean", "latitude: longitude: mean", "area: mean"]
)
@pytest.mark.parametrize("operator", ["gradient", "laplacian"])
def test_a_mean_over_cells_is_told_by_dimension_by_standard_name_or_as_area(
    operator, methods
):
    """CF-1.11, 7.3: three ways to say the same, none true of a derivative."""
    field = from_gfs(None)["t"].assign_attrs(cell_methods=f"time: mean {methods}")
    result = CATALOGUE[operator].function(field)
    for part in result if operator == "gradient" else (result,):
        assert part.attrs["cell_methods"] == "time: mean"
