"""The components of a gradient: a tuple that also answers by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, SupportsIndex, TypeVar, overload

import numpy as np
import xarray as xr

from xnabla._html import block
from xnabla.errors import GridError, UnitsError, explain
from xnabla.grid import LETTERS, Axis
from xnabla.labels import dequantify, describe, part_html
from xnabla.units import (
    Unit,
    attach,
    conversion_factor,
    is_quantity,
    parse,
    split_quantity,
)

# What a component is: a DataArray, a Quantity or an array.
Part = TypeVar("Part")
Other = TypeVar("Other")


class Components(tuple[Part, ...]):
    """Derivatives along several axes, in the order of the field's dimensions.

    A tuple, so ``dt_dy, dt_dx = xn.gradient(t)`` unpacks it; and ``g["longitude"]``,
    ``g.x``, ``g.y``, ``g.z``, ``g.t`` name its parts.

    Parameters
    ----------
    parts : iterable of DataArray, Quantity or array
        One for each axis.
    axes : iterable of Axis, optional
        The axes, for labelled parts.
    what : str, optional
        What the gradient is of, for long names.
    error : Components, optional
        Estimates of the truncation error of each part, in the same order.

    Examples
    --------
    >>> import numpy as np
    >>> g = Components([np.array([3.0]), np.array([4.0])])
    >>> g.magnitude()
    array([5.])
    """

    axes: tuple[Axis, ...]
    what: str
    error: Components[Part] | None

    def __new__(
        cls,
        parts: Iterable[Part],
        axes: Iterable[Axis] = (),
        what: str = "the field",
        error: Components[Part] | None = None,
    ) -> Components[Part]:
        """Build the tuple and remember what its parts are."""
        self = super().__new__(cls, tuple(parts))
        self.axes = tuple(axes)
        self.what = what
        self.error = error
        return self

    @overload
    def __getitem__(self, key: SupportsIndex) -> Part: ...
    @overload
    def __getitem__(self, key: slice) -> tuple[Part, ...]: ...
    @overload
    def __getitem__(self, key: str) -> Part: ...
    def __getitem__(self, key: SupportsIndex | slice | str) -> Any:
        """Return a component by position, dimension, coordinate, role or letter."""
        if not isinstance(key, str):
            return super().__getitem__(key)
        for exact in (True, False):
            for part, axis in zip(self, self.axes, strict=False):
                names = {axis.dim, axis.coordinate, axis.role}
                if (exact and key in names) or (
                    not exact and axis.role in LETTERS.get(key, ())
                ):
                    return part
        raise KeyError(
            explain(
                f"There is no component {key!r}",
                expected="one of " + ", ".join(repr(axis.dim) for axis in self.axes),
            )
        )

    def __getattr__(self, name: str) -> Part:
        """Return a component by its letter: ``x``, ``y``, ``z`` or ``t``."""
        if name in LETTERS:
            try:
                return self[name]
            except KeyError as error:
                raise AttributeError(error.args[0]) from None
        msg = f"{type(self).__name__!r} object has no attribute {name!r}"
        raise AttributeError(msg)

    def __dir__(self) -> list[str]:
        """Return the names of all parts too, for completion."""
        letters = [
            letter
            for letter, roles in LETTERS.items()
            if any(axis.role in roles for axis in self.axes)
        ]
        return sorted({*super().__dir__(), *letters})

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        """Return the components as one array; a single one as it is, like numpy's."""
        parts = [np.asarray(_split(part)[0], dtype=dtype) for part in self]
        del copy
        return parts[0] if len(parts) == 1 else np.stack(parts)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle with the names."""
        return type(self), (tuple(self), self.axes, self.what, self.error)

    def __repr__(self) -> str:
        body = "\n".join(repr(part) for part in self)
        told = "" if self.error is None else ", with .error"
        return f"<Components: gradient of {self.what}{self._along()}{told}>\n{body}"

    def _along(self) -> str:
        names = ", ".join(axis.dim for axis in self.axes)
        return f" along {names}" if names else ""

    def _repr_html_(self) -> str:
        return block(
            f"Components: gradient of {self.what}{self._along()}", *map(part_html, self)
        )

    def magnitude(self) -> Part:
        r"""Return the length of the gradient, :math:`\sqrt{\sum_i (\partial_i f)^2}`.

        Returns
        -------
        DataArray, Quantity or array
            Of the kind, dtype and unit of the components.

        Raises
        ------
        GridError
            If the components differ in unit: along height and along latitude, say.
        """
        length, *others = self._in_one_unit()
        length = np.abs(length)
        for other in others:  # hypot neither overflows nor underflows on the way
            length = np.hypot(length, other)
        labelled: Part = self._like_first(
            length,
            name=f"{self._stem()}_magnitude",
            long_name=f"magnitude of the gradient of {self.what}",
        )
        return labelled

    def direction(self) -> Part:
        """Return where the horizontal gradient points, towards higher values.

        Returns
        -------
        DataArray, Quantity or array
            Degrees clockwise from north (from y on a plane), 0 to 360; NaN where the
            gradient is zero.

        Raises
        ------
        GridError
            If there are not exactly a northward and an eastward component.
        """
        letters = [
            letter
            for axis in self.axes
            for letter in ("x", "y")
            if axis.role in LETTERS[letter]
        ]
        if len(self) != 2 or (self.axes and sorted(letters) != ["x", "y"]):
            raise GridError(
                explain(
                    "Only a horizontal gradient has a direction",
                    expected="two components, northward and eastward",
                    got=f"{len(self)} along {[axis.dim for axis in self.axes]}",
                )
            )
        north, east = self._in_one_unit()
        if letters == ["x", "y"]:
            north, east = east, north
        degrees = np.rad2deg(np.arctan2(east, north)) % 360.0
        # -1e-20 % 360 is 360, which is north as well
        degrees = np.where(degrees == 360.0, 0.0, degrees)
        degrees = np.where((east == 0) & (north == 0), np.nan, degrees)
        labelled: Part = self._like_first(
            degrees.astype(east.dtype),
            name=f"{self._stem()}_direction",
            long_name=f"direction of the gradient of {self.what}, clockwise from north",
            unit="degree",
        )
        return labelled

    def to_dataset(self) -> xr.Dataset:
        """Return the components as a Dataset of plain values with CF units.

        Returns
        -------
        Dataset
            One variable for each component, ready for ``to_netcdf``; where errors were
            estimated, one more for each, linked by ``ancillary_variables``.

        Raises
        ------
        GridError
            If the components have no labels.
        """
        if not self.axes:
            raise GridError(
                explain(
                    "Components without labels make no Dataset",
                    expected="the gradient of a DataArray",
                )
            )
        parts: tuple[Any, ...] = tuple(self)
        found = {part.name: dequantify(part) for part in parts}
        errors: tuple[Any, ...] = () if self.error is None else tuple(self.error)
        for part, error in zip(parts, errors, strict=False):
            # the link is made where both its ends are: alone, a part would point away
            found[part.name].attrs["ancillary_variables"] = str(error.name)
            found[error.name] = dequantify(error)
        return xr.Dataset(found)

    def map(self, function: Callable[[Part], Other]) -> Components[Other]:
        """Return the components, and their errors, with a function applied to each."""
        error = None if self.error is None else self.error.map(function)
        parts = (function(part) for part in self)
        return Components(parts, self.axes, self.what, error)

    def _stem(self) -> str:
        """Return the common part of the names: ``dt`` of ``dt_dx``."""
        name = getattr(self[0], "name", None) or "df_dx"
        return str(name).rsplit("_d", 1)[0]

    def _in_one_unit(self) -> list[Any]:
        """Return the plain numbers of the components, in the unit of the first.

        Raises
        ------
        GridError
            If their dimensions differ.
        """
        split = [_split(part) for part in self]
        units = [unit for _, unit in split if unit is not None]
        if len({str(unit) for unit in units}) <= 1:
            return [values for values, _ in split]
        try:
            factors = [conversion_factor(u, units[0], of="a component") for u in units]
        except UnitsError:
            raise GridError(
                explain(
                    "A length needs components of one unit",
                    expected="a gradient along horizontal dimensions",
                    got=", ".join(map(str, units)),
                    hint="xn.gradient(field, ('latitude', 'longitude')).magnitude()",
                )
            ) from None
        return [
            values * factor for (values, _), factor in zip(split, factors, strict=True)
        ]

    def _like_first(
        self, values: Any, *, name: str, long_name: str, unit: str | None = None
    ) -> Any:
        """Return values as what the first component is, with a name."""
        first = self[0]
        if isinstance(first, xr.DataArray):
            own = _split(first)[1] or parse("1")
            result = describe(
                values,
                like=first,
                unit=own if unit is None else parse(unit),
                name=name,
                attributes={
                    "long_name": long_name,
                    "cell_methods": str(first.attrs.get("cell_methods", "")),
                    "comment": str(first.attrs.get("comment", "")),
                },
            )
            return result if is_quantity(first.data) else dequantify(result)
        if is_quantity(first):
            own = split_quantity(first)[1]
            return attach(values, own if unit is None else parse(unit))
        return values


def _split(part: Any) -> tuple[Any, Unit | None]:
    """Return the plain numbers of a component, lazy ones lazy, and its unit."""
    data = part.data if isinstance(part, xr.DataArray) else part
    if is_quantity(data):
        return split_quantity(data)
    units = part.attrs.get("units") if isinstance(part, xr.DataArray) else None
    return data, None if units is None else parse(str(units))
