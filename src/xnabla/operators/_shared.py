"""The inputs and parameters that entries of the catalogue share."""

from __future__ import annotations

from xnabla.operators._entry import Input, Parameter

UNITS = Parameter("units", "Unit of the result, for instance K/km.")
ACCURACY = Parameter(
    "accuracy", "Order of the error in the spacing.", "choice", (2, 4, 6), default="2"
)
EDGES = Parameter(
    "edges",
    "What the ends of an axis get.",
    "choice",
    ("one-sided", "missing"),
    default="one-sided",
)
MISSING = Parameter(
    "missing",
    "What a NaN in a stencil does.",
    "choice",
    ("propagate", "shrink"),
    default="propagate",
)
POLES = Parameter(
    "poles",
    "What rows beside a pole get.",
    "choice",
    ("across", "missing"),
    default="across",
)
EARTH = Parameter(
    "earth",
    "Figure of the Earth: WGS84, GRS80, … or a radius in m.",
    default="what the file says, else a sphere of 6371229 m",
)
PERIODIC = Parameter(
    "periodic",
    "Whether longitudes close the circle.",
    "choice",
    (True, False),
    default="found out",
)
CRS = Parameter(
    "crs",
    "Map projection of x and y: EPSG:3995, a PROJ string, ….",
    default="what the file says",
)
WIND = Parameter(
    "wind",
    "Whether u and v are eastward and northward, or along the grid.",
    "choice",
    ("earth", "grid"),
    default="what the standard names say",
)
FRAME = Parameter(
    "frame",
    "Components eastward and northward, or along the grid.",
    "choice",
    ("earth", "grid"),
    default="earth",
)
ERROR = Parameter(
    "error",
    "Estimate the truncation error of each component too.",
    "flag",
    (True, False),
)
MIN_LATITUDE = Parameter(
    "min_latitude",
    "Degrees from the equator within which there is no balance.",
    "number",
    default="5",
)
EQUATOR = Parameter(
    "equator",
    "What points so near the equator get.",
    "choice",
    ("missing", "refuse"),
    default="missing",
)
DIM = Parameter("dim", "Dimension, or its role: latitude, time, …", required=True)
DIMS = Parameter("dims", "Dimensions, with commas.", default="the horizontal ones")
ORDER = Parameter("order", "First or second derivative.", "choice", (1, 2), default="1")
PRESSURE = Parameter(
    "pressure",
    "Pressure of the field, such as '850 hPa'.",
    default="its vertical coordinate",
)

WINDOW_EDGES = Parameter(
    "edges",
    "What points get whose window leaves the grid.",
    "choice",
    ("one-sided", "missing", "unsmoothed", "reflect"),
    default="one-sided",
)
PASSES = Parameter("passes", "How often.", "integer", default="1")

SHARED = (UNITS, ACCURACY, EDGES, MISSING, POLES, EARTH, PERIODIC, CRS)
SMOOTHING = (DIMS, WINDOW_EDGES, MISSING, POLES, PERIODIC)
FLOW = (*SHARED, WIND)
BALANCE = (*SHARED, MIN_LATITUDE, EQUATOR, FRAME)

FIELD = Input("field", "The field.")
# What models and archives call their winds, eastward and northward in step: CMIP, WRF,
# NCEP, MERRA-2, COSMO, ERA5 in full words, NEMO.
_WINDS = (
    *(("u", "v"), ("uwnd", "vwnd"), ("ua", "va"), ("U", "V"), ("u10", "v10")),
    *(("uo", "vo"), ("uas", "vas"), ("U10", "V10"), ("u100", "v100")),
    *(("10u", "10v"), ("100u", "100v"), ("ugrd", "vgrd"), ("UGRD", "VGRD")),
    *(("U10M", "V10M"), ("U_10M", "V_10M"), ("u_wind", "v_wind")),
    ("u_component_of_wind", "v_component_of_wind"),
    ("10m_u_component_of_wind", "10m_v_component_of_wind"),
    ("vozocrtx", "vomecrty"),
)

# CF's names of motion along the surface, eastward and northward in step.
_MOTIONS = (
    ("eastward_wind", "northward_wind"),
    ("x_wind", "y_wind"),
    ("eastward_sea_water_velocity", "northward_sea_water_velocity"),
    ("sea_water_x_velocity", "sea_water_y_velocity"),
    ("grid_eastward_wind", "grid_northward_wind"),
    ("eastward_sea_ice_velocity", "northward_sea_ice_velocity"),
    ("sea_ice_x_velocity", "sea_ice_y_velocity"),
)

EASTWARD = Input(
    "u",
    "Wind towards the east, or along x.",
    tuple(u for u, _ in _MOTIONS),
    tuple(u for u, _ in _WINDS),
)
NORTHWARD = Input(
    "v",
    "Wind towards the north, or along y.",
    tuple(v for _, v in _MOTIONS),
    tuple(v for _, v in _WINDS),
)
UPWARD = Input(
    "w",
    "Motion along the vertical coordinate: Pa/s on pressure, m/s on height.",
    ("lagrangian_tendency_of_air_pressure", "upward_air_velocity"),
    ("w", "omega", "wap"),
    required=False,
)
HEIGHT = Input(
    "height",
    "Geopotential height, or geopotential.",
    ("geopotential_height", "geopotential"),
    ("gh", "z", "zg", "hgt", "Z"),
)
TEMPERATURE = Input(
    "temperature", "Temperature.", ("air_temperature",), ("t", "ta", "T", "air", "tk")
)
POTENTIAL_TEMPERATURE = Input(
    "potential_temperature",
    "Potential temperature.",
    ("air_potential_temperature",),
    ("theta", "th", "pt"),
)
HUMIDITY = Input(
    "specific_humidity",
    "Specific humidity, or mixing ratio.",
    ("specific_humidity", "humidity_mixing_ratio"),
    ("q", "hus", "huss", "QVAPOR", "shum"),
)
