"""How far off a gradient is for its steps being finite: an estimate for each point."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import xarray as xr

from xnabla.errors import GridError, explain
from xnabla.labels import describe
from xnabla.operators._components import Components
from xnabla.options import Options
from xnabla.units import attach, is_quantity, split_quantity

Make = Callable[[Options, int | None], Components[Any]]

# The difference from the next order misses what that order is off itself: at 8 points
# per wavelength 12 % of the error of accuracy 2, 13 % of that of 4 and of 6, and the
# error may point the other way. Roache (1994) takes 1.25 for the same reason.
SAFETY = 1.25


def with_error(made: Components[Any], make: Make, options: Options) -> Components[Any]:
    r"""Return a gradient with the estimate of its truncation error beside it.

    .. math:: \epsilon_p = 1.25\, |D_p f - D_{p+2} f|

    For accuracy 6 the comparison is with a scheme of order 8, which exists for this
    alone. Ends and poles that are left missing are compared all the same; a gap blanks
    whatever the wider stencil reaches, for one that shrinks beside it may be the same
    as the narrower one, and two equal numbers would look like no error.

    Parameters
    ----------
    made : Components
        The gradient.
    make : callable
        Makes it again, from options and an accuracy of one-sided rows.
    options : Options
        Those it was made with.
    """
    finer = replace(
        options,
        accuracy=options.accuracy + 2,  # type: ignore[arg-type]
        edges="one-sided",
        missing="propagate",
        poles="across",
    )
    try:
        better = make(finer, None)
    except GridError as fault:
        raise GridError(
            explain(
                f"The error of accuracy {options.accuracy} is estimated by comparison "
                f"with accuracy {options.accuracy + 2}, which this grid cannot have: "
                f"{str(fault).split('. ', maxsplit=1)[0]}",
                hint="error=False",
            )
        ) from fault
    parts = [_apart(a, b, options.accuracy) for a, b in zip(made, better, strict=True)]
    error = Components(parts, made.axes, f"{made.what}, estimated error")
    return Components(made, made.axes, made.what, error)


def _apart(part: Any, better: Any, accuracy: int) -> Any:
    """Return the estimate for one component, as what the component is."""
    if isinstance(part, xr.DataArray):
        values, unit = split_quantity(part.data)
        other, _ = split_quantity(better.data)
        return describe(
            _size(values, other),
            like=part,
            unit=unit,
            name=f"{part.name}_error",
            attributes={
                "long_name": "estimated truncation error of "
                + str(part.attrs.get("long_name", part.name)),
                "comment": f"{SAFETY} times the difference of accuracy {accuracy} and "
                f"accuracy {accuracy + 2}; no standard error: neither rounding nor the "
                "errors of the field are in it",
            },
        )
    if is_quantity(part):
        values, unit = split_quantity(part)
        return attach(_size(values, split_quantity(better)[0]), unit)
    return _size(part, better)


def _size(values: Any, other: Any) -> Any:
    return np.abs(values - other) * values.dtype.type(SAFETY)
