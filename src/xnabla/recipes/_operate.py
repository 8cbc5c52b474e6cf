"""A chain of operators on fields, of which one level, one time or a region is wanted.

What is selected is selected as early as it can be, and as late as it must be: after the
last step that needs the neighbours of a point along that dimension, and before the
first that is made of all points along it. So a gradient in a region is that of the
globe, there; a trend of ten years is made of ten years; the lows of a region are found
in the region alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import xarray as xr

from xnabla.errors import OptionError, XnablaError, explain
from xnabla.grid import Grid, grid_of
from xnabla.operators import Components
from xnabla.recipes._adaptors_catalogue import ADAPTORS
from xnabla.recipes._chain import FACTS, Link
from xnabla.recipes._memory import DEFAULT_MEMORY, in_blocks
from xnabla.recipes._picks import Pick
from xnabla.recipes._result import parts_mapped
from xnabla.recipes._two_passes import after_first_pass

Field = xr.DataArray | xr.Dataset

# The operators that go along a dimension no parameter of theirs names.
_ALONG = {"potential_vorticity": "vertical", "material_derivative": "time"}
# The inputs that bring a derivative along a dimension with them.
_ALONG_WITH = {"w": "vertical"}
_MAP_ROLES = ("latitude", "longitude", "y", "x", "grid_latitude", "grid_longitude")


def operate(
    links: Sequence[Link],
    inputs: Sequence[Mapping[str, Field]],
    picks: Sequence[Pick] = (),
    memory: int = DEFAULT_MEMORY,
    checkpoint: Callable[[], object] = lambda: None,
) -> tuple[Any, dict[str, xr.DataArray]]:
    """Return the result of a chain, and the fields it was made from, as selected.

    Parameters
    ----------
    links : sequence of Link
        The steps.
    inputs : sequence of mapping of str to DataArray or Dataset
        The fields each step takes from files, by the name of the argument.
    picks : sequence of Pick
        What to select.
    memory : int
        Bytes it may all take: what needs more goes through in blocks.
    checkpoint : callable
        Called between the steps.

    Raises
    ------
    XnablaError
        If there is no such level, time or place, and whatever an operator refuses.
    """
    told = _Told(links)
    every = [
        (k, name, one) for k, own in enumerate(inputs) for name, one in own.items()
    ]
    turns = [told.turn(pick, inputs) for pick in picks]
    _check(picks, every, told)
    early = {
        (k, name): tuple(
            pick for pick, turn in zip(picks, turns, strict=True) if turn <= k
        )
        for k, name, _ in every
    }
    # a variable that several steps take is one field, and read once
    once: dict[Any, Field] = {}
    keys: dict[tuple[int, str], Any] = {}
    for k, name, one in every:
        key = (_called(one), early[k, name])
        keys[k, name] = key
        once.setdefault(key, told.cut(one, early[k, name]))
    named: dict[str, Any] = {str(n): one for n, one in enumerate(once.values())}
    blocks = dict(zip(once, in_blocks(named, memory).values(), strict=True))
    fields = {place: blocks[key] for place, key in keys.items()}

    result: Any = None
    for k, link in enumerate(links):
        checkpoint()
        given = {name: fields[k, name] for name in inputs[k]}
        given |= taken(result, link, links[k - 1]) if link.given else {}
        result = _call(link, given)
        late = [p for p, turn in zip(picks, turns, strict=True) if turn == k + 1]
        result = parts_mapped(result, partial(told.cut, picks=late)) if late else result
    shown = {
        name: told.cut(fields[k, name], [p for p in picks if p not in early[k, name]])
        for k, name, _ in every
        if k in (0, len(links) - 1) and isinstance(fields[k, name], xr.DataArray)
    }
    if len(links) > 1:
        shown = _fitting(shown, result)
    return result, shown


def _call(link: Link, given: Mapping[str, Any]) -> Any:
    """Return what a step gives; an adaptor takes its result without a name."""
    if link.operator.name in ADAPTORS:
        return link.operator.function(given["result"], **link.step.parameters)
    parameters = after_first_pass(link.operator, given, link.step.parameters)
    return link.operator.function(**given, **parameters)


def taken(result: Any, link: Link, before: Link) -> dict[str, Any]:
    """Return the result of a step as the inputs of the next.

    Raises
    ------
    OptionError
        If it is not what the next one takes.
    """
    if link.operator.name in ("magnitude", "direction", "select"):
        return {"result": result}
    if before.operator.main and isinstance(result, xr.Dataset):
        result = result[before.operator.main]
    if isinstance(result, tuple) and len(result) == 1:
        (result,) = result
    if link.operator.name in ADAPTORS:
        return {"result": result}
    if len(link.given) == 1 and isinstance(result, xr.DataArray):
        return {link.given[0]: result}
    if len(link.given) == 2 and isinstance(result, tuple) and len(result) == 2:
        return dict(zip(link.given, _east_first(result), strict=True))
    raise OptionError(
        explain(
            f"{link.operator.name} cannot take what {before.operator.name} gives",
            expected="one field" if len(link.given) == 1 else "a vector",
            got=type(result).__name__,
            hint="--then select NAME between them",
        )
    )


def _east_first(result: Any) -> tuple[Any, Any]:
    """Return two components, the eastward one, or that along x, first."""
    if not isinstance(result, Components):
        first, second = result
        return first, second
    try:
        return result["x"], result["y"]
    except KeyError:
        raise OptionError(
            explain(
                "Only a horizontal vector has an eastward and a northward component",
                got="components along " + ", ".join(axis.dim for axis in result.axes),
            )
        ) from None


class _Told:
    """The links of a chain, and the facts of the grid that they were told."""

    def __init__(self, links: Sequence[Link]) -> None:
        self.links = links
        self.facts: dict[str, Any] = {}
        for link in links:
            for key in FACTS:
                if key in link.step.parameters:
                    self.facts.setdefault(key, link.step.parameters[key])

    def grid(self, field: xr.DataArray) -> Grid:
        """Return the grid of a field, as it was told to be."""
        return grid_of(field, **self.facts)

    def cut(self, fields: Any, picks: Sequence[Pick]) -> Any:
        """Return a field, or several on one grid, with what was picked."""
        for pick in picks:
            model = one_of(fields)
            grid = self.grid(model)
            for chosen in pick.of(model, grid) if pick.is_in(grid) else ():
                fields = chosen.of(fields)
        return fields

    def turn(self, pick: Pick, inputs: Sequence[Mapping[str, Field]]) -> int:
        """Return after how many steps something is picked."""
        models = [one_of(one) for own in inputs for one in own.values()]
        grids = [grid for grid in map(self.grid, models) if pick.is_in(grid)]
        if not grids:
            return 0
        grid, after = grids[0], 0
        dims = {dim for one in grids for dim in pick.dims(one)}
        for k, link in enumerate(self.links):
            if dims & _made_of_all(link, grid):
                break
            if any(dims & _along(link, inputs[k], one) for one in grids):
                after = k + 1
        return after


def _check(
    picks: Sequence[Pick], every: Sequence[tuple[int, str, Field]], told: _Told
) -> None:
    """Refuse what is in none of the fields, before anything is computed.

    Raises
    ------
    OptionError
    """
    for pick in picks:
        models = [one_of(one) for _, _, one in every]
        having = [one for one in models if pick.is_in(told.grid(one))]
        # where none has it, the first one says so
        for model in having or models[:1]:
            pick.of(model, told.grid(model))


def _fitting(shown: Mapping[str, xr.DataArray], result: Any) -> dict[str, xr.DataArray]:
    """Return the fields that lie on the points of the result."""
    if isinstance(result, xr.Dataset):
        return {}
    part = result[0] if isinstance(result, tuple) else result
    sizes = dict(part.squeeze().sizes)
    return {n: one for n, one in shown.items() if dict(one.squeeze().sizes) == sizes}


def _called(one: Field) -> Any:
    return one.name if isinstance(one, xr.DataArray) else (*one.data_vars,)


def one_of(fields: Field) -> xr.DataArray:
    """Return a field, or the first of several, which are on one grid."""
    if isinstance(fields, xr.DataArray):
        return fields
    first: xr.DataArray = next(iter(fields.data_vars.values()))
    return first


def _made_of_all(link: Link, grid: Grid) -> set[str]:
    """Return the dimensions along which a step is made of all points there are."""
    if link.operator.reach == "map":
        return _map_dims(grid)
    if link.operator.reach != "line":
        return set()
    own = link.step.parameters
    names = [*(own.get("dims") or ()), own.get("dim")]
    known = _dims(grid, names)
    return known or _dims(grid, ["time"])


def _along(link: Link, inputs: Mapping[str, Field], grid: Grid) -> set[str]:
    """Return the dimensions along which a step needs the neighbours of a point."""
    if link.operator.reach != "stencil":
        return set()
    own = link.step.parameters
    named = [*(own.get("dims") or ()), own.get("dim")]
    horizontal = set() if any(named) else _map_dims(grid)
    named += [_ALONG.get(link.operator.name), *map(_ALONG_WITH.get, inputs)]
    return horizontal | _dims(grid, named)


def _map_dims(grid: Grid) -> set[str]:
    dims = {dim for dim in grid.dims if grid.roles.get(dim) in _MAP_ROLES}
    return dims if grid.surface is None else dims | {*grid.surface.dims}


def _dims(grid: Grid, names: Sequence[str | None]) -> set[str]:
    """Return the dimensions that names stand for, those there are."""
    return {grid.dim(name) for name in names if name and _is_dim(grid, name)}


def _is_dim(grid: Grid, name: str) -> bool:
    try:
        grid.dim(name)
    except XnablaError:
        return False  # the operator itself says what is wrong
    return True
