"""Derivatives of plain arrays and quantities, with the spacing given by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from xnabla.errors import GridError, OptionError, UnitsError, explain
from xnabla.labels import as_floating
from xnabla.numerics import Line, apply_table, is_chunked, stencil_table
from xnabla.operators._components import Components
from xnabla.operators._partial import target_unit
from xnabla.options import Options
from xnabla.units import (
    Unit,
    attach,
    difference,
    in_registry_of,
    is_quantity,
    parse,
    split_quantity,
)


def plain_gradient(
    values: Any,
    dims: Any,
    *,
    deltas: Any,
    coordinates: Any,
    units: Any,
    order: int,
    options: Options,
    edge_order: int | None,
    widen: bool = True,
) -> Components[Any]:
    """Return derivatives of an array or a quantity along its axes.

    A plain array follows ``numpy.gradient``: first-order edges unless ``edge_order``
    or ``accuracy`` says otherwise, and plain arrays out. A quantity follows MetPy:
    edges as accurate as the interior, and quantities out. Without ``widen`` the second
    derivative takes three points also where they are uneven, as MetPy's does.
    """
    quantified = is_quantity(values)
    unit: Unit | None = None
    if quantified:
        values, unit = split_quantity(values)
    mask = np.ma.isMaskedArray(values)
    array = as_floating(values, "The array")
    if mask:
        array = np.where(np.ma.getmaskarray(values), np.nan, array).astype(array.dtype)
    given = getattr(values, "dtype", np.dtype(object))
    # numpy keeps half and extended precision; the sums are double in between
    kept = given if given.kind == "f" and given != array.dtype else None
    axes = _axes_of(dims, array.ndim)
    spacings = _spacings(axes, deltas, coordinates)
    if edge_order is None and not quantified and options.accuracy == 2:
        edge_order = 1
    parts = []
    for axis, spacing in zip(axes, spacings, strict=True):
        line, step_unit = _line(array, axis, spacing, by_steps=deltas is not None)
        name = f"axis {axis}"
        target, factor = _units(unit, step_unit, units, order)
        table = stencil_table(
            line,
            order=order,
            accuracy=options.accuracy,
            edges=options.edges,
            edge_accuracy=edge_order,
            missing=options.missing,
            widen=widen,
            name=name,
        ).scaled(factor)
        part = apply_table(array, axis, table, engine=options.engine)
        part = part if kept is None else part.astype(kept)
        part = np.ma.masked_invalid(part) if mask else part
        parts.append(part if target is None else attach(part, target))
    return Components(parts, what="the array")


def is_plain(values: Any) -> bool:
    """Tell values without labels that may have a gradient from anything else."""
    if isinstance(values, str | bytes) or hasattr(values, "dims"):
        return False  # text, and whatever xarray has labelled
    is_sequence = isinstance(values, list | tuple)
    is_number = isinstance(values, int | float | complex | np.number)
    return is_sequence or is_number or hasattr(values, "__array__")


def _axes_of(dims: Any, ndim: int) -> tuple[int, ...]:
    if dims is None:
        if ndim == 0:
            raise GridError(explain("A single number has no gradient", got="0-D array"))
        return tuple(range(ndim))
    wanted = (dims,) if not hasattr(dims, "__iter__") or isinstance(dims, str) else dims
    axes = []
    for dim in wanted:
        is_number = isinstance(dim, int | np.integer) and not isinstance(dim, bool)
        if not is_number or not -ndim <= dim < ndim:
            raise GridError(
                explain(
                    f"An array has no axis {dim!r}",
                    expected=f"a whole number from {-ndim} to {ndim - 1}",
                )
            )
        axes.append(int(dim) % ndim)
    if not axes or len(set(axes)) < len(axes):
        raise GridError(
            explain(
                "A gradient goes along different axes, at least one",
                got=repr(tuple(wanted)),
                hint="xn.gradient(array, (0, 1), deltas=...)",
            )
        )
    return tuple(axes)


def _spacings(axes: tuple[int, ...], deltas: Any, coordinates: Any) -> list[Any]:
    """Return the steps or the positions for each axis."""
    if (deltas is None) == (coordinates is None):
        raise GridError(
            explain(
                "An array alone does not say how far its points lie apart",
                expected="deltas= or coordinates=, one of them",
                got="neither" if deltas is None else "both",
                hint="xn.gradient(array, deltas=1.0)",
            )
        )
    given = deltas if deltas is not None else coordinates
    word = "deltas" if deltas is not None else "coordinates"
    if deltas is not None and _is_one_number(given):
        return [given] * len(axes)
    if len(axes) == 1:
        alone = isinstance(given, tuple) and len(given) == 1
        return [given[0] if alone else given]
    several = isinstance(given, tuple | list) and len(given) == len(axes)
    if not several:
        raise OptionError(
            explain(
                f"{word}= must say something for each axis",
                expected=f"a tuple of {len(axes)}",
                got=f"{type(given).__name__}"
                + (f" of {len(given)}" if hasattr(given, "__len__") else ""),
            )
        )
    return list(given)


def _is_one_number(given: Any) -> bool:
    bare = split_quantity(given)[0] if is_quantity(given) else given
    return not isinstance(bare, tuple | list) and np.ndim(bare) == 0


def _line(
    array: Any, axis: int, spacing: Any, *, by_steps: bool
) -> tuple[Line, Unit | None]:
    """Return the points along an axis, and their unit if they have one."""
    unit: Unit | None = None
    if isinstance(spacing, xr.DataArray):
        raise GridError(
            explain(
                f"The spacing along axis {axis} is labelled",
                expected="plain numbers or a quantity",
                got=f"a DataArray {spacing.name!r}",
                hint="give the field as a DataArray with this coordinate, or "
                "coordinates=coordinate.values",
            )
        )
    if isinstance(spacing, list | tuple) and any(map(is_quantity, spacing)):
        raise GridError(
            explain(
                f"The spacing along axis {axis} is a list of quantities",
                expected="one quantity",
                hint="units.Quantity([1.0, 2.0], 'km')",
            )
        )
    if is_quantity(spacing):
        spacing, unit = split_quantity(spacing)
    numbers = np.asarray(spacing)
    if numbers.dtype.kind not in "iuf":
        raise GridError(
            explain(
                f"The spacing along axis {axis} is no number",
                expected="numbers or a quantity",
                got=f"dtype {numbers.dtype}",
            )
        )
    numbers = numbers.astype(np.float64)
    size = array.shape[axis]
    if numbers.ndim == 0:  # among positions too a single number is a step, as in numpy
        _check_steps(numbers, axis)
        return Line(numbers * np.arange(size), float(numbers)), unit
    wanted = size - 1 if by_steps else size
    if numbers.ndim == 1:
        numbers = _sized(numbers, 0, wanted, axis, by_steps)
    elif numbers.ndim == array.ndim and not is_chunked(array):
        numbers = np.moveaxis(_sized(numbers, axis, wanted, axis, by_steps), axis, -1)
    else:
        raise GridError(
            explain(
                f"The spacing along axis {axis} has {numbers.ndim} dimensions",
                expected="1" if is_chunked(array) else f"1 or {array.ndim}",
            )
        )
    if by_steps:
        _check_steps(numbers, axis)
        start = np.zeros((*numbers.shape[:-1], 1))
        numbers = np.concatenate([start, np.cumsum(numbers, axis=-1)], axis=-1)
    else:
        _check_steps(np.diff(numbers, axis=-1), axis)
    return Line(numbers), unit


def _sized(numbers: Any, along: int, wanted: int, axis: int, by_steps: bool) -> Any:
    if numbers.shape[along] == wanted:
        return numbers
    raise GridError(
        explain(
            f"The {'deltas' if by_steps else 'coordinates'} along axis {axis} have the "
            "wrong length",
            expected=f"{wanted}",
            got=f"{numbers.shape[along]}",
        )
    )


def _check_steps(steps: Any, axis: int) -> None:
    wrong, expected = "", "points that only rise or only fall"
    if not np.all(np.isfinite(steps)):
        wrong, expected = f"A position along axis {axis} is NaN", "a finite number"
    elif np.any(steps == 0):
        wrong = f"Two points along axis {axis} are the same"
    elif not (np.all(steps > 0) or np.all(steps < 0)):
        wrong = f"Positions along axis {axis} are not monotonic"
    if wrong:
        raise GridError(explain(wrong, expected=expected))


def _units(
    unit: Unit | None, step: Unit | None, units: Any, order: int
) -> tuple[Unit | None, float]:
    """Return the unit of the result, if anything had one, and the factor to it."""
    if unit is None and step is None:
        if units is None:
            return None, 1.0
        raise UnitsError(
            explain(
                "A plain array has no units to convert",
                expected="a quantity",
                got=f"units={units!r}",
                hint="xn.gradient(units.Quantity(array, 'K'), deltas=...)",
            )
        )
    one = unit if unit is not None else step
    assert one is not None
    own = unit if unit is not None else in_registry_of(parse("1"), one)
    length = in_registry_of(step if step is not None else parse("1"), one)
    natural = (
        difference(own, of="The array")
        / difference(length, of="the coordinate") ** order
    )
    return target_unit(natural, units, "the derivative of the array")


def check_no_grid(operator: str, **given: Any) -> None:
    """Refuse what says where labelled points lie, for values without labels."""
    unused = [f"{name}=" for name, value in given.items() if value is not None]
    if unused:
        raise GridError(
            explain(
                f"A plain array lies on no grid: {' and '.join(unused)} says nothing",
                expected="deltas= or coordinates= alone, or a DataArray",
                hint=f"xn.{operator}(array, deltas=...)",
            )
        )


def check_no_spacing(operator: str, deltas: Any, coordinates: Any) -> None:
    """Refuse steps and positions for values whose labels say them."""
    if deltas is None and coordinates is None:
        return
    raise GridError(
        explain(
            "A labelled field takes its spacing from its coordinates",
            expected="no deltas= or coordinates=",
            hint=f"xn.{operator}(field.data, deltas=...)",
        )
    )
