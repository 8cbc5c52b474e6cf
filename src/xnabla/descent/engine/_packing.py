"""Parameters of any shape and unit as rows of numbers, one row for each cell, and back.

Everything is turned into root units at the door: pascals and hectopascals, kelvin and
degrees Celsius, make the same numbers, and so the same descent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import xarray as xr

from xnabla.descent._roots import root_of
from xnabla.descent.engine._problem import Array
from xnabla.errors import FieldError, OptionError, explain
from xnabla.labels import as_floating
from xnabla.units import (
    Unit,
    attach,
    difference,
    is_quantity,
    parse,
    scale_and_zero,
    split_quantity,
)

Kind = Literal["one", "dict", "dataset"]
ALONE = "solution"


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One named parameter.

    Attributes
    ----------
    name : str
    unit : Unit or None
        The caller's; without one the numbers are plain.
    factor, zero : float
        A number in root units is ``factor * number + zero``.
    dims : tuple of str
        Of its values: cells and its own, in the order of the caller.
    own : dict of str to int
        The dimensions along which one cell has several parameters.
    like : DataArray or None
        It on all its dimensions with its labels, if it has any.
    columns : slice
        Its place in a row.
    dtype : dtype
        Of the result.
    """

    name: str
    unit: Unit | None
    factor: float
    zero: float
    dims: tuple[str, ...]
    own: dict[str, int]
    like: xr.DataArray | None
    columns: slice
    dtype: np.dtype[Any]

    @property
    def size(self) -> int:
        """How many parameters it is in one cell."""
        return int(self.columns.stop - self.columns.start)


@dataclass(frozen=True, slots=True, eq=False)
class Packing:
    """How parameters lie in rows.

    Attributes
    ----------
    parts : tuple of Part
    kind : {"one", "dict", "dataset"}
        What holds them.
    cells : dict of str to int
        The dimensions whose points descend on their own; none for one problem.
    coords : mapping
        Coordinates of the cells.
    frame : Dataset or None
        The parameters' own, if they came in one.
    """

    parts: tuple[Part, ...]
    kind: Kind
    cells: dict[str, int]
    coords: Mapping[str, Any]
    frame: xr.Dataset | None = None

    @property
    def n_cells(self) -> int:
        """How many problems there are."""
        return int(np.prod([*self.cells.values()], dtype=np.int64))

    @property
    def n_parameters(self) -> int:
        """How many parameters one problem has."""
        return int(self.parts[-1].columns.stop)

    def unpacked(self, rows: Any) -> Any:
        """Return rows in root units as the caller's kind of parameters."""
        given = {part.name: self._given(part, rows) for part in self.parts}
        if self.kind == "one":
            return given[ALONE]
        if self.frame is None:
            return given
        return self.frame.copy(deep=False, data={n: g.data for n, g in given.items()})

    def values(self, part: Part, rows: Any) -> Any:
        """Return the numbers of one parameter, in the caller's unit and order."""
        columns = rows[:, part.columns]
        if part.zero:
            columns = columns - part.zero
        if part.factor != 1.0:
            columns = columns / part.factor
        stacked = (*self.cells, *part.own)
        shape = (*self.cells.values(), *part.own.values())
        columns = columns.reshape(shape)
        return columns.transpose([stacked.index(dim) for dim in part.dims])

    def _given(self, part: Part, rows: Any) -> Any:
        values = self.values(part, rows)
        if not part.dims:
            values = values[()]
        if part.unit is not None:
            values = attach(values, part.unit)
        if part.like is None:
            return values
        return part.like.copy(deep=False, data=values)

    def labelled(self, part: Part, values: Any) -> xr.DataArray:
        """Return values of one parameter on its coordinates."""
        coords = self.coords if part.like is None else part.like.coords
        return xr.DataArray(xr.Variable(part.dims, values), coords, name=part.name)

    def field(self, values: Array, name: str = "") -> xr.DataArray:
        """Return one value for each cell on the coordinates of the cells."""
        shape = tuple(self.cells.values())
        variable = xr.Variable(tuple(self.cells), values.reshape(shape))
        return xr.DataArray(variable, coords=self.coords, name=name)


@dataclass(frozen=True, slots=True, eq=False)
class _Raw:
    """One parameter as it came."""

    name: str
    values: Array
    unit: Unit | None
    dims: tuple[str, ...]
    like: xr.DataArray | None


def packing_of(x0: Any, dim: Any, cells: Any) -> tuple[Packing, Array]:
    """Return how parameters lie in rows, and the rows of their first values.

    Parameters
    ----------
    x0 : number, Quantity, array, DataArray, Dataset or mapping of these
        The first values.
    dim : str or int, optional
        The dimension that counts the parameters: all others are cells.
    cells : True or sequence of str, optional
        The dimensions that are cells: all, or these.

    Raises
    ------
    FieldError, OptionError, UnitsError
        If they are no numbers, or the cells cannot be told.
    """
    kind, named = _named(x0)
    raws = [_raw(name, one, dim, cells, alone=len(named) == 1) for name, one in named]
    sizes: dict[str, int] = {}
    for raw in raws:
        for one, size in zip(raw.dims, raw.values.shape, strict=True):
            if sizes.setdefault(one, size) != size:
                raise FieldError(
                    explain(
                        f"The parameters differ in size along '{one}'",
                        expected=f"{sizes[one]} everywhere",
                        got=f"{size} in {raw.name!r}",
                    )
                )
    over = _cell_dims(sizes, dim, cells)
    coords = _coords(raws, over)
    parts, rows, first = [], [], 0
    for raw in raws:
        part, values = _part(raw, {one: sizes[one] for one in over}, first, coords)
        first = part.columns.stop
        parts.append(part)
        rows.append(values)
    frame = None
    if kind == "dataset":
        frame = xr.Dataset({part.name: part.like for part in parts})
    inside = {one: sizes[one] for one in over}
    packing = Packing(tuple(parts), kind, inside, coords, frame)
    start = np.concatenate(rows, axis=1)
    if not start.size:
        raise FieldError(
            explain("There is nothing to descend with", expected="at least one number")
        )
    return packing, start


def _named(x0: Any) -> tuple[Kind, list[tuple[str, Any]]]:
    if isinstance(x0, xr.Dataset):
        named = [(str(name), x0[name]) for name in x0.data_vars]
        kind: Kind = "dataset"
    elif isinstance(x0, Mapping):
        named = [(str(name), one) for name, one in x0.items()]
        kind = "dict"
    else:
        return "one", [(ALONE, x0)]
    if not named:
        raise FieldError(
            explain("There are no parameters", expected="at least one name in x0")
        )
    return kind, named


def _raw(name: str, one: Any, dim: Any, cells: Any, *, alone: bool) -> _Raw:
    title = f"parameter {name!r}" if name != ALONE else "x0"
    like, unit = None, None
    values: Any = one
    if isinstance(one, xr.DataArray):
        like, values = one, one.data
        text = str(one.attrs.get("units", "")).strip()
        if not is_quantity(values) and text:
            unit = parse(text, of=title)
    if is_quantity(values):
        values, unit = split_quantity(values)
    if hasattr(values, "compute"):
        values = values.compute()
    values = as_floating(np.asarray(values), title)
    if values.dtype.kind == "c":
        raise FieldError(
            explain(f"{title} holds complex numbers", expected="real numbers")
        )
    if unit is not None:
        difference(unit, of=title)  # refuses logarithms
    if like is not None:
        return _Raw(name, values, unit, tuple(map(str, like.dims)), like)
    return _Raw(name, values, unit, _axes(name, values.ndim, dim, cells, alone), None)


def _axes(name: str, ndim: int, dim: Any, cells: Any, alone: bool) -> tuple[str, ...]:
    """Return names for the axes of a plain array."""
    if isinstance(dim, (int, np.integer)) and not isinstance(dim, bool) and ndim:
        axis = int(dim) % ndim
        names = _numbered("cell", ndim - 1)
        return (*names[:axis], "parameter", *names[axis:])
    if cells is True:
        return _numbered("cell", ndim)
    return _numbered("parameter" if alone else f"{name}_index", ndim)


def _numbered(word: str, count: int) -> tuple[str, ...]:
    return (word,) if count == 1 else tuple(f"{word}_{i}" for i in range(count))


def _cell_dims(sizes: dict[str, int], dim: Any, cells: Any) -> tuple[str, ...]:
    if dim is not None and cells is not None:
        raise OptionError(
            explain(
                "dim= and cells= say the same in two ways",
                expected="one of them",
                got=f"dim={dim!r} and cells={cells!r}",
            )
        )
    if dim is not None:
        dim = "parameter" if isinstance(dim, int) else str(dim)
        _check_known([dim], sizes, "dim")
        return tuple(one for one in sizes if one != dim)
    if cells is None or cells is False:
        return ()
    if cells is True:
        over = tuple(sizes)
    else:
        over = (cells,) if isinstance(cells, str) else tuple(map(str, cells))
        _check_known(over, sizes, "cells")
    if not over:
        raise OptionError(
            explain(
                "A single number has no cells",
                expected="x0 with the dimensions of the cells",
                hint="x0 = xr.zeros_like(field)",
            )
        )
    return over


def _check_known(names: Sequence[str], sizes: dict[str, int], option: str) -> None:
    unknown = [one for one in names if one not in sizes]
    if unknown:
        raise OptionError(
            explain(
                f"x0 has no dimension {unknown[0]!r}",
                expected=f"{option}= one of {list(sizes)}",
                got=repr(unknown[0]),
            )
        )


def _coords(raws: list[_Raw], over: tuple[str, ...]) -> dict[str, Any]:
    coords: dict[str, Any] = {}
    for raw in raws:
        for name, one in (raw.like.coords if raw.like is not None else {}).items():
            if set(one.dims) <= set(over):
                coords.setdefault(str(name), one.variable)
    return coords


def _like(
    raw: _Raw, dims: tuple[str, ...], sizes: dict[str, int], coords: dict[str, Any]
) -> xr.DataArray | None:
    """Return a parameter's labels on all its dimensions."""
    if raw.like is None:
        return None
    values = np.zeros([sizes[one] for one in dims])
    kept = {str(name): one.variable for name, one in raw.like.coords.items()}
    kept = {**{n: one for n, one in coords.items() if set(one.dims) <= {*dims}}, **kept}
    return xr.DataArray(
        xr.Variable(dims, values), kept, name=raw.like.name, attrs=_told(raw.like)
    )


def _told(like: xr.DataArray) -> dict[str, Any]:
    """Return the attributes that stay true: what it is, but not its range or unit."""
    kept = ("standard_name", "long_name", "grid_mapping")
    return {name: like.attrs[name] for name in kept if name in like.attrs}


def _part(
    raw: _Raw, cells: dict[str, int], first: int, coords: dict[str, Any]
) -> tuple[Part, Array]:
    own = {
        one: size
        for one, size in zip(raw.dims, raw.values.shape, strict=True)
        if one not in cells
    }
    dims = (*(one for one in cells if one not in raw.dims), *raw.dims)
    factor, zero = _to_root(raw.unit, raw.name)
    variable: Any = xr.Variable(raw.dims, raw.values.astype(np.float64))
    shape = {**cells, **own}
    stacked = variable.set_dims(shape).transpose(*shape).to_numpy()
    n = int(np.prod([*cells.values()], dtype=np.int64))
    rows = np.ascontiguousarray(stacked).reshape(n, -1) * factor + zero
    columns = slice(first, first + rows.shape[1])
    dtype = raw.values.dtype
    like = _like(raw, dims, {**cells, **own}, coords)
    part = Part(raw.name, raw.unit, factor, zero, dims, own, like, columns, dtype)
    return part, rows


def _to_root(unit: Unit | None, name: str) -> tuple[float, float]:
    return (1.0, 0.0) if unit is None else scale_and_zero(unit, root_of(unit), of=name)
