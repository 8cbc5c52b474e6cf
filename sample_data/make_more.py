"""Make a1b_north_america.nc, nam_20180917.nc and orca1_201501.nc.

    python make_more.py FOLDER_WITH_THE_SOURCES

The sources are the files that README.md names. Values are taken as they are, fewer of
them: what no example needs is left out.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import xarray as xr

HERE = Path(__file__).parent
NAM_LEVELS_HPA = [850, 500, 250]
OGL = "Open Government Licence v3.0; contains public sector information"


def scenario(folder: Path) -> xr.Dataset:
    """Take the yearly temperatures of the A1B scenario, without their bounds."""
    sample = _read(folder / "A1B_north_america.nc")
    sample = sample[["air_temperature", "latitude_longitude"]]
    sample["air_temperature"].attrs.pop("coordinates")
    sample["time"].attrs.pop("bounds")
    return _titled(
        sample,
        "Yearly mean air temperature at 1.5 m, North America, 1860-2099, scenario A1B",
        "Met Office Unified Model 6.05, from PyPI's iris-sample-data",
        f"{OGL}, British Crown copyright, Met Office",
    )


def nam(folder: Path) -> xr.Dataset:
    """Take wind, temperature and height of three levels of the NAM analysis."""
    sample = _read(folder / "nam211_lambert_20180917.nc")
    sample = sample[["u", "v", "t", "gh", "lcc", "lat", "lon", "time"]]
    sample = sample.sel(plev=NAM_LEVELS_HPA)
    return _titled(
        sample,
        "NAM analysis 2018-09-17 00 UTC, grid 211: Lambert conformal, 81.271 km",
        "NOAA/NCEP, from nam.t00z.awp21100.tm00.grib2 of cfgrib 0.9.15.1",
        "Public domain (US Government work, NOAA/NCEP)",
    )


def ocean(folder: Path) -> xr.Dataset:
    """Take the sea surface temperature of one month on the tripolar grid."""
    sample = _read(folder / "nemo_orca1_gridT_201501.nc")
    sample = sample[["tos", "nav_lat", "nav_lon"]].isel(time_counter=0, drop=True)
    sample["tos"].attrs["coordinates"] = "nav_lat nav_lon"
    for name in ("nav_lat", "nav_lon"):
        sample[name].attrs.pop("bounds")
    sample["tos"].attrs.pop("cell_measures")
    return _titled(
        sample,
        "Sea surface temperature, January 2015, NEMO on ORCA1: tripolar, 1 degree",
        "NEMO, from PyPI's iris-sample-data",
        f"{OGL}, British Crown copyright, Met Office",
    )


def _read(path: Path) -> xr.Dataset:
    # undecoded, so that times and attributes are the source's own
    with xr.open_dataset(path, decode_cf=False, engine="netcdf4") as opened:
        return opened.load()


def _titled(sample: xr.Dataset, title: str, source: str, licence: str) -> xr.Dataset:
    told = {"title": title, "source": source, "license": licence}
    sample.attrs = {"Conventions": "CF-1.8", **told, "comment": "Part of the source."}
    return sample


def main() -> None:
    """Write the three files."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    made = {
        "a1b_north_america.nc": scenario(folder),
        "nam_20180917.nc": nam(folder),
        "orca1_201501.nc": ocean(folder),
    }
    for name, sample in made.items():
        sample.encoding = {}
        for one in sample.variables.values():
            one.encoding = {"zlib": True, "complevel": 9} if one.ndim else {}
            one.encoding["_FillValue"] = one.attrs.pop("_FillValue", None)
        sample.to_netcdf(HERE / name, engine="netcdf4")
        print(f"{name}: {(HERE / name).stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
