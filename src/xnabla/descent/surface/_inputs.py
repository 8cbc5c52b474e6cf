"""What walks on a field need: its plain numbers, its grid, thresholds in its unit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from xnabla.descent.surface._ground import Ground
from xnabla.errors import FieldError, GridError, OptionError, UnitsError, explain
from xnabla.grid import Grid, grid_of
from xnabla.labels import check_field, split, title_of
from xnabla.numerics import is_chunked
from xnabla.operators import smooth_gaussian
from xnabla.units import (
    Unit,
    conversion_factor,
    difference,
    is_quantity,
    parse,
    split_quantity,
)

# Values that are taken out of a lazy field at once.
_SLAB = 1 << 22


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """A field that is walked on.

    Attributes
    ----------
    field : DataArray
        As it was given, smoothed if that was asked for.
    values : array
        Its numbers, the horizontal dimensions last.
    unit, delta : Unit
        Of its values and of their differences.
    grid : Grid
    ground : Ground
        Where its points lie and what their neighbours are.
    outer : tuple of str
        The other dimensions, in the order of ``values``.
    """

    field: xr.DataArray
    values: Any
    unit: Unit
    delta: Unit
    grid: Grid
    ground: Ground
    outer: tuple[str, ...]

    @property
    def outer_shape(self) -> tuple[int, ...]:
        """Sizes of the other dimensions."""
        return tuple(self.values.shape[: len(self.outer)])

    @property
    def title(self) -> str:
        """What to call the field inside a sentence."""
        words = title_of(self.field)
        return words[0].lower() + words[1:]

    def fields(self) -> Iterator[NDArray[Any]]:
        """Yield every horizontal field (ny, nx); a lazy one is read slab by slab."""
        ny, nx = self.values.shape[-2:]
        flat = self.values.reshape(-1, ny, nx)
        slab = max(1, _SLAB // max(ny * nx, 1)) if is_chunked(flat) else len(flat)
        for start in range(0, len(flat), max(slab, 1)):
            block = np.asarray(flat[start : start + slab])
            for one in block:
                self._check_finite(one)
                yield one

    def _check_finite(self, values: NDArray[Any]) -> None:
        if values.size and np.isinf(np.nanmax(np.abs(values), initial=0.0)):
            count = int(np.isinf(values).sum())
            raise FieldError(
                explain(
                    f"{title_of(self.field)} has {count} infinite values",
                    expected="numbers, and NaN where there is none",
                    hint="field.where(numpy.isfinite(field))",
                )
            )


def asked(
    field: Any,
    operator: str,
    *,
    smooth: Any = None,
    grid: Any = None,
    earth: Any = None,
    periodic: Any = None,
    crs: Any = None,
) -> Asked:
    """Return a field ready to be walked on.

    Raises
    ------
    FieldError, UnitsError, GridError, OptionError
        If it is no field of real numbers with a unit on a grid with two horizontal
        dimensions.
    """
    checked = check_field(field, operator)
    known = _grid_for(checked, grid, earth, periodic, crs)
    ground = Ground.of(known)
    if smooth is not None:
        checked = smooth_gaussian(checked, smooth, dims=ground.dims, grid=known)
    plain = split(checked)
    if np.dtype(plain.values.dtype).kind == "c":
        raise FieldError(
            explain(
                f"{title_of(checked)} holds complex numbers, which have no order",
                expected="real numbers",
                hint="abs(field), field.real or field.imag",
            )
        )
    title = title_of(checked)
    outer = tuple(str(dim) for dim in checked.dims if dim not in ground.dims)
    if 0 in checked.shape:
        raise GridError(
            explain(f"{title} has no values", got=f"sizes {dict(checked.sizes)}")
        )
    order = [checked.dims.index(dim) for dim in (*outer, *ground.dims)]
    values = plain.values.transpose(*order)
    delta = difference(plain.unit, of=title[0].lower() + title[1:])
    return Asked(checked, values, plain.unit, delta, known, ground, outer)


def _grid_for(
    field: xr.DataArray, grid: Any, earth: Any, periodic: Any, crs: Any
) -> Grid:
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
    return grid.with_dims(tuple(map(str, field.dims)), tuple(field.shape))


def threshold(value: Any, asked: Asked, name: str) -> float:
    """Return a difference of values as a number in the unit of the field.

    Raises
    ------
    UnitsError
        If it has no unit, or one of another dimension.
    OptionError
        If it is negative or no number.
    """
    if value is None:
        return 0.0
    example = f"{name}='2 {asked.delta}'"
    number, unit = _measure(value, name, example, allowed=asked.delta)
    if unit is None:
        return number
    factor = conversion_factor(
        difference(unit, of=name), asked.delta, of=f"{name}= of {asked.title}"
    )
    number = number * factor
    if not number >= 0.0 or not np.isfinite(number):
        raise OptionError(
            explain(
                f"{name}={value!r} cannot be",
                expected="a difference of values, zero or more",
                hint=example,
            )
        )
    return float(number)


def length_m(value: Any, name: str, *, example: str) -> float:
    """Return a length in metres.

    Raises
    ------
    UnitsError
        If it has no unit, or is no length.
    OptionError
        If it is not positive.
    """
    number, unit = _measure(value, name, f"{name}='{example}'")
    if unit is not None:
        number = number * conversion_factor(unit, parse("m"), of=f"{name}=")
    if not 0.0 < number < np.inf:
        raise OptionError(
            explain(
                f"{name}={value!r} cannot be",
                expected="a length above zero",
                hint=f"{name}='{example}'",
            )
        )
    return float(number)


def _measure(
    value: Any, name: str, example: str, allowed: Unit | None = None
) -> tuple[float, Unit | None]:
    """Return a number and its unit, from a quantity or from text."""
    if isinstance(value, xr.DataArray) and value.ndim == 0:
        value = value.data
    if is_quantity(value):
        number, unit = split_quantity(value)
        return float(number), unit
    if isinstance(value, str):
        text = value.strip()
        sign = -1.0 if text.startswith("-") else 1.0
        return sign, parse(text.removeprefix("-"), of=f"{name}=")
    is_number = isinstance(value, int | float | np.number) and not isinstance(
        value, bool
    )
    dimensionless = allowed is not None and str(allowed) in {"1", ""}
    if is_number and (float(value) == 0.0 or dimensionless) and float(value) >= 0.0:
        return float(value), None
    if is_number:
        raise UnitsError(
            explain(
                f"{name}={value!r} has no unit",
                expected="a quantity, or text with a unit",
                hint=example,
            )
        )
    raise OptionError(
        explain(f"{name}={value!r} is no measure", expected="a quantity", hint=example)
    )


def choice(value: Any, allowed: tuple[Any, ...], name: str) -> Any:
    """Return a value that must be one of several.

    Raises
    ------
    OptionError
        If it is none of them.
    """
    if not isinstance(value, str | None) or value not in allowed:
        raise OptionError(
            explain(
                f"{name}={value!r} is unknown",
                expected="one of " + ", ".join(map(repr, allowed)),
                hint=f"{name}={allowed[0]!r}",
            )
        )
    return value
