"""``dataset.nabla``: operators on a Dataset, whose variables are found as it tells."""

from __future__ import annotations

import functools
import inspect
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import xarray as xr

from xnabla._html import block, fold, lines_html
from xnabla.accessor._finder import Finder
from xnabla.accessor._holding import Holding
from xnabla.accessor._listing import grid_words, operators_html
from xnabla.accessor._results import merged
from xnabla.descent import WHOLE
from xnabla.errors import (
    FieldError,
    GridError,
    UnitsError,
    XnablaError,
    explain,
    together,
)
from xnabla.operators import PAIRS, Operator

__all__ = ["DatasetNabla"]


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
    def grid(self) -> Any:
        """What the coordinates mean, where all variables agree.

        Raises
        ------
        GridError
            If they are on different grids, or there is none.
        """
        from xnabla.grid import grid_of

        grids = {n: grid_of(f) for n, f in Holding(self._dataset).fields().items()}
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

        fields = Holding(self._dataset).fields()
        return self._dataset.assign({n: quantify(f) for n, f in fields.items()})

    def dequantify(self) -> xr.Dataset:
        """Return the Dataset with plain values and CF ``units`` attributes."""
        from xnabla.labels import dequantify

        return dequantify(self._dataset)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """Return an operator of the catalogue, bound to the Dataset."""
        if name not in WHOLE:
            msg = f"{type(self).__name__!r} object has no attribute {name!r}"
            raise AttributeError(msg)
        operator = WHOLE[name]

        @functools.wraps(operator.function)
        def method(*args: Any, **kwargs: Any) -> Any:
            return _applied(operator, self._dataset, args, kwargs)

        return method

    def __dir__(self) -> list[str]:
        """Return the names of all operators and of the accessor's own methods."""
        return sorted({*super().__dir__(), *WHOLE})

    def __repr__(self) -> str:
        held = ", ".join(map(repr, Holding(self._dataset).fields())) or "no field"
        return f"xnabla operators on {held}: {', '.join(WHOLE)}; also grid"

    def _repr_html_(self) -> str:
        shared: dict[str, list[str]] = {}
        for name, field in Holding(self._dataset).fields().items():
            shared.setdefault(grid_words(field), []).append(name)
        grids = [
            fold(f"Grid of {', '.join(names)}", lines_html(grid.splitlines()))
            for grid, names in shared.items()
        ]
        return block("xnabla operators on a Dataset", *grids, operators_html())


def _applied(
    operator: Operator,
    dataset: xr.Dataset,
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
) -> Any:
    """Return what an operator makes of a Dataset."""
    holder = Holding(dataset)
    inputs, parameters = _sorted_out(operator, holder, args, kwargs)
    missing = [i for i in operator.inputs if i.required and i.name not in inputs]
    if len(operator.fields) == 1 and missing and not missing[0].standard_names:
        return _of_each(operator, holder, {**inputs, **parameters})
    for first, second in PAIRS:
        pair = [one for one in operator.inputs if one.name in {first, second}]
        if len(pair) == 2 and any(one in missing for one in pair):
            named = [holder.name_of(inputs.get(one.name)) for one in pair]
            found = Finder(holder).pair((pair[0], pair[1]), (named[0], named[1]))
            for one, variable in zip(pair, found, strict=True):
                inputs.setdefault(one.name, holder.pick(variable))
    for one in missing:
        if one.name not in inputs:
            known = Finder(holder).one(one, alone=len(operator.fields) == 1)
            inputs[one.name] = holder.pick(known or next(iter(holder.fields())))
    return operator.function(**inputs, **parameters)


def _sorted_out(
    operator: Operator,
    holder: Holding,
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the fields among the arguments by input, and all else by parameter."""
    names = [one.name for one in operator.inputs]
    wanted = {one.name: one for one in operator.inputs}
    inputs, left = {}, list(args)
    for name in names:
        if not left or not holder.holds(left[0]):
            break
        inputs[name] = holder.picked(wanted[name], left.pop(0))
    rest = [
        name
        for name in inspect.signature(operator.function).parameters
        if name not in names
    ]
    if len(left) > len(rest):
        raise FieldError(
            explain(
                f"{operator.name} does not know what to do with {left[0]!r}",
                expected="the name of a variable of the Dataset, or a field",
                got=", ".join(map(repr, left)),
            )
        )
    parameters = dict(zip(rest, left, strict=False))
    for key, value in kwargs.items():
        if key in wanted:
            inputs[key] = holder.picked(wanted[key], value)
        else:
            parameters[key] = value
    return inputs, parameters


def _of_each(
    operator: Operator, holder: Holding, parameters: Mapping[str, Any]
) -> xr.Dataset:
    """Return an operator's results for every variable it suits."""
    results: dict[str, Any] = {}
    left_out = holder.unsuitable()
    faults: dict[str, XnablaError] = {}
    for name in holder.fields():
        try:
            results[name] = operator.function(holder.pick(name), **parameters)
        except XnablaError as fault:
            faults[name] = fault
    left_out |= {name: str(fault) for name, fault in faults.items()}
    if not results:
        raise _nothing(operator, list(faults.values()), left_out)
    # a variable of another unit than the one asked for is not what was meant
    meant = [
        name
        for name, fault in faults.items()
        if not (isinstance(fault, UnitsError) and "units" in parameters)
    ]
    if meant:
        names = ", ".join(map(repr, meant))
        text = f"{operator.name} leaves out {names}: the attribute left_out says why"
        warnings.warn(text, stacklevel=4)
    return merged(results, left_out, holder.dataset)


def _nothing(
    operator: Operator, faults: list[XnablaError], left_out: Mapping[str, str]
) -> XnablaError:
    """Return why there is no result at all."""
    if faults:
        return faults[0] if len(faults) == 1 else together(faults)
    return FieldError(
        explain(
            f"There is nothing in the Dataset for {operator.name}",
            expected="a variable of numbers along a dimension",
            got="; ".join(f"{n}: {why}" for n, why in left_out.items()) or "none",
        )
    )
