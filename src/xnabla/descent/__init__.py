"""Walking downhill: in every cell, on a field, over a field, and for any callable.

Each way is a folder of its own behind one door: ``engine`` has the descent methods and
their loop, ``cells`` fits in every cell, ``surface`` walks on a field, ``inversion``
descends over whole fields, ``callables`` differentiates functions. What they share,
``_status``, says how every result tells whether it can be trusted; ``_catalogue`` has a
row for each that is a command.
"""

from typing import TYPE_CHECKING

from xnabla._lazy import attach

if TYPE_CHECKING:
    from xnabla.descent._catalogue import CATALOGUE, WHOLE
    from xnabla.descent.callables import (
        derivative_of,
        gradient_of,
        hessian_of,
        propagate_uncertainty,
        turning_points,
    )
    from xnabla.descent.cells import (
        detrend,
        field_significance,
        fit_model,
        harmonic_fit,
        predict,
        regress,
        theil_sen,
        trend,
    )
    from xnabla.descent.engine import (
        check_gradient,
        descend,
    )
    from xnabla.descent.inversion import (
        OperatorMatrix,
        analysis_2dvar,
        fill_missing,
        helmholtz,
        minimize_field,
        operator_matrix,
        poisson,
        smooth,
    )
    from xnabla.descent.surface import (
        Points,
        basins,
        closed_contours,
        critical_points,
        find_extrema,
        persistence_diagram,
        steepest_path,
    )

__all__ = [
    "CATALOGUE",
    "WHOLE",
    "OperatorMatrix",
    "Points",
    "analysis_2dvar",
    "basins",
    "check_gradient",
    "closed_contours",
    "critical_points",
    "derivative_of",
    "descend",
    "detrend",
    "field_significance",
    "fill_missing",
    "find_extrema",
    "fit_model",
    "gradient_of",
    "harmonic_fit",
    "helmholtz",
    "hessian_of",
    "minimize_field",
    "operator_matrix",
    "persistence_diagram",
    "poisson",
    "predict",
    "propagate_uncertainty",
    "regress",
    "smooth",
    "steepest_path",
    "theil_sen",
    "trend",
    "turning_points",
]

_HOMES = {
    "_catalogue": "CATALOGUE WHOLE",
    "callables": (
        "derivative_of gradient_of hessian_of propagate_uncertainty turning_points"
    ),
    "cells": (
        "detrend field_significance fit_model harmonic_fit predict regress theil_sen "
        "trend"
    ),
    "engine": "check_gradient descend",
    "inversion": (
        "OperatorMatrix analysis_2dvar fill_missing helmholtz minimize_field "
        "operator_matrix poisson smooth"
    ),
    "surface": (
        "Points basins closed_contours critical_points find_extrema "
        "persistence_diagram steepest_path"
    ),
}

__getattr__, __dir__ = attach(
    __name__,
    {
        name: f"{__name__}.{home}"
        for home, names in _HOMES.items()
        for name in names.split()
    },
)
