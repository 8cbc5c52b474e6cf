"""Lengths that users give, in metres."""

from __future__ import annotations

from typing import Any

import numpy as np

from xnabla.descent._measures import factor_to, measured
from xnabla.errors import OptionError, UnitsError, explain
from xnabla.units import parse


def metres(length: Any, name: str, example: str = "300 km") -> float:
    """Return a length in metres.

    Parameters
    ----------
    length : quantity or str
        Such as ``"300 km"``.
    name : str
        The keyword it was given as.
    example : str
        What to type.

    Raises
    ------
    UnitsError
        If it has no unit of length.
    OptionError
        If it is not positive and finite.
    """
    typed = f"{name}={example!r}"
    try:
        value, unit = measured(length, name, typed)
    except OptionError:
        raise _no_length(length, name, example) from None
    if unit is None:
        raise _no_length(length, name, example)
    made = value * factor_to(unit, parse("m"), name, "", typed)
    if not np.isfinite(made) or made <= 0.0:
        raise OptionError(
            explain(
                f"{name}={length!r} is no length",
                expected="one that is positive and finite",
                hint=f"{name}={example!r}",
            )
        )
    return made


def _no_length(length: Any, name: str, example: str) -> UnitsError:
    return UnitsError(
        explain(
            f"{name}={length!r} is no length",
            expected="a quantity, or a number and a unit in a text",
            got=type(length).__name__,
            hint=f"{name}={example!r}",
        )
    )
