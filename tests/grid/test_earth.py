"""Whose figure of the Earth a derivative uses, and that the Grid says so."""

import subprocess
import sys
import textwrap

import numpy as np
import pint
import pytest
import xarray as xr
from grid.making import RADIUS_M, lat_lon

import xnabla as xn

LAT = np.arange(30.0, 61.0, 5.0)
LON = np.arange(0.0, 31.0, 5.0)
WGS84 = (6_378_137.0, 298.257223563)
GRS80 = (6_378_137.0, 298.257222101)


def region():
    """Make a field whose derivatives are exact for any scheme: 3 φ + 2 λ."""
    return lat_lon(LAT, LON, lambda phi, lam: 3.0 * phi + 2.0 * lam)


def radii(major, inverse_flattening):
    """Return M and N cos φ of an ellipsoid on the rows."""
    f = 1.0 / inverse_flattening if inverse_flattening else 0.0
    e2 = f * (2.0 - f)
    phi = np.deg2rad(LAT)
    w2 = 1.0 - e2 * np.sin(phi) ** 2
    return major * (1 - e2) / w2**1.5, major / np.sqrt(w2) * np.cos(phi)


def assert_uses(field, major, inverse_flattening, **kwargs):
    """Check both derivatives against the radii of curvature."""
    m, n_cos = radii(major, inverse_flattening)
    north, east = xn.gradient(field, **kwargs)
    shape = field.shape
    rtol = 1e-11
    np.testing.assert_allclose(
        north.data.to("K/m").magnitude,
        np.broadcast_to(3.0 / m[:, None], shape),
        rtol=rtol,
    )
    np.testing.assert_allclose(
        east.data.to("K/m").magnitude,
        np.broadcast_to(2.0 / n_cos[:, None], shape),
        rtol=rtol,
    )


def test_without_a_word_the_earth_is_the_sphere_of_the_models():
    assert_uses(region(), RADIUS_M, 0)


def test_an_assumed_earth_is_told_in_print_and_on_the_grid():
    grid = xn.grid_of(region())
    assert "assumed" in str(grid.earth)
    assert "6371229 m" in str(grid)


def test_an_assumed_earth_is_listed_with_what_was_assumed():
    assert any("6371229" in note for note in xn.grid_of(region()).assumed)


def test_a_result_records_the_earth_it_was_made_with():
    for part in xn.gradient(region()):
        assert "6371229 m (assumed)" in part.attrs["comment"]
    for part in xn.gradient(region(), earth="WGS84"):
        assert "WGS84" in part.attrs["comment"]


@pytest.mark.parametrize("name", ["WGS84", "wgs84", "WGS 84"])
def test_wgs84_uses_its_radii_of_curvature(name):
    assert_uses(region(), *WGS84, earth=name)


def test_grs80_uses_its_own():
    assert_uses(region(), *GRS80, earth="GRS80")


@pytest.mark.parametrize(
    "radius", [6_370_000, 6_371_220.0, np.float32(6_371_220.0), np.int64(6_371_220)]
)
def test_a_number_is_a_radius_in_metres(radius):
    assert_uses(region(), float(radius), 0, earth=radius)


def test_a_quantity_is_a_radius_in_its_unit():
    assert_uses(region(), 6_371_000.0, 0, earth=pint.Quantity(6371.0, "km"))


def test_a_quantity_of_another_registry_is_a_radius_too():
    assert_uses(
        region(), 6_371_000.0, 0, earth=pint.UnitRegistry().Quantity(6371.0, "km")
    )


def test_a_quantity_that_is_no_length_is_refused():
    with pytest.raises(xn.UnitsError, match="m"):
        xn.gradient(region(), earth=pint.Quantity(6371.0, "s"))


def test_a_pyproj_geod_is_an_earth():
    pyproj = pytest.importorskip("pyproj")
    assert_uses(region(), *WGS84, earth=pyproj.Geod(ellps="WGS84"))


def test_an_earth_is_an_earth():
    assert_uses(region(), 6e6, 0, earth=xn.Earth(6e6, 6e6, "mine"))


@pytest.mark.parametrize("radius", [6371, 6371.0])
def test_kilometres_taken_for_metres_are_refused(radius):
    with pytest.raises(xn.XnablaError, match=r"metres.*earth=6371"):
        xn.gradient(region(), earth=radius)


@pytest.mark.parametrize(
    "figure",
    [6371, 0, -6_371_229.0, float("nan"), float("inf"), "Pluto", "", True, [1]],
)
def test_an_earth_that_cannot_be_is_an_option_error(figure):
    with pytest.raises(xn.OptionError, match="earth"):
        xn.gradient(region(), earth=figure)


@pytest.mark.parametrize(
    ("attributes", "major", "inverse_flattening"),
    [
        ({"earth_radius": 6_370_000.0}, 6_370_000.0, 0),
        (
            {"semi_major_axis": 6_378_137.0, "inverse_flattening": 298.257223563},
            *WGS84,
        ),
        (
            {"semi_major_axis": 6_378_137.0, "semi_minor_axis": 6_356_752.314245179},
            *WGS84,
        ),
        ({"semi_major_axis": 6_371_200.0, "inverse_flattening": 0.0}, 6_371_200.0, 0),
        ({"semi_major_axis": 6_371_200.0}, 6_371_200.0, 0),
        ({"reference_ellipsoid_name": "GRS 1980"}, *GRS80),
        ({"reference_ellipsoid_name": "WGS 84"}, *WGS84),
        ({"reference_ellipsoid_name": "Bessel 1841"}, 6_377_397.155, 299.1528128),
    ],
)
@pytest.mark.parametrize("where", ["attrs", "encoding"])
def test_the_grid_mapping_of_the_file_names_the_earth(
    attributes, major, inverse_flattening, where
):
    field = region().assign_coords(
        crs=((), 0, {"grid_mapping_name": "latitude_longitude", **attributes})
    )
    getattr(field, where)["grid_mapping"] = "crs"
    assert_uses(field, major, inverse_flattening)
    assert "assumed" not in str(xn.grid_of(field).earth)


@pytest.mark.parametrize("name", ["crs_wkt", "spatial_ref"])
def test_well_known_text_names_the_earth(name):
    pyproj = pytest.importorskip("pyproj")
    text = pyproj.CRS.from_epsg(4326).to_wkt()
    field = region().assign_coords(crs=((), 0, {name: text}))
    field.attrs["grid_mapping"] = "crs"
    assert_uses(field, *WGS84)


def test_the_extended_grid_mapping_of_cf_is_read():
    field = region().assign_coords(
        crs=((), 0, {"grid_mapping_name": "latitude_longitude", "earth_radius": 6e6})
    )
    field.attrs["grid_mapping"] = "crs: lat lon"
    assert_uses(field, 6e6, 0)


def test_the_user_outranks_the_file():
    field = region().assign_coords(
        crs=((), 0, {"grid_mapping_name": "latitude_longitude", "earth_radius": 6e6})
    )
    field.attrs["grid_mapping"] = "crs"
    assert_uses(field, *WGS84, earth="WGS84")


def test_a_grid_mapping_whose_numbers_are_text_is_refused_or_read():
    field = region().assign_coords(
        crs=(
            (),
            0,
            {"grid_mapping_name": "latitude_longitude", "earth_radius": "round"},
        )
    )
    field.attrs["grid_mapping"] = "crs"
    with pytest.raises(xn.XnablaError, match="earth"):
        xn.gradient(field)


def test_well_known_text_that_is_broken_is_refused_in_our_words():
    field = region().assign_coords(crs=((), 0, {"crs_wkt": "GEOGCRS[broken"}))
    field.attrs["grid_mapping"] = "crs"
    with pytest.raises(xn.XnablaError, match="crs"):
        xn.gradient(field)


@pytest.mark.parametrize(
    ("attributes", "major", "inverse_flattening"),
    [
        ({"GRIB_earthRadius": 6_367_470.0}, 6_367_470.0, 0),
        ({"GRIB_shapeOfTheEarth": 6}, 6_371_229.0, 0),
        ({"GRIB_shapeOfTheEarth": 0}, 6_367_470.0, 0),
        ({"GRIB_shapeOfTheEarth": 4}, *GRS80),
        ({"GRIB_shapeOfTheEarth": 5}, *WGS84),
        ({"GRIB_shapeOfTheEarth": 8}, 6_371_200.0, 0),
    ],
)
def test_grib_attributes_name_the_earth(attributes, major, inverse_flattening):
    assert_uses(region().assign_attrs(attributes), major, inverse_flattening)


def test_set_options_replaces_the_assumption():
    with xn.set_options(earth="WGS84"):
        assert_uses(region(), *WGS84)


def test_set_options_does_not_overrule_the_file():
    field = region().assign_coords(
        crs=((), 0, {"grid_mapping_name": "latitude_longitude", "earth_radius": 6e6})
    )
    field.attrs["grid_mapping"] = "crs"
    with xn.set_options(earth="WGS84"):
        assert_uses(field, 6e6, 0)


def test_crs_gives_its_ellipsoid():
    pyproj = pytest.importorskip("pyproj")
    field = region()
    grid = xn.grid_of(field, crs=pyproj.CRS.from_epsg(4326))
    assert_uses(field, *WGS84, grid=grid)


def test_crs_may_be_a_name():
    field = region()
    assert_uses(field, *WGS84, grid=xn.grid_of(field, crs="EPSG:4326"))


@pytest.mark.parametrize("crs", ["nonsense", 5])
def test_a_crs_that_does_not_fit_is_refused_in_our_words(crs):
    with pytest.raises(xn.XnablaError):
        xn.grid_of(region(), crs=crs).horizontal  # noqa: B018


def test_a_polar_derivative_on_wgs84_is_that_of_the_meridian():
    """M(90°) is a²/b, 6 399 593.6 m: 0.4 % from the sphere."""
    latitude = np.arange(70.0, 91.0, 2.5)
    field = lat_lon(latitude, LON, lambda phi, lam: phi + 0 * lam)
    got = xn.derivative(field, "lat", earth="WGS84").data.to("1/m * K").magnitude
    assert 1 / got[-1, 0] == pytest.approx(6_399_593.6, rel=1e-8)


def test_the_projection_that_metpy_assigns_names_the_earth():
    pytest.importorskip("metpy")
    code = """
        import numpy as np, xarray as xr, metpy.xarray, xnabla as xn
        ds = xr.Dataset({"t": (("lat", "lon"), np.zeros((3, 3)), {"units": "K"})},
            coords={"lat": ("lat", [30., 40., 50.], {"units": "degrees_north"}),
                    "lon": ("lon", [0., 10., 20.], {"units": "degrees_east"})})
        ds = ds.metpy.assign_crs(grid_mapping_name="latitude_longitude",
                                 semi_major_axis=6378137.0,
                                 inverse_flattening=298.257223563)
        earth, g = xn.grid_of(ds["t"]).earth, xn.gradient(ds["t"])
        print(earth.semi_major_m, round(earth.semi_minor_m, 3), len(g))
    """
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", textwrap.dedent(code)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split() == ["6378137.0", "6356752.314", "2"], done.stderr[-500:]


def test_a_scalar_coordinate_read_lazily_from_a_file_does_not_disturb(tmp_path):
    """A scalar cftime date is an object that a file hands out unread."""
    field = region().assign_coords(
        forecast_reference_time=xr.date_range(
            "2001-01-01", periods=1, calendar="360_day", use_cftime=True
        )[0]
    )
    field.to_netcdf(tmp_path / "a.nc")
    with xr.open_dataset(tmp_path / "a.nc") as dataset:
        assert xn.grid_of(dataset["t"]).kind == "latitude-longitude"


@pytest.mark.parametrize(
    ("earth", "words"), [("WGS84", "Earth an ellipsoid"), (6.37e6, "Earth a sphere")]
)
def test_the_comment_of_a_result_names_its_figure(earth, words):
    for part in (
        *xn.gradient(region(), earth=earth),
        xn.laplacian(region(), earth=earth),
    ):
        assert words in part.attrs["comment"]
