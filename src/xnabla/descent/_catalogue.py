"""The descents we offer as commands, as plain data beside the operators.

Nothing heavy is imported here, so that ``xnabla --help`` answers at once.
"""

from __future__ import annotations

from dataclasses import replace

from xnabla.descent._catalogue_surface import FIELD, PLACE, SURFACE
from xnabla.operators import CATALOGUE as OPERATORS
from xnabla.operators import Input, Operator, Parameter

_GFS = "sample_data/gfs_20110115.nc"
_YEARS = "sample_data/a1b_north_america.nc"


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
SERIAL = Parameter(
    "serial_correlation",
    "Whether residuals remember the last one, which widens the test.",
    "choice",
    ("none", "ar1"),
    default="none",
    call="memory",  # of commands, --memory is what they may take of the machine
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

KEEP_MEAN = Parameter(
    "keep_mean",
    "Whether the mean stays in, and only the changes of the line go.",
    "choice",
    (True, False),
    default="no",
)

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

UNITS = Parameter("units", "Unit of the solution, for instance km2/s.")

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
RHS = Input("rhs", "The Laplacian r: a variable, by name or standard_name.")
MASK = Input(
    "mask", "1 where there is something to solve, 0 elsewhere.", required=False
)
BC = Parameter(
    "bc",
    "What holds at a rim, y, x or mask: y=neumann, 'x=dirichlet:5 km2/s', "
    "y=dirichlet,neumann (first, last), x=periodic; once for each.",
    "condition",
    default="zero there",
    several=True,
)
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
            (DIM, PER, SERIAL, replace(MIN_VALID, default="3"), CONFIDENCE),
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
            "detrend",
            (FIELD,),
            (DIM, KEEP_MEAN),
            "What is left of a field when its linear trend is taken off every cell.",
            "y - (a + b (t - mean t)), least squares",
            f"xnabla detrend {_YEARS} --then mean latitude,longitude -o detrended.nc "
            "--plot detrended.png",
            _CELLS,
            reach="line",
            unit="[f], of a difference: K for degC",
        ),
        *SURFACE,
        Operator(
            "poisson",
            (RHS, MASK),
            (
                UNITS,
                BC,
                Parameter(
                    "remove_mean",
                    "Whether a mean that no solution can have is taken off first.",
                    "choice",
                    (True, False),
                    default="yes",
                ),
                Parameter(
                    "method",
                    "How it is solved: by Fourier along rows, by factors, by descent.",
                    "choice",
                    ("auto", "fft", "lu", "cg"),
                    default="auto, the first that fits",
                ),
                *PLACE,
            ),
            "The field whose Laplacian is given: a streamfunction from a vorticity.",
            "d2f/dx2 + d2f/dy2 = r, on the globe",
            f"xnabla vorticity {_GFS} --level 500 --then poisson -o psi.nc "
            "--plot psi.png",
            _INVERSION,
            reach="map",
            main="solution",
            unit="[r] m2",
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
