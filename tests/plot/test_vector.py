"""Vectors and tensors: arrows point true, panels share one scale."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from matplotlib.quiver import Quiver, QuiverKey
from plot.test_chart import curvilinear, lambert, rotated, turned
from plot.test_draw import LAT, LON, PRESSURE, cells, words

from xnabla.errors import OptionError
from xnabla.plot import field as draw
from xnabla.plot import panels as draw_panels
from xnabla.plot import save_figure
from xnabla.plot import vectors as draw_vector
from xnabla.plot._arrows import runs_along_grid, without_direction
from xnabla.plot._paper import stereographic


def wind(like: xr.DataArray, u, v, **attrs) -> tuple[xr.DataArray, xr.DataArray]:
    """A wind on the points of a field."""
    parts = []
    for name, values, word in (("u", u, "eastward"), ("v", v, "northward")):
        part = like.copy(data=np.broadcast_to(np.asarray(values, float), like.shape))
        told = {"units": "m s-1", "long_name": f"{word} wind", **attrs}
        part.attrs = {**like.attrs, **told}
        parts.append(part.rename(name))
    return parts[0], parts[1]


@pytest.fixture
def globe():
    lat, lon = LAT[1], LON[1]
    values = np.zeros((lat.size, lon.size))
    return xr.DataArray(values, dims=("lat", "lon"), coords={"lat": LAT, "lon": LON})


def arrows_of(figure) -> Quiver:
    (found,) = (a for a in figure.axes[0].collections if isinstance(a, Quiver))
    return found


def angles(arrows: Quiver) -> np.ndarray:
    """Degrees anticlockwise from the right edge of the page."""
    return np.rad2deg(np.arctan2(arrows.V, arrows.U))


@pytest.mark.parametrize(
    ("u", "v", "angle"), [(10, 0, 0), (0, 10, 90), (-10, 0, 180), (7, -7, -45)]
)
def test_on_a_map_arrows_point_as_a_compass_does(globe, u, v, angle):
    for part in (globe, globe.sel(lat=slice(70, 30), lon=slice(0, 40))):
        turned_by = angles(arrows_of(draw_vector(wind(part, u, v)))) - angle
        np.testing.assert_allclose((turned_by + 180) % 360 - 180, 0, atol=1e-9)


def test_on_a_disc_arrows_follow_the_meridians(globe):
    cap = globe.sel(lat=slice(90, 50))
    arrows = arrows_of(draw_vector(wind(cap, 0, 10)))
    towards = np.rad2deg(np.arctan2(-arrows.Y, -arrows.X))
    off_pole = np.hypot(arrows.X, arrows.Y) > 1e-6
    turned_by = (angles(arrows) - towards + 180) % 360 - 180
    np.testing.assert_allclose(turned_by[off_pole], 0, atol=1e-6)


def test_flow_across_a_pole_is_straight_on_its_disc(globe):
    """The wind that blows along the meridians 0 and 180, given as u and v."""
    lam = np.deg2rad(LON[1])
    cap = globe.sel(lat=slice(90, 50))
    arrows = arrows_of(draw_vector(wind(cap, np.sin(lam) * 10, np.cos(lam) * 10)))
    # Greenwich points down: from there over the pole is up
    np.testing.assert_allclose(angles(arrows), 90, atol=1e-6)


@pytest.mark.parametrize("lon0", [10.0, 180.0])
def test_on_a_region_arrows_are_those_of_the_globe(lon0):
    """Each arrow leads along the path that the wind takes on the map."""
    field = turned((9, 11), 2.0, 60.0, lon0)
    u, v = 6.0, 8.0
    arrows = arrows_of(draw_vector(wind(field, u, v)))
    lat, lon = field["lat"].values, field["lon"].values
    paper = stereographic(lon0, 60.0)
    short = 1e-4
    here = paper.forward(lon, lat)
    there = paper.forward(lon + short * u / np.cos(np.deg2rad(lat)), lat + short * v)
    true = np.rad2deg(np.arctan2(there[1] - here[1], there[0] - here[0]))
    for x, y, angle in zip(arrows.X, arrows.Y, angles(arrows), strict=True):
        # the middle of the drawn map is that of the points, within rounding
        k = np.argmin((here[0] - x) ** 2 + (here[1] - y) ** 2)
        assert angle == pytest.approx(true.ravel()[k], abs=0.5)


@pytest.mark.parametrize("make", [lambert, rotated], ids=["lambert", "rotated"])
def test_a_wind_along_the_grid_is_parallel_to_it(make):
    field = make()
    for u, v, angle in ((10, 0, 0.0), (0, 10, 90.0)):
        along = wind(field, u, v, standard_name="x_wind", long_name="x wind")
        np.testing.assert_allclose(
            angles(arrows_of(draw_vector(along))), angle, atol=1e-6
        )
    north = angles(arrows_of(draw_vector(wind(field, 0, 10))))
    assert np.ptp(north) > 5  # the meridians of the map are not parallel


def test_a_wind_along_a_skewed_grid_follows_its_lines():
    j, i = np.meshgrid(np.arange(9.0), np.arange(11.0), indexing="ij")
    field = curvilinear(j - 4.0, i - 5.0 + 0.5 * j)
    along = wind(field, 0, 10, standard_name="y_wind", long_name="y wind")
    np.testing.assert_allclose(
        angles(arrows_of(draw_vector(along))),
        np.rad2deg(np.arctan2(1.0, 0.5)),
        atol=1.0,
    )


def test_length_and_key_tell_the_speed(globe):
    speed = 10 + 10 * np.cos(np.deg2rad(LAT[1]))[:, None]
    figure = draw_vector(wind(globe, speed, 0))
    arrows = arrows_of(figure)
    (key,) = (a for a in figure.axes[0].artists if isinstance(a, QuiverKey))
    assert key.label == "10 m s⁻¹"
    shown = np.hypot(arrows.U, arrows.V)
    expected = 10 + 10 * np.cos(np.deg2rad(arrows.Y))
    cut = shown.max()
    uncut = shown < cut - 1e-9
    np.testing.assert_allclose(
        shown[uncut] / key.U, expected[uncut] / 10, rtol=1e-9, atol=0
    )
    np.testing.assert_allclose(cells(figure).max(), 20, atol=1e-12)
    assert figure.axes[1].get_ylabel() == "m s⁻¹"


def test_arrows_do_not_crowd(globe):
    for part in (globe, globe.sel(lat=slice(90, 50))):
        figure = draw_vector(wind(part, 5, 5))
        arrows, axes = arrows_of(figure), figure.axes[0]
        places = axes.transData.transform(np.column_stack([arrows.X, arrows.Y]))
        places /= figure.dpi
        apart = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1))
        np.fill_diagonal(apart, np.inf)
        assert 60 < len(places) < 1500
        assert np.percentile(apart.min(axis=1), 5) > 0.1


def test_missing_and_calm_places_have_no_arrow(globe):
    u, v = wind(globe, 5, 5)
    hole = u.where(u.lat > 0)
    assert arrows_of(draw_vector((hole, v))).Y.min() > 0
    figure = draw_vector(wind(globe, 0, 0))
    assert not [a for a in figure.axes[0].collections if isinstance(a, Quiver)]
    assert "arrows" not in words(figure)
    nothing = draw_vector([part.where(False) for part in (u, v)])
    assert nothing.axes[0].texts[0].get_text() == "no values"


def test_a_vector_is_named_once(globe):
    figure = draw_vector(wind(globe, 5, 5), contours_of=globe + globe.lat)
    assert figure.texts[0].get_text() == "Wind"
    assert "arrows: direction" in words(figure)
    assert "contours:" in words(figure)
    assert draw_vector(wind(globe, 5, 5), title="Jet").texts[0].get_text() == "Jet"


@pytest.mark.parametrize(
    ("name", "left"),
    [
        ("eastward wind", "wind"),
        ("eastward geostrophic wind", "geostrophic wind"),
        ("along-x inertial-advective wind", "inertial-advective wind"),
        ("x-wind component", "x-wind component"),
        ("eastward component of the Q-vector", "Q-vector"),
        ("eastward", "eastward"),
        ("u", "u"),
    ],
)
def test_the_name_of_a_vector_is_that_of_its_part_without_direction(name, left):
    assert without_direction(name) in {left, "wind component"}


def test_components_along_a_grid_are_recognised():
    said = {
        "x_wind": True,
        "eastward_wind": False,
        "sea_water_x_velocity": True,
        "geostrophic_eastward_wind": False,
    }
    for standard_name, along in said.items():
        part = xr.DataArray(0.0, attrs={"standard_name": standard_name})
        assert runs_along_grid(part) == along
    for long_name, along in (("along-x wind", True), ("eastward wind", False)):
        part = xr.DataArray(0.0, attrs={"long_name": long_name})
        assert runs_along_grid(part) == along


def test_a_section_of_a_vector_shows_both_parts(globe):
    section = globe.isel(lon=0, drop=True).expand_dims(plev=PRESSURE[1])
    section = section.assign_coords(plev=PRESSURE)
    figure = draw_vector(wind(section, 5, 3))
    *panels, bar = figure.axes
    assert [axes.get_title("left") for axes in panels] == ["u", "v"]
    assert panels[0].get_yscale() == "log"
    assert bar.get_ylabel() == "m s⁻¹"


def test_a_profile_of_a_vector_is_two_lines(globe):
    profile = xr.DataArray(np.zeros(5), dims="plev", coords={"plev": PRESSURE})
    figure = draw_vector(wind(profile, np.arange(5.0), -np.arange(5.0)))
    (axes,) = figure.axes
    texts = [text.get_text() for text in axes.get_legend().get_texts()]
    assert texts == ["eastward wind", "northward wind"]
    assert axes.get_xlabel() == "m s⁻¹"


@pytest.mark.parametrize("count", [1, 2, 3, 4, 6])
def test_panels_stand_apart_and_share_a_bar(globe, count, tmp_path):
    rng = np.random.default_rng(0)
    for region in (globe, globe.sel(lat=slice(60, -60), lon=slice(0, 20))):
        parts = [
            (region + rng.normal(0, 3e-5, region.shape))
            .rename(f"du_d{k}")
            .assign_attrs(units="s-1")
            for k in "xyzabc"[:count]
        ]
        figure = draw_panels(parts, title="Derivatives")
        figure.draw_without_rendering()
        *panels, bar = figure.axes
        assert len(panels) == count
        assert bar.get_ylabel() == "10⁻⁵ s⁻¹"
        boxes = [axes.get_tightbbox() for axes in figure.axes]
        boxes += [text.get_window_extent() for text in figure.texts]
        for k, box in enumerate(boxes):
            assert box.x0 >= 0
            assert box.y0 >= 0
            for other in boxes[k + 1 :]:
                wide = min(box.x1, other.x1) - max(box.x0, other.x0)
                high = min(box.y1, other.y1) - max(box.y0, other.y0)
                assert min(wide, high) <= 2, (box, other)
        save_figure(figure, tmp_path / "panels.png")


def test_captions_are_formulas(globe):
    names = {
        "du_dx": "∂u/∂x",
        "d2gh_dx2": "∂²gh/∂x²",
        "d2gh_dxdy": "∂²gh/∂x∂y",
        "total_deformation": "total deformation",
    }
    figure = draw_panels([globe.rename(name) for name in names])
    shown = [axes.get_title("left") for axes in figure.axes if axes.get_title("left")]
    assert shown == list(names.values())


def test_what_is_no_vector_is_refused(globe):
    u, v = wind(globe, 5, 5)
    with pytest.raises(OptionError, match=r"two components.*plot.panels"):
        draw_vector([u, v, v])
    with pytest.raises(OptionError, match="different units"):
        draw_vector([u, v.assign_attrs(units="K")])
    with pytest.raises(OptionError, match="one grid"):
        draw_panels([u, v.isel(lat=slice(2, None))])
    with pytest.raises(OptionError, match="no field"):
        draw_panels([])


def test_a_wind_may_be_drawn_over_a_field(globe):
    u, v = wind(globe, 5, 5)
    figure = draw(globe + globe.lat, arrows_of=(u, v))
    assert "arrows: wind" in words(figure)
    assert arrows_of(figure).get_zorder() > cells_order(figure)
    elsewhere = draw(
        globe, arrows_of=(u.isel(lat=slice(3, 9)), v.isel(lat=slice(3, 9)))
    )
    assert "arrows" not in words(elsewhere)


def cells_order(figure):
    return figure.axes[0].collections[0].get_zorder()
