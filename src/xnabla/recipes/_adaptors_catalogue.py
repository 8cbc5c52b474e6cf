"""The small steps between the operators of a chain, as plain data beside them.

Nothing heavy is imported here, so that ``xnabla --help`` answers at once.
"""

from __future__ import annotations

from xnabla.descent import WHOLE
from xnabla.operators import Input, Operator, Parameter

_ROOM = "xnabla.recipes._adaptors"
_GFS = "sample_data/gfs_20110115.nc"
_GRADIENT = f"xnabla gradient {_GFS} -v t --level 850 --units K/km"

_RESULT = Input("result", "What the step before gave.")
_OVER = Parameter("dims", "Dimensions or their roles, with commas.", required=True)
_GAPS = Parameter(
    "missing",
    "Whether missing values are left out, or make the result missing.",
    "choice",
    ("skip", "propagate"),
    default="skip",
)


def _reduction(name: str, summary: str, formula: str) -> Operator:
    return Operator(
        name,
        (_RESULT,),
        (_OVER, _GAPS),
        summary,
        formula,
        f"{_GRADIENT} --then magnitude --then {name} lon -o {name}.nc",
        _ROOM,
        reach="line",
        call=f"{name}_over",
    )


ADAPTORS: dict[str, Operator] = {
    operator.name: operator
    for operator in (
        Operator(
            "magnitude",
            (_RESULT,),
            (),
            "Length of a vector.",
            "sqrt(x^2 + y^2)",
            f"{_GRADIENT} --then magnitude -o magnitude.nc",
            _ROOM,
            reach="point",
        ),
        Operator(
            "direction",
            (_RESULT,),
            (),
            "Where a vector points to, in degrees clockwise from north.",
            "atan2(x, y)",
            f"{_GRADIENT} --then direction -o direction.nc",
            _ROOM,
            reach="point",
            unit="degree",
        ),
        Operator(
            "select",
            (_RESULT,),
            (
                Parameter(
                    "name",
                    "Name of a part or variable, x or y; with commas for several.",
                    required=True,
                ),
            ),
            "Parts or variables of a result, by name.",
            "f",
            f"{_GRADIENT} --then select x -o dt_dx.nc",
            _ROOM,
            reach="point",
        ),
        _reduction(
            "mean",
            "Mean over dimensions; of latitudes and longitudes by area.",
            "sum(w f)/sum(w)",
        ),
        _reduction("max", "Largest value over dimensions.", "max(f)"),
        _reduction("min", "Smallest value over dimensions.", "min(f)"),
        _reduction(
            "std",
            "Standard deviation over dimensions; of latitudes and longitudes by area.",
            "sqrt(sum(w (f - mean f)^2)/sum(w))",
        ),
    )
}

# All that a step of a chain may be.
OPERATORS: dict[str, Operator] = {**WHOLE, **ADAPTORS}
