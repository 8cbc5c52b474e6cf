"""Which grid mapping is a field's, where its file holds several."""

import netCDF4
import numpy as np
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
