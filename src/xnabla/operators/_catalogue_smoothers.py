"""The smoothers among the operators we offer, as plain data.

Nothing heavy is imported here, so that ``xnabla --help`` answers at once.
"""

from __future__ import annotations

from xnabla.operators._entry import Operator, Parameter
from xnabla.operators._shared import EARTH, FIELD, PASSES, SMOOTHING


def _example(name: str, options: str) -> str:
    return (
        f"xnabla {name} sample_data/gfs_20110115.nc -v gh --level 500 {options} "
        f"-o {name}.nc"
    )


SMOOTHERS: tuple[Operator, ...] = (
    Operator(
        "smooth_gaussian",
        (FIELD,),
        (
            Parameter(
                "n",
                "Wavelength that keeps 0.61: grid lengths, or '1000 km'.",
                required=True,
            ),
            *SMOOTHING,
            EARTH,
        ),
        "A field smoothed with a Gaussian window.",
        "sum(w f)/sum(w), w = exp(-d^2/(2 sigma^2)), sigma = n/(2 pi)",
        _example("smooth_gaussian", "--n '1000 km'"),
    ),
    Operator(
        "smooth_n_point",
        (FIELD,),
        (
            Parameter("n", "Number of points.", "choice", (5, 9), default="5"),
            PASSES,
            *SMOOTHING,
        ),
        "A field smoothed with each point's nearest 4 or 8 neighbours.",
        "n = 9: (4 f + 2 (4 beside) + (4 across corners))/16",
        _example("smooth_n_point", "--n 9"),
    ),
    Operator(
        "smooth_window",
        (FIELD,),
        (
            Parameter("window", "Weights, rows between semicolons.", required=True),
            PASSES,
            Parameter(
                "normalize_weights",
                "Whether weights are divided by their sum.",
                "choice",
                (True, False),
                default="yes",
            ),
            *SMOOTHING,
        ),
        "A field smoothed with a window of one's own.",
        "sum(w f)/sum(w)",
        _example("smooth_window", "--window '1 2 1; 2 4 2; 1 2 1'"),
    ),
    Operator(
        "smooth_rectangular",
        (FIELD,),
        (
            Parameter(
                "size",
                "Points along each dimension, odd.",
                "integer",
                required=True,
            ),
            PASSES,
            *SMOOTHING,
        ),
        "A field smoothed with equal weights in a square: a running mean.",
        "sum(f)/count, within size x size points",
        _example("smooth_rectangular", "--size 5"),
    ),
    Operator(
        "smooth_circular",
        (FIELD,),
        (
            Parameter("radius", "In grid lengths.", "integer", required=True),
            PASSES,
            *SMOOTHING,
        ),
        "A field smoothed with equal weights in a circle.",
        "sum(f)/count, within radius",
        _example("smooth_circular", "--radius 3"),
    ),
)
