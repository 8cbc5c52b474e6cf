"""Pictures of walks: letters where the lows are, lines cut at the seam, plain words."""

import numpy as np
import pytest
import xarray as xr
from landscapes import band_limited, bell, distance_m, globe, labelled
from matplotlib.collections import LineCollection

from xnabla import plot
from xnabla.descent.surface import (
    basins,
    closed_contours,
    critical_points,
    find_extrema,
    persistence_diagram,
    steepest_path,
)
from xnabla.errors import OptionError
from xnabla.plot._basins import coloured


def two_lows(**kinds):
    lat, lon = globe(2.5, **kinds)
    values = (
        bell(lat, lon, 50.0, 359.0, depth=40.0, sigma_m=1e6)
        + bell(lat, lon, -40.0, 100.0, depth=20.0, sigma_m=1e6)
        - 1010.0
    )
    return labelled(values * 100.0, lat, lon, units="Pa")


def written(figure):
    """The words on the map and the places they belong to."""
    return {
        text.get_text(): text.xy
        for text in figure.axes[0].texts
        if hasattr(text, "xy") and text.get_fontweight() == "bold"
    }


@pytest.mark.parametrize("west", [0.0, -180.0])
def test_letters_and_whole_hectopascals_stand_where_the_lows_are(west):
    field = two_lows(west=west)
    points = find_extrema(field, kind="minimum", min_persistence="2 hPa")
    words = written(plot.extrema(field, points))
    assert set(words) == {"L", "970", "990"}
    x, y = words["970"]
    assert abs(y - 50.0) < 0.1
    assert abs((x - 359.0 + 180.0) % 360.0 - 180.0) < 0.1


def test_a_high_is_an_h_and_a_col_a_cross():
    field = band_limited(3, 5, 5.0)
    points = critical_points(field, min_persistence="5 hPa")
    figure = plot.extrema(field, points)
    words = written(figure)
    assert {"L", "H"} <= set(words)
    crosses = [line for line in figure.axes[0].lines if line.get_marker() == "x"]
    assert len(crosses) == int((points.kind == "saddle").sum())
    assert _title(figure).startswith("Lows, highs and cols of")
    assert _title(plot.extrema(field, find_extrema(field))).startswith("Lows and highs")


def _title(figure):
    return " ".join(text.get_text() for text in figure.texts)


def test_lows_too_near_each_other_are_a_letter_and_a_dot():
    lat, lon = globe(1.0)
    values = (
        bell(lat, lon, 40.0, 100.0, sigma_m=200e3)
        + bell(lat, lon, 40.0, 107.0, sigma_m=200e3, depth=20.0)
        - 1010.0
    )
    field = labelled(values, lat, lon)
    points = find_extrema(field, kind="minimum", min_persistence="2 hPa")
    assert points.sizes["point"] == 2
    figure = plot.extrema(field, points)
    assert len([t for t in figure.axes[0].texts if t.get_text() == "L"]) == 1
    assert len([line for line in figure.axes[0].lines if line.get_marker() == "."]) == 1


def test_only_the_points_of_the_time_that_is_drawn_are_drawn():
    one, other = two_lows(), two_lows()[::-1]
    times = np.array(["2020-01-01", "2020-01-02"], "M8[ns]")
    other = other.assign_coords(latitude=one.latitude)
    both = xr.concat([one, other], xr.Variable("time", times))
    both.attrs = one.attrs
    points = find_extrema(both, kind="minimum", min_persistence="2 hPa")
    words = written(plot.extrema(both.isel(time=1), points))
    assert abs(words["970"][1] + 50.0) < 0.1


def lines_of(figure):
    return [
        segment
        for one in figure.axes[0].collections
        if isinstance(one, LineCollection) and one.get_zorder() == 4
        for segment in one.get_segments()
    ]


def test_a_path_over_the_seam_is_cut_and_goes_on_at_the_other_side():
    lat, lon = globe(2.5)
    field = labelled(bell(lat, lon, 0.0, 180.0, sigma_m=2e6), lat, lon)
    walked = steepest_path(field, [(0.0, 165.0), (0.0, 195.0), (5.0, 179.0)])
    figure = plot.paths(field, walked)
    for segment in lines_of(figure):
        assert np.ptp(segment[:, 0]) < 40.0
    west, east = figure.axes[0].get_xlim()
    reached = np.concatenate(lines_of(figure))[:, 0]
    assert reached.min() < west + 16.0 or reached.max() > east - 16.0


@pytest.mark.parametrize("kind", ["map", "disc", "region"])
def test_paths_are_drawn_on_every_sheet(kind):
    field = two_lows()
    cut = {
        "map": field,
        "disc": field.sel(latitude=slice(50, 90)),
        "region": field.sel(latitude=slice(20, 70), longitude=slice(20, 140)),
    }[kind]
    start = [(60.0, 60.0), (65.0, 100.0)]
    if kind == "map":
        walked = steepest_path(cut, start)
    else:
        with pytest.warns(RuntimeWarning, match="left_domain"):
            walked = steepest_path(cut, start)
    assert lines_of(plot.paths(cut, walked))


def test_no_two_basins_side_by_side_have_one_colour():
    label = np.random.default_rng(1).integers(0, 40, (12, 20))
    label = np.kron(np.arange(40).reshape(5, 8), np.ones((4, 5), dtype=int))
    colour = coloured(label)[label]
    for one, other, a, b in (
        (label[:, 1:], label[:, :-1], colour[:, 1:], colour[:, :-1]),
        (label[1:], label[:-1], colour[1:], colour[:-1]),
        (label[:, :1], label[:, -1:], colour[:, :1], colour[:, -1:]),
    ):
        assert ((a != b) | (one == other)).all()


def test_basins_are_drawn_with_the_letters_of_their_lows():
    field = two_lows()
    drained = basins(field, min_persistence="2 hPa")
    assert {"L", "970", "990"} == set(written(plot.basins(field, drained)))
    hills = basins(band_limited(3, 5, 5.0), direction="up", min_persistence="2 hPa")
    figure = plot.basins(band_limited(3, 5, 5.0), hills)
    assert "H" in written(figure)
    assert figure.texts[0].get_text().startswith("Hills of")


def test_the_diagram_has_births_across_and_deaths_up_in_hectopascals():
    diagram = persistence_diagram(two_lows(), kind="both", min_persistence="2 hPa")
    (axes,) = plot.persistence(diagram).axes
    assert axes.get_xlabel() == "value of the extremum (hPa)"
    shown = np.concatenate([line.get_xdata() for line in axes.lines[1:]])
    assert 960.0 < shown.min() < shown.max() < 1040.0
    words = [text.get_text() for text in axes.get_legend().get_texts()]
    assert "minima that nothing ends" in words


@pytest.mark.parametrize("west", [0.0, -180.0])
def test_an_outline_goes_around_its_low_where_the_bell_has_the_level(west):
    field = two_lows(west=west)
    choices = {"min_persistence": "2 hPa", "interval": "4 hPa"}
    found = closed_contours(field, kind="minimum", **choices)
    figure = plot.closed_contours(field, found)
    assert set(written(figure)) == {"L", "970", "990"}
    places = np.concatenate(lines_of(figure))
    away = []
    for depth, centre in ((40.0, (50.0, 359.0)), (20.0, (-40.0, 100.0))):
        d = 1e6 * np.sqrt(2 * np.log(depth / 2.0))  # 1010 - depth exp(-d²/2s²) = 1008
        away.append(distance_m(places[:, 1], places[:, 0], *centre) / d - 1.0)
    nearest = np.min(np.abs(away), axis=0)
    assert nearest.max() < 0.03
    # nothing runs across the map where an outline is cut at its seam
    assert max(np.ptp(line[:, 0]) for line in lines_of(figure)) < 90.0


def test_outlines_are_those_of_the_time_that_is_drawn():
    one = two_lows()
    other = one[::-1].assign_coords(latitude=one.latitude)
    times = np.array(["2020-01-01", "2020-01-02"], "M8[ns]")
    both = xr.concat([one, other], xr.Variable("time", times))
    both.attrs = one.attrs
    found = closed_contours(both, kind="minimum", min_persistence="2 hPa")
    drawn = np.concatenate(lines_of(plot.closed_contours(both.isel(time=1), found)))
    alone = closed_contours(other, kind="minimum", min_persistence="2 hPa")
    expected = np.concatenate(lines_of(plot.closed_contours(other, alone)))
    np.testing.assert_allclose(drawn, expected, atol=1e-9)
    assert len(plot.closed_contours(both, found).axes) >= 2


@pytest.mark.parametrize("kind", ["map", "disc", "region"])
def test_outlines_are_drawn_on_every_sheet(kind):
    field = two_lows()
    cut = {
        "map": field,
        "disc": field.sel(latitude=slice(30, 90)),
        "region": field.sel(latitude=slice(-70, -10), longitude=slice(50, 150)),
    }[kind]
    found = closed_contours(cut, kind="minimum", min_persistence="2 hPa")
    assert lines_of(plot.closed_contours(cut, found))


def test_a_diagram_says_its_least_persistence_in_the_unit_of_its_axes():
    diagram = persistence_diagram(two_lows(), min_persistence="1 hPa")
    assert diagram.attrs["min_persistence"] == "100 Pa"
    assert "of at least 1 hPa" in _title(plot.persistence(diagram))


def test_a_diagram_of_nothing_is_a_picture_too(tmp_path):
    empty = persistence_diagram(xr.full_like(two_lows(), 1e5))
    plot.save_figure(plot.persistence(empty), tmp_path / "none.png")
    assert (tmp_path / "none.png").stat().st_size > 1000


@pytest.mark.parametrize(
    ("draw", "words"),
    [
        (plot.extrema, "no extrema"),
        (plot.paths, "no paths"),
        (plot.basins, "no basins"),
        (plot.closed_contours, "no closed contours"),
    ],
)
def test_another_table_is_refused_with_what_to_type(draw, words):
    with pytest.raises(OptionError, match=words):
        draw(two_lows(), xr.Dataset())


def test_other_tables_are_no_diagram_and_a_line_is_no_map():
    with pytest.raises(OptionError, match="no persistence diagram"):
        plot.persistence(xr.Dataset())
    field = two_lows()
    points = find_extrema(field)
    with pytest.raises(OptionError, match="is no map"):
        plot.extrema(field.isel(latitude=3), points)
    with pytest.raises(OptionError, match="other points than the field"):
        plot.basins(field[:5], basins(field))
