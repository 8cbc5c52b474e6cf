"""The descents we offer as commands, as plain data beside the operators.

Nothing heavy is imported here, so that ``xnabla --help`` answers at once.
"""

from __future__ import annotations

from xnabla.operators import CATALOGUE as OPERATORS
from xnabla.operators import Input, Operator, Parameter

_GFS = "sample_data/gfs_20110115.nc"
_YEARS = "sample_data/a1b_north_america.nc"

FIELD = Input("field", "The field.")

DIM = Parameter("dim", "Dimension, or its role, to fit along.", default="time")
PER = Parameter(
    "per",
    "What slopes are counted per: decade, year, day, ….",
    default="decade along time, else the unit of the coordinate",
)
SE = Parameter(
    "se",
    "Standard errors: residuals remember the last one, are independent, or any.",
    "choice",
    ("ar1", "ols", "hac"),
    default="ar1",
)
MIN_VALID = Parameter(
    "min_valid",
    "Fewest valid values of a cell.",
    "integer",
    default="one more than coefficients",
)
CONFIDENCE = Parameter(
    "confidence", "Level of confidence intervals.", "number", default="0.95"
)
LAGS = Parameter("lags", "Lags of --se hac.", "integer", default="4 (n/100)^(2/9)")
METHOD = Parameter(
    "method",
    "How the fit is found: solved for, or by a method of descent.",
    "choice",
    ("auto", "gd", "momentum", "nesterov", "bb", "adam", "sgd", "newton", "lm"),
    default="auto, which solves",
)
LINEAR = (SE, MIN_VALID, CONFIDENCE, LAGS, METHOD)

PREDICTORS = Input(
    "predictors", "What to regress on: variables, with commas.", several=True
)
RIDGE = Parameter(
    "ridge", "Strength of a penalty on large coefficients.", "number", default="none"
)
HARMONICS = Parameter("n", "Number of harmonics.", "integer", default="2")
PERIOD = Parameter("period", "Length of the cycle.", default="1 year")
TREND = Parameter(
    "trend",
    "Whether a straight line is fitted with them.",
    "choice",
    (True, False),
    default="yes",
)
_CELLS = "xnabla.descent.cells"

MIN_PERSISTENCE = Parameter(
    "min_persistence",
    "Least difference to the saddle that ends it, with its unit.",
    default="none: every one",
)
SMOOTH = Parameter(
    "smooth", "A length to smooth with before: '600 km'.", default="none"
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
SURFACE = (MIN_PERSISTENCE, SMOOTH, EARTH, PERIODIC, CRS)
_SURFACE = "xnabla.descent.surface"

MAX_GAP = Parameter(
    "max_gap",
    "Points further than half of this from all observed ones stay missing: 500 km.",
    default="all are filled",
)
LENGTH_SCALE = Parameter(
    "length_scale",
    "L, with its unit: half of a wave of length 2 pi L is left.",
    default="300 km",
)
PLACE = (EARTH, PERIODIC, CRS)
_INVERSION = "xnabla.descent.inversion"

# What each room of descent offers: a row each, found in the room by its name.
CATALOGUE: dict[str, Operator] = {
    operator.name: operator
    for operator in (
        Operator(
            "trend",
            (FIELD,),
            (DIM, PER, *LINEAR),
            "Linear trend in every cell, with its standard error and p-value.",
            "y = a + b (t - mean t), least squares",
            f"xnabla trend {_YEARS} -o trend.nc --plot trend.png",
            _CELLS,
            gives="fields",
            reach="line",
            unit="[f] per decade, year, …",
        ),
        Operator(
            "theil_sen",
            (FIELD,),
            (DIM, PER, MIN_VALID, CONFIDENCE),  # not memory: of commands, that is RAM
            "Robust trend in every cell: the median slope, and Mann-Kendall's test.",
            "b = median of (y_j - y_i) / (t_j - t_i) over all i < j",
            f"xnabla theil_sen {_YEARS} -o trend.nc --plot trend.png",
            _CELLS,
            gives="fields",
            reach="line",
            unit="[f] per decade, year, …",
        ),
        Operator(
            "regress",
            (FIELD, PREDICTORS),
            (DIM, RIDGE, *LINEAR),
            "Linear regression on other variables in every cell.",
            "y = a + b1 x1 + b2 x2 + ..., least squares",
            f"xnabla regress {_GFS} --field t --predictors gh --dim lon --level 500 "
            "-o regression.nc",
            _CELLS,
            gives="fields",
            reach="line",
            unit="[f] per unit of each predictor",
        ),
        Operator(
            "harmonic_fit",
            (FIELD,),
            (DIM, HARMONICS, PERIOD, TREND, PER, *LINEAR),
            "Seasonal cycle in every cell: amplitude and time of the maximum.",
            "y = m + b t + sum(A_k cos(2 pi k (t - phase_k)/period)), least squares",
            f"xnabla harmonic_fit {_GFS} -v gh --level 500 --dim lon "
            "--period '360 degrees' --n 3 --trend no -o waves.nc",
            _CELLS,
            gives="fields",
            reach="line",
            unit="[f]",
        ),
        Operator(
            "extrema",
            (FIELD,),
            (
                Parameter(
                    "kind",
                    "Which: minima, maxima, or both.",
                    "choice",
                    ("both", "minimum", "maximum"),
                    default="both",
                ),
                Parameter(
                    "refine",
                    "How places between grid points are found.",
                    "choice",
                    ("spline", "quadratic"),
                    default="spline",
                ),
                Parameter(
                    "boundary",
                    "What becomes of those at an edge or a gap.",
                    "choice",
                    ("flag", "drop"),
                    default="flag",
                ),
                *SURFACE,
            ),
            "Lows and highs: where, how deep, how persistent; a list of centres.",
            "grad f = 0; persistence = |f_saddle - f_extremum|",
            f"xnabla extrema {_GFS} -v msl --min_persistence '2 hPa' -o extrema.nc "
            "--plot extrema.png",
            _SURFACE,
            gives="fields",
            reach="map",
            unit="[f]",
        ),
        Operator(
            "basins",
            (FIELD,),
            (
                Parameter(
                    "direction",
                    "Basins of minima, or hills of maxima.",
                    "choice",
                    ("down", "up"),
                    default="down",
                ),
                *SURFACE,
            ),
            "Basins: the minimum that the steepest path of each cell ends in.",
            "dp/ds = -grad f / |grad f|",
            f"xnabla basins {_GFS} -v msl --min_persistence '2 hPa' -o basins.nc "
            "--plot basins.png",
            _SURFACE,
            gives="fields",
            reach="map",
            unit="1, a number each",
        ),
        Operator(
            "helmholtz",
            OPERATORS["divergence"].inputs,
            (
                Parameter(
                    "gauge",
                    "Which potential ends at the rim of a region, or neither.",
                    "choice",
                    ("psi_zero", "chi_zero", "min_norm"),
                    default="psi_zero",
                ),
                Parameter(
                    "wind",
                    "Whether the wind is eastward and northward, or along the grid.",
                    "choice",
                    ("earth", "grid"),
                    default="what its standard names say",
                ),
                *PLACE,
            ),
            "Streamfunction and velocity potential, and the wind of each.",
            "V = k x grad psi + grad chi",
            f"xnabla helmholtz {_GFS} --level 500 -o split.nc --plot split.png",
            _INVERSION,
            gives="fields",
            reach="map",
            unit="m2 s-1, m s-1",
        ),
        Operator(
            "fill",
            (FIELD,),
            (
                Parameter(
                    "method",
                    "What is kept small in the gaps: gradients, or Laplacians.",
                    "choice",
                    ("laplace", "biharmonic"),
                    default="laplace",
                ),
                MAX_GAP,
                *PLACE,
            ),
            "Gaps filled with the smoothest field; what was observed stays as it is.",
            "min integral |grad f|^2, or (lap f)^2, over the gaps",
            f"xnabla fill {_GFS} -v msl --max_gap '500 km' -o filled.nc",
            _INVERSION,
            reach="map",
            main="filled",
        ),
        Operator(
            "smooth",
            (FIELD,),
            (
                LENGTH_SCALE,
                Parameter(
                    "order",
                    "Whether gradients or Laplacians are kept small.",
                    "choice",
                    (1, 2),
                    default="1",
                ),
                *PLACE,
            ),
            "Smoothed by descent: near the field, of small gradient, the mean kept.",
            "min integral (x - y)^2 + L^2 |grad x|^2",
            f"xnabla smooth {_GFS} -v msl --length_scale '500 km' -o smooth.nc "
            "--plot smooth.png",
            _INVERSION,
            reach="map",
            main="smoothed",
        ),
    )
}

# All there is to ask for by name.
WHOLE: dict[str, Operator] = {**OPERATORS, **CATALOGUE}
