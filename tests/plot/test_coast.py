"""The stored coastline: in range, whole, and free of the map maker's cuts."""

from importlib import resources

import numpy as np
import pytest

from xnabla.plot._coast import coastlines, coastlines_within


def test_in_range_small_and_fine():
    lines = coastlines()
    points = np.concatenate(lines)
    assert len(lines) > 1000
    assert all(len(line) >= 2 for line in lines)
    assert np.abs(points[:, 0]).max() <= 180
    assert points[:, 1].min() > -86
    assert 83 < points[:, 1].max() < 84
    path = resources.files("xnabla.plot") / "coastlines.npz"
    assert len(path.read_bytes()) < 250_000


@pytest.mark.parametrize(
    ("place", "lon", "lat"),
    [
        ("Gibraltar", -5.35, 36.1),
        ("Cape Horn", -67.3, -55.98),
        ("Agulhas", 20.0, -34.8),
    ],
)
def test_known_capes(place, lon, lat):
    points = np.concatenate(coastlines())
    assert np.abs(points - [lon, lat]).max(axis=1).min() < 0.25, place


def test_no_line_down_the_date_line_and_no_jump():
    for line in coastlines():
        step = np.abs(np.diff(line, axis=0))
        seam = (np.abs(line[1:, 0]) > 179.98) & (np.abs(line[:-1, 0]) > 179.98)
        assert not seam.any()
        assert step.max() < 6.0  # the longest edge is on the coast of Antarctica


def test_lines_are_found_on_both_sides_of_the_date_line():
    lines = coastlines_within(150.0, 210.0, 10.0, 70.0)
    points = np.concatenate(lines)
    inside = (points[:, 0] > 150) & (points[:, 0] < 210)
    assert (points[inside, 0] < 175).any()  # Kamchatka
    assert (points[inside, 0] > 190).any()  # Alaska, Hawaii
