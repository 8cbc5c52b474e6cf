"""The arguments of a function, of any kind, unit and shape, as plain numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from xnabla.errors import FieldError, OptionError, UnitsError, explain
from xnabla.labels import as_floating
from xnabla.units import (
    Unit,
    attach,
    conversion_factor,
    difference,
    is_quantity,
    parse,
    split_quantity,
)

Array = NDArray[Any]
ALONE = "x"
# The axis along which a stencil asks for many values at once.
_STENCIL = "stencil"


@dataclass(frozen=True, slots=True, eq=False)
class Arguments:
    """The arguments at which a function is differentiated.

    Attributes
    ----------
    numbers : dict of str to array (n,)
        Their magnitudes at all points, broadcast.
    units : dict of str to Unit or None
        Of each.
    shape : tuple of int
        Of the points.
    frame : DataArray or None
        The dimensions and coordinates of the points, if an argument is labelled.
    alone : bool
        Whether there is one argument without a name.
    """

    numbers: dict[str, Array]
    units: dict[str, Unit | None]
    shape: tuple[int, ...]
    frame: xr.DataArray | None
    alone: bool

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the arguments."""
        return tuple(self.numbers)

    def check(self, name: str | None) -> str:
        """Return the name of the argument to differentiate with respect to.

        Raises
        ------
        OptionError
            If there is none of that name, or it is needed and missing.
        """
        if name is None and len(self.numbers) == 1:
            return self.names[0]
        if name not in self.numbers:
            raise OptionError(
                explain(
                    "Nothing says which argument to differentiate with respect to"
                    if name is None
                    else f"There is no argument {name!r}",
                    expected=f"wrt= one of {list(self.names)}",
                    got=repr(name),
                    hint=f'wrt="{self.names[0]}"',
                )
            )
        return name

    def given(self, changed: Mapping[str, Any], *, stripped: bool) -> dict[str, Any]:
        """Return the arguments as the function takes them, some of them changed.

        Parameters
        ----------
        changed : mapping of name to array (n,) or (n, m)
            Other numbers for some arguments, many for each point if there is an m.
        stripped : bool
            Whether the function takes plain arrays instead of what was given.
        """
        deep = max((np.ndim(one) for one in changed.values()), default=1) > 1
        made = {}
        for name, numbers in self.numbers.items():
            one = changed.get(name, numbers)
            if deep and np.ndim(one) == 1 and (stripped or self.frame is None):
                one = one[:, None]  # labelled ones broadcast by name
            made[name] = one if stripped else self._whole(name, one)
        return made

    def _whole(self, name: str, numbers: Any) -> Any:
        extra = numbers.shape[1:]
        values = numbers.reshape(self.shape + extra)
        if not values.ndim:
            values = values[()]
        unit = self.units[name]
        if unit is not None:
            values = attach(values, unit)
        if self.frame is None:
            return values
        dims = (*self.frame.dims, *((_STENCIL,) if extra else ()))
        return xr.DataArray(xr.Variable(dims, values), self.frame.coords)

    def field(self, values: Array, unit: Unit | None, name: str) -> xr.DataArray:
        """Return one value for each point on the points' own coordinates."""
        shaped: Any = np.asarray(values).reshape(self.shape)
        if unit is not None:
            factor = unit.factor
            shaped = shaped * factor if factor != 1.0 else shaped
            shaped = attach(shaped, Unit(1.0, unit.pint))
        if self.frame is not None:
            variable = xr.Variable(self.frame.dims, shaped)
            return xr.DataArray(variable, self.frame.coords, name=name)
        return xr.DataArray(shaped, dims=_numbered(len(self.shape)), name=name)


def _numbered(count: int) -> tuple[str, ...]:
    return ("point",) if count == 1 else tuple(f"point_{i}" for i in range(count))


def arguments_of(at: Any) -> Arguments:
    """Return the arguments that ``at`` names.

    Raises
    ------
    FieldError, OptionError
        If they are no numbers, or do not fit each other.
    """
    alone = not isinstance(at, (Mapping, xr.Dataset))
    named = {ALONE: at} if alone else {str(name): at[name] for name in at}
    if not named:
        raise OptionError(
            explain("There are no arguments", expected="at={'T': 285 * K, ...}")
        )
    magnitudes, units = {}, {}
    for name, one in named.items():
        magnitudes[name], units[name] = _split(name, one)
    frame, shape, numbers = _together(named, magnitudes)
    return Arguments(numbers, units, shape, frame, alone)


def _split(name: str, one: Any) -> tuple[Array, Unit | None]:
    title = f"argument {name!r}"
    values, unit = one, None
    if isinstance(one, xr.DataArray):
        values = one.data
        text = str(one.attrs.get("units", "")).strip()
        if not is_quantity(values) and text:
            unit = parse(text, of=title)
    if is_quantity(values):
        values, unit = split_quantity(values)
    if hasattr(values, "compute"):
        values = values.compute()
    values = as_floating(np.asarray(values), title).astype(np.float64)
    if unit is not None:
        difference(unit, of=title)
    return values, unit


def _together(
    named: Mapping[str, Any], magnitudes: Mapping[str, Array]
) -> tuple[xr.DataArray | None, tuple[int, ...], dict[str, Array]]:
    """Return the common frame and shape, and every argument on it."""
    labelled = {n: one for n, one in named.items() if isinstance(one, xr.DataArray)}
    if not labelled:
        try:
            shape = np.broadcast_shapes(*(one.shape for one in magnitudes.values()))
        except ValueError:
            raise FieldError(_unlike(magnitudes)) from None
        flat = {n: np.broadcast_to(one, shape).ravel() for n, one in magnitudes.items()}
        return None, shape, flat
    fields = {}
    for name, values in magnitudes.items():
        if name in labelled:
            fields[name] = labelled[name].copy(deep=False, data=values)
        elif values.ndim:
            raise FieldError(_unlike(magnitudes))
        else:
            fields[name] = xr.DataArray(values)
    try:
        whole = xr.broadcast(*xr.align(*fields.values(), join="exact"))
    except ValueError as fault:
        raise FieldError(
            explain(
                f"The arguments lie on different points: {fault}",
                expected="the same coordinates, or none in common",
                hint="xr.align(a, b, join='inner')",
            )
        ) from None
    frame = xr.DataArray(whole[0].variable, whole[0].coords)
    flat = {n: one.to_numpy().ravel() for n, one in zip(fields, whole, strict=True)}
    return frame, frame.shape, flat


def _unlike(magnitudes: Mapping[str, Array]) -> str:
    return explain(
        "The arguments do not fit each other",
        expected="shapes that broadcast, or labelled fields and single numbers",
        got={name: one.shape for name, one in magnitudes.items()},
    )


def asked_unit(natural: Unit | None, units: Any, of: str) -> tuple[Unit | None, float]:
    """Return the unit of a result and the factor into it.

    Raises
    ------
    UnitsError
        If ``units`` is of another dimension.
    """
    if units is None:
        return natural, 1.0
    target = parse(str(units))
    if natural is None:
        raise UnitsError(
            explain(
                f"units={str(units)!r} does not fit {of}, which has none",
                expected="a function and arguments with units",
                hint="value_units= for a function of plain numbers",
            )
        )
    return target, conversion_factor(natural, target, of=of)
