"""Fits in every cell: straight lines, regressions, seasonal cycles, any model.

Reading order: ``_trend``, ``_regress`` and ``_harmonic`` are linear in what they look
for: a ``_design`` of columns, ``_sums`` over the times, ``_least`` squares from these,
``_spread`` for the standard errors, ``_linear`` for their order, ``_blocks`` for cells
in blocks or in chunks of dask, ``_result`` for the Dataset.
"""

from typing import TYPE_CHECKING

from xnabla._lazy import attach

if TYPE_CHECKING:
    from xnabla.descent.cells._harmonic import harmonic_fit
    from xnabla.descent.cells._model import fit_model
    from xnabla.descent.cells._predict import detrend, predict
    from xnabla.descent.cells._regress import regress
    from xnabla.descent.cells._significance import field_significance
    from xnabla.descent.cells._theil_sen import theil_sen
    from xnabla.descent.cells._trend import trend

__all__ = [
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
    "_harmonic": "harmonic_fit",
    "_model": "fit_model",
    "_predict": "detrend predict",
    "_regress": "regress",
    "_significance": "field_significance",
    "_theil_sen": "theil_sen",
    "_trend": "trend",
}

__getattr__, __dir__ = attach(
    __name__,
    {
        name: f"{__name__}.{home}"
        for home, names in _HOMES.items()
        for name in names.split()
    },
)
