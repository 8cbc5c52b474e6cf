"""Who does the arithmetic: one door for plain, compiled and chunked arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from xnabla.numerics import _numpy
from xnabla.numerics._memory import is_chunked
from xnabla.numerics._missing import fill_with_narrower
from xnabla.numerics._sampled import Sampled
from xnabla.numerics._table import StencilTable
from xnabla.options import Engine

# Below this many values the reference engine is done before numba is even imported
# (0.5 s).
_WORTH_COMPILING = 500_000


def is_worth_compiling(size: int, engine: Engine) -> bool:
    """Tell whether so many values are for the compiled engine.

    A chunked array counts whole, so that its blocks get the bits of one piece.
    """
    return engine == "numba" or (engine == "auto" and size >= _WORTH_COMPILING)


def apply_table(
    values: Any,
    axis: int,
    table: StencilTable,
    *,
    scale: Any = None,
    engine: Engine = "auto",
) -> Any:
    """Apply a stencil table along one axis of a plain or dask array.

    Parameters
    ----------
    values : numpy or dask array, or Sampled
        Floating or complex values.
    axis : int
        The axis to differentiate along.
    table : StencilTable
        The scheme; what its rows are multiplied with, units included, is in it.
    scale : array, optional
        A further factor that varies along other axes; broadcasts against the result.
    engine : {"auto", "numpy", "numba"}
        Who sums.

    Returns
    -------
    numpy or dask array
        Same kind and dtype as ``values``; nothing of a dask array is computed.
    """
    if isinstance(values, Sampled):
        return values.along(axis, table, scale)
    compiled = is_worth_compiling(int(np.prod(values.shape)), engine)
    if compiled:
        from xnabla.numerics import _line

        made = _line.apply(values, axis, table, scale)
        if made is not None:
            return made
    if is_chunked(values):
        from xnabla.numerics._dask import apply_chunked

        return apply_chunked(values, axis, table, scale, _apply_plain)
    return _apply_plain(values, axis, table, scale)


def _apply_plain(values: Any, axis: int, table: StencilTable, scale: Any) -> Any:
    axis %= values.ndim
    out = _numpy.apply(values, axis, table, scale)
    return fill_with_narrower(out, values, axis, table, scale, _numpy.apply)
