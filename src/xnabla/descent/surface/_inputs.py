"""What walks on a field need: its plain numbers, its grid, thresholds in its unit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from xnabla.descent._measures import factor_to, measured, no_unit
from xnabla.descent.surface._ground import Ground
from xnabla.errors import FieldError, GridError, OptionError, XnablaError, explain
from xnabla.grid import Grid, grid_of
from xnabla.labels import check_field, split, title_of
from xnabla.numerics import is_chunked
from xnabla.operators import smooth_gaussian
from xnabla.operators._partial import words_for
from xnabla.units import Unit, difference, parse

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

    @property
    def words(self) -> str:
        """What to call the field in a long name."""
        return words_for(self.field)

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
    if 0 in checked.shape:
        raise GridError(
            explain(f"{title_of(checked)} is empty", got=f"sizes {dict(checked.sizes)}")
        )
    known = _grid_for(checked, grid, earth, periodic, crs)
    ground = Ground.of(known)
    if smooth is not None:
        checked = _smoothed(checked, smooth, ground, known)
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
    order = [checked.dims.index(dim) for dim in (*outer, *ground.dims)]
    values = plain.values.transpose(*order)
    delta = difference(plain.unit, of=title[0].lower() + title[1:])
    return Asked(checked, values, plain.unit, delta, known, ground, outer)


def _smoothed(
    field: xr.DataArray, smooth: Any, ground: Ground, grid: Grid
) -> xr.DataArray:
    """Return a field smoothed over a length, which has its unit."""
    metres = length_m(smooth, "smooth", example="1000 km")
    try:
        return smooth_gaussian(field, f"{metres!r} m", dims=ground.dims, grid=grid)
    except XnablaError as error:
        # the operator speaks of its own option: a degree n
        told = str(error).replace("smooth_gaussian", "smooth=")
        told = told.replace("A Gaussian of degree", "smooth= of").replace(
            "n=", "smooth="
        )
        raise type(error)(told) from None


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
    number, unit = measured(value, name, example)
    if unit is not None:
        number *= factor_to(unit, asked.delta, name, asked.title, example)
    elif number != 0.0 and str(asked.delta) not in {"1", ""}:
        raise no_unit(value, name, example)
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
    typed = f"{name}='{example}'"
    number, unit = measured(value, name, typed)
    if unit is None and number > 0.0:
        raise no_unit(value, name, typed, "a length with its unit")
    if unit is not None:
        number *= factor_to(unit, parse("m"), name, "", typed)
    if not 0.0 < number < np.inf:
        raise OptionError(
            explain(
                f"{name}={value!r} cannot be",
                expected="a length above zero",
                hint=typed,
            )
        )
    return float(number)


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
