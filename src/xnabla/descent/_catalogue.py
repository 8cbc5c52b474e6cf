"""The descents we offer as commands, as plain data beside the operators.

Nothing heavy is imported here, so that ``xnabla --help`` answers at once.
"""

from __future__ import annotations

from xnabla.operators import CATALOGUE as OPERATORS
from xnabla.operators import Input, Operator, Parameter

_SST = "ersst_v5_mnmean.nc"

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
LINEAR = (SE, MIN_VALID, CONFIDENCE, LAGS)

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
            f"xnabla trend {_SST} -v sst -o trend.nc --plot trend.png",
            "xnabla.descent.cells",
        ),
    )
}

# All there is to ask for by name.
WHOLE: dict[str, Operator] = {**OPERATORS, **CATALOGUE}
