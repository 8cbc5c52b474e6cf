"""Winds of the NAM, along the lines of a Lambert map: by three roads to one answer.

NCEP's grid 211: 65 × 93 points every 81.271 km, tangent at 25° N, 265° E; winds are
``x_wind`` and ``y_wind``, with 2-D latitude and longitude beside. What is expected
comes from Lambert's formulas in closed form (Snyder 1987, Map Projections, ch. 15),

    n = sin φ₁,   γ = n (λ - λ₀),
    m = cos φ₁ / cos φ · [tan(π/4 + φ₁/2) / tan(π/4 + φ/2)]^n,

and from numpy's differences on the map.
"""

import numpy as np
import pytest
import xarray as xr
from fields import numbers, real

import xnabla as xn

pytestmark = pytest.mark.peer

TANGENT = np.deg2rad(25.0)
CONE = np.sin(TANGENT)
CENTRAL = 265.0
GRAVITY = 9.80665
OMEGA = 7.292115e-5
LEVELS = [850.0, 700.0, 500.0, 300.0]  # of 19
INNER = (slice(None), slice(1, -1), slice(1, -1))
FLOW = ("vorticity", "divergence")


@pytest.fixture(scope="module")
def nam():
    """The file, grid mapping among its coordinates; in double precision."""
    path = real("nam211_lambert_20180917.nc")
    with xr.open_dataset(path, engine="netcdf4", decode_coords="all") as file:
        found = file.sel(plev=LEVELS).load().astype(float)
    assert found["u"].attrs["standard_name"] == "x_wind"
    assert "lcc" in found.coords
    return found


@pytest.fixture(scope="module")
def turn(nam):
    """γ: how far x of the map points from east."""
    away = (nam["lon"].values - CENTRAL + 180.0) % 360.0 - 180.0
    return CONE * np.deg2rad(away)


@pytest.fixture(scope="module")
def scale(nam):
    """m: a metre on the globe, on the map."""
    phi = np.deg2rad(nam["lat"].values)
    narrowed = np.tan(np.pi / 4 + TANGENT / 2) / np.tan(np.pi / 4 + phi / 2)
    return np.cos(TANGENT) / np.cos(phi) * narrowed**CONE


@pytest.fixture(scope="module")
def earthward(nam, turn):
    """The same wind, eastward and northward, turned by hand."""
    u, v = nam["u"], nam["v"]
    sine, cosine = np.sin(turn), np.cos(turn)
    return (
        named(u, cosine * u.values + sine * v.values, "eastward_wind"),
        named(v, cosine * v.values - sine * u.values, "northward_wind"),
    )


def named(like, values, standard_name):
    made = like.copy(data=values)
    made.attrs = {**like.attrs, "standard_name": standard_name}
    return made


def without_map(field):
    """Only 2-D latitude and longitude are left to tell the places."""
    bare = field.drop_vars(["lcc", "x", "y"])
    bare.attrs = {k: v for k, v in field.attrs.items() if k != "grid_mapping"}
    bare.encoding = {}
    assert xn.grid_of(bare).kind == "curvilinear"
    return bare


def flow(operator, *fields, unit="1/s", **options):
    return numbers(getattr(xn, operator)(*fields, **options), unit)


def on_the_map(nam, f, dim):
    """Differences of second order along x or y of the map, edges too."""
    axis = {"x": -1, "y": -2}[dim]
    return np.gradient(f, nam[dim].values, axis=axis, edge_order=2)


def rms(values):
    return float(np.sqrt(np.mean(values**2)))


def assert_within(got, expected, part):
    """Equal to a part of the largest value."""
    largest = np.abs(expected).max()
    np.testing.assert_allclose(got, expected, rtol=0, atol=part * largest)


def test_the_map_is_where_the_file_says(nam, scale):
    """Our lengths of a step are those of the closed form: 63.3 to 81.3 km."""
    x, y = nam["x"].values, nam["y"].values
    assert np.ptp(np.diff(x)) < 1e-6
    assert np.ptp(np.diff(y)) < 1e-6
    t = nam["t"]
    slope_x = xn.gradient(t.copy(data=t.values * 0 + x), frame="grid")[1]
    # dX/dX = 1, a step on the globe being 1/m of one on the map
    np.testing.assert_allclose(
        np.asarray(slope_x.data.magnitude), scale + 0 * t.values, rtol=1e-9, atol=0
    )
    assert scale.min() == pytest.approx(1.0, abs=1e-6)
    assert scale.max() == pytest.approx(1.283, abs=1e-3)


class TestThreeRoads:
    @pytest.mark.parametrize("accuracy", [2, 4, 6])
    @pytest.mark.parametrize("operator", [*FLOW, "total_deformation"])
    def test_along_the_map_or_turned_by_hand_it_is_one_wind(
        self, nam, earthward, operator, accuracy
    ):
        along = flow(operator, nam["u"], nam["v"], accuracy=accuracy)
        turned = flow(operator, *earthward, accuracy=accuracy)
        # the file's places are those of its map to 1e-13 degrees
        assert_within(turned, along, 1e-10)

    @pytest.mark.parametrize(
        ("accuracy", "part"),
        # measured: 7.9e-5, 6.2e-8 and 8.6e-11; steps of 0.01 Earth radii
        [(2, 1e-4), (4, 1e-7), (6, 1e-9)],
    )
    @pytest.mark.parametrize("operator", [*FLOW, "total_deformation"])
    def test_latitudes_and_longitudes_alone_tell_as_much_as_the_map(
        self, nam, operator, accuracy, part
    ):
        """Directions are then differences, too, of the order asked for."""
        along = flow(operator, nam["u"], nam["v"], accuracy=accuracy)
        u, v = (without_map(nam[name]) for name in "uv")
        assert_within(flow(operator, u, v, accuracy=accuracy), along, part)

    @pytest.mark.parametrize("operator", FLOW)
    def test_turned_by_hand_latitudes_and_longitudes_do_too(
        self, nam, earthward, operator
    ):
        along = flow(operator, nam["u"], nam["v"])
        bare = (without_map(part) for part in earthward)
        assert_within(flow(operator, *bare), along, 1e-4)

    @pytest.mark.parametrize("operator", FLOW)
    def test_the_classic_conformal_form_differs_by_truncation(
        self, nam, scale, operator
    ):
        """ζ = m² [∂(v/m)/∂x - ∂(u/m)/∂y], δ = m² [∂(u/m)/∂x + ∂(v/m)/∂y].

        0.22 % and 0.43 % (rms) away; the fourth order is 23 % and 43 % away.
        """
        u, v = (nam[name].values / scale for name in "uv")
        if operator == "vorticity":
            turning = on_the_map(nam, v, "x") - on_the_map(nam, u, "y")
        else:
            turning = on_the_map(nam, u, "x") + on_the_map(nam, v, "y")
        expected = scale**2 * turning
        ours = flow(operator, nam["u"], nam["v"])
        apart = rms(ours - expected)
        assert apart < 5e-3 * rms(expected)
        assert np.abs(ours - expected).max() < 6e-3 * np.abs(expected).max()
        error = rms(flow(operator, nam["u"], nam["v"], accuracy=4) - ours)
        assert 0.2 * rms(expected) < error < 0.5 * rms(expected)
        assert apart < error / 75

    @pytest.mark.parametrize(
        ("operator", "sign"),
        [("stretching_deformation", -1), ("shearing_deformation", 1)],
    )
    def test_so_do_the_parts_of_the_deformation_along_the_map(
        self, nam, scale, operator, sign
    ):
        """∂(mu)/∂x - ∂(mv)/∂y and ∂(mv)/∂x + ∂(mu)/∂y: 0.23 % and 0.29 % (rms)."""
        u, v = (nam[name].values * scale for name in "uv")
        one, other = (u, v) if sign < 0 else (v, u)
        expected = on_the_map(nam, one, "x") + sign * on_the_map(nam, other, "y")
        ours = flow(operator, nam["u"], nam["v"], frame="grid")
        assert rms(ours - expected) < 4e-3 * rms(expected)
        assert np.abs(ours - expected).max() < 6e-3 * np.abs(expected).max()

    def test_in_another_frame_the_deformation_turns_by_twice_the_angle(self, nam, turn):
        """stretching + i shearing, multiplied by exp(2iγ); its size stays."""
        u, v = nam["u"], nam["v"]
        grid, earth = (
            flow("stretching_deformation", u, v, frame=frame)
            + 1j * flow("shearing_deformation", u, v, frame=frame)
            for frame in ("grid", "earth")
        )
        # x lies γ towards the south of east, east of the central meridian
        np.testing.assert_allclose(
            earth, grid * np.exp(-2j * turn), rtol=0, atol=1e-10 * np.abs(grid).max()
        )
        assert_within(flow("total_deformation", u, v), np.abs(grid), 1e-12)

    def test_the_wrong_frame_is_wrong_by_the_turning_of_the_map(self, nam):
        """∇γ = n/(a cos φ) east: taken for east and north, 7 % of ζ (rms) is lost."""
        u, v = nam["u"], nam["v"]
        right = flow("vorticity", u, v)
        wrong = flow("vorticity", u, v, wind="earth")
        assert 0.05 * rms(right) < rms(wrong - right)
        assert_within(flow("vorticity", u, v, wind="grid"), right, 1e-15)

    def test_winds_that_do_not_say_are_refused(self, nam):
        silent = [nam[name].copy() for name in "uv"]
        for part in silent:
            del part.attrs["standard_name"]
        for operator in FLOW:
            with pytest.raises(xn.GridError, match="wind='earth' or wind='grid'"):
                flow(operator, *silent)

    def test_one_part_along_the_grid_and_one_northward_are_refused(
        self, nam, earthward
    ):
        with pytest.raises(xn.GridError, match="wind='earth' or wind='grid'"):
            xn.vorticity(nam["u"], earthward[1])

    def test_rows_from_north_to_south_are_the_same_wind(self, nam):
        """v blows towards larger y, not towards later rows."""
        u, v = nam["u"], nam["v"]
        for operator in FLOW:
            upside = flow(operator, u[:, ::-1], v[:, ::-1])[:, ::-1]
            assert_within(upside, flow(operator, u, v), 1e-11)


class TestWhatTheWindDoes:
    def test_advection_is_that_of_the_map(self, nam, scale):
        """-m (u ∂t/∂x + v ∂t/∂y): one stencil on both sides, so to rounding."""
        t, u, v = (nam[name] for name in "tuv")
        along_x, along_y = (on_the_map(nam, t.values, dim) for dim in "xy")
        expected = -scale * (u.values * along_x + v.values * along_y)
        assert_within(flow("advection", t, u, v, unit="K/s"), expected, 1e-11)

    def test_advection_with_the_vertical_wind_adds_its_part(self, nam):
        """-ω ∂t/∂p, levels unevenly spaced."""
        t, u, v, omega = (nam[name] for name in ("t", "u", "v", "omega"))
        flat = flow("advection", t, u, v, unit="K/s")
        whole = flow("advection", t, u, v, omega, unit="K/s")
        p = 100.0 * nam["plev"].values.astype(float)
        along_p = np.gradient(t.values, p, axis=0, edge_order=2)
        assert_within(whole - flat, -omega.values * along_p, 1e-9)
        assert np.isfinite(whole).all()

    def test_frontogenesis_is_one_by_all_roads(self, nam, earthward):
        t, u, v = (nam[name] for name in "tuv")
        f = flow("frontogenesis", t, u, v, unit="K/m/s")
        assert np.isfinite(f).all()
        assert_within(flow("frontogenesis", t, *earthward, unit="K/m/s"), f, 1e-11)
        bare = (without_map(part) for part in (t, u, v))
        # measured: 8.9e-5
        assert_within(flow("frontogenesis", *bare, unit="K/m/s"), f, 2e-4)

    def test_frontogenesis_is_that_of_the_map_by_its_three_parts(self, nam, scale):
        """F = -[|∇θ|² δ + (θx² - θy²) stretching + 2 θx θy shearing] / (2 |∇θ|)."""
        t, u, v = (nam[name] for name in "tuv")
        along_x, along_y = (scale * on_the_map(nam, t.values, dim) for dim in "xy")
        over, under = (
            {"u": nam["u"].values * factor, "v": nam["v"].values * factor}
            for factor in (scale, 1 / scale)
        )
        stretching = on_the_map(nam, over["u"], "x") - on_the_map(nam, over["v"], "y")
        shearing = on_the_map(nam, over["v"], "x") + on_the_map(nam, over["u"], "y")
        delta = on_the_map(nam, under["u"], "x") + on_the_map(nam, under["v"], "y")
        length = np.hypot(along_x, along_y)
        turned = (along_x**2 - along_y**2) * stretching
        turned += 2 * along_x * along_y * shearing
        rising = length**2 * scale**2 * delta + turned
        # where there is no gradient there is none to tighten
        expected = -0.5 * rising / np.where(length == 0, 1, length)
        f = flow("frontogenesis", t, u, v, unit="K/m/s")
        assert rms(f - expected) < 1e-2 * rms(expected)
        assert np.abs(f - expected).max() < 1e-2 * np.abs(expected).max()

    def test_what_is_finite_stays_finite(self, nam):
        u, v, t = nam["u"], nam["v"], nam["t"]
        for part in xn.velocity_gradient(u, v):
            assert np.isfinite(part.data.magnitude).all()
        theta = t * (1000.0 / nam["plev"]) ** (2 / 7)
        theta.attrs = {"units": "K"}
        q = xn.potential_vorticity(theta, u, v)
        assert np.isfinite(q.data.magnitude).all()
        for part in xn.q_vector(u, v, t):
            assert np.isfinite(part.data.magnitude).all()


class TestBalance:
    def test_the_geostrophic_wind_along_the_map_is_its_closed_form(self, nam, scale):
        """-(g m/f) ∂z/∂y and (g m/f) ∂z/∂x, f from the file's latitudes."""
        z = nam["gh"]
        f = 2 * OMEGA * np.sin(np.deg2rad(nam["lat"].values))
        expected = (
            -GRAVITY * scale / f * on_the_map(nam, z.values, "y"),
            GRAVITY * scale / f * on_the_map(nam, z.values, "x"),
        )
        wind = xn.geostrophic_wind(z, frame="grid")
        for got, part in zip(wind, expected, strict=True):
            assert_within(numbers(got, "m/s"), part, 1e-10)

    def test_east_and_north_it_is_that_turned(self, nam, turn):
        z = nam["gh"]
        parts = xn.geostrophic_wind(z, frame="grid")
        along = [numbers(part, "m/s") for part in parts]
        east, north = (numbers(p, "m/s") for p in xn.geostrophic_wind(z))
        sine, cosine = np.sin(turn), np.cos(turn)
        assert_within(east, cosine * along[0] + sine * along[1], 1e-11)
        assert_within(north, cosine * along[1] - sine * along[0], 1e-11)

    @pytest.mark.parametrize(
        ("level", "alike", "apart"),
        # measured: 0.975 and 0.20 of the wind's rms; 0.972 and 0.21; friction below
        [(500.0, 0.97, 0.22), (300.0, 0.97, 0.22), (850.0, 0.8, 0.6)],
    )
    def test_poleward_of_30_degrees_it_resembles_the_real_wind(
        self, nam, earthward, level, alike, apart
    ):
        away = nam["lat"].values > 30.0
        away[[0, -1]] = away[:, [0, -1]] = False
        here = list(nam["plev"].values).index(level)
        wind, balanced = (
            np.concatenate([values[here][away] for values in pair])
            for pair in (
                [part.values for part in earthward],
                [numbers(p, "m/s") for p in xn.geostrophic_wind(nam["gh"])],
            )
        )
        assert np.corrcoef(wind, balanced)[0, 1] > alike
        assert rms(wind - balanced) < apart * rms(wind)

    def test_the_ageostrophic_wind_is_what_is_left(self, nam, earthward):
        rest = xn.ageostrophic_wind(nam["gh"], nam["u"], nam["v"])
        balanced = xn.geostrophic_wind(nam["gh"])
        for part, wind, other in zip(rest, earthward, balanced, strict=True):
            assert_within(
                numbers(part, "m/s") + numbers(other, "m/s"), wind.values, 1e-11
            )


def test_the_map_stays_with_the_result(nam):
    """As in a file opened the usual way: float32, grid_mapping named, x and y kept."""
    path = real("nam211_lambert_20180917.nc")
    with xr.open_dataset(path, engine="netcdf4", decode_coords="all") as file:
        u, v, t = (file[name].sel(plev=LEVELS).load() for name in "uvt")
        z = file["gh"].sel(plev=LEVELS).load()
    results = (
        xn.vorticity(u, v),
        xn.advection(t, u, v),
        *xn.geostrophic_wind(z),
    )
    for result in results:
        assert result.dtype == np.float32
        assert result.attrs["grid_mapping"] == "lcc"
        xr.testing.assert_identical(result.coords.to_dataset(), u.coords.to_dataset())
    largest = np.abs(flow("vorticity", nam["u"], nam["v"])).max()
    np.testing.assert_allclose(
        numbers(results[0], "1/s"),
        flow("vorticity", nam["u"], nam["v"]),
        rtol=0,
        atol=1e-6 * largest,
    )
