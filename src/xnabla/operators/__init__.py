"""The public mathematics on labelled fields, and the catalogue of it.

``_scalar`` holds the operators on one field, each a few lines over ``_partial``, the
one derivative; ``_plan`` turns a grid into numbers; ``_plain`` takes arrays without
labels. Names load when first used, so the catalogue alone costs nothing.
"""

from typing import TYPE_CHECKING

from xnabla._lazy import attach

if TYPE_CHECKING:
    from xnabla.operators._catalogue import CATALOGUE, Operator, Parameter
    from xnabla.operators._components import Components
    from xnabla.operators._scalar import derivative, gradient

__all__ = [
    "CATALOGUE",
    "Components",
    "Operator",
    "Parameter",
    "derivative",
    "gradient",
]

__getattr__, __dir__ = attach(
    __name__,
    {
        "CATALOGUE": "xnabla.operators._catalogue",
        "Components": "xnabla.operators._components",
        "Operator": "xnabla.operators._catalogue",
        "Parameter": "xnabla.operators._catalogue",
        "derivative": "xnabla.operators._scalar",
        "gradient": "xnabla.operators._scalar",
    },
)
