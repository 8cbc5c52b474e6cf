"""Panels, bars and ticks of every shape of map: nothing on anything else."""

import numpy as np
import pytest
import xarray as xr

from xnabla.plot import field as draw
from xnabla.plot import gradient as draw_gradient
from xnabla.plot._axes import degree_ticks
from xnabla.plot._layout import frame

STRIPS = [(100, 20), (200, 10), (280, 7), (360, 5), (60, 60), (8, 40), (3, 30), (1, 80)]


def strip(wide, high):
    """Return a wave on a region, and two fields like its components."""
    lon = np.arange(72) * 5.0 if wide == 360 else np.linspace(20, 20 + wide, 60)
    lat = np.linspace(-high / 2, high / 2, 60)
    wave = np.sin(np.deg2rad(lon * 6))[None] * np.cos(np.deg2rad(lat * 9))[:, None]
    t = xr.DataArray(
        280 + 10 * wave,
        dims=("lat", "lon"),
        coords={
            "lat": ("lat", lat, {"units": "degrees_north"}),
            "lon": ("lon", lon, {"units": "degrees_east"}),
            "plev": ((), 850.0, {"units": "hPa"}),
        },
        name="t",
        attrs={"units": "K", "long_name": "air temperature"},
    )
    parts = [
        (t - shift).assign_attrs(
            units="K km-1", long_name=f"{word} derivative of air temperature"
        )
        for shift, word in ((279.5, "northward"), (280.5, "eastward"))
    ]
    return t, parts


def overlap(box, other):
    """Return by how many pixels two boxes reach into each other."""
    wide = min(box.x1, other.x1) - max(box.x0, other.x0)
    high = min(box.y1, other.y1) - max(box.y0, other.y0)
    return min(wide, high)


def apart(boxes, spare):
    """Check that no box reaches into another by more than some pixels."""
    for k, box in enumerate(boxes):
        for other in boxes[k + 1 :]:
            assert overlap(box, other) <= spare, (box, other)


@pytest.mark.parametrize(("wide", "high"), STRIPS)
@pytest.mark.parametrize("kind", ["field", "gradient"])
def test_strips_are_readable(wide, high, kind):
    t, parts = strip(wide, high)
    figure = draw(t) if kind == "field" else draw_gradient(parts, field=t)
    figure.draw_without_rendering()
    boxes = [axes.get_tightbbox() for axes in figure.axes]
    apart(boxes + [text.get_window_extent() for text in figure.texts], 2)
    for axes in figure.axes:
        ticks = []
        for axis in (axes.xaxis, axes.yaxis):
            labels = [label for label in axis.get_ticklabels() if label.get_text()]
            ticks.append([label.get_window_extent() for label in labels])
            apart(ticks[-1], 0)
        assert max(map(len, ticks)) >= 1
        names = [text for text in axes.texts if text.get_text()]
        apart([text.get_window_extent() for text in names], 3)
        inches = axes.bbox.width / figure.dpi, axes.bbox.height / figure.dpi
        assert max(inches) > 1.4, "a bar or a panel is crushed"
        assert min(inches) > 0.15


def test_bars_lie_under_strips_and_stand_beside_others():
    for shape, lies in ((1 / 24, True), (0.2, True), (0.5, False), (8.0, False)):
        made = frame(shape, 2, "title", ())
        for bar in (made.main_bar, made.small_bar):
            assert (bar.bbox.width > bar.bbox.height) == lies
        assert made.main_bar.bbox.y1 < made.main.bbox.y0 or not lies


def test_small_panels_keep_their_order():
    for shape in (0.1, 0.5, 1.0, 5.0):
        first, second = frame(shape, 2, "title", ()).small
        assert first.bbox.y0 > second.bbox.y0 or first.bbox.x0 < second.bbox.x0


def test_frame_and_map_have_one_shape_unless_it_is_stretched():
    for size in STRIPS:
        axes = draw(strip(*size)[0]).axes[0]
        before = axes.bbox.bounds
        axes.apply_aspect()
        np.testing.assert_allclose(axes.bbox.bounds, before, atol=1)


@pytest.mark.parametrize("many", range(1, 9))
def test_degree_ticks_are_few_but_some(many):
    for low, high in ((-5, 5), (-90, 90), (-180, 180), (3.2, 3.24), (0.1234, 0.1235)):
        ticks = degree_ticks(low, high, many)
        assert 1 <= ticks.size <= many
        assert ((ticks >= low) & (ticks <= high)).all()


def test_contour_labels_stay_inside_and_apart():
    lat, lon = np.linspace(90, -90, 37), np.arange(72) * 5.0
    lines = 10 * np.cos(np.deg2rad(lon * 3))[None] + lat[:, None] ** 2 / 100
    for select in (slice(90, -90), slice(90, 50)):
        t = xr.DataArray(
            lines,
            dims=("lat", "lon"),
            coords={
                "lat": ("lat", lat, {"units": "degrees_north"}),
                "lon": ("lon", lon, {"units": "degrees_east"}),
            },
        ).sel(lat=select)
        figure = draw(t, contours_of=t)
        axes = figure.axes[0]
        figure.draw_without_rendering()
        labels = [text for text in axes.texts if text.get_text()[-1].isdigit()]
        boxes = [text.get_window_extent() for text in labels]
        assert len(boxes) >= 5
        for box in boxes:
            assert axes.bbox.x0 <= box.x0
            assert box.x1 <= axes.bbox.x1
            assert axes.bbox.y0 <= box.y0
            assert box.y1 <= axes.bbox.y1
        apart(boxes, 3)
