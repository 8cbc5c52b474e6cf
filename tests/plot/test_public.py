"""``plot.field`` and its neighbours: what a user may ask, and what they show."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pytest
import xarray as xr
from matplotlib.colors import BoundaryNorm
from matplotlib.figure import Figure
from plot.shots import flat, weather
from plot.test_chart import lambert, turned
from plot.test_draw import words

from xnabla import plot, predict, trend
from xnabla.errors import OptionError
from xnabla.plot._cut import along_line
from xnabla.plot._paper import positions, stereographic


def meshes(figure):
    """The coloured cells of each panel."""
    from matplotlib.collections import QuadMesh

    found = [
        [c for c in axes.collections if isinstance(c, QuadMesh)] for axes in figure.axes
    ]
    return [one[0] for one in found if one and one[0].get_array().size > 300]


def test_limits_leave_out_two_in_a_hundred_at_either_end():
    values = np.arange(10_000.0).reshape(50, 200) + 1e4
    t = flat()["t"].isel(lat=slice(0, 2))
    field = xr.DataArray(values, dims=("y", "x"), attrs=t.attrs)
    (mesh,) = meshes(plot.field(field))
    np.testing.assert_allclose(mesh.get_clim(), (1e4 + 199.98, 1e4 + 9799.02))


def test_limits_colours_and_steps_are_as_asked():
    t, v = flat()["t"], flat()["v"]
    (mesh,) = meshes(plot.field(t, vmin=250, vmax=300, cmap="cividis"))
    assert mesh.get_clim() == (250, 300)
    assert mesh.cmap.name == "cividis"
    (mesh,) = meshes(plot.field(v, vmax=5))
    assert mesh.get_clim() == (-5, 5)  # white stays at zero
    (mesh,) = meshes(plot.field(v, vmin=-1, vmax=5))
    assert mesh.cmap.name == "pale viridis"  # it cannot
    (mesh,) = meshes(plot.field(t, levels=[240, 260, 270, 300]))
    assert isinstance(mesh.norm, BoundaryNorm)
    assert mesh.norm.boundaries.tolist() == [240, 260, 270, 300]
    (mesh,) = meshes(plot.field(v, levels=6))
    assert 5 <= mesh.norm.boundaries.size <= 8
    assert mesh.norm.boundaries.sum() == 0


@pytest.mark.parametrize(
    ("asked", "match"),
    [
        ({"vmin": 5, "vmax": 5}, "no range"),
        ({"cmap": "nothing"}, "no colour map 'nothing'"),
        ({"levels": [3, 1]}, "increase"),
        ({"figsize": (1, 1)}, "too small"),
        ({"projection": "nowhere"}, "no map projection"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(asked, match):
    with pytest.raises(OptionError, match=match):
        plot.field(flat()["t"], **asked)


@pytest.mark.parametrize("figsize", [(5.0, 4.0), (6.0, 6.0), (14.0, 5.0)])
def test_a_figure_has_the_size_asked_for_and_all_is_in_it(figsize):
    for figure in (
        plot.field(flat()["t"], figsize=figsize),
        plot.field(weather()["t"].isel(time=0, plev=[0, 1]), figsize=figsize),
    ):
        figure.draw_without_rendering()
        assert tuple(figure.get_size_inches()) == figsize
        assert all(0 <= b <= 1 for a in figure.axes for b in a.get_position().extents)


def test_axes_of_a_user_are_drawn_on():
    figure = Figure(figsize=(8, 4))
    left, right = figure.subplots(1, 2)
    assert plot.field(flat()["t"], ax=left) is figure
    assert plot.vectors(flat()["u"], flat()["v"], ax=right, title="Jet") is figure
    assert len(meshes(figure)) == 2
    assert right.get_title(loc="left").startswith("Jet")
    assert len(left.child_axes) == 1  # the bar
    with pytest.raises(OptionError, match="6 panels do not go into one ax"):
        plot.field(weather()["t"], ax=left)


def test_levels_and_times_are_panels_in_the_same_colours():
    figure = plot.field(weather()["t"])
    found = meshes(figure)
    assert len(found) == 6
    assert len({mesh.get_clim() for mesh in found}) == 1
    titles = [axes.get_title(loc="left") for axes in figure.axes[:6]]
    assert titles[0] == "2001-01 · 1000 hPa"
    assert titles[5] == "2001-02 · 200 hPa"
    tops = [round(axes.get_position().y1, 6) for axes in figure.axes[:6]]
    assert len(set(tops)) == 2  # a time is a row
    for mesh, (time, plev) in zip(found, np.ndindex(2, 3), strict=True):
        # cells run from south to north, and from the date line on
        row = weather()["t"].isel(time=time, plev=plev).sel(lat=-90)
        np.testing.assert_allclose(
            mesh.get_array()[0, 20], row.sel(lon=280 - 0), atol=9
        )
        equator = weather()["t"].isel(time=time, plev=plev).sel(lat=0, lon=0)
        assert np.isclose(mesh.get_array()[18], float(equator)).any()


def test_arrows_mean_the_same_in_all_panels():
    ds = weather().isel(time=0)
    figure = plot.field(ds["t"], arrows_of=(ds["u"], ds["v"]))
    from matplotlib.quiver import Quiver, QuiverKey

    made = [c for a in figure.axes for c in a.get_children()]
    quivers = [c for c in made if isinstance(c, Quiver)]
    assert len(quivers) == 3
    assert len([c for c in made if isinstance(c, QuiverKey)]) == 1


def test_a_section_along_a_row_is_that_row():
    t = weather()["t"].isel(time=0)
    xr.testing.assert_allclose(
        along_line(t, {"latitude": 40}).drop_vars("lat"), t.sel(lat=40, drop=True)
    )
    between = along_line(t, {"latitude": 42})
    mean = 0.6 * t.sel(lat=40, drop=True) + 0.4 * t.sel(lat=45, drop=True)
    np.testing.assert_allclose(between, mean)
    # across the seam, 357.5 lies between the last and the first column
    seam = along_line(t, {"longitude": -2.5})
    np.testing.assert_allclose(seam, 0.5 * (t.sel(lon=355) + t.sel(lon=0)))


def test_a_great_circle_is_one_and_linear_fields_are_read_exactly():
    """Over the pole: x, y and z of the sphere are nearly linear between points."""
    place = positions(*np.meshgrid(flat().lon, flat().lat))
    field = flat()["t"].copy(data=1.0 * place[0] + 2.0 * place[1] + 3.0 * place[2])
    line = along_line(field, [(60, 30), (70, -140)])
    at = positions(line.longitude.values, line.latitude.values)
    exact = at[0] + 2.0 * at[1] + 3.0 * at[2]
    # between points 5 degrees apart: h**2/8 of the curvature, in two directions
    np.testing.assert_allclose(line, exact, atol=2 * 3.8 * np.deg2rad(5) ** 2 / 8)
    start, end = positions(30, 60), positions(-140, 70)
    normal = np.cross(start, end)
    np.testing.assert_allclose(normal @ at, 0.0, atol=1e-12)
    arc = np.arccos(start @ end) * 6371.229
    np.testing.assert_allclose(float(line.distance[-1]), arc, rtol=1e-9)
    assert float(line.latitude.max()) > 84  # over the top, not round it


def test_gaps_and_what_lies_outside_have_no_value():
    t = flat()["t"].where(flat()["t"].lat != 40)
    line = along_line(t, [(20, 0), (60, 0)])
    known = np.isfinite(line.values)
    beside = (line.latitude > 35) & (line.latitude < 45)
    np.testing.assert_array_equal(~known, beside)
    region = flat()["t"].sel(lat=slice(60, 30), lon=slice(0, 40))
    line = along_line(region, [(45, -20), (45, 20)])
    assert not np.isfinite(line.where(line.longitude < -0.1)).any()
    assert np.isfinite(line.where(line.longitude > 0.1, drop=True)).all()


@pytest.mark.parametrize("field", [lambert(), turned((21, 21), 2.0, 60.0, 30.0)])
def test_any_grid_can_be_cut(field):
    from xnabla.grid import grid_of

    lat, lon = (np.rad2deg(part) for part in grid_of(field).surface.places)
    made = field.copy(data=lat)
    ends = [(float(lat[k, k]), float(lon[k, k])) for k in (3, -4)]
    line = along_line(made, ends)
    assert np.isfinite(line).all()
    # h**2/8 of the curvature tan(lat) of a parallel, in two directions
    np.testing.assert_allclose(line, line.latitude, atol=0.05)


def test_sections_are_drawn_downward_and_by_the_logarithm_of_pressure():
    figure = plot.section(weather()["u"].isel(time=0), {"latitude": 45})
    axes = figure.axes[0]
    assert axes.get_yscale() == "log"
    assert axes.get_ylim()[0] > axes.get_ylim()[1]
    assert "along 45°N" in words(figure)
    figure = plot.section(weather()["u"].isel(time=0), [(50, 150), (50, -130)])
    labels = [text.get_text() for text in figure.axes[0].get_xticklabels()]
    assert "0 km\n50°N 150°E" in labels
    figure.draw_without_rendering()
    axes = figure.axes[0]
    assert not axes.get_xlabel()  # which would be cut off below ticks of two lines
    assert axes.get_tightbbox().y0 >= 0


def test_a_hovmoeller_runs_downward_in_time():
    figure = plot.section(weather()["v"].isel(plev=2), {"latitude": 0})
    low, high = figure.axes[0].get_ylim()
    assert low > high
    assert "along the equator" in words(figure)
    place = plot.section(weather()["v"], {"lat": 10, "lon": 20})
    assert place.axes[0].get_yscale() == "log"  # time and height


@pytest.mark.parametrize(
    ("along", "match"),
    [
        ({"latitude": 95}, "does not reach 95°N"),
        ({"time": 3}, "does not run along 'time'"),
        ([(1, 2)], "two or more"),
        ([(1, 2), (1, 2)], "apart"),
        ([(0, 0), (0, 180)], "opposite"),
        ("here", "two or more"),
    ],
)
def test_lines_that_are_none_are_refused(along, match):
    with pytest.raises(OptionError, match=match):
        plot.section(weather()["u"].isel(time=0), along)


def test_a_series_has_the_line_of_its_trend():
    days = np.array("2001-01-01", "M8[ns]") + np.arange(100) * np.timedelta64(30, "D")
    values = 280.0 + 0.02 * np.arange(100.0)
    t = xr.DataArray(values, {"time": days}, "time", "t", {"units": "K"})
    t = t + np.tile([0.5, -0.5], 50)
    t.attrs = {"units": "K"}
    fit = trend(t, se="ols")
    figure = plot.timeseries(t, fit=fit)
    series, line = figure.axes[0].lines[:2]
    np.testing.assert_allclose(series.get_ydata(), t.values)
    fitted = np.polyval(np.polyfit(np.arange(100.0), t.values, 1), np.arange(100.0))
    np.testing.assert_allclose(line.get_ydata(), fitted, rtol=0, atol=1e-6)
    assert "K decade⁻¹" in words(figure)
    assert "95 %" in words(figure)
    predicted = plot.timeseries(t, fit=predict(fit, t)).axes[0].lines[1]
    np.testing.assert_allclose(predicted.get_ydata(), fitted, rtol=0, atol=1e-6)


def test_series_of_other_calendars_have_a_trend_too():
    cftime = pytest.importorskip("cftime")
    days = [cftime.Datetime360Day(2001 + k // 12, 1 + k % 12, 1) for k in range(48)]
    t = xr.DataArray(np.arange(48.0), {"time": days}, "time", "t", {"units": "K"})
    line = plot.timeseries(t, fit=trend(t, se="ols")).axes[0].lines[1]
    np.testing.assert_allclose(line.get_ydata(), np.arange(48.0), rtol=0, atol=1e-3)


def test_what_is_no_series_is_refused():
    with pytest.raises(OptionError, match="no series in time"):
        plot.timeseries(flat()["t"])
    with pytest.raises(OptionError, match="no single series"):
        plot.timeseries(weather()["t"].isel(plev=0))
    t = weather()["t"].isel(lat=18, lon=0)
    assert len(plot.timeseries(t).axes[0].lines) >= 3  # a line for each level
    one = t.isel(plev=0, drop=True)
    with pytest.raises(OptionError, match="different units"):
        plot.timeseries(one, one.assign_attrs(units="m"))


def test_streamlines_follow_the_wind_over_the_ground():
    """A solid rotation about a tilted axis moves along circles about its pole."""
    lat, lon = np.linspace(-85, 85, 69), np.arange(-180.0, 180.0, 2.5)
    axis = positions(40.0, 35.0)
    place = positions(*np.meshgrid(lon, lat))
    lam, phi = np.meshgrid(np.deg2rad(lon), np.deg2rad(lat))
    east = np.stack([-np.sin(lam), np.cos(lam), 0 * lam])
    north = np.stack(
        [-np.sin(phi) * np.cos(lam), -np.sin(phi) * np.sin(lam), np.cos(phi)]
    )
    wind = np.cross(axis, place, axisb=0, axisc=0)
    degrees = {"lat": "degrees_north", "lon": "degrees_east"}
    coords = {
        name: (name, part, {"units": degrees[name]})
        for name, part in (("lat", lat), ("lon", lon))
    }
    parts = [
        xr.DataArray((wind * e).sum(0), coords, ("lat", "lon"), n, {"units": "m s-1"})
        for n, e in (("u", east), ("v", north))
    ]
    for region, asked in (
        ({}, {}),
        ({"lat": slice(52, 85)}, {}),
        (
            {"lat": slice(-20, 80), "lon": slice(-40, 120)},
            {"projection": "+proj=laea +lat_0=30 +lon_0=40"},
        ),
    ):
        u, v = (part.sel(region) for part in parts)
        figure = plot.streamlines(u, v, **asked)
        axes = figure.axes[0]
        (lines,) = [
            c
            for c in axes.collections
            if type(c).__name__ == "LineCollection" and c.get_zorder() == 4
        ]
        moved = []
        inverse = _inverse(region, asked)
        for line in _joined(lines.get_segments()):
            lon_, lat_ = inverse(line)
            height = axis @ positions(lon_, lat_)  # along the axis: it stays
            inner = np.abs(lat_) < 80
            if inner.sum() > 5:
                moved.append(np.ptp(height[inner]))
        assert len(moved) > 3
        assert np.median(moved) < 0.03


def _joined(segments):
    """Return whole lines from the pieces that streamplot makes of them."""
    lines: list[list] = []
    for segment in segments:
        if lines and np.allclose(lines[-1][-1], segment[0]):
            lines[-1].extend(segment[1:])
        else:
            lines.append(list(segment))
    return [np.array(line) for line in lines]


def _inverse(region, asked):
    if asked:
        from pyproj import Transformer

        back = Transformer.from_crs(asked["projection"], "EPSG:4326", always_xy=True)
        return lambda line: back.transform(*line.T)
    if region:  # the disc: r = tan((90 - lat)/2), Greenwich down
        return lambda line: (
            np.rad2deg(np.arctan2(line[:, 0], -line[:, 1])),
            90.0 - 2.0 * np.rad2deg(np.arctan(np.hypot(*line.T))),
        )
    return lambda line: line.T


def test_streamlines_need_a_map():
    section = weather().isel(time=0, lon=0)
    with pytest.raises(OptionError, match="no map for streamlines"):
        plot.streamlines(section["u"], section["v"])
    with pytest.raises(OptionError, match="density"):
        plot.streamlines(flat()["u"], flat()["v"], density=0)


def test_stretches_are_those_of_the_formula():
    """Stereographic: 2/(1 + cos of the distance) of a degree, in all directions."""
    paper = stereographic(10.0, 50.0)
    lon, lat = np.array([10.0, 40.0, -60.0]), np.array([50.0, 20.0, 80.0])
    near = positions(10.0, 50.0) @ positions(lon, lat)
    for part in paper.stretches(lon, lat):
        size = np.hypot(*part) / np.deg2rad(1.0)
        np.testing.assert_allclose(size, 2.0 / (1.0 + near), rtol=1e-5)


@pytest.mark.parametrize(
    "projection",
    ["ESRI:54030", "+proj=moll +lon_0=-160", "+proj=ortho +lat_0=50", "EPSG:3413"],
)
def test_cells_lie_where_the_projection_puts_them(projection):
    from pyproj import CRS, Transformer

    t = flat()["t"].copy(data=np.broadcast_to(flat().lon.values, (37, 72)))
    (mesh,) = meshes(plot.field(t, projection=projection))
    crs = CRS.from_user_input(projection)
    back = Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)
    corners = mesh.get_coordinates()
    middle = 0.25 * (
        corners[1:, 1:] + corners[1:, :-1] + corners[:-1, 1:] + corners[:-1, :-1]
    )
    shown = np.ma.getmaskarray(mesh.get_array()).reshape(middle.shape[:2])
    lon, lat = back.transform(middle[..., 0], middle[..., 1])
    inner = ~shown & (np.abs(lat) < 60) & np.isfinite(lon)
    assert inner.sum() > 200
    own = np.asarray(mesh.get_array()).reshape(middle.shape[:2])
    off = (lon - own + 180.0) % 360.0 - 180.0
    assert np.abs(off[inner]).max() < 2.6  # half a cell


def test_a_projection_of_cartopy_is_taken_and_its_axes_are():
    crs = pytest.importorskip("cartopy.crs")
    robinson = crs.Robinson(central_longitude=180)
    own = meshes(plot.field(flat()["t"], projection=robinson))[0].get_coordinates()
    figure = Figure()
    axes = figure.add_subplot(projection=robinson)
    plot.field(flat()["t"], ax=axes)
    np.testing.assert_allclose(meshes(figure)[0].get_coordinates(), own)


def test_pyplot_is_left_alone():
    before = mpl.get_backend(auto_select=False)
    plot.field(flat()["t"])
    assert mpl.get_backend(auto_select=False) == before
