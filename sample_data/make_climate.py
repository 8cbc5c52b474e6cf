"""Make a1b_north_america.nc: python make_climate.py PATH_TO_A1B_SOURCE.

The source is the file of iris-sample-data that README.md describes. Sixty of its years
are taken, and packed to a hundredth of a kelvin.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import xarray as xr

HERE = Path(__file__).parent
FIRST, LAST = "1951", "2010"
SCALE_K = 0.01


def climate_sample(source: Path) -> xr.Dataset:
    """Return the years 1951 to 2010 of the source."""
    with xr.open_dataset(source, engine="netcdf4", decode_coords="all") as opened:
        whole = opened.load()
    sample = whole.sel(time=slice(FIRST, LAST))
    sample = sample.drop_vars(["forecast_period", "forecast_reference_time"])
    field = sample["air_temperature"]
    # limits of the whole source, and words of its own tools
    field.attrs = {
        "standard_name": "air_temperature",
        "long_name": "air temperature 1.5 m above the ground",
        "units": "K",
        "cell_methods": whole["air_temperature"].attrs["cell_methods"],
    }
    field.encoding = {
        "grid_mapping": field.encoding["grid_mapping"],
        "dtype": "int16",
        "scale_factor": SCALE_K,
        "add_offset": 273.15,
        "_FillValue": np.int16(-32768),
        "zlib": True,
        "complevel": 9,
        "shuffle": True,
    }
    for coordinate in sample.coords.values():
        coordinate.encoding["_FillValue"] = None
    sample.attrs = {
        "Conventions": "CF-1.11",
        "title": "Yearly mean near-surface temperature over North America, 1951-2010, "
        "in a simulation of the SRES A1B scenario",
        "institution": "Met Office Hadley Centre",
        "source": "iris-sample-data, A1B_north_america.nc; packed to 0.01 K",
        "license": "Open Government Licence v3.0; contains public sector information "
        "licensed by the Met Office, Crown copyright",
        "comment": "A model, not observations. Subset by make_climate.py.",
    }
    return sample


def main() -> None:
    """Write the file beside this script."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path)
    source = parser.parse_args().source
    target = HERE / "a1b_north_america.nc"
    climate_sample(source).to_netcdf(target, engine="netcdf4")


if __name__ == "__main__":
    main()
