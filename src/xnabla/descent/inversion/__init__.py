"""Descent over whole fields: inversion, splitting, filling, smoothing, analysis.

Reading order: ``_mesh`` has the finite-volume gradient G of a grid and ``_meshes``
makes it; ``_inverse`` solves with it by rows, factors or descent; ``_fields`` brings
labelled fields there and back. Each public function has a file of its own name.
"""

from typing import TYPE_CHECKING

from xnabla._lazy import attach

if TYPE_CHECKING:
    from xnabla.descent.inversion._analysis import analysis_2dvar
    from xnabla.descent.inversion._fill import fill_missing
    from xnabla.descent.inversion._helmholtz import helmholtz
    from xnabla.descent.inversion._minimize import minimize_field
    from xnabla.descent.inversion._operator_matrix import (
        OperatorMatrix,
        operator_matrix,
    )
    from xnabla.descent.inversion._poisson import poisson
    from xnabla.descent.inversion._smooth import smooth

__all__ = [
    "OperatorMatrix",
    "analysis_2dvar",
    "fill_missing",
    "helmholtz",
    "minimize_field",
    "operator_matrix",
    "poisson",
    "smooth",
]

_HOMES = {
    "_analysis": "analysis_2dvar",
    "_fill": "fill_missing",
    "_helmholtz": "helmholtz",
    "_minimize": "minimize_field",
    "_operator_matrix": "OperatorMatrix operator_matrix",
    "_poisson": "poisson",
    "_smooth": "smooth",
}

__getattr__, __dir__ = attach(
    __name__,
    {
        name: f"{__name__}.{home}"
        for home, names in _HOMES.items()
        for name in names.split()
    },
)
