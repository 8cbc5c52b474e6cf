"""Which grid mapping is a field's, where its file holds several."""

import netCDF4
import numpy as np
import pyproj
import pytest
import xarray as xr
from fields import SPHERE_M

import xnabla as xn

YIN = {
    "grid_mapping_name": "rotated_latitude_longitude",
    "grid_north_pole_latitude": 40.0,
    "grid_north_pole_longitude": -170.0,
}
YANG = {**YIN, "grid_north_pole_latitude": 10.0, "grid_north_pole_longitude": 20.0}
LONLAT = {"grid_mapping_name": "latitude_longitude", "earth_radius": 6.4e6}
LAMBERT = {
    "grid_mapping_name": "lambert_azimuthal_equal_area",
    "latitude_of_projection_origin": 54.9,
    "longitude_of_projection_origin": -2.5,
    "earth_radius": SPHERE_M,
}
KM = 1e3


def turned(rlat, rlon, pole_lat, pole_lon):
    """Return true latitude and longitude of a rotated globe, by two rotations."""
    phi, lam = np.deg2rad(rlat), np.deg2rad(rlon)
    x, y, z = np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)
    tilt = np.deg2rad(pole_lat)
    up = np.sin(tilt) * z + np.cos(tilt) * x
    ahead = np.sin(tilt) * x - np.cos(tilt) * z
    return np.rad2deg(np.arcsin(up)), np.rad2deg(np.arctan2(y, ahead)) + pole_lon + 180


def two_panels(path):
    """Write Yin and Yang as GEM does: two rotated poles in one file; sin φ on each."""
    rlat, rlon = np.arange(-30.0, 31.0), np.arange(-50.0, 51.0)
    mesh = np.meshgrid(rlat, rlon, indexing="ij")
    with netCDF4.Dataset(path, "w") as file:
        for number, pole in (("1", YIN), ("2", YANG)):
            for name, points in (("lat", rlat), ("lon", rlon)):
                file.createDimension(f"r{name}{number}", points.size)
                axis = file.createVariable(
                    f"r{name}{number}", "f8", (f"r{name}{number}",)
                )
                axis[:] = points
                word = f"grid_{name}itude".replace("lonitude", "longitude")
                axis.setncatts({"standard_name": word, "units": "degrees"})
            file.createVariable(f"pole{number}", "S1", ()).setncatts(pole)
            t = file.createVariable(
                f"TT{number}", "f8", (f"rlat{number}", f"rlon{number}")
            )
            t.setncatts({"units": "K", "grid_mapping": f"pole{number}"})
            lat, _ = turned(*mesh, *list(pole.values())[1:])
            t[:] = np.sin(np.deg2rad(lat))
    return mesh


@pytest.mark.parametrize(("number", "pole"), [("1", YIN), ("2", YANG)])
def test_of_two_rotated_poles_each_field_has_its_own(tmp_path, number, pole):
    mesh = two_panels(tmp_path / "yinyang.nc")
    lat, _ = turned(*mesh, *list(pole.values())[1:])
    with xn.open_dataset(tmp_path / "yinyang.nc") as ds:
        north, east = map(xn.dequantify, xn.gradient(ds[f"TT{number}"]))
    expected = np.cos(np.deg2rad(lat)) / SPHERE_M
    away = np.abs(lat) < 85  # both grids hold a pole, where north turns
    np.testing.assert_allclose(north.values[away], expected[away], atol=1e-3 / SPHERE_M)
    np.testing.assert_allclose(east.values[away], 0.0, atol=1e-3 / SPHERE_M)


def on_map(mappings, **attrs):
    """A field that is x in kilometres on a grid of 10 km, with scalars that map it."""
    x = 10.0 * np.arange(-8, 9)
    word = "projection_{}_coordinate".format
    points = {
        name: (name, x * KM, {"units": "m", "standard_name": word(name)})
        for name in ("y", "x")
    }
    scalars = {name: ((), 0, told) for name, told in mappings.items()}
    values = np.broadcast_to(x, (17, 17)).copy()
    return xr.DataArray(
        values, {**points, **scalars}, ("y", "x"), name="t", attrs={"units": "K"}
    ).assign_attrs(attrs)


@pytest.mark.parametrize(
    "named",
    ["laea", "laea: x y", "latlon: lat lon laea: x y", "laea: x y latlon: lat lon"],
)
def test_the_mapping_a_field_names_counts_wherever_it_stands(named):
    field = on_map({"latlon": LONLAT, "laea": LAMBERT}, grid_mapping=named)
    grid = xn.grid_of(field)
    assert grid.kind == "projected"
    assert grid.earth.semi_major_m == SPHERE_M
    # Snyder's equal-area map is true to scale at its centre
    slope = xn.dequantify(xn.gradient(field)["x"])
    assert float(slope.isel(y=8, x=8)) == pytest.approx(1e-3, rel=1e-5)


def test_an_only_mapping_counts_under_another_name_too():
    """MetPy's parse_cf puts it into metpy_crs, and leaves the name the file has."""
    field = on_map({"metpy_crs": LAMBERT}, grid_mapping="lambert")
    assert xn.grid_of(field).kind == "projected"


@pytest.mark.parametrize("attrs", [{}, {"grid_mapping": "lost"}])
def test_of_several_mappings_the_one_counts_that_axes_can_be_of(attrs):
    field = on_map({"latlon": LONLAT, "laea": LAMBERT}, **attrs)
    assert xn.grid_of(field).kind == "projected"


@pytest.mark.parametrize("attrs", [{}, {"grid_mapping": "lost"}])
def test_several_mappings_and_no_word_which_are_refused(attrs):
    other = {**LAMBERT, "longitude_of_projection_origin": 30.0}
    field = on_map({"a": other, "b": LAMBERT}, **attrs)
    with pytest.raises(xn.GridError, match=r"several grid mappings.*'a', 'b'"):
        xn.gradient(field)
    slope = xn.dequantify(xn.gradient(field, grid=xn.grid_of(field, crs=3035))["x"])
    assert np.isfinite(slope).all()


def test_several_mappings_that_say_the_same_are_one():
    field = on_map({"a": LAMBERT, "b": dict(LAMBERT)})
    assert xn.grid_of(field).kind == "projected"


@pytest.mark.parametrize("blank", ["", "  "])
@pytest.mark.parametrize("word", ["crs_wkt", "spatial_ref"])
def test_an_empty_text_of_a_mapping_says_nothing(word, blank):
    told = on_map({"laea": LAMBERT}, grid_mapping="laea")
    empty = on_map({"laea": {**LAMBERT, word: blank}}, grid_mapping="laea")
    xr.testing.assert_identical(
        xn.dequantify(xn.gradient(empty)["x"]).drop_vars("laea"),
        xn.dequantify(xn.gradient(told)["x"]).drop_vars("laea"),
    )


LCC = {
    "grid_mapping_name": "lambert_conformal_conic",
    "standard_parallel": 60.0,
    "longitude_of_central_meridian": 15.0,
    "latitude_of_projection_origin": 60.0,
    "earth_radius": 6.371e6,
}
LCC_TEXT = "+proj=lcc +lat_0=60 +lon_0=15 +lat_1=60 +lat_2=60 +R=6371000 +units=m"


def slopes(mapping, **attrs):
    field = on_map({"m": mapping}, grid_mapping="m", **attrs)
    return [xn.dequantify(part).values for part in xn.gradient(field)]


@pytest.mark.parametrize("word", ["proj4", "proj4text", "proj4_params", "proj4_string"])
@pytest.mark.parametrize("half", [{}, {"grid_mapping_name": LCC["grid_mapping_name"]}])
def test_a_mapping_in_the_words_of_proj_alone_is_read(word, half):
    for made, told in zip(slopes({**half, word: LCC_TEXT}), slopes(LCC), strict=True):
        np.testing.assert_allclose(made, told, atol=1e-12)


@pytest.mark.parametrize(
    "told",
    [
        {"epsg_code": "EPSG:3035"},
        {"srid": "urn:ogc:def:crs:EPSG::3035"},
        {"esri_pe_string": pyproj.CRS(3035).to_wkt("WKT1_ESRI")},
    ],
    ids=["code", "urn", "ESRI"],
)
def test_a_mapping_that_is_a_code_or_a_text_is_read(told):
    known = slopes({"crs_wkt": pyproj.CRS(3035).to_wkt()})
    for made, expected in zip(slopes(told), known, strict=True):
        np.testing.assert_allclose(made, expected, atol=1e-9)


@pytest.mark.parametrize(
    ("major", "minor"),
    [
        ("semimajor_radius", "semiminor_radius"),
        ("semimajor_axis", "semiminor_axis"),
        ("semi_major", "semi_minor"),
    ],
)
def test_the_earth_is_read_in_the_words_of_nsidc_and_awips(major, minor):
    told = {key: value for key, value in LAMBERT.items() if key != "earth_radius"}
    field = on_map({"m": {**told, major: 6378273.0, minor: 6356889.449}})
    earth = xn.grid_of(field.assign_attrs(grid_mapping="m")).earth
    assert (earth.semi_major_m, earth.semi_minor_m) == (6378273.0, 6356889.449)
    whole = {**told, "semi_major_axis": 6378273.0, "semi_minor_axis": 6356889.449}
    for made, known in zip(slopes(field["m"].attrs), slopes(whole), strict=True):
        np.testing.assert_array_equal(made, known)


@pytest.mark.parametrize(
    ("name", "lacking"),
    [
        ("transverse_mercator", "latitude_of_projection_origin"),
        ("transverse_mercator", "longitude_of_central_meridian"),
        ("lambert_conformal_conic", "latitude_of_projection_origin"),
        ("lambert_azimuthal_equal_area", "latitude_of_projection_origin"),
        ("lambert_azimuthal_equal_area", "longitude_of_projection_origin"),
        ("azimuthal_equidistant", "latitude_of_projection_origin"),
        ("stereographic", "latitude_of_projection_origin"),
    ],
)
def test_a_mapping_that_lacks_its_origin_is_refused(name, lacking):
    """PROJ takes 0 for it, and the map lies somewhere else."""
    whole = {
        "grid_mapping_name": name,
        "latitude_of_projection_origin": 50.0,
        "longitude_of_projection_origin": 10.0,
        "longitude_of_central_meridian": 10.0,
        "scale_factor_at_projection_origin": 1.0,
        "standard_parallel": 50.0,
        "earth_radius": SPHERE_M,
    }
    assert np.isfinite(slopes(whole)).all()
    with pytest.raises(xn.GridError, match=f"'{lacking}' is missing"):
        slopes({key: value for key, value in whole.items() if key != lacking})


def test_a_stereographic_map_of_both_poles_is_refused():
    """PROJ goes by the sign of the parallel, and gave the other pole."""
    south = {
        "grid_mapping_name": "polar_stereographic",
        "latitude_of_projection_origin": -90.0,
        "straight_vertical_longitude_from_pole": 0.0,
        "standard_parallel": -70.0,
        "earth_radius": SPHERE_M,
    }
    assert np.isfinite(slopes(south)).all()
    with pytest.raises(xn.GridError, match=r"standard_parallel is 70.*-90"):
        slopes({**south, "standard_parallel": 70.0})


@pytest.mark.parametrize("height", [42_164_160.0, 35_786.023])
def test_a_satellite_of_another_height_is_refused(height):
    """From the centre of the Earth; in kilometres."""
    disc = {
        "grid_mapping_name": "geostationary",
        "perspective_point_height": 35_786_023.0,
        "longitude_of_projection_origin": 0.0,
        "latitude_of_projection_origin": 0.0,
        "sweep_angle_axis": "y",
        "earth_radius": SPHERE_M,
    }
    assert np.isfinite(slopes(disc)).all()
    with pytest.raises(
        xn.GridError, match=f"perspective_point_height is {height:.10g}"
    ):
        slopes({**disc, "perspective_point_height": height})


@pytest.mark.parametrize("mute", [{}, {"long_name": "projection"}])
def test_a_mapping_that_says_nothing_is_told_so(mute):
    with pytest.raises(xn.GridError, match=r"grid mapping 'm' .*says nothing"):
        slopes(mute)


def test_places_in_two_dimensions_help_where_a_mapping_cannot_be_read():
    field = on_map({"m": {"grid_mapping_name": "gnomonic cubed-sphere"}})
    lat, lon = np.meshgrid(np.arange(17.0), np.arange(17.0), indexing="ij")
    lat, lon = lat + 0.1 * lon, lon - 0.1 * lat
    field = field.assign_coords(
        lat=(("y", "x"), lat, {"units": "degrees_north"}),
        lon=(("y", "x"), lon, {"units": "degrees_east"}),
    ).assign_attrs(grid_mapping="m")
    grid = xn.grid_of(field)
    assert grid.kind == "curvilinear"
    assert "'gnomonic cubed-sphere' cannot be read" in str(grid.assumed)
    with pytest.raises(xn.GridError, match="cannot be read"):
        xn.gradient(field.drop_vars(["lat", "lon"]))


def test_scan_angles_in_single_precision_are_as_even_as_they_are_meant():
    """ABI packs x as a short times a single: 0.3 m of jitter in 2 km."""
    height = 35_786_023.0
    mapping = {
        "grid_mapping_name": "geostationary",
        "perspective_point_height": height,
        "longitude_of_projection_origin": -75.0,
        "latitude_of_projection_origin": 0.0,
        "sweep_angle_axis": "x",
        "semi_major_axis": 6378137.0,
        "semi_minor_axis": 6356752.31414,
    }
    step, first = np.float32(5.6e-5), np.float32(-0.151844)
    x = np.arange(1000, 1040, dtype="i2") * step + first
    assert x.dtype == np.float32
    word = "projection_{}_coordinate".format
    points = {
        name: (name, sign * x, {"units": "rad", "standard_name": word(name)})
        for name, sign in (("y", -1), ("x", 1))
    }
    field = xr.DataArray(
        np.zeros((40, 40)), {**points, "g": ((), 0, mapping)}, ("y", "x"), name="t"
    ).assign_attrs(units="K", grid_mapping="g")
    grid = xn.grid_of(field)
    for dim in ("y", "x"):
        assert abs(grid.axis(dim).line.step) == pytest.approx(
            float(step) * height, rel=5e-6
        )
        assert np.ptp(np.diff(grid.axis(dim).line.points)) < 1e-6


EASE2 = {
    "grid_mapping_name": "lambert_cylindrical_equal_area",
    "longitude_of_central_meridian": 0.0,
    "standard_parallel": 30.0,
    "earth_radius": SPHERE_M,
}


def cylinder(columns=90, rows=60, *, repeated=0, width=1.0):
    """A field on an equal-area map of all longitudes: sine and cosine of places."""
    # Snyder (1987), 10-1 and 10-2: x = R λ cos 30°, y = R sin φ / cos 30°
    scale = SPHERE_M * np.cos(np.deg2rad(30.0))
    lam = 2 * np.pi * width * ((np.arange(columns + repeated) + 0.5) / columns - 0.5)
    phi = np.arcsin(0.95 * np.linspace(-1, 1, rows))
    y = SPHERE_M * np.sin(phi) / np.cos(np.deg2rad(30.0))
    lat, lon = np.meshgrid(phi, lam, indexing="ij")
    values = np.cos(lat) * np.cos(lon - 3.0) + 0.3 * np.sin(lat)
    word = "projection_{}_coordinate".format
    field = xr.DataArray(
        values,
        {
            "y": ("y", y, {"units": "m", "standard_name": word("y")}),
            "x": ("x", scale * lam, {"units": "m", "standard_name": word("x")}),
            "crs": ((), 0, EASE2),
        },
        ("y", "x"),
        name="t",
        attrs={"units": "K", "grid_mapping": "crs"},
    )
    east = -np.sin(lon - 3.0) / SPHERE_M
    north = (-np.sin(lat) * np.cos(lon - 3.0) + 0.3 * np.cos(lat)) / SPHERE_M
    return field, north, east


@pytest.mark.parametrize("repeated", [0, 1])
@pytest.mark.parametrize("accuracy", [2, 4])
def test_a_map_of_all_longitudes_has_no_edge_at_its_seam(repeated, accuracy):
    field, north, east = cylinder(repeated=repeated)
    assert "periodic" in str(xn.grid_of(field))
    made = [
        xn.dequantify(part).values for part in xn.gradient(field, accuracy=accuracy)
    ]
    inside = slice(8, -8)  # rows far from the poles are close to each other
    errors = [
        np.abs(part - truth)[inside] * SPHERE_M
        for part, truth in zip(made, (north, east), strict=True)
    ]
    assert max(error.max() for error in errors) < 1.5e-3
    even = errors[1][:, [0, -1]].max() / errors[1][:, 40:50].max()
    assert even < 3.0  # a one-sided slope is off by more than twice as much


def test_a_low_at_the_seam_of_a_map_is_one_low():
    field, _, _ = cylinder()
    found = xn.find_extrema(-field, kind="minimum").to_dataframe()
    inner = found[~found["on_boundary"]]
    assert len(inner) == 1
    assert abs(inner["longitude"].iloc[0]) == pytest.approx(np.rad2deg(3.0), abs=0.05)


@pytest.mark.parametrize("width", [0.5, 0.97, 1.02])
def test_a_map_of_other_than_all_longitudes_has_edges(width):
    field, _, _ = cylinder(width=width)
    assert xn.grid_of(field).axis("x").line.period is None


def test_a_user_may_cut_a_map_of_all_longitudes():
    field, _, _ = cylinder()
    assert xn.grid_of(field, periodic=False).axis("x").line.period is None


@pytest.mark.parametrize("units", [{}, {"units": "degree"}])
@pytest.mark.parametrize("how", ["mapping", "crs"])
def test_bare_x_and_y_of_a_geographic_reference_are_longitude_and_latitude(how, units):
    """A GeoTIFF that rioxarray opens."""
    y, x = np.arange(60.0, 39.9, -1.0), np.arange(0.0, 30.1, 1.0)
    wkt = pyproj.CRS(4326).to_wkt()
    field = xr.DataArray(
        np.sin(np.deg2rad(y))[:, np.newaxis] + 0 * x,
        {"y": ("y", y, units), "x": ("x", x, units)},
        ("y", "x"),
        name="t",
        attrs={"units": "K"},
    )
    if how == "mapping":
        field = field.assign_coords(spatial_ref=((), 0, {"crs_wkt": wkt}))
    grid = xn.grid_of(field, crs=4326 if how == "crs" else None)
    assert grid.kind == "latitude-longitude"
    north, east = map(xn.dequantify, xn.gradient(field, grid=grid))
    meridian = pyproj.Geod(ellps="WGS84")
    length = [meridian.line_length([0, 0], [lat - 0.01, lat + 0.01]) for lat in y]
    expected = np.cos(np.deg2rad(y)) * np.deg2rad(0.02) / length
    np.testing.assert_allclose(north, expected[:, np.newaxis] + 0 * x, rtol=3e-4)
    np.testing.assert_allclose(east, 0.0, atol=1e-15)
