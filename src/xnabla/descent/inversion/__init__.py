"""Descent over whole fields: inversion, splitting, filling, smoothing, analysis.

Reading order: ``_mesh`` has the finite-volume gradient G of a grid and ``_meshes``
makes it; ``_inverse`` solves with it by rows, factors or descent; ``_fields`` brings
labelled fields there and back. Each public function has a file of its own name.
"""

from typing import TYPE_CHECKING

from xnabla._lazy import attach

if TYPE_CHECKING:
    from xnabla.descent.inversion._poisson import poisson

__all__ = [
    "poisson",
]

_HOMES = {
    "_poisson": "poisson",
}

__getattr__, __dir__ = attach(
    __name__,
    {
        name: f"{__name__}.{home}"
        for home, names in _HOMES.items()
        for name in names.split()
    },
)
