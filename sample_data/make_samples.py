"""Make gfs_20110115.nc and analytic.nc: python make_samples.py PATH_TO_GFS_SOURCE.

The source is the NetCDF copy of pygrib's GFS sample that README.md describes. The
same source and the same libraries give the same values; the numbers of the source
are copied bit for bit.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import xarray as xr

HERE = Path(__file__).parent
LEVELS_HPA = [1000, 925, 850, 700, 500, 400, 300, 250, 200, 100]
NAMES = ["t", "u", "v", "gh", "msl", "t2m", "lsm"]
EARTH_RADIUS_M = 6_371_229.0

LONG_NAMES = {
    "t": "air temperature",
    "u": "eastward wind",
    "v": "northward wind",
    "gh": "geopotential height",
    "msl": "air pressure at mean sea level",
    "t2m": "air temperature 2 m above the ground",
    "lsm": "land mask (1 land, 0 sea)",
    "lat": "latitude",
    "lon": "longitude",
    "plev": "pressure",
    "time": "valid time",
    "forecast_reference_time": "time at which the forecast was started",
}


def gfs_sample(source: Path) -> xr.Dataset:
    """Take seven variables on ten levels out of the source, values untouched."""
    # Undecoded, so that times and attributes are the source's own.
    with xr.open_dataset(source, decode_cf=False) as opened:
        whole = opened.load()
    sample = whole[[*NAMES, "time", "forecast_reference_time"]].sel(plev=LEVELS_HPA)
    for name, long_name in LONG_NAMES.items():
        sample[name].attrs["long_name"] = long_name
    sample.attrs = {
        "Conventions": "CF-1.11",
        "title": "GFS 2.5 degree, 120 h forecast valid 2011-01-15 12 UTC",
        "institution": whole.attrs["institution"],
        "source": whole.attrs["source"],
        "license": whole.attrs["license"],
        "comment": "Subset by make_samples.py: ten levels, seven variables.",
    }
    return sample


def exact(
    lat: np.ndarray, lon: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return T in K and its eastward and northward derivatives in K m-1.

    T    = 273.15 + 20 cos⁴φ sinφ cos4λ + 15 cosφ cosλ + 10 sinφ
    T_x  = (∂T/∂λ) / (a cosφ), the cosφ cancelled, so that the poles are included
    T_y  = (∂T/∂φ) / a
    """
    phi, lam = np.deg2rad(lat)[:, None], np.deg2rad(lon)[None, :]
    # Exactly zero at the poles, where cos(π/2) is 6e-17.
    cos = np.where(np.abs(lat) == 90, 0.0, np.cos(np.deg2rad(lat)))[:, None]
    sin, a = np.sin(phi), EARTH_RADIUS_M
    t = 273.15 + 20 * cos**4 * sin * np.cos(4 * lam) + 15 * cos * np.cos(lam) + 10 * sin
    t_x = (-80 * cos**3 * sin * np.sin(4 * lam) - 15 * np.sin(lam)) / a
    t_y = (
        20 * np.cos(4 * lam) * (cos**5 - 4 * cos**3 * sin**2)
        - 15 * sin * np.cos(lam)
        + 10 * cos
    ) / a
    return t, t_x, t_y


def check_exact() -> None:
    """Compare the formulas with great-circle differences, next to the poles too."""
    lat = np.array([-90 + 1e-6, -89.0, -40.0, 0.0, 33.0, 89.0, 90 - 1e-6])
    lon = np.arange(0.0, 360.0, 7.5)
    _, t_x, t_y = exact(lat, lon)
    phi, lam = np.deg2rad(lat)[:, None, None], np.deg2rad(lon)[None, :, None]
    position = np.concatenate(
        np.broadcast_arrays(
            np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)
        ),
        axis=2,
    )
    east = np.concatenate(
        np.broadcast_arrays(-np.sin(lam), np.cos(lam), 0 * phi), axis=2
    )
    north = np.cross(position, east)
    step = 1e-5

    def along(direction: np.ndarray) -> np.ndarray:
        ahead = np.cos(step) * position + np.sin(step) * direction
        behind = np.cos(step) * position - np.sin(step) * direction
        return (_at(ahead) - _at(behind)) / (2 * step * EARTH_RADIUS_M)

    worst = max(
        np.abs(along(east) - t_x).max(),
        np.abs(along(north) - t_y).max(),
    )
    # The pole row itself must be the limit of the rows that approach it.
    _, x_pole, y_pole = exact(np.array([-90.0, 90.0]), lon)
    ends = [0, -1]
    limit = max(np.abs(t_x[ends] - x_pole).max(), np.abs(t_y[ends] - y_pole).max())
    print(f"worst difference {worst:.1e} K/m, pole row against limit {limit:.1e} K/m")
    if worst > 1e-11 or limit > 1e-12:
        raise SystemExit("the exact derivatives are wrong")


def _at(position: np.ndarray) -> np.ndarray:
    """Evaluate T at points of the unit sphere, written in x, y, z."""
    x, y, z = np.moveaxis(position, -1, 0)
    # cos⁴φ cos4λ is the real part of (x + iy)⁴.
    return 273.15 + 20 * z * ((x + 1j * y) ** 4).real + 15 * x + 10 * z


def analytic_sample() -> xr.Dataset:
    """Sample the exact field on the 2.5 degree grid, pole rows included."""
    lat, lon = np.linspace(90.0, -90.0, 73), np.arange(144) * 2.5
    t, t_x, t_y = exact(lat, lon)
    mapped = {"grid_mapping": "crs"}
    rows = ("lat", "lon")
    return xr.Dataset(
        {
            "T": (
                rows,
                t,
                {
                    "units": "K",
                    "standard_name": "air_temperature",
                    "long_name": "made-up air temperature",
                    **mapped,
                },
            ),
            "dT_dx_exact": (
                rows,
                t_x,
                {
                    "units": "K m-1",
                    "long_name": "exact eastward derivative of T",
                    **mapped,
                },
            ),
            "dT_dy_exact": (
                rows,
                t_y,
                {
                    "units": "K m-1",
                    "long_name": "exact northward derivative of T",
                    **mapped,
                },
            ),
            "crs": (
                (),
                np.int32(0),
                {
                    "grid_mapping_name": "latitude_longitude",
                    "earth_radius": EARTH_RADIUS_M,
                },
            ),
        },
        coords={
            "lat": (
                "lat",
                lat,
                {"units": "degrees_north", "standard_name": "latitude", "axis": "Y"},
            ),
            "lon": (
                "lon",
                lon,
                {"units": "degrees_east", "standard_name": "longitude", "axis": "X"},
            ),
        },
        attrs={
            "Conventions": "CF-1.11",
            "title": "A smooth field whose gradient is known exactly",
            "license": "CC0-1.0",
            "comment": (
                "T = 273.15 + 20 cos^4(lat) sin(lat) cos(4 lon)"
                " + 15 cos(lat) cos(lon) + 10 sin(lat), in K; made by make_samples.py"
            ),
        },
    )


def write(sample: xr.Dataset, path: Path) -> None:
    """Write deflated NetCDF-4 without the fill values xarray would add."""
    squeezed = {"zlib": True, "complevel": 9, "shuffle": True}
    encoding = {
        name: {"_FillValue": None} | (squeezed if sample[name].ndim >= 2 else {})
        for name in sample.variables
    }
    sample.to_netcdf(path, engine="netcdf4", format="NETCDF4", encoding=encoding)
    print(f"{path.name}: {path.stat().st_size:,} bytes")


def main() -> None:
    """Make both files beside this script."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path, help="the GFS source in NetCDF")
    parser.add_argument("-o", "--out", type=Path, default=HERE, help="the folder")
    options = parser.parse_args()
    check_exact()
    write(gfs_sample(options.source), options.out / "gfs_20110115.nc")
    write(analytic_sample(), options.out / "analytic.nc")


if __name__ == "__main__":
    main()
