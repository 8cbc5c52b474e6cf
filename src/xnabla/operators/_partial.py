"""The derivatives of a labelled field: the one every operator is made of."""

from __future__ import annotations

from collections.abc import Hashable
from contextlib import suppress
from typing import Any

import numpy as np
import xarray as xr

from xnabla.errors import GridError, UnitsError, explain
from xnabla.grid import Axis, Grid, grid_of
from xnabla.labels import (
    Plain,
    cell_methods_without,
    derivative_long_name,
    derivative_name,
    derivative_standard_name,
    describe,
    title_of,
)
from xnabla.operators._kept import Kept
from xnabla.operators._plan import plan_derivative
from xnabla.options import Options
from xnabla.units import (
    Unit,
    conversion_factor,
    difference,
    in_registry_of,
    parse,
    rate,
)


def grid_for(
    field: xr.DataArray, grid: Any, earth: Any, periodic: Any, crs: Any = None
) -> Grid:
    """Return the grid of a field: the one given, or the one read from it."""
    if grid is None:
        return grid_of(field, earth=earth, periodic=periodic, crs=crs)
    if not isinstance(grid, Grid):
        raise GridError(
            explain(
                "grid= takes a Grid",
                got=type(grid).__name__,
                hint="grid=xn.grid_of(field)",
            )
        )
    if earth is not None or periodic is not None or crs is not None:
        raise GridError(
            explain(
                "grid= already says which Earth, which period and which projection",
                expected="grid= alone, or earth=, periodic= and crs= alone",
                hint="grid=xn.grid_of(field, earth=...)",
            )
        )
    return grid.with_dims(tuple(map(str, field.dims)), tuple(field.shape))


def partial_derivative(
    field: xr.DataArray,
    plain: Plain,
    grid: Grid,
    axis: Axis,
    *,
    order: int,
    units: Any,
    options: Options,
    edge_order: int | None,
    values: Any = None,
) -> xr.DataArray:
    """Return one derivative of a field, described.

    The unit the user asked for is a factor in the weights: it costs nothing. The
    numbers may be made already.
    """
    target, factor = target_of(field, plain, axis, order, units)
    if values is None:
        plan = plan_derivative(
            grid,
            axis,
            order=order,
            factor=factor,
            options=options,
            edge_order=edge_order,
        )
        values = plan(plain.values)
    name = None if field.name is None else str(field.name)
    what = words_for(field)
    methods = str(field.attrs.get("cell_methods", ""))
    return describe(
        values,
        like=field,
        unit=target,
        name=derivative_name(
            name, axis, order, alone=list(grid.roles.values()).count(axis.role) == 1
        ),
        attributes={
            "standard_name": derivative_standard_name(
                _optional(field.attrs.get("standard_name")), axis, order
            ),
            "long_name": derivative_long_name(what, axis, order),
            "cell_methods": _methods_without(methods, axis),
            "comment": _comment(grid, axis, options),
        },
    )


def target_of(
    field: xr.DataArray, plain: Plain, axis: Axis, order: int, units: Any
) -> tuple[Unit, float]:
    """Return the unit of a derivative, and the factor that takes the natural one there.

    Raises
    ------
    UnitsError
        If the unit asked for does not fit.
    """
    title = title_of(field)

    def make() -> tuple[Unit, float]:
        natural = natural_unit(plain.unit, axis, order, title)
        return target_unit(natural, units, f"{_what(order)} of {title.lower()}")

    if units is not None and not isinstance(units, str):
        return make()
    return _targets.get((plain.unit, axis.unit, order, units), make)


_targets = Kept()


def _methods_without(methods: str, axis: Axis) -> str:
    """Return cell methods without those along an axis, whatever they call it."""
    names = {axis.dim, axis.coordinate, str(axis.role)}
    if axis.role not in {"time", "vertical", "other"}:
        names.add("area")
    for name in names:
        methods = cell_methods_without(methods, name)
    return methods


def natural_unit(unit: Unit, axis: Axis, order: int, title: str) -> Unit:
    """Return the unit of a derivative before anybody asks for another."""
    step = in_registry_of(parse(axis.unit, of=f"coordinate {axis.coordinate!r}"), unit)
    step = difference(step, of=f"coordinate {axis.coordinate!r}")
    return difference(unit, of=title[0].lower() + title[1:]) / step**order


def target_unit(natural: Unit, units: Any, what: str) -> tuple[Unit, float]:
    """Return the unit of a result and the factor that takes the natural one there."""
    if units is None:
        natural, scale = rate(natural)
        # a scale in the unit (1e-5 s-1, PVU) goes into the numbers: pint has no place
        return Unit(1.0, natural.pint), natural.factor * scale
    if isinstance(units, str) and not units.strip():
        raise UnitsError(
            explain(
                "units= is empty",
                expected=f"a unit like '{natural}', or none",
                hint=f"units='{Unit(1.0, natural.pint)}'",
            )
        )
    target = in_registry_of(parse(units, of="units="), natural)
    factor = conversion_factor(natural, target, of=what)
    if target.factor != 1:
        target = _prefixed(units, target)
    return target, factor


# SI prefixes for scales that people write as numbers or as names: K/100km is cK/km,
# the potential vorticity unit µK m2 kg-1 s-1.
_PREFIXES = {0.1: "d", 0.01: "c", 1e-3: "m", 1e-6: "u", 1e-9: "n", 1e3: "k"}


def _prefixed(units: Any, target: Unit) -> Unit:
    """Return the same unit with its scale in a prefix: a quantity has no other place.

    Raises
    ------
    UnitsError
        If no prefix has the scale.
    """
    plain = Unit(1.0, target.pint)
    for scale, prefix in _PREFIXES.items():
        if np.isclose(scale, target.factor, rtol=1e-12, atol=0.0):
            with suppress(UnitsError):  # a name that takes no prefix
                same = in_registry_of(parse(f"{prefix}{plain}"), target)
                if np.isclose(conversion_factor(target, same), 1.0, rtol=1e-12, atol=0):
                    return same
    raise UnitsError(
        explain(
            f"units={units!r} is {target.factor:g} times '{plain}', and a pint "
            "quantity cannot carry that scale",
            expected="a unit without a scale, or one that a prefix has",
            hint=f"units='{plain}'",
        )
    )


def dims_of(dims: Any) -> tuple[str, ...]:
    """Return names of dimensions from one name or several."""
    if isinstance(dims, str) or not hasattr(dims, "__iter__"):
        dims = (dims,)
    names = tuple(_name_of(dim) for dim in dims)
    if not names or len(set(names)) < len(names):
        raise GridError(
            explain(
                "A gradient goes along different dimensions, at least one; a single "
                "value has none",
                got=repr(names),
                hint="xn.gradient(field, ('latitude', 'longitude'))",
            )
        )
    return names


def _name_of(dim: Hashable) -> str:
    if isinstance(dim, str):
        return dim
    raise GridError(
        explain(
            f"A dimension of a labelled field has a name, not {dim!r}",
            hint="xn.derivative(field, field.dims[0])",
        )
    )


def _what(order: int) -> str:
    return "the derivative" if order == 1 else "the second derivative"


def words_for(field: xr.DataArray) -> str:
    """Return what to call a field in a long name."""
    long_name, standard_name = map(field.attrs.get, ("long_name", "standard_name"))
    if isinstance(long_name, str) and long_name.strip():
        return long_name
    if isinstance(standard_name, str) and standard_name.strip():
        return standard_name.replace("_", " ")
    return "the field" if field.name is None else str(field.name)


def vector_words(wind: xr.DataArray) -> str:
    """Return what to call a vector field whose part is given."""
    standard_name = str(wind.attrs.get("standard_name", ""))
    if "sea_water" in standard_name:
        return "the current"
    is_wind = not standard_name or standard_name.endswith("wind")
    return "the wind" if is_wind else "the vector field"


def earth_words(grid: Grid) -> str:
    """Return what a comment says of the figure of the Earth."""
    figure = str(grid.earth)
    return f"Earth {'an' if figure[0] in 'aeiou' else 'a'} {figure}"


def _optional(value: Any) -> str | None:
    return None if value is None else str(value)


def _comment(grid: Grid, axis: Axis, options: Options) -> str:
    """Return what a reader of the file needs to repeat the number."""
    parts = [
        f"finite differences of accuracy {options.accuracy} along {axis.coordinate}",
        f"edges {options.edges}",
        f"NaN {options.missing}",
    ]
    if axis.role in {"latitude", "longitude"}:
        parts += [f"poles {options.poles}", earth_words(grid)]
    elif grid.surface is not None and axis.dim in grid.surface.dims:
        parts.append(earth_words(grid))
    return "; ".join(parts)
