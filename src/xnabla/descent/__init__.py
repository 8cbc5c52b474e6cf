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

__all__ = [
    "CATALOGUE",
    "WHOLE",
    "detrend",
    "field_significance",
    "fit_model",
    "harmonic_fit",
    "predict",
    "regress",
    "theil_sen",
    "trend",
]

_HOMES = {
    "_catalogue": "CATALOGUE WHOLE",
    "cells": (
        "detrend field_significance fit_model harmonic_fit predict regress "
        "theil_sen trend"
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
