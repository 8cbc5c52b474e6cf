"""Helmholtz: the parts add up to the wind, unique where they are; a named gauge."""

import warnings

import numpy as np
import pytest
import xarray as xr
from atlas import MAPS
from fields import FIELDS, GLOBAL, REGIONAL, SPHERE, WGS84, labelled, real
from winds import STANDARD_NAMES, WINDS, Slope, blowing, wind_field

from xnabla.descent._status import Status
from xnabla.descent.inversion import helmholtz, operator_matrix
from xnabla.errors import FieldError, GridError, OptionError, UnitsError

RANDOM = np.random.default_rng(300)
PARTS = ("u_psi", "v_psi", "u_chi", "v_chi")


def plain(field):
    return np.asarray(field.data.magnitude)


def left_over(found, u, v):
    """The largest rest of any point, as a part of the strongest wind."""
    rest = np.hypot(
        plain(found.u_psi) + plain(found.u_chi) - u.values,
        plain(found.v_psi) + plain(found.v_chi) - v.values,
    )
    return np.nanmax(rest) / np.nanmax(np.hypot(u.values, v.values))


def named(values, globe):
    return tuple(
        wind_field(one, globe, name) for one, name in zip(values, "uv", strict=True)
    )


@pytest.mark.parametrize("name", GLOBAL)
def test_on_a_globe_the_parts_add_up_to_the_wind(name):
    """Every wind of the catalogue, on every global grid, its pole rows included."""
    u, v = blowing(GLOBAL[name](12))
    found = helmholtz(u, v)
    assert found.converged.values.all()
    rounded = 1e-6 if "single" in name else 0.0
    assert left_over(found, u, v) <= 1e-6 + rounded
    assert np.nanmax(plain(found.closure)) <= 1e-6 + rounded
    for one, parts in (("u", u), ("v", v)):
        rest = plain(found[f"{one}_residual"])
        total = plain(found[f"{one}_psi"]) + plain(found[f"{one}_chi"])
        np.testing.assert_allclose(total + rest, parts.values, atol=1e-12)
    assert "none needed" in found.attrs["gauge"]


@pytest.mark.parametrize("name", ["uneven longitudes", "single precision gaussian"])
def test_on_uneven_longitudes_the_potentials_are_of_second_order(name):
    errors, f = [], FIELDS["mixed"]
    for m in (18, 36):
        globe = GLOBAL[name](m)
        u, v = named(Slope(f, 1.0).uv(globe.phi, globe.lam, SPHERE), globe)
        found = helmholtz(u, v)
        wrong = plain(found.velocity_potential) - f.value(globe.phi, globe.lam)
        errors.append(np.ptp(wrong) + np.ptp(plain(found.streamfunction)))
    assert np.log2(errors[0] / errors[1]) > 1.7


@pytest.mark.parametrize(
    "name",
    [
        "pole rows",
        "no pole rows",
        "gaussian",
        "closed",
        "north to south",
        "east to west",
        "odd number of longitudes",
    ],
)
def test_a_gradient_has_no_streamfunction_and_a_rotation_no_potential(name):
    globe = GLOBAL[name](36)
    f, scale = FIELDS["mixed"], 1e7
    slope = Slope(f, scale)
    u, v = named(slope.uv(globe.phi, globe.lam, SPHERE), globe)
    exact = scale * f.value(globe.phi, globe.lam)
    area = operator_matrix(u)
    weight = area.area_m2.diagonal()
    exact = exact - np.average(area.vector(labelled(exact, globe)), weights=weight)
    spreads = helmholtz(u, v)
    np.testing.assert_allclose(
        plain(spreads.velocity_potential), exact, atol=2e-6 * scale
    )
    assert np.abs(plain(spreads.streamfunction)).max() <= 2e-6 * scale
    turns = helmholtz(
        v.copy(data=-v.values).assign_attrs(u.attrs), u.assign_attrs(v.attrs)
    )
    np.testing.assert_allclose(plain(turns.streamfunction), exact, atol=2e-6 * scale)
    assert float(turns.energy_psi.data.magnitude) == pytest.approx(1.0, abs=1e-8)
    assert float(spreads.energy_chi.data.magnitude) == pytest.approx(1.0, abs=1e-8)


def test_the_error_falls_with_the_sixth_power():
    errors, f = [], FIELDS["mixed"]
    for m in (18, 36):
        globe = GLOBAL["no pole rows"](m)
        u, v = named(Slope(f, 1.0).uv(globe.phi, globe.lam, SPHERE), globe)
        wrong = plain(helmholtz(u, v).velocity_potential)
        wrong = wrong - f.value(globe.phi, globe.lam)
        errors.append(np.ptp(wrong))
    assert np.log2(errors[0] / errors[1]) > 5.5


def test_the_ellipsoid_counts():
    globe, f = GLOBAL["pole rows"](36), FIELDS["mixed"]
    u, v = named(Slope(f, 1.0).uv(globe.phi, globe.lam, WGS84), globe)
    exact = f.value(globe.phi, globe.lam)
    right = plain(helmholtz(u, v, earth="WGS84").velocity_potential) - exact
    assert np.ptp(right) < 1e-6
    assert np.ptp(plain(helmholtz(u, v).velocity_potential) - exact) > 1e-4


def test_it_is_that_of_spherical_harmonics():
    """Random winds of all degrees up to 20, at 1 degree: within 1e-3."""
    spharmgrid = pytest.importorskip("spharmgrid")
    globe = GLOBAL["no pole rows"](180)
    u, v = random_winds(globe, 20)
    found = helmholtz(u, v)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        psi, chi = reference(spharmgrid, u, v)
    for ours, theirs in ((found.streamfunction, psi), (found.velocity_potential, chi)):
        weight = np.broadcast_to(np.cos(globe.phi), theirs.shape)
        wrong = plain(ours) - theirs
        wrong -= np.average(wrong, weights=weight)
        size = np.abs(theirs - np.average(theirs, weights=weight)).max()
        assert np.abs(wrong).max() <= 1e-3 * size


def random_winds(globe, degree):
    """Winds of random smooth vector fields: the tangential part of polynomials."""
    from numpy.polynomial.legendre import legval

    phi, lam = globe.phi, globe.lam
    n = np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi) + 0 * lam
    u = v = 0.0
    east = -np.sin(lam) + 0 * phi, np.cos(lam) + 0 * phi, 0 * phi + 0 * lam
    north = (
        -np.sin(phi) * np.cos(lam),
        -np.sin(phi) * np.sin(lam),
        np.cos(phi) + 0 * lam,
    )
    for _ in range(12):
        axis, way = RANDOM.normal(size=(2, 3))
        axis /= np.linalg.norm(axis)
        along = sum(a * b for a, b in zip(axis, n, strict=True))
        size = legval(along, RANDOM.normal(size=degree) / np.arange(1, degree + 1))
        u = u + size * sum(a * b for a, b in zip(way, east, strict=True))
        v = v + size * sum(a * b for a, b in zip(way, north, strict=True))
    return named((10 * u, 10 * v), globe)


def reference(spharmgrid, u, v):
    """Streamfunction and potential by spharmgrid, whatever it calls its arguments."""
    psi = spharmgrid.streamfunction(u, v)
    chi = spharmgrid.velocity_potential(u, v)
    scale = SPHERE.a / spharmgrid.EARTH_RADIUS_M
    return tuple(
        np.asarray(one.transpose("latitude", "longitude").values) * scale
        for one in (psi, chi)
    )


GAUGES = ["psi_zero", "chi_zero", "min_norm"]


@pytest.mark.parametrize("gauge", GAUGES)
@pytest.mark.parametrize("name", [*REGIONAL][::2])
def test_in_a_region_the_parts_add_up_to_any_wind(name, gauge):
    """Winds of the catalogue, and noise that no scheme resolves."""
    globe = REGIONAL[name](24)
    u, v = blowing(globe, "mixed", "Rossby-Haurwitz 4", "potential")
    u[0] += RANDOM.normal(size=u[0].shape)
    v[0] += RANDOM.normal(size=v[0].shape)
    found = helmholtz(u, v, gauge=gauge)
    assert found.attrs["gauge"] == gauge
    assert found.converged.values.all()
    pole_row = np.abs(globe.phi[:, 0]) > 1.5
    inner = {"latitude": np.flatnonzero(~pole_row)}
    assert left_over(found.isel(inner), u.isel(inner), v.isel(inner)) <= 1e-6
    assert (found.n_iterations.values < 30).all()


@pytest.mark.parametrize("gauge", GAUGES)
def test_around_land_the_parts_add_up_too(gauge):
    globe = GLOBAL["pole rows"](24)
    u, v = blowing(globe, "mixed", "straight over the poles")
    sea = xr.ones_like(u[0], dtype=bool)
    sea[6:12, 4:20] = False  # a continent
    sea[15:17, 30:33] = False  # an island
    sea[18, 40] = False  # a rock
    sea[-3:] = False  # the Arctic
    found = helmholtz(u, v, mask=sea, gauge=gauge)
    where = sea.values
    for name in PARTS:
        assert np.isfinite(plain(found[name])[:, where]).all()
        assert np.isnan(plain(found[name])[:, ~where]).all()
    assert left_over(found, u.where(sea), v.where(sea)) <= 1e-6


def test_nan_is_land_of_its_own_at_each_time():
    globe = REGIONAL["across Greenwich"](60)
    u, v = blowing(globe, "mixed", "potential", "Rossby-Haurwitz 4")
    u[1, 3:6, 4:9] = np.nan
    v[2] = np.nan
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = helmholtz(u, v)
    assert [*found.status.values] == [0, 0, Status.ALL_MISSING]
    assert left_over(found, u, v) <= 1e-6
    holes = np.isnan(plain(found.streamfunction)).sum(axis=(1, 2))
    assert [*holes] == [0, 15, u[2].size]


def test_gaps_so_ragged_that_the_rim_is_everywhere_close_too():
    globe = REGIONAL["across Greenwich"](60)
    u, v = blowing(globe, "mixed")
    u = u.where(RANDOM.random(u.shape) > 0.15)
    for gauge in GAUGES:
        found = helmholtz(u, v, gauge=gauge)
        assert bool(found.converged.all())
        assert left_over(found, u, v) <= 1e-6


def test_the_gauge_says_which_part_ends_at_the_rim():
    globe = REGIONAL["across Greenwich"](90)
    u, v = blowing(globe, "mixed")
    rim = np.ones(u.shape[1:], dtype=bool)
    rim[1:-1, 1:-1] = False
    psi = helmholtz(u, v, gauge="psi_zero")
    chi = helmholtz(u, v, gauge="chi_zero")
    both = helmholtz(u, v, gauge="min_norm")
    assert np.abs(plain(psi.streamfunction)[0, rim]).max() == 0.0
    assert np.abs(plain(chi.velocity_potential)[0, rim]).max() == 0.0
    # at right angles: the energies add up
    for found in (psi, chi):
        total = plain(found.energy_psi) + plain(found.energy_chi)
        assert float(total[0]) == pytest.approx(1.0, abs=0.02)
    least = float((plain(both.energy_psi) + plain(both.energy_chi))[0])
    assert least < 0.9
    # what is harmonic is shared by halves
    size = np.ptp(plain(psi.velocity_potential))
    half = 0.5 * (plain(psi.velocity_potential) + plain(chi.velocity_potential))
    wrong = plain(both.velocity_potential) - half
    assert np.ptp(wrong) < 0.03 * size


def test_flow_around_an_island_is_of_the_streamfunction():
    """1/r around a hole has neither vorticity nor divergence; ψ = log r has it all."""
    y = x = np.linspace(-10.0, 10.0, 61)
    r = np.hypot(x[None], y[:, None])
    coords = {"y": ("y", y, {"units": "km"}), "x": ("x", x, {"units": "km"})}
    r = np.maximum(r, 1.0)
    hole = r < 3.0
    u = xr.DataArray(
        np.where(hole, np.nan, -y[:, None] / r**2),
        dims=("y", "x"),
        coords=coords,
        attrs={"units": "m/s"},
    )
    v = u.copy(data=np.where(hole, np.nan, x[None] / r**2))
    found = helmholtz(u, v, gauge="psi_zero")
    assert float(found.energy_psi.data.magnitude) > 0.96
    ring = np.abs(r - 3.3) < 0.25
    values = plain(found.streamfunction)[ring & ~hole]
    size = np.ptp(plain(found.streamfunction)[~hole])
    assert np.ptp(values) < 0.12 * size
    assert left_over(found, u, v) <= 1e-6


@pytest.mark.parametrize("name", [*MAPS][::4])
def test_on_every_kind_of_map_the_parts_add_up_and_the_slopes_are_right(name):
    """Projected, rotated and curvilinear grids; here ψ is known but for harmonics."""
    one = MAPS[name](24)
    wind = WINDS["Rossby-Haurwitz 4"]
    values = wind.uv(one.phi, one.lam)
    u, v = (
        one.labelled(part, name, units="m s-1", standard_name=STANDARD_NAMES[name])
        for part, name in zip(values, "uv", strict=True)
    )
    found = helmholtz(u, v, gauge="chi_zero", **one.options)
    assert bool(found.converged)
    assert left_over(found, u, v) <= 1e-6
    # without divergence, and χ nothing on the rim: all of it is ψ
    assert float(found.energy_chi.data.magnitude) < 1e-3


def test_winds_along_the_grid_come_back_along_the_grid():
    one = MAPS["Lambert, one parallel, sphere"](20)
    values = WINDS["mixed"].uv(one.phi, one.lam)
    east, north = one.direction()
    u, v = (
        one.labelled(part, name, units="m s-1", standard_name=STANDARD_NAMES[name])
        for part, name in zip(values, "uv", strict=True)
    )
    along = (
        one.labelled(
            values[0] * east + values[1] * north,
            "u",
            units="m s-1",
            standard_name="x_wind",
        ),
        one.labelled(
            values[1] * east - values[0] * north,
            "v",
            units="m s-1",
            standard_name="y_wind",
        ),
    )
    earth, grid = helmholtz(u, v), helmholtz(*along)
    assert left_over(grid, *along) <= 1e-6
    size = np.ptp(plain(earth.streamfunction))
    np.testing.assert_allclose(
        plain(grid.streamfunction), plain(earth.streamfunction), atol=2e-3 * size
    )
    silent = [f.copy() for f in (u, v)]
    for one_of in silent:
        del one_of.attrs["standard_name"]
    with pytest.raises(GridError, match="neither says"):
        helmholtz(*silent)
    assert bool(helmholtz(*silent, wind="earth").converged)


def test_turned_and_mirrored_winds_have_turned_and_mirrored_parts():
    globe = GLOBAL["pole rows"](12)
    u, v = (one[0] for one in blowing(globe, "mixed"))
    found = plain(helmholtz(u, v).streamfunction)
    size = np.abs(found).max()
    rolled = (one.roll(longitude=5, roll_coords=True) for one in (u, v))
    again = plain(helmholtz(*rolled).streamfunction)
    assert np.abs(np.roll(again, -5, axis=1) - found).max() <= 1e-11 * size
    flipped = plain(helmholtz(u[::-1], v[::-1]).streamfunction)
    assert np.abs(flipped[::-1] - found).max() <= 1e-11 * size
    other = plain(helmholtz(u.T, v.T).streamfunction)
    assert np.abs(other.T - found).max() <= 1e-11 * size
    part = {"latitude": slice(3, 10), "longitude": slice(2, 15)}
    region = plain(helmholtz(u.isel(part), v.isel(part)).streamfunction)
    back = plain(helmholtz(u.isel(part)[::-1], v.isel(part)[::-1]).streamfunction)
    assert np.abs(back[::-1] - region).max() <= 1e-6 * np.abs(region).max()


def test_units_names_and_single_precision():
    globe = GLOBAL["pole rows"](12)
    u, v = blowing(globe, "mixed")
    single = [one.astype(np.float32) for one in (u, v)]
    found = helmholtz(*single)
    assert found.streamfunction.dtype == found.u_chi.dtype == np.float32
    name = "atmosphere_horizontal_streamfunction"
    assert found.streamfunction.attrs["standard_name"] == name
    assert f"{found.streamfunction.data.units:~C}" == "m**2/s"
    assert f"{found.u_psi.data.units:~C}" == "m/s"
    knots = [
        one.copy(data=one.values / 0.514444444).assign_attrs(units="knot")
        for one in (u, v)
    ]
    other = helmholtz(*knots)
    assert f"{other.streamfunction.data.units:~C}" == "m**2/s"
    np.testing.assert_allclose(
        plain(other.streamfunction),
        plain(helmholtz(u, v).streamfunction),
        atol=1e-7 * np.abs(plain(found.streamfunction)).max(),
    )
    mixed = helmholtz(knots[0], v)
    assert f"{mixed.v_psi.data.units:~}" in {"kt", "knot", "kn"}
    flux = [one.assign_attrs(units="kg m-1 s-1", standard_name="") for one in (u, v)]
    moved = helmholtz(*flux)
    assert f"{moved.streamfunction.data.units:~C}" == "kg/s"
    assert "standard_name" not in moved.streamfunction.attrs


def test_dask_is_lazy_and_the_same():
    u, v = blowing(REGIONAL["across Greenwich"](36))
    whole = helmholtz(u, v)
    lazy = helmholtz(u.chunk(kind=2), v.chunk(kind=2))
    assert lazy.streamfunction.chunks is not None
    ready = lazy.compute()
    size = np.abs(plain(whole.streamfunction)).max()
    np.testing.assert_allclose(
        plain(ready.streamfunction), plain(whole.streamfunction), atol=1e-6 * size
    )


@pytest.mark.parametrize(
    ("name", "names"),
    [
        ("gfs_2p5deg_20110115.nc", ("u", "v")),
        ("ncl_uv300_T42.nc", ("U", "V")),
        ("nam211_lambert_20180917.nc", ("u", "v")),
    ],
)
def test_real_winds_close(name, names):
    """Packed, noisy, on the globe and on a Lambert map; pole rows as they are."""
    data = xr.open_dataset(real(name), decode_coords="all")
    u, v = (data[n].load() for n in names)
    if "plev" in u.dims:
        u, v = u.isel(plev=[2, 9]), v.isel(plev=[2, 9])
    parts = [(u, v)]
    y, x = u.dims[-2:]
    parts.append((u[..., 5:30, 7:40], v[..., 5:30, 7:40]))
    for pair in parts:
        found = helmholtz(*pair)
        # packed winds of a pole row are no one vector: 6e-6 of the wind is left of them
        assert np.nanmax(plain(found.closure)) <= 1e-5
        inner = {u.dims[-2]: slice(1, -1)}
        assert left_over(found.isel(inner), *(f.isel(inner) for f in pair)) <= 1e-6
    assert y != x


def test_what_cannot_be_split_is_told():
    globe = GLOBAL["pole rows"](8)
    u, v = blowing(globe, "mixed")
    with pytest.raises(OptionError, match="gauge='none'"):
        helmholtz(u, v, gauge="none")
    with pytest.raises(UnitsError, match="no parts of one vector"):
        helmholtz(u, v.assign_attrs(units="K"))
    with pytest.raises(GridError):
        helmholtz(u, v.isel(latitude=slice(1, None)))
    with pytest.raises(FieldError, match="infinite"):
        helmholtz(u.where(u < 1, np.inf), v)
    with pytest.raises(UnitsError):
        helmholtz(u.drop_attrs(deep=False), v)


def ragged_wind(seed):
    """A wind on a globe around land that crosses the seam, and a lake of its own."""
    random = np.random.default_rng(seed)
    lat, lon = np.arange(-84.0, 85.0, 7.0), np.arange(0.0, 360.0, 12.0)
    p, q = np.meshgrid(np.deg2rad(lat), np.deg2rad(lon), indexing="ij")
    a, b = random.normal(size=(2, 3))
    u = 10 * np.cos(p) + a[0] * np.sin(p) * np.cos(2 * q) + a[1] * np.sin(q + a[2])
    v = b[0] * np.cos(3 * q) * np.cos(p) + b[1] * np.sin(2 * q + b[2])
    land = np.zeros(p.shape, dtype=bool)
    land[3:9, [27, 28, 29, 0, 1]] = True
    land[5, 29] = land[6, 29] = False  # the lake
    land[15:20, 8:17] = True
    land[11, [4, 20]] = True  # two islands
    dims = ("lat", "lon")
    coords = {
        "lat": ("lat", lat, {"units": "degrees_north"}),
        "lon": ("lon", lon, {"units": "degrees_east"}),
    }
    return [
        xr.DataArray(
            np.where(land, np.nan, wind),
            dims=dims,
            coords=coords,
            attrs={"units": "m/s", "standard_name": name},
        )
        for wind, name in ((u, "eastward_wind"), (v, "northward_wind"))
    ]


@pytest.mark.parametrize("gauge", ["psi_zero", "chi_zero", "min_norm"])
@pytest.mark.parametrize("seed", [1, 2])
def test_around_land_it_does_not_matter_where_the_seam_is_or_which_way_rows_run(
    seed, gauge
):
    """Sites beyond the edge were told twice by columns of the seam: 10 % off."""
    u, v = ragged_wind(seed)
    found = helmholtz(u, v, gauge=gauge)
    ways = {
        "rolled": (
            lambda f: f.roll(lon=5, roll_coords=True),
            lambda f: f.roll(lon=-5, roll_coords=True),
        ),
        "turned": (lambda f: f.isel(lat=slice(None, None, -1)),) * 2,
    }
    for there, back in ways.values():
        other = helmholtz(there(u), there(v), gauge=gauge)
        for name in ("streamfunction", "velocity_potential", "u_psi", "v_chi"):
            expected = found[name].data.magnitude
            got = back(other[name]).transpose("lat", "lon").data.magnitude
            scale = np.nanmax(np.abs(expected))
            np.testing.assert_allclose(got, expected, rtol=0, atol=1e-6 * scale)


def test_each_sea_has_a_potential_of_mean_zero():
    u, v = ragged_wind(3)
    chi = helmholtz(u, v).velocity_potential.data.magnitude
    area = np.cos(np.deg2rad(u.lat.values))[5:7]
    lake = chi[5:7, 29]
    assert np.isfinite(lake).all()
    assert abs(lake @ area) < 1e-3 * np.abs(lake).max()
    rest = chi.copy()
    rest[5:7, 29] = np.nan
    weights = np.cos(np.deg2rad(u.lat.values))[:, None] * np.isfinite(rest)
    assert abs(np.nansum(rest * weights)) < 1e-2 * np.nansum(np.abs(rest) * weights)
