"""NCL's vorticity and potential vorticity of a hurricane: another program's numbers.

WRF, Mercator, 10 km, C-grid, hurricane Katrina; ``avo`` and ``pvo`` by NCL/wrf-python
at the first time. Theirs is the conformal form with the map factor m = 1/cos φ,

    ζ = m² [∂(v/m)/∂X - ∂(u/m)/∂Y],

on the map's own steps of 10 km; ours differences the wind in space between the places
that XLAT and XLONG name. As fractions of the largest ζ, and in parentheses rms over rms
of ζ, away from the edges, the two differ by

    4.7e-4 (3.5e-4)   in all, of which
    2.4e-4 (1.9e-4)       m² ∂(u/m)/∂Y against ∂u/∂y + u tan φ / a, both at 10 km
    2.4e-4 (1.7e-4)       rows unevenly spaced in latitude against evenly in Y
    6.7e-5 (4.1e-5)       u/m brought to mass points, against u brought there
    4.4e-5 (2.6e-5)       places stored in single precision

and both from the truth by far more: the next order is 12 % (rms) away, for 10 km is
little beside the eye of a hurricane. WRF's Earth has 6370 km; ours, unless told,
6371.229 km, which is another 1.9e-4. At the edges NCL falls back to the first order.
"""

import numpy as np
import pytest
import xarray as xr
from fields import numbers, real

import xnabla as xn

pytestmark = pytest.mark.peer

RADIUS_M = 6_370_000.0  # WRF's
STEP_M = 10_000.0  # DX, DY
INNER = (slice(None), slice(1, -1), slice(1, -1))
DIMS = ("bottom_top", "south_north", "west_east")


@pytest.fixture(scope="module")
def wrf():
    with xr.open_dataset(real("wrf_mercator_katrina.nc"), engine="netcdf4") as file:
        return file.isel(Time=0).load()


@pytest.fixture(scope="module")
def ncl():
    path = real("wrf_mercator_katrina_reference.nc")
    with xr.open_dataset(path, engine="netcdf4") as file:
        found = {name: file[name].values.astype(float) for name in file}
    found["avo"] *= 1e-5
    return found


@pytest.fixture(scope="module")
def state(wrf):
    """θ, u, v and p at the mass points, labelled, in double precision."""
    at_mass = wrf["T"].astype(float)
    theta = (at_mass + 300.0).assign_attrs(units="K")
    pressure = (wrf["P"].astype(float) + wrf["PB"].astype(float)).assign_attrs(
        units="Pa"
    )
    u, v = (xn.destagger(wrf[name].astype(float), like=at_mass) for name in "UV")
    return {"field": theta, "u": u, "v": v, "pressure": pressure}


@pytest.fixture(scope="module")
def zeta(ncl, wrf):
    """The size of the relative vorticity: its largest, and its rms."""
    inner = (ncl["avo"] - numbers_of(wrf, "F"))[INNER]
    return np.abs(inner).max(), rms(inner)


def numbers_of(wrf, name):
    return wrf[name].values.astype(float)


def rms(values):
    return float(np.sqrt(np.mean(values**2)))


def mean_of_neighbours(values, axis):
    n = values.shape[axis]
    ahead, behind = (np.take(values, range(k, n - 1 + k), axis) for k in (1, 0))
    return (ahead + behind) / 2


def mass_winds(wrf):
    return tuple(
        mean_of_neighbours(numbers_of(wrf, name), axis)
        for name, axis in (("U", -1), ("V", -2))
    )


def conformal(wrf, edge_order=1, *, first="divide"):
    """m² [∂(v/m)/∂X - ∂(u/m)/∂Y] + F, by numpy's differences."""
    m = numbers_of(wrf, "MAPFAC_M")
    if first == "divide":
        u, v = (
            mean_of_neighbours(
                numbers_of(wrf, name) / numbers_of(wrf, f"MAPFAC_{name}"), axis
            )
            for name, axis in (("U", -1), ("V", -2))
        )
    else:
        u, v = (part / m for part in mass_winds(wrf))
    along_x = np.gradient(v, STEP_M, axis=-1, edge_order=edge_order)
    along_y = np.gradient(u, STEP_M, axis=-2, edge_order=edge_order)
    return m**2 * (along_x - along_y) + numbers_of(wrf, "F")


def metric(wrf):
    """m (∂v/∂X - ∂u/∂Y) + u tan φ / a + F: what the conformal form is on paper."""
    m, phi = numbers_of(wrf, "MAPFAC_M"), np.deg2rad(numbers_of(wrf, "XLAT"))
    u, v = mass_winds(wrf)
    turned = np.gradient(v, STEP_M, axis=-1) - np.gradient(u, STEP_M, axis=-2)
    return m * turned + u * np.tan(phi) / RADIUS_M + numbers_of(wrf, "F")


def ertel(wrf, eta, gravity, edge_order=1):
    """-g [η ∂θ/∂p - ∂v/∂p ∂θ/∂x + ∂u/∂p ∂θ/∂y], along the levels of the model."""
    # NCL reads T + 300 in single precision
    theta = (wrf["T"].values + np.float32(300.0)).astype(float)
    u, v = mass_winds(wrf)
    m = numbers_of(wrf, "MAPFAC_M")

    def step(f, axis):
        return np.gradient(f, axis=axis, edge_order=edge_order)

    dp = step(numbers_of(wrf, "P") + numbers_of(wrf, "PB"), 0)
    dtheta_dx, dtheta_dy = (m * step(theta, axis) / STEP_M for axis in (2, 1))
    twisted = step(v, 0) * dtheta_dx - step(u, 0) * dtheta_dy
    return -gravity * (eta * step(theta, 0) - twisted) / dp


def exact_places(wrf):
    """XLAT and XLONG before they were rounded: even steps on the Mercator map."""
    steps, size = STEP_M / RADIUS_M, wrf.sizes["west_east"]
    psi = np.arcsinh(np.tan(np.deg2rad(numbers_of(wrf, "XLAT")[:, 0])))
    lam = np.deg2rad(numbers_of(wrf, "XLONG")[0])
    even = steps * np.arange(size)
    psi, lam = ((a - even).mean() + even for a in (psi, lam))
    return psi, lam


def on_exact_places(wrf, field):
    psi, lam = exact_places(wrf)
    lat = np.rad2deg(np.arctan(np.sinh(psi)))[:, np.newaxis] + 0 * lam
    lon = np.rad2deg(lam) + 0 * psi[:, np.newaxis]
    return field.drop_vars(["XLAT", "XLONG"]).assign_coords(
        XLAT=(DIMS[1:], lat, {"units": "degrees_north"}),
        XLONG=(DIMS[1:], lon, {"units": "degrees_east"}),
    )


def on_the_map(wrf, values, name):
    """The same numbers on projected coordinates, without latitudes."""
    psi, lam = exact_places(wrf)
    return xr.DataArray(
        values,
        dims=("bottom_top", "y", "x"),
        coords={
            letter: (
                letter,
                RADIUS_M * angles,
                {"units": "m", "standard_name": f"projection_{letter}_coordinate"},
            )
            for letter, angles in (("y", psi), ("x", lam))
        },
        name=name,
        attrs={"units": "m s-1", "standard_name": name},
    )


def eta_of(u, v, **options):
    options = {"earth": RADIUS_M, **options}
    return numbers(xn.absolute_vorticity(u, v, **options), "1/s")


def coriolis_of(state):
    """f depends on the row alone: this map's x runs east."""
    f = xn.coriolis_parameter(state["u"])
    assert f.dims == ("south_north",)
    return numbers(f, "1/s")[:, np.newaxis]


def pv_of(state, **options):
    options = {"earth": RADIUS_M, **options}
    q = xn.potential_vorticity(**state, units="uK m2 kg-1 s-1", **options)
    return np.asarray(q.data.magnitude)


class TestTheReference:
    """What NCL does is known to the last digit of its files."""

    def test_its_absolute_vorticity_is_the_conformal_form(self, wrf, ncl):
        largest = np.abs(ncl["avo"]).max()
        np.testing.assert_allclose(
            conformal(wrf), ncl["avo"], rtol=0, atol=1e-7 * largest
        )

    def test_its_potential_vorticity_follows_with_g_of_9_81(self, wrf, ncl):
        got = 1e6 * ertel(wrf, conformal(wrf), 9.81)
        largest = np.abs(ncl["pvo"]).max()
        np.testing.assert_allclose(got, ncl["pvo"], rtol=0, atol=1e-7 * largest)

    def test_its_map_is_mercator_s(self, wrf):
        """Rows and columns, as XLAT and XLONG have them, lie evenly to 1.3 m."""
        psi, lam = exact_places(wrf)
        lat, lon = (np.deg2rad(numbers_of(wrf, n)) for n in ("XLAT", "XLONG"))
        assert np.abs(np.arcsinh(np.tan(lat)).T - psi).max() * RADIUS_M < 1.3
        assert np.abs(lon - lam).max() * RADIUS_M < 1.3
        m = numbers_of(wrf, "MAPFAC_M")
        np.testing.assert_allclose(m * np.cos(lat), 1.0, rtol=0, atol=3e-7)


class TestDestagger:
    def test_winds_come_to_the_mass_points_as_ncl_brings_them(self, wrf, ncl):
        for name, theirs in (("U", "ua"), ("V", "va")):
            for like in (wrf["T"], None):
                got = xn.destagger(wrf[name], like=like)
                assert got.dims == DIMS
                assert got.dtype == np.float32
                np.testing.assert_allclose(
                    numbers(got, "m/s"), ncl[theirs], rtol=0, atol=1e-5
                )

    def test_they_lie_where_mass_is(self, wrf):
        for name in "UV":
            told = xn.destagger(wrf[name], like=wrf["T"])
            xr.testing.assert_equal(
                told.coords.to_dataset(), wrf["T"].coords.to_dataset()
            )
            # without like: halfway between the places of the wind, on a sphere of
            # single precision
            made = xn.destagger(wrf[name])
            for place in ("XLAT", "XLONG"):
                np.testing.assert_allclose(
                    made[place].values, wrf[place].values, rtol=0, atol=3e-5
                )

    def test_staggered_winds_are_sent_there(self, wrf):
        with pytest.raises(xn.GridError, match=r"xn\.destagger"):
            xn.vorticity(wrf["U"], wrf["V"])

    @pytest.mark.parametrize("dim", ["west_east", "x", "lon", "rlon"])
    def test_a_field_at_mass_points_tells_where_whatever_its_dimensions(self, dim):
        """Three points between four, as in WRF, and named the way it names them."""
        at_mass = xr.DataArray(np.zeros(3), dims=dim, coords={dim: [0.5, 1.5, 2.5]})
        u = xr.DataArray(
            [1.0, 2.0, 4.0, 8.0], dims=f"{dim}_stag", attrs={"units": "m s-1"}, name="U"
        )
        got = xn.destagger(u, like=at_mass)
        np.testing.assert_array_equal(numbers(got, "m/s"), [1.5, 3.0, 6.0])
        xr.testing.assert_identical(got[dim], at_mass[dim])

    def test_a_nest_that_moves_is_taken_one_time_at_once(self):
        path = real("wrf_mercator_katrina.nc")
        with xr.open_dataset(path, engine="netcdf4") as file:
            u, v = (xn.destagger(file[name], like=file["T"]) for name in "UV")
            with pytest.raises(xn.GridError, match=r"isel\(Time=0\)"):
                xn.vorticity(u, v)


class TestAbsoluteVorticity:
    def test_ours_is_ncl_s_to_5e_4_of_the_largest(self, state, ncl, zeta):
        largest, mean = zeta
        apart = (eta_of(state["u"], state["v"]) - ncl["avo"])[INNER]
        assert np.abs(apart).max() < 5e-4 * largest
        assert rms(apart) < 4e-4 * mean

    def test_in_single_precision_too(self, wrf, ncl, zeta):
        """The file as it is: float32 in, float32 out."""
        u, v = (xn.destagger(wrf[name], like=wrf["T"]) for name in "UV")
        eta = xn.absolute_vorticity(u, v, earth=RADIUS_M)
        assert eta.dtype == np.float32
        assert eta.attrs["standard_name"] == "atmosphere_upward_absolute_vorticity"
        apart = (numbers(eta, "1/s") - ncl["avo"])[INNER]
        assert np.abs(apart).max() < 5e-4 * zeta[0]

    def test_each_source_of_the_difference_has_its_size(self, wrf, state, ncl, zeta):
        """The table above, row by row: (what, largest, rms)."""
        largest, mean = zeta
        u, v = state["u"], state["v"]
        ours = eta_of(*(on_exact_places(wrf, f) for f in (u, v)))
        later = conformal(wrf, first="destagger")
        sizes = {
            "all": (ours, ncl["avo"], 4.7e-4, 3.5e-4),
            "form": (metric(wrf), conformal(wrf), 2.4e-4, 1.9e-4),
            "rows": (ours, metric(wrf), 2.4e-4, 1.7e-4),
            "staggering": (later, conformal(wrf), 6.7e-5, 4.1e-5),
            "float32 places": (eta_of(u, v), ours, 4.4e-5, 2.6e-5),
        }
        for what, (a, b, most, whole) in sizes.items():
            apart = (a - b)[INNER]
            assert np.abs(apart).max() / largest == pytest.approx(most, rel=0.1), what
            assert rms(apart) / mean == pytest.approx(whole, rel=0.1), what

    def test_the_metric_term_is_in_the_conformal_form(self, wrf, ncl, zeta):
        """Without it, m (∂v/∂X - ∂u/∂Y) is 25 times as far away as ours."""
        phi = np.deg2rad(numbers_of(wrf, "XLAT"))
        turn = mass_winds(wrf)[0] * np.tan(phi) / RADIUS_M
        without = (metric(wrf) - turn - ncl["avo"])[INNER]
        with_it = (metric(wrf) - ncl["avo"])[INNER]
        assert rms(without) > 4e-3 * zeta[1]
        assert rms(with_it) < 2e-4 * zeta[1]

    def test_the_difference_is_nothing_beside_the_error_of_both(self, state, ncl, zeta):
        u, v = state["u"], state["v"]
        second, fourth = (eta_of(u, v, accuracy=k)[INNER] for k in (2, 4))
        error = rms(fourth - second)
        assert 0.1 * zeta[1] < error < 0.15 * zeta[1]
        assert rms(second - ncl["avo"][INNER]) < error / 300

    def test_the_radius_counts_as_much_as_the_form(self, state, ncl, zeta):
        """ζ goes as 1/a, f does not; 6371.229 km is 1.93e-4 more than WRF has."""
        f = coriolis_of(state)
        told = eta_of(state["u"], state["v"]) - f
        assumed = eta_of(state["u"], state["v"], earth=None) - f
        np.testing.assert_allclose(
            assumed, told * (RADIUS_M / 6_371_229.0), rtol=0, atol=1e-12 * zeta[0]
        )

    def test_f_is_the_file_s(self, wrf, state):
        f = coriolis_of(state)
        # 7.2921e-5 there, 7.292115e-5 here: 2e-6 of f, and places in single precision
        np.testing.assert_allclose(
            f + 0 * numbers_of(wrf, "F"), numbers_of(wrf, "F"), rtol=0, atol=2e-9
        )

    def test_on_mercator_the_frame_of_the_wind_does_not_matter(self, state):
        """Its x is east: said along the grid, said east and north, or not said."""
        u, v = state["u"], state["v"]
        expected = eta_of(u, v)
        assert u.attrs["description"] == "x-wind component"
        silent = [part.drop_attrs() for part in (u, v)]
        for pair, wind in (((u, v), "grid"), ((u, v), "earth"), (silent, None)):
            np.testing.assert_array_equal(eta_of(*pair, wind=wind), expected)

    def test_along_x_and_y_of_the_map_it_is_the_same_to_the_stencil(
        self, wrf, state, ncl, zeta
    ):
        """As a projected grid: 2.4e-4 from NCL, half of what latitudes give."""
        u, v = (
            on_the_map(wrf, part, name)
            for part, name in zip(mass_winds(wrf), ("x_wind", "y_wind"), strict=True)
        )
        crs = f"+proj=merc +lat_ts=0 +lon_0=0 +R={RADIUS_M}"
        projected = eta_of(u, v, crs=crs, earth=None)
        for other in (ncl["avo"], eta_of(state["u"], state["v"])):
            apart = (projected - other)[INNER]
            assert np.abs(apart).max() < 2.5e-4 * zeta[0]
            assert rms(apart) < 2e-4 * zeta[1]

    def test_on_the_edges_ours_is_of_the_second_order(self, wrf, state, ncl, zeta):
        """NCL's is of the first: 25 % away. Given the second, it is ours to 7e-4."""
        edge = np.ones(ncl["avo"].shape[1:], dtype=bool)
        edge[1:-1, 1:-1] = False
        ours = eta_of(*(on_exact_places(wrf, state[name]) for name in "uv"))
        first = np.abs(ours - ncl["avo"])[:, edge].max()
        second = np.abs(ours - conformal(wrf, edge_order=2, first="destagger"))
        assert 0.2 * zeta[0] < first < 0.3 * zeta[0]
        assert second[:, edge].max() < 8e-4 * zeta[0]

    def test_edges_are_left_out_when_asked(self, state):
        u, v = state["u"], state["v"]
        whole, inner = eta_of(u, v), eta_of(u, v, edges="missing")
        assert np.isnan(inner).sum() == 14 * (48**2 - 46**2)
        np.testing.assert_array_equal(inner[INNER], whole[INNER])


class TestPotentialVorticity:
    MIDDLE = (slice(1, -1),) * 3

    def test_ours_is_ncl_s_to_6e_4_of_the_largest(self, state, ncl):
        """28 PVU in the eye's wall. NCL's g is 9.81, ours 9.80665: 3.4e-4 more."""
        ours, theirs = pv_of(state)[self.MIDDLE], ncl["pvo"][self.MIDDLE]
        largest = np.abs(ncl["pvo"]).max()
        assert 25 < largest < 30
        apart = ours * (9.81 / 9.80665) - theirs
        assert np.abs(apart).max() < 6e-4 * largest
        assert rms(apart) < 4e-4 * rms(theirs)
        apart = ours - theirs
        assert np.abs(apart).max() < 9.5e-4 * largest
        assert rms(apart) < 5e-4 * rms(theirs)

    def test_along_levels_of_the_model_the_tilt_of_theta_counts(self, wrf, ncl):
        """η ∂θ/∂p alone is 15 % (rms) off: the other two terms are tested, too."""
        theta = numbers_of(wrf, "T") + 300.0
        dp = np.gradient(numbers_of(wrf, "P") + numbers_of(wrf, "PB"), axis=0)
        upright = -9.81e6 * ncl["avo"] * np.gradient(theta, axis=0) / dp
        apart = (upright - ncl["pvo"])[self.MIDDLE]
        assert 0.1 < rms(apart) / rms(ncl["pvo"][self.MIDDLE]) < 0.2

    def test_everywhere_it_is_the_same_form_with_edges_of_second_order(
        self, wrf, state, ncl
    ):
        """NCL's lowest and highest level and its sides are of the first order."""
        exact = {name: on_exact_places(wrf, f) for name, f in state.items()}
        ours = pv_of(exact)
        eta = conformal(wrf, edge_order=2, first="destagger")
        expected = 1e6 * ertel(wrf, eta, 9.80665, edge_order=2)
        largest = np.abs(ncl["pvo"]).max()
        assert np.abs(ours - expected).max() < 8e-4 * largest
        assert rms(ours - expected) < 4.5e-4 * rms(ncl["pvo"])
        # lowest level: 18 % of the largest
        assert np.abs(ours - ncl["pvo"])[0].max() > 0.1 * largest

    def test_edges_are_left_out_when_asked_levels_too(self, state):
        inner = pv_of(state, edges="missing")
        assert np.isnan(inner).sum() == 14 * 48**2 - 12 * 46**2
        np.testing.assert_array_equal(inner[self.MIDDLE], pv_of(state)[self.MIDDLE])

    def test_the_order_of_levels_does_not_matter(self, state):
        upside_down = {name: f[::-1] for name, f in state.items()}
        largest = np.abs(pv_of(state)).max()
        np.testing.assert_allclose(
            pv_of(upside_down)[::-1], pv_of(state), rtol=0, atol=1e-12 * largest
        )

    def test_the_unit_meteorologists_use(self, state):
        """As the docstring says: uK m2 kg-1 s-1 has the numbers of PVU."""
        units = "uK m2 kg-1 s-1"
        q = xn.potential_vorticity(**state, earth=RADIUS_M, units=units)
        np.testing.assert_allclose(
            np.asarray(q.data.magnitude), pv_of(state), rtol=1e-12, atol=1e-12
        )

    def test_levels_without_pressure_are_refused(self, state):
        with pytest.raises(xn.GridError, match="pressure"):
            xn.potential_vorticity(state["field"], state["u"], state["v"])
