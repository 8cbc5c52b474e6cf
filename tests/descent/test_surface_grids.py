"""One low is one low in its place on every kind of grid; one place is one node."""

import maps
import numpy as np
import pytest
import xarray as xr
from fields import GLOBAL, REGIONAL, WGS84
from landscapes import bell, distance_m, labelled, off_km, plain

from xnabla.descent.surface import (
    basins,
    closed_contours,
    critical_points,
    find_extrema,
    steepest_path,
)
from xnabla.descent.surface._ground import Ground
from xnabla.grid import grid_of


def on_globe(globe, lat0, lon0, **shape):
    lat = np.rad2deg(globe.phi)
    lon = np.rad2deg(globe.lam)
    values = bell(lat, lon, lat0, lon0, **shape)
    return labelled(values, globe.latitude, globe.longitude)


@pytest.mark.parametrize("place", [(52.3, 359.7), (89.2, 40.0), (-90.0, 0.0)])
@pytest.mark.parametrize("name", GLOBAL)
def test_a_low_is_one_low_in_its_place_on_every_globe(name, place):
    field = on_globe(GLOBAL[name](90), *place, sigma_m=700e3)
    low = find_extrema(field, kind="minimum", min_persistence="1 hPa")
    assert low.sizes["point"] == 1
    assert off_km(low, *place) < 2.0
    assert abs(plain(low, "value")[0] - 980.0) < 0.01


@pytest.mark.parametrize("name", REGIONAL)
def test_a_low_is_one_low_in_its_place_in_every_region(name):
    globe = REGIONAL[name](90)
    rows, columns = globe.latitude.size, globe.longitude.size
    lat0 = float(globe.latitude[rows // 2]) + 0.6
    lon0 = float(globe.longitude[columns // 2]) + 0.7
    field = on_globe(globe, lat0, lon0, sigma_m=700e3)
    low = find_extrema(field, kind="minimum", min_persistence="1 hPa", boundary="drop")
    assert low.sizes["point"] == 1
    assert off_km(low, lat0, lon0) < 2.0


LAMBERT = {
    "grid_mapping_name": "lambert_conformal_conic",
    "standard_parallel": [25.0, 60.0],
    "longitude_of_central_meridian": -95.0,
    "latitude_of_projection_origin": 25.0,
    "earth_radius": 6_371_229.0,
}
LAMBERT_TEXT = "+proj=lcc +lat_1=25 +lat_2=60 +lon_0=-95 +lat_0=25 +R=6371229"
STEREO = {
    "grid_mapping_name": "polar_stereographic",
    "straight_vertical_longitude_from_pole": 10.0,
    "latitude_of_projection_origin": 90.0,
    "standard_parallel": 60.0,
    "earth_radius": 6_371_229.0,
}
STEREO_TEXT = "+proj=stere +lat_0=90 +lat_ts=60 +lon_0=10 +R=6371229"


def mapped(name):
    km = 1e3
    line = np.linspace
    if name == "lambert":
        x, y = line(-3000 * km, 3000 * km, 61), line(-1000 * km, 4000 * km, 51)
        return maps.projected(LAMBERT_TEXT, LAMBERT, maps.SPHERE, x, y)
    if name == "stereographic":
        x = line(-3000 * km, 3000 * km, 61)
        return maps.projected(STEREO_TEXT, STEREO, maps.SPHERE, x, x[::-1])
    if name == "rotated":
        x, y = line(-28.0, 28.0, 57), line(-25.0, 25.0, 51)
        return maps.rotated(39.25, -162.0, x, y, with_places=False)
    if name == "curvilinear":
        x, y = line(-1, 1, 49), line(-1, 1, 41)
        return maps.curvilinear(maps.patch(40.0, 175.0, skew=0.3, bend=0.2), x, y)
    x = line(-1, 1, 61)
    return maps.curvilinear(maps.over_the_pole, x, x)


MAPPED = ["lambert", "stereographic", "rotated", "curvilinear", "over the pole"]


def centre_of(grid, row=0.47, column=0.53):
    """A place between points near the middle of a grid."""
    j, i = (
        int(n * part) for n, part in zip(grid.phi.shape, (row, column), strict=True)
    )
    n = [np.mean(c[j : j + 2, i : i + 2]) for c in maps._normal(grid.phi, grid.lam)]
    phi, lam = maps.angles_of(n)
    return float(np.rad2deg(phi)), float(np.rad2deg(lam))


def bell_on(grid, lat0, lon0, **shape):
    values = bell(np.rad2deg(grid.phi), np.rad2deg(grid.lam), lat0, lon0, **shape)
    return grid.labelled(values, name="msl", units="hPa")


@pytest.mark.parametrize("name", MAPPED)
def test_a_low_is_one_low_in_its_place_on_every_map(name):
    grid = mapped(name)
    lat0, lon0 = centre_of(grid)
    field = bell_on(grid, lat0, lon0, sigma_m=500e3)
    low = find_extrema(field, kind="minimum", min_persistence="1 hPa", boundary="drop")
    assert low.sizes["point"] == 1
    assert off_km(low, lat0, lon0) < 0.5
    assert abs(plain(low, "value")[0] - 980.0) < 0.005
    # curvature in metres, whatever the scale of the map
    np.testing.assert_allclose(plain(low, "hessian_min"), 30.0 / 500e3**2, rtol=5e-3)


@pytest.mark.parametrize("name", MAPPED)
def test_paths_end_in_the_low_on_every_map(name):
    grid = mapped(name)
    lat0, lon0 = centre_of(grid)
    field = bell_on(grid, lat0, lon0, sigma_m=900e3)
    rows = [int(part * grid.phi.shape[0]) for part in (0.2, 0.8)]
    columns = [int(part * grid.phi.shape[1]) for part in (0.2, 0.5, 0.8)]
    starts = [
        (np.rad2deg(grid.phi[j, i]), np.rad2deg(grid.lam[j, i]))
        for j in rows
        for i in columns
    ]
    paths = steepest_path(field, starts)
    off = distance_m(paths.end_latitude.values, paths.end_longitude.values, lat0, lon0)
    assert paths.converged.values.all()
    assert off.max() < 1e3
    straight = distance_m(*np.transpose(starts), lat0, lon0)
    np.testing.assert_allclose(
        paths.length.data.magnitude, straight / 1e3, rtol=2e-3, atol=1.0
    )


@pytest.mark.parametrize("name", MAPPED)
def test_basins_and_contours_are_there_on_every_map(name):
    grid = mapped(name)
    lat0, lon0 = centre_of(grid)
    field = bell_on(grid, lat0, lon0, sigma_m=500e3)
    drained = basins(field, min_persistence="1 hPa")
    near = distance_m(np.rad2deg(grid.phi), np.rad2deg(grid.lam), lat0, lon0) < 900e3
    deepest = int(np.argmin(drained.value.data.magnitude))
    assert (drained.label.values[near] == deepest).all()
    around = closed_contours(
        field,
        kind="minimum",
        min_persistence="1 hPa",
        interval="5 hPa",
        boundary="drop",
    )
    level = float(around.level.data.magnitude[0])
    assert level in {1000.0, 1005.0}
    radius = 500e3 * np.sqrt(2 * np.log(30.0 / (1010.0 - level)))
    cap = np.sqrt(2 * 6_371_229.0**2 * (1 - np.cos(radius / 6_371_229.0)))
    assert abs(around.equivalent_radius.data.magnitude[0] * 1e3 / cap - 1) < 0.01


def plane(shape=(41, 61), step=20e3, **attrs):
    y, x = (np.arange(n) * step / 1e3 for n in shape)
    coords = {
        "y": ("y", y, {"units": "km", "standard_name": "projection_y_coordinate"}),
        "x": ("x", x, {"units": "km", "standard_name": "projection_x_coordinate"}),
    }
    r2 = (x - 613.0) ** 2 + (y[:, np.newaxis] - 402.0) ** 2
    values = 1000.0 - 20.0 * np.exp(-0.5 * r2 / 100.0**2)
    return xr.DataArray(values, dims=("y", "x"), coords=coords, name="p").assign_attrs(
        units="hPa", **attrs
    )


def test_a_low_on_a_plane_has_its_place_in_metres():
    low = find_extrema(plane(), kind="minimum", min_persistence="1 hPa")
    assert low.sizes["point"] == 1
    assert abs(float(low.x[0]) - 613e3) < 100.0
    assert abs(float(low.y[0]) - 402e3) < 100.0
    assert low.x.attrs["units"] == "m"
    paths = steepest_path(plane(), [(100e3, 100e3), (700e3, 1100e3)])
    np.testing.assert_allclose(paths.end_x, 613e3, atol=100.0)
    drained = basins(plane())
    whole = 41 * 61 * 400.0
    np.testing.assert_allclose(drained.area.data.magnitude.sum(), whole, rtol=1e-9)


def test_a_plane_that_repeats_has_one_low_across_its_seams():
    field = plane((40, 60))
    turned = field.copy(data=np.roll(field.values, (-20, -31), (0, 1)))
    low = find_extrema(
        turned, kind="minimum", min_persistence="1 hPa", periodic=["x", "y"]
    )
    assert low.sizes["point"] == 1
    assert not low.on_boundary.values.any()
    assert bool(low.refined[0])


def test_a_low_on_an_ellipsoid_is_in_its_place():
    from pyproj import Geod

    lat = np.linspace(20.0, 70.0, 101)
    lon = np.linspace(-30.0, 40.0, 141)
    where = np.meshgrid(lon, lat)
    lat0, lon0 = 47.3, 5.7
    here = [np.full_like(where[0], v) for v in (lon0, lat0)]
    d = Geod(a=WGS84.a, b=WGS84.b).inv(*here, *where)[2]
    field = labelled(1010.0 - 30.0 * np.exp(-0.5 * (d / 300e3) ** 2), lat, lon)
    low = find_extrema(
        field, kind="minimum", min_persistence="1 hPa", earth="WGS84", boundary="drop"
    )
    assert off_km(low, lat0, lon0) < 0.2
    np.testing.assert_allclose(plain(low, "hessian_max"), 30.0 / 300e3**2, rtol=2e-3)
    np.testing.assert_allclose(plain(low, "hessian_min"), 30.0 / 300e3**2, rtol=2e-3)


# --- a globe whose northern part has its poles on land ------------------------------


def tripolar(columns=120, rows=70, *, repeated=0, rows_twice=0, pivot=False):
    """Latitude and longitude of a grid that folds along its last row.

    South of 30°N along latitudes; north of it confocal ellipses and hyperbolas on the
    polar stereographic plane. Rows beyond the fold repeat those before it.
    """
    south = np.linspace(-75.0, 29.0, rows)
    t = 2 * np.pi * (np.arange(columns) + (0.0 if pivot else 0.5)) / columns
    reach = np.tan(np.deg2rad(60.0) / 2.0)
    spread = 2.2  # so far out an ellipse is nearly a circle
    depth = 60
    steps = depth - 1.0 - np.arange(depth + rows_twice) + (0.0 if pivot else 0.5)
    u = spread * steps / depth
    focal = reach / np.cosh(spread)
    x = focal * np.cosh(u)[:, np.newaxis] * np.cos(t)
    y = focal * np.sinh(u)[:, np.newaxis] * np.sin(t)
    lat = 90.0 - 2.0 * np.rad2deg(np.arctan(np.hypot(x, y)))
    lon = np.rad2deg(np.arctan2(y, x))
    lat = np.vstack([np.broadcast_to(south[:, np.newaxis], (rows, columns)), lat])
    lon = np.vstack([np.broadcast_to(np.rad2deg(t), (rows, columns)), lon])
    wrap = np.r_[np.arange(columns), np.arange(repeated)]
    return lat[:, wrap], lon[:, wrap]


def on_tripolar(values_of, **kinds):
    lat, lon = tripolar(**kinds)
    coords = {
        "nav_lat": (("y", "x"), lat, {"units": "degrees_north"}),
        "nav_lon": (("y", "x"), lon, {"units": "degrees_east"}),
    }
    return xr.DataArray(
        values_of(lat, lon), dims=("y", "x"), coords=coords, name="ssh"
    ).assign_attrs(units="m")


FOLDS = {
    "between rows": {},
    "on a row": {"pivot": True},
    "between rows, one row twice": {"rows_twice": 1},
    "on a row, one row twice": {"pivot": True, "rows_twice": 1},
    "two columns twice": {"repeated": 2},
    "all twice": {"pivot": True, "rows_twice": 1, "repeated": 2},
}


@pytest.mark.parametrize("fold", FOLDS)
@pytest.mark.parametrize(
    "place", [(90.0, 0.0), (85.0, 2.0), (80.0, 177.0), (40.0, 30.0)]
)
def test_a_low_on_the_fold_of_a_tripolar_grid_is_one_low(fold, place):
    field = on_tripolar(
        lambda la, lo: bell(la, lo, *place, sigma_m=900e3), **FOLDS[fold]
    )
    low = find_extrema(field, kind="minimum", min_persistence="1 m", boundary="drop")
    assert low.sizes["point"] == 1
    assert off_km(low, *place) < 5.0
    wide = on_tripolar(lambda la, lo: bell(la, lo, *place, sigma_m=2e6), **FOLDS[fold])
    paths = steepest_path(wide, [(60.0, 100.0), (70.0, -80.0), (50.0, -170.0)])
    off = distance_m(paths.end_latitude.values, paths.end_longitude.values, *place)
    assert off.max() < 20e3  # the two nets meet in a corner at 30 N


@pytest.mark.parametrize("fold", FOLDS)
def test_the_fold_is_no_edge_and_every_place_is_one_node(fold):
    field = on_tripolar(lambda la, lo: la, **FOLDS[fold])
    ground = Ground.of(grid_of(field))
    sides = ground.place.sides
    assert sides.last == "fold"
    used = np.unique(ground.net.node_of)
    place = ground.normals_of(used)
    apart = np.sqrt(((place[:, np.newaxis] - place[np.newaxis, ::7]) ** 2).sum(-1))
    apart[apart == 0.0] = 9.0
    assert apart.min() > 1e-4  # no two nodes are one place
    last = ground.net.node_of.reshape(sides.shape)[-1]
    assert not ground.net.is_edge[last].any()
    # neighbours are near, over seam and fold too
    for node in used[:: max(1, used.size // 400)]:
        near = ground.normals_of(ground.net.neighbours(int(node)))
        step = np.sqrt(((near - ground.normals_of(int(node))) ** 2).sum(-1)).max()
        assert step < 0.25


def test_a_real_tripolar_sea_has_its_extrema_and_basins():
    from fields import real

    with xr.open_dataset(
        real("nemo_orca1_gridT_201501.nc"), decode_times=False
    ) as data:
        tos = data.tos.isel(time_counter=0).load()
    found = critical_points(tos, min_persistence="0.5 K")
    assert found.sizes["point"] > 50
    assert np.isfinite(found.latitude).all()
    assert Ground.of(grid_of(tos)).place.sides.fold is not None
    drained = basins(tos, min_persistence="0.5 K")
    sea = np.isfinite(tos.values)
    assert (drained.label.values[~sea] == -1).all()
    assert (drained.label.values[sea] >= 0).mean() > 0.99
    assert 3.3e8 < drained.area.data.magnitude.sum() < 3.9e8  # the world's sea, km²
