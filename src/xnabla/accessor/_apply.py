"""An operator on a Dataset: its fields found, or one after the other."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Mapping
from typing import Any

import xarray as xr

from xnabla.accessor._finder import Finder
from xnabla.accessor._holding import Holding
from xnabla.accessor._results import merged
from xnabla.errors import FieldError, UnitsError, XnablaError, explain, together
from xnabla.operators import PAIRS, Operator

__all__ = ["applied"]


def applied(
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
