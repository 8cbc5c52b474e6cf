"""What the tests of recipes share: small recipes on small files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import xarray as xr

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "docs" / "examples" / "recipes"

SMALL = """\
[recipe]
title = "A small recipe"

[inputs.air]
path = "air.nc"

[steps.smooth]
operator = "smooth_n_point"
field = "inputs.air.t"
n = 9

[steps.grad]
operator = "gradient"
field = "smooth"
units = "K/km"

[outputs.grad]
file = "grad.nc"
variables = ["grad", "grad.magnitude"]

[outputs.smooth]
file = "smooth.nc"
variables = { smoothed = "smooth" }

[plots.grad]
file = "grad.png"
step = "grad"
"""


def air(folder: Path, name: str = "air.nc", **attributes: str) -> Path:
    """Write a small field of temperature and wind."""
    lat, lon = np.linspace(30.0, 60.0, 13), np.linspace(0.0, 40.0, 17)
    t = 280 + np.add.outer(np.sin(lat / 9), np.cos(lon / 7)) * 5
    axes = {
        "lat": ("lat", lat, {"units": "degrees_north"}),
        "lon": ("lon", lon, {"units": "degrees_east"}),
    }
    dims = ("lat", "lon")
    wind = {"units": "m s-1"}
    ds = xr.Dataset(
        {
            "t": (dims, t.astype("f4"), {"units": "K", **attributes}),
            "u": (dims, t - 280, {**wind, "standard_name": "eastward_wind"}),
            "v": (dims, 280 - t, {**wind, "standard_name": "northward_wind"}),
        },
        axes,
    )
    path = folder / name
    ds.to_netcdf(path, engine="netcdf4")
    return path


def small(folder: Path, text: str = SMALL, name: str = "small.toml") -> Path:
    """Write a recipe and its data into a folder."""
    folder.mkdir(exist_ok=True, parents=True)
    air(folder)
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def bytes_in(folder: Path) -> dict[str, bytes]:
    """Return what the files of data and pictures in a folder hold."""
    kinds = (".nc", ".png", ".svg", ".pdf")
    return {
        one.name: one.read_bytes()
        for one in sorted(folder.iterdir())
        if one.suffix in kinds and one.name != "air.nc"
    }
