"""Grids whose lines are not meridians and parallels: what is read, and what is not."""

import pickle

import numpy as np
import pyproj
import pytest
import xarray as xr
from fields import SPHERE_M

import xnabla as xn

LAMBERT = {
    "grid_mapping_name": "lambert_conformal_conic",
    "standard_parallel": 50.0,
    "longitude_of_central_meridian": 10.0,
    "latitude_of_projection_origin": 50.0,
    "earth_radius": SPHERE_M,
}
ROTATED = {
    "grid_mapping_name": "rotated_latitude_longitude",
    "grid_north_pole_latitude": 39.25,
    "grid_north_pole_longitude": -162.0,
    "earth_radius": SPHERE_M,
}


def places_of(mapping, x, y):
    """Return latitude and longitude of x and y, by pyproj."""
    crs = pyproj.CRS.from_cf(mapping)
    back = pyproj.Transformer.from_crs(crs, crs.source_crs, always_xy=True)
    lon, lat = back.transform(*np.meshgrid(x, y))
    return lat, lon


def on_map(mapping=LAMBERT, scale=1e3, units="m", n=(12, 15)):
    """A field on x and y of a projection, 20 km apart."""
    y, x = (20.0 * (np.arange(size) - size // 2) * scale for size in n)
    axes = {
        name: (
            name,
            values,
            {"units": units, "standard_name": f"projection_{name}_coordinate"},
        )
        for name, values in (("y", y), ("x", x))
    }
    field = xr.DataArray(
        np.add.outer(np.sin(np.arange(n[0])), np.cos(np.arange(n[1]))),
        dims=("y", "x"),
        coords={**axes, "lcc": ((), 0, mapping)},
        name="t",
        attrs={"units": "K", "grid_mapping": "lcc"},
    )
    field.encoding = {}
    return field


def in_two(lat, lon, values=None, dims=("j", "i"), tail=""):
    """A field on two-dimensional latitude and longitude."""
    values = np.zeros(lat.shape) if values is None else values
    return xr.DataArray(
        values,
        dims=dims,
        coords={
            f"lat{tail}": (dims, lat, {"units": "degrees_north"}),
            f"lon{tail}": (dims, lon, {"units": "degrees_east"}),
        },
        name="t",
        attrs={"units": "K"},
    )


def regular(values=None, seam=0.0):
    lat, lon = np.linspace(-90.0, 90.0, 19), seam + np.arange(36) * 10.0
    return in_two(*np.meshgrid(lat, lon, indexing="ij"), values)


# --- seen through --------------------------------------------------------------------


@pytest.mark.parametrize("seam", [0.0, -180.0, 95.0])
def test_a_regular_grid_written_in_two_dimensions_is_seen_through(seam):
    field = regular(seam=seam)
    grid = xn.grid_of(field)
    assert grid.kind == "latitude-longitude"
    assert grid.role_axis("longitude").line.period is not None
    assert len(grid.poles) == 2
    assert grid.surface is None


def test_it_gives_what_the_same_grid_in_one_dimension_gives():
    rng = np.random.default_rng(1)
    values = rng.normal(size=(19, 36))
    two = regular(values)
    one = xr.DataArray(
        values,
        dims=("j", "i"),
        coords={
            "j": ("j", two.lat.values[:, 0], {"units": "degrees_north"}),
            "i": ("i", two.lon.values[0], {"units": "degrees_east"}),
        },
        attrs={"units": "K"},
    )
    for got, expected in zip(xn.gradient(two), xn.gradient(one), strict=True):
        np.testing.assert_array_equal(got.data.magnitude, expected.data.magnitude)


def test_a_transposed_regular_grid_is_seen_through_as_well():
    grid = xn.grid_of(regular().transpose("i", "j"))
    assert grid.kind == "latitude-longitude"
    assert {axis.dim: axis.role for axis in grid.axes.values()} == {
        "i": "longitude",
        "j": "latitude",
    }


def test_single_precision_does_not_hide_a_regular_grid():
    field = regular()
    field = field.assign_coords(
        lat=field.lat.astype(np.float32), lon=field.lon.astype(np.float32)
    )
    assert xn.grid_of(field).kind == "latitude-longitude"


def test_a_sheared_grid_is_not_seen_through():
    lat, lon = np.meshgrid(np.arange(5.0), np.arange(6.0), indexing="ij")
    assert xn.grid_of(in_two(lat, lon + 0.1 * lat)).kind == "curvilinear"


# --- projections ---------------------------------------------------------------------


def test_the_units_of_x_and_y_do_not_matter():
    ours = xn.gradient(on_map())
    for other in (on_map(scale=1.0, units="km"),):
        for one, two in zip(ours, xn.gradient(other), strict=True):
            np.testing.assert_allclose(
                one.data.magnitude, two.data.magnitude, rtol=1e-12, atol=1e-18
            )


def test_x_and_y_without_units_have_those_of_the_projection():
    field = on_map()
    bare = field.assign_coords(
        x=("x", field.x.values, {"standard_name": "projection_x_coordinate"}),
        y=("y", field.y.values, {"standard_name": "projection_y_coordinate"}),
    )
    for one, two in zip(xn.gradient(field), xn.gradient(bare), strict=True):
        np.testing.assert_array_equal(one.data.magnitude, two.data.magnitude)


def test_a_projection_in_feet_is_read_in_feet():
    crs = pyproj.CRS("EPSG:2263")  # Long Island, US survey feet
    foot = crs.axis_info[0].unit_conversion_factor
    x, y = 9e5 + 5e3 * np.arange(8.0), 2e5 + 5e3 * np.arange(9.0)
    values = np.random.default_rng(2).normal(size=(9, 8))
    field = xr.DataArray(
        values,
        dims=("y", "x"),
        coords={
            "y": ("y", y * foot, {"units": "m"}),
            "x": ("x", x * foot, {"units": "m"}),
        },
        attrs={"units": "K"},
    )
    lat, lon = xn.grid_of(field, crs=crs).surface.places
    back = pyproj.Transformer.from_crs(crs, crs.source_crs, always_xy=True)
    expected = back.transform(*np.meshgrid(x, y))
    np.testing.assert_allclose(np.rad2deg(lon), expected[0], atol=1e-9)
    np.testing.assert_allclose(np.rad2deg(lat), expected[1], atol=1e-9)


def test_lengths_on_a_standard_parallel_are_those_of_the_map():
    grid = xn.grid_of(on_map())
    low, high = grid.spacing_km(grid.axis("x"))
    assert low <= 20.0 + 1e-3
    assert low == pytest.approx(20.0, abs=0.02)
    assert high >= low


def test_scan_angles_of_a_geostationary_disc_are_lengths_at_its_height():
    height = 35_785_831.0
    mapping = {
        "grid_mapping_name": "geostationary",
        "perspective_point_height": height,
        "longitude_of_projection_origin": 0.0,
        "sweep_angle_axis": "y",
        "semi_major_axis": 6_378_169.0,
        "semi_minor_axis": 6_356_583.8,
    }
    angles = np.linspace(-0.16, 0.16, 41)
    field = on_map(mapping, n=(41, 41)).assign_coords(
        x=("x", angles, {"units": "rad", "standard_name": "projection_x_coordinate"}),
        y=("y", angles, {"units": "rad", "standard_name": "projection_y_coordinate"}),
    )
    grid = xn.grid_of(field)
    assert "points off the globe" in str(grid)
    lat, _ = places_of(mapping, angles * height, angles * height)
    lat = np.where(np.isfinite(lat), lat, np.nan)
    np.testing.assert_allclose(np.rad2deg(grid.surface.places[0]), lat, atol=1e-9)
    north, east = xn.gradient(field)
    inside = np.isfinite(lat)
    assert np.isfinite(north.data.magnitude)[20, 20]
    assert np.isnan(north.data.magnitude[~inside]).all()
    assert np.isnan(east.data.magnitude[~inside]).all()


def test_a_rotated_grid_knows_its_true_latitude_and_longitude():
    rlat, rlon = np.linspace(-5.0, 5.0, 11), np.linspace(355.0, 365.0, 21) % 360.0
    field = xr.DataArray(
        np.zeros((11, 21)),
        dims=("rlat", "rlon"),
        coords={
            "rlat": (
                "rlat",
                rlat,
                {"units": "degrees", "standard_name": "grid_latitude"},
            ),
            "rlon": (
                "rlon",
                rlon,
                {"units": "degrees", "standard_name": "grid_longitude"},
            ),
            "rotated_pole": ((), 0, ROTATED),
        },
        attrs={"units": "K", "grid_mapping": "rotated_pole"},
    )
    grid = xn.grid_of(field)
    assert grid.kind == "rotated pole"
    # the rotated equator's zero lies a quarter turn from the pole, on its meridian
    lat, lon = (np.rad2deg(angle[5, 10]) for angle in grid.surface.places)
    assert lat == pytest.approx(90.0 - 39.25, abs=1e-9)
    assert lon == pytest.approx(-162.0 + 180.0, abs=1e-9)


# --- curvilinear ---------------------------------------------------------------------


def ring(columns=72, repeated=0):
    """A global grid about a pole in Greenland, without its polar caps."""
    rlon = np.arange(columns + repeated) * 360.0 / columns
    lat, lon = places_of(ROTATED, rlon, np.linspace(-70.0, 70.0, 29))
    x, y, z = _normal(lat, lon)
    return in_two(lat, lon, x + 0.5 * y * z)


def _normal(lat, lon):
    phi, lam = np.deg2rad(lat), np.deg2rad(lon)
    return np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)


@pytest.mark.parametrize("repeated", [0, 1, 2])
def test_a_ring_of_columns_is_closed_also_where_some_repeat(repeated):
    field = ring(repeated=repeated)
    line = xn.grid_of(field).axis("i").line
    assert line.around == 72
    assert int(line.closed) == repeated


@pytest.mark.parametrize("repeated", [0, 1, 2])
def test_the_seam_of_a_ring_is_no_edge(repeated):
    whole, rolled = ring(repeated=repeated), ring().roll(i=20, roll_coords=True)
    for one, two in zip(xn.gradient(whole), xn.gradient(rolled), strict=True):
        got = one.data.magnitude[:, :72]
        np.testing.assert_allclose(
            got, np.roll(two.data.magnitude, -20, axis=1), rtol=1e-9, atol=1e-18
        )
        for k in range(repeated):
            np.testing.assert_allclose(
                one.data.magnitude[:, 72 + k], got[:, k], rtol=1e-9, atol=1e-18
            )


@pytest.mark.parametrize(("columns", "around"), [(7, None), (8, 8)])
def test_a_ring_has_eight_columns_or_more(columns, around):
    """Fewer that meet again may be a small region as well as a globe."""
    assert xn.grid_of(ring(columns)).axis("i").line.around == around


def test_half_a_ring_is_open():
    assert xn.grid_of(ring().isel(i=slice(0, 40))).axis("i").line.period is None


def test_a_user_may_open_a_ring():
    grid = xn.grid_of(ring(), periodic=False)
    assert grid.axis("i").line.period is None


def test_a_pole_inside_is_found_and_said():
    polar = pyproj.CRS("EPSG:3995")
    back = pyproj.Transformer.from_crs(polar, polar.source_crs, always_xy=True)
    x = np.linspace(-2e6, 2e6, 21)
    lon, lat = back.transform(*np.meshgrid(x, x))
    assert "North Pole inside" in str(xn.grid_of(in_two(lat, lon)))
    assert "South Pole inside" in str(xn.grid_of(in_two(-lat, lon)))
    assert "inside" not in str(xn.grid_of(in_two(lat, lon).isel(i=slice(0, 8))))


def test_longitudes_may_jump_inside_the_domain():
    lat, lon = places_of(LAMBERT, 5e4 * np.arange(12.0), 5e4 * np.arange(9.0))
    field = np.sin(np.arange(108.0)).reshape(9, 12)
    smooth = in_two(lat, lon + 167.0, field)
    jump = in_two(lat, (lon + 347.0) % 360.0 - 180.0, field)
    assert abs(np.diff(jump.lon, axis=1)).max() > 300.0
    for one, two in zip(xn.gradient(smooth), xn.gradient(jump), strict=True):
        np.testing.assert_allclose(
            one.data.magnitude, two.data.magnitude, rtol=1e-8, atol=1e-17
        )


def test_places_missing_on_land_leave_the_rest_alone():
    lat, lon = places_of(LAMBERT, 5e4 * np.arange(12.0), 5e4 * np.arange(9.0))
    values = np.sin(np.arange(108.0)).reshape(9, 12)
    whole = xn.gradient(in_two(lat, lon, values))
    land = np.zeros(lat.shape, dtype=bool)
    land[:3, :4] = True
    gone = in_two(*(np.where(land, np.nan, c) for c in (lat, lon)), values)
    for one, two in zip(whole, xn.gradient(gone), strict=True):
        assert np.isnan(two.data.magnitude[land]).all()
        np.testing.assert_allclose(
            one.data.magnitude[5:, 6:], two.data.magnitude[5:, 6:], rtol=1e-9
        )


def test_names_of_dimensions_tell_which_is_x():
    lat, lon = places_of(LAMBERT, 5e4 * np.arange(8.0), 5e4 * np.arange(9.0))
    field = in_two(lat, lon, dims=("eta_rho", "xi_rho"), tail="_rho")
    for one in (field, field.T):
        assert xn.grid_of(one).surface.dims == ("eta_rho", "xi_rho")


def test_latitudes_off_the_globe_are_refused():
    lat, lon = places_of(LAMBERT, 5e4 * np.arange(8.0), 5e4 * np.arange(9.0))
    lat[2, 3] = 91.0
    with pytest.raises(xn.GridError, match=r"leaves the globe at index \(2, 3\)"):
        xn.gradient(in_two(lat, lon))


# --- all of them ---------------------------------------------------------------------


@pytest.mark.parametrize("make", [on_map, ring], ids=["projected", "curvilinear"])
def test_a_grid_survives_pickling(make):
    field = make()
    grid = xn.grid_of(field)
    again = pickle.loads(pickle.dumps(grid))
    for one, two in zip(
        xn.gradient(field, grid=grid), xn.gradient(field, grid=again), strict=True
    ):
        np.testing.assert_array_equal(one.data.magnitude, two.data.magnitude)


@pytest.mark.parametrize("make", [on_map, ring], ids=["projected", "curvilinear"])
def test_the_order_of_dimensions_does_not_matter(make):
    field = make()
    turned = field.transpose(*field.dims[::-1])
    straight, other = xn.gradient(field), xn.gradient(turned)
    for letter in ("x", "y"):
        xr.testing.assert_allclose(
            straight[letter].nabla.dequantify(),
            other[letter].nabla.dequantify().transpose(*field.dims),
            rtol=1e-12,
            atol=1e-20,
        )
    assert other[0].name == straight[1].name


@pytest.mark.parametrize("chunk", [1, 4, 100])
@pytest.mark.parametrize("make", [on_map, ring], ids=["projected", "curvilinear"])
def test_dask_is_lazy_and_gives_the_same_bits(make, chunk):
    field = make().expand_dims(time=2)
    if chunk == 1:  # a graph for each point: of few points
        field = field[..., :5, :6]
    lazy = field.chunk(dict.fromkeys(field.dims, chunk))
    for one, two in zip(xn.gradient(field), xn.gradient(lazy), strict=True):
        assert hasattr(two.data.magnitude, "__dask_graph__")
        np.testing.assert_array_equal(one.data.magnitude, two.data.magnitude.compute())


def test_the_field_and_its_coordinates_are_left_alone():
    field = on_map()
    before = field.copy(deep=True)
    xn.gradient(field)
    xn.laplacian(field)
    xr.testing.assert_identical(field, before)
    assert field.x.attrs == before.x.attrs


def test_single_precision_stays():
    field = on_map().astype(np.float32)
    for part in (*xn.gradient(field), xn.laplacian(field), *xn.hessian(field)):
        assert part.dtype == np.float32


def holding(crs, named):
    """A field whose scalar coordinate holds an object, as xwrf makes it."""
    held = np.empty((), dtype=object)
    held[()] = crs
    field = on_map().drop_vars("lcc").assign_coords(wrf_projection=((), held))
    field.attrs.pop("grid_mapping")
    return field.assign_attrs({"grid_mapping": "wrf_projection"} if named else {})


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("mapping", [LAMBERT, {**LAMBERT, "earth_radius": 6.37e6}])
def test_a_crs_object_in_a_coordinate_is_read(mapping, named):
    field = holding(pyproj.CRS.from_cf(mapping), named)
    grid = xn.grid_of(field)
    assert grid.kind == "projected"
    assert grid.earth.semi_major_m == mapping["earth_radius"]
    for one, two in zip(xn.gradient(field), xn.gradient(on_map(mapping)), strict=True):
        np.testing.assert_allclose(
            one.data.magnitude, two.data.magnitude, rtol=1e-9, atol=1e-18
        )


def test_a_crs_object_of_a_rotated_pole_is_read():
    rotated = pyproj.CRS.from_cf(ROTATED)
    degrees = np.arange(-3.0, 3.0)
    field = (
        holding(rotated, True).isel(y=slice(6), x=slice(6)).rename(y="rlat", x="rlon")
    )
    field = field.assign_coords(
        rlat=("rlat", degrees, {"units": "degrees", "standard_name": "grid_latitude"}),
        rlon=("rlon", degrees, {"units": "degrees", "standard_name": "grid_longitude"}),
    )
    assert xn.grid_of(field).kind == "rotated pole"


def test_latitude_and_longitude_in_two_dimensions_count_before_a_plane():
    lat, lon = places_of(LAMBERT, on_map().x.values, on_map().y.values)
    bare = on_map().drop_vars("lcc")
    bare.attrs.pop("grid_mapping")
    field = bare.assign_coords(
        lat=(("y", "x"), lat, {"units": "degrees_north"}),
        lon=(("y", "x"), lon, {"units": "degrees_east"}),
    )
    assert xn.grid_of(field).kind == "curvilinear"
    for one, two in zip(xn.gradient(field), xn.gradient(on_map()), strict=True):
        scale = np.abs(two.data.magnitude).max()
        inside = np.s_[1:-1, 1:-1]
        np.testing.assert_allclose(
            one.data.magnitude[inside], two.data.magnitude[inside], atol=1e-4 * scale
        )


# --- along the lines -----------------------------------------------------------------


def test_a_derivative_along_x_is_per_metre_on_the_globe():
    """On a Lambert map of a sphere a step of x is dx / m, with Snyder's m."""
    field = on_map(n=(41, 41))
    x, y = (field[name].values for name in ("x", "y"))
    lat, _ = places_of(LAMBERT, x, y)
    phi, phi_1 = np.deg2rad(lat), np.deg2rad(50.0)
    n = np.sin(phi_1)
    ratio = np.tan(np.pi / 4 + phi_1 / 2) / np.tan(np.pi / 4 + phi / 2)
    m = np.cos(phi_1) / np.cos(phi) * ratio**n
    field = field.copy(data=np.broadcast_to(x, (41, 41)) / 1e3)
    slope = xn.derivative(field, "x").data.magnitude
    np.testing.assert_allclose(slope, m / 1e3, rtol=1e-9)


def test_the_second_derivative_along_a_line_counts_its_stretching():
    """f = s, the length along the line itself: its second derivative is zero."""
    field = on_map(n=(41, 41), scale=1e4)
    grid = xn.grid_of(field)
    steps = grid.surface.steps_m()[1]
    s = np.concatenate([np.zeros((41, 1)), np.cumsum(steps, axis=1)], axis=1)
    field = field.copy(data=s)
    once = xn.derivative(field, "x", units="K/m").data.magnitude
    twice = xn.derivative(field, "x", order=2, units="K/m**2").data.magnitude
    np.testing.assert_allclose(once, 1.0, atol=2e-3)
    assert np.abs(twice).max() * 4e6 < 2e-2  # over the width of the map


def test_the_gradient_along_the_grid_has_the_same_length():
    field = on_map()
    earth, grid = xn.gradient(field), xn.gradient(field, frame="grid")
    np.testing.assert_allclose(
        earth.magnitude().data.magnitude, grid.magnitude().data.magnitude, rtol=1e-9
    )
    assert earth.y.attrs["long_name"].startswith("northward")
    assert "along y" in grid.y.attrs["long_name"]
    with pytest.raises(xn.OptionError, match="frame='east'"):
        xn.gradient(field, frame="east")


@pytest.mark.parametrize("units", ["m", "km"])
@pytest.mark.parametrize("easting", [0.0, 5e5])
@pytest.mark.parametrize("figure", [{}, {"earth_radius": SPHERE_M}])
def test_transverse_mercator_has_an_inverse_on_a_sphere_too(figure, easting, units):
    """Snyder (1987), eq. 8-6 and 8-7, in closed form; with 500 km east it is UTM's."""
    k, x, y = 0.9996, 2e4 * np.arange(-4.0, 5.0), 2e4 * np.arange(250.0, 258.0)
    mapping = {
        "grid_mapping_name": "transverse_mercator",
        "scale_factor_at_central_meridian": k,
        "longitude_of_central_meridian": 9.0,
        "latitude_of_projection_origin": 0.0,
        "false_easting": easting,
        "false_northing": 0.0,
        **figure,
    }
    metres = {"m": 1.0, "km": 1e3}[units]
    field = on_map(mapping, n=(8, 9)).assign_coords(
        x=(
            "x",
            (x + easting) / metres,
            {"units": units, "standard_name": "projection_x_coordinate"},
        ),
        y=(
            "y",
            y / metres,
            {"units": units, "standard_name": "projection_y_coordinate"},
        ),
    )
    lat, lon = (np.rad2deg(a) for a in xn.grid_of(field).surface.places)
    d, s = y[:, None] / (SPHERE_M * k), x / (SPHERE_M * k)
    np.testing.assert_allclose(
        lat, np.rad2deg(np.arcsin(np.sin(d) / np.cosh(s))), atol=1e-9
    )
    np.testing.assert_allclose(
        lon, 9.0 + np.rad2deg(np.arctan2(np.sinh(s), np.cos(d))), atol=1e-9
    )


def test_a_transverse_mercator_in_kilometres_of_its_own_has_an_inverse_on_a_sphere():
    metres, kilometres = (
        f"+proj=tmerc +lon_0=9 +k=0.9996 +x_0=500000 +R={SPHERE_M} +units={units}"
        for units in ("m", "km")
    )
    x, y = 4e5 + 2e4 * np.arange(15.0), 5e6 + 2e4 * np.arange(12.0)
    field = on_map().drop_vars("lcc")
    field.attrs.pop("grid_mapping")
    field = field.assign_coords(x=x, y=y)
    near = xn.grid_of(field.assign_coords(x=x / 1e3, y=y / 1e3), crs=kilometres)
    for one, two in zip(
        near.surface.places, xn.grid_of(field, crs=metres).surface.places, strict=True
    ):
        np.testing.assert_allclose(one, two, atol=1e-12)


def error_on_uneven_lines(n):
    """Return the largest error of ∇(sin φ cos φ cos 2λ) on sheared, jittered lines."""
    k = np.arange(n + 1)
    jitter = 0.3 * np.sin(1.7 * k**2) * (k > 0) * (k < n)
    lat, lon = np.meshgrid(
        20 + 30 * (k + jitter) / n, 5 + 40 * (k + jitter[::-1]) / n, indexing="ij"
    )
    lon = lon + 0.3 * (lat - 20)
    phi, lam = np.deg2rad(lat), np.deg2rad(lon)
    field = in_two(lat, lon, np.sin(phi) * np.cos(phi) * np.cos(2 * lam))
    got = xn.gradient(field)
    north = np.cos(2 * phi) * np.cos(2 * lam) / SPHERE_M
    east = -2 * np.sin(phi) * np.sin(2 * lam) / SPHERE_M
    apart = (got.y.data.magnitude - north, got.x.data.magnitude - east)
    return max(np.abs(part).max() for part in apart) * SPHERE_M


def test_uneven_lines_of_a_curvilinear_grid_keep_the_order():
    """By the number of the point the order is one, and the error 65 times as large."""
    coarse, fine = error_on_uneven_lines(24), error_on_uneven_lines(96)
    assert np.log2(coarse / fine) / 2.0 >= 1.8
    assert fine < 2e-4


def test_angles_of_a_satellite_whose_mapping_was_not_opened_are_told_how_to_open_it():
    """As plain ``xr.open_dataset`` leaves GOES: radians along x and y, no mapping."""
    scan = np.linspace(-0.02, 0.02, 5)
    field = xr.DataArray(
        np.zeros((5, 5)),
        dims=("y", "x"),
        coords={
            dim: (
                dim,
                scan,
                {"units": "rad", "standard_name": f"projection_{dim}_coordinate"},
            )
            for dim in "yx"
        },
        attrs={"units": "K", "grid_mapping": "goes_imager_projection"},
    )
    with pytest.raises(
        xn.GridError, match=r"'goes_imager_projection' is named.*decode_coords='all'"
    ):
        xn.gradient(field)
    del field.attrs["grid_mapping"]
    with pytest.raises(xn.UnitsError, match="has no length"):
        xn.gradient(field)


def test_a_crs_of_degrees_does_not_fit_a_plane_of_metres():
    """It was passed over in silence, and the plane taken for flat."""
    x = 5e3 * np.arange(5.0)
    field = xr.DataArray(
        np.zeros((5, 5)),
        dims=("y", "x"),
        coords={dim: (dim, x, {"units": "m"}) for dim in "yx"},
        attrs={"units": "K"},
    )
    with pytest.raises(
        xn.OptionError, match="'WGS 84' is no map projection, and y and"
    ):
        xn.gradient(field, crs=4326)
    xn.gradient(field)
    xn.gradient(field, crs=32633)


@pytest.mark.parametrize(
    "text",
    [
        "+proj=omerc +lat_0=40 +lonc=-100 +alpha=30",
        "+proj=sinu +lon_0=20",
        "+proj=stere +lat_0=-90 +lat_ts=-71",
        "+proj=aea +lat_1=-20 +lat_2=-50 +lon_0=130",
        "+proj=gnom +lat_0=60",
        "+proj=robin",
    ],
)
def test_maps_that_files_rarely_have_give_the_northward_slope_of_sin_latitude(text):
    """Without a warning: CF has no word for the tilt of an oblique Mercator."""
    crs = pyproj.CRS(f"{text} +R={SPHERE_M}")
    x = np.arange(-1000e3, 1001e3, 50e3)
    back = pyproj.Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)
    latitude = np.deg2rad(back.transform(*np.meshgrid(x, x))[1])
    field = xr.DataArray(
        np.sin(latitude),
        dims=("y", "x"),
        coords={dim: (dim, x, {"units": "m"}) for dim in "yx"},
        attrs={"units": "K"},
    )
    g = xn.gradient(field, crs=crs, accuracy=4)
    scale = 1 / SPHERE_M
    np.testing.assert_allclose(
        g.y.data.magnitude, np.cos(latitude) / SPHERE_M, rtol=0, atol=2e-5 * scale
    )
    np.testing.assert_allclose(g.x.data.magnitude, 0.0, rtol=0, atol=2e-5 * scale)
