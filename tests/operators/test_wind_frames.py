"""Winds towards east and north, or along the grid: believed, turned, or refused."""

import numpy as np
import pytest
import xarray as xr

import xnabla as xn

CENTRAL, PARALLEL = 10.0, 50.0
MAPPING = {
    "grid_mapping_name": "lambert_conformal_conic",
    "standard_parallel": PARALLEL,
    "longitude_of_central_meridian": CENTRAL,
    "latitude_of_projection_origin": PARALLEL,
    "earth_radius": 6_371_229.0,
}
Y, X = 3e4 * (np.arange(16.0) - 4), 3e4 * (np.arange(19.0) - 3)


def on_map(values, **attrs):
    return xr.DataArray(
        values,
        dims=("y", "x"),
        coords={
            "y": ("y", Y, {"units": "m", "standard_name": "projection_y_coordinate"}),
            "x": ("x", X, {"units": "m", "standard_name": "projection_x_coordinate"}),
            "lcc": ((), 0, MAPPING),
        },
        attrs={"units": "m s-1", "grid_mapping": "lcc", **attrs},
    )


def convergence():
    """Return the angle from north to y at each point: n (λ - λ₀), by Snyder.

    It is the polar angle about the tip of the cone.
    """
    rho_0 = 6_371_229.0 / np.tan(np.deg2rad(PARALLEL))
    return np.arctan2(X[np.newaxis], rho_0 - Y[:, np.newaxis])


U, V = np.cos(X / 2e5 + Y[:, None] / 3e5) * 10, np.sin(X / 3e5 - Y[:, None] / 2e5) * 8


def pair(u=U, v=V, names=("x_wind", "y_wind"), **attrs):
    return (
        on_map(u, standard_name=names[0], **attrs),
        on_map(v, standard_name=names[1], **attrs),
    )


def turned():
    """The same wind eastward and northward, turned by hand."""
    g = convergence()
    east = np.cos(g) * U + np.sin(g) * V
    north = -np.sin(g) * U + np.cos(g) * V
    return pair(east, north, ("eastward_wind", "northward_wind"))


@pytest.mark.parametrize(
    "name",
    [
        "vorticity",
        "divergence",
        "total_deformation",
        "stretching_deformation",
        "shearing_deformation",
        "absolute_vorticity",
    ],
)
def test_a_wind_along_the_grid_is_the_wind_it_is_east_and_north(name):
    function = getattr(xn, name)
    along, true = function(*pair()), function(*turned())
    scale = np.abs(true.data.magnitude).max()
    np.testing.assert_allclose(
        along.data.magnitude, true.data.magnitude, atol=1e-9 * scale
    )
    # and the turning matters: taken for east and north it is another wind
    wrong = function(*pair(), wind="earth")
    if name not in {"total_deformation"}:
        assert np.abs(wrong.data.magnitude - true.data.magnitude).max() > 1e-3 * scale


SAYS = {
    "CF x": ({"standard_name": "x_wind"}, "grid"),
    "CF ocean x": ({"standard_name": "sea_water_x_velocity"}, "grid"),
    "CF stress": ({"standard_name": "surface_downward_x_stress"}, "grid"),
    "CF east": ({"standard_name": "eastward_wind"}, "earth"),
    "CF ocean east": ({"standard_name": "eastward_sea_water_velocity"}, "earth"),
    "GRIB along the grid": ({"GRIB_uvRelativeToGrid": 1}, "grid"),
    "GRIB east": ({"GRIB_uvRelativeToGrid": 0}, "earth"),
    "cfgrib along the grid": (
        {"standard_name": "eastward_wind", "GRIB_uvRelativeToGrid": 1},
        "grid",
    ),
    "cfgrib east": (
        {"standard_name": "x_wind", "GRIB_uvRelativeToGrid": np.int64(0)},
        "earth",
    ),
    "CF alias": ({"standard_name": "grid_eastward_wind"}, "grid"),
    "words along the grid": ({"long_name": "grid eastward wind"}, "grid"),
    "words of a model": ({"long_name": "Zonal wind along model x"}, "grid"),
    "words of NEMO": ({"long_name": "ocean current along i-axis"}, "grid"),
    "words of CICE": ({"long_name": "ice velocity (x)"}, "grid"),
    "x that is east": ({"long_name": "Eastward wind (x)"}, "earth"),
    "WRF": ({"description": "x-wind component"}, "grid"),
    "words": ({"long_name": "Zonal wind"}, "earth"),
}


@pytest.mark.parametrize("case", SAYS)
def test_what_a_file_says_of_its_wind_is_believed(case):
    attrs, frame = SAYS[case]
    u, v = on_map(U, **attrs), on_map(V, **attrs)
    name = attrs.get("standard_name")
    if name:
        v.attrs["standard_name"] = name.replace("x_", "y_").replace("east", "north")
    got = xn.vorticity(u, v).data.magnitude
    expected = xn.vorticity(u, v, wind=frame).data.magnitude
    other = xn.vorticity(u, v, wind={"earth": "grid", "grid": "earth"}[frame])
    np.testing.assert_array_equal(got, expected)
    assert np.abs(got - other.data.magnitude).max() > 0


@pytest.mark.parametrize("flag", [0, 1, np.int64(1)])
@pytest.mark.parametrize(
    "smooth", [xn.smooth_n_point, lambda f: xn.smooth_gaussian(f, 4)]
)
def test_a_smoothed_wind_is_in_the_frame_it_was(smooth, flag):
    """ecCodes' standard name alone would say eastward of both."""
    names = ("eastward_wind", "northward_wind")
    u, v = pair(names=names, GRIB_uvRelativeToGrid=flag)
    got = xn.vorticity(smooth(u), smooth(v)).data.magnitude
    wind = "grid" if flag else "earth"
    expected = xn.vorticity(smooth(u), smooth(v), wind=wind).data.magnitude
    np.testing.assert_array_equal(got, expected)
    assert smooth(u).attrs["GRIB_uvRelativeToGrid"] == flag


def test_a_wind_that_does_not_say_is_refused_where_it_matters():
    with pytest.raises(xn.GridError, match=r"it matters.*wind='earth' or wind='grid'"):
        xn.vorticity(on_map(U), on_map(V))


def test_parts_that_say_different_things_are_refused():
    u, _ = pair()
    _, v = turned()
    with pytest.raises(xn.GridError, match="one frame"):
        xn.divergence(u, v)


def test_it_does_not_matter_on_latitude_and_longitude():
    lat, lon = np.arange(30.0, 40.0), np.arange(10.0)
    u = xr.DataArray(
        np.add.outer(lat, lon),
        dims=("lat", "lon"),
        coords={
            "lat": ("lat", lat, {"units": "degrees_north"}),
            "lon": ("lon", lon, {"units": "degrees_east"}),
        },
        attrs={"units": "m/s"},
    )
    silent = xn.vorticity(u, u)
    for wind in ("earth", "grid"):
        xr.testing.assert_identical(xn.vorticity(u, u, wind=wind), silent)


@pytest.mark.parametrize("wind", ["north", "", 1])
def test_a_frame_that_is_none_is_refused(wind):
    with pytest.raises(xn.OptionError, match="wind="):
        xn.vorticity(*pair(), wind=wind)


# --- results along the grid ----------------------------------------------------------


def test_a_geostrophic_wind_along_the_grid_is_the_same_vector():
    z = on_map(5500 + 10 * U, standard_name="geopotential_height")
    z.attrs["units"] = "m"
    east, north = (part.data.magnitude for part in xn.geostrophic_wind(z))
    along = xn.geostrophic_wind(z, frame="grid")
    g = convergence()
    np.testing.assert_allclose(
        along.ug.data.magnitude, np.cos(g) * east - np.sin(g) * north, rtol=1e-7
    )
    np.testing.assert_allclose(
        along.vg.data.magnitude, np.sin(g) * east + np.cos(g) * north, rtol=1e-7
    )
    assert "along-x" in along.ug.attrs["long_name"]
    assert "standard_name" not in along.ug.attrs


def test_a_tensor_along_the_grid_has_the_same_invariants():
    earth, grid = (
        [part.data.magnitude for part in xn.velocity_gradient(*pair(), frame=frame)]
        for frame in ("earth", "grid")
    )
    scale = max(np.abs(part).max() for part in earth)
    tight = {"atol": 1e-12 * scale, "rtol": 1e-9}
    np.testing.assert_allclose(earth[0] + earth[3], grid[0] + grid[3], **tight)
    np.testing.assert_allclose(earth[2] - earth[1], grid[2] - grid[1], **tight)
    size = [sum(part**2 for part in parts) for parts in (earth, grid)]
    np.testing.assert_allclose(*size, rtol=1e-9)
    assert np.abs(earth[0] - grid[0]).max() > 1e-3 * scale


def test_the_deformation_along_the_grid_is_that_of_the_turned_tensor():
    du_dx, du_dy, dv_dx, dv_dy = xn.velocity_gradient(*pair(), frame="grid")
    for name, expected in (
        ("shearing_deformation", dv_dx + du_dy),
        ("stretching_deformation", du_dx - dv_dy),
    ):
        got = getattr(xn, name)(*pair(), frame="grid")
        np.testing.assert_allclose(
            got.data.magnitude, expected.data.magnitude, rtol=1e-9, atol=1e-20
        )


def test_a_tensor_on_a_mirrored_grid_keeps_its_second_direction_on_the_side_of_y():
    """x counted from east to west: along it, and to the side of y."""
    u, _ = turned()
    straight = xn.hessian(u, frame="grid")
    mirrored = xn.hessian(u.isel(x=slice(None, None, -1)), frame="grid")
    for one, two in zip(straight, mirrored, strict=True):
        np.testing.assert_allclose(
            one.data.magnitude, two.data.magnitude[:, ::-1], rtol=1e-6, atol=1e-17
        )


# --- vertical motion -----------------------------------------------------------------


def column(values, units, axis_units, positive="", name="lev"):
    level = np.array([1000.0, 900.0, 800.0, 700.0])
    attrs = {"units": axis_units, "axis": "Z"}
    if positive:
        attrs["positive"] = positive
    shape = (4, 3, 3)
    return xr.DataArray(
        np.broadcast_to(np.asarray(values, dtype=float), shape).copy(),
        dims=(name, "y", "x"),
        coords={
            name: (name, level, attrs),
            "y": ("y", [0.0, 1.0, 2.0], {"units": "km"}),
            "x": ("x", [0.0, 1.0, 2.0], {"units": "km"}),
        },
        attrs={"units": units},
    )


LEVELS = np.array([1000.0, 900.0, 800.0, 700.0])[:, None, None]


def test_motion_in_pascals_along_hectopascals_is_converted():
    """2 K per 100 hPa, sinking at 50 Pa/s: -w dT/dp = -0.5 hPa/s x 0.02 K/hPa."""
    t = column(280 + 0.02 * LEVELS, "K", "hPa", "down")
    calm, sinking = column(0.0, "m/s", "hPa"), column(50.0, "Pa/s", "hPa")
    got = xn.advection(t, calm, calm, sinking)
    np.testing.assert_allclose(got.data.magnitude, -0.01, rtol=1e-10)


@pytest.mark.parametrize(("positive", "sign"), [("up", -1.0), ("down", 1.0)])
def test_upward_motion_along_a_depth_goes_against_the_coordinate(positive, sign):
    """T = 0.02 z: rising by 3 m/s brings lower z if z is a depth."""
    t = column(0.02 * LEVELS, "K", "m", positive)
    calm, rising = column(0.0, "m/s", "m", positive), column(3.0, "m/s", "m", positive)
    got = xn.advection(t, calm, calm, rising)
    np.testing.assert_allclose(got.data.magnitude, sign * 0.06, rtol=1e-10)


def test_motion_that_does_not_go_with_the_levels_is_refused():
    t = column(280.0, "K", "hPa", "down")
    calm, rising = column(0.0, "m/s", "hPa"), column(1.0, "m/s", "hPa")
    with pytest.raises(xn.UnitsError, match="no motion along 'lev'"):
        xn.advection(t, calm, calm, rising)


def test_a_member_dimension_of_the_field_alone_is_kept():
    t = xr.concat([column(280.0, "K", "hPa")] * 2, dim="member").assign_attrs(units="K")
    calm = column(0.0, "m/s", "hPa")
    assert xn.advection(t, calm, calm).dims == t.dims
    assert xn.advection(calm, calm, t.assign_attrs(units="m/s")).sizes["member"] == 2


@pytest.mark.parametrize(
    "change",
    [
        lambda v: v.isel(x=slice(0, 10)),
        lambda v: v.assign_coords(x=v.x + 1.5e4),
        lambda v: v.rename(x="x2"),
    ],
)
def test_parts_on_different_points_are_refused(change):
    u, v = pair()
    with pytest.raises(xn.GridError, match=r"different (grids|points)"):
        xn.vorticity(u, change(v))


def test_coordinates_that_differ_by_rounding_are_one():
    u, v = pair()
    xn.vorticity(u, v.assign_coords(x=v.x.astype(np.float32)))


def test_wrong_units_of_two_fields_are_told_together():
    u, v = pair()
    u.attrs["units"], v.attrs["units"] = "K", "Pa"
    with pytest.raises(xn.UnitsError, match=r"'K'.*'Pa'"):
        xn.absolute_vorticity(u, v)


def test_a_wind_without_units_is_refused():
    u, v = pair()
    del u.attrs["units"]
    with pytest.raises(xn.UnitsError, match="no units"):
        xn.vorticity(u, v)


def test_an_unknown_keyword_is_told_its_neighbour():
    with pytest.raises(TypeError, match="Did you mean 'units'"):
        xn.vorticity(*pair(), unit="1/h")


@pytest.mark.parametrize("engine", ["numpy", "numba"])
@pytest.mark.parametrize("wind", ["earth", "grid"])
def test_the_q_vector_of_a_turning_globe_along_the_grid(wind, engine):
    r"""Air that turns with the globe, over a temperature that grows with sin φ.

    Its velocity gradient is ω sin φ, the same in all frames, so that Q points west in
    the north: :math:`Q_x = -\frac{R}{p}\, \omega \sin\varphi\, G \cos\varphi / a`,
    :math:`Q_y = 0`. Along the grid it is that vector, turned by the convergence.
    """
    import pyproj

    a, omega, growth, gas, pressure = 6_371_229.0, 2e-5, 60.0, 287.05, 7e4
    proj = pyproj.Proj(f"+proj=lcc +lat_0={PARALLEL} +lat_1={PARALLEL} "
                       f"+lon_0={CENTRAL} +R={a}")  # fmt: skip
    _, lat = proj(*np.meshgrid(X, Y), inverse=True)
    sin, cos, g = np.sin(np.deg2rad(lat)), np.cos(np.deg2rad(lat)), convergence()
    east = omega * a * cos
    u, v = pair(east, 0.0 * east, ("eastward_wind", "northward_wind"))
    if wind == "grid":
        u, v = pair(np.cos(g) * east, np.sin(g) * east)
    t = on_map(280.0 + growth * sin, units="K")
    westward = -gas / pressure * omega * sin * growth * cos / a
    wanted = {
        "earth": (westward, 0.0 * westward),
        "grid": (np.cos(g) * westward, np.sin(g) * westward),
    }
    for frame, parts in wanted.items():
        with xn.set_options(engine=engine):
            made = xn.q_vector(u, v, t, pressure="700 hPa", frame=frame, accuracy=4)
        for one, known in zip(made, parts, strict=True):
            largest = np.abs(westward).max()
            numbers = one.data.to("m**2/kg/s").magnitude
            np.testing.assert_allclose(numbers, known, rtol=0, atol=1e-4 * largest)
    assert np.abs(np.sin(g)).max() > 0.05  # the frames are not the same


@pytest.mark.parametrize(
    ("names", "hint"),
    [
        (("northward_wind", "eastward_wind"), "the other order"),
        (("y_wind", "x_wind"), "the other order"),
        (("sea_water_y_velocity", "sea_water_x_velocity"), "the other order"),
        (("eastward_wind", "eastward_wind"), "the other part"),
        (("northward_wind", ""), "the other part"),
        (("upward_air_velocity", "northward_wind"), "the other part"),
        (("eastward_wind", "lagrangian_tendency_of_air_pressure"), "the other part"),
    ],
)
@pytest.mark.parametrize("operator", ["vorticity", "divergence", "helmholtz"])
def test_parts_in_the_wrong_order_are_refused(operator, names, hint):
    """Swapped, a vorticity would be that of another wind, without a word."""
    with pytest.raises(xn.FieldError, match=rf"part of a wind.*Try: {hint}"):
        getattr(xn, operator)(*pair(names=names), wind="grid")


@pytest.mark.parametrize(
    "names",
    [
        ("surface_downward_eastward_stress", "surface_downward_northward_stress"),
        ("eastward_wind", ""),
        ("x_wind", "northward_wind"),
        ("tendency_of_eastward_wind", "tendency_of_northward_wind"),
        ("eastward_derivative_of_northward_wind", "northward_wind"),
    ],
)
def test_parts_in_the_right_order_are_not(names):
    xn.divergence(*pair(names=names), wind="grid")
