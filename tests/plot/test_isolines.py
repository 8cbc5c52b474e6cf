"""Contours: at round values, and only where they are lines and not ink."""

import numpy as np
import pytest
import xarray as xr

from xnabla.plot import field as draw
from xnabla.plot import gradient as draw_gradient
from xnabla.plot._field import drawable
from xnabla.plot._isolines import _ink, isolines
from xnabla.plot._layout import panel_size
from xnabla.plot._sheet import sheet_of


def on_globe(values):
    """Return values on the globe."""
    n, m = values.shape
    return xr.DataArray(
        values,
        dims=("lat", "lon"),
        coords={
            "lat": ("lat", np.linspace(90, -90, n), {"units": "degrees_north"}),
            "lon": ("lon", np.arange(m) * 360.0 / m, {"units": "degrees_east"}),
        },
        name="t",
        attrs={"units": "K"},
    )


def rough(n, m):
    """Return noise from cell to cell."""
    return on_globe(np.random.default_rng(1).normal(size=(n, m)))


def smooth(n, m):
    """Return two waves round the globe."""
    lat = np.linspace(90, -90, n)[:, None]
    lon = np.arange(m)[None] * 360.0 / m
    return on_globe(np.cos(np.deg2rad(lat)) * np.cos(np.deg2rad(2 * lon)))


def words(figure):
    """Return the text of the head."""
    return " | ".join(text.get_text() for text in figure.texts)


def drawn(figure):
    """Return the contours that carry labels."""
    from matplotlib.contour import ContourSet

    return [c for c in figure.axes[0].collections if isinstance(c, ContourSet)]


def test_noise_has_no_contours_and_says_nothing_of_them():
    noise = rough(91, 180)
    for figure in (
        draw(noise, contours_of=noise),
        draw_gradient([noise, noise], field=noise),
    ):
        assert not drawn(figure)
        assert "contours" not in words(figure)


def test_what_is_smooth_has_contours_on_a_fine_grid_too():
    for size in ((37, 72), (181, 360), (721, 1440)):
        field = smooth(*size)
        figure = draw(field, contours_of=field)
        assert len(drawn(figure)) == 1
        assert "contours: t every 0.2 K" in words(figure)


def test_the_same_noise_on_few_cells_is_drawn():
    assert isolines(sheet_of(*drawable(rough(7, 12)))).levels.size


@pytest.mark.parametrize("size", [(91, 181), (361, 721)])
def test_ink_of_a_known_pattern_does_not_depend_on_the_grid(size):
    # Eight meridians on 9.6 inches of paper, counted at π/4 of their length, since
    # the measure is right on average over directions.
    lon = np.arange(size[1]) * 360.0 / size[1]
    waves = np.broadcast_to(np.sin(np.deg2rad(4 * lon + 50.0)), size)
    sheet = sheet_of(*drawable(on_globe(waves)))
    ink = _ink(sheet, np.array([0.0]), panel_size(sheet.shape))
    assert ink == pytest.approx(np.pi / 4 * 8 / 9.6, rel=0.02)


def test_a_disc_is_measured_on_the_disc():
    cap = smooth(181, 360).sel(lat=slice(90, 50))
    sheet = sheet_of(*drawable(cap))
    assert 0 < _ink(sheet, np.array([0.1]), panel_size(sheet.shape)) < 3


def test_large_numbers_on_lines_are_in_a_power_of_ten():
    """A streamfunction has contours 4, not 4e+07, and the head says of what."""
    psi = (smooth(46, 90) * 8e7).assign_attrs(units="m2 s-1", long_name="psi")
    figure = draw(psi * 0.0 + 1.0, contours_of=psi)
    assert "psi every 2 × 10⁷ m² s⁻¹" in words(figure)
    (lines,) = drawn(figure)
    labels = {text.get_text() for text in lines.labelTexts}
    assert labels <= {f"{k:g}" for k in range(-8, 9, 2)}
    assert labels & {"4", "-4"}
    small = draw(smooth(46, 90) + 250.0, contours_of=smooth(46, 90) + 250.0)
    assert "10" not in words(small).split("every")[1]
