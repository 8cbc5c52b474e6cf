"""An operator on fields of which one level or one time is wanted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import xarray as xr

from xnabla.errors import XnablaError
from xnabla.grid import Grid, grid_of
from xnabla.operators import Operator
from xnabla.recipes._result import parts_mapped
from xnabla.recipes._select import SELECTIONS, Selection

# The operators that go along a dimension no parameter of theirs names.
_ALONG = {"potential_vorticity": "vertical", "material_derivative": "time"}
# The inputs that bring a derivative along a dimension with them.
_ALONG_WITH = {"w": "vertical"}


def operate(
    operator: Operator,
    inputs: Mapping[str, xr.DataArray | xr.Dataset],
    parameters: Mapping[str, Any],
    selected: Mapping[str, str],
) -> tuple[Any, dict[str, xr.DataArray]]:
    """Return the result of an operator, and the fields it was made from, as selected.

    What is selected is selected first, in every field that has the dimension, unless
    the operator goes along that very dimension: then the result is.

    Parameters
    ----------
    operator : Operator
    inputs : mapping of str to DataArray or Dataset
        Its fields by the name of the argument.
    parameters : mapping
        What else it takes.
    selected : mapping of str to str
        From the role of a dimension to what a person typed: ``{"vertical": "850"}``.

    Raises
    ------
    XnablaError
        If there is no such level or time, and whatever the operator refuses.
    """
    models = {name: _one_of(fields) for name, fields in inputs.items()}
    grids = {name: grid_of(one) for name, one in models.items()}
    before: dict[str, list[Selection]] = {name: [] for name in inputs}
    after: dict[str, list[Selection]] = {name: [] for name in inputs}
    for role, word in selected.items():
        having = [n for n, g in grids.items() if role in g.roles.values()]
        # where none has it, the first one says so
        for name in having or list(inputs)[:1]:
            chosen = SELECTIONS[role](models[name], grids[name], word)
            last = chosen.dim in _along(operator, inputs, parameters, grids[name])
            (after if last else before)[name].append(chosen)
    fields = {name: _at(before[name], one) for name, one in inputs.items()}
    result = operator.function(**fields, **parameters)
    late = {selection.dim: selection for own in after.values() for selection in own}
    result = parts_mapped(result, lambda part: _at(late.values(), part))
    shown = {n: one for n, one in fields.items() if isinstance(one, xr.DataArray)}
    return result, {name: _at(after[name], one) for name, one in shown.items()}


def _one_of(fields: xr.DataArray | xr.Dataset) -> xr.DataArray:
    """Return a field, or the first of several, which are on one grid."""
    if isinstance(fields, xr.DataArray):
        return fields
    first: xr.DataArray = next(iter(fields.data_vars.values()))
    return first


def _at(selections: Any, field: Any) -> Any:
    """Return a field at what was selected, along the dimensions it has."""
    for selection in selections:
        if selection.dim in field.dims:
            field = selection.of(field)
    return field


def _along(
    operator: Operator,
    inputs: Mapping[str, xr.DataArray | xr.Dataset],
    parameters: Mapping[str, Any],
    grid: Grid,
) -> set[str]:
    """Return the dimensions an operator goes along, besides the horizontal ones."""
    wanted = {*(parameters.get("dims") or ()), parameters.get("dim")}
    wanted |= {_ALONG.get(operator.name), *map(_ALONG_WITH.get, inputs)}
    return {grid.dim(name) for name in wanted if name and _is_dim(grid, name)}


def _is_dim(grid: Grid, name: str) -> bool:
    try:
        grid.dim(name)
    except XnablaError:
        return False  # the operator itself says what is wrong
    return True
