"""Whether a formula goes over the rows in one pass, and that pass."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from xnabla.numerics import Input, Program, UnfusableError, is_chunked, program_of
from xnabla.operators._fused import fused_calculus

# Below this many values the whole-array formula is done before the compiled one is
# loaded.
_WORTH_COMPILING = 500_000


def fused_results(
    work: Any,
    formula: Callable[..., Any],
    arrays: Sequence[Any],
    factors: Sequence[float],
    dtype: Any,
) -> list[Any] | None:
    """Return the results of a formula from one pass over rows; ``None`` if none can.

    Parameters
    ----------
    work : Work
        What the operator works on.
    formula : callable
        Takes a calculus and the inputs.
    arrays : sequence of array
        The inputs, y and x last.
    factors : sequence of float
        What each result is multiplied with.
    dtype : dtype
        Of the results.
    """
    engine = work.setting.options.engine
    if engine == "numpy" or len(work.core) != 2 or dtype not in (np.float32, np.float64):
        return None
    size = int(np.prod(arrays[0].shape))
    if size == 0 or (engine == "auto" and size < _WORTH_COMPILING):
        return None
    if any(is_chunked(array) or array.dtype.kind != "f" for array in arrays):
        return None
    if work.setting.options.missing == "shrink" and _any_missing(arrays):
        return None
    try:
        program = _program(work, formula, factors)
    except UnfusableError:
        return None
    return program(arrays, dtype)


def _program(
    work: Any, formula: Callable[..., Any], factors: Sequence[float]
) -> Program:
    calculus = fused_calculus(work.calculus)
    symbols = {
        name: Input(slot, ready.factor, ready.zero)
        for slot, (name, ready) in enumerate(work.ready.items())
    }
    inputs: dict[str, Any] = dict(symbols)
    for pair, turned in work.along_grid.items():
        if turned:
            u, v = calculus.from_grid(*(inputs[name] for name in pair))
            inputs |= dict(zip(pair, (u, v), strict=True))
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        results = formula(calculus, *inputs.values())
    return program_of(results, len(symbols), calculus.shape, factors)


def _any_missing(arrays: Sequence[Any]) -> bool:
    """Tell whether there is a NaN anywhere, field by field."""
    return any(
        bool(np.isnan(field).any())
        for array in arrays
        for field in array.reshape(-1, *array.shape[-2:])
    )
