"""Small pictures of every kind that are compared with those kept in ``baseline``.

Made anew, after a change that is meant: ``python tests/plot/shots.py`` from the top of
the repository; then look at all of them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import xarray as xr
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from plot.test_chart import lambert, rotated, turned

from xnabla import gradient, plot, trend

BASELINE = Path(__file__).parent / "baseline"
DPI = 24


def weather() -> xr.Dataset:
    """A made-up analysis: three levels, two times, every 5 degrees, poles and all."""
    lat, lon = np.linspace(90.0, -90.0, 37), np.arange(0.0, 360.0, 5.0)
    p = np.array([1000.0, 500.0, 200.0])
    phi, lam = np.deg2rad(lat)[:, None], np.deg2rad(lon)
    level, hour = np.log(1000.0 / p)[:, None, None], np.arange(2.0)[:, None, None, None]
    wave = np.cos(phi) ** 3 * np.cos(3.0 * lam - 0.5 * hour)
    jet = (10.0 + 25.0 * level) * np.sin(2.0 * phi) ** 2 * np.cos(phi)
    values = {
        "t": (295.0 - 35.0 * level - 40.0 * np.sin(phi) ** 2 + 8.0 * wave, "K"),
        "u": (jet + 4.0 * wave, "m s-1"),
        "v": (12.0 * np.cos(phi) ** 2 * np.sin(3.0 * lam), "m s-1"),
    }
    dims = ("time", "plev", "lat", "lon")
    full = 0.0 * (level + hour + phi + lam)
    pressure = {"units": "hPa", "standard_name": "air_pressure"}
    return xr.Dataset(
        {name: (dims, v + full, {"units": unit}) for name, (v, unit) in values.items()},
        {
            "time": np.array(["2001-01-01", "2001-02-01"], "M8[ns]"),
            "plev": ("plev", p, pressure),
            "lat": ("lat", lat, {"units": "degrees_north"}),
            "lon": ("lon", lon, {"units": "degrees_east"}),
        },
    )


def flat() -> xr.Dataset:
    return weather().isel(time=0, plev=1)


def masked() -> xr.DataArray:
    """Land without values, in the middle and at the seam."""
    t = flat()["t"]
    return t.where((np.abs(t.lat) < 20) | (np.abs(t.lon - 20) > 40))


def series() -> Figure:
    days = np.array("2001-01-01", "M8[ns]") + np.arange(60) * np.timedelta64(31, "D")
    values = 280.0 + 5.0 * np.sin(np.arange(60.0) / 1.9) + 0.1 * np.arange(60)
    t = xr.DataArray(values, {"time": days}, "time", "t", {"units": "K"})
    return plot.timeseries(t, fit=trend(t, se="ols"))


def pacific() -> xr.Dataset:
    return flat().sel(lat=slice(60, 10)).sel(lon=slice(140, 240))


# Every kind of picture there is, by the name of its file.
SHOTS: dict[str, Callable[[], Figure]] = {
    "gradient": lambda: plot.gradient(gradient(flat()["t"]), field=flat()["t"]),
    "signed": lambda: plot.field(flat()["v"]),
    "missing": lambda: plot.field(masked()),
    "dateline": lambda: plot.field(
        pacific()["t"],
        contours_of=pacific()["t"],
        arrows_of=(pacific()["u"], pacific()["v"]),
    ),
    "cap": lambda: plot.vectors(
        flat()["u"].sel(lat=slice(90, 55)), flat()["v"].sel(lat=slice(90, 55))
    ),
    "lambert": lambda: plot.field(lambert(), contours_of=lambert()),
    "pole_inside": lambda: plot.field(turned((21, 21), 2.0, 88.0, 30.0)),
    "rotated": lambda: plot.field(rotated()),
    "panels": lambda: plot.field(weather()["t"]),
    "arrows": lambda: plot.vectors(flat()["u"], flat()["v"]),
    "streamlines": lambda: plot.streamlines(flat()["u"], flat()["v"]),
    "section": lambda: plot.section(
        weather()["u"].isel(time=0), {"latitude": 45}, contours_of=weather().t[0]
    ),
    "great_circle": lambda: plot.section(
        weather()["t"].isel(time=0), [(50, 150), (50, -130)]
    ),
    "hovmoeller": lambda: plot.section(
        weather()["v"].isel(plev=2), {"latitude": 40}, levels=6
    ),
    "robinson": lambda: plot.field(masked(), projection="ESRI:54030"),
    "timeseries": series,
}


def pixels(figure: Figure) -> NDArray[np.uint8]:
    """Return a small picture without its words: fonts differ from place to place."""
    for text in figure.findobj(Text):
        text.set_visible(False)
    figure.set_dpi(DPI)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()


if __name__ == "__main__":
    from PIL import Image

    BASELINE.mkdir(exist_ok=True)
    for name, shot in SHOTS.items():
        image = Image.fromarray(pixels(shot()))
        image.save(BASELINE / f"{name}.png", optimize=True)
