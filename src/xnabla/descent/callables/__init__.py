"""Gradients of functions at values with units, and what they are good for.

Reading order: ``_arguments`` and ``_function`` take the units off, ``_numeric`` and
``_exact`` differentiate, ``_ways`` chooses, ``_told`` puts the units back on;
``_derivative``, ``_gradient``, ``_uncertainty`` and ``_turning`` are the public face.
"""

from typing import TYPE_CHECKING

from xnabla._lazy import attach

if TYPE_CHECKING:
    from xnabla.descent.callables._derivative import derivative_of
    from xnabla.descent.callables._gradient import gradient_of, hessian_of
    from xnabla.descent.callables._turning import turning_points
    from xnabla.descent.callables._uncertainty import propagate_uncertainty

__all__ = [
    "derivative_of",
    "gradient_of",
    "hessian_of",
    "propagate_uncertainty",
    "turning_points",
]

_HOMES = {
    "_derivative": "derivative_of",
    "_gradient": "gradient_of hessian_of",
    "_turning": "turning_points",
    "_uncertainty": "propagate_uncertainty",
}

__getattr__, __dir__ = attach(
    __name__,
    {
        name: f"{__name__}.{home}"
        for home, names in _HOMES.items()
        for name in names.split()
    },
)
