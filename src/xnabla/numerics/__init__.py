"""Plain arrays: stencil tables, and the engines that apply them.

A finite-difference scheme is a :class:`StencilTable`: uneven spacing, order, accuracy,
edges and period are numbers in it, so every engine is one sum. ``_numpy`` is the
reference; the others are tested against it. A formula of many schemes goes over the
rows in one pass: written down as ``_symbols``, made a ``_program`` of numbers, done by
``_rows_numba``.
"""

from xnabla.numerics._between import Outer
from xnabla.numerics._disc import Disc, Spots
from xnabla.numerics._engines import apply_table, is_worth_compiling
from xnabla.numerics._fitting import fitted_table
from xnabla.numerics._interpolation import interpolation_table
from xnabla.numerics._memory import all_chunked, is_chunked
from xnabla.numerics._polar import Cap, mean_around, put_rows, with_caps
from xnabla.numerics._program import Program
from xnabla.numerics._program_dask import run_chunked
from xnabla.numerics._sampled import Points, Sampled
from xnabla.numerics._sentinels import (
    DEFAULT_FILL,
    SENTINELS,
    Sentinel,
    find_sentinel,
    is_known,
)
from xnabla.numerics._smoother import PoleRow, Smoother, Spread, WindowEdges
from xnabla.numerics._symbols import (
    NOWHERE,
    OWN,
    Along,
    Beside,
    Beyond,
    Difference,
    Down,
    Input,
    Linear,
    Made,
    Stencil,
    Symbol,
    UnfusableError,
)
from xnabla.numerics._table import (
    Line,
    StencilTable,
    largest_accuracy,
    stencil_table,
)
from xnabla.numerics._tables import Shape, own_part, rows_of
from xnabla.numerics._weights import fornberg_weights
from xnabla.numerics._window import Across, End, Window
from xnabla.numerics._writer import program_of

__all__ = [
    "DEFAULT_FILL",
    "NOWHERE",
    "OWN",
    "SENTINELS",
    "Across",
    "Along",
    "Beside",
    "Beyond",
    "Cap",
    "Difference",
    "Disc",
    "Down",
    "End",
    "Input",
    "Line",
    "Linear",
    "Made",
    "Outer",
    "Points",
    "PoleRow",
    "Program",
    "Sampled",
    "Sentinel",
    "Shape",
    "Smoother",
    "Spots",
    "Spread",
    "Stencil",
    "StencilTable",
    "Symbol",
    "UnfusableError",
    "Window",
    "WindowEdges",
    "all_chunked",
    "apply_table",
    "find_sentinel",
    "fitted_table",
    "fornberg_weights",
    "interpolation_table",
    "is_chunked",
    "is_known",
    "is_worth_compiling",
    "largest_accuracy",
    "mean_around",
    "own_part",
    "program_of",
    "put_rows",
    "rows_of",
    "run_chunked",
    "stencil_table",
    "with_caps",
]
