"""Fields on small grids, for the tests of grid, labels and operators."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
RADIUS_M = 6_371_229.0


def one_d(
    points: Any,
    *,
    dim: str = "x",
    values: Any = None,
    attrs: dict[str, Any] | None = None,
    units: str | None = "K",
) -> xr.DataArray:
    """Make a field along one dimension; by default it counts the points."""
    points = np.asarray(points)
    values = np.arange(float(points.size)) if values is None else values
    return xr.DataArray(
        values,
        dims=dim,
        name="t",
        coords={dim: (dim, points, attrs or {})},
        attrs={} if units is None else {"units": units},
    )


def lat_lon(
    latitude: Any,
    longitude: Any,
    values: Any = None,
    *,
    lat_units: str | None = "degrees_north",
    lon_units: str | None = "degrees_east",
) -> xr.DataArray:
    """Make a map; ``values`` may be a function of latitude and longitude in radians."""
    latitude, longitude = np.asarray(latitude), np.asarray(longitude)
    phi = np.deg2rad(latitude.astype(float))[:, np.newaxis]
    lam = np.deg2rad(longitude.astype(float))[np.newaxis, :]
    if values is None:
        values = smooth
    if callable(values):
        values = values(phi, lam) + np.zeros((latitude.size, longitude.size))
    return xr.DataArray(
        values,
        dims=("lat", "lon"),
        name="t",
        coords={
            "lat": ("lat", latitude, {} if lat_units is None else {"units": lat_units}),
            "lon": (
                "lon",
                longitude,
                {} if lon_units is None else {"units": lon_units},
            ),
        },
        attrs={"units": "K"},
    )


def smooth(phi: Any, lam: Any) -> Any:
    """Return a function that is smooth on the globe: a polynomial in x, y and z."""
    x, y, z = np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)
    return 250.0 + 10.0 * x + 20.0 * y * z - 15.0 * z**2


def globe(step: float = 10.0, **kwargs: Any) -> xr.DataArray:
    """Make a global map with pole rows."""
    return lat_lon(
        np.arange(-90.0, 90.0 + step / 2, step), np.arange(0.0, 360.0, step), **kwargs
    )


def plane(
    nx: int = 5, ny: int = 4, slope_x: float = 2.0, slope_y: float = 3.0, **kwargs: Any
) -> xr.DataArray:
    """Make a field that rises by ``slope_x`` and ``slope_y`` each kilometre."""
    x, y = np.arange(float(nx)), np.arange(float(ny))
    attrs = {"units": "K", **kwargs}
    return xr.DataArray(
        slope_x * x[np.newaxis, :] + slope_y * y[:, np.newaxis],
        dims=("y", "x"),
        name="t",
        coords={"y": ("y", y, {"units": "km"}), "x": ("x", x, {"units": "km"})},
        attrs=attrs,
    )
