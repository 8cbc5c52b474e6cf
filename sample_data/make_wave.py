"""Make ``wave.nc``: a made-up wave in a westerly wind, three times, on a coarse globe.

    python make_wave.py

writes the file beside this script. Everything in it is a formula of latitude,
longitude, pressure and time, so nothing is downloaded.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import xarray as xr

LEVELS_HPA = np.array([1000.0, 850.0, 700.0, 500.0, 300.0])
DIMS = ("time", "plev", "lat", "lon")
NAMED = {
    "t": ("K", "air_temperature"),
    "theta": ("K", "air_potential_temperature"),
    "q": ("kg kg-1", "specific_humidity"),
    "u": ("m s-1", "eastward_wind"),
    "v": ("m s-1", "northward_wind"),
}


def wave() -> xr.Dataset:
    """Return a wave of number 4 that travels eastwards, 5 degrees in 6 hours."""
    lat, lon = np.arange(-90.0, 90.1, 7.5), np.arange(0.0, 360.0, 7.5)
    time = np.array("2001-01-01", "M8[ns]") + np.arange(3) * np.timedelta64(6, "h")
    phi, lam = np.deg2rad(lat)[:, np.newaxis], np.deg2rad(lon)
    p = LEVELS_HPA[:, np.newaxis, np.newaxis] / 1000.0
    phase = 4.0 * (lam - np.deg2rad(5.0) * np.arange(3.0)[:, None, None, None])
    shape = np.cos(phi) ** 4
    t = 290.0 * p**0.19 - 30.0 * np.sin(phi) ** 2 + 6.0 * p * shape * np.cos(phase)
    values = {
        "t": t,
        "theta": t * p**-0.2857,
        "q": 0.012 * p**3 * np.cos(phi) ** 2 * (1.0 + 0.3 * np.cos(phase)),
        "u": 25.0 * np.cos(phi) * (1.2 - p) + 8.0 * shape * np.cos(phase),
        "v": 8.0 * shape * np.sin(phase) + 0.0 * p,
    }
    fields = {
        name: (DIMS, values[name].astype("f4"), {"units": units, "standard_name": told})
        for name, (units, told) in NAMED.items()
    }
    # the eastward wind between the meridians, as on a C-grid
    ring = np.concatenate([values["u"], values["u"][..., :1]], axis=-1)
    between = {"units": "m s-1", "long_name": "wind between the meridians"}
    fields["us"] = ((*DIMS[:3], "lon_stag"), ring.astype("f4"), between)
    pressure = {"units": "hPa", "standard_name": "air_pressure", "positive": "down"}
    return xr.Dataset(
        fields,
        {
            "time": time,
            "plev": ("plev", LEVELS_HPA, pressure),
            "lat": ("lat", lat, {"units": "degrees_north"}),
            "lon": ("lon", lon, {"units": "degrees_east"}),
            "lon_stag": (
                "lon_stag",
                np.append(lon, 360.0) - 3.75,
                {"units": "degrees_east"},
            ),
        },
        {
            "Conventions": "CF-1.11",
            "title": "A made-up wave in a westerly wind",
            "source": "formulas in make_wave.py",
            "license": "CC0",
        },
    )


def main() -> None:
    """Write the file."""
    made = wave()
    path = Path(__file__).with_name("wave.nc")
    encoding = {
        name: {"zlib": True, "complevel": 9, "shuffle": True} for name in made.data_vars
    }
    made.to_netcdf(path, engine="netcdf4", encoding=encoding)
    print(f"{path.name}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
