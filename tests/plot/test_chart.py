"""Grids of their own on the globe: every cell in its place, no smear, no false cell."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from xnabla.plot import field as draw
from xnabla.plot import gradient as draw_gradient
from xnabla.plot import save_figure
from xnabla.plot._chart import chart_of
from xnabla.plot._paper import positions, projected, stereographic, world

DEGREES = {"lat": {"units": "degrees_north"}, "lon": {"units": "degrees_east"}}


def curvilinear(lat, lon, values=None) -> xr.DataArray:
    """A field whose latitude and longitude have two dimensions."""
    lat, lon = np.broadcast_arrays(np.asarray(lat, float), np.asarray(lon, float))
    values = np.arange(float(lat.size)).reshape(lat.shape) if values is None else values
    coords = {"lat": (("j", "i"), lat), "lon": (("j", "i"), lon)}
    field = xr.DataArray(values, dims=("j", "i"), coords=coords, name="t")
    for name, attrs in DEGREES.items():
        field[name].attrs.update(attrs)
    return field.assign_attrs(units="K", long_name="air temperature")


def turned(shape, step, lat0, lon0, angle=30.0) -> xr.DataArray:
    """A square grid on the plane that touches the globe at a place, turned."""
    j, i = (np.arange(n) - 0.5 * (n - 1) for n in shape)
    x, y = np.meshgrid(np.deg2rad(step) * i, np.deg2rad(step) * j)
    a = np.deg2rad(angle)
    x, y = np.cos(a) * x - np.sin(a) * y, np.sin(a) * x + np.cos(a) * y
    lon, lat = unproject(x, y, lat0, lon0)
    return curvilinear(lat, lon)


def unproject(x, y, lat0, lon0):
    """The inverse of the stereographic projection, by another way than the source's.

    Snyder (1987), Map Projections: A Working Manual, equations 20-14 to 20-18.
    """
    phi, rho = np.deg2rad(lat0), np.hypot(x, y)
    c = 2.0 * np.arctan(rho / 2.0)
    safe = np.where(rho > 0, rho, 1.0)
    sine = np.cos(c) * np.sin(phi) + y * np.sin(c) * np.cos(phi) / safe
    lam = np.arctan2(
        x * np.sin(c),
        safe * np.cos(phi) * np.cos(c) - y * np.sin(phi) * np.sin(c),
    )
    lat = np.rad2deg(np.arcsin(np.where(rho > 0, sine, np.sin(phi))))
    return (lon0 + np.rad2deg(lam) + 180.0) % 360.0 - 180.0, lat


def lambert(**changes) -> xr.DataArray:
    """A field on the Lambert plane of central Europe, with its grid mapping."""
    x, y = np.arange(-10, 11) * 50e3, np.arange(-8, 9) * 50e3
    mapping = {
        "grid_mapping_name": "lambert_conformal_conic",
        "standard_parallel": [40.0, 60.0],
        "longitude_of_central_meridian": 10.0,
        "latitude_of_projection_origin": 50.0,
        "earth_radius": 6371229.0,
    }
    values = np.add.outer(y, x) / 1e5
    coords = {
        "x": ("x", x, {"units": "m", "standard_name": "projection_x_coordinate"}),
        "y": ("y", y, {"units": "m", "standard_name": "projection_y_coordinate"}),
        "crs": ((), 0, mapping),
    }
    field = xr.DataArray(values, dims=("y", "x"), coords=coords, name="t")
    return field.assign_attrs(units="K", grid_mapping="crs").assign_coords(**changes)


def rotated() -> xr.DataArray:
    """A field on a rotated grid over Europe."""
    lat, lon = np.linspace(-20, 20, 21), np.linspace(340, 380, 25)
    mapping = {
        "grid_mapping_name": "rotated_latitude_longitude",
        "grid_north_pole_latitude": 39.25,
        "grid_north_pole_longitude": 198.0,
    }
    coords = {
        "rlat": ("rlat", lat, {"units": "degrees", "standard_name": "grid_latitude"}),
        "rlon": ("rlon", lon, {"units": "degrees", "standard_name": "grid_longitude"}),
        "rotated_pole": ((), 0, mapping),
    }
    values = np.add.outer(lat, lon)
    field = xr.DataArray(values, dims=("rlat", "rlon"), coords=coords, name="t")
    return field.assign_attrs(units="K", grid_mapping="rotated_pole")


def test_the_mapping_that_a_field_names_is_its_paper():
    """Of two in a file, whichever comes first."""
    field = lambert()
    other = {**field["crs"].attrs, "longitude_of_central_meridian": 60.0}
    alone = chart_of(field)
    both = field.drop_vars("crs").assign_coords(
        a=((), 0, other), crs=((), 0, field["crs"].attrs)
    )
    assert chart_of(both).paper.kind == "own"
    np.testing.assert_allclose(chart_of(both).places, alone.places, atol=1e-6)


def tripolar(columns=72, rows=40, *, repeated=0) -> xr.DataArray:
    """A globe whose northern part has its poles on land, as those of ocean models.

    South of 40°N along latitudes; north of it a bipolar net of circles that meet on
    the 40th parallel at 80°E and 100°W.
    """
    south = np.linspace(-75.0, 37.5, rows)
    lon = 80.0 + np.arange(columns + repeated) * 360.0 / columns
    lat, lon = np.meshgrid(south, lon, indexing="ij")
    angle = np.deg2rad(lon[0] - 80.0)
    reach = 2.0 * np.tan(np.deg2rad(50.0) / 2.0)
    cap = []
    for share in np.linspace(0.94, 0.02, 18):
        # circles flattened towards the line between the two poles
        x, y = reach * np.cos(angle), reach * share * np.sin(angle)
        cap.append(unproject(*_turned(x, y, 80.0), 90.0, 0.0))
    cap_lon, cap_lat = np.stack([c[0] for c in cap]), np.stack([c[1] for c in cap])
    return curvilinear(np.vstack([lat, cap_lat]), np.vstack([lon, cap_lon]))


def _turned(x, y, lon0):
    a = np.deg2rad(lon0 - 90.0)
    return np.cos(a) * x - np.sin(a) * y, np.sin(a) * x + np.cos(a) * y


def mesh_of(axes):
    from matplotlib.collections import QuadMesh

    return next(one for one in axes.collections if isinstance(one, QuadMesh))


def test_a_stereographic_map_is_what_snyder_says():
    x, y = np.meshgrid(np.linspace(-1.5, 1.5, 7), np.linspace(-1.5, 1.5, 7))
    for lat0, lon0 in [(50.0, 10.0), (90.0, 0.0), (-90.0, 0.0), (0.0, 179.0)]:
        lon, lat = unproject(x, y, lat0, lon0)
        back = stereographic(lon0, lat0).forward(lon, lat)
        np.testing.assert_allclose(back[0], x, rtol=0, atol=1e-12)
        np.testing.assert_allclose(back[1], y, rtol=0, atol=1e-12)


def test_the_far_side_is_not_on_a_stereographic_map():
    x, _ = stereographic(0.0, 0.0).forward(np.array([0.0, 179.0]), np.zeros(2))
    assert np.isfinite(x).tolist() == [True, False]


@pytest.mark.parametrize(
    "paper",
    [stereographic(10.0, 50.0), stereographic(0.0, 90.0), stereographic(30.0, -90.0)],
    ids=["oblique", "north", "south"],
)
def test_directions_on_a_conformal_map_are_a_right_angle_apart(paper):
    lon, lat = np.meshgrid(np.arange(-170.0, 180.0, 30.0), np.linspace(-90, 90, 19))
    with np.errstate(invalid="ignore"):
        east, north = paper.directions(lon, lat)
    known = np.isfinite(north[0]) & np.isfinite(east[0])
    assert known.mean() > 0.5
    along = (east[0] * north[0] + east[1] * north[1])[known]
    turn = (east[0] * north[1] - east[1] * north[0])[known]
    np.testing.assert_allclose(along, 0.0, rtol=0, atol=1e-6)
    np.testing.assert_allclose(turn, 1.0, rtol=0, atol=1e-6)


def test_on_a_world_map_north_is_up():
    east, north = world(-180.0).directions(np.array([10.0]), np.array([90.0]))
    assert [float(part[0]) for part in (*east, *north)] == [1.0, 0.0, 0.0, 1.0]


def test_directions_of_a_projection_are_those_of_pyproj():
    from pyproj import CRS

    crs = CRS("+proj=lcc +lat_0=50 +lon_0=10 +lat_1=40 +lat_2=60 +R=6371229")
    _, north = projected(crs).directions(np.array([10.0, 30.0]), np.array([50.0, 50.0]))
    cone = np.log(np.cos(np.deg2rad(40)) / np.cos(np.deg2rad(60))) / np.log(
        np.tan(np.pi / 4 + np.deg2rad(60) / 2) / np.tan(np.pi / 4 + np.deg2rad(40) / 2)
    )
    # meridians converge by the constant of the cone
    angle = np.deg2rad(20.0) * cone
    np.testing.assert_allclose(north[0], [0.0, -np.sin(angle)], rtol=0, atol=1e-6)
    np.testing.assert_allclose(north[1], [1.0, np.cos(angle)], rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    ("lat0", "lon0"),
    [(45.0, 10.0), (0.0, 180.0), (89.0, 0.0), (-90.0, 0.0), (60.0, -179.0)],
    ids=["Europe", "date line", "north pole", "south pole", "both sides"],
)
def test_cells_of_a_region_are_squares_wherever_it_lies(lat0, lon0):
    """The grid was made square on the plane that touches the globe there."""
    chart = chart_of(turned((9, 11), 2.0, lat0, lon0))
    assert chart.paper.kind == "stereographic"
    x, y = chart.corners
    assert np.isfinite(x).all()
    sides = [np.hypot(np.diff(x, axis=axis), np.diff(y, axis=axis)) for axis in (0, 1)]
    for side in sides:
        np.testing.assert_allclose(side, np.deg2rad(2.0), rtol=0.03, atol=0)


def test_a_projected_grid_is_drawn_in_its_own_plane():
    chart = chart_of(lambert())
    assert chart.paper.kind == "own"
    assert chart.frame == pytest.approx((-525e3, 525e3, -425e3, 425e3))
    x, y = chart.paper.forward(*chart.lonlat)
    np.testing.assert_allclose(x, chart.places[0], rtol=0, atol=1.0)
    np.testing.assert_allclose(y, chart.places[1], rtol=0, atol=1.0)


@pytest.mark.parametrize("units", ["km", "m"])
@pytest.mark.parametrize("direction", [1, -1])
def test_the_plane_does_not_depend_on_unit_and_direction(units, direction):
    factor = {"km": 1e-3, "m": 1.0}[units]
    field = lambert()
    for name in ("x", "y"):
        attrs = {**field[name].attrs, "units": units}
        field = field.assign_coords({name: (name, field[name].values * factor, attrs)})
    field = field.isel(y=slice(None, None, direction))
    chart = chart_of(field)
    np.testing.assert_allclose(chart.frame, (-525e3, 525e3, -425e3, 425e3), rtol=1e-9)
    values = mesh_of(draw(field).axes[0]).get_array()
    np.testing.assert_array_equal(values, field.values)


def test_a_rotated_grid_is_drawn_in_its_own_degrees():
    chart = chart_of(rotated())
    assert chart.paper.kind == "own"
    np.testing.assert_allclose(chart.frame[2:], (-21, 21), rtol=0, atol=1e-9)
    assert chart.frame[1] - chart.frame[0] == pytest.approx(40 * 25 / 24)


def test_a_projection_may_be_given():
    bare = lambert().drop_vars("crs")
    del bare.attrs["grid_mapping"]
    assert chart_of(bare) is None
    crs = "+proj=lcc +lat_0=50 +lon_0=10 +lat_1=40 +lat_2=60 +R=6371229"
    assert chart_of(bare, crs).paper.kind == "own"
    labels = [t.get_text() for t in draw(bare, crs=crs).axes[0].get_xticklabels()]
    assert "10°E" in labels
    assert draw(bare).axes[0].get_xlabel() == "x (km)"


@pytest.mark.parametrize("repeated", [0, 2], ids=["plain", "two columns twice"])
def test_a_globe_of_an_ocean_model_covers_the_map_once(repeated):
    """Every place of the map lies in a cell, and its value is that of the nearest."""
    field = tripolar(repeated=repeated)
    figure = draw(field.copy(data=np.cos(np.deg2rad(field["lat"].values))))
    axes = figure.axes[0]
    figure.draw_without_rendering()
    assert axes.get_xlim() == (-180, 180)
    lon, lat = np.meshgrid(np.arange(-177.0, 180, 6.0), np.arange(-70.0, 90, 5.0))
    shown = np.full(lon.shape, np.nan)
    count = np.zeros(lon.shape, dtype=int)
    for path, value in painted(axes):
        inside = path.contains_points(np.column_stack([lon.ravel(), lat.ravel()]))
        inside = inside.reshape(lon.shape)
        shown[inside] = value
        count += inside
    assert (count >= 1).all()
    if not repeated:
        assert (count == 1).mean() > 0.99  # points on an edge belong to both
    np.testing.assert_allclose(shown, np.cos(np.deg2rad(lat)), rtol=0, atol=0.08)


def painted(axes):
    """The outline and value of every cell that is drawn."""
    from matplotlib.collections import PolyCollection, QuadMesh
    from matplotlib.path import Path

    for drawn in axes.collections:
        if isinstance(drawn, QuadMesh):
            x, y = np.moveaxis(drawn.get_coordinates(), -1, 0)
            corners = [
                part.reshape(-1)
                for p in (x, y)
                for part in (p[:-1, :-1], p[:-1, 1:], p[1:, 1:], p[1:, :-1])
            ]
            outlines = np.stack([np.stack(corners[:4]), np.stack(corners[4:])], -1)
            for k, value in enumerate(drawn.get_array().ravel()):
                if value is not np.ma.masked:
                    yield Path(outlines[:, k]), value
        elif isinstance(drawn, PolyCollection) and drawn.get_array() is not None:
            for path, value in zip(drawn.get_paths(), drawn.get_array(), strict=True):
                yield path, value


def test_no_cell_of_a_world_map_is_smeared_across_it():
    for path, _ in painted(draw(tripolar()).axes[0]):
        wide = np.ptp(path.vertices[:, 0])
        beside_pole = np.abs(path.vertices[:, 1]).max() > 80
        assert wide < 30 or beside_pole


def test_contours_of_a_world_map_do_not_run_across_it():
    field = tripolar()
    field = field.copy(data=np.cos(np.deg2rad(field["lat"].values)))
    axes = draw(field, contours_of=field).axes[0]
    lines = [c for c in axes.collections if type(c).__name__ == "Contours"]
    assert lines
    for path in lines[0].get_paths():
        joined = path.codes[1:] != path.MOVETO
        steps = np.abs(np.diff(path.vertices[:, 0]))[joined]
        assert steps.max(initial=0) < 60


def test_points_without_a_place_are_left_out():
    """As beyond the limb of a satellite's disc."""
    field = turned((9, 11), 2.0, 45.0, 10.0)
    lat, lon = field["lat"].values.copy(), field["lon"].values.copy()
    lat[:3, :3] = lon[:3, :3] = np.nan
    hole = curvilinear(lat, lon)
    chart = chart_of(hole)
    assert chart.off[:3, :3].all()
    assert not chart.off[5:].any()
    mesh = mesh_of(draw(hole).axes[0])
    assert np.ma.getmaskarray(mesh.get_array())[:3, :3].all()
    assert np.isfinite(np.asarray(mesh.get_coordinates())).all()


def test_space_beside_the_disc_of_a_satellite_is_blank():
    x = np.linspace(-6e6, 6e6, 41)
    mapping = {
        "grid_mapping_name": "geostationary",
        "perspective_point_height": 35785831.0,
        "longitude_of_projection_origin": 0.0,
        "sweep_angle_axis": "y",
        "semi_major_axis": 6378137.0,
        "semi_minor_axis": 6356752.3,
    }
    field = lambert().isel(x=[0] * 41, y=[0] * 17 + [0] * 24)
    field = field.assign_coords(
        x=("x", x, field["x"].attrs),
        y=("y", x, field["y"].attrs),
        crs=((), 0, mapping),
    )
    chart = chart_of(field)
    assert chart.paper.kind == "own"
    # seen from there, the globe ends 81.3 degrees from the point below
    assert chart.off[0, 0]
    assert not chart.off[20, 20]
    assert 0.6 < (~chart.off).mean() < 0.7
    # what lies behind the globe is not seen through it
    x, _ = chart.paper.forward(np.array([0.0, 175.0]), np.array([40.0, -41.0]))
    assert np.isfinite(x).tolist() == [True, False]
    on_globe = field.where(~chart.off)
    texts = [text.get_text() for text in draw(on_globe).texts]
    assert not any("hatched" in text for text in texts)
    texts = [text.get_text() for text in draw(on_globe.where(on_globe.x < 0)).texts]
    assert any("hatched" in text for text in texts)


def test_missing_values_of_a_region_are_hatched_inside_it_only(tmp_path):
    field = turned((9, 11), 2.0, 45.0, 10.0)
    figure = draw(field.where(field > 20))
    (ground,) = figure.axes[0].patches
    outline = ground.get_xy()
    x, y = chart_of(field).corners
    assert outline[:, 0].max() == pytest.approx(float(x.max()))
    assert outline[:, 1].min() == pytest.approx(float(y.min()))
    save_figure(figure, tmp_path / "region.png")


@pytest.mark.parametrize(
    "make",
    [
        lambert,
        rotated,
        tripolar,
        lambda: turned((9, 11), 2.0, 45.0, 10.0),
        lambda: turned((15, 15), 3.0, 88.0, 0.0),
    ],
    ids=["lambert", "rotated", "tripolar", "region", "pole"],
)
def test_coast_and_graticule_stay_on_the_paper(make, tmp_path):
    field = make()
    figure = draw_gradient([field, field], field=field)
    save_figure(figure, tmp_path / "chart.png")
    for axes in (figure.axes[0], *figure.axes[2:4]):
        (west, east), (south, north) = axes.get_xlim(), axes.get_ylim()
        shape = figure.get_size_inches() * axes.get_position().size
        assert (north - south) / (east - west) == pytest.approx(
            shape[1] / shape[0], rel=0.02
        )
        labels = [text.get_text() for text in axes.get_xticklabels()]
        labels += [text.get_text() for text in axes.get_yticklabels()]
        assert any("°" in label for label in labels)
        for one in axes.collections:
            if type(one).__name__ == "LineCollection":
                for line in one.get_segments():
                    step = np.hypot(*np.diff(line, axis=0).T)
                    assert step.max(initial=0) < 0.5 * (east - west)


def test_coordinates_that_are_one_dimensional_in_truth_give_a_plain_map():
    """As WRF writes those of a Mercator map."""
    lat, lon = np.meshgrid(
        np.linspace(10, 20, 6), np.linspace(170, 190, 9), indexing="ij"
    )
    axes = draw(curvilinear(lat, lon)).axes[0]
    assert axes.get_xlim() == pytest.approx((168.75, 191.25))
    assert "170°W" in [t.get_text() for t in axes.get_xticklabels()]


def test_positions_are_unit_vectors():
    place = positions(np.array([0.0, 90.0, 33.0]), np.array([90.0, 0.0, -45.0]))
    np.testing.assert_allclose((place**2).sum(axis=0), 1.0, rtol=1e-15)
