"""Fields of one operator on their common grid: plain numbers in, labelled results out.

An operator hands over a formula on arrays whose last axes are y and x. Here it gets
them: in double precision, in the units it wants, winds eastward and northward; block by
block, so that what it makes on the way stays small.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import xarray as xr

from xnabla.errors import UnitsError, XnablaError, explain, together
from xnabla.grid import Axis, Grid
from xnabla.labels import check_field, title_of
from xnabla.numerics import Line, all_chunked, is_chunked
from xnabla.operators._blocks import blocks
from xnabla.operators._calculus import Calculus, calculus_of, horizontal_pair
from xnabla.operators._choices import Setting, setting_of
from xnabla.operators._constants import EARTH_ROTATION_RAD_S
from xnabla.operators._fuse import fused_results, is_for_rows
from xnabla.operators._inputs import ANY, Need, Ready, readied
from xnabla.operators._labelled import described
from xnabla.operators._partial import grid_for, target_unit
from xnabla.operators._parts import Parts
from xnabla.operators._plan import Plan, plan_derivative
from xnabla.operators._together import check_one_grid, common_frame, dim_of_role
from xnabla.operators._wind import is_along_grid
from xnabla.units import (
    Unit,
    difference,
    in_registry_of,
    parse,
    scale_and_zero,
)

Formula = Callable[..., Any]

# Derivatives along levels or times: of which input, and how.
Lines = Sequence[tuple[str, Plan]]


def coriolis_of(calculus: Calculus) -> Any:
    """Return the Coriolis parameter at the points of a grid, per second."""
    return 2.0 * EARTH_ROTATION_RAD_S * np.sin(calculus.latitude_rad)


@dataclass(frozen=True, eq=False)
class Work:
    """What an operator works on.

    Attributes
    ----------
    fields : mapping of name to DataArray
        Its inputs; the first names the grid and the result.
    ready : mapping of name to Ready
        Their numbers and units.
    setting : Setting
        What the call said.
    grid : Grid
        The grid of all of them.
    like : DataArray
        Has the dimensions and coordinates of the result.
    core : tuple of str
        Dimensions that are not taken apart: y and x last, others before.
    winds : tuple of pair of str
        Which fields are the parts of a wind.
    """

    fields: Mapping[str, xr.DataArray]
    ready: Mapping[str, Ready]
    setting: Setting
    grid: Grid
    like: xr.DataArray
    core: tuple[str, ...]
    winds: tuple[tuple[str, str], ...] = ()
    along_grid: Mapping[tuple[str, str], bool] = field(default_factory=dict)
    edge_order: int | None = None

    @classmethod
    def on(
        cls,
        operator: str,
        fields: Mapping[str, Any],
        needs: Mapping[str, Need],
        choices: Mapping[str, Any],
        *,
        winds: tuple[tuple[str, str], ...] = (),
        roles: tuple[str, ...] = (),
        horizontal: bool = True,
        edge_order: int | None = None,
    ) -> Work:
        """Return the work of an operator, its inputs checked.

        Parameters
        ----------
        operator : str
            Its name, for messages.
        fields : mapping of name to DataArray
            Its inputs, the first of which names the grid; ``None`` is left out.
        needs : mapping of name to Need
            What they have to be.
        choices : mapping
            What the call said.
        winds : tuple of pair of str
            Which fields are the parts of a wind.
        roles : tuple of str
            Further axes the formula differentiates along: vertical, time.
        horizontal : bool
            Whether it differentiates along y and x.
        edge_order : int, optional
            Accuracy of one-sided rows, if it is to differ.

        Raises
        ------
        XnablaError
            With all faults of all inputs.
        """
        setting = setting_of(choices)
        given = {
            name: check_field(one, operator)
            for name, one in fields.items()
            if one is not None
        }
        ready, faults = {}, []
        for name, one in given.items():
            example = "m s-1" if any(name in pair for pair in winds) else "K"
            try:
                ready[name] = readied(one, needs.get(name, ANY), example)
            except XnablaError as fault:
                faults.append(fault)
        if faults:
            raise together(faults)
        like = common_frame(tuple(given.values()))
        grid = grid_for(
            like, setting.grid, setting.earth, setting.periodic, setting.crs
        )
        check_one_grid(given, grid)
        along = {
            pair: is_along_grid(given[pair[0]], given[pair[1]], grid, setting.wind)
            for pair in winds
        }
        core = tuple(dim_of_role(grid, role) for role in roles)
        if horizontal:
            core += horizontal_pair(grid)
        return cls(given, ready, setting, grid, like, core, winds, along, edge_order)

    @cached_property
    def calculus(self) -> Calculus:
        """The horizontal derivatives."""
        return calculus_of(self.grid, self.setting.options, self.edge_order)

    def unit(self, name: str) -> Unit:
        """Return the unit of the numbers a formula gets, of a difference of them."""
        return difference(self.ready[name].unit, of=self.title(name))

    def with_unit_of(self, name: str, model: str) -> Work:
        """Return the work with one field's numbers in the unit of another's.

        Raises
        ------
        UnitsError
            If they differ in dimension.
        """
        wanted, own = self.ready[model].unit, self.ready[name]
        if wanted.dimensionality != own.unit.dimensionality:
            raise UnitsError(
                explain(
                    f"{title_of(self.fields[model])} and {self.title(name)} are no "
                    "parts of one vector",
                    expected=f"both in a unit like '{wanted}'",
                    got=f"'{wanted}' and '{own.unit}'",
                )
            )
        factor, _ = scale_and_zero(
            difference(own.unit, of=name), difference(wanted, of=model), of=name
        )
        ready = {**self.ready, name: replace(own, unit=wanted, factor=factor)}
        return replace(self, ready=ready)

    def title(self, name: str) -> str:
        """Return what to call an input in a message."""
        words = title_of(self.fields[name])
        return words[0].lower() + words[1:]

    def si(self, text: str) -> Unit:
        """Return a unit in the registry of the first field."""
        first = next(iter(self.ready.values())).unit
        return in_registry_of(parse(text), first)

    def along(self, role: str, factor: float = 1.0) -> Plan:
        """Return the derivative along the axis of a role, times a factor."""
        dim = dim_of_role(self.grid, role)
        sizes = dict(zip(self.grid.dims, self.grid.sizes, strict=True))
        axis = self.grid.axis(dim)
        grid = replace(
            self.grid, dims=self.core, sizes=tuple(sizes[d] for d in self.core)
        )
        return self._plan(grid, axis, factor)

    def along_index(self, role: str) -> Plan:
        """Return the derivative along a role's dimension per number of the point."""
        dim = dim_of_role(self.grid, role)
        size = dict(zip(self.grid.dims, self.grid.sizes, strict=True))[dim]
        line = Line(np.arange(size, dtype=np.float64), 1.0)
        axis = Axis(dim, dim, "other", line, "1")
        grid = replace(
            self.grid,
            dims=self.core,
            sizes=(size,) * len(self.core),
            axes={**self.grid.axes, dim: axis},
        )
        return self._plan(grid, axis, 1.0)

    def _plan(self, grid: Grid, axis: Axis, factor: float) -> Plan:
        options = self.setting.options
        made = plan_derivative(grid, axis, order=1, factor=factor, options=options)
        assert isinstance(made, Plan)  # no line of a map
        return made

    def one(
        self,
        formula: Formula,
        result: str,
        natural: Unit,
        *,
        note: str = "",
        lines: Lines = (),
    ) -> xr.DataArray:
        """Return the result of a formula that makes one array.

        Parameters
        ----------
        formula : callable
            Takes the calculus and an array for each input, in their order.
        result : str
            What it makes: a row of the table of names.
        natural : Unit
            The unit of its numbers.
        note : str
            What else a reader must know to repeat them.
        lines : sequence of pair of str and callable
            Derivatives along further axes, of which input and how: the formula takes
            them after the inputs.
        """
        return self._run(formula, (result,), (natural,), note, lines)[0]

    def several(
        self,
        formula: Formula,
        results: tuple[str, ...],
        natural: Unit,
        what: str,
        *,
        note: str = "",
        scale: xr.Variable | None = None,
    ) -> Parts[xr.DataArray]:
        """Return the results of a formula that makes several arrays of one unit.

        ``scale`` is what they are multiplied with, for each level, say.
        """
        naturals = (natural,) * len(results)
        made = self._run(formula, results, naturals, note, scale=scale)
        return Parts(made, (str(one.name) for one in made), what, results)

    def _run(
        self,
        formula: Formula,
        results: tuple[str, ...],
        naturals: tuple[Unit, ...],
        note: str,
        lines: Lines = (),
        scale: xr.Variable | None = None,
    ) -> list[xr.DataArray]:
        words = results[0].replace("_", " ")
        targets = [target_unit(n, self.setting.units, words) for n in naturals]
        one = scale if scale is not None and scale.ndim == 0 else 1.0
        factors = [factor * float(one) for _, factor in targets]
        order = (*(d for d in self.like.dims if d not in self.core), *self.core)
        arrays = [self._array(name, order) for name in self.ready]
        outer = len(order) - len(self.core)
        parts = self._computed(formula, arrays, factors, outer, lines)
        if scale is not None and scale.ndim:
            parts = [_scaled(part, order, scale) for part in parts]
        back = [order.index(dim) for dim in self.like.dims]
        return [
            described(self, result, np.transpose(part, back), unit, note)
            for result, part, (unit, _) in zip(results, parts, targets, strict=True)
        ]

    def _array(self, name: str, order: tuple[Any, ...]) -> Any:
        """Return the numbers of a field along all dimensions; nothing is copied."""
        sizes = dict(self.like.sizes)
        values: Any = self.ready[name].values
        whole = values.set_dims({dim: sizes[dim] for dim in order})
        return whole.transpose(*order).data

    def _computed(
        self,
        formula: Formula,
        arrays: list[Any],
        factors: list[float],
        outer: int,
        lines: Lines,
    ) -> list[Any]:
        if (fused := self._fused(formula, arrays, factors, lines)) is not None:
            return fused
        dtype = np.result_type(*{array.dtype for array in arrays})
        if any(is_chunked(array) for array in arrays):
            # what is made of one field alone is lazy as well
            parts = self._apply(formula, all_chunked(arrays), factors, lines)
            return [part.astype(dtype) for part in parts]
        shape = arrays[0].shape
        made: list[Any] = []
        for block in blocks(shape[:outer], int(np.prod(shape[outer:]))):
            some = [array[block] for array in arrays]
            parts = self._apply(formula, some, factors, lines)
            if not made:
                made = [np.empty(shape, dtype) for _ in parts]
            with np.errstate(over="ignore"):
                for out, part in zip(made, parts, strict=True):
                    out[block] = part
        return made

    def _fused(
        self, formula: Formula, arrays: list[Any], factors: list[float], lines: Lines
    ) -> list[Any] | None:
        """Return the results from one pass over rows, if the formula has one."""
        options = self.setting.options
        is_pass = len(self.core) >= 2 if lines else len(self.core) == 2
        if not is_pass or not is_for_rows(arrays, options):
            return None
        order = list(self.ready)
        slots = [(order.index(name), plan) for name, plan in lines]
        turned = self._turned([*range(len(order)), *(slot for slot, _ in slots)])
        scales = [(ready.factor, ready.zero) for ready in self.ready.values()]
        return fused_results(
            self.calculus, formula, arrays, scales, factors, turned, slots
        )

    def _turned(self, slots: list[int]) -> list[tuple[int, int]]:
        """Return which of what a formula gets are parts of winds along the grid.

        A derivative of such a wind along levels turns as the wind does.
        """
        order = list(self.ready)
        pairs = []
        for pair, on in self.along_grid.items():
            u, v = (
                [at for at, slot in enumerate(slots) if slot == order.index(name)]
                for name in pair
            )
            pairs += list(zip(u, v, strict=True)) if on else []
        return pairs

    def _apply(
        self,
        formula: Formula,
        arrays: list[Any],
        factors: list[float],
        lines: Lines,
    ) -> list[Any]:
        """Return what a formula makes of one block."""
        named = {
            name: ready.of(array)
            for (name, ready), array in zip(self.ready.items(), arrays, strict=True)
        }
        for pair, turned in self.along_grid.items():
            if turned:
                u, v = self.calculus.from_grid(*(named[name] for name in pair))
                named |= dict(zip(pair, (u, v), strict=True))
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            calculus = self.calculus if self.core else None
            along = [plan(named[name]) for name, plan in lines]
            made = formula(calculus, *named.values(), *along)
            parts = made if isinstance(made, tuple) else (made,)
            return [
                part if factor == 1.0 else part * factor
                for part, factor in zip(parts, factors, strict=True)
            ]


def _scaled(part: Any, dims: tuple[Any, ...], scale: xr.Variable) -> Any:
    """Return a result times numbers that vary along some dimensions."""
    shape = [scale.sizes.get(dim, 1) for dim in dims]
    numbers = scale.values.reshape(shape).astype(part.dtype)
    if is_chunked(part):
        return part * numbers
    part *= numbers
    return part
