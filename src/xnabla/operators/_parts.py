"""Results that come several at once: a tuple that also answers by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, SupportsIndex, TypeVar, overload

import numpy as np
import xarray as xr

from xnabla._html import block
from xnabla.errors import GridError, explain
from xnabla.labels import dequantify, describe, part_html
from xnabla.units import Unit, is_quantity, parse, split_quantity

Part = TypeVar("Part")
Other = TypeVar("Other")


class Parts(tuple[Part, ...]):
    """Results of one operator, in a fixed order, each with a name.

    ``ug, vg = xn.geostrophic_wind(height)`` unpacks them; ``wind["ug"]`` and
    ``wind.ug`` name them.

    Parameters
    ----------
    parts : iterable of DataArray
        The results.
    names : iterable of str
        Their names.
    what : str
        What they are together.
    also : iterable of str, optional
        Names they answer to as well, in their order: those of the formula, where a
        field is called f.

    Examples
    --------
    >>> parts = Parts([1.0, 2.0], ["ug", "vg"], "geostrophic wind")
    >>> parts.vg, parts["ug"]
    (2.0, 1.0)
    >>> Parts([1.0], ["d2z_dx2"], also=["d2f_dx2"]).d2f_dx2
    1.0
    """

    names: tuple[str, ...]
    what: str
    also: tuple[str, ...]

    def __new__(
        cls,
        parts: Iterable[Part],
        names: Iterable[str],
        what: str = "",
        also: Iterable[str] = (),
    ) -> Parts[Part]:
        """Build the tuple and remember what its parts are."""
        self = super().__new__(cls, tuple(parts))
        self.names = tuple(names)
        self.what = what
        self.also = tuple(also)
        return self

    @overload
    def __getitem__(self, key: SupportsIndex) -> Part: ...
    @overload
    def __getitem__(self, key: slice) -> tuple[Part, ...]: ...
    @overload
    def __getitem__(self, key: str) -> Part: ...
    def __getitem__(self, key: SupportsIndex | slice | str) -> Any:
        """Return a part by position or by name."""
        if not isinstance(key, str):
            return super().__getitem__(key)
        for names in (self.names, self.also):
            if key in names:
                return super().__getitem__(names.index(key))
        raise KeyError(
            explain(
                f"There is no part {key!r}",
                expected="one of " + ", ".join(map(repr, self.names)),
            )
        )

    def __getattr__(self, name: str) -> Part:
        """Return a part by its name."""
        if not name.startswith("_") and name in self.names + self.also:
            return self[name]
        msg = f"{type(self).__name__!r} object has no attribute {name!r}"
        raise AttributeError(msg)

    def __dir__(self) -> list[str]:
        """Return the names of the parts too, for completion."""
        return sorted({*super().__dir__(), *self.names})

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle with the names."""
        return type(self), (tuple(self), self.names, self.what, self.also)

    def __repr__(self) -> str:
        body = "\n".join(repr(part) for part in self)
        return f"<Parts: {self.what}: {', '.join(self.names)}>\n{body}"

    def _repr_html_(self) -> str:
        return block(f"Parts: {self.what}", *map(part_html, self))

    def magnitude(self) -> Part:
        """Return the length of a vector of two parts.

        Raises
        ------
        GridError
            If there are not two parts of one unit.
        """
        first: Any = self[0]
        x, y, unit = self._pair()
        length: Part = describe(  # type: ignore[assignment]
            np.hypot(x, y),
            like=first,
            unit=unit,
            name=f"{self.names[0]}_{self.names[1]}_magnitude",
            attributes={
                "long_name": f"magnitude of {self.what}",
                "comment": str(first.attrs.get("comment", "")),
            },
        )
        return length

    def direction(self) -> Part:
        """Return where a vector of two parts points to.

        Returns
        -------
        DataArray
            Degrees clockwise from north, 0 to 360; NaN where the vector is zero. A wind
            is called by where it comes from: that is the opposite.

        Raises
        ------
        GridError
            If there are not two parts.
        """
        x, y, _ = self._pair()
        degrees = np.rad2deg(np.arctan2(x, y)) % 360.0
        # -1e-20 % 360 is 360, which is north as well
        degrees = np.where(degrees == 360.0, 0.0, degrees)
        degrees = np.where((x == 0) & (y == 0), np.nan, degrees)
        first: Any = self[0]
        where: Part = describe(  # type: ignore[assignment]
            degrees.astype(x.dtype),
            like=first,
            unit=parse("degree"),
            name=f"{self.names[0]}_{self.names[1]}_direction",
            attributes={
                "long_name": f"direction that {self.what} points to, clockwise "
                "from north",
                "comment": str(first.attrs.get("comment", "")),
            },
        )
        return where

    def _pair(self) -> tuple[Any, Any, Unit]:
        """Return the plain numbers of both parts, and the unit of the first."""
        if len(self) != 2:
            raise GridError(
                explain(
                    "Only a vector has a length and a direction",
                    expected="two components",
                    got=f"{len(self)} parts: {', '.join(self.names)}",
                )
            )
        (x, unit), (y, _) = (_split(part) for part in self)
        return x, y, unit

    def to_dataset(self) -> xr.Dataset:
        """Return the parts as a Dataset of plain values with CF units.

        Returns
        -------
        Dataset
            One variable for each part, ready for ``to_netcdf``.
        """
        parts: tuple[Any, ...] = tuple(self)
        return xr.Dataset(
            {
                name: dequantify(part)
                for name, part in zip(self.names, parts, strict=True)
            }
        )

    def map(self, function: Callable[[Part], Other]) -> Parts[Other]:
        """Return the parts with a function applied to each."""
        made = (function(part) for part in self)
        return Parts(made, self.names, self.what, self.also)


def _split(part: Any) -> tuple[Any, Unit]:
    """Return the plain numbers of a part, lazy ones lazy, and its unit."""
    if is_quantity(part.data):
        return split_quantity(part.data)
    return part.data, parse(str(part.attrs.get("units", "1")))
