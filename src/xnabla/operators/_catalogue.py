"""The operators we offer, as plain data: accessor, commands and tables come from it.

Nothing heavy is imported here, so that ``xnabla --help`` answers at once.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["text", "integer", "number", "choice"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """An argument of an operator that can be written as a word.

    Attributes
    ----------
    name : str
        Name of the keyword.
    help : str
        One line for people.
    kind : {"text", "integer", "number", "choice"}
        What the word is.
    choices : tuple
        The values it may take, if they are few.
    required : bool
        Whether the operator needs it.
    default : str
        What happens without it, for people.
    """

    name: str
    help: str
    kind: Kind = "text"
    choices: tuple[Any, ...] = ()
    required: bool = False
    default: str = ""


@dataclass(frozen=True, slots=True)
class Operator:
    """An operator, said once.

    Attributes
    ----------
    name : str
        Name of the function, the accessor's method and the command.
    fields : tuple of str
        Its labelled inputs.
    parameters : tuple of Parameter
        What else it takes.
    summary : str
        One line for people.
    formula : str
        In plain letters.
    example : str
        A command line on the sample data.
    """

    name: str
    fields: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    summary: str
    formula: str
    example: str

    @property
    def function(self) -> Callable[..., Any]:
        """The function itself, imported when first asked for."""
        found: Callable[..., Any] = getattr(
            importlib.import_module("xnabla.operators"), self.name
        )
        return found


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
DIM = Parameter("dim", "Dimension, or its role: latitude, time, …", required=True)
DIMS = Parameter("dims", "Dimensions, with commas.", default="the horizontal ones")
ORDER = Parameter("order", "First or second derivative.", "choice", (1, 2), default="1")

SHARED = (UNITS, ACCURACY, EDGES, MISSING, POLES, EARTH, PERIODIC)

CATALOGUE: dict[str, Operator] = {
    operator.name: operator
    for operator in (
        Operator(
            "gradient",
            ("field",),
            (DIMS, *SHARED),
            "Gradient of a field: northward and eastward derivative, per metre.",
            "(df/dy, df/dx)",
            "xnabla gradient sample_data/gfs_20110115.nc -v t --level 850 "
            "--units K/km -o gradient.nc --plot gradient.png",
        ),
        Operator(
            "derivative",
            ("field",),
            (DIM, ORDER, *SHARED),
            "Derivative of a field along one dimension.",
            "df/ds or d2f/ds2",
            "xnabla derivative sample_data/gfs_20110115.nc -v t --dim plev "
            "--units K/hPa -o dt_dp.nc",
        ),
    )
}
