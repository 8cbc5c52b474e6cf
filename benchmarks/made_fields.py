"""Fields to measure on: those of a reanalysis in size, smooth and exactly known."""

from __future__ import annotations

import numpy as np
import xarray as xr


def globe(times: int, rows: int, columns: int) -> dict[str, xr.DataArray]:
    """Return temperature and wind on a global grid with pole rows."""
    lat, lon = np.linspace(90.0, -90.0, rows), np.arange(columns) * (360.0 / columns)
    phi, lam = np.deg2rad(lat)[:, None], np.deg2rad(lon)[None, :]
    cos, sin = np.cos(phi), np.sin(phi)
    t = 250 + 40 * cos + 10 * cos**4 * np.cos(5 * lam)
    u = 30 * cos * (1 + 0.2 * cos**2 * np.cos(3 * lam))
    v = 12 * cos**3 * sin * np.sin(4 * lam)
    step = np.arange(times, dtype=np.float64)[:, None, None]
    hours = np.datetime64("2011-01-15", "ns") + np.arange(times) * np.timedelta64(
        1, "h"
    )
    coordinates = {
        "time": hours,
        "latitude": ("latitude", lat, {"units": "degrees_north"}),
        "longitude": ("longitude", lon, {"units": "degrees_east"}),
    }

    def made(values: np.ndarray, units: str, name: str) -> xr.DataArray:
        out = np.empty((times, rows, columns), np.float32)
        for k in range(times):
            out[k] = values * (1.0 + 0.001 * step[k])
        return xr.DataArray(
            out,
            dims=("time", "latitude", "longitude"),
            coords=coordinates,
            attrs={"units": units},
            name=name,
        )

    return {"t": made(t, "K", "t"), "u": made(u, "m/s", "u"), "v": made(v, "m/s", "v")}


def ocean(field: xr.DataArray) -> xr.DataArray:
    """Return a field with continents of NaN, three tenths of it."""
    lat, lon = np.deg2rad(field.latitude), np.deg2rad(field.longitude)
    land = (np.sin(3 * lon) * np.cos(2 * lat) + 0.3 * np.sin(9 * lon + 4 * lat)) > 0.35
    return field.where(~land.transpose("latitude", "longitude")).assign_attrs(
        field.attrs
    )


def uneven(field: xr.DataArray) -> xr.DataArray:
    """Return the same values at longitudes of which no two steps are alike."""
    lon = field.longitude.values
    moved = lon + 0.2 * (lon[1] - lon[0]) * np.sin(np.deg2rad(3.0 * lon))
    return field.assign_coords(
        longitude=("longitude", moved, {"units": "degrees_east"})
    )


def levels(count: int, rows: int, columns: int) -> xr.DataArray:
    """Return temperature on uneven pressure levels."""
    pressure = np.linspace(1.0, 31.6, count) ** 2
    one = globe(1, rows, columns)["t"]
    values = one.values[0] + 50.0 * np.log(pressure)[:, None, None]
    return xr.DataArray(
        values.astype(np.float32),
        dims=("plev", "latitude", "longitude"),
        coords={
            "plev": ("plev", pressure, {"units": "hPa", "positive": "down"}),
            "latitude": one.latitude,
            "longitude": one.longitude,
        },
        attrs={"units": "K"},
        name="t",
    )


def on_levels(field: xr.DataArray) -> xr.DataArray:
    """Return the times of a field as levels of pressure."""
    pressure = np.linspace(100.0, 1000.0, field.sizes["time"])
    axis = ("plev", pressure, {"units": "hPa", "positive": "down"})
    return field.rename(time="plev").assign_coords(plev=axis)


def curvilinear(size: int) -> xr.DataArray:
    """Return a field on a regional grid that leans and bends."""
    y, x = np.meshgrid(np.arange(size), np.arange(size), indexing="ij")
    lat = 30 + 0.01 * y + 0.002 * np.sin(x / 200)
    lon = 10 + 0.012 * x + 0.003 * y
    values = 280 + 5 * np.sin(lat / 3) * np.cos(lon / 4)
    return xr.DataArray(
        values.astype(np.float32),
        dims=("y", "x"),
        coords={
            "lat": (("y", "x"), lat, {"units": "degrees_north"}),
            "lon": (("y", "x"), lon, {"units": "degrees_east"}),
        },
        attrs={"units": "K"},
        name="t",
    )
