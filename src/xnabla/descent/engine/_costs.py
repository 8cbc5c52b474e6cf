"""A caller's cost, as the engine wants it: rows of plain numbers in, numbers out."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import xarray as xr

from xnabla.descent._roots import root_factor
from xnabla.descent.engine._packing import Packing, Part
from xnabla.descent.engine._problem import Array
from xnabla.descent.engine._samples import Samples
from xnabla.errors import FieldError, UnitsError, explain
from xnabla.units import Unit, conversion_factor, is_quantity, split_quantity


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """A cost of labelled parameters with units, seen as one of rows of numbers.

    Attributes
    ----------
    packing : Packing
        How the parameters lie in rows.
    function : callable
        The caller's cost.
    samples : Samples or None
        Its data.
    unit : Unit or None
        Of the cost, found at the first point.
    scale : array (cells, k)
        A parameter in root units is this times the number the engine moves.
    whole : array (cells, k)
        Where cells at rest are: the cost is always of all cells at once.
    """

    packing: Packing
    function: Callable[..., Any]
    samples: Samples | None
    unit: Unit | None
    scale: Array
    whole: Array

    def costs(self, points: Array, cells: Array, rows: Array | None = None) -> Any:
        """Return the cost in root units at points of some cells, ``(m,)``."""
        if len(cells) == len(self.whole):
            everywhere = points * self.scale
        else:
            kind = np.result_type(points.dtype, np.float64)
            everywhere = (self.whole * self.scale).astype(kind)
            everywhere[cells] = points * self.scale[cells]
        return self.of_rows(everywhere, rows)[cells]

    def of_rows(self, everywhere: Any, rows: Array | None = None) -> Any:
        """Return the cost of each cell in root units."""
        found = self.called(everywhere, rows)
        return _numbers(found, self.packing, self.unit)

    def called(self, everywhere: Any, rows: Array | None = None) -> Any:
        """Return what the caller's cost makes of rows in root units."""
        given = self.packing.unpacked(everywhere)
        if self.samples is None:
            return self.function(given)
        return self.function(given, self.samples.batch(rows))

    def scaled(self, scale: Array) -> Face:
        """Return the face on other numbers for the same parameters."""
        root = self.whole * self.scale
        return replace(self, scale=scale, whole=root / scale)

    def everywhere(self, points: Array, cells: Array) -> Array:
        """Return rows in root units of all cells, some of them at these points."""
        rows = self.whole * self.scale
        rows[cells] = points * self.scale[cells]
        return rows


def face_of(
    packing: Packing,
    function: Callable[..., Any],
    samples: Samples | None,
    start: Array,
) -> Face:
    """Return the face of a cost, once it has been called at the first point.

    Raises
    ------
    FieldError, UnitsError
        If the cost is none: it fails, or returns something else than one number for
        each cell.
    """
    ones = np.ones(start.shape)
    face = Face(packing, function, samples, None, ones, start.copy())
    found = _first_call(face, start)
    values = found.data if isinstance(found, xr.DataArray) else found
    unit = split_quantity(values)[1] if is_quantity(values) else None
    if unit is not None:
        root_factor(unit)  # refuses logarithms
    face = replace(face, unit=unit)
    first = _numbers(found, packing, unit)
    if packing.n_cells == 1 and not np.isfinite(first).all():
        raise FieldError(
            explain(
                f"The cost at x0 is {first[0]}",
                expected="a finite number to begin with",
                hint="leave missing values out of the cost: .mean() skips NaN",
            )
        )
    return face


def _first_call(face: Face, start: Array) -> Any:
    try:
        with np.errstate(all="ignore"):
            return face.called(start)
    except Exception as fault:
        names = {type(fault).__name__, *(t.__name__ for t in type(fault).__mro__)}
        if "PintError" not in names and "DimensionalityError" not in names:
            raise
        held = [part.name for part in face.packing.parts if part.unit is not None]
        raise UnitsError(
            explain(
                f"The cost cannot be computed with units: {fault}",
                expected="a cost of pint quantities, as x0 has units"
                if held
                else "a cost of plain numbers, as x0 has no units",
                hint="xn.quantify(observed) for the data in the cost"
                if held
                else 'x0 with units: Quantity(280, "K")',
            )
        ) from fault


def _numbers(found: Any, packing: Packing, unit: Unit | None) -> Array:
    """Return what a cost returned as one number for each cell, in root units."""
    dims: tuple[Any, ...] | None = None
    if isinstance(found, xr.DataArray):
        dims, found = found.dims, found.data
    factor = 1.0
    if is_quantity(found):
        found, own = split_quantity(found)
        if unit is None:
            unit = own
        same = own.pint == unit.pint
        factor = root_factor(unit) if same else _other(own, unit)
    elif unit is not None:
        raise UnitsError(
            explain(
                "The cost has a unit at one point and none at another",
                expected=f"'{unit}' everywhere",
            )
        )
    if hasattr(found, "compute"):
        found = found.compute()
    found = np.asarray(found)
    shape = tuple(packing.cells.values())
    if dims is not None and set(dims) == set(packing.cells):
        found = found.transpose([dims.index(one) for one in packing.cells])
    if found.shape != shape and not (not shape and found.size == 1):
        _refuse_shape(found, dims, packing)
    if found.dtype.kind not in "iufbc":
        raise FieldError(
            explain("The cost is no number", expected="a number", got=found.dtype)
        )
    flat = found.reshape(packing.n_cells)
    return np.asarray(flat * factor if factor != 1.0 else flat)


def _other(own: Unit, unit: Unit) -> float:
    return conversion_factor(own, unit, of="the cost") * root_factor(unit)


def _refuse_shape(found: Array, dims: Any, packing: Packing) -> None:
    got = dict(zip(dims, found.shape, strict=True)) if dims else found.shape
    if packing.cells:
        raise FieldError(
            explain(
                "The cost is not one number for each cell",
                expected=f"{packing.cells}, summed over everything else",
                got=got,
                hint="(residual**2).mean(sample_dim)",
            )
        )
    raise FieldError(
        explain(
            "The cost is not one number",
            expected="a single number, or cells= for one in each cell",
            got=f"shape {got}",
            hint="xn.descend(cost, x0, cells=True), or (residual**2).mean()",
        )
    )


def slopes_from(found: Any, face: Face) -> Array:
    """Return a gradient of the caller's as rows in root units, ``(cells, k)``.

    Raises
    ------
    FieldError, UnitsError
        If it lacks a parameter, or has another shape or dimension.
    """
    packing = face.packing
    columns = [_slope(_entry(found, p, packing), p, face) for p in packing.parts]
    return np.concatenate(columns, axis=1)


def _entry(found: Any, part: Part, packing: Packing) -> Any:
    if packing.kind == "one":
        return found
    if isinstance(found, (Mapping, xr.Dataset)) and part.name in found:
        return found[part.name]
    raise FieldError(
        explain(
            f"The gradient has nothing for {part.name!r}",
            expected=f"a mapping with {[one.name for one in packing.parts]}",
            got=type(found).__name__,
        )
    )


def _slope(one: Any, part: Part, face: Face) -> Array:
    packing = face.packing
    dims: tuple[Any, ...] = part.dims
    if isinstance(one, xr.DataArray):
        dims, one = one.dims, one.data
    factor = _slope_factor(one, part, face.unit)
    if is_quantity(one):
        one, _ = split_quantity(one)
    values = np.asarray(one)
    stacked = {**packing.cells, **part.own}
    if values.ndim != len(dims) or not set(dims) <= set(stacked):
        raise FieldError(
            explain(
                f"The gradient of {part.name!r} has another shape than the parameter",
                expected=f"{dict(stacked) or 'one number'}",
                got=values.shape,
            )
        )
    variable: Any = xr.Variable(dims, values)
    variable = variable.set_dims(stacked).transpose(*stacked)
    return np.asarray(variable.to_numpy().reshape(packing.n_cells, -1) * factor)


def _slope_factor(one: Any, part: Part, unit: Unit | None) -> float:
    """Return what turns a gradient as given into one in root units."""
    if unit is None and part.unit is None and not is_quantity(one):
        return 1.0
    plain = part.unit is None
    wanted = unit if plain else unit / part.unit if unit else part.unit**-1  # type: ignore[operator]
    assert wanted is not None
    if is_quantity(one):
        _, own = split_quantity(one)
        return conversion_factor(own, wanted, of="the gradient") * root_factor(wanted)
    if not dict(wanted.dimensionality):
        return root_factor(wanted)
    raise UnitsError(
        explain(
            f"The gradient of {part.name!r} has no units",
            expected=f"'{wanted}', the cost over the parameter",
            hint=f'Quantity(gradient, "{wanted}")',
        )
    )


def quiet(call: Callable[[], Any]) -> Any:
    """Call without numpy's warnings of overflow and of dropped imaginary parts."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore", np.exceptions.ComplexWarning)
        return call()
