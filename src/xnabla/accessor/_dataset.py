"""``dataset.nabla``: operators on a Dataset, whose variables are found as it tells."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import xarray as xr

from xnabla._html import block, fold, lines_html
from xnabla.accessor._listing import grid_words, operators_html
from xnabla.descent import WHOLE
from xnabla.errors import GridError, explain

if TYPE_CHECKING:
    from xnabla.accessor._holding import Holding

__all__ = ["DatasetNabla"]


# The functions of the package whose row in the catalogue has a shorter name.
_IN_FULL = {"find_extrema": "extrema", "fill_missing": "fill"}


@xr.register_dataset_accessor("nabla")
class DatasetNabla:
    """Operators of xnabla on a Dataset.

    ``ds.nabla.vorticity()`` finds the wind by standard name or name, as the command
    line does; ``ds.nabla.vorticity("u10", "v10")`` and ``ds.nabla.vorticity(u="u10",
    v="v10")`` name it. An operator of one field of any kind is applied to every
    variable it suits, ``ds.nabla.gradient(units="K/km")``, and gives a Dataset of
    plain values with CF units; ``ds.nabla.gradient("t")`` to one, and gives what
    ``xn.gradient(ds["t"])`` gives. What it does not suit is left out; the attribute
    ``left_out`` says what and why.

    Examples
    --------
    >>> import xarray as xr
    >>> x = ("x", [0.0, 1.0, 2.0], {"units": "km"})
    >>> ds = xr.Dataset(
    ...     {"z": ("x", [0.0, 2.0, 8.0], {"units": "m"}), "name": "a hill"},
    ...     coords={"x": x},
    ... )
    >>> slope = ds.nabla.derivative("x")
    >>> slope["dz_dx"].values, slope.attrs["left_out"]
    (array([0.   , 0.004, 0.008]), 'name: values of type <U6')
    """

    def __init__(self, dataset: xr.Dataset) -> None:
        self._dataset = dataset

    @property
    def _held(self) -> Holding:
        # importing xnabla must cost little: what finds fields waits for its first use
        from xnabla.accessor._holding import Holding

        return Holding(self._dataset)

    @property
    def grid(self) -> Any:
        """What the coordinates mean, where all variables agree.

        Raises
        ------
        GridError
            If they are on different grids, or there is none.
        """
        from xnabla.grid import grid_of

        grids = {n: grid_of(f) for n, f in self._held.fields().items()}
        if len({str(grid) for grid in grids.values()}) != 1:
            raise GridError(
                explain(
                    "The variables of the Dataset are not on one grid",
                    expected="one variable",
                    got=", ".join(map(repr, grids)) or "none",
                    hint="ds[name].nabla.grid",
                )
            )
        return next(iter(grids.values()))

    def quantify(self) -> xr.Dataset:
        """Return the Dataset with pint values instead of ``units`` attributes."""
        from xnabla.labels import quantify

        fields = self._held.fields()
        return self._dataset.assign({n: quantify(f) for n, f in fields.items()})

    def dequantify(self) -> xr.Dataset:
        """Return the Dataset with plain values and CF ``units`` attributes."""
        from xnabla.labels import dequantify

        return dequantify(self._dataset)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """Return an operator of the catalogue, bound to the Dataset."""
        name = _IN_FULL.get(name, name)
        if name not in WHOLE:
            msg = f"{type(self).__name__!r} object has no attribute {name!r}"
            raise AttributeError(msg)
        operator = WHOLE[name]

        @functools.wraps(operator.function)
        def method(*args: Any, **kwargs: Any) -> Any:
            from xnabla.accessor._apply import applied

            return applied(operator, self._dataset, args, kwargs)

        return method

    def __dir__(self) -> list[str]:
        """Return the names of all operators and of the accessor's own methods."""
        return sorted({*super().__dir__(), *WHOLE})

    def __repr__(self) -> str:
        held = ", ".join(map(repr, self._held.fields())) or "no field"
        return f"xnabla operators on {held}: {', '.join(WHOLE)}; also grid"

    def _repr_html_(self) -> str:
        shared: dict[str, list[str]] = {}
        for name, field in self._held.fields().items():
            shared.setdefault(grid_words(field), []).append(name)
        grids = [
            fold(f"Grid of {', '.join(names)}", lines_html(grid.splitlines()))
            for grid, names in shared.items()
        ]
        return block("xnabla operators on a Dataset", *grids, operators_html())
