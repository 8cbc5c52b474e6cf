"""A small analysis that holds what every operator of the catalogue needs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import xarray as xr

DIMS = ("time", "plev", "lat", "lon")
LEVELS_HPA = np.array([1000.0, 850.0, 700.0, 500.0])
_WIND_BETWEEN = {"units": "m s-1", "long_name": "wind between meridians"}
_NAMED = {
    "t": ("K", "air_temperature"),
    "theta": ("K", "air_potential_temperature"),
    "q": ("kg kg-1", "specific_humidity"),
    "u": ("m s-1", "eastward_wind"),
    "v": ("m s-1", "northward_wind"),
    "omega": ("Pa s-1", "lagrangian_tendency_of_air_pressure"),
    "gh": ("m", "geopotential_height"),
    "ug": ("m s-1", ""),
    "vg": ("m s-1", ""),
}


def analysis() -> xr.Dataset:
    """Three times, four levels, a globe every 15 degrees, all of it smooth."""
    lat, lon = np.linspace(-75.0, 75.0, 11), np.arange(0.0, 360.0, 15.0)
    time = np.array("2001-02-03", "M8[ns]") + np.arange(3) * np.timedelta64(6, "h")
    phi, lam = np.deg2rad(lat)[:, None], np.deg2rad(lon)
    p = LEVELS_HPA[:, None, None] / 1000.0
    hour = np.arange(3.0)[:, None, None, None]
    wave = np.cos(phi) ** 2 * np.cos(2 * lam - 0.1 * hour)
    t = 290.0 * p**0.19 - 30.0 * np.sin(phi) ** 2 + 5.0 * wave
    u = 10.0 * np.cos(phi) / p + 3.0 * wave
    v = 4.0 * np.cos(phi) * np.sin(2 * lam - 0.1 * hour) * p
    values = {
        "t": t,
        "theta": t * p**-0.2857,
        "q": 0.01 * p**3 * (1.0 + 0.2 * wave),
        "u": u,
        "v": v,
        "omega": 0.1 * wave * p,
        "gh": -8000.0 * np.log(p) + 200.0 * wave - 300.0 * np.sin(phi) ** 2,
        "ug": 0.9 * u,
        "vg": 0.9 * v,
    }
    shape = np.broadcast_shapes(*(part.shape for part in values.values()))
    fields = {}
    for name, (units, standard_name) in _NAMED.items():
        attrs = {"units": units, "standard_name": standard_name}
        told = {key: value for key, value in attrs.items() if value}
        fields[name] = (DIMS, np.broadcast_to(values[name], shape).copy(), told)
    ground = {"units": "K", "standard_name": "air_temperature"}
    fields["t2m"] = (DIMS[2:], t[0, 0] + 2.0, ground)
    # a wind between the meridians of the others, as on a C-grid
    staggered = np.concatenate([u, u[..., :1]], axis=-1)
    fields["us"] = ((*DIMS[:3], "lon_stag"), staggered, _WIND_BETWEEN)
    pressure = {
        "units": "hPa",
        "standard_name": "air_pressure",
        "positive": "down",
    }
    return xr.Dataset(
        fields,
        {
            "time": time,
            "plev": ("plev", LEVELS_HPA, pressure),
            "lat": ("lat", lat, {"units": "degrees_north"}),
            "lon": ("lon", lon, {"units": "degrees_east"}),
            "lon_stag": (
                "lon_stag",
                np.append(lon, 360.0) - 7.5,
                {"units": "degrees_east"},
            ),
        },
        {"title": "an analysis", "secret": "not handed on"},
    )


def written(dataset: xr.Dataset, path: Path) -> str:
    """Write a dataset and return its name."""
    dataset.to_netcdf(path, engine="netcdf4")
    return str(path)


# What a job must name beside the file.
NAMED: dict[str, dict[str, str]] = {
    "advection": {"field": "t"},
    "coriolis_parameter": {"latitude": "t"},
    "destagger": {"field": "us"},
    "material_derivative": {"field": "t"},
}
ONE_FIELD = "gh"
PARAMETERS = {
    "derivative": {"dim": "lat"},
    "thermal_wind": {"bottom": "850 hPa", "top": "500 hPa"},
    "smooth_gaussian": {"n": 6.0},
    "smooth_n_point": {"n": 9},
    "smooth_window": {"window": "1 2 1; 2 4 2; 1 2 1"},
    "smooth_rectangular": {"size": 3},
    "smooth_circular": {"radius": 1},
}


def job_of(name: str) -> dict:
    """Return what the job of an operator on the analysis says besides its targets."""
    from xnabla.operators import CATALOGUE

    plain = CATALOGUE[name].fields == ("field",) and name not in NAMED
    field = "t" if name == "thermal_wind" else ONE_FIELD
    return {
        "operator": name,
        "variable": field if plain else None,
        "inputs": NAMED.get(name, {}),
        "parameters": PARAMETERS.get(name, {}),
    }
