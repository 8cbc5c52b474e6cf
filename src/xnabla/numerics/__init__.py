"""Plain arrays: stencil tables, and the engines that apply them.

A finite-difference scheme is a :class:`StencilTable`: uneven spacing, order, accuracy,
edges and period are numbers in it, so every engine is one sum. ``_numpy`` is the
reference; the others are tested against it, bit for bit.
"""

from xnabla.numerics._engines import apply_table, is_chunked
from xnabla.numerics._polar import Cap, with_caps
from xnabla.numerics._table import (
    Line,
    StencilTable,
    interpolation_table,
    stencil_table,
)
from xnabla.numerics._weights import fornberg_weights

__all__ = [
    "Cap",
    "Line",
    "StencilTable",
    "apply_table",
    "fornberg_weights",
    "interpolation_table",
    "is_chunked",
    "stencil_table",
    "with_caps",
]
