"""``field.nabla``: the catalogue of operators as methods of a DataArray."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import xarray as xr

from xnabla import descent
from xnabla._html import block, fold, lines_html
from xnabla.accessor._listing import grid_words, operators_html
from xnabla.descent import WHOLE

__all__ = ["Nabla"]

# Functions of the package that take a field first and are no row of the catalogue, or
# have a shorter name there.
_FUNCTIONS = ("fill_missing", "find_extrema", "fit_model", "turning_points")


@xr.register_dataarray_accessor("nabla")
class Nabla:
    """Operators of xnabla on one field.

    ``field.nabla.gradient(units="K/km")`` is ``xn.gradient(field, units="K/km")``, and
    so for every operator, and every descent, whose first input is a field.

    Examples
    --------
    >>> import xarray as xr
    >>> z = xr.DataArray([0.0, 2.0, 8.0], dims="x", attrs={"units": "m"},
    ...     coords={"x": ("x", [0.0, 1.0, 2.0], {"units": "km"})})
    >>> z.nabla.derivative("x").data.magnitude
    array([0.   , 0.004, 0.008])
    """

    def __init__(self, field: xr.DataArray) -> None:
        self._field = field

    @property
    def grid(self) -> Any:
        """What the coordinates of the field mean."""
        from xnabla.grid import grid_of

        return grid_of(self._field)

    def quantify(self) -> xr.DataArray:
        """Return the field with pint values instead of a ``units`` attribute."""
        from xnabla.labels import quantify

        return quantify(self._field)

    def dequantify(self) -> xr.DataArray:
        """Return the field with plain values and a CF ``units`` attribute."""
        from xnabla.labels import dequantify

        return dequantify(self._field)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """Return an operator of the catalogue, bound to the field."""
        if name in _FUNCTIONS:
            function = getattr(descent, name)
        elif name in WHOLE:
            function = WHOLE[name].function
        else:
            msg = f"{type(self).__name__!r} object has no attribute {name!r}"
            raise AttributeError(msg)

        @functools.wraps(function)
        def method(*args: Any, **kwargs: Any) -> Any:
            return function(self._field, *args, **kwargs)

        whole = inspect.signature(function)
        rest = list(whole.parameters.values())[1:]  # the field is here already
        method.__signature__ = whole.replace(parameters=rest)  # type: ignore[attr-defined]
        return method

    def __dir__(self) -> list[str]:
        """Return the names of all operators and of the accessor's own methods."""
        return sorted({*super().__dir__(), *WHOLE, *_FUNCTIONS})

    def __repr__(self) -> str:
        names = ", ".join([*WHOLE, *_FUNCTIONS])
        return f"xnabla operators on {self._field.name!r}: {names}; also grid"

    def _repr_html_(self) -> str:
        grid = fold("Grid", lines_html(grid_words(self._field).splitlines()))
        return block(
            f"xnabla operators on {self._field.name!r}", grid, operators_html()
        )
