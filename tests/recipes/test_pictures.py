"""The words on a picture are true, and a forecaster can read it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from xnabla.recipes import Job, run

SHIP = Path(__file__).resolve().parents[3] / "shared" / "data" / "ship"


@pytest.fixture
def drawn(monkeypatch, tmp_path):
    """Do a job with a picture, and return the figure instead of pixels."""
    kept = []

    def keep(figure, path, **_kind):
        figure.draw_without_rendering()
        kept.append(figure)
        Path(path).write_bytes(b"picture")

    monkeypatch.setattr("xnabla.plot.save_figure", keep)

    def draw(operator: str, name: str, variable: str | None = None, **rest):
        path = SHIP / name
        if not path.exists():
            pytest.skip(f"needs {path}")
        target = str(tmp_path / "out.png")
        run(Job(operator, str(path), variable, plot=target, overwrite=True, **rest))
        return kept.pop()

    return draw


def words(figure) -> str:
    texts = list(figure.texts)
    for axes in figure.axes:
        texts += [axes.title, axes._left_title, axes.xaxis.label, axes.yaxis.label]
    return " ".join(text.get_text() for text in texts)


def test_title_level_times_and_units_are_on_the_map(drawn):
    said = words(
        drawn(
            "gradient",
            "gfs_2p5deg_20110115.nc",
            "t",
            level="850",
            parameters={"units": "K/km"},
        )
    )
    for part in ("gradient of air temperature", "850 hPa", "2011-01-15 12:00 UTC"):
        assert part in said
    assert "K km⁻¹" in said


def test_the_lead_time_of_a_climate_run_is_readable(drawn):
    """Not "+2.07143e+06 h", for a mean of 2099 and a start in 1859."""
    said = words(drawn("gradient", "A1B_north_america.nc", time="-1"))
    assert "2099" in said
    assert "e+06" not in said


def test_a_negative_lead_time_is_not_called_a_forecast(drawn):
    """Not "(+-12 h)", for a monthly analysis whose reference is twelve hours later."""
    assert "+-" not in words(drawn("gradient", "ostia_monthly.nc", time="0"))


@pytest.mark.parametrize(
    ("name", "variable", "level", "time", "part"),
    [
        ("ncl_contour_nmc.cdf", "Z", "500", "1", "6"),
        ("ncl_uv300_T42.nc", "U", None, "1", "7"),
    ],
)
def test_a_time_that_is_no_date_is_told_too(drawn, name, variable, level, time, part):
    """The sixth hour of a forecast, the month of July."""
    figure = drawn("gradient", name, variable, level=level, time=time)
    # one line below the title holds what was selected
    said = " ".join(text.get_text() for text in figure.texts)
    said = re.sub(r"contours:.*", "", said)
    assert re.search(rf"(?<![\d.]){part}(?![\d.])", said), said


def test_no_two_labels_of_an_axis_lie_on_each_other(drawn):
    """On a strip of ten degrees around the globe, too."""
    figure = drawn("gradient", "ostia_monthly.nc", time="0")
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            boxes = [
                label.get_window_extent()
                for label in axis.get_ticklabels()
                if label.get_visible() and label.get_text()
            ]
            boxes = [box for box in boxes if axes.bbox.padded(60).overlaps(box)]
            for i, box in enumerate(boxes):
                for other in boxes[i + 1 :]:
                    assert not box.overlaps(other)


def test_pressure_at_sea_level_is_contoured_in_hectopascal(drawn):
    """As on every weather map, when the answer is asked for in hPa/km."""
    said = words(
        drawn(
            "gradient",
            "gfs_2p5deg_20110115.nc",
            "msl",
            parameters={"units": "hPa/km"},
        )
    )
    assert re.search(r"every [\d.]+ hPa", said), said


def test_degrees_celsius_are_written_one_way(drawn):
    for name in ("ersst_v5_mnmean.nc", "oisst_reduced_int16.nc"):
        said = words(drawn("gradient", name, "sst", time="0"))
        assert "°C" in said
        assert "degree_C" not in said
