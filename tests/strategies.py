"""Random fields, grids, gaps and chunks for the laws."""

from __future__ import annotations

import numpy as np
import xarray as xr
from hypothesis import strategies as st

ACCURACIES = st.sampled_from([2, 4, 6])


@st.composite
def latitudes(draw) -> np.ndarray:
    """Global or regional, even or not, with pole rows or without, either way."""
    n = draw(st.integers(8, 15))
    kind = draw(st.sampled_from(["poles", "half", "uneven", "region", "hemisphere"]))
    if kind == "poles":
        lat = np.linspace(-90, 90, n)
    elif kind == "half":
        lat = -90 + 180 / n * (np.arange(n) + 0.5)
    elif kind == "uneven":
        lat = np.rad2deg(np.arcsin(np.polynomial.legendre.leggauss(n)[0]))
    elif kind == "region":
        lat = draw(st.sampled_from([-60.0, 10.0])) + 3.0 * np.arange(n)
    else:
        lat = np.linspace(0, 90, n)
    return lat[:: draw(st.sampled_from([1, -1]))]


@st.composite
def longitudes(draw, *, only_around: bool = False) -> np.ndarray:
    """Around the circle or not, closed, uneven, across a seam, either way."""
    n = draw(st.integers(8, 15))
    start = draw(st.sampled_from([0.0, -180.0, 5.3, 200.0]))
    kinds = ["around", "uneven"] + ([] if only_around else ["closed", "region"])
    kind = draw(st.sampled_from(kinds))
    s = np.arange(n) / n
    if kind == "around":
        lon = start + 360 * s
    elif kind == "closed":
        lon = start + np.linspace(0, 360, n)
    elif kind == "uneven":
        lon = start + 360 * s + 20 * np.sin(2 * np.pi * s)
    else:
        lon = start + 4.0 * np.arange(n)
        lon = (lon + 180) % 360 - 180 if draw(st.booleans()) else lon
    return lon[:: draw(st.sampled_from([1, -1]))]


@st.composite
def fields(
    draw, *, gaps: bool = True, dtypes=(np.float64, np.float32), only_around=False
) -> xr.DataArray:
    """A rough field on a latitude-longitude grid, with one more dimension, anywhere."""
    lat, lon = draw(latitudes()), draw(longitudes(only_around=only_around))
    rng = np.random.default_rng(draw(st.integers(0, 999)))
    values = rng.normal(280, 15, (3, lat.size, lon.size))
    if gaps and draw(st.booleans()):
        part = draw(st.sampled_from([0.02, 0.3]))
        values[rng.random(values.shape) < part] = np.nan
    if abs(abs(lon[-1] - lon[0]) - 360) < 1e-9:
        values[..., -1] = values[..., 0]  # one place, one value
    field = xr.DataArray(
        values.astype(draw(st.sampled_from(dtypes))),
        dims=("level", "latitude", "longitude"),
        coords={
            "level": ("level", [1000.0, 850.0, 500.0], {"units": "hPa"}),
            "latitude": ("latitude", lat, {"units": "degrees_north"}),
            "longitude": ("longitude", lon, {"units": "degrees_east"}),
        },
        name="t",
        attrs={"units": "K"},
    )
    return field.transpose(*draw(st.permutations(field.dims)))


@st.composite
def chunks(draw, sizes: dict[str, int]) -> dict[str, tuple[int, ...]]:
    """Any way of cutting every dimension, down to single points."""
    cut = {}
    for dim, size in sizes.items():
        pieces = []
        while sum(pieces) < size:
            left = size - sum(pieces)
            pieces.append(draw(st.integers(1, left)))
        cut[str(dim)] = tuple(pieces)
    return cut


@st.composite
def positions(draw, *, least: int = 8) -> np.ndarray:
    """Rising or falling points with steps between 0.2 and 3, or even ones."""
    n = draw(st.integers(least, least + 8))
    if draw(st.booleans()):
        x = draw(st.sampled_from([0.25, 1.0, 2.5])) * np.arange(n)
    else:
        step = st.floats(0.2, 3.0)
        x = np.cumsum(draw(st.lists(step, min_size=n, max_size=n)))
    return x * draw(st.sampled_from([1.0, -1.0]))
